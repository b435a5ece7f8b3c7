"""The difference between what is held and what shall be, as orders: exact numbers in, orders out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from ...broker.types import Instrument, Record
from ...exact import dollars, exact, in_steps, plus, times
from .multipliers import check_multipliers

Number = int | Decimal

PER_BASIS_POINT = Decimal("0.0001")
SELL, SELL_SHORT, BUY_COVER, BUY = "SELL", "SELL SHORT", "BUY COVER", "BUY"
TURN = {SELL: 0, SELL_SHORT: 1, BUY_COVER: 2, BUY: 3}
"""Sells before the buys that they fund; what ends a position before what makes one."""


@dataclass(frozen=True, slots=True)
class PlannedOrder(Record):
    """An order that a plan wants.

    Attributes
    ----------
    symbol : str
    action : {'SELL', 'SELL SHORT', 'BUY COVER', 'BUY'}
    side : {'sell', 'buy'}
    quantity : int or Decimal
        Above 0, whole lots.
    limit_price_cents, mid_cents : int or Decimal
    description : str
        What it does to the position: 'open', 'increase', 'close long' ...
    start_quantity, goal_quantity : int or Decimal
        The position before it and after it.
    notional_cents : int or Decimal
        Its value at the mid price.
    """

    symbol: str
    action: str
    side: str
    quantity: Number
    limit_price_cents: Number
    description: str
    mid_cents: Number
    start_quantity: Number
    goal_quantity: Number
    notional_cents: Number

    def cut_to(self, quantity):
        """Give the order with a smaller quantity."""
        signed = quantity if self.side == "buy" else -quantity
        return replace(
            self,
            quantity=quantity,
            goal_quantity=exact("goal", plus(self.start_quantity, signed)),
            notional_cents=exact("notional", times(quantity, self.mid_cents)),
        )


def describe(start, change):
    """Name an order by what it does: its action and what that means for the position.

    Parameters
    ----------
    start, change : int or Decimal
        The position before, and what is added to it; not 0.

    Returns
    -------
    tuple of str
        Action and description.

    Examples
    --------
    >>> from nanobook.rebalancer.planning.diff import describe
    >>> describe(100, -30), describe(-10, 25), describe(0, -5)
    (('SELL', 'decrease'), ('BUY COVER', 'flip to long'), ('SELL SHORT', 'open short'))
    """
    end = plus(start, change)
    if change > 0:
        if start >= 0:
            return BUY, "increase" if start else "open"
        return BUY_COVER, "decrease short" if end < 0 else "close short" if end == 0 else "flip to long"
    if start <= 0:
        return SELL_SHORT, "increase short" if start else "open short"
    return SELL, "decrease" if end > 0 else "close long" if end == 0 else "flip to short"


def limit_price(mid_cents, side, offset_bps, tick_cents=1):
    """Give a limit beyond the mid price: a buy bids above it, a sell asks below it.

    The offset is cut to whole cents (or ticks, where those are finer); a price between two ticks goes to the
    one that is more likely to trade.

    Parameters
    ----------
    mid_cents : int or Decimal
    side : {'buy', 'sell'}
    offset_bps, tick_cents : int or Decimal

    Returns
    -------
    int or Decimal
        Cents, at least one tick.

    Examples
    --------
    >>> from nanobook.rebalancer.planning.diff import limit_price
    >>> limit_price(18500, "buy", 5), limit_price(18500, "sell", 5)
    (18509, 18491)
    """
    sign = 1 if side == "buy" else -1
    offset = in_steps(times(times(mid_cents, offset_bps), PER_BASIS_POINT), min(tick_cents, 1))
    wanted = plus(mid_cents, times(sign, offset))
    price = in_steps(wanted, tick_cents)
    if sign > 0 and price < wanted:
        price = exact("limit", plus(price, tick_cents))
    return max(price, tick_cents)


@dataclass(frozen=True, slots=True)
class Skipped(Record):
    """Something that a plan does not do, and why.

    Attributes
    ----------
    symbol : str
    quantity : int or Decimal
        What would have been added to the position; below 0 for a sale.
    reason : str
    """

    symbol: str
    quantity: Number
    reason: str


@dataclass(frozen=True, slots=True)
class DiffRules:
    """How a difference becomes an order.

    Attributes
    ----------
    offset_bps : int or Decimal
        Limit beyond the mid price.
    min_trade_cents : int
        Changes worth less are left; a position that is closed always is.
    """

    offset_bps: Number = 5
    min_trade_cents: Number = 0


def plan_orders(targets, positions, prices, equity_cents, rules=DiffRules(), instruments=None):
    """Give the orders that lead from positions to weights; sells first.

    Positions that are no target are closed. Nothing is said of what is left out; ``make_plan`` does.

    Parameters
    ----------
    targets : iterable of (str, number)
        Symbol and weight of equity.
    positions : mapping of str to number
        Quantities held, below 0 if short.
    prices : mapping of str to number
        Mid prices in cents.
    equity_cents : int or Decimal
    rules : DiffRules
    instruments : mapping of str to Instrument, optional
        Lots and ticks: whole shares and cents unless told. A multiplier other than 1 is refused.

    Returns
    -------
    list of PlannedOrder

    Examples
    --------
    >>> from nanobook.rebalancer.planning.diff import plan_orders
    >>> for order in plan_orders([("A", 0.5)], {"B": 30}, {"A": 1000, "B": 2000}, 100_000):
    ...     print(order.action, order.quantity, order.symbol, order.limit_price_cents, order.description)
    SELL 30 B 1999 close long
    BUY 50 A 1000 open
    """
    targets = list(targets)
    held = [symbol for symbol, quantity in positions.items() if quantity]
    check_multipliers(instruments or {}, [*held, *(symbol for symbol, _ in targets)])
    orders, _ = diff(targets, positions, prices, equity_cents, rules, instruments)
    return orders


def diff(targets, positions, prices, equity_cents, rules, instruments=None):
    """Give the orders of ``plan_orders``, and what was left out."""
    targets, instruments = list(targets), instruments or {}
    wanted = {symbol for symbol, _ in targets}
    gone = [(symbol, 0) for symbol in positions if symbol not in wanted]
    steps = [
        step(
            instruments.get(symbol) or Instrument(symbol),
            exact(symbol, positions.get(symbol, 0)),
            exact(symbol, prices.get(symbol) or 0),
            int(times(equity_cents, weight)),
            rules,
        )
        for symbol, weight in [*gone, *targets]
    ]
    orders = [one for one in steps if isinstance(one, PlannedOrder)]
    orders.sort(key=lambda order: TURN[order.action])
    return orders, [one for one in steps if isinstance(one, Skipped)]


def step(instrument, start, mid, goal_cents, rules):
    """Give the order that brings one position to its value, or why there is none, or None."""
    if mid <= 0:
        return Skipped(instrument.symbol, -start if goal_cents == 0 else 0, "no price")
    short_of = plus(goal_cents, times(start, times(-1, mid)))
    change = whole_lots(short_of, mid, instrument.lot) if goal_cents else -in_steps(start, instrument.lot)
    if change == 0:
        return Skipped(instrument.symbol, 0, "within one lot of its target") if short_of else None
    reason = too_small(instrument, change, mid, rules.min_trade_cents if goal_cents else 0)
    if reason:
        return Skipped(instrument.symbol, change, reason)
    return order_of(instrument, start, change, mid, rules.offset_bps)


def whole_lots(cents, price, lot):
    """Give how much of something some money buys, in whole lots, towards zero."""
    return exact("quantity", times(int(Fraction(cents) / Fraction(price) / Fraction(lot)), lot))


def too_small(instrument, change, mid, min_trade_cents):
    """Tell why a change is too small to be an order, "" if it is not."""
    size, value = abs(change), times(abs(change), mid)
    if value < min_trade_cents:
        return f"{dollars(value)} is less than the least trade, {dollars(min_trade_cents)}"
    if size < instrument.min_quantity:
        return f"{size} is less than the broker's least order, {instrument.min_quantity}"
    if value < instrument.min_notional_cents:
        least = dollars(instrument.min_notional_cents)
        return f"{dollars(value)} is less than the broker's least order, {least}"
    return ""


def order_of(instrument, start, change, mid, offset_bps):
    """Make the order that changes a position."""
    action, description = describe(start, change)
    side = "buy" if change > 0 else "sell"
    return PlannedOrder(
        symbol=instrument.symbol,
        action=action,
        side=side,
        quantity=abs(change),
        limit_price_cents=limit_price(mid, side, offset_bps, instrument.tick_cents),
        description=description,
        mid_cents=mid,
        start_quantity=start,
        goal_quantity=exact("goal", plus(start, change)),
        notional_cents=times(abs(change), mid),
    )
