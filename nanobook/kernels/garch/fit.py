"""Fit one series: a start from a grid, then sequential quadratic programming until nothing is left to gain.

The first Hessian is the sum of the outer products of the scores (Berndt, Hall, Hall and Hausman 1974),
which has the right scale in every direction at once; BFGS corrects it. A fit has converged where the
quadratic model promises less than ``GAIN`` and a model made anew from the scores agrees.
"""

import numpy as np
from numpy import float64, int64

from ..._jit import helper, kernel
from .likelihood import log_likelihood, objective, scores
from .quadratic import eliminate, solve, update
from .state import EGARCH, copy, first_beta, first_shape, room

CONVERGED = 1
STUCK = 2  # no step along the direction improved the likelihood
EXHAUSTED = 3  # steps were up
GAIN = 1e-10  # of the log-likelihood
CONFIRMED = 1e-8
SUFFICIENT = 1e-4  # part of the promised gain that a step must keep
NOISE = 1e-6  # a promise that rounding may break
HALVINGS = 40
PROBES = 10
RIDGE = 1e-10  # relative, where the scores of two coordinates coincide

ALPHAS = (0.03, 0.1, 0.2)
PERSISTENCES = (0.6, 0.9, 0.98)
REGIONS = 2 * len(PERSISTENCES)
RICH_REGIONS = 3 * len(PERSISTENCES)
"""Of models of one lag, and of those of more."""
FEWEST_NU, MOST_NU = 2.05, 500.0
FIRST_NU = 8.0
MOST_SKEW = 0.999
OMEGA = (1e-10, 20.0)
LOG_OMEGA = 9.210340371976184  # log(10000)


@kernel
def fit(model, series, fitted, row, work, lane):
    """Fit one series and write its row of ``fitted``, whose ``steps`` says how many it may take.

    A fit begins at the best point of a grid. There may be several optima where lags are many, and where one
    stands on a bound: then, and where nothing was found, fits begin in every region of the grid, and the best
    of those that converged counts.

    Parameters
    ----------
    model : Model
    series : Series
    fitted : Fitted
        Codes are CONVERGED, STUCK or EXHAUSTED.
    row : int64
        Which series.
    work : Work
        With a leading axis of lanes.
    lane : int64
        Whose room to use.
    """
    periods, start, steps = series.lengths[row], series.starts[row], fitted.steps[row]
    returns, own = series.returns[row][:periods], room(work, lane, periods)
    constrain(model, own)
    rich = int64(max(model.p, model.o, model.q) > 1)
    fitted.steps[row] = 0
    for region in range(rich, (RICH_REGIONS if rich else REGIONS) + 1):
        begin(model, returns, start, region, own)
        code, taken, value = descend(model, returns, start, steps, own)
        fitted.steps[row] += taken
        settled, before = code == CONVERGED, fitted.codes[row] == CONVERGED
        higher = value > fitted.values[row] and settled == before
        if region == rich or higher or (settled and not before):
            fitted.codes[row], fitted.values[row] = code, value
            copy(own.point, fitted.points[row])
        if region == 0 and settled and not bounded(model, own):
            break


@helper
def bounded(model, work):
    """How many of the bounds held the last step back.

    Those of the alphas of GJR models do not count: of stocks an alpha of 0 is the rule.
    """
    held = 0.0
    for m in range(2 + (model.p if model.o and model.family != EGARCH else 0), work.active.shape[0]):
        held += work.active[m]
    return held


@kernel
def descend(model, returns, start, steps, work):
    """Go down from ``work.point`` to an optimum.

    A mean that stands in a kink is pinned there while the others go on; at the end its neighbourhood is
    looked over.

    Returns
    -------
    code, steps : int64
        CONVERGED, STUCK or EXHAUSTED, and the steps taken.
    value : float64
        Log-likelihood at the point.
    """
    value = 0.0
    stale, looking, pinned = True, False, int64(0)
    kinked = model.family == EGARCH and model.mean == 1
    for taken in range(steps):
        fresh = stale
        if stale:
            outer(model, returns, start, work)
            value = objective(model, work.point, returns, start, work, work.gradient)
            stale = False
            if pinned:
                pin(work)
        if looking:
            if not probe(model, returns, start, value, work):
                return int64(CONVERGED), taken, -value
            looking, stale = False, True
            continue
        solve(work.gradient, work)
        gain = promised(work)
        if gain >= (CONFIRMED if fresh else GAIN):
            reached = search(model, returns, start, value, pinned, work)
            if reached < value:
                value = reached
                continue
            if fresh and (pinned or not kinked):
                return int64(CONVERGED if gain < NOISE else STUCK), taken, -value
            pinned = int64(pinned or fresh)
        elif fresh:
            if not kinked:
                return int64(CONVERGED), taken, -value
            looking, pinned = True, int64(0)
        stale = True
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
def search(model, returns, start, value, pinned, work):
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
        if pinned:
            work.gradient[0] = 0.0
        if reached < value and reached <= value + SUFFICIENT * length * slope:
            move(work, length)
            return reached
        length *= 0.5 if reached < np.inf else 0.1
        if -length * slope < GAIN:
            break
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


