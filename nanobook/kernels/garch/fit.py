"""Fit one series: a start from a grid, then sequential quadratic programming until nothing is left to gain.

The first Hessian is the sum of the outer products of the scores (Berndt, Hall, Hall and Hausman 1974),
which has the right scale in every direction at once; BFGS corrects it. A fit has converged where the
quadratic model promises less than ``GAIN`` and a model made anew from the scores agrees.
"""

import numpy as np
from numpy import float64, int64

from ..._jit import helper, kernel
from .likelihood import log_likelihood, objective, scores
from .quadratic import solve, update
from .state import EGARCH, copy, first_beta, first_shape

CONVERGED = 1
STUCK = 2  # no step along the direction improved the likelihood
EXHAUSTED = 3  # steps were up
GAIN = 1e-10  # of the log-likelihood
CONFIRMED = 1e-8
SUFFICIENT = 1e-4  # part of the promised gain that a step must keep
HALVINGS = 40
RIDGE = 1e-10  # relative, where the scores of two coordinates coincide

ALPHAS = (0.03, 0.1, 0.2)
PERSISTENCES = (0.6, 0.9, 0.98)
FEWEST_NU, MOST_NU = 2.05, 500.0
FIRST_NU = 8.0
MOST_SKEW = 0.999
OMEGA = (1e-8, 10.0)
LOG_OMEGA = 9.210340371976184  # log(10000)


@kernel
def fit(model, returns, start, steps, work):
    """Fit a series; the coordinates are left in ``work.point``.

    Parameters
    ----------
    model : Model
    returns : float64 array, shape (T,)
        Of a standard deviation near one.
    start : float64
        Variance before the first period.
    steps : int64
        How many steps to take at most.
    work : Work

    Returns
    -------
    code, steps : int64
        CONVERGED, STUCK or EXHAUSTED, and the steps taken.
    value : float64
        Log-likelihood.
    """
    constrain(model, work)
    begin(model, returns, start, work)
    value = objective(model, work.point, returns, start, work, work.gradient)
    outer(model, returns, start, work)
    fresh = True
    for taken in range(steps):
        solve(work.gradient, work)
        gain = promised(work)
        if gain < (CONFIRMED if fresh else GAIN):
            if fresh:
                return int64(CONVERGED), taken, -value
        else:
            reached = search(model, returns, start, value, work)
            if reached < value:
                value = reached
                fresh = False
                continue
            if fresh:
                return int64(STUCK), taken, -value
        outer(model, returns, start, work)
        fresh = True
    return int64(EXHAUSTED), steps, -value


@helper
def promised(work):
    """How much better the quadratic model says the step makes the likelihood."""
    slope, curved = 0.0, 0.0
    for k in range(work.step.shape[0]):
        slope += work.gradient[k] * work.step[k]
        for i in range(work.step.shape[0]):
            curved += work.step[k] * work.hessian[k, i] * work.step[i]
    return -slope - 0.5 * curved


@kernel
def search(model, returns, start, value, work):
    """Take the step, halved until it improves enough; updates point, gradient and Hessian.

    Returns the new value, or the old one where no halving helped: then nothing has changed.
    """
    count = work.point.shape[0]
    slope = 0.0
    for k in range(count):
        slope += work.gradient[k] * work.step[k]
        work.before[k] = work.gradient[k]
    length = 1.0
    for _ in range(HALVINGS):
        for k in range(count):
            work.trial[k] = work.point[k] + length * work.step[k]
        reached = objective(model, work.trial, returns, start, work, work.gradient)
        if reached < value and reached <= value + SUFFICIENT * length * slope:
            move(work, length)
            return reached
        length *= 0.5 if reached < np.inf else 0.1
    copy(work.before, work.gradient)
    return value


@helper
def move(work, length):
    """Make the trial the point and correct the Hessian."""
    for k in range(work.point.shape[0]):
        work.point[k] = work.trial[k]
        work.step[k] *= length
        work.before[k] = work.gradient[k] - work.before[k]
    update(work.hessian, work.step, work.before, work.trial)


