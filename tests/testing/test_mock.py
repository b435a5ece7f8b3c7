"""The mock broker answers as it is told."""

from decimal import Decimal

import pytest

from nanobook.broker import Broker, Instrument
from nanobook.errors import (
    CancelRejected,
    InvalidValue,
    NotConnected,
    OrderError,
    OrderRejected,
    UnknownInstrument,
)
from nanobook.testing import ImmediateFull, ImmediatePartial, MockBroker, Reject, VirtualClock
from tests.broker.contract import Bench, BrokerContract


class MockBench(Bench):
    """Orders live on until they are cancelled: nothing of them is filled."""

    lacks = frozenset(
        {"fill_now", "reopen", "lose_connection", "lose_answer", "lose_order", "refuse_next", "cash", "stops"}
    )

    def __init__(self):
        self.broker = MockBroker(ImmediatePartial(0)).with_quote(self.symbol, 18_490, 18_510)
        self.broker.connect()

    def limit(self, side, rests):
        """Any price is as good as another."""
        self.broker.with_fill_mode(ImmediatePartial(0) if rests else ImmediateFull())
        return 15_000


class TestMock(BrokerContract):
    """What of the contract a broker without a market can keep."""

    @pytest.fixture
    def bench(self, request):
        """A new one, for the tests that ask no more of it than it has."""
        beyond = ("lots", "ticks", "an_order_fills", "a_market_order")
        if any(word in request.node.name for word in beyond):
            pytest.skip("the mock has neither lots nor positions that follow from fills")
        return MockBench()


@pytest.fixture
def broker():
    mock = MockBroker().with_quote("AAPL", 18_490, 18_510, 18_500)
    mock.connect()
    return mock


def test_it_is_a_broker_before_it_is_connected():
    mock = MockBroker()
    assert isinstance(mock, Broker)
    with pytest.raises(NotConnected, match=r"^not connected$"):
        mock.account()


def test_orders_are_filled_numbered_and_kept(broker):
    assert broker.submit_order("AAPL", "buy", 100) == 1
    assert broker.submit_order("AAPL", "sell", 30, "limit", 18_400, "mine") == 2
    first, second = broker.order_status(1), broker.find_order("mine")
    assert (first.status, first.filled_quantity, first.avg_fill_price_cents) == ("Filled", 100, 18_510)
    assert (second.id, second.avg_fill_price_cents) == (2, 18_400)
    assert [order.quantity for order in broker.orders] == [100, 30]
    assert [e.quantity for e in broker.executions()] == [100, 30]


def test_a_fraction_is_filled_in_whole_lots(broker):
    broker.with_fill_mode(ImmediatePartial(0.29))
    status = broker.order_status(broker.submit_order("AAPL", "buy", 10))
    assert (status.status, status.filled_quantity, status.remaining_quantity) == ("PartiallyFilled", 2, 8)
    broker.with_instrument(Instrument("AAPL", lot=Decimal("0.01")))
    assert broker.order_status(broker.submit_order("AAPL", "buy", 10)).filled_quantity == Decimal("2.9")
    assert [order.id for order in broker.open_orders()] == [1, 2]


def test_refusals_are_told_and_kept(broker):
    broker.with_fill_mode(Reject("market closed", "closed"))
    with pytest.raises(OrderRejected, match="market closed") as caught:
        broker.submit_order("AAPL", "buy", 1, client_order_id="mine")
    assert (caught.value.code, caught.value.client_order_id) == ("closed", "mine")
    assert isinstance(caught.value, OrderError)
    assert (len(broker.orders), broker.open_orders()) == (1, [])


def test_answers_are_those_that_were_given(broker):
    broker.with_position("MSFT", -5, 40_000).with_position("AAPL", 0).with_account(5_000, 3_000, 4_000)
    assert [dict(p)["symbol"] for p in broker.positions()] == ["MSFT"]
    assert broker.positions()[0].market_value_cents == -200_000
    account = broker.account()
    assert (account.equity_cents, account.cash_cents, account.buying_power_cents) == (5_000, 3_000, 4_000)
    assert account.gross_position_value_cents == 2_000
    assert MockBroker().with_account(7)._stands.buying_power_cents == 7


def test_a_symbol_without_a_quote_is_unknown(broker):
    with pytest.raises(UnknownInstrument, match=r"APL.*did you mean 'AAPL'"):
        broker.quote("APL")
    with pytest.raises(UnknownInstrument):
        broker.submit_order("APL", "buy", 1)
    assert broker.orders == []


def test_quotes_are_of_now_unless_told():
    clock = VirtualClock()
    mock = MockBroker(clock=clock).with_quote("A", 1, 2)
    mock.connect()
    clock.advance(100)
    assert mock.quote("A").timestamp == clock.now() == mock.server_time()


def test_a_filled_order_cannot_be_cancelled(broker):
    order = broker.submit_order("AAPL", "buy", 1)
    with pytest.raises(CancelRejected, match="has ended: Filled"):
        broker.cancel_order(order)


def test_a_fraction_above_one_is_refused():
    with pytest.raises(InvalidValue, match="fraction"):
        ImmediatePartial(1.5)
