"""The market behind the fake: one of our own matching engines a contract, and a maker who keeps the quote.

The maker's bid and ask rest in the book like anybody's orders. Clients' limit orders rest beside them; when
a quote moves through one, they trade by price and time. Quotes without sizes are refilled after every trade,
those with sizes only by the next quote, so that orders fill in parts. The engine, and Numba with it, comes
with the first order.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ...errors import InvalidValue
from ...exact import exact, times
from .contracts import Contract
from .orders import TIMES_IN_FORCE, Number, Order

DEEP = 10**10  # lots of a side whose size was not told
MOST_NOTIONAL = 2**62  # ticks times lots; the engine's own bound is int64


@dataclass(frozen=True, slots=True)
class Quote:
    """What the market says of a contract, in its currency; None is no price, or no bound of the size."""

    bid: Number | None = None
    ask: Number | None = None
    last: Number | None = None
    bid_size: Number | None = None
    ask_size: Number | None = None
    volume: Number = 0
    data: str = "live"

    @property
    def trades(self):
        """Whether orders can meet it: a crossed or locked quote is only told."""
        return self.bid is None or self.ask is None or self.bid < self.ask


@dataclass(frozen=True, slots=True)
class Fill:
    """Part of an order that traded; the last two are the order's after it."""

    order: Order
    quantity: Number
    price: Number
    filled: Number
    average: Number


@dataclass(frozen=True, slots=True)
class Triggered:
    """A stop order whose price was reached."""

    order: Order


def new_quote(contract, old, changes):
    """Give the quote that follows ``old``; without a last price, that moves no further than it must.

    Raises
    ------
    InvalidValue
        A price that is no multiple of the tick, or a field that there is not.
    """
    values = {name: getattr(old, name) for name in Quote.__slots__}
    for name, value in changes.items():
        if name not in values:
            raise InvalidValue(f"quote: {name!r} is none of {', '.join(values)}")
        values[name] = _checked(contract, name, value)
    if "last" not in changes:
        values["last"] = _nearest_last(values)
    return Quote(**values)


def _checked(contract, name, value):
    if name == "data":
        if value not in ("live", "delayed", "none"):
            raise InvalidValue(f"data: {value!r} of {contract.symbol}; use 'live', 'delayed' or 'none'")
        return value
    if value is None:
        return 0 if name == "volume" else None
    number = exact(f"{contract.symbol} {name}", value)
    if name in ("bid", "ask", "last"):
        if number <= 0 or ticks_of(contract, number) is None:
            raise InvalidValue(
                f"{name}: {value} of {contract.symbol}; use a multiple of {contract.tick} above 0"
            )
    elif number < 0 or lots_of(contract, number) is None:
        raise InvalidValue(f"{name}: {value} of {contract.symbol}; use a multiple of {contract.step} from 0")
    return number


def _nearest_last(values):
    """Move the last price into the quote, if it is outside."""
    bid, ask, last = values["bid"], values["ask"], values["last"]
    if last is None:
        return bid if bid is not None else ask
    if bid is not None and last < bid:
        return bid
    return ask if ask is not None and last > ask else last


def ticks_of(contract, price):
    """Give a price in ticks; None if it is no whole number of them."""
    ticks, rest = divmod(Decimal(price), Decimal(contract.tick))
    return None if rest else int(ticks)


def lots_of(contract, quantity):
    """Give a quantity in steps; None if it is no whole number of them."""
    lots, rest = divmod(Decimal(quantity), Decimal(contract.step))
    return None if rest else int(lots)


