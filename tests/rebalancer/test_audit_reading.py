"""Audit trails looked at: verified, read, counted, searched for runs; also from the command line."""

import argparse
import json
import os
import subprocess
import sys

import pandas as pd
import pytest

from nanobook.cli.rebalancer import audit as cli
from nanobook.errors import ConfigError, IntegrityError, InvalidValue
from nanobook.rebalancer.audit.contents import AuditRecords, log_stats, read_records
from nanobook.rebalancer.audit.keys import audit_key
from nanobook.rebalancer.audit.log import AuditLog
from nanobook.rebalancer.audit.runs import last_run, open_runs, runs_of
from nanobook.rebalancer.audit.verify import verify_log
from nanobook.testing.memory import MemoryStorage
from tests.oracle.audit import forged
from tests.rebalancer.making import HEAD, KEY, PATH, HandClock, made


@pytest.fixture
def trail(tmp_path):
    """A trail of one small run, in a file."""
    path = tmp_path / "audit.jsonl"
    with AuditLog(path, clock=HandClock(), account="DU1") as log:
        log.record("run_started", scope="2026-02", account="DU1")
        for symbol in ("AAPL", "MSFT", "AAPL"):
            log.record("order_intent", symbol=symbol, shares=5)
        log.record("order_filled", symbol="AAPL", status="Filled")
        log.record("order_filled", symbol="MSFT", status="Cancelled")
        log.record("order_failed", symbol="AAPL", reason="\x1b[2Jno\nmoney")
        log.record("run_completed")
    return path


def changed(path, number):
    """Change a byte of a record."""
    lines = path.read_bytes().splitlines(keepends=True)
    line = bytearray(lines[number - 1])
    line[-90] ^= 1
    lines[number - 1] = bytes(line)
    path.write_bytes(b"".join(lines))


# Reading


def test_records_as_a_list_and_as_a_table(trail):
    records = read_records(trail)
    assert isinstance(records, AuditRecords)
    assert [record.seq for record in records] == list(range(1, 10))
    frame = records.to_frame()
    assert list(frame.index) == list(range(1, 10))
    assert list(frame.columns[:2]) == ["time", "event"]
    assert frame.loc[3, "symbol"] == "AAPL"
    assert isinstance(frame["time"].dtype, pd.DatetimeTZDtype)
    assert "<table" in records._repr_html_()
    assert AuditRecords().to_frame().empty
    assert [record["symbol"] for record in read_records(trail, event="order_intent")] == [
        "AAPL",
        "MSFT",
        "AAPL",
    ]
    assert [record.seq for record in read_records(trail, last=2)] == [8, 9]
    assert read_records(trail, last=0) == []
    assert [record.seq for record in read_records(trail, event="order_intent", last=1)] == [5]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"event": "order_intents"}, "has no record 'order_intents' .did you mean 'order_intent'"),
        ({"event": "zzz"}, "it holds log_started, order_failed"),
        ({"last": -1}, "last: -1"),
        ({"last": 1.5}, "last: 1.5"),
    ],
)
def test_what_is_not_there_is_told(trail, options, told):
    with pytest.raises(InvalidValue, match=told):
        read_records(trail, **options)


def test_a_torn_end_is_left_out_and_a_change_is_named(trail):
    with open(trail, "ab") as file:
        file.write(b'{"event":"tor')
    assert len(read_records(trail)) == 9
    changed(trail, 4)
    for call in (read_records, log_stats):
        with pytest.raises(IntegrityError, match="record 4: its hash") as error:
            call(trail)
        assert error.value.record == 4


def test_counts(trail):
    stats = log_stats(str(trail))
    assert stats.records == 9
    assert stats.bytes == trail.stat().st_size
    assert next(iter(stats.events.items())) == ("order_intent", 3)
    assert stats.ends == {"Filled": 1, "Cancelled": 1}
    assert stats.symbols == {"AAPL": 2, "MSFT": 1}
    assert stats.unsettled == 0
    assert stats.first == stats.last == "2026-02-08T15:30:00.000000+00:00"
    assert stats.to_frame().loc["order_filled", "records"] == 2
    assert "<table" in stats._repr_html_()
    assert "order_intent                         3" in str(stats)


