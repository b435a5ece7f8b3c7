"""``backtest_many``: schedules of every kind, each as ``backtest_weights`` runs it."""

import pickle

import numpy as np
import pandas as pd
import pytest

from nanobook import backtest_many, backtest_weights
from nanobook.errors import (
    InvalidValue,
    MissingPriceError,
    NonFiniteError,
    NotComputed,
    ShapeError,
    WrongType,
)
from nanobook.kernels.metrics import FIGURES
from tests.schedules import make_case
from tests.sweeps.test_sweep import PRICES, with_cell


def schedules(count=7, seed=0):
    parts = np.random.default_rng(seed).random((count, *PRICES.shape))
    parts[1, ::3] = np.nan  # holds
    parts[2] = 0.0
    return parts / np.maximum(parts.sum(axis=2, keepdims=True), 1e-9)


TABLES = schedules()


def frames():
    return {f"run {i}": pd.DataFrame(table, PRICES.index, PRICES.columns) for i, table in enumerate(TABLES)}


@pytest.fixture(scope="module")
def result():
    return backtest_many(TABLES, PRICES.to_numpy(), 10_000_000, 5, curves=True, threads=1)


def test_each_is_what_backtest_weights_makes_of_it(result):
    for s, table in enumerate(TABLES):
        expected = backtest_weights(table, PRICES.to_numpy(), 10_000_000, 5)
        for name in FIGURES:
            assert result[name][s] == getattr(expected.metrics, name)
        np.testing.assert_array_equal(result.curves[s], expected.equity_curve[1:])
        assert result["total_cost"][s] == expected.cost.sum()
        assert result.backtest(s) == expected
    assert result.to_frame().index.name == "schedule"
    assert result.best()["sharpe"] == np.nanmax(result["sharpe"])
    assert result.backtest(result.best()).metrics.sharpe == result.best()["sharpe"]


@pytest.mark.parametrize("seed", range(4))
def test_random_schedules_to_the_bit(seed):
    case = make_case(seed)
    tables = np.stack([case.weights, case.weights * 0.5, case.weights * 0.0])
    found = backtest_many(tables, case.prices, case.cash, case.bps, curves=True, threads=2)
    for s, table in enumerate(tables):
        expected = backtest_weights(table, case.prices, case.cash, case.bps)
        np.testing.assert_array_equal(found.curves[s], expected.equity_curve[1:])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kind", ["generator", "list", "mapping", "frames", "float32", "readonly"])
def test_schedules_of_every_kind(result, kind, threads):
    readonly = TABLES.copy()
    readonly.flags.writeable = False
    given = {
        "generator": (table for table in TABLES),
        "list": list(TABLES),
        "mapping": dict(enumerate(TABLES)),
        "frames": list(frames().values()),
        "float32": (0.999 * TABLES).astype(np.float32),
        "readonly": readonly,
    }[kind]
    prices = PRICES if kind == "frames" else PRICES.to_numpy()
    found = backtest_many(given, prices, 10_000_000, 5, curves=True, threads=threads)
    if kind == "float32":
        np.testing.assert_allclose(found["total_return"], result["total_return"], atol=1e-3)
    else:
        assert found["schedule"].tolist() == list(range(7))
        np.testing.assert_array_equal(found["sharpe"], result["sharpe"])
        np.testing.assert_array_equal(found.curves, result.curves)


def test_frames_are_aligned_by_columns_and_dates(result):
    given = frames()
    given["run 3"] = given["run 3"][list("ECABD")]
    given["run 1"] = given["run 1"].dropna()
    found = backtest_many(given, PRICES, 10_000_000, 5)
    assert found["schedule"].tolist() == list(given)
    np.testing.assert_array_equal(found["sharpe"], result["sharpe"])
    assert found.backtest("run 3").metrics.sharpe == found["sharpe"][3]
    with pytest.raises(InvalidValue, match="there is no 'run 9'"):
        found.backtest("run 9")
    assert pickle.loads(pickle.dumps(found)) == found


def test_what_was_read_once_cannot_be_run_again():
    found = backtest_many(iter(TABLES), PRICES.to_numpy())
    assert found.total is None
    with pytest.raises(NotComputed, match="read once"):
        found.backtest(0)
    assert pickle.loads(pickle.dumps(found)) == found


def with_weight(value, symbol=2):
    tables = TABLES.copy()
    tables[4, 9, symbol] = value
    return tables


BAD = {
    "c017": (
        with_weight(np.nan),
        PRICES,
        NonFiniteError,
        r"^schedule 4: weight_schedule: C 2020-01-14 .*nan",
    ),
    "c017 first": (
        with_weight(np.nan, 0),
        PRICES,
        NonFiniteError,
        "^schedule 4: weight_schedule: A 2020-01-14",
    ),
    "c003": (with_weight(-np.inf), PRICES, NonFiniteError, r"^schedule 4: weight_schedule: C 2020-01-14"),
    "c016": (with_weight(60.0), PRICES, InvalidValue, r"^schedule 4: .* sum to 60.*percent"),
    "c018": (
        TABLES,
        with_cell(PRICES, np.nan),
        MissingPriceError,
        r"^schedule 0: price_schedule: .* A 2020-01-10",
    ),
    "c015 shape": (TABLES[:, :5], PRICES, ShapeError, r"\(7, 5, 5\) vs price_schedule \(60, 5\)"),
    "c015 one": ([TABLES[0], TABLES[1, :9]], PRICES, ShapeError, r"schedule 1: weights \(9, 5\)"),
    "one table": (TABLES[0], PRICES, ShapeError, "needs"),
    "one frame": (frames()["run 0"], PRICES, WrongType, "backtest_weights takes one"),
    "none": ([], PRICES, ShapeError, "empty"),
    "text": (["a"], PRICES, ShapeError, "schedule 0: "),
    "a number": (3, PRICES, WrongType, "a int"),
    "objects": (TABLES.astype(object), PRICES, WrongType, "holds object"),
    "c009": (
        {"x": frames()["run 0"].rename(columns={"A": "a"})},
        PRICES,
        ShapeError,
        "schedule x: .*did you mean",
    ),
    "rows": (TABLES, [[("A", 100)]], WrongType, "a list of rows"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used(name):
    tables, prices, error, told = BAD[name]
    with pytest.raises(error, match=told):
        backtest_many(tables, prices)


def test_failed_schedules_as_rows():
    found = backtest_many(with_weight(np.nan), PRICES, errors="nan")
    assert np.flatnonzero(np.isnan(found["sharpe"])).tolist() == [4]
    assert "C 2020-01-14" in found["error"][4]
