"""Checks of orders against limits: microseconds of thread CPU time a call, its report included.

By hand: ``python asv_bench/benchmarks/risk.py``.
"""

import statistics
import time

CALLS = 20_000
EQUITY = 1_000_000_000
ORDERS = [(f"S{i}", "buy" if i % 3 else "sell", 10 + i % 9, 1000 + i) for i in range(500)]
HELD = [(f"S{i}", 1000) for i in range(500)]
WEIGHTS = [(f"S{i}", 0.002) for i in range(500)]
PRICES = {"AAPL": 18500, "MSFT": 41000, "IBM": 22000}


def engine():
    """An engine with the defaults."""
    from nanobook import RiskEngine

    return RiskEngine()


def check_order():
    """An order of the only symbol that is held."""
    check, held = engine().check_order, [("AAPL", 200)]
    return lambda: check("AAPL", "buy", 100, 18500, EQUITY, held), "3 PASS"


def check_order_of_three():
    """An order of one of three symbols that are held, with prices."""
    check, held = engine().check_order, [("AAPL", 200), ("MSFT", 50), ("IBM", 10)]
    return lambda: check("AAPL", "buy", 100, 18500, EQUITY, held, prices=PRICES), "3 PASS"


def check_batch():
    """500 orders, nothing held, 10 targets."""
    check = engine().check_batch
    orders = [(symbol, "buy", quantity, price) for symbol, _, quantity, price in ORDERS]
    return lambda: check(orders, EQUITY, [], WEIGHTS[:10]), "5 PASS"


def check_batch_of_holdings():
    """500 orders, 500 holdings, 500 targets."""
    check = engine().check_batch
    return lambda: check(ORDERS, EQUITY, HELD, WEIGHTS), "5 PASS"


def monitor():
    """An order through all limits of a monitor, with 20 holdings and 20 open orders."""
    from datetime import UTC, datetime

    from nanobook import RiskLimits, RiskMonitor
    from nanobook.broker import Account, BrokerOrder, Quote

    watch = RiskMonitor(RiskLimits(max_messages_per_second=1000))
    account = Account(EQUITY, EQUITY, EQUITY, 0)
    held = {f"S{i}": 100 for i in range(20)}
    for i in range(20):
        watch.sent(BrokerOrder(f"S{i}", "buy", 10, "limit", 1000, f"id{i}"))
    order = BrokerOrder("S1", "buy", 11, "limit", 1000, "new")
    prices = dict.fromkeys(held, 1000)

    def check():
        quote = Quote("S1", 999, 1001, 1000, timestamp=datetime.now(UTC))
        return watch.check(order, quote=quote, account=account, positions=held, prices=prices)

    return check, "15 PASS"


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (check_order, check_order_of_three, check_batch, check_batch_of_holdings, monitor)
}


def microseconds(name, runs=9):
    """Median over runs after one that warms up."""
    call, answer = SCENARIOS[name]()
    report = call()
    assert f"{len(report)} {' '.join({row['status'] for row in report})}" == answer, str(report)
    count = CALLS if "order" in name else CALLS // 100
    spent = []
    for _ in range(runs + 1):
        start = time.thread_time_ns()
        for _ in range(count):
            call()
        spent.append((time.thread_time_ns() - start) / count / 1000)
    return statistics.median(spent[1:])


class Risk:
    """Microseconds a check."""

    params = (tuple(SCENARIOS),)
    param_names = ("check",)
    unit = "us a call"

    def track_check(self, name):
        return microseconds(name)

    track_check.unit = unit


if __name__ == "__main__":
    for scenario in SCENARIOS:
        print(f"{scenario}: {microseconds(scenario):.2f} {Risk.unit}", flush=True)
