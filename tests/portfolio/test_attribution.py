"""Contributions and trades: the twin in plain loops, kinds in and out, sums that agree with the result."""

import math

import numpy as np
import pandas as pd
import pytest

from nanobook.errors import InvalidValue, NotComputed, ShapeError, WrongType
from nanobook.portfolio import backtest_weights, decompose_backtest
from tests.schedules import make_case

NAMES = "ABCD"


def twin(weights, returns, symbols):
    """The original's rules over dicts: contributions, running sums, trades."""
    before, sums, opened = {}, {}, {}
    contributions, cumulative, trades = [], [], []
    for t, (row, changes) in enumerate(zip(weights, returns, strict=True)):
        row, changes = dict(row), dict(changes)
        listed, running = [], []
        for symbol in symbols:
            weight, earned = row.get(symbol, 0.0), row.get(symbol, 0.0) * changes.get(symbol, 0.0)
            earned = earned if math.isfinite(earned) else 0.0
            sums[symbol] = sums.get(symbol, 0.0) + earned
            if weight != 0.0 and before.get(symbol, 0.0) == 0.0:
                opened[symbol] = {"symbol": symbol, "entry_index": t, "exit_index": None}
                opened[symbol] |= {"entry_weight": weight, "contribution": 0.0}
                trades.append(opened[symbol])
            if weight == 0.0 and before.get(symbol, 0.0) != 0.0:
                opened.pop(symbol)["exit_index"] = t
            if symbol in opened:
                opened[symbol]["exit_weight"] = weight
                opened[symbol]["contribution"] += earned
            if earned or weight or before.get(symbol, 0.0):
                listed.append((symbol, earned))
                running.append((symbol, sums[symbol]))
            before[symbol] = weight
        contributions.append(listed)
        cumulative.append(running)
    return (
        contributions,
        cumulative,
        sorted(trades, key=lambda trade: (trade["entry_index"], trade["symbol"])),
    )


def draw_tables(seed, periods=30):
    rng = np.random.default_rng(seed)
    weights = rng.normal(0.0, 0.3, (periods, 4)) * (rng.random((periods, 4)) < 0.6)
    returns = rng.normal(0.0, 0.02, (periods, 4))
    returns[rng.random(returns.shape) < 0.05] = math.nan
    return weights, returns


def as_pairs(table, keep=lambda value: True):
    return [[(n, v) for n, v in zip(NAMES, row, strict=True) if keep(v)] for row in table.tolist()]


@pytest.mark.parametrize("seed", range(12))
def test_rows_equal_the_twin(seed):
    weights, returns = draw_tables(seed)
    rows = as_pairs(weights, bool), as_pairs(returns)
    parts = decompose_backtest(*rows)
    contributions, cumulative, trades = twin(*rows, NAMES)
    assert parts["contributions"] == contributions
    assert [[n for n, _ in row] for row in parts["cumulative_contributions"]] == [
        [n for n, _ in row] for row in cumulative
    ]
    for mine, other in zip(parts["cumulative_contributions"], cumulative, strict=True):
        assert [v for _, v in mine] == pytest.approx([v for _, v in other], abs=1e-15)
    assert len(parts["trades"]) == len(trades)
    for mine, other in zip(parts["trades"], trades, strict=True):
        assert mine.pop("contribution") == pytest.approx(other.pop("contribution"), abs=1e-15)
        assert mine == other


def test_arrays_and_frames_equal_rows():
    weights, returns = draw_tables(3)
    rows = decompose_backtest(as_pairs(weights, bool), as_pairs(returns))
    arrays = decompose_backtest(weights, returns)
    assert arrays["contributions"].shape == weights.shape
    assert [trade["symbol"] for trade in arrays["trades"]] == [
        NAMES.index(trade["symbol"]) for trade in rows["trades"]
    ]
    days = pd.date_range("2024-01-01", periods=30, freq="D")
    frames = decompose_backtest(*(pd.DataFrame(table, days, list(NAMES)) for table in (weights, returns)))
    np.testing.assert_array_equal(frames["contributions"], arrays["contributions"])
    np.testing.assert_array_equal(frames["cumulative_contributions"], arrays["cumulative_contributions"])
    trades = frames["trades"]
    assert trades["symbol"].tolist() == [trade["symbol"] for trade in rows["trades"]]
    assert trades["entry"].tolist() == [days[trade["entry_index"]] for trade in rows["trades"]]
    for exit_, trade in zip(trades["exit"], rows["trades"], strict=True):
        assert exit_ == days[trade["exit_index"]] if trade["exit_index"] is not None else pd.isna(exit_)
    assert trades["contribution"].tolist() == [trade["contribution"] for trade in arrays["trades"]]


