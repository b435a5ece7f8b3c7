"""Moving averages of one series."""

from numpy import float64, int64, nan

from ..._jit import fma, helper, kernel
from . import steps
from .windows import (
    HIGHEST,
    LOWEST,
    add_four,
    divide,
    fetch,
    odd,
    oddities,
    put_one,
    unclear,
    view,
    window_extreme,
    window_sum,
)


@kernel
def sma(first, stop, inputs, params, state, work, outputs):
    """Mean of a window."""
    period, out = int64(params[0]), outputs[0][first:stop]
    fetch(outputs[0], first, stop)
    x = view(inputs[0], first - period + 1, stop, work[0])
    window_sum(x, work[1:3], out, period)
    divide(out, float64(period))


@kernel
def total(first, stop, inputs, params, state, work, outputs):
    """Sum of a window."""
    period = int64(params[0])
    fetch(outputs[0], first, stop)
    x = view(inputs[0], first - period + 1, stop, work[0])
    window_sum(x, work[1:3], outputs[0][first:stop], period)


@kernel
def four_risen(x, sums, out):
    """Sum every four neighbours, and with weights 1 to 4: pairs are carried on, see ``four_sums``."""
    before, early, late = x[2], x[0] + x[1], x[1] + x[2]
    risen, rising = early + x[1], late + x[2]
    for i in range(out.size):
        now = x[i + 3]
        pair = now + before
        rises, before = pair + now, now
        sums[i] = pair + early
        out[i] = fma(2.0, pair, risen + rises)
        early, late, risen, rising = late, pair, rising, rises


@kernel
def rise(tilts, sums, width, out):
    """Sum with weights from 1 on what four neighbours of a width sum so, each for itself."""
    (a, b, c, d), (q, r, s) = tilts, sums
    for i in range(out.size):
        out[i] = fma(width, fma(3.0, s[i], fma(2.0, r[i], q[i])), (a[i] + b[i]) + (c[i] + d[i]))


@kernel
def accumulate_risen(total, tilts, sums, offset):
    """Add what is summed with weights from 1 on, with weights from ``offset`` on instead."""
    for i in range(total.size):
        total[i] += fma(offset, sums[i], tilts[i])


@kernel
def risen_from(tilts, sums, offset, out):
    """As ``accumulate_risen``, to nothing."""
    for i in range(out.size):
        out[i] = fma(offset, sums[i], tilts[i])


@helper
def put_risen(begun, tilts, sums, offset, total):
    """Set a row to what stands ``offset`` rows behind the first of a window, or add that where it has begun.

    The sums of what stands first count for nothing.
    """
    if offset == 0:
        put_one(begun, tilts, total)
    elif begun:
        accumulate_risen(total, tilts, sums, float64(offset))
    else:
        risen_from(tilts, sums, float64(offset), total)


@helper
def weigh_up(x, rows, out, period):
    """Sum every window of ``x`` with weights 1 to ``period``, put together as by ``window_sum``.

    Overwrites four rows.
    """
    (sums, next_sums, tilts, next_tilts), tilted, size = rows, x, out.size
    width, left, end, begun = 1, period, period, int64(0)
    while True:
        for _ in range(left % 4):
            end -= width
            put_risen(begun, tilted[end : end + size], x[end : end + size], end, out)
            begun = int64(1)
        left //= 4
        if left == 0:
            return
        n, a, b, c = size + end - 4 * width, width, 2 * width, 3 * width
        if width == 1:
            four_risen(x, sums[:n], tilts[:n])
        else:
            p, q, r, s = x[:n], x[a : a + n], x[b : b + n], x[c : c + n]
            four = (tilted[:n], tilted[a : a + n], tilted[b : b + n], tilted[c : c + n])
            rise(four, (q, r, s), float64(width), tilts[:n])
            if left > 1:
                add_four(s, r, q, p, sums[:n])
        x, sums, next_sums = sums, next_sums, sums
        tilted, tilts, next_tilts = tilts, next_tilts, tilts
        width *= 4


