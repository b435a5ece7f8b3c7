"""Where the close stands in its window, and what money flowed."""

from numpy import float64, int64

from ..._jit import helper, kernel
from . import steps
from .momentum import remember, remembered, strength
from .windows import load, window_max, window_min, window_sum


@helper
def stand(first, stop, inputs, period, work):
    """Write to ``work[4]``, from row 0 on, where the close stands from the lowest (0) to the highest (100).

    The rows are ``first`` to ``stop``; 0 where the highest is the lowest.
    """
    high, low, close = inputs
    n = load(high, first - period + 1, stop, work[0])
    window_max(work[0], work[1], work[2], n, period)
    load(low, first - period + 1, stop, work[0])
    window_min(work[0], work[1], work[3], n, period)
    load(close, first, stop, work[0])
    top, bottom, now, out = work[2][period - 1 : n], work[3][period - 1 : n], work[0], work[4]
    for i in range(stop - first):
        reach = top[i] - bottom[i]
        out[i] = 100.0 * (now[i] - bottom[i]) / reach if reach != 0.0 else 0.0 * now[i]


@helper
def smooth(row, work, n, period):
    """Replace a row by the means of its windows, moved to begin with the first whole one; their count."""
    load(row, 0, n, work[0])
    window_sum(work[0], work[1], work[2], n, period)
    total = work[2][period - 1 : n]
    for i in range(n - period + 1):
        row[i] = total[i] / period
    return n - period + 1


@helper
def show_both(k, d, first, stop, outputs):
    """Write the two lines; the faster one only where there is the slower one."""
    out_k, out_d = outputs[0][first:stop], outputs[1][first:stop]
    for i in range(stop - first):
        out_k[i] = k[i] + 0.0 * d[i]
        out_d[i] = d[i]


@kernel
def stochf(first, stop, inputs, params, state, work, outputs):
    """Stand of the close, and its mean."""
    period, slow = int64(params[0]), int64(params[1])
    stand(first - slow + 1, stop, inputs, period, work)
    n = stop - first + slow - 1
    load(work[4], slow - 1, n, work[5])
    smooth(work[4], work, n, slow)
    show_both(work[5], work[4], first, stop, outputs)


@kernel
def stoch(first, stop, inputs, params, state, work, outputs):
    """Mean of the stand of the close, and the mean of that."""
    period, slow, slower = int64(params[0]), int64(params[1]), int64(params[2])
    lead = slow + slower - 2
    stand(first - lead, stop, inputs, period, work)
    n = smooth(work[4], work, stop - first + lead, slow)
    load(work[4], slower - 1, n, work[5])
    smooth(work[4], work, n, slower)
    show_both(work[5], work[4], first, stop, outputs)


@kernel
def stochrsi(first, stop, inputs, params, state, work, outputs):
    """Stand of the relative strength in its own window, and the mean of that."""
    strong, period, slow = params[0], int64(params[1]), int64(params[2])
    keep = 1.0 - 1.0 / strong
    x, row = inputs[0], work[6]
    tail = period + slow - 2
    load(state[5:], 0, tail, row)
    now = remembered(state)
    for t in range(first, stop):
        now, gain, loss = strength(now, x[t], strong, keep)
        row[tail + t - first] = 100.0 * steps.ratio(gain, gain + loss)
    remember(state, now)
    n = tail + stop - first
    load(row, n - tail, n, state[5:])
    stand(period - 1, n, (row, row, row), period, work)
    n -= period - 1
    load(work[4], slow - 1, n, work[5])
    smooth(work[4], work, n, slow)
    show_both(work[5], work[4], first, stop, outputs)


