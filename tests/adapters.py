"""The exchange and the naive book behind one face, so that a test may drive either or both.

Both take the calls of the exchange, answer with rows, show their trades as tuples and everything that
can be seen of them as one ``state``.
"""

import copy

import numpy as np

from nanobook import Exchange
from nanobook.types import EVENT, OUTCOME_NAMES, SIDE_NAMES, MessageKind, Outcome
from tests.oracle.book import NaiveBook, Row
from tests.oracle.messages import perform

ORDER_FIELDS = (
    "id",
    "side",
    "price",
    "original_quantity",
    "remaining_quantity",
    "filled_quantity",
    "status",
    "time_in_force",
    "timestamp",
)


def as_events(rows):
    """Array of ``types.EVENT`` of a list of events."""
    return np.array([tuple(row) for row in rows], EVENT)


def as_shown(kind, row):
    """What a call shows of a row: of a refusal the reason, of a modified order not what rests of it."""
    if Outcome.ORDER_NOT_FOUND <= row.outcome <= Outcome.DUPLICATE_ORDER_ID:
        return Row(0, row.outcome, 0, 0, 0)
    if kind == MessageKind.MODIFY:
        return row._replace(outcome=Outcome.DONE, resting=0)
    if kind == MessageKind.AMEND:
        return Row(row.order_id, Outcome.DONE, 0, 0, row.cancelled)
    return row


class Twin(NaiveBook):
    """The naive book; ``own_trades`` are those of the order that was submitted last."""

    def __init__(self, **options):
        super().__init__(**options)
        self.own_trades = []

    def do(self, event):
        """Do what an event asks for and return what a call shows of it."""
        known = len(self.trades)
        row = perform(self, event)
        self.own_trades = [t for t in self.trade_list(known) if t[3] == row.order_id]
        return as_shown(event.kind, row)

    def copy(self):
        """Return a book that is like this one and shares nothing with it."""
        return copy.deepcopy(self)

    def digest(self):
        """What the book's future depends on, beside what can be seen of it."""
        return repr((self.state(), self.changes, self.price_seen, [s.watermark for s in self.stops.values()]))

    def trade_list(self, start=0):
        """Trades as (id, price, quantity, aggressor, passive, side, time)."""
        return [(*t[:5], SIDE_NAMES[t[5]], t[6]) for t in self.trades[start:]]

    def analytics(self):
        """Spread, mid, imbalance and weighted mid of the whole book."""
        bids, asks = (self.depth(side, None) for side in (0, 1))
        (bid, bid_lots, _), (ask, ask_lots, _) = bids[0], asks[0]
        lots = [sum(level[1] for level in levels) for levels in (bids, asks)]
        imbalance = (lots[0] - lots[1]) / sum(lots)
        weighted = (ask_lots * bid + bid_lots * ask) / (bid_lots + ask_lots)
        return ask - bid, (bid + ask) / 2, imbalance, weighted


