"""Signals become fills; positions without a price are carried or paid out."""

import numpy as np
from numpy import int64

from ..._jit import part
from ..account import state as money_of
from ..account.amounts import nearest
from ..account.fill import Deal, settle
from ..account.rebalance import rebalance
from .state import (
    AT_CLOSE,
    BAD_ROW,
    CARRY,
    DONE,
    NEXT_OPEN,
    NO_FILL,
    OVER_LEVERAGED,
    RAISE,
    TOO_LARGE,
    TOO_OLD,
)


@part
def check_weights(orders, t):
    """Look whether the weights of a period can be used; returns a code."""
    row = orders.rows[t]
    leverage = 0.0
    if row >= 0:
        for i in range(orders.weights.shape[1]):
            leverage += abs(orders.weights[row, i])
    if not leverage < np.inf:
        return int64(BAD_ROW)
    return int64(OVER_LEVERAGED) if leverage > orders.max_leverage else int64(DONE)


@part
def trade(path, account, rules, fills, signal, t):
    """Fill the signal of period ``signal`` in period ``t``; returns a code.

    What has no price is left alone and counts at its last one; what never had one is refused.
    """
    bars, orders, memory = path.bars, path.orders, path.memory
    row = orders.rows[signal]
    if row < 0:
        return int64(DONE)
    for i in range(memory.last.shape[0]):
        price, weight = price_of(bars, orders.fill, t, i), orders.weights[row, i]
        if price > 0:
            memory.prices[i] = price
        else:
            memory.prices[i] = memory.last[i]
            never = memory.last[i] == 0 and weight != 0.0  # there is nothing to carry
            if never or (orders.missing == RAISE and (weight != 0.0 or account.quantity[i] != 0)):
                return int64(BAD_ROW) if never or orders.fill == AT_CLOSE else int64(NO_FILL)
        memory.weights[i] = weight if price > 0 else np.nan
        memory.volumes[i] = bars.volume[t, i] if bars.volume.shape[0] else 0
    code = rebalance(account, rules, memory.weights, memory.prices, memory.volumes, fills)
    return int64(DONE) if code == money_of.DONE else int64(TOO_LARGE)


@part
def price_of(bars, fill, t, i):
    """Price at which a signal is filled in a period; 0 where there is none."""
    if fill == AT_CLOSE:
        return bars.close[t, i]
    if fill == NEXT_OPEN:
        return bars.open[t, i]
    return (bars.high[t, i] + bars.low[t, i] + bars.close[t, i]) // 3


@part
def see_closes(path, account, rules, stops, fills, t):
    """Take the closes of a period; refuse, carry or pay out what has none; returns a code."""
    orders, memory = path.orders, path.memory
    for i in range(memory.last.shape[0]):
        price = path.bars.close[t, i]
        if price > 0:
            memory.last[i] = price
            memory.age[i] = 0
            continue
        memory.age[i] += 1
        if account.quantity[i] == 0:
            continue
        if orders.missing == RAISE:
            return int64(BAD_ROW)
        if memory.age[i] > orders.max_age:
            if orders.missing == CARRY:
                return int64(TOO_OLD)
            worth = nearest(memory.last[i], orders.payout, int64(money_of.RATE))
            deal = Deal(i, -account.quantity[i], worth, 0, money_of.DELIST)
            stops.side[i] = 0.0
            if settle(account, rules, deal, fills) != money_of.DONE:
                return int64(TOO_LARGE)
    return int64(DONE)
