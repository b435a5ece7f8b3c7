"""Trailing stops: they follow the best price since their submission at a distance.

Prices turn into keys, the price itself for a sell and its complement for a buy, so that a higher key is
always the better price and a stop always lies below.

Moving every stop at every price would make each trade pay for all of them. So prices are only noted,
together with a key that no stop has passed (``TIGHT``: the best key less the smallest distance), and the
stops are moved once a price comes that near, or when someone asks.
"""

import numpy as np
from numpy import float64, int64

from ..._jit import helper, index, kernel, part
from ...types import INT64_MAX, INT64_MIN, Side, TrailMethod
from .state import (
    CAUGHT_UP,
    EAGER,
    FIXED_OFFSET,
    FRONTIER,
    FRONTIER_PERIOD,
    HAS_SEEN,
    HIGHEST,
    HISTORY,
    LAST_TRAILING,
    LIVE,
    LOTS,
    MULTIPLE,
    N_CHANGES,
    N_ROUNDS,
    N_TRAILING,
    PERIOD,
    PERIODS,
    RATIO,
    ROUNDS,
    SEEN,
    TIGHT,
    TRAILING,
)

BUY = int(Side.BUY)
FIXED = int(TrailMethod.FIXED)
PERCENTAGE = int(TrailMethod.PERCENTAGE)
SMA_ABS_CHANGE = int(TrailMethod.SMA_ABS_CHANGE)
COUNTED = 10_000  # price changes that a mean looks back on at most
LARGEST_CHANGE = 2**49  # what a larger change counts as, so that sums stay exact
EXACT = 2**52  # prices beyond are not whole numbers of float64 any more
NO_RATIO = int(np.float64(np.inf).view(np.int64))


@helper
def turned(side, price):
    """Key of a price for the stops of a side, and back."""
    return price ^ (side - 1)


@helper
def below(key, offset):
    """Key less an offset, or the lowest key."""
    return key - offset if key >= INT64_MIN + offset else int64(INT64_MIN)


@helper
def whole(number):
    """Integer part of a float, or the int64 limit."""
    if number >= 2.0**63:
        return int64(INT64_MAX)
    return int64(INT64_MIN) if number <= -(2.0**63) else int64(number)


@helper
def rounded(number):
    """Nearest integer, halves away from zero."""
    return whole(np.floor(number + 0.5)) if number >= 0 else whole(np.ceil(number - 0.5))


@helper
def note(book, price):
    """Let a price count: in the mean change of prices, and for the stops that follow it."""
    top = book.top
    if top[HAS_SEEN]:
        changes = top[N_CHANGES] + 1
        before = book.changes[index((changes - 1) & (HISTORY - 1))]
        book.changes[index(changes & (HISTORY - 1))] = before + distance(price, top[SEEN])
        top[N_CHANGES] = changes
    top[SEEN] = price
    top[HAS_SEEN] = 1
    if top[N_TRAILING]:
        book.noted[index(top[N_ROUNDS] & (ROUNDS - 1))] = price
        top[N_ROUNDS] += 1
        tighten(book, int64(0), price)
        tighten(book, int64(1), price)


@kernel
def note_all(book, prices):
    """Let prices count that were traded before the book was rich."""
    for price in prices:
        note(book, price)


@part
def distance(price, other):
    """How far two prices lie apart, at most ``LARGEST_CHANGE``."""
    low, high = min(price, other), max(price, other)
    return (
        high - low
        if low >= high - LARGEST_CHANGE or high < INT64_MIN + LARGEST_CHANGE
        else int64(LARGEST_CHANGE)
    )


@helper
def tighten(book, side, price):
    """Move the key that no stop of a side has passed."""
    top = book.top
    key = turned(side, price)
    if top[FIXED_OFFSET + side] != INT64_MAX:
        top[TIGHT + side] = max(top[TIGHT + side], below(key, top[FIXED_OFFSET + side]))
    if top[RATIO + side] != NO_RATIO:
        offset = rounded(float64(price) * int64(top[RATIO + side]).view(np.float64))
        top[TIGHT + side] = max(top[TIGHT + side], below(key, max(offset, int64(1))))
    top[HIGHEST + side] = max(top[HIGHEST + side], key)
    for slot in range(PERIODS * side, PERIODS * side + PERIODS):
        if top[PERIOD + slot] == 0:
            break
        mean = mean_change(book, top[PERIOD + slot], top[N_CHANGES])
        if mean > 0:
            offset = max(whole(mean * int64(top[MULTIPLE + slot]).view(np.float64)), int64(1))
            top[TIGHT + side] = max(top[TIGHT + side], below(top[HIGHEST + side], offset))


@helper
def near(book, price):
    """Whether a stop might fire at this price, or the stops must be moved before more is noted."""
    top = book.top
    if top[N_TRAILING] == 0:
        return False
    reached = ~price <= top[TIGHT] or price <= top[TIGHT + 1]
    return reached or top[EAGER] > 0 or top[N_ROUNDS] - top[CAUGHT_UP] == ROUNDS


