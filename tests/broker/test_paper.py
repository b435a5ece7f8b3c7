"""The paper broker: how orders trade."""

import sys
import traceback
from decimal import Decimal

import pandas as pd
import pytest

from nanobook import open_broker
from nanobook.errors import (
    CancelRejected,
    InvalidValue,
    NoQuote,
    UnknownInstrument,
    WrongType,
)

from .paper import refused, told

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
    with pytest.raises(WrongType, match="disconnect: 5"):
        make(disconnect=5)
    for positions in (5, [5], [("A",)], "A"):
        with pytest.raises(WrongType, match=r"positions: .*give quantities by symbol"):
            make(positions=positions)
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
