"""Sessions whose every answer is known, as functions of what makes a book.

``T1`` to ``T11`` were measured on another implementation of the same rules. A trade is (id, price,
quantity, aggressor, passive, side, time), a row (order id, outcome, filled, resting, cancelled).
"""

from nanobook.types import INT64_MAX, Outcome

NEW, PART, FILLED, CANCELLED = Outcome.NEW, Outcome.PARTIALLY_FILLED, Outcome.FILLED, Outcome.CANCELLED
NOT_FOUND, NOT_ACTIVE, BAD_QUANTITY = (
    Outcome.ORDER_NOT_FOUND,
    Outcome.ORDER_NOT_ACTIVE,
    Outcome.INVALID_QUANTITY,
)
PENDING, TRIGGERED = Outcome.PENDING, Outcome.TRIGGERED


def rest(book, side, *orders):
    """Submit limit orders given as (price, quantity)."""
    for price, quantity in orders:
        book.submit_limit(side, price, quantity)


def trade_at(book, price, quantity=1):
    """Let two fresh orders trade at a price."""
    book.submit_limit("sell", price, quantity)
    book.submit_limit("buy", price, quantity)


def stop_status(book, stop_id):
    """Status of a stop."""
    return book.get_stop_order(stop_id)["status"]


def stop_price(book, stop_id):
    """Stop price as it stands now."""
    return book.get_stop_order(stop_id)["stop_price"]


def trailed(book, stop_id, prices):
    """Stop price after a trade at each of the prices."""
    seen = []
    for price in prices:
        trade_at(book, price)
        seen.append(stop_price(book, stop_id))
    return seen


def t1_ids_and_clock_with_a_refused_fok(new):
    book = new()
    assert book.submit_limit("sell", 100, 50) == (1, NEW, 0, 50, 0)
    assert book.submit_limit("buy", 100, 100, "fok") == (2, CANCELLED, 0, 0, 100)
    assert book.submit_limit("sell", 101, 5) == (3, NEW, 0, 5, 0)
    assert book.submit_limit("buy", 100, 10) == (4, FILLED, 10, 0, 0)
    assert book.trade_list() == [(1, 100, 10, 4, 1, "buy", 5)]
    assert [book.get_order(i)["timestamp"] for i in (1, 3, 4)] == [1, 3, 4]
    assert book.get_order(2) is None


def t2_stop_market(new):
    book = new()
    rest(book, "sell", (100, 50), (105, 100))
    assert book.submit_stop_market("buy", 100, 100) == (3, PENDING, 0, 0, 0)
    assert book.submit_limit("buy", 100, 50) == (4, FILLED, 50, 0, 0)
    assert book.trade_list() == [(1, 100, 50, 4, 1, "buy", 5), (2, 105, 100, 5, 2, "buy", 7)]
    child = book.get_order(5)
    assert (child["timestamp"], child["price"], child["status"]) == (6, INT64_MAX, "filled")
    assert child["time_in_force"] == "ioc"
    assert book.last_trade_price == 105
    stop = book.get_stop_order(3)
    assert (stop["status"], stop["timestamp"], stop["child"]) == ("triggered", 3, 5)
    assert book.cancel(3) == (0, NOT_FOUND, 0, 0, 0)
    assert book.clear_order_history() == 4
    assert book.get_stop_order(3) is None


def t3_immediate(new):
    book = new()
    rest(book, "sell", (100, 5))
    rest(book, "buy", (100, 5))
    rest(book, "sell", (105, 100))
    assert book.submit_stop_market("buy", 100, 10) == (4, TRIGGERED, 0, 0, 0)
    assert book.trade_list()[-1][1:4] == (105, 10, 5)
    assert book.last_trade_price == 105
    assert book.submit_stop_market("buy", 106, 1) == (6, PENDING, 0, 0, 0)
    assert book.submit_stop_market("sell", 90, 1) == (7, PENDING, 0, 0, 0)
    assert book.submit_stop_market("sell", 105, 10) == (8, TRIGGERED, 0, 0, 0)
    assert book.get_order(9)["status"] == "cancelled"
    assert book.submit_stop_limit("buy", 105, 104, 10) == (10, TRIGGERED, 0, 0, 0)
    assert book.queue(0) == [(104, [(11, 10)])]


