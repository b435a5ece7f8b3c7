"""What a book shows: its levels and its queues as arrays."""

from typing import NamedTuple

import numpy as np
from numpy import int64

from ..._jit import helper, kernel
from ...types import STOP
from . import ladder
from .state import BEST


class Levels(NamedTuple):
    """Top of the book after each message.

    Attributes
    ----------
    price, quantity, orders : int64 array, shape (messages, 2, levels)
        Bids under 0 and asks under 1, best first; 0 orders where there is no such level.
    """

    price: np.ndarray
    quantity: np.ndarray
    orders: np.ndarray


@helper
def record(book, levels, row):
    """Write the best levels of both sides into one row."""
    for side in range(2):
        slot = book.top[BEST + side]
        for n in range(levels.price.shape[2]):
            level = book.levels[slot]
            levels.price[row, side, n] = ladder.key_of(side, level.key) if slot else 0
            levels.quantity[row, side, n] = level.total
            levels.orders[row, side, n] = level.count
            if slot:
                slot = ladder.next_level(book, slot)


@kernel
def snapshot(book, levels):
    """Write the best levels of both sides into row 0."""
    record(book, levels, int64(0))


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
