"""Events out of JSON: the original's spellings of any version, and ours."""

from __future__ import annotations

import json
from math import isfinite

from .. import checks
from ..errors import InvalidValue
from ..types import BY_CLIENT_ID, POST_ONLY, MessageKind, TrailMethod
from .fields import BOTH_SIDES, BY_NAME, FIELDS, NEEDED, TIF, TITLES, WORDS, values_of

KIND_OF = {title: MessageKind(kind) for kind, title in enumerate(TITLES)}


def _refuse_constant(text):
    raise InvalidValue(f"{text} is not allowed; use a finite number")


# An object becomes a tuple of pairs, so that one with a key twice is seen.
_decode = json.JSONDecoder(object_pairs_hook=tuple, parse_constant=_refuse_constant).raw_decode


def parse(text):
    """JSON value of a text, objects as tuples of pairs.

    Raises
    ------
    InvalidValue
        It is not JSON.
    """
    text = text.strip(" \t\r\n")
    try:
        value, end = _decode(text)
    except InvalidValue:
        raise
    except (ValueError, RecursionError) as error:
        raise InvalidValue(f"not JSON: {error}; use one object a line") from None
    if end != len(text):
        raise InvalidValue(f"text after the object: {text[end : end + 20]!r}; use one object a line")
    return value


def mapping(pairs, what):
    """Dictionary of an object's pairs."""
    if type(pairs) is not tuple:
        raise InvalidValue(f"{what}: {shown(pairs)} is not an object; use {{...}}")
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidValue(f"{what}: {twice!r} is there twice; use it once")
    return found


