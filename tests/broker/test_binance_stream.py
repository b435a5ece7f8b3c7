"""The user-data stream: what is told is believed, what is missed is asked for."""

import base64
import hashlib
import socket
import struct
import threading
import time
from contextlib import suppress
from decimal import Decimal

import pytest

from nanobook.broker.binance import BinanceBroker
from nanobook.broker.binance import stream as stream_module
from nanobook.broker.binance.site import Site
from nanobook.broker.binance.websocket import GUID, WebSocket, WebSocketError
from nanobook.testing import VirtualClock
from nanobook.testing.fake_binance import FakeBinance


def until(condition, seconds=20):
    """Wait for what another thread does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


@pytest.fixture
def fake():
    with FakeBinance(clock=VirtualClock()) as fake:
        yield fake


@pytest.fixture
def broker(fake, monkeypatch):
    monkeypatch.setattr(stream_module, "PAUSES", (0.01,))
    with BinanceBroker(*fake.keys, base_url=fake.url, clock=fake.clock) as broker:
        until(lambda: broker._desk.stream.subscribed.is_set())
        yield broker


def looks(fake):
    """How often an order was asked for."""
    return fake.requests.count(("GET", "/api/v3/order"))


def rest(broker, name="a"):
    """An order that rests."""
    return broker.submit_order("BTC", "buy", "0.01", "limit", 6_000_000, name)


def heard(broker, order, state):
    """Wait until the stream told of a state."""
    told = broker._desk.stream.status
    until(lambda: (found := told("BTCUSDT", order)) is not None and found.status == state)


def test_a_fill_is_told_without_a_question(fake, broker):
    order = rest(broker)
    heard(broker, order, "Submitted")
    asked = looks(fake)
    fake.fill(order, "0.004")
    heard(broker, order, "PartiallyFilled")
    status = broker.order_status(order)
    assert (status.filled_quantity, status.remaining_quantity) == (Decimal("0.004"), Decimal("0.006"))
    fake.fill(order)
    heard(broker, order, "Filled")
    assert broker.order_status(order).avg_fill_price_cents == 6_000_000
    assert looks(fake) == asked


def test_what_is_told_is_what_would_be_answered(fake, broker):
    orders = [rest(broker, "filled"), rest(broker, "cancelled"), rest(broker, "alive")]
    fake.fill(orders[0])
    broker.cancel_order(orders[1])
    for order, state in zip(orders, ("Filled", "Cancelled", "Submitted"), strict=True):
        heard(broker, order, state)
        assert broker._desk.stream.status("BTCUSDT", order) == broker._desk._look("BTCUSDT", None, order)
    assert broker._desk.stream.fills() == broker.executions()


def test_fills_told_twice_are_one(fake, broker):
    order = rest(broker)
    fake.fill(order)
    heard(broker, order, "Filled")
    assert [fill.order_id for fill in broker.executions()] == [order]
    fake.market.trades.clear()  # the list is late: what was told stands
    assert [fill.order_id for fill in broker.executions()] == [order]


def test_an_order_that_lives_is_believed_for_a_moment_only(fake, broker):
    order = rest(broker)
    heard(broker, order, "Submitted")
    asked = looks(fake)
    broker.order_status(order)
    assert looks(fake) == asked
    fake.clock.sleep(stream_module.TRUST)
    broker.order_status(order)
    assert looks(fake) == asked + 1


def test_c076_a_fill_while_the_stream_is_broken_is_not_missed(fake, broker):
    first, second = rest(broker, "first"), rest(broker, "second")
    heard(broker, first, "Submitted")
    heard(broker, second, "Submitted")
    stream = broker._desk.stream
    fake.cut(down=True)
    until(lambda: not stream.subscribed.is_set())
    fake.fill(first)
    fake.fill(second)
    fake.is_down = False
    assert broker.order_status(first).status == "Filled"
    assert len(broker.executions()) == 2
    until(stream.subscribed.is_set)  # it came back by itself
    assert broker.order_status(second).status == "Filled"  # what was told before the break counts no more


def test_a_stream_that_ends_is_begun_again(fake, broker):
    before = fake.requests.count(("GET", "/api/v3/time"))
    fake.end_streams()
    until(lambda: not broker._desk.stream.subscribed.is_set())
    until(lambda: broker._desk.stream.subscribed.is_set())
    assert fake.requests.count(("GET", "/api/v3/time")) == before
    order = rest(broker)
    heard(broker, order, "Submitted")


def test_pings_are_answered(fake, broker):
    fake.ping()
    until(lambda: fake.pongs == 1)


def test_other_events_and_nonsense_are_survived(fake, broker):
    fake._tell({"e": "outboundAccountPosition", "E": 1, "u": 1, "B": []})
    fake._tell({"e": "executionReport", "s": "ETHBTC"})
    fake._tell({"e": "executionReport", "s": "BTCUSDT", "i": "x"})
    broker.instrument("BTC")
    fake._tell({"e": "executionReport", "s": "BTCUSDT", "i": "x"})
    until(lambda: broker._desk.stream.subscribed.is_set())
    order = rest(broker)
    heard_or_asked = broker.order_status(order)
    assert heard_or_asked.status == "Submitted"


def test_a_message_too_deep_to_be_read_does_not_end_the_thread(fake, broker):
    stream, socket = broker._desk.stream, broker._desk.stream._socket
    for subscriber in list(fake._server.subscribers):
        subscriber._frame(1, b"[" * 60_000)
    until(lambda: stream._socket not in (None, socket) and stream.subscribed.is_set())
    order = rest(broker)
    heard(broker, order, "Submitted")


def test_a_subscription_that_is_refused_leaves_asking(fake, monkeypatch, caplog):
    monkeypatch.setattr(stream_module, "PAUSES", (0.01,))
    caplog.set_level("INFO")
    monkeypatch.setattr(stream_module, "METHOD", "userDataStream.subscribe")
    with BinanceBroker(*fake.keys, base_url=fake.url, clock=fake.clock) as broker:
        order = rest(broker)
        fake.fill(order)
        assert broker.order_status(order).status == "Filled"
        until(lambda: "subscription refused, status 400" in caplog.text)
    assert fake.keys[1] not in caplog.text
    assert fake.keys[0] not in caplog.text


def test_leaving_ends_the_thread(fake, broker):
    thread = broker._desk.stream._thread
    broker.disconnect()
    assert not thread.is_alive()
    assert broker._desk.stream is None


# The protocol itself, against a server that does not keep it


class Rude:
    """A server that shakes hands, or not, and then says what it was told to say."""

    def __init__(self, *frames, accept=True, status=b"101 Switching Protocols"):
        self.frames, self.accept, self.status = frames, accept, status
        self.heard = b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.run)

    def run(self):
        """Serve one connection."""
        connection, _ = self.listener.accept()
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(4096)
            key = head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
            digest = base64.b64encode(hashlib.sha1(key + GUID).digest()) if self.accept else b"no"
            lines = [b"HTTP/1.1 " + self.status, b"SEC-WEBSOCKET-ACCEPT: " + digest, b"", b""]
            with suppress(OSError):  # the client may have had enough
                connection.sendall(b"\r\n".join(lines) + b"".join(self.frames))
                connection.shutdown(socket.SHUT_WR)
                while data := connection.recv(4096):
                    self.heard += data

    def __enter__(self):
        self.thread.start()
        return Site.of(f"http://127.0.0.1:{self.listener.getsockname()[1]}")

    def __exit__(self, *_):
        self.thread.join()
        self.listener.close()


def frame(payload, opcode=1, final=True):
    """A server's frame."""
    size = len(payload)
    head = bytes([(0x80 if final else 0) | opcode])
    if size < 126:
        return head + bytes([size]) + payload
    return head + (struct.pack(">BH", 126, size) if size < 65536 else struct.pack(">BQ", 127, size)) + payload


