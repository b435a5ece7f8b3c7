"""``parse_itch``: the original's events, row by row of how it answers."""

import random
from pathlib import Path

import pytest
from nanobook.events import Event

from nanobook import errors, parse_itch
from tests import itch_stream
from tests.itch_stream import framed

HEADER = bytes(10)  # locate, tracking, time


@pytest.fixture
def parse(tmp_path):
    """Parse bytes through a file."""

    def parsed(data):
        path = tmp_path / "a.itch"
        path.write_bytes(data)
        return parse_itch(str(path))

    return parsed


def add(letter=b"A", side=b"B", stock=b"AAPL    ", price=1_000_099, reference=7, shares=100, more=b""):
    body = reference.to_bytes(8) + side + shares.to_bytes(4) + stock + price.to_bytes(4)
    return framed(letter + HEADER + body + more)


def numbers(letter, *pairs, more=b""):
    """A message of whole numbers, as (value, width)."""
    return framed(letter + HEADER + b"".join(value.to_bytes(width) for value, width in pairs) + more)


def test_adds(parse):
    data = add() + add(b"F", b"S", more=b"MPID") + add(side=b"?", price=99)
    assert parse(data) == [
        ("AAPL", Event.submit_limit("buy", 10000, 100, "gtc")),
        ("AAPL", Event.submit_limit("sell", 10000, 100, "gtc")),
        ("AAPL", Event.submit_limit("sell", 0, 100, "gtc")),
    ]


def test_cancels_and_replaces(parse):
    data = (
        numbers(b"X", (5, 8), (30, 4))
        + numbers(b"D", (6, 8))
        + numbers(b"U", (7, 8), (8, 8), (50, 4), (123_456, 4))
    )
    assert parse(data) == [
        ("", Event.cancel(5)),
        ("", Event.cancel(6)),
        ("", Event.modify(7, 1234, 50)),
    ]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"  A     ", "A"),
        (b"A\0\0\0\0\0\0\0", "A" + "\0" * 7),
        (b"\xffBCDEFGH", "\ufffdBCDEFGH"),
        (b" " * 8, ""),
    ],
)
def test_stock(parse, raw, shown):
    assert parse(add(stock=raw))[0][0] == shown


def test_bytes_beyond_the_fields_are_ignored(parse):
    assert parse(add(more=b"extra")) == parse(add(b"F")) == parse(add())


def test_other_messages_are_no_events(parse):
    others = "".join(letter for letter in itch_stream.LETTERS if letter not in "AFXDU")
    assert parse(itch_stream.stream(100, seed=1, letters=others)) == []
    assert parse(framed(b"Z") + framed(b"\xff" * 300) + framed(b"S")) == []


def test_random_streams_of_all_types(parse):
    messages = itch_stream.messages(300, seed=2)
    messages = [message for message in messages if message[:1] in b"AFXDU"]
    messages = [m for m in messages if int.from_bytes(m[11:19]) < 2**63 and int.from_bytes(m[19:27]) < 2**63]
    assert len(parse(b"".join(map(framed, messages)))) == len(messages)


@pytest.mark.parametrize("rest", [b"", b"\0"])
def test_c039_empty_and_a_byte_left_over(parse, rest):
    assert parse(rest) == []
    assert parse(add() + rest) == parse(add())


def test_c040_a_message_shorter_than_its_length(parse):
    for error in (errors.TruncatedInput, OSError):
        with pytest.raises(error, match=r"^failed to fill whole buffer") as caught:
            parse(add() + add()[:-1])
    assert (caught.value.offset, caught.value.need, caught.value.have) == (38, 38, 37)
    with pytest.raises(errors.TruncatedInput):
        parse(b"\0\1")


def test_c041_length_zero(parse):
    for error in (errors.CorruptMessage, OSError):
        with pytest.raises(error, match=r"^ITCH message length is 0 at offset 38") as caught:
            parse(add() + b"\0\0" + add())
    assert caught.value.offset == 38


@pytest.mark.parametrize(
    ("letter", "need"),
    list(zip("AFXDUECPR", (35, 35, 22, 18, 34, 30, 35, 43, 10), strict=True)),
)
def test_c041_a_message_shorter_than_its_fields(parse, letter, need):
    whole = framed(letter.encode() + bytes(need))
    assert len(parse(whole)) == (letter in "AFXDU")
    told = f"^ITCH '{letter}' message too short: {need - 1} bytes, need {need} at offset 0"
    with pytest.raises(OSError, match=told) as caught:
        parse(framed(letter.encode() + bytes(need - 1)))
    assert type(caught.value) is errors.CorruptMessage


def test_c045_a_folder_is_refused_and_a_missing_file_is_named(tmp_path):
    with pytest.raises(IsADirectoryError) as folder:
        parse_itch(str(tmp_path))
    assert folder.value.filename == str(tmp_path)
    missing = str(tmp_path / "no.itch")
    with pytest.raises(FileNotFoundError, match="No such file or directory") as caught:
        parse_itch(missing)
    assert (caught.value.errno, caught.value.filename) == (2, missing)


@pytest.mark.parametrize("path", [b"a.itch", None, 5, [b"a"]], ids=repr)
def test_paths_that_are_none(path):
    for error in (errors.WrongType, TypeError):
        with pytest.raises(error, match=r"path: .*; use the path of a file as text"):
            parse_itch(path)


def test_a_path_object_will_do(tmp_path):
    path = Path(tmp_path) / "a.itch"
    path.write_bytes(add())
    assert len(parse_itch(path)) == 1


def test_bytes_of_any_kind_are_answered(parse):
    draw = random.Random(3)
    stream = itch_stream.stream(40, seed=3, letters="SREPQ")
    for _ in range(500):
        data = bytearray(stream[: draw.randrange(len(stream))])
        for _ in range(draw.randrange(3)):
            data[draw.randrange(len(data) or 1) :][:1] = b"\0"
        try:
            parse(bytes(data))
        except (errors.CorruptMessage, errors.TruncatedInput):
            continue
