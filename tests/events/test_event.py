"""``Event``: values, their strings and JSON, and what is refused."""

import copy
import json
import math
import pickle
import re
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanobook import Event, Side, TimeInForce, errors
from nanobook.events import Trail
from nanobook.events.text import debug_float, json_float
from nanobook.types import MAX_QUANTITY, StpPolicy, TrailMethod
from tests.events.making import EXAMPLES, events, floats, patient

TEXTS = (
    (
        "SubmitLimit { side: Buy, price: Price(10000), quantity: 100, time_in_force: GTC }",
        '{"SubmitLimit":{"side":"Buy","price":10000,"quantity":100,"time_in_force":"GTC"}}',
    ),
    ("SubmitMarket { side: Sell, quantity: 50 }", '{"SubmitMarket":{"side":"Sell","quantity":50}}'),
    ("Cancel { order_id: OrderId(1) }", '{"Cancel":{"order_id":1}}'),
    (
        "Modify { order_id: OrderId(4), new_price: Price(9100), new_quantity: 200 }",
        '{"Modify":{"order_id":4,"new_price":9100,"new_quantity":200}}',
    ),
    (
        "SubmitStopMarket { side: Buy, stop_price: Price(11000), quantity: 100 }",
        '{"SubmitStopMarket":{"side":"Buy","stop_price":11000,"quantity":100}}',
    ),
    (
        "SubmitStopLimit { side: Sell, stop_price: Price(8000), limit_price: Price(7900), quantity: 100, "
        "time_in_force: GTC }",
        '{"SubmitStopLimit":{"side":"Sell","stop_price":8000,"limit_price":7900,"quantity":100,'
        '"time_in_force":"GTC"}}',
    ),
    (
        "SubmitTrailingStopMarket { side: Buy, stop_price: Price(12000), quantity: 100, "
        "trail_method: Fixed(100) }",
        '{"SubmitTrailingStopMarket":{"side":"Buy","stop_price":12000,"quantity":100,'
        '"trail_method":{"Fixed":100}}}',
    ),
    (
        "SubmitTrailingStopLimit { side: Sell, stop_price: Price(7000), limit_price: Price(6900), "
        "quantity: 100, time_in_force: IOC, trail_method: Percentage(0.05) }",
        '{"SubmitTrailingStopLimit":{"side":"Sell","stop_price":7000,"limit_price":6900,"quantity":100,'
        '"time_in_force":"IOC","trail_method":{"Percentage":0.05}}}',
    ),
    (
        "SubmitTrailingStopMarket { side: Buy, stop_price: Price(12000), quantity: 100, "
        "trail_method: SmaAbsChange { multiplier: 2.0, period: 14 } }",
        '{"SubmitTrailingStopMarket":{"side":"Buy","stop_price":12000,"quantity":100,'
        '"trail_method":{"SmaAbsChange":{"multiplier":2.0,"period":14}}}}',
    ),
    ("Amend { order_id: OrderId(1), new_quantity: 5 }", '{"Amend":{"order_id":1,"new_quantity":5}}'),
    ("CancelAll", '{"CancelAll":{}}'),
    ("CancelAll { side: Buy, owner: 3 }", '{"CancelAll":{"side":"Buy","owner":3}}'),
    ("Clock { time: 1700000000000000000 }", '{"Clock":{"time":1700000000000000000}}'),
    ("StpPolicy { policy: CancelNewest }", '{"StpPolicy":{"policy":"CancelNewest"}}'),
    ("Instrument { tick_size: 5, lot_size: 100 }", '{"Instrument":{"tick_size":5,"lot_size":100}}'),
    ("Resume", '{"Resume":{}}'),
    (
        "SubmitLimit { side: Sell, price: Price(-1), quantity: 2, time_in_force: GTD, owner: 7, "
        "post_only: true, expires: 99, client_id: 4 }",
        '{"SubmitLimit":{"side":"Sell","price":-1,"quantity":2,"time_in_force":"GTD","owner":7,'
        '"post_only":true,"expires":99,"client_id":4}}',
    ),
    ("Cancel { client_id: 3 }", '{"Cancel":{"client_id":3}}'),
)
KINDS = (
    *("submit_limit", "submit_market", "cancel", "modify", "submit_stop_market", "submit_stop_limit"),
    *("submit_trailing_stop_market", "submit_trailing_stop_limit", "submit_trailing_stop_market", "amend"),
    *("cancel_all", "cancel_all", "clock", "stp_policy", "instrument", "resume", "submit_limit", "cancel"),
)


