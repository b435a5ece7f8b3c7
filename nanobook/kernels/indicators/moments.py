"""Means, spreads, slopes and joint spreads of every window, merged from halves as in ``windows``.

The mean of a window is kept as its distance from the window's newest value, and two neighbours merge by the
gap between their means. Differences of neighbours are exact where values are close to each other, so a
series far from zero loses nothing, and what a gap adds to a spread is positive, so nothing cancels (after
Chan, Golub and LeVeque 1979).
"""

from numpy import float64, int64

from ..._jit import fma, helper, kernel
from .windows import accumulate, add, copy, fetch, fill, spoil

DIRECT = int64(64)
"""Up to this period a window is summed directly, some rows at a time, which is faster than by halves."""

LANES = int64(128)
"""Windows of two series at a time: five sums of each lie side by side in one row, where the compiler sees
that they do not overlap."""

JOINT_ROOM = 5 * int(LANES)
"""Numbers of that row."""


@kernel
def add_away(rows, now, weights, total):
    """Add the distances of four rows from another, weighted."""
    (a, b, c, d), (p, q, r, s) = rows, weights
    for i in range(total.size):
        early = fma(a[i] - now[i], p, (b[i] - now[i]) * q)
        total[i] += early + fma(c[i] - now[i], r, (d[i] - now[i]) * s)


@kernel
def add_squares(rows, now, total):
    """Add the squared distances of four rows from another."""
    a, b, c, d = rows
    for i in range(total.size):
        p, q, r, s = a[i] - now[i], b[i] - now[i], c[i] - now[i], d[i] - now[i]
        total[i] += fma(p, p, q * q) + fma(r, r, s * s)


@helper
def four_rows(x, k, period, size):
    """Rows ``k`` to ``k + 3`` of every window, the newest again where there are no more."""
    last = period - 1
    a, b, c, d = k, min(k + 1, last), min(k + 2, last), min(k + 3, last)
    return x[a : a + size], x[b : b + size], x[c : c + size], x[d : d + size]


@kernel
def weigh(x, period, level, slope, out):
    """Sum of every window's distances from its newest value; row ``k`` weighs ``level + slope * k``."""
    now = x[period - 1 : period - 1 + out.size]
    fill(out, 0.0)
    spoil(out, now)
    for k in range(0, period - 1, 4):
        first = level + slope * k
        weights = (first, first + slope, first + 2.0 * slope, first + 3.0 * slope)
        add_away(four_rows(x, k, period, out.size), now, weights, out)


@kernel
def settle(total, now, period, mean, spread):
    """Make mean and spread of the sums of distances and of their squares.

    The newest value is one of the window, so no more than a factor of the period is lost.
    """
    for i in range(mean.size):
        gap = total[i] / period
        left = fma(-gap, total[i], spread[i])
        mean[i] = now[i] + gap
        spread[i] = left if (left > 0.0) | (left != left) else 0.0


@kernel
def add_eight(x, now, total, spread):
    """Add the distances of eight rows, the first of them ``x``, from another, and their squares."""
    for i in range(total.size):
        level = now[i]
        a, b, c, d = x[i] - level, x[i + 1] - level, x[i + 2] - level, x[i + 3] - level
        p, q, r, s = x[i + 4] - level, x[i + 5] - level, x[i + 6] - level, x[i + 7] - level
        total[i] = total[i] + ((a + b) + (c + d)) + ((p + q) + (r + s))
        early, late = fma(a, a, b * b) + fma(c, c, d * d), fma(p, p, q * q) + fma(r, r, s * s)
        spread[i] = spread[i] + early + late


@helper
def distances(x, period, total, spread):
    """Sums of every window's distances from its newest value, and of their squares."""
    now = x[period - 1 : period - 1 + total.size]
    fill(total, 0.0)
    spoil(total, now)
    copy(total, spread)
    k = 0
    while k + 8 <= period:
        add_eight(x[k : k + total.size + 7], now, total, spread)
        k += 8
    while k < period - 1:
        rows = four_rows(x, k, period, total.size)
        add_away(rows, now, (1.0, 1.0, 1.0, 1.0), total)
        add_squares(rows, now, spread)
        k += 4


@helper
def window_spreads(work, mean_out, out, n, period):
    """As ``window_moments`` of the rows ``work[:5]``, the shorter way."""
    if period > DIRECT:
        window_moments(work[:5], mean_out, out, n, period, int64(0))
        return
    now = work[0][period - 1 : n]
    total = work[1][: out.size]
    distances(work[0], period, total, out)
    settle(total, now, float64(period), mean_out, out)


@kernel
def mix(mean, tilted, base, tilt, out):
    """Two rows, weighted."""
    for i in range(out.size):
        out[i] = fma(tilted[i], tilt, base * mean[i])


@helper
def window_lines(work, base, tilt, out, n, period):
    """Sum every window of ``work[0]`` with weights that rise by ``tilt`` from row to row and sum to ``base``.

    ``base`` is 0 or 1. Laid out as by ``window_sum``; overwrites seven rows.
    """
    size = out.size
    if period > DIRECT:
        window_moments(work[:5], work[5][:size], work[6][:size], n, period, int64(1))
        mix(work[5], work[6], base, tilt, out)
        return
    weigh(work[0], period, base / period - tilt * 0.5 * (period - 1), tilt, out)
    if base > 0.0:
        accumulate(out, work[0][period - 1 : n])


