"""The tape: a whole order flow in one call, columns in and columns out."""

from typing import NamedTuple

import numpy as np
from numpy import int64, uint64

from ..._jit import helper, index, kernel, part, prefetch
from ...types import GHOST, INT64_MAX, MAX_QUANTITY, MessageKind, Outcome, TimeInForce
from . import ids, ladder, orders, recording
from .state import LIVE, N_ORDERS

LIMIT = int(MessageKind.LIMIT)
CANCEL = int(MessageKind.CANCEL)
MODIFY = int(MessageKind.MODIFY)
MARKET = int(MessageKind.MARKET)
CANCELLED = int(Outcome.CANCELLED)
ORDER_NOT_FOUND = int(Outcome.ORDER_NOT_FOUND)
INVALID_QUANTITY = int(Outcome.INVALID_QUANTITY)
DUPLICATE_ORDER_ID = int(Outcome.DUPLICATE_ORDER_ID)
GTC = int(TimeInForce.GTC)
STRETCH = 4096  # messages between two looks at how much room there is and how much rests
DEEP = 10_000  # resting orders from which on looking deeper pays
SOON = 3  # messages ahead that are looked at deeper
NEAR = 8  # messages ahead whose order is asked for
FAR = 16  # messages ahead whose row among the client ids is asked for
IOC = int(TimeInForce.IOC)
FOK = int(TimeInForce.FOK)


class Flow(NamedTuple):
    """Messages as columns of equal length.

    Attributes
    ----------
    kind : uint8 array
        ``MessageKind``.
    side : uint8 array
        ``Side`` of a limit or market order; ignored otherwise.
    price : int64 array
        Of a limit order or a modify; ignored otherwise.
    quantity : int64 array
        Lots; ignored in a cancel.
    tif : uint8 array
        ``TimeInForce`` of a limit order; ignored otherwise.
    order_id : int64 array
        Whom to cancel or modify; with client ids also the name of a new order.
    """

    kind: np.ndarray
    side: np.ndarray
    price: np.ndarray
    quantity: np.ndarray
    tif: np.ndarray
    order_id: np.ndarray


@kernel
def run(book, flow, results, start, client_ids):
    """Apply the messages from ``start`` on.

    Parameters
    ----------
    results : recarray of RESULT, one row a message, written
    client_ids : bool
        Whether ``order_id`` holds the caller's ids or ours.

    Returns
    -------
    int64
        The message at which a buffer was full; nothing of it is done, so the caller grows the book
        and starts there. The number of messages if all are done.
    """
    m = start
    while m < flow.kind.size:
        stop = min(flow.kind.size, m + min(orders.room(book), STRETCH))
        if m == stop:
            return m
        deep = book.top[LIVE] + book.top[LIVE + 1] > DEEP
        while m < stop:
            if m + FAR < flow.kind.size:
                look_ahead(book, flow, m, client_ids)
                if deep:
                    look_deeper(book, flow, m + SOON, client_ids)
            if not step(book, flow, results[m], m, client_ids):
                return m
            m += 1
    return m


@kernel
def run_recording(book, flow, results, recorder, start, client_ids):
    """Apply the messages as ``run`` does and write the best levels after each.

    It also returns the message whose levels do not fit the rows of the recorder, which then are pending:
    the caller widens the rows and starts there. A loop of its own: the recording, even if not taken,
    would cost ``run`` 2 ns a message.
    """
    m = start
    if recorder.state[recording.PENDING]:
        m += recording.store(recorder, m)
    while m < flow.kind.size:
        stop = min(flow.kind.size, m + min(orders.room(book), STRETCH))
        if m == stop:
            return m
        while m < stop:
            if m + FAR < flow.kind.size:
                look_ahead(book, flow, m, client_ids)
            if not step(book, flow, results[m], m, client_ids):
                return m
            recording.update(book, recorder, int64(flow.kind[m]), int64(results[m].order_id))
            if not recording.store(recorder, m):
                return m
            m += 1
    return m


@helper
def look_ahead(book, flow, m, client_ids):
    """Ask for the cache lines of orders that messages soon after ``m`` name."""
    name = flow.order_id[m + NEAR]
    if client_ids:
        prefetch(book.ids, ids.home(book, flow.order_id[m + FAR]))
        name = int64(book.ids[ids.home(book, name)])
    prefetch(book.orders, name)


@part
def look_deeper(book, flow, m, client_ids):
    """Ask for what message ``m`` will touch beside its order: neighbours in the queue, and levels.

    Where little rests all of it is in the cache already and asking would cost 2 ns.
    """
    name = flow.order_id[m]
    if client_ids:
        name = int64(book.ids[ids.home(book, name)])
    order = book.orders[index(min(uint64(name), uint64(book.top[N_ORDERS])))]
    prefetch(book.orders, int64(order.prev))
    prefetch(book.orders, int64(order.next))
    prefetch(book.levels, int64(order.level))
    side = int64(flow.side[m]) & 1
    prefetch(book.levels, ladder.level_near(book, side, ladder.key_of(side, flow.price[m])))


@helper
def step(book, flow, row, m, client_ids):
    """Apply message ``m`` and write its row; False if a buffer is full and nothing was done."""
    kind = flow.kind[m]
    if kind == CANCEL:
        return cancel(book, flow.order_id[m], row, client_ids)
    if kind == MODIFY:
        return modify(book, flow, row, m, client_ids)
    return enter(book, flow, row, m, client_ids)


