"""Moving averages of one series."""

from numpy import float64, int64, nan

from ..._jit import fma, kernel
from . import steps
from .moments import window_slopes
from .windows import load, window_max, window_min, window_sum


@kernel
def sma(first, stop, inputs, params, state, work, outputs):
    """Mean of a window."""
    period = int64(params[0])
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_sum(work[0], work[1], work[2], n, period)
    total, out = work[2][period - 1 : n], outputs[0][first:stop]
    for i in range(out.size):
        out[i] = total[i] / period


@kernel
def total(first, stop, inputs, params, state, work, outputs):
    """Sum of a window."""
    period = int64(params[0])
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_sum(work[0], work[1], work[2], n, period)
    load(work[2], period - 1, n, outputs[0][first:stop])


@kernel
def wma(first, stop, inputs, params, state, work, outputs):
    """Mean of a window with weights 1 to ``period``, the newest the heaviest."""
    period = int64(params[0])
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_slopes(work, n, period)
    total, slope = work[4][period - 1 : n], work[5][period - 1 : n]
    tilt = 2.0 / (period * (period + 1.0))
    out = outputs[0][first:stop]
    for i in range(out.size):
        out[i] = total[i] / period + slope[i] * tilt


@kernel
def trima(first, stop, inputs, params, state, work, outputs):
    """Mean of means: weights rise to the middle of the window and fall again."""
    period = int64(params[0])
    inner = (period + 1) // 2
    outer = period + 1 - inner
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_sum(work[0], work[1], work[2], n, inner)
    n = load(work[2], inner - 1, n, work[0])
    window_sum(work[0], work[1], work[2], n, outer)
    total, out = work[2][outer - 1 : n], outputs[0][first:stop]
    for i in range(out.size):
        out[i] = total[i] / (inner * outer)


@kernel
def ema(first, stop, inputs, params, state, work, outputs):
    """Exponential moving average, seeded with the mean of the first ``period``."""
    period = params[0]
    pace = 2.0 / (period + 1.0)
    x, out = inputs[0], outputs[0]
    n, level = state[0], state[1]
    for t in range(first, stop):
        n, level, out[t] = steps.ema(n, level, x[t], period, pace)
    state[0], state[1] = n, level


@kernel
def rma(first, stop, inputs, params, state, work, outputs):
    """Average after Wilder, seeded with the mean of the first ``period``."""
    period = params[0]
    keep = 1.0 - 1.0 / period
    x, out = inputs[0], outputs[0]
    n, level = state[0], state[1]
    for t in range(first, stop):
        n, level, out[t] = steps.wilder(n, level, x[t], period, keep)
    state[0], state[1] = n, level


@kernel
def dema(first, stop, inputs, params, state, work, outputs):
    """Twice an exponential average less its own."""
    period = params[0]
    pace = 2.0 / (period + 1.0)
    x, out = inputs[0], outputs[0]
    n, a, m, b = state[0], state[1], state[2], state[3]
    for t in range(first, stop):
        n, a, once = steps.ema(n, a, x[t], period, pace)
        m, b, twice = steps.ema(m, b, once, period, pace)
        out[t] = 2.0 * once - twice
    state[0], state[1], state[2], state[3] = n, a, m, b


@kernel
def tema(first, stop, inputs, params, state, work, outputs):
    """Three times an exponential average, less three times its own, plus that one's own."""
    period = params[0]
    pace = 2.0 / (period + 1.0)
    x, out = inputs[0], outputs[0]
    n, a, m, b, k, c = state[0], state[1], state[2], state[3], state[4], state[5]
    for t in range(first, stop):
        n, a, once = steps.ema(n, a, x[t], period, pace)
        m, b, twice = steps.ema(m, b, once, period, pace)
        k, c, thrice = steps.ema(k, c, twice, period, pace)
        out[t] = 3.0 * (once - twice) + thrice
    state[0], state[1], state[2], state[3], state[4], state[5] = n, a, m, b, k, c


