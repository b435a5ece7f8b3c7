"""What a strategy may do inside the engine: look at the book, submit, cancel, and wait for the next message.

A strategy is a function of a session that is compiled as a whole. It drives the session itself: each
``next_message`` lets one message of the background reach the book, and between two of them the strategy
acts. What it remembers it keeps in its own local variables.

>>> from nanobook import simulate, strategy
>>> from nanobook.inside import BUY, SELL, best_ask, best_bid, cancel, next_message, submit_limit, NO_PRICE
>>> @strategy
... def maker(session, params):
...     bid = ask = 0
...     while next_message(session):
...         cancel(session, bid)
...         cancel(session, ask)
...         if best_bid(session) != NO_PRICE and best_ask(session) != NO_PRICE:
...             mid = (best_bid(session) + best_ask(session)) // 2
...             bid = submit_limit(session, BUY, mid - params.away, 10)
...             ask = submit_limit(session, SELL, mid + params.away, 10)
>>> result = simulate(maker, params={"away": [3, 5]}, flow=1_000, seed=1)
>>> result["orders"], result["fills"], result["position"]
(array([1994, 1994]), array([7, 3]), array([-33,  -2]))

Every function takes the session first, prices in ticks, quantities in lots, and whole numbers only: a
price that was computed in floats goes through ``int(...)`` or ``round(...)``. Order ids count from 1, those
of the background included; 0 is no order, and may be asked for and cancelled like one that is gone. Where
there is no price there is ``NO_PRICE``. A strategy can neither cancel nor modify what is not its own.

An order that no book would take (no lots, a side or time in force that is none, an amount outside int64)
stops the session, and ``simulate`` raises. What looks at a book never raises.

The functions also run as plain Python, where ``NUMBA_DISABLE_JIT=1`` is set.
"""

from numpy import float64, int64

from ._link import entry
from .kernels import random
from .kernels.book import api
from .kernels.session import turn
from .kernels.session.state import (
    CASH,
    FILLS,
    MESSAGE,
    OWN_RANDOM,
    POSITION,
    Session,
    book_of,
    run_of,
)
from .types import Side, TimeInForce

__all__ = [
    "BUY",
    "FOK",
    "GTC",
    "IOC",
    "NO_PRICE",
    "SELL",
    "best_ask",
    "best_bid",
    "best_quantity",
    "cancel",
    "cash",
    "filled",
    "fills",
    "is_mine",
    "is_resting",
    "last_price",
    "left",
    "level_price",
    "level_quantity",
    "message_number",
    "mid_price",
    "modify",
    "n_trades",
    "next_message",
    "order_price",
    "order_side",
    "owner_of",
    "position",
    "profit",
    "random_below",
    "random_number",
    "submit_limit",
    "submit_market",
    "trade_aggressor",
    "trade_passive",
    "trade_price",
    "trade_quantity",
]

BUY = int(Side.BUY)
SELL = int(Side.SELL)
GTC = int(TimeInForce.GTC)
IOC = int(TimeInForce.IOC)
FOK = int(TimeInForce.FOK)
NO_PRICE = api.NO_PRICE

_entry = entry(Session)


# Time


@_entry
def next_message(session):
    """Let the next message of the background reach the book.

    Returns
    -------
    bool
        False if there was none left, or the session has stopped: then the strategy should return.
    """
    return turn.next_message(session.address)


@_entry
def message_number(session):
    """Messages of the background that reached the book so far."""
    return run_of(session.address).account[MESSAGE]


# Acting


@_entry
def submit_limit(session, side, price, quantity, tif=GTC, owner=1):
    """Submit a limit order.

    Parameters
    ----------
    side : int
        ``BUY`` or ``SELL``.
    price, quantity : int
        Ticks, anywhere in int64; lots, 1 to 2**62; their product fits int64.
    tif : int
        ``GTC`` rests what does not trade, ``IOC`` cancels it, ``FOK`` trades all or nothing.
    owner : int
        A name for those who act through one strategy, 1 to 2**32 - 1; the account is common to all.

    Returns
    -------
    int64
        The order's id; 0 if the session has stopped.
    """
    return turn.submit_limit(
        session.address, int64(side), int64(price), int64(quantity), int64(tif), int64(owner)
    )


@_entry
def submit_market(session, side, quantity, owner=1):
    """Submit a market order: trade at any price, cancel what finds no counterpart.

    Parameters and result as ``submit_limit``.
    """
    return turn.submit_market(session.address, int64(side), int64(quantity), int64(owner))


@_entry
def cancel(session, order):
    """Cancel an own order.

    Returns
    -------
    int64
        The lots that it gave up; 0 if it rests no more or never did.
    """
    return turn.cancel(session.address, int64(order))


