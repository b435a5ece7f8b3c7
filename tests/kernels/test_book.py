"""The kernels of the book, one message at a time, with every link checked after each.

Runs with and without the JIT. Books start tiny, so that every buffer gets full again and again.
"""

import numba
import numpy as np
import pytest

from nanobook._jit import JIT
from nanobook.kernels.book import depth, ids, ladder, match, orders, queue, tape
from nanobook.kernels.book import state as s
from nanobook.kernels.book.tape import Flow
from nanobook.recording import LevelRows
from nanobook.tape import flow_of
from nanobook.types import INT64_MAX, INT64_MIN, RESULT, MessageKind, Outcome, Side, TimeInForce
from tests.kernels.checking import check_book, check_names, check_trades
from tests.oracle.book import NaiveBook
from tests.tapes import REGIMES, flow, messages


def entered(helper):
    """Let Python call a part of a kernel, which compiled code only inlines."""
    if not JIT:
        return helper

    def call(*arguments):
        return helper(*arguments)

    return numba.njit(error_model="numpy", _nrt=False)(call)


cancel, refusal, submit = entered(orders.cancel), entered(orders.refusal), entered(orders.submit)
key_of, next_level, room = entered(ladder.key_of), entered(ladder.next_level), entered(ladder.room)
has_room, remove = entered(match.has_room), entered(queue.remove)
order_of, place = entered(ids.order_of), entered(ids.place)
overflows = entered(tape.overflows)

BUY, SELL = int(Side.BUY), int(Side.SELL)
GTC, IOC, FOK = int(TimeInForce.GTC), int(TimeInForce.IOC), int(TimeInForce.FOK)
MESSAGES = 2000 if JIT else 600
TINY = {"orders": 4, "trades": 1, "levels": 1, "nodes": 2}
SCATTER = 0x9E3779B97F4A7C15 - 2**64
IDS = 2**14

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")  # without the JIT


def sealed(*values, **columns):
    """A flow of columns that may not be written, as ``flow_of`` makes it."""
    made = Flow(*values, **columns)
    for column in made:
        column.flags.writeable = False
    return made


def columns_of(tape_):
    """Order flow as the kernels take it."""
    return flow_of(tape_)


def larger(book):
    """Copy of a book with twice the room for everything but names; what is new holds rubbish."""
    arrays = {}
    for name in ("orders", "price", "quantity", "trades_before", "trades", "levels", "nodes", "children"):
        old = getattr(book, name)
        size = 2 * book.nodes.size * 64 if name == "children" else 2 * old.size
        new = np.full(size * old.itemsize, 0xA5, np.uint8).view(old.dtype).view(type(old))
        new[: old.size] = old
        arrays[name] = new
    return book._replace(**arrays)


def named(book, client_ids):
    """Make room for names: none, or a column, or a hash table."""
    if client_ids == "sparse":
        book.top[s.ID_MULTIPLIER] = SCATTER
        book.top[s.ID_SHIFT] = 65 - IDS.bit_length()
    return book._replace(ids=np.zeros(IDS if client_ids else 2, np.uint32))


def everything(book):
    """All bytes of a book but the cache and the word for details."""
    top = book.top.copy()
    top[s.DETAIL] = 0
    return [top.tobytes(), *(array.tobytes() for name, array in book._asdict().items() if name != "top")]


def limit(book, side, price, quantity, tif=GTC):
    """Submit a limit order to a book with room."""
    order, status, left = submit(
        book, np.int64(side), np.int64(price), np.int64(quantity), np.int64(tif), np.int64(-1)
    )
    return int(order), int(status), int(left)


def queue_of(book, side):
    """Levels of a side as the naive book shows them."""
    count = int(book.top[s.LIVE + side])
    order_ids, lots = np.empty(count, np.int64), np.empty(count, np.int64)
    assert depth.walk(book, side, order_ids, lots) == count
    levels = {}
    for order, left in zip(order_ids.tolist(), lots.tolist(), strict=True):
        levels.setdefault(int(book.price[order]), []).append((order, left))
    return list(levels.items())


