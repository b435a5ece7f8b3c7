"""The stateful checks: orders that are open, losses, repeated orders, stops."""

import dataclasses
import json
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal, Inexact, localcontext

import pytest

from nanobook import RiskLimits, RiskMonitor
from nanobook.broker import (
    Account,
    BrokerOrder,
    BrokerOrderStatus,
    BrokerPosition,
    Execution,
    OrderState,
    Quote,
)
from nanobook.errors import InvalidValue, NonFiniteError, OrderError, WrongType
from tests.risk.test_engine import detail, failures, status

EQUITY = 10_000_000
START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


class Hands:
    """A clock that is set by hand."""

    def __init__(self):
        self.seconds = 0.0

    def now(self):
        """Time of day."""
        return START + timedelta(seconds=self.seconds)

    def monotonic(self):
        """Seconds."""
        return self.seconds

    def sleep(self, seconds):
        """Jump ahead."""
        self.seconds += seconds


class Desk:
    """A monitor, its clock, and an account; orders get ids by themselves."""

    def __init__(self, **limits):
        wide = {"max_position_pct": 1, "max_leverage": 1000, "max_short_pct": 1000, "allow_short": True}
        wide |= {"max_trade_usd": 1e15, "max_order_value_cents": 0, "max_gross_cents": None}
        wide |= {"max_turnover_cents": None, "max_order_quantity": None, "duplicate_window_seconds": 0}
        self.clock = Hands()
        self.monitor = RiskMonitor(RiskLimits(**wide | limits), clock=self.clock)
        self.held = {}
        self.equity = EQUITY
        self.gross = 0
        self.count = 0

    def order(self, side, quantity, symbol="A", price=100, **fields):
        """Make an order with an id of its own."""
        self.count += 1
        fields = {"client_order_id": f"id{self.count}", **fields}
        if price is None:
            return BrokerOrder(symbol, side, quantity, **fields)
        return BrokerOrder(symbol, side, quantity, "limit", price, **fields)

    def quote(self, symbol="A", bid=100, ask=100, last=100, age=0.0):
        """Make a quote."""
        return Quote(symbol, bid, ask, last, timestamp=self.clock.now() - timedelta(seconds=age))

    def check(self, order, quote=None, **options):
        """Check an order against a quote at 100."""
        account = Account(self.equity, self.equity, self.equity, self.gross)
        quote = self.quote(order.symbol) if quote is None else quote
        return self.monitor.check(order, quote=quote, account=account, positions=self.held, **options)

    def send(self, side, quantity, symbol="A", price=100, **fields):
        """Send an order; returns it."""
        order = self.order(side, quantity, symbol, price, **fields)
        self.monitor.sent(order)
        return order

    def fill(self, order, quantity, name="x1", **fields):
        """Fill an order and book it."""
        parts = {
            "symbol": order.symbol,
            "side": order.side,
            "client_order_id": order.client_order_id,
            **fields,
        }
        self.monitor.filled(Execution(name, 1, quantity=quantity, price_cents=100, **parts))
        sign = 1 if order.side == "buy" else -1
        self.held[order.symbol] = self.held.get(order.symbol, 0) + sign * quantity


def test_a_report():
    report = Desk().check(Desk().order("buy", 10))
    assert [row["name"] for row in report] == [
        *("Max order value", "Max position", "Order size", "Leverage", "Short exposure"),
        *(
            "Stale quote",
            "Price collar",
            "Duplicate order",
            "Message rate",
            "Drawdown",
            "Daily loss",
            "Rejects",
        ),
    ]
    assert {row["status"] for row in report} == {"PASS"}
    full = RiskMonitor().check(
        BrokerOrder("A", "buy", 1, client_order_id="a"),
        quote=Quote("A", 100, 100, 100, timestamp=datetime.now(UTC)),
        account=Account(EQUITY, EQUITY, EQUITY, 0),
        positions=[],
    )
    assert {"Gross notional", "Turnover", "Order quantity"} <= {row["name"] for row in full}