@pytest.mark.parametrize(
    ("event", "texts", "kind"), list(zip(EXAMPLES, TEXTS, KINDS, strict=True)), ids=KINDS
)
def test_strings_are_the_originals(event, texts, kind):
    assert (repr(event), event.__getstate__()) == texts
    assert str(event) == texts[0]
    assert event.kind == kind
    assert Event.from_json(texts[1]) == event


def test_attributes():
    limit = EXAMPLES[-2]
    assert (limit.side, limit.price, limit.quantity, limit.time_in_force) == ("sell", -1, 2, "gtd")
    assert (limit.owner, limit.post_only, limit.expires, limit.client_id) == (7, True, 99, 4)
    plain = EXAMPLES[0]
    assert (plain.owner, plain.post_only, plain.expires, plain.client_id) == (None, False, None, None)
    stop = EXAMPLES[7]
    assert (stop.stop_price, stop.limit_price, stop.time_in_force) == (7000, 6900, "ioc")
    assert EXAMPLES[6].trail_method == Trail("fixed", 100) == ("fixed", 100, None)
    assert stop.trail_method == ("percentage", 0.05, None)
    assert EXAMPLES[8].trail_method == ("sma_abs_change", 2.0, 14)
    assert (EXAMPLES[3].order_id, EXAMPLES[3].new_price, EXAMPLES[3].new_quantity) == (4, 9100, 200)
    assert (EXAMPLES[10].side, EXAMPLES[10].owner, EXAMPLES[11].side) == (None, None, "buy")
    assert EXAMPLES[12].time == 1_700_000_000_000_000_000
    assert EXAMPLES[13].policy == "cancel_newest"
    assert (EXAMPLES[14].tick_size, EXAMPLES[14].lot_size) == (5, 100)
    assert (EXAMPLES[-1].order_id, EXAMPLES[-1].client_id, EXAMPLES[2].client_id) == (None, 3, None)
    assert "stop_price" in dir(stop)
    assert "stop_price" not in dir(plain)
    with pytest.raises(AttributeError, match="a cancel event has no attribute 'price'; it has order_id"):
        _ = EXAMPLES[2].price


def test_spellings_of_arguments():
    event = Event.submit_limit("BUY", np.int32(5), np.uint8(2), "Ioc")
    assert (
        event == Event.submit_limit(Side.BUY, 5, 2, TimeInForce.IOC) == Event.submit_limit("b", 5, 2, "ioc")
    )
    assert Event.stp_policy("CancelNewest") == Event.stp_policy(StpPolicy.CANCEL_NEWEST)
    trailing = [
        Event.submit_trailing_stop_market("s", 1, 2, trail, 2, 3)
        for trail in ("atr", "ATR", "sma_abs_change", TrailMethod.SMA_ABS_CHANGE)
    ]
    assert len(set(trailing)) == 1
    assert Event.submit_trailing_stop_market("s", 1, 2, "pct", 0.5, 9).trail_method == (
        "percentage",
        0.5,
        None,
    )
    assert Event.submit_market("s", 2, 0) == Event.submit_market("s", 2)
    for given_value, kept in ((1.9, 1), (-3.7, -3), (-0.5, 0), (np.float32(2.5), 2), (Decimal("7.5"), 7)):
        assert Event.submit_trailing_stop_market("s", 1, 2, "fixed", given_value).trail_method.value == kept
    assert Event.submit_trailing_stop_market("s", 1, 2, "fixed", 2**53).trail_method.value == 2**53