@kernel
def outer(model, returns, start, work):
    """Make the Hessian anew: the sum of the outer products of the scores at the point."""
    scores(model, work.point, returns, start, work)
    count = work.point.shape[0]
    work.hessian[:] = 0.0
    for t in range(returns.shape[0]):
        row = work.tangent[t]
        for k in range(count):
            for i in range(k + 1):
                work.hessian[k, i] += row[k] * row[i]
    for k in range(count):
        for i in range(k):
            work.hessian[i, k] = work.hessian[k, i]
        work.hessian[k, k] = work.hessian[k, k] * (1.0 + RIDGE) + RIDGE


# Where a fit begins and what it may not leave


@kernel
def constrain(model, work):
    """Write the constraints: signs, persistence of at most one, bounds of omega and the shapes."""
    work.rows[:] = 0.0
    work.limits[:] = 0.0
    exponential = model.family == EGARCH
    n = bound(work, int64(0), model.mean, -LOG_OMEGA if exponential else OMEGA[0])
    n = bound(work, n, model.mean, LOG_OMEGA if exponential else OMEGA[1])
    work.rows[n - 1, model.mean] = -1.0
    work.limits[n - 1] = -work.limits[n - 1]
    first = model.mean + 1
    if not exponential:
        for i in range(model.p):
            n = bound(work, n, first + i, 0.0)
        for i in range(model.o):
            n = bound(work, n, first + model.p + i, 0.0)
            if i < model.p:
                work.rows[n - 1, first + i] = 1.0
    for j in range(model.q):
        n = bound(work, n, first_beta(model) + j, 0.0)
    n = limit_persistence(model, work, n)
    limit_shapes(model, work, n)


@helper
def bound(work, n, k, lowest):
    """Add the constraint that a coordinate is at least ``lowest``; returns how many there are."""
    work.rows[n, k] = 1.0
    work.limits[n] = lowest
    return n + 1


@helper
def limit_persistence(model, work, n):
    """Add the constraint that shocks do not grow; returns how many there are."""
    first = model.mean + 1
    if model.family != EGARCH:
        for i in range(model.p):
            work.rows[n, first + i] = -1.0
        for i in range(model.o):
            work.rows[n, first + model.p + i] = -0.5
    for j in range(model.q):
        work.rows[n, first_beta(model) + j] = -1.0
    work.limits[n] = -1.0
    return n + 1


@helper
def limit_shapes(model, work, n):
    """Add the bounds of the shapes."""
    first = first_shape(model)
    for i in range(model.shapes):
        work.rows[n, first + i] = 1.0
        work.rows[n + 1, first + i] = -1.0
        work.limits[n] = -MOST_SKEW if i else 1.0 / MOST_NU
        work.limits[n + 1] = -MOST_SKEW if i else -1.0 / FEWEST_NU
        n += 2


@kernel
def begin(model, returns, start, work):
    """Leave the likeliest point of a grid in ``work.point``."""
    mean, square = 0.0, 0.0
    for t in range(returns.shape[0]):
        mean += returns[t]
        square += returns[t] * returns[t]
    mean /= returns.shape[0]
    level = square / returns.shape[0] - (mean * mean if model.mean else 0.0)
    best = -np.inf
    for alpha in ALPHAS:
        for persistence in PERSISTENCES:
            propose(model, mean, level, alpha, persistence, work.trial)
            value = log_likelihood(model, work.trial, returns, start, work)
            if value > best:
                best = value
                copy(work.trial, work.point)


@kernel
def propose(model, mean, level, alpha, persistence, x):
    """Write a point of the grid: weights spread evenly over the lags."""
    x[:] = 0.0
    if model.mean:
        x[0] = mean
    exponential = model.family == EGARCH
    x[model.mean] = (1.0 - persistence) * (np.log(level) if exponential else level)
    first = model.mean + 1
    news = 0.5 * alpha if model.o else alpha  # the other half through the asymmetric terms
    for i in range(model.p):
        x[first + i] = (2.0 * alpha if exponential else news) / model.p
    for i in range(model.o):
        x[first + model.p + i] = (-0.5 if exponential else 1.0 if model.p else 2.0) * alpha / model.o
    left = persistence if exponential else persistence - alpha
    for j in range(model.q):
        x[first_beta(model) + j] = left / model.q
    if model.shapes:
        x[first_shape(model)] = float64(1.0 / FIRST_NU)
