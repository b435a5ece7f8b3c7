"""Numbers of the wire made exact: what Interactive Brokers sends for "no number" is None, never a number."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

from ...errors import InvalidValue
from ...exact import exact, times

UNSET = 1e300  # the wire's "unset" is the largest double
QUANTITY_PLACES = 8  # the finest lots there are, of coins
CENT_PLACES = 8  # averages are told with all digits of a double
_WIDE = Context(prec=400)  # any double, to the last digit


def number(value, places=QUANTITY_PLACES):
    """Give a number of the wire as an exact one, None where it is none.

    Parameters
    ----------
    value : float, int, str or Decimal
        A float counts as the decimal that it prints as.
    places : int
        Digits behind the point that are kept.

    Returns
    -------
    int, Decimal or None
        None for ``''``, NaN, an infinity, an unset double, and what is no number at all.

    Examples
    --------
    >>> from nanobook.broker.ibkr.amounts import number
    >>> number(0.1 + 0.2), number("1.50"), number(1.7976931348623157e308), number("")
    (Decimal('0.3'), Decimal('1.5'), None, None)
    """
    try:
        found = Decimal(repr(value) if isinstance(value, float) else value)
    except (ArithmeticError, TypeError, ValueError):
        return None
    if not found.is_finite() or abs(found) >= UNSET:
        return None
    rounded = found.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, _WIDE)
    try:
        return exact("number", rounded)
    except InvalidValue:  # beyond every market
        return None


def cents(value):
    """Give an amount in cents, None where it is none; a fraction of a cent stays.

    Examples
    --------
    >>> from nanobook.broker.ibkr.amounts import cents
    >>> cents(201.8829709), cents("246447.83"), cents("")
    (Decimal('20188.29709'), 24644783, None)
    """
    amount = number(value, CENT_PLACES + 2)
    return None if amount is None else exact("amount", times(amount, 100))


def price_cents(value, size=None):
    """Give a price in cents, 0 where there is none: not above 0 (-1 says "none"), or nothing behind it."""
    price = cents(value)
    nothing_behind = size is not None and number(size) == 0
    return 0 if price is None or price <= 0 or nothing_behind else price


def on_the_wire(amount):
    """Write an exact number for the wire: all digits, never an exponent."""
    return format(Decimal(amount).normalize(_WIDE), "f")


def in_currency(amount_cents):
    """Write cents as units of the currency, for the wire."""
    return on_the_wire(Decimal(amount_cents).scaleb(-2))