# Every limit: one under, equal, and over


EDGES = [
    ("Max order value", {"max_order_value_cents": 100_000}, 1000),
    ("Max position", {"max_position_pct": 0.01}, 1000),
    ("Leverage", {"max_leverage": 1}, 100_000),
    ("Gross notional", {"max_gross_cents": 100_000}, 1000),
    ("Net notional", {"max_net_cents": 100_000}, 1000),
    ("Turnover", {"max_turnover_cents": 100_000}, 1000),
    ("Order quantity", {"max_order_quantity": 1000}, 1000),
    ("Volume share", {"max_adv_pct": 0.1}, 1000),
]


@pytest.mark.parametrize(("name", "limits", "most"), EDGES)
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_edges(name, limits, most, side):
    for quantity in (most - 1, most, most + 1):
        desk = Desk(**limits)
        report = desk.check(desk.order(side, quantity), volume=10_000)
        over = quantity > most
        assert status(report, name) == ("FAIL" if over else "PASS")
        assert name in failures(report) or not report.has_failures()


@pytest.mark.parametrize(("name", "limits", "most"), EDGES[1:6])
def test_open_orders_count_before_they_are_filled(name, limits, most):
    for quantity in (99, 100, 101):
        desk = Desk(**limits)
        first = desk.order("buy", most - 100)
        assert not desk.check(first).has_failures()
        desk.monitor.sent(first)
        report = desk.check(desk.order("buy", quantity))
        assert status(report, name) == ("FAIL" if quantity > 100 else "PASS")
        if name != "Turnover":
            desk.monitor.ended(first)
            assert not desk.check(desk.order("buy", quantity)).has_failures()


def test_edges_of_shorts():
    for quantity, fits in ((999, True), (1000, True), (1001, False)):
        desk = Desk(max_short_pct=0.01)
        desk.held = {"A": 500}
        desk.send("sell", 500)
        assert failures(desk.check(desk.order("sell", quantity))) == (set() if fits else {"Short exposure"})
    desk = Desk(allow_short=False)
    desk.held = {"A": 500}
    desk.send("sell", 300)
    assert failures(desk.check(desk.order("sell", 201))) == {"Short selling"}
    assert not desk.check(desk.order("sell", 200)).has_failures()


@pytest.mark.parametrize(
    ("price", "mid", "last", "fits"),
    [
        (10_500, 10_000, 10_000, True),
        (10_501, 10_000, 10_000, False),
        (9_500, 10_000, 10_000, True),
        (9_499, 10_000, 10_000, False),
        (10_500, 10_000, 11_053, False),
        (10_500, 10_000, 11_052, True),
        (10_500, 10_000, 0, True),
        (Decimal("10500.01"), 10_000, 10_000, False),
    ],
)
def test_collar(price, mid, last, fits):
    for side in ("buy", "sell"):
        desk = Desk()
        report = desk.check(desk.order(side, 1, price=price), desk.quote(bid=mid - 1, ask=mid + 1, last=last))
        assert failures(report) == (set() if fits else {"Price collar"})


def test_collar_of_other_orders():
    desk = Desk()
    wide = desk.quote(bid=80, ask=120, last=100)
    report = desk.check(desk.order("buy", 1, price=None), wide)
    assert detail(report, "Price collar") == "120 is 20.0% from mid 100 > 5.0% limit"
    stop = BrokerOrder("A", "sell", 1, "stop", stop_price_cents=80, client_order_id="s")
    assert status(desk.check(stop), "Price collar") is None
    for limit, worst in ((77, "PASS"), (75, "FAIL")):
        order = BrokerOrder("A", "sell", 1, "stop_limit", limit, "t", 80)
        assert status(desk.check(order), "Price collar") == worst
    assert status(Desk(price_collar_pct=None).check(stop), "Price collar") is None


