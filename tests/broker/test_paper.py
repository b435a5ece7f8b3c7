"""The paper broker: how orders trade, what is refused, what time does."""

import re
import sys
import traceback
from datetime import timedelta
from decimal import Decimal

import pandas as pd
import pytest

from nanobook import PaperBroker, open_broker
from nanobook.errors import (
    CancelRejected,
    ConnectionFailed,
    InvalidValue,
    NanobookError,
    NoQuote,
    NotConnected,
    OrderRejected,
    OrderUnknown,
    UnknownInstrument,
    WrongType,
)
from nanobook.sample import order_flow
from nanobook.testing import VirtualClock
from nanobook.types import MessageKind

QUOTES = {"A": {"bid_cents": 9_990, "ask_cents": 10_010}, "B": {"bid_cents": 499, "ask_cents": 501}}


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def make(clock):
    """Make a connected broker."""

    def make(cash=1_000_000, positions=None, quotes=QUOTES, **more):
        broker = PaperBroker(cash, positions, quotes, **{"clock": clock, **more})
        broker.connect()
        return broker

    return make


def told(broker, order):
    """(state, filled, average price) of an order."""
    status = broker.order_status(order)
    return str(status.status), status.filled_quantity, status.avg_fill_price_cents


def refused(broker, *order, **more):
    """The refusal of an order; nothing else has happened."""
    before = broker.account(), broker.positions(), broker.open_orders(), broker.executions()
    with pytest.raises(OrderRejected) as caught:
        broker.submit_order(*order, **more)
    assert before == (broker.account(), broker.positions(), broker.open_orders(), broker.executions())
    return caught.value


# Trading


def test_market_orders_trade_at_the_other_side(make):
    broker = make(positions={"A": 10})
    assert told(broker, broker.submit_order("A", "buy", 5)) == ("Filled", 5, 10_010)
    assert told(broker, broker.submit_order("A", "sell", 15)) == ("Filled", 15, 9_990)
    assert broker.account().cash_cents == 1_000_000 - 5 * 10_010 + 15 * 9_990
    assert broker.positions() == []


def test_a_limit_through_the_market_trades_at_the_better_price(make):
    broker = make()
    assert told(broker, broker.submit_order("A", "buy", 5, "limit", 10_500)) == ("Filled", 5, 10_010)


def test_a_limit_rests_until_the_market_comes_and_trades_at_its_own_price(make):
    broker = make()
    order = broker.submit_order("A", "buy", 5, "limit", 10_000)
    broker.feed({"A": {"bid_cents": 9_998, "ask_cents": 10_001}})
    assert told(broker, order) == ("Submitted", 0, 0)
    broker.feed({"A": {"bid_cents": 9_950, "ask_cents": 9_960}})
    assert told(broker, order) == ("Filled", 5, 10_000)


def test_a_quote_with_sizes_is_used_up(make):
    broker = make(quotes={"A": {"bid_cents": 99, "ask_cents": 100, "ask_size": 30}})
    first = broker.submit_order("A", "buy", 20, "limit", 100)
    second = broker.submit_order("A", "buy", 20, "limit", 100)
    third = broker.submit_order("A", "buy", 20, time_in_force="ioc")
    assert [told(broker, order)[:2] for order in (first, second, third)] == [
        ("Filled", 20),
        ("PartiallyFilled", 10),
        ("Cancelled", 0),
    ]
    assert broker.order_status(third).reason == "nothing more to trade with at once"
    broker.feed({"A": {"bid_cents": 99, "ask_cents": 100, "ask_size": 3}})
    assert told(broker, second) == ("PartiallyFilled", 13, 100)


def test_what_a_market_order_leaves_waits_for_the_next_quote(make):
    broker = make(quotes={"A": {"bid_cents": 99, "ask_cents": 100, "ask_size": 30}})
    order = broker.submit_order("A", "buy", 50)
    assert told(broker, order) == ("PartiallyFilled", 30, 100)
    broker.feed({"A": {"bid_cents": 99, "ask_cents": 104, "ask_size": 15}})
    assert told(broker, order) == ("PartiallyFilled", 45, Decimal("101.33333333"))
    broker.feed({"A": {"bid_cents": 99, "ask_cents": 101}})
    assert told(broker, order)[:2] == ("Filled", 50)


def test_one_price_makes_both_sides(make):
    """A locked quote: no spread, and still nothing trades with itself."""
    broker = make(quotes={"A": 100.0})
    for side, quantity in (("buy", 5), ("sell", 3), ("buy", 40), ("sell", 42), ("buy", 50)):
        assert told(broker, broker.submit_order("A", side, quantity)) == ("Filled", quantity, 10_000)
    assert [fill.quantity for fill in broker.executions()] == [5, 3, 40, 42, 50]


