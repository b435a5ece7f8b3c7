"""The way to the exchange: encrypted, pinned, bounded; and keys that nobody sees."""

import contextlib
import json
import logging
import select
import socket
import ssl
import subprocess
import threading
import time

import pytest

from nanobook.broker.binance import BinanceBroker, open_binance
from nanobook.broker.binance.site import Site
from nanobook.broker.binance.transport import BODY_LIMIT, Answer, Failure, Transport, tls
from nanobook.clock import SystemClock
from nanobook.errors import ConfigError, ConnectionFailed, InvalidValue, NanobookError, NotConnected
from nanobook.testing import VirtualClock
from nanobook.testing.fake_binance import FakeBinance, FakeBinanceProcess

from .test_secret import whole_story

# Where to


@pytest.mark.parametrize(
    ("url", "host", "stream", "live"),
    [
        ("https://api.binance.com", "api.binance.com", "ws-api.binance.com", True),
        ("https://api4.binance.com/", "api4.binance.com", "ws-api.binance.com", True),
        ("https://testnet.binance.vision", "testnet.binance.vision", "ws-api.testnet.binance.vision", False),
        ("http://127.0.0.1:8080", "127.0.0.1", "127.0.0.1", False),
        ("http://localhost:8080", "localhost", "localhost", False),
        ("http://[::1]:8080", "::1", "::1", False),
    ],
)
def test_the_places_that_are_known(url, host, stream, live):
    site = Site.of(url)
    assert (site.host, site.stream_host, site.is_live) == (host, stream, live)
    assert site.secure == url.startswith("https")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.binance.com",
        "https://api.binance.com.evil.example",
        "https://evil.example/api.binance.com",
        "https://api.binance.com@evil.example",
        "https://user@api.binance.com",
        "https://api.binance.com:8443",
        "https://api.binance.com/other",
        "https://api.binance.com?x=1",
        "https://api.binance.us",
        "http://10.0.0.1:8080",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "127.0.0.1:8080",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:port",
        "http://127.0.0.1:0",
        "http://[::1",
        "",
        None,
        5,
    ],
    ids=repr,
)
def test_any_other_place_is_refused(url):
    with pytest.raises(ConfigError, match="base_url"):
        Site.of(url)


# Over what


def test_certificates_and_names_are_verified():
    context = tls()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_certificate_of_nobody_is_refused(tmp_path):
    made = subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=localhost", "-keyout", tmp_path / "key", "-out", tmp_path / "cert"),
        ],
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            context.wrap_socket(listener.accept()[0], server_side=True).close()

    thread = threading.Thread(target=serve)
    thread.start()
    site = Site.of(f"https://localhost:{listener.getsockname()[1]}")
    outcome = Transport(site, 5, SystemClock()).exchange("GET", "/", {})
    thread.join()
    listener.close()
    assert isinstance(outcome, Failure)
    assert not outcome.sent
    assert "certificate" in outcome.reason


class Raw:
    """A server that sends prepared bytes, then waits until the client hangs up."""

    def __init__(self, *pieces, pause=0.0):
        self.pieces, self.pause = pieces, pause
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.run)

    def run(self):
        """Serve one connection."""
        connection, _ = self.listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            for piece in self.pieces:
                connection.sendall(piece)
                time.sleep(self.pause)
            while connection.recv(65536):
                pass

    def __enter__(self):
        self.thread.start()
        self.transport = Transport(
            Site.of(f"http://127.0.0.1:{self.listener.getsockname()[1]}"), 0.3, SystemClock()
        )
        return self.transport

    def __exit__(self, *_):
        self.transport.close()
        self.thread.join()
        self.listener.close()


OK = b"HTTP/1.1 200 OK\r\n"


def test_an_answer():
    with Raw(OK + b"Content-Length: 2\r\nX-MBX-Used-Weight-1M: 7\r\n\r\n{}") as transport:
        outcome = transport.exchange("GET", "/", {})
    assert outcome == Answer(200, {"content-length": "2", "x-mbx-used-weight-1m": "7"}, b"{}")


@pytest.mark.parametrize(
    ("pieces", "pause"),
    [
        ([], 0),
        ([b"garbage\r\n\r\n"], 0),
        ([OK], 0),
        ([OK + b"Content-Length: 100\r\n\r\n{"], 0),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"], 0),
        ([OK, *[b"x"] * 100], 0.01),
        ([OK + b"Content-Length: 1000\r\n\r\n", *[b"x"] * 100], 0.01),
        ([OK + b"A: " + b"x" * 70_000 + b"\r\n\r\n"], 0),
        ([OK + b"A: b\r\n" * 200 + b"\r\n"], 0),
    ],
    ids=[
        "silent",
        "garbage",
        "half a head",
        "half a body",
        "bad chunk",
        "slow head",
        "slow body",
        "long",
        "many",
    ],
)
def test_every_call_ends_in_time_and_tells_nothing(pieces, pause):
    with Raw(*pieces, pause=pause) as transport:
        began = time.monotonic()
        outcome = transport.exchange("GET", "/", {})
        took = time.monotonic() - began
    assert isinstance(outcome, Failure)
    assert outcome.sent
    assert took < 10  # 0.3 s on a machine at rest


