"""Sweeps by executors: threads, processes, and a real cluster whose workers die."""

import asyncio
import logging
import multiprocessing
import os
import signal
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from nanobook import backtest_many, sweep
from nanobook.errors import IncompleteSweep, NonFiniteError
from nanobook.sweeps import spread, store
from tests.sweeps.strategies import faulty, momentum
from tests.sweeps.test_many import TABLES
from tests.sweeps.test_named import returns_of
from tests.sweeps.test_sweep import PRICES, frame

GRID = {"lookback": range(1, 65), "floor": [0.0, 0.005, 0.01]}
MANY = frame(periods=400)


class AtOnce(Executor):
    """Runs what is submitted when it is submitted; breaks where it is told to."""

    def __init__(self, good=10**9, error=None):
        self.good, self.error, self.pieces = good, error, []

    def submit(self, function, *arguments):
        """Run it."""
        future = Future()
        self.pieces.append(arguments[1])
        if len(self.pieces) > self.good:
            future.set_exception(self.error)
        else:
            future.set_result(function(*arguments))
        return future


@pytest.fixture(scope="module")
def alone():
    return sweep(momentum, GRID, MANY, 10_000_000, 5, threads=2)


def test_about_64_pieces(alone):
    crew = AtOnce()
    assert sweep(momentum, GRID, MANY, 10_000_000, 5, executor=crew) == alone
    assert [len(piece) for piece in crew.pieces] == [3] * 64


def test_threads_give_the_same_bits(alone):
    with ThreadPoolExecutor(3) as pool:
        assert sweep(momentum, GRID, MANY, 10_000_000, 5, executor=pool) == alone
        np.testing.assert_array_equal(
            sweep(momentum, GRID, MANY, 10_000_000, 5, executor=pool, curves=True).curves,
            sweep(momentum, GRID, MANY, 10_000_000, 5, curves=True).curves,
        )


def test_schedules_by_threads():
    expected = backtest_many(TABLES, PRICES, 10_000_000, 5)
    with ThreadPoolExecutor(2) as pool:
        assert backtest_many(TABLES, PRICES, 10_000_000, 5, executor=pool) == expected
        assert backtest_many(iter(TABLES), PRICES, 10_000_000, 5, executor=pool) == expected


def test_a_path_that_fails_is_named_by_an_executor():
    with ThreadPoolExecutor(2) as pool:
        with pytest.raises(NonFiniteError, match=r"^faulty \(what=1\): weights: B 2020-01-06"):
            sweep(faulty, {"what": [0, 0, 1, 2]}, PRICES, executor=pool)
        found = sweep(faulty, {"what": [0, 1, 4]}, PRICES, errors="nan", executor=pool)
    assert found == sweep(faulty, {"what": [0, 1, 4]}, PRICES, errors="nan")


def test_a_broken_pool_says_what_is_done(alone, tmp_path):
    from concurrent.futures.process import BrokenProcessPool

    with pytest.raises(
        IncompleteSweep, match=r"done: 30 of 192 paths, which are in \.result; the other 162 are not"
    ) as caught:
        sweep(momentum, GRID, MANY, 10_000_000, 5, executor=AtOnce(10, BrokenProcessPool("gone")))
    part = caught.value.result
    assert (len(part), part.complete) == (30, False)
    np.testing.assert_array_equal(part["sharpe"], alone["sharpe"][:30])
    with pytest.raises(IncompleteSweep, match=r"30 of 192 paths, which are in .*a\.partial\.parquet"):
        sweep(
            momentum,
            GRID,
            MANY,
            executor=AtOnce(10, BrokenProcessPool("gone")),
            out=tmp_path / "a.parquet",
        )
    assert len(pd.read_parquet(tmp_path / "a.partial.parquet")) == 30
    with pytest.raises(IncompleteSweep, match="done: 1 of 3") as caught:
        sweep([1, 2, 3], 252, 0.0, returns_of, executor=AtOnce(1, BrokenProcessPool("gone")))
    assert len(caught.value.result) == 1


