"""Resamples against rows that are drawn one by one. Runs with and without the JIT."""

import numpy as np
import pytest

from nanobook import _link
from nanobook.kernels import bootstrap
from tests.oracle import statistics as oracle

KINDS = {"stationary": bootstrap.STATIONARY, "circular": bootstrap.CIRCULAR}


def resample(values, kind, length, seed, first, count):
    running = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=running[1:])
    states = np.zeros(bootstrap.APART * (count + 1), np.int64)
    states[0] = seed
    sums = np.empty((count, values.shape[1]))
    with _link.quiet():
        bootstrap.resample_all(running, KINDS[kind], float(length), first, states, sums)
    return sums


@pytest.mark.parametrize(
    ("kind", "length"),
    [
        ("stationary", 1),
        ("stationary", 4.5),
        ("stationary", 40),
        ("circular", 1),
        ("circular", 7),
        ("circular", 40),
    ],
)
def test_sums_are_those_of_the_rows_that_the_generator_names(kind, length):
    values = np.random.default_rng(1).integers(-50, 51, (40, 3)).astype(float)
    sums = resample(values, kind, length, 5, 100, 12)
    for r, row in enumerate(sums):
        rows = oracle.resampled_rows(40, kind, length, 5, 100 + r)
        assert row.tolist() == values[rows].sum(axis=0).tolist()


def test_resamples_do_not_depend_on_how_many_are_made():
    values = np.random.default_rng(2).normal(size=(50, 4))
    together = resample(values, "stationary", 5, 0, 0, 9)
    apart = np.concatenate([resample(values, "stationary", 5, 0, first, 3) for first in (0, 3, 6)])
    np.testing.assert_array_equal(together, apart)
    assert not np.array_equal(together, resample(values, "stationary", 5, 1, 0, 9))
