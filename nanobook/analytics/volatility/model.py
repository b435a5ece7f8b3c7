"""What a model is called, its parameters, and how they become the coordinates that are fitted."""

import math

import numpy as np

from ...errors import InvalidValue, WrongType
from ...hints import nearest
from ...kernels.garch.state import EGARCH, GARCH, Model, count, first_beta, first_shape
from ...portfolio.inputs import finite, positive, whole
from .inputs import dimensions

FAMILIES = {"garch": (GARCH, 0), "gjr": (GARCH, 1), "egarch": (EGARCH, 1)}
MEANS = {"zero": 0, "constant": 1}
DISTRIBUTIONS = {"normal": 0, "t": 1, "skewt": 2}
TITLES = {"normal": "normal", "t": "Student's t", "skewt": "skewed t"}
INITIAL = ("backcast", "sample")
MOST = 20
"""Largest order."""
BACKCAST = 75, 0.94
"""How many first squares the backcast averages, and how fast their weights fall."""


def read_model(model, p, o, q, mean, distribution):
    """Check the choice of a model."""
    family, asymmetric = choose("model", model, FAMILIES)
    if o is None:
        o = asymmetric
    remedy = "lags of the model"
    orders = whole("p", p, 0, MOST, remedy), whole("o", o, 0, MOST, remedy), whole("q", q, 0, MOST, remedy)
    if not orders[0] + orders[1]:
        raise InvalidValue("p=0 and o=0: without a lagged shock the variance is constant; use p >= 1")
    if model == "garch" and orders[1]:
        raise InvalidValue(f"o={orders[1]}: a GARCH has no asymmetric terms; use model='gjr'")
    return Model(
        family, *orders, choose("mean", mean, MEANS), choose("distribution", distribution, DISTRIBUTIONS)
    )


def choose(name, value, choices):
    """Look up a choice by name."""
    if not isinstance(value, str):
        raise WrongType(f"{name}={value!r}: needs one of {', '.join(map(repr, choices))}")
    if value not in choices:
        raise InvalidValue(f"{name}={value!r}: use {', '.join(map(repr, choices))}{nearest(value, choices)}")
    return choices[value]


def title(model):
    """Spell a model as papers do."""
    if model.family == EGARCH:
        return f"EGARCH({model.p},{model.o},{model.q})"
    if model.o:
        return f"GJR({model.p},{model.o},{model.q})"
    return f"GARCH({model.p},{model.q})" if model.q else f"ARCH({model.p})"


def distribution_of(model):
    """Name of the distribution."""
    return list(DISTRIBUTIONS)[model.shapes]


def parameter_names(model):
    """Names of the parameters in their order."""
    lags = (("alpha", model.p), ("gamma", model.o), ("beta", model.q))
    names = ["mu", "omega"] if model.mean else ["omega"]
    names += [f"{name}[{i + 1}]" for name, order in lags for i in range(order)]
    return tuple(names + ["nu", "lambda"][: model.shapes])


def read_params(model, params):
    """Check parameters given by name or in order; returns float64."""
    names = parameter_names(model)
    if hasattr(params, "keys"):
        given = set(params.keys())
        if given != set(names):
            raise InvalidValue(
                f"params: {title(model)} has {', '.join(names)}; missing {sorted(set(names) - given)}, "
                f"unknown {sorted(map(str, given - set(names)))}"
            )
        params = [params[name] for name in names]
    elif isinstance(params, str) or not hasattr(params, "__len__") or dimensions(params) != 1:
        raise WrongType(f"params={params!r}: needs {len(names)} numbers: {', '.join(names)}")
    values = np.array([finite(f"params: {name}", value) for name, value in zip(names, params, strict=False)])
    if len(values) != len(names) or len(params) != len(names):
        raise InvalidValue(f"params: {len(params)} numbers; {title(model)} has {', '.join(names)}")
    first = first_shape(model)
    if model.shapes and not values[first] > 2.0:
        raise InvalidValue(f"params: nu={values[first]}: must be above 2, else there is no variance")
    if model.shapes == 2 and not abs(values[-1]) < 1.0:
        raise InvalidValue(f"params: lambda={values[-1]}: must be between -1 and 1")
    return values


def coordinates(model, params, scale):
    """Coordinates that stand for parameters where returns are divided by ``scale``."""
    x = np.array(params, np.float64)
    if model.mean:
        x[0] /= scale
    if model.family == EGARCH:
        x[model.mean] -= (1.0 - betas(model, x).sum()) * 2.0 * math.log(scale)
    else:
        x[model.mean] /= scale * scale
    if model.shapes:
        x[first_shape(model)] = 1.0 / x[first_shape(model)]
    return x


def parameters(model, x, scale):
    """Parameters of the returns as given, from coordinates of those divided by ``scale``."""
    params = np.array(x, np.float64)
    if model.mean:
        params[0] *= scale
    if model.family == EGARCH:
        params[model.mean] += (1.0 - betas(model, x).sum()) * 2.0 * math.log(scale)
    else:
        params[model.mean] *= scale * scale
        for own in (params[model.mean + 1 :][: model.p], betas(model, params)):
            np.maximum(own, 0.0, out=own)  # the optimiser ends on a bound but for the last digit
    if model.shapes:
        params[first_shape(model)] = 1.0 / params[first_shape(model)]
    return params


def jacobian(model, x, scale):
    """Derivatives of the parameters by the coordinates."""
    size = count(model)
    result = np.eye(size)
    if model.mean:
        result[0, 0] = scale
    if model.family == EGARCH:
        result[model.mean, first_beta(model) : first_shape(model)] = -2.0 * math.log(scale)
    else:
        result[model.mean, model.mean] = scale * scale
    if model.shapes:
        at = first_shape(model)
        result[at, at] = -1.0 / x[at] ** 2
    return result


def betas(model, x):
    """The weights of past variances."""
    return np.asarray(x)[first_beta(model) : first_shape(model)]


def scale_of(model, returns):
    """Power of two near the standard deviation: dividing by it changes no digit."""
    centre = returns.mean() if model.mean else 0.0
    return 2.0 ** round(math.log2(math.sqrt(np.mean((returns - centre) ** 2))))


def starting_variance(model, returns, initial):
    """Variance before the first period, about the sample mean where the model has one."""
    return first_variance(returns - (returns.mean() if model.mean else 0.0), initial)


def first_variance(residual, initial):
    """Variance before the first period.

    ``"backcast"`` averages the first 75 squared residuals with weights that fall by 0.94 from the first on,
    ``"sample"`` all of them alike; a number is itself.
    """
    if not isinstance(initial, str):
        return positive("initial", initial)
    if initial not in INITIAL:
        raise InvalidValue(f"initial={initial!r}: use 'backcast', 'sample' or a variance")
    squares = residual**2
    if initial == "sample":
        return float(squares.mean())
    most, decay = BACKCAST
    weights = decay ** np.arange(min(most, squares.size))
    start = float(weights @ squares[: weights.size] / weights.sum())
    return start if start > 0.0 else float(squares.mean())  # the first ones did not move
