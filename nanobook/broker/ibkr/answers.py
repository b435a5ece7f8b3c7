"""What is under way: the requests that wait for an answer, and what they are answered with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ...errors import BrokerError
from ...hints import printable

ORDERS = "open orders"
ENDED = "completed orders"
HELD = "positions"
ACCOUNT = "account updates"
TIME = "time"
"""Keys of the requests that have no number: one of each at a time."""

LIVE, DELAYED = 1, (3, 4)  # types of market data; 2 is frozen


class Refused(BrokerError):
    """What the gateway answered to a request instead of what was asked."""

    def __init__(self, code, text):
        super().__init__(f"error {code}: {printable(text)}")
        self.code, self.text = code, printable(text)

    def __reduce__(self):
        return type(self), (self.code, self.text)


@dataclass(slots=True)
class Answer:
    """What came so far in answer to a request, and the future that its end resolves."""

    future: Any
    rows: Any = field(default_factory=list)


@dataclass(slots=True)
class Prices:
    """What a request for a quote heard: prices in cents, 0 while there are none."""

    bid: Any = 0
    ask: Any = 0
    last: Any = 0
    volume: Any = None
    last_time: datetime | None = None
    kind: int = LIVE

    @property
    def has_all_prices(self):
        """Whether no price is missing."""
        return self.bid > 0 and self.ask > 0 and self.last > 0
