"""Figures of a series of returns, where the definitions are the same."""

import numpy as np

import nanobook

from .comparison import Row, market


def returns(periods):
    """Returns of one asset."""
    return market((periods, 1))[:, 0]


def ours(values):
    """Seven figures; Sortino's with the divisor n of the others instead of n - 1."""
    found = nanobook.compute_metrics(values, 252.0, 0.0)
    sortino = found.sortino * np.sqrt(values.size / (values.size - 1))
    return [
        *(found.total_return, found.cagr, found.volatility, found.sharpe, found.max_drawdown, found.calmar),
        sortino,
    ]


def empyrical(values):
    """The same."""
    import empyrical

    return [
        empyrical.cum_returns_final(values),
        empyrical.annual_return(values),
        empyrical.annual_volatility(values),
        empyrical.sharpe_ratio(values),
        -empyrical.max_drawdown(values),
        empyrical.calmar_ratio(values),
        empyrical.sortino_ratio(values),
    ]


ROWS = [Row("metrics", "empyrical", returns, ours, empyrical, (500, 100_000))]
