"""The protocol that every broker keeps, and the part of it that is the same for all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from numbers import Integral
from typing import Protocol, runtime_checkable

from ..errors import InvalidValue, NotConnected, WrongType
from .types import (
    Account,
    BrokerOrder,
    BrokerOrderStatus,
    BrokerPosition,
    Execution,
    Instrument,
    Quote,
    symbol_name,
)


@runtime_checkable
class Broker(Protocol):
    """What can be asked of any broker.

    There are three answers to an order: accepted (``submit_order`` returns its id), rejected
    (``OrderRejected``: nothing of it lives at the broker) and unknown (``OrderUnknown``: it may; look for it
    with ``find_order``). An order that was refused on this side (``InvalidValue``, ``OrderError``,
    ``UnknownInstrument``, ``NotConnected``) was not sent.

    Attributes
    ----------
    in_flight_seconds : float
        For so long an order that was sent may still reach the broker, when whoever sent it has lost the
        connection or died: only after that does "not found" mean "never arrived".
    """

    in_flight_seconds: float

    def connect(self) -> None:
        """Connect, and come to know what lives at the broker, before the first order."""

    def disconnect(self) -> None:
        """Leave; orders stay at the broker. May be called twice."""

    def prepare(self) -> None:
        """Do now what the first order would else wait for."""

    def positions(self) -> list[BrokerPosition]:
        """What is held, other than nothing; by symbol."""

    def account(self) -> Account:
        """Equity, buying power, cash."""

    def instrument(self, symbol: str) -> Instrument:
        """Lot and tick of a symbol; ``UnknownInstrument`` if the broker does not trade it."""

    def quote(self, symbol: str) -> Quote:
        """Bid, ask and last price now."""

    def submit_order(self, symbol, side=None, quantity=None, order_type="market", **options) -> int:
        """Send an order, given as a ``BrokerOrder`` or in parts."""

    def order_status(self, order_id: int) -> BrokerOrderStatus:
        """What has become of an order."""

    def find_order(self, client_order_id: str) -> BrokerOrderStatus | None:
        """Look for an order among all that live and that have ended; None if the broker never saw it."""

    def open_orders(self) -> list[BrokerOrderStatus]:
        """All orders of the account that live, whoever sent them."""

    def executions(self) -> list[Execution]:
        """Fills of the day, one each, in order."""

    def cancel_order(self, order_id: int) -> None:
        """Ask for a cancellation; whether it came in time, ``order_status`` tells."""

    def server_time(self) -> datetime:
        """The broker's clock."""


NO_PARTS = None, None, "market", None, None, None, "day"  # what submit_order has by default


def order_number(order_id):
    """Give the id of an order as an int; True is none, though Python would take it for 1."""
    if isinstance(order_id, bool) or not isinstance(order_id, Integral):
        raise WrongType(f"order_id: {order_id!r} is a {type(order_id).__name__}; give the number of an order")
    return int(order_id)


