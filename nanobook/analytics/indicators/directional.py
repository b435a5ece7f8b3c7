"""Directional movement after Wilder."""

from .public import public
from .shapes import compute


@public("plus_dm")
def plus_dm(high, low, period=14):
    """Upward directional movement, summed after Wilder."""
    return compute("plus_dm", (high, low), (period,))


@public("minus_dm")
def minus_dm(high, low, period=14):
    """Downward directional movement, summed after Wilder."""
    return compute("minus_dm", (high, low), (period,))


@public("plus_di")
def plus_di(high, low, close, period=14):
    """Upward directional movement in percent of the true range; 0 where that is 0."""
    return compute("plus_di", (high, low, close), (period,))


@public("minus_di")
def minus_di(high, low, close, period=14):
    """Downward directional movement in percent of the true range; 0 where that is 0."""
    return compute("minus_di", (high, low, close), (period,))


@public("dx")
def dx(high, low, close, period=14):
    """Directional index: ``100 * abs(plus_di - minus_di) / (plus_di + minus_di)``.

    Where there is no movement it stays as it was.
    """
    return compute("dx", (high, low, close), (period,))


@public("adx")
def adx(high, low, close, period=14):
    """Average directional index: the Wilder average of ``dx``."""
    return compute("adx", (high, low, close), (period,))


@public("adxr")
def adxr(high, low, close, period=14):
    """Rating of the average directional index: its mean with that of ``period - 1`` rows before."""
    return compute("adxr", (high, low, close), (period,))
