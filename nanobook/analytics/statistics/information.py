"""Information coefficients: how well a factor ordered the returns that followed, period by period."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...errors import InvalidValue, ShapeError
from ...portfolio.inputs import whole
from .ranks import LEAST, correlations
from .reading import align_tables, choice, table
from .spread import labelled

METHODS = ("spearman", "pearson")


@dataclass(frozen=True, eq=False, repr=False)
class InformationCoefficient:
    """Series of information coefficients; made by `information_coefficient`.

    Results compare equal by value and can be pickled.

    Attributes
    ----------
    series : Series or array, shape (T,)
        One coefficient a period; NaN where there was none.
    pairs : Series or array of int, shape (T,)
        Symbols with a factor and a return.
    lags : int
        Of the standard error.
    method : str
    """

    series: object
    pairs: object
    lags: int
    method: str
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other):
        if not isinstance(other, InformationCoefficient):
            return NotImplemented
        mine, theirs = self.to_frame(), other.to_frame()
        return (self.lags, self.method) == (other.lags, other.method) and mine.equals(theirs)

    def __len__(self):
        return len(np.asarray(self.series))

    def __array__(self, dtype=None, copy=None):
        return np.array(self.series, dtype)

    def __repr__(self):
        return (
            f"InformationCoefficient(mean={self.mean:.4f}, std={self.std:.4f}, t={self.t_stat:.2f}, "
            f"periods={self.periods})"
        )

    @cached_property
    def _known(self):
        values = np.asarray(self.series, np.float64)
        return values[~np.isnan(values)]

    @property
    def periods(self):
        """Number of periods with a coefficient."""
        return self._known.size

    @cached_property
    def mean(self):
        """Mean coefficient."""
        return math.fsum(self._known) / self.periods

    @cached_property
    def std(self):
        """Standard deviation of the coefficients, divided by ``periods - 1``; NaN for one period."""
        return float(self._known.std(ddof=1)) if self.periods > 1 else math.nan

    @property
    def information_ratio(self):
        """Mean over standard deviation, a period."""
        return self.mean / self.std if self.std > 0.0 else math.nan

    @property
    def hit_rate(self):
        """Part of the periods whose coefficient is above 0."""
        return float(np.mean(self._known > 0.0))

    @cached_property
    def standard_error(self):
        """Standard error of the mean: Newey and West's with ``lags``; ``std / sqrt(periods)`` without."""
        return newey_west(self._known, self.lags)

    @property
    def t_stat(self):
        """Mean over its standard error."""
        return self.mean / self.standard_error if self.standard_error > 0.0 else math.nan

    @property
    def p_value(self):
        """Two-sided p-value of a mean of 0, by Student's t with ``periods - 1`` degrees of freedom."""
        from scipy.special import stdtr

        return float(2.0 * stdtr(self.periods - 1, -abs(self.t_stat))) if self.periods > 1 else math.nan

    def summary(self):
        """Return the figures as a Series."""
        import pandas as pd

        return pd.Series(
            {
                "mean": self.mean,
                "std": self.std,
                "information ratio (a period)": self.information_ratio,
                f"t-stat (lags {self.lags})": self.t_stat,
                "p-value": self.p_value,
                "hit rate": self.hit_rate,
                "periods": self.periods,
            },
            name=f"{self.method} IC",
        )

    def to_frame(self):
        """Return a DataFrame with one row a period: ``ic`` and ``pairs``."""
        import pandas as pd

        return pd.DataFrame({"ic": self.series, "pairs": self.pairs})

    def plot(self, window=21):
        """Draw the coefficients, their mean over a window, and their sum.

        Parameters
        ----------
        window : int
            Periods of the moving mean.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from .plots import draw_information

        return draw_information(self, whole("window", window, 1, 10**9, "periods"))

    def _repr_html_(self):
        return self.summary().to_frame().to_html()


def information_coefficient(factor, forward_returns, method="spearman", *, lags=0, min_symbols=LEAST):
    """Correlate a factor with the returns that followed it, period by period.

    Parameters
    ----------
    factor : DataFrame or array of float, shape (T, N)
        Scores of N symbols, one row a period, known at its end. NaN: the symbol does not take part.
    forward_returns : DataFrame or array of float, shape (T, N)
        Row ``t`` holds what is earned *after* period ``t``, as
        ``prices.pct_change(h, fill_method=None).shift(-h)`` gives it for the next ``h`` periods.
    method : {'spearman', 'pearson'}
        Of ranks, or of values.
    lags : int, default 0
        For the t-statistic: ``h - 1`` where the returns of neighbouring rows share periods.
    min_symbols : int, default 3
        A period with fewer pairs has NaN and does not count.

    Returns
    -------
    InformationCoefficient
        ``.series``, ``.mean``, ``.t_stat``, ``.summary()``, ``.plot()``.

    Raises
    ------
    NonFiniteError
        An infinity; names the cells.
    ShapeError
        Shapes or labels that differ, or no period with enough pairs that are not all equal.
    InvalidValue, WrongType
        Another argument that cannot be used.

    Notes
    -----
    The standard error under ``lags`` is that of W. Newey and K. West (Econometrica 55, 1987) with Bartlett
    weights and the factor ``n / (n - 1)``; periods without a coefficient are left out before.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> factor = np.array([[1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 4.0, 3.0], [1.0, 2.0, 3.0, np.nan]])
    >>> after = np.array([[0.01, 0.02, 0.03, 0.04], [0.01, 0.02, 0.03, 0.04], [0.0, 0.02, 0.01, 0.05]])
    >>> ic = nanobook.information_coefficient(factor, after)
    >>> ic.series
    array([1. , 0.6, 0.5])
    >>> round(ic.mean, 6), round(ic.t_stat, 6)
    (0.7, 4.582576)
    """
    choice("method", method, METHODS)
    lags = whole("lags", lags, 0, 10**9, "periods that neighbouring returns share")
    least = whole("min_symbols", min_symbols, LEAST, 10**9, "pairs in a period")
    first = table("factor", factor, missing=True)
    second = table("forward_returns", forward_returns, missing=True)
    y, labels = align_tables(("factor", "forward_returns"), first, second)
    x = first[0]
    gone = np.isnan(x) | np.isnan(y)
    x[gone] = y[gone] = np.nan
    counts = x.shape[1] - np.count_nonzero(gone, axis=1)
    series = correlations(x, y, counts, method == "spearman")
    series[counts < least] = np.nan
    if np.isnan(series).all():
        raise ShapeError(
            f"factor, forward_returns: no period has {least} pairs with different values "
            f"(the most pairs in a period: {counts.max()})"
        )
    known = int(np.count_nonzero(~np.isnan(series)))
    if lags and lags >= known:
        raise InvalidValue(
            f"lags={lags}: must be below the {known} periods with a coefficient (h - 1 for h periods)"
        )
    return InformationCoefficient(
        labelled(series, labels, "ic"), labelled(counts, labels, "pairs"), lags, method
    )


def newey_west(values, lags):
    """Standard error of a mean, with Bartlett weights up to so many lags; NaN for one value."""
    n = values.size
    if n < 2:
        return math.nan
    apart = values - values.mean()
    total = float(apart @ apart)
    for lag in range(1, lags + 1):
        total += 2.0 * (1.0 - lag / (lags + 1)) * float(apart[lag:] @ apart[:-lag])
    return math.sqrt(total / (n * (n - 1))) if total > 0.0 else math.nan
