"""What must hold of every optimiser: sums, bounds, permutation, scale, forms of input and output."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nanobook as nb
from nanobook.errors import InfeasibleError, InvalidValue, SingularCovariance, UnboundedError

COVARIANCE = {
    "min_variance": nb.optimize_min_variance,
    "max_sharpe": nb.optimize_max_sharpe,
    "risk_parity": nb.optimize_risk_parity,
    "max_diversification": nb.optimize_max_diversification,
    "hrp": nb.optimize_hrp,
    "mean_variance": lambda *a, **k: nb.optimize_mean_variance(*a, risk_aversion=5.0, **k),
}
TAILS = {
    "cvar": nb.optimize_cvar,
    "cdar": nb.optimize_cdar,
    "cvar_ratio": nb.optimize_cvar_ratio,
    "cdar_ratio": nb.optimize_cdar_ratio,
}
OPTIMISERS = COVARIANCE | TAILS
EVERY = pytest.mark.parametrize("name", OPTIMISERS)
INVERSE = {"inverse_cvar": nb.inverse_cvar_weights, "inverse_cdar": nb.inverse_cdar_weights}
NAMES = ["AAPL", "MSFT", "XOM", "KO", "JPM", "BAC"]


def returns(periods=120, count=6, seed=3):
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal((periods, 1)) * rng.uniform(0.5, 1.5, count)
    return 0.01 * (factor + rng.standard_normal((periods, count))) + rng.uniform(0.0, 0.002, count)


@pytest.mark.parametrize("name", OPTIMISERS | INVERSE)
def test_long_only_and_fully_invested_in_every_form(name):
    optimizer, values = (OPTIMISERS | INVERSE)[name], returns()
    weights = optimizer(values)
    assert type(weights) is np.ndarray
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert weights.min() >= 0.0
    assert optimizer(values, NAMES) == dict(zip(NAMES, weights.tolist(), strict=True))
    assert optimizer(values.tolist(), NAMES) == optimizer(values, NAMES)
    frame = pd.DataFrame(values, pd.date_range("2024-01-01", periods=120), pd.Index(NAMES, name="symbol"))
    series = optimizer(frame)
    pd.testing.assert_series_equal(series, pd.Series(weights, frame.columns, name="weight"))
    for same in (np.asfortranarray(values), values.astype(">f8"), frame.to_numpy()):
        np.testing.assert_allclose(optimizer(same), weights, atol=1e-12)


@pytest.mark.parametrize("name", OPTIMISERS | INVERSE)
def test_one_asset_gets_all(name):
    assert (OPTIMISERS | INVERSE)[name](returns(count=1), ["AAPL"]) == {"AAPL": 1.0}


@EVERY
def test_permuted_assets_have_permuted_weights(name):
    order = np.random.default_rng(0).permutation(6)
    weights = OPTIMISERS[name](returns())
    np.testing.assert_allclose(OPTIMISERS[name](returns()[:, order]), weights[order], atol=1e-9)


@EVERY
@pytest.mark.parametrize("factor", [1e-6, 0.5, 1e4])
def test_scaled_returns_scale_the_risk(name, factor):
    if name == "mean_variance":
        pytest.skip("the price of variance has a scale of its own")
    once = OPTIMISERS[name](returns(), full=True)
    scaled = OPTIMISERS[name](returns() * factor, full=True)
    np.testing.assert_allclose(scaled.weights, once.weights, atol=1e-9)
    power = {"min_variance": 2, "hrp": 2, "risk_parity": 1, "cvar": 1, "cdar": 1}.get(name, 0)
    assert scaled.objective == pytest.approx(once.objective * factor**power, rel=1e-9)
    assert scaled.volatility == pytest.approx(once.volatility * factor, rel=1e-9)


@EVERY
def test_the_result_says_all(name):
    result = OPTIMISERS[name](returns(), NAMES, full=True)
    assert result.weights == OPTIMISERS[name](returns(), NAMES)
    assert result.status == "optimal"
    assert result.residual <= 1e-8
    weights = np.array(list(result.weights.values()))
    assert result.volatility == pytest.approx((returns() @ weights).std(ddof=1))
    assert result.expected_return == pytest.approx((returns() @ weights).mean())
    assert sum(result.risk_contributions.values()) == pytest.approx(1.0)
    assert list(result.to_frame().index) == NAMES
    assert pickle.loads(pickle.dumps(result)) == result
    assert result != OPTIMISERS[name](returns(seed=4), NAMES, full=True)
    assert (result == 1) is False
    assert name.split("_")[0] in result._repr_html_() or result.kind in result._repr_html_()
    assert result.kind in repr(result)
    assert result.stats().name == result.kind


@EVERY
def test_nothing_better_is_near(name):
    """No step towards one asset, and none away from it, is better."""
    result = OPTIMISERS[name](returns(), full=True)
    if name in {"risk_parity", "hrp"}:
        pytest.skip("its objective is not what it optimises")
    sign = -1.0 if result.kind in {"variance", "cvar", "cdar"} else 1.0
    from nanobook.optimize.moments import read_problem
    from nanobook.optimize.result import VALUES

    problem = read_problem(returns(), None, "sample", None, None, wants_expected=True)
    level = {"sharpe": 0.0, "utility": 5.0, "cvar": 0.95, "cdar": 0.95}.get(result.kind, (0.95, 0.0))
    for i in range(6):
        for step in (1e-3, -1e-3):
            other = result.weights * (1.0 - step) + step * np.eye(6)[i]
            if other.min() >= 0.0:
                value = VALUES[result.kind](problem, other, level)
                assert sign * value <= sign * result.objective + 1e-12


def test_parts_of_risk_are_equal_or_as_budgeted():
    result = nb.optimize_risk_parity(returns(), full=True)
    np.testing.assert_allclose(result.risk_contributions, 1.0 / 6.0, atol=1e-12)
    budgets = dict(zip(NAMES, [1, 2, 3, 4, 5, 5], strict=True))
    result = nb.optimize_risk_parity(returns(), NAMES, budgets=budgets, full=True)
    found = list(result.risk_contributions.values())
    np.testing.assert_allclose(found, np.array([1, 2, 3, 4, 5, 5]) / 20.0, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(COVARIANCE)))
def test_never_a_nan_and_never_a_broken_bound(seed, name):
    """Whatever the sample: weights that obey, or an error of ours."""
    rng = np.random.default_rng(seed)
    shape = int(rng.integers(2, 30)), int(rng.integers(1, 8))
    values = np.round(rng.standard_normal(shape) * 10.0 ** rng.integers(-6, 3), int(rng.integers(0, 8)))
    try:
        weights = COVARIANCE[name](values)
    except (SingularCovariance, InfeasibleError, UnboundedError):
        return
    assert np.all(np.isfinite(weights))
    assert weights.min() >= -1e-8
    assert abs(weights.sum() - 1.0) <= 1e-8


def test_multipliers_tell_what_a_limit_costs():
    """A relaxed limit gains what its multiplier says."""
    values, tight = returns(), {"upper": 0.3, "groups": {"banks": (["JPM", "BAC"], 0.4, None)}}
    result = nb.optimize_min_variance(values, NAMES, constraints=tight, full=True)
    looser = {"upper": 0.3, "groups": {"banks": (["JPM", "BAC"], 0.4 - 1e-5, None)}}
    gain = nb.optimize_min_variance(values, NAMES, constraints=looser, full=True).objective - result.objective
    assert gain == pytest.approx(-1e-5 * result.duals["groups['banks']"], rel=1e-3)
    tight, looser = ({"groups": {"banks": (["JPM", "BAC"], low, None)}} for low in (0.7, 0.7 - 1e-5))
    result = nb.optimize_cvar(values, NAMES, constraints=tight, full=True)
    gain = nb.optimize_cvar(values, NAMES, constraints=looser, full=True).objective - result.objective
    assert gain == pytest.approx(-1e-5 * result.duals["groups['banks']"], rel=1e-3)


@pytest.mark.parametrize("optimise", [nb.optimize_min_variance, nb.optimize_cvar])
@pytest.mark.parametrize("shift", [{"turnover": 1e-5}, {"budget": 1e-5}, {"lower": 1e-5}, {"high": 1e-5}])
def test_multipliers_mean_the_same_where_limits_are_not_linear(optimise, shift):
    """Those of cvxpy itself have other signs and shapes."""

    def limited(turnover=0.0, budget=0.0, lower=0.0, high=0.0, extra=None):
        least = np.where(np.arange(6) == 5, 0.1 + lower, 0.0)
        return nb.Constraints(
            current=np.full(6, 1 / 6),
            turnover=0.4 + turnover,
            budget=1.0 + budget,
            lower=least,
            groups={"banks": (["JPM", "BAC"], None, 0.25 + high), "free": (["KO"], None, None)},
            extra=extra,
        )

    # One more limit that never binds takes the general path.
    values, extra = returns(periods=400), lambda weights: [weights <= 10.0]
    result = optimise(values, NAMES, constraints=limited(extra=extra), full=True)
    moved = optimise(values, NAMES, constraints=limited(extra=extra, **shift), full=True)
    (name,) = shift
    dual = {"high": result.duals["groups['banks']"], "lower": result.duals["lower"][5]}
    dual = dual.get(name, result.duals.get(name))
    assert (moved.objective - result.objective) / 1e-5 == pytest.approx(dual, rel=0.02, abs=1e-7)
    assert type(result.duals["turnover"]) is type(result.duals["groups['banks']"]) is float
    assert result.duals["upper"].shape == (6,)


def test_pictures():
    pytest.importorskip("matplotlib")
    result = nb.optimize_min_variance(returns(), NAMES, full=True)
    assert len(result.plot().axes[0].patches) == 2 * np.count_nonzero(list(result.weights.values()))
    frontier = nb.efficient_frontier(returns(), NAMES, points=5)
    assert len(frontier.plot().axes) == 2
    from nanobook.plot import new_figure

    ax = new_figure((3, 3)).subplots()
    assert frontier.plot(ax) is ax.figure
    assert result.plot(ax) is ax.figure


def test_a_picture_of_weights_leaves_out_what_is_not_held():
    pytest.importorskip("matplotlib")
    limited = nb.optimize_min_variance(returns(), NAMES, constraints={"cardinality": 2}, full=True)
    (ax,) = limited.plot().axes
    held = [name for name, weight in limited.weights.items() if weight]
    assert sorted(label.get_text() for label in ax.get_yticklabels()) == sorted(held)
    assert ax.get_title(loc="left") == "variance; 2 of 6 assets"


def test_a_frontier_can_be_drawn_a_year():
    pytest.importorskip("matplotlib")
    frontier = nb.efficient_frontier(returns(), NAMES, points=5)
    ax = frontier.plot(periods_per_year=252).axes[0]
    np.testing.assert_allclose(ax.lines[0].get_xdata(), frontier.volatilities * np.sqrt(252))
    np.testing.assert_allclose(ax.lines[0].get_ydata(), frontier.expected_returns * 252)
    assert ax.get_xlabel() == "Volatility per year"
    with pytest.raises(InvalidValue, match="periods_per_year"):
        frontier.plot(periods_per_year=0)


def test_multipliers_are_plain_numbers():
    values, limits = returns(), {"groups": {"banks": (["JPM", "BAC"], 0.4, None)}}
    for optimise in (nb.optimize_min_variance, nb.optimize_cvar):
        duals = optimise(values, NAMES, constraints=limits, full=True).duals
        assert {type(duals[name]) for name in ("budget", "groups['banks']")} == {float}
