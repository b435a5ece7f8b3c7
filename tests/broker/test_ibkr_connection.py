"""The way to the gateway: who is let in, time-outs, losses and how they are mended, threads and loops."""

import asyncio
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from nanobook import IbkrBroker
from nanobook.errors import (
    AuthenticationFailed,
    BrokerError,
    CancelRejected,
    ConnectionFailed,
    InvalidValue,
    NotConnected,
    OrderRejected,
    OrderUnknown,
    WrongType,
)
from nanobook.testing import FakeTws, VirtualClock

QUOTES = {"AAPL": (184.90, 185.10), "MSFT": (369.90, 370.10)}


@pytest.fixture
def tws():
    """A fake in a thread, without orders."""
    with FakeTws(QUOTES, positions=[("AAPL", 100, 150)]) as fake:
        yield fake


@pytest.fixture
def make(tws):
    """Make brokers on the fake, and leave none connected."""
    made = []

    def new(**options):
        broker = IbkrBroker(port=tws.port, **{"timeout": 10, "clock": VirtualClock(), **options})
        made.append(broker)
        return broker

    yield new
    for broker in made:
        broker.disconnect()


@pytest.fixture
def broker(make):
    """One, connected, on a virtual clock."""
    broker = make()
    broker.connect()
    return broker


