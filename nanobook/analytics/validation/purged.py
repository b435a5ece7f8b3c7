"""Cross-validation of samples whose labels overlap: purged k-fold, and combinatorial purged."""

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ...errors import InvalidValue, ShapeError
from ...portfolio.inputs import whole
from ..statistics.reading import plain
from .labels import allowed, count_samples, embargo_of, reach_of, read_embargo, read_labels
from .splits import fold_edges

MOST_FOLDS = 10**6
MOST_SPLITS = 100_000


@dataclass(frozen=True, eq=False)
class PurgedKFold:
    """K-fold cross-validation without leaks: a splitter for scikit-learn.

    The folds are runs of neighbouring samples. What trains shares no moment with the test: its labels have
    ended before the test's begin, or begin after they have ended and the embargo is over.

    Parameters
    ----------
    n_splits : int, default 5
        Folds, at least 2; of equal size or one more.
    labels : int or Series, optional
        How long a sample's label lasts. A Series holds when each label ends, its index when it starts (dates
        or numbers, in order, one a sample); starts and ends belong to the label. A number ``h`` says that the
        label of row i lasts to row ``i + h``. By default a label is known at once.
    embargo : int or float, default 0
        Samples that do not train after a test's last label has ended; a float below 1 is a part of all.

    Notes
    -----
    M. Lopez de Prado, "Advances in Financial Machine Learning", Wiley 2018, chapter 7. There a sample that
    begins in the very moment in which a test's last label ends may train; here it may not.

    Examples
    --------
    >>> import nanobook
    >>> for train, test in nanobook.PurgedKFold(3, labels=1, embargo=1).split(range(9)):
    ...     print(train, test)
    [5 6 7 8] [0 1 2]
    [0 1 8] [3 4 5]
    [0 1 2 3 4] [6 7 8]
    """

    n_splits: int = 5
    labels: Any = None
    embargo: int | float = 0

    def __post_init__(self):
        object.__setattr__(self, "n_splits", whole("n_splits", self.n_splits, 2, MOST_FOLDS, "folds"))
        read_labels(self.labels)
        read_embargo(self.embargo)

    def split(self, X, y=None, groups=None):
        """Yield the rows to train on and the rows to test on, as int64 arrays.

        Parameters
        ----------
        X : array-like of length T
            The samples, in order of time. A DataFrame must have the index of ``labels``.
        y, groups : ignored

        Raises
        ------
        ShapeError
            Fewer samples than folds, labels that do not fit, a split with nothing left to train on.
        """
        count = count_samples(X)
        edges = fold_edges(count, self.n_splits)
        reach = reach_of(read_labels(self.labels), X, count)
        embargo = embargo_of(self.embargo, count)
        for fold in range(self.n_splits):
            first, stop = edges[fold], edges[fold + 1]
            train = np.flatnonzero(allowed(reach, first, stop, embargo))
            yield not_empty(train, f"split {fold}"), np.arange(first, stop)

    def get_n_splits(self, X=None, y=None, groups=None):
        """Return the number of splits."""
        return self.n_splits


