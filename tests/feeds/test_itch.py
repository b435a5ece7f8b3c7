"""ITCH 5.0 streams in chunks: against the naive decoder, hand-decoded messages and another package."""

import gzip
import io
import json
import os
import pickle
import random
import warnings

import numpy as np
import pandas as pd
import pytest

from nanobook import errors, itch_stats, read_itch
from nanobook.feeds import itch
from nanobook.kernels.itch_layout import MESSAGE_TYPES, RECORD
from tests import itch_stream
from tests.itch_stream import framed
from tests.oracle import itch as oracle

RITCH = "itch/ritch_ex20101224.TEST_ITCH_50"
STREAM = itch_stream.stream(400, seed=11)


def rows_of(messages):
    """All columns as lists."""
    return {name: getattr(messages, name).tolist() for name in RECORD.names}


def expected(data):
    rows = [oracle.row(offset, message) for offset, message in oracle.split(data)]
    return {name: [row[name] for row in rows] for name in RECORD.names}


def all_of(reader):
    """Messages of a reader up to its error, and the error."""
    chunks = []
    try:
        chunks.extend(reader)
    except errors.CorruptFile as error:
        return chunks, error
    return chunks, None


def directory(locate, symbol, time=0):
    """A directory message."""
    message = bytearray(itch_stream.a_message(random.Random(0), "R", time))
    message[1:3] = locate.to_bytes(2)
    message[11:19] = symbol.ljust(8)
    return bytes(message)


# Columns


def test_columns_of_random_messages():
    assert rows_of(read_itch(STREAM).read()) == expected(STREAM)


@pytest.mark.parametrize("chunk", [1, 2, 3, 13, 52, 100, 4096, 2**30])
def test_any_chunk_gives_the_same_columns(chunk, tmp_path):
    path = tmp_path / "a.itch"
    path.write_bytes(STREAM)
    for source in (STREAM, path):
        chunks = list(read_itch(source, chunk=chunk))
        joined = {name: [] for name in RECORD.names}
        for messages in chunks:
            assert len(messages)
            for name, values in rows_of(messages).items():
                joined[name] += values
        assert joined == expected(STREAM)
        assert rows_of(read_itch(source, chunk=chunk).read()) == expected(STREAM)
    assert chunk > 100 or len(chunks) > 100


def test_every_source_gives_the_same(tmp_path):
    path = tmp_path / "a.itch"
    path.write_bytes(STREAM)
    packed = tmp_path / "a.gz"
    packed.write_bytes(gzip.compress(STREAM[:5000]) + gzip.compress(STREAM[5000:]))

    class Plain:
        """A file that can do nothing but read, a little at a time."""

        def __init__(self, data):
            self.file = io.BytesIO(data)

        def read(self, size):
            return self.file.read(min(size, 7))

    data = packed.read_bytes()
    for chunk in (1000, 1 << 24):
        sources = [str(path), path, STREAM, bytearray(STREAM), memoryview(STREAM), io.BytesIO(STREAM)]
        sources += [np.frombuffer(STREAM, np.uint8), Plain(STREAM)]
        sources += [packed, data, io.BytesIO(data), Plain(data)]
        for source in sources:
            assert rows_of(read_itch(source, chunk=chunk).read()) == expected(STREAM), source


def test_an_open_file_is_read_from_where_it_stands_and_left_open(tmp_path):
    path = tmp_path / "a.itch"
    path.write_bytes(b"heading" + STREAM)
    with open(path, "rb") as file:
        file.read(7)
        assert rows_of(read_itch(file).read()) == expected(STREAM)
        assert not file.closed


def test_records_are_the_columns():
    for chunk in (100, 1 << 24):
        parts = list(read_itch(STREAM, chunk=chunk).records())
        assert all(part.dtype == RECORD for part in parts)
        for name, values in expected(STREAM).items():
            if name != "offset":
                assert np.concatenate([part[name] for part in parts]).tolist() == values
    assert parts[0].offset.tolist() == expected(STREAM)["offset"]


