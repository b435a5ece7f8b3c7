"""A naive order book, written from the rules alone and built to be believed at sight.

Prices are kept in sorted lists, queues in deques, orders in a dict, and every number is a Python int
that cannot overflow. Nothing is cached: a level's total is the sum over its queue whenever it is asked
for. It knows limit and market orders, cancels and modifies; it knows no stops and no self-trade rule.
"""

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from nanobook.types import INT64_MAX, INT64_MIN, MessageKind, OrderStatus, Outcome, Side, TimeInForce


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
    """One stored order; ``client`` is the caller's own name of it, or None."""

    order_id: int
    side: int
    price: int
    quantity: int
    tif: int
    timestamp: int
    client: int | None
    filled: int = 0
    remaining: int = 0
    status: int = OrderStatus.NEW

    def is_live(self):
        """Whether the order is on the book: only GTC rests, and only while it is active."""
        return self.tif == TimeInForce.GTC and self.status <= OrderStatus.PARTIALLY_FILLED

    def fill(self, lots):
        """Take ``lots`` off what is left."""
        self.filled += lots
        self.remaining -= lots
        self.status = OrderStatus.PARTIALLY_FILLED if self.remaining else OrderStatus.FILLED


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

    def drop(self, order):
        """Take the order out of its queue, and the level away if that was the last one."""
        queue = self.queues[order.price]
        queue.remove(order)
        if not queue:
            del self.queues[order.price]
            del self.prices[bisect_left(self.prices, order.price)]


def crosses(side, price, opposite_price):
    """Whether an order of ``side`` limited to ``price`` may trade at ``opposite_price``."""
    return opposite_price <= price if side == Side.BUY else opposite_price >= price


class NaiveBook:
    """A matching engine of one symbol; messages name orders by our ids or by the caller's own."""

    def __init__(self, client_ids=False):
        self.client_ids = client_ids
        self.orders = {}
        self.trades = []
        self.last_trade_price = None
        self.halves = (HalfBook(Side.BUY), HalfBook(Side.SELL))
        self._latest = {}
        self._next_id = 1
        self._clock = 1

    def apply(self, kind, side, price, quantity, tif, order_id):
        """Do what one message asks for and return its ``Row``."""
        if kind == MessageKind.CANCEL:
            return self._cancel(order_id)
        if kind == MessageKind.MODIFY:
            return self._modify(order_id, price, quantity)
        if self.client_ids and self._is_live(order_id):
            return Row(0, Outcome.DUPLICATE_ORDER_ID, 0, 0, 0)
        if kind == MessageKind.MARKET:
            price = INT64_MAX if side == Side.BUY else INT64_MIN
            tif = TimeInForce.IOC
        return self._submit(side, price, quantity, tif, order_id if self.client_ids else None)

    def best_bid(self):
        """Highest bid price, or None."""
        return self.halves[Side.BUY].best()

    def best_ask(self):
        """Lowest ask price, or None."""
        return self.halves[Side.SELL].best()

    def depth(self, side, n):
        """Return the best ``n`` levels of a side as (price, total quantity, order count)."""
        return [(price, sum(left for _, left in queue), len(queue)) for price, queue in self.queue(side, n)]

    def queue(self, side, n=None):
        """All levels of a side, or the best ``n``, as (price, [(order id, remaining), ...])."""
        half = self.halves[side]
        prices = islice(half.best_first(), n)
        return [(price, [(o.order_id, o.remaining) for o in half.queues[price]]) for price in prices]

    def _submit(self, side, price, quantity, tif, client):
        """Take an id and a time, match, then rest or discard what is left."""
        order_id, timestamp = self._next_id, self._tick()
        self._next_id += 1
        if tif == TimeInForce.FOK and not self._can_fill(side, price, quantity):
            return Row(order_id, Outcome.CANCELLED, 0, 0, quantity)
        order = Order(order_id, side, price, quantity, tif, timestamp, client, remaining=quantity)
        self.orders[order_id] = order
        if self.client_ids:
            self._latest[client] = order_id
        self._match(order)
        if order.is_live():
            self.halves[side].push(order)
            return Row(order_id, order.status, order.filled, order.remaining, 0)
        if not order.filled:
            order.status = OrderStatus.CANCELLED
        return Row(order_id, order.status, order.filled, 0, order.remaining)

    def _can_fill(self, side, price, quantity):
        """Whether ``quantity`` lots are on offer at prices that cross."""
        half = self.halves[1 - side]
        for level in half.best_first():
            if quantity <= 0 or not crosses(side, price, level):
                break
            quantity -= sum(order.remaining for order in half.queues[level])
        return quantity <= 0

    def _match(self, order):
        """Trade against the oldest order of the best opposite price for as long as that crosses."""
        half = self.halves[1 - order.side]
        while order.remaining and half.prices and crosses(order.side, order.price, half.best()):
            passive = half.queues[half.best()][0]
            self._trade(order, passive)
            if not passive.remaining:
                half.drop(passive)

    def _trade(self, aggressor, passive):
        """Let the two trade what both have left, at the passive price."""
        lots = min(aggressor.remaining, passive.remaining)
        trade_id = len(self.trades) + 1
        ids = aggressor.order_id, passive.order_id
        self.trades.append(Trade(trade_id, passive.price, lots, *ids, aggressor.side, self._tick()))
        self.last_trade_price = passive.price
        aggressor.fill(lots)
        passive.fill(lots)

    def _cancel(self, name):
        """Take a live order off the book."""
        order = self._find(name)
        if order is None:
            return Row(0, Outcome.ORDER_NOT_FOUND, 0, 0, 0)
        if not order.is_live():
            return Row(order.order_id, Outcome.ORDER_NOT_ACTIVE, 0, 0, 0)
        lots = order.remaining
        self.halves[order.side].drop(order)
        order.remaining = 0
        order.status = OrderStatus.CANCELLED
        return Row(order.order_id, Outcome.CANCELLED, 0, 0, lots)

    def _modify(self, name, price, quantity):
        """Cancel a live order and submit another in its stead, of the same side, tif and name."""
        if quantity == 0:
            return Row(0, Outcome.INVALID_QUANTITY, 0, 0, 0)
        gone = self._cancel(name)
        if gone.outcome != Outcome.CANCELLED:
            return gone
        old = self.orders[gone.order_id]
        new = self._submit(old.side, price, quantity, old.tif, old.client)
        return new._replace(cancelled=gone.cancelled)

    def _find(self, name):
        """Return the latest stored order of that name, or None."""
        return self.orders.get(self._latest.get(name) if self.client_ids else name)

    def _is_live(self, name):
        """Whether that name is taken by an order on the book."""
        order = self._find(name)
        return order is not None and order.is_live()

    def _tick(self):
        """Return the time and move the clock on by one."""
        self._clock += 1
        return self._clock - 1
