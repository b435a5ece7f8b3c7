"""``Looking``: the questions one asks a book, none of which changes it."""

from __future__ import annotations

import hashlib

import numpy as np

from . import checks
from .buffers import Buffers
from .errors import NanobookError
from .kernels.book import depth, ids, stops, trails
from .kernels.book import state as s
from .pane import MOST_KEPT, Pane
from .results import Order, QueuePosition, StopOrder, Trades, dollars
from .snapshot import BookSnapshot
from .types import (
    CUT,
    GHOST,
    KIND_NAMES,
    OUTCOME_NAMES,
    SIDE_NAMES,
    STOP,
    TIF_NAMES,
    OrderStatus,
    Outcome,
    TimeInForce,
    TrailMethod,
)

CANCELLED = int(OrderStatus.CANCELLED)
FILLED = int(OrderStatus.FILLED)
PENDING = int(Outcome.PENDING)
MARKET_STOPS = ("stop_market", "trailing_stop_market")
BID, BID_KEY = s.BEST, s.KEY
ASK, ASK_KEY = s.BEST + 1, s.KEY + 1
UNKNOWN = GHOST | STOP
SEEN_SCALARS = (
    s.N_ORDERS,
    s.N_TRADES,
    s.FIRST_TRADE,
    s.LAST_PRICE,
    s.POLICY,
    s.TICK,
    s.LOT,
    s.CLOCK,
)


