"""The naive book against golden traces, the tables of the rules, and published answers."""

import hashlib
import json
import lzma
import os
import struct
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from nanobook.types import INT64_MAX, INT64_MIN, MessageKind, OrderStatus, Outcome, Side, TimeInForce
from tests.oracle.book import NaiveBook, Row
from tests.tapes import COLUMNS, REGIMES, flow, messages, mixed_flow

BUY, SELL = Side.BUY, Side.SELL
GTC, IOC, FOK = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK
NEW, PART, FILLED, CANCELLED, NOT_FOUND, NOT_ACTIVE, BAD_QUANTITY, DUPLICATE = list(Outcome)[:8]


def limit(book, side, price, quantity, tif=GTC, name=0):
    return book.apply(MessageKind.LIMIT, side, price, quantity, tif, name)


def market(book, side, quantity, name=0):
    return book.apply(MessageKind.MARKET, side, 0, quantity, GTC, name)


def cancel(book, name):
    return book.apply(MessageKind.CANCEL, BUY, 0, 0, GTC, name)


def modify(book, name, price, quantity):
    return book.apply(MessageKind.MODIFY, BUY, price, quantity, GTC, name)


def state(book):
    """All that can be seen of a book."""
    orders = {i: (o.status, o.filled, o.remaining) for i, o in book.orders.items()}
    return book.queue(BUY), book.queue(SELL), list(book.trades), orders, book.last_trade_price


def stored(book, order_id):
    order = book.orders[order_id]
    return order.status, order.filled, order.remaining


# Golden traces


def test_a_refused_fok_takes_an_id_and_a_time():
    book = NaiveBook()
    assert limit(book, SELL, 100, 50) == (1, NEW, 0, 50, 0)
    assert limit(book, BUY, 100, 100, FOK) == (2, CANCELLED, 0, 0, 100)
    assert limit(book, SELL, 101, 5) == (3, NEW, 0, 5, 0)
    assert limit(book, BUY, 100, 10) == (4, FILLED, 10, 0, 0)
    assert [book.orders[i].timestamp for i in (1, 3, 4)] == [1, 3, 4]
    assert book.trades == [(1, 100, 10, 4, 1, BUY, 5)]
    assert 2 not in book.orders
    assert book.last_trade_price == 100


def test_modify_goes_to_the_back_of_its_queue():
    book = NaiveBook()
    limit(book, BUY, 100, 10)
    limit(book, BUY, 100, 20)
    assert modify(book, 1, 100, 10) == (3, NEW, 0, 10, 10)
    assert book.queue(BUY) == [(100, [(2, 20), (3, 10)])]
    limit(book, SELL, 100, 5)
    assert book.trades[0][3:5] == (4, 2)


def test_modify_quantity_is_not_net_of_earlier_fills():
    book = NaiveBook()
    limit(book, BUY, 100, 10)
    limit(book, SELL, 100, 4)
    assert modify(book, 1, 100, 10) == (3, NEW, 0, 10, 6)
    assert stored(book, 1) == (OrderStatus.CANCELLED, 4, 0)
    assert book.depth(BUY, 10) == [(100, 10, 1)]


def test_cancel_behind_a_filled_order():
    book = NaiveBook()
    limit(book, SELL, 100, 10)
    limit(book, SELL, 100, 20)
    limit(book, BUY, 100, 10)
    assert cancel(book, 2) == (2, CANCELLED, 0, 0, 20)
    assert book.best_ask() is None
    assert market(book, BUY, 1) == (4, CANCELLED, 0, 0, 1)


def test_sweep_at_passive_prices_oldest_first():
    book = NaiveBook()
    for price, quantity in ((101, 3), (100, 2), (100, 4), (103, 9)):
        limit(book, SELL, price, quantity)
    assert limit(book, BUY, 102, 12) == (5, PART, 9, 3, 0)
    assert book.trades == [
        (1, 100, 2, 5, 2, BUY, 6),
        (2, 100, 4, 5, 3, BUY, 7),
        (3, 101, 3, 5, 1, BUY, 8),
    ]
    assert (book.best_bid(), book.best_ask(), book.last_trade_price) == (102, 103, 101)
    assert limit(book, SELL, 102, 1).order_id == 6
    assert book.orders[6].timestamp == 9


