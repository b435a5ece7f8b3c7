"""Planned orders as records of the audit trail have them, and back; numbers stay exact."""

from __future__ import annotations

from decimal import Decimal

from ...exact import exact
from ..planning.diff import PlannedOrder


def money_text(cents):
    """Write cents as dollars in text, exactly."""
    return str(Decimal(cents).scaleb(-2))


def order_record(order):
    """Write a planned order as a record has it; the original's fields first."""
    return {
        "symbol": order.symbol,
        "action": order.action,
        "shares": order.quantity,
        "limit": money_text(order.limit_price_cents),
        "description": order.description,
        "side": order.side,
        "limit_cents": order.limit_price_cents,
        "mid_cents": order.mid_cents,
        "start_quantity": order.start_quantity,
        "goal_quantity": order.goal_quantity,
        "notional_cents": order.notional_cents,
    }


def order_of(record):
    """Read what ``order_record`` wrote."""
    number = lambda name: exact(name, record[name])  # noqa: E731
    return PlannedOrder(
        symbol=record["symbol"],
        action=record["action"],
        side=record["side"],
        quantity=number("shares"),
        limit_price_cents=number("limit_cents"),
        description=record["description"],
        mid_cents=number("mid_cents"),
        start_quantity=number("start_quantity"),
        goal_quantity=number("goal_quantity"),
        notional_cents=number("notional_cents"),
    )
