"""Fills of the fake come from our own book: cases by hand, and the naive twin of ``tests/oracle``."""

import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanobook.errors import InvalidValue
from nanobook.testing.fake_tws.contracts import Contract
from nanobook.testing.fake_tws.market import Book, Fill, Quote, Triggered, new_quote
from nanobook.testing.fake_tws.orders import Order
from tests.oracle.quoted_market import QuotedMarket

SHARES = Contract(1, "X", tick=1, step=1)
AAPL = Contract(2, "AAPL")


def book(contract=SHARES, **quote):
    return Book(contract, new_quote(contract, Quote(), {"bid": 99, "ask": 101, **quote}))


def order(action="BUY", quantity=10, limit=None, stop=None, tif="DAY", contract=SHARES):
    return Order(1, 1, 1, contract, action, "?", quantity, limit, stop, tif)


def fills(happened):
    return [(event.quantity, event.price) for event in happened if isinstance(event, Fill)]


def move(a_book, **changes):
    return a_book.move(new_quote(a_book.contract, a_book.quote, changes))


def test_a_market_order_fills_at_the_touch():
    assert fills(book().place(order())) == [(10, 101)]
    assert fills(book().place(order("SELL"))) == [(10, 99)]


def test_a_limit_order_fills_at_the_quote_not_at_its_limit():
    assert fills(book().place(order(limit=105))) == [(10, 101)]


def test_a_limit_order_rests_and_fills_at_its_limit_when_the_quote_comes():
    one = book()
    assert one.place(order(limit=100)) == []
    assert fills(move(one, bid=97, ask=99)) == [(10, 100)]


def test_an_order_at_the_bid_does_not_fill_before_the_ask_comes():
    one = book()
    assert one.place(order(limit=99)) == []
    assert fills(move(one, ask=100)) == []
    assert fills(move(one, bid=98, ask=99)) == [(10, 99)]


def test_a_size_bounds_what_trades_until_the_next_quote():
    one = book(ask_size=4)
    assert fills(one.place(order())) == [(4, 101)]
    assert fills(one.place(order(limit=101, quantity=1))) == []
    assert fills(move(one, ask=102, ask_size=5)) == [(5, 102)]
    assert fills(move(one, ask=103, ask_size=5)) == [(1, 103)]


def test_fill_by_fill_the_average_is_told():
    one, mine = book(ask_size=4), order()
    [first] = one.place(mine)
    [second] = move(one, ask=102, ask_size=None)
    assert (first.filled, first.average) == (4, 101)
    assert (second.filled, second.average) == (10, Decimal("101.6"))
    assert (mine.filled, mine.left, mine.average) == (10, 0, Decimal("101.6"))


def test_immediate_or_cancel_leaves_nothing_behind():
    one, mine = book(ask_size=4), order(limit=101, tif="IOC")
    assert fills(one.place(mine)) == [(4, 101)]
    assert fills(move(one, ask=100, ask_size=9)) == []
    assert mine.left == 6


def test_fill_or_kill_takes_all_or_nothing():
    one = book(ask_size=4)
    assert fills(one.place(order(limit=101, tif="FOK"))) == []
    assert fills(one.place(order(limit=101, tif="FOK", quantity=4))) == [(4, 101)]


@pytest.mark.parametrize(("action", "stop", "quote"), [("BUY", 103, (103, 104)), ("SELL", 97, (96, 97))])
def test_a_stop_waits_for_the_last_price(action, stop, quote):
    one, mine = book(), order(action, stop=stop)
    assert one.place(mine) == []
    assert mine.waits
    triggered, fill = move(one, bid=quote[0], ask=quote[1])
    assert triggered == Triggered(mine)
    assert (fill.quantity, fill.price) == (10, quote[1] if action == "BUY" else quote[0])


def test_a_stop_that_is_reached_already_fires_at_once():
    one = book(last=103)
    assert [type(event) for event in one.place(order(stop=102))] == [Triggered, Fill]


def test_a_stop_limit_rests_at_its_limit():
    one = book()
    assert one.place(order(limit=103, stop=103)) == []
    assert move(one, bid=105, ask=106) == [Triggered(one.resting[max(one.resting)])]
    assert fills(move(one, bid=101, ask=102)) == [(10, 103)]


def test_own_trades_trigger_stops():
    one = book(ask=105, last=100)
    one.place(order("SELL", stop=98, quantity=3))
    happened = one.place(order("SELL", limit=98, quantity=1)) + move(one, bid=98, last=99)
    assert fills(happened) == [(1, 99)]
    assert fills(one.place(order("SELL", quantity=1))) == [(1, 98), (3, 98)]


def test_orders_of_clients_meet_each_other():
    one = book()
    one.place(order("SELL", limit=100, quantity=4))
    assert fills(one.place(order(limit=100, quantity=6))) == [(4, 100), (4, 100)]


def test_a_withdrawn_order_never_fills():
    one = book(ask_size=0)
    mine = [order(limit=100), order(), order(stop=102)]
    for each in mine:
        one.place(each)
        one.withdraw(each)
    assert move(one, bid=97, ask=98, last=110, ask_size=None) == []
    assert (one.resting, one.waiting, one.stops) == ({}, [], [])


