"""Kernels of fitted volatility models: recursions, gradients, the optimiser; also without compilation."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import digamma as scipy_digamma

from nanobook.kernels.garch import density, fit, likelihood, quadratic
from nanobook.kernels.garch.state import EGARCH, GARCH, Fitted, Model, Series, Work, count, new_work
from tests.oracle import volatility as oracle

ORDERS = [(1, 0, 1), (1, 1, 1), (2, 0, 0), (2, 1, 2), (1, 2, 0), (0, 1, 1)]
MODELS = [
    Model(family, *orders, mean, shapes)
    for family in (GARCH, EGARCH)
    for orders in ORDERS
    for mean, shapes in ((1, 0), (0, 1), (1, 2))
]


def named(model):
    return "-".join(map(str, model))


every_model = pytest.mark.parametrize("model", MODELS, ids=named)


def readonly(values):
    values = np.ascontiguousarray(values, np.float64)
    values.flags.writeable = False
    return values


def returns_of(periods, seed=1):
    rng = np.random.default_rng(seed)
    level = np.exp(0.4 * np.sin(np.arange(periods) / 7.0))
    return readonly(0.1 + level * rng.standard_t(6, periods) * 0.7)


def point_of(model, seed=3):
    """A point inside all bounds."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.05, 0.12, count(model))
    at = model.mean
    x[at] = -0.02 if model.family == EGARCH else 0.2
    first = at + 1 + model.p + model.o
    x[first : first + model.q] = 0.6 / max(model.q, 1)
    if model.family == EGARCH:
        x[at + 1 + model.p : first] *= -1.0
    if model.shapes:
        x[first + model.q] = 1 / 7.5
    if model.shapes == 2:
        x[-1] = -0.2
    return x


def params_of(model, x):
    """The same point for the twin."""
    at = model.mean + 1
    cuts = np.cumsum([model.p, model.o, model.q])
    alpha, gamma, beta, shapes = np.split(x[at:], cuts)
    named = {"mu": x[0] if model.mean else 0.0, "omega": x[at - 1], "alpha": alpha, "gamma": gamma}
    return (
        named
        | {"beta": beta}
        | dict(zip(("nu", "lambda"), [1 / s for s in shapes[:1]] + list(shapes[1:]), strict=False))
    )


def lane_of(model, periods):
    return Work(*(array[0] for array in new_work(model, 1, periods)))


def value_at(model, x, returns, start=0.9):
    return likelihood.log_likelihood(model, x, returns, start, lane_of(model, returns.size))


@every_model
def test_the_likelihood_is_the_twins(model):
    returns, x = returns_of(60), point_of(model)
    wanted = oracle.log_likelihood(
        "egarch" if model.family == EGARCH else "garch",
        params_of(model, x),
        returns.tolist(),
        0.9,
        model[1:4],
        ("normal", "t", "skewt")[model.shapes],
    )
    assert value_at(model, x, returns) == pytest.approx(wanted, abs=1e-10)


@every_model
def test_the_gradient_is_the_slope_of_the_likelihood(model):
    returns, x = returns_of(60), point_of(model)
    gradient = np.empty(x.size)
    value = likelihood.objective(model, x, returns, 0.9, lane_of(model, returns.size), gradient)
    assert value == -value_at(model, x, returns)
    for k in range(x.size):
        width = 1e-5
        sides = [value_at(model, x + sign * width * (np.arange(x.size) == k), returns) for sign in (1, -1)]
        assert -gradient[k] == pytest.approx((sides[0] - sides[1]) / (2 * width), rel=2e-5, abs=1e-5)


@every_model
def test_scores_sum_to_the_gradient(model):
    """Forward derivatives, period by period, against the backward ones."""
    returns, x = returns_of(60), point_of(model)
    gradient, work = np.empty(x.size), lane_of(model, returns.size)
    likelihood.objective(model, x, returns, 0.9, work, gradient)
    likelihood.scores(model, x, returns, 0.9, work)
    np.testing.assert_allclose(work.tangent.sum(axis=0), -gradient, rtol=1e-9, atol=1e-9)


def test_digamma():
    for x in (0.3, 1.0, 1.025, 3.7, 10.0, 250.5):
        assert density.digamma(x) == pytest.approx(scipy_digamma(x), rel=1e-13, abs=1e-13)


def test_the_product_of_many_variances_does_not_overflow():
    model = Model(GARCH, 1, 0, 0, 0, 0)
    for level in (1e-60, 1e60):
        returns = readonly(np.full(500, math.sqrt(level)))
        found = value_at(model, np.array([level / 2, 0.5]), returns, level)
        assert found == pytest.approx(-250 * (math.log(2 * math.pi * level) + 1), rel=1e-12)


