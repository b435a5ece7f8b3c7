"""Splitters: scikit-learn's and skfolio's answers, and no leak that pairs of intervals would show."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import model_selection
from sklearn.linear_model import Ridge

import nanobook
from nanobook.errors import ShapeError
from tests.oracle import validation as oracle


@given(
    st.integers(3, 60),
    st.integers(2, 8),
    st.integers(0, 3),
    st.none() | st.integers(1, 6),
    st.none() | st.integers(1, 9),
)
@settings(max_examples=200, deadline=None)
def test_time_series_split_is_scikit_learns(count, splits, gap, test_size, most):
    options = {"gap": gap, "test_size": test_size, "max_train_size": most}
    reference = model_selection.TimeSeriesSplit(splits, **options)
    try:
        expected = [(train.tolist(), test.tolist()) for train, test in reference.split(np.zeros(count))]
    except ValueError:
        with pytest.raises(ShapeError, match=f"n_samples={count}: too few"):
            nanobook.time_series_split(count, splits, **options)
        return
    assert nanobook.time_series_split(count, splits, **options) == expected


def test_the_originals_split():
    assert nanobook.py_time_series_split(10, 3) == [
        ([0, 1, 2, 3], [4, 5]),
        ([0, 1, 2, 3, 4, 5], [6, 7]),
        ([0, 1, 2, 3, 4, 5, 6, 7], [8, 9]),
    ]
    assert len(nanobook.time_series_split(100)) == 5


def test_it_tells_how_many_samples_it_needs():
    for splits, gap, size in ((5, 0, None), (3, 4, None), (4, 2, 7)):
        with pytest.raises(ShapeError, match="needs at least") as caught:
            nanobook.time_series_split(1, splits, gap=gap, test_size=size)
        needed = int(str(caught.value).split("at least ")[1])
        assert nanobook.time_series_split(needed, splits, gap=gap, test_size=size or 1)


@given(
    st.integers(1, 80),
    st.integers(1, 20),
    st.integers(1, 10),
    st.none() | st.integers(1, 12),
    st.booleans(),
    st.integers(0, 4),
    st.booleans(),
    st.integers(0, 6),
)
@settings(max_examples=200, deadline=None)
def test_walks_forward_are_as_said(count, train_size, test_size, step, anchored, gap, partial, horizon):
    cv = nanobook.WalkForward(train_size, test_size, step, anchored, gap, horizon, partial)
    try:
        splits = list(cv.split(np.zeros((count, 2))))
    except ShapeError:
        assert horizon >= gap + train_size or count < train_size + gap + (1 if partial else test_size)
        return
    assert len(splits) == cv.get_n_splits(np.zeros(count))
    for number, (train, test) in enumerate(splits):
        start = train_size + gap + number * (step or test_size)
        assert test.tolist() == list(range(start, min(start + test_size, count)))
        assert len(test) == test_size or (partial and test[-1] == count - 1)
        first = 0 if anchored else start - gap - train_size
        assert train.tolist() == [i for i in range(first, start - gap) if i + horizon < start]
    after = start + (step or test_size)
    assert after + (1 if partial else test_size) > count


@st.composite
def intervals(draw, least=6):
    """Labels in order of their starts, some at once, some long, and whether they are times."""
    count = draw(st.integers(least, 40))
    starts = sorted(draw(st.lists(st.integers(0, 60), min_size=count, max_size=count)))
    ends = [start + draw(st.sampled_from([0, 0, 1, 2, 3, 8])) for start in starts]
    labels = pd.Series(ends, starts)
    if draw(st.booleans()):
        epoch = pd.Timestamp("2024-01-01", tz=draw(st.sampled_from([None, "UTC"])))
        labels = pd.Series([epoch + pd.Timedelta(days=end) for end in ends])
        labels.index = pd.DatetimeIndex([epoch + pd.Timedelta(days=start) for start in starts])
    return labels, starts, ends


def splits_of(cv, x):
    """Splits of a splitter, or None where a test leaves nothing to train on."""
    try:
        return list(cv.split(x))
    except ShapeError:
        return None


@given(intervals(), st.integers(2, 6), st.integers(0, 5))
@settings(max_examples=200, deadline=None)
def test_purged_folds_never_leak_and_waste_nothing(labelled, folds, embargo):
    labels, starts, ends = labelled
    x = pd.DataFrame({"x": range(len(labels))}, index=labels.index)
    splits = splits_of(nanobook.PurgedKFold(folds, labels=labels, embargo=embargo), x)
    if splits is None:
        return
    plain = model_selection.KFold(folds).split(x)
    for (train, test), (_, expected) in zip(splits, plain, strict=True):
        assert test.tolist() == expected.tolist()
        assert oracle.leaks(train, test, starts, ends) == []
        assert train.tolist() == oracle.may_train([test.tolist()], starts, ends, embargo)


def runs(rows):
    """Cut rows into runs of neighbours."""
    return [part.tolist() for part in np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)]


@given(intervals(8), st.integers(3, 6), st.integers(1, 3), st.integers(0, 4))
@settings(max_examples=150, deadline=None)
def test_combinatorial_splits_never_leak_and_waste_nothing(labelled, folds, tested, embargo):
    labels, starts, ends = labelled
    tested = min(tested, folds - 1)
    cv = nanobook.CombinatorialPurgedCV(folds, tested, labels=labels, embargo=embargo)
    splits = splits_of(cv, np.zeros((len(labels), 1)))
    if splits is None:
        return
    assert len(splits) == cv.get_n_splits()
    edges = [test for _, test in model_selection.KFold(folds).split(np.zeros(len(labels)))]
    for (train, test), folded in zip(splits, cv.test_folds, strict=True):
        each = [edges[fold].tolist() for fold in folded]
        assert test.tolist() == [row for fold in each for row in fold]
        assert oracle.leaks(train, test, starts, ends) == []
        assert train.tolist() == oracle.may_train(each, starts, ends, embargo)


@given(st.integers(2, 7), st.integers(1, 6), st.integers(0, 11))
@settings(max_examples=60, deadline=None)
def test_every_path_holds_every_sample_once(folds, tested, more):
    tested = min(tested, folds - 1)
    count = folds + more
    cv = nanobook.CombinatorialPurgedCV(folds, tested)
    x = pd.DataFrame({"x": range(count)}, pd.date_range("2024-01-01", periods=count))
    outcomes = [1000.0 * split + test for split, (_, test) in enumerate(cv.split(x))]
    paths = cv.backtest_paths(outcomes, x)
    assert paths.index.equals(x.index)
    assert paths.shape == (count, cv.n_paths)
    assert (paths.to_numpy() % 1000 == np.arange(count)[:, None]).all()
    used = [tuple(row // 1000) for row in paths.to_numpy()]
    assert all(len(set(row)) == cv.n_paths for row in used), "a split serves a sample's paths once"
    np.testing.assert_array_equal(cv.backtest_paths(outcomes, list(range(count))), paths)


def test_an_embargo_may_be_a_part_of_all():
    x = np.zeros(50)
    whole, part = (nanobook.PurgedKFold(5, embargo=embargo).split(x) for embargo in (4, 0.09))
    for mine, other in zip(whole, part, strict=True):
        assert mine[0].tolist() == other[0].tolist()


def test_walks_forward_take_labels_as_times():
    days = pd.date_range("2024-01-01", periods=30)
    labels = pd.Series(days + pd.Timedelta(days=4), days)
    by_time = nanobook.WalkForward(10, 5, labels=labels).split(pd.Series(range(30), days))
    by_count = nanobook.WalkForward(10, 5, labels=4).split(range(30))
    for mine, other in zip(by_time, by_count, strict=True):
        assert mine[0].tolist() == other[0].tolist()


def test_starts_and_ends_may_count_time_in_other_units():
    days = pd.date_range("2024-01-01", periods=30)
    ends = pd.Series(days + pd.Timedelta(days=2), days)
    expected = [train.tolist() for train, _ in nanobook.PurgedKFold(5, labels=2).split(days)]
    for units in (("s", "ns"), ("us", "s"), ("ns", "us")):
        labels = ends.astype(f"datetime64[{units[1]}]").set_axis(days.as_unit(units[0]))
        assert [train.tolist() for train, _ in nanobook.PurgedKFold(5, labels=labels).split(days)] == expected


@pytest.mark.parametrize(
    "cv",
    [
        nanobook.WalkForward(50, 25),
        nanobook.PurgedKFold(5, labels=3, embargo=0.01),
        nanobook.CombinatorialPurgedCV(5, 2, labels=3, embargo=2),
    ],
    ids=lambda cv: type(cv).__name__,
)
def test_scikit_learn_takes_them(cv):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(150, 3))
    y = x @ [1.0, 2.0, 0.0] + rng.normal(0, 0.1, 150)
    scores = model_selection.cross_val_score(Ridge(), x, y, cv=cv)
    assert scores.size == cv.get_n_splits(x)
    assert scores.min() > 0.9
    search = model_selection.GridSearchCV(Ridge(), {"alpha": [0.1, 1000.0]}, cv=cv).fit(x, y)
    assert search.best_params_ == {"alpha": 0.1}
    assert type(cv).__name__ in repr(search)


def test_what_trains_does_not_depend_on_what_lasts_after_it():
    """Shuffled labels of the future change no earlier split."""
    rng = np.random.default_rng(1)
    ends = np.arange(60) + rng.integers(0, 4, 60)
    changed = ends.copy()
    changed[40:] = np.arange(40, 60) + rng.integers(0, 15, 20)
    first, second = (
        list(nanobook.WalkForward(12, 6, labels=pd.Series(end, range(60))).split(range(60)))
        for end in (ends, changed)
    )
    for (train, test), (other, _) in zip(first, second, strict=True):
        if test[0] <= 40:
            assert train.tolist() == other.tolist()
    assert any(a[0].tolist() != b[0].tolist() for a, b in pairwise([*first, *second]))
