"""What is held against what should be: the original's columns, verdicts, splits."""

import pickle
from datetime import UTC, datetime
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanobook import reconcile
from nanobook.broker import Instrument, Quote
from nanobook.errors import InvalidValue, MultiplierError, WrongType
from nanobook.rebalancer.planning.diff import DiffRules, plan_orders
from nanobook.rebalancer.planning.reconcile import reconcile_exact, split_hint
from nanobook.rebalancer.targets.target import target_of


def test_rows_of_the_specification():
    found = reconcile_exact(
        {"B": 0.5, "A": 0.25}, {"A": 20, "C": 10}, {"A": 1000, "B": 2000, "C": 3000}, 100_000
    )
    a, b, c = found
    assert (a.symbol, a.target_weight, a.actual_weight, a.diff) == (
        "A",
        Fraction(1, 4),
        Fraction(1, 5),
        Fraction(-1, 20),
    )
    assert (a.target_shares, a.actual_shares, a.diff_shares, a.verdict) == (25, 20, -5, "off")
    assert (b.target_shares, b.actual_shares, b.diff_shares, b.verdict) == (25, 0, -25, "off")
    assert (c.target_weight, c.actual_weight, c.target_shares, c.verdict) == (
        0,
        Fraction(3, 10),
        0,
        "unexpected",
    )
    mean = (0.05**2 + 0.5**2 + 0.3**2) / 3
    assert float(found.tracking_error) == pytest.approx(100 * mean**0.5, rel=1e-14)
    assert [row.symbol for row in found.off] == ["A", "B", "C"]


def test_text_and_table():
    found = reconcile_exact([("A", 0.5)], {"A": 50}, {"A": 1000}, 100_000)
    assert str(found).splitlines() == [
        "Symbol  Target%  Actual%  Diff%  TargetQty  ActualQty",
        "A        50.00%   50.00%  0.00%         50         50",
        "Tracking error: 0.000%",
    ]
    frame = reconcile_exact(
        pd.Series({"A": 0.5}), pd.Series({"A": 49}), pd.Series({"A": 1000}), 100_000
    ).to_frame()
    assert frame.loc[0, "actual_weight"] == 0.49
    assert frame.loc[0, "actual_shares"] == 49
    assert "<table" in found._repr_html_()
    assert repr(found) == "Reconciliation(1 symbols, within one lot, tracking error 0.000%)"
    assert pickle.loads(pickle.dumps(found)) == found


def test_verdicts():
    prices, lots = {"A": 1000, "B": 0}, {"A": Instrument("A", lot=10)}

    def one(held, **options):
        return reconcile_exact({"A": 0.5}, {"A": held}, prices, 100_000, **options).rows[0].verdict

    assert [one(n) for n in (48, 49, 50, 51, 52)] == ["off", "ok", "ok", "ok", "off"]
    assert [one(n, instruments=lots) for n in (39, 40, 60, 61)] == ["off", "ok", "ok", "off"]
    assert one(45, min_trade_cents=5001) == "below min trade"
    assert one(45, min_trade_cents=5000) == "off"
    found = reconcile_exact({"B": 0.5}, {}, prices, 100_000)
    assert found.rows[0].verdict == "no price"
    assert found.rows[0].actual_weight == 0
    assert not found.is_within_one_lot
    assert reconcile_exact({}, {"A": 0}, prices, 1).tracking_error == 0


@pytest.mark.parametrize("equity", [0, -5])
def test_c089_no_equity_to_weigh_against(equity):
    with pytest.raises(InvalidValue, match="equity_cents"):
        reconcile_exact({"A": 1}, {}, {"A": 1}, equity)


weights = st.dictionaries(st.sampled_from("ABCD"), st.decimals("-1", "1", places=3), min_size=1)
prices = st.fixed_dictionaries({symbol: st.decimals("0.01", "5000", places=2) for symbol in "ABCD"})
held = st.dictionaries(st.sampled_from("ABCD"), st.integers(-99, 99))


@given(weights, held, prices, st.integers(10**4, 10**9))
def test_what_a_plan_leaves_is_within_one_lot(wish, before, price, equity):
    orders = plan_orders(wish.items(), before, price, equity, DiffRules(5, 0))
    after = before | {order.symbol: order.goal_quantity for order in orders}
    found = reconcile_exact(wish, after, price, equity)
    for row in found:
        assert row.verdict == "ok" or abs(row.diff * equity) <= Fraction(price[row.symbol]) + 1
    squares = [float(row.diff) ** 2 for row in found]
    assert float(found.tracking_error) == pytest.approx(
        100 * (sum(squares) / max(len(squares), 1)) ** 0.5, rel=1e-9, abs=1e-300
    )


@pytest.mark.parametrize(
    ("before", "now", "hint"),
    [
        (100, 400, " (looks like a 4-for-1 split)"),
        (100, 10, " (looks like a 1-for-10 split)"),
        (101, 151, " (looks like a 3-for-2 split)"),
        (-50, -100, " (looks like a 2-for-1 split)"),
        (100, 104, ""),
        (100, -400, ""),
        (0, 5, ""),
        (5, 0, ""),
    ],
)
def test_c093_the_split_that_a_change_looks_like(before, now, hint):
    assert split_hint(Fraction(before), Fraction(now)) == hint


def test_prices_are_cents_or_currency_as_in_a_plan():
    cents = reconcile({"A": 0.5}, {"A": 50}, {"A": 1050}, 100_000)
    assert reconcile({"A": 0.5}, {"A": 50}, pd.Series({"A": 10.50}), 100_000) == cents
    assert reconcile({"A": 0.5}, {"A": 50}, [Quote("A", 1049, 1051, 0)], 100_000) == cents
    with pytest.raises(WrongType, match="prices: mixes integers"):
        reconcile({"A": 0.5}, {"A": 50}, {"A": 1050, "B": 1.5}, 100_000)


def test_c066_what_the_target_leaves_alone_is_not_off():
    target = target_of({"A": 0.5}, datetime(2026, 2, 8, tzinfo=UTC), close_missing=False)
    found = reconcile(target, {"A": 50, "B": 48}, {"A": 1000, "B": 1000}, 100_000)
    assert [row.verdict for row in found] == ["ok", "left alone"]
    assert found.off == ()
    assert found.is_within_one_lot
    for close_missing in (None, True):
        target = target_of({"A": 0.5}, datetime(2026, 2, 8, tzinfo=UTC), close_missing=close_missing)
        found = reconcile(target, {"A": 50, "B": 48}, {"A": 1000, "B": 1000}, 100_000)
        assert [row.verdict for row in found] == ["ok", "unexpected"]
        assert not found.is_within_one_lot


def test_c088_a_multiplier_is_never_left_out():
    instruments = {"ES": Instrument("ES", multiplier=50)}
    for targets, held in (({"A": 0.5, "ES": 0.1}, {}), ({"A": 0.5}, {"ES": 1})):
        with pytest.raises(MultiplierError, match="ES has the multiplier 50"):
            reconcile(targets, held, {"A": 1000, "ES": 630_000}, 10**8, instruments=instruments)
    assert reconcile({"A": 0.5}, {"A": 5, "ES": 0}, {"A": 1000}, 10_000, instruments=instruments)
