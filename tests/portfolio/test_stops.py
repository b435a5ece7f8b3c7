"""Stops of backtest_weights: the original's answers, the twin's, hand-computed cases, no look-ahead."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nanobook.portfolio import backtest_weights
from tests.oracle.backtest import as_rows, backtest
from tests.portfolio.test_backtest import bits, pairs
from tests.schedules import make_case

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "stops_093.json").read_text(encoding="utf-8"))
SYMBOLS = list("ABCDEFGH")
RULES = [
    {"fixed_stop_pct": 0.03},
    {"trailing_stop_pct": 0.02},
    {"atr_multiple": 1.5},
    {"atr_multiple": 0.7, "atr_period": 3},
    {"fixed_stop_pct": 0.05, "trailing_stop_pct": 0.05, "atr_multiple": 2.0, "atr_period": 1},
    {"fixed_stop_pct": 0.02, "trailing_stop_pct": 0.0, "atr_multiple": 1.0, "atr_period": 10**6},
]


@pytest.mark.parametrize("case", GOLDEN["backtests"], ids=lambda case: case["name"])
def test_stops_on_closes_equal_the_original_to_the_last_bit(case):
    expected = case["expected"]
    arguments = {key: value for key, value in case.items() if key not in ("name", "expected")}
    arguments["weight_schedule"] = pairs(case["weight_schedule"])
    arguments["price_schedule"] = pairs(case["price_schedule"])
    result = backtest_weights(**arguments)
    for key in expected:
        assert bits(result[key]) == bits(expected[key]), key
    assert [list(event) for event in result.stop_events[:1]] == [list(RENAMED)] * bool(result.stop_events)


RENAMED = ("period_index", "symbol", "trigger_price", "exit_price", "reason")


@pytest.mark.parametrize("rules", RULES, ids=str)
@pytest.mark.parametrize("seed", range(8))
def test_stops_equal_the_twin(seed, rules):
    case = make_case(seed, volatility=(0.02, 0.1, 0.4)[seed % 3])
    weights, prices = as_rows(case.weights, SYMBOLS, keep=bool), as_rows(case.prices, SYMBOLS, keep=bool)
    expected = backtest(weights, prices, case.cash, case.bps, rules)
    result = backtest_weights(weights, prices, case.cash, case.bps, stop_cfg=rules)
    for name in ("equity_curve", "cash", "cost", "positions", "stop_events"):
        assert getattr(result, name) == expected[name], name
    assert bits(result.holdings) == bits(expected["holdings"])
    lean = backtest_weights(case.weights, case.prices, case.cash, case.bps, stop_cfg=rules, lean=True)
    assert lean.equity_curve.tolist() == expected["equity_curve"]
    assert lean.stop_events["trigger_price"].tolist() == [
        event["trigger_price"] for event in expected["stop_events"]
    ]


def test_stops_fire_in_these_cases():
    """The comparisons above are about something: every kind fires, long and short."""
    reasons = set()
    for seed in range(8):
        for rules in RULES:
            found = backtest_weights(*make_case(seed), stop_cfg=rules)
            for entry in found.stop_events:
                shares = found.positions[entry["period_index"] - 1, entry["symbol"]]
                reasons.add((str(entry["reason"]), int(np.sign(shares))))
    assert reasons >= {(kind, side) for kind in ("fixed", "trailing", "atr") for side in (1, -1)}


def hold(prices, stop_cfg, weight=1.0, bps=0):
    """Buy once and keep, with stops; cash is 10,000 cents."""
    weights = [[("A", weight)]] + [None] * (len(prices) - 1)
    return backtest_weights(weights, [[("A", price)] for price in prices], 10_000, bps, stop_cfg=stop_cfg)


def event(period, level, price, reason):
    return {
        "period_index": period,
        "symbol": "A",
        "trigger_price": level,
        "exit_price": price,
        "reason": reason,
    }


HAND = [
    # Bought at 100: 5 % below is 95; 96 stays, 95 leaves at that close.
    ([100, 96, 95, 120], {"fixed_stop_pct": 0.05}, 1.0, [event(2, 95, 95, "fixed")]),
    # The best close is 120: 10 % below is 108.
    ([100, 120, 109, 90], {"trailing_stop_pct": 0.1}, 1.0, [event(3, 108, 90, "trailing")]),
    # Short at 100, best close 80: 10 % above is 88.
    ([100, 80, 87, 88], {"trailing_stop_pct": 0.1}, -1.0, [event(3, 88, 88, "trailing")]),
    # Changes 2, 4, then 5: averages 2, 3, and of the last two (4 + 5) / 2 = 4.5.
    # Levels: 102 - 2 * 2 = 98; 106 - 2 * 3 = 100; 106 - 2 * 4.5 = 97: 101 stays; then change 6, 5.5: 95.
    ([100, 102, 106, 101, 95], {"atr_multiple": 2.0, "atr_period": 2}, 1.0, [event(4, 95, 95, "atr")]),
    # No level of ranges on the entry bar, so nothing leaves there.
    ([100, 100], {"atr_multiple": 1.0}, 1.0, [event(1, 100, 100, "atr")]),
    # 12.5 is rounded up to 13 (half of 25, away from zero).
    ([25, 13], {"fixed_stop_pct": 0.5}, 1.0, [event(1, 13, 13, "fixed")]),
    # Equal levels: long takes the later kind, short the earlier.
    ([100, 90], {"fixed_stop_pct": 0.1, "trailing_stop_pct": 0.1}, 1.0, [event(1, 90, 90, "trailing")]),
    ([100, 110], {"fixed_stop_pct": 0.1, "trailing_stop_pct": 0.1}, -1.0, [event(1, 110, 110, "fixed")]),
    # A level is at least one unit.
    ([2, 1], {"fixed_stop_pct": 0.9}, 1.0, [event(1, 1, 1, "fixed")]),
    ([100, 96, 99], {"fixed_stop_pct": 0.05}, 1.0, []),
]


@pytest.mark.parametrize(("prices", "rules", "weight", "events"), HAND)
def test_levels_by_hand(prices, rules, weight, events):
    result = hold(prices, rules, weight)
    assert result.stop_events == events
    if events:
        assert result.positions[events[0]["period_index"]] == []


def test_an_exit_pays_its_cost_and_is_a_trade():
    # 99 shares at 100 (target 9,900 of 10,000), cost 99; 95 % of 100 is 95: out at 94, 9,306 less 93.
    result = hold([100, 94, 94], {"fixed_stop_pct": 0.05}, 0.99, bps=100)
    assert result.cash == [10_000 - 9_900 - 99, 1 + 9_306 - 93, 9_214]
    assert result.cost == [99, 93, 0]
    assert result.turnover == [0.99, 9_306 / 9_307, 0.0]
    assert result.trades == [
        {"period": 0, "symbol": "A", "quantity": 99, "price": 100, "notional": 9_900, "cost": 99}
        | {"reason": "signal"},
        {"period": 1, "symbol": "A", "quantity": -99, "price": 94, "notional": 9_306, "cost": 93}
        | {"reason": "stop_fixed"},
    ]


def test_a_stopped_weight_is_bought_again_in_the_next_period():
    weights = [[("A", 1.0)]] * 3
    result = backtest_weights(
        weights, [[("A", 100)], [("A", 80)], [("A", 80)]], 8_000, 0, stop_cfg={"fixed_stop_pct": 0.1}
    )
    assert result.positions == [[("A", 80)], [], [("A", 80)]]
    assert [trade["reason"] for trade in result.trades] == ["signal", "stop_fixed", "signal"]


def test_a_position_that_changes_sides_is_entered_anew():
    # Short at 120 from the second period on: 10 % above is 132, whatever was before.
    weights = [[("A", 0.5)], [("A", -0.5)], None, None]
    prices = [[("A", 100)], [("A", 120)], [("A", 131)], [("A", 132)]]
    result = backtest_weights(weights, prices, 100_000, 0, stop_cfg={"fixed_stop_pct": 0.1})
    assert result.stop_events == [event(3, 132, 132, "fixed")]


def test_more_events_than_were_expected():
    """Everything leaves in every period: the buffer grows and the run goes on where it stopped."""
    count, periods = 3, 400
    prices = np.full((periods, count), 100)
    weights = np.full((periods, count), 0.3)
    rules = {"trailing_stop_pct": 1e-9}
    result = backtest_weights(weights, prices, 10**6, 1, stop_cfg=rules)
    assert len(result.stop_events) == count * periods
    assert result.stop_events["period_index"].tolist() == np.repeat(range(periods), count).tolist()
    lean = backtest_weights(weights, prices, 10**6, 1, stop_cfg=rules, lean=True)
    assert lean.equity_curve.tolist() == result.equity_curve.tolist()
    assert (lean.stop_events == result.stop_events).all()


@pytest.mark.parametrize("rules", RULES, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_stops_do_not_look_ahead(seed, rules):
    case, other = make_case(seed), make_case(seed + 1000)
    k = 21
    prices = case.prices.copy()
    prices[k + 1 :] = np.where(case.prices[k + 1 :] > 0, np.maximum(other.prices[k + 1 :], 1), 0)
    mine = backtest_weights(*case, stop_cfg=rules)
    theirs = backtest_weights(case.weights, prices, case.cash, case.bps, stop_cfg=rules)
    for name in ("returns", "cash", "cost", "turnover", "positions", "holdings"):
        assert getattr(mine, name)[: k + 1].tobytes() == getattr(theirs, name)[: k + 1].tobytes()
    early = [result.stop_events[result.stop_events["period_index"] <= k] for result in (mine, theirs)]
    assert early[0].tolist() == early[1].tolist()
    assert len(early[0])


@pytest.mark.parametrize("seed", range(4))
def test_cash_positions_and_trades_add_up(seed):
    case = make_case(seed)
    result = backtest_weights(*case, stop_cfg={"trailing_stop_pct": 0.02})
    trades = result.trades
    held = np.zeros_like(result.positions)
    np.add.at(held, (trades["period"], trades["symbol"]), trades["quantity"])
    np.testing.assert_array_equal(held.cumsum(axis=0), result.positions)
    assert (trades["notional"] == abs(trades["quantity"] * trades["price"])).all()
    paid = np.bincount(trades["period"], trades["cost"], len(case.prices))
    np.testing.assert_array_equal(paid, result.cost)
    spent = np.bincount(
        trades["period"], trades["quantity"] * trades["price"] + trades["cost"], len(case.prices)
    )
    np.testing.assert_array_equal(np.diff(result.cash, prepend=case.cash), -spent)
    worth = (result.positions * case.prices).sum(axis=1)
    np.testing.assert_array_equal(result.cash + worth, result.equity_curve[1:])
    np.testing.assert_array_equal(result.net_exposure, worth / result.equity_curve[1:])
    gross = (abs(result.positions) * case.prices).sum(axis=1)
    np.testing.assert_array_equal(result.gross_exposure, gross / result.equity_curve[1:])


def test_symbols_in_another_order_give_the_same():
    case = make_case(2, count=37, periods=30)
    order = np.random.default_rng(0).permutation(37)
    rules = {"trailing_stop_pct": 0.02, "atr_multiple": 3.0}
    mine = backtest_weights(*case, stop_cfg=rules)
    theirs = backtest_weights(
        case.weights[:, order], case.prices[:, order], case.cash, case.bps, stop_cfg=rules
    )
    assert mine.equity_curve.tobytes() == theirs.equity_curve.tobytes()
    np.testing.assert_array_equal(mine.positions[:, order], theirs.positions)


def test_events_and_trades_of_frames_are_frames():
    days = pd.date_range("2024-03-01", periods=3, name="day")
    prices = pd.DataFrame({"A": [100, 80, 80], "B": [100, 100, 100]}, days)
    weights = pd.DataFrame({"A": [0.5], "B": [0.5]}, days[:1])
    result = backtest_weights(weights, prices, 10_000, 0, stop_cfg={"fixed_stop_pct": 0.1})
    events = result.stop_events
    assert list(events.columns) == ["day", *RENAMED]
    assert events.iloc[0].tolist() == [days[1], 1, "A", 90, 80, "fixed"]
    assert result.trades["symbol"].tolist() == ["A", "B", "A"]
    assert result.trades["quantity"].tolist() == [50, 50, -50]
    assert result.trades["day"].tolist() == [days[0], days[0], days[1]]
    assert result.to_frame()["gross"].tolist() == [1.0, 5000 / 9000, 5000 / 9000]


def test_events_of_fractions_of_a_cent_are_in_cents():
    result = backtest_weights(
        np.array([[1.0], [np.nan]]),
        np.array([[0.0125], [0.0105]]),
        10_000,
        0,
        price_scale=10_000,
        stop_cfg={"fixed_stop_pct": 0.1},
        symbols=["A"],
    )
    assert result.stop_events.tolist() == [(1, "A", 1.13, 1.05, "fixed")]


def test_no_stops_are_the_same_as_none():
    case = make_case(8)
    plain = backtest_weights(*case)
    assert backtest_weights(*case, stop_cfg={}) == plain
    off = backtest_weights(*case, stop_cfg={"fixed_stop_pct": 0.0})
    assert off == plain
    assert len(off.stop_events) == 0
