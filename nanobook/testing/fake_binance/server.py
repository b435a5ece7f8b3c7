"""The exchange on a port of this machine: HTTP, and the WebSocket of the user-data stream."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from .market import Refusal
from .rest import as_json

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
STREAM = "/ws-api/v3"
SUBSCRIBE = "userDataStream.subscribe.signature"


@dataclass
class Fault:
    """What goes wrong with the next requests of a kind.

    Attributes
    ----------
    on : str
        Method and path, as "POST /api/v3/order"; any request if empty.
    do : {'reply', 'drop_before', 'drop_after', 'hang'}
        Answer as below; or hang up before, or after, the request was carried out; or do so in silence.
    times : int
    status, headers, body
        Of the reply.
    """

    on: str = ""
    do: str = "reply"
    times: int = 1
    status: int = 503
    headers: dict = field(default_factory=dict)
    body: bytes = b""


class Server(ThreadingHTTPServer):
    """Listens; ``exchange`` is the ``FakeBinance`` that it serves."""

    allow_reuse_address = True

    def __init__(self, exchange, port):
        self.exchange = exchange
        self.connections = set()
        self.subscribers = []
        self.lock = threading.RLock()
        super().__init__(("127.0.0.1", port), Handler)

    def verify_request(self, request, client_address):
        """Turn callers away while the wire is cut."""
        return not self.exchange.is_down

    def process_request(self, request, client_address):
        """Keep an eye on the connection, so that it can be cut."""
        with self.lock:
            self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        """Forget a connection."""
        with self.lock:
            self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """Say nothing of connections that broke."""

    def cut(self):
        """Cut all connections."""
        with self.lock:
            for connection in self.connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def tell(self, event):
        """Send an event to all who listen."""
        with self.lock:
            for subscriber in list(self.subscribers):
                try:
                    subscriber.send({"subscriptionId": 0, "event": event})
                except OSError:
                    self.subscribers.remove(subscriber)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, *_):
        """Be quiet."""

    def do_GET(self):
        """Answer."""
        self._serve()

    do_POST = do_DELETE = do_PUT = do_GET

    def _serve(self):
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length).decode()
        if parts.path == STREAM and self.headers.get("Upgrade", "").lower() == "websocket":
            Subscriber(self).run()
            self.close_connection = True
        elif parts.path.startswith("/fake/"):
            self._reply(
                200, {}, as_json(self.server.exchange.command(parts.path[6:], json.loads(body or "{}")))
            )
        else:
            self._answer(parts, body)

    def _answer(self, parts, body):
        """Answer a request of the API, or fail as was arranged."""
        exchange = self.server.exchange
        headers = {name.lower(): text for name, text in self.headers.items()}
        fault = exchange.next_fault(f"{self.command} {parts.path}")
        if fault is None or fault.do == "drop_after":
            status, told, content = exchange.answer(self.command, parts.path, parts.query, headers, body)
            if fault is None:
                self._reply(status, told, as_json(content))
                return
        if fault.do == "reply":
            self._reply(fault.status, fault.headers, fault.body)
            return
        self.close_connection = True
        if fault.do == "hang":
            with suppress(OSError):
                self.rfile.read(1)  # until the other side gives up

    def _reply(self, status, headers, content):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Subscriber:
    """The server's end of a WebSocket."""

    def __init__(self, handler):
        self._handler, self._server = handler, handler.server
        self._sending = threading.Lock()

    def run(self):
        """Shake hands, take the subscription, and stay until the other side hangs up."""
        handler = self._handler
        key = handler.headers["Sec-WebSocket-Key"].encode()
        handler.send_response(101)
        handler.send_header("Upgrade", "websocket")
        handler.send_header("Connection", "Upgrade")
        handler.send_header(
            "Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        )
        handler.end_headers()
        try:
            while (text := self._receive()) is not None:
                self._take(json.loads(text))
        except (OSError, struct.error):
            pass
        finally:
            with self._server.lock, suppress(ValueError):
                self._server.subscribers.remove(self)

    def send(self, content):
        """Send JSON."""
        self._frame(1, as_json(content))

    def ping(self):
        """Ask for a sign of life."""
        self._frame(9, b"alive?")

    def _take(self, request):
        """Answer a request: the one method that there is."""
        given = request["params"]
        try:
            if request["method"] != SUBSCRIBE:
                raise Refusal(-1, f"no method {request['method']} here", 400)
            signed = "&".join(f"{k}={v}" for k, v in sorted(given.items()) if k != "signature")
            self._server.exchange.rest.check(signed, given, given["apiKey"])
        except Refusal as refusal:
            self.send({"id": request["id"], "status": refusal.status, "error": {"code": refusal.code}})
            return
        with self._server.lock:
            self.send({"id": request["id"], "status": 200, "result": {"subscriptionId": 0}})
            self._server.subscribers.append(self)

    def _frame(self, opcode, payload):
        size = len(payload)
        short = bytes([0x80 | opcode, size if size < 126 else 126])
        head = short if size < 126 else short + struct.pack(">H", size)
        with self._sending:
            self._handler.wfile.write(head + payload)

    def _receive(self):
        """Read a text; None at the end."""
        while True:
            first, second = struct.unpack("BB", self._handler.rfile.read(2))
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack(">H", self._handler.rfile.read(2))
            mask = self._handler.rfile.read(4)
            payload = self._handler.rfile.read(size)
            if first & 0x0F == 8:
                return None
            if first & 0x0F == 1:
                return bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)).decode()
            self._server.exchange.pongs += 1
