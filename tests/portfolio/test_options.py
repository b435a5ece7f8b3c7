"""Options of backtest_weights: fills, intrabar stops, missing prices, actions, financing, limits."""

import pickle

import numpy as np
import pandas as pd
import pytest

from nanobook.errors import MissingPriceError, NotComputed
from nanobook.portfolio import TradingRules, backtest_weights
from nanobook.portfolio import run_bars as run_module
from nanobook.portfolio.bar_tables import BarTables
from nanobook.portfolio.inputs import read_inputs
from nanobook.portfolio.run_bars import Extras, run_bars
from nanobook.portfolio.run_plain import run_plain
from nanobook.portfolio.settings import Settings
from nanobook.portfolio.stops import read_stops
from nanobook.portfolio.trades import derive
from tests.bars import STOPS as OPTION_STOPS
from tests.bars import Case
from tests.oracle.bars import Refused
from tests.schedules import make_case

FILLS = ("close", "next_open", "next_typical")
STOPS = [
    None,
    {"trailing_stop_pct": 0.02},
    {"fixed_stop_pct": 0.05, "trailing_stop_pct": 0.05, "atr_multiple": 2.0, "atr_period": 3},
]


@pytest.mark.parametrize("stop_cfg", STOPS, ids=str)
@pytest.mark.parametrize("seed", range(8))
def test_with_every_option_off_both_engines_are_the_same_to_the_last_bit(seed, stop_cfg):
    case = make_case(seed, volatility=(0.03, 0.4)[seed % 2])
    settings = Settings(cost_bps=case.bps, stops=read_stops(stop_cfg))
    inputs = read_inputs(case.weights, case.prices)
    plain = run_plain(inputs, case.cash, settings, BarTables())
    full = run_bars(inputs, case.cash, settings, Extras(BarTables()))
    assert full.curves.tobytes() == plain.curves.tobytes()
    np.testing.assert_array_equal(full.positions, plain.positions)
    for mine, theirs in zip(full.panels, plain.panels, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert full.stopped.tolist() == plain.stopped.tolist()
    trades = derive(plain.positions, inputs.prices, plain.stopped, case.bps)
    assert full.fills.tolist() == trades.tolist()
    assert len(trades)


@pytest.mark.parametrize("seed", range(120))
def test_options_of_all_kinds_equal_the_twin(seed):
    case = Case(seed).choose()
    try:
        twin = case.twin()
    except Refused:
        with pytest.raises(MissingPriceError):
            case.run(backtest_weights)
        return
    result = case.run(backtest_weights)
    compare(result, twin, case.symbols)


def compare(result, twin, symbols):
    """Every curve and record is the twin's, to the cent and the share."""
    for name in ("cash", "cost", "dividends"):
        assert getattr(result, name).tolist() == twin.curves[name], name
    assert result.equity_curve[1:].tolist() == twin.curves["equity"]
    paid = [i - b for i, b in zip(twin.curves["interest"], twin.curves["borrowing"], strict=True)]
    assert result.financing.tolist() == paid
    for t, held in enumerate(twin.curves["held"]):
        mine = {s: q for s, q in zip(symbols, result.positions[t].tolist(), strict=True) if q}
        assert mine == {s: float(q) for s, q in held.items()}, t
    events = [tuple(event)[:5] for event in result.stop_events.tolist()]
    assert events == [(t, s, level, price, kind) for t, s, level, price, kind in twin.events]
    trades = list(zip(*(result.trades[name].tolist() for name in NAMES), strict=True))
    assert trades == [(t, s, float(q), reason) for t, s, q, reason in twin.trades]


NAMES = ("period", "symbol", "quantity", "reason")


TABLES = ("close", "open", "high", "low", "volume")


@pytest.mark.parametrize("seed", range(24))
def test_options_do_not_look_ahead(seed):
    """What changes after period k leaves everything up to k bit-identical, for every fill and stop."""
    case, k = Case(seed).choose(), 25
    case.options |= {"fill": FILLS[seed % 3], "stop_cfg": OPTION_STOPS[seed % len(OPTION_STOPS)]}
    case.options |= {"missing": "delist", "max_age": 1}
    case.drop_the_unlisted()
    mine = case.run(backtest_weights)
    case.actions = {t: row for t, row in case.actions.items() if t <= k}
    for name in (*TABLES, "weights"):
        table = getattr(case, name)
        table[k + 1 :] = table[:k:-1].copy()
    theirs = case.run(backtest_weights)
    for name in ("returns", "cash", "cost", "turnover", "positions", "holdings", "financing", "dividends"):
        assert getattr(mine, name)[: k + 1].tobytes() == getattr(theirs, name)[: k + 1].tobytes(), name
    for name, period in (("trades", "period"), ("stop_events", "period_index")):
        early = [table[table[period] <= k].tolist() for table in (getattr(mine, name), getattr(theirs, name))]
        assert early[0] == early[1]
    assert mine.equity_curve.tolist() != theirs.equity_curve.tolist()


@pytest.mark.parametrize("seed", range(20))
def test_cash_positions_and_fees_add_up(seed):
    """Cash is what there was, less fills and fees, plus financing and dividends; shares are the fills."""
    case = Case(seed + 300).choose()
    case.options |= {"missing": "delist", "max_age": 0}
    result = case.run(backtest_weights)
    trades = result.trades
    sign = np.sign(trades["quantity"])
    spent = sign * trades["notional"] * (trades["reason"] != "split")
    spent -= np.where(trades["reason"] == "split", split_cash(result, trades), 0)
    flow = np.zeros(len(result.cash), np.int64)
    np.add.at(flow, trades["period"], -spent - trades["cost"])
    flow += result.financing + result.dividends
    np.testing.assert_array_equal(case.cash + flow.cumsum(), result.cash)
    held = np.zeros(result.positions.shape)
    column = {symbol: i for i, symbol in enumerate(case.symbols)}
    np.add.at(held, (trades["period"], [column[s] for s in trades["symbol"]]), trades["quantity"])
    np.testing.assert_allclose(held.cumsum(axis=0), result.positions, atol=1e-6)
    worth = result.net_exposure * result.equity_curve[1:]
    np.testing.assert_allclose(worth + result.cash, result.equity_curve[1:], rtol=1e-12)


def split_cash(result, trades):
    """Cash for parts of shares: what a split's row says, received by who was long before it."""
    before = {}
    cash = np.zeros(len(trades), np.int64)
    for n, (symbol, quantity, notional, reason) in enumerate(
        zip(trades["symbol"], trades["quantity"], trades["notional"], trades["reason"], strict=True)
    ):
        held = before.get(symbol, 0)
        cash[n] = notional * (1 if held > 0 else -1) if reason == "split" else 0
        before[symbol] = round(held + quantity, 6)
    return cash


@pytest.mark.parametrize("seed", range(6))
def test_symbols_in_another_order_give_the_same(seed):
    case = Case(seed + 40).choose()
    mine = case.run(backtest_weights)
    order = np.random.default_rng(seed).permutation(8)
    for name in (*TABLES, "weights"):
        setattr(case, name, getattr(case, name)[:, order])
    case.symbols = [case.symbols[i] for i in order]
    theirs = case.run(backtest_weights)
    assert mine.equity_curve.tolist() == theirs.equity_curve.tolist()
    np.testing.assert_array_equal(mine.positions[:, order], theirs.positions)


@pytest.mark.parametrize("seed", range(4))
def test_a_lean_run_with_options_writes_the_same_curves(seed):
    case = Case(seed + 60).choose()
    full, lean = case.run(backtest_weights), case.run(backtest_weights, lean=True)
    for name in ("equity_curve", "returns", "cash", "cost", "financing", "dividends", "gross_exposure"):
        assert getattr(full, name).tobytes() == getattr(lean, name).tobytes()
    assert full.stop_events.tolist() == lean.stop_events.tolist()
    with pytest.raises(NotComputed, match="trades: left out by lean=True"):
        lean.trades  # noqa: B018


def test_a_result_with_options_is_equal_by_value_and_survives_pickling():
    case = Case(3).choose()
    result = case.run(backtest_weights)
    assert pickle.loads(pickle.dumps(result)) == result == case.run(backtest_weights)
    assert result != case.run(backtest_weights, risk_free=0.01)
    assert list(result.to_frame().columns)[-4:] == ["gross", "net", "financing", "dividends"]


def test_frames_with_options_equal_arrays():
    case = Case(5).choose()
    days = pd.date_range("2020-01-01", periods=len(case.close), freq="B")
    columns = case.symbols[::-1]
    arrays = case.run(backtest_weights)
    for name in TABLES:
        setattr(case, name, pd.DataFrame(getattr(case, name), days, case.symbols)[columns])
    weights = pd.DataFrame(case.weights, days, case.symbols)[~case.hold]
    actions = [
        {"date": days[t], "symbol": s, "split": float(ratio), "dividend": dividend / 100}
        for t, row in case.actions.items()
        for s, (ratio, dividend) in row.items()
    ]
    frames = backtest_weights(
        weights,
        case.close / 100,
        case.cash,
        actions=actions or None,
        **{name: getattr(case, name) / 100 for name in TABLES[1:4]},
        volume=case.volume,
        **case.options,
    )
    np.testing.assert_array_equal(frames.equity_curve, arrays.equity_curve[1:])
    np.testing.assert_array_equal(frames.positions, arrays.positions)
    assert frames.trades["quantity"].tolist() == arrays.trades["quantity"].tolist()
    assert frames.skipped_rebalances == arrays.skipped_rebalances


def test_more_fills_than_there_was_room_for(monkeypatch):
    """The run stops before the period that may not fit and goes on with more room."""
    case = Case(8, periods=60).choose()
    case.options |= {"missing": "delist", "max_age": 0, "rules": TradingRules()}
    whole = case.run(backtest_weights)
    monkeypatch.setattr(run_module, "MOST_ROWS", 0)
    again = case.run(backtest_weights)
    assert len(whole.trades) > 8 * 8 + 12
    assert again == whole
    assert again.trades.tolist() == whole.trades.tolist()
