"""Splits of time, as one long list of rows: trained on, tested on, split by split."""

import numpy as np

import nanobook

from .comparison import Row


def flat(splits):
    """Write splits as one list."""
    return np.concatenate([np.concatenate([[-1], np.ravel(part)]) for split in splits for part in split])


def table(rows):
    """Something to split."""
    return np.zeros((rows, 2))


def sklearn_split(values):
    """Each test fold after all that it may be trained on."""
    from sklearn.model_selection import TimeSeriesSplit

    return flat(TimeSeriesSplit(5).split(values))


def our_split(values):
    """The same."""
    return flat(nanobook.time_series_split(len(values), 5))


def skfolio_walk(values):
    """A window that moves, with a gap."""
    from skfolio.model_selection import WalkForward

    return flat(WalkForward(train_size=40, test_size=10, purged_size=3).split(values))


def our_walk(values):
    """The same."""
    return flat(nanobook.WalkForward(40, 10, gap=3).split(values))


def skfolio_combinations(horizon, embargo):
    """All pairs of six folds, purged."""

    def split(values):
        from skfolio.model_selection import CombinatorialPurgedCV

        cv = CombinatorialPurgedCV(n_folds=6, n_test_folds=2, purged_size=horizon, embargo_size=embargo)
        splits = [(train, np.concatenate(tests)) for train, tests in cv.split(values)]
        return np.concatenate([flat(splits), np.ravel(cv.get_path_ids())])

    return split


def our_combinations(horizon, embargo):
    """The same."""

    def split(values):
        cv = nanobook.CombinatorialPurgedCV(6, 2, labels=horizon, embargo=embargo)
        return np.concatenate([flat(cv.split(values)), np.ravel(cv.path_ids)])

    return split


def combinations(horizon, embargo):
    """Make the row of a horizon and an embargo."""
    ours, theirs = our_combinations(horizon, embargo), skfolio_combinations(horizon, embargo)
    return Row(f"combinations, {horizon} and {embargo}", "skfolio", table, ours, theirs, SIZES, 0.0)


SIZES = (120, 5_000)

ROWS = [
    Row("time series split", "sklearn", table, our_split, sklearn_split, SIZES, 0.0),
    Row("walk forward", "skfolio", table, our_walk, skfolio_walk, SIZES, 0.0),
    *(combinations(horizon, embargo) for horizon, embargo in ((0, 0), (3, 0), (2, 4))),
]
