"""``VirtualClock``: time that passes only when somebody waits, or says so."""

from __future__ import annotations

import heapq
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import RLock

from ..errors import InvalidValue, WrongType

START = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)  # a Monday, while New York trades
MICROSECONDS = 1_000_000


class VirtualClock:
    """A ``nanobook.clock.Clock`` for tests and rehearsals: a wait of an hour takes no time.

    It counts whole microseconds, so that waits add up exactly. Threads may share it.

    Parameters
    ----------
    start : datetime, default Monday 5 January 2026, 15:00 UTC
        The first ``now``; aware.

    Attributes
    ----------
    slept : float
        Seconds that were waited in all.

    Examples
    --------
    >>> from nanobook.testing import VirtualClock
    >>> clock = VirtualClock()
    >>> clock.at(2.5, lambda: print("at", clock.monotonic()))
    >>> clock.sleep(60)
    at 2.5
    >>> clock.now().isoformat(), clock.monotonic()
    ('2026-01-05T15:01:00+00:00', 60.0)
    """

    def __init__(self, start=START):
        if not isinstance(start, datetime) or start.tzinfo is None:
            raise WrongType(f"start: {start!r}; give a datetime with a time zone")
        self._start = start.astimezone(UTC)
        self._passed = self._jumped = self._slept = 0  # microseconds
        self._due = []
        self._order = count()
        self._lock = RLock()

    @property
    def slept(self):
        """Seconds that were waited in all."""
        return self._slept / MICROSECONDS

    def now(self):
        """Time of day, aware, UTC."""
        return self._start + timedelta(microseconds=self._passed + self._jumped)

    def monotonic(self):
        """Seconds since the clock was made; never falls."""
        return self._passed / MICROSECONDS

    def sleep(self, seconds):
        """Wait: the same as ``advance``."""
        with self._lock:
            self._slept += microseconds(seconds)
            self.advance(seconds)

    def advance(self, seconds):
        """Let time pass; what was arranged by ``at`` is called on the way, each at its own moment.

        Parameters
        ----------
        seconds : float
            From 0.
        """
        with self._lock:
            end = self._passed + microseconds(seconds)
            while self._due and self._due[0][0] <= end:
                moment, _, call = heapq.heappop(self._due)
                self._passed = max(self._passed, moment)
                call()
            self._passed = max(self._passed, end)  # a call may have waited, too

    def jump(self, seconds):
        """Set the time of day forth or back without time passing, as a correction of a clock does."""
        self._jumped += round(seconds * MICROSECONDS)

    def at(self, when, call):
        """Arrange for a call.

        Parameters
        ----------
        when : float or datetime
            Seconds of ``monotonic``, or the time of day; a moment that is over counts as the next one.
        call : callable
            Without arguments; it may arrange for more.
        """
        if isinstance(when, datetime):
            when = (when - self.now()).total_seconds() + self.monotonic()
        heapq.heappush(self._due, (round(when * MICROSECONDS), next(self._order), call))

    def __repr__(self):
        return f"VirtualClock({self.now().isoformat()})"


def microseconds(seconds):
    """Give a span in whole microseconds."""
    span = round(seconds * MICROSECONDS)
    if span < 0:
        raise InvalidValue(f"seconds: {seconds!r}; time does not run backwards, use 0 or more")
    return span