@pytest.mark.parametrize("quote", [{"bid": 102}, {"bid": 101}, {"bid": None, "ask": None}])
def test_a_crossed_or_absent_quote_fills_nothing(quote):
    one = book(**quote)
    assert one.place(order()) == []
    assert fills(move(one, bid=99, ask=100)) == [(10, 100)]


def test_a_crossed_quote_is_told_and_never_trades_with_itself():
    one = book(bid=102, bid_size=5, ask_size=3)
    one.start()
    before = one.quote
    assert (before.bid, before.ask) == (102, 101)
    assert one.place(order()) == []
    assert one.quote == before


def test_one_side_alone_is_a_market():
    one = book(bid=None)
    assert one.quote.last == 101
    assert one.place(order("SELL")) == []
    assert fills(one.place(order(quantity=1))) == [(1, 101)]


def test_fractions_of_shares_and_of_cents_are_exact():
    one = book(AAPL, bid="184.90", ask="185.10")
    mine = order(quantity=Decimal("0.3333"), contract=AAPL)
    assert fills(one.place(mine)) == [(Decimal("0.3333"), Decimal("185.1"))]
    assert mine.paid == Decimal("61.69383")


def test_large_orders_at_high_prices_stay_inside_the_engine():
    berkshire = Contract(3, "BRK A")
    one = book(berkshire, bid="742000", ask="742500.5")
    assert fills(one.place(order(quantity=1_000, contract=berkshire))) == [(1_000, Decimal("742500.5"))]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"bid": "184.905"}, "bid: 184.905 of AAPL; use a multiple of 0.01"),
        ({"ask": 0}, "ask: 0 of AAPL"),
        ({"ask": -1}, "ask: -1 of AAPL"),
        ({"bid": float("nan")}, "AAPL bid: nan is not finite"),
        ({"bid_size": -1}, "bid_size: -1 of AAPL"),
        ({"ask_size": "0.00001"}, "ask_size: 0.00001 of AAPL; use a multiple of 0.0001"),
        ({"data": "slow"}, "data: 'slow' of AAPL; use 'live', 'delayed' or 'none'"),
        ({"bidd": 1}, "quote: 'bidd' is none of bid, ask"),
    ],
)
def test_a_quote_that_cannot_be_names_what_is_wrong(changes, named):
    with pytest.raises(InvalidValue, match=named):
        new_quote(AAPL, Quote(), changes)


def test_the_last_price_moves_no_further_than_it_must():
    quote = new_quote(SHARES, Quote(), {"bid": 99, "ask": 101})
    assert quote.last == 99
    assert new_quote(SHARES, quote, {"bid": 98}).last == 99
    assert new_quote(SHARES, quote, {"bid": 100}).last == 100
    assert new_quote(SHARES, quote, {"bid": 95, "ask": 96}).last == 96
    assert new_quote(SHARES, quote, {"last": 120}).last == 120


prices = st.integers(95, 105)
sizes = st.none() | st.integers(0, 12)
quotes = st.tuples(st.integers(95, 104), st.integers(1, 3), sizes, sizes)
orders = st.tuples(
    st.sampled_from(["BUY", "SELL"]), st.integers(1, 10), st.none() | prices, st.none() | prices
)


@given(
    st.lists(st.one_of(quotes.map(lambda x: ("move", x)), orders.map(lambda x: ("place", x))), max_size=25)
)
@settings(deadline=None, max_examples=150)
def test_the_market_does_what_its_naive_twin_does(steps):
    one, twin, mine = book(), QuotedMarket(99, 101), {}
    one.start()
    told = []
    for step, (kind, values) in enumerate(steps):
        if kind == "move":
            bid, width, bid_size, ask_size = values
            ask = bid + width
            happened = move(one, bid=bid, ask=ask, bid_size=bid_size, ask_size=ask_size)
            twin.move(bid, ask, bid_size, ask_size)
        else:
            action, quantity, limit, stop = values
            mine[step] = order(action, quantity, limit, stop)
            mine[step].order_id = step
            happened = one.place(mine[step])
            twin.place(step, action.lower(), quantity, limit, stop)
        told += [(e.order.order_id, e.quantity, e.price) for e in happened if isinstance(e, Fill)]
        assert told == twin.fills
        assert one.quote.last == twin.last
    assert {each.order_id for each in one.waiting} == {row[0] for row in twin.waiting}
    assert {each.order_id for each in one.stops} == {row[0] for row in twin.stops}
    left = {row[3]: row[4] for row in twin.resting if row[3] != "maker"}
    assert {each.order_id: each.left for each in one.resting.values()} == left


def test_the_engine_comes_with_the_first_order():
    code = (
        "import sys; from nanobook.testing import FakeTws\n"
        "with FakeTws() as tws:\n"
        "    tws.set_quote('AAPL', bid=180); tws.values(); print('numba' in sys.modules)\n"
        "    tws.place_by_hand('AAPL', 'BUY', 1); print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
