"""Volume, ranges and prices of bars."""

from .public import public
from .shapes import compute


@public("obv")
def obv(close, volume):
    """On-balance volume: volume added where the close rises, taken away where it falls.

    Begins with the first volume.

    Examples
    --------
    >>> from nanobook import obv
    >>> obv([10.0, 11.0, 10.0], [100, 50, 20])
    [100.0, 150.0, 130.0]
    """
    return compute("obv", (close, volume), ())


@public("ad")
def ad(high, low, close, volume):
    """Accumulation and distribution line: the sum of volume times where the close stands (-1 to 1)."""
    return compute("ad", (high, low, close, volume), ())


@public("adosc")
def adosc(high, low, close, volume, fast_period=3, slow_period=10):
    """Chaikin oscillator: fast less slow exponential average of ``ad``, both seeded with its first value."""
    return compute("adosc", (high, low, close, volume), (fast_period, slow_period))


@public("trange")
def trange(high, low, close):
    """True range: the reach of a bar, the close before it included."""
    return compute("trange", (high, low, close), ())


@public("wilder_atr")
def wilder_atr(high, low, close, period=14):
    """Average true range after Wilder.

    Examples
    --------
    >>> from nanobook import wilder_atr
    >>> wilder_atr([11.0, 12.0, 13.0], [10.0, 10.5, 12.0], [10.5, 11.5, 12.5], 2)
    [nan, nan, 1.5]
    """
    return compute("wilder_atr", (high, low, close), (period,))


@public("natr")
def natr(high, low, close, period=14):
    """Average true range in percent of the close; 0 where that is 0."""
    return compute("natr", (high, low, close), (period,))


@public("avgprice")
def avgprice(open, high, low, close):
    """Mean of open, high, low and close."""
    return compute("avgprice", (open, high, low, close), ())


@public("medprice")
def medprice(high, low):
    """Mean of high and low."""
    return compute("medprice", (high, low), ())


@public("typprice")
def typprice(high, low, close):
    """Typical price: the mean of high, low and close."""
    return compute("typprice", (high, low, close), ())


@public("wclprice")
def wclprice(high, low, close):
    """Weighted close: ``(high + low + 2 * close) / 4``."""
    return compute("wclprice", (high, low, close), ())


atr = wilder_atr
