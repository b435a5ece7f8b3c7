"""Changes and strength."""

from .public import public
from .shapes import compute


@public("mom")
def mom(close, period=10):
    """Momentum: the difference from the value ``period`` rows before."""
    return compute("mom", (close,), (period,))


@public("roc")
def roc(close, period=10):
    """Rate of change: ``100 * (x / before - 1)``; 0 where the value before was 0.

    Examples
    --------
    >>> from nanobook import roc
    >>> roc([10.0, 11.0, 12.1], 1)
    [nan, 10.000000000000009, 9.999999999999986]
    """
    return compute("roc", (close,), (period,))


@public("rocp")
def rocp(close, period=10):
    """Rate of change as a fraction: ``x / before - 1``; 0 where the value before was 0."""
    return compute("rocp", (close,), (period,))


@public("rocr")
def rocr(close, period=10):
    """Rate of change as a ratio: ``x / before``; 0 where the value before was 0."""
    return compute("rocr", (close,), (period,))


@public("rocr100")
def rocr100(close, period=10):
    """Rate of change as a ratio in percent: ``100 * x / before``; 0 where the value before was 0."""
    return compute("rocr100", (close,), (period,))


@public("rsi")
def rsi(close, period=14):
    """Relative strength index after Wilder: ``100 * gain / (gain + loss)``.

    Gain and loss are Wilder averages of the changes up and down; 0 where nothing changed.

    Examples
    --------
    >>> from nanobook import rsi
    >>> rsi([10.0, 11.0, 10.5, 11.5], 2)
    [nan, nan, 66.66666666666666, 85.71428571428571]
    """
    return compute("rsi", (close,), (period,))


@public("cmo")
def cmo(close, period=14):
    """Chande momentum oscillator: ``100 * (gain - loss) / (gain + loss)``, with Wilder averages."""
    return compute("cmo", (close,), (period,))


@public("macd")
def macd(close, fast_period=12, slow_period=26, signal_period=9):
    """Moving average convergence and divergence.

    The line is the fast less the slow exponential average, the signal the line's own average, the histogram
    the difference of the two. All begin where the signal does.

    Examples
    --------
    >>> from nanobook import macd
    >>> macd([1.0, 2.0, 4.0, 8.0], 2, 3, 2)[0]
    [nan, nan, nan, 1.166666666666666]
    """
    return compute("macd", (close,), (fast_period, slow_period, signal_period))


@public("macdext")
def macdext(
    close,
    fast_period=12,
    fast_average="sma",
    slow_period=26,
    slow_average="sma",
    signal_period=9,
    signal_average="sma",
):
    """``macd`` with averages of any kind.

    Examples
    --------
    >>> from nanobook import macdext
    >>> macdext([1.0, 2.0, 4.0, 8.0], 2, "sma", 3, "sma", 1)[0]
    [nan, nan, 0.6666666666666665, 1.333333333333333]
    """
    kinds = (fast_period, fast_average, slow_period, slow_average, signal_period, signal_average)
    return compute("macdext", (close,), kinds)


@public("macdfix")
def macdfix(close, signal_period=9):
    """``macd`` of 12 and 26 rows with the fixed paces 0.15 and 0.075."""
    return compute("macdfix", (close,), (signal_period,))


@public("apo")
def apo(close, fast_period=12, slow_period=26, average="ema"):
    """Absolute price oscillator: the fast less the slow average."""
    return compute("apo", (close,), (fast_period, slow_period, average))


@public("ppo")
def ppo(close, fast_period=12, slow_period=26, average="ema"):
    """Percentage price oscillator: the fast less the slow average, in percent of the slow."""
    return compute("ppo", (close,), (fast_period, slow_period, average))


@public("trix")
def trix(close, period=30):
    """Change from row to row, in percent, of a triple exponential average."""
    return compute("trix", (close,), (period,))


@public("bop")
def bop(open, high, low, close):
    """Balance of power: ``(close - open) / (high - low)``; 0 where high is low."""
    return compute("bop", (open, high, low, close), ())
