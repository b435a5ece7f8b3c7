"""The words and numbers that the naive book takes, and its refusal of others."""

from math import isfinite
from operator import index

from nanobook.types import (
    INT64_MAX,
    INT64_MIN,
    MAX_QUANTITY,
    SIDE_NAMES,
    TIF_NAMES,
    Side,
    StpPolicy,
    TimeInForce,
    TrailMethod,
)

STATUS_NAMES = ("new", "partiallyfilled", "filled", "cancelled")
SIDES = {int(side): side for side in Side} | dict(zip(SIDE_NAMES, Side, strict=True))
TIFS = {int(tif): tif for tif in TimeInForce} | dict(zip(TIF_NAMES, TimeInForce, strict=True))
POLICIES = {int(rule): rule for rule in StpPolicy} | {rule.name.lower(): rule for rule in StpPolicy}
TRAILS = {int(way): way for way in TrailMethod} | {way.name.lower(): way for way in TrailMethod}
TRAILS |= {"pct": TrailMethod.PERCENTAGE, "atr": TrailMethod.SMA_ABS_CHANGE}


def check_price(price, tick_size):
    """Refuse what is no price."""
    if not INT64_MIN <= index(price) <= INT64_MAX or price % tick_size:
        raise ValueError(f"{price} is no price")


def check_quantity(quantity, lot_size, lowest=1):
    """Refuse what is no quantity."""
    if not lowest <= index(quantity) <= MAX_QUANTITY or quantity % lot_size:
        raise ValueError(f"{quantity} is no quantity")


def trail_of(trail_type, trail_value, period):
    """Method, value and period of a trailing stop."""
    trail = TRAILS[trail_type]
    if not isfinite(trail_value):
        raise ValueError(f"{trail_value} is not finite")
    if trail != TrailMethod.SMA_ABS_CHANGE:
        return trail, float(trail_value), 0
    if period is None or period < 0:
        raise ValueError("atr_period is needed")
    return trail, float(trail_value), period
