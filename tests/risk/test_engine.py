"""The stateless checks: every limit at its edge, every form of input, everything that is refused."""

from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from nanobook import RiskEngine, RiskLimits, Side
from nanobook.broker import Account, BrokerOrder, BrokerPosition
from nanobook.errors import (
    InvalidQuantity,
    InvalidSide,
    InvalidSymbol,
    InvalidValue,
    NonFiniteError,
    OutOfRange,
    ShapeError,
    WrongType,
)

EQUITY = 10_000_000
ACCOUNT = Account(EQUITY, EQUITY, EQUITY, 0)


def status(report, name):
    """Status of a row; None if there is none."""
    return next((row["status"] for row in report if row["name"] == name), None)


def detail(report, name):
    return next(row["detail"] for row in report if row["name"] == name)


def failures(report):
    return {row["name"] for row in report.failures}


def engine(**limits):
    """An engine whose only tight limits are those told."""
    wide = dict.fromkeys(("max_gross_cents", "max_turnover_cents", "max_order_quantity"))
    wide |= {"max_position_pct": 1, "max_leverage": 1000, "max_short_pct": 1000, "allow_short": True}
    wide |= {"max_trade_usd": 1e15, "max_order_value_cents": 0, "max_batch_value_cents": 0}
    return RiskEngine.from_limits(RiskLimits(**wide | limits))


# Every limit: one cent (or share) under, equal, and over


EDGES = [
    ("Max order value", {"max_order_value_cents": 100_000}, "FAIL"),
    ("Max position", {"max_position_pct": 0.01}, "FAIL"),
    ("Order size", {"max_trade_usd": 1000}, "WARN"),
    ("Gross notional", {"max_gross_cents": 100_000}, "FAIL"),
    ("Net notional", {"max_net_cents": 100_000}, "FAIL"),
    ("Order quantity", {"max_order_quantity": 100_000}, "FAIL"),
    ("Volume share", {"max_adv_pct": 0.1}, "FAIL"),
]


@pytest.mark.parametrize(("name", "limits", "worst"), EDGES)
@pytest.mark.parametrize(("quantity", "fits"), [(99_999, True), (100_000, True), (100_001, False)])
def test_edges_of_an_order(name, limits, worst, quantity, fits):
    report = engine(**limits).check_order("A", "buy", quantity, 1, EQUITY, [], volumes={"A": 1_000_000})
    assert status(report, name) in (
        "PASS" if fits else worst,
        None if fits and worst == "FAIL" else "PASS" if fits else worst,
    )
    assert report.has_failures() == (not fits and worst == "FAIL")


@pytest.mark.parametrize(("quantity", "fits"), [(99_999, True), (100_000, True), (100_001, False)])
def test_edges_of_shorts_and_leverage(quantity, fits):
    short = engine(max_short_pct=0.01).check_order("A", "sell", quantity, 1, EQUITY, [])
    assert failures(short) == (set() if fits else {"Short exposure"})
    held, prices = {"B": 14_900_000}, {"B": 1}
    lever = engine(max_leverage=1.5).check_order("A", "buy", quantity, 1, EQUITY, held, prices=prices)
    assert failures(lever) == (set() if fits else {"Leverage"})


BATCH_EDGES = [
    ("Max order value", {"max_order_value_cents": 100_000}, "FAIL"),
    ("Max batch value", {"max_batch_value_cents": 100_001}, "FAIL"),
    ("Max trade size", {"max_trade_usd": 1000}, "WARN"),
    ("Resulting position", {"max_position_pct": 0.01}, "FAIL"),
    ("Gross notional", {"max_gross_cents": 100_001}, "FAIL"),
    ("Net notional", {"max_net_cents": 100_001}, "FAIL"),
    ("Order quantity", {"max_order_quantity": 100_000}, "FAIL"),
    ("Volume share", {"max_adv_pct": 0.1}, "FAIL"),
]