@kernel
def wma(first, stop, inputs, params, state, work, outputs):
    """Mean of a window with weights 1 to ``period``, the newest the heaviest."""
    period, out = int64(params[0]), outputs[0][first:stop]
    fetch(outputs[0], first, stop)
    weigh_up(view(inputs[0], first - period + 1, stop, work[0]), work[1:5], out, period)
    divide(out, 0.5 * period * (period + 1.0))


@kernel
def trima(first, stop, inputs, params, state, work, outputs):
    """Mean of means: weights rise to the middle of the window and fall again."""
    period, out = int64(params[0]), outputs[0][first:stop]
    fetch(outputs[0], first, stop)
    inner = (period + 1) // 2
    outer = period + 1 - inner
    x = view(inputs[0], first - period + 1, stop, work[0])
    means = work[3][: x.size - inner + 1]
    window_sum(x, work[1:3], means, inner)
    window_sum(means, work[1:3], out, outer)
    divide(out, float64(inner * outer))


@kernel
def ema(first, stop, inputs, params, state, work, outputs):
    """Exponential moving average, seeded with the mean of the first ``period``."""
    period, keep = params[0], steps.keep_of(params[0])
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    a = steps.recall(state)
    for t in range(x.size):
        a, out[t] = steps.ema(a, x[t], period, keep)
    steps.leave(state, a)


@kernel
def rma(first, stop, inputs, params, state, work, outputs):
    """Average after Wilder, seeded with the mean of the first ``period``."""
    count = int64(0)
    for begin in range(first, stop, steps.STRETCH):
        end = min(begin + steps.STRETCH, stop)
        strange = oddities(inputs[0][begin:end])
        steps.averages(inputs[0][begin:end], params[0], state, outputs[0][begin:end], strange == 0)
        count += strange
    return count > 0


@kernel
def dema(first, stop, inputs, params, state, work, outputs):
    """Twice an exponential average less its own."""
    period, keep = params[0], steps.keep_of(params[0])
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    a, b = steps.recall(state), steps.recall(state[3:])
    for t in range(x.size):
        if b[0] >= period and x[t] == x[t]:
            a, once = steps.pull(a, x[t], keep)
            b, twice = steps.pull(b, once, keep)
        else:
            a, once = steps.ema(a, x[t], period, keep)
            b, twice = steps.ema(b, once, period, keep)
        out[t] = 2.0 * once - twice
    steps.leave(state, a)
    steps.leave(state[3:], b)


@helper
def pull_three(stages, value, keep):
    """Take a further value of three averages that have begun; returns the third, too."""
    n, m, k, a, b, c = stages
    a = fma(keep, a, value * (1.0 - keep))
    b = fma(keep, b, a * (1.0 - keep))
    c = fma(keep, c, b * (1.0 - keep))
    return (n, m, k, a, b, c), c


@helper
def thrice(stages, value, period, keep):
    """Three exponential averages, each of the one before: counts and levels, and what the three show."""
    n, m, k, a, b, c = stages
    if k >= period and value == value:
        stages, third = pull_three(stages, value, keep)
        return stages, (stages[3], stages[4], third)
    n, a, once = steps.average(n, a, value, period, keep)
    m, b, twice = steps.average(m, b, once, period, keep)
    k, c, shown = steps.average(k, c, twice, period, keep)
    return (n, m, k, a, b, c), (once, twice, shown)


@helper
def recall_three(state):
    """The first three stages of a state."""
    return state[0], state[1], state[2], state[3], state[4], state[5]


@helper
def leave_three(state, stages):
    """Leave three stages at the beginning of a state."""
    state[0], state[1], state[2], state[3], state[4], state[5] = stages


