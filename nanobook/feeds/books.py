"""The books of all symbols of a market-data feed, order by order."""

from __future__ import annotations

import hashlib
from operator import index

import numpy as np

from .. import checks, recording
from ..errors import FeedFault, InvalidValue, WrongType
from ..kernels.book import state as s
from ..kernels.feed import record, state
from ..recording import LevelRows
from ..snapshot import BookSnapshot, LevelSnapshot
from ..tape import BookLevels
from .feed_columns import columns_of
from .feed_faults import Faults
from .feed_state import FeedState

TICKS = 10_000


class FeedBooks(FeedState):
    """Exact books of every symbol of a feed, kept from its messages order by order.

    Memory is bounded by what rests at one time, however many messages there are. Any 64-bit references
    will do. Prices are in 1/10,000 dollar, as in ITCH and LOBSTER.

    Parameters
    ----------
    crossed_after : int
        Messages of a symbol for which its best bid may be at or above its best ask: crossed books are
        legal in a feed, for a while. Then a fault names the oldest order at a wrong price.
    max_faults : int, optional
        Raise after the messages given if there are more faults than this.

    Attributes
    ----------
    directory : dict
        Name of a symbol by its number, from the messages that were applied.
    messages : int
        Applied so far.

    Notes
    -----
    What is wrong with a message is counted in ``faults`` and the message left out: a reference that no
    order has, an add under one that rests, an order of nothing. More executed or cancelled than rests
    takes what rests. A replace under a reference that is in use takes the old order away.

    Examples
    --------
    >>> from nanobook import FeedBooks
    >>> books = FeedBooks()
    >>> executions = books.apply(
    ...     {
    ...         "kind": ["A", "A", "E"],
    ...         "side": ["B", "S", ""],
    ...         "reference": [1, 2, 1],
    ...         "quantity": [300, 100, 50],
    ...         "price": [378_100, 378_200, 0],
    ...     }
    ... )
    >>> books.book(0).depth(1)
    BookSnapshot(bids=1, asks=1)
    >>> books.book(0).best_bid(), executions["quantity"]
    (378100, array([50], dtype=uint32))
    """

    def __init__(self, *, crossed_after=25, max_faults=None):
        super().__init__(_count("crossed_after", crossed_after))
        self._max_faults = None if max_faults is None else _count("max_faults", max_faults)
        self.directory, self._learned = {}, {}

    @property
    def messages(self):
        """Messages applied so far."""
        return self._position

    def apply(self, messages):
        """Apply messages.

        Parameters
        ----------
        messages : ItchMessages, LobsterMessages, DataFrame, structured array or mapping of columns
            ``kind`` (letters of ITCH: A and F add, E and C execute, X reduces, D deletes, U replaces;
            others have no effect), ``reference``, and where used ``side`` (B or S), ``symbol`` (numbers
            from 0 to 65,535), ``link`` (new reference of a replace, match number of an execution),
            ``quantity``, ``price``.

        Returns
        -------
        structured array of ``kernels.feed.state.EXECUTION``
            One row an execution: the message, the resting order, its side, the match number, the price
            (its own for C, else the order's), the lots.

        Raises
        ------
        FeedFault
            After all messages, if there are more faults than ``max_faults``.
        """
        executions, _ = self._run(columns_of(messages))
        self._learn(messages)
        return np.asarray(executions)

    def record(self, messages, levels, symbol=None):
        """Apply messages and record the best levels after each of a symbol, or of any.

        Returns
        -------
        executions : structured array
            As ``apply``.
        places : int64 array
            The messages after which levels were recorded.
        shown : BookLevels
            One row for each of them, of that message's symbol.
        """
        columns = columns_of(messages)
        number = record.ANY if symbol is None else self.number(symbol, getattr(messages, "directory", {}))
        wanted = columns.kind.size if symbol is None else int((columns.symbol == number).sum())
        rows = LevelRows(wanted, checks.as_levels(levels))
        executions, places = self._run(columns, rows, number)
        self._learn(messages)
        return np.asarray(executions), places, BookLevels(rows.columns())

    def _learn(self, messages):
        directory = getattr(messages, "directory", self._learned)
        if directory is not self._learned:  # parts of one stream share theirs until it grows
            self.directory = {**self.directory, **directory}
            self._learned = directory
        if self._max_faults is not None and self.faults.total > self._max_faults:
            raise FeedFault(f"more than {self._max_faults} faults (max_faults): {self.faults}")

    @property
    def faults(self):
        """What was wrong with the feed so far."""
        return Faults(self._books, self.directory)

    def number(self, symbol, directory=None):
        """Return the number of a symbol, given as its name or number."""
        if not isinstance(symbol, str):
            try:
                number = index(symbol)
            except TypeError:
                raise WrongType(
                    f"symbol: {symbol!r} is a {type(symbol).__name__}; use a name or number"
                ) from None
            if not 0 <= number < state.MAX_SYMBOLS:
                raise InvalidValue(f"symbol: {number}; numbers are from 0 to {state.MAX_SYMBOLS - 1}")
            return number
        for number, name in {**self.directory, **(directory or {})}.items():
            if name == symbol:
                return number
        raise InvalidValue(f"symbol: {symbol!r} is not in the directory of {len(self.directory)} symbols")

    def symbols(self):
        """Numbers of the symbols that have orders, in their sequence."""
        sides = self._books.top[s.KEY :].reshape(-1, s.BLOCK)[:, s.LIVE - s.KEY : s.LIVE - s.KEY + s.SIDES]
        return np.flatnonzero(sides.reshape(-1, state.SIDES_EACH).any(axis=1)).tolist()

    def book(self, symbol):
        """Book of a symbol, given as its name or number: a view that stays up to date."""
        number = self.number(symbol)
        self._reserve_symbols(number + 1)
        return FeedBook(self, number)

    def to_frame(self):
        """Return a DataFrame with one row a symbol that has orders: the touch and what rests."""
        import pandas as pd

        numbers = self.symbols()
        rows = [self.book(number).summary() for number in numbers]
        frame = pd.DataFrame(rows, index=pd.Index(numbers, name="symbol"))
        names = [self.directory.get(number, "") for number in numbers]
        frame.insert(0, "name", np.array(names, object))
        return frame.astype({"bid": "Int64", "ask": "Int64"}) if numbers else frame

    def digest(self):
        """SHA-256 of all orders of all books in their sequence: equal books have equal digests."""
        digest = hashlib.sha256()
        for number in self.symbols():
            for code in (0, 1):
                slots, prices = self._queue(number, code)
                orders = self._books.orders[slots]
                digest.update(np.array([number, code, slots.size], np.int64).tobytes())
                for column in (prices, orders["reference"], orders["left"].astype(np.int64)):
                    digest.update(np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()

    def __len__(self):
        """Orders that rest in all books."""
        return int(self._books.counts[state.ORDERS])

    @property
    def nbytes(self):
        """Bytes of all buffers."""
        return sum(array.nbytes for array in self._books)

    def __repr__(self):
        told = f", faults={self.faults.total}" if self.faults.total else ""
        return f"FeedBooks(messages={self.messages}, symbols={len(self.symbols())}, orders={len(self)}{told})"


class FeedLevel(LevelSnapshot):
    """One price level: price in 1/10,000, lots, number of orders."""

    __slots__ = ()

    @property
    def price_float(self):
        """Price in dollars."""
        return self.price / TICKS

    def __repr__(self):
        return f"Level(price=${self.price_float:.4f}, qty={self.quantity}, orders={self.order_count})"


class FeedBook:
    """One symbol's book: a view of ``FeedBooks``."""

    def __init__(self, books, symbol):
        self._of, self.symbol = books, symbol

    def best_bid(self):
        """Highest bid in 1/10,000, None without bids."""
        return next((level.price for level in self.depth(1).bids), None)

    def best_ask(self):
        """Lowest ask in 1/10,000, None without asks."""
        return next((level.price for level in self.depth(1).asks), None)

    def depth(self, levels=10):
        """Return the best levels as a ``BookSnapshot``, prices in 1/10,000; its time counts messages."""
        books = self._of._books
        rows = LevelRows(0, min(checks.as_levels(levels), int(books.top[s.LEVELS_USED])))
        record.snapshot(books, rows.recorder, self.symbol)
        sides = ([FeedLevel(*level) for level in side] for side in recording.parts(rows))
        return BookSnapshot(*sides, timestamp=self._of.messages)

    def orders(self, side):
        """Orders of a side, best price first, then oldest.

        Returns
        -------
        dict of arrays
            ``reference`` (uint64), ``price`` (int64, 1/10,000), ``left`` (uint32).
        """
        slots, prices = self._of._queue(self.symbol, checks.as_side(side))
        orders = self._of._books.orders
        return {"reference": orders["reference"][slots], "price": prices, "left": orders["left"][slots]}

    def is_crossed(self):
        """Whether the best bid is at or above the best ask."""
        bid, ask = self.best_bid(), self.best_ask()
        return bid is not None and ask is not None and bid >= ask

    def summary(self):
        """Touch and totals as a dict."""
        shot, side = self.depth(1), self.symbol // 2 * s.BLOCK + self.symbol % 2 * state.SIDES_EACH
        bid, ask = (levels[0] if levels else (None, 0, 0) for levels in (shot.bids, shot.asks))
        live = self._of._books.top[s.LIVE + side : s.LIVE + side + 2].tolist()
        lots = self._of._books.top[s.LOTS + side : s.LOTS + side + 2].tolist()
        return {
            "bid": bid[0],
            "bid_quantity": bid[1],
            "ask": ask[0],
            "ask_quantity": ask[1],
            "bid_orders": live[0],
            "ask_orders": live[1],
            "bid_lots": lots[0],
            "ask_lots": lots[1],
        }

    def __repr__(self):
        bid, ask = (None if price is None else price / TICKS for price in (self.best_bid(), self.best_ask()))
        return f"FeedBook({self._of.directory.get(self.symbol, self.symbol)!r}, bid={bid}, ask={ask})"


def _count(name, value):
    try:
        number = index(value)
    except TypeError:
        raise WrongType(f"{name}: {value!r} is a {type(value).__name__}; use a whole number") from None
    if number < 0:
        raise InvalidValue(f"{name}: {number} is negative; use 0 or more")
    return number
