"""The real ib_async client against the fake: everything but orders."""

import asyncio
import subprocess
import sys
import threading
from datetime import UTC, datetime

import ib_async
import pytest

from nanobook.testing import FakeTws
from nanobook.testing.fake_tws.session import Session
from tests.testing.tws_clients import PATIENCE, QUOTES, Raw, found, play, stock, until

HELD = [("AAPL", 100, 150), ("MSFT", "-2.5", 380)]


@pytest.mark.parametrize("version", [157, 163, 164, 166, 173, 177, 178])
def test_a_whole_session_at_server_version(version):
    async def scene(ib, tws):
        assert ib.client.serverVersion() == version
        [aapl] = await ib.qualifyContractsAsync(stock())
        trade = ib.placeOrder(aapl, ib_async.LimitOrder("BUY", 10, 185.2, orderRef="r"))
        await until(lambda: trade.isDone() and trade.fills and trade.fills[0].commissionReport.commission)
        await ib.reqOpenOrdersAsync()
        [ended] = await ib.reqCompletedOrdersAsync(False)
        return trade.orderStatus.status, trade.orderStatus.avgFillPrice, ended.order.orderRef

    with FakeTws(QUOTES, server_version=version) as tws:
        assert play(scene, tws) == ("Filled", 185.1, "r")


def test_connecting_tells_accounts_positions_values():
    async def scene(ib, tws):
        assert ib.managedAccounts() == ["DU7"]
        assert {(p.contract.symbol, p.position, p.avgCost) for p in ib.positions()} == {
            ("AAPL", 100.0, 150.0),
            ("MSFT", -2.5, 380.0),
        }
        assert {(p.contract.symbol, p.marketValue, p.unrealizedPNL) for p in ib.portfolio()} == {
            ("AAPL", 18_500.0, 3_500.0),
            ("MSFT", -924.75, 25.25),
        }
        values = {value.tag: value.value for value in ib.accountValues("DU7")}
        assert values["NetLiquidation"] == "67575.25"
        assert values["TotalCashValue"] == "50000.00"

    with FakeTws(QUOTES, positions=HELD, cash=50_000, account="DU7") as tws:
        play(scene, tws)


def test_the_account_summary():
    async def scene(ib, tws):
        summary = {value.tag: value.value for value in await ib.accountSummaryAsync()}
        assert summary["NetLiquidation"] == summary["TotalCashValue"] == "1000000.00"
        assert summary["BuyingPower"] == "4000000.00"
        assert summary["AccountType"] == "INDIVIDUAL"

    play(scene)


def test_the_account_summary_follows_the_account_until_it_is_ended():
    with FakeTws(QUOTES) as tws, Raw(tws) as client:
        client.error(2158)
        client.send(62, 1, 9, "All", "TotalCashValue,GrossPositionValue,AccountType")
        first = client.read_until(64)
        assert [message[4] for message in first[:-1]] == [
            *("GrossPositionValue", "TotalCashValue", "AccountType"),
        ]
        tws.place_by_hand("AAPL", "BUY", 10)
        assert [client.read()[5], client.read()[5]] == ["1851.00", "998148.00"]
        client.send(63, 1, 9)
        client.send(49, 1)
        client.read_until(49)
        tws.place_by_hand("AAPL", "BUY", 10)
        client.send(49, 1)
        assert client.read()[0] == "49"


def test_an_account_that_is_not_ours_is_refused():
    async def scene(ib, tws):
        ib.client.reqAccountUpdates(True, "U999")
        ib.client.reqAccountUpdatesMulti(77, "U999", "", False)
        await until(lambda: len([1 for _, code, _ in ib.errors if code == 321]) == 2)

    play(scene)


def test_news_that_belong_to_no_request():
    async def scene(ib, tws):
        assert [code for request, code, _ in ib.errors if request == -1] == [2104, 2106, 2158]

    play(scene)


