"""The desk: takes messages of every kind, where ``tape`` takes the four that any flow is made of.

A message is a row of ``types.EVENT``. What became of it stands in ``top`` (``ORDER_ID``, ``OUTCOME`` ...)
and, on a tape, in its row of results.
"""

from numpy import int64

from ..._jit import helper, index, kernel, part
from ...types import BY_CLIENT_ID, GHOST, INT64_MAX, STOP, MessageKind, Outcome, TimeInForce
from . import ids, ladder, orders, place, recording, stops, tape, timers
from .state import (
    BEST,
    CANCELLED,
    CLOCK,
    DUE,
    FILLED,
    LAST_PRICE,
    LOT,
    N_ORDERS,
    N_TIMERS,
    N_TRADES,
    ORDER_ID,
    OUTCOME,
    POLICY,
    RESTING,
    ROUNDS_LEFT,
    TICK,
    TRAILING,
)

LIMIT = int(MessageKind.LIMIT)
CANCEL = int(MessageKind.CANCEL)
MODIFY = int(MessageKind.MODIFY)
MARKET = int(MessageKind.MARKET)
STOP_MARKET = int(MessageKind.STOP_MARKET)
STOP_LIMIT = int(MessageKind.STOP_LIMIT)
TRAILING_STOP_LIMIT = int(MessageKind.TRAILING_STOP_LIMIT)
AMEND = int(MessageKind.AMEND)
CANCEL_ALL = int(MessageKind.CANCEL_ALL)
CLOCK_SET = int(MessageKind.CLOCK)
STP_POLICY = int(MessageKind.STP_POLICY)
INSTRUMENT = int(MessageKind.INSTRUMENT)
IOC = int(TimeInForce.IOC)
GTD = int(TimeInForce.GTD)
IS_CANCELLED = int(Outcome.CANCELLED)
IS_PENDING = int(Outcome.PENDING)
NOT_FOUND = int(Outcome.ORDER_NOT_FOUND)
INVALID_QUANTITY = int(Outcome.INVALID_QUANTITY)
DUPLICATE = int(Outcome.DUPLICATE_ORDER_ID)
DONE = int(Outcome.DONE)
BOTH = 2  # side of a mass cancel that means both


@kernel
def scan(messages):
    """Look through messages before they reach a book.

    Returns
    -------
    odd : int64
        Not 0 if amounts, times or sizes are among them that must be looked at one by one.
    lots : int64
        Sum of the quantities; exact if not odd.
    last_id : int64
        Highest of the caller's own ids, -1 if there is none.
    """
    odd = int64(0)
    lots = int64(0)
    last_id = int64(-1)
    for m in range(messages.size):
        event = messages[m]
        price = event.price
        far = int64(price <= -(2**31)) | int64(price >= 2**31) | int64(event.quantity >= 2**31)
        timed = int64(event.kind == CLOCK_SET) | int64(event.tif == GTD) | int64(event.kind == INSTRUMENT)
        odd |= far | timed
        lots += event.quantity
        if event.marks & BY_CLIENT_ID:
            last_id = max(last_id, event.order_id)
    return odd, lots, last_id


@kernel
def run(book, messages, results, start):
    """Apply the messages from ``start`` on.

    Parameters
    ----------
    messages : recarray of EVENT, admitted
    results : recarray of RESULT, one row a message, written

    Returns
    -------
    int64
        The message at which a buffer was full: the caller grows the book and starts there, whether the
        message was not begun or its cascade halted. The number of messages if all are done.
    """
    for m in range(start, messages.size):
        if not run_one(book, messages, results, m):
            return m
    return messages.size


@helper
def run_one(book, messages, results, m):
    """Apply one message and write its row; False where it must wait for room."""
    if not work(book, messages[m]):
        return False
    finish(book)
    top = book.top
    tape.write(results[m], index(top[ORDER_ID]), top[OUTCOME], top[FILLED], top[RESTING], top[CANCELLED])
    return True


