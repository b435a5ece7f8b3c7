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
    [
        ("period", "i8"),
        ("symbol", "i8"),
        ("level", "i8"),
        ("price", "i8"),
        ("shares", "i8"),
        ("reason", "i8"),
    ],
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
    scale : int64 array, shape (N,)
        What ``ranges`` are multiples of: 1, or where splits change what a share is, a common multiple.
    level, wanted : float64 arrays, shape (N,)
        Scratch: where each position leaves; the level of one kind, then 1 for what leaves, else 0.
    events : structured array of STOPPED
        Written; without a length nothing is recorded.
    found : int64 array, shape (1,)
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
    scale: np.ndarray
    level: np.ndarray
    wanted: np.ndarray
    events: np.ndarray
    found: np.ndarray


@helper
def watching(stops):
    """Whether there are stops at all."""
    return stops.fixed > 0.0 or stops.trailing > 0.0 or stops.multiple > 0.0


@helper
def full(stops):
    """Whether the events of one more period may not fit."""
    room = stops.events.shape[0]
    return room > 0 and room - stops.found[0] < stops.side.shape[0]


@kernel
def follow(held, prices, stops, row):
    """Bring what is known of each position up to date with a close.

    ``row`` is the row of ``ranges`` that includes this period. A position that is new, or changed sides,
    is entered at this close. Loops of few arrays each: with more of them the compiler would have to check
    too many pairs for overlaps, and not vectorise.
    """
    side, level = stops.side, stops.level
    for i in range(prices.shape[0]):
        now = float64(held[i] > 0.0) - float64(held[i] < 0.0)
        level[i] = float64(now != side[i])  # for the loops below: 1 where a position is new
        side[i] = now
    if stops.fixed > 0.0:
        keep_entries(stops.entry, prices, level)
    keep_best(stops.best, prices, side, level)
    if stops.multiple > 0.0 and stops.since_entry:
        keep_start(stops.start, stops.base, stops.ranges[row], level, row)


@kernel
def keep_entries(entry, prices, fresh):
    """Note the price of what is new."""
    for i in range(prices.shape[0]):
        entry[i] = float64(prices[i]) if fresh[i] > 0.0 else entry[i]


@kernel
def keep_best(best, prices, side, fresh):
    """Move each best price: the highest, of a short position the lowest."""
    for i in range(prices.shape[0]):
        price = float64(prices[i])
        better = max(best[i], price) if side[i] > 0.0 else min(best[i], price)
        best[i] = price if fresh[i] > 0.0 else better


@kernel
def keep_start(start, base, ranges, fresh, row):
    """Note from where on ranges of what is new are averaged."""
    for i in range(ranges.shape[0]):
        start[i] = row if fresh[i] > 0.0 else start[i]
        base[i] = ranges[i] if fresh[i] > 0.0 else base[i]


@kernel
def set_levels(stops, row):
    """Write each position's level, by what is known up to row ``row`` of ``ranges``."""
    side, level, wanted = stops.side, stops.level, stops.wanted
    for i in range(side.shape[0]):
        level[i] = -np.inf if side[i] > 0.0 else np.inf
    if stops.fixed > 0.0:
        for i in range(side.shape[0]):
            wanted[i] = to_level(stops.entry[i] * (1.0 - side[i] * stops.fixed))
        tighten(level, side, wanted)
    if stops.trailing > 0.0:
        for i in range(side.shape[0]):
            wanted[i] = to_level(stops.best[i] * (1.0 - side[i] * stops.trailing))
        tighten(level, side, wanted)
    if stops.multiple > 0.0:
        average(stops, row)
        for i in range(side.shape[0]):
            wanted[i] = to_level(stops.best[i] - side[i] * stops.multiple * wanted[i])
        tighten(level, side, wanted)


@kernel
def average(stops, row):
    """Write each symbol's average range into ``wanted``: NaN where there is none."""
    now, then = stops.ranges[row], stops.ranges[max(row - stops.window, 0)]
    start, base, scale, wanted = stops.start, stops.base, stops.scale, stops.wanted
    for i in range(start.shape[0]):
        periods = min(row - start[i], stops.window)
        wanted[i] = mean_range(now[i], max(base[i], then[i]), periods * scale[i])


@helper
def mean_range(now, then, periods):
    """Mean of the ranges between two sums; NaN where there are no periods."""
    return float64(now - then) / float64(max(periods, 1)) if periods > 0 else np.nan


@helper
def to_level(price):
    """Round halves up and at least to 1; NaN stays."""
    whole = np.floor(price)
    return max(whole + float64(price - whole >= 0.5), 1.0) if price == price else np.nan


@kernel
def tighten(level, side, wanted):
    """Take what is tighter than the level so far, or as tight: NaN never is."""
    for i in range(side.shape[0]):
        closer = wanted[i] >= level[i] if side[i] > 0.0 else wanted[i] < level[i]
        level[i] = wanted[i] if closer else level[i]


@helper
def earlier(side, reason):
    """Whether an earlier kind may take the place of the one found."""
    return side < 0.0 or reason == 0


@kernel
def why(stops, i, row):
    """Find the kind that set a position's level: of equal ones the last if long, the first if short."""
    side, reason = stops.side[i], int64(0)
    if stops.multiple > 0.0:
        now, then = stops.ranges[row][i], stops.ranges[max(row - stops.window, 0)][i]
        periods = min(row - stops.start[i], stops.window)
        mean = mean_range(now, max(stops.base[i], then), periods * stops.scale[i])
        if to_level(stops.best[i] - side * stops.multiple * mean) == stops.level[i]:
            reason = int64(ATR)
    trailing = stops.best[i] * (1.0 - side * stops.trailing)
    if stops.trailing > 0.0 and earlier(side, reason) and to_level(trailing) == stops.level[i]:
        reason = int64(TRAILING)
    fixed = stops.entry[i] * (1.0 - side * stops.fixed)
    if stops.fixed > 0.0 and earlier(side, reason) and to_level(fixed) == stops.level[i]:
        reason = int64(FIXED)
    return reason


@exact_sums
def find_breached(prices, stops):
    """Mark in ``wanted`` the positions that leave at these prices; returns how many."""
    side, level, leaves = stops.side, stops.level, stops.wanted
    found = 0.0
    for i in range(prices.shape[0]):
        price = float64(prices[i])
        beyond = (side[i] > 0.0) & (price <= level[i]) | (side[i] < 0.0) & (price >= level[i])
        leaves[i] = float64(beyond)
        found += float64(beyond)
    return found


@helper
def record(stops, t, i, row, price, shares):
    """Note that a position left, where there is a place for it, and forget the position.

    ``row`` is that of ``ranges`` which set the level.
    """
    if stops.events.shape[0]:
        event = stops.events[stops.found[0]]
        event["period"] = t
        event["symbol"] = i
        event["level"] = int64(stops.level[i])
        event["price"] = price
        event["shares"] = shares
        event["reason"] = why(stops, i, row)
        stops.found[0] += 1
    stops.side[i] = 0.0
