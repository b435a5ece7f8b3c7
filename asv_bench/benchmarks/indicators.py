"""Indicators over a million bars, ours and TA-Lib's: nanoseconds of thread CPU time a point.

By hand: ``python asv_bench/benchmarks/indicators.py``, from the root of the repository. Every pair is
compared before it is timed, and the two take turns, so the ratio holds on a machine that drifts.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from nanobook import rsi, sma, wilder_atr
from tests.references.indicators import ROWS, bars

POINTS = 1_000_000
RUNS = 9
PANEL = (10_000, 500)
STRETCH = 10_000
"""Rows at a time in which cycles are compared: over a million TA-Lib's running sum drifts by 3e-6."""


def spent(function, *arguments):
    """Nanoseconds of CPU time of this thread; freeing the result is not counted."""
    start = time.thread_time_ns()
    result = function(*arguments)
    done = time.thread_time_ns() - start
    del result
    return done


def check(row, series):
    """Refuse to time a wrong answer."""
    rows = len(series["close"])
    if row.name.startswith("ht_") and rows > STRETCH:
        for t in range(0, rows, STRETCH):
            check(row, {name: values[t : t + STRETCH] for name, values in series.items()})
        return
    for ours, theirs in zip(row.ours(series), row.reference(series), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-6)


def pair(name, series):
    """Median nanoseconds a point of ours and of TA-Lib, taken in turns."""
    row = ROWS[name]
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(spent(row.ours, series))
        theirs.append(spent(row.reference, series))
    return tuple(statistics.median(times) / len(series["close"]) for times in (ours, theirs))


class Million:
    """Nanoseconds a point of one indicator."""

    params = (tuple(ROWS),)
    param_names = ("indicator",)

    def setup(self, name):
        self.series = bars(POINTS)
        check(ROWS[name], self.series)

    def track_ns_a_point(self, name):
        row = ROWS[name]
        return statistics.median(spent(row.ours, self.series) for _ in range(RUNS)) / POINTS

    track_ns_a_point.unit = "ns a point"


def panel():
    """Make a panel of closes, highs and lows, columns contiguous as in a DataFrame."""
    rng = np.random.default_rng(3)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, PANEL[::-1]), axis=1)).T
    return close * 1.01, close * 0.99, close


def run_panel(high, low, close):
    """Three indicators of every column."""
    return sma(close, 20), rsi(close, 14), wilder_atr(high, low, close, 14)


class Panel:
    """Seconds of wall time for three indicators of 10,000 x 500, by threads."""

    params = ((1, 2),)
    param_names = ("threads",)

    def setup(self, threads):
        self.tables = panel()
        column = 7
        for table, series in zip(
            run_panel(*self.tables), run_panel(*(t[:, column] for t in self.tables)), strict=True
        ):
            np.testing.assert_array_equal(table[:, column], series)

    def track_panel(self, threads):
        from nanobook._link import threads as limit

        with limit(threads):
            times = []
            for _ in range(RUNS):
                start = time.perf_counter()
                result = run_panel(*self.tables)
                times.append(time.perf_counter() - start)
                del result
        return statistics.median(times)

    track_panel.unit = "s"


def main():
    """Print the whole table; names of indicators as arguments choose some."""
    series = bars(POINTS)
    print(f"{'indicator':20} {'nanobook':>9} {'TA-Lib':>9} {'ratio':>7}   ns a point")
    for name in sys.argv[1:] or ROWS:
        check(ROWS[name], series)
        ours, theirs = pair(name, series)
        print(f"{name:20} {ours:9.2f} {theirs:9.2f} {ours / theirs:7.2f}", flush=True)
    if len(sys.argv) == 1:
        bench = Panel()
        bench.setup(1)
        one, two = bench.track_panel(1), bench.track_panel(2)
        print(f"panel {PANEL[0]} x {PANEL[1]}, SMA + RSI + ATR: {one:.3f} s with 1 thread, ", end="")
        print(f"{two:.3f} s with 2: {one / two:.2f} times as fast")


if __name__ == "__main__":
    main()