@kernel
def tema(first, stop, inputs, params, state, work, outputs):
    """Three times an exponential average, less three times its own, plus that one's own."""
    period, keep = params[0], steps.keep_of(params[0])
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    stages = recall_three(state)
    for t in range(x.size):
        stages, levels = thrice(stages, x[t], period, keep)
        out[t] = 3.0 * (levels[0] - levels[1]) + levels[2]
    leave_three(state, stages)


@kernel
def trix(first, stop, inputs, params, state, work, outputs):
    """Change in percent of a triple exponential average."""
    period, keep = params[0], steps.keep_of(params[0])
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    stages = recall_three(state)
    before = state[6] if stages[2] >= period else nan
    for t in range(x.size):
        stages, levels = thrice(stages, x[t], period, keep)
        out[t] = 100.0 * steps.ratio(levels[2] - before, before)
        before = levels[2]
    leave_three(state, stages)
    state[6] = before


SKEW = 5
"""Rows that the last of six averages is behind the first where they run side by side."""


@helper
def mix(levels, weights):
    """Weigh four averages."""
    a, b, c, d = levels
    return weights[0] * a + weights[1] * b + weights[2] * c + weights[3] * d


@helper
def advance(levels, value, keep, first, last):
    """Take a further value of each of six averages from the ``first`` to the ``last``.

    Each takes what the one before it showed a row earlier, so that none waits for another.
    """
    a, b, c, d, e, f = levels
    rest = 1.0 - keep
    f = fma(keep, f, e * rest) if first <= 5 <= last else f
    e = fma(keep, e, d * rest) if first <= 4 <= last else e
    d = fma(keep, d, c * rest) if first <= 3 <= last else d
    c = fma(keep, c, b * rest) if first <= 2 <= last else c
    b = fma(keep, b, a * rest) if first <= 1 <= last else b
    a = fma(keep, a, value * rest) if first <= 0 else a
    return a, b, c, d, e, f


