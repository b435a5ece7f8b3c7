"""Every call of the disk fails once, in every way: no order leaves after it, and the next run goes on."""

import errno

import pytest

from nanobook.errors import AuditError, KillSwitchOn, NanobookError
from nanobook.rebalancer.exits import exit_code
from nanobook.testing.memory import MemoryStorage
from nanobook.testing.storage import Crash, FaultyStorage

from .invariants import Witness, check_invariants
from .rig import GOAL, HELD, Rig, new_market

PLANNED = {symbol: GOAL[symbol] - HELD.get(symbol, 0) for symbol in GOAL}
SCRIPTS = {"AAA": ["part fill"], "BBB": ["rest fill"]}


def new_rig():
    """A rig whose files are in memory; the witness looks at them when an order arrives."""
    from pathlib import Path

    rig = Rig(Path("/"), new_market(scripts=SCRIPTS))
    rig.memory = MemoryStorage()
    Witness(rig)
    return rig


def places():
    """How many calls a run makes."""
    rig = new_rig()
    rig.storage = FaultyStorage(storage=rig.memory)
    rig.run()
    return len(rig.storage.calls)


PLACES = places()


def after_fault(rig, fault, nth, torn=None):
    """Run into a fault; look that nothing was sent after it; gives the error, None if nothing minded."""
    disk = rig.storage = FaultyStorage(nth, fault, torn, storage=rig.memory)
    handle, late = rig.market.handle, []

    def watching(request):
        if request["do"] == "submit" and len(disk.calls) >= nth:
            late.append(request)
        return handle(request)

    rig.market.handle = watching
    error = None
    try:
        rig.run()
    except (NanobookError, OSError, Crash) as raised:
        error = raised
        assert late == [], f"sent after call {nth} ({disk.calls[nth - 1]}) had failed"
    rig.market.handle = handle
    return error


def finish(rig):
    """The next process ends the run, on a disk that works."""
    rig.storage = None
    rig.restart()
    assert rig.run().outcome in ("done", "already_done")
    assert rig.held() == GOAL
    check_invariants(rig.market.on_report(), rig, PLANNED)


@pytest.mark.parametrize("fault", [errno.EIO, errno.ENOSPC, errno.EROFS], ids=errno.errorcode.get)
def test_c014_c068_a_disk_that_fails_at_any_call(fault):
    codes = set()
    for nth in range(1, PLACES + 1):
        rig = new_rig()
        error = after_fault(rig, fault, nth)
        if error is not None:
            codes.add(exit_code(error))
            assert isinstance(error, (AuditError, OSError, KillSwitchOn)), (nth, error)
        finish(rig)
    assert codes == {3, 8}  # 8 where nobody can tell whether the kill switch is on


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_any_call(moment):
    for nth in range(1, PLACES + 1):
        rig = new_rig()
        assert isinstance(after_fault(rig, moment, nth), Crash)
        finish(rig)


def test_a_write_that_tears_anywhere():
    for nth in range(1, PLACES + 1):
        rig = new_rig()
        after_fault(rig, "before", nth, torn=nth * 37 % 300)
        finish(rig)


def test_an_intent_that_cannot_be_written_stops_everything():
    """The trail refuses all further records; what cannot be recorded is not done."""
    rig = new_rig()
    rig.storage = FaultyStorage(storage=rig.memory)
    write = rig.storage.storage.append

    def full(handle, data):
        if b'"order_intent"' in data:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(handle, data)

    rig.storage.append = full
    with pytest.raises(AuditError, match="No space left") as error:
        rig.run()
    assert exit_code(error.value) == 3
    assert rig.market.orders == []
    finish(rig)
