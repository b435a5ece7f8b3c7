"""Disks that fail, and a disk that remembers: what a power cut may leave of it.

For tests of everything that must not lose what it promised; see ``nanobook.rebalancer.storage``.
"""

from __future__ import annotations

import errno
import os

from ..errors import InvalidValue
from ..rebalancer.storage import SystemStorage

CALLS = (
    "make_folder",
    "create",
    "open_append",
    "open_update",
    "open_read",
    "size",
    "read_at",
    "append",
    "write_at",
    "truncate",
    "sync",
    "sync_folder",
    "replace",
    "unlink",
    "exists",
    "try_lock",
    "close",
)
WRITES = ("append", "write_at")
FAULTS = (errno.EIO, errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EINTR)


class Crash(BaseException):
    """The process dies here. Not an ``Exception``: nothing may catch it and go on."""


class FaultyStorage:
    """A storage whose ``nth`` call fails.

    Parameters
    ----------
    nth : int
        Which call, counted from 1; 0 for none.
    fault : int, "before" or "after"
        Number of an error (``errno.EIO`` ...), or a ``Crash`` before or after the call was made. After a
        crash every further call is one, too.
    torn : int, optional
        If the call is a write: so many bytes of it are written first.
    storage : Storage, optional
        What the calls go to; the system unless told.

    Attributes
    ----------
    calls : list of str
        What was called.

    Examples
    --------
    >>> import errno
    >>> from nanobook.testing.storage import FaultyStorage
    >>> disk = FaultyStorage(2, errno.ENOSPC)
    >>> disk.exists("/")
    True
    >>> disk.exists("/")
    Traceback (most recent call last):
        ...
    OSError: [Errno 28] No space left on device
    """

    def __init__(self, nth=0, fault=errno.EIO, torn=None, storage=None):
        if fault not in ("before", "after") and not isinstance(fault, int):
            raise InvalidValue(f"fault: {fault!r}; give the number of an error, 'before' or 'after'")
        self.nth, self.fault, self.torn = nth, fault, torn
        self.storage = storage or SystemStorage()
        self.calls: list[str] = []
        self.crashed = False

    def __getattr__(self, name):
        if name not in CALLS:
            raise AttributeError(name)
        return lambda *args: self._call(name, args)

    def _call(self, name, args):
        if self.crashed:
            raise Crash(name)
        self.calls.append(name)
        real = getattr(self.storage, name)
        if len(self.calls) != self.nth:
            return real(*args)
        if self.torn is not None and name in WRITES:
            handle, data, *place = args
            real(handle, bytes(data)[: self.torn], *place)
        if self.fault == "after":
            real(*args)
        if isinstance(self.fault, str):
            self.crashed = True
            raise Crash(name)
        raise OSError(self.fault, os.strerror(self.fault))


class TracedStorage:
    """A storage that remembers every call that changes the disk, so that a power cut can be played.

    ``power.power_cuts`` builds what the files may look like after one. Files that were there before are read
    when they are first opened to be written, and count as durable.

    Parameters
    ----------
    storage : Storage, optional

    Attributes
    ----------
    trace : list of tuple
        ('create', path), ('write', path, offset, bytes), ('truncate', path, size), ('sync', path),
        ('replace', source, target), ('unlink', path), ('sync_folder', path), ('mark', anything).
    """

    def __init__(self, storage=None):
        self.storage = storage or SystemStorage()
        self.trace: list[tuple] = []
        self.before: dict[str, bytes] = {}
        self._paths: dict[int, str] = {}

    def mark(self, what):
        """Note in the trace what was acknowledged by now."""
        self.trace.append(("mark", what))

    def __getattr__(self, name):
        if name not in CALLS:
            raise AttributeError(name)
        return getattr(self.storage, name)

    def create(self, path):
        """Make a new file."""
        handle = self.storage.create(path)
        self._paths[handle] = str(path)
        self.trace.append(("create", str(path)))
        return handle

    def open_append(self, path):
        """Open a file to append to."""
        return self._opened(self.storage.open_append(path), path)

    def open_update(self, path):
        """Open a file to write to."""
        return self._opened(self.storage.open_update(path), path)

    def append(self, handle, data):
        """Write at the end."""
        offset = self.storage.size(handle)
        self.storage.append(handle, data)
        self.trace.append(("write", self._paths[handle], offset, bytes(data)))

    def write_at(self, handle, data, offset):
        """Write at a place."""
        self.storage.write_at(handle, data, offset)
        self.trace.append(("write", self._paths[handle], offset, bytes(data)))

    def truncate(self, handle, size):
        """Cut a file."""
        self.storage.truncate(handle, size)
        self.trace.append(("truncate", self._paths[handle], size))

    def sync(self, handle):
        """Bring a file to the disk."""
        self.storage.sync(handle)
        self.trace.append(("sync", self._paths[handle]))

    def sync_folder(self, path):
        """Bring names to the disk."""
        self.storage.sync_folder(path)
        self.trace.append(("sync_folder", str(path)))

    def replace(self, source, target):
        """Rename a file over another."""
        self.storage.replace(source, target)
        self.trace.append(("replace", str(source), str(target)))

    def unlink(self, path):
        """Remove a file."""
        self.storage.unlink(path)
        self.trace.append(("unlink", str(path)))

    def _opened(self, handle, path):
        made = {step[-1] for step in self.trace if step[0] in ("create", "replace")}
        if str(path) not in made and str(path) not in self.before:
            self.before[str(path)] = self.storage.read_at(handle, self.storage.size(handle), 0)
        self._paths[handle] = str(path)
        return handle