REFUSED = (
    (lambda: Event.submit_limit("x", 1, 1), ValueError, "Invalid side 'x'. Use 'buy' or 'sell'."),
    (lambda: Event.submit_limit(1, 1, 1), TypeError, "side"),
    (
        lambda: Event.submit_limit("buy", 1, 1, "x"),
        ValueError,
        "Invalid time_in_force 'x'. Use 'gtc', 'ioc', or 'fok'.",
    ),
    (lambda: Event.submit_limit("buy", 1, 1, None), TypeError, "tif"),
    (lambda: Event.submit_limit("buy", 1.0, 1), TypeError, "price: 1.0"),
    (lambda: Event.submit_limit("buy", 2**63, 1), OverflowError, "price: 9223372036854775808"),
    (lambda: Event.submit_limit("buy", 1, 0), ValueError, "quantity: 0"),
    (lambda: Event.submit_limit("buy", 1, True), TypeError, "quantity: True"),
    (lambda: Event.submit_limit("buy", 1, MAX_QUANTITY + 1), OverflowError, "quantity"),
    (lambda: Event.submit_limit("buy", 1, 1, owner=-1), OverflowError, "owner: -1"),
    (lambda: Event.submit_limit("buy", 1, 1, owner=2**32), OverflowError, "owner"),
    (lambda: Event.submit_limit("buy", 1, 1, owner="me"), TypeError, "owner: 'me'"),
    (lambda: Event.submit_limit("buy", 1, 1, "gtd"), ValueError, "expires"),
    (lambda: Event.submit_limit("buy", 1, 1, expires=5), ValueError, "expires: 5 needs tif='gtd'"),
    (lambda: Event.submit_limit("buy", 1, 1, "gtd", expires=0), OverflowError, "expires: 0"),
    (lambda: Event.submit_limit("buy", 1, 1, "gtd", expires=1.5), TypeError, "expires: 1.5"),
    (lambda: Event.submit_limit("buy", 1, 1, "ioc", post_only=True), ValueError, "post_only"),
    (lambda: Event.submit_limit("buy", 1, 1, post_only=1), TypeError, "post_only: 1"),
    (lambda: Event.submit_limit("buy", 1, 1, client_id=-1), OverflowError, "client_id: -1"),
    (lambda: Event.cancel(), TypeError, "order_id: None"),
    (lambda: Event.cancel(1, client_id=2), ValueError, "one of them"),
    (lambda: Event.cancel(-1), OverflowError, "order_id: -1"),
    (lambda: Event.modify(1, 2, -1), OverflowError, "new_quantity: -1"),
    (lambda: Event.modify(1, None, 1), TypeError, "new_price: None"),
    (lambda: Event.amend(1, 1.5), TypeError, "new_quantity: 1.5"),
    (lambda: Event.submit_stop_market("buy", "1", 1), TypeError, "stop_price"),
    (lambda: Event.submit_stop_limit("buy", 1, 2.5, 1), TypeError, "limit_price"),
    (
        lambda: Event.submit_trailing_stop_market("buy", 1, 1, "x", 1),
        ValueError,
        "Invalid trail_type 'x'. Use 'fixed', 'percentage', or 'atr'.",
    ),
    (lambda: Event.submit_trailing_stop_market("buy", 1, 1, 1, 1), TypeError, "trail_type: 1"),
    (
        lambda: Event.submit_trailing_stop_market("buy", 1, 1, "atr", 1),
        ValueError,
        "atr_period is required when trail_type='atr'",
    ),
    (
        lambda: Event.submit_trailing_stop_market("buy", 1, 1, "fixed", "1"),
        TypeError,
        "trail_value: must be real number, not str",
    ),
    (lambda: Event.submit_trailing_stop_market("buy", 1, 1, "fixed", None), TypeError, "not NoneType"),
    (lambda: Event.submit_trailing_stop_market("buy", 1, 1, "fixed", True), TypeError, "not bool"),
    (lambda: Event.submit_trailing_stop_market("buy", 1, 1, "fixed", [1]), TypeError, "not list"),
    (lambda: Event.submit_trailing_stop_market("buy", 1, 1, "pct", 10**400), ValueError, "trail_value"),
    (lambda: Event.submit_trailing_stop_market("buy", 1, 1, "atr", 1, -1), OverflowError, "atr_period: -1"),
    (lambda: Event.submit_trailing_stop_market("buy", 1, 1, "atr", 1, 1.5), TypeError, "atr_period: 1.5"),
    (lambda: Event.submit_trailing_stop_limit("buy", 1, "", 1, "pct", 1), TypeError, "limit_price"),
    (lambda: Event.cancel_all(side="up"), ValueError, "Invalid side 'up'"),
    (lambda: Event.cancel_all(owner=1.5), TypeError, "owner: 1.5"),
    (lambda: Event.clock(-1), OverflowError, "time: -1"),
    (lambda: Event.clock("now"), TypeError, "time: 'now'"),
    (lambda: Event.stp_policy("none"), ValueError, "Invalid stp_policy 'none'"),
    (lambda: Event.stp_policy(1), TypeError, "policy: 1"),
    (lambda: Event.instrument(0, 1), OverflowError, "tick_size: 0"),
    (lambda: Event.instrument(1, 0.5), TypeError, "lot_size: 0.5"),
    (lambda: Event(), TypeError, "Event.submit_limit"),
    (lambda: Event.from_json(b"{}"), TypeError, "text"),
)


