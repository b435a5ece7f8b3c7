"""One record of the audit trail as one line: canonical JSON that names the hash of the record before it.

``{"event":...,"ts":...,"seq":n,"prev":"<hash before>", payload by name ...,"hash":"<of all before this>"}``

The hash is SHA-256 of the line up to its own name, or HMAC-SHA256 with a key. So a change, a gap, an
insertion and a swap break the chain at the record concerned; with a key nobody else can mend it.
"""

from __future__ import annotations

import hmac
import json
import re
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from numbers import Integral
from typing import NamedTuple

from ...errors import InvalidValue, WrongType

LONGEST = 8 << 20
"""Bytes of a line: what is longer is no record, so a hostile file costs bounded memory."""
GENESIS = "0" * 64  # what the first record names as the one before it
ENVELOPE = ("event", "ts", "seq", "prev", "hash")
_SEALED = b',"hash":"%b"}\n'
TAIL = len(_SEALED) - len("%b") + 64
_NUMBER = b',"seq":'  # nothing before it in a record can hold this text
_NUMBERED = _NUMBER + b'%d,"prev":"%b",'
_HEAD = re.compile(
    rb'\{"event":"([a-z0-9_]{1,64})","ts":"[0-9T:.+-]{25,32}","seq":([1-9][0-9]{0,17}),"prev":"([0-9a-f]{64})",'
)
_NAME = re.compile(r"[a-z0-9_]{1,64}")


class Link(NamedTuple):
    """Where a chain stands: the number of its last record, from 1, and its hash."""

    number: int = 0
    hash: str = GENESIS


class BrokenLink(Exception):
    """A line that is not the next record of its chain; ``number`` where it is not just the next one."""

    def __init__(self, reason, number=None):
        super().__init__(reason)
        self.number = number


def digest(text, key):
    """Hash bytes, as hexadecimal digits."""
    return sha256(text).hexdigest() if key is None else hmac.digest(key, text, "sha256").hex()


def seal(text, key):
    """Close an open line of JSON (``{...`` without its brace) with its hash; returns line and hash."""
    mark = digest(text, key)
    return text + _SEALED % mark.encode(), mark


def is_sealed(line, key):
    """Whether a line ends in its own hash."""
    return line.endswith(_SEALED % digest(line[:-TAIL], key).encode())


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
    number = link.number + 1
    stamp = time.isoformat(timespec="microseconds")
    text = f'{{"event":"{event}","ts":"{stamp}","seq":{number},"prev":"{link.hash}"{body and "," + body}'
    if len(text) + TAIL > LONGEST:
        raise InvalidValue(f"{event}: {len(text)} bytes are too many for one record; at most {LONGEST}")
    line, mark = seal(text.encode(), key)
    return line, Link(number, mark)


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


class Chain:
    """A chain that is being checked.

    Parameters
    ----------
    link : Link, optional
        Where it stands; without it the first record is taken as it is.
    key : bytes, optional

    Attributes
    ----------
    count : int or None
        Records that were right; None before the first if it was not told.
    hash : str or None
        Of the last of them.
    """

    __slots__ = ("_key", "count", "hash")

    def __init__(self, link=None, key=None):
        self.count, self.hash = link or (None, None)
        self._key = key

    @property
    def link(self):
        """Where the chain stands."""
        return Link(self.count, self.hash)

    def walk(self, lines):
        """Yield lines, with their newlines, that are the next records, one after the other.

        Raises
        ------
        BrokenLink
            At the first that is not the next; says why.
        """
        for line in lines:
            mark = digest(line[:-TAIL], self._key)
            if not line.endswith(_SEALED % mark.encode()):
                raise BrokenLink(_unsealed(line))
            before = _link_before(line) if self.count is None else (self.count, self.hash)
            number = before[0] + 1
            if not line.startswith(_NUMBERED % (number, before[1].encode()), line.find(_NUMBER)):
                raise BrokenLink(_out_of_place(line, number))
            self.count, self.hash = number, mark
            yield line

    def run(self, lines):
        """Check lines to their end; returns where the chain stands then."""
        deque(self.walk(lines), maxlen=0)
        return self.link


def _unsealed(line):
    if line.endswith(b"\n"):
        return "its hash is not that of its content"
    return "it is too long" if len(line) >= LONGEST else "it is not whole"


def _link_before(line):
    """Take from a record itself where its chain stood."""
    match = _HEAD.match(line)
    if match is None:
        raise BrokenLink("it does not begin as a record does")
    return int(match[2]) - 1, match[3].decode()


def _out_of_place(line, number):
    told = _link_before(line)[0] + 1
    if told != number:
        return f"its number is {told}: a record is missing, doubled or out of place"
    return "it does not name the hash of the record before it"


def read_line(line):
    """Give a checked line as a dict.

    Raises
    ------
    BrokenLink
        It is no JSON object, is nested too deeply, or has no event and time.
    """
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BrokenLink(f"it is no JSON: {type(error).__name__}") from None
    if not isinstance(record, dict) or not all(type(record.get(name)) is str for name in ENVELOPE[:2]):
        raise BrokenLink("it is no JSON object with an event and a time")
    return record