def test_c085_a_crossed_quote_trades_with_nobody(make):
    broker = make(quotes={"A": {"bid_cents": 101, "ask_cents": 100}})
    assert broker.quote("A").is_crossed
    assert refused(broker, "A", "buy", 1).code == "price"
    assert told(broker, broker.submit_order("A", "buy", 5, "limit", 200)) == ("Submitted", 0, 0)


@pytest.mark.parametrize("none", [-1, 0, float("nan"), None, ""])
def test_c085_prices_that_are_none(make, none):
    broker = make(quotes={"A": {"bid": none, "ask": none, "last": 99.5}, "B": {"bid": none}})
    quote = broker.quote("A")
    assert (quote.bid_cents, quote.ask_cents, quote.last_cents) == (0, 0, 9_950)
    error = refused(broker, "A", "buy", 1)
    assert error.reason == "market order rejected: no NBBO quote available for A"
    with pytest.raises(NoQuote, match=r"B: no valid price received"):
        broker.quote("B")


def test_c085_a_stale_quote_can_be_rehearsed(make, clock):
    broker = make(quotes={"A": {"price": 5, "timestamp": "2026-01-05T14:00:00Z"}, "B": 5})
    old, new = broker.quote("A"), broker.quote("B")
    assert old.is_stale(clock.now(), 3599)
    assert not old.is_stale(clock.now(), 3600)
    assert new.timestamp == clock.now()
    clock.advance(7200)
    assert not broker.quote("B").is_stale(clock.now(), 0)


def test_orders_of_ours_do_not_trade_with_each_other(make):
    broker = make(positions={"A": 10})
    sale = broker.submit_order("A", "sell", 5, "limit", 10_005)
    purchase = broker.submit_order("A", "buy", 5, "limit", 10_005)
    assert told(broker, purchase)[0] == "Cancelled"
    assert "another order of yours" in broker.order_status(purchase).reason
    assert told(broker, sale)[0] == "Submitted"


def test_prices_between_ticks_are_rounded_against_us(make):
    broker = make(quotes={"A": {"bid": 1.004, "ask": 1.006}}, positions={"A": 1})
    assert told(broker, broker.submit_order("A", "sell", 1))[2] == 100
    assert told(broker, broker.submit_order("A", "buy", 1))[2] == 101
    assert broker.quote("A").ask_cents == Decimal("100.6")


def test_fractions_of_coins_are_exact(make):
    coin = {"bid": "64000.01", "ask": "64000.02", "lot": "0.00001", "tick": "0.01"}
    broker = make(10_000_000, quotes={"BTC": coin})
    order = broker.submit_order("BTC", "buy", "0.12345")
    assert told(broker, order) == ("Filled", Decimal("0.12345"), 6_400_002)
    assert broker.account().cash_cents == 10_000_000 - Decimal("0.12345") * 6_400_002
    position = broker.positions()[0]
    assert position.market_value_cents == Decimal("0.12345") * Decimal("6400001.5")
    assert position.unrealized_pnl_cents == Decimal("0.12345") * Decimal("-0.5")


def test_average_cost_follows_purchases_and_turns_with_the_position(make):
    broker = make(quotes={"A": 1.0}, allow_short=True)
    broker.submit_order("A", "buy", 10)
    broker.feed({"A": 2.0})
    broker.submit_order("A", "buy", 20)
    assert broker.positions()[0].avg_cost_cents == Decimal("166.66666667")
    broker.submit_order("A", "sell", 5)
    assert broker.positions()[0].avg_cost_cents == Decimal("166.66666667")
    broker.submit_order("A", "sell", 30)
    position = broker.positions()[0]
    assert (position.quantity, position.avg_cost_cents, position.market_value_cents) == (-5, 200, -1_000)


# Stops


def test_a_stop_fires_by_the_last_price(make):
    broker = make(quotes={"A": {"bid_cents": 99, "ask_cents": 101, "last_cents": 100}}, positions={"A": 10})
    stop = broker.submit_order("A", "sell", 10, "stop", stop_price_cents=95)
    broker.feed({"A": {"bid_cents": 90, "ask_cents": 97, "last_cents": 96}})
    assert told(broker, stop) == ("Submitted", 0, 0)
    broker.feed({"A": {"bid_cents": 93, "ask_cents": 97, "last_cents": 95}})
    assert told(broker, stop) == ("Filled", 10, 93)


