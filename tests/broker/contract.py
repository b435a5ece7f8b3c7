"""What every broker keeps, as tests: the contract suite.

A broker's own tests derive a class from ``BrokerContract`` and give it a ``bench``: the broker, connected,
and hands on the other side of the wire. Prices are cents, quantities may be fractions; nothing here knows
which broker it is.
"""

# ruff: noqa: D102 - the name of a test says what it tests

import math
import pickle
from contextlib import suppress
from datetime import UTC
from decimal import Decimal

import pytest

from nanobook.broker import (
    Account,
    Broker,
    BrokerOrder,
    BrokerOrderStatus,
    BrokerPosition,
    Execution,
    Instrument,
    OrderState,
    Quote,
)
from nanobook.errors import (
    BrokerError,
    CancelRejected,
    InvalidValue,
    NotConnected,
    OrderError,
    OrderRejected,
    OrderUnknown,
    UnknownInstrument,
    WrongType,
)
from nanobook.exact import plus, times


class Bench:
    """A broker on the bench. Derive, set the attributes, and write the methods of what it can.

    Attributes
    ----------
    broker : Broker
        Connected, without orders or executions.
    symbol, other, unknown : str
        Two that trade, and one that does not.
    quantity : int or Decimal
        Of an ordinary order, at least four lots; the account can pay for ten of them.
    part : int or Decimal
        Less than ``quantity``, whole lots.
    secrets : tuple of str
        What must never be shown.
    lacks : frozenset of str
        What this broker cannot be tested with: names of methods below; 'stops'; 'cash' (it does not follow
        from fills); 'fills by itself' (an order through the market waits for ``fill_now``).
    """

    broker: Broker
    symbol = "AAPL"
    other = "MSFT"
    unknown = "NOSUCH"
    quantity: int | Decimal = 100
    part: int | Decimal = 40
    secrets: tuple[str, ...] = ()
    lacks: frozenset[str] = frozenset()

    def limit(self, side, rests):
        """Limit price in cents of an order in ``symbol`` that rests for good, or that can fill at once."""
        raise NotImplementedError

    def fill_now(self, order_id, quantity=None):
        """Fill all, or so much, of a live order at its limit price, then let the broker hear of it."""
        raise NotImplementedError

    def lose_connection(self):
        """Cut the wire now; orders live on."""
        raise NotImplementedError

    def lose_answer(self):
        """Let the next order arrive and rest, and cut the wire before its answer."""
        raise NotImplementedError

    def lose_order(self):
        """Cut the wire after the next order was sent and before it arrives."""
        raise NotImplementedError

    def refuse_next(self):
        """Let the broker refuse the next order for want of funds."""
        raise NotImplementedError

    def reopen(self):
        """Give another broker object on the same account, connected, as the next process would have it."""
        raise NotImplementedError

    def wait(self):
        """Give what is under way a moment (a few milliseconds) to arrive."""


