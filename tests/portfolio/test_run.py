"""run_backtest: a strategy in Python through the same account as everything else."""

import json
import math
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import nanobook
from nanobook import CostModel, EqualWeight, Financing, Portfolio, TradingRules, WeightStrategy, run_backtest
from nanobook.errors import (
    InvalidValue,
    MissingPriceError,
    NanobookError,
    NonFiniteError,
    NotAvailable,
    ShapeError,
    UnknownSymbol,
    WrongType,
)
from tests.schedules import make_case

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "portfolio_093.json").read_text(encoding="utf-8"))
BARS = [{"A": 100, "B": 50}, {"A": 110, "B": 55}, {"A": 120, "B": 40}]
FREE = CostModel.zero()


@pytest.mark.parametrize("case", GOLDEN["backtests"], ids=lambda case: str(case["final"]))
def test_it_equals_nanobook_093(case):
    weights = [[tuple(pair) for pair in row] for row in case["weights"]]
    result = run_backtest(lambda t, prices, portfolio: weights[t], case["bars"], case["cash"], CostModel(10))
    assert result.equity_curve == result.portfolio.equity_curve() == case["curve"]
    assert result.returns == result.portfolio.returns() == case["returns"]
    assert (result.final_cash, result.metrics.sharpe) == (case["final"], case["sharpe"])


SHOWN = (
    "returns equity_curve cash cost turnover positions holdings symbol_returns gross_exposure net_exposure "
    "financing dividends stop_events trades metrics"
)


@pytest.mark.parametrize("kind", ["rows", "arrays", "frames", "floats"])
@pytest.mark.parametrize("seed", range(4))
def test_it_equals_backtest_weights_in_everything(seed, kind):
    case = make_case(seed, periods=20, count=4)
    names = [f"S{i}" for i in range(4)]
    weights, prices = pd.DataFrame(case.weights, columns=names), pd.DataFrame(case.prices, columns=names)
    if kind == "floats":
        prices = (prices / 100).replace(0.0, math.nan)
    if kind == "rows":
        prices = [{s: p for s, p in row.items() if p} for row in prices.to_dict("records")]
        weights = [list(row.items()) for row in weights.to_dict("records")]
        other, options = [list(row.items()) for row in prices], {}
    elif kind == "arrays":
        weights, prices = weights.to_numpy(), prices.to_numpy()
        other, options = prices, {"symbols": names}
    else:
        other, options = prices, {}

    def decide(t, shown, portfolio):
        return weights.iloc[t] if kind in ("frames", "floats") else weights[t]

    one = run_backtest(decide, prices, case.cash, CostModel(case.bps), **options)
    two = nanobook.backtest_weights(weights, other, case.cash, case.bps, **options)
    for name in SHOWN.split():
        mine, theirs = getattr(one, name), getattr(two, name)
        if isinstance(mine, (pd.Series, pd.DataFrame)):
            assert mine.equals(theirs), name
        else:
            np.testing.assert_equal(mine, theirs, name)
    assert one.to_frame().equals(two.to_frame())


def test_the_strategy_sees_prices_as_given_and_the_live_portfolio():
    seen = []

    def decide(t, prices, portfolio):
        seen.append((t, dict(prices), portfolio.cash, portfolio.equity_curve(), portfolio.position("A")))
        prices.clear()  # a dict of its own
        return [("A", 0.5)]

    run_backtest(decide, BARS[:2], 1000, FREE)
    assert seen[0] == (0, BARS[0], 1000, [1000], None)
    assert seen[1][:4] == (1, BARS[1], 500, [1000, 1000])
    assert seen[1][4].quantity == 5
    frame = pd.DataFrame({"A": [1.0, 1.1], "B": [math.nan, 0.5]})
    shown = []
    run_backtest(lambda t, prices, portfolio: shown.append(prices), frame, 1000, FREE)
    assert shown == [{"A": 1.0}, {"A": 1.1, "B": 0.5}]


def test_a_strategy_only_looks():
    def decide(t, prices, portfolio):
        for change in (
            lambda: portfolio.rebalance_simple({}, prices),
            lambda: portfolio.record_return(prices),
            lambda: portfolio.rebalance_lob({}, None),
            lambda: portfolio.accrue(),
        ):
            with pytest.raises(NotAvailable, match="only looks"):
                change()
        mine = portfolio.copy()
        mine.rebalance_simple({"B": 0.9}, prices)
        assert isinstance(portfolio, Portfolio)
        return [("A", 0.5)]

    assert list(run_backtest(decide, BARS, 1000, FREE).portfolio.positions()) == ["A"]


