"""Bootstrap of time series: sums over resamples made of blocks that follow one another in time.

A block's sum is the difference of two rows of running sums, so a resample costs two rows a block instead
of one row a period.
"""

from numpy import float64, int64

from .._jit import kernel
from .._link import fanout, prange
from .random import below, seed, uniform

STATIONARY = 0  # blocks of random length, geometrically distributed
CIRCULAR = 1  # blocks of one length
APART = 8  # words between two generators, so that two threads never write to one cache line


@kernel
def next_block(states, lane, kind, length, left):
    """Length of the next block, at most what is ``left`` of the resample.

    Random lengths are counted out one by one: comparisons of numbers that are the same everywhere, where a
    logarithm might differ in its last bit.
    """
    size = int64(1)
    if kind == CIRCULAR:
        return min(max(int64(length), size), left)
    while size < left and uniform(states, lane) * length >= 1.0:
        size += 1
    return size


@kernel
def add_block(running, start, size, sums):
    """Add the sum of ``size`` periods from ``start`` on, round the end of the series to its beginning."""
    periods = running.shape[0] - 1
    stop = start + size
    if stop <= periods:
        for k in range(sums.shape[0]):
            sums[k] += running[stop, k] - running[start, k]
    else:
        for k in range(sums.shape[0]):
            sums[k] += running[periods, k] - running[start, k] + running[stop - periods, k]


@kernel
def resample(running, kind, length, number, states, lane, sums):
    """Sum one resample.

    Parameters
    ----------
    running : float64 array, shape (T + 1, K)
        Running sums of every column, from 0.
    kind : int64
        STATIONARY or CIRCULAR.
    length : float64
        Mean length of a block, at least 1.
    number : int64
        Number of the resample; with the first state it decides what is drawn.
    states : int64 array, shape (APART * (R + 1),)
        The seed, then the generators' states, APART words from one to the next.
    lane : int64
        Row of this one's state.
    sums : float64 array, shape (K,)
        Written.
    """
    seed(states, lane, states[0], number, int64(0))
    for k in range(sums.shape[0]):
        sums[k] = 0.0
    left = running.shape[0] - 1
    periods = left
    while left > 0:
        start = below(states, lane, periods)
        size = next_block(states, lane, kind, length, left)
        add_block(running, start, size, sums)
        left -= size


@fanout
def resample_all(running, kind, length, first, states, sums):
    """Sum the resamples from number ``first`` on, one a row of ``sums``, each with a state of its own."""
    for r in prange(sums.shape[0]):
        resample(running, kind, float64(length), first + int64(r), states, int64(APART * (r + 1)), sums[r])
