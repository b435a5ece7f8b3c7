"""Means, spreads and joint spreads of every window, merged from halves as in ``windows``.

Two neighbours' sums of squared distances merge by the squared difference of their means: every term is
positive, so nothing cancels, however far the values are from zero (Chan, Golub and LeVeque 1979).
"""

from ..._jit import fma, helper, kernel
from .windows import accumulate, add, copy, fill


@kernel
def pair_means(old, new, out):
    """Mean of two windows of one width."""
    for i in range(out.size):
        out[i] = 0.5 * (new[i] + old[i])


@kernel
def pair_spreads(x, y, spread, weight, out):
    """Joint spread of two windows of one width, of their means and own spreads.

    ``x``, ``y`` and ``spread`` are pairs of rows, the older first; ``weight`` is half the width.
    """
    (x_old, x_new), (y_old, y_new), (old, new) = x, y, spread
    for i in range(out.size):
        gaps = (x_new[i] - x_old[i]) * (y_new[i] - y_old[i])
        out[i] = fma(gaps, weight, new[i] + old[i])


@kernel
def first_spreads(x, y, out):
    """Joint spread of two values and those before them; ``x`` and ``y`` are pairs of rows."""
    (x_old, x_new), (y_old, y_new) = x, y
    for i in range(out.size):
        out[i] = 0.5 * (x_new[i] - x_old[i]) * (y_new[i] - y_old[i])


@kernel
def join_means(mean, share, total):
    """Mean of every window, in place, and the one before it, which has a share of both."""
    for i in range(total.size):
        total[i] = fma(share, mean[i] - total[i], total[i])


@kernel
def join_spreads(x, y, spread, weight, to_x, to_y, total):
    """Joint spread of every window, in place, and the one before it."""
    for i in range(total.size):
        total[i] = fma((x[i] - to_x[i]) * (y[i] - to_y[i]), weight, total[i] + spread[i])


@helper
def window_moments(rows, mean_out, out, n, period):
    """Mean of every window of ``rows[0]``, and its sum of squared distances from it.

    Laid out as by ``window_sum``.

    Parameters
    ----------
    rows : tuple of 4 rows
        Overwritten.
    mean_out, out : rows of length ``n - period + 1``
    """
    mean, spread, to_mean, to_spread = rows
    if period % 2:
        fill(spread[:n], 0.0)
    width, done = 1, 0
    while True:
        if period & width:
            a, b = mean[period - 1 - done : n - done], spread[period - 1 - done : n - done]
            if done:
                share = width / (width + done)
                join_spreads(a, a, b, share * done, mean_out, mean_out, out)
                join_means(a, share, mean_out)
            else:
                copy(a, mean_out)
                copy(b, out)
            done += width
        if done == period:
            return
        old, end, new = width - 1, n - width, 2 * width - 1
        x, s = (mean[old:end], mean[new:n]), (spread[old:end], spread[new:n])
        if width > 1:
            pair_spreads(x, x, s, 0.5 * width, to_spread[new:n])
        else:
            first_spreads(x, x, to_spread[new:n])
        pair_means(x[0], x[1], to_mean[new:n])
        mean, to_mean = to_mean, mean
        spread, to_spread = to_spread, spread
        width *= 2


@helper
def window_joint(rows, out, n, period):
    """Means, spreads and joint spread of every window of ``rows[0]`` and ``rows[1]``.

    Laid out as by ``window_sum``.

    Parameters
    ----------
    rows : tuple of 10 rows
        Overwritten.
    out : tuple of 5 rows of length ``n - period + 1``
        Means, spreads, joint spread.
    """
    now, then = rows[:5], rows[5:]
    for k in range(2, 5):
        fill(now[k][:n], 0.0)
    width, done = 1, 0
    while True:
        if period & width:
            first, last = period - 1 - done, n - done
            if done:
                join_both(now, width, done, first, last, out)
            else:
                for k in range(5):
                    copy(now[k][first:last], out[k])
            done += width
        if done == period:
            return
        pair_both(now, width, n, then)
        now, then = then, now
        width *= 2


@helper
def join_both(rows, width, done, first, last, out):
    """Join all five rows, of which ``first`` to ``last`` belong to ``out``."""
    share = width / (width + done)
    weight = share * done
    x, y = rows[0][first:last], rows[1][first:last]
    join_spreads(x, x, rows[2][first:last], weight, out[0], out[0], out[2])
    join_spreads(y, y, rows[3][first:last], weight, out[1], out[1], out[3])
    join_spreads(x, y, rows[4][first:last], weight, out[0], out[1], out[4])
    join_means(x, share, out[0])
    join_means(y, share, out[1])


@helper
def pair_both(rows, width, n, out):
    """Pair all five rows."""
    old, end, new = width - 1, n - width, 2 * width - 1
    x, y = (rows[0][old:end], rows[0][new:n]), (rows[1][old:end], rows[1][new:n])
    for k in range(3):
        a, b = (y if k == 1 else x), (x if k == 0 else y)
        s, found = (rows[2 + k][old:end], rows[2 + k][new:n]), out[2 + k][new:n]
        pair_spreads(a, b, s, 0.5 * width, found)
    pair_means(x[0], x[1], out[0][new:n])
    pair_means(y[0], y[1], out[1][new:n])


@kernel
def pair_slopes(total, slope, weight, out):
    """Slope of two windows of one width, of their totals and own slopes; pairs of rows, the older first."""
    (old_total, new_total), (old, new) = total, slope
    for i in range(out.size):
        out[i] = fma(new_total[i] - old_total[i], weight, new[i] + old[i])


@kernel
def first_slopes(old, new, out):
    """Slope of two values."""
    for i in range(out.size):
        out[i] = 0.5 * (new[i] - old[i])


@kernel
def join_slopes(total, slope, width, done, to_total, out):
    """Slope of every window of ``done`` rows, in place, and the one of ``width`` before it."""
    old, new = 0.5 * done, 0.5 * width
    for i in range(out.size):
        out[i] = (out[i] + slope[i]) + fma(to_total[i], new, -(total[i] * old))


@helper
def window_slopes(rows, total_out, out, n, period):
    """Total of every window of ``rows[0]``, and its sum of value times row counted from the middle.

    Laid out as by ``window_sum``.

    Parameters
    ----------
    rows : tuple of 4 rows
        Overwritten.
    total_out, out : rows of length ``n - period + 1``
    """
    total, slope, to_total, to_slope = rows
    width, done = 1, 0
    while True:
        if period & width:
            a, b = total[period - 1 - done : n - done], slope[period - 1 - done : n - done]
            if done:
                join_slopes(a, b, width, done, total_out, out)
                accumulate(total_out, a)
            else:
                copy(a, total_out)
                if width > 1:
                    copy(b, out)
                else:
                    fill(out, 0.0)
            done += width
        if done == period:
            return
        old, end, new = width - 1, n - width, 2 * width - 1
        pair = (total[old:end], total[new:n])
        if width > 1:
            pair_slopes(pair, (slope[old:end], slope[new:n]), 0.5 * width, to_slope[new:n])
        else:
            first_slopes(pair[0], pair[1], to_slope[new:n])
        add(pair[0], pair[1], to_total[new:n])
        total, to_total = to_total, total
        slope, to_slope = to_slope, slope
        width *= 2
