"""At which prices the signal of a period is filled."""

from enum import StrEnum

from ..errors import InvalidValue, WrongType
from ..hints import nearest


class FillPolicy(StrEnum):
    """When orders are filled; the plain texts are accepted wherever this is.

    ============  ==================================================================
    text          filled
    ============  ==================================================================
    close         at the close of the signal's own period
    next_open     at the open of the next period
    next_typical  at a third of high, low and close of the next period, rounded down
    ============  ==================================================================

    Examples
    --------
    >>> from nanobook import FillPolicy
    >>> FillPolicy.NextBarOpen == "next_open", FillPolicy.next_bar_open() is FillPolicy.NextBarOpen
    (True, True)
    """

    SignalBarClose = "close"
    NextBarOpen = "next_open"
    NextBarTypical = "next_typical"

    @classmethod
    def signal_bar_close(cls):
        """At the close of the signal's own period."""
        return cls.SignalBarClose

    @classmethod
    def next_bar_open(cls):
        """At the open of the next period."""
        return cls.NextBarOpen

    @classmethod
    def next_bar_typical(cls):
        """At the typical price of the next period."""
        return cls.NextBarTypical


FILLS = tuple(policy.value for policy in FillPolicy)
MISSING = ("raise", "carry", "delist")


def choice(name, value, choices):
    """Check one text of several; its number."""
    if not isinstance(value, str):
        raise WrongType(f"{name}={value!r}: needs one of {', '.join(choices)}")
    text = value.value if isinstance(value, FillPolicy) else value
    if text not in choices:
        raise InvalidValue(f"{name}={text!r}: must be one of {', '.join(choices)}{nearest(text, choices)}")
    return choices.index(text)
