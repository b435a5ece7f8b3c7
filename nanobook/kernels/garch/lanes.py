"""Many series: one after the other on a lane, the lanes side by side."""

from typing import NamedTuple

import numpy as np

from ..._jit import kernel
from ..._link import fanout, prange
from .fit import fit
from .likelihood import objective, scores
from .state import copy, room


class Fitted(NamedTuple):
    """What is known of every series once it is fitted: one row each, written.

    Attributes
    ----------
    points : float64 array, shape (S, K)
    values : float64 array, shape (S,)
        Log-likelihood.
    codes, steps : int64 arrays, shape (S,)
    """

    points: np.ndarray
    values: np.ndarray
    codes: np.ndarray
    steps: np.ndarray


@kernel
def fit_lane(model, series, work, fitted, lane, first, stop):
    """Fit the series ``first + lane``, and on in steps of the number of lanes, below ``stop``."""
    lanes = work.residual.shape[0]
    row = first + lane
    while row < stop:
        periods = series.lengths[row]
        own = room(work, lane, periods)
        returns = series.returns[row][:periods]
        code, steps, value = fit(model, returns, series.starts[row], fitted.steps[row], own)
        copy(own.best, fitted.points[row])
        fitted.values[row] = value
        fitted.codes[row] = code
        fitted.steps[row] = steps
        row += lanes


@fanout
def fit_lanes(model, series, work, fitted, first, stop):
    """Fit the series from ``first`` to below ``stop`` on all lanes; ``fitted.steps`` limits their steps."""
    for lane in prange(work.residual.shape[0]):
        fit_lane(model, series, work, fitted, lane, first, stop)


@kernel
def look(model, series, work, x):
    """Look at one series at a point: the log-likelihood; variances and scores are left in the first lane."""
    periods = series.lengths[0]
    return scores(model, x, series.returns[0][:periods], series.starts[0], room(work, 0, periods))


@kernel
def slope(model, series, work, x, gradient):
    """Minus the log-likelihood of one series at a point, and its gradient."""
    periods = series.lengths[0]
    own = room(work, 0, periods)
    return objective(model, x, series.returns[0][:periods], series.starts[0], own, gradient)
