"""Files are written whole or not at all."""

import os
import secrets
import stat
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import InvalidValue


@contextmanager
def atomic_write(path, rest=None):
    """Open a new file that takes the place of ``path`` when the block ends.

    Until then, and for good if the block raises, ``path`` is as it was. The new file lies in the same
    folder; it is on the disk before it takes the place, and its name is on the disk before the block
    is left. It keeps the permissions of the file that it replaces.

    Parameters
    ----------
    path : str or path-like
        Its folder must exist; a link is followed.
    rest : str or path-like, optional
        Where to keep what was written if the block raises; by default it is thrown away.

    Yields
    ------
    binary file

    Raises
    ------
    OSError
        The file cannot be written.
    InvalidValue
        ``path`` is a device, a pipe or a folder.

    Examples
    --------
    >>> import os, tempfile
    >>> from nanobook.files import atomic_write
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic_write(os.path.join(folder, "a.txt")) as file:
    ...         _ = file.write(b"whole")
    ...     os.listdir(folder)
    ['a.txt']
    """
    target = Path(os.path.realpath(os.fsdecode(path)))
    mode = _mode_of(target)
    unfinished = target.with_name(f".nanobook-{secrets.token_hex(8)}.tmp")
    try:
        with open(unfinished, "xb") as file:
            if mode is not None:
                os.chmod(unfinished, mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, target)
    except BaseException:
        with suppress(OSError):
            if rest is None:
                unfinished.unlink(missing_ok=True)
            else:
                os.replace(unfinished, rest)
        raise
    _sync_folder(target.parent)


def read_plain(path):
    """Read a file as a whole; a pipe, a device or a folder is refused rather than waited for.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    bytes

    Raises
    ------
    OSError
        The file cannot be read.
    InvalidValue
        It is no plain file.

    Examples
    --------
    >>> from nanobook.files import read_plain
    >>> read_plain("/dev/zero")
    Traceback (most recent call last):
        ...
    nanobook.errors.InvalidValue: /dev/zero is not a file, but a folder, a pipe or a device
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise InvalidValue(f"{path} is not a file, but a folder, a pipe or a device")
        with open(handle, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(handle)


def _mode_of(target):
    """Permissions of the file to be replaced, None without one."""
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise InvalidValue(f"path: {target} is not a file; use the name of one, new or to be replaced")
    return stat.S_IMODE(mode)


def _sync_folder(folder):
    """Bring the names in a folder to the disk; only POSIX lets one open a folder."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
