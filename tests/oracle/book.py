"""A naive order book, written from the rules alone and built to be believed at sight.

``NaiveBook`` is all of it: what ``MatchingBook`` does with orders, and on top stops, expiry by a clock,
mass cancels and housekeeping. Its methods are named as those of the exchange and take the same
spellings; they return rows, tuples and dicts.
"""

from collections import deque
from operator import index

from nanobook.types import (
    INT64_MAX,
    SIDE_NAMES,
    TIF_NAMES,
    MessageKind,
    OrderStatus,
    Outcome,
    Side,
    TimeInForce,
    TrailMethod,
)
from tests.oracle.matching import MatchingBook
from tests.oracle.parts import HalfBook, Order, Row, Trade, crosses
from tests.oracle.spelling import POLICIES, SIDES, STATUS_NAMES, TIFS, check_price, check_quantity, trail_of
from tests.oracle.stops import CANCELLED, PENDING, TRIGGERED, Stop, saturated

__all__ = ["HalfBook", "NaiveBook", "Order", "Row", "Trade", "crosses"]

ROUNDS = 100
"""A cascade of stops pauses after so many rounds."""
HISTORY = 10_000
"""So many price changes are remembered."""
DAY = 86_400_000_000_000
"""Nanoseconds of a day."""


class NaiveBook(MatchingBook):
    """A matching engine of one symbol."""

    def __init__(self, client_ids=False, *, stp_policy="off", tick_size=1, lot_size=1):
        super().__init__(client_ids)
        self.policy = POLICIES[stp_policy]
        self.tick_size, self.lot_size = tick_size, lot_size
        self.clock = 0
        self.stops = {}
        self.pending = {}  # those of the stops that are, in the order of their submission
        self.changes = deque(maxlen=HISTORY)
        self.price_seen = None
        self.paused = False

    # Submissions

    def submit_limit(
        self, side, price, quantity, tif="gtc", owner=None, *, post_only=False, expires=None, client=None
    ):
        """Submit a limit order; its row."""
        side, tif = SIDES[side], TIFS[tif]
        check_price(price, self.tick_size)
        check_quantity(quantity, self.lot_size)
        if post_only and tif in (TimeInForce.IOC, TimeInForce.FOK):
            raise ValueError("an order that may only rest cannot be one that never rests")
        expiry = self._expiry(tif, expires)
        row = self._submit(side, price, quantity, tif, owner or 0, expiry, client, post_only)
        return self._and_its_stops(row)

    def submit_market(self, side, quantity, owner=None, *, client=None):
        """Submit a market order; its row."""
        check_quantity(quantity, self.lot_size)
        return self._and_its_stops(self._submit_market(SIDES[side], quantity, owner or 0, client))

    def modify(self, order_id, new_price, new_quantity):
        """Replace an order; the new one's row, but with the lots that the old one had left."""
        check_price(new_price, self.tick_size)
        check_quantity(new_quantity, self.lot_size, lowest=0)
        return self._and_its_stops(self._modify(order_id, new_price, new_quantity))

    def _and_its_stops(self, row):
        """Return the row of a submission, after the stops that its trades set off."""
        if row.filled:
            self._trigger()
        return row

    def submit_stop_market(self, side, stop_price, quantity, *, owner=None):
        """Submit a stop that becomes a market order; its row."""
        return self._submit_stop(side, stop_price, None, quantity, owner=owner)

    def submit_stop_limit(
        self, side, stop_price, limit_price, quantity, tif="gtc", *, owner=None, expires=None
    ):
        """Submit a stop that becomes a limit order; its row."""
        check_price(limit_price, self.tick_size)
        return self._submit_stop(side, stop_price, limit_price, quantity, tif, owner, expires)

    def submit_trailing_stop_market(
        self, side, initial_stop_price, quantity, trail_type, trail_value, atr_period=None, *, owner=None
    ):
        """Submit a stop that follows the price and becomes a market order; its row."""
        trail = trail_of(trail_type, trail_value, atr_period)
        return self._submit_stop(side, initial_stop_price, None, quantity, owner=owner, trail=trail)

    def submit_trailing_stop_limit(
        self,
        side,
        initial_stop_price,
        limit_price,
        quantity,
        trail_type,
        trail_value,
        tif="gtc",
        atr_period=None,
        *,
        owner=None,
        expires=None,
    ):
        """Submit a stop that follows the price and becomes a limit order; its row."""
        check_price(limit_price, self.tick_size)
        trail = trail_of(trail_type, trail_value, atr_period)
        return self._submit_stop(side, initial_stop_price, limit_price, quantity, tif, owner, expires, trail)

    def _submit_stop(
        self, side, stop_price, limit_price, quantity, tif="gtc", owner=None, expires=None, trail=()
    ):
        """Take an id and a time; wait, unless it is a plain stop whose price has already traded."""
        side, tif = SIDES[side], TIFS[tif]
        check_price(stop_price, self.tick_size)
        check_quantity(quantity, self.lot_size)
        expiry = self._expiry(tif, expires)
        stop_id, timestamp = self._take_id()
        stop = Stop(
            stop_id, side, stop_price, limit_price, quantity, tif, timestamp, owner or 0, expiry, *trail
        )
        self.stops[stop_id] = self.pending[stop_id] = stop
        if not trail and stop.holds(self.last_trade_price):
            self._trigger()
        outcome = Outcome.PENDING if stop.status == PENDING else Outcome.TRIGGERED
        return Row(stop_id, outcome, 0, 0, 0)

    # Stops

    def _trigger(self):
        """Set off the stops that are due, then those that these set off, and so on for ``ROUNDS``."""
        self.paused = False
        for _ in range(ROUNDS):
            last = self.last_trade_price
            self._follow(last)
            due = self._due()
            for stop in due:
                stop.status = TRIGGERED
                del self.pending[stop.stop_id]
            if not sum(self._submit_child(stop) for stop in due):
                return
        self.paused = True

    def _follow(self, last):
        """Remember the change of the price; let all trailing stops follow it."""
        if self.price_seen is not None:
            self.changes.append(min(abs(last - self.price_seen), 2**49))  # the most a change counts
        self.price_seen = last
        for stop in self.pending.values():
            if stop.trail != TrailMethod.NONE:
                stop.follow(last, self.changes)

    def _due(self):
        """Pending stops that the last price sets off, in the order of their submission."""
        return [stop for stop in self.pending.values() if stop.holds(self.last_trade_price)]

    def _submit_child(self, stop):
        """Submit the order that a stop becomes; the lots it trades at once."""
        if stop.limit_price is None:
            row = self._submit_market(stop.side, stop.quantity, stop.owner)
        else:
            row = self._submit(stop.side, stop.limit_price, stop.quantity, stop.tif, stop.owner, stop.expiry)
        stop.child = row.order_id
        return row.filled

    @property
    def stops_due(self):
        """How many stops are due but wait, because a cascade paused."""
        return len(self._due()) if self.paused else 0

    def resume_stops(self):
        """Go on with a cascade that paused, if it left a stop that is due; how many are due then."""
        if self.stops_due:
            self._trigger()
        return self.stops_due

    def pending_stop_count(self):
        """How many stops wait."""
        return len(self.pending)

    def get_stop_order(self, order_id):
        """All that can be seen of a stop, or None."""
        stop = self.stops.get(order_id)
        return stop and {
            "id": stop.stop_id,
            "side": SIDE_NAMES[stop.side],
            "stop_price": stop.stop_price,
            "limit_price": stop.limit_price,
            "quantity": stop.quantity,
            "status": stop.status,
            "timestamp": stop.timestamp,
            "child": stop.child,
            "owner": stop.owner,
            "time_in_force": "ioc" if stop.limit_price is None else TIF_NAMES[stop.tif],
            "watermark": stop.watermark,
        }

    # Cancels, expiry, housekeeping

    def cancel(self, order_id):
        """Cancel a pending stop or a live order; its row."""
        if not self.client_ids and order_id in self.pending:
            return Row(order_id, Outcome.CANCELLED, 0, 0, self._withdraw_stop(self.pending[order_id]))
        return self._cancel(order_id)

    def amend(self, order_id, new_quantity):
        """Reduce what is left of a live order; its row."""
        check_quantity(new_quantity, self.lot_size, lowest=0)
        return self._amend(order_id, new_quantity)

    def cancel_all(self, owner=None, side=None):
        """Cancel all live orders and pending stops, or those of an owner, of a side; their number."""
        found = [
            order
            for order in self._cancellable()
            if (not owner or order.owner == owner) and (side is None or order.side == SIDES[side])
        ]
        return self._withdraw_all(found)

    def advance_clock(self, time):
        """Set the clock and cancel what expires by then; how many."""
        if not self.clock <= time <= INT64_MAX:
            raise ValueError(f"{time} is before {self.clock}")
        self.clock = time
        expired = [o for o in self._cancellable() if o.expiry is not None and o.expiry <= time]
        return self._withdraw_all(expired)

    def clear_trades(self):
        """Forget all trades."""
        self.trades.clear()

    def clear_order_history(self):
        """Forget dead orders and stops; how many orders that were."""
        before = len(self.orders)
        self.orders = {i: order for i, order in self.orders.items() if order.is_live()}
        self.stops = dict(self.pending)
        return before - len(self.orders)

    def _cancellable(self):
        """Live orders and pending stops."""
        for half in self.halves:
            for queue in half.queues.values():
                yield from queue
        yield from self.pending.values()

    def _withdraw_all(self, found):
        """Take orders and stops away; how many."""
        for order in found:
            if isinstance(order, Stop):
                self._withdraw_stop(order)
            else:
                self._withdraw(order)
        return len(found)

    def _withdraw_stop(self, stop):
        """Cancel a pending stop; its lots."""
        stop.status = CANCELLED
        del self.pending[stop.stop_id]
        return stop.quantity

    def _expiry(self, tif, expires):
        """When an order submitted now expires, or None."""
        if (tif == TimeInForce.GTD) != (expires is not None):
            raise ValueError("expires belongs to gtd and gtd needs it")
        if tif == TimeInForce.DAY:
            return saturated((self.clock // DAY + 1) * DAY)
        if expires is not None and not self.clock < index(expires) <= INT64_MAX:
            raise ValueError(f"{expires} is not after {self.clock}")
        return expires

    # Messages

    def apply(self, kind, side, price, quantity, tif, order_id):
        """Do what one message of a plain tape asks for: a limit or market order, a cancel, a modify."""
        if kind == MessageKind.CANCEL:
            return self.cancel(order_id)
        if kind == MessageKind.MODIFY:
            return self.modify(order_id, price, quantity)
        client = order_id if self.client_ids else None
        named = self._find(order_id) if self.client_ids else None
        if named is not None and named.is_live():
            return Row(0, Outcome.DUPLICATE_ORDER_ID, 0, 0, 0)
        if kind == MessageKind.MARKET:
            return self.submit_market(side, quantity, client=client)
        return self.submit_limit(side, price, quantity, tif, client=client)

    def set_policy(self, policy):
        """Choose what happens when an order meets one of the same owner."""
        self.policy = POLICIES[policy]

    def set_instrument(self, tick_size, lot_size):
        """Choose which prices and quantities there are."""
        self.tick_size, self.lot_size = tick_size, lot_size

    # What can be seen

    def get_order(self, order_id):
        """All that can be seen of an order, or None."""
        order = self.orders.get(order_id)
        return order and {
            "id": order.order_id,
            "side": SIDE_NAMES[order.side],
            "price": order.price,
            "original_quantity": order.quantity,
            "remaining_quantity": order.remaining,
            "filled_quantity": order.filled,
            "status": STATUS_NAMES[OrderStatus(order.status)],
            "time_in_force": TIF_NAMES[order.tif],
            "timestamp": order.timestamp,
            "owner": order.owner,
        }

    @property
    def last_id(self):
        """The id given last."""
        return self._next_id - 1

    def state(self, last_id=None):
        """All that can be seen of the book; equal books have equal states."""
        ids = range((self.last_id if last_id is None else last_id) + 3)
        orders = {i: self.get_order(i) for i in ids}
        stops = {i: self.get_stop_order(i) for i in ids}
        return {
            "orders": {i: order for i, order in orders.items() if order},
            "stops": {i: stop for i, stop in stops.items() if stop},
            "queues": [self.queue(side) for side in Side],
            "trades": [tuple(trade) for trade in self.trades],
            "last_trade_price": self.last_trade_price,
            "pending_stop_count": self.pending_stop_count(),
            "stops_due": self.stops_due,
            "clock": self.clock,
        }
