"""Figures of returns beside a benchmark's."""

import math
from dataclasses import asdict, dataclass

import numpy as np

from ..errors import InvalidValue, NonFiniteError, ShapeError
from ..hints import listing
from .columns import align, one, read_columns
from .inputs import finite, positive
from .metrics import Metrics, measure


@dataclass(frozen=True, slots=True, repr=False)
class RelativeMetrics:
    """Figures beside a benchmark; made by `relative_metrics`.

    Attributes
    ----------
    alpha : float
        ``(1 + mean(r - rf - beta * (b - rf))) ** periods_per_year - 1``.
    beta : float
        Covariance over the benchmark's variance; NaN where the benchmark does not vary.
    correlation, r_squared : float
        Of the returns with the benchmark's; NaN where one of them does not vary.
    tracking_error : float
        Standard deviation (``ddof`` 1) of ``r - b``, times the root of ``periods_per_year``.
    information_ratio : float
        Mean of ``r - b`` over its standard deviation, times the root of ``periods_per_year``; 0 where that
        is 0.
    up_capture, down_capture : float
        Compounded return a year over the benchmark's, both over the periods where the benchmark rose, or
        fell; NaN without such a period.
    excess_cagr : float
        Compounded return a year less the benchmark's.
    win_rate : float
        Part of the periods with a higher return than the benchmark's.
    num_periods : int
        Periods that both have.
    metrics, benchmark : Metrics
        Of either alone, over these periods.
    """

    alpha: float
    beta: float
    correlation: float
    r_squared: float
    tracking_error: float
    information_ratio: float
    up_capture: float
    down_capture: float
    excess_cagr: float
    win_rate: float
    num_periods: int
    metrics: Metrics
    benchmark: Metrics

    def to_dict(self):
        """The figures by name, without the metrics of either alone."""
        figures = asdict(self)
        return {name: figures[name] for name in figures if name not in ("metrics", "benchmark")}

    def __repr__(self):
        return (
            f"RelativeMetrics(alpha={self.alpha:.2%}, beta={self.beta:.2f}, "
            f"tracking_error={self.tracking_error:.2%}, information_ratio={self.information_ratio:.2f})"
        )


def relative_metrics(returns, benchmark, periods_per_year=252.0, risk_free=0.0):
    """Compare returns with those of a benchmark.

    Parameters
    ----------
    returns : Series, array, list or BacktestResult
        Simple returns a period, shape (T,); periods of NaN are left out.
    benchmark : Series, array or list
        Returns of the benchmark, not its prices. Two indexes are matched by date; else both have one
        value a period. The benchmark may be longer at both ends; where it is shorter, or NaN, at an end,
        the periods that both have are compared, and ``num_periods`` counts them.
    periods_per_year : float, default 252
    risk_free : float, default 0
        Risk-free return a *period*.

    Returns
    -------
    RelativeMetrics

    Raises
    ------
    NonFiniteError
        An infinite return, or a period in the midst that the benchmark lacks.
    ShapeError
        Fewer than 2 periods in common, lengths or time zones that differ, dates of the benchmark between
        two of the returns.
    InvalidValue
        A benchmark that looks like prices.

    Notes
    -----
    Alpha, beta and the captures equal those of empyrical. Its ``excess_sharpe`` is ``information_ratio``
    a period, not a year.

    Examples
    --------
    >>> import nanobook
    >>> nanobook.relative_metrics([0.02, -0.01, 0.03, 0.00], [0.01, -0.01, 0.02, 0.01], periods_per_year=12)
    RelativeMetrics(alpha=0.63%, beta=1.26, tracking_error=3.32%, information_ratio=0.90)
    """
    mine, theirs = pair_up(returns, benchmark)
    year, rate = positive("periods_per_year", periods_per_year), finite("risk_free", risk_free)
    n = mine.size
    metrics, other = measure(mine, year, rate), measure(theirs, year, rate)
    beta, correlation = slope_and_correlation(mine, theirs)
    residual = exact_sum((mine - rate) - beta * (theirs - rate)) / n
    active = mine - theirs
    lead = exact_sum(active) / n
    error = math.sqrt(exact_sum((active - lead) ** 2) / (n - 1))
    return RelativeMetrics(
        alpha=annual(residual, year),
        beta=beta,
        correlation=correlation,
        r_squared=correlation**2,
        tracking_error=error * math.sqrt(year),
        information_ratio=lead / error * math.sqrt(year) if error > 0.0 else 0.0,
        up_capture=capture(mine, theirs, theirs > 0.0, year),
        down_capture=capture(mine, theirs, theirs < 0.0, year),
        excess_cagr=metrics.cagr - other.cagr,
        win_rate=np.count_nonzero(active > 0.0) / n,
        num_periods=n,
        metrics=metrics,
        benchmark=other,
    )


def pair_up(returns, benchmark):
    """Read both; the periods that both have, as two float64 arrays."""
    mine = read_columns("returns", returns, missing=True)
    other = read_columns("benchmark", benchmark, missing=True)
    values = one(other)
    if (values > 1.0).any() and not (values <= 1.0).any():
        raise InvalidValue(
            "benchmark: every value is above 1, so these look like prices; pass returns, prices.pct_change()"
        )
    theirs = align(mine, other)
    both = ~(np.isnan(one(mine)) | np.isnan(theirs))
    if np.count_nonzero(both) < 2:
        raise ShapeError(f"benchmark: {np.count_nonzero(both)} periods in common with returns, needs 2")
    rows = np.flatnonzero(~np.isnan(theirs))
    holes = rows[0] + np.flatnonzero(np.isnan(theirs[rows[0] : rows[-1]]))
    if holes.size:
        raise NonFiniteError(
            f"benchmark: no return at {listing(map(mine.period, holes))}; compound returns to the periods "
            "that both have, or put a number there"
        )
    return one(mine)[both], theirs[both]


def exact_sum(values):
    """Sum an array, rounded once."""
    return math.fsum(values.tolist())


def slope_and_correlation(mine, theirs):
    """Slope of the one on the other, and their correlation; each sum is rounded once."""
    x, y = theirs - theirs[0], mine - mine[0]  # so that what does not vary is 0 throughout
    x -= exact_sum(x) / x.size
    y -= exact_sum(y) / y.size
    square, other, product = exact_sum(x * x), exact_sum(y * y), exact_sum(x * y)
    beta = product / square if square > 0.0 else math.nan
    both = math.sqrt(square) * math.sqrt(other)
    return beta, max(-1.0, min(1.0, product / both)) if both > 0.0 else math.nan


def capture(mine, theirs, chosen, year):
    """Compounded return a year over the benchmark's, over the chosen periods."""
    if not chosen.any():
        return math.nan
    gained, reference = (measure(part[chosen], year, 0.0).cagr for part in (mine, theirs))
    return gained / reference if reference else math.nan


def annual(change, year):
    """Compound a mean return a period to a year's; -1 once all is lost."""
    if change <= -1.0:
        return -1.0
    try:
        return (1.0 + change) ** year - 1.0
    except OverflowError:
        return math.inf
