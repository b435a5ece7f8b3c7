"""``sweep`` from the outside: grids, kinds of prices, results, one path in full, bad input."""

import pickle
import time

import numba
import numpy as np
import pandas as pd
import pytest

import nanobook
from nanobook import CostModel, backtest_weights, compute_metrics, simulate_compiled, sweep
from nanobook._jit import JIT
from nanobook.errors import (
    CapacityError,
    Interrupted,
    InvalidValue,
    MissingPriceError,
    NonFiniteError,
    NotAvailable,
    NotComputed,
    ShapeError,
    StrategyError,
    WrongType,
)
from nanobook.kernels.metrics import FIGURES
from nanobook.sweeps import collect, jobs
from nanobook.sweeps.grid import read_grid
from tests.sweeps.strategies import auditor, faulty, momentum, monthly, nothing, smooth

compiled = pytest.mark.skipif(not JIT, reason="without compilation nothing is refused")
GRID = {"lookback": [2, 5, 9], "floor": [0.0, 0.01]}


def frame(periods=60, count=5, seed=1):
    walk = np.random.default_rng(seed).normal(0.0005, 0.02, (periods, count)).cumsum(axis=0)
    days = pd.bdate_range("2020-01-01", periods=periods)
    return pd.DataFrame((100 * np.exp(walk)).round(2), days, list("ABCDE")[:count])


PRICES = frame()


@pytest.fixture(scope="module")
def result():
    return sweep(momentum, GRID, PRICES, 10_000_000, 5, curves=True, threads=1)


# Grids


def test_a_mapping_is_a_product_in_order():
    grid = read_grid({"a": range(2), "b": (0.5, 1.5), "c": 7})
    assert grid.tolist() == [(0, 0.5, 7), (0, 1.5, 7), (1, 0.5, 7), (1, 1.5, 7)]
    assert grid.dtype.descr == [("a", "<i8"), ("b", "<f8"), ("c", "<i8")]


@pytest.mark.parametrize(
    "grid",
    [
        pd.DataFrame({"a": [1, 2], "b": [0.5, 0.25]}),
        [{"a": 1, "b": 0.5}, {"a": 2, "b": 0.25}],
        np.array([(1, 0.5), (2, 0.25)], [("a", "i4"), ("b", "f4")]),
    ],
    ids=["frame", "dicts", "structured"],
)
def test_a_table_has_a_row_a_set(grid):
    assert read_grid(grid).tolist() == [(1, 0.5), (2, 0.25)]


def test_without_parameters_there_is_one_path():
    found = sweep(nothing, None, PRICES)
    assert len(found) == 1
    assert found.to_frame().index.name == "path"
    assert found.backtest().metrics.total_return == 0.0


BAD_GRIDS = {
    "c015_words": ({"a": ["x"]}, WrongType, "grid: a holds"),
    "c003_nan": ({"a": [1.0, np.nan]}, NonFiniteError, "grid: a is nan"),
    "empty values": ({"a": []}, ShapeError, "a has no values"),
    "empty list": ([], ShapeError, "no set of parameters"),
    "empty frame": (pd.DataFrame({"a": []}, dtype=float), ShapeError, "no set of parameters"),
    "no dicts": ([1, 2], WrongType, "entry 0 is a int"),
    "other names": ([{"a": 1}, {"b": 1}], InvalidValue, "entry 1 names b, not a"),
    "no name": ({"a b": [1]}, InvalidValue, "'a b'"),
    "a figure": ({"sharpe": [1]}, InvalidValue, "'sharpe' is the name of a figure"),
    "too many": ({c: np.arange(2000) for c in "abc"}, InvalidValue, "combinations"),
    "a number": (3, WrongType, "grid: a int"),
}


@pytest.mark.parametrize("name", BAD_GRIDS)
def test_grids_that_cannot_be(name):
    grid, error, told = BAD_GRIDS[name]
    with pytest.raises(error, match=told):
        sweep(nothing, grid, PRICES)


# Results


def test_a_row_a_set_indexed_by_parameters(result):
    table = result.to_frame()
    assert table.index.names == ["lookback", "floor"]
    assert table.index.tolist() == [(a, b) for a in (2, 5, 9) for b in (0.0, 0.01)]
    assert list(table.columns) == [*FIGURES, "final_equity", "total_cost", "mean_turnover"]
    assert (table["num_periods"] == 60).all()
    assert table["num_periods"].dtype == np.int64
    assert repr(result) == "SweepResult(6 paths by lookback, floor)"
    assert "lookback" in result._repr_html_()


