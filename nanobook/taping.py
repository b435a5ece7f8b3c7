"""``Taping``: whole order flows in one compiled call, and the log of everything a book was asked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from . import checks
from ._jit import handle_of
from .errors import InvalidTimeInForce, InvalidValue, NotionalOverflow, ShapeError
from .events import Events
from .events.segments import TapeSegment
from .kernels.book import desk, tape
from .kernels.book import state as s
from .looking import Looking
from .recording import LevelRows
from .tape import TapeResult, flow_of, is_plain, raise_fault
from .types import (
    BY_CLIENT_ID,
    EVENT,
    INT64_MAX,
    INT64_MIN,
    KIND_NAMES,
    RESULT,
    SIDE_NAMES,
    MessageKind,
    TimeInForce,
)

GTD = int(TimeInForce.GTD)
STOPS = range(MessageKind.STOP_MARKET, MessageKind.TRAILING_STOP_LIMIT + 1)
PRICED = (MessageKind.LIMIT, MessageKind.MODIFY, MessageKind.STOP_LIMIT, MessageKind.TRAILING_STOP_LIMIT)
SIZED = (MessageKind.LIMIT, MessageKind.MARKET, MessageKind.MODIFY, MessageKind.AMEND, *STOPS)


class Taping(Looking):
    """The part of ``Exchange`` that takes many messages at once, and keeps the log."""

    __slots__ = ()

    def process(self, messages, *, client_ids=False, levels=0):
        """Apply a whole order flow in one compiled call.

        Parameters
        ----------
        messages : DataFrame, structured array, mapping of columns, or events
            ``kind`` (``MessageKind`` or limit, cancel, modify, market), ``side`` (``Side`` or
            buy, sell), ``price`` in ticks, ``quantity`` in lots, ``tif`` (optional, gtc by
            default), ``order_id`` (whom to cancel or modify; optional if nobody). Messages of other
            kinds and with owners or times are events: see ``Events.of``.
        client_ids : bool
            Messages name orders by the caller's own ids, any int from 0, which may be used again
            once their order is dead; a new order takes its name from ``order_id``. Otherwise they
            are the book's ids. Of events each says so for itself.
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
        flow = self.taken(messages, client_ids)
        self.admit(flow, client_ids)
        size = length(flow)
        results = np.empty(size, RESULT).view(np.recarray)
        shown = LevelRows(size, levels) if levels else None
        first = self._top[s.N_TRADES]
        self.run(flow, results, client_ids, shown)
        self._fit_trades()
        return TapeResult(results, self._trades_from(first), shown.columns() if shown else None)

    def taken(self, messages, client_ids=False):
        """Messages in the form that this book runs: a ``Flow``, or rows of EVENT if they or it are rich."""
        if not is_plain(messages):
            return rows_of_events(messages, client_ids)
        flow = flow_of(messages)
        return rows_of_flow(flow, client_ids) if self._rich else flow

    def run(self, flow, results, client_ids=False, levels=None):
        """Second half of ``process``: run an admitted flow into buffers that are given.

        Parameters
        ----------
        flow : kernels.book.tape.Flow, or recarray of EVENT
            As ``tape.flow_of`` makes it; the messages of a rich book are rows of EVENT.
        results : recarray of ``types.RESULT``, one row a message, written
        levels : recording.LevelRows, optional, written
        """
        self._check_idle()
        self._handle = None
        client_ids = bool(client_ids)
        done, size = 0, length(flow)
        try:
            while done < size:
                done = self._run_on(flow, results, levels, done, client_ids)
                if levels is not None and levels.is_waiting():
                    levels.widen(done)
                elif done < size:
                    self._make_room()
        finally:
            self._handle = handle_of(self._descriptor)
            self._touch = None
            if self._top[s.LOGGING]:
                self._log_flow(flow, done, client_ids)

    def _run_on(self, flow, results, levels, done, client_ids):
        if isinstance(flow, tape.Flow):
            if levels is None:
                return tape.run(self._book, flow, results, done, client_ids)
            return tape.run_recording(self._book, flow, results, levels.recorder, done, client_ids)
        if levels is None:
            return desk.run(self._book, flow, results, done)
        return desk.run_recording(self._book, flow, results, levels.recorder, done)

    def admit(self, flow, client_ids=False):
        """First half of ``process``: refuse a flow with a bad row, make room for orders and names.

        Parameters
        ----------
        flow : kernels.book.tape.Flow, or recarray of EVENT
        """
        self._check_idle()
        if isinstance(flow, tape.Flow):
            self._admit_plain(flow, bool(client_ids))
        else:
            self._admit_events(flow)

    def _admit_plain(self, flow, client_ids):
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
        self._narrow = not odd and last_id < 2**32
        if client_ids:
            self._reserve_ids(orders, int(last_id))

    def _check_lots(self, flow):
        """Refuse a flow after which more lots might rest on a side than int64 holds."""
        top = self._top
        waiting = top[s.LOTS + 3], top[s.LOTS + 2]
        if flow.quantity.sum(dtype=np.float64) + sum(top[s.LOTS : s.LOTS + 4]) < 2.0**62:
            return
        for side, name in enumerate(SIDE_NAMES):
            rests = (flow.side == side) & np.isin(flow.kind, (MessageKind.LIMIT, *STOPS))
            rests |= flow.kind == MessageKind.MODIFY  # whose side is that of the order it names
            lots = sum(flow.quantity[rests & ~np.isin(flow.tif, (1, 2))].tolist())
            lots += top[s.LOTS + side] + waiting[side]
            if lots > INT64_MAX:
                raise NotionalOverflow(
                    f"quantity: up to {lots} lots would rest on the {name} side, more than {INT64_MAX}; "
                    "split the flow"
                )

    def _admit_events(self, rows):
        """Refuse events that a book cannot take, and make room for what they add at least."""
        top = self._top
        odd, lots, last_id = desk.scan(rows)
        if odd or top[s.TICK] != 1 or top[s.LOT] != 1:
            check_notional(rows)
            check_grid(rows, top[s.TICK], top[s.LOT])
            check_times(rows, top[s.CLOCK])
        if odd or int(lots) + sum(top[s.LOTS : s.LOTS + s.SIDES]) > INT64_MAX:
            self._check_lots(rows)
        self._enrich()
        self._reserve_orders(len(rows))
        if last_id >= 0:
            self._reserve_ids(len(rows), int(last_id))

    # The log

    def _log_flow(self, flow, done, client_ids):
        """Keep what of a flow was applied."""
        self._close_segment()
        if isinstance(flow, tape.Flow):
            part = flow if done == flow.kind.size else tape.Flow(*(column[:done] for column in flow))
            self._segments.append(TapeSegment.of(part, client_ids, self._narrow))
        else:
            self._segments.append(flow[:done].view(EVENT, np.ndarray))

    def events(self):
        """Everything the book was asked since the start or ``clear_events``: an ``Events``.

        Orders that stops became, expiries and calls that raised are not in it. What ``clear_trades``,
        ``clear_order_history`` and ``compact`` forget, a replay brings back.

        Examples
        --------
        >>> from nanobook import Exchange
        >>> book = Exchange()
        >>> _ = book.submit_limit("buy", 100, 5), book.cancel(1)
        >>> book.events()[1]
        Cancel { order_id: OrderId(1) }
        >>> Exchange.replay(book.events()) == book
        True
        """
        self._check_idle()
        calls = np.array(self._book.events[: self._top[s.N_EVENTS]], EVENT)
        return Events([*self._segments, calls])

    def clear_events(self):
        """Forget the log; a replay of what comes later needs a copy of the book as it is now."""
        self._check_idle()
        self._close_segment()
        self._segments = []

    @property
    def log_events(self):
        """Whether the log is kept; may be set at any time."""
        return bool(self._top[s.LOGGING])

    @log_events.setter
    def log_events(self, kept):
        self._check_idle()
        self._book.top[s.LOGGING] = bool(kept)

    @classmethod
    def replay(cls, events):
        """Make a new book of a log.

        Parameters
        ----------
        events : Events, or sequence of Event
        """
        book = cls()
        book._apply_segments(Events.of(events))
        return book

    def apply(self, event):
        """Apply one event; returns its own trades."""
        return self.apply_all([event])

    def apply_all(self, events):
        """Apply events in turn.

        Parameters
        ----------
        events : Events, or sequence of Event

        Returns
        -------
        Trades
            All that traded, the orders that stops became included.

        Raises
        ------
        NanobookError
            Names the row that a book cannot take; nothing is applied.
        """
        first = self._top[s.N_TRADES]
        self._apply_segments(Events.of(events))
        return self._trades_from(first)

    def _apply_segments(self, events):
        flow, client_ids = events.rows().view(np.recarray), False
        if not self._rich and is_plain_log(flow):
            flow, client_ids = flow_of_rows(flow), bool(len(flow) and flow.marks[0])
        self.admit(flow, client_ids)
        results = np.empty(length(flow), RESULT).view(np.recarray)
        self.run(flow, results, client_ids)

    def save(self, path, format=None):
        """Save the log: JSON lines, or columns where the name ends in ``.npz``; see ``save_events``."""
        from .journal import save_events

        save_events(self.events(), path, format=format)

    @classmethod
    def load(cls, path, format=None):
        """Make a book of a saved log; see ``load_events``."""
        from .journal import load_events

        return cls.replay(load_events(path, format=format))


