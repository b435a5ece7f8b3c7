"""The kernels of a feed's books on their own; with ``tests/feeds/test_books.py`` the rest.

Runs with and without the JIT.
"""

import numpy as np
import pytest

from nanobook import FeedBooks
from nanobook._jit import JIT
from nanobook.kernels.feed import keep, references, state

from ..feed_tapes import columns, feed
from ..oracle.feed import NaiveFeed
from .checking_feed import check_books

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")  # without the JIT


def table_of(names, size=32):
    """Books whose table holds these references, of orders 1, 2 and so on."""
    books = state.new_books(orders=len(names))._replace(table=np.zeros(size, np.uint64))
    books.counts[state.SHIFT] = state.shift_of(size)
    for slot, name in enumerate(names, 1):
        books.orders["reference"][slot] = name
        row = references.find(books, np.uint64(name))
        references.enter(books, row, np.uint64(name), np.int64(slot))
    return books


def found(books, name):
    """Order slot of a reference, 0 if it is not there."""
    return int(books.table[references.find(books, np.uint64(name))]) % 2**32


@pytest.mark.parametrize("apart", [1, 2, 8, 64, 2**20, 2**32, 2**60, 0x9E3779B97F4A7C15])
def test_any_of_the_references_may_go_first(apart):
    """Whatever gap it leaves, all others are found; so with a table that is half full."""
    names = [(7 + n * apart) % 2**64 for n in range(16)]
    rng = np.random.default_rng(apart % 1000)
    for _ in range(20):
        books, left = table_of(names), dict(enumerate(names, 1))
        for slot in rng.permutation(16) + 1:
            references.forget(books, references.find(books, np.uint64(left.pop(slot))))
            assert [found(books, name) for name in left.values()] == list(left)
            assert found(books, names[slot - 1]) == 0
            assert np.count_nonzero(books.table) == len(left)


def test_a_larger_table_holds_the_same():
    names = [n * 2**58 + n for n in range(14)]
    books = table_of(names)
    larger = books._replace(table=np.zeros(256, np.uint64))
    larger.counts[state.SHIFT] = state.shift_of(256)
    keep.refill_table(larger, books.table)
    assert [found(larger, name) for name in names] == list(range(1, 15))


@pytest.mark.parametrize("kind", [{}, {"faults": 0.3, "references": "far"}, {"grid": 1, "spread": -5}])
def test_links_after_every_message(kind):
    messages = feed(150 if JIT else 80, 21, **kind)
    books, naive = FeedBooks(), NaiveFeed()
    for message in messages:
        books.apply(columns([message]))
        naive.apply(*message)
        check_books(books._books)
        for side, name in enumerate(("buy", "sell")):
            shown = (column.tolist() for column in books.book(message[2]).orders(name).values())
            assert list(zip(*shown, strict=True)) == naive.queue(message[2], side)


def test_a_finer_grid_waits_for_room():
    """Whatever the levels, the orders keep price and sequence."""
    books = FeedBooks()
    rows = [(65, 66 + 17 * (n % 2), 0, n + 1, 0, 10, 100 * (500 + n % 7)) for n in range(200)]
    books.apply(columns(rows))
    before = [books.book(0).orders(side) for side in ("buy", "sell")]
    books.apply(columns([(65, 66, 0, 900, 0, 1, 1)]))
    check_books(books._books)
    assert books._books.cents[0] == 0
    for shown, side in zip(before, ("buy", "sell"), strict=True):
        for name, column in books.book(0).orders(side).items():
            assert column[: len(shown[name])].tolist() == shown[name].tolist()