@pytest.mark.parametrize(("age", "fits"), [(0, True), (29.9, True), (30, True), (30.1, False), (-0.1, False)])
def test_c085_stale_quotes(age, fits):
    desk = Desk()
    report = desk.check(desk.order("buy", 1), desk.quote(age=age))
    assert failures(report) == (set() if fits else {"Stale quote"})
    assert ("of the future" in detail(report, "Stale quote")) == (age < 0)


def test_c085_quotes_without_time_or_price():
    desk = Desk()
    report = desk.check(desk.order("buy", 1), Quote("A", 100, 100, 100))
    assert (failures(report), detail(report, "Stale quote")) == ({"Stale quote"}, "the quote has no time")
    assert (
        status(
            Desk(max_quote_age_seconds=None).check(desk.order("buy", 1), Quote("A", 1, 1, 1)), "Stale quote"
        )
        is None
    )
    nothing = desk.quote(bid=0, ask=0, last=0)
    for price in (None, 100):
        report = desk.check(desk.order("buy", 1, price=price), nothing)
        assert failures(report) == {"Unpriced", "Price collar"}
    report = desk.check(desk.order("buy", 1), desk.quote(bid=101, ask=100, last=100))
    assert failures(report) == {"Unpriced", "Crossed quote"}
    assert detail(report, "Crossed quote") == "bid 101 > ask 100"
    report = desk.check(desk.order("buy", 1, price=None), desk.quote(bid=100, ask=0, last=100))
    assert failures(report) == {"Unpriced", "Price collar"}  # nobody sells


def test_a_quote_of_something_else():
    desk = Desk()
    with pytest.raises(InvalidValue, match="of 'B', but the order is of 'A'"):
        desk.check(desk.order("buy", 1), desk.quote("B"))


@pytest.mark.parametrize("equity", [0, -1])
def test_c089_no_equity(equity):
    desk = Desk()
    desk.equity = equity
    report = desk.check(desk.order("buy", 1))
    assert failures(report) >= {"Max position", "Leverage", "Short exposure", "Halted"}
    assert desk.monitor.halted == f"equity is {equity} cents"


def test_c089_equity_that_is_no_number():
    desk = Desk()
    for wrong, error in ((float("nan"), NonFiniteError), (None, WrongType)):
        with pytest.raises(error):
            desk.monitor.equity(wrong)
    assert desk.monitor.halted is None


# What is sent


def test_a_client_order_id_is_one_order():
    desk = Desk()
    order = desk.send("buy", 10)
    report = desk.check(order)
    assert (failures(report), detail(report, "Duplicate order")) == ({"Duplicate order"}, "id1 was sent")
    desk.monitor.ended(order)
    assert failures(desk.check(order)) == {"Duplicate order"}
    nameless = desk.order("buy", 10, client_order_id=None)
    assert failures(desk.check(nameless)) == {"Duplicate order"}
    with pytest.raises(OrderError, match="client_order_id"):
        desk.monitor.sent(nameless)


def test_an_order_that_never_arrived_may_be_sent_again():
    desk = Desk(max_turnover_cents=1000)
    order = desk.send("buy", 10)
    desk.monitor.withdrawn(order)
    assert not desk.check(order).has_failures()
    with pytest.raises(InvalidValue, match="'id1' was not sent"):
        desk.monitor.withdrawn(order)
    desk.monitor.sent(order)
    desk.fill(order, 1)
    with pytest.raises(InvalidValue, match="has fills"):
        desk.monitor.withdrawn(order)


def test_the_same_again_at_once():
    desk = Desk(duplicate_window_seconds=2)
    desk.send("buy", 10)
    assert failures(desk.check(desk.order("buy", 10))) == {"Duplicate order"}
    for other in (desk.order("buy", 11), desk.order("sell", 10), desk.order("buy", 10, "B")):
        assert not desk.check(other).has_failures()
    desk.clock.seconds = 1.999
    assert "1.999 s ago, within 2 s" in detail(desk.check(desk.order("buy", 10)), "Duplicate order")
    desk.clock.seconds = 2
    assert not desk.check(desk.order("buy", 10)).has_failures()


