"""What a walk-forward optimisation returns."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ...portfolio.metrics import Metrics, compute_metrics


@dataclass(frozen=True, eq=False, repr=False)
class Window:
    """One training and the test that follows it.

    Attributes
    ----------
    number : int
    train, test : (int, int)
        First row, and the one beyond the last.
    params : dict
        What was chosen.
    train_score, test_score : float
        The metric under it.
    train_metrics, test_metrics : Metrics
    scores : float64 array, shape (G,)
        Of all sets of parameters on the training, in the order of the grid.
    returns : float64 array
        Of the test.
    """

    number: int
    train: tuple
    test: tuple
    params: dict
    train_score: float
    test_score: float
    train_metrics: Metrics
    test_metrics: Metrics
    scores: np.ndarray
    returns: np.ndarray
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other):
        if not isinstance(other, Window):
            return NotImplemented
        return all(same(getattr(self, field.name), getattr(other, field.name)) for field in fields(self))

    def __repr__(self):
        return (
            f"Window({self.number}: train {self.train}, test {self.test}, params={self.params}, "
            f"train_score={self.train_score:.4f}, test_score={self.test_score:.4f})"
        )


def same(mine, theirs):
    """Whether two values, or arrays, are equal; NaN equals NaN."""
    if isinstance(mine, (np.ndarray, float)):
        return np.array_equal(mine, theirs, equal_nan=True)
    return mine == theirs


@dataclass(frozen=True, eq=False, repr=False)
class WalkForwardResult:
    """Result of `walk_forward_optimize`: a sequence of its windows.

    Results compare equal by value and can be pickled.

    Attributes
    ----------
    windows : tuple of Window
    grid : tuple of dict
        All sets of parameters.
    metric : str
        What was optimised.
    returns : Series or float64 array
        Of all tests, end to end: what the procedure would have earned.
    metrics : Metrics
        Of these.
    scores : float64 array, shape (W, G)
        Of every set on every training.
    """

    windows: tuple
    grid: tuple
    metric: str
    returns: Any
    metrics: Metrics
    index: Any = None
    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def of(cls, windows, grid, metric, terms, index):
        """Put the windows' tests end to end."""
        values = np.concatenate([window.returns for window in windows])
        returns = values
        if index is not None:
            import pandas as pd

            rows = np.concatenate([np.arange(*window.test) for window in windows])
            returns = pd.Series(values, index[rows], name="returns")
        name = metric if isinstance(metric, str) else getattr(metric, "__name__", type(metric).__name__)
        return cls(tuple(windows), grid, name, returns, compute_metrics(values, *terms), index)

    def __len__(self):
        return len(self.windows)

    def __getitem__(self, number):
        return self.windows[number]

    def __iter__(self):
        return iter(self.windows)

    def __eq__(self, other):
        if not isinstance(other, WalkForwardResult):
            return NotImplemented
        indexes = self.index is other.index or (self.index is not None and self.index.equals(other.index))
        return indexes and (self.windows, self.grid, self.metric, self.metrics) == (
            other.windows,
            other.grid,
            other.metric,
            other.metrics,
        )

    def __repr__(self):
        return (
            f"WalkForwardResult({len(self)} windows, {len(self.grid)} sets of parameters, {self.metric}: "
            f"train {self.mean_train_score:.4f}, test {self.mean_test_score:.4f})"
        )

    @property
    def scores(self):
        """Score of every set on every training."""
        return np.stack([window.scores for window in self.windows])

    @property
    def mean_train_score(self):
        """Mean score of what was chosen, where it was chosen."""
        return float(np.mean([window.train_score for window in self.windows]))

    @property
    def mean_test_score(self):
        """Mean score of what was chosen, afterwards."""
        return float(np.mean([window.test_score for window in self.windows]))

    @property
    def efficiency(self):
        """Mean score afterwards over that where it was chosen; NaN where the latter is not above 0."""
        return self.mean_test_score / self.mean_train_score if self.mean_train_score > 0.0 else np.nan

    def summary(self):
        """Return the figures as a Series: of the tests end to end, and of training against test."""
        import pandas as pd

        return pd.Series(
            {
                "windows": len(self),
                "sets of parameters": len(self.grid),
                f"mean {self.metric} in training": self.mean_train_score,
                f"mean {self.metric} in test": self.mean_test_score,
                "efficiency": self.efficiency,
                "total return of the tests": self.metrics.total_return,
                "Sharpe ratio of the tests (a year)": self.metrics.sharpe,
                "volatility of the tests (a year)": self.metrics.volatility,
                "deepest drawdown of the tests": self.metrics.max_drawdown,
            },
            name="walk-forward",
        )

    def to_frame(self):
        """Return a DataFrame with one row a window: first and last periods, parameters, scores."""
        import pandas as pd

        rows = [
            {
                "train_start": self.label(window.train[0]),
                "train_end": self.label(window.train[1] - 1),
                "test_start": self.label(window.test[0]),
                "test_end": self.label(window.test[1] - 1),
                **window.params,
                f"train_{self.metric}": window.train_score,
                f"test_{self.metric}": window.test_score,
            }
            for window in self.windows
        ]
        return pd.DataFrame(rows).rename_axis("window")

    def label(self, row):
        """Name of a row: its date, where there are dates."""
        return row if self.index is None else self.index[row]

    def plot(self):
        """Draw the compounded returns of the tests, and the scores of each window.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from .plots import draw_walk

        return draw_walk(self)

    def _repr_html_(self):
        return self.summary().to_frame().to_html() + self.to_frame().to_html()
