"""Files of events as JSON lines: every spelling read, every bad or torn line named, nothing half done."""

import json
import os
import pickle

import numpy as np
import pytest
from hypothesis import given

from nanobook import Event, Events, Exchange, errors, load_events, save_events
from nanobook.journal import LONGEST_LINE, save_trades
from tests.events.making import EXAMPLES, logs, patient
from tests.events.test_event import BAD
from tests.faults import outcomes


@pytest.fixture(scope="session")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("journal")


def text_of(events):
    return "".join(f"{event.__getstate__()}\n" for event in events)


@patient
@given(logs)
def test_lines_round_trip(scratch, events):
    path = scratch / "log.jsonl"
    save_events(events, path)
    assert path.read_text(encoding="utf-8") == text_of(events)
    loaded = load_events(path)
    assert type(loaded) is Events
    assert loaded == events


def test_more_events_than_are_made_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("nanobook.journal.PIECE", 7)
    save_events(EXAMPLES * 3, tmp_path / "a")
    assert load_events(tmp_path / "a") == EXAMPLES * 3
    assert (tmp_path / "a").read_text() == text_of(EXAMPLES * 3)


def test_every_kind_of_source_is_saved(tmp_path):
    for source in (EXAMPLES, list(EXAMPLES), Events.of(EXAMPLES), Events.of(EXAMPLES).to_frame()):
        save_events(source, str(tmp_path / "a.jsonl"))
        assert load_events(tmp_path / "a.jsonl") == EXAMPLES
    save_events([], tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == b""
    assert load_events(tmp_path / "a.jsonl") == []


def loaded(tmp_path, text):
    path = tmp_path / "log"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_events(path)


def test_lines_are_trimmed_and_blank_ones_skipped(tmp_path):
    text = text_of(EXAMPLES)
    lines = text.splitlines()
    assert loaded(tmp_path, "\n \n" + "\r\n\t\n".join(f"  {line}\u3000" for line in lines)) == EXAMPLES
    assert loaded(tmp_path, text.replace("\n", "\r\n")) == EXAMPLES
    assert loaded(tmp_path, text.rstrip()) == EXAMPLES
    assert loaded(tmp_path, "\n\n") == []


def test_old_and_new_names_of_the_average_in_one_file(tmp_path):
    line = EXAMPLES[8].__getstate__()
    assert loaded(tmp_path, f"{line}\n{line.replace('SmaAbsChange', 'Atr')}\n") == [EXAMPLES[8]] * 2


# The documented schema

LIMIT = {"type": "SubmitLimit", "side": "BUY", "price": 10050, "quantity": 100, "time_in_force": "GTC"}


def documented(*lines):
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_the_documented_schema(tmp_path):
    text = documented(
        {"schema_version": "1.0", **LIMIT},
        LIMIT | {"side": "SELL", "time_in_force": "IOC", "owner": 7},
        LIMIT | {"price": "-5", "quantity": "3", "time_in_force": "FOK", "owner": None},
        {"type": "SubmitMarket", "side": "SELL", "quantity": 5, "owner": "8"},
        {"type": "Cancel", "order_id": "2", "schema_version": "1.0", "note": "ignored"},
    )
    assert loaded(tmp_path, text) == [
        Event.submit_limit("buy", 10050, 100),
        Event.submit_limit("sell", 10050, 100, "ioc", 7),
        Event.submit_limit("buy", -5, 3, "fok"),
        Event.submit_market("sell", 5, 8),
        Event.cancel(2),
    ]


def test_a_policy_of_an_event_comes_before_it_when_it_changes(tmp_path):
    newest, oldest = LIMIT | {"stp_policy": "CancelNewest"}, LIMIT | {"stp_policy": "CancelOldest"}
    limit = Event.submit_limit("buy", 10050, 100)
    text = documented(newest, newest, {"type": "Cancel", "order_id": 1}, oldest, LIMIT)
    text += Event.stp_policy("decrement_and_cancel").__getstate__() + "\n"
    text += documented(LIMIT | {"stp_policy": "DecrementAndCancel"}, LIMIT | {"stp_policy": "Off"}, LIMIT)
    assert loaded(tmp_path, text) == [
        *(Event.stp_policy("cancel_newest"), limit, limit, Event.cancel(1)),
        *(Event.stp_policy("cancel_oldest"), limit),
        *(Event.stp_policy("off"), limit),
        *(Event.stp_policy("decrement_and_cancel"), limit),
        *(Event.stp_policy("off"), limit, limit),
    ]


def without(name):
    return {key: value for key, value in LIMIT.items() if key != name}


@pytest.mark.parametrize(
    "line",
    [
        *(without(name) for name in LIMIT),
        *(LIMIT | {"side": wrong} for wrong in ("Buy", "buy", "", None, 0)),
        *(
            LIMIT | {"quantity": wrong}
            for wrong in (0, -1, "0", "x", 1.0, None, True, "1.0", " 1", "٣", "1_0")
        ),
        *(LIMIT | {"quantity": wrong} for wrong in (2**62 + 1, "9" * 19, "9" * 5000)),
        *(LIMIT | {"price": wrong} for wrong in (2**63, "x", "--1", "", None, 1.5)),
        *(LIMIT | {"time_in_force": wrong} for wrong in ("gtc", "DAY", None)),
        *(LIMIT | {"owner": wrong} for wrong in (-1, 2**32, "x", 1.0)),
        *(LIMIT | {"stp_policy": wrong} for wrong in ("off", "DecrementBoth", None, 0)),
        *(LIMIT | {"schema_version": wrong} for wrong in ("2.0", 1.0, None)),
        *(LIMIT | {"type": wrong} for wrong in ("Modify", "submit_limit", None, 1)),
        *({"type": "Cancel", "order_id": wrong} for wrong in (-1, None, "x")),
        *(
            {"type": "Cancel"},
            {"type": "SubmitMarket", "side": "BUY"},
            {"schema_version": "1.0"},
            {"a": 1, "b": 2},
        ),
    ],
    ids=repr,
)
def test_c063_documented_lines_that_are_refused(tmp_path, line):
    with pytest.raises(errors.CorruptLine) as caught:
        loaded(tmp_path, documented(LIMIT, line))
    assert caught.value.line == 2
    assert str(caught.value).startswith("line 2: ")


def test_c063_keys_that_are_there_twice(tmp_path):
    line = json.dumps(LIMIT).replace('"side"', '"price": 1, "side"')
    with pytest.raises(errors.CorruptLine, match="line 1: event: 'price' is there twice"):
        loaded(tmp_path, line)


# Bad lines


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_c063_bad_lines_are_named(tmp_path, text):
    before = EXAMPLES[:3]
    content = f"\n{text_of(before)}{text}\n{text_of(before)}"
    if not text.strip():
        assert loaded(tmp_path, content) == [*before, *before]
        return
    with pytest.raises(errors.CorruptLine) as caught:
        loaded(tmp_path, content)
    assert caught.value.line == 5
    assert str(caught.value).startswith("line 5: ")
    assert isinstance(caught.value, (errors.CorruptFile, ValueError))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.line) == (str(caught.value), 5)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe{\x00", "line 1: .*utf-8"),
        (b'\xef\xbb\xbf{"Cancel":{"order_id":1}}', "line 1: "),
        (b"\n\x00\n", "line 2: not JSON"),
        (b"PK\x03\x04abc", "line 1: this looks like an npz file"),
        (b"\x1f\x8b\x08abc", "line 1: this looks like gzip"),
        (b"{" + b" " * LONGEST_LINE + b"}", "line 1: longer than"),
        (b"\n" + b" " * (LONGEST_LINE + 5) + b"\n", "line 2: longer than"),
        (b"kind,side\nlimit,buy\n", "line 1: not JSON"),
    ],
    ids=range(8),
)
def test_c056_files_of_something_else(tmp_path, content, told):
    with pytest.raises(errors.CorruptLine, match=told):
        loaded(tmp_path, content)


