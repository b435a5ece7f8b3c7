"""``MemoryStorage``: a disk in memory, for tests that open thousands of files."""

from __future__ import annotations

import errno
import os
from itertools import count


class MemoryStorage:
    """A ``nanobook.rebalancer.storage.Storage`` in memory: nothing is lost, and nothing waits for a disk.

    Parameters
    ----------
    files : mapping of str to bytes, optional
        What is there in the beginning.

    Examples
    --------
    >>> from nanobook.rebalancer.audit.log import AuditLog
    >>> from nanobook.testing.memory import MemoryStorage
    >>> disk = MemoryStorage()
    >>> AuditLog("logs/audit.jsonl", storage=disk).record("run_started")
    2
    >>> sorted(disk.files)
    ['logs/audit.head', 'logs/audit.jsonl']
    """

    def __init__(self, files=None):
        self._files = {str(path): bytearray(data) for path, data in (files or {}).items()}
        self._open: dict[int, bytearray] = {}
        self._locks: dict[int, int] = {}  # handle by file
        self._numbers = count(1)

    @property
    def files(self):
        """Contents by name: a copy."""
        return {path: bytes(data) for path, data in self._files.items()}

    def make_folder(self, path):
        """Do nothing: folders are there."""

    def create(self, path):
        """Make a new file to append to."""
        if self.exists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        self._files[str(path)] = bytearray()
        return self._handle(path)

    def open_append(self, path):
        """Open an existing file."""
        return self._handle(path)

    open_update = open_read = open_append

    def size(self, handle):
        """Bytes of a file."""
        return len(self._open[handle])

    def read_at(self, handle, count, offset):
        """Read up to ``count`` bytes."""
        return bytes(self._open[handle][offset : offset + count])

    def append(self, handle, data):
        """Write at the end."""
        self._open[handle] += data

    def write_at(self, handle, data, offset):
        """Write at a place; what lies before it is filled with zeros."""
        file = self._open[handle]
        file.extend(bytes(max(0, offset - len(file))))
        file[offset : offset + len(data)] = data

    def truncate(self, handle, size):
        """Cut a file."""
        del self._open[handle][size:]

    def sync(self, handle):
        """Do nothing but look whether the file is open."""
        self._open[handle]

    def sync_folder(self, path):
        """Do nothing."""

    def replace(self, source, target):
        """Give a file the name of another."""
        self._files[str(target)] = self._files.pop(str(source))

    def unlink(self, path):
        """Remove a file."""
        if self._files.pop(str(path), None) is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))

    def exists(self, path):
        """Whether there is a file of this name."""
        return str(path) in self._files

    def try_lock(self, handle):
        """Lock a file until its handle is closed."""
        return self._locks.setdefault(id(self._open[handle]), handle) == handle

    def close(self, handle):
        """Close a file."""
        file = self._open.pop(handle)
        if self._locks.get(id(file)) == handle:
            del self._locks[id(file)]

    def _handle(self, path):
        if not self.exists(path):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        handle = next(self._numbers)
        self._open[handle] = self._files[str(path)]
        return handle
