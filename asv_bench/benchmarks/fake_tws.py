"""The fake Trader Workstation over loopback: microseconds of CPU time of client and server together.

By hand: ``python asv_bench/benchmarks/fake_tws.py``. The client is a plain socket, so that the server is
most of what is timed.
"""

import socket
import statistics
import struct
import time

from nanobook.testing import FakeTws
from nanobook.testing.fake_tws import layouts

ORDERS = 1_000
QUIET = {"message_rate": 10**6, "message_burst": 10**6}
ASKED = {
    "symbol": "AAPL",
    "secType": "STK",
    "exchange": "SMART",
    "currency": "USD",
    "conId": 0,
    "action": "BUY",
    "totalQuantity": 1,
    "lmtPrice": "185.10",
    "orderType": "LMT",
    "transmit": 1,
}


def frame(*fields):
    """Bytes of a message."""
    body = "".join(f"{field}\0" for field in fields).encode()
    return struct.pack(">I", len(body)) + body


class Client:
    """As little of a client as there can be."""

    def __init__(self, tws):
        self.socket = socket.create_connection((tws.host, tws.port), 60)
        self.file = self.socket.makefile("rb")
        self.socket.sendall(b"API\0" + struct.pack(">I", 4) + b"v178" + frame(71, 2, 1, ""))

    def read_until(self, number):
        """Read up to a message with an id."""
        head = str(number).encode() + b"\0"
        while True:
            (length,) = struct.unpack(">I", self.file.read(4))
            if self.file.read(length).startswith(head):
                return

    def close(self):
        """Leave."""
        self.file.close()
        self.socket.close()


def timed(work, count):
    """Microseconds of CPU time a piece."""
    start = time.process_time_ns()
    work()
    return (time.process_time_ns() - start) / count / 1_000


def order():
    """An order that fills at once: six messages come back, and the position."""
    with FakeTws(**QUIET) as tws:
        client = Client(tws)
        tws.place_by_hand("AAPL", "BUY", 1)  # brings in the engine
        names = layouts.names_of(layouts.PLACE_ORDER, 178)

        def work():
            for order_id in range(1, ORDERS + 1):
                values = {**ASKED, "orderId": order_id}
                client.socket.sendall(frame(3, *(values.get(name, "") for name in names)))
                client.read_until(59)

        spent = timed(work, ORDERS)
        client.close()
        assert tws.positions() == {"AAPL": ORDERS + 1}
    return spent


def question():
    """The time."""
    with FakeTws(**QUIET) as tws:
        client = Client(tws)

        def work():
            for _ in range(ORDERS):
                client.socket.sendall(frame(49, 1))
                client.read_until(49)

        spent = timed(work, ORDERS)
        client.close()
        assert tws.received()["reqCurrentTime"] == ORDERS
    return spent


def quote():
    """A quote that moves, with a thousand orders at rest that it does not meet."""
    with FakeTws(cash=10**9, **QUIET) as tws:
        for i in range(ORDERS):
            tws.place_by_hand("AAPL", "BUY", 1, round(100 + i / 100, 2))

        def work():
            for i in range(ORDERS):
                tws.set_quote("AAPL", bid=round(184 + i % 50 / 100, 2))

        spent = timed(work, ORDERS)
        assert tws.executions() == []
    return spent


class Wire:
    """Microseconds of CPU time, median of five."""

    unit = "us"
    timeout = 300

    def track_order(self):
        return statistics.median(order() for _ in range(5))

    def track_question(self):
        return statistics.median(question() for _ in range(5))

    def track_quote(self):
        return statistics.median(quote() for _ in range(5))


for _name in ("order", "question", "quote"):
    getattr(Wire, f"track_{_name}").unit = Wire.unit


if __name__ == "__main__":
    for work in (order, question, quote):
        print(f"{work.__name__}: {statistics.median(work() for _ in range(5)):.0f} us CPU")
