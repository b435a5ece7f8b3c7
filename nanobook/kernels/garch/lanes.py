"""Many series on lanes side by side, and looks at one."""

from numpy import int64

from ..._jit import kernel
from ..._link import fanout, prange
from .fit import fit
from .likelihood import objective, scores
from .state import room


@fanout
def fit_lanes(model, series, fitted, first, stop, work):
    """Fit the series from ``first`` to below ``stop``, each lane every so many."""
    lanes = work.residual.shape[0]
    for lane in prange(lanes):
        for row in range(first + int64(lane), stop, lanes):
            fit(model, series, fitted, row, work, int64(lane))


@kernel
def look(model, series, work, x):
    """Look at one series at a point: the log-likelihood; variances and scores are left in the first lane."""
    periods = series.lengths[0]
    return scores(model, x, series.returns[0][:periods], series.starts[0], room(work, int64(0), periods))


@kernel
def slope(model, series, work, x, gradient):
    """Minus the log-likelihood of one series at a point, and its gradient."""
    periods = series.lengths[0]
    own = room(work, int64(0), periods)
    return objective(model, x, series.returns[0][:periods], series.starts[0], own, gradient)
