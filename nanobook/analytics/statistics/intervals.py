"""Confidence interval of a Sharpe ratio by bootstrap, for returns that depend on those before them."""

import math
from typing import NamedTuple

import numpy as np

from ...errors import ShapeError
from ...portfolio.inputs import finite, is_flat, positive
from .reading import MAX_RETURN, vector
from .resampling import read_plan, resampled_means
from .sharpe import between

LEAST = 10


class SharpeInterval(NamedTuple):
    """Result of `sharpe_interval`.

    Attributes
    ----------
    low, high : float
        Ends of the interval.
    sharpe : float
        The ratio itself.
    standard_error : float
        Standard deviation over the resamples.
    """

    low: float
    high: float
    sharpe: float
    standard_error: float


def sharpe_interval(
    returns,
    confidence=0.95,
    *,
    block_size=None,
    resamples=1000,
    bootstrap="stationary",
    seed=0,
    risk_free=0.0,
    periods_per_year=252.0,
):
    """Confidence interval of a Sharpe ratio by resampling blocks of returns.

    Parameters
    ----------
    returns : array-like of float, shape (T,), T >= 10
        Simple returns a period.
    confidence : float, default 0.95
        Between 0 and 1.
    block_size, resamples, bootstrap, seed
        As in `superior_predictive_ability`.
    risk_free : float, default 0
        Risk-free return a *period*.
    periods_per_year : float, default 252
        The answer is annual; with 1 it is a period's.

    Returns
    -------
    SharpeInterval
        The tuple ``(low, high, sharpe, standard_error)``.

    Raises
    ------
    ShapeError
        Fewer than 10 returns, or returns that are all equal.
    NonFiniteError, InvalidValue, WrongType
        An argument that cannot be used.

    Notes
    -----
    The interval is that of the percentiles. A resample that does not vary has no ratio and does not count.
    The standard deviation divides by ``T - 1``.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> returns = np.random.default_rng(2).normal(0.0005, 0.01, 1000)
    >>> low, high, sharpe, error = nanobook.sharpe_interval(returns)
    >>> low < sharpe < high
    True
    """
    values, _ = vector("returns", returns, least=LEAST, most=MAX_RETURN)
    trust = between("confidence", confidence, 0.0, 1.0, "0.95 is 95 %")
    year = math.sqrt(positive("periods_per_year", periods_per_year))
    rate = finite("risk_free", risk_free)
    plan = read_plan(resamples, block_size, bootstrap, seed, values.size)
    if is_flat(values):
        raise ShapeError(f"returns: all are {values[0]}, so there is no Sharpe ratio")
    centre, n = values.mean(), values.size
    apart = values - centre
    columns = np.column_stack([apart, apart * apart])
    first, second = np.concatenate(list(resampled_means(columns, plan))).T
    second += columns[:, 1].mean()
    spread = (second - first * first) * (n / (n - 1))
    varies = spread > 1e-12 * second
    ratios = (first[varies] + centre - rate) / np.sqrt(spread[varies]) * year
    tail = 50.0 * (1.0 - trust)
    low, high = np.percentile(ratios, [tail, 100.0 - tail]).tolist()
    sharpe = float((centre - rate) / values.std(ddof=1) * year)
    return SharpeInterval(low, high, sharpe, float(ratios.std()))
