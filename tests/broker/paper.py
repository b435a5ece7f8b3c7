"""A market for tests of the paper broker, and what they ask of it."""

import pytest

from nanobook.errors import OrderRejected

QUOTES = {"A": {"bid_cents": 9_990, "ask_cents": 10_010}, "B": {"bid_cents": 499, "ask_cents": 501}}


def told(broker, order):
    """(state, filled, average price) of an order."""
    status = broker.order_status(order)
    return str(status.status), status.filled_quantity, status.avg_fill_price_cents


def refused(broker, *order, **more):
    """The refusal of an order; nothing else has happened."""
    before = broker.account(), broker.positions(), broker.open_orders(), broker.executions()
    with pytest.raises(OrderRejected) as caught:
        broker.submit_order(*order, **more)
    assert before == (broker.account(), broker.positions(), broker.open_orders(), broker.executions())
    return caught.value
