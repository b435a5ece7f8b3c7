"""The engine against the naive book: every column, every trade, the whole book."""

from itertools import pairwise

import numpy as np
import pytest

from nanobook import Exchange
from nanobook.types import SIDE_NAMES, TIF_NAMES, MessageKind, Outcome
from tests import tapes
from tests.comparing import (
    COLUMNS,
    compare_columns,
    compare_depth,
    compare_get_order,
    compare_orders,
    compare_queues,
    compare_trades,
)
from tests.oracle.book import NaiveBook
from tests.tapes import REGIMES, flow, messages, mixed_flow

MODES = [False, "pool", "sparse"]
every_flow = pytest.mark.parametrize("prices", REGIMES)
every_mode = pytest.mark.parametrize("client_ids", MODES)


def part(tape, start, stop):
    """Rows of a tape."""
    return {name: column[start:stop] for name, column in tape.items()}


def run_naive(tape, client_ids=False):
    """Return a naive book after a tape, and a row a message."""
    naive = NaiveBook(bool(client_ids))
    return naive, [naive.apply(*message) for message in messages(tape)]


def compare_all(book, result, naive, rows):
    compare_columns(result, rows)
    compare_trades(result.trades, naive.trades)
    compare_trades(book.trades(), naive.trades)
    compare_queues(book, naive)
    compare_orders(book, naive)


@every_mode
@every_flow
def test_depth_after_every_message(prices, client_ids):
    """In all 225,000 messages; the book starts small, so all buffers grow on the way."""
    tape = flow(15_000, 21, prices=prices, client_ids=client_ids)
    book, naive = Exchange(), NaiveBook(bool(client_ids))
    result = book.process(tape, client_ids=bool(client_ids), levels=5)
    rows = []
    for m, message in enumerate(messages(tape)):
        rows.append(naive.apply(*message))
        compare_depth(result.levels, naive, m, 5)
    compare_all(book, result, naive, rows)
    compare_get_order(book, naive)
    made = result.trade_message()
    assert [rows[m].order_id for m in made] == [trade.aggressor_id for trade in naive.trades]


@every_mode
@every_flow
def test_queues_after_every_message(prices, client_ids):
    """Message by message, with each side's queue as a whole."""
    tape = flow(1500, 22, prices=prices, client_ids=client_ids)
    book, naive = Exchange(), NaiveBook(bool(client_ids))
    for m, message in enumerate(messages(tape)):
        row = naive.apply(*message)
        result = book.process(part(tape, m, m + 1), client_ids=bool(client_ids))
        compare_columns(result, [row])
        compare_queues(book, naive)
        if row.filled:
            assert result.trades.quantity.sum() == row.filled
    compare_trades(book.trades(), naive.trades)
    compare_get_order(book, naive)


@every_mode
@every_flow
def test_splitting_a_flow_changes_nothing(prices, client_ids):
    tape = flow(6000, 23, prices=prices, client_ids=client_ids)
    whole = Exchange()
    expected = whole.process(tape, client_ids=bool(client_ids))
    rng = np.random.default_rng(23)
    split = Exchange()
    cuts = [0, *np.sort(rng.integers(0, 6000, 40)).tolist(), 6000]
    results = [
        split.process(part(tape, *ends), client_ids=bool(client_ids), levels=n % 3)
        for n, ends in enumerate(pairwise(cuts))
    ]
    assert split.digest() == whole.digest()
    for name in COLUMNS:
        joined = np.concatenate([getattr(result, name) for result in results])
        np.testing.assert_array_equal(joined, getattr(expected, name), err_msg=name)
    assert [trade for result in results for trade in result.trades] == expected.trades
    assert split.trades() == whole.trades() == expected.trades


def call(book, kind, side, price, quantity, tif, order_id):
    """Do one message through the calls; returns its row as the tape would write it."""
    if kind == MessageKind.CANCEL:
        done = book.cancel(order_id)
        return refusal(done, order_id) or (order_id, Outcome.CANCELLED, 0, 0, done.cancelled_quantity)
    if kind == MessageKind.MODIFY:
        done = book.modify(order_id, price, quantity)
        assert done.old_order_id == order_id
        if not done.success:
            assert (done.new_order_id, done.cancelled_quantity, done.trades) == (None, 0, [])
            return refusal(done, order_id)
        order, filled = book.get_order(done.new_order_id), sum(t.quantity for t in done.trades)
        status = Outcome.FILLED if filled == quantity else Outcome.PARTIALLY_FILLED if filled else Outcome.NEW
        assert order.status == book_status(status)
        assert (order.remaining_quantity, order.filled_quantity) == (quantity - filled, filled)
        return order.id, status, filled, quantity - filled, done.cancelled_quantity
    if kind == MessageKind.MARKET:
        done = book.submit_market(SIDE_NAMES[side], quantity)
    else:
        done = book.submit_limit(SIDE_NAMES[side], price, quantity, TIF_NAMES[tif])
    assert sum(trade.quantity for trade in done.trades) == done.filled_quantity
    assert done.has_trades() == bool(done.trades)
    assert done.is_resting() == (done.resting_quantity > 0)
    assert done.is_fully_filled() == (done.filled_quantity == quantity)
    status = next(outcome for outcome in Outcome if book_status(outcome) == done.status.lower())
    return done.order_id, status, done.filled_quantity, done.resting_quantity, done.cancelled_quantity


