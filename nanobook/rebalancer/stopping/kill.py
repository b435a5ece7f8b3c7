"""``kill``: no order leaves any more, and ours that live at the broker are cancelled; from any process.

The steps: the switch (a file), then the process of the run (asked, then ended), then the orders, until the
broker says that none of them is left. Each is done even if one before it failed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path

from ...clock import SystemClock
from ...errors import NanobookError
from ...hints import listing, printable
from ..audit.log import AuditLog
from ..storage import SystemStorage
from .cancel import Canceller, known_orders
from .lock import RunLock
from .process import stop_run
from .switch import KillState, KillSwitch

__all__ = ["KillReport", "KillState", "KillSwitch", "kill"]

TIMEOUT = 30.0


@dataclass
class KillReport:
    """What ``kill`` has done.

    Attributes
    ----------
    switched : bool
        Whether the switch is on the disk.
    process : str
        'none' (no run was going on), 'stopped' (it ended when asked), 'killed' or 'alive'.
    pid : int or None
        Of that run.
    cancelled, filled, remaining : list of str
        Client order ids (or ids of the broker): orders that are gone, that were filled before they could be
        cancelled, and that live, as far as the broker told.
    others : int
        Open orders that are not ours, and were left alone.
    confirmed : bool or None
        Whether the broker said in the end that nothing of ours lives; None if no broker was given.
    errors : list of str
    seconds : float
    """

    switched: bool = False
    process: str = "none"
    pid: int | None = None
    cancelled: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)
    remaining: list[str] = field(default_factory=list)
    others: int = 0
    confirmed: bool | None = None
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self):
        """Whether no order of ours lives and none can leave."""
        return self.switched and self.confirmed is not False and self.process != "alive"

    def to_frame(self):
        """Return a DataFrame of one column, a row for each finding."""
        import pandas as pd

        found = {"ok": self.ok, **asdict(self)}
        return pd.DataFrame({"value": list(found.values())}, index=pd.Index(list(found), name="found"))

    def _repr_html_(self):
        return self.to_frame()._repr_html_()

    def __str__(self):
        run = {
            "none": "none was going on",
            "stopped": "stopped",
            "killed": "hung; ended",
            "alive": "STILL ALIVE",
        }
        lines = [
            f"kill switch  {'on' if self.switched else 'NOT ON THE DISK'}",
            f"run          {run[self.process]}" + (f" (process {self.pid})" if self.pid else ""),
            f"cancelled    {len(self.cancelled)}: {listing(self.cancelled)}".rstrip(": "),
            f"filled       {len(self.filled)}: {listing(self.filled)}".rstrip(": "),
            f"remaining    {len(self.remaining)}: {listing(self.remaining)}".rstrip(": "),
        ]
        if self.confirmed is not None:
            lines.append(f"confirmed    {'by the broker' if self.confirmed else 'NO: look at the broker'}")
        if self.others:
            lines.append(f"others       {self.others} orders that are not ours, left alone")
        return "\n".join([*lines, *(f"error        {error}" for error in self.errors)])


def kill(
    folder,
    broker_factory=None,
    *,
    reason="asked for",
    source="cli",
    timeout=TIMEOUT,
    everything=False,
    open_log=None,
    storage=None,
    clock=None,
):
    """Stop trading from a folder, and cancel its orders.

    Parameters
    ----------
    folder : path-like
        Of the run.
    broker_factory : callable, optional
        Gives a broker that is not connected. Without it orders stay at the broker.
    reason, source : str
        For the switch and the trail.
    timeout : float
        Seconds, at most, that the run may take to end and the broker to confirm.
    everything : bool
        Cancel all open orders of the account, not only those that the trail names.
    open_log : callable, optional
        Opens the audit trail; by default ``audit.jsonl`` in the folder, without a key.
    storage : Storage, optional
    clock : Clock, optional

    Returns
    -------
    KillReport
        ``ok`` is False where anything failed; ``errors`` tells what. Nothing is raised.
    """
    job = _Kill(Path(folder), storage or SystemStorage(), clock or SystemClock(), timeout)
    job.switch_on(reason, source)
    job.stop_run()
    log = job.open_log(open_log)
    job.record(log, "kill_requested", method=_method(broker_factory), trigger_source=source, reason=reason)
    job.cancel(broker_factory, everything)
    return job.finish(log, _method(broker_factory))


def _method(broker_factory):
    return "stop" if broker_factory is None else "cancel"


class _Kill:
    """One ``kill``: every step notes its errors and lets the next one begin."""

    def __init__(self, folder, storage, clock, timeout):
        self.folder, self.storage, self.clock = folder, storage, clock
        self.path = folder / "audit.jsonl"
        self.lock = RunLock(folder, storage, clock)
        self.report = KillReport()
        self.start = clock.monotonic()
        self.end = self.start + timeout
        self.last_sent = self.start  # an order may have left until then

    def note(self, error):
        """Keep an error for the report."""
        self.report.errors.append(printable(f"{type(error).__name__}: {error}"))

    def switch_on(self, reason, source):
        """Let no order leave any more."""
        try:
            KillSwitch(self.folder, self.storage, self.clock).turn_on(reason, source)
            self.report.switched = True
        except (OSError, NanobookError) as error:
            self.note(error)

    def stop_run(self):
        """End the process of the run, and take its place."""
        try:
            self.report.process, self.report.pid = stop_run(
                self.lock, self.clock, (self.start + self.end) / 2
            )
        except (OSError, NanobookError) as error:
            self.report.process = "alive"
            self.note(error)
        self.last_sent = self.clock.monotonic()

    def open_log(self, open_log):
        """Open the trail; kill does without where it cannot be opened."""
        if self.report.process == "alive":
            return None
        try:
            log = open_log() if open_log else AuditLog(self.path, storage=self.storage, clock=self.clock)
        except (OSError, NanobookError) as error:
            self.note(error)
            return None
        self.path = log.path
        return log

    def record(self, log, event, **payload):
        """Write a record where there is a trail."""
        if log is not None:
            try:
                log.record(event, **payload)
            except (OSError, NanobookError) as error:
                self.note(error)

    def cancel(self, broker_factory, everything):
        """Cancel the orders and have the broker confirm it."""
        if broker_factory is None:
            return
        report = self.report
        report.confirmed = False
        try:
            ours = None if everything else known_orders(self.storage, self.path)
            broker = broker_factory()
            canceller = Canceller(broker, self.clock, ours)
            report.confirmed = canceller.run(self.end, self.last_sent + broker.in_flight_seconds)
            report.cancelled, report.filled = canceller.ended()
            report.remaining = [canceller.seen[order.id] for order in canceller.live]
            report.others = canceller.others
            report.errors += canceller.errors
            canceller.leave()
        except Exception as error:  # whatever a broker does, the report is made and the lock let go
            self.note(error)

    def finish(self, log, method):
        """Record the end, and let go."""
        report = self.report
        report.seconds = round(self.clock.monotonic() - self.start, 3)
        self.record(
            log,
            "kill_completed",
            method=method,
            orders_cancelled_count=len(report.cancelled),
            orders_remaining_count=len(report.remaining),
            duration_seconds=Decimal(str(report.seconds)),
            error_messages=list(report.errors),
        )
        if log is not None:
            with suppress(OSError):
                log.close()
        self.lock.release()
        return report
