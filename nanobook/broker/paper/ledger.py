"""Cash and positions, exact to the last fraction of a cent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...errors import InvalidValue, WrongType
from ...exact import exact, mean, plus, times
from ..types import BrokerPosition, Number, symbol_name


@dataclass(slots=True)
class Holding:
    """What is held of one symbol: quantity (below 0 if short) and average cost in cents, without fees.

    The average is for show, rounded to eight decimals; cash is never computed from it.
    """

    quantity: Number
    avg_cost: Number


class Ledger:
    """Cash and holdings.

    Parameters
    ----------
    cash : number
        Cents.
    holdings : mapping of symbol to Holding, optional
    """

    def __init__(self, cash, holdings=None):
        self.cash = cash
        self.holdings = dict(holdings or {})

    def quantity(self, symbol):
        """Quantity that is held, 0 if none."""
        held = self.holdings.get(symbol)
        return held.quantity if held else 0

    def fill(self, symbol, quantity, price, commission):
        """Pay for a fill and book it; ``quantity`` is below 0 for a sale."""
        self.cash = exact("cash", plus(self.cash, -plus(times(quantity, price), commission)))
        held = self.holdings.get(symbol)
        if held is None:
            self.holdings[symbol] = Holding(quantity, price)
            return
        new = exact("quantity", plus(held.quantity, quantity))
        if new == 0:
            del self.holdings[symbol]
            return
        if (held.quantity > 0) == (quantity > 0):
            spent = plus(times(held.quantity, held.avg_cost), times(quantity, price))
            held.avg_cost = mean(spent, new)
        elif (held.quantity > 0) != (new > 0):
            held.avg_cost = price  # through zero to the other side
        held.quantity = new


def holdings_of(positions):
    """Read the positions to begin with."""
    rows = {} if positions is None else positions
    if hasattr(rows, "items"):
        rows = [(symbol, *(told if isinstance(told, tuple) else (told,))) for symbol, told in rows.items()]
    holdings = {}
    for row in rows if isinstance(rows, Iterable) else [rows]:
        symbol, quantity, cost = _position(row)
        if symbol in holdings:
            raise InvalidValue(f"positions: {symbol!r} is there twice")
        holdings[symbol] = Holding(exact(f"positions: {symbol}", quantity), exact("average cost", cost))
    return {symbol: held for symbol, held in holdings.items() if held.quantity}


def _position(row):
    """Symbol, quantity and average cost of one position."""
    if isinstance(row, BrokerPosition):
        return row.symbol, row.quantity, row.avg_cost_cents
    if not isinstance(row, tuple) or not 2 <= len(row) <= 3:
        raise WrongType(
            f"positions: {row!r}; give quantities by symbol, or (symbol, quantity[, average cost])"
        )
    return symbol_name(row[0]), row[1], row[2] if len(row) == 3 else 0
