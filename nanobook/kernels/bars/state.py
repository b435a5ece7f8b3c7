"""What a path with options reads, remembers and writes."""

from typing import NamedTuple

import numpy as np

# When the orders of a period are filled.
AT_CLOSE = 0  # at its own close
NEXT_OPEN = 1
NEXT_TYPICAL = 2  # a third of high, low and close of the next period

# What becomes of a position without a price.
RAISE = 0
CARRY = 1  # it counts at its last price
DELIST = 2  # it is paid out

# Codes.
DONE = 0
BAD_ROW = 1  # a weight that cannot be used, or no price where a position is held or wanted
OVER_LEVERAGED = 2  # absolute weights sum to more than allowed
TOO_LARGE = 3  # an amount reached LIMIT
FULL = 4  # fills or events may not fit: nothing of the period is done, continue it with more room
TOO_OLD = 5  # a position is without a price for longer than allowed
NO_FILL = 6  # no price to fill at in the period after a signal

MICRO = 1_000_000  # of dividends, in a unit

ACTION = np.dtype(
    [("period", "i8"), ("symbol", "i8"), ("more", "i8"), ("fewer", "i8"), ("dividend", "i8")], align=True
)
"""On a period: ``fewer`` shares become ``more``, then each pays ``dividend`` (MICRO of a unit)."""


class Bars(NamedTuple):
    """Prices in units, 0 where there is no bar; int64 arrays of shape (T, N), read-only.

    What a run does not need has no rows. ``volume`` is in the account's quantities.
    """

    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    volume: np.ndarray


class Orders(NamedTuple):
    """What is asked for; read-only.

    Attributes
    ----------
    weights : float64 array, shape (K, N)
    rows : int64 array, shape (T,)
        The row of ``weights`` of each period; negative where it holds.
    actions : structured array of ACTION, in order of their periods
    fill : int
        AT_CLOSE, NEXT_OPEN or NEXT_TYPICAL.
    missing, max_age : int
        RAISE, CARRY or DELIST, and after how many periods without a price.
    payout : int
        Part of the last price that is paid for what is delisted, in RATE.
    cash : float
        At the start.
    max_leverage : float
    intrabar : int
        1 where stops are looked at inside of bars, 0 at closes.
    """

    weights: np.ndarray
    rows: np.ndarray
    actions: np.ndarray
    fill: int
    missing: int
    max_age: int
    payout: int
    cash: float
    max_leverage: float
    intrabar: int


class Memory(NamedTuple):
    """What is remembered from period to period, and scratch; (N,) each where not said otherwise.

    Attributes
    ----------
    last : int64 array
        Last price, in today's shares; 0 before the first.
    earlier : float64 array
        Close of the period before, in today's shares; 0 where there was none.
    age : int64 array
        Periods since the last price.
    totals : int64 array, shape (5,)
        Action to come next; fees, notional, interest and borrowing fees up to the period before.
    paid : int64 array, shape (1,)
        Dividends of this period.
    prices, volumes : int64 arrays
    weights, held : float64 arrays
        Scratch: what a rebalance takes, what stops take.
    seen : int64 array
        ``last``, read-only.
    """

    last: np.ndarray
    earlier: np.ndarray
    age: np.ndarray
    totals: np.ndarray
    paid: np.ndarray
    prices: np.ndarray
    volumes: np.ndarray
    weights: np.ndarray
    held: np.ndarray
    seen: np.ndarray


class Written(NamedTuple):
    """What a run writes: float64, curves (T,), panels (T, N) (of a lean run without rows).

    ``traded`` is the notional of the fills, ``gross`` the absolute value of all positions; ``quantities``,
    int64, is what is held.
    """

    equity: np.ndarray
    returns: np.ndarray
    cash: np.ndarray
    cost: np.ndarray
    traded: np.ndarray
    interest: np.ndarray
    borrowing: np.ndarray
    dividends: np.ndarray
    gross: np.ndarray
    holdings: np.ndarray
    symbol_returns: np.ndarray
    quantities: np.ndarray


class Path(NamedTuple):
    """All of one run."""

    bars: Bars
    orders: Orders
    memory: Memory
    written: Written
