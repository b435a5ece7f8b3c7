"""Figures of a moving window of returns or equity."""

import numpy as np

from .columns import align, read_columns
from .inputs import finite, positive, whole

DAYS = 63
"""The usual window: a quarter of trading days."""


def rolling_sharpe(returns, window=DAYS, periods_per_year=252.0, risk_free=0.0):
    """Compute the Sharpe ratio of every window of returns.

    Parameters
    ----------
    returns : Series, DataFrame, array, list or BacktestResult
        Simple returns a period, shape (T,), or (T, N) for N series side by side. NaN makes every window
        NaN that holds it.
    window : int, default 63
        Periods in a window, at least 2.
    periods_per_year : float, default 252
    risk_free : float, default 0
        Risk-free return a *period*.

    Returns
    -------
    same kind and shape as ``returns``
        ``(mean - risk_free) / sd * sqrt(periods_per_year)``, ``sd`` with ``ddof`` 1; 0 where ``sd`` is 0.
        The first ``window - 1`` are NaN.

    Raises
    ------
    NonFiniteError
        An infinite return.
    ShapeError
        No returns.
    InvalidValue
        A window below 2, ``periods_per_year`` not above 0, dates that do not increase.

    Notes
    -----
    A window costs the same whatever its length, and is right where returns are high and vary little, and
    after outliers: sums are joined, never subtracted (Chan, Golub and LeVeque, 1983).

    Examples
    --------
    >>> import nanobook
    >>> nanobook.rolling_sharpe([0.0, 0.5, 0.5, -0.5], window=2, periods_per_year=8)
    [nan, 2.0, 0.0, 0.0]
    """
    table, year = _annual(returns, periods_per_year)
    means, spreads = _moments(table, window)
    excess = (means - finite("risk_free", risk_free)) * year
    moving = ~(spreads == 0.0)  # NaN moves
    return table.dress(np.divide(excess, spreads, out=np.zeros_like(means), where=moving), "rolling_sharpe")


def rolling_volatility(returns, window=DAYS, periods_per_year=252.0):
    """Compute the annual volatility of every window of returns.

    Parameters
    ----------
    returns, window, periods_per_year
        As `rolling_sharpe`.

    Returns
    -------
    same kind and shape as ``returns``
        ``sd * sqrt(periods_per_year)``, ``sd`` with ``ddof`` 1. The first ``window - 1`` are NaN.

    Raises
    ------
    NonFiniteError, ShapeError, InvalidValue
        As `rolling_sharpe`.

    Examples
    --------
    >>> import nanobook
    >>> nanobook.rolling_volatility([0.0, 0.5, 1.0, 1.5], window=3, periods_per_year=4)
    [nan, nan, 1.0, 1.0]
    """
    table, year = _annual(returns, periods_per_year)
    return table.dress(_moments(table, window)[1] * year, "rolling_volatility")


def rolling_return(returns, window=DAYS):
    """Compound every window of returns.

    Parameters
    ----------
    returns, window
        As `rolling_sharpe`; a window may be 1.

    Returns
    -------
    same kind and shape as ``returns``
        The return over the last ``window`` periods, not annualised. The first ``window - 1`` are NaN.

    Raises
    ------
    NonFiniteError, ShapeError, InvalidValue
        As `rolling_sharpe`.

    Examples
    --------
    >>> import nanobook
    >>> nanobook.rolling_return([0.5, 0.5, -0.5], window=2)
    [nan, 1.25, -0.25]
    """
    from ..kernels.windows import compounds

    table = read_columns("returns", returns, missing=True)
    out, scratch = _room(table, window, 1, 1)
    for values, row in zip(table.values, out, strict=True):
        compounds(values, scratch.shape[1], scratch, row)
    return table.dress(out, "rolling_return")


def rolling_beta(returns, benchmark, window=DAYS):
    """Compute the slope of every window of returns on a benchmark's.

    Parameters
    ----------
    returns : Series, DataFrame, array, list or BacktestResult
        As `rolling_sharpe`.
    benchmark : Series, array or list
        Returns of the same T periods. Two indexes are matched by date; a date that the benchmark lacks
        counts as NaN.
    window : int, default 63

    Returns
    -------
    same kind and shape as ``returns``
        Covariance over the benchmark's variance; NaN where the benchmark does not vary. The first
        ``window - 1`` are NaN.

    Raises
    ------
    NonFiniteError, InvalidValue
        As `rolling_sharpe`.
    ShapeError
        Lengths that differ, dates of the benchmark between two of the returns, time zones that differ.

    Examples
    --------
    >>> import nanobook
    >>> nanobook.rolling_beta([0.25, 0.75, 0.0], [0.125, 0.375, 0.625], window=2)
    [nan, 2.0, -3.0]
    """
    from ..kernels.windows import slopes

    table = read_columns("returns", returns, missing=True)
    others = align(table, read_columns("benchmark", benchmark, missing=True))
    out, scratch = _room(table, window, 2, 4)
    for values, row in zip(table.values, out, strict=True):
        slopes(values, others, scratch.shape[1], scratch, row)
    return table.dress(out, "rolling_beta")


def rolling_max_drawdown(equity, window=DAYS):
    """Compute the deepest fall from a peak inside every window of an equity curve.

    Parameters
    ----------
    equity : Series, DataFrame, array, list or BacktestResult
        Equity, shape (T,) or (T, N), finite, in any unit. Of a result: its ``equity_curve``.
    window : int, default 63
        Periods in a window, at least 1. The peak begins anew with every window.

    Returns
    -------
    same kind and shape as ``equity``
        Positive fractions of the peak; above 1 where equity fell below 0. The first ``window - 1`` are
        NaN.

    Raises
    ------
    NonFiniteError
        A NaN or infinite value.
    ShapeError, InvalidValue
        As `rolling_sharpe`.

    Examples
    --------
    >>> import nanobook
    >>> nanobook.rolling_max_drawdown([100, 80, 90, 45], window=2)
    [nan, 0.2, 0.0, 0.5]
    """
    from ..kernels.windows import falls

    table = read_columns("equity", equity, "equity_curve")
    out, scratch = _room(table, window, 1, 3)
    for values, row in zip(table.values, out, strict=True):
        falls(values, scratch.shape[1], scratch, row)
    return table.dress(out, "rolling_max_drawdown")


def _annual(returns, periods_per_year):
    """Read returns, and the root of the periods in a year."""
    year = positive("periods_per_year", periods_per_year) ** 0.5
    return read_columns("returns", returns, missing=True), year


def _moments(table, window):
    """Means and standard deviations of all windows, each (K, T)."""
    from ..kernels.windows import moments

    means, scratch = _room(table, window, 2, 2)
    spreads = means.copy()
    for values, mean, spread in zip(table.values, means, spreads, strict=True):
        moments(values, scratch.shape[1], scratch, mean, spread)
    return means, spreads


def _room(table, window, shortest, rows):
    """Make an output of NaN, (K, T), and the scratch of a kernel, as wide as the window."""
    window = whole("window", window, shortest, 2**31, "periods")
    window = min(window, len(table) + 1)  # a longer one has no row either
    return np.full(table.values.shape, np.nan), np.empty((rows, window))
