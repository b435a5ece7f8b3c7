"""Bad input of splits and walks gets one typed error that names the parameter and the remedy.

A number in a test's name is the row of the project's list of bad inputs that it holds.
"""

import math

import numpy as np
import pandas as pd
import pytest

import nanobook
from nanobook.errors import InvalidValue, NanobookError, NonFiniteError, ShapeError, WrongType

DAYS = pd.date_range("2024-01-01", periods=12)
LABELS = pd.Series(DAYS + pd.Timedelta(days=1), DAYS)


def refused(error, *parts, call):
    """Call and expect ``error`` itself, whose message has every part."""
    with pytest.raises(error) as caught:
        call()
    assert type(caught.value) is error
    assert isinstance(caught.value, NanobookError)
    for part in parts:
        assert part in str(caught.value)


def spoiled(row, value):
    labels = LABELS.copy()
    labels.iloc[row] = value
    return labels


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        (-1, InvalidValue, "labels=-1"),
        (1.5, InvalidValue, "labels=1.5: needs a whole number"),
        (LABELS.to_numpy(), WrongType, "labels: ndarray, needs a Series whose index holds the starts"),
        (LABELS.to_frame(), WrongType, "labels: DataFrame, needs a Series"),
        ("3D", WrongType, "labels='3D'"),
        (spoiled(4, pd.NaT), NonFiniteError, "labels: the end in row 4 is missing"),
        (LABELS.set_axis([*DAYS[:11], pd.NaT]), NonFiniteError, "labels: the start in row 11 is missing"),
        (
            spoiled(4, DAYS[2]),
            InvalidValue,
            "the one of 2024-01-05 (row 4) ends before it starts, at 2024-01-03",
        ),
        (LABELS[::-1], InvalidValue, "2024-01-11 (row 1) follows 2024-01-12; use .sort_index()"),
        (LABELS.set_axis(range(12)), WrongType, "both must be times or numbers"),
        (pd.Series(range(12), DAYS), WrongType, "both must be times or numbers"),
        (LABELS.dt.tz_localize("UTC"), ShapeError, "starts are in time zone None, ends in UTC"),
        (pd.Series(["a"] * 12), WrongType, "needs times or numbers"),
        (pd.Series([math.inf] * 12), NonFiniteError, "labels: an infinite start or end"),
    ],
)
def test_c006_c012_labels_that_are_no_intervals(labels, error, message):
    for make in (
        lambda: nanobook.PurgedKFold(3, labels=labels),
        lambda: nanobook.CombinatorialPurgedCV(3, 1, labels=labels),
        lambda: nanobook.WalkForward(3, 1, labels=labels),
    ):
        refused(error, message, call=make)


@pytest.mark.parametrize(
    "cv",
    [
        nanobook.PurgedKFold(3, labels=LABELS),
        nanobook.CombinatorialPurgedCV(3, 1, labels=LABELS),
        nanobook.WalkForward(3, 1, labels=LABELS),
    ],
    ids=lambda cv: type(cv).__name__,
)
def test_c015_samples_that_are_not_those_of_the_labels(cv):
    refused(ShapeError, "labels: 12 for 11 samples", call=lambda: next(cv.split(range(11))))
    other = pd.Series(range(12), DAYS + pd.Timedelta(days=1))
    refused(ShapeError, "labels: its index is not that of X", call=lambda: next(cv.split(other)))
    assert next(cv.split(pd.Series(range(12), DAYS)))


@pytest.mark.parametrize("cv", [nanobook.PurgedKFold(3), nanobook.CombinatorialPurgedCV(3, 1)])
def test_c020_too_few_samples(cv):
    refused(ShapeError, "X: 2 samples for 3 folds", call=lambda: next(cv.split(range(2))))
    refused(ShapeError, "X: no samples", call=lambda: next(cv.split([])))
    refused(ShapeError, "X: no samples", call=lambda: next(cv.split(np.zeros((0, 3)))))
    refused(WrongType, "X: NoneType, needs the samples", call=lambda: next(cv.split(None)))
    refused(WrongType, "X: int", call=lambda: next(cv.split(5)))
    refused(WrongType, "X: str", call=lambda: next(cv.split("abc")))


