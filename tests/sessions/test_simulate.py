"""``simulate``: what goes in, what is refused, and that threads, batches and growth change nothing."""

import os
import pickle
import subprocess
import sys

import numba
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanobook import Exchange, RandomFlow, simulate
from nanobook._jit import JIT
from nanobook.errors import (
    CapacityError,
    InvalidQuantity,
    InvalidSide,
    InvalidTimeInForce,
    InvalidValue,
    NanobookError,
    NonFiniteError,
    NotAvailable,
    NotComputed,
    NotionalOverflow,
    ShapeError,
    StrategyError,
    WrongType,
)
from nanobook.sample import order_flow
from nanobook.sessions import run
from nanobook.sessions.lane import Lane
from tests.kernels.test_sessions import Metrics, Params, compare
from tests.oracle.session import NaiveRandom, NaiveReplay, NaiveSession
from tests.sessions.strategies import faulty, flooder, maker
from tests.tapes import flow

GRID = {"away": [1, 2, 3, 5], "skew": [0.0, 0.1, 0.0, 0.05]}


def digest(result):
    """Bytes of all columns."""
    return b"".join(result[name].tobytes() for name in result.columns)


def test_a_market_maker_against_the_naive_session():
    tape = order_flow(1000, seed=3)
    result = simulate(maker, params=GRID, flow=tape, record=True)
    for row in range(4):
        metrics = Metrics()
        metrics.requotes = 0.0
        params = Params(away=GRID["away"][row], skew=GRID["skew"][row])
        naive = NaiveSession(NaiveReplay(tape, Exchange())).play(maker.function, params, metrics)
        compare(result, row, naive)
        assert result["requotes"][row] == metrics.requotes > 0
    assert len(set(result["cash"])) == 4


@pytest.mark.parametrize("flow", [RandomFlow(300), order_flow(300)], ids=["random", "replayed"])
def test_any_number_of_lanes_gives_the_same_bytes(flow, monkeypatch):
    expected = digest(simulate(maker, 12, GRID, flow, seed=1, threads=1))
    for lanes in (2, 3, 4, 7, 50):
        assert digest(simulate(maker, 12, GRID, flow, seed=1, threads=lanes)) == expected
    monkeypatch.setattr(run, "BATCH", 0.0)  # batches of one session a lane
    assert digest(simulate(maker, 12, GRID, flow, seed=1, threads=2)) == expected


CODE = """
import hashlib
from nanobook import simulate
from tests.sessions.strategies import maker
from tests.sessions.test_simulate import GRID, digest
result = simulate(maker, 20, GRID, 2000, seed=5, threads={threads})
print(hashlib.sha256(digest(result)).hexdigest())
"""


def test_processes_agree_at_1_2_and_4_threads():
    told = set()
    for threads in (1, 2, 4):
        done = subprocess.run(
            [sys.executable, "-c", CODE.format(threads=threads)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "NUMBA_NUM_THREADS": str(threads)},
            capture_output=True,
            text=True,
            check=True,
        )
        told.add(done.stdout)
    assert len(told) == 1


def test_the_number_of_threads_is_put_back():
    before = numba.get_num_threads()
    simulate(maker, 4, GRID, 50, threads=2)
    assert numba.get_num_threads() == before


@pytest.mark.parametrize("threads", [1, 3])
def test_a_session_without_room_starts_again_in_a_larger_lane(threads, monkeypatch):
    grown = []
    grow = Lane.grow
    monkeypatch.setattr(Lane, "grow", lambda lane: (grown.append(lane), grow(lane)))
    background = RandomFlow(messages=60)
    params = {"orders": [100, 1, 100], "reach": [2000, 5, 20]}
    result = simulate(flooder, params=params, flow=background, seed=2, record=True, threads=threads)
    assert len(grown) >= 3
    assert result["sent"].tolist() == [6000, 60, 6000]
    for row in range(3):
        naive = NaiveSession(NaiveRandom(background, background.columns()["away"], 2, 0), 2)
        metrics = Metrics()
        metrics.sent = 0.0
        rows = Params(orders=params["orders"][row], reach=params["reach"][row]), metrics
        compare(result, row, naive.play(flooder.function, *rows))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**63 - 1),
    messages=st.integers(0, 300),
    away=st.lists(st.integers(-5, 30), min_size=1, max_size=5),
    skew=st.floats(-1.0, 1.0),
    books=st.integers(1, 3),
)
def test_the_account_is_that_of_the_trades(seed, messages, away, skew, books):
    """Cash and position follow from the final book's trades alone, whatever was played."""
    result = simulate(
        maker, books * len(away), {"away": away, "skew": skew}, messages, seed=seed, record=True, threads=1
    )
    for n in range(len(result)):
        frame, orders = result.path(n), result.exchange(n)
        trades = orders.trades()
        owned = orders.book.orders["client"] < -1
        bought = np.where(trades.aggressor_side == 0, trades.aggressor_order_id, trades.passive_order_id)
        sold = np.where(trades.aggressor_side == 0, trades.passive_order_id, trades.aggressor_order_id)
        lots = trades.quantity * (owned[bought].astype(int) - owned[sold])
        assert result["position"][n] == lots.sum() == result["bought"][n] - result["sold"][n]
        assert result["cash"][n] == -(lots * trades.price).sum()
        if len(frame):
            assert frame["position"].iloc[-1] == result["position"][n]
            assert frame["profit"].iloc[-1] == pytest.approx(result["profit"][n], nan_ok=True)