@pytest.mark.parametrize(("call", "builtin", "told"), REFUSED, ids=[told for *_, told in REFUSED])
def test_c028_what_is_refused_when_made(call, builtin, told):
    with pytest.raises(errors.NanobookError) as caught:
        call()
    assert isinstance(caught.value, builtin)
    assert told in str(caught.value)
    assert re.search(r"\b[Uu]se\b|give", str(caught.value))


@pytest.mark.parametrize("trail", ["fixed", "pct", "atr"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_distances_that_are_not_finite_are_refused(trail, value):
    with pytest.raises(errors.InvalidTrail, match="not finite"):
        Event.submit_trailing_stop_market("buy", 1, 1, trail, value, 3)


def test_events_are_values():
    for event in EXAMPLES:
        for other in (
            copy.copy(event),
            copy.deepcopy(event),
            *(pickle.loads(pickle.dumps(event, protocol)) for protocol in range(6)),
        ):
            assert other == event
            assert hash(other) == hash(event)
    assert len(set(EXAMPLES)) == len(EXAMPLES)
    assert EXAMPLES[0] != EXAMPLES[1]
    assert EXAMPLES[0] != repr(EXAMPLES[0])
    event = EXAMPLES[0]
    for change in (lambda: setattr(event, "price", 5), lambda: delattr(event, "price")):
        with pytest.raises(AttributeError, match="make another"):
            change()
    with pytest.raises(AttributeError):
        event.note = "x"


def test_set_state_replaces_in_place():
    event = Event.cancel(1)
    event.__setstate__(EXAMPLES[0].__getstate__())
    assert event == EXAMPLES[0]
    for bad, error in (("{", ValueError), (5, TypeError), ('{"Cancel":{}}', ValueError)):
        with pytest.raises(error):
            event.__setstate__(bad)
        assert event == EXAMPLES[0]


# Text of floats


@pytest.mark.parametrize(
    ("number", "debug", "text"),
    [
        (2.0, "2.0", "2.0"),
        (-0.0, "-0.0", "-0.0"),
        (0.05, "0.05", "0.05"),
        (1e15, "1000000000000000.0", "1000000000000000.0"),
        (1e16, "1e16", "1e+16"),
        (-1.5e300, "-1.5e300", "-1.5e+300"),
        (1e-4, "0.0001", "0.0001"),
        (1e-5, "1e-5", "0.00001"),
        (-1.5e-5, "-1.5e-5", "-0.000015"),
        (0.0000123, "1.23e-5", "0.0000123"),
        (1e-6, "1e-6", "1e-6"),
        (9.99e-6, "9.99e-6", "9.99e-6"),
        (5e-324, "5e-324", "5e-324"),
        (9007199254740993.0, "9007199254740992.0", "9007199254740992.0"),
        (731872617569838.25, "731872617569838.3", "731872617569838.2"),  # both are the shortest and as near
        (-11985288634993.5625, "-11985288634993.563", "-11985288634993.562"),
        (731872617569838.75, "731872617569838.8", "731872617569838.8"),
        (0.5, "0.5", "0.5"),
        (2.5, "2.5", "2.5"),
    ],
)
def test_text_of_floats(number, debug, text):
    assert (debug_float(number), json_float(number)) == (debug, text)


def digits(text):
    """Number of digits that tell."""
    return len(re.sub(r"e.*|[-.]", "", text).strip("0"))


@patient
@given(floats)
def test_text_of_any_float(number):
    size = abs(Decimal(number))
    for text, lowest in ((debug_float(number), Decimal("1e-4")), (json_float(number), Decimal("1e-5"))):
        assert float(text) == number
        assert text.startswith("-") == (math.copysign(1, number) < 0)
        assert digits(text) == digits(repr(number))  # the fewest that read back
        plain = number == 0 or lowest <= abs(Decimal(repr(number))) < Decimal("1e16")
        assert ("e" not in text) == plain
        assert plain == ("." in text and "e" not in text)
        if "e" in text:
            assert re.fullmatch(r"-?[1-9](\.\d*[1-9])?e[+-]?[1-9]\d*", text)
    assert ("e+" in json_float(number)) == (size >= Decimal("1e16"))
    assert "+" not in debug_float(number)


# Reading JSON


@patient
@given(events)
def test_json_round_trip(event):
    text = event.__getstate__()
    assert Event.from_json(text) == event
    assert Event.from_json(f" \t{json.dumps(json.loads(text), indent=1)}\r\n") == event
    assert " " not in text
    ((title, fields),) = json.loads(text).items()
    turned = {title: {"unknown": [1, {}], **dict(reversed(fields.items()))}}
    assert Event.from_json(json.dumps(turned)) == event
    assert repr(event).startswith(title)
    assert pickle.loads(pickle.dumps(event)) == event


@patient
@given(events)
def test_a_field_more_or_less(event):
    """Without any field that must be there it is refused; null stands for an optional one left out."""
    ((title, fields),) = json.loads(event.__getstate__()).items()
    optional = {"owner", "expires", "post_only", "client_id"} | ({"side"} if title == "CancelAll" else set())
    for name in fields:
        less = json.dumps({title: {key: value for key, value in fields.items() if key != name}})
        if name in optional - {"client_id"} and name != "expires":
            assert getattr(Event.from_json(less), name) in (None, False)
        elif name != "client_id" or title in ("Cancel", "Modify", "Amend"):
            with pytest.raises(errors.InvalidValue):
                Event.from_json(less)
    if title.startswith("Submit"):
        more = {"owner": None, "expires": None, "client_id": None} | fields
        assert Event.from_json(json.dumps({title: more})) == event


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ('{"SubmitLimit":["Buy",10000,100,"GTC"]}', EXAMPLES[0]),
        ('{"Cancel":[1]}', EXAMPLES[2]),
        ('{"Modify":[4,9100,200]}', EXAMPLES[3]),
        ('{"Resume":[]}', EXAMPLES[15]),
        (TEXTS[8][1].replace("SmaAbsChange", "Atr"), EXAMPLES[8]),
        (TEXTS[8][1].replace("2.0", "2"), EXAMPLES[8]),
        (TEXTS[8][1].replace('{"multiplier":2.0,"period":14}', "[2.0,14]"), EXAMPLES[8]),
        (TEXTS[7][1].replace("0.05", "5e-2"), EXAMPLES[7]),
        ('{"SubmitTrailingStopMarket":["Buy",12000,100,{"Fixed":100}]}', EXAMPLES[6]),
        ('{"Modify":{"order_id":1,"new_price":2,"new_quantity":0}}', Event.modify(1, 2, 0)),
        ('{"CancelAll":{"side":null}}', EXAMPLES[10]),
    ],
)
def test_other_spellings_are_read(text, event):
    assert Event.from_json(text) == event


