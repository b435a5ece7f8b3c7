"""Combinatorially symmetric cross-validation: the best of one half, ranked in the other.

A strategy's series is given as the sums and the sums of squares of its blocks, centred round its mean.
"""

import numpy as np
from numpy import float64, int64

from .._jit import kernel
from .._link import fanout, prange

MEAN = 0
SHARPE = 1
FLAT = 1e-12  # a part of the sum of squares that is but the rounding of sums: nothing varies


@kernel
def score(total, square, centre, count, measure):
    """Mean or Sharpe ratio of ``count`` returns: 0 where they do not vary.

    Parameters
    ----------
    total, square : float64
        Sums of the returns less ``centre``, and of their squares.
    """
    mean = total / count
    if measure == MEAN:
        return centre + mean
    spread = square - total * mean
    if spread <= FLAT * square:
        return 0.0
    return (centre + mean) / np.sqrt(spread / (count - 1.0))


@kernel
def judge(members, blocks, counts, measure, scores):
    """Score every strategy over either half.

    Parameters
    ----------
    members : bool array, shape (S,)
        Which blocks are in the first half.
    blocks : float64 array, shape (2 * S + 1, N)
        The blocks' sums, their sums of squares, and what the series are centred round.
    counts : int64 array, shape (S,)
        Periods in each block.
    scores : float64 array, shape (4, N)
        Rows 0 and 2 are written: the first half's and the second's. The others are scratch.
    """
    size = members.shape[0]
    scores[:] = 0.0
    first, second = int64(0), int64(0)
    for s in range(size):
        half = int64(0) if members[s] else int64(2)
        first += counts[s] if members[s] else 0
        second += counts[s]
        for n in range(blocks.shape[1]):
            scores[half, n] += blocks[s, n]
            scores[half + 1, n] += blocks[size + s, n]
    second -= first
    for n in range(blocks.shape[1]):
        centre = blocks[2 * size, n]
        scores[0, n] = score(scores[0, n], scores[1, n], centre, float64(first), measure)
        scores[2, n] = score(scores[2, n], scores[3, n], centre, float64(second), measure)


@kernel
def place(scores, best):
    """Rank of one score among all, 1 the lowest; equals share the mean of their ranks."""
    lower, equal = int64(0), int64(0)
    for n in range(scores.shape[0]):
        lower += scores[n] < scores[best]
        equal += scores[n] == scores[best]
    return float64(lower) + 0.5 * float64(equal + 1)


@kernel
def split_at(members, blocks, counts, measure, scratch, row):
    """Choose the best strategy of one half and look at it in the other.

    Parameters
    ----------
    scratch : float64 array, shape (4, N)
    row : float64 array, shape (4,)
        Written: the strategy's number (the first of equals), its score in either half, its rank in the
        second.
    """
    judge(members, blocks, counts, measure, scratch)
    best = int64(0)
    for n in range(1, scratch.shape[1]):
        if scratch[0, n] > scratch[0, best]:
            best = n
    row[0] = float64(best)
    row[1], row[2] = scratch[0, best], scratch[2, best]
    row[3] = place(scratch[2], best)


@kernel
def split_lane(members, blocks, counts, measure, scratch, rows, lane):
    """Judge the splits ``lane``, ``lane + lanes``, ..."""
    for split in range(lane, rows.shape[0], scratch.shape[0]):
        split_at(members[split], blocks, counts, measure, scratch[lane], rows[split])


@fanout
def split_all(members, blocks, counts, measure, scratch, rows):
    """Judge all splits, one a row of ``members`` (C, S) and ``rows`` (C, 4), in the lanes of ``scratch``."""
    for lane in prange(scratch.shape[0]):
        split_lane(members, blocks, counts, measure, scratch, rows, int64(lane))