class Looking(Buffers):
    """The part of ``Exchange`` that answers questions."""

    __slots__ = ()

    @property
    def book(self):
        """The arrays themselves, for kernels: ``nanobook.kernels.book.state.Book``.

        They are replaced when they grow, so take them anew after every call.
        """
        self._shared, self._touch = True, None
        return self._book

    def _check_idle(self):
        if self._handle is None:
            raise self._busy()

    def _busy(self):
        return NanobookError("this book is in use by another thread: wait for its process() to return")

    def get_order(self, order_id):
        """Return an order as it is now; None if there is none of this id."""
        order_id = checks.as_order_id(order_id)
        book = self._book
        if not 0 < order_id <= self._top[s.N_ORDERS] or book.orders["marks"][order_id] & UNKNOWN:
            return None
        order = book.orders[order_id]
        quantity = int(book.quantity[order_id])
        # What rested and was cancelled has nothing remaining; what never rested keeps its rest.
        rests = TimeInForce(order.tif).can_rest()
        gone = order.marks & CUT or (order.level == 0 and rests)
        return Order(
            id=order_id,
            side=SIDE_NAMES[order.side],
            price=int(book.price[order_id]),
            original_quantity=quantity,
            remaining_quantity=0 if gone else int(order.left),
            filled_quantity=quantity - int(order.left),
            status=OUTCOME_NAMES[order.status].lower(),
            time_in_force=TIF_NAMES[order.tif],
            timestamp=order_id + int(book.trades_before[order_id]),
            client_id=int(order.client) if order.client >= 0 else None,
            owner=int(book.owner[order_id]) or None if self._rich else None,
        )

    def get_stop_order(self, order_id):
        """Return a stop as it is now; None if there is none of this id.

        Returns
        -------
        StopOrder or None
            A dict of id, side, stop_price (where trailing brought it), limit_price (None for a market
            order), quantity, status and timestamp.
        """
        order_id = checks.as_order_id(order_id)
        row = self._stop_row(order_id)
        return None if row is None else self._stop(row)

    def stops(self):
        """All stops that are pending, have fired or were cancelled, oldest first: a list of ``StopOrder``."""
        return [self._stop(row) for row in range(self._top[s.N_STOPS])]

    def _stop_row(self, order_id):
        rows = self._book.stops["order"][: self._top[s.N_STOPS]]
        row = int(np.searchsorted(rows, order_id))
        return row if row < len(rows) and rows[row] == order_id else None

    def _stop(self, row):
        self._check_idle()
        if self._top[s.N_TRAILING]:
            trails.catch_up(self._book)
        stop, book = self._book.stops[row], self._book
        order_id = int(stop.order)
        market = KIND_NAMES[stop.kind] in MARKET_STOPS
        values = {
            "id": order_id,
            "side": SIDE_NAMES[book.orders[order_id].side],
            "stop_price": int(stop.stop_price),
            "limit_price": None if market else int(book.price[order_id]),
            "quantity": int(book.quantity[order_id]),
            "status": OUTCOME_NAMES[stop.status].lower(),
            "timestamp": order_id + int(book.trades_before[order_id]),
        }
        return StopOrder(
            values,
            child_order_id=int(stop.child) or None,
            owner=int(book.owner[order_id]) or None,
            time_in_force="ioc" if market else TIF_NAMES[book.orders[order_id].tif],
            trail=TrailMethod(stop.method).name.lower() if stop.method else None,
            trail_value=float(stop.value) if stop.method else None,
            watermark=int(stop.watermark) if stop.seen else None,
        )

    def pending_stop_count(self):
        """Number of stops that wait."""
        return self._top[s.PENDING]

    @property
    def stops_due(self):
        """Stops that the last trade price has reached but that wait, for a cascade met its cap of 100 rounds.

        The next message that trades or fires a stop goes on with them, as ``resume_stops`` does.
        """
        self._check_idle()
        return int(stops.count_due(self._book)) if self._top[s.DUE] else 0

    @property
    def clock(self):
        """Time of the book in nanoseconds, as ``advance_clock`` set it."""
        return self._top[s.CLOCK]

    @property
    def tick_size(self):
        """Prices are multiples of it."""
        return self._top[s.TICK]

    @property
    def lot_size(self):
        """Quantities are multiples of it."""
        return self._top[s.LOT]

    def queue_position(self, order_id):
        """Orders and lots that trade before an order at its price; None if it does not rest.

        Returns
        -------
        QueuePosition or None
        """
        order_id = checks.as_order_id(order_id)
        self._check_idle()
        if not 0 < order_id <= self._top[s.N_ORDERS]:
            return None
        orders, lots = depth.ahead(self._book, order_id)
        return None if orders < 0 else QueuePosition(orders, lots)

    def order_of(self, client_id):
        """Return the latest order of a client id; None if there was none."""
        client_id = checks.as_order_id(client_id, "client_id")
        if client_id >= self._book.ids.size and self._top[s.ID_SHIFT] == 0:
            return None
        return self.get_order(int(ids.find(self._book, client_id)))

    def best_bid(self):
        """Highest bid in ticks, None without bids."""
        return self._top[BID_KEY] if self._top[BID] else None

    def best_ask(self):
        """Lowest ask in ticks, None without asks."""
        return ~self._top[ASK_KEY] if self._top[ASK] else None

    def best_bid_ask(self):
        """Best bid and best ask in ticks, each None where the side is empty."""
        touch = self._touch
        if touch is None:
            touch = self.best_bid(), self.best_ask()
            if not self._shared:  # others may change the arrays unseen
                self._touch = touch
        return touch

    def spread(self):
        """Best ask minus best bid in ticks, None if a side is empty."""
        bid, ask = self.best_bid_ask()
        return None if bid is None or ask is None else ask - bid

    def depth(self, levels=10):
        """Return the best ``levels`` levels of both sides as a ``BookSnapshot``."""
        pane = self._pane
        if pane is None or levels.__class__ is not int or levels != pane.levels:
            pane = self._new_pane(checks.as_levels(levels))
        return self._snapshot(pane)

    def full_book(self):
        """All levels of both sides as a ``BookSnapshot``."""
        return self._snapshot(self._new_pane(self._top[s.LEVELS_USED]))

    def _new_pane(self, levels):
        """Make a pane of so many levels, or of all there are, and keep it unless it is large."""
        if levels > MOST_KEPT:
            return Pane(min(levels, self._top[s.LEVELS_USED]))
        self._pane = Pane(levels)
        return self._pane

    def _snapshot(self, pane):
        self._check_idle()
        clock = self._show(self._handle, pane.handle)
        if clock < 0:
            pane.take_note()
        return tuple.__new__(BookSnapshot, (pane.bids[:], pane.asks[:], abs(clock)))

    def depth_columns(self, levels=10):
        """Return the best ``levels`` levels of both sides as one array: the light way to look at depth.

        Parameters
        ----------
        levels : int
            How many of each side, also where the book has fewer.

        Returns
        -------
        int64 array, shape (2, 3, levels)
            Bids and asks; of each price (ticks), quantity (lots) and orders; best first, 0 where there
            is no such level.

        Examples
        --------
        >>> from nanobook import Exchange
        >>> book = Exchange()
        >>> _ = book.submit_limit("buy", 10000, 300), book.submit_limit("sell", 10200, 100)
        >>> bids, asks = book.depth_columns(2)
        >>> price, quantity, orders = asks
        >>> price
        array([10200,     0])
        """
        pane = self._pane
        if pane is None or levels.__class__ is not int or levels != pane.levels:
            pane = Pane(checks.as_levels(levels))
            self._pane = pane if pane.levels <= MOST_KEPT else None
        self._check_idle()
        self._show(self._handle, pane.handle)
        return pane.columns.copy()

    def resting_orders(self, side=None):
        """Iterate over the resting orders, order by order: bids, then asks, each as they would trade.

        Parameters
        ----------
        side : str or Side, optional
            One side alone.

        Yields
        ------
        Order
        """
        for name in SIDE_NAMES if side is None else (side,):
            for order_id in self.queue(name)[0].tolist():
                yield self.get_order(order_id)

    def queue(self, side):
        """Resting orders of a side as two int64 arrays, ids and lots: best price first, then oldest."""
        code = checks.as_side(side)
        self._check_idle()
        order_ids = np.empty(self._top[s.LIVE + code], np.int64)
        lots = np.empty_like(order_ids)
        depth.walk(self._book, code, order_ids, lots)
        return order_ids, lots

    def trades(self):
        """All trades since the last ``clear_trades``, a sequence of ``Trade`` and columns."""
        return self._trades_from(self._top[s.FIRST_TRADE])

    def plot(self, levels=10, ax=None):
        """Draw the depth chart of the best ``levels`` levels; see ``BookSnapshot.plot``."""
        return self.depth(levels).plot(ax)

    def last_trade_price(self) -> int | None:
        """Price of the last trade in ticks, None before the first."""
        return self._top[s.LAST_PRICE] if self._top[s.N_TRADES] else None

    def _trades_from(self, first):
        forgotten, end = self._top[s.FIRST_TRADE], self._top[s.N_TRADES]
        rows = self._book.trades[first - forgotten : end - forgotten]
        return Trades(rows, self._book.orders["side"], first + 1)

    def digest(self):
        """SHA-256 of everything that can be seen of the book: equal books have equal digests."""
        self._check_idle()
        if self._top[s.N_TRAILING]:
            trails.catch_up(self._book)
        digest = hashlib.sha256()
        for part in self._visible():
            digest.update(part.tobytes())
        for side in SIDE_NAMES:
            for column in self.queue(side):
                digest.update(column.tobytes())
        return digest.hexdigest()

    def _visible(self):
        """Yield the arrays that tell what can be seen, but for the queues."""
        book, count = self._book, self._top[s.N_ORDERS] + 1
        yield book.top[list(SEEN_SCALARS)]
        for name in ("side", "status", "tif", "marks", "left", "client"):
            yield book.orders[name][:count]
        yield from (book.price[:count], book.quantity[:count], book.trades_before[:count])
        yield book.trades[: self._top[s.N_TRADES] - self._top[s.FIRST_TRADE]]
        # A book without stops, owners and times shows the same whether it could have had them or not.
        owner, expiry = (column[:count] for column in (book.owner, book.expiry))
        for column in (owner, expiry):
            yield column if column.any() else column[:0]
        for name in (
            "order",
            "child",
            "method",
            "status",
            "kind",
            "period",
            "stop_price",
            "watermark",
            "value",
        ):
            yield book.stops[name][: self._top[s.N_STOPS]]

    def __eq__(self, other):
        return self.digest() == other.digest() if isinstance(other, Looking) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    @property
    def nbytes(self):
        """Bytes of all buffers."""
        return sum(array.nbytes for array in self._book)

    def __repr__(self):
        bid, ask = (None if price is None else dollars(price) for price in self.best_bid_ask())
        return f"Exchange(bid={bid}, ask={ask}, trades={self._top[s.N_TRADES] - self._top[s.FIRST_TRADE]})"

    def _repr_html_(self):
        return f"<p><code>{self!r}</code></p>{self.depth(5)._repr_html_()}"
