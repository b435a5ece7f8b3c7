"""Events as tuples, and the call of a book that each of them asks for."""

from collections import namedtuple

from nanobook.types import (
    KIND_NAMES,
    POST_ONLY,
    SIDE_NAMES,
    TIF_NAMES,
    Outcome,
    StpPolicy,
    TimeInForce,
)
from nanobook.types import TrailMethod as Trail
from tests.oracle.parts import Row

Event = namedtuple(
    "Event",
    "kind side tif marks owner price quantity order_id stop_price expiry trail_value period trail",
    defaults=[0] * 13,
)
"""One event with the fields of ``types.EVENT`` in their sequence; what is not given is 0."""


def perform(book, event):
    """Do what an event asks for through the calls of any book; its row."""
    done = CALLS[KIND_NAMES[event.kind]](book, event)
    return done if isinstance(done, Row) else Row(0, Outcome.DONE, 0, 0, done or 0)


def limit(book, e):
    return book.submit_limit(
        SIDE_NAMES[e.side], e.price, e.quantity, post_only=bool(e.marks & POST_ONLY), **life(e), **who(e)
    )


def market(book, e):
    return book.submit_market(SIDE_NAMES[e.side], e.quantity, **who(e))


def stop_market(book, e):
    return book.submit_stop_market(SIDE_NAMES[e.side], e.stop_price, e.quantity, **who(e))


def stop_limit(book, e):
    return book.submit_stop_limit(SIDE_NAMES[e.side], e.stop_price, e.price, e.quantity, **life(e), **who(e))


def trailing_stop_market(book, e):
    side = SIDE_NAMES[e.side]
    return book.submit_trailing_stop_market(side, e.stop_price, e.quantity, **trail(e), **who(e))


def trailing_stop_limit(book, e):
    side = SIDE_NAMES[e.side]
    return book.submit_trailing_stop_limit(
        side, e.stop_price, e.price, e.quantity, **trail(e), **life(e), **who(e)
    )


def who(e):
    """Owner, as an argument."""
    return {"owner": e.owner or None}


def life(e):
    """Time in force and expiry, as arguments."""
    return {"tif": TIF_NAMES[e.tif], "expires": e.expiry if e.tif == TimeInForce.GTD else None}


def trail(e):
    """How a stop follows the price, as arguments."""
    period = e.period if e.trail == Trail.SMA_ABS_CHANGE else None
    return {"trail_type": Trail(e.trail).name.lower(), "trail_value": e.trail_value, "atr_period": period}


CALLS = {
    "limit": limit,
    "market": market,
    "stop_market": stop_market,
    "stop_limit": stop_limit,
    "trailing_stop_market": trailing_stop_market,
    "trailing_stop_limit": trailing_stop_limit,
    "cancel": lambda book, e: book.cancel(e.order_id),
    "modify": lambda book, e: book.modify(e.order_id, e.price, e.quantity),
    "amend": lambda book, e: book.amend(e.order_id, e.quantity),
    "cancel_all": lambda book, e: book.cancel_all(e.owner or None, (*SIDE_NAMES, None)[e.side]),
    "clock": lambda book, e: book.advance_clock(e.expiry),
    "stp_policy": lambda book, e: book.set_policy(StpPolicy(e.tif).name.lower()),
    "instrument": lambda book, e: book.set_instrument(e.price, e.quantity),
    "resume": lambda book, _: book.resume_stops(),
}
