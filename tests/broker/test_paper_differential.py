"""The paper broker against its naive twin, and what must hold of its accounts whatever happens."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from nanobook import PaperBroker
from nanobook.errors import CancelRejected, OrderRejected
from nanobook.testing import VirtualClock
from tests.oracle.paper import TwinMarket

STATES = {
    "filled": {"Filled"},
    "cancelled": {"Cancelled"},
    "rejected": {"Rejected"},
    "resting": {"Submitted", "PartiallyFilled"},
    "waiting": {"Submitted", "PartiallyFilled"},
}
sides = st.sampled_from(["buy", "sell"])
prices = st.integers(95, 105)
sizes = st.none() | st.integers(0, 30)
quotes = st.tuples(st.just("quote"), st.just(0) | prices, sizes, st.just(0) | prices, sizes)
orders = st.tuples(st.just("order"), sides, st.integers(1, 40), st.none() | prices, st.booleans())
cancels = st.tuples(st.just("cancel"), st.integers(1, 12))
steps = st.lists(st.one_of(quotes, orders, cancels), max_size=25)


def quoted(bid, bid_size, ask, ask_size):
    """A quote as the paper broker takes it."""
    return {"A": {"bid_cents": bid, "ask_cents": ask, "bid_size": bid_size, "ask_size": ask_size}}


def submitted(broker, side, quantity, limit, ioc):
    """Send an order; the code of its refusal, or None."""
    order_type, tif = "market" if limit is None else "limit", "ioc" if ioc else "gtc"
    try:
        broker.submit_order("A", side, quantity, order_type, limit, time_in_force=tif)
    except OrderRejected as error:
        return error.code
    return None


def play(broker, twin, step):
    """Do one thing to both."""
    kind, *told = step
    if kind == "quote":
        broker.feed(quoted(*told))
        twin.new_quote(*told)
    elif kind == "order":
        twin.submit(*told)
        code = submitted(broker, *told)
        assert code == ("price" if twin.orders[-1].state == "rejected" else None)
    elif told[0] <= len(twin.orders):
        lives = twin.orders[told[0] - 1].state in ("resting", "waiting")
        twin.cancel(told[0])
        assert cancelled(broker, told[0]) == lives


def cancelled(broker, order_id):
    """Cancel an order; whether that was possible."""
    try:
        broker.cancel_order(order_id)
    except CancelRejected:
        return False
    return True


@settings(max_examples=150, deadline=None)
@given(steps)
def test_it_trades_as_its_naive_twin(steps):
    broker = PaperBroker(10**12, quotes=quoted(0, None, 0, None), leverage=1000, allow_short=True)
    broker.connect()
    twin = TwinMarket()
    for step in steps:
        play(broker, twin, step)
        told = [(e.order_id, e.quantity, e.price_cents) for e in broker.executions()]
        assert told == twin.fills
        for order in twin.orders:
            status = broker.order_status(order.id)
            assert status.remaining_quantity == order.left
            assert status.status in STATES[order.state], (status, order)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.one_of(quotes, orders, cancels), max_size=10))
def test_processes_that_share_a_file_are_one_broker(tmp_path_factory, steps):
    """Each step is another process. Quotes without sizes: what is used up is not in the file."""
    path, clock = tmp_path_factory.mktemp("paper") / "state.json", VirtualClock()
    now = quoted(0, None, 0, None)
    rules = {"leverage": 1000, "allow_short": True, "clock": clock}
    alone = PaperBroker(10**12, quotes=now, **rules)
    alone.connect()
    for kind, *told in steps:
        if kind == "quote":
            now = quoted(told[0], None, told[2], None)
            alone.feed(now)
        with PaperBroker(10**12, quotes=now, state=path, **rules) as other:
            if kind == "order":
                assert submitted(other, *told) == submitted(alone, *told)
            elif kind == "cancel":
                assert cancelled(other, *told) == cancelled(alone, *told)
            assert other.account() == alone.account()
            assert other.open_orders() == alone.open_orders()
            assert other.executions() == alone.executions()
        clock.advance(1)


money = st.decimals("0.01", "3", places=2)


@settings(max_examples=80, deadline=None)
@given(steps, money, st.integers(0, 50_000))
def test_money_adds_up_and_is_never_overspent(steps, fee, cash):
    """Without leverage and short sales."""
    broker = PaperBroker(cash, {"A": 20}, quotes=quoted(100, 5, 101, 5), commission_per_share_cents=fee)
    broker.connect()
    for kind, *told in steps:
        if kind == "quote":
            broker.feed(quoted(*told))
        elif kind == "order":
            before = broker.account()
            code = submitted(broker, *told)
            assert code in (None, "funds", "short", "price")
            assert code is None or broker.account() == before
        spent = held = Decimal(0)
        for fill in broker.executions():
            sign = 1 if fill.side == "buy" else -1
            spent += sign * fill.quantity * fill.price_cents + Decimal(fill.commission_cents)
            held += sign * fill.quantity
        assert broker.account().cash_cents == cash - spent
        assert sum(position.quantity for position in broker.positions()) == 20 + held >= 0
        assert broker.account().buying_power_cents >= 0