class Book:
    """Orders of one contract: those in the engine, those that wait for a price, and the maker's two."""

    def __init__(self, contract: Contract, quote: Quote):
        self.contract, self.quote = contract, quote
        self.engine = None
        self.resting: dict[int, Order] = {}  # by the engine's id
        self.makers: dict[str, int] = {}  # side -> the engine's id
        self.waiting: list[Order] = []  # market orders without a counterpart
        self.stops: list[Order] = []

    def start(self):
        """Bring in the engine with the quote in it."""
        if self.engine is None:
            from ...exchange import Exchange

            self.engine = Exchange(log_events=False)
            self._quote_both()

    def move(self, quote):
        """Let the maker take back its quote and make another; gives what happened to clients' orders."""
        self.quote = quote
        if self.engine is None:
            return []
        for maker in self.makers.values():
            self.engine.cancel(maker)
        self.makers.clear()
        happened = self._quote_both()
        waiting, self.waiting = self.waiting, []
        for order in waiting:
            happened += self._send(order)
        return happened + self._settle()

    def place(self, order):
        """Take an order; gives what happened."""
        self.start()
        if order.waits:
            self.stops.append(order)
            return self._settle()
        return self._send(order) + self._settle()

    def withdraw(self, order):
        """Take an order out of the market."""
        for place in (self.waiting, self.stops):
            if order in place:
                place.remove(order)
        for engine_id, resting in list(self.resting.items()):
            if resting is order:
                self.engine.cancel(engine_id)
                del self.resting[engine_id]

    def _send(self, order):
        """Bring an order to the engine."""
        side, lots = order.action.lower(), lots_of(self.contract, order.left)
        if order.limit is None:
            result = self.engine.submit_market(side, lots)
        else:
            tif = TIMES_IN_FORCE[order.tif]
            result = self.engine.submit_limit(side, ticks_of(self.contract, order.limit), lots, tif)
        self.resting[result.order_id] = order
        happened = self._fills(result)
        if not result.resting_quantity:
            self.resting.pop(result.order_id, None)
            if order.left and order.limit is None and TIMES_IN_FORCE[order.tif] == "gtc":
                self.waiting.append(order)
        return happened

    def _settle(self):
        """Refill the quote and trigger stops until nothing more happens."""
        happened = self._quote_both()
        while due := next((order for order in self.stops if self._is_reached(order)), None):
            self.stops.remove(due)
            due.triggered = True
            happened += [Triggered(due), *self._send(due), *self._quote_both()]
        return happened

    def _is_reached(self, order):
        last = self.quote.last
        return last is not None and (last >= order.stop if order.is_buy else last <= order.stop)

    def _quote_both(self):
        """Bring the maker's sides up to their sizes, as far as that is due."""
        happened = []
        if self.quote.trades:
            for side, price, size in (
                ("buy", self.quote.bid, self.quote.bid_size),
                ("sell", self.quote.ask, self.quote.ask_size),
            ):
                if price is not None and (size is None or side not in self.makers):
                    happened += self._quote_side(side, price, size)
        return happened

    def _quote_side(self, side, price, size):
        if side in self.makers:
            self.engine.cancel(self.makers.pop(side))
        ticks = ticks_of(self.contract, price)
        lots = lots_of(self.contract, size) if size is not None else min(DEEP, MOST_NOTIONAL // ticks)
        self.makers[side] = 0  # a side that was taken whole is not made anew
        if not lots:
            return []
        result = self.engine.submit_limit(side, ticks, lots)
        self.makers[side] = result.order_id
        return self._fills(result)

    def _fills(self, result):
        """Book the trades of a submission with the orders of clients that took part in them."""
        happened = []
        for trade in result.trades:
            quantity = exact("quantity", times(trade.quantity, self.contract.step))
            price = exact("price", times(trade.price, self.contract.tick))
            for engine_id in (trade.passive_order_id, trade.aggressor_order_id):
                order = self.resting.get(engine_id)
                if order is None:
                    continue
                order.fill(quantity, price)
                happened.append(Fill(order, quantity, price, order.filled, order.average))
                if not order.left:
                    del self.resting[engine_id]
            self._print(quantity, price)
        return happened

    def _print(self, quantity, price):
        """Let a trade be the last one."""
        changes = {"last": price, "volume": self.quote.volume + quantity}
        self.quote = new_quote(self.contract, self.quote, changes)


class Market:
    """The books of all contracts."""

    def __init__(self) -> None:
        self.books: dict[int, Book] = {}
        self.is_warm = False

    def warm(self):
        """Load the engine, which takes half a second, or seconds where its kernels were never compiled."""
        if not self.is_warm:
            from ...exchange import Exchange

            book = Exchange(log_events=False)
            book.cancel(book.submit_limit("buy", 1, 1).order_id)
            book.submit_market("sell", 1)
            self.is_warm = True

    def list(self, contract, **quote):
        """Open the book of a contract."""
        self.books[contract.con_id] = Book(contract, new_quote(contract, Quote(), quote))

    def quote(self, contract) -> Quote:
        """Give the quote of a contract."""
        return self.books[contract.con_id].quote

    def move(self, contract, changes):
        """Change a quote; gives what happened to orders."""
        book = self.books[contract.con_id]
        return book.move(new_quote(contract, book.quote, changes))

    def place(self, order):
        """Take an order; gives what happened."""
        return self.books[order.contract.con_id].place(order)

    def withdraw(self, order):
        """Take an order out of the market."""
        self.books[order.contract.con_id].withdraw(order)
