"""Rules of the whole book, one by one, held against the engine and its naive twin alike."""

import pytest

from nanobook.types import INT64_MAX, INT64_MIN
from tests.golden_traces import (
    BAD_QUANTITY,
    CANCELLED,
    FILLED,
    NEW,
    NOT_ACTIVE,
    NOT_FOUND,
    PART,
    PENDING,
    TRIGGERED,
    rest,
    stop_price,
    stop_status,
    trade_at,
    trailed,
)

DAY = 86_400_000_000_000
POLICIES = ("cancel_newest", "cancel_oldest", "decrement_and_cancel", "decrement_both")


def lots(book, order_id):
    """Original, filled and remaining quantity of an order, and its status."""
    order = book.get_order(order_id)
    names = "original_quantity", "filled_quantity", "remaining_quantity", "status"
    return tuple(order[name] for name in names)


# Modify, amend


def test_a_modify_that_trades_sets_off_stops(new):
    book = new()
    rest(book, "sell", (105, 3), (106, 9))
    rest(book, "buy", (100, 2))
    book.submit_stop_market("buy", 105, 4)
    assert book.modify(3, 105, 3)[::4] == (5, 2)
    assert (stop_status(book, 4), book.last_trade_price) == ("triggered", 106)
    assert book.trade_list()[-1][1:5] == (106, 4, 6, 2)


def test_a_modified_order_keeps_owner_and_expiry(new):
    book = new(stp_policy="cancel_newest")
    book.submit_limit("buy", 90, 5, "gtd", 7, expires=50)
    book.submit_limit("sell", 100, 5, owner=7)
    assert book.modify(1, 100, 4).order_id == 3
    assert lots(book, 3) == (4, 0, 0, "cancelled")
    assert book.cancel(3).outcome == book.modify(3, 1, 1).outcome == NOT_ACTIVE
    book.submit_limit("buy", 90, 5, "gtd", 7, expires=50)
    book.modify(4, 91, 6)
    shown = book.get_order(5)
    assert (shown["owner"], shown["time_in_force"]) == (7, "gtd")
    assert book.advance_clock(49) == 0
    assert book.advance_clock(50) == 1
    assert lots(book, 5) == (6, 0, 0, "cancelled")


def test_amend_keeps_the_place(new):
    book = new()
    rest(book, "buy", (100, 10), (100, 20), (100, 30))
    book.submit_limit("sell", 100, 4)
    assert book.queue_position(2) == (1, 6)
    done = book.amend(1, 5)
    assert done.cancelled == 1
    assert lots(book, 1) == (9, 4, 5, "partiallyfilled")
    assert book.amend(2, 1).cancelled == 19
    assert lots(book, 2) == (1, 0, 1, "new")
    assert book.queue(0) == [(100, [(1, 5), (2, 1), (3, 30)])]
    assert (book.queue_position(1), book.queue_position(3)) == ((0, 0), (2, 6))
    assert book.submit_limit("sell", 100, 6).order_id == 5, "an amend takes no id"
    assert book.get_order(5)["timestamp"] == 6, "nor a time"
    assert lots(book, 1) == (9, 9, 0, "filled")


def test_refused_amends(new):
    book = new()
    rest(book, "buy", (100, 10), (99, 1))
    book.cancel(2)
    stop = book.submit_stop_market("sell", 50, 5).order_id
    for order_id in (1, 2, stop, 99):
        assert book.amend(order_id, 0).outcome == BAD_QUANTITY
    assert book.amend(99, 1).outcome == book.amend(stop, 1).outcome == book.amend(0, 1).outcome == NOT_FOUND
    assert book.amend(2, 1).outcome == NOT_ACTIVE
    assert book.amend(1, 10).outcome == book.amend(1, 11).outcome == BAD_QUANTITY
    assert lots(book, 1) == (10, 0, 10, "new")


def test_queue_position(new):
    book = new()
    rest(book, "sell", (100, 5), (100, 6), (100, 7), (101, 8))
    assert [book.queue_position(i) for i in (1, 2, 3, 4)] == [(0, 0), (1, 5), (2, 11), (0, 0)]
    book.cancel(2)
    assert [book.queue_position(i) for i in (0, 2, 3, 5)] == [None, None, (1, 5), None]


# Post-only


