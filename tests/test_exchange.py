"""The exchange as users hold it: golden traces, the tables of the rules, strings, edges, keeping house."""

import copy
import pickle

import numpy as np
import pytest

from nanobook import (
    BookSnapshot,
    CancelResult,
    Exchange,
    LevelSnapshot,
    ModifyResult,
    Outcome,
    Side,
    TimeInForce,
    Trade,
)
from nanobook.kernels.book.state import LEVELS_USED
from nanobook.types import INT64_MAX, INT64_MIN
from tests.tapes import flow


def levels(side):
    """Price, quantity and orders of each level of one side of a snapshot."""
    return [tuple(level) for level in side]


def queue(book, side):
    """(id, lots) of all resting orders of a side."""
    return [tuple(pair) for pair in np.column_stack(book.queue(side)).tolist()]


def kept(book, order_id):
    """Status, filled and remaining of a stored order."""
    order = book.get_order(order_id)
    return order.status, order.filled_quantity, order.remaining_quantity


# Golden traces


def test_a_refused_fok_takes_an_id_and_a_time():
    book = Exchange()
    assert book.submit_limit("sell", 100, 50).order_id == 1
    refused = book.submit_limit("buy", 100, 100, "fok")
    assert (refused.order_id, refused.status, refused.cancelled_quantity) == (2, "Cancelled", 100)
    assert book.submit_limit("sell", 101, 5).order_id == 3
    result = book.submit_limit("buy", 100, 10)
    assert result.trades == book.trades() == [(1, 100, 10, "buy", 4, 1, 5)]
    assert [book.get_order(i).timestamp for i in (1, 3, 4)] == [1, 3, 4]
    assert book.get_order(2) is None
    assert book.cancel(2).error == book.modify(2, 100, 1).error == "OrderNotFound"


def test_a_modified_order_goes_to_the_back():
    book = Exchange()
    book.submit_limit("buy", 100, 10)
    book.submit_limit("buy", 100, 20)
    assert book.modify(1, 100, 10) == (True, 1, 3, 10, [], None)
    assert queue(book, "buy") == [(2, 20), (3, 10)]
    assert book.submit_limit("sell", 100, 5).trades[0].passive_order_id == 2


def test_a_modified_order_is_new_whatever_was_filled():
    book = Exchange()
    book.submit_limit("buy", 100, 10)
    book.submit_limit("sell", 100, 4)
    result = book.modify(1, 100, 10)
    assert (result.cancelled_quantity, queue(book, "buy")) == (6, [(3, 10)])
    assert kept(book, 1) == ("cancelled", 4, 0)


@pytest.mark.parametrize(
    ("bid", "ask", "mid", "imbalance", "weighted"),
    [
        ((10000, 300), (10200, 100), 10100.0, 0.5, 10150.0),
        ((-12345, 3), (7, 2), -6169.0, 0.2, -4933.8),
    ],
)
def test_analytics(bid, ask, mid, imbalance, weighted):
    book = Exchange()
    book.submit_limit("buy", *bid)
    book.submit_limit("sell", *ask)
    for shot in (book.depth(1), book.depth(), book.full_book()):
        assert (shot.mid_price(), shot.imbalance(), shot.weighted_mid()) == (mid, imbalance, weighted)
        assert shot.spread() == book.spread() == ask[0] - bid[0]
        assert (shot.best_bid(), shot.best_ask()) == book.best_bid_ask() == (bid[0], ask[0])
        assert (shot.total_bid_quantity(), shot.total_ask_quantity()) == (bid[1], ask[1])


def test_a_cancel_behind_a_fill_leaves_the_neighbours_alone():
    """Four calls that send the original into an infinite loop."""
    book = Exchange()
    book.submit_limit("sell", 100, 10)
    book.submit_limit("sell", 100, 20)
    book.submit_limit("buy", 100, 10)
    assert book.cancel(2) == (True, 20, None)
    assert book.best_ask() is None
    assert book.submit_market("buy", 1).status == "Cancelled"


# Submissions


