"""Returns by the months and years of the calendar."""

import numpy as np

from ..errors import WrongType
from .columns import one, read_columns

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH = 21  # periods that count as a month where there are no dates
YEAR = 12


def monthly_returns(returns):
    """Compound returns by calendar month, and by year.

    Parameters
    ----------
    returns : Series, array, list or BacktestResult
        Simple returns a period, shape (T,). A period belongs to the month of its label. NaN is left out.

    Returns
    -------
    DataFrame or list of list of float
        With a DatetimeIndex (in the months of its own time zone) or a PeriodIndex: a row a year, columns
        ``Jan`` ... ``Dec`` and ``Year``; NaN for months without a period. Without dates: months of 21
        periods, in rows of 12, as the original; the last month of fewer.

    Raises
    ------
    NonFiniteError
        An infinite return.
    ShapeError
        No returns, or more than one series.
    WrongType
        An index of text.

    Examples
    --------
    >>> import pandas as pd
    >>> import nanobook
    >>> days = pd.to_datetime(["2024-12-30", "2024-12-31", "2025-01-02"])
    >>> table = nanobook.monthly_returns(pd.Series([0.5, -0.5, 0.25], days))
    >>> table[["Jan", "Dec", "Year"]]
           Jan   Dec  Year
    2024   NaN -0.25 -0.25
    2025  0.25   NaN  0.25
    """
    import pandas as pd

    table = read_columns("returns", returns, missing=True)
    growth = 1.0 + np.nan_to_num(one(table))
    if not isinstance(table.index, (pd.DatetimeIndex, pd.PeriodIndex)):
        if table.index is not None and table.index.dtype.kind not in "iuf":
            raise WrongType(f"returns: the index holds {table.index.dtype}, no dates; use pandas.to_datetime")
        months = (np.multiply.reduceat(growth, np.arange(0, len(growth), MONTH)) - 1.0).tolist()
        return [months[start : start + YEAR] for start in range(0, len(months), YEAR)]
    years, months = (np.asarray(part) for part in (table.index.year, table.index.month))
    first = int(years[0])
    cells = np.full((int(years[-1]) - first + 1, YEAR), np.nan)
    starts = np.flatnonzero(np.r_[True, (np.diff(years) != 0) | (np.diff(months) != 0)])
    cells[years[starts] - first, months[starts] - 1] = np.multiply.reduceat(growth, starts)
    cells = cells[~np.isnan(cells).all(axis=1)]
    total = np.prod(np.where(np.isnan(cells), 1.0, cells), axis=1, keepdims=True)
    return pd.DataFrame(np.hstack([cells, total]) - 1.0, np.unique(years), [*MONTHS, "Year"])


def yearly_returns(returns):
    """Compound returns by calendar year.

    Parameters
    ----------
    returns : Series or BacktestResult
        With a DatetimeIndex or a PeriodIndex, else as `monthly_returns`: years of 252 periods.

    Returns
    -------
    Series or list of float
        A value a year, by year; without dates a list.

    Raises
    ------
    NonFiniteError, ShapeError
        As `monthly_returns`.

    Examples
    --------
    >>> import nanobook
    >>> nanobook.yearly_returns([0.5, -0.5])
    [-0.25]
    """
    months = monthly_returns(returns)
    if isinstance(months, list):
        return [float(np.prod(1.0 + np.array(row)) - 1.0) for row in months]
    return months["Year"].rename("yearly_returns")