def test_one_path_in_full_has_the_figures_bit_for_bit(result):
    for label, row in result.to_frame().iterrows():
        full = result.backtest(label)
        for name in FIGURES:
            assert getattr(full.metrics, name) == row[name], name
        np.testing.assert_array_equal(full.equity_curve, result.curves[label])
        assert full.equity_curve.iloc[-1] == row["final_equity"]
        assert full.cost.sum() == row["total_cost"]
    assert full.equity_curve.index.equals(PRICES.index)


def test_figures_are_those_of_the_returns(result):
    full = result.backtest((5, 0.01))
    assert compute_metrics(full.returns) == full.metrics


def test_a_path_may_be_named_in_several_ways(result):
    expected = result.backtest((9, 0.01))
    assert result.backtest({"lookback": 9, "floor": 0.01}) == expected
    assert result.backtest(pd.Series({"lookback": 9, "floor": 0.01, "sharpe": 0.0})) == expected
    assert result.backtest((4, 0.01)).metrics != expected.metrics  # in no grid
    single = sweep(monthly, {"every": 5, "lookback": [3, 4], "top": 1}, PRICES)
    assert single.backtest(single.best()).metrics.sharpe == single["sharpe"].max()
    with pytest.raises(InvalidValue, match="does not name lookback, floor"):
        result.backtest(3)
    with pytest.raises(InvalidValue, match="there is no floor"):
        result.backtest({"lookback": 3})
    with pytest.raises(InvalidValue, match="None does not name"):
        result.backtest()


def test_the_best_by_a_figure(result):
    table = result.to_frame()
    best = result.best()
    assert best["sharpe"] == table["sharpe"].max()
    assert (best["lookback"], best["floor"]) == table["sharpe"].idxmax()
    assert result.best("max_drawdown")["max_drawdown"] == table["max_drawdown"].min()
    with pytest.raises(InvalidValue, match="did you mean 'sortino'"):
        result.best("sortin")


def test_columns_equality_and_pickles(result):
    assert result["lookback"].tolist() == [2, 2, 5, 5, 9, 9]
    assert len(result) == 6
    with pytest.raises(KeyError, match="did you mean 'floor'"):
        result["flor"]
    copy = pickle.loads(pickle.dumps(result))
    assert copy == result
    assert copy.backtest((2, 0.0)) == result.backtest((2, 0.0))
    other = sweep(momentum, GRID, PRICES, 10_000_000, 6)
    assert (other == result, result == 1) == (False, False)


def test_curves_are_kept_where_asked_for(result):
    assert result.curves.shape == (60, 6)
    assert result.curves.columns.names == ["lookback", "floor"]
    assert result.curves.index.equals(PRICES.index)
    with pytest.raises(NotComputed, match="pass curves=True"):
        sweep(momentum, GRID, PRICES).curves  # noqa: B018


def test_pictures(result):
    figure = result.plot("lookback", "floor", "cagr")
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == ("lookback", "floor")
    assert result.plot("floor").axes[0].get_ylabel() == "sharpe"
    with pytest.raises(InvalidValue, match="did you mean 'lookback'"):
        result.plot("lookbac")


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_any_number_of_threads_gives_the_same(result, threads):
    assert sweep(momentum, GRID, PRICES, 10_000_000, 5, curves=True, threads=threads) == result


# Prices of every kind


def test_prices_of_every_kind_give_the_same(result):
    cents = (PRICES * 100).round().astype(np.int64)
    rows = [list(row.items()) for row in cents.to_dict("records")]
    for prices in (PRICES.to_numpy(), cents, cents.to_numpy(), rows, np.asfortranarray(PRICES)):
        found = sweep(momentum, GRID, prices, 10_000_000, 5)
        np.testing.assert_array_equal(found["sharpe"], result["sharpe"])
        assert found.backtest((5, 0.0)).metrics == result.backtest((5, 0.0)).metrics
    assert isinstance(sweep(momentum, GRID, rows).backtest((5, 0.0)).equity_curve, list)