@kernel
def willr(first, stop, inputs, params, state, work, outputs):
    """Stand of the close from the highest (0) to the lowest (-100); 0 where the highest is the lowest."""
    high, low, close = inputs
    period = int64(params[0])
    n = load(high, first - period + 1, stop, work[0])
    window_max(work[0], work[1], work[2], n, period)
    load(low, first - period + 1, stop, work[0])
    window_min(work[0], work[1], work[3], n, period)
    top, bottom = work[2][period - 1 : n], work[3][period - 1 : n]
    now, out = close[first:stop], outputs[0][first:stop]
    for i in range(out.size):
        reach = top[i] - bottom[i]
        out[i] = -100.0 * (top[i] - now[i]) / reach if reach != 0.0 else 0.0 * now[i]


@kernel
def ultosc(first, stop, inputs, params, state, work, outputs):
    """Buying pressure as a share of the true range in three windows, weighted 4 : 2 : 1."""
    high, low, close = inputs
    lead = int64(max(params[0], params[1], params[2]))
    pressure, reach, before = work[3], work[4], work[5]
    n = load(close, first - lead, stop, before)
    load(high, first - lead + 1, stop, work[0])
    load(low, first - lead + 1, stop, work[1])
    for i in range(n - 1):
        bottom = before[i] if before[i] < work[1][i] else work[1][i]
        pressure[i] = before[i + 1] - bottom + 0.0 * before[i]
        reach[i] = steps.true_range(work[0][i], work[1][i], before[i])
    out = outputs[0][first:stop]
    for i in range(out.size):
        out[i] = 0.0
    for k in range(3):
        period = int64(params[k])
        add_share(lead - period, n - 1, period, work, (4 >> k) * (100.0 / 7.0), out)


@helper
def add_share(begin, n, period, work, weight, out):
    """Add the share of pressure in reach over a window, weighted."""
    load(work[3], begin, n, work[0])
    window_sum(work[0], work[1], work[2], n - begin, period)
    load(work[2], period - 1, n - begin, work[5])
    load(work[4], begin, n, work[0])
    window_sum(work[0], work[1], work[2], n - begin, period)
    whole, part = work[2][period - 1 : n - begin], work[5]
    for i in range(out.size):
        out[i] += weight * steps.ratio(part[i], whole[i])


@kernel
def mfi(first, stop, inputs, params, state, work, outputs):
    """Money that flowed at rising typical prices, in percent of all; 0 where there was none."""
    high, low, close, volume = inputs
    period = int64(params[0])
    up, down = work[3], work[4]
    n = load(high, first - period, stop, work[0])
    load(low, first - period, stop, work[1])
    load(close, first - period, stop, work[2])
    load(volume, first - period, stop, up)
    for i in range(n):
        work[0][i] = (work[0][i] + work[1][i] + work[2][i]) / 3.0
    for i in range(n - 1, 0, -1):
        price, before = work[0][i], work[0][i - 1]
        flow = price * up[i] + 0.0 * before
        down[i] = 0.0 if price > before else flow
        up[i] = 0.0 if price < before else flow
        if price == before:
            up[i] = down[i] = 0.0
    for k in range(2):
        load(work[3 + k], 1, n, work[0])
        window_sum(work[0], work[1], work[2], n - 1, period)
        load(work[2], period - 1, n - 1, work[3 + k])
    out = outputs[0][first:stop]
    for i in range(out.size):
        out[i] = 100.0 * steps.ratio(up[i], up[i] + down[i])


@kernel
def cci(first, stop, inputs, params, state, work, outputs):
    """Distance of the typical price from its mean, in 0.015 mean distances; 0 where those are none.

    The mean distance from a mean that moves takes one look at every value of the window.
    """
    period = int64(params[0])
    price = work[0]
    n = load(inputs[0], first - period + 1, stop, price)
    load(inputs[1], first - period + 1, stop, work[1])
    load(inputs[2], first - period + 1, stop, work[2])
    for i in range(n):
        price[i] = work[3][i] = (price[i] + work[1][i] + work[2][i]) / 3.0
    window_sum(work[3], work[1], work[2], n, period)
    means, away = work[2][period - 1 : n], work[1]
    for i in range(stop - first):
        means[i] /= period
        away[i] = 0.0
    for k in range(period):
        add_distances(price[k : k + stop - first], means, away)
    now, out = price[period - 1 : n], outputs[0][first:stop]
    for i in range(out.size):
        # Rounding alone leaves a flat window its mean within some 1e-16 of the price.
        flat = away[i] <= 1e-14 * period * abs(now[i])
        out[i] = 0.0 if flat else (now[i] - means[i]) / (0.015 * (away[i] / period))