# Submissions: every row of the table, as (what rests, the order, the row, the order as stored)

ASK = (SELL, 100, 10, GTC)
SUBMISSIONS = {
    "gtc filled": (ASK, (BUY, 100, 10, GTC), (FILLED, 10, 0, 0), (FILLED, 10, 0)),
    "ioc filled": (ASK, (BUY, 101, 4, IOC), (FILLED, 4, 0, 0), (FILLED, 4, 0)),
    "fok filled": (ASK, (BUY, 100, 10, FOK), (FILLED, 10, 0, 0), (FILLED, 10, 0)),
    "gtc no fill": (ASK, (BUY, 99, 10, GTC), (NEW, 0, 10, 0), (NEW, 0, 10)),
    "gtc part": (ASK, (BUY, 100, 13, GTC), (PART, 10, 3, 0), (PART, 10, 3)),
    "ioc no fill": (ASK, (BUY, 99, 10, IOC), (CANCELLED, 0, 0, 10), (CANCELLED, 0, 10)),
    "ioc part": (ASK, (BUY, 100, 13, IOC), (PART, 10, 0, 3), (PART, 10, 3)),
    "fok too few": (ASK, (BUY, 100, 11, FOK), (CANCELLED, 0, 0, 11), None),
    "fok too far": (ASK, (BUY, 99, 1, FOK), (CANCELLED, 0, 0, 1), None),
}


@pytest.mark.parametrize("case", SUBMISSIONS)
@pytest.mark.parametrize("mirrored", [False, True])
def test_submission_table(case, mirrored):
    resting, order, row, kept = SUBMISSIONS[case]
    if mirrored:
        resting, order = ((1 - s, -p, q, tif) for s, p, q, tif in (resting, order))
    book = NaiveBook()
    limit(book, *resting)
    before = state(book)
    assert limit(book, *order) == (2, *row)
    assert sum(row[1:]) == order[2]
    if kept is None:
        assert state(book) == before
        assert cancel(book, 2) == modify(book, 2, 100, 1) == (0, NOT_FOUND, 0, 0, 0)
    else:
        assert stored(book, 2) == kept


@pytest.mark.parametrize(("side", "edge"), [(BUY, INT64_MAX), (SELL, INT64_MIN)])
def test_market_order_is_ioc_at_the_limit_price(side, edge):
    book = NaiveBook()
    assert market(book, side, 5) == (1, CANCELLED, 0, 0, 5)
    limit(book, 1 - side, edge, 1)
    assert market(book, side, 5) == (3, PART, 1, 0, 4)
    assert stored(book, 3) == (PART, 1, 4)
    assert (book.orders[3].price, book.orders[3].tif, book.last_trade_price) == (edge, IOC, edge)


def test_fok_fills_over_several_levels():
    book = NaiveBook()
    for price in (100, 101, 102):
        limit(book, SELL, price, 5)
        limit(book, SELL, price, 5)
    assert limit(book, BUY, 101, 21, FOK).outcome == CANCELLED
    assert limit(book, BUY, 101, 20, FOK) == (8, FILLED, 20, 0, 0)
    assert book.depth(SELL, 5) == [(102, 10, 2)]


# Cancels and modifies


def test_cancel_table():
    book = NaiveBook()
    limit(book, BUY, 100, 10)
    limit(book, SELL, 100, 4)
    assert cancel(book, 0) == cancel(book, 3) == (0, NOT_FOUND, 0, 0, 0)
    assert cancel(book, 2) == (2, NOT_ACTIVE, 0, 0, 0)
    assert cancel(book, 1) == (1, CANCELLED, 0, 0, 6)
    assert stored(book, 1) == (CANCELLED, 4, 0)
    assert book.queue(BUY) == []
    assert cancel(book, 1) == (1, NOT_ACTIVE, 0, 0, 0)
    assert limit(book, BUY, 1, 1).order_id == 3
    assert book.orders[3].timestamp == 4


