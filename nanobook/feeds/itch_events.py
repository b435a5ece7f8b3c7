"""ITCH 5.0 into events of an order flow, as the original's parser makes them."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import CorruptMessage, TruncatedInput, WrongType
from ..kernels.itch_layout import MESSAGE_TYPES, PREFIX

LAST_READ = {
    "A": "price",
    "F": "price",
    "E": "match",
    "C": "price",
    "X": "shares",
    "D": "reference",
    "U": "price",
    "P": "match",
    "R": "timestamp",
}
"""The field up to which a message of a type must be there; of other types nothing must be."""

PLACES = {
    letter: {
        field.name: slice(field.offset, field.offset + field.width) for field in MESSAGE_TYPES[letter].fields
    }
    for letter in LAST_READ
}
NEEDED = {ord(letter): PLACES[letter][name].stop - 1 for letter, name in LAST_READ.items()}
TICKS_A_CENT = 100


def parse_itch(path):
    """Read the events of an ITCH 5.0 file as ``(symbol, Event)`` pairs.

    An add is the submission of a limit order, good till cancelled. A cancel and a delete are the cancel
    of the order by its reference, a replace is a modify of it; their symbol is empty. No other message is
    an event. Prices are in cents, what is below a cent is cut off.

    For books use ``read_itch``: here the shares of a cancel, the new reference of a replace and all
    executions are lost, as in the original.

    Parameters
    ----------
    path : str or PathLike

    Returns
    -------
    list of (str, Event)

    Raises
    ------
    CorruptMessage
        A message without bytes, or shorter than its fields: an OSError, too.
    TruncatedInput
        A message shorter than its length: an OSError, too.
    FileNotFoundError, IsADirectoryError, OSError
        From the system, with ``errno`` and ``filename``.
    WrongType
        If it is no path.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise WrongType(f"path: {path!r} is a {type(path).__name__}; use the path of a file as text")
    events = []
    for body in _bodies(Path(path).read_bytes()):
        event = _event(body)
        if event is not None:
            events.append(event)
    return events


def _bodies(data):
    """Yield the messages of a stream; one byte that is left over ends it."""
    at = 0
    while at + PREFIX <= len(data):
        length = int.from_bytes(data[at : at + PREFIX])
        body = data[at + PREFIX : at + PREFIX + length]
        if length == 0:
            raise CorruptMessage(f"ITCH message length is 0 at offset {at}; fetch the file again", at)
        if len(body) < length:
            raise TruncatedInput(
                f"failed to fill whole buffer: at offset {at} a message needs {length + PREFIX} bytes, "
                f"{len(data) - at} are there; use read_itch for what is complete",
                at,
                length + PREFIX,
                len(data) - at,
            )
        need = NEEDED.get(body[0], 0)
        if length - 1 < need:
            raise CorruptMessage(
                f"ITCH '{chr(body[0])}' message too short: {length - 1} bytes, need {need} "
                f"at offset {at}; fetch the file again",
                at,
            )
        yield body
        at += PREFIX + length


def _event(body):
    """Event of a message with its symbol, None if it is none."""
    from ..events import Event

    letter = chr(body[0])
    if letter not in "AFXDU":
        return None
    places = PLACES[letter]

    def number(name):
        return int.from_bytes(body[places[name]])

    if letter in "XD":
        return "", Event.cancel(number("reference"))
    price = number("price") // TICKS_A_CENT
    if letter == "U":
        return "", Event.modify(number("reference"), price, number("shares"))
    side = "buy" if body[places["side"]] == b"B" else "sell"
    symbol = body[places["stock"]].decode("utf-8", "replace").strip()
    return symbol, Event.submit_limit(side, price, number("shares"), "gtc")
