"""The small parts of the broker for Interactive Brokers, each by itself."""

import math
import pickle
import random
import subprocess
import sys
import threading
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ib_async import Contract, ContractDetails, Future

from nanobook.broker.ibkr import IbkrBroker, open_ibkr
from nanobook.broker.ibkr.account import account_of, positions_of
from nanobook.broker.ibkr.amounts import cents, in_currency, number, on_the_wire, price_cents
from nanobook.broker.ibkr.answers import Refused
from nanobook.broker.ibkr.codes import is_notice, refusal_word
from nanobook.broker.ibkr.contracts import Catalogue
from nanobook.broker.ibkr.loop import LoopThread
from nanobook.broker.ibkr.pacing import BACK_OFF, Pacer, delays
from nanobook.errors import BrokerError, ConfigError, UnknownInstrument
from nanobook.testing import VirtualClock

UNSET = sys.float_info.max

# Numbers of the wire


@pytest.mark.parametrize(
    "nothing", [UNSET, -UNSET, math.nan, math.inf, -math.inf, "", "nan", "abc", None, "1e301"]
)
def test_c088_what_is_no_number_is_none(nothing):
    assert number(nothing) is None
    assert cents(nothing) is None
    assert price_cents(nothing) == 0


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (100.0, 100),
        (0.1 + 0.2, Decimal("0.3")),
        ("246447.83", Decimal("246447.83")),
        (-110.0, -110),
        (1e-9, 0),
        ("0.00000001", Decimal("0.00000001")),
    ],
)
def test_numbers(told, meant):
    assert number(told) == meant


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (1.15, 115),
        (0.29, 29),
        (4.35, 435),
        (18.125, Decimal("1812.5")),
        (185.0 / 3, Decimal("6166.66666667")),
    ],
)
def test_cents(told, meant):
    assert cents(told) == meant


@given(st.decimals(-(10**9), 10**9, places=4))
def test_amounts_that_print_are_exact(amount):
    assert cents(float(amount)) == cents(str(amount)) == amount * 100


@pytest.mark.parametrize(
    ("price", "size", "meant"),
    [
        (-1.0, 0, 0),
        (0.0, 5, 0),
        (184.9, 300, 18_490),
        (184.9, 0, 0),
        (184.9, None, 18_490),
        (0.1234, 1, Decimal("12.34")),
    ],
)
def test_c085_prices(price, size, meant):
    assert price_cents(price, size) == meant


def test_numbers_go_out_without_exponents():
    assert [on_the_wire(n) for n in (100, Decimal("1E+2"), Decimal("0.50"), Decimal("1E-8"))] == [
        "100",
        "100",
        "0.5",
        "0.00000001",
    ]
    assert [in_currency(n) for n in (18_500, 18_501, Decimal("0.5"), 1)] == ["185", "185.01", "0.005", "0.01"]


# Pace


def test_c087_no_second_has_more_than_fifty_messages():
    clock, draw = VirtualClock(), random.Random(7)
    pacer, sent = Pacer(clock), []
    for _ in range(20_000):
        if draw.random() < 0.02:
            clock.advance(draw.choice([0.001, 0.01, 0.5, 3.0]))
        pacer.take()
        sent.append(clock.monotonic())
    assert all(later - earlier > 1.0 for earlier, later in zip(sent, sent[50:], strict=False))
    assert clock.monotonic() < 20_000 / 50 * 1.05 + 1000


def test_the_first_fifty_do_not_wait():
    clock = VirtualClock()
    pacer = Pacer(clock)
    for _ in range(50):
        pacer.take()
    assert clock.slept == 0