def shown(value):
    """Show a JSON value, objects as they were written and shortened."""
    text = repr(dict(value) if type(value) is tuple else value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def values_from(pairs):
    """One event, as values of ``COLUMNS``, from its JSON object.

    Raises
    ------
    InvalidValue
        Anything that does not fit; the text tells what.
    """
    if type(pairs) is not tuple or len(pairs) != 1:
        raise InvalidValue(f"event: {shown(pairs)}; use an object of one key, the kind of the event")
    ((title, inner),) = pairs
    kind = KIND_OF.get(title)
    if kind is None:
        raise InvalidValue(f"event: unknown kind {title!r}; use {', '.join(TITLES)}")
    if type(inner) is list:
        inner = _named(kind, inner, title)
    return _event(kind, mapping(inner, title), title)


def _named(kind, listed, title):
    """Name the values of an event written as a list, which has every field that is always there."""
    names = [field.name for field in FIELDS[kind] if not field.optional or field.type == "order_id"]
    if len(names) != len(listed):
        raise InvalidValue(f"{title}: {len(listed)} values; use {len(names)}: {', '.join(names)}")
    return tuple(zip(names, listed, strict=True))


def _event(kind, given, title):
    """Values of an event of a kind, from its fields by name; others are ignored."""
    columns = {"side": BOTH_SIDES} if kind is MessageKind.CANCEL_ALL else {}
    fields = BY_NAME[kind]
    for name, value in given.items():
        field = fields.get(name)
        if field:
            READERS[field.type](columns, field, value)
    if not NEEDED[kind] <= given.keys():
        raise InvalidValue(
            f"{title}: no {', '.join(sorted(NEEDED[kind] - given.keys()))}; use {', '.join(fields)}"
        )
    if "order_id" in fields and ("order_id" in given) == (given.get("client_id") is not None):
        raise InvalidValue(f"{title}: use either order_id or client_id")
    if TIF in FIELDS[kind]:
        checks.as_expiry(columns.get("expiry"), columns["tif"])
        checks.as_post_only(bool(columns.get("marks", 0) & POST_ONLY), columns["tif"])
    return values_of(kind, **columns)


def integer(name, value):
    """Return an integer of JSON; ``1.0`` is none."""
    if type(value) is not int:
        raise InvalidValue(f"{name}: {shown(value)} is not an integer; use digits alone")
    return value


def _read_word(columns, field, value):
    codes = CODES["side" if field.type == "any_side" else field.type]
    if type(value) is not str or value not in codes:
        raise InvalidValue(f"{field.name}: {shown(value)}; use {', '.join(codes)}")
    columns[field.column] = codes[value]


def _read_any_side(columns, field, value):
    if value is not None:
        _read_word(columns, field, value)


def _read_price(columns, field, value):
    columns[field.column] = checks.as_price(integer(field.name, value), field.name)


def _read_quantity(columns, field, value):
    columns[field.column] = checks.as_quantity(integer(field.name, value), field.name)


def _read_new_quantity(columns, field, value):
    columns[field.column] = checks.as_quantity(integer(field.name, value), field.name, lowest=0)


def _read_order_id(columns, field, value):
    columns["order_id"] = checks.as_order_id(integer(field.name, value), field.name)


def _read_client_id(columns, field, value):
    if value is not None:
        _read_order_id(columns, field, value)
        columns["marks"] = columns.get("marks", 0) | BY_CLIENT_ID


def _read_owner(columns, field, value):
    if value is not None:
        columns["owner"] = checks.as_owner(integer(field.name, value))


def _read_expires(columns, field, value):
    if value is not None:
        columns["expiry"] = checks.as_time(integer(field.name, value), field.name, 1)


def _read_time(columns, field, value):
    columns["expiry"] = checks.as_time(integer(field.name, value), field.name)


def _read_size(columns, field, value):
    columns[field.column] = checks.as_size(integer(field.name, value), field.name)


def _read_flag(columns, field, value):
    if type(value) is not bool:
        raise InvalidValue(f"{field.name}: {shown(value)}; use true or false")
    columns["marks"] = columns.get("marks", 0) | POST_ONLY * value


def _read_trail(columns, field, value):
    if type(value) is not tuple or len(value) != 1:
        raise InvalidValue(f"{field.name}: {shown(value)}; use an object of one key, the method")
    ((name, amount),) = value
    if name == "Fixed":
        trail = TrailMethod.FIXED, checks.as_distance(integer(name, amount)), 0
    elif name == "Percentage":
        trail = TrailMethod.PERCENTAGE, number_of(name, amount), 0
    elif name in ("SmaAbsChange", "Atr"):
        trail = TrailMethod.SMA_ABS_CHANGE, *_multiple(name, amount)
    else:
        raise InvalidValue(f"{field.name}: unknown method {name!r}; use Fixed, Percentage or SmaAbsChange")
    columns |= dict(zip(("trail", "trail_value", "period"), trail, strict=True))


def _multiple(name, value):
    """Multiplier and period, from an object or a list."""
    if type(value) is list and len(value) == 2:
        multiplier, period = value
    else:
        parts = mapping(value, name)
        if not {"multiplier", "period"} <= set(parts):
            raise InvalidValue(f"{name}: {shown(value)}; use multiplier and period")
        multiplier, period = parts["multiplier"], parts["period"]
    return number_of("multiplier", multiplier), checks.as_period(integer("period", period), "period")


def number_of(name, value):
    """Return a number of JSON as a finite float."""
    if type(value) not in (int, float):
        raise InvalidValue(f"{name}: {shown(value)} is not a number; use digits")
    number = checks.as_factor(value, name)
    if not isfinite(number):
        raise InvalidValue(f"{name}: {number!r} is not finite; use a smaller number")
    return number


CODES = {name: {title: code for code, title in enumerate(words.titles)} for name, words in WORDS.items()}
READERS = {
    "side": _read_word,
    "tif": _read_word,
    "policy": _read_word,
    "any_side": _read_any_side,
    "price": _read_price,
    "quantity": _read_quantity,
    "new_quantity": _read_new_quantity,
    "order_id": _read_order_id,
    "client_id": _read_client_id,
    "owner": _read_owner,
    "expires": _read_expires,
    "time": _read_time,
    "size": _read_size,
    "flag": _read_flag,
    "trail": _read_trail,
}
