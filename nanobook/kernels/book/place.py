"""Submitting with everything an order may have: owner, end, post-only."""

from typing import NamedTuple

from numpy import int64

from ..._jit import helper, part
from ...types import BY_CLIENT_ID, CUT, GHOST, POST_ONLY, MessageKind, OrderStatus, TimeInForce
from . import ladder, match, orders, prevention, queue, timers
from .state import (
    CANCELLED,
    CLOCK,
    CUT_LOTS,
    CUT_OFF,
    FILLED,
    N_STOPS,
    N_TIMERS,
    ORDER_ID,
    OUTCOME,
    RESTING,
)

MARKET = int(MessageKind.MARKET)
IOC = int(TimeInForce.IOC)
FOK = int(TimeInForce.FOK)
DAY = int(TimeInForce.DAY)
DAY_LENGTH = 86_400_000_000_000  # nanoseconds; days begin where the clock is a multiple
IS_NEW = int(OrderStatus.NEW)
IS_PARTIALLY_FILLED = int(OrderStatus.PARTIALLY_FILLED)
IS_FILLED = int(OrderStatus.FILLED)
IS_CANCELLED = int(OrderStatus.CANCELLED)


class Terms(NamedTuple):
    """What an order is submitted with: integers, times and owner 0 where there is none, and a bool."""

    side: int
    price: int
    quantity: int
    tif: int
    client: int
    owner: int
    expiry: int
    post_only: bool


@helper
def can_rest(tif):
    """Whether an unfilled rest stays on the book."""
    return tif != IOC and tif != FOK


@helper
def has_room(book):
    """Whether the buffers take one more order, whatever it is and wherever it goes."""
    top = book.top
    room = orders.room(book) > 0 and match.has_room(book, int64(0)) and match.has_room(book, int64(1))
    return room and top[N_TIMERS] < book.timers.size and top[N_STOPS] < book.stops.size


@helper
def terms_of(book, event, price):
    """Terms of a message of ``types.EVENT`` at a price."""
    expiry = event.expiry
    if event.tif == DAY:
        expiry = (book.top[CLOCK] // DAY_LENGTH + 1) * DAY_LENGTH
    client = event.order_id if event.marks & BY_CLIENT_ID else int64(-1)
    return Terms(
        int64(event.side),
        price,
        event.quantity,
        int64(IOC) if event.kind == MARKET else int64(event.tif),
        client,
        int64(event.owner),
        expiry,
        event.marks & POST_ONLY != 0,
    )


@helper
def new_order(book, terms):
    """Take the next id and write all columns of the order."""
    order = orders.new_order(book, terms.side, terms.price, terms.quantity, terms.tif, terms.client)
    book.owner[order] = terms.owner
    book.expiry[order] = terms.expiry
    return order


@helper
def submit(book, terms):
    """Match an order and rest what may rest, as ``orders.submit`` and with its owner and end.

    The caller knows that there is room.

    Returns
    -------
    order, filled, resting : int64
        The new id, and its lots.
    """
    side = terms.side
    key = ladder.key_of(side, terms.price)
    crossing = match.crosses(book, 1 - side, ~key)
    order = new_order(book, terms)
    this = book.orders[order]
    if is_refused(book, terms, key, crossing):
        this.marks = GHOST
        this.status = IS_CANCELLED
        return order, int64(0), int64(0)
    book.top[CUT_LOTS] = 0
    book.top[CUT_OFF] = 0
    left = terms.quantity
    if crossing:
        left = sweep(book, order, side, key, terms)
    cut = book.top[CUT_LOTS]
    filled = terms.quantity - left - cut
    rests = left > 0 and can_rest(terms.tif)
    cut_off = book.top[CUT_OFF]
    book.quantity[order] -= cut - cut_off
    this.left = left + cut_off
    this.marks = CUT if cut_off else 0
    this.status = status_of(filled, left + cut_off, rests)
    if rests:
        queue.push(book, side, ladder.level_at(book, side, key), order)
        if terms.expiry:
            timers.push(book, terms.expiry, order)
    resting = left if rests else int64(0)
    return order, filled, resting


@part
def is_refused(book, terms, key, crossing):
    """Whether an order is refused at once: a FOK that cannot fill, a post-only order that would trade."""
    if terms.tif != FOK:
        return terms.post_only and crossing
    if prevention.applies(book, terms.owner):
        return not prevention.fills(book, terms.owner, 1 - terms.side, ~key, terms.quantity)
    return match.available(book, 1 - terms.side, ~key, terms.quantity) < terms.quantity


@helper
def sweep(book, order, side, key, terms):
    """Trade with what crosses; returns the lots left."""
    if prevention.applies(book, terms.owner):
        return prevention.sweep(book, order, 1 - side, ~key, terms.quantity)
    return match.sweep(book, order, 1 - side, ~key, terms.quantity)


@helper
def status_of(filled, left, rests):
    """Status of an order after its submission."""
    if left == 0:
        return IS_FILLED
    if filled:
        return IS_PARTIALLY_FILLED
    return IS_NEW if rests else IS_CANCELLED


@helper
def say(book, order, outcome, filled, resting, cancelled):
    """Write down what became of a message."""
    top = book.top
    top[ORDER_ID] = order
    top[OUTCOME] = outcome
    top[FILLED] = filled
    top[RESTING] = resting
    top[CANCELLED] = cancelled
