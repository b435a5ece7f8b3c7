"""Sweeps that stream to a Parquet file."""

import json
import os

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet

from nanobook import backtest_many, sweep
from nanobook.errors import Interrupted, NonFiniteError
from tests.sweeps.strategies import faulty, momentum
from tests.sweeps.test_many import TABLES, frames
from tests.sweeps.test_sweep import GRID, PRICES, Stops

LONG = {"lookback": range(1, 41), "floor": 0.0}


def test_a_file_holds_what_memory_would(tmp_path):
    expected = sweep(momentum, GRID, PRICES, cost_bps=3, threads=1)
    found = sweep(momentum, GRID, PRICES, cost_bps=3, out=tmp_path / "a.parquet", threads=1)
    assert found == expected
    assert found.path == tmp_path / "a.parquet"
    assert os.listdir(tmp_path) == ["a.parquet"]
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame())
    pd.testing.assert_frame_equal(
        pd.read_parquet(found.path).set_index(["lookback", "floor"]), expected.to_frame()
    )
    assert found.best().equals(expected.best())
    assert found.backtest((5, 0.0)) == expected.backtest((5, 0.0))
    told = json.loads(parquet.read_metadata(found.path).metadata[b"nanobook sweep"])
    assert told["cost_bps"] == 3
    assert "a.parquet" in repr(found)


def test_failed_paths_in_a_file(tmp_path):
    grid = {"what": [0, 1, 4, 0]}
    expected = sweep(faulty, grid, PRICES, errors="nan")
    found = sweep(faulty, grid, PRICES, errors="nan", out=tmp_path / "a.parquet")
    assert found == expected
    assert found["error"].tolist() == expected["error"].tolist()
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame())


@pytest.mark.parametrize("given", [TABLES, frames()], ids=["numbers", "names"])
def test_schedules_in_a_file(tmp_path, given):
    prices = PRICES if isinstance(given, dict) else PRICES.to_numpy()
    found = backtest_many(given, prices, out=tmp_path / "a.parquet")
    assert found == backtest_many(given, prices)


def test_an_unfinished_file_never_takes_the_place_of_a_whole_one(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    whole = sweep(momentum, LONG, PRICES, out=path, threads=1)
    before = path.read_bytes()
    Stops(monkeypatch, 2)
    with pytest.warns(Interrupted, match="9 of 40"):
        part = sweep(momentum, LONG, PRICES, out=path, threads=1)
    assert path.read_bytes() == before
    assert part.path == tmp_path / "a.partial.parquet"
    assert (len(part), part.complete) == (9, False)
    np.testing.assert_array_equal(part["sharpe"], whole["sharpe"][:9])
    assert sorted(os.listdir(tmp_path)) == ["a.parquet", "a.partial.parquet"]


def test_ctrl_c_before_the_first_row(tmp_path, monkeypatch):
    Stops(monkeypatch, 0)
    with pytest.warns(Interrupted, match="0 of 40"):
        part = sweep(momentum, LONG, PRICES, out=tmp_path / "a.parquet")
    assert len(part) == 0
    assert part["sharpe"].size == 0
    assert part.to_frame().index.names == ["lookback", "floor"]


def test_a_path_that_fails_keeps_what_was_before(tmp_path):
    grid = {"what": [0] * 30 + [1]}
    with pytest.raises(NonFiniteError, match=r"what=1.*\(9 of 31 paths before it are in .*a\.partial"):
        sweep(faulty, grid, PRICES, out=tmp_path / "a.parquet", threads=1)
    assert len(pd.read_parquet(tmp_path / "a.partial.parquet")) == 9


def test_files_are_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        sweep(momentum, GRID, PRICES, out=tmp_path / f"{name}.parquet", threads=1)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