def test_a_reader_dropped_half_way_closes_its_file(tmp_path):
    path = tmp_path / "a.itch"
    path.write_bytes(STREAM)
    reader = read_itch(path, chunk=100)
    next(reader)
    file = reader._blocks._stored.file
    del reader
    assert file.closed
    with read_itch(path, chunk=100) as reader:
        next(reader)
        file = reader._blocks._stored.file
    assert file.closed
    assert list(reader) == []


def test_memory_is_bounded_by_the_chunk(tmp_path):
    """A file of 30 MB in chunks of 64 KiB never takes more than a few chunks of memory."""
    import tracemalloc

    path = tmp_path / "a.itch.gz"
    path.write_bytes(gzip.compress(STREAM * 2000, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.ClockBackwards)
        next(read_itch(path, chunk=1 << 16))  # compiled
        tracemalloc.start()
        count = sum(len(messages) for messages in read_itch(path, chunk=1 << 16))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert count == 400 * 2000
    assert peak < 8 << 20


# Fields


@pytest.mark.parametrize("letter", MESSAGE_TYPES)
def test_all_fields_of_a_type(letter):
    data = itch_stream.stream(200, seed=3, letters=letter + "AD")
    messages = read_itch(data).read()
    wanted = [oracle.decode(message) for _, message in oracle.split(data) if message[:1] == letter.encode()]
    fields = messages.fields(letter)
    assert [
        dict(zip(fields, row, strict=True)) for row in zip(*map(list, fields.values()), strict=True)
    ] == wanted
    frame = messages.of_type(letter)
    assert frame.drop(columns=["time", "symbol"]).to_dict("records") == [
        {name: value for name, value in row.items() if name != "type"} for row in wanted
    ]
    assert (frame["time"] == pd.to_timedelta(frame["timestamp"], unit="ns")).all()
    rows = np.flatnonzero(messages.type == ord(letter))
    assert messages[int(rows[-1])] == messages[rows][-1] == wanted[-1]


def test_the_hand_decoded_messages(data):
    names = {
        "R": {"market": "market_category", "fin": "financial_status", "round_lot": "round_lot_size"},
        "H": {"state": "trading_state"},
        "L": {"primary": "primary_market_maker", "mode": "market_maker_mode", "state": "participant_state"},
        "U": {"orig": "reference", "new": "new_reference"},
    }
    common = {"ts": "timestamp", "ref": "reference"}
    golden = json.loads((data / "itch/limitbook_golden_hex.json").read_text())["messages"]
    stream = b"".join(framed(bytes.fromhex(row["hex"])) for row in golden)
    with pytest.warns(errors.ClockBackwards):
        messages = read_itch(stream).read()
    assert len(messages) == len(golden) == 13
    for row, wanted in enumerate(golden):
        fields = messages[row]
        assert fields["type"] == wanted["type"]
        for name, value in wanted["fields"].items():
            name = names.get(wanted["type"], {}).get(name, common.get(name, name))
            assert fields[name] == value, (wanted["type"], name)


def test_fields_equal_those_of_itchfeed():
    """Another package's decoder, written independently; compared in the sequence of the fields."""
    parser = pytest.importorskip("itch.parser").MessageParser()
    messages = itch_stream.messages(1500, seed=8)
    read = read_itch(b"".join(map(framed, messages))).read()
    for ours, message in zip(read, messages, strict=True):
        theirs = vars(parser.get_message_type(message))
        assert ours.pop("type").encode() == message[:1]
        assert ours.pop("locate") == theirs.pop("stock_locate")
        assert ours.pop("tracking") == theirs.pop("tracking_number")
        assert ours.pop("timestamp") == theirs.pop("timestamp")
        told = [v.decode().rstrip(" ") if isinstance(v, bytes) else v for v in theirs.values()]
        assert list(ours.values()) == told


def test_prices_in_dollars():
    messages = read_itch(STREAM).read()
    rows = [oracle.decode(message) for _, message in oracle.split(STREAM)]
    for dollars, row in zip(messages.dollars.tolist(), rows, strict=True):
        assert dollars == row["price"] / 1e4 if "price" in row else np.isnan(dollars)
    level = next(row for row in rows if row["type"] == "V")["level_1"]
    assert messages.of_type("V", dollars=True)["level_1"][0] == level / 1e8
    assert messages.of_type("V")["level_1"][0] == level
    assert messages.of_type("A", dollars=True)["price"].tolist() == pytest.approx(
        (messages.of_type("A")["price"] / 10_000).tolist(), rel=0
    )


def test_stock_and_symbol():
    rows = [oracle.decode(message) for _, message in oracle.split(STREAM)]
    for chunk in (100, 1 << 24):
        reader = read_itch(STREAM, chunk=chunk)
        messages = reader.read()
        assert messages.stock.tolist() == [row.get("stock", "") for row in rows]
        known = {row["locate"]: row["stock"] for row in rows if row["type"] == "R"}
        assert reader.directory == messages.directory == known
        assert messages.symbol.tolist() == [known.get(row["locate"], "") for row in rows]
        assert messages.to_frame()["symbol"].tolist() == messages.symbol.tolist()


def test_a_chunk_knows_the_directory_up_to_its_end():
    (delete,) = itch_stream.messages(1, 0, "D")
    delete = delete[:1] + (7).to_bytes(2) + delete[3:]
    size = len(framed(directory(7, b"AAPL")) + framed(delete))
    data = b"".join(
        framed(message)
        for symbol in (b"AAPL", b"META")
        for message in (directory(7, symbol), delete[:5] + bytes(6) + delete[11:])
    )
    first, second = read_itch(data, chunk=size)
    assert (first.symbol.tolist(), second.symbol.tolist()) == (["AAPL"] * 2, ["META"] * 2)


def test_the_frame():
    frame = read_itch(STREAM).read().to_frame()
    rows = [oracle.decode(message) for _, message in oracle.split(STREAM)]
    assert frame["type"].tolist() == [row["type"] for row in rows]
    assert frame["time"].dtype == "timedelta64[ns]"
    for name in ("price", "reference", "new_reference", "match"):
        told = [None if pd.isna(value) else value for value in frame[name].tolist()]
        assert told == [row.get(name) for row in rows]
    sides = [None if pd.isna(value) else value for value in frame["side"].tolist()]
    assert sides == [row.get("side") for row in rows]
    assert (frame["shares"].isna() == [row["type"] == "Q" or "shares" not in row for row in rows]).all()
    assert read_itch(STREAM).read().to_frame(dollars=True)["price"].dtype == float


def test_what_is_shown():
    messages = read_itch(STREAM).read()
    assert repr(messages[:3]) == "ItchMessages(3: S 1 R 1 H 1)"
    assert "<table" in messages[:3]._repr_html_()
    assert repr(messages[:0]) == "ItchMessages(0)"
    assert len(messages[messages.type == ord("A")]) == messages.to_frame()["type"].eq("A").sum()
    with pytest.raises(IndexError):
        messages[len(messages)]
    assert messages[-1] == messages[len(messages) - 1]
    with pytest.raises(errors.InvalidValue, match=r"letter: 'Z' is no type of ITCH 5\.0; use one of S R H"):
        messages.of_type("Z")


# Bad input


def test_c039_empty(tmp_path):
    path = tmp_path / "a.itch"
    path.write_bytes(b"")
    for source in (path, b"", gzip.compress(b""), io.BytesIO()):
        reader = read_itch(source)
        with pytest.warns(errors.EmptyInput, match="no messages") as told:
            assert list(reader) == []
        assert len(told) == 1
        assert list(reader) == []  # without a second warning, which would be an error
        with pytest.warns(errors.EmptyInput):
            messages = read_itch(source).read()
        assert (len(messages), len(messages.to_frame()), len(messages.of_type("A"))) == (0, 0, 0)
        with pytest.warns(errors.EmptyInput):
            assert itch_stats(source).messages == 0


def test_c040_every_truncation_gives_all_complete_messages_and_says_where():
    stream = itch_stream.stream(46, seed=2)
    ends = [0, *(offset + len(message) for offset, message in oracle.split(stream))]
    for size in range(1, len(stream) + 1):
        chunks, error = all_of(read_itch(stream[:size], chunk=64))
        complete = [end for end in ends if end <= size]
        assert sum(map(len, chunks)) == len(complete) - 1
        if size in ends:
            assert error is None
            continue
        assert type(error) is errors.TruncatedInput
        assert isinstance(error, OSError)
        have = size - complete[-1]
        need = ends[len(complete)] - complete[-1] if have > 1 else 2
        assert (error.offset, error.need, error.have) == (complete[-1], need, have)
        assert f"at offset {error.offset} " in str(error)
        assert f"needs {error.need} bytes, {error.have} are there" in str(error)


def test_c040_truncation_that_is_allowed():
    reader = read_itch(STREAM[:-3], allow_truncated=True)
    assert len(reader.read()) == 399
    assert (reader.truncated.offset, reader.truncated.have) == (
        reader.offset,
        len(STREAM) - 3 - reader.offset,
    )
    copy = pickle.loads(pickle.dumps(reader.truncated))
    assert (str(copy), vars(copy)) == (str(reader.truncated), vars(reader.truncated))
    with pytest.raises(errors.TruncatedInput):
        read_itch(STREAM[:-3]).read()


def test_c040_a_reader_that_failed_has_ended():
    reader = read_itch(STREAM[:-3])
    assert type(all_of(reader)[1]) is errors.TruncatedInput
    assert list(reader) == []


def test_c040_gzip_that_is_cut():
    packed = gzip.compress(STREAM)
    seen = set()
    for size in range(2, len(packed), 97):
        chunks, error = all_of(read_itch(packed[:size], chunk=500))
        assert type(error) is errors.TruncatedInput
        assert "the gzip data end early" in str(error)
        count = sum(map(len, chunks))
        rows = [row for messages in chunks for row in messages.offset.tolist()]
        assert rows == expected(STREAM)["offset"][:count]
        seen.add(count)
    assert len(seen) > 10
    assert max(seen) > 350


def test_c040_gzip_that_is_cut_within_the_first_bytes():
    """Also what was only looked at to tell the format counts."""
    packed = gzip.compress(STREAM, 0)
    start = packed.index(STREAM[:20])
    for size in range(1, 70):
        chunks, error = all_of(read_itch(packed[: start + size]))
        ends = [offset + len(message) for offset, message in oracle.split(STREAM[:size])]
        assert sum(map(len, chunks)) == len(ends)
        assert (error.offset, error.have) == (max(ends, default=0), size - max(ends, default=0))


def test_c040_gzip_that_is_damaged():
    packed = bytearray(gzip.compress(STREAM))
    packed[len(packed) // 2] ^= 0x10
    chunks, error = all_of(read_itch(bytes(packed), chunk=500))
    assert isinstance(error, errors.CorruptFile)
    assert chunks
    chunks, error = all_of(read_itch(gzip.compress(STREAM) + b"garbage", chunk=500))
    assert "gzip data are damaged" in str(error)
    assert sum(map(len, chunks)) == 400


@pytest.mark.parametrize("length", [0, 1, 11, 13, 65535])
def test_c041_lengths_that_are_not_the_types(length):
    (event,) = itch_stream.messages(1, 0, "S")
    good = itch_stream.stream(30, seed=1)
    bad = good + length.to_bytes(2) + event
    chunks, error = all_of(read_itch(bad + good, chunk=50))
    assert type(error) is errors.CorruptMessage
    assert error.offset == len(good)
    assert sum(map(len, chunks)) == 30
    told = f"offset {len(good)}: length {length} of a message of type 'S', which has 12 bytes"
    assert told in str(error)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.ClockBackwards)
        reader = read_itch(bad + good, chunk=50, strict=False)
        messages = reader.read()
    assert (len(messages), reader.repaired) == (61, 1)
    assert messages[30] == oracle.decode(event)


@pytest.mark.parametrize("strict", [True, False])
def test_c041_an_empty_message_is_refused_also_where_its_type_is_unknown(strict):
    chunks, error = all_of(read_itch(STREAM + b"\0\0\x1b[2J", strict=strict))
    assert sum(map(len, chunks)) == 400
    assert f"offset {len(STREAM)}: length 0 of a message of unknown type '\\x1b'" in str(error)


@pytest.mark.parametrize("chunk", [10, 1 << 24])
def test_c041_a_length_of_zero_closes_the_session_where_nothing_follows(chunk):
    reader = read_itch(STREAM + b"\0\0", chunk=chunk)
    assert len(reader.read()) == 400
    assert (reader.truncated, reader.offset) == (None, len(STREAM))
    # Where all lengths are zero it is one of them.
    zeros = b"".join(b"\0\0" + message for _, message in oracle.split(STREAM)) + b"\0\0"
    error = all_of(read_itch(zeros, chunk=chunk, strict=False))[1]
    assert (type(error), error.offset, error.need, error.have) == (errors.TruncatedInput, len(STREAM), 3, 2)


def test_c041_the_sample_without_lengths(data):
    counts = json.loads((data / "itch/ritch_expected_counts.json").read_text())
    chunks, error = all_of(read_itch(data / RITCH))
    assert (chunks, type(error), error.offset) == ([], errors.CorruptMessage, 0)
    assert "offset 0: length 0 of a message of type 'S'" in str(error)
    reader = read_itch(data / RITCH, strict=False)
    messages = reader.read()
    assert len(messages) == reader.repaired == counts["total_messages"]
    stats = itch_stats(data / RITCH, strict=False)
    assert stats.counts == {letter: counts["counts"][letter] for letter in stats.counts}
    assert sum(stats.counts.values()) == counts["total_messages"]
    adds = messages[np.isin(messages.type, [ord("A"), ord("F")])]
    orders = counts["orders_AF"]
    assert len(adds) == orders["rows"]
    assert (
        adds.to_frame()["symbol"].value_counts().loc[list(orders["by_stock"])].to_dict() == orders["by_stock"]
    )
    assert adds.stock.tolist() == adds.symbol.tolist()
    assert adds.to_frame()["side"].value_counts().to_dict() == {"S": orders["sell"], "B": orders["buy"]}


@pytest.mark.parametrize("chunk", [7, 1 << 24])
def test_c042_unknown_types_are_counted_and_skipped(chunk):
    odd = framed(b"Z" * 300) + framed(b"\xff") + framed(b"Z")
    reader = read_itch(STREAM + odd + STREAM, chunk=chunk)
    with pytest.warns(errors.ClockBackwards):
        messages = reader.read()
    second = len(STREAM) + len(odd)
    offsets = [offset for offset, _ in oracle.split(STREAM)]
    assert messages.offset.tolist() == offsets + [second + offset for offset in offsets]
    assert messages[400:].fields("A")["price"].tolist() == messages[:400].fields("A")["price"].tolist()
    assert reader.unknown == {"Z": 2, "\xff": 1}
    assert itch_stats(odd).unknown == {"Z": 2, "\xff": 1}
    with pytest.warns(errors.ClockBackwards):
        assert "Z  unknown, skipped" in str(itch_stats(odd + STREAM + STREAM))


def test_c042_a_long_message_in_short_chunks_takes_few_steps():
    """The chunk grows with what is kept, or the time would grow with the square of the length."""
    steps = []
    reader = read_itch(framed(b"Z" * 65_535), chunk=1, progress=lambda done, total: steps.append(done))
    assert list(reader) == []
    assert reader.unknown == {"Z": 1}
    assert len(steps) < 40


LOOKS = [
    (gzip.compress(gzip.compress(STREAM)), "gzip inside gzip"),
    (b"\n\r\r\n\x1c\0\0\0\x4d\x3c\x2b\x1a", "pcapng"),
    (b"\xd4\xc3\xb2\xa1\2\0\4\0" + bytes(16), "pcap"),
    (b"\xa1\xb2\x3c\x4d\0\2\0\4" + bytes(16), "pcap"),
    (b"\0\5T\0\0\x61\xa8\0\6S\0\0\0\1O", "ITCH 4.1"),
    (b"\0\6S\0\0\0\1O\0\5T\0\0\x61\xa8", "ITCH 4.1"),
    (b"34200.017459617,5,0,1,2238200,-1\n34200.18,1,1,21,2238100,1\n", "LOBSTER CSV"),
    (b"\xef\xbb\xbf34200.017459617,5,0,1,2238200,-1\r\n", "LOBSTER CSV"),
    (b"Time,Type,Order ID,Size,Price,Direction\n", "text"),
    (b'{"type": "A", "reference": 1, "shares": 100}', "text"),
    (b"\xfd7zXZ\0" + bytes(20), "xz"),
    (b"BZh91AY&SY" + bytes(20), "bzip2"),
    (b"\x28\xb5\x2f\xfd" + bytes(20), "zstd"),
    (b"PK\x03\x04" + bytes(20), "zip"),
    (bytes.fromhex("53000000000a11ea0e8c434f52000d00000a53a29059c34141504c"), "ITCH without length prefixes"),
]


@pytest.mark.parametrize(("source", "what"), LOOKS, ids=[what for _, what in LOOKS])
@pytest.mark.parametrize("strict", [True, False])
def test_c045_other_formats_are_named(tmp_path, source, what, strict):
    path = tmp_path / "a.itch"
    path.write_bytes(source)
    for given in (path, source, io.BytesIO(source)):
        with pytest.raises(errors.CorruptFile, match=f"this looks like .*{what}.*, not ITCH 5.0; "):
            read_itch(given, strict=strict)


def test_c045_gzip_is_seen_by_its_bytes_not_by_its_name(tmp_path):
    plain, packed = tmp_path / "a.gz", tmp_path / "a.itch"
    plain.write_bytes(STREAM)
    packed.write_bytes(gzip.compress(STREAM))
    for path in (plain, packed):
        assert len(read_itch(path).read()) == 400


def test_c045_no_stream_of_ours_looks_like_something_else():
    for letter in oracle.LENGTHS:
        for seed in range(20):
            for message in itch_stream.messages(1, seed, letter):
                read_itch(framed(message) * 2).close()
                read_itch(b"\0\0" + message, strict=False).close()


def test_c051_what_a_type_has_and_has_not():
    """E C X name shares and no side, U has no side, P Q B have a match, V has prices of 1e-8 dollar."""
    messages = read_itch(STREAM).read()
    for letter, has in {
        "E": {"reference", "shares", "link"},
        "C": {"reference", "shares", "link", "price"},
        "X": {"reference", "shares"},
        "D": {"reference"},
        "U": {"reference", "link", "shares", "price"},
        "P": {"reference", "link", "shares", "price", "side"},
        "Q": {"link", "price"},
        "B": {"link"},
        "V": set(),
        "I": set(),
    }.items():
        chosen = messages[messages.type == ord(letter)]
        shown = {n for n in ("reference", "link", "shares", "price", "side") if getattr(chosen, n).any()}
        assert shown == has
    assert set(messages.of_type("C")["printable"]) <= set(" ABCNXYZ0123") | {""}
    assert messages.timestamp.max() < 86_400 * 10**9


def test_c052_extremes_are_numbers_and_absence_is_missing():
    add = bytearray(itch_stream.a_message(random.Random(0), "A"))
    add[1:] = b"\xff" * (len(add) - 1)
    (delete,) = itch_stream.messages(1, 0, "D")
    with pytest.warns(errors.ClockBackwards):
        messages = read_itch(framed(bytes(add)) + framed(delete)).read()
    assert (messages.timestamp[0], messages.locate[0]) == (2**48 - 1, 2**16 - 1)
    assert (messages.reference[0], messages.price[0], messages.shares[0]) == (2**64 - 1, 2**32 - 1, 2**32 - 1)
    frame = messages.to_frame()
    assert frame["reference"][0] == 2**64 - 1
    assert frame["price"][0] == 2**32 - 1
    assert frame[["price", "shares", "new_reference", "match", "side"]].loc[1].isna().all()
    assert frame["side"].isna().all()
    assert messages.dollars[0] == 429496.7295
    assert np.isnan(messages.dollars[1])


@pytest.mark.parametrize("chunk", [60, 1 << 24])
def test_c055_a_clock_that_goes_backwards_is_counted_and_told(chunk):
    draw = random.Random(1)
    times = [5, 6, 4, 4, 9, 1]
    data = b"".join(framed(itch_stream.a_message(draw, "A", time)) for time in times)
    reader = read_itch(data, chunk=chunk)
    with pytest.warns(errors.ClockBackwards, match="the clock goes backwards 2 times") as told:
        assert reader.read().timestamp.tolist() == times
    assert list(reader) == []
    assert (len(told), reader.backwards) == (1, 2)
    with pytest.warns(errors.ClockBackwards):
        stats = itch_stats(data, chunk=chunk)
    assert (stats.backwards, stats.first_time, stats.last_time) == (2, 5, 1)
    assert "the clock goes backwards: 2 times" in str(stats)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError) as missing:
        read_itch(tmp_path / "no.itch")
    assert (missing.value.errno, missing.value.filename) == (2, str(tmp_path / "no.itch"))
    with pytest.raises(IsADirectoryError) as folder:
        read_itch(tmp_path)
    assert folder.value.filename == str(tmp_path)


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs a file that fails to be read")
def test_a_file_that_fails_is_named_and_closed():
    with pytest.raises(OSError, match="Input/output error") as caught:
        read_itch("/proc/self/mem")
    assert caught.value.filename == "/proc/self/mem"