def test_none_holds_and_nothing_sells_all():
    answers = [{"A": 0.5}, None, {}]
    result = run_backtest(lambda t, prices, portfolio: answers[t], BARS, 1000, FREE)
    assert result.positions == [[("A", 5)], [("A", 5)], []]
    assert run_backtest(lambda *_: (), BARS, 1000, FREE).trades == []


@pytest.mark.parametrize("form", [dict, list, pd.Series, tuple, lambda w: np.array([w["A"], w["B"]])])
def test_weights_come_in_many_forms(form):
    result = run_backtest(
        lambda *_: (
            form({"A": 0.25, "B": 0.5} if form is not list else [("A", 0.25), ("B", 0.5)])
            if form is not tuple
            else (("A", 0.25), ("B", 0.5))
        ),
        BARS,
        1000,
        FREE,
    )
    assert result.positions[0] == [("A", 2), ("B", 10)]


def test_objects_and_equal_weight():
    class Half:
        def compute_weights(self, bar_index, prices, portfolio):
            return {"A": 0.5}

    assert isinstance(Half(), WeightStrategy)
    assert isinstance(EqualWeight(), WeightStrategy)
    assert run_backtest(Half(), BARS, 1000, FREE).positions[0] == [("A", 5)]
    assert run_backtest(EqualWeight(), BARS, 1000, FREE).positions[0] == [("A", 5), ("B", 10)]
    assert run_backtest(EqualWeight(), [[("A", 100)], [("A", 110)]], 1000, FREE).positions[0] == [("A", 10)]


def test_options_reach_the_account():
    days = pd.bdate_range("2024-01-01", periods=3)
    frame = pd.DataFrame(BARS, days)
    volume = pd.DataFrame({"A": [10, 20, 30], "B": [100, 0, 0]}, days)
    result = run_backtest(
        EqualWeight(),
        frame,
        10_000,
        CostModel(0, 0, 3),
        252,
        rules=TradingRules(max_participation=0.5, quantity_step=0.5),
        financing=Financing(cash_rate=2.52),
        volume=volume,
    )
    assert result.positions["A"].tolist() == [5.0, 15.0, 30.0]
    assert result.trades["cost"].tolist() == [3] * len(result.trades)
    nights = [0, round(0.01 * result.cash.iloc[0]), round(0.01 * result.cash.iloc[1])]
    assert result.financing.tolist() == nights
    assert result.portfolio.interest == sum(nights)
    paid = (result.trades["quantity"] * result.trades["price"]).sum()
    assert result.final_cash == 10_000 - paid - result.cost.sum() + sum(nights)


def test_results_are_those_of_every_backtest():
    result = run_backtest(EqualWeight(), pd.DataFrame(BARS), 1000, FREE, 12.0, 0.001)
    assert pickle.loads(pickle.dumps(result)) == result
    assert result.portfolio.equity_curve() == [1000, *result.equity_curve]
    assert (result.settings.periods_per_year, result.settings.risk_free) == (12.0, 0.001)
    assert result["metrics"] == result.metrics
    assert result.settings.cost_bps == FREE
    weights = pd.DataFrame(0.5, range(3), ["A", "B"])
    assert nanobook.backtest_weights(weights, pd.DataFrame(BARS), 1000, 0).portfolio is None


def test_what_the_strategy_raises_is_raised_and_names_the_period():
    def decide(t, prices, portfolio):
        if t == 1:
            raise KeyboardInterrupt
        return []

    frame = pd.DataFrame(BARS, pd.bdate_range("2024-01-01", periods=3))
    with pytest.raises(KeyboardInterrupt) as caught:
        run_backtest(decide, frame, 1000, FREE)
    assert caught.value.__notes__ == ["raised by the strategy at 2024-01-02 (row 1)"]


