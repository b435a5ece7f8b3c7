"""What the best-scored earn over the worst-scored."""

import math

import numpy as np

from ...errors import ShapeError
from ...portfolio.inputs import whole
from .reading import align_tables, align_vectors, is_table, read_policy, table, vector

MOST = 10**9


def quantile_spread(scores, returns, n_quantiles=5, nan_policy=None):
    """Mean return of the top quantile by score less that of the bottom one.

    Parameters
    ----------
    scores, returns : array-like of float, shape (n,) or (T, N)
        Scores and the returns that followed them: of one cross-section, or a table of one a period. Series
        and DataFrames are matched by their labels.
    n_quantiles : int, default 5
        At either end are ``n // n_quantiles`` of the n pairs; with 1 the spread is 0.
    nan_policy : {'raise', 'omit', 'propagate'}
        What a NaN does: raise, leave out its pair, or make the spread of its cross-section NaN. By default
        ``'raise'`` for one cross-section and ``'omit'`` for tables, where symbols come and go.

    Returns
    -------
    float, or one value a period
        A Series for DataFrames, an array for 2-D arrays. In a table, a period with fewer pairs than
        quantiles has NaN.

    Raises
    ------
    NonFiniteError
        An infinity, or a NaN under ``nan_policy='raise'``; names the cells.
    ShapeError
        Lengths, shapes or labels that differ; fewer pairs than quantiles.
    InvalidValue, WrongType
        Another argument that cannot be used.

    Notes
    -----
    Equal scores keep the order that they were given in.

    Examples
    --------
    >>> import nanobook
    >>> scores = [0.9, -0.3, 0.4, 0.1, -0.8, 0.6]
    >>> returns = [0.05, -0.01, 0.02, 0.00, -0.03, 0.03]
    >>> round(nanobook.quantile_spread(scores, returns, 3), 6)
    0.06
    """
    quantiles = whole("n_quantiles", n_quantiles, 1, MOST, "5 are quintiles")
    many = is_table(scores)
    policy = read_policy(nan_policy or ("omit" if many else "raise"))
    missing = policy != "raise"
    names = ("scores", "returns")
    if many:
        first, second = table("scores", scores, missing=missing), table("returns", returns, missing=missing)
        y, labels = align_tables(names, first, second)
        return labelled(spread_rows(first[0], y, quantiles, policy), labels, "spread")
    first, second = vector("scores", scores, missing=missing), vector("returns", returns, missing=missing)
    x, y = first[0], align_vectors(names, first, second)
    gone = np.isnan(x) | np.isnan(y)
    if gone.any() and policy == "propagate":
        return math.nan
    pairs = x.size - np.count_nonzero(gone)
    if pairs < quantiles:
        raise ShapeError(f"scores, returns: {pairs} pairs for {quantiles} quantiles; use fewer quantiles")
    return float(spread_rows(x[None], y[None], quantiles, policy)[0])


def quintile_spread(scores, returns, n_quantiles=5, nan_policy=None):
    """Mean return of the top fifth by score less that of the bottom fifth: `quantile_spread`.

    Examples
    --------
    >>> import nanobook
    >>> round(nanobook.quintile_spread([1, 2, 3, 4, 5], [0.01, 0.02, 0.0, 0.03, 0.04]), 6)
    0.03
    """
    return quantile_spread(scores, returns, n_quantiles, nan_policy)


def spread_rows(x, y, quantiles, policy):
    """Spread of every row of two tables, in which pairs may be missing."""
    from ...kernels.ranks import spreads

    gone = np.isnan(x) | np.isnan(y)
    x[gone] = np.nan
    counts = x.shape[1] - np.count_nonzero(gone, axis=1)
    spread = np.empty(len(x))
    spreads(y, np.argsort(x, axis=1, kind="stable"), counts, quantiles, spread)
    if policy == "propagate":
        spread[gone.any(axis=1)] = np.nan
    return spread


def labelled(values, labels, name):
    """Give one value a period its dates, where there are any."""
    if labels.index is None:
        return values
    import pandas as pd

    return pd.Series(values, labels.index, name=name)
