"""Bad orders of the kinds that wait or belong to somebody: one typed error that tells, a book as it was.

The numbers in the names of tests are those of the list of bad inputs for orders and the engine; limit and
market orders, cancels and modifies are in ``test_bad_input``.
"""

import math
import re

import numpy as np
import pytest

from nanobook import Exchange, errors
from nanobook.types import INT64_MAX, INT64_MIN, MAX_QUANTITY, POST_ONLY, MessageKind, TrailMethod
from tests.adapters import as_events
from tests.oracle.messages import Event

DAY = 86_400_000_000_000
REMEDY = r"\buse\b|Use|lower|split|give|cancel|needed|required|start|wait|later|drop|leave"


def a_book(**options):
    """Two resting orders, a trade, a pending stop of each kind, a dead one."""
    book = Exchange(**options)
    book.submit_limit("sell", 110, 10, owner=1)
    book.submit_limit("buy", 90, 10, "day")
    book.submit_limit("buy", 110, 5)
    book.submit_stop_market("buy", 120, 5)
    book.submit_stop_limit("sell", 80, 75, 5, "gtd", expires=DAY)
    book.submit_trailing_stop_market("sell", 50, 5, "fixed", 20)
    book.submit_trailing_stop_limit("buy", 190, 200, 5, "atr", 1.5, atr_period=3)
    book.submit_stop_market("buy", 130, 5)
    book.cancel(8)
    return book


def refused(book, call, error, *told):
    """Check that a call raises just this error, that its text tells, and that nothing changed."""
    before, logged = book.digest(), len(book.events())
    with pytest.raises(errors.NanobookError) as caught:
        call()
    assert isinstance(caught.value, error), repr(caught.value)
    text = str(caught.value)
    for part in told:
        assert str(part) in text, f"{part!r} is not in {text!r}"
    assert re.search(REMEDY, text), f"no remedy in {text!r}"
    assert (book.digest(), len(book.events())) == (before, logged)


def stops(book, *, price=100, quantity=5, **named):
    """All ways to submit a stop, with the same stop price and quantity."""
    return (
        lambda: book.submit_stop_market("buy", price, quantity, **named),
        lambda: book.submit_stop_limit("buy", price, 100, quantity, **named),
        lambda: book.submit_trailing_stop_market("buy", price, quantity, "fixed", 5, **named),
        lambda: book.submit_trailing_stop_limit("buy", price, 100, quantity, "pct", 0.05, **named),
    )


# 28: quantities

QUANTITIES = [
    (0, errors.QuantityOutOfRange),
    (-1, errors.QuantityOutOfRange),
    (MAX_QUANTITY + 1, errors.QuantityOutOfRange),
    (2**63, errors.QuantityOutOfRange),
    (2**64, errors.QuantityOutOfRange),
    (1.0, errors.QuantityType),
    (math.nan, errors.QuantityType),
    ("5", errors.QuantityType),
    (None, errors.QuantityType),
    (True, errors.QuantityType),
]


@pytest.mark.parametrize(("value", "error"), QUANTITIES, ids=repr)
def test_c028_quantity_of_a_stop(value, error):
    book = a_book()
    for call in stops(book, quantity=value):
        refused(book, call, error, "quantity", value)


@pytest.mark.parametrize(("value", "error"), QUANTITIES[1:], ids=repr)
def test_c028_quantity_of_an_amend(value, error):
    book = a_book()
    for order_id in (1, 3, 4, 99):
        refused(book, lambda i=order_id: book.amend(i, value), error, "new_quantity", value)


def test_c028_amends_that_reduce_nothing():
    book = a_book()
    before = book.digest()
    for order_id, quantity, said in (
        (1, 0, "InvalidQuantity"),
        (99, 0, "InvalidQuantity"),
        (1, 5, "InvalidQuantity"),
        (1, 6, "InvalidQuantity"),
        (3, 1, "OrderNotActive"),
        (4, 1, "OrderNotFound"),
        (99, 1, "OrderNotFound"),
    ):
        done = book.amend(order_id, quantity)
        assert (done.success, done.error) == (False, said)
    assert book.digest() == before


