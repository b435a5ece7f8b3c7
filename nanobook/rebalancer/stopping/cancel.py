"""Open orders cancelled, until the broker says that none is left."""

from __future__ import annotations

import json
import re

from ...broker.types import OrderState
from ...errors import BrokerError, CancelRejected, RateLimited
from ...hints import printable
from ..audit.reading import lines_with
from ..storage import opened

POLL = 0.1  # seconds between two questions about open orders
AGAIN = 2.0  # seconds after which a cancellation that had no effect is asked for again
_ID = re.compile(rb'"client_order_id":("[^"\\]*")')


def known_orders(storage, path):
    """Read from a trail the client ids of all orders it intended; from a damaged one, too.

    Returns
    -------
    set of str
    """
    if not storage.exists(path):
        return set()
    with opened(storage, storage.open_read(path)) as handle:
        size = storage.size(handle)
    found = (_ID.search(line) for line, _ in lines_with(storage, path, ("order_intent",), size))
    return {json.loads(match[1]) for match in found if match}


class Canceller:
    """Cancels open orders at a broker.

    Parameters
    ----------
    broker : Broker
        Not connected; is connected anew where it loses the connection.
    clock : Clock
    ours : set of str or None
        Client ids of the orders that are meant; None means all.

    Attributes
    ----------
    live : list of BrokerOrderStatus
        Of those that are meant, as the broker told last.
    seen : dict of int to str
        All that were ever live here: client id (or the broker's, as text) by the broker's id.
    others : int
        Open orders that are not meant.
    errors : list of str
        Each once.
    """

    def __init__(self, broker, clock, ours=None):
        self.broker, self.clock, self.ours = broker, clock, ours
        self.live, self.seen, self.others, self.errors = [], {}, 0, []
        self._asked: dict[int, float] = {}
        self._connected = False

    def run(self, end, quiet):
        """Cancel, and ask until nothing is left.

        Parameters
        ----------
        end : float
            When to give up, as ``clock.monotonic()`` tells.
        quiet : float
            Before that, nothing to be seen does not mean nothing: an order may still be on its way.

        Returns
        -------
        bool
            Whether the broker said that nothing is left.
        """
        while True:
            if self._step() and not self.live and self.clock.monotonic() >= quiet:
                return True
            if self.clock.monotonic() >= end:
                return False
            self.clock.sleep(POLL)

    def ended(self):
        """Tell what became of the orders that are gone: (names of the cancelled, names of the filled)."""
        cancelled, filled = [], []
        alive = {order.id for order in self.live}
        for number, name in self.seen.items():
            if number not in alive:
                (filled if self._is_filled(number) else cancelled).append(name)
        return cancelled, filled

    def leave(self):
        """Disconnect."""
        self._connected = False
        try:
            self.broker.disconnect()
        except BrokerError as error:
            self._note(error)

    def _step(self):
        """Ask for the open orders, and cancel those that are meant; tells whether the broker answered."""
        try:
            if not self._connected:
                self.broker.connect()
                self._connected = True
            orders = self.broker.open_orders()
        except BrokerError as error:
            self._note(error)
            self._back_off(error)
            return False
        self.live = [order for order in orders if self.ours is None or order.client_order_id in self.ours]
        self.others = len(orders) - len(self.live)
        for order in self.live:
            self.seen[order.id] = str(order.client_order_id or order.id)
            self._cancel(order.id)
        return True

    def _cancel(self, number):
        """Ask for a cancellation, now and then."""
        now = self.clock.monotonic()
        if now < self._asked.get(number, float("-inf")) + AGAIN:
            return
        self._asked[number] = now
        try:
            self.broker.cancel_order(number)
        except CancelRejected:
            pass  # it has ended, or the next answer shows that it has not
        except BrokerError as error:
            self._note(error)

    def _back_off(self, error):
        """Wait as the broker asked, or begin a new connection."""
        if isinstance(error, RateLimited) and error.retry_after:
            self.clock.sleep(error.retry_after)
        else:
            self.leave()

    def _is_filled(self, number):
        try:
            return self.broker.order_status(number).status == OrderState.FILLED
        except BrokerError as error:
            self._note(error)
            return False

    def _note(self, error):
        text = printable(f"{type(error).__name__}: {error}")
        if text not in self.errors:
            self.errors.append(text)
