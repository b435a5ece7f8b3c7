"""Splits into halves against plain lists. Runs with and without the JIT."""

import numpy as np
import pytest

from nanobook.analytics.statistics.overfitting import MEASURES, judge_splits
from tests.oracle import statistics as oracle

SCORES = {"mean": oracle.average, "sharpe": oracle.sharpe}


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(("periods", "count", "blocks"), [(24, 5, 6), (25, 4, 4), (12, 2, 6), (31, 7, 2)])
def test_every_split_equals_the_naive_one(measure, periods, count, blocks):
    table = np.random.default_rng(periods).normal(0.01, 1.0, (periods, count))
    table[:, 1] = 0.02  # never varies
    table[: periods // 2, 0] = 0.5  # does not vary in one half
    rows = judge_splits(table, blocks, MEASURES.index(measure))
    expected = oracle.overfitting(table.tolist(), blocks, SCORES[measure])
    np.testing.assert_array_equal(rows[:, 0], [row[0] for row in expected])
    np.testing.assert_allclose(rows[:, 1:3], [row[1:3] for row in expected], rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(rows[:, 3], [row[3] for row in expected])
