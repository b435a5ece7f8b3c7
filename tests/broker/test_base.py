"""What all brokers share, and what their errors carry."""

import pickle

import pytest

from nanobook import errors
from nanobook.broker import BaseBroker, Broker, BrokerOrder
from nanobook.errors import BrokerError, InvalidValue, NanobookError, NotConnected, OrderError
from nanobook.testing import MockBroker


@pytest.fixture
def broker():
    mock = MockBroker().with_quote("A", 99, 101)
    mock.connect()
    return mock


def test_a_broker_connects_for_a_block():
    with MockBroker() as broker:
        assert broker.is_connected
        assert isinstance(broker, Broker)
    assert not broker.is_connected
    with pytest.raises(ZeroDivisionError), broker:
        _ = 1 / 0
    assert not broker.is_connected


def test_a_broker_shows_nothing_of_itself(broker):
    assert repr(broker) == str(broker) == "MockBroker(...)"


def test_an_order_is_checked_before_the_connection_is_asked_for():
    broker = MockBroker()
    with pytest.raises(InvalidValue, match="Invalid side 'hold'"):
        broker.submit_order("A", "hold", 1)
    with pytest.raises(NotConnected, match=r"^not connected$"):
        broker.submit_order("A", "buy", 1)
    assert broker.orders == []


def test_an_order_arrives_as_it_was_given(broker):
    order = BrokerOrder("A", "sell", 5, "limit", 98, "mine", time_in_force="gtc")
    broker.submit_order(order)
    broker.submit_order("A", "S", 5.0, "Limit", 98, "mine-2", None, "gtc")
    assert broker.orders[0] is order
    assert {**broker.orders[1], "client_order_id": "mine"} == dict(order)


def test_an_order_and_parts_at_once_are_refused(broker):
    order = BrokerOrder("A", "sell", 5)
    for more in ({"side": "buy"}, {"quantity": 3}, {"client_order_id": "mine"}, {"order_type": "limit"}):
        with pytest.raises(InvalidValue, match=r"it is an order.*leave the rest out"):
            broker.submit_order(order, **more)
    assert broker.orders == []


@pytest.mark.parametrize("symbol", ["", " A", None, 5, "A\n"])
def test_symbols_are_checked_before_they_are_asked_for(broker, symbol):
    for ask in (broker.quote, broker.instrument):
        with pytest.raises(NanobookError, match="symbol"):
            ask(symbol)


def test_a_broker_without_its_methods_cannot_be_made():
    with pytest.raises(TypeError, match="abstract"):
        BaseBroker()


ERRORS = [
    errors.ConnectionFailed("gone"),
    errors.NotConnected(),
    errors.AuthenticationFailed("bad key"),
    errors.RateLimited("slow down", 3.5, True),
    errors.UnknownInstrument("X"),
    errors.NoQuote("none"),
    errors.OrderError("odd"),
    errors.OrderRejected("poor", "funds", "mine"),
    errors.OrderUnknown("silence", "mine"),
    errors.CancelRejected("ended"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_are_of_one_family_and_travel(error):
    assert isinstance(error, BrokerError)
    assert isinstance(error, RuntimeError)
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


def test_errors_say_what_the_original_says():
    assert [str(error) for error in ERRORS] == [
        "connection error: gone",
        "not connected",
        "authentication error: bad key",
        "rate limit exceeded: slow down",
        "invalid symbol: X",
        "none",
        "order error: odd",
        "order error: poor",
        "order state unknown: silence",
        "order error: ended",
    ]
    assert str(errors.RateLimited()) == "rate limit exceeded"
    assert issubclass(OrderError, ValueError)
    assert not issubclass(errors.OrderUnknown, ValueError)
