"""Files that decide over money: read once, and only if nobody else could have put something there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

SHOWN = 0o777


def read_trusted(path, *, most, mode, error):
    """Read a small file as a whole, unless it is not what it should be.

    It is opened once, without following a link and without waiting (a pipe, a device), and judged by what
    was opened; whoever changes it later changes nothing.

    Parameters
    ----------
    path : str or path-like
    most : int
        Bytes that it may have.
    mode : int
        Permissions that it may have at most, as 0o640.
    error : type
        What is raised, with the path and what to do.

    Returns
    -------
    bytes
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except ValueError:  # a NUL in the name
        raise error(f"{os.fspath(path)!r}: no file can have this name") from None
    except OSError as failure:
        raise error(f"{path}: {reason_of(path, failure)}") from None
    try:
        fault = distrust(os.fstat(handle), mode, most)
        if fault:
            raise error(f"{path}: {fault.replace('PATH', str(path))}")
        content = read_at_most(handle, most + 1)
    finally:
        os.close(handle)
    if len(content) > most:
        raise error(f"{path}: grew while it was read; write it elsewhere and rename it")
    return content


def read_at_most(handle, most):
    """Read so many bytes, or to the end."""
    parts, left = [], most
    while left and (part := os.read(handle, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def reason_of(path, failure):
    """Say why a file could not be opened."""
    if os.path.islink(path):
        return "is a link; name the file itself"
    if isinstance(failure, FileNotFoundError):
        near = sorted(Path(path).absolute().parent.glob(f"*{Path(path).suffix}"))[:3]
        others = ", ".join(other.name for other in near)
        return "no such file" + (f"; in the same folder: {others}" if others else "")
    return failure.strerror


def distrust(status, mode, most):
    """Tell what is wrong with an open file, "" if nothing is."""
    if stat.S_ISDIR(status.st_mode):
        return "is a folder; name a file in it"
    if not stat.S_ISREG(status.st_mode):
        return "is not a plain file (a pipe or a device); name a file"
    if status.st_uid != os.geteuid():
        return f"belongs to user {status.st_uid}, not to you ({os.geteuid()}); copy it to a file of your own"
    has = status.st_mode & SHOWN
    if has & ~mode:
        return f"others may change or read it (mode {has:04o}); run: chmod {mode:o} PATH"
    if status.st_size > most:
        return f"has {status.st_size:,} bytes; at most {most:,} are read"
    return ""
