"""Stops that anyone would trust at sight: dicts and loops, one position after the other."""

import math
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class Tracker:
    """One position: its side (1 or -1), entry and best price, and the price changes since."""

    side: int
    entry: int
    best: int
    last: int
    changes: list = field(default_factory=list)

    def update(self, price, exact):
        """See a close; ``exact`` is what it would be had splits not rounded it."""
        self.changes.append(abs(exact - self.last))
        self.last = exact
        self.best = max(self.best, price) if self.side > 0 else min(self.best, price)


class Watch:
    """Stops of all positions; ``rules`` is a stop_cfg."""

    def __init__(self, rules):
        self.rules = rules
        self.trackers = {}

    def see(self, shares, prices, exact=None):
        """Follow what is held at these closes; entries are at the close."""
        exact = prices if exact is None else exact
        self.trackers = {s: tracker for s, tracker in self.trackers.items() if shares.get(s, 0)}
        for symbol, quantity in shares.items():
            if not quantity:
                continue
            side = 1 if quantity > 0 else -1
            tracker = self.trackers.get(symbol)
            if tracker is None or tracker.side != side:
                price = prices[symbol]
                self.trackers[symbol] = Tracker(side, price, price, exact[symbol])
            else:
                tracker.update(prices[symbol], exact[symbol])

    def level(self, symbol, average=None, entry_range=True):
        """Tightest level of a position and its kind, or None; ranges are those since entry, or as given."""
        tracker, rules = self.trackers[symbol], self.rules
        window = rules.get("atr_period", 14)
        if entry_range and tracker.changes:
            recent = tracker.changes[-window:]
            average = float(Fraction(sum(recent)) / len(recent))
        side, found = tracker.side, []
        if rules.get("fixed_stop_pct"):
            found.append((tracker.entry * (1 - side * rules["fixed_stop_pct"]), "fixed"))
        if rules.get("trailing_stop_pct"):
            found.append((tracker.best * (1 - side * rules["trailing_stop_pct"]), "trailing"))
        if rules.get("atr_multiple") and average is not None:
            found.append((tracker.best - side * rules["atr_multiple"] * average, "atr"))
        found = [(max(half_up(price), 1), kind) for price, kind in found]
        if not found:
            return None
        if side > 0:
            return max(reversed(found), key=lambda pair: pair[0])
        return min(found, key=lambda pair: pair[0])

    def leaving(self, prices):
        """Positions beyond their level at these closes: (symbol, level, kind), in order of symbols."""
        found = []
        for symbol in sorted(self.trackers):
            level = self.level(symbol)
            side = self.trackers[symbol].side
            if level and side * prices[symbol] <= side * level[0]:
                found.append((symbol, *level))
        return found


def half_up(price):
    """Round to a unit, halves up."""
    return math.floor(price) + (price - math.floor(price) >= 0.5)
