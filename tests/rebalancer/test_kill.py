"""The kill switch, and ``kill`` on a broker that answers as a script tells, in virtual time."""

import errno
import json
import os
import stat

import pytest

from nanobook.broker import BrokerOrderStatus, OrderState
from nanobook.errors import (
    CancelRejected,
    ConnectionFailed,
    InvalidValue,
    KillSwitchOn,
    OrderError,
    RateLimited,
)
from nanobook.rebalancer.audit.log import AuditLog
from nanobook.rebalancer.audit.verify import verify_log
from nanobook.rebalancer.stopping.cancel import known_orders
from nanobook.rebalancer.stopping.kill import kill
from nanobook.rebalancer.stopping.lock import RunLock
from nanobook.rebalancer.stopping.switch import KillState, KillSwitch
from nanobook.testing.memory import MemoryStorage
from nanobook.testing.storage import FaultyStorage
from tests.rebalancer.making import PATH, HandClock

FOLDER = "logs"
SWITCH = "logs/kill"


def switch_on(disk, **options):
    return KillSwitch(FOLDER, disk, HandClock(), **options)


def test_a_switch_stays_on_over_restarts_until_it_is_cleared(tmp_path):
    switch = KillSwitch(tmp_path / "new")
    assert not switch.is_on()
    assert switch.state() is None
    switch.check()
    assert repr(switch).endswith("off)")
    switch.turn_on("loss of 5 %", source="risk")
    again = KillSwitch(tmp_path / "new")
    for one in (switch, again):
        assert one.is_on()
        state = one.state()
        assert (state.reason, state.source, state.pid) == ("loss of 5 %", "risk", os.getpid())
    assert repr(again).endswith("on)")
    with pytest.raises(KillSwitchOn, match=r"kill: .* by risk: loss of 5 %; .*kill --clear") as error:
        again.check()
    assert state.time in str(error.value)
    assert stat.S_IMODE((tmp_path / "new" / "kill").stat().st_mode) == 0o600
    assert switch.clear("anna", "limits were wrong")
    assert not switch.is_on()
    assert not KillSwitch(tmp_path / "new").is_on()
    assert not switch.clear("anna", "again")


def test_the_first_reason_stays():
    disk = MemoryStorage()
    switch = switch_on(disk)
    switch.turn_on("first", "cli")
    switch.turn_on("second", "signal")
    other = switch_on(disk)
    other.turn_on("third", "cli")
    assert switch.state().reason == "first"
    assert switch_on(disk).state().reason == "first"
    assert other.state().reason == "third"  # what this process knows; the file has the first


@pytest.mark.parametrize("content", [b"", b"x", b"[1]", b"{}", b"[" * 100_000, b"\xff", b"x" * (2 << 20)])
def test_a_file_of_any_content_is_the_switch(content):
    switch = switch_on(MemoryStorage({SWITCH: content}))
    assert switch.is_on()
    assert switch.state() == KillState()
    with pytest.raises(KillSwitchOn, match="unknown"):
        switch.check()


def test_a_dead_link_and_a_folder_are_the_switch_too(tmp_path):
    (tmp_path / "kill").symlink_to("nowhere")
    assert KillSwitch(tmp_path).is_on()
    assert KillSwitch(tmp_path).state() == KillState()
    (tmp_path / "kill").unlink()
    (tmp_path / "kill").mkdir()
    with pytest.raises(KillSwitchOn):
        KillSwitch(tmp_path).check()
    (tmp_path / "file").write_text("")
    assert not KillSwitch(tmp_path / "file").is_on()


def test_a_switch_that_nobody_can_look_at_is_on():
    switch = switch_on(FaultyStorage(1, errno.EACCES, storage=MemoryStorage()))
    with pytest.raises(KillSwitchOn):
        switch.check()


