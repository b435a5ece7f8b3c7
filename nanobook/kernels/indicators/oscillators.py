"""Where the close stands in its window, and what money flowed."""

from numpy import float64, int64

from ..._jit import fma, helper, kernel
from . import steps
from .bars import typical
from .momentum import remember, remembered, strength
from .windows import (
    HIGHEST,
    LOWEST,
    accumulate,
    copy,
    divide,
    fetch,
    fill,
    load,
    odd,
    spoil,
    unclear,
    view,
    window_extreme,
    window_lowest,
    window_sum,
)


@kernel
def stands(top, bottom, now, factor, out):
    """Way from ``bottom`` to ``now`` as a share of that to ``top``, times a factor; 0 where that is none."""
    for i in range(out.size):
        reach, way = top[i] - bottom[i], now[i] - bottom[i]
        out[i] = factor * way / reach if reach != 0.0 else 0.0 * way


@helper
def extremes(first, stop, inputs, period, work):
    """Write the highest high of every window to ``work[3]``, the lowest low to ``work[5]``."""
    begin, size = first - period + 1, stop - first
    fetch(inputs[1], first, stop)
    fetch(inputs[2], first, stop)
    for k, which, row in ((0, HIGHEST, work[3]), (1, LOWEST, work[5])):
        x = view(inputs[k], begin, stop, work[0])
        window_extreme(x, work[1:3], row[:size], period, which, unclear(x, int64(0), x.size))


@helper
def stand(first, stop, inputs, period, work):
    """Write to ``work[4]``, from row 0 on, where the close stands: 0 is the lowest, 100 the highest."""
    extremes(first, stop, inputs, period, work)
    stands(work[3], work[5], view(inputs[2], first, stop, work[0]), 100.0, work[4][: stop - first])


@helper
def smooth(row, rows, out, period):
    """Mean of every window of a row; overwrites two others."""
    window_sum(row, rows, out, period)
    divide(out, float64(period))


@kernel
def stochf(first, stop, inputs, params, state, work, outputs):
    """Stand of the close, and its mean."""
    period, slow = int64(params[0]), int64(params[1])
    out_k, out_d = outputs[0][first:stop], outputs[1][first:stop]
    stand(first - slow + 1, stop, inputs, period, work)
    n = stop - first + slow - 1
    copy(work[4][slow - 1 : n], out_k)
    smooth(work[4][:n], work[1:3], out_d, slow)
    spoil(out_k, out_d)


@kernel
def stoch(first, stop, inputs, params, state, work, outputs):
    """Mean of the stand of the close, and the mean of that."""
    period, slow, slower = int64(params[0]), int64(params[1]), int64(params[2])
    out_k, out_d = outputs[0][first:stop], outputs[1][first:stop]
    n = stop - first + slower - 1
    stand(first - slow - slower + 2, stop, inputs, period, work)
    smooth(work[4][: n + slow - 1], work[1:3], work[3][:n], slow)
    copy(work[3][slower - 1 : n], out_k)
    smooth(work[3][:n], work[1:3], out_d, slower)
    spoil(out_k, out_d)


@kernel
def stochrsi(first, stop, inputs, params, state, work, outputs):
    """Stand of the relative strength in its own window, and the mean of that."""
    strong, period, slow = params[0], int64(params[1]), int64(params[2])
    x, row, tail = inputs[0][first:stop], work[6], period + slow - 2
    keep = 1.0 - 1.0 / strong
    copy(state[5 : 5 + tail], row[:tail])
    now, values = remembered(state), row[tail : tail + x.size]
    for t in range(x.size):
        now, gain, loss = strength(now, x[t], strong, keep)
        values[t] = 100.0 * steps.ratio(gain, gain + loss)
    remember(state, now)
    n = tail + x.size
    copy(row[n - tail : n], state[5 : 5 + tail])
    stand(period - 1, n, (row, row, row), period, work[:6])
    n = x.size + slow - 1
    out_k, out_d = outputs[0][first:stop], outputs[1][first:stop]
    copy(work[4][slow - 1 : n], out_k)
    smooth(work[4][:n], work[1:3], out_d, slow)
    spoil(out_k, out_d)


@kernel
def willr(first, stop, inputs, params, state, work, outputs):
    """Stand of the close from the highest (0) to the lowest (-100); 0 where the highest is the lowest."""
    period, out = int64(params[0]), outputs[0][first:stop]
    extremes(first, stop, inputs, period, work)
    stands(work[5], work[3], inputs[2][first:stop], -100.0, out)


@kernel
def pressures(low, close, before, out):
    """Way up to the close from the low, or from the close before where that is lower.

    Returns how many ways are NaN or infinite.
    """
    count = int64(0)
    for i in range(out.size):
        bottom = before[i] if (before[i] < low[i]) | (before[i] != before[i]) else low[i]
        way = close[i] - bottom
        out[i] = way
        count += odd(way)
    return count


@kernel
def add_shares(part, whole, weight, total):
    """Add one row by another, weighted, to the totals."""
    for i in range(total.size):
        total[i] = fma(weight, steps.ratio(part[i], whole[i]), total[i])


