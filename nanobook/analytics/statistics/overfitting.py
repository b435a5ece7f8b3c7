"""How likely a choice by backtest is overfitted: combinatorially symmetric cross-validation."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import combinations

import numpy as np

from ... import _link
from ...errors import InvalidValue, ShapeError
from ...portfolio.inputs import is_flat, whole
from .reading import MAX_RETURN, choice, table

MEASURES = ("mean", "sharpe")
MOST_BLOCKS = 22  # 705,432 splits


@dataclass(frozen=True, eq=False, repr=False)
class OverfittingResult:
    """Result of `probability_of_backtest_overfitting`; C is the number of splits.

    Results compare equal by value and can be pickled.

    Attributes
    ----------
    pbo : float
        Part of the splits in which the best of one half is at or below the median of the other.
    logits : float64 array, shape (C,)
        ``log(w / (1 - w))`` of its relative rank ``w`` in the other half; above 0 is above the median.
    chosen : int64 array, shape (C,)
        Column of the best.
    in_sample, out_of_sample : float64 array, shape (C,)
        Its score in the half where it was chosen, and in the other.
    names : tuple
        Of the strategies; their columns where they have none.
    measure : str
    n_blocks : int
    """

    pbo: float
    logits: np.ndarray
    chosen: np.ndarray
    in_sample: np.ndarray
    out_of_sample: np.ndarray
    names: tuple
    measure: str
    n_blocks: int
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other):
        if not isinstance(other, OverfittingResult):
            return NotImplemented
        return all(
            np.array_equal(getattr(self, field.name), getattr(other, field.name)) for field in fields(self)
        )

    def __len__(self):
        return self.logits.size

    def __repr__(self):
        return (
            f"OverfittingResult(pbo={self.pbo:.4f}, probability_of_loss={self.probability_of_loss:.4f}, "
            f"slope={self.slope:.4f}, splits={len(self)})"
        )

    @property
    def probability_of_loss(self):
        """Part of the splits in which the best of one half scores below 0 in the other."""
        return float(np.mean(self.out_of_sample < 0.0))

    @cached_property
    def _line(self):
        apart = self.in_sample - self.in_sample.mean()
        own = float(apart @ apart)
        slope = float(apart @ self.out_of_sample) / own if own > 0.0 else math.nan
        return slope, float(self.out_of_sample.mean() - slope * self.in_sample.mean())

    @property
    def slope(self):
        """Slope of the score out of sample on that in sample: below 0, the better the worse."""
        return self._line[0]

    @property
    def intercept(self):
        """Where that line meets an in-sample score of 0."""
        return self._line[1]

    def summary(self):
        """Return the figures as a Series."""
        import pandas as pd

        return pd.Series(
            {
                "probability of backtest overfitting": self.pbo,
                "probability of loss": self.probability_of_loss,
                f"mean {self.measure} in sample (a period)": float(self.in_sample.mean()),
                f"mean {self.measure} out of sample (a period)": float(self.out_of_sample.mean()),
                "slope": self.slope,
                "strategies": len(self.names),
                "splits": len(self),
            },
            name="overfitting",
        )

    def to_frame(self):
        """Return a DataFrame with one row a split."""
        import pandas as pd

        return pd.DataFrame(
            {
                "chosen": [self.names[i] for i in self.chosen.tolist()],
                "in_sample": self.in_sample,
                "out_of_sample": self.out_of_sample,
                "logit": self.logits,
            }
        ).rename_axis("split")

    def plot(self):
        """Draw the logits, and the scores in and out of sample.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from .plots import draw_overfitting

        return draw_overfitting(self)

    def _repr_html_(self):
        return self.summary().to_frame().to_html()


