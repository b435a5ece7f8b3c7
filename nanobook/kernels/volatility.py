"""Volatility from sums: fixed weights over past shocks, exponential smoothing, windows over bars."""

from numpy import float64

from .._jit import helper, kernel

FLOOR = 1e-12  # least variance of the recursion with fixed weights
LEAST = 1e-6  # least weight of its starting variance


@kernel
def fixed_forecast(residual, alphas, betas, start, variance):
    """Variance two periods ahead of the last but one by fixed weights: the last shock is applied twice.

    Parameters
    ----------
    residual : float64 array, shape (T,), T >= 2
    alphas, betas : float64 arrays, shapes (P,), (Q,), at most T each
        Weights of past squared residuals and variances; what they leave of 1 goes to ``start``.
    start : float64
        Variance wherever none is known.
    variance : float64 array, shape (T + 1,), written

    Returns
    -------
    float64
    """
    periods = residual.shape[0]
    left = 1.0 - total(alphas) - total(betas)
    omega = max(left, LEAST) * start
    variance[0] = start
    for t in range(1, periods + 1):
        variance[t] = max(advance(residual, variance, alphas, betas, omega, t, t), FLOOR)
    return max(advance(residual, variance, alphas, betas, omega, periods, periods + 1), FLOOR)


@helper
def advance(residual, variance, alphas, betas, omega, shock, level):
    """Sum the weighted squares before row ``shock``, then the weighted variances before row ``level``."""
    news = 0.0
    for i in range(min(alphas.shape[0], shock)):
        e = residual[shock - 1 - i]
        news += alphas[i] * e * e
    memory = 0.0
    for j in range(min(betas.shape[0], level)):
        memory += betas[j] * variance[level - 1 - j]
    return omega + news + memory


@helper
def total(values):
    """Sum from left to right."""
    result = 0.0
    for i in range(values.shape[0]):
        result += values[i]
    return result


@kernel
def deviations(residual, centred):
    """Take the mean off returns if ``centred``; returns the variance of what is left, about its mean."""
    count = float64(residual.shape[0])
    mean = total(residual) / count if centred else 0.0
    for t in range(residual.shape[0]):
        residual[t] -= mean
    mean = total(residual) / count
    squares = 0.0
    for t in range(residual.shape[0]):
        squares += (residual[t] - mean) * (residual[t] - mean)
    return squares / (count - 1.0)


@kernel
def smooth(residual, decay, start, variance):
    """Write the exponentially weighted variance known before each period; returns that of the next."""
    value = start
    for t in range(residual.shape[0]):
        variance[t] = value
        value = decay * value + (1.0 - decay) * (residual[t] * residual[t])
    return value


@kernel
def window_means(values, window, means):
    """Write the mean of each full window, at its last row; a NaN is in the means of its own windows alone."""
    for t in range(window - 1, values.shape[0]):
        means[t] = mean_of(values, t - window + 1, t + 1)


@kernel
def window_variances(values, window, variances):
    """Write the variance (n - 1) of each full window, at its last row; 0 for windows of one."""
    for t in range(window - 1, values.shape[0]):
        mean = mean_of(values, t - window + 1, t + 1)
        squares = 0.0
        for i in range(t - window + 1, t + 1):
            squares += (values[i] - mean) * (values[i] - mean)
        variances[t] = squares / max(window - 1, 1)


@helper
def mean_of(values, first, stop):
    """Mean of some rows."""
    result = 0.0
    for i in range(first, stop):
        result += values[i]
    return result / (stop - first)
