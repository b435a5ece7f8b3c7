"""What follows for an order from what the log and the broker say of it: every cell of the table."""

import pytest

from nanobook.broker import BrokerOrderStatus, OrderState
from nanobook.rebalancer.running.settle import END, FOLLOW, LEAVE, SEND_AGAIN, STOP, TABLE, decide
from nanobook.rebalancer.running.state import ABSENT, ENDED, INTENT, LIVE, UNKNOWN, TicketState

LIVES = (OrderState.PENDING, OrderState.SUBMITTED, OrderState.PARTIALLY_FILLED)
ENDS = (OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED)

CELLS = [
    # the log, at the broker, what follows
    (INTENT, "not found", SEND_AGAIN),
    (INTENT, "lives", FOLLOW),
    (INTENT, "ended", END),
    (UNKNOWN, "not found", SEND_AGAIN),
    (UNKNOWN, "lives", FOLLOW),
    (UNKNOWN, "ended", END),
    (ABSENT, "not found", SEND_AGAIN),
    (ABSENT, "lives", FOLLOW),
    (ABSENT, "ended", END),
    (LIVE, "not found", STOP),
    (LIVE, "lives", FOLLOW),
    (LIVE, "ended", END),
    (ENDED, "not found", LEAVE),
    (ENDED, "lives", STOP),
    (ENDED, "ended", LEAVE),
]


@pytest.mark.parametrize(("state", "broker", "decision"), CELLS)
def test_every_cell(state, broker, decision):
    kinds = {"not found": [None], "lives": LIVES, "ended": ENDS}[broker]
    for kind in kinds:
        status = None if kind is None else BrokerOrderStatus(1, kind, 0, 1, 0)
        assert decide(state, status) is decision


def test_the_table_is_whole():
    assert set(TABLE) == set(TicketState)
    assert {(state, broker) for state, broker, _ in CELLS} == {
        (state, broker) for state in TicketState for broker in ("not found", "lives", "ended")
    }
