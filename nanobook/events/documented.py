"""Events out of the original's documented schema, in which a policy belongs to every event."""

from __future__ import annotations

from .. import checks
from ..errors import InvalidValue
from ..types import MessageKind
from .fields import values_of
from .parse import mapping, shown

VERSION = "1.0"
SIDES = {"BUY": 0, "SELL": 1}
TIFS = {"GTC": 0, "IOC": 1, "FOK": 2}
POLICIES = {"Off": 0, "CancelNewest": 1, "CancelOldest": 2, "DecrementAndCancel": 3}
TYPES = ("SubmitLimit", "SubmitMarket", "Cancel")


def documented_values(pairs):
    """Read a JSON object of the documented schema.

    Returns
    -------
    values : tuple
        The event as values of ``COLUMNS``.
    policy : int or None
        The self-trade prevention that it asks for, None where it has no such thing.

    Raises
    ------
    InvalidValue
    """
    given = mapping(pairs, "event")
    if given.get("schema_version", VERSION) != VERSION:
        raise InvalidValue(f"schema_version: {shown(given['schema_version'])} is not known; use '{VERSION}'")
    title = given.get("type")
    if title == "Cancel":
        order_id = checks.as_order_id(_integer(given, "order_id"))
        return values_of(MessageKind.CANCEL, order_id=order_id), None
    if title not in TYPES:
        raise InvalidValue(f"type: {shown(title)}; use {', '.join(TYPES)}")
    columns = {
        "side": _word(given, "side", SIDES),
        "quantity": checks.as_quantity(_integer(given, "quantity")),
        "owner": 0 if given.get("owner") is None else checks.as_owner(_integer(given, "owner")),
    }
    policy = _word(given, "stp_policy", POLICIES) if "stp_policy" in given else POLICIES["Off"]
    if title == "SubmitMarket":
        return values_of(MessageKind.MARKET, **columns), policy
    columns |= {
        "price": checks.as_price(_integer(given, "price")),
        "tif": _word(given, "time_in_force", TIFS),
    }
    return values_of(MessageKind.LIMIT, **columns), policy


def _word(given, name, codes):
    word = _needed(given, name)
    if type(word) is not str or word not in codes:
        raise InvalidValue(f"{name}: {shown(word)}; use {', '.join(codes)}")
    return codes[word]


def _integer(given, name):
    """Integer, also one written as a string."""
    value = _needed(given, name)
    if type(value) is str and value.removeprefix("-").isdecimal() and value.isascii() and len(value) <= 20:
        return int(value)
    if type(value) is not int:
        raise InvalidValue(f"{name}: {shown(value)} is not an integer; use digits alone")
    return value


def _needed(given, name):
    if name not in given:
        raise InvalidValue(f"event: no {name}; use type and the fields of that type")
    return given[name]
