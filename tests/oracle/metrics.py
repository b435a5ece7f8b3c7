"""Figures of a series of returns, each from its definition in the plainest Python."""

import math
from fractions import Fraction


def figures(returns, periods_per_year, risk_free):
    """All figures by name; NaN returns are left out."""
    known = [value for value in returns if not math.isnan(value)]
    n = len(known)
    gains, losses = [v for v in known if v > 0], [v for v in known if v < 0]
    mean, spread = mean_of(known), deviation(known)
    spread = spread if spread > 1e-10 * abs(mean) else 0.0  # what is left of a constant is rounding
    downside = root_mean([min(value - risk_free, 0.0) for value in known])
    cut = mean - 1.6448536269514722 * spread
    tail = [value for value in known if value < cut] or [min(known)]
    growth = curve_of(known)
    deepest = max(1.0 - value / max(growth[: i + 1]) for i, value in enumerate(growth))
    cagr = growth[-1] ** (periods_per_year / n) - 1.0 if growth[-1] > 0.0 else -1.0
    payoff = quotient(mean_of(gains) if gains else 0.0, mean_of(losses) if losses else 0.0)
    wins = len(gains) / n
    return {
        "total_return": growth[-1] - 1.0,
        "cagr": cagr,
        "volatility": spread * math.sqrt(periods_per_year),
        "sharpe": (mean - risk_free) / spread * math.sqrt(periods_per_year) if spread else 0.0,
        "sortino": (mean - risk_free) / downside * math.sqrt(periods_per_year) if downside else 0.0,
        "max_drawdown": deepest,
        "calmar": cagr / deepest if deepest else 0.0,
        "num_periods": n,
        "winning_periods": len(gains),
        "losing_periods": len(losses),
        "cvar_95": mean_of(tail),
        "win_rate": wins,
        "profit_factor": quotient(math.fsum(gains), math.fsum(losses)),
        "payoff_ratio": payoff,
        "kelly": wins - (1.0 - wins) / payoff if 0.0 < payoff < math.inf else 0.0,
    }


def mean_of(values):
    """The exact mean, rounded once."""
    return float(sum(map(Fraction, values)) / len(values))


def deviation(values):
    """Standard deviation of a sample, rounded once under the root; 0 of one value."""
    if len(values) < 2:
        return 0.0
    exact = [Fraction(value) for value in values]
    mean = sum(exact) / len(exact)
    return math.sqrt(sum((value - mean) ** 2 for value in exact) / (len(exact) - 1))


def root_mean(shortfalls):
    """Root of the squares over the number less one; 0 of one value."""
    if len(shortfalls) < 2:
        return 0.0
    return math.sqrt(math.fsum(value * value for value in shortfalls) / (len(shortfalls) - 1))


def curve_of(returns):
    """What 1.0 becomes, beginning with 1.0."""
    curve = [1.0]
    for value in returns:
        curve.append(curve[-1] * (1.0 + value))
    return curve


def quotient(gain, loss):
    """Gain over loss; infinite without a loss, 0 without either."""
    if loss < 0.0:
        return gain / -loss
    return math.inf if gain > 0.0 else 0.0
