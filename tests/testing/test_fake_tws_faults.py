"""Faults on demand: each kind, at requests and at answers; what happened meanwhile is told in the end."""

import asyncio
import time

import ib_async
import pytest
from ib_async import LimitOrder, MarketOrder

from nanobook.testing import FakeTws, Fault
from tests.testing.tws_clients import PATIENCE, QUOTES, Raw, found, placing, play, stock, until


async def gone(ib):
    """Wait until the connection is lost."""
    await until(lambda: not ib.isConnected(), "the connection to be cut")


@pytest.mark.parametrize(("do", "placed"), [("drop_before", 0), ("drop_after", 1), ("restart", 0)])
def test_a_connection_cut_at_an_order(do, placed):
    """Before it is read, or after it was acted on and before a word of it: the client cannot tell which."""

    async def scene(ib, tws):
        trade = ib.placeOrder(stock(), MarketOrder("BUY", 10, orderRef="r"))
        await gone(ib)
        assert trade.orderStatus.status == "PendingSubmit"
        assert trade.fills == []

    async def after(ib, tws):
        return [fill.execution.orderRef for fill in ib.fills()]

    with FakeTws(QUOTES, faults=[Fault("placeOrder", do, seconds=0)]) as tws:
        play(scene, tws)
        assert len(tws.orders()) == placed
        assert play(after, tws) == ["r"] * placed


@pytest.mark.parametrize(("do", "placed"), [("lose", 0), ("mute", 1)])
def test_an_order_that_is_never_answered(do, placed):
    async def scene(ib, tws):
        trade = ib.placeOrder(stock(), LimitOrder("BUY", 10, 180))
        await ib.reqCurrentTimeAsync()
        assert trade.orderStatus.status == "PendingSubmit"
        assert len(await ib.reqAllOpenOrdersAsync()) == placed

    with FakeTws(QUOTES, faults=[Fault("placeOrder", do)]) as tws:
        play(scene, tws)
        assert len(tws.orders()) == placed


def test_an_order_that_was_muted_is_heard_of_when_it_fills():
    async def scene(ib, tws):
        trade = ib.placeOrder(stock(), LimitOrder("BUY", 10, 180))
        await ib.reqCurrentTimeAsync()
        tws.set_quote("AAPL", bid=170, ask=171)
        await until(trade.isDone)

    with FakeTws(QUOTES, faults=[Fault("placeOrder", "mute")]) as tws:
        play(scene, tws)


@pytest.mark.parametrize("code", [201, 162, 420, 354])
def test_a_request_is_refused_with_any_code(code):
    async def scene(ib, tws):
        request = ib.client.getReqId()
        ib.client.reqMktData(request, stock(), "", False, False, [])
        await until(lambda: (request, code) in [error[:2] for error in ib.errors])

    with FakeTws(QUOTES, faults=[Fault("reqMktData", "reject", code=code)]) as tws:
        play(scene, tws)


def test_a_refusal_in_ones_own_words():
    async def scene(ib, tws):
        trade = ib.placeOrder(stock(), MarketOrder("BUY", 1))
        await until(trade.isDone)
        assert trade.log[-1].message.endswith("Order rejected - reason:no {locate}")

    text = "Order rejected - reason:no {locate}"
    with FakeTws(QUOTES, faults=[Fault("placeOrder", "reject", code=201, text=text)]) as tws:
        play(scene, tws)
        assert tws.orders() == []


def test_only_the_nth_message_is_met():
    async def scene(ib, tws):
        trades = [ib.placeOrder(stock(), MarketOrder("BUY", 1)) for _ in range(4)]
        await until(lambda: sum(trade.isDone() for trade in trades) == 4)
        return [trade.orderStatus.status for trade in trades]

    with FakeTws(QUOTES, faults=[Fault("placeOrder", "reject", nth=2, times=2)]) as tws:
        assert play(scene, tws) == ["Filled", "Cancelled", "Cancelled", "Filled"]


def test_a_delay_holds_back_what_follows():
    with FakeTws(QUOTES, faults=[Fault("reqIds", "delay", seconds=0.1)]) as tws, Raw(tws) as client:
        client.error(2158)
        client.send(8, 1, 1)
        client.send(49, 1)
        assert [client.read()[0], client.read()[0]] == ["9", "49"]


@pytest.mark.parametrize(
    "message", ["reqPositions", "reqOpenOrders", "reqCompletedOrders", "reqAccountUpdates"]
)
def test_a_connection_whose_beginning_is_not_answered_times_out(message):
    async def scene():
        ib = ib_async.IB()
        with pytest.raises(ConnectionError, match="timed out"):
            await ib.connectAsync(tws.host, tws.port, timeout=0.2, raiseSyncErrors=True)

    with FakeTws(QUOTES, faults=[Fault(message, "mute")]) as tws:
        asyncio.run(scene())


