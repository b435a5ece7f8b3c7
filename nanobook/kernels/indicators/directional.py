"""Directional movement after Wilder."""

from numpy import int64, nan

from ..._jit import helper, kernel
from . import steps
from .windows import load


@helper
def movement(bar, before):
    """Rise of the high and fall of the low, of which only the larger counts, and the true range.

    ``bar`` and ``before`` are high, low and close; NaN without a bar before.
    """
    rise, fall = bar[0] - before[0], before[1] - bar[1]
    plus = rise if (rise > fall) & (rise > 0.0) else 0.0 * rise * fall
    minus = fall if (fall > rise) & (fall > 0.0) else 0.0 * rise * fall
    return plus, minus, steps.true_range(bar[0], bar[1], before[2])


@helper
def recall(state):
    """Sums and the bar before, as ``remember`` left them."""
    bar = (state[4], state[5], state[6]) if state[7] else (nan, nan, nan)
    return (state[0], state[1], state[2], state[3]), bar


@helper
def remember(state, sums, bar):
    """Leave the count, the three sums and the last bar."""
    state[0], state[1], state[2], state[3] = sums
    state[4], state[5], state[6], state[7] = bar[0], bar[1], bar[2], 1.0


@helper
def advance(sums, bar, before, period, keep):
    """Count and sums of movements and range after one more bar; a NaN in any begins them anew."""
    plus, minus, reach = movement(bar, before)
    gap = 0.0 * (plus + minus + reach)
    n, up = steps.decaying_sum(sums[0], sums[1], plus + gap, period, keep)
    n, down = steps.decaying_sum(sums[0], sums[2], minus + gap, period, keep)
    n, whole = steps.decaying_sum(sums[0], sums[3], reach + gap, period, keep)
    return n, up, down, whole


@helper
def balance(sums):
    """Difference of the two movements in percent of both; NaN where there is neither."""
    up, down, whole = sums[1], sums[2], sums[3]
    if abs(whole) < steps.TINY:
        return nan
    up, down = 100.0 * (up / whole), 100.0 * (down / whole)
    return 100.0 * (abs(up - down) / (up + down)) if up + down >= steps.TINY else nan


@kernel
def dm(first, stop, inputs, params, state, work, outputs):
    """Sum of the upward (params[1] = 1) or downward (2) movement."""
    high, low = inputs[0][first:stop], inputs[1][first:stop]
    period, out, side = params[0], outputs[0][first:stop], int64(params[1])
    keep = 1.0 - 1.0 / period
    sums, before = recall(state)
    for t in range(out.size):
        bar = (high[t], low[t], low[t])
        sums = advance(sums, bar, before, period, keep)
        before = bar
        out[t] = sums[side] if sums[0] >= period - 1.0 and sums[0] > 0.0 else nan
    remember(state, sums, before)


@kernel
def di(first, stop, inputs, params, state, work, outputs):
    """Upward (params[1] = 1) or downward (2) movement in percent of the true range."""
    high, low, close = inputs[0][first:stop], inputs[1][first:stop], inputs[2][first:stop]
    period, out, side = params[0], outputs[0][first:stop], int64(params[1])
    keep = 1.0 - 1.0 / period
    sums, before = recall(state)
    for t in range(out.size):
        bar = (high[t], low[t], close[t])
        sums = advance(sums, bar, before, period, keep)
        before = bar
        out[t] = 100.0 * steps.ratio(sums[side], sums[3]) if sums[0] >= period else nan
    remember(state, sums, before)


@kernel
def dx(first, stop, inputs, params, state, work, outputs):
    """Imbalance of the two movements; where there is neither, as before."""
    high, low, close = inputs[0][first:stop], inputs[1][first:stop], inputs[2][first:stop]
    period, out = params[0], outputs[0][first:stop]
    keep = 1.0 - 1.0 / period
    sums, before = recall(state)
    shown = state[8]
    for t in range(out.size):
        bar = (high[t], low[t], close[t])
        sums = advance(sums, bar, before, period, keep)
        before = bar
        now = balance(sums)
        shown = (now if now == now else shown) if sums[0] >= period else 0.0
        out[t] = shown if sums[0] >= period else nan
    remember(state, sums, before)
    state[8] = shown


@helper
def run_adx(first, stop, inputs, period, state, out):
    """Average the imbalance of the movements; where there is neither, it stays as it is."""
    high, low, close = inputs[0][first:stop], inputs[1][first:stop], inputs[2][first:stop]
    keep = 1.0 - 1.0 / period
    sums, before = recall(state)
    n, level = state[8], state[9]
    for t in range(out.size):
        bar = (high[t], low[t], close[t])
        sums = advance(sums, bar, before, period, keep)
        before = bar
        now = balance(sums)
        now = now if now == now else (level if n >= period else 0.0)
        n, level, out[t] = steps.average(n, level, now if sums[0] >= period else nan, period, keep)
    remember(state, sums, before)
    state[8], state[9] = n, level


@kernel
def adx(first, stop, inputs, params, state, work, outputs):
    """Average imbalance of the two movements."""
    run_adx(first, stop, inputs, params[0], state, outputs[0][first:stop])


@kernel
def adxr(first, stop, inputs, params, state, work, outputs):
    """Mean of the average imbalance and that of ``period - 1`` bars before."""
    tail = int64(params[0]) - 1
    row, n = work[0], tail + stop - first
    load(state[10:], int64(0), tail, row)
    run_adx(first, stop, inputs, params[0], state, row[tail:n])
    load(row, n - tail, n, state[10:])
    now, out = row[tail:n], outputs[0][first:stop]
    for i in range(out.size):
        out[i] = 0.5 * (now[i] + row[i])
