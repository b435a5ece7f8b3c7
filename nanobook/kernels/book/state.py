"""What a book is: one tuple of arrays, made here and changed only by kernels."""

from typing import NamedTuple

import numpy as np

from ...types import EVENT, INT64_MIN, LEVEL, NODE, ORDER, STOP_ORDER, TIMER, TRADE

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
DETAIL = 12  # why a call did nothing
ORDER_ID, OUTCOME, FILLED, RESTING, CANCELLED = range(13, 18)  # what became of the last message
DUE = 18  # stops that a cascade left behind at its cap, as last counted
RICH = 19  # whether orders have owners and times, and stops may be pending
LOGGING = 20  # whether calls write events
N_EVENTS = 21
POLICY = 22  # StpPolicy
TICK = 23
LOT = 24
CLOCK = 25
N_TIMERS = 26
N_STOPS = 27
PENDING = 28  # pending stops
TRAILING = 29  # first pending trailing stop, oldest first, chained through ``next``
LAST_TRAILING = 30
N_TRAILING = 31
N_CHANGES = 32  # price changes ever noted
SEEN = 33  # price noted last
HAS_SEEN = 34
N_ROUNDS = 35  # prices ever noted for trailing stops
CAUGHT_UP = 36  # of these the trailing stops know
EAGER = 37  # whether trailing stops must be moved at every price
ROUNDS_LEFT = 38  # of a cascade; 0 if none is under way
NOTED = 39  # whether this round's price is noted
BATCH = 40  # stops of this round
BATCH_DONE = 41  # of these already fired
BATCH_START = 42  # trades done before this round
CUT_LOTS = 43  # lots of the incoming order that prevention took
TIGHT = 44  # a price of each side at which no trailing stop fires yet; by Side
FIXED_OFFSET = 46  # smallest fixed offset of each side
RATIO = 48  # smallest percentage of each side, the bits of a float64
CUT_OFF = 50  # of these the last, if nothing was left after them
HIGHEST = 51  # best key that a trailing stop of each side may have seen
FRONTIER_PERIOD = 53  # period and length of the frontier that is laid out behind ``noted``
FRONTIER = 54
PERIOD = 56  # of each side the periods of mean changes, 0 from the first free slot on
MULTIPLE = 64  # and the smallest multiple of each, the bits of a float64
PERIODS = 4  # slots of each side

# Rows that come once a side: ``KEY + side`` and so on.
SIDES = 4  # bids, asks, sell stops, buy stops: what is even ranks like bids, what is odd like asks
KEY = 72  # key of the best level (INT64_MIN where the side is empty)
BEST = 76  # slot of the best level (0 where the side is empty)
ROOT = 80  # root node of the ladder (0 where the side is empty)
LIVE = 84  # orders at rest
LOTS = 88  # lots at rest
BLOCK = 20  # rows of all sides: further books in the same pool of levels have sides from BLOCK * n on

NEAR = 4096  # leaves found without a descent
FREE = 0xFFFFFFFF  # ``tag`` of an unused node
HISTORY = 65_536  # price changes kept: ``ROUNDS`` and the 10,000 before that count
ROUNDS = 32_768  # prices noted before trailing stops are moved at the latest


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
    events : recarray of EVENT, shape (event capacity,)
        Calls since the log was last closed; the row behind them is the message at work.
    owner : uint32 array, shape (order capacity,)
    expiry : int64 array, shape (order capacity,)
        Time at which an order ends, 0 if none. These and what follows have one row until the book
        is rich.
    timers : recarray of TIMER, shape (timer capacity,)
        A heap of the times that lie ahead, those of dead orders included.
    stops : recarray of STOP_ORDER, shape (stop capacity,)
    batch : int64 array, shape (stop capacity,)
        Stops that this round of a cascade fires, oldest first.
    changes : int64 array, shape (HISTORY,)
        Running sum of the absolute changes of the price, a ring.
    noted : int64 array, shape (6 * ROUNDS,)
        Prices noted for trailing stops, a ring; behind it what catching up needs.
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
    events: np.ndarray
    owner: np.ndarray
    expiry: np.ndarray
    timers: np.ndarray
    stops: np.ndarray
    batch: np.ndarray
    changes: np.ndarray
    noted: np.ndarray


def new_book(orders=1024, trades=256, levels=256, nodes=32, ids=2, events=64):
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
        events=np.zeros(events, EVENT).view(np.recarray),
        owner=np.zeros(1, np.uint32),
        expiry=np.zeros(1, np.int64),
        timers=np.zeros(1, TIMER).view(np.recarray),
        stops=np.zeros(1, STOP_ORDER).view(np.recarray),
        batch=np.zeros(1, np.int64),
        changes=np.zeros(1, np.int64),
        noted=np.zeros(1, np.int64),
    )
    book.nodes[0].tag = FREE
    book.levels[0].key = INT64_MIN
    book.top[KEY : KEY + SIDES] = INT64_MIN
    book.top[N_LEVELS] = book.top[N_NODES] = book.top[ID_MULTIPLIER] = 1
    book.top[TICK] = book.top[LOT] = book.top[LOGGING] = 1
    return book