def test_counts_of_nothing(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b"")
    assert log_stats(tmp_path / "a.jsonl").records == 0
    assert "time       none to none" in str(log_stats(tmp_path / "a.jsonl"))


# Verifying


def test_a_report_says_it_all(trail):
    report = verify_log(str(trail))
    assert (report.ok, report.record, report.problem, report.account) == (True, None, "", "DU1")
    assert report.to_frame().loc["records", "value"] == 9
    assert "<table" in report._repr_html_()
    assert "verified" in str(report)
    changed(trail, 4)
    report = verify_log(trail)
    assert "WRONG at record 4: its hash" in str(report)
    with pytest.raises(IntegrityError, match="record 4: its hash is not") as error:
        report.check()
    assert error.value.record == 4
    assert (report.records, report.ok) == (3, False)


def test_without_its_head_a_trail_needs_an_anchor():
    disk = made(5)
    anchor = verify_log(PATH, storage=disk).anchor
    disk.unlink(HEAD)
    report = verify_log(PATH, storage=disk)
    assert (report.ok, report.record, report.records) == (False, None, 5)
    assert "audit.head is missing, so that a cut end cannot be told" in report.problem
    with pytest.raises(IntegrityError, match="a record"):
        report.check()
    assert "WRONG at the head" in str(report)
    report = verify_log(PATH, storage=disk, anchor=anchor)
    assert (report.ok, report.head) == (True, "missing")
    del disk._files[PATH][-100:]
    report = verify_log(PATH, storage=disk, anchor=anchor)
    assert (report.ok, report.record) == (False, 5)
    assert "the anchor tells of 5 records" in report.problem


def test_an_anchor_of_the_past_holds_for_ever_and_only_for_its_trail():
    disk = made(5)
    anchor = verify_log(PATH, storage=disk).anchor
    with AuditLog(PATH, storage=disk) as log:
        log.record("more")
        assert log.head.startswith("6:")
    assert verify_log(PATH, storage=disk, anchor=anchor).ok
    assert verify_log(PATH, storage=disk, anchor=log.head).ok
    report = verify_log(PATH, storage=made(5), anchor=anchor)
    assert (report.ok, report.record) == (False, 5)
    assert "the anchor names" in report.problem


@pytest.mark.parametrize("anchor", ["", "5", "5:zz", 5, "5:" + "a" * 63, "-1:" + "a" * 64])
def test_what_is_no_anchor_is_refused(anchor):
    with pytest.raises(InvalidValue, match=r"anchor: .*give COUNT:HASH"):
        verify_log(PATH, storage=made(2), anchor=anchor)


def test_a_head_of_the_wrong_size_or_form_is_told():
    disk = made(3)
    for head in (b"", b"x" * 100, b"x" * 8192, b"\n" * 8192):
        report = verify_log(PATH, storage=MemoryStorage({**disk.files, HEAD: head}))
        assert (report.ok, report.head, report.record) == (False, "wrong", None)
        assert "audit.head" in report.problem
    with pytest.raises(InvalidValue, match="longer than"):
        verify_log(PATH, storage=MemoryStorage({**disk.files, HEAD: b"x" * 20_000}))


