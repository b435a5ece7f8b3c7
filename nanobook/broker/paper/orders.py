"""An order at the paper broker, from its arrival to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...exact import exact, mean, plus, times
from ..types import BrokerOrder, BrokerOrderStatus, Number, OrderState

ON_THE_WAY, RESTING, WAITING, ENDED = "on the way", "resting", "waiting", "ended"
"""Where an order is: not there yet; in the book; kept beside it (a stop, the rest of a market order)."""


@dataclass(slots=True)
class PaperOrder:
    """What the broker knows of one order; money in cents.

    Attributes
    ----------
    where : str
        One of the four words above.
    spent : number
        Sum of price times quantity of the fills.
    commission : number
        Charged so far.
    opening, at_price : number
        Quantity that may open or enlarge a position, and the price a unit for which funds are kept.
    book_id : int
        Its name in the book; 0 outside.
    """

    id: int
    order: BrokerOrder
    sent: datetime
    state: OrderState = OrderState.PENDING
    where: str = ON_THE_WAY
    filled: Number = 0
    spent: Number = 0
    commission: Number = 0
    opening: Number = 0
    at_price: Number = 0
    fills: int = 0
    reason: str = ""
    code: str = ""
    triggered: bool = False
    book_id: int = 0

    @property
    def remaining(self):
        """Quantity that is not filled."""
        return exact("remaining", plus(self.order.quantity, -self.filled))

    @property
    def is_live(self):
        """Whether it has not ended."""
        return self.where != ENDED

    @property
    def sign(self):
        """1 for a buy, -1 for a sell."""
        return 1 if self.order.side == "buy" else -1

    @property
    def is_market(self):
        """Whether it takes any price now."""
        return self.order.order_type == "market" or (self.order.order_type == "stop" and self.triggered)

    @property
    def is_stop(self):
        """Whether it waits for its stop price."""
        return self.order.stop_price_cents is not None and not self.triggered

    @property
    def kept(self):
        """Cents that are kept for what it may still open."""
        return times(min(self.opening, self.remaining), self.at_price) if self.is_live else 0

    def fill(self, quantity, price):
        """Count a fill in."""
        self.fills += 1
        self.filled = exact("filled", plus(self.filled, quantity))
        self.spent = plus(self.spent, times(quantity, price))
        if self.remaining:
            self.state = OrderState.PARTIALLY_FILLED
        else:
            self.end(OrderState.FILLED)

    def end(self, state, reason="", code=""):
        """End it; ``code`` is one of ``OrderRejected``."""
        self.state, self.where, self.reason, self.code = state, ENDED, reason, code

    def status(self):
        """What is told of it."""
        return BrokerOrderStatus(
            id=self.id,
            status=self.state,
            filled_quantity=self.filled,
            remaining_quantity=self.remaining,
            avg_fill_price_cents=mean(self.spent, self.filled) if self.filled else 0,
            symbol=self.order.symbol,
            side=self.order.side,
            client_order_id=self.order.client_order_id,
            reason=self.reason,
        )