@pytest.mark.parametrize(
    ("answer", "error", "part"),
    [
        (5, WrongType, "returned int"),
        ("A", WrongType, "returned str"),
        (True, WrongType, "returned bool"),
        (np.array([0.5]), WrongType, "shape (1,)"),
        (["A"], WrongType, "'A' is no (symbol, number) pair"),
        ({"A": math.nan}, NonFiniteError, "A is nan"),
        (np.array([0.5, math.inf]), NonFiniteError, "B is inf"),
        ([("A", 0.1), ("A", 0.2)], InvalidValue, "named twice: A"),
        ({"a": 0.1}, UnknownSymbol, "did you mean 'A'"),
        ({"a": 0.0}, UnknownSymbol, "did you mean 'A'"),
        ({"A": 60.0}, InvalidValue, "not percent"),
        ({"C": 0.1}, MissingPriceError, "none of C"),
    ],
)
def test_c017_bad_weights_name_the_period(answer, error, part):
    bars = [{**BARS[0], "C": 7}, *BARS[1:]]
    if isinstance(answer, np.ndarray):
        bars = BARS
    with pytest.raises(error) as caught:
        run_backtest(lambda t, *_: answer if t == 1 else None, bars, 1000, FREE, max_leverage=2.0)
    assert isinstance(caught.value, NanobookError)
    assert "row 1" in str(caught.value)
    assert part in str(caught.value)


def test_c001_a_held_symbol_needs_a_price():
    frame = pd.DataFrame({"A": [1.0, math.nan, 2.0]}, pd.bdate_range("2024-01-01", periods=3))
    with pytest.raises(MissingPriceError, match=r"2024-01-02 \(row 1\): prices: none of A, where a position"):
        run_backtest(lambda t, *_: {"A": 0.5} if t == 0 else None, frame, 1000, FREE)
    result = run_backtest(lambda t, *_: {"A": 0.5} if t == 0 else None, frame, 1000, FREE, missing="zero")
    assert result.equity_curve.tolist() == [1000, 500, 1500]


@pytest.mark.parametrize(
    ("prices", "error", "part"),
    [
        ([], ShapeError, "empty"),
        ([{}], ShapeError, "no row names a symbol"),
        ([{"A": 100}, {"A": -5}], InvalidValue, "row 1: A is -5"),
        ([{"A": 100}, {"A": 1.5, "B": 3}], WrongType, "row 1: mixes"),
        ([{"A": 100}, 7], WrongType, "row 1: int"),
        ([{"A": 2**53}], InvalidValue, "row 0"),
        ({"A": [1, 2]}, WrongType, "dict is not accepted"),
        (np.zeros((2, 0)), ShapeError, "(2, 0)"),
        (np.ones((2, 2)), InvalidValue, "symbols: needed"),
        (pd.DataFrame({"A": [1.0, -2.0]}), InvalidValue, "A 1 (row 1) is -2.0"),
        (pd.DataFrame({"A": [1.0, math.inf]}), NonFiniteError, "A 1 (row 1) is inf"),
        (pd.DataFrame({1: [1.0]}), WrongType, "rename the columns"),
        (pd.DataFrame({"A": ["x"]}), WrongType, "'x'"),
        (pd.DataFrame({"A": [1.0, 2.0]}, [1, 0]), InvalidValue, "must increase"),
    ],
)
def test_c004_bad_prices(prices, error, part):
    with pytest.raises(error) as caught:
        run_backtest(EqualWeight(), prices, 1000, FREE)
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"strategy": 5}, "compute_weights"),
        ({"initial_cash": 0}, "initial_cash=0"),
        ({"initial_cash": 100.0}, "int(round(100 * amount))"),
        ({"cost_model": 15}, "CostModel"),
        ({"periods_per_year": 0}, "periods_per_year"),
        ({"risk_free": math.nan}, "risk_free"),
        ({"symbols": ["A", "B"]}, "leave it out"),
        ({"volume": [{"A": 5}]}, "1 rows for 3"),
        ({"volume": [{"A": -5}, {}, {}]}, "row 0: A is -5"),
        ({"rules": TradingRules(max_participation=0.1)}, "volumes: needed"),
    ],
)
def test_options_that_cannot_be(options, part):
    arguments = {"strategy": EqualWeight(), "price_series": BARS, "initial_cash": 1000, "cost_model": FREE}
    with pytest.raises(NanobookError) as caught:
        run_backtest(**arguments | options)
    assert part in str(caught.value)


