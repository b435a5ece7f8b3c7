"""The audit log on a disk that fails, tears, and loses its power: what was acknowledged stays."""

import errno
from itertools import count

import pytest

from nanobook.errors import AuditError, IntegrityError
from nanobook.rebalancer.audit.log import AuditLog
from nanobook.rebalancer.audit.verify import verify_log
from nanobook.testing.memory import MemoryStorage
from nanobook.testing.power import power_cuts
from nanobook.testing.storage import FAULTS, WRITES, Crash, FaultyStorage, TracedStorage
from tests.oracle.audit import first_wrong
from tests.rebalancer.making import HEAD, KEY, PATH, HandClock

CLOSING = [("close", fault) for fault in (*FAULTS, "before", "after")]


def run(storage, key=None, records=4):
    """Write a few records, as a run does: each order leaves after its intent only.

    Returns (numbers that were acknowledged, orders that left, error).
    """
    acknowledged, sent = [], []
    try:
        log = AuditLog(PATH, storage=storage, clock=HandClock(), key=key)
    except (AuditError, Crash) as error:
        return acknowledged, sent, error
    error = None
    for n in range(records):
        try:
            log.record("note", durable=False, n=n)
            acknowledged.append(log.record("order_intent", n=n))
            sent.append(n)
        except (AuditError, Crash) as first:
            error = error or first  # and on it goes, as a run that does not look would
    try:
        log.close()
    except (AuditError, Crash) as last:
        error = error or last
    return acknowledged, sent, error


def check_recovered(files, acknowledged, sent, key=None):
    """A restart finds a valid prefix that has all that was acknowledged; sent orders have their intent."""
    disk = MemoryStorage(files)
    with AuditLog(PATH, storage=disk, clock=HandClock(), key=key) as log:
        records = list(log.records())
        intents = [record for record in records if record.event == "order_intent"]
        assert {record.seq for record in intents} >= set(acknowledged)
        assert [record["n"] for record in intents] == list(range(len(intents)))
        assert set(sent) <= {record["n"] for record in intents}
        log.record("order_intent", n=len(intents))
    assert first_wrong(disk.files[PATH], key) is None
    assert verify_log(PATH, key, storage=disk).ok


def existing_files(existing):
    """A trail that a run begins with: nothing, or one with records that are not intents."""
    if not existing:
        return {}
    disk = MemoryStorage()
    with AuditLog(PATH, storage=disk, clock=HandClock()) as log:
        log.record("run_completed")
        log.record("waiting", durable=False)
        return {**disk.files, PATH: disk.files[PATH] + b'{"event":"torn'}


@pytest.mark.parametrize("existing", [False, True], ids=["new", "old"])
@pytest.mark.parametrize("fault", [*FAULTS, "before", "after"], ids=lambda f: errno.errorcode.get(f, f))
def test_c068_a_fault_at_every_call(fault, existing):
    """No record after a failed one, so no order either; and a restart has all that was acknowledged."""
    failed = 0
    for nth in count(1):
        disk = MemoryStorage(existing_files(existing))
        storage = FaultyStorage(nth, fault, storage=disk)
        acknowledged, sent, error = run(storage)
        if len(storage.calls) < nth:
            break
        assert len(sent) == len(acknowledged)
        if error is None:  # of no consequence: closing what had been synced, a read that is tried again
            assert (storage.calls[nth - 1], fault) in (*CLOSING, ("read_at", errno.EINTR))
            assert len(sent) == 4
        else:
            failed += 1
            if isinstance(error, AuditError):
                assert "audit.jsonl" in str(error)
            dead_from = storage.calls[nth:]
            assert not set(dead_from) & {*WRITES, "sync", "replace", "create"}
        check_recovered(disk.files, acknowledged, sent)
    assert failed > 15


@pytest.mark.parametrize("existing", [False, True], ids=["new", "old"])
@pytest.mark.parametrize("fault", [errno.ENOSPC, "before"], ids=["error", "crash"])
def test_a_torn_write_at_every_byte(fault, existing):
    storage = FaultyStorage(storage=MemoryStorage(existing_files(existing)))
    run(storage, records=1)
    writes = [n for n, name in enumerate(storage.calls, 1) if name in WRITES]
    assert len(writes) > 4
    for nth in writes:
        for torn in [*range(420), *range(420, 8192, 512)]:
            disk = MemoryStorage(existing_files(existing))
            acknowledged, sent, error = run(FaultyStorage(nth, fault, torn, disk), records=1)
            assert error is not None
            check_recovered(disk.files, acknowledged, sent)


