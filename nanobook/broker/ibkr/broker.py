"""``IbkrBroker``: Interactive Brokers behind the protocol of all brokers."""

from __future__ import annotations

from datetime import timedelta

from ...clock import SystemClock
from ...errors import NoQuote, NotConnected, UnknownInstrument
from ..base import BaseBroker
from ..types import Quote
from . import codes
from .account import account_of, positions_of
from .answers import DELAYED, LIVE, Refused
from .connection import Connection
from .contracts import Catalogue
from .desk import Desk, check_steps
from .orders import Ledger
from .places import check_kinds, check_place

DELAY = timedelta(minutes=15)  # of delayed prices, at least


class IbkrBroker(BaseBroker):
    """Trade over Interactive Brokers: a TWS or IB Gateway that runs on this machine.

    Parameters
    ----------
    host : str
        Of this machine, unless ``remote``: the connection is not encrypted.
    port : int
        4002 (Gateway) and 7497 (TWS) are paper, 4001 and 7496 live.
    client_id : int
        From 0. Orders belong to it: only the same one may cancel them, after a restart, too.
    account : str, optional
        Must be one that the gateway reports; needed where it reports several.
    timeout : float
        Seconds for each answer.
    live : bool
        Whether real money may move. Without it a live port or account is refused, with it a paper one.
    remote : bool
        Whether the host may be another machine.
    fractional : bool
        Whether stocks may be traded in fractions (lot 0.0001 instead of 1).
    strict : bool
        Whether a market order needs a two-sided quote.
    delayed : bool
        Whether delayed quotes are given; their time is 15 minutes ago, so they count as stale.
    contracts : mapping of str to ib_async.Contract or mapping, optional
        What symbols mean that are not stocks in ``currency`` on SMART.
    currency : str
        Of the account, and of stocks.
    clock : Clock, default the system's

    Attributes
    ----------
    in_flight_seconds : float
        1.0: the gateway reads what a connection has sent to its end, and until then refuses a second one of
        the same client id.

    Notes
    -----
    After a loss of connection questions connect again (waits of 1, 2, 4, 8, 16 seconds, a fifth more or
    less, 60 in all) and compare all orders and fills; a new order is refused until then. While the gateway
    itself has no connection (1100) everything is refused; after 1101 and 1102 orders are compared first.

    Ids of orders are those of the connection; orders of other clients, and ended ones of earlier processes,
    go by the broker's permanent number.

    Examples
    --------
    >>> from nanobook import IbkrBroker
    >>> from nanobook.testing import FakeTws
    >>> with (
    ...     FakeTws({"AAPL": (184.90, 185.10)}, cash=10_000) as tws,
    ...     IbkrBroker(port=tws.port, client_id=7) as broker,
    ... ):
    ...     broker.account().equity_cents, broker.quote("AAPL").mid_cents
    (1000000, 18500)
    >>> IbkrBroker(port=4001)
    Traceback (most recent call last):
        ...
    nanobook.errors.InvalidValue: port: 4001 is that of a live IB Gateway; use 4002 for paper, or live=True
    """

    in_flight_seconds = 1.0

    def __init__(
        self,
        host="127.0.0.1",
        port=4002,
        client_id=1,
        *,
        account=None,
        timeout=30.0,
        live=False,
        remote=False,
        fractional=False,
        strict=False,
        delayed=False,
        contracts=None,
        currency="USD",
        clock=None,
    ):
        check_kinds(
            {"live": live, "remote": remote, "fractional": fractional, "strict": strict, "delayed": delayed},
            {"account": account, "currency": currency},
            timeout,
        )
        check_place(host, port, client_id, live, remote)
        self._strict, self._delayed = strict, delayed
        self._clock = SystemClock() if clock is None else clock
        self._catalogue = Catalogue(contracts, currency, fractional)
        self._ledger = Ledger(int(client_id))
        self._connection = Connection(
            (host, int(port), int(client_id)),
            self._ledger,
            self._catalogue,
            self._clock,
            timeout=float(timeout),
            account=account,
            live=live,
            delayed=self._delayed,
        )
        self._desk = Desk(self._connection, self._ledger)

    # The connection

    @property
    def is_connected(self):
        """Whether questions can be asked now."""
        return self._connection.state == "up"

    def connect(self):
        """Connect, and read all orders and fills, before the first order.

        Raises
        ------
        ConnectionFailed
            Nobody listens, or answers in time; or the client id stays in use.
        AuthenticationFailed
            The account is not the one that was named, or not of the kind that was.
        """
        self._connection.connect()

    def disconnect(self):
        """Leave; orders stay at the broker. May be called twice."""
        self._connection.disconnect()

    def _check_connected(self):
        self._connection.make_ready()

    def _check_sendable(self):
        """Refuse after a loss: whoever planned the order did not know what happened meanwhile."""
        if self._connection.state in ("down", "paused"):
            raise NotConnected(
                f"not connected: {self._connection.why_not_ready()}; the order was not sent. Look again at "
                "orders and positions, which connects again, and plan anew"
            )
        self._check_connected()

    # Questions

    def _positions(self):
        connection = self._connection
        with connection.lock:
            rows = connection.ask("positions")
            listener = connection.listener
            if connection.look(listener.is_portfolio_behind, rows):
                connection.ask("unsubscribe")
                connection.ask("subscribe")
            return connection.look(positions_of, rows, listener.portfolio, self._catalogue, listener.account)

    def _account(self):
        connection = self._connection
        with connection.lock:
            rows, number = connection.ask("figures")
            connection.ask("end_figures", number)
            return account_of(rows, connection.listener.account, self._catalogue.currency)

    def _instrument(self, symbol):
        with self._connection.lock:
            return self._connection.learn(symbol)[1]

    def _quote(self, symbol):
        with self._connection.lock:
            contract = self._connection.learn(symbol)[0]
            try:
                prices = self._connection.ask("prices", contract)
            except Refused as error:
                if error.code == codes.NO_SECURITY:
                    raise UnknownInstrument(f"{symbol}: {error.text}") from None
                raise NoQuote(f"{symbol}: {error}") from None
        if not (prices.bid or prices.ask or prices.last):
            raise NoQuote(f"{symbol}: no valid price received; is the market open, and the data subscribed?")
        if prices.kind in DELAYED and not self._delayed:
            raise NoQuote(f"{symbol}: only delayed prices; subscribe to live ones, or say delayed=True")
        return self._dated(symbol, prices)

    def _dated(self, symbol, prices):
        """Make a quote: of now, if it is live and somebody quotes; else as old as the last trade or older."""
        now, time = self._clock.now(), prices.last_time
        if prices.kind == LIVE and (prices.bid or prices.ask or time is None):
            time = now
        if prices.kind in DELAYED:
            time = min(time or now, now - DELAY)
        return Quote(symbol, prices.bid, prices.ask, prices.last, prices.volume or 0, time)

    def _server_time(self):
        with self._connection.lock:
            return self._connection.ask("server_time")

    # Orders

    def _submit(self, order):
        with self._connection.lock:
            contract, instrument = self._connection.learn(order.symbol)
            check_steps(order, instrument)
            if self._strict and order.order_type == "market":
                self._require_two_sides(order.symbol)
            return self._desk.submit(order, contract)

    def _require_two_sides(self, symbol):
        refusal = f"market order rejected: no NBBO quote available for {symbol}"
        try:
            quote = self._quote(symbol)
        except NoQuote:
            raise NoQuote(refusal) from None
        if not (quote.bid_cents and quote.ask_cents) or quote.is_crossed:
            raise NoQuote(refusal)

    def _order_status(self, order_id):
        with self._connection.lock:
            return self._desk.status(order_id)

    def _find_order(self, client_order_id):
        with self._connection.lock:
            return self._desk.find(client_order_id)

    def _open_orders(self):
        with self._connection.lock:
            return self._desk.living()

    def _executions(self):
        with self._connection.lock:
            self._connection.ask("fills")
            return self._connection.look(self._ledger.executions)

    def _cancel(self, order_id):
        with self._connection.lock:
            self._desk.cancel(order_id)
