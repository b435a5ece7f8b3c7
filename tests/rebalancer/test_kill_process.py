"""``kill`` against real processes: one that sends orders, one that hangs, one that waits for ever."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from nanobook.clock import SystemClock
from nanobook.errors import KillSwitchOn
from nanobook.rebalancer.audit.contents import read_records
from nanobook.rebalancer.audit.log import AuditLog
from nanobook.rebalancer.stopping import process as stopping
from nanobook.rebalancer.stopping.kill import kill
from nanobook.rebalancer.stopping.lock import RunLock
from nanobook.rebalancer.stopping.process import holder_of, stop_run
from nanobook.rebalancer.stopping.switch import KillSwitch
from nanobook.testing.memory import MemoryStorage
from tests.rebalancer.making import HandClock

RUN = """
import sys, time
from pathlib import Path
from nanobook.rebalancer.stopping import process as stopping
from nanobook.rebalancer.audit.log import AuditLog
from nanobook.rebalancer.stopping.lock import RunLock
from nanobook.rebalancer.stopping.signals import StopSignals
from nanobook.rebalancer.stopping.switch import KillSwitch

folder, how = Path(sys.argv[1]), sys.argv[2]
switch = KillSwitch(folder)
with RunLock(folder), AuditLog(folder / "audit.jsonl") as log, StopSignals(switch) as stop:
    print("running", flush=True)
    if how == "busy":
        stop.__exit__()
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            pass
    if how == "blocked":
        sys.stdin.readline()
        while True:
            time.sleep(1000)
    n = 0
    while not stop() and not switch.is_on():
        n += 1
        log.record("order_intent", client_order_id=f"id{n}")
        time.sleep(0.001)
    log.record("run_completed", outcome=stop() or "killed")
"""

TRIGGERED = """
import json, sys, time
from nanobook.rebalancer.stopping.switch import KillSwitch

switch = KillSwitch(sys.argv[1])
print("running", flush=True)
for _ in range(int(sys.argv[2])):
    while switch.is_on():
        time.sleep(0.0005)
    print("off", flush=True)
    sent = [time.monotonic_ns()] * 2
    while True:
        looked = time.monotonic_ns()
        if switch.is_on():
            break
        sent = [looked, time.monotonic_ns()]  # here the order leaves
    print(json.dumps(sent), flush=True)
