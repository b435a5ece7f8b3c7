"""What a book shows: its levels and its queues as arrays."""

from typing import NamedTuple

import numpy as np
from numpy import int64

from ..._jit import helper, kernel, part
from ...types import STOP
from . import ladder
from .state import BEST, N_ORDERS, N_TRADES


class Pane(NamedTuple):
    """What a book showed last, kept so that the next look sees what changed.

    Attributes
    ----------
    rows : int64 array, length 6 * (1 + levels)
        For bids and then asks: how many levels there are, and the first and the end of those that
        changed since Python last took note; then price, quantity and orders of each level, best
        first, 0 where there is none.
    """

    rows: np.ndarray


def new_pane(levels):
    """Allocate a pane for so many levels of each side."""
    return Pane(np.zeros(6 * (1 + levels), np.int64))


@helper
def show(book, pane):
    """Bring a pane up to date.

    Returns
    -------
    int64
        The clock; its negative if a level changed since Python last took note.
    """
    rows = pane.rows
    levels = rows.size // 6 - 1
    changed = False
    for side in range(2):
        head = 3 * side * (1 + levels)
        count = int64(0)
        slot = book.top[BEST + side]
        for n in range(levels):
            level = book.levels[slot]
            price = ladder.key_of(side, level.key) if slot else int64(0)
            show_level(rows, head, n, price, level.total, int64(level.count))
            if slot:
                count += 1
                slot = ladder.next_level(book, slot)
        rows[head] = count
        changed |= rows[head + 1] < rows[head + 2]
    clock = book.top[N_ORDERS] + book.top[N_TRADES]
    return -clock if changed else clock


@part
def show_level(rows, head, n, price, total, count):
    """Write a level of the side whose part begins at ``head``; widens what changed if it did."""
    row = head + 3 * (n + 1)
    if rows[row] == price and rows[row + 1] == total and rows[row + 2] == count:
        return
    rows[row] = price
    rows[row + 1] = total
    rows[row + 2] = count
    rows[head + 1] = min(rows[head + 1], n)
    rows[head + 2] = max(rows[head + 2], n + 1)


@kernel
def walk(book, side, order_ids, lots):
    """Write ids and lots of the resting orders of a side, best first, oldest first."""
    row = 0
    slot = book.top[BEST + side]
    while slot:
        order = int64(book.levels[slot].head)
        while order:
            order_ids[row] = order
            lots[row] = book.orders[order].left
            row += 1
            order = int64(book.orders[order].next)
        slot = ladder.next_level(book, slot)
    return row


@kernel
def ahead(book, order):
    """Orders and lots before an order in its queue; -1 orders if it does not rest."""
    if book.orders[order].level == 0 or book.orders[order].marks & STOP:
        return int64(-1), int64(0)
    count, lots = int64(0), int64(0)
    order = int64(book.orders[order].prev)
    while order:
        count += 1
        lots += book.orders[order].left
        order = int64(book.orders[order].prev)
    return count, lots
