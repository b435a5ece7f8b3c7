"""Quotes from whatever holds them."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pandas as pd
import pytest

from nanobook.broker import Quote
from nanobook.broker.paper.quotes import read_quotes
from nanobook.errors import InvalidValue, WrongType

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def tops(source):
    """Symbol, bid, ask and last of each quote."""
    return [(top.symbol, top.bid, top.ask, top.last) for top, _ in read_quotes(source)]


def test_one_price_is_all_three():
    assert tops({"A": 1.15}) == [("A", 115, 115, 115)]
    assert tops(pd.Series({"A": 0.29, "B": 4.35})) == [("A", 29, 29, 29), ("B", 435, 435, 435)]


def test_dollars_and_cents():
    both = {"A": {"bid": 18.125, "ask_cents": 1900}, "B": {"price_cents": Decimal("1.5"), "last": "0.02"}}
    assert tops(both) == [("A", Decimal("1812.5"), 1900, 0), ("B", Decimal("1.5"), Decimal("1.5"), 2)]
    with pytest.raises(InvalidValue, match="row 1: bid and bid_cents are both given"):
        read_quotes({"A": {"bid": 1, "bid_cents": 100}})


def test_records_and_rows():
    quote = Quote("A", 99, 101, 100, 5, NOON)
    assert tops([quote]) == tops({"A": quote}) == [("A", 99, 101, 100)]
    [(top, given)] = read_quotes([{"symbol": "A", "bid": 1, "bid_size": 5, "volume": 7, "currency": "EUR"}])
    assert (top.bid_size, top.ask_size, top.volume, given) == (5, None, 7, {"currency": "EUR"})


def test_tables_with_and_without_a_column_of_symbols():
    frame = pd.DataFrame({"symbol": ["A", "B"], "bid": [1.1, None], "ask": [1.2, 3.0], "ask_size": [None, 5]})
    expected = [("A", 110, 120, 0), ("B", 0, 300, 0)]
    assert tops(frame) == tops(frame.set_index("symbol")) == tops(frame.convert_dtypes()) == expected
    assert tops(frame.to_dict("list")) == expected
    assert [top.ask_size for top, _ in read_quotes(frame)] == [None, 5]


def test_noise_of_binary_fractions_is_cut():
    assert tops({"A": 187.15000915527344})[0][1] == Decimal("18715.000916")


def test_times_are_aware():
    for time in (NOON, "2026-01-05T12:00:00Z", "2026-01-05T13:00:00+01:00", pd.Timestamp(NOON)):
        [(top, _)] = read_quotes({"A": {"bid": 1, "timestamp": time}})
        assert top.timestamp == NOON
        assert top.timestamp.tzinfo is UTC
        assert type(top.timestamp) is datetime
    for time, words in [("2026-01-05T12:00", "no time zone"), ("noon", "ISO 8601"), (5, "is a int")]:
        with pytest.raises(InvalidValue, match=f"row 1: timestamp: .*{words}"):
            read_quotes({"A": {"bid": 1, "timestamp": time}})


def test_instruments_are_told_with_quotes():
    [(_, given)] = read_quotes({"A": {"bid": 1, "lot": "0.01", "tick": 0.05, "min_notional": 5}})
    assert given == {"lot": "0.01", "tick_cents": 5, "min_notional_cents": 500}


def test_files(tmp_path):
    table = {"A": {"bid": 184.9, "ask": 185.1}, "B": 3}
    (tmp_path / "q.json").write_text(json.dumps(table))
    (tmp_path / "rows.json").write_text(json.dumps([{"symbol": "A", "bid": 184.9, "ask": 185.1}]))
    (tmp_path / "q.csv").write_text("symbol,bid,ask,last\nA,184.9,185.1,\nB,3,3,3\n", encoding="utf-8-sig")
    expected = [("A", 18_490, 18_510, 0), ("B", 300, 300, 300)]
    assert tops(tmp_path / "q.json") == tops(str(tmp_path / "q.csv")) == tops(table) == expected
    assert tops(tmp_path / "rows.json") == expected[:1]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("q.json", "{", "no JSON"),
        ("q.json", '{"A": 1, "A": 2}', "'A' is there twice"),
        ("q.json", "5", "neither an object"),
        ("q.json", '{"A": true}', "row 1: price: True is a bool"),
        ("q.json", '["A"]', "row 1: 'A' is a str"),
        ("q.json", '{"A": {"bid": 1, "tik": 1}}', "row 1: 'tik' is no column .did you mean 'tick'"),
        ("q.json", '{"A\\u001b[2J": {"bid": 1}}', "row 1: symbol"),
        ("q.csv", "symbol,bid\nA,1\n,2\n", "row 2: symbol"),
        ("q.csv", "symbol,bid\nA,1\nB,x\n", "row 2: bid: 'x' is not a number"),
        ("q.csv", "symbol,bid\nA,1,5\n", "row 1: has more cells than the first line has names"),
        ("q.csv", "symbol,bid,bid_size\nA,1,-5\n", "bid_size: '-5' must not be below 0"),
        ("q.txt", "", "neither .json nor .csv"),
    ],
)
def test_files_that_are_wrong_are_named_with_the_row(tmp_path, name, text, words):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InvalidValue, match=words) as caught:
        read_quotes(path)
    assert str(path) in str(caught.value)


def test_what_holds_no_quotes():
    with pytest.raises(WrongType, match="quotes: 5"):
        read_quotes(5)
    with pytest.raises(InvalidValue, match="is a int; give a mapping or a Quote"):
        read_quotes([5])
    assert read_quotes({}) == []


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("q.csv", b"symbol,price\nA,1\n\xec\xff", "byte 17 is no UTF-8"),
        ("q.csv", b"symbol,price\nA,1,2\n", "row 1: has more cells than the first line has names"),
        ("q.csv", b"symbol,price\nA,1\nB,2\nA,3\n", "row 3: A stands in row 1, too"),
        ("q.csv", b'symbol,price\n"' + b"x" * 200_000, "no CSV"),
        ("q.json", b'[{"symbol": "A", "price": 1}, {"symbol": "A", "price": 2}]', "row 2: A stands in row 1"),
        ("q.json", b"[" * 200_000, "no JSON"),
    ],
)
def test_c056_a_file_that_cannot_be_meant(tmp_path, name, content, told):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidValue, match=told):
        read_quotes(path)


def test_a_file_may_tell_of_a_symbol_at_two_times(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text("symbol,price,timestamp\nA,1,2026-01-05T15:00:00Z\nA,2,2026-01-05T15:00:01Z\n")
    assert [top.last for top, _ in read_quotes(path)] == [100, 200]
