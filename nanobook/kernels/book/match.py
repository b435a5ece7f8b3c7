"""Price-time priority: fill from the best opposite level, oldest order first."""

from numpy import int64

from ..._jit import helper, index, kernel
from ...types import OrderStatus
from . import ladder
from .state import BEST, FIRST_TRADE, KEY, LAST_PRICE, LIVE, LOTS, N_TRADES

PARTIALLY_FILLED = int(OrderStatus.PARTIALLY_FILLED)
FILLED = int(OrderStatus.FILLED)


@helper
def crosses(book, side, limit):
    """Whether the best level of ``side`` is as good as ``limit``, a key of that side."""
    return book.top[KEY + side] >= limit and book.top[BEST + side] != 0


@helper
def has_room(book, side):
    """Whether the trade buffer takes whatever one message could trade against ``side``."""
    top = book.top
    return top[N_TRADES] - top[FIRST_TRADE] + top[LIVE + side] <= book.trades.size


@helper
def first(book, side):
    """The order that trades next on a side that is not empty."""
    return int64(book.levels[index(book.top[BEST + side])].head)


@helper
def sweep(book, aggressor, side, limit, quantity):
    """Trade up to ``quantity`` against ``side`` while it crosses; returns what is left."""
    left = quantity
    while left > 0 and crosses(book, side, limit):
        left = take(book, aggressor, side, left)
    return left


@helper
def take(book, aggressor, side, quantity):
    """Trade up to ``quantity`` with the best level of ``side``; returns what is left."""
    top = book.top
    slot = index(top[BEST + side])
    level = book.levels[slot]
    price = ladder.key_of(side, level.key)
    row = index(top[N_TRADES] - top[FIRST_TRADE])
    order = int64(level.head)
    left = quantity
    gone = 0
    while order and left:
        passive = book.orders[order]
        lots = min(left, passive.left)
        trade = book.trades[row]
        trade.price = price
        trade.quantity = lots
        trade.aggressor = aggressor
        trade.passive = order
        row += 1
        left -= lots
        passive.left -= lots
        if passive.left:
            passive.status = PARTIALLY_FILLED
            break
        passive.status = FILLED
        passive.level = 0
        gone += 1
        order = int64(passive.next)
    top[N_TRADES] = row + top[FIRST_TRADE]
    top[LAST_PRICE] = price
    top[LIVE + side] -= gone
    top[LOTS + side] -= quantity - left
    level.total -= quantity - left
    level.count -= gone
    level.head = order
    if order:
        book.orders[order].prev = 0
    else:
        level.tail = 0
        ladder.retire(book, side, slot)
    return left


@kernel
def available(book, side, limit, quantity):
    """Lots on ``side`` as good as ``limit``, counted until they reach ``quantity``."""
    found = int64(0)
    slot = book.top[BEST + side]
    while slot and found < quantity and book.levels[slot].key >= limit:
        found += book.levels[slot].total
        slot = ladder.next_level(book, slot)
    return found