def test_a_change_of_sign_does_not_end_a_trade():
    parts = decompose_backtest(np.array([[0.0], [0.5], [-0.5], [0.0], [1.0]]), np.full((5, 1), 0.1))
    assert parts["trades"] == [
        {
            "symbol": 0,
            "entry_index": 1,
            "exit_index": 3,
            "entry_weight": 0.5,
            "exit_weight": -0.5,
            "contribution": 0.0,
        },
        {
            "symbol": 0,
            "entry_index": 4,
            "exit_index": None,
            "entry_weight": 1.0,
            "exit_weight": 1.0,
            "contribution": 0.1,
        },
    ]


@pytest.mark.parametrize("seed", range(6))
def test_contributions_of_a_result_add_up_to_its_returns(seed):
    """What a holding of one close earned until the next, with cost the whole return."""
    case = make_case(seed, periods=60)
    result = backtest_weights(*case)
    parts = decompose_backtest(result)
    before = np.r_[case.cash, result.equity_curve[1:-1]]
    explained = parts["contributions"].sum(axis=1) - result.cost / before
    known = ~np.isnan(result.returns)
    np.testing.assert_allclose(result.returns[known], explained[known], rtol=1e-9, atol=1e-12)
    assert not parts["contributions"][~known].any()
    total = sum(trade["contribution"] for trade in parts["trades"])
    assert total == pytest.approx(parts["contributions"].sum(), abs=1e-12)
    assert parts["cumulative_contributions"][-1].sum() == pytest.approx(total, abs=1e-12)
    for key, value in result.decompose().items():
        if key == "trades":
            assert value == parts[key]
        else:
            np.testing.assert_array_equal(value, parts[key])


def test_results_of_rows_and_plain_dicts_of_them_agree():
    rows = [[("A", 0.5)], [("A", 0.5), ("B", 0.4)], [("B", 0.4)]]
    prices = [[("A", 100), ("B", 200)], [("A", 110), ("B", 190)], [("A", 105), ("B", 210)]]
    result = backtest_weights(rows, prices, 1_000_000, 10)
    assert decompose_backtest(dict(result)) == decompose_backtest(result)
    assert [
        (t["symbol"], t["entry_index"], t["exit_index"]) for t in decompose_backtest(result)["trades"]
    ] == [
        ("A", 0, 2),
        ("B", 1, None),
    ]


def test_c009_c011_c015_tables_that_do_not_fit_are_refused():
    weights, returns = draw_tables(1)
    with pytest.raises(ShapeError, match=r"weights \(30, 4\) vs symbol_returns \(29, 4\)"):
        decompose_backtest(weights, returns[1:])
    with pytest.raises(ShapeError, match="different columns"):
        decompose_backtest(pd.DataFrame(weights), pd.DataFrame(returns, columns=list(NAMES)))
    with pytest.raises(ShapeError, match=r"weights \(1 rows\) vs symbol_returns \(2 rows\)"):
        decompose_backtest([[("A", 1.0)]], [[], []])
    with pytest.raises(ShapeError, match="weights: empty"):
        decompose_backtest([], [])
    with pytest.raises(WrongType, match="weights: row 0"):
        decompose_backtest([[1.0]], [[("A", 1.0)]])
    with pytest.raises(InvalidValue, match="symbol_returns: missing"):
        decompose_backtest(weights)
    result = backtest_weights(np.ones((2, 1)), np.ones((2, 1)), 100, 0)
    with pytest.raises(InvalidValue, match="symbol_returns: the result has its own"):
        decompose_backtest(result, returns)
    with pytest.raises(
        NotComputed, match="holdings: not in the result; run backtest_weights with lean=False"
    ):
        decompose_backtest(backtest_weights(np.ones((2, 1)), np.ones((2, 1)), 100, 0, lean=True))