@_entry
def modify(session, order, price, quantity):
    """Replace an own resting order: cancel it and submit a new one of its side and owner.

    The new order is good till cancelled, goes to the back of its queue and may trade;
    ``quantity`` is absolute.

    Returns
    -------
    int64
        The new order's id; 0 if the old one rests no more.
    """
    return turn.modify(session.address, int64(order), int64(price), int64(quantity))


# The book


@_entry
def best_bid(session):
    """Highest bid in ticks, ``NO_PRICE`` without bids."""
    return api.best(book_of(session.address), int64(BUY))


@_entry
def best_ask(session):
    """Lowest ask in ticks, ``NO_PRICE`` without asks."""
    return api.best(book_of(session.address), int64(SELL))


@_entry
def mid_price(session):
    """Middle of the last touch that had both sides, float64 ticks; NaN before there was one."""
    return turn.mid(run_of(session.address).account)


@_entry
def best_quantity(session, side):
    """Lots at the best price of a side, 0 if it is empty."""
    return api.quantity_at(book_of(session.address), int64(side) & 1, int64(0))


@_entry
def level_price(session, side, n):
    """Price of the n-th best level of a side, the best being 0; ``NO_PRICE`` if there is none."""
    return api.price_at(book_of(session.address), int64(side) & 1, int64(n))


@_entry
def level_quantity(session, side, n):
    """Lots on the n-th best level of a side, the best being 0; 0 if there is none."""
    return api.quantity_at(book_of(session.address), int64(side) & 1, int64(n))


@_entry
def last_price(session):
    """Price of the last trade, ``NO_PRICE`` before the first."""
    return api.last_price(book_of(session.address))


# Orders


@_entry
def is_resting(session, order):
    """Whether an order is on the book."""
    return api.is_resting(book_of(session.address), int64(order))


@_entry
def is_mine(session, order):
    """Whether an order is one of the strategy's."""
    return api.is_owned(book_of(session.address), int64(order))


@_entry
def owner_of(session, order):
    """Owner of an order: 0 if it is of the background or there is none."""
    return api.owner_if(book_of(session.address), int64(order))


@_entry
def left(session, order):
    """Lots of an order on the book, 0 if it rests no more."""
    return api.left(book_of(session.address), int64(order))


@_entry
def filled(session, order):
    """Lots of an order that traded."""
    return api.filled(book_of(session.address), int64(order))


@_entry
def order_price(session, order):
    """Price of an order as submitted, ``NO_PRICE`` if there is no such order."""
    return api.price_of(book_of(session.address), int64(order))


@_entry
def order_side(session, order):
    """Side of an order; ``BUY`` if there is no such order."""
    return api.side_of(book_of(session.address), int64(order))


# The account


@_entry
def position(session):
    """Lots that the strategy is long, negative if short."""
    return run_of(session.address).account[POSITION]


@_entry
def cash(session):
    """Ticks times lots that the strategy took in by selling less what it paid."""
    return run_of(session.address).account[CASH]


@_entry
def fills(session):
    """Trades of own orders; one between two of them counts twice."""
    return run_of(session.address).account[FILLS]


@_entry
def profit(session):
    """Cash and position at ``mid_price``, float64 ticks times lots; 0 before the first fill."""
    return turn.profit(run_of(session.address).account)


# Trades


@_entry
def n_trades(session):
    """Trades on the book so far, the background's among themselves included."""
    return api.n_trades(book_of(session.address))


@_entry
def trade_price(session, n):
    """Price of the n-th trade, counted from 0; ``NO_PRICE`` if there is no such trade."""
    return api.trade_price(book_of(session.address), int64(n))


@_entry
def trade_quantity(session, n):
    """Lots of the n-th trade, counted from 0; 0 if there is no such trade."""
    return api.trade_quantity(book_of(session.address), int64(n))


@_entry
def trade_aggressor(session, n):
    """Id of the incoming order of the n-th trade; 0 if there is no such trade."""
    return api.trade_aggressor(book_of(session.address), int64(n))


@_entry
def trade_passive(session, n):
    """Id of the resting order of the n-th trade; 0 if there is no such trade."""
    return api.trade_passive(book_of(session.address), int64(n))


# Chance


@_entry
def random_number(session):
    """Next random float64 from [0, 1) of the session's own generator.

    It depends on ``seed`` and the book's number alone, and drawing does not change the background's.
    """
    return float64(random.uniform(run_of(session.address).account, int64(OWN_RANDOM)))


@_entry
def random_below(session, bound):
    """Next random integer from 0 to ``bound - 1``.

    A ``bound`` outside 1 to 2**32 is taken as the nearer of them.
    """
    bound = min(max(int64(bound), int64(1)), int64(2**32))
    return random.below(run_of(session.address).account, int64(OWN_RANDOM), bound)
