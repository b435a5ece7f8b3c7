"""``Position``: what is held of one symbol."""

from fractions import Fraction

from ..errors import InvalidValue, NotionalOverflow, WrongType
from .inputs import MAX_AMOUNT, whole
from .rules import MICRO


class Position:
    """Shares of one symbol, what they cost and what was earned with them, in cents.

    What a portfolio returns is a copy: a fill of it leaves the portfolio as it is.

    Parameters
    ----------
    symbol : str
    fractional : bool, default False
        Whether parts of shares are counted, in millionths.

    Attributes
    ----------
    quantity : int, or float if fractional
        Shares, negative if short.
    avg_entry_price : int
        Average price of entry, its fraction of a cent dropped; 0 where nothing is held.
    total_cost : int
        What the shares cost; negative if short.
    realized_pnl : int
        Profit of what was closed, before fees.

    Notes
    -----
    What is closed leaves at the average price, so the rest of a long *or short* position keeps its average
    (nanobook 0.9.3 moves that of a short).

    Examples
    --------
    >>> from nanobook import Position
    >>> short = Position("XOM")
    >>> short.fill(-500, 1000)
    >>> short.fill(208, 900)
    >>> short
    Position(symbol=XOM, qty=-292, avg_price=1000, realized_pnl=20800)
    >>> short.unrealized_pnl(1100)
    -29200
    """

    __slots__ = ("_state", "fractional", "symbol")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, symbol, fractional=False) -> None:
        self.symbol = symbol
        self.fractional = fractional
        self._state = (0, 0, 0, 0)

    @classmethod
    def of(cls, symbol, fractional, state):
        """Make a position of its quantity (in millionths if fractional), average, cost and profit."""
        position = cls(symbol, fractional)
        position._state = state
        return position

    @property
    def quantity(self):
        """Shares."""
        return self._state[0] / MICRO if self.fractional else self._state[0]

    @property
    def avg_entry_price(self):
        """Average price of entry."""
        return self._state[1]

    @property
    def total_cost(self):
        """What the shares cost."""
        return self._state[2]

    @property
    def realized_pnl(self):
        """Profit of what was closed."""
        return self._state[3]

    def fill(self, quantity, price):
        """Buy (above 0) or sell so many shares at a price in cents; 0 does nothing.

        Raises
        ------
        InvalidValue
            A quantity that is not whole (in millionths if fractional), a price not above 0.
        NotionalOverflow
            Amounts reach 2**53 cents.
        WrongType
            Something other than a number.
        """
        from ..kernels.account import state
        from ..kernels.account.fill import Deal, settle
        from .ledger import FREE

        size = self._units(quantity)
        paid = whole("price", price, 1, MAX_AMOUNT - 1, "cents")
        if size == 0:
            return
        account = state.new_account(0, 1)
        for column, value in zip(account[1:5], self._state, strict=True):
            column[0] = value
        rules = FREE._replace(per_share=MICRO if self.fractional else 1)
        code = settle(account, rules, Deal(0, size, paid, 0, state.SIGNAL), state.new_fills(0))
        if code != state.DONE:
            raise NotionalOverflow(
                f"fill({quantity}, {price}): amounts of {self.symbol} reach 2**53 cents, where they stop "
                "being exact; use fewer shares"
            )
        self._state = tuple(int(column[0]) for column in account[1:5])

    def market_value(self, price):
        """Value at a price, in cents; its fraction of a cent is dropped."""
        return self._at(whole("price", price, 0, MAX_AMOUNT - 1, "cents"))

    def unrealized_pnl(self, price):
        """Profit at a price if all were closed there, before fees, in cents."""
        return self._at(whole("price", price, 0, MAX_AMOUNT - 1, "cents") - self.avg_entry_price)

    def _at(self, price):
        amount = self._state[0] * price
        size = abs(amount) // (MICRO if self.fractional else 1)
        return size if amount > 0 else -size

    def _units(self, quantity):
        if not self.fractional:
            return whole("quantity", quantity, -MAX_AMOUNT, MAX_AMOUNT, "shares")
        if isinstance(quantity, bool) or not isinstance(quantity, (int, float)):
            raise WrongType(f"quantity={quantity!r}: needs a number of shares")
        units = Fraction(repr(float(quantity))) * MICRO
        if units.denominator != 1:
            raise InvalidValue(f"quantity={quantity}: finer than a millionth of a share; round it")
        return int(units)

    def __eq__(self, other):
        if not isinstance(other, Position):
            return NotImplemented
        mine, theirs = ((p.symbol, p.fractional, p._state) for p in (self, other))
        return mine == theirs

    def __reduce__(self):
        return Position.of, (self.symbol, self.fractional, self._state)

    def __repr__(self):
        return (
            f"Position(symbol={self.symbol}, qty={self.quantity}, avg_price={self.avg_entry_price}, "
            f"realized_pnl={self.realized_pnl})"
        )
