"""The broker: what is asked of any broker, answered by Binance's spot market."""

from __future__ import annotations

from ...clock import SystemClock
from ...errors import AuthenticationFailed, ConfigError, InvalidValue, NoQuote
from ...exact import cents_of
from ..base import BaseBroker
from ..secret import Secret
from ..types import ClientOrderId, Quote
from .client import Client, Keys
from .desk import Desk
from .holdings import Holdings
from .known import KnownOrders
from .pairs import Pairs
from .payloads import given, moment, number
from .site import LIVE, TESTNET, Site
from .transport import Transport

WIDEST_WINDOW = 60_000  # ms, the exchange's own bound of recvWindow
LONGEST_TIMEOUT = 60_000  # seconds: more than anybody waits, and no more than a timer takes


class BinanceBroker(BaseBroker):
    """Binance's spot market as a broker.

    Parameters
    ----------
    api_key, secret_key : str or Secret
        Kept out of every repr, message and log.
    testnet : bool
        Trade on the test network, with money of no value.
    quote_asset : str
        What everything is priced and paid in; its hundredths are the cents of prices and of the account.
    recv_window_ms : int
        For so long after it was sent an order may still be carried out; 1 to 60,000.
    base_url : str, optional
        A server on this machine, in place of Binance; or another of Binance's hosts.
    timeout : float
        Seconds that any request may take.
    stream : bool
        Listen to the user-data stream, so that fills are known at once and cost no requests. Without, or
        while it is broken, everything is asked for.
    orders_file : str or path-like, optional
        Where to note which pair each order belongs to; without, a search after a restart takes a while.
    clock : Clock, optional

    Attributes
    ----------
    unpriced : tuple of str
        Coins of the last ``account`` or ``positions`` that have no price in ``quote_asset``: they count as
        nothing in the equity, and are no positions if there is no pair to trade them in.

    Notes
    -----
    Symbols are base assets, "BTC"; the name of a pair in ``quote_asset``, "BTCUSDT", is understood too, and
    answers always say "BTC". Orders of a day stay until they are cancelled: this market does not close. Each
    order costs two questions before it leaves: whether its name was used before, and the average price that
    the exchange's filters refer to.

    Examples
    --------
    >>> from nanobook.testing.fake_binance import FakeBinance
    >>> from nanobook.broker.binance import BinanceBroker
    >>> with FakeBinance() as fake, BinanceBroker(*fake.keys, base_url=fake.url) as broker:
    ...     order = broker.submit_order("BTC", "buy", "0.01")
    ...     broker.order_status(order).status
    <OrderState.FILLED: 'Filled'>
    """

    def __init__(
        self,
        api_key,
        secret_key,
        testnet=False,
        quote_asset="USDT",
        *,
        recv_window_ms=5000,
        base_url=None,
        timeout=10.0,
        stream=True,
        orders_file=None,
        clock=None,
    ):
        # From here on no listing of local variables shows a key.
        api_key, secret_key = Secret(api_key, "api_key"), Secret(secret_key, "secret_key")
        if type(recv_window_ms) is not int or not 0 < recv_window_ms <= WIDEST_WINDOW:
            raise InvalidValue(f"recv_window_ms: {recv_window_ms!r}; use 1 to {WIDEST_WINDOW} milliseconds")
        if not isinstance(quote_asset, str) or not quote_asset.isalnum() or not quote_asset.isupper():
            raise InvalidValue(f"quote_asset: {quote_asset!r}; use the name of an asset, as 'USDT'")
        if not isinstance(timeout, (int, float)) or not 0 < timeout <= LONGEST_TIMEOUT:
            raise InvalidValue(f"timeout: {timeout!r}; use more than 0 and at most {LONGEST_TIMEOUT} seconds")
        if base_url is not None and testnet:
            raise ConfigError(f"testnet: true, and base_url: {base_url!r}; give one of them")
        self.quote_asset = quote_asset
        self.in_flight_seconds = recv_window_ms / 1000 + 1.0
        self._site = Site.of(base_url or (TESTNET if testnet else LIVE))
        self._clock = clock or SystemClock()
        self._keys = Keys(api_key, secret_key)
        self._client = Client(
            Transport(self._site, timeout, self._clock), self._keys, self._clock, recv_window_ms
        )
        self._pairs = Pairs(self._client, quote_asset)
        self._holdings = Holdings(self._client, quote_asset)
        self._desk = Desk(
            *(self._client, self._pairs, self._holdings, KnownOrders(orders_file)),
            *(self._clock, self.in_flight_seconds),
        )
        self._wants_stream = stream
        self._connected = False

    # Connection

    @property
    def is_connected(self):
        """Whether ``connect`` has been called and ``disconnect`` has not."""
        return self._connected

    def connect(self):
        """Compare clocks, try the keys, and start to listen.

        Raises
        ------
        ConnectionFailed
            Binance cannot be reached, or the clocks are more than a second apart.
        AuthenticationFailed
            The keys are not accepted, or must not trade.
        """
        if self._connected:
            return
        try:
            self._client.synchronise()
            if given(self._holdings.ask(), "canTrade") is not True:
                raise AuthenticationFailed("this account may not trade; allow spot trading for the key")
        except BaseException:
            self._client.close()
            raise
        self._connected = True
        if self._wants_stream:
            self._listen()

    def _listen(self):
        """Begin to listen to the user-data stream."""
        from .stream import UserStream

        self._desk.stream = UserStream(self._site, self._keys, self._client, self._clock, self._pairs.known)
        self._desk.stream.start()

    def disconnect(self):
        """Leave; orders stay at the exchange."""
        self._connected = False
        if self._desk.stream is not None:
            self._desk.stream.stop()
            self._desk.stream = None
        self._client.close()

    def _server_time(self):
        return moment(self._client.call("time"), "serverTime")

    # Questions

    @property
    def unpriced(self):
        """Coins of the last account or positions that have no price in the quote asset."""
        return self._holdings.unpriced

    def _instrument(self, symbol):
        return self._pairs.of_symbol(symbol).instrument()

    def _quote(self, symbol):
        rules = self._pairs.of_symbol(symbol)
        heard = self._clock.now()
        book = self._client.call("book_ticker", symbol=rules.pair)
        bid, ask = (cents_of(key, number(book, key)) for key in ("bidPrice", "askPrice"))
        last = cents_of("price", number(self._client.call("last_price", symbol=rules.pair), "price"))
        if max(bid, ask, last) <= 0:
            raise NoQuote(f"{rules.base}: no valid price received for {rules.pair}; is it traded?")
        return Quote(rules.base, bid, ask, last, 0, heard)

    def _positions(self):
        return self._holdings.positions()

    def _account(self):
        return self._holdings.account()

    # Orders

    def _submit(self, order):
        return self._desk.submit(order)

    def _order_status(self, order_id):
        return self._desk.status(order_id)

    def _find_order(self, client_order_id):
        return self._desk.find(ClientOrderId(client_order_id))

    def _open_orders(self):
        return self._desk.open()

    def _executions(self):
        return self._desk.executions()

    def _cancel(self, order_id):
        self._desk.cancel(order_id)