def test_message_rate():
    desk = Desk(max_messages_per_second=3)
    for _ in range(2):
        desk.send("buy", 1)
    assert not desk.check(desk.order("buy", 2)).has_failures()
    desk.monitor.message()
    report = desk.check(desk.order("buy", 2))
    assert (failures(report), detail(report, "Message rate")) == ({"Message rate"}, "4 in a second > 3 limit")
    desk.clock.seconds = 1
    assert not desk.check(desk.order("buy", 2)).has_failures()
    free = Desk(max_messages_per_second=None)
    assert status(free.check(free.order("buy", 1)), "Message rate") is None


def test_lists_of_symbols():
    desk = Desk(denied_symbols=["B"], shortable_symbols=["C"])
    assert failures(desk.check(desk.order("buy", 1, "B"))) == {"Symbols"}
    assert failures(desk.check(desk.order("sell", 1, "A"))) == {"Symbols"}
    assert not desk.check(desk.order("sell", 1, "C")).has_failures()


def test_children_stay_within_their_parents():
    desk = Desk()
    desk.monitor.plan([("A", "buy", 100, 5), BrokerOrder("B", "sell", 10)])
    first = desk.order("buy", 60)
    assert detail(desk.check(first), "Parent order") == "A: buy 60 <= 100 planned"
    desk.monitor.sent(first)
    assert failures(desk.check(desk.order("buy", 41))) == {"Parent order"}
    assert not desk.check(desk.order("buy", 40)).has_failures()
    desk.fill(first, 25)
    assert failures(desk.check(desk.order("buy", 41))) == {"Parent order"}
    desk.monitor.ended(first)  # 35 of it are free again
    assert not desk.check(desk.order("buy", 75)).has_failures()
    assert failures(desk.check(desk.order("buy", 76))) == {"Parent order"}
    assert failures(desk.check(desk.order("sell", 1))) == {"Parent order"}
    assert failures(desk.check(desk.order("buy", 1, "C"))) == {"Parent order"}
    desk.monitor.plan([("A", "buy", 1, None)])
    assert not desk.check(desk.order("buy", 76)).has_failures()


# What is held


def test_coming_back_below_a_limit_is_not_refused():
    desk = Desk(max_position_pct=0.25, max_leverage=1.5, max_gross_cents=1000)
    desk.held = {"A": 200_000}
    report = desk.check(desk.order("sell", 100_000))
    assert not report.has_failures()
    assert {row["name"] for row in report.warnings} == {"Max position", "Leverage", "Gross notional"}
    assert failures(desk.check(desk.order("buy", 1))) == {"Max position", "Leverage", "Gross notional"}
    desk.send("sell", 200_000)
    assert failures(desk.check(desk.order("sell", 60_000))) >= {"Max position"}  # short, that is


def test_an_order_through_zero_is_no_reduction():
    desk = Desk(max_position_pct=0.25)
    desk.held = {"A": 60_000}
    assert "Max position" in failures(desk.check(desk.order("sell", 110_000)))
    assert not desk.check(desk.order("sell", 30_000)).has_failures()


def test_an_order_is_worth_the_higher_price():
    """A sale below the market is worth the market, a purchase above it what it offers."""
    desk = Desk()
    for side, price, worth in (("sell", 98, 100), ("buy", 98, 100), ("sell", 102, 102), ("buy", 102, 102)):
        report = desk.check(desk.order(side, 100, price=price))
        assert detail(report, "Order size").startswith(f"${worth}.00 ")


def test_sells_make_no_room_before_they_are_filled():
    desk = Desk(max_leverage=1)
    desk.held = {"A": 100_000}
    sale = desk.send("sell", 50_000)
    desk.check(desk.order("sell", 1))  # tells the price of A
    assert failures(desk.check(desk.order("buy", 50_000, "B"))) == {"Leverage"}
    desk.fill(sale, 50_000)
    assert not desk.check(desk.order("buy", 50_000, "B")).has_failures()


