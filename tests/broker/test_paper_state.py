"""The file of the paper broker: what it keeps, who may read it, what is done when it is broken."""

import json
import multiprocessing
import os
import stat

import pytest

from nanobook import PaperBroker
from nanobook.broker.paper.behaviour import Behaviour
from nanobook.broker.paper.floor import Floor
from nanobook.broker.paper.ledger import Ledger
from nanobook.broker.paper.state import State
from nanobook.errors import ConnectionFailed, CorruptFile, NotConnected, OrderRejected, OrderUnknown
from nanobook.testing import VirtualClock
from tests.faults import Faults

QUOTES = {"A": {"bid_cents": 9_990, "ask_cents": 10_010}, "B": {"bid": "0.5", "ask": "0.51", "lot": "0.01"}}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "paper.json"


@pytest.fixture
def open_(path):
    """Open the account as a process does."""
    clock = VirtualClock()

    def open_(**more):
        broker = PaperBroker(1_000_000, {"A": 5}, QUOTES, clock=clock, state=path, **more)
        broker.connect()
        return broker

    open_.clock = clock
    return open_


def filled_account(open_):
    """An account with every kind of order, a fraction, a thing on its way."""
    broker = open_(latency_seconds=1, partial_fills=0.5, commission_per_share_cents="0.35")
    broker.submit_order("A", "buy", 7, "limit", 10_010, "in-part")
    broker.submit_order("B", "buy", "12.34", client_order_id="market")
    broker.submit_order("A", "sell", 500, client_order_id="refused")
    open_.clock.advance(1)
    broker.submit_order("A", "sell", 2, "stop_limit", 8_000, "stop", 9_000, "gtc")
    open_.clock.advance(2)
    broker.submit_order("A", "buy", 1, "limit", 9_000, "on-its-way")
    return broker


def everything(broker):
    """All that a broker tells."""
    names = ("in-part", "market", "refused", "stop", "on-its-way")
    found = [broker.find_order(name) for name in names]
    return broker.account(), broker.positions(), broker.open_orders(), broker.executions(), found


def test_the_next_process_knows_all(open_, path):
    first = filled_account(open_)
    told = everything(first)
    assert [str(order.status) for order in told[-1]] == [
        *("PartiallyFilled", "PartiallyFilled", "Rejected", "Submitted", "Pending")
    ]
    first.disconnect()
    second = PaperBroker(state=path, clock=open_.clock)
    second.connect()
    again = everything(second)
    assert again[2:] == told[2:]
    assert again[0].cash_cents == told[0].cash_cents
    assert [(p.symbol, p.quantity, p.avg_cost_cents) for p in again[1]] == [
        (p.symbol, p.quantity, p.avg_cost_cents) for p in told[1]
    ]


def test_the_next_process_brings_the_next_quote(open_):
    filled_account(open_).disconnect()
    assert open_().find_order("in-part").status == "Filled"


def test_text_and_back_is_the_same(open_):
    state = filled_account(open_)._floor.state
    text = state.to_text()
    assert State.of_text(text).to_text() == text == state.to_text()
    assert json.loads(text)["format"] == "nanobook paper broker 1"


def test_the_file_is_for_its_owner_only_and_is_there_at_once(open_, path):
    old = os.umask(0)
    try:
        broker = open_()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        broker.submit_order("A", "buy", 1)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.with_name("paper.json.lock").stat().st_mode) == 0o600
    finally:
        os.umask(old)


def test_nothing_is_written_before_connect_or_by_questions(open_, path):
    PaperBroker(state=path)
    assert not path.exists()
    broker = open_()
    mark = path.stat()
    broker.account(), broker.positions(), broker.quote("A"), broker.open_orders(), broker.executions()
    assert path.stat() == mark


def test_what_is_in_the_file_wins_over_what_one_begins_with(open_, path):
    open_().submit_order("A", "buy", 1)
    other = PaperBroker(7, {"C": 1}, QUOTES, state=path)
    other.connect()
    assert other.account().cash_cents == 1_000_000 - 10_010
    assert [(p.symbol, p.quantity) for p in other.positions()] == [("A", 6)]


def test_two_brokers_on_one_file_are_one_account(open_):
    a, b = open_(), open_()
    order = a.submit_order("A", "buy", 1, "limit", 9_000, "shared")
    assert b.find_order("shared").id == order
    with pytest.raises(OrderRejected, match="duplicate client_order_id shared: it is order 1, Submitted"):
        b.submit_order("A", "buy", 1, client_order_id="shared")
    b.cancel_order(order)
    assert a.order_status(order).status == "Cancelled"
    assert a.open_orders() == b.open_orders() == []
    assert a.submit_order("A", "buy", 1) == 2
    assert b.submit_order("A", "buy", 1) == 3
    assert a.positions() == b.positions()


