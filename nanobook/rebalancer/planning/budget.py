"""What buys may cost: money that is there, and what the sells before them bring."""

from __future__ import annotations

from fractions import Fraction

from ...broker.types import Instrument
from ...exact import dollars, exact, plus, times
from .costs import commission_cents, money_needed
from .diff import BUY, BUY_COVER, Skipped, too_small


def funds_of(account, kind):
    """Give the cents that buys may use: buying power, and in a cash account no more than the cash.

    Parameters
    ----------
    account : Account
    kind : {'cash', 'margin'}
    """
    buying_power = account.buying_power_cents
    return min(account.cash_cents, buying_power) if kind == "cash" else buying_power


def proceeds(orders, cost):
    """Give the cents that sells bring at their limits, less commission; short sales use up money instead.

    Parameters
    ----------
    orders : iterable of PlannedOrder
    cost : Cost
    """
    total = 0
    for order in orders:
        if order.side == "sell":
            held = min(order.quantity, max(order.start_quantity, 0))
            short = plus(order.quantity, times(held, -1))
            brought = times(plus(held, times(short, -1)), order.limit_price_cents)
            total = plus(total, plus(brought, times(commission_cents(order.quantity, cost), -1)))
    return total


def fit_buys(orders, funds_cents, cost, instruments, min_trade_cents=0):
    """Cut buys to the money that there is: first those that cover shorts have it, then the others.

    Where money is short, all buys of a kind are cut by the same part, so that the order of symbols does not
    decide who gets it.

    Parameters
    ----------
    orders : list of PlannedOrder
        Sells first.
    funds_cents : int or Decimal
        Before any of the orders.
    cost : Cost
    instruments : mapping of str to Instrument
    min_trade_cents : int
        What is left of an order must be worth so much.

    Returns
    -------
    tuple of two lists
        Orders, and as ``Skipped`` what was cut away.
    """
    kept = [order for order in orders if order.side == "sell"]
    left, skipped = plus(funds_cents, proceeds(kept, cost)), []
    for action in (BUY_COVER, BUY):
        group = [order for order in orders if order.action == action]
        share = affordable_share(group, left, cost)
        for order in group:
            lots = instruments.get(order.symbol) or Instrument(order.symbol)
            fitted, rest = cut(order, share, lots, min_trade_cents)
            if fitted is not None:
                kept.append(fitted)
                left = plus(left, -money_needed(fitted.quantity, fitted.limit_price_cents, cost))
            if rest:
                skipped.append(rest)
    return kept, skipped


def affordable_share(orders, cents, cost):
    """Give the part of every order that some money pays for, at most 1."""
    needed = sum(money_needed(order.quantity, order.limit_price_cents, cost) for order in orders)
    if not orders or needed <= cents:
        return Fraction(1)
    value = sum(Fraction(times(order.quantity, order.limit_price_cents)) for order in orders)
    return max(Fraction(0), (Fraction(cents) - (needed - value)) / value)


def cut(order, share, instrument, min_trade_cents):
    """Give what a part of an order makes in whole lots (or None), and what is cut away (or None)."""
    if share == 1:
        return order, None
    lots = int(Fraction(order.quantity) * share / Fraction(instrument.lot))
    quantity = exact("quantity", times(lots, instrument.lot))
    least = 0 if order.goal_quantity == 0 else min_trade_cents
    if quantity and too_small(instrument, quantity, order.mid_cents, least):
        quantity = 0
    rest = Skipped(
        order.symbol,
        exact("quantity", plus(order.quantity, times(quantity, -1))),
        f"buying power: {quantity} of {order.quantity} at {dollars(order.limit_price_cents)} can be paid",
    )
    return (order.cut_to(quantity) if quantity else None), rest
