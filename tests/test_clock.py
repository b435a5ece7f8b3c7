"""The clocks: the machine's, and the one that one turns by hand."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from nanobook.clock import SystemClock
from nanobook.errors import InvalidValue, WrongType
from nanobook.testing import VirtualClock


def test_the_machines_clock_is_aware_and_waits():
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 60
    begin = clock.monotonic()
    clock.sleep(0.002)
    assert clock.monotonic() - begin >= 0.002


def test_virtual_time_passes_when_told():
    clock = VirtualClock()
    begin, real = clock.now(), time.monotonic()
    clock.sleep(86_400)
    clock.advance(0.5)
    assert clock.now() - begin == timedelta(days=1, seconds=0.5)
    assert clock.monotonic() == 86_400.5
    assert clock.slept == 86_400
    assert time.monotonic() - real < 60


def test_small_waits_add_up_exactly():
    clock = VirtualClock()
    for _ in range(1_000):
        clock.sleep(0.1)
    assert clock.monotonic() == 100
    assert clock.now() == VirtualClock().now() + timedelta(seconds=100)


def test_calls_come_in_order_at_their_own_time():
    clock = VirtualClock()
    seen = []
    note = lambda name: lambda: seen.append((name, clock.monotonic()))  # noqa: E731
    clock.at(3, note("c"))
    clock.at(1, note("a"))
    clock.at(1, note("b"))
    clock.at(clock.now() + timedelta(seconds=2), lambda: clock.at(2.5, note("made on the way")))
    clock.at(9, note("later"))
    clock.sleep(5)
    assert seen == [("a", 1), ("b", 1), ("made on the way", 2.5), ("c", 3)]
    assert clock.monotonic() == 5
    clock.at(0, note("over already"))
    clock.advance(0)
    assert seen[-1] == ("over already", 5)


def test_a_call_may_wait_itself():
    clock = VirtualClock()
    clock.at(1, lambda: clock.sleep(10))
    clock.sleep(2)
    assert clock.monotonic() == 11


def test_the_time_of_day_may_jump_while_none_passes():
    clock = VirtualClock(datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == datetime(2026, 2, 28, 22, tzinfo=UTC)
    clock.jump(-3600)
    assert (clock.now().hour, clock.monotonic()) == (21, 0)
    assert clock.now().tzinfo is UTC


def test_time_does_not_run_backwards():
    clock = VirtualClock()
    for wait in (clock.sleep, clock.advance):
        with pytest.raises(InvalidValue, match=r"seconds: -1"):
            wait(-1)
    assert (clock.monotonic(), clock.slept) == (0, 0)


@pytest.mark.parametrize("start", [datetime(2026, 1, 1), "2026-01-01", None])
def test_a_start_needs_a_zone(start):
    with pytest.raises(WrongType, match="start"):
        VirtualClock(start)
