"""The dominant cycle of a price, after Ehlers."""

from .public import public
from .shapes import compute


@public("ht_dcperiod")
def ht_dcperiod(close):
    """Period of the dominant cycle, in rows: 6 to 50.

    The Hilbert transform takes the smoothed price apart into what is in phase with its cycle and what is a
    quarter ahead (Ehlers, "Rocket Science for Traders", 2001); the period follows from how far the pair
    turns in a row.

    Examples
    --------
    >>> import math
    >>> from nanobook import ht_dcperiod
    >>> wave = [100.0 + math.sin(2.0 * math.pi * t / 20.0) for t in range(200)]
    >>> round(ht_dcperiod(wave)[-1])
    20
    """
    return compute("ht_dcperiod", (close,), ())


@public("ht_dcphase")
def ht_dcphase(close):
    """Phase of the dominant cycle, in degrees from -45 to 315: 90 at the top.

    Of a price that does not move it is made of rounding errors.

    Examples
    --------
    >>> import math
    >>> from nanobook import ht_dcphase
    >>> wave = [100.0 + math.sin(2.0 * math.pi * t / 20.0) for t in range(206)]
    >>> abs(ht_dcphase(wave)[-1] - 90.0) < 5.0
    True
    """
    return compute("ht_dcphase", (close,), ())


@public("ht_phasor")
def ht_phasor(close):
    """What of the price is in phase with its dominant cycle, and what is a quarter of it ahead.

    Examples
    --------
    >>> from nanobook import ht_phasor
    >>> [series[-1] for series in ht_phasor([50.0] * 60)]
    [0.0, 0.0]
    """
    return compute("ht_phasor", (close,), ())


@public("ht_sine")
def ht_sine(close):
    """Sine of the phase of the dominant cycle, and of the phase 45 degrees on.

    Examples
    --------
    >>> import math
    >>> from nanobook import ht_sine
    >>> wave = [100.0 + math.sin(2.0 * math.pi * t / 20.0) for t in range(206)]
    >>> [round(series[-1], 1) for series in ht_sine(wave)]
    [1.0, 0.7]
    """
    return compute("ht_sine", (close,), ())


@public("ht_trendmode")
def ht_trendmode(close):
    """1 where the price trends, 0 where it follows its dominant cycle.

    A row trends if its sines have not crossed for half a period and its phase does not move as a cycle's
    would, or if the price is 1.5 % away from ``ht_trendline``.

    Examples
    --------
    >>> from nanobook import ht_trendmode
    >>> ht_trendmode([100.0 + t for t in range(100)])[-1]
    1.0
    """
    return compute("ht_trendmode", (close,), ())