def test_a_stop_without_a_last_price_fires_by_the_other_side(make):
    broker = make(quotes={"A": {"bid_cents": 99, "ask_cents": 101}})
    stop = broker.submit_order("A", "buy", 10, "stop", stop_price_cents=105)
    broker.feed({"A": {"bid_cents": 104, "ask_cents": 106}})
    assert told(broker, stop) == ("Filled", 10, 106)


def test_a_stop_that_is_reached_fires_at_once(make):
    broker = make(quotes={"A": {"bid_cents": 99, "ask_cents": 101, "last_cents": 100}})
    assert told(broker, broker.submit_order("A", "buy", 1, "stop", stop_price_cents=100))[0] == "Filled"


def test_a_stop_limit_becomes_a_limit(make):
    broker = make(quotes={"A": {"bid_cents": 99, "ask_cents": 101, "last_cents": 100}})
    stop = broker.submit_order("A", "buy", 10, "stop_limit", 106, stop_price_cents=105)
    broker.feed({"A": {"bid_cents": 106, "ask_cents": 108, "last_cents": 107}})
    assert told(broker, stop) == ("Submitted", 0, 0)
    broker.feed({"A": {"bid_cents": 104, "ask_cents": 105, "last_cents": 104}})
    assert told(broker, stop) == ("Filled", 10, 106)


def test_a_trade_sets_off_stops_in_a_chain(make):
    """However many go at once, none needs the stack."""
    broker = make(10**9, {"A": 2_000}, {"A": {"bid_cents": 5_000, "ask_cents": 6_000, "last_cents": 5_500}})
    stops = [
        broker.submit_order("A", "sell", 1, "stop", stop_price_cents=5_000 - 1_000 * (i > 0))
        for i in range(300)
    ]
    broker.submit_order("A", "sell", 1)
    assert told(broker, stops[0])[0] == "Filled"
    assert told(broker, stops[1])[0] == "Submitted"
    broker.feed({"A": {"bid_cents": 3_999, "ask_cents": 6_000, "last_cents": 4_500}})
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(traceback.extract_stack()) + 120)
    try:
        broker.submit_order("A", "sell", 1)
    finally:
        sys.setrecursionlimit(limit)
    assert broker.open_orders() == []


# Refusals


def test_c083_refusals_have_a_reason_and_a_code(make):
    instrument = {
        "lot": 10,
        "tick_cents": 5,
        "min_notional_cents": 5_000,
        "max_quantity": 500,
        "min_quantity": 20,
    }
    broker = make(100_000, {"A": 30}, {"A": {"bid_cents": 100, "ask_cents": 105, **instrument}})
    for order, code, words in [
        (("A", "buy", 55), "lot", "55 is not a multiple of the lot 10; use 50 or 60"),
        (("A", "buy", 10), "lot", "below the least, 20"),
        (("A", "buy", 510), "lot", "above the most, 500"),
        (
            ("A", "buy", 50, "limit", 103),
            "tick",
            "limit_price_cents 103 is not a multiple of the tick 5; use 100",
        ),
        (("A", "sell", 20, "stop", None, None, 3), "tick", "stop_price_cents 3 .* use 5"),
        (("A", "buy", 40), "notional", r"worth \$42.00, the least is \$50.00"),
        (("A", "sell", 50, "limit", 100), "short", "sale of 50 with 30 held"),
        (("A", "buy", 500, "limit", 205), "funds", r"needs \$1,025.00 and the buying power is \$1,000.00"),
    ]:
        error = refused(broker, *order, client_order_id=None) if len(order) < 6 else refused(broker, *order)
        assert error.code == code
        assert re.search(words, error.reason)
        assert error.reason.startswith("A: ")


def test_c083_refusals_on_demand(make):
    broker = make(reject={"A": "halted"})
    assert refused(broker, "A", "buy", 1).code == "halted"
    broker.submit_order("B", "buy", 1)
    broker = make(reject=lambda order: "permission" if order.quantity > 5 else None)
    assert refused(broker, "B", "buy", 6).code == "permission"
    broker.submit_order("B", "buy", 5)
    broker = make(reject="closed")
    assert refused(broker, "B", "buy", 6).code == "closed"


def test_a_refused_order_is_found_and_keeps_its_name(make):
    broker = make(0)
    refused(broker, "A", "buy", 1, client_order_id="poor")
    found = broker.find_order("poor")
    assert (found.status, found.filled_quantity) == ("Rejected", 0)
    assert "needs $100.10" in found.reason
    assert refused(broker, "A", "buy", 1, client_order_id="poor").code == "duplicate"


