"""What an event of each kind has: its fields, the columns that hold them, and their words."""

from typing import NamedTuple

import numpy as np

from ..types import (
    BY_CLIENT_ID,
    EVENT,
    INT64_MAX,
    INT64_MIN,
    MAX_QUANTITY,
    POST_ONLY,
    SIDE_NAMES,
    TIF_NAMES,
    MessageKind,
    StpPolicy,
    TimeInForce,
    TrailMethod,
)

COLUMNS = tuple(EVENT.names or ())
AT = {name: place for place, name in enumerate(COLUMNS)}
BOTH_SIDES = 2

EVENT_KINDS = (
    "submit_limit",
    "cancel",
    "modify",
    "submit_market",
    "submit_stop_market",
    "submit_stop_limit",
    "submit_trailing_stop_market",
    "submit_trailing_stop_limit",
    "amend",
    "cancel_all",
    "clock",
    "stp_policy",
    "instrument",
    "resume",
)
"""``Event.kind`` by ``MessageKind``."""

TITLES = tuple("".join(word.title() for word in name.split("_")) for name in EVENT_KINDS)
"""Names of the kinds in files and representations: ``SubmitLimit``, ``Cancel`` and so on."""


class Trail(NamedTuple):
    """How a stop trails: ``fixed`` ticks, a ``percentage`` or a multiple of the mean change.

    ``period`` is the number of changes averaged, None where the method has none.
    """

    type: str
    value: float
    period: int | None = None


class Words(NamedTuple):
    """Names of codes: of attributes, and of files and representations."""

    attributes: tuple
    titles: tuple


WORDS = {
    "side": Words(SIDE_NAMES, ("Buy", "Sell")),
    "tif": Words(TIF_NAMES, tuple(name.upper() for name in TIF_NAMES)),
    "policy": Words(
        tuple(policy.name.lower() for policy in StpPolicy),
        ("Off", "CancelNewest", "CancelOldest", "DecrementAndCancel", "DecrementBoth"),
    ),
}
TRAIL_NAMES = tuple(method.name.lower() for method in TrailMethod)


class Field(NamedTuple):
    """A field of an event.

    Attributes
    ----------
    name : str
        Of the attribute, and in files.
    column : str
        Of ``EVENT``.
    type : str
        What it holds; decides how it is checked and spelled.
    optional : bool
        Whether it may be left out, and is where it says nothing.
    """

    name: str
    column: str
    type: str
    optional: bool = False


SIDE = Field("side", "side", "side")
PRICE = Field("price", "price", "price")
STOP_PRICE = Field("stop_price", "stop_price", "price")
LIMIT_PRICE = Field("limit_price", "price", "price")
QUANTITY = Field("quantity", "quantity", "quantity")
TIF = Field("time_in_force", "tif", "tif")
TRAIL = Field("trail_method", "trail", "trail")
OWNER = Field("owner", "owner", "owner", optional=True)
POST_ONLY_FLAG = Field("post_only", "marks", "flag", optional=True)
EXPIRES = Field("expires", "expiry", "expires", optional=True)
ORDER = Field("order_id", "order_id", "order_id", optional=True)
CLIENT = Field("client_id", "order_id", "client_id", optional=True)
NEW_QUANTITY = Field("new_quantity", "quantity", "new_quantity")
NAMED = (ORDER, CLIENT)
"""Who is meant: just one of the two is there."""