def test_c035_what_a_switch_says_cannot_act_on_a_terminal():
    about = json.dumps({"reason": "\x1b[2J\n", "source": "x", "time": "y", "pid": 3}).encode()
    with pytest.raises(KillSwitchOn) as error:
        switch_on(MemoryStorage({SWITCH: about})).check()
    assert "\x1b" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_fault_at_every_call_leaves_it_on_here_and_mostly_there():
    calls = FaultyStorage(storage=MemoryStorage())
    switch_on(calls).turn_on("r", "s")
    assert calls.calls == ["make_folder", "create", "append", "sync", "close", "sync_folder"]
    for nth in range(1, 7):
        disk = MemoryStorage()
        switch = switch_on(FaultyStorage(nth, errno.ENOSPC, storage=disk))
        try:
            switch.turn_on("r", "s")
            raised = False
        except OSError:
            raised = True
        assert switch.is_on()
        assert switch_on(disk).is_on() == (nth > 2)
        assert raised == (nth not in (3, 4))


@pytest.mark.parametrize(("who", "why"), [("", "x"), ("x", " "), (None, "x"), ("x", 3)])
def test_a_switch_is_cleared_by_somebody_for_a_reason(who, why):
    switch = switch_on(MemoryStorage())
    switch.turn_on("r", "s")
    with pytest.raises(InvalidValue, match=r"who|why"):
        switch.clear(who, why)
    assert switch.is_on()


def test_clearing_is_recorded_first():
    disk = MemoryStorage()
    switch = switch_on(disk)
    switch.turn_on("r", "s")
    with AuditLog(PATH, storage=disk, clock=HandClock()) as log:
        switch.clear("anna", "all is well", log)
        record = list(log.records())[-1]
    assert (record.event, record["who"], record["why"]) == ("kill_cleared", "anna", "all is well")
    assert record["killed"]["reason"] == "r"
    assert not switch.is_on()
    switch.turn_on("r", "s")
    with pytest.raises(OSError, match="closed"):
        switch.clear("anna", "x", log)
    assert switch.is_on()


def test_a_file_that_is_gone_meanwhile_is_cleared(monkeypatch):
    disk = MemoryStorage()
    switch = switch_on(disk)
    switch.turn_on("r", "s")
    disk.unlink(SWITCH)
    assert switch.clear("anna", "why")


# Kill


class Orders:
    """A broker with open orders that are cancelled a while after they were asked to be.

    ``script`` maps the number of a call of a method to the error that it raises.
    """

    in_flight_seconds = 0.0

    def __init__(self, clock, names=(), delay=0.3, script=None):
        self.clock, self.delay, self.script = clock, delay, script or {}
        self.live = dict(enumerate(names, 1))
        self.ends, self.states, self.calls = {}, {}, []
        self.late = []  # (time, name) of orders that arrive later

    def _called(self, name):
        self.calls.append(name)
        error = self.script.get((name, self.calls.count(name))) or self.script.get((name, None))
        if error is not None:
            raise error

    def connect(self):
        """Connect."""
        self._called("connect")

    def disconnect(self):
        """Disconnect."""
        self._called("disconnect")

    def open_orders(self):
        """Those that are not cancelled by now."""
        self._called("open_orders")
        now = self.clock.monotonic()
        for when, name in self.late:
            if now >= when:
                self.live[100 + len(self.live)] = name
        self.late = [late for late in self.late if now < late[0]]
        for number, when in list(self.ends.items()):
            if now >= when and number in self.live:
                self.states.setdefault(number, OrderState.CANCELLED)
                del self.live[number]
        return [
            BrokerOrderStatus(number, OrderState.SUBMITTED, 0, 1, 0, client_order_id=name)
            for number, name in self.live.items()
        ]

    def cancel_order(self, number):
        """Cancel, in a while."""
        self.calls.append(f"cancel {number}")
        self._called("cancel_order")
        self.ends.setdefault(number, self.clock.monotonic() + self.delay)

    def order_status(self, number):
        """How it ended."""
        self._called("order_status")
        return BrokerOrderStatus(number, self.states[number], 0, 1, 0)


