"""The gateway itself: orders, executions and account, which outlive every client and every restart."""

from __future__ import annotations

import itertools
from collections import Counter, deque
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from numbers import Real

from ...clock import SystemClock
from ...errors import InvalidValue
from ...exact import exact, plus, times
from ...hints import nearest
from . import messages
from .account import Account
from .contracts import Listings
from .market import Fill, Market, Triggered
from .orders import TIMES_IN_FORCE, Execution, Order
from .script import Script

TIME = "%Y%m%d %H:%M:%S UTC"
AT_ONCE = ("IOC", "FOK")
DATA_LOST = 1101
RANGES = (
    ("server_version", 157, 178),
    ("message_rate", 1, 10**6),
    ("message_burst", 1, 10**6),
    ("leverage", 1, 100),
    ("commission_per_share", 0, 10**6),
    ("commission_minimum", 0, 10**6),
)
"""From where to where a rule may go."""
REMEMBERED = 10_000  # requests that are kept to be looked at


@dataclass(frozen=True)
class Rules:
    """What a gateway is like.

    Attributes
    ----------
    server_version : int
        The newest protocol that it speaks, 157 to 178.
    message_rate, message_burst : int
        Messages a second that it bears from a client, and how many of them at once. More is error 100, and
        the third time it disconnects.
    tif_preset : str or None
        Sets the time in force of orders that come without one, and says so by the informational error 10349.
    master_client_id : int or None
        The client that hears of everybody's orders.
    leverage : int
        Buying power is so many times the available funds.
    commission_per_share, commission_minimum : number
        Dollars; the minimum is an order's.
    late_commissions : float or None
        Seconds until a fill's commission is told; None for never, unless executions are asked for.
    """

    server_version: int = 178
    message_rate: int = 50
    message_burst: int = 100
    tif_preset: str | None = None
    master_client_id: int | None = None
    leverage: int = 4
    commission_per_share: Decimal | int = Decimal("0.005")
    commission_minimum: Decimal | int = 1
    late_commissions: float | None = 0

    @classmethod
    def of(cls, options):
        """Make rules of keywords; a misspelt one is hinted at."""
        known = [field.name for field in fields(cls)]
        for name in options:
            if name not in known:
                raise InvalidValue(f"{name}: there is no such option{nearest(name, known)}")
        rules = cls(**options)
        for name, lowest, highest in RANGES:
            value = getattr(rules, name)
            if (
                isinstance(value, bool)
                or not isinstance(value, Real | Decimal)
                or not lowest <= value <= highest
            ):
                raise InvalidValue(f"{name}: {value!r}; use {lowest} to {highest}")
        if rules.tif_preset not in (None, *TIMES_IN_FORCE):
            raise InvalidValue(f"tif_preset: {rules.tif_preset!r}; use one of {', '.join(TIMES_IN_FORCE)}")
        return rules


