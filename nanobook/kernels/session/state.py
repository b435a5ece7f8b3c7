"""What a session is beside its book, and how a strategy holds it."""

from typing import NamedTuple

import numpy as np

from ..._jit import JIT, helper, tuple_at
from ..book import api

# Rows of ``Run.account``.
POSITION = 0  # lots
CASH = 1  # ticks times lots
FILLS = 2  # trades of own orders; one between two of them counts twice
BOUGHT = 3  # lots
SOLD = 4
ORDERS = 5  # own orders submitted
SEEN = 6  # trades accounted for
MESSAGE = 7  # background messages applied
MESSAGES = 8  # background messages there are
FAULT = 9  # why the session stopped; 0 while it runs
BID = 10  # the last touch that had both sides; NO_PRICE before
ASK = 11
LARGEST = 12  # largest absolute position
FLOW_RANDOM = 13  # state of the generator of the background
OWN_RANDOM = 14  # state of the strategy's generator
MID = 15  # of the random flow: what its orders stand around
LISTED = 16  # of the random flow: orders listed in ``made``
ROW = 17  # number of the session
BOOK = 18  # which of the books of one set of parameters
VALUE = 19  # what is at fault: a quantity, or a code
PRICE = 20  # and the price beside it
N_ACCOUNT = 21

# Values of FAULT beside those of ``api``.
NO_ROOM = api.NO_ROOM
BAD_SIDE = 11
BAD_TIF = 12
BAD_CASH = 13  # more ticks times lots than int64 holds
BAD_POSITION = 14
BAD_OWNER = 15
RAISED = 20  # the strategy raised an exception

PATH = ("bid", "ask", "position", "cash")  # recorded after each message
STAT = np.dtype(
    [
        ("messages", "i8"),
        ("trades", "i8"),
        ("orders", "i8"),
        ("fills", "i8"),
        ("bought", "i8"),
        ("sold", "i8"),
        ("position", "i8"),
        ("largest", "i8"),
        ("cash", "i8"),
        ("bid", "i8"),
        ("ask", "i8"),
        ("fault", "i8"),
        ("value", "i8"),
        ("price", "i8"),
    ]
)
"""What is told of every session: 112 bytes."""


class Session(NamedTuple):
    """One running session as a strategy holds it: give it to the functions of ``nanobook.inside``.

    Attributes
    ----------
    address : int
        Where the engine finds it; of no use otherwise.
    """

    address: int


class Run(NamedTuple):
    """What a session keeps beside its book.

    Attributes
    ----------
    account : int64 array, shape (N_ACCOUNT,)
        Scalars that change; rows named above.
    start : int64 array, shape (N_ACCOUNT,)
        The account with which every session begins.
    kind, side, price, quantity, tif : arrays, shape (messages,)
        A flow to replay, as ``book.tape.Flow``; of length 0 if there is none.
    target : int64 array, shape (messages,)
        Whom a cancel or modify of the flow names: the row of the message that made the order; or,
        negative, the id of an order that was there before; ``NOBODY``.
    made : uint32 array, shape (messages,)
        The id that each message of the flow got here, 0 if none; of a random flow, its orders that rest.
    model : float64 array, shape (N_MODEL,), or of length 0
        Numbers of a random flow; rows named in ``background``.
    away : int64 array
        Of a random flow: distances from the mid, equally likely.
    path : int64 array, length rows * messages * 4, or 0
        ``PATH`` after each message of each session.
    copies : int64 array
        Addresses of target and source, and bytes: what puts the book back to its start.
    """

    account: np.ndarray
    start: np.ndarray
    kind: np.ndarray
    side: np.ndarray
    price: np.ndarray
    quantity: np.ndarray
    tif: np.ndarray
    target: np.ndarray
    made: np.ndarray
    model: np.ndarray
    away: np.ndarray
    path: np.ndarray
    copies: np.ndarray


NOBODY = -(2**62)
TYPES = Run(*"qqBBqqBqIdqqq")
"""Type of each array, as of the module ``array``."""

RUN = 16 * api.FIELDS  # bytes of a session's descriptor before the run
ROWS = RUN + 16 * len(Run._fields)  # and before the rows of parameters and metrics
_run_at = tuple_at(Run(*(np.zeros(1, code) for code in TYPES)))


@helper
def _book_of(address):
    """Book of the session at an address."""
    return api.book_at(address)


@helper
def _run_of(address):
    """Run of the session at an address."""
    return _run_at(address + RUN)


def _plain_book_of(place):
    """Book of a session that is not compiled."""
    return place.book


def _plain_run_of(place):
    """Run of a session that is not compiled."""
    return place.run


book_of = _book_of if JIT else _plain_book_of
run_of = _run_of if JIT else _plain_run_of


class Place(NamedTuple):
    """What stands for the address of a session where nothing is compiled."""

    book: tuple
    run: Run
    template: tuple
    params: np.ndarray
    metrics: np.ndarray


def describe(place):
    """Address of a session, and what must live as long as it is used."""
    if not JIT:
        return place, None
    arrays = (*place.book, *place.run, place.params, place.metrics)
    words = np.array([word for array in arrays for word in (array.ctypes.data, array.size)], np.int64)
    return words.ctypes.data, (words, arrays)


def copies_of(book, template):
    """``Run.copies`` of a book with room for its template."""
    pairs = zip(book, template, strict=True)
    return np.array([(to.ctypes.data, at.ctypes.data, at.nbytes) for to, at in pairs], np.int64).ravel()
