"""Sweeps over shared prices: schedules, a compiled strategy, a cluster. Thread CPU time of one core.

By hand: ``python asv_bench/benchmarks/sweeps.py``; with ``cluster`` also 100,000 sets through dask.
"""

import hashlib
import os
import resource
import statistics
import sys
import time

import numpy as np

from nanobook import backtest_many, sweep
from nanobook.kernels.sweep import COLUMNS

PERIODS, SYMBOLS = 2520, 100
CELLS = PERIODS * SYMBOLS
CASH, BPS = 10**11, 10
DIGESTS = {
    "Schedules": "ad8038931426dba8",
    "Momentum": "fefc68cf8ad719ec",
    "Monthly": "bdd7220227ccb7a5",
    "Idle": "2c6d078cff69e253",
}


def market(periods=PERIODS, count=SYMBOLS):
    """Prices in cents of a random walk."""
    steps = np.random.default_rng(1).integers(-200, 204, (periods, count)) / 10_000
    return (10_000 * np.cumprod(1.0 + steps, axis=0)).astype(np.int64).clip(100)


def momentum(bar, params, weights):
    """Every day hold in equal parts what rose by more than a floor over so many days."""
    weights[:] = 0.0
    if bar.t < params.lookback:
        return
    now, then = bar.prices[bar.t], bar.prices[bar.t - params.lookback]
    count = 0
    for i in range(weights.size):
        rose = now[i] > then[i] * (1.0 + params.floor)
        weights[i] = 1.0 if rose else 0.0
        count += rose
    if count:
        weights /= count


def monthly(bar, params, weights):
    """Every month hold the top part by growth over so many days."""
    if bar.t % 21 or bar.t < params.lookback:
        return
    growth = bar.prices[bar.t] / bar.prices[bar.t - params.lookback]
    least = np.sort(growth)[int(growth.size * (1.0 - params.part))]
    weights[:] = 0.0
    count = np.sum(growth >= least)
    for i in range(weights.size):
        if growth[i] >= least:
            weights[i] = 1.0 / count


def idle(bar, params, weights):
    """Write weights without looking: what a call costs."""
    weights[:] = 0.005


def digest(result):
    """Digest of all figures."""
    table = np.array([result[name] for name in COLUMNS], np.float64)
    return hashlib.sha256(table.tobytes()).hexdigest()[:16]


class _Scenario:
    timer = time.thread_time
    repeat = (3, 9, 30.0)
    paths = 100

    def setup(self):
        self.prices = market()
        self.prepare()
        found = digest(self.run())
        assert found == DIGESTS[type(self).__name__], found

    def prepare(self):
        pass

    def time_run(self):
        self.run()

    def track_ns_a_cell(self):
        """Median of 5 runs on one thread."""
        spent = []
        for _ in range(5):
            start = time.thread_time_ns()
            self.run()
            spent.append(time.thread_time_ns() - start)
        return statistics.median(spent) / (self.paths * CELLS)


class Schedules(_Scenario):
    """Distinct schedules of weights in one array."""

    def prepare(self):
        rng = np.random.default_rng(2)
        parts = rng.random((self.paths, PERIODS, SYMBOLS))
        self.tables = parts / parts.sum(axis=2, keepdims=True)

    def run(self, threads=1):
        return backtest_many(self.tables, self.prices, CASH, BPS, threads=threads, progress=False)


class Momentum(_Scenario):
    """A strategy that trades every day."""

    strategy = staticmethod(momentum)
    grid = {"lookback": range(20, 70), "floor": [0.0, 0.01]}  # noqa: RUF012

    def run(self, threads=1):
        return sweep(self.strategy, self.grid, self.prices, CASH, BPS, threads=threads, progress=False)


class Monthly(Momentum):
    """A strategy that holds between months."""

    strategy = staticmethod(monthly)
    grid = {"lookback": range(20, 70), "part": [0.1, 0.3]}  # noqa: RUF012


class Idle(Momentum):
    """The engine and the call alone."""

    strategy = staticmethod(idle)


def of_a_thousand(count=1000):
    """A thousand of each: seconds of CPU of all threads, and memory above what was there."""
    prices = market()
    rng = np.random.default_rng(2)

    def tables():
        for _ in range(count):
            parts = rng.random((PERIODS, SYMBOLS))
            yield parts / parts.sum(axis=1, keepdims=True)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grid = {"lookback": range(20, 270), "floor": [0.0, 0.01, 0.02, 0.05]}
    for threads in (1, 2):
        sweep(momentum, {"lookback": [1, 2], "floor": 0.0}, prices, CASH, BPS, threads=threads)  # compiled
        wall, start = time.perf_counter(), time.process_time()
        sweep(momentum, grid, prices, CASH, BPS, threads=threads, progress=False)
        spent, wall = time.process_time() - start, time.perf_counter() - wall
        print(f"1,000 sets of momentum, {threads} threads: {spent:.2f} s CPU, {wall:.2f} s on the clock")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"  memory: {peak / 1024:.0f} MiB in all, {(peak - before) / 1024:.0f} more than before")
    whole = np.stack(list(tables()))
    start = time.thread_time()
    found = backtest_many(whole, prices, CASH, BPS, threads=1, progress=False)
    print(f"1,000 schedules in one array: {time.thread_time() - start:.3f} s CPU, {digest(found)}")


def against_a_cluster(sets=100_000, periods=252, count=20):
    """Time the same sweep under prange and by two worker processes, in turns."""
    from distributed import Client, LocalCluster

    prices = market(periods, count)
    grid = {"lookback": range(1, 251), "floor": np.linspace(0.0, 0.1, sets // 250)}
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        here, there = [], []
        sweep(momentum, grid, prices, CASH, BPS, threads=2, progress=False)
        sweep(momentum, grid, prices, CASH, BPS, executor=client, progress=False)
        for _ in range(5):
            start = time.perf_counter()
            local = sweep(momentum, grid, prices, CASH, BPS, threads=2, progress=False)
            here.append(time.perf_counter() - start)
            start = time.perf_counter()
            assert sweep(momentum, grid, prices, CASH, BPS, executor=client, progress=False) == local
            there.append(time.perf_counter() - start)
    ratios = sorted(b / a for a, b in zip(here, there, strict=True))
    print(
        f"{sets:,} sets of {periods} x {count}: prange {statistics.median(here):.2f} s, dask with 2 workers "
        f"{statistics.median(there):.2f} s, ratio {ratios[0]:.2f} to {ratios[-1]:.2f}, median {ratios[2]:.2f}"
    )


if __name__ == "__main__":
    if "cluster" in sys.argv:
        against_a_cluster()
        sys.exit()
    for scenario in (Schedules, Momentum, Monthly, Idle):
        bench = scenario()
        bench.setup()
        print(f"{scenario.__name__:12} {bench.track_ns_a_cell():6.2f} ns a symbol-bar")
    print(f"on {os.cpu_count()} cores:")
    of_a_thousand()
