"""What a run has done so far: rebuilt from the records of its audit trail, and from nothing else.

A live run keeps its state by the same function that a restart rebuilds it with: whoever writes a record
applies it. So what is in memory is what the log says, at any moment and after any crash.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ...broker.types import ClientOrderId, Number
from ...errors import UnknownState
from ...exact import exact, plus
from ...hints import printable
from ..planning.diff import PlannedOrder
from .records import order_of

MAX_SLICES = 5  # how many orders may follow one another for what somebody else cancelled


class TicketState(StrEnum):
    """Where an order is, as far as the log knows."""

    INTENT = "intent"  # about to be sent, perhaps sent
    UNKNOWN = "unknown"  # sent without an answer
    LIVE = "live"  # the broker has it
    ABSENT = "absent"  # never reached the broker: may be sent again under the same name
    ENDED = "ended"


INTENT, UNKNOWN, LIVE, ABSENT, ENDED = TicketState

MOVES = {
    "order_submitted": ({INTENT, UNKNOWN, ABSENT, LIVE}, LIVE),
    "order_unknown": ({INTENT, LIVE}, UNKNOWN),
    "order_not_found": ({INTENT, UNKNOWN, ABSENT}, ABSENT),
    "order_not_sent": ({INTENT}, ABSENT),
    "order_failed": ({INTENT, UNKNOWN, LIVE}, ENDED),
    "order_progress": ({LIVE}, LIVE),
    "cancel_intent": ({LIVE}, LIVE),
    "order_filled": ({LIVE}, ENDED),
}
"""By event: in which states an order may be, and in which it is then. ``order_intent`` makes orders. Records
of the kill switch, which cancels by ``kill_cancel`` what lives at the broker, change nothing here."""


@dataclass(slots=True)
class Ticket:
    """One order that was sent, or was about to be.

    Attributes
    ----------
    client_order_id, symbol, side : str
    quantity, limit_price_cents : int or Decimal
    number : int
        Which slice of the planned order it is, from 0.
    state : TicketState
    broker_id : int or None
    filled, avg_price_cents : int or Decimal
    commission_cents : int, Decimal or None
        None while the broker has not told it.
    status : str
        How it ended: 'Filled', 'PartialFill', 'Cancelled' or 'Failed'.
    reason : str
    cancelling : str
        Why we asked for its cancellation, "" if we did not.
    open_end : bool
        It ended without our having given up on it: what remains is due when the run goes on.
    """

    client_order_id: str
    symbol: str
    side: str
    quantity: Number
    limit_price_cents: Number
    number: int
    state: TicketState = INTENT
    broker_id: int | None = None
    filled: Number = 0
    avg_price_cents: Number = 0
    commission_cents: Number | None = None
    status: str = ""
    reason: str = ""
    cancelling: str = ""
    open_end: bool = False

    @property
    def remaining(self):
        """What is not filled."""
        return exact("remaining", plus(self.quantity, -self.filled))

    @property
    def signed_filled(self):
        """What it added to the position."""
        return self.filled if self.side == "buy" else -self.filled

    def move(self, event, record):
        """Take in a record."""
        allowed, after = MOVES[event]
        if self.state not in allowed:
            raise UnknownState(
                f"the log says {event} of order {self.client_order_id} ({self.symbol}), which was "
                f"{self.state}; it was not written by one run alone: look at it with `rebalancer audit show`"
            )
        self.state = after
        self.reason = record.get("reason", "")
        if "ibkr_id" in record:
            self.broker_id = record["ibkr_id"]
        if "filled" in record:
            self._fill(record)
        if event == "order_failed":
            self.status = "Failed"
        if event == "order_filled":
            self.status, self.open_end = record["status"], record.get("open_end", False)
        if event == "cancel_intent":
            self.cancelling = self.reason

    def _fill(self, record):
        self.filled = exact("filled", record["filled"])
        self.avg_price_cents = exact("avg_price_cents", record.get("avg_price_cents", 0))
        if record.get("commission_cents") is not None:
            self.commission_cents = exact("commission_cents", record["commission_cents"])


@dataclass(slots=True)
class RunState:
    """A run as its records tell it.

    Attributes
    ----------
    scope, digest : str
        The target's name, and the SHA-256 of its bytes.
    planned : dict of str to PlannedOrder
        By symbol; sells first.
    tickets : dict of str to Ticket
        By client order id, in the order of their first intents.
    phase : str
        '', 'started', 'planned', 'confirmed' or 'completed'.
    outcome : str
        How it was completed.
    dropped : dict of str to str
        Symbols of which nothing more is to be sent, and why.
    names : dict of str to list of str
        Client order ids by symbol.
    """

    scope: str = ""
    digest: str = ""
    dry_run: bool = False
    planned: dict[str, PlannedOrder] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    phase: str = ""
    outcome: str = ""
    dropped: dict[str, str] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)

    def apply(self, record):
        """Take in one record; events that say nothing of orders leave the state as it is."""
        event = record["event"]
        if event in MOVES:
            self._ticket_of(record).move(event, record)
        elif event in RULES:
            RULES[event](self, record)

    def _ticket_of(self, record):
        try:
            return self.tickets[record["client_order_id"]]
        except KeyError:
            raise UnknownState(
                f"the log says {record['event']} of order {printable(record.get('client_order_id'))}, of "
                "which it has no order_intent; look at it with `rebalancer audit show`"
            ) from None

    def tickets_of(self, symbol):
        """Give the orders of a symbol, oldest first."""
        return [self.tickets[name] for name in self.names.get(symbol, ())]

    def unsettled(self):
        """Give the orders whose end the log does not know; those that never arrived are none."""
        return [ticket for ticket in self.tickets.values() if ticket.state in (INTENT, UNKNOWN, LIVE)]

    def filled(self, symbol):
        """Give what a symbol's orders have added to its position."""
        return exact("filled", sum((ticket.signed_filled for ticket in self.tickets_of(symbol)), 0))

    def expected(self, symbol):
        """Give the position that there must be: that of the plan's start and what was filled."""
        return exact("position", plus(self.planned[symbol].start_quantity, self.filled(symbol)))

    def due(self, symbol):
        """Give what is still to be sent of a symbol: (number of the slice, quantity), or None."""
        order, tickets = self.planned[symbol], self.tickets_of(symbol)
        if symbol in self.dropped:
            return None
        if not tickets:
            return 0, order.quantity
        last = tickets[-1]
        if last.state is ABSENT:
            return last.number, last.quantity
        if last.state is ENDED and last.open_end and last.number + 1 < MAX_SLICES:
            left = exact("left", plus(order.quantity, -abs(self.filled(symbol))))
            return (last.number + 1, left) if left > 0 else None
        return None

    def client_id(self, symbol, number):
        """Name a slice of a planned order, always the same name."""
        order = self.planned[symbol]
        scope = f"{self.scope}#{number}" if number else self.scope
        return ClientOrderId.derive(scope, symbol, order.side, order.quantity)

    def _started(self, record):
        self.scope, self.digest = record["scope"], record["digest"]
        self.dry_run, self.phase = record.get("dry_run", False), "started"

    def _planned(self, record):
        self.planned = {order.symbol: order for order in map(order_of, record["orders"])}
        self.phase = "planned"

    def _confirmed(self, record):
        if record.get("approved", True):
            self.phase = "confirmed"

    def _intended(self, record):
        name = record["client_order_id"]
        known = self.tickets.get(name)
        if known is not None and known.state is not ABSENT:
            raise UnknownState(
                f"the log has a second order_intent of order {name} ({known.symbol}), which was {known.state}"
            )
        if known is None:
            self.names.setdefault(record["symbol"], []).append(name)
        self.tickets[name] = ticket_of(record)

    def _dropped(self, record):
        self.dropped[record["symbol"]] = record["reason"]

    def _completed(self, record):
        self.phase, self.outcome = "completed", record.get("outcome", "done")


RULES = {
    "run_started": RunState._started,
    "diff_computed": RunState._planned,
    "execution_started": RunState._confirmed,
    "order_intent": RunState._intended,
    "order_skipped": RunState._dropped,
    "run_completed": RunState._completed,
}
"""What the events mean that are not of one order alone."""


def rebuild(records):
    """Rebuild the state of a run from its records.

    Parameters
    ----------
    records : iterable of mapping
        Of one run, from its ``run_started`` on, in order.

    Returns
    -------
    RunState

    Raises
    ------
    UnknownState
        The records contradict each other.

    Examples
    --------
    >>> from nanobook.rebalancer.running.state import rebuild
    >>> rebuild([{"event": "run_started", "scope": "2026-02", "digest": "ab12"}]).phase
    'started'
    """
    state = RunState()
    for record in records:
        state.apply(record)
    return state


def ticket_of(record):
    """Read an order from its intent."""
    return Ticket(
        record["client_order_id"],
        record["symbol"],
        record["side"],
        exact("shares", record["shares"]),
        exact("limit_cents", record["limit_cents"]),
        record["slice"],
    )
