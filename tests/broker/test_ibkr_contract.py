"""The contract suite over a fake TWS in another process, spoken to by the real client."""

import time

import pytest

from nanobook import IbkrBroker
from nanobook.testing import fake_tws_process

from .contract import Bench, BrokerContract

BID, ASK = 184.90, 185.10


@pytest.fixture(scope="module")
def tws():
    """One process for all tests here: what a test leaves behind is taken away after it."""
    with fake_tws_process("--cash", "1000000000", "--account", "DU7654321") as process:
        process.cancel_order(process.place_by_hand("AAPL", "buy", 1, 1))  # compiles the engine, if need be
        yield process


class TwsBench(Bench):
    """A broker connected to the fake."""

    def __init__(self, tws):
        self.tws = tws
        self.broker = IbkrBroker(port=tws.port, client_id=1, timeout=20)
        tws.set_quote("AAPL", bid=BID, ask=ASK)
        self.broker.connect()

    def limit(self, side, rests):
        """Far off the market, or far beyond it."""
        low, high = 18_000, 19_000
        return low if (side == "buy") == rests else high

    def fill_now(self, order_id, quantity=None):
        """Let the ask fall on the order's limit, for so much."""
        self.tws.set_quote("AAPL", bid=179.90, ask=180, ask_size=quantity)
        self.tws.set_quote("AAPL", bid=BID, ask=ASK, ask_size=None)

    def lose_connection(self):
        """Cut the wire."""
        self.tws.drop()

    def lose_answer(self):
        """Act on the next order, and cut."""
        self.tws.add_fault("placeOrder", "drop_after")

    def lose_order(self):
        """Cut before the next order is acted on."""
        self.tws.add_fault("placeOrder", "drop_before")

    def refuse_next(self):
        """Want of funds."""
        self.tws.add_fault("placeOrder", "reject", text="Order rejected - reason:Insufficient settled cash")

    def reopen(self):
        """Another client, as the next process would be."""
        other = IbkrBroker(port=self.tws.port, client_id=2, timeout=20)
        other.connect()
        return other

    def wait(self):
        """A moment."""
        time.sleep(0.002)


class TestIbkrBroker(BrokerContract):
    """The suite."""

    @pytest.fixture
    def bench(self, tws):
        """A new broker."""
        bench = TwsBench(tws)
        yield bench
        bench.broker.disconnect()
        tws.clear_faults()
        for order in tws.orders():
            if order["status"] in ("PreSubmitted", "Submitted"):
                tws.cancel_order(order["perm_id"])