@kernel
def run_recording(book, messages, results, recorder, start):
    """Apply the messages as ``run`` does and write the best levels after each; as ``tape.run_recording``."""
    m = start
    if recorder.state[recording.PENDING]:
        m += recording.store(recorder, m)
    while m < messages.size:
        if not run_one(book, messages, results, m):
            return m
        recording.update(book, recorder, int64(messages[m].kind), int64(results[m].order_id))
        if not recording.store(recorder, m):
            return m
        m += 1
    return m


@helper
def work(book, event):
    """Do a message and the cascade it sets off; False where it must wait for room, then call again."""
    if not book.top[ROUNDS_LEFT] and not begin(book, event):
        return False
    return settled(book)


@helper
def settled(book):
    """Whether no cascade is under way, after going on with one."""
    return book.top[ROUNDS_LEFT] == 0 or stops.settle(book)


@helper
def begin(book, event):
    """Do a message but for its cascade; False if a buffer is full and nothing was done."""
    if not place.has_room(book):
        return False
    if book.top[DUE]:
        book.top[DUE] = stops.count_due(book)
    before = book.top[N_TRADES]
    dispatch(book, event)
    if book.top[N_TRADES] != before:
        stops.price_counts(book)
    return True


@part
def dispatch(book, event):
    """Do what a message asks for."""
    kind = event.kind
    if kind in (LIMIT, MARKET):
        enter(book, event)
    elif kind == CANCEL:
        cancel(book, event)
    elif kind == MODIFY:
        modify(book, event)
    elif STOP_MARKET <= kind <= TRAILING_STOP_LIMIT:
        enter_stop(book, event)
    elif kind == AMEND:
        amend(book, event)
    else:
        manage(book, event)


@helper
def finish(book):
    """Say whether the stop that was submitted last has fired."""
    top = book.top
    if top[OUTCOME] == IS_PENDING:
        top[OUTCOME] = int64(book.orders[index(top[ORDER_ID])].status)


@helper
def refuse(book, order, outcome):
    """Say that a message is refused; names its order if there is one."""
    named = int64(0) if outcome == NOT_FOUND else order
    place.say(book, named, outcome, int64(0), int64(0), int64(0))


@helper
def named(book, event):
    """Our id of the order that a message names."""
    if event.marks & BY_CLIENT_ID:
        return ids.order_of(book, event.order_id)
    return event.order_id


@helper
def name_is_taken(book, event):
    """Whether a live order or stop has the caller's name of a new one; says so."""
    if event.marks & BY_CLIENT_ID:
        order = ids.order_of(book, event.order_id)
        if book.orders[order].level:
            refuse(book, int64(0), int64(DUPLICATE))
            return True
    return False


@helper
def remember_name(book, event, order):
    """Let the caller's name mean a new order."""
    if event.marks & BY_CLIENT_ID and not book.orders[order].marks & GHOST:
        book.ids[ids.place(book, event.order_id)] = order


@part
def enter(book, event):
    """Submit a limit or market order."""
    if name_is_taken(book, event):
        return
    price = event.price
    if event.kind == MARKET:
        price = ladder.key_of(int64(event.side), int64(INT64_MAX))
    order, filled, resting = place.submit(book, place.terms_of(book, event, price))
    remember_name(book, event, order)
    status = int64(book.orders[order].status)
    place.say(book, order, status, filled, resting, event.quantity - filled - resting)


@part
def enter_stop(book, event):
    """Submit a stop; a plain one that the last trade price has reached starts a cascade."""
    if name_is_taken(book, event):
        return
    order = stops.enter(book, event)
    remember_name(book, event, order)
    place.say(book, order, int64(IS_PENDING), int64(0), int64(0), int64(0))
    plain = event.kind in (STOP_MARKET, STOP_LIMIT)
    top = book.top
    if plain and top[N_TRADES] and stops.reached(int64(event.side), event.stop_price, top[LAST_PRICE]):
        stops.start(book)


@helper
def cancel(book, event):
    """Cancel an order or a pending stop."""
    order = named(book, event)
    refused = orders.refusal(book, order)
    if is_pending(book, order):
        lots = book.orders[order].left
        stops.withdraw(book, order, int64(IS_CANCELLED))
        place.say(book, order, int64(IS_CANCELLED), int64(0), int64(0), lots)
    elif refused:
        refuse(book, order, refused)
    else:
        place.say(book, order, int64(IS_CANCELLED), int64(0), int64(0), orders.cancel(book, order))


