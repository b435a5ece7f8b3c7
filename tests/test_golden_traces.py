"""The engine and its naive twin against sessions whose every answer is known."""

import pytest

from tests.golden_traces import ASK, SELF_TRADES, SUBMISSIONS, TRACES, TRAILED, stop_price, trade_at


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.__name__)
def test_trace(trace, new):
    trace(new)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("case", SUBMISSIONS)
def test_submissions(case, mirrored, new):
    order, row, stored = SUBMISSIONS[case]
    resting = ASK
    if mirrored:
        turned = {"buy": "sell", "sell": "buy"}
        resting, order = ((turned[o[0]], -o[1], *o[2:]) for o in (resting, order))
    book = new()
    book.submit_limit(*resting)
    assert book.submit_limit(*order) == (2, *row)
    assert sum(row[1:]) == order[2]
    shown = book.get_order(2)
    if stored is None:
        assert shown is None
        assert book.queue(1 - mirrored) == [(resting[1], [(1, 10)])]
    else:
        assert (shown["status"], shown["filled_quantity"], shown["remaining_quantity"]) == stored


@pytest.mark.parametrize("tif", ["gtc", "ioc"])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("case", SELF_TRADES)
def test_self_trades(case, mirrored, tif, new):
    policy, resting, incoming, row, trades, left = SELF_TRADES[case]
    sell, buy, sign = ("buy", "sell", -1) if mirrored else ("sell", "buy", 1)
    book = new(stp_policy=policy)
    book.submit_limit(sell, sign * 99, 30, owner=2)
    book.submit_limit(sell, sign * 100, resting, owner=1)
    book.submit_limit(sell, sign * 101, 40, owner=2)
    if tif == "ioc":
        row = row[0], row[1], 0, row[2] + row[3]
    assert book.submit_limit(buy, sign * 101, incoming, tif, owner=1) == (4, *row)
    assert [trade[1:3] for trade in book.trade_list()] == [(sign * price, lots) for price, lots in trades]
    shown = book.get_order(2)
    assert (shown["remaining_quantity"], shown["status"]) == left
    assert shown["remaining_quantity"] + shown["filled_quantity"] in (shown["original_quantity"], 0)


@pytest.mark.parametrize(("fraction", "price", "selling", "buying"), TRAILED)
def test_percentages(fraction, price, selling, buying, new):
    far = 10**6
    book = new()
    book.submit_trailing_stop_market("sell", -far, 1, "percentage", fraction)
    book.submit_trailing_stop_market("buy", far, 1, "pct", fraction)
    trade_at(book, price)
    assert stop_price(book, 1) == (-far if selling is None else selling)
    assert stop_price(book, 2) == (far if buying is None else buying)
