"""LOBSTER files: exact reading, every row explained, the book equal to the file."""

import warnings
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanobook import errors, explain_lobster, read_lobster, replay_lobster
from nanobook.feeds.lobster import LobsterBook, LobsterMessages

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")  # without the JIT

NAME = "MSFT_2012-06-21_34200000_37800000_{}_50.csv"
LINES = ["34200.017459617,1,16113575,18,5853300,1", "34200.189607670,3,16113575,18,5853300,1"]


@pytest.fixture
def sample(data):
    return read_lobster(*(data / "lobster" / NAME.format(kind) for kind in ("message", "orderbook")))


def written(path, content):
    """File of text or bytes."""
    file = path / "messages.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_every_row_of_the_sample_is_explained(sample):
    explained = explain_lobster(*sample)
    assert (explained.explained, explained.transitions) == (999, 999)
    assert len(explained.to_frame()) == 0


def test_the_book_of_the_sample_is_the_file(sample):
    """After each message, on all levels but those that came into view behind the ones known."""
    replay = replay_lobster(*sample)
    assert replay.equal.all()
    assert replay.known.min(axis=0).tolist() == [45, 49]
    assert replay.books.faults.total == 0
    assert len(replay.books) == 234


def test_the_sample_is_read_as_text_says(sample, data):
    messages, book = sample
    for row, line in enumerate((data / "lobster" / NAME.format("message")).read_text().split()):
        time, *numbers = line.split(",")
        columns = (getattr(messages, name) for name in ("type", "order_id", "size", "price", "direction"))
        assert int(Decimal(time) * 10**9) == messages.time[row]
        assert [int(number) for number in numbers] == [int(column[row]) for column in columns]
    for row, line in enumerate((data / "lobster" / NAME.format("orderbook")).read_text().split()):
        numbers = np.array(line.split(","), np.int64).reshape(-1, 4)
        shown = np.stack(
            [book.price[row, 1], book.quantity[row, 1], book.price[row, 0], book.quantity[row, 0]]
        )
        np.testing.assert_array_equal(numbers.T, shown)


def test_a_changed_row_is_not_explained(sample):
    """Every single number of some rows, changed by one, is noticed in the transitions that it is part of."""
    messages, book = sample
    rng = np.random.default_rng(3)
    for _ in range(60):
        row, side, level = (int(rng.integers(1, n)) - (n == 2) for n in (999, 2, 49))
        other = LobsterBook(book.price.copy(), book.quantity.copy())
        other[int(rng.integers(2))][row, side, level] += 1
        explained = explain_lobster(messages, other)
        assert 1 <= np.count_nonzero(explained.codes) <= 2
        assert set(np.flatnonzero(explained.codes)) <= {row, row + 1}


def test_a_changed_message_is_not_explained(sample):
    messages, book = sample
    for name, by in (("size", 1), ("price", 100), ("direction", -2)):
        for row in range(1, 1000, 37):
            other = messages[:]
            column = getattr(messages, name).copy()
            column[row] = -column[row] if name == "direction" else column[row] + by
            setattr(other, name, column)
            codes = explain_lobster(other, book).codes
            assert (codes[row] != 0) == (messages.type[row] < 5), (name, row)
            assert np.count_nonzero(codes) <= 1


def test_hidden_orders_and_halts_change_no_book():
    table = np.array([[0, 1, 1, 5, 100, 1], [1, 5, 0, 9, 100, 1], [2, 7, 0, 0, -1, -1], [3, 6, 9, 9, 90, 1]])
    price, lots = np.array([[[100], [0]]] * 4), np.array([[[5], [0]]] * 4)
    messages, book = LobsterMessages(table), LobsterBook(price, lots)
    assert explain_lobster(messages, book).explained == 3
    replay = replay_lobster(messages, book)
    assert replay.equal.all()
    lots[3:, 0] = 4
    assert explain_lobster(messages, book).to_frame()["reason"].tolist() == [
        "a message without effect on the book"
    ]


decimals = st.tuples(st.integers(0, 86_399), st.integers(0, 9), st.integers(0, 10**9 - 1))