@helper
def pin(work):
    """Keep the mean where it is: it stands in a kink, while the others have a way to go."""
    work.gradient[0] = 0.0
    for k in range(work.point.shape[0]):
        work.hessian[0, k] = 0.0
        work.hessian[k, 0] = 0.0
    work.hessian[0, 0] = 1.0


@kernel
def probe(model, returns, start, value, work):
    """Look for a lower valley on both sides of the mean, the others following as the Hessian says.

    Moves to the lowest point; returns whether there was one.
    """
    count = work.point.shape[0]
    aim(work)
    lowest, best = value - GAIN, 0.0
    for n in range(2 * PROBES):
        length = (1.0 if n % 2 else -1.0) * 0.5 ** (n // 2)
        for k in range(count):
            work.trial[k] = work.point[k] + length * work.step[k]
        if allowed(work):
            reached = -log_likelihood(model, work.trial, returns, start, work)
            if reached < lowest:
                lowest, best = reached, length
    for k in range(count):
        work.point[k] += best * work.step[k]
    return best != 0.0


@kernel
def aim(work):
    """Write the direction in which the mean moves by half a standard error, at least cost."""
    count = work.point.shape[0]
    for k in range(count):
        work.system[k, count] = float64(k == 0)
        for i in range(count):
            work.system[k, i] = work.hessian[k, i]
    eliminate(work.system, count)
    for k in range(count):
        work.step[k] = 0.5 * work.system[k, count] / np.sqrt(work.system[0, count])


@kernel
def allowed(work):
    """Whether the trial obeys the constraints."""
    for m in range(work.limits.shape[0]):
        slack = -work.limits[m]
        for k in range(work.trial.shape[0]):
            slack += work.rows[m, k] * work.trial[k]
        if slack < 0.0:
            return False
    return True


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
def begin(model, returns, start, region, work):
    """Leave the likeliest point of a region of the grid in ``work.point``.

    Region 0 is all of it, 1 to 3 are of one persistence each; 4 to 6 are as these, turned; 7 to 9 as these,
    with all weight on the first lags: a model of one lag is an optimum of some that have more.
    """
    mean, square = 0.0, 0.0
    for t in range(returns.shape[0]):
        mean += returns[t]
        square += returns[t] * returns[t]
    mean /= returns.shape[0]
    level = square / returns.shape[0] - (mean * mean if model.mean else 0.0)
    best = -np.inf
    for n in range(len(PERSISTENCES)):
        if region and (region - 1) % len(PERSISTENCES) != n:
            continue
        for alpha in ALPHAS:
            propose(model, mean, level, alpha, PERSISTENCES[n], work.trial)
            if region > REGIONS:
                lean(model, work.trial)
            elif region > len(PERSISTENCES):
                turn(model, work.trial)
            value = log_likelihood(model, work.trial, returns, start, work)
            if value > best or not best > -np.inf:
                best = value
                copy(work.trial, work.point)


@helper
def turn(model, x):
    """Move the weight of all betas to the last, and turn the asymmetry of EGARCH round."""
    first = first_beta(model)
    for j in range(model.q - 1):
        x[first + model.q - 1] += x[first + j]
        x[first + j] = 0.0
    if model.family == EGARCH:
        for i in range(model.o):
            x[model.mean + 1 + model.p + i] *= -1.0


@helper
def lean(model, x):
    """Move the weight of all lags to the first of their kind."""
    first = model.mean + 1
    for begin, size in (
        (first, model.p),
        (first + model.p, model.o),
        (first + model.p + model.o, model.q),
    ):
        for i in range(1, size):
            x[begin] += x[begin + i]
            x[begin + i] = 0.0


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