SUBMISSIONS = {
    "gtc filled": ("buy", 100, 10, "gtc", ("Filled", 10, 0, 0), ("filled", 10, 0)),
    "ioc filled": ("buy", 101, 4, "ioc", ("Filled", 4, 0, 0), ("filled", 4, 0)),
    "fok filled": ("buy", 100, 10, "fok", ("Filled", 10, 0, 0), ("filled", 10, 0)),
    "gtc no fill": ("buy", 99, 10, "gtc", ("New", 0, 10, 0), ("new", 0, 10)),
    "gtc part": ("buy", 100, 13, "gtc", ("PartiallyFilled", 10, 3, 0), ("partiallyfilled", 10, 3)),
    "ioc no fill": ("buy", 99, 10, "ioc", ("Cancelled", 0, 0, 10), ("cancelled", 0, 10)),
    "ioc part": ("buy", 100, 13, "ioc", ("PartiallyFilled", 10, 0, 3), ("partiallyfilled", 10, 3)),
    "fok too few": ("buy", 100, 11, "fok", ("Cancelled", 0, 0, 11), None),
    "fok too far": ("buy", 99, 1, "fok", ("Cancelled", 0, 0, 1), None),
}


@pytest.mark.parametrize("case", SUBMISSIONS)
@pytest.mark.parametrize("mirrored", [False, True])
def test_submission_table(case, mirrored):
    side, price, quantity, tif, result, order = SUBMISSIONS[case]
    book = Exchange()
    if mirrored:
        book.submit_limit("buy", -100, 10)
        done = book.submit_limit("sell", -price, quantity, tif)
    else:
        book.submit_limit("sell", 100, 10)
        done = book.submit_limit(side, price, quantity, tif)
    shown = done.status, done.filled_quantity, done.resting_quantity, done.cancelled_quantity
    assert (done.order_id, *shown) == (2, *result)
    assert sum(result[1:]) == quantity
    assert (done.has_trades(), done.is_resting(), done.is_fully_filled()) == (
        result[1] > 0,
        result[2] > 0,
        result[1] == quantity,
    )
    if order is None:
        assert book.get_order(2) is None
        assert queue(book, "buy" if mirrored else "sell") == [(1, 10)]
    else:
        assert kept(book, 2) == order
        assert book.get_order(2).is_active() == done.is_resting()


@pytest.mark.parametrize(("side", "edge"), [("buy", INT64_MAX), ("sell", INT64_MIN)])
def test_a_market_order_is_ioc_at_the_int64_limit(side, edge):
    book = Exchange()
    other = Side[side.upper()].opposite
    assert book.submit_market(side, 5).status == "Cancelled"
    book.submit_limit(other, edge, 1)
    result = book.submit_market(side, 5)
    assert (result.status, result.filled_quantity, result.cancelled_quantity) == ("PartiallyFilled", 1, 4)
    order = book.get_order(3)
    assert (order.price, order.time_in_force, order.status) == (edge, "ioc", "partiallyfilled")
    assert book.last_trade_price() == edge


def test_a_sweep_pays_the_resting_prices_oldest_first():
    book = Exchange()
    for price, quantity in ((101, 3), (100, 2), (100, 4), (103, 9)):
        book.submit_limit("sell", price, quantity)
    result = book.submit_limit("buy", 102, 12)
    assert result.trades == [
        Trade(1, 100, 2, "buy", 5, 2, 6),
        Trade(2, 100, 4, "buy", 5, 3, 7),
        Trade(3, 101, 3, "buy", 5, 1, 8),
    ]
    assert (book.best_bid_ask(), book.spread(), book.last_trade_price()) == ((102, 103), 1, 101)
    assert [trade.passive_side for trade in result.trades] == ["sell"] * 3
    assert Trade.vwap(result.trades) == (200 + 400 + 303) // 9
    assert result.trades[2].notional() == 303


@pytest.mark.parametrize("spelling", ["buy", "b", "BUY", "B", "bUy", Side.BUY])
def test_spellings_of_sides(spelling):
    book = Exchange()
    assert book.submit_limit(spelling, 100, 1).status == "New"
    assert book.get_order(1).side == "buy"
    assert book.submit_market(spelling, 1).order_id == 2
    assert len(book.queue(spelling)[0]) == 1


