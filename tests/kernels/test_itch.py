"""The ITCH kernels against the naive decoder. Runs with and without the JIT."""

import numpy as np
import pytest

from nanobook._jit import JIT
from nanobook.kernels import itch as kernels
from nanobook.kernels.itch_layout import (
    LENGTHS,
    LONGEST,
    MESSAGE_TYPES,
    PLACED,
    PLACES,
    RECORD,
    SHORTEST,
    UNKNOWN,
)
from tests import itch_stream
from tests.oracle import itch as oracle

MANY = 20_000 if JIT else 400


def as_bytes(data):
    given = np.frombuffer(data, np.uint8)
    given.flags.writeable = False
    return given


def columns_for(rows):
    """Columns full of what must be overwritten."""
    return kernels.Columns(*(np.full(rows, 0x55, RECORD[name]) for name in kernels.Columns._fields))


def records_for(rows):
    return np.frombuffer(bytearray(b"\x55" * (rows * RECORD.itemsize)), RECORD).view(np.recarray)


def decoded(kernel, data, rows=None, start=0, strict=True):
    """Run one kernel: (at, columns by name, code, counts of what is odd)."""
    rows = len(data) // 14 + 1 if rows is None else rows
    out = (columns_for if kernel is kernels.to_columns else records_for)(rows)
    odd = np.zeros(kernels.COUNTS, np.int64)
    at, count, code = kernel(as_bytes(data), start, out, odd, strict)
    return at, {name: getattr(out, name)[:count] for name in RECORD.names}, code, odd


both = pytest.mark.parametrize("kernel", [kernels.to_columns, kernels.to_records])


def expected(data):
    rows = [oracle.row(offset, message) for offset, message in oracle.split(data)]
    return {name: [row[name] for row in rows] for name in RECORD.names}


def compare(columns, rows):
    for name, column in columns.items():
        assert column.dtype == RECORD[name]
        assert column.tolist() == rows[name], name


def test_the_table_has_the_lengths_of_the_specification():
    assert {letter: kind.length for letter, kind in MESSAGE_TYPES.items()} == oracle.LENGTHS
    assert {chr(code): int(LENGTHS[code]) for code in np.flatnonzero(LENGTHS > 0)} == oracle.LENGTHS
    assert set(LENGTHS.tolist()) == {UNKNOWN, *oracle.LENGTHS.values()}
    assert (SHORTEST, LONGEST) == (12, 50)


def test_fields_fill_their_message_without_gap_or_overlap():
    for kind in MESSAGE_TYPES.values():
        end = 0
        for field in kind.fields:
            assert (field.offset, field.width > 0) == (end, True)
            end += field.width
        assert end == kind.length
        assert len({field.name for field in kind.fields}) == len(kind.fields)


def test_every_place_lies_within_its_message():
    """What the kernels rely on: the frame alone is checked."""
    assert SHORTEST >= 3 + 8, "the time is read as the eight bytes that end with it"
    for code in range(256):
        for column, name in enumerate(PLACED):
            width = RECORD[name].itemsize
            if LENGTHS[code] != UNKNOWN:
                assert PLACES[code, column] + width <= LENGTHS[code]
            else:
                assert PLACES[code, column] == 0


def test_tables_are_constant():
    for table in (LENGTHS, PLACES):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 1


@both
def test_random_messages_of_all_types(kernel):
    data = itch_stream.stream(MANY, seed=5)
    at, columns, code, odd = decoded(kernel, data)
    assert (at, code, odd.any()) == (len(data), kernels.INCOMPLETE, False)
    compare(columns, expected(data))


@both
def test_start_and_capacity(kernel):
    data = itch_stream.stream(60, seed=1)
    ends = [offset + len(message) for offset, message in oracle.split(data)]
    at, columns, code, _ = decoded(kernel, data, rows=7, start=ends[9])
    assert (at, code) == (ends[16], kernels.FULL)
    assert columns["offset"].tolist() == [end + 2 for end in ends[9:16]]
    assert decoded(kernel, data, rows=0)[::2] == (0, kernels.FULL)


@both
def test_c040_every_prefix_gives_all_complete_messages(kernel):
    data = itch_stream.stream(46 if JIT else 23, seed=2)
    for size in range(len(data) + 1):
        at, columns, code, odd = decoded(kernel, data[:size])
        whole = [offset for offset, _ in oracle.split(data[:size])]
        assert (columns["offset"].tolist(), code, odd.any()) == (whole, kernels.INCOMPLETE, False)
        assert at <= size < at + 52


@both
@pytest.mark.parametrize("length", [0, 1, 18, 20, 65535])
def test_c041_lengths_that_are_not_the_types(kernel, length):
    good = itch_stream.stream(5, seed=3)
    (message,) = itch_stream.messages(1, 4, "D")
    data = good + length.to_bytes(2) + message + good
    at, columns, code, odd = decoded(kernel, data)
    assert (at, columns["type"].size, code, odd.any()) == (len(good), 5, kernels.BAD_LENGTH, False)
    at, columns, code, odd = decoded(kernel, data, strict=False)
    assert (at, columns["type"].size, code) == (len(data), 11, kernels.INCOMPLETE)
    assert odd.nonzero()[0].tolist() == [kernels.REPAIRED]
    assert odd[kernels.REPAIRED] == 1
    right = good + itch_stream.framed(message) + good
    compare(columns, expected(right))


@both
@pytest.mark.parametrize("strict", [True, False])
def test_c042_unknown_types_are_skipped_by_their_length(kernel, strict):
    good = itch_stream.stream(5, seed=3)
    data = good + itch_stream.framed(b"Z" * 300) + itch_stream.framed(b"\xff") + good
    at, columns, code, odd = decoded(kernel, data, strict=strict)
    assert (at, columns["type"].size, code) == (len(data), 10, kernels.INCOMPLETE)
    assert {i: int(odd[i]) for i in np.flatnonzero(odd)} == {ord("Z"): 1, 255: 1}
    at, columns, code, odd = decoded(kernel, good + b"\0\0Z" + good, strict=strict)
    assert (at, columns["type"].size, code, odd.any()) == (len(good), 5, kernels.BAD_LENGTH, False)


@both
def test_an_incomplete_message_is_not_counted_as_repaired(kernel):
    (message,) = itch_stream.messages(1, 4, "A")
    for size in range(len(message)):
        at, _, code, odd = decoded(kernel, b"\0\0" + message[:size], strict=False)
        assert (at, code, odd.any()) == (0, kernels.INCOMPLETE, False)


@both
def test_bytes_of_any_kind_end(kernel):
    draw = np.random.default_rng(6)
    letters = np.frombuffer("".join(MESSAGE_TYPES).encode(), np.uint8)
    for n in range(2000 if JIT else 50):
        data = draw.integers(0, 256, draw.integers(0, 200), np.uint8)
        if n % 2:  # lengths and letters that occur
            data[::2] = draw.integers(0, 51, data[::2].size, np.uint8) * (draw.random(data[::2].size) < 0.5)
            data[1::3] = draw.choice(letters, data[1::3].size)
        for strict in (True, False):
            at, columns, code, odd = decoded(kernel, data.tobytes(), strict=strict)
            assert 0 <= at <= data.size
            assert code in (kernels.INCOMPLETE, kernels.BAD_LENGTH)
            assert odd[:256].sum() + columns["type"].size <= at / 3