def test_c040_a_file_cut_at_any_byte(tmp_path):
    """Whole lines are read; a part of one is named. A cut between two lines cannot be seen."""
    data = text_of(EXAMPLES[6:]).encode()
    for size in range(len(data) + 1):
        cut = data[:size]
        whole = cut.count(b"\n")
        rest = cut.rsplit(b"\n", 1)[-1]
        if not rest or rest == data.split(b"\n")[whole]:
            assert loaded(tmp_path, cut) == EXAMPLES[6:][: whole + bool(rest)]
            continue
        with pytest.raises(errors.CorruptLine, match="cut off") as caught:
            loaded(tmp_path, cut)
        assert caught.value.line == whole + 1


def test_any_byte_changed_is_refused_or_read_as_an_event(tmp_path):
    data = text_of(EXAMPLES[:9]).encode()
    lines = []
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        try:
            events = loaded(tmp_path, bytes(changed))
        except errors.CorruptLine as error:
            lines.append((error.line, data[:place].count(b"\n") + 1))
            continue
        assert Events.of(events.rows()) == events
        assert len(events) >= 8
    assert all(named == right for named, right in lines)
    assert len(lines) > len(data) / 2


def test_c067_files_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        load_events(tmp_path / "no.jsonl")
    assert caught.value.filename == str(tmp_path / "no.jsonl")
    with pytest.raises(FileNotFoundError):
        load_events(tmp_path / "no.npz")
    with pytest.raises(OSError, match="directory"):
        load_events(tmp_path)
    with pytest.raises(TypeError):
        load_events(None)


