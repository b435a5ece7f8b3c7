"""The arrays of one book: made, watched and grown here, so that no kernel ever has to."""

from __future__ import annotations

from array import array

import numpy as np

from ._jit import describe, handle_of
from .errors import CapacityError
from .kernels.book import ids, ladder, trails
from .kernels.book import state as s
from .kernels.book.state import Book
from .results import TradeLog
from .types import EVENT, STOP_ORDER, TIMER

MAX_ORDERS = 2**32 - 2
SPARE_TRADES = 1024
RICH_ROOM = 64
MOST_EVENTS = 2**16  # of one buffer of calls
DOUBLE_BELOW = 2**17  # orders; from there on buffers grow by half
COLLECT_FROM = 2**16  # below so many levels a full ladder just grows
SCATTER = 0x9E3779B97F4A7C15 - 2**64  # 2**64 over the golden ratio: Fibonacci hashing


class Buffers:
    """A ``Book`` tuple with what Python keeps beside it: the base of ``Exchange``."""

    __slots__ = (
        "_book",
        "_descriptor",
        "_handle",
        "_log",
        "_narrow",
        "_pane",
        "_rich",
        "_segments",
        "_shared",
        "_top",
        "_touch",
    )

    def __init__(self):
        self.__setstate__((*s.new_book(), []))

    def __getstate__(self):
        return *(np.array(column) for column in self._book), list(self._segments)

    def __setstate__(self, state):
        *columns, self._segments = state
        self._shared = False
        self._narrow = False
        self._pane = None
        self._handle = 0
        # Python reads an array.array twice as fast as a view of a NumPy array.
        self._top = array("q", columns[0].tobytes())
        rest = (column.view(np.recarray) if column.dtype.names else column for column in columns[1:])
        self._rich = bool(self._top[s.RICH])
        self._adopt(Book(np.frombuffer(self._top, np.int64), *rest))

    def _adopt(self, book):
        """Make this tuple of arrays the book: after it was made, and whenever it moved."""
        self._book = book
        self._touch = None
        self._descriptor = describe(book)
        if self._handle is not None:  # else ``apply`` is at work and holds it back
            self._handle = handle_of(self._descriptor)
        self._log = TradeLog(book.trades, book.trades_before, book.orders, int(book.top[s.FIRST_TRADE]))

    def _grow(self, **sizes):
        """Move columns to buffers of these sizes; meanwhile the book counts as in use."""
        held, self._handle = self._handle, None
        try:
            moved = {name: grown(getattr(self._book, name), size) for name, size in sizes.items()}
            self._adopt(self._book._replace(**moved))
        finally:
            if held is not None:  # else ``apply`` is at work and holds it back
                self._handle = handle_of(self._descriptor)

    def _make_room(self):
        """Grow whichever buffer is full."""
        top = self._book.top
        self._reserve_orders(1)
        self._reserve_trades(max(self._top[s.LIVE], self._top[s.LIVE + 1]))
        if self._top[s.N_EVENTS] == self._book.events.size:
            self._close_segment()
        if self._rich:
            self._make_rich_room()
        if self._book.levels.size > COLLECT_FROM:
            ladder.collect(self._book)
        levels, nodes = self._book.levels.size, self._book.nodes.size
        if 2 * top[s.LEVELS_USED] >= levels:
            self._grow(levels=2 * levels)
        if 2 * (top[s.NODES_USED] + ladder.NODES_PER_LEVEL) >= nodes:
            self._grow(nodes=2 * nodes, children=64 * 2 * nodes)

    def _close_segment(self):
        """Put the events of calls behind the log and give calls a new buffer, a larger one if it was full."""
        book, used = self._book, self._top[s.N_EVENTS]
        if not used:
            return
        full = used == book.events.size
        self._segments.append(np.asarray(book.events) if full else np.array(book.events[:used], EVENT))
        size = min(2 * used, MOST_EVENTS) if full else book.events.size
        book.top[s.N_EVENTS] = 0
        self._adopt(book._replace(events=np.empty(size, EVENT).view(np.recarray)))

    def _enrich(self):
        """Give the orders owners and times and the book stops; until then it pays for none of them."""
        if self._rich:
            return
        self._check_idle()
        size = self._book.orders.size
        self._note_trades()
        self._book.top[s.RICH] = self._rich = 1
        book = self._book._replace(
            owner=np.zeros(size, np.uint32),
            expiry=np.zeros(size, np.int64),
            timers=np.zeros(RICH_ROOM, TIMER).view(np.recarray),
            stops=np.zeros(RICH_ROOM, STOP_ORDER).view(np.recarray),
            batch=np.zeros(RICH_ROOM, np.int64),
            noted=np.zeros(6 * s.ROUNDS, np.int64),
        )
        self._adopt(book)

    def _make_rich_room(self):
        """Grow whichever buffer that only a rich book uses is full."""
        top, book = self._top, self._book
        if top[s.N_TIMERS] == book.timers.size:
            self._grow(timers=2 * book.timers.size)
        if top[s.N_STOPS] == book.stops.size:
            self._grow(stops=2 * book.stops.size, batch=2 * book.stops.size)

    def _note_trades(self):
        """Enter the price changes between the trades of a plain book into the ring that stops look at.

        Without stops each message that traded was one round, so the trades tell them all.
        """
        top, book = self._book.top, self._book
        if book.changes.size == 1:
            self._adopt(book._replace(changes=np.zeros(s.HISTORY, np.int64)))
            book = self._book
        trades = book.trades[: top[s.N_TRADES] - top[s.FIRST_TRADE]]
        if self._rich or not len(trades):
            return
        last = np.append(trades["aggressor"][1:] != trades["aggressor"][:-1], True)
        prices = trades["price"][last][-s.HISTORY :]
        trails.note_all(book, np.ascontiguousarray(prices))

    def _reserve_orders(self, orders):
        """Make room for so many orders more."""
        held = self._book.orders.size
        needed = self._top[s.N_ORDERS] + int(orders) + 1
        if needed <= held:
            return
        if needed > MAX_ORDERS:
            raise CapacityError(f"{needed} orders: a book has {MAX_ORDERS} ids; start a new one for the rest")
        factor = 2 if needed < DOUBLE_BELOW else 1.5
        size = max(needed, min(int(held * factor), MAX_ORDERS))
        rich = {"owner": size, "expiry": size} if self._rich else {}
        self._grow(orders=size, price=size, quantity=size, trades_before=size, **rich)

    def _reserve_trades(self, trades):
        """Make room for so many trades more."""
        held = self._book.trades.size
        needed = self._top[s.N_TRADES] - self._top[s.FIRST_TRADE] + trades
        if needed > held:
            self._grow(trades=max(needed, held * 3 // 2))

    def _fit_trades(self):
        """Give back what a flow's trades did not need of the room reserved for them."""
        used = self._top[s.N_TRADES] - self._top[s.FIRST_TRADE]
        if self._book.trades.size > 2 * used + SPARE_TRADES:
            self._grow(trades=used + SPARE_TRADES)

    def _reserve_ids(self, orders, last_id):
        """Make the table of client ids take so many names more, up to ``last_id``.

        While names count up from somewhere near 0 the table is a plain column; once they lie
        anywhere in int64 it is a hash table, at most half full.
        """
        book = self._book
        names = self._top[s.N_ORDERS] + int(orders)
        was_scattered = self._top[s.ID_SHIFT] != 0
        scattered = was_scattered or last_id >= 4 * names + 1024
        size = 1 << max(2 * names if scattered else last_id, 1).bit_length()
        if size <= book.ids.size and scattered == was_scattered:
            return
        size = max(size, book.ids.size)
        if scattered:
            book.top[s.ID_MULTIPLIER] = SCATTER
            book.top[s.ID_SHIFT] = 65 - size.bit_length()
        self._adopt(book._replace(ids=np.zeros(size, np.uint32)))
        ids.fill_table(self._book)


def grown(rows, size):
    """Copy of an array, of ``size`` rows; what lies beyond the old ones is undefined."""
    try:
        larger = np.empty(size, rows.dtype).view(type(rows))
    except MemoryError:
        raise CapacityError(
            f"{size} rows of {rows.dtype.itemsize} bytes do not fit into memory; use fewer orders"
        ) from None
    # As bytes: NumPy copies records field by field, six times slower.
    kept = min(larger.nbytes, rows.nbytes)
    larger.view(np.uint8)[:kept] = rows.view(np.uint8)[:kept]
    return larger
