"""What a model is, what a fit works in, and where each coordinate stands.

Coordinates ``x``, in this order: the mean (unless it is zero), omega, p alphas, o gammas, q betas, then
``1 / nu`` and the skewness ``lambda`` as far as the density has them. Returns come in scaled to a standard
deviation near one, so that all bounds are plain numbers; ``1 / nu`` because the likelihood is close to
quadratic in it and flat in ``nu``.
"""

from typing import NamedTuple

import numpy as np

from ..._jit import helper

GARCH = 0
EGARCH = 1


class Model(NamedTuple):
    """Six whole numbers: the family, its orders, whether a mean is fitted, how many shapes the density has.

    ``shapes`` names the density: 0 normal, 1 Student's t, 2 Hansen's skewed t. ``o`` counts asymmetric
    terms: a GARCH with some is the model of Glosten, Jagannathan and Runkle.
    """

    family: int
    p: int
    o: int
    q: int
    mean: int
    shapes: int


class Series(NamedTuple):
    """Returns to fit, one series a row; read-only.

    Attributes
    ----------
    returns : float64 array, shape (S, T)
    lengths : int64 array, shape (S,)
        How many of a row there are.
    starts : float64 array, shape (S,)
        The variance before the first period.
    """

    returns: np.ndarray
    lengths: np.ndarray
    starts: np.ndarray


class Fitted(NamedTuple):
    """What is known of every series once it is fitted: one row each, written.

    Attributes
    ----------
    points : float64 array, shape (S, K)
    values : float64 array, shape (S,)
        Log-likelihood.
    codes, steps : int64 arrays, shape (S,)
        How the fit ended, and the steps that it took; on entry how many it may take.
    """

    points: np.ndarray
    values: np.ndarray
    codes: np.ndarray
    steps: np.ndarray


class Work(NamedTuple):
    """Room to work in, one of each for every lane (with a leading axis), written freely.

    Attributes
    ----------
    residual, variance, shock, log, by_variance, by_residual : float64 arrays, shape (T,)
        Of each period: return less mean, conditional variance, standardised residual, logarithm of the
        variance (EGARCH), and the derivatives of the log-likelihood.
    by_shape : float64 array, shape (2, T)
        Derivatives by ``nu`` and ``lambda``.
    tangent : float64 array, shape (T, K)
        Derivatives of each variance (EGARCH: of its logarithm) by the coordinates, then the scores.
    point, trial, gradient, before, step : float64 arrays, shape (K,)
    hessian : float64 array, shape (K, K)
    rows, limits, active : float64 arrays, shapes (M, K), (M,), (M,)
        Constraints ``rows @ x >= limits``, and which of them hold as equalities.
    system : float64 array, shape (K + M, K + M + 1)
    """

    residual: np.ndarray
    variance: np.ndarray
    shock: np.ndarray
    log: np.ndarray
    by_variance: np.ndarray
    by_residual: np.ndarray
    by_shape: np.ndarray
    tangent: np.ndarray
    point: np.ndarray
    trial: np.ndarray
    gradient: np.ndarray
    before: np.ndarray
    step: np.ndarray
    hessian: np.ndarray
    rows: np.ndarray
    limits: np.ndarray
    active: np.ndarray
    system: np.ndarray


def count(model):
    """How many coordinates a model has."""
    return model.mean + 1 + model.p + model.o + model.q + model.shapes


def constraint_count(model):
    """How many constraints its coordinates obey."""
    signs = model.q if model.family == EGARCH else model.p + model.o + model.q
    return 2 + signs + 1 + 2 * model.shapes


def new_work(model, lanes, periods):
    """Make room for ``lanes`` fits side by side of series of at most ``periods``."""
    k, m = count(model), constraint_count(model)
    shapes = [(periods,)] * 6 + [(2, periods), (periods, k)] + [(k,)] * 5
    shapes += [(k, k), (m, k), (m,), (m,), (k + m, k + m + 1)]
    return Work(*(np.zeros((lanes, *shape)) for shape in shapes))


@helper
def room(work, lane, periods):
    """Give the room of one lane, its columns cut to the length of a series."""
    return Work(
        work.residual[lane][:periods],
        work.variance[lane][:periods],
        work.shock[lane][:periods],
        work.log[lane][:periods],
        work.by_variance[lane][:periods],
        work.by_residual[lane][:periods],
        work.by_shape[lane],
        work.tangent[lane][:periods],
        work.point[lane],
        work.trial[lane],
        work.gradient[lane],
        work.before[lane],
        work.step[lane],
        work.hessian[lane],
        work.rows[lane],
        work.limits[lane],
        work.active[lane],
        work.system[lane],
    )


@helper
def alpha_at(model, x, i):
    """Weight of the i-th lagged shock, 0 beyond the order."""
    return x[model.mean + 1 + i] if i < model.p else 0.0


@helper
def gamma_at(model, x, i):
    """Weight of the i-th lagged shock's asymmetry, 0 beyond the order."""
    return x[model.mean + 1 + model.p + i] if i < model.o else 0.0


@helper
def first_beta(model):
    """Where the betas begin."""
    return model.mean + 1 + model.p + model.o


@helper
def first_shape(model):
    """Where the shapes begin."""
    return model.mean + 1 + model.p + model.o + model.q


@helper
def copy(source, target):
    """Copy one column into another."""
    for k in range(target.shape[0]):
        target[k] = source[k]
