"""A point that obeys all constraints, or an error that names those that clash."""

import numpy as np

from ..errors import InfeasibleError
from ..hints import listing

NEAR = 1e-9  # a point this near to a limit lies on it
FAR = 1e3  # how many times the largest limit the search goes where a weight has no bound


def feasible_start(region, cost):
    """Find a corner of a region of bounds and rows where ``cost`` is low.

    Returns
    -------
    x : (N,)
    active : Active
        Its rows are independent of each other on the weights between bounds.
    """
    from .quadratic import Active

    if region.simple and np.all(np.isfinite(region.lower) & np.isfinite(region.upper)):
        x, side = _filled(region, cost)
    else:
        x = _corner(region, cost)
        side = np.where(x <= region.lower + NEAR, -1, np.where(x >= region.upper - NEAR, 1, 0)).astype(
            np.int8
        )
        x = np.where(side < 0, region.lower, np.where(side > 0, region.upper, x))
    return x, Active(side, _independent(region, x, side))


def _filled(region, cost):
    """Fill the cheapest weights up to their bounds until the budget is spent; the last one stays free."""
    room = region.upper - region.lower
    rest = region.low[0] - region.lower.sum()
    if not -NEAR <= rest <= room.sum() + NEAR:
        raise InfeasibleError(clash(region))
    order = np.argsort(cost, kind="stable")
    order = order[room[order] > 0.0]
    x, side = region.lower.copy(), np.full(len(room), -1, np.int8)
    if len(order) == 0:
        return x, side
    before = np.cumsum(room[order]) - room[order]
    fill = np.clip(rest - before, 0.0, room[order])
    last = max(0, np.count_nonzero(fill > 0.0) - 1)
    x[order] += fill
    side[order[:last]] = 1
    x[order[:last]] = region.upper[order[:last]]
    side[order[last]] = 0
    return x, side


def _corner(region, cost):
    """Find a corner by linear programming."""
    from .linear import solve_linear

    end = far(region)
    bounds = np.column_stack((np.maximum(region.lower, -end), np.minimum(region.upper, end)))
    found = solve_linear(cost / max(np.abs(cost).max(), 1e-300), region.rows, region.low, region.high, bounds)
    if found is None:
        raise InfeasibleError(clash(region))
    return found.x


def far(region):
    """Where the search ends for a weight that has no bound: beyond all that the limits speak of."""
    limits = np.abs(np.concatenate((region.lower, region.upper, region.low, region.high)))
    return FAR * max(1.0, limits[np.isfinite(limits)].max())


def runs_away(region, x):
    """Whether a corner lies where the search ended and not at a limit."""
    return bool(np.any(np.abs(x) >= far(region)))


def _independent(region, x, side):
    """Hold those rows at their limits that are independent on the free weights, equations first."""
    values, free = region.rows @ x, side == 0
    at = np.where(values <= region.low + NEAR, -1, np.where(values >= region.high - NEAR, 1, 0))
    held, basis = np.zeros(len(at), np.int8), np.zeros((0, int(free.sum())))
    for row in np.argsort(region.low != region.high, kind="stable"):
        if at[row] == 0:
            continue
        part = region.rows[row, free]
        rest = part - basis.T @ (basis @ part)
        rest = rest - basis.T @ (basis @ rest)
        size = np.linalg.norm(rest)
        if size > NEAR * np.linalg.norm(part):
            basis = np.vstack((basis, rest / size))
            held[row] = at[row]
    return held


def clash(region):
    """Name a smallest set of constraints that no weights satisfy together.

    Each constraint is left out in turn, and stays out where the others clash without it.
    """
    from .general import named_constraints, satisfiable

    described = describe(region)
    kept = list(described)
    for name in described:
        others = [other for other in kept if other != name]
        if not satisfiable(named_constraints(region), others):
            kept = others
    return "no weights satisfy together: " + "; ".join(described[name] for name in kept)


def describe(region):
    """Describe each named constraint with the numbers that make it clash."""
    told = {
        "lower": f"lower bounds, which sum to {region.lower.sum():.6g}",
        "upper": f"upper bounds, which sum to {region.upper.sum():.6g}",
    }
    for name, row, low, high in zip(region.names, region.rows, region.low, region.high, strict=True):
        if low == high:
            told[name] = f"{name} = {low:.6g}"
            continue
        limits = [f"at least {low:.6g}"] * bool(low > -np.inf) + [f"at most {high:.6g}"] * bool(high < np.inf)
        told[name] = f"{name} {' and '.join(limits)} ({listing(_reach(region, row))})"
    for name, limit in (("gross", region.gross), ("turnover", region.turnover)):
        if limit is not None:
            told[name] = f"{name} at most {limit:.6g}"
    if region.extra is not None:
        told["extra"] = "extra constraints"
    return told


def _reach(region, row):
    """The range of a row over the bounds alone."""
    with np.errstate(invalid="ignore"):
        ends = np.nan_to_num(
            np.array([row * region.lower, row * region.upper]), nan=0.0, posinf=np.inf, neginf=-np.inf
        )
    yield f"the bounds alone allow {ends.min(axis=0).sum():.6g} to {ends.max(axis=0).sum():.6g}"
