"""Orders through the real ib_async client: every state, every refusal, executions and what they cost."""

import asyncio

import ib_async
import pytest
from ib_async import LimitOrder, MarketOrder, StopLimitOrder, StopOrder

from nanobook.testing import FakeTws
from tests.testing.tws_clients import QUOTES, Raw, found, placing, play, stock, until


def statuses(trade):
    """The states that a trade went through, each once."""
    told = [entry.status for entry in trade.log]
    return [status for i, status in enumerate(told) if i == 0 or told[i - 1] != status]


async def placed(ib, order, symbol="AAPL"):
    """Place an order, and wait until it has been answered."""
    trade = ib.placeOrder(stock(symbol), order)
    await until(lambda: trade.orderStatus.status != "PendingSubmit", order)
    await ib.reqCurrentTimeAsync()  # what belongs to the answer has come before this
    return trade


def codes(ib):
    """Codes of the errors that belong to a request."""
    return [code for request, code, _ in ib.errors if request != -1]


def test_a_market_order_fills_and_is_told_in_full():
    async def scene(ib, tws):
        trade = await placed(ib, MarketOrder("BUY", 10, orderRef="rebal-1", tif="DAY"))
        assert statuses(trade) == ["PendingSubmit", "Submitted", "Filled"]
        assert (trade.filled(), trade.remaining(), trade.orderStatus.avgFillPrice) == (10, 0, 185.1)
        [fill] = trade.fills
        assert (fill.execution.side, fill.execution.shares, fill.execution.price) == ("BOT", 10, 185.1)
        assert (fill.execution.orderRef, fill.execution.cumQty) == ("rebal-1", 10)
        assert (fill.commissionReport.commission, fill.commissionReport.currency) == (1.0, "USD")
        assert [(p.contract.symbol, p.position, p.avgCost) for p in ib.positions()] == [("AAPL", 10, 185.2)]
        assert codes(ib) == []

    with FakeTws(QUOTES) as tws:
        play(scene, tws)
        assert tws.positions() == {"AAPL": 10}
        assert tws.values()["TotalCashValue"] == "998148.00"


def test_a_limit_order_rests_until_the_quote_comes_to_it():
    async def scene(ib, tws):
        trade = await placed(ib, LimitOrder("BUY", 10, 180))
        assert (trade.orderStatus.status, len(ib.openTrades())) == ("Submitted", 1)
        tws.set_quote("AAPL", bid=179.5, ask=179.9)
        await until(trade.isDone)
        assert trade.orderStatus.avgFillPrice == 180

    play(scene)


def test_an_order_fills_in_parts():
    async def scene(ib, tws):
        tws.set_quote("AAPL", bid_size=16)
        trade = await placed(ib, MarketOrder("SELL", 40))
        assert (trade.orderStatus.status, trade.filled(), trade.remaining()) == ("Submitted", 16, 24)
        tws.set_quote("AAPL", bid=184.8, bid_size=None)
        await until(lambda: trade.isDone() and len(trade.fills) == 2)
        assert trade.orderStatus.avgFillPrice == pytest.approx(184.84)
        assert [fill.execution.cumQty for fill in trade.fills] == [16, 40]
        assert sum(fill.commissionReport.commission for fill in trade.fills) == 1.0

    play(scene)


def test_two_fills_of_one_message_are_told_one_after_the_other():
    with FakeTws(QUOTES) as tws, Raw(tws) as client:
        tws.place_by_hand("AAPL", "SELL", 4, 185)
        client.send(*placing(1, limit="185.1"))
        told = client.read_until(59) + client.read_until(59)
        status = [message[2:6] for message in told if message[0] == "3"]
        assert status == [
            ["Submitted", "0", "10", "0"],
            ["Submitted", "4", "6", "185"],
            ["Filled", "10", "0", "185.06"],
        ]


def test_a_stop_is_presubmitted_until_it_is_reached():
    async def scene(ib, tws):
        trade = await placed(ib, StopOrder("SELL", 5, 180))
        assert trade.orderStatus.status == "PreSubmitted"
        tws.set_quote("AAPL", bid=179.9, ask=180)
        await until(trade.isDone)
        assert statuses(trade)[-3:] == ["PreSubmitted", "Submitted", "Filled"]
        assert trade.orderStatus.avgFillPrice == 179.9

    play(scene)


