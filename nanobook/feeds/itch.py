"""NASDAQ ITCH 5.0: files of any size into columns of messages, chunk after chunk.

``parse_itch`` makes events of an order flow instead, ``itch_stats`` counts.
"""

from __future__ import annotations

import operator

import numpy as np

from ..errors import InvalidValue, WrongType
from .itch_events import parse_itch
from .itch_messages import ItchMessages
from .itch_reader import ItchReader
from .itch_stats import ItchStats

__all__ = ["ItchMessages", "ItchReader", "ItchStats", "itch_stats", "parse_itch", "read_itch"]

CHUNK = 1 << 24
LARGEST_CHUNK = 1 << 30  # places in a chunk, with what is kept of the one before, are uint32


def read_itch(source, *, strict=True, chunk=CHUNK, progress=None, allow_truncated=False):
    """Read an ITCH 5.0 stream, chunk after chunk in bounded memory.

    Parameters
    ----------
    source : str, PathLike, bytes-like or binary file object
        Path of a file, the stream itself, or an open file, which is left open. gzip is recognised by its
        first bytes and decompressed on the way.
    strict : bool
        Whether the length before a message must be that of its type. Otherwise the type's length is taken
        instead.
    chunk : int
        Bytes of the stream to a chunk; from 1 to 2**30.
    progress : bool or callable, optional
        True shows a bar on stderr; a function is called after every chunk with the bytes read, as they
        are stored, and with how many there are, or None.
    allow_truncated : bool
        Whether input may end within a message; ``truncated`` of the reader then tells where.

    Returns
    -------
    ItchReader
        Iterator over ``ItchMessages``; ``read()`` gives all that is left as one.

    Raises
    ------
    CorruptFile
        If the source looks like another format; while reading, where compressed data are damaged.
    CorruptMessage
        While reading, after all messages before it: a length that is refused; names offset and type.
    TruncatedInput
        While reading, after all complete messages.
    WrongType, InvalidValue
        Arguments that make no sense.
    OSError
        From the system, with the name of the file.

    Warns
    -----
    EmptyInput
        If there is no message.
    ClockBackwards
        If timestamps fall. The messages keep the sequence of the stream.

    Notes
    -----
    Messages of unknown type are counted and skipped by their length. A length of 0 after which the stream
    ends is the mark that closes a session.

    Examples
    --------
    >>> from nanobook import read_itch
    >>> add = "4103e000000d18c311bcbf00000000000026ad42000001f442502020202020200005c4f4"
    >>> reader = read_itch(bytes.fromhex("0024" + add))
    >>> for messages in reader:
    ...     print(messages.stock, messages.dollars, messages.shares)
    ['BP'] [37.81] [500]
    """
    return ItchReader(source, strict, _as_chunk(chunk), progress, allow_truncated)


def itch_stats(source, *, strict=True, allow_truncated=False, progress=None, chunk=CHUNK):
    """Count the messages of an ITCH 5.0 stream by type and by symbol.

    Parameters
    ----------
    source, strict, chunk, progress, allow_truncated
        As of ``read_itch``.

    Returns
    -------
    ItchStats

    Raises
    ------
    CorruptFile, TruncatedInput, WrongType, InvalidValue, OSError
        As of ``read_itch``.

    Examples
    --------
    >>> from nanobook import itch_stats
    >>> delete = bytes.fromhex("0013" + "44022300000d18c826bf110000000000002ac1")
    >>> itch_stats(3 * delete).counts
    {'D': 3}
    """
    reader = read_itch(source, strict=strict, chunk=chunk, progress=progress, allow_truncated=allow_truncated)
    types, locates = np.zeros(256, np.int64), np.zeros(2**16, np.int64)
    first = last = None
    for messages in reader:
        types += np.bincount(messages.type, minlength=types.size)
        locates += np.bincount(messages.locate, minlength=locates.size)
        first = int(messages.timestamp[0]) if first is None else first
        last = int(messages.timestamp[-1])
    return ItchStats.of(reader, types, locates, first, last)


def _as_chunk(chunk):
    """Bytes of a chunk as an int within its bounds."""
    if isinstance(chunk, bool) or not hasattr(chunk, "__index__"):
        raise WrongType(f"chunk: {chunk!r} is a {type(chunk).__name__}; use a number of bytes")
    if not 1 <= operator.index(chunk) <= LARGEST_CHUNK:
        raise InvalidValue(f"chunk: {chunk} is not allowed; use 1 to {LARGEST_CHUNK} bytes")
    return operator.index(chunk)
