"""The figures of one series of returns, each sum from left to right.

The order is part of the result: the same series gives the same bits everywhere. A NaN return is left
out: it is the return of a period that began without equity.
"""

from typing import NamedTuple

from numpy import float64, inf, int64, nan, sqrt

from .._jit import helper, kernel

NORMAL_5 = -1.6448536269514722
"""The 5 % quantile of the standard normal distribution."""

FLAT = 1e-10
"""A deviation below, relative to the mean, is the rounding of a constant, or of its prices."""

FIGURES = (
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "max_drawdown",
    "calmar",
    "num_periods",
    "winning_periods",
    "losing_periods",
    "cvar_95",
    "win_rate",
    "profit_factor",
    "payoff_ratio",
    "kelly",
)
"""What `figures` writes, in this order."""


class Sums(NamedTuple):
    """What one look at a series gives.

    Attributes
    ----------
    growth : float
        What 1.0 became.
    deepest : float
        The deepest fall of that curve from a peak, as a fraction of the peak.
    total, gained, lost, lowest : float
        Sum of all returns, of those above and of those below zero; the lowest.
    known, gains, losses : int
        Number of returns, of those above and of those below zero.
    """

    growth: float
    deepest: float
    total: float
    gained: float
    lost: float
    lowest: float
    known: int
    gains: int
    losses: int


@kernel
def figures(returns, periods_per_year, risk_free, row):
    """Write the figures of a series, in the order of ``FIGURES``.

    Parameters
    ----------
    returns : float64 array, shape (T,)
        Not changed, but of a type that could be; NaN is left out.
    periods_per_year, risk_free : float
        ``risk_free`` is a return a period.
    row : float64 array, shape (15,)
        Written: counts as whole numbers; NaN throughout, and counts of 0, where no return is known.
    """
    sums = gather(returns)
    n = sums.known
    if n == 0:
        row[:] = nan
        row[7:10] = 0.0
        return
    mean = sums.total / n
    both, short = squares(returns, mean, risk_free)
    spread = deviation(both, mean, n)
    downside = sqrt(short / (n - 1)) if n > 1 else 0.0
    tail, count = below(returns, mean + spread * NORMAL_5)
    year = sqrt(periods_per_year)
    excess = (mean - risk_free) * year
    cagr = annual_growth(sums.growth - 1.0, n / periods_per_year)
    wins = sums.gains / n
    mean_gain = sums.gained / sums.gains if sums.gains else 0.0
    mean_loss = sums.lost / sums.losses if sums.losses else 0.0
    payoff = ratio(mean_gain, mean_loss)
    row[0] = sums.growth - 1.0
    row[1] = cagr
    row[2] = spread * year
    row[3] = excess / spread if spread > 0.0 else 0.0
    row[4] = excess / downside if downside > 0.0 else 0.0
    row[5] = sums.deepest
    row[6] = cagr / sums.deepest if sums.deepest > 0.0 else 0.0
    row[7] = n
    row[8] = sums.gains
    row[9] = sums.losses
    row[10] = tail / count if count else sums.lowest
    row[11] = wins
    row[12] = ratio(sums.gained, sums.lost)
    row[13] = payoff
    row[14] = wins - (1.0 - wins) / payoff if 0.0 < payoff < inf else 0.0


@kernel
def gather(returns):
    """Compound, sum and count a series."""
    value, peak, deepest = 1.0, 1.0, 0.0
    total, gained, lost, lowest = 0.0, 0.0, 0.0, inf
    known, gains, losses = int64(0), int64(0), int64(0)
    for i in range(returns.shape[0]):
        change = returns[i]
        if change != change:
            continue
        known += 1
        total += change
        lowest = min(lowest, change)
        value *= 1.0 + change
        peak = max(peak, value)
        deepest = max(deepest, (peak - value) / peak)
        if change > 0.0:
            gained += change
            gains += 1
        elif change < 0.0:
            lost += change
            losses += 1
    return Sums(value, deepest, total, gained, lost, lowest, known, gains, losses)


@kernel
def squares(returns, centre, floor):
    """Sum the squared distances to ``centre``, and those below ``floor`` to it."""
    both = 0.0
    short = 0.0
    for i in range(returns.shape[0]):
        if returns[i] == returns[i]:
            distance = returns[i] - centre
            both += distance * distance
        if returns[i] < floor:
            distance = returns[i] - floor
            short += distance * distance
    return both, short


@kernel
def below(returns, cut):
    """Sum and count what is strictly below ``cut``."""
    total = 0.0
    count = int64(0)
    for i in range(returns.shape[0]):
        if returns[i] < cut:
            total += returns[i]
            count += 1
    return total, count


@helper
def deviation(squared, mean, count):
    """The standard deviation of a sample; 0 of a constant, whose squares are but the rounding of its mean."""
    if count < 2 or squared <= (FLAT * mean) ** 2 * count:
        return 0.0
    return sqrt(squared / (count - 1))


@helper
def annual_growth(total_return, years):
    """Compound a return to a year's; -1 once all is lost."""
    if total_return <= -1.0:
        return -1.0
    return float64(1.0 + total_return) ** (1.0 / years) - 1.0


@helper
def ratio(gain, loss):
    """Divide the gain by the size of the loss; without a loss infinite, without either 0."""
    if loss < 0.0:
        return gain / abs(loss)
    return inf if gain > 0.0 else 0.0