@pytest.mark.parametrize(("name", "limits", "worst"), BATCH_EDGES)
@pytest.mark.parametrize(("quantity", "fits"), [(99_999, True), (100_000, True), (100_001, False)])
def test_edges_of_a_batch(name, limits, worst, quantity, fits):
    orders = [("A", "buy", quantity, 1), ("B", "buy", 1, 1)]
    report = engine(**limits).check_batch(orders, EQUITY, [], [], volumes={"A": 10**6, "B": 10**6})
    assert report.has_failures() == (not fits and worst == "FAIL")
    assert status(report, name) in ((None, "PASS") if fits else (worst,))


def test_edges_of_weights():
    for weight, fits in ((0.25, True), (0.2500000001, False), (-0.25, True), (Decimal("-0.2500001"), False)):
        report = RiskEngine().check_batch([], EQUITY, [], [("A", weight)])
        assert status(report, "Max position") == ("PASS" if fits else "FAIL")


# What the original lets pass


def test_c_b4_40_overflow():
    """The original's 64 bits wrap: 2**63 shares at 100 cents are $0 there."""
    for quantity in (2**60, 2**63 - 1, 2**63, 2**64 - 1):
        report = RiskEngine().check_order("A", "buy", quantity, 2**62, EQUITY, [])
        assert failures(report) >= {"Max order value", "Max position"}
        batch = RiskEngine().check_batch([("A", "buy", quantity, 2**62)], EQUITY, [], [])
        assert failures(batch) >= {"Max order value", "Max batch value", "Leverage", "Resulting position"}


@pytest.mark.parametrize("equity", [0, -1, -(10**15), Decimal("-0.5")])
def test_c_b4_40_no_equity(equity):
    report = RiskEngine().check_order("A", "buy", 1, 100, equity, [])
    assert failures(report) == {"Max position"}
    assert detail(report, "Max position") == "inf% (A) > 25.0% limit"
    batch = RiskEngine().check_batch([("A", "buy", 1, 100)], equity, [], [])
    assert failures(batch) == {"Leverage", "Short exposure"}


def test_c_b4_40_no_equity_and_nothing_left():
    report = RiskEngine().check_order("A", "sell", 5, 100, 0, {"A": 5})
    assert failures(report) == {"Max position"}


@pytest.mark.parametrize("price", [0, -5, float("nan"), Decimal("NaN"), None, -0.0])
def test_c_b4_40_no_price(price):
    report = RiskEngine().check_order("A", "buy", 1, price, EQUITY, [])
    assert failures(report) == {"Unpriced"}
    assert detail(report, "Unpriced") == "no price of A"
    batch = RiskEngine().check_batch([("A", "buy", 1, price)], EQUITY, [], [])
    assert failures(batch) == {"Unpriced"}


def test_holdings_without_a_price_fail():
    held = {"B": 5, "C": 0, "D": -1, "A": 1}
    report = RiskEngine().check_order("A", "buy", 1, 100, EQUITY, held, prices={"B": 0, "D": float("nan")})
    assert detail(report, "Unpriced") == "no price of B, D"
    batch = RiskEngine().check_batch([("A", "buy", 1, 100)], EQUITY, held, [])
    assert detail(batch, "Unpriced") == "no price of B, D"
    assert (
        not RiskEngine().check_order("A", "buy", 1, 100, EQUITY, held, prices={"B": 1, "D": 1}).has_failures()
    )


def test_leverage_counts_holdings_without_an_order():
    held, prices = [("B", 140_000)], {"B": 100}
    report = RiskEngine().check_order("A", "buy", 20_000, 100, EQUITY, held, prices=prices)
    assert detail(report, "Leverage") == "1.60x > 1.50x limit"
    batch = RiskEngine().check_batch([("A", "buy", 20_000, 100)], EQUITY, held, [], prices=prices)
    assert detail(batch, "Leverage") == "1.60x > 1.50x limit"


def test_concentration_counts_what_is_held_already():
    report = RiskEngine().check_batch([("A", "buy", 10_000, 100)], EQUITY, [("A", 20_000)], [("A", 0.1)])
    assert status(report, "Max position") == "PASS"  # of the targets
    assert detail(report, "Resulting position") == "30.0% (A) > 25.0% limit"


