"""Compiled strategies that several tests use."""

import numpy as np


def momentum(bar, params, weights):
    """Hold in equal parts what rose by more than a floor; what has no price is left out."""
    weights[:] = 0.0
    if bar.t < params.lookback:
        return
    now, then = bar.prices[bar.t], bar.prices[bar.t - params.lookback]
    count = 0
    for i in range(weights.size):
        if now[i] > then[i] * (1.0 + params.floor):
            weights[i] = 1.0
            count += 1
    for i in range(weights.size):
        weights[i] /= max(count, 1)


def monthly(bar, params, weights):
    """Every so many periods buy the best and sell the worst of the last ones; hold in between."""
    if bar.t % params.every or bar.t < params.lookback:
        return
    gain = bar.prices[bar.t] / bar.prices[bar.t - params.lookback] - 1.0
    for i in range(gain.size):
        if np.isnan(gain[i]):
            gain[i] = 0.0
    order = np.argsort(gain)
    weights[:] = 0.0
    for k in range(params.top):
        weights[order[k]] = -0.4 / params.top
        weights[order[-1 - k]] = 0.6 / params.top


def smooth(bar, params, weights):
    """Follow an average that it carries in its memory, and look at its own account."""
    for i in range(weights.size):
        price = bar.prices[bar.t, i]
        if np.isnan(price):
            weights[i] = 0.0
            continue
        if bar.memory[1, i] == 0.0:
            bar.memory[0, i] = price
        bar.memory[1, i] += 1.0
        bar.memory[0, i] += params.speed * (price - bar.memory[0, i])
        long = price > bar.memory[0, i]
        weights[i] = 1.0 / weights.size if long else 0.0
        if bar.positions[i] > 0.0 and bar.cash < 0.1 * bar.equity:
            weights[i] *= 0.5


def nothing(bar, weights):
    """Never write a weight."""


def faulty(bar, params, weights):
    """Do what ``params.what`` says in period 3."""
    weights[:] = 0.0
    if bar.t == 3:
        if params.what == 1:
            weights[1] = np.nan
        elif params.what == 2:
            weights[1] = np.inf
        elif params.what == 3:
            weights[:] = 0.9
        elif params.what == 4:
            raise ValueError("not today")
        elif params.what == 5:
            weights[weights.size + int(bar.t)] = 1.0
        elif params.what == 6:
            weights[0] = 1.0  # which has no price then
        elif params.what == 7:
            weights[0] = np.nan


def auditor(bar, weights):
    """Hold a half, and raise where what the bar tells of the account does not add up."""
    now = bar.prices[bar.t]
    worth = bar.cash
    for i in range(weights.size):
        worth += bar.positions[i] * now[i]
        weights[i] = 0.5 / weights.size
    if abs(worth - bar.equity) > 0.001:
        raise ValueError("cash and shares are not equity")
    if bar.t > 0 and bar.cash > 0.6 * bar.equity:
        raise ValueError("no shares")
    if len(bar.prices) != bar.t + 1:
        raise ValueError("other prices")