def test_a_request_has_one_time_limit_in_all():
    """Each byte comes in time, so that the time-out of the socket never strikes."""
    trickle = [OK + b"Content-Length: 1000\r\n\r\n", *[b"x"] * 1000]
    with Raw(*trickle, pause=0.02) as transport:
        outcome = transport.exchange("GET", "/", {})
    assert isinstance(outcome, Failure)
    got = int(outcome.reason.split("answer of ")[1].split()[0])
    assert got < 500  # of 20 s, 0.3 were waited for


def test_a_connection_that_was_closed_is_not_written_to():
    """What is written to it would count as sent."""
    with FakeBinance() as fake:
        transport = Transport(Site.of(fake.url), 5, SystemClock())
        for _ in range(3):
            outcome = transport.exchange("GET", "/api/v3/time", {})
            assert isinstance(outcome, Answer)
            fake.cut()
            readable = [transport._connection.sock]
            assert select.select(readable, [], [], 5)[0] == readable  # the news has come
        transport.close()


@pytest.mark.parametrize("head", [b"", b"Content-Length: 99999999999\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_an_answer_of_a_gigabyte_is_left_alone(head):
    chunk = b"x" * 2**20
    piece = b"100000\r\n" + chunk + b"\r\n" if b"chunked" in head else chunk
    with Raw(OK + head + b"\r\n", *[piece] * 20) as transport:
        transport._timeout = 20
        outcome = transport.exchange("GET", "/", {})
    assert isinstance(outcome, Failure)
    assert str(BODY_LIMIT) in outcome.reason


# Keys


CANARY = ("CANARY-api-9f83b1657ff1fc53", "CANARY-secret-b94f6f125c79e3a5")


def attempts(fake, broker):
    """A hundred ways to fail."""
    order = ("BTC", "buy", "0.01", "limit", 6_000_000)
    asks = [
        broker.account,
        broker.positions,
        broker.open_orders,
        broker.executions,
        lambda: broker.quote("BTC"),
        lambda: broker.find_order("x"),
        lambda: broker.order_status(5),
        lambda: broker.cancel_order(5),
        lambda: broker.submit_order(*order),
        lambda: broker.submit_order("BTC", "buy", "0.000001"),
        lambda: broker.instrument(CANARY[0].replace("-", "")),
    ]
    hows = [
        {"do": "drop_before"},
        {"status": 500, "body": "<html>"},
        {"status": 200, "body": "nonsense"},
        {"status": 200, "body": "[]"},
        {"status": 307, "headers": {"Location": "http://127.0.0.1:1"}},
        {"status": 401, "body": '{"code":-2015,"msg":"Invalid API-key."}'},
        {"status": 400, "body": '{"code":-1022,"msg":"Signature for this request is not valid."}'},
        {"status": 400, "body": '{"code":-1021,"msg":"Timestamp"}'},
        {"status": 400, "body": '{"code":-2010,"msg":"no"}'},
        {"status": 403, "body": "firewall"},
    ]
    for how in hows:
        for ask in asks:
            fake.faults.clear()
            fake.fail(times=50, **how)
            yield ask


def test_no_secret_in_a_hundred_errors(caplog):
    caplog.set_level(logging.DEBUG)
    shown, errors = [], 0
    with FakeBinance(keys=CANARY, clock=VirtualClock()) as fake:
        broker = BinanceBroker(*CANARY, base_url=fake.url, clock=fake.clock)
        broker.connect()
        for ask in attempts(fake, broker):
            fake.clock.sleep(400)  # what asked for patience has had it
            try:
                ask()
            except NanobookError as error:
                errors += 1
                shown.append(whole_story(error))
                shown.append(json.dumps({"event": "error", "text": str(error), "args": repr(error.args)}))
        shown += [
            repr(broker),
            str(broker),
            repr(vars(broker)),
            repr(vars(broker._client)),
            repr(broker._keys),
        ]
        broker.disconnect()
    assert errors >= 100
    told = "\n".join([*shown, caplog.text, *(repr(vars(record)) for record in caplog.records)])
    for canary in CANARY:
        assert canary not in told


def test_no_secret_when_nobody_is_there(caplog):
    caplog.set_level(logging.DEBUG)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    broker = BinanceBroker(*CANARY, base_url=url)
    with pytest.raises(NanobookError) as caught:
        broker.connect()
    with pytest.raises(NotConnected):
        broker.account()
    told = whole_story(caught.value) + caplog.text
    assert not [canary for canary in CANARY if canary in told]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"recv_window_ms": wrong} for wrong in (0, 60_001, 5.0, True)),
        *({"quote_asset": wrong} for wrong in ("US DT", "usdt", "", None)),
        *({"timeout": wrong} for wrong in (0, -1, None, "5", float("nan"), float("inf"))),
    ],
    ids=str,
)
def test_options_that_make_no_sense(wrong):
    """And no frame of ours still holds a key, for whatever lists the variables of a traceback."""
    with pytest.raises(InvalidValue, match=next(iter(wrong))) as caught:
        BinanceBroker(*CANARY, **wrong)
    ours = [entry.locals for entry in caught.traceback if entry.name == "__init__"]
    assert ours
    assert not [canary for canary in CANARY if canary in repr(ours)]
    with pytest.raises(ConfigError, match="give one of them"):
        BinanceBroker(*CANARY, testnet=True, base_url="http://127.0.0.1:1")


