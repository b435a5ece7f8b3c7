"""The variance of EGARCH (Nelson 1991): forward, its derivatives forward, and the gradient backward.

``log h[t] = omega + sum alpha_i (|z[t-i]| - sqrt(2/pi)) + sum gamma_i z[t-i] + sum beta_j log h[t-j]``
with ``z = e / sqrt(h)``. Before the first period shocks do what they do on average, nothing, and the
logarithm is that of the starting variance. Derivatives are by ``log h``.

A point is refused where a small error of the first variance would not have died away at the end. There the
model is not invertible (Straumann and Mikosch 2006): returns do not tell the volatility, the likelihood has
countless spikes, and an optimiser without this rule climbs them for ever.
"""

import math

from numpy import exp, float64, log, sqrt

from ..._jit import helper, kernel
from .state import alpha_at, first_beta, gamma_at
from .symmetric import lagged, total

EXPECTED = math.sqrt(2.0 / math.pi)
"""Mean size of a standard normal number."""
TINY = 1e-200  # below it numbers would soon be so small that arithmetic is slow


@helper
def sign(z):
    """1, 0 or -1."""
    return float64(z > 0.0) - float64(z < 0.0)


@helper
def push(model, x, i, z):
    """What a shock's growth adds to the logarithm that it is the i-th lag of."""
    return alpha_at(model, x, i) * sign(z) + gamma_at(model, x, i)


@kernel
def filter_exponential(model, x, returns, start, work):
    """Write residuals, variances, their logarithms and the standardised residuals.

    Returns whether an error of the first variance dies away; ``work.by_variance`` is overwritten by it.
    """
    mean = x[0] if model.mean else 0.0
    first = first_beta(model)
    before = log(start)
    error = work.by_variance
    for t in range(returns.shape[0]):
        value = x[model.mean]
        left = 0.0 if t else 1.0
        for i in range(min(max(model.p, model.o), t)):
            z = work.shock[t - 1 - i]
            value += alpha_at(model, x, i) * (abs(z) - EXPECTED) + gamma_at(model, x, i) * z
            left -= 0.5 * push(model, x, i, z) * z * error[t - 1 - i]
        for j in range(model.q):
            value += x[first + j] * (work.log[t - 1 - j] if t > j else before)
            left += x[first + j] * error[t - 1 - j] if t > j else 0.0
        error[t] = left if abs(left) > TINY else 0.0
        work.residual[t] = returns[t] - mean
        work.log[t] = value
        work.variance[t] = exp(value)
        work.shock[t] = work.residual[t] / sqrt(work.variance[t])
    return not abs(error[-1]) > 1.0


@kernel
def pull_exponential(model, x, start, work, gradient):
    """As ``pull_symmetric``: the gradient from the derivatives of each period's own log-density."""
    periods = work.shock.shape[0]
    first = first_beta(model)
    pulled = work.by_variance
    for back in range(periods):
        t = periods - 1 - back
        z = work.shock[t]
        through = 0.0  # derivative by this shock of all that follows
        for i in range(min(max(model.p, model.o), back)):
            through += pulled[t + 1 + i] * push(model, x, i, z)
        value = pulled[t] * work.variance[t] - 0.5 * z * through
        for j in range(min(model.q, back)):
            value += x[first + j] * pulled[t + 1 + j]
        pulled[t] = value
        work.by_residual[t] += through / sqrt(work.variance[t])
    gradient[model.mean] = total(pulled)
    for j in range(model.q):
        gradient[first + j] = lagged(pulled, work.log, j + 1, log(start))
    pull_shape_of_news(model, work, gradient)
    if model.mean:
        gradient[0] = -total(work.by_residual)


@helper
def pull_shape_of_news(model, work, gradient):
    """Write the derivatives by the alphas and gammas."""
    pulled, shock = work.by_variance, work.shock
    for i in range(max(model.p, model.o)):
        size, signed = 0.0, 0.0
        for t in range(i + 1, shock.shape[0]):
            z = shock[t - 1 - i]
            size += pulled[t] * (abs(z) - EXPECTED)
            signed += pulled[t] * z
        if i < model.p:
            gradient[model.mean + 1 + i] = size
        if i < model.o:
            gradient[model.mean + 1 + model.p + i] = signed


@kernel
def tangents_exponential(model, x, start, work):
    """Write the derivatives of the logarithm of every variance by every coordinate (shapes: 0)."""
    first = first_beta(model)
    tangent = work.tangent
    for t in range(tangent.shape[0]):
        row = tangent[t]
        direct_exponential(model, start, work, t, row)
        for j in range(min(model.q, t)):
            earlier = tangent[t - 1 - j]
            for k in range(row.shape[0]):
                row[k] += x[first + j] * earlier[k]
        for i in range(min(max(model.p, model.o), t)):
            z = work.shock[t - 1 - i]
            pushed = push(model, x, i, z)
            earlier = tangent[t - 1 - i]
            for k in range(row.shape[0]):
                row[k] -= pushed * 0.5 * z * earlier[k]
            if model.mean:
                row[0] -= pushed / sqrt(work.variance[t - 1 - i])


@helper
def direct_exponential(model, start, work, t, row):
    """Derivatives of one logarithm by the coordinates alone."""
    row[:] = 0.0
    row[model.mean] = 1.0
    first = first_beta(model)
    for j in range(model.q):
        row[first + j] = work.log[t - 1 - j] if t > j else log(start)
    for i in range(min(max(model.p, model.o), t)):
        z = work.shock[t - 1 - i]
        if i < model.p:
            row[model.mean + 1 + i] = abs(z) - EXPECTED
        if i < model.o:
            row[model.mean + 1 + model.p + i] = z