def received(*frames, **options):
    """What a client reads of these frames."""
    server = Rude(*frames, **options)
    with server as site:
        client = WebSocket(site, "/", 5)
        try:
            return client.receive(), server
        finally:
            client.close()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 2**20])
def test_messages_of_all_lengths(size):
    text = "é" * (size // 2) + "x" * (size % 2)
    assert received(frame(text.encode()))[0] == text


def test_messages_in_parts_with_a_ping_between():
    parts = [(b"ab", 1, False), (b"now", 9), (b"c", 0, False), (b"", 10), (b"d", 0)]
    text, server = received(*(frame(*part) for part in parts))
    assert text == "abcd"
    first, second, *mask = server.heard[:6]
    assert (first, second) == (0x8A, 0x83)  # a pong, masked, with what the ping held
    assert bytes(a ^ b for a, b in zip(server.heard[6:], mask, strict=False)) == b"now"


@pytest.mark.parametrize(
    "frames",
    [
        [frame(b"x" * (2**20 + 1))],
        [frame(b"x" * 2**20, final=False), frame(b"y", 0)],
        [b"\x81\x7f" + b"\xff" * 8],
        [b"\xc1\x01x"],
        [b"\x81\x81mask1"],
        [frame(b"", 8)],
        [b"\x81"],
        [b"\x81\x05abc"],
        [],
    ],
    ids=["long", "long in parts", "huge", "reserved", "masked", "close", "torn head", "torn", "nothing"],
)
def test_c040_frames_that_break_the_protocol(frames):
    with pytest.raises(WebSocketError):
        received(*frames)


@pytest.mark.parametrize(
    "options", [{"accept": False}, {"status": b"200 OK"}, {"status": b"302 Found"}], ids=str
)
def test_a_server_that_gives_no_websocket(options):
    with pytest.raises(WebSocketError, match="no WebSocket"):
        received(frame(b"{}"), **options)


@pytest.mark.parametrize("size", [3, 200, 70_000])
def test_what_is_sent_can_be_read(size):
    server = Rude()
    with server as site:
        client = WebSocket(site, "/", 5)
        client.send("x" * size)
        client.close()
    lengths = {3: 2, 200: 4, 70_000: 10}
    at = lengths[size]
    mask, payload = server.heard[at : at + 4], server.heard[at + 4 :]
    assert bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) == b"x" * size
