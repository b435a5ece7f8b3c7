"""Frames, the greeting, and long messages field by field at every server version, by ib_async's own code."""

import asyncio
import logging
import struct
from decimal import Decimal

import ib_async
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ib_async.client import Client
from ib_async.decoder import Decoder

from nanobook.testing.fake_tws import layouts, messages, wire
from nanobook.testing.fake_tws.contracts import Contract
from nanobook.testing.fake_tws.orders import Execution, Order

VERSIONS = range(157, 179)
AAPL = Contract(265598, "AAPL", name="APPLE INC")


class Heard:
    """Stands where ib_async keeps its state; notes what its decoder has understood."""

    def __init__(self):
        self.calls = []
        self.ib = ib_async.IB()
        self.defaultTimezone = self.ib.wrapper.defaultTimezone

    def __getattr__(self, name):
        return lambda *args: self.calls.append((name, args))


def heard(version, fields):
    """What ib_async understands of a message: the method it calls, and its arguments."""
    wrapper = Heard()
    body = wire.frame(fields)[4:].decode()
    Decoder(wrapper, version).interpret(body.split("\0")[:-1])
    [call] = wrapper.calls
    return call


def order(**more):
    asked = {"orderRef": "rebal-1", "transmit": "1", "outsideRth": "1", "goodTillDate": "20270101"}
    asked |= {"totalQuantity": "10.5", "lmtPrice": "185.1", "action": "BUY", "orderType": "LMT"}
    numbers = {"quantity": Decimal("10.5"), "limit": Decimal("185.1"), "stop": None, "tif": "DAY"}
    asked["account"] = "DU1"
    return Order(7, 3, 900_001, AAPL, "BUY", "LMT", asked=asked, **{**numbers, **more})


def sent_by_client(version, order, order_id=5, contract=None):
    """The fields of ``placeOrder`` as ib_async sends them."""
    sent = []
    client = Client(Heard())
    client._serverVersion, client.connState = version, Client.CONNECTED
    client.sendMsg = lambda text: sent.append(text.split("\0")[:-1])
    client.placeOrder(order_id, contract or ib_async.Stock("AAPL", "SMART", "USD"), order)
    return sent[0]


# Frames


def test_a_frame_is_a_length_and_fields_that_end_in_zero():
    framed = wire.frame([9, 1, None, True, Decimal("0.0001"), "x"])
    assert framed == b"\0\0\0\x10" + b"9\x001\0\x001\x000.0001\0x\0"


@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1))
def test_fields_come_back_from_a_frame(fields):
    assert wire.fields_of(wire.frame(fields)[4:]) == fields


def test_a_zero_byte_or_half_a_surrogate_in_a_text_breaks_no_frame():
    assert wire.fields_of(wire.frame(["a\0b", "\ud800"])[4:]) == ["ab", "\\ud800"]


def reading(data, work):
    async def read():
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        return await work(reader)

    return asyncio.run(read())


@pytest.mark.parametrize(
    ("said", "version"),
    [(b"v157..178", 178), (b"v157", 157), (b"v100..170 +PACEAPI", 170), (b"v160", 160), (b"v157..999", 178)],
)
def test_the_greeting_agrees_on_a_version(said, version):
    data = b"API\0" + struct.pack(">I", len(said)) + said
    assert reading(data, lambda reader: wire.read_greeting(reader, 178)) == version


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"API\0\0\0\0\x03abc",
        b"API\0\0\0\0\0",
        b"API\0\xff\xff\xff\xff",
        b"API\0\0\0\0\x04v150",
    ],
)
def test_what_is_no_greeting_is_refused(data):
    with pytest.raises(wire.ProtocolError):
        reading(data, lambda reader: wire.read_greeting(reader, 178))


@pytest.mark.parametrize("body", [b"71", b"", b"71\x002"])
def test_a_body_that_does_not_end_in_zero_is_refused(body):
    with pytest.raises(wire.ProtocolError):
        wire.fields_of(body)


# What the server says, as ib_async reads it


@pytest.mark.parametrize("version", VERSIONS)
def test_an_open_order_at_every_version(version):
    fields = messages.open_order(version, order(), status="Submitted")
    name, (order_id, contract, told, state) = heard(version, fields)
    assert (name, order_id, told.permId, told.clientId) == ("openOrder", 7, 900_001, 3)
    assert (contract.conId, contract.symbol, contract.exchange) == (265598, "AAPL", "SMART")
    assert (told.action, told.totalQuantity, told.orderType, told.lmtPrice) == ("BUY", 10.5, "LMT", 185.1)
    assert (told.orderRef, told.tif, told.account, told.outsideRth) == ("rebal-1", "DAY", "DU1", True)
    assert (told.goodTillDate, told.whatIf, told.conditions) == ("20270101", False, [])
    assert (state.status, state.commissionCurrency) == ("Submitted", "USD")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_completed_order_at_every_version(version):
    ended = order(status="Filled", filled=Decimal("10.5"), completed_time="20260102 15:04:05 UTC")
    ended.completed_status = "Filled Size: 10.5"
    name, (contract, told, state) = heard(version, messages.completed_order(version, ended))
    assert (name, contract.symbol, told.permId) == ("completedOrder", "AAPL", 900_001)
    assert (told.orderRef, told.filledQuantity, told.totalQuantity) == ("rebal-1", 10.5, 10.5)
    assert (state.status, state.completedTime) == ("Filled", "20260102 15:04:05 UTC")
    assert state.completedStatus == "Filled Size: 10.5"