@part
def enter(book, flow, row, m, client_ids):
    """Submit the limit or market order of message ``m``; False if a buffer is full."""
    client = int64(-1)
    name = int64(0)
    if client_ids:
        client = flow.order_id[m]
        name = ids.place(book, client)
        if book.orders[int64(book.ids[name])].level:
            refuse(row, int64(0), int64(DUPLICATE_ORDER_ID))
            return True
    side = int64(flow.side[m])
    price = flow.price[m]
    quantity = flow.quantity[m]
    tif = int64(flow.tif[m])
    if flow.kind[m] == MARKET:
        price = ladder.key_of(side, int64(INT64_MAX))
        tif = int64(IOC)
    order, status, left = orders.submit(book, side, price, quantity, tif, client)
    resting = left if tif == GTC else int64(0)
    write(row, order, status, quantity - left, resting, left - resting)
    if client_ids and order and not book.orders[order].marks & GHOST:
        book.ids[name] = order
    return order != 0


@helper
def cancel(book, name, row, client_ids):
    """Cancel the named order; always done."""
    order = ids.order_of(book, name) if client_ids else name
    refused = orders.refusal(book, order)
    if refused:
        refuse(row, order, refused)
    else:
        order = index(order)
        write(row, order, int64(CANCELLED), int64(0), int64(0), orders.cancel(book, order))
    return True


@part
def modify(book, flow, row, m, client_ids):
    """Replace the order that message ``m`` names; False if a buffer is full."""
    if flow.quantity[m] == 0:
        refuse(row, int64(0), int64(INVALID_QUANTITY))
        return True
    name = flow.order_id[m]
    old = ids.order_of(book, name) if client_ids else name
    refused = orders.refusal(book, old)
    if refused:
        refuse(row, old, refused)
        return True
    old = index(old)
    if not orders.has_room_to_modify(book, old):
        return False
    quantity = flow.quantity[m]
    order, status, left = orders.modify(book, old, flow.price[m], quantity)
    write(row, order, status, quantity - left, left, book.orders[old].left)
    if client_ids:
        book.ids[ids.place(book, name)] = order
    return True


@helper
def refuse(row, order, outcome):
    """Write the row of a message that is refused, with the id that it named if there is such an order."""
    named = int64(0) if outcome == ORDER_NOT_FOUND else order
    write(row, named, outcome, int64(0), int64(0), int64(0))


@helper
def write(row, order, outcome, filled, resting, cancelled):
    """Write one row of results."""
    row.order_id = order
    row.outcome = outcome
    row.filled = filled
    row.resting = resting
    row.cancelled = cancelled


@kernel
def scan(flow, client_ids):
    """Look through a flow without branches before it reaches the book.

    Returns
    -------
    odd : int64
        Not 0 if a message might be one that ``faulty`` refuses.
    orders : int64
        Ids that the messages take at most.
    lots : int64
        Sum of the quantities; exact if not odd.
    last_id : int64
        Highest order id named.
    """
    odd = int64(0)
    count = int64(0)
    lots = int64(0)
    last_id = int64(0)
    for m in range(flow.kind.size):
        kind = int64(flow.kind[m])
        price = flow.price[m]
        quantity = flow.quantity[m]
        new = int64(kind == LIMIT) | int64(kind == MARKET)
        takes = int64(kind != CANCEL)
        priced = int64(kind == LIMIT) | int64(kind == MODIFY)
        named = int64(client_ids) | (1 - new)
        spelling = (new & int64(flow.side[m] > 1)) | (int64(kind == LIMIT) & int64(flow.tif[m] > FOK))
        amount = takes & (int64(quantity < new) | int64(quantity >= 2**31))
        far = priced & (int64(price <= -(2**31)) | int64(price >= 2**31))
        odd |= int64(kind > MARKET) | spelling | amount | far | (named & int64(flow.order_id[m] < 0))
        count += takes
        lots += quantity & -takes
        last_id = max(last_id, flow.order_id[m] & -named)
    return odd, count, lots, last_id


@kernel
def faulty(flow, client_ids):
    """Find the first message that may not reach the book; the number of messages if all may."""
    for m in range(flow.kind.size):
        kind = flow.kind[m]
        price = flow.price[m]
        quantity = flow.quantity[m]
        named = client_ids or kind in (CANCEL, MODIFY)
        new = kind in (LIMIT, MARKET)
        priced = kind in (LIMIT, MODIFY)
        if kind > MARKET or (new and flow.side[m] > 1) or (kind == LIMIT and flow.tif[m] > FOK):
            return m
        if kind != CANCEL and (quantity < (1 if new else 0) or quantity > MAX_QUANTITY):
            return m
        if named and flow.order_id[m] < 0:
            return m
        if priced and overflows(price, quantity):
            return m
    return flow.kind.size


@helper
def overflows(price, quantity):
    """Whether price times quantity leaves int64."""
    if -(2**31) < price < 2**31 and quantity < 2**32:
        return False
    if quantity <= 1:
        return False
    if price >= 0:
        return price > INT64_MAX // quantity
    return price < -((INT64_MAX - (quantity - 1)) // quantity + 1)  # 2**63 // quantity
