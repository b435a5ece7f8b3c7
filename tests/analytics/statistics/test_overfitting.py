"""Probability of backtest overfitting: a naive twin, noise, skill, and what must not matter."""

import pickle

import numpy as np
import pandas as pd
import pytest

import nanobook
from nanobook import _link
from tests.oracle import statistics as oracle


def test_it_is_the_part_of_splits_at_or_below_the_median():
    table = np.random.default_rng(1).normal(0.02, 1.0, (48, 7))
    result = nanobook.probability_of_backtest_overfitting(table, 8)
    expected = oracle.overfitting(table.tolist(), 8, oracle.sharpe)
    relative = np.array([row[3] / 8 for row in expected])
    np.testing.assert_allclose(result.logits, np.log(relative / (1 - relative)), rtol=1e-12, atol=1e-14)
    assert result.pbo == np.mean(relative <= 0.5)
    assert result.chosen.tolist() == [row[0] for row in expected]
    assert result.probability_of_loss == np.mean([row[2] < 0 for row in expected])
    slope, intercept = np.polyfit([row[1] for row in expected], [row[2] for row in expected], 1)
    assert result.slope == pytest.approx(slope, rel=1e-9)
    assert result.intercept == pytest.approx(intercept, rel=1e-9)
    assert len(result) == 70


def test_noise_is_overfitted_in_half_of_all_cases_and_skill_is_not():
    rng = np.random.default_rng(2)
    pbo = [nanobook.probability_of_backtest_overfitting(rng.normal(size=(120, 20)), 8).pbo for _ in range(60)]
    assert np.mean(pbo) == pytest.approx(0.5, abs=0.12)
    table = rng.normal(size=(400, 20))
    table[:, 5] += 0.5
    result = nanobook.probability_of_backtest_overfitting(table, 10)
    assert result.pbo == 0.0
    assert set(result.chosen.tolist()) == {5}


def test_what_must_not_matter_does_not():
    table = np.random.default_rng(3).normal(0.01, 1.0, (100, 9))
    ours = nanobook.probability_of_backtest_overfitting(table, 6)
    turned = np.random.default_rng(4).permutation(9)
    other = nanobook.probability_of_backtest_overfitting(table[:, turned], 6)
    assert turned[other.chosen].tolist() == ours.chosen.tolist()
    np.testing.assert_array_equal(other.logits, ours.logits)
    scaled = nanobook.probability_of_backtest_overfitting(table * 0.25, 6)
    np.testing.assert_array_equal(scaled.logits, ours.logits)
    np.testing.assert_allclose(scaled.in_sample, ours.in_sample, rtol=1e-12)


def test_the_two_halves_of_a_split_change_places():
    table = np.random.default_rng(5).normal(0.01, 1.0, (60, 2))
    result = nanobook.probability_of_backtest_overfitting(table, 4)
    same = result.chosen == result.chosen[::-1]
    np.testing.assert_allclose(result.in_sample[same], result.out_of_sample[::-1][same], rtol=1e-9)


def test_threads_do_not_matter():
    table = np.random.default_rng(6).normal(size=(160, 12))
    with _link.threads(1):
        one = nanobook.probability_of_backtest_overfitting(table)
    with _link.threads(2):
        assert nanobook.probability_of_backtest_overfitting(table) == one


def test_equal_strategies_share_the_middle():
    series = np.random.default_rng(7).normal(size=(40, 1))
    result = nanobook.probability_of_backtest_overfitting(np.repeat(series, 3, axis=1), 4)
    assert set(result.chosen.tolist()) == {0}
    assert result.logits.tolist() == [0.0] * 6
    assert result.pbo == 1.0


@pytest.mark.parametrize("measure", ["sharpe", "mean"])
def test_result_tables_and_pictures(measure):
    days = pd.date_range("2024-01-01", periods=90)
    frame = pd.DataFrame(np.random.default_rng(8).normal(0.01, 1, (90, 4)), days, list("abcd"))
    result = nanobook.probability_of_backtest_overfitting(frame, 6, measure)
    assert result.names == ("a", "b", "c", "d")
    table = result.to_frame()
    assert table.columns.tolist() == ["chosen", "in_sample", "out_of_sample", "logit"]
    assert set(table["chosen"]) <= set("abcd")
    assert pickle.loads(pickle.dumps(result)) == result
    assert result != 1
    assert f"pbo={result.pbo:.4f}" in repr(result)
    assert "overfitting" in result._repr_html_()
    figure = result.plot()
    assert "overfitting" in figure.axes[0].get_title(loc="left")


def test_a_picture_of_equal_logits():
    series = np.random.default_rng(7).normal(size=(40, 1))
    assert nanobook.probability_of_backtest_overfitting(np.repeat(series, 3, axis=1), 2).plot().axes


def test_no_bar_of_the_logits_is_of_both_colours():
    pytest.importorskip("matplotlib")
    noise = np.random.default_rng(4).normal(size=(200, 15))  # an odd number has a median of its own: logit 0
    result = nanobook.probability_of_backtest_overfitting(noise, 8)
    assert (result.logits == 0.0).any()
    bars = result.plot().axes[0].patches
    edges = np.array([(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars if bar.get_height()])
    assert ((edges <= 1e-12).all(axis=1) | (edges >= -1e-12).all(axis=1)).all()
    assert sum(bar.get_height() for bar in bars) == len(result)
