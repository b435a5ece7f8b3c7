"""The audit trail: durable records a second, and how long a long trail takes to open, search and verify.

By hand: ``python asv_bench/benchmarks/audit.py [records]``; a million unless told. The disk decides the first
figure, so it is wall time, median of blocks; all others are thread CPU time.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from nanobook.rebalancer.audit.log import AuditLog
from nanobook.rebalancer.audit.runs import open_runs
from nanobook.rebalancer.audit.verify import verify_log

RECORDS = 200_000
ORDER = {
    "client_order_id": "8dc09454daac5e23c2d34b52ee001a5e",
    "symbol": "AAPL",
    "action": "BUY",
    "side": "buy",
    "shares": 100,
    "order_type": "limit",
    "limit": "185.10",
    "slice": 0,
}


def seconds(call, runs=5):
    """Median of thread CPU time."""
    spent = []
    for _ in range(runs):
        start = time.thread_time()
        call()
        spent.append(time.thread_time() - start)
    return statistics.median(spent)


class Durable:
    """Records that are on the disk, with their head, before the next begins."""

    unit = "records a second"

    def setup(self):
        self.folder = tempfile.TemporaryDirectory()
        self.log = AuditLog(Path(self.folder.name, "audit.jsonl"))

    def teardown(self):
        self.log.close()
        self.folder.cleanup()

    def track_durable(self):
        rates = []
        for _ in range(9):
            start = time.perf_counter()
            for _ in range(200):
                self.log.record("order_intent", **ORDER)
            rates.append(200 / (time.perf_counter() - start))
        assert verify_log(self.log.path).records == self.log.count
        return statistics.median(rates)

    def track_cpu_of_one(self):
        start = time.thread_time()
        for _ in range(20_000):
            self.log.record("order_intent", durable=False, **ORDER)
        return (time.thread_time() - start) / 20_000 * 1e6

    track_durable.unit = unit
    track_cpu_of_one.unit = "us a record, without the disk"


class Long:
    """A long trail whose last run was cut off."""

    unit = "s"
    timeout = 600
    records = RECORDS

    def setup(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name, "audit.jsonl")
        with AuditLog(self.path) as log:
            for n in range(self.records):
                if n % 1000 == 0:
                    log.record("run_completed", durable=False)
                    log.record("run_started", durable=False, scope=f"day {n // 1000}")
                log.record("order_intent", durable=False, **ORDER)
            self.count = log.count

    def teardown(self):
        self.folder.cleanup()

    def track_open(self):
        return seconds(lambda: AuditLog(self.path).close())

    def track_recover(self):
        """Open, find the run that was cut off, and read what it did."""

        def recover():
            with AuditLog(self.path) as log:
                (run,) = open_runs(log)[-1:]
                assert sum(1 for _ in log.records(run.offset)) == 1001

        return seconds(recover)

    def track_verify(self):
        def verify():
            assert verify_log(self.path).records == self.count

        return seconds(verify, runs=3)

    track_open.unit = track_recover.unit = track_verify.unit = unit


if __name__ == "__main__":
    Long.records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    for case in (Durable, Long):
        one = case()
        one.setup()
        for name in [name for name in dir(case) if name.startswith("track_")]:
            print(f"{name[6:]:<12} {getattr(one, name)():.3f} {getattr(case, name).unit}", flush=True)
        one.teardown()