@pytest.mark.parametrize("value", [1, 5, 15, 2**62 - 1])
def test_c028_quantity_off_the_lot(value):
    book = Exchange(lot_size=10)
    book.submit_limit("buy", 90, 100)
    for call in (
        lambda: book.submit_limit("buy", 90, value),
        lambda: book.submit_market("buy", value),
        lambda: book.modify(1, 90, value),
        lambda: book.amend(1, value),
        *stops(book, quantity=value),
    ):
        refused(book, call, errors.InvalidQuantity, "quantity", value, 10)


# 29: prices

PRICES = [
    (100.0, errors.PriceType),
    (math.nan, errors.PriceType),
    ("100", errors.PriceType),
    (None, errors.PriceType),
    (False, errors.PriceType),
    (2**63, errors.PriceOutOfRange),
    (INT64_MIN - 1, errors.PriceOutOfRange),
]


@pytest.mark.parametrize(("value", "error"), PRICES, ids=repr)
def test_c029_prices_of_a_stop(value, error):
    book = a_book()
    for call in stops(book, price=value):
        refused(book, call, error, "stop_price", value)
    refused(book, lambda: book.submit_stop_limit("buy", 1, value, 1), error, "limit_price", value)
    call = book.submit_trailing_stop_limit
    refused(book, lambda: call("buy", 1, value, 1, "fixed", 1), error, "limit_price", value)


@pytest.mark.parametrize(("value", "near"), [(101, (100, 105)), (-4, (-5, 0)), (99, (95, 100))])
def test_c029_price_off_the_tick(value, near):
    """The ticks below and above are named."""
    book = Exchange(tick_size=5)
    book.submit_limit("buy", 90, 10)
    for call in (
        lambda: book.submit_limit("buy", value, 1),
        lambda: book.submit_limit("buy", value, 1, "ioc"),
        lambda: book.modify(1, value, 1),
        *stops(book, price=value),
        lambda: book.submit_stop_limit("buy", 100, value, 1),
        lambda: book.submit_trailing_stop_limit("buy", 100, value, 1, "fixed", 1),
    ):
        refused(book, call, errors.InvalidPrice, "price", value, *near)


@pytest.mark.parametrize("sizes", [{"tick_size": 0}, {"tick_size": -5}, {"lot_size": 0}, {"lot_size": -1}])
def test_c029_sizes_that_are_none(sizes):
    with pytest.raises(errors.NanobookError, match=next(iter(sizes))):
        Exchange(**sizes)


@pytest.mark.parametrize("sizes", [{"tick_size": 0.5}, {"lot_size": "10"}, {"tick_size": None}])
def test_c029_sizes_that_are_no_integers(sizes):
    with pytest.raises(TypeError, match=next(iter(sizes))):
        Exchange(**sizes)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("way", ["fixed", "percentage", "sma_abs_change"])
def test_c029_trails_that_are_no_number(way, value):
    book = a_book()
    for call in (
        lambda: book.submit_trailing_stop_market("sell", 50, 5, way, value, 3),
        lambda: book.submit_trailing_stop_limit("sell", 50, 40, 5, way, value, atr_period=3),
    ):
        refused(book, call, errors.NonFiniteError, "trail_value", value)


@pytest.mark.parametrize("value", ["0.05", None, [1]])
def test_c029_trails_of_another_type(value):
    book = a_book()
    call = book.submit_trailing_stop_market
    refused(book, lambda: call("sell", 50, 5, "fixed", value), TypeError, "trail_value")


def test_c029_trails_without_a_period():
    book = a_book()
    call = book.submit_trailing_stop_market
    for way in ("sma_abs_change", "atr", "ATR"):
        refused(book, lambda way=way: call("sell", 50, 5, way, 2.0), ValueError, "atr_period")
        refused(book, lambda way=way: call("sell", 50, 5, way, 2.0, -1), ValueError, "atr_period")
        refused(book, lambda way=way: call("sell", 50, 5, way, 2.0, 2.5), TypeError, "atr_period")
    refused(book, lambda: call("sell", 50, 5, "loose", 2.0, 3), ValueError, "trail_type", "loose")
    refused(book, lambda: call("sell", 50, 5, 7, 2.0, 3), TypeError, "trail_type", 7)


# 30: price times quantity


