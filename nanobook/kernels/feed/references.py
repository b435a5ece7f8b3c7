"""From the reference of an order to its slot: a hash table of what rests, by open addressing.

An entry is the high half of the reference's hash and the slot. The hash is Fibonacci's, the row its
highest bits; so an entry alone says where it belongs, and taking one out can close the gap behind it
without a look at any order.
"""

from numpy import int64, uint64

from ..._jit import helper, index
from .state import SHIFT

SCATTER = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio
LOW = 0xFFFFFFFF


@helper
def scrambled(reference):
    """Hash of a reference; references of one group of eight differ in three bits only."""
    return ((reference >> uint64(3)) * uint64(SCATTER)) ^ ((reference & uint64(7)) << uint64(32))


@helper
def home(books, word):
    """First row where a hash, or an entry, may be."""
    group = (word >> uint64(books.counts[SHIFT])) & ~uint64(7)
    return int64(group | ((word >> uint64(32)) & uint64(7)))


@helper
def find(books, reference):
    """Row of the table that holds this reference, or the free row where it belongs."""
    table = books.table
    mask = table.size - 1
    wanted = scrambled(reference)
    row = home(books, wanted)
    entry = table[row]
    while entry and not is_of(books, entry, wanted, reference):
        row = (row + 1) & mask
        entry = table[row]
    return row


@helper
def is_of(books, entry, wanted, reference):
    """Whether an entry is that of a reference with the hash ``wanted``."""
    if (entry ^ wanted) > uint64(LOW):
        return False
    return books.orders[slot_in(entry)].reference == reference


@helper
def slot_in(entry):
    """Order slot of an entry."""
    return index(entry & uint64(LOW))


@helper
def enter(books, row, reference, slot):
    """Write an entry into the free row that ``find`` gave."""
    books.table[row] = (scrambled(reference) & ~uint64(LOW)) | uint64(slot)


@helper
def forget(books, row):
    """Free a row and move up what may not stand behind a gap."""
    table = books.table
    mask = table.size - 1
    gap = row
    entry = table[(row + 1) & mask]
    while entry:
        row = (row + 1) & mask
        if ((row - home(books, entry)) & mask) >= ((row - gap) & mask):
            table[gap] = entry
            gap = row
        entry = table[(row + 1) & mask]
    table[gap] = uint64(0)
