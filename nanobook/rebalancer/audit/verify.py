"""Audit trails looked at from outside: verified as a whole. Nothing is written."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ...errors import IntegrityError, InvalidValue
from ...hints import printable
from ..storage import SystemStorage, opened
from .chain import GENESIS, BrokenLink, Chain, Link, read_line
from .head import head_path, load_head
from .keys import key_bytes
from .reading import broken, last_newline, lines_of

_ANCHOR = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


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
        Number of the first record that is wrong; None if none is, or it is the head alone.
    problem : str
        What is wrong; empty if nothing is.
    log, account : str
        Name of the trail, and whose it is.
    keyed : bool
        Whether the hashes were checked with a key.
    head : str
        'whole', 'behind' (a crash between a record and its head), 'missing' or 'wrong'.
    torn : int
        Bytes behind the last whole record, left by a crash and never acknowledged.
    first, last : str
        Times of the first and of the last record that is right.
    anchor : str
        ``count:hash`` of that last one, to be kept elsewhere.
    """

    path: str
    ok: bool = True
    records: int = 0
    bytes: int = 0
    record: int | None = None
    problem: str = ""
    log: str = ""
    account: str = ""
    keyed: bool = False
    head: str = "missing"
    torn: int = 0
    first: str = ""
    last: str = ""
    anchor: str = f"0:{GENESIS}"

    def check(self):
        """Return the report if the trail is right.

        Raises
        ------
        IntegrityError
            It is not; has the record's number.
        """
        if not self.ok:
            raise broken(self.path, None if self.record is None else self.record - 1, self.problem)
        return self

    def to_frame(self):
        """Return a DataFrame of one column, a row for each finding."""
        import pandas as pd

        found = asdict(self)
        return pd.DataFrame({"value": list(found.values())}, index=pd.Index(list(found), name="found"))

    def _repr_html_(self):
        return self.to_frame()._repr_html_()

    def __str__(self):
        where = "the head" if self.record is None else f"record {self.record}"
        lines = [f"{self.path}: {'verified' if self.ok else f'WRONG at {where}: {self.problem}'}"]
        told = ("records", "bytes", "log", "account", "keyed", "head", "torn", "first", "last", "anchor")
        lines += [f"{name:<8} {getattr(self, name)}" for name in told]
        return "\n".join(lines)


def verify_log(path, key=None, *, anchor=None, storage=None):
    """Verify a whole audit trail: every record, the chain of them, and the end.

    Parameters
    ----------
    path : path-like
        Its head is looked for beside it.
    key : bytes, str or Secret, optional
        That it was made with.
    anchor : str, optional
        ``count:hash`` of a record, as a run printed it in the end: the trail must hold that record. It also
        stands for a head that is missing.
    storage : Storage, optional

    Returns
    -------
    AuditReport
        ``check()`` raises if it is not right.

    Raises
    ------
    InvalidValue
        ``anchor`` or ``key`` cannot be one, or ``path`` is no file.
    OSError
        The trail cannot be read.

    Notes
    -----
    Without a key, who may write to both files can forge them together; only a kept anchor shows it. Records
    behind the head were never acknowledged: what is not whole there is told as ``torn`` and is no fault.

    Examples
    --------
    >>> import os, tempfile
    >>> from nanobook.rebalancer.audit.log import AuditLog
    >>> from nanobook.rebalancer.audit.verify import verify_log
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with AuditLog(os.path.join(folder, "audit.jsonl")) as log:
    ...         _ = log.record("run_started", account="DU1"), log.record("run_completed")
    ...     report = verify_log(log.path)
    >>> report.ok, report.records
    (True, 3)
    """
    storage, path = storage or SystemStorage(), Path(path)
    anchor = None if anchor is None else _anchor_of(anchor)
    with opened(storage, storage.open_read(path)) as handle:
        return _Verifier(path, key_bytes(key), storage, handle, anchor).report()


def _anchor_of(text):
    match = _ANCHOR.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise InvalidValue(f"anchor: {text!r}; give COUNT:HASH as a run printed it in the end")
    return Link(int(match[1]), match[2])


class _Verifier:
    """Walks through one trail; knows how far all was right."""

    def __init__(self, path, key, storage, handle, anchor):
        self.path, self.key, self.storage, self.handle, self.anchor = path, key, storage, handle, anchor
        self.size = storage.size(handle)
        self.chain = Chain(Link(), key)
        self.count = self.offset = 0
        self.hash, self.first, self.last = GENESIS, {}, {}

    def report(self):
        """Verify, and put what was found together."""
        state, problem, number = "missing", "", None
        try:
            head, torn = self.find_head()
            state = "whole" if head else "missing"
            self.walk(head.size if head else last_newline(self.storage, self.handle))
            self.compare(head)
            if head and self.go_behind(torn):
                state = "behind"
            self.compare_anchor(head)
        except IntegrityError as error:
            state, problem = "wrong", str(error)
        except BrokenLink as error:
            problem, number = str(error), error.number or self.count + 1
        return AuditReport(
            path=str(self.path),
            ok=not problem,
            records=self.count,
            bytes=self.offset,
            record=number,
            problem=problem,
            log=printable(self.first.get("log", "")),
            account=printable(self.first.get("account") or ""),
            keyed=self.key is not None,
            head=state,
            torn=0 if problem else self.size - self.offset,
            first=printable(self.first.get("ts", "")),
            last=printable(self.last.get("ts", "")),
            anchor=f"{self.count}:{self.hash}",
        )

    def find_head(self):
        """Read the head, if there is one."""
        place = head_path(self.path)
        return load_head(self.storage, place, self.key) if self.storage.exists(place) else (None, False)

    def walk(self, stop):
        """Check the records up to a byte."""
        for line in self.chain.walk(lines_of(self.storage, self.handle, self.offset, stop)):
            record = read_line(line)
            if self.anchor and self.anchor.number == self.chain.count and self.anchor != self.chain.link:
                raise BrokenLink("it is not the one that the anchor names")
            self.count, self.hash = self.chain.link
            self.offset += len(line)
            self.first, self.last = self.first or record, record

    def compare(self, head):
        """Check that the records end where the head says, and that the head is theirs."""
        if head is None:
            return
        if self.offset < head.size or self.count < head.records:
            raise BrokenLink(f"it is gone: the trail was cut; its head tells of {head.records} records")
        if self.first.get("log", head.log) != head.log:
            raise BrokenLink("it begins another trail than its head belongs to", 1)
        if self.chain.link != head.link:
            raise BrokenLink("the head names another last record", head.records)

    def go_behind(self, torn):
        """Look at what was never acknowledged; tells whether a whole record is among it."""
        before = self.count
        with suppress(BrokenLink):
            self.walk(self.size)
        if torn and self.count == before:
            raise BrokenLink("it is gone: its head was destroyed")
        return self.count > before

    def compare_anchor(self, head):
        """Check that the trail reaches as far as the anchor; one of both must be there."""
        if self.anchor and self.count < self.anchor.number:
            raise BrokenLink(
                f"it is gone: the trail was cut; the anchor tells of {self.anchor.number} records"
            )
        if head is None and self.anchor is None:
            raise IntegrityError(
                f"{head_path(self.path)} is missing, so that a cut end cannot be told; give the anchor that "
                "the last run printed"
            )
