"""Rank correlations, overfitting and tests of superiority. CPU time of the process.

By hand: ``python asv_bench/benchmarks/significance.py``; some beside pandas and NumPy, with the ratios.
Beside the libraries of the field: ``references.py``.
(A file named ``statistics`` here would hide the standard library's from its neighbours.)
"""

import hashlib
import statistics
import time

import numpy as np

import nanobook

PERIODS = 2520


def digest(*arrays):
    """Fingerprint of an answer, to ten digits."""
    rounded = [np.round(np.asarray(array, np.float64), 10) + 0.0 for array in arrays]
    return hashlib.sha256(b"".join(array.tobytes() for array in rounded)).hexdigest()[:16]


class _Scenario:
    """``run`` is timed, ``other``, if any, is what it is compared with; ``answer`` is its digest."""

    timer = time.process_time  # the threads of parallel kernels count
    repeat = (5, 15, 20.0)
    name = ""

    def setup(self):
        self.prepare(np.random.default_rng(1))
        found = self.answer(self.run())
        assert found == self.expected, found

    def time_run(self):
        self.run()


class Spearman(_Scenario):
    """One pair of series of 100,000."""

    name, expected = "spearman, 100,000 pairs", "6f6db1f192427020"

    def prepare(self, rng):
        self.x = rng.normal(size=100_000)
        self.y = self.x + rng.normal(size=100_000)

    def run(self):
        return nanobook.spearman(self.x, self.y)

    def answer(self, result):
        return digest(result)


class ShortSpearman(Spearman):
    """One cross-section of 100."""

    name, expected = "spearman, 100 pairs", "ba2808fb1cd4b4a9"

    def prepare(self, rng):
        super().prepare(rng)
        self.x, self.y = self.x[:100].copy(), self.y[:100].copy()


class Information(_Scenario):
    """Information coefficients of 2,520 days x 500 symbols."""

    name, expected = "information_coefficient, 2,520 x 500 / pandas corrwith by rows", "513cf322b64cda8a"

    def prepare(self, rng):
        self.factor = rng.normal(size=(PERIODS, 500))
        self.after = 0.02 * self.factor + rng.normal(size=(PERIODS, 500))

    def run(self):
        return nanobook.information_coefficient(self.factor, self.after)

    def answer(self, result):
        return digest(result.series)

    def other(self):
        import pandas as pd

        return pd.DataFrame(self.factor).corrwith(pd.DataFrame(self.after), axis=1, method="spearman")


class Overfitting(_Scenario):
    """12,870 splits of 1,000 strategies."""

    name, expected = "backtest overfitting, 2,520 x 1,000, 16 blocks / NumPy", "ff3450c3caa94b7f"

    def prepare(self, rng):
        self.table = rng.normal(size=(PERIODS, 1000))

    def run(self):
        return nanobook.probability_of_backtest_overfitting(self.table)

    def answer(self, result):
        return digest(result.logits, result.in_sample)

    def other(self):
        """The same splits in NumPy, from the returns themselves: 100 of the 12,870, times 128.7."""
        from itertools import combinations, islice

        blocks = np.array_split(np.arange(PERIODS), 16)
        for half in islice(combinations(range(16), 8), 100):
            inside = np.concatenate([blocks[s] for s in range(16) if s in half])
            outside = np.concatenate([blocks[s] for s in range(16) if s not in half])
            first, second = self.table[inside], self.table[outside]
            best = np.argmax(first.mean(axis=0) / first.std(axis=0, ddof=1))
            scores = second.mean(axis=0) / second.std(axis=0, ddof=1)
            np.count_nonzero(scores < scores[best])

    part = 128.7


class Superior(_Scenario):
    """1,000 resamples of 200 strategies."""

    name, expected = "superior_predictive_ability, 2,520 x 200, 1,000 times", "f85f89b435641e34"

    def prepare(self, rng):
        self.table = rng.normal(size=(PERIODS, 200))

    def run(self):
        return nanobook.superior_predictive_ability(self.table, studentize=False)

    def answer(self, result):
        return digest([result.p_lower, result.p_value, result.p_upper], result.statistics)


SCENARIOS = (ShortSpearman, Spearman, Information, Overfitting, Superior)


def median_of(function, count):
    """Median CPU time of so many runs, in seconds."""
    spent = []
    for _ in range(count):
        start = time.process_time_ns()
        function()
        spent.append(time.process_time_ns() - start)
    return statistics.median(spent) / 1e9


if __name__ == "__main__":
    for kind in SCENARIOS:
        bench = kind()
        bench.setup()
        ours = median_of(bench.run, 7)
        told = f"{bench.name:76} {1e3 * ours:9.3f} ms"
        if hasattr(bench, "other"):
            theirs = median_of(bench.other, 5 if ours < 0.2 else 3) * getattr(bench, "part", 1.0)
            told += f" {1e3 * theirs:11.3f} ms {theirs / ours:8.1f}x"
        print(told)
