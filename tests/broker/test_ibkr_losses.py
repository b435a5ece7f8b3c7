"""The wire cut at every message of an order's life: one order is at the broker, and all of it is known.

What cannot happen is left out: a stream brings all that was sent, in order, up to where it is cut.
"""

import signal
import threading
import time

import pytest

from nanobook import IbkrBroker
from nanobook.errors import BrokerError, OrderUnknown
from nanobook.testing import FakeTws, VirtualClock

QUOTES = {"AAPL": (184.90, 185.10)}
NAME = "one-order"
ANSWERS = ("openOrder", "orderStatus", "execDetails", "commissionReport", "position")
LISTS = ("reqAllOpenOrders", "reqExecutions", "reqCompletedOrders", "reqPositions")
ENDS = ("openOrderEnd", "execDetailsEnd", "completedOrdersEnd", "completedOrder")
CUTS = [
    *[("placeOrder", do) for do in ("drop_before", "drop_after", "lose", "mute", "restart")],
    *[(answer, do) for answer in ANSWERS for do in ("drop_before", "drop_after", "duplicate")],
    *[
        (answer, do)
        for answer in ("orderStatus", "execDetails", "commissionReport")
        for do in ("mute", "delay")
    ],
    *[(question, do) for question in LISTS for do in ("drop_before", "drop_after")],
    *[(end, "drop_before") for end in ENDS],
]
PRICES = {"rests": 18_000, "fills": 18_510, "fills in parts": 18_510}


def send(broker, price):
    """Send it, or find out what became of it; True if it lives or lived."""
    try:
        broker.submit_order("AAPL", "buy", 100, "limit", price, NAME)
    except OrderUnknown:
        return patiently(broker.find_order, NAME) is not None
    return True


def patiently(ask, *args):
    """Ask until there is an answer; the faults are few."""
    for _ in range(20):
        try:
            return ask(*args)
        except BrokerError:
            time.sleep(0.005)
    raise AssertionError("no answer")


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("market", PRICES)
@pytest.mark.parametrize(("on", "do"), CUTS, ids=map("-".join, CUTS))
def test_c075_whatever_is_lost_there_is_one_order(on, do, market, nth):
    size = 40 if market == "fills in parts" else None
    with FakeTws(QUOTES, clock=VirtualClock()) as tws:
        broker = IbkrBroker(port=tws.port, timeout=0.25, clock=VirtualClock())
        tws.set_quote("AAPL", bid=184.9, ask=185.1, ask_size=size)
        tws.cancel_order(tws.place_by_hand("AAPL", "buy", 1, 1))  # loads the engine
        broker.connect()
        tws.add_fault(on, do, nth=nth, seconds=0.01)
        for _ in range(5):
            if send(broker, PRICES[market]):
                break
        tws.set_quote("AAPL", bid=184.9, ask=185.1, ask_size=None)  # the rest of a part
        check(tws, broker, "Submitted" if market == "rests" else "Filled")
        broker.disconnect()


def check(tws, broker, state):
    """One order at the broker, and we know of it what the broker knows."""
    [there] = [order for order in tws.orders() if order["order_ref"] == NAME]
    status = patiently(broker.find_order, NAME)
    assert (status.status, status.filled_quantity) == (state, there["filled"])
    executions = patiently(broker.executions)
    assert sum(execution.quantity for execution in executions) == there["filled"]
    assert len({execution.execution_id for execution in executions}) == len(executions)
    assert [order.id for order in patiently(broker.open_orders)] == (
        [status.id] if state == "Submitted" else []
    )
    held = {position.symbol: position.quantity for position in patiently(broker.positions)}
    assert held == ({"AAPL": there["filled"]} if there["filled"] else {})


@pytest.mark.parametrize("mute", ["reqPositions", "reqAllOpenOrders", "reqCompletedOrders", "reqExecutions"])
def test_a_question_that_is_broken_off_does_not_fall_into_the_next(mute):
    """As Ctrl-C does; the late answer to the first would else be taken for that to the second."""
    ask = {
        "reqPositions": lambda broker: broker.positions(),
        "reqAllOpenOrders": lambda broker: broker.open_orders(),
        "reqCompletedOrders": lambda broker: broker.find_order("none"),
        "reqExecutions": lambda broker: broker.executions(),
    }[mute]
    clock = VirtualClock()
    with (
        FakeTws({"AAPL": (184.90, 185.10)}, positions=[("AAPL", 10, 150)]) as tws,
        IbkrBroker(port=tws.port, timeout=30, clock=clock) as broker,
    ):
        before, wanted = tws.received().get(mute, 0), ask(broker)
        tws.add_fault(mute, "mute")
        with Interrupt(lambda: tws.received()[mute] == before + 2), pytest.raises(KeyboardInterrupt):
            ask(broker)
        for _ in range(3):
            assert ask(broker) == wanted
        assert broker.account().equity_cents > 0


class Interrupt:
    """Ctrl-C to this thread, once something is so."""

    def __init__(self, holds):
        self.thread = threading.Thread(target=self.wait, args=(holds,))

    def wait(self, holds):
        """Wait, and interrupt."""
        end = time.monotonic() + 20
        while not holds() and time.monotonic() < end:
            time.sleep(0.005)
        time.sleep(0.05)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.thread.join()
