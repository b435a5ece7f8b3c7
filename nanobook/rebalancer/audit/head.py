"""The head of an audit trail: a small file that says how far the trail goes, so that a cut end is found.

Two slots lie in it, each a block of the disk; a new head is written over the older slot and synced, after the
records that it counts were. So at any moment one slot is whole and tells of records that are on the disk:

* the head may lag behind the trail (a crash between the two), never run ahead of it: a good trail is never
  called bad, and one that is shorter than its head was cut;
* a slot that is not whole was being written for a record that is on the disk: where there is none behind the
  other slot, somebody destroyed it to hide a cut.

A new file renamed over the old one each time allows the same states and takes twice as long (four flushes
instead of two); without its flushes an empty head may be found after a power cut, beside a good trail.
"""

from __future__ import annotations

import json
import secrets
from typing import NamedTuple

from ...errors import IntegrityError
from ..storage import read_file, write_file
from .chain import GENESIS, TAIL, Link, is_sealed, seal

SLOT = 4096
FORMAT = 1
_BLANK = b" " * (SLOT - 1) + b"\n"
_FIELDS = {"format": int, "log": str, "generation": int, "records": int, "size": int, "last": str}


class Head(NamedTuple):
    """How far a trail goes: records, bytes, and the hash of the last record.

    ``log`` names the trail for good; ``generation`` counts the heads.
    """

    log: str
    generation: int = 0
    records: int = 0
    size: int = 0
    last: str = GENESIS

    @property
    def link(self):
        """Where the chain stands."""
        return Link(self.records, self.last)


def head_path(path):
    """Give the name of the head that belongs to a trail."""
    return path.with_suffix(".head")


def create_head(storage, path, key):
    """Write the head of a trail that has no records yet; it is durable when this returns."""
    head = Head(secrets.token_hex(16))
    write_file(storage, path, slot_of(head, key) + _BLANK)
    return head


def slot_of(head, key):
    """Write a head as a slot."""
    fields = dict(zip(_FIELDS, (FORMAT, *head), strict=True))
    line, _ = seal(json.dumps(fields, separators=(",", ":"))[:-1].encode(), key)
    return line[:-1].ljust(SLOT - 1) + b"\n"


def load_head(storage, path, key):
    """Read the head.

    Returns
    -------
    head : Head
    torn : bool
        Whether the other slot is not whole: then the trail goes on behind this head.

    Raises
    ------
    IntegrityError
        Neither slot is whole, or they do not fit each other.
    """
    return parse_head(read_file(storage, path, 4 * SLOT), path, key)


def parse_head(data, path, key):
    """Find the newer of the two slots in what a head file holds; see ``load_head``."""
    if len(data) != 2 * SLOT:
        raise IntegrityError(f"{path}: not the head of an audit trail: {len(data)} bytes, not {2 * SLOT}")
    slots = data[:SLOT], data[SLOT:]
    found = [head for i, slot in enumerate(slots) if (head := _read_slot(slot, key, i))]
    if not found:
        raise IntegrityError(
            f"{path}: no slot of the head is right: it was changed, or made with another key or version"
        )
    if len(found) == 1:
        return found[0], not (slots[1] == _BLANK and found[0].generation == 0)
    old, new = sorted(found, key=lambda head: head.generation)
    if (old.log, old.generation + 1) != (new.log, new.generation):
        raise IntegrityError(f"{path}: the head was changed: its two slots do not follow each other")
    return new, False


def _read_slot(slot, key, place):
    """Read one slot; None if it is not one of ours at this place."""
    line = slot.rstrip() + b"\n"
    if len(line) <= TAIL or not is_sealed(line, key):
        return None
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    kinds = {name: type(value) for name, value in fields.items()} if isinstance(fields, dict) else {}
    if kinds != {**_FIELDS, "hash": str} or fields["format"] != FORMAT:
        return None
    head = Head(*(fields[name] for name in _FIELDS if name != "format"))
    return head if head.generation % 2 == place else None
