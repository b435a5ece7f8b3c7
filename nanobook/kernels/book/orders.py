"""What each message does to a book. The tape and the call both come through here."""

from numpy import int64

from ..._jit import helper, index
from ...types import GHOST, STOP, OrderStatus, Outcome, TimeInForce
from . import ladder, match, queue
from .state import LOTS, N_ORDERS, N_TRADES

NEW = int(OrderStatus.NEW)
PARTIALLY_FILLED = int(OrderStatus.PARTIALLY_FILLED)
FILLED = int(OrderStatus.FILLED)
CANCELLED = int(OrderStatus.CANCELLED)
GTC = int(TimeInForce.GTC)
FOK = int(TimeInForce.FOK)
UNKNOWN = GHOST | STOP  # flags of ids that name no order
ORDER_NOT_FOUND = int(Outcome.ORDER_NOT_FOUND)
ORDER_NOT_ACTIVE = int(Outcome.ORDER_NOT_ACTIVE)


@helper
def submit(book, side, price, quantity, tif, client):
    """Match an order and rest what may rest.

    A market order is an IOC order at the price that crosses everything.

    Returns
    -------
    order, status, left : int64
        The new id; an OrderStatus; the lots not filled, which rest if the order is GTC and are
        cancelled otherwise. Order 0: a buffer is full and nothing was done.
    """
    key = ladder.key_of(side, price)
    crossing = match.crosses(book, 1 - side, ~key)
    if crossing and not match.has_room(book, 1 - side):
        return int64(0), int64(0), quantity
    order = new_order(book, side, price, quantity, tif, client)
    this = book.orders[order]
    if tif == FOK and match.available(book, 1 - side, ~key, quantity) < quantity:
        this.marks = GHOST
        this.status = CANCELLED
        return order, int64(CANCELLED), quantity
    left = quantity
    if crossing:
        left = match.sweep(book, order, 1 - side, ~key, quantity)
        this.left = left
    if left == 0:
        status = FILLED
    elif left < quantity:
        status = PARTIALLY_FILLED
    elif tif == GTC:
        status = NEW
    else:
        status = CANCELLED
    this.status = status
    if left and tif == GTC:
        queue.push(book, side, ladder.level_at(book, side, key), order)
    return order, int64(status), left


@helper
def room(book):
    """How many more orders surely fit, whatever they are; trades are another matter."""
    ids = book.orders.size - 1 - book.top[N_ORDERS]
    return min(ids, ladder.room(book))


@helper
def new_order(book, side, price, quantity, tif, client):
    """Take the next id and write the order's columns."""
    top = book.top
    order = index(top[N_ORDERS] + 1)
    top[N_ORDERS] = order
    this = book.orders[order]
    this.level = 0
    this.side = side
    this.tif = tif
    this.marks = 0
    this.left = quantity
    this.client = client
    book.price[order] = price
    book.quantity[order] = quantity
    book.trades_before[order] = top[N_TRADES]
    return order


@helper
def refusal(book, order):
    """Why this id cannot be cancelled, an Outcome; 0 if it can."""
    if order <= 0 or order > book.top[N_ORDERS] or book.orders[order].marks & UNKNOWN:
        return int64(ORDER_NOT_FOUND)
    if book.orders[order].level == 0:
        return int64(ORDER_NOT_ACTIVE)
    return int64(0)


@helper
def cancel(book, order):
    """Take a resting order off the book; returns the lots cancelled."""
    this = book.orders[order]
    queue.remove(book, int64(this.side), order)
    this.status = CANCELLED
    return this.left


@helper
def reduce(book, order, lots):
    """Make a resting order smaller where it stands; more than ``lots`` are left of it."""
    this = book.orders[order]
    side = int64(this.side)
    this.left -= lots
    book.quantity[order] -= lots
    book.levels[int64(this.level)].total -= lots
    book.top[LOTS + side] -= lots


@helper
def modify(book, order, price, quantity):
    """Cancel a resting order and submit it anew at the back; returns as ``submit``.

    The caller knows from ``has_room_to_modify`` that the buffers take it.
    """
    this = book.orders[order]
    side = int64(this.side)
    client = this.client
    cancel(book, order)
    return submit(book, side, price, quantity, int64(GTC), client)


@helper
def has_room_to_modify(book, order):
    """Whether the buffers take the order that replaces a resting one, wherever it goes."""
    return match.has_room(book, 1 - int64(book.orders[order].side))