def test_fine_prices_are_counted_in_parts_of_a_cent():
    prices = PRICES / 1000
    found = sweep(momentum, GRID, prices, price_scale=10_000)
    full = backtest_weights(prices * 0, prices, 100_000_000, 0, price_scale=10_000)
    assert found.backtest((5, 0.0)).settings == full.settings
    assert found.backtest((5, 0.0)).metrics.sharpe == found["sharpe"][2]


def test_c002_symbols_may_have_no_price_while_nothing_is_held():
    prices = PRICES.copy()
    prices.iloc[:20, 1] = np.nan
    prices.iloc[30:, 2] = np.nan

    def listed(bar, weights):
        weights[:] = 0.0
        now = bar.prices[bar.t]
        for i in range(weights.size):
            weights[i] = 0.1 if now[i] > 0.0 and not (i == 2 and bar.t == 29) else 0.0

    assert sweep(listed, None, prices)["num_periods"] == 60


def with_cell(prices, value):
    prices = prices.astype(object) if isinstance(value, str) else prices.copy()
    prices.iloc[7, 0] = value
    return prices


BAD_PRICES = {
    "c001": (lambda p: with_cell(p, np.nan), MissingPriceError, "A 2020-01-10"),
    "c004": (lambda p: with_cell(p, -1.0), InvalidValue, "prices: A 2020-01-10.* is -1.0"),
    "c003": (lambda p: with_cell(p, np.inf), NonFiniteError, "prices: A 2020-01-10"),
    "c006": (lambda p: p.iloc[::-1], InvalidValue, "prices: the index must increase"),
    "c007": (lambda p: pd.concat([p, p.iloc[-1:]]), InvalidValue, "prices: dates twice"),
    "c008": (lambda p: p.set_axis(list("AABCD"), axis=1), InvalidValue, "prices: columns named twice: A"),
    "c011": (lambda p: with_cell(p, "-"), WrongType, "prices: column 'A'"),
    "c020": (lambda p: p.iloc[:0], ShapeError, "at least one period"),
    "c027": (lambda p: "prices.csv", WrongType, "prices: str is not accepted"),
}


@pytest.mark.parametrize("name", BAD_PRICES)
def test_prices_that_cannot_be_used(name):
    make, error, told = BAD_PRICES[name]
    with pytest.raises(error, match=told) as caught:
        sweep(momentum, GRID, make(PRICES))
    assert "price_schedule" not in str(caught.value)


BAD_ARGUMENTS = {
    "c000_cash": ({"initial_cash": 0}, InvalidValue, "initial_cash=0"),
    "cash": ({"initial_cash": 1000.0}, WrongType, "initial_cash=1000.0"),
    "c019_cost": ({"cost_bps": 10_001}, InvalidValue, "cost_bps=10001"),
    "ppy": ({"periods_per_year": 0}, InvalidValue, "periods_per_year=0"),
    "rf": ({"risk_free": np.nan}, NonFiniteError, "risk_free"),
    "errors": ({"errors": "ignore"}, InvalidValue, "errors='ignore'"),
    "threads": ({"threads": 0}, InvalidValue, "threads: 0"),
    "memory": ({"memory": -1}, InvalidValue, "memory=-1"),
    "scale": ({"price_scale": 150}, InvalidValue, "price_scale=150"),
    "symbols": ({"symbols": list("ABCDE")}, InvalidValue, "symbols: "),
    "executor": ({"executor": 3}, WrongType, "executor: a int"),
    "out": ({"out": "a.csv"}, InvalidValue, "ends in .parquet"),
    "folder": ({"out": "/nowhere/a.parquet"}, InvalidValue, "no folder /nowhere"),
    "both": ({"out": "a.parquet", "curves": True}, InvalidValue, "curves: are not written"),
}


@pytest.mark.parametrize("name", BAD_ARGUMENTS)
def test_arguments_that_cannot_be_used(name):
    given, error, told = BAD_ARGUMENTS[name]
    with pytest.raises(error, match=told):
        sweep(momentum, GRID, PRICES, **given)


def test_prices_are_needed():
    with pytest.raises(WrongType, match="prices: missing"):
        sweep(momentum, GRID)


# Paths that fail

