"""What a book is: one tuple of arrays, made here and changed only by kernels."""

from typing import NamedTuple

import numpy as np

from ...types import INT64_MIN, LEVEL, NODE, ORDER, TRADE

# Rows of ``Book.top``: scalars that change.
N_ORDERS = 0  # ids given
N_TRADES = 1  # trades done
FIRST_TRADE = 2  # trades forgotten by ``clear_trades``: row 0 of ``trades`` is this one's successor
LAST_PRICE = 3  # price of the last trade
N_LEVELS = 4  # level slots ever used
FREE_LEVEL = 5  # first of the freed level slots, chained through ``head``
LEVELS_USED = 6  # level slots in use, those of empty levels included
N_NODES = 7  # node slots ever used
FREE_NODE = 8  # first of the freed nodes, chained through ``place``
NODES_USED = 9
ID_MULTIPLIER = 10  # a client id's place in ``ids`` is (id * multiplier) >> shift
ID_SHIFT = 11
RICH = 19  # whether orders have owners and times, and stops may be pending
DETAIL = 12  # what a call has to say beside the integer it returns

# Rows that come once a side: ``KEY + side`` and so on.
SIDES = 4  # bids, asks, sell stops, buy stops: what is even ranks like bids, what is odd like asks
KEY = 32  # key of the best level (INT64_MIN where the side is empty)
BEST = 36  # slot of the best level (0 where the side is empty)
ROOT = 40  # root node of the ladder (0 where the side is empty)
LIVE = 44  # orders at rest
LOTS = 48  # lots at rest
BLOCK = 20  # rows of all sides: further books in the same pool of levels have sides from BLOCK * n on

NEAR = 4096  # leaves found without a descent
FREE = 0xFFFFFFFF  # ``tag`` of an unused node


class Book(NamedTuple):
    """State of one order book.

    Slot 0 of orders, levels and nodes is a dummy that stands for "none", so that unlinking needs no
    branches.

    Attributes
    ----------
    top : int64 array
        Scalars that change; rows named above, those of the sides behind the others.
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
    near : uint32 array, length a power of two
        Leaves by side and the low bits of their prefix: a cache, checked at every use.
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
        top=np.zeros(KEY + BLOCK, np.int64),
        orders=np.zeros(orders + 1, ORDER).view(np.recarray),
        price=np.zeros(orders + 1, np.int64),
        quantity=np.zeros(orders + 1, np.int64),
        trades_before=np.zeros(orders + 1, np.uint32),
        trades=np.zeros(trades, TRADE).view(np.recarray),
        levels=np.zeros(levels + 1, LEVEL).view(np.recarray),
        nodes=np.zeros(nodes + 1, NODE).view(np.recarray),
        children=np.zeros((nodes + 1) * 64, np.uint32),
        near=np.zeros(NEAR, np.uint32),
        ids=np.zeros(ids, np.uint32),
    )
    book.nodes[0].tag = FREE
    book.levels[0].key = INT64_MIN
    book.top[KEY : KEY + SIDES] = INT64_MIN
    book.top[N_LEVELS] = book.top[N_NODES] = book.top[ID_MULTIPLIER] = 1
    return book
