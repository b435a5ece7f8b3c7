"""What becomes of an order that was sent: looked for, waited for, cancelled, and written down."""

from __future__ import annotations

from dataclasses import replace

from ...broker.types import BrokerOrder, OrderState
from ...errors import (
    BrokerError,
    CancelRejected,
    ConnectionFailed,
    NotConnected,
    OrderError,
    OrderRejected,
    RateLimited,
    RunStopped,
    UnknownState,
)
from ...exact import dollars, exact
from ...hints import printable
from .facts import SETTLE_SECONDS
from .guard import TICK
from .records import money_text
from .settle import END, FOLLOW, SEND_AGAIN, decide
from .state import INTENT, LIVE, UNKNOWN

POLLS = (0.05, 1.0)  # seconds between two questions about an order: at first, and at most
CANCEL_SECONDS = 60  # that a cancellation may take
CANCEL_AGAIN = 5  # seconds after which it is asked for again


class Follower:
    """Sees orders to their ends.

    Parameters
    ----------
    session : Session
    trail : Trail
    guard : Guard
    """

    def __init__(self, session, trail, guard):
        self.session, self.trail, self.guard = session, trail, guard
        self.broker, self.line, self.clock = session.broker, guard.line, session.clock
        self.monitor = session.monitor
        self.watched = set()  # client order ids of orders that the monitor counts
        self.fills = set()  # ids of executions that it was told
        self.seen = {}  # client order id -> generation of the line in which its broker id was told

    # The monitor's count

    def watch(self, ticket):
        """Have the monitor count an order; one that was found after a crash, too."""
        if ticket.client_order_id not in self.watched:
            self.watched.add(ticket.client_order_id)
            self.monitor.sent(order_of_ticket(ticket))

    def forget(self, ticket):
        """Tell the monitor that an order never arrived."""
        if ticket.client_order_id in self.watched:
            self.watched.discard(ticket.client_order_id)
            self.monitor.withdrawn(order_of_ticket(ticket))

    # Looking

    def settle(self, ticket, patience=None):
        """Find out what became of an order, and see it to its end; ``patience`` as of ``follow``."""
        if ticket.state in (INTENT, UNKNOWN):
            self.look(ticket)
        if ticket.state is LIVE:
            self.follow(ticket, patience)

    def look(self, ticket):
        """Look for an order of which the log has no answer, until none can be on its way any more."""
        status = self.found(ticket, self.broker.in_flight_seconds)
        decision = decide(ticket.state, status)
        if decision is SEND_AGAIN:
            self.forget(ticket)
            self.trail.record(
                "order_not_found", client_order_id=ticket.client_order_id, reason="the broker never saw it"
            )
        elif decision in (FOLLOW, END):
            self.submitted(ticket, status.id, found=True)
        else:
            raise self.lost(ticket, "the broker does not know it")

    def found(self, ticket, seconds):
        """Look for an order among live and ended ones; None when it has not come up for so long."""
        end = self.clock.monotonic() + seconds
        while True:
            last = self.clock.monotonic() >= end
            try:
                status = self.line.ask(lambda: self.broker.find_order(ticket.client_order_id))
            except BrokerError as error:
                raise self.lost(ticket, error) from error
            if status is not None or last:
                return status
            self.clock.sleep(min(POLLS[1], max(TICK, end - self.clock.monotonic())))

    def lost(self, ticket, why):
        """Make the error that names an order whose state cannot be told."""
        return UnknownState(
            f"order {ticket.client_order_id} ({ticket.side} {ticket.quantity} {ticket.symbol} at "
            f"{dollars(ticket.limit_price_cents)}) is in an unknown state: {printable(why)}; run "
            "`rebalancer recover` when the broker can be reached, or look at the account and give the run up "
            "with `recover --abandon`"
        )

    def submitted(self, ticket, broker_id, **more):
        """Write down that the broker has the order."""
        self.watch(ticket)
        self.trail.record(
            "order_submitted",
            client_order_id=ticket.client_order_id,
            symbol=ticket.symbol,
            action=self.trail.state.planned[ticket.symbol].action,
            shares=ticket.quantity,
            limit=money_text(ticket.limit_price_cents),
            ibkr_id=broker_id,
            **more,
        )

    # Waiting

    def follow(self, ticket, patience=None):
        """Wait for the end of an order; cancel it after ``patience`` seconds or when we are told to stop."""
        self.watch(ticket)
        patience = self.session.config.execution.order_timeout_secs if patience is None else patience
        deadline, wait = self.clock.monotonic() + patience, POLLS[0]
        cancelling = Cancelling(self, ticket)
        while True:
            status, away = self.status(ticket)
            if status.status.is_final:
                self.end(ticket, status, away)
                return
            if away:  # what time the order has does not pass while nobody could follow it
                deadline = self.clock.monotonic() + patience
            if status.filled_quantity != ticket.filled:
                self.trail.record(
                    "order_progress", client_order_id=ticket.client_order_id, **filled_of(status)
                )
            reason = self.guard.told_to_stop()
            if reason == "stop" and self.session.config.execution.on_interrupt == "leave":
                raise RunStopped(f"{self.session.stop()}: stopped; {ticket.symbol} is left at the broker")
            cancelling.step(reason or ("timeout" if self.clock.monotonic() >= deadline else ""))
            self.guard.pause(wait)
            wait = min(wait * 2, POLLS[1])

    def status(self, ticket):
        """Ask for an order: its status, and whether it is the first since the line was lost."""
        try:
            status = self.line.ask(lambda: self._by_id(ticket))
        except BrokerError as error:
            raise self.lost(ticket, error) from error
        if status is not None:
            return status, False
        status = self.found(ticket, max(self.broker.in_flight_seconds, SETTLE_SECONDS))
        if status is None:
            raise self.lost(ticket, "the broker had taken it, and does not know it any more")
        self.seen[ticket.client_order_id] = self.line.generation
        if status.id != ticket.broker_id:
            self.submitted(ticket, status.id, found=True)
        return status, True

    def _by_id(self, ticket):
        """Ask by the broker's id; None if it may be another order's now, since the line was lost."""
        if self.seen.get(ticket.client_order_id) != self.line.generation:
            return None
        try:
            status = self.broker.order_status(ticket.broker_id)
        except OrderError:
            return None
        return status if status.client_order_id in (None, ticket.client_order_id) else None

    # Ends

    def end(self, ticket, status, away):
        """Write down how an order ended, with what the broker tells of its fills."""
        if status.status is OrderState.REJECTED:
            self._reject_late(ticket, status)
            return
        cancelled = status.status is OrderState.CANCELLED
        given_up = ticket.cancelling == "timeout"
        interrupted = bool(away or ticket.cancelling or self.guard.told_to_stop())
        self.trail.record(
            "order_filled",
            client_order_id=ticket.client_order_id,
            symbol=ticket.symbol,
            ibkr_id=status.id,
            status="Filled" if not cancelled else "PartialFill" if status.filled_quantity else "Cancelled",
            open_end=cancelled and interrupted and not given_up,
            reason=printable(ticket.cancelling or status.reason),
            commission_cents=self._commission(ticket, status),
            **filled_of(status),
        )
        self.monitor.ended(ticket.client_order_id)

    def _reject_late(self, ticket, status):
        """Take the reject of an order that had been accepted."""
        reason = printable(status.reason or "rejected after it was accepted")
        self.trail.record(
            "order_failed",
            client_order_id=ticket.client_order_id,
            symbol=ticket.symbol,
            reason=reason,
            **filled_of(status),
        )
        self.monitor.rejected(order_of_ticket(ticket))
        if self.session.config.execution.on_reject == "stop":
            raise OrderRejected(reason, "other", ticket.client_order_id)

    def _commission(self, ticket, status):
        """Sum an order's commissions, None if not all were told; the monitor hears of the fills."""
        if not status.filled_quantity:
            return 0
        name = ticket.client_order_id
        try:
            told = self.line.ask(self.broker.executions)
        except BrokerError:
            return None
        fills = [
            replace(fill, client_order_id=name)
            for fill in told
            if fill.client_order_id == name or (fill.client_order_id is None and fill.order_id == status.id)
        ]
        for fill in fills:
            if fill.execution_id not in self.fills:
                self.fills.add(fill.execution_id)
                self.monitor.filled(fill)
        costs = [fill.commission_cents for fill in fills]
        return exact("commission", sum(costs)) if costs and None not in costs else None


