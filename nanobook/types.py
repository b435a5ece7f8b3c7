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
    """How long an order lives.

    ``GTC`` until cancelled, ``IOC`` not at all, ``FOK`` only if wholly filled at once, ``DAY`` until the
    clock's day ends, ``GTD`` until a time of that clock.
    """

    GTC = 0
    IOC = 1
    FOK = 2
    DAY = 3
    GTD = 4

    def can_rest(self):
        """Whether an unfilled rest stays on the book."""
        return self not in (TimeInForce.IOC, TimeInForce.FOK)

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
    """What a message of a tape asks for, and what an event of the log asked for."""

    LIMIT = 0
    CANCEL = 1
    MODIFY = 2
    MARKET = 3
    STOP_MARKET = 4
    STOP_LIMIT = 5
    TRAILING_STOP_MARKET = 6
    TRAILING_STOP_LIMIT = 7
    AMEND = 8
    CANCEL_ALL = 9
    CLOCK = 10
    STP_POLICY = 11
    INSTRUMENT = 12
    RESUME = 13


class StpPolicy(IntEnum):
    """Self-trade prevention: what happens when an order meets one of the same owner.

    ``DECREMENT_AND_CANCEL`` is the original's rule of that name, which decrements nothing: a smaller
    incoming order is cancelled, otherwise the resting one. ``DECREMENT_BOTH`` is the textbook rule:
    both are reduced by the smaller.
    """

    OFF = 0
    CANCEL_NEWEST = 1
    CANCEL_OLDEST = 2
    DECREMENT_AND_CANCEL = 3
    DECREMENT_BOTH = 4


class TrailMethod(IntEnum):
    """How far a trailing stop stays behind the best price since it was submitted."""

    NONE = 0
    FIXED = 1
    PERCENTAGE = 2
    SMA_ABS_CHANGE = 3


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
    PENDING = 8
    TRIGGERED = 9
    DONE = 10


OUTCOME_NAMES = (
    "New",
    "PartiallyFilled",
    "Filled",
    "Cancelled",
    "OrderNotFound",
    "OrderNotActive",
    "InvalidQuantity",
    "DuplicateOrderId",
    "Pending",
    "Triggered",
    "Done",
)
SIDE_NAMES = ("buy", "sell")
TIF_NAMES = ("gtc", "ioc", "fok", "day", "gtd")
KIND_NAMES = (
    "limit",
    "cancel",
    "modify",
    "market",
    "stop_market",
    "stop_limit",
    "trailing_stop_market",
    "trailing_stop_limit",
    "amend",
    "cancel_all",
    "clock",
    "stp_policy",
    "instrument",
    "resume",
)
POST_ONLY = 1  # bits of ``EVENT.marks``
BY_CLIENT_ID = 2

ORDER = np.dtype(
    [
        ("prev", "u4"),
        ("next", "u4"),
        ("level", "u4"),
        ("side", "u1"),
        ("status", "u1"),
        ("tif", "u1"),
        ("marks", "u1"),
        ("left", "i8"),
        ("client", "i8"),
    ]
)
"""One order, the part that matching chases: 32 bytes. ``level`` is 0 once the order is dead;
``left`` is what was never filled; ``marks`` are the bits below."""

GHOST = 1
"""The order is unknown: refused before it was stored (a FOK, a post-only order), or forgotten."""
STOP = 2
"""The id is that of a stop."""
CUT = 4
"""Self-trade prevention took the rest of the incoming order."""

STOP_ORDER = np.dtype(
    [
        ("order", "u4"),
        ("child", "u4"),
        ("method", "u1"),
        ("seen", "u1"),
        ("status", "u1"),
        ("kind", "u1"),
        ("period", "u4"),
        ("stop_price", "i8"),
        ("watermark", "i8"),
        ("value", "f8"),
        ("since", "i8"),
    ]
)
"""One stop, 48 bytes, in order of submission: its id and that of the order it became; a ``TrailMethod`` with
its value and period; the stop price, and the best price ``seen`` since it was submitted, as they were when
``since`` rounds of prices had been noted."""

TIMER = np.dtype([("time", "i8"), ("order", "i8")])
"""When an order ends: a node of a binary heap."""

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

NODE = np.dtype([("prefix", "i8"), ("bits", "u8"), ("place", "u4"), ("tag", "u4")])
"""One node of the ladder: 24 bytes. ``bits`` marks its children that lead to an order; ``place`` is the
row of ``children`` where it hangs, 64 times its parent plus its digit there; ``tag`` is 16 times its side
plus its height."""

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

EVENT = np.dtype(
    [
        ("kind", "u1"),
        ("side", "u1"),
        ("tif", "u1"),
        ("marks", "u1"),
        ("owner", "u4"),
        ("price", "i8"),
        ("quantity", "i8"),
        ("order_id", "i8"),
        ("stop_price", "i8"),
        ("expiry", "i8"),
        ("trail_value", "f8"),
        ("period", "u4"),
        ("trail", "u4"),
    ]
)
"""One message of any kind: 64 bytes. What its kind does not use is 0.

``side`` of a mass cancel is 2 where both are meant, ``owner`` 0 where there is none. ``price`` of a stop
is its limit price. ``order_id`` of a submission is the caller's own name of the order if ``marks`` says
``BY_CLIENT_ID``. ``expiry`` of a clock message is the new time. ``tif`` of a policy message is the policy.
``price`` and ``quantity`` of an instrument message are the sizes of its tick and lot."""
