"""Likelihood, scores and curvature at a point: standard errors."""

import numpy as np

from ...kernels.garch import lanes
from ...kernels.garch.state import EGARCH, Series, new_work
from ...portfolio.inputs import readonly
from .model import jacobian
from .result import Look

PART = 1e-3
"""Of a standard error: how far the gradient is looked at on either side of a point."""
KINKED = 0.5
"""The same for the mean of EGARCH: wide enough for many kinks, in one of which the mean often stands."""


def one_series(data):
    """Make the kernels' form of one series."""
    lengths = np.array([data.scaled.size], np.int64)
    starts = np.array([data.start / data.scale**2])
    return Series(readonly(data.scaled[None, :]), readonly(lengths), readonly(starts))


def look(model, data, x):
    """Evaluate the model at a point."""
    work = new_work(model, 1, data.scaled.size)
    value = lanes.look(model, one_series(data), work, x)
    return Look(float(value), work.residual[0], work.variance[0], work.tangent[0])


def covariance(result, robust):
    """Covariance of the parameters; NaN where the Hessian is not positive definite."""
    x = result.coordinates
    outer = result.look.scores.T @ result.look.scores
    hessian = curvature(result, x, outer)
    try:
        np.linalg.cholesky(hessian)
        inverse = np.linalg.inv(hessian)
    except np.linalg.LinAlgError:
        return np.full(hessian.shape, np.nan)
    found = inverse @ outer @ inverse if robust else inverse
    turn = jacobian(result.model, x, result.data.scale)
    return turn @ found @ turn.T


def curvature(result, x, outer):
    """Hessian of minus the log-likelihood by the coordinates: differences of the gradient."""
    model, series = result.model, one_series(result.data)
    work = new_work(model, 1, result.data.scaled.size)
    hessian = np.empty((x.size, x.size))
    high, low = np.empty(x.size), np.empty(x.size)
    for k in range(x.size):
        part = KINKED if k == 0 and model.mean and model.family == EGARCH else PART
        width = part / np.sqrt(max(outer[k, k], 1e-12))
        for sign, gradient in ((1.0, high), (-1.0, low)):
            at = x.copy()
            at[k] += sign * width
            lanes.slope(model, series, work, at, gradient)
        hessian[k] = (high - low) / (2.0 * width)
    return 0.5 * (hessian + hessian.T)
