"""Stops: where they wait, and the cascade that the last trade price sets off.

A plain stop rests in the ladder, on a side of its own where the one that fires first is the best; a trailing
stop waits in a list. A cascade goes in rounds of one price each: the price moves the trailing stops, all
stops that it reaches fire, oldest first, and the last trade among what they became gives the price of the
next round. It may halt where a buffer is full and goes on where it was.
"""

from numpy import int64

from ..._jit import helper, index, kernel, part
from ...types import INT64_MAX, STOP, MessageKind, OrderStatus, Outcome, TimeInForce, TrailMethod
from . import ladder, match, place, queue, timers, trails
from .state import (
    BATCH,
    BATCH_DONE,
    BATCH_START,
    BEST,
    DUE,
    LAST_PRICE,
    N_STOPS,
    N_TRADES,
    N_TRAILING,
    NOTED,
    PENDING,
    ROUNDS_LEFT,
    TRAILING,
)

CAP = 100  # rounds of one cascade
IS_PENDING = int(Outcome.PENDING)
TRIGGERED = int(Outcome.TRIGGERED)
CANCELLED = int(OrderStatus.CANCELLED)
NO_TRAIL = int(TrailMethod.NONE)
IOC = int(TimeInForce.IOC)
STOP_MARKET = int(MessageKind.STOP_MARKET)
TRAILING_STOP_MARKET = int(MessageKind.TRAILING_STOP_MARKET)


@helper
def waiting_side(side):
    """Side of the ladder where the stops of a side wait."""
    return 3 - side


@helper
def reached(side, stop_price, price):
    """Whether a price fires a stop."""
    return trails.turned(side, price) <= trails.turned(side, stop_price)


@part
def enter(book, event):
    """Take a stop in; returns its id. The caller knows that there is room."""
    top = book.top
    side = int64(event.side)
    market = event.kind in (STOP_MARKET, TRAILING_STOP_MARKET)
    price = ladder.key_of(side, int64(INT64_MAX)) if market else event.price
    terms = place.terms_of(book, event, price)
    order = place.new_order(book, terms)
    if terms.expiry:
        timers.push(book, terms.expiry, order)
    this = book.orders[order]
    this.marks = STOP
    this.status = IS_PENDING
    row = index(top[N_STOPS])
    top[N_STOPS] = row + 1
    top[PENDING] += 1
    stop = book.stops[row]
    stop.order = order
    stop.child = 0
    stop.method = event.trail
    stop.seen = 0
    stop.status = IS_PENDING
    stop.kind = event.kind
    stop.period = event.period
    stop.stop_price = event.stop_price
    stop.watermark = 0
    stop.value = event.trail_value
    stop.since = 0
    if stop.method == NO_TRAIL:
        waiting = waiting_side(side)
        level = ladder.level_at(book, waiting, ladder.key_of(waiting, event.stop_price))
        queue.push(book, waiting, level, order)
    else:
        trails.link(book, side, order, row)
    return order


@helper
def row_of(book, order):
    """Row of the stop with this id."""
    low, high = int64(0), book.top[N_STOPS]
    while high - low > 1:
        middle = (low + high) >> 1
        if int64(book.stops[middle].order) <= order:
            low = middle
        else:
            high = middle
    return index(low)


@helper
def withdraw(book, order, status):
    """Let a pending stop wait no more."""
    this = book.orders[order]
    stop = book.stops[row_of(book, order)]
    if stop.method == NO_TRAIL:
        queue.remove(book, waiting_side(int64(this.side)), order)
    else:
        trails.catch_up_alone(book, order)
        trails.unlink(book, order)
    this.status = status
    stop.status = status
    book.top[PENDING] -= 1


@part
def price_counts(book):
    """Let the last trade price count; starts a cascade if a stop may be due."""
    price = book.top[LAST_PRICE]
    trails.note(book, price)
    if (
        match.crosses(book, int64(3), ~price)
        or match.crosses(book, int64(2), price)
        or trails.near(book, price)
    ):
        start(book)
        book.top[NOTED] = 1


@helper
def start(book):
    """Start a cascade."""
    top = book.top
    top[ROUNDS_LEFT] = CAP
    top[BATCH] = 0
    top[BATCH_DONE] = 0
    top[NOTED] = 0


