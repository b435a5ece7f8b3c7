"""What the broker says now, and whether orders may be made from it: positions, prices, money."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial

from ...errors import NoQuote, UnknownInstrument, UnknownState
from ...exact import dollars, exact, in_steps, plus, times
from ...hints import listing, printable
from ..planning.costs import money_needed
from ..planning.multipliers import check_multipliers
from ..planning.reconcile import split_hint

SETTLE_SECONDS = 10  # that positions and money at the broker may lag behind its fills
ASK_AGAIN = 1.0  # seconds until a lagging broker is asked again


class Facts:
    """What must be known before an order.

    Parameters
    ----------
    session : Session
    trail : Trail
    guard : Guard

    Attributes
    ----------
    instruments : dict of str to Instrument
    prices : dict of str to int or Decimal
        Mid prices in cents, as last seen.
    """

    def __init__(self, session, trail, guard):
        self.session, self.trail, self.guard = session, trail, guard
        self.broker, self.line, self.clock = session.broker, guard.line, session.clock
        self.instruments = {}
        self.prices = {}

    def resolve(self, symbols):
        """Learn lots and ticks of symbols; all that the broker does not know are told at once.

        Everything that is weighed comes through here, so what cannot be is refused here.
        """
        unknown = []
        for symbol in symbols:
            if symbol not in self.instruments:
                try:
                    found = self.line.ask(partial(self.broker.instrument, symbol))
                except UnknownInstrument as error:
                    unknown.append(printable(error.reason))
                    continue
                if found.symbol != symbol:  # under two names a position would be taken for none
                    unknown.append(f"{symbol} is {found.symbol} to this broker; write that")
                self.instruments[symbol] = found
        if unknown:
            raise UnknownInstrument(f"{listing(unknown)}; nothing was sent")
        check_multipliers(self.instruments, symbols)

    def price(self, symbols):
        """Resolve symbols and give their mid prices, by symbol, in cents."""
        self.resolve(symbols)
        return {symbol: self.fresh_quote(symbol).mid_cents for symbol in dict.fromkeys(symbols)}

    def fresh_quote(self, symbol):
        """Give a quote that an order may be sent with."""
        quote, now = self.line.ask(partial(self.broker.quote, symbol)), self.clock.now()
        seconds = self.session.config.execution.quote_staleness_threshold_sec
        if quote.timestamp and 0 < (quote.timestamp - now).total_seconds() <= self.guard.most_skew:
            quote = replace(quote, timestamp=now)  # by so much the broker's clock may be ahead of ours
        if quote.is_stale(now, float(seconds)):
            raise NoQuote(
                f"{symbol}: the quote is of {quote.timestamp}, older than {seconds} s or of no time"
            )
        self.prices[symbol] = quote.mid_cents
        return quote

    def account(self):
        """Give the account."""
        return self.line.ask(self.broker.account)

    def positions(self):
        """Give what is held, by symbol."""
        return {one.symbol: one.quantity for one in self.line.ask(self.broker.positions)}

    def confirmed_positions(self):
        """Give what is held, once it is what the run's fills have made of it."""
        end = self.clock.monotonic() + SETTLE_SECONDS
        while True:
            held = self.positions()
            expected = {symbol: self.trail.state.expected(symbol) for symbol in self.trail.state.planned}
            wrong = [symbol for symbol, right in expected.items() if held.get(symbol, 0) != right]
            if wrong:
                kept = self.fees_in_kind()
                wrong = [one for one in wrong if held.get(one, 0) != plus(expected[one], -kept.get(one, 0))]
            if not wrong:
                return held
            if self.clock.monotonic() >= end:
                break
            self.guard.pause(ASK_AGAIN)
            self.guard.gate()
        told = [told_of(symbol, held.get(symbol, 0), expected[symbol]) for symbol in wrong]
        self.trail.record("positions_mismatch", symbols=[printable(text) for text in told])
        raise UnknownState(
            f"positions at the broker are not what this run's fills make them: {listing(told)}; somebody "
            "else traded, or shares were split: look at the account; then give the run up with "
            "`recover --abandon`"
        )

    def fees_in_kind(self):
        """Give what the broker kept of the run's buys as its fee, by symbol; exchanges of coins do."""
        kept: dict = {}
        for fill in self.line.ask(self.broker.executions):
            if fill.fee_quantity and fill.client_order_id in self.trail.state.tickets:
                kept[fill.symbol] = plus(kept.get(fill.symbol, 0), fill.fee_quantity)
        return kept

    # Money

    def affordable(self, planned, quantity, account):
        """Give the account, and as much of a buy as it pays for once the proceeds of sells have come in.

        What is not bought is written down; less than is worth a trade is not bought at all.
        """
        cost, price = self.session.config.cost, planned.limit_price_cents
        account = self._with_proceeds(account, money_needed(quantity, price, cost))
        money = self._money(account)
        if money >= money_needed(quantity, price, cost):
            return account, quantity
        self.resolve([planned.symbol])
        cut = most_for(money, price, cost, self.instruments[planned.symbol].lot)
        reason = f"{dollars(money)} pay for {cut} of {quantity} shares at {dollars(price)}"
        told = {"symbol": planned.symbol, "reason": reason}
        if cut and times(cut, planned.mid_cents) >= self.session.min_trade_cents:
            self.trail.record("order_cut", shares=cut, wanted=quantity, **told)
            return account, cut
        self.trail.record("order_skipped", shares=quantity, **told)
        return account, 0

    def _with_proceeds(self, account, needed):
        """Wait for the money of sells that were filled, which the account may not show yet."""
        sold = any(one.side == "sell" and one.filled for one in self.trail.state.tickets.values())
        end = self.clock.monotonic() + SETTLE_SECONDS
        while sold and self._money(account) < needed and self.clock.monotonic() < end:
            self.guard.pause(ASK_AGAIN)
            self.guard.gate()
            account = self.account()
        return account

    def _money(self, account):
        """What buys may use: confirmed cash, or buying power in a margin account."""
        if self.session.config.account.type == "margin":
            return account.buying_power_cents
        return min(account.cash_cents, account.buying_power_cents)


def told_of(symbol, held, expected):
    """Say what is wrong with a position."""
    hint = split_hint(Fraction(expected), Fraction(held))
    return f"{symbol} is {held}, not {expected}{hint}"


def most_for(money, price, cost, lot):
    """Give the largest whole number of lots that some money pays for, commission included.

    Parameters
    ----------
    money, price : int or Decimal
        Cents.
    cost : Cost
    lot : int or Decimal

    Examples
    --------
    >>> from nanobook.rebalancer.settings.sections import Cost
    >>> from nanobook.rebalancer.running.facts import most_for
    >>> most_for(100_034, 10_000, Cost(), 1), most_for(100_035, 10_000, Cost(), 1)
    (9, 10)
    """
    quantity = in_steps(Decimal(max(money, 0)) / Decimal(price), lot)
    while quantity > 0 and money_needed(quantity, price, cost) > money:
        over = money_needed(quantity, price, cost) - money
        fewer = max(lot, in_steps(Decimal(over) / Decimal(price), lot))
        quantity = exact("quantity", plus(quantity, -fewer))
    return max(quantity, 0)
