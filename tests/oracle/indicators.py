"""Naive indicators: one look at every window, in exact fractions where it matters."""

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
