"""Kernels of ranks against fractions. Runs with and without the JIT."""

import math
import random

import numpy as np
import pytest

from nanobook.kernels import ranks
from tests.oracle import statistics as oracle


def rows_of(seed, periods=30, count=12):
    """Tables with many ties and some missing pairs, some rows constant."""
    draw = random.Random(seed)
    x, y = (
        np.array(
            [[draw.choice([0.0, -1.5, 2.0, draw.gauss(0, 1)]) for _ in range(count)] for _ in range(periods)]
        )
        for _ in range(2)
    )
    x[3] = 0.1
    gone = np.array([[draw.random() < 0.2 for _ in range(count)] for _ in range(periods)])
    gone[4] = True
    x[gone] = y[gone] = np.nan
    return x, y, count - np.count_nonzero(gone, axis=1)


@pytest.mark.parametrize("seed", range(3))
def test_correlations_equal_those_of_fractions(seed):
    x, y, counts = rows_of(seed)
    orders = np.stack([np.argsort(x, axis=1), np.argsort(y, axis=1)])
    values, rho = np.empty(len(x)), np.empty(len(x))
    ranks.correlate_values(x.copy(), y.copy(), counts, values)
    given = x.copy(), y.copy()
    ranks.correlate_ranks(x, y, orders, counts, rho)
    for t in range(len(x)):
        known = ~np.isnan(x[t])
        a, b = given[0][t][known].tolist(), given[1][t][known].tolist()
        for found, expected in (
            (values[t], oracle.pearson(a, b) if a else None),
            (rho[t], oracle.rank_correlation(a, b) if a else None),
        ):
            assert math.isnan(found) if expected is None else found == pytest.approx(expected, abs=1e-14)
        assert x[t][known].tolist() == [float(rank) for rank in oracle.ranks(a)]


@pytest.mark.parametrize("quantiles", [1, 2, 5])
def test_spreads_equal_those_of_fractions(quantiles):
    x, y, counts = rows_of(9)
    spread = np.empty(len(x))
    ranks.spreads(y, np.argsort(x, axis=1, kind="stable"), counts, quantiles, spread)
    for t in range(len(x)):
        known = ~np.isnan(x[t])
        if counts[t] < quantiles:
            assert math.isnan(spread[t])
        else:
            expected = oracle.spread(x[t][known].tolist(), y[t][known].tolist(), quantiles)
            assert spread[t] == pytest.approx(expected, abs=1e-15)
