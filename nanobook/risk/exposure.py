"""What positions are worth together: gross, net, and the shorts among them."""

from fractions import Fraction
from typing import NamedTuple

Number = int | Fraction


class Exposure(NamedTuple):
    """Values of all positions in cents: shorts counted up, counted off, and alone."""

    gross: Number = 0
    net: Number = 0
    short: Number = 0

    @classmethod
    def of(cls, held, marks):
        """Sum up positions; one without a price is left out, and is ``unpriced``'s."""
        long = short = 0
        for symbol, quantity in held.items():
            value = quantity * marks.get(symbol, 0)
            if value >= 0:
                long += value
            else:
                short -= value
        return cls(long + short, long - short, short)

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


def unpriced(held, marks):
    """List what is held and has no price."""
    return [symbol for symbol, quantity in held.items() if quantity and symbol not in marks]