@pytest.mark.parametrize("spelling", ["ioc", "IOC", "Ioc", TimeInForce.IOC])
def test_spellings_of_times_in_force(spelling):
    book = Exchange()
    assert book.submit_limit("sell", 100, 1, tif=spelling).cancelled_quantity == 1
    assert book.get_order(1).time_in_force == "ioc"


def test_anything_with_an_index_is_a_number():
    book = Exchange()
    for number in (np.int64(5), np.uint8(5), np.int32(5), np.array(5)):
        assert book.submit_limit("buy", number, number).resting_quantity == 5
    assert book.modify(np.int64(1), np.uint16(6), np.int8(7)).new_order_id == 5
    assert book.submit_market("sell", np.int64(7)).filled_quantity == 7
    assert book.cancel(np.uint64(2)).cancelled_quantity == 5
    assert book.get_order(np.int64(3)).id == 3
    order = book.get_order(5)
    assert {type(value) for value in order} == {int, str, type(None)}


# Cancels and modifies


def test_cancel_table():
    book = Exchange()
    book.submit_limit("buy", 100, 10)
    book.submit_limit("sell", 100, 4)
    before = book.digest()
    assert book.cancel(0) == book.cancel(3) == book.cancel(INT64_MAX) == (False, 0, "OrderNotFound")
    assert book.cancel(2) == (False, 0, "OrderNotActive")
    assert book.digest() == before
    assert book.cancel(1) == (True, 6, None)
    assert kept(book, 1) == ("cancelled", 4, 0)
    assert book.best_bid() is None
    assert book.cancel(1) == (False, 0, "OrderNotActive")
    book.submit_limit("buy", 1, 1)
    assert (book.get_order(3).timestamp, book.get_order(3).id) == (4, 3)


def test_modify_table():
    book = Exchange()
    book.submit_limit("buy", 100, 10)
    book.submit_limit("sell", 100, 10)
    book.submit_limit("sell", 105, 3)
    book.submit_limit("buy", 99, 7)
    before = book.digest()
    for order_id in (4, 1, 99, 0):
        assert book.modify(order_id, 105, 0) == (False, order_id, None, 0, [], "InvalidQuantity")
    assert book.modify(99, 105, 1) == (False, 99, None, 0, [], "OrderNotFound")
    assert book.modify(1, 105, 1) == (False, 1, None, 0, [], "OrderNotActive")
    assert book.digest() == before
    result = book.modify(4, 105, 5)
    assert result == (True, 4, 5, 7, [(2, 105, 3, "buy", 5, 3, 7)], None)
    assert book.last_trade_price() == 105
    assert kept(book, 4) == ("cancelled", 0, 0)
    assert queue(book, "buy") == [(5, 2)]


def test_a_modify_to_the_same_values_loses_its_place():
    book = Exchange()
    for _ in range(2):
        book.submit_limit("sell", 100, 5)
    assert book.modify(1, 100, 5).new_order_id == 3
    assert queue(book, "sell") == [(2, 5), (3, 5)]


@pytest.mark.parametrize(
    "send", [lambda b: b.submit_market("buy", 9), lambda b: b.submit_limit("b", 100, 9, "ioc")]
)
def test_the_rest_of_an_immediate_order_is_dead(send):
    book = Exchange()
    book.submit_limit("sell", 100, 5)
    assert (send(book).status, kept(book, 2)) == ("PartiallyFilled", ("partiallyfilled", 5, 4))
    before = book.digest()
    assert not book.get_order(2).is_active()
    assert book.cancel(2).error == book.modify(2, 100, 1).error == "OrderNotActive"
    assert book.digest() == before
    assert book.clear_order_history() == 2
    assert book.get_order(2) is None


# Looking


def test_an_empty_book():
    book = Exchange()
    assert book.best_bid_ask() == (None, None)
    assert book.best_bid() is book.best_ask() is book.spread() is book.last_trade_price() is None
    assert book.trades() == []
    assert not book.trades()
    assert book.get_order(1) is None
    for shot in (book.depth(), book.depth(0), book.full_book()):
        assert shot == ([], [], 0)
        assert shot.mid_price() is shot.spread() is shot.imbalance() is shot.weighted_mid() is None
        assert shot.best_bid() is shot.best_ask() is None
        assert shot.total_bid_quantity() == shot.total_ask_quantity() == 0


