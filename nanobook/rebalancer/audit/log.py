"""``AuditLog``: the write-ahead trail of a rebalancer. What is recorded is on the disk when that is told.

A record is one line of ``chain``; ``head`` says how far the trail goes. ``reading`` and ``verify`` look at
trails without writing.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from ...clock import SystemClock
from ...errors import AlreadyRunning, AuditError, IntegrityError, InvalidValue
from ..storage import SystemStorage, opened
from .chain import write_line
from .head import FORMAT, SLOT, Head, create_head, head_path, load_head, slot_of
from .keys import key_bytes
from .reading import check_end, records_from, search

UNSYNCED = 256
"""Records that may wait for a later one to bring them to the disk."""
WAITING_BYTES = 1 << 20


class AuditLog:
    """An audit trail that is open for writing; the one writer at a time.

    Opening checks the end of the trail (all of it, up to the last 64 MiB) against the head, and drops what a
    crash left unfinished behind it: none of that was ever acknowledged. ``dropped`` tells how much, and so
    does a record ``torn_tail_dropped``.

    Parameters
    ----------
    path : path-like
        Usually ``audit.jsonl``; the head lies beside it as ``audit.head``. Made, with its folder, if it is
        not there.
    storage : Storage, optional
    clock : Clock, optional
    key : bytes, str or Secret, optional
        Of at least 16 bytes; then the hashes are HMACs, and nobody without the key can forge a trail.
    account : str, optional
        Whose trail it is: one of another account is refused.

    Attributes
    ----------
    count : int
        Records so far.
    size : int
        Bytes so far: where the next record will begin.
    dropped : int
        Bytes behind the last whole record that were dropped when it was opened.

    Raises
    ------
    IntegrityError
        The trail was changed or cut, or is another account's or version's; ``record`` has the number.
    AlreadyRunning
        Another process writes to it.
    AuditError
        It cannot be read or written.

    Examples
    --------
    >>> import os, tempfile
    >>> from nanobook.rebalancer.audit.log import AuditLog
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with AuditLog(os.path.join(folder, "audit.jsonl")) as log:
    ...         log.record("order_intent", symbol="AAPL", shares=10)
    ...     with AuditLog(log.path) as log:
    ...         [record["event"] for record in log.records()]
    2
    ['log_started', 'order_intent']
    """

    def __init__(self, path, *, storage=None, clock=None, key=None, account=None):
        self.path = Path(path)
        self._storage = storage or SystemStorage()
        self._clock = clock or SystemClock()
        self._key = key_bytes(key)
        self._account = account
        self._mutex = threading.Lock()
        self._dead: str | None = None
        self._handles: list[int] = []
        self._waiting = self._waiting_bytes = 0
        self.dropped = 0
        try:
            self._open()
        except BaseException as error:
            self._release("it could not be opened")
            if isinstance(error, OSError):
                raise self._failed("cannot be opened", error) from error
            raise

    def __repr__(self):
        return f"AuditLog({str(self.path)!r}, {self.count} records)"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __reduce__(self):
        raise TypeError("an open AuditLog cannot be pickled; open its path again")

    @property
    def count(self):
        """Records so far."""
        return self._link.number

    @property
    def head(self):
        """``count:hash`` of the last record, to be kept elsewhere: ``verify_log`` takes it as ``anchor``."""
        return f"{self._link.number}:{self._link.hash}"

    def record(self, event, durable=True, **payload):
        """Write a record.

        Parameters
        ----------
        event : str
            Small letters, digits and ``_``.
        durable : bool
            Whether the record, and all before it, is on the disk when this returns. Else a later one brings
            it there (at the latest the 256th); until then a power cut may lose it, the end of the process
            not.
        payload
            Texts, whole numbers, Decimals, times, None, lists and mappings; never floats.

        Returns
        -------
        int
            Its number, counted from 1.

        Raises
        ------
        InvalidValue, WrongType
            It cannot be written so; nothing has changed.
        AuditError
            It is not durable. Nothing is recorded after that, so nothing may be sent either.
        """
        with self._mutex:
            self._check_alive()
            line, link = write_line(event, self._clock.now(), payload, self._link, self._key)
            try:
                self._storage.append(self._file, line)
                self._link = link
                self.size += len(line)
                self._waiting += 1
                self._waiting_bytes += len(line)
                if durable or self._waiting >= UNSYNCED or self._waiting_bytes >= WAITING_BYTES:
                    self._settle()
            except BaseException as error:
                self._release(f"a record failed: {_reason(error)}")
                if isinstance(error, OSError):
                    raise self._failed(f"cannot take the record {event!r}", error) from error
                raise
            return link.number

    def sync(self):
        """Bring all records to the disk.

        Raises
        ------
        AuditError
            They are not there.
        """
        with self._mutex:
            self._check_alive()
            try:
                if self._waiting:
                    self._settle()
            except BaseException as error:
                self._release(f"a sync failed: {_reason(error)}")
                if isinstance(error, OSError):
                    raise self._failed("cannot be synced", error) from error
                raise

    def records(self, start=0):
        """Read the records from a byte on, where one begins.

        Yields
        ------
        AuditRecord

        Raises
        ------
        IntegrityError
            They do not chain, or do not end in the last record written.
        """
        return records_from(self._storage, self.path, start, self._link, self.size, self._key)

    def search(self, *events):
        """Read the records of some events alone; a million others cost a third of a second.

        Yields
        ------
        AuditRecord
            Each is checked by its own hash.
        """
        return search(self._storage, self.path, events, self.size, self._key)

    def close(self):
        """Bring all records to the disk and let others write; may be called twice."""
        if self._dead is None:
            try:
                self.sync()
            finally:
                self._release("it is closed")

    def _open(self):
        storage, head_file = self._storage, head_path(self.path)
        if head_file == self.path:
            raise InvalidValue(f"path: {self.path} is the name of its head; use audit.jsonl")
        storage.make_folder(self.path.parent)
        if not storage.exists(head_file):
            self._begin(head_file)
        is_new = not storage.exists(self.path)
        self._file = storage.create(self.path) if is_new else storage.open_append(self.path)
        self._handles.append(self._file)
        if not storage.try_lock(self._file):
            raise AlreadyRunning(f"{self.path}: another process writes to it; wait until it has ended")
        self._slots = storage.open_update(head_file)
        self._handles.append(self._slots)
        self._head, torn = load_head(storage, head_file, self._key)
        self._recover(torn)
        if self.count == 0:
            self.record("log_started", format=FORMAT, log=self._head.log, account=self._account)
        elif self.dropped:
            self.record("torn_tail_dropped", bytes=self.dropped)

    def _begin(self, head_file):
        """Make the head first: it is durable before the trail is there."""
        if self._storage.exists(self.path):
            handle = self._storage.open_append(self.path)
            self._handles.append(handle)
            if self._storage.size(handle):
                raise IntegrityError(
                    f"{self.path}: its head {head_file.name} is missing, so that nobody can tell whether the "
                    "trail is whole; move the trail away, or bring its head back"
                )
        create_head(self._storage, head_file, self._key)

    def _recover(self, torn):
        """Check the end against the head; write what is right behind it anew, and drop the rest."""
        head, storage = self._head, self._storage
        end = check_end(storage, self._file, self.path, head, torn, self._key, self._account)
        self._link, self.size = head.link, head.size
        self.dropped = end.dropped
        self._keep_head()
        if end.dropped:
            storage.truncate(self._file, storage.size(self._file) - end.dropped)
        if end.lines:
            # A sync that failed may have left them in memory alone. Written in place, they are never gone.
            with opened(storage, storage.open_update(self.path)) as handle:
                storage.write_at(handle, b"".join(end.lines), head.size)
                storage.sync(handle)
            self._link, self.size = end.link, head.size + sum(map(len, end.lines))
            self._settle()

    def _keep_head(self):
        """Make durable what is believed now: whoever wrote it may have died before it was.

        Without that a power cut may find the next head whole and this one torn, as if somebody had been here.
        """
        if self._head.records == 0:
            self._storage.sync_folder(self.path.parent)
        self._write_slot(self._head)

    def _settle(self):
        """Sync the trail, then move the head: whatever is acknowledged lies within a head on the disk."""
        self._storage.sync(self._file)
        head = Head(self._head.log, self._head.generation + 1, self._link.number, self.size, self._link.hash)
        self._write_slot(head)
        self._head = head
        self._waiting = self._waiting_bytes = 0

    def _write_slot(self, head):
        self._storage.write_at(self._slots, slot_of(head, self._key), SLOT * (head.generation % 2))
        self._storage.sync(self._slots)

    def _check_alive(self):
        if self._dead is not None:
            raise AuditError(f"{self.path}: no record can be written: {self._dead}")

    def _release(self, reason):
        """Let go of the files for good."""
        self._dead = reason
        handles, self._handles = self._handles, []
        for handle in handles:
            with suppress(OSError):
                self._storage.close(handle)

    def _failed(self, what, error):
        return AuditError(f"audit trail {self.path} {what}: {_reason(error)}; nothing may be sent any more")


def _reason(error):
    """Say shortly what went wrong."""
    return getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