@kernel
def settle(book):
    """Run a cascade to its end; False if it halts because a buffer is full."""
    top = book.top
    while top[ROUNDS_LEFT]:
        if top[BATCH_DONE] == top[BATCH]:
            begin_round(book)
        while top[BATCH_DONE] < top[BATCH]:
            if not place.has_room(book):
                return False
            fire(book, book.batch[top[BATCH_DONE]])
            top[BATCH_DONE] += 1
        if top[N_TRADES] == top[BATCH_START]:
            top[ROUNDS_LEFT] = 0
        else:
            top[ROUNDS_LEFT] -= 1
            if top[ROUNDS_LEFT] == 0:
                top[DUE] = count_due(book)
    return True


@kernel
def begin_round(book):
    """Collect the stops that the last trade price fires."""
    top = book.top
    price = top[LAST_PRICE]
    if not top[NOTED]:
        trails.note(book, price)
    top[NOTED] = 0
    top[DUE] = 0
    top[BATCH] = 0
    top[BATCH_DONE] = 0
    top[BATCH_START] = top[N_TRADES]
    if trails.near(book, price):
        trails.catch_up(book)
        collect_trailing(book, price)
    collect_waiting(book, int64(3), ~price)
    collect_waiting(book, int64(2), price)
    sort(book.batch, top[BATCH])


@helper
def collect(book, order):
    """Put a stop into this round's batch."""
    withdraw(book, order, int64(TRIGGERED))
    book.batch[book.top[BATCH]] = order
    book.top[BATCH] += 1


@kernel
def collect_waiting(book, waiting, limit):
    """Collect the plain stops of a side that a price reaches."""
    while match.crosses(book, waiting, limit):
        collect(book, match.first(book, waiting))


@kernel
def collect_trailing(book, price):
    """Collect the trailing stops that a price reaches."""
    order = book.top[TRAILING]
    while order:
        this = book.orders[order]
        after = int64(this.next)
        if reached(int64(this.side), book.stops[int64(this.level) - 1].stop_price, price):
            collect(book, order)
        order = after


@kernel
def sort(numbers, count):
    """Sort the first ``count`` numbers in place: heapsort, for there may be many."""
    for start in range(count // 2 - 1, -1, -1):
        sift(numbers, start, count)
    for last in range(count - 1, 0, -1):
        numbers[0], numbers[last] = numbers[last], numbers[0]
        sift(numbers, int64(0), last)


@helper
def sift(numbers, root, count):
    """Let a number sink to its place in the heap."""
    while 2 * root + 1 < count:
        child = 2 * root + 1
        if child + 1 < count and numbers[child + 1] > numbers[child]:
            child += 1
        if numbers[child] <= numbers[root]:
            break
        numbers[root], numbers[child] = numbers[child], numbers[root]
        root = child


@part
def fire(book, order):
    """Submit what a triggered stop becomes."""
    stop = book.stops[row_of(book, order)]
    this = book.orders[order]
    market = stop.kind in (STOP_MARKET, TRAILING_STOP_MARKET)
    tif = int64(IOC) if market else int64(this.tif)
    child, _, _ = place.submit(
        book,
        place.Terms(
            int64(this.side),
            book.price[order],
            book.quantity[order],
            tif,
            int64(-1),
            int64(book.owner[order]),
            book.expiry[order],
            False,
        ),
    )
    stop.child = child


@kernel
def count_due(book):
    """How many pending stops the last trade price fires."""
    top = book.top
    price = top[LAST_PRICE]
    due = count_waiting(book, int64(3), ~price) + count_waiting(book, int64(2), price)
    if top[N_TRAILING]:
        trails.catch_up(book)
    order = top[TRAILING]
    while order:
        this = book.orders[order]
        due += int64(reached(int64(this.side), book.stops[int64(this.level) - 1].stop_price, price))
        order = int64(this.next)
    return due


@helper
def count_waiting(book, waiting, limit):
    """How many plain stops of a side a price reaches."""
    count = int64(0)
    slot = book.top[BEST + waiting]
    while slot and book.levels[slot].key >= limit:
        count += int64(book.levels[slot].count)
        slot = ladder.next_level(book, slot)
    return count
