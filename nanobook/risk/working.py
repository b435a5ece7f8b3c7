"""Orders that were sent and have not ended: what they may still do to the positions."""

from dataclasses import dataclass, field

from .amounts import Number


@dataclass(slots=True)
class Child:
    """An order at the broker.

    Attributes
    ----------
    filled : Number
        Of it, by all its fills.
    fills : dict
        Quantity by execution id: a fill told twice is one, a corrected one replaces the first.
    """

    symbol: str
    sign: int
    quantity: Number
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
    """All orders of a run, by client order id."""

    def __init__(self):
        self.children = {}

    def add(self, client_order_id, symbol, sign, quantity):
        """Take in an order that was sent."""
        self.children[client_order_id] = Child(symbol, sign, quantity)

    def open_quantities(self):
        """Sum up what may still be bought and sold.

        Returns
        -------
        dict
            (bought, sold) by symbol, for symbols with live orders.
        """
        sums = {}
        for child in self.children.values():
            if child.remaining:
                bought, sold = sums.get(child.symbol, (0, 0))
                if child.sign > 0:
                    sums[child.symbol] = bought + child.remaining, sold
                else:
                    sums[child.symbol] = bought, sold + child.remaining
        return sums

    def used(self, symbol, sign):
        """Sum up what orders take of the parent of a symbol and side."""
        return sum(
            child.used for child in self.children.values() if (child.symbol, child.sign) == (symbol, sign)
        )
