"""The active set methods: both alone, from every start, and on degenerate corners."""

import numpy as np
import pytest

from nanobook.errors import InfeasibleError
from nanobook.optimize import quadratic
from nanobook.optimize.constraints import Constraints, make_region
from nanobook.optimize.inputs import read_sample
from nanobook.optimize.phase_one import feasible_start
from nanobook.optimize.quadratic import Programme


def problem(seed):
    """A random programme: matrix, linear term, region; rows and shorts in half of them."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 15))
    root = rng.standard_normal((n + 3, n))
    limits = {"upper": rng.uniform(1.5 / n, 1.0, n)}
    if rng.random() < 0.5:
        limits["lower"] = -rng.uniform(0.0, 0.3, n)
    if rng.random() < 0.5:
        half = list(range(n // 2))
        limits["groups"] = {"half": (half, 0.2, 0.45)} if half else {}
    region = make_region(Constraints(**limits), read_sample(np.eye(max(2, n))[:, :n]))
    return root.T @ root / n, rng.standard_normal(n) * rng.choice([0.0, 0.1, 1.0]), region


def optimal(matrix, linear, region, found):
    """Check the optimality conditions from their definition."""
    x = found.x
    assert region.violation(x) <= 1e-11
    gradient = matrix @ x + linear - found.rows @ region.rows
    np.testing.assert_allclose(gradient, found.bounds, atol=1e-9)
    for multiplier, value, low, high in (
        (found.bounds, x, region.lower, region.upper),
        (found.rows, region.rows @ x, region.low, region.high),
    ):
        for m, v, least, most in zip(multiplier, value, low, high, strict=True):
            if m > 1e-9:
                assert v == pytest.approx(least, abs=1e-10)
            if m < -1e-9:
                assert v == pytest.approx(most, abs=1e-10)


@pytest.mark.parametrize("seed", range(60))
def test_both_methods_find_the_optimum(seed):
    matrix, linear, region = problem(seed)
    programme = Programme(matrix, region)
    try:
        found = programme.solve(linear)
    except InfeasibleError:
        with pytest.raises(InfeasibleError):
            programme._descend(linear)
        return
    optimal(matrix, linear, region, found)
    walked = programme._descend(linear)
    optimal(matrix, linear, region, walked)
    np.testing.assert_allclose(walked.x, found.x, atol=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_a_guess_changes_nothing_but_the_time(seed):
    matrix, linear, region = problem(seed)
    programme = Programme(matrix, region)
    try:
        found = programme.solve(linear)
    except InfeasibleError:
        return
    other = programme.solve(linear + 0.05, programme.solve(linear + np.arange(len(linear)) * 0.1).active)
    np.testing.assert_allclose(other.x, found.x, atol=1e-9)


def test_the_sure_method_answers_where_exchanges_cycle(monkeypatch):
    matrix, linear, region = problem(1)
    wanted = Programme(matrix, region).solve(linear).x
    monkeypatch.setattr(quadratic, "ROUNDS", 0)
    np.testing.assert_allclose(Programme(matrix, region).solve(linear).x, wanted, atol=1e-9)


def test_weights_that_are_all_given():
    sample = read_sample(np.eye(4))
    for lower, upper in ((0.25, 0.25), (0.25, 1.0), (0.0, 0.25)):
        region = make_region(Constraints(lower=lower, upper=upper), sample)
        found = Programme(np.diag([1.0, 2.0, 3.0, 4.0]), region)._descend(np.zeros(4))
        np.testing.assert_allclose(found.x, 0.25)
        found = Programme(np.diag([1.0, 2.0, 3.0, 4.0]), region).solve(np.zeros(4))
        np.testing.assert_allclose(found.x, 0.25)


def test_a_row_that_repeats_the_budget():
    sample = read_sample(np.eye(3))
    region = make_region(Constraints(groups={"all": ([0, 1, 2], 1.0, 1.0)}), sample)
    assert np.count_nonzero(feasible_start(region, np.ones(3))[1].held) <= 1
    found = Programme(np.diag([1.0, 1.0, 2.0]), region).solve(np.zeros(3))
    np.testing.assert_allclose(found.x, [0.4, 0.4, 0.2])