def test_an_order_that_another_process_left_fills_here(open_):
    open_().submit_order("A", "buy", 3, "limit", 9_000, "left")
    broker = open_()
    broker.feed({"A": {"bid_cents": 8_000, "ask_cents": 8_010}})
    assert broker.find_order("left").status == "Filled"
    assert open_().positions()[0].quantity == 8


def test_a_broken_file_is_refused_and_left_as_it_is(open_, path):
    filled_account(open_)
    whole = path.read_bytes()
    table = json.loads(whole)
    broken = [whole[:length] for length in range(0, len(whole), 97)]
    broken += [
        json.dumps({**table, **change}).encode()
        for change in (
            {"format": "another"},
            {"cash_cents": "many"},
            {"cash_cents": None},
            {"positions": {"A": [1]}},
            {"positions": {"A": ["NaN", 1]}},
            {"orders": [{"id": 1}]},
            {"orders": [{**table["orders"][0], "state": "Lost"}]},
            {"orders": [{**table["orders"][0], "unknown": 1}]},
            {"executions": [{}]},
            {"executions": [{**table["executions"][0], "timestamp": 5}]},
            {"agenda": [["tomorrow", 1, "arrive", 1]]},
            {"last_id": None},
        )
    ]
    broken += [b"[]", b"\xff\xfe", b"null"]
    for text in broken:
        path.write_bytes(text)
        with pytest.raises(CorruptFile, match=r"paper\.json: not the state of a paper broker"):
            open_()
        assert path.read_bytes() == text


def test_a_broken_file_while_it_is_used_ends_the_question(open_, path):
    broker = open_()
    path.write_text("{}")
    with pytest.raises(CorruptFile):
        broker.account()


@pytest.mark.parametrize("nth", range(1, 12))
def test_a_disk_that_fails_leaves_the_order_unknown(open_, monkeypatch, path, nth):
    """Whatever call fails, the file tells afterwards whether the order was taken."""
    broker = open_()
    with Faults(monkeypatch, nth) as faults:
        try:
            broker.submit_order("A", "buy", 1, client_order_id="doubtful")
            failed = False
        except OrderUnknown:
            failed = True
    if len(faults.names) < nth:
        assert not failed
        return
    if failed:
        with pytest.raises(NotConnected):
            broker.account()
    on_disk = open_().find_order("doubtful")
    broker.connect()
    found = broker.find_order("doubtful")
    assert found == on_disk == open_().find_order("doubtful")
    assert broker.positions()[0].quantity == 5 + (found is not None)
    assert len(list(path.parent.iterdir())) == 2  # the file and its lock, nothing half written


def test_what_did_not_reach_the_disk_never_was(open_, monkeypatch):
    """Another process may have written meanwhile; its orders are not overwritten."""
    broker = open_()
    with Faults(monkeypatch, 3), pytest.raises(OrderUnknown):
        broker.submit_order("A", "buy", 1, client_order_id="doubtful")
    other = open_().submit_order("A", "buy", 2, client_order_id="other")
    broker.connect()
    assert broker.find_order("doubtful") is None
    assert broker.find_order("other").id == other
    assert broker.positions()[0].quantity == 7
    assert open_().positions() == broker.positions()


def test_a_disk_that_fails_at_a_cancel_is_told(open_, monkeypatch):
    broker = open_()
    order = broker.submit_order("A", "buy", 1, "limit", 9_000)
    with (
        Faults(monkeypatch, 4),
        pytest.raises(ConnectionFailed, match=r"the state of the paper broker: .*No space left"),
    ):
        broker.cancel_order(order)
    broker.connect()
    assert broker.order_status(order).status in ("Submitted", "Cancelled")
    assert broker.order_status(order) == open_().order_status(order)


def _buy(path, name, times):
    broker = PaperBroker(0, {}, QUOTES, state=path)
    broker.connect()
    for i in range(times):
        broker.submit_order("A", "buy", 1, "limit", 1, f"{name}-{i}")


def test_processes_at_the_same_time_lose_nothing(open_, path):
    broker = open_()
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_buy, args=(path, name, 10)) for name in ("a", "b", "c")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    orders = broker.open_orders()
    assert sorted(order.id for order in orders) == list(range(1, 31))
    assert {order.client_order_id for order in orders} == {f"{n}-{i}" for n in "abc" for i in range(10)}


def test_c079_a_state_is_written_from_what_was_written_before():
    """An order that has ended, and a fill, are put into words once."""
    floor = Floor(State(Ledger(10**9)), Behaviour())
    assert floor.state.to_text() == floor.state.to_text()
    assert floor.state._order_texts == {}


@pytest.mark.parametrize("content", [b"[" * 200_000, b"\xec", b""])
def test_a_state_that_is_none(tmp_path, content):
    path = tmp_path / "paper.json"
    path.write_bytes(content)
    with pytest.raises(CorruptFile, match="not the state of a paper broker"):
        PaperBroker(quotes={"A": 1.0}, state=path).connect()
    assert path.read_bytes() == content
