"""Cycles after Ehlers: the Hilbert transform of prices, the period and phase of what dominates them.

A smoothed price is taken apart into what is in phase with its cycle and what is a quarter ahead; how far
that pair has turned since the row before is the period (Ehlers, "Rocket Science for Traders", 2001; warm-up
and limits as in TA-Lib). Everything waits for the period of the row before, so a row is computed after the
other; what it looks back on stands in scratch rows, which begin with the last rows of the call before.
"""

from numpy import arctan, array, cos, float64, int64, nan, pi, sin

from ..._jit import fma, helper, kernel
from .windows import copy, view

EARLY, LATE = 12.0, 37.0
"""Rows that are smoothed before the first is taken apart: for the period alone, and for the phase."""

PAST, LONG_PAST = int64(9), int64(52)
"""Rows to look back on: for the period alone, and for a whole cycle of at most 50, in fours."""

COUNT, CYCLE, OWN, KEPT = int64(0), int64(1), int64(7), int64(15)
"""Places in the state: rows since the beginning, six numbers of the cycle, the indicator's, the rows kept."""

STILL = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""The cycle before its first row: in phase, ahead, real, imaginary, period, smoothed period."""

DEGREES = 180.0 / pi


def waves(function):
    """Weights (51, 52) of the last rows for every period: a wave that ends now, in front of it nothing."""
    rows = [[0.0] * (52 - width) + [1.0] * width for width in range(51)]
    for width, row in enumerate(rows):
        for k in range(width):
            row[51 - k] = float(function(k * 2.0 * pi / width))
    return array(rows)


SINES, COSINES = waves(sin), waves(cos)


@kernel
def smooth(x, out):
    """Mean of four values with weights 1 to 4, the newest the heaviest."""
    for i in range(out.size):
        out[i] = ((4.0 * x[i + 3] + 3.0 * x[i + 2]) + (2.0 * x[i + 1] + x[i])) * 0.1


@helper
def prepare(x, first, stop, state, work, past):
    """Smooth the rows ``first`` to ``stop``, to ``work[1]``; in front of those and two more rows the past."""
    for k in range(3):
        copy(state[KEPT + k * past : KEPT + (k + 1) * past], work[1 + k][:past])
    smooth(view(x, first - 3, stop, work[0]), work[1][past : past + stop - first])
    return work[1], work[2], work[3]


@helper
def keep(rows, size, state, past):
    """Leave the last rows in the state."""
    for k in range(3):
        copy(rows[k][size : size + past], state[KEPT + k * past : KEPT + (k + 1) * past])


@helper
def recall(state):
    """Rows since the beginning, and the cycle, as they were left."""
    a = state[CYCLE : CYCLE + 6]
    return state[COUNT], (a[0], a[1], a[2], a[3], a[4], a[5])


@helper
def leave(state, n, cycle):
    """Leave rows since the beginning, and the cycle."""
    state[COUNT] = n
    a = state[CYCLE : CYCLE + 6]
    a[0], a[1], a[2], a[3], a[4], a[5] = cycle


@helper
def quarter(row, t, gain):
    """A row a quarter of its cycle ahead: the Hilbert transform by four rows."""
    return fma(0.0962, row[t] - row[t - 6], 0.5769 * (row[t - 2] - row[t - 4])) * gain


@helper
def period_of(real, imaginary, before):
    """Rows of a whole turn at the pace of the last, 6 to 50, near those before; never NaN."""
    turned = (real != 0.0) & (imaginary != 0.0)
    found = 2.0 * pi / arctan(imaginary / real) if turned else before
    high, low = 1.5 * before, 0.67 * before
    found = found if found < high else high
    found = found if found > low else low
    found = found if found > 6.0 else 6.0
    found = found if found < 50.0 else 50.0
    return fma(0.2, found, 0.8 * before)


@helper
def turn(rows, t, cycle):
    """Take row ``t`` apart; returns the cycle that it shows."""
    smoothed, swing, ahead = rows
    in_phase, in_quarter, real, imaginary, period, shown = cycle
    gain = fma(0.075, period, 0.54)
    swing[t] = quarter(smoothed, t, gain)
    ahead[t] = quarter(swing, t, gain)
    x = fma(0.2, swing[t - 3] - quarter(ahead, t, gain), 0.8 * in_phase)
    y = fma(0.2, ahead[t] + quarter(swing, t - 3, gain), 0.8 * in_quarter)
    real = fma(0.2, x * in_phase + y * in_quarter, 0.8 * real)
    imaginary = fma(0.2, x * in_quarter - y * in_phase, 0.8 * imaginary)
    period = period_of(real, imaginary, period)
    return x, y, real, imaginary, period, fma(0.33, period, 0.67 * shown)


@helper
def follow(value, rows, t, n, cycle, warm):
    """Take row ``t``, of a value; behind ``warm`` rows since the beginning or a NaN it shows a cycle.

    Returns the rows since the beginning with this one, and the cycle.
    """
    if n >= warm and value == value:
        return n + 1.0, turn(rows, t, cycle)
    for row in rows:
        row[t] = 0.0
    return n + 1.0 if value == value else 0.0, STILL


@kernel
def dcperiod(first, stop, inputs, params, state, work, outputs):
    """Period of the dominant cycle."""
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    rows = prepare(inputs[0], first, stop, state, work, PAST)
    n, cycle = recall(state)
    for i in range(out.size):
        n, cycle = follow(x[i], rows, i + PAST, n, cycle, EARLY)
        out[i] = cycle[5] if n > 32.0 else nan
    leave(state, n, cycle)
    keep(rows, out.size, state, PAST)


@kernel
def phasor(first, stop, inputs, params, state, work, outputs):
    """What is in phase with the dominant cycle, and what is a quarter ahead."""
    x, in_phase, in_quarter = inputs[0][first:stop], outputs[0][first:stop], outputs[1][first:stop]
    rows = prepare(inputs[0], first, stop, state, work, PAST)
    n, cycle = recall(state)
    for i in range(in_phase.size):
        n, cycle = follow(x[i], rows, i + PAST, n, cycle, EARLY)
        in_phase[i] = rows[1][i + PAST - 3] if n > 32.0 else nan
        in_quarter[i] = rows[2][i + PAST] if n > 32.0 else nan
    leave(state, n, cycle)
    keep(rows, in_phase.size, state, PAST)


@helper
def adapt(first, stop, x, limits, state, work, outputs):
    """Averages that are as fast as the phase turns slowly: the pace is the fast limit by the degrees."""
    fast, slow = limits
    fama, mama, x_now = outputs[1][first:stop], outputs[0][first:stop], x[first:stop]
    rows = prepare(x, first, stop, state, work, PAST)
    n, cycle = recall(state)
    before, level, follower = state[OWN], state[OWN + 1], state[OWN + 2]
    for i in range(x_now.size):
        n, cycle = follow(x_now[i], rows, i + PAST, n, cycle, EARLY)
        if n > EARLY:
            base = rows[1][i + PAST - 3]
            angle = arctan(rows[2][i + PAST] / base) * DEGREES if base != 0.0 else 0.0
            turned, before = before - angle, angle
            pace = max(fast / turned, slow) if turned > 1.0 else fast
            level = fma(pace, x_now[i], (1.0 - pace) * level)
            follower = fma(0.5 * pace, level, (1.0 - 0.5 * pace) * follower)
        else:
            before, level, follower = 0.0, 0.0, 0.0
        fama[i] = follower if n > 32.0 else nan
        mama[i] = level if n > 32.0 else nan
    leave(state, n, cycle)
    state[OWN], state[OWN + 1], state[OWN + 2] = before, level, follower
    keep(rows, mama.size, state, PAST)


@kernel
def mama(first, stop, inputs, params, state, work, outputs):
    """Adaptive average after Ehlers, and one that follows it at half its pace."""
    adapt(first, stop, inputs[0], (params[0], params[1]), state, work, outputs)


@helper
def width_of(cycle):
    """Whole rows of the smoothed period."""
    return int64(cycle[5] + 0.5)


@helper
def phase_of(smoothed, t, cycle, before):
    """Degrees of the dominant cycle now, -45 to 315: where a wave of its period fits the last rows best."""
    width = width_of(cycle)
    sines, cosines = SINES[width], COSINES[width]
    a, b, c, d, p, q, r, s = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(LONG_PAST - (width + 3) // 4 * 4, LONG_PAST, 4):
        row = t - LONG_PAST + 1 + k
        a, b = fma(sines[k], smoothed[row], a), fma(sines[k + 1], smoothed[row + 1], b)
        c, d = fma(sines[k + 2], smoothed[row + 2], c), fma(sines[k + 3], smoothed[row + 3], d)
        p, q = fma(cosines[k], smoothed[row], p), fma(cosines[k + 1], smoothed[row + 1], q)
        r, s = fma(cosines[k + 2], smoothed[row + 2], r), fma(cosines[k + 3], smoothed[row + 3], s)
    real, imaginary = (a + b) + (c + d), (p + q) + (r + s)
    if imaginary != 0.0:
        phase = arctan(real / imaginary) * DEGREES
    else:
        phase = before + 90.0 * ((real > 0.0) - float64(real < 0.0))
    phase += 90.0 + 360.0 / cycle[5]  # smoothing is late by a row
    phase += 180.0 if imaginary < 0.0 else 0.0
    return phase - 360.0 if phase > 315.0 else phase


@helper
def phases(first, stop, x, state, work, out):
    """Phases of the rows ``first`` to ``stop``."""
    now, rows = x[first:stop], prepare(x, first, stop, state, work, LONG_PAST)
    n, cycle = recall(state)
    phase = state[OWN]
    for i in range(out.size):
        n, cycle = follow(now[i], rows, i + LONG_PAST, n, cycle, LATE)
        phase = phase_of(rows[0], i + LONG_PAST, cycle, phase) if n > LATE else 0.0
        out[i] = phase if n > 63.0 else nan
    leave(state, n, cycle)
    state[OWN] = phase
    keep(rows, out.size, state, LONG_PAST)


@kernel
def dcphase(first, stop, inputs, params, state, work, outputs):
    """Phase of the dominant cycle, in degrees."""
    phases(first, stop, inputs[0], state, work, outputs[0][first:stop])


@helper
def sines_of(phase):
    """Sine of a phase in degrees, and of one 45 degrees on."""
    return sin(phase / DEGREES), sin((phase + 45.0) / DEGREES)


@kernel
def sine(first, stop, inputs, params, state, work, outputs):
    """Sine of the phase of the dominant cycle, and of one 45 degrees on."""
    now, on = outputs[0][first:stop], outputs[1][first:stop]
    phases(first, stop, inputs[0], state, work, now)
    for i in range(now.size):
        now[i], on[i] = sines_of(now[i])


@kernel
def fours(x, out):
    """Sum every value and the three before it."""
    for i in range(out.size):
        out[i] = (x[i + 3] + x[i + 2]) + (x[i + 1] + x[i])


@helper
def mean_of(x, sums, t, width):
    """Mean of the last ``width`` values, from the sums of four."""
    total, k = 0.0, t
    while k > t - width + 3:
        total += sums[k]
        k -= 4
    while k > t - width:
        total += x[k]
        k -= 1
    return total / max(width, 1)


@helper
def trend_of(mean, line):
    """Smooth the means of a cycle; returns the value and the last three means."""
    a, b, c = line
    return ((4.0 * mean + 3.0 * a) + (2.0 * b + c)) / 10.0, (mean, a, b)


@helper
def past_prices(x, first, stop, work):
    """Prices from a whole cycle before ``first`` on, and their sums of four in ``work[4]``."""
    prices = view(x, first - LONG_PAST, stop, work[5])
    fours(prices, work[4][3 : prices.size])
    return prices, work[4]


@kernel
def trendline(first, stop, inputs, params, state, work, outputs):
    """Price without its dominant cycle: the mean of a whole one, smoothed."""
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    rows = prepare(inputs[0], first, stop, state, work, LONG_PAST)
    prices, sums = past_prices(inputs[0], first, stop, work)
    n, cycle = recall(state)
    line = (state[OWN], state[OWN + 1], state[OWN + 2])
    for i in range(out.size):
        t = i + LONG_PAST
        n, cycle = follow(x[i], rows, t, n, cycle, LATE)
        trend, line = trend_of(mean_of(prices, sums, t, width_of(cycle)) if n > LATE else 0.0, line)
        out[i] = trend if n > 63.0 else nan
    leave(state, n, cycle)
    state[OWN], state[OWN + 1], state[OWN + 2] = line
    keep(rows, out.size, state, LONG_PAST)


@helper
def is_trend(price, trend, period, moved, days):
    """Whether a row trends: not soon after its sines have crossed, nor where its phase moves with a cycle.

    A price that is away from its trend trends in any case.
    """
    pace = 360.0 / period
    calm = (days >= 0.5 * period) & ((moved <= 0.67 * pace) | (moved >= 1.5 * pace))
    return calm | ((trend != 0.0) & (abs((price - trend) / trend) >= 0.015))


@kernel
def trendmode(first, stop, inputs, params, state, work, outputs):
    """1 where the price trends, 0 where it cycles."""
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    rows = prepare(inputs[0], first, stop, state, work, LONG_PAST)
    prices, sums = past_prices(inputs[0], first, stop, work)
    own = state[OWN:KEPT]
    n, cycle = recall(state)
    line, phase, days, gap = (own[0], own[1], own[2]), own[3], own[4], own[5]
    for i in range(out.size):
        t = i + LONG_PAST
        n, cycle = follow(x[i], rows, t, n, cycle, LATE)
        if n > LATE:
            before, phase = phase, phase_of(rows[0], t, cycle, phase)
            now, on = sines_of(phase)
            old, gap = gap, now - on
            crossed = ((gap > 0.0) & (old <= 0.0)) | ((gap < 0.0) & (old >= 0.0))
            days = 1.0 if crossed else days + 1.0
            trend, line = trend_of(mean_of(prices, sums, t, width_of(cycle)), line)
            calm = is_trend(rows[0][t], trend, cycle[5], phase - before, 0.0 if crossed else days)
            out[i] = float64(calm) if n > 63.0 else nan
        else:
            line, phase, days, gap = (0.0, 0.0, 0.0), 0.0, 0.0, 0.0
            out[i] = nan
    leave(state, n, cycle)
    own[0], own[1], own[2], own[3], own[4], own[5] = line[0], line[1], line[2], phase, days, gap
    keep(rows, out.size, state, LONG_PAST)