@kernel
def gaps(old_mean, new_mean, old, new, out):
    """How far the mean of the older window is above that of the newer, both kept from their newest values."""
    for i in range(out.size):
        out[i] = (old[i] - new[i]) + (old_mean[i] - new_mean[i])


@kernel
def move(mean, gap, share):
    """Mean of two windows from that of the newer, in place; ``share`` is that of the older in both."""
    for i in range(mean.size):
        mean[i] = fma(share, gap[i], mean[i])


@kernel
def pair_spreads(old, new, gap, other, weight, out):
    """Joint spread of two windows, of their own and of the gaps between their means."""
    for i in range(out.size):
        out[i] = fma(gap[i] * other[i], weight, old[i] + new[i])


@kernel
def join_spreads(old, gap, other, weight, total):
    """Add to a joint spread that of the window before, and of the gaps between their means."""
    for i in range(total.size):
        total[i] = fma(gap[i] * other[i], weight, total[i] + old[i])


@kernel
def pair_slopes(old, new, gap, weight, out):
    """Joint spread with time of two windows: the gap in time is the same everywhere."""
    for i in range(out.size):
        out[i] = fma(gap[i], weight, old[i] + new[i])


@kernel
def join_slopes(old, gap, weight, total):
    """Add to a joint spread with time that of the window before."""
    for i in range(total.size):
        total[i] = fma(gap[i], weight, total[i] + old[i])


@helper
def window_moments(rows, mean_out, out, n, period, in_time):
    """Mean of every window of ``rows[0]``, and its sum of squared distances from it.

    Laid out as by ``window_sum``.

    Parameters
    ----------
    rows : tuple of 5 rows
        Overwritten.
    mean_out, out : rows of length ``n - period + 1``
    in_time : int64
        1 where ``out`` is to be the sum of value times row, counted from the middle, instead.
    """
    x, mean, gap, spread, spare = rows
    fill(mean[:n], 0.0)
    fill(spread[:n], 0.0)
    now, size = x[period - 1 : n], out.size
    width, done = 1, 0
    while True:
        if period & width:
            first, last = period - 1 - done, n - done
            old, own = spread[first:last], gap[:size]
            if done:
                share = width / (width + done)
                gaps(mean[first:last], mean_out, x[first:last], now, own)
                move(mean_out, own, share)
                if in_time:
                    join_slopes(old, own, -0.5 * width * done, out)
                else:
                    join_spreads(old, own, own, share * done, out)
            else:
                copy(mean[first:last], mean_out)
                copy(old, out)
            done += width
        if done == period:
            add(mean_out, now, spare[:size])
            copy(spare, mean_out)
            return
        first, last, new = width - 1, n - width, 2 * width - 1
        own, old, young = gap[new:n], spread[first:last], spread[new:n]
        gaps(mean[first:last], mean[new:n], x[first:last], x[new:n], own)
        move(mean[new:n], own, 0.5)
        if in_time:
            pair_slopes(old, young, own, -0.5 * width * width, spare[new:n])
        else:
            pair_spreads(old, young, own, own, 0.5 * width, spare[new:n])
        spread, spare = spare, spread
        width *= 2


@helper
def four_away(x, i, now):
    """Distances of four neighbours from a value."""
    return x[i] - now, x[i + 1] - now, x[i + 2] - now, x[i + 3] - now


@helper
def sum_of(a):
    """Sum of four."""
    return (a[0] + a[1]) + (a[2] + a[3])


@helper
def product_of(a, b):
    """Sum of four products."""
    return fma(a[0], b[0], fma(a[1], b[1], fma(a[2], b[2], a[3] * b[3])))


@helper
def add_products(a, b, total):
    """Four products and what is there: without an addition, which would wait for those of the distances."""
    return fma(a[0], b[0], fma(a[1], b[1], fma(a[2], b[2], fma(a[3], b[3], total))))


@kernel
def join_one(x, y, now, then, sums):
    """Add the distances of a row from another, of two series, their squares and products."""
    for i in range(now.size):
        a, b = x[i] - now[i], y[i] - then[i]
        sums[i] += a
        sums[LANES + i] += b
        sums[2 * LANES + i] = fma(a, a, sums[2 * LANES + i])
        sums[3 * LANES + i] = fma(b, b, sums[3 * LANES + i])
        sums[4 * LANES + i] = fma(a, b, sums[4 * LANES + i])


@kernel
def join_four(x, y, now, then, sums):
    """As ``join_one`` with four rows, the first of them ``x`` and ``y``."""
    for i in range(now.size):
        a, b = four_away(x, i, now[i]), four_away(y, i, then[i])
        sums[i] += sum_of(a)
        sums[LANES + i] += sum_of(b)
        sums[2 * LANES + i] = add_products(a, a, sums[2 * LANES + i])
        sums[3 * LANES + i] = add_products(b, b, sums[3 * LANES + i])
        sums[4 * LANES + i] = add_products(a, b, sums[4 * LANES + i])


