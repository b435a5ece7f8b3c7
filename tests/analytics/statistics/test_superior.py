"""Hansen's and White's tests: the package arch in distribution, a naive twin to the bit, size and power."""

import pickle

import numpy as np
import pandas as pd
import pytest

import nanobook
from nanobook import _link
from nanobook.analytics.statistics.resampling import read_plan
from nanobook.analytics.statistics.superior import long_run_variance
from tests.oracle import statistics as oracle


def strategies(seed=0, periods=300, count=20):
    """Noise with some memory, some strategies bad and one fair."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(periods + 1, count))
    table = noise[1:] + 0.3 * noise[:-1]
    table[:, 12:] -= 0.3
    table[:, 3:4] += 0.12
    return table


@pytest.mark.parametrize("seed", [0, 1])
def test_whites_check_is_the_upper_p_value(seed):
    table = strategies(seed)
    hansen = nanobook.superior_predictive_ability(table, block_size=7, resamples=600, studentize=False)
    white = nanobook.reality_check(table, block_size=7, resamples=600)
    assert white.p_value == hansen.p_upper
    assert white.statistic == hansen.statistic


def test_the_variance_equals_its_definition():
    table = strategies(5, 60, 3)
    found = long_run_variance(table, read_plan(1, 4.5, "stationary", 0, 60))
    assert found == pytest.approx([oracle.long_run_variance(row, 4.5) for row in table.T.tolist()], rel=1e-12)


@pytest.mark.parametrize(("kind", "length"), [("stationary", 5), ("circular", 6), ("circular", 1)])
def test_the_variance_is_that_of_many_resamples(kind, length):
    from nanobook.analytics.statistics.resampling import resampled_means

    table = strategies(6, 60, 2)
    plan = read_plan(40_000, length, kind, 0, 60)
    means = np.concatenate(list(resampled_means(table, plan)))
    np.testing.assert_allclose(60 * means.var(axis=0), long_run_variance(table, plan), rtol=0.04)


@pytest.mark.parametrize("studentize", [True, False])
def test_p_values_equal_those_of_rows_drawn_one_by_one(studentize):
    table = strategies(2, 80, 6)
    found = nanobook.superior_predictive_ability(
        table, block_size=5, resamples=200, seed=9, studentize=studentize
    )
    n, means = 80, table.mean(axis=0)
    scale = np.sqrt([oracle.long_run_variance(row, 5) for row in table.T.tolist()])
    divisor = scale if studentize else np.ones(6)
    drawn = [table[oracle.resampled_rows(80, "stationary", 5, 9, r)].mean(axis=0) for r in range(200)]
    top = (np.sqrt(n) * means / divisor).max()
    bad = np.sqrt(n) * means / scale < -np.sqrt(2 * np.log(np.log(n)))
    for p, centre in (
        (found.p_lower, np.maximum(means, 0)),
        (found.p_value, np.where(bad, 0, means)),
        (found.p_upper, means),
    ):
        assert p == np.mean([(np.sqrt(n) * (mean - centre) / divisor).max() > top for mean in drawn])
    assert found.statistic == pytest.approx(top, rel=1e-12)
    assert found.best == int(np.argmax(means / divisor))


def test_the_answer_does_not_depend_on_threads_or_pieces(monkeypatch):
    table = strategies(3)
    with _link.threads(1):
        one = nanobook.superior_predictive_ability(table, seed=3)
    with _link.threads(2):
        assert nanobook.superior_predictive_ability(table, seed=3) == one
    monkeypatch.setattr("nanobook.analytics.statistics.resampling.PIECE", 500)
    assert nanobook.superior_predictive_ability(table, seed=3) == one
    assert nanobook.superior_predictive_ability(table, seed=4) != one


def test_luck_is_rarely_called_skill_and_skill_is_seen():
    found, seen = 0, 0
    for seed in range(60):
        noise = np.random.default_rng(seed).normal(size=(200, 10))
        found += nanobook.superior_predictive_ability(noise, resamples=400).p_value < 0.1
        noise[:, 2] += 0.35
        seen += nanobook.superior_predictive_ability(noise, resamples=400).p_value < 0.1
    assert found <= 14  # of 60 at 10 %: more than that in one suite of 4,000
    assert seen >= 55


def test_bad_strategies_cost_hansens_test_less_power():
    rng = np.random.default_rng(1)
    table = rng.normal(size=(250, 60))
    table[:, 1:] -= 1.0
    table[:, 0] += 0.15
    hansen, white = nanobook.superior_predictive_ability(table), nanobook.reality_check(table)
    assert hansen.p_lower <= hansen.p_value <= hansen.p_upper
    assert hansen.p_value < white.p_value


def test_frames_and_a_benchmark():
    days = pd.date_range("2024-01-01", periods=300)
    frame = pd.DataFrame(strategies(), days, [f"S{i}" for i in range(20)])
    market = pd.Series(np.random.default_rng(7).normal(size=300), days)
    result = nanobook.superior_predictive_ability(frame.add(market, axis=0), market[::-1])
    plain = nanobook.superior_predictive_ability(frame)
    assert result.best == plain.best == "S3"
    assert result.statistic == pytest.approx(plain.statistic, rel=1e-9)
    assert result.to_frame().index[0] == "S3"
    assert pickle.loads(pickle.dumps(result)) == result
    assert result != plain
    assert result != 3
    assert "best='S3'" in repr(result)
    assert result.summary()["strategies"] == 20
    assert "p-value" in result._repr_html_()


def test_the_order_of_strategies_does_not_matter():
    table = strategies(4)
    turned = np.random.default_rng(0).permutation(20)
    ours = nanobook.superior_predictive_ability(table)
    other = nanobook.superior_predictive_ability(table[:, turned])
    assert (other.p_lower, other.p_value, other.p_upper) == (ours.p_lower, ours.p_value, ours.p_upper)
    assert turned[other.best] == ours.best


@pytest.mark.parametrize("studentize", [True, False])
def test_strategies_that_all_lose_are_no_discovery(studentize):
    returns = np.random.default_rng(8).normal(-0.01, 0.005, (300, 5))
    result = nanobook.superior_predictive_ability(returns, resamples=200, studentize=studentize)
    assert (result.p_lower, result.p_value, result.p_upper) == (1.0, 1.0, 1.0)
