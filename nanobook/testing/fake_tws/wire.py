r"""Frames of the TWS protocol, and the greeting that begins a connection.

A frame is a length (four bytes, big-endian) and that many bytes of fields, each ended by a zero byte. A
client says ``API\0`` and a frame with the range of versions that it speaks, ``v157..178``; the server
answers with a frame of two fields, the version to be used and its clock.
"""

import re
import struct
from decimal import Decimal

GREETING = b"API\0"
OLDEST = 157  # version that is spoken here
MOST_BYTES = 0xFFFFFF  # of a frame; a longer one is no frame
_RANGE = re.compile(r"v(\d{1,9})(?:\.\.(\d{1,9}))?(?: .*)?")


class ProtocolError(Exception):
    """Bytes that no client of TWS sends; the connection is cut."""


def text_of(value):
    """Write one field: nothing for None, 1 and 0 for truth, numbers without an exponent.

    Examples
    --------
    >>> from decimal import Decimal
    >>> [text_of(value) for value in (None, True, 7, Decimal("1E+2"), Decimal("0.50"), "AAPL")]
    ['', '1', '7', '100', '0.50', 'AAPL']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value).replace("\0", "")


def frame(fields):
    r"""Make the bytes of a message.

    Examples
    --------
    >>> frame([49, 1, 1752606307])
    b'\x00\x00\x00\x1049\x001\x001752606307\x00'
    """
    body = "".join(f"{text_of(value)}\0" for value in fields).encode(errors="backslashreplace")
    return struct.pack(">I", len(body)) + body


def fields_of(body):
    """Split the body of a frame into its fields."""
    fields = body.decode(errors="backslashreplace").split("\0")
    if len(fields) < 2 or fields[-1]:
        raise ProtocolError(f"a message that does not end in a zero byte: {body[:40]!r}")
    return fields[:-1]


async def read_body(reader):
    """Read one frame; raises ``asyncio.IncompleteReadError`` where the connection ends."""
    (length,) = struct.unpack(">I", await reader.readexactly(4))
    if not 0 < length <= MOST_BYTES:
        raise ProtocolError(f"a frame of {length} bytes")
    return await reader.readexactly(length)


async def read_greeting(reader, newest):
    """Read the greeting.

    Parameters
    ----------
    reader : asyncio.StreamReader
    newest : int
        The newest version that the server speaks.

    Returns
    -------
    int
        The version to be used.

    Raises
    ------
    ProtocolError
        It is no greeting.
    """
    if await reader.readexactly(4) != GREETING:
        raise ProtocolError("no greeting")
    said = _RANGE.fullmatch((await read_body(reader)).decode("ascii", "replace"))
    if said is None:
        raise ProtocolError("no range of versions")
    version = min(int(said[2] or said[1]), newest)
    if version < OLDEST:
        raise ProtocolError(f"version {version} is not spoken here")
    return version
