"""Moments, lines and joint moments of windows."""

from numpy import arctan, int64, pi, sqrt

from ..._jit import fma, helper, kernel
from .moments import DIRECT, joint_directly, window_joint, window_lines, window_spreads
from .momentum import shares
from .windows import HIGHEST, LOWEST, copy, divide, fetch, load, unclear, view, window_extreme


@kernel
def var(first, stop, inputs, params, state, work, outputs):
    """Mean squared distance from the mean of a window."""
    period, out = int64(params[0]), outputs[0][first:stop]
    fetch(out, int64(0), out.size)
    n = load(inputs[0], first - period + 1, stop, work[0])
    window_spreads(work, work[5][: out.size], out, n, period)
    divide(out, params[0])


@kernel
def roots(row, factor):
    """Square root of every value, times a factor, in place."""
    for i in range(row.size):
        row[i] = sqrt(row[i]) * factor


@kernel
def stddev(first, stop, inputs, params, state, work, outputs):
    """Root of the mean squared distance from the mean of a window, times a factor."""
    var(first, stop, inputs, params, state, work, outputs)
    roots(outputs[0][first:stop], params[1])


@kernel
def band(middle, away, factor, out):
    """Line at a multiple of a distance from another."""
    for i in range(out.size):
        out[i] = fma(factor, away[i], middle[i])


@kernel
def bbands(first, stop, inputs, params, state, work, outputs):
    """Mean of a window, and bands around it at multiples of its standard deviation."""
    period, mean = int64(params[0]), outputs[1][first:stop]
    for out in outputs:
        fetch(out, first, stop)
    n = load(inputs[0], first - period + 1, stop, work[0])
    away = work[5][: mean.size]
    window_spreads(work, mean, away, n, period)
    divide(away, params[0])
    roots(away, 1.0)
    band(mean, away, params[1], outputs[0][first:stop])
    band(mean, away, -params[2], outputs[2][first:stop])


@helper
def fit(first, stop, inputs, params, work, line, out):
    """Height (``line`` is 1 and a number of rows from the middle) or slope (0 and 1) of every window's line.

    It is the line of least squares.
    """
    period, (base, ahead) = int64(params[0]), line
    fetch(out, int64(0), out.size)
    n = load(inputs[0], first - period + 1, stop, work[0])
    tilt = ahead * 12.0 / (params[0] * (params[0] * params[0] - 1.0))
    window_lines(work, base, tilt, out, n, period)


@kernel
def line_at(first, stop, inputs, params, state, work, outputs):
    """Height of the line of least squares: from the middle params[1] windows on, and params[2] rows."""
    ahead = params[1] * (params[0] - 1.0) + params[2]
    fit(first, stop, inputs, params, work, (1.0, ahead), outputs[0][first:stop])


@kernel
def slope(first, stop, inputs, params, state, work, outputs):
    """Slope of the line of least squares."""
    fit(first, stop, inputs, params, work, (0.0, 1.0), outputs[0][first:stop])


@kernel
def angle(first, stop, inputs, params, state, work, outputs):
    """Slope of the line of least squares, in degrees."""
    out = outputs[0][first:stop]
    fit(first, stop, inputs, params, work, (0.0, 1.0), out)
    for i in range(out.size):
        out[i] = arctan(out[i]) * (180.0 / pi)


@kernel
def correlations(xx, yy, xy, out):
    """Joint spread by the root of both; 0 where one does not move."""
    for i in range(out.size):
        both = xx[i] * yy[i]
        out[i] = xy[i] / sqrt(both) if both > 0.0 else 0.0 * both


@helper
def joint(x, y, work, size, period):
    """Spreads and joint spread, to ``work[14]`` and on, of the windows of two rows."""
    found = (work[12][:size], work[13][:size], work[14][:size], work[15][:size], work[16][:size])
    if period == 1:
        stand(x, y, found[2:])
    elif period > DIRECT:
        copy(x, work[0][: x.size])
        copy(y, work[1][: y.size])
        window_joint(work[:12], found, x.size, period)
    else:
        joint_directly(x, y, work[2], found[2:], period)


@kernel
def stand(x, y, spreads):
    """Write the spreads of windows of one value: 0, but NaN where one of the two is no number."""
    for k in range(3):
        for i in range(spreads[k].size):
            spreads[k][i] = 0.0 * x[i] + 0.0 * y[i]


@kernel
def correl(first, stop, inputs, params, state, work, outputs):
    """Correlation of two series; 0 where one does not move."""
    period, out = int64(params[0]), outputs[0][first:stop]
    x = view(inputs[0], first - period + 1, stop, work[0])
    y = view(inputs[1], first - period + 1, stop, work[1])
    joint(x, y, work, out.size, period)
    correlations(work[14], work[15], work[16], out)


@kernel
def returns(x, out):
    """Change of every value from the one before; 0 from 0."""
    for i in range(out.size):
        out[i] = (x[i + 1] - x[i]) / x[i] if x[i] != 0.0 else 0.0 * x[i + 1]


@kernel
def beta(first, stop, inputs, params, state, work, outputs):
    """Slope of the second series' returns on the first's; 0 where those do not move."""
    period, out = int64(params[0]), outputs[0][first:stop]
    n = out.size + period - 1
    for k in range(2):
        returns(view(inputs[k], first - period, stop, work[2]), work[k][:n])
    joint(work[0][:n], work[1][:n], work, out.size, period)
    shares(work[16], work[14], 1.0, out)


@helper
def extremes(first, stop, inputs, period, work, outputs, which):
    """An extreme of every window to every output, as ``which`` has it.

    Returns whether there is a NaN or an infinite value.
    """
    x = view(inputs[0], first - period + 1, stop, work[0])
    for k in range(len(outputs)):
        fetch(outputs[k], first, stop)
    spoiled = unclear(x, int64(0), x.size)
    fetch(inputs[0], stop, 2 * stop - first)
    for k in range(len(outputs)):
        window_extreme(x, work[1:3], outputs[k][first:stop], period, which[k], spoiled)
    return spoiled


@kernel
def lowest(first, stop, inputs, params, state, work, outputs):
    """Lowest value of a window."""
    return extremes(first, stop, inputs, int64(params[0]), work, outputs, (LOWEST,))


@kernel
def highest(first, stop, inputs, params, state, work, outputs):
    """Highest value of a window."""
    return extremes(first, stop, inputs, int64(params[0]), work, outputs, (HIGHEST,))


@kernel
def both_extremes(first, stop, inputs, params, state, work, outputs):
    """Lowest and highest value of a window."""
    return extremes(first, stop, inputs, int64(params[0]), work, outputs, (LOWEST, HIGHEST))
