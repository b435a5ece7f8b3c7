"""What a book shows: snapshots, columns of depth, and the pane that makes only what changed."""

import copy
import pickle

import numpy as np
import pytest

from nanobook import BookSnapshot, Exchange, LevelSnapshot, errors
from nanobook.pane import MOST_KEPT
from nanobook.types import INT64_MAX, INT64_MIN, MAX_QUANTITY
from tests.tapes import REGIMES, flow, messages

SUBMIT = (Exchange.submit_limit, Exchange.cancel, Exchange.modify, Exchange.submit_market)


def levels_of(book, side):
    """Levels of a side, added up order by order."""
    found = {}
    for order_id, lots in zip(*(column.tolist() for column in book.queue(side)), strict=True):
        price = book.get_order(order_id).price
        _, quantity, orders = found.get(price, (price, 0, 0))
        found[price] = price, quantity + lots, orders + 1
    return list(found.values())


def apply(book, message):
    """Send one message of a tape as a call."""
    kind, side, price, quantity, tif, order_id = message
    side = ("buy", "sell")[side]
    if kind == 0:
        book.submit_limit(side, price, quantity, ("gtc", "ioc", "fok")[tif])
    elif kind == 1:
        book.cancel(order_id)
    elif kind == 2:
        book.modify(order_id, price, quantity)
    else:
        book.submit_market(side, quantity)


def check_shown(book, levels):
    """Compare all ways to look with the orders themselves."""
    bids, asks = levels_of(book, "buy"), levels_of(book, "sell")
    shot = book.depth(levels)
    assert (shot.bids, shot.asks) == (bids[:levels], asks[:levels])
    columns = book.depth_columns(levels)
    assert (columns.shape, columns.dtype) == ((2, 3, levels), np.int64)
    for side, shown in zip(columns, (bids, asks), strict=True):
        rows = [*shown[:levels], *[(0, 0, 0)] * (levels - len(shown))]
        assert side.T.tolist() == [list(row) for row in rows]


@pytest.mark.parametrize("prices", REGIMES)
def test_every_look_shows_the_orders(prices):
    """In random order, so that a pane is used after changes that another look has seen."""
    book = Exchange()
    rng = np.random.default_rng(3)
    for message in messages(flow(250, 11, prices=prices)):
        apply(book, message)
        for _ in range(rng.integers(0, 3)):
            look, levels = rng.integers(0, 3), int(rng.choice([1, 3, 3, 3, 8]))
            if look == 0:
                book.depth(levels)
            elif look == 1:
                book.depth_columns(levels)
            else:
                check_shown(book, levels)
    check_shown(book, 5)
    full = book.full_book()
    assert (full.bids, full.asks) == (levels_of(book, "buy"), levels_of(book, "sell"))


def test_snapshots_stay_as_they_were():
    book = Exchange()
    book.submit_limit("buy", 100, 5)
    book.submit_limit("buy", 99, 5)
    before = book.depth(3)
    kept = copy.deepcopy(before)
    columns = book.depth_columns(3)
    book.submit_limit("buy", 100, 1)
    book.submit_limit("sell", 101, 1)
    after = book.depth(3)
    assert before == kept != after
    assert columns[0, 1].tolist() == [5, 5, 0]
    assert after.bids[1] is before.bids[1]
    after.bids.clear()
    assert len(book.depth(3).bids) == 2


def test_a_level_that_goes_makes_room():
    book = Exchange()
    for price in (100, 99, 98):
        book.submit_limit("buy", price, 1)
    assert len(book.depth(3).bids) == 3
    book.cancel(2)
    assert [level.price for level in book.depth(3).bids] == [100, 98]
    book.submit_market("sell", 2)
    assert book.depth(3).bids == []
    book.submit_limit("buy", 97, 1)
    assert [level.price for level in book.depth(3).bids] == [97]


def test_depth_beyond_what_is_kept():
    book = Exchange()
    for price in range(1, 2 * MOST_KEPT):
        book.submit_limit("buy", price, price)
    many = book.depth(10**15)
    assert many == book.full_book() == book.depth(2 * MOST_KEPT)
    assert [level.price for level in many.bids] == list(range(2 * MOST_KEPT - 1, 0, -1))
    assert book.depth_columns(MOST_KEPT + 6)[0, 0].tolist() == [
        level.price for level in many.bids[: MOST_KEPT + 6]
    ]


