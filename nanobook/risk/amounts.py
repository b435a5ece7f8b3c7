"""Numbers that a limit may be compared with: ints and Fractions, never floats.

Both are exact at any size, so that no product of them wraps, saturates or rounds.
"""

from decimal import Context, Decimal
from fractions import Fraction
from numbers import Integral, Rational, Real

from ..errors import InvalidQuantity, NonFiniteError, OutOfRange, WrongType
from ..exact import exact

Number = int | Fraction
LARGEST_INT = 2**64 - 1  # what the original holds a quantity in
LARGEST_POWER, SMALLEST_POWER = 308, -400  # of ten: what a float can hold, and a little less than it can
_WIDE = Context(prec=60)  # the caller's own may round, and trap


def amount(name, value):
    """Give cents or shares as an int, or as a Fraction where there is a fraction; a float as it prints."""
    if type(value) is int and -LARGEST_INT <= value <= LARGEST_INT:
        return value
    if isinstance(value, Integral) and not isinstance(value, bool):
        number = int(value)
        if not -LARGEST_INT <= number <= LARGEST_INT:
            raise OutOfRange(f"{name}: {number} is out of range; use at most {LARGEST_INT} either way")
        return number
    if type(value) is Fraction and abs(value) <= LARGEST_INT:  # a price that a market value tells
        return value
    number = exact(name, value)
    return number if isinstance(number, int) else Fraction(number)


def quantity_of(value, zero=False):
    """Give the quantity of an order: above 0, or 0 too where that is told."""
    number = amount("quantity", value)
    if number < 0:
        raise OutOfRange(f"quantity: {value!r} is below 0; say 'sell' to sell")
    if number == 0 and not zero:
        raise InvalidQuantity(f"quantity: {value!r} is no order; give a number above 0")
    return number


def ratio(name, value):
    """Give a share of equity, or a multiple of it, as the decimal that it prints as, exactly."""
    if isinstance(value, bool) or not isinstance(value, (Real, Decimal)):
        raise WrongType(f"{name}: {value!r} is a {type(value).__name__}; give a number")
    if isinstance(value, Rational):
        number = Fraction(value)
        fits = abs(number) <= 10**LARGEST_POWER
    else:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
        if not number.is_finite():
            raise NonFiniteError(f"{name}: {value!r} is not finite; give a number")
        fits = not number or SMALLEST_POWER <= number.adjusted() <= LARGEST_POWER
    if not fits:
        raise OutOfRange(f"{name}: {value!r} is out of range; use at most 1e{LARGEST_POWER}")
    return Fraction(number)


def is_missing(value):
    """Whether it stands for no number: None, NaN, pandas' NA."""
    if value is None or (isinstance(value, Decimal) and value.is_nan()):
        return True
    try:
        return bool(value != value)
    except TypeError:  # NA says neither yes nor no
        return True
    except ValueError:  # an array, which is no number either, but stands for many
        return False


def price_or_none(name, value):
    """Give a price as an exact number; None if it is none: missing, NaN, or not above 0."""
    if is_missing(value):
        return None
    number = amount(name, value)
    return number if number > 0 else None


def plain(value):
    """Write a number without an exponent, as the original does: 0.0000001, 2, inf, NaN."""
    if isinstance(value, float):
        if value != value:
            return "NaN"
        value = Decimal(repr(float(value)))
    if isinstance(value, Decimal) and value.is_finite():
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return {"Infinity": "inf", "-Infinity": "-inf"}.get(str(value), str(value))


def decimal_text(value):
    """Write an exact number for a text to be kept: all digits of an int, a Decimal's of a Fraction."""
    if isinstance(value, int):
        return str(value)
    return format(_WIDE.divide(Decimal(value.numerator), Decimal(value.denominator)), "f")
