"""Moving averages of one series."""

from numpy import float64, int64, nan

from ..._jit import fma, kernel
from . import steps
from .moments import window_moments
from .windows import divide, load, window_max, window_min, window_sum


@kernel
def sma(first, stop, inputs, params, state, work, outputs):
    """Mean of a window."""
    period, out = int64(params[0]), outputs[0][first:stop]
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_sum(work[0], work[1], out, n, period)
    divide(out, float64(period))


@kernel
def total(first, stop, inputs, params, state, work, outputs):
    """Sum of a window."""
    period = int64(params[0])
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_sum(work[0], work[1], outputs[0][first:stop], n, period)


@kernel
def wma(first, stop, inputs, params, state, work, outputs):
    """Mean of a window with weights 1 to ``period``, the newest the heaviest."""
    period, out = int64(params[0]), outputs[0][first:stop]
    n = load(inputs[0], first - period + 1, stop, work[0])
    slope = work[5][: out.size]
    window_moments(work[:5], out, slope, n, period, True)
    tilt = 2.0 / (period * (period + 1.0))
    for i in range(out.size):
        out[i] = fma(slope[i], tilt, out[i])


@kernel
def trima(first, stop, inputs, params, state, work, outputs):
    """Mean of means: weights rise to the middle of the window and fall again."""
    period, out = int64(params[0]), outputs[0][first:stop]
    inner = (period + 1) // 2
    outer = period + 1 - inner
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_sum(work[0], work[1], work[2][: n - inner + 1], n, inner)
    window_sum(work[2], work[0], out, n - inner + 1, outer)
    divide(out, float64(inner * outer))


@kernel
def ema(first, stop, inputs, params, state, work, outputs):
    """Exponential moving average, seeded with the mean of the first ``period``."""
    period = params[0]
    pace = 2.0 / (period + 1.0)
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    n, level = state[0], state[1]
    for t in range(x.size):
        n, level, out[t] = steps.ema(n, level, x[t], period, pace)
    state[0], state[1] = n, level


@kernel
def rma(first, stop, inputs, params, state, work, outputs):
    """Average after Wilder, seeded with the mean of the first ``period``."""
    period = params[0]
    keep = 1.0 - 1.0 / period
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    n, level = state[0], state[1]
    for t in range(x.size):
        n, level, out[t] = steps.wilder(n, level, x[t], period, keep)
    state[0], state[1] = n, level


@kernel
def dema(first, stop, inputs, params, state, work, outputs):
    """Twice an exponential average less its own."""
    period = params[0]
    pace = 2.0 / (period + 1.0)
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    n, a, m, b = state[0], state[1], state[2], state[3]
    for t in range(x.size):
        if m >= period and x[t] == x[t]:
            a = once = fma(pace, x[t] - a, a)
            b = twice = fma(pace, once - b, b)
        else:
            n, a, once = steps.ema(n, a, x[t], period, pace)
            m, b, twice = steps.ema(m, b, once, period, pace)
        out[t] = 2.0 * once - twice
    state[0], state[1], state[2], state[3] = n, a, m, b


@kernel
def tema(first, stop, inputs, params, state, work, outputs):
    """Three times an exponential average, less three times its own, plus that one's own."""
    period = params[0]
    pace = 2.0 / (period + 1.0)
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    n, a, m, b, k, c = state[0], state[1], state[2], state[3], state[4], state[5]
    for t in range(x.size):
        if k >= period and x[t] == x[t]:
            a = once = fma(pace, x[t] - a, a)
            b = twice = fma(pace, once - b, b)
            c = thrice = fma(pace, twice - c, c)
        else:
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
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    n, a, m, b, k, c = state[0], state[1], state[2], state[3], state[4], state[5]
    before = state[6] if k >= period else nan
    for t in range(x.size):
        if k >= period and x[t] == x[t]:
            a = fma(pace, x[t] - a, a)
            b = fma(pace, a - b, b)
            c = now = fma(pace, b - c, c)
        else:
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
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    n1, n2, n3, n4, n5, n6 = state[0], state[1], state[2], state[3], state[4], state[5]
    a, b, c, d, e, f = state[6], state[7], state[8], state[9], state[10], state[11]
    cube, square = factor * factor * factor, factor * factor
    to_third = 1.0 + 3.0 * factor + cube + 3.0 * square
    to_fourth = -6.0 * square - 3.0 * (factor + cube)
    to_fifth = 3.0 * (square + cube)
    for t in range(x.size):
        if n6 >= period and x[t] == x[t]:
            a = fma(pace, x[t] - a, a)
            b = fma(pace, a - b, b)
            c = third = fma(pace, b - c, c)
            d = fourth = fma(pace, third - d, d)
            e = fifth = fma(pace, fourth - e, e)
            f = sixth = fma(pace, fifth - f, f)
        else:
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
def distances(x, period, out):
    """Distance of every value from the one ``period`` rows before."""
    for i in range(out.size):
        out[i] = abs(x[i + period] - x[i])


@kernel
def kama_paces(straight, way, out):
    """Squared pace of every row: 2 / 3 where the way is straight, 2 / 31 where it leads nowhere."""
    slow, more = 2.0 / 31.0, 2.0 / 3.0 - 2.0 / 31.0
    for i in range(out.size):
        share = 1.0 if (way[i] <= straight[i]) | (way[i] < steps.TINY) else straight[i] / way[i]
        pace = fma(share, more, slow)
        out[i] = pace * pace


@kernel
def kama(first, stop, inputs, params, state, work, outputs):
    """Adaptive average after Kaufman: as fast as the way is straight."""
    period = int64(params[0])
    x, out = work[0], outputs[0][first:stop]
    n = load(inputs[0], first - period, stop, x)
    straight, way, paces = work[3][: out.size], work[4][: out.size], work[5][: out.size]
    distances(x, period, straight)
    distances(x, 1, work[1][: n - 1])
    window_sum(work[1], work[2], way, n - 1, period)
    kama_paces(straight, way, paces)
    now, before = x[period:n], x[period - 1 : n - 1]
    alive, level = state[0] > 0.0, state[1]
    for i in range(out.size):
        level = level if alive else before[i]
        level = fma(paces[i], now[i] - level, level)
        alive = level == level
        out[i] = level
    state[0], state[1] = float64(alive), level


@kernel
def middle(top, bottom, out):
    """Middle between two rows."""
    for i in range(out.size):
        out[i] = 0.5 * (top[i] + bottom[i])


@kernel
def midpoint(first, stop, inputs, params, state, work, outputs):
    """Middle between the highest of the first input and the lowest of the last, over a window."""
    period, out = int64(params[0]), outputs[0][first:stop]
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_max(work[0], work[1], work[2][: out.size], n, period)
    load(inputs[len(inputs) - 1], first - period + 1, stop, work[0])
    window_min(work[0], work[1], work[3][: out.size], n, period)
    middle(work[2], work[3], out)
