"""What positions are worth, and the account that follows."""

from __future__ import annotations

from decimal import Decimal

from ...exact import exact, plus, times
from ..types import Account, BrokerPosition

HALF = Decimal("0.5")


def account_of(floor):
    """Equity, buying power, cash, in exact cents.

    Parameters
    ----------
    floor : Floor

    Returns
    -------
    Account
    """
    worth, gross = 0, 0
    for symbol in floor.state.ledger.holdings:
        value = _value(floor, symbol)
        worth, gross = plus(worth, value), plus(gross, abs(value))
    cash = floor.state.ledger.cash
    equity = exact("equity", plus(cash, worth))
    return Account(equity, _power(floor, equity, gross), cash, exact("gross", gross), "paper")


def positions_of(floor):
    """What is held.

    Returns
    -------
    list of BrokerPosition
    """
    positions = []
    for symbol, held in floor.state.ledger.holdings.items():
        value = _value(floor, symbol)
        gain = exact("gain", plus(value, -times(held.quantity, held.avg_cost)))
        positions.append(BrokerPosition(symbol, held.quantity, held.avg_cost, value, gain))
    return positions


def _power(floor, equity, gross):
    """Cents for which positions may still be opened."""
    taken = gross
    for order in floor.state.live.values():
        taken = plus(taken, order.kept)
    power = plus(times(equity, floor.behaviour.leverage), -taken)
    return exact("buying power", power) if power > 0 else 0


def _value(floor, symbol):
    """Value of a position at the middle of the quote; without prices at its cost."""
    held = floor.state.ledger.holdings[symbol]
    price = held.avg_cost
    if symbol in floor.markets:
        market = floor.markets[symbol]
        bid, ask = market.best("buy"), market.best("sell")
        price = times(plus(bid, ask), HALF) if bid and ask else bid or ask or market.top.last or price
    return exact("value", times(held.quantity, price))
