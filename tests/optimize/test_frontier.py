"""The efficient frontier, a return to reach, tracking, and fewer names."""

import pickle

import numpy as np
import pandas as pd
import pytest

import nanobook as nb
from nanobook.errors import InfeasibleError, UnboundedError, WrongType
from tests.oracle import optimize as oracle

NAMES = list("ABCDEFGH")
LIMITS = [
    {},
    {"lower": -0.2, "upper": 0.5},
    {"upper": 0.3, "groups": {"first": ([0, 1, 2], 0.2, 0.5)}},
    {"lower": -0.3, "gross": 1.4},
    {"turnover": 0.6, "current": [0.125] * 8},
    {"cost": 1e-5, "current": [0.125] * 8},
]


def returns(seed=0, periods=150):
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal((periods, 1)) * rng.uniform(0.5, 1.5, 8)
    return 0.01 * (factor + rng.standard_normal((periods, 8))) + rng.uniform(0.0, 0.002, 8)


def reached(values, limits, target):
    """Least variance at a return, by the second solver."""
    import cvxpy as cp

    matrix = np.cov(values.T)
    scale = np.trace(matrix) / 8
    weights = cp.Variable(8)
    risk = cp.sum_squares(oracle.root(matrix / scale).T @ weights)
    risk = risk + oracle.charge_of(limits, weights) / scale
    gain = values.mean(axis=0) * 1000.0
    return (
        oracle.solved(risk, [*oracle.limits_of(limits, weights), gain @ weights >= target * 1000.0]) * scale
    )


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_every_point_has_the_least_variance_of_its_return(limits):
    values = returns()
    frontier = nb.efficient_frontier(values, points=6, constraints=limits)
    matrix = np.cov(values.T)
    steps = np.diff(frontier.expected_returns)
    np.testing.assert_allclose(steps, steps.mean(), rtol=1e-5)
    for weights, gain, volatility in zip(
        frontier.weights, frontier.expected_returns, frontier.volatilities, strict=True
    ):
        assert volatility == pytest.approx(np.sqrt(weights @ matrix @ weights))
        cost = limits.get("cost", 0.0) * np.abs(weights - 0.125).sum()
        assert volatility**2 + cost == pytest.approx(reached(values, limits, gain - 1e-12), rel=1e-6)
    first = nb.optimize_min_variance(values, constraints=limits)
    np.testing.assert_allclose(frontier.weights[0], first, atol=1e-7)


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_a_return_to_reach(limits):
    values = returns(1)
    frontier = nb.efficient_frontier(values, points=5, constraints=limits)
    target = frontier.expected_returns[2]
    result = nb.optimize_mean_variance(values, target_return=target, constraints=limits, full=True)
    assert result.expected_return >= target - 1e-12
    assert result.objective == pytest.approx(reached(values, limits, target), rel=1e-6)
    low = nb.optimize_mean_variance(values, target_return=-1.0, constraints=limits)
    np.testing.assert_allclose(low, frontier.weights[0], atol=1e-7)


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_a_price_of_variance(limits):
    import cvxpy as cp

    values = returns(2)
    result = nb.optimize_mean_variance(values, risk_aversion=8.0, constraints=limits, full=True)
    weights = cp.Variable(8)
    risk = cp.sum_squares(oracle.root(np.cov(values.T)).T @ weights)
    loss = 4.0 * risk - values.mean(axis=0) @ weights + oracle.charge_of(limits, weights)
    wanted = -oracle.solved(1000.0 * loss, oracle.limits_of(limits, weights)) / 1000.0
    assert result.objective == pytest.approx(wanted, rel=1e-6)


def test_equal_expected_returns_leave_one_point():
    frontier = nb.efficient_frontier(returns(), points=4, expected_returns=0.001)
    np.testing.assert_allclose(frontier.weights, np.tile(frontier.weights[0], (4, 1)), atol=1e-9)