def test_positions_that_end_without_an_end():
    """The end marker of an answer is lost."""
    with FakeTws(QUOTES, positions={"AAPL": 1}) as tws, Raw(tws) as client:
        tws.add_fault("positionEnd", "mute")
        client.error(2158)
        client.send(61, 1)
        client.send(49, 1)
        assert [message[0] for message in client.read_until(49)] == ["61", "49"]


# Answers


def test_an_execution_told_twice_is_one_fill_of_the_client():
    async def scene(ib, tws):
        trade = ib.placeOrder(stock(), MarketOrder("BUY", 10))
        await until(lambda: trade.isDone() and trade.fills)
        assert len(await ib.reqExecutionsAsync()) == 1

    with FakeTws(QUOTES, faults=[Fault("execDetails", "duplicate")]) as tws:
        play(scene, tws)
        with Raw(tws) as client:
            tws.add_fault("execDetails", "duplicate")
            client.error(2158)
            client.send(7, 3, 1, 0, "", "", "", "", "", "")
            assert [message[0] for message in client.read_until(55)] == ["11", "11", "59", "55"]


def test_executions_out_of_order():
    with FakeTws(QUOTES, faults=[Fault("execDetails", "delay", seconds=0.05)]) as tws, Raw(tws) as client:
        client.error(2158)
        for order_id in (1, 2):
            client.send(*placing(order_id, kind="MKT"))
        told = client.read_until(11) + client.read_until(11)
        assert [message[2] for message in told if message[0] == "11"] == ["2", "1"]


def test_a_status_that_is_lost_and_one_that_cuts():
    async def scene(ib, tws):
        trade = ib.placeOrder(stock(), LimitOrder("BUY", 10, 180))
        await ib.reqCurrentTimeAsync()
        assert trade.orderStatus.status == "PendingSubmit"
        assert trade.order.permId  # the open order was told
        other = ib.placeOrder(stock(), MarketOrder("BUY", 10))
        await gone(ib)
        assert other.orderStatus.status == "Submitted"

    faults = [Fault("orderStatus", "mute"), Fault("orderStatus", "drop_after", nth=2)]
    with FakeTws(QUOTES, faults=faults) as tws:
        play(scene, tws)
        assert tws.positions() == {"AAPL": 10}


def test_an_answer_that_is_never_sent_since_the_connection_is_cut():
    with FakeTws(QUOTES, faults=[Fault("currentTime", "drop_before")]) as tws, Raw(tws) as client:
        client.error(2158)
        client.send(49, 1)
        assert client.read() is None


def test_a_corrected_execution_takes_the_place_of_the_first():
    async def scene(ib, tws):
        trade = ib.placeOrder(stock(), MarketOrder("BUY", 10))
        await until(lambda: trade.isDone() and trade.fills)
        first = trade.fills[0].execution.execId
        assert tws.correct_execution(first, 185) == first[:-2] + "02"
        await until(lambda: len(trade.fills) == 2)
        assert [fill.execution.price for fill in trade.fills] == [185.1, 185.0]
        await until(lambda: [p.avgCost for p in ib.positions()] == [185.1])  # with the commission
        assert tws.values()["TotalCashValue"] == "998149.00"
        with pytest.raises(ValueError, match="not corrected yet"):
            tws.correct_execution(first, 186)
        tws.correct_execution(first[:-2] + "02", 184)
        assert tws.values()["TotalCashValue"] == "998159.00"
        assert tws.orders()[0]["average"] == 184

    play(scene)


# Away


def test_fills_and_cancellations_while_the_client_is_away():
    async def place(ib, tws):
        for price in (180, 181):
            ib.placeOrder(stock(), LimitOrder("BUY", 10, price, orderRef=f"at {price}"))
        await until(lambda: len(tws.orders()) == 2)

    async def look(ib, tws):
        assert ib.openTrades() == []
        ended = {t.order.orderRef: t.orderStatus.status for t in await ib.reqCompletedOrdersAsync(False)}
        assert ended == {"at 180": "Cancelled", "at 181": "Filled"}
        assert [fill.execution.orderRef for fill in ib.fills()] == ["at 181"]

    with FakeTws(QUOTES) as tws:
        play(place, tws)
        tws.set_quote("AAPL", bid=180.5, ask=181)
        tws.cancel_order(tws.orders()[0]["perm_id"], "by the exchange")
        play(look, tws)


