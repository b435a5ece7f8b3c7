"""The audit log: what it writes, what it refuses, and whom it lets in."""

import json
import os
import pickle
import stat
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanobook.broker import BrokerPosition, ClientOrderId
from nanobook.errors import AlreadyRunning, AuditError, IntegrityError, InvalidValue, WrongType
from nanobook.rebalancer.audit import chain
from nanobook.rebalancer.audit import log as audit
from nanobook.rebalancer.audit.contents import read_records
from nanobook.rebalancer.audit.log import AuditLog
from nanobook.rebalancer.audit.verify import verify_log
from nanobook.testing.memory import MemoryStorage
from tests.oracle.audit import first_wrong, forged
from tests.rebalancer.making import HEAD, KEY, PATH, HandClock, made, with_trail


class Status(StrEnum):
    """A text that is more than a text."""

    FILLED = "Filled"


class Revealing:
    """Stands for a Secret."""

    def reveal(self):
        """Give the key."""
        return KEY.decode()


def opened(disk, **options):
    return AuditLog(PATH, storage=disk, clock=HandClock(), **options)


def payloads(log):
    return [{k: v for k, v in record.items() if k not in chain.ENVELOPE} for record in log.records()]


def test_a_record_is_one_canonical_line():
    disk = made(2)
    first, second = disk.files[PATH].decode().splitlines()
    assert list(json.loads(second)) == [
        *("event", "ts", "seq", "prev"),
        *("client_order_id", "limit", "shares", "symbol"),
        "hash",
    ]
    assert second.startswith(
        '{"event":"order_intent","ts":"2026-02-08T15:30:00.000000+00:00","seq":2,"prev":"'
    )
    assert json.loads(second)["prev"] == json.loads(first)["hash"]
    assert json.loads(first)["prev"] == "0" * 64
    assert json.loads(first)["format"] == 1
    assert len(json.loads(first)["log"]) == 32


def test_records_come_back_as_they_were_written():
    with opened(MemoryStorage()) as log:
        numbers = [log.record("a"), log.record("b", durable=False, x=1), log.record("c", y=[{"z": None}])]
        assert numbers == [2, 3, 4]
        assert log.count == 4
        records = list(log.records())
        assert [record.event for record in records] == ["log_started", "a", "b", "c"]
        assert [record.seq for record in records] == [1, 2, 3, 4]
        assert records[0].time == datetime(2026, 2, 8, 15, 30, tzinfo=UTC)
        assert records[3]["y"] == [{"z": None}]
        assert [record.offset for record in log.records(records[2].offset)] == [
            records[2].offset,
            records[3].offset,
        ]
        assert list(log.records(log.size)) == []
        assert records[3].stop == log.size
        copy = pickle.loads(pickle.dumps(records[3]))
        assert (copy, copy.offset, copy.stop) == (records[3], records[3].offset, records[3].stop)


def test_every_exact_value_is_written_and_nothing_else():
    with opened(MemoryStorage()) as log:
        log.record(
            "values",
            whole=np.int64(3),
            cents=Decimal("1.10"),
            state=Status.FILLED,
            order=ClientOrderId("abc"),
            time=datetime(2026, 1, 1, tzinfo=UTC),
            flag=True,
            nothing=None,
            held=[BrokerPosition("AAPL", 5)],
            pair=(1, "\x1b[31m\u2028é\n"),
        )
        assert payloads(log)[1] == {
            "whole": 3,
            "cents": "1.10",
            "state": "Filled",
            "order": "abc",
            "time": "2026-01-01T00:00:00+00:00",
            "flag": True,
            "nothing": None,
            "held": [
                {
                    "symbol": "AAPL",
                    "quantity": 5,
                    "avg_cost_cents": 0,
                    "market_value_cents": 0,
                    "unrealized_pnl_cents": 0,
                }
            ],
            "pair": [1, "\x1b[31m\u2028é\n"],
        }
    assert log._storage.files[PATH].isascii()
    assert b"\x1b" not in log._storage.files[PATH]


