"""The record of all limits: what it refuses, where it comes from."""

import json
import pickle
from dataclasses import FrozenInstanceError, fields
from decimal import Decimal
from fractions import Fraction

import pytest

from nanobook import NanobookError, RiskEngine, RiskLimits
from nanobook.errors import ConfigError, InvalidValue, OutOfRange, WrongType
from nanobook.risk.limits import FURTHER, RULES

WRONG = [
    ({"max_position_pct": 0}, "max_position_pct must be in (0, 1], got 0"),
    ({"max_position_pct": 1.5}, "max_position_pct must be in (0, 1], got 1.5"),
    ({"max_position_pct": float("nan")}, "max_position_pct must be in (0, 1], got NaN"),
    ({"max_leverage": 0.5}, "max_leverage must be >= 1.0 and finite, got 0.5"),
    ({"max_leverage": float("inf")}, "max_leverage must be >= 1.0 and finite, got inf"),
    ({"max_leverage": 1e-7}, "max_leverage must be >= 1.0 and finite, got 0.0000001"),
    ({"max_drawdown_pct": -0.1}, "max_drawdown_pct must be in [0, 1], got -0.1"),
    ({"max_short_pct": -1}, "max_short_pct must be >= 0 and finite, got -1"),
    ({"max_short_pct": float("-inf")}, "max_short_pct must be >= 0 and finite, got -inf"),
    ({"max_trade_usd": float("nan")}, "max_trade_usd must be >= 0 and finite, got NaN"),
    ({"max_order_value_cents": -1}, "max_order_value_cents must be >= 0, got -1"),
    ({"max_batch_value_cents": -5}, "max_batch_value_cents must be >= 0, got -5"),
]
"""As the original answers, but for its panic."""


@pytest.mark.parametrize(("given", "text"), WRONG)
def test_the_originals_words(given, text):
    for make in (RiskEngine, RiskLimits):
        with pytest.raises(InvalidValue) as error:
            make(**given)
        assert str(error.value).startswith(f"invalid RiskConfig: {text}")
        assert isinstance(error.value, ValueError)
    with pytest.raises(InvalidValue) as error:
        RiskEngine(**given)
    assert str(error.value) == f"invalid RiskConfig: {text}" or "is above" in str(error.value)


@pytest.mark.parametrize("name", sorted(set(RULES) & set(FURTHER)))
def test_our_numbers(name):
    """Each may be unset, and none may be below its rule, NaN or infinite."""
    assert getattr(RiskLimits(**{name: None}), name) is None
    for value in (-1, float("nan"), float("inf")):
        with pytest.raises((InvalidValue, WrongType), match=name):
            RiskLimits(**{name: value})


def test_all_faults_at_once():
    with pytest.raises(InvalidValue, match=r"max_position_pct .*; max_leverage .*; max_rejects "):
        RiskLimits(max_position_pct=2, max_leverage=0, max_rejects=0, max_gross_cents=1)


def test_the_originals_limits_are_never_unset():
    for name in sorted(set(RULES) - set(FURTHER)):
        with pytest.raises(WrongType, match=name):
            RiskLimits(**{name: None})


@pytest.mark.parametrize(
    "given",
    [
        {"max_position_pct": "0.25"},
        {"max_leverage": True},
        {"max_order_value_cents": 1.5},
        {"max_batch_value_cents": True},
        {"max_rejects": 2.0},
        {"allow_short": 1},
        {"allow_short": "true"},
        {"allowed_symbols": "AAPL"},
        {"denied_symbols": [1]},
        {"max_gross_cents": [1]},
    ],
)
def test_c058_wrong_types(given):
    (name,) = given
    with pytest.raises(WrongType, match=r"symbol" if name == "denied_symbols" else name):
        RiskLimits(**given)
    with pytest.raises(ConfigError):
        RiskLimits.from_mapping(given)


def test_c057_unknown_key():
    with pytest.raises(ConfigError) as error:
        RiskLimits.from_mapping({"max_postion_pct": 0.1, "max_levrage": 2, "min_trade_usd": 100})
    assert str(error.value) == (
        "max_postion_pct: no such limit (did you mean 'max_position_pct'?); "
        "max_levrage: no such limit (did you mean 'max_leverage'?)"
    )


def test_c059_missing_limit():
    with pytest.raises(ConfigError, match=r"max_gross_cents: missing; .*; max_rejects: missing"):
        RiskLimits.from_mapping(
            {"max_leverage": 2}, required=("max_gross_cents", "max_leverage", "max_rejects")
        )