def test_a_stop_limit_order():
    async def scene(ib, tws):
        trade = await placed(ib, StopLimitOrder("BUY", 5, 190, 189))
        tws.set_quote("AAPL", bid=191, ask=192)
        await until(lambda: trade.orderStatus.status == "Submitted")
        tws.set_quote("AAPL", bid=188, ask=189)
        await until(trade.isDone)
        assert trade.orderStatus.avgFillPrice == 190

    play(scene)


def test_fractions_of_a_share():
    async def scene(ib, tws):
        trade = await placed(ib, LimitOrder("BUY", 0.2501, 186))
        assert (trade.orderStatus.status, trade.fills[0].execution.shares) == ("Filled", 0.2501)
        whole = await placed(ib, MarketOrder("BUY", 0.5), "WHOLE")
        assert (whole.orderStatus.status, codes(ib)) == ("Cancelled", [10243])

    with FakeTws([{"symbol": "AAPL", "bid": 1, "ask": 185}, {"symbol": "WHOLE", "ask": 1, "step": 1}]) as tws:
        play(scene, tws)


def test_immediate_or_cancel():
    async def scene(ib, tws):
        tws.set_quote("AAPL", ask_size=4)
        trade = await placed(ib, LimitOrder("BUY", 10, 185.1, tif="IOC"))
        assert (trade.orderStatus.status, trade.filled()) == ("Cancelled", 4)
        assert codes(ib) == [202]

    play(scene)


def test_a_stop_that_is_not_to_rest_ends_when_it_was_sent():
    async def scene(ib, tws):
        trade = await placed(ib, StopLimitOrder("BUY", 5, 186, 186, tif="IOC"))
        assert trade.orderStatus.status == "PreSubmitted"
        tws.set_quote("AAPL", bid=187, ask=188)
        await until(trade.isDone)
        assert (trade.orderStatus.status, trade.filled()) == ("Cancelled", 0)
        await until(lambda: codes(ib) == [202])

    play(scene)


def test_a_change_of_an_order_that_rests():
    async def scene(ib, tws):
        trade = await placed(ib, LimitOrder("BUY", 10, 180))
        perm_id = trade.order.permId
        trade.order.lmtPrice, trade.order.totalQuantity = 181, 12
        ib.placeOrder(trade.contract, trade.order)
        await until(lambda: tws.orders()[0]["limit"] == 181)
        [order] = tws.orders()
        assert (order["perm_id"], order["quantity"], order["status"]) == (perm_id, 12, "Submitted")
        tws.set_quote("AAPL", bid=180, ask=181)
        await until(trade.isDone)
        assert (trade.filled(), trade.orderStatus.avgFillPrice) == (12, 181)

    play(scene)


def test_a_change_into_another_order_is_refused():
    async def scene(ib, tws):
        trade = await placed(ib, LimitOrder("BUY", 10, 180))
        ib.client.placeOrder(trade.order.orderId, stock(), LimitOrder("SELL", 10, 180))
        ib.client.placeOrder(trade.order.orderId, stock("MSFT"), LimitOrder("BUY", 10, 180))
        await until(lambda: codes(ib) == [105, 105])
        ib.client.placeOrder(trade.order.orderId, stock(), LimitOrder("BUY", 10**6, 180))
        ib.client.placeOrder(trade.order.orderId, stock(), LimitOrder("BUY", 9, 180, whatIf=True))
        await until(lambda: codes(ib) == [105, 105, 201])
        return tws.orders()

    [order] = play(scene)
    assert (order["action"], order["symbol"], order["status"]) == ("BUY", "AAPL", "Submitted")
    assert order["quantity"] == 10


