"""The contract suite over the paper broker, whole shares and fractions, in memory and with a file."""

from decimal import Decimal

import pytest

from nanobook import PaperBroker
from nanobook.testing import VirtualClock

from .contract import Bench, BrokerContract


class PaperBench(Bench):
    """A paper broker whose market is a narrow quote; fills come from a quote that crosses for a moment."""

    def __init__(self, instrument, quantity, part, prices, path):
        self.quantity, self.part = quantity, part
        self.bid, self.ask, self.low = prices
        self.instrument = instrument
        self.clock = VirtualClock()
        self.path = path
        self.lacks = frozenset() if path else frozenset({"reopen"})
        self.broker = self.reopen()

    def reopen(self):
        """A broker object on the same account."""
        broker = PaperBroker(
            self.quantity * self.ask * 20,
            quotes={self.symbol: self.quote(), self.other: self.quote()},
            clock=self.clock,
            state=self.path,
            commission_per_share_cents=Decimal("0.35"),
            minimum_commission_cents=35,
        )
        broker.connect()
        return broker

    def quote(self, **more):
        """The quote in which nothing that rests fills."""
        return {"bid_cents": self.bid, "ask_cents": self.ask, **self.instrument, **more}

    def limit(self, side, rests):
        """A price far from the market, or through it."""
        if side == "buy":
            return self.low if rests else self.ask
        return self.ask * 2 if rests else self.bid

    def fill_now(self, order_id, quantity=None):
        """Let somebody sell so much at the price of the resting order."""
        size = self.quantity * 9 if quantity is None else quantity
        seller = {"bid_cents": 0, "ask_cents": self.low, "ask_size": size}
        self.broker.feed({self.symbol: self.quote(**seller)})
        self.broker.feed({self.symbol: self.quote()})

    def lose_connection(self):
        """Cut the wire."""
        self.broker.lose_connection()

    def lose_answer(self):
        """Cut the wire before the next answer."""
        self.broker.lose_connection("before_ack")

    def lose_order(self):
        """Cut the wire while the next order is on it."""
        self.broker.lose_connection("in_flight")

    def refuse_next(self):
        """Refuse the next order."""
        self.broker.refuse_next("funds")

    def wait(self):
        """A moment of the virtual clock."""
        self.clock.advance(0.01)


SHARES = {}, 100, 40, (18_490, 18_510, 15_000)
COINS = (
    {"lot": "0.0001", "tick_cents": "0.01", "min_notional_cents": 500},
    Decimal("0.025"),
    Decimal("0.0101"),
    (Decimal("6000000.01"), Decimal("6000000.55"), Decimal("5000000.5")),
)


class TestPaper(BrokerContract):
    """The suite."""

    @pytest.fixture(params=["shares in memory", "coins in a file"])
    def bench(self, request, tmp_path):
        """Both kinds of numbers, both kinds of memory."""
        if request.param == "shares in memory":
            return PaperBench(*SHARES, None)
        return PaperBench(*COINS, tmp_path / "paper.json")
