"""What each message of a feed does to the books."""

from numpy import int64, uint64

from ..._jit import helper, index, kernel
from ..book import ladder, queue
from ..book.state import LOTS
from . import ahead, references, watch
from .sides import is_off_grid, key_of, price_of, side_of, symbol_of
from .state import (
    ADD,
    ADD_ATTRIBUTED,
    ANONYMOUS,
    BUY,
    DELETE,
    DUPLICATE_REFERENCE,
    EXCESS_QUANTITY,
    EXECUTE,
    EXECUTE_AT_PRICE,
    FREE_SLOT,
    N_EXECUTIONS,
    N_SLOTS,
    NO_QUANTITY,
    NO_SIDE,
    OFF_GRID,
    OPEN_CROSSES,
    ORDERS,
    POSITION,
    REDUCE,
    REPLACE,
    SELL,
    UNKNOWN_REFERENCE,
)

DEEP = 100_000  # resting orders from which on looking deeper pays
STRETCH = 4096  # messages between two looks at how much room there is
ANONYMOUS_BIT = 2**63


@kernel
def run(books, messages, executions, start):
    """Apply the messages from ``start`` on.

    Parameters
    ----------
    messages : Messages
        Every ``symbol`` of an add has its rows in ``books``.
    executions : recarray of EXECUTION
        Written from row ``counts[N_EXECUTIONS]`` on.

    Returns
    -------
    int64
        The message at which a buffer was full, or whose price is off the grid of its symbol, named in
        ``counts[OFF_GRID]``: nothing of it is done, so the caller mends that and starts there. The
        number of messages if all are done.
    """
    m = start
    books.counts[OFF_GRID] = 0
    while m < messages.kind.size:
        stop = min(messages.kind.size, m + min(room(books, executions), STRETCH))
        if m == stop:
            return m
        deep = books.counts[ORDERS] > DEEP
        while m < stop:
            if m + ahead.FURTHEST < messages.kind.size:
                if deep:
                    ahead.look_deeper(books, messages, m)
                else:
                    ahead.look(books, messages, m)
            if not step(books, messages, executions, m):
                return m
            m += 1
    return m