def test_what_comes_later_changes_nothing_before():
    """No look-ahead: other prices after bar k leave all up to k as it was."""
    case = make_case(3, periods=12, count=3)
    names = list("ABC")

    def decide(t, prices, portfolio):
        return {s: 0.3 * (1 if p % 2 else -1) for s, p in prices.items()}

    results = []
    for factor in (1, 3):
        prices = np.maximum(case.prices, 1)
        prices[7:] *= factor
        results.append(run_backtest(decide, prices, case.cash, CostModel(10), symbols=names).to_frame()[:7])
    assert results[0].equals(results[1])


OPTIONS = {
    "costs": {"cost": CostModel(7.5, 2, 150, spread_bps=3, slippage="price")},
    "parts": {"rules": TradingRules(quantity_step=0.01, no_trade_band_bps=40)},
    "limits": {"rules": TradingRules(max_turnover=0.4, max_trades=3, min_order_value=5_000)},
    "cash": {"rules": TradingRules(allow_margin=False, sells_first=True), "cost": CostModel(20)},
    "volume": {"rules": TradingRules(max_participation=0.05, quantity_step=10)},
    "nights": {"financing": Financing(borrow_rate=0.05, cash_rate=-0.01, debit_rate=0.08)},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("seed", range(3))
def test_options_equal_those_of_backtest_weights(seed, options):
    """The same rules by two drivers of one account; all symbols are named, in order."""
    options = dict(options)
    cost = options.pop("cost", CostModel(5))
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2024-01-01", periods=25)
    prices = pd.DataFrame(5000 * np.exp(rng.normal(0, 0.05, (25, 5)).cumsum(axis=0)), days, list("ABCDE"))
    prices = prices.round().astype(int)
    weights = pd.DataFrame(rng.uniform(-0.2, 0.2, (25, 5)), days, prices.columns)
    if options.get("rules") and options["rules"].max_participation:
        options["volume"] = pd.DataFrame(rng.integers(0, 5000, (25, 5)), days, prices.columns)
    one = run_backtest(lambda t, *_: weights.iloc[t], prices, 10**7, cost, **options)
    two = nanobook.backtest_weights(weights, prices, 10**7, cost, **options)
    for name in ("equity_curve", "cash", "cost", "turnover", "positions", "holdings", "financing"):
        assert getattr(one, name).equals(getattr(two, name)), name
    assert one.trades.equals(two.trades)
    assert one.to_frame().equals(two.to_frame())


def test_weights_are_read_anew_where_anything_changed():
    """A strategy may hand out one list again and again and change it in between."""
    weights = [("A", 0.5), ("B", 0.25)]
    steps = [
        lambda: None,
        lambda: weights.__setitem__(0, ("A", 0.25)),
        weights.reverse,
        weights.pop,
        weights.clear,
        lambda: weights.append(["B", 0.5]),
        lambda: weights[0].__setitem__(1, 0.25),
    ]

    def strategy(bar_index, prices, portfolio):
        steps[bar_index]()
        return weights

    result = run_backtest(strategy, [{"A": 100, "B": 200}] * len(steps), 100_000, None)
    held = [[dict(row).get(symbol, 0) for symbol in "AB"] for row in result.positions]
    assert held == [[500, 125], [250, 125], [250, 125], [0, 125], [0, 0], [0, 250], [0, 125]]


@pytest.mark.parametrize("bad", [[("A", True)], [("A", "1")], {"A": True}, [("A", 1.0), ("A", 1.0)]])
def test_bad_weights_are_seen_after_equal_good_ones(bad):
    answers = [[("A", 1)], [("A", 1)], bad]
    with pytest.raises(NanobookError, match="row 2"):
        run_backtest(lambda t, *_: answers[t], [{"A": 100}] * 3, 100_000, None)


@pytest.mark.parametrize("bad", [True, "100", -100, 2**53, 2**70, 100.5])
def test_bad_prices_are_seen_among_good_rows(bad):
    rows = [{"A": 100, "B": 200}] * 3 + [{"A": 100, "B": bad}]
    with pytest.raises(NanobookError, match="row 3"):
        run_backtest(lambda *_: None, rows, 100_000, None)


def test_a_copy_taken_by_a_strategy_goes_its_own_way():
    def strategy(bar_index, prices, portfolio):
        trial = portfolio.copy()
        trial.rebalance_simple({"A": 1.0}, prices)
        assert trial.position("A").quantity == 1000
        assert portfolio.position("A") is None
        return []

    assert run_backtest(strategy, [{"A": 100}] * 3, 100_000, None).equity_curve == [100_000] * 4
