"""Log-densities of a residual of variance ``h``, with derivatives: normal, Student's t, Hansen's skewed t.

All have mean 0 and variance 1 once standardised. Each kernel takes residuals and variances from ``work``,
writes the derivatives of every period's log-density by its variance, its residual and the shapes, and
returns the log-likelihood.
"""

import math
from typing import NamedTuple

from numpy import exp, log, sqrt

from ..._jit import helper, kernel

LOG_2_PI = math.log(2.0 * math.pi)
SMALL, LARGE = 1e-100, 1e100


@helper
def add_log(total, product, factor):
    """Add the logarithm of a factor: one logarithm is taken of the product of many."""
    product *= factor
    if SMALL < product < LARGE:
        return total, product
    return total + log(product), 1.0


@kernel
def normal(work):
    """Normal density."""
    logs, product, squares = 0.0, 1.0, 0.0
    for t in range(work.residual.shape[0]):
        e, h = work.residual[t], work.variance[t]
        part = e / h
        ratio = part * e
        logs, product = add_log(logs, product, h)
        squares += ratio
        work.by_variance[t] = 0.5 * (ratio - 1.0) / h
        work.by_residual[t] = -part
    logs += log(product)
    return -0.5 * (work.residual.shape[0] * LOG_2_PI + logs + squares)


@kernel
def student(nu, work):
    """Student's t of ``nu`` > 2 degrees of freedom."""
    room = nu - 2.0
    constant, slope = log_constant(nu)
    logs, product, tails = 0.0, 1.0, 0.0
    for t in range(work.residual.shape[0]):
        e, h = work.residual[t], work.variance[t]
        logs, product = add_log(logs, product, h)
        ratio = e * e / (h * room)
        inner = 1.0 + ratio
        log_inner = log(inner)
        weight = (nu + 1.0) * ratio / inner
        tails += log_inner
        work.by_variance[t] = 0.5 * (weight - 1.0) / h
        work.by_residual[t] = -(nu + 1.0) * e / (h * room * inner)
        work.by_shape[0, t] = slope - 0.5 * log_inner + 0.5 * weight / room
    logs += log(product)
    return work.residual.shape[0] * constant - 0.5 * logs - 0.5 * (nu + 1.0) * tails


class Skew(NamedTuple):
    """Constants of a skewed t: a, b, the constant's logarithm, and derivatives by nu and lambda."""

    a: float
    b: float
    constant: float
    slope: float
    a_nu: float
    a_lambda: float
    b_nu: float
    b_lambda: float


@helper
def skew_constants(nu, skew):
    """Compute the constants of Hansen (1994)."""
    constant, slope = log_constant(nu)
    a_lambda = 4.0 * exp(constant) * (nu - 2.0) / (nu - 1.0)
    a = a_lambda * skew
    b = sqrt(1.0 + 3.0 * skew * skew - a * a)
    a_nu = a * (slope + 1.0 / (nu - 2.0) - 1.0 / (nu - 1.0))
    return Skew(a, b, constant, slope, a_nu, a_lambda, -a * a_nu / b, (3.0 * skew - a * a_lambda) / b)


@kernel
def skewed(nu, skew, work):
    """Skewed t of Hansen (1994): ``nu`` > 2 degrees of freedom, skewness between -1 and 1."""
    room = nu - 2.0
    c = skew_constants(nu, skew)
    logs, product, tails = 0.0, 1.0, 0.0
    for t in range(work.residual.shape[0]):
        e, h = work.residual[t], work.variance[t]
        logs, product = add_log(logs, product, h)
        deviation = sqrt(h)
        z = e / deviation
        side = 1.0 if c.b * z + c.a >= 0.0 else -1.0
        width = 1.0 + side * skew
        y = (c.b * z + c.a) / width
        inner = 1.0 + y * y / room
        log_inner = log(inner)
        pull = (nu + 1.0) * y / (room * inner)
        by_z = -pull * c.b / width
        tails += log_inner
        work.by_variance[t] = -0.5 * (1.0 + by_z * z) / h
        work.by_residual[t] = by_z / deviation
        own = c.b_nu / c.b + c.slope - 0.5 * log_inner + 0.5 * pull * y / room
        work.by_shape[0, t] = own - pull * (c.b_nu * z + c.a_nu) / width
        work.by_shape[1, t] = c.b_lambda / c.b - pull * (c.b_lambda * z + c.a_lambda - side * y) / width
    logs += log(product)
    constant = c.constant + log(c.b)
    return work.residual.shape[0] * constant - 0.5 * logs - 0.5 * (nu + 1.0) * tails


@helper
def log_constant(nu):
    """Logarithm of the constant of a standardised t, and its derivative."""
    value = math.lgamma(0.5 * (nu + 1.0)) - math.lgamma(0.5 * nu) - 0.5 * log(math.pi * (nu - 2.0))
    return value, 0.5 * (digamma(0.5 * (nu + 1.0)) - digamma(0.5 * nu) - 1.0 / (nu - 2.0))


@kernel
def digamma(x):
    """Derivative of log-gamma, for x > 0: up to 10 by recurrence, then by the asymptotic series."""
    value = 0.0
    while x < 10.0:
        value -= 1.0 / x
        x += 1.0
    y = 1.0 / (x * x)
    tail = y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y * (1 / 132)))))
    return value + log(x) - 0.5 / x - tail
