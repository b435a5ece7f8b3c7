"""All durable input and output of the rebalancer, in one small interface that tests can make fail.

Files are for their owner alone (0600, folders 0700, whatever the umask), are never reached through a link and
are not inherited by other programs.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from ..errors import InvalidValue, NotAvailable

FILE_MODE = 0o600
FOLDER_MODE = 0o700
OTHERS = 0o077  # what nobody but the owner may do
_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # a pipe must not hang whoever opens it
_NO_FILE = "is not a file, but a folder, a pipe or a device"


class Storage(Protocol):
    """The calls that bring files to a disk. Handles are numbers; every call may raise ``OSError``."""

    def make_folder(self, path) -> None:
        """Make a folder and those above it that are missing."""

    def create(self, path) -> int:
        """Make a new file to append to; ``FileExistsError`` if the name is taken, even by a dead link."""

    def open_append(self, path) -> int:
        """Open an existing file to append to; it must be ours alone."""

    def open_update(self, path) -> int:
        """Open an existing file to write anywhere in it; it must be ours alone."""

    def open_read(self, path) -> int:
        """Open an existing file, of anyone, to read."""

    def size(self, handle) -> int:
        """Bytes of a file."""

    def read_at(self, handle, count, offset) -> bytes:
        """Read up to ``count`` bytes; fewer only at the end."""

    def append(self, handle, data) -> None:
        """Write all of ``data`` at the end."""

    def write_at(self, handle, data, offset) -> None:
        """Write all of ``data`` at a place."""

    def truncate(self, handle, size) -> None:
        """Cut a file."""

    def sync(self, handle) -> None:
        """Bring what was written to the disk. After a failure nothing is known of it: never try again."""

    def sync_folder(self, path) -> None:
        """Bring the names in a folder to the disk."""

    def replace(self, source, target) -> None:
        """Give a file the name of another, which is gone then."""

    def unlink(self, path) -> None:
        """Remove a file."""

    def exists(self, path) -> bool:
        """Whether there is anything of this name, be it a dead link: one call of the system."""

    def try_lock(self, handle) -> bool:
        """Lock a file until it is closed or we die; False if another has locked it."""

    def close(self, handle) -> None:
        """Close a file; its lock is gone."""


class SystemStorage:
    """The disk of this machine.

    Examples
    --------
    >>> import os, tempfile
    >>> from nanobook.rebalancer.storage import SystemStorage, read_file, write_file
    >>> disk = SystemStorage()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_file(disk, os.path.join(folder, "state"), b"whole or not at all")
    ...     read_file(disk, os.path.join(folder, "state"))
    b'whole or not at all'
    """

    def make_folder(self, path):
        """Make a folder and those above it that are missing, each for its owner alone."""
        path = Path(path)
        if path.is_dir():
            return
        self.make_folder(path.parent)  # ends at "/" or ".", which are folders
        with suppress(FileExistsError):  # somebody else was faster
            os.mkdir(path, FOLDER_MODE)
            os.chmod(path, FOLDER_MODE)
            self.sync_folder(path.parent)

    def create(self, path):
        """Make a new file to append to."""
        handle = self._open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL)
        os.chmod(handle, FILE_MODE)
        return handle

    def open_append(self, path):
        """Open an existing file of ours to append to."""
        return self._own(path, os.O_RDWR | os.O_APPEND)

    def open_update(self, path):
        """Open an existing file of ours to write anywhere in it."""
        return self._own(path, os.O_RDWR)

    def open_read(self, path):
        """Open an existing file, of anyone, to read."""
        return self._open(path, os.O_RDONLY)

    def size(self, handle):
        """Bytes of a file."""
        return os.fstat(handle).st_size

    def read_at(self, handle, count, offset):
        """Read up to ``count`` bytes; fewer only at the end."""
        parts = []
        while count > 0:
            part = os.pread(handle, count, offset)
            if not part:
                break
            parts.append(part)
            count -= len(part)
            offset += len(part)
        return b"".join(parts)

    def append(self, handle, data):
        """Write all of ``data`` at the end."""
        data = memoryview(data)
        while data:
            data = data[os.write(handle, data) :]

    def write_at(self, handle, data, offset):
        """Write all of ``data`` at a place."""
        data = memoryview(data)
        while data:
            done = os.pwrite(handle, data, offset)
            data, offset = data[done:], offset + done

    def truncate(self, handle, size):
        """Cut a file."""
        os.ftruncate(handle, size)

    def sync(self, handle):
        """Bring what was written to the disk."""
        os.fsync(handle)

    def sync_folder(self, path):
        """Bring the names in a folder to the disk; only POSIX lets one open a folder."""
        if os.name != "posix":
            return
        handle = os.open(path, os.O_RDONLY | _FLAGS)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def replace(self, source, target):
        """Give a file the name of another, which is gone then."""
        os.replace(source, target)

    def unlink(self, path):
        """Remove a file."""
        os.unlink(path)

    def exists(self, path):
        """Whether there is anything of this name, be it a dead link."""
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def try_lock(self, handle):
        """Lock a file until it is closed or we die; False if another has locked it."""
        try:
            import fcntl
        except ImportError:
            raise NotAvailable("the rebalancer locks its files with flock, which only POSIX has") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self, handle):
        """Close a file; its lock is gone."""
        os.close(handle)

    def _open(self, path, flags):
        """Open a regular file, not through a link."""
        try:
            handle = os.open(path, flags | _FLAGS | _NO_WAIT, FILE_MODE)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EMLINK):
                raise InvalidValue(f"{path} is a link; give the file itself") from None
            if error.errno in (errno.EISDIR, errno.ENXIO):
                raise InvalidValue(f"{path} {_NO_FILE}") from None
            raise
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise InvalidValue(f"{path} {_NO_FILE}")
        return handle

    def _own(self, path, flags):
        """Open a file that nobody else may read or change."""
        handle = self._open(path, flags)
        about = os.fstat(handle)
        reason = None
        if hasattr(os, "geteuid") and about.st_uid != os.geteuid():
            reason = "belongs to another user"
        elif os.name == "posix" and about.st_mode & OTHERS:
            reason = f"has mode {stat.S_IMODE(about.st_mode):04o}; look who wrote to it, then chmod 600"
        if reason:
            os.close(handle)
            raise InvalidValue(f"{path} {reason}")
        return handle


@contextmanager
def opened(storage, handle):
    """Close a file at the end of the block."""
    try:
        yield handle
    finally:
        storage.close(handle)


def write_file(storage, path, data):
    """Write a small file whole or not at all: it is durable, and so is its name, when this returns.

    Parameters
    ----------
    storage : Storage
    path : path-like
        A file of this name is replaced.
    data : bytes

    Raises
    ------
    OSError
        Nothing has changed, or all has.
    """
    path = Path(path)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    handle = storage.create(unfinished)
    try:
        with opened(storage, handle):
            storage.append(handle, data)
            storage.sync(handle)
        storage.replace(unfinished, path)
    except BaseException:
        with suppress(OSError):
            storage.unlink(unfinished)
        raise
    storage.sync_folder(path.parent)


def read_file(storage, path, limit=1 << 20):
    """Read a small file.

    Raises
    ------
    InvalidValue
        It is longer than ``limit`` bytes, a link, or no file.
    OSError
        It cannot be read; FileNotFoundError if it is not there.
    """
    with opened(storage, storage.open_read(path)) as handle:
        data = storage.read_at(handle, limit + 1, 0)
    if len(data) > limit:
        raise InvalidValue(f"{path} is longer than {limit} bytes")
    return data
