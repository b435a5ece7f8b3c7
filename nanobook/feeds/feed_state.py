"""The arrays behind ``FeedBooks``: messages go through the kernels, buffers grow where one was full."""

from __future__ import annotations

import numpy as np

from ..buffers import grown
from ..errors import CapacityError
from ..kernels.book import ladder
from ..kernels.book import state as s
from ..kernels.feed import apply, keep, record, state

MAX_ORDERS = 2**31  # resting at once: their lots, 32 bits each, then add up within int64
COLLECT_FROM = 2**16  # below so many levels a full ladder just grows


class FeedState:
    """A ``kernels.feed.state.Books`` tuple that makes room for what comes: the base of ``FeedBooks``."""

    def __init__(self, patience):
        self._books = state.new_books(patience=patience)
        self._position = 0

    def _run(self, messages, rows=None, symbol=record.ANY):
        """Apply messages; executions, and the messages whose levels were recorded in ``rows``."""
        count = messages.kind.size
        highest = int(messages.symbol.max()) if count else 0
        self._reserve_symbols(max(highest, symbol) + 1)
        executions = np.empty(count, state.EXECUTION).view(np.recarray)
        places = np.empty(count if rows else 0, np.int64)
        counts = self._books.counts
        counts[state.POSITION] = self._position
        counts[state.N_EXECUTIONS] = counts[state.RECORDED] = done = 0
        while done < count:
            if rows is None:
                done = apply.run(self._books, messages, executions, done)
            else:
                done = record.run_recording(
                    self._books, messages, executions, rows.recorder, places, done, symbol
                )
            if rows is not None and rows.is_waiting():
                rows.widen(int(counts[state.RECORDED]))
            elif done < count:
                self._make_room()
        self._position += count
        return executions[: counts[state.N_EXECUTIONS]].copy(), places[: counts[state.RECORDED]]

    def _make_room(self):
        """Mend what made a kernel stop: a price off the grid, or a full buffer."""
        books = self._books
        off_grid = int(books.counts[state.OFF_GRID])
        if off_grid:
            self._refine(off_grid - 1)
            return
        resting = int(books.counts[state.ORDERS])
        if resting >= books.orders.size - 1 or 2 * resting >= books.table.size:
            self._grow_orders()
        if ladder.room(books) <= 0:
            self._grow_ladder()

    def _grow_orders(self):
        books = self._books
        size = 2 * (books.orders.size - 1)
        if size > MAX_ORDERS:
            raise CapacityError(f"{size // 2} orders rest at once; books of a feed hold {MAX_ORDERS}")
        table = np.zeros(state.table_size(size), np.uint64)
        self._books = books._replace(orders=grown(books.orders, size + 1), table=table)
        books.counts[state.SHIFT] = state.shift_of(table.size)
        keep.refill_table(self._books, books.table)

    def _grow_ladder(self, more=1):
        """Make room for so many levels more: free what has no order, and grow if that is not half."""
        if self._books.levels.size > COLLECT_FROM:
            ladder.collect(self._books)
        books, top = self._books, self._books.top
        used, each = top[s.LEVELS_USED], ladder.NODES_PER_LEVEL
        levels = _doubled(books.levels.size, 2 * used, used + more)
        if levels > books.levels.size:
            books = books._replace(levels=grown(books.levels, levels))
        used = top[s.NODES_USED]
        nodes = _doubled(books.nodes.size, 2 * (used + each), used + each * more)
        if nodes > books.nodes.size:
            near = max(books.near.size, 1 << int(2 * nodes).bit_length())
            books = books._replace(
                nodes=grown(books.nodes, nodes),
                children=grown(books.children, 64 * nodes),
                near=books.near if near == books.near.size else np.zeros(near, np.uint32),
            )
        self._books = books

    def _refine(self, symbol):
        """Let the keys of a symbol count 1/10,000: its first price that is no whole cent has come."""
        resting = self._resting(symbol)
        slots = np.empty(resting, np.uint32)
        while not keep.refine(self._books, symbol, slots):
            self._grow_ladder(resting)

    def _reserve_symbols(self, symbols):
        """Have books for so many symbols."""
        books = self._books
        if symbols <= books.cents.size:
            return
        size = min(max(symbols, 2 * books.cents.size), state.MAX_SYMBOLS)
        top = state.new_top(size)
        top[: books.top.size] = books.top
        cents, crossed = np.ones(size, np.uint8), np.zeros(size, np.int64)
        cents[: books.cents.size], crossed[: books.crossed.size] = books.cents, books.crossed
        self._books = books._replace(top=top, cents=cents, crossed=crossed)

    def _resting(self, symbol):
        """Orders of a symbol."""
        side = int(_side(symbol))
        return int(self._books.top[s.LIVE + side : s.LIVE + side + 2].sum())

    def _queue(self, symbol, code):
        """Order slots and prices of one side of a symbol, best price first, then oldest."""
        books, side = self._books, int(_side(symbol)) + code
        slots = np.empty(int(books.top[s.LIVE + side]), np.uint32)
        keep.list_slots(books, side, slots)
        keys = books.levels["key"][books.orders["level"][slots]]
        unit = state.GRID if books.cents[symbol] else 1
        return slots, (~keys if code else keys) * unit


def _side(symbol):
    """Number of the bids of a symbol."""
    return symbol // 2 * s.BLOCK + symbol % 2 * state.SIDES_EACH


def _doubled(size, *needed):
    """Double a size until it is above all that is needed."""
    while size <= max(needed):
        size *= 2
    return size