def test_after_a_failed_sync_nothing_is_tried_again():
    """The system may have thrown the pages away and say yes to the second sync."""
    disk = MemoryStorage()
    storage = FaultyStorage(storage=disk)
    log = AuditLog(PATH, storage=storage, clock=HandClock())
    storage.nth = len(storage.calls) + 2  # append, then sync
    with pytest.raises(AuditError, match=r"cannot take the record 'order_intent': Input/output error"):
        log.record("order_intent", n=1)
    assert storage.calls[-4:] == ["append", "sync", "close", "close"]
    before = len(storage.calls)
    for _ in range(3):
        with pytest.raises(AuditError, match="no record can be written: a record failed: Input/output error"):
            log.record("order_intent", n=2)
    log.close()
    assert len(storage.calls) == before


def test_a_waiting_record_that_cannot_be_synced_is_told():
    storage = FaultyStorage(storage=MemoryStorage())
    log = AuditLog(PATH, storage=storage, clock=HandClock())
    log.record("a", durable=False)
    storage.nth = len(storage.calls) + 1
    with pytest.raises(AuditError, match="cannot be synced"):
        log.close()
    log.close()


@pytest.mark.parametrize(("key", "records"), [(None, 42), (KEY, 5)], ids=["plain", "keyed"])
def test_no_power_cut_loses_what_was_acknowledged(key, records):
    """At least 5,000 states of the disk that POSIX allows after each call of a run."""
    traced = TracedStorage(MemoryStorage())
    log = AuditLog(PATH, storage=traced, clock=HandClock(), key=key)
    for n in range(records):
        log.record("note", durable=False, pad="x" * (37 * n % 900))
        log.record("order_intent", n=n)
        traced.mark((log.count, n))
    log.close()
    states = 0
    for _, marks, files in power_cuts(traced.trace):
        check_recovered(files, [number for number, _ in marks], [n for _, n in marks], key)
        states += 1
    print(states, "states")
    assert states >= (5000 if key is None else 500)


def test_no_power_cut_during_recovery_loses_what_was_acknowledged():
    """A cut, and another one while the restart mends what the first one left."""
    traced = TracedStorage(MemoryStorage())
    log = AuditLog(PATH, storage=traced, clock=HandClock())
    for n in range(5):
        log.record("note", durable=False, pad="x" * 200 * n)
        log.record("order_intent", n=n)
        traced.mark((log.count, n))
    states = 0
    for i, (_, marks, files) in enumerate(power_cuts(traced.trace)):
        if i % 7:
            continue
        again = TracedStorage(MemoryStorage(files))
        AuditLog(PATH, storage=again, clock=HandClock()).close()
        for _, _, twice in power_cuts(again.trace, files):
            check_recovered(twice, [number for number, _ in marks], [n for _, n in marks])
            states += 1
    print(states, "states")
    assert states > 1500


@pytest.mark.parametrize("fault", ["before", "after", errno.EIO])
def test_no_power_cut_after_a_restart_loses_what_was_acknowledged(fault):
    """Killed at any call; then a restart that goes well; then the power goes."""
    for nth in count(1):
        traced = TracedStorage(MemoryStorage())
        first = FaultyStorage(nth, fault, storage=traced)
        acknowledged, sent, _ = run(first, records=1)
        if len(first.calls) < nth:
            break
        traced.storage._locks.clear()  # the system lets go of what the dead had locked
        restart = len(traced.trace)
        traced.mark((acknowledged, sent))
        with AuditLog(PATH, storage=traced, clock=HandClock()) as log:
            n = sum(record.event == "order_intent" for record in log.records())
            traced.mark(([log.record("order_intent", n=n)], [n]))
        for position, marks, files in power_cuts(traced.trace):
            if position <= restart:
                continue
            numbers, orders = ([n for mark in marks for n in mark[i]] for i in (0, 1))
            check_recovered(files, numbers, orders)
    assert nth > 20


def test_without_its_syncs_the_same_cuts_do_lose_records():
    """So the test above would see a sync that is forgotten."""
    for forgotten in (PATH, HEAD):
        traced = TracedStorage(MemoryStorage())
        log = AuditLog(PATH, storage=traced, clock=HandClock())
        for n in range(10):
            log.record("order_intent", n=n, pad="x" * 100 * n)
            traced.mark((log.count, n))
        trace = [step for step in traced.trace if step[:2] != ("sync", forgotten)]
        with pytest.raises((AssertionError, IntegrityError)):
            check_all(trace)


def check_all(trace):
    for _, marks, files in power_cuts(trace):
        check_recovered(files, [number for number, _ in marks], [])