def test_a_cancellation():
    async def scene(ib, tws):
        trade = await placed(ib, LimitOrder("BUY", 10, 180))
        ib.cancelOrder(trade.order)
        await until(trade.isDone)
        assert statuses(trade) == ["PendingSubmit", "Submitted", "PendingCancel", "Cancelled"]
        await until(lambda: codes(ib) == [202])
        tws.set_quote("AAPL", bid=170, ask=171)
        assert tws.executions() == []

    play(scene)


def test_cancellations_that_come_too_late_or_of_nothing():
    async def scene(ib, tws):
        trade = await placed(ib, MarketOrder("BUY", 1))
        ib.client.cancelOrder(trade.order.orderId)
        ib.client.cancelOrder(999)
        await until(lambda: codes(ib) == [10148, 10147])
        assert "state: Filled" in ib.errors[-2][2]

    play(scene)


def test_only_the_client_of_an_order_cancels_it_and_all_cancel_all():
    async def scene(ib, tws):
        with Raw(tws, client_id=9) as other:
            other.send(*placing(1))
            other.read_until(3)
            ib.client.cancelOrder(1)
            await until(lambda: codes(ib) == [10147])
            mine = await placed(ib, LimitOrder("BUY", 1, 100))
            ib.reqGlobalCancel()
            await until(mine.isDone)
            assert other.error(202)
        assert [order["status"] for order in tws.orders()] == ["Cancelled", "Cancelled"]

    play(scene)


# Refusals


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (LimitOrder("BUY", 10, 180.005), 110),
        (StopOrder("BUY", 10, 190.001), 110),
        (LimitOrder("BUY", 0, 180), 434),
        (LimitOrder("BUY", -1, 180), 434),
        (LimitOrder("BUY", 10, 0), 321),
        (LimitOrder("BUY", 10, -5), 321),
        (LimitOrder("HOLD", 10, 180), 321),
        (LimitOrder("BUY", 10, 180, tif="OPG"), 321),
        (LimitOrder("BUY", 10, 180, account="U999"), 321),
        (MarketOrder("BUY", 10, tif="FOK"), 321),
        (LimitOrder("BUY", 10, 180, transmit=False), 201),
        (LimitOrder("BUY", float("nan"), 180), 321),
        (LimitOrder("BUY", 10, 1e300), 321),
        (LimitOrder("BUY", 0.00001, 180), 10243),
        (LimitOrder("BUY", 1e15, 180), 201),
        (MarketOrder("BUY", 1_000_000), 201),
        (MarketOrder("SELL", 1_000_000), 201),
        (ib_async.Order(action="BUY", totalQuantity=1, orderType="MOC"), 387),
    ],
)
def test_an_order_that_is_refused_leaves_nothing_behind(order, code):
    async def scene(ib, tws):
        ib.placeOrder(stock(), order)
        await until(lambda: codes(ib) == [code], code)
        await ib.reqCurrentTimeAsync()  # the news of it are not taken for an answer
        assert await ib.reqAllOpenOrdersAsync() == []

    with FakeTws(QUOTES) as tws:
        before = tws.values()
        play(scene, tws)
        assert (tws.values(), tws.positions(), tws.executions()) == (before, {}, [])


def test_an_order_of_an_unknown_symbol():
    async def scene(ib, tws):
        trade = await placed(ib, MarketOrder("BUY", 1), "ZZZZ")
        assert (trade.orderStatus.status, codes(ib)) == ("Cancelled", [200])

    play(scene)


def test_an_order_without_the_funds_is_inactive_and_completed():
    async def scene(ib, tws):
        trade = await placed(ib, LimitOrder("BUY", 100, 185, orderRef="too much"))
        assert (trade.orderStatus.status, codes(ib)) == ("Inactive", [201])
        [ended] = await ib.reqCompletedOrdersAsync(True)
        assert (ended.order.orderRef, ended.orderStatus.status) == ("too much", "Inactive")

    with FakeTws(QUOTES, cash=1_000) as tws:
        play(scene, tws)


def test_closing_a_position_needs_no_funds():
    async def scene(ib, tws):
        return (await placed(ib, MarketOrder("SELL", 100))).orderStatus.status

    with FakeTws(QUOTES, cash=-20_000, positions={"AAPL": 100}) as tws:
        assert play(scene, tws) == "Filled"


