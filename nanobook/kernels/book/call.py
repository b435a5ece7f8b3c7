"""The call: one message at a time, reached from Python through one integer.

Handing a tuple of arrays to a compiled function costs 2-3 us of unpacking. So the addresses and
lengths of a book's arrays stand in a small descriptor, its address is the one argument, and the
tuple is rebuilt inside. Every further integer taken costs 10 ns and every one returned 30, so one
comes back and the rest of a result is derived or read from ``Book.top``.
"""

from functools import cache

import numpy as np
from numpy import int64

from ..._jit import JIT, call_kernel, entry_point, helper, kernel, part, tuple_at
from ...types import INT64_MAX, INT64_MIN, MAX_QUANTITY, MessageKind, Outcome, TimeInForce
from . import depth, desk, ladder, orders, place, stops, tape
from .state import (
    DETAIL,
    DUE,
    FILLED,
    LOGGING,
    LOT,
    LOTS,
    N_EVENTS,
    ORDER_ID,
    PENDING,
    RESTING,
    RICH,
    TICK,
    new_book,
)

NO_ROOM = 1  # codes in ``top[DETAIL]`` when nothing was done
BAD_QUANTITY = 2
BAD_NOTIONAL = 3
BAD_TOTAL = 4
BAD_TICK = 5
BAD_LOT = 6
SAID = INT64_MIN  # what a call returns when all that is to say stands in ``top``
HALTED = -1  # a cascade waits for room: what ``apply`` returns, and a code in ``top[DETAIL]``
LIMIT = int(MessageKind.LIMIT)
CANCEL = int(MessageKind.CANCEL)
MODIFY = int(MessageKind.MODIFY)
MARKET = int(MessageKind.MARKET)
CANCELLED = int(Outcome.CANCELLED)
INVALID_QUANTITY = int(Outcome.INVALID_QUANTITY)
GTC = int(TimeInForce.GTC)
IOC = int(TimeInForce.IOC)
NO_CLIENT = -1


@helper
def submit(book, side, price, quantity, tif):
    """Check and submit a limit order.

    Returns
    -------
    int64
        The new id; its negative if it traded, with the lots filled in ``top[DETAIL]``; 0 if nothing
        was done, with the reason there.
    """
    fault = check_quantity(quantity)
    if not fault:
        fault = check_amounts(book, side, price, quantity, quantity if tif == GTC else int64(0))
    return enter(book, int64(LIMIT), side, price, quantity, tif, fault)


@helper
def submit_market(book, side, quantity):
    """Check and submit a market order; returns as ``submit``."""
    price = ladder.key_of(side, int64(INT64_MAX))
    return enter(book, int64(MARKET), side, price, quantity, int64(IOC), check_quantity(quantity))


@helper
def enter(book, kind, side, price, quantity, tif, fault):
    """Submit an order unless there is a fault or no room; returns as ``submit``."""
    order, left = int64(0), quantity
    if not fault and has_room(book):
        order, _, left = orders.submit(book, side, price, quantity, tif, int64(NO_CLIENT))
    if order == 0:
        book.top[DETAIL] = fault if fault else int64(NO_ROOM)
        return int64(0)
    log(book, kind, side, tif, price, quantity, int64(0))
    if left == quantity:
        return order
    book.top[DETAIL] = quantity - left
    return -order


@helper
def has_room(book):
    """Whether one more order and its event fit."""
    return orders.room(book) > 0 and book.top[N_EVENTS] < book.events.size


@helper
def log(book, kind, side, tif, price, quantity, order):
    """Write the event of a call whose message has no more than this."""
    if book.top[LOGGING]:
        write(book.events[book.top[N_EVENTS]], kind, side, tif, price, quantity, order)
        book.top[N_EVENTS] += 1


@helper
def write(event, kind, side, tif, price, quantity, order):
    """Write an event that has no more than this."""
    market = kind == MARKET
    event.kind = kind
    event.side = side
    event.tif = int64(0) if market else tif
    event.marks = 0
    event.owner = 0
    event.price = int64(0) if market else price
    event.quantity = quantity
    event.order_id = order
    event.stop_price = 0
    event.expiry = 0
    event.trail_value = 0.0
    event.period = 0
    event.trail = 0


@helper
def check_quantity(quantity):
    """Return 0 if an order may have this quantity, else a code."""
    return int64(BAD_QUANTITY) if quantity <= 0 or quantity > MAX_QUANTITY else int64(0)


@helper
def check_amounts(book, side, price, quantity, more):
    """Return 0 if an order may have this price, and its side so many lots more at rest; else a code."""
    if tape.overflows(price, quantity):
        return int64(BAD_NOTIONAL)
    return int64(BAD_TOTAL) if more > INT64_MAX - book.top[LOTS + side] else int64(0)


