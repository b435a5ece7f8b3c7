"""Books of a feed: nanoseconds of thread CPU time a message; and files of LOBSTER.

By hand: ``python asv_bench/benchmarks/feeds.py``.
"""

import os
import statistics
import time
from pathlib import Path

import numpy as np
from numba import njit

from nanobook import FeedBooks, explain_lobster, read_lobster, replay_lobster
from nanobook.feeds.feed_columns import columns_of
from nanobook.kernels.feed import state

MESSAGES = 2_000_000
PART = 100_000  # messages a batch
FEEDS = {
    "100 symbols": (100, 40_000, 1, "cf556b6c"),
    "100 symbols, references to 10^9": (100, 40_000, 733, "dd1cefba"),
    "8,000 symbols": (8_000, 400_000, 1, "c2f6a401"),
    "8,000 symbols, references to 10^9": (8_000, 400_000, 733, "1630cbe8"),
}
"""Symbols, orders that rest, distance of the references, digest of the books."""
SAMPLE = "MSFT_2012-06-21_34200000_37800000_{}_50.csv"


def feed_of(symbols, live, apart, count=MESSAGES, seed=7):
    """Columns of ``live`` adds and then ``count`` messages of a session; every order named rests.

    Busy symbols come more often; half of the deletes hit recent orders; prices lie 12 cents from the
    symbol's middle on average, exponentially, and never cross.
    """
    draw = np.random.default_rng(seed)
    size = live + count
    columns = state.Messages(
        kind=np.zeros(size, np.uint8),
        side=draw.choice(np.frombuffer(b"BS", np.uint8), size),
        symbol=(symbols * draw.random(size) ** 2).astype(np.uint16),
        reference=np.zeros(size, np.uint64),
        link=np.zeros(size, np.uint64),
        quantity=draw.integers(1, 500, size, dtype=np.uint32),
        price=(1 + draw.exponential(12.0, size)).astype(np.uint32),
    )
    fill(columns, draw.random((size, 3)), live, apart, draw.integers(2_000, 40_000, symbols))
    return columns


@njit
def fill(columns, draws, live, apart, middle):
    """Give kinds, references and prices to the messages."""
    kind, side, symbol, reference, link, quantity, price = columns
    names, homes, sides, lots = np.empty((4, 2 * live + 64), np.int64)
    count, last = 0, 0
    for m in range(kind.size):
        u, v, w = draws[m]
        add = m < live or u < 0.45 + 0.5 * (live - count) / live
        pick = count
        if not add:
            pick = int(v * count) if w < 0.5 else max(count - 1 - int(v * 32), 0)
            symbol[m] = homes[pick]
            side[m] = sides[pick]
            reference[m] = names[pick]
        away = -np.int64(price[m]) if side[m] == state.BUY else np.int64(price[m])
        price[m] = 100 * (middle[symbol[m]] + away)
        share = (u * 1000.0) % 1.0
        if add or share > 0.86:
            last += 1
            names[pick], homes[pick] = last * apart, symbol[m]
            sides[pick], lots[pick] = side[m], quantity[m]
            kind[m] = state.ADD if add else state.REPLACE
            if add:
                reference[m] = last * apart
                count += 1
            else:
                link[m] = last * apart
            continue
        part = 1 + int(w * lots[pick])
        if share > 0.14 or part >= lots[pick]:
            kind[m] = state.DELETE
            count -= 1
            names[pick], homes[pick] = names[count], homes[count]
            sides[pick], lots[pick] = sides[count], lots[count]
        else:
            kind[m] = state.EXECUTE if share > 0.04 else state.REDUCE
            quantity[m] = part
            lots[pick] -= part


class Books:
    """Nanoseconds a message of ``FeedBooks`` on books that are full already."""

    timer = time.thread_time
    unit = "ns a message"
    timeout = 900
    params = (tuple(FEEDS),)
    param_names = ("feed",)

    def setup(self, feed):
        *shape, self.digest = FEEDS[feed]
        self.live = shape[1]
        self.feed = feed_of(*shape)

    def part(self, start, stop):
        return columns_of(state.Messages(*(column[start:stop] for column in self.feed)))

    def run(self, levels=0):
        """One run: time a message, and the books."""
        books = FeedBooks()
        books.apply(self.part(0, self.live))
        spent = 0
        for start in range(self.live, self.live + MESSAGES, PART):
            part = self.part(start, start + PART)
            begin = time.thread_time_ns()
            if levels:
                books.record(part, levels, 0)
            else:
                books.apply(part)
            spent += time.thread_time_ns() - begin
        assert books.faults.total == 0
        assert books.digest()[:8] == self.digest, books.digest()[:8]
        return spent / MESSAGES

    def track_apply(self, feed):
        return statistics.median([self.run() for _ in range(6)][1:])

    def track_ten_levels_of_a_symbol(self, feed):
        return statistics.median([self.run(10) for _ in range(6)][1:])

    track_apply.unit = track_ten_levels_of_a_symbol.unit = unit


class Lobster:
    """Milliseconds to read and check the sample, where ``NANOBOOK_DATA`` has it."""

    timer = time.thread_time

    def setup(self):
        folder = Path(os.environ.get("NANOBOOK_DATA", "")) / "lobster"
        self.paths = [folder / SAMPLE.format(kind) for kind in ("message", "orderbook")]
        if not all(path.is_file() for path in self.paths):
            raise NotImplementedError("NANOBOOK_DATA has no sample of LOBSTER")
        self.files = read_lobster(*self.paths)
        assert explain_lobster(*self.files).explained == 999
        assert replay_lobster(*self.files).books.digest()[:8] == "d3ba54d3"

    def time_read(self):
        read_lobster(*self.paths)

    def time_explain(self):
        explain_lobster(*self.files)

    def time_replay(self):
        replay_lobster(*self.files)


def milliseconds(call, runs=7):
    """Median of some calls."""
    spent = []
    for _ in range(runs):
        start = time.thread_time_ns()
        call()
        spent.append((time.thread_time_ns() - start) / 1e6)
    return statistics.median(spent)


if __name__ == "__main__":
    for feed in FEEDS:
        bench = Books()
        bench.setup(feed)
        told = f"books {bench.track_apply(feed):.1f}"
        print(
            f"{feed}: {told}, with levels {bench.track_ten_levels_of_a_symbol(feed):.1f} {Books.unit}",
            flush=True,
        )
    sample = Lobster()
    sample.setup()
    parts = (sample.time_read, sample.time_explain, sample.time_replay)
    print("LOBSTER sample:", ", ".join(f"{part.__name__[5:]} {milliseconds(part):.2f} ms" for part in parts))
