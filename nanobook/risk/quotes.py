"""Whether an order's price makes sense beside the quote: rows of the monitor."""

from fractions import Fraction

from ..errors import NoQuote
from .amounts import amount, decimal_text, price_or_none
from .bounds import CENTS
from .report import FAIL, PASS, new_row


def mark_of(quote):
    """Give the middle of a quote, exactly; None where there is no price to be had."""
    try:
        return price_or_none("quote", quote.mid_cents)
    except NoQuote:
        return None


def price_of(order, quote):
    """Give the price that an order names, else that it meets: the ask of a buy, the bid of a sell."""
    for price in (order.limit_price_cents, order.stop_price_cents):
        if price is not None:
            return amount("price", price)
    return price_or_none("quote", quote.ask_cents if order.side == "buy" else quote.bid_cents)


def add_rows(report, limits, bounds, order, quote, now):
    """Add the age and the order of the quote's sides, and how far the price is from it."""
    if quote.is_crossed:
        detail = f"bid {quote.bid_cents} > ask {quote.ask_cents}"
        report.append(new_row("Crossed quote", FAIL, detail))
    if limits.max_quote_age_seconds is not None:
        report.append(_age_row(limits.max_quote_age_seconds, quote, now))
    if bounds.collar is not None:
        _add_collar(report, bounds.collar, order, quote)


def _age_row(most, quote, now):
    """How old the quote is; one of the future, or of no known time, fails too."""
    stale = quote.is_stale(now, most)
    if quote.timestamp is None or quote.timestamp.tzinfo is None:
        lacks = "no time" if quote.timestamp is None else f"no time zone: {quote.timestamp}"
        return new_row("Stale quote", FAIL, f"the quote has {lacks}")
    age = (now - quote.timestamp).total_seconds()
    detail = f"{age:.1f} s {'of the future' if age < 0 else '>' if stale else '<='} {float(most):g} s limit"
    return new_row("Stale quote", FAIL if stale else PASS, detail)


def _add_collar(report, limit, order, quote):
    """Hold the price of the order against the middle and the last price.

    A stop order's own price is meant to be away from the market; its limit is held against it.
    """
    price = price_of(order, quote)
    references = [("mid", mark_of(quote)), ("last", price_or_none("quote", quote.last_cents))]
    if order.stop_price_cents is not None:
        if order.limit_price_cents is None:
            return
        references = [("stop", amount("stop", order.stop_price_cents))]
    references = [(name, at) for name, at in references if at is not None]
    if price is None or not references:
        report.append(new_row("Price collar", FAIL, f"no price of {order.symbol} to compare with"))
        return
    far, name, at = max((Fraction(abs(price - at), at), name, at) for name, at in references)
    fits = far <= limit
    detail = (
        f"{decimal_text(price)} is {float(far) * CENTS:.1f}% from {name} {decimal_text(at)} "
        f"{'<=' if fits else '>'} {float(limit) * CENTS:.1f}% limit"
    )
    report.append(new_row("Price collar", PASS if fits else FAIL, detail))