@pytest.mark.parametrize("version", VERSIONS)
def test_contract_details_at_every_version(version):
    name, (request, details) = heard(version, messages.contract_details(version, 12, AAPL))
    assert (name, request, details.contract.conId, details.minTick) == ("contractDetails", 12, 265598, 0.01)
    assert (details.contract.primaryExchange, details.longName) == ("NASDAQ", "APPLE INC")
    assert (details.stockType, details.timeZoneId) == ("COMMON", "US/Eastern")
    if version >= 164:
        assert (details.minSize, details.sizeIncrement) == (0.0001, 0.0001)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_execution_at_every_version(version):
    done = Execution(
        *("0000e0d5.00000001.01.01", order(), "20260102 15:04:05 UTC", Decimal("0.5"), 185, Decimal("10.5")),
        *(Decimal("185.05"), 1),
    )
    name, (request, contract, told) = heard(version, messages.execution(version, -1, done, "DU1"))
    assert (name, request, contract.symbol, told.execId) == ("execDetails", -1, "AAPL", done.exec_id)
    assert (told.side, told.shares, told.price, told.cumQty, told.avgPrice) == ("BOT", 0.5, 185, 10.5, 185.05)
    assert (told.orderId, told.clientId, told.permId, told.orderRef) == (7, 3, 900_001, "rebal-1")
    assert told.time.isoformat() == "2026-01-02T15:04:05+00:00"


@pytest.mark.parametrize("version", VERSIONS)
def test_an_error_at_every_version(version):
    fields = messages.error(version, 5, 10148, 5, "Filled")
    text = "OrderId 5 that needs to be cancelled cannot be cancelled, state: Filled."
    assert heard(version, fields) == ("error", (5, 10148, text, ""))


@pytest.mark.parametrize("version", [157, 175, 176, 178])
def test_symbol_samples(version):
    name, (request, samples) = heard(version, messages.symbol_samples(version, 3, [AAPL, AAPL]))
    symbols = [sample.contract.symbol for sample in samples]
    assert (name, request, symbols) == ("symbolSamples", 3, ["AAPL", "AAPL"])


def test_a_commission_report():
    done = Execution("e.01", order(), "", 1, 2, 1, 2, Decimal("1.05"), realized=Decimal("-3.5"))
    name, (report,) = heard(178, messages.commission_report(done))
    assert (name, report.execId, report.commission) == ("commissionReport", "e.01", 1.05)
    assert report.realizedPNL == -3.5


def test_every_name_of_a_layout_is_there_once():
    for layout in (layouts.PLACE_ORDER, layouts.OPEN_ORDER, layouts.COMPLETED_ORDER, layouts.EXECUTION):
        for version in VERSIONS:
            names = layouts.names_of(layout, version)
            assert len(names) == len(set(names))


# What clients say


@pytest.mark.parametrize("version", VERSIONS)
def test_an_order_of_ib_async_at_every_version(version):
    asked = ib_async.StopLimitOrder("SELL", 0.25, 180.5, 181.0, tif="GTC", orderRef="r", account="DU1")
    values = layouts.read_order(sent_by_client(version, asked)[1:], version)
    assert (values["orderId"], values["symbol"], values["orderRef"]) == ("5", "AAPL", "r")
    assert (values["lmtPrice"], values["auxPrice"], values["totalQuantity"]) == ("180.5", "181.0", "0.25")
    assert (values["tif"], values["transmit"], values["whatIf"]) == ("GTC", "1", "0")
    assert values["usePriceMgmtAlgo"] == "0"


@pytest.mark.parametrize(
    "more",
    [
        {"algoStrategy": "Twap", "algoParams": [ib_async.TagValue("a", "b")]},
        {"hedgeType": "D"},
        {"conditions": [ib_async.TimeCondition()]},
        {"scalePriceIncrement": 0.1},
        {"deltaNeutralOrderType": "LMT"},
        {"transmit": False},
        {"parentId": 4},
        {"ocaGroup": "g"},
        {"cashQty": 100.0},
        {"allOrNone": True},
    ],
)
def test_an_order_that_would_not_work_as_it_says_is_refused(more):
    fields = sent_by_client(178, ib_async.LimitOrder("BUY", 1, 1.0, **more))
    with pytest.raises(layouts.NotServed):
        layouts.read_order(fields[1:], 178)


def test_combinations_are_refused():
    bag = ib_async.Bag(symbol="AAPL", exchange="SMART", comboLegs=[ib_async.ComboLeg(1, 1, "BUY")])
    with pytest.raises(layouts.NotServed, match="combinations"):
        layouts.read_order(sent_by_client(178, ib_async.LimitOrder("BUY", 1, 1.0), contract=bag)[1:], 178)


@pytest.mark.parametrize("change", [-1, 1])
def test_an_order_of_a_wrong_length_is_refused(change):
    fields = sent_by_client(178, ib_async.LimitOrder("BUY", 1, 1.0))[1:]
    fields = fields[:change] if change < 0 else [*fields, ""]
    with pytest.raises(wire.ProtocolError, match="fields where version 178 has"):
        layouts.read_order(fields, 178)


def test_the_decoder_of_these_tests_would_notice_a_missing_field(caplog):
    with caplog.at_level(logging.CRITICAL), pytest.raises(ValueError, match="not enough values"):
        heard(178, messages.open_order(178, order(), status="Submitted")[:-3])
