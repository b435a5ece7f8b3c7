"""The vocabulary: enums, record layouts and bounds that every floor shares.

Glossary
--------
aggressor   the incoming order of a trade; *passive* or *resting* is the order that was on the book
client id   the caller's own name of an order; *order id* is ours, sequential from 1
cost        what a trade costs beside its price, here in basis points of the notional
key         a price turned so that the best price of either side is the highest key
level       all orders resting at one price of one side, oldest first
lot         the unit of quantity
notional    price times quantity
tape        a whole order flow as columns, and the columns that come back
tick        the unit of price; for money it is one cent
touch       the best bid and the best ask; the *spread* is their distance
"""

from enum import IntEnum

import numpy as np

INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)
MAX_QUANTITY = 2**62
"""Largest quantity of one order. What rests on one side of a book may not exceed ``INT64_MAX`` lots."""


class Side(IntEnum):
    """Side of an order: ``BUY`` or ``SELL``."""

    BUY = 0
    SELL = 1

    @property
    def opposite(self):
        """The other side."""
        return Side(1 - self)


class TimeInForce(IntEnum):
    """How long an order lives: until cancelled, not at all, or only if wholly filled at once."""

    GTC = 0
    IOC = 1
    FOK = 2

    def can_rest(self):
        """Whether an unfilled rest stays on the book."""
        return self is TimeInForce.GTC

    def allows_partial(self):
        """Whether a part may fill."""
        return self is not TimeInForce.FOK


class OrderStatus(IntEnum):
    """Status of an order."""

    NEW = 0
    PARTIALLY_FILLED = 1
    FILLED = 2
    CANCELLED = 3

    def is_active(self):
        """Whether the status is that of an order that may still trade."""
        return self <= OrderStatus.PARTIALLY_FILLED

    def is_terminal(self):
        """Whether the status never changes again."""
        return not self.is_active()


class MessageKind(IntEnum):
    """What a message of a tape asks for."""

    LIMIT = 0
    CANCEL = 1
    MODIFY = 2
    MARKET = 3


class Outcome(IntEnum):
    """What became of a message. The first four equal ``OrderStatus``; the rest are refusals."""

    NEW = 0
    PARTIALLY_FILLED = 1
    FILLED = 2
    CANCELLED = 3
    ORDER_NOT_FOUND = 4
    ORDER_NOT_ACTIVE = 5
    INVALID_QUANTITY = 6
    DUPLICATE_ORDER_ID = 7


OUTCOME_NAMES = (
    "New",
    "PartiallyFilled",
    "Filled",
    "Cancelled",
    "OrderNotFound",
    "OrderNotActive",
    "InvalidQuantity",
    "DuplicateOrderId",
)
SIDE_NAMES = ("buy", "sell")
TIF_NAMES = ("gtc", "ioc", "fok")
KIND_NAMES = ("limit", "cancel", "modify", "market")

ORDER = np.dtype(
    [
        ("prev", "u4"),
        ("next", "u4"),
        ("level", "u4"),
        ("side", "u1"),
        ("status", "u1"),
        ("tif", "u1"),
        ("ghost", "u1"),
        ("left", "i8"),
        ("client", "i8"),
    ]
)
"""One order, the part that matching chases: 32 bytes. ``level`` is 0 once the order is dead;
``left`` is what was never filled; ``ghost`` marks the id of a refused FOK, which was never stored."""

TRADE = np.dtype([("price", "i8"), ("quantity", "i8"), ("aggressor", "u4"), ("passive", "u4")])
"""One trade: 24 bytes. Its id is its row + 1; its time is that id plus the aggressor's id, because
the clock ticks once per order id and once per trade; its side is the aggressor's."""

LEVEL = np.dtype(
    [
        ("key", "i8"),
        ("total", "i8"),
        ("head", "u4"),
        ("tail", "u4"),
        ("count", "u4"),
        ("node", "u4"),
    ]
)
"""One price level: the queue's ends, the sum of what is left and the number of orders."""

NODE = np.dtype([("prefix", "i8"), ("bits", "u8"), ("parent", "u4"), ("tag", "u2"), ("digit", "u2")])
"""One node of the ladder: 24 bytes. ``bits`` marks its children that lead to an order; ``tag`` is
twice its height plus its side; ``digit`` is its place among its parent's children."""

RESULT = np.dtype(
    [
        ("filled", "i8"),
        ("resting", "i8"),
        ("cancelled", "i8"),
        ("order_id", "u4"),
        ("outcome", "u4"),
    ]
)
"""What became of one message: 32 bytes."""
