"""Events as columns in a zip archive: every column in its narrowest type, a constant one as one value.

The archive is what ``numpy.savez`` makes, so ``numpy.load`` opens it; its checksums are checked. Nothing
is compressed: a plain flow takes 11 bytes an event, and a member is never larger than the file says.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

import numpy as np

from .errors import CorruptFile
from .events import Events
from .events.fields import COLUMNS
from .events.sequence import clean
from .types import EVENT

VERSION = 1
MAGIC = b"PK\x03\x04"
HEAD = "nanobook_events"
"""Member that comes first: format version and number of events."""

PIECE = 1 << 20  # rows that are taken apart at once
FOUR_BYTES = 2**31 - 2**20  # bytes of an array from which on its size needs more room in the archive
HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([<|][iuf][1248])', 'fortran_order': False, "
    rb"'shape': \((\d{1,15}),\), \} *\n",
    re.DOTALL,
)
"""What NumPy writes before an array of one dimension. Its own reader takes much more, Python's syntax."""

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    RuntimeError,
    EOFError,
    KeyError,
    struct.error,
    OverflowError,
)
"""What zipfile and numpy raise where bytes are not what they should be."""

STEPS = {"u": (np.uint8, np.uint16, np.uint32, np.uint64), "i": (np.int8, np.int16, np.int32, np.int64)}


def save(events, file):
    """Write events to a binary file."""
    pieces = {name: [] for name in COLUMNS}
    lengths = []
    for rows in events.parts(PIECE):
        lengths.append(len(rows))
        for name in COLUMNS:
            pieces[name].append(narrowed(rows[name]))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        _write(archive, HEAD, np.array([VERSION, len(events)], np.int64))
        for name in COLUMNS:
            _write(archive, name, _whole(pieces.pop(name), lengths, name))


def narrowed(column):
    """Column in the narrowest type that holds it, as one value if it is constant."""
    column = np.ascontiguousarray(column)
    if (column == column[0]).all():
        column = column[:1]
    if column.dtype.kind == "f":
        return column
    lowest, highest = column.min(), column.max()
    fits = (
        step
        for step in STEPS[column.dtype.kind]
        if lowest >= np.iinfo(step).min and highest <= np.iinfo(step).max
    )
    return column.astype(next(fits))


def _whole(parts, lengths, name):
    """Put the parts of a column together. Kinds are never one value: they say how much a file may hold."""
    if not parts:
        return np.zeros(0, EVENT[name])
    first = parts[0]
    if name != "kind" and all(part.size == 1 and part[0] == first[0] for part in parts):
        return first
    return np.concatenate(
        [np.broadcast_to(part, length) for part, length in zip(parts, lengths, strict=True)]
    )


def _write(archive, name, array):
    """Write one array; the date is always the same, as same events make the same bytes."""
    member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
    with archive.open(member, "w", force_zip64=array.nbytes > FOUR_BYTES) as out:
        np.lib.format.write_array(out, array, version=(1, 0), allow_pickle=False)


def load(file):
    """Read events from a binary file; CorruptFile if there is anything wrong with it."""
    start = file.read(len(MAGIC))
    try:
        if start != MAGIC:
            raise CorruptFile(f"it begins with {start!r}, not as a zip archive")
        with zipfile.ZipFile(file) as archive:
            members = _members(archive, file)
            head = _array(archive, members[HEAD])
            if head.dtype != np.int64 or head.shape != (2,) or head[0] != VERSION:
                raise CorruptFile(
                    f"version {head[:1].tolist()}; this one reads {VERSION}, use a newer nanobook"
                )
            return Events.from_rows(_rows(archive, members, int(head[1])))
    except BROKEN as error:
        told = getattr(file, "name", "file")
        raise CorruptFile(f"{told}: not a whole file of events: {error}; use another copy of it") from None


def _members(archive, file):
    """Members by name, once it is known that they are ours and no larger than the file."""
    members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
    if set(members) != {HEAD, *COLUMNS} or len(members) != len(archive.infolist()):
        raise CorruptFile(
            f"members {', '.join(sorted(members)) or 'none'} where {HEAD} and columns should be"
        )
    for name, info in members.items():
        if info.file_size != info.compress_size:
            raise CorruptFile(f"{name} is compressed")
    size = file.seek(0, io.SEEK_END)
    if sum(info.file_size for info in members.values()) > size:
        raise CorruptFile(f"members are larger than the file of {size} bytes")
    return members


def _rows(archive, members, count):
    """EVENT array of all columns."""
    rows = None
    for name in COLUMNS:  # kinds first: there are as many as events
        column = _array(archive, members[name])
        wanted = EVENT[name]
        sizes = (count,) if name == "kind" else (count, 1)
        if column.dtype.kind != wanted.kind or column.itemsize > wanted.itemsize or column.size not in sizes:
            raise CorruptFile(f"{name} holds {column.size} {column.dtype} where {count} {wanted} should be")
        if rows is None:
            rows = np.empty(count, EVENT)
        rows[name] = column
    clean(rows)
    return rows


def _array(archive, info):
    """One-dimensional array of a member; reading it to the end checks its checksum."""
    data = archive.read(info)
    header = HEADER.match(data)
    if not header:
        raise CorruptFile(f"{info.filename} is not one column of numbers")
    dtype, count = np.dtype(header[1].decode()), int(header[2])
    if count * dtype.itemsize != len(data) - header.end():
        raise CorruptFile(f"{info.filename} holds {len(data) - header.end()} bytes for {count} {dtype}")
    return np.frombuffer(data, dtype, offset=header.end())
