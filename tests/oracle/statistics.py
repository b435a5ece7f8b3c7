"""Naive statistics: definitions in plain Python, with fractions where they can be exact."""

import math
from fractions import Fraction
from itertools import combinations

from tests.oracle.session import SplitMix


def ranks(values):
    """Rank of each value: one more than those below it, plus half of its other equals."""
    return [
        Fraction(
            2 + 2 * sum(other < value for other in values) + sum(other == value for other in values) - 1, 2
        )
        for value in values
    ]


def pearson(x, y):
    """Correlation; None where a series is constant."""
    n = len(x)
    x, y = [Fraction(v) for v in x], [Fraction(v) for v in y]
    mean_x, mean_y = sum(x) / n, sum(y) / n
    both = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    squares = sum((a - mean_x) ** 2 for a in x) * sum((b - mean_y) ** 2 for b in y)
    return None if squares == 0 else float(both) / math.sqrt(squares)


def rank_correlation(x, y):
    """Pearson's correlation of the ranks."""
    return pearson(ranks(x), ranks(y))


def spread(scores, returns, quantiles):
    """Mean of the top share less that of the bottom one, equal scores in the order given."""
    order = sorted(range(len(scores)), key=lambda i: scores[i])
    share = len(scores) // quantiles
    top = [Fraction(returns[i]) for i in order[len(order) - share :]]
    bottom = [Fraction(returns[i]) for i in order[:share]]
    return float(sum(top) / share - sum(bottom) / share)


def resampled_rows(periods, kind, length, seed, number):
    """Rows of one resample: blocks that go on with the next row, round the end to the first."""
    draw = SplitMix(seed, number, 0)
    rows = []
    while len(rows) < periods:
        row = draw.below(periods)
        rows.append(row)
        if kind == "circular":
            block = int(length) - 1
            while block and len(rows) < periods:
                row = (row + 1) % periods
                rows.append(row)
                block -= 1
        else:
            while len(rows) < periods and draw.uniform() * length >= 1.0:
                row = (row + 1) % periods
                rows.append(row)
    return rows


def long_run_variance(series, length):
    """Variance of the root of T times the mean under the stationary bootstrap of Politis and Romano."""
    n, keep = len(series), 1.0 - 1.0 / length
    mean = math.fsum(series) / n
    apart = [value - mean for value in series]

    def covariance(lag):
        return math.fsum(apart[t] * apart[t + lag] for t in range(n - lag)) / n

    weights = [(1 - lag / n) * keep**lag + lag / n * keep ** (n - lag) for lag in range(n)]
    return covariance(0) + 2 * math.fsum(weights[lag] * covariance(lag) for lag in range(1, n))


def newey_west(series, lags):
    """Standard error of a mean with Bartlett weights and the factor n / (n - 1)."""
    n, mean = len(series), math.fsum(series) / len(series)
    apart = [value - mean for value in series]
    total = math.fsum(value * value for value in apart)
    for lag in range(1, lags + 1):
        total += 2 * (1 - lag / (lags + 1)) * math.fsum(apart[t] * apart[t - lag] for t in range(lag, n))
    return math.sqrt(total / n / (n - 1))


def sharpe(returns):
    """Mean over standard deviation; 0 for equal returns."""
    if len(set(returns)) == 1:
        return 0.0
    mean = math.fsum(returns) / len(returns)
    return mean / math.sqrt(math.fsum((value - mean) ** 2 for value in returns) / (len(returns) - 1))


def average(returns):
    """Mean."""
    return math.fsum(returns) / len(returns)


def overfitting(table, blocks, score):
    """Combinatorially symmetric cross-validation; one (best, in, out, rank) a split.

    ``table`` is a list of rows with one return a strategy.
    """
    edges = [s * len(table) // blocks for s in range(blocks + 1)]
    result = []
    for half in combinations(range(blocks), blocks // 2):
        inside, outside = [], []
        for s in range(blocks):
            (inside if s in half else outside).extend(table[edges[s] : edges[s + 1]])
        within = [score(column) for column in zip(*inside, strict=True)]
        beyond = [score(column) for column in zip(*outside, strict=True)]
        best = within.index(max(within))
        result.append((best, within[best], beyond[best], float(ranks(beyond)[best])))
    return result