def test_post_only(new):
    book = new(stp_policy="cancel_oldest")
    book.submit_limit("sell", 100, 5, owner=3)
    assert book.submit_limit("buy", 99, 5, post_only=True) == (2, NEW, 0, 5, 0)
    assert book.submit_limit("buy", 100, 5, post_only=True) == (3, CANCELLED, 0, 0, 5)
    assert book.submit_limit("buy", 100, 5, "day", 3, post_only=True) == (4, CANCELLED, 0, 0, 5)
    assert book.get_order(3) is None
    assert book.cancel(3).outcome == book.modify(4, 1, 1).outcome == NOT_FOUND
    assert book.queue(1) == [(100, [(1, 5)])]
    assert book.submit_limit("sell", 99, 1, post_only=True).outcome == CANCELLED
    book.submit_limit("sell", 101, 1, "gtd", post_only=True, expires=9)
    assert book.get_order(6)["timestamp"] == 6


# Self-trade prevention


def test_an_order_that_prevention_cut_is_dead(new):
    for policy in POLICIES:
        book = new(stp_policy=policy)
        rest(book, "sell", (100, 2))
        book.submit_limit("sell", 100, 9, owner=1)
        cut = book.submit_limit("buy", 100, 5, owner=1)
        if policy == "cancel_oldest":
            assert cut == (3, PART, 2, 3, 0)
            continue
        assert cut == (3, PART, 2, 0, 3)
        assert lots(book, 3) == (5, 2, 0, "partiallyfilled")
        assert (
            book.cancel(3).outcome == book.modify(3, 100, 1).outcome == book.amend(3, 1).outcome == NOT_ACTIVE
        )
        assert book.submit_limit("buy", 100, 4, owner=1) == (4, CANCELLED, 0, 0, 4)
        assert lots(book, 4) == (4, 0, 0, "cancelled")
        assert book.clear_order_history() == 3


def test_decrement_both_reduces_the_larger(new):
    book = new(stp_policy="decrement_both")
    book.submit_limit("sell", 100, 9, owner=1)
    book.submit_limit("sell", 100, 3, owner=2)
    assert book.submit_limit("buy", 100, 4, owner=1) == (3, CANCELLED, 0, 0, 4)
    assert lots(book, 1) == (5, 0, 5, "new")
    assert book.queue(1) == [(100, [(1, 5), (2, 3)])], "a reduced order keeps its place"
    assert book.submit_limit("buy", 100, 12, owner=1) == (4, PART, 3, 4, 5)
    assert lots(book, 4) == (7, 3, 4, "partiallyfilled")
    assert lots(book, 1) == (5, 0, 0, "cancelled")


def test_nobody_is_kept_from_trading_with_nobody(new):
    for policy in POLICIES:
        book = new(stp_policy=policy)
        book.submit_limit("sell", 100, 5)
        book.submit_limit("sell", 100, 5, owner=0)
        book.submit_limit("sell", 100, 5, owner=2**32 - 1)
        assert book.submit_market("buy", 12, 0) == (4, FILLED, 12, 0, 0)
        assert book.submit_market("buy", 3, 2**32 - 1).filled == 0


def test_every_kind_of_order_has_an_owner(new):
    book = new(stp_policy="cancel_oldest")
    book.submit_limit("sell", 100, 5, owner=1)
    assert book.submit_market("buy", 2, 1) == (2, CANCELLED, 0, 0, 2)
    assert lots(book, 1)[3] == "cancelled"
    trade_at(book, 100)
    submit = (
        lambda: book.submit_stop_market("buy", 100, 1, owner=1),
        lambda: book.submit_stop_limit("buy", 100, 200, 1, owner=1),
        lambda: book.submit_trailing_stop_market("buy", 90, 1, "fixed", 0, owner=1),
        lambda: book.submit_trailing_stop_limit("buy", 90, 200, 1, "fixed", 0, owner=1),
    )
    for call in submit:
        mine = book.submit_limit("sell", 150, 5, owner=1).order_id
        stop = call().order_id
        if stop_status(book, stop) == "pending":
            trade_at(book, 100)
        assert stop_status(book, stop) == "triggered"
        assert book.get_order(book.get_stop_order(stop)["child"])["owner"] == 1
        assert lots(book, mine)[3] == "cancelled"
        book.cancel_all()


