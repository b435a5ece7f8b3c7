"""Orders and executions as the fake keeps them; they outlive every connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from ...exact import plus, times
from .contracts import Contract

Number = int | Decimal

WORKING = frozenset({"PendingSubmit", "PreSubmitted", "Submitted"})
ENDED = frozenset({"Filled", "Cancelled", "Inactive"})
KINDS = {"MKT": (), "LMT": ("limit",), "STP": ("stop",), "STP LMT": ("limit", "stop")}
"""Order types that are served, and the prices that each needs."""
TIMES_IN_FORCE = {"DAY": "gtc", "GTC": "gtc", "IOC": "ioc", "FOK": "fok"}
"""Those served, as our matching engine names what becomes of the rest."""


@dataclass(eq=False)
class Order:
    """One order. ``asked`` holds all fields of the request, to be echoed; the rest is what becomes of it."""

    order_id: int
    client_id: int
    perm_id: int
    contract: Contract
    action: str
    kind: str
    quantity: Number
    limit: Number | None
    stop: Number | None
    tif: str
    asked: dict = field(default_factory=dict, repr=False)
    status: str = "PendingSubmit"
    filled: Number = 0
    paid: Number = 0
    last_price: Number = 0
    commission: Number = 0
    triggered: bool = False
    by_hand: bool = False
    completed_time: str = ""
    completed_status: str = ""

    @property
    def is_live(self):
        """Whether it can still fill."""
        return self.status in WORKING

    @property
    def is_buy(self):
        """Whether it buys."""
        return self.action == "BUY"

    @property
    def left(self):
        """What is not filled."""
        return plus(self.quantity, -self.filled)

    @property
    def average(self):
        """Average price of what is filled, to 8 places; 0 before the first fill."""
        return tidy(Decimal(self.paid) / Decimal(self.filled)) if self.filled else 0

    @property
    def reference(self):
        """The caller's name of the order."""
        return self.asked.get("orderRef", "")

    @property
    def waits(self):
        """Whether it is a stop that the price has not reached."""
        return self.stop is not None and not self.triggered

    def fill(self, quantity, price):
        """Book a fill."""
        self.filled = plus(self.filled, quantity)
        self.paid = plus(self.paid, times(quantity, price))
        self.last_price = price

    def summary(self):
        """The order in plain values, for whoever looks from outside."""
        return {
            "order_id": self.order_id,
            "client_id": self.client_id,
            "perm_id": self.perm_id,
            "order_ref": self.reference,
            "symbol": self.contract.symbol,
            "con_id": self.contract.con_id,
            "action": self.action,
            "kind": self.kind,
            "quantity": self.quantity,
            "limit": self.limit,
            "stop": self.stop,
            "tif": self.tif,
            "status": self.status,
            "filled": self.filled,
            "average": self.average,
        }


@dataclass(frozen=True)
class Execution:
    """One fill as it is told; a correction has the same id but for its last two digits."""

    exec_id: str
    order: Order
    time: str
    quantity: Number
    price: Number
    filled: Number
    average: Number
    commission: Number
    realized: Number | None = None

    def summary(self):
        """The execution in plain values."""
        return {
            "exec_id": self.exec_id,
            "order_id": self.order.order_id,
            "client_id": self.order.client_id,
            "perm_id": self.order.perm_id,
            "order_ref": self.order.reference,
            "symbol": self.order.contract.symbol,
            "action": self.order.action,
            "time": self.time,
            "quantity": self.quantity,
            "price": self.price,
            "commission": self.commission,
        }

    @property
    def stem(self):
        """The id without its last two digits: corrections share it."""
        return self.exec_id.rpartition(".")[0]


def tidy(number, places=8):
    """Round to so many places, and drop zeros behind the point."""
    rounded = round(Decimal(number), places)
    whole = rounded.to_integral_value()
    return int(whole) if rounded == whole else rounded.normalize()
