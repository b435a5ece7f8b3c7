"""What the books of a feed are: one tuple of arrays, made here and changed only by kernels."""

from typing import NamedTuple

import numpy as np

from ...types import INT64_MIN, LEVEL, NODE
from ..book import state as s

# Kinds of messages: the letters of NASDAQ ITCH. Whatever else there is has no effect on a book.
ADD = ord("A")
ADD_ATTRIBUTED = ord("F")
EXECUTE = ord("E")
EXECUTE_AT_PRICE = ord("C")
REDUCE = ord("X")
DELETE = ord("D")
REPLACE = ord("U")
BUY = ord("B")
SELL = ord("S")

# Faults of a feed, rows of ``Books.counts`` from FAULTS on.
UNKNOWN_REFERENCE = 0
DUPLICATE_REFERENCE = 1
EXCESS_QUANTITY = 2
NO_QUANTITY = 3
NO_SIDE = 4
CROSSED = 5
FAULT_KINDS = 6

# Rows of ``Books.counts``: scalars that change.
POSITION = 0  # of the first message of this batch in the whole feed
ORDERS = 1  # resting in all books
N_SLOTS = 2  # order slots ever used
FREE_SLOT = 3  # first of the freed order slots, chained through ``next``
SHIFT = 4  # a reference's first row of ``table`` is its hash shifted by this
N_EXECUTIONS = 5  # rows of executions written in this batch
OPEN_CROSSES = 6  # books that are crossed now
PATIENCE = 7  # messages for which a book may stay crossed before that is a fault
ANONYMOUS = 8  # whether an unknown reference may mean the anonymous order of its price and side
OFF_GRID = 9  # symbol whose price made ``run`` stop, plus 1; 0 if a buffer did
N_FAULTS = 10  # rows of ``faults`` written
RECORDED = 11  # rows of recorded levels written in this batch
FAULTS = 16
COUNTS = FAULTS + FAULT_KINDS

SIDES_EACH = 2  # sides of a symbol: two symbols share the four sides of a block
GRID = 100  # prices are 1/10,000: most lie on whole cents
MAX_SYMBOLS = 2**16
FAULTS_KEPT = 10
RING = 32  # messages, a power of two

ORDER = np.dtype(
    [
        ("prev", "u4"),
        ("next", "u4"),
        ("level", "u4"),
        ("side", "u4"),
        ("reference", "u8"),
        ("left", "u4"),
        ("born", "u4"),
    ]
)
"""One resting order: 32 bytes. ``born`` is the low half of the position of the message that made it."""

FAULT = np.dtype([("message", "i8"), ("reference", "u8"), ("symbol", "u2"), ("kind", "u1"), ("fault", "u1")])
"""What was wrong with one message."""

EXECUTION = np.dtype(
    [
        ("message", "i8"),
        ("reference", "u8"),
        ("link", "u8"),
        ("price", "u4"),
        ("quantity", "u4"),
        ("symbol", "u2"),
        ("side", "u1"),
        ("kind", "u1"),
    ]
)
"""One execution of a resting order: 36 bytes. ``side`` is the resting order's, ``Side``."""


class Messages(NamedTuple):
    """Messages of a feed as columns of equal length.

    Attributes
    ----------
    kind : uint8 array
        ``ADD``, ``ADD_ATTRIBUTED``, ``EXECUTE``, ``EXECUTE_AT_PRICE``, ``REDUCE``, ``DELETE``,
        ``REPLACE``: the letters of ITCH. Others are ignored.
    side : uint8 array
        ``BUY`` or ``SELL`` of an add: the letters B and S.
    symbol : uint16 array
        Number of the symbol: the locate code of ITCH.
    reference : uint64 array
        The order.
    link : uint64 array
        Reference of the order that replaces it; match number of an execution.
    quantity : uint32 array
        Of the new order; by how much an order becomes less.
    price : uint32 array
        In 1/10,000, of a new order and of an execution at a price.
    """

    kind: np.ndarray
    side: np.ndarray
    symbol: np.ndarray
    reference: np.ndarray
    link: np.ndarray
    quantity: np.ndarray
    price: np.ndarray


class Books(NamedTuple):
    """State of the books of all symbols.

    It has the fields of ``kernels.book.state.Book`` that ``ladder`` and ``queue`` touch, so that they
    serve both. Memory is bounded by what rests at one time: slots of orders, levels and nodes are used
    again. Slot 0 is a dummy.

    Attributes
    ----------
    top : int64 array
        Rows of ``kernels.book.state``: ladder scalars, then a block of four sides for two symbols.
    orders : recarray of ORDER
    levels, nodes, children, near
        As in ``Book``.
    table : uint64 array, length a power of two
        Open addressing: high half of the hash of a reference and its order slot; 0 where free.
    cents : uint8 array, shape (symbols,)
        1 while the symbol's keys count whole cents, 0 once they count 1/10,000.
    crossed : int64 array, shape (symbols,)
        Messages of the symbol since its book is crossed, 0 while it is not.
    counts : int64 array
        Scalars that change; rows named above.
    faults : recarray of FAULT
        The first faults.
    ring : uint32 array
        What ``ahead`` has found out for coming messages.
    """

    top: np.ndarray
    orders: np.ndarray
    levels: np.ndarray
    nodes: np.ndarray
    children: np.ndarray
    near: np.ndarray
    table: np.ndarray
    cents: np.ndarray
    crossed: np.ndarray
    counts: np.ndarray
    faults: np.ndarray
    ring: np.ndarray


def new_books(symbols=1, orders=256, levels=256, nodes=64, near=s.NEAR, patience=25):
    """Allocate empty books with room for so many of each; ``near`` is a power of two."""
    table = table_size(orders)
    books = Books(
        top=new_top(symbols),
        orders=np.zeros(orders + 1, ORDER).view(np.recarray),
        levels=np.zeros(levels + 1, LEVEL).view(np.recarray),
        nodes=np.zeros(nodes + 1, NODE).view(np.recarray),
        children=np.zeros((nodes + 1) * 64, np.uint32),
        near=np.zeros(near, np.uint32),
        table=np.zeros(table, np.uint64),
        cents=np.ones(symbols, np.uint8),
        crossed=np.zeros(symbols, np.int64),
        counts=np.zeros(COUNTS, np.int64),
        faults=np.zeros(FAULTS_KEPT, FAULT).view(np.recarray),
        ring=np.zeros(8 * RING, np.uint32),
    )
    books.nodes[0].tag = s.FREE
    books.levels[0].key = INT64_MIN
    books.top[s.N_LEVELS] = books.top[s.N_NODES] = books.counts[N_SLOTS] = 1
    books.counts[SHIFT] = shift_of(table)
    books.counts[PATIENCE] = patience
    return books


def new_top(symbols):
    """Rows of ``top`` for so many symbols, whose books are empty."""
    blocks = -(-symbols * SIDES_EACH // s.SIDES)
    top = np.zeros(s.KEY + s.BLOCK * blocks, np.int64)
    top[s.KEY :].reshape(blocks, s.BLOCK)[:, : s.SIDES] = INT64_MIN
    return top


def table_size(orders):
    """Rows of ``table`` for so many orders: at most half of them are taken."""
    return 1 << max(4 * orders - 1, 7).bit_length()


def shift_of(table):
    """Shift that makes a 64-bit hash a row of a table of this size."""
    return 65 - table.bit_length()