@pytest.mark.parametrize("client_ids", [False, "pool", "sparse"])
@pytest.mark.parametrize("prices", REGIMES)
def test_every_link_after_every_message(prices, client_ids):
    tape_ = flow(MESSAGES, 5, prices=prices, client_ids=client_ids)
    columns, naive = columns_of(tape_), NaiveBook(bool(client_ids))
    book = named(s.new_book(**TINY), client_ids)
    results = np.zeros(1, RESULT).view(np.recarray)
    grown = 0
    for m, message in enumerate(messages(tape_)):
        one = Flow(*(column[m : m + 1] for column in columns))
        if m % 250 == 249:
            ladder.collect(book)
            check_book(book)
        before = everything(book)
        while tape.run(book, one, results, 0, bool(client_ids)) == 0:
            assert everything(book) == before, "a message that met a full buffer left a trace"
            book = larger(book)
            grown += 1
            before = everything(book)
        row = naive.apply(*message)
        assert tuple(results[["order_id", "outcome", "filled", "resting", "cancelled"]][0]) == row
        check_book(book)
        for side in (BUY, SELL):
            assert queue_of(book, side) == naive.queue(side)
    assert grown > 5
    check_trades(book)
    if client_ids:
        check_names(book)
        refill = named(book._replace(top=book.top.copy()), client_ids)
        ids.fill_table(refill)
        check_names(refill)


@pytest.mark.parametrize("prices", REGIMES)
def test_starting_again_where_a_buffer_was_full(prices):
    tape_ = flow(MESSAGES, 6, prices=prices)
    columns, naive = columns_of(tape_), NaiveBook()
    results = np.zeros(MESSAGES, RESULT).view(np.recarray)
    book, done, stops = s.new_book(**TINY), 0, 0
    while (done := tape.run(book, columns, results, done, False)) < MESSAGES:
        check_book(book)
        book = larger(book)
        stops += 1
    assert stops > 5
    check_book(book)
    check_trades(book)
    expected = np.array([naive.apply(*message) for message in messages(tape_)], np.int64)
    for name, column in zip(
        ("order_id", "outcome", "filled", "resting", "cancelled"), expected.T, strict=True
    ):
        np.testing.assert_array_equal(results[name], column)


def test_recording_stops_and_starts_again_as_well():
    tape_ = flow(MESSAGES, 7)
    columns, naive = columns_of(tape_), NaiveBook()
    results = np.zeros(MESSAGES, RESULT).view(np.recarray)
    rows = LevelRows(MESSAGES, 4)
    book, done = s.new_book(**TINY), 0
    while (done := tape.run_recording(book, columns, results, rows.recorder, done, False)) < MESSAGES:
        if rows.is_waiting():
            rows.widen(done)
        else:
            book = larger(book)
    check_book(book)
    shown = rows.columns()
    for m, message in enumerate(messages(tape_)):
        naive.apply(*message)
        for side in (BUY, SELL):
            levels = [naive.depth(side, 4)[n : n + 1] or [(0, 0, 0)] for n in range(4)]
            assert [tuple(int(c[m, side, n]) for c in shown) for n in range(4)] == [x for (x,) in levels]


# The ladder


def test_keys_turn_the_asks_round():
    for price in (INT64_MIN, -1, 0, 1, INT64_MAX):
        for side in (BUY, SELL):
            key = key_of(np.int64(side), np.int64(price))
            assert key == (price if side == BUY else -1 - price)
            assert key_of(np.int64(side), key) == price


EDGES = sorted({sign * (2**bit + by) for bit in range(0, 63, 3) for by in (-1, 0, 1) for sign in (-1, 1)})
EDGES = [INT64_MIN, INT64_MIN + 1, *EDGES, INT64_MAX - 1, INT64_MAX]


@pytest.mark.parametrize("side", [BUY, SELL])
@pytest.mark.parametrize("seed", range(4))
def test_any_prices_in_any_sequence(side, seed):
    """Levels at all powers of two come and go in random sequence; the walk is always in order."""
    rng = np.random.default_rng(seed)
    book = s.new_book(orders=2000, levels=300, nodes=600)
    price_of, best = {}, max if side == BUY else min
    for _ in range(3):
        for price in rng.permutation(np.array(EDGES)).tolist():
            order, *_ = limit(book, side, price, 1)
            price_of[order] = price
            assert book.top[s.BEST + side] == book.orders[order]["level"] or price != best(price_of.values())
        check_book(book)
        assert [price for price, _ in queue_of(book, side)] == sorted(EDGES, reverse=side == BUY)
        for order in rng.permutation(np.array(list(price_of))).tolist():
            if rng.random() < 0.1:
                ladder.collect(book)
                check_book(book)
            del price_of[order]
            assert cancel(book, np.int64(order)) == 1
            slot = int(book.top[s.BEST + side])
            if price_of:
                key = int(book.levels[slot]["key"])
                assert (key if side == BUY else ~key) == best(price_of.values())
            else:
                assert (slot, book.top[s.KEY + side]) == (0, INT64_MIN)
        check_book(book)
    ladder.collect(book)
    check_book(book)
    assert [int(book.top[row]) for row in (s.LEVELS_USED, s.NODES_USED, s.ROOT + side)] == [0, 0, 0]


