"""Prices that jump: a split that was not adjusted for, cents among dollars, a digit too many."""

import warnings
from typing import NamedTuple

import numpy as np

from ..errors import InvalidValue, PriceJumpWarning
from ..hints import listing
from .columns import read_columns
from .inputs import positive


class PriceJump(NamedTuple):
    """A price far from the one before.

    Attributes
    ----------
    period, symbol : object
        Labels, or row and column where there are none.
    ratio : float
        The price over the last one before it.
    """

    period: object
    symbol: object
    ratio: float


def price_jumps(prices, limit=0.5):
    """Find prices that jump against the last price before: look at them before you trust a backtest.

    Parameters
    ----------
    prices : DataFrame, Series, array or list
        Prices, shape (T, N) or (T,). NaN and 0 mean "no price": the last one before it counts.
    limit : float, default 0.5
        A price is listed that is more than ``1 + limit`` times the one before, or less than
        ``1 / (1 + limit)`` of it: at 0.5 a price that grew by half, or lost a third. A split of 3 for 2 or
        more is found unless the price rose that day.

    Returns
    -------
    DataFrame or list of PriceJump
        A row a jump, by period, then by symbol in the order of the columns: ``period``, ``symbol`` and
        ``ratio`` (0.5 is a halving, as of a split of 2 for 1; 100 is dollars that became cents). A list
        where the prices were an array or a list.

    Raises
    ------
    NonFiniteError
        An infinite price.
    InvalidValue
        ``limit`` not above 0, a negative price, dates that do not increase.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> prices = np.array([[10.0, 30.0], [10.5, np.nan], [5.25, 30.0], [5.5, 3000.0]])
    >>> for jump in nanobook.price_jumps(prices):
    ...     print(jump)
    PriceJump(period=2, symbol=0, ratio=0.5)
    PriceJump(period=3, symbol=1, ratio=100.0)
    """
    table = read_columns("prices", prices, missing=True)
    high = 1.0 + positive("limit", limit)
    negative = np.argwhere(table.values.T < 0.0)
    if len(negative):
        cells = listing(table.cell(k, t) for t, k in negative)
        raise InvalidValue(f"prices: negative at {cells}: a ratio to a negative price means nothing")
    ratios = ratios_to_last(table.values)
    found = np.argwhere(((ratios > high) | (ratios < 1.0 / high)).T)
    periods = range(len(table)) if table.index is None else table.index
    symbols = range(len(table.values)) if table.columns is None else table.columns
    jumps = [PriceJump(periods[t], symbols[k], float(ratios[k, t])) for t, k in found.tolist()]
    if table.kind in ("list", "array"):
        return jumps
    import pandas as pd

    return pd.DataFrame(jumps, columns=PriceJump._fields)


def ratios_to_last(prices):
    """Each price over the last one before it; NaN where there is none. Prices are (K, T)."""
    known = prices > 0.0
    before = prices[:, :-1]
    if not known.all():
        rows = np.maximum.accumulate(np.where(known, np.arange(prices.shape[1]), 0), axis=1)
        before = np.take_along_axis(prices, rows, axis=1)[:, :-1]
    ratios = np.full(prices.shape, np.nan)
    np.divide(prices[:, 1:], before, out=ratios[:, 1:], where=known[:, 1:] & (before > 0.0))
    return ratios


def warn_of_jumps(changes, limit, labels):
    """Warn of changes (T, N) beyond a limit, naming the first of them."""
    from ..kernels.backtest import count_beyond

    if not count_beyond(changes.reshape(-1), limit):
        return
    with np.errstate(invalid="ignore"):
        found = np.argwhere(np.abs(changes) > limit)
    cells = listing(f"{labels.cell(t, i)} changes by {changes[t, i]:+.1%}" for t, i in found)
    message = f"price_schedule: {cells}: an unadjusted split, another unit? max_jump=None takes them as given"
    warnings.warn(PriceJumpWarning(message), stacklevel=3)