def until(holds, seconds=10):
    """Wait for something that another thread does."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.001)


def cut(tws, broker):
    """Cut the wire, and wait until the broker has seen it."""
    tws.drop()
    until(lambda: not broker.is_connected)


def rest(broker, name=None):
    """Send an order that rests."""
    return broker.submit_order("AAPL", "buy", 10, "limit", 10_000, name)


# Who is let in


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"port": 4001}, "port: 4001 is that of a live IB Gateway; use 4002 for paper, or live=True"),
        ({"port": 7496}, "port: 7496 is that of a live TWS; use 7497 for paper, or live=True"),
        ({"port": 7497, "live": True}, "port: 7497 is that of a paper TWS; leave out live=True"),
        ({"host": "10.0.0.8"}, "host: 10.0.0.8 is another machine"),
        ({"host": "example.org"}, "host: example.org is another machine"),
        ({"host": ""}, "host: ''; give a name"),
        ({"port": 0}, "port: 0; give a whole number from 1 to 65535"),
        ({"port": "4002"}, "port: '4002'"),
        ({"client_id": -1}, "client_id: -1"),
        ({"timeout": 0}, "timeout: 0; give seconds"),
        ({"timeout": "30"}, "timeout: '30'; give seconds"),
        ({"timeout": None}, "timeout: None; give seconds"),
        ({"timeout": True}, "timeout: True; give seconds"),
        ({"account": ""}, "account: ''; give a text"),
        ({"account": 5}, "account: 5; give a text"),
        ({"currency": None}, "currency: None; give a text"),
        ({"contracts": ["AAPL"]}, "contracts: ['AAPL']; give a mapping"),
        ({"timeout": float("nan")}, "timeout: nan"),
    ],
)
def test_places_that_are_refused(options, message):
    with pytest.raises(InvalidValue) as caught:
        IbkrBroker(**options)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("switch", ["live", "remote", "fractional", "strict", "delayed"])
@pytest.mark.parametrize("value", ["no", "false", 1, None])
def test_a_switch_is_true_or_false(switch, value):
    """A text "no" would be true, and real money might move."""
    with pytest.raises(WrongType, match=f"{switch}: {value!r} is a .*; give True or False"):
        IbkrBroker(port=4001 if switch == "live" else 4002, **{switch: value})


def test_numbers_of_numpy_are_numbers():
    numpy = pytest.importorskip("numpy")
    IbkrBroker(port=numpy.int64(4002), client_id=numpy.uint8(7), timeout=numpy.float64(5))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_this_machine_by_all_its_names(host):
    IbkrBroker(host)


def test_another_machine_if_one_says_so():
    IbkrBroker("10.0.0.8", remote=True)


@pytest.mark.parametrize(
    ("reported", "options", "message"),
    [
        ("U1234567", {}, "account U1234567 is a live account; log in to the paper one, or say live=True"),
        ("DU1234567", {"live": True}, "account DU1234567 is a paper account; leave out live=True"),
        ("DU1234567", {"account": "DU7"}, "account 'DU7' is not what the gateway reports: DU1234567"),
        ("DU1,DU2", {}, "the gateway reports the accounts DU1, DU2; name one"),
    ],
)
def test_accounts_that_are_refused(reported, options, message):
    with FakeTws(QUOTES, account=reported) as tws:
        broker = IbkrBroker(port=tws.port, timeout=10, **options)
        with pytest.raises(AuthenticationFailed, match=message):
            broker.connect()
        assert not broker.is_connected
        assert set(tws.received()) <= {"startApi"}
    assert_no_thread()


def test_a_live_account_if_one_says_so():
    with FakeTws(QUOTES, account="U1234567") as tws:
        broker = IbkrBroker(port=tws.port, timeout=10, live=True, account="U1234567")
        with broker:
            assert broker.account().account_id == "U1234567"


def test_the_client_id_of_a_dead_process_becomes_free(tws, make):
    first, clock = make(), VirtualClock()
    first.connect()
    clock.at(2.5, first.disconnect)  # during the second wait
    second = make(clock=clock)
    second.connect()
    assert second.is_connected
    assert clock.slept == 3.0


def test_a_client_id_that_stays_in_use(tws, broker, make):
    other = make()
    with pytest.raises(
        ConnectionFailed, match=r"client id 1 is in use at 127.0.0.1:.*give each program its own"
    ):
        other.connect()
    assert broker.is_connected
    broker.account()


# Nobody, and nobody who answers


def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        broker = IbkrBroker(port=free.getsockname()[1], timeout=5)
        with pytest.raises(ConnectionFailed, match="does TWS or IB Gateway run there, with its API enabled"):
            broker.connect()
    assert not broker.is_connected
    with pytest.raises(NotConnected):
        broker.account()
    assert_no_thread()


def test_somebody_listens_and_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as server:
        broker = IbkrBroker(port=server.getsockname()[1], timeout=0.2)
        with pytest.raises(ConnectionFailed, match=r"no answer within 0.2 s"):
            broker.connect()
    assert_no_thread()


def test_somebody_who_speaks_another_language():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet():
            client, _ = server.accept()
            with client:
                client.recv(100)
                client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                client.recv(100)

        thread = threading.Thread(target=greet)
        thread.start()
        broker = IbkrBroker(port=server.getsockname()[1], timeout=0.3)
        with pytest.raises(ConnectionFailed):
            broker.connect()
        thread.join()
    assert_no_thread()


@pytest.mark.parametrize(
    ("message", "ask"),
    [
        ("reqPositions", lambda broker: broker.positions()),
        ("reqAccountSummary", lambda broker: broker.account()),
        ("reqContractDetails", lambda broker: broker.instrument("MSFT")),
        ("reqAllOpenOrders", lambda broker: broker.open_orders()),
        ("reqExecutions", lambda broker: broker.executions()),
        ("reqCompletedOrders", lambda broker: broker.find_order("x")),
        ("reqCurrentTime", lambda broker: broker.server_time()),
    ],
)
def test_every_question_has_a_time_out(tws, make, message, ask):
    broker = make(timeout=0.15)
    tws.place_by_hand("AAPL", "buy", 1, 1)  # loads the engine
    broker.connect()
    rest(broker)
    tws.add_fault(message, "mute")
    with pytest.raises(ConnectionFailed, match="no answer"):
        ask(broker)
    ask(broker)  # the next one is answered


def test_a_cancellation_that_nobody_answers(tws, make):
    broker = make(timeout=0.15)
    tws.place_by_hand("AAPL", "buy", 1, 1)  # loads the engine
    broker.connect()
    order = rest(broker)
    tws.add_fault("cancelOrder", "mute")  # does it all the same
    with pytest.raises(ConnectionFailed, match=f"no answer to the cancellation of order {order}"):
        broker.cancel_order(order)
    with pytest.raises(CancelRejected, match="it has ended"):
        broker.cancel_order(order)
    assert broker.order_status(order).status == "Cancelled"


def test_an_order_that_nobody_answers_is_unknown(tws, make):
    broker = make(timeout=0.15)
    broker.connect()
    tws.add_fault("placeOrder", "lose")
    with pytest.raises(
        OrderUnknown, match=r"nothing came within 0.15 s; look for it with find_order"
    ) as caught:
        rest(broker, "silent-1")
    assert caught.value.client_order_id == "silent-1"
    with pytest.raises(BrokerError, match="one name, one order"):
        rest(broker, "silent-1")  # until somebody has looked
    assert broker.find_order("silent-1") is None
    assert tws.received()["placeOrder"] == 1


def test_a_late_answer_is_not_taken_for_the_next_one(tws, make):
    """Requests without a number look alike: after one that was not answered the connection is another."""
    broker = make(timeout=0.15)
    broker.connect()
    tws.add_fault("openOrderEnd", "delay", seconds=0.3)
    with pytest.raises(ConnectionFailed):
        broker.open_orders()
    assert not broker.is_connected
    before = tws.received()["startApi"]
    assert broker.open_orders() == []
    assert tws.received()["startApi"] == before + 1


# Lost, and mended


def test_a_question_mends_a_lost_connection(tws, broker):
    order = rest(broker, "lives")
    cut(tws, broker)
    clock = broker._clock
    assert broker.order_status(order).status == "Submitted"
    assert broker.is_connected
    assert 0.8 <= clock.slept <= 1.2


def test_c076_what_happened_meanwhile_is_known_before_anything_else(tws, broker):
    filled, cancelled = rest(broker, "filled"), rest(broker, "cancelled")
    cut(tws, broker)
    perms = {order["order_ref"]: order["perm_id"] for order in tws.orders()}
    tws.cancel_order(perms["cancelled"])
    tws.set_quote("AAPL", bid=99, ask=100)
    assert broker.order_status(filled).status == "Filled"
    assert broker.order_status(cancelled).status == "Cancelled"
    assert [e.client_order_id for e in broker.executions()] == ["filled"]


def test_no_order_leaves_until_somebody_has_looked(tws, broker):
    cut(tws, broker)
    with pytest.raises(NotConnected, match="the order was not sent"):
        rest(broker)
    assert "placeOrder" not in tws.received()
    assert broker.open_orders() == []
    rest(broker)


def test_reconnecting_is_given_up_after_a_minute(tws, make):
    broker = make()
    broker.connect()
    tws.stop()
    until(lambda: not broker.is_connected)
    clock = broker._clock
    with pytest.raises(ConnectionFailed, match="reconnect failed after 5 attempts"):
        broker.open_orders()
    assert 31 * 0.8 <= clock.slept <= 31 * 1.2
    with pytest.raises(ConnectionFailed, match="reconnect failed"):
        broker.connect()


def test_a_restart_of_the_gateway(tws, broker):
    order = rest(broker, "survives")
    tws.restart()
    until(lambda: not broker.is_connected)
    assert broker.find_order("survives").id == order
    broker.cancel_order(order)
    assert broker.order_status(order).status == "Cancelled"


def test_c077_order_numbers_that_fall_after_a_restart(tws, broker):
    orders = [rest(broker) for _ in range(3)]
    tws.restart(next_id=1)
    until(lambda: not broker.is_connected)
    broker.open_orders()
    assert rest(broker) == orders[-1] + 1


def test_c078_while_the_gateway_has_lost_its_servers(tws, broker):
    order = rest(broker, "before")
    tws.set_link("lost")
    until(lambda: not broker.is_connected)
    with pytest.raises(NotConnected, match=r"lost its connection to Interactive Brokers \(1100.*not sent"):
        rest(broker)
    for ask in (broker.account, lambda: broker.quote("AAPL"), broker.connect):
        with pytest.raises(ConnectionFailed, match="1100"):
            ask()
    tws.set_quote("AAPL", bid=99, ask=100)  # fills it meanwhile
    before = tws.received()
    tws.set_link("restored")
    until(lambda: broker.is_connected)
    assert broker.order_status(order).status == "Filled"
    after = tws.received()
    assert after["reqAllOpenOrders"] == before["reqAllOpenOrders"] + 1
    assert after["reqAccountUpdates"] == before["reqAccountUpdates"]
    assert "placeOrder" in after
    assert after["placeOrder"] == 1


def test_c078_subscriptions_are_made_anew_after_1101(tws, broker):
    tws.set_link("lost")
    until(lambda: not broker.is_connected)
    before = tws.received()
    tws.set_link("data_lost")
    until(lambda: broker.is_connected)
    rest(broker)  # compares first, by itself
    after = tws.received()
    assert after["reqAccountUpdates"] == before["reqAccountUpdates"] + 1
    assert after["reqCompletedOrders"] == before["reqCompletedOrders"] + 1


def test_c078_a_gateway_that_has_no_servers_yet(tws, make):
    tws.set_link("lost")
    broker = make()
    broker.connect()
    assert not broker.is_connected
    with pytest.raises(ConnectionFailed, match="1100"):
        broker.account()
    tws.set_link("restored")
    until(lambda: broker.is_connected)
    broker.account()


KILLED = """
import os, signal, sys
from nanobook import IbkrBroker
broker = IbkrBroker(port=int(sys.argv[1]), timeout=20)
broker.connect()
broker.submit_order("AAPL", "buy", 10, "limit", 10_000, "of-the-dead")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_c096_the_order_of_a_process_that_was_killed(tws, make):
    """The next one, of the same client id, finds it, may cancel it, and cannot send it twice."""
    tws.cancel_order(tws.place_by_hand("AAPL", "buy", 1, 1))  # loads the engine
    done = subprocess.run([sys.executable, "-c", KILLED, str(tws.port)], check=False)
    assert done.returncode == -signal.SIGKILL
    broker = make()
    broker.connect()
    found = broker.find_order("of-the-dead")
    assert (found.status, found.remaining_quantity) == ("Submitted", 10)
    with pytest.raises(OrderRejected, match="one name, one order"):
        rest(broker, "of-the-dead")
    broker.cancel_order(found.id)
    assert broker.find_order("of-the-dead").status == "Cancelled"
    assert tws.received()["placeOrder"] == 1


