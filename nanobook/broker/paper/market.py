"""One symbol at the paper broker: a book of our matching engine in which a quote rests as orders.

Other people's orders have no owner; ours have one, so that an order of ours never trades with another of
ours: the later one is cancelled.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from ...errors import InvalidValue, NanobookError
from ...exact import exact, steps, times
from ..types import Instrument
from .orders import RESTING

OURS = 2**32 - 1  # the owner
SOME_LOTS = 2**40  # of a quote without sizes; it is as many again for the next order
LARGEST_LOTS = 2**39
TOO_MUCH = 2**62  # ticks times lots, which int64 must hold
OTHER = {"buy": "sell", "sell": "buy"}


@cache
def load_engine():
    """Do once, on a book that is thrown away, all that a market does: it loads and, if need be, compiles."""
    from ...exchange import Exchange

    book = Exchange(stp_policy="cancel_newest", log_events=False)
    book.submit_limit("sell", 1, 2)
    book.submit_limit("buy", 1, 1, "gtc", OURS)
    book.submit_market("buy", 1, OURS)
    book.cancel(1)
    book.clear_trades()


class Market:
    """A symbol: what may be traded, its last quote, its book.

    The book is made when an order needs it: until then nothing of Numba is loaded.

    Parameters
    ----------
    instrument : Instrument
    top : Top
        The first quote.
    """

    def __init__(self, instrument, top):
        exact("lot x tick", times(instrument.lot, instrument.tick_cents))  # so that cash stays exact
        self.instrument = instrument
        self.book = None
        self._ours = {}
        self._shown = {}
        self._left = {}
        self.take_top(top)

    def take_top(self, top):
        """Take a new quote in the place of the old one; the book does not know of it before ``show``."""
        self._hide_both()
        self.top = top
        for side, size in (("buy", top.bid_size), ("sell", top.ask_size)):
            self._left[side] = None if size is None else self._whole_lots(size)

    def best(self, side):
        """Price in cents at which a side trades, 0 without one; a crossed quote has none."""
        if self.top.is_tape:
            ticks = (self.book.best_bid() if side == "buy" else self.book.best_ask()) or 0
        elif 0 < self.top.ask < self.top.bid:
            ticks = 0
        elif side == "buy":
            ticks = self._ticks(self.top.bid, up=False)
        else:
            ticks = self._ticks(self.top.ask, up=True)
        return self._cents(ticks)

    def reached(self, side):
        """Price that the stops of a side look at: the last, else the one at which they could trade."""
        return self.top.last or self.best(OTHER[side])

    def fits(self, quantity, price):
        """Whether the book can hold an order."""
        lots = steps(quantity, self.instrument.lot)
        return lots <= LARGEST_LOTS and lots * max(1, self._ticks(price, up=True)) < TOO_MUCH

    # The book

    def open(self, resting):
        """Make the book, with orders of ours that rest, oldest first."""
        from ...exchange import Exchange

        self.book = Exchange(stp_policy="cancel_newest", log_events=False)
        for order in resting:
            self._enter(order)

    def close(self):
        """Forget the book, and an order flow with it; ``open`` makes another."""
        self.book = None
        self._ours, self._shown = {}, {}
        self.top = replace(self.top, is_tape=False)

    def send(self, order, most=None):
        """Bring an order of ours to the book, where the other side shows at most so much."""
        self.show(OTHER[order.order.side], most)
        self._enter(order)

    def _enter(self, order):
        book, lots = self.book, steps(order.remaining, self.instrument.lot)
        if order.is_market:
            result = book.submit_market(order.order.side, lots, OURS)
        else:
            tif = "ioc" if order.order.time_in_force == "ioc" else "gtc"
            price = steps(order.order.limit_price_cents, self.instrument.tick_cents)
            result = book.submit_limit(order.order.side, price, lots, tif, OURS)
        order.book_id = result.order_id
        self._ours[order.book_id] = order
        if result.resting_quantity:
            order.where = RESTING

    def withdraw(self, order):
        """Take an order of ours off the book."""
        if self.book is not None:
            self.book.cancel(order.book_id)

    def show_both(self):
        """Let the quote stand in the book; of one that is locked (bid = ask) the later side."""
        self._hide_both()
        for side in ("buy", "sell"):
            self.show(side)

    def show(self, side, most=None):
        """Let one side of the quote stand in the book, anew: as much as it has, or less."""
        self._hide(side)
        price = 0 if self.top.is_tape else self.best(side)
        if not price:
            return
        ticks = self._ticks(price, up=side == "sell")
        other = self._shown.get(OTHER[side])
        if other and ticks == other[2]:
            self._hide(OTHER[side])
        sizes = [SOME_LOTS, (TOO_MUCH - 1) // ticks, self._left[side]]
        if most is not None:
            sizes.append(self._whole_lots(most))
        lots = min(size for size in sizes if size is not None)
        if lots:
            self._shown[side] = (self.book.submit_limit(side, ticks, lots).order_id, lots, ticks)

    def _hide_both(self):
        for side in list(self._shown):
            self._hide(side)

    def _hide(self, side):
        """Take the quote's side off the book, and count what of it was traded."""
        order_id, lots, _ = self._shown.pop(side, (0, 0, 0))
        if order_id:
            lots -= self.book.cancel(order_id).cancelled_quantity
            if self._left[side] is not None:
                self._left[side] -= lots

    def play(self, messages, levels=0):
        """Let others' order flow into the book; it names orders by ids of its own, and knows none of ours."""
        from ...tape import is_plain

        if not is_plain(messages):
            raise InvalidValue(
                "messages: a flow of limit, cancel, modify and market without owners; leave out the rest"
            )
        names = getattr(getattr(messages, "dtype", None), "names", None) or messages
        self._hide_both()
        try:
            result = self.book.process(messages, client_ids="order_id" in names, levels=levels)
        except NanobookError:
            self.show_both()
            raise
        self.top = replace(self.top, bid=0, ask=0, is_tape=True)
        return result

    def fills(self):
        """Give what traded since the last time: (order, quantity, price in cents), oldest first."""
        trades = self.book.trades()
        if not len(trades):
            return []
        names = "aggressor_order_id", "passive_order_id", "quantity", "price"
        found = []
        for *sides, lots, ticks in zip(*(getattr(trades, name).tolist() for name in names), strict=True):
            for order in filter(None, map(self._ours.get, sides)):
                quantity = exact("quantity", times(lots, self.instrument.lot))
                found.append((order, quantity, self._cents(ticks)))
        self.top = replace(self.top, last=self._cents(ticks))
        self.book.clear_trades()
        return found

    def _ticks(self, price, up):
        """Price in ticks; between two of them the one that is worse for us."""
        ticks = steps(price, self.instrument.tick_cents)
        if ticks is None:
            ticks = int(price // self.instrument.tick_cents) + up
        return ticks

    def _cents(self, ticks):
        return exact("price", times(ticks, self.instrument.tick_cents))

    def _whole_lots(self, quantity):
        return int(quantity // self.instrument.lot)


def instrument_of(symbol, given):
    """Make the record of what may be traded, of what was given with a quote."""
    fields = {name: exact(f"{symbol}: {name}", value) for name, value in given.items() if name != "currency"}
    for name in ("lot", "tick_cents"):
        if fields.get(name, 1) <= 0:
            raise InvalidValue(f"{symbol}: {name}: {given[name]!r} must be above 0")
    return Instrument(symbol, **fields, currency=given.get("currency", "USD"))