@pytest.mark.parametrize(("price", "quantity"), [(INT64_MAX, 2), (INT64_MIN, 2), (2**32, 2**31)])
def test_c030_notional_of_a_stop(price, quantity):
    """The limit order that the stop would become is refused before it waits."""
    book = a_book()
    for call in (
        lambda: book.submit_stop_limit("buy", 120, price, quantity),
        lambda: book.submit_trailing_stop_limit("buy", 120, price, quantity, "fixed", 1),
    ):
        refused(book, call, errors.NotionalOverflow, price, quantity, "outside int64")


# 32: ids


@pytest.mark.parametrize("value", [-1, 2**63, 1.0, "1", None, True])
def test_c032_ids_that_are_none(value):
    book = a_book()
    for call in (lambda: book.amend(value, 1), lambda: book.get_stop_order(value)):
        refused(book, call, errors.InvalidOrderId, "order_id", value)
    refused(book, lambda: book.queue_position(value), errors.InvalidOrderId, "order_id", value)


def test_c032_stops_that_are_gone():
    book = a_book()
    assert book.cancel(4).cancelled_quantity == 5
    before = book.digest()
    for order_id in (4, 8):
        assert book.cancel(order_id).error == "OrderNotFound"
        assert book.modify(order_id, 1, 1).error == "OrderNotFound"
    for order_id in (0, 9, 2**40, INT64_MAX):
        assert book.get_stop_order(order_id) is None
        assert book.queue_position(order_id) is None
    assert book.modify(5, 1, 1).error == "OrderNotFound", "a pending stop is no order"
    assert book.digest() == before


# 34: what cannot be done at once


@pytest.mark.parametrize("tif", ["ioc", "fok", "IOC"])
def test_c034_post_only_that_never_rests(tif):
    book = a_book()
    for price in (1, 100, 120):
        refused(
            book,
            lambda p=price: book.submit_limit("buy", p, 1, tif, post_only=True),
            ValueError,
            "post_only",
        )


def test_c034_post_only_that_crosses():
    book = a_book()
    queues = book.full_book()
    result = book.submit_limit("buy", 110, 3, post_only=True)
    assert (result.status, result.cancelled_quantity, result.trades) == ("Cancelled", 3, [])
    assert (book.get_order(result.order_id), book.full_book()[:2]) == (None, queues[:2])


def test_c034_market_on_an_empty_book():
    book = Exchange()
    assert book.submit_market("buy", 5).cancelled_quantity == 5
    assert book.submit_stop_market("buy", 1, 5).status == "Pending"
    assert (book.trades(), book.last_trade_price()) == ([], None)


# 35: stops


def test_c035_a_stop_already_through_its_price():
    book = a_book()
    assert book.last_trade_price() == 110
    result = book.submit_stop_market("buy", 100, 2)
    assert result.status == "Triggered"
    assert book.trades()[-1].quantity == 2


def test_c035_a_chain_that_sets_off_itself_ends():
    """The orders of the stops move the price to and fro."""
    book = Exchange()
    book.submit_limit("sell", 100, 1000)
    book.submit_limit("buy", 99, 1000)
    for _ in range(300):
        book.submit_stop_market("buy", 100, 1)
        book.submit_stop_market("sell", 100, 1)
    book.submit_market("buy", 1)
    assert book.pending_stop_count() == 0
    assert book.stops_due == 0
    assert len(book.trades()) == 601


def test_c035_many_stops_at_one_price():
    book = Exchange()
    rows = np.zeros(100_001, as_events([]).dtype)
    rows["kind"], rows["stop_price"], rows["quantity"] = MessageKind.STOP_MARKET, 100, 1
    rows[-1] = tuple(Event(MessageKind.LIMIT, side=1, price=100, quantity=100_001))
    book.apply_all(rows)
    assert book.pending_stop_count() == 100_000
    book.submit_market("buy", 1)
    assert (book.pending_stop_count(), len(book.trades())) == (0, 100_001)
    assert book.trades().timestamp[-1] == 300_003


# 36: owners


@pytest.mark.parametrize("value", [-1, 2**32, 2**64, 1.0, "me", True])
def test_c036_owners_that_are_none(value):
    book = a_book()
    for call in (
        lambda: book.submit_limit("buy", 1, 1, "gtc", value),
        lambda: book.submit_market("buy", 1, value),
        *stops(book, owner=value),
        lambda: book.cancel_all(value),
    ):
        refused(book, call, errors.NanobookError, "owner", value)