@given(st.lists(decimals, min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_times_are_exact(tmp_path_factory, times):
    path = tmp_path_factory.mktemp("times")
    text = [f"{s}.{f:09d}"[: len(str(s)) + 1 + places] for s, places, f in times]
    text.sort(key=lambda time: Decimal(time.rstrip(".")))
    file = written(path, "".join(f"{time},1,1,1,1,1\n" for time in text))
    expected = [int(Decimal(time.rstrip(".")) * 10**9) for time in text]
    assert read_lobster(file).time.tolist() == expected


# Bad input, by the rows of reliability.md


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("last", [True, False])
def test_c056_spellings_of_one_file(tmp_path, end, mark, last):
    text = mark + end.join(LINES) + end * last
    messages = read_lobster(written(tmp_path, text))
    assert messages.time.tolist() == [34_200_017_459_617, 34_200_189_607_670]
    assert messages.price.tolist() == [5_853_300] * 2


def test_c056_quoted_fields_and_blank_lines(tmp_path):
    quoted = ",".join(f'"{field}"' for field in LINES[0].split(","))
    messages = read_lobster(written(tmp_path, f"{quoted}\n\n  {LINES[1]}\n\n"))
    assert messages.order_id.tolist() == [16_113_575] * 2


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("34200.1,1,2,3,4", "row 2, direction: the line ends early"),
        ("34200.1,1,2,3,4,1,9", "row 2, direction: the line goes on"),
        ("34200.1,1,2,x,4,1", "row 2, size: not a number"),
        ("34200.1,1,2,,4,1", "row 2, size: not a number"),
        ("34200.1,1,2,3\0,4,1", "row 2, size: not a number"),
        ("34200.1,1,2,3 4,4,1", "row 2, size: not a number"),
        ("34200.1,1,2,--3,4,1", "row 2, size: not a number"),
        ("34200.1,1,2,3.5,4,1", "row 2, size: too many digits"),
        ("34200.1234567891,1,2,3,4,1", "row 2, time: too many digits"),
        ("9" * 1_000_000 + ",1,2,3,4,1", "row 2, time: too many digits"),
        ("34200.1,8,2,3,4,1", "row 2: type 8; use 1 to 7"),
        ("34200.1,1,2,-3,4,1", "row 2: size -3"),
        ("34200.1,1,2,3,-4,1", "row 2: price -4"),
        ("34200.1,1,2,3,4,2", "row 2: direction 2"),
        ("34200.1,1,2,3,4,0", "row 2: direction 0"),
        ("nan,1,2,3,4,1", "row 2, time: not a number"),
        (".,1,2,3,4,1", "row 2, time: not a number"),
        ("-,1,2,3,4,1", "row 2, time: not a number"),
    ],
)
def test_c056_a_bad_line_is_named(tmp_path, line, told):
    with pytest.raises(errors.CorruptFile, match=told):
        read_lobster(written(tmp_path, f"{LINES[0]}\n{line}\n"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no rows"),
        (b"\n\n", "no rows"),
        (b"\x1f\x8b\x08rest", "gzip"),
        (b"PK\x03\x04rest", "zip"),
        (b"\x00\x0cS\x00\x00", "ITCH"),
        (b"Time,Type,ID,Size,Price,Direction\n", "no header"),
        (b"1,2,3,4,5,6,7,8\n", "order-book file"),
        (b"1,2,3\n", "3 fields"),
    ],
)
def test_c056_another_kind_of_file_is_named(tmp_path, content, told):
    with pytest.raises(errors.CorruptFile, match=told):
        read_lobster(written(tmp_path, content))


def test_c056_files_that_do_not_belong_together(tmp_path):
    messages = written(tmp_path, "\n".join(LINES))
    book = tmp_path / "book.csv"
    for content, told in (("1,1,1,1\n", "1 rows where"), (LINES[0], "message file"), ("1,2,3\n", "3 fields")):
        book.write_text(content)
        with pytest.raises(errors.CorruptFile, match=told):
            read_lobster(messages, book)
    with pytest.raises(FileNotFoundError):
        read_lobster(tmp_path / "none.csv")


def test_c052_levels_that_are_none(tmp_path):
    """LOBSTER writes 9999999999 and 0 where there is no level."""
    book = tmp_path / "book.csv"
    book.write_text(
        "5853400,10,5853300,18,9999999999,0,-9999999999,0\n5853400,10,-9999999999,0,9999999999,0,-9999999999,0\n"
    )
    messages, shown = read_lobster(written(tmp_path, "\n".join(LINES)), book)
    assert shown.price.tolist() == [[[5853300, 0], [5853400, 0]], [[0, 0], [5853400, 0]]]
    assert shown.quantity.tolist() == [[[18, 0], [10, 0]], [[0, 0], [10, 0]]]
    assert explain_lobster(messages, shown).explained == 1
    assert replay_lobster(messages, shown).equal.all()


