"""The original's rows of one order, with its texts."""

from .bounds import money_texts
from .report import FAIL, PASS, WARN

HUNDRED = 100.0  # a float, so that a Fraction times it is one
INFINITE = float("inf")


def original_rows(bounds, order, equity, held, marks):
    """Make the rows that the original has for an order.

    One function, since a call of each part would cost as much as all of them.

    Returns
    -------
    rows : list of dict
    is_all : bool
        Whether nothing else can be wrong: the position fits, is none of shares sold short, is the only one,
        and has a price.
    """
    symbol, sign, quantity, price = order
    notional = quantity * price
    after = held.get(symbol, 0) + sign * quantity
    value = abs(after) * marks.get(symbol, price)
    share, of = bounds.position
    heavy = notional > bounds.order > 0
    fits = equity > 0 and value * of <= share * equity
    large = notional > bounds.trade
    worth, worth_exactly = money_texts(notional)
    percent = value / equity * HUNDRED if equity > 0 else INFINITE
    rows = [
        {
            "name": "Max order value",
            "status": FAIL if heavy else PASS,
            "detail": f"${worth} {bounds.order_texts[heavy]}",
        },
        {
            "name": "Max position",
            "status": PASS if fits else FAIL,
            "detail": f"{percent:.1f}% ({symbol}) {bounds.position_texts[not fits]}",
        },
        {
            "name": "Order size",
            "status": WARN if large else PASS,
            "detail": f"${worth_exactly} {bounds.trade_texts[large]}",
        },
    ]
    if after < 0 and sign < 0 and not bounds.allow_short:
        rows.append({"name": "Short selling", "status": FAIL, "detail": "short selling not allowed"})
    return rows, fits and after >= 0 and price > 0 and len(held) == (symbol in held)
