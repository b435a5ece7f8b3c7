"""Indicators over flat lists, row by row of ``n_names`` numbers, as the original takes and gives them."""

import numpy as np

from ...errors import ShapeError
from ...portfolio.inputs import whole
from .bars import wilder_atr
from .momentum import macd, rsi
from .overlap import bollinger, ema, sma


def sma_panel(close, n_names, period):
    """Simple moving average of every column of a flat list.

    Parameters
    ----------
    close : list or array of float, length T * n_names
        Row by row: ``close[t * n_names + name]``. The other panel functions take theirs likewise.
    n_names : int
        Columns; at least 1.
    period : int

    Returns
    -------
    list or array of float
        Flat like ``close``, which it is of the same kind as.

    Raises
    ------
    ShapeError
        A length that is no multiple of ``n_names``.

    Examples
    --------
    >>> from nanobook import sma_panel
    >>> sma_panel([1.0, 10.0, 3.0, 30.0], 2, 2)
    [nan, nan, 2.0, 20.0]
    """
    return flat(sma, {"close": close}, n_names, period)


def ema_panel(close, n_names, period):
    """Exponential moving average of every column of a flat list; see `sma_panel`."""
    return flat(ema, {"close": close}, n_names, period)


def rsi_panel(close, n_names, period=14):
    """Relative strength index of every column of a flat list; see `sma_panel`."""
    return flat(rsi, {"close": close}, n_names, period)


def macd_panel(close, n_names, fast_period=12, slow_period=26, signal_period=9):
    """Line, signal and histogram of `macd` of every column of a flat list; see `sma_panel`."""
    return flat(macd, {"close": close}, n_names, fast_period, slow_period, signal_period)


def bbands_panel(close, n_names, period=20, num_std_up=2.0, num_std_dn=2.0):
    """Upper, middle and lower Bollinger band of every column of a flat list; see `sma_panel`."""
    return flat(bollinger, {"close": close}, n_names, period, num_std_up, num_std_dn)


def atr_panel(high, low, close, n_names, period=14):
    """Average true range of every column of three flat lists; see `sma_panel`."""
    return flat(wilder_atr, {"high": high, "low": low, "close": close}, n_names, period)


def flat(function, inputs, n_names, *values):
    """Run an indicator on flat lists of rows."""
    count = whole("n_names", n_names, 1, 10**9, "the number of columns")
    tables = [table(name, given, count) for name, given in inputs.items()]
    found = function(*tables, *values)
    first = next(iter(inputs.values()))
    results = [out.reshape(-1) for out in (found if isinstance(found, tuple) else (found,))]
    if isinstance(first, (list, tuple)):
        results = [out.tolist() for out in results]
    return tuple(results) if len(results) > 1 else results[0]


def table(name, given, count):
    """Make (T, N) of a flat list."""
    values = np.asarray(given)
    if values.ndim != 1 or values.size % count:
        raise ShapeError(
            f"{name}: shape {values.shape}, needs one flat list of rows of n_names={count} numbers each"
        )
    return values.reshape(-1, count)


sma_panel_by_column = sma_panel
ema_panel_by_column = ema_panel