def test_c020_nothing_left_to_train_on():
    refused(
        ShapeError,
        "split 1: labels and embargo leave nothing to train on",
        call=lambda: list(nanobook.PurgedKFold(3, labels=4).split(range(12))),
    )
    refused(
        ShapeError,
        "split 0: no label of the 3 training samples ends before the test at row 3",
        call=lambda: list(nanobook.WalkForward(3, 2, labels=5).split(range(12))),
    )
    refused(
        ShapeError,
        "X: 9 samples, needs at least 10: train_size=6, gap=1, test_size=3",
        call=lambda: nanobook.WalkForward(6, 3, gap=1).get_n_splits(range(9)),
    )


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nanobook.PurgedKFold(1), InvalidValue, "n_splits=1"),
        (lambda: nanobook.PurgedKFold("5"), WrongType, "n_splits='5'"),
        (lambda: nanobook.PurgedKFold(embargo=-1), InvalidValue, "embargo=-1"),
        (lambda: nanobook.PurgedKFold(embargo=1.0), InvalidValue, "embargo=1.0: a part of the samples"),
        (lambda: nanobook.PurgedKFold(embargo=math.nan), InvalidValue, "embargo=nan"),
        (lambda: nanobook.PurgedKFold(embargo="1D"), WrongType, "embargo='1D'"),
        (lambda: nanobook.CombinatorialPurgedCV(1), InvalidValue, "n_folds=1"),
        (lambda: nanobook.CombinatorialPurgedCV(4, 4), InvalidValue, "n_test_folds=4: must be from 1 to 3"),
        (lambda: nanobook.CombinatorialPurgedCV(4, 0), InvalidValue, "n_test_folds=0"),
        (lambda: nanobook.CombinatorialPurgedCV(40, 20), InvalidValue, "137,846,528,820 splits"),
        (lambda: nanobook.WalkForward(0, 5), InvalidValue, "train_size=0"),
        (lambda: nanobook.WalkForward(5, -1), InvalidValue, "test_size=-1"),
        (lambda: nanobook.WalkForward(5, 1, step=0), InvalidValue, "step=0"),
        (lambda: nanobook.WalkForward(5, 1, gap=-1), InvalidValue, "gap=-1"),
        (lambda: nanobook.WalkForward(5.5, 1), InvalidValue, "train_size=5.5"),
        (lambda: nanobook.time_series_split(10, 1), InvalidValue, "n_splits=1"),
        (lambda: nanobook.time_series_split(-1), InvalidValue, "n_samples=-1"),
        (lambda: nanobook.time_series_split(3, 5), ShapeError, "n_samples=3: too few for n_splits=5"),
        (lambda: nanobook.time_series_split("10"), WrongType, "n_samples='10'"),
        (lambda: nanobook.time_series_split(10, 2, gap=-1), InvalidValue, "gap=-1"),
        (lambda: nanobook.time_series_split(10, 2, test_size=0), InvalidValue, "test_size=0"),
        (lambda: nanobook.time_series_split(10, 2, max_train_size=0), InvalidValue, "max_train_size=0"),
        (lambda: nanobook.walkforward([]), ShapeError, "returns: empty"),
        (lambda: nanobook.walkforward([0.1, math.nan]), NonFiniteError, "returns[1] is nan"),
        (lambda: nanobook.walkforward([0.1] * 9, n_windows=0), InvalidValue, "n_windows=0"),
        (lambda: nanobook.walkforward([0.1] * 9, n_windows=5), ShapeError, "9 periods in 5 windows"),
        (lambda: nanobook.walkforward([0.1] * 9, train_pct=70), InvalidValue, "(0.7 is 70 %)"),
        (lambda: nanobook.walkforward([0.1] * 9, train_pct=0), InvalidValue, "train_pct=0.0"),
        (lambda: nanobook.walkforward([0.1] * 10, periods_per_year=0), InvalidValue, "periods_per_year=0.0"),
        (lambda: nanobook.walkforward([0.1] * 10, risk_free=None), WrongType, "risk_free=None"),
    ],
)
def test_numbers_out_of_their_range(make, error, message):
    refused(error, message, call=make)


def test_paths_of_outcomes_that_do_not_fit():
    cv = nanobook.CombinatorialPurgedCV(3, 1)
    refused(ShapeError, "outcomes: 1 for 3 splits", call=lambda: cv.backtest_paths([[1.0]], range(6)))
    words = [["up", "down"]] * 3
    refused(WrongType, "outcomes[0]: holds <U4", call=lambda: cv.backtest_paths(words, range(6)))
    refused(
        ShapeError,
        "outcomes[1]: shape (3,), needs (2,)",
        call=lambda: cv.backtest_paths([[1.0, 2.0], [1.0] * 3, [1.0, 2.0]], range(6)),
    )