def test_modify_table():
    book = NaiveBook()
    limit(book, BUY, 100, 10)
    limit(book, SELL, 100, 10)
    limit(book, SELL, 105, 3)
    limit(book, BUY, 99, 7)
    before = state(book)
    for name in (4, 1, 99):
        assert modify(book, name, 105, 0) == (0, BAD_QUANTITY, 0, 0, 0)
    assert modify(book, 99, 105, 1) == (0, NOT_FOUND, 0, 0, 0)
    assert modify(book, 1, 105, 1) == (1, NOT_ACTIVE, 0, 0, 0)
    assert state(book) == before
    assert modify(book, 4, 105, 5) == (5, PART, 3, 2, 7)
    assert book.trades[-1] == (2, 105, 3, 5, 3, BUY, 7)
    assert book.last_trade_price == 105
    assert stored(book, 4) == (CANCELLED, 0, 0)
    assert book.queue(BUY) == [(105, [(5, 2)])]


@pytest.mark.parametrize("send", [lambda b: market(b, BUY, 9), lambda b: limit(b, BUY, 100, 9, IOC)])
def test_the_rest_of_an_immediate_order_is_dead(send):
    book = NaiveBook()
    limit(book, SELL, 100, 5)
    assert send(book) == (2, PART, 5, 0, 4)
    before = state(book)
    assert cancel(book, 2) == modify(book, 2, 100, 1) == (2, NOT_ACTIVE, 0, 0, 0)
    assert state(book) == before


# The caller's own ids


def test_a_live_name_is_refused_and_costs_nothing():
    book = NaiveBook(client_ids=True)
    assert limit(book, BUY, 100, 10, name=7) == (1, NEW, 0, 10, 0)
    before = state(book)
    assert limit(book, SELL, 100, 10, name=7) == market(book, SELL, 3, name=7) == (0, DUPLICATE, 0, 0, 0)
    assert state(book) == before
    assert limit(book, BUY, 100, 10, name=0) == (2, NEW, 0, 10, 0)
    assert book.orders[2].timestamp == 2


def test_a_dead_name_may_be_used_again():
    book = NaiveBook(client_ids=True)
    limit(book, BUY, 100, 10, name=7)
    assert cancel(book, 7) == (1, CANCELLED, 0, 0, 10)
    assert cancel(book, 7) == (1, NOT_ACTIVE, 0, 0, 0)
    assert limit(book, SELL, 100, 5, name=7) == (2, NEW, 0, 5, 0)
    assert market(book, BUY, 6, name=8) == (3, PART, 5, 0, 1)
    assert cancel(book, 7) == (2, NOT_ACTIVE, 0, 0, 0)
    assert cancel(book, 8) == (3, NOT_ACTIVE, 0, 0, 0)
    assert limit(book, SELL, 100, 5, name=8).order_id == 4
    assert cancel(book, 1) == (0, NOT_FOUND, 0, 0, 0)


def test_a_modified_order_keeps_its_name():
    book = NaiveBook(client_ids=True)
    limit(book, BUY, 100, 10, name=2**63 - 1)
    assert modify(book, 2**63 - 1, 101, 4) == (2, NEW, 0, 4, 10)
    assert modify(book, 2**63 - 1, 102, 5) == (3, NEW, 0, 5, 4)
    assert limit(book, SELL, 102, 5, name=1) == (4, FILLED, 5, 0, 0)
    assert modify(book, 2**63 - 1, 100, 1) == (3, NOT_ACTIVE, 0, 0, 0)


def test_a_refused_fok_takes_no_name():
    book = NaiveBook(client_ids=True)
    assert limit(book, BUY, 100, 1, FOK, name=5) == (1, CANCELLED, 0, 0, 1)
    assert cancel(book, 5) == (0, NOT_FOUND, 0, 0, 0)
    limit(book, BUY, 100, 1, name=5)
    cancel(book, 5)
    assert limit(book, BUY, 100, 1, FOK, name=5) == (3, CANCELLED, 0, 0, 1)
    assert cancel(book, 5) == (2, NOT_ACTIVE, 0, 0, 0)


# Invariants, on flow that reaches everything