def test_an_order_beyond_all_bounds_is_refused(make):
    broker = make(10**17)
    assert refused(broker, "A", "buy", 10**12).code == "lot"
    assert refused(broker, "A", "buy", 10**5, "limit", 10**13).code == "lot"


def test_the_last_cent_buys(make):
    fee = {"commission_per_share_cents": Decimal("0.5")}
    exactly = 10 * 10_010 + 5
    assert refused(make(exactly - 1, **fee), "A", "buy", 10).code == "funds"
    broker = make(exactly, **fee)
    assert told(broker, broker.submit_order("A", "buy", 10))[0] == "Filled"
    assert broker.account().cash_cents == 0


def test_open_orders_count_in_the_buying_power(make):
    broker = make(100_000)
    assert broker.account().buying_power_cents == 100_000
    order = broker.submit_order("A", "buy", 9, "limit", 9_000)
    assert broker.account().buying_power_cents == 19_000
    assert refused(broker, "A", "buy", 3, "limit", 9_000).code == "funds"
    broker.cancel_order(order)
    assert broker.account().buying_power_cents == 100_000


def test_open_sales_count_in_what_may_be_sold(make):
    broker = make(positions={"A": 10})
    broker.submit_order("A", "sell", 8, "limit", 11_000)
    assert refused(broker, "A", "sell", 3, "limit", 11_000).code == "short"
    broker.submit_order("A", "sell", 2, "limit", 11_000)


def test_c092_a_sale_funds_nothing_before_it_is_filled(make):
    broker = make(0, {"A": 10})
    sale = broker.submit_order("A", "sell", 10, "limit", 10_000)
    assert refused(broker, "B", "buy", 10).code == "funds"
    broker.feed({"A": {"bid_cents": 10_000, "ask_cents": 10_010}})
    assert told(broker, sale)[0] == "Filled"
    assert told(broker, broker.submit_order("B", "buy", 10))[0] == "Filled"


def test_c091_a_fraction_of_a_share_is_refused_with_the_nearest_that_are_not(make):
    error = refused(make(), "A", "buy", 1.5)
    assert error.code == "lot"
    assert "use 1 or 2" in error.reason


def test_leverage_and_short_sales(make):
    broker = make(100_000, leverage=2, allow_short=True)
    broker.submit_order("A", "sell", 10)
    account = broker.account()
    assert account.cash_cents == 100_000 + 99_900
    assert account.equity_cents == 99_900
    assert account.gross_position_value_cents == 100_000
    assert account.buying_power_cents == 2 * 99_900 - 100_000
    assert refused(broker, "B", "buy", 200).code == "funds"
    broker.submit_order("A", "buy", 10)  # covering opens nothing
    assert broker.positions() == []


def test_a_purchase_that_covers_needs_no_buying_power(make):
    broker = make(100_000, {"A": -20}, leverage=0, allow_short=True)
    assert broker.account().buying_power_cents == 0
    assert told(broker, broker.submit_order("A", "buy", 20))[0] == "Filled"
    assert refused(broker, "A", "buy", 1).code == "funds"


def test_commissions_have_a_least_for_each_order(make):
    rates = {"commission_per_share_cents": Decimal("0.35"), "minimum_commission_cents": 35}
    broker = make(quotes={"A": {"bid_cents": 99, "ask_cents": 100, "ask_size": 60}}, **rates)
    order = broker.submit_order("A", "buy", 160, "limit", 100)
    for size in (40, 60):
        broker.feed({"A": {"bid_cents": 99, "ask_cents": 100, "ask_size": size}})
    assert told(broker, order)[0] == "Filled"
    fees = [fill.commission_cents for fill in broker.executions()]
    assert fees == [35, 0, 21]  # 160 x 0.35 = 56 in all
    assert broker.account().cash_cents == 1_000_000 - 16_000 - 56


# Fills told, c079 and c080


def test_c079_fills_have_names_of_their_own_and_are_told_once(make):
    broker = make(partial_fills=0.25)
    orders = [broker.submit_order("A", "buy", 8, "limit", 10_010) for _ in range(3)]
    for _ in range(3):
        broker.feed(QUOTES)
    fills = broker.executions()
    assert len({fill.execution_id for fill in fills}) == len(fills) > len(orders)
    assert broker.executions() == fills
    assert sum(fill.quantity for fill in fills) == broker.positions()[0].quantity


def test_c080_a_commission_is_known_with_its_fill(make):
    broker = make(minimum_commission_cents=100)
    broker.submit_order("A", "buy", 1)
    assert [fill.commission_cents for fill in broker.executions()] == [100]
    assert broker.account().cash_cents == 1_000_000 - 10_010 - 100


