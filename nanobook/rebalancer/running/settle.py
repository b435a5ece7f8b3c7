"""What to do about an order, from what the log knows of it and what the broker says: one table, no guess."""

from __future__ import annotations

from enum import StrEnum

from .state import ABSENT, ENDED, INTENT, LIVE, UNKNOWN


class Decision(StrEnum):
    """What follows for an order."""

    FOLLOW = "follow"  # the broker has it: wait for its end
    END = "end"  # it ended: write down how
    SEND_AGAIN = "send again"  # it never arrived: may be sent under the same name
    STOP = "stop"  # a person must look
    LEAVE = "leave"  # nothing is open


FOLLOW, END, SEND_AGAIN, STOP, LEAVE = Decision

TABLE = {
    # the log:  the broker: not found, lives, ended
    INTENT: (SEND_AGAIN, FOLLOW, END),
    UNKNOWN: (SEND_AGAIN, FOLLOW, END),
    ABSENT: (SEND_AGAIN, FOLLOW, END),  # it came in after all
    LIVE: (STOP, FOLLOW, END),  # what the broker had taken cannot be gone
    ENDED: (LEAVE, STOP, LEAVE),  # what had ended cannot live
}
"""By what the log knows. "Not found" counts only when nothing can be on its way any more."""


def decide(state, status):
    """Decide about an order.

    Parameters
    ----------
    state : TicketState
        What the log knows.
    status : BrokerOrderStatus or None
        What the broker says, looked for among live and ended orders; None if it never saw the order.

    Returns
    -------
    Decision

    Examples
    --------
    >>> from nanobook.rebalancer.running.settle import decide
    >>> from nanobook.rebalancer.running.state import TicketState
    >>> decide(TicketState.UNKNOWN, None)
    <Decision.SEND_AGAIN: 'send again'>
    >>> decide(TicketState.LIVE, None)
    <Decision.STOP: 'stop'>
    """
    not_found, lives, ended = TABLE[state]
    if status is None:
        return not_found
    return ended if status.status.is_final else lives