def test_depth_and_full_book():
    book = Exchange()
    for n in range(4):
        book.submit_limit("buy", 100 - n, 10 + n)
        book.submit_limit("buy", 100 - n, 1)
        book.submit_limit("sell", 101 + n, 20 + n)
    assert book.depth(0) == ([], [], 12)
    assert levels(book.depth(2).bids) == [(100, 11, 2), (99, 12, 2)]
    assert levels(book.depth(2).asks) == [(101, 20, 1), (102, 21, 1)]
    assert book.depth(4) == book.depth(10**9) == book.full_book() == book.depth()
    assert len(book.full_book().bids) == 4
    book.submit_market("sell", 11)
    assert book.depth(1).bids == [(99, 12, 2)]
    assert book.depth(1).timestamp == 13 + 2


def test_depth_shows_ten_levels_unless_told():
    book = Exchange()
    for n in range(15):
        book.submit_limit("buy", 100 + n, 1)
    assert [len(book.depth().bids), len(book.depth(levels=12).bids), len(book.full_book().bids)] == [
        10,
        12,
        15,
    ]


def test_one_side_has_an_imbalance_of_one():
    book = Exchange()
    book.submit_limit("sell", 100, 3)
    assert book.full_book().imbalance() == -1.0
    assert book.full_book().mid_price() is None


def test_looking_changes_nothing():
    book = Exchange()
    book.process(flow(500, 3))
    before = book.digest(), book.best_bid_ask()
    book.depth(3), book.full_book(), book.trades().to_frame(), book.queue("buy"), book.get_order(5)
    book.spread(), book.last_trade_price(), book.order_of(3), repr(book), book._repr_html_(), book.nbytes
    assert (book.digest(), book.best_bid_ask()) == before


def test_equal_books_have_equal_digests_and_others_have_not():
    def book(*extra):
        made = Exchange()
        for order in [("sell", 100, 5), ("buy", 90, 5), ("buy", 100, 2), *extra]:
            made.submit_limit(*order)
        return made

    assert book().digest() == book().digest() != Exchange().digest()
    digests = {
        book(extra).digest()
        for extra in [("buy", 1, 1), ("buy", 1, 2), ("buy", 2, 1), ("sell", 200, 1), ("buy", 1, 1, "ioc")]
    }
    assert len(digests) == 5
    cleared = book()
    cleared.clear_trades()
    forgotten = book()
    forgotten.clear_order_history()
    assert len({cleared.digest(), forgotten.digest(), book().digest()}) == 3


# Strings


def a_book():
    """One trade and an order on each side."""
    book = Exchange()
    book.submit_limit("sell", 10050, 100)
    book.submit_limit("buy", 10050, 30)
    book.submit_limit("buy", 10000, 3)
    return book


def test_strings_are_the_originals():
    book = Exchange()
    assert repr(book) == "Exchange(bid=None, ask=None, trades=0)"
    first = book.submit_limit("sell", 10050, 100)
    second = book.submit_limit("buy", 10050, 30)
    assert (
        repr(first) == "SubmitResult(order_id=1, status='New', filled=0, resting=100, cancelled=0, trades=0)"
    )
    assert repr(second) == (
        "SubmitResult(order_id=2, status='Filled', filled=30, resting=0, cancelled=0, trades=1)"
    )
    assert repr(second.trades) == "[Trade(id=1, price=$100.50, qty=30, side='buy')]"
    assert repr(book.trades()) == "[Trade(id=1, price=$100.50, qty=30, side='buy')]"
    assert repr(book.get_order(1)) == (
        "Order(id=1, side=sell, price=10050, qty=30/100, status=partiallyfilled)"
    )
    book.submit_limit("buy", 10000, 3)
    assert repr(book) == "Exchange(bid=$100.00, ask=$100.50, trades=1)"
    assert repr(book.depth()) == "BookSnapshot(bids=1, asks=1)"
    assert repr(book.depth().asks) == "[Level(price=$100.50, qty=70, orders=1)]"
    assert repr(book.modify(1, 10060, 5)) == "ModifyResult(success=True, old=1, new=4, trades=0)"
    assert repr(book.modify(1, 10060, 5)) == "ModifyResult(success=False, error='OrderNotActive')"
    assert repr(book.cancel(4)) == "CancelResult(success=True, cancelled_quantity=5)"
    assert repr(book.cancel(77)) == "CancelResult(success=False, error='OrderNotFound')"
    assert str(first) == repr(first)


