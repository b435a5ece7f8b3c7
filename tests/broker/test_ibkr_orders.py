"""The ledger of orders and fills, fed as the decoder of ib_async feeds it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ib_async import Contract, Order, OrderState
from ib_async.decoder import Decoder

from nanobook.broker import BrokerOrder
from nanobook.broker.ibkr.contracts import Catalogue
from nanobook.broker.ibkr.fills import revision
from nanobook.broker.ibkr.listener import Listener
from nanobook.broker.ibkr.orders import Ledger
from nanobook.errors import OrderUnknown

ACCOUNT, MINE, SERVER = "DU1", 1, 178
APPLE = {"conId": 265598, "symbol": "AAPL", "secType": "STK", "currency": "USD", "exchange": "SMART"}


class Wire:
    """A ledger, and the messages that write it."""

    def __init__(self):
        self.ledger = Ledger(MINE)
        self.listener = Listener(self.ledger, Catalogue(), ACCOUNT)
        self.decoder = Decoder(self.listener, SERVER)
        self.decoder.logger = self.listener

    def hear(self, *fields):
        """A message, as text."""
        self.decoder.interpret([str(field) for field in fields])
        assert self.listener.unreadable == 0

    def place(self, number=5, quantity=100, name="mine-1"):
        """An order of ours that is on its way."""
        order = BrokerOrder("AAPL", "buy", quantity, "limit", 18_500, name)
        return self.ledger.placed(number, order)

    def status(self, state, filled=0, average=0, *, number=5, perm=900, client=MINE, total=100):
        """Message 3."""
        self.hear(3, number, state, filled, total - filled, average, perm, 0, average, client, "", 0)

    def open(self, state, *, number=5, perm=900, client=MINE, name="mine-1", account=ACCOUNT):
        """Message 5, as decoded."""
        order = Order(
            orderId=number,
            clientId=client,
            permId=perm,
            action="BUY",
            totalQuantity=100.0,
            orderRef=name,
            account=account,
        )
        self.listener.openOrder(number, Contract(**APPLE), order, OrderState(status=state))

    def ended(self, state, filled, *, perm=900, name="mine-1", total=100.0):
        """Message 101, as decoded."""
        order = Order(
            permId=perm,
            action="BUY",
            totalQuantity=total,
            filledQuantity=filled,
            orderRef=name,
            account=ACCOUNT,
        )
        self.listener.completedOrder(Contract(**APPLE), order, OrderState(status=state))

    def fill(self, shares, price, name="0000e0d5.1.01.01", *, number=5, perm=900, client=MINE, at="10:00:00"):
        """Message 11."""
        self.hear(
            *(11, -1, number, 265598, "AAPL", "STK", "", 0.0, "", "", "SMART", "USD", "AAPL", "NMS"),
            *(name, f"20260105 {at} UTC", ACCOUNT, "ISLAND", "BOT", shares, price, perm, client, 0, shares),
            *(price, "mine-1", "", "", "", 2, 0),
        )

    def error(self, code, text="", number=5):
        """Message 4."""
        self.hear(4, 2, number, code, text, "")

    def now(self, number=5):
        """Status of an order."""
        return self.ledger.status(self.ledger.by_id(number))


@pytest.fixture
def wire():
    """A ledger with one order on its way."""
    wire = Wire()
    wire.place()
    return wire


# States


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("PreSubmitted", "Submitted"),
        ("Submitted", "Submitted"),
        ("PendingCancel", "Submitted"),  # it may still fill
        ("Cancelled", "Cancelled"),
        ("ApiCancelled", "Cancelled"),
        ("Inactive", "Rejected"),
        ("PendingSubmit", "Pending"),  # the gateway has it, the broker has not answered
        ("ApiPending", "Pending"),
    ],
)
def test_states_of_an_order(wire, told, state):
    wire.open(told)
    wire.status(told)
    status = wire.now()
    assert (status.status, status.filled_quantity, status.remaining_quantity) == (state, 0, 100)
    assert (status.symbol, status.side, status.client_order_id) == ("AAPL", "buy", "mine-1")


def test_before_any_word_an_order_is_pending(wire):
    assert wire.now().status == "Pending"
    assert not wire.ledger.by_id(5).is_answered


def test_a_part_and_the_whole(wire):
    wire.open("Submitted")
    wire.status("Submitted", 40, 185.0)
    assert wire.now().status == "PartiallyFilled"
    assert (wire.now().filled_quantity, wire.now().remaining_quantity) == (40, 60)
    wire.status("Filled", 100, 185.1)
    assert wire.now().status == "Filled"
    assert wire.now().avg_fill_price_cents == 18_510


def test_a_fill_is_believed_with_its_quantity(wire):
    """Message 5 may say Filled before messages 3 and 11 say how much and at which price."""
    wire.open("Submitted")
    wire.open("Filled")
    assert (wire.now().status, wire.now().filled_quantity) == ("Submitted", 0)
    wire.status("Filled", 100, 185.0)
    assert (wire.now().status, wire.now().avg_fill_price_cents) == ("Filled", 18_500)


def test_a_cancelled_order_keeps_what_was_filled(wire):
    wire.open("Submitted")
    wire.status("Cancelled", 40, 185.0)
    assert (wire.now().status, wire.now().filled_quantity) == ("Cancelled", 40)


def test_fractions_stay(wire):
    wire.open("Submitted")
    wire.status("Submitted", 0.3, 185.0)
    assert wire.now().filled_quantity == Decimal("0.3")
    assert wire.now().remaining_quantity == Decimal("99.7")


# What does not end an order


@pytest.mark.parametrize("code", [10349, 399, 404, 2109, 2161])
def test_an_error_that_informs_ends_nothing(wire, code):
    """10349: the time in force was set by a preset. ib_async's own wrapper calls such an order cancelled."""
    wire.open("PreSubmitted")
    wire.error(code, "Order TIF was set to DAY based on order preset.")
    assert wire.now().status == "Submitted"
    wire.status("Filled", 100, 185.0)
    assert wire.now().status == "Filled"


