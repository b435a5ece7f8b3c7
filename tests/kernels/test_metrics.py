"""The figures of a series against their definitions. Runs with and without the JIT."""

import math
import random

import numpy as np
import pytest

from nanobook._jit import JIT
from nanobook.kernels.metrics import FIGURES, figures
from tests.oracle import metrics as oracle

SEEDS = range(30 if JIT else 8)


def run(returns, periods_per_year=252.0, risk_free=0.0):
    """All figures by name."""
    row = np.full(len(FIGURES), 7.0)
    figures(np.array(returns, np.float64), float(periods_per_year), float(risk_free), row)
    return dict(zip(FIGURES, row.tolist(), strict=True))


def draw_series(seed):
    """Gains and losses, some of them zero, some unknown."""
    draw = random.Random(seed)
    size = draw.choice([1, 2, 3, 50, 250])
    series = [draw.gauss(0.001, 0.03) for _ in range(size)]
    return [draw.choice([0.0, math.nan, value, value, value]) for value in series] + [draw.gauss(0.0, 0.02)]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_equals_its_definition(seed):
    returns, rate = draw_series(seed), (0.0, 0.0005, -0.001)[seed % 3]
    expected = oracle.figures(returns, 52.0, rate)
    assert tuple(expected) == FIGURES
    for name, value in run(returns, 52.0, rate).items():
        assert value == pytest.approx(expected[name], rel=1e-11, abs=1e-13), name


def test_unknown_returns_are_left_out_to_the_last_bit():
    known = [0.02, -0.01, 0.04, -0.02]
    assert run([math.nan, *known[:2], math.nan, *known[2:], math.nan]) == run(known)


def test_of_nothing_known_nothing_is_known():
    answer = run([math.nan, math.nan])
    counts = ("num_periods", "winning_periods", "losing_periods")
    assert [answer.pop(name) for name in counts] == [0.0, 0.0, 0.0]
    assert all(map(math.isnan, answer.values()))
    assert {**run([])}.keys() == {*answer, *counts}


def test_a_series_of_one_has_no_spread():
    answer = run([-0.5], 4.0)
    assert (answer["volatility"], answer["sharpe"], answer["sortino"]) == (0.0, 0.0, 0.0)
    assert (answer["cagr"], answer["cvar_95"]) == (0.5**4 - 1.0, -0.5)


def test_all_is_lost_once():
    answer = run([0.1, -1.0, 0.5])
    assert (answer["total_return"], answer["cagr"], answer["max_drawdown"]) == (-1.0, -1.0, 1.0)
