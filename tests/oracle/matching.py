"""The naive book without its stops: submission, matching, self-trade prevention, cancel, modify, amend.

Prices are kept in sorted lists, queues in deques, orders in a dict, and every number is a Python int
that cannot overflow. Nothing is cached: a level's total is the sum over its queue whenever it is asked
for.
"""

from itertools import islice

from nanobook.types import INT64_MAX, INT64_MIN, OrderStatus, Outcome, Side, StpPolicy, TimeInForce
from tests.oracle.parts import HalfBook, Order, Row, Trade, crosses


class MatchingBook:
    """Orders and trades of one symbol; messages name orders by our ids or by the caller's own."""

    def __init__(self, client_ids=False):
        self.client_ids = client_ids
        self.policy = StpPolicy.OFF
        self.orders = {}
        self.trades = []
        self.last_trade_price = None
        self.halves = (HalfBook(Side.BUY), HalfBook(Side.SELL))
        self._latest = {}
        self._next_id = 1
        self._next_trade_id = 1
        self._ticks = 1

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

    def queue_position(self, order_id):
        """Orders and lots ahead of a resting order in its queue; None if it does not rest."""
        order = self.orders.get(order_id)
        if order is None or not order.is_live():
            return None
        queue = self.halves[order.side].queues[order.price]
        ahead = [other.remaining for other in islice(queue, queue.index(order))]
        return len(ahead), sum(ahead)

    def _take_id(self):
        """Return a new id and its time."""
        order_id = self._next_id
        self._next_id += 1
        return order_id, self._tick()

    def _tick(self):
        """Return the time and move it on by one."""
        self._ticks += 1
        return self._ticks - 1

    def _submit(self, side, price, quantity, tif, owner=0, expiry=None, client=None, post_only=False):
        """Take an id and a time, match, then rest or discard what is left."""
        refused = (tif == TimeInForce.FOK and not self._can_fill(side, price, quantity, owner)) or (
            post_only and self._would_cross(side, price)
        )
        order_id, timestamp = self._take_id()
        if refused:
            return Row(order_id, Outcome.CANCELLED, 0, 0, quantity)
        order = Order(order_id, side, price, quantity, tif, timestamp, client, owner, expiry)
        order.remaining = quantity
        self.orders[order_id] = order
        if self.client_ids:
            self._latest[client] = order_id
        self._match(order)
        resting = order.remaining if order.may_rest() else 0
        if resting:
            self.halves[side].push(order)
        elif not order.filled:
            order.status = OrderStatus.CANCELLED
        return Row(order_id, order.status, order.filled, resting, quantity - order.filled - resting)

    def _submit_market(self, side, quantity, owner=0, client=None):
        """Submit an immediate order at the limit of all prices."""
        price = INT64_MAX if side == Side.BUY else INT64_MIN
        return self._submit(side, price, quantity, TimeInForce.IOC, owner, None, client)

    def _would_cross(self, side, price):
        """Whether there is anything opposite that an order at that price may trade with."""
        best = self.halves[1 - side].best()
        return best is not None and crosses(side, price, best)

    def _can_fill(self, side, price, quantity, owner):
        """Whether an order would trade all its lots, own orders in its way being as ``_prevent`` says."""
        for resting in self._in_the_way(side, price):
            if quantity <= 0:
                break
            if not self._is_own(owner, resting):
                quantity -= resting.remaining
            elif self.policy == StpPolicy.DECREMENT_BOTH or self._yields(quantity, resting):
                return False
        return quantity <= 0

    def _in_the_way(self, side, price):
        """Orders that an order of that side and price meets, first to last."""
        half = self.halves[1 - side]
        for level in half.best_first():
            if not crosses(side, price, level):
                return
            yield from half.queues[level]

    def _is_own(self, owner, resting):
        """Whether prevention keeps the owner from trading with the resting order."""
        return self.policy != StpPolicy.OFF and owner != 0 and owner == resting.owner

    def _match(self, order):
        """Meet the oldest order of the best opposite price for as long as that crosses."""
        half = self.halves[1 - order.side]
        while order.remaining and half.prices and crosses(order.side, order.price, half.best()):
            resting = half.queues[half.best()][0]
            if self._is_own(order.owner, resting):
                self._prevent(order, resting)
            else:
                self._trade(order, resting)
                if not resting.remaining:
                    half.drop(resting)

    def _trade(self, aggressor, passive):
        """Let the two trade what both have left, at the passive price."""
        lots = min(aggressor.remaining, passive.remaining)
        ids = aggressor.order_id, passive.order_id
        trade = Trade(self._next_trade_id, passive.price, lots, *ids, aggressor.side, self._tick())
        self._next_trade_id += 1
        self.trades.append(trade)
        self.last_trade_price = passive.price
        aggressor.fill(lots)
        passive.fill(lots)

    def _prevent(self, incoming, resting):
        """Keep two orders of one owner from trading: at least one of them is gone afterwards."""
        if self.policy == StpPolicy.DECREMENT_BOTH:
            lots = min(incoming.remaining, resting.remaining)
            for order, remove in ((incoming, self._cut), (resting, self._withdraw)):
                if order.remaining == lots:
                    remove(order)
                else:
                    order.reduce(lots)
        elif self._yields(incoming.remaining, resting):
            self._cut(incoming)
        else:
            self._withdraw(resting)

    def _yields(self, lots, resting):
        """Whether an incoming order with so many lots left goes, and the resting one of its owner stays."""
        smaller = self.policy == StpPolicy.DECREMENT_AND_CANCEL and lots < resting.remaining
        return smaller or self.policy == StpPolicy.CANCEL_NEWEST

    def _cut(self, incoming):
        """Cancel what is left of an order that is being matched; what it filled, it filled."""
        incoming.remaining = 0

    def _withdraw(self, order):
        """Take an order off the book and return the lots it had left."""
        lots = order.remaining
        self.halves[order.side].drop(order)
        order.remaining = 0
        order.status = OrderStatus.CANCELLED
        return lots

    def _cancel(self, name):
        """Take a live order off the book."""
        order, refusal = self._live(name)
        return refusal or Row(order.order_id, Outcome.CANCELLED, 0, 0, self._withdraw(order))

    def _modify(self, name, price, quantity):
        """Cancel a live order and submit another in its stead, of the same side, tif, owner and name."""
        if quantity == 0:
            return Row(0, Outcome.INVALID_QUANTITY, 0, 0, 0)
        old, refusal = self._live(name)
        if refusal:
            return refusal
        lots = self._withdraw(old)
        new = self._submit(old.side, price, quantity, old.tif, old.owner, old.expiry, old.client)
        return new._replace(cancelled=lots)

    def _amend(self, name, quantity):
        """Reduce what is left of a live order where it stands."""
        if quantity == 0:
            return Row(0, Outcome.INVALID_QUANTITY, 0, 0, 0)
        order, refusal = self._live(name)
        if refusal:
            return refusal
        lots = order.remaining - quantity
        if lots <= 0:
            return Row(order.order_id, Outcome.INVALID_QUANTITY, 0, 0, 0)
        order.reduce(lots)
        return Row(order.order_id, Outcome.DONE, 0, quantity, lots)

    def _find(self, name):
        """Return the latest stored order of that name, or None."""
        return self.orders.get(self._latest.get(name) if self.client_ids else name)

    def _live(self, name):
        """Return the order of that name and None, or, if it does not rest, None and the refusal."""
        order = self._find(name)
        if order is None:
            return None, Row(0, Outcome.ORDER_NOT_FOUND, 0, 0, 0)
        if not order.is_live():
            return None, Row(order.order_id, Outcome.ORDER_NOT_ACTIVE, 0, 0, 0)
        return order, None