def test_a_forged_head_of_another_form_is_no_head():
    """Sealed rightly, and still not what a head is."""
    from nanobook.rebalancer.audit.chain import seal
    from nanobook.rebalancer.audit.head import SLOT, Head, slot_of

    disk = made(3)
    log = disk.files[HEAD].split(b'"log":"')[1][:32].decode()
    sealed = [
        seal(text, None)[0][:-1].ljust(SLOT - 1) + b"\n"
        for text in (b'{"format":1', b'{"format":1,"log":"x"', b"[1", b'{"format":2,"log":"x","generation":0')
    ]
    sealed.append(slot_of(Head(log, 1, 3), None))  # a newer one in the place of an older
    for slot in sealed:
        report = verify_log(PATH, storage=MemoryStorage({**disk.files, HEAD: slot * 2}))
        assert (report.ok, report.head) == (False, "wrong") or report.record
    swapped = disk.files[HEAD][SLOT:] + disk.files[HEAD][:SLOT]
    report = verify_log(PATH, storage=MemoryStorage({**disk.files, HEAD: swapped}))
    assert "no slot of the head is right" in report.problem
    apart = slot_of(Head(log, 4, 3), None) + slot_of(Head(log, 1, 3), None)
    report = verify_log(PATH, storage=MemoryStorage({**disk.files, HEAD: apart}))
    assert "do not follow each other" in report.problem


def test_a_forged_first_record_is_another_trail():
    """Its head was forged to fit the records, and does not fit the first."""
    from nanobook.rebalancer.audit.head import SLOT, Head, slot_of

    disk = made(3)
    data = forged(disk.files[PATH], 1, lambda record: record.update(log="0" * 32))
    anchor = verify_log(PATH, storage=MemoryStorage({PATH: data}))
    head = Head("f" * 32, 0, 3, len(data), anchor.anchor.split(":")[1])
    files = {PATH: data, HEAD: slot_of(head, None) + b" " * (SLOT - 1) + b"\n"}
    report = verify_log(PATH, storage=MemoryStorage(files))
    assert (report.ok, report.record) == (False, 1)
    assert "begins another trail" in report.problem
    with pytest.raises(IntegrityError, match="record 1: it begins another trail"):
        AuditLog(PATH, storage=MemoryStorage(files))


# Runs


def test_runs_are_found_with_their_ends_and_places():
    disk = MemoryStorage()
    with AuditLog(PATH, storage=disk, clock=HandClock()) as log:
        assert runs_of(log) == []
        log.record("run_completed")  # of nothing
        log.record("run_started", scope="a")
        log.record("note", event_like='{"event":"run_started",')
        log.record("run_completed", outcome="declined")
        log.record("run_started", scope="b")
        log.record("run_started", scope="a")
        log.record("run_completed", scope="b")
        runs = runs_of(log)
        assert [(run.scope, run.outcome, run.seq) for run in runs] == [
            ("a", "declined", 3),
            ("b", "done", 6),
            ("a", None, 7),
        ]
        assert open_runs(log) == [runs[2]]
        assert last_run(log, "a") is not None
        assert last_run(log, "a") == runs[2]
        assert last_run(log, "c") is None
        assert [record.event for record in log.records(runs[1].offset)][:2] == ["run_started"] * 2
        assert next(log.records(runs[0].stop))["outcome"] == "declined"


def test_a_record_that_is_none_is_not_found():
    from nanobook.rebalancer.audit.chain import seal

    disk = made(2)
    line, _ = seal(b'{"event":"run_started","scope":"a"', None)
    log = AuditLog(PATH, storage=disk)
    disk._files[PATH] += line
    log.size += len(line)
    with pytest.raises(IntegrityError, match="a record: it does not begin as a record does"):
        runs_of(log)


# The key


def test_a_key_comes_from_a_file_or_from_the_environment(tmp_path):
    assert audit_key({}) is None
    assert audit_key({"NANOBOOK_AUDIT_KEY": KEY.decode()}) == KEY
    file = tmp_path / "key"
    file.write_bytes(KEY + b"\n")
    file.chmod(0o600)
    assert audit_key({"NANOBOOK_AUDIT_KEY": "something else, quite"}, file) == KEY


