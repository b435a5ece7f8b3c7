"""The user-data stream: orders and fills, told by the exchange as they happen.

A signed subscription on the WebSocket API, ``userDataStream.subscribe.signature``: the listen keys of the
REST API were switched off in February 2026 (change log of the spot API). What is told here saves questions;
what is missed is asked for, so nothing depends on it.
"""

from __future__ import annotations

import json
import logging
import threading

from ...errors import BrokerError, InvalidValue
from .payloads import execution_of_event, given, status_of_event, text
from .websocket import WebSocket

_LOG = logging.getLogger("nanobook.broker.binance")
PATH = "/ws-api/v3"
METHOD = "userDataStream.subscribe.signature"
SILENCE = 65.0  # seconds; the server pings every 20 and gives a client a minute
TRUST = 5.0  # seconds for which an order that lives is believed without asking
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
ENDINGS = ("eventStreamTerminated", "serverShutdown")
MOST_FILLS = 100_000


class UserStream:
    """A thread that listens, and what it has heard.

    Parameters
    ----------
    site : Site
    keys : Keys
    client : Client
        Tells the exchange's time, and the rules of pairs that are new.
    clock : Clock
    symbols : callable
        Gives the ``Rules`` of a pair that is known, else None.
    """

    def __init__(self, site, keys, client, clock, symbols):
        self._site, self._keys, self._client, self._clock = site, keys, client, clock
        self._symbols = symbols
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._socket = None
        self._orders = {}
        self._fills = {}
        self._thread = threading.Thread(target=self._run, name="binance-user-data", daemon=True)
        self.subscribed = threading.Event()

    def start(self):
        """Begin to listen."""
        self._thread.start()

    def stop(self):
        """Hang up, and wait for the thread a little: if it is about to connect, it ends by itself then."""
        self._stopped.set()
        with self._lock:
            if self._socket is not None:
                self._socket.close()
        self._thread.join(1.0)

    def status(self, pair, order_id):
        """Give what was told of an order, None where one has to ask.

        An order that has ended stays as it is; one that lives is believed for a moment, and only while the
        connection stands.
        """
        with self._lock:
            told = self._orders.get((pair, order_id))
            if told is None or told[0].status.is_final:
                return told[0] if told else None
            fresh = self.subscribed.is_set() and self._clock.monotonic() - told[1] < TRUST
            return told[0] if fresh else None

    def fills(self):
        """Give the fills that were told, in order."""
        with self._lock:
            return list(self._fills.values())

    def _run(self):
        """Listen; after a break, again, with growing pauses."""
        tries = 0
        while not self._stopped.is_set():
            try:
                self._listen()
            except (OSError, ValueError, RecursionError, BrokerError) as error:
                if not self._stopped.is_set():
                    _LOG.info("user-data stream: %s; asking instead", error)
            if self.subscribed.is_set():
                tries = 0
            self._forget()
            self._stopped.wait(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1

    def _listen(self):
        """Subscribe and take in what is told, until it ends."""
        socket = WebSocket(self._site, PATH, SILENCE)
        with self._lock:
            self._socket = socket
        try:
            if self._stopped.is_set():
                return
            socket.send(self._request())
            while not self._stopped.is_set():
                if not self._take(json.loads(socket.receive())):
                    return
        finally:
            socket.close()

    def _request(self):
        """Write the signed subscription: parameters sorted by name."""
        told = {"apiKey": self._keys.api.reveal(), "timestamp": self._client.now_ms()}
        told["signature"] = self._keys.sign(
            "&".join(f"{name}={value}" for name, value in sorted(told.items()))
        )
        return json.dumps({"id": "subscribe", "method": METHOD, "params": told})

    def _take(self, message):
        """Take in one message; whether more may come."""
        if not isinstance(message, dict):
            raise InvalidValue("a message that is no object")
        event = message.get("event")
        if event is None:
            if message.get("status") != 200:
                raise BrokerError(f"subscription refused, status {message.get('status')!r}")
            self.subscribed.set()
            return True
        kind = text(event, "e")
        if kind == "executionReport":
            self._report(event)
        return kind not in ENDINGS

    def _report(self, event):
        """Take in what is told of an order."""
        pair = text(event, "s")
        rules = self._symbols(pair)
        if rules is None:  # a pair that this broker does not trade
            return
        status = status_of_event(event, rules.base)
        with self._lock:
            self._orders[pair, status.id] = status, self._clock.monotonic()
            if given(event, "x") == "TRADE" and len(self._fills) < MOST_FILLS:
                fill = execution_of_event(event, rules)
                self._fills.setdefault(fill.execution_id, fill)

    def _forget(self):
        """After a break: what lives may have changed unheard."""
        self.subscribed.clear()
        with self._lock:
            self._orders = {key: told for key, told in self._orders.items() if told[0].status.is_final}
            self._socket = None
