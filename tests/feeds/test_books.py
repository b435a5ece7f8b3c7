"""The books of a feed against the naive ones, order by order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanobook import BookLevels, FeedBooks, NanobookError, errors, read_itch, replay_feed
from nanobook.feeds.feed_columns import columns_of
from nanobook.feeds.feed_faults import FAULT_NAMES
from nanobook.kernels.feed import state

from ..feed_tapes import FIELDS, columns, feed
from ..kernels.checking_feed import check_books
from ..oracle.feed import NaiveFeed

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")  # without the JIT

REGIMES = {
    "dense": {},
    "far": {"references": "far"},
    "faults": {"faults": 0.3, "references": "far"},
    "crossed": {"spread": -10, "faults": 0.1},
    "fine": {"grid": 1, "symbols": 12},
    "fine and far": {"grid": 1, "references": "far", "faults": 0.2},
}


def compare(books, naive, symbols):
    """Compare every order of every book."""
    assert len(books) == len(naive.orders)
    for symbol in symbols:
        book = books.book(symbol)
        for side, name in enumerate(("buy", "sell")):
            shown = (column.tolist() for column in book.orders(name).values())
            assert list(zip(*shown, strict=True)) == naive.queue(symbol, side)
        shot = book.depth(4)
        assert [tuple(level) for level in shot.bids] == naive.levels(symbol, 0, 4)
        assert [tuple(level) for level in shot.asks] == naive.levels(symbol, 1, 4)


def compare_rest(books, naive, executions):
    """Compare executions and faults."""
    assert [tuple(row) for row in executions] == [
        (e.message, e.reference, e.link, e.price, e.quantity, e.symbol, e.side, e.kind)
        for e in naive.executions
    ]
    counts = [sum(fault == n for *_, fault in naive.faults) for n in range(len(FAULT_NAMES))]
    assert list(books.faults.counts.values()) == counts
    first = [(int(f["message"]), int(f["reference"]), int(f["fault"])) for f in books.faults.first]
    assert first == naive.faults[: len(first)]
    assert len(first) == min(len(naive.faults), state.FAULTS_KEPT)


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("seed", range(2))
def test_books_after_every_message(regime, seed):
    """The whole book order by order, and all links of the arrays."""
    messages = feed(350, seed, **REGIMES[regime])
    symbols = sorted({message[2] for message in messages})
    books, naive, executions = FeedBooks(crossed_after=5), NaiveFeed(5), []
    for m, message in enumerate(messages):
        executions += books.apply(columns([message])).tolist()
        naive.apply(*message)
        compare(books, naive, symbols if m % 20 == 0 else [message[2]])
        if m % 5 == 0:
            check_books(books._books)
    compare_rest(books, naive, executions)
    assert books.symbols() == sorted({order[0] for order in naive.orders.values()})


@pytest.mark.parametrize("regime", REGIMES)
def test_books_of_whole_batches(regime):
    """Through growing buffers, in parts of any size; the parts do not matter."""
    messages = feed(6000, 11, **REGIMES[regime])
    naive = NaiveFeed()
    for message in messages:
        naive.apply(*message)
    digests = set()
    for size in (6000, 997):
        books, executions = FeedBooks(), []
        for start in range(0, 6000, size):
            executions += books.apply(columns(messages[start : start + size])).tolist()
        check_books(books._books)
        compare(books, naive, sorted({message[2] for message in messages}))
        compare_rest(books, naive, executions)
        digests.add(books.digest())
    assert len(digests) == 1


@pytest.mark.parametrize(("symbol", "regime"), [(None, "fine"), (1, "faults"), (0, "crossed")])
def test_recorded_levels(symbol, regime):
    messages = feed(800, 5, **REGIMES[regime])
    naive, expected, places = NaiveFeed(), [], []
    for m, message in enumerate(messages):
        naive.apply(*message)
        if symbol in (None, message[2]):
            places.append(m)
            expected.append([naive.levels(message[2], side, 3) for side in (0, 1)])
    parts = [columns(messages[:300]), columns(messages[300:])]
    result = replay_feed(parts, levels=3, symbol=symbol)
    found = result.columns()
    assert found["message"].tolist() == places
    for side, name in enumerate(("bid", "ask")):
        for n, field in enumerate(BookLevels.COLUMNS):
            rows = [[*(level[n] for level in row[side]), 0, 0, 0][:3] for row in expected]
            np.testing.assert_array_equal(found[f"{name}_{field}"], rows)
    assert len(result.executions) == len(naive.executions)


def test_wide_levels():
    """A price beyond int32 in the midst of a recording."""
    rows = [(65, 66, 0, n + 1, 0, 2**32 - 1 if n > 1 else 5, 100 if n < 3 else 2**32 - 96) for n in range(5)]
    _, places, shown = FeedBooks().record(columns(rows), 2)
    assert places.tolist() == [0, 1, 2, 3, 4]
    assert shown.bid_price.tolist() == [[100, 0]] * 3 + [[2**32 - 96, 100]] * 2
    assert shown.bid_quantity[-1].tolist() == [2 * (2**32 - 1), 10 + 2**32 - 1]


numbers = st.sampled_from([0, 1, 2, 3, 8, 2**63, 2**64 - 1])
message = st.tuples(
    st.sampled_from([ord(letter) for letter in "AAAFECXDUP"]),
    st.sampled_from([66, 83, 66, 83, 0]),
    st.integers(0, 2),
    numbers,
    numbers,
    st.sampled_from([0, 1, 5, 100, 2**32 - 1]),
    st.sampled_from([0, 100, 200, 201, 10_000, 2**32 - 1]),
)


@given(st.lists(message, max_size=40))
@settings(max_examples=120, deadline=None)
def test_any_messages_at_all(messages):
    books, naive = FeedBooks(crossed_after=3), NaiveFeed(3)
    executions = books.apply(columns(messages)).tolist()
    for one in messages:
        naive.apply(*one)
    check_books(books._books)
    compare(books, naive, range(3))
    compare_rest(books, naive, executions)


def test_memory_is_bounded_by_what_rests():
    """A hundred thousand orders come and go; thirty rest at one time."""
    books = FeedBooks()
    for part in range(20):
        n = 5000 * part + np.arange(5000, dtype=np.uint64)
        add = {"kind": np.full(5000, 65), "reference": n * np.uint64(2**40 + 1), "price": 100 * (n % 900)}
        gone = add | {"kind": np.full(5000, 68), "reference": np.roll(add["reference"], 30)}
        both = {name: np.stack([add[name], gone[name]], axis=1).ravel() for name in add}
        both |= {"side": np.full(10_000, 66), "quantity": np.full(10_000, 7)}
        both["kind"][1:60:2] = ord("P")
        books.apply(both)
        last = add["reference"][-30:]
        books.apply({"kind": [68] * 30, "reference": last})
        if part == 0:
            first = books.nbytes
    assert (len(books), books.faults.total) == (0, 0)
    assert books.nbytes == first < 2**21


# Bad input, by the rows of reliability.md


def test_c048_faults_are_counted_and_the_first_told():
    rows = [
        (65, 66, 1, 7, 0, 100, 500),
        (68, 0, 1, 8, 0, 0, 0),
        (69, 0, 1, 7, 3, 150, 0),
        (65, 83, 1, 9, 0, 5, 900),
        (65, 83, 1, 9, 0, 5, 900),
        (85, 0, 1, 99, 100, 5, 900),
    ]
    books = FeedBooks()
    executions = books.apply(columns(rows))
    assert books.faults.counts == dict.fromkeys(FAULT_NAMES, 0) | {
        "unknown reference": 2,
        "more than rests": 1,
        "reference in use": 1,
    }
    assert [line.partition(":")[0] for line in books.faults.lines()] == [
        "message 1 (D, symbol 1)",
        "message 2 (E, symbol 1)",
        "message 4 (A, symbol 1)",
        "message 5 (U, symbol 1)",
    ]
    assert "8" in books.faults.lines()[0]
    assert (executions["quantity"].tolist(), len(books)) == ([100], 1), "only what rested"


def test_c048_a_limit_of_faults():
    books = FeedBooks(max_faults=2)
    books.apply({"kind": ["D", "D"], "reference": [1, 2]})
    with pytest.raises(errors.FeedFault, match="max_faults"):
        books.apply({"kind": ["D"], "reference": [3]})


def test_c048_only_the_first_are_kept():
    books = FeedBooks()
    books.apply({"kind": ["D"] * 50, "reference": range(50)})
    assert (books.faults.total, len(books.faults.first), len(books.faults.lines())) == (50, 10, 10)


def phantom(after):
    """A bid whose end was lost; asks come below it."""
    rows = [(65, 66, 0, 65_610_664, 0, 10, 1000)]
    return rows + [(65, 83, 0, n, 0, 10, 900) for n in range(after)]


def test_c049_a_book_crossed_too_long_names_the_oldest_order():
    books = FeedBooks(crossed_after=25)
    books.apply(columns(phantom(25)))
    assert books.faults.total == 0
    assert books.book(0).is_crossed()
    books.apply(columns([(65, 83, 0, 1000, 0, 10, 900)]))
    assert books.faults.counts["crossed"] == 1
    assert "65610664" in books.faults.lines()[0]
    books.apply(columns([(65, 83, 0, 1001 + n, 0, 10, 900) for n in range(50)]))
    assert books.faults.total == 1, "once, not for every message"


def test_c050_crossed_for_a_while_is_legal():
    rows = [*phantom(5), (68, 0, 0, 65610664, 0, 0, 0)]
    books = FeedBooks(crossed_after=25)
    for _ in range(10):
        books.apply(columns([*rows, *((68, 0, 0, n, 0, 0, 0) for n in range(5))]))
    assert (books.faults.total, len(books)) == (0, 0)


def test_c049_a_message_that_waits_for_a_finer_grid_counts_once():
    rows = [*phantom(25), (65, 83, 0, 1000, 0, 10, 901), (65, 83, 0, 1001, 0, 10, 901)]
    for part in (1, len(rows)):
        books = FeedBooks(crossed_after=26)
        for start in range(0, len(rows), part):
            books.apply(columns(rows[start : start + part]))
        assert [int(fault["message"]) for fault in books.faults.first] == [27]


def test_c051_executions_and_cancels_reduce():
    books = FeedBooks()
    rows = [(65, 66, 0, 1, 0, 100, 500), (65, 66, 0, 2, 0, 100, 500)]
    rows += [(69, 0, 0, 1, 11, 10, 0), (67, 0, 0, 1, 12, 20, 480), (88, 0, 0, 1, 0, 30, 0)]
    executions = books.apply(columns(rows))
    assert books.book(0).orders("buy")["left"].tolist() == [40, 100], "in place, with its priority"
    assert executions[["price", "quantity", "link"]].tolist() == [(500, 10, 11), (480, 20, 12)]
    books.apply(columns([(69, 0, 0, 1, 13, 40, 0)]))
    assert books.book(0).orders("buy")["reference"].tolist() == [2]


def test_c051_a_replace_keeps_its_side_and_loses_its_priority():
    books = FeedBooks()
    rows = [(65, 83, 3, 1, 0, 100, 500), (70, 83, 3, 2, 0, 100, 500), (85, 0, 3, 1, 9, 50, 500)]
    books.apply(columns(rows))
    assert books.book(3).orders("sell")["reference"].tolist() == [2, 9]
    assert books.book(3).best_bid() is None


@pytest.mark.parametrize("letter", "PQBSRHYLVWKJhINO")
def test_c051_other_messages_have_no_effect(letter):
    books = FeedBooks()
    books.apply(columns([(65, 66, 0, 1, 0, 100, 500), (ord(letter), 66, 0, 1, 2, 50, 400)]))
    assert books.book(0).orders("buy")["left"].tolist() == [100]
    assert books.faults.total == 0


def test_c051_four_decimals_of_a_price():
    books = FeedBooks()
    books.apply(
        columns([(65, 66, 0, n, 0, 10, price) for n, price in enumerate((378_100, 378_101, 1, 378_100))])
    )
    assert [level[0] for level in books.book(0).depth().bids] == [378_101, 378_100, 1]
    assert books.book(0).orders("buy")["reference"].tolist() == [1, 0, 3, 2]
    assert repr(books.book(0).depth(1).bids[0]) == "Level(price=$37.8101, qty=10, orders=1)"


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"price": [-1]}, errors.InvalidValue, "price: row 0 is -1"),
        ({"price": [2**32]}, errors.InvalidValue, "price: row 0"),
        ({"price": [1.5]}, errors.WrongType, "price"),
        ({"quantity": [2**40]}, errors.InvalidValue, "quantity"),
        ({"reference": [2**64]}, errors.NanobookError, "reference"),
        ({"reference": [-1]}, errors.InvalidValue, "reference"),
        ({"symbol": [65_536]}, errors.InvalidValue, "symbol"),
        ({"kind": ["AA"]}, errors.InvalidValue, "kind"),
        ({"kind": [1.0]}, errors.WrongType, "kind"),
        ({"price": [1, 2]}, errors.ShapeError, "price"),
    ],
)
def test_c048_columns_that_no_message_has(change, error, told):
    books = FeedBooks()
    with pytest.raises(error, match=told):
        books.apply({"kind": ["A"], "side": ["B"], "reference": [1], "quantity": [1], "price": [1]} | change)
    assert (len(books), books.messages) == (0, 0)


def test_c048_columns_that_are_missing():
    with pytest.raises(errors.ShapeError, match="reference"):
        FeedBooks().apply({"kind": ["A"]})


@pytest.mark.parametrize("symbol", ["XYZ", -1, 2**16, 1.5, None])
def test_symbols_that_are_none(symbol):
    with pytest.raises(NanobookError, match="symbol"):
        FeedBooks().book(symbol)


def test_nothing_at_all():
    books = FeedBooks()
    executions, places, shown = books.record(columns([]), 2)
    assert (len(executions), len(places), shown.bid_price.shape) == (0, 0, (0, 2))
    assert len(books.to_frame()) == 0
    assert books.symbols() == []


def test_columns_of_any_kind_are_the_same():
    one = columns(feed(50, 3))
    table = np.rec.fromarrays(list(one.values()), names=list(FIELDS))
    pd = pytest.importorskip("pandas")
    for form in (table, pd.DataFrame(one), state.Messages(**one)):
        for column, other in zip(columns_of(form), one.values(), strict=True):
            np.testing.assert_array_equal(column, other)
            assert column.dtype == other.dtype


def test_a_frame_of_all_symbols():
    pytest.importorskip("pandas")
    books = FeedBooks()
    books.apply(columns([(65, 66, 5, 1, 0, 100, 500), (65, 66, 5, 2, 0, 50, 400), (65, 83, 2, 3, 0, 7, 600)]))
    books.directory = {5: "AAPL"}
    frame = books.to_frame()
    assert frame.index.tolist() == [2, 5]
    assert frame.loc[5, ["name", "bid", "bid_quantity", "bid_orders", "bid_lots"]].tolist() == [
        "AAPL", 500, 100, 2, 150,
    ]  # fmt: skip
    assert books.book("AAPL").best_bid() == 500


def test_the_sample_session(data):
    """RITCH's messages are a sample of a session, so that many orders they name are not among them."""
    naive = NaiveFeed()
    with read_itch(data / "itch" / "ritch_ex20101224.TEST_ITCH_50", strict=False) as reader:
        messages = reader.read()
    books = FeedBooks()
    executions = books.apply(messages)
    rows = list(zip(*(column.tolist() for column in columns_of(messages)), strict=True))
    for row in rows:
        naive.apply(*row)
    compare(books, naive, sorted({row[2] for row in rows}))
    compare_rest(books, naive, executions.tolist())
    check_books(books._books)
    assert len(rows) == 12_012
