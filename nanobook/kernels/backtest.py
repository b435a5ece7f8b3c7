"""One path of a weight schedule: mark, check, trade whole shares, pay, value.

Money is an integer number of units (cents unless the facade scaled the prices) carried in float64.
Below ``LIMIT`` every sum, product and difference of such numbers is exact, so the order of a sum
cannot matter and the loops vectorise; at ``LIMIT`` the run stops with a code. Exactness rests on:

* sums of absolute values are monotone under rounding: one that comes out below ``LIMIT`` is exact;
* for integers ``|a| < 2**53`` and ``0 < b < 2**53`` the float quotient never rounds up to the next
  whole number, so ``trunc(a / b)`` is the integer quotient. Proof: let ``a = m*b - r``, ``0 < r <= b``,
  with ``m`` in ``(2**(k-1), 2**k]``, where the floats below ``m`` are ``2**(k-53)`` apart. Rounding up
  needs ``r / b <= 2**(k-54)``, so ``b >= 2**(54-k)``. For ``m = 1`` no such ``b`` is allowed; else
  ``2**(k-1)*b + b <= m*b = a + r < 2**53 + b``, so ``b < 2**(54-k)``;
* shares times price is a whole number below ``LIMIT``, so ``weight = shares * price / equity``
  rounds once.
"""

from typing import NamedTuple

import numpy as np
from numpy import float64, int64

from .._jit import exact_sums, helper, kernel
from .money import LIMIT
from .stops import find_breached, follow, full, record, set_levels, watching

WHOLE = 10000.0  # basis points in one
POINT = 1.0 / WHOLE  # one basis point

HOLD = -1  # in place of a row: keep what is held

DONE = 0
BAD_ROW = 1  # a weight or a price that cannot be used
OVER_LEVERAGED = 2  # absolute weights sum to more than allowed
TOO_LARGE = 3  # an amount reached LIMIT
FULL = 4  # the stops' events may not fit: nothing of the period is done, continue it with more room


class Schedule(NamedTuple):
    """What to hold and what it costs; read-only.

    Attributes
    ----------
    weights : float64 array, shape (K, N)
        Target fractions of equity, one row a rebalance.
    prices : int64 array, shape (T, N)
        Units a share; 0 where there is no price.
    rows : int64 array, shape (T,)
        The row of ``weights`` that each period trades to; HOLD where it trades nothing.
    """

    weights: np.ndarray
    prices: np.ndarray
    rows: np.ndarray


class Terms(NamedTuple):
    """The numbers of a run: cash at the start, cost in basis points, largest sum of |weights|."""

    cash: float
    bps: float
    max_leverage: float


class Curves(NamedTuple):
    """One value a period, each float64, shape (T,): written by the kernel."""

    equity: np.ndarray
    returns: np.ndarray
    cash: np.ndarray
    cost: np.ndarray
    traded: np.ndarray


class Panels(NamedTuple):
    """One value a period and symbol, each float64, shape (T, N): written by the kernel."""

    holdings: np.ndarray
    symbol_returns: np.ndarray


@kernel
def run_lean(schedule, terms, curves, positions, stops, first):
    """Run a schedule from a period on and write its curves.

    Parameters
    ----------
    schedule : Schedule
    terms : Terms
    curves : Curves
        Written, one row a period.
    positions : float64 array, shape (R, N), R >= 2
        Shares, used as a ring: period ``t`` starts from row ``t % R`` and writes the next row. Row 0
        is zero on entry. With ``R = T + 1`` every period's shares are kept.
    stops : Stops
    first : int64
        0, or the period to continue with.

    Returns
    -------
    code, period : int64
        DONE and T, or why and in which period the run stopped.
    """
    periods = schedule.prices.shape[0]
    for t in range(first, periods):
        code = step(schedule, terms, curves, positions, stops, t)
        if code != DONE:
            return code, t
    return int64(DONE), periods


@kernel
def run_full(schedule, terms, curves, positions, panels, stops, first):
    """Run a schedule and write its curves and panels; otherwise as ``run_lean``."""
    periods = schedule.prices.shape[0]
    for t in range(first, periods):
        code = step(schedule, terms, curves, positions, stops, t)
        if code != DONE:
            return code, t
        shares = positions[(t + 1) % positions.shape[0]]
        weigh(shares, schedule.prices[t], curves.equity[t], panels.holdings[t])
        compare(schedule.prices[max(t - 1, 0)], schedule.prices[t], t, panels.symbol_returns[t])
    return int64(DONE), periods


