"""What a run has done, to look at: one row an order."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

from ...exact import dollars, exact
from .state import ABSENT, ENDED, Ticket

COLUMNS = ("symbol", "action", "shares", "limit", "status", "filled", "avg_price", "commission", "reason")
GOOD = ("done", "already_done", "nothing_to_do", "dry_run", "declined")


@dataclass(slots=True)
class RunReport:
    """What became of a run.

    Attributes
    ----------
    scope : str
        The target's name.
    outcome : str
        'done', 'already_done', 'nothing_to_do', 'dry_run', 'declined', 'superseded', 'abandoned', or
        'stopped' and the like when an error ended it.
    orders : list of dict
        One an order, sent or not: symbol, action, shares, limit (cents), status, filled, avg_price (cents),
        commission (cents, None if the broker has not told it), reason, client_order_id.
    plan : Plan or None
        What was planned; None where nothing had to be.
    reconciliation : Reconciliation or None
        How positions and weights compare after it.
    notes : list of str
        What else a person should know: recovered orders, orders of others.
    head : str
        ``count:hash`` of the audit trail, to be kept elsewhere.
    """

    scope: str
    outcome: str
    orders: list = field(default_factory=list)
    plan: object = None
    reconciliation: object = None
    notes: list = field(default_factory=list)
    head: str = ""

    @property
    def submitted(self):
        """Orders that the broker got."""
        return sum(row["sent"] for row in self.orders)

    @property
    def filled(self):
        """Orders that were filled, in whole or in part."""
        return sum(row["filled"] != 0 for row in self.orders)

    @property
    def failed(self):
        """Orders that were refused, or ended without any fill."""
        return sum(row["sent"] and row["filled"] == 0 for row in self.orders)

    def to_frame(self):
        """Give the orders as a DataFrame; money in cents.

        Returns
        -------
        DataFrame
        """
        import pandas as pd

        return pd.DataFrame([{name: row[name] for name in COLUMNS} for row in self.orders], columns=COLUMNS)

    def __str__(self):
        counts = f"{self.submitted} submitted, {self.filled} filled, {self.failed} failed"
        return "\n".join([f"{self.scope}: {self.outcome}: {counts}", *map(line_of, self.orders), *self.notes])

    def _repr_html_(self):
        head = "".join(f"<th>{name}</th>" for name in COLUMNS)
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells_of(row)) + "</tr>"
            for row in self.orders
        )
        title = html.escape(f"{self.scope}: {self.outcome}")
        return f"<table><caption>{title}</caption><tr>{head}</tr>{rows}</table>"


def cells_of(row):
    """Write one order for people."""
    money = lambda cents: "" if cents is None else dollars(cents)  # noqa: E731
    return [
        row["symbol"],
        row["action"],
        row["shares"],
        money(row["limit"]),
        row["status"],
        row["filled"],
        money(row["avg_price"]) if row["filled"] else "",
        money(row["commission"]),
        row["reason"],
    ]


def line_of(row):
    """Write one order as a line."""
    reason = f" ({row['reason']})" if row["reason"] else ""
    return (
        f"{row['action']} {row['shares']} {row['symbol']} @ {dollars(row['limit'])}: {row['status']} "
        f"{row['filled']}/{row['shares']}{reason}"
    )


def order_rows(state):
    """List the orders of a run: those sent, and those planned that were not."""
    rows = []
    for symbol, order in state.planned.items():
        tickets = state.tickets_of(symbol)
        rows += [ticket_row(order, ticket) for ticket in tickets]
        if not tickets:
            reason = state.dropped.get(symbol, "")
            status = "Skipped" if reason else "Not sent"
            nothing = Ticket(
                "", symbol, order.side, order.quantity, order.limit_price_cents, 0, status=status
            )
            nothing.reason = reason
            rows.append({**ticket_row(order, nothing), "status": status, "sent": False})
    return rows


def ticket_row(order, ticket):
    """Write one order that was sent, or about to be."""
    status = {ENDED: ticket.status, ABSENT: "Not sent"}.get(ticket.state, str(ticket.state).capitalize())
    return {
        "symbol": ticket.symbol,
        "action": order.action,
        "shares": ticket.quantity,
        "limit": ticket.limit_price_cents,
        "status": status,
        "filled": exact("filled", ticket.filled),
        "avg_price": ticket.avg_price_cents,
        "commission": ticket.commission_cents,
        "reason": ticket.reason,
        "client_order_id": ticket.client_order_id,
        "sent": ticket.state is not ABSENT,
    }
