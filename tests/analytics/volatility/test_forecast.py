"""Forecasts: against arch, against simulation, and what they tend to."""

import numpy as np
import pytest

from nanobook import apply_garch, fit_garch
from nanobook.analytics.volatility import forecast
from nanobook.analytics.volatility.forecast import draw, skewed_part
from nanobook.errors import InvalidValue

from .making import reference, simulated

PARAMS = {
    ("garch", 2, 0, 2): [0.04, 0.1, 0.05, 0.05, 0.5, 0.3],
    ("gjr", 1, 1, 1): [0.04, 0.1, 0.03, 0.1, 0.8],
    ("egarch", 1, 1, 1): [0.04, 0.02, 0.15, -0.08, 0.9],
}


@pytest.mark.parametrize("orders", [("garch", 2, 0, 2), ("gjr", 1, 1, 1)])
def test_expected_variances_are_those_of_arch(orders):
    model, p, o, q = orders
    values = simulated(300)
    mine = apply_garch(values, PARAMS[orders], p, o, q, model=model).forecast(10)
    other = reference(values, p, o, q, model, "constant", "normal").fix(PARAMS[orders])
    theirs = other.forecast(horizon=10, reindex=False).variance.iloc[-1]
    np.testing.assert_allclose(mine["variance"], theirs, rtol=1e-10)
    assert (mine["mean"] == 0.04).all()
    np.testing.assert_allclose(mine["volatility"] ** 2, mine["variance"])
    assert mine.index.tolist() == list(range(1, 11))


@pytest.mark.parametrize(("distribution", "shapes"), [("normal", []), ("t", [6.0]), ("skewt", [6.0, -0.4])])
def test_expectations_are_the_means_of_simulated_paths(distribution, shapes):
    orders = ("gjr", 1, 1, 1)
    params = PARAMS[orders] + shapes
    result = apply_garch(simulated(300), params, model="gjr", distribution=distribution)
    exact = result.forecast(5)["variance"]
    simulated_mean = result.forecast(5, method="simulation", paths=200_000, seed=3)["variance"]
    np.testing.assert_allclose(simulated_mean, exact, rtol=0.01)


def test_egarch_beyond_one_period_is_simulated():
    result = apply_garch(simulated(300), PARAMS["egarch", 1, 1, 1], model="egarch")
    other = reference(simulated(300), 1, 1, 1, "egarch", "constant", "normal").fix(PARAMS["egarch", 1, 1, 1])
    first = other.forecast(horizon=1, reindex=False).variance.iloc[-1, 0]
    assert result.forecast(1)["variance"].item() == pytest.approx(first, rel=1e-10)
    ahead = result.forecast(5, paths=100_000)["variance"]
    assert ahead.iloc[0] == pytest.approx(first, rel=1e-10)
    theirs = other.forecast(
        horizon=5,
        method="simulation",
        simulations=100_000,
        reindex=False,
        random_state=np.random.RandomState(1),
    )
    np.testing.assert_allclose(ahead, theirs.variance.iloc[-1], rtol=0.01)
    assert result.forecast(5, seed=1).equals(result.forecast(5, seed=1))
    assert not result.forecast(5, seed=1).equals(result.forecast(5, seed=2))
    with pytest.raises(InvalidValue, match="one period alone"):
        result.forecast(2, method="analytic")


def test_forecasts_tend_to_the_unconditional_variance():
    fit = fit_garch(simulated(500), model="gjr")
    assert fit.forecast(5000)["volatility"].iloc[-1] == pytest.approx(fit.unconditional_volatility, rel=1e-6)


def test_the_drawn_residuals_are_standardised():
    result = apply_garch(
        simulated(60), [0.0, 0.1, 0.1, 0.8, 8.0, -0.3], distribution="skewt", mean="constant"
    )
    drawn = draw(result, 400_000, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(0.0, abs=0.01)
    assert drawn.var() == pytest.approx(1.0, abs=0.02)
    assert (drawn**2 * (drawn < 0)).mean() == pytest.approx(skewed_part(8.0, -0.3), abs=0.01)
    assert skewed_part(8.0, 0.0) == pytest.approx(0.5, abs=1e-9)
    assert skewed_part(8.0, 0.3) == pytest.approx(1.0 - skewed_part(8.0, -0.3), abs=1e-9)


def test_bad_horizons():
    result = apply_garch(simulated(60), [0.0, 0.1, 0.1, 0.8])
    for horizon in (0, 1.5):
        with pytest.raises(InvalidValue, match=f"horizon={horizon}"):
            result.forecast(horizon)
    with pytest.raises(InvalidValue, match="'auto', 'analytic' or 'simulation'"):
        result.forecast(1, method="exact")


def test_many_paths_take_no_more_memory(monkeypatch):
    result = apply_garch(simulated(60), PARAMS["gjr", 1, 1, 1], model="gjr")
    exact, at_once = result.forecast(4)["variance"], []
    monkeypatch.setattr(forecast, "ROOM", 1_000)
    kept = forecast.draw
    monkeypatch.setattr(
        forecast, "draw", lambda fit, shape, rng: at_once.append(shape) or kept(fit, shape, rng)
    )
    means = result.forecast(4, method="simulation", paths=60_010)["variance"]
    np.testing.assert_allclose(means, exact, rtol=0.02)
    assert set(at_once) == {(4, 250), (4, 10)}
    assert sum(width for _, width in at_once) == 60_010


def test_a_variance_beyond_all_numbers_is_infinite():
    growing = apply_garch(simulated(60), [0.0, 0.1, 0.5, 0.9]).forecast(3_000)["variance"]
    assert growing.is_monotonic_increasing
    assert growing.iloc[-1] == np.inf
    params = [0.0, 0.1, 0.2, 1.02]
    wild = apply_garch(simulated(60), params, o=0, model="egarch", initial=1.0).forecast(3_000, paths=10)
    assert wild["variance"].iloc[-1] == np.inf
