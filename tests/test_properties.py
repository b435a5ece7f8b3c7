"""What holds of any sequence of operations, and the naive book beside each of them.

The numbers of invariants are those of the reliability goals; each is checked where it is named.
"""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from nanobook import Exchange
from nanobook.errors import NanobookError
from nanobook.types import (
    INT64_MAX,
    INT64_MIN,
    SIDE_NAMES,
    TIF_NAMES,
    MessageKind,
    OrderStatus,
    Outcome,
    Side,
    TimeInForce,
)
from tests.comparing import compare_get_order, compare_queues, compare_trades, expected_order, told
from tests.kernels.checking import check_book, check_names, check_trades
from tests.oracle.book import NaiveBook

COMMON = settings(
    deadline=None,
    derandomize=True,
    max_examples=40,
    stateful_step_count=30,
    suppress_health_check=[HealthCheck.too_slow],
)

sides = st.sampled_from(Side)
tifs = st.sampled_from([TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK])
kinds = st.sampled_from([MessageKind.LIMIT, MessageKind.CANCEL, MessageKind.MODIFY, MessageKind.MARKET])
near = st.integers(-3, 3)
far = st.sampled_from([INT64_MIN + 1, -(2**62), -(2**31), -65, -64, 63, 64, 4095, 2**31, 2**62, INT64_MAX])
prices = st.one_of(near, near, near, far)
lots = st.one_of(st.integers(1, 6), st.sampled_from([1, 50, 2**31]))


