"""The log-likelihood of a model at a point, its gradient, and the score of every period."""

import math

from ..._jit import kernel
from .density import normal, skewed, student
from .exponential import filter_exponential, pull_exponential, tangents_exponential
from .state import EGARCH, first_shape
from .symmetric import filter_symmetric, pull_symmetric, tangents_symmetric, total


@kernel
def log_likelihood(model, x, returns, start, work):
    """Log-likelihood at ``x``; NaN where there is none (a variance that is no number, no invertible model).

    Writes each period's residual, variance and derivatives of its own log-density to ``work``.
    """
    if model.family == EGARCH:
        usable = filter_exponential(model, x, returns, start, work)
    else:
        usable = filter_symmetric(model, x, returns, start, work)
    value = density(model, x, work)
    return value if usable and abs(value) < math.inf else math.nan


@kernel
def density(model, x, work):
    """Log-density of all residuals."""
    first = first_shape(model)
    if model.shapes == 0:
        return normal(work)
    if model.shapes == 1:
        return student(1.0 / x[first], work)
    return skewed(1.0 / x[first], x[first + 1], work)


@kernel
def objective(model, x, returns, start, work, gradient):
    """Minus the log-likelihood at ``x``, and its gradient."""
    value = log_likelihood(model, x, returns, start, work)
    if model.family == EGARCH:
        pull_exponential(model, x, start, work, gradient)
    else:
        pull_symmetric(model, x, start, work, gradient)
    first = first_shape(model)
    for i in range(model.shapes):
        gradient[first + i] = total(work.by_shape[i][: returns.shape[0]])
    if model.shapes:
        gradient[first] *= -1.0 / (x[first] * x[first])  # by 1 / nu
    for k in range(gradient.shape[0]):
        gradient[k] = -gradient[k]
    return -value


@kernel
def scores(model, x, returns, start, work):
    """Write the derivatives of every period's log-density by every coordinate to ``work.tangent``."""
    value = log_likelihood(model, x, returns, start, work)
    if model.family == EGARCH:
        tangents_exponential(model, x, start, work)
    else:
        tangents_symmetric(model, x, start, work)
    first = first_shape(model)
    for t in range(returns.shape[0]):
        row = work.tangent[t]
        inner = work.variance[t] if model.family == EGARCH else 1.0
        for k in range(first):
            row[k] *= work.by_variance[t] * inner
        if model.mean:
            row[0] -= work.by_residual[t]
        for i in range(model.shapes):
            row[first + i] = work.by_shape[i, t]
        if model.shapes:
            row[first] *= -1.0 / (x[first] * x[first])
    return value
