"""One weight schedule through nanobook, vectorbt and bt in one process: how long, and how far apart.

They need an environment of their own: ``pip install . vectorbt bt``, then ``python asv_bench/peers.py``.
Times are thread CPU time, medians of at least five runs (bt: one), first calls apart.
"""

import statistics
import sys
import time
from pathlib import Path

import bt
import numpy as np
import pandas as pd
import vectorbt

from nanobook import backtest_weights

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
from backtest import market

CENTS = 10**9
BPS = 10
INVESTED = 0.95  # vectorbt and bt keep cash above zero, so leave room for the fees
FINE = 10**7  # units in a unit of currency that make rounded fees invisible


def schedule(periods, count):
    """Weights and prices as DataFrames, prices in whole cents."""
    weights, prices = market(count)
    days = pd.date_range("2010-01-01", periods=periods, freq="B")
    symbols = [f"S{i:04d}" for i in range(count)]
    return (
        pd.DataFrame(INVESTED * weights[:periods], days, symbols),
        pd.DataFrame(prices[:periods] / 100, days, symbols),
    )


def with_nanobook(weights, prices, scale=100):
    return backtest_weights(weights, prices, CENTS, BPS, price_scale=scale).equity_curve / 100


def with_vectorbt(weights, prices):
    portfolio = vectorbt.Portfolio.from_orders(
        prices,
        size=weights,
        size_type="targetpercent",
        group_by=True,
        cash_sharing=True,
        call_seq="auto",
        fees=BPS / 10_000,
        size_granularity=1.0,
        init_cash=CENTS / 100,
        freq="1D",
    )
    return portfolio.value()


def with_bt(weights, prices):
    steps = [
        bt.algos.RunDaily(run_on_first_date=True, run_on_last_date=True),
        bt.algos.SelectAll(),
        bt.algos.WeighTarget(weights),
        bt.algos.Rebalance(),
    ]
    test = bt.Backtest(
        bt.Strategy("weights", steps),
        prices,
        initial_capital=CENTS / 100,
        commissions=lambda quantity, price: abs(quantity) * price * BPS / 10_000,
        integer_positions=True,
        progress_bar=False,
    )
    bt.run(test)
    return test.strategy.values.reindex(prices.index)


def by_the_rules_of_bt(weights, prices):
    """What bt does, as a loop: a fee is paid out of the amount that is moved, so it buys fewer, sells more.

    Each symbol moves the largest whole number of shares (of sales the smallest in size) whose cost with
    its fee does not exceed the distance to its target.
    """
    fee = BPS / 10_000
    cash, shares, equity = CENTS / 100, np.zeros(prices.shape[1]), []
    for price, weight in zip(prices.to_numpy(), weights.to_numpy(), strict=True):
        gap = weight * (cash + shares @ price) - shares * price
        moved = np.floor(gap / price)
        while (short := moved * price + np.abs(moved) * price * fee > gap).any():
            moved -= short
        cash -= moved @ price + np.abs(moved) @ price * fee
        shares += moved
        equity.append(cash + shares @ price)
    return pd.Series(equity, prices.index)


def spent(run, repeats=5):
    """Milliseconds of thread CPU time: of the first run, and the median of further ones."""
    times = []
    for _ in range(repeats + 1):
        start = time.thread_time_ns()
        run()
        times.append((time.thread_time_ns() - start) / 1e6)
    return times[0], statistics.median(times[1:] or times)


def main(periods=2520, count=100):
    weights, prices = schedule(periods, count)
    cents = with_nanobook(weights, prices)
    fine = with_nanobook(weights, prices, FINE)
    print(f"{periods} periods x {count} symbols, {BPS} bps, {INVESTED:.0%} invested")
    base = None
    for name, run, repeats in (
        ("nanobook", with_nanobook, 9),
        ("vectorbt", with_vectorbt, 5),
        ("bt", with_bt, 0),
    ):
        first, later = spent(lambda run=run: run(weights, prices), repeats)
        base = base or later
        equity = run(weights, prices)
        apart = [float(np.abs(equity / mine - 1.0).max()) for mine in (cents, fine)]
        print(
            f"{name:9} first {first:10.1f} ms, then {later:10.2f} ms, {later / base:8.1f} times nanobook; "
            f"equity apart {apart[0]:.1e} (fees in cents), {apart[1]:.1e} (fees in 1e-7)"
        )
    apart = float(np.abs(by_the_rules_of_bt(weights, prices) / equity - 1.0).max())
    print(f"bt from its own rules for fees and whole shares, as a loop: {apart:.1e} apart")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