def test_the_short_limit_holds_for_an_order():
    held, prices = {"B": -20_000}, {"B": 100}
    report = RiskEngine().check_order("A", "sell", 15_000, 100, EQUITY, held, prices=prices)
    assert detail(report, "Short exposure") == "35.0% > 30.0% limit"


def test_what_passes_on_the_way():
    """Orders that cancel each other out in the end, but not before."""
    orders = [("A", "buy", 200_000, 100), ("A", "sell", 200_000, 100)]
    report = engine(max_leverage=1.5).check_batch(orders, EQUITY, [], [])
    assert detail(report, "Leverage") == "0.00x <= 1.50x limit"
    assert detail(report, "Leverage on the way") == "2.00x > 1.50x limit"
    assert detail(report, "Resulting position") == "200.0% (A) > 100.0% limit"
    orders = [("A", "sell", 40_000, 100), ("A", "buy", 40_000, 100)]
    report = engine(max_short_pct=0.3).check_batch(orders, EQUITY, [], [])
    assert detail(report, "Short exposure on the way") == "40.0% > 30.0% limit"
    assert detail(report, "Short exposure") == "0.0% <= 30.0% limit"
    report = engine(allow_short=False).check_batch(orders, EQUITY, [], [])
    assert failures(report) == {"Short selling on the way"}


def test_what_is_sold_later_counts_at_its_price_until_then():
    orders = [("B", "buy", 30_000, 100), ("C", "buy", 30_000, 100), ("A", "sell", 100_000, 1)]
    prices = {"A": 100}
    report = engine(max_leverage=1.5).check_batch(orders, EQUITY, {"A": 100_000}, [], prices=prices)
    assert failures(report) == {"Leverage on the way"}
    sales_first = engine(max_leverage=1.5).check_batch(
        orders[::-1], EQUITY, {"A": 100_000}, [], prices=prices
    )
    assert failures(sales_first) == set()


def test_a_cheap_second_order_does_not_make_the_first_cheap():
    """The original values a symbol at its last order's price."""
    orders = [("A", "buy", 20_000, 1000), ("A", "buy", 1, 1)]
    assert "Leverage" in failures(RiskEngine().check_batch(orders, EQUITY, [], []))


def test_coming_back_below_a_limit_is_not_refused():
    """Rows of ours warn of what is above a limit, and fail what goes further."""
    held, prices = {"A": 200_000, "B": -200_000}, {"A": 100, "B": 100}
    risk = engine(max_leverage=1.5, max_short_pct=0.1, max_gross_cents=100, max_net_cents=100)
    report = risk.check_order("B", "buy", 150_000, 100, EQUITY, held, prices=prices)
    assert failures(report) == {"Net notional"}  # which the purchase raises
    assert status(report, "Gross notional") == "WARN"
    assert failures(risk.check_order("B", "sell", 2, 100, EQUITY, held, prices=prices)) == {
        *("Leverage", "Short exposure", "Gross notional", "Net notional", "Max position"),
    }
    held = {"A": 200_000}
    batch = risk.check_batch([("A", "sell", 150_000, 100)], EQUITY, held, [], prices=prices)
    assert failures(batch) == set()
    assert status(batch, "Gross notional") == "WARN"
    assert detail(batch, "Gross notional") == "$50000 > $1 max_gross_cents"


def test_an_order_through_zero_is_no_reduction():
    report = RiskEngine().check_batch([("A", "sell", 70_000, 100)], EQUITY, [("A", 40_000)], [])
    assert detail(report, "Resulting position") == "30.0% (A) > 25.0% limit"


# Limits that are set


def test_lists_of_symbols():
    risk = engine(allowed_symbols=["A", "B"], shortable_symbols=["A"])
    assert detail(risk.check_order("A", "sell", 1, 100, EQUITY, []), "Symbols") == "A may be traded"
    assert not risk.check_order("B", "sell", 1, 100, EQUITY, {"B": 1}).has_failures()
    for symbol, side, reason in (
        ("C", "buy", "C is not in allowed_symbols"),
        ("B", "sell", "B is not in shortable_symbols"),
    ):
        report = risk.check_order(symbol, side, 1, 100, EQUITY, [])
        assert (failures(report), detail(report, "Symbols")) == ({"Symbols"}, reason)
    assert not risk.check_batch([("B", "buy", 5, 1)], EQUITY, {"B": -9}, []).has_failures()
    denied = engine(denied_symbols=["A"])
    assert detail(denied.check_order("A", "buy", 1, 1, EQUITY, []), "Symbols") == "A is in denied_symbols"
    orders = [("B", "sell", 1, 1), ("C", "buy", 1, 1)]
    report = risk.check_batch(orders, EQUITY, [], [])
    assert detail(report, "Symbols") == "B is not in shortable_symbols, C is not in allowed_symbols"


