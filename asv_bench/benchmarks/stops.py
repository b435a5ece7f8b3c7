"""Trades beside 10,000 pending stops of which none fires: nanoseconds of thread CPU time.

By hand: ``python asv_bench/benchmarks/stops.py``.
"""

import statistics
import time

import numpy as np

from nanobook import Exchange
from nanobook.types import EVENT

STOPS = 10_000
PAIRS = 100_000
CALLS = 20_000
MID = 10_000
TRAILS = {
    "fixed": ("fixed", 3000.0, None),
    "percentage": ("percentage", 0.3, None),
    "mean change": ("sma_abs_change", 100.0, 14),
}
PENDING = ("no stops", "plain", *TRAILS)


def book_with(pending):
    """A book that traded once, with so many stops far from the price."""
    book = Exchange()
    book.submit_limit("sell", MID, 1)
    book.submit_limit("buy", MID, 1)
    for n in range(STOPS if pending != "no stops" else 0):
        side = "buy" if n % 2 else "sell"
        price = MID + (1 if side == "buy" else -1) * (5000 + n % 1000)
        if pending == "plain":
            book.submit_stop_market(side, price, 1)
        else:
            kind, value, period = TRAILS[pending]
            book.submit_trailing_stop_market(side, price, 1, kind, value * (1 + n / STOPS / 4), period)
    return book


def pairs():
    """Messages in pairs of which the second trades with the first, at prices near the middle."""
    rows = np.zeros(2 * PAIRS, EVENT)
    rows["quantity"] = 5
    rows["side"][0::2] = 1
    rows["price"] = MID + np.repeat(np.random.default_rng(1).integers(-20, 20, PAIRS), 2)
    return rows


class TradesBesideStops:
    """What a trade costs where stops wait."""

    params = (PENDING,)
    param_names = ("pending",)
    unit = "ns a trade"
    timeout = 600

    def track_tape(self, pending):
        """Two messages a trade, in one compiled call."""
        rows, spent = pairs(), []
        for _ in range(6):
            book = book_with(pending)
            start = time.thread_time_ns()
            done = book.process(rows)
            spent.append((time.thread_time_ns() - start) / PAIRS)
            self.check(book, pending, len(done.trades), PAIRS)
        return statistics.median(spent[1:])

    def track_call(self, pending):
        """Two calls a trade."""
        spent = []
        for _ in range(6):
            book = book_with(pending)
            start = time.thread_time_ns()
            for _ in range(CALLS):
                book.submit_limit("sell", MID, 5)
                book.submit_limit("buy", MID, 5)
            spent.append((time.thread_time_ns() - start) / CALLS)
            self.check(book, pending, len(book.trades()) - 1, CALLS)
        return statistics.median(spent[1:])

    @staticmethod
    def check(book, pending, trades, expected):
        """All traded and no stop fired."""
        assert trades == expected
        assert book.pending_stop_count() == (0 if pending == "no stops" else STOPS)

    track_tape.unit = track_call.unit = unit


if __name__ == "__main__":
    bench = TradesBesideStops()
    for case in PENDING:
        print(f"{case}: tape {bench.track_tape(case):.0f}, call {bench.track_call(case):.0f} {bench.unit}")