@part
def link(book, side, order, row):
    """Put a stop behind the other trailing ones."""
    top = book.top
    stop = book.stops[row]
    this = book.orders[order]
    last = index(top[LAST_TRAILING])
    this.prev = last
    this.next = 0
    this.level = row + 1
    if last:
        book.orders[last].next = order
    else:
        top[TRAILING] = order
        top[CAUGHT_UP] = top[N_ROUNDS]
        forget(book)
    top[LAST_TRAILING] = order
    stop.since = top[N_ROUNDS]
    top[N_TRAILING] += 1
    top[LIVE + 3 - side] += 1
    top[LOTS + 3 - side] += this.left
    heed(book, side, stop)


@part
def unlink(book, order):
    """Take a stop out of the trailing ones."""
    top = book.top
    this = book.orders[order]
    before, after = int64(this.prev), int64(this.next)
    if before:
        book.orders[before].next = after
    else:
        top[TRAILING] = after
    if after:
        book.orders[after].prev = before
    else:
        top[LAST_TRAILING] = before
    side = int64(this.side)
    this.level = 0
    top[N_TRAILING] -= 1
    top[LIVE + 3 - side] -= 1
    top[LOTS + 3 - side] -= this.left


@helper
def forget(book):
    """Let no stop be near."""
    top = book.top
    top[EAGER] = 0
    for side in range(2):
        top[TIGHT + side] = INT64_MIN
        top[HIGHEST + side] = INT64_MIN
        top[FIXED_OFFSET + side] = INT64_MAX
        top[RATIO + side] = NO_RATIO
    for slot in range(2 * PERIODS):
        top[PERIOD + slot] = 0


@helper
def heed(book, side, stop):
    """Count a stop among those that ``TIGHT`` stands for."""
    top = book.top
    top[TIGHT + side] = max(top[TIGHT + side], turned(side, stop.stop_price))
    if stop.method == FIXED and stop.value > 0:
        top[FIXED_OFFSET + side] = min(top[FIXED_OFFSET + side], whole(stop.value))
    if stop.method == PERCENTAGE and stop.value > 0:
        ratio = min(int64(top[RATIO + side]).view(np.float64), stop.value)
        top[RATIO + side] = float64(ratio).view(np.int64)
    if stop.method == SMA_ABS_CHANGE and stop.value > 0 and stop.period > 0:
        if stop.seen:
            top[HIGHEST + side] = max(top[HIGHEST + side], turned(side, stop.watermark))
        heed_period(book, side, stop)


@part
def heed_period(book, side, stop):
    """Count the smallest multiple of the mean change over a stop's period."""
    top = book.top
    for slot in range(PERIODS * side, PERIODS * side + PERIODS):
        if top[PERIOD + slot] == 0:
            top[PERIOD + slot] = stop.period
            top[MULTIPLE + slot] = float64(stop.value).view(np.int64)
            return
        if top[PERIOD + slot] == int64(stop.period):
            multiple = min(int64(top[MULTIPLE + slot]).view(np.float64), stop.value)
            top[MULTIPLE + slot] = float64(multiple).view(np.int64)
            return
    top[EAGER] = 1


@part
def catch_up_alone(book, order):
    """Move one stop, which is about to leave, to where the noted prices bring it."""
    top = book.top
    stop = book.stops[int64(book.orders[order].level) - 1]
    side = int64(book.orders[order].side)
    for n in range(max(stop.since, top[CAUGHT_UP]), top[N_ROUNDS]):
        move_at(book, side, stop, n, top[N_ROUNDS])


@kernel
def catch_up(book):
    """Move all trailing stops to where the prices noted since the last time bring them."""
    top = book.top
    start, end = top[CAUGHT_UP], top[N_ROUNDS]
    find_extremes(book, start, end)
    forget(book)
    top[FRONTIER_PERIOD] = 0
    order = top[TRAILING]
    while order:
        this = book.orders[order]
        stop = book.stops[int64(this.level) - 1]
        side = int64(this.side)
        advance(book, side, stop, max(stop.since, start), end)
        heed(book, side, stop)
        order = int64(this.next)
    top[CAUGHT_UP] = end


@part
def find_extremes(book, start, end):
    """Write lowest and highest price from each noted round to the last."""
    lowest, highest = int64(INT64_MAX), int64(INT64_MIN)
    for n in range(end - start):
        row = index((end - 1 - n) & (ROUNDS - 1))
        lowest = min(lowest, book.noted[row])
        highest = max(highest, book.noted[row])
        book.noted[ROUNDS + row] = lowest
        book.noted[2 * ROUNDS + row] = highest


