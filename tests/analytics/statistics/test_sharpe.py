"""Sharpe ratios in doubt: the numbers of the papers, of the original, and of simulation."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import nanobook
from nanobook.errors import AssumedObservations

PAPER = {"n_observations": 1250, "sharpe_variance": 0.5, "periods_per_year": 250}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [((0.458, 24), 0.982), ((0.458, 24, -2.448, 10.164), 0.913)],
)
def test_the_papers_track_record_of_two_years(arguments, expected):
    assert round(nanobook.probabilistic_sharpe(*arguments), 3) == expected


@pytest.mark.parametrize(
    ("periods", "moments", "years"),
    [(250, (0, 3), 2.73), (52, (0, 3), 2.83), (12, (0, 3), 3.24), (12, (-0.72, 5.78), 4.99)],
)
def test_the_papers_lengths_of_track_records(periods, moments, years):
    """An annual ratio of 2 against one of 1: daily, weekly, monthly, and with fat tails."""
    length = nanobook.minimum_track_record_length(2, 1, 0.95, *moments, periods_per_year=periods)
    assert round(length / periods, 2) == years


@pytest.mark.parametrize(
    ("trials", "moments", "expected"), [(100, (-3, 10), 0.9004), (46, (-3, 10), 0.9505), (88, (0, 3), 0.9505)]
)
def test_the_papers_deflated_ratios(trials, moments, expected):
    assert round(nanobook.deflated_sharpe(2.5, trials, *moments, **PAPER), 4) == expected


def test_the_papers_expected_maximum():
    assert round(nanobook.expected_maximum_sharpe(100, math.sqrt(0.5 / 250)), 4) == 0.1132


@pytest.mark.parametrize("trials", [2, 10, 1000])
def test_the_expected_maximum_is_near_that_of_normal_draws(trials):
    draws = np.random.default_rng(1).normal(size=(20_000, trials)).max(axis=1).mean()
    assert nanobook.expected_maximum_sharpe(trials) == pytest.approx(draws, abs=0.06)


def test_more_trials_need_more():
    highest = [nanobook.expected_maximum_sharpe(n) for n in (1, 1.2, 2, 3.5, 10, 1e6, 1e12)]
    assert highest[0] == 0.0
    assert highest == sorted(highest)


@pytest.mark.parametrize(
    ("call", "expected"), [((1.5, 20, 0, 3), 0.9951248310), ((2, 100, -0.5, 5), 0.99999998884)]
)
def test_the_originals_call_gives_its_number_and_says_that_it_is_wrong(call, expected):
    with pytest.warns(AssumedObservations, match=f"n_trials={call[1]} stands for the number of observations"):
        assert nanobook.py_deflated_sharpe(*call) == pytest.approx(expected, abs=2e-7)


def test_with_observations_the_originals_call_is_right():
    found = nanobook.py_deflated_sharpe(0.1, 100, -0.5, 5, 1250)
    assert found == nanobook.deflated_sharpe(0.1, 100, -0.5, 5, n_observations=1250)
    error = math.sqrt((1 + 0.5 * 0.1 + 0.01) / 1249)
    expected = stats.norm.cdf(0.1 / error - nanobook.expected_maximum_sharpe(100))
    assert found == pytest.approx(expected, rel=1e-12)


def test_one_trial_is_a_probability_and_a_negative_ratio_has_one():
    assert nanobook.deflated_sharpe(0.1, 1, 0, 3, 500) == nanobook.probabilistic_sharpe(0.1, 500)
    assert 0.0 < nanobook.deflated_sharpe(-0.1, 20, 0, 3, 50) < 0.1
    assert nanobook.probabilistic_sharpe(0.0, 50) == 0.5


@pytest.fixture
def returns():
    return np.random.default_rng(3).standard_t(5, 400) * 0.01 + 0.001


def test_returns_give_their_own_moments(returns):
    sharpe = (returns.mean() - 0.0002) / returns.std(ddof=1)
    skew, tails = stats.skew(returns), stats.kurtosis(returns, fisher=False)
    given = nanobook.probabilistic_sharpe(sharpe, 400, skew, tails, benchmark=0.02)
    for kind in (np.asarray, list, pd.Series):
        found = nanobook.probabilistic_sharpe(kind(returns), benchmark=0.02, risk_free=0.0002)
        assert found == pytest.approx(given, rel=1e-12)
    told = {"risk_free": 0.0002, "sharpe_variance": 0.001}
    assert nanobook.deflated_sharpe(returns, 30, **told) == pytest.approx(
        nanobook.deflated_sharpe(sharpe, 30, skew, tails, 400, sharpe_variance=0.001), rel=1e-12
    )
    assert nanobook.minimum_track_record_length(returns, risk_free=0.0002) == pytest.approx(
        nanobook.minimum_track_record_length(sharpe, 0, 0.95, skew, tails), rel=1e-12
    )


def test_annual_and_periodic_figures_agree(returns):
    daily = nanobook.probabilistic_sharpe(0.1, 400, benchmark=0.05)
    root = math.sqrt(252)
    annual = nanobook.probabilistic_sharpe(0.1 * root, 400, benchmark=0.05 * root, periods_per_year=252)
    assert annual == pytest.approx(daily, rel=1e-12)
    assert nanobook.probabilistic_sharpe(returns, benchmark=0.05 * root, periods_per_year=252) == (
        pytest.approx(nanobook.probabilistic_sharpe(returns, benchmark=0.05), rel=1e-12)
    )


def test_the_length_is_where_the_probability_is_the_confidence():
    length = nanobook.minimum_track_record_length(0.12, 0.03, 0.9, -0.4, 6)
    below, above = (
        nanobook.probabilistic_sharpe(0.12, round_(length), -0.4, 6, benchmark=0.03)
        for round_ in (math.floor, math.ceil)
    )
    assert below < 0.9 < above
    assert nanobook.minimum_track_record_length(0.1, 0.1) == math.inf
    assert nanobook.minimum_track_record_length(-0.1) == math.inf


def test_probabilities_are_right_in_simulation():
    """Of noise, the share of samples whose probability is above 90 % is 10 %."""
    noise = np.random.default_rng(8).normal(size=(2000, 100))
    high = [nanobook.probabilistic_sharpe(row) > 0.9 for row in noise]
    assert np.mean(high) == pytest.approx(0.1, abs=0.025)


def test_the_interval_holds_the_ratio_and_is_deterministic(returns):
    low, high, sharpe, error = nanobook.sharpe_interval(returns, seed=4)
    metrics = nanobook.compute_metrics(returns)
    assert sharpe == pytest.approx(metrics.sharpe, rel=1e-12)
    assert low < sharpe < high
    assert nanobook.sharpe_interval(returns, seed=4) == (low, high, sharpe, error)
    assert nanobook.sharpe_interval(returns, seed=5) != (low, high, sharpe, error)
    wide = nanobook.sharpe_interval(returns, 0.99, seed=4)
    assert wide.low < low
    assert high < wide.high


def test_the_standard_error_of_independent_returns_is_that_of_theory():
    values = np.random.default_rng(9).normal(0.05, 1.0, 1000)
    found = nanobook.sharpe_interval(values, block_size=1, resamples=5000, periods_per_year=1)
    sharpe = found.sharpe
    assert found.standard_error == pytest.approx(math.sqrt((1 + sharpe**2 / 2) / 999), rel=0.08)


def test_the_interval_equals_that_of_rows_drawn_one_by_one():
    from tests.oracle.statistics import resampled_rows

    values = np.random.default_rng(11).normal(0.01, 0.1, 60)
    found = nanobook.sharpe_interval(values, 0.8, block_size=4, resamples=40, seed=2, periods_per_year=1)
    ratios = [
        values[rows].mean() / values[rows].std(ddof=1)
        for rows in (resampled_rows(60, "stationary", 4, 2, r) for r in range(40))
    ]
    expected = np.percentile(ratios, [10, 90])
    assert found[:2] == pytest.approx(expected.tolist(), rel=1e-10)
    assert found.standard_error == pytest.approx(np.std(ratios), rel=1e-10)
