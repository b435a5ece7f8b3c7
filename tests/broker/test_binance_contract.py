"""The contract of all brokers, kept by ``BinanceBroker``: with the stream, and by asking alone."""

# ruff: noqa: D102 - ``Bench`` says what its methods do

import time
from decimal import Decimal

import pytest

from nanobook.broker.binance import BinanceBroker
from nanobook.testing import VirtualClock
from nanobook.testing.fake_binance import FakeBinance
from tests.broker.contract import Bench, BrokerContract

ORDER = "POST /api/v3/order"


class Broker(BinanceBroker):
    """Whoever connects again has mended the wire before."""

    def connect(self):
        """Mend the wire, then connect."""
        self.fake.is_down = False
        super().connect()


class BinanceBench(Bench):
    """A fake exchange in a thread, in virtual time."""

    symbol, other, unknown = "BTC", "ETH", "NOSUCH"
    quantity, part = Decimal("0.02"), Decimal("0.007")

    def __init__(self, fake, folder, stream):
        self.fake, self.folder, self.stream = fake, folder, stream
        self.secrets = fake.keys
        self.others = []
        self.broker = self.reopen()

    def limit(self, side, rests):
        far = {"buy": 6_000_000, "sell": 7_000_000}
        return far[side] if rests else {"buy": 6_500_010, "sell": 6_499_990}[side]

    def fill_now(self, order_id, quantity=None):
        self.fake.fill(order_id, quantity)
        self.wait()

    def lose_connection(self):
        self.fake.cut(down=True)

    def lose_answer(self):
        self.fake.fail(ORDER, "drop_after")

    def lose_order(self):
        self.fake.fail(ORDER, "drop_before")

    def refuse_next(self):
        words = "Account has insufficient balance for requested action."
        self.fake.refuse(ORDER, -2010, words)

    def reopen(self):
        broker = Broker(
            *self.fake.keys,
            base_url=self.fake.url,
            stream=self.stream,
            clock=self.fake.clock,
            orders_file=self.folder / "orders.jsonl",
        )
        broker.fake = self.fake
        broker.connect()
        self.others.append(broker)
        return broker

    def wait(self):
        self.fake.clock.sleep(10)
        time.sleep(0.001)


class TestBinance(BrokerContract):
    """``BinanceBroker`` on the fake exchange."""

    @pytest.fixture(params=[False, True], ids=["asking", "stream"])
    def bench(self, request, tmp_path):
        """A new exchange."""
        with FakeBinance(clock=VirtualClock()) as fake:
            made = BinanceBench(fake, tmp_path, request.param)
            yield made
            for broker in made.others:
                broker.disconnect()
