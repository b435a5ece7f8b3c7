"""Realised volatility from bars: from closes alone, or with opens, highs and lows."""

import math

import numpy as np

from ...errors import InvalidValue, NonFiniteError, ShapeError
from ...hints import listing, nearest
from ...portfolio.inputs import positive, read_table, readonly, whole
from ...portfolio.labels import Labels
from .inputs import dimensions, one_series, place, read_index

LOG_2 = math.log(2.0)
SPELLINGS = {
    "close_to_close": "close_to_close",
    "close": "close_to_close",
    "cc": "close_to_close",
    "parkinson": "parkinson",
    "garman_klass": "garman_klass",
    "garman-klass": "garman_klass",
    "gk": "garman_klass",
    "yang_zhang": "yang_zhang",
    "yang-zhang": "yang_zhang",
    "yz": "yang_zhang",
}
MORE_SPELLINGS = SPELLINGS | {
    "rogers_satchell": "rogers_satchell",
    "rogers-satchell": "rogers_satchell",
    "rs": "rogers_satchell",
}
NEEDS = {
    "close_to_close": ("close",),
    "parkinson": ("high", "low"),
    "garman_klass": ("open", "high", "low", "close"),
    "rogers_satchell": ("open", "high", "low", "close"),
    "yang_zhang": ("open", "high", "low", "close"),
}
COLUMNS = ("open", "high", "low", "close")


def realized_vol(open, high, low, close, method="close_to_close"):
    """Estimate the volatility a period of one series of bars, as nanobook 0.19 does.

    `realized_volatility` does more: windows, tables, annual figures, and errors where this gives NaN.

    Parameters
    ----------
    open, high, low, close : array-like of float, shape (T,)
        Prices.
    method : str, default 'close_to_close'
        ``'close_to_close'`` (``'close'``, ``'cc'``), ``'parkinson'``, ``'garman_klass'`` (``'garman-klass'``,
        ``'gk'``) or ``'yang_zhang'`` (``'yang-zhang'``, ``'yz'``).

    Returns
    -------
    float
        Standard deviation of the logarithmic return of a period. NaN for fewer than 2 bars (Yang-Zhang: 3),
        unequal lengths, and prices that are not above 0 and finite.

    Raises
    ------
    InvalidValue
        An unknown method.

    Examples
    --------
    >>> import nanobook
    >>> round(nanobook.realized_vol([10, 11], [12, 12], [9, 10], [11, 11], "parkinson"), 6)
    0.144636
    """
    if not isinstance(method, str) or method not in SPELLINGS:
        raise InvalidValue(f"unknown realized_vol method: {method}")
    bars = [one_series(name, prices) for name, prices in zip(COLUMNS, (open, high, low, close), strict=True)]
    count = bars[0].size
    chosen = SPELLINGS[method]
    fitting = all(prices.size == count for prices in bars) and count >= fewest(chosen)
    if not fitting or not all((np.isfinite(prices) & (prices > 0.0)).all() for prices in bars):
        return math.nan
    return float(np.sqrt(variances(chosen, dict(zip(COLUMNS, bars, strict=True)), count)[-1]))


