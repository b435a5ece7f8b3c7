"""Signed requests to Binance's REST API, one clock with it, and its limits kept.

Requests are sent once. What only looks is asked a second time when a connection breaks or the time was
wrong; orders and cancellations never are.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlencode

from ...errors import ConnectionFailed
from ..secret import Secret
from .answers import TOO_MANY, WRONG_TIME, Refused, Unanswered, content_of
from .limits import Limits
from .payloads import EPOCH, whole
from .transport import Answer, Failure

MOST_SKEW = 1.0  # seconds between our clock and Binance's, beyond which nothing is traded
SYNC_AGE = 3600.0  # seconds after which clocks are compared again: a drift of 50 ppm is then 0.2 s
WAF_PAUSE = {"retry-after": "300"}  # a firewall in front of the API, which names no time


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One request of the API, and what it costs."""

    method: str
    path: str
    weight: int
    signed: bool = False
    kind: str = "read"


ENDPOINTS = {
    "time": Endpoint("GET", "/api/v3/time", 1),
    "exchange_info": Endpoint("GET", "/api/v3/exchangeInfo", 20),
    "average_price": Endpoint("GET", "/api/v3/avgPrice", 2),
    "last_price": Endpoint("GET", "/api/v3/ticker/price", 2),
    "book_ticker": Endpoint("GET", "/api/v3/ticker/bookTicker", 2),
    "book_tickers": Endpoint("GET", "/api/v3/ticker/bookTicker", 4),
    "account": Endpoint("GET", "/api/v3/account", 20, True),
    "order": Endpoint("GET", "/api/v3/order", 4, True),
    "open_orders": Endpoint("GET", "/api/v3/openOrders", 80, True),
    "all_orders": Endpoint("GET", "/api/v3/allOrders", 20, True),
    "trades": Endpoint("GET", "/api/v3/myTrades", 20, True),
    "new_order": Endpoint("POST", "/api/v3/order", 1, True, "order"),
    "cancel_order": Endpoint("DELETE", "/api/v3/order", 1, True, "cancel"),
}
"""Weights as the documentation of the REST API gives them."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The two keys of an account."""

    api: Secret
    secret: Secret

    def sign(self, text):
        """Sign a text: HMAC-SHA256, in lower-case hexadecimal."""
        return hmac.new(self.secret.reveal().encode(), text.encode(), hashlib.sha256).hexdigest()