def test_executions_are_those_of_the_day(make, clock):
    broker = make()
    broker.submit_order("A", "buy", 1)
    clock.advance(86_400)
    assert broker.executions() == []
    second = broker.submit_order("A", "buy", 1)
    assert [fill.order_id for fill in broker.executions()] == [second]


def test_parts_of_an_order_fill_at_first(make):
    broker = make(partial_fills=0.3)
    order = broker.submit_order("A", "buy", 9, "limit", 10_020)
    assert told(broker, order) == ("PartiallyFilled", 2, 10_010)
    broker.cancel_order(order)
    assert told(broker, order) == ("Cancelled", 2, 10_010)
    assert told(broker, broker.submit_order("A", "buy", 1))[1] == 1  # one lot at least


def test_random_parts_follow_from_the_seed(make):
    def fills(seed):
        broker = make(partial_fills="random", seed=seed)
        orders = [broker.submit_order("B", "buy", 100, "limit", 501) for _ in range(5)]
        return [broker.order_status(order).filled_quantity for order in orders]

    assert fills(1) == fills(1) != fills(2)
    assert any(0 < filled < 100 for filled in fills(1))


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


# How it is made


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"latency_second": 1}, "'latency_second' .did you mean 'latency_seconds'"),
        ({"latency_seconds": -1}, "latency_seconds: -1"),
        ({"partial_fills": 0}, "partial_fills: 0"),
        ({"partial_fills": 1.5}, "partial_fills: 1.5"),
        ({"reject": "funs"}, "reject: 'funs'.*did you mean 'funds'"),
        ({"reject": {"A": "no"}}, "reject: 'no'"),
        ({"disconnect": "before"}, "disconnect: 'before'"),
        ({"disconnect": {"in_flight": 0}}, "disconnect.in_flight: 0"),
        ({"commission_per_share_cents": float("nan")}, "commission_per_share_cents: nan is not finite"),
        ({"leverage": -1}, "leverage: -1"),
        ({"cash": "plenty"}, "cash_cents: 'plenty' is not a number"),
        ({"positions": [("A", 1), ("A", 2)]}, "positions: 'A' is there twice"),
        ({"positions": {"A": float("inf")}}, "positions: A: inf is not finite"),
        ({"quotes": {"A": {"bidd": 1}}}, "quotes, row 1: 'bidd' is no column .did you mean 'bid'"),
        ({"quotes": {"A": {"bid": 1, "lot": 0}}}, "A: lot: 0 must be above 0"),
        ({"quotes": {"A": {"bid": 1, "lot": "1e-8", "tick_cents": "1e-8"}}}, "more than 12 decimals"),
        ({"tape": {"A": 5}}, "tape: a quote of A has no timestamp"),
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_named(make, options, words):
    with pytest.raises(InvalidValue, match=words):
        make(**options)


def test_options_of_the_wrong_kind_are_named(make):
    with pytest.raises(WrongType, match="allow_short"):
        make(allow_short=1)
    with pytest.raises(InvalidValue, match="reject"):
        make(reject=lambda order: "nonsense").submit_order("A", "buy", 1)
    with pytest.raises(InvalidValue, match="disconnect: 'soon'"):
        make().lose_connection("soon")


def test_c073_an_unknown_symbol_is_told_with_the_nearest(make):
    broker = make(quotes={"AAPL": 1, "MSFT": 2})
    with pytest.raises(UnknownInstrument, match=r"APPL: .*did you mean 'AAPL'"):
        broker.instrument("APPL")
    with pytest.raises(UnknownInstrument, match="there are no quotes"):
        make(quotes=None).quote("AAPL")


def test_the_book_can_be_looked_at(make):
    broker = make()
    assert broker.book("A") is None
    broker.submit_order("A", "buy", 5, "limit", 10_000)
    assert [level.quantity for level in broker.book("A").depth(1).bids] == [5]
    assert broker.book("A").best_bid_ask() == (10_000, 10_010)


def test_a_cancel_of_an_ended_order_says_how_it_ended(make):
    broker = make()
    order = broker.submit_order("A", "buy", 1)
    with pytest.raises(CancelRejected, match="order 1 has ended: Filled"):
        broker.cancel_order(order)


def test_records_make_tables(make):
    broker = make(positions={"A": 3, "B": -2}, allow_short=True)
    frame = pd.DataFrame(broker.positions())
    assert list(frame["symbol"]) == ["A", "B"]
    assert list(frame["market_value_cents"]) == [30_000, -1_000]
    assert open_broker("paper", {"cash": 1}).is_connected is False
