"""Equity as it falls: the highest so far, the day's first, and whether a loss stops all trading."""

from dataclasses import dataclass
from datetime import date

from .amounts import Number
from .bounds import CENTS


@dataclass(slots=True)
class Losses:
    """What equity was.

    Attributes
    ----------
    peak, opening, last : Number or None
        Cents: the highest, the first of the day, the last.
    day : date or None
        UTC.
    """

    peak: Number | None = None
    opening: Number | None = None
    last: Number | None = None
    day: date | None = None

    def told(self, equity, today):
        """Take in what equity is now."""
        if self.peak is None or equity > self.peak:
            self.peak = equity
        if self.day is None or today > self.day:  # a clock that is set back begins no new day
            self.day, self.opening = today, equity
        self.last = equity

    def start_anew(self):
        """Measure from the last equity on."""
        self.peak = self.opening = self.last

    def rows(self, bounds):
        """Yield (name, whether it is within the limit, detail) of each limit that is set."""
        pairs = (
            ("Drawdown", self.peak, bounds.drawdown),
            ("Daily loss", self.opening, bounds.daily_loss),
        )
        for name, start, limit in pairs:
            if limit is not None and start is not None:
                yield self._row(name, start, limit)

    def _row(self, name, start, limit):
        lost = start - self.last
        fits = start > 0 and lost <= limit * start
        share = float(lost / start) * CENTS if start > 0 else float("inf")
        return name, fits, f"{share:.1f}% {'<=' if fits else '>'} {float(limit) * CENTS:.1f}% limit"
