"""How fast one may talk, and how long one waits before one tries again."""

from __future__ import annotations

import random
from collections import deque
from threading import Lock

MESSAGES = 50  # in any second: the gateway's limit, over all that is sent
WINDOW = 1.05  # seconds; what was sent in one second may arrive in a little less
BACK_OFF = (1, 2, 4, 8, 16)  # seconds before each try
JITTER = 0.2
RECONNECT_SECONDS = 60.0  # in all


class Pacer:
    """Lets so many messages through in any window of time, and makes the next one wait.

    A bucket that is refilled message by message, each a window after it was taken: unlike one that fills
    evenly it never lets twice the limit through in a second.

    Parameters
    ----------
    clock : Clock
    messages : int
    window : float
        Seconds.

    Examples
    --------
    >>> from nanobook.broker.ibkr.pacing import Pacer
    >>> from nanobook.testing import VirtualClock
    >>> clock = VirtualClock()
    >>> pacer = Pacer(clock, messages=2, window=1.0)
    >>> for _ in range(5):
    ...     pacer.take()
    >>> clock.monotonic()
    2.0
    """

    def __init__(self, clock, messages=MESSAGES, window=WINDOW):
        self._clock, self._messages, self._window = clock, messages, window
        self._taken: deque[float] = deque()
        self._lock = Lock()

    def take(self):
        """Wait until one more message may be sent."""
        with self._lock:
            if len(self._taken) == self._messages:
                wait = self._taken.popleft() + self._window - self._clock.monotonic()
                if wait > 0:
                    self._clock.sleep(wait)
            self._taken.append(self._clock.monotonic())


def delays(clock, chance=random.uniform):
    """Yield the seconds to wait before each try to connect again, and for how long the try may take.

    1, 2, 4, 8 and 16 seconds, each up to a fifth more or less, so that many clients of a gateway that was
    restarted do not come at once; no more than 60 seconds in all, tries included.
    """
    start = clock.monotonic()
    for seconds in BACK_OFF:
        wait = seconds * chance(1 - JITTER, 1 + JITTER)
        rest = RECONNECT_SECONDS - (clock.monotonic() - start) - wait
        if rest <= 0:
            return
        yield wait, rest