class Cancelling:
    """The cancellation of one order: asked for, asked for again, and not for ever."""

    def __init__(self, follower, ticket):
        self.follower, self.ticket, self.clock = follower, ticket, follower.clock
        self.begun = self.again = None

    def step(self, reason):
        """Ask for it if there is a reason, or if it was asked for long ago without effect."""
        now = self.clock.monotonic()
        if self.begun is None:
            if not reason:
                return
            self.begun = self.again = now
        if now >= self.begun + CANCEL_SECONDS:
            raise self.follower.lost(self.ticket, f"no answer to its cancellation for {CANCEL_SECONDS} s")
        if now >= self.again:
            self.again = now + CANCEL_AGAIN
            self._ask(reason or self.ticket.cancelling)

    def _ask(self, reason):
        """Ask for the cancellation; whether it came in time, the order's status tells."""
        ticket, trail = self.ticket, self.follower.trail
        name = ticket.client_order_id
        trail.record("cancel_intent", client_order_id=name, symbol=ticket.symbol, reason=reason)
        self.follower.monitor.message()
        result = "asked"
        try:
            self.follower.broker.cancel_order(ticket.broker_id)
        except CancelRejected as error:
            result = printable(error)
        except (ConnectionFailed, NotConnected, RateLimited) as error:
            self.again = self.clock.monotonic()
            result = printable(error)
        trail.record("cancel_result", client_order_id=name, result=result)


def order_of_ticket(ticket):
    """Give an order as it was sent."""
    return BrokerOrder(
        ticket.symbol, ticket.side, ticket.quantity, "limit", ticket.limit_price_cents, ticket.client_order_id
    )


def filled_of(status):
    """What a status tells of fills, as records have it."""
    return {
        "filled": status.filled_quantity,
        "avg_price": money_text(status.avg_fill_price_cents),
        "avg_price_cents": status.avg_fill_price_cents,
    }