def test_threads_share_one_pace():
    clock = VirtualClock()
    pacer = Pacer(clock)
    threads = [threading.Thread(target=lambda: [pacer.take() for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.slept == pytest.approx(3 * 1.05)


@given(
    st.lists(st.floats(0.8, 1.2), min_size=5, max_size=5), st.lists(st.floats(0, 40), min_size=5, max_size=5)
)
def test_waits_double_and_end_within_a_minute(jitter, tries):
    clock, draws = VirtualClock(), iter(jitter)
    for usual, try_seconds, (wait, rest) in zip(
        BACK_OFF, tries, delays(clock, lambda low, high: next(draws)), strict=False
    ):
        assert 0.8 * usual <= wait <= 1.2 * usual
        clock.sleep(wait)
        assert clock.monotonic() + rest <= 60.001
        clock.sleep(min(try_seconds, rest))
    assert clock.monotonic() <= 60.01


# Codes


def test_notices():
    assert all(is_notice(code) for code in (10349, 399, 2104, 2106, 2158, 2109, 10167))
    assert not any(is_notice(code) for code in (201, 202, 200, 110, 103, 354, 1100, 10147, 10148))


def test_words_of_refusals():
    assert refusal_word(201, "") == "other"
    assert refusal_word(388, "order size is smaller than the minimum") == "lot"
    assert refusal_word(201, "MINIMUM ORDER VALUE is 5 USD") == "notional"


def test_answers_of_the_gateway_can_be_pickled():
    error = pickle.loads(pickle.dumps(Refused(321, "no\n")))
    assert (str(error), error.code) == ("error 321: no\\n", 321)


# Contracts


def details(con_id=1, symbol="AAPL", kind="STK", **more):
    """What the gateway tells of a contract."""
    contract = Contract(
        conId=con_id, symbol=symbol, secType=kind, exchange="NASDAQ", currency="USD", localSymbol=symbol
    )
    return ContractDetails(
        **{"contract": contract, "minTick": 0.01, "minSize": 1.0, "sizeIncrement": 1.0, **more}
    )


def test_a_symbol_is_a_stock_on_smart():
    catalogue = Catalogue()
    asked = catalogue.to_ask("BRK.B")
    assert (asked.symbol, asked.secType, asked.exchange, asked.currency) == ("BRK B", "STK", "SMART", "USD")
    contract, instrument = catalogue.learn("BRK.B", asked, [details(7, "BRK B")])
    assert (contract.conId, contract.exchange) == (7, "SMART")
    assert (instrument.symbol, instrument.lot, instrument.tick_cents) == ("BRK.B", 1, 1)
    assert catalogue.name(contract) == "BRK.B"


def test_a_future_by_its_own_contract():
    given_ = {"ES-SEP": Future(localSymbol="ESU5", exchange="CME")}
    catalogue = Catalogue(given_)
    asked = catalogue.to_ask("ES-SEP")
    assert (asked.secType, asked.localSymbol, asked.exchange) == ("FUT", "ESU5", "CME")
    found = details(637533641, "ES", "FUT", minTick=0.25)
    found.contract.multiplier, found.contract.localSymbol = "50", "ESU5"
    contract, instrument = catalogue.learn("ES-SEP", asked, [found])
    assert (contract.exchange, contract.multiplier, instrument.tick_cents) == ("CME", "50", 25)
    rows = [(found.contract, 1, 31_511_475)]
    [held] = positions_of(rows, {637533641: (1, 31_511_480, 5)}, catalogue, "DU1")
    assert (held.symbol, held.avg_cost_cents, held.market_value_cents) == ("ES-SEP", 31_511_475, 31_511_480)


def test_coins_have_the_lots_that_the_broker_tells():
    catalogue = Catalogue(
        {"BTC": {"symbol": "BTC", "secType": "CRYPTO", "exchange": "PAXOS", "currency": "USD"}}
    )
    found = details(3, "BTC", "CRYPTO", minTick=0.25, minSize=0.0001, sizeIncrement=1e-08)
    _, instrument = catalogue.learn("BTC", catalogue.to_ask("BTC"), [found])
    assert (instrument.lot, instrument.min_quantity) == (Decimal("1E-8"), Decimal("0.0001"))


def test_c073_candidates_of_the_wrong_kind_do_not_count():
    catalogue = Catalogue()
    asked = catalogue.to_ask("AAPL")
    catalogue.learn("AAPL", asked, [details(1), details(2, kind="CFD"), details(1)])
    with pytest.raises(UnknownInstrument, match=r"conId 1 STK NASDAQ USD AAPL.*conId 9 STK"):
        catalogue.learn("AAPL", asked, [details(1), details(9)])
    with pytest.raises(UnknownInstrument, match="no such STK"):
        catalogue.learn("AAPL", asked, [])


def test_no_two_contracts_share_a_name():
    catalogue = Catalogue()
    first, second = details(1).contract, details(2).contract
    assert [catalogue.name(one) for one in (first, second, first)] == ["AAPL", "AAPL@2", "AAPL"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("ESU5", r"contracts\['ES'\]: 'ESU5'; give an ib_async.Contract or its fields"),
        ({"sectype": "FUT"}, r"contracts\['ES'\]: no field 'sectype' \(did you mean 'secType'\?\)"),
    ],
)
def test_contracts_that_are_none(wrong, message):
    with pytest.raises(ConfigError, match=message):
        IbkrBroker(contracts={"ES": wrong})


# Account


def rows(**changes):
    """Rows of an account."""
    told = {
        "NetLiquidation": "1000.00",
        "BuyingPower": "4000.00",
        "TotalCashValue": "-5.25",
        "GrossPositionValue": "1005.25",
        **changes,
    }
    return [(tag, "USD", text) for tag, text in told.items() if text is not None]


def test_an_account():
    account = account_of([*rows(), ("NetLiquidation", "BASE", "999"), ("Other", "USD", "x")], "DU1", "USD")
    assert dict(account) == {
        "equity_cents": 100_000,
        "buying_power_cents": 400_000,
        "cash_cents": -525,
        "gross_position_value_cents": 100_525,
        "account_id": "DU1",
        "currency": "USD",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"NetLiquidation": None}, "NetLiquidation is missing"),
        ({"NetLiquidation": "0.00"}, "NetLiquidation is 0 USD, not above 0"),
        ({"NetLiquidation": "-3"}, "NetLiquidation is -3 USD, not above 0"),
        ({"NetLiquidation": ""}, "NetLiquidation is no number"),
        ({"BuyingPower": str(UNSET)}, "BuyingPower is no number"),
        (
            {"BuyingPower": None, "TotalCashValue": "nan"},
            "BuyingPower is missing, TotalCashValue is no number",
        ),
    ],
)
def test_c089_an_account_that_cannot_be_planned_on(changes, message):
    with pytest.raises(BrokerError, match=f"account DU1: {message}"):
        account_of(rows(**changes), "DU1", "USD")


