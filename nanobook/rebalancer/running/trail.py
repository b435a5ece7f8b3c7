"""What a run writes down: each record first on the disk, then in its state, then before whoever looks on."""

from __future__ import annotations

from .state import RunState


class Trail:
    """The records of a run, and the state that they make.

    Parameters
    ----------
    log : AuditLog
    progress : callable, optional
        Called with every record, after it was written.

    Attributes
    ----------
    state : RunState
        Kept up to date.
    notes : list of str
        What a report should say beside the orders.
    """

    def __init__(self, log, progress=None):
        self.log, self.state, self.notes = log, RunState(), []
        self.progress = progress or (lambda record: None)

    def record(self, event, **payload):
        """Make a record durable, then take it in."""
        self.log.record(event, **payload)
        record = {"event": event, **payload}
        self.state.apply(record)
        self.progress(record)