@dataclass(frozen=True, eq=False)
class CombinatorialPurgedCV:
    """Combinatorial purged cross-validation: many backtest paths from one history, without leaks.

    Every way of taking ``n_test_folds`` of the folds is a split; each fold is tested often enough to put
    `n_paths` whole paths together.

    Parameters
    ----------
    n_folds : int, default 6
        At least 2; runs of neighbouring samples, of equal size or one more.
    n_test_folds : int, default 2
        Folds of a test, at least 1 and fewer than ``n_folds``.
    labels, embargo
        As for `PurgedKFold`.

    Notes
    -----
    M. Lopez de Prado, "Advances in Financial Machine Learning", Wiley 2018, chapter 12.

    Examples
    --------
    >>> import nanobook
    >>> cv = nanobook.CombinatorialPurgedCV(4, 2, labels=1)
    >>> cv.get_n_splits(), cv.n_paths
    (6, 3)
    >>> train, test = next(cv.split(range(12)))
    >>> train, test
    (array([ 7,  8,  9, 10, 11]), array([0, 1, 2, 3, 4, 5]))
    """

    n_folds: int = 6
    n_test_folds: int = 2
    labels: Any = None
    embargo: int | float = 0

    def __post_init__(self):
        folds = whole("n_folds", self.n_folds, 2, MOST_FOLDS, "folds")
        tested = whole("n_test_folds", self.n_test_folds, 1, folds - 1, "fewer than n_folds")
        if math.comb(folds, tested) > MOST_SPLITS:
            raise InvalidValue(
                f"n_folds={folds}, n_test_folds={tested}: {math.comb(folds, tested):,} splits; at most "
                f"{MOST_SPLITS:,}, as each one trains a model"
            )
        object.__setattr__(self, "n_folds", folds)
        object.__setattr__(self, "n_test_folds", tested)
        read_labels(self.labels)
        read_embargo(self.embargo)

    @property
    def n_paths(self):
        """Number of whole paths."""
        return math.comb(self.n_folds - 1, self.n_test_folds - 1)

    @property
    def test_folds(self):
        """The folds of each split's test: int64 array of shape (splits, n_test_folds)."""
        return np.array(list(combinations(range(self.n_folds), self.n_test_folds)))

    @property
    def path_ids(self):
        """The path that each test fold of each split belongs to: int64 array, shaped as ``test_folds``."""
        folds = self.test_folds
        used = np.zeros(self.n_folds, np.int64)
        paths = np.empty_like(folds)
        for split, tested in enumerate(folds):
            paths[split] = used[tested]
            used[tested] += 1
        return paths

    def split(self, X, y=None, groups=None):
        """Yield the rows to train on and the rows to test on, as int64 arrays in order of time.

        Parameters and errors are those of `PurgedKFold.split`.
        """
        count = count_samples(X)
        edges = fold_edges(count, self.n_folds)
        reach = reach_of(read_labels(self.labels), X, count)
        embargo = embargo_of(self.embargo, count)
        may = [allowed(reach, *edges[fold : fold + 2], embargo) for fold in range(self.n_folds)]
        for split, tested in enumerate(self.test_folds.tolist()):
            train = np.flatnonzero(np.logical_and.reduce([may[fold] for fold in tested]))
            yield not_empty(train, f"split {split}"), rows_of(edges, tested)

    def get_n_splits(self, X=None, y=None, groups=None):
        """Return the number of splits."""
        return math.comb(self.n_folds, self.n_test_folds)

    def backtest_paths(self, outcomes, X):
        """Put what the splits' tests gave together to whole paths.

        Parameters
        ----------
        outcomes : sequence of array-like of float
            For every split in turn one number for each row of its test, in the order of ``split``: a
            prediction, or the return that followed it.
        X : array-like of length T
            The samples that were split.

        Returns
        -------
        DataFrame or float64 array, shape (T, n_paths)
            One column a path; a DataFrame where ``X`` has an index.

        Raises
        ------
        ShapeError
            Outcomes that do not fit the splits.

        Examples
        --------
        >>> import nanobook
        >>> cv = nanobook.CombinatorialPurgedCV(3, 2)
        >>> outcomes = [test * 10.0 + split for split, (_, test) in enumerate(cv.split(range(3)))]
        >>> cv.backtest_paths(outcomes, range(3))
        array([[ 0.,  1.],
               [10., 12.],
               [21., 22.]])
        """
        count = count_samples(X)
        edges, folds = fold_edges(count, self.n_folds), self.test_folds
        outcomes = list(outcomes)
        if len(outcomes) != len(folds):
            raise ShapeError(f"outcomes: {len(outcomes)} for {len(folds)} splits; needs one a split")
        paths = np.full((count, self.n_paths), np.nan)
        for split, (tested, ids) in enumerate(zip(folds, self.path_ids, strict=True)):
            rows, values = rows_of(edges, tested), plain(f"outcomes[{split}]", outcomes[split])
            if values.shape != rows.shape:
                raise ShapeError(
                    f"outcomes[{split}]: shape {values.shape}, needs {rows.shape}: a number a row of its test"
                )
            paths[rows, np.repeat(ids, np.diff(edges)[tested])] = values
        return labelled(paths, X)


def labelled(paths, x):
    """Give paths the index of the samples, where they have one."""
    if not hasattr(x, "iloc"):
        return paths
    import pandas as pd

    return pd.DataFrame(paths, x.index, pd.RangeIndex(paths.shape[1], name="path"))


def rows_of(edges, folds):
    """Rows of some folds, in order."""
    return np.concatenate([np.arange(edges[fold], edges[fold + 1]) for fold in folds])


def not_empty(train, where):
    """Refuse a split without a sample to train on."""
    if not train.size:
        raise ShapeError(f"{where}: labels and embargo leave nothing to train on; use longer or fewer folds")
    return train
