"""The variance of GARCH and GJR: forward, its derivatives forward, and the gradient backward.

``h[t] = omega + sum (alpha_i + gamma_i [e[t-i] < 0]) e[t-i]^2 + sum beta_j h[t-j]``. Before the first
period squares and variances are the starting variance, and half of the shocks count as negative.

The gradient of the likelihood needs no derivative of any variance: ``l[t]``, the derivative of the whole
likelihood by ``h[t]``, obeys ``l[t] = dlogf[t]/dh[t] + sum beta_j l[t+j]``, backward in time, and every
derivative is a sum over ``l`` times one lagged column.
"""

from ..._jit import helper, kernel
from .state import alpha_at, first_beta, gamma_at


@kernel
def filter_symmetric(model, x, returns, start, work):
    """Write residuals and variances; returns True."""
    mean = x[0] if model.mean else 0.0
    omega = x[model.mean]
    residual, variance = work.residual, work.variance
    for t in range(returns.shape[0]):
        residual[t] = returns[t] - mean
        variance[t] = omega
    for i in range(max(model.p, model.o)):
        add_shocks(residual, variance, i + 1, alpha_at(model, x, i), gamma_at(model, x, i), start)
    add_past(model, x, variance, start)
    return True


@helper
def add_shocks(residual, variance, lag, alpha, gamma, start):
    """Add one lag's shocks to every variance."""
    periods = residual.shape[0]
    for t in range(min(lag, periods)):
        variance[t] += (alpha + 0.5 * gamma) * start
    for t in range(lag, periods):
        e = residual[t - lag]
        variance[t] += (alpha + gamma * (e < 0.0)) * (e * e)


@helper
def add_past(model, x, variance, start):
    """Add past variances to every variance; the latest is kept out of memory."""
    first = first_beta(model)
    beta = x[first] if model.q else 0.0
    latest = start
    for t in range(variance.shape[0]):
        value = variance[t] + beta * latest
        for j in range(1, model.q):
            value += x[first + j] * (variance[t - 1 - j] if t > j else start)
        variance[t] = value
        latest = value


@kernel
def pull_symmetric(model, x, start, work, gradient):
    """Turn derivatives by each variance and residual into the gradient.

    ``work.by_variance`` and ``work.by_residual`` hold those of each period's own log-density on entry; they
    are overwritten by those of the whole likelihood.
    """
    collect_past(model, x, work)
    gradient[model.mean] = total(work.by_variance)
    first = first_beta(model)
    for j in range(model.q):
        gradient[first + j] = lagged(work.by_variance, work.variance, j + 1, start)
    for i in range(max(model.p, model.o)):
        both, below = pull_shocks(work, i + 1, alpha_at(model, x, i), gamma_at(model, x, i), start)
        if i < model.p:
            gradient[model.mean + 1 + i] = both
        if i < model.o:
            gradient[model.mean + 1 + model.p + i] = below
    if model.mean:
        gradient[0] = -total(work.by_residual)


@helper
def collect_past(model, x, work):
    """Run the recursion of the betas backward."""
    first = first_beta(model)
    beta = x[first] if model.q else 0.0
    pulled = work.by_variance
    periods = pulled.shape[0]
    latest = 0.0
    for back in range(periods):
        t = periods - 1 - back
        value = pulled[t] + beta * latest
        for j in range(1, model.q):
            if back > j:
                value += x[first + j] * pulled[t + 1 + j]
        pulled[t] = value
        latest = value


@helper
def total(column):
    """Sum a column."""
    result = 0.0
    for t in range(column.shape[0]):
        result += column[t]
    return result


@helper
def lagged(pulled, column, lag, start):
    """Sum a column, lagged, times the derivatives."""
    result = 0.0
    for t in range(min(lag, pulled.shape[0])):
        result += pulled[t] * start
    for t in range(lag, pulled.shape[0]):
        result += pulled[t] * column[t - lag]
    return result


@helper
def pull_shocks(work, lag, alpha, gamma, start):
    """Derivatives by one lag's alpha and gamma; adds what its shocks do to ``by_residual``."""
    pulled, residual, by_residual = work.by_variance, work.residual, work.by_residual
    both, below = 0.0, 0.0
    for t in range(min(lag, pulled.shape[0])):
        both += pulled[t] * start
        below += pulled[t] * (0.5 * start)
    for t in range(lag, pulled.shape[0]):
        e = residual[t - lag]
        one = pulled[t] * e
        both += one * e
        below += one * e * (e < 0.0)
        by_residual[t - lag] += 2.0 * one * (alpha + gamma * (e < 0.0))
    return both, below


@kernel
def tangents_symmetric(model, x, start, work):
    """Write the derivatives of every variance by every coordinate (shapes: 0)."""
    first = first_beta(model)
    tangent = work.tangent
    for t in range(tangent.shape[0]):
        row = tangent[t]
        direct_symmetric(model, x, start, work, t, row)
        for j in range(min(model.q, t)):
            earlier = tangent[t - 1 - j]
            for k in range(row.shape[0]):
                row[k] += x[first + j] * earlier[k]


@helper
def direct_symmetric(model, x, start, work, t, row):
    """Derivatives of one variance, those of past variances left out."""
    row[:] = 0.0
    row[model.mean] = 1.0
    first = first_beta(model)
    for j in range(model.q):
        row[first + j] = work.variance[t - 1 - j] if t > j else start
    for i in range(max(model.p, model.o)):
        e = work.residual[t - 1 - i] if t > i else 0.0
        square = e * e if t > i else start
        below = square * (e < 0.0) if t > i else 0.5 * start
        if i < model.p:
            row[model.mean + 1 + i] = square
        if i < model.o:
            row[model.mean + 1 + model.p + i] = below
        if model.mean:
            row[0] -= 2.0 * e * (alpha_at(model, x, i) + gamma_at(model, x, i) * (e < 0.0))