@pytest.mark.parametrize("order_id", [1, 2])
def test_an_order_id_that_was_used_or_passed_over_is_a_duplicate(order_id):
    with FakeTws(QUOTES) as tws, Raw(tws) as client:
        client.send(*placing(2, kind="MKT"))
        client.read_until(59)
        client.send(*placing(order_id))
        assert client.error(103)[2] == str(order_id)
        assert len(tws.orders()) == 1


def test_order_ids_are_each_clients_own():
    with FakeTws(QUOTES) as tws, Raw(tws, client_id=1) as first, Raw(tws, client_id=2) as second:
        for client in (first, second):
            client.send(*placing(1))
            assert client.read_until(3)[-1][2] == "Submitted"
        assert [(order["client_id"], order["order_id"]) for order in tws.orders()] == [(1, 1), (2, 1)]


def test_an_informational_error_ends_no_order():
    """The client takes it for the end of the order, which goes on working."""

    async def scene(ib, tws):
        trade = await placed(ib, LimitOrder("BUY", 10, 180))
        await until(lambda: codes(ib) == [10349])
        assert ib.errors[-1][2] == "Order TIF was set to DAY based on order preset."
        assert trade.isDone()
        tws.set_quote("AAPL", bid=170, ask=171)
        await until(lambda: trade.orderStatus.status == "Filled")
        with_tif = await placed(ib, LimitOrder("BUY", 1, 100, tif="GTC"))
        assert with_tif.orderStatus.status == "Submitted"
        assert codes(ib) == [10349]

    with FakeTws(QUOTES, tif_preset="DAY") as tws:
        play(scene, tws)


def test_a_question_what_an_order_would_do_places_none():
    async def scene(ib, tws):
        state = await ib.whatIfOrderAsync(await found(ib), MarketOrder("BUY", 10))
        assert (state.initMarginChange, state.commission) == ("462.75", 1.0)
        assert tws.orders() == []

    play(scene)


# Asking for orders and executions


def test_open_orders_of_mine_and_of_all():
    async def scene(ib, tws):
        with Raw(tws, client_id=9) as other:
            other.send(*placing(1, orderRef="theirs"))
            other.read_until(3)
        await placed(ib, LimitOrder("BUY", 1, 100, orderRef="mine"))
        mine, everyones = await ib.reqOpenOrdersAsync(), await ib.reqAllOpenOrdersAsync()
        assert [trade.order.orderRef for trade in mine] == ["mine"]
        assert [trade.order.orderRef for trade in everyones] == ["theirs", "mine"]

    play(scene, clientId=5)


def test_orders_outlive_their_client():
    async def place(ib, tws):
        await placed(ib, LimitOrder("BUY", 10, 180, orderRef="rests"))
        await placed(ib, MarketOrder("BUY", 3, orderRef="filled"))

    async def look(ib, tws):
        [rests] = ib.openTrades()
        assert (rests.order.orderRef, rests.orderStatus.status) == ("rests", "Submitted")
        [ended] = await ib.reqCompletedOrdersAsync(False)
        assert (ended.order.orderRef, ended.order.filledQuantity) == ("filled", 3)
        assert ended.orderStatus.status == "Filled"
        [fill] = ib.fills()
        assert (fill.execution.orderRef, fill.commissionReport.commission) == ("filled", 1.0)
        assert ib.client.getReqId() > rests.order.orderId

    with FakeTws(QUOTES) as tws:
        play(place, tws)
        play(look, tws)


def test_executions_with_a_filter():
    async def scene(ib, tws):
        await placed(ib, MarketOrder("BUY", 1))
        await placed(ib, MarketOrder("SELL", 2), "MSFT")

        async def found_by(**words):
            fills = await ib.reqExecutionsAsync(ib_async.ExecutionFilter(**words))
            return [fill.execution.shares for fill in fills]

        assert await found_by() == [1, 2]
        assert await found_by(symbol="MSFT") == [2]
        assert await found_by(side="BUY") == [1]
        assert await found_by(clientId=ib.client.clientId, secType="STK") == [1, 2]
        assert await found_by(clientId=77) == []
        assert await found_by(acctCode="U999") == []
        assert await found_by(time="20200101-00:00:00") == [1, 2]
        assert await found_by(time="29990101-00:00:00") == []

    play(scene)


