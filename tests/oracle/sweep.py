"""A strategy driven by plain Python: the twin of a path of a sweep.

Written from the rules in words. The account is that of the twin of the backtest.
"""

import math
from types import SimpleNamespace

import numpy as np

from tests.oracle.backtest import Account


def play(strategy, params, cents, cash, bps, memory=0):
    """Play one path over whole cents (T, N; 0 where there is no price); the curves as lists of ints."""
    periods, count = cents.shape
    names = range(count)
    account = Account(cash, bps)
    quotes = np.where(cents > 0, cents / 100, np.nan)
    own = np.zeros((memory, count))
    told = SimpleNamespace(equity=[], cash=[], cost=[], traded=[], weights=[], returns=[])
    before = cash
    for t in range(periods):
        prices = dict(zip(names, cents[t].tolist(), strict=True))
        held = np.array([float(account.shares.get(name, 0)) for name in names])
        equity = account.equity(prices)
        weights = np.full(count, np.nan)
        bar = SimpleNamespace(
            t=t,
            prices=quotes[: t + 1].copy(),
            positions=held,
            cash=account.cash / 100,
            equity=equity / 100,
            memory=own,
        )
        strategy(bar, SimpleNamespace(**params), weights)
        account.cost = account.traded = 0
        if not np.isnan(weights).all():
            account.rebalance(dict(zip(names, weights.tolist(), strict=True)), prices)
        equity = account.equity(prices)
        told.equity.append(equity)
        told.returns.append((equity - before) / before if before > 0 else math.nan)
        told.cash.append(account.cash)
        told.cost.append(account.cost)
        told.traded.append(account.traded)
        told.weights.append(weights)
        before = equity
    return told