def book_status(outcome):
    return outcome.name.lower().replace("_", "")


def refusal(done, order_id):
    """Row of a refused cancel or modify, None if it was not refused."""
    if done.success:
        assert done.error is None
        return None
    outcome = next(outcome for outcome in Outcome if book_status(outcome) == done.error.lower())
    return (order_id if outcome == Outcome.ORDER_NOT_ACTIVE else 0), outcome, 0, 0, 0


@every_flow
def test_single_calls_do_what_a_tape_does(prices):
    tape = flow(12_000, 24, prices=prices)
    whole = Exchange()
    expected = whole.process(tape)
    book, rows = Exchange(), []
    for message in messages(tape):
        rows.append(call(book, *message))
    compare_columns(expected, rows)
    assert book.digest() == whole.digest()
    assert book.trades() == whole.trades()
    compare_queues(book, run_naive(tape)[0])


def test_calls_and_tapes_may_take_turns():
    tape = flow(5000, 25)
    whole, mixed = Exchange(), Exchange()
    whole.process(tape)
    rows = list(messages(tape))
    for start in range(0, 5000, 100):
        if start % 200:
            mixed.process(part(tape, start, start + 100))
        else:
            for message in rows[start : start + 100]:
                call(mixed, *message)
        if start % 300 == 0:
            mixed.compact()
            mixed.depth(3)
    assert mixed.digest() == whole.digest()


@pytest.mark.parametrize("seed", range(3))
def test_long_flow_near_the_touch(seed):
    """The whole book after every 5,000 of 60,000 messages."""
    tape = mixed_flow(60_000, seed, depth=400)
    book, naive = Exchange(), NaiveBook()
    for start in range(0, 60_000, 5000):
        chunk = part(tape, start, start + 5000)
        traded = len(naive.trades)
        result = book.process(chunk)
        compare_columns(result, [naive.apply(*message) for message in messages(chunk)])
        compare_trades(result.trades, naive.trades[traded:])
        compare_queues(book, naive)
    compare_orders(book, naive)
    compare_trades(book.trades(), naive.trades)


@every_mode
@every_flow
def test_books_on_which_much_rests(prices, client_ids):
    """Above 10,000 resting orders the tape looks further ahead."""
    n = np.arange(12_000)
    side = n % 2
    stack = {"kind": 0 * n, "side": side, "price": (2 * side - 1) * (2**35 + n // 7), "quantity": 0 * n + 1}
    stack |= {"tif": 0 * n, "order_id": n + 1000}
    busy = flow(8000, 27, prices=prices, client_ids=client_ids, kinds=(0.5, 0.25, 0.25, 0))
    tape = {name: np.concatenate([stack[name], busy[name]]) for name in tapes.COLUMNS}
    book, (naive, rows) = Exchange(), run_naive(tape, client_ids)
    compare_all(book, book.process(tape, client_ids=bool(client_ids)), naive, rows)
    assert prices == "extreme" or sum(book.queue(side)[0].size for side in SIDE_NAMES) > 10_000


def test_many_levels_come_and_go():
    """More than 2**16 levels, so that the ladder frees what is empty instead of growing on."""
    rng = np.random.default_rng(26)
    book, naive = Exchange(), NaiveBook()
    for turn in range(12):
        n = 20_000
        prices = (rng.integers(0, 40_000, n) * 97 + turn * 10**9).tolist()
        first = naive._next_id
        adds = [(MessageKind.LIMIT, 0, price, 1, 0, 0) for price in prices]
        gone = rng.permutation(np.arange(first, first + n))[: n - 10].tolist()
        cancels = [(MessageKind.CANCEL, 0, 0, 0, 0, order) for order in gone]
        tape = dict(zip(tapes.COLUMNS, np.array(adds + cancels, np.int64).T, strict=True))
        compare_columns(book.process(tape), [naive.apply(*message) for message in messages(tape)])
        compare_queues(book, naive)
        assert book.full_book().bids == naive.depth(0, None)
    assert book.nbytes < 100e6


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_million_of_mixed_flow(seed):
    tape = mixed_flow(1_000_000, 100 + seed)
    compare_in_chunks(tape, False, 100_000)


@pytest.mark.slow
@every_mode
@every_flow
def test_a_third_of_a_million_of_everything(prices, client_ids):
    tape = flow(350_000, 31, prices=prices, client_ids=client_ids)
    compare_in_chunks(tape, client_ids, 50_000)


def compare_in_chunks(tape, client_ids, size):
    """Compare everything after each chunk, and its digest with that of a book in one call."""
    book, naive = Exchange(), NaiveBook(bool(client_ids))
    for start in range(0, tape["kind"].size, size):
        chunk = part(tape, start, start + size)
        traded = len(naive.trades)
        result = book.process(chunk, client_ids=bool(client_ids))
        compare_columns(result, [naive.apply(*message) for message in messages(chunk)])
        compare_trades(result.trades, naive.trades[traded:])
        compare_queues(book, naive)
        compare_orders(book, naive)
    compare_trades(book.trades(), naive.trades)
    whole = Exchange()
    whole.process(tape, client_ids=bool(client_ids))
    assert whole.digest() == book.digest()
