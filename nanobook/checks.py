"""Checks of single arguments where a user's value enters; each raises what says how to mend it."""

from math import isfinite
from numbers import Integral
from operator import index

from .errors import (
    InvalidPolicy,
    InvalidPrice,
    InvalidQuantity,
    InvalidSide,
    InvalidTimeInForce,
    InvalidTrail,
    InvalidValue,
    OrderIdOutOfRange,
    OrderIdType,
    OutOfRange,
    PriceOutOfRange,
    PriceType,
    QuantityOutOfRange,
    QuantityType,
    TrailNotFinite,
    TrailType,
    WrongType,
)
from .types import INT64_MAX, INT64_MIN, MAX_QUANTITY, Side, StpPolicy, TimeInForce, TrailMethod

SIDES = {"buy": 0, "b": 0, "sell": 1, "s": 1}
TIFS = {"gtc": 0, "ioc": 1, "fok": 2, "day": 3, "gtd": 4}
POLICIES = {policy.name.lower(): int(policy) for policy in StpPolicy}
POLICIES |= {name.replace("_", ""): code for name, code in POLICIES.items()}  # CancelNewest
TRAILS = {"fixed": 1, "percentage": 2, "pct": 2, "atr": 3, "sma_abs_change": 3}
UINT32_MAX = 2**32 - 1


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
        raise WrongType(f"tif: {tif!r} is a {type(tif).__name__}; use 'gtc', 'ioc', 'fok', 'day' or 'gtd'")
    try:
        return TIFS[tif.lower()]
    except KeyError:
        raise InvalidTimeInForce(
            f"Invalid time_in_force '{tif}'. Use 'gtc', 'ioc', or 'fok'. Or 'day' or 'gtd'."
        ) from None


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


def as_owner(owner):
    """Owner as an int; 0 and None both stand for none."""
    if owner is None:
        return 0
    return _within(owner, "owner", 0, UINT32_MAX, "use a number of the owner, or None for none")


def as_policy(policy):
    """Code of a self-trade prevention policy given as text in any case, or as ``StpPolicy``."""
    if isinstance(policy, StpPolicy):
        return int(policy)
    names = ", ".join(f"'{member.name.lower()}'" for member in StpPolicy)
    if not isinstance(policy, str):
        raise WrongType(f"stp_policy: {policy!r} is a {type(policy).__name__}; use {names}")
    try:
        return POLICIES[policy.lower()]
    except KeyError:
        raise InvalidPolicy(f"Invalid stp_policy '{policy}'. Use {names}.") from None


def as_time(time, name="time", lowest=0):
    """Time of the clock as an int: nanoseconds, ``lowest`` to the int64 limit."""
    return _within(time, name, lowest, INT64_MAX, "use nanoseconds since the epoch")


def as_size(size, name):
    """Size of a tick or lot as an int of at least 1."""
    return _within(size, name, 1, MAX_QUANTITY, "use a whole number of units")


def as_expiry(expires, tif):
    """When an order of this time in force expires: 0 for never unless it is good till a time."""
    if tif == TimeInForce.GTD:
        if expires is None:
            raise InvalidTimeInForce(
                "expires: an order good till a time needs it; use tif='gtd', expires=TIME"
            )
        return as_time(expires, "expires", 1)
    if expires is not None:
        raise InvalidTimeInForce(f"expires: {expires!r} needs tif='gtd'; use that, or leave expires out")
    return 0


def as_post_only(post_only, tif):
    """Whether an order of this time in force may only rest."""
    if not isinstance(post_only, bool):
        raise WrongType(f"post_only: {post_only!r} is a {type(post_only).__name__}; use True or False")
    if post_only and not TimeInForce(tif).can_rest():
        name = TimeInForce(tif).name.lower()
        raise InvalidTimeInForce(f"post_only: an order that may only rest cannot be '{name}'; use tif='gtc'")
    return post_only


def as_trail(trail_type, trail_value, atr_period=None):
    """How a stop trails.

    Returns
    -------
    code : int
        ``TrailMethod``.
    value : float
        Ticks (a whole number), fraction of the price or multiplier; finite.
    period : int
        Changes of price averaged; 0 where the method has none.
    """
    if isinstance(trail_type, TrailMethod):
        trail_type = trail_type.name.lower()
    if not isinstance(trail_type, str):
        raise WrongType(
            f"trail_type: {trail_type!r} is a {type(trail_type).__name__}; use 'fixed', 'percentage' or 'atr'"
        )
    value = _as_number(trail_value, "trail_value")
    period = None if atr_period is None else as_period(atr_period)
    try:
        code = TRAILS[trail_type.lower()]
    except KeyError:
        raise InvalidTrail(
            f"Invalid trail_type '{trail_type}'. Use 'fixed', 'percentage', or 'atr'. "
            "Or 'sma_abs_change', which is another name of 'atr'."
        ) from None
    if code == TrailMethod.FIXED:
        return code, as_distance(value), 0
    if code == TrailMethod.PERCENTAGE:
        return code, as_factor(value), 0
    if period is None:
        raise InvalidTrail(
            f"atr_period is required when trail_type='{trail_type.lower()}'; give a whole number"
        )
    return code, as_factor(value), period


def as_period(period, name="atr_period"):
    """Number of price changes as an int."""
    return _within(period, name, 0, UINT32_MAX, "use a whole number")


def as_distance(value):
    """Ticks to trail by, truncated toward zero, as a float within int64."""
    return float(max(min(int(value), 2**63), -(2**63)))


def _as_number(value, name):
    """Return any real number but a bool: a whole one as an int, which rounds nothing, else a finite float."""
    wrong = TrailType(f"{name}: must be real number, not {type(value).__name__}; use a float or an int")
    if isinstance(value, (bool, str, bytes)):
        raise wrong
    try:
        return index(value)
    except TypeError:
        pass
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise wrong from None
    if not isfinite(number):
        raise TrailNotFinite(f"{name}: {number!r} is not finite; use a number")
    return number


def as_factor(value, name="trail_value"):
    """Fraction or multiplier as a finite float."""
    try:
        return float(value)
    except OverflowError:
        raise InvalidTrail(f"{name}: a number outside float64; use a smaller one") from None


def _within(value, name, lowest, highest, remedy):
    """Return a whole number from ``lowest`` to ``highest`` as an int."""
    number = _as_int(value, name, WrongType, remedy)
    if not lowest <= number <= highest:
        raise OutOfRange(f"{name}: {number} is not allowed; use {lowest} to {highest}")
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


def on_tick(price, tick, name="price"):
    """Price if it is a whole number of ticks."""
    if price % tick:
        low = price - price % tick
        raise InvalidPrice(f"{name}: {price} is off the tick of {tick}; use {low} or {low + tick}")
    return price


def on_lot(quantity, lot, name="quantity"):
    """Quantity if it is a whole number of lots."""
    if quantity % lot:
        low = quantity - quantity % lot
        nearest = f"{low} or {low + lot}" if low else str(lot)
        raise InvalidQuantity(f"{name}: {quantity} is off the lot of {lot}; use {nearest}")
    return quantity


def check_whole(name, value, low, high):
    """Refuse a value that is no int from ``low`` to ``high``."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise WrongType(f"{name}: {value!r} is a {type(value).__name__}; use a whole number")
    if not low <= value <= high:
        raise InvalidValue(f"{name}: {value} is not allowed; use {low} to {high}")
