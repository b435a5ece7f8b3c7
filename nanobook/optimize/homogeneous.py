"""Ratios: a region for weights times a scale, and the best gain that it allows."""

from dataclasses import replace

import numpy as np

from ..errors import InfeasibleError
from .phase_one import feasible_start


def best_gain(region, gain):
    """The best gain over bounds and rows, which must be above 0."""
    best = float(gain @ best_corner(region, gain))
    if best <= 0.0:
        raise InfeasibleError("no weights that are allowed have an expected return above risk_free")
    return best


def best_corner(region, gain):
    """The corner of bounds and rows where the gain is best; far away where nothing bounds the weights."""
    try:
        return feasible_start(region.linear_part(), -gain)[0]
    except InfeasibleError:
        if region.plain:
            raise
    # Leverage or turnover clash with the rest; the solver that knows them all names it.
    return feasible_start(replace(region, gross=None, turnover=None, cost=None, extra=None), -gain)[0]


def homogeneous(region):
    """Rows and bounds of a region for weights times a scale, the scale as the last variable."""
    count = len(region.lower)
    rows, low, high = [], [], []

    def add(row, limit, at_most):
        rows.append(np.append(row, -limit))
        low.append(-np.inf if at_most else 0.0)
        high.append(0.0 if at_most else np.inf)

    # A long-only weight is below the budget in any case.
    needed = region.upper < (region.low[0] if np.all(region.lower >= 0.0) else np.inf)
    for i, unit in enumerate(np.eye(count)):
        if region.lower[i] != 0.0 and np.isfinite(region.lower[i]):
            add(unit, region.lower[i], at_most=False)
        if needed[i]:
            add(unit, region.upper[i], at_most=True)
    for row, least, most in zip(region.rows, region.low, region.high, strict=True):
        if np.isfinite(least):
            add(row, least, at_most=False)
        if np.isfinite(most):
            add(row, most, at_most=True)
    free = np.where(region.lower == 0.0, 0.0, -np.inf)
    bounds = np.column_stack((np.append(free, 0.0), np.full(count + 1, np.inf)))
    return np.array(rows), np.array(low), np.array(high), bounds
