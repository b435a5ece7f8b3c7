"""One order after the other: from what is due of a plan to what has become of it at the broker.

Each order: may anything be sent -> positions as they should be -> fresh quote -> money -> risk -> intent in
the log, durable -> may anything be sent -> send -> answer in the log -> wait for its end, or cancel it ->
end in the log. A record comes before what it is about; if it cannot be written, nothing is sent.
"""

from __future__ import annotations

from ...broker.types import BrokerOrder
from ...errors import (
    BrokerError,
    ConnectionFailed,
    InvalidValue,
    NanobookError,
    NotConnected,
    OrderError,
    OrderRejected,
    RiskRejected,
    UnknownInstrument,
)
from ...hints import listing, printable
from .facts import Facts
from .follow import Follower, order_of_ticket
from .guard import Guard
from .records import money_text
from .trail import Trail

WAITS = 4  # checks of an order that only comes too soon
PASSING = {"Message rate", "Duplicate order"}  # rows of the monitor that fail for a second
MOST_SENDS = 3  # of one order, as long as the broker says that it never saw it


class Desk:
    """Works the orders of one run after the other.

    Parameters
    ----------
    session : Session
    progress : callable, optional
        Called with every record, after it was written.

    Attributes
    ----------
    trail : Trail
    guard : Guard
    facts : Facts
    follower : Follower
    line : Line
    """

    def __init__(self, session, progress=None):
        self.session, self.clock, self.monitor = session, session.clock, session.monitor
        self.trail = Trail(session.log, progress)
        self.guard = Guard(session, self.trail)
        self.facts = Facts(session, self.trail, self.guard)
        self.follower = Follower(session, self.trail, self.guard)
        self.line = self.guard.line
        self.sends = {}  # client order id -> times sent by this process
        self.last_sent = None

    @property
    def state(self):
        """What the run has done so far."""
        return self.trail.state

    def connect(self, patient=False):
        """Connect, unless that was done; ``patient`` as of the line."""
        if not self.line.generation:
            self.line.connect(patient)

    def work(self, symbol):
        """Send what is due of a symbol until nothing is."""
        while (due := self.state.due(symbol)) is not None:
            self.keep_interval()
            self.guard.gate()
            order = self.prepare(symbol, *due)
            if order is not None:
                self.send(order, due[0])

    def keep_interval(self):
        """Wait so long after the order before."""
        if self.last_sent is not None:
            interval = self.session.config.execution.order_interval_ms / 1000
            self.guard.pause(self.last_sent + interval - self.clock.monotonic())

    # Before

    def prepare(self, symbol, number, quantity):
        """Make the next order of a symbol; None if it is left out, which the log says."""
        planned = self.state.planned[symbol]
        positions = self.facts.confirmed_positions()
        account = self.facts.account()
        if planned.side == "buy":
            account, quantity = self.facts.affordable(planned, quantity, account)
            if not quantity:
                return None
        quote = self.facts.fresh_quote(symbol)
        name, limit = self.state.client_id(symbol, number), planned.limit_price_cents
        order = BrokerOrder(symbol, planned.side, quantity, "limit", limit, name)
        report = self.checked(order, quote=quote, account=account, positions=positions)
        return order if not report.has_failures() else self.leave_out(order, report)

    def checked(self, order, **facts):
        """Hold an order against the limits; those that time alone lifts are waited for."""
        for _ in range(WAITS):
            report = self.monitor.check(order, prices=self.facts.prices, **facts)
            if not report.has_failures() or {row["name"] for row in report.failures} - PASSING:
                break
            self.guard.pause(1.0)
        self.guard.refuse_halted()
        return report

    def leave_out(self, order, report):
        """Write down that the limits hold an order back; the others go on only if the policy says so."""
        texts = listing(f"{row['name']}: {row['detail']}" for row in report.failures)
        self.trail.record(
            "order_skipped", symbol=order.symbol, shares=order.quantity, reason=printable(f"risk: {texts}")
        )
        if self.session.config.execution.on_reject == "stop":
            raise RiskRejected(f"{order.symbol}: {texts}", report)

    # The order

    def send(self, order, number):
        """Send an order and see it to its end, or learn that it never arrived."""
        self.guard.gate()
        self.trail.record(
            "order_intent",
            client_order_id=order.client_order_id,
            symbol=order.symbol,
            action=self.state.planned[order.symbol].action,
            side=order.side,
            shares=order.quantity,
            order_type=order.order_type,
            limit=money_text(order.limit_price_cents),
            limit_cents=order.limit_price_cents,
            slice=number,
            run=self.state.scope,
        )
        ticket = self.state.tickets[order.client_order_id]
        self.last_look(ticket)
        self.submit(order, ticket)
        self.follower.settle(ticket)

    def last_look(self, ticket):
        """Ask once more whether anything may be sent: writing the intent may have taken long."""
        name = ticket.client_order_id
        try:
            self.guard.gate()
            if self.sends.get(name, 0) >= MOST_SENDS:
                raise ConnectionFailed(f"order {name} was sent {MOST_SENDS} times and never arrived")
        except NanobookError as error:
            self.not_sent(ticket, error)
            raise
        self.sends[name] = self.sends.get(name, 0) + 1

    def submit(self, order, ticket):
        """Send an order, once, and write down which of the three answers came."""
        self.follower.watch(ticket)
        generation = self.line.generation
        try:
            broker_id = self.session.broker.submit_order(order)
        except OrderRejected as error:
            self.refused(ticket, error)
        except (OrderError, InvalidValue, UnknownInstrument) as error:  # refused on this side
            self.follower.forget(ticket)
            self.failed(ticket, error)
        except NotConnected as error:
            self.follower.forget(ticket)
            self.not_sent(ticket, error)
            self.line.reconnect(error)
        except BrokerError as error:
            self.unknown(ticket, error)
        else:
            self.follower.seen[ticket.client_order_id] = generation
            self.follower.submitted(ticket, broker_id)
        self.last_sent = self.clock.monotonic()

    # Answers

    def unknown(self, ticket, error):
        """Write down that no answer came."""
        self.trail.record("order_unknown", client_order_id=ticket.client_order_id, reason=printable(error))

    def not_sent(self, ticket, error):
        """Write down that an order did not leave, for a reason that passes."""
        self.trail.record("order_not_sent", client_order_id=ticket.client_order_id, reason=printable(error))

    def refused(self, ticket, error):
        """Take a reject; a duplicate is none: the broker knows the order."""
        if error.code == "duplicate":
            self.unknown(ticket, error)
        else:
            self.monitor.rejected(order_of_ticket(ticket))
            self.failed(ticket, error)

    def failed(self, ticket, error):
        """Write down that an order was refused; it is not sent again."""
        self.trail.record(
            "order_failed",
            client_order_id=ticket.client_order_id,
            symbol=ticket.symbol,
            error_type=type(error).__name__,
            code=getattr(error, "code", ""),
            reason=printable(error),
        )
        if self.session.config.execution.on_reject == "stop":
            raise error
