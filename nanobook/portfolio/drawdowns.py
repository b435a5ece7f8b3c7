"""Spells below a peak of equity."""

import numpy as np

from .columns import one, read_columns


def drawdown_series(equity):
    """List the drawdowns of an equity curve, first to last.

    Parameters
    ----------
    equity : Series, array, list or BacktestResult
        Equity, shape (T,), finite, in any unit. Of a result: its ``equity_curve``.

    Returns
    -------
    list of dict
        ``drawdown_pct`` : depth at the trough, a positive fraction of the peak (0.1 is 10 %).
        ``underwater_periods`` : from the first period below the peak to the recovery, or to the end.
        ``underwater_days`` : the same in calendar days where there are dates, else the same number.
        ``peak_index``, ``trough_index``, ``recovery_index`` : rows; the recovery is None while it is open.
        ``peak_date``, ``trough_date``, ``recovery_date`` : labels where there is an index, else the rows.

    Raises
    ------
    NonFiniteError
        A NaN or infinite value.
    ShapeError
        No values, or more than one series.

    Notes
    -----
    A peak moves with every value at or above it, so of equal ones it is the latest; of equal troughs it is
    the first. Peaks at or below 0 are passed over.

    See Also
    --------
    drawdowns : the same as a DataFrame, deepest first

    Examples
    --------
    >>> import nanobook
    >>> fall, = nanobook.drawdown_series([100, 120, 90, 108, 121])
    >>> fall["drawdown_pct"], fall["peak_index"], fall["trough_index"], fall["recovery_index"]
    (0.25, 1, 2, 4)
    """
    table, rows, depths = _spells(equity)
    index = range(len(table)) if table.index is None else table.index
    days = _days(table.index, rows)
    return [
        {
            "drawdown_pct": depth,
            "underwater_periods": until - start,
            "underwater_days": until - start if days is None else int(days[i]),
            "peak_index": peak,
            "peak_date": index[peak],
            "trough_index": trough,
            "trough_date": index[trough],
            "recovery_index": None if recovery < 0 else recovery,
            "recovery_date": None if recovery < 0 else index[recovery],
        }
        for i, ((peak, start, trough, recovery), until, depth) in enumerate(
            zip(rows.tolist(), _until(rows, len(table)).tolist(), depths.tolist(), strict=True)
        )
    ]


def drawdowns(equity, count=None):
    """Tabulate the drawdowns of an equity curve, deepest first.

    Parameters
    ----------
    equity : Series, array, list or BacktestResult
        As `drawdown_series`.
    count : int, optional
        How many to keep.

    Returns
    -------
    DataFrame
        A row a drawdown: ``peak``, ``start`` (first period below it), ``trough`` and ``recovery`` as labels
        of the index, else as rows (missing while open); ``depth``, a positive fraction; ``to_trough``,
        ``to_recovery`` and ``periods``: numbers of periods from the peak to the trough, from there to the
        recovery or the end, and both.

    Raises
    ------
    NonFiniteError, ShapeError
        As `drawdown_series`.

    Examples
    --------
    >>> import nanobook
    >>> nanobook.drawdowns([100, 120, 90, 108, 121, 115], count=1)[["peak", "trough", "depth", "periods"]]
       peak  trough  depth  periods
    0     1       2   0.25        3
    """
    import pandas as pd

    table, rows, depths = _spells(equity)
    order = np.argsort(-depths, kind="stable")[:count]
    peak, start, trough, recovery = rows[order].T
    index = pd.RangeIndex(len(table)) if table.index is None else table.index
    until = np.where(recovery < 0, len(table) - 1, recovery)
    back = pd.Series(index.take(recovery)).where(recovery >= 0)
    return pd.DataFrame(
        {
            "peak": index.take(peak),
            "start": index.take(start),
            "trough": index.take(trough),
            "recovery": back.astype("Int64") if table.index is None else back,
            "depth": depths[order],
            "to_trough": trough - peak,
            "to_recovery": until - trough,
            "periods": until - peak,
        }
    )


def _spells(equity):
    """Read a curve; its spells as rows of peak, start, trough and recovery, and their depths."""
    table = read_columns("equity", equity, "equity_curve")
    values = one(table)
    before = table.index is not None and hasattr(equity, "initial_cash")
    if before:  # a result's curve with dates has none for the cash at the start, which is a peak all the same
        values = np.append(float(equity.initial_cash), values)
    rows, depths = find_spells(values)
    return table, np.where(rows > 0, rows - before, rows), depths


def find_spells(values):
    """Find the spells below a peak of a writable float64 series.

    Returns
    -------
    rows : int64 array, shape (K, 4)
        Of each the peak, the start, the trough and the recovery, -1 while it is open.
    depths : float64 array, shape (K,)
    """
    from ..kernels import windows as kernels

    rows = np.empty((len(values), 4), np.int64)
    rows = rows[: kernels.drawdowns(values, rows)]
    peaks = values[rows[:, 0]]
    return rows, (peaks - values[rows[:, 2]]) / peaks


def _until(rows, periods):
    """Row of each recovery, or one past the end."""
    return np.where(rows[:, 3] < 0, periods, rows[:, 3])


def _days(index, rows):
    """Calendar days of each spell, None without dates; an open one lasts to the last date."""
    import pandas as pd

    if not isinstance(index, pd.DatetimeIndex):
        return None
    return (index.take(np.where(rows[:, 3] < 0, len(index) - 1, rows[:, 3])) - index.take(rows[:, 1])).days