def test_volumes():
    risk = engine(max_adv_pct=0.1)
    for volumes in (None, {}, {"A": None}, {"A": 0}, {"A": float("nan")}):
        report = risk.check_order("A", "buy", 1, 100, EQUITY, [], volumes=volumes)
        assert detail(report, "Volume share") == "no volume of A; give volumes="
    report = risk.check_order("A", "buy", 10, 100, EQUITY, [], volumes={"A": 1000})
    assert detail(report, "Volume share") == "1.0% (A) <= 10.0% max_adv_pct"
    assert not risk.check_batch([], EQUITY, [], []).has_failures()


def test_rows_of_set_limits():
    report = RiskEngine.from_limits(RiskLimits()).check_order("A", "buy", 1, 100, EQUITY, [])
    assert [row["name"] for row in report][3:] == ["Gross notional", "Order quantity"]
    assert detail(report, "Order quantity") == "1 (A) <= 1000000 max_order_quantity"


# Forms of input


POSITIONS = [
    [("A", 200), ("B", -5)],
    (("A", 200), ("B", -5)),
    [["A", 200], ["B", -5]],
    {"A": 200, "B": -5},
    {"A": 200.0, "B": Decimal(-5)},
    {"A": np.int64(200), "B": np.float64(-5)},
    pd.Series({"A": 200, "B": -5}),
    pd.DataFrame({"symbol": ["A", "B"], "quantity": [200, -5]}),
    pd.DataFrame({"quantity": [200, -5]}, index=["A", "B"]),
    [{"symbol": "A", "quantity": 200}, {"symbol": "B", "quantity": -5}],
    [BrokerPosition("A", 200), BrokerPosition("B", -5)],
    (BrokerPosition(symbol, quantity) for symbol, quantity in (("A", 200), ("B", -5))),
]
PRICES = [
    {"B": 100},
    [("B", 100)],
    pd.Series({"B": 100.0}),
    pd.DataFrame({"price_cents": [100]}, index=["B"]),
    [{"symbol": "B", "price_cents": 100}],
]


@pytest.mark.parametrize("positions", POSITIONS, ids=str)
def test_positions(positions):
    report = RiskEngine().check_order("A", "buy", 100, 18500, 10**8, positions, prices={"B": 1})
    assert not report.has_failures()
    assert detail(report, "Max position") == "5.5% (A) <= 25.0% limit"


MANY = [(f"M{number}", number - 7) for number in range(20)]


@pytest.mark.parametrize(
    "odd", [("A", 200), ("A", 200.0), ["A", 200], BrokerPosition("A", 200), {"symbol": "A", "quantity": 200}]
)
def test_many_positions(odd):
    """Read a column at a time where all are plain, and one by one where one is not: the same."""
    prices = dict.fromkeys(dict(MANY), 100)
    report = RiskEngine().check_order("A", "buy", 100, 18500, 10**8, [*MANY, odd], prices=prices)
    assert report == RiskEngine().check_order("A", "buy", 100, 18500, 10**8, [("A", 200)])
    batch = RiskEngine().check_batch([("A", "buy", 100, 18500)], 10**8, [*MANY, odd], [], prices=prices)
    assert detail(batch, "Leverage") == f"{(300 * 18500 + 106 * 100) / 10**8:.2f}x <= 1.50x limit"


def test_many_positions_that_are_refused():
    for odd, error in (
        (("A", 2**64), OutOfRange),
        (("A", -(2**64)), OutOfRange),
        (("A", True), WrongType),
        (("A", 1, 2), WrongType),
        (("M1", 1), InvalidSymbol),
    ):
        with pytest.raises(error, match="positions"):
            RiskEngine().check_order("A", "buy", 1, 1, 1, [*MANY, odd])


