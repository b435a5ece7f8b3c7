"""Whatever bytes a client sends, the fake answers or cuts, and goes on serving others."""

import socket
import struct
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nanobook.testing import FakeTws
from nanobook.testing.fake_tws.messages import REQUESTS
from nanobook.testing.fake_tws.wire import frame
from tests.testing.tws_clients import PATIENCE, QUOTES, Raw, placing

words = st.one_of(
    st.sampled_from(
        ["", "0", "1", "-1", "nan", "1e400", "AAPL", "STK", "SMART", "USD", "BUY", "LMT", "é", "x"]
    ),
    st.integers(-(2**70), 2**70).map(str),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
)
messages = st.tuples(st.sampled_from([*map(str, REQUESTS), "0", "x", ""]), st.lists(words, max_size=24))
broken_orders = st.lists(st.tuples(st.integers(1, 110), words), min_size=1, max_size=4)
fuzzing = settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def tws():
    with FakeTws(QUOTES, message_rate=10**6, message_burst=10**6) as tws:
        yield tws


def say(client, data):
    """Send bytes and read all answers; the fake may cut at any of them."""
    with suppress(OSError):
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
    with suppress(OSError):
        while client.recv(10_000):
            pass


def still_serves(tws):
    with Raw(tws, client_id=77) as client:
        client.error(2158)
        client.send(49, 1)
        client.read_until(49)


@given(st.binary(max_size=60))
@fuzzing
def test_any_bytes_behind_the_greeting(tws, data):
    with socket.create_connection((tws.host, tws.port), PATIENCE) as stranger:
        say(stranger, b"API\0" + struct.pack(">I", 9) + b"v157..178" + data)
    still_serves(tws)


@given(st.lists(messages, max_size=6))
@fuzzing
def test_any_fields_in_any_message(tws, many):
    with Raw(tws) as client:
        client.error(2158)
        say(client.socket, b"".join(frame([number, *fields]) for number, fields in many))
    still_serves(tws)
    assert tws.executions() == []


@given(broken_orders)
@fuzzing
def test_an_order_with_some_fields_broken_is_taken_or_refused(tws, changes):
    """It is either an order of the gateway's, or answered by an error; never neither."""
    with Raw(tws) as client:
        next_id = int(client.read_until(9)[-1][2])
        client.error(2158)
        message = placing(next_id, limit="1.00", quantity=1)
        for place, word in changes:
            if place < len(message):
                message[place] = word
        before = len(tws.orders())
        client.send(*message)
        client.send(49, 1)
        told = [(answer[0], answer[3]) for answer in client.read_until(49)[:-1]]
        assert len(tws.orders()) > before or any(kind in ("4", "5") for kind, _ in told)
    still_serves(tws)
