"""Fits of volatility models against the package ``arch``, in one run. Thread CPU time.

By hand: ``python asv_bench/benchmarks/volatility.py``. Both fit the same returns; a fit of ours counts only
if its likelihood is no worse. ``fit_many`` is timed on one thread, so that CPU time is comparable.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from nanobook import fit_many, garch_ewma_forecast, realized_volatility
from tests.references.volatility import MODELS, SLACK, arch, ours

PERIODS = 2500
SERIES = 1000
SEED = 11


def returns(series):
    """Simulated GARCH(1,1) returns in percent, one column a series: t-distributed shocks."""
    rng = np.random.default_rng(SEED)
    alpha, beta = rng.uniform(0.03, 0.12, series), rng.uniform(0.75, 0.87, series)
    level = rng.uniform(0.5, 2.0, series) ** 2
    shocks = rng.standard_t(6, (PERIODS, series)) * np.sqrt(4.0 / 6.0)
    variance = level.copy()
    table = np.empty((PERIODS, series))
    for t in range(PERIODS):
        table[t] = np.sqrt(variance) * shocks[t]
        variance = (1.0 - alpha - beta) * level + alpha * table[t] ** 2 + beta * variance
    return table + 0.03


def milliseconds(run, runs):
    """Median thread CPU time after one run that warms up."""
    spent = []
    for _ in range(runs + 1):
        start = time.thread_time_ns()
        run()
        spent.append(time.thread_time_ns() - start)
    return statistics.median(spent[1:]) / 1e6


class Fit:
    """Milliseconds a fit of 2,500 returns, and how many times arch takes."""

    params = tuple(MODELS)
    param_names = ("model",)

    def setup(self, name):
        self.values = returns(1)[:, 0]
        assert ours(name)(self.values) > arch(name)(self.values) - SLACK

    def track_milliseconds(self, name):
        return milliseconds(lambda: ours(name)(self.values), 15)

    track_milliseconds.unit = "ms"

    def track_ratio(self, name):
        return milliseconds(lambda: arch(name)(self.values), 7) / self.track_milliseconds(name)

    track_ratio.unit = "times faster than arch"


class Many:
    """Milliseconds a series of ``fit_many`` over 1,000, and how many times a loop over arch takes."""

    def setup(self):
        self.table = returns(SERIES)

    def many(self):
        return fit_many(self.table, threads=1, progress=False)

    def track_milliseconds(self):
        return milliseconds(self.many, 3) / SERIES

    track_milliseconds.unit = "ms a series"

    def track_ratio(self, loop=100):
        """Arch fits the first ``loop`` series."""
        start = time.thread_time_ns()
        found = [arch("GARCH(1,1) normal")(self.table[:, i]) for i in range(loop)]
        spent = (time.thread_time_ns() - start) / loop / 1e6
        assert (self.many().loglikelihood[:loop] > np.array(found) - SLACK).all()
        return spent / self.track_milliseconds()

    track_ratio.unit = "times faster than arch"

    def track_threads(self):
        """Wall time of one thread over that of all."""
        spent = {}
        for threads in (1, None):
            runs = []
            for _ in range(5):
                start = time.perf_counter()
                fit_many(self.table, threads=threads, progress=False)
                runs.append(time.perf_counter() - start)
            spent[threads] = statistics.median(runs)
        return spent[1] / spent[None]

    track_threads.unit = "times faster with all threads"


class Smoothing:
    """Milliseconds of what is not fitted, 2,500 periods."""

    def setup(self):
        self.values = returns(1)[:, 0] / 100.0
        self.closes = 100.0 * np.cumprod(1.0 + self.values)
        assert 0.0 < garch_ewma_forecast(self.values) < 1.0

    def track_garch_ewma_forecast(self):
        return milliseconds(lambda: garch_ewma_forecast(self.values), 30)

    def track_realized_volatility(self):
        return milliseconds(lambda: realized_volatility(self.closes, window=21), 30)


def main(loop=100):
    """Print every figure."""
    for name in MODELS:
        bench = Fit()
        bench.setup(name)
        print(
            f"{name}: {bench.track_milliseconds(name):.2f} ms, arch {bench.track_ratio(name):.1f}x",
            flush=True,
        )
    many = Many()
    many.setup()
    print(f"fit_many: {many.track_milliseconds():.3f} ms a series of {SERIES}", flush=True)
    print(f"fit_many: a loop over arch takes {many.track_ratio(loop):.1f}x", flush=True)
    print(f"fit_many: {many.track_threads():.2f}x with all threads, on the clock", flush=True)
    smoothing = Smoothing()
    smoothing.setup()
    print(f"garch_ewma_forecast: {smoothing.track_garch_ewma_forecast():.3f} ms")
    print(f"realized_volatility, window 21: {smoothing.track_realized_volatility():.3f} ms")


if __name__ == "__main__":
    main()