class Engine:
    """An exchange; ``result`` is what its last call returned, and what it has not itself, it asks of it."""

    def __init__(self, exchange=None, **options):
        self.exchange = Exchange(**options) if exchange is None else exchange
        self.result = None

    def __getattr__(self, name):
        method = getattr(self.exchange, name)
        return self.answering(name, method) if callable(method) else method

    def answering(self, name, method):
        """Return the method, answering with rows."""

        def call(*arguments, **named):
            self.result = method(*arguments, **named)
            if name.startswith("submit_"):
                return row_of_submission(self.result)
            if name == "modify":
                return row_of_modify(self.result)
            if name in ("cancel", "amend"):
                return row_of_reduction(name, arguments[0], self.result)
            return self.result

        return call

    def do(self, event):
        """Do what an event asks for and return what a call shows of it."""
        if event.kind in (MessageKind.STP_POLICY, MessageKind.INSTRUMENT):
            self.exchange.apply_all(as_events([event]))
            return Row(0, Outcome.DONE, 0, 0, 0)
        return perform(self, event)

    def copy(self):
        """Return a book that is like this one and shares nothing with it."""
        return Engine(copy.deepcopy(self.exchange))

    @property
    def own_trades(self):
        """Trades of the order that was submitted last."""
        return [as_trade(trade) for trade in getattr(self.result, "trades", ())]

    def analytics(self):
        """Spread, mid, imbalance and weighted mid of the whole book."""
        shot = self.exchange.full_book()
        return shot.spread(), shot.mid_price(), shot.imbalance(), shot.weighted_mid()

    def trade_list(self, start=0):
        """Trades as (id, price, quantity, aggressor, passive, side, time)."""
        return [as_trade(trade) for trade in self.exchange.trades()[start:]]

    @property
    def last_trade_price(self):
        """Price of the last trade, or None."""
        return self.exchange.last_trade_price()

    def get_order(self, order_id):
        """All that can be seen of an order, or None."""
        order = self.exchange.get_order(order_id)
        if order is None:
            return None
        return {name: getattr(order, name) for name in ORDER_FIELDS} | {"owner": order.owner or 0}

    def get_stop_order(self, order_id):
        """All that can be seen of a stop, or None."""
        stop = self.exchange.get_stop_order(order_id)
        if stop is None:
            return None
        more = {"owner": stop.owner or 0, "time_in_force": stop.time_in_force, "watermark": stop.watermark}
        return {**stop, "child": stop.child_order_id, **more}

    def queue(self, side):
        """All levels of a side as (price, [(order id, remaining), ...])."""
        levels = self.exchange.full_book()[side]
        resting = list(
            zip(*(column.tolist() for column in self.exchange.queue(SIDE_NAMES[side])), strict=True)
        )
        queues, at = [], 0
        for level in levels:
            queue = resting[at : at + level.order_count]
            assert sum(lots for _, lots in queue) == level.quantity
            queues.append((level.price, queue))
            at += level.order_count
        assert at == len(resting)
        return queues

    def state(self, last_id):
        """All that can be seen of the book, in the words of ``NaiveBook.state``."""
        ids = range(last_id + 3)
        orders = {i: self.get_order(i) for i in ids}
        stops = {i: self.get_stop_order(i) for i in ids}
        return {
            "orders": {i: order for i, order in orders.items() if order},
            "stops": {i: stop for i, stop in stops.items() if stop},
            "queues": [self.queue(side) for side in (0, 1)],
            "trades": [(*trade[:5], SIDE_NAMES.index(trade[5]), trade[6]) for trade in self.trade_list()],
            "last_trade_price": self.last_trade_price,
            "pending_stop_count": self.exchange.pending_stop_count(),
            "stops_due": self.exchange.stops_due,
            "clock": self.exchange.clock,
        }


def as_trade(trade):
    """A trade as (id, price, quantity, aggressor, passive, side, time)."""
    ids = trade.aggressor_order_id, trade.passive_order_id
    return (trade.trade_id, trade.price, trade.quantity, *ids, trade.aggressor_side, trade.timestamp)


def row_of_submission(result):
    """Row of a submitted order or stop."""
    outcome = OUTCOME_NAMES.index(result.status)
    if outcome in (Outcome.PENDING, Outcome.TRIGGERED):
        return Row(result.order_id, outcome, 0, 0, 0)
    lots = result.filled_quantity, result.resting_quantity, result.cancelled_quantity
    return Row(result.order_id, outcome, *lots)


def row_of_modify(result):
    """Row of a modify, as far as a call shows it."""
    if not result.success:
        assert (result.new_order_id, result.cancelled_quantity, list(result.trades)) == (None, 0, [])
        return Row(0, OUTCOME_NAMES.index(result.error), 0, 0, 0)
    filled = sum(trade.quantity for trade in result.trades)
    return Row(result.new_order_id, Outcome.DONE, filled, 0, result.cancelled_quantity)


def row_of_reduction(name, order_id, result):
    """Row of a cancel or an amend, as far as a call shows it."""
    if not result.success:
        assert result.cancelled_quantity == 0
        return Row(0, OUTCOME_NAMES.index(result.error), 0, 0, 0)
    outcome = Outcome.CANCELLED if name == "cancel" else Outcome.DONE
    return Row(order_id, outcome, 0, 0, result.cancelled_quantity)
