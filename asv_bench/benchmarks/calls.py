"""One Python call at a time: nanoseconds of thread CPU time a call.

By hand: ``python asv_bench/benchmarks/calls.py``. It uses only what the original has too, so the
interpreter of an environment with the original's wheel times that one.
"""

import statistics
import time

CALLS = 50_000
PRICES = [9990 - i % 1000 for i in range(CALLS)]


def submit(exchange):
    """Limit orders that rest."""
    call = exchange.submit_limit
    start = time.thread_time_ns()
    for price in PRICES:
        call("buy", price, 100, "gtc")
    spent = time.thread_time_ns() - start
    assert exchange.depth(1).bids[0].quantity == 5000
    return spent


def cross(exchange):
    """Limit orders that take one resting order each."""
    call = exchange.submit_limit
    for i in range(CALLS):
        call("sell", 10100 + i // 100, 100, "gtc")
    start = time.thread_time_ns()
    for _ in range(CALLS):
        call("buy", 16000, 100, "gtc")
    spent = time.thread_time_ns() - start
    assert len(exchange.trades()) == CALLS
    assert exchange.best_bid_ask() == (None, None)
    return spent


def cancel(exchange):
    """Cancels of resting orders, oldest first."""
    submit(exchange)
    call = exchange.cancel
    start = time.thread_time_ns()
    for order_id in range(1, CALLS + 1):
        call(order_id)
    spent = time.thread_time_ns() - start
    assert exchange.best_bid() is None
    return spent


def best_bid_ask(exchange):
    """The touch of an unchanged book."""
    exchange.submit_limit("buy", 9990, 1)
    exchange.submit_limit("sell", 10010, 1)
    call = exchange.best_bid_ask
    start = time.thread_time_ns()
    for _ in PRICES:
        call()
    spent = time.thread_time_ns() - start
    assert call() == (9990, 10010)
    return spent


SCENARIOS = {"submit": submit, "cross": cross, "cancel": cancel, "best_bid_ask": best_bid_ask}


def nanoseconds(name, runs=9):
    """Median over runs on new exchanges after one that warms up."""
    from nanobook import Exchange

    spent = [SCENARIOS[name](Exchange()) / CALLS for _ in range(runs + 1)]
    return statistics.median(spent[1:])


class Calls:
    """Nanoseconds a call through ``Exchange``."""

    params = (tuple(SCENARIOS),)
    param_names = ("call",)
    unit = "ns a call"

    def track_call(self, name):
        return nanoseconds(name)

    track_call.unit = unit


if __name__ == "__main__":
    for scenario in SCENARIOS:
        print(f"{scenario}: {nanoseconds(scenario):.0f} {Calls.unit}", flush=True)
