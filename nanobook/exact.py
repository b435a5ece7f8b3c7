"""Exact money and quantities: an int where the number is whole, else a Decimal; never a float.

A float is taken for the decimal that it prints as, so that 1.15 dollars are 115 cents and not 114.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact
from numbers import Integral, Rational, Real

from .errors import InvalidValue, NonFiniteError, WrongType

CENTS = 100  # in a unit of currency
LARGEST = 10**18
"""Bound of any amount, price or quantity: far beyond every market, and short enough to stay exact."""
PLACES = 12  # digits behind the point that a number may have
_EXACT = Context(prec=60, traps=[Inexact])
_WIDE = Context(prec=60)
_SHOWN = Decimal("1e-8")


def exact(name, value):
    """Give a number as an int where it is whole, else as a Decimal.

    Parameters
    ----------
    name : str
        The parameter, for messages.
    value : int, float, str or Decimal
        Also NumPy's; a float counts as the decimal that it prints as.

    Returns
    -------
    int or Decimal

    Raises
    ------
    WrongType
        It is no number (a bool is none).
    NonFiniteError
        NaN or infinite.
    InvalidValue
        Text that is no number, beyond ``LARGEST``, or with more than 12 decimals.

    Examples
    --------
    >>> from nanobook.exact import exact
    >>> exact("quantity", 3.0), exact("quantity", "0.010")
    (3, Decimal('0.01'))
    """
    if isinstance(value, Integral) and not isinstance(value, bool):
        number = int(value)
        if abs(number) > LARGEST:
            raise InvalidValue(f"{name}: {number} is out of range; use at most {LARGEST} either way")
        return number
    return _tidy(name, _decimal(name, value), value)


def _decimal(name, value):
    """Read what is not an integer."""
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, float):
        number = Decimal(repr(float(value)))
    elif isinstance(value, Real) and not isinstance(value, Rational):  # NumPy's shorter floats
        number = Decimal(str(value))
    elif isinstance(value, str):
        try:
            number = Decimal(value)
        except ArithmeticError:
            raise InvalidValue(f"{name}: {value!r} is not a number") from None
    else:
        raise WrongType(f"{name}: {value!r} is a {type(value).__name__}; give a number")
    if not number.is_finite():
        raise NonFiniteError(f"{name}: {value!r} is not finite; give a number")
    return number


def _tidy(name, number, given):
    """Drop what does not count of a finite Decimal: trailing zeros, and the type where it is whole.

    Only what looks at no context: the caller's may round, and overflow.
    """
    if number.copy_abs() > LARGEST:
        raise InvalidValue(f"{name}: {given!r} is out of range; use at most {LARGEST} either way")
    whole = number.to_integral_value()
    if whole == number:
        return int(whole)
    tidy = number if number.adjusted() < -PLACES else Context(len(number.as_tuple().digits)).normalize(number)
    if -tidy.as_tuple().exponent > PLACES:
        raise InvalidValue(f"{name}: {given!r} has more than {PLACES} decimals; round it first")
    return tidy


def cents_of(name, amount):
    """Give an amount of currency in cents, exactly; a fraction of a cent stays.

    Examples
    --------
    >>> from nanobook.exact import cents_of
    >>> cents_of("price", 19.99), cents_of("price", "0.12345")
    (1999, Decimal('12.345'))
    """
    return exact(name, times(exact(name, amount), CENTS))


def without_noise(value):
    """Cut the noise of a binary fraction: eight decimals are enough for a market's price.

    What is no float stays as it is.

    Examples
    --------
    >>> from nanobook.exact import without_noise
    >>> without_noise(185.10000000000002), without_noise("185.1")
    (Decimal('185.1'), '185.1')
    """
    if getattr(value, "dtype", None) == "float32":
        return Decimal(str(value))  # as many digits as it has, and not those of a double
    return mean(Decimal(repr(float(value))), 1) if isinstance(value, float) and abs(value) < 1e15 else value


def whole_cents(name, amount):
    """Give an amount of currency in whole cents, halves to the even cent.

    Examples
    --------
    >>> from nanobook.exact import whole_cents
    >>> whole_cents("fee", "0.125"), whole_cents("fee", "0.135")
    (12, 14)
    """
    cents = cents_of(name, amount)
    return cents if isinstance(cents, int) else int(cents.to_integral_value(ROUND_HALF_EVEN))


def times(a, b):
    """Multiply two exact numbers exactly."""
    return a * b if isinstance(a, int) and isinstance(b, int) else _EXACT.multiply(Decimal(a), Decimal(b))


def plus(a, b):
    """Add two exact numbers exactly."""
    return a + b if isinstance(a, int) and isinstance(b, int) else _EXACT.add(Decimal(a), Decimal(b))


def in_steps(value, step):
    """Round an exact number towards zero to a multiple of ``step``.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from nanobook.exact import in_steps
    >>> in_steps(Decimal("1.2345"), Decimal("0.01")), in_steps(-17, 5)
    (Decimal('1.23'), -15)
    """
    count = int(_EXACT.divide_int(Decimal(value), Decimal(step)))
    return exact("value", times(count, step))


def steps(value, step):
    """Count the steps in an exact number; None if it lies between two.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from nanobook.exact import steps
    >>> steps(Decimal("0.25"), Decimal("0.01")), steps(7, 2)
    (25, None)
    """
    count, rest = (
        divmod(value, step)
        if isinstance(value, int) and isinstance(step, int)
        else (_EXACT.divmod(Decimal(value), Decimal(step)))
    )
    return None if rest else int(count)


def mean(total, count):
    """Divide exact numbers for show: a quotient to eight decimals, halves to even.

    Examples
    --------
    >>> from nanobook.exact import mean
    >>> mean(100, 8), mean(100, 3)
    (Decimal('12.5'), Decimal('33.33333333'))
    """
    quotient = _WIDE.divide(Decimal(total), Decimal(count))
    return exact("mean", quotient.quantize(_SHOWN, ROUND_HALF_EVEN, _WIDE))


def dollars(cents, places=2):
    """Write cents as money: ``$1,234.50``; digits below a cent are kept.

    Examples
    --------
    >>> from nanobook.exact import dollars
    >>> dollars(-123450), dollars(18500, 0)
    ('-$1,234.50', '$185')
    """
    amount = _EXACT.scaleb(Decimal(cents), -2)
    kept = max(places, -_EXACT.normalize(amount).as_tuple().exponent) if places else 0
    return f"{'-' if amount < 0 else ''}${amount.copy_abs():,.{kept}f}"
