"""What positions are worth together: gross, net, and the shorts among them."""

from itertools import repeat
from operator import mul
from typing import NamedTuple

from .amounts import Number


class Exposure(NamedTuple):
    """Values of all positions in cents: shorts counted up, counted off, and alone."""

    gross: Number = 0
    net: Number = 0
    short: Number = 0

    @classmethod
    def of(cls, values, sizes=None):
        """Sum up the values of positions; ``sizes`` are what they are without signs, where that is known."""
        gross, net = sum(map(abs, values) if sizes is None else sizes), sum(values)
        return cls(gross, net, -sum(value for value in values if value < 0) if gross != net else 0)

    def moved(self, old, new, mark):
        """Give what it is when one position changes."""
        return Exposure(
            self.gross + (abs(new) - abs(old)) * mark,
            self.net + (new - old) * mark,
            self.short + (max(-new, 0) - max(-old, 0)) * mark,
        )

    def raised_from(self, before):
        """Keep the figures that are higher than before; net by its size."""
        return Exposure(
            self.gross if self.gross > before.gross else 0,
            abs(self.net) if abs(self.net) > abs(before.net) else 0,
            self.short if self.short > before.short else 0,
        )


def values_of(held, marks):
    """Give the value of each position; 0 where there is no price, which is for ``unpriced`` to tell."""
    return list(map(mul, held.values(), map(marks.get, held, repeat(0))))


def unpriced(held, priced):
    """List what is held and not among the symbols that have a price."""
    return [symbol for symbol, quantity in held.items() if quantity and symbol not in priced]