class BaseBroker(ABC):
    """Arguments checked once for all brokers; what follows is each broker's own.

    A broker implements the methods that begin with an underscore. They are called while connected only, with
    checked arguments, and raise children of ``BrokerError``.
    """

    in_flight_seconds = 0.0

    @property
    @abstractmethod
    def is_connected(self) -> bool:
        """Whether questions can be asked now."""

    @abstractmethod
    def connect(self) -> None:
        """Connect, and come to know what lives at the broker, before the first order."""

    @abstractmethod
    def disconnect(self) -> None:
        """Leave; orders stay at the broker. May be called twice."""

    def prepare(self):  # noqa: B027  (most brokers have nothing to do)
        """Do now what the first order would else wait for."""

    def __enter__(self):
        self.connect()
        return self

    def __exit__(self, *_):
        self.disconnect()

    def __repr__(self):
        return f"{type(self).__name__}(...)"

    def positions(self):
        """What is held, other than nothing.

        Returns
        -------
        list of BrokerPosition
            By symbol.
        """
        self._check_connected()
        return sorted(self._positions(), key=lambda position: position.symbol)

    def account(self):
        """Equity, buying power, cash.

        Returns
        -------
        Account
        """
        self._check_connected()
        return self._account()

    def instrument(self, symbol):
        """Lot and tick of a symbol.

        Returns
        -------
        Instrument

        Raises
        ------
        UnknownInstrument
            The broker does not trade it, or the name is ambiguous.
        """
        self._check_connected()
        return self._instrument(symbol_name(symbol))

    def quote(self, symbol):
        """Bid, ask and last price now.

        Returns
        -------
        Quote

        Raises
        ------
        NoQuote
            There is no price.
        UnknownInstrument
            There is no such symbol.
        """
        self._check_connected()
        return self._quote(symbol_name(symbol))

    def submit_order(
        self,
        symbol,
        side=None,
        quantity=None,
        order_type="market",
        limit_price_cents=None,
        client_order_id=None,
        stop_price_cents=None,
        time_in_force="day",
    ):
        """Send an order.

        Parameters
        ----------
        symbol : str or BrokerOrder
            With an order, nothing else.
        side, quantity, order_type, limit_price_cents, client_order_id, stop_price_cents, time_in_force
            As of ``BrokerOrder``.

        Returns
        -------
        int
            Its id at the broker.

        Raises
        ------
        OrderRejected
            The broker refused it.
        OrderUnknown
            No answer came: look for it with ``find_order`` before anything is sent again.
        InvalidValue
            It cannot be sent as it is.
        """
        parts = (
            side,
            quantity,
            order_type,
            limit_price_cents,
            client_order_id,
            stop_price_cents,
            time_in_force,
        )
        if not isinstance(symbol, BrokerOrder):
            order = BrokerOrder(symbol, *parts)
        elif parts == NO_PARTS:
            order = symbol
        else:
            raise InvalidValue(f"symbol: it is an order, {symbol}; leave the rest out, or change the order")
        self._check_sendable()
        return self._submit(order)

    def order_status(self, order_id):
        """What has become of an order.

        Returns
        -------
        BrokerOrderStatus

        Raises
        ------
        OrderError
            The broker does not know the id.
        WrongType
            It is no whole number.
        """
        number = order_number(order_id)
        self._check_connected()
        return self._order_status(number)

    def find_order(self, client_order_id):
        """Look for an order by the caller's name among all that live and that have ended.

        Returns
        -------
        BrokerOrderStatus or None
            None if the broker never saw it.

        Raises
        ------
        WrongType
            It is no text; orders without a name cannot be looked for by it.
        """
        if not isinstance(client_order_id, str):
            told = type(client_order_id).__name__
            raise WrongType(f"client_order_id: {client_order_id!r} is a {told}; give a text")
        self._check_connected()
        return self._find_order(client_order_id)

    def open_orders(self):
        """All orders of the account that live, whoever sent them.

        Returns
        -------
        list of BrokerOrderStatus
        """
        self._check_connected()
        return self._open_orders()

    def executions(self):
        """Fills of the day, one each, in order.

        Returns
        -------
        list of Execution
        """
        self._check_connected()
        return self._executions()

    def cancel_order(self, order_id):
        """Ask for the cancellation of an order; whether it came in time, ``order_status`` tells.

        Raises
        ------
        CancelRejected
            The order has ended, or the broker does not know it.
        WrongType
            The id is no whole number.
        """
        number = order_number(order_id)
        self._check_connected()
        self._cancel(number)

    def server_time(self):
        """The broker's clock.

        Returns
        -------
        datetime
            Aware, UTC.
        """
        self._check_connected()
        return self._server_time()

    def _check_connected(self):
        if not self.is_connected:
            raise NotConnected()

    def _check_sendable(self):
        """Refuse to send orders; a broker that mends its connection when it is asked does not do so here."""
        self._check_connected()

    @abstractmethod
    def _positions(self): ...

    @abstractmethod
    def _account(self): ...

    @abstractmethod
    def _instrument(self, symbol): ...

    @abstractmethod
    def _quote(self, symbol): ...

    @abstractmethod
    def _submit(self, order): ...

    @abstractmethod
    def _order_status(self, order_id): ...

    @abstractmethod
    def _find_order(self, client_order_id): ...

    @abstractmethod
    def _open_orders(self): ...

    @abstractmethod
    def _executions(self): ...

    @abstractmethod
    def _cancel(self, order_id): ...

    @abstractmethod
    def _server_time(self): ...
