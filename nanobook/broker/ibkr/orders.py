"""What is known of the orders and fills of an account: a plain ledger, written by what the broker tells.

It keeps two rules. Nothing is believed dead that the broker may still work: a word of life after a word of
death counts, and an order that was sent and never answered is never taken for refused. A fill told twice is
one fill, a corrected one replaces the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ...errors import OrderUnknown
from ...exact import exact, plus, times
from ..types import BrokerOrderStatus, Execution, Number, OrderState
from .fills import average_of, base_name, revision, total_of

ACCEPTED = {"PreSubmitted", "Submitted", "Filled", "Cancelled", "ApiCancelled", "PendingCancel"}
DEAD = {
    "Cancelled": OrderState.CANCELLED,
    "ApiCancelled": OrderState.CANCELLED,
    "Inactive": OrderState.REJECTED,
}
"""States of TWS that are final; PendingCancel is none: such an order may still fill."""


@dataclass(slots=True, eq=False)
class Entry:
    """One order.

    Attributes
    ----------
    order_id, client_id : int
        Its number, and the connection that gave it; 0 where unknown.
    permanent_id : int
        The number that the broker gave it for good, 0 until it has.
    name : str or None
        The caller's name of it (orderRef).
    told : str
        State as TWS spells it; '' until it was told.
    filled, average_cents : int or Decimal
        As told; the fills themselves may know more.
    refusal : tuple of (int, str) or None
        Number and text of the error that refused it.
    reason : str
        Why it ended.
    is_sure : bool
        Whether the end was confirmed by asking.
    is_lost : bool
        Whether it lived, and is neither open nor ended at the broker now.
    fills : dict
        By name without revision.
    """

    order_id: int
    client_id: int
    permanent_id: int = 0
    name: str | None = None
    symbol: str = ""
    side: str = ""
    total: Number = 0
    told: str = ""
    filled: Number = 0
    average_cents: Number = 0
    refusal: tuple[int, str] | None = None
    reason: str = ""
    is_sure: bool = False
    is_lost: bool = False
    fills: dict[str, Execution] = field(default_factory=dict)

    @property
    def is_answered(self):
        """Whether the broker has taken the order, or refused it."""
        return self.refusal is not None or (self.permanent_id != 0 and self.told in {*ACCEPTED, "Inactive"})

    @property
    def filled_now(self):
        """How much is filled: what the state says or what the fills add up to, whichever is more.

        Both come on their own, in either order. Where a fill was corrected the fills know better.
        """
        added = total_of(self.fills.values())
        corrected = any(revision(fill.execution_id) > 1 for fill in self.fills.values())
        return added if corrected else max(added, self.filled)

    @property
    def state(self):
        """The state in the protocol's words."""
        filled = self.filled_now
        if self.told == "Filled" or (self.total and filled >= self.total):
            return OrderState.FILLED
        if self.refusal is not None:
            return OrderState.REJECTED
        if self.told in DEAD:
            return OrderState.CANCELLED if filled else DEAD[self.told]
        if not self.is_answered and not filled:
            return OrderState.PENDING
        return OrderState.PARTIALLY_FILLED if filled else OrderState.SUBMITTED

    def told_state(self, state):
        """Take a state; a living one revokes a refusal."""
        if not state:
            return
        if state != self.told:
            self.is_sure = False
        if state not in DEAD:
            self.refusal = None
        self.told, self.is_lost = state, False

    def average(self):
        """Average price in cents, 0 while nothing is filled: of the fills, where all are known."""
        if self.fills and total_of(self.fills.values()) == self.filled_now:
            return average_of(self.fills.values())
        return self.average_cents


