"""Bytes of a file of any size, of memory or of an open file, one block after the other."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from io import BytesIO
from typing import NamedTuple

import numpy as np

from ..errors import CorruptFile, WrongType

GZIP = b"\x1f\x8b"
HEAD = 64  # bytes that the tests of what a file looks like may see
INFLATE = 1 << 20  # bytes asked of a decompressor at once
OTHERS = (
    (rb"\x1f\x8b", "gzip inside gzip", "decompress it once more"),
    (rb"\n\r\r\n", "pcapng", "extract the messages of the packets first"),
    (rb"\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\x4d\x3c\xb2\xa1|\xa1\xb2\x3c\x4d", "pcap", "as pcapng"),
    (rb"\xfd7zXZ\x00|BZh[1-9]|\x28\xb5\x2f\xfd|PK\x03\x04", "xz, bzip2, zstd or zip", "decompress it first"),
    (rb"\x00\x05T.{4}\x00|\x00\x06S.{4}[A-Z]\x00", "ITCH 4.1", "use a file of ITCH 5.0"),
    (rb"S\x00\x00..[\x00-\x4e]", "ITCH without length prefixes", "put each message behind its length"),
    (rb"(\xef\xbb\xbf)?\d+(\.\d+)?,[1-7],\d+,\d+,-?\d+,-?1", "LOBSTER CSV", "use pandas.read_csv"),
    (rb"(\xef\xbb\xbf)?[\t\r\n -~]{24}", "text", "give the binary file"),
)
"""Pattern of the first bytes, what they look like, what to do."""


class Block(NamedTuple):
    """Some bytes of a stream.

    Attributes
    ----------
    data : uint8 array, read-only
    start : int
        Offset of the first in the stream.
    last : bool
        Whether the stream ends with them.
    """

    data: np.ndarray
    start: int
    last: bool


def open_blocks(source, chunk):
    """Open a source of bytes, gzip decompressed; refuse what looks like another format.

    Parameters
    ----------
    source : str, PathLike, bytes-like or binary file object
        Text is the path of a file; bytes are the stream itself.
    chunk : int
        Bytes of a block, beside those kept of the one before.

    Returns
    -------
    MemoryBlocks or FileBlocks

    Raises
    ------
    WrongType
    CorruptFile
    OSError
        From the system, with the name of the file.
    """
    blocks = _open(source, chunk)
    try:
        refuse_others(blocks.name, blocks.head)
    except CorruptFile:
        blocks.close()
        raise
    return blocks


def refuse_others(name, head):
    """Raise if the first bytes of a stream look like another format."""
    for pattern, what, remedy in OTHERS:
        if re.match(pattern, head, re.DOTALL):
            raise CorruptFile(f"{name}: this looks like {what}, not ITCH 5.0; {remedy}")


def _open(source, chunk):
    if isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
        # Blocks are large, so that another buffer would only copy them.
        file = open(name, "rb", buffering=0)  # noqa: SIM115 - closed with the blocks
        return FileBlocks(file, chunk, name, os.fstat(file.fileno()).st_size, own=True)
    if hasattr(source, "read"):
        if not isinstance(source.read(0), bytes):
            raise WrongType(f"source: {source!r} is opened as text; use open(path, 'rb')")
        return FileBlocks(source, chunk, getattr(source, "name", "stream"), None, own=False)
    try:
        data = np.frombuffer(source, np.uint8)
    except (TypeError, ValueError, AttributeError, BufferError):
        raise WrongType(
            f"source: {type(source).__name__} is no source of bytes; use a path, contiguous bytes or a file"
        ) from None
    if data[:2].tobytes() == GZIP:
        return FileBlocks(BytesIO(data), chunk, "bytes", data.size, own=True)
    return MemoryBlocks(data, chunk)


class MemoryBlocks:
    """Blocks of bytes in memory; nothing is copied."""

    name = "bytes"
    cut = False
    damage = None

    def __init__(self, data, chunk):
        self._data = data.view()
        self._data.flags.writeable = False
        self._chunk = chunk
        self.done = 0
        self.total = data.size
        self.head = data[:HEAD].tobytes()

    def next(self, keep):
        """Return the next block; it begins with the last ``keep`` bytes of the one before."""
        start = self.done - keep
        self.done = min(self.total, self.done + max(self._chunk, keep))
        return Block(self._data[start : self.done], start, self.done == self.total)

    def close(self):
        """Let go of the bytes."""
        self._data = self._data[:0]


class FileBlocks:
    """Blocks of an open file.

    Attributes
    ----------
    name : str
    done, total : int
        Bytes read as they are stored, and how many there are, None if that is not known.
    cut : bool
        Whether compressed data ended early.
    damage : CorruptFile or None
        Why the blocks end where compressed data are damaged.
    """

    def __init__(self, file, chunk, name, total, own):
        self.name, self.total, self.cut, self.damage = name, total, False, None
        self._chunk, self._own, self._block = chunk, own, np.empty(0, np.uint8)
        self._stored = self._bytes = Peeked(file)
        self._limit = chunk
        self._end = 0
        self._guarded(self._stored.peek, len(GZIP))
        if self._stored.head == GZIP:
            self._bytes = Peeked(gzip.GzipFile(fileobj=self._stored, mode="rb"))
            self._limit = INFLATE
        self._guarded(self._bytes.peek, HEAD)
        self.head = self._bytes.head

    @property
    def done(self):
        """Bytes read as they are stored."""
        return self._stored.delivered

    def next(self, keep):
        """Return the next block; it begins with the last ``keep`` bytes of the one before."""
        block = np.empty(keep + max(self._chunk, keep), np.uint8)
        block[:keep] = self._block[self._block.size - keep :]
        have = keep
        while have < block.size:
            got = self._guarded(self._bytes.readinto, memoryview(block)[have : have + self._limit])
            if not got:
                break
            have += got
        start, self._end = self._end - keep, self._end + have - keep
        self._block = block[:have]
        self._block.flags.writeable = False
        return Block(self._block, start, have < block.size)

    def _guarded(self, read, argument):
        """Read; the end of what can be decompressed is the end, so that what came before is not lost."""
        try:
            return read(argument)
        except EOFError:
            self.cut = True
        except (zlib.error, gzip.BadGzipFile) as error:
            self.damage = CorruptFile(f"{self.name}: gzip data are damaged ({error}); fetch the file again")
        except OSError as error:
            self.close()
            error.filename = error.filename or str(self.name)
            raise
        return 0

    def close(self):
        """Close the file if it was opened here."""
        if self._bytes is not self._stored:
            self._bytes.file.close()
        if self._own:
            self._stored.file.close()
        self._block = self._block[:0]


class Peeked:
    """A binary file whose first bytes may be looked at before they are read."""

    def __init__(self, file):
        self.file = file
        self.delivered = 0
        self.head = b""
        # One read of what is below at most: of two the second could fail and lose what the first brought.
        self._read = getattr(file, "read1", None) or file.read
        self._into = getattr(file, "readinto1", None) or getattr(file, "readinto", None)

    def peek(self, size):
        """First bytes, which are still to be read; fewer only at the end of the file."""
        while len(self.head) < size:
            more = self._read(size - len(self.head))
            if not more:
                break
            self.head += more
        return self.head

    def read(self, size):
        """Up to ``size`` bytes, none at the end."""
        data, self.head = self.head[:size], self.head[size:]
        data = data or self._read(size)
        self.delivered += len(data)
        return data

    def readinto(self, view):
        """Fill a part of ``view``; returns how many bytes, 0 at the end."""
        if self.head or self._into is None:
            data = self.read(len(view))
            view[: len(data)] = data
            return len(data)
        got = self._into(view) or 0
        self.delivered += got
        return got
