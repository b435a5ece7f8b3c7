"""What is owned and what it is worth; payloads that are not as documented."""

import logging
from decimal import Decimal

import pytest

from nanobook.broker import BrokerPosition
from nanobook.broker.binance import BinanceBroker
from nanobook.errors import AuthenticationFailed, BrokerError, ConnectionFailed, NoQuote
from nanobook.testing import VirtualClock
from nanobook.testing.fake_binance import FakeBinance
from nanobook.testing.fake_binance.rest import as_json

from .binance_wire import Direct

BALANCES = {"USDT": "1000.12345678", "BTC": "0.5", "ETH": "2", "DUST": 3, "USDC": 0}


@pytest.fixture
def fake():
    return FakeBinance(clock=VirtualClock(), balances=BALANCES)


@pytest.fixture
def broker(fake):
    broker = BinanceBroker(*fake.keys, base_url="http://127.0.0.1:1", stream=False, clock=fake.clock)
    broker._client._transport = Direct(fake)
    broker.connect()
    return broker


def test_all_coins_count_at_the_middle_of_their_quotes(fake, broker):
    limit = broker.submit_order("BTC", "buy", "0.01", "limit", 6_000_000)
    account = broker.account()
    assert account.cash_cents == Decimal("100012.345678")
    assert account.buying_power_cents == Decimal("40012.345678")  # 600 USDT are set aside for the order
    assert account.gross_position_value_cents == 3_250_000 + 700_000
    assert account.equity_cents == account.cash_cents + account.gross_position_value_cents
    assert (account.currency, account.account_id) == ("USDT", "354937868")
    broker.cancel_order(limit)
    assert broker.account().buying_power_cents == account.cash_cents


def test_positions_are_coins_that_can_be_traded(broker):
    assert broker.positions() == [
        BrokerPosition("BTC", Decimal("0.5"), 0, 3_250_000),
        BrokerPosition("ETH", 2, 0, 700_000),
    ]


def test_c090_a_coin_without_a_price_is_named_and_counts_nothing(fake, broker, caplog):
    caplog.set_level(logging.WARNING)
    broker.account()
    broker.account()
    assert broker.unpriced == ("DUST",)
    assert caplog.text.count("no price in USDT for DUST") == 1
    fake.quote("ETHUSDT", bid=0, ask=0)
    assert broker.account().gross_position_value_cents == 3_250_000
    assert broker.unpriced == ("DUST", "ETH")
    assert [(p.symbol, p.market_value_cents) for p in broker.positions()] == [("BTC", 3_250_000), ("ETH", 0)]


def test_c085_no_price_is_no_quote(fake, broker):
    fake.quote("BTCUSDT", bid=0)
    quote = broker.quote("BTC")
    assert (quote.bid_cents, quote.ask_cents, quote.mid_cents) == (0, 6_500_010, 6_500_010)
    fake.quote("BTCUSDT", ask=0, last=0)
    with pytest.raises(NoQuote, match="BTCUSDT"):
        broker.quote("BTC")


def test_c085_a_quote_is_as_old_as_the_question(fake, broker):
    quote = broker.quote("BTC")
    assert quote.timestamp == fake.clock.now()
    fake.clock.sleep(31)
    assert quote.is_stale(fake.clock.now(), 30)


def test_the_exchanges_time(fake, broker):
    assert broker.server_time() == fake.clock.now()


class Bent(Direct):
    """Gives another answer to one question."""

    def __init__(self, fake, path, bend):
        super().__init__(fake)
        self.path, self.bend = path, bend

    def exchange(self, method, target, headers, body=None):
        """Ask, and bend the answer."""
        from dataclasses import replace
        from json import loads

        told = super().exchange(method, target, headers, body)
        if target.partition("?")[0] != self.path:
            return told
        content = loads(told.body)
        return replace(told, body=as_json(self.bend(content)))


def change(**parts):
    """Change the first entry of a list, or an object; None takes a key away."""

    def bend(content):
        listed = content.get("balances") if isinstance(content, dict) else content
        entry = listed[0] if listed else content
        for key, value in parts.items():
            if value is None:
                del entry[key]
            else:
                entry[key] = value
        return content

    return bend


WRONG = ["", "NaN", "-inf", "1e999", "x", 0.5, 1, True, [], {}, "1,5", "0x1"]


@pytest.mark.parametrize("value", [None, *WRONG], ids=repr)
@pytest.mark.parametrize(
    ("path", "key", "ask"),
    [
        ("/api/v3/account", "free", lambda broker: broker.account()),
        ("/api/v3/account", "locked", lambda broker: broker.positions()),
        ("/api/v3/ticker/bookTicker", "bidPrice", lambda broker: broker.account()),
        ("/api/v3/ticker/bookTicker", "askPrice", lambda broker: broker.quote("BTC")),
        ("/api/v3/ticker/price", "price", lambda broker: broker.quote("BTC")),
        ("/api/v3/openOrders", "executedQty", lambda broker: broker.open_orders()),
        ("/api/v3/openOrders", "cummulativeQuoteQty", lambda broker: broker.open_orders()),
        ("/api/v3/myTrades", "commission", lambda broker: broker.executions()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_c088_what_is_no_number_is_an_error_and_never_a_zero(fake, broker, path, key, ask, value):
    broker.submit_order("BTC", "buy", "0.001")
    broker.submit_order("BTC", "buy", "0.01", "limit", 6_000_000)
    broker._client._transport = Bent(fake, path, change(**{key: value}))
    with pytest.raises(ConnectionFailed, match=key):
        ask(broker)


@pytest.mark.parametrize("content", [None, [], {}, 5, "x", [[]], {"balances": {}}, [None]], ids=repr)
def test_c088_answers_of_another_form_are_errors(fake, broker, content):
    for path, ask in (
        ("/api/v3/account", broker.account),
        ("/api/v3/ticker/bookTicker", broker.account),
        ("/api/v3/exchangeInfo", lambda: broker.instrument("ETH")),
        ("/api/v3/time", broker.server_time),
        ("/api/v3/openOrders", broker.open_orders),
    ):
        if (path, content) in (("/api/v3/openOrders", []), ("/api/v3/ticker/bookTicker", [])):
            continue  # a list without entries is one
        broker._client._transport = Bent(fake, path, lambda _: content)
        with pytest.raises(BrokerError):
            ask()


def test_an_account_that_may_not_trade_is_refused(fake):
    broker = BinanceBroker(*fake.keys, base_url="http://127.0.0.1:1", stream=False, clock=fake.clock)
    broker._client._transport = Bent(fake, "/api/v3/account", change_can_trade)
    with pytest.raises(AuthenticationFailed, match="may not trade"):
        broker.connect()
    assert not broker.is_connected


def change_can_trade(content):
    """Take the permission away."""
    return {**content, "canTrade": False}


def test_wrong_keys_are_refused(fake):
    for keys in ((fake.keys[0], "wrong"), ("wrong", fake.keys[1])):
        broker = BinanceBroker(*keys, base_url="http://127.0.0.1:1", stream=False, clock=fake.clock)
        broker._client._transport = Direct(fake)
        with pytest.raises(AuthenticationFailed):
            broker.connect()
