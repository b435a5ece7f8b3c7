"""Orders that were sent and have not ended: what they may still do to the positions."""

from dataclasses import dataclass, field

from .amounts import Number


@dataclass(slots=True)
class Child:
    """An order at the broker.

    Attributes
    ----------
    notional : Number
        What it was worth, in cents, when it was sent.
    filled : Number
        Of it, by all its fills.
    fills : dict
        Quantity by execution id: a fill told twice is one, a corrected one replaces the first.
    """

    symbol: str
    sign: int
    quantity: Number
    notional: Number = 0
    fills: dict = field(default_factory=dict)
    is_live: bool = True

    @property
    def filled(self):
        """What has been filled."""
        return sum(self.fills.values())

    @property
    def used(self):
        """What it takes of its parent: all of it while it lives, then what was filled."""
        return max(self.quantity, self.filled) if self.is_live else self.filled

    @property
    def remaining(self):
        """What may still be filled."""
        return max(self.quantity - self.filled, 0) if self.is_live else 0


class Working:
    """All orders of a run, by client order id; sums are kept, so that a long run stays fast."""

    def __init__(self):
        self.children = {}
        self._live = {}
        self._used = {}

    def add(self, client_order_id, child):
        """Take in an order that was sent."""
        self.children[client_order_id] = self._live[client_order_id] = child
        self._use(child, child.used)

    def remove(self, client_order_id):
        """Forget an order."""
        child = self.children.pop(client_order_id)
        self._live.pop(client_order_id, None)
        self._use(child, -child.used)

    def fill(self, child, execution_id, quantity):
        """Take in a fill, in place of the one that had its id."""
        before = child.used
        child.fills[execution_id] = quantity
        self._use(child, child.used - before)

    def end(self, client_order_id):
        """Take in that an order lives no more; one that is not known is passed over."""
        child = self._live.pop(client_order_id, None)
        if child is not None:
            before = child.used
            child.is_live = False
            self._use(child, child.used - before)

    def open_quantities(self):
        """Sum up what may still be bought and sold.

        Returns
        -------
        dict
            (bought, sold) by symbol, for symbols with live orders.
        """
        sums = {}
        for child in self._live.values():
            if child.remaining:
                bought, sold = sums.get(child.symbol, (0, 0))
                if child.sign > 0:
                    sums[child.symbol] = bought + child.remaining, sold
                else:
                    sums[child.symbol] = bought, sold + child.remaining
        return sums

    def used(self, symbol, sign):
        """Give what orders take of the parent of a symbol and side."""
        return self._used.get((symbol, sign), 0)

    def _use(self, child, more):
        key = child.symbol, child.sign
        self._used[key] = self._used.get(key, 0) + more
