"""The two clocks that execution looks at, in one small interface, so that tests can bring their own."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time and waits.

    ``now`` stamps records and judges the age of what others stamped; ``monotonic`` measures time-outs, so
    that a jump of the wall clock ends none early.
    """

    def now(self) -> datetime:
        """Time of day, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds since some moment; never falls."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The clocks of this machine."""

    def now(self):
        """Time of day, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self):
        """Seconds since some moment; never falls."""
        return time.monotonic()

    def sleep(self, seconds):
        """Wait."""
        time.sleep(seconds)