# The configuration

ENVIRON = {"NANOBOOK_BINANCE_API_KEY": "key", "NANOBOOK_BINANCE_SECRET_KEY": "secret"}


@pytest.mark.parametrize(
    ("settings", "host"),
    [
        ({}, "testnet.binance.vision"),
        ({"kind": "binance", "testnet": True}, "testnet.binance.vision"),
        ({"live": True}, "api.binance.com"),
        ({"live": True, "testnet": False}, "api.binance.com"),
        ({"base_url": "http://127.0.0.1:9"}, "127.0.0.1"),
    ],
    ids=str,
)
def test_real_money_is_traded_on_the_plain_word_only(settings, host, tmp_path):
    broker = open_binance(settings, folder=tmp_path, environ=ENVIRON)
    assert broker._site.host == host
    assert not broker.is_connected


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"tesnet": True}, "unknown key 'tesnet' .did you mean 'testnet'"),
        ({"testnet": False}, "needs live = true"),
        ({"live": True, "testnet": True}, "both true"),
        ({"live": 1}, "live: 1 is a int; give a bool"),
        ({"base_url": "https://api.binance.com"}, "real money"),
        ({"base_url": "http://127.0.0.1:9", "live": True}, "beside live"),
        ({"base_url": "http://example.com"}, "base_url"),
        ({"recv_window_ms": 0}, "recv_window_ms: 0"),
        ({"recv_window_ms": True}, "give a int"),
        ({"secrets_file": "absent"}, "NANOBOOK_BINANCE_API_KEY|secrets_file"),
        ({"api_key": "x"}, "unknown key 'api_key'"),
    ],
    ids=str,
)
def test_c057_c070_c072_settings_that_are_refused(settings, told, tmp_path):
    environ = {} if "secrets_file" in settings else ENVIRON
    with pytest.raises(ConfigError, match=told):
        open_binance(settings, folder=tmp_path, environ=environ)


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    with pytest.raises(ConfigError, match=r"quote.*live.*testnet is false"):
        open_binance({"quote": "USDT", "live": "yes", "testnet": False}, folder=tmp_path, environ=ENVIRON)


def test_c072_keys_come_from_variables_or_a_file(tmp_path):
    file = tmp_path / "keys"
    file.write_text("NANOBOOK_BINANCE_API_KEY=fake-api-key\nNANOBOOK_BINANCE_SECRET_KEY=fake-secret-key\n")
    file.chmod(0o600)
    with FakeBinance() as fake:
        settings = {"base_url": fake.url, "secrets_file": "keys", "stream": False}
        with open_binance(settings, folder=tmp_path, environ={}) as broker:
            order = broker.submit_order("BTC", "buy", "0.01")
            assert broker.order_status(order).status == "Filled"
    (notes,) = tmp_path.glob("binance-orders-127.0.0.1-*.jsonl")
    assert notes.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="NANOBOOK_BINANCE_API_KEY is not set"):
        open_binance({}, folder=tmp_path, environ={})


# In another process


def test_an_exchange_that_outlives_its_client():
    with FakeBinanceProcess() as fake:
        first = BinanceBroker(*fake.keys, base_url=fake.url, stream=False)
        first.connect()
        order = first.submit_order("BTC", "buy", "0.01", "limit", 6_000_000, "outlives")
        fake.fail(on="POST /api/v3/order", do="drop_after")
        with pytest.raises(NanobookError):
            first.submit_order("BTC", "buy", "0.01", "limit", 6_000_000, "lost")
        first._client.close()
        with BinanceBroker(*fake.keys, base_url=fake.url) as second:
            assert second.find_order("outlives").id == order
            assert sorted(fake.live()) == ["lost", "outlives"]
            fake.fill(order_id=order)
            assert second.order_status(order).status == "Filled"
            (fill,) = second.executions()
            assert fill.commission_cents > 0
        assert len(fake.orders()) == 2


@pytest.mark.parametrize("wrong", [("--fee", "x"), ("--port", "99999")])
def test_an_exchange_that_cannot_start_says_why(wrong, capfd):
    with pytest.raises(ConnectionFailed, match="did not start"), FakeBinanceProcess(*wrong):
        pass
    told = capfd.readouterr().err
    assert "error: " in told
    assert "Traceback" not in told
