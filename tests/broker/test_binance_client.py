"""Requests: signed, timed, sent once; and what their answers mean."""

import hashlib
import hmac
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanobook.broker.binance.answers import Refused, Unanswered
from nanobook.broker.binance.client import Keys, encoded
from nanobook.broker.secret import Secret
from nanobook.errors import AuthenticationFailed, ConnectionFailed, RateLimited
from nanobook.testing import VirtualClock

from .binance_wire import Scripted, answer, client_of, lost, refusal, time_told

SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"


def vector(symbol):
    """The exchange's own example of an order, as it is signed."""
    return encoded(
        [
            *(("symbol", symbol), ("side", "BUY"), ("type", "LIMIT"), ("timeInForce", "GTC")),
            *(("quantity", 1), ("price", "0.1"), ("recvWindow", 5000), ("timestamp", 1499827319559)),
        ]
    )


def test_signing_vectors_of_the_exchange(data):
    """The figures are those of the table in the README of the data folder."""
    table = (data / "README.md").read_text()
    keys = Keys(Secret("x"), Secret(SECRET))
    for symbol, signature in (
        ("LTCBTC", "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
        ("１２３４５６", "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"),  # noqa: RUF001
    ):
        assert keys.sign(vector(symbol)) == signature
        assert signature in table


@given(st.dictionaries(st.sampled_from("abcdef"), st.text(max_size=20), max_size=4))
def test_what_is_signed_is_what_is_sent(parameters):
    clock = VirtualClock()
    wire = Scripted(time_told(clock), answer({}))
    client_of(wire, clock).call("account", **parameters)
    method, target, headers, body = wire.sent[1]
    query, _, signature = target.partition("?")[2].rpartition("&signature=")
    assert (method, body) == ("GET", None)
    assert query.isascii()
    assert hmac.new(b"s" * 16, query.encode(), hashlib.sha256).hexdigest() == signature
    assert query.endswith(f"recvWindow=5000&timestamp={round(clock.now().timestamp() * 1000)}")
    assert headers["X-MBX-APIKEY"].reveal() == "k" * 16


def test_an_order_is_in_the_body_and_not_in_the_address():
    clock = VirtualClock()
    wire = Scripted(time_told(clock), answer({"orderId": 7}))
    client_of(wire, clock).call("new_order", symbol="BTCUSDT", quantity="0.00009", price=None)
    method, target, _, body = wire.sent[1]
    assert (method, target) == ("POST", "/api/v3/order")
    assert body.startswith(b"symbol=BTCUSDT&quantity=0.00009&recvWindow=5000&timestamp=")


# Time


@pytest.mark.parametrize("ahead_ms", [-900, 0, 900])
def test_timestamps_are_the_exchanges_time(ahead_ms):
    clock = VirtualClock()
    client = client_of(Scripted(time_told(clock, ahead_ms)), clock)
    began = round(clock.now().timestamp() * 1000)
    assert client.now_ms() == began + ahead_ms
    clock.sleep(12.5)
    assert client.now_ms() == began + ahead_ms + 12_500
    clock.jump(3600)  # a wall clock that jumps moves no timestamp
    assert client.now_ms() == began + ahead_ms + 12_500


@pytest.mark.parametrize(("ahead_ms", "told"), [(-1500, "1.5 s ahead of"), (86_400_000, "86400.0 s behind")])
def test_c094_a_clock_that_is_wrong_is_refused_after_a_second_look(ahead_ms, told):
    clock = VirtualClock()
    wire = Scripted(*[time_told(clock, ahead_ms)] * 2)
    with pytest.raises(ConnectionFailed, match=told):
        client_of(wire, clock).synchronise()
    assert len(wire.sent) == 2


def test_c094_a_slow_answer_alone_is_no_wrong_clock():
    clock = VirtualClock()
    wire = Scripted(time_told(clock, -1500), time_told(clock))
    client_of(wire, clock).synchronise()
    assert wire.outcomes == []


@pytest.mark.parametrize("jump", [-3600, -2, 2, 3600])
def test_c094_a_clock_that_jumped_is_compared_again_before_an_order(jump):
    clock = VirtualClock()
    right = [time_told(clock)]
    client = client_of(Scripted(*right), clock)
    client.synchronise()
    client.check_clock()  # nothing has happened: no question
    told = time_told(clock)
    clock.jump(jump)
    client._transport.outcomes += [told, told]
    with pytest.raises(ConnectionFailed, match="set it"):
        client.check_clock()


def test_c094_a_machine_that_slept_is_compared_again():
    """The monotonic clock stands still meanwhile; the wall clock and the exchange's do not."""
    clock = VirtualClock()
    client = client_of(Scripted(time_told(clock)), clock)
    client.synchronise()
    clock.jump(3600)
    client._transport.outcomes.append(time_told(clock))
    client.check_clock()
    assert client.now_ms() == round(clock.now().timestamp() * 1000)


def test_c087_a_question_at_the_wrong_time_is_asked_once_more():
    clock = VirtualClock()
    wire = Scripted(time_told(clock), refusal(-1021), time_told(clock), answer({"balances": []}))
    assert client_of(wire, clock).call("account") == {"balances": []}
    wire = Scripted(time_told(clock), refusal(-1021), time_told(clock), refusal(-1021))
    with pytest.raises(Refused, match="-1021"):
        client_of(wire, clock).call("account")
    assert wire.outcomes == []


@pytest.mark.parametrize("name", ["new_order", "cancel_order"])
def test_c087_an_order_at_the_wrong_time_is_not_sent_again(name):
    clock = VirtualClock()
    wire = Scripted(time_told(clock), refusal(-1021), time_told(clock))
    with pytest.raises(Refused, match="not carried out"):
        client_of(wire, clock).call(name)
    assert [method for method, *_ in wire.sent] == ["GET", wire.sent[1][0], "GET"]


# Meaning of answers

UNKNOWN = [
    refusal(-1006),
    refusal(-1007),
    refusal(-1000),
    refusal(-1001),
    answer({"code": -2010, "msg": "x"}, 500),
    answer({"code": -1007, "msg": "x"}, 503),
    answer(b"<html>", 502),
    answer(b"<html>", 400),
    answer(b"", 400),
    answer({"code": "-2010"}, 400),
    answer({"code": 200, "msg": "x"}, 400),
    answer({"code": True}, 400),
    answer([], 400),
    answer(b"{}", 302, location="https://elsewhere.example"),
    answer(b"not json"),
    answer(b'{"a": NaN}'),
    answer(b"[" * 10_000),
    answer(b"\xff\xfe"),
    lost(),
]


@pytest.mark.parametrize("outcome", UNKNOWN, ids=repr)
def test_c075_an_order_is_sent_once_whatever_is_answered(outcome):
    clock = VirtualClock()
    wire = Scripted(time_told(clock), outcome)
    with pytest.raises(Unanswered) as caught:
        client_of(wire, clock).call("new_order")
    assert caught.value.sent
    assert len(wire.sent) == 2


def test_a_question_is_asked_twice_and_no_more():
    clock = VirtualClock()
    wire = Scripted(time_told(clock), lost(), answer([]))
    assert client_of(wire, clock).call("open_orders") == []
    wire = Scripted(time_told(clock), lost(), lost())
    with pytest.raises(ConnectionFailed, match="gone"):
        client_of(wire, clock).call("open_orders")
    wire = Scripted(lost(sent=False))
    with pytest.raises(Unanswered, match="gone") as caught:
        client_of(wire, clock).call("time")
    assert not caught.value.sent


@pytest.mark.parametrize(
    ("code", "status"), [(-1022, 400), (-2014, 400), (-2015, 401), (-1002, 401), (-9, 401)]
)
def test_keys_that_are_not_accepted(code, status):
    clock = VirtualClock()
    with pytest.raises(AuthenticationFailed, match=f"{code}.*permissions"):
        client_of(Scripted(time_told(clock), refusal(code, "Bad.", status)), clock).call("account")


def test_a_refusal_has_its_code_and_printable_words():
    clock = VirtualClock()
    words = "no\n\x1b[2J" + "x" * 1000
    with pytest.raises(Refused) as caught:
        client_of(Scripted(time_told(clock), refusal(-2010, words)), clock).call("new_order")
    assert caught.value.code == -2010
    assert caught.value.text.isprintable()
    assert len(caught.value.text) < 400


# Limits


def test_c086_a_429_is_obeyed_by_all_calls():
    clock = VirtualClock()
    wire = Scripted(time_told(clock), refusal(-1003, status=429, retry_after="30"), answer([]))
    client = client_of(wire, clock)
    with pytest.raises(RateLimited) as caught:
        client.call("open_orders")
    assert (caught.value.retry_after, caught.value.banned) == (30, False)
    for name in ("new_order", "cancel_order"):  # their price, and their purpose, would be gone
        with pytest.raises(RateLimited, match="not sent") as caught:
            client.call(name)
        assert caught.value.retry_after == 30
    assert len(wire.sent) == 2
    assert client.call("open_orders") == []  # a question waits
    assert clock.monotonic() == 30


def test_c086_a_429_without_a_time_waits_for_the_window_of_orders():
    clock = VirtualClock()
    wire = Scripted(time_told(clock), refusal(-1015, status=429), answer({}))
    client = client_of(wire, clock)
    with pytest.raises(RateLimited) as caught:
        client.call("new_order")
    assert caught.value.retry_after == 10
    clock.sleep(9.5)
    client.call("new_order")  # half a second is worth waiting for
    assert clock.monotonic() == 10


def test_c086_a_418_stops_everything():
    clock = VirtualClock()
    wire = Scripted(time_told(clock), refusal(-1003, status=418, retry_after="120"))
    client = client_of(wire, clock)
    with pytest.raises(RateLimited, match="banned"):
        client.call("account")
    clock.sleep(10_000)
    for name in ("account", "new_order", "cancel_order", "time"):
        with pytest.raises(RateLimited) as caught:
            client.call(name)
        assert caught.value.banned
    assert len(wire.sent) == 2


@pytest.mark.parametrize("outcome", [answer(b"<html>", 403), refusal(-1003, "Too many requests queued.")])
def test_c086_a_firewall_and_a_full_queue_are_limits_too(outcome):
    clock = VirtualClock()
    client = client_of(Scripted(time_told(clock), outcome), clock)
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            client.call("new_order")
    assert caught.value.retry_after > 1


# Several threads


def test_a_cancellation_does_not_wait_behind_what_a_limit_holds_back():
    class Clock(VirtualClock):
        def sleep(self, seconds):
            held.set()
            assert go.wait(10)
            super().sleep(seconds)

    held, go, clock = threading.Event(), threading.Event(), Clock()
    transport = Scripted(time_told(clock), answer({"done": "cancel"}), answer([]))
    client = client_of(transport, clock)
    client.synchronise()
    client.limits._buckets["REQUEST_WEIGHT", 60].tokens = 10
    reader = threading.Thread(target=client.call, args=("open_orders",))
    reader.start()
    assert held.wait(10)
    try:
        assert client.call("cancel_order", symbol="BTCUSDT", orderId=1) == {"done": "cancel"}
    finally:
        go.set()
        reader.join()
    assert [method for method, *_ in transport.sent] == ["GET", "DELETE", "GET"]


def test_c086_a_request_that_waits_for_the_connection_hears_the_429_of_another():
    class Slow(Scripted):
        def exchange(self, *request):
            asked.set()
            assert go.wait(10)
            times.append(clock.monotonic())
            return super().exchange(*request)

    clock, times = VirtualClock(), []
    asked, go = threading.Event(), threading.Event()
    client = client_of(Slow(refusal(-1003, status=429, retry_after="7"), answer({"price": "1"})), clock)

    def first():
        with pytest.raises(RateLimited):
            client.call("last_price", symbol="BTCUSDT")

    threads = [threading.Thread(target=first), threading.Thread(target=client.call, args=("average_price",))]
    threads[0].start()
    assert asked.wait(10)
    start = client.limits._buckets["RAW_REQUESTS", 300].tokens
    threads[1].start()
    deadline = time.monotonic() + 10
    while client.limits._buckets["RAW_REQUESTS", 300].tokens == start:  # until it was let through
        assert time.monotonic() < deadline
    go.set()
    for thread in threads:
        thread.join()
    assert times[1] - times[0] >= 7


def test_the_time_that_a_limit_holds_a_question_back_is_not_the_way_to_the_exchange():
    clock = VirtualClock()

    class Live(Scripted):
        def exchange(self, *request):
            self.outcomes.append(time_told(clock))
            return super().exchange(*request)

    client = client_of(Live(), clock)
    client.limits._buckets["REQUEST_WEIGHT", 60].tokens = -1000
    start = clock.monotonic()
    client.synchronise()
    assert clock.monotonic() - start > 10
    assert abs(client.now_ms() - clock.now().timestamp() * 1000) < 2