def trail(*names):
    disk = MemoryStorage()
    with AuditLog(PATH, storage=disk, clock=HandClock()) as log:
        for name in names:
            log.record("order_intent", client_order_id=name, symbol="AAPL")
    return disk


def killed(disk, broker, clock, **options):
    return kill(FOLDER, lambda: broker, storage=disk, clock=clock, **options)


def records(disk):
    with AuditLog(PATH, storage=disk) as log:
        return list(log.records())


def test_our_orders_are_cancelled_and_the_broker_confirms_it():
    disk, clock = trail("a", "b", "c"), HandClock()
    broker = Orders(clock, ["a", "b", "foreign", None])
    report = killed(disk, broker, clock, reason="wrong target", source="cli")
    assert report.ok
    assert (report.process, report.switched, report.confirmed) == ("none", True, True)
    assert (report.cancelled, report.filled, report.remaining, report.others) == (["a", "b"], [], [], 2)
    assert set(broker.live.values()) == {"foreign", None}
    assert broker.calls.count("cancel 1") == 1
    assert broker.calls[-1] == "disconnect"
    assert switch_on(disk).state().reason == "wrong target"
    asked, done = records(disk)[-2:]
    assert (asked.event, asked["method"], asked["trigger_source"]) == ("kill_requested", "cancel", "cli")
    assert done.event == "kill_completed"
    assert (done["orders_cancelled_count"], done["orders_remaining_count"], done["error_messages"]) == (
        2,
        0,
        [],
    )
    assert float(done["duration_seconds"]) == report.seconds == pytest.approx(0.3)
    assert verify_log(PATH, storage=disk).ok
    RunLock(FOLDER, disk).acquire()
    assert report.to_frame().loc["cancelled", "value"] == ["a", "b"]
    assert "<table" in report._repr_html_()
    assert "cancelled    2: a, b" in str(report)
    assert "left alone" in str(report)


def test_everything_means_the_orders_of_others_too():
    clock = HandClock()
    broker = Orders(clock, ["a", "foreign", None])
    report = killed(trail("a"), broker, clock, everything=True)
    assert (report.ok, report.cancelled, report.others) == (True, ["a", "foreign", "3"], 0)


def test_an_order_that_was_on_its_way_is_waited_for():
    """What was sent just before the end of the run arrives later: then it is cancelled as well."""
    clock = HandClock()
    broker = Orders(clock)
    broker.in_flight_seconds = 5.0
    broker.late = [(3.0, "a")]
    report = killed(trail("a"), broker, clock)
    assert (report.ok, report.cancelled) == (True, ["a"])
    assert clock.monotonic() >= 5.0


def test_an_order_that_is_filled_meanwhile_is_told_as_filled():
    clock = HandClock()
    broker = Orders(clock, ["a", "b"], script={("cancel_order", 1): CancelRejected("filled")})
    broker.ends[1], broker.states[1] = 0.1, OrderState.FILLED
    report = killed(trail("a", "b"), broker, clock)
    assert (report.ok, report.cancelled, report.filled, report.errors) == (True, ["b"], ["a"], [])


def test_an_order_that_does_not_go_is_asked_again_and_remains():
    clock = HandClock()
    broker = Orders(clock, ["a"], delay=1e9)
    report = killed(trail("a"), broker, clock, timeout=7)
    assert (report.ok, report.confirmed, report.remaining) == (False, False, ["a"])
    assert broker.calls.count("cancel 1") == 4
    assert "NO: look at the broker" in str(report)


