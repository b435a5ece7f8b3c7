"""One order after the other: from what is due of a plan to what has become of it at the broker.

Each order: may anything be sent -> positions as they should be -> fresh quote -> money -> risk -> intent in
the log, durable -> may anything be sent -> send -> answer in the log -> wait for its end, or cancel it ->
end in the log. A record comes before what it is about; if it cannot be written, nothing is sent.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial

from ..broker.types import BrokerOrder, OrderState
from ..errors import (
    BrokerError,
    CancelRejected,
    ClockSkew,
    ConnectionFailed,
    InvalidValue,
    NoQuote,
    NotConnected,
    OrderError,
    OrderRejected,
    RateLimited,
    RiskRejected,
    RunStopped,
    UnknownInstrument,
    UnknownState,
)
from ..exact import dollars, exact, in_steps, plus, times
from ..hints import listing, printable
from .costs import money_needed
from .line import Line
from .reconcile import split_hint
from .settle import END, FOLLOW, SEND_AGAIN, decide
from .state import INTENT, LIVE, UNKNOWN, money_text

POLLS = (0.05, 1.0)  # seconds between two questions about an order: at first, and at most
TICK = 0.05  # seconds that a wait may be blind to the kill switch
SETTLE_SECONDS = 10  # that positions and money at the broker may lag behind its fills
CANCEL_SECONDS = 60  # that a cancellation may take
CANCEL_AGAIN = 5  # seconds after which it is asked for again
WAITS = 4  # checks of an order that only comes too soon
PASSING = {"Message rate", "Duplicate order"}  # rows of the monitor that fail for a second
MOST_SENDS = 3  # of one order, as long as the broker says that it never saw it


class Desk:
    """Works the orders of one run.

    Parameters
    ----------
    session : Session
    state : RunState
        Kept up to date.
    progress : callable, optional
        Called with every record, after it was written.
    """

    def __init__(self, session, state, progress=None):
        self.session, self.state, self.clock = session, state, session.clock
        self.progress = progress or (lambda record: None)
        self.broker, self.monitor = session.broker, session.monitor
        self.line = Line(self.broker, self.clock, self.pause, self.record, session.seed)
        self.notes = []  # what a report should say beside the orders
        self.seen = {}  # client order id -> generation of the line in which its broker id was told
        self.sends = {}  # client order id -> times sent by this process
        self.fills = set()  # ids of executions that the monitor knows
        self.instruments = {}
        self.prices = {}  # mid prices by symbol, in cents, as last seen
        self.watched = set()  # client order ids of orders that the monitor counts
        self.last_sent = None
        self.most_skew = float(session.config.logging.clock_skew_threshold_sec)
        self.base = self.drift()

    def connect(self, patient=False):
        """Connect, unless that was done; ``patient`` as of the line."""
        if not self.line.generation:
            self.line.connect(patient)

    def record(self, event, **payload):
        """Make a record durable, then take it in."""
        self.session.log.record(event, **payload)
        self.took({"event": event, **payload})

    def took(self, record):
        """Take in a record that is durable."""
        self.state.apply(record)
        self.progress(record)

    # When

    def gate(self):
        """Raise if nothing may be sent."""
        self.session.kill.check()
        if self.session.stop():
            raise RunStopped(f"{self.session.stop()}: stopped; the same command goes on with the rest")
        self.refuse_halted()
        if abs(self.drift() - self.base) > self.most_skew:
            self.check_clock()

    def refuse_halted(self):
        """Raise if losses or rejects have halted trading; the kill switch is on then, until a person looks."""
        reason = self.monitor.halted
        if reason:
            self.session.kill.turn_on(reason, source="risk")
            self.record("risk_state", **self.monitor.to_dict())
            raise RiskRejected(f"trading is halted: {reason}; the kill switch is on")

    def check_clock(self):
        """Refuse to trade when the broker's clock is another than ours; asked again after a jump of ours."""
        before, begin = self.clock.now(), self.clock.monotonic()
        theirs = self.line.ask(self.broker.server_time)
        took = self.clock.monotonic() - begin
        skew = abs((theirs - before).total_seconds() - took / 2) - took / 2
        if skew > self.most_skew:
            raise ClockSkew(
                f"the broker's clock says {theirs.isoformat()}, ours {before.isoformat()}: {skew:.1f} s apart, and "
                f"at most {self.most_skew:g} s are allowed; set this machine's clock"
            )
        self.base = self.drift()

    def drift(self):
        """How far the time of day is ahead of the clock that no one can set."""
        return self.clock.now().timestamp() - self.clock.monotonic()

    def told_to_stop(self):
        """Why waiting has no sense any more: 'kill', 'stop' or ''."""
        return "kill" if self.session.kill.is_on() else "stop" if self.session.stop() else ""

    def pause(self, seconds):
        """Wait, but no longer than until we are told to stop."""
        told = self.told_to_stop()
        while seconds > 0:
            self.clock.sleep(min(seconds, TICK))
            seconds -= TICK
            if not told and self.told_to_stop():
                return

    # One symbol

    def work(self, symbol):
        """Send what is due of a symbol until nothing is."""
        while (due := self.state.due(symbol)) is not None:
            self.gate()
            order = self.prepare(symbol, *due)
            if order is not None:
                self.send(order, due[0])

    def prepare(self, symbol, number, quantity):
        """Make the next order of a symbol; None if it is left out, which the log says."""
        planned = self.state.planned[symbol]
        positions = self.confirmed_positions()
        quote = self.fresh_quote(symbol)
        account = self.line.ask(self.broker.account)
        if planned.side == "buy":
            account, quantity = self.affordable(planned, quantity, account)
        if not quantity:
            return None
        order = BrokerOrder(
            symbol,
            planned.side,
            quantity,
            "limit",
            planned.limit_price_cents,
            self.state.client_id(symbol, number),
        )
        report = self.checked(order, quote, account, positions)
        if not report.has_failures():
            return order
        texts = [f"{row['name']}: {row['detail']}" for row in report if row["status"] == "FAIL"]
        self.leave(symbol, quantity, f"risk: {listing(texts)}")
        if self.session.config.execution.on_reject == "stop":
            raise RiskRejected(f"{symbol}: {listing(texts)}", report)
        return None

    def checked(self, order, quote, account, positions):
        """Hold an order against the limits; those that time alone lifts are waited for."""
        told = {"quote": quote, "account": account, "positions": positions, "prices": self.prices}
        for _ in range(WAITS):
            report = self.monitor.check(order, **told)
            if not {row["name"] for row in report.failures} <= PASSING or not report.has_failures():
                break
            self.pause(1.0)
        self.refuse_halted()
        return report

    def leave(self, symbol, quantity, reason):
        """Write down that no more of a symbol is sent."""
        self.record("order_skipped", symbol=symbol, shares=quantity, reason=reason)

    def confirmed_positions(self):
        """Give the positions that the broker tells, once they are what the fills have made them."""
        end = self.clock.monotonic() + SETTLE_SECONDS
        while True:
            held = {one.symbol: one.quantity for one in self.line.ask(self.broker.positions)}
            wrong = {
                symbol: held.get(symbol, 0)
                for symbol in self.state.planned
                if held.get(symbol, 0) != self.state.expected(symbol)
            }
            if not wrong:
                return held
            if self.clock.monotonic() >= end:
                break
            self.pause(POLLS[1])
            self.gate()
        told = [
            f"{symbol} is {quantity}, not {(right := self.state.expected(symbol))}"
            + split_hint(Fraction(right), Fraction(quantity))
            for symbol, quantity in wrong.items()
        ]
        self.record("positions_mismatch", symbols=[printable(text) for text in told])
        raise UnknownState(
            f"positions at the broker are not what this run's fills make them: {listing(told)}; somebody else "
            "traded, or shares were split: look at the account; then give the run up with `recover --abandon`"
        )

    def fresh_quote(self, symbol):
        """Give a quote that an order may be sent with."""
        quote = self.line.ask(lambda: self.broker.quote(symbol))
        seconds = self.session.config.execution.quote_staleness_threshold_sec
        now = self.clock.now()
        if quote.is_stale(now, float(seconds)):
            raise NoQuote(
                f"{symbol}: the quote is of {quote.timestamp}, older than {seconds} s or of no time"
            )
        self.prices[symbol] = quote.mid_cents
        return quote

    def price(self, symbols):
        """Resolve symbols and give their mid prices, by symbol, in cents."""
        self.resolve(symbols)
        return {symbol: self.fresh_quote(symbol).mid_cents for symbol in dict.fromkeys(symbols)}

    # Money

    def affordable(self, planned, quantity, account):
        """Give the account and as much of a buy as it pays for, once the proceeds of sales have come in."""
        cost, price = self.session.config.cost, planned.limit_price_cents
        needed = money_needed(quantity, price, cost)
        end = self.clock.monotonic() + SETTLE_SECONDS
        while (money := self.money(account)) < needed and self.awaits_proceeds():
            if self.clock.monotonic() >= end:
                break
            self.pause(POLLS[1])
            self.gate()
            account = self.line.ask(self.broker.account)
        if money >= needed:
            return account, quantity
        cut = most_for(money, price, cost, self.lot(planned.symbol))
        reason = f"{dollars(money)} pay for {cut} of {quantity} shares at {dollars(price)}"
        if cut and times(cut, planned.mid_cents) >= self.session.min_trade_cents:
            self.record("order_cut", symbol=planned.symbol, shares=cut, wanted=quantity, reason=reason)
            return account, cut
        self.leave(planned.symbol, quantity, reason)
        return account, 0

    def money(self, account):
        """What buys may use: confirmed cash, or buying power in a margin account."""
        if self.session.config.account.type == "margin":
            return account.buying_power_cents
        return min(account.cash_cents, account.buying_power_cents)

    def awaits_proceeds(self):
        """Whether sales of this run were filled, which the account may not show yet."""
        return any(ticket.side == "sell" and ticket.filled for ticket in self.state.tickets.values())

    def lot(self, symbol):
        """What quantities are multiples of."""
        self.resolve([symbol])
        return self.instruments[symbol].lot

    def resolve(self, symbols):
        """Learn lots and ticks of symbols; all that the broker does not know are told at once."""
        unknown = []
        for symbol in symbols:
            if symbol not in self.instruments:
                try:
                    self.instruments[symbol] = self.line.ask(partial(self.broker.instrument, symbol))
                except UnknownInstrument as error:
                    unknown.append(printable(error.reason))
        if unknown:
            raise UnknownInstrument(f"{listing(unknown)}; nothing was sent")

    # One order

    def send(self, order, number):
        """Send an order and see it to its end, or learn that it never arrived."""
        self.keep_interval()
        planned, name = self.state.planned[order.symbol], order.client_order_id
        self.gate()
        self.record(
            "order_intent",
            client_order_id=name,
            symbol=order.symbol,
            action=planned.action,
            side=order.side,
            shares=order.quantity,
            order_type=order.order_type,
            limit=money_text(order.limit_price_cents),
            limit_cents=order.limit_price_cents,
            slice=number,
            run=self.state.scope,
        )
        ticket = self.state.tickets[name]
        self.submit(order, ticket)
        self.settle(ticket)

    def keep_interval(self):
        """Wait so long after the order before."""
        if self.last_sent is not None:
            interval = self.session.config.execution.order_interval_ms / 1000
            self.pause(max(0.0, self.last_sent + interval - self.clock.monotonic()))

    def submit(self, order, ticket):
        """Send an order, once; write down which of the three answers came."""
        name = ticket.client_order_id
        try:
            self.gate()
            if self.sends.get(name, 0) >= MOST_SENDS:
                raise ConnectionFailed(f"order {name} was sent {MOST_SENDS} times and never arrived")
        except Exception as error:
            self.not_sent(name, error)
            raise
        self.sends[name] = self.sends.get(name, 0) + 1
        self.watch(ticket)
        generation = self.line.generation
        try:
            broker_id = self.broker.submit_order(order)
        except OrderRejected as error:
            self.refused(ticket, error)
        except (OrderError, InvalidValue, UnknownInstrument) as error:  # refused on this side
            self.forget(ticket)
            self.failed(ticket, error)
        except NotConnected as error:
            self.forget(ticket)
            self.not_sent(name, error)
            self.line.reconnect(error)
        except BrokerError as error:
            self.unknown(name, error)
        else:
            self.seen[name] = generation
            self.submitted(ticket, broker_id)
        self.last_sent = self.clock.monotonic()

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

    def submitted(self, ticket, broker_id, **more):
        """Write down that the broker has the order."""
        self.watch(ticket)
        planned = self.state.planned[ticket.symbol]
        self.record(
            "order_submitted",
            client_order_id=ticket.client_order_id,
            symbol=ticket.symbol,
            action=planned.action,
            shares=ticket.quantity,
            limit=money_text(ticket.limit_price_cents),
            ibkr_id=broker_id,
            **more,
        )

    def unknown(self, name, error):
        """Write down that no answer came."""
        self.record("order_unknown", client_order_id=name, reason=printable(error))

    def not_sent(self, name, error):
        """Write down that an order did not leave, for a reason that passes."""
        self.record("order_not_sent", client_order_id=name, reason=printable(error))

    def refused(self, ticket, error):
        """Take a reject; a duplicate is none: the broker knows the order."""
        if error.code == "duplicate":
            self.unknown(ticket.client_order_id, error)
        else:
            self.monitor.rejected(order_of_ticket(ticket))
            self.failed(ticket, error)

    def failed(self, ticket, error):
        """Write down that an order was refused; it is not sent again."""
        self.record(
            "order_failed",
            client_order_id=ticket.client_order_id,
            symbol=ticket.symbol,
            error_type=type(error).__name__,
            code=getattr(error, "code", ""),
            reason=printable(error),
        )
        if self.session.config.execution.on_reject == "stop":
            raise error

    # What has become of it

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
            self.record(
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
            f"{dollars(ticket.limit_price_cents)}) is in an unknown state: {printable(why)}; look at the account, "
            "or run `rebalancer recover` when the broker can be reached"
        )

    def follow(self, ticket, patience=None):
        """Wait for the end of an order; cancel it after ``patience`` seconds or when we are told to stop."""
        self.watch(ticket)
        patience = self.session.config.execution.order_timeout_secs if patience is None else patience
        deadline = self.clock.monotonic() + patience
        asked, wait = None, POLLS[0]
        while True:
            status, away = self.status(ticket)
            if status.status.is_final:
                self.end(ticket, status, away)
                return
            if away:  # what time the order has does not pass while nobody could follow it
                deadline = self.clock.monotonic() + patience
            self.note(ticket, status)
            now = self.clock.monotonic()
            reason = self.told_to_stop() or ("timeout" if now >= deadline else "")
            if asked is not None and now >= asked + CANCEL_SECONDS:
                raise self.lost(ticket, f"no answer to its cancellation for {CANCEL_SECONDS} s")
            if reason == "stop" and self.session.config.execution.on_interrupt == "leave":
                raise RunStopped(f"{self.session.stop()}: stopped; {ticket.symbol} is left at the broker")
            if reason and (asked is None or now >= self.asked_again):
                asked = now if asked is None else asked
                self.cancel(ticket, reason)
            self.pause(wait)
            wait = min(wait * 2, POLLS[1])

    def status(self, ticket):
        """Ask for an order: its status, and whether it is the first since the line was lost."""
        name = ticket.client_order_id

        def by_id():
            if self.seen.get(name) == self.line.generation:
                try:
                    status = self.broker.order_status(ticket.broker_id)
                except OrderError:
                    return None
                if status.client_order_id in (None, name):
                    return status
            return None  # ids of an earlier connection may name other orders now

        try:
            status = self.line.ask(by_id)
        except BrokerError as error:
            raise self.lost(ticket, error) from error
        if status is not None:
            return status, False
        status = self.found(ticket, max(self.broker.in_flight_seconds, SETTLE_SECONDS))
        if status is None:
            raise self.lost(ticket, "the broker had taken it, and does not know it any more")
        self.seen[name] = self.line.generation
        if status.id != ticket.broker_id:
            self.submitted(ticket, status.id, found=True)
        return status, True

    def note(self, ticket, status):
        """Write down a partial fill."""
        if status.filled_quantity != ticket.filled:
            self.record("order_progress", client_order_id=ticket.client_order_id, **filled_of(status))

    def cancel(self, ticket, reason):
        """Ask for a cancellation; whether it came in time, the order's status tells."""
        name = ticket.client_order_id
        self.asked_again = self.clock.monotonic() + CANCEL_AGAIN
        self.record("cancel_intent", client_order_id=name, symbol=ticket.symbol, reason=reason)
        self.monitor.message()
        try:
            self.broker.cancel_order(ticket.broker_id)
        except CancelRejected as error:
            result = printable(error)
        except (ConnectionFailed, NotConnected, RateLimited) as error:
            self.asked_again = self.clock.monotonic()
            result = printable(error)
        else:
            result = "asked"
        self.record("cancel_result", client_order_id=name, result=result)

    def end(self, ticket, status, away):
        """Write down how an order ended, with what the broker tells of its fills."""
        name, filled = ticket.client_order_id, filled_of(status)
        if status.status is OrderState.REJECTED:
            reason = printable(status.reason or "rejected after it was accepted")
            self.record("order_failed", client_order_id=name, symbol=ticket.symbol, reason=reason, **filled)
            self.reject_late(ticket, reason)
            return
        filled["commission_cents"] = self.commission(ticket, status)
        cancelled = status.status is OrderState.CANCELLED
        ours = ticket.cancelling == "timeout"
        self.record(
            "order_filled",
            client_order_id=name,
            symbol=ticket.symbol,
            ibkr_id=status.id,
            status="Filled" if not cancelled else "PartialFill" if status.filled_quantity else "Cancelled",
            open_end=cancelled and not ours and bool(away or ticket.cancelling or self.told_to_stop()),
            reason=printable(ticket.cancelling or status.reason),
            **filled,
        )
        self.monitor.ended(name)

    def reject_late(self, ticket, reason):
        """Take the reject of an order that had been accepted."""
        self.monitor.rejected(order_of_ticket(ticket))
        if self.session.config.execution.on_reject == "stop":
            raise OrderRejected(reason, "other", ticket.client_order_id)

    def commission(self, ticket, status):
        """Sum what the broker told of an order's commissions, the monitor hears of its fills; None if unknown."""
        if not status.filled_quantity:
            return 0
        try:
            fills = [
                replace(fill, client_order_id=ticket.client_order_id)
                for fill in self.line.ask(self.broker.executions)
                if fill.client_order_id == ticket.client_order_id
                or (fill.client_order_id is None and fill.order_id == status.id)
            ]
        except BrokerError:
            return None
        for fill in fills:
            if fill.execution_id not in self.fills:
                self.fills.add(fill.execution_id)
                self.monitor.filled(fill)
        told = [fill.commission_cents for fill in fills]
        return exact("commission", sum(told)) if told and None not in told else None


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


def most_for(money, price, cost, lot):
    """Give the largest whole number of lots that some money pays for, commission included."""
    quantity = in_steps(Decimal(max(money, 0)) / Decimal(price), lot)
    while quantity > 0 and money_needed(quantity, price, cost) > money:
        over = money_needed(quantity, price, cost) - money
        fewer = max(lot, in_steps(Decimal(over) / Decimal(price), lot))
        quantity = exact("quantity", plus(quantity, -fewer))
    return max(quantity, 0)
