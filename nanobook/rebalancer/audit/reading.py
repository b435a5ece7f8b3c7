"""Audit trails read and checked, never written: line by line, in bounded memory."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from ...errors import IntegrityError
from ..storage import opened
from .chain import LONGEST, BrokenLink, Chain, Link, read_line

CHECKED = 64 << 20
"""Bytes of the end of a trail that opening it checks, in a third of a second; ``verify_log`` checks all."""
UNACKNOWLEDGED = 2 * LONGEST
"""Bytes that may lie behind the head: what waited for a sync, and one record more."""


class AuditRecord(dict):
    """A record of an audit trail: a dict of what its line holds.

    Attributes
    ----------
    offset, stop : int
        Where its line begins and where it ends, in bytes.
    """

    __slots__ = ("offset", "stop")

    def __init__(self, content, offset=0, stop=0):
        super().__init__(content)
        self.offset, self.stop = offset, stop

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
        return type(self), (dict(self), self.offset, self.stop)


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


def last_newline(storage, handle):
    """Give where the last whole line ends; 0 if the end of a file is no record at all."""
    size = storage.size(handle)
    start = max(0, size - LONGEST)
    return start + storage.read_at(handle, LONGEST, start).rfind(b"\n") + 1


def records_from(storage, path, start, link, stop, key):
    """Yield the records from the byte ``start`` to ``stop``, where the chain must be at ``link`` if given."""
    with opened(storage, storage.open_read(path)) as handle:
        chain, offset = Chain(None if start else Link(), key), start
        try:
            for line in chain.walk(lines_of(storage, handle, start, stop)):
                yield AuditRecord(read_line(line), offset, offset + len(line))
                offset += len(line)
            if start < stop and link is not None and chain.link != link:
                raise BrokenLink("it is not there, or not as it was written")
        except BrokenLink as error:
            raise broken(path, chain.count, f"{error} (byte {offset})") from None


def search(storage, path, events, stop, key):
    """Yield the records of some events; the others are not taken apart, which saves nine tenths of the time.

    Each is checked by itself, not against its neighbours.
    """
    for line, offset in lines_with(storage, path, events, stop):
        try:
            yield AuditRecord(read_line(*Chain(None, key).walk([line])), offset, offset + len(line))
        except BrokenLink as error:
            raise broken(path, None, f"{error} (byte {offset})") from None


def lines_with(storage, path, events, stop):
    """Yield (line, offset) of the lines that begin as records of some events do; nothing is checked."""
    begins, offset = tuple(b'{"event":"%b",' % event.encode() for event in events), 0
    with opened(storage, storage.open_read(path)) as handle:
        for line in lines_of(storage, handle, 0, stop):
            if line.startswith(begins):
                yield line, offset
            offset += len(line)


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
        if size < head.size:
            raise BrokenLink(f"the trail was cut: {size} bytes, and the head tells of {head.size}")
        _check_first(storage, handle, head, key, account)
        _check_window(storage, handle, head, key)
        end = _behind(storage, handle, head, size, key)
        if torn and not end.lines:
            raise BrokenLink("the next one is gone: its head was destroyed")
    except BrokenLink as error:
        raise _named(storage, handle, path, head, error, key) from None
    return end


def _check_window(storage, handle, head, key):
    """Walk the last part of what the head vouches for."""
    start, link = max(0, head.size - CHECKED), Link()
    if start:
        start += storage.read_at(handle, LONGEST, start).find(b"\n") + 1
        link = None
    if Chain(link, key).run(lines_of(storage, handle, start, head.size)) != head.link:
        raise BrokenLink("the head names another last record", head.records)


def _check_first(storage, handle, head, key, account):
    """Look whose trail it is."""
    if head.records == 0:
        return
    line = next(Chain(Link(), key).walk(lines_of(storage, handle, 0, head.size)))
    first = read_line(line)
    if first.get("log") != head.log:
        raise BrokenLink("it begins another trail than its head belongs to", 1)
    if account is not None and first.get("account") not in (None, account):
        raise BrokenLink("it belongs to another account", 1)


def _behind(storage, handle, head, size, key):
    """Keep the records behind the head that are whole, up to the first that is not."""
    if size - head.size > UNACKNOWLEDGED:
        raise BrokenLink(f"{size - head.size} bytes follow the head, more than any crash leaves")
    chain, kept = Chain(head.link, key), []
    with suppress(BrokenLink):
        kept.extend(chain.walk(lines_of(storage, handle, head.size, size)))
    return End(chain.link, kept, size - head.size - sum(map(len, kept)))


def _named(storage, handle, path, head, error, key):
    """Find the number of the first record that is wrong."""
    chain = Chain(Link(), key)
    try:
        chain.run(lines_of(storage, handle, 0, head.size))
    except BrokenLink as first:
        error = first
    return broken(path, chain.count if error.number is None else error.number - 1, error)


def broken(path, count, reason):
    """Make the error of a trail of which ``count`` records are right; None if that is not known."""
    number = None if count is None else count + 1
    where = "a record" if number is None else f"record {number}"
    return IntegrityError(f"{path}: {where}: {reason}; do not trade on it: keep a copy, find out who", number)