def test_a_batch_without_prices_knows_what_is_short():
    """An order each, none told a price: positions that no order meets count, too."""
    wary = RiskEngine(allow_short=False)
    orders = [("A", "sell", 5, 100), ("B", "buy", 5, 100)]
    assert not wary.check_batch(orders, EQUITY, {"A": 5, "B": -5}, []).has_failures()
    assert failures(wary.check_batch(orders, EQUITY, {"A": 4}, [])) == {"Short selling"}
    assert failures(wary.check_batch(orders, EQUITY, {"A": 5, "B": -6}, [])) == {"Short selling"}
    assert failures(wary.check_batch(orders, EQUITY, {"A": 5, "C": -1}, [])) == {"Short selling", "Unpriced"}
    report = RiskEngine().check_batch([("A", "sell", 40_000, 100)], EQUITY, [], [])
    assert detail(report, "Short exposure") == "40.0% > 30.0% limit"


@pytest.mark.parametrize("prices", PRICES, ids=str)
def test_prices(prices):
    report = RiskEngine().check_order("A", "buy", 1, 100, EQUITY, {"B": -40_000}, prices=prices)
    assert failures(report) == set()
    report = RiskEngine().check_order("A", "sell", 1, 100, EQUITY, {"B": -40_000}, prices=prices)
    assert detail(report, "Short exposure") == "40.0% > 30.0% limit"


def test_records_of_positions_tell_their_prices():
    held = [BrokerPosition("B", -3, market_value_cents=-1000), BrokerPosition("A", 1)]
    report = RiskEngine(max_short_pct=0.0001).check_order("A", "sell", 2, 10, EQUITY, held)
    assert failures(report) == {"Short exposure"}
    assert not RiskEngine().check_order("A", "sell", 1, 1, EQUITY, held).has_failures()
    unsigned = [BrokerPosition("B", -3, market_value_cents=1000), BrokerPosition("A", 1)]
    report = RiskEngine(max_short_pct=0.0001).check_order("A", "sell", 2, 10, EQUITY, unsigned)
    assert failures(report) == {"Short exposure"}


ORDERS = [
    ("A", "sell", 50, 100),
    ["A", "S", 50.0, Decimal(100)],
    {"symbol": "A", "side": "sell", "quantity": 50, "price_cents": 100},
    {"symbol": "A", "side": Side.SELL, "quantity": "50", "limit_price_cents": 100},
    BrokerOrder("A", "sell", 50, "limit", 100),
    SimpleNamespace(symbol="A", side="sell", quantity=50, limit_price_cents=100, action="SELL"),
    BrokerOrder("A", "sell", 50, "stop", stop_price_cents=100),
    BrokerOrder("A", "sell", 50),
]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_orders(order):
    expected = RiskEngine().check_batch([("A", "sell", 50, 100)], EQUITY, [("A", 100)], [], prices={"A": 100})
    assert RiskEngine().check_batch([order], EQUITY, [("A", 100)], [], prices={"A": 100}) == expected
    assert expected[3]["detail"] == "1 orders"


def test_a_table_of_orders():
    rows = [("A", "buy", 50, 100), ("B", "sell", 5, 10)]
    table = pd.DataFrame(rows, columns=["symbol", "side", "quantity", "price_cents"])
    assert RiskEngine().check_batch(table, EQUITY, [], []) == RiskEngine().check_batch(rows, EQUITY, [], [])


def test_an_order_as_a_record():
    order = BrokerOrder("A", "buy", 100, "limit", 18500)
    expected = RiskEngine().check_order("A", "buy", 100, 18500, EQUITY, [])
    for call in (
        lambda: RiskEngine().check_order(order, ACCOUNT, positions=[]),
        lambda: RiskEngine().check_order(order, equity_cents=EQUITY, positions=[]),
        lambda: RiskEngine().check_order(order, equity_cents=ACCOUNT, positions={}),
        lambda: RiskEngine().check_order("A", "b", 100, 18500, ACCOUNT, {}),
        lambda: RiskEngine().check_order(dict(order), ACCOUNT, positions=[]),
    ):
        assert call() == expected
    market = BrokerOrder("A", "buy", 100)
    assert RiskEngine().check_order(market, ACCOUNT, positions=[], prices={"A": 18500}) == expected
    assert RiskEngine().check_order(market, None, None, 18500, ACCOUNT, []) == expected
    assert failures(RiskEngine().check_order(market, ACCOUNT, positions=[])) == {"Unpriced"}


