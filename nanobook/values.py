"""Value types: numbers and texts that say what they are. Wherever one is given a plain one serves, too."""

from __future__ import annotations

from .checks import as_order_id, as_price
from .errors import InvalidSymbol, SymbolEncoding, SymbolType
from .types import INT64_MAX, INT64_MIN

SYMBOL_BYTES = 32
ORIGINAL_SYMBOL_BYTES = 8


class Price(int):
    """A price in ticks that is shown as money: ``$100.50`` for 10050. Arithmetic gives plain ints.

    Parameters
    ----------
    price : int
        Anywhere in int64.

    Raises
    ------
    InvalidPrice
        If it is no integer of int64.

    Examples
    --------
    >>> from nanobook import Price
    >>> price = Price(-250)
    >>> print(price)
    -$2.50
    >>> price
    Price(-250)
    >>> price + 1, f"{price:d}"
    (-249, '-250')
    """

    __slots__ = ()

    ZERO: Price
    MIN: Price
    MAX: Price

    def __new__(cls, price=0):
        """Check the value."""
        return super().__new__(cls, as_price(price))

    def __repr__(self):
        return f"Price({int(self)})"

    def __str__(self):
        whole, cents = divmod(abs(int(self)), 100)
        return f"{'-' if self < 0 else ''}${whole}.{cents:02d}"


Price.ZERO, Price.MIN, Price.MAX = Price(0), Price(INT64_MIN), Price(INT64_MAX)


class OrderId(int):
    """Id of an order, shown as ``O42``.

    Raises
    ------
    InvalidOrderId
        If it is no integer from 0 to the int64 limit.
    """

    __slots__ = ()

    def __new__(cls, order_id):
        """Check the value."""
        return super().__new__(cls, as_order_id(order_id))

    def __repr__(self):
        return f"OrderId({int(self)})"

    def __str__(self):
        return f"O{int(self)}"


class TradeId(int):
    """Id of a trade, shown as ``T7``.

    Raises
    ------
    InvalidOrderId
        If it is no integer from 0 to the int64 limit.
    """

    __slots__ = ()

    def __new__(cls, trade_id):
        """Check the value."""
        return super().__new__(cls, as_order_id(trade_id, "trade_id"))

    def __repr__(self):
        return f"TradeId({int(self)})"

    def __str__(self):
        return f"T{int(self)}"


class Symbol(str):
    """Name of an instrument: text of at most 32 UTF-8 bytes, ordered bytewise as UTF-8 is.

    Parameters
    ----------
    text : str

    Raises
    ------
    SymbolType
        If it is not text.
    InvalidSymbol
        If it is longer.
    SymbolEncoding
        If UTF-8 cannot write it: half a surrogate pair. Also a ``UnicodeEncodeError``.

    Examples
    --------
    >>> from nanobook import Symbol
    >>> Symbol("AAPL")
    Symbol("AAPL")
    >>> Symbol.try_new("x" * 33) is None
    True
    >>> Symbol.from_str_truncated("1234567Ω").as_str()
    '1234567'
    """

    __slots__ = ()

    def __new__(cls, text):
        """Check the value."""
        if not isinstance(text, str):
            raise SymbolType(f"symbol: {text!r} is a {type(text).__name__}; use text")
        if len(_encoded(text)) > SYMBOL_BYTES:
            raise InvalidSymbol(f"Symbol '{text}' exceeds {SYMBOL_BYTES} bytes. Use a shorter symbol.")
        return super().__new__(cls, text)

    @classmethod
    def try_new(cls, text):
        """Make a symbol, or return None where the text cannot be one."""
        try:
            return cls(text)
        except InvalidSymbol:
            return None

    @classmethod
    def from_str_truncated(cls, text, max_bytes=ORIGINAL_SYMBOL_BYTES):
        """Make a symbol of the characters that fit into so many bytes, 8 as in the original unless told."""
        if not isinstance(text, str):
            raise SymbolType(f"text: {text!r} is a {type(text).__name__}; use text")
        return cls(_encoded(text)[:max_bytes].decode("utf-8", errors="ignore"))

    def as_str(self):
        """Return the plain text."""
        return str.__str__(self)

    def __repr__(self):
        return f'Symbol("{self.as_str()}")'


def _encoded(text):
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise SymbolEncoding(*error.args) from None
