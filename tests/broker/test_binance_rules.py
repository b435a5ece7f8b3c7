"""Filters: what they let through, the exchange takes; what they refuse never leaves."""

from contextlib import nullcontext
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from nanobook.broker import BrokerOrder
from nanobook.broker.binance.answers import Unanswered
from nanobook.broker.binance.rules import Rules, plain
from nanobook.errors import OrderRejected
from nanobook.exact import in_steps

FILTERS = {
    "PRICE_FILTER": {"minPrice": "0.01", "maxPrice": "1000000.00", "tickSize": "0.01"},
    "LOT_SIZE": {"minQty": "0.00001", "maxQty": "9000", "stepSize": "0.00001"},
    "MARKET_LOT_SIZE": {"minQty": "0", "maxQty": "100", "stepSize": "0"},
    "NOTIONAL": {"minNotional": "5", "applyMinToMarket": True, "maxNotional": "9000000"}
    | {"applyMaxToMarket": False, "avgPriceMins": 5},
    "PERCENT_PRICE_BY_SIDE": {"bidMultiplierUp": "1.2", "bidMultiplierDown": "0.2"}
    | {"askMultiplierUp": "5", "askMultiplierDown": "0.8", "avgPriceMins": 5},
}


def rules(**changes):
    """Rules of BTCUSDT, with other filters; None takes one away."""
    filters = {**FILTERS, **changes}
    return Rules.of(
        {
            "symbol": "BTCUSDT",
            "status": "TRADING",
            "baseAsset": "BTC",
            "quoteAsset": "USDT",
            "orderTypes": ["LIMIT", "MARKET", "STOP_LOSS_LIMIT"],
            "filters": [
                {"filterType": name, **entry} for name, entry in filters.items() if entry is not None
            ],
        }
    )


def order(side="buy", quantity="0.01", limit=None, **more):
    """An order, limit in USDT."""
    cents = None if limit is None else Decimal(limit) * 100
    return BrokerOrder("BTC", side, quantity, "limit" if limit else "market", cents, "me", **more)


AVERAGE = Decimal(60_000)


