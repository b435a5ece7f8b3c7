"""Stops: the level at which each position leaves, and which do at a close.

All symbols of a period are looked at in passes that vectorise; only positions that leave are met one by
one. Levels are whole units, rounded half away from zero, at least 1. Of several kinds the tightest counts:
for a long position the highest (the later of FIXED, TRAILING, ATR where equal), for a short one the lowest
(the earlier).
"""

from typing import NamedTuple

import numpy as np
from numpy import float64, int64

from .._jit import exact_sums, helper, kernel

FIXED, TRAILING, ATR = 1, 2, 3  # why a position left

STOPPED = np.dtype(
    [("period", "i8"), ("symbol", "i8"), ("level", "i8"), ("price", "i8"), ("shares", "i8"), ("reason", "i8")],
    align=True,
)
"""One position that left at its stop: ``shares`` as held before, ``price`` what it got."""


class Stops(NamedTuple):
    """The rules of a run's stops, and what is known of each position.

    Attributes
    ----------
    fixed, trailing : float
        Fractions of the entry and of the best price; 0 for none.
    multiple : float
        Of the average range; 0 for none.
    window : int
        Periods that the average range is taken over.
    since_entry : int
        1 where the range is averaged from the entry on, 0 where from the first price on.
    ranges : int64 array, shape (T + 1, N)
        Sums of the ranges of all periods before; read-only; no rows where ``multiple`` is 0.
    side, entry, best : float64 arrays, shape (N,)
        1 long, -1 short, 0 none; the price that it was entered at; the highest (short: lowest) since.
    start, base : int64 arrays, shape (N,)
        The row of ``ranges`` from which on they are averaged, and the sums in it.
    level : float64 array, shape (N,)
        Scratch: where each position leaves.
    reason : int64 array, shape (N,)
        Scratch: the kind that set the level.
    events : structured array of STOPPED
        Written; without a length nothing is recorded.
    count : int64 array, shape (1,)
        Events so far.
    """

    fixed: float
    trailing: float
    multiple: float
    window: int
    since_entry: int
    ranges: np.ndarray
    side: np.ndarray
    entry: np.ndarray
    best: np.ndarray
    start: np.ndarray
    base: np.ndarray
    level: np.ndarray
    reason: np.ndarray
    events: np.ndarray
    count: np.ndarray


@helper
def watching(stops):
    """Whether there are stops at all."""
    return stops.fixed > 0.0 or stops.trailing > 0.0 or stops.multiple > 0.0


@helper
def full(stops):
    """Whether the events of one more period may not fit."""
    room = stops.events.shape[0]
    return room > 0 and room - stops.count[0] < stops.side.shape[0]


@kernel
def follow(held, prices, stops, row):
    """Bring what is known of each position up to date with a close.

    ``row`` is the row of ``ranges`` that includes this period. A position that is new, or changed sides,
    is entered at this close.
    """
    for i in range(prices.shape[0]):
        price = float64(prices[i])
        side = float64(held[i] > 0.0) - float64(held[i] < 0.0)
        fresh = side != stops.side[i]
        best = max(stops.best[i], price) if side > 0.0 else min(stops.best[i], price)
        stops.entry[i] = price if fresh else stops.entry[i]
        stops.best[i] = price if fresh else best
        stops.level[i] = float64(fresh)
        stops.side[i] = side
    if stops.multiple > 0.0 and stops.since_entry:
        ranges = stops.ranges[row]
        for i in range(prices.shape[0]):
            fresh = stops.level[i] > 0.0
            stops.start[i] = row if fresh else stops.start[i]
            stops.base[i] = ranges[i] if fresh else stops.base[i]


@kernel
def set_levels(stops, row):
    """Write each position's level and its reason, by what is known up to row ``row`` of ``ranges``."""
    count = stops.side.shape[0]
    for i in range(count):
        stops.level[i] = -np.inf if stops.side[i] > 0.0 else np.inf
        stops.reason[i] = 0
    if stops.fixed > 0.0:
        for i in range(count):
            tighten(stops, i, stops.entry[i] * (1.0 - stops.side[i] * stops.fixed), int64(FIXED))
    if stops.trailing > 0.0:
        for i in range(count):
            tighten(stops, i, stops.best[i] * (1.0 - stops.side[i] * stops.trailing), int64(TRAILING))
    if stops.multiple > 0.0:
        now, then = stops.ranges[row], stops.ranges[max(row - stops.window, 0)]
        for i in range(count):
            periods = min(row - stops.start[i], stops.window)
            moved = float64(now[i] - max(stops.base[i], then[i]))
            level = stops.best[i] - stops.side[i] * stops.multiple * (moved / float64(max(periods, 1)))
            tighten(stops, i, level if periods > 0 else np.nan, int64(ATR))


@helper
def tighten(stops, i, level, reason):
    """Take a level where it is tighter than the one so far; NaN never is."""
    whole = np.floor(level)
    rounded = max(whole + float64(level - whole >= 0.5), 1.0)
    closer = rounded >= stops.level[i] if stops.side[i] > 0.0 else rounded < stops.level[i]
    closer = closer & (level == level)
    stops.level[i] = rounded if closer else stops.level[i]
    stops.reason[i] = reason if closer else stops.reason[i]


@exact_sums
def count_breached(prices, stops):
    """Count the positions that leave at these prices."""
    found = int64(0)
    for i in range(prices.shape[0]):
        found += breached(float64(prices[i]), stops.side[i], stops.level[i])
    return found


@helper
def breached(price, side, level):
    """Whether a position leaves."""
    return (side > 0.0) & (price <= level) | (side < 0.0) & (price >= level)


@helper
def record(stops, t, i, price, shares):
    """Note that a position left, where there is a place for it, and forget the position."""
    if stops.events.shape[0]:
        event = stops.events[stops.count[0]]
        event["period"] = t
        event["symbol"] = i
        event["level"] = int64(stops.level[i])
        event["price"] = price
        event["shares"] = shares
        event["reason"] = stops.reason[i]
        stops.count[0] += 1
    stops.side[i] = 0.0
