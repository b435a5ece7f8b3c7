"""Where the close stands in its window, and what money flowed."""

from .public import public
from .shapes import compute


@public("willr")
def willr(high, low, close, period=14):
    """Williams %R: where the close stands from the highest high (0) to the lowest low (-100)."""
    return compute("willr", (high, low, close), (period,))


@public("cci")
def cci(high, low, close, period=14):
    """Commodity channel index: distance of the typical price from its mean, in 0.015 mean distances.

    Time grows with ``period``: every row looks at its whole window. 0 where the window is flat.
    """
    return compute("cci", (high, low, close), (period,))


@public("mfi")
def mfi(high, low, close, volume, period=14):
    """Money flow index: ``100 * up / (up + down)`` of typical price times volume; 0 where nothing flowed."""
    return compute("mfi", (high, low, close, volume), (period,))


@public("ultosc")
def ultosc(high, low, close, period1=7, period2=14, period3=28):
    """Ultimate oscillator: buying pressure by true range over three windows, weighted 4 : 2 : 1.

    The shortest has the weight 4, as in TA-Lib, in whatever order the periods are given.
    """
    return compute("ultosc", (high, low, close), (period1, period2, period3))


@public("aroon")
def aroon(high, low, period=14):
    """Aroon lines: how recent the lowest low and the highest high of ``period + 1`` bars are; 100 is now.

    The latest of equals counts.
    """
    return compute("aroon", (high, low), (period,))


@public("aroonosc")
def aroonosc(high, low, period=14):
    """Aroon oscillator: Aroon up less Aroon down."""
    return compute("aroonosc", (high, low), (period,))


@public("stoch")
def stoch(high, low, close, fastk_period=5, slowk_period=3, slowd_period=3):
    """Slow stochastic oscillator: mean of where the close stands between lowest (0) and highest (100).

    The stand is 0 where the highest is the lowest. Both lines begin where the slower one does.
    """
    return compute("stoch", (high, low, close), (fastk_period, slowk_period, slowd_period))


@public("stochf")
def stochf(high, low, close, fastk_period=5, fastd_period=3):
    """Fast stochastic oscillator: where the close stands between lowest (0) and highest (100), and its mean.

    The stand is 0 where the highest is the lowest. Both lines begin where the slower one does.

    Examples
    --------
    >>> from nanobook import stochf
    >>> stochf([2.0, 3.0, 4.0], [1.0, 1.0, 2.0], [1.0, 2.0, 4.0], 3, 1)[0]
    [nan, nan, 100.0]
    """
    return compute("stochf", (high, low, close), (fastk_period, fastd_period))


@public("stochrsi")
def stochrsi(close, period=14, fastk_period=5, fastd_period=3):
    """Fast stochastic oscillator of the relative strength index."""
    return compute("stochrsi", (close,), (period, fastk_period, fastd_period))