@pytest.mark.parametrize(("price", "shown"), [(-7, "$-0.07"), (-250, "$-2.50"), (0, "$0.00"), (5, "$0.05")])
def test_prices_are_shown_as_the_original_shows_them(price, shown):
    book = Exchange()
    book.submit_limit("buy", price, 1)
    assert repr(book) == f"Exchange(bid={shown}, ask=None, trades=0)"
    assert repr(book.depth().bids[0]) == f"Level(price={shown}, qty=1, orders=1)"
    trade = book.submit_market("sell", 1).trades[0]
    assert repr(trade) == f"Trade(id=1, price={shown}, qty=1, side='sell')"
    assert trade.price_float == price / 100


def test_long_sequences_are_shown_short():
    book = Exchange()
    result = book.process(flow(3000, 1))
    assert repr(book.trades()) == f"Trades({len(book.trades())})"
    assert repr(result).startswith("TapeResult(messages=3000, trades=")
    assert "<table" in result._repr_html_()
    assert "<table" in book._repr_html_()
    assert "<table" in book.trades()._repr_html_()


def test_frames():
    pd = pytest.importorskip("pandas")
    book = a_book()
    frame = book.trades().to_frame()
    assert frame.index.tolist() == [1]
    assert frame.loc[1, "aggressor_side"] == "buy"
    assert book.depth().to_frame().to_dict("list") == {
        "side": ["buy", "sell"],
        "price": [10000, 10050],
        "quantity": [3, 70],
        "order_count": [1, 1],
    }
    tape = {"kind": ["limit"] * 2, "side": ["buy", "sell"], "price": [5, 7], "quantity": [3, 4]}
    result = Exchange().process(tape, levels=2)
    shown = result.levels.to_frame()
    assert shown["bid_price", 1].tolist() == [5, 5]
    assert shown["ask_price", 1].isna().tolist() == [True, False]
    assert shown["ask_orders", 2].isna().all()
    assert result.to_frame()["status"].tolist() == ["New", "New"]
    assert isinstance(result.to_frame(), pd.DataFrame)


# Results are values


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_results_are_values(again):
    book = Exchange()
    made = [book.submit_limit("sell", 100, 5), book.submit_limit("buy", 101, 9), book.submit_market("buy", 3)]
    made += [book.cancel(2), book.cancel(2), book.modify(1, 5, 5), book.modify(1, 5, 0)]
    made += [book.get_order(2), book.depth(), book.trades(), book.trades()[0], book.depth().asks]
    for result in made:
        other = again(result)
        assert other == result
        assert repr(other) == repr(result)
        assert type(other) is type(result)
    assert again(made[1]).trades == made[1].trades == book.trades()
    assert hash(again(made[1])) == hash(made[1])
    assert made[0] != made[1]
    assert made[0] != 5


def test_a_tape_result_can_be_pickled():
    result = Exchange().process(flow(300, 4), levels=2)
    other = pickle.loads(pickle.dumps(result))
    for name in ("order_id", "outcome", "filled", "resting", "cancelled"):
        np.testing.assert_array_equal(getattr(other, name), getattr(result, name))
    assert other.trades == result.trades
    np.testing.assert_array_equal(other.levels.bid_price, result.levels.bid_price)


def test_results_cannot_be_changed():
    book = Exchange()
    results = [book.submit_limit("buy", 100, 5), book.cancel(1), book.modify(1, 5, 5), book.get_order(1)]
    names = ["order_id", "success", "error", "status"]
    for result, name in zip(results, names, strict=True):
        with pytest.raises(AttributeError):
            setattr(result, name, 7)