class Client:
    """Questions to one site.

    Parameters
    ----------
    transport : Transport
        Has ``exchange`` and ``close``.
    keys : Keys
    clock : Clock
    recv_window_ms : int
        For so long after its timestamp a request is valid.
    """

    def __init__(self, transport, keys, clock, recv_window_ms):
        self._transport, self._keys, self._clock = transport, keys, clock
        self._recv_window_ms = recv_window_ms
        self._busy = threading.RLock()  # one connection: one request at a time
        self._server_ms = 0
        self._asked, self._at_wall = float("-inf"), EPOCH
        self.limits = Limits(clock)

    def close(self):
        """Hang up."""
        with self._busy:
            self._transport.close()

    def call(self, name, **parameters):
        """Ask for one thing.

        Parameters
        ----------
        name : str
            Of ``ENDPOINTS``.
        **parameters
            Texts and ints; None is left out.

        Returns
        -------
        dict or list
            The answer's JSON.

        Raises
        ------
        Refused
            With Binance's code.
        Unanswered
            No answer, or none that can be understood.
        RateLimited, AuthenticationFailed
        """
        endpoint = ENDPOINTS[name]
        try:
            return self._call(endpoint, parameters)
        except Refused as refused:
            if refused.code != WRONG_TIME:
                raise
        except Unanswered as unanswered:
            if endpoint.kind != "read" or not unanswered.sent:
                raise
            return self._call(endpoint, parameters)
        self.synchronise()
        if endpoint.kind != "read":
            # It came seconds late: the price it was made for is gone, and whoever made it must look.
            raise Refused(WRONG_TIME, "it came too late, or the clock jumped; not carried out")
        return self._call(endpoint, parameters)

    def _call(self, endpoint, parameters):
        """Ask once."""
        with self._turn(endpoint):
            return self._ask(endpoint, parameters)

    @contextmanager
    def _turn(self, endpoint):
        """Wait until a request may be sent, then for the connection: a limit holds back nobody else."""
        while True:
            self.limits.take(endpoint.weight, endpoint.kind)
            with self._busy:
                if not self.limits.is_paused():  # by the answer to another thread, in the meantime
                    yield
                    return

    def _ask(self, endpoint, parameters):
        """Ask at once."""
        query = self.query(parameters, endpoint.signed)
        headers = {"X-MBX-APIKEY": self._keys.api} if endpoint.signed else {}
        body = None
        target = f"{endpoint.path}?{query}" if query else endpoint.path
        if endpoint.method == "POST":
            headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
            target, body = endpoint.path, query.encode()
        outcome = self._transport.exchange(endpoint.method, target, headers, body)
        if isinstance(outcome, Failure):
            raise Unanswered(outcome.reason, outcome.sent)
        return self._read(outcome)

    def _read(self, answer: Answer):
        """Give the content of an answer, after its counters were read."""
        self.limits.heard(answer.headers)
        if answer.status in (418, 429):
            banned = answer.status == 418
            told = "Binance has banned this address" if banned else "Binance asks to wait"
            raise self.limits.stopped(told, answer.headers, banned)
        if answer.status == 403:
            raise self.limits.stopped("Binance's firewall", {**WAF_PAUSE, **answer.headers}, False)
        try:
            return content_of(answer)
        except Refused as refused:
            if refused.code in TOO_MANY:
                raise self.limits.stopped(refused.text, answer.headers, False) from None
            raise

    def query(self, parameters, signed):
        """Write parameters as a query, with time and signature where it is signed."""
        told = {name: value for name, value in parameters.items() if value is not None}
        if not signed:
            return encoded(told.items())
        told |= {"recvWindow": self._recv_window_ms, "timestamp": self.now_ms()}
        text = encoded(told.items())
        return f"{text}&signature={self._keys.sign(text)}"

    # Time

    def now_ms(self):
        """Binance's time in milliseconds, as far as we know; follows no jump of our wall clock."""
        if self._asked == float("-inf"):
            self.synchronise()
        return self._server_ms + int((self._clock.monotonic() - self._asked) * 1000)

    def synchronise(self):
        """Compare clocks with Binance.

        Raises
        ------
        ConnectionFailed
            They are more than a second apart, twice.
        """
        skew = self._measure()
        if abs(skew) > MOST_SKEW:  # a slow answer may look so
            skew = self._measure()
        if abs(skew) > MOST_SKEW:
            way = "ahead of" if skew > 0 else "behind"
            raise ConnectionFailed(
                f"the clock of this machine is {abs(skew):.1f} s {way} Binance's; set it, at most "
                f"{MOST_SKEW:.0f} s are traded with"
            )

    def check_clock(self):
        """Compare clocks again if ours has jumped, the machine has slept, or it is long ago."""
        passed = self._clock.monotonic() - self._asked
        if passed > SYNC_AGE or abs((self._clock.now() - self._at_wall).total_seconds() - passed) > MOST_SKEW:
            self.synchronise()

    def _measure(self):
        """Ask for the time; give how many seconds we are ahead for certain, whatever the way took."""
        endpoint = ENDPOINTS["time"]
        with self._turn(endpoint):
            started = self._clock.monotonic()
            told = whole(self._ask(endpoint, {}), "serverTime")
            self._asked, self._at_wall = self._clock.monotonic(), self._clock.now()
            half = (self._asked - started) / 2
            self._server_ms = told + int(half * 1000)
        skew = (self._at_wall - (EPOCH + timedelta(milliseconds=self._server_ms))).total_seconds()
        return max(0.0, skew - half) if skew > 0 else min(0.0, skew + half)


def encoded(parameters: Iterable[tuple[str, object]]):
    """Write parameters in the one form that is signed and sent: percent-encoded UTF-8.

    Examples
    --------
    >>> from nanobook.broker.binance.client import encoded
    >>> encoded([("symbol", "BTCUSDT"), ("quantity", "0.00009")])
    'symbol=BTCUSDT&quantity=0.00009'
    """
    return urlencode(list(parameters), quote_via=quote, safe="")
