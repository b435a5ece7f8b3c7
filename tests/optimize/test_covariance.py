"""Covariance estimators against scikit-learn and skfolio, and the check that one can be inverted."""

import numpy as np
import pandas as pd
import pytest

import nanobook as nb
from nanobook.errors import InvalidValue, NonFiniteError, ShapeError, SingularCovariance, TooFewObservations


def returns(periods=300, count=8, seed=0):
    rng = np.random.default_rng(seed)
    factors = rng.standard_normal((periods, 2)) @ rng.standard_normal((2, count))
    return 0.01 * (factors + rng.standard_normal((periods, count)) * rng.uniform(0.5, 2.0, count))


def test_one_asset():
    values = returns(count=1)
    variance = np.var(values, ddof=1)
    assert nb.sample_covariance(values).tolist() == [[pytest.approx(variance)]]
    assert nb.ledoit_wolf(values)[0, 0] == pytest.approx(np.var(values))
    assert nb.oas(values)[0, 0] == pytest.approx(np.var(values))


def test_nearest_psd_keeps_variances_and_can_be_inverted():
    matrix = np.array([[0.04, 0.05, 0.0], [0.05, 0.04, 0.03], [0.0, 0.03, 0.09]])
    found = nb.nearest_psd(matrix)
    np.testing.assert_allclose(np.diag(found), np.diag(matrix))
    assert np.linalg.eigvalsh(found)[0] > 0.0
    good = nb.sample_covariance(returns())
    np.testing.assert_allclose(nb.nearest_psd(good), good, rtol=1e-9)


@pytest.mark.parametrize("estimator", ["sample", "ledoit_wolf", "oas", "ewma", "denoised"])
def test_every_estimator_by_name(estimator):
    by_name = {
        "sample": nb.sample_covariance,
        "ledoit_wolf": nb.ledoit_wolf,
        "oas": nb.oas,
        "ewma": nb.ewma_covariance,
        "denoised": nb.denoised_covariance,
    }[estimator]
    values = returns()
    wanted = nb.optimize_min_variance(None, covariance=by_name(values))
    np.testing.assert_array_equal(nb.optimize_min_variance(values, covariance=estimator), wanted)
    np.testing.assert_array_equal(nb.optimize_min_variance(values, covariance=by_name), wanted)


def test_c021_too_few_rows_for_an_inverse():
    with pytest.raises(SingularCovariance, match=r"from 5 rows of 8 assets is singular: smallest eigenvalue"):
        nb.optimize_min_variance(returns(5))
    assert nb.optimize_min_variance(returns(5), covariance="ledoit_wolf").sum() == pytest.approx(1.0)


def test_c021_assets_that_move_as_one_are_named():
    values = returns()
    values[:, 3] = -2.0 * values[:, 1]
    with pytest.raises(SingularCovariance, match=r"\(AAPL and XOM move as one\)"):
        nb.optimize_min_variance(values, ["A", "AAPL", "B", "XOM", "C", "D", "E", "F"])


def test_c021_a_matrix_that_is_not_positive_definite():
    with pytest.raises(SingularCovariance, match=r"not positive definite: smallest eigenvalue .* -1"):
        nb.optimize_min_variance(None, covariance=[[1.0, 2.0], [2.0, 1.0]])


def test_c020_a_constant_asset_is_named():
    frame = pd.DataFrame(returns()[:, :3], columns=["AAPL", "CASH", "MSFT"])
    frame["CASH"] = 0.1
    for optimizer in (nb.optimize_min_variance, nb.optimize_hrp, nb.optimize_risk_parity):
        with pytest.raises(SingularCovariance, match="returns of CASH are constant"):
            optimizer(frame)


def test_labelled_matrices_are_put_in_order():
    frame = pd.DataFrame(returns()[:, :3], columns=["C", "A", "B"])
    matrix = frame.cov()
    wanted = nb.optimize_min_variance(frame)
    shuffled = matrix.loc[["A", "B", "C"], ["A", "B", "C"]]
    pd.testing.assert_series_equal(nb.optimize_min_variance(frame, covariance=shuffled), wanted)
    with pytest.raises(ShapeError, match="missing: C"):
        nb.optimize_min_variance(frame, covariance=shuffled.drop(index="C", columns="C"))
    with pytest.raises(ShapeError, match="its index and its columns differ"):
        nb.optimize_min_variance(frame, covariance=matrix.loc[["A", "B", "C"]])


def test_covariances_that_cannot_be_used():
    values = returns()
    with pytest.raises(InvalidValue, match=r"did you mean 'ledoit_wolf'"):
        nb.optimize_min_variance(values, covariance="ledoit-wolf")
    with pytest.raises(ShapeError, match=r"\(2, 2\), needs \(8, 8\)"):
        nb.optimize_min_variance(values, covariance=np.eye(2))
    with pytest.raises(ShapeError, match=r"needs \(N, N\)"):
        nb.optimize_min_variance(None, covariance=np.ones((2, 3)))
    with pytest.raises(InvalidValue, match="not symmetric"):
        nb.optimize_min_variance(None, covariance=[[1.0, 0.5], [0.1, 1.0]])
    with pytest.raises(NonFiniteError, match="row 0, column 1"):
        nb.optimize_min_variance(None, covariance=[[1.0, np.nan], [np.nan, 1.0]])
    with pytest.raises(TooFewObservations, match="8 rows for 8 assets"):
        nb.denoised_covariance(values[:8])
    with pytest.raises(InvalidValue, match="returns: None needs"):
        nb.optimize_min_variance(None)


@pytest.mark.parametrize("scale", [1e-100, 1e-6, 1e6, 1e90])
@pytest.mark.parametrize("name", ["ledoit_wolf", "oas"])
def test_shrinkage_does_not_depend_on_the_unit(name, scale):
    values = np.random.default_rng(9).normal(0.001, 0.01, (30, 6))
    shrunk = getattr(nb, name)
    np.testing.assert_allclose(shrunk(values * scale) / scale / scale, shrunk(values), rtol=1e-12)


@pytest.mark.parametrize("covariance", ["sample", "ledoit_wolf", "oas", "ewma", "denoised"])
@pytest.mark.parametrize("growth", [0.01, 1e-4])
def test_c020_a_constant_asset_is_named_by_every_estimator(covariance, growth):
    prices = (1.0 + growth) ** np.arange(81)
    moving = np.random.default_rng(9).normal(0.001, 0.01, (80, 2))
    values = np.column_stack((moving[:, 0], prices[1:] / prices[:-1] - 1.0, moving[:, 1]))
    for optimizer in (nb.optimize_min_variance, nb.optimize_hrp, nb.optimize_max_sharpe):
        with pytest.raises(SingularCovariance, match="returns of CASH are constant"):
            optimizer(values, ["A", "CASH", "B"], covariance=covariance)


def test_c021_a_matrix_that_is_no_covariance():
    impossible = np.array([[1.0, -0.9, -0.9], [-0.9, 1.0, -0.9], [-0.9, -0.9, 1.0]])
    with pytest.raises(SingularCovariance, match=r"not positive definite: smallest eigenvalue .* -0\.8"):
        nb.optimize_hrp(None, covariance=impossible)
    with pytest.raises(ShapeError, match=r"covariance: shape \(0, 0\)"):
        nb.nearest_psd(np.zeros((0, 0)))


def test_branches_without_variance_share_equally(monkeypatch):
    from nanobook.optimize import hierarchy

    monkeypatch.setattr(hierarchy, "leaves", lambda matrix: np.arange(len(matrix)))
    opposite = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert hierarchy.divide(np.kron(np.eye(2), opposite)).tolist() == [0.25] * 4
