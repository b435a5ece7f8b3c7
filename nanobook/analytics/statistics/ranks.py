"""Rank correlation of two series."""

import math
import warnings
from typing import NamedTuple

import numpy as np

from ...errors import ShapeError, UndefinedStatistic
from .reading import align_vectors, read_policy, vector

LEAST = 3  # pairs, as the test has two degrees of freedom fewer


class Spearman(NamedTuple):
    """Result of `spearman`.

    Attributes
    ----------
    rho : float
        Correlation of the ranks, from -1 to 1.
    p : float
        Two-sided p-value of no correlation.
    """

    rho: float
    p: float


def spearman(x, y, nan_policy="raise"):
    """Correlate the ranks of two series.

    Parameters
    ----------
    x, y : array-like of float, shape (n,), n >= 3
        Two Series are matched by their labels, everything else by place.
    nan_policy : {'raise', 'omit', 'propagate'}
        What a NaN does: raise, leave out its pair, or make the answer NaN.

    Returns
    -------
    Spearman
        The tuple ``(rho, p)``. Both NaN, with a warning, where a series is constant: it has no order.

    Raises
    ------
    NonFiniteError
        An infinity, or a NaN under ``nan_policy='raise'``; names the cells.
    ShapeError
        Different lengths or labels, fewer than 3 pairs.
    WrongType
        Something other than numbers.

    Warns
    -----
    UndefinedStatistic
        A constant series.

    Notes
    -----
    Equal values share the mean of their ranks. The p-value is that of Student's t with ``n - 2`` degrees of
    freedom, ``t = rho * sqrt((n - 2) / (1 - rho**2))``; 0 where the order is perfect. Equal to
    ``scipy.stats.spearmanr``, whose ``nan_policy`` is ``'propagate'`` by default.

    Examples
    --------
    >>> import nanobook
    >>> rho, p = nanobook.spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])
    >>> round(rho, 6), round(p, 6)
    (0.820783, 0.088587)
    """
    policy = read_policy(nan_policy)
    missing = policy != "raise"
    first, second = vector("x", x, missing=missing), vector("y", y, missing=missing)
    x, y = first[0], align_vectors(("x", "y"), first, second)
    gone = np.isnan(x) | np.isnan(y)
    count = int(x.size - np.count_nonzero(gone))
    if gone.any() and policy == "propagate":
        return Spearman(math.nan, math.nan)
    if count < LEAST:
        raise ShapeError(f"x, y: {count} pairs, needs at least {LEAST}")
    x, y = x[~gone], y[~gone]
    for name, values in (("x", x), ("y", y)):
        if (values == values[0]).all():
            warnings.warn(f"{name}: constant ({values[0]}), no correlation", UndefinedStatistic, stacklevel=2)
            return Spearman(math.nan, math.nan)
    rho = float(correlations(x[None], y[None], np.array([count]))[0])
    return Spearman(rho, p_value(rho, count))


def correlations(x, y, counts, ranked=True):
    """Correlate two tables row by row.

    Parameters
    ----------
    x, y : float64 array, shape (T, N)
        NaN in both at the same places; overwritten.
    counts : int64 array, shape (T,)
        Pairs in each row.
    ranked : bool
        Whether of ranks (Spearman) or of values (Pearson).

    Returns
    -------
    float64 array, shape (T,)
    """
    from ...kernels.ranks import correlate_ranks, correlate_values

    rho = np.empty(len(x))
    if ranked:
        orders = np.stack([np.argsort(x, axis=1), np.argsort(y, axis=1)])
        correlate_ranks(x, y, orders, counts, rho)
    else:
        correlate_values(x, y, counts, rho)
    return rho


def p_value(rho, count):
    """Two-sided p-value of a rank correlation of so many pairs."""
    from scipy.special import stdtr

    if abs(rho) >= 1.0:
        return 0.0
    freedom = count - 2
    statistic = rho * math.sqrt(freedom / ((1.0 + rho) * (1.0 - rho)))
    return float(2.0 * stdtr(freedom, -abs(statistic)))
