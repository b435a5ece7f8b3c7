"""What is asked and traded over the wire: positions, quotes, orders of all kinds, and what can come back."""

import math
import threading
import time
from contextlib import contextmanager
from decimal import Decimal

import pytest

from nanobook import IbkrBroker
from nanobook.broker.registry import open_broker
from nanobook.errors import (
    BrokerError,
    CancelRejected,
    NoQuote,
    OrderError,
    OrderRejected,
    OrderUnknown,
    UnknownInstrument,
)
from nanobook.testing import FakeTws, VirtualClock

QUOTES = {
    "AAPL": (184.90, 185.10, 185.00, 1_000_000),
    "MSFT": (369.90, 370.10),
    "BRK B": (400.00, 400.20),
    "PENNY": {"bid": "0.1234", "ask": "0.1236", "last": "0.1235", "tick": "0.0001"},
}


@pytest.fixture
def tws():
    """A fake in a thread."""
    with FakeTws(QUOTES, positions=[("AAPL", "100.5", 150), ("BRK B", -3, "410.123456")]) as fake:
        yield fake


@pytest.fixture
def make(tws):
    """Make connected brokers on the fake."""
    made = []

    def new(**options):
        broker = IbkrBroker(port=tws.port, **{"timeout": 10, "clock": VirtualClock(), **options})
        made.append(broker)
        broker.connect()
        return broker

    yield new
    for broker in made:
        broker.disconnect()


@pytest.fixture
def broker(make):
    """One of them."""
    return make()


def say(tws, *fields):
    """Let the fake say something that it would not say by itself, to all clients."""
    from nanobook.testing.fake_tws.wire import frame

    def write():
        for session in tws._gateway.sessions:
            session.writer.write(frame(fields))

    tws._loop.call_soon_threadsafe(write)


@contextmanager
def later(tws, request, answer):
    """Answer in the fake's place, when the next request of a name has come."""
    before = tws.received().get(request, 0)

    def work():
        until(lambda: tws.received().get(request, 0) > before)
        answer()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    thread.join()