@pytest.mark.parametrize(
    "source", [None, 5, 1.5, [1, 2], io.StringIO("text"), memoryview(STREAM)[::2]], ids=repr
)
def test_sources_that_are_none(source):
    with pytest.raises(errors.WrongType, match=r"source: .* use "):
        read_itch(source)


@pytest.mark.parametrize(
    ("chunk", "error"),
    [
        (0, errors.InvalidValue),
        (-1, errors.InvalidValue),
        (2**30 + 1, errors.InvalidValue),
        (1.5, errors.WrongType),
        ("1", errors.WrongType),
        (True, errors.WrongType),
        (None, errors.WrongType),
    ],
)
def test_chunks_that_are_none(chunk, error):
    with pytest.raises(error, match=r"chunk: .*; use "):
        read_itch(STREAM, chunk=chunk)


# Counts and progress


def test_stats(tmp_path):
    path = tmp_path / "a.itch.gz"
    path.write_bytes(gzip.compress(STREAM))
    rows = [oracle.decode(message) for _, message in oracle.split(STREAM)]
    for source in (STREAM, path):
        stats = itch_stats(source, chunk=999)
        assert (stats.messages, stats.bytes) == (400, len(STREAM))
        assert stats.counts == {
            letter: sum(row["type"] == letter for row in rows) for letter in oracle.SPECIFICATION
        }
        assert (stats.first_time, stats.last_time) == (rows[0]["timestamp"], rows[-1]["timestamp"])
        known = {row["locate"]: row["stock"] for row in rows if row["type"] == "R"}
        assert stats.directory == known
        assert stats.symbols == sorted(set(known.values()))
        totals = {}
        for row in rows:
            symbol = known.get(row["locate"], "")
            totals[symbol] = totals.get(symbol, 0) + 1
        assert stats.per_symbol == totals
        assert list(stats.per_symbol.values()) == sorted(totals.values(), reverse=True)
        assert stats.to_frame()["count"].sum() == 400
        assert "Add Order" in stats._repr_html_()
        assert (stats.unknown, stats.repaired, stats.backwards, stats.truncated) == ({}, 0, 0, None)


def test_progress_is_told_in_bytes_as_stored(tmp_path):
    path = tmp_path / "a.itch.gz"
    path.write_bytes(gzip.compress(STREAM))
    size = path.stat().st_size
    for source, total in ((STREAM, len(STREAM)), (path, size), (io.BytesIO(STREAM), None)):
        told = []
        read_itch(source, chunk=1000, progress=lambda done, total: told.append((done, total))).read()  # noqa: B023
        assert len(told) > 10
        assert told == sorted(told)
        assert told[-1] == (total or len(STREAM), total)


def test_progress_bar(capsys):
    read_itch(STREAM, progress=True).read()
    assert "100%" in capsys.readouterr().err
    read_itch(STREAM).read()
    assert capsys.readouterr().err == ""


def test_the_chunk_is_large_enough_for_any_place():
    assert 2 * itch.LARGEST_CHUNK < 2**32
