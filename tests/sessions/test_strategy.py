"""``strategy``: what may be one, what is said of one that may not, and that it is compiled once."""

import os
import subprocess
import sys
import types
from pathlib import Path

import numba
import numpy as np
import pytest

from nanobook import NanobookError, Strategy, simulate, strategy
from nanobook._jit import JIT
from nanobook.compiled import fingerprint
from nanobook.errors import InvalidValue, StrategyError, WrongType
from nanobook.inside import BUY, best_bid, next_message, position, submit_limit, submit_market

compiled = pytest.mark.skipif(not JIT, reason="without compilation nothing is refused or kept")
PRICE = 7
TABLE = np.array([1, 2, 3])


def plain(session):
    while next_message(session):
        pass


# What a strategy may be


def test_a_function_as_it_is_or_decorated():
    expected = simulate(strategy(plain), flow=50, threads=1)
    for given in (
        plain,
        numba.njit(plain),
        numba.njit(cache=True)(plain),
        strategy()(plain),
        Strategy(plain),
    ):
        assert simulate(given, flow=50, threads=1) == expected
    assert repr(strategy(plain)) == "Strategy(plain)"


@numba.njit
def half(number):
    return number // 2


def test_a_strategy_may_call_compiled_functions_allocate_and_use_numpy():
    @strategy(metrics=["mean"])
    def rolling(session, params, metrics):
        seen = np.zeros(params.window)
        n = 0
        while next_message(session):
            seen[n % seen.size] = half(best_bid(session)) if best_bid(session) > 0 else np.nan
            n += 1
        metrics.mean = np.nanmean(seen)

    result = simulate(rolling, params={"window": [5, 50]}, flow=200, threads=2)
    assert ((result["mean"] > 4900) & (result["mean"] < 5100)).all()


def test_names_that_columns_have_already():
    @strategy(metrics=["cash", "spare"])
    def named(session, params, metrics):
        metrics.cash = params.position
        metrics.spare = 1.0

    result = simulate(named, params={"position": [5, 6]})
    assert result.columns[0] == "position_"
    assert result["position_"].tolist() == result["cash_"].tolist() == [5, 6]
    assert result["position"].tolist() == result["cash"].tolist() == [0, 0]
    assert simulate(named, params={"spare": [5], "position": 1})["spare"].tolist() == [5]


def no_arguments():
    pass


def many(session, params, metrics, more):
    pass


def star(*session):
    pass


def generator(session):
    yield 1


def three(session, params, metrics):
    pass


