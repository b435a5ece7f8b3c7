"""The table of references: what our figures cost beside the libraries that they are compared with.

By hand: ``python asv_bench/benchmarks/references.py [WORD...]``, from the root; words choose rows by their
labels. CPU time of the process in turns, linear algebra by one thread; each pair is compared
before it is timed. Libraries that are not installed are named and left out.
"""

import statistics
import sys
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.references import ROWS

RUNS = 5


def spent(function, data):
    """CPU seconds of a call."""
    start = time.process_time_ns()
    function(data)
    return (time.process_time_ns() - start) / 1e9


def pair(row, data, runs=RUNS):
    """Median seconds of ours and of theirs, taken in turns."""
    times = [(spent(row.ours, data), spent(row.theirs, data)) for _ in range(runs)]
    return tuple(statistics.median(each) for each in zip(*times, strict=True))


class Reference:
    """How many times as long as ours the other library takes."""

    params = (tuple(ROWS),)
    param_names = ("row",)
    timeout = 600

    def setup(self, label):
        self.row = ROWS[label]
        if not self.row.is_installed:
            raise NotImplementedError(f"{self.row.library} is not installed")
        self.data = self.row.make(self.row.sizes[1])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.difference = self.row.check(self.data)

    def track_ratio(self, label):
        ours, theirs = pair(self.row, self.data)
        return theirs / ours

    track_ratio.unit = "times as long as ours"


def main(words):
    """Print the table."""
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    warnings.simplefilter("ignore")
    print(f"{'figure / library':42} {'nanobook':>12} {'theirs':>12} {'times':>7} {'difference':>11}")
    with threadpool_limits(1):
        for label, row in ROWS.items():
            if words and not any(word in label for word in words):
                continue
            if not row.is_installed:
                print(f"{label:42} is not installed here")
                continue
            bench = Reference()
            bench.setup(label)
            ours, theirs = pair(row, bench.data, 3 if spent(row.theirs, bench.data) > 2.0 else RUNS)
            told = f"{ours * 1e3:9.2f} ms {theirs * 1e3:9.2f} ms {theirs / ours:7.1f}"
            print(f"{label:42} {told} {bench.difference:+11.1e}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