def test_a_variance_that_is_no_number_gives_no_likelihood():
    model = Model(GARCH, 1, 0, 1, 0, 0)
    with np.errstate(all="ignore"):
        assert math.isnan(value_at(model, np.array([np.nan, 0.1, 0.8]), returns_of(60)))
        assert math.isnan(value_at(model, np.array([np.inf, 0.1, 0.8]), returns_of(60)))


def test_egarch_is_refused_where_it_is_not_invertible():
    model = Model(EGARCH, 1, 0, 1, 0, 0)
    assert math.isfinite(value_at(model, np.array([0.0, 0.2, 0.9]), returns_of(60)))
    with np.errstate(all="ignore"):
        assert math.isnan(value_at(model, np.array([0.0, -0.5, 0.97]), readonly(np.full(60, 3.0))))


# The optimiser


def quadratic_of(size, seed):
    """A programme with bounds, a sum and a general row; the point is allowed."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size))
    work = lane_of(Model(GARCH, size - 3, 0, 1, 1, 0), 60)  # its arrays have the size
    work.hessian[:] = root @ root.T + 0.1 * np.eye(size)
    work.rows[:] = 0.0
    work.limits[:] = -1e6
    for k in range(size - 1):
        work.rows[k, k] = 1.0
        work.limits[k] = 0.0
    work.rows[size - 1] = -1.0
    work.limits[size - 1] = -1.0
    work.point[:] = rng.dirichlet(np.ones(size + 1))[:-1]
    work.point[: size // 3] = 0.0
    return work, rng.normal(size=size)


@pytest.mark.parametrize("seed", range(12))
def test_quadratic_programmes_reach_their_optimum(seed):
    size = 4 + seed % 4
    work, gradient = quadratic_of(size, seed)
    quadratic.solve(gradient, work)
    step = work.step.copy()
    slack = work.rows @ (work.point + step) - work.limits
    assert slack.min() > -1e-9
    constraints = {"type": "ineq", "fun": lambda d: work.rows @ (work.point + d) - work.limits}
    other = minimize(
        lambda d: gradient @ d + d @ work.hessian @ d / 2,
        np.zeros(size),
        jac=lambda d: gradient + work.hessian @ d,
        constraints=constraints,
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert gradient @ step + step @ work.hessian @ step / 2 <= other.fun + 1e-8


def series_of(*columns):
    longest = max(column.size for column in columns)
    table = np.zeros((len(columns), longest))
    for row, column in zip(table, columns, strict=True):
        row[: column.size] = column
    lengths = np.array([column.size for column in columns], np.int64)
    starts = np.array([column.var() for column in columns])
    for array in (lengths, starts):
        array.flags.writeable = False
    return Series(readonly(table), lengths, starts)


def fitted_of(model, series, work, steps=100):
    total = len(series.lengths)
    fitted = Fitted(
        np.zeros((total, count(model))), np.zeros(total), np.zeros(total, np.int64), np.full(total, steps)
    )
    for row in range(total):
        fit.fit(model, series, fitted, row, work, row % work.residual.shape[0])
    return fitted


def test_a_fit_is_an_optimum():
    model = Model(GARCH, 1, 0, 1, 1, 0)
    series = series_of(returns_of(120))
    fitted = fitted_of(model, series, new_work(model, 1, 120))
    assert fitted.codes[0] == fit.CONVERGED
    rng = np.random.default_rng(2)
    for _ in range(20):
        x = fitted.points[0] * (1 + rng.normal(scale=0.02, size=4))
        if (x[1:] > 0).all() and x[2:].sum() <= 1:
            assert value_at(model, x, series.returns[0], series.starts[0]) <= fitted.values[0] + 1e-9


def test_a_series_is_fitted_alike_on_any_lane():
    model = Model(GARCH, 1, 0, 1, 0, 0)
    series = series_of(*(returns_of(60 + 5 * n, n) for n in range(3)))
    alone = fitted_of(model, series, new_work(model, 1, 70))
    together = fitted_of(model, series, new_work(model, 2, 70))
    for mine, theirs in zip(alone, together, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_steps_run_out():
    model = Model(GARCH, 1, 0, 1, 1, 0)
    fitted = fitted_of(model, series_of(returns_of(100)), new_work(model, 1, 100), steps=1)
    assert fitted.codes[0] == fit.EXHAUSTED