class BrokerContract:
    """The suite. ``bench`` is a fixture of the derived class."""

    @pytest.fixture
    def bench(self):
        """A new bench."""
        raise NotImplementedError

    # Records

    def test_it_is_a_broker(self, bench):
        assert isinstance(bench.broker, Broker)
        assert bench.broker.in_flight_seconds >= 0

    def test_an_account_is_exact(self, bench):
        account = bench.broker.account()
        assert isinstance(account, Account)
        all_exact(account, "equity_cents", "buying_power_cents", "cash_cents", "gross_position_value_cents")

    def test_an_instrument_has_a_lot_and_a_tick(self, bench):
        instrument = bench.broker.instrument(bench.symbol)
        assert isinstance(instrument, Instrument)
        assert instrument.symbol == bench.symbol
        all_exact(instrument, "lot", "tick_cents", "min_quantity", "min_notional_cents")
        assert instrument.lot > 0
        assert instrument.tick_cents > 0

    def test_a_quote_has_prices_and_a_time(self, bench):
        quote = bench.broker.quote(bench.symbol)
        assert isinstance(quote, Quote)
        assert quote.symbol == bench.symbol
        all_exact(quote, "bid_cents", "ask_cents", "last_cents", "volume")
        assert 0 < quote.bid_cents <= quote.ask_cents
        assert quote.timestamp.utcoffset().total_seconds() == 0
        assert abs((bench.broker.server_time() - quote.timestamp).total_seconds()) < 60

    def test_the_server_tells_its_time_in_utc(self, bench):
        assert bench.broker.server_time().tzinfo is UTC

    def test_records_read_as_dicts_and_can_be_pickled(self, bench):
        order = resting(bench)
        for record in (
            bench.broker.account(),
            bench.broker.quote(bench.symbol),
            bench.broker.instrument(bench.symbol),
            bench.broker.order_status(order),
        ):
            assert dict(record) == {name: getattr(record, name) for name in record}
            assert pickle.loads(pickle.dumps(record)) == record

    # An order's life

    def test_an_order_rests(self, bench):
        order = resting(bench, client_order_id="rests-1")
        status = bench.broker.order_status(order)
        assert isinstance(status, BrokerOrderStatus)
        assert isinstance(status.status, OrderState)
        assert (status.id, status.status, status.symbol, status.side) == (
            order,
            "Submitted",
            bench.symbol,
            "buy",
        )
        assert (status.filled_quantity, status.remaining_quantity) == (0, bench.quantity)
        assert status.avg_fill_price_cents == 0
        assert status.client_order_id == "rests-1"
        assert [found.id for found in bench.broker.open_orders()] == [order]
        assert bench.broker.find_order("rests-1").id == order

    def test_an_order_in_parts_and_a_record_are_the_same(self, bench):
        price = bench.limit("buy", rests=True)
        record = BrokerOrder(bench.symbol, "buy", bench.quantity, "limit", price)
        first = bench.broker.submit_order(record)
        second = bench.broker.submit_order(
            bench.symbol, "B", bench.quantity, "LIMIT", limit_price_cents=price
        )
        a, b = settled(bench, first), settled(bench, second)
        assert a.id != b.id
        assert [(s.status, s.side, s.remaining_quantity) for s in (a, b)] == [
            ("Submitted", "buy", bench.quantity)
        ] * 2

    def test_ids_rise(self, bench):
        ids = [resting(bench) for _ in range(3)]
        assert all(isinstance(order, int) for order in ids)
        assert ids == sorted(set(ids))

    def test_an_order_fills(self, bench):
        order, price = marketable(bench)
        status = settled(bench, order, "Filled")
        assert (status.filled_quantity, status.remaining_quantity) == (bench.quantity, 0)
        assert 0 < status.avg_fill_price_cents <= price
        assert bench.broker.open_orders() == []
        held = {position.symbol: position.quantity for position in bench.broker.positions()}
        assert held[bench.symbol] == plus(bench.held_before, bench.quantity)

    def test_a_market_order_fills(self, bench):
        order = bench.broker.submit_order(bench.symbol, "buy", bench.quantity)
        fill(bench, order)
        status = settled(bench, order, "Filled")
        assert status.filled_quantity == bench.quantity
        assert status.avg_fill_price_cents > 0

    def test_positions_are_exact_sorted_and_not_empty(self, bench):
        marketable(bench)
        positions = bench.broker.positions()
        assert all(isinstance(position, BrokerPosition) for position in positions)
        assert [p.symbol for p in positions] == sorted(p.symbol for p in positions)
        for position in positions:
            assert position.quantity != 0
            all_exact(position, "quantity", "avg_cost_cents", "market_value_cents", "unrealized_pnl_cents")

    def test_a_fill_in_parts(self, bench):
        needs(bench, "fill_now")
        order = resting(bench)
        price = bench.limit("buy", rests=True)
        bench.fill_now(order, bench.part)
        status = settled(bench, order, "PartiallyFilled")
        assert status.filled_quantity == bench.part
        assert plus(status.filled_quantity, status.remaining_quantity) == bench.quantity
        assert status.avg_fill_price_cents == price
        assert [found.id for found in bench.broker.open_orders()] == [order]
        bench.fill_now(order)
        status = settled(bench, order, "Filled")
        assert (status.filled_quantity, status.remaining_quantity) == (bench.quantity, 0)
        assert total(bench.broker.executions(), order) == bench.quantity

    def test_executions_are_told_once_each(self, bench):
        order, _ = marketable(bench, client_order_id="told-once")
        executions = told(bench, order)
        assert all(isinstance(execution, Execution) for execution in executions)
        for execution in executions:
            all_exact(execution, "quantity", "price_cents")
            assert execution.quantity > 0
            assert (execution.symbol, execution.side) == (bench.symbol, "buy")
            assert execution.client_order_id == "told-once"
            assert execution.timestamp.utcoffset().total_seconds() == 0
            assert execution.commission_cents is None or execution.commission_cents >= 0
        assert total(executions, order) == bench.quantity
        again = told(bench, order)
        assert [e.execution_id for e in again] == [e.execution_id for e in executions]
        assert len({e.execution_id for e in again}) == len(again)

    def test_the_average_price_is_that_of_the_executions(self, bench):
        order, _ = marketable(bench)
        spent = Decimal(0)
        for execution in told(bench, order):
            spent += Decimal(times(execution.quantity, execution.price_cents))
        average = spent / Decimal(bench.quantity)
        assert bench.broker.order_status(order).avg_fill_price_cents == pytest.approx(
            average, rel=Decimal("1e-9")
        )

    def test_cash_pays_for_fills(self, bench):
        needs(bench, "cash")
        before = bench.broker.account().cash_cents
        order, _ = marketable(bench)
        spent = Decimal(0)
        for execution in told(bench, order):
            spent += Decimal(times(execution.quantity, execution.price_cents))
            spent += Decimal(execution.commission_cents or 0)
        assert before - bench.broker.account().cash_cents == spent

    # Cancels

    def test_a_cancel_ends_an_order(self, bench):
        order = resting(bench, client_order_id="to-cancel")
        bench.broker.cancel_order(order)
        status = settled(bench, order, "Cancelled")
        assert (status.filled_quantity, bench.broker.open_orders()) == (0, [])
        assert bench.broker.find_order("to-cancel").status == "Cancelled"

    def test_a_cancel_keeps_what_was_filled(self, bench):
        needs(bench, "fill_now")
        order = resting(bench)
        bench.fill_now(order, bench.part)
        settled(bench, order, "PartiallyFilled")
        bench.broker.cancel_order(order)
        status = settled(bench, order, "Cancelled")
        assert status.filled_quantity == bench.part
        assert total(bench.broker.executions(), order) == bench.part

    def test_a_cancel_that_comes_too_late(self, bench):
        order, _ = marketable(bench)
        with pytest.raises(CancelRejected):
            bench.broker.cancel_order(order)
        assert bench.broker.order_status(order).status == "Filled"

    def test_a_fill_that_overtakes_a_cancel(self, bench):
        """Whoever wins, what was filled and what was cancelled add up."""
        needs(bench, "fill_now")
        order = resting(bench)
        bench.fill_now(order)
        with suppress(CancelRejected):
            bench.broker.cancel_order(order)
        status = final(bench, order)
        assert status.status == "Filled"
        assert total(bench.broker.executions(), order) == status.filled_quantity == bench.quantity

    def test_a_second_cancel_is_refused(self, bench):
        order = resting(bench)
        bench.broker.cancel_order(order)
        settled(bench, order, "Cancelled")
        with pytest.raises(CancelRejected):
            bench.broker.cancel_order(order)

    def test_an_order_that_nobody_knows(self, bench):
        with pytest.raises(OrderError, match="999999"):
            bench.broker.order_status(999_999)
        with pytest.raises(CancelRejected, match="999999"):
            bench.broker.cancel_order(999_999)
        assert bench.broker.find_order("never-sent") is None

    @pytest.mark.parametrize("wrong", [None, True, "1", 1.0, float("nan")])
    def test_an_id_that_is_none_touches_no_order(self, bench, wrong):
        """True is 1 to Python, and 1 may be an order."""
        order = resting(bench)
        for ask in (bench.broker.order_status, bench.broker.cancel_order):
            with pytest.raises(WrongType, match=r"order_id: .* give the number of an order"):
                ask(wrong)
        assert bench.broker.order_status(order).status == "Submitted"

    @pytest.mark.parametrize("wrong", [None, 5, b"x"])
    def test_a_name_that_is_none_is_not_looked_for(self, bench, wrong):
        """Orders without a name do not all bear the name None."""
        resting(bench)
        with pytest.raises(WrongType, match=r"client_order_id: .* give a text"):
            bench.broker.find_order(wrong)

    # What is refused

    @pytest.mark.parametrize(
        "wrong",
        [
            {"side": "hold"},
            {"side": None},
            {"quantity": 0},
            {"quantity": -1},
            {"quantity": math.nan},
            {"quantity": math.inf},
            {"quantity": True},
            {"order_type": "iceberg"},
            {"order_type": "limit"},
            {"order_type": "stop"},
            {"limit_price_cents": 100},
            {"order_type": "limit", "limit_price_cents": -1},
            {"order_type": "limit", "limit_price_cents": math.nan},
            {"client_order_id": ""},
            {"client_order_id": "a" * 37},
            {"client_order_id": "a&b=c"},
            {"time_in_force": "forever"},
        ],
        ids=str,
    )
    def test_an_order_that_makes_no_sense_is_not_sent(self, bench, wrong):
        good = {"symbol": bench.symbol, "side": "buy", "quantity": bench.quantity}
        with pytest.raises((InvalidValue, TypeError)):
            bench.broker.submit_order(**{**good, **wrong})
        nothing_lives(bench)

    def test_c073_a_symbol_that_nobody_knows(self, bench):
        for ask in (
            lambda: bench.broker.instrument(bench.unknown),
            lambda: bench.broker.quote(bench.unknown),
            lambda: bench.broker.submit_order(bench.unknown, "buy", bench.quantity),
        ):
            with pytest.raises(UnknownInstrument, match=bench.unknown):
                ask()
        nothing_lives(bench)

    def test_c083_a_quantity_between_two_lots(self, bench):
        lot = bench.broker.instrument(bench.symbol).lot
        odd = plus(bench.quantity, times(lot, Decimal("0.5")))
        with pytest.raises((InvalidValue, OrderRejected), match=r"lot|quantity|LOT_SIZE"):
            bench.broker.submit_order(bench.symbol, "buy", odd, "limit", bench.limit("buy", rests=True))
        nothing_lives(bench)

    def test_c083_a_price_between_two_ticks(self, bench):
        tick = bench.broker.instrument(bench.symbol).tick_cents
        odd = plus(bench.limit("buy", rests=True), times(tick, Decimal("0.5")))
        with pytest.raises((InvalidValue, OrderRejected), match=r"tick|price|PRICE_FILTER"):
            bench.broker.submit_order(bench.symbol, "buy", bench.quantity, "limit", odd)
        nothing_lives(bench)

    def test_c083_an_order_that_the_broker_refuses(self, bench):
        needs(bench, "refuse_next")
        bench.refuse_next()
        with pytest.raises(OrderRejected) as caught:
            resting(bench, client_order_id="refused-1")
        assert caught.value.code == "funds"
        assert caught.value.client_order_id == "refused-1"
        assert caught.value.reason
        nothing_lives(bench)
        found = bench.broker.find_order("refused-1")
        assert found is None or (found.status, found.filled_quantity) == ("Rejected", 0)
        resting(bench)  # the next one goes through

    # One name, one order

    def test_a_name_makes_one_order(self, bench):
        first = resting(bench, client_order_id="only-once")
        with pytest.raises(OrderRejected) as caught:
            resting(bench, client_order_id="only-once")
        assert caught.value.code == "duplicate"
        bench.wait()
        assert [order.id for order in bench.broker.open_orders()] == [first]
        assert bench.broker.find_order("only-once").id == first

    def test_a_name_is_taken_by_an_order_that_has_ended(self, bench):
        order, price = marketable(bench, client_order_id="ended")
        with pytest.raises(OrderRejected):
            bench.broker.submit_order(bench.symbol, "buy", bench.quantity, "limit", price, "ended")
        bench.wait()
        assert bench.broker.find_order("ended").id == order
        assert total(bench.broker.executions(), order) == bench.quantity

    def test_names_may_be_long_and_may_be_missing(self, bench):
        name = "Az09_.-" + "x" * 29
        order = resting(bench, client_order_id=name)
        assert bench.broker.find_order(name).id == order
        resting(bench)
        assert len(bench.broker.open_orders()) == 2

    # Three answers, and the wire

    def test_nothing_is_asked_without_a_connection(self, bench):
        broker = bench.broker
        broker.disconnect()
        broker.disconnect()
        for ask in (
            broker.positions,
            broker.account,
            broker.open_orders,
            broker.executions,
            broker.server_time,
            lambda: broker.quote(bench.symbol),
            lambda: broker.instrument(bench.symbol),
            lambda: broker.order_status(1),
            lambda: broker.find_order("x"),
            lambda: broker.cancel_order(1),
            lambda: broker.submit_order(bench.symbol, "buy", bench.quantity),
        ):
            with pytest.raises(NotConnected, match="not connected"):
                ask()
        broker.connect()
        nothing_lives(bench)

    def test_orders_outlive_the_connection(self, bench):
        order = resting(bench, client_order_id="lives-on")
        bench.broker.disconnect()
        bench.broker.connect()
        status = settled(bench, bench.broker.find_order("lives-on").id)
        assert (status.status, status.remaining_quantity) == ("Submitted", bench.quantity)
        assert [found.client_order_id for found in bench.broker.open_orders()] == ["lives-on"]
        bench.broker.cancel_order(status.id)
        settled(bench, status.id, "Cancelled")
        assert status.id == order

    def test_the_next_process_finds_live_and_ended_orders(self, bench):
        needs(bench, "reopen")
        resting(bench, client_order_id="alive")
        marketable(bench, client_order_id="over")
        other = bench.reopen()
        try:
            assert other.find_order("alive").status == "Submitted"
            ended = other.find_order("over")
            assert (ended.status, ended.filled_quantity) == ("Filled", bench.quantity)
            assert other.find_order("neither") is None
            assert [order.client_order_id for order in other.open_orders()] == ["alive"]
        finally:
            other.disconnect()

    def test_c075_an_answer_that_was_lost(self, bench):
        needs(bench, "lose_answer")
        bench.lose_answer()
        with pytest.raises(OrderUnknown) as caught:
            resting(bench, client_order_id="answer-lost")
        assert caught.value.client_order_id == "answer-lost"
        back(bench)
        found = sought(bench, "answer-lost")
        assert (found.status, found.remaining_quantity) == ("Submitted", bench.quantity)
        assert len(bench.broker.open_orders()) == 1

    def test_c075_an_order_that_was_lost(self, bench):
        needs(bench, "lose_order")
        bench.lose_order()
        with pytest.raises(OrderUnknown):
            resting(bench, client_order_id="order-lost")
        back(bench)
        bench.wait()
        assert bench.broker.find_order("order-lost") is None
        nothing_lives(bench)
        order = resting(bench, client_order_id="order-lost")  # the same name may be sent now
        assert bench.broker.find_order("order-lost").id == order

    def test_c076_a_fill_while_nobody_listens(self, bench):
        needs(bench, "lose_connection", "fill_now")
        order = resting(bench, client_order_id="meanwhile")
        bench.lose_connection()
        bench.fill_now(order)
        back(bench)
        found = sought(bench, "meanwhile", "Filled")
        assert found.filled_quantity == bench.quantity
        executions = [e for e in bench.broker.executions() if e.client_order_id == "meanwhile"]
        assert total(executions, found.id) == bench.quantity
        nothing_lives(bench)

    def test_c074_a_fill_in_parts_then_silence(self, bench):
        needs(bench, "lose_connection", "fill_now")
        order = resting(bench, client_order_id="in-parts")
        bench.fill_now(order, bench.part)
        settled(bench, order, "PartiallyFilled")
        bench.lose_connection()
        back(bench)
        found = sought(bench, "in-parts", "PartiallyFilled")
        assert plus(found.filled_quantity, found.remaining_quantity) == bench.quantity
        assert found.filled_quantity == bench.part

    def test_a_lost_connection_is_told(self, bench):
        needs(bench, "lose_connection")
        bench.lose_connection()
        with pytest.raises(BrokerError):
            resting(bench)
        back(bench)
        resting(bench)

    # Stops

    def test_a_stop_waits(self, bench):
        needs(bench, "stops")
        stop = bench.limit("sell", rests=True)  # far above the market
        order = bench.broker.submit_order(
            bench.symbol, "buy", bench.part, "stop", stop_price_cents=stop, client_order_id="stops"
        )
        status = settled(bench, order)
        assert (status.status, status.filled_quantity) == ("Submitted", 0)
        bench.broker.cancel_order(order)
        settled(bench, order, "Cancelled")

    # Secrets

    def test_secrets_are_not_shown(self, bench):
        assert repr(bench.broker).endswith("(...)")
        shown = [repr(bench.broker), str(bench.broker)]
        for ask in (lambda: bench.broker.quote(bench.unknown), lambda: bench.broker.order_status(999_999)):
            with pytest.raises(BrokerError) as caught:
                ask()
            shown += [str(caught.value), repr(caught.value)]
        for secret in bench.secrets:
            assert not [text for text in shown if secret in text]


