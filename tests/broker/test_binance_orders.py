"""Orders on the fake exchange: three answers, names used once, ids and names found again."""

import http.client
import json
import logging
import threading
import time
from decimal import Decimal

import pytest

from nanobook.broker.binance import BinanceBroker
from nanobook.errors import (
    BrokerError,
    CancelRejected,
    ConnectionFailed,
    InvalidValue,
    NotConnected,
    OrderError,
    OrderRejected,
    OrderUnknown,
    UnknownInstrument,
    WrongType,
)
from nanobook.testing import VirtualClock
from nanobook.testing.fake_binance import FakeBinance

ORDER = "POST /api/v3/order"
LOOK = "GET /api/v3/order"


@pytest.fixture
def fake():
    with FakeBinance(clock=VirtualClock(), fee="0.001") as fake:
        yield fake


@pytest.fixture
def connect(fake):
    made = []

    def connected(**options):
        options = {"base_url": fake.url, "stream": False, "clock": fake.clock, **options}
        made.append(BinanceBroker(*fake.keys, **options))
        made[-1].connect()
        return made[-1]

    yield connected
    for broker in made:
        broker.disconnect()


@pytest.fixture
def broker(connect):
    return connect()


def limit(broker, name=None, quantity="0.01", symbol="BTC"):
    """An order that rests."""
    return broker.submit_order(symbol, "buy", quantity, "limit", 6_000_000, name)


@pytest.mark.parametrize(
    ("code", "message", "word"),
    [
        (-2010, "Account has insufficient balance for requested action.", "funds"),
        (-2010, "Duplicate order sent.", "duplicate"),
        (-2010, "Market is closed.", "closed"),
        (-2010, "Order would trigger immediately.", "price"),
        (-2010, "This symbol is not permitted for this account.", "permission"),
        (-2010, "This action is disabled on this account.", "permission"),
        (-1013, "Filter failure: NOTIONAL", "notional"),
        (-1013, "Filter failure: LOT_SIZE", "lot"),
        (-1013, "Filter failure: PRICE_FILTER", "tick"),
        (-1013, "Filter failure: PERCENT_PRICE_BY_SIDE", "price"),
        (-1013, "Filter failure: MAX_NUM_ORDERS", "other"),
        (-1111, "Parameter 'quantity' has too much precision.", "lot"),
        (-1121, "Invalid symbol.", "symbol"),
        (-2010, "Something new.", "other"),
    ],
)
def test_c083_a_refusal_has_our_word_and_theirs(fake, broker, code, message, word):
    fake.refuse(ORDER, code, message)
    with pytest.raises(OrderRejected) as caught:
        limit(broker, "no")
    assert (caught.value.code, caught.value.client_order_id) == (word, "no")
    assert message in str(caught.value)
    assert fake.requests.count(("POST", "/api/v3/order")) == 0
    assert limit(broker, "no")  # nothing of it lives: the name is free


UNKNOWN = {
    "500": {"status": 500, "body": '{"code":-1000,"msg":"x"}'},
    "502": {"status": 502, "body": "<html>"},
    "-1006": {"status": 400, "body": '{"code":-1006,"msg":"Execution status unknown."}'},
    "-1007": {"status": 408, "body": '{"code":-1007,"msg":"Timeout."}'},
    "empty": {"status": 200, "body": ""},
    "no id": {"status": 200, "body": "{}"},
    "odd id": {"status": 200, "body": '{"orderId":"1"}'},
    "redirect": {"status": 307, "headers": {"Location": "http://127.0.0.1:1/"}},
}


@pytest.mark.parametrize("how", UNKNOWN.values(), ids=UNKNOWN)
def test_c075_what_says_nothing_is_unknown(fake, broker, how):
    fake.fail(ORDER, **how)
    with pytest.raises(OrderUnknown) as caught:
        limit(broker, "who-knows")
    assert caught.value.client_order_id == "who-knows"
    assert broker.find_order("who-knows") is None


