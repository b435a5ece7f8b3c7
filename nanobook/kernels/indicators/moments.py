"""Means, spreads, slopes and joint spreads of every window, merged from halves as in ``windows``.

The mean of a window is kept as its distance from the window's newest value, and two neighbours merge by the
gap between their means. Differences of neighbours are exact where values are close to each other, so a
series far from zero loses nothing, and what a gap adds to a spread is positive, so nothing cancels (after
Chan, Golub and LeVeque 1979).
"""

from ..._jit import fma, helper, kernel
from .windows import add, copy, fill


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
    in_time : bool
        Whether ``out`` is to be the sum of value times row, counted from the middle, instead.
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
                join_both(rows, now, (width, done), (first, last, n), out)
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
