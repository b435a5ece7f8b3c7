"""``plan_rebalance``: tables in, a plan out."""

import pandas as pd
import pytest

from nanobook import Quote, plan_rebalance
from nanobook.broker import BrokerPosition
from nanobook.errors import InvalidValue, NanobookError, TargetError, WrongType


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
