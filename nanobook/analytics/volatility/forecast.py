"""Forecasts of mean and variance: expectations where there are any, else means over simulated paths."""

import math
from functools import lru_cache

import numpy as np

from ...errors import InvalidValue
from ...kernels.garch.exponential import EXPECTED
from ...kernels.garch.state import EGARCH
from ...portfolio.inputs import whole
from .model import betas

METHODS = ("auto", "analytic", "simulation")
ROOM = 2**22
"""Shocks that are simulated at once."""


def forecast(result, horizon, method, paths, seed):
    """Forecast; see ``GarchResult.forecast``."""
    import pandas as pd

    horizon = whole("horizon", horizon, 1, 100_000, "periods ahead")
    paths = whole("paths", paths, 2, 10**8, "simulated paths")
    seed = whole("seed", seed, 0, 2**63 - 1, "of the simulation")
    if method not in METHODS:
        raise InvalidValue(f"method={method!r}: use 'auto', 'analytic' or 'simulation'")
    exact = result.model.family != EGARCH or horizon == 1
    if method == "analytic" and not exact:
        raise InvalidValue(
            f"method='analytic', horizon={horizon}: EGARCH has an exact forecast for one period alone; use "
            "method='simulation'"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        if method == "simulation" or not exact:
            variance = simulated(result, horizon, paths, seed)
        else:
            variance = expected(result, horizon)
    variance[np.isnan(variance)] = np.inf  # an infinite variance times a weight of 0
    mean = result.params.iloc[0] if result.model.mean else 0.0
    index = pd.RangeIndex(1, horizon + 1, name="horizon")
    columns = {"mean": np.full(horizon, mean), "variance": variance, "volatility": np.sqrt(variance)}
    return pd.DataFrame(columns, index=index)


def weights(result):
    """Omega, alphas, gammas and betas, of the returns as given; alphas and gammas for the same lags."""
    model, params = result.model, result.params.to_numpy()
    at = model.mean + 1
    lags = max(model.p, model.o)
    alphas, gammas = np.zeros(lags), np.zeros(lags)
    alphas[: model.p] = params[at : at + model.p]
    gammas[: model.o] = params[at + model.p : at + model.p + model.o]
    return params[model.mean], alphas, gammas, betas(model, params)


def expected(result, horizon):
    """Expected variances: a shock that is not yet known is replaced by what it is on average."""
    if result.model.family == EGARCH:
        return step_exponential(result, np.empty((0, 1)))[:, 0]
    ones = np.ones((horizon, 1))
    return step_symmetric(result, ones, below_zero(result) * ones)[:, 0]


def past(column, lags, before):
    """Take the last values of a column, with ``before`` in front where there are too few."""
    return np.concatenate([np.full(max(lags - column.size, 0), before), column[max(column.size - lags, 0) :]])


def simulated(result, horizon, paths, seed):
    """Means of simulated conditional variances; a part of the paths at a time, as memory is finite."""
    rng, total = np.random.default_rng(seed), np.zeros(horizon)
    width = max(ROOM // horizon, 1)
    for first in range(0, paths, width):
        total += simulate(result, horizon, min(width, paths - first), rng).sum(axis=1)
    return total / paths


def simulate(result, horizon, paths, rng):
    """Simulate conditional variances: float64, shape (horizon, paths)."""
    shocks = draw(result, (horizon, paths), rng)
    if result.model.family == EGARCH:
        return step_exponential(result, shocks[:-1])
    return step_symmetric(result, shocks**2, shocks**2 * (shocks < 0.0))


def step_symmetric(result, squares, belows):
    """Variances of GARCH and GJR along given squared shocks, all and the negative ones (H, paths)."""
    omega, alphas, gammas, own = weights(result)
    lags, start = max(alphas.size, own.size), result.data.start
    residual, variance = result.look.residual * result.data.scale, result.look.variance * result.data.scale**2
    square, below, level = (
        [np.full(squares.shape[1], value) for value in past(column, lags, before)]
        for column, before in (
            (residual**2, start),
            (residual**2 * (residual < 0.0), 0.5 * start),
            (variance, start),
        )
    )
    for all_news, bad_news in zip(squares, belows, strict=True):
        value = np.full(squares.shape[1], omega)
        for i in range(alphas.size):
            value += alphas[i] * square[-1 - i] + gammas[i] * below[-1 - i]
        for j in range(own.size):
            value += own[j] * level[-1 - j]
        square.append(value * all_news)
        below.append(value * bad_news)
        level.append(value)
    return np.array(level[lags:])


def step_exponential(result, shocks):
    """Variances of EGARCH one period beyond the known ones, and on along given shocks (H - 1, paths)."""
    omega, alphas, gammas, own = weights(result)
    scale = result.data.scale
    paths = shocks.shape[1]
    variance = result.look.variance * scale**2
    lags = max(alphas.size, own.size)
    news = np.column_stack([np.abs(z := result.look.residual / np.sqrt(result.look.variance)) - EXPECTED, z])
    size = [np.full(paths, value) for value in past(news[:, 0], lags, 0.0)]
    signed = [np.full(paths, value) for value in past(news[:, 1], lags, 0.0)]
    level = [np.full(paths, value) for value in past(np.log(variance), lags, math.log(result.data.start))]
    for k in range(len(shocks) + 1):
        value = np.full(paths, omega)
        for i in range(alphas.size):
            value += alphas[i] * size[-1 - i] + gammas[i] * signed[-1 - i]
        for j in range(own.size):
            value += own[j] * level[-1 - j]
        level.append(value)
        if k < len(shocks):
            size.append(np.abs(shocks[k]) - EXPECTED)
            signed.append(shocks[k])
    return np.exp(np.array(level[lags:]))


def draw(result, shape, rng):
    """Draw standardised residuals from the model's distribution."""
    if result.model.shapes == 0:
        return rng.standard_normal(shape)
    nu = result.shapes[0]
    unit = math.sqrt((nu - 2.0) / nu)
    heavy = rng.standard_t(nu, shape) * unit
    if result.model.shapes == 1:
        return heavy
    skew = result.shapes[1]
    a, b = hansen(nu, skew)
    side = np.where(rng.random(shape) < 0.5 * (1.0 + skew), 1.0 + skew, skew - 1.0)
    return (side * np.abs(heavy) - a) / b


def hansen(nu, skew):
    """Location and scale that standardise a skewed t."""
    log_c = math.lgamma(0.5 * (nu + 1.0)) - math.lgamma(0.5 * nu) - 0.5 * math.log(math.pi * (nu - 2.0))
    a = 4.0 * skew * math.exp(log_c) * (nu - 2.0) / (nu - 1.0)
    return a, math.sqrt(1.0 + 3.0 * skew * skew - a * a)


def below_zero(result):
    """Part of the variance that comes from negative residuals: a half unless the distribution is skewed."""
    return 0.5 if result.model.shapes < 2 else skewed_part(*map(float, result.shapes))


@lru_cache(maxsize=64)
def skewed_part(nu, skew):
    """Integrate ``z^2`` times the density of the skewed t over the negative numbers."""
    from scipy.integrate import quad

    a, b = hansen(nu, skew)
    log_c = math.lgamma(0.5 * (nu + 1.0)) - math.lgamma(0.5 * nu) - 0.5 * math.log(math.pi * (nu - 2.0))

    def term(z):
        side = 1.0 + skew if b * z + a >= 0.0 else 1.0 - skew
        inner = 1.0 + ((b * z + a) / side) ** 2 / (nu - 2.0)
        return z * z * b * math.exp(log_c) * inner ** (-0.5 * (nu + 1.0))

    turn = -a / b
    if turn >= 0.0:
        return quad(term, -np.inf, 0.0, epsabs=1e-12)[0]
    return quad(term, -np.inf, turn, epsabs=1e-12)[0] + quad(term, turn, 0.0, epsabs=1e-12)[0]