"""


@pytest.fixture
def started():
    """Start processes; what a test leaves of them is ended with it."""
    children = []

    def start(code, *args):
        command = [sys.executable, "-c", code, *map(str, args)]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        children.append(child)
        assert child.stdout.readline() == "running\n"
        return child

    yield start
    for child in children:
        with child:
            child.kill()


def finished(child):
    return child.wait(timeout=60)


class NoOrders:
    """A broker where nothing lives."""

    in_flight_seconds = 0.0
    connect = disconnect = lambda self: None

    def open_orders(self):
        """None."""
        return []


@pytest.mark.parametrize(
    ("how", "process", "code", "grace"),
    [
        ("orders", "stopped", 0, 60),
        ("busy", "killed", -signal.SIGKILL, 0.1),
        ("blocked", "killed", -signal.SIGKILL, 0.1),
    ],
)
def test_kill_works_from_another_process_and_when_the_run_hangs(
    tmp_path, started, monkeypatch, how, process, code, grace
):
    monkeypatch.setattr(stopping, "GRACE", grace)
    child = started(RUN, tmp_path, how)
    report = kill(tmp_path, NoOrders, reason="test", timeout=240)
    if (report.process, report.pid) != (process, child.pid):  # the run saw the switch and left by itself
        assert (how, report.process) == ("orders", "none")
    assert report.ok
    assert report.errors == []
    assert finished(child) == code
    events = [record.event for record in read_records(tmp_path / "audit.jsonl")]
    assert events[-2:] == ["kill_requested", "kill_completed"]
    assert ("run_completed" in events) == (how == "orders")
    with pytest.raises(KillSwitchOn):
        KillSwitch(tmp_path).check()
    second = kill(tmp_path, NoOrders)
    assert (second.ok, second.process) == (True, "none")
    AuditLog(tmp_path / "audit.jsonl").close()


def test_a_process_that_only_has_the_number_of_a_dead_one_is_left_alone(tmp_path):
    """The lock is held by us; its file names another process, that has nothing to do with it."""
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    lock = RunLock(tmp_path)
    lock.acquire()
    (tmp_path / "lock").write_text(json.dumps({**lock.holder()._asdict(), "pid": bystander.pid}))
    assert holder_of(RunLock(tmp_path)) is None
    report = kill(tmp_path, NoOrders, timeout=0.2)
    assert (report.process, report.pid, report.ok) == ("alive", None, False)
    assert "STILL ALIVE" in str(report)
    assert bystander.poll() is None
    bystander.communicate(b"\n", timeout=60)
    lock.release()


def test_who_holds_a_lock_is_asked_of_the_system_where_it_tells(tmp_path, started, monkeypatch):
    child = started(RUN, tmp_path, "orders")
    lock = RunLock(tmp_path)
    assert holder_of(lock) == child.pid
    monkeypatch.setattr("nanobook.rebalancer.stopping.process.OPEN_FILES", tmp_path / "nowhere")
    assert holder_of(lock) == child.pid
    monkeypatch.undo()
    lock.host = "another machine"
    assert holder_of(lock) is None
    child.send_signal(signal.SIGTERM)
    assert finished(child) == 0
    lock.host = lock.holder().host
    assert holder_of(lock) is None
    assert not stopping._is_same(tmp_path / "closed", lock.path)
    with RunLock(tmp_path) as own:
        assert own.holder().pid == os.getpid()
        assert holder_of(RunLock(tmp_path)) is None


def test_a_process_that_ends_before_the_signal_is_no_error(monkeypatch):
    disk = MemoryStorage()
    held, lock = RunLock("f", disk, HandClock()), RunLock("f", disk, HandClock())
    held.acquire()
    monkeypatch.setattr(
        "nanobook.rebalancer.stopping.process.holder_of", lambda lock: 2**22 + 5
    )  # nobody's number

    class Clock(HandClock):
        def sleep(self, seconds):
            super().sleep(seconds)
            held.release()

    assert stop_run(lock, Clock(), 10.0) == ("stopped", 2**22 + 5)
    lock.release()


def test_a_process_of_another_user_is_told(tmp_path, monkeypatch):
    held = RunLock(tmp_path)
    held.acquire()
    monkeypatch.setattr("nanobook.rebalancer.stopping.process.holder_of", lambda lock: 1)

    def refuse(pid, number):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("nanobook.rebalancer.stopping.process.os.kill", refuse)
    report = kill(tmp_path, NoOrders, timeout=1)
    assert (report.process, report.ok) == ("alive", False)
    assert "PermissionError" in report.errors[0]
    assert report.confirmed


def triggers(started, folder, rounds):
    """Turn the switch on at random moments of a process that sends as fast as it can.

    Returns (orders whose look at the switch began after it was on, longest time from the trigger to a send).
    """
    child, late, longest = started(TRIGGERED, folder, rounds), 0, 0
    switch, clock = KillSwitch(folder), SystemClock()
    for n in range(rounds):
        assert child.stdout.readline() == "off\n"
        clock.sleep(0.001 + 0.004 * (n * 0.618 % 1))
        before = time.monotonic_ns()
        switch.turn_on("trigger", "test")
        after = time.monotonic_ns()
        looked, sent = json.loads(child.stdout.readline())
        late += looked > after
        longest = max(longest, sent - before)
        switch.clear("test", "next round")
    assert finished(child) == 0
    return late, longest / 1e6


def test_no_order_leaves_after_the_switch_is_on(tmp_path, started):
    late, longest = triggers(started, tmp_path, 50)
    print(f"50 triggers: last order {longest:.2f} ms after the trigger at most")
    assert late == 0


@pytest.mark.slow
def test_no_order_leaves_after_any_of_a_thousand_triggers(tmp_path, started):
    late, longest = triggers(started, tmp_path, 1000)
    print(f"1,000 triggers: last order {longest:.2f} ms after the trigger at most")
    assert late == 0