def fitting(price, quantity):
    """Lots that price times quantity keeps inside int64."""
    return min(quantity, INT64_MAX // abs(price)) if price else quantity


class BookMachine(RuleBasedStateMachine):
    """Calls, tapes and housekeeping in any sequence."""

    @initialize(known=st.booleans())
    def start(self, known):
        """Make both books, empty or with a touch."""
        self.book, self.naive, self.messages = Exchange(), NaiveBook(), []
        self.forgotten, self.trades_kept_from = set(), 0
        if known:
            for side, price in ((0, 0), (0, -1), (1, 1), (1, 2)):
                self.apply(MessageKind.LIMIT, side, price, 5, 0, 0)
                self.book.submit_limit(SIDE_NAMES[side], price, 5)

    def apply(self, *message):
        """Do it to the naive book; what calls and tapes may differ in is nothing."""
        self.messages.append(tuple(int(value) for value in message))
        return self.naive.apply(*message)

    @rule(side=sides, price=prices, quantity=lots, tif=tifs)
    def limit(self, side, price, quantity, tif):
        """Submit a limit order."""
        quantity = fitting(price, quantity)
        row = self.apply(MessageKind.LIMIT, side, price, quantity, tif, 0)
        result = self.book.submit_limit(SIDE_NAMES[side], price, quantity, TIF_NAMES[tif])
        self.check_submission(result, row, quantity)
        if tif == TimeInForce.FOK and row.outcome == Outcome.CANCELLED:  # 10: no trace of it
            assert (result.trades, self.book.get_order(result.order_id)) == ([], None)
        if tif != TimeInForce.GTC:
            assert result.resting_quantity == 0  # 10: never rests

    @rule(side=sides, quantity=lots)
    def market(self, side, quantity):
        """Submit a market order."""
        row = self.apply(MessageKind.MARKET, side, 0, quantity, 0, 0)
        result = self.book.submit_market(SIDE_NAMES[side], quantity)
        self.check_submission(result, row, quantity)
        assert result.resting_quantity == 0  # 10

    def check_submission(self, result, row, quantity):
        """Compare a submission with its row."""
        shown = result.order_id, result.filled_quantity, result.resting_quantity, result.cancelled_quantity
        assert shown == (row.order_id, row.filled, row.resting, row.cancelled)
        assert result.status.lower() == Outcome(row.outcome).name.lower().replace("_", "")
        assert row.filled + row.resting + row.cancelled == quantity  # 8
        new = self.naive.trades[len(self.naive.trades) - len(result.trades) :]
        assert [trade.trade_id for trade in result.trades] == [trade.trade_id for trade in new]
        assert sum(trade.quantity for trade in result.trades) == row.filled
        self.check_trades_of(result.trades)

    def check_trades_of(self, trades):
        """5, 6, 7: best price first, oldest first, at the resting price, inside both limits."""
        worse = 1 if trades and trades[0].aggressor_side == "buy" else -1
        sequence = [(worse * trade.price, trade.passive_order_id) for trade in trades]
        assert sequence == sorted(sequence)
        for trade in trades:
            aggressor = self.naive.orders[trade.aggressor_order_id]
            passive = self.naive.orders[trade.passive_order_id]
            assert trade.price == passive.price
            assert worse * trade.price <= worse * aggressor.price

    @rule(pick=st.integers(0, 40))
    def cancel(self, pick):
        """Cancel an order that is there or not."""
        order_id = self.an_id(pick)
        before = self.book.digest()
        row = self.apply(MessageKind.CANCEL, 0, 0, 0, 0, order_id)
        result = self.book.cancel(order_id)
        assert (result.success, result.cancelled_quantity) == (
            row.outcome == Outcome.CANCELLED,
            row.cancelled,
        )
        if not result.success:
            assert self.book.digest() == before  # 18
            self.check_refusal(result.error, row, order_id)

    @rule(pick=st.integers(0, 40), price=prices, quantity=st.one_of(st.just(0), lots))
    def modify(self, pick, price, quantity):
        """Replace an order that is there or not."""
        order_id, quantity = self.an_id(pick), fitting(price, quantity)
        before = self.book.digest()
        row = self.apply(MessageKind.MODIFY, 0, price, quantity, 0, order_id)
        result = self.book.modify(order_id, price, quantity)
        assert result.success == (row.outcome <= Outcome.CANCELLED)
        if result.success:
            assert (result.new_order_id, result.cancelled_quantity) == (row.order_id, row.cancelled)
            assert sum(trade.quantity for trade in result.trades) == row.filled
            self.check_trades_of(result.trades)
        else:
            assert self.book.digest() == before  # 18
            self.check_refusal(result.error, row, order_id)

    def check_refusal(self, error, row, order_id):
        """9: the dead stay dead; forgotten, they are not even found."""
        expected = Outcome.ORDER_NOT_FOUND if self.is_forgotten(order_id, row) else Outcome(row.outcome)
        assert error.lower() == expected.name.lower().replace("_", "")

    def is_forgotten(self, order_id, row):
        """Whether the exchange was told to forget the order."""
        return row.outcome == Outcome.ORDER_NOT_ACTIVE and order_id in self.forgotten

    def an_id(self, pick):
        """An id that was given more often than not."""
        last = self.naive._next_id
        return pick % (last + 2)

    @rule(rows=st.lists(st.tuples(kinds, sides, prices, lots, tifs, st.integers(0, 40)), max_size=8))
    def tape(self, rows):
        """Do a few messages in one call."""
        rows = [(*row[:3], fitting(row[2], row[3]), row[4], self.an_id(row[5])) for row in rows]
        expected = [self.apply(*row) for row in rows]
        names = ("kind", "side", "price", "quantity", "tif", "order_id")
        columns = {name: [int(row[n]) for row in rows] for n, name in enumerate(names)}
        result = self.book.process(columns)
        for row, shown in zip(rows, zip(result.order_id, result.outcome, strict=True), strict=True):
            want = expected.pop(0)
            if self.is_forgotten(row[5], want):
                want = want._replace(order_id=0, outcome=Outcome.ORDER_NOT_FOUND)
            assert shown == (want.order_id, want.outcome)

    @rule(price=prices, quantity=st.sampled_from([0, -1, 2**62 + 1, 2**64]))
    def nonsense(self, price, quantity):
        """Do what is refused: 18, nothing has changed."""
        before = self.book.digest()
        for call in (
            lambda: self.book.submit_limit("buy", price, quantity),
            lambda: self.book.submit_limit("hold", price, 1),
            lambda: self.book.submit_market("sell", quantity),
            lambda: self.book.submit_limit("buy", price + 0.5, 1),
            lambda: self.book.submit_limit("buy", INT64_MAX, 2, "fill"),
            lambda: self.book.cancel(-1),
        ):
            with pytest.raises(NanobookError):
                call()
        assert self.book.digest() == before  # 18

    @rule()
    def compact(self):
        """Free what is empty."""
        before = self.book.digest()
        self.book.compact()
        assert self.book.digest() == before

    @rule()
    def clear_trades(self):
        """Forget all trades."""
        self.book.clear_trades()
        self.trades_kept_from = len(self.naive.trades)

    @rule()
    def clear_order_history(self):
        """Forget the dead."""
        dead = {i for i, order in self.naive.orders.items() if not order.is_live()} - self.forgotten
        assert self.book.clear_order_history() == len(dead)
        self.forgotten |= dead

    @rule(count=st.integers(0, 5))
    def look(self, count):
        """17: to look is not to touch."""
        before = self.book.digest()
        shot = self.book.depth(count)
        assert (shot.bids, shot.asks) == tuple(self.naive.depth(side, count) for side in Side)
        full = self.book.full_book()
        assert (full.bids, full.asks) == tuple(self.naive.depth(side, None) for side in Side)
        for order_id in range(1, self.naive._next_id + 1):
            order = self.book.get_order(order_id)
            if order_id in self.forgotten:
                assert order is None
            else:
                assert told(order) == expected_order(self.naive, order_id)
        repr((self.book, shot, self.book.trades()))
        assert self.book.digest() == before

    @invariant()
    @precondition(lambda self: hasattr(self, "book"))
    def book_is_as_it_must_be(self):
        """1 to 4, by the arrays alone and by the naive book."""
        check_book(self.book.book)
        compare_queues(self.book, self.naive)
        compare_trades(self.book.trades(), self.naive.trades[self.trades_kept_from :])
        bid, ask = self.book.best_bid_ask()
        assert bid is None or ask is None or bid < ask  # 1
        for side, levels in zip(Side, self.book.full_book()[:2], strict=True):
            assert all(level.quantity > 0 and level.order_count > 0 for level in levels)  # 2, 3
            prices = [level.price for level in levels]
            assert prices == sorted(set(prices), reverse=side == Side.BUY)
        live = [i for i, order in self.naive.orders.items() if order.is_live()]
        assert sorted(i for side in SIDE_NAMES for i in self.book.queue(side)[0]) == live  # 4

    def teardown(self):
        """15: the log gives the same book again, in one tape."""
        if not hasattr(self, "book") or self.forgotten or self.trades_kept_from:
            return
        names = ("kind", "side", "price", "quantity", "tif", "order_id")
        again = Exchange()
        again.process({name: [row[n] for row in self.messages] for n, name in enumerate(names)})
        assert again.digest() == self.book.digest()


TestBook = BookMachine.TestCase
TestBook.settings = COMMON


# Names: lists of messages, which shrink well


def a_flow(names):
    return st.lists(st.tuples(kinds, sides, prices, lots, tifs, names), min_size=1, max_size=40)


@pytest.mark.parametrize(
    "names", [st.integers(0, 4), st.sampled_from([0, 1, 2**32, 2**40, INT64_MAX])], ids=["small", "any"]
)
def test_names_of_the_caller(names):
    @COMMON
    @given(rows=a_flow(names), cuts=st.lists(st.integers(0, 40), max_size=3))
    def check(rows, cuts):
        rows = [(*row[:3], fitting(row[2], row[3]), *row[4:]) for row in rows]
        columns = ("kind", "side", "price", "quantity", "tif", "order_id")
        book, naive = Exchange(), NaiveBook(client_ids=True)
        ends = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
        for start, stop in pairwise(ends):
            part = rows[start:stop]
            tape = {name: [int(row[n]) for row in part] for n, name in enumerate(columns)}
            result = book.process(tape, client_ids=True)
            table = zip(
                *(
                    getattr(result, name).tolist()
                    for name in ("order_id", "outcome", "filled", "resting", "cancelled")
                ),
                strict=True,
            )
            for row, shown in zip(part, table, strict=True):
                assert shown == naive.apply(*row)
        check_book(book.book)
        check_trades(book.book)
        check_names(book.book)
        compare_queues(book, naive)
        compare_get_order(book, naive)
        for name in {row[5] for row in rows}:
            assert told(book.order_of(name)) == expected_order(naive, naive._latest.get(name))
        live = [order.client for order in naive.orders.values() if order.is_live()]
        assert len(live) == len(set(live)), "a name is that of one live order at most"

    check()


@COMMON
@given(rows=a_flow(st.integers(0, 30)))
def test_lots_are_neither_made_nor_lost(rows):
    """8: what was submitted was filled, rests, was cancelled or refused; trades fill two sides."""
    book = Exchange()
    rows = [(*row[:3], fitting(row[2], row[3]), *row[4:]) for row in rows]
    columns = ("kind", "side", "price", "quantity", "tif", "order_id")
    result = book.process({name: [int(row[n]) for row in rows] for n, name in enumerate(columns)})
    entered = sum(
        row[3]
        for row, outcome in zip(rows, result.outcome, strict=True)
        if row[0] != MessageKind.CANCEL and outcome <= Outcome.CANCELLED
    )
    traded = sum(book.trades().quantity.tolist())
    resting = sum(sum(book.queue(side)[1].tolist()) for side in SIDE_NAMES)
    assert entered == 2 * traded + resting + sum(result.cancelled.tolist())
    orders = [book.get_order(i) for i in range(1, int(result.order_id.max(initial=0)) + 1)]
    assert sum(order.filled_quantity for order in orders if order) == 2 * traded
    for order in filter(None, orders):
        assert order.status in {status.name.lower().replace("_", "") for status in OrderStatus}
        assert 0 <= order.remaining_quantity <= order.original_quantity - order.filled_quantity
