"""The general path: any convex problem over the weights, by cvxpy.

Taken where limits are not linear (leverage, turnover, costs) or the user adds constraints. Importing cvxpy
costs a second, so the plain problems do without.
"""

from itertools import chain

import numpy as np

from ..errors import InfeasibleError, InvalidValue, NotAvailable, SolverError, UnboundedError
from .phase_one import clash

TOLERANCES = 1e-11, 1e-9, 1e-8  # of Clarabel, the finest that a problem reaches; 1e-8 is its own
HIGHS = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
ALLOWED = 1e-8  # most that a constraint may be broken by
SMALL = 1e-9  # weights below are what a solver leaves of 0


def constraints_of(region, weights, scale=1.0):
    """List the constraints of a region by name, as cvxpy's.

    Parameters
    ----------
    region : Region
    weights : cvxpy expression, shape (N,)
        Times ``scale``, where that is a variable: the constraints of a ratio.
    """
    import cvxpy as cp

    listed = {}
    for name, bound, sign in (("lower", region.lower, 1.0), ("upper", region.upper, -1.0)):
        finite = np.flatnonzero(np.isfinite(bound))
        if len(finite):
            listed[name] = [sign * weights[finite] >= sign * bound[finite] * scale]
    for name, row, low, high in zip(region.names, region.rows, region.low, region.high, strict=True):
        if low == high:
            listed[name] = [row @ weights == low * scale]
            continue
        listed[name] = [row @ weights >= low * scale] if np.isfinite(low) else []
        listed[name] += [row @ weights <= high * scale] if np.isfinite(high) else []
    if region.gross is not None:
        listed["gross"] = [cp.norm1(weights) <= region.gross * scale]
    if region.turnover is not None:
        listed["turnover"] = [cp.norm1(weights - region.current * scale) <= region.turnover * scale]
    if region.extra is not None:
        listed["extra"] = extra_of(region, weights, scale)
    return listed


def extra_of(region, weights, scale):
    """Ask the user's function for its constraints."""
    if not np.isscalar(scale):
        raise NotAvailable(
            "extra: a ratio cannot be optimised under constraints of one's own; minimise the risk"
        )
    given = region.extra(weights)
    given = list(given) if isinstance(given, (list, tuple)) else [given]
    if not all(hasattr(one, "is_dcp") for one in given):
        raise InvalidValue(f"extra: returned {given!r}, needs a list of cvxpy constraints")
    return given


def charge_of(region, weights, scale=1.0):
    """The cost of changing from the current weights, as cvxpy's; 0 where there is none."""
    import cvxpy as cp

    if region.cost is None:
        return 0.0
    return region.cost @ cp.abs(weights - region.current * scale)


def minimise(objective, region, weights, scale=1.0, more=()):
    """Minimise a convex expression over a region.

    Parameters
    ----------
    objective : cvxpy expression
    region : Region
    weights : cvxpy variable, shape (N,)
    scale : float or cvxpy variable
        As in `constraints_of`.
    more : sequence of cvxpy constraints

    Returns
    -------
    duals : dict
        Multipliers of the named constraints.

    Raises
    ------
    InfeasibleError, UnboundedError, SolverError
    """
    import cvxpy as cp
    from cvxpy import settings as status

    listed = constraints_of(region, weights, scale)
    problem = cp.Problem(cp.Minimize(objective), [*chain(*listed.values()), *more])
    if not problem.is_dcp():
        raise InvalidValue("extra: the constraints are not convex by cvxpy's rules; see problem.is_dcp()")
    run(problem)
    if problem.status in {status.INFEASIBLE, status.INFEASIBLE_OR_UNBOUNDED, status.INFEASIBLE_INACCURATE}:
        named = named_constraints(region)
        if not satisfiable(named, named):
            raise InfeasibleError(clash(region))
        if problem.status != status.INFEASIBLE_OR_UNBOUNDED:
            raise InfeasibleError(
                "no weights that are allowed have an expected return above risk_free and costs"
            )
    if problem.status in {status.UNBOUNDED, status.INFEASIBLE_OR_UNBOUNDED, status.UNBOUNDED_INACCURATE}:
        raise UnboundedError("the objective has no optimum: nothing bounds the weights; give lower and upper")
    if problem.status != status.OPTIMAL:
        raise SolverError(f"the solver ended with {problem.status!r}, which cannot be vouched for")
    return multipliers(listed, region)


