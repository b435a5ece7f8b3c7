"""A backtest that anyone would trust at sight: Python integers, dicts and loops.

Written from the rules in words, not from the kernels. Rows are lists of (symbol, number) pairs, a row
of weights None where what is held is kept; money is whole cents.
"""

import math

from tests.oracle.exits import Watch


def backtest(weight_rows, price_rows, initial_cash, cost_bps, stop_cfg=None):
    """Play a schedule; returns lists with one entry a period (``equity_curve``: one more)."""
    watch = Watch(stop_cfg or {})
    account = Account(initial_cash, cost_bps)
    result = {
        key: [] for key in ("returns", "cash", "cost", "traded", "positions", "holdings", "symbol_returns")
    }
    result["equity_curve"] = [initial_cash]
    result["stop_events"] = []
    earlier = {}
    for t, (weights, prices) in enumerate(zip(weight_rows, price_rows, strict=True)):
        prices = dict(prices)
        result["symbol_returns"].append([(s, change(earlier.get(s, 0), prices[s])) for s in sorted(prices)])
        account.rebalance(weights, prices)
        watch.see(account.shares, prices)
        for symbol, level, kind in watch.leaving(prices):
            account.fill(symbol, -account.shares[symbol], prices[symbol])
            del watch.trackers[symbol]
            result["stop_events"].append(
                {
                    "period_index": t,
                    "symbol": symbol,
                    "trigger_price": level,
                    "exit_price": prices[symbol],
                    "reason": kind,
                }
            )
        equity = account.equity(prices)
        before = result["equity_curve"][-1]
        result["returns"].append((equity - before) / before if before > 0 else math.nan)
        result["equity_curve"].append(equity)
        result["cash"].append(account.cash)
        result["cost"].append(account.cost)
        result["traded"].append(account.traded)
        held = sorted((s, q) for s, q in account.shares.items() if q)
        result["positions"].append(held)
        result["holdings"].append([(s, q * prices[s] / equity) for s, q in held] if equity else [])
        earlier = prices
    return result


class Account:
    """Cash and shares; ``cost`` and ``traded`` are of the last rebalance."""

    def __init__(self, cash, bps):
        self.cash = cash
        self.bps = bps
        self.shares = {}
        self.cost = self.traded = 0

    def equity(self, prices):
        """Cash and the value of all shares."""
        return self.cash + sum(q * prices[s] for s, q in self.shares.items() if q)

    def rebalance(self, weights, prices):
        """Close what has no target, then move each symbol to its own; None holds."""
        self.cost = self.traded = 0
        equity = self.equity(prices)
        if equity <= 0 or weights is None:
            return
        weights = dict(weights)
        for symbol, quantity in list(self.shares.items()):
            if quantity and symbol not in weights:
                self.fill(symbol, -quantity, prices[symbol])
        for symbol, weight in weights.items():
            if not weight and not self.shares.get(symbol):
                continue
            price = prices[symbol]
            gap = int(float(equity) * weight) - self.shares.get(symbol, 0) * price
            self.fill(symbol, toward_zero(gap, price), price)

    def fill(self, symbol, quantity, price):
        """Trade and pay; the cost is rounded down."""
        size = abs(quantity * price)
        cost = size * self.bps // 10000
        self.cash -= quantity * price + cost
        self.shares[symbol] = self.shares.get(symbol, 0) + quantity
        self.cost += cost
        self.traded += size


def toward_zero(a, b):
    """Integer quotient, rounded toward zero; b > 0."""
    return a // b if a >= 0 else -(-a // b)


def change(old, new):
    """Relative change of a price; NaN where either is missing."""
    return (new - old) / old if old > 0 and new > 0 else math.nan


def as_rows(table, symbols, keep=lambda value: True):
    """Turn a (T, N) table into rows of (symbol, number) pairs."""
    return [
        [(s, value) for s, value in zip(symbols, row, strict=True) if keep(value)] for row in table.tolist()
    ]


def as_table(rows, symbols, absent):
    """Turn rows of (symbol, number) pairs into nested lists, one column a symbol."""
    return [[dict(row).get(s, absent) for s in symbols] for row in rows]
