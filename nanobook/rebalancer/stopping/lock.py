"""One run at a time: a lock that the system lets go of when its holder dies, however it dies."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ...clock import SystemClock
from ...errors import AlreadyRunning, InvalidValue
from ...hints import printable
from ..storage import SystemStorage

NAME = "lock"
LOOKS, LOOK = 3, 0.05  # how often, and after how many seconds, a lock that is taken is tried again


class Holder(NamedTuple):
    """Who holds a lock, as it said itself; None where it did not."""

    pid: int | None = None
    started: str | None = None
    host: str | None = None


class RunLock:
    """The right to trade from a folder, for one process at a time.

    Parameters
    ----------
    folder : path-like
        Of the run; made if it is not there.
    storage : Storage, optional
    clock : Clock, optional

    Examples
    --------
    >>> import tempfile
    >>> from nanobook.errors import AlreadyRunning
    >>> from nanobook.rebalancer.stopping.lock import RunLock
    >>> with tempfile.TemporaryDirectory() as folder, RunLock(folder):
    ...     try:
    ...         RunLock(folder).acquire()
    ...     except AlreadyRunning:
    ...         print("one at a time")
    one at a time
    """

    def __init__(self, folder, storage=None, clock=None):
        self.path = Path(folder) / NAME
        self._storage = storage or SystemStorage()
        self._clock = clock or SystemClock()
        self._handle: int | None = None
        self.host = socket.gethostname()

    def __repr__(self):
        return f"RunLock({str(self.path)!r}, {'held' if self.is_held else 'free or of others'})"

    def __enter__(self):
        self.acquire()
        return self

    def __exit__(self, *_):
        self.release()

    @property
    def is_held(self):
        """Whether we hold it."""
        return self._handle is not None

    def acquire(self):
        """Take the lock.

        Raises
        ------
        AlreadyRunning
            Another process, or another object of this one, holds it; names its process and when it began.
        """
        for _ in range(LOOKS):
            if self.try_acquire():
                return
            self._clock.sleep(LOOK)  # somebody may only be looking whether a run goes on
        if not self.try_acquire():
            holder = self.holder()
            raise AlreadyRunning(
                f"{self.path}: a run is going on: process {holder.pid or 'unknown'} on "
                f"{holder.host or 'this machine'}, begun {holder.started or 'just now'}; wait for it, or use "
                "`rebalancer kill`"
            )

    def try_acquire(self):
        """Take the lock unless another holds it; tells whether it is ours now."""
        if self._handle is not None:
            return False
        storage = self._storage
        storage.make_folder(self.path.parent)
        handle = self._open()
        try:
            if not storage.try_lock(handle):
                storage.close(handle)
                return False
            with suppress(OSError):  # on a full disk the lock has no name, and holds all the same
                self._sign(handle)
        except BaseException:
            storage.close(handle)
            raise
        self._handle = handle
        return True

    def is_taken(self):
        """Tell whether somebody holds the lock, and leave everything as it is."""
        storage = self._storage
        try:
            handle = storage.open_read(self.path)
        except FileNotFoundError:
            return False
        try:
            return not storage.try_lock(handle)
        finally:
            storage.close(handle)

    def release(self):
        """Let go; may be called twice. The file stays: to remove it would let two hold one name."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with suppress(OSError):
                self._storage.close(handle)

    def holder(self):
        """Read who took the lock last.

        Returns
        -------
        Holder
        """
        storage = self._storage
        try:
            handle = storage.open_read(self.path)
        except (OSError, InvalidValue):
            return Holder()
        try:
            return _holder_of(storage.read_at(handle, 4096, 0))
        finally:
            storage.close(handle)

    def _sign(self, handle):
        """Write who holds the lock."""
        about = Holder(os.getpid(), self._clock.now().isoformat(timespec="seconds"), self.host)
        self._storage.truncate(handle, 0)
        self._storage.append(handle, json.dumps(about._asdict()).encode() + b"\n")

    def _open(self):
        if not self._storage.exists(self.path):
            with suppress(FileExistsError):  # somebody else was faster
                return self._storage.create(self.path)
        return self._storage.open_append(self.path)


def _holder_of(data):
    """Read what a holder wrote; what is not understood is None."""
    try:
        about = json.loads(data)
        pid, started, host = about["pid"], about["started"], about["host"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return Holder()
    right = type(pid) is int and pid > 0
    return Holder(pid if right else None, printable(started), printable(host))