@kernel
def trix(first, stop, inputs, params, state, work, outputs):
    """Change in percent of a triple exponential average."""
    period = params[0]
    pace = 2.0 / (period + 1.0)
    x, out = inputs[0], outputs[0]
    n, a, m, b, k, c = state[0], state[1], state[2], state[3], state[4], state[5]
    before = state[6] if k >= period else nan
    for t in range(first, stop):
        n, a, once = steps.ema(n, a, x[t], period, pace)
        m, b, twice = steps.ema(m, b, once, period, pace)
        k, c, now = steps.ema(k, c, twice, period, pace)
        out[t] = 100.0 * steps.ratio(now - before, before)
        before = now
    state[0], state[1], state[2], state[3], state[4], state[5] = n, a, m, b, k, c
    state[6] = before


@kernel
def t3(first, stop, inputs, params, state, work, outputs):
    """Average of averages after Tillson: six exponential averages, each of the one before, mixed."""
    period, factor = params[0], params[1]
    pace = 2.0 / (period + 1.0)
    x, out = inputs[0], outputs[0]
    n1, n2, n3, n4, n5, n6 = state[0], state[1], state[2], state[3], state[4], state[5]
    a, b, c, d, e, f = state[6], state[7], state[8], state[9], state[10], state[11]
    cube, square = factor * factor * factor, factor * factor
    to_third = 1.0 + 3.0 * factor + cube + 3.0 * square
    to_fourth = -6.0 * square - 3.0 * (factor + cube)
    to_fifth = 3.0 * (square + cube)
    for t in range(first, stop):
        n1, a, shown = steps.ema(n1, a, x[t], period, pace)
        n2, b, shown = steps.ema(n2, b, shown, period, pace)
        n3, c, third = steps.ema(n3, c, shown, period, pace)
        n4, d, fourth = steps.ema(n4, d, third, period, pace)
        n5, e, fifth = steps.ema(n5, e, fourth, period, pace)
        n6, f, sixth = steps.ema(n6, f, fifth, period, pace)
        out[t] = to_third * third + to_fourth * fourth + to_fifth * fifth - cube * sixth
    state[0], state[1], state[2], state[3], state[4], state[5] = n1, n2, n3, n4, n5, n6
    state[6], state[7], state[8], state[9], state[10], state[11] = a, b, c, d, e, f


@kernel
def kama(first, stop, inputs, params, state, work, outputs):
    """Adaptive average after Kaufman: as fast as the way is straight."""
    period = int64(params[0])
    x, out = inputs[0], outputs[0]
    n = load(x, first - period, stop, work[1])
    steps_of = work[0][: n - 1]
    for i in range(n - 1):
        steps_of[i] = abs(work[1][i + 1] - work[1][i])
    straight = work[3][: stop - first]
    for i in range(stop - first):
        straight[i] = work[1][i + period] - work[1][i]
    before = work[4][: stop - first]
    for i in range(stop - first):
        before[i] = work[1][i + period - 1]
    window_sum(work[0], work[1], work[2], n - 1, period)
    way = work[2][period - 1 : n - 1]
    slow = 2.0 / 31.0
    alive, level = state[0], state[1]
    for i in range(stop - first):
        share = 1.0 if way[i] <= straight[i] or way[i] < steps.TINY else abs(straight[i] / way[i])
        pace = share * (2.0 / 3.0 - slow) + slow
        level = level if alive else before[i]
        level = fma(pace * pace, x[first + i] - level, level)
        alive = float64(way[i] == way[i])
        out[first + i] = level if alive else nan
    state[0], state[1] = alive, level


@kernel
def midpoint(first, stop, inputs, params, state, work, outputs):
    """Middle between the highest of the first input and the lowest of the last, over a window."""
    period = int64(params[0])
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_max(work[0], work[1], work[2], n, period)
    load(inputs[len(inputs) - 1], first - period + 1, stop, work[0])
    window_min(work[0], work[1], work[3], n, period)
    top, bottom = work[2][period - 1 : n], work[3][period - 1 : n]
    out = outputs[0][first:stop]
    for i in range(out.size):
        out[i] = 0.5 * (top[i] + bottom[i])