FAULTS = {
    1: (NonFiniteError, r"^faulty \(what=1\): weights: B 2020-01-06 \(row 3\) is nan"),
    7: (NonFiniteError, r"^faulty \(what=7\): weights: A 2020-01-06 \(row 3\) is nan"),
    2: (NonFiniteError, r"^faulty \(what=2\): weights: B 2020-01-06 \(row 3\) is inf"),
    3: (InvalidValue, r"^faulty \(what=3\): weights: .*2020-01-06 \(row 3\) sum to 4.5.* largest: A 0.9"),
    4: (StrategyError, r"^faulty \(what=4\), 2020-01-06 \(row 3\): faulty raised ValueError: not today"),
    5: (StrategyError, r"^faulty \(what=5\), 2020-01-06 \(row 3\): faulty raised IndexError"),
    6: (
        MissingPriceError,
        r"^faulty \(what=6\): prices: no price where weights.* A 2020-01-06 \(row 3\)",
    ),
}


def unpriced():
    prices = PRICES.copy()
    prices.iloc[3, 0] = np.nan
    return prices


@pytest.mark.parametrize("what", FAULTS)
@pytest.mark.parametrize("threads", [1, 2])
def test_c017_a_path_that_fails_is_named(what, threads):
    error, told = FAULTS[what]
    with pytest.raises(error, match=told):
        sweep(faulty, {"what": [0, 0, 0, what, 1, 2]}, unpriced() if what == 6 else PRICES, threads=threads)


def test_failed_paths_as_rows():
    found = sweep(faulty, {"what": [0, 1, 3, 4, 0]}, PRICES, errors="nan", curves=True)
    assert np.isnan(found["sharpe"]).tolist() == [False, True, True, True, False]
    assert found["error"][0] is None
    assert found["error"][1].startswith("NonFiniteError: faulty (what=1): weights: B 2020-01-06")
    assert found["error"][3].startswith("StrategyError: faulty (what=4)")
    assert found["num_periods"].dtype == float
    assert found.best("total_return")["what"] == 0
    assert found == sweep(faulty, {"what": [0, 1, 3, 4, 0]}, PRICES, errors="nan", curves=True, threads=1)
    with pytest.raises(NonFiniteError, match="what=1"):
        found.backtest(1)
    with pytest.raises(InvalidValue, match="none of the 1 paths has a sharpe"):
        sweep(faulty, {"what": 1}, PRICES, errors="nan").best()


# Stops and costs

STOPS = [
    {"fixed_stop_pct": 0.02},
    {"trailing_stop_pct": 0.03},
    {"atr_multiple": 1.5, "atr_period": 5},
    {"fixed_stop_pct": 0.05, "trailing_stop_pct": 0.04, "atr_multiple": 2.0},
]


@pytest.mark.parametrize("stops", STOPS)
def test_stops_of_a_path_are_those_of_its_backtest(stops):
    plain = sweep(monthly, {"every": [3, 5], "lookback": 2, "top": [1, 2]}, PRICES, cost_bps=5)
    found = sweep(
        monthly,
        {"every": [3, 5], "lookback": 2, "top": [1, 2]},
        PRICES,
        cost_bps=5,
        stop_cfg=stops,
        curves=True,
    )
    assert (found["total_return"] != plain["total_return"]).all()
    for label, row in found.to_frame().iterrows():
        full = found.backtest(label)
        assert len(full.stop_events) > 0
        assert full.metrics.sharpe == row["sharpe"]
        np.testing.assert_array_equal(full.equity_curve, found.curves[label])
    assert found == sweep(
        monthly,
        {"every": [3, 5], "lookback": 2, "top": [1, 2]},
        PRICES,
        cost_bps=5,
        stop_cfg=stops,
        curves=True,
        threads=1,
    )


def test_true_ranges_of_highs_and_lows():
    stops = {"atr_multiple": 1.2, "atr_period": 5}
    grid = {"every": [3, 5], "lookback": 2, "top": 1}
    bars = {"high": PRICES * 1.02, "low": PRICES * 0.99}
    found = sweep(monthly, grid, PRICES, stop_cfg=stops, **bars)
    closes = sweep(monthly, grid, PRICES, stop_cfg=stops)
    assert (found["total_return"] != closes["total_return"]).all()
    for label, row in found.to_frame().iterrows():
        assert found.backtest(label).metrics.sharpe == row["sharpe"]
    copy = pickle.loads(pickle.dumps(found))
    assert copy.backtest((3, 2, 1)) == found.backtest((3, 2, 1))
    with pytest.raises(InvalidValue, match="low: missing"):
        sweep(monthly, grid, PRICES, stop_cfg=stops, high=PRICES)