@pytest.mark.parametrize(
    ("policy", "mine", "asked", "filled"),
    [
        ("cancel_newest", 1, 10, False),
        ("cancel_newest", 1, 5, True),
        ("cancel_oldest", 90, 10, True),
        ("cancel_oldest", 90, 12, True),
        ("cancel_oldest", 90, 13, False),
        ("decrement_and_cancel", 6, 10, False),
        ("decrement_and_cancel", 5, 10, True),
        ("decrement_and_cancel", 5, 12, True),
        ("decrement_and_cancel", 5, 13, False),
        ("decrement_both", 1, 10, False),
        ("decrement_both", 1, 5, True),
    ],
)
def test_a_fok_trades_all_or_nothing(policy, mine, asked, filled, new):
    book = new(stp_policy=policy)
    book.submit_limit("sell", 100, 5, owner=2)
    book.submit_limit("sell", 101, mine, owner=1)
    book.submit_limit("sell", 102, 7, owner=2)
    before = book.queue(1)
    row = book.submit_limit("buy", 102, asked, "fok", 1)
    if filled:
        assert row == (4, FILLED, asked, 0, 0)
        return
    assert row == (4, CANCELLED, 0, 0, asked)
    assert (book.queue(1), book.get_order(4), book.last_trade_price) == (before, None, None)
    book.submit_limit("buy", 1, 1)
    assert book.get_order(5)["timestamp"] == 5


# Clock


def test_days_and_dates(new):
    book = new()
    assert book.clock == 0
    book.submit_limit("buy", 10, 1, "day")
    book.submit_limit("buy", 11, 1, "gtd", expires=DAY + 5)
    book.submit_limit("buy", 12, 1)
    book.submit_limit("buy", 13, 1, "gtd", expires=3)
    book.submit_stop_limit("buy", 50, 60, 1, "day")
    book.submit_stop_limit("buy", 50, 60, 1, "gtd", expires=DAY)
    book.submit_stop_market("buy", 50, 1)
    assert book.advance_clock(2) == book.advance_clock(2) == 0
    assert book.advance_clock(DAY - 1) == 1
    assert lots(book, 4) == (1, 0, 0, "cancelled")
    assert book.cancel(4).outcome == NOT_ACTIVE
    assert book.advance_clock(DAY) == 3
    assert [stop_status(book, i) for i in (5, 6, 7)] == ["cancelled", "cancelled", "pending"]
    assert book.cancel(5).outcome == NOT_FOUND
    book.submit_limit("sell", 20, 1, "day")
    assert book.advance_clock(2 * DAY - 1) == 1
    assert book.queue(1) == [(20, [(8, 1)])]
    assert book.advance_clock(2 * DAY) == 1
    assert (book.queue(0), book.queue(1), book.clock) == ([(12, [(3, 1)])], [], 2 * DAY)
    assert book.submit_limit("sell", 20, 1).order_id == 9


def test_the_order_that_a_stop_became_expires_when_the_stop_would_have(new):
    book = new()
    book.submit_stop_limit("buy", 50, 40, 1, "day")
    book.submit_trailing_stop_limit("buy", 50, 41, 1, "fixed", 100, "gtd", expires=2 * DAY)
    book.advance_clock(DAY - 1)
    trade_at(book, 50)
    child = book.get_order(book.get_stop_order(1)["child"])
    assert (child["time_in_force"], child["status"]) == ("day", "new")
    assert book.advance_clock(DAY) == 1
    assert book.queue(0) == [(41, [(book.get_stop_order(2)["child"], 1)])]
    assert book.advance_clock(2 * DAY) == 1


# Cancels


def test_cancel_all(new):
    def filled_book():
        book = new()
        for owner in (None, 1, 2):
            book.submit_limit("buy", 90, 1, owner=owner)
            book.submit_limit("sell", 110, 1, owner=owner)
            book.submit_stop_market("buy", 200, 1, owner=owner)
        return book

    assert filled_book().cancel_all() == 9
    assert filled_book().cancel_all(1) == 3
    assert filled_book().cancel_all(side="sell") == 3
    assert filled_book().cancel_all(owner=2, side="buy") == 2
    assert filled_book().cancel_all(9) == 0
    book = filled_book()
    book.cancel_all(1, "buy")
    assert [i for _, queue in book.queue(0) for i, _ in queue] == [1, 7]
    assert (lots(book, 4)[3], stop_status(book, 6), lots(book, 5)[3]) == ("cancelled", "cancelled", "new")
    assert book.pending_stop_count() == 2


