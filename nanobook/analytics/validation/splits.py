"""Splits in which training comes before testing."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ShapeError
from ...portfolio.inputs import whole
from .labels import count_samples, reach_of, read_labels

MOST = 2**31


def time_series_split(n_samples, n_splits=5, *, gap=0, test_size=None, max_train_size=None):
    """Split samples in order of time: each test follows its training, which grows.

    Parameters
    ----------
    n_samples : int
    n_splits : int, default 5
        At least 2.
    gap : int, default 0
        Samples left out between training and test.
    test_size : int, optional
        Samples of a test; by default ``n_samples // (n_splits + 1)``.
    max_train_size : int, optional
        Keep the latest samples of a training alone.

    Returns
    -------
    list of (list of int, list of int)
        Rows to train on and rows to test on, as ``sklearn.model_selection.TimeSeriesSplit`` has them.

    Raises
    ------
    ShapeError
        Too few samples for so many splits.
    InvalidValue, WrongType
        A number out of its range.

    Examples
    --------
    >>> import nanobook
    >>> nanobook.time_series_split(6, 2)
    [([0, 1], [2, 3]), ([0, 1, 2, 3], [4, 5])]
    """
    count = whole("n_samples", n_samples, 0, MOST, "samples")
    splits = whole("n_splits", n_splits, 2, MOST, "at least two")
    apart = whole("gap", gap, 0, MOST, "samples")
    size = count // (splits + 1)
    if test_size is not None:
        size = whole("test_size", test_size, 1, MOST, "samples")
    most = count if max_train_size is None else whole("max_train_size", max_train_size, 1, MOST, "samples")
    first = count - splits * size
    if size == 0 or first - apart <= 0:
        raise ShapeError(
            f"n_samples={count}: too few for n_splits={splits}, test_size={size}, gap={apart}; needs at "
            f"least {splits * max(size, 1) + apart + 1}"
        )
    return [
        (
            list(range(max(0, start - apart - most), start - apart)),
            list(range(start, start + size)),
        )
        for start in range(first, count, size)
    ]


@dataclass(frozen=True, eq=False)
class WalkForward:
    """Train on a window, test on the next samples, move on: a splitter for scikit-learn and for us.

    Parameters
    ----------
    train_size : int
        Samples of a training window; of the first one if ``anchored``.
    test_size : int
        Samples of a test.
    step : int, optional
        Samples from one test to the next; by default ``test_size``, so that tests follow each other without
        overlap.
    anchored : bool, default False
        Whether every training starts with the first sample and grows, instead of moving along.
    gap : int, default 0
        Samples left out between training and test.
    labels : int or Series, optional
        How long a sample's label lasts, as for `PurgedKFold`: those that have not ended when the test starts
        do not train.
    partial : bool, default False
        Whether samples at the end that do not fill a test are tested too.

    Examples
    --------
    >>> import nanobook
    >>> for train, test in nanobook.WalkForward(3, 2).split(range(7)):
    ...     print(train, test)
    [0 1 2] [3 4]
    [2 3 4] [5 6]
    """

    train_size: int
    test_size: int
    step: int | None = None
    anchored: bool = False
    gap: int = 0
    labels: Any = None
    partial: bool = False

    def __post_init__(self):
        for name in ("train_size", "test_size"):
            object.__setattr__(self, name, whole(name, getattr(self, name), 1, MOST, "samples"))
        if self.step is not None:
            object.__setattr__(self, "step", whole("step", self.step, 1, MOST, "samples"))
        object.__setattr__(self, "gap", whole("gap", self.gap, 0, MOST, "samples"))
        read_labels(self.labels)

    def split(self, X, y=None, groups=None):
        """Yield the rows to train on and the rows to test on, as int64 arrays.

        Parameters
        ----------
        X : array-like of length T
            The samples, in order of time.
        y, groups : ignored
        """
        count = count_samples(X)
        reach = reach_of(read_labels(self.labels), X, count)
        for number, start in enumerate(self._starts(count)):
            stop = start - self.gap
            first = 0 if self.anchored else stop - self.train_size
            train = np.arange(first, stop)
            train = train[reach[first:stop] <= start]
            if not train.size:
                raise ShapeError(
                    f"split {number}: no label of the {stop - first} training samples ends before the test "
                    f"at row {start}; use a larger train_size"
                )
            yield train, np.arange(start, min(start + self.test_size, count))

    def get_n_splits(self, X=None, y=None, groups=None):
        """Return the number of splits of samples ``X``."""
        return len(self._starts(count_samples(X)))

    def _starts(self, count):
        first = self.train_size + self.gap
        end = count if self.partial else count - self.test_size + 1
        starts = range(first, end, self.step or self.test_size)
        if not len(starts):
            raise ShapeError(
                f"X: {count} samples, needs at least {first + (1 if self.partial else self.test_size)}: "
                f"train_size={self.train_size}, gap={self.gap}, test_size={self.test_size}"
            )
        return starts


def fold_edges(count, folds):
    """Cut samples into folds; the first ones have one more where it does not come out even.

    Returns
    -------
    int64 array, shape (folds + 1,)
    """
    if count < folds:
        raise ShapeError(f"X: {count} samples for {folds} folds; needs at least one a fold")
    sizes = np.full(folds, count // folds)
    sizes[: count % folds] += 1
    return np.concatenate([[0], np.cumsum(sizes)])