def test_a_frontier_needs_bounds():
    with pytest.raises(UnboundedError, match="expected returns have no best"):
        nb.efficient_frontier(returns(), constraints={"lower": -np.inf, "upper": np.inf})


def test_without_bounds_the_tangent_is_known():
    """Weights in proportion to the inverse covariance times excess returns."""
    values = returns()
    free = {"lower": -np.inf, "upper": np.inf}
    direct = np.linalg.solve(np.cov(values.T), values.mean(axis=0))
    np.testing.assert_allclose(
        nb.optimize_max_sharpe(values, constraints=free), direct / direct.sum(), rtol=1e-8
    )
    direct = np.linalg.solve(np.cov(values.T), np.ones(8))
    np.testing.assert_allclose(
        nb.optimize_min_variance(values, constraints=free), direct / direct.sum(), rtol=1e-9
    )


def test_a_frontier_as_a_table():
    frame = pd.DataFrame(returns(), pd.date_range("2024-01-01", periods=150), NAMES)
    frontier = nb.efficient_frontier(frame, points=3)
    told = frontier.to_frame()
    assert list(told.columns) == ["expected_return", "volatility", *NAMES]
    assert len(frontier) == 3
    assert frontier[1].index.tolist() == NAMES
    assert frontier == pickle.loads(pickle.dumps(frontier))
    assert frontier != nb.efficient_frontier(frame, points=4)
    assert "volatility" in repr(frontier)
    assert "<table" in frontier._repr_html_()


def test_tracking_finds_the_weights_that_made_the_index():
    values = returns()
    wanted = np.random.default_rng(0).dirichlet(np.ones(8))
    result = nb.optimize_index_tracking(values, values @ wanted, NAMES, full=True)
    np.testing.assert_allclose(list(result.weights.values()), wanted, atol=1e-9)
    assert result.objective == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("most", [1, 2, 3, 5])
@pytest.mark.parametrize(
    "optimizer", [nb.optimize_min_variance, nb.optimize_max_sharpe, nb.optimize_cvar, nb.optimize_cdar_ratio]
)
def test_fewer_names(optimizer, most):
    """At most so many, and the best over those that are left."""
    weights = optimizer(returns(), constraints={"cardinality": most})
    held = np.flatnonzero(weights)
    assert 1 <= len(held) <= most
    again = optimizer(returns()[:, held])
    np.testing.assert_allclose(weights[held], again, atol=1e-9)


def test_extra_constraints_of_the_user():
    import cvxpy as cp

    values = returns()
    free = nb.optimize_min_variance(values)
    same = nb.optimize_min_variance(values, constraints={"extra": lambda w: [w[0] >= -1.0]})
    np.testing.assert_allclose(same, free, atol=1e-6)
    ball = nb.optimize_min_variance(values, constraints={"extra": lambda w: cp.norm2(w) <= 0.4})
    assert np.linalg.norm(ball) == pytest.approx(0.4, abs=1e-7)
    tail = nb.optimize_cvar(values, constraints={"extra": lambda w: [cp.norm2(w) <= 0.4]})
    assert np.linalg.norm(tail) <= 0.4 + 1e-8


@pytest.mark.parametrize("limits", LIMITS[3:], ids=str)
def test_limits_with_kinks_are_polished_to_rounding(limits):
    """Their optimality conditions hold as exactly as those of plain bounds."""
    result = nb.optimize_min_variance(returns(), constraints=limits, full=True)
    assert result.method == "cvxpy, active set"
    assert result.residual <= 1e-12


def test_a_benchmark_without_labels_for_labelled_returns():
    frame = pd.DataFrame(returns(), columns=NAMES)
    values = (returns() @ np.full(8, 0.125)).tolist()
    for given in (values, tuple(values), np.array(values)):
        np.testing.assert_allclose(nb.optimize_index_tracking(frame, given), 0.125, atol=1e-9)