def test_the_way_to_the_broker_is_lost_and_restored():
    """Orders work on meanwhile; what happened is told afterwards."""

    async def scene(ib, tws):
        ticker = ib.reqMktData(await found(ib))
        await until(lambda: ticker.bid == 184.9)
        trade = ib.placeOrder(stock(), LimitOrder("BUY", 10, 180))
        await until(lambda: trade.orderStatus.status == "Submitted")
        tws.set_link("lost")
        tws.set_quote("AAPL", bid=170, ask=171)
        await ib.reqCurrentTimeAsync()
        assert (trade.orderStatus.status, ticker.bid) == ("Submitted", 184.9)
        assert tws.orders()[0]["status"] == "Filled"
        tws.set_link("restored")
        await until(lambda: trade.isDone() and ticker.bid == 170)
        assert [code for _, code, _ in ib.errors if code >= 1100 and code < 1200] == [1100, 1102]
        tws.set_link("lost")
        tws.set_link("data_lost")
        tws.set_quote("AAPL", bid=169)
        await ib.reqCurrentTimeAsync()
        assert ticker.bid == 170  # must be asked for again
        assert ib.errors[-1][1] == 1101

    play(scene)


def test_a_client_that_comes_while_the_way_is_lost_is_told():
    async def scene(ib, tws):
        assert 1100 in [code for _, code, _ in ib.errors]

    with FakeTws(QUOTES) as tws:
        tws.set_link("lost")
        play(scene, tws)


def test_a_restart_cuts_all_and_comes_back_at_the_same_port():
    async def scene(ib, tws):
        ib.placeOrder(stock(), LimitOrder("BUY", 10, 180))
        await until(lambda: tws.orders())
        tws.restart(seconds=0.1)
        await gone(ib)
        with pytest.raises(OSError, match="Connect call failed"):
            await ib_async.IB().connectAsync(tws.host, tws.port)

    async def after(ib, tws):
        return [trade.order.lmtPrice for trade in ib.openTrades()]

    with FakeTws(QUOTES) as tws:
        play(scene, tws)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                Raw(tws, client_id=50).__exit__()
                break
            except ConnectionRefusedError:
                time.sleep(0.01)
        assert play(after, tws) == [180]


def test_order_ids_that_fall_back_after_a_restart():
    """A client that trusts them sends ids that orders have."""
    with FakeTws(QUOTES) as tws:
        with Raw(tws) as client:
            client.send(*placing(1, kind="MKT"))
            client.read_until(59)
        tws.restart(next_id=1)
        with Raw(tws) as client:
            assert client.read_until(9)[-1] == ["9", "1", "1"]
            client.send(*placing(1, kind="MKT"))
            client.error(103)
            client.send(*placing(2, kind="MKT"))
            client.read_until(59)
        assert tws.positions() == {"AAPL": 20}


def test_one_client_is_dropped_or_all():
    with FakeTws(QUOTES) as tws, Raw(tws, 1) as first, Raw(tws, 2) as second, Raw(tws, 3) as third:
        for client in (first, second, third):
            client.error(2158)
        tws.drop(2)
        assert second.read() is None
        first.send(49, 1)
        assert first.read()[0] == "49"
        tws.drop()
        assert (first.read(), third.read()) == (None, None)


def test_a_client_that_dies_with_an_order_on_its_way_leaves_it_at_the_broker():
    with FakeTws(QUOTES) as tws:
        with Raw(tws) as client:
            client.error(2158)
            client.send(*placing(1, kind="MKT"))
        end = time.monotonic() + PATIENCE
        while not tws.executions() and time.monotonic() < end:
            time.sleep(0.005)
        assert tws.positions() == {"AAPL": 10}


def test_all_that_a_client_sent_is_read_although_its_connection_broke():
    """It dies with answers unread, so that its end of the connection is reset."""
    with FakeTws(QUOTES, faults=[Fault("placeOrder", "delay", seconds=0.1)]) as tws:
        with Raw(tws) as client:
            for order_id in (1, 2, 3):
                client.send(*placing(order_id, kind="MKT"))
        end = time.monotonic() + PATIENCE
        while len(tws.executions()) < 3 and time.monotonic() < end:
            time.sleep(0.005)
        assert tws.positions() == {"AAPL": 30}


def test_faults_are_taken_back():
    async def scene(ib, tws):
        return await ib.reqCurrentTimeAsync()

    with FakeTws(QUOTES, faults=[Fault("reqCurrentTime", "lose", times=None)]) as tws:
        tws.clear_faults()
        assert play(scene, tws)


def test_an_error_inside_the_fake_is_raised_when_it_stops(monkeypatch):
    from nanobook.testing.fake_tws import requests

    def fail(session, fields):
        raise KeyError("a fault of ours")

    monkeypatch.setitem(requests.HANDLERS, "reqCurrentTime", fail)
    tws = FakeTws(QUOTES).start()
    with Raw(tws) as client:
        client.error(2158)
        client.send(49, 1)
        assert client.read() is None
    with pytest.raises(KeyError, match="a fault of ours"):
        tws.stop()
