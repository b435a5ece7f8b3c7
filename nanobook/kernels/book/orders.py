"""What each message does to a book. The tape and the call both come through here."""

from numpy import int64

from ..._jit import helper, kernel
from ...types import INT64_MAX, OrderStatus, Outcome, TimeInForce
from . import ladder, match, queue
from .state import N_ORDERS, N_TRADES

NEW = int(OrderStatus.NEW)
PARTIALLY_FILLED = int(OrderStatus.PARTIALLY_FILLED)
FILLED = int(OrderStatus.FILLED)
CANCELLED = int(OrderStatus.CANCELLED)
GTC = int(TimeInForce.GTC)
IOC = int(TimeInForce.IOC)
FOK = int(TimeInForce.FOK)
ORDER_NOT_FOUND = int(Outcome.ORDER_NOT_FOUND)
ORDER_NOT_ACTIVE = int(Outcome.ORDER_NOT_ACTIVE)


@helper
def submit(book, side, price, quantity, tif, client):
    """Match an order and rest what may rest.

    Returns
    -------
    order, status, left : int64
        The new id; an OrderStatus; the lots not filled, which rest if the status is active and the
        order GTC, and are cancelled otherwise.
    """
    order = new_order(book, side, price, quantity, tif, client)
    this = book.orders[order]
    key = ladder.key_of(side, price)
    if tif == FOK and match.available(book, 1 - side, ~key, quantity) < quantity:
        this.ghost = 1
        this.status = CANCELLED
        return order, int64(CANCELLED), quantity
    left = quantity
    if match.crosses(book, 1 - side, ~key):
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
def submit_market(book, side, quantity, client):
    """Take what is there at any price; the rest is cancelled. Returns as ``submit``."""
    return submit(book, side, ladder.key_of(side, int64(INT64_MAX)), quantity, int64(IOC), client)


@helper
def new_order(book, side, price, quantity, tif, client):
    """Take the next id and write the order's columns."""
    top = book.top
    order = top[N_ORDERS] + 1
    top[N_ORDERS] = order
    this = book.orders[order]
    this.level = 0
    this.side = side
    this.tif = tif
    this.ghost = 0
    this.left = quantity
    this.client = client
    book.price[order] = price
    book.quantity[order] = quantity
    book.trades_before[order] = top[N_TRADES]
    return order


@helper
def refusal(book, order):
    """Why this id cannot be cancelled, 0 if it can."""
    if order <= 0 or order > book.top[N_ORDERS] or book.orders[order].ghost:
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