def test_the_time():
    async def scene(ib, tws):
        return await ib.reqCurrentTimeAsync()

    assert abs((play(scene) - datetime.now(UTC)).total_seconds()) < PATIENCE


def test_profit_and_loss():
    async def scene(ib, tws):
        pnl = ib.reqPnL("DU1234567")
        await until(lambda: pnl.unrealizedPnL == 3_500)
        ib.cancelPnL("DU1234567")

    with FakeTws(QUOTES, positions=HELD[:1]) as tws:
        play(scene, tws)


# Contracts


def test_a_contract_is_found_by_symbol_and_by_id():
    async def scene(ib, tws):
        [aapl] = await ib.qualifyContractsAsync(stock())
        assert (aapl.primaryExchange, aapl.currency, aapl.localSymbol) == ("NASDAQ", "USD", "AAPL")
        [again] = await ib.qualifyContractsAsync(ib_async.Contract(conId=aapl.conId))
        assert again.symbol == "AAPL"
        [details] = await ib.reqContractDetailsAsync(stock())
        assert (details.minTick, details.sizeIncrement) == (0.01, 0.0001)

    play(scene)


@pytest.mark.parametrize(
    "contract",
    [
        stock("ZZZZ"),
        ib_async.Stock("AAPL", "SMART", "EUR"),
        ib_async.Future("AAPL", "20260918"),
        ib_async.Stock("AAPL", "LSE", "USD"),
        ib_async.Contract(conId=5),
        ib_async.Contract(),
    ],
)
def test_a_contract_that_there_is_not(contract):
    async def scene(ib, tws):
        assert await ib.reqContractDetailsAsync(contract) == []
        [error] = [text for _, code, text in ib.errors if code == 200]
        assert error == "No security definition has been found for the request"

    play(scene)


def two_listings():
    return FakeTws(
        [
            {"symbol": "XYZ", "exchange": "NASDAQ", "bid": 10, "ask": 11},
            {"symbol": "XYZ", "exchange": "ARCA", "bid": 20, "ask": 21},
        ]
    )


def test_a_name_of_several_contracts_is_ambiguous():
    async def scene(ib, tws):
        found = await ib.reqContractDetailsAsync(stock("XYZ"))
        assert [details.contract.primaryExchange for details in found] == ["NASDAQ", "ARCA"]
        assert await ib.qualifyContractsAsync(stock("XYZ")) == [None]
        one = ib_async.Stock("XYZ", "SMART", "USD", primaryExchange="ARCA")
        await ib.qualifyContractsAsync(one)
        [ticker] = await ib.reqTickersAsync(one)
        assert ticker.bid == 20
        tws.set_quote(one.conId, bid=20.5)
        trade = ib.placeOrder(stock("XYZ"), ib_async.MarketOrder("BUY", 1))
        ib.client.reqMktData(77, stock("XYZ"), "", False, False, [])
        await until(lambda: trade.isDone())
        await until(
            lambda: len([1 for _, code, text in ib.errors if code == 200 and "ambiguous" in text]) == 2
        )

    with two_listings() as tws:
        play(scene, tws)
        assert tws.orders() == []


def test_symbols_that_begin_so():
    async def scene(ib, tws):
        return [sample.contract.symbol for sample in await ib.reqMatchingSymbolsAsync("aa")]

    assert play(scene) == ["AAPL"]


# Market data


def test_a_snapshot():
    async def scene(ib, tws):
        [ticker] = await ib.reqTickersAsync(await found(ib))
        assert (ticker.bid, ticker.ask, ticker.last, ticker.volume) == (184.9, 185.1, 185.0, 10**6)
        assert ticker.marketDataType == 1

    play(scene)


def test_a_stream_follows_the_quote_until_it_is_ended():
    async def scene(ib, tws):
        ticker = ib.reqMktData(await found(ib))
        await until(lambda: ticker.ask == 185.1)
        tws.set_quote("AAPL", bid=184.5, bid_size=300, ask=None)
        await until(lambda: ticker.bid == 184.5)
        assert (ticker.bidSize, ticker.ask) == (300, -1)
        ib.cancelMktData(ticker.contract)
        await ib.reqCurrentTimeAsync()
        tws.set_quote("AAPL", bid=1)
        await ib.reqCurrentTimeAsync()
        assert ticker.bid == 184.5

    play(scene)


