"""Audit trails looked at from outside: verified as a whole, read, counted. Nothing is written."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import IntegrityError, InvalidValue
from .chain import GENESIS, BrokenLink, Link, key_bytes, next_link, read_line
from .head import head_path, load_head
from .reading import UNACKNOWLEDGED, AuditRecord, broken, lines_of, records_from, walk
from .storage import SystemStorage, opened


@dataclass(frozen=True)
class AuditReport:
    """What the verification of an audit trail found.

    Attributes
    ----------
    path : str
    ok : bool
        Whether every record is as it was written, and none is missing.
    records, bytes : int
        That are right: up to the first that is not.
    record : int or None
        Number of the first record that is wrong.
    problem : str
        What is wrong with it; empty if nothing is.
    log : str
        Name of the trail.
    keyed : bool
        Whether a key was checked.
    head : str
        'whole', 'behind' (a crash between a record and its head), or 'missing'.
    torn : int
        Bytes behind the last whole record, left by a crash and never acknowledged.
    first, last : str
        Times of the first and the last record.
    anchor : str
        ``count:hash`` of the last right record, to be kept elsewhere.
    """

    path: str
    ok: bool = False
    records: int = 0
    bytes: int = 0
    record: int | None = None
    problem: str = ""
    log: str = ""
    keyed: bool = False
    head: str = "missing"
    torn: int = 0
    first: str = ""
    last: str = ""
    anchor: str = f"0:{GENESIS}"

    def check(self):
        """Raise ``IntegrityError`` if the trail is not right; returns the report.

        Raises
        ------
        IntegrityError
            With the record's number.
        """
        if not self.ok:
            raise broken(self.path, self.record, self.problem)
        return self

    def to_frame(self):
        """Return a DataFrame of one column, a row for each finding."""
        import pandas as pd

        return pd.DataFrame({"value": list(vars(self).values())}, index=pd.Index(list(vars(self)), name="found"))

    def _repr_html_(self):
        return self.to_frame()._repr_html_()

    def __str__(self):
        verdict = "verified" if self.ok else f"WRONG at record {self.record}: {self.problem}"
        lines = [f"{self.path}: {verdict}"] + [
            f"{name:<8} {value}"
            for name, value in vars(self).items()
            if name not in ("path", "ok", "record", "problem")
        ]
        return "\n".join(lines)
