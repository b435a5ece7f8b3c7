"""Asks for the cache lines of coming messages, so that their way into the books need not wait.

What a message touches is found in steps, each of which reads what the step before asked for: the row of
a reference, its order, the order's neighbours and level; the leaf of a price, its level, the last order
there. They are guesses that change nothing: a stale one costs a wait, never a wrong answer. What a step
found is kept in ``Books.ring`` for the next.
"""

from numpy import int64

from ..._jit import helper, index, prefetch
from ..book import ladder
from . import references
from .sides import key_of, side_of
from .state import RING, SELL

FURTHEST = 24  # messages ahead, of each step
FAR = 16
NEAR = 9
SOON = 4
# Columns of the ring, of which each holds one kind of place. NumPy's integers: a plain one would compile
# `place` once for each of them.
ROW, DIGIT, SLOT, CHILD, LEVEL = map(int64, range(5))


@helper
def look(books, messages, m):
    """Ask for the orders that messages soon after ``m`` name: enough where the books are small."""
    prefetch(books.table, row_of(books, messages, m + FAR))
    prefetch(books.orders, references.slot_in(books.table[row_of(books, messages, m + NEAR)]))


@helper
def row_of(books, messages, m):
    """First row of the table where the reference of message ``m`` may be."""
    return references.home(books, references.scrambled(messages.reference[m]))


@helper
def look_deeper(books, messages, m):
    """Ask for all that messages soon after ``m`` touch."""
    find_rows(books, messages, m + FURTHEST)
    find_slots(books, messages, m + FAR)
    find_levels(books, m + NEAR)
    level = index(books.ring[place(m + SOON, LEVEL)])
    prefetch(books.orders, int64(books.levels[level].tail))


@helper
def place(m, column):
    """Where the ring keeps what was found for message ``m``."""
    return (m & (RING - 1)) * 8 + column


@helper
def find_rows(books, messages, m):
    """Ask for the row of a reference, for the touch and for the row of the leaf of a price."""
    prefetch(books.table, row_of(books, messages, m))
    symbol = int64(messages.symbol[m])
    if symbol >= books.cents.size:
        symbol = int64(0)
    side = side_of(symbol) + int64(messages.side[m] == SELL)
    key = key_of(books, symbol, side, int64(messages.price[m]))
    row = ladder.near_row(books, side, key)
    prefetch(books.near, row)
    books.ring[place(m, ROW)] = row
    books.ring[place(m, DIGIT)] = key & 63


@helper
def find_slots(books, messages, m):
    """Ask for the order of a reference and the leaf of a price."""
    slot = references.slot_in(books.table[row_of(books, messages, m)])
    prefetch(books.orders, slot)
    leaf = int64(books.near[index(books.ring[place(m, ROW)])])
    prefetch(books.nodes, leaf)
    child = leaf * 64 + int64(books.ring[place(m, DIGIT)])
    prefetch(books.children, child)
    books.ring[place(m, SLOT)] = slot
    books.ring[place(m, CHILD)] = child


@helper
def find_levels(books, m):
    """Ask for the neighbours and the level of an order and for the level of a price."""
    order = books.orders[index(books.ring[place(m, SLOT)])]
    prefetch(books.orders, int64(order.prev))
    prefetch(books.orders, int64(order.next))
    prefetch(books.levels, int64(order.level))
    level = int64(books.children[index(books.ring[place(m, CHILD)])])
    prefetch(books.levels, level)
    books.ring[place(m, LEVEL)] = level
