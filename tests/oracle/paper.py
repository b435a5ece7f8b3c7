"""Naive twin of a market of the paper broker: one quote, orders of ours, no book.

The rules in words. A quote trades first with the orders of ours that rest through it, dearest first and of
equals the oldest, each at its own price; then with the rests of market orders, oldest first. An order of ours
takes from the quote, at the quote's price, as much as it wants and there is, but nothing beyond an order of
ours on the other side. What is left of a market order waits; of an immediate one, and of a limit order that
met an order of ours, it is cancelled; of any other limit order it rests.
"""

from dataclasses import dataclass


@dataclass
class TwinOrder:
    """One order."""

    id: int
    side: str
    limit: int | None
    left: int
    ioc: bool = False
    state: str = "resting"


class TwinMarket:
    """A symbol in whole shares and cents; ``fills`` are (id, quantity, price)."""

    def __init__(self):
        self.quote = {"buy": (0, None), "sell": (0, None)}  # price, size; None is endless
        self.orders = []
        self.fills = []

    def new_quote(self, bid, bid_size, ask, ask_size):
        """The market moves."""
        crossed = bid > ask > 0
        self.quote = {
            "buy": (0 if crossed else bid, bid_size),
            "sell": (0 if crossed else ask, ask_size),
        }
        waiting = [order for order in self.orders if order.state == "waiting"]
        for side in ("buy", "sell"):
            self._hit_resting(side)
        for order in waiting:
            self._take(order)

    def submit(self, side, quantity, limit, ioc=False):
        """An order arrives."""
        order = TwinOrder(len(self.orders) + 1, side, limit, quantity, ioc)
        other = "sell" if side == "buy" else "buy"
        self.orders.append(order)
        if limit is None and not self.quote[other][0]:
            order.state = "rejected"
        else:
            self._take(order)

    def cancel(self, order_id):
        """A cancel arrives."""
        order = self.orders[order_id - 1]
        if order.state in ("resting", "waiting"):
            order.state = "cancelled"

    def _hit_resting(self, side):
        """The quote's side trades with what rests on the other."""
        price, _ = self.quote[side]
        sign = 1 if side == "buy" else -1
        mine = [o for o in self.orders if o.state == "resting" and o.side != side]
        for order in sorted(mine, key=lambda o: (o.limit * sign, o.id)):
            if price and (price - order.limit) * sign >= 0:
                self._trade(order, side, order.limit)

    def _take(self, order):
        """An order of ours takes what it may."""
        other, sign = ("sell", 1) if order.side == "buy" else ("buy", -1)
        price, _ = self.quote[other]
        allows = lambda at: order.limit is None or (order.limit - at) * sign >= 0  # noqa: E731
        mine = [o.limit for o in self.orders if o.state == "resting" and o.side == other and o is not order]
        nearest = min(mine, key=lambda at: at * sign, default=None)
        blocked = nearest is not None and allows(nearest)
        if price and allows(price) and not (blocked and (nearest - price) * sign <= 0):
            self._trade(order, other, price)
        if order.left:
            rest = "waiting" if order.limit is None else "cancelled" if blocked else "resting"
            order.state = "cancelled" if order.ioc else rest

    def _trade(self, order, side, price):
        """Trade with the quote's side."""
        quoted, size = self.quote[side]
        quantity = order.left if size is None else min(order.left, size)
        if quantity:
            order.left -= quantity
            self.fills.append((order.id, quantity, price))
            if size is not None:
                self.quote[side] = quoted, size - quantity
            if not order.left:
                order.state = "filled"
