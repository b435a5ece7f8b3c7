"""The paper broker: what time does, and a wire that breaks."""

from datetime import timedelta

import pandas as pd
import pytest

from nanobook.errors import (
    ConnectionFailed,
    InvalidValue,
    NanobookError,
    NotConnected,
    OrderUnknown,
)
from nanobook.sample import order_flow
from nanobook.types import MessageKind

from .paper import told

# Time


def test_c075_latency_lets_an_order_travel(make, clock):
    broker = make(latency_seconds=0.25)
    order = broker.submit_order("A", "buy", 1)
    assert told(broker, order) == ("Pending", 0, 0)
    assert [found.status for found in broker.open_orders()] == ["Pending"]
    clock.advance(0.2499)
    assert told(broker, order)[0] == "Pending"
    clock.advance(0.0001)
    assert told(broker, order) == ("Filled", 1, 10_010)
    assert broker.executions()[0].timestamp == clock.now()


def test_with_latency_a_refusal_is_told_later(make, clock):
    broker = make(0, latency_seconds=1)
    order = broker.submit_order("A", "buy", 1)
    clock.advance(1)
    status = broker.order_status(order)
    assert status.status == "Rejected"
    assert "buying power" in status.reason


def test_a_cancel_travels_too_and_a_fill_may_overtake_it(make, clock):
    broker = make(latency_seconds=1)
    first, second = (broker.submit_order("A", "buy", 1, "limit", 9_995) for _ in range(2))
    clock.advance(1)
    broker.cancel_order(first)
    assert told(broker, first)[0] == "Submitted"
    clock.advance(1)
    assert told(broker, first)[0] == "Cancelled"
    broker.cancel_order(second)
    broker.feed({"A": {"bid_cents": 9_900, "ask_cents": 9_910}})
    clock.advance(1)
    assert told(broker, second) == ("Filled", 1, 9_995)


def test_two_sales_on_their_way_do_not_refuse_each_other(make, clock):
    broker = make(0, {"A": 10}, latency_seconds=1)
    first, second = (broker.submit_order("A", "sell", 10, "limit", 11_000) for _ in range(2))
    clock.advance(1)
    assert (told(broker, first)[0], told(broker, second)[0]) == ("Submitted", "Rejected")


def test_orders_of_the_day_end_with_it(make, clock):
    broker = make()
    day = broker.submit_order("A", "buy", 1, "limit", 9_000)
    lasting = broker.submit_order("A", "buy", 1, "limit", 9_000, time_in_force="gtc")
    clock.advance((9 * 3600) - 1)  # 15:00 to midnight
    assert told(broker, day)[0] == "Submitted"
    clock.advance(1)
    assert broker.order_status(day).reason == "the day is over"
    broker.feed({"A": {"bid_cents": 8_900, "ask_cents": 8_910}})
    assert (told(broker, day)[0], told(broker, lasting)[0]) == ("Cancelled", "Filled")


def test_a_tape_plays_with_the_clock(make, clock):
    start = clock.now()
    tape = pd.DataFrame(
        {
            "symbol": "A",
            "timestamp": [pd.Timestamp(start) + pd.Timedelta(seconds=s) for s in (30, 10, 20)],
            "bid": [97.0, 99.0, 98.0],
            "ask": [97.1, 99.1, 98.1],
        }
    )
    broker = make(tape=tape, latency_seconds=5)
    assert broker.quote("A").bid_cents == 9_990
    resting = broker.submit_order("A", "buy", 1, "limit", 9_820)
    market = broker.submit_order("A", "buy", 1)
    clock.advance(60)  # arrivals at 5, quotes at 10, 20, 30
    assert told(broker, market) == ("Filled", 1, 10_010)
    assert told(broker, resting) == ("Filled", 1, 9_820)
    assert [(e.timestamp - start).total_seconds() for e in broker.executions()] == [5, 20]
    assert broker.quote("A").timestamp == start + timedelta(seconds=30)


def named(flow):
    """A flow whose orders bear the ids that a book of their own would give them."""
    is_new = flow["kind"] != MessageKind.CANCEL
    return flow.assign(order_id=flow["order_id"].where(~is_new, is_new.cumsum()))