def test_an_error_that_informs_is_no_answer(wire):
    wire.error(10349, "Order TIF was set to DAY based on order preset.")
    assert wire.now().status == "Pending"
    assert wire.listener.notices == {}


def test_a_word_of_life_after_a_word_of_death(wire):
    wire.open("Submitted")
    wire.status("Cancelled")
    assert wire.now().status == "Cancelled"
    wire.open("Submitted")
    assert wire.now().status == "Submitted"
    wire.error(201, "Order rejected - reason:margin")
    assert wire.now().status == "Rejected"
    wire.status("Submitted")
    assert wire.now().status == "Submitted"


def test_nothing_comes_after_a_fill(wire):
    wire.open("Submitted")
    wire.status("Filled", 100, 185.0)
    wire.status("Cancelled", 100, 185.0)
    wire.error(201, "late nonsense")
    wire.error(202, "late nonsense")
    assert wire.now().status == "Filled"


def test_a_refusal_of_what_is_filled_in_part(wire):
    """What was filled was not refused; the rest ends by its own word."""
    wire.open("Submitted")
    wire.status("Submitted", 40, 185.0)
    wire.error(201, "no more margin")
    assert wire.now().status == "PartiallyFilled"
    wire.status("Inactive", 40, 185.0)
    assert (wire.now().status, wire.now().filled_quantity) == ("Cancelled", 40)


def test_a_fill_speaks_against_a_cancellation(wire):
    wire.open("Submitted")
    wire.status("Cancelled")
    wire.fill(100, 185.0)
    assert wire.now().status == "Filled"


@pytest.mark.parametrize("code", [110, 200, 201, 203, 321, 388, 10243])
def test_errors_that_refuse(wire, code):
    wire.error(code, "no")
    assert (wire.now().status, wire.now().reason) == ("Rejected", "no")
    assert wire.ledger.by_id(5).is_answered


def test_errors_about_a_cancellation_do_not_end_an_order(wire):
    wire.open("Submitted")
    for code in (161, 10147, 10148):
        wire.error(code, "cannot be cancelled")
        assert wire.now().status == "Submitted"
        assert wire.listener.cancel_errors == {5: (code, "cannot be cancelled")}


def test_a_strangers_text_cannot_act(wire):
    wire.error(201, "no\x1b[2J\nreally")
    assert wire.now().reason == "no\\x1b[2J\\nreally"


# Fills


def test_fills_before_their_state(wire):
    wire.open("Submitted")
    wire.fill(40, 185.0)
    assert (wire.now().status, wire.now().filled_quantity) == ("PartiallyFilled", 40)
    assert wire.now().avg_fill_price_cents == 18_500
    wire.status("Submitted", 40, 185.0)
    wire.fill(60, 186.0, "0000e0d5.2.01.01", at="10:00:01")
    assert (wire.now().status, wire.now().avg_fill_price_cents) == ("Filled", 18_560)