def test_columns_handed_out_cannot_change_the_book():
    book = a_book()
    for trades in (book.trades(), book.process(flow(400, 5)).trades):
        before = book.digest()
        for name in trades.COLUMNS:
            column = getattr(trades, name)
            if column.flags.writeable:
                column[:] = 0
        assert book.digest() == before


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_an_exchange_is_either_copied_whole_or_not_at_all(again):
    book = a_book()
    try:
        other = again(book)
    except TypeError:
        return
    before = book.digest()
    assert other.digest() == before
    other.submit_limit("buy", 1, 1)
    assert book.digest() == before != other.digest()


def test_own_trades_survive_growth_and_clearing():
    book = Exchange()
    book.submit_limit("sell", 100, 1)
    first = book.submit_limit("buy", 100, 1)
    for n in range(3000):
        book.submit_limit("sell", 100 + n % 7, 1)
    sweep = book.submit_market("buy", 2999)
    all_trades = book.trades()
    expected = list(sweep.trades)
    book.clear_trades()
    book.process(flow(3000, 2))
    book.clear_trades()
    book.clear_order_history()
    assert first.trades == [(1, 100, 1, "buy", 2, 1, 3)]
    assert sweep.trades == expected
    assert len(expected) == 2999
    assert all_trades == [*first.trades, *expected]
    assert book.trades() == []


def test_trades_are_a_sequence():
    book = Exchange()
    book.process(flow(500, 6))
    trades = book.trades()
    assert len(trades) > 50
    assert trades[0] == next(iter(trades)) == trades[:1][0]
    assert trades[-1] == list(trades)[-1]
    assert trades[3:7] == list(trades)[3:7]
    assert trades[1] in trades
    assert trades != list(trades)[1:]
    with pytest.raises(IndexError):
        trades[len(trades)]


# Keeping house


def test_clear_trades_keeps_ids_clock_and_last_price():
    book = Exchange()
    book.submit_limit("sell", 100, 10)
    book.submit_market("buy", 1)
    book.clear_trades()
    assert (book.trades(), book.last_trade_price()) == ([], 100)
    assert repr(book) == "Exchange(bid=None, ask=$1.00, trades=0)"
    assert book.submit_market("buy", 2).trades == book.trades() == [(2, 100, 2, "buy", 3, 1, 5)]
    assert book.get_order(3).timestamp == 4
    tape = {"kind": [3], "side": [0], "price": [0], "quantity": [1]}
    assert book.process(tape).trades == [(3, 100, 1, "buy", 4, 1, 7)]


def test_clear_order_history_forgets_the_dead():
    book = Exchange()
    book.submit_limit("sell", 100, 10)
    book.submit_market("buy", 1)
    book.submit_limit("buy", 100, 100, "fok")
    book.submit_limit("buy", 50, 5)
    book.cancel(4)
    assert book.clear_order_history() == 2
    assert book.clear_order_history() == 0
    assert [book.get_order(i) is None for i in range(6)] == [True, False, True, True, True, True]
    for order_id in (2, 3, 4):
        assert book.cancel(order_id).error == book.modify(order_id, 5, 5).error == "OrderNotFound"
    assert book.trades()[0].aggressor_side == "buy"
    assert book.submit_market("buy", 9).order_id == 5
    assert book.clear_order_history() == 2
    assert book.submit_limit("buy", 1, 1).order_id == 6


def test_clear_order_history_forgets_names():
    tape = {
        "kind": ["limit", "limit", "cancel"],
        "side": ["buy"] * 3,
        "price": [5, 6, 0],
        "quantity": [1, 1, 0],
        "order_id": [2**50, 7, 2**50],
    }
    book = Exchange()
    book.process(tape, client_ids=True)
    assert book.order_of(2**50).status == "cancelled"
    assert book.clear_order_history() == 1
    assert (book.order_of(2**50), book.order_of(7).id) == (None, 2)
    again = {name: column[:1] for name, column in tape.items()}
    assert book.process(again, client_ids=True).outcome.tolist() == [Outcome.NEW]
    assert book.order_of(2**50).id == 3


