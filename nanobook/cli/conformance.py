"""``nanobook conformance FILE...``: run the public matching streams and print their answers."""

from __future__ import annotations

import hashlib
import statistics
import time
from pathlib import Path

RUNS = 5


def add_parser(subparsers):
    """Add the command."""
    parser = subparsers.add_parser(
        "conformance",
        help="run public matching streams; print trades, report hash and speed",
        description="Run matching streams (.bin or .bin.xz) through the book and print a line for each: "
        "messages, trades, SHA-256 of the reports, and millions of messages a second of thread CPU time "
        f"in the kernel, median of {RUNS} runs on memory already touched.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a stream, .bin or .bin.xz")
    parser.set_defaults(func=run)


def run(args):
    """Print one line a file."""
    from ..feeds.stream import read_stream

    for path in args.files:
        print(conformance_line(name_of(path), read_stream(path)), flush=True)
    return 0


def name_of(path):
    """Name of a stream: its file's without ``.bin`` and ``.xz``."""
    return Path(path).name.removesuffix(".xz").removesuffix(".bin")


def conformance_line(name, records):
    """What there is to say of one stream."""
    from ..exchange import Exchange
    from ..feeds.stream import messages_of, reports

    book = Exchange()
    messages = messages_of(records)
    result = book.process(messages, client_ids=True)
    text = "\n".join(reports(records, result, book)).encode()
    return (
        f"{name} messages={len(records)} trades={len(result.trades)} "
        f"sha256={hashlib.sha256(text).hexdigest()} rate={rate(messages):.1f} M/s"
    )


def rate(messages):
    """Millions of messages a second of thread CPU time, reports produced as columns."""
    from ..tape import flow_of

    flow = flow_of(messages)
    if not flow.kind.size:
        return 0.0
    return statistics.median(1e3 * flow.kind.size / _nanoseconds(flow) for _ in range(RUNS))


def prepared(flow, client_ids):
    """Make a book that takes a flow, and rows for its results, in memory that the system has handed out."""
    import numpy as np

    from ..exchange import Exchange
    from ..types import RESULT

    book = Exchange()
    book.admit(flow, client_ids)
    results = np.empty(flow.kind.size, RESULT).view(np.recarray)
    for array in (results, *book.book[1:6]):
        array.view(np.uint8)[array.itemsize :] = 0
    return book, results


def _nanoseconds(flow):
    """Time of one run on a new book, without what ``prepared`` does."""
    book, results = prepared(flow, client_ids=True)
    start = time.thread_time_ns()
    book.run(flow, results, client_ids=True)
    return time.thread_time_ns() - start
