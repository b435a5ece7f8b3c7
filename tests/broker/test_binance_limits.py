"""The limits of the exchange, against a simulator that counts as it does and bans."""

import random

import pytest

from nanobook.broker.binance.client import ENDPOINTS
from nanobook.broker.binance.limits import Limits
from nanobook.errors import NanobookError, RateLimited
from nanobook.testing import VirtualClock
from nanobook.testing.fake_binance import FakeBinance

from .binance_wire import Direct, client_of

DOCUMENTED = {
    ("REQUEST_WEIGHT", 60): 6000,
    ("ORDERS", 10): 50,
    ("ORDERS", 86400): 160_000,
    ("RAW_REQUESTS", 300): 61_000,
}


class Counter:
    """What the exchange counts: fixed windows, and not one too many."""

    def __init__(self, clock, limits):
        self.clock, self.limits, self.windows, self.violations = clock, limits, {}, 0

    def count(self, kind, amount):
        """Count, and tell how much of each window is used."""
        told = {}
        for (name, seconds), limit in self.limits.items():
            if name == kind:
                window = int((self.clock.monotonic() + 1234.5) // seconds)
                used = self.windows.get((name, seconds, window), 0) + amount
                self.windows = {k: v for k, v in self.windows.items() if k[:2] != (name, seconds)}
                self.windows[name, seconds, window] = used
                self.violations += used > limit
                told[seconds] = used
        return told


def simulate(requests, seed, foreign=0):
    """Send as fast as one is let; ``foreign``: how often another program of the address asks, too."""
    clock, dice = VirtualClock(), random.Random(seed)
    limits = Limits(clock)
    counter = Counter(
        clock,
        {
            ("REQUEST_WEIGHT", 60): 6000,
            ("ORDERS", 10): 50,
            ("ORDERS", 86400): 160_000,
            ("RAW_REQUESTS", 300): 61_000,
        },
    )
    refused = 0
    names = list(ENDPOINTS)
    for _ in range(requests):
        endpoint = ENDPOINTS[dice.choice(names)]
        if dice.random() < 0.01:
            clock.sleep(dice.expovariate(0.05))
        if dice.random() < foreign:
            counter.count("REQUEST_WEIGHT", 1)
        try:
            limits.take(endpoint.weight, endpoint.kind)
        except RateLimited as limited:
            refused += 1
            clock.sleep(limited.retry_after)
            continue
        used = counter.count("REQUEST_WEIGHT", endpoint.weight)[60]
        counter.count("RAW_REQUESTS", 1)
        headers = {"x-mbx-used-weight-1m": str(used), "x-mbx-used-weight": str(used)}
        if endpoint.kind == "order":
            orders = counter.count("ORDERS", 1)
            headers |= {"x-mbx-order-count-10s": str(orders[10]), "x-mbx-order-count-1d": str(orders[86400])}
        limits.heard(headers)
    return counter.violations, clock.monotonic(), refused


@pytest.mark.parametrize("foreign", [0, 0.2])
def test_a_hundred_thousand_requests_break_no_limit(foreign):
    violations, seconds, refused = simulate(50_000, seed=1, foreign=foreign)
    assert violations == 0
    assert refused < 50_000 / 10
    mean_weight = sum(endpoint.weight for endpoint in ENDPOINTS.values()) / len(ENDPOINTS)
    assert 50_000 * mean_weight / seconds < 6000 / 60


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_a_million_requests_break_no_limit(seed):
    assert simulate(100_000, seed, foreign=seed / 20)[0] == 0


def test_the_client_is_never_banned_by_the_fake_exchange():
    clock = VirtualClock()
    fake = FakeBinance(clock=clock, weight_limit=1200, order_limit=10)
    client = client_of(Direct(fake), clock, fake.keys)
    client.limits.learn(client.call("exchange_info", symbol="BTCUSDT")["rateLimits"])
    dice = random.Random(2)
    for n in range(1500):
        if dice.random() < 0.3:
            try:
                client.call(
                    *("new_order",),
                    symbol="BTCUSDT",
                    side="BUY",
                    type="LIMIT",
                    timeInForce="GTC",
                    quantity="0.001",
                    price="60000",
                    newClientOrderId=f"n{n}",
                )
            except NanobookError:  # out of money, or not worth waiting for
                clock.sleep(1)
        else:
            client.call(dice.choice(["account", "open_orders", "book_tickers", "time"]))
    assert fake.rest.violations == 0
    assert len(fake.requests) > 1300


def test_without_the_buckets_the_fake_exchange_bans():
    clock = VirtualClock()
    fake = FakeBinance(clock=clock, weight_limit=1200)
    statuses = [fake.answer("GET", "/api/v3/exchangeInfo", "", {})[0] for _ in range(70)]
    assert statuses[:60] == [200] * 60
    assert statuses[60:64] == [429] * 4
    assert set(statuses[64:]) == {418}


def test_questions_leave_a_reserve_to_orders_and_cancellations():
    clock = VirtualClock()
    limits = Limits(clock)
    sent = 0
    while clock.slept == 0:
        limits.take(20)
        sent += 20
    assert sent <= 2700 * 0.9 + 40
    limits.take(1, "order")
    limits.take(1, "cancel")
    assert clock.slept < 20 / 45 + 0.01


def test_an_order_does_not_wait_for_long():
    clock = VirtualClock()
    limits = Limits(clock)
    for _ in range(22):
        limits.take(1, "order")
    assert clock.slept == 0
    limits.heard({"x-mbx-order-count-10s": "50"})
    with pytest.raises(RateLimited, match="order not sent"):
        limits.take(1, "order")
    assert clock.slept == 0


def test_what_others_use_of_the_address_counts():
    clock = VirtualClock()
    limits = Limits(clock)
    limits.heard({"x-mbx-used-weight-1m": "5990"})
    limits.take(20)
    assert clock.slept > 10


def test_headers_that_make_no_sense_are_passed_over():
    limits = Limits(VirtualClock())
    limits.heard({"x-mbx-used-weight-1m": "lots", "x-mbx-used-weight-": "1", "x-mbx-order-count-9y": "9"})
    limits.heard({"x-mbx-used-weight-7h": "123456"})
    limits.take(1)


def test_limits_are_learned():
    clock = VirtualClock()
    limits = Limits(clock)
    limits.learn([{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 60}])
    for _ in range(3):
        limits.take(20)
    assert clock.slept > 30