# What the tests share


def needs(bench, *names):
    """Skip what a broker cannot be tested with."""
    lacking = [name for name in names if name in bench.lacks]
    if lacking:
        pytest.skip(f"not of this broker: {', '.join(lacking)}")


def all_exact(record, *names):
    """Assert that numbers are ints or finite Decimals."""
    for name in names:
        value = getattr(record, name)
        assert type(value) in (int, Decimal), (name, value)
        assert Decimal(value).is_finite(), (name, value)


def resting(bench, **more):
    """Send an order that rests; returns its id when it does."""
    order = bench.broker.submit_order(
        bench.symbol, "buy", bench.quantity, "limit", bench.limit("buy", rests=True), **more
    )
    settled(bench, order, "Submitted")
    return order


def marketable(bench, **more):
    """Send an order that fills at once; returns its id when it has, and its limit price."""
    bench.held_before = sum(p.quantity for p in bench.broker.positions() if p.symbol == bench.symbol)
    price = bench.limit("buy", rests=False)
    order = bench.broker.submit_order(bench.symbol, "buy", bench.quantity, "limit", price, **more)
    fill(bench, order)
    settled(bench, order, "Filled")
    return order, price


def fill(bench, order):
    """Fill an order where it takes a hand to do so."""
    if "fills by itself" not in bench.lacks:
        return
    bench.fill_now(order)