def t4_batch_order_and_last_price(new):
    book = new()
    rest(book, "sell", (100, 10), (101, 10), (102, 10), (103, 10))
    rest(book, "buy", (99, 10), (98, 10), (97, 10))
    assert book.submit_stop_market("buy", 101, 5) == (8, PENDING, 0, 0, 0)
    book.submit_stop_market("sell", 101, 5)
    book.submit_stop_market("buy", 100, 5)
    book.submit_stop_limit("buy", 100, 99, 5)
    assert book.submit_market("buy", 12) == (12, FILLED, 12, 0, 0)
    assert book.trade_list() == [
        (1, 100, 10, 12, 1, "buy", 13),
        (2, 101, 2, 12, 2, "buy", 14),
        (3, 101, 5, 13, 2, "buy", 16),
        (4, 99, 5, 14, 5, "sell", 18),
        (5, 101, 3, 15, 2, "buy", 20),
        (6, 102, 2, 15, 3, "buy", 21),
    ]
    assert (book.get_order(16)["timestamp"], book.last_trade_price) == (22, 102)
    assert book.queue(0) == [(99, [(5, 5), (16, 5)]), (98, [(6, 10)]), (97, [(7, 10)])]
    assert book.queue(1) == [(102, [(3, 8)]), (103, [(4, 10)])]
    assert [book.get_stop_order(i)["child"] for i in (8, 9, 10, 11)] == [13, 14, 15, 16]


def t5_cascade_cap(new):
    book = new()
    rest(book, "sell", *((price, 1) for price in range(1000, 1131)))
    for price in range(1000, 1130):
        book.submit_stop_market("buy", price, 1)
    assert book.submit_market("buy", 1)[1:] == (FILLED, 1, 0, 0)
    after_cap = book.last_trade_price, book.pending_stop_count(), len(book.trade_list())
    assert after_cap == (1100, 30, 101)
    assert book.stops_due == 1
    book.submit_limit("buy", 1, 1)
    assert book.pending_stop_count() == 30
    assert book.submit_stop_market("buy", 5000, 1).outcome == PENDING
    assert book.submit_stop_market("buy", 1, 1).outcome == TRIGGERED
    assert (book.last_trade_price, book.pending_stop_count(), book.queue(1)) == (1130, 1, [])
    assert book.stops_due == 0


def t6_trailing_fixed(new):
    book = new()
    assert book.submit_trailing_stop_market("sell", 9800, 1, "fixed", 200) == (1, PENDING, 0, 0, 0)
    assert trailed(book, 1, (10200, 10500, 10400, 10301, 10300)) == [10000, 10300, 10300, 10300, 10300]
    assert stop_status(book, 1) == "triggered"
    book = new()
    book.submit_trailing_stop_market("buy", 10200, 1, "fixed", 200)
    seen = trailed(book, 1, (10000, 9700, 9500, 9600, 9699))
    assert seen == [10200, 9900, 9700, 9700, 9700]
    assert stop_status(book, 1) == "pending"
    trade_at(book, 9700)
    assert stop_status(book, 1) == "triggered"
    book = new()
    book.submit_trailing_stop_market("sell", 9800, 1, "fixed", 200)
    trade_at(book, 9799)
    assert (stop_status(book, 1), stop_price(book, 1)) == ("triggered", 9800)


def t7_trailing_by_the_mean_change(new):
    book = new()
    book.submit_trailing_stop_market("sell", 9000, 1, "sma_abs_change", 2.0, 3)
    seen = trailed(book, 1, (10000, 10200, 9900, 10100, 10100, 10500))
    assert seen == [9000, 9800, 9800, 9800, 9867, 10100]
    book = new()
    book.submit_trailing_stop_market("sell", 1, 1, "atr", 1.5, 2)
    assert trailed(book, 1, (1000, 1003, 1008, 1010)) == [1, 999, 1002, 1005]
    book = new()
    book.submit_trailing_stop_market("sell", 1, 1, "sma_abs_change", 1.5, 0)
    assert trailed(book, 1, (1000, 1003, 1008, 1010)) == [1, 1, 1, 1]


def t8_history_predates_the_stop(new):
    book = new()
    trade_at(book, 1000)
    trade_at(book, 1010)
    stop = book.submit_trailing_stop_market("sell", 1, 1, "sma_abs_change", 1.0, 10).order_id
    assert trailed(book, stop, [1020]) == [1010]
    assert book.submit_stop_market("sell", 2000, 1).outcome == TRIGGERED
    assert stop_price(book, stop) == 1014
    assert trailed(book, stop, [1030]) == [1023]


def t9_trailing_fired_by_the_immediate_trigger_of_another(new):
    book = new()
    trade_at(book, 9000)
    trailing = book.submit_trailing_stop_market("sell", 9500, 1, "fixed", 300)
    assert trailing.outcome == PENDING
    assert book.submit_stop_market("buy", 8000, 1).outcome == TRIGGERED
    assert stop_status(book, trailing.order_id) == "triggered"


