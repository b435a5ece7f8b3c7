"""Optimisers by a second way: the problem as cvxpy reads it, solved by Clarabel."""

import warnings

import cvxpy as cp
import numpy as np

ACCURATE = {"solver": cp.CLARABEL, "tol_gap_abs": 1e-10, "tol_gap_rel": 1e-10, "tol_feas": 1e-10}


def limits_of(limits, weights, size=1.0):
    """Write constraints given as a dict, of weights times a size."""
    count = weights.shape[0]
    listed = [cp.sum(weights) == limits.get("budget", 1.0) * size]
    listed += [weights >= np.broadcast_to(limits.get("lower", 0.0), count) * size]
    listed += [weights <= np.broadcast_to(limits.get("upper", 1.0), count) * size]
    for members, low, high in limits.get("groups", {}).values():
        total = cp.sum(weights[list(members)])
        listed += [] if low is None else [total >= low * size]
        listed += [] if high is None else [total <= high * size]
    if "gross" in limits:
        listed.append(cp.norm1(weights) <= limits["gross"] * size)
    if "turnover" in limits:
        listed.append(cp.norm1(weights - np.array(limits["current"]) * size) <= limits["turnover"] * size)
    return listed


def charge_of(limits, weights, size=1.0):
    """The cost of a change."""
    if "cost" not in limits:
        return 0.0
    return limits["cost"] * cp.norm1(weights - np.array(limits["current"]) * size)


def solved(objective, listed):
    """The optimal value, or None where nothing is feasible."""
    problem = cp.Problem(cp.Minimize(objective), listed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of inaccuracy, which the status tells
        for attempt in (ACCURATE, {"solver": cp.CLARABEL}, {"solver": cp.OSQP}):
            try:
                problem.solve(**attempt)
            except cp.error.SolverError:
                continue
            if problem.status in {cp.OPTIMAL, cp.INFEASIBLE, cp.UNBOUNDED}:
                break
    return problem.value if problem.status in {cp.OPTIMAL, cp.OPTIMAL_INACCURATE} else None


def root(matrix):
    """A factor whose product with its transpose is the matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def least_variance(matrix, limits):
    """Least variance, costs added; scaled, so that the solver's tolerance means the same for all."""
    scale = np.trace(matrix) / len(matrix)
    weights = cp.Variable(len(matrix))
    value = cp.sum_squares(root(matrix / scale).T @ weights) + charge_of(limits, weights) / scale
    found = solved(value, limits_of(limits, weights))
    return None if found is None else found * scale


def least_variance_of(matrix, limits, gain, target):
    """Least variance, costs added, of what gains so much."""
    scale, unit = np.trace(matrix) / len(matrix), np.abs(gain).max()
    weights = cp.Variable(len(matrix))
    value = cp.sum_squares(root(matrix / scale).T @ weights) + charge_of(limits, weights) / scale
    found = solved(value, [*limits_of(limits, weights), gain / unit @ weights >= target / unit])
    return None if found is None else found * scale


def best_utility(matrix, limits, gain, aversion):
    """Most gain less a price on variance, costs taken off."""
    unit = np.abs(gain).max()
    weights = cp.Variable(len(matrix))
    risk = cp.sum_squares(root(matrix * aversion / 2.0 / unit).T @ weights)
    value = risk - gain / unit @ weights + charge_of(limits, weights) / unit
    found = solved(value, limits_of(limits, weights))
    return None if found is None else -found * unit


def best_ratio(matrix, gain, limits):
    """Best gain over volatility, by weights times a size at which the gain is 1."""
    scale, unit = np.trace(matrix) / len(matrix), np.abs(gain).max()
    weights, size = cp.Variable(len(matrix)), cp.Variable(nonneg=True)
    net = gain / unit @ weights - charge_of(limits, weights, size) / unit
    value = cp.sum_squares(root(matrix / scale).T @ weights)
    found = solved(value, [*limits_of(limits, weights, size), net >= 1.0])
    return None if found is None else unit / np.sqrt(found * scale)


def tail(values, alpha, weights, drawdowns):
    """Tail mean of losses or drawdowns as an expression, and what defines it."""
    size = max(1.0, (1.0 - alpha) * len(values))
    level, listed = cp.Variable(), []
    losses = -values @ weights
    if drawdowns:
        peak = cp.Variable(len(values))
        value = np.cumsum(values, axis=0) @ weights
        listed = [peak >= value, peak >= 0.0, peak[1:] >= peak[:-1]]
        losses = peak - value
    return level + cp.sum(cp.pos(losses - level)) / size, listed


def tail_of(values, alpha, weights, drawdowns=False):
    """Tail mean of a portfolio, from its definition: the least over all levels that are losses."""
    losses = -(values @ weights)
    if drawdowns:
        value = np.cumsum(values @ weights)
        losses = np.maximum.accumulate(np.maximum(value, 0.0)) - value
    size = max(1.0, (1.0 - alpha) * len(values))
    return min(level + np.maximum(losses - level, 0.0).sum() / size for level in losses)


def least_tail(values, alpha, limits, drawdowns=False):
    """Least tail mean, costs added."""
    scale = np.sqrt(np.mean(values**2))
    weights = cp.Variable(values.shape[1])
    value, listed = tail(values / scale, alpha, weights, drawdowns)
    found = solved(value + charge_of(limits, weights) / scale, [*limits_of(limits, weights), *listed])
    return None if found is None else found * scale


def best_tail_ratio(values, alpha, gain, limits, drawdowns=False):
    """Best gain over tail mean; None also where the tail has no loss."""
    scale, unit = np.sqrt(np.mean(values**2)), np.abs(gain).max()
    weights, size = cp.Variable(values.shape[1]), cp.Variable(nonneg=True)
    value, listed = tail(values / scale, alpha, weights, drawdowns)
    net = gain / unit @ weights - charge_of(limits, weights, size) / unit
    found = solved(value, [*limits_of(limits, weights, size), *listed, net >= 1.0])
    return None if found is None or found <= 1e-9 else unit / (found * scale)


def parity(matrix, budgets):
    """Weights whose parts of risk are budgeted."""
    deviation = np.sqrt(np.diag(matrix))
    weights = cp.Variable(len(matrix), pos=True)
    factor = root(matrix / np.outer(deviation, deviation)).T
    value = 0.5 * cp.sum_squares(factor @ weights) - budgets @ cp.log(weights)
    cp.Problem(cp.Minimize(value)).solve(**ACCURATE)
    found = weights.value / deviation
    return found / found.sum()


def tracking(values, target, limits):
    """Least mean squared difference from a target."""
    scale = np.sqrt(np.mean(values**2))
    weights = cp.Variable(values.shape[1])
    value = cp.sum_squares((values @ weights - target) / scale) / len(values)
    found = solved(value, limits_of(limits, weights))
    return None if found is None else np.sqrt(max(found, 0.0)) * scale
