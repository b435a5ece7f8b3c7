"""The pane: after every message it shows the levels, and knows which changed."""

import numpy as np
from numpy import int64

from nanobook._jit import kernel
from nanobook.kernels.book import depth, orders
from nanobook.kernels.book.state import new_book


@kernel
def submit(book, side, price, quantity):
    """Submit a limit order that stays, in a kernel as all submissions are."""
    return orders.submit(book, side, price, quantity, int64(0), int64(-1))[0]


@kernel
def show(book, pane):
    """Bring a pane up to date."""
    return depth.show(book, pane)


def changed(pane):
    """First and end of the changed levels of both sides, taking note."""
    levels = pane.rows.size // 6 - 1
    heads = pane.rows.reshape(2, 1 + levels, 3)[:, 0]
    told = heads[:, 1:].tolist()
    heads[:, 1:] = levels, 0
    return told


def test_a_pane_tells_what_changed():
    book, pane = new_book(), depth.new_pane(3)
    rows = pane.rows.reshape(2, 4, 3)
    assert show(book, pane) == 0
    changed(pane)
    for price in (100, 98, 97):
        submit(book, int64(0), int64(price), int64(5))
    assert show(book, pane) == -3
    assert changed(pane) == [[0, 3], [3, 0]]
    assert show(book, pane) == 3
    submit(book, int64(0), int64(98), int64(1))
    submit(book, int64(1), int64(-7), int64(1))  # trades with the best bid
    assert show(book, pane) == -6
    assert rows[0].tolist() == [[3, 0, 2], [100, 4, 1], [98, 6, 2], [97, 5, 1]]
    submit(book, int64(0), int64(99), int64(1))
    assert show(book, pane) == -7
    assert changed(pane) == [[0, 3], [3, 0]]
    assert rows[0, 1:, 0].tolist() == [100, 99, 98]


def test_a_pane_forgets_levels_that_went():
    book, pane = new_book(), depth.new_pane(2)
    submit(book, int64(1), int64(5), int64(9))
    show(book, pane)
    changed(pane)
    submit(book, int64(0), int64(5), int64(9))
    assert show(book, pane) == -3
    assert changed(pane) == [[2, 0], [0, 1]]
    assert not np.any(pane.rows.reshape(2, 3, 3)[:, 1:])
    assert pane.rows.reshape(2, 3, 3)[1, 0, 0] == 0