def deep(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("event", "payload", "kind", "told"),
    [
        ("price", {"limit": 1.5}, WrongType, r"price\.limit: a float .* use an int or a Decimal"),
        ("price", {"limit": np.float64(1.5)}, WrongType, r"price\.limit: a float64"),
        ("price", {"list": [1, {"x": float("nan")}]}, WrongType, r"price\.list\[1\]\.x: a float"),
        ("a", {"x": Revealing()}, WrongType, r"a\.x: a Revealing cannot be recorded"),
        ("a", {"x": {1: 2}}, WrongType, r"a\.x: the name 1 is a int"),
        ("a", {"hash": "0"}, InvalidValue, r"a: 'hash' is the record's own"),
        ("a", {"seq": 1}, InvalidValue, "'seq'"),
        ("Not Small", {}, InvalidValue, "event: 'Not Small'"),
        ("", {}, InvalidValue, "event: ''"),
        ("a" * 65, {}, InvalidValue, "event"),
        (7, {}, InvalidValue, "event: 7"),
        ("a\n", {}, InvalidValue, "event"),
        ("a", {"x": deep(100_000)}, InvalidValue, "nested too deeply"),
        ("a", {"x": "y" * (8 << 20)}, InvalidValue, "too many for one record"),
    ],
)
def test_what_cannot_be_written_changes_nothing(event, payload, kind, told):
    disk = MemoryStorage()
    with opened(disk) as log:
        before = disk.files
        with pytest.raises(kind, match=told) as error:
            log.record(event, **payload)
        assert "canary" not in str(error.value)
        assert disk.files == before
        assert log.record("next") == 2


text = st.text(max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True).filter(
    lambda name: name not in (*chain.ENVELOPE, "durable")
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.dictionaries(names, values, max_size=4)), max_size=6),
    st.sampled_from([None, KEY]),
)
def test_any_payload_round_trips_and_the_naive_reader_agrees(records, key):
    disk = MemoryStorage()
    with opened(disk, key=key) as log:
        for durable, payload in records:
            log.record("event", durable, **payload)
        assert payloads(log)[1:] == [payload for _, payload in records]
    assert first_wrong(disk.files[PATH], key) is None
    with opened(disk, key=key) as log:
        assert log.count == len(records) + 1


ORIGINAL = {
    "run_started": {"target_file": "target.json", "account": "DU1"},
    "positions_fetched": {
        "positions": [{"symbol": "AAPL", "qty": 3, "avg_cost": "185.25"}],
        "equity": "100000",
    },
    "diff_computed": {
        "orders": [
            {"symbol": "AAPL", "action": "BUY", "shares": 5, "limit": "185.1", "description": "increase"}
        ]
    },
    "risk_check": {"passed": True, "checks": [{"name": "Max position", "status": "PASS", "detail": ""}]},
    "user_confirmed": {"approved": True},
    "order_submitted": {"symbol": "AAPL", "action": "BUY", "shares": 5, "limit": "185.1", "ibkr_id": 7},
    "order_filled": {
        "symbol": "AAPL",
        "ibkr_id": 7,
        "filled": 5,
        "avg_price": "185.1",
        "commission": "0.35",
        "status": "Filled",
    },
    "run_completed": {"submitted": 1, "filled": 1, "failed": 0},
    "no_rebalance_needed": {},
}


def test_the_events_of_the_original_are_written_as_it_writes_them(tmp_path):
    """One object a line: event, ts (RFC 3339, UTC), the payload flat beside them."""
    path = tmp_path / "audit.jsonl"
    with AuditLog(path) as log:
        for event, payload in ORIGINAL.items():
            log.record(event, **payload)
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    assert [line["event"] for line in lines] == list(ORIGINAL)
    for line, payload in zip(lines, ORIGINAL.values(), strict=True):
        assert datetime.fromisoformat(line["ts"]).utcoffset().total_seconds() == 0
        assert payload.items() <= line.items()
    assert [record.event for record in read_records(path)[1:]] == list(ORIGINAL)