@kernel
def join_eight(x, y, now, then, sums):
    """As ``join_one`` with eight rows, the first of them ``x`` and ``y``."""
    for i in range(now.size):
        a, b = four_away(x, i, now[i]), four_away(y, i, then[i])
        c, d = four_away(x, i + 4, now[i]), four_away(y, i + 4, then[i])
        sums[i] += sum_of(a) + sum_of(c)
        sums[LANES + i] += sum_of(b) + sum_of(d)
        sums[2 * LANES + i] = add_products(a, a, sums[2 * LANES + i]) + product_of(c, c)
        sums[3 * LANES + i] = add_products(b, b, sums[3 * LANES + i]) + product_of(d, d)
        sums[4 * LANES + i] = add_products(a, b, sums[4 * LANES + i]) + product_of(c, d)


@kernel
def settle_joint(sums, share, xx, yy, xy):
    """Make spreads and joint spread of the five sums; see ``settle``. ``share`` is 1 by the period."""
    for i in range(xy.size):
        gap, other = sums[i] * share, sums[LANES + i] * share
        first = fma(-gap, sums[i], sums[2 * LANES + i])
        second = fma(-other, sums[LANES + i], sums[3 * LANES + i])
        xx[i] = first if (first > 0.0) | (first != first) else 0.0
        yy[i] = second if (second > 0.0) | (second != second) else 0.0
        xy[i] = fma(-gap, sums[LANES + i], sums[4 * LANES + i])


@helper
def joint_directly(x, y, sums, out, period):
    """Spreads and joint spread of every window of two rows, the shorter way; ``sums`` has ``JOINT_ROOM``."""
    xx, yy, xy = out
    for begin in range(0, xy.size, LANES):
        stop = min(begin + LANES, xy.size)
        first, size, k = begin + period - 1, stop - begin, begin
        now, then, last = x[first : first + size], y[first : first + size], max(first, begin + 1)
        ahead = first + size  # also behind the end of the row, where a series may go on
        fetch(x, ahead, ahead + LANES)
        fetch(y, ahead, ahead + LANES)
        fill(sums[:JOINT_ROOM], 0.0)
        while k + 8 <= last:
            join_eight(x[k : k + size + 7], y[k : k + size + 7], now, then, sums)
            k += 8
        if k + 4 <= last:
            join_four(x[k : k + size + 3], y[k : k + size + 3], now, then, sums)
            k += 4
        while k < last:
            join_one(x[k : k + size], y[k : k + size], now, then, sums)
            k += 1
        settle_joint(sums, 1.0 / period, xx[begin:stop], yy[begin:stop], xy[begin:stop])


@helper
def window_joint(rows, out, n, period):
    """Means, spreads and joint spread of every window of ``rows[0]`` and ``rows[1]``.

    Laid out as by ``window_sum``.

    Parameters
    ----------
    rows : tuple of 12 rows
        Overwritten.
    out : tuple of 5 rows of length ``n - period + 1``
        Means, as distances from the newest values, spreads, joint spread.
    """
    means, gap, now, then = (rows[2], rows[3]), (rows[4], rows[5]), rows[6:9], rows[9:12]
    for k in range(2):
        fill(means[k][:n], 0.0)
    for k in range(3):
        fill(now[k][:n], 0.0)
    width, done = 1, 0
    while True:
        if period & width:
            first, last = period - 1 - done, n - done
            if done:
                join_both(rows, now, (int64(width), int64(done)), (first, last, n), out)
            else:
                for k in range(2):
                    copy(means[k][first:last], out[k])
                for k in range(3):
                    copy(now[k][first:last], out[2 + k])
            done += width
        if done == period:
            return
        first, last, new = width - 1, n - width, 2 * width - 1
        for k in range(2):
            x, mean = rows[k], means[k]
            gaps(mean[first:last], mean[new:n], x[first:last], x[new:n], gap[k][new:n])
            move(mean[new:n], gap[k][new:n], 0.5)
        for k in range(3):
            a, b, spread = gap[1 if k == 1 else 0][new:n], gap[0 if k == 0 else 1][new:n], now[k]
            pair_spreads(spread[first:last], spread[new:n], a, b, 0.5 * width, then[k][new:n])
        now, then = then, now
        width *= 2


@helper
def join_both(rows, spreads, widths, places, out):
    """Join the windows ``first`` to ``last`` of two rows to those of ``done`` rows behind them."""
    (width, done), (first, last, n) = widths, places
    share = width / (width + done)
    gap = (rows[4][: last - first], rows[5][: last - first])
    for k in range(2):
        x, mean = rows[k], rows[2 + k]
        gaps(mean[first:last], out[k], x[first:last], x[first + done : n], gap[k])
        move(out[k], gap[k], share)
    for k in range(3):
        a, b = gap[1 if k == 1 else 0], gap[0 if k == 0 else 1]
        join_spreads(spreads[k][first:last], a, b, share * done, out[2 + k])
