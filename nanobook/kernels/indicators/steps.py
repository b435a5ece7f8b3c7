"""One row of a recursion: what it remembers goes in and comes out, so that it stays in registers.

``n`` counts the values since the series, or what followed a NaN, began. A NaN ends it: the recursion begins
anew behind it, as on a series of its own.
"""

from numpy import int64, nan

from ..._jit import fma, helper, kernel
from .windows import odd

TINY = 1e-14
"""What is nearer to zero than this counts as zero where something is divided by it, as in TA-Lib."""

STRETCH = int64(64)
"""Values that are prepared before what recurs runs over them: the processor then begins the next ones while
it still waits for these, each for the one before."""


@helper
def ema(stage, value, period, keep):
    """Exponential average: the mean of the first ``period`` values, then ``keep`` parts old, the rest new.

    Parameters
    ----------
    stage : tuple of float
        n, how far the average is above the value before (of the first values the sum), the value before.
    value, period, keep : float

    Returns
    -------
    stage : tuple of float
    level : float
        NaN before the first mean.
    """
    if stage[0] >= period and value == value:
        return pull(stage, value, keep)
    n, away, level = begin(stage[0], stage[1], value, period)
    return (n, away if n < period else level - value, value), level


@helper
def pull(stage, value, keep):
    """Take a further value of an average that has begun.

    The distance from the last value is what is carried on: it waits for one instruction a row, is nothing on
    a flat series, and loses nothing far from zero.
    """
    away = fma(keep, stage[1], keep * (stage[2] - value))
    return (stage[0], away, value), value + away


@helper
def keep_of(period):
    """What an exponential average of a period keeps of itself from row to row."""
    return 1.0 - 2.0 / (period + 1.0)


@helper
def recall(state):
    """The first stage of a state, as it was left."""
    return state[0], state[1], state[2]


@helper
def leave(state, stage):
    """Leave a stage at the beginning of a state."""
    state[0], state[1], state[2] = stage


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
def average(n, level, value, period, keep):
    """As ``ema``, with the level itself carried on: fewer numbers to hold, where there are many averages."""
    if n >= period and value == value:
        level = fma(keep, level, value * (1.0 - keep))
        return n, level, level
    return begin(n, level, value, period)


@helper
def averages(row, period, state, out, clear):
    """Average a row after Wilder; ``clear`` if nothing in it is NaN or infinite.

    Then only one instruction a value waits for the one before, and little else is to do: the processor begins
    what comes next meanwhile.
    """
    keep = 1.0 - 1.0 / period
    n, level = state[0], state[1]
    if clear and n >= period:
        for t in range(out.size):
            level = fma(keep, level, row[t] * (1.0 - keep))
            out[t] = level
    else:
        for t in range(out.size):
            n, level, out[t] = average(n, level, row[t], period, keep)
    state[0], state[1] = n, level


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
    """Reach of a bar from the close before it; NaN without one, or where a price is infinite."""
    top = before if before > high else high
    bottom = low if low < before else before
    return (top - bottom) + (0.0 * low + 0.0 * high)


@kernel
def true_ranges(high, low, before, out):
    """Reach of every bar from the close before it; returns how many are NaN or infinite."""
    count = int64(0)
    for i in range(out.size):
        reach = true_range(high[i], low[i], before[i])
        out[i] = reach
        count += odd(reach)
    return count


@helper
def ratio(part, whole):
    """Divide; 0 where the whole is next to nothing."""
    return part / whole if abs(whole) >= TINY else 0.0 * whole * part