@kernel
def add_distances(row, centre, total):
    """Add the distances of a row from another to the totals."""
    for i in range(total.size):
        total[i] += abs(row[i] - centre[i])


@kernel
def latest_lowest(value, place, width, to_value, to_place):
    """Merge windows with those ``width`` before: the lowest value and its latest row; NaN spreads."""
    for i in range(to_value.size):
        new, old = value[i + width], value[i]
        earlier = (old < new) | (old != old)
        to_value[i] = old if earlier else new
        to_place[i] = place[i] if earlier else place[i + width]


@helper
def window_lowest(rows, n, period):
    """Lowest value of every window of ``rows[0]``, and the latest row of it of those in ``rows[1]``.

    Parameters
    ----------
    rows : tuple of 6 rows
        The last two are written, from ``period - 1`` on; the others overwritten.
    """
    value, place, to_value, to_place = rows[0], rows[1], rows[2], rows[3]
    if period == 1:
        load(value, 0, n, rows[4])
        load(place, 0, n, rows[5])
    width = 1
    while width < period:
        shift = min(width, period - width)
        begin, width = width + shift - 1, width + shift
        last = width == period
        out_value = rows[4][begin:n] if last else to_value[begin:n]
        out_place = rows[5][begin:n] if last else to_place[begin:n]
        latest_lowest(value[begin - shift : n], place[begin - shift : n], shift, out_value, out_place)
        value, to_value = to_value, value
        place, to_place = to_place, place


@helper
def lowest_of(x, sign, first, stop, period, work):
    """Load ``sign * x`` and its rows, and find the lowest of every window."""
    n = load(x, first - period + 1, stop, work[0])
    for i in range(n):
        work[0][i] *= sign
        work[1][i] = float64(i)
    window_lowest(work[:6], n, period)


@kernel
def aroon(first, stop, inputs, params, state, work, outputs):
    """How recent the lowest low and the highest high of the last ``period`` + 1 bars are: 100 is now."""
    period = int64(params[0])
    for k in range(2):
        lowest_of(inputs[1 - k], 1.0 - 2.0 * k, first, stop, period + 1, work)
        value, place, out = work[4][period:], work[5][period:], outputs[k][first:stop]
        for i in range(out.size):
            out[i] = 100.0 * (place[i] - i) / period + 0.0 * value[i]
    for t in range(first, stop):
        outputs[0][t] += 0.0 * outputs[1][t]
        outputs[1][t] += 0.0 * outputs[0][t]


@kernel
def aroonosc(first, stop, inputs, params, state, work, outputs):
    """How much more recent the highest high is than the lowest low."""
    period = int64(params[0])
    out = outputs[0][first:stop]
    for i in range(out.size):
        out[i] = 0.0
    for k in range(2):
        sign = 1.0 - 2.0 * k
        lowest_of(inputs[1 - k], sign, first, stop, period + 1, work)
        value, place = work[4][period:], work[5][period:]
        for i in range(out.size):
            out[i] -= sign * (100.0 * (place[i] - i) / period) + 0.0 * value[i]


@kernel
def index_of_extreme(first, stop, inputs, params, state, work, outputs):
    """Row of the lowest value of a window, or with params[1] = -1 of the highest; the latest of equals."""
    period = int64(params[0])
    lowest_of(inputs[0], params[1], first, stop, period, work)
    value, place, out = work[4][period - 1 :], work[5][period - 1 :], outputs[0][first:stop]
    origin = state[0] - (period - 1.0)
    for i in range(out.size):
        out[i] = place[i] + origin + 0.0 * value[i]
    state[0] += out.size
