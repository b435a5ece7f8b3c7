"""Inverse tail weights and hierarchies against plain loops; risk parity against a second solver."""

import numpy as np
import pytest

import nanobook as nb
from nanobook.optimize.risk import conditional_drawdown, conditional_value
from tests.oracle import heuristics as twin
from tests.oracle import optimize as oracle


def returns(seed):
    rng = np.random.default_rng(seed)
    # From 2 or 3 rows correlations of 1 differ by rounding alone, which would decide the ties of a tree.
    shape = int(rng.integers(5, 60)), int(rng.integers(1, 15))
    factor = rng.standard_normal((shape[0], 1))
    return (factor + rng.standard_normal(shape)) * 10.0 ** rng.uniform(-3, -0.5)


@pytest.mark.parametrize("alpha", [0.5, 0.9, 0.95, 0.999])
@pytest.mark.parametrize("seed", range(8))
def test_inverse_tails_are_those_of_the_twin(seed, alpha):
    values = np.maximum(returns(seed), -1.5)
    columns = values.T.tolist()
    np.testing.assert_allclose(
        nb.inverse_cvar_weights(values, alpha=alpha), twin.inverse_cvar(columns, alpha)
    )
    np.testing.assert_allclose(
        nb.inverse_cdar_weights(values, alpha=alpha), twin.inverse_cdar(columns, alpha), rtol=1e-10
    )


@pytest.mark.parametrize("seed", range(12))
def test_hierarchy_is_that_of_the_twin(seed):
    """Also where fewer periods than assets leave the covariance singular."""
    values = returns(seed)
    if seed == 3:
        values[:, -1] = values[:, 0]  # equal distances
    matrix = np.atleast_2d(np.cov(values.T))
    np.testing.assert_allclose(nb.optimize_hrp(values), twin.hrp(matrix.tolist()), rtol=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_risk_parity_is_that_of_a_second_solver(seed):
    values = returns(seed)
    values = np.vstack((values, np.diag(values.std(axis=0) + 1e-3)))
    budgets = np.random.default_rng(seed).uniform(0.1, 1.0, values.shape[1])
    result = nb.optimize_risk_parity(values, budgets=budgets, full=True)
    np.testing.assert_allclose(result.risk_contributions, budgets / budgets.sum(), atol=1e-11)
    matrix = np.atleast_2d(np.cov(values.T))
    np.testing.assert_allclose(result.weights, oracle.parity(matrix, budgets), atol=1e-5)


def parity(seed):
    """One random problem: parts of risk to 1e-10, or an error that is due."""
    rng = np.random.default_rng(seed)
    values = returns(seed) * 10.0 ** rng.uniform(-4, 2, 1)
    try:
        result = nb.optimize_risk_parity(values, full=True)
    except nb.NanobookError:
        count, n = values.shape
        assert count <= n or np.linalg.eigvalsh(np.corrcoef(values.T))[0] < 1e-10
        return False
    np.testing.assert_allclose(result.risk_contributions, 1.0 / values.shape[1], atol=1e-10)
    return True


@pytest.mark.slow
def test_a_thousand_random_risk_parities():
    assert sum(parity(seed) for seed in range(1000)) > 500


@pytest.mark.slow
def test_a_thousand_random_hierarchies():
    for seed in range(1000):
        matrix = np.atleast_2d(np.cov(returns(seed).T))
        np.testing.assert_allclose(nb.optimize_hrp(returns(seed)), twin.hrp(matrix.tolist()), rtol=1e-8)


def test_tails_by_definition():
    losses = -np.array([0.05, -0.10, 0.02, -0.04, 0.01])
    assert conditional_value(-losses, 0.8) == pytest.approx(0.10)
    assert conditional_value(-losses, 0.7) == pytest.approx((0.10 + 0.5 * 0.04) / 1.5)
    assert conditional_value(-losses, 0.0) == pytest.approx(losses.mean())
    assert conditional_value(-losses, 1.0) == pytest.approx(0.10)
    assert conditional_drawdown(-losses, 1.0) == pytest.approx(0.12)
    assert conditional_drawdown([-0.03, 0.01], 0.0) == pytest.approx((0.03 + 0.02) / 2)