def test_a_snapshot_without_any_price_ends_too():
    async def scene(ib, tws):
        [ticker] = await ib.reqTickersAsync(await found(ib, "NONE"))
        return ticker.last

    with FakeTws([{"symbol": "NONE"}]) as tws:
        assert play(scene, tws) != play(scene, tws)  # not a number


def test_delayed_data_only_for_those_who_want_them():
    async def scene(ib, tws):
        await ib.reqTickersAsync(await found(ib))
        assert [code for request, code, _ in ib.errors if request != -1] == [354]
        ib.reqMarketDataType(3)
        ticker = ib.reqMktData(await found(ib))
        await until(lambda: ticker.ask == 185.1)
        assert (ticker.bid, ticker.last, ticker.marketDataType) == (184.9, 185.0, 3)
        assert 10167 in [code for _, code, _ in ib.errors]

    with FakeTws(QUOTES) as tws:
        tws.set_quote("AAPL", data="delayed")
        play(scene, tws)


def test_data_that_are_not_subscribed():
    async def scene(ib, tws):
        ib.reqMarketDataType(3)
        [ticker] = await ib.reqTickersAsync(await found(ib))
        assert not ticker.ticks
        assert [code for request, code, _ in ib.errors if request != -1] == [354]

    with FakeTws(QUOTES) as tws:
        tws.set_quote("AAPL", data="none")
        play(scene, tws)


def test_the_past_is_not_served_and_asking_twice_is_pacing():
    async def scene(ib, tws):
        for _ in range(2):
            assert not await ib.reqHistoricalDataAsync(stock(), "", "5 D", "1 day", "TRADES", True)
        [first, second] = [text for _, code, text in ib.errors if code == 162]
        assert "HMDS query returned no data: AAPL" in first
        assert "API pacing violation" in second
        ib.reqRealTimeBars(stock(), 5, "TRADES", True)
        await until(lambda: 420 in [code for _, code, _ in ib.errors])

    play(scene)


# Connections


def test_a_client_id_in_use_is_refused():
    async def scene(ib, tws):
        with Raw(tws, client_id=1) as second:
            assert second.read()[3] == "326"
            assert second.read() is None
        assert await ib.reqCurrentTimeAsync()
        return tws

    with FakeTws(QUOTES) as tws:
        play(scene, tws, clientId=1)
        play(lambda ib, tws: asyncio.sleep(0), tws, clientId=1)  # free again


def test_a_client_id_stays_in_use_until_what_its_client_sent_is_read():
    with FakeTws(QUOTES) as tws:
        tws.add_fault("cancelOrder", "delay", seconds=0.3)
        with Raw(tws, client_id=7) as first:
            first.error(2158)
            first.send(4, 1, 99, "")
            first.send(49, 1)
        with Raw(tws, client_id=7) as second:
            assert second.read()[3] == "326"
        assert tws.received().get("reqCurrentTime") is None
        wait = threading.Event()
        while tws.received().get("reqCurrentTime") is None:  # sent by one who is gone, and read all the same
            wait.wait(0.01)
        with Raw(tws, client_id=7) as third:
            assert third.read_until(9)


def test_nothing_is_served_before_a_client_has_said_who_it_is():
    with FakeTws(QUOTES) as tws, Raw(tws, client_id=None) as client:
        client.send(61, 1)
        assert client.read() is None


@pytest.mark.parametrize("message", [(200, 1), (65, 1, "a", "b")])
def test_an_unknown_message(message):
    with FakeTws(QUOTES) as tws, Raw(tws) as client:
        client.error(2158)
        client.send(*message)
        assert client.error(505)
        client.send(49, 1)
        assert client.read()[0] == "49"