def test_compact_changes_nothing_that_can_be_seen():
    book = Exchange()
    book.process(flow(4000, 8, prices="extreme"))
    before = book.digest(), book.full_book(), book.best_bid_ask()
    used = int(book.book.top[LEVELS_USED])
    book.compact()
    assert (book.digest(), book.full_book(), book.best_bid_ask()) == before
    assert book.book.top[LEVELS_USED] < used
    other = Exchange()
    other.process(flow(4000, 8, prices="extreme"))
    for each in (book, other):
        each.process(flow(4000, 9, prices="extreme"))
    assert book.digest() == other.digest()


def test_order_of_finds_names():
    book = Exchange()
    assert book.order_of(0) is book.order_of(5) is book.order_of(INT64_MAX) is None
    tape = {"kind": [0, 0], "side": [0, 0], "price": [5, 6], "quantity": [1, 1], "order_id": [0, 3]}
    book.process(tape, client_ids=True)
    assert [book.order_of(name) and book.order_of(name).id for name in (0, 1, 3, 4, 2**40)] == [
        1,
        None,
        2,
        None,
        None,
    ]
    assert (book.order_of(3).client_id, book.get_order(1).client_id) == (3, 0)
    book.submit_limit("buy", 1, 1)
    assert book.get_order(3).client_id is None


def test_a_plain_column_of_names_becomes_a_hash_table():
    """Small names first, then one from afar: the first ones stay known, live or dead."""
    book = Exchange()

    def enter(names, kind=0):
        n = len(names)
        columns = {
            "kind": [kind] * n,
            "side": [0] * n,
            "price": [5] * n,
            "quantity": [1] * n,
            "order_id": names,
        }
        return book.process(columns, client_ids=True).outcome.tolist()

    assert enter(list(range(100))) == [Outcome.NEW] * 100
    assert enter([3, 4], kind=1) == [Outcome.CANCELLED] * 2
    assert enter([INT64_MAX, 2**40, 5]) == [Outcome.NEW, Outcome.NEW, Outcome.DUPLICATE_ORDER_ID]
    assert enter([3, 4, 6], kind=1) == [Outcome.ORDER_NOT_ACTIVE] * 2 + [Outcome.CANCELLED]
    assert [book.order_of(name).id for name in (0, 3, 99, INT64_MAX, 2**40)] == [1, 4, 100, 101, 102]
    assert enter(list(range(200, 5000))) == [Outcome.NEW] * 4800
    assert enter([INT64_MAX, 4999, 0, 3], kind=1) == [Outcome.CANCELLED] * 3 + [Outcome.ORDER_NOT_ACTIVE]


def test_the_arrays_show_the_book_as_it_is():
    book = Exchange()
    arrays = book.book
    assert book.best_bid_ask() == (None, None)
    book.submit_limit("buy", 100, 5)
    assert book.best_bid_ask() == (100, None)
    assert book.book.price[1] == 100
    assert arrays._fields == book.book._fields


# Prices at the edges of int64


@pytest.mark.parametrize("price", [INT64_MIN + 1, INT64_MIN + 2, -(2**62), -1, 0, 1, 2**62, INT64_MAX])
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_any_price_rests(side, price):
    book = Exchange()
    book.submit_limit(side, price, 1)
    rests_at = book.best_bid() if side == "buy" else book.best_ask()
    assert (rests_at, book.get_order(1).price) == (price, price)
    other = "sell" if side == "buy" else "buy"
    assert book.submit_limit(other, price, 1).trades == [(1, price, 1, other, 2, 1, 3)]
    assert book.best_bid_ask() == (None, None)


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_the_lowest_price_of_all_rests_one_lot(side):
    """-2**63 x 1 is an int64."""
    book = Exchange()
    assert book.submit_limit(side, INT64_MIN, 1).status == "New"
    tape = {"kind": [0], "side": [side], "price": [INT64_MIN], "quantity": [1]}
    assert book.process(tape).outcome.tolist() == [Outcome.NEW]
    assert book.depth().best_bid() == (INT64_MIN if side == "buy" else None)
    assert book.modify(1, INT64_MIN, 1).success
    other = "sell" if side == "buy" else "buy"
    assert book.submit_market(other, 3).filled_quantity == 2
    assert book.last_trade_price() == INT64_MIN


