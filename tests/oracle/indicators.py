"""Naive indicators: one look at every window, in exact fractions where it matters."""

import cmath
import math
from fractions import Fraction

NAN = math.nan


def windows(values, period):
    """Every window that ends at a row, None where it is not whole or holds a NaN."""
    for t in range(len(values)):
        window = values[t - period + 1 : t + 1] if t + 1 >= period else None
        yield None if window is None or any(math.isnan(v) for v in window) else window


def rolling(function, values, period):
    """Apply a function of a window of exact fractions to every window."""
    return [
        NAN if window is None else float(function([Fraction(v) for v in window]))
        for window in windows(values, period)
    ]


def mean(window):
    return sum(window) / len(window)


def variance(window):
    centre = mean(window)
    return sum((v - centre) ** 2 for v in window) / len(window)


def line(window):
    """Height at the middle and slope of the line of least squares."""
    middle = Fraction(len(window) - 1, 2)
    slope = sum(v * (i - middle) for i, v in enumerate(window)) / sum(
        (i - middle) ** 2 for i in range(len(window))
    )
    return mean(window), slope


def weighted(window):
    return sum(v * (i + 1) for i, v in enumerate(window)) / sum(range(1, len(window) + 1))


def triangle(window):
    period = len(window)
    weights = [min(i + 1, period - i) for i in range(period)]
    return sum(v * w for v, w in zip(window, weights, strict=True)) / sum(weights)


def correlation(xs, ys, period):
    """Correlation of every two windows; 0 where one does not move."""
    shown = []
    for x, y in zip(windows(xs, period), windows(ys, period), strict=True):
        if x is None or y is None:
            shown.append(NAN)
            continue
        x, y = [Fraction(v) for v in x], [Fraction(v) for v in y]
        both = [(a - mean(x)) * (b - mean(y)) for a, b in zip(x, y, strict=True)]
        spread = variance(x) * variance(y)
        shown.append(float(mean(both)) / math.sqrt(spread) if spread else 0.0)
    return shown


def exponential(values, period, pace):
    """Seeded with the mean of the first values of every run without a NaN."""
    shown, run, level = [], [], NAN
    for value in values:
        run = [] if math.isnan(value) else [*run, value]
        if len(run) == period:
            level = sum(run) / period
        elif len(run) > period:
            level += pace * (value - level)
        shown.append(level if len(run) >= period else NAN)
    return shown


def strength(values, period):
    """Relative strength: Wilder averages of the changes up and down."""
    changes = [b - a for a, b in zip([NAN, *values], values, strict=False)]
    gains = exponential([v if math.isnan(v) else max(v, 0.0) for v in changes], period, 1.0 / period)
    losses = exponential([v if math.isnan(v) else max(-v, 0.0) for v in changes], period, 1.0 / period)
    return [
        NAN if math.isnan(g) else 100.0 * g / (g + loss) if g + loss else 0.0
        for g, loss in zip(gains, losses, strict=True)
    ]


def quarter_ahead(values, gain):
    """Hilbert transform of the last of seven values, by Ehlers' weights."""
    return gain * (0.0962 * (values[-1] - values[-7]) + 0.5769 * (values[-3] - values[-5]))


def limited(value, low, high):
    return max(low, min(high, value))


def cycles(prices, warm):
    """Periods of the dominant cycle, smoothed prices and phasors, row by row from ``warm`` on.

    In complex numbers: the product of a phasor with the conjugate of the one before has the angle between
    the two. Nothing is known before ``warm``: all that is looked back on is 0.
    """
    smoothed, swing, ahead, phasors = [0.0] * 60, [0.0] * 60, [0.0] * 60, []
    mixed, product, period, shown = 0j, 0j, 0.0, 0.0
    periods = []
    for t in range(warm, len(prices)):
        gain = 0.075 * period + 0.54
        smoothed.append(sum((4 - k) * prices[t - k] for k in range(4)) / 10.0)
        swing.append(quarter_ahead(smoothed, gain))
        ahead.append(quarter_ahead(swing, gain))
        phasors.append(complex(swing[-4], ahead[-1]))
        turned = complex(quarter_ahead(swing[:-3], gain), quarter_ahead(ahead, gain))
        now = 0.2 * (phasors[-1] + complex(-turned.imag, turned.real)) + 0.8 * mixed
        product = 0.2 * (mixed * now.conjugate()).conjugate() + 0.8 * product
        mixed, angle = now, 0.0
        if product.real and product.imag:
            angle = math.atan(-product.imag / product.real)
        found = 2.0 * math.pi / angle if angle else period
        found = limited(limited(found, 0.67 * period, 1.5 * period), 6.0, 50.0)
        period = 0.2 * found + 0.8 * period
        shown = 0.33 * period + 0.67 * shown
        periods.append(shown)
    return periods, smoothed, phasors


def dominant_periods(prices):
    """Periods of the dominant cycle of one run without a NaN."""
    return ([NAN] * 32 + cycles(prices, 12)[0][20:])[: len(prices)]


def trendlines(prices):
    """Means over a whole cycle, smoothed by weights 4 to 1."""
    means, shown = [0.0] * 3, []
    for k, period in enumerate(cycles(prices, 37)[0]):
        width = math.floor(period + 0.5)
        means.append(sum(prices[38 + k - width : 38 + k]) / max(width, 1))
        shown.append(sum((4 - j) * means[-1 - j] for j in range(4)) / 10.0)
    return ([NAN] * 63 + shown[26:])[: len(prices)]


def phases(prices):
    """Degrees of the wave of the dominant period that fits the last rows best."""
    periods, smoothed, _ = cycles(prices, 37)
    shown = []
    for k, period in enumerate(periods):
        width = math.floor(period + 0.5)
        wave = [cmath.exp(2j * math.pi * j / width) * smoothed[60 + k - j] for j in range(width)]
        fit = sum(wave, 0j)  # its real part belongs to the cosine
        degrees = math.degrees(math.atan(fit.imag / fit.real)) if fit.real else 0.0
        degrees += 90.0 + 360.0 / period + (180.0 if fit.real < 0.0 else 0.0)
        shown.append(degrees - 360.0 if degrees > 315.0 else degrees)
    return ([NAN] * 63 + shown[26:])[: len(prices)]


ROLLING = {
    "sma": mean,
    "wma": weighted,
    "trima": triangle,
    "var": variance,
    "rolling_sum": sum,
    "rolling_max": max,
    "rolling_min": min,
    "linearreg": lambda w: line(w)[0] + line(w)[1] * Fraction(len(w) - 1, 2),
    "tsf": lambda w: line(w)[0] + line(w)[1] * Fraction(len(w) + 1, 2),
    "linearreg_intercept": lambda w: line(w)[0] - line(w)[1] * Fraction(len(w) - 1, 2),
    "linearreg_slope": lambda w: line(w)[1],
    "midpoint": lambda w: (max(w) + min(w)) / 2,
}
"""Functions of one window."""
