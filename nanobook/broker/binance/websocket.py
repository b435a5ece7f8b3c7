"""A WebSocket client of the size that one subscription needs (RFC 6455), for a thread of its own."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import struct
from contextlib import suppress

from .transport import tls

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MESSAGE_LIMIT = 2**20  # bytes; an execution report has about a thousand
CONNECTING = 10.0  # seconds
HEAD_LIMIT = 16 * 2**10
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class WebSocketError(OSError):
    """A connection that was closed, or that does not keep to the protocol."""


class WebSocket:
    """One open connection.

    Parameters
    ----------
    site : Site
    path : str
    patience : float
        Seconds without a single byte, after which ``receive`` gives up.

    Raises
    ------
    OSError
        There is no way to the server, or it does not speak the protocol.
    """

    def __init__(self, site, path, patience):
        raw = socket.create_connection((site.stream_host, site.port), CONNECTING)
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = tls().wrap_socket(raw, server_hostname=site.stream_host) if site.secure else raw
            self._rest = self._shake_hands(f"{site.stream_host}:{site.port}", path)
            self._socket.settimeout(patience)
        except BaseException:
            raw.close()
            raise

    def send(self, text):
        """Send a text."""
        self._send(TEXT, text.encode())

    def receive(self):
        """Wait for the next text; pings are answered meanwhile.

        Raises
        ------
        WebSocketError
            The connection has ended.
        TimeoutError
            Not even a ping came.
        """
        parts, size = [], 0
        while True:
            final, opcode, payload = self._frame()
            if opcode == PING:
                self._send(PONG, payload)
            elif opcode == CLOSE:
                raise WebSocketError("closed by the server")
            elif opcode != PONG:
                parts.append(payload)
                size += len(payload)
                if size > MESSAGE_LIMIT:
                    raise WebSocketError(f"a message of more than {MESSAGE_LIMIT} bytes")
                if final:
                    return b"".join(parts).decode()

    def close(self):
        """Hang up; a thread that waits in ``receive`` wakes up."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _shake_hands(self, host, path):
        """Ask for the change of protocol; give what came behind the answer."""
        key = base64.b64encode(os.urandom(16))
        self._socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key.decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            if len(head) > HEAD_LIMIT:
                raise WebSocketError("no answer to the request for a WebSocket")
            head += self._some()
        head, _, rest = head.partition(b"\r\n\r\n")
        status, *lines = head.split(b"\r\n")
        accepted = base64.b64encode(hashlib.sha1(key + GUID).digest())
        fields = [line.partition(b":") for line in lines]
        told = {name.strip().lower(): value.strip() for name, _, value in fields}
        if status.split(b" ")[1:2] != [b"101"] or told.get(b"sec-websocket-accept") != accepted:
            raise WebSocketError("the server gives no WebSocket")
        return rest

    def _frame(self):
        """Read one frame: (last of its message, opcode, payload)."""
        first, second = self._take(2)
        if first & 0x70 or second & 0x80:
            raise WebSocketError("a frame that was not agreed on")
        length = second & 0x7F
        if length >= 126:
            form = ">H" if length == 126 else ">Q"
            (length,) = struct.unpack(form, self._take(struct.calcsize(form)))
        if length > MESSAGE_LIMIT:
            raise WebSocketError(f"a frame of {length} bytes")
        return bool(first & 0x80), first & 0x0F, self._take(length)

    def _take(self, count):
        """Read so many bytes."""
        while len(self._rest) < count:
            self._rest += self._some()
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def _some(self):
        data = self._socket.recv(65536)
        if not data:
            raise WebSocketError("closed by the server")
        return data

    def _send(self, opcode, payload):
        """Send one frame, masked as a client's must be."""
        mask = os.urandom(4)
        size = len(payload)
        head = bytes([0x80 | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        else:
            head += (
                struct.pack(">BH", 0x80 | 126, size) if size < 65536 else struct.pack(">BQ", 0x80 | 127, size)
            )
        repeated = (mask * (size // 4 + 1))[:size]
        masked = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
        self._socket.sendall(head + mask + masked.to_bytes(size, "big"))