def test_spreads_and_middles_at_the_edges_do_not_wrap():
    book = Exchange()
    book.submit_limit("buy", INT64_MIN + 1, 1)
    book.submit_limit("sell", INT64_MAX, 1)
    assert book.spread() == book.depth().spread() == 2**64 - 2
    assert book.depth().mid_price() == 0.0
    book.submit_limit("buy", INT64_MAX - 1, 1)
    assert (book.spread(), book.depth().mid_price()) == (1, 2.0**63)


def test_sums_of_lots_up_to_the_bound():
    book = Exchange()
    book.submit_limit("buy", 0, 2**62)
    book.submit_limit("buy", 0, 2**62 - 1)
    assert book.depth().bids == [(0, 2**63 - 1, 2)]
    assert book.depth().total_bid_quantity() == 2**63 - 1
    book.submit_limit("sell", 1, 2**62)
    book.submit_limit("sell", 1, 2**62 - 1)
    assert book.depth().weighted_mid() == 0.5
    assert book.depth().imbalance() == 0.0
    assert book.submit_limit("sell", 0, 2**62, "fok").is_fully_filled()


def test_immediate_orders_need_no_room_to_rest():
    """What cannot rest cannot bring a side above its bound."""
    book = Exchange()
    book.submit_limit("buy", 1, 2**62)
    book.submit_limit("buy", 1, 2**62 - 1)
    assert book.submit_market("buy", 1).status == "Cancelled"
    assert book.submit_limit("buy", 1, 1, "ioc").status == "Cancelled"
    assert book.submit_limit("buy", 1, 1, "fok").status == "Cancelled"
    assert book.modify(1, 1, 2**62).success


def test_far_quotes_cost_little():
    book, near = Exchange(), Exchange()
    for each in (book, near):
        for n in range(100):
            each.submit_limit("buy", 10_000 - n, 1)
    before = book.nbytes
    for bit in range(10, 62):
        book.submit_limit("sell", 2**bit + 20_000, 1)
        book.submit_limit("buy", -(2**bit), 1)
    assert book.nbytes < before + 300_000
    assert book.best_bid_ask() == (10_000, 2**10 + 20_000)
    assert book.submit_market("sell", 100).filled_quantity == 100
    assert book.best_bid() == -(2**10)


def test_classes_of_results():
    book = a_book()
    assert isinstance(book.cancel(9), CancelResult)
    assert isinstance(book.modify(9, 1, 1), ModifyResult)
    assert isinstance(book.depth(), BookSnapshot)
    assert isinstance(book.depth().bids[0], LevelSnapshot)
    assert book.depth().bids[0].price_float == 100.0


@pytest.mark.parametrize("wide", [{"price": 2**31}, {"quantity": 2**31}])
def test_recorded_levels_are_as_narrow_as_they_can_be(wide):
    """The first message after which one does not fit 32 bits widens all rows."""
    price = [100, 101, 2**31 - 1, -(2**31), 102]
    flow = {"kind": ["limit"] * 5, "side": ["buy", "buy", "sell", "buy", "buy"], "price": price}
    flow["quantity"] = [2**31 - 1, 1, 5, 6, 7]
    narrow = Exchange().process(flow, levels=2).levels
    assert narrow.bid_price.dtype == narrow.bid_quantity.dtype == np.int32
    assert narrow.bid_price[-1].tolist() == [102, 101]
    odd = flow | {name: [*flow[name][:2], value, *flow[name][3:]] for name, value in wide.items()}
    if "price" in wide:
        odd["quantity"] = [1, 1, 1, 6, 7]
    result = Exchange().process(odd, levels=2).levels
    assert result.ask_price.dtype == np.int64
    assert result.ask_price[:3, 0].tolist() == [0, 0, odd["price"][2]]
    assert result.ask_quantity[:3, 0].tolist() == [0, 0, odd["quantity"][2]]
    assert result.bid_price[1].tolist() == [101, 100]