def test_nothing_is_made_where_prices_come_and_go():
    book = s.new_book()
    limit(book, BUY, 100, 1)
    made = [int(book.top[row]) for row in (s.N_LEVELS, s.N_NODES)]
    for _ in range(20):
        order, *_ = limit(book, BUY, 101, 1)
        made = made if made[0] > 2 else [int(book.top[row]) for row in (s.N_LEVELS, s.N_NODES)]
        cancel(book, np.int64(order))
    assert [int(book.top[row]) for row in (s.N_LEVELS, s.N_NODES)] == made == [3, 2]


def test_a_far_quote_adds_one_leaf_and_one_fork():
    book = s.new_book()
    limit(book, BUY, 100, 1)
    for far, nodes in ((INT64_MIN, 3), (2**40, 5), (101, 5), (163, 7), (164, 7)):
        limit(book, BUY, far, 1)
        check_book(book)
        assert book.top[s.NODES_USED] == nodes


def test_freed_slots_are_used_again():
    book = s.new_book(orders=500)
    first = None
    for turn in range(4):
        placed = [
            limit(book, side, turn * 2**20 + 64 * n, 1)[0]
            for side in (BUY, SELL)
            for n in (0, 1, 900)[:: 1 - 2 * side]
        ]
        for order in placed:
            if book.orders[order]["level"]:
                cancel(book, np.int64(order))
        ladder.collect(book)
        check_book(book)
        used = [int(book.top[row]) for row in (s.N_LEVELS, s.N_NODES)]
        first = first or used
        assert used == first
    assert [int(book.top[row]) for row in (s.LEVELS_USED, s.NODES_USED)] == [0, 0]


def test_a_freed_leaf_is_not_found_through_the_cache():
    """Its node comes back as the leaf of another price, or as a fork; the old price makes its own."""
    book = s.new_book()
    for first, second in ((0, 64), (64, 128), (0, 64 * s.NEAR), (64, 2**40), (-64, 0)):
        order, *_ = limit(book, BUY, first, 1)
        cancel(book, np.int64(order))
        ladder.collect(book)
        kept = [limit(book, BUY, price, 1)[0] for price in (second, first, 2 * second + 1)]
        check_book(book)
        for order in kept:
            cancel(book, np.int64(order))
        ladder.collect(book)
        check_book(book)


def test_a_leaf_is_remembered_by_side():
    book = s.new_book()
    for side, price in ((BUY, 100), (SELL, 200), (BUY, -1), (SELL, -5000), (BUY, 64 * s.NEAR + 3)):
        order, *_ = limit(book, side, price, 1)
        level = book.levels[book.orders[order]["level"]]
        row = (side * ladder.SCATTER + (int(level["key"]) >> 6)) % s.NEAR
        assert book.near[row] == level["node"]


def test_leaves_that_share_a_row_of_the_cache():
    book = s.new_book()
    apart = 64 * s.NEAR
    for turn in range(3):
        for n in range(4):
            limit(book, BUY, n * apart + turn, 1)
            limit(book, SELL, (n + 10) * apart - turn, 1)
            check_book(book)
    assert book.top[s.LEVELS_USED] == 24


def test_next_level_steps_through_leaf_fork_and_side():
    book = s.new_book(nodes=64)
    prices = [5, 6, 70, 4096 + 3, 2**30, -1, -65, -(2**62)]
    for price in prices:
        limit(book, BUY, price, 1)
    limit(book, SELL, 2**40, 1)
    slot, seen = int(book.top[s.BEST]), []
    while slot:
        seen.append(int(book.levels[slot]["key"]))
        slot = int(next_level(book, np.int64(slot)))
    assert seen == sorted(prices, reverse=True)


def test_room_counts_levels_and_nodes():
    book = s.new_book(levels=5, nodes=8)
    assert room(book) == 4
    limit(book, BUY, 1, 1)
    assert room(book) == 3
    limit(book, BUY, 2**40, 1)
    assert room(book) == 2
    limit(book, BUY, 2**40 + 1, 1)
    limit(book, BUY, 2**40 + 2, 1)
    assert room(book) == 1
    limit(book, BUY, 2**40 + 3, 1)
    assert room(book) == 0
    check_book(book)


# Matching


def test_available_stops_counting_when_it_has_enough():
    book = s.new_book()
    for price, quantity in ((100, 5), (101, 6), (200, 2**62), (201, 2**62 - 12)):
        limit(book, SELL, price, quantity)
    for price, wanted, found in (
        (99, 9, 0),
        (100, 9, 5),
        (101, 9, 11),
        (101, 3, 5),
        (300, 2**62, 2**62 + 11),
    ):
        limit_ = key_of(np.int64(SELL), np.int64(price))
        assert match.available(book, SELL, limit_, np.int64(wanted)) == found


