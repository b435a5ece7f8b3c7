"""The queue of one level: a doubly linked list of orders, oldest first."""

from numpy import int64

from ..._jit import helper
from . import ladder
from .state import LIVE, LOTS


@helper
def push(book, side, slot, order):
    """Put an order with something left at the end of a level's queue."""
    level = book.levels[slot]
    this = book.orders[order]
    tail = int64(level.tail)
    this.prev = tail
    this.next = 0
    this.level = slot
    if tail:
        book.orders[tail].next = order
    else:
        level.head = order
    level.tail = order
    level.total += this.left
    level.count += 1
    book.top[LIVE + side] += 1
    book.top[LOTS + side] += this.left


@helper
def remove(book, side, order):
    """Take a resting order out of its queue; its level goes if that was the last."""
    this = book.orders[order]
    slot = int64(this.level)
    level = book.levels[slot]
    before = this.prev
    after = this.next
    book.orders[before].next = after
    book.orders[after].prev = before
    head = level.head
    tail = level.tail
    level.head = head if before else after
    level.tail = tail if after else before
    this.level = 0
    level.total -= this.left
    level.count -= 1
    book.top[LIVE + side] -= 1
    book.top[LOTS + side] -= this.left
    if level.count == 0:
        ladder.retire(book, side, slot)