def check_invariants(book):
    """Book and orders agree, nothing is crossed, nothing empty is kept."""
    seen = []
    for side in Side:
        levels = book.queue(side)
        prices = [price for price, _ in levels]
        assert prices == sorted(set(prices), reverse=side == BUY)
        for price, queue in levels:
            assert queue
            assert queue == sorted(queue)
            for order_id, remaining in queue:
                order = book.orders[order_id]
                assert (order.side, order.price, order.remaining, order.tif) == (side, price, remaining, GTC)
                assert remaining > 0
                seen.append(order_id)
    assert sorted(seen) == [i for i, order in book.orders.items() if order.is_live()]
    if book.best_bid() is not None and book.best_ask() is not None:
        assert book.best_bid() < book.best_ask()


def check_trades(book):
    """Trades have consecutive ids and rising times, the passive price, and add up to the fills."""
    filled = Counter()
    for at, trade in enumerate(book.trades):
        aggressor, passive = book.orders[trade.aggressor_id], book.orders[trade.passive_id]
        assert trade.trade_id == at + 1
        assert trade.price == passive.price
        assert trade.timestamp == trade.trade_id + trade.aggressor_id
        assert aggressor.side == trade.aggressor_side == 1 - passive.side
        assert trade.price <= aggressor.price if aggressor.side == BUY else trade.price >= aggressor.price
        assert trade.quantity > 0
        filled.update({trade.aggressor_id: trade.quantity, trade.passive_id: trade.quantity})
    assert all(order.filled == filled[i] for i, order in book.orders.items())


@pytest.mark.parametrize("client_ids", [False, "pool", "sparse"])
@pytest.mark.parametrize("prices", REGIMES)
def test_flow_reaches_everything_and_breaks_nothing(prices, client_ids):
    tape = flow(4000, 11, client_ids=client_ids, prices=prices)
    assert tuple(tape) == COLUMNS
    assert {column.dtype for column in tape.values()} == {np.dtype(np.int64)}
    book = NaiveBook(bool(client_ids))
    reached = defaultdict(set)
    next_id = 1
    for at, (kind, side, price, quantity, tif, name) in enumerate(messages(tape)):
        assert quantity * abs(price) <= INT64_MAX
        row = book.apply(kind, side, price, quantity, tif, name)
        reached[kind].add(int(row.outcome))
        if kind in (MessageKind.LIMIT, MessageKind.MARKET) and row.outcome != DUPLICATE:
            assert row.filled + row.resting + row.cancelled == quantity > 0
        if kind != MessageKind.CANCEL and row.outcome <= CANCELLED:
            assert row.order_id == next_id
            next_id += 1
        if at % 50 == 0:
            check_invariants(book)
    check_invariants(book)
    check_trades(book)
    duplicate = {DUPLICATE} if client_ids else set()
    assert reached[MessageKind.LIMIT] == {NEW, PART, FILLED, CANCELLED} | duplicate
    assert reached[MessageKind.MARKET] >= {PART, FILLED}
    assert reached[MessageKind.CANCEL] == {CANCELLED, NOT_FOUND, NOT_ACTIVE}
    assert reached[MessageKind.MODIFY] == {NEW, PART, FILLED, NOT_FOUND, NOT_ACTIVE, BAD_QUANTITY}
    assert max(count for side in Side for _, _, count in book.depth(side, None)) > (prices != "wide")


def test_tapes_depend_on_the_seed_alone():
    for make in (flow, mixed_flow):
        first, again, other = (np.stack(list(make(500, seed).values())) for seed in (3, 3, 4))
        np.testing.assert_array_equal(first, again)
        assert (first != other).any()
        assert all(column.shape == (0,) for column in make(0, 3).values())


def test_mixed_flow_is_as_described():
    tape = mixed_flow(30_000, 5, depth=300)
    book = NaiveBook()
    outcomes = Counter((m[0], int(book.apply(*m).outcome)) for m in messages(tape))
    check_invariants(book)
    check_trades(book)
    cancels = sum(count for (kind, _), count in outcomes.items() if kind == MessageKind.CANCEL)
    assert cancels == pytest.approx(13_500, rel=0.03)
    assert outcomes[MessageKind.CANCEL, CANCELLED] > cancels / 2
    assert sum(order.is_live() for order in book.orders.values()) < 3000
    assert tuple(tape) == COLUMNS
    assert {column.dtype for column in tape.values()} == {np.dtype(np.int64)}


