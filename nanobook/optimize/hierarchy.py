"""Hierarchical risk parity: weights by a tree of correlations, without inverting a covariance."""

import numpy as np

from .answer import Answer
from .calls import original_keyword
from .moments import read_problem
from .result import finish


@original_keyword
def optimize_hrp(returns, symbols=None, *, covariance="sample", full=False):
    """Weights of hierarchical risk parity: long only, fully invested.

    Assets are joined by single linkage of the distance ``sqrt((1 - correlation) / 2)``; equal distances go
    to the pair that comes first. The leaves are halved again and again, and each half is weighed by the
    inverse of its variance. The covariance need not be invertible.

    Parameters
    ----------
    returns, symbols, covariance, full
        As of `optimize_min_variance`; the objective is the variance per period.

    Returns
    -------
    dict, ndarray, Series or OptimizedPortfolio

    Raises
    ------
    SingularCovariance
        An asset that does not move; a matrix that is no covariance.

    Examples
    --------
    >>> from nanobook import optimize_hrp
    >>> returns = [[0.02, -0.01], [-0.02, 0.01], [0.02, 0.01], [-0.02, -0.01]]
    >>> {s: round(w, 3) for s, w in optimize_hrp(returns, ["AAPL", "MSFT"]).items()}
    {'AAPL': 0.2, 'MSFT': 0.8}

    References
    ----------
    López de Prado (2016), Building diversified portfolios that outperform out of sample.
    """
    problem = read_problem(returns, symbols, covariance, None, definite=False)
    return finish(problem, Answer(divide(problem.matrix), {}, 0.0, "tree"), "hierarchy", full)


def divide(matrix):
    """Weigh the halves of the leaves' order."""
    weights = np.ones(len(matrix))
    waiting = [leaves(matrix)]
    while waiting:
        branch = waiting.pop()
        if len(branch) < 2:
            continue
        halves = branch[: len(branch) // 2], branch[len(branch) // 2 :]
        left, right = (_variance(matrix, half) for half in halves)
        share = right / (left + right) if left + right > 0.0 else 0.5
        weights[halves[0]] *= share
        weights[halves[1]] *= 1.0 - share
        waiting += halves
    return weights / weights.sum()


def leaves(matrix):
    """Order of the assets in the tree: neighbours are alike.

    Clusters stand in a list, a new one at its end; the first of the nearest pairs is joined. By single
    linkage a cluster stays as far from its nearest as it was when that joins another, so the distances to the
    nearest never change.
    """
    count = len(matrix)
    deviation = np.sqrt(np.diag(matrix))
    correlation = np.clip(matrix / np.outer(deviation, deviation), -1.0, 1.0)
    distance = np.full((2 * count - 1,) * 2, np.inf)
    distance[:count, :count] = np.sqrt((1.0 - correlation) / 2.0)
    np.fill_diagonal(distance, np.inf)
    nearest = distance.min(axis=1)
    members = [[i] for i in range(count)]
    for new in range(count, 2 * count - 1):
        i = int(nearest.argmin())
        j = int(distance[i].argmin())
        joined = np.minimum(distance[i], distance[j])
        for gone in (i, j):
            distance[gone], distance[:, gone], nearest[gone], joined[gone] = (np.inf,) * 4
        distance[new], distance[:, new], nearest[new] = joined, joined, joined.min()
        members.append(members[i] + members[j])
    return np.array(members[-1])


def _variance(matrix, branch):
    """Variance of a branch whose assets are weighed by their inverse variances."""
    part = matrix[np.ix_(branch, branch)]
    weights = 1.0 / np.diag(part)
    weights = weights / weights.sum()
    return weights @ part @ weights