WEIGHTS = [
    [("A", 0.2), ("B", -0.3)],
    {"A": 0.2, "B": -0.3},
    {"A": Decimal("0.2"), "B": Fraction(-3, 10)},
    [["A", 0.2], {"symbol": "B", "weight": -0.3}],
    pd.Series({"A": 0.2, "B": -0.3}),
    pd.DataFrame({"symbol": ["A", "B"], "weight": [0.2, -0.3]}),
]


@pytest.mark.parametrize("weights", WEIGHTS, ids=str)
def test_weights(weights):
    report = RiskEngine().check_batch([], EQUITY, [], weights)
    assert detail(report, "Max position") == "30.0% (B) > 25.0% limit"
    assert detail(report, "Weight allocation") == "20.0% long, 30.0% short, 80.0% cash"


def test_fractions_of_shares_and_cents():
    report = RiskEngine().check_order("BTC", "buy", "0.015", Decimal("6500000.5"), EQUITY, [])
    assert detail(report, "Order size") == "$975.00 <= $100000.00 max"
    assert detail(report, "Max position") == "1.0% (BTC) <= 25.0% limit"
    batch = RiskEngine().check_batch([("BTC", "sell", 0.5, 6500000)], EQUITY, {"BTC": 0.25}, [])
    assert detail(batch, "Leverage") == "0.16x <= 1.50x limit"


@pytest.mark.parametrize("missing", [None, float("nan"), Decimal("NaN"), Decimal("sNaN"), pd.NA, pd.NaT])
def test_what_stands_for_no_number_is_no_price(missing):
    held = {"B": 1}
    report = RiskEngine().check_order("A", "buy", 1, missing, EQUITY, held, prices={"B": missing})
    assert detail(report, "Unpriced") == "no price of A, B"
    held = [BrokerPosition("B", 1, market_value_cents=missing)]
    assert detail(RiskEngine().check_order("A", "buy", 1, 1, EQUITY, held), "Unpriced") == "no price of B"
    limited = RiskEngine.from_limits(RiskLimits(max_adv_pct=0.1))
    assert "Volume share" in failures(
        limited.check_order("A", "buy", 1, 1, EQUITY, [], volumes={"A": missing})
    )


@pytest.mark.parametrize("price", [5.5, Decimal("5.5"), np.float32(5.5)])
def test_an_order_without_a_price_has_the_one_told_even_if_it_is_a_fraction(price):
    report = RiskEngine().check_order(BrokerOrder("A", "buy", 4), ACCOUNT, positions=[], prices={"A": price})
    assert not report.has_failures()
    assert detail(report, "Order size") == "$0.22 <= $100000.00 max"
    batch = RiskEngine().check_batch([("A", "buy", 4, None)], 44, [], [], prices={"A": price})
    assert detail(batch, "Leverage") == "0.50x <= 1.50x limit"
    held = [BrokerPosition("A", 3, market_value_cents=1000)]
    report = RiskEngine().check_order(BrokerOrder("A", "buy", 3), ACCOUNT, positions=held)
    assert detail(report, "Order size") == "$10.00 <= $100000.00 max"


def test_dictionaries_of_positions_tell_their_prices():
    held = [dict(BrokerPosition("B", -3, market_value_cents=-1000))]
    report = RiskEngine(max_short_pct=0.0001).check_order("A", "sell", 2, 10, EQUITY, held)
    assert failures(report) == {"Short exposure"}


@pytest.mark.parametrize("nothing", [pd.DataFrame(), pd.DataFrame([]), pd.Series(dtype=float), {}, ()])
def test_nothing_is_held(nothing):
    assert not RiskEngine().check_order("A", "buy", 1, 1, EQUITY, nothing).has_failures()
    assert not RiskEngine().check_batch([], EQUITY, nothing, nothing).has_failures()


