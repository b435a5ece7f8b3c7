"""Spearman's correlation and quantile spreads: SciPy's answers, the original's, exact twins."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import nanobook
from nanobook.errors import UndefinedStatistic
from tests.oracle import statistics as oracle

NUMBERS = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, -1.0, 0.5])
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=40)


@given(PAIRS)
@settings(max_examples=150, deadline=None)
def test_spearman_equals_scipy_and_fractions(pairs):
    x, y = map(list, zip(*pairs, strict=True))
    if len(set(x)) == 1 or len(set(y)) == 1:
        with pytest.warns(UndefinedStatistic, match="constant"):
            assert all(map(math.isnan, nanobook.spearman(x, y)))
        return
    rho, p = nanobook.spearman(x, y)
    expected = stats.spearmanr(x, y)
    assert rho == pytest.approx(oracle.rank_correlation(x, y), abs=1e-14)
    assert rho == pytest.approx(expected.statistic, abs=1e-13)
    if abs(rho) < 1.0:
        assert p == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-13)
    else:
        assert p == 0.0


def test_a_perfect_order_is_exact():
    x = np.random.default_rng(0).normal(size=997)
    assert nanobook.spearman(x, np.exp(x)) == (1.0, 0.0)
    assert nanobook.spearman(x, -x) == (-1.0, 0.0)


@given(PAIRS)
@settings(max_examples=50, deadline=None)
def test_spearman_knows_only_the_order(pairs):
    x, y = (np.array(column) for column in zip(*pairs, strict=True))
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return
    assert nanobook.spearman(x, y) == nanobook.spearman(y, x) == nanobook.spearman(x * 4.0, y)
    assert nanobook.spearman(-x, y).rho == pytest.approx(-nanobook.spearman(x, y).rho, abs=1e-14)
    turned = np.random.default_rng(1).permutation(x.size)
    assert nanobook.spearman(x[turned], y[turned]).rho == pytest.approx(
        nanobook.spearman(x, y).rho, abs=1e-14
    )


def test_policies_for_missing_values_are_scipys():
    x, y = [1.0, 2.0, math.nan, 4.0, 3.0, 6.0], [2.0, 1.0, 3.0, math.nan, 5.0, 9.0]
    expected = stats.spearmanr(x, y, nan_policy="omit")
    assert nanobook.spearman(x, y, "omit") == pytest.approx((expected.statistic, expected.pvalue), abs=1e-13)
    assert all(map(math.isnan, nanobook.spearman(x, y, nan_policy="propagate")))


def test_series_are_matched_by_their_labels():
    x = pd.Series([1.0, 2.0, 3.0, 4.0], ["a", "b", "c", "d"])
    y = pd.Series([4.0, 3.0, 1.0, 2.0], ["d", "c", "a", "b"])
    assert nanobook.spearman(x, y) == (1.0, 0.0)
    assert nanobook.quantile_spread(x, y, 2) == 2.0
    assert nanobook.spearman(x, y.to_numpy()).rho < 0.0


def test_the_originals_calls():
    assert nanobook.py_spearman is nanobook.spearman
    rho, p = nanobook.py_spearman([1, 2, 3], [1, 2, 3])
    assert (rho, p) == (1.0, 0.0)
    assert nanobook.py_quintile_spread([1, 2, 3, 4, 5], [1, 1, 1, 1, 3], n_quantiles=5) == 2.0
    assert nanobook.py_quintile_spread([1, 2, 3], [1, 2, 4], 1) == 0.0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-9, 9)), min_size=5, max_size=30), st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_spreads_equal_fractions(pairs, quantiles):
    scores, returns = map(list, zip(*pairs, strict=True))
    expected = oracle.spread(scores, returns, quantiles)
    assert nanobook.quantile_spread(scores, returns, quantiles) == pytest.approx(expected, abs=1e-14)


def test_a_table_has_a_spread_a_period():
    rng = np.random.default_rng(4)
    days = pd.date_range("2024-01-01", periods=30, name="day")
    scores = pd.DataFrame(rng.normal(size=(30, 12)), days, list("abcdefghijkl"))
    returns = pd.DataFrame(rng.normal(size=(30, 12)), days, scores.columns)
    scores.iloc[3, 2] = returns.iloc[4, 7] = np.nan
    scores.iloc[5, 1:] = np.nan
    spread = nanobook.quantile_spread(scores, returns[scores.columns[::-1]], 3)
    assert spread.index.equals(days)
    assert math.isnan(spread.iloc[5])
    for t in [0, 3, 4, 29]:
        known = (scores.iloc[t].notna() & returns.iloc[t].notna()).to_numpy()
        expected = nanobook.quantile_spread(
            scores.iloc[t].to_numpy()[known], returns.iloc[t].to_numpy()[known], 3
        )
        assert spread.iloc[t] == expected
    strict = nanobook.quintile_spread(scores.to_numpy(), returns.to_numpy(), nan_policy="propagate")
    assert np.flatnonzero(np.isnan(strict)).tolist() == [3, 4, 5]
