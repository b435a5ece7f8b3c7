"""Linear programmes, solved by HiGHS to a corner."""

from typing import NamedTuple

import numpy as np

from ..errors import SolverError, UnboundedError

TOLERANCE = 1e-10  # of HiGHS, the finest it takes
OPTIMAL, INFEASIBLE, UNBOUNDED = 0, 2, 3  # statuses of scipy.optimize.linprog


class Corner(NamedTuple):
    """A solution, with the gain of the optimum a unit of each row's limit and of each bound."""

    x: np.ndarray
    rows: np.ndarray
    bounds: np.ndarray


def solve_linear(cost, rows, low, high, bounds):
    """Minimise ``cost @ x`` over ``low <= rows @ x <= high`` and bounds.

    Parameters
    ----------
    cost : (N,)
    rows : (M, N) array or sparse array
    low, high : (M,)
    bounds : (N, 2)

    Returns
    -------
    Corner, or None
        None where no point satisfies the constraints.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, vstack

    rows = csr_array(rows)
    equal = low == high
    above, below = ~equal & (high < np.inf), ~equal & (low > -np.inf)
    found = linprog(
        cost,
        A_ub=vstack((rows[above], -rows[below])),
        b_ub=np.concatenate((high[above], -low[below])),
        A_eq=rows[equal],
        b_eq=high[equal],
        bounds=bounds,
        method="highs-ds",
        options={"primal_feasibility_tolerance": TOLERANCE, "dual_feasibility_tolerance": TOLERANCE},
    )
    if found.status == INFEASIBLE:
        return None
    if found.status == UNBOUNDED:
        raise UnboundedError("the objective has no optimum: nothing bounds the weights; give lower and upper")
    if found.status != OPTIMAL:
        raise SolverError(f"HiGHS ended with: {found.message}")
    gains = np.zeros(len(low))
    gains[equal] = found.eqlin.marginals
    gains[above] += found.ineqlin.marginals[: above.sum()]
    gains[below] -= found.ineqlin.marginals[above.sum() :]
    return Corner(found.x, gains, found.lower.marginals + found.upper.marginals)
