"""Coins: a run at the fake exchange, which keeps its fee of what was bought."""

import pytest

from nanobook import BinanceBroker, rebalance
from nanobook.errors import UnknownInstrument
from nanobook.testing import FakeBinance


def broker_at(exchange):
    return BinanceBroker("fake-api-key", "fake-secret-key", base_url=exchange.url)


def account_of(exchange):
    with broker_at(exchange) as broker:
        return broker.account().account_id


@pytest.fixture
def exchange():
    with FakeBinance(balances={"USDT": "100000"}, fee="0.001") as running:
        yield running


def test_a_fee_kept_of_the_coin_is_no_stranger(exchange, tmp_path):
    report = rebalance(
        {"BTC": 0.2, "ETH": 0.2}, broker_at(exchange), folder=tmp_path, account=account_of(exchange)
    )
    assert report.filled == 2
    with broker_at(exchange) as broker:
        held = {one.symbol: one.quantity for one in broker.positions()}
        fees = {one.symbol: one.fee_quantity for one in broker.executions()}
    assert all(fees[symbol] > 0 for symbol in held)
    frame = report.to_frame().set_index("symbol")
    assert {symbol: frame.loc[symbol, "filled"] - fees[symbol] for symbol in held} == held


def test_a_second_name_of_a_coin_is_refused_before_any_order(exchange, tmp_path):
    with pytest.raises(UnknownInstrument, match="BTCUSDT is BTC to this broker; write that; nothing"):
        rebalance({"BTCUSDT": 0.2}, broker_at(exchange), folder=tmp_path, account=account_of(exchange))
    with broker_at(exchange) as broker:
        assert broker.executions() == broker.open_orders() == []
