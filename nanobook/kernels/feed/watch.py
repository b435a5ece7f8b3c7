"""What is wrong with a feed: counted, and the first faults kept with their place."""

from numpy import int64

from ..._jit import helper, kernel
from ..book.state import BEST, KEY
from .sides import side_of
from .state import CROSSED, FAULTS, N_FAULTS, OPEN_CROSSES, PATIENCE, POSITION


@kernel
def note(books, messages, m, fault):
    """Count a fault of message ``m``; keep it if it is one of the first."""
    keep(books, messages, m, fault, messages.reference[m])


@helper
def keep(books, messages, m, fault, reference):
    """Count a fault that concerns this reference."""
    books.counts[FAULTS + fault] += 1
    row = books.counts[N_FAULTS]
    if row < books.faults.size:
        books.counts[N_FAULTS] = row + 1
        kept = books.faults[row]
        kept.message = books.counts[POSITION] + m
        kept.reference = reference
        kept.symbol = messages.symbol[m]
        kept.kind = messages.kind[m]
        kept.fault = fault


@helper
def is_crossing(books, side, key):
    """Whether an order at this key meets or passes the best of the other side."""
    return key >= ~books.top[KEY + (side ^ 1)]


@kernel
def begin_cross(books, symbol):
    """Note that a book is crossed from now on."""
    if books.crossed[symbol] == 0:
        books.crossed[symbol] = 1
        books.counts[OPEN_CROSSES] += 1


@kernel
def follow_cross(books, messages, m):
    """See whether the book of message ``m`` is crossed still, and too long."""
    symbol = int64(messages.symbol[m])
    if symbol >= books.crossed.size or books.crossed[symbol] == 0:
        return
    bid = side_of(symbol)
    if not is_crossing(books, bid, books.top[KEY + bid]):
        books.crossed[symbol] = 0
        books.counts[OPEN_CROSSES] -= 1
        return
    if books.crossed[symbol] == books.counts[PATIENCE] + 1:
        keep(books, messages, m, int64(CROSSED), oldest_at_touch(books, bid, books.counts[POSITION] + m))
    books.crossed[symbol] += 1


@helper
def oldest_at_touch(books, bid, now):
    """Reference of the older of the first orders at the best bid and the best ask.

    Of two orders that cross, the feed has lost the end of the older one: the market has moved past it.
    """
    first = books.orders[int64(books.levels[books.top[BEST + bid]].head)]
    other = books.orders[int64(books.levels[books.top[BEST + bid + 1]].head)]
    return first.reference if age(first, now) >= age(other, now) else other.reference


@helper
def age(order, now):
    """Messages since an order came, modulo 2**32."""
    return (now - int64(order.born)) & 0xFFFFFFFF