def test_room_for_trades_is_one_for_each_resting_order():
    book = s.new_book(trades=3)
    for n in range(3):
        limit(book, SELL, 100 + n, 1)
    assert has_room(book, SELL)
    limit(book, SELL, 110, 1)
    assert not has_room(book, SELL)
    before = everything(book)
    assert limit(book, BUY, 200, 4) == (0, 0, 4)
    assert everything(book) == before
    assert limit(book, BUY, 99, 4) == (5, Outcome.NEW, 4)
    assert has_room(book, BUY)
    assert limit(book, SELL, 99, 4) == (6, Outcome.FILLED, 0)
    assert not has_room(book, SELL)
    book.top[s.FIRST_TRADE] = 1
    assert limit(book, BUY, 50, 1)[0] == 7
    check_book(book)


def test_trades_after_forgotten_ones_start_at_row_0():
    book = s.new_book()
    limit(book, SELL, 100, 10)
    limit(book, BUY, 100, 1)
    book.top[s.FIRST_TRADE] = 1
    limit(book, BUY, 100, 2)
    assert book.trades[0].item() == (100, 2, 3, 1)
    assert [int(book.top[row]) for row in (s.N_TRADES, s.LAST_PRICE)] == [2, 100]
    assert book.trades_before[:4].tolist() == [0, 0, 0, 1]


def test_a_modify_waits_for_room_as_if_it_traded_with_everybody():
    book = s.new_book(trades=1)
    limit(book, BUY, 100, 5)
    for n in range(2):
        limit(book, SELL, 110 + n, 1)
    codes = {"kind": [MessageKind.MODIFY], "side": [BUY], "tif": [GTC]}
    numbers = {"price": [120], "quantity": [9], "order_id": [1]}
    one = columns_of({name: np.array(column) for name, column in (codes | numbers).items()})
    before, results = everything(book), np.zeros(1, RESULT).view(np.recarray)
    assert tape.run(book, one, results, 0, False) == 0
    assert everything(book) == before
    book = larger(book)
    assert tape.run(book, one, results, 0, False) == 1
    assert results[0].item() == (2, 7, 5, 4, Outcome.PARTIALLY_FILLED)
    check_book(book)


# Queues


@pytest.mark.parametrize("gone", [(0,), (1,), (2,), (0, 1), (1, 2), (2, 1), (0, 2), (1, 0, 2), (2, 1, 0)])
def test_orders_leave_a_queue_anywhere(gone):
    book = s.new_book()
    placed = [limit(book, SELL, 100, 10 + n)[0] for n in range(3)]
    for n in gone:
        remove(book, np.int64(SELL), np.int64(placed[n]))
        book.orders[placed[n]]["status"] = Outcome.CANCELLED
        check_book(book)
    last, *_ = limit(book, SELL, 100, 99)
    check_book(book)
    left = [(order, 10 + n) for n, order in enumerate(placed) if n not in gone]
    assert queue_of(book, SELL) == [(100, [*left, (last, 99)])]


def test_the_next_id_is_nobody_yet():
    """Whatever stands in its row."""
    book = larger(s.new_book(orders=2))
    for n in range(3):
        last, *_ = limit(book, SELL, 100 + n, 1)
        for order in (0, -1, last + 1, last + 2, 2**40, INT64_MAX, INT64_MIN):
            assert refusal(book, np.int64(order)) == Outcome.ORDER_NOT_FOUND
        assert refusal(book, np.int64(last)) == 0


# Names


def test_a_name_is_found_behind_others_of_the_same_place():
    """In a table of eight rows with names that all start at row 7, the search goes round."""
    book = s.new_book()._replace(ids=np.zeros(8, np.uint32))
    nameless, *_ = limit(book, SELL, 9, 1)
    names = [7, 15, 23, 31]
    for name in names:
        order, *_ = submit(book, *np.array([BUY, 5, 1, GTC, name], np.int64))
        book.ids[place(book, np.int64(name))] = order
    rows = [3, 4, 5, 0, 0, 0, 0, 2]
    assert (nameless, book.ids.tolist()) == (1, rows)
    assert [int(order_of(book, np.int64(name))) for name in (*names, 39, 3)] == [2, 3, 4, 5, 0, 0]
    book.ids[:] = 0
    ids.fill_table(book)
    assert book.ids.tolist() == rows, "orders without a name are not in it"


