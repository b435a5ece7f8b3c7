"""The records that go to and fro."""

import dataclasses
import hashlib
import math
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanobook import Side
from nanobook.broker.types import (
    Account,
    BrokerOrder,
    BrokerOrderStatus,
    BrokerPosition,
    ClientOrderId,
    Execution,
    Instrument,
    OrderState,
    Quote,
    order_type_name,
    side_name,
    symbol_name,
)
from nanobook.errors import (
    InvalidSide,
    InvalidSymbol,
    InvalidValue,
    NonFiniteError,
    NoQuote,
    OrderError,
    WrongType,
)

NOW = datetime(2026, 1, 5, 15, tzinfo=UTC)
RECORDS = [
    BrokerPosition("A", 1, 2, 3, 4),
    Account(1, 2, 3, 4),
    Quote("A", 1, 2, 3, 4, NOW),
    BrokerOrder("A", "buy", 1),
    BrokerOrderStatus(1, OrderState.FILLED, 1, 0, 5),
    Execution("x", 1, "A", "buy", 1, 5),
    Instrument("A"),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_is_a_dict_that_cannot_be_changed(record):
    names = [field.name for field in dataclasses.fields(record)]
    assert list(record) == names
    assert dict(record) == dataclasses.asdict(record)
    assert len(record) == len(names)
    assert record[names[0]] == getattr(record, names[0])
    assert "keys" not in record
    assert pickle.loads(pickle.dumps(record)) == record
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(record, names[0], "B")
    with pytest.raises(KeyError, match="'colour' is none of"):
        record["colour"]
    assert list(pd.DataFrame([record]).columns) == names


def test_states_are_texts():
    assert OrderState("PartiallyFilled") == "PartiallyFilled"
    assert {state.value for state in OrderState if state.is_final} == {"Filled", "Cancelled", "Rejected"}
    assert str(OrderState.FILLED) == "Filled"


@pytest.mark.parametrize(
    ("bid", "ask", "last", "mid"),
    [
        (100, 102, 0, 101),
        (100, 101, 90, Decimal("100.5")),
        (0, 102, 90, 102),
        (100, 0, 90, 100),
        (0, 0, 90, 90),
        (Decimal("0.1"), Decimal("0.2"), 0, Decimal("0.15")),
    ],
)
def test_c085_the_middle_of_a_quote(bid, ask, last, mid):
    assert Quote("A", bid, ask, last).mid_cents == mid


def test_c085_quotes_without_a_price():
    with pytest.raises(NoQuote, match="A: no valid price received"):
        _ = Quote("A", 0, 0, 0).mid_cents
    crossed = Quote("A", 102, 100, 101)
    assert crossed.is_crossed
    with pytest.raises(NoQuote, match="A: the quote is crossed, bid 102 above ask 100"):
        _ = crossed.mid_cents
    assert not Quote("A", 100, 100, 0).is_crossed
    assert not Quote("A", 100, 0, 0).is_crossed


@pytest.mark.parametrize(("age", "stale"), [(0, False), (5, False), (5.000001, True), (-0.000001, True)])
def test_c085_quotes_that_are_too_old_or_of_the_future(age, stale):
    assert Quote("A", 1, 2, 0, 0, NOW - timedelta(seconds=age)).is_stale(NOW, 5) is stale
    assert Quote("A", 1, 2, 0).is_stale(NOW, 5)


# Orders


def test_an_order_is_brought_into_one_form():
    order = BrokerOrder("AAPL", "S", "1.50", "Stop_Limit", 18.0, "id-1", np.int64(17), "gtc")
    assert tuple(order.values()) == (*("AAPL", "sell", Decimal("1.5"), "stop_limit", 18, "id-1", 17, "gtc"),)
    assert type(order.stop_price_cents) is int
    assert BrokerOrder("A", Side.BUY, 1, "StopLimit", 1, None, 1).side == "buy"
    assert isinstance(order.client_order_id, ClientOrderId)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"side": "hold"}, InvalidSide, r"Invalid side 'hold'. Use 'buy' or 'sell'."),
        ({"side": 0}, WrongType, "side: 0 is a int"),
        ({"order_type": "peg"}, InvalidValue, "Invalid order_type 'peg'. Use 'market', 'limit', 'stop'"),
        ({"order_type": None}, WrongType, "order_type: None"),
        ({"quantity": 0}, InvalidValue, "quantity: 0 must be above 0"),
        ({"quantity": "-1"}, InvalidValue, "quantity: '-1' must be above 0"),
        ({"quantity": math.nan}, NonFiniteError, "quantity: nan is not finite"),
        ({"quantity": 10**19}, InvalidValue, "quantity: 10000000000000000000 is out of range"),
        ({"quantity": True}, WrongType, "quantity: True is a bool"),
        ({"order_type": "limit"}, InvalidValue, "limit_price_cents required for limit orders"),
        ({"order_type": "stop"}, InvalidValue, "stop_price_cents required for stop orders"),
        (
            {"order_type": "stop_limit", "limit_price_cents": 1},
            InvalidValue,
            "stop_price_cents required for stop_limit orders",
        ),
        ({"limit_price_cents": 5}, InvalidValue, "limit_price_cents: 5 given for a market order"),
        ({"order_type": "limit", "limit_price_cents": 0}, InvalidValue, "limit_price_cents: 0 must be above"),
        ({"symbol": ""}, InvalidSymbol, "symbol: ''"),
        ({"symbol": " A"}, InvalidSymbol, "symbol: ' A'"),
        ({"symbol": "A\x1b[2J"}, InvalidSymbol, r"symbol: 'A\\x1b\[2J'"),
        ({"symbol": 5}, WrongType, "symbol: 5"),
        ({"client_order_id": 5}, WrongType, "client_order_id: 5"),
        ({"client_order_id": ""}, OrderError, "order error: client_order_id must be 1..=36"),
        ({"client_order_id": "a" * 37}, OrderError, "1..=36 ASCII-safe characters"),
        ({"client_order_id": "a b"}, OrderError, "contains unsafe query characters"),
        ({"client_order_id": "ä"}, OrderError, "contains unsafe query characters"),
        ({"client_order_id": "a\n"}, OrderError, "contains unsafe query characters"),
        ({"time_in_force": "fok"}, InvalidValue, "time_in_force: 'fok'"),
        ({"time_in_force": ["day"]}, InvalidValue, "time_in_force"),
    ],
    ids=str,
)
def test_an_order_that_makes_no_sense(change, error, words):
    with pytest.raises(error, match=words):
        BrokerOrder(**{"symbol": "A", "side": "buy", "quantity": 1, **change})


