"""Seeded schedules for the backtest: random weights, prices and costs, with every awkwardness."""

from typing import NamedTuple

import numpy as np


class Case(NamedTuple):
    """One schedule: weights (T, N), cents (T, N; 0 before listing), cash in cents, cost in basis points."""

    weights: np.ndarray
    prices: np.ndarray
    cash: int
    bps: int


def make_case(seed, periods=40, count=8, volatility=0.03):
    """Draw a schedule: shorts, zero rows, sparse rows, late listings, cheap and expensive prices."""
    rng = np.random.default_rng(seed)
    start = 10.0 ** rng.uniform(0.5, 7.0, count)
    prices = start * np.exp(np.cumsum(rng.normal(0.0, volatility, (periods, count)), axis=0))
    prices = np.maximum(prices.astype(np.int64), 1)
    weights = rng.normal(0.3, 1.0, (periods, count))
    weights[rng.random((periods, count)) < 0.2] = 0.0
    listed = rng.integers(0, periods // 2, count) * (rng.random(count) < 0.3)
    unlisted = np.arange(periods)[:, None] < listed
    prices[unlisted] = 0
    weights[unlisted] = 0.0
    weights[rng.random(periods) < 0.1] = 0.0
    size = np.abs(weights).sum(axis=1, keepdims=True)
    weights = weights / np.maximum(size, 1e-300) * rng.choice([1.0, 0.9, 0.3], (periods, 1))
    return Case(weights, prices, int(10 ** rng.uniform(5, 12)), int(rng.choice([0, 1, 5, 10, 15, 50, 9999])))