LIMIT = '{"SubmitLimit":{"side":"Buy","price":1,"quantity":2,"time_in_force":"GTC"}}'
TRAILING = '{"SubmitTrailingStopMarket":{"side":"Buy","stop_price":1,"quantity":2,"trail_method":%s}}'
BAD = (
    *("", " ", "null", "1", '"Cancel"', "[]", "{}", "{", "}", "[" * 100_000, "\x00", "NaN"),
    *(
        '{"Cancel":1}',
        '{"Cancel":null}',
        '{"Cancel":{}}',
        '{"Cancel":[]}',
        '{"Cancel":[1,2]}',
        '{"Cancel":"1"}',
    ),
    *('{"Cancel":{"order_id":1}} x', '{"Cancel":{"order_id":1}}{}', '{"Cancel":{"order_id":1},}'),
    *('{"cancel":{"order_id":1}}', '{"Cancel":{"order_id":1},"Cancel":{"order_id":1}}'),
    *('{"Cancel":{"order_id":1},"Resume":{}}', '{"Cancel":{"order_id":1,"order_id":1}}'),
    *('{"Cancel":{"order_id":-1}}', '{"Cancel":{"order_id":1.0}}', '{"Cancel":{"order_id":"1"}}'),
    *(
        '{"Cancel":{"order_id":true}}',
        '{"Cancel":{"order_id":1e0}}',
        '{"Cancel":{"order_id":9223372036854775808}}',
    ),
    '{"Cancel":{"order_id":%s}}' % ("9" * 5000),
    *(
        '{"Cancel":{"order_id":1,"client_id":1}}',
        '{"Cancel":{"client_id":null}}',
        '{"Cancel":{"order_id":null}}',
    ),
    *(LIMIT.replace("2", wrong) for wrong in ("0", "-1", "2.0", "NaN", "null", '"2"', "4611686018427387905")),
    *(LIMIT.replace("1", wrong) for wrong in ("9223372036854775808", "1.5", "Infinity", "false", "[]", "01")),
    *(LIMIT.replace("Buy", wrong) for wrong in ("buy", "BUY", "Both", "")),
    *(LIMIT.replace("GTC", wrong) for wrong in ("gtc", "GTD", "Gtc", "XXX")),
    *(
        LIMIT.replace('"GTC"', wrong)
        for wrong in ("1", "null", '"GTC","owner":-1', '"GTC","owner":4294967296')
    ),
    *(LIMIT.replace('"GTC"', f'"GTC",{wrong}') for wrong in ('"expires":5', '"post_only":1', '"owner":"1"')),
    *(LIMIT.replace('"GTC"', f'"IOC",{wrong}') for wrong in ('"post_only":true', '"client_id":-1')),
    *(LIMIT.replace('"GTC"', f'"GTD","expires":{wrong}') for wrong in ("0", "-1", "1.5", "null")),
    *(TRAILING % wrong for wrong in ("null", "1", "{}", '{"Fixed":1.0}')),
    *(TRAILING % wrong for wrong in ('{"Percentage":null}', '{"Percentage":1e400}', '{"Percentage":"1"}')),
    *(TRAILING % wrong for wrong in ('{"Percentage":NaN}', '{"Percentage":%s}' % ("9" * 400), '{"Other":1}')),
    *(
        TRAILING % f'{{"Atr":{wrong}}}'
        for wrong in ("1", "[1]", '{"multiplier":1}', '{"period":1}', "[1,-1]")
    ),
    TRAILING % '{"Atr":{"multiplier":1,"period":1,"period":1}}',
    TRAILING % '{"Fixed":1,"Fixed":1}',
    *(
        '{"StpPolicy":{"policy":"off"}}',
        '{"Clock":{"time":-1}}',
        '{"Instrument":{"tick_size":0,"lot_size":1}}',
    ),
)


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_c063_json_that_is_refused(text):
    with pytest.raises(errors.InvalidValue) as caught:
        Event.from_json(text)
    assert len(str(caught.value)) < 500
    assert re.search(r"\b[Uu]se\b", str(caught.value))


@patient
@given(st.text(max_size=30) | st.lists(st.none() | st.integers()).map(json.dumps))
def test_any_text_is_read_or_refused(text):
    with pytest.raises(errors.InvalidValue):
        Event.from_json(text)


@patient
@given(events, st.data())
def test_a_changed_text_is_refused_or_another_event(event, data):
    text = list(event.__getstate__())
    text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.sampled_from('{}[]",:0123456789-.eE aGT'))
    try:
        other = Event.from_json("".join(text))
    except errors.InvalidValue:
        return
    assert Event.from_json(other.__getstate__()) == other
