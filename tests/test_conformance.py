"""The public matching streams: published hashes, edge cases line by line, damaged files."""

import hashlib
import json
import lzma
import subprocess
import sys

import numpy as np
import pytest

from nanobook import Exchange
from nanobook.cli.conformance import conformance_line, name_of
from nanobook.errors import CorruptFile
from nanobook.feeds.stream import HEADER, MAGIC, RECORD, VERSION, messages_of, read_stream, reports

PUBLISHED = {
    "orders_normal": (62474, "e9b2e3926854410b01a035aeb25dd05f1e597c233be8263de9eb49b6713d367e"),
    "orders_swing-25": (66908, "61a84be9469661bd039e00dbc9a7c011e70b6ace37aadfe60045ea083b05f4df"),
}


def records_of(messages):
    """Records of messages given as the edge cases give them."""
    records = np.zeros(len(messages), RECORD)
    names = {"quantity": "qty", "price": "price_ticks"}
    for field in ("type", "side", "ioc", "quantity", "order_id", "price"):
        records[field] = [message[names.get(field, field)] for message in messages]
    records["sequence"] = np.arange(len(messages))
    return records


def stream_bytes(records):
    return np.array([(MAGIC, VERSION, len(records))], HEADER).tobytes() + records.tobytes()


def order(order_id, side, quantity, price, ioc=0):
    return {"type": 0, "side": side, "ioc": ioc, "qty": quantity, "order_id": order_id, "price_ticks": price}


def replay(records, levels=0):
    book = Exchange()
    result = book.process(messages_of(records), client_ids=True, levels=levels)
    return reports(records, result, book), result


@pytest.mark.parametrize("name", PUBLISHED)
def test_full_streams_give_the_published_answers(data, name):
    records = read_stream(data / "matching" / f"{name}.bin.xz")
    trades, digest = PUBLISHED[name]
    line = conformance_line(name, records)
    assert line.startswith(f"{name} messages=1996097 trades={trades} sha256={digest} rate=")
    assert line.endswith(" M/s")


def test_small_streams_give_the_listed_hashes(data):
    listed = (data / "matching" / "small" / "naive_reference_hashes.txt").read_text().split()
    expected = dict(zip(listed[1::2], listed[::2], strict=True))
    assert len(expected) == 10
    for name, digest in expected.items():
        lines, _ = replay(read_stream(data / "matching" / "small" / f"{name}.bin.xz"))
        assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == digest, name


def test_edge_cases_give_every_line_and_the_touch_after_each_message(data):
    cases = json.loads((data / "matching" / "conformance_34_cases.json").read_text())
    assert len(cases) == 34
    for name, case in cases.items():
        messages = case["messages"]
        if isinstance(messages, dict):  # the one that is given as a rule in words
            messages = [order(i, 1, 1, 100) for i in range(1, 5001)] + [order(5001, 0, 5000, 100, ioc=1)]
        lines, result = replay(records_of(messages), levels=1)
        assert len(lines) == case["n_reports"], name
        assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == case["report_sha256"], name
        if case["expected_reports"] is not None:
            assert lines == case["expected_reports"], name
        if case["bbo_after_each"] is not None:
            assert touches(result.levels) == case["bbo_after_each"], name


def touches(levels):
    """Best bid and ask with their lots after each message, None for a price that is not there."""
    rows = []
    for row in range(len(levels.bid_price)):
        touch = []
        for side in ("bid", "ask"):
            lots = int(getattr(levels, f"{side}_quantity")[row, 0])
            touch += [int(getattr(levels, f"{side}_price")[row, 0]) if lots else None, lots]
        rows.append(touch)
    return rows


def test_a_stream_is_read_plain_or_compressed(tmp_path):
    records = records_of([order(1, 0, 5, 100), order(2, 1, 3, 100)])
    plain, packed = tmp_path / "a.bin", tmp_path / "a.bin.xz"
    plain.write_bytes(stream_bytes(records))
    packed.write_bytes(lzma.compress(stream_bytes(records)))
    assert (read_stream(plain) == records).all()
    assert (read_stream(packed) == records).all()
    assert name_of(packed) == name_of(plain) == "a"
    assert replay(records)[0] == ["0,0,0,1,100,5", "0,1,1,2,100,3", "1,1,100,3,1,2"]


def test_the_command_prints_a_line_a_file(tmp_path):
    path = tmp_path / "two.bin"
    path.write_bytes(stream_bytes(records_of([order(1, 0, 5, 100), order(2, 1, 3, 100)])))
    command = [sys.executable, "-m", "nanobook", "conformance", str(path), str(path)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    digest = hashlib.sha256(b"0,0,0,1,100,5\n0,1,1,2,100,3\n1,1,100,3,1,2").hexdigest()
    assert len(lines) == 2
    assert all(line.startswith(f"two messages=2 trades=1 sha256={digest} rate=") for line in lines)


def test_a_reader_that_stops_early_is_no_error(tmp_path):
    path = tmp_path / "one.bin"
    path.write_bytes(stream_bytes(records_of([order(1, 0, 5, 100)])))
    command = [sys.executable, "-m", "nanobook", "conformance", *[str(path)] * 3]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda data: data[:10], "header"),
        (lambda data: b"\0" * 8 + data[8:], "offset 0"),
        (lambda data: data[:-1], "offset 56"),
        (lambda data: data + b"\0", "offset 96"),
        (lambda data: data[:56] + b"\x03" + data[57:], "offset 56: type 3"),
        (lambda data: data[:17] + b"\x02" + data[18:], "offset 17: side 2"),
        (lambda data: data[:18] + b"\x02" + data[19:], "offset 18: ioc 2"),
        (lambda data: data[:39] + b"\x80" + data[40:], "offset 32: order_id"),
        (lambda data: lzma.compress(data)[:-20], "xz data"),
    ],
)
def test_c040_damaged_streams_name_the_offset(tmp_path, damage, told):
    records = records_of([order(1, 0, 5, 100), order(2, 1, 3, 100)])
    path = tmp_path / "bad.bin"
    path.write_bytes(damage(stream_bytes(records)))
    with pytest.raises(CorruptFile, match=told):
        read_stream(path)


def test_a_live_id_used_again_is_refused():
    records = records_of([order(1, 0, 5, 100), order(1, 0, 5, 101)])
    with pytest.raises(CorruptFile, match="record 1"):
        replay(records)
