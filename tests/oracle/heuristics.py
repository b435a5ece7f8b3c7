"""Inverse tail weights and hierarchical risk parity as plain loops, from their rules in words."""

import math


def tail_mean(losses, alpha):
    """Mean of the largest ceil((1 - alpha) T) losses, at least one."""
    count = min(max(math.ceil((1.0 - alpha) * len(losses)), 1), len(losses))
    return max(sum(sorted(losses, reverse=True)[:count]) / count, 1e-8)


def drawdowns(returns):
    """Fall from the peak of a value that starts at 1, a period each."""
    value = peak = 1.0
    found = []
    for change in returns:
        value *= max(1.0 + change, 1e-9)
        peak = max(peak, value)
        found.append(1.0 - value / peak)
    return found


def inverse(risks):
    """Weights by the inverse of each risk."""
    total = sum(1.0 / risk for risk in risks)
    return [1.0 / risk / total for risk in risks]


def inverse_cvar(columns, alpha):
    return inverse([tail_mean([max(-r, 0.0) for r in column], alpha) for column in columns])


def inverse_cdar(columns, alpha):
    return inverse([tail_mean(drawdowns(column), alpha) for column in columns])


def hrp(matrix):
    """Hierarchical risk parity of a covariance, as lists."""
    count = len(matrix)

    def distance(i, j):
        correlation = matrix[i][j] / math.sqrt(matrix[i][i] * matrix[j][j])
        return math.sqrt((1.0 - max(-1.0, min(1.0, correlation))) / 2.0)

    clusters = [[i] for i in range(count)]
    while len(clusters) > 1:
        best = None
        for a in range(len(clusters)):
            for b in range(a + 1, len(clusters)):
                d = min(distance(i, j) for i in clusters[a] for j in clusters[b])
                if best is None or d < best[0]:
                    best = d, a, b
        _, a, b = best
        joined = clusters[a] + clusters[b]
        clusters = [c for k, c in enumerate(clusters) if k not in (a, b)] + [joined]
    weights = [1.0] * count
    divide(matrix, clusters[0], weights)
    return weights


def divide(matrix, order, weights):
    """Share what a branch has between its halves, then theirs."""
    if len(order) < 2:
        return
    halves = order[: len(order) // 2], order[len(order) // 2 :]
    left, right = (variance(matrix, half) for half in halves)
    for half, part in zip(halves, (right / (left + right), left / (left + right)), strict=True):
        for i in half:
            weights[i] *= part
        divide(matrix, half, weights)


def variance(matrix, branch):
    """Variance of a branch under inverse variances."""
    w = inverse([matrix[i][i] for i in branch])
    return sum(w[a] * w[b] * matrix[i][j] for a, i in enumerate(branch) for b, j in enumerate(branch))
