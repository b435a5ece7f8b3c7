"""The same flow gives the same book: in every process, with any threads, beside any other book."""

import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from nanobook import Exchange
from nanobook.errors import NanobookError
from nanobook.kernels.book.state import N_ORDERS
from tests.tapes import flow, mixed_flow

CODE = """
from nanobook import Exchange
from tests.tapes import flow
book = Exchange()
book.process(flow(3000, 1))
book.process(flow(3000, 2, client_ids="sparse", prices="extreme"), client_ids=True)
book.submit_market("buy", 7), book.submit_limit("sell", 5, 9), book.cancel(3), book.compact()
print(book.digest())
"""


def digest_of(**environment):
    """Digest that a process of its own gets."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CODE],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_processes_agree():
    hashed = {
        digest_of(PYTHONHASHSEED=seed, NUMBA_NUM_THREADS=threads)
        for seed, threads in (("0", "1"), ("1", "2"))
    }
    assert len(hashed) == 1
    book = Exchange()
    book.process(flow(3000, 1))
    book.process(flow(3000, 2, client_ids="sparse", prices="extreme"), client_ids=True)
    book.submit_market("buy", 7), book.submit_limit("sell", 5, 9), book.cancel(3), book.compact()
    assert hashed == {book.digest()}


def test_the_same_book_again_and_again():
    tape = flow(4000, 3)
    assert len({after(tape) for _ in range(3)}) == 1


def after(tape):
    book = Exchange()
    book.process(tape)
    return book.digest()


def test_two_books_on_two_threads():
    tapes = [mixed_flow(400_000, 1), mixed_flow(400_000, 2)]
    alone = [after(tape) for tape in tapes]
    together = [None, None]
    barrier = threading.Barrier(2)

    def run(n):
        barrier.wait()
        together[n] = after(tapes[n])

    threads = [threading.Thread(target=run, args=(n,)) for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_threads_may_take_turns_on_one_book():
    """One thread at a time, which the callers see to; then nothing is lost between their calls."""
    book, turn = Exchange(), threading.Lock()

    def run(side):
        for n in range(3000):
            with turn:
                book.submit_limit(side, 100 + n % 5, 1 + n % 3)

    threads = [threading.Thread(target=run, args=(side,)) for side in ("buy", "sell")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lots = 2 * sum(1 + n % 3 for n in range(3000))
    resting = sum(int(book.queue(side)[1].sum()) for side in ("buy", "sell"))
    assert resting + 2 * int(book.trades().quantity.sum()) == lots


def columns(n):
    """Buys of one lot each, as columns that need no conversion."""
    codes = {name: np.zeros(n, np.uint8) for name in ("kind", "side", "tif")}
    return codes | {name: np.ones(n, np.int64) for name in ("price", "quantity", "order_id")}


SMALL, LARGE = columns(40), columns(200_000)
CALLS = {
    "submit_limit": lambda book: book.submit_limit("buy", 1, 1),
    "submit_market": lambda book: book.submit_market("buy", 1),
    "cancel": lambda book: book.cancel(1),
    "modify": lambda book: book.modify(1, 1, 1),
    "process": lambda book: book.process(SMALL),
    "process with levels": lambda book: book.process(SMALL, levels=2),
    "process that needs room": lambda book: book.process(LARGE),
    "process with names": lambda book: book.process(SMALL, client_ids=True),
    "clear_trades": lambda book: book.clear_trades(),
    "clear_order_history": lambda book: book.clear_order_history(),
    "compact": lambda book: book.compact(),
    "queue": lambda book: book.queue("buy"),
    "depth": lambda book: book.depth(),
    "full_book": lambda book: book.full_book(),
    "digest": lambda book: book.digest(),
}


@pytest.mark.parametrize("name", CALLS)
def test_c038_calls_on_a_book_at_work_raise_and_change_nothing(name):
    """What a call finds while ``process`` runs elsewhere; the thread itself is left out of it."""
    book = Exchange()
    book.process(SMALL)
    before = book.digest()
    handle, book._handle = book._handle, None
    try:
        with pytest.raises(NanobookError, match="another thread"):
            CALLS[name](book)
        assert book._handle is None, "the book is still at work"
    finally:
        book._handle = handle
    assert book.digest() == before
    assert book.submit_limit("buy", 1, 1).order_id == 41


@pytest.fixture(scope="module")
def big():
    """A flow of a twentieth of a second and the digest that it leads to; everything is compiled."""
    tape = mixed_flow(3_000_000, 5)
    tape |= {name: tape[name].astype(np.uint8) for name in ("kind", "side", "tif")}
    for name in WHILE_BUSY:
        CALLS[name](Exchange())
    return tape, after(tape)


WHILE_BUSY = ("submit_limit", "submit_market", "cancel", "modify", "process", "process that needs room")


@pytest.mark.parametrize("name", WHILE_BUSY)
def test_c038_a_call_during_process_raises_and_changes_nothing(big, name):
    """A call that came too late, after the flow, tells nothing; then another flow is tried."""
    tape, expected = big
    for _ in range(5):
        book = Exchange()
        thread = threading.Thread(target=book.process, args=(tape,))
        thread.start()
        while thread.is_alive() and book._handle is not None:
            time.sleep(0)
        try:
            CALLS[name](book)
            raised = None
        except NanobookError as error:
            raised = str(error)
        was_busy = book._handle is None
        thread.join()
        if raised is not None:
            assert "another thread" in raised
            assert book.digest() == expected
            assert book.submit_limit("buy", 1, 1).order_id == book.book.top[N_ORDERS]
            return
        assert not was_busy, f"{name} did not raise while the flow ran"
    pytest.skip("every flow was done before the call came")
