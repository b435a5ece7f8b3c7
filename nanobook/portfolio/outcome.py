"""What a run of the kernels leaves, before it is dressed."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

SLACK = 1e-9  # what a sum of weights may exceed its limit by: they come from divisions


@dataclass(frozen=True)
class Outcome:
    """Arrays of one run, money in units.

    Attributes
    ----------
    curves : float64 array, shape (5, T)
        Equity, returns, cash, cost, traded.
    positions : array, shape (T, N), or None
        Quantities held, of ``1 / per_share`` share; None where the run was lean.
    panels : pair of float64 arrays, shape (T, N), or None
        Holdings and symbol returns.
    stopped : array of STOPPED
    fills : array of FILL, or None
        None where fills follow from positions.
    per_share : int
    skipped : list of int
    extra : dict of float64 arrays, shape (T,)
        Curves that only options have: interest, borrowing, dividends, gross.
    """

    curves: np.ndarray
    positions: np.ndarray | None
    panels: tuple | None
    stopped: np.ndarray
    fills: np.ndarray | None = None
    per_share: int = 1
    skipped: list = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def same(self, other):
        """Whether all numbers are equal."""
        mine, theirs = self.panels or (), other.panels or ()
        return (
            same(self.curves, other.curves)
            and same(self.positions, other.positions)
            and len(mine) == len(theirs)
            and all(map(same, mine, theirs))
            and np.array_equal(self.stopped, other.stopped)
            and self.per_share == other.per_share
            and self.skipped == other.skipped
            and self.extra.keys() == other.extra.keys()
            and all(same(self.extra[name], other.extra[name]) for name in self.extra)
        )


def same(mine, theirs):
    """Whether two arrays (or Nones) are equal, NaN beside NaN."""
    if mine is None or theirs is None:
        return mine is theirs
    return np.array_equal(mine, theirs, equal_nan=mine.dtype.kind == "f")
