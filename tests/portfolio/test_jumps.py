"""Prices that jump are found, whatever the gaps."""

import math

import numpy as np
import pandas as pd
import pytest

from nanobook.errors import InvalidValue, NonFiniteError
from nanobook.portfolio import price_jumps

DAYS = pd.date_range("2024-01-01", periods=4, freq="D")


def naive(prices, limit):
    found = []
    last = [None] * len(prices[0])
    for t, row in enumerate(prices):
        for k, price in enumerate(row):
            if not price > 0.0:
                continue
            if last[k] is not None and not 1 / (1 + limit) <= price / last[k] <= 1 + limit:
                found.append((t, k, price / last[k]))
            last[k] = price
    return found


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("limit", [0.1, 0.5, 9.0])
def test_jumps_equal_the_twin(seed, limit):
    rng = np.random.default_rng(seed)
    prices = np.exp(rng.normal(0.0, 0.5, (30, 4)))
    prices[rng.random(prices.shape) < 0.2] = (math.nan, 0.0)[seed % 2]
    assert price_jumps(prices, limit) == naive(prices.tolist(), limit)


def test_c005_splits_cents_and_digits_are_found_by_date_and_symbol():
    prices = pd.DataFrame(
        {
            "SPLIT": [30.0, 30.0, 15.2, 15.0],
            "CENTS": [5.0, math.nan, 501.0, 500.0],
            "CALM": [9.0, 9.9, 8, 10],
        },
        DAYS,
    )
    jumps = price_jumps(prices)
    assert list(jumps.columns) == ["period", "symbol", "ratio"]
    assert jumps["period"].tolist() == [DAYS[2], DAYS[2]]
    assert jumps["symbol"].tolist() == ["SPLIT", "CENTS"]
    assert jumps["ratio"].tolist() == pytest.approx([15.2 / 30.0, 100.2])


def test_integers_lists_and_calm_prices():
    assert price_jumps([100, 101, 1010]) == [(2, 0, 10.0)]
    assert price_jumps(np.array([[100], [101]])) == []
    assert price_jumps(pd.DataFrame({"A": [1.0, 1.1]}, DAYS[:2])).empty
    assert price_jumps([100.0]) == []


def test_c003_c004_odd_prices_and_limits_are_refused():
    with pytest.raises(InvalidValue, match="negative at column 1 row 1"):
        price_jumps(np.array([[1.0, 2.0], [1.0, -2.0]]))
    with pytest.raises(NonFiniteError, match="row 1 is inf"):
        price_jumps([1.0, math.inf])
    with pytest.raises(InvalidValue, match=r"limit=0\.0"):
        price_jumps([1.0, 2.0], 0)
