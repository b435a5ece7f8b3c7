"""Staying below the limits that Binance sets, and obeying when it says stop.

Binance counts in fixed windows (a minute, ten seconds, a day, from the full minute on) and bans addresses
that go over. A bucket holds half of what a window allows and is filled with the other half in its course,
so that no window, wherever it begins, sees more than the whole. A tenth of each limit stays unused: requests
do not arrive at the pace at which they are sent.
"""

from __future__ import annotations

import threading

from ...errors import RateLimited

SHARE = 0.9
RESERVE = 0.1  # of a bucket, which what only looks leaves to orders and cancellations
SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400}
LETTERS = {"S": 1, "M": 60, "H": 3600, "D": 86400}
PATIENCE = {"read": 90.0, "order": 1.0, "cancel": 10.0}
"""Seconds that a request may be held back before it is refused: the price of an order grows old."""
SHORTEST = 0.001  # seconds: what a clock rounds to nothing would be waited for without end
ORDER_PAUSE = 10.0  # seconds, after a 429 without Retry-After: the shortest window of orders
COUNTERS = {"x-mbx-used-weight-": "REQUEST_WEIGHT", "x-mbx-order-count-": "ORDERS"}
DOCUMENTED = (
    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000},
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 50},
    {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": 160_000},
    {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 61_000},
)
"""What holds until the exchange has told its limits."""


class Bucket:
    """Tokens of one limit."""

    def __init__(self, limit, seconds, now):
        self.usable = limit * SHARE
        self.size = self.usable / 2
        self.rate = self.size / seconds
        self.tokens, self._at = self.size, now

    def wait(self, count, reserve, now):
        """Seconds until ``count`` tokens are there beyond the reserve."""
        self.tokens = min(self.size, self.tokens + (now - self._at) * self.rate)
        self._at = now
        needed = min(count + reserve * self.size, self.size)
        return max(0.0, (needed - self.tokens) / self.rate)

    def seen(self, used):
        """Take notice of what the exchange counts in this window; others may share the address."""
        self.tokens = min(self.tokens, self.usable - used)


class Limits:
    """All limits of one address and account.

    Parameters
    ----------
    clock : Clock
        Only its ``monotonic`` and ``sleep``.
    """

    def __init__(self, clock):
        self._clock = clock
        self._lock = threading.RLock()  # never held while a request waits
        self._buckets = {}
        self._pause_ends = 0.0
        self._banned = None
        self.learn(DOCUMENTED)

    def learn(self, told):
        """Take over the limits that the exchange tells; unknown kinds do not concern us."""
        now = self._clock.monotonic()
        with self._lock:
            for limit in told:
                key = (limit["rateLimitType"], SECONDS[limit["interval"]] * int(limit["intervalNum"]))
                bucket = self._buckets.get(key)
                if bucket is None or bucket.usable != int(limit["limit"]) * SHARE:
                    fresh = Bucket(int(limit["limit"]), key[1], now)
                    if bucket is not None:
                        fresh.tokens = min(fresh.tokens, bucket.tokens)
                    self._buckets[key] = fresh

    def take(self, weight, kind="read"):
        """Wait until a request may be sent, and count it.

        Parameters
        ----------
        weight : int
        kind : {'read', 'order', 'cancel'}

        Raises
        ------
        RateLimited
            It would have to wait for longer than it is worth, or we are banned; nothing is sent.
        """
        costs = {"REQUEST_WEIGHT": weight, "RAW_REQUESTS": 1, "ORDERS": kind == "order"}
        patience = PATIENCE[kind]
        while (wait := self._take_now(costs, kind)) > 0:
            if wait > patience:
                raise RateLimited(f"{kind} not sent: the next may leave in {wait:.1f} s", wait)
            wait = max(wait, SHORTEST)
            self._clock.sleep(wait)
            patience = max(patience - wait, SHORTEST)

    def _take_now(self, costs, kind):
        """Count a request if it may be sent now; else give the seconds until it may."""
        with self._lock:
            if self._banned is not None:
                raise RateLimited(*self._banned.__reduce__()[1])
            wait = self._wait(costs, kind)
            if wait <= 0:
                for (counted, _), bucket in self._buckets.items():
                    bucket.tokens -= costs.get(counted, 0)
            return wait

    def _wait(self, costs, kind):
        """Seconds until a request may be sent."""
        now = self._clock.monotonic()
        waits = [self._pause_ends - now]
        for (counted, _), bucket in self._buckets.items():
            if costs.get(counted):
                waits.append(bucket.wait(costs[counted], RESERVE if kind == "read" else 0.0, now))
        return max(0.0, *waits)

    def is_paused(self):
        """Whether Binance has asked to wait, and the time is not over."""
        return self._pause_ends > self._clock.monotonic()

    def heard(self, headers):
        """Read the exchange's own counters from the headers of an answer."""
        for name, text in headers.items():
            for start, counted in COUNTERS.items():
                window, letter = name[len(start) : -1], name[-1:].upper()
                if name.startswith(start) and window.isdigit() and letter in LETTERS and text.isdigit():
                    with self._lock:
                        bucket = self._buckets.get((counted, int(window) * LETTERS[letter]))
                        if bucket is not None:
                            bucket.seen(int(text))

    def stopped(self, reason, headers, banned):
        """Obey a 429 or 418: give the error to raise; until its time is over nothing leaves."""
        text = headers.get("retry-after", "")
        seconds = float(text) if text.isdigit() else ORDER_PAUSE
        error = RateLimited(reason, seconds, banned)
        with self._lock:
            self._pause_ends = max(self._pause_ends, self._clock.monotonic() + seconds)
            if banned:
                self._banned = error
        return error