def test_c079_fills_told_twice_and_out_of_order(wire):
    wire.open("Submitted")
    for name, at in (("a.2.01.01", "10:00:02"), ("a.1.01.01", "10:00:01"), ("a.2.01.01", "10:00:02")):
        wire.fill(10, 185.0, name, at=at)
    assert wire.now().filled_quantity == 20
    assert [e.execution_id for e in wire.ledger.executions()] == ["a.1.01.01", "a.2.01.01"]


def test_c079_a_correction_replaces_a_fill(wire):
    wire.open("Submitted")
    wire.status("Filled", 100, 185.0)
    wire.fill(100, 185.0, "a.1.01.01")
    wire.fill(100, 184.0, "a.1.01.02")
    wire.fill(100, 185.0, "a.1.01.01")  # told once more
    [execution] = wire.ledger.executions()
    assert (execution.execution_id, execution.price_cents) == ("a.1.01.02", 18_400)
    assert wire.now().avg_fill_price_cents == 18_400
    wire.fill(90, 184.0, "a.1.01.03")
    assert wire.now().filled_quantity == 90


def test_c079_a_fill_that_was_taken_back(wire):
    wire.open("Submitted")
    wire.fill(100, 185.0, "a.1.01.01")
    wire.fill(0, 0, "a.1.01.02")
    assert wire.ledger.executions() == []
    assert wire.now().filled_quantity == 0


def test_c080_commissions_come_when_they_come(wire):
    wire.open("Submitted")
    wire.fill(100, 185.0, "a.1.01.01")
    assert wire.ledger.executions()[0].commission_cents is None
    wire.hear(59, 1, "a.1.01.01", 1.0049999, "USD", "1.7976931348623157E308", "", "")
    assert wire.ledger.executions()[0].commission_cents == Decimal("100.49999")


@pytest.mark.parametrize("row", [("1.7976931348623157E308", "USD"), ("nan", "USD"), ("2.5", "EUR")])
def test_c088_a_commission_that_is_no_number_of_ours(wire, row):
    wire.open("Submitted")
    wire.fill(100, 185.0, "a.1.01.01")
    wire.hear(59, 1, "a.1.01.01", *row, "", "", "")
    assert wire.ledger.executions()[0].commission_cents is None


def test_a_commission_before_its_fill(wire):
    wire.hear(59, 1, "a.1.01.01", 1.0, "USD", "", "", "")
    wire.fill(100, 185.0, "a.1.01.01")
    assert wire.ledger.executions()[0].commission_cents == 100


def test_an_execution_says_all(wire):
    wire.fill(100, 185.0001)
    [execution] = wire.ledger.executions()
    assert execution.order_id == 5
    assert (execution.symbol, execution.side, execution.quantity) == ("AAPL", "buy", 100)
    assert execution.price_cents == Decimal("18500.01")
    assert execution.client_order_id == "mine-1"
    assert execution.timestamp == datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


# Which order is meant


def test_c077_a_number_that_is_given_out_again(wire):
    """After a restart of the gateway: the permanent number tells the orders apart."""
    wire.open("Submitted", perm=900)
    wire.open("Submitted", perm=901, name="other")
    assert wire.ledger.by_name("mine-1").permanent_id == 900
    assert wire.ledger.by_name("other").permanent_id == 901
    wire.status("Filled", 100, 185.0, perm=900)
    assert wire.ledger.by_name("mine-1").state == "Filled"
    assert wire.ledger.by_name("other").state == "Submitted"


def test_c081_orders_of_others_are_shown_and_apart(wire):
    wire.open("Submitted", number=5, perm=777, client=9, name="theirs")
    wire.open("Submitted", number=0, perm=778, client=0, name="")  # entered by hand
    wire.open("Submitted", number=5, perm=900)
    ids = {entry.name: wire.ledger.public_id(entry) for entry in wire.ledger}
    assert ids == {"mine-1": 5, "theirs": 777, None: 778}
    assert [wire.ledger.is_ours(entry) for entry in wire.ledger] == [True, False, False]


def test_orders_of_other_accounts_are_not_ours(wire):
    wire.open("Submitted", number=6, perm=777, account="DU2", name="x")
    assert wire.ledger.by_name("x") is None