@pytest.mark.parametrize("how", ["drop_before", "drop_after"])
def test_c075_an_answer_that_is_lost(fake, broker, how):
    fake.fail(ORDER, how)
    with pytest.raises(OrderUnknown, match="look for lost in 6 s"):
        limit(broker, "lost")
    with pytest.raises(OrderUnknown, match="may still arrive"):
        limit(broker, "lost")
    fake.clock.sleep(broker.in_flight_seconds)
    if how == "drop_after":
        assert broker.find_order("lost").status == "Submitted"
        with pytest.raises(OrderRejected, match="duplicate lost"):
            limit(broker, "lost")
    else:
        assert broker.find_order("lost") is None
        limit(broker, "lost")
    assert fake.live() == ["lost"]


def test_c075_a_silent_server(fake, connect):
    broker = connect(timeout=0.2)
    broker.instrument("BTC")
    fake.fail(ORDER, "hang")
    with pytest.raises(OrderUnknown):
        limit(broker, "silence")
    assert broker.find_order("silence") is None


def test_an_order_without_a_name_gets_one_to_look_for(fake, broker):
    fake.fail(ORDER, "drop_after")
    with pytest.raises(OrderUnknown) as caught:
        limit(broker)
    name = caught.value.client_order_id
    assert len(name) <= 36
    assert broker.find_order(name).status == "Submitted"


def test_a_server_that_is_away_has_seen_nothing(fake, broker):
    broker.instrument("BTC")
    fake.fail(LOOK, "drop_before")  # of two looks at the name the first is lost: a question is repeated
    limit(broker, "first")
    port = fake._server.server_port
    fake.cut(down=True)
    with pytest.raises(ConnectionFailed):
        limit(broker, "second")
    fake.is_down = False
    assert fake._server.server_port == port
    assert broker.find_order("second") is None
    assert fake.live() == ["first"]


def test_a_connection_that_was_closed_meanwhile_costs_no_order(fake, broker):
    broker.instrument("BTC")
    for n in range(5):
        fake.cut()
        limit(broker, f"n{n}")
    assert len(fake.live()) == 5


@pytest.mark.parametrize("end", ["fill", "cancel"])
def test_a_name_of_an_ended_order_is_refused(fake, connect, end):
    broker = connect()
    order = limit(broker, "once")
    fake.fill(order) if end == "fill" else broker.cancel_order(order)
    for other in (broker, connect()):
        with pytest.raises(OrderRejected, match="duplicate once") as caught:
            limit(other, "once")
        assert caught.value.code == "duplicate"
    assert fake.live() == []


def test_a_name_of_an_order_of_another_coin_is_refused(fake, connect):
    broker = connect()
    limit(broker, "once")
    with pytest.raises(OrderRejected, match="duplicate once"):
        broker.submit_order("ETH", "buy", "0.01", client_order_id="once")
    assert fake.live() == ["once"]


def test_a_name_of_an_order_of_long_ago_is_refused(fake, broker):
    fake.refuse(LOOK, -2026, "Order was canceled or expired with no executed qty over 90 days ago.")
    with pytest.raises(OrderRejected, match="duplicate old"):
        limit(broker, "old")
    fake.refuse(LOOK, -2026, "Order was canceled or expired with no executed qty over 90 days ago.")
    found = broker.find_order("old")
    assert (found.status, found.reason, found.client_order_id) == ("Cancelled", "archived", "old")


# After a restart


@pytest.mark.parametrize("notes", [True, False], ids=["notes", "search"])
def test_ids_and_names_are_found_after_a_restart(fake, connect, tmp_path, notes):
    options = {"orders_file": tmp_path / "orders.jsonl"} if notes else {}
    before = connect(**options)
    alive, filled, cancelled = (limit(before, name) for name in ("alive", "filled", "cancelled"))
    fake.fill(filled)
    before.cancel_order(cancelled)
    before.disconnect()
    after = connect(**options)
    for name, order, state in (
        ("alive", alive, "Submitted"),
        ("filled", filled, "Filled"),
        ("cancelled", cancelled, "Cancelled"),
    ):
        asked = len(fake.requests)
        assert after.find_order(name).id == order
        assert (after.order_status(order).status, after.order_status(order).client_order_id) == (state, name)
        assert len(fake.requests) - asked <= (3 if notes else 40)
    assert after.find_order("never") is None
    after.cancel_order(alive)
    assert fake.live() == []
    with pytest.raises(OrderError, match="not known"):
        after.order_status(99)
    with pytest.raises(CancelRejected, match="not known"):
        after.cancel_order(99)


