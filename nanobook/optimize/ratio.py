"""The best return to volatility, exactly; and the best diversification, which is the same of volatilities."""

from dataclasses import replace

import numpy as np

from ..errors import InfeasibleError, InvalidValue
from ..portfolio.inputs import finite
from .answer import Answer, fewer_names, split_bounds
from .general import charge_of, minimise, settle
from .moments import read_problem
from .quadratic import Programme, Stuck
from .result import finish
from .tail import best_gain
from .variance import polish

NOTHING = "no weights that are allowed have an expected return above risk_free"


def optimize_max_sharpe(
    returns,
    symbols=None,
    risk_free=None,
    *,
    risk_free_rate=None,
    expected_returns=None,
    covariance="sample",
    constraints=None,
    full=False,
):
    """Weights of the best Sharpe ratio.

    The ratio's optimum is found on the efficient frontier, on the one segment between two changes of what is
    held where it lies: an exact answer, not an ascent.

    Parameters
    ----------
    returns, symbols, covariance, constraints, full
        As of `optimize_min_variance`; ``returns`` may be None where both moments are given. The objective is
        the Sharpe ratio per period, costs taken off the return.
    risk_free : float
        Per period, as the returns are; ``risk_free_rate`` is the same. Default 0.
    expected_returns : numbers a symbol, optional
        Per period; default the mean of the returns.

    Returns
    -------
    dict, ndarray, Series or OptimizedPortfolio

    Raises
    ------
    InfeasibleError
        No weights have an expected return above ``risk_free``, or constraints clash.
    SingularCovariance
        As `optimize_min_variance`.

    Examples
    --------
    >>> from nanobook import optimize_max_sharpe
    >>> returns = [[0.03, -0.01], [-0.02, 0.01], [0.02, 0.02], [-0.01, -0.01]]
    >>> [round(float(w), 3) for w in optimize_max_sharpe(returns, risk_free_rate=0.0)]
    [0.446, 0.554]

    References
    ----------
    Sharpe (1994), The Sharpe ratio; Markowitz (1956), The optimization of a quadratic function subject to
    linear constraints.
    """
    if risk_free is not None and risk_free_rate is not None:
        raise InvalidValue("risk_free, risk_free_rate: give one of the two; they are the same")
    given = risk_free if risk_free_rate is None else risk_free_rate
    rate = 0.0 if given is None else finite("risk_free", given)
    problem = read_problem(returns, symbols, covariance, constraints, expected_returns, wants_expected=True)
    gain = problem.expected - rate
    answer = fewer_names(lambda region: best_ratio(problem.matrix, gain, region), problem.region, problem.most)
    return finish(problem, answer, "sharpe", full, rate)


def optimize_max_diversification(returns, symbols=None, *, covariance="sample", constraints=None, full=False):
    """Weights of the largest mean volatility of the assets over the volatility of the whole.

    Parameters
    ----------
    returns, symbols, covariance, constraints, full
        As of `optimize_min_variance`; the objective is the diversification ratio.

    Returns
    -------
    dict, ndarray, Series or OptimizedPortfolio

    References
    ----------
    Choueifaty and Coignard (2008), Toward maximum diversification.
    """
    problem = read_problem(returns, symbols, covariance, constraints)
    if problem.region.cost is not None:
        raise InvalidValue("cost: a diversification ratio has no return to take costs off; limit turnover instead")
    gain = np.sqrt(np.diag(problem.matrix))
    answer = fewer_names(lambda region: best_ratio(problem.matrix, gain, region), problem.region, problem.most)
    return finish(problem, answer, "diversification", full)


def best_ratio(matrix, gain, region):
    """Maximise ``(gain @ w - cost) / sqrt(w'Pw)`` over a region.

    Returns
    -------
    Answer
        Its multipliers are those of ``w'Pw / 2 - t gain @ w`` at the t where the optimum is that of the ratio.
    """
    scale, unit = float(np.mean(np.diag(matrix))), float(np.abs(gain).max())
    if unit == 0.0:
        raise InfeasibleError(NOTHING)
    matrix, gain = matrix / scale, gain / unit
    if region.plain:
        try:
            return _on_frontier(matrix, gain, region)
        except Stuck:
            pass
    return _by_cvxpy(matrix, gain, region, unit)


def _on_frontier(matrix, gain, region):
    """Follow the frontier from the least variance until the tangent through 0 touches it."""
    programme, nothing = Programme(matrix, region), np.zeros(len(gain))
    path = programme.path(nothing, gain, programme.solve(nothing))
    for low, high, base, slope in path:
        t = _touch(low, high, base, slope, matrix, gain)
        if t is None:
            continue
        weights = base + t * slope
        bounds = matrix @ weights - t * gain
        side = np.where(weights <= region.lower, 1.0, np.where(weights >= region.upper, -1.0, 0.0))
        broken = max(region.violation(weights), 0.0)
        return Answer(np.clip(weights, region.lower, region.upper), split_bounds(bounds * np.abs(side)), broken, "frontier")
    raise InfeasibleError(NOTHING)


def _touch(low, high, base, slope, matrix, gain):
    """Where between t = low and high the optimum ``base + t slope`` has the best ratio; None if nowhere.

    There ``t gain @ w`` is ``w'Pw``: a quadratic equation in t, rising where it counts.
    """
    c = -(base @ matrix @ base)
    b = gain @ base - 2.0 * (base @ matrix @ slope)
    a = gain @ slope - slope @ matrix @ slope
    if high < np.inf and c + high * (b + high * a) < 0.0:
        return None
    if abs(a) * max(low, 1.0) <= 1e-14 * abs(b):
        return -c / b if b > 0.0 and -c / b >= low * (1.0 - 1e-12) else None
    root = b * b - 4.0 * a * c
    if root < 0.0:
        return None
    # The smaller root of a falling parabola, the larger of a rising one, without cancellation.
    q = -0.5 * (b + np.copysign(np.sqrt(root), b))
    found = [t for t in (q / a, c / q if q else np.inf) if low * (1.0 - 1e-12) <= t <= high * (1.0 + 1e-12)]
    return min(found, default=None)


def _by_cvxpy(matrix, gain, region, unit):
    """Minimise the variance of weights times a scale at which the gain is 1, then polish."""
    import cvxpy as cp

    linear_part = replace(region, gross=None, turnover=None, cost=None, extra=None)
    best = best_gain(linear_part, gain)
    factor = (np.linalg.cholesky(matrix)).T
    weights, size = cp.Variable(len(gain)), cp.Variable(nonneg=True)
    net = gain @ weights - charge_of(region, weights, size) / unit
    minimise(cp.sum_squares(factor @ weights), region, weights, size, more=[net >= best])
    if size.value <= 1e-9:
        raise InfeasibleError(NOTHING)
    found = settle(weights.value / size.value, region)
    for _ in range(3):
        t = (found @ matrix @ found) / (gain @ found - region.charge(found) / unit)
        polished = polish(matrix, -t * gain, region, found, t / unit)
        if polished is None:
            break
        found = polished[1].x
    return Answer(found, {}, region.violation(found), "cvxpy")
