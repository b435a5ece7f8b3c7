"""What a solver hands back, and the heuristic for a limited number of names."""

from typing import NamedTuple

import numpy as np

from ..errors import InfeasibleError

ZERO = 1e-9  # a weight below counts as none


class Answer(NamedTuple):
    """Weights that a solver found.

    Attributes
    ----------
    weights : (N,)
    duals : dict
        Multiplier of each named row, and of ``lower`` and ``upper`` one an asset.
    residual : float
        Largest violation of the optimality conditions that were checked.
    method : str
    """

    weights: np.ndarray
    duals: dict
    residual: float
    method: str


def split_bounds(bounds):
    """Multipliers of the lower and of the upper bounds, both not below 0."""
    return {"lower": np.maximum(bounds, 0.0), "upper": np.maximum(-bounds, 0.0)}


def fewer_names(solve, region, most):
    """Solve with at most ``most`` weights other than 0, by dropping the smallest and solving again.

    Parameters
    ----------
    solve : function of a region that returns an Answer
    region : Region
    most : int or None
    """
    answer = solve(region)
    while most is not None:
        size = np.abs(answer.weights)
        names = np.count_nonzero(size > ZERO)
        if names <= most:
            break
        keep = names - max(1, (names - most) // 2)
        dropped = np.ones(len(size), bool)
        dropped[np.argsort(-size, kind="stable")[:keep]] = False
        region = region.without(dropped)
        try:
            answer = solve(region)
        except InfeasibleError as error:
            raise InfeasibleError(
                f"cardinality={most}: the {keep} largest weights alone cannot do: {error}"
            ) from None
    return answer
