"""Exact arithmetic of money: products are divided without being cut to 64 bits."""

import numpy as np
from numpy import float64, int64

from ..._jit import helper
from .state import RATE

SAFE = 2.0**62


@helper
def divide(a, b, c):
    """Divide ``a * b`` by ``c``.

    A product beyond 64 bits is divided in float64 and mended: the estimate misses the quotient by less
    than ``5 * 2**-53`` of it, so for ``a * b < 2**113`` what it leaves of the product is below 2**63 and
    comes out right although the product itself wraps. (Python's own integers do not wrap.)

    Parameters
    ----------
    a, b : int64
        At least 0; ``a * b < 2**113``.
    c : int64
        From 1 to 2**60; the quotient is below 2**62.

    Returns
    -------
    quotient, rest : int64
    """
    a, b, c = int(a), int(b), int(c)
    if c == 1:  # of whole shares: a division takes as long as all the rest
        return a * b, 0
    product = float64(a) * float64(b)
    if product < SAFE:
        return a * b // c, a * b % c
    quotient = int(product / float64(c))
    rest = a * b - quotient * c
    more = int(np.floor(float64(rest) / float64(c)))
    quotient += more
    rest -= more * c
    while rest < 0:
        quotient -= 1
        rest += c
    while rest >= c:
        quotient += 1
        rest -= c
    return quotient, rest


@helper
def portion(a, b, c):
    """Integer part of ``a * b / c``."""
    return divide(a, b, c)[0]


@helper
def nearest(a, b, c):
    """Round ``a * b / c`` to the nearest whole number, halves up."""
    quotient, rest = divide(a, b, c)
    return quotient + (2 * rest >= c)


@helper
def worth(rules, quantity, price):
    """Value of a quantity, signed; its fraction of a unit is dropped."""
    size = portion(abs(quantity), price, rules.per_share)
    return size if quantity > 0 else -size


@helper
def shares_for(rules, amount, price):
    """Largest quantity that is worth no more than an amount, before steps."""
    return portion(amount, rules.per_share, price)


@helper
def moved(rules, quantity, price):
    """Price that an order of this sign pays: moved against it, halves away from zero."""
    if rules.impact == 0:
        return price
    change, rest = divide(price, rules.impact, int64(2 * RATE))
    if quantity > 0:
        return price + change + (rest >= RATE)
    return price - change - (rest > RATE)


@helper
def fee(rules, notional):
    """Fee of a fill."""
    return max(portion(notional, rules.fee_rate, int64(RATE)), rules.min_fee)
