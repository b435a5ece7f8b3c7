"""Fitted models against the package arch, published numbers, and what must hold of any fit."""

import pickle

import numpy as np
import pandas as pd
import pytest

import nanobook
from nanobook import apply_garch, fit_garch
from nanobook.errors import InvalidValue, NotConverged

from .making import days, reference_fit, reference_value, simulated

ORDERS = [
    ("garch", 1, 0, 1),
    ("garch", 2, 0, 0),
    ("garch", 2, 0, 2),
    ("gjr", 1, 1, 1),
    ("gjr", 1, 2, 1),
    ("egarch", 1, 0, 1),
    ("egarch", 1, 1, 1),
    ("egarch", 2, 1, 1),
]
DISTRIBUTIONS = ("normal", "t", "skewt")
cases = pytest.mark.parametrize(
    ("orders", "distribution", "mean"),
    [
        (orders, distribution, ("constant", "zero")[(i + j) % 2])
        for i, orders in enumerate(ORDERS)
        for j, distribution in enumerate(DISTRIBUTIONS)
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else value,
)


def fitted(values, orders, distribution="normal", mean="constant", **more):
    model, p, o, q = orders
    return fit_garch(values, p, o, q, model=model, mean=mean, distribution=distribution, **more)


def allowed(fit, params):
    """Parameters of arch, which strays beyond its constraints by some 1e-8, put back inside."""
    params = params.copy()
    model, at = fit.model, fit.model.mean + 1
    alphas, gammas, betas = np.split(
        params[at : at + model.p + model.o + model.q], [model.p, model.p + model.o]
    )
    if model.family == 0:
        for i in range(min(model.p, model.o)):
            gammas[i] = max(gammas[i], -alphas[i])
        total = alphas.sum() + gammas.sum() / 2 + betas.sum()
        params[at : at + model.p + model.o + model.q] = np.concatenate([alphas, gammas, betas]) / max(
            total, 1
        )
    return params


@cases
def test_likelihood_at_given_parameters_is_that_of_arch(orders, distribution, mean):
    values = simulated(400)
    model, p, o, q = orders
    params = (
        [0.03] * (mean == "constant") + [0.02] + [0.08 / p] * p + [-0.03 if model == "egarch" else 0.05] * o
    )
    params += [0.85 / max(q, 1)] * q + [6.5, -0.15][: DISTRIBUTIONS.index(distribution)]
    mine = apply_garch(values, params, p, o, q, model=model, mean=mean, distribution=distribution)
    other = reference_value(params, values, p, o, q, model, mean, distribution)
    assert mine.loglikelihood == pytest.approx(other, abs=1e-9)


@cases
def test_the_optimum_is_no_worse_than_that_of_arch(orders, distribution, mean):
    values = simulated(1200, seed=5)
    fit = fitted(values, orders, distribution, mean)
    model, p, o, q = orders
    other = reference_fit(values, p, o, q, model, mean, distribution)
    theirs = apply_garch(
        values,
        allowed(fit, other.params.to_numpy()),
        p,
        o,
        q,
        model=model,
        mean=mean,
        distribution=distribution,
    )
    assert fit.converged
    assert fit.loglikelihood >= theirs.loglikelihood - 1e-6
    assert fit.aic == pytest.approx(2 * len(fit.params) - 2 * fit.loglikelihood)


@pytest.mark.parametrize(("seed", "column"), [(3, 26), (5, 18)])
def test_a_model_of_more_lags_is_no_worse(seed, column):
    """The best is next to the model of one lag, far from where lags share the weight alike."""
    values = simulated(500, seed=seed, series=40)[:, column]
    few, many = fitted(values, ("gjr", 1, 1, 1)), fitted(values, ("gjr", 2, 1, 2))
    assert many.loglikelihood >= few.loglikelihood - 1e-6


def sp500(data):
    table = pd.read_csv(data / "prices" / "arch_sp500.csv.gz", index_col=0)
    table.index = pd.to_datetime(table.index, format="%m/%d/%Y")
    return 100.0 * table["Adj Close"].pct_change().dropna()


def test_published_fit_of_the_sp500(data):
    fit = fit_garch(sp500(data))
    np.testing.assert_allclose(fit.params, [0.0563531, 0.0175068, 0.10215, 0.8852056], atol=6e-5)
    assert len(fit.conditional_volatility) == 5030
    assert fit.loglikelihood >= -6936.71855


def test_published_fit_and_forecast_of_2000_to_2013(data):
    returns = sp500(data)
    fit = fit_garch(returns["2000":"2013"])
    assert fit.residuals.size == 3521
    np.testing.assert_allclose(fit.params, [0.052961, 0.0155102, 0.0877561, 0.9015549], atol=6e-5)
    assert fit.loglikelihood >= -5143.14395
    np.testing.assert_allclose(
        fit.forecast(5)["variance"], [0.409629, 0.420761, 0.431773, 0.442668, 0.453447], atol=6e-5
    )


@pytest.mark.parametrize("orders", [("garch", 1, 0, 1), ("gjr", 1, 1, 1), ("egarch", 1, 1, 1)])
def test_the_scale_of_the_returns_does_not_matter(orders):
    values = simulated(600, seed=2)
    one, other = fitted(values, orders, "t"), fitted(values / 100.0, orders, "t")
    np.testing.assert_allclose(other.conditional_volatility * 100, one.conditional_volatility, rtol=1e-4)
    assert other.loglikelihood - 600 * np.log(100.0) == pytest.approx(one.loglikelihood, abs=1e-6)
    np.testing.assert_allclose(one.params.iloc[2:5], other.params.iloc[2:5], rtol=1e-3, atol=1e-4)


def test_turning_the_returns_round_turns_mean_asymmetry_and_skew():
    values = simulated(600, seed=3)
    one = fitted(values, ("egarch", 1, 1, 1), "skewt", "zero")
    other = fitted(-values, ("egarch", 1, 1, 1), "skewt", "zero")
    assert other.loglikelihood == pytest.approx(one.loglikelihood, abs=1e-6)
    assert other.params["gamma[1]"] == pytest.approx(-one.params["gamma[1]"], abs=1e-4)
    assert other.params["lambda"] == pytest.approx(-one.params["lambda"], abs=1e-4)


def test_what_comes_later_changes_no_volatility():
    values = simulated(300)
    params = fit_garch(values).params
    early = apply_garch(values[:200], params, initial=1.0).conditional_volatility
    late = apply_garch(values, params, initial=1.0).conditional_volatility
    np.testing.assert_array_equal(early, late[:200])


def test_both_start_values():
    values = simulated(300, seed=4)
    params = [0.0, 0.1, 0.1, 0.8]
    residual = values - values.mean()
    weights = 0.94 ** np.arange(75)
    starts = {"sample": (residual**2).mean(), "backcast": weights @ residual[:75] ** 2 / weights.sum()}
    for name, start in starts.items():
        first = apply_garch(values, params, initial=name).conditional_volatility[0]
        assert first == pytest.approx(np.sqrt(0.1 + 0.9 * start))
        assert apply_garch(values, params, initial=start).conditional_volatility[0] == pytest.approx(first)
        assert fit_garch(values, initial=name).converged


@pytest.mark.parametrize(
    ("orders", "distribution"),
    [(("garch", 1, 0, 1), "normal"), (("gjr", 1, 1, 1), "t"), (("egarch", 1, 1, 1), "skewt")],
)
@pytest.mark.parametrize("robust", [False, True])
def test_standard_errors_are_those_of_arch(orders, distribution, robust):
    values = simulated(1500, seed=6)
    fit = fitted(values, orders, distribution, "zero")
    model, p, o, q = orders
    other = reference_fit(values, p, o, q, model, "zero", distribution)
    theirs = np.sqrt(np.diag(other.model.compute_param_cov(fit.params.to_numpy(), robust=robust)))
    np.testing.assert_allclose(fit.std_errors(robust), theirs, rtol=0.02)


def test_the_error_of_a_mean_does_not_depend_on_the_kink_it_stands_in():
    """At a return the curvature close by says that the mean is known almost exactly."""
    values = simulated(1500, seed=6)
    fit = fitted(values, ("egarch", 1, 1, 1), "t")
    nearest, next_one = np.sort(values)[np.argsort(np.abs(np.sort(values) - fit.params["mu"]))[:2]]
    errors = {}
    for name, mu in (("kink", nearest), ("between", (nearest + next_one) / 2)):
        params = {**fit.params, "mu": mu}
        there = apply_garch(values, params, o=1, model="egarch", distribution="t")
        errors[name] = [there.std_errors(robust)["mu"] for robust in (False, True)]
    np.testing.assert_allclose(errors["kink"], errors["between"], rtol=0.05)
    outer = np.linalg.inv(fit.look.scores.T @ fit.look.scores)
    np.testing.assert_allclose(errors["kink"], np.sqrt(outer[0, 0]) * fit.data.scale, rtol=0.25)


def test_summary():
    fit = fit_garch(simulated(400))
    table = fit.summary()
    assert list(table.columns) == ["estimate", "std_error", "t", "p_value", "lower_95", "upper_95"]
    assert (table["lower_95"] < table["estimate"]).all()
    assert table["p_value"].between(0.0, 1.0).all()
    assert fit.bic == pytest.approx(4 * np.log(400) - 2 * fit.loglikelihood)
    assert "GARCH(1,1)" in repr(fit)
    assert "beta[1]" in fit._repr_html_()


def test_series_come_back_as_series():
    values = pd.Series(simulated(300), index=days(300), name="SPX")
    fit = fit_garch(values)
    for column in (fit.conditional_volatility, fit.residuals, fit.std_residuals):
        assert column.index.equals(values.index)
    np.testing.assert_allclose(fit.std_residuals * fit.conditional_volatility, fit.residuals)
    np.testing.assert_allclose(fit.residuals + fit.params["mu"], values)
    assert list(fit.to_frame().columns) == ["returns", "volatility", "std_residual"]
    assert isinstance(fit_garch(values.to_numpy()).conditional_volatility, np.ndarray)


def test_results_compare_and_pickle():
    values = pd.Series(simulated(300), index=days(300))
    fit = fit_garch(values, distribution="t")
    again = pickle.loads(pickle.dumps(fit))
    assert again == fit
    assert again.loglikelihood == fit.loglikelihood
    assert fit_garch(values) != fit
    assert fit != 1


def test_missing_values_are_left_out_on_request():
    values = pd.Series(simulated(300), index=days(300))
    holed = values.copy()
    holed.iloc[[0, 7]] = np.nan
    fit = fit_garch(holed, missing="drop")
    assert fit == fit_garch(holed.dropna())
    assert fit.conditional_volatility.index.equals(holed.dropna().index)


def test_parameters_go_by_name_or_order():
    values = simulated(200)
    fit = fit_garch(values, distribution="skewt")
    by_name = apply_garch(values, dict(reversed(list(fit.params.items()))), distribution="skewt")
    assert by_name.loglikelihood == pytest.approx(fit.loglikelihood, abs=1e-9)
    assert by_name.converged is None
    assert fit.apply(values).params.equals(fit.params)


def test_a_fit_that_gives_up_says_so_and_shows_what_it_reached():
    with pytest.raises(NotConverged, match="raise max_steps") as caught:
        fit_garch(simulated(300), max_steps=1)
    assert caught.value.result.converged is False
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.result == caught.value.result


def test_the_picture():
    figure = fit_garch(pd.Series(simulated(300), index=days(300))).plot(252)
    assert len(figure.axes) == 2
    assert figure.axes[1].get_ylabel() == "Volatility a year"


@pytest.mark.parametrize(
    "index",
    [
        None,
        days(300),
        pd.period_range("2020-01", periods=300, freq="M"),
        pd.Index([f"{t:03d}" for t in range(300)]),
        pd.RangeIndex(300),
    ],
    ids=["rows", "days", "periods", "text", "numbers"],
)
def test_the_picture_of_a_forecast(index, tmp_path):
    fit = fit_garch(simulated(300) if index is None else pd.Series(simulated(300), index=index), model="gjr")
    figure = fit.plot(252, horizon=20)
    past, level, ahead = figure.axes[1].get_lines()
    assert past.get_xdata(orig=False).size == 100
    assert level.get_ydata()[0] == pytest.approx(fit.unconditional_volatility * np.sqrt(252))
    np.testing.assert_allclose(ahead.get_ydata(), fit.forecast(20)["volatility"] * np.sqrt(252))
    assert (np.diff([*past.get_xdata(orig=False)[-1:], *ahead.get_xdata(orig=False)]) > 0).all()
    low = figure.axes[0].get_lines()[-1].get_ydata()
    np.testing.assert_allclose(low, fit.params["mu"] - 2.0 * fit.forecast(20)["volatility"])
    figure.savefig(tmp_path / "forecast.png")
    fit.plot().savefig(tmp_path / "past.png")
    with pytest.raises(InvalidValue, match="horizon=0"):
        fit.plot(horizon=0)


def test_names_are_public():
    assert {"fit_garch", "fit_many", "apply_garch", "fit_har", "realized_vol"} <= set(nanobook.__all__)


@pytest.mark.slow
def test_many_random_series_are_fitted_no_worse_than_by_arch():
    rng, refused = np.random.default_rng(8), []
    for seed in range(60):
        values = simulated(int(rng.choice([400, 1000, 2500])), seed=100 + seed)
        orders = ORDERS[int(rng.integers(len(ORDERS)))]
        distribution = str(rng.choice(DISTRIBUTIONS))
        model, p, o, q = orders
        other = reference_fit(values, p, o, q, model, "constant", distribution)
        choice = {"model": model, "distribution": distribution}
        try:
            fit = fitted(values, orders, distribution)
        except NotConverged as error:  # what arch finds there is no model that returns tell
            params = allowed(error.result, other.params.to_numpy())
            with pytest.raises(InvalidValue):
                apply_garch(values, params, p, o, q, **choice)
            refused.append(seed)
            continue
        theirs = apply_garch(values, allowed(fit, other.params.to_numpy()), p, o, q, **choice)
        assert fit.loglikelihood >= theirs.loglikelihood - 1e-6
    assert len(refused) <= 2


@pytest.mark.parametrize(("model", "o"), [("garch", 0), ("gjr", 1)])
def test_a_fit_that_ends_on_a_bound_is_not_below_it(model, o):
    """Of two lags one is often 0: exactly, not 1e-19 below."""
    fits = nanobook.fit_many(simulated(400, series=30, seed=5), 2, o, 2, model=model, progress=False)
    own = fits.params.filter(regex=r"^beta" if o else r"^(alpha|beta)")
    assert (own == 0.0).to_numpy().any()
    assert (own >= 0.0).to_numpy().all()
    own = fits.params.filter(regex=r"^alpha")
    assert (own >= 0.0).to_numpy().all()
