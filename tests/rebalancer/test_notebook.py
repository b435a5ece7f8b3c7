"""``plan_rebalance``: tables in, a plan out."""

import pandas as pd
import pytest

from nanobook import Quote, plan_rebalance, reconcile
from nanobook.broker import BrokerPosition
from nanobook.errors import InvalidValue, NanobookError, NoQuote, TargetError, WrongType


def brief(plan):
    """Symbol, side and quantity of each order."""
    return [(order.symbol, order.side, order.quantity) for order in plan]


WANT = [("B", "sell", 5), ("A", "buy", 15)]


@pytest.mark.parametrize(
    "positions",
    [
        {"A": 10, "B": 5},
        pd.Series({"A": 10, "B": 5}),
        pd.Series({"A": 10.0, "B": 5.0}),
        [BrokerPosition("A", 10), BrokerPosition("B", 5)],
    ],
    ids=["dict", "ints", "floats", "records"],
)
@pytest.mark.parametrize(
    "prices",
    [
        {"A": 200.0, "B": 400.0},
        {"A": 20_000, "B": 40_000},
        pd.Series({"A": 200.0, "B": 400.0}),
        [Quote("A", 19_999, 20_001, 0), Quote("B", 39_990, 40_010, 0)],
    ],
    ids=["dollars", "cents", "Series", "quotes"],
)
def test_what_goes_in(positions, prices):
    assert (
        brief(plan_rebalance(pd.Series({"A": 0.5}), positions, prices, 1_000_000, close_missing=True)) == WANT
    )


def test_cash_binds_where_it_is_told():
    args = {"A": 1.0}, {}, {"A": 100.0}, 1_000_000
    assert brief(plan_rebalance(*args)) == [("A", "buy", 100)]
    plan = plan_rebalance(*args, cash_cents=500_000)
    assert brief(plan) == [("A", "buy", 49)]
    assert plan.skipped[0].quantity == 51
    assert brief(plan_rebalance(*args, cash_cents=0)) == []


def test_a_weight_of_zero_closes():
    plan = plan_rebalance({"A": 0.0, "B": -0.5}, {"A": 7}, {"A": 1.0, "B": 2.0}, 10_000)
    assert brief(plan) == [("A", "sell", 7), ("B", "sell", 25)]


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"equity_cents": 0}, InvalidValue, "equity_cents: 0 is not above 0"),
        ({"equity_cents": float("nan")}, NanobookError, "equity_cents"),
        ({"positions": {"A": float("nan")}}, NanobookError, r"positions\['A'\]"),
        ({"prices": {"A": float("nan")}}, NanobookError, r"prices\['A'\]"),
        ({"prices": {"A": 5, "B": 1.0}}, WrongType, "mixes integers"),
        ({"prices": {"A": True}}, WrongType, "prices"),
        ({"prices": {}}, NanobookError, "no price of A"),
        ({"weights": {"A": float("nan")}}, TargetError, "no number"),
        ({"weights": {"A": 0.6, "B": 0.6}}, TargetError, "sum to 1.200000"),
        ({"positions": {"C": 5}}, TargetError, "held, but no target: C"),
        ({"close_missing": 1}, TargetError, "close_missing"),
    ],
)
def test_c017_c018_what_is_refused(change, error, told):
    good = {"weights": {"A": 0.5}, "positions": {}, "prices": {"A": 100.0}, "equity_cents": 10_000}
    with pytest.raises(error, match=told):
        plan_rebalance(**good | change)


@pytest.mark.parametrize(
    ("positions", "prices"),
    [
        (pd.DataFrame({"symbol": ["A", "B"], "quantity": [10, 5]}), pd.Series({"A": 200.0, "B": 400.0})),
        ([("A", 10), ("B", 5)], pd.DataFrame({"symbol": ["A", "B"], "price": [200.0, 400.0]})),
        ([{"symbol": "A", "quantity": 10}, {"symbol": "B", "quantity": 5}], [("A", 20_000), ("B", 40_000)]),
        (pd.Series({"A": 10, "B": 5}, dtype="Int64"), pd.Series({"A": 200.0, "B": 400.0}, dtype="float32")),
        ({"A": 10, "B": 5}, pd.Series({"A": 20_000, "B": 40_000}, dtype="int32")),
        ({"A": 10, "B": 5}, pd.DataFrame({"A": [1.0, 200.0], "B": [1.0, 400.0]}).iloc[-1]),
    ],
    ids=["frame", "pairs", "dicts", "narrow", "int32", "row"],
)
def test_tables_records_and_pairs_go_in(positions, prices):
    plan = plan_rebalance({"A": 0.5}, positions, prices, 1_000_000, close_missing=True)
    assert brief(plan) == WANT
    assert plan.orders[1].mid_cents == 20_000
    assert len(reconcile({"A": 0.5}, positions, prices, 1_000_000)) == 2