class Gateway:
    """All that is known and done at the fake. Belongs to the thread of its server.

    Parameters
    ----------
    listings : Listings
    market : Market
    account : Account
    rules : Rules
    clock : Clock, optional
    """

    def __init__(self, listings: Listings, market: Market, account: Account, rules, clock=None):
        self.listings, self.market, self.account = listings, market, account
        self.rules, self.clock = rules, clock or SystemClock()
        self.script = Script()
        self.sessions: list = []
        self.orders: dict[int, Order] = {}  # by permanent id
        self._orders_of: dict[tuple[int, int], Order] = {}  # by client and the client's id
        self.executions: list[Execution] = []
        self.next_ids: dict[int, int] = {}
        self.received: Counter[str] = Counter()
        self.requests: deque = deque(maxlen=REMEMBERED)
        self.is_linked = True
        self._held: list = []
        self._perm_ids = itertools.count(900_001)
        self._by_hand = itertools.count(1)
        self._numbers = itertools.count(1)

    # Looking

    def now_text(self):
        """The time as the protocol writes it."""
        return self.clock.now().strftime(TIME)

    def price_of(self, contract):
        """The last price of a contract, 0 without one."""
        return self.market.quote(contract).last or 0

    def values(self):
        """Values of the account by tag."""
        return self.account.values(self.price_of)

    def order_of(self, client_id, order_id):
        """Give the order that a client calls so, None if there is none."""
        return self._orders_of.get((client_id, order_id))

    def next_id(self, client_id):
        """The smallest order id that a client may use."""
        return self.next_ids.get(client_id, 1)

    def live_executions(self):
        """Executions of which no correction is known."""
        last = {done.stem: done for done in self.executions}
        return list(last.values())

    # Orders

    def imagined(self, client_id, asked, contract, numbers):
        """Make an order that is not entered."""
        return Order(
            order_id=int(asked["orderId"]),
            client_id=client_id,
            perm_id=0,
            contract=contract,
            action=asked["action"],
            kind=asked["orderType"],
            asked=asked,
            **numbers,
        )

    def new_order(self, client_id, asked, contract, numbers):
        """Enter an order; it is told to nobody, and not in the market yet."""
        order = self.imagined(client_id, asked, contract, numbers)
        self.next_ids[client_id] = max(self.next_id(client_id), order.order_id + 1)
        return self._enter(order)

    def _enter(self, order):
        order.perm_id = next(self._perm_ids)
        self.orders[order.perm_id] = self._orders_of[order.client_id, order.order_id] = order
        return order

    def work(self, order):
        """Send an order to the market, and tell."""
        order.status = "PreSubmitted" if order.waits else "Submitted"
        self.tell_order(order)
        self.apply(self.market.place(order))
        self._end_at_once(order)

    def move(self, contract, changes):
        """Change a quote, and tell all that comes of it."""
        happened = self.market.move(contract, changes)
        self.tell_quote(contract)
        self.apply(happened)

    def place_by_hand(self, contract, asked, numbers):
        """Enter an order as a person at the workstation; gives its permanent id."""
        asked["orderId"] = -next(self._by_hand)
        order = self._enter(self.imagined(0, asked, contract, numbers))
        order.by_hand = True
        self.work(order)
        return order.perm_id

    def apply(self, happened):
        """Book and tell what happened in the market."""
        for event in happened:
            if isinstance(event, Triggered):
                event.order.status = "Submitted"
                self.tell_order(event.order)
            elif isinstance(event, Fill):
                self._fill(event)
        for event in happened:
            self._end_at_once(event.order)

    def _end_at_once(self, order):
        """Cancel what is left of an order that is not to rest."""
        if order.tif in AT_ONCE and order.is_live and not order.waits:
            self.cancel(order)

    def _fill(self, fill):
        order = fill.order
        done = self._book(fill)
        if fill.filled == order.quantity:
            self.end(order, "Filled", f"Filled Size: {order.quantity}")
        self.tell_order(order, fill.filled, fill.average)
        self.tell_execution(done)
        self.tell_position(order.contract)

    def _book(self, fill):
        """Enter an execution, and what it does to the account."""
        order = fill.order
        due = self.commission(fill.filled)
        fee, order.commission = exact("commission", due - order.commission), due
        done = Execution(
            exec_id=f"0000e0d5.{next(self._numbers):08x}.01.01",
            order=order,
            time=self.now_text(),
            quantity=fill.quantity,
            price=fill.price,
            filled=fill.filled,
            average=fill.average,
            commission=fee,
            realized=self.account.book(order, fill.quantity, fill.price, fee),
        )
        self.executions.append(done)
        return done

    def commission(self, filled):
        """Commission of an order of which so much is filled."""
        due = times(filled, exact("commission_per_share", self.rules.commission_per_share))
        return max(due, exact("commission_minimum", self.rules.commission_minimum))

    def cancel(self, order, reason=""):
        """Cancel an order that lives, and tell."""
        self.market.withdraw(order)
        self.end(order, "Cancelled", "Cancelled by Trader")
        self.tell_order(order)
        self.tell(order, lambda version: messages.error(version, order.order_id, 202, reason))

    def end(self, order, status, why):
        """Note that an order has ended."""
        order.status, order.completed_time, order.completed_status = status, self.now_text(), why

    def correct(self, exec_id, price):
        """Correct the price of an execution: it is told again under its next id, the account booked anew."""
        old = next((done for done in self.live_executions() if done.exec_id == exec_id), None)
        if old is None:
            raise InvalidValue(f"exec_id: there is no execution {exec_id!r} that is not corrected yet")
        order, next_number = old.order, int(exec_id.rpartition(".")[2]) + 1
        order.paid = plus(order.paid, times(old.quantity, plus(price, -old.price)))
        new = replace(old, exec_id=f"{old.stem}.{next_number:02d}", time=self.now_text(), price=price)
        self.executions.append(new)
        self.account.rebuild(self.live_executions())
        self.tell_execution(new)
        self.tell_position(order.contract)
        return new.exec_id

    def end_day(self):
        """End the trading day: DAY orders are cancelled; what has ended, and its executions, is forgotten."""
        for order in list(self.orders.values()):
            if order.is_live and order.tif == "DAY":
                self.cancel(order)
        self.orders = {perm_id: order for perm_id, order in self.orders.items() if order.is_live}
        self._orders_of = {(order.client_id, order.order_id): order for order in self.orders.values()}
        self.executions.clear()
        self.account.end_day()

    # Telling

    def tell(self, order, message, seconds=0):
        """Send a message about an order to all who hear of it; ``message`` takes the protocol's version."""

        def send():
            for session in list(self.sessions):
                if session.hears(order):
                    if seconds:
                        session.later(seconds, message(session.version))
                    else:
                        session.send(message(session.version))

        self._news(send)

    def _news(self, send):
        """Send now; or, while the way to the broker is lost, when it is restored."""
        if self.is_linked:
            send()
        else:
            self._held.append(send)

    def tell_order(self, order, filled=None, average=None):
        """Tell all of an order as it is now, or was when so much of it was filled."""
        status, filled = order.status, order.filled if filled is None else filled
        told = messages.order_status(order, status, filled, order.average if average is None else average)
        self.tell(order, lambda version: messages.open_order(version, order, status=status))
        self.tell(order, lambda version: told)

    def tell_execution(self, done):
        """Tell a fill; and what it cost, when the rules say."""
        self.tell(done.order, lambda version: messages.execution(version, -1, done, self.account.name))
        late = self.rules.late_commissions
        if late is not None:
            self.tell(done.order, lambda version: messages.commission_report(done), seconds=late)

    def tell_position(self, contract):
        """Tell those who follow positions and the account."""

        def send():
            for session in list(self.sessions):
                session.position_changed(contract)

        self._news(send)

    def tell_quote(self, contract):
        """Tell those who follow a quote."""

        def send():
            for session in list(self.sessions):
                session.quote_changed(contract)

        self._news(send)

    def broadcast(self, code):
        """Send an error that belongs to no request to all."""
        for session in list(self.sessions):
            session.error(-1, code)

    def set_link(self, is_linked, code):
        """Lose or restore the way to the broker; what happened meanwhile is told afterwards."""
        self.is_linked = is_linked
        self.broadcast(code)
        if code == DATA_LOST:
            for session in self.sessions:
                session.quotes.clear()
        if is_linked:
            held, self._held = self._held, []
            for send in held:
                send()
