"""``PaperBroker``: the protocol, the clock, the wire that can be cut, and the file between processes."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager, nullcontext
from datetime import UTC

from ...clock import SystemClock
from ...errors import (
    CancelRejected,
    ConnectionFailed,
    NotConnected,
    OrderError,
    OrderRejected,
    OrderUnknown,
)
from ...exact import exact
from ..base import BaseBroker
from ..types import OrderState, symbol_name
from .behaviour import Behaviour, check_code, check_point
from .floor import Floor
from .ledger import Ledger, holdings_of
from .market import load_engine
from .quotes import read_quotes, read_tape
from .state import State, Store
from .worth import account_of, positions_of

NOW = "now"


class PaperBroker(BaseBroker):
    """A broker of our own: orders meet our matching engine, in which quotes rest as orders.

    A quote without sizes has as much as anybody wants. An order that does not trade rests in the book and
    fills at its own price when the market comes to it. Time is the clock's: what is due is done before any
    question is answered, each thing at its own time. For one thread at a time.

    Parameters
    ----------
    cash_cents : int or Decimal, default 10,000,000
        To begin with; a ``state`` file that is there has its own.
    positions : mapping, optional
        To begin with: quantity by symbol, or (quantity, average cost in cents); or ``BrokerPosition``s.
    quotes : mapping, DataFrame, iterable or path, optional
        As ``read_quotes`` takes them: ``{"AAPL": 185.0}``, ``{"AAPL": {"bid": 184.9, "ask": 185.1}}``. Those
        without a time are always of now.
    tape : the same, optional
        Quotes through time, by their ``timestamp``: each comes when the clock reaches it.
    clock : Clock, default the system's
    state : path, optional
        JSON file that keeps cash, positions, orders and executions between processes, readable by its owner
        only; several processes may use it at a time. What rests of an order flow is not in it.
    **behaviour
        As ``Behaviour``: ``latency_seconds``, ``partial_fills``, ``reject``, ``disconnect``,
        ``commission_per_share_cents``, ``minimum_commission_cents``, ``leverage``, ``allow_short``, ``seed``.

    Raises
    ------
    InvalidValue
        Names what is wrong.
    CorruptFile
        By ``connect``: the state file is not one; it is left as it is.

    Notes
    -----
    Prices that are no multiple of the tick are rounded against us in the book. A stop fires by the last price
    (of a quote, of a trade); where there is none, by the price at which it would trade. ``day`` orders end at
    midnight UTC. A sale beyond what is held is refused unless ``allow_short``; what opens a position must be
    covered by the buying power, in which open orders count.

    Examples
    --------
    >>> from nanobook import PaperBroker
    >>> broker = PaperBroker(cash_cents=1_000_000, quotes={"AAPL": {"bid": 184.90, "ask": 185.10}})
    >>> broker.connect()
    >>> order = broker.submit_order("AAPL", "buy", 10)
    >>> status = broker.order_status(order)
    >>> str(status.status), status.avg_fill_price_cents
    ('Filled', 18510)
    >>> broker.account().cash_cents
    814900
    >>> resting = broker.submit_order("AAPL", "sell", 10, "limit", 18600)
    >>> broker.feed({"AAPL": {"bid": 186.20, "ask": 186.30}})
    >>> broker.order_status(resting).avg_fill_price_cents, broker.positions()
    (18600, [])
    """

    in_flight_seconds = 0.0

    def __init__(
        self,
        cash_cents=10_000_000,
        positions=None,
        quotes=None,
        *,
        tape=None,
        clock=None,
        state=None,
        **behaviour,
    ):
        self._clock = SystemClock() if clock is None else clock
        self.behaviour = Behaviour.of(behaviour)
        self._faults = dict(self.behaviour.disconnect)
        self._store = None if state is None else Store(state)
        begin = State(Ledger(exact("cash_cents", cash_cents), holdings_of(positions)))
        self._floor = Floor(begin, self.behaviour)
        self._tape = deque(() if tape is None else read_tape(tape))
        self._is_connected = False
        self._is_new = True
        if quotes is not None:
            self._take(read_quotes(quotes))

    @property
    def is_connected(self):
        """Whether questions can be asked now."""
        return self._is_connected

    def connect(self):
        """Connect: read the state file, or begin one; do what became due meanwhile."""
        if self._is_connected:
            return
        if self._store is not None and not self._store.is_there():
            self._floor.changed = True
        self._play_until(self._clock.now())  # a tape from its beginning, before orders of another process
        with self._turn() as now:
            if self._is_new:
                self._floor.catch_up(now)
            self._is_connected, self._is_new = True, False

    def disconnect(self):
        """Leave; orders live on, and meet what came meanwhile when one connects again."""
        self._is_connected = False

    def prepare(self):
        """Load the matching engine now rather than with the first order.

        That takes a second; on a machine where it never ran it is compiled, which takes most of a minute.
        """
        load_engine()

    # What a test or a rehearsal does to it

    def feed(self, quotes):
        """Bring new quotes; orders trade with them at once.

        Parameters
        ----------
        quotes : mapping, DataFrame, iterable or path
            As for the constructor.
        """
        read = read_quotes(quotes)
        with self._turn():
            self._take(read)

    def process(self, symbol, messages, *, levels=0):
        """Let an order flow of other people into the book of a symbol.

        From then on the flow makes the market, until a quote comes.

        Parameters
        ----------
        symbol : str
            One with a quote, which says its lot and tick.
        messages : DataFrame, structured array or mapping of columns
            Limit, cancel, modify and market, as ``Exchange.process`` takes them, prices in ticks and
            quantities in lots; ``order_id``, if it is there, names the flow's own orders (``client_ids``).
        levels : int
            As of ``Exchange.process``.

        Returns
        -------
        TapeResult

        Examples
        --------
        >>> from nanobook import PaperBroker
        >>> broker = PaperBroker(quotes={"AAPL": 100.0})
        >>> broker.connect()
        >>> order = broker.submit_order("AAPL", "buy", 50, "limit", 99_50)
        >>> flow = {"kind": ["market"], "side": ["sell"], "price": [0], "quantity": [20]}
        >>> _ = broker.process("AAPL", flow)
        >>> broker.order_status(order).filled_quantity
        20
        """
        with self._turn() as now:
            return self._floor.play(symbol_name(symbol), messages, levels, now)

    def lose_connection(self, point=NOW, nth=1):
        """Lose the connection now, or at a point of the n-th order or cancel from now.

        Parameters
        ----------
        point : str
            'now', or a point of ``Behaviour.disconnect``.
        nth : int
        """
        if point == NOW:
            self._is_connected = False
            return
        check_point(point)
        self._faults[point] = nth

    def refuse_next(self, code="other"):
        """Refuse the next order with a code of ``OrderRejected``."""
        check_code(code)
        self._floor.refuse_next = code

    def book(self, symbol):
        """The matching engine's ``Exchange`` of a symbol, to look at; None while no order needed it."""
        return self._floor.market(symbol_name(symbol)).book

    # The protocol

    def _positions(self):
        with self._turn():
            return positions_of(self._floor)

    def _account(self):
        with self._turn():
            return account_of(self._floor)

    def _instrument(self, symbol):
        with self._turn():
            return self._floor.market(symbol).instrument

    def _quote(self, symbol):
        with self._turn() as now:
            return self._floor.quote(symbol, now)

    def _submit(self, order):
        point = self._strikes("before_send", "in_flight", "before_ack", "after_ack")
        if point == "before_send":
            raise NotConnected("not connected: the connection broke before the order was sent")
        name = order.client_order_id
        if point == "in_flight":
            raise OrderUnknown("the connection broke after the order was sent", name)
        try:
            taken = self._accept(order)
        except ConnectionFailed as error:
            raise OrderUnknown(error.reason, name) from error
        if point == "before_ack":
            raise OrderUnknown("the connection broke before the answer", name)
        if taken.state == OrderState.REJECTED:
            raise OrderRejected(taken.reason, taken.code, name)
        return taken.id

    def _accept(self, order):
        """Take an order in unless its name was used."""
        load_engine()  # before the lock: other processes need not wait for it
        with self._turn() as now:
            name = order.client_order_id
            seen = self._floor.state.by_name.get(name) if name else None
            if seen is not None:
                reason = f"duplicate client_order_id {name}: it is order {seen.id}, {seen.state}"
                raise OrderRejected(reason, "duplicate", name)
            return self._floor.accept(order, now)

    def _order_status(self, order_id):
        with self._turn():
            order = self._floor.state.orders.get(order_id)
        if order is None:
            raise OrderError(f"no order {order_id!r} at the paper broker")
        return order.status()

    def _find_order(self, client_order_id):
        with self._turn():
            order = self._floor.state.by_name.get(client_order_id)
        return None if order is None else order.status()

    def _open_orders(self):
        with self._turn():
            return [order.status() for order in self._floor.state.live.values()]

    def _executions(self):
        with self._turn() as now:
            return [fill for fill in self._floor.state.executions if fill.timestamp.date() == now.date()]

    def _cancel(self, order_id):
        point = self._strikes("cancel_in_flight", "cancel_before_ack")
        if point == "cancel_in_flight":
            raise ConnectionFailed("lost after the cancel was sent")
        with self._turn() as now:
            order = self._floor.state.orders.get(order_id)
            if order is None:
                raise CancelRejected(f"no order {order_id!r} at the paper broker")
            if not order.is_live:
                raise CancelRejected(f"order {order_id} has ended: {order.state}")
            self._floor.cancel(order, now)
        if point:
            raise ConnectionFailed("lost before the answer to the cancel")

    def _server_time(self):
        return self._clock.now().astimezone(UTC)

    # How it works

    def _strikes(self, *points):
        """Count an order or cancel; give the point at which the connection breaks, if it does."""
        struck = None
        for point in points:
            if point in self._faults:
                self._faults[point] -= 1
                if self._faults[point] == 0:
                    del self._faults[point]
                    struck = struck or point
        if struck:
            self._is_connected = False
        return struck

    @contextmanager
    def _turn(self):
        """One question: what other processes did is read, what is due is done, what changed is kept.

        If the file fails the connection is gone: whether a change is in it, the next one reads.
        """
        try:
            with nullcontext() if self._store is None else self._store.locked():
                now = self._clock.now().astimezone(UTC)
                self._read()
                self._play_until(now)
                try:
                    yield now
                finally:
                    self._keep()
        except OSError as error:
            self._is_connected = False
            if isinstance(error, ConnectionFailed):
                raise
            raise ConnectionFailed(f"the state of the paper broker: {error}") from error

    def _read(self):
        """Read what another process wrote."""
        state = None if self._store is None else self._store.load()
        if state is not None:
            self._floor.take_state(state)

    def _keep(self):
        """Bring a change to the file."""
        if self._store is not None and self._floor.changed:
            self._store.save(self._floor.state)
            self._floor.changed = False

    def _play_until(self, now):
        """Do what is due, quotes of the tape and arrivals, in the order of time."""
        while True:
            tick = self._tape[0][0].timestamp if self._tape else None
            due = self._floor.due()
            if tick is not None and tick <= now and (due is None or tick <= due):
                self._floor.quoted(*self._tape.popleft(), tick)
            elif due is not None and due <= now:
                self._floor.do_next()
            else:
                return

    def _take(self, quotes):
        now = self._clock.now().astimezone(UTC)
        for top, given in quotes:
            self._floor.quoted(top, given, now)