def test_cancelled_stops_never_fire(new):
    book = new()
    book.submit_stop_market("buy", 100, 7)
    assert book.cancel(1) == (1, CANCELLED, 0, 0, 7)
    assert book.cancel(1).outcome == book.modify(1, 5, 5).outcome == NOT_FOUND
    trade_at(book, 100)
    assert (stop_status(book, 1), book.get_stop_order(1)["child"]) == ("cancelled", None)
    assert book.modify(1, 5, 0).outcome == BAD_QUANTITY


def test_a_stop_may_become_an_order_that_is_refused(new):
    book = new()
    book.submit_stop_limit("buy", 100, 100, 7, "fok")
    book.submit_stop_limit("buy", 100, 100, 7, "ioc")
    trade_at(book, 100)
    ghost, dead = (book.get_stop_order(i)["child"] for i in (1, 2))
    assert (ghost, dead) == (5, 6)
    assert book.get_order(ghost) is None
    assert lots(book, dead) == (7, 0, 7, "cancelled")


def test_clear_order_history(new):
    book = new()
    rest(book, "buy", (10, 1), (11, 1))
    book.submit_limit("buy", 12, 1, "fok")
    book.submit_limit("buy", 12, 1, "ioc")
    book.submit_stop_market("buy", 500, 1)
    book.submit_stop_market("buy", 600, 1)
    book.cancel(5)
    book.cancel(1)
    assert book.clear_order_history() == 2
    assert [book.get_order(i) is None for i in (1, 2, 3, 4)] == [True, False, True, True]
    assert (book.get_stop_order(5), stop_status(book, 6)) == (None, "pending")
    assert book.cancel(1).outcome == book.cancel(4).outcome == NOT_FOUND
    assert book.clear_order_history() == 0
    assert book.submit_limit("buy", 1, 1).order_id == 7


def test_clear_trades_keeps_ids_and_last_price(new):
    book = new()
    trade_at(book, 100)
    book.clear_trades()
    assert (book.trade_list(), book.last_trade_price) == ([], 100)
    trade_at(book, 101)
    assert book.trade_list() == [(2, 101, 1, 4, 3, "buy", 6)]


# Stops


def ladder(book, first=1000, count=131):
    """Asks of one lot at successive prices, and a stop to buy one at each but the last."""
    prices = range(first, first + count)
    rest(book, "sell", *((price, 1) for price in prices))
    for price in prices[:-1]:
        book.submit_stop_market("buy", price, 1)


def test_a_paused_cascade_is_resumed(new):
    book = new()
    ladder(book)
    book.submit_market("buy", 1)
    assert (book.stops_due, book.pending_stop_count()) == (1, 30)
    book.advance_clock(5)
    book.cancel(1)
    assert (book.stops_due, book.last_trade_price) == (1, 1100)
    book.resume_stops()
    assert (book.stops_due, book.pending_stop_count(), book.last_trade_price) == (0, 0, 1130)


def test_any_trade_resumes_a_cascade(new):
    book = new()
    ladder(book)
    book.submit_market("buy", 1)
    assert book.submit_limit("sell", 1, 1).outcome == NEW
    assert book.pending_stop_count() == 30
    book.submit_limit("buy", 1101, 1)
    assert (book.last_trade_price, book.pending_stop_count()) == (1, 30)
    assert book.stops_due == 0, "the price has moved away"


def test_a_due_stop_may_be_cancelled(new):
    book = new()
    ladder(book)
    book.submit_market("buy", 1)
    due = next(i for i in range(132, 262) if stop_status(book, i) == "pending")
    assert book.cancel(due).cancelled == 1
    assert book.stops_due == 0
    book.resume_stops()
    assert (book.pending_stop_count(), book.last_trade_price) == (29, 1100)


def test_resuming_where_nothing_is_due_is_nothing(new):
    book = new()
    book.resume_stops()
    trade_at(book, 1000)
    trade_at(book, 1010)
    stop = book.submit_trailing_stop_market("sell", 1, 1, "sma_abs_change", 1.0, 10).order_id
    book.resume_stops()
    assert trailed(book, stop, [1020]) == [1010]


def test_a_trailing_stop_beyond_its_price_waits_for_a_trade(new):
    """It is not what a cascade left behind, so there is nothing to resume."""
    book = new()
    trade_at(book, 9000)
    stop = book.submit_trailing_stop_market("sell", 9500, 1, "fixed", 300).order_id
    assert book.stops_due == book.resume_stops() == 0
    assert stop_status(book, stop) == "pending"
    trade_at(book, 9400)
    assert stop_status(book, stop) == "triggered"


