"""The broker: what is asked of any broker, answered by Binance's spot market."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from decimal import Decimal

from ...clock import SystemClock
from ...errors import (
    AuthenticationFailed,
    CancelRejected,
    ConfigError,
    ConnectionFailed,
    InvalidValue,
    NoQuote,
    OrderError,
    OrderRejected,
    OrderUnknown,
    UnknownInstrument,
)
from ...exact import cents_of, exact, in_steps, plus, times
from ...hints import listing
from ..base import BaseBroker
from ..secret import Secret
from ..types import (
    Account,
    BrokerOrderStatus,
    BrokerPosition,
    ClientOrderId,
    OrderState,
    Quote,
)
from . import answers
from .answers import Refused, Unanswered
from .client import EPOCH, Client, Keys
from .known import KnownOrders
from .payloads import execution_of, given, items, moment, number, status_of, text, whole
from .rules import Rules
from .site import LIVE, TESTNET, Site
from .transport import Transport

_LOG = logging.getLogger("nanobook.broker.binance")
PAGE = 1000  # orders or fills that one answer holds at most
WIDEST_WINDOW = 60_000  # ms, the exchange's own bound of recvWindow


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
        nothing in the equity.

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
        if not isinstance(recv_window_ms, int) or not 0 < recv_window_ms <= WIDEST_WINDOW:
            raise InvalidValue(f"recv_window_ms: {recv_window_ms!r}; use 1 to {WIDEST_WINDOW} milliseconds")
        if not isinstance(quote_asset, str) or not quote_asset.isalnum():
            raise InvalidValue(f"quote_asset: {quote_asset!r}; use the name of an asset, as 'USDT'")
        if base_url is not None and testnet:
            raise ConfigError(f"testnet: true, and base_url: {base_url!r}; give one of them")
        self.quote_asset = quote_asset
        self.in_flight_seconds = recv_window_ms / 1000 + 1.0
        self.unpriced: tuple[str, ...] = ()
        self._site = Site.of(base_url or (TESTNET if testnet else LIVE))
        self._clock = clock or SystemClock()
        self._keys = Keys(Secret(api_key, "api_key"), Secret(secret_key, "secret_key"))
        self._client = Client(
            Transport(self._site, timeout, self._clock), self._keys, self._clock, recv_window_ms
        )
        self._known = KnownOrders(orders_file)
        self._rules: dict[str, Rules] = {}
        self._lost: dict[str, float] = {}
        self._wants_stream, self._stream = stream, None
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
        self._client.synchronise()
        account = self._client.call("account", omitZeroBalances="true")
        if given(account, "canTrade") is not True:
            raise AuthenticationFailed("this account or key may not trade; allow spot trading for the key")
        self._connected = True
        if self._wants_stream:
            from .stream import UserStream

            self._stream = UserStream(self._site, self._keys, self._client, self._clock, self._known_rules)
            self._stream.start()

    def disconnect(self):
        """Leave; orders stay at the exchange."""
        self._connected = False
        if self._stream is not None:
            self._stream.stop()
            self._stream = None
        self._client.close()

    def _server_time(self):
        return moment(self._client.call("time"), "serverTime")

    # What may be traded

    def _instrument(self, symbol):
        return self._rules_of(symbol).instrument()

    def _rules_of(self, symbol):
        """Give the rules of a symbol: of the coin, or of its pair with the quote asset."""
        if symbol not in self._rules:
            tried = [symbol + self.quote_asset]
            if symbol.endswith(self.quote_asset) and symbol != self.quote_asset:
                tried.append(symbol)
            found = [rules for rules in map(self._asked_rules, tried) if rules is not None]
            if len(found) > 1:
                raise UnknownInstrument(f"{symbol} is a coin and a pair: {listing(r.pair for r in found)}")
            if not found:
                raise UnknownInstrument(f"Binance has no pair {' or '.join(tried)}; give a coin, as 'BTC'")
            self._rules[symbol] = found[0]
        return self._rules[symbol]

    def _asked_rules(self, pair):
        """Ask for the rules of a pair; None if there is no such pair that is paid in the quote asset."""
        if not (pair.isascii() and pair.isalnum()) and not pair.isalnum():
            return None
        try:
            info = self._client.call("exchange_info", symbol=pair)
        except Refused as refused:
            if refused.code in (answers.BAD_SYMBOL, -1100):
                return None
            raise
        self._client.limits.learn(items(given(info, "rateLimits")))
        rules = Rules.of(items(given(info, "symbols"))[0])
        return rules if rules.quote == self.quote_asset else None

    def _rules_of_pair(self, pair):
        """Give the rules of a pair that the exchange named."""
        known = self._known_rules(pair) or self._asked_rules(pair)
        if known is None:
            raise UnknownInstrument(f"{pair} is not paid in {self.quote_asset}")
        self._rules.setdefault(known.base, known)
        return known

    def _known_rules(self, pair):
        """Give the rules of a pair if they were asked for before."""
        return next((rules for rules in list(self._rules.values()) if rules.pair == pair), None)

    def _symbol_of(self, pair):
        """Name a pair as the caller does: the coin, or the pair itself if it is paid in something else."""
        coin = pair.removesuffix(self.quote_asset)
        return coin if coin else pair

    # Prices and the account

    def _quote(self, symbol):
        rules = self._rules_of(symbol)
        heard = self._clock.now()
        book = self._client.call("book_ticker", symbol=rules.pair)
        bid, ask = (cents_of(key, number(book, key)) for key in ("bidPrice", "askPrice"))
        last = cents_of("price", number(self._client.call("last_price", symbol=rules.pair), "price"))
        if max(bid, ask, last) <= 0:
            raise NoQuote(f"{rules.base}: no valid price received for {rules.pair}; is it traded?")
        return Quote(rules.base, bid, ask, last, 0, heard)

    def _balances(self):
        """Give what is owned of each coin: (free, locked), and the account's number."""
        account = self._client.call("account", omitZeroBalances="true")
        owned = {
            text(entry, "asset"): (number(entry, "free"), number(entry, "locked"))
            for entry in items(given(account, "balances"))
        }
        return owned, str(account.get("uid", ""))

    def _mids(self):
        """Give the middle of all pairs with the quote asset that have a price, in cents, by coin."""
        found = {}
        for book in items(self._client.call("book_tickers")):
            coin = text(book, "symbol").removesuffix(self.quote_asset)
            prices = [price for price in (number(book, "bidPrice"), number(book, "askPrice")) if price > 0]
            if prices and coin != book["symbol"]:
                total = plus(prices[0], prices[-1])
                found[coin] = times(total, 50)
        return found

    def _positions(self):
        return self._held(self._balances()[0])

    def _held(self, owned):
        """Give positions in the coins that are owned; coins without a price are named."""
        mids = self._mids()
        held, unpriced = [], []
        for coin, (free, locked) in owned.items():
            quantity = exact(coin, plus(free, locked))
            if coin == self.quote_asset or quantity <= 0:
                continue
            if coin not in mids:
                unpriced.append(coin)
            worth = in_steps(times(quantity, mids.get(coin, 0)), 1)
            held.append(BrokerPosition(coin, quantity, 0, worth, 0))
        if unpriced and tuple(sorted(unpriced)) != self.unpriced:
            _LOG.warning(
                "no price in %s for %s: counted as nothing", self.quote_asset, listing(sorted(unpriced))
            )
        self.unpriced = tuple(sorted(unpriced))
        return held

    def _account(self):
        owned, number_of_account = self._balances()
        free, locked = owned.get(self.quote_asset, (0, 0))
        cash = cents_of("cash", plus(free, locked))
        gross = sum(position.market_value_cents for position in self._held(owned))
        return Account(
            exact("equity", plus(cash, gross)), cents_of("free", free), cash, gross, number_of_account, self.quote_asset
        )

    # Orders

    def _submit(self, order):
        name = order.client_order_id or ClientOrderId(f"nb-{secrets.token_hex(15)}")
        self._client.check_clock()
        rules = self._rules_of(order.symbol)
        parameters = rules.parameters(order, self._average(rules))
        self._refuse_used(name, rules.pair)
        self._known.note(name, rules.pair)
        try:
            answer = self._client.call(
                "new_order", **parameters, newClientOrderId=name, newOrderRespType="ACK"
            )
            order_id = whole(answer, "orderId")
        except Refused as refused:
            raise OrderRejected(refused.text, answers.reason_of(refused), name) from None
        except Unanswered as unanswered:
            if not unanswered.sent:
                raise ConnectionFailed(f"order not sent: {unanswered.reason}") from None
            self._lost[name] = self._clock.monotonic()
            raise OrderUnknown(
                f"{unanswered.reason}; look for {name} in {self.in_flight_seconds:g} s", name
            ) from None
        self._lost.pop(name, None)
        self._known.note(name, rules.pair, order_id)
        return order_id

    def _average(self, rules):
        """Ask for the price that the filters refer to; None where none does."""
        if rules.average_minutes < 0:
            return None
        name = "last_price" if rules.average_minutes == 0 else "average_price"
        return number(self._client.call(name, symbol=rules.pair), "price")

    def _refuse_used(self, name, pair):
        """Refuse a name that any order had: the exchange itself looks at those that live only."""
        lost = self._lost.get(name)
        if lost is not None and self._clock.monotonic() - lost < self.in_flight_seconds:
            raise OrderUnknown(f"{name} was sent and may still arrive; look for it first", name)
        used = self._look(pair, name, None, thorough=False)
        if used is not None:
            self._known.note(name, pair, used.id or None)
            raise OrderRejected(
                f"duplicate client_order_id {name}: order {used.id} had it ({used.status})", "duplicate", name
            )

    def _order_status(self, order_id):
        pairs = self._known.pairs_of(order_id) or self._pairs_with(order_id)
        if len(pairs) != 1:
            why = f"is of {listing(pairs)}; ask by client_order_id" if pairs else "is not known to Binance"
            raise OrderError(f"order {order_id} {why}")
        if self._stream is not None:
            told = self._stream.status(pairs[0], order_id)
            if told is not None:
                return self._as_told(told, pairs[0])
        status = self._look(pairs[0], None, order_id)
        if status is None:
            raise OrderError(f"order {order_id} is not known to Binance")
        return status

    def _find_order(self, client_order_id):
        name = ClientOrderId(client_order_id)
        note = self._known.named(name)
        if note is not None:
            return self._look(note.pair, name, note.order_id)
        for payload in items(self._client.call("open_orders")):
            if text(payload, "clientOrderId") == name:
                return self._status(payload, name)
        found = (self._look(pair, name, None, thorough=False) for pair in self._all_pairs())
        return next((status for status in found if status is not None), None)

    def _look(self, pair, name, order_id, thorough=True):
        """Ask for one order of a pair, by id or by name; None if the exchange never saw it.

        Thorough is to read the list of orders as well: it comes from another place at the exchange.
        """
        which = {"origClientOrderId": name} if order_id is None else {"orderId": order_id}
        try:
            return self._status(self._client.call("order", symbol=pair, **which), name)
        except Refused as refused:
            if refused.code == answers.ARCHIVED:
                return BrokerOrderStatus(
                    order_id or 0, OrderState.CANCELLED, 0, 0, 0, self._symbol_of(pair), "", name, "archived"
                )
            if refused.code != answers.NO_SUCH_ORDER:
                raise
        if not thorough:
            return None
        for payload in items(self._client.call("all_orders", symbol=pair, limit=PAGE)):
            if name == text(payload, "clientOrderId") or order_id == whole(payload, "orderId"):
                return self._status(payload, name)
        return None

    def _status(self, payload, name=None):
        """Read an order, and remember where it belongs."""
        pair, order_id = text(payload, "symbol"), whole(payload, "orderId")
        name = name or self._known.name_of(pair, order_id)
        status = status_of(payload, self._symbol_of(pair), name)
        self._known.note(status.client_order_id, pair, order_id)
        return status

    def _pairs_with(self, order_id):
        """Search all pairs for an order of that id."""
        found = [
            text(payload, "symbol")
            for payload in items(self._client.call("open_orders"))
            if whole(payload, "orderId") == order_id
        ]
        pairs = () if found else self._all_pairs()
        return found or [pair for pair in pairs if self._look(pair, None, order_id, thorough=False)]

    def _all_pairs(self):
        """Give all pairs with the quote asset, those that we have traded first."""
        names = (text(book, "symbol") for book in items(self._client.call("book_tickers")))
        paid = [name for name in names if name.endswith(self.quote_asset)]
        return list(dict.fromkeys([*self._known.pairs(), *paid]))

    def _open_orders(self):
        return [self._status(payload) for payload in items(self._client.call("open_orders"))]

    def _cancel(self, order_id):
        pairs = self._known.pairs_of(order_id) or self._pairs_with(order_id)
        if len(pairs) != 1:
            raise CancelRejected(f"order {order_id} is {'of several pairs' if pairs else 'not known'}")
        try:
            self._client.call("cancel_order", symbol=pairs[0], orderId=order_id)
        except Refused as refused:
            if refused.code == answers.CANCEL_REFUSED:
                raise CancelRejected(f"order {order_id}: {refused.text} It has ended, or never was.") from None
            raise

    # Fills

    def _executions(self):
        """Give the fills since midnight UTC of the pairs that we have traded or hold."""
        now = EPOCH + timedelta(milliseconds=self._client.now_ms())
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        found = {}
        for pair in self._traded_pairs():
            rules = self._rules_of_pair(pair)
            for payload in self._trades(pair, (midnight - EPOCH) // timedelta(milliseconds=1)):
                name = self._known.name_of(pair, whole(payload, "orderId"))
                fill = execution_of(payload, rules, name)
                found[fill.execution_id] = fill
        for event in self._stream.fills() if self._stream is not None else ():
            if event.timestamp >= midnight:
                found.setdefault(event.execution_id, event)
        return sorted(found.values(), key=lambda fill: (fill.timestamp, fill.execution_id))

    def _traded_pairs(self):
        """Give the pairs that may have fills: noted, or held."""
        tradable = set(self._all_pairs())
        held = [coin + self.quote_asset for coin in self._balances()[0]]
        return [pair for pair in dict.fromkeys([*self._known.pairs(), *held]) if pair in tradable]

    def _trades(self, pair, start_ms):
        """Read the fills of a pair, page by page."""
        page = items(self._client.call("trades", symbol=pair, startTime=start_ms, limit=PAGE))
        while page:
            yield from page
            if len(page) < PAGE:
                return
            page = items(
                self._client.call("trades", symbol=pair, fromId=whole(page[-1], "id") + 1, limit=PAGE)
            )

    def _as_told(self, status, pair):
        """Take over what the stream told."""
        self._known.note(status.client_order_id, pair, status.id)
        return status