# Opening


def test_opening_again_goes_on_where_it_ended():
    disk = made(5)
    with opened(disk) as log:
        assert (log.count, log.dropped) == (5, 0)
        log.record("more")
    assert verify_log(PATH, storage=disk).records == 6
    assert repr(log) == "AuditLog('logs/audit.jsonl', 6 records)"


def test_c032_files_are_for_their_owner_alone(tmp_path):
    before = os.umask(0)
    try:
        AuditLog(tmp_path / "a" / "b" / "audit.jsonl").close()
        os.umask(0o777)
        AuditLog(tmp_path / "c" / "audit.jsonl").close()
    finally:
        os.umask(before)
    for folder in ("a", "a/b", "c"):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == 0o700
    for file in ("a/b/audit.jsonl", "a/b/audit.head", "c/audit.jsonl", "c/audit.head"):
        assert stat.S_IMODE((tmp_path / file).stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["audit.jsonl", "audit.head"])
@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "mode"])
def test_c067_what_is_no_file_of_ours_is_refused(tmp_path, name, kind):
    AuditLog(tmp_path / "audit.jsonl").close()
    path = tmp_path / name
    if kind == "mode":
        path.chmod(0o644)
    else:
        path.rename(tmp_path / "kept")
        {"link": lambda: path.symlink_to("kept"), "pipe": lambda: os.mkfifo(path), "folder": path.mkdir}[
            kind
        ]()
    before = {file: file.lstat().st_mtime_ns for file in tmp_path.iterdir()}
    told = {"link": "is a link", "pipe": "not a file", "folder": "not a file", "mode": "has mode 0644"}[kind]
    with pytest.raises(InvalidValue, match=told) as error:
        AuditLog(tmp_path / "audit.jsonl")
    assert str(path) in str(error.value)
    assert {file: file.lstat().st_mtime_ns for file in tmp_path.iterdir()} == before


def test_a_second_writer_is_refused(tmp_path):
    with AuditLog(tmp_path / "audit.jsonl") as log:
        log.record("first")
        before = (tmp_path / "audit.jsonl").read_bytes()
        with pytest.raises(AlreadyRunning, match=r"audit\.jsonl: another process writes"):
            AuditLog(tmp_path / "audit.jsonl")
        assert (tmp_path / "audit.jsonl").read_bytes() == before
        log.record("second")
    AuditLog(tmp_path / "audit.jsonl").close()


def test_a_log_by_the_name_of_its_head_is_refused(tmp_path):
    with pytest.raises(InvalidValue, match="name of its head"):
        AuditLog(tmp_path / "audit.head")
    assert list(tmp_path.iterdir()) == []


def test_c097_a_log_of_another_account_is_refused():
    disk = MemoryStorage()
    opened(disk, account="DU1").close()
    before = disk.files
    with pytest.raises(IntegrityError, match="record 1: it belongs to another account"):
        opened(disk, account="DU2")
    assert disk.files == before
    opened(disk, account="DU1").close()
    opened(disk).close()


def test_c097_a_log_of_another_version_is_refused(monkeypatch):
    disk = made(3)
    monkeypatch.setattr("nanobook.rebalancer.audit.head.FORMAT", 2)
    with pytest.raises(IntegrityError, match="another key or version"):
        opened(disk)


def test_c097_a_log_without_its_head_is_refused():
    disk = made(3)
    disk.unlink(HEAD)
    before = disk.files
    with pytest.raises(IntegrityError, match=r"audit\.head is missing"):
        opened(disk)
    assert disk.files == before


def test_an_empty_file_without_a_head_is_a_beginning():
    disk = MemoryStorage({PATH: b""})
    with opened(disk) as log:
        assert log.count == 1


