"""Where the fields of ITCH 5.0 messages lie: the one place that knows.

The kernels that decode columns are driven by tables derived from here, ``feeds.itch_messages`` decodes
every field of every type by the record layouts derived from here.

References
----------
NASDAQ TotalView-ITCH 5.0, interface specification: message formats. A stream of them in a file is
BinaryFILE: each message behind its length, two bytes big-endian, and after the last a length of 0.
"""

from typing import NamedTuple

import numpy as np

PREFIX = 2  # bytes of the length before each message
PRICE_TICKS = 10_000  # ticks of a price(4) in a dollar
LONG_PRICE_TICKS = 10**8  # ticks of a price(8) in a dollar
WIDTHS = {"char": 1, "u2": 2, "u4": 4, "time": 6, "u8": 8, "price": 4, "price8": 8}
HEADER = "type:char locate:u2 tracking:u2 timestamp:time"


class Field(NamedTuple):
    """One field: its offset in bytes from the type byte on, and what it is.

    ``kind`` is ``char``, ``text``, ``u2``, ``u4``, ``u8``, ``time`` (nanoseconds since midnight),
    ``price`` (ticks of 1e-4 dollar) or ``price8`` (of 1e-8). Numbers are unsigned and big-endian, text is
    padded with spaces on the right.
    """

    name: str
    offset: int
    width: int
    kind: str


class MessageType(NamedTuple):
    """One type of message: its letter, what it is called, its fields, its length in bytes."""

    letter: str
    title: str
    fields: tuple
    length: int


def _message_type(letter, title, own):
    """Lay out the header and a type's own fields, written ``name:kind`` (``name:n`` is text of n bytes)."""
    fields, offset = [], 0
    for word in f"{HEADER} {own}".split():
        name, kind = word.split(":")
        width = WIDTHS.get(kind) or int(kind)
        fields.append(Field(name, offset, width, kind if kind in WIDTHS else "text"))
        offset += width
    return MessageType(letter, title, tuple(fields), offset)


MESSAGE_TYPES = {
    row[0]: _message_type(*row)
    for row in (
        ("S", "System Event", "event:char"),
        (
            "R",
            "Stock Directory",
            "stock:8 market_category:char financial_status:char round_lot_size:u4 round_lots_only:char "
            "issue_classification:char issue_subtype:2 authenticity:char short_sale_threshold:char "
            "ipo_flag:char luld_tier:char etp_flag:char etp_leverage:u4 inverse:char",
        ),
        ("H", "Stock Trading Action", "stock:8 trading_state:char reserved:char reason:4"),
        ("Y", "Reg SHO Restriction", "stock:8 action:char"),
        (
            "L",
            "Market Participant Position",
            "mpid:4 stock:8 primary_market_maker:char market_maker_mode:char participant_state:char",
        ),
        ("V", "MWCB Decline Level", "level_1:price8 level_2:price8 level_3:price8"),
        ("W", "MWCB Status", "breached_level:char"),
        ("K", "IPO Quoting Period", "stock:8 release_time:u4 release_qualifier:char price:price"),
        (
            "J",
            "LULD Auction Collar",
            "stock:8 reference_price:price upper_price:price lower_price:price extension:u4",
        ),
        ("h", "Operational Halt", "stock:8 market:char action:char"),
        ("A", "Add Order", "reference:u8 side:char shares:u4 stock:8 price:price"),
        ("F", "Add Order, Attributed", "reference:u8 side:char shares:u4 stock:8 price:price attribution:4"),
        ("E", "Order Executed", "reference:u8 shares:u4 match:u8"),
        (
            "C",
            "Order Executed With Price",
            "reference:u8 shares:u4 match:u8 printable:char price:price",
        ),
        ("X", "Order Cancel", "reference:u8 shares:u4"),
        ("D", "Order Delete", "reference:u8"),
        ("U", "Order Replace", "reference:u8 new_reference:u8 shares:u4 price:price"),
        ("P", "Trade", "reference:u8 side:char shares:u4 stock:8 price:price match:u8"),
        ("Q", "Cross Trade", "shares:u8 stock:8 price:price match:u8 cross_type:char"),
        ("B", "Broken Trade", "match:u8"),
        (
            "I",
            "Net Order Imbalance",
            "paired_shares:u8 imbalance_shares:u8 direction:char stock:8 far_price:price near_price:price "
            "reference_price:price cross_type:char price_variation:char",
        ),
        ("N", "Retail Interest", "stock:8 interest:char"),
        (
            "O",
            "Direct Listing Price Discovery",
            "stock:8 open_eligibility:char minimum_price:price maximum_price:price near_price:price "
            "near_time:u8 lower_collar:price upper_collar:price",
        ),
    )
}
"""All types by their letter."""

LINK_NAMES = ("new_reference", "match")
UNKNOWN = -1
LENGTHS = np.full(256, UNKNOWN, np.int64)
"""Length of a message by its type byte, ``UNKNOWN`` where there is no such type."""

RECORD = np.dtype(
    [
        ("timestamp", "i8"),
        ("reference", "u8"),
        ("link", "u8"),
        ("shares", "u4"),
        ("price", "u4"),
        ("offset", "u4"),
        ("locate", "u2"),
        ("type", "u1"),
        ("side", "u1"),
    ]
)
"""One message, what a book needs of it: 40 bytes. What its type has not is 0.

``timestamp`` is in nanoseconds since midnight, ``link`` the new reference of a replace or the match number
of an execution or trade, ``price`` in ticks of 1e-4 dollar, ``type`` and ``side`` the letters' ASCII codes.
``shares`` holds those of four bytes, so not a cross trade's. ``offset`` is that of the message, without its
prefix, in the bytes that were decoded."""

PLACED = ("reference", "link", "shares", "price", "side")
"""Columns whose place depends on the type; in this sequence they stand in a row of ``PLACES``."""

PLACES = np.zeros((256, 8), np.uint8)
"""Offsets of the ``PLACED`` fields by type byte; 0, the type byte's own, for what a type has not."""

for _type in MESSAGE_TYPES.values():
    LENGTHS[ord(_type.letter)] = _type.length
    for _field in _type.fields:
        _column = "link" if _field.name in LINK_NAMES else _field.name
        if _column in PLACED and _field.width == RECORD[_column].itemsize:
            PLACES[ord(_type.letter), PLACED.index(_column)] = _field.offset

LONGEST = int(LENGTHS.max())
SHORTEST = int(LENGTHS[LENGTHS > 0].min())
for _table in (LENGTHS, PLACES):
    _table.flags.writeable = False