def test_processes_give_the_same_bits_and_one_that_is_killed_is_told(alone, monkeypatch):
    """Also of a function that no other process can import."""

    def local(bar, params, weights):
        momentum_of(bar, params, weights)

    from numba import njit

    momentum_of = njit(momentum)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        assert sweep(momentum, GRID, MANY, 10_000_000, 5, executor=pool) == alone
        assert sweep(local, GRID, MANY, 10_000_000, 5, executor=pool) == alone
        after_pieces(monkeypatch, 5, lambda: os.kill(next(iter(pool._processes)), signal.SIGKILL))
        with pytest.raises(IncompleteSweep, match="BrokenProcessPool") as caught:
            sweep(momentum, GRID, MANY, 10_000_000, 5, executor=pool)
    part = caught.value.result
    assert 15 <= len(part) < 192
    np.testing.assert_array_equal(part["sharpe"], alone["sharpe"][: len(part)])


def after_pieces(monkeypatch, count, act):
    """Do something once when so many pieces have come."""
    add = store.InMemory.add
    seen = []

    def counting(sink, piece):
        seen.append(piece)
        if len(seen) == count:
            act()
        add(sink, piece)

    monkeypatch.setattr(store.InMemory, "add", counting)


@pytest.fixture(scope="module")
def client():
    """Two worker processes with a thread each."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.CRITICAL
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_a_cluster_gives_the_same_bits(client, alone, tmp_path):
    assert sweep(momentum, GRID, MANY, 10_000_000, 5, executor=client.get_executor()) == alone
    found = sweep(momentum, GRID, MANY, 10_000_000, 5, executor=client, out=tmp_path / "a.parquet")
    assert found == alone
    with pytest.raises(NonFiniteError, match=r"^faulty \(what=1\): weights: B 2020-01-06"):
        sweep(faulty, {"what": [0, 0, 1, 2]}, PRICES, executor=client)
    assert backtest_many(TABLES, PRICES, executor=client) == backtest_many(TABLES, PRICES)
    assert sweep([1, 2], 12.0, 0.0, returns_of, executor=client) == sweep([1, 2], 12.0, 0.0, returns_of)


def test_prices_are_sent_to_a_cluster_once(client, monkeypatch):
    sent = []
    send = spread.Cluster.send
    monkeypatch.setattr(spread.Cluster, "send", lambda crew: (sent.append(crew), send(crew))[1])
    sweep(momentum, GRID, MANY, executor=client)
    assert len(sent) == 1


@pytest.mark.parametrize("victims", [1, 2])
def test_a_killed_workers_pieces_are_played_again(client, alone, monkeypatch, victims):
    """Also where no worker is left that has the prices."""
    client.wait_for_workers(2)
    workers = client.run(os.getpid)
    killed = list(workers.values())[:victims]

    def kill():
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        if victims == 2:
            time.sleep(0.5)

    after_pieces(monkeypatch, 5, kill)
    assert sweep(momentum, GRID, MANY, 10_000_000, 5, executor=client) == alone
    client.wait_for_workers(2)
    assert not set(client.run(os.getpid).values()) & set(killed)


def test_a_piece_may_take_its_time_to_come(client, alone, monkeypatch):
    gather, fetched = client._gather, []

    async def slowly(*args, **kwargs):
        fetched.append(args)
        await asyncio.sleep(0.05)
        return await gather(*args, **kwargs)

    monkeypatch.setattr(client, "_gather", slowly)
    monkeypatch.setattr(spread, "LOOK", 0.02)
    monkeypatch.setattr(spread.Cluster, "is_idle", lambda crew: False)
    assert sweep(momentum, GRID, MANY, 10_000_000, 5, executor=client) == alone
    assert len(fetched) > 64


def late(param):
    raise TimeoutError("too late")


def test_a_timeout_of_the_function_itself_is_raised(client):
    with pytest.raises(TimeoutError, match=r"^too late"):
        sweep([1, 2], 12.0, 0.0, late, executor=client)


class Forgotten(Future):
    """A piece that never comes."""

    status = "pending"


def test_pieces_that_a_cluster_forgets_are_played_again(client, alone, monkeypatch):
    """A scheduler that loses its last worker may never say what became of what it was given."""
    submit, forgotten = spread.Cluster.submit, []

    def forgetful(crew, stretch):
        if len(forgotten) < 3:
            forgotten.append(Forgotten())
            return forgotten[-1]
        return submit(crew, stretch)

    monkeypatch.setattr(spread.Cluster, "submit", forgetful)
    monkeypatch.setattr(spread, "LOOK", 0.1)
    assert sweep(momentum, GRID, MANY, 10_000_000, 5, executor=client) == alone
    assert len(forgotten) == 3