def test_a_quantity_of_zero_tells_a_price():
    report = RiskEngine().check_batch([("B", "buy", 0, 100)], EQUITY, {"B": 160_000}, [])
    assert detail(report, "Leverage") == "1.60x > 1.50x limit"


# What is refused


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        (("", "buy", 1, 1, 1, []), InvalidSymbol, "symbol: ''"),
        ((" A", "buy", 1, 1, 1, []), InvalidSymbol, "' A'"),
        (("A\n", "buy", 1, 1, 1, []), InvalidSymbol, "A"),
        ((1, "buy", 1, 1, 1, []), WrongType, "symbol: 1 is a int"),
        (("A", "x", 1, 1, 1, []), InvalidSide, r"Invalid side 'x'\. Use 'buy' or 'sell'\."),
        (("A", 1, 1, 1, 1, []), WrongType, "side: 1"),
        (("A", ["buy"], 1, 1, 1, []), WrongType, "side"),
        (("A", "buy", 0, 1, 1, []), InvalidQuantity, "quantity: 0"),
        (("A", "buy", -1, 1, 1, []), OutOfRange, "quantity: -1"),
        (("A", "buy", 2**64, 1, 1, []), OutOfRange, "quantity: 18446744073709551616"),
        (("A", "buy", True, 1, 1, []), WrongType, "quantity: True"),
        (("A", "buy", float("nan"), 1, 1, []), NonFiniteError, "quantity: nan"),
        (("A", "buy", None, 1, 1, []), WrongType, "quantity: None"),
        (("A", "buy", 1, float("inf"), 1, []), NonFiniteError, "price_cents: inf"),
        (("A", "buy", 1, "x", 1, []), InvalidValue, "price_cents: 'x'"),
        (("A", "buy", 1, 1, float("nan"), []), NonFiniteError, "equity_cents: nan"),
        (("A", "buy", 1, 1, None, []), WrongType, "equity_cents: None"),
        (("A", "buy", 1, 1, 2**70, []), OutOfRange, "equity_cents"),
        (("A", "buy", 1, 1, 1), WrongType, "positions: None"),
        (("A", "buy", 1, 1, 1, "A"), WrongType, "positions: 'A'"),
        (("A", "buy", 1, 1, 1, [("A", 2**65)]), OutOfRange, "positions: A"),
        (("A", "buy", 1, 1, 1, [("A", float("nan"))]), NonFiniteError, "positions: A"),
        (("A", "buy", 1, 1, 1, [("A", 1, 2)]), WrongType, "positions"),
        (("A", "buy", 1, 1, 1, [{"symbol": "A"}]), InvalidValue, "'quantity'"),
        (("A", "buy", 1, 1, 1, [(1, 1)]), WrongType, "positions: 1 is a int"),
        (("A", "buy", 1, 1, 1, [([], 1)]), WrongType, r"positions: \[\] is a list"),
        (("A", "buy", 1, 1, 1, {"A ": 1}), InvalidSymbol, "positions: 'A '"),
        (("A", "buy", 1, 1, 1, {f"A{i} ": 1 for i in range(20)}), InvalidSymbol, "positions: 'A0 '"),
        (("A", "buy", 1, 1, 1, [BrokerPosition("B", 1, 0, "x")]), InvalidValue, "market_value_cents: 'x'"),
        (("A", "buy", 1, 1, 1, [BrokerPosition("B", "x", 0, 1)]), InvalidValue, "positions: B: 'x'"),
        (("A", "buy", 1, np.array([1, 2]), 1, []), WrongType, "price_cents: array"),
        (("A", "buy", pd.NA, 1, 1, []), WrongType, "quantity: <NA>"),
        ((BrokerOrder("A", "buy", 1), "sell", 3, 1, 1, []), InvalidValue, "leave the rest out, not 'sell'"),
        ((BrokerOrder("A", "buy", 1), ACCOUNT, []), InvalidValue, r"leave the rest out, not \[\]"),
        (("A", "buy", 1, 1, 1, pd.DataFrame({"symbol": ["A"], "qty": [1]})), InvalidValue, "symbol, qty"),
    ],
    ids=str,
)
def test_bad_orders(arguments, error, match):
    with pytest.raises(error, match=match):
        RiskEngine().check_order(*arguments)