def test_an_order_in_words_of_the_exchange():
    assert rules().parameters(order(limit="60000.10"), AVERAGE) == {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "quantity": "0.01",
        "timeInForce": "GTC",
        "price": "60000.1",
    }
    assert rules().parameters(order("sell", 1), AVERAGE) == {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "type": "MARKET",
        "quantity": "1",
    }
    stop = BrokerOrder(
        "BTC", "sell", 1, "stop_limit", 5_900_000, stop_price_cents=5_950_000, time_in_force="ioc"
    )
    told = rules().parameters(stop, AVERAGE)
    assert (told["type"], told["price"], told["stopPrice"]) == ("STOP_LOSS_LIMIT", "59000", "59500")
    assert told["timeInForce"] == "IOC"


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        (order(quantity="0.000015", limit="60000"), "lot", "0.00001 or 0.00002"),
        (order(quantity="0.000001", limit="60000"), "lot", "from 0.00001"),
        (order(quantity="9000.00001", limit="60000"), "lot", "to 9000"),
        (order(quantity="100.00001"), "lot", "to 100"),
        (order(limit="60000.005"), "tick", "60000 or 60000.01"),
        (order(limit="0.001"), "price", "from 0.01"),
        (order(limit="1000000.01"), "price", "to 1000000"),
        (order(limit="72000.01"), "price", "12000 to 72000"),
        (order(limit="11999.99"), "price", "a buy from 12000"),
        (order("sell", limit="47999.99"), "price", "a sell from 48000"),
        (order(quantity="0.00008", limit="60000"), "notional", "4.8 USDT: at least 5"),
        (order(quantity="0.00008"), "notional", "at least 5"),
        (order(quantity="151", limit="60000"), "notional", "at most 9000000"),
        (BrokerOrder("BTC", "sell", 1, "stop", stop_price_cents=100), "permission", "STOP_LOSS"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_c083_what_a_filter_refuses_is_not_sent(given, code, told):
    with pytest.raises(OrderRejected, match=f"not sent.*{told}") as caught:
        rules().parameters(given, AVERAGE)
    assert caught.value.code == code
    assert caught.value.client_order_id == given.client_order_id


@pytest.mark.parametrize(
    "good",
    [
        order(quantity="0.00001", limit="72000"),
        order(quantity="9000", limit="12000"),
        order("sell", "0.0001", "300000"),
        order(quantity="100"),
    ],
    ids=["dearest", "cheapest", "far", "most"],
)
def test_the_edges_pass(good):
    rules(NOTIONAL=None).parameters(good, AVERAGE)


@pytest.mark.parametrize(("quantity", "price"), [("0.00008", "62500"), ("150", "60000")])
def test_a_notional_of_just_the_bound_passes(quantity, price):
    rules().parameters(order(quantity=quantity, limit=price), AVERAGE)


def test_filters_that_are_not_there_refuse_nothing():
    bare = rules(**dict.fromkeys(FILTERS))
    assert bare.average_minutes == -1
    assert bare.parameters(order(quantity="0.00000001", limit="0.00000001"), None)["price"] == "0.00000001"
    assert bare.instrument().lot == Decimal("1e-8")


def test_filters_of_older_pairs():
    old = rules(
        NOTIONAL=None,
        PERCENT_PRICE_BY_SIDE=None,
        MIN_NOTIONAL={"minNotional": "10", "applyToMarket": False, "avgPriceMins": 5},
        PERCENT_PRICE={"multiplierUp": "1.3", "multiplierDown": "0.7", "avgPriceMins": 5},
    )
    with pytest.raises(OrderRejected, match="at least 10"):
        old.parameters(order(quantity="0.0001", limit="60000"), AVERAGE)
    with pytest.raises(OrderRejected, match="42000 to 78000"):
        old.parameters(order("sell", limit="41999.99"), AVERAGE)
    old.parameters(order(quantity="0.0001"), AVERAGE)


@pytest.mark.parametrize(
    ("status", "code"), [("HALT", "halted"), ("BREAK", "closed"), ("CANCEL_ONLY", "closed")]
)
def test_c084_a_pair_that_does_not_trade(status, code):
    with pytest.raises(OrderRejected, match=status) as caught:
        replace(rules(), status=status).parameters(order(), AVERAGE)
    assert caught.value.code == code


@pytest.mark.parametrize("wrong", [None, "", "NaN", "Infinity", "1e400", 5, 0.1, "0x10", "1,5"], ids=repr)
def test_c088_a_filter_that_is_no_number_is_not_a_zero(wrong):
    with pytest.raises(Unanswered, match="stepSize"):
        rules(LOT_SIZE={"minQty": "0", "maxQty": "1", "stepSize": wrong})


steps = st.sampled_from(["1", "0.1", "0.00001", "0.00000001", "5", "0.25", "1000"])
amounts = st.decimals("0.00000001", "1e9", places=8)


@given(amounts, steps)
@example(Decimal("9e-05"), "0.00001")
def test_a_quantity_in_lots_passes_and_any_other_does_not(amount, step):
    """Against remainders of plain integers, in hundred-millionths."""
    units, unit = int(amount * 10**8), int(Decimal(step) * 10**8)
    free = rules(
        LOT_SIZE={"minQty": "0", "maxQty": "0", "stepSize": step},
        **dict.fromkeys(["NOTIONAL", "PERCENT_PRICE_BY_SIDE", "MARKET_LOT_SIZE"]),
    )
    if units % unit:
        with pytest.raises(OrderRejected, match="multiple"):
            free.parameters(order(quantity=amount), None)
    else:
        assert Decimal(free.parameters(order(quantity=amount), None)["quantity"]) == amount
    cut = in_steps(amount, Decimal(step))
    assert int(Decimal(cut) * 10**8) == units - units % unit
    assume(cut)
    free.parameters(order(quantity=cut), None)


@given(st.decimals("1e-12", "1e18", places=12))
@example(Decimal("9e-05"))
@example(Decimal("1E+18"))
def test_numbers_are_written_in_full(value):
    text = plain(value)
    assert Decimal(text) == value
    assert set(text) <= set("0123456789.")
    assert not text.endswith(".")
    assert "." not in text or not text.endswith("0")


@given(st.integers(1, 10**9), st.integers(1, 10**8))
def test_the_notional_is_exact(ticks, lots):
    price, quantity = Decimal(ticks) / 100, Decimal(lots) / 10**5
    free = rules(PERCENT_PRICE_BY_SIDE=None, LOT_SIZE=None, PRICE_FILTER=None)
    fits = 5 * 10**7 <= ticks * lots <= 9_000_000 * 10**7
    with nullcontext() if fits else pytest.raises(OrderRejected, match="USDT: at"):
        free.parameters(order(quantity=quantity, limit=price), None)
