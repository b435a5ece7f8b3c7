"""Self-trade prevention: an order never trades with one of the same owner."""

from numpy import int64

from ..._jit import helper, kernel, part
from ...types import StpPolicy
from . import ladder, match, orders
from .state import BEST, CUT_LOTS, CUT_OFF, POLICY

CANCEL_NEWEST = int(StpPolicy.CANCEL_NEWEST)
CANCEL_OLDEST = int(StpPolicy.CANCEL_OLDEST)
DECREMENT_AND_CANCEL = int(StpPolicy.DECREMENT_AND_CANCEL)
DECREMENT_BOTH = int(StpPolicy.DECREMENT_BOTH)


@helper
def applies(book, owner):
    """Whether an order of this owner must be watched."""
    return owner != 0 and book.top[POLICY] != 0


@kernel
def sweep(book, aggressor, side, limit, quantity):
    """Trade as ``match.sweep`` does, but not with the aggressor's own orders.

    Returns
    -------
    int64
        Lots left; what prevention took from the aggressor stands in ``top[CUT_LOTS]``.
    """
    owner = book.owner[aggressor]
    left = quantity
    while left > 0 and match.crosses(book, side, limit):
        lots = min(left, lots_of_others(book, owner, side, left))
        if lots:
            match.take(book, aggressor, side, lots)
            left -= lots
        else:
            before = left
            left = prevent(book, side, left)
            book.top[CUT_OFF] = 0 if left else before
    return left


@part
def lots_of_others(book, owner, side, enough):
    """Lots at the head of the best level that belong to others, counted until they are enough."""
    lots = int64(0)
    order = match.first(book, side)
    while order and lots < enough and book.owner[order] != owner:
        lots += book.orders[order].left
        order = int64(book.orders[order].next)
    return lots


@part
def prevent(book, side, left):
    """Part the best order of a side from an aggressor of its owner; returns what is left of that."""
    top = book.top
    own = match.first(book, side)
    rest = book.orders[own].left
    policy = top[POLICY]
    taken = int64(0)
    if policy == DECREMENT_BOTH:
        taken = min(left, rest)
    elif policy == CANCEL_NEWEST or (policy == DECREMENT_AND_CANCEL and left < rest):
        taken = left
    if policy == DECREMENT_BOTH and taken < rest:
        orders.reduce(book, own, taken)
    elif policy == DECREMENT_BOTH or taken == 0:
        orders.cancel(book, own)
    top[CUT_LOTS] += taken
    return left - taken


@kernel
def fills(book, owner, side, limit, quantity):
    """Whether others' orders as good as ``limit`` fill an order before prevention would cut it."""
    policy = book.top[POLICY]
    left = quantity
    slot = book.top[BEST + side]
    while slot and book.levels[slot].key >= limit:
        order = int64(book.levels[slot].head)
        while order:
            rest = book.orders[order].left
            if book.owner[order] != owner:
                left -= min(left, rest)
                if left == 0:
                    return True
            elif policy != CANCEL_OLDEST and (policy != DECREMENT_AND_CANCEL or left < rest):
                return False
            order = int64(book.orders[order].next)
        slot = ladder.next_level(book, slot)
    return False
