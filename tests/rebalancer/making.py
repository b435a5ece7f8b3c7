"""Audit trails for tests: a clock that stands where it is put, small trails, the disk in memory."""

from datetime import UTC, datetime, timedelta

from nanobook.rebalancer.audit.log import AuditLog
from nanobook.testing.memory import MemoryStorage

PATH = "logs/audit.jsonl"
HEAD = "logs/audit.head"
KEY = b"0123456789abcdef-canary"


class HandClock:
    """A clock that moves when somebody waits."""

    def __init__(self):
        self.passed = 0.0

    def now(self):
        """Time of day."""
        return datetime(2026, 2, 8, 15, 30, tzinfo=UTC) + timedelta(seconds=self.passed)

    def monotonic(self):
        """Seconds."""
        return self.passed

    def sleep(self, seconds):
        """Wait."""
        self.passed += seconds


def made(records, key=None, clock=None):
    """A disk with a trail of so many records (the first is ``log_started``), closed."""
    disk = MemoryStorage()
    with AuditLog(PATH, storage=disk, clock=clock or HandClock(), key=key) as log:
        for n in range(records - 1):
            log.record(
                "order_intent", symbol="AAPL", shares=100 + n, limit="185.50", client_order_id=f"id{n}"
            )
    return disk


def with_trail(disk, data):
    """The disk with another trail beside the same head."""
    return MemoryStorage({**disk.files, PATH: data})