def length(flow):
    """Messages of a flow."""
    return flow.kind.size


def is_plain_log(rows):
    """Whether rows of EVENT are what a plain flow could have been, their ids all ours or all the caller's."""
    owned = (rows.owner != 0) | (rows.tif > TimeInForce.FOK) | (rows.kind > MessageKind.MARKET)
    return not owned.any() and np.unique(rows.marks).tolist() in ([], [0], [BY_CLIENT_ID])


def flow_of_rows(rows):
    """Rows of EVENT of the plain kinds as a flow."""
    return flow_of({name: rows[name] for name in tape.Flow._fields})


def rows_of_flow(flow, client_ids):
    """Rows of EVENT with the messages of a plain flow."""
    rows = np.zeros(flow.kind.size, EVENT).view(np.recarray)
    for name in flow._fields:
        rows[name] = getattr(flow, name)
    rows.marks = BY_CLIENT_ID * bool(client_ids)
    return Events.of(np.asarray(rows)).rows().view(np.recarray)


def rows_of_events(messages, client_ids):
    """Rows of EVENT from whatever holds messages of more than the plain kinds."""
    if isinstance(messages, Mapping):
        import pandas as pd

        messages = pd.DataFrame(messages)
    if isinstance(messages, np.recarray):
        messages = messages.view(EVENT, np.ndarray)
    rows = Events.of(messages).rows()
    check_columns(rows, getattr(messages, "columns", EVENT.names))
    if client_ids:
        rows = rows.copy()
        rows["marks"] |= BY_CLIENT_ID
        rows = Events.of(rows).rows()
    return rows.view(np.recarray)