def until(holds, seconds=10):
    """Wait for something that another thread does."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.001)


def wire_order(tws):
    """The last order as it arrived: fields by name."""
    fields = tws.requests("placeOrder")[-1]
    names = {"id": 1, "conId": 2, "symbol": 3, "exchange": 9, "action": 16, "quantity": 17, "type": 18}
    names |= {"limit": 19, "stop": 20, "tif": 21, "account": 23, "ref": 26}
    return {name: fields[at] for name, at in names.items()}


# Account and positions


def test_positions_are_live_exact_and_whole(broker):
    held = {position.symbol: position for position in broker.positions()}
    apple, berkshire = held["AAPL"], held["BRK.B"]
    assert apple.quantity == Decimal("100.5")
    assert (apple.avg_cost_cents, apple.market_value_cents) == (15_000, 1_859_250)
    assert apple.unrealized_pnl_cents == 351_750
    assert (berkshire.quantity, berkshire.avg_cost_cents) == (-3, Decimal("41012.3456"))
    assert berkshire.market_value_cents < 0


def test_the_worth_of_positions_follows_fills_and_prices(tws, broker):
    broker.submit_order("MSFT", "buy", 10, "limit", 38_000)
    until(lambda: "MSFT" in {position.symbol for position in broker.positions()})
    [held] = [position for position in broker.positions() if position.symbol == "MSFT"]
    assert held.market_value_cents == 10 * tws._gateway.price_of(tws._gateway.listings.named("MSFT")) * 100


def test_a_worth_that_lags_behind_is_asked_for_anew(tws, broker):
    tws.add_fault("portfolioValue", "mute")
    broker.submit_order("MSFT", "buy", 10, "limit", 38_000)
    until(lambda: "MSFT" in {position.symbol for position in broker.positions()})
    worth = {position.symbol: position.market_value_cents for position in broker.positions()}
    assert worth["MSFT"] > 0


def test_the_account_is_asked_anew_each_time(tws, broker):
    before = broker.account()
    broker.submit_order("MSFT", "buy", 10, "limit", 37_010)
    until(lambda: broker.account().cash_cents < before.cash_cents)
    assert before.cash_cents - broker.account().cash_cents == 10 * 37_010 + 100  # the least commission
    assert before.account_id == "DU1234567"


def test_positions_in_another_currency_have_no_amounts():
    quotes = [{"symbol": "SAP", "bid": 200, "ask": 201, "currency": "EUR", "exchange": "IBIS"}]
    with (
        FakeTws(quotes, positions=[("SAP", 7, 190)]) as tws,
        IbkrBroker(port=tws.port, timeout=10) as broker,
    ):
        [held] = broker.positions()
    assert (held.symbol, held.quantity) == ("SAP.EUR", 7)
    assert held.avg_cost_cents == held.market_value_cents == held.unrealized_pnl_cents == 0


# Contracts


def test_contracts_are_looked_up_once_and_before_any_order(tws, broker):
    broker.submit_order("AAPL", "buy", 1, "limit", 10_000)
    broker.submit_order("AAPL", "buy", 1, "limit", 10_000)
    assert tws.received()["reqContractDetails"] == 1
    sent = wire_order(tws)
    assert int(sent["conId"]) > 0
    assert (sent["symbol"], sent["exchange"]) == ("AAPL", "SMART")


def test_c073_an_ambiguous_symbol_lists_its_candidates():
    quotes = [{"symbol": "DUP", "bid": 10, "ask": 11, "exchange": where} for where in ("NYSE", "ARCA")]
    with FakeTws(quotes) as tws, IbkrBroker(port=tws.port, timeout=10) as broker:
        with pytest.raises(
            UnknownInstrument, match=r"DUP is ambiguous; name one of them in contracts=: conId"
        ):
            broker.submit_order("DUP", "buy", 1)
        assert "placeOrder" not in tws.received()
        con_id = [contract.con_id for contract in tws._gateway.listings][1]
        mapped = {"DUP": {"conId": con_id, "exchange": "SMART"}}
        with IbkrBroker(port=tws.port, client_id=2, timeout=10, contracts=mapped) as other:
            other.submit_order("DUP", "buy", 1, "limit", 900)
            assert wire_order(tws)["conId"] == str(con_id)


def test_c073_an_unknown_symbol_leaves_nothing_behind(tws, broker):
    for _ in range(2):
        with pytest.raises(UnknownInstrument, match="NOPE: no such STK in USD on SMART"):
            broker.submit_order("NOPE", "buy", 1)
    assert "placeOrder" not in tws.received()
    assert tws.received()["reqContractDetails"] == 2


def test_an_answer_that_cannot_be_read_is_no_unknown_symbol(tws, broker):
    tws.add_fault("reqContractDetails", "lose")

    def answer():
        request = tws.requests("reqContractDetails")[-1][2]
        say(tws, 10, request, "AAPL", "STK")
        say(tws, 52, 1, request)

    with (
        later(tws, "reqContractDetails", answer),
        pytest.raises(BrokerError, match="could not be read") as caught,
    ):
        broker.instrument("AAPL")
    assert not isinstance(caught.value, UnknownInstrument)
    assert broker.instrument("AAPL").lot == 1


def test_a_class_of_shares_is_written_with_a_dot(tws, broker):
    broker.submit_order("BRK.B", "buy", 1, "limit", 30_000, "class-b")
    assert wire_order(tws)["symbol"] == "BRK B"
    assert broker.find_order("class-b").symbol == "BRK.B"
    with pytest.raises(UnknownInstrument, match=r"write a class of shares with a dot: BRK\.B"):
        broker.instrument("BRK B")


def test_instruments(make):
    broker = make()
    assert (broker.instrument("AAPL").lot, broker.instrument("AAPL").tick_cents) == (1, 1)
    assert broker.instrument("PENNY").tick_cents == Decimal("0.01")
    fractional = make(client_id=2, fractional=True)
    assert (
        fractional.instrument("AAPL").lot == fractional.instrument("AAPL").min_quantity == Decimal("0.0001")
    )


# Quotes


def test_a_quote(tws, broker):
    quote = broker.quote("AAPL")
    assert (quote.bid_cents, quote.ask_cents, quote.last_cents, quote.volume) == (
        18_490,
        18_510,
        18_500,
        10**6,
    )
    assert quote.timestamp == broker._clock.now()


def test_prices_below_a_cent_stay(broker):
    quote = broker.quote("PENNY")
    assert (quote.bid_cents, quote.ask_cents) == (Decimal("12.34"), Decimal("12.36"))


def test_c085_a_side_that_is_not_there_is_0(tws, broker):
    tws.set_quote("AAPL", bid=None)
    assert broker.quote("AAPL").bid_cents == 0
    assert broker.quote("AAPL").mid_cents == 18_510


def test_c085_no_price_at_all(tws, broker):
    tws.set_quote("AAPL", bid=None, ask=None, last=None)
    with pytest.raises(NoQuote, match="AAPL: no valid price received; is the market open"):
        broker.quote("AAPL")


def test_c085_no_subscription(tws, broker):
    tws.set_quote("AAPL", data="none")
    with pytest.raises(NoQuote, match=r"AAPL: error 354: .*not subscribed"):
        broker.quote("AAPL")


def test_c085_delayed_prices_only_if_one_says_so(tws, broker, make):
    tws.set_quote("AAPL", data="delayed")
    with pytest.raises(NoQuote):
        broker.quote("AAPL")
    delayed = make(client_id=2, delayed=True)
    quote = delayed.quote("AAPL")
    assert quote.ask_cents == 18_510
    assert quote.is_stale(delayed._clock.now(), 14 * 60)


def test_c085_the_gateway_says_minus_one(tws, broker):
    """Minus one is no price, and neither is a price with nothing behind it."""
    tws.add_fault("reqMktData", "lose")

    def answer():
        request = tws.requests("reqMktData")[-1][2]
        say(tws, 1, 6, request, 1, -1, 0, 0)
        say(tws, 1, 6, request, 2, 185.5, 0, 0)
        say(tws, 1, 6, request, 4, 185.25, 100, 0)
        say(tws, 46, 6, request, 45, 1_767_600_000)
        say(tws, 57, 1, request)

    with later(tws, "reqMktData", answer):
        quote = broker.quote("AAPL")
    assert (quote.bid_cents, quote.ask_cents, quote.last_cents) == (0, 0, 18_525)
    assert quote.timestamp.isoformat() == "2026-01-05T08:00:00+00:00"  # that of the trade, not of now


def test_a_silent_quote_gives_up(tws, make):
    broker = make(timeout=0.2)
    broker.instrument("AAPL")
    tws.add_fault("reqMktData", "lose")
    with pytest.raises(NoQuote, match="no valid price"):
        broker.quote("AAPL")
    assert broker.is_connected


# Orders


@pytest.mark.parametrize(
    ("order", "wire"),
    [
        (("AAPL", "buy", 10), {"type": "MKT", "limit": "", "stop": "", "tif": "DAY", "action": "BUY"}),
        (("AAPL", "s", 10, "limit", 20_001), {"type": "LMT", "limit": "200.01", "action": "SELL"}),
        (("PENNY", "buy", 10, "limit", "10.25"), {"limit": "0.1025", "quantity": "10"}),
    ],
)
def test_orders_as_they_arrive(tws, broker, order, wire):
    broker.submit_order(*order)
    arrived = wire_order(tws)
    assert {name: arrived[name] for name in wire} == wire
    assert arrived["account"] == "DU1234567"


def test_stops_and_times_in_force(tws, broker):
    stop = broker.submit_order(
        "AAPL", "sell", 10, "stop", stop_price_cents=17_000, time_in_force="gtc", client_order_id="stop-1"
    )
    arrived = wire_order(tws)
    assert (arrived["type"], arrived["stop"], arrived["limit"], arrived["tif"]) == ("STP", "170", "", "GTC")
    assert arrived["ref"] == "stop-1"
    both = broker.submit_order("AAPL", "buy", 10, "stop_limit", 19_050, stop_price_cents=19_000)
    arrived = wire_order(tws)
    assert (arrived["type"], arrived["stop"], arrived["limit"]) == ("STP LMT", "190", "190.5")
    assert broker.order_status(stop).status == broker.order_status(both).status == "Submitted"
    tws.set_quote("AAPL", bid=169, ask=169.2)
    until(lambda: broker.order_status(stop).status == "Filled")


def test_an_order_that_fills_at_once_or_not_at_all(tws, broker):
    order = broker.submit_order("AAPL", "buy", 10, "limit", 10_000, time_in_force="ioc")
    until(lambda: broker.order_status(order).status == "Cancelled")
    assert broker.order_status(order).filled_quantity == 0


def test_fractions_of_shares(tws, broker, make):
    with pytest.raises(
        OrderError, match=r"AAPL: quantity 0.5 is no multiple of the lot, 1; fractions need fra"
    ):
        broker.submit_order("AAPL", "buy", "0.5")
    fractional = make(client_id=2, fractional=True)
    order = fractional.submit_order("AAPL", "buy", "0.5", "limit", 19_000)
    assert wire_order(tws)["quantity"] == "0.5"
    until(lambda: fractional.order_status(order).status == "Filled")
    assert fractional.order_status(order).filled_quantity == Decimal("0.5")


def test_c091_a_fraction_below_the_lot_is_refused(tws, make):
    fractional = make(client_id=2, fractional=True)
    with pytest.raises(OrderError, match=r"quantity 0.00005 is no multiple of the lot, 0.0001"):
        fractional.submit_order("AAPL", "buy", "0.00005")
    assert "placeOrder" not in tws.received()


@pytest.mark.parametrize(
    ("code", "text", "word"),
    [
        (201, "Order rejected - reason:Insufficient funds", "funds"),
        (201, "EQUITY WITH LOAN VALUE must exceed the INITIAL MARGIN", "margin"),
        (201, "Order rejected - reason:This stock is not available for short sale", "short"),
        (201, "Order rejected - reason:The security is halted", "halted"),
        (201, "Order rejected - reason:The exchange is closed", "closed"),
        (201, "Order rejected - reason:Potential PATTERN DAY TRADER", "permission"),
        (201, "Order rejected - reason:The limit price is too far from the market", "price"),
        (201, "Order rejected - reason:Because we say so", "other"),
        (110, "The price does not conform to the minimum price variation", "tick"),
        (200, "No security definition has been found", "symbol"),
        (10243, "Fractional-sized order cannot be placed via API", "lot"),
    ],
)
def test_c083_refusals_by_their_reasons(tws, broker, code, text, word):
    tws.add_fault("placeOrder", "reject", code=code, text=text)
    with pytest.raises(OrderRejected) as caught:
        broker.submit_order("AAPL", "buy", 10, "limit", 10_000, "refused")
    assert (caught.value.code, caught.value.client_order_id) == (word, "refused")
    assert str(caught.value) == f"order error: AAPL: {text}"
    assert tws.received()["placeOrder"] == 1  # nobody tries again
    assert broker.open_orders() == []


def test_c083_a_refusal_by_the_fakes_own_rules(tws, broker):
    with pytest.raises(OrderRejected) as caught:
        broker.submit_order("AAPL", "buy", 1_000_000, "limit", 18_500)
    assert caught.value.code == "funds"


def test_c082_a_name_of_an_earlier_run_is_taken(tws, broker, make):
    broker.submit_order("AAPL", "buy", 10, "limit", 10_000, "earlier")
    later = make(client_id=2)
    with pytest.raises(OrderRejected, match="client order id 'earlier' is that of order") as caught:
        later.submit_order("AAPL", "buy", 10, "limit", 10_000, "earlier")
    assert caught.value.code == "duplicate"
    assert tws.received()["placeOrder"] == 1


def test_c077_a_number_in_use_is_replaced_once(tws, broker):
    tws.add_fault("placeOrder", "reject", code=103, text="Duplicate order id")
    order = broker.submit_order("AAPL", "buy", 10, "limit", 10_000, "again")
    assert [int(fields[1]) for fields in tws.requests("placeOrder")] == [1, 2]
    assert broker.find_order("again").id == order == 2
    tws.add_fault("placeOrder", "reject", code=103, text="Duplicate order id", times=None)
    with pytest.raises(OrderRejected, match="error 103 twice"):
        broker.submit_order("AAPL", "buy", 10, "limit", 10_000, "once-more")
    assert len(tws.requests("placeOrder")) == 4


def test_an_error_of_unknown_meaning_is_looked_into(tws, broker, monkeypatch):
    monkeypatch.setattr("nanobook.broker.ibkr.link.NOTICE_SECONDS", 0.05)
    tws.add_fault("placeOrder", "reject", code=9999, text="Something new")
    with pytest.raises(OrderRejected, match="error 9999: Something new") as caught:
        broker.submit_order("AAPL", "buy", 10, "limit", 10_000, "strange-1")
    assert caught.value.code == "other"
    tws.add_fault("placeOrder", "reject", code=9999, text="Something new")
    tws.add_fault("reqAllOpenOrders", "drop_before")
    with pytest.raises(OrderUnknown):  # the lists could not be read
        broker.submit_order("AAPL", "buy", 10, "limit", 10_000, "strange-2")
    assert broker.find_order("strange-2") is None


def test_an_error_of_unknown_meaning_does_not_hide_a_living_order(tws, broker, monkeypatch):
    monkeypatch.setattr("nanobook.broker.ibkr.link.NOTICE_SECONDS", 0.05)
    tws.cancel_order(tws.place_by_hand("AAPL", "buy", 1, 1))  # loads the engine
    tws.add_fault("placeOrder", "mute")
    with later(tws, "placeOrder", lambda: say(tws, 4, 2, 1, 9999, "Something new", "")):
        order = broker.submit_order("AAPL", "buy", 10, "limit", 10_000, "lives")
    assert broker.order_status(order).status == "Submitted"


def test_the_reason_may_follow_the_state(tws, broker, monkeypatch):
    monkeypatch.setattr("nanobook.broker.ibkr.link.REASON_SECONDS", 10)
    tws.add_fault("placeOrder", "lose")

    def answer():
        say(tws, 3, 1, "Inactive", 0, 10, 0, 900_777, 0, 0, 1, "", 0)
        time.sleep(0.02)
        say(tws, 4, 2, 1, 201, "Order rejected - reason:The security is halted", "")

    with later(tws, "placeOrder", answer), pytest.raises(OrderRejected) as caught:
        broker.submit_order("AAPL", "buy", 10, "limit", 10_000)
    assert caught.value.code == "halted"


def test_c076_fills_alone_tell_of_an_end(tws, broker):
    """The list of ended orders may lag behind."""
    order = broker.submit_order("AAPL", "buy", 10, "limit", 10_000)
    tws.drop()
    until(lambda: not broker.is_connected)
    tws.set_quote("AAPL", bid=99, ask=100)
    tws.add_fault("completedOrder", "mute", times=None)
    assert broker.order_status(order).status == "Filled"


def test_10349_over_the_wire(tws, broker):
    order = broker.submit_order("AAPL", "buy", 10, "limit", 10_000, "preset")
    say(tws, 4, 2, order, 10349, "Order TIF was set to DAY based on order preset.", "")
    broker.server_time()  # what came before has been heard
    assert broker.order_status(order).status == "Submitted"
    assert [status.id for status in broker.open_orders()] == [order]
    tws.set_quote("AAPL", bid=99, ask=100)
    until(lambda: broker.order_status(order).status == "Filled")


def test_cancelled_is_not_believed_until_it_was_asked_for(tws, broker):
    order = broker.submit_order("AAPL", "buy", 10, "limit", 10_000, "lies")
    [perm] = [o["perm_id"] for o in tws.orders()]
    say(tws, 3, order, "Cancelled", 0, 10, 0, perm, 0, 0, 1, "", 0)
    broker.server_time()
    assert broker.order_status(order).status == "Submitted"
    broker.cancel_order(order)
    assert broker.order_status(order).status == "Cancelled"
    asked = tws.received()["reqAllOpenOrders"]
    assert broker.order_status(order).status == "Cancelled"
    assert tws.received()["reqAllOpenOrders"] == asked  # once is enough


def test_an_order_that_vanishes_is_for_a_person_to_look_at(tws, broker):
    order = broker.submit_order("AAPL", "buy", 10, "limit", 10_000, "vanishes")
    tws.restart()
    until(lambda: not broker.is_connected)
    tws._gateway.orders.clear()
    with pytest.raises(OrderUnknown, match=f"order {order} .* is among neither the open nor the ended"):
        broker.order_status(order)
    with pytest.raises(OrderUnknown):
        broker.find_order("vanishes")


def test_c081_orders_entered_by_hand_are_shown_and_left_alone(tws, broker):
    perm = tws.place_by_hand("AAPL", "buy", 5, 100)
    [shown] = broker.open_orders()
    assert (shown.id, shown.client_order_id, shown.remaining_quantity) == (perm, None, 5)
    assert broker.order_status(perm).status == "Submitted"
    with pytest.raises(
        CancelRejected, match=f"order {perm} was sent by client id 0; only that one may cancel"
    ):
        broker.cancel_order(perm)
    assert "cancelOrder" not in tws.received()


def test_a_cancellation_that_the_broker_refuses(tws, broker):
    order = broker.submit_order("AAPL", "buy", 10, "limit", 10_000)
    tws.add_fault(
        "cancelOrder", "reject", code=10148, text="OrderId cannot be cancelled, state: PendingCancel"
    )
    with pytest.raises(CancelRejected, match=r"it has ended \(error 10148"):
        broker.cancel_order(order)
    assert broker.order_status(order).status == "Submitted"
    broker.cancel_order(order)


def test_c079_a_correction_over_the_wire(tws, broker):
    order = broker.submit_order("AAPL", "buy", 10, "limit", 19_000)
    until(lambda: len(broker.executions()) == 1)
    tws.correct_execution(tws.executions()[0]["exec_id"], price=184)
    until(lambda: broker.executions()[0].price_cents == 18_400)
    assert len(broker.executions()) == 1
    assert broker.order_status(order).avg_fill_price_cents == 18_400


def test_c080_commissions_that_come_late():
    with FakeTws(QUOTES, late_commissions=None) as tws, IbkrBroker(port=tws.port, timeout=10) as broker:
        broker.submit_order("AAPL", "buy", 10, "limit", 19_000)
        heard = lambda: broker._connection.look(broker._ledger.executions)  # noqa: E731
        until(heard)
        assert heard()[0].commission_cents is None
        assert broker.executions()[0].commission_cents == 100


def test_strict_market_orders_need_two_sides(tws, make):
    strict = make(strict=True)
    tws.set_quote("AAPL", bid=None)
    with pytest.raises(NoQuote) as caught:
        strict.submit_order("AAPL", "buy", 10)
    assert str(caught.value) == "market order rejected: no NBBO quote available for AAPL"
    assert "placeOrder" not in tws.received()
    tws.set_quote("AAPL", bid=186, ask=185)
    with pytest.raises(NoQuote, match="no NBBO quote available for AAPL"):
        strict.submit_order("AAPL", "buy", 10)
    strict.submit_order("MSFT", "buy", 10)
    strict.submit_order("AAPL", "buy", 10, "limit", 10_000)  # bounded by itself


# Odd gateways


def test_a_gateway_that_is_read_only_says_so(tws):
    tws.add_fault("reqAllOpenOrders", "lose")
    broker = IbkrBroker(port=tws.port, timeout=5)
    text = "Error validating request.-'bW' : cause - The API interface is currently in Read-Only mode."
    with (
        later(tws, "reqAllOpenOrders", lambda: say(tws, 4, 2, -1, 321, text, "")),
        pytest.raises(BrokerError, match="Read-Only"),
    ):
        broker.connect()
    assert not broker.is_connected


def test_an_answer_that_cannot_be_read_is_not_taken_for_less(tws, broker):
    """An open order of a layout that the decoder does not know must not look like none."""
    broker.submit_order("AAPL", "buy", 10, "limit", 10_000, "there")
    tws.add_fault("openOrder", "mute")
    tws.add_fault("reqAllOpenOrders", "delay", seconds=0.3)
    say(tws, 5, 1, "nonsense")
    broker.server_time()

    with (
        later(tws, "reqAllOpenOrders", lambda: say(tws, 5, 1, "nonsense")),
        pytest.raises(BrokerError, match="a part of the answer could not be read"),
    ):
        broker.open_orders()
    assert [status.client_order_id for status in broker.open_orders()] == ["there"]


@pytest.mark.parametrize("server_version", [157, 163, 166, 173, 177])
def test_older_gateways(server_version):
    with (
        FakeTws(QUOTES, positions=[("AAPL", 5, 150)], server_version=server_version) as tws,
        IbkrBroker(port=tws.port, timeout=10) as broker,
    ):
        order = broker.submit_order("AAPL", "buy", 10, "limit", 19_000, "old")
        until(lambda: broker.order_status(order).status == "Filled")
        assert broker.find_order("old").filled_quantity == 10
        assert broker.quote("MSFT").ask_cents == 37_010
        assert broker.account().equity_cents > 0
        assert broker.instrument("AAPL").lot == 1


# The registry


def test_the_registry_opens_it(tws):
    broker = open_broker(
        "ibkr", {"port": tws.port, "client_id": 5, "account": "DU1234567", "timeout_secs": 5}
    )
    with broker:
        assert broker.account().account_id == "DU1234567"


def test_nan_never_becomes_an_order(broker):
    for wrong in (
        {"quantity": math.nan},
        {"quantity": 10, "order_type": "limit", "limit_price_cents": math.inf},
    ):
        with pytest.raises(ValueError, match="not finite"):
            broker.submit_order("AAPL", "buy", **wrong)


@pytest.mark.parametrize("code", [201, 321, 135, 136, 161, 10147, 10148])
def test_a_cancellation_that_is_refused_leaves_the_order_at_work(tws, broker, code):
    order = broker.submit_order("AAPL", "buy", 1, "limit", 10_000)
    tws.add_fault("cancelOrder", "reject", code=code, text="not this one")
    with pytest.raises(CancelRejected, match=f"order {order}.*error {code}: not this one"):
        broker.cancel_order(order)
    assert broker.order_status(order).status == "Submitted"
    broker.cancel_order(order)
    until(lambda: broker.order_status(order).status == "Cancelled")


def test_an_error_instead_of_a_contract_names_the_symbol(tws, broker):
    tws.add_fault("reqContractDetails", "reject", code=322, text="busy")
    with pytest.raises(BrokerError, match="MSFT: error 322: busy"):
        broker.instrument("MSFT")
    assert broker.instrument("MSFT").lot == 1


def test_what_remains_of_a_fraction_is_whole_again(make):
    broker = make(fractional=True)
    order = broker.submit_order("AAPL", "buy", "0.5", "limit", 18_510)
    until(lambda: broker.order_status(order).status == "Filled")
    status = broker.order_status(order)
    assert (status.filled_quantity, repr(status.remaining_quantity)) == (Decimal("0.5"), "0")