def test_a_strategy_sees_what_stops_left():
    def waits(bar, weights):
        """Buy once; after a stop, see that it is gone and buy the next one."""
        if bar.positions.sum() == 0.0:
            weights[:] = 0.0
            weights[int(bar.memory[0, 0])] = 1.0
            bar.memory[0, 0] += 1.0

    full = simulate_compiled(waits, PRICES, stop_cfg={"fixed_stop_pct": 0.02}, memory=1)
    assert full.stop_events["symbol"].iloc[0] == "A"
    period = full.stop_events["period_index"].iloc[0]
    assert full.positions.iloc[period].tolist() == [0] * 5
    assert (full.positions.iloc[period + 1] > 0).tolist() == [False, True, False, False, False]


def test_misspelt_stops_and_fine_costs_are_refused():
    with pytest.raises(InvalidValue, match="did you mean 'trailing_stop_pct'"):
        sweep(momentum, GRID, PRICES, stop_cfg={"trailing_stop_pctt": 0.1})
    with pytest.raises(NotAvailable, match="trigger 'intrabar'"):
        sweep(momentum, GRID, PRICES, stop_cfg={"fixed_stop_pct": 0.1, "trigger": "intrabar"})
    with pytest.raises(NotAvailable, match="whole basis points alone"):
        sweep(momentum, GRID, PRICES, cost_bps=CostModel(5, min_trade_fee=100))
    whole = sweep(momentum, GRID, PRICES, cost_bps=CostModel(5))
    np.testing.assert_array_equal(whole["sharpe"], sweep(momentum, GRID, PRICES, cost_bps=5)["sharpe"])


# Strategies that cannot be


def outer(bar):
    pass


def rebinds(bar, weights):
    weights = np.zeros(5)  # noqa: F841


def in_place(bar, weights):
    weights[:] = 1.0
    weights /= weights.size


@pytest.mark.parametrize(
    ("strategy", "error", "told"),
    [
        (3, WrongType, "3 is a int"),
        (outer, WrongType, r"outer\(bar\) takes other arguments"),
        (lambda bar, params, weights, more: None, WrongType, "takes other arguments"),
        (lambda bar, weights: (yield), WrongType, "generator"),
        (rebinds, StrategyError, r"assigns to the name weights.* weights\[:\] = "),
    ],
)
def test_what_cannot_be_a_strategy(strategy, error, told):
    with pytest.raises(error, match=told):
        sweep(strategy, None, PRICES)


def test_weights_may_be_changed_in_place():
    assert sweep(in_place, None, PRICES)["mean_turnover"] > 0.0


def no_such_parameter(bar, params, weights):
    weights[0] = params.lokback


def no_such_field(bar, weights):
    weights[0] = bar.volume[0]


def writes_prices(bar, weights):
    bar.prices[0, 0] = 1.0


def python_only(bar, weights):
    weights[0] = pd.Series([1.0]).sum()


@compiled
@pytest.mark.parametrize(
    ("strategy", "told"),
    [
        (no_such_parameter, "no_such_parameter.*'lokback' among the parameters lookback"),
        (no_such_field, "a bar has no 'volume'; it has t, prices, positions, cash, equity, memory"),
        (writes_prices, "read-only"),
        (python_only, r"python_only, line \d+"),
    ],
)
def test_what_cannot_be_compiled_is_told_in_words(strategy, told):
    with pytest.raises(StrategyError, match=told) as caught:
        sweep(strategy, {"lookback": [1]}, PRICES)
    assert len(str(caught.value)) < 400
    assert caught.value.details


def test_strategies_may_be_decorated():
    expected = sweep(momentum, GRID, PRICES)
    assert sweep(numba.njit(momentum), GRID, PRICES) == expected
    assert sweep(numba.njit(cache=True)(momentum), GRID, PRICES) == expected


SHARE = 0.5


def test_a_changed_global_is_noticed(monkeypatch):
    def shared(bar, weights):
        weights[:] = 0.0
        weights[0] = SHARE

    first = sweep(shared, None, PRICES)
    monkeypatch.setitem(globals(), "SHARE", 0.25)
    second = sweep(shared, None, PRICES)
    assert first["volatility"] > 1.9 * second["volatility"]


# One path


