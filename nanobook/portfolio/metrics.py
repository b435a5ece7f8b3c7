"""Performance figures of one series of returns."""

from dataclasses import dataclass

import numpy as np

from ..errors import NonFiniteError, ShapeError, WrongType
from .inputs import finite, positive

COUNTS = ("num_periods", "winning_periods", "losing_periods")


@dataclass(frozen=True, slots=True, repr=False)
class Metrics:
    """Performance figures; made by `compute_metrics`.

    Fractions are plain (0.02 is 2 %). Annual figures use ``periods_per_year``; standard deviations divide
    by ``num_periods - 1``.

    Attributes
    ----------
    total_return : float
        Compounded return over the whole series.
    cagr : float
        Compounded return a year; -1 where nothing is left.
    volatility : float
        Standard deviation a year; 0 for a single period.
    sharpe : float
        Mean excess return over standard deviation, annualised; 0 where volatility is 0.
    sortino : float
        Mean excess return over downside deviation, annualised. The downside deviation is the root of the
        squared shortfalls below ``risk_free``, summed and divided by ``num_periods - 1``.
    max_drawdown : float
        Deepest fall of the compounded curve from a peak, as a positive fraction of the peak.
    calmar : float
        ``cagr / max_drawdown``; 0 without a drawdown.
    num_periods, winning_periods, losing_periods : int
        Number of returns, of those above and of those below zero.
    cvar_95 : float
        Mean of the returns below the normal 5 % cut, ``mean - 1.645 * sd``; the lowest return where none
        is below. A loss is negative.
    win_rate : float
        ``winning_periods / num_periods``.
    profit_factor : float
        Sum of gains over sum of losses; infinite without a loss, 0 without a gain.
    payoff_ratio : float
        Mean gain over mean loss; infinite without a loss, 0 without a gain.
    kelly : float
        ``win_rate - (1 - win_rate) / payoff_ratio``; 0 where the ratio is 0 or infinite.
    periods_per_year, risk_free : float
        What the figures were computed with; ``risk_free`` is a return a period.
    """

    total_return: float
    cagr: float
    volatility: float
    sharpe: float
    sortino: float
    max_drawdown: float
    calmar: float
    num_periods: int
    winning_periods: int
    losing_periods: int
    cvar_95: float
    win_rate: float
    profit_factor: float
    payoff_ratio: float
    kelly: float
    periods_per_year: float
    risk_free: float

    def __repr__(self):
        return (
            f"Metrics(total_return={self.total_return:.2%}, sharpe={self.sharpe:.2f}, "
            f"max_drawdown={self.max_drawdown:.2%}, win_rate={self.win_rate:.1%})"
        )


def compute_metrics(returns, periods_per_year=252.0, risk_free=0.0):
    """Compute the performance figures of a series of returns.

    Parameters
    ----------
    returns : array-like of float, shape (T,)
        Simple returns a period (0.01 is 1 %), T >= 1, all finite.
    periods_per_year : float, default 252
        Periods in a year; above 0.
    risk_free : float, default 0
        Risk-free return a *period*, not a year.

    Returns
    -------
    Metrics

    Raises
    ------
    NonFiniteError
        A NaN or infinite return: drop or fill it first.
    ShapeError
        No returns, or more than one dimension.
    WrongType
        Something other than numbers.
    InvalidValue
        ``periods_per_year`` not above 0.

    Examples
    --------
    >>> import nanobook
    >>> metrics = nanobook.compute_metrics([0.02, -0.01, 0.04, -0.02])
    >>> metrics
    Metrics(total_return=2.92%, sharpe=4.32, max_drawdown=2.00%, win_rate=50.0%)
    >>> round(metrics.sortino, 6)
    9.222256

    Notes
    -----
    ``r`` are the returns, ``n`` their number, ``sd`` their standard deviation with ``ddof`` 1, ``rf`` is
    ``risk_free`` and ``P`` is ``periods_per_year``.

    ================  ====================================================  ===================  ============
    figure            formula                                               periods, ddof        empyrical
    ================  ====================================================  ===================  ============
    total_return      product of ``1 + r``, less 1                          all                  equal
    cagr              ``(1 + total_return) ** (P / n) - 1``                 P a year             equal
    volatility        ``sd * sqrt(P)``                                      P a year, ddof 1     equal
    sharpe            ``(mean(r) - rf) / sd * sqrt(P)``; 0 of a constant    P a year, ddof 1     equal
    sortino           ``(mean(r) - rf) / d * sqrt(P)``, ``d`` the root of   P a year, ddof 1     ddof 0: less
                      ``sum(min(r - rf, 0) ** 2) / (n - 1)``                                     by the root
                                                                                                 of (n-1)/n
    max_drawdown      largest ``(peak - value) / peak`` of the curve        all                  negative
                      that starts from 1
    calmar            ``cagr / max_drawdown``                               P a year             equal
    cvar_95           mean of the ``r`` below ``mean(r) - 1.645 * sd``      a period, ddof 1     mean of the
                                                                                                 lowest 5 %
    win_rate          ``count(r > 0) / n``                                  a period             none
    profit_factor     ``sum(r > 0) / -sum(r < 0)``                          all                  none
    payoff_ratio      ``mean(r > 0) / -mean(r < 0)``                        a period             none
    kelly             ``win_rate - (1 - win_rate) / payoff_ratio``          a period             none
    ================  ====================================================  ===================  ============

    Sums run from left to right. The definitions are those of nanobook 0.9.3.
    """
    values = series(returns)
    ppy = positive("periods_per_year", periods_per_year)
    rate = finite("risk_free", risk_free)
    return measure(values, ppy, rate)


def series(returns):
    """Make a read-only float64 copy or view of a series of finite returns."""
    try:
        values = np.asarray(returns)
    except ValueError as error:
        raise ShapeError(f"returns: not one series of numbers ({error})") from None
    if values.ndim != 1:
        raise ShapeError(f"returns: shape {values.shape}, needs (T,): pass one series at a time")
    if values.size == 0:
        raise ShapeError("returns: empty, needs at least one period")
    if values.dtype.kind not in "iuf":
        raise WrongType(f"returns: holds {values.dtype}, needs numbers")
    values = np.ascontiguousarray(values, np.float64).view()
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise NonFiniteError(
            f"returns[{bad[0]}] is {values[bad[0]]} ({bad.size} of {values.size} are not finite): "
            "drop them or put a number in their place"
        )
    values.flags.writeable = False
    return values


def measure(returns, periods_per_year, risk_free):
    """Compute the metrics of a float64 series that is known to be finite but for NaN, which is left out."""
    from ..kernels.metrics import FIGURES, figures

    if not returns.flags.writeable:  # the kernel is compiled once, for the arrays that sweeps own
        returns = returns.copy()
    row = np.empty(len(FIGURES))
    figures(returns, periods_per_year, risk_free, row)
    return from_row(row, periods_per_year, risk_free)


def from_row(row, periods_per_year, risk_free):
    """Make the metrics of a row that `kernels.metrics.figures` wrote."""
    from ..kernels.metrics import FIGURES

    numbers = dict(zip(FIGURES, row.tolist(), strict=True))
    for name in COUNTS:
        numbers[name] = int(numbers[name])
    return Metrics(**numbers, periods_per_year=periods_per_year, risk_free=risk_free)