def test_weights_in_units_of_money():
    """Limits far above 1 are limits, not the end of the search."""
    values, sizes = returns(), {"upper": 5e4, "budget": 1e4}
    limits = [sizes | {"groups": {"first": ([0, 1], None, 3e3)}}, {"groups": {"first": ([0, 1], None, 0.3)}}]
    for optimizer in (nb.optimize_max_sharpe, nb.optimize_min_variance):
        money, parts = (optimizer(values, constraints=given) for given in limits)
        np.testing.assert_allclose(money, 1e4 * parts, rtol=0.0, atol=1e-8)
    frontier = nb.efficient_frontier(values, constraints=sizes, points=4)
    np.testing.assert_allclose(
        frontier.weights, 1e4 * nb.efficient_frontier(values, points=4).weights, atol=1e-6
    )


def test_a_far_return_is_reached_where_nothing_bounds_the_weights():
    free = {"lower": -np.inf, "upper": np.inf}
    result = nb.optimize_mean_variance(returns(), target_return=50.0, constraints=free, full=True)
    assert result.expected_return == pytest.approx(50.0, rel=1e-9)


@pytest.mark.parametrize("names", [["volatility", "expected_return", *"CDEFGH"], [("x", c) for c in NAMES]])
def test_a_table_of_any_names(names):
    table = nb.efficient_frontier(returns(), names, points=3).to_frame()
    assert table.columns.tolist() == ["expected_return", "volatility", *names]
    assert table.shape == (3, 10)


def test_one_point_at_a_time():
    with pytest.raises(WrongType, match="one point at a time"):
        nb.efficient_frontier(returns(), points=3)[:2]


def test_moments_alone_as_lists():
    values = returns()
    mean, matrix = values.mean(axis=0), np.cov(values.T)
    wanted = nb.optimize_max_sharpe(values)
    for expected in (mean.tolist(), tuple(mean), mean, dict(enumerate(mean))):
        for covariance in (matrix, matrix.tolist()):
            found = nb.optimize_max_sharpe(None, expected_returns=expected, covariance=covariance)
            np.testing.assert_allclose(found, wanted, atol=1e-9)


@pytest.mark.parametrize("limit", [{"gross": 1.2}, {"turnover": 0.3, "current": [0.125] * 8}])
def test_leverage_bounds_what_no_bound_does(limit):
    """Where the search for the best gain ends is no measure of a gain that leverage or turnover allow."""
    free = {"lower": -np.inf, "upper": np.inf} | limit
    near = {"lower": -2.0, "upper": 2.0} | limit
    for optimizer in (nb.optimize_max_sharpe, nb.optimize_cvar_ratio):
        found, wanted = (optimizer(returns(), constraints=limits, full=True) for limits in (free, near))
        assert found.objective == pytest.approx(wanted.objective, rel=1e-8)
    with pytest.raises(InfeasibleError, match=r"turnover at most 0\.1"):
        nb.optimize_max_sharpe(returns(), constraints={"turnover": 0.1, "current": [0.0] * 8})


@pytest.mark.parametrize(
    "limits", [{}, {"lower": -0.3, "gross": 1.4}, {"turnover": 0.5, "current": [0.125] * 8}]
)
@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e8])
def test_a_return_to_reach_in_any_unit(limits, scale):
    values = returns()
    target = 0.9 * values.mean(axis=0).max() if "turnover" not in limits else values.mean()
    result, scaled = (
        nb.optimize_mean_variance(values * by, target_return=target * by, constraints=limits, full=True)
        for by in (1.0, scale)
    )
    np.testing.assert_allclose(scaled.weights, result.weights, atol=1e-8)
    wanted = result.duals["target_return"] * scale
    assert scaled.duals["target_return"] == pytest.approx(wanted, rel=1e-5, abs=1e-9 * scale)
    most = values.mean(axis=0).max() * scale
    with pytest.raises(InfeasibleError, match="target_return="):
        nb.optimize_mean_variance(values * scale, target_return=3.0 * most, constraints=limits)
