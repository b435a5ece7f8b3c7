"""The tear sheet: the original's keys, figures of the functions that make them."""

import math

import numpy as np
import pandas as pd
import pytest

from nanobook.errors import InvalidValue, WrongType
from nanobook.portfolio import (
    Metrics,
    backtest_weights,
    drawdown_series,
    monthly_returns,
    relative_metrics,
    rolling_sharpe,
    tear_sheet,
)
from nanobook.portfolio.definitions import DEFINITIONS
from nanobook.portfolio.metrics import compute_metrics
from nanobook.portfolio.relative import RelativeMetrics

DAYS = pd.date_range("2024-01-01", periods=90, freq="D")
RETURNS = np.random.default_rng(3).normal(0.001, 0.02, (90, 2))


@pytest.fixture(scope="module")
def result():
    prices = pd.DataFrame(100.0 * np.cumprod(1.0 + RETURNS, axis=0), DAYS, ["A", "B"])
    weights = prices * 0.0 + 0.5
    weights.loc[DAYS[30:40], "B"] = 0.0
    return backtest_weights(weights, prices, 10_000_000, 5)


def test_the_originals_keys_and_more(result):
    sheet = tear_sheet(result)
    assert {"monthly_returns", "rolling_sharpe", "trade_analytics", "drawdown_events"} <= sheet.keys()
    assert sheet["metrics"] == result.metrics
    assert sheet["drawdown_events"] == drawdown_series(result)
    pd.testing.assert_frame_equal(sheet["monthly_returns"], monthly_returns(result))
    pd.testing.assert_frame_equal(result.monthly_returns(), monthly_returns(result))
    pd.testing.assert_series_equal(sheet["rolling_sharpe"], rolling_sharpe(result, 63))
    assert result.tear_sheet()["trade_analytics"] == sheet["trade_analytics"]
    assert "relative" not in sheet


def test_trades_are_counted(result):
    analytics = tear_sheet(result)["trade_analytics"]
    assert (
        analytics["trade_count"],
        analytics["open_trade_count"],
        analytics["closed_trade_count"],
    ) == (3, 2, 1)
    assert analytics["mean_periods"] == (90 + 30 + 50) / 3
    earned = result.decompose()["trades"]["contribution"].tolist()
    assert analytics["winning_trade_count"] == sum(value > 0 for value in earned)
    assert analytics["best_contribution"] == max(earned)
    assert analytics["worst_contribution"] == min(earned)


def test_beside_a_benchmark(result):
    benchmark = pd.Series(RETURNS[:, 0], DAYS)
    assert tear_sheet(result, benchmark)["relative"] == relative_metrics(result, benchmark)


def test_a_plain_dict_of_lists_as_the_original_made_it():
    rows = [[("A", 1.0)], [("A", 1.0)], []]
    made = backtest_weights(rows, [[("A", cents)] for cents in (100, 110, 99)], 100_000, 0)
    plain = {key: made[key] for key in ("returns", "equity_curve", "holdings", "symbol_returns")}
    sheet, own = tear_sheet(plain), tear_sheet(made)
    assert sheet["metrics"] == own["metrics"] == compute_metrics(made.returns)
    for key in ("monthly_returns", "drawdown_events", "trade_analytics"):
        assert sheet[key] == own[key]
    assert isinstance(sheet["monthly_returns"], list)
    assert all(map(math.isnan, sheet["rolling_sharpe"]))
    for key in plain:
        with pytest.raises(InvalidValue, match=f"backtest_result missing {key}"):
            tear_sheet({name: plain[name] for name in plain if name != key})


def test_a_lean_result_has_no_trades():
    lean = backtest_weights(np.ones((3, 1)), np.array([[100], [110], [99]]), 100_000, 0, lean=True)
    assert tear_sheet(lean)["trade_analytics"] is None


def test_without_a_trade_there_is_no_mean():
    idle = backtest_weights(np.zeros((3, 1)), np.ones((3, 1)), 100_000, 0)
    analytics = tear_sheet(idle)["trade_analytics"]
    assert analytics["trade_count"] == 0
    assert math.isnan(analytics["win_rate"])


def test_something_else_is_refused():
    with pytest.raises(WrongType, match="backtest_result: list, needs a BacktestResult or a dict"):
        tear_sheet([0.01])


def test_every_figure_is_defined():
    """The documentation states formula and unit of each."""
    figures = {*Metrics.__slots__, *RelativeMetrics.__slots__}
    figures -= {"periods_per_year", "risk_free", "metrics", "benchmark"}
    assert figures == DEFINITIONS.keys()
