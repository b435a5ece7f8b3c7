"""One record of the audit trail as one line: canonical JSON that names the hash of the record before it.

``{"event":...,"ts":...,"seq":n,"prev":"<hash before>", payload by name ...,"hash":"<of all before this>"}``

The hash is SHA-256 of the line up to its own name, or HMAC-SHA256 with a key. So a change, a gap, an insertion
and a swap break the chain at the record concerned; with a key nobody else can mend it.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from numbers import Integral
from typing import NamedTuple

from ..errors import InvalidValue, WrongType

LONGEST = 8 << 20
"""Bytes of a line: what is longer is no record, so a hostile file costs bounded memory."""
GENESIS = "0" * 64  # what the first record names as the one before it
ENVELOPE = ("event", "ts", "seq", "prev", "hash")
KEY_BYTES = 16  # of a key, at least
_HASH_NAME = b',"hash":"'
_END = b'"}\n'
TAIL = len(_HASH_NAME) + 64 + len(_END)
_HEAD = re.compile(
    rb'\{"event":"([a-z0-9_]{1,64})","ts":"[0-9T:.+-]{25,32}","seq":([1-9][0-9]{0,17}),"prev":"([0-9a-f]{64})",'
)
_NAME = re.compile(r"[a-z0-9_]{1,64}")


class Link(NamedTuple):
    """Where a chain stands: how many records there are, and the hash of the last."""

    count: int = 0
    hash: str = GENESIS


class BrokenLink(Exception):
    """A line that is not the next record of its chain."""


def key_bytes(key):
    """Give a key as bytes.

    Parameters
    ----------
    key : bytes, str, or object with ``reveal()``, or None

    Raises
    ------
    InvalidValue
        It has fewer than 16 bytes; the message does not show it.
    WrongType
        It is something else.
    """
    if key is None:
        return None
    if hasattr(key, "reveal"):
        key = key.reveal()
    if isinstance(key, str):
        key = key.encode()
    if not isinstance(key, bytes):
        raise WrongType(f"key: give bytes or a text, not a {type(key).__name__}")
    if len(key) < KEY_BYTES:
        raise InvalidValue(f"key: {len(key)} bytes are too few; use {KEY_BYTES} or more")
    return key


def digest(text, key):
    """Hash bytes, as hexadecimal digits."""
    return sha256(text).hexdigest() if key is None else hmac.digest(key, text, "sha256").hex()


def seal(text, key):
    """Close an open line of JSON (``{...`` without its brace) with its hash; returns line and hash."""
    mark = digest(text, key)
    return b"%b%b%b%b" % (text, _HASH_NAME, mark.encode(), _END), mark


def unseal(line, key):
    """Check the hash of a line; returns it, or None if it is not right."""
    mark = digest(line[:-TAIL], key)
    return mark if line[-TAIL:] == b"%b%b%b" % (_HASH_NAME, mark.encode(), _END) else None


def write_line(event, time, payload, link, key=None):
    """Make the line of the next record.

    Parameters
    ----------
    event : str
        Small letters, digits and ``_``.
    time : datetime
    payload : dict
        Texts, whole numbers, Decimals (written as text), times, None, and lists and mappings of them; no
        floats. Written in the order of the names.
    link : Link
    key : bytes, optional

    Returns
    -------
    line : bytes
    link : Link
        With this record.

    Raises
    ------
    WrongType, InvalidValue
        Name the value that cannot be written.
    """
    if not isinstance(event, str) or not _NAME.fullmatch(event):
        raise InvalidValue(f"event: {event!r}; use 1 to 64 small letters, digits and '_'")
    for name in ENVELOPE:
        if name in payload:
            raise InvalidValue(f"{event}: {name!r} is the record's own; call it something else")
    try:
        body = _JSON.encode(plain(payload, event))[1:-1]
    except RecursionError:
        raise InvalidValue(f"{event}: the payload is nested too deeply") from None
    count = link.count + 1
    stamp = time.isoformat(timespec="microseconds")
    text = (
        f'{{"event":"{event}","ts":"{stamp}","seq":{count},"prev":"{link.hash}"{"," if body else ""}{body}'
    )
    if len(text) + TAIL > LONGEST:
        raise InvalidValue(f"{event}: {len(text)} bytes are too many for one record; at most {LONGEST}")
    line, mark = seal(text.encode(), key)
    return line, Link(count, mark)


_JSON = json.JSONEncoder(ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))


def plain(value, where):
    """Give a value as JSON can write it exactly; ``where`` names it in messages, which never show it."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if isinstance(value, str):  # of an enumeration, a client order id
        return str.__str__(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {_name(name, where): plain(item, f"{where}.{name}") for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{where}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Integral):
        return int(value)
    hint = "; use an int or a Decimal" if isinstance(value, float) else ""
    raise WrongType(f"{where}: a {kind.__name__} cannot be recorded{hint}")


def _name(name, where):
    if not isinstance(name, str):
        raise WrongType(f"{where}: the name {name!r} is a {type(name).__name__}; use texts")
    return name


def next_link(line, link, key=None):
    """Check that a line is the next record of a chain.

    Parameters
    ----------
    line : bytes
        With its newline.
    link : Link or None
        Where the chain stands; None takes any record that is right by itself.
    key : bytes, optional

    Returns
    -------
    Link

    Raises
    ------
    BrokenLink
        Says why it is not.
    """
    if not line.endswith(b"\n"):
        raise BrokenLink("it is too long" if len(line) >= LONGEST else "it is not whole")
    mark = unseal(line, key)
    if mark is None:
        raise BrokenLink("its hash is not that of its content")
    match = _HEAD.match(line)
    if match is None:
        raise BrokenLink("it does not begin as a record does")
    count = int(match[2])
    if link is not None:
        if count != link.count + 1:
            raise BrokenLink(f"its number is {count}; a record is missing, doubled or out of place")
        if match[3].decode() != link.hash:
            raise BrokenLink("it does not name the hash of the record before it")
    return Link(count, mark)


def read_line(line):
    """Give a checked line as a dict.

    Raises
    ------
    BrokenLink
        It is no JSON object, names something twice, or is nested too deeply.
    """
    try:
        record = json.loads(line, object_pairs_hook=_distinct, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BrokenLink(f"it is no JSON: {type(error).__name__}") from None
    if not isinstance(record, dict):
        raise BrokenLink("it is no JSON object")
    return record


def _distinct(pairs):
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a name twice")
    return record


def _no_number(name):
    raise ValueError(f"{name} is no number")
