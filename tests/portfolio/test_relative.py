"""Figures beside a benchmark: empyrical's where it has them, dates matched, bad input refused."""

import math
import os
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nanobook.errors import InvalidValue, NonFiniteError, ShapeError
from nanobook.portfolio import backtest_weights, compute_metrics, relative_metrics

DAYS = pd.date_range("2024-01-01", periods=6, freq="D")
MINE = [0.02, -0.01, 0.04, -0.02, 0.03, 0.01]
THEIRS = [0.01, -0.01, 0.02, -0.03, 0.01, 0.00]
CLOSE = {"rel": 1e-12, "abs": 1e-12}


@pytest.mark.parametrize("rate", [0.0, 0.0002])
def test_figures_equal_empyricals(rate):
    folder = os.environ.get("NANOBOOK_DATA")
    if not folder:
        pytest.skip("NANOBOOK_DATA is not set: the folder of market data that is never part of the project")
    empyrical = pytest.importorskip("empyrical", reason="empyrical-reloaded is in the extra 'test'")
    path = Path(folder) / "expected" / "empyrical_returns.csv"
    returns = pd.read_csv(path, header=None, index_col=0, parse_dates=True)[1] / 100
    noise = np.random.default_rng(4).normal(0.0003, 0.01, len(returns))
    benchmark = returns * 0.6 + noise
    benchmark.iloc[::10] = 0.0  # neither up nor down
    ours = relative_metrics(returns, benchmark, 252.0, rate)
    assert ours.alpha == pytest.approx(empyrical.alpha(returns, benchmark, rate), **CLOSE)
    assert ours.beta == pytest.approx(empyrical.beta(returns, benchmark, rate), **CLOSE)
    assert ours.up_capture == pytest.approx(empyrical.up_capture(returns, benchmark), **CLOSE)
    assert ours.down_capture == pytest.approx(empyrical.down_capture(returns, benchmark), **CLOSE)
    excess = empyrical.excess_sharpe(returns, benchmark) * math.sqrt(252)
    assert ours.information_ratio == pytest.approx(excess, **CLOSE)
    active = returns - benchmark
    assert ours.tracking_error == pytest.approx(active.std(ddof=1) * math.sqrt(252), **CLOSE)
    assert ours.correlation == pytest.approx(np.corrcoef(returns, benchmark)[0, 1], **CLOSE)
    assert ours.r_squared == ours.correlation**2
    assert ours.win_rate == pytest.approx(empyrical.batting_average(returns, benchmark)["batting average"])
    assert ours.metrics == compute_metrics(returns, 252.0, rate)
    assert ours.benchmark == compute_metrics(benchmark, 252.0, rate)


def test_a_series_beside_itself():
    ours = relative_metrics(MINE, MINE, 12.0)
    assert (ours.alpha, ours.beta, ours.correlation) == pytest.approx((0.0, 1.0, 1.0))
    assert (ours.tracking_error, ours.information_ratio, ours.excess_cagr, ours.win_rate) == (0, 0, 0, 0)
    assert (ours.up_capture, ours.down_capture) == (1.0, 1.0)


def test_a_benchmark_that_does_not_vary_has_no_slope():
    ours = relative_metrics(MINE, [0.1] * 6)
    assert math.isnan(ours.beta)
    assert math.isnan(ours.alpha)
    assert math.isnan(ours.correlation)
    assert math.isnan(ours.down_capture)
    assert not math.isnan(ours.up_capture)


def test_dates_are_matched():
    mine, theirs = pd.Series(MINE, DAYS), pd.Series(THEIRS, DAYS)
    plain = relative_metrics(MINE, THEIRS)
    assert relative_metrics(mine, theirs) == plain
    before = pd.Series([math.nan, 0.5], DAYS[:2] - pd.Timedelta("2D"))
    assert relative_metrics(mine, pd.concat([before, theirs])) == plain
    shorter = relative_metrics(mine, theirs.iloc[1:5])
    assert shorter.num_periods == 4
    assert shorter == relative_metrics(MINE[1:5], THEIRS[1:5])
    leading = theirs.where(theirs.index != DAYS[0])  # as pct_change gives
    assert relative_metrics(mine, leading) == relative_metrics(MINE[1:], THEIRS[1:])


def test_a_result_beside_a_benchmark():
    prices = pd.DataFrame({"A": np.cumprod(1.0 + np.array(MINE)) * 100.0}, DAYS)
    result = backtest_weights(prices * 0 + 1.0, prices, 10**9, 0)
    ours = relative_metrics(result, pd.Series(THEIRS, DAYS))
    assert ours.num_periods == 6
    assert ours.metrics == result.metrics


def test_figures_can_be_read_as_a_dict_and_pickled():
    ours = relative_metrics(MINE, THEIRS)
    figures = ours.to_dict()
    assert list(figures)[:2] == ["alpha", "beta"]
    assert figures["num_periods"] == 6
    assert {"metrics", "benchmark"}.isdisjoint(figures)
    assert pickle.loads(pickle.dumps(ours)) == ours
    assert repr(ours).startswith("RelativeMetrics(alpha=")


def test_ruin_is_minus_one_and_growth_beyond_floats_infinite():
    assert relative_metrics([-3.0, -2.0, -4.0], [0.01, 0.02, 0.01]).alpha == -1.0
    assert relative_metrics([1e3, 2e3, 1e3], [0.01, 0.02, 0.0], 1e5).alpha == math.inf


def test_c001_c003_c012_c015_c019_benchmarks_that_do_not_fit_are_refused():
    mine = pd.Series(MINE, DAYS)
    with pytest.raises(InvalidValue, match=r"look like prices; pass returns, prices.pct_change\(\)"):
        relative_metrics(mine, pd.Series([100.0, 101.0, 102.0], DAYS[:3]))
    with pytest.raises(NonFiniteError, match=r"benchmark: no return at 2024-01-03 \(row 2\)"):
        relative_metrics(mine, pd.Series(THEIRS, DAYS).drop(DAYS[2]))
    with pytest.raises(NonFiniteError, match="benchmark: no return at row 1"):
        relative_metrics(MINE, [0.01, math.nan, *THEIRS[2:]])
    with pytest.raises(NonFiniteError, match="benchmark: row 1 is inf"):
        relative_metrics(MINE, [0.01, math.inf, *THEIRS[2:]])
    with pytest.raises(ShapeError, match="1 periods in common"):
        relative_metrics(mine, pd.Series(THEIRS[:1], DAYS[:1]))
    with pytest.raises(ShapeError, match="0 periods in common"):
        relative_metrics(mine, mine * math.nan)
    with pytest.raises(ShapeError, match=r"benchmark \(2 rows\) vs returns \(6 rows\)"):
        relative_metrics(MINE, THEIRS[:2])
    with pytest.raises(ShapeError, match="2 columns, needs one series"):
        relative_metrics(np.ones((6, 2)), THEIRS)
    with pytest.raises(InvalidValue, match="periods_per_year"):
        relative_metrics(MINE, THEIRS, 0)