def t10_modify(new):
    book = new()
    rest(book, "buy", (100, 10), (100, 20))
    changed = book.modify(1, 100, 10)
    assert (changed.order_id, changed.cancelled) == (3, 10)
    assert book.queue(0) == [(100, [(2, 20), (3, 10)])]
    book.submit_limit("sell", 100, 5)
    assert book.trade_list()[-1][3:5] == (4, 2)
    book = new()
    rest(book, "buy", (100, 10))
    book.submit_limit("sell", 100, 4)
    changed = book.modify(1, 100, 10)
    assert (changed.order_id, changed.cancelled) == (3, 6)
    assert book.queue(0) == [(100, [(3, 10)])]


def t11_analytics(new):
    book = new()
    rest(book, "buy", (10000, 300))
    rest(book, "sell", (10200, 100))
    assert book.analytics() == (200, 10100.0, 0.5, 10150.0)
    book = new()
    rest(book, "buy", (-12345, 3))
    rest(book, "sell", (7, 2))
    assert book.analytics() == (12352, -6169.0, 0.2, -4933.8)


TRACES = [value for name, value in sorted(globals().items()) if name[0] == "t" and name[1].isdigit()]

SELF_TRADES = {
    "newest": ("cancel_newest", 100, 50, (PART, 30, 0, 20), [(99, 30)], (100, "new")),
    "oldest larger": ("cancel_oldest", 100, 50, (FILLED, 50, 0, 0), [(99, 30), (101, 20)], (0, "cancelled")),
    "oldest smaller": ("cancel_oldest", 50, 100, (PART, 70, 30, 0), [(99, 30), (101, 40)], (0, "cancelled")),
    "decrement larger": ("decrement_and_cancel", 100, 50, (PART, 30, 0, 20), [(99, 30)], (100, "new")),
    "decrement smaller": (
        *("decrement_and_cancel", 50, 100),
        *((PART, 70, 30, 0), [(99, 30), (101, 40)], (0, "cancelled")),
    ),
    "decrement 100": ("decrement_and_cancel", 100, 100, (PART, 30, 0, 70), [(99, 30)], (100, "new")),
    "decrement equal": (
        *("decrement_and_cancel", 70, 100),
        *((PART, 70, 30, 0), [(99, 30), (101, 40)], (0, "cancelled")),
    ),
    "off": ("off", 100, 50, (FILLED, 50, 0, 0), [(99, 30), (100, 20)], (80, "partiallyfilled")),
    "both larger": ("decrement_both", 100, 50, (PART, 30, 0, 20), [(99, 30)], (80, "new")),
    "both smaller": ("decrement_both", 50, 100, (FILLED, 50, 0, 50), [(99, 30), (101, 20)], (0, "cancelled")),
    "both equal": ("decrement_both", 50, 80, (PART, 30, 0, 50), [(99, 30)], (0, "cancelled")),
}
"""Asks 30@99 of owner 2, R@100 of owner 1, 40@101 of owner 2; owner 1 buys I@101: policy, R, I, what the
row says after the id, the trades, and what is left of R and its status."""

TRAILED = [
    (0.05, 111, 105, 117),
    (0.05, 110, 104, 116),
    (0.05, 109, 104, 114),
    (0.10, 105, 94, 116),
    (0.5, 1, 0, 2),
    (0.5, 5, 2, 8),
    (0.0001, 105, None, None),
    (2.0, 500, -500, 1500),
    (0.0, 500, None, None),
    (-0.05, 500, None, None),
]
"""Fraction, price of a trade, and where a selling and a buying stop far away are then; None: unmoved."""

ASK = ("sell", 100, 10)
SUBMISSIONS = {
    "gtc filled": (("buy", 100, 10, "gtc"), (FILLED, 10, 0, 0), ("filled", 10, 0)),
    "ioc filled": (("buy", 101, 4, "ioc"), (FILLED, 4, 0, 0), ("filled", 4, 0)),
    "fok filled": (("buy", 100, 10, "fok"), (FILLED, 10, 0, 0), ("filled", 10, 0)),
    "gtc no fill": (("buy", 99, 10, "gtc"), (NEW, 0, 10, 0), ("new", 0, 10)),
    "gtc part": (("buy", 100, 13, "gtc"), (PART, 10, 3, 0), ("partiallyfilled", 10, 3)),
    "day part": (("buy", 100, 13, "day"), (PART, 10, 3, 0), ("partiallyfilled", 10, 3)),
    "ioc no fill": (("buy", 99, 10, "ioc"), (CANCELLED, 0, 0, 10), ("cancelled", 0, 10)),
    "ioc part": (("buy", 100, 13, "ioc"), (PART, 10, 0, 3), ("partiallyfilled", 10, 3)),
    "fok too few": (("buy", 100, 11, "fok"), (CANCELLED, 0, 0, 11), None),
    "fok too far": (("buy", 99, 1, "fok"), (CANCELLED, 0, 0, 1), None),
}
"""With 10@100 on offer: an order, what its row says after the id, and status, filled, remaining as stored."""