def test_prices_of_other_holdings():
    desk = Desk(max_leverage=1.5)
    desk.held = {"A": 1, "B": 100_000}
    assert detail(desk.check(desk.order("buy", 1)), "Unpriced") == "no price of B"
    assert not desk.check(desk.order("buy", 1), prices={"B": 100}).has_failures()
    assert not desk.check(desk.order("buy", 50_000 - 1)).has_failures()  # the price is kept
    assert failures(desk.check(desk.order("buy", 50_000))) == {"Leverage"}
    desk.held = [BrokerPosition("A", 1), BrokerPosition("B", 100_000, market_value_cents=20_000_000)]
    assert failures(desk.check(desk.order("buy", 1))) == {"Leverage"}


def test_the_accounts_gross_value_stands_in():
    desk = Desk(max_leverage=1.5)
    desk.held = {"A": 1000, "B": 100_000}
    desk.gross = 14_900_000 + 100_000
    assert not desk.check(desk.order("sell", 1)).has_failures()
    assert failures(desk.check(desk.order("buy", 1))) == {"Leverage"}
    desk.gross -= 100
    assert not desk.check(desk.order("buy", 1)).has_failures()
    desk.held["B"] = -100_000
    assert failures(desk.check(desk.order("buy", 1))) == {"Unpriced"}
    desk.held["B"] = 100_000
    desk.send("buy", 1, "B")
    assert failures(desk.check(desk.order("buy", 1))) == {"Unpriced"}


# What stops


@pytest.mark.parametrize(
    ("limits", "start", "edge", "reason"),
    [
        ({"max_drawdown_pct": 0.2}, 1000, 800, "Drawdown: 20.1% > 20.0% limit"),
        ({"max_daily_loss_pct": 0.05}, 1000, 950, "Daily loss: 5.1% > 5.0% limit"),
    ],
)
def test_losses_halt(limits, start, edge, reason):
    desk = Desk(**{"max_drawdown_pct": 1, "max_daily_loss_pct": None, **limits})
    for equity in (start, edge + 1, edge):
        desk.monitor.equity(equity)
        assert desk.monitor.halted is None
    desk.monitor.equity(edge - 1)
    assert desk.monitor.halted == reason
    desk.equity = start * 2
    report = desk.check(desk.order("buy", 1))
    assert (failures(report), detail(report, "Halted")) == ({"Halted"}, reason)  # it stays
    desk.monitor.reset()
    assert not desk.check(desk.order("buy", 1)).has_failures()


def test_after_a_reset_losses_count_anew():
    desk = Desk(max_drawdown_pct=0.5, max_daily_loss_pct=None)
    for equity in (1000, 400):
        desk.monitor.equity(equity)
    assert desk.monitor.halted
    desk.monitor.reset()
    desk.monitor.equity(200)
    assert desk.monitor.halted is None
    desk.monitor.equity(199)
    assert desk.monitor.halted == "Drawdown: 50.2% > 50.0% limit"


def test_a_day_begins_at_its_first_equity():
    desk = Desk(max_drawdown_pct=1, max_daily_loss_pct=0.1)
    desk.monitor.equity(1000)
    desk.clock.seconds = 86_400
    desk.monitor.equity(890)
    assert desk.monitor.halted is None
    desk.monitor.equity(801)
    desk.monitor.equity(800)
    assert desk.monitor.halted == "Daily loss: 10.1% > 10.0% limit"


def test_equity_told_by_the_account_halts():
    desk = Desk(max_drawdown_pct=0.1, max_daily_loss_pct=None)
    desk.monitor.equity(EQUITY)
    desk.equity = EQUITY * 9 // 10 - 1
    assert failures(desk.check(desk.order("buy", 1))) == {"Drawdown", "Halted"}


