"""Risk parity: weights whose parts in the volatility are equal, or as budgeted."""

import numpy as np

from ..errors import InvalidValue, SolverError
from .answer import Answer
from .calls import original_keyword
from .constraints import Constraints, make_region
from .inputs import per_asset
from .moments import read_problem
from .result import finish

STEPS = 200
CLOSE = 1e-13  # largest difference of a part from its budget


@original_keyword
def optimize_risk_parity(
    returns, symbols=None, *, budgets=None, covariance="sample", constraints=None, full=False
):
    """Weights with equal contributions to the volatility, long only.

    Minimises the convex ``y'Py / 2 - sum(budget log y)`` by Newton's method; the weights are ``y`` over its
    sum.

    Parameters
    ----------
    returns, symbols, covariance, full
        As of `optimize_min_variance`; the objective is the volatility per period.
    budgets : numbers a symbol, optional
        Parts of the risk, each above 0; they are divided by their sum. Default: equal.
    constraints : Constraints or dict, optional
        Must be the default: under other constraints no weights need have the parts asked for.

    Returns
    -------
    dict, ndarray, Series or OptimizedPortfolio

    Raises
    ------
    InvalidValue
        Constraints other than the default, a budget not above 0.
    SingularCovariance
        As `optimize_min_variance`.

    Examples
    --------
    >>> from nanobook import optimize_risk_parity
    >>> returns = [[0.02, -0.01], [-0.02, 0.01], [0.02, 0.01], [-0.02, -0.01]]
    >>> {s: round(w, 3) for s, w in optimize_risk_parity(returns, ["AAPL", "MSFT"]).items()}
    {'AAPL': 0.333, 'MSFT': 0.667}

    References
    ----------
    Maillard, Roncalli and Teïletche (2010), The properties of equally weighted risk contribution portfolios;
    Spinu (2013), An algorithm for computing risk parity weights.
    """
    problem = read_problem(returns, symbols, covariance, constraints)
    if not (problem.most is None and same(problem.region, make_region(Constraints(), problem.sample))):
        raise InvalidValue(
            "constraints: risk parity is long only and fully invested; under others not all parts of risk "
            "can be met. Use optimize_min_variance or optimize_max_diversification"
        )
    parts = (
        np.ones(problem.sample.count) if budgets is None else per_asset("budgets", budgets, problem.sample)
    )
    if not np.all((parts > 0.0) & np.isfinite(parts)):
        raise InvalidValue(f"budgets: {parts.min():g} is not above 0; leave assets without risk out")
    return finish(problem, equal_parts(problem.matrix, parts / parts.sum()), "parity", full)


def same(region, other):
    """Whether two regions are given by the same numbers."""
    mine, theirs = vars(region), vars(other)
    return all(np.array_equal(mine[name], theirs[name]) for name in mine)


def equal_parts(matrix, budgets):
    """Solve for the parts of risk by damped Newton steps, which converge from any start (Spinu 2013).

    Returns
    -------
    Answer
    """
    deviation = np.sqrt(np.diag(matrix))
    correlation = matrix / np.outer(deviation, deviation)
    y = np.sqrt(budgets) / np.sqrt(correlation.sum() / len(budgets))
    best, found = np.inf, y
    for _ in range(STEPS):
        gap = float(np.max(np.abs(y * (correlation @ y) - budgets)))
        if gap < best:
            best, found = gap, y
        elif best < 1e-10:
            break
        if gap <= CLOSE * budgets.max():
            break
        step = np.linalg.solve(correlation + np.diag(budgets / y**2), correlation @ y - budgets / y)
        size = float(np.max(np.abs(step / y)))
        y = y - step / (1.0 if size < 0.3 else 1.0 + size)
    if not best < 1e-10:
        raise SolverError(
            f"risk parity: after {STEPS} steps a part of risk is still {best:.3g} from its budget"
        )
    weights = found / deviation
    return Answer(weights / weights.sum(), {}, best, "Newton")