def test_the_books_of_one_row_differ_and_those_of_two_rows_meet_the_same_flow():
    result = simulate(maker, 6, {"away": [10**6, 10**6 + 1], "skew": 0.0}, 500, seed=4, threads=1)
    trades = result["trades"].reshape(2, 3)
    assert len(set(trades[0])) > 1
    np.testing.assert_array_equal(trades[0], trades[1])
    assert result["book"].tolist() == [0, 1, 2, 0, 1, 2]
    assert result["away"].tolist() == [10**6] * 3 + [10**6 + 1] * 3


# Parameters and books


@pytest.mark.parametrize(
    "params",
    [
        pd.DataFrame(GRID),
        pd.DataFrame(GRID).to_records(index=False),
        {name: np.array(values) for name, values in GRID.items()},
        {name: pd.Series(values, index=[9, 8, 7, 6]) for name, values in GRID.items()},
    ],
    ids=["frame", "records", "arrays", "series"],
)
def test_parameters_of_any_shape(params):
    assert simulate(maker, params=params, flow=200, threads=1) == simulate(
        maker, params=GRID, flow=200, threads=1
    )


BAD_PARAMS = {
    "text": ({"away": ["a"], "skew": 0.0}, WrongType, "away holds"),
    "nan": ({"away": 1, "skew": [0.0, np.nan]}, NonFiniteError, "skew is nan in row 1"),
    "lengths": ({"away": [1, 2], "skew": [0.0, 0.1, 0.2]}, ShapeError, "different lengths"),
    "two dimensions": ({"away": [[1, 2]], "skew": 0.0}, ShapeError, "shape"),
    "no name": ({"a way": [1]}, InvalidValue, "a way"),
    "a list": ([1, 2], WrongType, "list"),
    "same names": (pd.DataFrame([[1, 2]], columns=["a", "a"]), InvalidValue, "not all different"),
    "large": ({"away": np.array([2**63], np.uint64)}, InvalidValue, "outside int64"),
    "no rows": ({"away": np.zeros(0), "skew": np.zeros(0)}, InvalidValue, "nothing to play"),
}


@pytest.mark.parametrize("name", BAD_PARAMS)
def test_c015_parameters_that_cannot_be_used(name):
    params, error, words = BAD_PARAMS[name]
    with pytest.raises(error, match=words):
        simulate(maker, params=params, flow=10)


BAD_CALLS = {
    "books text": ({"books": "2"}, WrongType, "number of books"),
    "books bool": ({"books": True}, WrongType, "bool"),
    "no books": ({"books": 0}, InvalidValue, "nothing to play"),
    "books and rows": ({"books": 6}, ShapeError, "use 8"),
    "seed": ({"seed": -1}, InvalidValue, "seed"),
    "seed float": ({"seed": 1.0}, WrongType, "seed"),
    "threads": ({"threads": 0}, InvalidValue, "threads"),
    "flow": ({"flow": [1, 2]}, WrongType, "messages"),
    "flow negative": ({"flow": -1}, InvalidValue, "messages"),
}


@pytest.mark.parametrize("name", BAD_CALLS)
def test_arguments_that_cannot_be_used(name):
    arguments, error, words = BAD_CALLS[name]
    with pytest.raises(error, match=words):
        simulate(maker, **{"params": GRID, "flow": 10} | arguments)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("messages", 1.5),
        ("distance", 0.5),
        ("takers", 1.1),
        ("moves", float("nan")),
        ("lifetime", "1"),
        ("largest", 0),
    ],
)
def test_random_flows_that_cannot_be(name, value):
    with pytest.raises((InvalidValue, WrongType), match=name):
        RandomFlow(**{name: value})


def test_a_flow_with_a_bad_row_is_refused():
    tape = flow(10, 1)
    tape["quantity"][4] = -1
    with pytest.raises(NanobookError, match="row 4"):
        simulate(maker, params=GRID, flow=tape)
    tape = {name: np.zeros(3, np.int64) for name in tape} | {
        "kind": np.array([0, 9, 0]),
        "quantity": np.ones(3, int),
    }
    with pytest.raises(NotAvailable, match="row 1 is of kind 9"):
        simulate(maker, params=GRID, flow=tape)