def test_spellings():
    assert [side_name(side) for side in ("BUY", "b", "Sell", "S", Side.SELL)] == [
        *("buy", "buy", "sell", "sell", "sell")
    ]
    assert order_type_name("LIMIT") == "limit"
    assert symbol_name("BRK.B") == "BRK.B"
    assert symbol_name("Brk B") == "Brk B"


# Names of orders


def test_a_derived_name_is_that_of_the_original():
    """A vector of the wheel 0.9.3, and the rule in words."""
    assert ClientOrderId.derive("2026-02-08", "AAPL", "buy", 100) == "8dc09454daac5e23c2d34b52ee001a5e"
    text = b"s\0A\0S\0" + (7).to_bytes(8, "little")
    assert ClientOrderId.derive("s", "A", "sell", 7) == hashlib.sha256(text).hexdigest()[:32]


@given(st.text(max_size=9), st.sampled_from(["buy", "sell"]), st.integers(1, 10**18), st.integers(1, 10**18))
def test_derived_names_are_the_same_for_the_same_order_only(scope, side, a, b):
    one, two = ClientOrderId.derive(scope, "A", side, a), ClientOrderId.derive(scope, "A", side, b)
    assert (one == two) == (a == b)
    assert ClientOrderId(one) == one
    assert len(one) == 32
    assert ClientOrderId.derive(scope, "A", side, float(min(a, 2**53))) == ClientOrderId.derive(
        scope, "A", side, min(a, 2**53)
    )
    assert ClientOrderId.derive(scope, "A", side, Decimal(a) / 1000) != one or a % 1000 == 0


def test_names_of_fractions_differ():
    names = [ClientOrderId.derive("s", "BTC", "buy", q) for q in ("0.1", "0.01", 1, "1.0", Decimal("0.10"))]
    assert names[0] == names[4]
    assert names[2] == names[3]
    assert len(set(names)) == 3
    for wrong in (0, -1, "x"):
        with pytest.raises(InvalidValue, match="quantity"):
            ClientOrderId.derive("s", "A", "buy", wrong)


def test_names_can_be_pickled():
    name = ClientOrderId("abc")
    assert pickle.loads(pickle.dumps(name)) == name
    assert type(pickle.loads(pickle.dumps(name))) is ClientOrderId