REFUSED = {
    "no function": (3, WrongType, "no function"),
    "a class": (dict, WrongType, "no function"),
    "no arguments": (no_arguments, WrongType, r"no_arguments\(\) takes other arguments"),
    "many arguments": (many, WrongType, "write strategy"),
    "star": (star, WrongType, "takes other arguments"),
    "generator": (generator, WrongType, "generator"),
    "metrics without names": (three, InvalidValue, r"@strategy\(metrics="),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_strategy_is_told_at_once(name):
    given, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        strategy(given)
    with pytest.raises(error, match=words):
        simulate(given, flow=10)


@pytest.mark.parametrize("metrics", [["a b"], ["a", "a"], [3], ["_a"]])
def test_metrics_that_cannot_be_names(metrics):
    with pytest.raises(InvalidValue, match="metrics"):
        strategy(three, metrics=metrics)
    with pytest.raises(InvalidValue, match="takes no metrics"):
        strategy(plain, metrics=["a"])


# What cannot be compiled


def float_price(session):
    while next_message(session):
        submit_limit(session, BUY, 0.5 * best_bid(session), 1)


def wrong_session(session):
    best_bid(3)


def typing_error(session, params):
    if params.awy > 3:
        return


def not_compiled(session):
    no_arguments_at_all()


def no_arguments_at_all():
    return open


def unknown(session):
    return undefined_name  # noqa: F821


def unpacked(session):
    submit_limit(session, BUY, "10", 1)


UNCOMPILED = {
    "a price in floats": (float_price, r"submit_limit\(price=\.\.\.\) got float64; use a whole number"),
    "a price in words": (unpacked, r"submit_limit\(price=\.\.\.\) got unicode"),
    "no session": (wrong_session, r"best_bid\(session=\.\.\.\) got .*; pass the session itself"),
    "no such parameter": (typing_error, "no 'awy' among the parameters away"),
    "a Python function": (not_compiled, "'no_arguments_at_all' is nothing that Numba compiles"),
    "a name that is not there": (unknown, "undefined_name"),
}


@compiled
@pytest.mark.parametrize("name", UNCOMPILED)
def test_what_cannot_be_compiled_is_told_in_a_line(name):
    function, words = UNCOMPILED[name]
    with pytest.raises(StrategyError, match=words) as caught:
        simulate(function, params={"away": 1}, flow=10)
    told = str(caught.value)
    assert told.startswith(function.__name__)
    assert len(told) < 300
    assert "\n" not in told
    assert "Traceback" not in told
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert caught.value.details
    assert isinstance(caught.value, NanobookError)


@compiled
def test_the_line_is_named():
    with pytest.raises(
        StrategyError, match=rf"float_price, line {float_price.__code__.co_firstlineno + 2}: "
    ):
        simulate(float_price, flow=10)


# What it depends on


def make(scope, code):
    """Make a function whose global names are those of ``scope``."""
    space = {"__name__": "somewhere", **scope}
    exec(compile(code, "somewhere.py", "exec"), space)
    return space["f"]


def test_the_fingerprint_knows_all_that_a_function_refers_to():
    inner = "def g(x): return x + SIZE\ndef f(session):\n    return g(1) + m.K + T[0]"
    module = types.ModuleType("m")
    module.K = 1
    base = {"SIZE": 1, "m": module, "T": np.arange(3)}
    first = fingerprint(make(base, inner))
    assert first == fingerprint(make(base, inner))
    other = types.ModuleType("m")
    other.K = 2
    changed = [
        make({**base, "SIZE": 2}, inner),
        make({**base, "SIZE": 1.0}, inner),
        make({**base, "m": other}, inner),
        make({**base, "T": np.arange(3) + 1}, inner),
        make({**base, "T": np.arange(3.0)}, inner),
        make(base, inner.replace("x + SIZE", "x - SIZE")),
        make(base, inner.replace("g(1)", "g(2)")),
        make(base, inner.replace("(session)", "(session, a=1)")),
    ]
    assert len({first, *map(fingerprint, changed)}) == 1 + len(changed)
    assert fingerprint(make({**base, "unused": 1}, inner)) == first


def test_functions_that_call_each_other_have_a_fingerprint():
    code = "def g(x): return f(x)\ndef f(x): return g(x)"
    assert fingerprint(make({}, code)) == fingerprint(make({}, code))


def test_a_changed_global_value_is_seen(monkeypatch):
    def buyer(session):
        if next_message(session):
            submit_limit(session, BUY, PRICE, PRICE)

    decorated = strategy(buyer)
    for price in (7, 8, 7):
        monkeypatch.setitem(globals(), "PRICE", price)
        book = simulate(decorated, flow=1, record=True).exchange(0)
        assert book.queue("buy")[1][-1] == price


def test_a_closed_over_value_is_seen():
    def make_buyer(lots):
        @strategy
        def buyer(session):
            while next_message(session):
                if position(session) < lots:
                    submit_market(session, BUY, lots - position(session))

        return buyer

    assert [simulate(make_buyer(lots), flow=300)["position"][0] for lots in (3, 4)] == [3, 4]


# From one process to the next

SCRIPT = """
from nanobook import simulate, strategy
from nanobook.inside import BUY, next_message, submit_market
LOTS = {lots}

@strategy
def buyer(session, params):
    while next_message(session):
        submit_market(session, BUY, LOTS * params.lots)

result = simulate(buyer, params={{"lots": [1, 2]}}, flow=500, seed=1)
print(buyer.from_cache, result["position"].tolist())
"""


def process(path, folder, *arguments):
    """What a process prints, and which files it adds to the folder of compiled functions."""
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments, str(path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    after = {file: file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}
    return done.stdout.strip(), {file.name for file in after if after[file] != before.get(file)}


@compiled
def test_a_second_process_compiles_nothing_and_writes_nothing(tmp_path):
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    path = tmp_path / "script.py"
    path.write_text(SCRIPT.format(lots=1))
    first, written = process(path, folder)
    assert first.startswith("False [")
    assert any("buyer" in name for name in written)
    again, written = process(path, folder)
    assert again == first.replace("False", "True")
    assert written == set()
    path.write_text(SCRIPT.format(lots=2))
    other, _ = process(path, folder)
    assert other.startswith("False [")
    assert other != first


@compiled
def test_a_changed_value_elsewhere_is_compiled_anew(tmp_path):
    """The strategy's own file stays the same, which is all that numba's cache looks at."""
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    path = tmp_path / "script.py"
    path.write_text(
        "from other import *\n" + SCRIPT.replace("LOTS = {lots}", "from other import LOTS").format()
    )
    told = []
    for lots in (1, 1, 2):
        (tmp_path / "other.py").write_text(f"LOTS = {lots}\n")
        told.append(process(path, folder, "-B")[0])
    assert told[0].startswith("False [")
    assert told[1] == told[0].replace("False", "True")
    assert told[2].startswith("False [")
    assert told[2] != told[0]


@compiled
def test_what_has_no_file_is_compiled_in_its_process():
    space = {}
    exec(SCRIPT.format(lots=1), space)
    assert space["buyer"].from_cache is False
    (linked,) = space["buyer"]._linked.values()
    assert not linked.kept
