"""One row of a recursion: what it remembers goes in and comes out, so that it stays in registers.

``n`` counts the values since the series, or what followed a NaN, began. A NaN ends it: the recursion begins
anew behind it, as on a series of its own.
"""

from numpy import nan

from ..._jit import fma, helper, kernel

TINY = 1e-14
"""What is nearer to zero than this counts as zero where something is divided by it, as in TA-Lib."""


@helper
def ema(n, level, value, period, pace):
    """Exponential average: the mean of the first ``period`` values, then nearer to each by ``pace``.

    Returns n, the level, and what it shows: NaN before the first mean.
    """
    if n >= period and value == value:
        level = fma(pace, value - level, level)
        return n, level, level
    return begin(n, level, value, period)


@helper
def begin(n, level, value, period):
    """Take one of the first values of an average, or a NaN."""
    if value != value:
        return 0.0, 0.0, nan
    n += 1.0
    level += value
    if n < period:
        return n, level, nan
    level /= period
    return n, level, level


@helper
def wilder(n, level, value, period, keep):
    """Average after Wilder, as ``ema`` with a pace of 1 / period; ``keep`` is 1 - 1 / period."""
    if n >= period and value == value:
        level = fma(keep, level, value * (1.0 - keep))
        return n, level, level
    return begin(n, level, value, period)


@helper
def decaying_sum(n, level, value, period, keep):
    """Sum after Wilder: of the first ``period - 1`` values, then ``level - level / period + value``."""
    if value != value:
        return 0.0, 0.0
    if n >= period - 1.0:
        return period, fma(keep, level, value)
    return n + 1.0, level + value


@helper
def true_range(high, low, before):
    """Reach of a bar from the close before it; NaN without one."""
    top = before if before > high else high
    bottom = low if low < before else before
    return (top - bottom) + 0.0 * low


@kernel
def true_ranges(high, low, before, out):
    """Reach of every bar from the close before it."""
    for i in range(out.size):
        out[i] = true_range(high[i], low[i], before[i])


@helper
def ratio(part, whole):
    """Divide; 0 where the whole is next to nothing."""
    return part / whole if abs(whole) >= TINY else 0.0 * whole * part