def test_a_quote_comes_before_an_order_of_the_same_moment(make, clock):
    quote = {"symbol": "A", "timestamp": clock.now() + timedelta(seconds=5), "bid_cents": 1, "ask_cents": 2}
    broker = make(tape=[quote], latency_seconds=5)
    order = broker.submit_order("A", "buy", 1)
    clock.advance(5)
    assert told(broker, order)[2] == 2


def test_a_flow_names_only_its_own_orders(make):
    broker = make(10**9, quotes={"A": 100.0})
    order = broker.submit_order("A", "buy", 500, "limit", 9_000)
    flow = pd.DataFrame({"kind": "cancel", "side": "buy", "price": 0, "quantity": 0, "order_id": range(9)})
    result = broker.process("A", flow)
    assert set(result.to_frame()["status"]) == {"OrderNotFound"}
    assert told(broker, order)[0] == "Submitted"
    with pytest.raises(InvalidValue, match="without owners"):
        broker.process("A", flow.assign(kind="cancel_all"))
    assert broker.book("A").best_bid_ask() == (9_000, None)


def test_an_order_flow_makes_the_market(make):
    broker = make(10**9, quotes={"A": 100.0})
    orders = [broker.submit_order("A", "buy", 50, "limit", price) for price in (9_995, 9_996)]
    flow = named(order_flow(5_000))
    result = broker.process("A", flow[:100])
    with pytest.raises(NanobookError, match="quantity"):
        broker.process("A", {"kind": ["limit"], "side": ["buy"], "price": [1], "quantity": [0]})
    result = broker.process("A", flow[100:])
    assert len(result) == 4_900
    quote = broker.quote("A")
    assert quote.bid_cents < quote.ask_cents
    assert quote.last_cents == result.trades[-1].price
    assert [told(broker, order)[0] for order in orders] == ["Filled", "Filled"]
    assert sum(fill.quantity for fill in broker.executions()) == 100
    worse = broker.submit_order("A", "buy", 10)
    assert told(broker, worse)[2] >= quote.ask_cents


# The wire


@pytest.mark.parametrize(
    ("point", "error", "arrives"),
    [
        ("before_send", NotConnected, False),
        ("in_flight", OrderUnknown, False),
        ("before_ack", OrderUnknown, True),
        ("after_ack", None, True),
    ],
)
def test_c075_the_wire_breaks_at_the_second_order(make, point, error, arrives):
    broker = make(disconnect={point: 2})
    broker.submit_order("A", "buy", 1, client_order_id="first")
    if error is None:
        assert broker.submit_order("A", "buy", 1, client_order_id="second") == 2
    else:
        with pytest.raises(error) as caught:
            broker.submit_order("A", "buy", 1, client_order_id="second")
        assert getattr(caught.value, "client_order_id", "second") == "second"
    with pytest.raises(NotConnected):
        broker.find_order("second")
    broker.connect()
    assert (broker.find_order("second") is not None) == arrives
    assert broker.positions()[0].quantity == 1 + arrives
    broker.submit_order("A", "buy", 1)  # it breaks once


@pytest.mark.parametrize(("point", "arrives"), [("cancel_in_flight", False), ("cancel_before_ack", True)])
def test_the_wire_breaks_at_a_cancel(make, point, arrives):
    broker = make(disconnect=point)
    order = broker.submit_order("A", "buy", 1, "limit", 9_000)
    with pytest.raises(ConnectionFailed):
        broker.cancel_order(order)
    broker.connect()
    assert told(broker, order)[0] == ("Cancelled" if arrives else "Submitted")


def test_a_refusal_whose_answer_is_lost_is_unknown(make):
    broker = make(0, disconnect="before_ack")
    with pytest.raises(OrderUnknown):
        broker.submit_order("A", "buy", 1, client_order_id="poor")
    broker.connect()
    assert broker.find_order("poor").status == "Rejected"


def test_time_goes_on_without_a_connection(make, clock):
    broker = make(latency_seconds=1)
    order = broker.submit_order("A", "buy", 1)
    broker.lose_connection()
    clock.advance(10)
    broker.connect()
    assert told(broker, order)[0] == "Filled"
    assert broker.executions()[0].timestamp == clock.now() - timedelta(seconds=9)
