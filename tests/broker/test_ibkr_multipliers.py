"""Contracts of which one is worth more than its price: told, named, and kept out of plans."""

from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

import pytest
from ib_async import Contract, ContractDetails

from nanobook import IbkrBroker, rebalance
from nanobook.broker.ibkr.contracts import Catalogue, multiplier_of
from nanobook.errors import MultiplierError, UnknownInstrument
from nanobook.testing import FakeTws

from .test_ibkr_trading import until

APPLE = {"symbol": "AAPL", "bid": 184.90, "ask": 185.10}
FUTURE = {
    "symbol": "ES",
    "sec_type": "FUT",
    "local_symbol": "ESZ6",
    "expiry": "20261218",
    "multiplier": 50,
    "exchange": "CME",
    "tick": 0.25,
    "step": 1,
    "bid": 6300.25,
    "ask": 6300.50,
}
OPTION = {
    "symbol": "SPY",
    "sec_type": "OPT",
    "local_symbol": "SPY   261218C00600000",
    "expiry": "20261218",
    "strike": "600",
    "right": "C",
    "multiplier": 100,
    "step": 1,
    "bid": 5.1,
    "ask": 5.2,
}


@contextmanager
def account(held, **options):
    """A fake and a broker on it."""
    with FakeTws([APPLE, FUTURE, OPTION], positions=held, cash=1_000_000) as tws:
        yield tws, IbkrBroker(port=tws.port, timeout=10, **options)


def details(sec_type="STK", multiplier="", magnifier=1, currency="USD", **more):
    contract = Contract(
        **{"conId": 5, "symbol": "X", "secType": sec_type, "multiplier": multiplier, "currency": currency}
        | more
    )
    return ContractDetails(contract=contract, priceMagnifier=magnifier, minTick=0.01)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (("STK", ""), 1),
        (("CASH", ""), 1),
        (("FUT", "50"), 50),
        (("FUT", "0.1"), Decimal("0.1")),
        (("FUT", "5000", 100), 50),  # quoted in hundredths of the currency
        (("STK", "", 100), Decimal("0.01")),
        (("FUT", ""), None),
        (("BOND", ""), None),
        (("STK", "many"), None),
        (("FUT", "-5"), None),
        (("FUT", "1", 3), None),
    ],
)
def test_the_multiplier_is_exact_or_not_known(told, expected):
    sec_type, text, *magnifier = told
    asked = Contract(secType=sec_type)
    found = Catalogue().learn("X", asked, [details(sec_type, text, *magnifier)])[1]
    assert found.multiplier == expected == multiplier_of(replace(asked, multiplier=text), *magnifier)


def test_a_magnified_price_has_a_magnified_tick():
    corn = details("FUT", "5000", 100)
    corn.minTick = 0.0025
    assert Catalogue().learn("ZC", Contract(secType="FUT"), [corn])[1].tick_cents == 25


@pytest.mark.parametrize(
    ("held", "named"),
    [("ES", "ESZ6 has the multiplier 50"), ("SPY", "SPY   261218C00600000 has the multiplier 100")],
)
@pytest.mark.parametrize("close_missing", [True, False])
def test_a_run_refuses_what_is_held(tmp_path, held, named, close_missing):
    """Traded or left alone: it counts in the equity and in the limits."""
    with account([(held, 1, 300)]) as (tws, broker):
        with pytest.raises(MultiplierError, match=named):
            rebalance(
                {"AAPL": 0.1}, broker, folder=tmp_path, account=tws.account, close_missing=close_missing
            )
        assert "placeOrder" not in tws.received()
    assert "run_started" not in (tmp_path / "logs" / "audit.jsonl").read_text()


def test_a_run_refuses_a_target(tmp_path):
    contracts = {"SPX": {"secType": "FUT", "localSymbol": "ESZ6", "exchange": "CME"}}
    with account([], contracts=contracts) as (tws, broker):
        with pytest.raises(MultiplierError, match="SPX has the multiplier 50: the rebalancer weighs shares"):
            rebalance({"AAPL": 0.1, "SPX": 0.1}, broker, folder=tmp_path, account=tws.account)
        assert "placeOrder" not in tws.received()


def test_a_contract_can_be_traded_by_hand_and_its_figures_are_right():
    contracts = {"SPX": {"secType": "FUT", "localSymbol": "ESZ6", "exchange": "CME"}}
    with account([], contracts=contracts) as (tws, broker), broker:
        assert broker.instrument("SPX").multiplier == 50
        order = broker.submit_order("SPX", "buy", 2, "limit", 630_050)
        until(lambda: broker.order_status(order).status == "Filled" and broker.positions())
        [held] = broker.positions()
        assert (held.symbol, held.quantity) == ("SPX", 2)
        assert held.avg_cost_cents == 6300.50 * 50 * 100 + 50  # a dollar of commission over two
        assert held.market_value_cents == 2 * 630_050 * 50
        assert broker.account().gross_position_value_cents == 2 * 630_050 * 50
        assert tws.values()["TotalCashValue"] == f"{1_000_000 - 2 * 6300.50 * 50 - 1:.2f}"


def test_what_is_held_is_found_under_its_own_name():
    with account([("ES", 1, 300_000), ("SPY", 2, 500)]) as (_, broker), broker:
        found = {held.symbol: broker.instrument(held.symbol) for held in broker.positions()}
        assert {name: one.multiplier for name, one in found.items()} == {
            "ESZ6": 50,
            OPTION["local_symbol"]: 100,
        }
        assert broker.quote("ESZ6").bid_cents == 630_025


def told(con_id, sec_type="STK", currency="USD", local=""):
    return Contract(conId=con_id, symbol="X", secType=sec_type, currency=currency, localSymbol=local)


def test_nothing_bears_the_name_of_a_stock_that_is_none():
    catalogue = Catalogue()
    assert catalogue.name(told(1, "CFD", local="X")) == "X.CFD"
    assert catalogue.name(told(2, "BOND")) == "X.BOND"
    assert catalogue.name(told(3, "FUT")) == "X.FUT"
    assert catalogue.name(told(4, currency="EUR")) == "X.EUR"
    assert catalogue.name(told(5)) == "X"
    assert catalogue.name(told(6)) == "X@6"
    assert [catalogue.to_ask(name).conId for name in ("X.CFD", "X.EUR", "X@6", "X")] == [1, 4, 6, 0]


def test_c073_a_symbol_that_means_another_stock_than_the_one_held():
    catalogue = Catalogue()
    assert catalogue.name(told(6)) == "X"
    with pytest.raises(UnknownInstrument, match=r"X is ambiguous; .*conId 5 STK.*conId 6, which the account"):
        catalogue.learn("X", Contract(secType="STK"), [details()])
    assert catalogue.known("X") is None
