"""Figures of every window, each window for itself, from its definition."""

import math
from fractions import Fraction

from tests.oracle.metrics import deviation, mean_of


def over_windows(figure, window, *series):
    """A figure of every full window; NaN before the first one, and where a window holds a NaN."""
    answers = [math.nan] * min(window - 1, len(series[0]))
    for end in range(window, len(series[0]) + 1):
        parts = [list(values[end - window : end]) for values in series]
        unknown = any(math.isnan(value) for part in parts for value in part)
        answers.append(math.nan if unknown else figure(*parts))
    return answers


def sharpe(returns):
    """Mean over standard deviation; 0 where nothing varies."""
    spread = deviation(returns)
    return mean_of(returns) / spread if spread else 0.0


def compounded(returns):
    """The return of the whole window, exactly, rounded once."""
    growth = Fraction(1)
    for value in returns:
        growth *= 1 + Fraction(value)
    return float(growth - 1)


def slope(values, others):
    """Covariance over variance; NaN where the others do not vary."""
    x, y = [list(map(Fraction, part)) for part in (others, values)]
    x_mean, y_mean = sum(x) / len(x), sum(y) / len(y)
    square = sum((a - x_mean) ** 2 for a in x)
    product = sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y, strict=True))
    return float(product / square) if square else math.nan


def deepest_fall(equity):
    """Deepest fall from the peak so far, as a fraction of it."""
    peak, deepest = equity[0], 0.0
    for value in equity:
        peak = max(peak, value)
        if peak > 0:
            deepest = max(deepest, (peak - value) / peak)
    return deepest


def spells(equity):
    """Spells below a peak as (peak, start, trough, recovery); None for a recovery still to come."""
    found, spell = [], None
    peak = 0
    for i, value in enumerate(equity):
        if value >= equity[peak]:
            if spell:
                found.append((*spell, i))
            peak, spell = i, None
        elif equity[peak] > 0:
            if spell is None:
                spell = (peak, i, i)
            elif value < equity[spell[2]]:
                spell = (*spell[:2], i)
    return [*found, (*spell, None)] if spell else found