@pytest.mark.parametrize("look", [Exchange.depth, Exchange.depth_columns])
def test_levels_that_are_no_number(look):
    book = Exchange()
    book.submit_limit("buy", 100, 1)
    look(book, 1)
    with pytest.raises(errors.WrongType):
        look(book, True)
    with pytest.raises(errors.WrongType):
        look(book, 1.0)
    with pytest.raises(errors.QuantityOutOfRange):
        look(book, -1)
    assert len(book.depth(np.int8(1)).bids) == 1


@pytest.mark.parametrize("levels", [10**14, 2**63])
def test_c037_columns_that_do_not_fit_are_refused(levels):
    with pytest.raises(errors.CapacityError, match="use fewer"):
        Exchange().depth_columns(levels)


def test_a_copy_of_a_book_has_a_pane_of_its_own():
    book = Exchange()
    book.submit_limit("buy", 100, 1)
    book.depth(2)
    for other in (copy.deepcopy(book), pickle.loads(pickle.dumps(book))):
        other.submit_limit("buy", 101, 1)
        assert [len(other.depth(2).bids), len(book.depth(2).bids)] == [2, 1]


# Analytics


def shot(bids, asks):
    """Snapshot of (price, quantity) pairs."""
    return BookSnapshot(*([LevelSnapshot(*level, 1) for level in side] for side in (bids, asks)))


def test_totals_and_imbalance_are_of_the_levels_in_it():
    book = Exchange()
    for n in range(3):
        book.submit_limit("buy", 100 - n, 10 * (n + 1))
        book.submit_limit("sell", 101 + n, 1)
    one, all_ = book.depth(1), book.depth()
    assert (one.total_bid_quantity(), one.total_ask_quantity(), one.imbalance()) == (10, 1, 9 / 11)
    assert (all_.total_bid_quantity(), all_.total_ask_quantity(), all_.imbalance()) == (60, 3, 57 / 63)
    assert all_.weighted_mid() == one.weighted_mid() == (1 * 100.0 + 10 * 101.0) / 11


def test_extremes_do_not_wrap():
    extreme = shot([(INT64_MIN, MAX_QUANTITY)], [(INT64_MAX, MAX_QUANTITY)])
    assert extreme.spread() == 2**64 - 1
    assert (extreme.mid_price(), extreme.imbalance()) == (-0.5, 0.0)


def test_sweep_price_is_what_a_market_order_pays():
    book = Exchange()
    book.process(flow(400, 9))
    full = book.full_book()
    for side in ("buy", "sell"):
        for quantity in (1, 50, 400):
            twin = copy.deepcopy(book)
            done = twin.submit_market(side, quantity)
            paid = sum(trade.notional() for trade in done.trades)
            expected = None if done.cancelled_quantity else paid / quantity
            assert full.sweep_price(side, quantity) == expected
    assert shot([], []).sweep_price("b", 1) is None
    with pytest.raises(errors.InvalidQuantity):
        full.sweep_price("buy", 0)
    with pytest.raises(errors.InvalidSide):
        full.sweep_price("hold", 1)


def test_snapshots_compare_and_are_pickled():
    one = shot([(100, 3)], [(101, 4)])
    assert one == shot([(100, 3)], [(101, 4)]) == pickle.loads(pickle.dumps(one)) != shot([], [])
    assert repr(one) == "BookSnapshot(bids=1, asks=1)"
    assert repr(one.asks) == "[Level(price=$1.01, qty=4, orders=1)]"
    assert (one.bids[0].price_float, one.timestamp) == (1.0, 0)
    with pytest.raises(AttributeError):
        one.bids[0].price = 5


def test_a_snapshot_is_a_table():
    frame = shot([(100, 3)], [(101, 4), (102, 5)]).to_frame()
    assert frame.values.tolist() == [["buy", 100, 3, 1], ["sell", 101, 4, 1], ["sell", 102, 5, 1]]
    assert "<table" in shot([], [])._repr_html_()