def probability_of_backtest_overfitting(returns, n_blocks=16, measure="sharpe"):
    """Probability that the strategy with the best backtest is no better than the median afterwards.

    The series are cut into blocks; each way of taking half of them chooses the best strategy there and ranks
    it in the other half.

    Parameters
    ----------
    returns : DataFrame or array of float, shape (T, N), N >= 2
        Returns of all the strategies that were tried, over the same periods.
    n_blocks : int, default 16
        An even number from 2 to 22: 16 give 12,870 splits, 22 705,432. Every block has ``T // n_blocks``
        periods or one more; at least 2.
    measure : {'sharpe', 'mean'}
        Score of a strategy, a period. A strategy that does not vary has a Sharpe ratio of 0.

    Returns
    -------
    OverfittingResult

    Raises
    ------
    ShapeError
        Fewer than two strategies, or fewer than two periods a block.
    NonFiniteError
        A NaN or an infinity; names the cells.
    InvalidValue, WrongType
        Another argument that cannot be used.

    Notes
    -----
    The relative rank is ``rank / (N + 1)``, 1 the lowest, with equals at the mean of their ranks. Among
    equals the first column is chosen.

    D. H. Bailey, J. Borwein, M. Lopez de Prado, Q. J. Zhu, "The probability of backtest overfitting", Journal
    of Computational Finance 20(4), 2017.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> noise = np.random.default_rng(3).normal(0.0, 0.01, (600, 50))
    >>> nanobook.probability_of_backtest_overfitting(noise, 10).pbo > 0.3
    True
    >>> noise[:, 4] += 0.005  # one that is good
    >>> nanobook.probability_of_backtest_overfitting(noise, 10).pbo
    0.0
    """
    blocks = whole("n_blocks", n_blocks, 2, MOST_BLOCKS, "an even number")
    if blocks % 2:
        raise InvalidValue(f"n_blocks={n_blocks}: must be even, so that there are two halves")
    choice("measure", measure, MEASURES)
    values, labels = table("returns", returns, most=MAX_RETURN)
    periods, count = values.shape
    if count < 2:
        raise ShapeError(f"returns {values.shape}: one strategy; needs all that were tried, at least 2")
    if periods < 2 * blocks:
        raise ShapeError(
            f"returns {values.shape}: {periods} periods for {blocks} blocks; needs at least {2 * blocks}, or "
            "use fewer blocks"
        )
    still = is_flat(values)
    values[:, still] = values[0, still]  # the rounding of a constant is no volatility
    rows = judge_splits(values, blocks, MEASURES.index(measure))
    relative = rows[:, 3] / (count + 1)
    logits = np.log(relative / (1.0 - relative))
    return OverfittingResult(
        pbo=float(np.mean(2.0 * rows[:, 3] <= count + 1)),
        logits=logits,
        chosen=rows[:, 0].astype(np.int64),
        in_sample=rows[:, 1].copy(),
        out_of_sample=rows[:, 2].copy(),
        names=labels.symbols or tuple(range(count)),
        measure=measure,
        n_blocks=blocks,
    )


def judge_splits(values, n_blocks, measure):
    """Run the kernel over all splits: (C, 4) best, its score in either half, its rank in the second."""
    from ...kernels import overfitting

    halves = np.array(list(combinations(range(n_blocks), n_blocks // 2)))
    members = np.zeros((len(halves), n_blocks), bool)
    np.put_along_axis(members, halves, True, axis=1)
    edges = np.arange(n_blocks + 1) * len(values) // n_blocks
    lanes = min(_link.thread_count(), len(halves))
    scratch = np.empty((lanes, 4, values.shape[1]))
    rows = np.empty((len(halves), 4))
    with _link.PARALLEL:
        overfitting.split_all(members, block_sums(values, edges), np.diff(edges), measure, scratch, rows)
    return rows


def block_sums(values, edges):
    """Sums of every block of the series, centred round their means; of their squares; and the means."""
    centre = values.mean(axis=0)
    apart = values - centre
    sums = np.add.reduceat(apart, edges[:-1], axis=0)
    squares = np.add.reduceat(apart * apart, edges[:-1], axis=0)
    return np.concatenate([sums, squares, centre[None]])