@pytest.mark.parametrize("message", [(59, 1, "x"), (4, 1), (3, 1, 2), (9, 8, 1, 0), (8,)])
def test_a_message_that_cannot_be_read_is_told_and_costs_nothing_else(message):
    with FakeTws(QUOTES) as tws, Raw(tws) as client:
        client.error(2158)
        client.send(*message)
        client.send(49, 1)
        answers = client.read_until(49)
        assert [answer[3] for answer in answers[:-1] if answer[0] == "4"] in (["320"], [])
        assert tws.orders() == []


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\n\r\n", b"API\0\0\0\0\x03abc", b"API\0\xff\xff\xff\xff", b"A"]
)
def test_what_does_not_speak_the_protocol_is_cut(data):
    import socket

    with FakeTws(QUOTES) as tws:
        with socket.create_connection((tws.host, tws.port), PATIENCE) as stranger:
            stranger.sendall(data)
            stranger.shutdown(socket.SHUT_WR)
            assert stranger.recv(100) == b""
        play(lambda ib, tws: asyncio.sleep(0), tws)


@pytest.mark.parametrize("burst", [100, 50])
def test_more_than_fifty_messages_a_second_are_counted_and_then_cut(burst):
    time = 0.0
    with FakeTws(QUOTES, message_burst=burst) as tws:
        session = Session(tws._gateway, None, 178, lambda: time)
        session.error = lambda *told: errors.append(told)
        errors = []
        assert [session.keeps_pace() for _ in range(burst)] == [True] * burst
        time = 1.0
        assert [session.keeps_pace() for _ in range(50)] == [True] * 50
        assert errors == []
        for strike in (1, 2, 3):
            assert session.keeps_pace() == (strike < 3)
            assert errors.pop() == (-1, 100, 50, 51, strike)
            assert all(session.keeps_pace() for _ in range(50))
        assert tws.received() == {"too fast": 3}


def test_a_client_that_is_too_fast_is_cut():
    with FakeTws(QUOTES, message_rate=1) as tws, Raw(tws) as client:
        client.error(2158)
        errors = []
        while True:
            client.send(8, 1, 1)
            answer = client.read()
            while answer is not None and answer[0] == "4":  # the error, then the answer or the end
                errors.append(answer[3])
                answer = client.read()
            if answer is None:
                break
        assert errors == ["100"] * 3


def test_messages_in_good_order_are_never_too_fast():
    async def scene(ib, tws):
        await asyncio.gather(*(ib.reqContractDetailsAsync(stock()) for _ in range(60)))
        return tws.received()

    received = play(scene)
    assert received["reqContractDetails"] == 60
    assert "too fast" not in received