def test_notes_are_ours_alone_and_may_be_torn(connect, tmp_path, caplog):
    file = tmp_path / "orders.jsonl"
    order = limit(connect(orders_file=file), "noted")
    assert file.stat().st_mode & 0o777 == 0o600
    assert [json.loads(line)["order_id"] for line in file.read_text().splitlines()] == [None, order]
    with open(file, "ab") as notes:
        notes.write(b'[1]\n{"pair":5}\n\xff\xfe\n{"client_order_id":"half')
    after = connect(orders_file=file)
    assert after.order_status(order).client_order_id == "noted"
    caplog.set_level(logging.WARNING)
    (tmp_path / "folder").mkdir()
    broker = connect(orders_file=tmp_path / "folder")
    limit(broker, "unnoted")  # what cannot be noted is sent all the same
    assert "searched for" in caplog.text


def test_an_id_that_two_pairs_share_is_not_guessed(fake, broker):
    first = limit(broker, "btc")
    second = broker.submit_order("ETH", "buy", "0.01", "limit", 300_000, "eth")
    fake.market.orders[1].id = first  # the exchange numbers the orders of each pair by themselves
    assert second != first
    assert broker.find_order("eth") is not None
    broker.open_orders()
    with pytest.raises(OrderError, match="one each of BTCUSDT, ETHUSDT"):
        broker.order_status(first)
    with pytest.raises(CancelRejected, match="client_order_id"):
        broker.cancel_order(first)


# States


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("NEW", "Submitted"),
        ("PENDING_NEW", "Submitted"),
        ("PENDING_CANCEL", "Submitted"),
        ("PARTIALLY_FILLED", "PartiallyFilled"),
        ("FILLED", "Filled"),
        ("CANCELED", "Cancelled"),
        ("EXPIRED", "Cancelled"),
        ("EXPIRED_IN_MATCH", "Cancelled"),
        ("REJECTED", "Rejected"),
    ],
)
def test_states_of_the_exchange(fake, broker, word, state):
    order = limit(broker, "a")
    fake.market.orders[0].status = word
    assert broker.order_status(order).status == state


def test_a_state_that_is_new_to_us_is_unknown(fake, broker):
    order = limit(broker, "a")
    fake.market.orders[0].status = "FROZEN"
    with pytest.raises(OrderUnknown, match="FROZEN"):
        broker.order_status(order)


def test_a_market_order_that_the_book_cannot_fill(fake, broker):
    fake.quote("BTCUSDT", depth="0.004")
    order = broker.submit_order("BTC", "buy", "0.01")
    status = broker.order_status(order)
    assert (status.status, status.filled_quantity, status.remaining_quantity) == (
        "Cancelled",
        Decimal("0.004"),
        Decimal("0.006"),
    )
    assert status.reason == "expired"


def test_fills_at_several_prices_have_an_exact_average(fake, broker):
    fake.quote("BTCUSDT", ask="59999.99", depth="0.003")
    order = broker.submit_order("BTC", "buy", "0.01", "limit", 6_000_000, "parts")
    fake.quote("BTCUSDT", ask="59999.98", depth="0.004")
    fake.quote("BTCUSDT", ask="59999.97", depth="1")
    fills = broker.executions()
    spent = sum(Decimal(fill.quantity) * Decimal(fill.price_cents) for fill in fills)
    assert [fill.quantity for fill in fills] == [Decimal("0.003"), Decimal("0.004"), Decimal("0.003")]
    assert broker.order_status(order).avg_fill_price_cents == spent / Decimal("0.01") == Decimal("5999998")
    assert len({fill.execution_id for fill in fills}) == 3


