"""The trading floor: orders arrive, are checked, trade, wait, end. Time is told to it, never asked."""

from __future__ import annotations

from datetime import timedelta
from heapq import heappop, heappush

from ...errors import NoQuote, UnknownInstrument
from ...exact import exact, plus, times
from ...hints import nearest
from ..types import Execution, OrderState, Quote
from .market import OTHER, Market, instrument_of
from .orders import RESTING, WAITING, PaperOrder
from .rules import refusal_on_arrival, refusal_on_demand, refusal_on_sight


class Floor:
    """What happens at a paper broker.

    Parameters
    ----------
    state : State
    behaviour : Behaviour

    Attributes
    ----------
    changed : bool
        Whether the state is another than when this was last set to False.
    refuse_next : str or None
        Code with which the next order that arrives is refused.
    """

    def __init__(self, state, behaviour):
        self.behaviour = behaviour
        self.markets = {}
        self.refuse_next = None
        self.take_state(state)

    def take_state(self, state):
        """Go on from a state; the books are made anew when they are needed."""
        self.state, self.changed = state, False
        for market in self.markets.values():
            market.close()

    # Quotes and flows

    def quoted(self, top, given, now):
        """Take a quote: make its market if it is new, let it trade with what rests and waits."""
        market = self.markets.get(top.symbol)
        if market is None:
            self.markets[top.symbol] = market = Market(instrument_of(top.symbol, given), top)
        else:
            market.take_top(top)
        self._trade_on(market, now)

    def catch_up(self, now):
        """Let what other processes left meet the quotes of this one."""
        for symbol in {order.order.symbol for order in self.state.live.values()} & set(self.markets):
            self._trade_on(self.markets[symbol], now)

    def _trade_on(self, market, now):
        """Let a quote meet what rests and waits; no book is made for what could not trade."""
        if market.book is None and not any(_could_trade(order, market) for order in self._live_in(market)):
            return
        unfilled = self._unfilled(market)
        self._opened(market).show_both()
        self._settle(market, now)
        self._send_all(unfilled, market, now)

    def play(self, symbol, messages, levels, now):
        """Let an order flow of others into a book."""
        market = self.market(symbol)
        unfilled = self._unfilled(market)
        result = self._opened(market).play(messages, levels)
        self._settle(market, now)
        self._send_all(unfilled, market, now)
        return result

    def _unfilled(self, market):
        """What market orders left, waiting for more of the market."""
        return [order for order in self._live_in(market) if order.where == WAITING and not order.is_stop]

    def _send_all(self, orders, market, now):
        for order in orders:
            self._send(market, order, now)
            self._settle(market, now)

    def market(self, symbol):
        """The market of a symbol."""
        try:
            return self.markets[symbol]
        except KeyError:
            hint = nearest(symbol, self.markets)
            known = f"; there are {len(self.markets)} symbols" if self.markets else "; there are no quotes"
            raise UnknownInstrument(f"{symbol}: the paper broker has no quote of it{hint or known}") from None

    def quote(self, symbol, now):
        """The quote of a symbol."""
        top = self.market(symbol).top
        bid, ask = top.bid, top.ask
        if top.is_tape:
            bid, ask = self.market(symbol).best("buy"), self.market(symbol).best("sell")
        if not (bid or ask or top.last):
            raise NoQuote(
                f"{symbol}: no valid price received; the quote has no bid, no ask and no last price"
            )
        return Quote(symbol, bid, ask, top.last, top.volume, top.timestamp or now)

    # Orders

    def accept(self, order, now):
        """Take an order in; returns it, rejected or not."""
        market = self.market(order.symbol)
        taken = PaperOrder(self.state.last_id + 1, order, now)
        self.state.add(taken)
        self.changed = True
        refusal = refusal_on_sight(order, market)
        if refusal:
            self._end(taken, OrderState.REJECTED, *refusal)
        elif self.behaviour.latency_seconds:
            self._arrange("arrive", taken, now + self._latency)
        else:
            self._arrive(taken, now)
        return taken

    def cancel(self, order, now):
        """Send a cancel."""
        if self.behaviour.latency_seconds:
            self._arrange("cancel", order, now + self._latency)
        else:
            self._cancel(order, now)

    def due(self):
        """When the next thing is due; None if nothing is."""
        return self.state.agenda[0][0] if self.state.agenda else None

    def do_next(self):
        """Do what is due next, at its own time."""
        now, _, what, order_id = heappop(self.state.agenda)
        order = self.state.orders[order_id]
        self.changed = True
        if order.is_live:
            {"arrive": self._arrive, "cancel": self._cancel, "expire": self._expire}[what](order, now)

    @property
    def _latency(self):
        return timedelta(seconds=float(self.behaviour.latency_seconds))

    def _arrange(self, what, order, when):
        self.state.arranged += 1
        heappush(self.state.agenda, (when, self.state.arranged, what, order.id))
        self.changed = True

    def _arrive(self, order, now):
        market = self.market(order.order.symbol)
        code, self.refuse_next = self.refuse_next or self.behaviour.refusal(order.order), None
        refusal = refusal_on_demand(order, code) or refusal_on_arrival(order, market, self)
        if refusal:
            self._end(order, OrderState.REJECTED, *refusal)
            return
        order.state = OrderState.SUBMITTED
        if order.order.time_in_force == "day":
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            self._arrange("expire", order, midnight)
        if order.is_stop:
            order.where = WAITING
        else:
            self._send(market, order, now)
        self._settle(market, now)

    def _send(self, market, order, now):
        """Bring an order to the book; what a market order leaves waits for the next quote."""
        self._opened(market)
        order.where = WAITING
        market.send(order, self.behaviour.within_reach(order.id, order.order.quantity, market.instrument.lot))
        self._book_fills(market, now)
        if order.where == WAITING and not self._is_patient(order):
            ioc = order.order.time_in_force == "ioc"
            why = (
                "nothing more to trade with at once" if ioc else "it would trade with another order of yours"
            )
            self._end(order, OrderState.CANCELLED, "", why)

    @staticmethod
    def _is_patient(order):
        """Whether it may wait with what the book did not take."""
        return order.is_market and order.order.time_in_force != "ioc"

    def _settle(self, market, now):
        """Book what traded, and let the stops that it reaches go, until it reaches none."""
        self._book_fills(market, now)
        while due := [order for order in self._live_in(market) if _fires(order, market)]:
            for order in due:
                order.triggered = self.changed = True
                self._send(market, order, now)

    def _book_fills(self, market, now):
        for order, quantity, price in market.fills() if market.book is not None else ():
            self._fill(order, quantity, price, now)

    def _fill(self, order, quantity, price, now):
        order.fill(quantity, price)
        charged = self.behaviour.commission(order.filled)
        fee = exact("commission", plus(charged, -order.commission))
        order.commission = charged
        self.state.ledger.fill(order.order.symbol, exact("q", times(quantity, order.sign)), price, fee)
        self.state.executions.append(
            Execution(
                execution_id=f"paper.{order.id}.{order.fills:02d}",
                order_id=order.id,
                symbol=order.order.symbol,
                side=order.order.side,
                quantity=quantity,
                price_cents=price,
                commission_cents=fee,
                client_order_id=order.order.client_order_id,
                timestamp=now,
            )
        )
        self._note_end(order)
        self.changed = True

    def _cancel(self, order, now):
        """Cancel an order that lives."""
        if order.where == RESTING and order.order.symbol in self.markets:
            self.markets[order.order.symbol].withdraw(order)
        self._end(order, OrderState.CANCELLED, "", "cancelled on request")

    def _expire(self, order, now):
        self._cancel(order, now)
        order.reason = "the day is over"

    def _end(self, order, state, code, reason):
        order.end(state, reason, code)
        self._note_end(order)
        self.changed = True

    def _note_end(self, order):
        if not order.is_live:
            self.state.live.pop(order.id, None)

    def _live_in(self, market):
        symbol = market.instrument.symbol
        return [order for order in self.state.live.values() if order.order.symbol == symbol]

    def _opened(self, market):
        """Give a market whose book is made: with what rests, if there was none."""
        if market.book is None:
            market.open([order for order in self._live_in(market) if order.where == RESTING])
        return market


def _fires(order, market):
    """Whether an order is a stop whose price is reached."""
    if not order.is_stop or order.where != WAITING:
        return False
    price = market.reached(order.order.side)
    return price > 0 and (price - order.order.stop_price_cents) * order.sign >= 0


def _could_trade(order, market):
    """Whether the quote lets an order that rests or waits trade."""
    if order.where == RESTING:
        price = market.best(OTHER[order.order.side])
        return price > 0 and (order.order.limit_price_cents - price) * order.sign >= 0
    return order.where == WAITING and (not order.is_stop or _fires(order, market))
