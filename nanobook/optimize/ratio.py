"""The best return to volatility, exactly; and the best diversification, which is the same of volatilities."""

import numpy as np

from ..errors import InfeasibleError, InvalidValue, UnboundedError
from ..portfolio.inputs import finite
from .answer import Answer, fewer_names, split_bounds
from .calls import original_keyword
from .general import charge_of, minimise, settle
from .homogeneous import best_gain
from .moments import read_problem
from .polish import polish
from .quadratic import Programme, Stuck
from .result import finish

STEPS = 100
FAREST = 1e20  # a t beyond belongs to a tangent that touches nowhere
NOTHING = "no weights that are allowed have an expected return above risk_free"


@original_keyword
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

    Found on the efficient frontier, where the tangent touches it: the exact optimum.

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
    [0.438, 0.562]

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
    answer = fewer_names(
        lambda region: best_ratio(problem.matrix, gain, region), problem.region, problem.most
    )
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
        raise InvalidValue(
            "cost: a diversification ratio has no return to take costs off; limit turnover instead"
        )
    gain = np.sqrt(np.diag(problem.matrix))
    answer = fewer_names(
        lambda region: best_ratio(problem.matrix, gain, region), problem.region, problem.most
    )
    return finish(problem, answer, "diversification", full)


def best_ratio(matrix, gain, region):
    """Maximise ``(gain @ w - cost) / sqrt(w'Pw)`` over a region.

    Returns
    -------
    Answer
        Its multipliers are those of ``w'Pw / 2 - t gain @ w`` at the t of the ratio's optimum.
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
    """Find where on the frontier the tangent through 0 touches it.

    The frontier is the optima of ``w'Pw / 2 - t gain @ w`` over t: lines ``base + t slope`` between changes
    of the active set. The ratio is best where ``t gain @ w`` equals ``w'Pw``. On a line the slope is
    orthogonal to the base in P and ``slope'P slope`` is ``gain @ slope``, so that ``t = base'P base / gain @
    base``. This t is tried next, or one between those known to be too low and too high, until it is the t
    that told of it.
    """
    best_gain(region, gain)
    programme, nothing = Programme(matrix, region), np.zeros(len(gain))
    low, high, t, active = 0.0, np.inf, 1.0, None
    for _ in range(STEPS):
        optimum = programme.solve(-t * gain, active)
        base = programme.at(optimum.active, nothing).x
        above = gain @ base  # where it is not above 0, no t is told
        after = base @ matrix @ base / above if above > 0.0 else np.inf
        if abs(after - t) <= 1e-13 * t:
            duals = dict(zip(region.names, optimum.rows, strict=True)) | split_bounds(optimum.bounds)
            return Answer(optimum.x, duals, region.violation(optimum.x), "active set")
        over = t * (gain @ optimum.x) >= optimum.x @ matrix @ optimum.x
        low, high = (low, t) if over else (t, high)
        if not low < after < high:
            after = 4.0 * t if high == np.inf else (low + high) / 2.0
        if after > FAREST:
            break
        t, active = after, optimum.active
    raise Stuck("the tangent is not found")


def _by_cvxpy(matrix, gain, region, unit):
    """Minimise the variance of weights times a scale at which the gain is 1, then polish."""
    import cvxpy as cp

    best = best_gain(region, gain)
    factor = (np.linalg.cholesky(matrix)).T
    weights, size = cp.Variable(len(gain)), cp.Variable(nonneg=True)
    net = gain @ weights - charge_of(region, weights, size) / unit
    minimise(cp.sum_squares(factor @ weights), region, weights, size, more=[net >= best])
    if size.value <= 1e-9 * np.abs(weights.value).max():
        raise UnboundedError("no ratio is best: nothing bounds the weights; give lower and upper")
    found = weights.value / size.value
    for _ in range(3):
        t = (found @ matrix @ found) / (gain @ found - region.charge(found) / unit)
        polished = polish(matrix, -t * gain, region, found, t / unit)
        if polished is None:
            break
        found = polished[1].x
    found = settle(found, region)
    return Answer(found, {}, region.violation(found), "cvxpy")