def test_c097_a_log_of_the_original_is_refused_by_name():
    line = b'{"event":"run_started","ts":"2026-02-08T15:30:00+00:00","account":"DU1"}\n'
    with pytest.raises(IntegrityError, match=r"head .* is missing"):
        opened(MemoryStorage({PATH: line}))


def test_c097_the_head_of_another_log_is_refused():
    disk, other = made(3), made(3)
    mixed = MemoryStorage({PATH: disk.files[PATH], HEAD: other.files[HEAD]})
    with pytest.raises(IntegrityError, match="record"):
        opened(mixed)
    empty = MemoryStorage()
    with opened(empty):
        young = empty.files[HEAD]
    behind = MemoryStorage({PATH: disk.files[PATH], HEAD: young})
    with pytest.raises(IntegrityError):
        opened(behind)


@pytest.mark.parametrize(
    ("key", "other"), [(None, KEY), (KEY, None), (KEY, KEY + b"x"), (KEY, KEY.decode() + "y")]
)
def test_another_key_is_refused(key, other):
    disk = made(3, key)
    with pytest.raises(IntegrityError, match="another key"):
        opened(disk, key=other)
    opened(disk, key=key).close()


@pytest.mark.parametrize("key", [KEY, KEY.decode(), Revealing()])
def test_a_key_has_several_forms(key):
    opened(made(3, KEY), key=key).close()


@pytest.mark.parametrize(
    ("key", "kind"),
    [(b"canary", InvalidValue), ("canary", InvalidValue), (bytearray(b"canary" * 4), WrongType)],
)
def test_c072_what_is_no_key_is_refused_and_not_shown(key, kind):
    disk = MemoryStorage()
    with pytest.raises(kind, match="key: ") as error:
        opened(disk, key=key)
    assert "canary" not in str(error.value)
    assert disk.files == {}


def test_only_the_last_part_of_a_long_log_is_checked_when_it_is_opened(monkeypatch):
    """A change before that is found by verifying, with its number."""
    disk = made(200)
    monkeypatch.setattr("nanobook.rebalancer.audit.reading.CHECKED", 10_000)
    data = bytearray(disk.files[PATH])
    place = data.index(b'"shares":150')
    data[place + 9] ^= 1
    changed = with_trail(disk, data)
    opened(changed).close()
    assert verify_log(PATH, storage=changed).record == 52
    data = bytearray(disk.files[PATH])
    data[-5000] ^= 1
    number = data[:-5000].count(b"\n") + 1
    with pytest.raises(IntegrityError, match=f"record {number}: its hash"):
        opened(with_trail(disk, data))


def test_a_forged_end_is_found_by_the_head():
    """Without a key anybody can mend the chain; then the head does not fit."""
    disk = made(20)
    data = forged(disk.files[PATH], 12, lambda record: record.update(shares=999))
    assert first_wrong(data) is None
    with pytest.raises(IntegrityError, match="the head names another last record"):
        opened(with_trail(disk, data))


def test_a_log_of_somebody_else_behind_our_head_is_found(monkeypatch):
    """The first record tells whose trail it is, even where the last part alone is walked."""
    disk = made(50)
    data = forged(disk.files[PATH], 1, lambda record: record.update(log="0" * 32))
    with pytest.raises(IntegrityError):
        opened(with_trail(disk, data))


# What a crash leaves


@pytest.mark.parametrize("key", [None, KEY])
def test_a_torn_last_line_is_dropped_and_reported_at_every_byte(key):
    disk = made(6, key)
    with opened(disk, key=key) as log:
        log.record("last", durable=False, x="y" * 50)
        whole = disk.files
    line = whole[PATH].splitlines(keepends=True)[-1]
    for k in range(len(line)):
        files = {PATH: whole[PATH][: len(whole[PATH]) - len(line) + k], HEAD: whole[HEAD]}
        torn = MemoryStorage(files)
        with opened(torn, key=key) as log:
            assert log.dropped == k
            assert log.count == 6 + (k > 0)
            events = [record for record in log.records() if record.event == "torn_tail_dropped"]
            assert [record["bytes"] for record in events] == ([k] if k else [])
        assert verify_log(PATH, key, storage=torn).ok