def test_c083_rejects_in_a_row_halt():
    desk = Desk(max_rejects=3)
    for count in (1, 2):
        desk.monitor.rejected(desk.send("buy", count))
    desk.fill(desk.send("buy", 5), 5)
    for count in (1, 2):
        desk.monitor.rejected(desk.send("buy", count))
    desk.monitor.ended(desk.send("buy", 5))
    for count in (1, 2):
        desk.monitor.rejected(desk.send("buy", count))
    assert desk.monitor.halted is None
    assert detail(desk.check(desk.order("buy", 1)), "Rejects") == "2 in a row, 3 halt"
    desk.monitor.rejected(desk.order("buy", 1))  # not told to be sent, and counts too
    assert desk.monitor.halted == "3 orders in a row were rejected, the last of A"
    assert failures(desk.check(desk.order("buy", 1))) == {"Rejects", "Halted"}
    desk.monitor.reset()
    assert not desk.check(desk.order("buy", 1)).has_failures()
    free = Desk(max_rejects=None)
    for _ in range(9):
        free.monitor.rejected(free.send("buy", 1))
    assert status(free.check(free.order("buy", 1)), "Rejects") is None


def test_a_rejected_order_makes_room():
    desk = Desk(max_gross_cents=1000)
    order = desk.send("buy", 10)
    assert desk.check(desk.order("buy", 1)).has_failures()
    desk.monitor.rejected(order)
    assert not desk.check(desk.order("buy", 10)).has_failures()


@pytest.mark.parametrize(
    "fields", [{"client_order_id": "who"}, {"client_order_id": None}, {"symbol": "B"}, {"side": "sell"}]
)
def test_an_unexpected_fill_halts(fields):
    desk = Desk()
    desk.fill(desk.send("buy", 10), 5, **fields)
    assert "nobody ordered it" in desk.monitor.halted
    assert "Halted" in failures(desk.check(desk.order("buy", 1)))


def test_more_than_was_ordered_halts():
    desk = Desk()
    order = desk.send("buy", 10)
    desk.fill(order, 10)
    assert desk.monitor.halted is None
    desk.fill(order, 1, "x2")
    assert desk.monitor.halted == "unexpected fill: buy 1 A, id1: 11 of 10 ordered"
    desk.monitor.plan([("A", "buy", 20)])
    assert detail(desk.check(desk.order("buy", 9)), "Parent order") == "A: buy 20 <= 20 planned"
    desk.monitor.halt("something else")
    assert desk.monitor.halted.endswith("11 of 10 ordered")  # the first reason stands


def test_c079_fills_told_twice_and_corrected():
    desk = Desk(max_gross_cents=1000)
    order = desk.send("buy", 10)
    for quantity in (6, 6, 4):
        desk.monitor.filled(
            Execution("x1", 1, "A", "buy", quantity, 100, client_order_id=order.client_order_id)
        )
    desk.held = {"A": 4}
    assert desk.monitor.halted is None
    assert detail(desk.check(desk.order("sell", 1)), "Gross notional") == "$10 <= $10 max_gross_cents"


def test_a_late_fill_of_an_ended_order_is_expected():
    desk = Desk()
    order = desk.send("buy", 10)
    desk.monitor.ended(BrokerOrderStatus(1, OrderState.CANCELLED, 0, 10, 0, client_order_id="id1"))
    desk.fill(order, 10)
    assert desk.monitor.halted is None
    desk.monitor.ended("id1")
    desk.monitor.ended("who")  # an order of an earlier run


def test_what_a_stranger_writes_is_escaped():
    desk = Desk()
    desk.monitor.halt("\x1b[2J")
    assert desk.monitor.halted == "\\x1b[2J"
    assert repr(desk.monitor) == "RiskMonitor(halted: \\x1b[2J)"


# What outlives the process