@helper
def room(books, executions):
    """How many messages surely fit, whatever they are."""
    slots = books.orders.size - 1 - books.counts[ORDERS]
    rows = executions.size - books.counts[N_EXECUTIONS]
    return min(slots, rows, ladder.room(books), books.table.size // 2 - books.counts[ORDERS])


@helper
def step(books, messages, executions, m):
    """Apply message ``m``; False if its price is off the grid and nothing was done."""
    kind = int64(messages.kind[m])
    done = True
    if kind in (ADD, ADD_ATTRIBUTED):
        done = add(books, messages, m)
    elif kind == DELETE:
        delete(books, messages, executions, m)
    elif kind == REPLACE:
        done = replace(books, messages, m)
    elif kind in (EXECUTE, EXECUTE_AT_PRICE, REDUCE):
        reduce(books, messages, executions, m)
    if books.counts[OPEN_CROSSES] and done:
        watch.follow_cross(books, messages, m)
    return done


@helper
def add(books, messages, m):
    """Rest a new order."""
    symbol = int64(messages.symbol[m])
    letter = messages.side[m]
    if letter != BUY and letter != SELL:
        watch.note(books, messages, m, int64(NO_SIDE))
        return True
    if is_off_grid(books, symbol, int64(messages.price[m])):
        books.counts[OFF_GRID] = symbol + 1
        return False
    side = side_of(symbol) + int64(letter == SELL)
    rest(books, messages, m, symbol, side, messages.reference[m])
    return True


@helper
def rest(books, messages, m, symbol, side, reference):
    """Rest the order of message ``m`` under this reference, or note why not."""
    if messages.quantity[m] == 0:
        watch.note(books, messages, m, int64(NO_QUANTITY))
        return
    row = references.find(books, reference)
    if books.table[row]:
        watch.note(books, messages, m, int64(DUPLICATE_REFERENCE))
        return
    slot = new_slot(books)
    references.enter(books, row, reference, slot)
    order = books.orders[slot]
    order.side = side
    order.reference = reference
    order.left = messages.quantity[m]
    order.born = books.counts[POSITION] + m
    key = key_of(books, symbol, side, int64(messages.price[m]))
    queue.push(books, side, ladder.level_at(books, side, key), slot)
    if watch.is_crossing(books, side, key):
        watch.begin_cross(books, symbol)


@helper
def new_slot(books):
    """Take an order slot."""
    counts = books.counts
    counts[ORDERS] += 1
    slot = index(counts[FREE_SLOT])
    if slot:
        counts[FREE_SLOT] = int64(books.orders[slot].next)
        return slot
    slot = index(counts[N_SLOTS])
    counts[N_SLOTS] = slot + 1
    return slot


@helper
def delete(books, messages, executions, m):
    """Take the order that message ``m`` names off its book."""
    row = references.find(books, messages.reference[m])
    if books.table[row]:
        remove(books, row)
    else:
        row = unknown(books, messages, m)
        if row >= 0:
            lessen(books, messages, executions, m, row)


@helper
def remove(books, row):
    """Take the order of a table row off its book and out of the table."""
    slot = references.slot_in(books.table[row])
    order = books.orders[slot]
    queue.remove(books, int64(order.side), slot)
    references.forget(books, row)
    order.next = books.counts[FREE_SLOT]
    books.counts[FREE_SLOT] = slot
    books.counts[ORDERS] -= 1


@helper
def replace(books, messages, m):
    """Replace an order by one of its side under a new reference, at the back of the queue.

    The old order goes also where the new one is refused: the exchange says that it is gone.
    """
    row = references.find(books, messages.reference[m])
    entry = books.table[row]
    if not entry:
        watch.note(books, messages, m, int64(UNKNOWN_REFERENCE))
        return True
    side = int64(books.orders[references.slot_in(entry)].side)
    symbol = symbol_of(side)
    if is_off_grid(books, symbol, int64(messages.price[m])):
        books.counts[OFF_GRID] = symbol + 1
        return False
    remove(books, row)
    rest(books, messages, m, symbol, side, messages.link[m])
    return True


@helper
def reduce(books, messages, executions, m):
    """Execute or cancel a part of an order."""
    row = references.find(books, messages.reference[m])
    if not books.table[row]:
        row = unknown(books, messages, m)
    if row >= 0:
        lessen(books, messages, executions, m, row)


@kernel
def unknown(books, messages, m):
    """Table row of the anonymous order that an unknown reference means; -1, and a fault, if none."""
    if books.counts[ANONYMOUS]:
        row = references.find(books, anonymous(messages.side[m], messages.price[m]))
        if books.table[row]:
            return row
    watch.note(books, messages, m, int64(UNKNOWN_REFERENCE))
    return int64(-1)


@helper
def anonymous(letter, price):
    """Reference of the order that stands for all unknown ones of a price and side."""
    return uint64(ANONYMOUS_BIT) | uint64(letter) << uint64(32) | uint64(price)


@helper
def lessen(books, messages, executions, m, row):
    """Take lots off the order of a table row; it goes when nothing is left."""
    slot = references.slot_in(books.table[row])
    order = books.orders[slot]
    left = int64(order.left)
    quantity = int64(messages.quantity[m])
    if quantity == 0:
        watch.note(books, messages, m, int64(NO_QUANTITY))
        return
    if quantity > left:
        watch.note(books, messages, m, int64(EXCESS_QUANTITY))
        quantity = left
    kind = int64(messages.kind[m])
    if kind in (EXECUTE, EXECUTE_AT_PRICE):
        report(books, messages, executions, m, slot, quantity)
    if quantity == left:
        remove(books, row)
    else:
        side = int64(order.side)
        order.left = left - quantity
        books.levels[int64(order.level)].total -= quantity
        books.top[LOTS + side] -= quantity


@helper
def report(books, messages, executions, m, slot, quantity):
    """Write the execution of so many lots of an order."""
    row = books.counts[N_EXECUTIONS]
    books.counts[N_EXECUTIONS] = row + 1
    order = books.orders[slot]
    side = int64(order.side)
    price = price_of(books, side, books.levels[int64(order.level)].key)
    execution = executions[row]
    execution.message = books.counts[POSITION] + m
    execution.reference = order.reference
    execution.link = messages.link[m]
    execution.price = messages.price[m] if messages.kind[m] == EXECUTE_AT_PRICE else price
    execution.quantity = quantity
    execution.symbol = symbol_of(side)
    execution.side = side & 1
    execution.kind = messages.kind[m]
