"""Clients of the fake: the real ib_async, and a raw one that says whatever a test wants."""

import asyncio
import socket
import struct
import time
from datetime import UTC, datetime

from nanobook.testing import FakeTws

QUOTES = {"AAPL": (184.90, 185.10, 185.00, 10**6), "MSFT": (369.90, 370.10)}
PATIENCE = 60  # seconds: the first order may have to wait for kernels to compile


async def until(condition, what="it"):
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE} s in vain for {what}"
        await asyncio.sleep(0.002)


def play(scene, tws=None, **options):
    """Run ``scene(ib, tws)`` with a connected ib_async client; gives what it returns."""
    import ib_async

    async def run(tws):
        ib = ib_async.IB()
        ib.errors = []
        ib.errorEvent += lambda request, code, text, contract: ib.errors.append((request, code, text))
        await ib.connectAsync(tws.host, tws.port, raiseSyncErrors=True, timeout=PATIENCE, **options)
        try:
            return await scene(ib, tws)
        finally:
            ib.disconnect()
            await asyncio.sleep(0)

    if tws is not None:
        return asyncio.run(run(tws))
    with FakeTws(QUOTES) as tws:
        return asyncio.run(run(tws))


def stock(symbol="AAPL"):
    """A contract as users give it."""
    import ib_async

    return ib_async.Stock(symbol, "SMART", "USD")


async def found(ib, symbol="AAPL"):
    """The contract that the fake knows by a symbol."""
    [contract] = await ib.qualifyContractsAsync(stock(symbol))
    return contract


class At:
    """A clock that stands still."""

    def __init__(self, seconds):
        self.seconds = seconds

    def now(self):
        """The moment."""
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self):
        """No time passes."""
        return 0.0


class Raw:
    """A client that speaks the wire protocol by hand."""

    def __init__(self, tws, client_id=1, versions="v157..178"):
        self.socket = socket.create_connection((tws.host, tws.port), PATIENCE)
        self.socket.sendall(b"API\0" + struct.pack(">I", len(versions)) + versions.encode())
        self.version = int(self.read()[0])
        if client_id is not None:
            self.send(71, 2, client_id, "")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *fields):
        """Send a message."""
        body = "".join(f"{field}\0" for field in fields).encode()
        self.socket.sendall(struct.pack(">I", len(body)) + body)

    def read(self):
        """Read a message; None where the connection has ended."""
        head = self._exactly(4)
        if head is None:
            return None
        return self._exactly(struct.unpack(">I", head)[0]).decode().split("\0")[:-1]

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            try:
                more = self.socket.recv(size - len(data))
            except ConnectionError:
                more = b""
            if not more:
                return None
            data += more
        return data

    def read_until(self, *numbers):
        """Read up to a message with one of these ids; gives all that came, the last one it."""
        came = []
        while (message := self.read()) is not None:
            came.append(message)
            if int(message[0]) in numbers:
                return came
        raise AssertionError(f"the connection ended before {numbers}: {came}")

    def read_rest(self):
        """Read until the connection ends."""
        return list(iter(self.read, None))

    def error(self, code):
        """Read up to an error of this code."""
        while True:
            message = self.read_until(4)[-1]
            if int(message[3]) == code:
                return message


def placing(order_id, symbol="AAPL", action="BUY", quantity=10, kind="LMT", limit="180.0", **more):
    """Fields of a request to place an order, as ib_async makes them at version 178."""
    from nanobook.testing.fake_tws import layouts

    values = {
        "orderId": order_id,
        "conId": 0,
        "symbol": symbol,
        "secType": "STK",
        "exchange": "SMART",
        "currency": "USD",
        "action": action,
        "totalQuantity": quantity,
        "orderType": kind,
        "lmtPrice": limit,
        "transmit": 1,
        **more,
    }
    return [3, *(values.get(name, "") for name in layouts.names_of(layouts.PLACE_ORDER, 178))]