class Ledger:
    """Orders and fills of an account.

    Parameters
    ----------
    client_id : int
        Of our connection: orders that bear it are ours.
    """

    def __init__(self, client_id):
        self._client_id = client_id
        self._entries: list[Entry] = []
        self._permanent: dict[int, Entry] = {}
        self._ours: dict[int, Entry] = {}
        self._commissions: dict[str, Number] = {}
        self.highest_id = 0
        """Highest number of an order that was seen, of whatever connection."""

    def __iter__(self):
        return iter(self._entries)

    # What is asked

    def public_id(self, entry):
        """Id of an order in the protocol: its own number if it is ours, else the broker's permanent one."""
        ours = entry.client_id == self._client_id and entry.order_id > 0
        return entry.order_id if ours else entry.permanent_id

    def is_ours(self, entry):
        """Whether the order may be cancelled over our connection."""
        return entry.client_id == self._client_id and entry.order_id > 0

    def by_id(self, public_id):
        """Give the order of an id, None if there is none."""
        return self._ours.get(public_id) or self._permanent.get(public_id)

    def ours(self, order_id):
        """Give the order that our connection sent under a number, None if there is none."""
        return self._ours.get(order_id)

    def by_name(self, name):
        """Give the order that bears a name, None if there is none.

        Raises
        ------
        OrderUnknown
            Several do, and more than one of them lives or was filled.
        """
        found = [entry for entry in self._entries if entry.name == name]
        counting = [e for e in found if e.filled_now or not e.state.is_final]
        if len(counting) > 1:
            ids = ", ".join(str(self.public_id(entry)) for entry in counting)
            raise OrderUnknown(f"orders {ids} all bear the client order id {name!r}", name)
        return (counting or found or [None])[-1]

    def status(self, entry):
        """Give the status of an order as the protocol has it."""
        filled = entry.filled_now
        return BrokerOrderStatus(
            self.public_id(entry),
            entry.state,
            filled,
            max(exact("remaining", plus(entry.total, times(-1, filled))), 0),
            entry.average() if filled else 0,
            entry.symbol,
            entry.side,
            entry.name,
            entry.refusal[1] if entry.refusal else entry.reason,
        )

    def executions(self):
        """Give the fills, in order, with what is known of their commissions."""
        fills = [
            replace(
                fill,
                order_id=self.public_id(entry),
                commission_cents=self._commissions.get(fill.execution_id),
                client_order_id=fill.client_order_id or entry.name,
            )
            for entry in self._entries
            for fill in entry.fills.values()
            if fill.quantity
        ]
        return sorted(fills, key=lambda fill: (fill.timestamp, fill.execution_id))

    # What is told

    def placed(self, order_id, order):
        """Note an order that is about to be sent."""
        entry = Entry(
            order_id, self._client_id, 0, order.client_order_id, order.symbol, order.side, order.quantity
        )
        self._entries.append(entry)
        self._ours[order_id] = entry
        self.highest_id = max(self.highest_id, order_id)
        return entry

    def forget(self, entry):
        """Strike out an order that never arrived."""
        self._entries.remove(entry)
        if self._ours.get(entry.order_id) is entry:
            del self._ours[entry.order_id]

    def entry(self, order_id, client_id, permanent_id, name=None):
        """Give the order that a message means, a new one if it is the first to tell of it.

        The permanent number goes before all: the others may be given out again after a restart. The list of
        ended orders has no others; there the name tells whether it is one that was never answered.
        """
        entry = self._permanent.get(permanent_id) if permanent_id else None
        if entry is None and client_id == self._client_id and order_id > 0:
            entry = self._ours.get(order_id)
            if entry is not None and entry.permanent_id and permanent_id:
                entry = None  # an older order of the same number
        if entry is None and name:
            entry = next((e for e in self._ours.values() if e.name == name and not e.permanent_id), None)
        if entry is None:
            entry = Entry(order_id, client_id)
            self._entries.append(entry)
        self._index(entry, order_id, client_id, permanent_id)
        return entry

    def _index(self, entry, order_id, client_id, permanent_id):
        if permanent_id:
            entry.permanent_id = permanent_id
            self._permanent[permanent_id] = entry
        if order_id > 0:
            entry.order_id, entry.client_id = order_id, client_id
            self.highest_id = max(self.highest_id, order_id)
            if client_id == self._client_id:
                self._ours[order_id] = entry

    def described(self, entry, symbol, side, total, name):
        """Take what a message says of the order itself."""
        entry.symbol, entry.side = entry.symbol or symbol, entry.side or side
        entry.total = total or entry.total
        entry.name = entry.name or name or None

    def filled(self, entry, fill):
        """Take a fill; a later revision of one that is known replaces it, an earlier one says nothing."""
        base = base_name(fill.execution_id)
        known = entry.fills.get(base)
        if known is None or revision(known.execution_id) < revision(fill.execution_id):
            entry.fills[base] = fill

    def charged(self, execution_id, commission_cents):
        """Take a commission; it may come before its fill."""
        self._commissions[execution_id] = commission_cents

    def refused(self, order_id, code, text):
        """Take an error that refuses one of our orders, unless the order was filled."""
        entry = self._ours.get(order_id)
        if entry is not None and not entry.filled_now:
            entry.refusal, entry.is_sure = (code, text), False

    def noted(self, order_id, text):
        """Take a reason that the broker gives without a new state."""
        entry = self._ours.get(order_id)
        if entry is not None:
            entry.reason = text

    def reconciled(self, listed):
        """Compare with the full lists of open and ended orders, which have just been read.

        Orders that were believed to live, and of which the lists say nothing, are lost: nobody can tell what
        became of them.

        Parameters
        ----------
        listed : set of Entry
            Those that the broker has open now.
        """
        for entry in self._entries:
            final = entry.state.is_final
            entry.is_sure = entry.is_sure or final
            lived = entry.is_answered or bool(entry.fills)
            entry.is_lost = lived and not final and entry not in listed
