"""Means, spreads and joint spreads of every window, merged from halves as in ``windows``.

Two neighbours' sums of squared distances merge by the squared difference of their means: every term is
positive, so nothing cancels, however far the values are from zero (Chan, Golub and LeVeque 1979).
"""

from ..._jit import fma, helper, kernel
from .windows import accumulate, add, copy, fill


@kernel
def pair_means(mean, width, out):
    """Mean of every window of ``width`` and the one before it."""
    for i in range(out.size):
        out[i] = 0.5 * (mean[i + width] + mean[i])


@kernel
def pair_spreads(x, y, spread, width, out):
    """Joint spread of every window of ``width`` and the one before it, of their means and own spreads."""
    weight = 0.5 * width
    for i in range(out.size):
        gaps = (x[i + width] - x[i]) * (y[i + width] - y[i])
        out[i] = fma(gaps, weight, spread[i + width] + spread[i])


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
        begin = 2 * width - 1
        a, b = mean[width - 1 : n], spread[width - 1 : n]
        pair_spreads(a, a, b, width, to_spread[begin:n])
        pair_means(a, width, to_mean[begin:n])
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
    old, new = width - 1, 2 * width - 1
    x, y = rows[0][old:n], rows[1][old:n]
    pair_spreads(x, x, rows[2][old:n], width, out[2][new:n])
    pair_spreads(y, y, rows[3][old:n], width, out[3][new:n])
    pair_spreads(x, y, rows[4][old:n], width, out[4][new:n])
    pair_means(x, width, out[0][new:n])
    pair_means(y, width, out[1][new:n])


@kernel
def pair_slopes(total, slope, width, out):
    """Slope of every window of ``width`` and the one before it, of their totals and own slopes."""
    weight = 0.5 * width
    for i in range(out.size):
        out[i] = fma(total[i + width] - total[i], weight, slope[i + width] + slope[i])


@kernel
def first_slopes(x, out):
    """Slope of every value and the one before it."""
    for i in range(out.size):
        out[i] = 0.5 * (x[i + 1] - x[i])


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
        begin = 2 * width - 1
        a = total[width - 1 : n]
        if width > 1:
            pair_slopes(a, slope[width - 1 : n], width, to_slope[begin:n])
        else:
            first_slopes(a, to_slope[begin:n])
        add(total[begin:n], total[width - 1 : n - width], to_total[begin:n])
        total, to_total = to_total, total
        slope, to_slope = to_slope, slope
        width *= 2