def settled(bench, order, state=None, tries=500):
    """Status of an order once it is no more pending, or has reached a state."""
    for _ in range(tries):
        status = bench.broker.order_status(order)
        if status.status == state or (state is None and status.status != "Pending"):
            return status
        bench.wait()
    raise AssertionError(f"order {order} is {status.status} and never became {state}")


def final(bench, order, tries=500):
    """Status of an order once it has ended."""
    for _ in range(tries):
        status = bench.broker.order_status(order)
        if status.status.is_final:
            return status
        bench.wait()
    raise AssertionError(f"order {order} is {status.status} and never ended")


def sought(bench, name, state="Submitted", tries=500):
    """Look for an order by its name until it is there in a state."""
    for _ in range(tries):
        found = bench.broker.find_order(name)
        if found is not None and found.status == state:
            return found
        bench.wait()
    raise AssertionError(f"{name!r} is {found} and never became {state}")


def told(bench, order, tries=500):
    """Executions of an order, when as much was told as was filled."""
    for _ in range(tries):
        executions = [e for e in bench.broker.executions() if e.order_id == order]
        if total(executions, order) == bench.broker.order_status(order).filled_quantity:
            return executions
        bench.wait()
    raise AssertionError(f"order {order}: executions {executions} never added up")


def total(executions, order):
    """Sum of the quantities of an order's executions."""
    number: int | Decimal = 0
    for execution in executions:
        if execution.order_id == order:
            number = plus(number, execution.quantity)
    return number


def back(bench):
    """Connect again after the wire was cut."""
    bench.broker.disconnect()
    bench.broker.connect()


def nothing_lives(bench):
    """Assert that no order lives."""
    assert bench.broker.open_orders() == []
