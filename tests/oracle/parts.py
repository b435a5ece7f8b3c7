"""What the naive book is made of: rows, trades, orders, and one side's prices and queues."""

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from nanobook.types import OrderStatus, Side, TimeInForce


class Row(NamedTuple):
    """What became of one message."""

    order_id: int
    outcome: int
    filled: int
    resting: int
    cancelled: int


class Trade(NamedTuple):
    """One trade, at the passive order's price."""

    trade_id: int
    price: int
    quantity: int
    aggressor_id: int
    passive_id: int
    aggressor_side: int
    timestamp: int


@dataclass(slots=True, eq=False)
class Order:
    """One stored order; ``client`` is the caller's own name of it, or None; ``owner`` 0 is nobody."""

    order_id: int
    side: int
    price: int
    quantity: int
    tif: int
    timestamp: int
    client: int | None = None
    owner: int = 0
    expiry: int | None = None
    filled: int = 0
    remaining: int = 0
    status: int = OrderStatus.NEW
    on_book: bool = False

    def is_live(self):
        """Whether the order rests on the book: what does not is dead for good."""
        return self.on_book

    def may_rest(self):
        """Whether what is left of the order stays on the book."""
        return self.tif not in (TimeInForce.IOC, TimeInForce.FOK)

    def fill(self, lots):
        """Take ``lots`` off what is left: they traded."""
        self.filled += lots
        self.remaining -= lots
        self.status = OrderStatus.PARTIALLY_FILLED if self.remaining else OrderStatus.FILLED

    def reduce(self, lots):
        """Take ``lots`` off what is left as if they had never been asked for."""
        self.quantity -= lots
        self.remaining -= lots


class HalfBook:
    """One side of the book: the prices in use, ascending, and the queue of orders at each."""

    def __init__(self, side):
        self.side = side
        self.prices = []
        self.queues = {}

    def best(self):
        """Highest bid or lowest ask, or None."""
        if not self.prices:
            return None
        return self.prices[-1] if self.side == Side.BUY else self.prices[0]

    def best_first(self):
        """All prices, the best one first."""
        return reversed(self.prices) if self.side == Side.BUY else iter(self.prices)

    def push(self, order):
        """Queue the order behind all others of its price."""
        if order.price not in self.queues:
            self.queues[order.price] = deque()
            insort(self.prices, order.price)
        self.queues[order.price].append(order)
        order.on_book = True

    def drop(self, order):
        """Take the order out of its queue, and the level away if that was the last one."""
        queue = self.queues[order.price]
        queue.remove(order)
        order.on_book = False
        if not queue:
            del self.queues[order.price]
            del self.prices[bisect_left(self.prices, order.price)]


def crosses(side, price, opposite_price):
    """Whether an order of ``side`` limited to ``price`` may trade at ``opposite_price``."""
    return opposite_price <= price if side == Side.BUY else opposite_price >= price
