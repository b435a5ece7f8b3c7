"""Audit trails read and checked, never written: line by line, in bounded memory."""

from __future__ import annotations

import io
from datetime import datetime
from typing import NamedTuple

from ..errors import IntegrityError
from .chain import LONGEST, BrokenLink, Link, next_link, read_line
from .storage import opened

CHECKED = 32 << 20
"""Bytes of the end of a trail that opening it checks: so long a trail takes a quarter of a second, a longer one
no more. ``verify_log`` checks all."""
UNACKNOWLEDGED = 2 * LONGEST
"""Bytes that may lie behind the head: what waited for a sync, and one record more."""


class AuditRecord(dict):
    """A record of an audit trail: a dict of what its line holds.

    Attributes
    ----------
    offset : int
        Where its line begins, in bytes.
    """

    __slots__ = ("offset",)

    def __init__(self, content, offset=0):
        super().__init__(content)
        self.offset = offset

    @property
    def seq(self):
        """Its number, counted from 1."""
        return self["seq"]

    @property
    def event(self):
        """What happened."""
        return self["event"]

    @property
    def time(self):
        """When it was written: a datetime."""
        return datetime.fromisoformat(self["ts"])

    def __reduce__(self):
        return type(self), (dict(self), self.offset)


class End(NamedTuple):
    """What lies behind the head: whole records, where they lead, and how many bytes are none."""

    link: Link
    lines: list[bytes]
    dropped: int


class _Slice(io.RawIOBase):
    """A part of a stored file as a stream."""

    def __init__(self, storage, handle, start, stop):
        self.storage, self.handle, self.start, self.stop = storage, handle, start, stop

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self.storage.read_at(self.handle, min(len(buffer), self.stop - self.start), self.start)
        self.start += len(data)
        buffer[: len(data)] = data
        return len(data)


def lines_of(storage, handle, start, stop):
    """Yield the lines of a part of a file; one that is too long is cut, without a newline."""
    stream = io.BufferedReader(_Slice(storage, handle, start, stop), 1 << 20)
    return iter(lambda: stream.readline(LONGEST), b"")


def walk(lines, link, key):
    """Yield (line, link) of lines that chain.

    Raises
    ------
    BrokenLink
        At the first that does not.
    """
    for line in lines:
        link = next_link(line, link, key)
        yield line, link


def records_from(storage, path, start, link, stop, key):
    """Yield the records of a trail from the byte ``start`` to ``stop``, where the chain must be at ``link``."""
    with opened(storage, storage.open_read(path)) as handle:
        here, offset = Link() if start == 0 else None, start
        try:
            for line, here in walk(lines_of(storage, handle, start, stop), here, key):
                yield AuditRecord(read_line(line), offset)
                offset += len(line)
        except BrokenLink as error:
            raise broken(path, here.count + 1 if here else None, f"{error} (byte {offset})") from None
    if here is not None and here != link:
        raise broken(path, here.count, "it is not the last that was written")


def check_end(storage, handle, path, head, torn, key, account=None):
    """Check the end of a trail against its head.

    Parameters
    ----------
    storage : Storage
    handle : int
    path : Path
    head : Head
    torn : bool
        Whether the head after this one was being written.
    key : bytes or None
    account : str, optional
        Whose trail it must be.

    Returns
    -------
    End

    Raises
    ------
    IntegrityError
        The trail is not what the head says; names the record.
    """
    size = storage.size(handle)
    try:
        _check_window(storage, handle, head, size, key)
        _check_first(storage, handle, head, key, account)
        end = _behind(storage, handle, head, size, key)
        if torn and not end.lines:
            raise BrokenLink("the next one is gone: its head was destroyed")
    except BrokenLink as error:
        raise _named(storage, handle, path, head, error, key) from None
    return end


def _check_window(storage, handle, head, size, key):
    """Walk the last part of what the head vouches for."""
    if size < head.size:
        raise BrokenLink(f"the trail was cut: {size} bytes, and the head tells of {head.size}")
    start, link = max(0, head.size - CHECKED), Link()
    if start:
        start += storage.read_at(handle, LONGEST, start).find(b"\n") + 1
        link = None
    for _, link in walk(lines_of(storage, handle, start, head.size), link, key):
        pass
    if link != head.link:
        raise BrokenLink("it is not the one that the head names")


def _check_first(storage, handle, head, key, account):
    """Look whose trail it is."""
    if head.count == 0:
        return
    line = next(lines_of(storage, handle, 0, head.size))
    next_link(line, Link(), key)
    first = read_line(line)
    if first.get("log") != head.log:
        raise BrokenLink("it begins another trail than its head belongs to")
    if account is not None and first.get("account") not in (None, account):
        raise BrokenLink("it belongs to another account")


def _behind(storage, handle, head, size, key):
    """Keep the records behind the head that are whole, up to the first that is not."""
    if size - head.size > UNACKNOWLEDGED:
        raise BrokenLink(f"{size - head.size} bytes follow the head, more than any crash leaves")
    link, kept = head.link, []
    try:
        for line, link in walk(lines_of(storage, handle, head.size, size), link, key):
            kept.append(line)
    except BrokenLink:
        pass
    return End(link, kept, size - head.size - sum(map(len, kept)))


def _named(storage, handle, path, head, error, key):
    """Find the number of the first record that is wrong."""
    link = Link()
    try:
        for _, link in walk(lines_of(storage, handle, 0, head.size), link, key):
            pass
    except BrokenLink as first:
        error = first
    return broken(path, link.count + 1, error)


def broken(path, number, reason):
    """Make the error of a trail whose record ``number`` is wrong."""
    where = f"record {number}" if number else "a record"
    return IntegrityError(f"{path}: {where}: {reason}; do not trade on it: keep a copy, and find out who", number)