@helper
def cancel(book, order):
    """Cancel; returns the lots cancelled, the negative of the Outcome that refuses, or 0 as ``submit``."""
    if book.top[N_EVENTS] == book.events.size:
        book.top[DETAIL] = NO_ROOM
        return int64(0)
    log(book, int64(CANCEL), int64(0), int64(0), int64(0), int64(0), order)
    refused = orders.refusal(book, order)
    return -refused if refused else orders.cancel(book, order)


@helper
def modify(book, order, price, quantity):
    """Check and modify.

    Returns
    -------
    int64
        The new id; the negative of the Outcome that refuses; 0 as ``submit``.
    """
    refused = int64(INVALID_QUANTITY) if quantity == 0 else orders.refusal(book, order)
    fault = int64(0)
    if not refused:
        this = book.orders[order]
        fault = check_quantity(quantity)
        if not fault:
            fault = check_amounts(book, int64(this.side), price, quantity, quantity - this.left)
        if not fault and not orders.has_room_to_modify(book, order):
            fault = int64(NO_ROOM)
    if not fault and not has_room(book):
        fault = int64(NO_ROOM)
    if fault:
        book.top[DETAIL] = fault
        return int64(0)
    log(book, int64(MODIFY), int64(0), int64(0), price, quantity, order)
    if refused:
        return -refused
    new, _, _ = orders.modify(book, order, price, quantity)
    return new


# What Python enters looks first whether the book is rich. The plain functions above know nothing of it,
# so that whoever calls them from compiled code does not compile all that a rich book can do.


@part
def submit_any(book, side, price, quantity, tif):
    """``submit``; of a rich book also ``SAID``, and 0 with ``HALTED`` in ``top[DETAIL]``."""
    if book.top[RICH]:
        return submit_unowned(book, int64(LIMIT), side, price, quantity, tif)
    return submit(book, side, price, quantity, tif)


@part
def submit_market_any(book, side, quantity):
    """``submit_market``; returns as ``submit_any``."""
    if book.top[RICH]:
        return submit_unowned(book, int64(MARKET), side, int64(0), quantity, int64(IOC))
    return submit_market(book, side, quantity)


@helper
def cancel_any(book, order):
    """``cancel``, also of a pending stop."""
    if book.top[PENDING]:
        return cancel_rich(book, order)
    return cancel(book, order)


@part
def modify_any(book, order, price, quantity):
    """``modify``; returns also ``SAID`` and ``HALTED`` as ``submit_any``."""
    if book.top[RICH]:
        return modify_rich(book, order, price, quantity)
    return modify(book, order, price, quantity)


@part
def submit_unowned(book, kind, side, price, quantity, tif):
    """Submit to a rich book an order of nobody, without an end."""
    return submit_rich(book, kind, side, price, quantity, tif, int64(0), int64(0), int64(0))


@kernel
def submit_rich(book, kind, side, price, quantity, tif, owner, marks, expiry):
    """``submit`` or ``submit_market`` with everything an order may have."""
    rests = quantity if place.can_rest(tif) else int64(0)
    fault = check_rich(book, side, price, quantity, rests)
    if not fault and book.top[N_EVENTS] == book.events.size:
        fault = int64(NO_ROOM)
    if not fault:
        event = book.events[book.top[N_EVENTS]]
        write(event, kind, side, tif, price, quantity, int64(0))
        event.owner = owner
        event.marks = marks
        event.expiry = expiry
        fault = do(book, event)
    if fault:
        book.top[DETAIL] = fault
        return int64(0)
    return told(book, quantity, tif)


@part
def do(book, event):
    """Do the message of an event just written; 0, ``NO_ROOM`` or ``HALTED``."""
    if not desk.begin(book, event):
        return int64(NO_ROOM)
    book.top[N_EVENTS] += book.top[LOGGING]
    return int64(0) if desk.settled(book) else int64(HALTED)


@part
def told(book, quantity, tif):
    """What ``submit`` returns of a message whose cascade is over."""
    top = book.top
    filled = top[FILLED]
    rests = quantity - filled if place.can_rest(tif) else int64(0)
    if top[RESTING] != rests or top[DUE]:
        return int64(SAID)
    top[DETAIL] = filled
    return -top[ORDER_ID] if filled else top[ORDER_ID]


@kernel
def modify_rich(book, order, price, quantity):
    """``modify`` for a rich book; returns ``SAID`` if done."""
    fault = int64(0)
    if quantity and not orders.refusal(book, order):
        this = book.orders[order]
        fault = check_rich(book, int64(this.side), price, quantity, quantity - this.left)
    if not fault and book.top[N_EVENTS] == book.events.size:
        fault = int64(NO_ROOM)
    if not fault:
        event = book.events[book.top[N_EVENTS]]
        write(event, int64(MODIFY), int64(0), int64(0), price, quantity, order)
        fault = do(book, event)
    if fault:
        book.top[DETAIL] = fault
        return int64(0)
    return int64(SAID)