def test_a_compiled_strategy_alone():
    single = simulate_compiled(smooth, PRICES, {"speed": 0.2}, 10_000_000, 5, memory=2)
    swept = sweep(smooth, {"speed": [0.2, 0.4]}, PRICES, 10_000_000, 5, memory=2)
    assert swept.backtest(0.2) == single
    assert single.positions.shape == PRICES.shape
    lean = simulate_compiled(smooth, PRICES, {"speed": 0.2}, 10_000_000, 5, memory=2, lean=True)
    assert lean.metrics == single.metrics


def test_a_bar_tells_of_the_account():
    full = simulate_compiled(auditor, PRICES, None, 10_000_000, 5)
    assert full.equity_curve.iloc[-1] != 10_000_000


def test_options_of_one_path():
    with pytest.raises(WrongType, match="did you mean 'max_leverage'"):
        simulate_compiled(nothing, PRICES, max_leverag=2)
    with pytest.raises(InvalidValue, match="2 sets"):
        simulate_compiled(momentum, PRICES, {"lookback": [1, 2], "floor": 0.0})
    with pytest.raises(StrategyError, match="not today"):
        simulate_compiled(faulty, PRICES, {"what": 4})


# Ends before the end, room and progress


class Stops:
    """Plays so many stretches, then Ctrl-C is pressed."""

    def __init__(self, monkeypatch, after):
        self.left = after
        play = jobs.StrategyJob.play

        def stopped(job, params, threads):
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt
            return play(job, params, threads)

        monkeypatch.setattr(jobs.StrategyJob, "play", stopped)


def test_ctrl_c_returns_what_is_done(monkeypatch):
    whole = sweep(momentum, {"lookback": range(1, 41), "floor": 0.0}, PRICES, threads=1)
    Stops(monkeypatch, 2)
    with pytest.warns(Interrupted, match="9 of 40 paths"):
        part = sweep(momentum, {"lookback": range(1, 41), "floor": 0.0}, PRICES, threads=1)
    assert (part.complete, len(part), part.total) == (False, 9, 40)
    np.testing.assert_array_equal(part["sharpe"], whole["sharpe"][:9])
    assert repr(part).startswith("SweepResult(incomplete: 9 paths of 40")


def test_what_would_not_fit_is_refused_before_it_begins(monkeypatch):
    monkeypatch.setattr(collect, "memory_available", lambda: 5_000)
    with pytest.raises(CapacityError, match=r"curves: 6 paths need .* leave out curves"):
        sweep(momentum, GRID, PRICES, curves=True)
    assert len(sweep(momentum, GRID, PRICES)) == 6
    with pytest.raises(CapacityError, match="sweep"):
        sweep(momentum, {"lookback": range(100), "floor": 0.0}, PRICES)


def test_a_bar_on_a_long_run(monkeypatch, capfd):
    monkeypatch.setattr(collect, "PATIENCE", 0.0)
    sweep(momentum, {"lookback": range(100), "floor": 0.0}, PRICES, threads=1)
    assert "100" in capfd.readouterr().err
    sweep(momentum, {"lookback": range(100), "floor": 0.0}, PRICES, threads=1, progress=False)
    assert capfd.readouterr().err == ""


def test_names_of_the_package():
    for name in ("sweep", "backtest_many", "simulate_compiled", "SweepResult"):
        assert name in dir(nanobook)
        assert getattr(nanobook, name).__module__.startswith("nanobook.sweeps")


def test_momentum_on_real_prices(data):
    """Every path of a small sweep equals the backtest of weights that pandas computes."""
    table = pd.read_csv(data / "prices" / "skfolio_sp500_20_stocks.csv.gz", index_col=0, parse_dates=True)
    prices = table.iloc[-1000:].round(2)
    found = sweep(momentum, {"lookback": [5, 60], "floor": 0.0}, prices, cost_bps=10)
    for lookback in (5, 60):
        up = (prices > prices.shift(lookback)).astype(float)
        weights = up.div(up.sum(axis=1).clip(lower=1), axis=0)
        expected = backtest_weights(weights, prices, 100_000_000, 10)
        assert found.backtest((lookback, 0.0)) == expected


def test_sources_of_time_are_not_used():
    """Two runs at other times give the same bytes."""
    first = pickle.dumps(sweep(momentum, GRID, PRICES).to_frame())
    time.sleep(0.01)
    assert pickle.dumps(sweep(momentum, GRID, PRICES).to_frame()) == first