def test_the_originals_exceptions():
    with pytest.raises(OverflowError):
        RiskEngine().check_order("A", "buy", -1, 1, 1, [])
    with pytest.raises(ValueError, match="Invalid side"):
        RiskEngine().check_batch([("A", "x", 1, 1)], 1, [], [])


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ((None, 1, [], []), WrongType, "orders"),
        (("A", 1, [], []), WrongType, "orders"),
        (({"A": 1}, 1, [], []), WrongType, "orders"),
        (([("A", "buy", 1)], 1, [], []), ShapeError, r"\('A', 'buy', 1\)"),
        (([{"symbol": "A", "side": "buy"}], 1, [], []), InvalidValue, "'quantity'"),
        (([("A", "buy", -1, 1)], 1, [], []), OutOfRange, "quantity: -1"),
        (([([], "buy", 1, 1)], 1, [], []), WrongType, "symbol"),
        (([("A", [], 1, 1)], 1, [], []), WrongType, "side"),
        (([("A", "buy", 1, float("inf"))], 1, [], []), NonFiniteError, "price_cents"),
        (([None], 1, [], []), WrongType, "orders: None is a NoneType"),
        ((["abcd"], 1, [], []), WrongType, "orders: 'abcd' is a str"),
        (([], 1, [], None), WrongType, "target_weights: None"),
        (([], 1, [], [(1, 0.1)]), WrongType, "target_weights: 1 is a int"),
        (([], 1, [], [("A", Decimal("1e999999999"))]), OutOfRange, "target_weights: A"),
        (([], 1, [], [("A", Decimal("1e-999999999"))]), OutOfRange, "target_weights: A"),
        (([], 1, [], [("A", 10**400)]), OutOfRange, "target_weights: A"),
        (([], 1, [], [("A", Decimal("sNaN"))]), NonFiniteError, "target_weights: A"),
        (([], 1, [], [("A", float("nan"))]), NonFiniteError, "target_weights: A"),
        (([], 1, [], [("A", float("inf")), ("B", float("-inf"))]), NonFiniteError, "target_weights: A"),
        (([], 1, [], [("A", 0.1, 2)]), ShapeError, "length 3"),
        (([], 1, [], [([], 0.1)]), ShapeError, "unhashable"),
        (([], 1, [], [("A", True)]), WrongType, "target_weights: A"),
        (([], 1, [], [("A", 0.1), ("A", 0.1)]), InvalidSymbol, "'A' stands there twice"),
    ],
    ids=str,
)
def test_bad_batches(arguments, error, match):
    with pytest.raises(error, match=match):
        RiskEngine().check_batch(*arguments)


def test_c008_duplicate_positions():
    for positions in (
        [("A", 1), ("B", 1), ("A", 2)],
        [BrokerPosition("B", 2), BrokerPosition("B", 1)],
        [["B", 2], {"symbol": "B", "quantity": 1}],
    ):
        with pytest.raises(InvalidSymbol, match=r"'[AB]' stands there twice"):
            RiskEngine().check_order("A", "buy", 1, 1, 1, positions)
        with pytest.raises(InvalidSymbol, match="twice"):
            RiskEngine().check_batch([], 1, positions, [])


def test_c_b4_40_inputs_are_left_alone():
    held, prices, weights = {"A": 1}, {"A": 5, "B": 1}, {"A": 0.1}
    orders = [("A", "buy", 1, 1), ("B", "sell", 1, 1)]
    for _ in range(2):
        RiskEngine.from_limits(RiskLimits()).check_batch(orders, 1, held, weights, prices=prices)
        RiskEngine.from_limits(RiskLimits()).check_order("A", "buy", 1, 1, 1, held, prices=prices)
    assert (held, prices, weights) == ({"A": 1}, {"A": 5, "B": 1}, {"A": 0.1})
    assert orders == [("A", "buy", 1, 1), ("B", "sell", 1, 1)]
