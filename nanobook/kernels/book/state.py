"""What a book is: one tuple of arrays, made here and changed only by kernels."""

from typing import NamedTuple

import numpy as np

from ...types import INT64_MIN, LEVEL, NODE, ORDER, TRADE

# Rows of ``Book.top``. The first four and LIVE come in pairs, indexed by side.
KEY = 0  # key of the best level (INT64_MIN where the side is empty)
BEST = 2  # slot of the best level (0 where the side is empty)
ROOT = 4  # root node of the ladder (0 where the side is empty)
LIVE = 6  # resting orders
LOTS = 8  # resting lots
N_ORDERS = 10  # ids given
N_TRADES = 11  # trades done
FIRST_TRADE = 12  # trades forgotten by ``clear_trades``: row 0 of ``trades`` is this one's successor
LAST_PRICE = 13  # price of the last trade
N_LEVELS = 14  # level slots ever used
FREE_LEVEL = 15  # first of the freed level slots, chained through ``head``
LEVELS_USED = 16  # level slots in use, those of empty levels included
N_NODES = 17  # node slots ever used
FREE_NODE = 18  # first of the freed nodes, chained through ``parent``
NODES_USED = 19
ID_MULTIPLIER = 20  # a client id's place in ``ids`` is (id * multiplier) >> shift
ID_SHIFT = 21
DETAIL = 22  # what a call has to say beside the integer it returns
N_TOP = 23


NEAR = 1024  # leaves per side found without a descent: 65,536 ticks round the touch
FREE = 0xFFFF  # ``tag`` of an unused node


class Book(NamedTuple):
    """State of one order book.

    Slot 0 of orders, levels and nodes is a dummy that stands for "none", so that unlinking needs no
    branches.

    Attributes
    ----------
    top : int64 array, shape (N_TOP,)
        Scalars that change; rows named above.
    orders : recarray of ORDER, shape (order capacity,)
        Row ``i`` is the order with id ``i``.
    price, quantity : int64 array, shape (order capacity,)
        As submitted; written once.
    trades_before : uint32 array, shape (order capacity,)
        Trades done when the order took its id. Id plus this is the order's timestamp.
    trades : recarray of TRADE, shape (trade capacity,)
    levels : recarray of LEVEL, shape (level capacity,)
    nodes : recarray of NODE, shape (node capacity,)
    children : uint32 array, shape (64 * node capacity,)
        64 a node: of a leaf the level slots of its 64 prices, of a fork its nodes.
    near : uint32 array, shape (2 * NEAR,)
        Leaves by the low bits of their prefix: a cache, checked at every use.
    ids : uint32 array, length a power of two
        Order ids by client id: an open-addressing table.
    """

    top: np.ndarray
    orders: np.ndarray
    price: np.ndarray
    quantity: np.ndarray
    trades_before: np.ndarray
    trades: np.ndarray
    levels: np.ndarray
    nodes: np.ndarray
    children: np.ndarray
    near: np.ndarray
    ids: np.ndarray


def new_book(orders=1024, trades=256, levels=256, nodes=32, ids=2):
    """Allocate an empty book with room for so many of each."""
    book = Book(
        top=np.zeros(N_TOP, np.int64),
        orders=np.zeros(orders + 1, ORDER).view(np.recarray),
        price=np.zeros(orders + 1, np.int64),
        quantity=np.zeros(orders + 1, np.int64),
        trades_before=np.zeros(orders + 1, np.uint32),
        trades=np.zeros(trades, TRADE).view(np.recarray),
        levels=np.zeros(levels + 1, LEVEL).view(np.recarray),
        nodes=np.zeros(nodes + 1, NODE).view(np.recarray),
        children=np.zeros((nodes + 1) * 64, np.uint32),
        near=np.zeros(2 * NEAR, np.uint32),
        ids=np.zeros(ids, np.uint32),
    )
    book.nodes[0].tag = FREE
    book.levels[0].key = INT64_MIN
    book.top[KEY] = book.top[KEY + 1] = INT64_MIN
    book.top[N_LEVELS] = book.top[N_NODES] = book.top[ID_MULTIPLIER] = 1
    return book
