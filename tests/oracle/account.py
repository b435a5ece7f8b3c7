"""An account that anyone would trust at sight: Python integers, fractions, dicts and loops.

Written from the rules in words, not from the kernels. Money is in cents, quantities are fractions of
shares, rates are fractions (a basis point is ``Fraction(1, 10000)``).
"""

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class Terms:
    """What trading costs and what limits it; None is no limit."""

    step: Fraction = Fraction(1)
    grain: Fraction = Fraction(1)  # the smallest quantity that is counted
    commission: Fraction = Fraction(0)
    min_fee: int = 0
    impact: Fraction = Fraction(0)  # half the spread and the slippage, of the price
    min_order: int = 0
    max_order: int | None = None
    band: Fraction = Fraction(0)  # of equity
    max_trades: int | None = None
    turnover: float | None = None
    participation: Fraction | None = None
    sells_first: bool = False
    margin: bool = True
    borrow: Fraction = Fraction(0)  # a period
    credit: Fraction = Fraction(0)
    debit: Fraction = Fraction(0)


@dataclass
class Held:
    """A position."""

    quantity: Fraction = Fraction(0)
    average: int = 0
    basis: int = 0
    realized: int = 0


@dataclass
class Book:
    """An account."""

    cash: int
    terms: Terms
    held: dict = field(default_factory=dict)
    fills: list = field(default_factory=list)

    def equity(self, prices):
        """Cash and positions; without a price worth nothing."""
        return self.cash + sum(whole(h.quantity * prices.get(s, 0)) for s, h in self.held.items())

    def rebalance(self, targets, prices, volumes=None):
        """Trade toward ``targets``, pairs of symbol and weight in the order in which they are planned."""
        equity = self.equity(prices)
        if equity <= 0:
            return
        plan = []
        for place, (symbol, weight) in enumerate(targets):
            if prices.get(symbol, 0) > 0:
                gap, quantity = self.order(symbol, weight, equity, prices[symbol])
                quantity = self.limited(symbol, gap, quantity, equity, prices[symbol], volumes or {})
                if quantity:
                    plan.append((-abs(gap), place, symbol, quantity))
        plan = self.rationed(plan, equity, prices)
        if self.terms.sells_first:
            plan.sort(key=lambda order: order[1] > 0)
        for symbol, quantity in plan:
            quantity = self.payable(quantity, prices[symbol])
            if quantity:
                self.fill(symbol, quantity, prices[symbol])

    def order(self, symbol, weight, equity, price):
        """Distance to the target in cents, and the quantity that goes there."""
        held = self.held.get(symbol, Held()).quantity
        gap = math.trunc(float(equity) * weight) - whole(held * price)
        if weight == 0:
            return gap, -held
        return gap, self.stepped(Fraction(gap, price))

    def stepped(self, quantity):
        """Round toward zero to a multiple of the step."""
        return math.trunc(quantity / self.terms.step) * self.terms.step

    def limited(self, symbol, gap, quantity, equity, price, volumes):
        """Apply the filters of single orders."""
        terms = self.terms
        if terms.band and Fraction(abs(gap), equity) <= terms.band:
            return Fraction(0)
        if terms.max_order is not None:
            quantity = self.at_most(quantity, Fraction(terms.max_order, price))
        if terms.participation is not None:
            quantity = self.at_most(quantity, volumes[symbol] * terms.participation)
        return quantity if abs(whole(quantity * price)) >= terms.min_order else Fraction(0)

    def at_most(self, quantity, most):
        """Cut a quantity to a multiple of the step, if it is above ``most``."""
        most = math.floor(most / self.terms.grain) * self.terms.grain
        return quantity if abs(quantity) <= most else (1 if quantity > 0 else -1) * self.stepped(most)

    def rationed(self, plan, equity, prices):
        """Apply the limits of a rebalance; pairs of symbol and quantity in the order of filling."""
        terms = self.terms
        if terms.max_trades is None and terms.turnover is None:
            return [(symbol, quantity) for _, _, symbol, quantity in plan]
        budget = None if terms.turnover is None else math.trunc(float(equity) * terms.turnover)
        kept = []
        for _, _, symbol, quantity in sorted(plan, key=lambda order: order[:2])[: terms.max_trades]:
            if budget == 0:
                break
            spent = abs(whole(quantity * prices[symbol]))
            last = budget is not None and spent > budget
            if last:
                quantity = self.at_most(quantity, Fraction(budget, prices[symbol]))
                spent = abs(whole(quantity * prices[symbol]))
            if quantity == 0 or spent < terms.min_order:
                break
            kept.append((symbol, quantity))
            if last:
                break
            budget = None if budget is None else budget - spent
        return kept

    def payable(self, quantity, price):
        """Cut a buy to what cash can pay, in steps; drop a sell that costs more than there is."""
        step, most = self.terms.step, max(self.cash, 0)
        if self.terms.margin or self.outlay(quantity, price) <= most:
            return quantity
        if quantity < 0:
            return Fraction(0)
        steps = range(1, math.floor(quantity / step) + 1)
        return step * bisect_right(steps, most, key=lambda n: self.outlay(n * step, price))

    def outlay(self, quantity, price):
        """What a fill takes from cash."""
        value = whole(quantity * self.paid(quantity, price))
        return value + self.fee(abs(value))

    def paid(self, quantity, price):
        """Price after spread and slippage, halves away from zero."""
        exact = price * (1 + (1 if quantity > 0 else -1) * self.terms.impact)
        return math.floor(exact + Fraction(1, 2))

    def fee(self, notional):
        """Fee of a fill."""
        return max(math.floor(notional * self.terms.commission), self.terms.min_fee)

    def fill(self, symbol, quantity, price, *, moved=True, free=False):
        """Trade."""
        price = self.paid(quantity, price) if moved else price
        value = whole(quantity * price)
        fee = 0 if free else self.fee(abs(value))
        self.cash -= value + fee
        enter(self.held.setdefault(symbol, Held()), quantity, price, self.terms.grain)
        self.fills.append((symbol, quantity, price, abs(value), fee))

    def night(self, prices):
        """Pay for a night; returns interest and fees for borrowed shares."""
        rate = self.terms.credit if self.cash > 0 else self.terms.debit
        interest = rounded(self.cash * rate)
        fees = sum(
            rounded(-whole(h.quantity * prices.get(s, 0)) * self.terms.borrow)
            for s, h in self.held.items()
            if h.quantity < 0
        )
        self.cash += interest - fees
        return interest, fees


def enter(held, quantity, price, grain=Fraction(1)):
    """Change a position by a fill."""
    before, after = held.quantity, held.quantity + quantity
    held.quantity = after
    if before == 0:
        held.average, held.basis = price, whole(quantity * price)
    elif before * quantity > 0:
        held.basis += whole(quantity * price)
        held.average = abs(whole(held.basis / after))
    else:
        closed = min(abs(quantity), abs(before))
        side = 1 if before > 0 else -1
        held.realized += side * whole(closed * (price - held.average))
        if after == 0:
            held.average = held.basis = 0
        elif after * before > 0:
            held.basis -= side * whole(closed * held.average)
            held.average = abs(whole(held.basis / after))
        else:
            held.average, held.basis = price, whole(after * price)


def whole(amount):
    """Drop the fraction of a cent."""
    return math.trunc(amount)


def rounded(amount):
    """Round to a cent, halves away from zero."""
    size = math.floor(abs(amount) + Fraction(1, 2))
    return size if amount > 0 else -size