def test_c036_owner_zero_is_nobody():
    book = Exchange(stp_policy="cancel_newest")
    book.submit_limit("sell", 100, 5, owner=0)
    assert book.submit_limit("buy", 100, 5, owner=0).filled_quantity == 5
    assert not book.get_order(1).owner


@pytest.mark.parametrize("value", ["newest", "", 9, None, 1.0])
def test_c036_policies_that_are_none(value):
    with pytest.raises(errors.NanobookError, match="stp_policy"):
        Exchange(stp_policy=value)


@pytest.mark.parametrize("value", ["hold", 2, None.__class__])
def test_c036_sides_of_a_mass_cancel(value):
    book = a_book()
    refused(book, lambda: book.cancel_all(side=value), errors.NanobookError, "side")


# Expiry


def test_dates_that_are_none():
    book = a_book()
    book.advance_clock(1000)
    for value, error in ((None, ValueError), (1000, ValueError), (999, ValueError), (-1, ValueError)):
        for call in (
            lambda v=value: book.submit_limit("buy", 1, 1, "gtd", expires=v),
            lambda v=value: book.submit_stop_limit("buy", 120, 1, 1, "gtd", expires=v),
        ):
            refused(book, call, error, "expires")
    for value in (2**63, 10**30):
        refused(book, lambda v=value: book.submit_limit("buy", 1, 1, "gtd", expires=v), ValueError, "expires")
    for value in (1.5, "tomorrow", True):
        refused(book, lambda v=value: book.submit_limit("buy", 1, 1, "gtd", expires=v), TypeError, "expires")


@pytest.mark.parametrize("tif", ["gtc", "ioc", "fok", "day"])
def test_dates_that_nobody_asked_for(tif):
    book = a_book()
    refused(book, lambda: book.submit_limit("buy", 1, 1, tif, expires=DAY), ValueError, "expires", "gtd")
    call = book.submit_stop_limit
    refused(book, lambda: call("buy", 120, 1, 1, tif, expires=DAY), ValueError, "expires", "gtd")


def test_clocks_that_run_backwards():
    book = a_book()
    book.advance_clock(1000)
    refused(book, lambda: book.advance_clock(999), ValueError, 999, 1000)
    refused(book, lambda: book.advance_clock(-1), ValueError, -1)
    refused(book, lambda: book.advance_clock(2**63), ValueError, 2**63)
    for value in (1.5, "now", None, True):
        refused(book, lambda v=value: book.advance_clock(v), TypeError, "time")
    assert book.advance_clock(1000) == 0


# Rows of a tape of events, each bad in one way

GOOD = Event(MessageKind.LIMIT, price=50, quantity=1)
BAD_ROWS = {
    "kind": Event(99, quantity=1),
    "side": GOOD._replace(side=2),
    "tif": GOOD._replace(tif=5),
    "quantity": GOOD._replace(quantity=0),
    "quantity of a market order": Event(MessageKind.MARKET, quantity=-1),
    "quantity of a stop": Event(MessageKind.STOP_MARKET, stop_price=1),
    "quantity of an amend": Event(MessageKind.AMEND, order_id=1, quantity=-1),
    "post_only": GOOD._replace(tif=1, marks=POST_ONLY),
    "expiry": GOOD._replace(tif=4),
    "expiry of the clock": Event(MessageKind.CLOCK, expiry=-1),
    "policy": Event(MessageKind.STP_POLICY, tif=9),
    "trail": Event(MessageKind.TRAILING_STOP_MARKET, quantity=1, trail=9),
    "trail_value": Event(
        MessageKind.TRAILING_STOP_MARKET, quantity=1, trail=TrailMethod.FIXED, trail_value=math.nan
    ),
    "order_id": Event(MessageKind.CANCEL, order_id=-1),
    "notional": Event(MessageKind.STOP_LIMIT, stop_price=200, price=INT64_MAX, quantity=2),
    "side of a mass cancel": Event(MessageKind.CANCEL_ALL, side=3),
    "tick": Event(MessageKind.INSTRUMENT, price=0, quantity=1),
}


@pytest.mark.parametrize("name", BAD_ROWS)
@pytest.mark.parametrize("enter", ["apply_all", "process"])
def test_a_bad_row_of_a_tape(name, enter):
    book = a_book()
    rows = as_events([GOOD, BAD_ROWS[name], GOOD])
    refused(book, lambda: getattr(book, enter)(rows), errors.NanobookError, "row 1")
