"""A momentum backtest on real prices against the same in exact fractions."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from nanobook import backtest_weights

SCALE = 10_000  # units in a dollar: the file's prices are split-adjusted floats
BPS = 10
CASH = 100_000_000


@pytest.fixture
def closes(data):
    table = pd.read_csv(data / "prices" / "sp100_ohlcv.csv", parse_dates=["Date"])
    return table.pivot(index="Date", columns="Ticker", values="Close").dropna(axis=1)


def momentum(closes):
    """Hold the five that rose most over 100 days, chosen at the last close of each month."""
    rise = closes.shift(1) / closes.shift(101) - 1
    last = closes.groupby([closes.index.year, closes.index.month]).tail(1).index
    weights = pd.DataFrame(0.0, closes.index, closes.columns)
    for day, end in pairwise(last):
        if rise.loc[day].notna().all():
            chosen = rise.loc[day].nlargest(5).index
            weights.loc[(closes.index > day) & (closes.index <= end), chosen] = 0.19
    return weights


def recomputed(weights, closes):
    """Equity at each close in dollars, as fractions: no float but the weights and the prices given."""
    cash, shares, equity = Fraction(CASH, 100), dict.fromkeys(closes, 0), []
    for day, row in closes.iterrows():
        price = {name: Fraction(round(Fraction(float(value)) * SCALE), SCALE) for name, value in row.items()}
        worth = cash + sum(shares[name] * price[name] for name in shares)
        for name, weight in weights.loc[day].items():
            gap = worth * Fraction(float(weight)) - shares[name] * price[name]
            moved = int(gap / price[name])  # toward zero
            size = abs(moved) * price[name]
            cash -= moved * price[name] + Fraction(int(size * SCALE * BPS / 10_000), SCALE)
            shares[name] += moved
        equity.append(cash + sum(shares[name] * price[name] for name in shares))
    return np.array([float(value) for value in equity]), shares


def test_momentum_equals_exact_fractions(closes):
    weights = momentum(closes)
    result = backtest_weights(weights, closes, CASH, BPS, price_scale=SCALE)
    equity, shares = recomputed(weights, closes)
    np.testing.assert_allclose(result.equity_curve / 100, equity, rtol=1e-9, atol=0)
    assert result.positions.iloc[-1].to_dict() == shares
    assert result.cost.sum() > 0
    assert np.ptp(equity) > 0.2 * equity[0]