def test_c090_an_account_in_another_currency():
    with pytest.raises(BrokerError, match="NetLiquidation is told in EUR and not in USD"):
        account_of([(tag, "EUR", text) for tag, _, text in rows()], "DU1", "USD")
    assert account_of([(tag, "EUR", text) for tag, _, text in rows()], "DU1", "EUR").currency == "EUR"


def test_c088_a_worth_in_nobodys_currency_is_none():
    base = [(tag, "BASE", text) for tag, _, text in rows()]
    with pytest.raises(BrokerError, match="NetLiquidation is missing"):
        account_of(base, "DU1", "USD")


def test_a_worth_of_another_quantity_is_not_told():
    [held] = positions_of([(details(1).contract, 5, 100)], {1: (4, 400, 9)}, Catalogue(), "DU1")
    assert (held.market_value_cents, held.unrealized_pnl_cents) == (0, 0)


def test_c088_a_worth_that_is_no_number_is_0_and_a_quantity_an_error():
    catalogue, contract = Catalogue(), details(1).contract
    [held] = positions_of([(contract, 5, 100)], {1: (5, None, None)}, catalogue, "DU1")
    assert (held.market_value_cents, held.unrealized_pnl_cents) == (0, 0)
    with pytest.raises(BrokerError, match="account DU1: the quantity of AAPL is no number"):
        positions_of([(contract, None, 100)], {}, catalogue, "DU1")
    assert positions_of([(contract, 5, 100), (contract, 0, 0)], {}, catalogue, "DU1") == []


# Settings


def test_settings():
    broker = open_ibkr(
        {"port": 7497, "timeout_secs": 5, "fractional": True}, folder=".", clock=None, environ={}
    )
    assert repr(broker) == "IbkrBroker(...)"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"prot": 4002}, r"broker.prot \(did you mean 'port'\?\)"),
        ({"port": "4002"}, "broker.port: '4002' is a str; give a int"),
        ({"port": True}, "broker.port: True is a bool"),
        ({"live": "yes"}, "broker.live: 'yes' is a str; give a bool"),
        ({"timeout_secs": "30"}, "broker.timeout_secs: '30' is a str; give a number"),
        ({"port": 4001}, "broker.port: 4001 is that of a live IB Gateway"),
        ({"host": "10.1.2.3"}, "broker.host: 10.1.2.3 is another machine"),
        ({"contracts": {"ES": {"sectype": "FUT"}}}, "no field 'sectype'"),
    ],
)
def test_settings_that_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        open_ibkr(settings)


# The loop


def test_a_coroutine_that_hangs(monkeypatch):
    import asyncio

    monkeypatch.setattr("nanobook.broker.ibkr.loop.MARGIN", 0.05)
    loop = LoopThread("hangs")
    loop.start()
    try:
        with pytest.raises(TimeoutError, match=r"no answer within 0.01 s"):
            loop.run(asyncio.sleep(60), 0.01)
    finally:
        loop.stop()
    assert "hangs" not in [thread.name for thread in threading.enumerate()]


def test_importing_it_is_light():
    """The rebalancer starts at once: ib_async comes with the connection."""
    code = (
        "import sys; from nanobook import IbkrBroker; IbkrBroker(); "
        "print([name for name in ('ib_async', 'numpy', 'numba', 'pandas') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
