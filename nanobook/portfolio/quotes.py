"""Targets, prices and volumes of one moment: pairs, a mapping or a Series; each a dict inside."""

from numbers import Number
from operator import is_
from typing import NamedTuple

import numpy as np

from ..errors import InvalidValue, NonFiniteError, WrongType
from ..hints import MOST, listing
from .inputs import CENTS, MAX_AMOUNT, readonly, repeated

WHOLES = {int, np.int64}
FLOATS = {float, np.float64}
MIXED = "mixes integers (cents) with floats (currency units); use one kind throughout"


def pairs(name, given, known=()):
    """Read pairs of symbol and number as a dict in their order; of the list ``known`` all names are right."""
    if hasattr(given, "items") and hasattr(given, "keys"):
        found = dict(given.items())
        if len(found) != len(given):
            raise InvalidValue(f"{name}: named twice: {listing(repeated(given.keys()))}; keep one of each")
        if list(found) != known:
            check_names(name, found)
        return found
    if not isinstance(given, (list, tuple)):
        raise WrongType(
            f"{name}: {type(given).__name__} is not accepted; pass a list of (symbol, number) pairs, a dict "
            "or a Series"
        )
    try:
        found = dict(given)
    except (TypeError, ValueError):
        odd = next((pair for pair in given if not is_pair(pair)), given)
        raise WrongType(f"{name}: {odd!r} is no (symbol, number) pair") from None
    if list(found) != known:
        check_names(name, found)
    if len(found) != len(given):
        twice = repeated(symbol for symbol, _ in given)
        raise InvalidValue(f"{name}: named twice: {listing(twice)}; keep one of each")
    return found


def is_pair(pair):
    """Whether something has a symbol and a number."""
    return isinstance(pair, (list, tuple)) and len(pair) == 2 and isinstance(pair[0], str)


def check_names(name, found):
    """Refuse a symbol that is no text."""
    if set(map(type, found)) <= {str}:
        return
    for symbol in found:
        if not isinstance(symbol, str):
            raise WrongType(f"{name}: {symbol!r} is no symbol; a symbol is a str")


class Targets(NamedTuple):
    """Target weights that were read.

    Attributes
    ----------
    names, weights : list
    pairs : list
        The tuples that they came in: the same ones again say the same. Empty where they came otherwise.
    """

    names: list
    weights: list
    pairs: list


NOTHING = Targets([], [], [])


def read_targets(given, last=NOTHING, name="targets"):
    """Read target weights, finite numbers by symbol.

    Returns
    -------
    Targets
        ``last`` where all pairs are those of ``last``; with its list of names where those are the same.
    """
    listed = type(given) is list
    if listed and given and len(given) == len(last.pairs) and all(map(is_, given, last.pairs)):
        return last
    found = pairs(name, given, last.names)
    names, weights = list(found), list(found.values())
    refuse_others(name, found, "a fraction of equity")
    if not sum(map(abs, weights)) < np.inf:
        odd = [f"{symbol} is {weight}" for symbol, weight in found.items() if not abs(weight) < 1e300]
        raise NonFiniteError(f"{name}: {listing(odd)}; a weight is a finite number, 0 for none")
    fixed = listed and set(map(type, given)) == {tuple}
    return Targets(last.names if names == last.names else names, weights, list(given) if fixed else [])


def read_prices(given, name="prices"):
    """Read prices: whole cents by symbol; a 0 or a NaN is no price and left out."""
    return cents_of(pairs(name, given), name)


def cents_of(found, name):
    """Turn a dict of prices into whole cents, without those that are missing."""
    kinds = set(map(type, found.values()))
    if not kinds <= WHOLES:
        refuse_others(name, found, "whole cents, or currency units as floats")
        fractions = {issubclass(kind, (float, np.floating)) for kind in kinds}
        if len(fractions) > 1:
            raise WrongType(f"{name}: {MIXED}")
        if fractions.pop():
            found = in_cents(found)
    return {symbol: price for symbol, price in found.items() if price} if check(name, found) else found


def check(name, found):
    """Refuse prices that cannot be counted; whether there are zeros among the others."""
    if not found:
        return False
    lowest = min(found.values())
    if lowest < 0:
        odd = [f"{symbol} is {price}" for symbol, price in found.items() if price < 0]
        raise InvalidValue(f"{name}: {listing(odd)}; a price must be above 0")
    if max(found.values()) >= MAX_AMOUNT:
        odd = [symbol for symbol, price in found.items() if price >= MAX_AMOUNT]
        raise InvalidValue(f"{name}: of {listing(odd)} reach 2**53 cents; a price must be below")
    return lowest == 0


def in_cents(found):
    """Round currency units to cents, as the decimals that they print, halves away from zero.

    What is negative stays so, what is infinite becomes too large.
    """
    from ..kernels.money import to_units

    cents = np.empty(len(found), np.int64)
    to_units(readonly(np.array(list(found.values()), np.float64)), float(CENTS), cents)
    return dict(zip(found, cents.tolist(), strict=True))


def read_volumes(given, name="volumes"):
    """Read volumes: shares by symbol, finite and not negative."""
    found = pairs(name, given)
    refuse_others(name, found, "a number of shares")
    odd = [f"{symbol} is {volume}" for symbol, volume in found.items() if not 0 <= volume < MAX_AMOUNT]
    if odd:
        raise InvalidValue(f"{name}: {listing(odd)}; a volume is a number of shares, 0 for none")
    return found


def refuse_others(name, found, needs):
    """Refuse values that are no plain numbers."""
    plain = WHOLES | FLOATS
    if set(map(type, found.values())) <= plain:
        return
    odd = [
        f"{symbol} is {value!r} ({type(value).__name__})"
        for symbol, value in found.items()
        if not isinstance(value, Number) or isinstance(value, (bool, np.bool_, complex))
    ]
    if odd:
        raise WrongType(f"{name}: {', '.join(odd[:MOST])}; needs {needs}")