def test_prices_as_they_come_out_of_a_calculation():
    mids = {1 / 3 + 185: 18_533.333333, 185.63999938964844: 18_563.999939, 185.1 + 1e-14: 18_510}
    for price, mid in mids.items():
        (order,) = plan_rebalance({"A": 0.5}, {}, {"A": price}, 1_000_000)
        assert float(order.mid_cents) == mid
    (order,) = plan_rebalance({"A": 0.5}, {}, pd.Series({"A": 199.99}, dtype="float32"), 1_000_000)
    assert order.mid_cents == 19_999


DOUBLE = pd.Series([10, 20], index=["A", "A"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"positions": DOUBLE}, "positions: A more than once"),
        ({"positions": [("A", 1), ("A", 2)]}, "positions: A more than once"),
        (
            {"positions": pd.DataFrame({"A": [1]})},
            "positions: a table needs columns symbol and quantity, not A$",
        ),
        ({"positions": None}, "positions: None is a NoneType"),
        ({"positions": 5}, "positions: 5 is a int"),
        ({"positions": [{"symbol": "A"}]}, "positions: each record needs symbol and quantity"),
        ({"positions": [7]}, "positions: each record needs symbol and quantity"),
        ({"prices": DOUBLE}, "prices: A more than once"),
        ({"prices": [Quote("A", 1, 1, 1)] * 2}, "prices: A more than once"),
        ({"prices": pd.DataFrame({"A": [1.0]})}, r"give one row: prices\.iloc\[-1\]"),
        ({"prices": None}, "prices: None is a NoneType"),
        ({"prices": [200.0]}, "prices: each record needs symbol and price"),
        ({"prices": {"A": float("inf")}}, "prices.*not finite"),
        ({"instruments": [1]}, "instruments: list"),
        ({"instruments": {"A": 1}}, r"instruments\['A'\]: int"),
        ({"weights": None}, "weights: None; give a Series"),
        ({"weights": "A"}, "weights: 'A'; give a Series"),
        ({"weights": [0.5]}, r"weights: \[0.5\]; give a Series"),
        ({"weights": [("A", 0.5, 1)]}, "weights: .*; give a Series"),
    ],
)
@pytest.mark.parametrize("door", [plan_rebalance, reconcile])
def test_c026_c027_what_cannot_go_in_is_named(door, change, told):
    args = {"weights": {"A": 0.5}, "positions": {"A": 10}, "prices": {"A": 200.0}} | change
    weights, positions, prices = (args.pop(name) for name in ("weights", "positions", "prices"))
    with pytest.raises(NanobookError, match=told):
        door(weights, positions, prices, 1_000_000, **args)


def test_what_plan_and_reconcile_take_alone():
    with pytest.raises(WrongType, match="config: dict; give a Config"):
        plan_rebalance({"A": 0.5}, {}, {"A": 1.0}, 1_000_000, config={})
    for price in (0.0, -5.0):
        with pytest.raises(NoQuote, match="no price of A"):
            plan_rebalance({"A": 0.5}, {}, {"A": price}, 1_000_000)
    for least in (-1, float("nan")):
        with pytest.raises(InvalidValue, match="min_trade_cents"):
            reconcile({"A": 0.5}, {}, {"A": 1.0}, 1_000_000, min_trade_cents=least)


@pytest.mark.parametrize("weight", [float("nan"), "x", None, True, 60])
def test_c017_a_weight_that_is_none_is_no_comparison(weight):
    with pytest.raises(TargetError, match=r"targets\['A'\]: "):
        reconcile({"A": weight}, {}, {"A": 1.0}, 1_000_000)


def test_c008_a_symbol_twice_is_no_comparison():
    with pytest.raises(TargetError, match=r"targets\['A'\]: stands 2 times"):
        reconcile([("A", 0.1), ("A", 0.2)], {}, {"A": 1.0}, 1_000_000)
