"""Information coefficients: row by row SciPy's, their standard error by its definition."""

import math
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import nanobook
from nanobook.analytics.statistics.information import newey_west
from nanobook.errors import ShapeError
from tests.oracle import statistics as oracle

DAYS = pd.date_range("2024-01-01", periods=60, name="day")


@pytest.fixture
def panel():
    """A factor that tells a little of what follows, with gaps."""
    rng = np.random.default_rng(7)
    names = [f"S{i}" for i in range(15)]
    factor = pd.DataFrame(rng.normal(size=(60, 15)), DAYS, names)
    after = 0.01 * factor + pd.DataFrame(rng.normal(0, 0.03, (60, 15)), DAYS, names)
    factor = factor.mask(rng.random((60, 15)) < 0.1)
    after.iloc[-2:] = np.nan
    factor.iloc[8] = 1.0
    return factor, after


@pytest.mark.parametrize(
    ("method", "reference"), [("spearman", stats.spearmanr), ("pearson", stats.pearsonr)]
)
def test_each_period_equals_scipy(panel, method, reference):
    factor, after = panel
    ic = nanobook.information_coefficient(factor, after[after.columns[::-1]], method)
    assert ic.series.index.equals(DAYS)
    assert ic.series.isna().to_numpy().nonzero()[0].tolist() == [8, 58, 59]
    for t in set(range(58)) - {8}:
        known = factor.iloc[t].notna()
        expected = reference(factor.iloc[t][known], after.iloc[t][known]).statistic
        assert ic.series.iloc[t] == pytest.approx(expected, abs=1e-13)
        assert ic.pairs.iloc[t] == known.sum()


def test_figures_are_those_of_a_t_test(panel):
    ic = nanobook.information_coefficient(*panel)
    known = ic.series.dropna()
    expected = stats.ttest_1samp(known, 0.0)
    assert ic.periods == 57
    assert ic.mean == pytest.approx(known.mean(), abs=1e-15)
    assert ic.std == pytest.approx(known.std(), abs=1e-15)
    assert ic.t_stat == pytest.approx(expected.statistic, rel=1e-12)
    assert ic.p_value == pytest.approx(expected.pvalue, rel=1e-10)
    assert ic.information_ratio == pytest.approx(known.mean() / known.std(), rel=1e-12)
    assert ic.hit_rate == (known > 0).mean()


@pytest.mark.parametrize("lags", [0, 1, 4, 20])
def test_the_standard_error_is_that_of_newey_and_west(panel, lags):
    ic = nanobook.information_coefficient(*panel, lags=lags)
    known = ic.series.dropna().to_numpy()
    assert ic.standard_error == pytest.approx(oracle.newey_west(known.tolist(), lags), rel=1e-12)
    assert ic.t_stat == pytest.approx(known.mean() / ic.standard_error, rel=1e-12)


def test_one_period_has_no_spread():
    ic = nanobook.information_coefficient([[1.0, 2.0, 3.0]], [[1.0, 3.0, 2.0]])
    assert ic.mean == 0.5
    assert math.isnan(ic.std)
    assert math.isnan(ic.t_stat)
    assert math.isnan(ic.p_value)
    assert math.isnan(newey_west(np.array([1.0, 1.0]), 1))


def test_shuffling_the_future_changes_no_past_period(panel):
    factor, after = panel
    before = nanobook.information_coefficient(factor, after).series
    later = after.copy()
    later.iloc[40:] = after.iloc[40:].to_numpy()[::-1] * -3.0
    changed = nanobook.information_coefficient(factor, later).series
    assert changed.iloc[:40].equals(before.iloc[:40])
    assert not changed.iloc[40:].equals(before.iloc[40:])


def test_arrays_give_arrays_and_results_are_values(panel):
    factor, after = panel
    frames = nanobook.information_coefficient(factor, after)
    arrays = nanobook.information_coefficient(factor.to_numpy(), after.to_numpy())
    assert isinstance(arrays.series, np.ndarray)
    np.testing.assert_array_equal(arrays, frames)
    assert pickle.loads(pickle.dumps(frames)) == frames
    assert frames != nanobook.information_coefficient(factor, after, lags=2)
    assert frames != 5
    assert len(frames) == 60
    assert "t=" in repr(frames)
    assert frames.summary()["periods"] == 57
    assert "mean" in frames._repr_html_()
    assert frames.to_frame().columns.tolist() == ["ic", "pairs"]


def test_its_picture(panel):
    figure = nanobook.information_coefficient(*panel).plot(window=5)
    assert [axes.get_ylabel() for axes in figure.axes] == ["Spearman IC", "Sum"]


def test_a_minimum_of_symbols(panel):
    factor, after = panel
    factor.iloc[10, 4:] = np.nan
    ic = nanobook.information_coefficient(factor, after, min_symbols=5)
    assert math.isnan(ic.series.iloc[10])
    with pytest.raises(ShapeError, match=r"no period has 20 pairs .*most pairs in a period: 15"):
        nanobook.information_coefficient(factor, after, min_symbols=20)
