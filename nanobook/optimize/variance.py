"""Least variance, with or without a return to reach or to weigh against it; and index tracking."""

from dataclasses import replace

import numpy as np

from ..errors import InfeasibleError, InvalidValue
from ..portfolio.inputs import finite, positive
from .answer import Answer, fewer_names, split_bounds
from .calls import original_keyword
from .general import charge_of, minimise, named, settle
from .homogeneous import best_corner
from .moments import UNUSED, read_expected, read_problem
from .phase_one import runs_away
from .polish import polish
from .quadratic import Programme, Stuck
from .result import finish


@original_keyword
def optimize_min_variance(returns, symbols=None, *, covariance="sample", constraints=None, full=False):
    """Weights of least variance.

    Parameters
    ----------
    returns : array-like, shape (T, N), or DataFrame
        Returns per period as fractions, finite; None where ``covariance`` is a matrix.
    symbols : sequence of N names, optional
        Of the columns of an array.
    covariance : str, function or matrix
        'sample' (``ddof=1``), 'ledoit_wolf', 'oas', 'ewma', 'denoised'; or a function of the returns; or
        the matrix itself.
    constraints : Constraints or dict, optional
        Default: long only, fully invested.
    full : bool
        Return an `OptimizedPortfolio` instead of the weights alone. Its objective is the variance per
        period, costs added.

    Returns
    -------
    dict, ndarray, Series or OptimizedPortfolio
        A dict by symbol if ``symbols`` are given, an array without, a Series for a DataFrame.

    Raises
    ------
    SingularCovariance
        The covariance cannot be inverted: too few rows, a constant asset, two that move as one.
    InfeasibleError
        Constraints that clash; names them.
    NonFiniteError, ShapeError, TooFewObservations, WrongType
        Returns that cannot be used.

    Examples
    --------
    >>> from nanobook import optimize_min_variance
    >>> returns = [[0.02, -0.01], [-0.02, 0.01], [0.02, 0.02], [-0.02, -0.01]]
    >>> {s: round(w, 3) for s, w in optimize_min_variance(returns, ["AAPL", "MSFT"]).items()}
    {'AAPL': 0.253, 'MSFT': 0.747}

    References
    ----------
    Markowitz (1952), Portfolio Selection.
    """
    problem = read_problem(returns, symbols, covariance, constraints)
    answer = fewer_names(lambda region: least_variance(problem.matrix, region), problem.region, problem.most)
    return finish(problem, answer, "variance", full)


def optimize_mean_variance(
    returns,
    symbols=None,
    *,
    target_return=None,
    risk_aversion=None,
    expected_returns=None,
    covariance="sample",
    constraints=None,
    full=False,
):
    """Weights of least variance that reach a return, or of the best return less a price on variance.

    Parameters
    ----------
    returns, symbols, covariance, constraints, full
        As of `optimize_min_variance`.
    target_return : float
        Least expected return per period. Give this or ``risk_aversion``.
    risk_aversion : float
        Above 0; maximises ``return - risk_aversion / 2 * variance``, costs taken off.
    expected_returns : numbers a symbol, optional
        Per period; default the mean of the returns.

    Returns
    -------
    dict, ndarray, Series or OptimizedPortfolio

    Raises
    ------
    InfeasibleError
        No weights reach the target; says how far they reach.
    """
    if (target_return is None) == (risk_aversion is None):
        raise InvalidValue("target_return, risk_aversion: give one of the two")
    problem = read_problem(returns, symbols, covariance, constraints, expected_returns, wants_expected=True)
    region, linear, matrix = problem.region, None, problem.matrix
    if risk_aversion is not None:
        matrix, linear = matrix * positive("risk_aversion", risk_aversion), -problem.expected
    else:
        unit = float(np.abs(problem.expected).max()) or 1.0
        region = with_target(region, problem.expected, finite("target_return", target_return), unit)
    try:
        answer = fewer_names(lambda allowed: least_variance(matrix, allowed, linear), region, problem.most)
    except InfeasibleError as error:
        if linear is not None:
            raise
        raise InfeasibleError(f"target_return={target_return:g}, in units of {unit:g}: {error}") from None
    if "target_return" in answer.duals:
        answer.duals["target_return"] /= unit
    return finish(problem, answer, "variance" if linear is None else "utility", full, risk_aversion)