def realized_volatility(
    bars=None,
    method="close_to_close",
    *,
    open=None,
    high=None,
    low=None,
    close=None,
    window=None,
    periods_per_year=1.0,
):
    """Estimate volatility from bars, over all of them or over rolling windows.

    Parameters
    ----------
    bars : DataFrame, Series or array-like, optional
        A table with columns open, high, low and close in any case of letters, of which the method's are
        needed; or closes alone, of one symbol or one column a symbol.
    method : str, default 'close_to_close'
        ``'close_to_close'``, ``'parkinson'``, ``'garman_klass'``, ``'rogers_satchell'`` or ``'yang_zhang'``;
        short forms as in `realized_vol`, and ``'rs'``.
    open, high, low, close : Series, DataFrame or array, shape (T,) or (T, N), optional
        In place of ``bars``. DataFrames have one column a symbol and the same labels.
    window : int, optional
        How many bars each estimate is over, the bar's own and those before it: at least 2, Yang-Zhang 3. By
        default all bars give one estimate. A close-to-close estimate over n bars has n - 1 returns.
    periods_per_year : float, default 1
        252 gives the volatility a year from daily bars; by default it is that of a period.

    Returns
    -------
    float
        Of one series, without a window.
    Series, DataFrame or array
        As the input: one value a symbol, or a period, or both. With a window NaN until there are so many bars
        and wherever one of them has no price; the windows behind are not affected.

    Raises
    ------
    InvalidValue
        A price that is not above 0, a high below the low, an unknown method or column, too short a window.
    NonFiniteError
        An infinite price; without a window also NaN.
    ShapeError
        Prices that do not fit each other, too few bars.

    Notes
    -----
    With ``o, h, l, c`` the logarithms of a bar, ``RS = (h-o)(h-c) + (l-o)(l-c)`` and ``var`` dividing by
    n - 1:

    * close to close: ``var(c[t] - c[t-1])``
    * Parkinson (1980): ``mean((h-l)^2) / (4 log 2)``
    * Garman and Klass (1980): ``mean((h-l)^2 / 2 - (2 log 2 - 1) (c-o)^2)``
    * Rogers and Satchell (1991): ``mean(RS)``
    * Yang and Zhang (2000), over the m = n - 1 bars behind the first: ``var(o[t] - c[t-1]) + k var(c-o)
      + (1-k) mean(RS)``, ``k = 0.34 / (1.34 + (m+1) / (m-1))``

    Examples
    --------
    >>> import pandas as pd
    >>> import nanobook
    >>> closes = pd.Series([100.0, 101.0, 99.5, 100.5], index=pd.date_range("2026-01-05", periods=4))
    >>> nanobook.realized_volatility(closes, window=3, periods_per_year=252).round(4).tolist()
    [nan, nan, 0.2797, 0.2802]
    """
    if not isinstance(method, str) or method not in MORE_SPELLINGS:
        raise InvalidValue(
            f"method={method!r}: use {', '.join(map(repr, NEEDS))}{nearest(method, MORE_SPELLINGS)}"
        )
    chosen = MORE_SPELLINGS[method]
    year = positive("periods_per_year", periods_per_year)
    given = {"open": open, "high": high, "low": low, "close": close}
    prices, labels, single = read_prices(bars, given, NEEDS[chosen])
    check_prices(prices, labels, whole_sample=window is None)
    count = len(next(iter(prices.values())))
    if count < fewest(chosen):
        raise ShapeError(f"{count} bars: {chosen} needs at least {fewest(chosen)}")
    remedy = f"bars; at most the {count} that there are"
    width = count if window is None else whole("window", window, fewest(chosen), count, remedy)
    found = np.column_stack(
        [
            variances(chosen, {name: panel[:, i] for name, panel in prices.items()}, width)
            for i in range(next(iter(prices.values())).shape[1])
        ]
    )
    return dress(np.sqrt(found * year), labels, single, window is None)


def fewest(method):
    """How many bars a method needs."""
    return 3 if method == "yang_zhang" else 2


def variances(method, bars, window):
    """Variance a period over each window, at its last bar; NaN before."""
    logs = {name: np.log(prices) for name, prices in bars.items()}
    if method == "close_to_close":
        return windows(np.diff(logs["close"]), window - 1, 1, spread=True)
    reach = logs["high"] - logs["low"]
    if method == "parkinson":
        return windows(reach**2, window, 0) / (4.0 * LOG_2)
    if method == "garman_klass":
        body = logs["close"] - logs["open"]
        return np.maximum(windows(0.5 * reach**2 - (2.0 * LOG_2 - 1.0) * body**2, window, 0), 0.0)
    up, down = logs["high"] - logs["open"], logs["low"] - logs["open"]
    body = logs["close"] - logs["open"]
    drift_free = up * (up - body) + down * (down - body)
    if method == "rogers_satchell":
        return np.maximum(windows(drift_free, window, 0), 0.0)
    m = window - 1
    k = 0.34 / (1.34 + (m + 1) / (m - 1))
    gap = windows(logs["open"][1:] - logs["close"][:-1], m, 1, spread=True)
    day = windows(body[1:], m, 1, spread=True)
    return np.maximum(gap + k * day + (1.0 - k) * windows(drift_free[1:], m, 1), 0.0)


def windows(values, window, shift, spread=False):
    """Mean (or variance) over windows, ``shift`` rows later than its last value; NaN before."""
    from ...kernels.volatility import window_means, window_variances

    result = np.full(values.size + shift, np.nan)
    (window_variances if spread else window_means)(
        readonly(np.ascontiguousarray(values)), window, result[shift:]
    )
    return result


# Bars in, volatility out