@helper
def is_pending(book, order):
    """Whether this is the id of a pending stop."""
    if order <= 0 or order > book.top[N_ORDERS]:
        return False
    return book.orders[order].marks & STOP != 0 and book.orders[order].status == IS_PENDING


@part
def modify(book, event):
    """Replace a resting order by one of the same side, time in force, owner and end."""
    old = named(book, event)
    refused = int64(INVALID_QUANTITY) if event.quantity == 0 else orders.refusal(book, old)
    if refused:
        refuse(book, old, refused)
        return
    this = book.orders[old]
    lots = orders.cancel(book, old)
    order, filled, resting = place.submit(
        book,
        place.Terms(
            int64(this.side),
            event.price,
            event.quantity,
            int64(this.tif),
            this.client,
            int64(book.owner[old]),
            book.expiry[old],
            False,
        ),
    )
    remember_name(book, event, order)
    place.say(book, order, int64(book.orders[order].status), filled, resting, lots)


@part
def amend(book, event):
    """Reduce what is left of a resting order to so many lots; it keeps its place."""
    order = named(book, event)
    refused = int64(INVALID_QUANTITY) if event.quantity == 0 else orders.refusal(book, order)
    if not refused and event.quantity >= book.orders[order].left:
        refused = int64(INVALID_QUANTITY)
    if refused:
        refuse(book, order, refused)
        return
    lots = book.orders[order].left - event.quantity
    orders.reduce(book, order, lots)
    place.say(book, order, int64(DONE), int64(0), event.quantity, lots)


@kernel
def manage(book, event):
    """Do a message that concerns the book or many orders; the count stands in ``top[CANCELLED]``."""
    top = book.top
    count = int64(0)
    if event.kind == CANCEL_ALL:
        count = cancel_all(book, int64(event.owner), int64(event.side))
    elif event.kind == CLOCK_SET:
        top[CLOCK] = event.expiry
        count = expire(book)
    elif event.kind == STP_POLICY:
        top[POLICY] = event.tif
    elif event.kind == INSTRUMENT:
        top[TICK], top[LOT] = event.price, event.quantity
    elif top[DUE]:
        stops.start(book)
    place.say(book, int64(0), int64(DONE), int64(0), int64(0), count)


@kernel
def expire(book):
    """Cancel what ends by now; returns how many."""
    count = int64(0)
    while book.top[N_TIMERS] and book.timers[0].time <= book.top[CLOCK]:
        order = timers.pop(book)
        count += end(book, order)
    return count


@helper
def end(book, order):
    """Cancel an order or stop if it is alive; returns how many."""
    if book.orders[order].level == 0:
        return int64(0)
    if book.orders[order].marks & STOP:
        stops.withdraw(book, order, int64(IS_CANCELLED))
    else:
        orders.cancel(book, order)
    return int64(1)


@kernel
def cancel_all(book, owner, side):
    """Cancel all orders and stops of an owner (0: of anyone) and a side (or ``BOTH``); returns how many."""
    count = int64(0)
    for resting in range(4):
        of_side = resting if resting < 2 else 3 - resting
        if side in (BOTH, of_side):
            count += cancel_ladder(book, owner, int64(resting))
    order = book.top[TRAILING]
    while order:
        after = int64(book.orders[order].next)
        if matches(book, order, owner, side):
            count += end(book, order)
        order = after
    return count


@part
def matches(book, order, owner, side):
    """Whether an order is of an owner and a side."""
    return (owner == 0 or book.owner[order] == owner) and (side == BOTH or book.orders[order].side == side)


@part
def cancel_ladder(book, owner, resting):
    """Cancel the orders of an owner on one side of the ladder; returns how many."""
    count = int64(0)
    slot = book.top[BEST + resting]
    while slot:
        behind = ladder.next_level(book, slot)
        order = int64(book.levels[slot].head)
        while order:
            after = int64(book.orders[order].next)
            if owner == 0 or book.owner[order] == owner:
                count += end(book, order)
            order = after
        slot = behind
    return count
