"""What keeps the books in shape between batches: a finer grid for a symbol, a larger hash table."""

from numpy import int64

from ..._jit import helper, index, kernel
from ..book import ladder, queue
from ..book.state import BEST, LIVE
from . import references
from .sides import side_of
from .state import GRID


@kernel
def list_slots(books, side, slots):
    """Write the order slots of a side, best price first, then oldest; returns how many."""
    row = 0
    level = int64(books.top[BEST + side])
    while level:
        slot = int64(books.levels[level].head)
        while slot:
            slots[row] = slot
            row += 1
            slot = int64(books.orders[slot].next)
        level = ladder.next_level(books, level)
    return row


@kernel
def refine(books, symbol, slots):
    """Count the keys of a symbol in 1/10,000 from now on.

    Parameters
    ----------
    slots : uint32 array
        Room for all orders of either side.

    Returns
    -------
    bool
        False if the levels do not fit, and nothing is done.
    """
    bids = side_of(symbol)
    if books.top[LIVE + bids] + books.top[LIVE + bids + 1] > ladder.room(books):
        return False
    books.cents[symbol] = 0
    for side in range(bids, bids + 2):
        refine_side(books, side, slots, list_slots(books, side, slots))
    return True


@helper
def refine_side(books, side, slots, count):
    """Take all orders of a side off their levels, then queue them at the finer keys."""
    for n in range(count):
        slot = index(slots[n])
        steps = ladder.key_of(side, books.levels[int64(books.orders[slot].level)].key)
        queue.remove(books, side, slot)
        books.orders[slot].level = index(steps)  # an order off the book has no level to name
    for n in range(count):
        slot = index(slots[n])
        key = ladder.key_of(side, int64(books.orders[slot].level) * GRID)
        queue.push(books, side, ladder.level_at(books, side, key), slot)


@kernel
def refill_table(books, old):
    """Enter all references of an older table into the empty one."""
    for row in range(old.size):
        if old[row]:
            slot = references.slot_in(old[row])
            reference = books.orders[slot].reference
            references.enter(books, references.find(books, reference), reference, slot)