# Strategies at fault

FAULTS = [
    (InvalidQuantity, "an order of 0 lots"),
    (InvalidSide, "side 2"),
    (InvalidTimeInForce, "tif 3"),
    (NotionalOverflow, "price 1099511627776 x quantity 1099511627776"),
    (InvalidValue, "owner 0"),
    (NotionalOverflow, "a side would hold more than int64"),
    (StrategyError, "faulty raised ZeroDivisionError"),
    (StrategyError, "faulty raised ValueError: nothing to do"),
]


@pytest.mark.parametrize("what", range(len(FAULTS)))
def test_a_strategy_at_fault_is_told_with_session_and_message(what):
    error, words = FAULTS[what]
    with pytest.raises(error, match=rf"^session 0 \(what={what}, at=7\), message 7: .*{words}"):
        simulate(faulty, params={"what": [what], "at": 7}, flow=20, threads=1)


@pytest.mark.parametrize("threads", [1, 2, 3, 4])
def test_the_first_session_at_fault_is_told_with_any_number_of_threads(threads):
    params = {"what": [9, 9, 9, 9, 9, 0, 7, 1], "at": [1, 1, 1, 1, 1, 19, 2, 1]}
    with pytest.raises(InvalidQuantity, match="session 5"):
        simulate(faulty, params=params, flow=20, threads=threads)


def test_a_run_at_fault_leaves_the_book_given_alone():
    book = Exchange()
    book.submit_limit("buy", 5, 5)
    before = book.digest()
    with pytest.raises(InvalidQuantity):
        simulate(faulty, book, {"what": 0, "at": 1}, 5)
    assert book.digest() == before


# The result


def test_paths_that_no_memory_holds():
    with pytest.raises(CapacityError, match="record"):
        run.new_path(2**55)


@pytest.fixture(scope="module")
def result():
    return simulate(maker, 8, GRID, 400, seed=3)


def test_a_result_as_a_table(result):
    frame = result.to_frame()
    assert list(frame.columns) == [name for name in result.columns if name != "session"]
    assert frame.index.name == "session"
    assert len(frame) == len(result) == 8
    profit = frame["cash"] + frame["position"] * frame["mid"]
    np.testing.assert_array_equal(frame["profit"], profit)
    assert "8 sessions, 4 sets of parameters, 3200 messages" in repr(result)
    assert "<table" in result._repr_html_()


def test_results_can_be_kept_and_compared(result):
    again = pickle.loads(pickle.dumps(result))
    assert again == result
    assert again != simulate(maker, 8, GRID, 400, seed=4)
    assert result != 1
    with pytest.raises(TypeError):
        hash(result)


def test_what_is_not_there_is_told(result):
    with pytest.raises(KeyError, match="profits"):
        result["profits"]
    with pytest.raises(NotComputed, match="record=True"):
        result.path(0)
    with pytest.raises(InvalidValue, match="no column"):
        result.plot("away", "skewed")
    recorded = simulate(maker, params=GRID, flow=5, record=True)
    with pytest.raises(InvalidValue, match="session: 4"):
        recorded.exchange(4)
    with pytest.raises(WrongType, match="session"):
        recorded.path("0")


def test_pictures(result):
    figure = result.plot("away", "skew")
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("away", "skew")
    shown = axes.images[0].get_array()
    means = result.to_frame().groupby(["skew", "away"])["profit"].mean().unstack()
    np.testing.assert_allclose(shown.filled(np.nan), means.to_numpy())
    line = result.plot("away", value="fills").axes[0].lines[0]
    means = result.to_frame().groupby("away")["fills"].mean()
    np.testing.assert_allclose(line.get_xydata(), np.c_[means.index, means])


def test_a_bar_on_a_long_run(monkeypatch, capfd):
    monkeypatch.setattr(run, "PATIENCE", -1.0)
    monkeypatch.setattr(run, "BATCH", 0.0)
    simulate(maker, 200, GRID, 10, threads=1)
    assert capfd.readouterr().err == ""
    monkeypatch.setattr(run, "BATCH", 1e9)
    simulate(maker, 200, GRID, 10, threads=1)
    assert "session" in capfd.readouterr().err
    simulate(maker, 200, GRID, 10, threads=1, progress=False)
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(not JIT, reason="plain Python has no other types")
def test_memory_is_that_of_the_lanes_alone():
    """A thousand sessions need two books, not a thousand."""
    import tracemalloc

    simulate(maker, 10, {"away": 3, "skew": 0.0}, 2000, threads=2)
    tracemalloc.start()
    simulate(maker, 1000, {"away": 3, "skew": 0.0}, 2000, threads=2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000