def test_commissions_in_each_asset(fake, broker):
    broker.submit_order("BTC", "buy", "0.01")
    broker.submit_order("BTC", "sell", "0.01")
    fake.market.trades.append({**fake.market.trades[0], "id": 9, "commissionAsset": "BNB"})
    bought, sold, other = broker.executions()
    assert bought.commission_cents == Decimal("0.00001") * 6_500_010  # in coins, at the price of the fill
    assert [fill.fee_quantity for fill in (bought, sold, other)] == [Decimal("0.00001"), 0, 0]
    assert sold.commission_cents == Decimal("64.9999")
    assert other.commission_cents is None


def test_what_is_held_is_what_was_filled_less_what_was_kept(fake, broker):
    broker.submit_order("ETH", "buy", "1.2345")
    broker.submit_order("ETH", "sell", "0.2")
    signs = {"buy": 1, "sell": -1}
    received = sum(signs[f.side] * f.quantity - f.fee_quantity for f in broker.executions())
    assert received == Decimal("1.0332655")
    (held,) = (position for position in broker.positions() if position.symbol == "ETH")
    assert held.quantity == received


def test_more_fills_than_a_page(fake, connect):
    broker = connect()
    order = limit(broker, "many", quantity="1.2")
    for _ in range(1200):
        fake.fill(order, "0.001")
    assert len(broker.executions()) == 1200
    fake.clock.sleep(86_400)
    assert broker.executions() == []


def test_small_prices_stay_exact(broker):
    order = broker.submit_order("PEPE", "buy", 1_000_000, "limit", "0.001234")
    assert broker.order_status(order).remaining_quantity == 1_000_000
    assert broker.quote("PEPE").bid_cents == Decimal("0.001234")
    bought = broker.submit_order("PEPE", "buy", 1_000_000)
    assert broker.order_status(bought).avg_fill_price_cents == Decimal("0.001235")


# Symbols


def test_a_pair_and_its_coin_are_one(broker):
    assert broker.instrument("BTCUSDT") == broker.instrument("BTC")
    assert broker.quote("BTCUSDT").symbol == "BTC"
    order = limit(broker, symbol="BTCUSDT")
    assert broker.order_status(order).symbol == "BTC"


@pytest.mark.parametrize("symbol", ["USDT", "ETHBTC", "btc", "BTC/USDT", "BTC&x=1", "Ω", "A" * 100])
def test_c073_what_is_no_coin_of_the_quote_asset(broker, symbol):
    with pytest.raises(UnknownInstrument, match="Binance has no pair"):
        broker.instrument(symbol)


def test_c073_a_name_of_two_things_is_refused(fake, broker):
    from nanobook.testing.fake_binance import Pair

    twin = Pair("BTCUSDT", "USDT", Decimal(1), Decimal(2), Decimal(1))
    fake.market.pairs[twin.name] = twin
    with pytest.raises(UnknownInstrument, match="BTCUSDTUSDT, BTCUSDT"):
        broker.instrument("BTCUSDT")


def test_orders_of_other_pairs_are_shown_by_their_whole_name(fake, broker):
    fake.market.place(
        fake.market.pairs["ETHBTC"],
        "by-hand",
        "BUY",
        "LIMIT",
        (Decimal(1), Decimal("0.05"), Decimal(0), "GTC"),
    )
    (order,) = broker.open_orders()
    assert (order.symbol, order.client_order_id) == ("ETHBTC", "by-hand")
    broker.cancel_order(order.id)
    assert fake.live() == []


def test_two_threads_do_not_send_under_one_name(fake, broker, monkeypatch):
    look, answers = broker._desk._look, []

    def slow_look(*arguments, **options):
        found = look(*arguments, **options)
        time.sleep(0.02)  # long enough for the others to look as well
        return found

    def send():
        try:
            answers.append(broker.submit_order("BTC", "buy", "0.001", client_order_id="once"))
        except OrderRejected as rejected:
            answers.append(rejected.code)

    broker.instrument("BTC")
    monkeypatch.setattr(broker._desk, "_look", slow_look)
    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == ["1", "duplicate", "duplicate", "duplicate"]
    assert len(fake.orders()) == 1