def test_orders_entered_by_hand_are_bound_by_client_zero_alone():
    async def scene(ib, tws):
        perm_id = tws.place_by_hand("AAPL", "BUY", 5, 180)
        await ib.reqCurrentTimeAsync()  # the news of it are not taken for an answer
        is_zero = ib.client.clientId == 0
        assert [t.order.permId for t in await ib.reqAllOpenOrdersAsync()] == [perm_id]
        mine = await ib.reqOpenOrdersAsync()
        assert len(mine) == is_zero
        if is_zero:
            ib.client.cancelOrder(mine[0].order.orderId)
            await until(mine[0].isDone)
        else:
            tws.cancel_order(perm_id)
        assert len(await ib.reqCompletedOrdersAsync(True)) == 0
        assert len(await ib.reqCompletedOrdersAsync(False)) == 1

    play(scene, clientId=0)
    play(scene, clientId=3)


def test_a_master_client_hears_of_all_orders():
    async def scene(ib, tws):
        heard = []
        ib.orderStatusEvent += lambda trade: heard.append(trade.orderStatus.status)
        with Raw(tws, client_id=9) as other:
            other.send(*placing(1, kind="MKT"))
            other.read_until(59)
        await until(lambda: heard and heard[-1] == "Filled")

    with FakeTws(QUOTES, master_client_id=5) as tws:
        play(scene, tws, clientId=5)


def test_nobody_else_hears_of_an_order():
    async def scene(ib, tws):
        with Raw(tws, client_id=9) as other:
            other.send(*placing(1, kind="MKT"))
            other.read_until(59)
        await ib.reqCurrentTimeAsync()
        assert (ib.trades(), ib.fills()) == ([], [])
        assert [p.position for p in ib.positions()] == [10]  # positions are the account's

    play(scene, clientId=5)


@pytest.mark.parametrize(("late", "told"), [(0.05, [1.0]), (None, [0.0])])
def test_commissions_come_late_or_never(late, told):
    async def scene(ib, tws):
        trade = await placed(ib, MarketOrder("BUY", 1))
        assert [fill.commissionReport.commission for fill in trade.fills] == [0.0]
        await asyncio.sleep(0.01)
        await until(lambda: [fill.commissionReport.commission for fill in trade.fills] == told)

    async def ask(ib, tws):
        assert [fill.commissionReport.commission for fill in ib.fills()] == [1.0]

    with FakeTws(QUOTES, late_commissions=late) as tws:
        play(scene, tws)
        play(ask, tws)


def test_many_orders_add_up():
    async def scene(ib, tws):
        trades = [ib.placeOrder(stock(), MarketOrder("BUY" if i % 3 else "SELL", 10)) for i in range(30)]
        await until(lambda: all(trade.isDone() for trade in trades))
        assert sum(f.execution.shares for f in await ib.reqExecutionsAsync()) == 300
        return tws.positions()

    assert play(scene) == {"AAPL": 100}


def test_the_end_of_the_day():
    """DAY orders end, others rest; what has ended is forgotten, and the account is as it was."""

    async def scene(ib, tws):
        filled = await placed(ib, MarketOrder("BUY", 10))
        day = await placed(ib, LimitOrder("BUY", 1, 100, tif="DAY"))
        good = await placed(ib, LimitOrder("BUY", 1, 101, tif="GTC"))
        before = tws.values()
        tws.end_day()
        await until(day.isDone)
        assert [order["tif"] for order in tws.orders()] == ["GTC"]
        assert (await ib.reqCompletedOrdersAsync(False), await ib.reqExecutionsAsync()) == ([], [])
        assert (tws.values(), tws.positions()) == (before, {"AAPL": 10})
        ib.client.placeOrder(filled.order.orderId, stock(), MarketOrder("BUY", 1))
        await until(lambda: 103 in codes(ib))
        ib.cancelOrder(good.order)
        await until(good.isDone)

    play(scene)
