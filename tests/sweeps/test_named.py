"""The original's sweeps by their names."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from nanobook import backtest_weights, compute_metrics, sweep, sweep_equal_weight
from nanobook.errors import InvalidValue, NonFiniteError

ROWS = [[("A", 10000), ("B", 5000)], [("A", 10200), ("B", 4900)], [("A", 10100), ("B", 5100)]]


def returns_of(param):
    return [0.01 * param, -0.005, 0.02]


def test_a_sweep_of_returns():
    found = sweep([1, 2, 3], 12.0, 0.001, returns_of)
    assert found == [compute_metrics(returns_of(p), 12.0, 0.001) for p in (1, 2, 3)]
    assert sweep(["x"], 252, 0.0, lambda param: []) == [None]
    assert sweep([], 252, 0.0, returns_of) == []
    with ThreadPoolExecutor(2) as pool:
        assert sweep([1, 2, 3], 12.0, 0.001, returns_of, executor=pool) == found


def test_what_a_function_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        sweep([1, 0], 252, 0.0, lambda param: [1 / param])
    with ThreadPoolExecutor(1) as pool, pytest.raises(ZeroDivisionError):
        sweep([1, 0], 252, 0.0, lambda param: [1 / param], executor=pool)
    with pytest.raises(NonFiniteError, match="returns"):
        sweep([1], 252, 0.0, lambda param: [np.nan])
    with pytest.raises(InvalidValue, match="periods_per_year=0"):
        sweep([1], 0, 0.0, returns_of)


def test_equal_weights():
    expected = backtest_weights(
        np.full((3, 2), 0.5), np.array([[p for _, p in r] for r in ROWS]), 10**6, 0, 12.0
    )
    assert sweep_equal_weight(3, ROWS, 10**6) == [expected.metrics] * 3
    assert sweep_equal_weight(2, [], 10**6) == [None, None]
    assert sweep_equal_weight(0, ROWS, 10**6) == []


def test_equal_weights_of_those_with_a_price():
    prices = pd.DataFrame({"A": [100.0, 102.0, 101.0], "B": [np.nan, 50.0, 51.0]})
    weights = pd.DataFrame({"A": [1.0, 0.5, 0.5], "B": [0.0, 0.5, 0.5]})
    expected = backtest_weights(weights, prices, 10**6, 0, 12.0)
    assert sweep_equal_weight(1, prices, 10**6) == [expected.metrics]
