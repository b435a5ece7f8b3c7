"""The paper broker: orders, questions and quotes, one call at a time. Thread CPU time.

By hand: ``python asv_bench/benchmarks/paper.py``.
"""

import statistics
import tempfile
import time
from pathlib import Path

from nanobook import PaperBroker
from nanobook.testing import VirtualClock

CASH = 10**12
ORDERS = 300
SYMBOLS = [f"S{i:03d}" for i in range(100)]
QUOTES = {symbol: {"bid_cents": 9_990, "ask_cents": 10_010} for symbol in SYMBOLS}
MOVED = {symbol: {"bid_cents": 9_980, "ask_cents": 10_000} for symbol in SYMBOLS}
CASH_AFTER = CASH - ORDERS * 10_010


def median_of(call, count):
    """Median thread CPU time of a call, in microseconds."""
    spent = []
    for i in range(count):
        start = time.thread_time_ns()
        call(i)
        spent.append(time.thread_time_ns() - start)
    return statistics.median(spent) / 1000


class Paper:
    """One call of a broker with 100 symbols, in memory or on a file."""

    params = ("memory", "file")
    param_names = ("keeps",)
    unit = "us a call"

    def setup(self, keeps):
        self.folder = tempfile.TemporaryDirectory()
        state = Path(self.folder.name) / "paper.json" if keeps == "file" else None
        self.broker = PaperBroker(CASH, quotes=QUOTES, clock=VirtualClock(), state=state)
        self.broker.connect()
        self.broker.submit_order(SYMBOLS[-1], "buy", 1, "limit", 5_000)  # what a first order loads
        for order in self.broker.open_orders():
            self.broker.cancel_order(order.id)

    def teardown(self, keeps):
        self.folder.cleanup()

    def track_order(self, keeps):
        """A market order: checked, matched, booked, kept."""
        spent = median_of(lambda i: self.broker.submit_order(SYMBOLS[i % 5], "buy", 1), ORDERS)
        assert self.broker.account().cash_cents == CASH_AFTER
        return spent

    def track_status(self, keeps):
        """A question after an order."""
        order = self.broker.submit_order("S000", "buy", 1)
        spent = median_of(lambda _: self.broker.order_status(order), ORDERS)
        assert self.broker.order_status(order).avg_fill_price_cents == 10_010
        return spent

    def track_account(self, keeps):
        """The account of 100 positions."""
        for symbol in SYMBOLS:
            self.broker.submit_order(symbol, "buy", 1)
        spent = median_of(lambda _: self.broker.account(), ORDERS)
        assert self.broker.account().equity_cents == CASH - 1_000
        return spent

    def track_quotes(self, keeps):
        """100 new quotes, of which ten fill an order."""
        orders = [
            [self.broker.submit_order(s, "buy", 1, "limit", 10_000) for s in SYMBOLS[:10]] for _ in range(20)
        ]
        spent = median_of(lambda i: self.broker.feed(QUOTES if i else MOVED), 20)
        assert {self.broker.order_status(order).status for row in orders for order in row} == {"Filled"}
        return spent

    track_order.unit = track_status.unit = track_account.unit = track_quotes.unit = unit


if __name__ == "__main__":
    for place in Paper.params:
        for name in ("order", "status", "account", "quotes"):
            bench = Paper()
            bench.setup(place)
            print(f"{name} ({place}): {getattr(bench, f'track_{name}')(place):.0f} {Paper.unit}", flush=True)
            bench.teardown(place)