def test_c055_a_clock_that_goes_back_is_counted(tmp_path):
    with pytest.warns(errors.ClockBackwards, match="1 times"):
        messages = read_lobster(written(tmp_path, "\n".join(LINES[::-1])))
    assert messages.backwards == 1
    assert messages.type.tolist() == [3, 1], "in the sequence of the file"


def test_mutated_files_are_read_or_refused(tmp_path, data):
    """Bytes changed, cut and doubled: an error that names the file, or rows."""
    whole = (data / "lobster" / NAME.format("message")).read_bytes()[:4000]
    rng = np.random.default_rng(8)
    outcomes = set()
    for _ in range(300):
        changed = bytearray(whole[: int(rng.integers(1, len(whole)))])
        for _ in range(int(rng.integers(0, 3))):
            changed[int(rng.integers(len(changed)))] = int(rng.integers(256))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", errors.ClockBackwards)
                outcomes.add(len(read_lobster(written(tmp_path, bytes(changed)))) > 0)
        except errors.CorruptFile as error:
            outcomes.add("messages.csv" in str(error) and "refused")
    assert outcomes == {True, "refused"}


FULL = [(100, 5), (98, 7), (95, 9)]


@pytest.mark.parametrize(
    ("before", "message", "after", "reason"),
    [
        (FULL, (1, 2, 98), [(100, 5), (98, 9), (95, 9)], ""),
        (FULL, (1, 2, 99), [(100, 5), (99, 2), (98, 7)], ""),
        (FULL, (1, 2, 90), FULL, ""),
        (FULL, (1, 2, 90), [(100, 5), (98, 7), (90, 2)], "other levels than it makes"),
        (FULL, (1, 2, 99), [(100, 5), (99, 3), (98, 7)], "other levels than it makes"),
        (FULL, (1, 2, 99), [(100, 6), (99, 2), (98, 7)], "other levels than it makes"),
        (FULL, (1, 2, 99), [(100, 5), (99, 2), (95, 9)], "other levels than it makes"),
        (FULL[:1], (1, 2, 90), [(100, 5), (90, 2), (0, 0)], ""),
        (FULL, (2, 2, 98), [(100, 5), (98, 5), (95, 9)], ""),
        (FULL, (2, 8, 98), [(100, 5), (95, 9), (0, 0)], "more lots than the level has"),
        (FULL, (4, 7, 98), [(100, 5), (95, 9), (91, 3)], ""),
        (FULL, (3, 7, 98), [(100, 5), (95, 9), (0, 0)], ""),
        (FULL, (3, 7, 98), [(100, 5), (95, 9), (97, 3)], "other levels than it makes"),
        (FULL, (3, 7, 98), [(100, 5), (95, 8), (91, 3)], "other levels than it makes"),
        (FULL[:2], (3, 7, 98), [(100, 5), (91, 3), (0, 0)], "other levels than it makes"),
        (FULL[:2], (3, 7, 98), [(100, 5), (0, 0), (91, 3)], "other levels than it makes"),
        (FULL, (3, 1, 97), FULL, "no level at its price"),
        (FULL[:2], (3, 1, 97), FULL[:2], "no level at its price"),
        (FULL, (3, 1, 90), FULL, ""),
        (FULL, (3, 1, 90), FULL[:2], "other levels than it makes"),
    ],
)
@pytest.mark.parametrize("side", [0, 1])
def test_what_explains_a_row(side, before, message, after, reason):
    """Both sides alike: the asks are the bids turned round 200."""
    price, lots = np.zeros((2, 2, 2, 3), np.int64)
    for row, levels in enumerate((before, after)):
        for n, (level, quantity) in enumerate(levels):
            lots[row, side, n] = quantity
            price[row, side, n] = (200 - level if side else level) if quantity else 0
    kind, size, at = message
    own = [1, kind, 1, size, 200 - at if side else at, 1 - 2 * side]
    explained = explain_lobster(
        LobsterMessages(np.array([[0, 5, 0, 1, 1, 1], own])), LobsterBook(price, lots)
    )
    assert explained.to_frame()["reason"].tolist() == [reason] * bool(reason)