def test_no_warning_no_task_and_no_socket_is_left():
    code = (
        "import asyncio, ib_async; from nanobook.testing import FakeTws, Fault\n"
        "async def run(tws):\n"
        "    ib = ib_async.IB(); await ib.connectAsync(tws.host, tws.port)\n"
        "    ib.placeOrder(ib_async.Stock('AAPL', 'SMART', 'USD'), ib_async.MarketOrder('BUY', 1))\n"
        "    await asyncio.sleep(0.05); ib.disconnect(); await asyncio.sleep(0.01)\n"
        "with FakeTws(faults=[Fault('execDetails', 'delay', seconds=9)], late_commissions=9) as tws:\n"
        "    asyncio.run(run(tws)); tws.place_by_hand('AAPL', 'BUY', 1); tws.restart(seconds=9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def test_the_thread_ends_with_the_fake():
    with FakeTws(QUOTES) as tws, Raw(tws) as client:
        client.error(2158)
        assert "fake-tws" in [thread.name for thread in threading.enumerate()]
        tws.stop()
        assert client.read() is None
        tws.stop()
    assert "fake-tws" not in [thread.name for thread in threading.enumerate()]


UNSERVED = [
    lambda ib, contract: ib.reqHistoricalTicksAsync(contract, "20260101 00:00:00", "", 9, "TRADES", True),
    lambda ib, contract: ib.reqHeadTimeStampAsync(contract, "TRADES", True, 1),
    lambda ib, contract: ib.reqHistogramDataAsync(contract, True, "1 day"),
    lambda ib, contract: ib.reqScannerDataAsync(ib_async.ScannerSubscription()),
    lambda ib, contract: ib.reqSecDefOptParamsAsync("AAPL", "", "STK", 1),
    lambda ib, contract: ib.reqFundamentalDataAsync(contract, "ReportSnapshot"),
    lambda ib, contract: ib.reqNewsArticleAsync("BRFG", "x"),
    lambda ib, contract: ib.reqHistoricalNewsAsync(1, "BRFG", "", "", 9),
    lambda ib, contract: ib.reqSmartComponentsAsync("a6"),
    lambda ib, contract: ib.calculateImpliedVolatilityAsync(contract, 1, 1),
    lambda ib, contract: ib.calculateOptionPriceAsync(contract, 1, 1),
    lambda ib, contract: ib.reqUserInfoAsync(),
    lambda ib, contract: ib.getWshMetaDataAsync(),
    lambda ib, contract: ib.getWshEventDataAsync(ib_async.WshEventData()),
]


@pytest.mark.parametrize("ask", UNSERVED)
def test_what_is_not_served_is_refused_by_its_number_and_nobody_waits(ask):
    async def scene(ib, tws):
        await asyncio.wait_for(ask(ib, await found(ib)), PATIENCE)
        [(_, code, text)] = [error for error in ib.errors if error[0] > 0]
        assert code == 322
        assert "not served by this fake" in text

    play(scene)


def test_subscriptions_that_are_not_served():
    async def scene(ib, tws):
        aapl = await found(ib)
        ib.reqMktDepth(aapl)
        ib.reqTickByTickData(aapl, "Last")
        ib.reqPnLSingle(tws.account, "", aapl.conId)
        ib.client.reqPositionsMulti(901, "", "")
        ib.client.queryDisplayGroups(902)
        ib.client.reqSoftDollarTiers(903)
        ib.client.exerciseOptions(904, aapl, 1, 1, "", 0)
        ib.client.replaceFA(905, 1, "<xml/>")
        await until(lambda: [code for _, code, _ in ib.errors].count(322) == 8)
        assert {901, 902, 903, 904, 905} < {request for request, *_ in ib.errors}
        assert 505 not in {code for _, code, _ in ib.errors}

    play(scene)


def test_what_there_is_none_of_is_an_empty_answer():
    async def scene(ib, tws):
        assert await ib.reqMktDepthExchangesAsync() == []
        assert await ib.reqNewsProvidersAsync() == []
        assert "Scan" in await ib.reqScannerParametersAsync()
        assert (await ib.reqMarketRuleAsync(26))[0].increment == 0.01
        ib.client.reqFamilyCodes()
        ib.client.reqNewsBulletins(True)
        ib.client.cancelNewsBulletins()
        ib.client.cancelTickByTickData(7)
        ib.client.reqMarketRule(99)
        ib.client.requestFA(1)
        await until(lambda: [code for _, code, _ in ib.errors].count(322) == 2)
        assert 505 not in {code for _, code, _ in ib.errors}

    play(scene)


def test_an_order_that_is_not_served_ends():
    """By an error that the client takes for one: else it would believe that the order lives."""

    async def scene(ib, tws):
        aapl = await found(ib)
        trades = [ib.placeOrder(aapl, order) for order in ib.bracketOrder("BUY", 10, 180, 190, 170)]
        await until(lambda: all(trade.isDone() for trade in trades))
        assert {trade.log[-1].errorCode for trade in trades} == {201}
        algo = ib_async.LimitOrder("BUY", 1, 180, algoStrategy="Adaptive")
        assert not await asyncio.wait_for(ib.whatIfOrderAsync(aapl, algo), PATIENCE)
        assert tws.orders() == []

    play(scene)
