"""Ranks with ties, correlations and spreads of rows in which cells may be missing."""

import numpy as np
from numpy import float64

from .._jit import kernel


@kernel
def rank(values, order, count, ranks):
    """Write the ranks of the first ``count`` values in sorted order, 1 the lowest; ties share their mean.

    Parameters
    ----------
    values, ranks : float64 array, shape (N,)
        ``ranks`` is written where a value is among the first.
    order : int64 array, shape (N,)
        Sorts the values; what is missing comes last.
    """
    first = 0
    while first < count:
        stop = first + 1
        value = values[order[first]]
        while stop < count and values[order[stop]] == value:
            stop += 1
        for k in range(first, stop):
            ranks[order[k]] = float64(first + stop + 1) * 0.5
        first = stop


@kernel
def correlate(x, y, centre_x, centre_y):
    """Correlation of what is present in both rows; NaN where either is constant.

    Parameters
    ----------
    x, y : float64 array, shape (N,)
        NaN in both at the same places.
    centre_x, centre_y : float64
        Means.
    """
    both, own_x, own_y = 0.0, 0.0, 0.0
    for i in range(x.shape[0]):
        if x[i] == x[i]:
            a, b = x[i] - centre_x, y[i] - centre_y
            both += a * b
            own_x += a * a
            own_y += b * b
    if own_x == 0.0 or own_y == 0.0:
        return np.nan
    scale = np.sqrt(own_x * own_y)
    return min(max(both / scale, -1.0), 1.0)


@kernel
def correlate_ranks(x, y, orders, counts, rho):
    """Spearman's rank correlation of every row of two tables; the tables become ranks.

    Parameters
    ----------
    x, y : float64 array, shape (T, N)
        NaN in both at the same places. Overwritten.
    orders : int64 array, shape (2, T, N)
        Sort the rows of ``x`` and of ``y``; NaN comes last.
    counts : int64 array, shape (T,)
        Numbers that are present.
    rho : float64 array, shape (T,)
        Written; NaN where a row is constant or empty.
    """
    for t in range(x.shape[0]):
        centre = float64(counts[t] + 1) * 0.5
        rank(x[t], orders[0, t], counts[t], x[t])
        rank(y[t], orders[1, t], counts[t], y[t])
        rho[t] = correlate(x[t], y[t], centre, centre)


@kernel
def correlate_values(x, y, counts, rho):
    """Pearson's correlation of every row of two tables; otherwise as ``correlate_ranks``."""
    for t in range(x.shape[0]):
        known = counts[t] > 0
        rho[t] = correlate(x[t], y[t], mean(x[t], counts[t]), mean(y[t], counts[t])) if known else np.nan


@kernel
def mean(row, count):
    """Mean of what is present; of equal values exactly their value."""
    first = np.nan
    total = 0.0
    for i in range(row.shape[0]):
        if row[i] == row[i]:
            if first != first:
                first = row[i]
            total += row[i] - first
    return first + total / float64(count)


@kernel
def spreads(values, orders, counts, quantiles, spread):
    """Mean of the values with the highest scores less that of those with the lowest, row by row.

    Parameters
    ----------
    values : float64 array, shape (T, N)
    orders : int64 array, shape (T, N)
        Sorts the scores of every row, those that do not count last.
    counts : int64 array, shape (T,)
        Scores that count.
    quantiles : int64
        A row's share at either end is ``counts // quantiles`` values.
    spread : float64 array, shape (T,)
        Written; NaN where the share is empty.
    """
    for t in range(values.shape[0]):
        share = counts[t] // quantiles
        low, high = 0.0, 0.0
        for i in range(share):
            low += values[t, orders[t, i]]
            high += values[t, orders[t, counts[t] - share + i]]
        spread[t] = high / float64(share) - low / float64(share) if share > 0 else np.nan
