"""``MockBroker``: a broker that answers as it is told, without any market."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..broker.base import BaseBroker
from ..broker.types import (
    Account,
    BrokerOrder,
    BrokerOrderStatus,
    BrokerPosition,
    Execution,
    Instrument,
    OrderState,
    Quote,
)
from ..clock import SystemClock
from ..errors import CancelRejected, InvalidValue, OrderError, OrderRejected, UnknownInstrument
from ..exact import exact, in_steps, plus, times
from ..hints import nearest


@dataclass(frozen=True)
class ImmediateFull:
    """Every order is filled at once."""


@dataclass(frozen=True)
class ImmediatePartial:
    """Of every order this fraction is filled at once, whole lots; the rest lives on."""

    fraction: float | Decimal = Decimal("0.5")

    def __post_init__(self):
        """Check the fraction."""
        if not 0 <= exact("fraction", self.fraction) <= 1:
            raise InvalidValue(f"fraction: {self.fraction!r}; use 0 to 1")


@dataclass(frozen=True)
class Reject:
    """Every order is refused."""

    reason: str = "mock rejection"
    code: str = "other"


FillMode = ImmediateFull | ImmediatePartial | Reject


class MockBroker(BaseBroker):
    """A broker for tests: build it with what it is to answer, then look at ``orders``.

    Nothing follows from anything: a fill changes neither positions nor cash. For a broker that keeps accounts
    there is ``PaperBroker``.

    Parameters
    ----------
    fill_mode : ImmediateFull, ImmediatePartial or Reject, default ImmediateFull
    clock : Clock, default the system's

    Attributes
    ----------
    orders : list of BrokerOrder
        All that were sent, refused ones too.

    Examples
    --------
    >>> from nanobook.testing import ImmediatePartial, MockBroker
    >>> broker = MockBroker(ImmediatePartial(0.25)).with_quote("AAPL", 18490, 18510)
    >>> broker.connect()
    >>> broker.submit_order("AAPL", "buy", 100)
    1
    >>> broker.order_status(1).filled_quantity, broker.orders[0].symbol
    (25, 'AAPL')
    """

    def __init__(self, fill_mode=None, *, clock=None):
        self.orders: list[BrokerOrder] = []
        self._mode = ImmediateFull() if fill_mode is None else fill_mode
        self._clock = SystemClock() if clock is None else clock
        self._is_connected = False
        self._held: dict[str, BrokerPosition] = {}
        self._quotes: dict[str, Quote] = {}
        self._instruments: dict[str, Instrument] = {}
        self._stands = Account(100_000_000, 100_000_000, 100_000_000, 0, "mock")
        self._statuses: dict[int, BrokerOrderStatus] = {}
        self._fills: list[Execution] = []

    # What it is to answer; each returns the broker, so that calls can be chained

    def with_fill_mode(self, mode):
        """Treat orders so from now on."""
        self._mode = mode
        return self

    def with_position(self, symbol, quantity, avg_cost_cents=0):
        """Hold so much of a symbol."""
        value = times(quantity, avg_cost_cents)
        self._held[symbol] = BrokerPosition(symbol, exact("quantity", quantity), avg_cost_cents, value)
        return self

    def with_quote(self, symbol, bid_cents, ask_cents, last_cents=0, volume=0, timestamp=None):
        """Quote a symbol; a quote without a time is always of now."""
        self._quotes[symbol] = Quote(symbol, bid_cents, ask_cents, last_cents, volume, timestamp)
        return self

    def with_instrument(self, instrument):
        """Trade a symbol in these lots and ticks; else in whole shares and cents."""
        self._instruments[instrument.symbol] = instrument
        return self

    def with_account(self, equity_cents, cash_cents=None, buying_power_cents=None):
        """Have this account; cash and buying power are the equity unless told."""
        cash = equity_cents if cash_cents is None else cash_cents
        power = equity_cents if buying_power_cents is None else buying_power_cents
        self._stands = Account(equity_cents, power, cash, plus(equity_cents, -cash), "mock")
        return self

    # The protocol

    @property
    def is_connected(self):
        """Whether questions can be asked now."""
        return self._is_connected

    def connect(self):
        """Connect."""
        self._is_connected = True

    def disconnect(self):
        """Leave."""
        self._is_connected = False

    def _positions(self):
        return [position for position in self._held.values() if position.quantity]

    def _account(self):
        return self._stands

    def _instrument(self, symbol):
        self._quoted(symbol)
        return self._instruments.get(symbol) or Instrument(symbol)

    def _quote(self, symbol):
        quote = self._quoted(symbol)
        fields = dict(quote)
        return Quote(**{**fields, "timestamp": quote.timestamp or self._clock.now()})

    def _quoted(self, symbol):
        if symbol not in self._quotes:
            raise UnknownInstrument(f"{symbol}: no quote was given{nearest(symbol, self._quotes)}")
        return self._quotes[symbol]

    def _submit(self, order):
        instrument = self._instrument(order.symbol)
        self._check_name(order.client_order_id)
        self.orders.append(order)
        if isinstance(self._mode, Reject):
            raise OrderRejected(self._mode.reason, self._mode.code, order.client_order_id)
        number = len(self._statuses) + 1
        filled = order.quantity
        if isinstance(self._mode, ImmediatePartial):
            wanted = times(order.quantity, exact("fraction", self._mode.fraction))
            filled = in_steps(wanted, instrument.lot)
        price = self._price_of(order)
        self._statuses[number] = self._status_of(number, order, filled, price)
        if filled:
            self._fills.append(self._execution_of(number, order, filled, price))
        return number

    def _check_name(self, name):
        seen = self._find_order(name) if name else None
        if seen is not None:
            raise OrderRejected(f"duplicate client_order_id {name}: it is order {seen.id}", "duplicate", name)

    def _price_of(self, order):
        """Price of a fill: the order's limit, else the other side of the quote."""
        if order.limit_price_cents is not None:
            return order.limit_price_cents
        quote = self._quotes[order.symbol]
        return (quote.ask_cents if order.side == "buy" else quote.bid_cents) or quote.last_cents

    @staticmethod
    def _status_of(number, order, filled, price):
        states = OrderState.SUBMITTED, OrderState.PARTIALLY_FILLED, OrderState.FILLED
        state = states[(filled > 0) + (filled == order.quantity)]
        rest = exact("remaining", plus(order.quantity, -filled))
        average = price if filled else 0
        return BrokerOrderStatus(
            number, state, filled, rest, average, order.symbol, order.side, order.client_order_id
        )

    def _execution_of(self, number, order, filled, price):
        return Execution(
            f"mock.{number}",
            number,
            order.symbol,
            order.side,
            filled,
            price,
            0,
            order.client_order_id,
            self._clock.now(),
        )

    def _order_status(self, order_id):
        if order_id not in self._statuses:
            raise OrderError(f"no order {order_id!r} at the mock broker")
        return self._statuses[order_id]

    def _find_order(self, client_order_id):
        found = (s for s in self._statuses.values() if s.client_order_id == client_order_id)
        return next(found, None)

    def _open_orders(self):
        return [status for status in self._statuses.values() if not status.status.is_final]

    def _executions(self):
        return list(self._fills)

    def _cancel(self, order_id):
        status = self._statuses.get(order_id)
        if status is None:
            raise CancelRejected(f"no order {order_id!r} at the mock broker")
        if status.status.is_final:
            raise CancelRejected(f"order {order_id} has ended: {status.status}")
        self._statuses[order_id] = BrokerOrderStatus(**{**dict(status), "status": OrderState.CANCELLED})

    def _server_time(self):
        return self._clock.now()