# Saving


@pytest.mark.skipif(os.name == "nt", reason="POSIX folders")
@pytest.mark.parametrize("name", ["log.jsonl", "log.npz"])
def test_the_nth_call_fails(tmp_path, monkeypatch, name):
    path = tmp_path / name
    save_events(EXAMPLES[:1], path)
    new = list(EXAMPLES)
    old = path.read_bytes()
    places = []
    for place, raised in outcomes(monkeypatch, path, lambda path: save_events(new, path)):
        places.append(place)
        assert raised
        assert os.listdir(tmp_path) == [name]
        if place in ("open_folder", "close") or places.count("fsync") == 2:
            assert load_events(path) == new
            path.write_bytes(old)
        assert load_events(path) == EXAMPLES[:1]
    assert {"open", "write", "fsync", "replace"} <= set(places)
    assert load_events(path) == new


@pytest.mark.parametrize("wrong", [None, "text", iter(EXAMPLES), [1], np.zeros(2)], ids=repr)
def test_what_holds_no_events_is_not_saved(tmp_path, wrong):
    path = tmp_path / "log.jsonl"
    path.write_text("old")
    with pytest.raises(TypeError):
        save_events(wrong, path)
    assert path.read_text() == "old"


def test_formats(tmp_path):
    save_events(EXAMPLES, tmp_path / "a.npz", format="jsonl")
    assert load_events(tmp_path / "a.npz", format="jsonl") == EXAMPLES
    save_events(EXAMPLES, os.fsencode(tmp_path / "b.npz"))
    assert load_events(os.fsencode(tmp_path / "b.npz")) == EXAMPLES
    for call in (lambda path: save_events([], path, format="csv"), lambda path: load_events(path, "csv")):
        with pytest.raises(errors.InvalidValue, match="format: 'csv'; use 'jsonl' or 'npz'"):
            call(tmp_path / "c")
    assert not (tmp_path / "c").exists()


# Trades


def test_trades(tmp_path):
    book = Exchange()
    book.submit_limit("sell", 10050, 30)
    book.submit_limit("buy", 10050, 10)
    book.submit_limit("buy", -5, 10)
    book.submit_market("sell", 4)
    lines = (
        '{"id":1,"price":10050,"quantity":10,"aggressor_order_id":2,"passive_order_id":1,'
        '"aggressor_side":"BUY","timestamp":3}\n'
        '{"id":2,"price":-5,"quantity":4,"aggressor_order_id":4,"passive_order_id":3,'
        '"aggressor_side":"SELL","timestamp":6}\n'
    )
    for trades in (book.trades(), list(book.trades())):
        save_trades(trades, tmp_path / "trades.jsonl")
        assert (tmp_path / "trades.jsonl").read_text() == lines
    for wrong in ([1], ["x"], [tuple(book.trades()[0])]):
        with pytest.raises(errors.WrongType, match="trades"):
            save_trades(wrong, tmp_path / "trades.jsonl")
    assert (tmp_path / "trades.jsonl").read_text() == lines
    save_trades([], tmp_path / "trades.jsonl")
    assert (tmp_path / "trades.jsonl").read_text() == ""
