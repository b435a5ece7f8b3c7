"""Fills: which correction is the later one, and what several come to."""

from __future__ import annotations

from decimal import Decimal

from ...exact import exact, plus, times
from ..types import Number
from .amounts import CENT_PLACES


def base_name(execution_id):
    """Name of a fill without its revision, the part behind the last dot."""
    return execution_id.rpartition(".")[0] or execution_id


def revision(execution_id):
    """Revision of a fill: 1, and 2 for its first correction.

    Examples
    --------
    >>> from nanobook.broker.ibkr.fills import revision
    >>> revision("0000e0d5.67e1b8a5.01.01"), revision("0000e0d5.67e1b8a5.01.02"), revision("x")
    (1, 2, 0)
    """
    tail = execution_id.rpartition(".")[2]
    return int(tail) if tail.isdecimal() else 0


def total_of(fills):
    """Add up the quantities of fills."""
    total: Number = 0
    for fill in fills:
        total = plus(total, fill.quantity)
    return total


def average_of(fills):
    """Average price of fills in cents."""
    value: Number = 0
    for fill in fills:
        value = plus(value, times(fill.quantity, fill.price_cents))
    quantity = total_of(fills)
    if not quantity:
        return 0
    return exact("average", round(Decimal(value) / Decimal(quantity), CENT_PLACES))
