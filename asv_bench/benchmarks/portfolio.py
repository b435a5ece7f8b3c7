"""Portfolio calls and run_backtest with a strategy in Python. Thread CPU time.

By hand: ``python asv_bench/benchmarks/portfolio.py``.
"""

import hashlib
import statistics
import time

import numpy as np
import pandas as pd

from nanobook import CostModel, Portfolio, backtest_weights, run_backtest

CASH = 10**11
BPS = 10
CALLS = 500
PERIODS = 2520
SYMBOLS = 100
DIGEST = "1a11097ff8d7f6fd"


def quotes(count):
    """Prices and weights of ``CALLS`` moments as lists of pairs."""
    rng = np.random.default_rng(1)
    names = [f"S{i:03d}" for i in range(count)]
    prices = rng.integers(9_000, 11_000, (CALLS, count)).tolist()
    weights = rng.dirichlet(np.ones(count), CALLS).tolist()
    return [
        (list(zip(names, row, strict=True)), list(zip(names, line, strict=True)))
        for row, line in zip(weights, prices, strict=True)
    ]


def median_of(calls):
    """Median thread CPU time of calls, in microseconds."""
    spent = []
    for call in calls:
        start = time.thread_time_ns()
        call()
        spent.append(time.thread_time_ns() - start)
    return statistics.median(spent) / 1000


class Calls:
    """One call of a portfolio of 10 or 100 symbols."""

    params = (10, 100)
    param_names = ("symbols",)
    unit = "us a call"

    def setup(self, count):
        self.moments = quotes(count)
        self.portfolio = Portfolio(CASH, CostModel(BPS))
        self.portfolio.rebalance_simple(*self.moments[0])
        self.portfolio.record_return(self.moments[0][1])
        assert self.portfolio.equity_curve()[1] == CASH - self.portfolio.fees

    def track_rebalance_simple(self, count):
        return median_of([lambda each=each: self.portfolio.rebalance_simple(*each) for each in self.moments])

    def track_record_return(self, count):
        return median_of([lambda each=each: self.portfolio.record_return(each[1]) for each in self.moments])


class Strategies:
    """A strategy that returns the same 100 weights each of 2,520 periods: what asking it costs."""

    timer = time.thread_time
    unit = "ms"

    def setup(self):
        rng = np.random.default_rng(2)
        steps = rng.integers(-200, 204, (PERIODS, SYMBOLS)) / 10_000
        prices = (10_000 * np.cumprod(1.0 + steps, axis=0)).astype(np.int64).clip(100)
        days = pd.date_range("2010-01-01", periods=PERIODS, freq="B")
        self.prices = pd.DataFrame(prices, days, [f"S{i:03d}" for i in range(SYMBOLS)])
        self.weights = [(symbol, 1 / SYMBOLS) for symbol in self.prices]
        self.check(self.run())

    def check(self, result):
        """Refuse to time a wrong answer: that of the same weights as a schedule."""
        table = pd.DataFrame(1 / SYMBOLS, self.prices.index, self.prices.columns)
        assert result.equity_curve.equals(backtest_weights(table, self.prices, CASH, BPS).equity_curve)
        digest = hashlib.sha256(result.equity_curve.to_numpy().tobytes()).hexdigest()[:16]
        assert digest == DIGEST, digest

    def run(self):
        return run_backtest(lambda *_: self.weights, self.prices, CASH, CostModel(BPS))

    def track_run_backtest(self):
        return median_of([self.run] * 7) / 1000


if __name__ == "__main__":
    for symbols in Calls.params:
        bench = Calls()
        bench.setup(symbols)
        print(f"rebalance_simple {symbols:4} symbols {bench.track_rebalance_simple(symbols):8.1f} us")
        print(f"record_return    {symbols:4} symbols {bench.track_record_return(symbols):8.1f} us")
    strategies = Strategies()
    strategies.setup()
    print(f"run_backtest     {PERIODS} x {SYMBOLS}   {strategies.track_run_backtest():8.1f} ms")
