"""``Exchange``: an order book as a Python object. It validates, calls kernels and dresses results."""

from __future__ import annotations

import hashlib

import numpy as np

from . import checks, recording
from .buffers import Buffers
from .checks import SIDES, TIFS
from .errors import NanobookError, NotionalOverflow
from .kernels.book import call, depth, ids, ladder, tape
from .kernels.book import state as s
from .recording import LevelRows
from .results import (
    CancelResults,
    ModifyResult,
    Order,
    SubmitResult,
    Trades,
    dollars,
)
from .snapshot import BookSnapshot, LevelSnapshot
from .tape import TapeResult, flow_of, raise_fault
from .types import (
    INT64_MAX,
    OUTCOME_NAMES,
    RESULT,
    SIDE_NAMES,
    TIF_NAMES,
    OrderStatus,
    TimeInForce,
)

GTC = int(TimeInForce.GTC)
IOC = int(TimeInForce.IOC)
CANCELLED = int(OrderStatus.CANCELLED)
DETAIL = s.DETAIL
BID, BID_KEY = s.BEST, s.KEY
ASK, ASK_KEY = s.BEST + 1, s.KEY + 1
CANCELS = CancelResults()


def on_first_use(name, entry):
    """Stand in for a compiled entry point until the first call needs it: who only runs tapes never waits."""

    def enter(*arguments):
        setattr(Exchange, name, staticmethod(entry()))
        return getattr(Exchange, name)(*arguments)

    return enter