def test_c071_an_order_that_was_interrupted_is_one_of_which_nothing_is_known(fake, broker, monkeypatch):
    """The order is at the exchange, and its answer still on the wire: it must answer nothing else."""
    broker.quote("BTC")
    respond, send = http.client.HTTPConnection.getresponse, broker._client.call

    def interrupted(connection):
        respond(connection)
        raise KeyboardInterrupt

    def call(name, **parameters):
        if name == "new_order":
            monkeypatch.setattr(http.client.HTTPConnection, "getresponse", interrupted)
        return send(name, **parameters)

    monkeypatch.setattr(broker._client, "call", call)
    with pytest.raises(KeyboardInterrupt):
        limit(broker, "cut")
    assert broker._client._transport._connection is None
    monkeypatch.undo()
    with pytest.raises(OrderUnknown, match="cut was sent and may still arrive"):
        limit(broker, "cut")
    assert broker.find_order("cut").status == "Submitted"
    fake.clock.sleep(broker.in_flight_seconds)
    with pytest.raises(OrderRejected, match="duplicate"):
        limit(broker, "cut")
    assert fake.live() == ["cut"]


@pytest.mark.parametrize("code", [-1003, -2015])
def test_an_order_that_was_refused_for_other_reasons_was_not_lost(fake, broker, code):
    fake.refuse(ORDER, code, "no", status=429 if code == -1003 else 401)
    with pytest.raises(BrokerError):
        limit(broker, "again")
    fake.clock.sleep(60)
    limit(broker, "again")
    assert fake.live() == ["again"]


@pytest.mark.parametrize("wrong", ["x", "1", None, [], {}, 1.0, True])
def test_ids_that_are_none(fake, broker, wrong):
    asked = len(fake.requests)
    for ask in (broker.order_status, broker.cancel_order):
        with pytest.raises(WrongType, match=r"order_id: .* give the number of an order"):
            ask(wrong)
    for ask in (broker.order_status, broker.cancel_order):
        for number in (0, -1, 2**63):
            with pytest.raises(OrderError, match=f"order {number} is not known"):
                ask(number)
    assert len(fake.requests) == asked


def test_notes_of_an_exchange_that_counts_anew_name_no_other_order(fake, connect, tmp_path):
    """The test network is reset now and then: ids begin at 1 again, and belong to other orders."""
    file = tmp_path / "orders.jsonl"
    order = limit(connect(orders_file=file), "before")
    with FakeBinance(clock=fake.clock) as fresh:
        options = {"base_url": fresh.url, "stream": False, "clock": fake.clock}
        with BinanceBroker(*fresh.keys, **options) as other:
            assert limit(other, "after") == order
        with BinanceBroker(*fresh.keys, **options, orders_file=file) as broker:
            assert broker.find_order("before") is None
            assert broker.order_status(order).client_order_id == "after"
            assert limit(broker, "before") != order
            assert broker.find_order("before").client_order_id == "before"


def test_the_fake_tells_what_is_wrong(fake):
    with pytest.raises(UnknownInstrument, match="'NOPE'; one of BTCUSDT"):
        fake.quote("NOPE", bid=1)
    with pytest.raises(InvalidValue, match="bid: 'x'"):
        fake.quote("BTCUSDT", bid="x")
    with pytest.raises(OrderError, match="order 9 is none of 0"):
        fake.fill(9)
    with pytest.raises(InvalidValue, match="balances: USDT"):
        FakeBinance(balances={"USDT": "much"})
    with pytest.raises(NotConnected, match="with statement"):
        _ = FakeBinance().url


@pytest.mark.parametrize(("side", "stop"), [("buy", 6_499_999), ("buy", 6_500_000), ("sell", 6_500_000)])
def test_a_stop_that_is_passed_already_is_refused(fake, broker, side, stop):
    """As the exchange does: it does not send it as a market order."""
    for options in ({"order_type": "stop"}, {"order_type": "stop_limit", "limit_price_cents": 6_500_000}):
        with pytest.raises(OrderRejected, match="would trigger immediately") as caught:
            broker.submit_order("BTC", side, "0.001", stop_price_cents=stop, **options)
        assert caught.value.code == "price"
    assert fake.orders() == []