def test_state_goes_on():
    desk = Desk(max_drawdown_pct=0.1, max_daily_loss_pct=None)
    empty = json.loads(json.dumps(desk.monitor.to_dict()))
    assert RiskMonitor.from_dict(empty).to_dict() == empty
    desk.monitor.equity(Decimal("1000.25"))
    desk.monitor.rejected(desk.order("buy", 1))
    state = json.loads(json.dumps(desk.monitor.to_dict()))
    numbers = dict.fromkeys(("peak", "opening", "last"), "1000.25")
    assert state == numbers | {"day": "2026-03-02", "rejects": 1, "halted": None}
    again = RiskMonitor.from_dict(state, desk.monitor.limits, clock=desk.clock)
    assert repr(again) == "RiskMonitor(ready)"
    again.equity(900)
    assert again.halted
    third = RiskMonitor.from_dict(again.to_dict(), desk.monitor.limits)
    assert third.halted == again.halted
    assert third.limits is desk.monitor.limits


def test_limits_must_be_limits():
    with pytest.raises(WrongType, match="give RiskLimits"):
        RiskMonitor({"max_leverage": 2})


# Any sequence


def exposures(held, orders):
    """Highest gross, position and short value over all ways in which orders may fill; price 100 each."""
    gross = short = position = 0
    for symbol in "ABC":
        bought = sum(left for name, side, left in orders if (name, side) == (symbol, "buy"))
        sold = sum(left for name, side, left in orders if (name, side) == (symbol, "sell"))
        quantity = held.get(symbol, 0)
        size = max(abs(quantity + bought), abs(quantity - sold)) * 100
        gross, position = gross + size, max(position, size)
        short += max(sold - quantity, 0) * 100
    return gross, position, short


@pytest.mark.parametrize("seed", range(24))
def test_no_sequence_of_orders_and_fills_leads_above_a_limit(seed):
    """Whatever passes is sent, and fills in part or whole at random: no state is beyond a limit."""
    source = random.Random(seed)
    limits = {
        "max_leverage": 1.5,
        "max_position_pct": 0.6,
        "max_short_pct": 0.4,
        "max_turnover_cents": 90_000_000,
    }
    desk = Desk(**limits, max_gross_cents=14_000_000, allow_short=True, max_messages_per_second=None)
    live, turnover, passed = {}, 0, 0
    for symbol in "BC":
        desk.check(desk.order("buy", 1, symbol))  # tells its price
    for step in range(300):
        order = desk.order(source.choice(("buy", "sell")), source.randint(1, 40_000), source.choice("ABC"))
        if not desk.check(order).has_failures():
            desk.monitor.sent(order)
            live[order] = order.quantity
            turnover += order.quantity * 100
            passed += 1
        for order in [order for order in live if source.random() < 0.3]:
            part = source.randint(1, live[order])
            desk.fill(order, part, f"{order.client_order_id}-{step}")
            live[order] -= part
            if not live[order] or source.random() < 0.2:
                desk.monitor.ended(order)
                del live[order]
        orders = [(order.symbol, order.side, left) for order, left in live.items()]
        gross, position, short = exposures(desk.held, orders)
        assert gross <= min(1.5 * EQUITY, 14_000_000)
        assert position <= 0.6 * EQUITY
        assert short <= 0.4 * EQUITY
        assert turnover <= 90_000_000
    assert desk.monitor.halted is None
    assert passed > 20


# Wrong uses, and long ones


def test_what_is_no_order_quote_or_account():
    desk = Desk()
    good = {"order": desk.order("buy", 1), "quote": desk.quote(), "account": Account(EQUITY, EQUITY, 0, 0)}
    for name in good:
        for wrong in (None, 5, ("A", "buy", 1)):
            given = good | {name: wrong}
            with pytest.raises(WrongType, match=f"{name}: "):
                desk.monitor.check(given.pop("order"), positions={}, **given)


