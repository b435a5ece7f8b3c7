"""Looking at depth: nanoseconds of thread CPU time a look, and a message for analytics as columns.

By hand: ``python asv_bench/benchmarks/analytics.py``. The first scenarios use only what the original has
too, so the interpreter of an environment with the original's wheel times those.
"""

import statistics
import time

LOOKS = 5_000
MESSAGES = 200_000


def a_book():
    """Fifty levels a side, forty orders each."""
    from nanobook import Exchange

    book = Exchange()
    for i in range(2000):
        book.submit_limit("buy", 9990 - i % 50, 100, "gtc")
        book.submit_limit("sell", 10010 + i % 50, 100, "gtc")
    return book


def read(shot):
    """Read every number of a snapshot."""
    for level in shot.bids:
        level.price, level.quantity, level.order_count  # noqa: B018
    for level in shot.asks:
        level.price, level.quantity, level.order_count  # noqa: B018


def depth(book):
    """A snapshot of which nothing is read."""
    start = time.thread_time_ns()
    for _ in range(LOOKS):
        book.depth(10)
    return time.thread_time_ns() - start


def depth_read(book):
    """A snapshot of which everything is read."""
    start = time.thread_time_ns()
    for _ in range(LOOKS):
        read(book.depth(10))
    return time.thread_time_ns() - start


def depth_changing(book):
    """An order into the third level, and a snapshot of which everything is read."""
    start = time.thread_time_ns()
    for _ in range(LOOKS):
        book.submit_limit("buy", 9988, 1, "gtc")
        read(book.depth(10))
    spent = time.thread_time_ns() - start
    assert book.depth(3).bids[2].quantity % 100 == LOOKS % 100
    return spent


def depth_columns(book):
    """The same numbers as one array."""
    start = time.thread_time_ns()
    for _ in range(LOOKS):
        book.depth_columns(10)
    spent = time.thread_time_ns() - start
    assert book.depth_columns(10)[0, 1, 0] == 4000
    return spent


SCENARIOS = {
    "depth": depth,
    "depth_read": depth_read,
    "depth_changing": depth_changing,
    "depth_columns": depth_columns,
}


def nanoseconds(name, runs=9):
    """Median over runs after one that warms up."""
    spent = [SCENARIOS[name](a_book()) / LOOKS for _ in range(runs + 1)]
    return statistics.median(spent[1:])


class Depth:
    """Nanoseconds a look through ``Exchange``."""

    params = (tuple(SCENARIOS),)
    param_names = ("look",)
    unit = "ns a look"

    def track_look(self, name):
        return nanoseconds(name)

    track_look.unit = unit


COLUMNS = ("spread", "mid_price", "weighted_mid", "imbalance")


def recorded():
    """Five levels of a day."""
    from nanobook import Exchange, order_flow

    return Exchange().process(order_flow(MESSAGES), levels=5).levels


def column_nanoseconds(levels, name, runs=9):
    """Nanoseconds a message of one column, median."""
    spent = []
    for _ in range(runs):
        start = time.thread_time_ns()
        column = getattr(levels, name)()
        spent.append(time.thread_time_ns() - start)
    assert len(column) == MESSAGES
    return statistics.median(spent) / MESSAGES


class Columns:
    """Nanoseconds a message of analytics over a tape."""

    params = (COLUMNS,)
    param_names = ("column",)
    unit = "ns a message"

    def setup(self, name):
        self.levels = recorded()

    def track_column(self, name):
        return column_nanoseconds(self.levels, name)

    track_column.unit = unit


def main():
    """Print every figure that this nanobook has."""
    from nanobook import Exchange

    ours = hasattr(Exchange, "depth_columns")
    for name in SCENARIOS:
        if ours or name != "depth_columns":
            print(f"{name}: {nanoseconds(name):.0f} {Depth.unit}", flush=True)
    levels = recorded() if ours else None
    for name in COLUMNS if ours else ():
        print(f"{name}: {column_nanoseconds(levels, name):.1f} {Columns.unit}", flush=True)


if __name__ == "__main__":
    main()
