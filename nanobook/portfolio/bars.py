"""The four prices of a period."""

from dataclasses import astuple, dataclass

import numpy as np

from ..errors import InvalidValue, WrongType
from .inputs import MAX_AMOUNT, finite


@dataclass(frozen=True, slots=True)
class BarPrices:
    """First, highest, lowest and last price of a period.

    Parameters
    ----------
    open, high, low, close : int or float
        Above 0, all of one kind: ints are cents, floats currency units. ``low`` is the lowest and ``high``
        the highest of the four.

    Raises
    ------
    InvalidValue, NonFiniteError, WrongType
        Name the price at fault.

    Examples
    --------
    >>> from nanobook import BarPrices
    >>> bar = BarPrices(10000, 10150, 9950, 10100)
    >>> bar.high
    10150
    >>> tuple(bar)
    (10000, 10150, 9950, 10100)
    """

    open: float
    high: float
    low: float
    close: float

    def __post_init__(self):
        prices = dict(zip(self.__slots__, astuple(self), strict=True))
        for name, price in prices.items():
            number = finite(name, price)
            if not 0.0 < number < MAX_AMOUNT:
                raise InvalidValue(f"{name}={price}: a price must be above 0 and below 2**53")
        if len({isinstance(price, (int, np.integer)) for price in prices.values()}) > 1:
            raise WrongType(f"{prices}: mixes integers (cents) with floats (currency units)")
        if self.low != min(prices.values()) or self.high != max(prices.values()):
            raise InvalidValue(f"{prices}: low must be the lowest price and high the highest")

    def __iter__(self):
        return iter(astuple(self))
