"""Our side of a request to Binance: microseconds of thread CPU time, without the wire.

By hand: ``python asv_bench/benchmarks/binance.py``.
"""

import json
import statistics
import time

from nanobook.broker import BrokerOrder
from nanobook.broker.binance.client import Client, Keys
from nanobook.broker.binance.payloads import status_of
from nanobook.broker.binance.rules import Rules
from nanobook.broker.binance.transport import Answer
from nanobook.broker.secret import Secret
from nanobook.testing import VirtualClock
from nanobook.testing.fake_binance import FakeBinance

CALLS = 2_000
ORDER = BrokerOrder("BTC", "buy", "0.01", "limit", 6_000_000, "benchmark")


class Wire:
    """Answers at once: an order is accepted, and has partly filled."""

    def __init__(self, clock):
        self.clock = clock
        self.told = {
            "symbol": "BTCUSDT",
            "orderId": 7,
            "clientOrderId": "benchmark",
            "origQty": "0.01000000",
            "executedQty": "0.00300000",
            "cummulativeQuoteQty": "180.00000000",
            "status": "PARTIALLY_FILLED",
            "side": "BUY",
        }

    def exchange(self, method, target, headers, body=None):
        """Answer."""
        if target.endswith("/time"):
            return Answer(
                200, {}, json.dumps({"serverTime": round(self.clock.now().timestamp() * 1e3)}).encode()
            )
        self.clock.sleep(1)  # so that no limit is reached
        return Answer(200, {"x-mbx-used-weight-1m": "4"}, json.dumps(self.told).encode())


def microseconds(call, runs=5):
    """Median of ``runs`` runs after one that warms up."""
    spent = []
    for _ in range(runs + 1):
        start = time.thread_time_ns()
        for _ in range(CALLS):
            result = call()
        spent.append((time.thread_time_ns() - start) / CALLS / 1000)
    return statistics.median(spent[1:]), result


class Requests:
    """An order: checked against the filters, signed, counted; and what has become of it, read."""

    params = (("check", "send", "status"),)
    param_names = ("what",)
    unit = "us"

    def setup(self, what):
        fake = FakeBinance(clock=VirtualClock())
        info = fake.answer("GET", "/api/v3/exchangeInfo", "symbol=BTCUSDT", {})[2]
        self.rules = Rules.of(info["symbols"][0])
        clock = VirtualClock()
        self.client = Client(Wire(clock), Keys(Secret("k" * 64), Secret("s" * 64)), clock, 5000)
        self.parameters = self.rules.parameters(ORDER, 65_000)

    def track_request(self, what):
        if what == "check":
            spent, told = microseconds(lambda: self.rules.parameters(ORDER, 65_000))
            assert (told["quantity"], told["price"]) == ("0.01", "60000")
        elif what == "send":
            spent, told = microseconds(lambda: self.client.call("new_order", **self.parameters))
            assert told["orderId"] == 7
        else:
            spent, status = microseconds(
                lambda: status_of(self.client.call("order", symbol="BTCUSDT", orderId=7), "BTC")
            )
            assert (status.status, status.avg_fill_price_cents) == ("PartiallyFilled", 6_000_000)
        return spent

    track_request.unit = unit


if __name__ == "__main__":
    for name in Requests.params[0]:
        bench = Requests()
        bench.setup(name)
        print(f"{name:8} {bench.track_request(name):8.1f} us")
