"""Checks of single arguments where a user's value enters; each raises what says how to mend it."""

from operator import index

from .errors import (
    InvalidSide,
    InvalidTimeInForce,
    OrderIdOutOfRange,
    OrderIdType,
    PriceOutOfRange,
    PriceType,
    QuantityOutOfRange,
    QuantityType,
    WrongType,
)
from .types import INT64_MAX, INT64_MIN, MAX_QUANTITY, Side, TimeInForce

SIDES = {"buy": 0, "b": 0, "sell": 1, "s": 1}
TIFS = {"gtc": 0, "ioc": 1, "fok": 2}


def as_side(side):
    """Code of a side given as text in any case, or as ``Side``."""
    if isinstance(side, Side):
        return int(side)
    if not isinstance(side, str):
        raise WrongType(f"side: {side!r} is a {type(side).__name__}; use 'buy' or 'sell'")
    try:
        return SIDES[side.lower()]
    except KeyError:
        raise InvalidSide(f"Invalid side '{side}'. Use 'buy' or 'sell'.") from None


def as_tif(tif):
    """Code of a time in force given as text in any case, or as ``TimeInForce``."""
    if isinstance(tif, TimeInForce):
        return int(tif)
    if not isinstance(tif, str):
        raise WrongType(f"tif: {tif!r} is a {type(tif).__name__}; use 'gtc', 'ioc' or 'fok'")
    try:
        return TIFS[tif.lower()]
    except KeyError:
        raise InvalidTimeInForce(f"Invalid time_in_force '{tif}'. Use 'gtc', 'ioc', or 'fok'.") from None


def as_price(price, name="price"):
    """Price as an int of int64."""
    number = _as_int(price, name, PriceType, "use whole ticks, for money cents: 100.50 is 10050")
    if not INT64_MIN <= number <= INT64_MAX:
        raise PriceOutOfRange(f"{name}: {number} is outside int64; use {INT64_MIN} to {INT64_MAX}")
    return number


def as_quantity(quantity, name="quantity", lowest=1):
    """Quantity as an int from ``lowest`` to ``MAX_QUANTITY``."""
    number = _as_int(quantity, name, QuantityType, "use whole lots")
    if not lowest <= number <= MAX_QUANTITY:
        raise QuantityOutOfRange(
            f"{name}: {number} is not allowed; use {lowest} to {MAX_QUANTITY} (2**62) lots"
        )
    return number


def as_order_id(order_id, name="order_id"):
    """Order id as an int from 0 to the int64 limit."""
    number = _as_int(order_id, name, OrderIdType, "use the id that the submission returned")
    if not 0 <= number <= INT64_MAX:
        raise OrderIdOutOfRange(f"{name}: {number} cannot be an id; use 0 to {INT64_MAX}")
    return number


def as_levels(levels):
    """Return a number of levels as an int of at least 0."""
    number = _as_int(levels, "levels", WrongType, "use a whole number")
    if number < 0:
        raise QuantityOutOfRange(f"levels: {number} is negative; use 0 or more")
    return number


def _as_int(value, name, error, remedy):
    """Return anything with ``__index__`` but a bool as an int."""
    if isinstance(value, bool):
        raise error(f"{name}: {value!r} is a bool; {remedy}")
    try:
        return index(value)
    except TypeError:
        raise error(f"{name}: {value!r} is a {type(value).__name__}; {remedy}") from None
