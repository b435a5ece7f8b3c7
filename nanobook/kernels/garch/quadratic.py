"""Small convex quadratic programmes with linear inequalities, by a primal active-set method.

Nocedal and Wright, Numerical Optimization (2006), algorithm 16.3. A constraint enters the active set only
where it blocks a step, so the active ones stay linearly independent.
"""

import numpy as np
from numpy import int64

from ..._jit import kernel

ROUNDS = 60
PARALLEL = 1e-13  # a direction that meets a constraint at less than this is along it


@kernel
def solve(gradient, work):
    """Minimise ``gradient @ step + step @ hessian @ step / 2`` so that ``point + step`` stays allowed.

    Takes ``hessian`` (positive definite), ``rows``, ``limits`` and an allowed ``point`` from ``work``, writes
    ``step`` and ``active``. Whatever the rounds were enough for is allowed and no worse than no step.
    """
    work.step[:] = 0.0
    work.active[:] = 0.0
    for _ in range(ROUNDS):
        size = assemble(gradient, work)
        eliminate(work.system, size)
        blocking, length = reach(work, size)
        for k in range(work.step.shape[0]):
            work.step[k] += length * work.system[k, size]
        if blocking >= 0:
            work.active[blocking] = 1.0
            continue
        released = weakest(work, size)
        if released < 0:
            return
        work.active[released] = 0.0


@kernel
def assemble(gradient, work):
    """Write the equations of the best step from here along the active constraints; returns how many."""
    count = gradient.shape[0]
    size = count
    for m in range(work.active.shape[0]):
        size += int64(work.active[m])
    system = work.system
    system[:size, : size + 1] = 0.0
    for k in range(count):
        slope = gradient[k]
        for i in range(count):
            system[k, i] = work.hessian[k, i]
            slope += work.hessian[k, i] * work.step[i]
        system[k, size] = -slope
    row = count
    for m in range(work.active.shape[0]):
        if work.active[m]:
            for k in range(count):
                system[row, k] = work.rows[m, k]
                system[k, row] = -work.rows[m, k]
            row += 1
    return size


@kernel
def eliminate(system, size):
    """Solve ``size`` equations by elimination with pivots; the answer stands in the column behind them."""
    for k in range(size):
        pivot = k
        for i in range(k + 1, size):
            if abs(system[i, k]) > abs(system[pivot, k]):
                pivot = i
        for j in range(k, size + 1):
            swapped = system[k, j]
            system[k, j] = system[pivot, j]
            system[pivot, j] = swapped
        for i in range(size):
            if i != k and system[i, k] != 0.0:
                factor = system[i, k] / system[k, k]
                for j in range(k, size + 1):
                    system[i, j] -= factor * system[k, j]
    for k in range(size):
        system[k, size] /= system[k, k]


@kernel
def reach(work, size):
    """Which constraint blocks the step first (-1: none), and how much of the step it leaves."""
    blocking = int64(-1)
    length = 1.0
    for m in range(work.limits.shape[0]):
        if work.active[m]:
            continue
        slack = -work.limits[m]
        slope = 0.0
        for k in range(work.step.shape[0]):
            slack += work.rows[m, k] * (work.point[k] + work.step[k])
            slope += work.rows[m, k] * work.system[k, size]
        if slope < -PARALLEL and slack < -slope * length:
            blocking = m
            length = max(slack, 0.0) / -slope
    return blocking, length


@kernel
def weakest(work, size):
    """Which active constraint holds the step back most; -1 if none does."""
    found = int64(-1)
    lowest = 0.0
    row = work.step.shape[0]
    for m in range(work.active.shape[0]):
        if work.active[m]:
            if work.system[row, size] < lowest:
                lowest = work.system[row, size]
                found = m
            row += 1
    return found


@kernel
def update(hessian, step, change, pushed):
    """Update ``hessian`` by the change of the gradient over a step: BFGS with the damping of Powell.

    The damping keeps the matrix positive definite where the likelihood is not concave. ``change`` and
    ``pushed`` are overwritten.
    """
    count = step.shape[0]
    curved, bent = 0.0, 0.0
    for k in range(count):
        pushed[k] = 0.0
        for i in range(count):
            pushed[k] += hessian[k, i] * step[i]
        curved += step[k] * pushed[k]
        bent += step[k] * change[k]
    share = 1.0 if bent >= 0.2 * curved else 0.8 * curved / (curved - bent)
    scale = share * bent + (1.0 - share) * curved
    if not (0.0 < curved < np.inf and 0.0 < scale < np.inf):
        return
    for k in range(count):
        change[k] = share * change[k] + (1.0 - share) * pushed[k]
    for k in range(count):
        for i in range(count):
            hessian[k, i] += change[k] * change[i] / scale - pushed[k] * pushed[i] / curved
