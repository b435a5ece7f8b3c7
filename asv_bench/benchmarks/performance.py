"""Figures of returns, rolling windows, drawdowns and the report. Thread CPU time.

By hand: ``python asv_bench/benchmarks/performance.py``; that also times empyrical-reloaded in the same run.
"""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from nanobook.portfolio import (
    backtest_report,
    backtest_weights,
    compute_metrics,
    decompose_backtest,
    drawdown_series,
    monthly_returns,
    price_jumps,
    relative_metrics,
    rolling_beta,
    rolling_max_drawdown,
    rolling_return,
    rolling_sharpe,
    rolling_volatility,
    tear_sheet,
)

PERIODS, COUNT = 2520, 500
LONG = 100_000
WINDOWS = (63, 252)


def draw_returns(periods, seed=1):
    """Daily returns of a seeded walk."""
    return np.random.default_rng(seed).normal(0.0004, 0.01, periods)


def median_ms(function, repeats=7):
    """Median thread CPU time of a call, in milliseconds."""
    function()
    spent = []
    for _ in range(repeats):
        start = time.thread_time_ns()
        function()
        spent.append(time.thread_time_ns() - start)
    return statistics.median(spent) / 1e6


class Rolling:
    """One figure of every window of 100,000 returns."""

    timer = time.thread_time
    params = (
        (rolling_sharpe, rolling_volatility, rolling_return, rolling_beta, rolling_max_drawdown),
        WINDOWS,
    )
    param_names = ("figure", "window")

    def setup(self, figure, window):
        returns = draw_returns(LONG)
        self.arguments = {
            rolling_beta: (returns, draw_returns(LONG, 2)),
            rolling_max_drawdown: (np.cumprod(1.0 + returns),),
        }.get(figure, (returns,))
        tail = [part[-window:] for part in self.arguments]
        whole, alone = figure(*self.arguments, window=window)[-1], figure(*tail, window=window)[-1]
        assert abs(whole - alone) <= 1e-9 * abs(alone), (whole, alone)

    def time_figure(self, figure, window):
        figure(*self.arguments, window=window)

    def track_ns_a_period(self, figure, window):
        return median_ms(lambda: figure(*self.arguments, window=window)) * 1e6 / LONG

    track_ns_a_period.unit = "ns a period"


class Reports:
    """What is said of a backtest of 2,520 days and 500 symbols."""

    timer = time.thread_time

    def setup(self):
        days = pd.date_range("2015-01-02", periods=PERIODS, freq="B")
        rng = np.random.default_rng(3)
        returns = rng.normal(0.0003, 0.015, (PERIODS, COUNT))
        self.prices = pd.DataFrame(100.0 * np.cumprod(1.0 + returns, axis=0), days)
        parts = rng.integers(1, 1000, (PERIODS, COUNT))
        weights = pd.DataFrame(parts / parts.sum(axis=1, keepdims=True), days)
        self.result = backtest_weights(weights, self.prices, 10**11, 10)
        self.benchmark = self.prices[0].pct_change()
        deepest = max(event["drawdown_pct"] for event in drawdown_series(self.result))
        assert abs(deepest - self.result.metrics.max_drawdown) < 1e-9
        assert self.track_report_bytes() < 1_500_000

    def time_report(self):
        backtest_report(self.result, benchmark=self.benchmark)

    def time_report_to_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            backtest_report(self.result, Path(folder) / "report.html", self.benchmark)

    def track_report_bytes(self):
        return len(backtest_report(self.result, benchmark=self.benchmark).encode())

    def time_tear_sheet(self):
        tear_sheet(self.result)

    def time_decompose(self):
        decompose_backtest(self.result)

    def time_drawdown_series(self):
        drawdown_series(self.result)

    def time_monthly_returns(self):
        monthly_returns(self.result)

    def time_relative_metrics(self):
        relative_metrics(self.result, self.benchmark)

    def time_price_jumps(self):
        price_jumps(self.prices)


def beside_empyrical():
    """Print times of both over the same 2,520 returns, checked to be equal."""
    import empyrical

    days = pd.date_range("2015-01-02", periods=PERIODS, freq="B")
    returns, other = (pd.Series(draw_returns(PERIODS, seed), days) for seed in (1, 2))
    pairs = {
        "rolling Sharpe": (
            lambda: rolling_sharpe(returns, 63).iloc[62:],
            lambda: empyrical.roll_sharpe_ratio(returns, 63),
        ),
        "rolling beta": (
            lambda: rolling_beta(returns, other, 63).iloc[62:],
            lambda: empyrical.roll_beta(returns, other, 63),
        ),
        "relative, alpha alone": (
            lambda: [relative_metrics(returns, other).alpha],
            lambda: [empyrical.alpha_beta(returns, other)[0]],
        ),
        "all figures, Sharpe alone": (
            lambda: [compute_metrics(returns).sharpe],
            lambda: [empyrical.sharpe_ratio(returns)],
        ),
    }
    for name, (ours, theirs) in pairs.items():
        np.testing.assert_allclose(ours(), theirs(), rtol=1e-10, atol=1e-10)
        mine, reference = median_ms(ours), median_ms(theirs, 5)
        print(f"{name:26} {mine:9.3f} ms, empyrical {reference:9.3f} ms, ratio {reference / mine:7.1f}")


if __name__ == "__main__":
    for figure in Rolling.params[0]:
        for window in WINDOWS:
            bench = Rolling()
            bench.setup(figure, window)
            print(
                f"{figure.__name__:24} {window:4} {bench.track_ns_a_period(figure, window):8.2f} ns a period"
            )
    bench = Reports()
    bench.setup()
    for name in dir(bench):
        if name.startswith("time_"):
            print(f"{name[5:]:24} {median_ms(getattr(bench, name)):8.2f} ms")
    print(f"report                   {bench.track_report_bytes():8} bytes")
    beside_empyrical()
