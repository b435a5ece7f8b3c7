"""Means, spreads and joint spreads of every window, merged from halves as in ``windows``.

Two neighbours' sums of squared distances merge by the squared difference of their means: every term is
positive, so nothing cancels, however far the values are from zero (Chan, Golub and LeVeque 1979).
"""

from ..._jit import helper, kernel


@kernel
def pair(mean, spread, width, to_mean, to_spread):
    """Merge every window of ``width`` with the one before it.

    ``mean`` and ``spread`` hold one row more than ``width`` above those that are written.
    """
    for i in range(to_mean.size):
        gap = mean[i + width] - mean[i]
        to_mean[i] = 0.5 * (mean[i + width] + mean[i])
        to_spread[i] = (spread[i + width] + spread[i]) + gap * gap * (0.5 * width)


@kernel
def join(mean, spread, width, done, to_mean, to_spread):
    """Merge every window of ``done`` rows, in place, with the one of ``width`` before it."""
    share = width / (width + done)
    weight = share * done
    for i in range(to_mean.size):
        gap = mean[i] - to_mean[i]
        to_mean[i] += share * gap
        to_spread[i] = (to_spread[i] + spread[i]) + gap * gap * weight


@helper
def window_moments(rows, n, period):
    """Mean and sum of squared distances from it, of every window of the row ``rows[0]``.

    Parameters
    ----------
    rows : tuple of 6 rows
        The last two are written, from ``period - 1`` on; the others overwritten.
    """
    mean, spread, to_mean, to_spread, all_mean, all_spread = rows
    for i in range(n):
        spread[i] = 0.0 * mean[i]
    width, done = 1, 0
    while True:
        if period & width:
            begin = done + width - 1
            a, b = all_mean[begin:n], all_spread[begin:n]
            if done:
                join(mean[width - 1 : n - done], spread[width - 1 : n - done], width, done, a, b)
            else:
                for i in range(n - begin):
                    a[i] = mean[begin + i]
                    b[i] = spread[begin + i]
            done += width
        if done == period:
            return
        begin = 2 * width - 1
        pair(mean[width - 1 : n], spread[width - 1 : n], width, to_mean[begin:n], to_spread[begin:n])
        mean, to_mean = to_mean, mean
        spread, to_spread = to_spread, spread
        width *= 2


@kernel
def pair_slopes(total, slope, width, to_total, to_slope):
    """Merge every window of ``width`` with the one before it: totals, and sums of value times distance."""
    for i in range(to_total.size):
        to_slope[i] = (slope[i + width] + slope[i]) + (total[i + width] - total[i]) * (0.5 * width)
        to_total[i] = total[i + width] + total[i]


@kernel
def join_slopes(total, slope, width, done, to_total, to_slope):
    """Merge every window of ``done`` rows, in place, with the one of ``width`` before it."""
    for i in range(to_total.size):
        to_slope[i] = (to_slope[i] + slope[i]) + 0.5 * (to_total[i] * width - total[i] * done)
        to_total[i] += total[i]


@helper
def window_slopes(rows, n, period):
    """Total of every window of ``rows[0]``, and its sum of value times row counted from the middle.

    Parameters
    ----------
    rows : tuple of 6 rows
        The last two are written, from ``period - 1`` on; the others overwritten.
    """
    total, slope, to_total, to_slope, all_total, all_slope = rows
    for i in range(n):
        slope[i] = 0.0 * total[i]
    width, done = 1, 0
    while True:
        if period & width:
            begin = done + width - 1
            a, b = all_total[begin:n], all_slope[begin:n]
            if done:
                join_slopes(total[width - 1 : n - done], slope[width - 1 : n - done], width, done, a, b)
            else:
                for i in range(n - begin):
                    a[i] = total[begin + i]
                    b[i] = slope[begin + i]
            done += width
        if done == period:
            return
        begin = 2 * width - 1
        pair_slopes(total[width - 1 : n], slope[width - 1 : n], width, to_total[begin:n], to_slope[begin:n])
        total, to_total = to_total, total
        slope, to_slope = to_slope, slope
        width *= 2


@kernel
def pair_joint(rows, width, begin, n, out):
    """Merge every window of ``width`` with the one before it: two means, two spreads, the joint one."""
    x, y, xx, yy, xy = rows
    to_x, to_y, to_xx, to_yy, to_xy = out
    weight = 0.5 * width
    for i in range(n - begin):
        new, old = begin + i, begin + i - width
        p, q = x[new] - x[old], y[new] - y[old]
        to_x[new], to_y[new] = 0.5 * (x[new] + x[old]), 0.5 * (y[new] + y[old])
        to_xx[new] = (xx[new] + xx[old]) + p * p * weight
        to_yy[new] = (yy[new] + yy[old]) + q * q * weight
        to_xy[new] = (xy[new] + xy[old]) + p * q * weight


@kernel
def join_joint(rows, width, done, n, out):
    """Merge every window of ``done`` rows, in place, with the one of ``width`` before it."""
    x, y, xx, yy, xy = rows
    to_x, to_y, to_xx, to_yy, to_xy = out
    share = width / (width + done)
    weight = share * done
    begin = done + width - 1
    for i in range(n - begin):
        new, old = begin + i, begin + i - done
        p, q = x[old] - to_x[new], y[old] - to_y[new]
        to_x[new] += share * p
        to_y[new] += share * q
        to_xx[new] = (to_xx[new] + xx[old]) + p * p * weight
        to_yy[new] = (to_yy[new] + yy[old]) + q * q * weight
        to_xy[new] = (to_xy[new] + xy[old]) + p * q * weight


@helper
def window_joint(rows, n, period):
    """Means, spreads and joint spread of every window of the rows ``rows[0]`` and ``rows[1]``.

    Parameters
    ----------
    rows : tuple of 15 rows
        The last five are written, from ``period - 1`` on; the others overwritten.
    """
    now, then, found = rows[:5], rows[5:10], rows[10:]
    for i in range(n):
        now[2][i] = now[3][i] = now[4][i] = 0.0 * now[0][i] * now[1][i]
    width, done = 1, 0
    while True:
        if period & width:
            if done:
                join_joint(now, width, done, n, found)
            else:
                for k in range(5):
                    for i in range(width - 1, n):
                        found[k][i] = now[k][i]
            done += width
        if done == period:
            return
        pair_joint(now, width, 2 * width - 1, n, then)
        now, then = then, now
        width *= 2
