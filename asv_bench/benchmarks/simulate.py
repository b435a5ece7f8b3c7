"""Strategies inside the engine: nanoseconds of thread CPU time a background message, and starting up.

By hand: ``python asv_bench/benchmarks/simulate.py``.
"""

import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nanobook import simulate, strategy
from nanobook.inside import (
    BUY,
    NO_PRICE,
    SELL,
    best_ask,
    best_bid,
    cancel,
    next_message,
    submit_limit,
)
from nanobook.sample import order_flow

SESSIONS = 200
MESSAGES = 10_000
FLOWS = {"random flow": MESSAGES, "replayed flow": order_flow(MESSAGES)}


@strategy
def idle(session):
    """Let the market go by."""
    while next_message(session):
        pass


@strategy
def maker(session, params):
    """Look at the touch after every message, quote anew when the mid moves."""
    bid = ask = last = 0
    while next_message(session):
        if best_bid(session) == NO_PRICE or best_ask(session) == NO_PRICE:
            continue
        mid = (best_bid(session) + best_ask(session)) // 2
        if mid != last:
            cancel(session, bid)
            cancel(session, ask)
            bid = submit_limit(session, BUY, mid - params.away, 10)
            ask = submit_limit(session, SELL, mid + params.away, 10)
            last = mid


@strategy
def restless(session, params):
    """Quote anew after every message: four operations beside each of the market's."""
    bid = ask = 0
    while next_message(session):
        if best_bid(session) == NO_PRICE or best_ask(session) == NO_PRICE:
            continue
        mid = (best_bid(session) + best_ask(session)) // 2
        cancel(session, bid)
        cancel(session, ask)
        bid = submit_limit(session, BUY, mid - params.away, 10)
        ask = submit_limit(session, SELL, mid + params.away, 10)


STRATEGIES = {"idle": (idle, None), "maker": (maker, {"away": 3}), "restless": (restless, {"away": 3})}
DIGESTS = {
    ("idle", "random flow"): "3b6b6e08d243c3a4",
    ("idle", "replayed flow"): "d4b66cefb682c44d",
    ("maker", "random flow"): "6bae7e6e5b5cf72c",
    ("maker", "replayed flow"): "a3b6736dcf48a00a",
    ("restless", "random flow"): "fdfe50a661a3a2b0",
    ("restless", "replayed flow"): "56d12b716238c890",
}


def play(name, flow, threads=1, sessions=SESSIONS):
    """Play and return the result."""
    chosen, params = STRATEGIES[name]
    return simulate(chosen, sessions, params, FLOWS[flow], seed=1, threads=threads, progress=False)


def digest(result):
    """SHA-256 of all columns."""
    found = hashlib.sha256()
    for name in result.columns:
        found.update(result[name].tobytes())
    return found.hexdigest()[:16]


class Sessions:
    """Nanoseconds a message of the background, on one thread."""

    params = (tuple(STRATEGIES), tuple(FLOWS))
    param_names = ("strategy", "flow")
    timeout = 600
    unit = "ns a message"

    def track_message(self, name, flow):
        spent = []
        for _ in range(6):
            start = time.thread_time_ns()
            result = play(name, flow)
            spent.append((time.thread_time_ns() - start) / SESSIONS / MESSAGES)
        assert digest(result) == DIGESTS[name, flow], digest(result)
        return statistics.median(spent[1:])

    track_message.unit = unit


class Threads:
    """How much faster two threads are than one, on the clock: of use on an idle machine alone."""

    timeout = 600
    unit = "times"

    def track_two_threads(self):
        ratios = []
        for _ in range(6):
            taken = []
            for threads in (1, 2):
                start = time.perf_counter()
                play("maker", "random flow", threads)
                taken.append(time.perf_counter() - start)
            ratios.append(taken[0] / taken[1])
        return statistics.median(ratios[1:])

    track_two_threads.unit = unit


FIRST = """
from nanobook import simulate, strategy
from nanobook.inside import BUY, next_message, submit_limit

@strategy
def buyer(session):
    while next_message(session):
        submit_limit(session, BUY, 9_990, 1)

result = simulate(buyer, flow=1, threads=1)
assert result["orders"].tolist() == [1]
"""


class Start:
    """Seconds on the clock from the start of a process to the end of its first session, from the cache."""

    timeout = 600
    unit = "s"

    def track_first_event(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "first.py"
            path.write_text(FIRST)
            taken = []
            for _ in range(8):
                start = time.perf_counter()
                environment = {**os.environ, "NUMBA_CACHE_DIR": f"{folder}/cache"}
                subprocess.run([sys.executable, str(path)], check=True, env=environment)
                taken.append(time.perf_counter() - start)
            return statistics.median(taken[1:])

    track_first_event.unit = unit


if __name__ == "__main__":
    for name in STRATEGIES:
        for flow in FLOWS:
            print(f"{name}, {flow}: {Sessions().track_message(name, flow):.1f} {Sessions.unit}", flush=True)
    print(f"two threads: {Threads().track_two_threads():.2f} {Threads.unit} as fast as one", flush=True)
    print(f"first event of a process: {Start().track_first_event():.2f} {Start.unit}", flush=True)
