"""backtest_weights over 2,520 periods, by kind of input. Thread CPU time.

By hand: ``python asv_bench/benchmarks/backtest.py``.
"""

import hashlib
import statistics
import time
from types import MappingProxyType

import numpy as np
import pandas as pd

from nanobook.portfolio import Financing, backtest_weights, compute_metrics

PERIODS = 2520
CASH = 10**11
BPS = 10
STOPS = {"trailing_stop_pct": 0.05}
DIGESTS = {100: "af72dbcba83b1c34", 500: "f6206876ee366f14"}
OPTIONS = {100: "4601a4dc271ec11e", 500: "4d7181c9ad2db250"}
STOPPED = {100: "60370c38b8845e9c", 500: "03bb41424bb43d31"}


def market(count):
    """Random long-only weights that sum to 1, and integer prices of a random walk."""
    rng = np.random.default_rng(1)
    parts = rng.integers(1, 1000, (PERIODS, count))
    weights = parts / parts.sum(axis=1, keepdims=True)
    steps = rng.integers(-200, 204, (PERIODS, count)) / 10_000
    prices = (10_000 * np.cumprod(1.0 + steps, axis=0)).astype(np.int64).clip(100)
    return weights, prices


def check(result, count, digests=DIGESTS):
    """Refuse to time a wrong answer: the curves of every kind of input have one digest."""
    cents = np.array([*result.equity_curve, *result.cash, *result.cost], np.int64)[-3 * PERIODS :]
    digest = hashlib.sha256(cents.tobytes()).hexdigest()[:16]
    assert digest == digests[count], digest


class _Scenario:
    """A run of one kind of input; ``run`` touches everything it returns."""

    timer = time.thread_time
    params = (100, 500)
    param_names = ("symbols",)
    repeat = (5, 15, 20.0)
    unit = "ns a cell"
    digests = DIGESTS
    options = MappingProxyType({})

    def setup(self, count):
        self.schedules = self.convert(*market(count))
        check(self.run(), count, self.digests)

    def convert(self, weights, prices):
        return weights, prices

    def run(self):
        return backtest_weights(*self.schedules, CASH, BPS, **self.options)

    def time_run(self, count):
        self.run()

    def track_ns_a_cell(self, count):
        """Median of 9 runs; freeing the result is not counted."""
        spent = []
        for _ in range(9):
            start = time.thread_time_ns()
            result = self.run()
            spent.append(time.thread_time_ns() - start)
            del result
        return statistics.median(spent) / (PERIODS * count)


class Arrays(_Scenario):
    """Arrays in and out, every output."""


class Lean(_Scenario):
    """Arrays in, curves out."""

    def run(self):
        return backtest_weights(*self.schedules, CASH, BPS, lean=True, **self.options)


class Frames(_Scenario):
    """DataFrames in and out."""

    def convert(self, weights, prices):
        days = pd.date_range("2010-01-01", periods=PERIODS, freq="B")
        symbols = [f"S{i:04d}" for i in range(weights.shape[1])]
        return pd.DataFrame(weights, days, symbols), pd.DataFrame(prices, days, symbols)

    def run(self):
        result = super().run()
        dict(result)
        return result


class FloatPrices(Arrays):
    """Arrays in and out, prices in currency units."""

    def convert(self, weights, prices):
        return weights, prices / 100


class Rows(_Scenario):
    """Lists of tuples in and out, as the original takes and gives them."""

    def convert(self, weights, prices):
        symbols = [f"S{i:04d}" for i in range(weights.shape[1])]
        return tuple(
            [list(zip(symbols, row, strict=True)) for row in table.tolist()] for table in (weights, prices)
        )

    def run(self):
        result = super().run()
        dict(result)
        return result


class StopsArrays(_Scenario):
    """Arrays in and out with trailing stops, every output read."""

    digests = STOPPED
    options = MappingProxyType({"stop_cfg": STOPS})

    def run(self):
        result = super().run()
        dict(result)
        return result


class StopsFrames(Frames):
    """DataFrames in and out with trailing stops, every output read."""

    digests = STOPPED
    options = MappingProxyType({"stop_cfg": STOPS})


class StopsRows(Rows):
    """Lists of tuples in and out with trailing stops, every output read: the original takes 1,020 ms."""

    digests = STOPPED
    options = MappingProxyType({"stop_cfg": STOPS})


class Options(Arrays):
    """Arrays in and out through the engine with options: next opens, financing, a no-trade band of 0."""

    digests = OPTIONS

    def convert(self, weights, prices):
        self.options = {"open": prices, "fill": "next_open", "financing": Financing(cash_rate=0.02)}
        return weights, prices


class Metrics:
    """The figures of one series."""

    timer = time.thread_time
    params = (2520, 1_000_000)
    param_names = ("periods",)

    def setup(self, periods):
        self.returns = np.random.default_rng(2).integers(-100, 101, periods) / 10_000
        assert compute_metrics(self.returns).winning_periods == np.count_nonzero(self.returns > 0)

    def time_compute_metrics(self, periods):
        compute_metrics(self.returns)


if __name__ == "__main__":
    for scenario in (Arrays, Lean, FloatPrices, Frames, Rows, StopsArrays, StopsFrames, StopsRows, Options):
        for symbols in scenario.params:
            bench = scenario()
            bench.setup(symbols)
            figure = bench.track_ns_a_cell(symbols)
            print(f"{scenario.__name__:12} {symbols:4} symbols {figure:8.2f} ns a cell", end="")
            print(f" {figure * PERIODS * symbols / 1e6:9.3f} ms")
