"""What an audit trail holds, for people: its records, and how many of which kind."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import InvalidValue
from ...hints import nearest, printable
from ..storage import SystemStorage, opened
from .keys import key_bytes
from .reading import last_newline, records_from

_ENVELOPE = ("event", "ts", "seq", "prev", "hash")


class AuditRecords(list):
    """Records of an audit trail: a list of ``AuditRecord``, which are dicts."""

    def to_frame(self):
        """Return a DataFrame: a row a record, by number; time, event, and a column for each name."""
        import pandas as pd

        rows = [
            {"time": record.time, "event": record.event}
            | {name: value for name, value in record.items() if name not in _ENVELOPE}
            for record in self
        ]
        frame = pd.DataFrame(rows, index=pd.Index([record.seq for record in self], name="seq", dtype="int64"))
        return frame if self else frame.reindex(columns=["time", "event"])

    def _repr_html_(self):
        return self.to_frame()._repr_html_()


def iter_records(path, key=None, *, storage=None):
    """Read an audit trail record by record, in bounded memory; see ``read_records``.

    Yields
    ------
    AuditRecord
    """
    storage, path = storage or SystemStorage(), Path(path)
    with opened(storage, storage.open_read(path)) as handle:
        stop = last_newline(storage, handle)
    yield from records_from(storage, path, 0, None, stop, key_bytes(key))


def read_records(path, key=None, *, event=None, last=None, storage=None):
    """Read an audit trail; the chain is checked on the way, the end is not (``verify_log`` does that).

    Parameters
    ----------
    path : path-like
    key : bytes, str or Secret, optional
        That it was made with.
    event : str, optional
        Only records of this event.
    last : int, optional
        Only so many, from the end.
    storage : Storage, optional

    Returns
    -------
    AuditRecords
        A list of dicts, with ``to_frame()``. A line that is not whole at the end is left out.

    Raises
    ------
    IntegrityError
        A record is not as it was written; has its number.
    InvalidValue
        No record is of ``event``, ``last`` is below 0, or ``path`` is no file.
    OSError
        The trail cannot be read.

    Examples
    --------
    >>> import os, tempfile
    >>> from nanobook.rebalancer.audit.log import AuditLog
    >>> from nanobook.rebalancer.audit.contents import read_records
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with AuditLog(os.path.join(folder, "audit.jsonl")) as log:
    ...         _ = log.record("order_intent", symbol="AAPL", shares=10)
    ...     read_records(log.path, event="order_intent")[0]["shares"]
    10
    """
    if last is not None and (not isinstance(last, int) or last < 0):
        raise InvalidValue(f"last: {last!r}; give how many records, from 0")
    kept: deque = deque(maxlen=last)
    names = set()
    for record in iter_records(path, key, storage=storage):
        names.add(record.event)
        if event in (None, record.event):
            kept.append(record)
    if event is not None and event not in names:
        hint = nearest(event, names) or f"; it holds {', '.join(sorted(names))}"
        raise InvalidValue(f"event: {path} has no record {event!r}{printable(hint)}")
    return AuditRecords(kept)


@dataclass(frozen=True)
class AuditStats:
    """Counts of an audit trail.

    Attributes
    ----------
    path : str
    records, bytes : int
    events : dict of str to int
        Records by event, most first.
    ends : dict of str to int
        Orders by how they ended, as ``order_filled`` says it ('Filled', 'Cancelled' ...).
    symbols : dict of str to int
        Order intents by symbol, most first.
    first, last : str
        Times of the first and of the last record.
    """

    path: str
    records: int = 0
    bytes: int = 0
    events: dict = field(default_factory=dict)
    ends: dict = field(default_factory=dict)
    symbols: dict = field(default_factory=dict)
    first: str = ""
    last: str = ""

    @property
    def unsettled(self):
        """Order intents without an end: more than 0 after a run has ended needs a look."""
        count = self.events.get
        return count("order_intent", 0) - count("order_filled", 0) - count("order_failed", 0)

    def to_frame(self):
        """Return a DataFrame: a row an event, with its count."""
        import pandas as pd

        index = pd.Index(list(self.events), name="event", dtype="object")
        return pd.DataFrame({"records": list(self.events.values())}, index=index)

    def _repr_html_(self):
        return self.to_frame()._repr_html_()

    def __str__(self):
        lines = [
            f"records    {self.records:,}",
            f"bytes      {self.bytes:,}",
            f"time       {self.first or 'none'} to {self.last or 'none'}",
        ]
        for title, counts in (("events", self.events), ("orders", self.ends), ("intents", self.symbols)):
            if counts:
                lines += ["", title, *(f"  {printable(name):<26}{n:>12,}" for name, n in counts.items())]
        return "\n".join(lines)


def log_stats(path, key=None, *, storage=None):
    """Count what is in an audit trail; parameters and errors as of ``read_records``.

    Returns
    -------
    AuditStats
    """
    events, ends, symbols = Counter(), Counter(), Counter()
    first, last, size = "", "", 0
    for record in iter_records(path, key, storage=storage):
        events[record.event] += 1
        if record.event == "order_filled":
            ends[str(record.get("status"))] += 1
        if record.event == "order_intent":
            symbols[str(record.get("symbol"))] += 1
        first, last, size = first or record["ts"], record["ts"], record.stop
    counts = [dict(counter.most_common()) for counter in (events, ends, symbols)]
    return AuditStats(str(path), events.total(), size, *counts, printable(first), printable(last))