# Published answers


def stream_reports(book, sequence, message):
    """Apply one message of a matching stream and return its report lines."""
    kind, side, ioc, quantity, name, price = message
    taken = len(book.trades)
    kind = (MessageKind.LIMIT, MessageKind.CANCEL, MessageKind.MODIFY)[kind]
    row = book.apply(kind, side, price, quantity, IOC if ioc else GTC, name)
    if row.outcome in (NOT_FOUND, NOT_ACTIVE):
        return [f"{4 if kind == MessageKind.CANCEL else 5},{sequence},{name}"]
    order = book.orders[row.order_id]
    trades = [
        f"1,{sequence},{t.price},{t.quantity},{book.orders[t.passive_id].client},{name}"
        for t in book.trades[taken:]
    ]
    gone = f"2,{sequence},{order.side},{name},{order.price}"
    if kind == MessageKind.CANCEL:
        return [gone]
    if kind == MessageKind.MODIFY:
        return [*trades, f"3,{sequence},{order.side},{name},{price},{quantity}"]
    return [f"0,{sequence},{side},{name},{price},{quantity}", *trades, *([gone] if row.cancelled else [])]


def touch(book):
    """Best bid, its quantity, best ask, its quantity; None and 0 for an empty side."""
    return [number for side in Side for number in (*book.depth(side, 1), (None, 0))[0][:2]]


def run_stream(stream):
    """Return the report lines of a stream and the touch after each message."""
    book = NaiveBook(client_ids=True)
    lines, touches = [], []
    for sequence, message in enumerate(stream):
        lines += stream_reports(book, sequence, message)
        touches.append(touch(book))
    return lines, touches


def sha256(lines):
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@pytest.fixture(scope="module")
def matching():
    if "NANOBOOK_DATA" not in os.environ:
        pytest.skip("NANOBOOK_DATA does not name the folder of the market data")
    return Path(os.environ["NANOBOOK_DATA"], "matching")


def case_messages(rows):
    """Return the messages of a conformance case; the one given in words is built from its rule."""
    if isinstance(rows, dict):
        assert rows["rule"] == "5000 x NEW(i,SELL,1,100) for i=1..5000, then NEW(5001,BUY,5000,100,ioc=1)"
        return [(0, SELL, 0, 1, i, 100) for i in range(1, 5001)] + [(0, BUY, 1, 5000, 5001, 100)]
    names = ("type", "side", "ioc", "qty", "order_id", "price_ticks")
    return [tuple(row[name] for name in names) for row in rows]


def test_published_cases(matching):
    cases = json.loads((matching / "conformance_34_cases.json").read_text())
    assert len(cases) == 34
    for name, case in cases.items():
        lines, touches = run_stream(case_messages(case["messages"]))
        assert len(lines) == case["n_reports"], name
        assert case["expected_reports"] in (None, lines), name
        assert case["bbo_after_each"] in (None, touches), name
        assert sha256(lines) == case["report_sha256"], name


def read_stream(path):
    """Return the messages of a stream file."""
    data = lzma.decompress(path.read_bytes())
    magic, _, count = struct.unpack_from("<QII", data)
    assert magic == 0x4D4542575F303031
    assert len(data) == 16 + 40 * count
    for kind, side, ioc, _, quantity, _, name, price, _ in struct.iter_unpack("<BBBBIQQqq", data[16:]):
        yield kind, side, ioc, quantity, name, price


def test_small_published_streams(matching):
    answers = (matching / "small" / "naive_reference_hashes.txt").read_text().split()
    assert len(answers) == 20
    for answer, name in zip(answers[::2], answers[1::2], strict=True):
        lines, _ = run_stream(read_stream(matching / "small" / f"{name}.bin.xz"))
        assert sha256(lines) == answer, name


def test_row_is_a_tuple_in_the_order_of_its_names():
    assert Row._fields == ("order_id", "outcome", "filled", "resting", "cancelled")
