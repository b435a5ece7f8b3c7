"""Orders: sent once, looked for, cancelled; and their fills."""

from __future__ import annotations

import secrets
import threading
from datetime import timedelta

from ...errors import BrokerError, CancelRejected, ConnectionFailed, OrderError, OrderRejected, OrderUnknown
from ...hints import listing
from ..types import BrokerOrderStatus, ClientOrderId, OrderState
from . import answers
from .answers import Refused, Unanswered
from .payloads import EPOCH, execution_of, items, number, status_of, text, whole

LARGEST_ID = 2**63  # what the exchange counts orders in
PAGE = 1000  # orders or fills that one answer holds at most


class Desk:
    """All that concerns orders.

    Parameters
    ----------
    client : Client
    pairs : Pairs
    holdings : Holdings
    known : KnownOrders
    clock : Clock
    in_flight_seconds : float

    Attributes
    ----------
    stream : UserStream or None
        Where fills are told, if anybody listens.
    """

    def __init__(self, client, pairs, holdings, known, clock, in_flight_seconds):
        self._client, self._pairs, self._holdings = client, pairs, holdings
        self._known, self._clock, self._in_flight = known, clock, in_flight_seconds
        self._lost = {}
        self._sending = threading.Lock()
        self.stream = None

    # Sending

    def submit(self, order):
        """Send an order, once."""
        name = order.client_order_id or ClientOrderId(f"nb-{secrets.token_hex(15)}")
        self._client.check_clock()
        rules = self._pairs.of_symbol(order.symbol)
        parameters = rules.parameters(order, self._average(rules))
        with self._sending:  # two threads must not both find that a name is free
            self._refuse_used(name, rules.pair)
            self._known.note(name, rules.pair)
            order_id = self._send(name, parameters)
        self._known.note(name, rules.pair, order_id)
        return order_id

    def _send(self, name, parameters):
        """Send, and say which of the three answers came; until one has, it is lost: an interrupt is none."""
        self._lost[name] = self._clock.monotonic()
        try:
            answer = self._client.call(
                "new_order", **parameters, newClientOrderId=name, newOrderRespType="ACK"
            )
            order_id = whole(answer, "orderId")
        except Unanswered as unanswered:
            if unanswered.sent:
                self._lost[name] = self._clock.monotonic()
                wait = f"look for {name} in {self._in_flight:g} s"
                raise OrderUnknown(f"{unanswered.reason}; {wait}", name) from None
            del self._lost[name]
            raise ConnectionFailed(f"order not sent: {unanswered.reason}") from None
        except BrokerError as error:
            del self._lost[name]
            if isinstance(error, Refused):
                raise OrderRejected(error.text, answers.reason_of(error), name) from None
            raise
        del self._lost[name]
        return order_id

    def _average(self, rules):
        """Ask for the price that the filters refer to; None where none does."""
        if rules.average_minutes < 0:
            return None
        name = "last_price" if rules.average_minutes == 0 else "average_price"
        return number(self._client.call(name, symbol=rules.pair), "price")

    def _refuse_used(self, name, pair):
        """Refuse a name that any order had: the exchange itself compares with those that live only."""
        lost = self._lost.get(name)
        if lost is not None and self._clock.monotonic() - lost < self._in_flight:
            raise OrderUnknown(f"{name} was sent and may still arrive; look for it first", name)
        note = self._known.named(name)
        pairs = {pair} if note is None else {pair, note.pair}
        for used in filter(None, (self._look(one, name, None, thorough=False) for one in pairs)):
            told = f"order {used.id} of that client_order_id is {used.status}"
            raise OrderRejected(f"not sent: duplicate {name}, {told}", "duplicate", name)

    # Looking

    def status(self, order_id):
        """Say what has become of an order."""
        pair = self._pair_of(order_id, OrderError)
        if self.stream is not None:
            told = self.stream.status(pair, order_id)
            if told is not None:
                self._known.note(told.client_order_id, pair, order_id)
                return told
        status = self._look(pair, None, order_id)
        if status is None:
            raise OrderError(f"order {order_id} is not known to Binance")
        return status

    def find(self, name):
        """Look for an order by the name it was sent under; None if the exchange never saw it."""
        note = self._known.named(name)
        if note is not None:
            status = self._look(note.pair, name, note.order_id)
            if status is None or status.client_order_id == name:
                return status
            return self._look(note.pair, name, None)  # the test network was reset, and counts anew
        for payload in items(self._client.call("open_orders")):
            if text(payload, "clientOrderId") == name:
                return self._status(payload, name)
        found = (self._look(pair, name, None, thorough=False) for pair in self._all_pairs())
        return next((status for status in found if status is not None), None)

    def open(self):
        """Give all orders that live."""
        return [self._status(payload) for payload in items(self._client.call("open_orders"))]

    def _look(self, pair, name, order_id, thorough=True):
        """Ask for one order of a pair, by id or by name; None if the exchange never saw it.

        Thorough is to read the list of orders as well: it comes from another place at the exchange.
        """
        which = {"origClientOrderId": name} if order_id is None else {"orderId": order_id}
        try:
            return self._status(self._client.call("order", symbol=pair, **which), name)
        except Refused as refused:
            if refused.code == answers.ARCHIVED:
                return self._archived(pair, name, order_id)
            if refused.code != answers.NO_SUCH_ORDER:
                raise
        if not thorough:
            return None
        for payload in items(self._client.call("all_orders", symbol=pair, limit=PAGE)):
            if name == text(payload, "clientOrderId") or order_id == whole(payload, "orderId"):
                return self._status(payload, name)
        return None

    def _archived(self, pair, name, order_id):
        """Give an order that ended unfilled more than 90 days ago: the exchange tells no more of it."""
        symbol, ended = self._pairs.symbol_of(pair), OrderState.CANCELLED
        return BrokerOrderStatus(order_id or 0, ended, 0, 0, 0, symbol, "", name, "archived")

    def _status(self, payload, name=None):
        """Read an order, and remember where it belongs; a note tells the name of a cancelled one only."""
        pair, order_id = text(payload, "symbol"), whole(payload, "orderId")
        renamed = "CANCEL" in text(payload, "status")
        name = (name or self._known.name_of(pair, order_id)) if renamed else None
        status = status_of(payload, self._pairs.symbol_of(pair), name)
        self._known.note(status.client_order_id, pair, order_id)
        return status

    def _pair_of(self, order_id, error):
        """Give the pair of an order; search for it if it is not noted."""
        pairs = self._known.pairs_of(order_id) or self._pairs_with(order_id)
        if not pairs:
            raise error(f"order {order_id} is not known to Binance")
        if len(pairs) > 1:
            raise error(f"order {order_id} is one each of {listing(pairs)}; look for its client_order_id")
        return pairs[0]

    def _pairs_with(self, order_id):
        """Search all pairs for an order of that id."""
        if not 0 < order_id < LARGEST_ID:
            return []
        return [pair for pair in self._all_pairs() if self._look(pair, None, order_id, thorough=False)]

    def _all_pairs(self):
        """Give all pairs with the quote asset, those that we have traded first."""
        return list(dict.fromkeys([*self._known.pairs(), *self._pairs.names()]))

    # Ending

    def cancel(self, order_id):
        """Ask for a cancellation."""
        pair = self._pair_of(order_id, CancelRejected)
        try:
            self._client.call("cancel_order", symbol=pair, orderId=order_id)
        except Refused as refused:
            if refused.code not in (answers.CANCEL_REFUSED, answers.NO_SUCH_ORDER):
                raise
            why = f"order {order_id} has ended, or never was: {refused.text}"
            raise CancelRejected(why) from None

    # Fills

    def executions(self):
        """Give the fills since midnight UTC of the pairs that we have traded or hold."""
        now = EPOCH + timedelta(milliseconds=self._client.now_ms())
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        found = {}
        for fill in self._asked_fills((midnight - EPOCH) // timedelta(milliseconds=1)):
            found[fill.execution_id] = fill
        for fill in self.stream.fills() if self.stream is not None else ():
            if fill.timestamp >= midnight:
                found.setdefault(fill.execution_id, fill)
        return sorted(found.values(), key=lambda fill: (fill.timestamp, fill.execution_id))

    def _asked_fills(self, start_ms):
        """Ask for the fills of all pairs that may have some: noted, or held."""
        tradable = set(self._pairs.names())
        held = [coin + self._pairs.quote_asset for coin in self._holdings.coins()]
        for pair in dict.fromkeys([*self._known.pairs(), *held]):
            rules = self._pairs.of_pair(pair) if pair in tradable else None
            for payload in self._trades(pair, start_ms) if rules else ():
                name = self._known.name_of(pair, whole(payload, "orderId"))
                yield execution_of(payload, rules, name)

    def _trades(self, pair, start_ms):
        """Read the fills of a pair, page by page."""
        page = items(self._client.call("trades", symbol=pair, startTime=start_ms, limit=PAGE))
        while page:
            yield from page
            if len(page) < PAGE:
                return
            after = whole(page[-1], "id") + 1
            page = items(self._client.call("trades", symbol=pair, fromId=after, limit=PAGE))