@helper
def step(schedule, terms, curves, positions, stops, t):
    """Play one period; returns a code. Writes row ``t`` of the curves and the next row of positions."""
    held = positions[t % positions.shape[0]]
    kept = positions[(t + 1) % positions.shape[0]]
    row = schedule.rows[t]
    prices = schedule.prices[t]
    cash = curves.cash[t - 1] if t else terms.cash
    before = curves.equity[t - 1] if t else terms.cash
    if full(stops):
        return int64(FULL)
    if row < 0:
        value, gross, refused = value_held(prices, held)
        leverage = 0.0
    else:
        value, gross, leverage, refused = mark(schedule.weights[row], prices, held)
    if refused or not leverage < np.inf:
        return int64(BAD_ROW)
    if leverage > terms.max_leverage:
        return int64(OVER_LEVERAGED)
    equity = cash + value
    if abs(cash) + gross >= LIMIT:
        return int64(TOO_LARGE)
    bought, traded, cost, asked = 0.0, 0.0, 0.0, 0.0
    if equity > 0.0 and row >= 0:
        bought, traded, cost, asked = trade(equity, schedule.weights[row], prices, held, kept, terms.bps)
    else:
        for i in range(held.shape[0]):
            kept[i] = held[i]
    cash -= bought + cost
    if not (gross + asked + cost < LIMIT and abs(cash) < LIMIT):
        return int64(TOO_LARGE)
    if watching(stops):
        follow(kept, prices, stops, t + 1)
        set_levels(stops, t + 1)
        if find_breached(prices, stops) > 0.0:
            bought, size, fees = leave(prices, kept, stops, terms.bps, t)
            cash -= bought + fees
            traded += size
            cost += fees
            if not (abs(cash) < LIMIT and traded < LIMIT):
                return int64(TOO_LARGE)
    curves.equity[t] = equity - cost
    curves.returns[t] = (equity - cost - before) / before if before > 0.0 else np.nan
    curves.cash[t] = cash
    curves.cost[t] = cost
    curves.traded[t] = traded
    return int64(DONE)


@exact_sums
def mark(weights, prices, held):
    """Value what is held and look whether the period can be played.

    Returns
    -------
    value, gross, leverage : float64
        Sum of the positions' values, of their absolute values, and of the absolute weights.
    refused : int64
        Prices that are unusable, or missing where a position is held or wanted.
    """
    value = 0.0
    gross = 0.0
    leverage = 0.0
    refused = int64(0)
    for i in range(prices.shape[0]):
        price = float64(prices[i])
        worth = held[i] * price
        value += worth
        gross += abs(worth)
        leverage += abs(weights[i])
        needed = (weights[i] != 0.0) | (held[i] != 0.0)
        refused += (price < 0.0) | (price >= LIMIT) | ((price == 0.0) & needed)
    return value, gross, leverage, refused


@exact_sums
def value_held(prices, held):
    """Do what ``mark`` does in a period that trades nothing: its weights are not looked at."""
    value = 0.0
    gross = 0.0
    refused = int64(0)
    for i in range(prices.shape[0]):
        price = float64(prices[i])
        worth = held[i] * price
        value += worth
        gross += abs(worth)
        refused += (price < 0.0) | (price >= LIMIT) | ((price == 0.0) & (held[i] != 0.0))
    return value, gross, refused


@helper
def fee(size, bps):
    """Cost of a fill: ``floor(size * bps / 10000)``.

    The product could pass LIMIT, so the size is cut into ``wholes`` of 10,000 and a rest; any whole number
    of wholes gives the same cost. The half keeps the rest's product away from whole numbers: then its
    factors, which are no integers, may be multiplied in any order, and multiplication may stand for
    division.
    """
    wholes = np.floor(size * POINT)
    return wholes * bps + np.floor(((size - wholes * WHOLE) * bps + 0.5) * POINT)


@exact_sums
def trade(equity, weights, prices, held, kept, bps):
    """Move every symbol to its target in whole shares, rounded toward zero.

    Returns
    -------
    bought, traded, cost, asked : float64
        Net and absolute notional, the costs, and the sum of the absolute distances to the targets.
    """
    bought = 0.0
    traded = 0.0
    cost = 0.0
    asked = 0.0
    for i in range(prices.shape[0]):
        price = float64(prices[i])
        gap = np.trunc(equity * weights[i]) - held[i] * price
        shares = np.trunc(gap / max(price, 1.0))  # without a price nothing is held or wanted: no gap
        notional = shares * price
        size = abs(notional)
        kept[i] = held[i] + shares
        bought += notional
        traded += size
        cost += fee(size, bps)
        asked += abs(gap)
    return bought, traded, cost, asked


@kernel
def leave(prices, kept, stops, bps, t):
    """Sell (or buy back) every position beyond its stop; returns net and absolute notional and the costs."""
    bought = 0.0
    traded = 0.0
    cost = 0.0
    for i in range(prices.shape[0]):
        if stops.wanted[i] > 0.0:
            notional = kept[i] * float64(prices[i])
            record(stops, t, i, t + 1, prices[i], int64(kept[i]))
            kept[i] = 0.0
            bought -= notional
            traded += abs(notional)
            cost += fee(abs(notional), bps)
    return bought, traded, cost


@kernel
def weigh(shares, prices, equity, holdings):
    """Write each holding's part of equity: NaN where equity is zero."""
    for i in range(prices.shape[0]):
        holdings[i] = shares[i] * float64(prices[i]) / equity if equity != 0.0 else np.nan


@kernel
def compare(earlier, prices, t, symbol_returns):
    """Write each price's change over ``earlier``: NaN in the first period and beside a missing price."""
    for i in range(prices.shape[0]):
        old = float64(earlier[i])
        known = t > 0 and earlier[i] > 0 and prices[i] > 0
        symbol_returns[i] = (float64(prices[i]) - old) / old if known else np.nan


@kernel
def count_beyond(values, limit):
    """Count what is farther from zero than a limit; NaN is not."""
    count = int64(0)
    for i in range(values.shape[0]):
        count += abs(values[i]) > limit
    return count
