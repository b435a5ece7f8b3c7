"""Averages and bands over prices."""

from .public import public
from .shapes import compute


@public("sma")
def sma(close, period):
    """Simple moving average: the mean of the last ``period`` values.

    Examples
    --------
    >>> from nanobook import sma
    >>> sma([1.0, 2.0, 4.0, 8.0], 2)
    [nan, 1.5, 3.0, 6.0]
    """
    return compute("sma", (close,), (period,))


@public("ema")
def ema(close, period):
    """Exponential moving average.

    Seeded with the mean of the first ``period`` values; each further value pulls it by 2 / (period + 1).

    Examples
    --------
    >>> from nanobook import ema
    >>> ema([1.0, 2.0, 3.0, 5.0], 3)
    [nan, nan, 2.0, 3.5]
    """
    return compute("ema", (close,), (period,))


@public("wma")
def wma(close, period):
    """Weighted moving average: weights 1 to ``period``, the newest the heaviest."""
    return compute("wma", (close,), (period,))


@public("dema")
def dema(close, period):
    """Double exponential moving average: ``2 * ema - ema(ema)``."""
    return compute("dema", (close,), (period,))


@public("tema")
def tema(close, period):
    """Triple exponential moving average: ``3 * ema - 3 * ema(ema) + ema(ema(ema))``."""
    return compute("tema", (close,), (period,))


@public("trima")
def trima(close, period):
    """Triangular moving average: a mean of means, heaviest in the middle of the window."""
    return compute("trima", (close,), (period,))


@public("rma")
def rma(close, period):
    """Moving average after Wilder: seeded with the mean, then pulled by 1 / period."""
    return compute("rma", (close,), (period,))


@public("kama")
def kama(close, period=30):
    """Adaptive moving average after Kaufman.

    Its pace follows the efficiency ratio: the way of the last ``period`` rows as the crow flies, by the way
    that was gone.
    """
    return compute("kama", (close,), (period,))


@public("t3")
def t3(close, period=5, volume_factor=0.7):
    """Moving average after Tillson: six exponential averages, each of the one before, mixed."""
    return compute("t3", (close,), (period, volume_factor))


@public("bollinger")
def bollinger(close, period=20, num_std_up=2.0, num_std_dn=2.0):
    """Bollinger bands: the mean, and bands at multiples of the standard deviation (that divides by n).

    Examples
    --------
    >>> from nanobook import bollinger
    >>> bollinger([1.0, 3.0, 5.0], 2)[0]
    [nan, 4.0, 6.0]
    """
    return compute("bollinger", (close,), (period, num_std_up, num_std_dn))


@public("midpoint")
def midpoint(close, period=14):
    """Middle between the highest and the lowest of the last ``period`` values."""
    return compute("midpoint", (close,), (period,))


@public("midprice")
def midprice(high, low, period=14):
    """Middle between the highest high and the lowest low of the last ``period`` bars."""
    return compute("midprice", (high, low), (period,))


@public("sar")
def sar(high, low, acceleration=0.02, maximum=0.2):
    """Parabolic stop and reverse after Wilder.

    The direction of the first step is that of the larger directional movement of the second bar.
    """
    return compute("sar", (high, low), (acceleration, maximum))


@public("sarext")
def sarext(
    high,
    low,
    start=0.0,
    offset=0.0,
    initial_long=0.02,
    acceleration_long=0.02,
    maximum_long=0.2,
    initial_short=0.02,
    acceleration_short=0.02,
    maximum_short=0.2,
):
    """Parabolic stop and reverse with paces of their own for rises and falls; below 0 where it falls.

    Examples
    --------
    >>> from nanobook import sarext
    >>> sarext([10.0, 11.0, 9.0], [9.0, 10.0, 8.0])
    [nan, 9.0, -11.0]
    """
    rising, falling = (
        (initial_long, acceleration_long, maximum_long),
        (initial_short, acceleration_short, maximum_short),
    )
    return compute("sarext", (high, low), (start, offset, *rising, *falling))


@public("mama")
def mama(close, fast_limit=0.5, slow_limit=0.05):
    """MESA adaptive moving average after Ehlers, and one that follows it at half its pace.

    The pace is the fast limit by the degrees that the phase of the dominant cycle has turned in a row, but
    not below the slow limit. Begins at 0: the first values still lean towards it, as in TA-Lib.

    Examples
    --------
    >>> from nanobook import mama
    >>> line, follower = mama([50.0] * 100)
    >>> round(line[-1], 6), round(follower[-1], 6)
    (50.0, 50.0)
    """
    return compute("mama", (close,), (fast_limit, slow_limit))


@public("ht_trendline")
def ht_trendline(close):
    """Instantaneous trendline after Ehlers: the mean over a whole dominant cycle, smoothed.

    Examples
    --------
    >>> import math
    >>> from nanobook import ht_trendline
    >>> wave = [100.0 + math.sin(2.0 * math.pi * t / 20.0) for t in range(200)]
    >>> round(ht_trendline(wave)[-1], 1)
    100.0
    """
    return compute("ht_trendline", (close,), ())


@public("ma")
def ma(close, period=30, average="sma"):
    """Moving average of any kind.

    ``mama`` has a period of its own (limits 0.5 and 0.05), ``t3`` the volume factor 0.7; over one row any
    average is the series itself.

    Examples
    --------
    >>> from nanobook import ma
    >>> ma([1.0, 2.0, 4.0, 8.0], 2, "trima")
    [nan, 1.5, 3.0, 6.0]
    """
    return compute("ma", (close,), (period, average))


@public("mavp")
def mavp(close, periods, min_period=2, max_period=30, average="sma"):
    """Moving average with a period of its own in every row.

    Periods are cut to whole numbers, and to the two bounds. All averages begin where the longest does.

    Examples
    --------
    >>> from nanobook import mavp
    >>> mavp([1.0, 2.0, 3.0, 5.0], [2.0, 2.0, 3.0, 2.0], 2, 3)
    [nan, nan, 2.0, 4.0]
    """
    return compute("mavp", (close, periods), (min_period, max_period, average))


bbands = bollinger