class Exchange(Buffers):
    """A limit order book with price-time priority.

    Prices are integers of int64 (for money: cents), quantities integers from 1 to 2**62 lots. Ids
    and the logical clock count from 1. One book belongs to one thread at a time: a call while
    ``process`` runs in another thread raises.

    Examples
    --------
    >>> from nanobook import Exchange
    >>> book = Exchange()
    >>> book.submit_limit("sell", 10050, 100)
    SubmitResult(order_id=1, status='New', filled=0, resting=100, cancelled=0, trades=0)
    >>> book.submit_limit("buy", 10050, 30)
    SubmitResult(order_id=2, status='Filled', filled=30, resting=0, cancelled=0, trades=1)
    >>> book.best_bid_ask()
    (None, 10050)
    >>> book.cancel(1)
    CancelResult(success=True, cancelled_quantity=70)
    """

    __slots__ = ()

    _submit = staticmethod(on_first_use("_submit", call.submit_entry))
    _market = staticmethod(on_first_use("_market", call.submit_market_entry))
    _cancel = staticmethod(on_first_use("_cancel", call.cancel_entry))
    _modify = staticmethod(on_first_use("_modify", call.modify_entry))

    @property
    def book(self):
        """The arrays themselves, for kernels: ``nanobook.kernels.book.state.Book``.

        They are replaced when they grow, so take them anew after every call.
        """
        self._shared, self._touch = True, None
        return self._book

    # One order at a time

    def submit_limit(self, side, price, quantity, tif="gtc"):
        """Submit a limit order.

        Parameters
        ----------
        side : str or Side
            ``buy``, ``b``, ``sell`` or ``s``, in any case.
        price : int
            Ticks (cents), anywhere in int64.
        quantity : int
            Lots, 1 to 2**62; price times quantity must fit int64.
        tif : str or TimeInForce
            ``gtc`` rests what does not trade, ``ioc`` cancels it, ``fok`` trades all or nothing.

        Returns
        -------
        SubmitResult

        Raises
        ------
        InvalidSide, InvalidTimeInForce, InvalidPrice, InvalidQuantity, NotionalOverflow
            The book is unchanged.
        """
        try:
            side, tif = SIDES[side], TIFS[tif]
        except (KeyError, TypeError):
            side, tif = checks.as_side(side), checks.as_tif(tif)
        if price.__class__ is not int or quantity.__class__ is not int:
            price, quantity = checks.as_price(price), checks.as_quantity(quantity)
        try:
            order = self._submit(self._handle, side, price, quantity, tif)
        except (OverflowError, TypeError):
            raise self._unfit(price, quantity) from None
        if order == 0:
            self._mend(price, quantity)
            return self.submit_limit(SIDE_NAMES[side], price, quantity, TIF_NAMES[tif])
        self._touch = None
        result = SubmitResult()
        result._quantity = quantity
        result._tif = tif
        if order > 0:
            result._order_id = order
            result._filled = 0
        else:
            result._order_id = -order
            result._filled = self._top[DETAIL]
            result._log = self._log
        return result

    def submit_market(self, side, quantity):
        """Submit a market order: trade at any price, cancel what finds no counterpart.

        Parameters and errors as ``submit_limit``.
        """
        try:
            side = SIDES[side]
        except (KeyError, TypeError):
            side = checks.as_side(side)
        if quantity.__class__ is not int:
            quantity = checks.as_quantity(quantity)
        try:
            order = self._market(self._handle, side, quantity)
        except (OverflowError, TypeError):
            raise self._unfit(0, quantity) from None
        if order == 0:
            self._mend(0, quantity)
            return self.submit_market(SIDE_NAMES[side], quantity)
        self._touch = None
        result = SubmitResult()
        result._quantity = quantity
        result._tif = IOC
        result._order_id = abs(order)
        result._filled = self._top[DETAIL] if order < 0 else 0
        result._log = self._log
        return result

    def cancel(self, order_id):
        """Take a resting order off the book.

        Returns
        -------
        CancelResult
            With error ``OrderNotFound`` or ``OrderNotActive`` where there is nothing to cancel.

        Raises
        ------
        InvalidOrderId
            If ``order_id`` is no integer from 0.
        """
        if order_id.__class__ is not int:
            order_id = checks.as_order_id(order_id)
        try:
            lots = self._cancel(self._handle, order_id)
        except (OverflowError, TypeError):
            raise self._unfit_id(order_id) from None
        if lots < 0 and order_id < 0:
            checks.as_order_id(order_id)
        self._touch = None
        return CANCELS[lots]

    def modify(self, order_id, new_price, new_quantity):
        """Replace a resting order: cancel it and submit a new one of the same side.

        The new order has a new id, goes to the back of its queue and may trade. ``new_quantity`` is
        absolute, not net of earlier fills.

        Returns
        -------
        ModifyResult
            With error ``InvalidQuantity`` (for 0), ``OrderNotFound`` or ``OrderNotActive``.
        """
        order_id = checks.as_order_id(order_id)
        new_price = checks.as_price(new_price, "new_price")
        new_quantity = checks.as_quantity(new_quantity, "new_quantity", lowest=0)
        try:
            new = self._modify(self._handle, order_id, new_price, new_quantity)
        except TypeError:
            raise self._busy() from None
        if new < 0:
            return ModifyResult(False, order_id, None, 0, [], OUTCOME_NAMES[-new])
        if new == 0:
            self._mend(new_price, new_quantity)
            return self.modify(order_id, new_price, new_quantity)
        self._touch = None
        trades = self._log.of(new, new_quantity - int(self._book.orders["left"][new]))
        cancelled = int(self._book.orders["left"][order_id])
        return ModifyResult(True, order_id, new, cancelled, trades, None)

    def _mend(self, price, quantity):
        """Make room if a call met a full buffer, else raise why it was refused."""
        reason = self._top[DETAIL]
        if reason == call.NO_ROOM:
            self._make_room()
        elif reason == call.BAD_QUANTITY:
            checks.as_quantity(quantity)
        elif reason == call.BAD_NOTIONAL:
            raise NotionalOverflow(f"price {price} x quantity {quantity} is outside int64; lower one of them")
        else:
            raise NotionalOverflow(
                f"quantity {quantity}: with it more than {INT64_MAX} lots would rest on the side; "
                "cancel some first"
            )

    def _unfit(self, price, quantity):
        """Return the error for arguments that the compiled code did not take."""
        checks.as_price(price)
        checks.as_quantity(quantity)
        return self._busy()

    def _unfit_id(self, order_id):
        checks.as_order_id(order_id)
        return self._busy()

    def _check_idle(self):
        if self._handle is None:
            raise self._busy()

    def _busy(self):
        return NanobookError("this book is in use by another thread: wait for its process() to return")

    # Many orders at once

    def process(self, messages, *, client_ids=False, levels=0):
        """Apply a whole order flow in one compiled call.

        Parameters
        ----------
        messages : DataFrame, structured array or mapping of columns
            ``kind`` (``MessageKind`` or limit, cancel, modify, market), ``side`` (``Side`` or
            buy, sell), ``price`` in ticks, ``quantity`` in lots, ``tif`` (optional, gtc by
            default), ``order_id`` (whom to cancel or modify; optional if nobody).
        client_ids : bool
            Messages name orders by the caller's own ids, any int from 0, which may be used again
            once their order is dead; a new order takes its name from ``order_id``. Otherwise they
            are the book's ids.
        levels : int
            Record so many levels of both sides after every message.

        Returns
        -------
        TapeResult
            One row a message and all trades. Refusals (no such order, a name still in use, a
            modify to 0 lots) are rows too.

        Raises
        ------
        NanobookError
            Names the first row that may not reach a book; nothing is applied.

        Examples
        --------
        >>> from nanobook import Exchange
        >>> book = Exchange()
        >>> result = book.process(
        ...     {
        ...         "kind": ["limit", "limit", "cancel"],
        ...         "side": ["sell", "buy", "buy"],
        ...         "price": [10050, 10050, 0],
        ...         "quantity": [100, 30, 0],
        ...         "order_id": [0, 0, 1],
        ...     }
        ... )
        >>> result.to_frame()
           order_id     status  filled  resting  cancelled
        0         1        New       0      100          0
        1         2     Filled      30        0          0
        2         1  Cancelled       0        0         70
        """
        levels = checks.as_levels(levels)
        flow = flow_of(messages)
        self.admit(flow, client_ids)
        results = np.empty(flow.kind.size, RESULT).view(np.recarray)
        shown = LevelRows(flow.kind.size, levels) if levels else None
        first = self._top[s.N_TRADES]
        self.apply(flow, results, client_ids, shown)
        self._fit_trades()
        return TapeResult(results, self._trades_from(first), shown)

    def apply(self, flow, results, client_ids=False, levels=None):
        """Second half of ``process``: run an admitted flow into buffers that are given.

        Parameters
        ----------
        flow : kernels.book.tape.Flow
            As ``tape.flow_of`` makes it.
        results : recarray of ``types.RESULT``, one row a message, written
        levels : recording.LevelRows, optional, written
        """
        self._check_idle()
        self._handle = None
        done = 0
        try:
            while done < flow.kind.size:
                if levels is None:
                    done = tape.run(self._book, flow, results, done, bool(client_ids))
                else:
                    done = tape.run_recording(
                        self._book, flow, results, levels.recorder, done, bool(client_ids)
                    )
                if levels is not None and levels.is_waiting():
                    levels.widen(done)
                elif done < flow.kind.size:
                    self._make_room()
        finally:
            self._handle = call.handle_of(self._descriptor)
            self._touch = None

    def admit(self, flow, client_ids=False):
        """First half of ``process``: refuse a flow with a bad row, make room for orders and names.

        Parameters
        ----------
        flow : kernels.book.tape.Flow
        """
        client_ids = bool(client_ids)
        self._check_idle()
        odd, orders, lots, last_id = tape.scan(flow, client_ids)
        top = self._top
        if odd:
            row = tape.faulty(flow, client_ids)
            if row < flow.kind.size:
                raise_fault(flow, row, client_ids)
        if odd or int(lots) + max(top[s.LOTS], top[s.LOTS + 1]) > INT64_MAX:
            self._check_lots(flow)
        self._reserve_orders(orders)
        self._reserve_trades(flow.kind.size // 4)
        if client_ids:
            self._reserve_ids(orders, int(last_id))

    def _check_lots(self, flow):
        """Refuse a flow after which more lots might rest on a side than int64 holds."""
        if flow.quantity.sum(dtype=np.float64) + sum(self._top[s.LOTS : s.LOTS + 2]) < 2.0**62:
            return
        for side, name in enumerate(SIDE_NAMES):
            rests = (flow.kind == tape.LIMIT) & (flow.side == side) & (flow.tif == GTC)
            rests |= flow.kind == tape.MODIFY  # whose side is that of the order it names
            lots = sum(flow.quantity[rests].tolist()) + self._top[s.LOTS + side]
            if lots > INT64_MAX:
                raise NotionalOverflow(
                    f"quantity: up to {lots} lots would rest on the {name} side, more than {INT64_MAX}; "
                    "split the flow"
                )

    # Looking

    def get_order(self, order_id):
        """Return an order as it is now; None if there is none of this id."""
        order_id = checks.as_order_id(order_id)
        book = self._book
        if not 0 < order_id <= self._top[s.N_ORDERS] or book.orders["ghost"][order_id]:
            return None
        order = book.orders[order_id]
        quantity = int(book.quantity[order_id])
        # An order that was cancelled has nothing remaining; one that never rested keeps its rest.
        gone = order.status == CANCELLED and order.tif == GTC
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
        )

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
        return self._snapshot(checks.as_levels(levels))

    def full_book(self):
        """All levels of both sides as a ``BookSnapshot``."""
        return self._snapshot(self._top[s.LEVELS_USED])

    def _snapshot(self, levels):
        self._check_idle()
        sides = (
            [LevelSnapshot(*level) for level in side]
            for side in recording.shown(self._book, min(levels, self._top[s.LEVELS_USED]))
        )
        return BookSnapshot(*sides, timestamp=self._top[s.N_ORDERS] + self._top[s.N_TRADES])

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
        book, count = self._book, self._top[s.N_ORDERS] + 1
        digest = hashlib.sha256()
        counters = (s.N_ORDERS, s.N_TRADES, s.FIRST_TRADE, s.LAST_PRICE)
        digest.update(book.top[list(counters)].tobytes())
        for name in ("side", "status", "tif", "ghost", "left", "client"):
            digest.update(book.orders[name][:count].tobytes())
        for column in (book.price, book.quantity, book.trades_before):
            digest.update(column[:count].tobytes())
        digest.update(book.trades[: self._top[s.N_TRADES] - self._top[s.FIRST_TRADE]].tobytes())
        for side in SIDE_NAMES:
            for column in self.queue(side):
                digest.update(column.tobytes())
        return digest.hexdigest()

    @property
    def nbytes(self):
        """Bytes of all buffers."""
        return sum(array.nbytes for array in self._book)

    def __repr__(self):
        bid, ask = (None if price is None else dollars(price) for price in self.best_bid_ask())
        return f"Exchange(bid={bid}, ask={ask}, trades={self._top[s.N_TRADES] - self._top[s.FIRST_TRADE]})"

    def _repr_html_(self):
        return f"<p><code>{self!r}</code></p>{self.depth(5)._repr_html_()}"

    # Keeping house

    def clear_trades(self):
        """Forget all trades; ids, clock and last price stay. Results handed out keep theirs."""
        self._check_idle()
        self._book.top[s.FIRST_TRADE] = self._top[s.N_TRADES]
        self._adopt(self._book._replace(trades=s.new_book().trades))

    def clear_order_history(self):
        """Forget orders that are filled or cancelled, so that their ids are not found any more.

        Returns
        -------
        int
            How many were forgotten.
        """
        self._check_idle()
        orders = self._book.orders[1 : self._top[s.N_ORDERS] + 1]
        dead = (orders["level"] == 0) & (orders["ghost"] == 0)
        orders["ghost"][dead] = 1
        return int(dead.sum())

    def compact(self):
        """Free what levels that stayed empty hold; nothing that can be seen changes."""
        self._check_idle()
        ladder.collect(self._book)