def read_prices(bars, given, needed):
    """Take the needed columns: each float64 (T, N), their labels, and whether they are one series."""
    if bars is not None:
        named = [name for name, value in given.items() if value is not None]
        if named:
            raise InvalidValue(f"bars and {listing(named)}: pass a table, or the columns one by one")
        if hasattr(bars, "columns") and (len(needed) > 1 or has_bars(bars)):
            return read_table_of_bars(bars, needed)
        given = dict.fromkeys(COLUMNS) | {"close": bars}
    missing = [name for name in needed if given[name] is None]
    if missing:
        raise InvalidValue(f"{listing(missing)}: this method needs {listing(needed)}")
    if all(dimensions(given[name]) < 2 for name in needed):
        return read_columns({name: given[name] for name in needed})
    tables = {name: read_table(name, given[name]) for name in needed}
    (first, (values, labels)), *rest = tables.items()
    for name, (other, names) in rest:
        if other.shape != values.shape:
            raise ShapeError(f"{name} {other.shape} vs {first} {values.shape}: shapes must be equal")
        if (labels is None) != (names is None) or (labels is not None and not labels.same(names)):
            raise ShapeError(f"{name} vs {first}: index and columns must be equal")
    panels = {name: np.asarray(table, np.float64) for name, (table, _) in tables.items()}
    return panels, labels or Labels(None), False


def has_bars(table):
    """Whether a table has a column of bars, and not one of closes a symbol."""
    return any(str(column).casefold() in COLUMNS for column in table.columns)


def read_table_of_bars(bars, needed):
    """Take the columns of one table, by name in any case of letters."""
    spelled = {}
    for column in bars.columns:
        key = str(column).casefold()
        if key in spelled and key in needed:
            raise InvalidValue(f"bars: columns {spelled[key]!r} and {column!r}; keep one of them")
        spelled[key] = column
    missing = [name for name in needed if name not in spelled]
    if missing:
        raise InvalidValue(
            f"bars: no column {listing(missing)}; there are {listing(bars.columns)}; "
            f"{listing(needed)} are needed"
        )
    return read_columns({name: bars[spelled[name]] for name in needed})


def read_columns(columns):
    """Take single columns: Series with one index, or arrays."""
    arrays = {name: one_series(name, values) for name, values in columns.items()}
    (first, values), *rest = arrays.items()
    for name, other in rest:
        if other.size != values.size:
            raise ShapeError(f"{name} has {other.size} bars, {first} {values.size}: lengths must be equal")
    indexes = {name: read_index(name, column) for name, column in columns.items()}
    for name, _ in rest:
        mine, theirs = indexes[name], indexes[first]
        if (mine is None) != (theirs is None) or (mine is not None and not mine.equals(theirs)):
            raise ShapeError(f"{name} vs {first}: the index must be the same")
    return {name: array[:, None] for name, array in arrays.items()}, Labels(None, indexes[first]), True


def check_prices(prices, labels, whole_sample):
    """Refuse prices that no logarithm takes, and bars whose high is below the low."""
    for name, panel in prices.items():
        bad = np.argwhere(np.isinf(panel) | (np.isnan(panel) if whole_sample else False))
        refuse(
            NonFiniteError, name, panel, labels, bad, "a rolling window may pass over NaN; mend the others"
        )
        refuse(InvalidValue, name, panel, labels, np.argwhere(panel <= 0.0), "prices must be above 0")
    if "high" in prices and "low" in prices:
        bad = np.argwhere(prices["high"] < prices["low"])
        refuse(InvalidValue, "high", prices["high"], labels, bad, "it is below the low")


def refuse(error, name, panel, labels, cells, why):
    """Raise for the cells at fault, if there are any."""
    if not len(cells):
        return
    where = [
        f"{panel[t, i]} at {place(labels.index, t) if panel.shape[1] == 1 else labels.cell(t, i)}"
        for t, i in cells[:10]
    ]
    more = "" if len(cells) <= len(where) else f", ... ({len(cells)} in all)"
    raise error(f"{name}: {', '.join(where)}{more}; {why}")


def dress(found, labels, single, whole_sample):
    """Give volatilities (T, N) as the caller's kind."""
    if whole_sample:
        found = found[-1]
    if single:
        found = found[..., 0]
    if whole_sample and single:
        return float(found)
    if labels.index is None:
        return found
    import pandas as pd

    if single:
        return pd.Series(found, index=labels.index, name="volatility")
    if whole_sample:
        return pd.Series(found, index=labels.columns, name="volatility")
    return pd.DataFrame(found, index=labels.index, columns=labels.columns)
