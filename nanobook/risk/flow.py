"""What was sent in a run: repeated orders, too many messages, too much value, more than was planned."""

from collections import deque

from ..errors import InvalidValue, OrderError, ShapeError
from . import inputs
from .amounts import amount, decimal_text
from .bounds import whole_dollars
from .report import FAIL, PASS, compared, judged, new_row
from .working import Child, Working

SECOND = 1.0


class Flow:
    """Memory of the orders of a run.

    Attributes
    ----------
    working : Working
        All orders, by client order id.
    turnover : Number
        Value of all orders that were sent, in cents.
    """

    def __init__(self, limits, bounds):
        self.limits, self.bounds = limits, bounds
        self.working = Working()
        self.turnover = 0
        self._parents = None
        self._recent = {}
        self._messages = deque()

    def plan(self, orders):
        """Take in the orders that may be sent, from now on nothing else."""
        parents = dict(self._parents or {})
        for row in inputs.order_rows(orders):
            if len(row) < 3:
                raise ShapeError(f"orders: {row!r}; give (symbol, side, quantity)")
            symbol, side, quantity = row[:3]
            key = inputs.symbol_name(symbol), inputs.sign_of(side)
            parents[key] = parents.get(key, 0) + inputs.quantity_of(quantity)
        self._parents = parents

    def message(self, now):
        """Count a message to the broker."""
        self._forget_messages(now)
        self._messages.append(now)

    def sent(self, order, notional, now):
        """Take in an order that was sent; told again, as after a recovery, it is still one."""
        if order.client_order_id is None:
            raise OrderError(f"{order.symbol}: an order needs a client_order_id to be followed")
        sign, quantity = inputs.sign_of(order.side), amount("quantity", order.quantity)
        known = self.working.children.get(order.client_order_id)
        if known is not None:
            if (known.symbol, known.sign, known.quantity) == (order.symbol, sign, quantity):
                return
            what = f"{decimal_text(known.quantity)} {known.symbol}"
            raise OrderError(f"{order.client_order_id} is an order of {what} already; give this one its own")
        self.working.add(order.client_order_id, Child(order.symbol, sign, quantity, notional))
        self._recent[order.symbol, sign, quantity] = now
        self.turnover += notional
        self.message(now)

    def withdrawn(self, client_order_id):
        """Forget an order that never arrived at the broker."""
        child = self.working.children.get(client_order_id)
        if child is None:
            raise InvalidValue(f"client_order_id: {client_order_id!r} was not sent")
        if child.fills:
            raise InvalidValue(f"client_order_id: {client_order_id!r} has fills, so it arrived")
        self.working.remove(client_order_id)
        self._recent.pop((child.symbol, child.sign, child.quantity), None)
        self.turnover -= child.notional

    def add_rows(self, report, order, notional, now):
        """Add a row for each limit on what is sent."""
        report.append(self._duplicate_row(order, now))
        if self.limits.max_messages_per_second is not None:
            report.append(self._rate_row(now))
        limit = self.bounds.turnover
        if limit is not None:
            total = self.turnover + notional
            status = judged(total, total, limit)
            detail = f"{whole_dollars(total)} {compared(status)} {whole_dollars(limit)} max_turnover_cents"
            report.append(new_row("Turnover", status, detail))
        if self._parents is not None:
            report.append(self._parent_row(order))

    def _duplicate_row(self, order, now):
        """One client order id is one order, and the same again at once is probably a loop gone wrong."""
        name, key = "Duplicate order", order.client_order_id
        if key is None:
            return new_row(name, FAIL, "no client_order_id to know the order by")
        if key in self.working.children:
            return new_row(name, FAIL, f"{key} was sent")
        window = self.limits.duplicate_window_seconds or 0
        sign, quantity = inputs.sign_of(order.side), amount("quantity", order.quantity)
        last = self._recent.get((order.symbol, sign, quantity))
        if last is not None and now - last < window:
            what = f"{order.side} {decimal_text(quantity)} {order.symbol}"
            return new_row(name, FAIL, f"{what} was sent {now - last:.3f} s ago, within {float(window):g} s")
        return new_row(name, PASS, f"{key} is new")

    def _forget_messages(self, now):
        """Drop what is a second old."""
        while self._messages and now - self._messages[0] >= SECOND:
            self._messages.popleft()

    def _rate_row(self, now):
        self._forget_messages(now)
        count, limit = len(self._messages) + 1, self.limits.max_messages_per_second
        status = judged(count, count, limit)
        return new_row("Message rate", status, f"{count} in a second {compared(status)} {limit} limit")

    def _parent_row(self, order):
        """Hold an order, and what was sent before it, against what was planned."""
        sign, quantity = inputs.sign_of(order.side), amount("quantity", order.quantity)
        planned = self._parents.get((order.symbol, sign), 0)
        total = self.working.used(order.symbol, sign) + quantity
        status = judged(total, total, planned)
        detail = f"{order.side} {decimal_text(total)} {compared(status)} {decimal_text(planned)} planned"
        return new_row("Parent order", status, f"{order.symbol}: {detail}")