def test_c075_an_order_that_ended_before_it_was_answered(wire):
    """The list of ended orders has no numbers but the permanent one: the name tells."""
    wire.ended("Cancelled", 0.0)
    status = wire.now(5)
    assert (status.id, status.status, status.client_order_id) == (5, "Cancelled", "mine-1")
    assert len(list(wire.ledger)) == 1


def test_an_ended_order_that_does_not_say_how_much():
    wire = Wire()
    wire.ended("Filled", "")
    status = wire.ledger.status(wire.ledger.by_name("mine-1"))
    assert (status.status, status.filled_quantity) == ("Filled", 100)


def test_ended_orders_that_are_not_ours_to_know(wire):
    wire.ended("Filled", 100.0, perm=0, name="no-number")
    foreign = Order(permId=950, action="BUY", totalQuantity=5.0, orderRef="theirs", account="DU2")
    wire.listener.completedOrder(Contract(**APPLE), foreign, OrderState(status="Filled"))
    assert [entry.name for entry in wire.ledger] == ["mine-1"]


def test_fills_of_other_accounts_are_not_ours(wire):
    wire.listener.account = "DU2"
    wire.fill(100, 185.0)
    assert wire.ledger.executions() == []


def test_an_ended_order_of_an_earlier_process():
    wire = Wire()
    wire.ended("Filled", 100.0, total=0.0)  # as TWS tells it: no quantity but the filled one
    status = wire.ledger.status(wire.ledger.by_name("mine-1"))
    assert (status.id, status.status, status.filled_quantity, status.remaining_quantity) == (
        900,
        "Filled",
        100,
        0,
    )


def test_two_orders_of_one_name_are_for_a_person_to_look_at(wire):
    wire.open("Submitted")
    wire.open("Submitted", number=6, perm=901)
    with pytest.raises(OrderUnknown, match="orders 5, 6 all bear the client order id 'mine-1'"):
        wire.ledger.by_name("mine-1")
    wire.status("Cancelled", number=6, perm=901)
    assert wire.ledger.by_name("mine-1").order_id == 5


def test_an_order_that_vanished_is_lost_not_dead(wire):
    wire.open("Submitted")
    entry = wire.ledger.by_id(5)
    wire.ledger.reconciled(set())
    assert entry.is_lost
    wire.open("Submitted")
    assert not entry.is_lost
    wire.ledger.reconciled({entry})
    assert not entry.is_lost


def test_an_order_on_its_way_is_not_lost(wire):
    wire.ledger.reconciled(set())
    assert not wire.ledger.by_id(5).is_lost


def test_numbers_rise_over_all_that_was_seen(wire):
    wire.open("Submitted", number=70, perm=901, client=9, name="x")
    assert wire.ledger.highest_id == 70
    wire.ledger.forget(wire.ledger.by_id(5))
    assert wire.ledger.highest_id == 70
    assert wire.ledger.by_id(5) is None


def test_revisions():
    assert [revision(name) for name in ("a.b.01.01", "a.b.01.12", "odd", "")] == [1, 12, 0, 0]


# Any order of messages


FILLS = [("a.1.01.01", 10, 185.0), ("a.1.01.02", 10, 184.5), ("a.2.01.01", 20, 185.5), ("a.3.01.01", 30, 186)]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(FILLS), min_size=8, max_size=20).filter(lambda heard: set(heard) == set(FILLS))
)
def test_the_order_of_fills_does_not_matter(heard):
    wire = Wire()
    wire.place()
    for name, shares, price in heard:
        wire.fill(shares, price, name)
    assert {e.execution_id for e in wire.ledger.executions()} == {"a.1.01.02", "a.2.01.01", "a.3.01.01"}
    assert wire.now().filled_quantity == 60
    assert wire.now().avg_fill_price_cents == Decimal("18558.33333333")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Submitted", "PreSubmitted", "Cancelled", "PendingCancel"]), st.integers(0, 99)
        ),
        min_size=1,
    )
)
def test_what_is_filled_and_what_remains_add_up(told):
    wire = Wire()
    wire.place()
    for state, filled in told:
        wire.open(state)
        wire.status(state, filled, 185.0)
        status = wire.now()
        assert status.filled_quantity + status.remaining_quantity == 100
        assert status.filled_quantity == filled
        assert status.status.is_final == (state == "Cancelled")