@pytest.mark.parametrize("value", [0, 0.9, -1, -0.9, -(10**30), -0.0])
@pytest.mark.parametrize("way", ["fixed", "percentage", "sma_abs_change"])
def test_trails_of_nothing_never_move_a_stop(way, value, new):
    if way != "fixed" and value == 0.9:
        return
    book = new()
    book.submit_trailing_stop_market("sell", -5, 1, way, value, 3)
    book.submit_trailing_stop_market("buy", 5000, 1, way, value, 3)
    assert trailed(book, 1, (100, 200, 50)) == [-5] * 3
    assert stop_price(book, 2) == 5000


def test_fixed_trails_are_truncated(new):
    book = new()
    book.submit_trailing_stop_market("sell", 0, 1, "fixed", 1.9)
    assert trailed(book, 1, [100]) == [99]


@pytest.mark.parametrize(("way", "value"), [("fixed", 1e300), ("percentage", 1e300), ("fixed", 2.0**63)])
def test_stop_prices_saturate(way, value, new):
    book = new()
    book.submit_trailing_stop_market("sell", INT64_MIN, 1, way, value)
    book.submit_trailing_stop_market("buy", INT64_MAX, 1, way, value)
    assert trailed(book, 2, [10]) == [INT64_MAX]
    assert stop_price(book, 1) == 10 - INT64_MAX
    assert book.pending_stop_count() == 2


def test_stops_of_one_moment_fire_oldest_first_whatever_their_side(new):
    book = new()
    rest(book, "buy", (90, 9))
    rest(book, "sell", (110, 9))
    stops = [
        book.submit_stop_market("sell", 100, 1).order_id,
        book.submit_stop_limit("buy", 100, 95, 1).order_id,
        book.submit_trailing_stop_market("sell", 150, 1, "fixed", 400).order_id,
        book.submit_stop_market("buy", 99, 1).order_id,
    ]
    trade_at(book, 100)
    children = [book.get_stop_order(stop)["child"] for stop in stops]
    assert children == list(range(children[0], children[0] + 4))
    assert [trade[1] for trade in book.trade_list()] == [100, 90, 95, 110]


# Ticks and lots


def test_ticks_and_lots_that_fit(new):
    book = new(tick_size=5, lot_size=10)
    assert book.submit_limit("buy", -15, 20) == (1, NEW, 0, 20, 0)
    assert book.submit_stop_limit("buy", 100, 105, 10).outcome == PENDING
    assert book.submit_trailing_stop_market("buy", 100, 10, "fixed", 7).outcome == PENDING
    assert book.modify(1, 0, 30).order_id == 4
    assert book.amend(4, 10).cancelled == 20
    assert book.submit_market("sell", 10) == (5, FILLED, 10, 0, 0)
    assert book.submit_stop_market("sell", 5, 10).outcome == TRIGGERED


def test_what_does_not_fit_is_refused(new):
    book = new(tick_size=5, lot_size=10)
    book.submit_limit("buy", 100, 20)
    before = book.state(5)
    for call in (
        lambda: book.submit_limit("buy", 101, 10),
        lambda: book.submit_limit("buy", 100, 11),
        lambda: book.submit_market("sell", 5),
        lambda: book.modify(1, 99, 10),
        lambda: book.modify(1, 95, 5),
        lambda: book.amend(1, 15),
        lambda: book.submit_stop_market("buy", 101, 10),
        lambda: book.submit_stop_market("buy", 105, 1),
        lambda: book.submit_stop_limit("buy", 105, 106, 10),
        lambda: book.submit_trailing_stop_market("buy", 101, 10, "fixed", 5),
        lambda: book.submit_trailing_stop_limit("buy", 105, 101, 10, "fixed", 5),
        lambda: book.submit_limit("buy", 100, 10, "ioc", post_only=True),
        lambda: book.submit_limit("buy", 100, 10, "fok", post_only=True),
        lambda: book.submit_limit("buy", 100, 10, "gtd"),
        lambda: book.submit_limit("buy", 100, 10, "day", expires=5),
        lambda: book.submit_limit("buy", 100, 10, "gtd", expires=0),
        lambda: book.submit_trailing_stop_market("buy", 105, 10, "fixed", float("nan")),
        lambda: book.submit_trailing_stop_market("buy", 105, 10, "sma_abs_change", 1.0),
        lambda: book.advance_clock(-1),
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - each error's text is tested with the bad inputs
            call()
    assert book.state(5) == before
    assert book.submit_limit("buy", 100, 10).order_id == 2
