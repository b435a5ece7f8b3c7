"""backtest_weights from the outside: every input kind, the original's answers, invariants, the result."""

import json
import math
import os
import pickle
import random
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nanobook import CostModel
from nanobook.errors import MissingPriceError, NotComputed
from nanobook.portfolio import backtest_weights
from tests.oracle.backtest import as_rows, as_table, backtest
from tests.schedules import make_case

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "backtest_093.json").read_text(encoding="utf-8"))
SYMBOLS = list("ABCDEFGH")


def pairs(rows):
    return [[tuple(pair) for pair in row] for row in rows]


def bits(value):
    """Spell the floats of a value to the last bit; NaN and null are one."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "nan"
    if isinstance(value, float):
        return (value + 0.0).hex()
    if isinstance(value, (list, tuple)):
        return [bits(entry) for entry in value]
    return value


def bits_of_metrics(metrics, names):
    return {name: bits(getattr(metrics, name)) for name in names}


@pytest.mark.parametrize("case", GOLDEN["backtests"], ids=lambda case: case["name"])
def test_lists_equal_the_original_to_the_last_bit(case):
    expected = case["expected"]
    arguments = {key: value for key, value in case.items() if key not in ("name", "expected")}
    arguments["weight_schedule"] = pairs(case["weight_schedule"])
    arguments["price_schedule"] = pairs(case["price_schedule"])
    result = backtest_weights(**arguments, max_leverage=None)
    for key in ("returns", "equity_curve", "final_cash", "holdings", "symbol_returns", "stop_events"):
        assert bits(result[key]) == bits(expected[key]), key
    assert result["skipped_rebalances"] == []
    figures = {key: math.inf if value == "inf" else value for key, value in expected["metrics"].items()}
    assert bits_of_metrics(result.metrics, figures) == {key: bits(value) for key, value in figures.items()}


def test_values_of_lists_are_plain_python():
    result = backtest_weights([[("A", 0.5)], []], [[("A", 100)], [("A", 101)]], 10_000, 10)
    assert type(result["returns"]) is list
    assert {type(value) for value in result["returns"]} == {float}
    assert {type(value) for value in result["equity_curve"]} == {int}
    assert type(result["final_cash"]) is int
    assert result["holdings"] == [[("A", 0.5002501250625313)], []]
    assert result.positions == [[("A", 50)], []]
    assert result.cash == [4995, 10040]


def test_an_account_at_zero_holds_no_weights():
    short = backtest_weights([[("A", -1.0)], []], [[("A", 100)], [("A", 200)]], 10_000, 0)
    assert short.equity_curve == [10_000, 10_000, 0]
    assert short.holdings == [[("A", -1.0)], []]
    assert short.positions == [[("A", -100)], [("A", -100)]]


@pytest.mark.parametrize("seed", range(8))
def test_every_kind_of_input_gives_the_same_numbers(seed):
    case = make_case(seed)
    symbols = SYMBOLS
    days = pd.date_range("2020-01-01", periods=len(case.prices), freq="B")
    arrays = backtest_weights(*case, symbols=symbols)
    weights = pd.DataFrame(case.weights, days, symbols)
    prices = pd.DataFrame(case.prices, days, symbols)
    frames = backtest_weights(weights, prices[symbols[::-1]], case.cash, case.bps)
    mixed = backtest_weights(case.weights, prices, case.cash, case.bps)
    listed = as_rows(case.prices, symbols, keep=bool)
    rows = backtest_weights(as_rows(case.weights, symbols, keep=bool), listed, case.cash, case.bps)
    dicts = backtest_weights(
        [dict(row) for row in as_rows(case.weights, symbols, keep=bool)],
        tuple(tuple(list(pair) for pair in row) for row in listed),
        case.cash,
        case.bps,
    )
    assert frames == mixed
    assert rows == dicts
    for result in (frames, rows):
        assert result.metrics == arrays.metrics
        assert result.final_cash == arrays.final_cash
    np.testing.assert_array_equal(frames.equity_curve, arrays.equity_curve[1:])
    np.testing.assert_array_equal(rows.equity_curve, arrays.equity_curve)
    for name in ("returns", "cash", "cost", "turnover", "positions", "holdings", "symbol_returns"):
        np.testing.assert_array_equal(getattr(frames, name), getattr(arrays, name))
        assert getattr(frames, name).index.equals(days)
    for name in ("returns", "cash", "cost", "turnover"):
        kept = ~np.isnan(arrays.returns) if name == "returns" else slice(None)
        np.testing.assert_array_equal(getattr(rows, name), getattr(arrays, name)[kept])
    for name, absent in (("positions", 0), ("holdings", 0.0), ("symbol_returns", math.nan)):
        table = np.array(as_table(getattr(rows, name), symbols, absent))
        np.testing.assert_array_equal(
            table[arrays.equity_curve[1:] != 0], getattr(arrays, name)[arrays.equity_curve[1:] != 0]
        )
    assert list(frames.positions.columns) == symbols


@pytest.mark.parametrize("seed", range(20))
def test_lists_equal_the_oracle(seed):
    """Rows in random order, with symbols that come and go."""
    case, draw = make_case(100 + seed, periods=25, volatility=0.2), random.Random(seed)
    symbols = ["b", "A", "AA", "é", "BRK.B US", "a much longer symbol than eight bytes", "Z", "zz"]
    weights = [draw.sample(row, len(row)) for row in as_rows(case.weights, symbols, keep=bool)]
    prices = [draw.sample(row, len(row)) for row in as_rows(case.prices, symbols, keep=bool)]
    expected = backtest(weights, prices, case.cash, case.bps)
    result = backtest_weights(weights, prices, case.cash, case.bps)
    expected["returns"] = [value for value in expected["returns"] if not math.isnan(value)]
    for name in ("returns", "equity_curve", "cash", "cost", "positions", "holdings", "symbol_returns"):
        assert bits(getattr(result, name)) == bits(expected[name]), name


@pytest.mark.parametrize("seed", range(10))
def test_cash_and_positions_add_up_to_equity(seed):
    case = make_case(seed, volatility=0.3)
    result = backtest_weights(*case)
    worth = (result.positions * case.prices).sum(axis=1)
    np.testing.assert_array_equal(result.cash + worth, result.equity_curve[1:])
    traded = np.diff(result.positions, axis=0, prepend=0) * case.prices
    np.testing.assert_array_equal(np.diff(result.cash, prepend=case.cash), -traded.sum(axis=1) - result.cost)
    before = result.equity_curve[1:] + result.cost
    played = np.abs(traded).sum(axis=1) > 0
    np.testing.assert_array_equal(
        result.turnover[played], np.abs(traded).sum(axis=1)[played] / before[played]
    )
    assert (result.turnover[~played] == 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_nothing_looks_ahead(seed):
    """What changes after period k leaves everything up to k bit-identical."""
    case, other = make_case(seed), make_case(seed + 1000)
    k = 17
    weights, prices = case.weights.copy(), case.prices.copy()
    weights[k + 1 :] = other.weights[k + 1 :] * (case.prices[k + 1 :] > 0)
    prices[k + 1 :] = np.where(case.prices[k + 1 :] > 0, np.maximum(other.prices[k + 1 :], 1), 0)
    mine, theirs = backtest_weights(*case), backtest_weights(weights, prices, case.cash, case.bps)
    assert mine.equity_curve[k + 2 :].tolist() != theirs.equity_curve[k + 2 :].tolist()
    for name in ("returns", "cash", "cost", "turnover", "positions", "holdings", "symbol_returns"):
        assert getattr(mine, name)[: k + 1].tobytes() == getattr(theirs, name)[: k + 1].tobytes()
    assert mine.equity_curve[: k + 2].tobytes() == theirs.equity_curve[: k + 2].tobytes()


@pytest.mark.parametrize("seed", range(5))
def test_permuting_the_symbols_permutes_the_result(seed):
    case = make_case(seed, count=37, periods=20)
    order = np.random.default_rng(seed).permutation(37)
    mine = backtest_weights(*case)
    theirs = backtest_weights(case.weights[:, order], case.prices[:, order], case.cash, case.bps)
    assert mine.equity_curve.tobytes() == theirs.equity_curve.tobytes()
    for name in ("positions", "holdings", "symbol_returns"):
        np.testing.assert_array_equal(getattr(mine, name)[:, order], getattr(theirs, name))


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("factor", [2, 8, 1024])
def test_scaling_the_capital_scales_the_result(seed, factor):
    """Exactly, where no share and no cent is rounded: prices are powers of 2, weights eighths."""
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(8, [0.25] * 4, 6)[:, :3] / 8  # the fourth part is cash
    prices = 2 ** (7 + np.cumsum(rng.integers(-1, 2, (6, 3)), axis=0))
    small = backtest_weights(weights, prices, 2**36, 0)
    large = backtest_weights(weights, prices, factor * 2**36, 0)
    np.testing.assert_array_equal(small.holdings, weights)  # nothing was rounded
    np.testing.assert_array_equal(large.holdings, weights)
    for name in ("equity_curve", "cash", "positions"):
        np.testing.assert_array_equal(getattr(large, name), factor * getattr(small, name))
    assert large.returns.tobytes() == small.returns.tobytes()
    assert large.metrics == small.metrics


def test_the_documented_example_of_the_original():
    result = backtest_weights(
        [[("AAPL", 0.5), ("MSFT", 0.5)], [("AAPL", 0.3), ("NVDA", 0.7)]],
        [[("AAPL", 18500), ("MSFT", 37000)], [("AAPL", 19000), ("MSFT", 38000), ("NVDA", 60000)]],
        initial_cash=100_000_000,
        cost_bps=15,
        stop_cfg={"trailing_stop_pct": 0.05},
    )
    assert result["returns"] == [-0.0014996, 0.024902503794690518]
    assert result["equity_curve"] == [100_000_000, 99_850_040, 102_336_556]
    assert result["final_cash"] == -203_444
    assert result["stop_events"] == []


def test_slippage_documented():
    """1,500 shares at 3333 cost 3335 each, 750 of them bring 3331; fees of 0.1 % are rounded down."""
    cost = CostModel(10.0, 7.5, slippage="price")
    result = backtest_weights([[("A", 0.5)], [("A", 0.25)]], [[("A", 3333)]] * 2, 10_000_000, cost)
    assert [dict(row)["A"] for row in result.positions] == [1500, 750]
    assert [trade["price"] for trade in result.trades] == [3335, 3331]
    assert result.cash == [4_992_498, 7_488_250]


def test_flat_prices_without_costs_leave_equity_unchanged():
    case = make_case(3)
    prices = np.maximum(np.broadcast_to(case.prices[-1], case.prices.shape), 1)
    result = backtest_weights(case.weights, prices, case.cash, 0)
    assert (result.equity_curve == case.cash).all()


def test_constant_weights_and_flat_prices_trade_once():
    """Costs of the first trade may move a target by a share, never start an endless exchange."""
    weights = np.full((360, 10), 0.1)
    prices = np.full((360, 10), 21_900)
    result = backtest_weights(weights, prices, 100_000_000, 10)
    assert np.count_nonzero(result.cost) <= 2
    assert (backtest_weights(weights, prices, 100_000_000, 0).cost[1:] == 0).all()


def test_the_same_bytes_from_many_threads_at_once():
    case = make_case(9, periods=60, count=50)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: backtest_weights(*case), range(12)))
    assert len({result.equity_curve.tobytes() + result.holdings.tobytes() for result in results}) == 1


def test_float_prices_are_currency_units():
    weights = np.array([[0.5, 0.5], [0.2, 0.8], [0.0, 0.0]])
    prices = np.array([[1.15, 0.29], [4.35, 18.125], [19.99, 1.005]])
    cents = np.array([[115, 29], [435, 1813], [1999, 101]])
    assert_same_numbers(
        backtest_weights(weights, prices, 10**6, 10), backtest_weights(weights, cents, 10**6, 10)
    )
    missing = np.array([[np.nan, 2.0], [3.0, 2.0]])
    late = backtest_weights(np.array([[0.0, 1.0], [0.5, 0.5]]), missing, 10**6, 0)
    assert late.positions.tolist() == [[0, 5000], [1666, 2500]]
    assert np.isnan(late.symbol_returns[:, 0]).all()
    rows = [[("A", 1.15), ("B", 0.29)], [("A", 4.35), ("B", 18.125)], [("A", 19.99), ("B", 1.005)]]
    listed = backtest_weights(as_rows(weights, "AB"), rows, 10**6, 10)
    assert listed.equity_curve == backtest_weights(weights, cents, 10**6, 10).equity_curve.tolist()


def assert_same_numbers(mine, theirs):
    for name in ("equity_curve", "returns", "cash", "cost", "positions", "holdings"):
        np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))


def test_a_larger_scale_counts_in_fractions_of_a_cent():
    weights, prices = np.array([[0.5], [0.5]]), np.array([[0.0123], [0.0125]])
    result = backtest_weights(weights, prices, 10_000, 10, price_scale=10_000)
    units = backtest_weights(weights, np.array([[123], [125]]), 1_000_000, 10)
    assert result.positions.tolist() == units.positions.tolist()
    assert result.equity_curve.dtype == np.float64
    np.testing.assert_array_equal(result.equity_curve, units.equity_curve / 100)
    assert result.final_cash == units.final_cash / 100
    assert result.initial_cash == 10_000
    assert result.metrics == units.metrics


def test_data_of_any_number_type_and_layout_is_converted():
    case = make_case(4)
    plain = backtest_weights(*case)
    for weights, prices in (
        (np.asfortranarray(case.weights), np.asfortranarray(case.prices)),
        (case.weights.astype(">f8"), case.prices.astype(">i8")),
        (case.weights[:, ::1], np.repeat(case.prices, 2, axis=1)[:, ::2]),
        (case.weights, case.prices.astype(np.uint64)),
        (case.weights, case.prices.astype(np.uint32)),
    ):
        for table in (weights, prices):
            table.flags.writeable = False
        assert backtest_weights(weights, prices, case.cash, case.bps) == plain
        assert not weights.flags.writeable
    single = case.weights.astype(np.float32) * np.float32(0.999)
    assert_same_numbers(
        backtest_weights(single, case.prices, case.cash, case.bps),
        backtest_weights(single.astype(float), case.prices, case.cash, case.bps),
    )
    frame = pd.DataFrame(case.prices).astype("Int64")
    assert_same_numbers_as_arrays(
        backtest_weights(pd.DataFrame(case.weights), frame, case.cash, case.bps), plain
    )


def assert_same_numbers_as_arrays(frames, arrays):
    np.testing.assert_array_equal(frames.equity_curve, arrays.equity_curve[1:])
    np.testing.assert_array_equal(frames.positions, arrays.positions)


def test_what_the_caller_owns_is_left_alone():
    case = make_case(5)
    before = case.weights.tobytes(), case.prices.tobytes()
    backtest_weights(*case)
    assert (case.weights.tobytes(), case.prices.tobytes()) == before
    assert case.weights.flags.writeable
    assert case.prices.flags.writeable


def test_every_kernel_is_compiled_once():
    """One boundary coerces all input, so no kind of it compiles a kernel anew."""
    from nanobook._jit import JIT
    from nanobook.kernels import backtest as engine
    from nanobook.kernels import metrics, money

    if not JIT:
        pytest.skip("NUMBA_DISABLE_JIT is set: nothing is compiled; the ordinary run covers this")
    for seed in range(2):
        case = make_case(seed)
        frame = pd.DataFrame(case.weights), pd.DataFrame(case.prices / 100).replace(0.0, np.nan)
        backtest_weights(*case, lean=bool(seed))
        backtest_weights(*frame, case.cash, case.bps)
        backtest_weights(
            case.weights.astype(">f4") * 0.99, np.asfortranarray(case.prices), case.cash, case.bps
        )
    for module in (engine, metrics, money):
        for name, function in vars(module).items():
            signatures = getattr(function, "signatures", ())
            assert len(signatures) <= 1, f"{module.__name__}.{name}: {signatures}"
    assert (
        len(engine.run_full.signatures)
        == len(engine.run_lean.signatures)
        == len(money.to_units.signatures)
        == 1
    )


def result_of(kind):
    weights = np.array([[0.6, 0.4], [0.5, 0.5], [0.1, 0.2]])
    cents = np.array([[10000, 5000], [10200, 4900], [10100, 5100]])
    if kind == "arrays":
        return backtest_weights(weights, cents, 1_000_000, 10, symbols=["A", "B"])
    if kind == "rows":
        return backtest_weights(as_rows(weights, "AB"), as_rows(cents, "AB"), 1_000_000, 10)
    days = pd.date_range("2024-03-01", periods=3, name="day")
    return backtest_weights(
        pd.DataFrame(weights, days, list("AB")), pd.DataFrame(cents, days, list("AB")), 1_000_000, 10
    )


KINDS = ("arrays", "frames", "rows")


@pytest.mark.parametrize("kind", KINDS)
def test_a_result_is_a_mapping(kind):
    result = result_of(kind)
    assert list(result) == [
        "returns",
        "equity_curve",
        "final_cash",
        "metrics",
        "holdings",
        "symbol_returns",
        "stop_events",
        "skipped_rebalances",
    ]
    assert len(result) == 8
    assert all(result[key] is getattr(result, key) for key in result)
    assert result.get("nothing") is None
    with pytest.raises(KeyError, match="'equity'; there are returns, equity_curve"):
        result["equity"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_result_is_equal_by_value_and_survives_pickling(kind):
    result = result_of(kind)
    assert result == result_of(kind)
    again = pickle.loads(pickle.dumps(result))
    assert again == result
    np.testing.assert_array_equal(again.equity_curve, result.equity_curve)
    others = [result_of(other) for other in KINDS if other != kind]
    assert all(result != other for other in others)
    assert result != dict(result)
    with pytest.raises(TypeError, match="unhashable"):
        hash(result)


def test_results_of_other_numbers_differ():
    case = make_case(6)
    result = backtest_weights(*case)
    assert result != backtest_weights(case.weights, case.prices, case.cash + 1, case.bps)
    assert result != backtest_weights(*case, risk_free=0.001)
    assert result != backtest_weights(*case, symbols=SYMBOLS)
    assert result != backtest_weights(*case, lean=True)


@pytest.mark.parametrize("kind", KINDS)
def test_tables_of_a_result(kind):
    result = result_of(kind)
    frame = result.to_frame()
    assert list(frame.columns) == [
        "equity",
        "returns",
        "cash",
        "drawdown",
        "cost",
        "turnover",
        "gross",
        "net",
    ]
    assert frame["equity"].tolist() == [999000, 1002791, 1017482]
    assert frame["drawdown"].tolist() == [0.001, 0.0, 0.0]
    assert frame.index.name == ("day" if kind == "frames" else "period")
    stats = result.stats()
    assert stats["Final equity [cents]"] == 1017482
    assert stats["Max drawdown [%]"] == pytest.approx(0.1)
    assert all(
        "[" in label for label in stats.index if label not in ("Start", "End", "Periods", "Periods a year")
    )
    assert "<table" in result._repr_html_()
    assert repr(result).startswith(
        "BacktestResult(periods=3, symbols=2, final_equity=1017482, metrics=Metrics("
    )


def test_frames_keep_index_and_columns():
    result = result_of("frames")
    assert result.equity_curve.index.name == "day"
    assert len(result.equity_curve) == 3
    assert list(result.holdings.columns) == ["A", "B"]
    prices = pd.DataFrame([[10, 20]], columns=pd.Index(["A", "B"], name="ticker"))
    assert backtest_weights(prices * 0.01, prices, 1000, 0).holdings.columns.name == "ticker"
    assert isinstance(result.positions, pd.DataFrame)


def test_a_lean_result_leaves_the_panels_out():
    case = make_case(7)
    lean, full = backtest_weights(*case, lean=True), backtest_weights(*case)
    for name in ("equity_curve", "returns", "cash", "cost", "turnover"):
        assert getattr(lean, name).tobytes() == getattr(full, name).tobytes()
    assert lean.metrics == full.metrics
    assert list(lean) == [key for key in full if key not in ("holdings", "symbol_returns")]
    for name in ("holdings", "symbol_returns", "positions"):
        with pytest.raises(NotComputed, match=f"{name}: left out by lean=True"):
            getattr(lean, name)
    assert repr(lean).startswith("BacktestResult(periods=40, final_equity=")
    assert len(lean.to_frame()) == 40


def test_the_picture_has_equity_above_drawdown():
    pytest.importorskip("matplotlib", reason="the picture needs the extra 'plot'")
    from matplotlib import pyplot

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = result_of("frames").plot()
        figure.canvas.draw()
    upper, lower = figure.axes
    assert upper.get_ylabel() == "Equity [currency units]"
    assert upper.lines[0].get_ydata().tolist() == [9990.0, 10027.91, 10174.82]
    assert lower.lines[0].get_ydata().tolist() == [-0.001, 0.0, 0.0]
    assert pyplot.get_fignums() == []


def test_importing_the_package_loads_neither_numba_nor_pandas():
    import subprocess
    import sys

    code = (
        "import sys, nanobook.portfolio; print(sorted({'numba', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def market_data(name):
    folder = os.environ.get("NANOBOOK_DATA")
    if not folder:
        pytest.skip("NANOBOOK_DATA is not set: the folder of market data that is never part of the project")
    path = Path(folder) / "prices" / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


def momentum(prices, window):
    """Weights of the period before: long the best third by past return, short the worst, half each."""
    past = prices / prices.shift(window) - 1
    rank = past.rank(axis=1)
    third = past.notna().sum(axis=1) // 3
    best = rank.gt(past.notna().sum(axis=1) - third, axis=0)
    worst = rank.le(third, axis=0)
    raw = best.astype(float).sub(worst.astype(float))
    weights = raw.div(raw.abs().sum(axis=1).replace(0, np.nan), axis=0).fillna(0.0).shift(1, fill_value=0.0)
    return weights * prices.notna()


def assert_market_run_equals_oracle(prices, weights, price_scale):
    result = backtest_weights(weights, prices, 100_000_000, 10, price_scale=price_scale)
    unit = price_scale // 100
    units = (
        prices.fillna(0).map(lambda price: math.floor(price * price_scale * (1 + 2**-51) + 0.5))
    ).to_numpy()
    symbols = list(prices.columns)
    expected = backtest(
        as_rows(weights.to_numpy(), symbols, keep=bool),
        as_rows(units, symbols, keep=bool),
        100_000_000 * unit,
        10,
    )
    np.testing.assert_array_equal(result.equity_curve, np.array(expected["equity_curve"][1:]) / unit)
    np.testing.assert_array_equal(result.cash, np.array(expected["cash"]) / unit)
    np.testing.assert_array_equal(result.returns, expected["returns"])
    assert result.positions.to_numpy().tolist() == as_table(expected["positions"], symbols, 0)
    assert result.holdings.to_numpy().tolist() == as_table(expected["holdings"], symbols, 0.0)


def test_thirty_years_of_twenty_stocks_equal_the_oracle():
    path = market_data("skfolio_sp500_20_stocks.csv.gz")
    prices = pd.read_csv(path, index_col=0, parse_dates=True)
    assert prices.shape == (8313, 20)
    assert_market_run_equals_oracle(prices, momentum(prices, 120), 10_000)


def test_four_years_of_a_hundred_stocks_equal_the_oracle():
    table = pd.read_csv(market_data("sp100_ohlcv.csv"), parse_dates=["Date"])
    prices = table.pivot(index="Date", columns="Ticker", values="Close")
    assert_market_run_equals_oracle(prices, momentum(prices, 60), 100)


def held_rows(case, seed):
    """Which periods of a case trade: those without a price where something is held would not."""
    return np.random.default_rng(seed).random(len(case.prices)) < 0.4


@pytest.mark.parametrize("seed", range(12))
def test_a_sparse_schedule_holds_between_its_rows(seed):
    """Rows of None, rows of NaN, and rows that a DataFrame skips are the same, and equal the oracle."""
    case, trades = make_case(seed), held_rows(make_case(seed), seed)
    case = case._replace(prices=np.maximum(case.prices, 1))
    days = pd.date_range("2020-01-01", periods=len(case.prices), freq="B")
    prices = pd.DataFrame(case.prices, days, SYMBOLS)
    sparse = backtest_weights(
        pd.DataFrame(case.weights, days, SYMBOLS)[trades], prices[SYMBOLS[::-1]], case.cash, case.bps
    )
    empty = np.where(trades[:, None], case.weights, np.nan)
    arrays = backtest_weights(empty, case.prices, case.cash, case.bps)
    marked = backtest_weights(pd.DataFrame(empty, days, SYMBOLS), prices, case.cash, case.bps)
    weights = [
        row if trade else None for row, trade in zip(as_rows(case.weights, SYMBOLS), trades, strict=True)
    ]
    priced = as_rows(case.prices, SYMBOLS)
    rows = backtest_weights(weights, priced, case.cash, case.bps)
    expected = backtest(weights, priced, case.cash, case.bps)
    assert sparse == marked
    assert sparse.equity_curve.index.equals(days)
    assert rows.equity_curve == expected["equity_curve"] == arrays.equity_curve.tolist()
    assert rows.cash == expected["cash"] == sparse.cash.tolist()
    assert rows.cost == expected["cost"]
    assert bits(rows.holdings) == bits(expected["holdings"])
    np.testing.assert_array_equal(sparse.positions, arrays.positions)


def test_an_empty_row_sells_and_a_row_of_none_holds():
    prices = [[("A", 100)], [("A", 110)], [("A", 120)]]
    assert backtest_weights([[("A", 1.0)], None, []], prices, 10_000, 0).positions == [
        [("A", 100)],
        [("A", 100)],
        [],
    ]
    assert backtest_weights([None, [("A", 1.0)], None], prices, 10_000, 0).cash == [10_000, 100, 100]


def test_a_period_that_holds_still_needs_prices_of_what_is_held():
    with pytest.raises(MissingPriceError, match="no price where a position is held: A row 1"):
        backtest_weights([[("A", 1.0)], None], [[("A", 100)], [("B", 5)]], 10_000, 0)
    held = backtest_weights([[("A", 1.0)], None], [[("A", 100)], [("A", 5)]], 10_000, 0)
    assert held.equity_curve == [10_000, 10_000, 500]