@pytest.mark.parametrize(
    "content", ["", "canary", "canary canary canary canary", KEY.decode() + "\n\n", "\n" * 20]
)
def test_c072_a_key_with_blanks_or_none_is_refused_and_not_shown(tmp_path, content):
    file = tmp_path / "key"
    file.write_text(content)
    file.chmod(0o600)
    for call in (lambda: audit_key({}, file), lambda: audit_key({"NANOBOOK_AUDIT_KEY": content})):
        with pytest.raises(ConfigError, match="cannot be one") as error:
            call()
        assert "canary" not in str(error.value)
    assert "NANOBOOK_AUDIT_KEY" in str(error.value)


def test_c067_a_key_that_others_may_read_is_refused(tmp_path):
    file = tmp_path / "key"
    file.write_bytes(KEY)
    file.chmod(0o640)
    with pytest.raises(InvalidValue, match="has mode 0640"):
        audit_key({}, file)


# The command line


def run(*words):
    parser = argparse.ArgumentParser()
    cli.add_parser(parser.add_subparsers())
    args = parser.parse_args(["audit", *map(str, words)])
    return args.func(args)


def test_c097_verify_tells_the_record_and_exits_with_9(trail, capsys):
    assert run("verify", trail) == 0
    assert "verified" in capsys.readouterr().out
    before = {path: path.read_bytes() for path in trail.parent.iterdir()}
    changed(trail, 4)
    assert run("verify", trail) == 9
    _, err = capsys.readouterr()
    assert "record 4: its hash is not that of its content" in err
    assert run("verify", "--json", trail) == 9
    assert json.loads(capsys.readouterr().out)["record"] == 4
    trail.write_bytes(before[trail])
    trail.with_suffix(".head").unlink()
    assert run("verify", trail) == 9
    assert "the head: " in capsys.readouterr().err
    assert [path.name for path in trail.parent.iterdir()] == ["audit.jsonl"]


def test_verify_takes_an_anchor_and_a_key(tmp_path, capsys, monkeypatch):
    path, key = tmp_path / "audit.jsonl", tmp_path / "key"
    with AuditLog(path, key=KEY) as log:
        log.record("e")
    key.write_bytes(KEY)
    key.chmod(0o600)
    assert run("verify", path) == 9
    assert run("verify", path, "--key-file", key, "--anchor", log.head) == 0
    monkeypatch.setenv("NANOBOOK_AUDIT_KEY", KEY.decode())
    assert run("verify", path) == 0
    monkeypatch.setenv("NANOBOOK_AUDIT_KEY", KEY.decode() + "x")
    assert run("verify", path) == 9
    out = "".join(capsys.readouterr())
    assert "canary" not in out


def test_show_prints_records_that_cannot_act_on_a_terminal(trail, capsys):
    assert run("show", trail) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 9
    assert lines[2].split() == ["3", "2026-02-08T15:30:00.000", "order_intent", "shares=5", 'symbol="AAPL"']
    assert r'reason="\u001b[2Jno\nmoney"' in lines[7]
    assert "\x1b" not in "".join(lines)
    assert run("show", trail, "--event", "order_filled", "--last", "1", "--json") == 0
    assert json.loads(capsys.readouterr().out)["status"] == "Cancelled"


def test_stats_prints_counts(trail, capsys):
    assert run("stats", trail) == 0
    assert "records    9" in capsys.readouterr().out
    assert run("stats", trail, "--json") == 0
    assert json.loads(capsys.readouterr().out)["events"]["order_intent"] == 3


def test_verifying_loads_nothing_heavy(trail):
    code = (
        "import sys, argparse\n"
        "from nanobook.cli.rebalancer import audit\n"
        "parser = argparse.ArgumentParser()\n"
        "audit.add_parser(parser.add_subparsers())\n"
        "args = parser.parse_args(['audit', 'verify', sys.argv[1]])\n"
        "code = args.func(args)\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "heavy = {'numpy', 'numba', 'pandas', 'asyncio', 'ib_async'} & loaded\n"
        "assert not heavy, heavy\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(trail)],
        capture_output=True,
        text=True,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
