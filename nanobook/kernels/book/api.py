"""What sessions and strategies do with a book, and all that they know of one.

Everything that runs inside the engine beside the tape and the call comes through here, so that the
layout of a book may change without them.
"""

from numpy import int64

from ..._jit import helper, index
from ...types import INT64_MIN
from . import call, ladder, orders
from .state import BEST, DETAIL, FIRST_TRADE, KEY, LAST_PRICE, N_ORDERS, N_TRADES, Book

NO_PRICE = INT64_MIN
NO_ROOM = call.NO_ROOM
BAD_QUANTITY = call.BAD_QUANTITY
BAD_NOTIONAL = call.BAD_NOTIONAL
BAD_TOTAL = call.BAD_TOTAL
FIELDS = len(Book._fields)

book_at = call.book_at


@helper
def submit_limit(book, side, price, quantity, tif, owner):
    """Check and submit a limit order; the new id, or 0 if nothing was done and ``fault`` says why."""
    return owned(book, call.submit(book, side, price, quantity, tif), owner)


@helper
def submit_market(book, side, quantity, owner):
    """Check and submit a market order; returns as ``submit_limit``."""
    return owned(book, call.submit_market(book, side, quantity), owner)


@helper
def owned(book, entered, owner):
    """Id of an order that ``call`` entered, now of an owner."""
    order = index(abs(entered))
    book.orders[order].client = -1 - owner
    return order


@helper
def owner_of(book, order):
    """Owner of an order that exists, 0 if it has none."""
    return max(-1 - book.orders[order].client, int64(0))


@helper
def cancel(book, order):
    """Cancel an order; the lots cancelled, 0 if it rests no more."""
    return max(call.cancel(book, order), int64(0))


@helper
def modify(book, order, price, quantity):
    """Replace a resting order; the new id, 0 if it rests no more or for a ``fault``."""
    owner = owner_of(book, index(order)) if is_resting(book, order) else int64(0)
    book.top[DETAIL] = 0
    new = max(call.modify(book, order, price, quantity), int64(0))
    if new:
        owned(book, new, owner)
    return new


@helper
def fault(book):
    """Why a submission or a modify did nothing; 0 if that is no fault."""
    return book.top[DETAIL]


@helper
def is_resting(book, order):
    """Whether this is the id of an order on the book."""
    return orders.refusal(book, order) == 0


@helper
def exists(book, order):
    """Whether this is the id of an order that was stored; that of a refused FOK was not."""
    return 0 < order <= book.top[N_ORDERS] and not book.orders[index(order)].marks & orders.UNKNOWN


@helper
def owner_if(book, order):
    """Owner of an order, 0 if there is no such order."""
    return owner_of(book, index(order)) if exists(book, order) else int64(0)


@helper
def is_owned(book, order):
    """Whether this is the id of an order that has an owner."""
    return owner_if(book, order) != 0


@helper
def left(book, order):
    """Lots of an order on the book; 0 if it rests no more."""
    return book.orders[index(order)].left if is_resting(book, order) else int64(0)


@helper
def filled(book, order):
    """Lots of an order that traded; 0 if there is no such order."""
    if not exists(book, order):
        return int64(0)
    return book.quantity[index(order)] - book.orders[index(order)].left


@helper
def side_of(book, order):
    """Side of an order; 0 if there is no such order."""
    return int64(book.orders[index(order)].side) if exists(book, order) else int64(0)


@helper
def price_of(book, order):
    """Price of an order as submitted; ``NO_PRICE`` if there is no such order."""
    return book.price[index(order)] if exists(book, order) else int64(NO_PRICE)


@helper
def best(book, side):
    """Best price of a side; ``NO_PRICE`` if it is empty."""
    return ladder.key_of(side, book.top[KEY + side]) if book.top[BEST + side] else int64(NO_PRICE)


@helper
def level(book, side, n):
    """Slot of the n-th best level of a side, the best being 0; 0 if there is none."""
    slot = book.top[BEST + side]
    while n > 0 and slot:
        slot = ladder.next_level(book, slot)
        n -= 1
    return slot


@helper
def price_at(book, side, n):
    """Price of the n-th best level; ``NO_PRICE`` if there is none."""
    slot = level(book, side, n)
    return ladder.key_of(side, book.levels[slot].key) if slot else int64(NO_PRICE)


@helper
def quantity_at(book, side, n):
    """Lots on the n-th best level; 0 if there is none."""
    slot = level(book, side, n)
    return book.levels[slot].total if slot else int64(0)


@helper
def n_trades(book):
    """Trades that the book remembers."""
    return book.top[N_TRADES] - book.top[FIRST_TRADE]


@helper
def last_price(book):
    """Price of the last trade; ``NO_PRICE`` before the first."""
    return book.top[LAST_PRICE] if book.top[N_TRADES] else int64(NO_PRICE)


@helper
def trade(book, n):
    """Row of the n-th trade that the book remembers; -1 if there is none."""
    return index(n) if 0 <= n < n_trades(book) else int64(-1)


@helper
def trade_price(book, n):
    """Price of the n-th trade; ``NO_PRICE`` if there is none."""
    row = trade(book, n)
    return book.trades[row].price if row >= 0 else int64(NO_PRICE)


@helper
def trade_quantity(book, n):
    """Lots of the n-th trade; 0 if there is none."""
    row = trade(book, n)
    return book.trades[row].quantity if row >= 0 else int64(0)


@helper
def trade_aggressor(book, n):
    """Id of the incoming order of the n-th trade; 0 if there is none."""
    row = trade(book, n)
    return int64(book.trades[row].aggressor) if row >= 0 else int64(0)


@helper
def trade_passive(book, n):
    """Id of the resting order of the n-th trade; 0 if there is none."""
    row = trade(book, n)
    return int64(book.trades[row].passive) if row >= 0 else int64(0)
