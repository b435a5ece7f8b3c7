"""The event log: nanoseconds of thread CPU time an event, to keep it, to save it and to load it.

By hand: ``python asv_bench/benchmarks/journal.py``.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from nanobook import Events, load_events, save_events
from nanobook.events.segments import TapeSegment
from nanobook.tape import flow_of

sys.path.insert(0, str(Path(__file__).parent))
from flows import mixed_flow

MESSAGES = 2_000_000
SAVED = 1_000_000


def nanoseconds(call, count, runs=5):
    """Median of ``runs`` runs after one that warms up; what they return stays until the end."""
    spent, kept = [], []
    for _ in range(runs + 1):
        start = time.thread_time_ns()
        kept.append(call())
        spent.append((time.thread_time_ns() - start) / count)
    return statistics.median(spent[1:])


class Keep:
    """What the log keeps of a plain tape, in memory that is new every time."""

    params = (("narrow", "wide"),)
    param_names = ("columns",)
    unit = "ns a message"

    def setup(self, columns):
        self.flow = flow_of(mixed_flow(MESSAGES))
        self.narrow = columns == "narrow"

    def track_keep(self, columns):
        return nanoseconds(lambda: TapeSegment.of(self.flow, False, self.narrow), MESSAGES)

    track_keep.unit = unit


class Files:
    """A million events of a plain tape to a file and back."""

    params = (("npz", "jsonl"),)
    param_names = ("format",)
    unit = "ns an event"
    timeout = 600

    def setup(self, format):
        flow = flow_of(mixed_flow(SAVED))
        self.log = Events([TapeSegment.of(flow, False, True)])
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, f"log.{format}")
        save_events(self.log, self.path)
        assert load_events(self.path) == self.log

    def teardown(self, format):
        self.folder.cleanup()

    def track_save(self, format):
        return nanoseconds(lambda: save_events(self.log, self.path), SAVED, runs=3)

    def track_load(self, format):
        return nanoseconds(lambda: load_events(self.path), SAVED, runs=3)

    def track_size(self, format):
        return os.path.getsize(self.path) / SAVED

    track_save.unit = track_load.unit = unit
    track_size.unit = "bytes an event"


if __name__ == "__main__":
    for columns in Keep.params[0]:
        keep = Keep()
        keep.setup(columns)
        print(f"keep, {columns}: {keep.track_keep(columns):.2f} {keep.unit}", flush=True)
    for format in Files.params[0]:
        files = Files()
        files.setup(format)
        print(
            f"{format}: save {files.track_save(format):.0f}, load {files.track_load(format):.0f} "
            f"{files.unit}, {files.track_size(format):.1f} bytes",
            flush=True,
        )
        files.teardown(format)