# Threads, loops, pace


def assert_no_thread():
    """No thread of a broker's is left."""
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("nanobook-ibkr")]


def test_nothing_is_left_behind(tws, make):
    broker = make()
    for _ in range(2):
        broker.connect()
        broker.connect()  # is connected
        loop = broker._connection._loop._loop
        broker.disconnect()
        broker.disconnect()
        assert loop.is_closed()
    assert_no_thread()


def test_it_works_inside_a_running_loop(tws):
    """As in a notebook: blocking calls, while another loop runs in this thread."""

    async def cell():
        before = asyncio.all_tasks()
        with IbkrBroker(port=tws.port, timeout=10) as broker:
            order = rest(broker)
            status = broker.order_status(order)
        assert asyncio.all_tasks() == before
        return status

    assert asyncio.run(cell()).status == "Submitted"
    assert_no_thread()


def test_two_brokers_side_by_side(make):
    first, second = make(), make(client_id=2)
    first.connect()
    second.connect()
    mine = rest(first, "first")
    theirs = [order for order in second.open_orders() if order.client_order_id == "first"]
    assert [order.id for order in theirs] != [mine]  # another's order goes by its permanent number
    assert second.find_order("first").status == "Submitted"
    first.cancel_order(mine)


def test_c087_never_more_than_the_gateway_bears(tws):
    """By the system's clock: 120 messages as fast as they go, and the fake counts."""
    with IbkrBroker(port=tws.port, timeout=10) as broker:
        for _ in range(60):
            broker.server_time()
        assert "too fast" not in tws.received()


def test_threads_may_share_a_broker(broker):
    failures = []

    def ask():
        try:
            for _ in range(5):
                broker.account()
                broker.positions()
                broker.open_orders()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