def test_a_quote_whose_time_has_no_zone_is_stale():
    desk = Desk()
    quote = Quote("A", 99, 101, 100, timestamp=START.replace(tzinfo=None))
    account = Account(EQUITY, EQUITY, EQUITY, 0)
    report = desk.monitor.check(desk.order("buy", 1), quote=quote, account=account, positions={})
    assert detail(report, "Stale quote") == "the quote has no time zone: 2026-03-02 15:00:00"


def test_an_order_told_twice_counts_once():
    desk = Desk(max_turnover_cents=10_000)
    order = desk.order("buy", 60)
    desk.monitor.sent(order)
    fill = Execution("e1", 1, "A", "buy", 50, 100, client_order_id=order.client_order_id)
    desk.monitor.filled(fill)
    desk.monitor.sent(order)
    assert status(desk.check(desk.order("buy", 40)), "Turnover") == "PASS"
    desk.monitor.filled(dataclasses.replace(fill, execution_id="e2", quantity=11))
    assert "61 of 60 ordered" in desk.monitor.halted
    other = dataclasses.replace(order, quantity=61)
    with pytest.raises(OrderError, match="is an order of 60 A already"):
        desk.monitor.sent(other)


def test_a_plan_that_is_refused_changes_nothing():
    desk = Desk()
    desk.monitor.plan([("A", "buy", 5)])
    for wrong, error in ((("B", "buy", -1), InvalidValue), (("B", "buy"), InvalidValue), (None, WrongType)):
        with pytest.raises(error):
            desk.monitor.plan([("A", "buy", 5), wrong])
    assert status(desk.check(desk.order("buy", 5)), "Parent order") == "PASS"
    assert status(desk.check(desk.order("buy", 6)), "Parent order") == "FAIL"


def test_a_clock_that_is_set_back_begins_no_new_day():
    desk = Desk(max_daily_loss_pct=0.1, max_drawdown_pct=1)
    desk.clock.seconds = 86_400.0
    desk.monitor.equity(100)
    desk.clock.seconds = 0.0
    desk.monitor.equity(85)
    assert desk.monitor.halted == "Daily loss: 15.0% > 10.0% limit"


def test_a_long_run_keeps_its_sums():
    """Parents, open orders and messages of many orders, as if each were looked at again."""
    desk, source = Desk(max_messages_per_second=None), random.Random(5)
    working = desk.monitor._flow.working
    for number in range(300):
        order = desk.order(source.choice(("buy", "sell")), source.randint(1, 9))
        desk.monitor.sent(order)
        for fill in range(source.randint(0, 2)):
            quantity = source.randint(0, order.quantity)
            told = (f"{number}-{fill}", number, "A", order.side, quantity, 100)
            desk.monitor.filled(Execution(*told, client_order_id=order.client_order_id))
        what = source.random()
        if what < 0.4:
            desk.monitor.ended(order)
        elif what < 0.5 and not working.children[order.client_order_id].fills:
            desk.monitor.withdrawn(order)
        desk.clock.sleep(0.1)
        for sign in (1, -1):
            children = [child for child in working.children.values() if child.sign == sign]
            assert working.used("A", sign) == sum(child.used for child in children)
            left = sum(child.remaining for child in children)
            assert working.open_quantities().get("A", (0, 0))[sign < 0] == left
    assert len(desk.monitor._flow._messages) <= 11


def test_the_state_is_exact_whatever_the_callers_context_does():
    desk = Desk()
    desk.monitor.equity(Decimal("123456789012.5"))
    with localcontext() as context:
        context.prec = 3
        context.traps[Inexact] = True
        assert desk.monitor.to_dict()["peak"] == "123456789012.5"


@pytest.mark.parametrize(
    "change", [{"peak": "x"}, {"rejects": "x"}, {"day": "x"}, {"day": 5}, {"last": "nan"}], ids=str
)
def test_a_state_that_is_none(change):
    state = Desk().monitor.to_dict() | change
    for wrong in (state, {}, None):
        with pytest.raises(InvalidValue, match="none of a RiskMonitor"):
            RiskMonitor.from_dict(wrong)
