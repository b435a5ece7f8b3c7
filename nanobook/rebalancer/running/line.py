"""The line to the broker: questions are asked again when it was lost; orders never are."""

from __future__ import annotations

import random
from contextlib import suppress

from ...errors import BrokerError, ConnectionFailed, NotConnected, RateLimited
from ...hints import printable

BACK_OFF = (1, 2, 4, 8, 16)  # seconds before each attempt to connect again
JITTER = 0.2  # of them, either way, so that many clients do not come back at once
MOST_SECONDS = 60  # of all attempts together
MOST_ASKS = 5  # times that one question is asked
LONGEST_PAUSE = 120  # seconds that a broker may ask us to wait


class Line:
    """A broker that may go away.

    Parameters
    ----------
    broker : Broker
    clock : Clock
    pause : callable, optional
        Waits some seconds; it may raise to give up. The clock's ``sleep`` unless told.
    tell : callable, optional
        Called with an event and its details when the line is lost and when it is back.
    seed : int, optional
        Of the jitter.

    Attributes
    ----------
    generation : int
        Counts the connections: ids that the broker gave in an earlier one may mean something else now.
    """

    def __init__(self, broker, clock, pause=None, tell=None, seed=None):
        self.broker, self.clock = broker, clock
        self.pause = pause or clock.sleep
        self.tell = tell or (lambda event, **details: None)
        self.random = random.Random(seed)
        self.generation = 0

    def connect(self, patient=False):
        """Connect: at once or not at all, unless ``patient``."""
        try:
            self.broker.connect()
        except ConnectionFailed:
            if not patient:
                raise
            self.reconnect()
        else:
            self.generation += 1

    def ask(self, question):
        """Give the answer to a question, which must change nothing; asked again if the line was lost.

        Raises
        ------
        ConnectionFailed
            There is no way to the broker.
        RateLimited
            The broker shut us out.
        """
        for _ in range(MOST_ASKS):
            try:
                return question()
            except (ConnectionFailed, NotConnected) as error:
                self.reconnect(error)
            except RateLimited as error:
                if error.banned or (error.retry_after or 0) > LONGEST_PAUSE:
                    raise
                self.pause(error.retry_after or 1)
        raise ConnectionFailed(f"no answer in {MOST_ASKS} connections")

    def reconnect(self, reason="lost"):
        """Connect again, with growing pauses."""
        self.tell("connection_lost", reason=printable(reason))
        begin = self.clock.monotonic()
        for seconds in BACK_OFF:
            left = MOST_SECONDS - (self.clock.monotonic() - begin)
            if left <= 0:
                break
            self.pause(min(left, seconds * self.random.uniform(1 - JITTER, 1 + JITTER)))
            with suppress(BrokerError):
                self.broker.disconnect()
            try:
                self.broker.connect()
            except ConnectionFailed as error:
                reason = error
                continue
            self.generation += 1
            self.tell("connection_restored")
            return
        seconds = self.clock.monotonic() - begin
        raise ConnectionFailed(f"no connection for {seconds:.0f} s: {printable(reason)}")
