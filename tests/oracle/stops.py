"""A stop of the naive book, and how far a trailing one stays behind the price."""

from dataclasses import dataclass
from math import trunc

from nanobook.types import INT64_MAX, INT64_MIN, Side, TrailMethod

PENDING, TRIGGERED, CANCELLED = "pending", "triggered", "cancelled"


@dataclass(slots=True, eq=False)
class Stop:
    """One stop. ``limit_price`` is None if it becomes a market order; ``child`` is the order it became."""

    stop_id: int
    side: int
    stop_price: int
    limit_price: int | None
    quantity: int
    tif: int
    timestamp: int
    owner: int = 0
    expiry: int | None = None
    trail: int = TrailMethod.NONE
    trail_value: float = 0.0
    period: int = 0
    watermark: int | None = None
    status: str = PENDING
    child: int | None = None

    def holds(self, last_price):
        """Whether a last trade at that price sets the stop off."""
        if last_price is None:
            return False
        return last_price >= self.stop_price if self.side == Side.BUY else last_price <= self.stop_price

    def follow(self, price, changes):
        """Let a trailing stop follow the price: its stop price only ever comes closer."""
        if self.watermark is None:
            self.watermark = price
        if self.side == Side.SELL:
            self.watermark = max(self.watermark, price)
        else:
            self.watermark = min(self.watermark, price)
        offset = self.offset(changes)
        if offset <= 0:
            return
        if self.side == Side.SELL:
            self.stop_price = max(self.stop_price, saturated(self.watermark - offset))
        else:
            self.stop_price = min(self.stop_price, saturated(self.watermark + offset))

    def offset(self, changes):
        """Distance from the watermark; ``changes`` are the absolute price changes, oldest first."""
        if self.trail == TrailMethod.FIXED:
            return truncated(self.trail_value)
        if self.trail == TrailMethod.PERCENTAGE:
            return rounded(float(self.watermark) * self.trail_value)
        latest = list(changes)[-self.period :] if self.period else []
        if not latest:
            return 0
        mean = float(saturated(sum(latest))) / float(len(latest))
        return truncated(mean * self.trail_value)


def saturated(number):
    """The nearest number that int64 holds."""
    return max(INT64_MIN, min(INT64_MAX, number))


def truncated(x):
    """A float without its fraction; what int64 does not hold becomes its limit."""
    if abs(x) >= 2.0**63:
        return INT64_MAX if x > 0 else INT64_MIN
    return trunc(x)


def rounded(x):
    """A float rounded to the nearest integer, halves away from zero; saturates like ``truncated``."""
    whole = truncated(x)
    if abs(x - whole) >= 0.5:  # exact: beyond 2**53 there is no fraction
        whole += 1 if x > 0 else -1
    return saturated(whole)
