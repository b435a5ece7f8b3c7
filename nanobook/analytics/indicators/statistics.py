"""Moments, lines and extremes of windows."""

from .public import public
from .shapes import compute


@public("stddev")
def stddev(x, period=5, num_std=1.0):
    """Standard deviation of the last ``period`` values (divides by n), times ``num_std``."""
    return compute("stddev", (x,), (period, num_std))


@public("var")
def var(x, period=5):
    """Variance of the last ``period`` values (divides by n)."""
    return compute("var", (x,), (period,))


@public("linearreg")
def linearreg(x, period=14):
    """Height, at the last row, of the line of least squares through the last ``period`` values."""
    return compute("linearreg", (x,), (period,))


@public("tsf")
def tsf(x, period=14):
    """Time series forecast: height of the line of least squares one row ahead."""
    return compute("tsf", (x,), (period,))


@public("linearreg_intercept")
def linearreg_intercept(x, period=14):
    """Height of the line of least squares at the first row of its window."""
    return compute("linearreg_intercept", (x,), (period,))


@public("linearreg_slope")
def linearreg_slope(x, period=14):
    """Slope of the line of least squares, a row.

    Examples
    --------
    >>> from nanobook import linearreg_slope
    >>> linearreg_slope([1.0, 3.0, 5.0], 3)
    [nan, nan, 2.0]
    """
    return compute("linearreg_slope", (x,), (period,))


@public("linearreg_angle")
def linearreg_angle(x, period=14):
    """Slope of the line of least squares in degrees."""
    return compute("linearreg_angle", (x,), (period,))


@public("correl")
def correl(x, y, period=30):
    """Correlation of two series over the last ``period`` rows; 0 where one does not move.

    Examples
    --------
    >>> from nanobook import correl
    >>> correl([1.0, 2.0, 4.0], [2.0, 1.0, 0.0], 3)
    [nan, nan, -0.9819805060619659]
    """
    return compute("correl", (x, y), (period,))


@public("beta")
def beta(x, y, period=5):
    """Slope of the returns of ``y`` on those of ``x`` over the last ``period`` returns.

    A return from 0 counts as 0, and so does the slope where ``x`` does not move.
    """
    return compute("beta", (x, y), (period,))


@public("rolling_max")
def rolling_max(x, period=30):
    """Highest of the last ``period`` values."""
    return compute("rolling_max", (x,), (period,))


@public("rolling_min")
def rolling_min(x, period=30):
    """Lowest of the last ``period`` values."""
    return compute("rolling_min", (x,), (period,))


@public("rolling_sum")
def rolling_sum(x, period=30):
    """Sum of the last ``period`` values."""
    return compute("rolling_sum", (x,), (period,))


@public("minmax")
def minmax(x, period=30):
    """Lowest and highest of the last ``period`` values."""
    return compute("minmax", (x,), (period,))


@public("maxindex")
def maxindex(x, period=30):
    """Row, counted from the first, of the highest of the last ``period`` values; the latest of equals."""
    return compute("maxindex", (x,), (period,))


@public("minindex")
def minindex(x, period=30):
    """Row, counted from the first, of the lowest of the last ``period`` values; the latest of equals."""
    return compute("minindex", (x,), (period,))
