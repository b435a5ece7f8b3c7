"""What a run writes down: each record first on the disk, then in its state, then before whoever looks on."""

from __future__ import annotations

from ...hints import printable
from .state import RunState


class Trail:
    """The records of a run, and the state that they make.

    Parameters
    ----------
    log : AuditLog
    progress : callable, optional
        Called with every record, after it was written. If it fails it is not called again, and ``notes``
        say so: a run does not end, least of all with an order on its way, because of who looks on.

    Attributes
    ----------
    state : RunState
        Kept up to date.
    notes : list of str
        What a report should say beside the orders.
    """

    def __init__(self, log, progress=None):
        self.log, self.state, self.notes = log, RunState(), []
        self.progress = progress

    def record(self, event, **payload):
        """Make a record durable, then take it in."""
        self.log.record(event, **payload)
        record = {"event": event, **payload}
        self.state.apply(record)
        self._show(record)

    def _show(self, record):
        """Show a record to whoever looks on."""
        if self.progress is None:
            return
        try:
            self.progress(record)
        except Exception as error:
            self.progress = None
            self.notes.append(f"progress failed: {type(error).__name__}: {printable(error)}")
