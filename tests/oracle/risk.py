"""Which limits an order breaks, in plain Fractions, from the rules in words; knows nothing of the product.

Numbers come as users write them; a float is the decimal that it prints as. ``Refused`` is what the product
answers with an error.
"""

from fractions import Fraction
from functools import lru_cache
from math import isfinite

LIMITS = {
    "max_position_pct": 0.25,
    "max_leverage": 1.5,
    "allow_short": True,
    "max_short_pct": 0.30,
    "max_trade_usd": 100000.0,
    "max_order_value_cents": 10_000_000,
    "max_batch_value_cents": 100_000_000,
}


class Refused(Exception):
    """Arguments that are no order."""


@lru_cache
def share_of(number):
    """A share or a multiple as a Fraction."""
    if isinstance(number, float) and not isfinite(number):
        raise Refused("not finite")
    return Fraction(str(number))


def exact(number):
    """Cents or shares as an int or a Fraction: in range, and with 12 decimals at most."""
    if isinstance(number, int):
        if abs(number) > 2**64 - 1:
            raise Refused("out of range")
        return number
    value = share_of(number)
    if abs(value) > 10**18:
        raise Refused("out of range")
    if (value * 10**12).denominator != 1:
        raise Refused("too many decimals")
    return value


def price_of(number):
    """A price; NaN is none, and so 0."""
    return Fraction(0) if number != number else exact(number)


def told(prices):
    """Prices that are one."""
    prices = {name: price_of(number) for name, number in prices.items()}
    return {name: price for name, price in prices.items() if price > 0}


def totals(held, marks):
    """Gross and short value of what has a price."""
    gross = sum(abs(q) * marks.get(s, 0) for s, q in held.items())
    short = sum(-q * marks.get(s, 0) for s, q in held.items() if q < 0)
    return gross, short


def broken_by_order(limits, symbol, side, quantity, price, equity, held, prices):
    """Names of the rows that fail, and those that warn.

    Rules: an order may be worth so much; the position that it leads to, all positions together, and the
    shorts among them may be so large a share of equity; equity not above 0 has no share; what is held or
    ordered needs a price; all positions and all shorts count only against an order that makes them larger.
    """
    limits = {**LIMITS, **limits}
    quantity, price, equity = exact(quantity), price_of(price), exact(equity)
    if quantity <= 0:
        raise Refused("no order")
    held = {name: exact(number) for name, number in held.items()}
    marks = told(prices)
    share = {name: share_of(limits[name]) for name in ("max_position_pct", "max_leverage", "max_short_pct")}
    notional = quantity * price
    after = dict(held)
    after[symbol] = held.get(symbol, 0) + (quantity if side == "buy" else -quantity)
    failed, warned = set(), set()
    if limits["max_order_value_cents"] > 0 and notional > limits["max_order_value_cents"]:
        failed.add("Max order value")
    if notional > int(share_of(limits["max_trade_usd"]) * 100):
        warned.add("Order size")
    if side == "sell" and after[symbol] < 0 and not limits["allow_short"]:
        failed.add("Short selling")
    if price <= 0 or any(q != 0 and s != symbol and s not in marks for s, q in held.items()):
        failed.add("Unpriced")
    marks.setdefault(symbol, max(price, 0))
    value = abs(after[symbol]) * marks[symbol]
    if equity <= 0 or value > share["max_position_pct"] * equity:
        failed.add("Max position")
    if equity > 0:
        gross, short = totals(after, marks)
        gross_before, short_before = totals(held, marks)
        if gross > gross_before and gross > share["max_leverage"] * equity:
            failed.add("Leverage")
        if short > short_before and short > share["max_short_pct"] * equity:
            failed.add("Short exposure")
    return failed, warned


def broken_by_batch(limits, orders, equity, held, weights, prices):
    """Names of the rows that fail, and those that warn, of orders sent one after the other.

    Rules: as of one order, after every order of the batch; at the end all positions and all shorts count
    whoever made them large. A symbol is worth what is told, else the highest price among its orders.
    """
    limits = {**LIMITS, **limits}
    equity = exact(equity)
    orders = [(s, side, exact(q), price_of(p)) for s, side, q, p in orders]
    if any(q < 0 for _, _, q, _ in orders):
        raise Refused("below 0")
    held = {name: exact(number) for name, number in held.items()}
    weights = [share_of(weight) for weight in weights.values()]
    marks = {}
    for symbol, _, _, price in orders:
        if price > 0:
            marks[symbol] = max(price, marks.get(symbol, 0))
    marks |= told(prices)
    share = {name: share_of(limits[name]) for name in ("max_position_pct", "max_leverage", "max_short_pct")}
    failed, warned = set(), set()
    notionals = [q * p for _, _, q, p in orders]
    if limits["max_order_value_cents"] > 0 and any(n > limits["max_order_value_cents"] for n in notionals):
        failed.add("Max order value")
    if limits["max_batch_value_cents"] > 0 and sum(notionals) > limits["max_batch_value_cents"]:
        failed.add("Max batch value")
    if any(n > int(share_of(limits["max_trade_usd"]) * 100) for n in notionals):
        warned.add("Max trade size")
    if any(p <= 0 for *_, p in orders) or any(q and s not in marks for s, q in held.items()):
        failed.add("Unpriced")
    if any(abs(w) > share["max_position_pct"] for w in weights):
        failed.add("Max position")
    now = dict(held)
    on_the_way = set()
    for symbol, side, quantity, _ in orders:
        old, before = now.get(symbol, 0), totals(now, marks)
        new = now[symbol] = old + (quantity if side == "buy" else -quantity)
        gross, short = totals(now, marks)
        larger = abs(new) > abs(old) or new * old < 0
        if equity > 0:
            if larger and abs(new) * marks.get(symbol, 0) > share["max_position_pct"] * equity:
                failed.add("Resulting position")
            if gross > before[0] and gross > share["max_leverage"] * equity:
                on_the_way.add("Leverage")
            if short > before[1] and short > share["max_short_pct"] * equity:
                on_the_way.add("Short exposure")
        if side == "sell" and quantity and new < 0 and not limits["allow_short"]:
            on_the_way.add("Short selling")
    gross, short = totals(now, marks)
    if equity <= 0 or gross > share["max_leverage"] * equity:
        failed.add("Leverage")
    sells = any(side == "sell" for _, side, *_ in orders)
    if sells and not limits["allow_short"] and any(q < 0 for q in now.values()):
        failed.add("Short selling")
    elif equity <= 0 or short > share["max_short_pct"] * equity:
        failed.add("Short exposure")
    if "Short selling" in failed:
        on_the_way.discard("Short exposure")
    return failed | {f"{name} on the way" for name in on_the_way - failed}, warned