@helper
def tillson_clear(x, levels, keep, weights, out):
    """Mix six averages that have begun, over more than ``SKEW`` rows without a NaN; returns their levels.

    The k-th average is k rows behind the first, and what it shows waits for the last.
    """
    six, late = (*levels[0], *levels[1]), (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for t in range(SKEW):
        late = held(late, six)
        six = advance(six, x[t], keep, int64(0), t)
    for t in range(SKEW, x.size):
        late = held(late, six)
        six = advance(six, x[t], keep, int64(0), int64(5))
        out[t - SKEW] = mix((late[2], late[4], late[5], six[5]), weights)
    for t in range(SKEW):
        late = held(late, six)
        six = advance(six, 0.0, keep, t + 1, int64(5))
        out[x.size - SKEW + t] = mix((late[2], late[4], late[5], six[5]), weights)
    return six


@helper
def held(late, six):
    """Keep the third average of the last three rows, the fourth of two, the fifth of one."""
    return six[2], late[0], late[1], six[3], late[3], six[4]


@helper
def tillson(x, period, factor, state, out):
    """Six exponential averages, each of the one before, mixed; returns if a value is NaN or infinite."""
    keep = steps.keep_of(period)
    early, late = recall_three(state), recall_three(state[6:])
    cube, square = factor * factor * factor, factor * factor
    to_third = 1.0 + 3.0 * factor + cube + 3.0 * square
    to_fourth = -6.0 * square - 3.0 * (factor + cube)
    to_fifth = 3.0 * (square + cube)
    weights = (to_third, to_fourth, to_fifth, -cube)
    done = int64(0)
    clear = not unclear(x, int64(0), x.size)
    if clear and late[2] >= period and x.size > SKEW:
        six = tillson_clear(x, (early[3:], late[3:]), keep, weights, out)
        early, late, done = (*early[:3], *six[:3]), (*late[:3], *six[3:]), x.size
    for t in range(done, x.size):
        early, levels = thrice(early, x[t], period, keep)
        third = levels[2]
        late, levels = thrice(late, third, period, keep)
        out[t] = mix((third, levels[0], levels[1], levels[2]), weights)
    leave_three(state, early)
    leave_three(state[6:], late)
    return not clear


@kernel
def t3(first, stop, inputs, params, state, work, outputs):
    """Average of averages after Tillson: six exponential averages, each of the one before, mixed."""
    return tillson(inputs[0][first:stop], params[0], params[1], state, outputs[0][first:stop])


@kernel
def moves(x, out):
    """Distance of every value from the one before."""
    for i in range(out.size):
        out[i] = abs(x[i + 1] - x[i])


@kernel
def kama_paces(now, then, way, brings, keeps):
    """What every row brings and what it keeps, by the square of its pace.

    That is 2 / 3 where the way from ``then`` is straight, 2 / 31 where it leads nowhere. Returns how many
    ways are NaN or infinite.
    """
    slow, more = 2.0 / 31.0, 2.0 / 3.0 - 2.0 / 31.0
    count = int64(0)
    for i in range(brings.size):
        straight = abs(now[i] - then[i])
        share = 1.0 if (way[i] <= straight) | (way[i] < steps.TINY) else straight / way[i]
        pace = fma(share, more, slow)
        keeps[i] = 1.0 - pace * pace
        brings[i] = pace * pace * now[i]
        count += odd(way[i])
    return count


@kernel
def kama(first, stop, inputs, params, state, work, outputs):
    """Adaptive average after Kaufman: as fast as the way is straight."""
    period = int64(params[0])
    out = outputs[0][first:stop]
    x = view(inputs[0], first - period, stop, work[0])
    n = x.size
    way, paces, keeps = work[3][: out.size], work[4][: out.size], work[1][: out.size]
    moves(x, work[4][: n - 1])
    window_sum(work[4][: n - 1], work[1:3], way, period)
    now, before = x[period:n], x[period - 1 : n - 1]
    count = kama_paces(now, x[: out.size], way, paces, keeps)
    alive, level = state[0] > 0.0, state[1]
    if alive and count == 0:  # one instruction a row waits for the row before
        for i in range(out.size):
            level = fma(keeps[i], level, paces[i])
            out[i] = level
    else:
        for i in range(out.size):
            level = fma(keeps[i], level if alive else before[i], paces[i])
            alive = level == level
            out[i] = level
    state[0], state[1] = float64(alive), level
    return count > 0


@kernel
def middle(top, bottom, out):
    """Middle between two rows."""
    for i in range(out.size):
        out[i] = 0.5 * (top[i] + bottom[i])


@helper
def middles(high, low, rows, period, work, out):
    """Middle between the highest and the lowest over every window of the rows ``first`` to ``stop``.

    Returns whether a value is NaN or infinite.
    """
    first, stop = rows
    fetch(low, first, stop)
    fetch(out, int64(0), out.size)
    tops, bottoms = work[3][: out.size], work[4][: out.size]
    x = view(high, first - period + 1, stop, work[0])
    spoiled = unclear(x, int64(0), x.size)
    window_extreme(x, work[1:3], tops, period, HIGHEST, spoiled)
    x = view(low, first - period + 1, stop, work[0])
    also = unclear(x, int64(0), x.size)
    window_extreme(x, work[1:3], bottoms, period, LOWEST, also)
    middle(tops, bottoms, out)
    return spoiled or also


@kernel
def midpoint(first, stop, inputs, params, state, work, outputs):
    """Middle between the highest and the lowest value of a window."""
    out = outputs[0][first:stop]
    return middles(inputs[0], inputs[0], (first, stop), int64(params[0]), work, out)


@kernel
def midprice(first, stop, inputs, params, state, work, outputs):
    """Middle between the highest high and the lowest low of a window."""
    out = outputs[0][first:stop]
    return middles(inputs[0], inputs[1], (first, stop), int64(params[0]), work, out)