FIELDS = {
    MessageKind.LIMIT: (SIDE, PRICE, QUANTITY, TIF, OWNER, POST_ONLY_FLAG, EXPIRES, CLIENT),
    MessageKind.CANCEL: NAMED,
    MessageKind.MODIFY: (*NAMED, Field("new_price", "price", "price"), NEW_QUANTITY),
    MessageKind.MARKET: (SIDE, QUANTITY, OWNER, CLIENT),
    MessageKind.STOP_MARKET: (SIDE, STOP_PRICE, QUANTITY, OWNER, CLIENT),
    MessageKind.STOP_LIMIT: (SIDE, STOP_PRICE, LIMIT_PRICE, QUANTITY, TIF, OWNER, EXPIRES, CLIENT),
    MessageKind.TRAILING_STOP_MARKET: (SIDE, STOP_PRICE, QUANTITY, TRAIL, OWNER, CLIENT),
    MessageKind.TRAILING_STOP_LIMIT: (
        *(SIDE, STOP_PRICE, LIMIT_PRICE, QUANTITY, TIF, TRAIL),
        *(OWNER, EXPIRES, CLIENT),
    ),
    MessageKind.AMEND: (*NAMED, NEW_QUANTITY),
    MessageKind.CANCEL_ALL: (Field("side", "side", "any_side", optional=True), OWNER),
    MessageKind.CLOCK: (Field("time", "expiry", "time"),),
    MessageKind.STP_POLICY: (Field("policy", "tif", "policy"),),
    MessageKind.INSTRUMENT: (Field("tick_size", "price", "size"), Field("lot_size", "quantity", "size")),
    MessageKind.RESUME: (),
}
"""Fields of each kind, in the order of files and representations."""

NOTHING = dict.fromkeys(COLUMNS, 0) | {"trail_value": 0.0}
BY_NAME = {kind: {field.name: field for field in fields} for kind, fields in FIELDS.items()}
NEEDED = {kind: {field.name for field in fields if not field.optional} for kind, fields in FIELDS.items()}


def words_of(field):
    """Words of the codes of a field, None if it holds numbers."""
    return WORDS.get("side" if field.type == "any_side" else field.type)


def values_of(kind, **columns):
    """One event as values of ``COLUMNS``; what is not given is 0."""
    return tuple((NOTHING | columns | {"kind": int(kind)}).values())


def has(field, values):
    """Whether an event, given as values of ``COLUMNS``, says something in this field."""
    match field.type:
        case "order_id":
            return not values[AT["marks"]] & BY_CLIENT_ID
        case "client_id":
            return bool(values[AT["marks"]] & BY_CLIENT_ID)
        case "flag":
            return bool(values[AT["marks"]] & POST_ONLY)
        case "any_side":
            return values[AT["side"]] != BOTH_SIDES
        case "owner" | "expires":
            return values[AT[field.column]] != 0
    return True


def attribute(field, values):
    """Value of a field as the attribute of an event; None (False for a flag) where it says nothing."""
    if field.type == "flag":
        return has(field, values)
    if not has(field, values):
        return None
    value = values[AT[field.column]]
    if field.type == "trail":
        amount, period = values[AT["trail_value"]], values[AT["period"]]
        if value == TrailMethod.FIXED:
            return Trail("fixed", int(amount))
        return Trail(TRAIL_NAMES[value], amount, period if value == TrailMethod.SMA_ABS_CHANGE else None)
    words = words_of(field)
    return words.attributes[value] if words else value


BOUNDS = {
    "side": (0, 1),
    "any_side": (0, BOTH_SIDES),
    "tif": (0, max(TimeInForce)),
    "policy": (0, max(StpPolicy)),
    "price": (INT64_MIN, INT64_MAX),
    "quantity": (1, MAX_QUANTITY),
    "new_quantity": (0, MAX_QUANTITY),
    "order_id": (0, INT64_MAX),
    "client_id": (0, INT64_MAX),
    "owner": (0, 2**32 - 1),
    "expires": (0, INT64_MAX),
    "time": (0, INT64_MAX),
    "size": (1, MAX_QUANTITY),
    "trail": (1, max(TrailMethod)),
}
"""Lowest and highest value of every type but a flag."""


def limits():
    """Table of ``FIELDS`` and ``BOUNDS`` for ``kernels.journal.clean``."""
    from ..kernels.journal import HIGH, IF_NAMED, IS_USED, USED

    table = np.zeros((len(MessageKind), len(COLUMNS), 3), np.int64)
    table[:, AT["kind"]] = USED, 0, max(MessageKind)
    for kind, fields in FIELDS.items():
        for field in fields:
            bounds = table[kind, AT[field.column]]
            if field.type == "flag":
                bounds[HIGH] |= POST_ONLY
                continue
            bounds[:] = USED, *BOUNDS[field.type]
            if field.type == "client_id":
                bounds[IS_USED] = USED if ORDER in fields else IF_NAMED
                table[kind, AT["marks"], HIGH] |= BY_CLIENT_ID
    return table
