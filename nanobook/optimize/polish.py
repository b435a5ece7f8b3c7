"""From a solution within a tolerance to the optimum: on its side of every kink all limits are linear."""

from dataclasses import replace

import numpy as np

from ..errors import InfeasibleError
from .quadratic import Programme, Stuck

SIDE = 1e-7  # a weight this near to the current one, or to 0, stays there


def polish(matrix, linear, region, weights, price=1.0):
    """Solve once more by active set, with every purchase a purchase and every short a short.

    Between these signs turnover, leverage and costs are linear. None where that does not reach the same
    optimum.

    Returns
    -------
    (Programme, Optimum) or None
    """
    if region.extra is not None:
        return None
    side = one_sided(region, weights)
    extra = np.zeros(len(linear))
    if region.cost is not None:
        extra = price * region.cost * np.sign(_change(region, weights))
    programme = Programme(matrix, side)
    try:
        optimum = programme.solve(linear + extra)
    except (Stuck, InfeasibleError):
        return None

    def value(w):
        return 0.5 * w @ matrix @ w + linear @ w + price * region.charge(w)

    if region.violation(optimum.x) > 1e-9 or value(optimum.x) > value(weights) + 1e-9:
        return None
    return programme, optimum


def one_sided(region, weights):
    """The part of a region on the same side of 0 and of the current weights as ``weights``; all linear."""
    lower, upper, plain = region.lower, region.upper, replace(region, gross=None, turnover=None, cost=None)
    pairs = []
    if region.gross is not None:
        pairs.append(("gross", weights, np.zeros(len(weights)), region.gross))
    if region.cost is not None or region.turnover is not None:
        most = np.inf if region.turnover is None else region.turnover
        pairs.append(("turnover", _change(region, weights), region.current, most))
    for name, move, origin, most in pairs:
        sign = np.where(np.abs(move) < SIDE, 0.0, np.sign(move))
        lower = np.maximum(lower, np.where(sign >= 0.0, origin, -np.inf))
        upper = np.minimum(upper, np.where(sign <= 0.0, origin, np.inf))
        if most < np.inf:
            plain = plain.with_row(name, sign, -np.inf, most + sign @ origin)
    return replace(plain, lower=lower, upper=np.maximum(lower, upper))


def _change(region, weights):
    change = weights - region.current
    return np.where(np.abs(change) < SIDE, 0.0, change)
