"""The original's sweeps by their names."""

from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import pandas as pd
import pytest

from nanobook import (
    CostModel,
    TradingRules,
    backtest_weights,
    compute_metrics,
    run_backtest,
    simulate_compiled,
    sweep,
    sweep_equal_weight,
    sweep_strategy,
)
from nanobook._jit import JIT
from nanobook.errors import InvalidValue, NonFiniteError, NotAvailable, WrongType

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


def only(symbol):
    return lambda bar_index, prices, portfolio: {symbol: 1.0}


def failing(param):
    def strategy(bar_index, prices, portfolio):
        raise KeyError(param)

    return strategy


def test_a_sweep_of_python_strategies():
    found = sweep_strategy(["A", "B"], ROWS, 10**6, CostModel(10), 12.0, 0.001, only)
    assert found == [run_backtest(only(s), ROWS, 10**6, CostModel(10), 12.0, 0.001).metrics for s in "AB"]
    with ThreadPoolExecutor(2) as pool:
        assert sweep_strategy("AB", ROWS, 10**6, CostModel(10), 12.0, 0.001, only, executor=pool) == found
    assert sweep_strategy("AB", [], 10**6, None, factory=only) == [None, None]
    with pytest.raises(KeyError):
        sweep_strategy([1], ROWS, 10**6, None, factory=failing)
    with pytest.raises(WrongType, match="factory: None"):
        sweep_strategy([1], ROWS, 10**6, None)


def first(bar, weights):
    if bar.t == 0:
        weights[:] = 0.0
        weights[0] = 0.5


@pytest.mark.skipif(not JIT, reason="without compilation no function is compiled")
def test_a_compiled_strategy_in_run_backtest():
    prices = pd.DataFrame({"A": [100.0, 102.0, 101.0], "B": [50.0, 49.0, 51.0]})
    found = run_backtest(numba.njit(first), prices, 10**6, CostModel(10))
    assert found == simulate_compiled(first, prices, None, 10**6, CostModel(10), max_leverage=None)
    assert found.equity_curve.iloc[-1] == 10**6 - 500 + 50 * 100
    with pytest.raises(NotAvailable, match="rules: not available"):
        run_backtest(numba.njit(first), prices, 10**6, None, rules=TradingRules(sells_first=True))