@kernel
def cancel_rich(book, order):
    """``cancel`` where stops are pending."""
    if book.top[N_EVENTS] == book.events.size or not desk.is_pending(book, order):
        return cancel(book, order)
    log(book, int64(CANCEL), int64(0), int64(0), int64(0), int64(0), order)
    lots = book.orders[order].left
    stops.withdraw(book, order, int64(CANCELLED))
    return lots


@helper
def check_rich(book, side, price, quantity, more):
    """Return 0 if an order may be so, and its side and the stops there so many lots more; else a code."""
    top = book.top
    fault = check_quantity(quantity)
    if not fault and more > INT64_MAX - top[LOTS + side] - top[LOTS + 3 - side]:
        fault = int64(BAD_TOTAL)
    if not fault and tape.overflows(price, quantity):
        fault = int64(BAD_NOTIONAL)
    if top[TICK] != 1 and price % top[TICK]:
        fault = int64(BAD_TICK)
    if top[LOT] != 1 and quantity % top[LOT]:
        fault = int64(BAD_LOT)
    return fault


@part
def apply(book, head, owner, price, quantity, order_id, stop_price, expiry, value, period):
    """Do a message of any kind, admitted; its event is written in any case.

    Parameters
    ----------
    head : int64
        Kind, side, time in force, flags and trail, a byte each.
    value : int64
        The bits of the trail value.

    Returns
    -------
    int64
        1 if done, with the result in ``top``; ``HALTED`` if its cascade waits for room, which ``resume``
        goes on with; 0 if nothing was done for want of room.
    """
    top = book.top
    if top[N_EVENTS] == book.events.size:
        return int64(0)
    event = book.events[top[N_EVENTS]]
    event.kind = head & 255
    event.side = (head >> 8) & 255
    event.tif = (head >> 16) & 255
    event.marks = (head >> 24) & 255
    event.owner = owner
    event.price = price
    event.quantity = quantity
    event.order_id = order_id
    event.stop_price = stop_price
    event.expiry = expiry
    event.trail_value = int64(value).view(np.float64)
    event.period = period
    event.trail = (head >> 32) & 255
    if not desk.begin(book, event):
        return int64(0)
    top[N_EVENTS] += top[LOGGING]
    return resume(book)


@part
def resume(book):
    """Go on with a cascade; returns as ``apply``."""
    if not desk.settled(book):
        return int64(HALTED)
    desk.finish(book)
    return int64(1)


book_at = tuple_at(new_book())
pane_at = tuple_at(depth.new_pane(0))


@call_kernel
def submit_at(address, side, price, quantity, tif):
    """``submit_any`` on the book of a descriptor."""
    return submit_any(book_at(address), side, price, quantity, tif)


@call_kernel
def submit_market_at(address, side, quantity):
    """``submit_market_any`` on the book of a descriptor."""
    return submit_market_any(book_at(address), side, quantity)


@call_kernel
def cancel_at(address, order):
    """``cancel_any`` on the book of a descriptor."""
    return cancel_any(book_at(address), order)


@call_kernel
def modify_at(address, order, price, quantity):
    """``modify_any`` on the book of a descriptor."""
    return modify_any(book_at(address), order, price, quantity)


@call_kernel
def submit_rich_at(address, kind, side, price, quantity, tif, owner, marks, expiry):
    """``submit_rich`` on the book of a descriptor."""
    return submit_rich(book_at(address), kind, side, price, quantity, tif, owner, marks, expiry)


@call_kernel
def apply_at(address, head, owner, price, quantity, order_id, stop_price, expiry, value, period):
    """``apply`` on the book of a descriptor."""
    return apply(book_at(address), head, owner, price, quantity, order_id, stop_price, expiry, value, period)


@call_kernel
def resume_at(address):
    """``resume`` on the book of a descriptor."""
    return resume(book_at(address))


@call_kernel
def show_at(address, pane_address):
    """``depth.show`` on the book and the pane of two descriptors."""
    return depth.show(book_at(address), pane_at(pane_address))


# Without compilation the plain functions take the book itself.


@cache
def submit_entry():
    """Entry point of ``submit``."""
    return entry_point(submit_at, 5) if JIT else submit_any


@cache
def submit_market_entry():
    """Entry point of ``submit_market``."""
    return entry_point(submit_market_at, 3) if JIT else submit_market_any


@cache
def cancel_entry():
    """Entry point of ``cancel``."""
    return entry_point(cancel_at, 2) if JIT else cancel_any


@cache
def modify_entry():
    """Entry point of ``modify``."""
    return entry_point(modify_at, 4) if JIT else modify_any


@cache
def submit_rich_entry():
    """Entry point of ``submit_rich``."""
    return entry_point(submit_rich_at, 9) if JIT else submit_rich


@cache
def apply_entry():
    """Entry point of ``apply``."""
    return entry_point(apply_at, 10) if JIT else apply


@cache
def resume_entry():
    """Entry point of ``resume``."""
    return entry_point(resume_at, 1) if JIT else resume


@cache
def show_entry():
    """Entry point of ``depth.show``."""
    return entry_point(show_at, 2) if JIT else depth.show