def steady(window, k):
    """A strategy that earns."""
    return np.full(len(window), 0.001 * k) + 0.01 * (np.arange(len(window)) % 2)


def walk(strategy=steady, grid=None, data=None, splitter=None, **more):
    sizes = {} if splitter is not None or "train_size" in more else {"train_size": 10, "test_size": 5}
    data = np.zeros(30) if data is None else data
    return nanobook.walk_forward_optimize(
        strategy, {"k": [1, 2]} if grid is None else grid, data, splitter, **sizes, **more
    )


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"strategy": 3}, WrongType, "strategy: int, needs a callable"),
        ({"strategy": lambda w, k: [0.1]}, ShapeError, "strategy: returned shape (1,) for 10 periods"),
        ({"strategy": lambda w, k: w * math.nan}, NonFiniteError, "the return of row 0 is nan (10 in all)"),
        ({"strategy": lambda w, k: w * math.nan}, NonFiniteError, "rows to warm up on with warmup="),
        ({"strategy": lambda w, k: ["a"] * len(w)}, WrongType, "strategy: returned <U1"),
        ({"strategy": lambda w, k: w > 0}, WrongType, "strategy: returned bool"),
        ({"strategy": lambda w, k: None}, ShapeError, "returned shape ()"),
        ({"grid": {}}, None, None),
        ({"grid": {"k": []}}, ShapeError, "grid: holds no set of parameters"),
        ({"grid": []}, ShapeError, "grid: holds no set"),
        ({"grid": 5}, WrongType, "grid: int, needs a mapping"),
        ({"grid": [1, 2]}, WrongType, "grid: list, needs a mapping"),
        ({"grid": [{"k": 1}, {"j": 1}]}, InvalidValue, "'j' is not in every set"),
        ({"data": None, "warmup": -1}, InvalidValue, "warmup=-1"),
        ({"data": []}, ShapeError, "X: no samples"),
        ({"data": np.zeros(14)}, ShapeError, "X: 14 samples, needs at least 15"),
        ({"data": pd.Series(range(30))[::-1]}, InvalidValue, "data: the index must increase"),
        ({"train_size": 10}, InvalidValue, "test_size: missing"),
        ({"splitter": 5}, WrongType, "splitter: int, needs something with split(data)"),
        ({"splitter": nanobook.WalkForward(5, 5), "gap": 2}, InvalidValue, "go without a splitter"),
        ({"splitter": nanobook.PurgedKFold(3)}, ShapeError, "split 0: trains on row 29, which is not before"),
        ({"splitter": nanobook.WalkForward(5, 5, step=3)}, ShapeError, "split 1: tests row 8 again"),
        ({"splitter": nanobook.CombinatorialPurgedCV(3, 1)}, ShapeError, "split 0: trains on row 29"),
        ({"metric": "sharp"}, InvalidValue, "did you mean 'sharpe'?"),
        ({"metric": "risk_free"}, InvalidValue, "metric='risk_free': there are total_return"),
        ({"metric": 5}, WrongType, "metric=5"),
        (
            {"metric": lambda returns: math.nan},
            NonFiniteError,
            "window 0 (training rows 0 to 9): the scores of all 2",
        ),
        ({"scorer": 5}, WrongType, "scorer: int"),
        ({"scorer": lambda window, sets: [1.0]}, ShapeError, "scorer: 1 scores for 2 sets of parameters"),
        ({"periods_per_year": 0}, InvalidValue, "periods_per_year=0.0"),
        ({"risk_free": math.nan}, NonFiniteError, "risk_free=nan"),
    ],
)
def test_walks_that_cannot_be(arguments, error, message):
    if error is None:
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'k'"):
            walk(**arguments)
        return
    refused(error, message, call=lambda: walk(**arguments))


def test_a_splitter_without_a_split():
    class Nothing:
        """Splits nothing."""

        def split(self, data):
            """No split."""
            return iter(())

    refused(ShapeError, "splitter: gives no split", call=lambda: walk(splitter=Nothing()))


def test_a_window_with_a_hole():
    class Holes:
        """Trains on rows that are no neighbours."""

        def split(self, data):
            """One split."""
            yield [0, 1, 3], [4, 5]

    refused(ShapeError, "split 0: its train rows are not one run", call=lambda: walk(splitter=Holes()))