def run(problem):
    """Solve by HiGHS what is linear, by Clarabel the rest; a failure of theirs becomes ours."""
    import warnings

    import cvxpy as cp

    linear = problem.objective.expr.is_pwl() and all(one.expr.is_pwl() for one in problem.constraints)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of inaccuracy: the status tells, and is refused
            if linear:
                problem.solve(solver=cp.HIGHS, **HIGHS)
            else:
                by_clarabel(problem)
    except cp.error.SolverError as failure:
        remedy = "; pip install clarabel highspy" if "not installed" in str(failure) else ""
        raise SolverError(f"cvxpy: {failure}{remedy}") from None


def by_clarabel(problem):
    """Solve to the finest tolerance at which Clarabel comes to an end."""
    import cvxpy as cp

    for least in TOLERANCES:
        try:
            problem.solve(solver=cp.CLARABEL, tol_gap_abs=least, tol_gap_rel=least, tol_feas=least)
        except cp.error.SolverError:
            if least == TOLERANCES[-1]:
                raise
            continue
        if problem.status in {cp.OPTIMAL, cp.INFEASIBLE, cp.UNBOUNDED}:
            break


def named_constraints(region):
    """The constraints of a region on a variable of their own, to test which satisfy which."""
    import cvxpy as cp

    return constraints_of(region, cp.Variable(len(region.lower)))


def satisfiable(listed, names):
    """Whether some weights satisfy the constraints of these names together."""
    import cvxpy as cp

    problem = cp.Problem(cp.Minimize(0.0), [*chain(*(listed[name] for name in names if name in listed))])
    run(problem)
    return problem.status in {cp.OPTIMAL, cp.OPTIMAL_INACCURATE}


def multipliers(listed, region):
    """How much the minimum grows a unit of each limit; of the user's own limits cvxpy's multipliers."""
    # NaN where the solver has none, as with whole numbers among the user's variables.
    duals = {name: [np.asarray(one.dual_value, np.float64) for one in some] for name, some in listed.items()}
    told = {}
    for name, low, high in zip(region.names, region.low, region.high, strict=True):
        # cvxpy counts an equality with the other sign, and an inequality's multiplier is never below 0.
        signs = [-1.0] if low == high else [1.0] * bool(np.isfinite(low)) + [-1.0] * bool(np.isfinite(high))
        told[name] = sum((sign * float(value) for sign, value in zip(signs, duals[name], strict=True)), 0.0)
    told |= {name: -float(duals[name][0]) for name in ("gross", "turnover") if name in duals}
    for name, bound in (("lower", region.lower), ("upper", region.upper)):
        told[name] = np.zeros(len(bound))
        if name in duals:
            told[name][np.isfinite(bound)] = duals[name][0]
    return told | ({"extra": np.hstack(duals["extra"])} if duals.get("extra") else {})


def named(duals, unit):
    """Multipliers in units of the objective."""
    return {name: value * unit for name, value in duals.items()}


def settle(weights, region):
    """Move weights that a solver left within its tolerance onto the bounds and the budget.

    Raises
    ------
    SolverError
        Where a constraint is still broken by more than 1e-8.
    """
    weights = np.clip(np.where(np.abs(weights) < SMALL, 0.0, weights), region.lower, region.upper)
    for _ in range(3):
        gap = region.low[0] - weights.sum()
        room = (region.upper if gap > 0.0 else region.lower) - weights
        able = (np.abs(room) > 1e-6) & (weights != 0.0)
        if gap == 0.0 or not able.any():
            break
        weights = np.clip(weights + np.where(able, gap / able.sum(), 0.0), region.lower, region.upper)
    broken = region.violation(weights)
    if broken > ALLOWED:
        raise SolverError(f"the solver's weights break a constraint by {broken:.3g}, more than {ALLOWED:g}")
    return weights
