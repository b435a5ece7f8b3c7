"""Ctrl-C, SIGTERM and a closed terminal: stop, then kill, then out."""

import signal
import threading

import pytest

from nanobook.errors import RunStopped
from nanobook.rebalancer.stopping.signals import StopSignals
from nanobook.rebalancer.stopping.switch import KillSwitch
from nanobook.testing.memory import MemoryStorage
from nanobook.testing.storage import FaultyStorage
from tests.rebalancer.making import HandClock


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_c071_the_first_signal_asks_to_stop_and_what_runs_goes_on(name):
    number = getattr(signal, name)
    before = signal.getsignal(number)
    switch = KillSwitch("f", MemoryStorage(), HandClock())
    with StopSignals(switch) as stop:
        assert stop() is None
        signal.raise_signal(number)
        assert stop() == name
        assert not switch.is_on()
    assert signal.getsignal(number) is before


def test_c071_a_second_interrupt_is_the_kill_switch_and_a_third_leaves():
    switch = KillSwitch("f", MemoryStorage(), HandClock())
    with StopSignals(switch) as stop:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert not switch.is_on()
        signal.raise_signal(signal.SIGINT)
        assert not switch.is_on()
        signal.raise_signal(signal.SIGINT)
        assert switch.is_on()
        assert stop() == "SIGTERM"
        assert switch.state().source == "signal"
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert KillSwitch("f", switch._storage).is_on()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_c071_a_question_is_broken_off_at_once(name):
    switch = KillSwitch("f", MemoryStorage(), HandClock())
    with StopSignals(switch) as stop:
        assert stop.asking(None) is None
        assert stop.asking(lambda plan: plan)("yes") == "yes"
        signal.raise_signal(getattr(signal, name))  # after an answer whatever runs goes on
    with StopSignals(switch) as stop:
        question = stop.asking(lambda plan: signal.raise_signal(getattr(signal, name)))
        with pytest.raises(RunStopped, match=f"{name}: stopped before any order"):
            question("?")
        signal.raise_signal(signal.SIGTERM)
        assert stop() == name
        assert not switch.is_on()


def test_without_a_switch_a_second_interrupt_does_no_more():
    with StopSignals() as stop:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        assert stop() == "SIGINT"


def test_on_a_dead_disk_the_switch_is_on_all_the_same():
    switch = KillSwitch("f", FaultyStorage(2, storage=MemoryStorage()), HandClock())
    with StopSignals(switch):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        assert switch.is_on()


def test_an_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopSignals() as stop:
            signal.raise_signal(signal.SIGHUP)
            assert stop() is None
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_system_without_one_of_the_signals(monkeypatch):
    monkeypatch.delattr(signal, "SIGHUP")
    with StopSignals() as stop:
        signal.raise_signal(signal.SIGTERM)
        assert stop() == "SIGTERM"


def test_in_another_thread_nothing_is_taken():
    before, seen = signal.getsignal(signal.SIGTERM), []

    def work():
        with StopSignals() as stop:
            seen.extend([stop(), signal.getsignal(signal.SIGTERM)])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [None, before]
