"""Resamples of time series by blocks: arguments in, sums out, in pieces that fit into memory."""

import math
from dataclasses import dataclass

import numpy as np

from ... import _link
from ...errors import InvalidValue
from ...portfolio.inputs import finite, whole
from .reading import choice

KINDS = ("stationary", "circular")
PIECE = 2_000_000  # cells of sums that are made at once
MOST = 10**7


@dataclass(frozen=True)
class Plan:
    """How to resample.

    Attributes
    ----------
    resamples : int
    block_size : float
        Mean length of a block in periods.
    kind : {'stationary', 'circular'}
    seed : int
    """

    resamples: int
    block_size: float
    kind: str
    seed: int


def read_plan(resamples, block_size, kind, seed, periods):
    """Check the arguments of a bootstrap; by default a block is the root of the series' length."""
    choice("bootstrap", kind, KINDS)
    size = float(round(math.sqrt(periods))) if block_size is None else finite("block_size", block_size)
    if not 1.0 <= size <= periods:
        raise InvalidValue(f"block_size={block_size}: must be from 1 to the {periods} periods")
    if kind == "circular" and not size.is_integer():
        raise InvalidValue(f"block_size={block_size}: blocks of one length need a whole number")
    return Plan(
        resamples=whole("resamples", resamples, 1, MOST, "1,000 is usual, 10,000 for a figure in print"),
        block_size=size,
        kind=kind,
        seed=whole("seed", seed, 0, 2**63 - 1, "the same seed gives the same answer"),
    )


def resampled_means(values, plan):
    """Yield the means of the resamples of a table, some rows at a time.

    Parameters
    ----------
    values : float64 array, shape (T, K)
    plan : Plan

    Yields
    ------
    float64 array, shape (R, K)
        Means less those of the table itself. All rows together are ``plan.resamples``; they do not depend on
        the number of threads.
    """
    from ...kernels import bootstrap

    periods, count = values.shape
    running = np.zeros((periods + 1, count))
    np.cumsum(values - values.mean(axis=0), axis=0, out=running[1:])
    rows = max(1, min(PIECE // count, plan.resamples))
    kind = KINDS.index(plan.kind)
    for first in range(0, plan.resamples, rows):
        sums = np.empty((min(rows, plan.resamples - first), count))
        states = np.zeros(bootstrap.APART * (len(sums) + 1), np.int64)
        states[0] = plan.seed
        with _link.PARALLEL, _link.quiet():
            bootstrap.resample_all(running, kind, plan.block_size, first, states, sums)
        yield sums / periods
