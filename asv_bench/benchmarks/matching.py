"""The matching core: nanoseconds of thread CPU time a message on the tape.

By hand: ``python asv_bench/benchmarks/matching.py``.
"""

import os
import statistics
import sys
import time
from pathlib import Path

from nanobook import Exchange
from nanobook.cli.conformance import prepared
from nanobook.feeds.stream import messages_of, read_stream
from nanobook.tape import flow_of

sys.path.insert(0, str(Path(__file__).parent))
from flows import MID, mixed_flow

MESSAGES = 2_000_000
FLOWS = {
    "2,000 live": ({}, "36672e140613c761"),
    "200,000 live": ({"live": 200_000, "mean": 600.0}, "8c0e2b13009a43d9"),
    "100,000 levels": ({"live": 200_000, "levels": 100_000}, "8f2b6a28a312e406"),
    "2,000 live, a quote 2^40 ticks away": ({}, "ac4ad8e87e54bb52"),
}


class Kernel:
    """Nanoseconds a message of the kernel run on touched memory."""

    timer = time.thread_time
    unit = "ns a message"
    timeout = 600
    client_ids = False
    digest = ""

    def ns_a_message(self, runs=7):
        """Median of ``runs`` runs after one that warms up."""
        spent = []
        for _ in range(runs + 1):
            book, results = prepared(self.flow, self.client_ids)
            self.before(book)
            start = time.thread_time_ns()
            book.run(self.flow, results, self.client_ids)
            spent.append((time.thread_time_ns() - start) / self.flow.kind.size)
        digest = book.digest()[:16]
        assert digest == self.digest, digest
        return statistics.median(spent[1:])

    def before(self, book):
        """What happens to a new book before the flow."""


class MixedFlow(Kernel):
    """Our own flow at several sizes of the book."""

    params = (tuple(FLOWS),)
    param_names = ("book",)

    def setup(self, book):
        self.far = "2^40" in book
        arguments, self.digest = FLOWS[book]
        flow = mixed_flow(MESSAGES, **arguments)
        if self.far:  # the quote takes the first id
            flow.order_id[:] += flow.kind == 1
        self.flow = flow_of(flow)

    def before(self, book):
        if self.far:
            book.submit_limit("buy", MID - 2**40, 1)
            book.admit(self.flow)

    def track_kernel(self, book):
        return self.ns_a_message()

    def track_process(self, book):
        spent = []
        for _ in range(6):
            exchange = Exchange()
            self.before(exchange)
            start = time.thread_time_ns()
            exchange.process(self.flow)
            spent.append((time.thread_time_ns() - start) / self.flow.kind.size)
        return statistics.median(spent[1:])

    track_kernel.unit = track_process.unit = Kernel.unit


class Streams(Kernel):
    """The public conformance streams, where ``NANOBOOK_DATA`` has them."""

    params = (("orders_normal", "orders_swing-25"),)
    param_names = ("stream",)
    client_ids = True
    digests = {"orders_normal": "b638047d71464a40", "orders_swing-25": "360edf4f8f91a0b7"}  # noqa: RUF012

    def setup(self, stream):
        path = Path(os.environ.get("NANOBOOK_DATA", "")) / "matching" / f"{stream}.bin.xz"
        if not path.is_file():
            raise NotImplementedError(f"NANOBOOK_DATA has no {stream}")
        self.flow = flow_of(messages_of(read_stream(path)))
        self.digest = self.digests[stream]

    def track_kernel(self, stream):
        return self.ns_a_message()

    track_kernel.unit = Kernel.unit


if __name__ == "__main__":
    for case in (MixedFlow, Streams):
        for param in case.params[0]:
            bench = case()
            try:
                bench.setup(param)
            except NotImplementedError as error:
                print(f"{param}: {error}")
                continue
            told = [f"kernel {bench.track_kernel(param):.1f} {Kernel.unit}"]
            if case is MixedFlow:
                told.append(f"process() {bench.track_process(param):.1f}")
            print(f"{param}: {', '.join(told)}", flush=True)