def test_what_is_whole_behind_the_head_is_kept():
    disk = MemoryStorage()
    with opened(disk) as log:
        log.record("acknowledged")
        log.record("waiting", durable=False)
        files = disk.files
    report = verify_log(PATH, storage=MemoryStorage(files))
    assert (report.ok, report.head, report.records) == (True, "behind", 3)
    with opened(MemoryStorage(files)) as log:
        assert (log.count, log.dropped) == (3, 0)
        assert verify_log(PATH, storage=log._storage).head == "whole"


def test_more_behind_the_head_than_a_crash_leaves_is_refused(monkeypatch):
    disk = made(3)
    monkeypatch.setattr("nanobook.rebalancer.audit.reading.UNACKNOWLEDGED", 1000)
    with pytest.raises(IntegrityError, match="1001 bytes follow the head"):
        opened(with_trail(disk, disk.files[PATH] + b"x" * 1001))


def test_records_that_wait_are_synced_in_time(monkeypatch):
    disk = MemoryStorage()
    with opened(disk) as log:
        heads = []
        for _ in range(audit.UNSYNCED + 1):
            log.record("e", durable=False)
            heads.append(disk.files[HEAD])
        assert heads[audit.UNSYNCED - 2] == heads[0] != heads[-2]
        monkeypatch.setattr(audit, "WAITING_BYTES", 100)
        before = disk.files[HEAD]
        log.record("e", durable=False)
        assert disk.files[HEAD] != before
        log.record("e", durable=False)
        log.sync()
        after = disk.files[HEAD]
        log.sync()
        assert disk.files[HEAD] == after


# Closed and broken logs


def test_a_closed_log_takes_nothing():
    disk = made(3)
    log = opened(disk)
    log.close()
    log.close()
    for call in (lambda: log.record("a"), log.sync):
        with pytest.raises(AuditError, match=r"audit\.jsonl: no record can be written: it is closed"):
            call()
    assert log.count == 3


def test_an_interrupted_record_ends_the_log(monkeypatch):
    """Nobody knows how far it came."""
    disk = MemoryStorage()
    log = opened(disk)
    monkeypatch.setattr(disk, "sync", lambda handle: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        log.record("a")
    with pytest.raises(AuditError, match="a record failed: KeyboardInterrupt"):
        log.record("b")
    log = opened(made(3))
    log.record("x", durable=False)
    monkeypatch.setattr(log._storage, "sync", lambda handle: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        log.sync()
    with pytest.raises(AuditError, match="a sync failed"):
        log.sync()


def test_a_log_is_not_pickled():
    with opened(MemoryStorage()) as log, pytest.raises(TypeError, match="open its path again"):
        pickle.dumps(log)


def test_reading_finds_a_change_that_was_made_while_the_log_is_open():
    disk = made(10)
    log = opened(disk)
    second, last = (list(log.records())[i].offset for i in (1, -1))
    disk._files[PATH][second + 120] ^= 1
    with pytest.raises(IntegrityError, match=f"record 2: its hash .*byte {second}") as error:
        list(log.records())
    assert error.value.record == 2
    with pytest.raises(IntegrityError, match="a record: its hash"):
        list(log.records(second))
    with pytest.raises(IntegrityError, match="a record: its hash"):
        list(log.search("order_intent"))
    del disk._files[PATH][-10:]
    with pytest.raises(IntegrityError, match="not whole"):
        list(log.records(last))


def test_reading_finds_an_end_that_is_gone():
    disk = made(10)
    log = opened(disk)
    last = list(log.records())[-1]
    del disk._files[PATH][last.offset :]
    with pytest.raises(IntegrityError, match="not there, or not as it was written"):
        list(log.records())
