"""Moments, lines and joint moments of windows."""

from math import atan, pi, sqrt

from numpy import int64

from ..._jit import helper, kernel
from . import steps
from .moments import window_joint, window_moments, window_slopes
from .windows import load, window_max, window_min


@kernel
def var(first, stop, inputs, params, state, work, outputs):
    """Mean squared distance from the mean of a window."""
    period = int64(params[0])
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_moments(work, n, period)
    spread, out = work[5][period - 1 : n], outputs[0][first:stop]
    for i in range(out.size):
        out[i] = spread[i] / period


@kernel
def stddev(first, stop, inputs, params, state, work, outputs):
    """Root of the mean squared distance from the mean of a window, times a factor."""
    period, factor = int64(params[0]), params[1]
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_moments(work, n, period)
    spread, out = work[5][period - 1 : n], outputs[0][first:stop]
    for i in range(out.size):
        out[i] = sqrt(spread[i] / period) * factor


@kernel
def bbands(first, stop, inputs, params, state, work, outputs):
    """Mean of a window, and bands around it at multiples of its standard deviation."""
    period, above, below = int64(params[0]), params[1], params[2]
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_moments(work, n, period)
    mean, spread = work[4][period - 1 : n], work[5][period - 1 : n]
    upper, middle, lower = outputs[0][first:stop], outputs[1][first:stop], outputs[2][first:stop]
    for i in range(middle.size):
        away = sqrt(spread[i] / period)
        upper[i] = mean[i] + above * away
        middle[i] = mean[i]
        lower[i] = mean[i] - below * away


@helper
def fit(first, stop, inputs, params, work):
    """Mean, to ``work[4]``, and slope, to ``work[5]``, of the line of least squares, from row 0 on."""
    period = int64(params[0])
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_slopes(work, n, period)
    scale = 12.0 / (period * (period * float(period) - 1.0))
    mean, slope = work[4], work[5]
    for i in range(stop - first):
        mean[i] = mean[i + period - 1] / period
        slope[i] = slope[i + period - 1] * scale


@kernel
def line_at(first, stop, inputs, params, state, work, outputs):
    """Height of the line of least squares: from the middle params[1] windows on, and params[2] rows."""
    fit(first, stop, inputs, params, work)
    ahead = params[1] * (params[0] - 1.0) + params[2]
    mean, slope, out = work[4], work[5], outputs[0][first:stop]
    for i in range(out.size):
        out[i] = mean[i] + slope[i] * ahead


@kernel
def slope(first, stop, inputs, params, state, work, outputs):
    """Slope of the line of least squares."""
    fit(first, stop, inputs, params, work)
    load(work[5], 0, stop - first, outputs[0][first:stop])


@kernel
def angle(first, stop, inputs, params, state, work, outputs):
    """Slope of the line of least squares, in degrees."""
    fit(first, stop, inputs, params, work)
    rise, out = work[5], outputs[0][first:stop]
    for i in range(out.size):
        out[i] = atan(rise[i]) * (180.0 / pi)


@kernel
def correl(first, stop, inputs, params, state, work, outputs):
    """Correlation of two series; 0 where one does not move."""
    period = int64(params[0])
    n = load(inputs[0], first - period + 1, stop, work[0])
    load(inputs[1], first - period + 1, stop, work[1])
    window_joint(work, n, period)
    xx, yy, xy = work[12][period - 1 : n], work[13][period - 1 : n], work[14][period - 1 : n]
    out = outputs[0][first:stop]
    for i in range(out.size):
        both = xx[i] * yy[i]
        out[i] = xy[i] / sqrt(both) if both > 0.0 else 0.0 * both


@kernel
def beta(first, stop, inputs, params, state, work, outputs):
    """Slope of the second series' returns on the first's; 0 where those do not move."""
    period = int64(params[0])
    for k in range(2):
        n = load(inputs[k], first - period, stop, work[2]) - 1
        x, row = work[2], work[k]
        for i in range(n):
            row[i] = (x[i + 1] - x[i]) / x[i] if x[i] != 0.0 else 0.0 * x[i + 1]
    window_joint(work, n, period)
    xx, xy = work[12][period - 1 : n], work[14][period - 1 : n]
    out = outputs[0][first:stop]
    for i in range(out.size):
        out[i] = steps.ratio(xy[i], xx[i])


@kernel
def lowest(first, stop, inputs, params, state, work, outputs):
    """Lowest value of a window."""
    period = int64(params[0])
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_min(work[0], work[1], work[2], n, period)
    load(work[2], period - 1, n, outputs[0][first:stop])


@kernel
def highest(first, stop, inputs, params, state, work, outputs):
    """Highest value of a window."""
    period = int64(params[0])
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_max(work[0], work[1], work[2], n, period)
    load(work[2], period - 1, n, outputs[0][first:stop])


@kernel
def both_extremes(first, stop, inputs, params, state, work, outputs):
    """Lowest and highest value of a window."""
    period = int64(params[0])
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_min(work[0], work[1], work[2], n, period)
    load(work[2], period - 1, n, outputs[0][first:stop])
    load(inputs[0], first - period + 1, stop, work[0])
    window_max(work[0], work[1], work[2], n, period)
    load(work[2], period - 1, n, outputs[1][first:stop])