def test_a_lost_connection_is_made_anew():
    clock = HandClock()
    script = {
        ("connect", 1): ConnectionFailed("refused"),
        ("open_orders", 2): ConnectionFailed("lost"),
        ("disconnect", 1): ConnectionFailed("gone"),
        ("cancel_order", 1): OrderError("busy"),
    }
    broker = Orders(clock, ["a"], script=script)
    report = killed(trail("a"), broker, clock)
    assert (report.ok, report.cancelled) == (True, ["a"])
    assert [error.split(":")[0] for error in report.errors] == [
        "ConnectionFailed",
        "ConnectionFailed",
        "OrderError",
        "ConnectionFailed",
    ]
    assert records_end(report)


def records_end(report):
    return all("\n" not in error for error in report.errors)


def test_a_rate_limit_is_obeyed():
    clock = HandClock()
    broker = Orders(clock, ["a"], script={("open_orders", 1): RateLimited("slow", retry_after=4)})
    report = killed(trail("a"), broker, clock)
    assert report.ok
    assert clock.monotonic() >= 4
    assert broker.calls.count("connect") == 1


@pytest.mark.parametrize(
    "error", [ConnectionFailed("no"), RateLimited("banned", banned=True), ZeroDivisionError("x")]
)
def test_a_broker_that_never_answers_is_told_and_nothing_raised(error):
    disk, clock = trail("a"), HandClock()
    broker = Orders(clock, ["a"], script={("open_orders", None): error})
    report = killed(disk, broker, clock, timeout=5)
    assert (report.ok, report.confirmed) == (False, False)
    assert type(error).__name__ in report.errors[0]
    assert records(disk)[-1]["error_messages"] == report.errors
    RunLock(FOLDER, disk).acquire()


def test_what_became_of_an_order_may_be_unknown():
    clock = HandClock()
    broker = Orders(clock, ["a"], script={("order_status", 1): OrderError("unknown id")})
    report = killed(trail("a"), broker, clock)
    assert (report.ok, report.cancelled, len(report.errors)) == (True, ["a"], 1)


def test_without_a_broker_orders_stay():
    disk = trail("a")
    report = kill(FOLDER, storage=disk, clock=HandClock())
    assert (report.ok, report.confirmed) == (True, None)
    assert "broker" not in str(report)
    assert records(disk)[-2]["method"] == "stop"


def test_an_untrusted_trail_does_not_keep_orders_alive():
    """It cannot be written to, but the names in it are good enough to cancel by."""
    disk, clock = trail("a"), HandClock()
    disk._files[PATH][20] ^= 1
    before = disk.files[PATH]
    report = killed(disk, Orders(clock, ["a", "foreign"]), clock)
    assert (report.cancelled, report.others, report.confirmed) == (["a"], 1, True)
    assert report.ok
    assert "IntegrityError" in report.errors[0]
    assert disk.files[PATH] == before


def test_a_trail_elsewhere_is_opened_by_the_caller():
    disk, clock = MemoryStorage(), HandClock()
    with AuditLog("other/trail.jsonl", storage=disk) as log:
        log.record("order_intent", client_order_id="a")
    report = killed(
        disk, Orders(clock, ["a"]), clock, open_log=lambda: AuditLog("other/trail.jsonl", storage=disk)
    )
    assert report.cancelled == ["a"]
    assert PATH not in disk.files


def test_a_fault_at_every_call_cancels_all_the_same():
    """A dead disk keeps the record from being made, not the orders from being cancelled."""
    for nth in range(1, 200):
        disk, clock = trail("a"), HandClock()
        storage = FaultyStorage(nth, errno.EIO, storage=disk)
        broker = Orders(clock, ["a"])
        report = killed(storage, broker, clock, everything=True)
        assert not broker.live
        assert report.confirmed
        if len(storage.calls) < nth:
            break
    assert 20 < nth < 199


def test_known_orders_are_read_from_intents_alone():
    disk = trail("a", "b")
    with AuditLog(PATH, storage=disk) as log:
        log.record("order_submitted", client_order_id="foreign")
        log.record("order_intent", symbol="no id")
    assert known_orders(disk, PATH) == {"a", "b"}
    assert known_orders(disk, "nowhere") == set()
