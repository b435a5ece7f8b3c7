"""The REST API over the market: security, limits, filters, payloads, as documented."""

from __future__ import annotations

import hashlib
import hmac
import json
from decimal import Decimal, InvalidOperation
from itertools import count
from urllib.parse import parse_qsl

from .market import LIVE, Refusal, said

WEIGHTS = {
    ("GET", "time"): 1,
    ("GET", "ping"): 1,
    ("GET", "exchangeInfo"): 20,
    ("GET", "avgPrice"): 2,
    ("GET", "ticker/price"): 2,
    ("GET", "ticker/bookTicker"): 2,
    ("GET", "account"): 20,
    ("GET", "order"): 4,
    ("GET", "openOrders"): 6,
    ("GET", "allOrders"): 20,
    ("GET", "myTrades"): 20,
    ("POST", "order"): 1,
    ("DELETE", "order"): 1,
}
SIGNED = {"account", "order", "openOrders", "allOrders", "myTrades"}
KINDS = ("LIMIT", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT")
PREFIX = "/api/v3/"


class Rest:
    """Answers requests.

    Parameters
    ----------
    market : Market
    keys : tuple of str
        API key and secret key.
    now_ms : callable
    weight_limit, order_limit : int
        A minute, and ten seconds.
    """

    def __init__(self, market, keys, now_ms, weight_limit=6000, order_limit=50):
        self.market, self.keys, self.now_ms = market, keys, now_ms
        self.weight_limit, self.order_limit = weight_limit, order_limit
        self.violations = 0
        self.banned_until = 0
        self._windows = {}
        self._cancels = count(1)

    def answer(self, method, path, query, headers, body=""):
        """Answer a request: (status, headers, JSON)."""
        name = path.removeprefix(PREFIX)
        given = dict(parse_qsl(query, keep_blank_values=True) + parse_qsl(body, keep_blank_values=True))
        try:
            told = self._count(method, name, given)
        except Refusal as refusal:
            seconds = str(max(1, (self.banned_until - self.now_ms()) // 1000 + 1))
            return refusal.status, {"Retry-After": seconds}, _said(refusal)
        try:
            if name in SIGNED:
                self._check_signature(query, body, given, headers)
            handler = getattr(self, f"_{method.lower()}_{name.replace('/', '_')}", None)
            if handler is None:
                raise Refusal(-1, f"no {method} {path} here", 404)
            return 200, told, handler(given)
        except Refusal as refusal:
            return refusal.status, told, _said(refusal)

    def _count(self, method, name, given):
        """Count a request in its fixed windows; who goes on after a 429 is banned."""
        now = self.now_ms()
        if now < self.banned_until:
            self.violations += 1
            raise Refusal(
                -1003, f"Way too much request weight used; IP banned until {self.banned_until}.", 418
            )
        weight = WEIGHTS.get((method, name), 1)
        if name == "openOrders" and "symbol" not in given:
            weight = 80
        if name == "ticker/bookTicker" and "symbol" not in given:
            weight = 4
        used = self._window("weight", 60_000, weight)
        orders = self._window("orders", 10_000, 1) if (method, name) == ("POST", "order") else 0
        if used > self.weight_limit or orders > self.order_limit:
            self.violations += 1
            if self.violations > 3:
                self.banned_until = now + 120_000
            raise Refusal(-1003, "Too much request weight used; current limit is reached.", 429)
        told = {"X-MBX-USED-WEIGHT-1M": str(used)}
        return told | ({"X-MBX-ORDER-COUNT-10S": str(orders)} if orders else {})

    def _window(self, name, length, amount):
        start = self.now_ms() // length
        window, used = self._windows.get(name, (start, 0))
        used = amount if window != start else used + amount
        self._windows[name] = start, used
        return used

    def _check_signature(self, query, body, given, headers):
        """Refuse what is not signed as documented: over query and body, as they were sent."""
        if "signature" not in given:
            raise _missing("signature")
        signed = (query + body).rpartition("&signature=")[0]
        self.check(signed, given, headers.get("x-mbx-apikey"))

    def check(self, signed, given, key):
        """Check key, time and signature of a request, also of the WebSocket API."""
        if key != self.keys[0]:
            raise Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        expected = hmac.new(self.keys[1].encode(), signed.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, given["signature"].lower()):
            raise Refusal(-1022, "Signature for this request is not valid.")
        sent, now = int(given["timestamp"]), self.now_ms()
        if sent >= now + 1000:
            raise Refusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        if now - sent > int(given.get("recvWindow", 5000)):
            raise Refusal(-1021, "Timestamp for this request is outside of the recvWindow.")

    # Public

    def _get_ping(self, given):
        return {}

    def _get_time(self, given):
        return {"serverTime": self.now_ms()}

    def _get_exchangeInfo(self, given):
        pairs = [self._pair(given)] if "symbol" in given else self.market.pairs.values()
        limits = [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1}
            | {"limit": self.weight_limit},
            {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10}
            | {"limit": self.order_limit},
        ]
        entries = [
            {
                "symbol": pair.name,
                "status": pair.status,
                "baseAsset": pair.base,
                "baseAssetPrecision": 8,
                "quoteAsset": pair.quote,
                "quotePrecision": 8,
                "quoteAssetPrecision": 8,
                "orderTypes": list(KINDS),
                "isSpotTradingAllowed": True,
                "filters": pair.filters(),
            }
            for pair in pairs
        ]
        return {
            "timezone": "UTC",
            "serverTime": self.now_ms(),
            "rateLimits": limits,
            "exchangeFilters": [],
            "symbols": entries,
        }

    def _get_avgPrice(self, given):
        pair = self._pair(given)
        return {"mins": 5, "price": said((pair.bid + pair.ask) / 2), "closeTime": self.now_ms()}

    def _get_ticker_price(self, given):
        pair = self._pair(given)
        return {"symbol": pair.name, "price": said(pair.last)}

    def _get_ticker_bookTicker(self, given):
        if "symbol" in given:
            return _book(self._pair(given))
        return [_book(pair) for pair in self.market.pairs.values()]

    # Account and orders

    def _get_account(self, given):
        return {
            "makerCommission": 10,
            "takerCommission": 10,
            "canTrade": True,
            "canWithdraw": True,
            "canDeposit": True,
            "updateTime": self.now_ms(),
            "accountType": "SPOT",
            "balances": [
                {"asset": asset, "free": said(free), "locked": said(locked)}
                for asset, free, locked in self.market.balances()
            ],
            "permissions": ["SPOT"],
            "uid": 354937868,
        }

    def _post_order(self, given):
        pair, kind = self._pair(given), given.get("type")
        if kind not in KINDS:
            raise Refusal(-1116, "Invalid orderType.")
        if given.get("side") not in ("BUY", "SELL"):
            raise Refusal(-1117, "Invalid side.")
        if pair.status != "TRADING":
            raise Refusal(-2010, "Market is closed.")
        quantity = _number(given, "quantity")
        price = _number(given, "price") if kind.endswith("LIMIT") else Decimal(0)
        stop = _number(given, "stopPrice") if kind.startswith("STOP") else Decimal(0)
        if kind.endswith("LIMIT") and given.get("timeInForce") not in ("GTC", "IOC", "FOK"):
            raise Refusal(-1115, "Invalid timeInForce.")
        _check_filters(pair, quantity, price)
        terms = quantity, price, stop, given.get("timeInForce", "GTC")
        name = given.get("newClientOrderId", "") or f"x{next(self._cancels)}"
        order = self.market.place(pair, name, given["side"], kind, terms)
        told = {
            "symbol": pair.name,
            "orderId": order.id,
            "orderListId": -1,
            "clientOrderId": order.name,
            "transactTime": order.placed,
        }
        return told if given.get("newOrderRespType") == "ACK" else {**order.told(), **told}

    def _get_order(self, given):
        return self._order(given, -2013, "Order does not exist.").told()

    def _delete_order(self, given):
        order = self._order(given, -2011, "Unknown order sent.")
        if order.status not in LIVE:
            raise Refusal(-2011, "Unknown order sent.")
        name = given.get("newClientOrderId", f"c{next(self._cancels)}")
        self.market.end(order, "CANCELED", name)
        return {**order.told(), "origClientOrderId": order.name, "clientOrderId": name}

    def _get_openOrders(self, given):
        pair = self._pair(given) if "symbol" in given else None
        return [
            order.told()
            for order in self.market.orders
            if order.status in LIVE and (pair is None or order.pair is pair)
        ]

    def _get_allOrders(self, given):
        pair = self._pair(given)
        found = [order.told() for order in self.market.orders if order.pair is pair]
        return found[-int(given.get("limit", 500)) :]

    def _get_myTrades(self, given):
        pair, limit = self._pair(given), int(given.get("limit", 500))
        first, start = int(given.get("fromId", 0)), int(given.get("startTime", 0))
        found = [
            trade
            for trade in self.market.trades
            if trade["symbol"] == pair.name and trade["id"] >= first and trade["time"] >= start
        ]
        return found[:limit] if first or start else found[-limit:]

    def _pair(self, given):
        if not given.get("symbol"):
            raise _missing("symbol")
        if given["symbol"] not in self.market.pairs:
            raise Refusal(-1121, "Invalid symbol.")
        return self.market.pairs[given["symbol"]]

    def _order(self, given, code, message):
        """Find the latest order of a pair by id or name."""
        pair = self._pair(given)
        for order in reversed(self.market.orders):
            by_id = given.get("orderId") == str(order.id)
            if order.pair is pair and (by_id or given.get("origClientOrderId") == order.name):
                return order
        raise Refusal(code, message)


def _missing(name):
    return Refusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def _number(given, name):
    """Read a number as the exchange does: digits and a point, at most eight decimals."""
    written = given.get(name, "")
    if not written:
        raise _missing(name)
    whole, _, part = written.partition(".")
    if not (whole.isdigit() and (part.isdigit() or not part)):
        raise Refusal(-1100, f"Illegal characters found in parameter '{name}'.")
    if len(part) > 8:
        raise Refusal(-1111, f"Parameter '{name}' has too much precision.")
    try:
        return Decimal(written)
    except InvalidOperation:
        raise Refusal(-1100, f"Illegal characters found in parameter '{name}'.") from None


def _check_filters(pair, quantity, price):
    """Refuse what the filters refuse."""
    if quantity % pair.step or not pair.step <= quantity <= pair.most:
        raise Refusal(-1013, "Filter failure: LOT_SIZE")
    if price % pair.tick or price > 1_000_000:
        raise Refusal(-1013, "Filter failure: PRICE_FILTER")
    average = (pair.bid + pair.ask) / 2
    if price and not average / 5 <= price <= average * 5:
        raise Refusal(-1013, "Filter failure: PERCENT_PRICE_BY_SIDE")
    if quantity * (price or average) < pair.least:
        raise Refusal(-1013, "Filter failure: NOTIONAL")


def _book(pair):
    return {
        "symbol": pair.name,
        "bidPrice": said(pair.bid),
        "bidQty": "1.00000000",
        "askPrice": said(pair.ask),
        "askQty": "2.00000000",
    }


def _said(refusal):
    return {"code": refusal.code, "msg": refusal.message}


def as_json(content):
    """Write an answer."""
    return json.dumps(content, separators=(",", ":")).encode()
