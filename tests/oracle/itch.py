"""A naive decoder of ITCH 5.0, written from the specification: one struct format a type, one loop.

It knows nothing of the package's tables. Times are six bytes, so they are unpacked as such.
"""

import struct

HEADER = ("locate", "tracking", "timestamp")
SPECIFICATION = {
    "S": ("c", ["event"]),
    "R": (
        "8scc I cc 2s ccccc I c",
        [
            "stock",
            "market_category",
            "financial_status",
            "round_lot_size",
            "round_lots_only",
            "issue_classification",
            "issue_subtype",
            "authenticity",
            "short_sale_threshold",
            "ipo_flag",
            "luld_tier",
            "etp_flag",
            "etp_leverage",
            "inverse",
        ],
    ),
    "H": ("8s c c 4s", ["stock", "trading_state", "reserved", "reason"]),
    "Y": ("8s c", ["stock", "action"]),
    "L": ("4s 8s ccc", ["mpid", "stock", "primary_market_maker", "market_maker_mode", "participant_state"]),
    "V": ("QQQ", ["level_1", "level_2", "level_3"]),
    "W": ("c", ["breached_level"]),
    "K": ("8s I c I", ["stock", "release_time", "release_qualifier", "price"]),
    "J": ("8s IIII", ["stock", "reference_price", "upper_price", "lower_price", "extension"]),
    "h": ("8s c c", ["stock", "market", "action"]),
    "A": ("Q c I 8s I", ["reference", "side", "shares", "stock", "price"]),
    "F": ("Q c I 8s I 4s", ["reference", "side", "shares", "stock", "price", "attribution"]),
    "E": ("Q I Q", ["reference", "shares", "match"]),
    "C": ("Q I Q c I", ["reference", "shares", "match", "printable", "price"]),
    "X": ("Q I", ["reference", "shares"]),
    "D": ("Q", ["reference"]),
    "U": ("Q Q I I", ["reference", "new_reference", "shares", "price"]),
    "P": ("Q c I 8s I Q", ["reference", "side", "shares", "stock", "price", "match"]),
    "Q": ("Q 8s I Q c", ["shares", "stock", "price", "match", "cross_type"]),
    "B": ("Q", ["match"]),
    "I": (
        "Q Q c 8s I I I c c",
        [
            "paired_shares",
            "imbalance_shares",
            "direction",
            "stock",
            "far_price",
            "near_price",
            "reference_price",
            "cross_type",
            "price_variation",
        ],
    ),
    "N": ("8s c", ["stock", "interest"]),
    "O": (
        "8s c III Q II",
        [
            "stock",
            "open_eligibility",
            "minimum_price",
            "maximum_price",
            "near_price",
            "near_time",
            "lower_collar",
            "upper_collar",
        ],
    ),
}
LETTERS = "SRHYLVWKJhAFECXDUPQBINO"
LENGTHS = dict(
    zip(
        LETTERS,
        (12, 39, 25, 20, 26, 35, 12, 28, 35, 21, 36, 40, 31, 36, 23, 19, 35, 44, 40, 19, 50, 20, 48),
        strict=True,
    )
)
"""Lengths as the specification prints them."""


def structure(letter):
    """Struct of a whole message."""
    return struct.Struct(">cHH6s" + SPECIFICATION[letter][0])


def decode(message):
    """All fields of one message by name; text without padding."""
    letter = message[:1].decode()
    _, locate, tracking, time, *own = structure(letter).unpack(message)
    fields = {"type": letter, "locate": locate, "tracking": tracking, "timestamp": int.from_bytes(time)}
    for name, value in zip(SPECIFICATION[letter][1], own, strict=True):
        # A NUL at the end is padding, too.
        fields[name] = value.rstrip(b"\0").decode("latin-1").rstrip(" ") if type(value) is bytes else value
    return fields


def split(data):
    """Yield (offset, message) of all complete messages of a strict stream, unknown types among them."""
    at = 0
    while at + 2 <= len(data):
        length = data[at] * 256 + data[at + 1]
        message = data[at + 2 : at + 2 + length]
        if length == 0 or len(message) < length:
            return
        yield at + 2, message
        at += 2 + length


def row(offset, message):
    """What the columns must show of one message."""
    fields = decode(message)
    letter = fields["type"]
    shares = 0 if letter == "Q" else fields.get("shares", 0)
    return {
        "timestamp": fields["timestamp"],
        "reference": fields.get("reference", 0),
        "link": fields.get("new_reference", fields.get("match", 0)),
        "shares": shares,
        "price": fields.get("price", 0),
        "offset": offset,
        "locate": fields["locate"],
        "type": ord(letter),
        "side": message[19] if letter in "AFP" else 0,
    }