def check_columns(rows, columns):
    """Refuse stops without the columns that say where they wait."""
    for name, kinds in (("stop_price", STOPS), ("trail", STOPS[2:]), ("trail_value", STOPS[2:])):
        rows_of_kind = np.flatnonzero(np.isin(rows["kind"], kinds))
        if name not in columns and len(rows_of_kind):
            row = rows_of_kind[0]
            kind = rows["kind"][row]
            raise ShapeError(
                f"row {row}: kind {KIND_NAMES[kind]} ({kind}) without a column {name} among "
                f"{', '.join(map(str, columns))}; give it"
            )


def check_notional(rows):
    """Refuse a price times quantity outside int64."""
    big = np.abs(rows.price.astype(np.float64)) * rows.quantity > 2.0**62
    for row in np.flatnonzero(big & np.isin(rows.kind, PRICED)).tolist():
        price, quantity = int(rows.price[row]), int(rows.quantity[row])
        if not INT64_MIN <= price * quantity <= INT64_MAX:
            raise NotionalOverflow(
                f"row {row}: price {price} x quantity {quantity} is outside int64; lower one of them"
            )


def check_grid(rows, tick, lot):
    """Refuse prices off the tick and quantities off the lot, as they stand when a row's turn comes."""
    sizes = rows.kind == MessageKind.INSTRUMENT
    if tick == lot == 1 and not sizes.any():
        return
    stops = np.isin(rows.kind, STOPS)
    for row in np.flatnonzero(sizes | np.isin(rows.kind, SIZED)).tolist():
        price, quantity = int(rows.price[row]), int(rows.quantity[row])
        if sizes[row]:
            tick, lot = price, quantity
            continue
        for name, value in (("price", price), ("stop_price", int(rows.stop_price[row]) if stops[row] else 0)):
            checks.on_tick(value, tick, f"row {row}: {name}")
        checks.on_lot(quantity, lot, f"row {row}: quantity")


def check_times(rows, clock):
    """Refuse a clock that goes back, and orders that end before they begin."""
    sets = rows.kind == MessageKind.CLOCK
    ends = (rows.tif == GTD) & (rows.kind != MessageKind.STP_POLICY)
    if not sets.any() and not ends.any():
        return
    now = np.maximum.accumulate(np.where(sets, rows.expiry, clock).clip(clock))
    before = np.concatenate([[clock], now[:-1]])
    for row in np.flatnonzero(sets & (rows.expiry < before)).tolist():
        raise InvalidValue(
            f"row {row}: the clock would go back from {before[row]} to {rows.expiry[row]}; sort the events"
        )
    for row in np.flatnonzero(ends & (rows.expiry <= before)).tolist():
        raise InvalidTimeInForce(
            f"row {row}: expires {rows.expiry[row]} is not after the clock, {before[row]}; use a later time"
        )