def test_the_latest_order_of_a_name_is_entered_and_ghosts_are_not():
    book = s.new_book()._replace(ids=np.zeros(8, np.uint32))
    for tif in (IOC, GTC, FOK):
        submit(book, *np.array([BUY, 5, 1, tif, 6], np.int64))
    ids.fill_table(book)
    assert book.ids.tolist() == [0, 0, 0, 0, 0, 0, 2, 0]


# Looking through a flow


def one_row(kind=0, side=0, price=100, quantity=1, tif=0, order_id=0):
    codes = {"kind": kind, "side": side, "tif": tif}
    columns = {"price": price, "quantity": quantity, "order_id": order_id}
    return sealed(
        **{name: np.array([0, code], np.uint8) for name, code in codes.items()},
        **{name: np.array([1, number], np.int64) for name, number in columns.items()},
    )


LIMIT, CANCEL, MODIFY, MARKET = range(4)
FINE = [
    {},
    {"kind": CANCEL, "side": 9, "tif": 9, "price": INT64_MIN, "quantity": -5},
    {"kind": MODIFY, "side": 9, "tif": 9, "quantity": 0},
    {"kind": MODIFY, "price": INT64_MAX, "quantity": 0},
    {"kind": MARKET, "tif": 9, "price": INT64_MAX, "quantity": 2**62},
    {"price": 0, "quantity": 2**62},
    {"price": INT64_MAX, "quantity": 1},
    {"price": -INT64_MAX, "quantity": 1},
    {"price": 2**31, "quantity": 2**31},
    {"price": 3_037_000_499, "quantity": 3_037_000_499},
    {"price": -1, "quantity": 2**62},
    {"order_id": -1},
    {"kind": MARKET, "order_id": -1},
]
FAULTS = [
    {"kind": 4},
    {"kind": 255},
    {"side": 2},
    {"kind": MARKET, "side": 2},
    {"tif": 3},
    {"quantity": 0},
    {"quantity": -1},
    {"kind": MARKET, "quantity": 0},
    {"kind": MODIFY, "quantity": -1},
    {"quantity": 2**62 + 1, "price": 0},
    {"kind": MARKET, "quantity": 2**62 + 1},
    {"kind": MODIFY, "quantity": 2**62 + 1, "price": 1},
    {"kind": CANCEL, "order_id": -1},
    {"kind": MODIFY, "order_id": -1},
    {"price": INT64_MAX, "quantity": 2},
    {"price": -INT64_MAX, "quantity": 2},
    {"price": INT64_MIN, "quantity": 2},
    {"kind": MODIFY, "price": 3_037_000_500, "quantity": 3_037_000_500},
    {"price": 2**31, "quantity": 2**32},
    {"price": -2, "quantity": 2**62 + 1},
    {"price": 3, "quantity": 2**62},
]


@pytest.mark.parametrize("row", FINE, ids=str)
def test_rows_that_may_reach_a_book(row):
    assert tape.faulty(one_row(**row), False) == 2


@pytest.mark.parametrize("row", FAULTS, ids=str)
def test_rows_that_may_not(row):
    columns = one_row(**row)
    assert tape.faulty(columns, False) == 1
    assert tape.scan(columns, False)[0] != 0, "what faulty refuses, scan must suspect"


def test_names_of_new_orders_count_with_client_ids_only():
    columns = one_row(order_id=-1)
    assert (tape.faulty(columns, False), tape.faulty(columns, True)) == (2, 1)
    assert (tape.scan(columns, False)[0] == 0, tape.scan(columns, True)[0] == 0) == (True, False)


def test_scan_counts_ids_lots_and_names():
    columns = sealed(
        kind=np.array([LIMIT, CANCEL, MODIFY, MARKET], np.uint8),
        side=np.zeros(4, np.uint8),
        price=np.zeros(4, np.int64),
        quantity=np.array([5, 1000, 7, 9]),
        tif=np.zeros(4, np.uint8),
        order_id=np.array([90, 3, 4, 80]),
    )
    assert tuple(tape.scan(columns, False)) == (0, 3, 21.0, 4)
    assert tuple(tape.scan(columns, True)) == (0, 3, 21.0, 90)


@pytest.mark.parametrize(
    "price", [0, 1, -1, 2, 3, 2**31 - 1, 2**31, -(2**31), 2**40, INT64_MAX, -INT64_MAX, INT64_MIN]
)
@pytest.mark.parametrize("quantity", [1, 2, 3, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**62])
def test_overflow_is_what_python_says(price, quantity):
    fits = INT64_MIN <= price * quantity <= INT64_MAX
    assert bool(overflows(np.int64(price), np.int64(quantity))) == (not fits)
