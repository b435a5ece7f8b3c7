"""Bytes of an ITCH 5.0 stream into records or columns.

Both kernels walk the same frames: a length of two bytes, then the message. A frame is checked once, against
the bytes that are left and against the length of its type, before any field of it is read; every field of
a type lies within that length, and so does a load of eight bytes from its start, because no message is
shorter than twelve.

Places in the bytes are uint64: for them numba makes no code for negative indices, and eight loads of a
byte become one load of a word.
"""

from typing import NamedTuple

import numpy as np
from numpy import int64, uint8, uint16, uint32, uint64

from .._jit import helper, index, kernel
from .itch_layout import LENGTHS, PLACED, PLACES, PREFIX, UNKNOWN

BAD_LENGTH = -1  # what a kernel says of the message it stopped at; otherwise why it had to stop
INCOMPLETE = 0
FULL = 1
REPAIRED = 256  # slot of the counts for length prefixes that were replaced
COUNTS = 257
TIME_MASK = uint64(0xFFFFFFFFFFFF)
REFERENCE, LINK, SHARES, PRICE, SIDE = (uint64(PLACED.index(name)) for name in PLACED)


class Columns(NamedTuple):
    """Messages as columns of equal length; the fields are those of ``RECORD``."""

    timestamp: np.ndarray
    reference: np.ndarray
    link: np.ndarray
    shares: np.ndarray
    price: np.ndarray
    offset: np.ndarray
    locate: np.ndarray
    type: np.ndarray
    side: np.ndarray


@kernel
def to_records(data, start, records, odd, strict):
    """Decode messages into records.

    Parameters
    ----------
    data : uint8 array, read-only
        A part of a stream that begins at the prefix of a message.
    start : int64
        Where in it to begin.
    records : recarray of RECORD
        Written from row 0 on.
    odd : int64 array, shape (COUNTS,)
        Added to: messages of each type byte that is unknown, which are skipped; prefixes replaced.
    strict : bool
        Whether a prefix must be the length of the type; otherwise that length is taken instead.

    Returns
    -------
    at : int64
        Where the message begins that was not decoded.
    rows : int64
        Records written.
    code : int64
        ``INCOMPLETE`` if less of it is there than it needs, ``BAD_LENGTH`` if its prefix is refused,
        ``FULL`` if there is no row left.
    """
    at = uint64(start)
    row = int64(0)
    while row < records.size:
        length = frame(data, at, odd, strict)
        if length <= 0:
            return int64(at), row, length
        message = at + uint64(PREFIX)
        if is_known(data, message, odd):
            write_record(data, message, records[index(row)])
            row += 1
        at = message + uint64(length)
    return int64(at), row, int64(FULL)


@kernel
def to_columns(data, start, columns, odd, strict):
    """Decode messages into ``Columns``; otherwise as ``to_records``."""
    at = uint64(start)
    row = int64(0)
    while row < columns.type.size:
        length = frame(data, at, odd, strict)
        if length <= 0:
            return int64(at), row, length
        message = at + uint64(PREFIX)
        if is_known(data, message, odd):
            write_row(data, message, columns, index(row))
            row += 1
        at = message + uint64(length)
    return int64(at), row, int64(FULL)


@helper
def frame(data, at, odd, strict):
    """Length of the message whose prefix is at ``at``, or ``INCOMPLETE`` or ``BAD_LENGTH``."""
    left = data.size - int64(at) - PREFIX
    if left < 1:
        return int64(INCOMPLETE)
    length = int64(big_16(data, at))
    known = LENGTHS[data[at + uint64(PREFIX)]]
    if length != known:
        if known != UNKNOWN:
            if strict:
                return int64(BAD_LENGTH)
            length = known
            odd[REPAIRED] += left >= length
        elif length == 0:
            return int64(BAD_LENGTH)
    return length if left >= length else int64(INCOMPLETE)


@helper
def is_known(data, message, odd):
    """Whether there is such a type; counts it if not."""
    letter = data[message]
    if LENGTHS[letter] != UNKNOWN:
        return True
    odd[letter] += 1
    return False


@helper
def write_record(data, message, record):
    """Decode one message into its record."""
    letter = data[message]
    record.timestamp = int64(big_64(data, message + uint64(3)) & TIME_MASK)
    record.reference = placed_64(data, message, letter, REFERENCE)
    record.link = placed_64(data, message, letter, LINK)
    record.shares = placed_32(data, message, letter, SHARES)
    record.price = placed_32(data, message, letter, PRICE)
    record.offset = uint32(message)
    record.locate = uint16(big_16(data, message + uint64(1)))
    record.type = letter
    record.side = placed_8(data, message, letter, SIDE)


@helper
def write_row(data, message, columns, row):
    """Decode one message into its row of the columns."""
    letter = data[message]
    columns.timestamp[row] = int64(big_64(data, message + uint64(3)) & TIME_MASK)
    columns.reference[row] = placed_64(data, message, letter, REFERENCE)
    columns.link[row] = placed_64(data, message, letter, LINK)
    columns.shares[row] = placed_32(data, message, letter, SHARES)
    columns.price[row] = placed_32(data, message, letter, PRICE)
    columns.offset[row] = uint32(message)
    columns.locate[row] = uint16(big_16(data, message + uint64(1)))
    columns.type[row] = letter
    columns.side[row] = placed_8(data, message, letter, SIDE)


@helper
def placed_64(data, message, letter, column):
    """Value of an 8-byte column, 0 if the type has it not."""
    place = uint64(PLACES[letter, column])
    return big_64(data, message + place) & has(place)


@helper
def placed_32(data, message, letter, column):
    """Value of a 4-byte column, 0 if the type has it not."""
    place = uint64(PLACES[letter, column])
    return uint32(big_32(data, message + place) & has(place))


@helper
def placed_8(data, message, letter, column):
    """Value of a 1-byte column, 0 if the type has it not."""
    place = uint64(PLACES[letter, column])
    return uint8(uint64(data[message + place]) & has(place))


@helper
def has(place):
    """All bits where a type has a column, no bits where its place is 0."""
    return uint64(-int64(place != uint64(0)))


@helper
def big_16(data, at):
    """Two bytes, the highest first."""
    return uint64(data[at]) << uint64(8) | uint64(data[at + uint64(1)])


@helper
def big_32(data, at):
    """Four bytes, the highest first."""
    return big_16(data, at) << uint64(16) | big_16(data, at + uint64(2))


@helper
def big_64(data, at):
    """Eight bytes, the highest first."""
    word = uint64(data[at])
    for n in range(1, 8):
        word = word << uint64(8) | uint64(data[at + uint64(n)])
    return word
