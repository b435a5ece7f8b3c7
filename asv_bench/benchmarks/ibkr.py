"""The broker for Interactive Brokers: messages heard, and round trips to the fake TWS on loopback.

Messages in thread CPU time; round trips by the wall, since they wait for another thread.
By hand: ``python asv_bench/benchmarks/ibkr.py``.
"""

import statistics
import time

from nanobook import IbkrBroker
from nanobook.broker import BrokerOrder
from nanobook.broker.ibkr.contracts import Catalogue
from nanobook.broker.ibkr.listener import Listener
from nanobook.broker.ibkr.orders import Ledger
from nanobook.testing import FakeTws, VirtualClock

ORDERS = 2_000
TRIPS = 100


class Heard:
    """States of 2,000 orders from fields to the ledger, through ib_async's decoder."""

    unit = "us a message"

    def setup(self):
        from ib_async.decoder import Decoder

        self.ledger = Ledger(1)
        for number in range(1, ORDERS + 1):
            self.ledger.placed(number, BrokerOrder("AAPL", "buy", 100, "market", None, f"n-{number}"))
        self.decoder = Decoder(Listener(self.ledger, Catalogue(), "DU1"), 178)

    def track_states(self):
        spent = []
        for filled in range(1, 6):
            told = [
                ["3", str(n), "Submitted", str(filled), "9", "1.5", str(n + 900), "0", "1.5", "1", "", "0"]
                for n in range(1, ORDERS + 1)
            ]
            start = time.thread_time_ns()
            for fields in told:
                self.decoder.interpret(fields)
            spent.append((time.thread_time_ns() - start) / ORDERS / 1000)
            assert all(entry.filled_now == filled for entry in self.ledger)
        return statistics.median(spent)

    def track_by_name(self):
        spent = []
        for number in range(1, 101):
            start = time.thread_time_ns()
            entry = self.ledger.by_name(f"n-{number * 20}")
            spent.append((time.thread_time_ns() - start) / 1000)
            assert entry.order_id == number * 20
        return statistics.median(spent)

    track_states.unit = unit
    track_by_name.unit = "us a look-up among 2,000"


class RoundTrip:
    """One call of a connected broker."""

    unit = "us a call, by the wall"

    def setup(self):
        self.tws = FakeTws({"AAPL": (184.90, 185.10)}, cash=10**9, message_rate=10**6).start()
        self.broker = IbkrBroker(port=self.tws.port, clock=VirtualClock())
        self.broker.connect()
        self.order = self.broker.submit_order("AAPL", "buy", 1, "limit", 10_000)  # loads the engine

    def teardown(self):
        self.broker.disconnect()
        self.tws.stop()

    def track_order(self):
        before = len(self.tws.orders())
        spent = self._median(lambda: self.broker.submit_order("AAPL", "buy", 1, "limit", 10_000))
        assert len(self.tws.orders()) == before + TRIPS
        return spent

    def track_status(self):
        assert self.broker.order_status(self.order).status == "Submitted"
        return self._median(lambda: self.broker.order_status(self.order))

    def track_account(self):
        assert self.broker.account().equity_cents == 10**11
        return self._median(self.broker.account)

    def track_quote(self):
        assert self.broker.quote("AAPL").bid_cents == 18_490
        return self._median(lambda: self.broker.quote("AAPL"))

    @staticmethod
    def _median(call):
        spent = []
        for _ in range(TRIPS):
            start = time.perf_counter_ns()
            call()
            spent.append((time.perf_counter_ns() - start) / 1000)
        return statistics.median(spent)

    for track in (track_order, track_status, track_account, track_quote):
        track.unit = unit


if __name__ == "__main__":
    heard = Heard()
    heard.setup()
    print(f"states: {heard.track_states():.1f} us a message; by name: {heard.track_by_name():.1f} us")
    trip = RoundTrip()
    trip.setup()
    for name in ("order", "status", "account", "quote"):
        print(f"{name}: {getattr(trip, f'track_{name}')():.0f} {trip.unit}", flush=True)
    trip.teardown()