@part
def advance(book, side, stop, start, end):
    """Move one stop through the rounds from ``start`` on."""
    if start == end:
        return
    best = book.noted[(1 + side) * ROUNDS + index(start & (ROUNDS - 1))]
    if stop.seen and turned(side, best) < turned(side, stop.watermark):
        best = stop.watermark
    if follows_best(side, stop, best):
        move(book, side, stop, best, int64(0))
    elif stop.method == SMA_ABS_CHANGE and start == book.top[CAUGHT_UP] and follows_frontier(book, stop, end):
        move_along(book, side, stop, best)
    else:
        for n in range(start, end):
            move_at(book, side, stop, n, end)


@part
def follows_best(side, stop, best):
    """Whether the best price alone tells where a stop goes, for the trail grows slower than the price."""
    if stop.method == PERCENTAGE and 0 < stop.value <= 1 and -EXACT < best < EXACT:
        return side != BUY or rounded(float64(best) * stop.value) > 0
    return stop.method == FIXED


@part
def follows_frontier(book, stop, end):
    """Whether the frontier tells where a stop goes; lays it out if it is not there."""
    top = book.top
    if stop.period == 0 or stop.value <= 0:
        return False
    if top[FRONTIER_PERIOD] != int64(stop.period):
        top[FRONTIER_PERIOD] = stop.period
        top[FRONTIER] = lay_frontier(book, int64(stop.period), top[CAUGHT_UP], end)
    smallest = frontier_mean(book, top[FRONTIER] - 1)
    return top[FRONTIER] == 0 or smallest * stop.value >= 1


@helper
def frontier_mean(book, n):
    """Mean change at the n-th round of the frontier, the last round being 0."""
    return int64(book.noted[3 * ROUNDS + max(n, int64(0))]).view(np.float64)


@kernel
def lay_frontier(book, period, start, end):
    """Find the noted rounds after which every mean change is larger, or 0: no others bring a stop farther.

    For at any other round the best price was no better and the distance no smaller than at one that
    followed. Behind ``noted`` stand the means, latest first, and the lowest and highest price up to each.

    Returns
    -------
    int64
        How many there are.
    """
    count = int64(0)
    smallest = np.inf
    for n in range(end - start):
        mean = mean_change(book, period, book.top[N_CHANGES] - n)
        if 0 < mean < smallest:
            smallest = mean
            book.noted[3 * ROUNDS + count] = float64(mean).view(np.int64)
            book.noted[4 * ROUNDS + count] = end - 1 - n
            count += 1
    lowest, highest = int64(INT64_MAX), int64(INT64_MIN)
    row = count - 1
    for n in range(start, end):
        price = book.noted[index(n & (ROUNDS - 1))]
        lowest, highest = min(lowest, price), max(highest, price)
        if row >= 0 and book.noted[4 * ROUNDS + row] == n:
            book.noted[4 * ROUNDS + row] = lowest
            book.noted[5 * ROUNDS + row] = highest
            row -= 1
    return count


@part
def move_along(book, side, stop, best):
    """Move one stop through the rounds of the frontier, and its watermark to the best price of all."""
    for n in range(book.top[FRONTIER] - 1, -1, -1):
        key = turned(side, book.noted[(4 + side) * ROUNDS + n])
        if stop.seen:
            key = max(key, turned(side, stop.watermark))
        candidate = below(key, whole(frontier_mean(book, n) * stop.value))
        if candidate > turned(side, stop.stop_price):
            stop.stop_price = turned(side, candidate)
    stop.watermark = best
    stop.seen = 1


@helper
def move_at(book, side, stop, n, end):
    """Move one stop after round ``n`` of ``end``."""
    price = book.noted[index(n & (ROUNDS - 1))]
    move(book, side, stop, price, book.top[N_CHANGES] - (end - 1 - n))


@helper
def move(book, side, stop, price, changes):
    """Move one stop after one price, so many price changes after the first."""
    key = turned(side, price)
    if not stop.seen or key > turned(side, stop.watermark):
        stop.watermark = price
        stop.seen = 1
    offset = offset_of(book, stop, changes)
    if offset > 0:
        candidate = below(turned(side, stop.watermark), offset)
        if candidate > turned(side, stop.stop_price):
            stop.stop_price = turned(side, candidate)


@part
def offset_of(book, stop, changes):
    """How far a stop stays behind its watermark."""
    if stop.method == FIXED:
        return whole(stop.value)
    if stop.method == PERCENTAGE:
        return rounded(float64(stop.watermark) * stop.value)
    return whole(mean_change(book, int64(stop.period), changes) * stop.value)


@helper
def mean_change(book, period, changes):
    """Mean of the last ``period`` price changes when there were so many; 0 without any."""
    count = min(min(period, changes), int64(COUNTED))
    if count <= 0:
        return 0.0
    newest = book.changes[index(changes & (HISTORY - 1))]
    oldest = book.changes[index((changes - count) & (HISTORY - 1))]
    return float64(newest - oldest) / float64(count)
