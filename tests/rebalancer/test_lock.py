"""One run at a time, and nobody locked out by the dead."""

import fcntl
import json
import os
import stat
import subprocess
import sys
from contextlib import contextmanager

import pytest

from nanobook.errors import AlreadyRunning, InvalidValue
from nanobook.rebalancer.stopping.lock import Holder, RunLock
from nanobook.rebalancer.storage import SystemStorage
from nanobook.testing.memory import MemoryStorage
from nanobook.testing.storage import FaultyStorage
from tests.rebalancer.making import HandClock

HOLD = """
import sys, time
from nanobook.rebalancer.stopping.lock import RunLock
with RunLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held_by_another(folder):
    """Another process holds the lock until the block ends, or it is killed."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout.readline() == "held\n"
            yield child
        finally:
            child.kill()


def test_c069_a_second_run_is_refused_with_process_and_start_of_the_first(tmp_path):
    lock = RunLock(tmp_path)
    with held_by_another(tmp_path) as child:
        before = (tmp_path / "lock").read_bytes()
        with pytest.raises(AlreadyRunning, match=f"process {child.pid} .* begun 20..-") as error:
            lock.acquire()
        assert lock.holder().started in str(error.value)
        assert not lock.is_held
        assert (tmp_path / "lock").read_bytes() == before
        assert [file.name for file in tmp_path.iterdir()] == ["lock"]
        child.communicate("\n", timeout=60)
    with lock:
        assert lock.is_held
        assert lock.holder().pid == os.getpid()
        assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600


def test_a_killed_holder_leaves_no_lock(tmp_path):
    with held_by_another(tmp_path):
        pass
    with RunLock(tmp_path) as lock:
        assert lock.is_held


def test_one_object_at_a_time_in_one_process_too():
    disk = MemoryStorage()
    first, second = RunLock("f", disk, HandClock()), RunLock("f", disk, HandClock())
    with first:
        assert repr(first) == "RunLock('f/lock', held)"
        assert repr(second) == "RunLock('f/lock', free or of others)"
        with pytest.raises(AlreadyRunning, match="2026-02-08T15:30:00"):
            second.acquire()
        with pytest.raises(AlreadyRunning):
            first.acquire()
    second.acquire()
    second.release()
    second.release()
    assert json.loads(disk.files["f/lock"])["pid"] == os.getpid()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"pid": 1}', b"[" * 100_000, b"\xff", b'{"pid": "x", "started": 1, "host": null}'],
)
def test_a_lock_that_says_nonsense_still_locks(content):
    disk = MemoryStorage({"f/lock": content})
    first = RunLock("f", disk)
    assert first.holder().pid is None
    first.acquire()
    disk._files["f/lock"][:] = content
    with pytest.raises(AlreadyRunning, match="process unknown"):
        RunLock("f", disk).acquire()


def test_c035_what_a_lock_says_cannot_act_on_a_terminal():
    text = json.dumps({"pid": -4, "started": "\x1b[2J", "host": "a\nb"}).encode()
    disk = MemoryStorage({"f/lock": text})
    assert RunLock("f", disk).holder() == Holder(None, "\\x1b[2J", "a\\nb")


def test_without_a_lock_file_nobody_holds_it(tmp_path):
    assert RunLock(tmp_path / "none").holder() == Holder()
    (tmp_path / "lock").symlink_to("elsewhere")
    assert RunLock(tmp_path).holder() == Holder()
    with pytest.raises(InvalidValue, match="is a link"):
        RunLock(tmp_path).acquire()
    assert not (tmp_path / "elsewhere").exists()


def test_a_lock_made_by_somebody_faster_is_taken_or_not(monkeypatch):
    disk = MemoryStorage({"f/lock": b""})
    seen = iter([False, True, True])
    monkeypatch.setattr(disk, "exists", lambda path: next(seen))
    assert RunLock("f", disk).try_acquire()


def test_a_fault_at_every_call_leaves_the_lock_free():
    calls = FaultyStorage(storage=MemoryStorage())
    RunLock("f", calls).acquire()
    for nth in range(1, len(calls.calls) + 1):
        disk = MemoryStorage()
        lock = RunLock("f", FaultyStorage(nth, storage=disk))
        if calls.calls[nth - 1] in ("truncate", "append"):  # it has no name then, and holds
            with lock, pytest.raises(AlreadyRunning, match="process unknown"):
                RunLock("f", disk).acquire()
        else:
            with pytest.raises(OSError, match="Input/output error"):
                lock.acquire()
            assert not lock.is_held
        with RunLock("f", disk):
            pass


def test_a_system_without_flock_says_so(tmp_path, monkeypatch):
    from nanobook.errors import NotAvailable

    monkeypatch.setitem(sys.modules, "fcntl", None)
    handle = SystemStorage().create(tmp_path / "a")
    with pytest.raises(NotAvailable, match="flock, which only POSIX has"):
        SystemStorage().try_lock(handle)
    os.close(handle)


def test_looking_changes_nothing_and_hinders_nobody(tmp_path):
    assert not RunLock(tmp_path / "none").is_taken()
    assert not (tmp_path / "none").exists()
    looker = RunLock(tmp_path)
    with RunLock(tmp_path) as held:
        before = held.path.read_bytes()
        assert looker.is_taken()
    assert not looker.is_taken()
    assert held.path.read_bytes() == before


def test_a_run_waits_for_somebody_who_only_looks(tmp_path):
    class Clock(HandClock):
        def sleep(self, seconds):
            os.close(look)

    with RunLock(tmp_path, clock=Clock()) as lock:
        pass
    look = os.open(lock.path, os.O_RDONLY)
    fcntl.flock(look, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with lock:
        assert lock.is_held