def test_every_default_bounds():
    """No default is infinite: what may be unset and is, is bounded by another, or needs data."""
    limits = RiskLimits()
    unset = {name for name in RULES if getattr(limits, name) is None}
    assert unset == {"max_net_cents", "max_adv_pct"}
    assert limits.max_gross_cents > 0


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"max_position_pct": 0.3, "max_leverage": 0.2}, ("max_position_pct 0.3", "max_leverage 0.2")),
        ({"max_net_cents": 6, "max_gross_cents": 5}, ("max_net_cents 6", "max_gross_cents 5")),
        ({"shortable_symbols": ["A"]}, ("shortable_symbols names A", "allow_short")),
        (
            {"allowed_symbols": ["A", "B"], "denied_symbols": ["B"]},
            ("allowed_symbols", "denied_symbols both name B"),
        ),
        (
            {"allow_short": True, "shortable_symbols": ["B"], "denied_symbols": ["B"]},
            ("shortable_symbols", "denied_symbols both name B"),
        ),
    ],
)
def test_c060_contradictions(given, names):
    with pytest.raises(ConfigError) as error:
        RiskLimits.from_mapping(given)
    assert all(name in str(error.value) for name in names)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("sNaN"), float("nan"), Decimal("inf")])
@pytest.mark.parametrize("name", ["max_position_pct", "max_leverage"])
def test_limits_that_are_not_finite(name, value):
    with pytest.raises(InvalidValue, match=f"{name} must be"):
        RiskLimits(**{name: value})


@pytest.mark.parametrize("value", [10**400, Decimal("1e999999999"), Decimal("1e-999999999")], ids=str)
@pytest.mark.parametrize("name", ["max_leverage", "max_short_pct", "max_trade_usd", "max_position_pct"])
def test_limits_beyond_any_number(name, value):
    """Taken as they are they would fill the memory; and 10**400 overflow a float when it is told."""
    with pytest.raises(OutOfRange, match=f"{name}: "):
        RiskLimits(**{name: value})
    with pytest.raises(ConfigError, match=f"{name}: "):
        RiskLimits.from_mapping({name: value})


def test_what_is_no_table_or_list():
    for table in (5, None, ["max_leverage"]):
        with pytest.raises(ConfigError, match="give a table of limits"):
            RiskLimits.from_mapping(table)
    with pytest.raises(WrongType, match="allowed_symbols: 5 is a int"):
        RiskLimits(allowed_symbols=5)
    with pytest.raises(WrongType, match="denied_symbols: 1 is a int"):
        RiskLimits(denied_symbols=[1])


def test_a_record():
    limits = RiskLimits(max_position_pct=Decimal("0.1"), denied_symbols=["A"])
    assert limits == pickle.loads(pickle.dumps(limits))
    assert limits != RiskLimits()
    assert len({limits, RiskLimits.from_mapping(limits.to_dict())}) == 1
    with pytest.raises(FrozenInstanceError):
        limits.max_leverage = 9
    assert list(limits.to_dict()) == [field.name for field in fields(RiskLimits)]
    json.dumps(RiskLimits().to_dict())
    assert RiskLimits(denied_symbols=None).denied_symbols == ()


def test_to_frame():
    frame = RiskLimits(max_leverage=2).to_frame()
    assert frame.index.name == "limit"
    assert frame.loc["max_leverage"].tolist() == [2, 1.5]


def test_an_engine_of_limits():
    limits = RiskLimits(max_leverage=2)
    engine = RiskEngine.from_limits(limits)
    assert engine.limits is limits
    assert repr(engine) == "RiskEngine(max_position_pct=0.25, max_leverage=2, allow_short=false)"
    assert pickle.loads(pickle.dumps(engine)) == engine
    assert hash(engine) == hash(RiskEngine.from_limits(limits))
    assert engine != RiskEngine(max_leverage=2)
    assert engine != limits
    with pytest.raises(WrongType, match="give RiskLimits"):
        RiskEngine.from_limits({"max_leverage": 2})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        (1e22, "1" + 22 * "0"),
        (0.1, "0.1"),
        (Decimal("0.10"), "0.1"),
        (Fraction(1, 2), "1/2"),
    ],
)
def test_numbers_in_texts(value, text):
    from nanobook.risk.amounts import plain

    assert plain(value) == text


def test_a_limit_is_the_decimal_that_it_prints_as():
    """100 shares at 29 cents are exactly 0.29 of 10,000 cents, though the float 0.29 is below that."""
    assert Fraction(0.29) < Fraction(29, 100)
    engine = RiskEngine(max_position_pct=0.29)
    assert not engine.check_order("A", "buy", 100, 29, 10_000, []).has_failures()
    assert RiskEngine(max_trade_usd=1.15).check_order("A", "buy", 1, 115, 10**6, [])[2]["status"] == "PASS"


def test_errors_are_the_packages():
    with pytest.raises(NanobookError):
        RiskEngine(max_leverage=0)
    with pytest.raises(TypeError):
        RiskEngine(max_levrage=2)