@kernel
def ultosc(first, stop, inputs, params, state, work, outputs):
    """Buying pressure as a share of the true range in three windows, weighted 4 : 2 : 1."""
    lead, out = int64(max(params[0], params[1], params[2])), outputs[0][first:stop]
    close = view(inputs[2], first - lead, stop, work[0])
    high, low = (
        view(inputs[0], first - lead + 1, stop, work[1]),
        view(inputs[1], first - lead + 1, stop, work[2]),
    )
    n = low.size
    odds = pressures(low, close[1 : n + 1], close, work[3][:n])
    odds += steps.true_ranges(high, low, close, work[4][:n])
    fill(out, 0.0)
    for k in range(3):
        period = int64(params[k])
        ways, reaches = work[2][: out.size], work[5][: out.size]
        window_sum(work[3][lead - period : n], work[:2], ways, period)
        window_sum(work[4][lead - period : n], work[:2], reaches, period)
        add_shares(ways, reaches, (4 >> k) * (100.0 / 7.0), out)
    return odds > 0


@kernel
def flows(price, volume, sign, out):
    """Money of the bars whose price rises (sign 1) or falls (-1)."""
    for i in range(out.size):
        step = sign * (price[i + 1] - price[i])
        out[i] = price[i + 1] * volume[i] * float64(step > 0.0) + 0.0 * step


@kernel
def flow_index(up, down, out):
    """The first in percent of both; 0 where there is neither."""
    for i in range(out.size):
        out[i] = 100.0 * steps.ratio(up[i], up[i] + down[i])


@kernel
def mfi(first, stop, inputs, params, state, work, outputs):
    """Money that flowed at rising typical prices, in percent of all; 0 where there was none."""
    period, out = int64(params[0]), outputs[0][first:stop]
    for k in range(3):
        n = load(inputs[k], first - period, stop, work[k])
    typical(work[0], work[1], work[2], work[3][:n])
    n = load(inputs[3], first - period + 1, stop, work[4])
    for k in range(2):
        flows(work[3], work[4], 1.0 - 2.0 * k, work[0][:n])
        window_sum(work[0][:n], work[6:8], work[1 + 4 * k][: out.size], period)
    flow_index(work[1], work[5], out)


@kernel
def add_distances(row, centre, total):
    """Add the distances of a row from another to the totals."""
    for i in range(total.size):
        total[i] += abs(row[i] - centre[i])


@kernel
def channel(price, means, away, period, out):
    """Distances from the mean in 0.015 mean distances; 0 where the window is flat."""
    for i in range(out.size):
        # Rounding alone leaves a flat window its mean within some 1e-16 of the price.
        flat = away[i] <= 1e-14 * period * abs(price[i])
        out[i] = 0.0 if flat else (price[i] - means[i]) * period / (0.015 * away[i])


@kernel
def cci(first, stop, inputs, params, state, work, outputs):
    """Distance of the typical price from its mean, in 0.015 mean distances; 0 where those are none.

    The mean distance from a mean that moves takes one look at every value of the window.
    """
    period, out = int64(params[0]), outputs[0][first:stop]
    for k in range(3):
        n = load(inputs[k], first - period + 1, stop, work[k])
    price, means, away = work[3], work[4][: out.size], work[1][: out.size]
    typical(work[0], work[1], work[2], price[:n])
    smooth(price[:n], work[:2], means, period)
    fill(away, 0.0)
    for k in range(period):
        add_distances(price[k : k + out.size], means, away)
    channel(price[period - 1 : n], means, away, params[0], out)


@kernel
def count_up(row, begin):
    """Number a row."""
    for i in range(row.size):
        row[i] = begin + i


@kernel
def recencies(place, value, period, out):
    """How recent a row is in its window: 100 is now."""
    for i in range(out.size):
        out[i] = 100.0 * (place[i] - i) / period + 0.0 * value[i]


@helper
def lowest_of(x, sign, first, stop, period, work):
    """Find the lowest of every window of ``sign * x``, to ``work[4]``, and its row, to ``work[5]``.

    Rows are counted from the first of the first window.
    """
    n = load(x, first - period + 1, stop, work[0])
    for i in range(n):
        work[0][i] *= sign
    count_up(work[1][:n], 0.0)
    size = stop - first
    window_lowest(work[:4], work[4][:size], work[5][:size], n, period)


@kernel
def aroon(first, stop, inputs, params, state, work, outputs):
    """How recent the lowest low and the highest high of the last ``period`` + 1 bars are: 100 is now."""
    period = int64(params[0])
    for k in range(2):
        lowest_of(inputs[1 - k], 1.0 - 2.0 * k, first, stop, period + 1, work)
        recencies(work[5], work[4], params[0], outputs[k][first:stop])
    spoil(outputs[0][first:stop], outputs[1][first:stop])
    spoil(outputs[1][first:stop], outputs[0][first:stop])


@kernel
def aroonosc(first, stop, inputs, params, state, work, outputs):
    """How much more recent the highest high is than the lowest low."""
    period, out = int64(params[0]), outputs[0][first:stop]
    lowest_of(inputs[1], 1.0, first, stop, period + 1, work)
    recencies(work[5], work[4], -params[0], out)
    lowest_of(inputs[0], -1.0, first, stop, period + 1, work)
    recencies(work[5], work[4], params[0], work[0][: out.size])
    accumulate(out, work[0])


@kernel
def index_of_extreme(first, stop, inputs, params, state, work, outputs):
    """Row of the lowest value of a window, or with params[1] = -1 of the highest; the latest of equals."""
    period, out = int64(params[0]), outputs[0][first:stop]
    lowest_of(inputs[0], params[1], first, stop, period, work)
    origin, place, value = state[0] - (period - 1.0), work[5], work[4]
    for i in range(out.size):
        out[i] = place[i] + origin + 0.0 * value[i]
    state[0] += out.size
