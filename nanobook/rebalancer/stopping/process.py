"""The process of a run, stopped from another one: asked first, then ended, and only if it holds the lock."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

GRACE = 5.0
"""Seconds that a run gets to finish the call in flight and to record its answer."""
POLL = 0.01
OPEN_FILES = Path("/proc")  # where Linux tells what a process has open


def stop_run(lock, clock, end):
    """End whoever holds a lock, and take it.

    Parameters
    ----------
    lock : RunLock
        Ours when this returns, unless the process is still alive.
    clock : Clock
    end : float
        When to give up, as ``clock.monotonic()`` tells; half of the time, at most, is grace.

    Returns
    -------
    how : str
        'none', 'stopped', 'killed' or 'alive'.
    pid : int or None
    """
    if lock.try_acquire():
        return "none", None
    now = clock.monotonic()
    hard = now + min(GRACE, (end - now) / 2)
    asked, how = None, "stopped"
    while clock.monotonic() < end:
        pid = holder_of(lock)
        if pid is not None and clock.monotonic() >= hard:
            _send(pid, signal.SIGKILL)
            asked, how = pid, "killed"
        elif pid is not None and pid != asked:
            _send(pid, signal.SIGTERM)
            asked = pid
        clock.sleep(POLL)
        if lock.try_acquire():
            return how, asked
    return "alive", asked


def holder_of(lock):
    """Give the process that holds a lock; None if that is not sure.

    What the lock file says may be the number of a process that died and whose number another has now. Where
    the system tells which files a process has open (Linux), the lock must be among them.
    """
    holder = lock.holder()
    if holder.pid is None or holder.pid == os.getpid() or holder.host != lock.host:
        return None
    if not OPEN_FILES.exists():
        return holder.pid
    with suppress(OSError):  # it ended meanwhile, or is another user's
        files = list((OPEN_FILES / str(holder.pid) / "fd").iterdir())
        return holder.pid if any(_is_same(file, lock.path) for file in files) else None
    return None


def _is_same(file, path):
    try:
        return os.path.samefile(file, path)
    except OSError:  # closed meanwhile
        return False


def _send(pid, number):
    with suppress(ProcessLookupError):
        os.kill(pid, number)
