"""ITCH 5.0: nanoseconds of thread CPU time a message, from memory to records and to columns.

By hand: ``python asv_bench/benchmarks/itch.py``.
"""

import hashlib
import statistics
import time

import numpy as np

from nanobook import itch_stats, read_itch
from nanobook.kernels import itch as kernels
from nanobook.kernels.itch_layout import LENGTHS, MESSAGE_TYPES, RECORD

MESSAGES = 2_000_000
SHARES = {"A": 0.44, "D": 0.40, "U": 0.077, "E": 0.048, "X": 0.016, "F": 0.013, "P": 0.003, "C": 0.003}
"""How often the types come in a session, about."""
DIGESTS = {100: "1521a202b079711e", 8000: "c62c917eb9ff82f4"}


def a_stream(symbols, count=MESSAGES, seed=7):
    """Bytes of a strict stream: a directory of the symbols, then random messages of a session."""
    draw = np.random.default_rng(seed)
    codes = np.full(count, ord("R"), np.uint8)
    codes[symbols:] = draw.choice([ord(c) for c in SHARES], count - symbols, p=list(SHARES.values()))
    lengths = LENGTHS[codes]
    starts = np.concatenate([[0], np.cumsum(lengths + 2)])
    data = draw.integers(0, 256, starts[-1], np.uint8)
    at = starts[:-1] + 2
    locates = draw.zipf(1.3, count) % symbols + 1
    locates[:symbols] = np.arange(1, symbols + 1)
    times = 34_200 * 10**9 + np.cumsum(draw.integers(0, 20_000, count))
    put(data, at - 2, lengths, 2)
    data[at] = codes
    put(data, at + 1, locates, 2)
    put(data, at + 5, times, 6)
    for letter, kind in MESSAGE_TYPES.items():
        places = {field.name: field.offset for field in kind.fields}
        rows = at[codes == ord(letter)]
        if "side" in places:
            data[rows + places["side"]] = draw.choice(np.frombuffer(b"BS", np.uint8), rows.size)
        if letter == "R":
            names = np.frombuffer(b"".join(b"S%07d" % n for n in range(symbols)), np.uint8)
            data[rows[:, None] + places["stock"] + np.arange(8)] = names.reshape(-1, 8)
    return data.tobytes()


def put(data, at, values, width):
    """Write numbers of ``width`` bytes, the highest first."""
    for n in range(width):
        data[at + n] = values >> 8 * (width - 1 - n) & 255


class Decode:
    """Nanoseconds a message of the kernels on touched memory, and of reading with all that it notices."""

    timer = time.thread_time
    unit = "ns a message"
    timeout = 600
    params = (tuple(DIGESTS),)
    param_names = ("symbols",)

    def setup(self, symbols):
        self.stream = a_stream(symbols)
        self.data = np.frombuffer(self.stream, np.uint8)
        self.digest = DIGESTS[symbols]

    def ns_a_message(self, kernel, rows, runs=7):
        """Median of ``runs`` runs after one that warms up; all columns are in the digest."""
        spent, odd = [], np.zeros(kernels.COUNTS, np.int64)
        for _ in range(runs + 1):
            start = time.thread_time_ns()
            at, count, _ = kernel(self.data, 0, rows, odd, True)
            spent.append((time.thread_time_ns() - start) / MESSAGES)
        assert (at, count) == (self.data.size, MESSAGES)
        digest = hashlib.sha256()
        for name in RECORD.names:
            digest.update(np.ascontiguousarray(getattr(rows, name)).tobytes())
        assert digest.hexdigest()[:16] == self.digest, digest.hexdigest()[:16]
        return statistics.median(spent[1:])

    def track_records(self, symbols):
        return self.ns_a_message(kernels.to_records, np.ones(MESSAGES, RECORD).view(np.recarray))

    def track_columns(self, symbols):
        columns = kernels.Columns(*(np.ones(MESSAGES, RECORD[name]) for name in kernels.Columns._fields))
        return self.ns_a_message(kernels.to_columns, columns)

    def track_read_itch(self, symbols):
        return self.whole(lambda: sum(map(len, read_itch(self.stream))))

    def track_itch_stats(self, symbols):
        return self.whole(lambda: itch_stats(self.stream).messages)

    def whole(self, call):
        """Median of 5 calls after one."""
        spent = []
        for _ in range(6):
            start = time.thread_time_ns()
            assert call() == MESSAGES
            spent.append((time.thread_time_ns() - start) / MESSAGES)
        return statistics.median(spent[1:])

    for _track in (track_records, track_columns, track_read_itch, track_itch_stats):
        _track.unit = unit


if __name__ == "__main__":
    for number in DIGESTS:
        bench = Decode()
        bench.setup(number)
        parts = {
            name: getattr(bench, f"track_{name}")(number)
            for name in ("records", "columns", "read_itch", "itch_stats")
        }
        told = ", ".join(f"{name} {value:.1f}" for name, value in parts.items())
        print(f"{number} symbols: {told} {Decode.unit}", flush=True)
