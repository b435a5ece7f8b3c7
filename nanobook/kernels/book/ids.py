"""Client ids: an open-addressing table from the caller's name of an order to ours.

An id's place is ``(id * multiplier) >> shift`` in a table whose length is a power of two. With a
shift of 0 and a multiplier of 1 the table is a plain column, which is what ids that count upwards
get; ids from anywhere in int64 get Fibonacci hashing. The lookup is the same expression for both.
A name stays known when its order is dead; the next order of that name takes its place over.
"""

from numpy import int64, uint64

from ..._jit import helper, index, kernel
from ...types import GHOST
from .state import ID_MULTIPLIER, ID_SHIFT, N_ORDERS


@helper
def home(book, client):
    """First row of ``book.ids`` where this client id may be."""
    scrambled = uint64(client) * uint64(book.top[ID_MULTIPLIER])
    return int64(scrambled >> uint64(book.top[ID_SHIFT])) & (book.ids.size - 1)


@helper
def place(book, client):
    """Row of ``book.ids`` that holds this client id, or the free row where it belongs."""
    mask = book.ids.size - 1
    row = home(book, client)
    order = int64(book.ids[row])
    while order and book.orders[order].client != client:
        row = (row + 1) & mask
        order = int64(book.ids[row])
    return row


@helper
def order_of(book, client):
    """Latest order of this client id, 0 if there was none."""
    return int64(book.ids[place(book, client)])


@kernel
def find(book, client):
    """``order_of`` for Python."""
    return order_of(book, client)


@kernel
def fill_table(book):
    """Enter all orders that have a client id into an empty table, oldest first."""
    for order in range(1, book.top[N_ORDERS] + 1):
        client = book.orders[order].client
        if client >= 0 and not book.orders[order].marks & GHOST:
            book.ids[place(book, client)] = index(order)
