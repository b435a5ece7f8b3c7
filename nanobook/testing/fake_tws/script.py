"""Faults on demand: what goes wrong, at which message, and for how many of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Number

from ...errors import InvalidValue
from ...hints import nearest
from .messages import ANSWERS, REQUESTS, TEXTS

REQUEST_FAULTS = ("drop_before", "drop_after", "lose", "mute", "delay", "reject", "restart")
ANSWER_FAULTS = ("drop_before", "drop_after", "mute", "delay", "duplicate")


@dataclass
class Fault:
    """One thing that goes wrong.

    Parameters
    ----------
    on : str
        The message: a request as 'placeOrder', 'reqPositions', or an answer as 'execDetails', 'orderStatus'.
    do : str
        At a request: 'drop_before' cuts the connection before anything comes of it, 'drop_after' acts on it
        and cuts before a word is said; 'lose' does nothing, 'mute' acts on it, neither answers; 'delay' lets
        it, and all that the client sent after it, wait; 'reject' answers with the error ``code`` instead;
        'restart' restarts the gateway before anything comes of it.
        At an answer: 'drop_before' and 'drop_after' cut before and after it; 'mute' never sends it; 'delay'
        sends it late, behind others; 'duplicate' sends it twice.
    nth : int
        The first message it meets, counted from 1 after the fault was set.
    times : int or None
        How many messages it meets; None for all from the first on.
    seconds : float
        Of a delay, or of a restart.
    code : int
        Of a rejection.
    text : str
        Of a rejection; the usual one of the code unless told.

    Raises
    ------
    InvalidValue
        There is no such message or fault.

    Examples
    --------
    >>> from nanobook.testing import Fault
    >>> Fault("placeOrder", "drop_after", nth=2)
    Fault(on='placeOrder', do='drop_after', nth=2, times=1)
    """

    on: str
    do: str
    nth: int = 1
    times: int | None = 1
    seconds: float = field(default=0.1, repr=False)
    code: int = field(default=201, repr=False)
    text: str = field(default="", repr=False)
    seen: int = field(default=0, repr=False, compare=False)

    def __post_init__(self):
        """Check the words."""
        known = [*REQUESTS.values(), *ANSWERS.values()]
        if self.on not in known:
            raise InvalidValue(f"on: there is no message {self.on!r}{nearest(self.on, known)}")
        fits = REQUEST_FAULTS if self.on in REQUESTS.values() else ANSWER_FAULTS
        if self.do not in fits:
            raise InvalidValue(f"do: {self.do!r} at {self.on}; use one of {', '.join(fits)}")
        for name, value in (("nth", self.nth), ("times", self.times), ("code", self.code)):
            if (type(value) is not int or value < 1) and not (name == "times" and value is None):
                raise InvalidValue(f"{name}: {value!r}; use a whole number from 1")
        if isinstance(self.seconds, bool) or not isinstance(self.seconds, Number) or not self.seconds >= 0:
            raise InvalidValue(f"seconds: {self.seconds!r}; use a number from 0")
        self.text = self.text or TEXTS.get(self.code, f"error {self.code}").replace("{}", "")

    def meets(self, name):
        """Count a message; whether the fault is due at it."""
        if name != self.on:
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)


class Script:
    """The faults that are set."""

    def __init__(self, faults=()):
        self.faults = list(faults)

    def at(self, name):
        """Give the first fault that is due at a message; all that are set count it."""
        due = [fault for fault in self.faults if fault.meets(name)]
        return due[0] if due else None
