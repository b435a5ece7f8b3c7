"""``FakeBinance``: the exchange in a thread, and ``FakeBinanceProcess``: in a process of its own."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ...clock import SystemClock
from ...errors import ConnectionFailed, NotConnected, OrderError, UnknownInstrument
from ...exact import exact
from ...hints import listing
from .market import LIVE, Market, Pair
from .rest import Rest
from .server import Fault, Server

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEYS = ("fake-api-key", "fake-secret-key")
BALANCES = {"USDT": 100_000, "BTC": 1, "DUST": 3}


def pairs():
    """Make the pairs that are traded if no others are asked for."""
    return [
        Pair("BTC", "USDT", Decimal("64999.90"), Decimal("65000.10"), Decimal("65000")),
        Pair("ETH", "USDT", Decimal("3499.99"), Decimal("3500.01"), Decimal("3500"), Decimal("0.0001")),
        Pair(
            *("PEPE", "USDT", Decimal("0.00001234"), Decimal("0.00001235"), Decimal("0.00001234")),
            *(Decimal(1), Decimal("0.00000001"), Decimal(1), Decimal(10**9)),
        ),
        Pair(
            "ETH", "BTC", Decimal("0.05380"), Decimal("0.05390"), Decimal("0.0538"), *[Decimal("0.0001")] * 2
        ),
    ]


class FakeBinance:
    """A spot exchange on loopback, for tests and rehearsals. Use as a context manager.

    Orders fill at the quote that was set, resting ones when it reaches them. Signatures, times, limits and
    filters are checked as the exchange documents them, and it can be told to fail.

    Parameters
    ----------
    balances : mapping of str to number, optional
    fee : number
        Part of each fill.
    keys : tuple of str
        API key and secret key.
    clock : Clock, optional
    port : int
        0 for any that is free.
    weight_limit, order_limit : int
        Request weight a minute, orders in ten seconds.

    Attributes
    ----------
    url : str
    requests : list of (str, str)
        Method and path of all that was asked.
    market : Market
    rest : Rest

    Examples
    --------
    >>> from nanobook.testing.fake_binance import FakeBinance
    >>> with FakeBinance() as fake:
    ...     fake.quote("BTCUSDT", bid=64000, ask=64001)
    ...     fake.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(
        self, *, balances=BALANCES, fee="0", keys=KEYS, clock=None, port=0, weight_limit=6000, order_limit=50
    ):
        self.keys = keys
        self.clock = clock or SystemClock()
        owned = {asset: _number(f"balances: {asset}", amount) for asset, amount in balances.items()}
        self.market = Market(pairs(), owned, _number("fee", fee), self.now_ms, self._tell)
        self.rest = Rest(self.market, keys, self.now_ms, weight_limit, order_limit)
        self.requests = []
        self.faults = []
        self.ahead = timedelta(0)
        self.is_down = False
        self.pongs = 0
        self._port, self._server = port, None
        self._lock = threading.RLock()

    def __enter__(self):
        self._server = Server(self, self._port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.cut()
        self._server.shutdown()
        self._server.cut()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self):
        """Where it is: the ``base_url`` of a broker."""
        if self._server is None:
            raise NotConnected("the fake exchange is not open; use it in a with statement")
        return f"http://127.0.0.1:{self._server.server_port}"

    def now_ms(self):
        """The exchange's time."""
        return (self.clock.now() + self.ahead - EPOCH) // timedelta(milliseconds=1)

    def answer(self, method, path, query, headers, body=""):
        """Answer a request without a wire: (status, headers, content)."""
        with self._lock:
            self.requests.append((method, path))
            return self.rest.answer(method, path, query, headers, body)

    # Hands on the market

    def quote(self, pair, bid=None, ask=None, last=None, depth=None):
        """Move a market; orders that it reaches fill. ``depth`` bounds what one order may fill."""
        with self._lock:
            if pair not in self.market.pairs:
                raise UnknownInstrument(f"pair: {pair!r}; one of {listing(self.market.pairs)}")
            told = {"bid": bid, "ask": ask, "last": last, "depth": depth}
            self.market.move(self.market.pairs[pair], **{name: _number(name, told[name]) for name in told})

    def fill(self, order_id, quantity=None):
        """Fill so much of a live order, at its limit."""
        with self._lock:
            order = next((order for order in self.market.orders if order.id == order_id), None)
            if order is None:
                raise OrderError(f"order {order_id!r} is none of {len(self.market.orders)} orders here")
            self.market.fill(order, _number("quantity", quantity))

    def orders(self):
        """All orders, as the REST API tells them."""
        with self._lock:
            return [order.told() for order in self.market.orders]

    def live(self):
        """Names of the orders that live."""
        with self._lock:
            return [order.name for order in self.market.orders if order.status in LIVE]

    # What goes wrong

    def fail(self, on="", do="reply", times=1, status=503, headers=None, body=b""):
        """Let the next requests fail: see ``Fault``."""
        content = body if isinstance(body, bytes) else str(body).encode()
        self.faults.append(Fault(on, do, times, status, headers or {}, content))

    def refuse(self, on, code, message, status=400, times=1):
        """Let the next requests be refused with a code of the exchange."""
        self.fail(on, "reply", times, status, None, json.dumps({"code": code, "msg": message}))

    def cut(self, down=False):
        """Cut all connections; ``down``: and take no new ones."""
        self.is_down = down
        self._server.cut()

    def next_fault(self, request):
        """Give what goes wrong with a request, if anything."""
        with self._lock:
            for fault in self.faults:
                if fault.times > 0 and fault.on in ("", request):
                    fault.times -= 1
                    return fault
        return None

    def ping(self):
        """Ping all who listen to the stream."""
        for subscriber in list(self._server.subscribers):
            subscriber.ping()

    def end_streams(self):
        """Tell all who listen that the stream ends."""
        self._tell({"e": "eventStreamTerminated", "E": self.now_ms()})

    def _tell(self, event):
        if self._server is not None:
            self._server.tell(event)

    def command(self, name, arguments):
        """Do what another process asks for."""
        if name not in COMMANDS:
            raise ValueError(name)
        return getattr(self, name)(**arguments)


def _number(name, value):
    """Give an exact number; None stays."""
    return None if value is None else exact(name, value)


COMMANDS = ("quote", "fill", "orders", "live", "fail", "refuse", "cut")


class FakeBinanceProcess:
    """The same exchange in a process of its own, which outlives the one that trades on it.

    Has the methods ``quote``, ``fill``, ``orders``, ``live``, ``fail``, ``refuse`` and ``cut``.

    Examples
    --------
    >>> from nanobook.testing.fake_binance import FakeBinanceProcess
    >>> with FakeBinanceProcess() as fake:
    ...     fake.live()
    []
    """

    keys = KEYS

    def __init__(self, *arguments):
        self._arguments = arguments
        self.url = ""

    def __enter__(self):
        command = [sys.executable, "-m", "nanobook.testing.fake_binance", *self._arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            self._process.communicate()
            raise ConnectionFailed(f"the fake exchange did not start; look at {' '.join(self._arguments)}")
        return self

    def __exit__(self, *_):
        self._process.communicate()  # it ends when its input does

    def __getattr__(self, name):
        if name not in COMMANDS:
            raise AttributeError(name)
        return lambda **arguments: self._command(name, arguments)

    def _command(self, name, arguments):
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        try:
            connection.request("POST", f"/fake/{name}", json.dumps(arguments))
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()
