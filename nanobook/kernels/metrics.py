"""Sums over one series of returns, each from left to right.

The order is part of the result: the same series gives the same bits everywhere.
"""

from numpy import float64, int64

from .._jit import kernel


@kernel
def compound(returns):
    """Compound 1.0 over the series; also the deepest fall of that curve from a peak, as a fraction."""
    value = 1.0
    peak = 1.0
    deepest = 0.0
    for i in range(returns.shape[0]):
        value *= 1.0 + returns[i]
        if value > peak:
            peak = value
        deepest = max(deepest, (peak - value) / peak)
    return value, deepest


@kernel
def squares(returns, centre):
    """Sum the squared distances to ``centre``, and those of what is below it alone."""
    both = 0.0
    below = 0.0
    for i in range(returns.shape[0]):
        distance = returns[i] - centre
        both += distance * distance
        if distance < 0.0:
            below += distance * distance
    return both, below


@kernel
def split(returns):
    """Sum and count the gains and the losses apart."""
    gained, lost = 0.0, 0.0
    gains, losses = int64(0), int64(0)
    for i in range(returns.shape[0]):
        if returns[i] > 0.0:
            gained += returns[i]
            gains += 1
        elif returns[i] < 0.0:
            lost += returns[i]
            losses += 1
    return gained, gains, lost, losses


@kernel
def below(returns, cut):
    """Sum and count what is strictly below ``cut``."""
    total = 0.0
    count = int64(0)
    for i in range(returns.shape[0]):
        if returns[i] < cut:
            total += returns[i]
            count += 1
    return total, count


@kernel
def total(returns):
    """Sum the series."""
    result = float64(0.0)
    for i in range(returns.shape[0]):
        result += returns[i]
    return result