def with_target(region, expected, target, unit):
    """Add the row of a return to reach, in a unit; refuses one that bounds and groups do not allow."""
    corner = best_corner(region, expected)
    if not runs_away(region, corner):
        best = float(expected @ corner)
        if target > best + 1e-12 * abs(best):
            raise InfeasibleError(
                f"target_return={target:g}: the best that bounds and groups allow is {best:g}"
            )
        target = min(target, best)
    return region.with_row("target_return", expected / unit, target / unit, np.inf)


def optimize_index_tracking(returns, benchmark, symbols=None, *, constraints=None, full=False):
    """Weights whose returns differ least from a benchmark's.

    Parameters
    ----------
    returns, symbols, constraints, full
        As of `optimize_min_variance`.
    benchmark : array-like, length T
        Returns to follow, of the same periods.

    Returns
    -------
    dict, ndarray, Series or OptimizedPortfolio
        The objective is the root of the mean squared difference per period; where fewer periods than
        assets leave several optima, one of them.
    """
    problem = read_problem(returns, symbols, UNUSED, constraints)
    values = problem.sample.values
    target = read_expected("benchmark", benchmark, problem.sample, along="periods")
    matrix, linear = values.T @ values / len(values), -(values.T @ target) / len(values)
    # Half the square of the difference, costs beside it.
    answer = fewer_names(lambda region: least_variance(matrix, region, linear), problem.region, problem.most)
    return finish(replace(problem, target=target), answer, "tracking", full)


def least_variance(matrix, region, linear=None):
    """Minimise ``w'Pw + cost`` over a region; with a linear term ``w'Pw / 2 + q'w + cost``.

    Returns
    -------
    Answer
    """
    half = linear is None
    linear = np.zeros(len(matrix)) if half else linear
    price = 0.5 if half else 1.0  # what a unit of cost is in the half square
    scale = float(np.mean(np.diag(matrix))) or 1.0
    programme = Programme(matrix / scale, region)
    if region.plain:
        try:
            return _answer(programme, programme.solve(linear / scale), scale / price, "active set")
        except Stuck:
            pass
    return _by_cvxpy(matrix / scale, linear / scale, region, price / scale, scale / price)


def _answer(programme, optimum, unit, method):
    """Dress an optimum: named multipliers in units of the objective, and how well the conditions hold."""
    region = programme.region
    duals = dict(zip(region.names, (optimum.rows * unit).tolist(), strict=True))
    wrong = max(0.0, float(np.max(optimum.bounds * optimum.active.side * ~programme.fixed, initial=0.0)))
    residual = max(wrong, region.violation(optimum.x))
    return Answer(optimum.x, duals | split_bounds(optimum.bounds * unit), residual, method)


def _by_cvxpy(matrix, linear, region, price, unit):
    """Minimise under limits that are not linear."""
    import cvxpy as cp

    values, vectors = np.linalg.eigh(matrix)
    factor = (vectors * np.sqrt(np.maximum(values, 0.0))).T
    weights = cp.Variable(len(matrix))
    objective = 0.5 * cp.sum_squares(factor @ weights) + linear @ weights + price * charge_of(region, weights)
    duals = minimise(objective, region, weights)
    polished = polish(matrix, linear, region, weights.value, price)
    if polished is not None:
        return _answer(*polished, unit, "cvxpy, active set")
    found = settle(weights.value, region)
    return Answer(found, named(duals, unit), region.violation(found), "cvxpy")
