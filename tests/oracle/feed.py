"""Naive books of a feed: dicts of orders in the sequence of their arrival, written from the rules alone.

A symbol's book is nothing but its orders; levels are worked out whenever they are asked for.
"""

from typing import NamedTuple

FAULTS = (
    "unknown reference",
    "reference in use",
    "more than rests",
    "no quantity",
    "no side",
    "crossed",
)


class Execution(NamedTuple):
    """One execution, named as the columns are."""

    message: int
    reference: int
    link: int
    price: int
    quantity: int
    symbol: int
    side: int
    kind: int


class NaiveFeed:
    """Books of all symbols; ``orders`` maps a reference to [symbol, side, price, left, message]."""

    def __init__(self, patience=25):
        self.orders = {}
        self.executions = []
        self.faults = []
        self.crossed = {}
        self.patience = patience
        self.position = 0

    def apply(self, kind, side, symbol, reference, link, quantity, price):
        """Do what one message says."""
        kind = chr(kind)
        if kind in "AF":
            if side not in (ord("B"), ord("S")):
                self.fault("no side", reference)
            else:
                self.add(symbol, int(side == ord("S")), reference, quantity, price)
        elif kind in "ECX":
            self.reduce(kind, reference, link, quantity, price)
        elif kind == "D":
            if self.orders.pop(reference, None) is None:
                self.fault("unknown reference", reference)
        elif kind == "U":
            old = self.orders.pop(reference, None)
            if old is None:
                self.fault("unknown reference", reference)
            else:
                self.add(old[0], old[1], link, quantity, price, reference)
        self.watch(symbol)
        self.position += 1

    def add(self, symbol, side, reference, quantity, price, named=None):
        """Rest an order behind all others."""
        named = reference if named is None else named
        if quantity == 0:
            self.fault("no quantity", named)
        elif reference in self.orders:
            self.fault("reference in use", named)
        else:
            self.orders[reference] = [symbol, side, price, quantity, self.position]
            bid, ask = self.touch(symbol)
            if bid is not None and ask is not None and bid >= ask:
                self.crossed.setdefault(symbol, 0)

    def reduce(self, kind, reference, link, quantity, price):
        """Take lots off an order; what executes is told."""
        order = self.orders.get(reference)
        if order is None:
            self.fault("unknown reference", reference)
            return
        if quantity == 0:
            self.fault("no quantity", reference)
            return
        if quantity > order[3]:
            self.fault("more than rests", reference)
        lots = min(quantity, order[3])
        if kind in "EC":
            symbol, side, own, _, _ = order
            at = price if kind == "C" else own
            told = (self.position, reference, link, at, lots, symbol, side, ord(kind))
            self.executions.append(Execution(*told))
        order[3] -= lots
        if order[3] == 0:
            del self.orders[reference]

    def watch(self, symbol):
        """Count the messages of a symbol while its book is crossed."""
        if symbol not in self.crossed:
            return
        bid, ask = self.touch(symbol)
        if bid is None or ask is None or bid < ask:
            del self.crossed[symbol]
            return
        self.crossed[symbol] += 1
        if self.crossed[symbol] == self.patience + 1:
            first = [self.queue(symbol, side)[0][0] for side in (0, 1)]
            self.fault("crossed", min(first, key=lambda reference: self.orders[reference][4]))

    def fault(self, name, reference):
        """Note a fault of this message."""
        self.faults.append((self.position, reference, FAULTS.index(name)))

    def queue(self, symbol, side):
        """Orders of a side as (reference, price, left), best price first, then oldest."""
        found = [(r, o[2], o[3]) for r, o in self.orders.items() if o[:2] == [symbol, side]]
        return sorted(found, key=lambda order: order[1] if side else -order[1])

    def touch(self, symbol):
        """Best bid and best ask, each None where there is none."""
        prices = [[o[2] for o in self.orders.values() if o[:2] == [symbol, side]] for side in (0, 1)]
        return max(prices[0], default=None), min(prices[1], default=None)

    def levels(self, symbol, side, count):
        """Best levels of a side as (price, lots, orders)."""
        found = {}
        for _, price, left in self.queue(symbol, side):
            lots, orders = found.get(price, (0, 0))
            found[price] = lots + left, orders + 1
        return [(price, *rest) for price, rest in found.items()][:count]
