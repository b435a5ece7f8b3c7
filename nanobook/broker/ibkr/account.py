"""The account and what it holds, made from rows of the wire; a figure that is missing is never 0."""

from __future__ import annotations

from ...errors import BrokerError
from ...hints import listing, printable
from ..types import Account, BrokerPosition
from .amounts import cents, in_currency

FIGURES = {
    "NetLiquidation": "equity_cents",
    "BuyingPower": "buying_power_cents",
    "TotalCashValue": "cash_cents",
    "GrossPositionValue": "gross_position_value_cents",
}
BASE = "BASE"  # rows that repeat others, in a currency that they do not name


def account_of(rows, account_id, currency):
    """Make the account from rows of (tag, currency, text).

    Raises
    ------
    BrokerError
        A figure is missing, is no number, or stands in another currency; or the equity is not above 0.
    """
    told = {tag: {} for tag in FIGURES}
    for tag, unit, text in rows:
        if tag in told and unit != BASE:
            told[tag][unit] = cents(text)
    problems = [
        printable(problem) for tag, values in told.items() if (problem := _problem(tag, values, currency))
    ]
    if problems:
        raise BrokerError(f"account {account_id}: {listing(problems)}; nothing can be planned on that")
    figures = {field: told[tag][currency] for tag, field in FIGURES.items()}
    if figures["equity_cents"] <= 0:
        equity = in_currency(figures["equity_cents"])
        raise BrokerError(f"account {account_id}: NetLiquidation is {equity} {currency}, not above 0")
    return Account(**figures, account_id=account_id, currency=currency)


def _problem(tag, values, currency):
    """Say what is wrong with a figure, nothing if it is there."""
    if values.get(currency) is not None:
        return ""
    if not values:
        return f"{tag} is missing"
    if currency in values:
        return f"{tag} is no number"
    return f"{tag} is told in {', '.join(map(str, values))} and not in {currency}"


def positions_of(rows, portfolio, catalogue, account_id):
    """Make positions from rows of (contract, quantity, cost in cents), worth what the portfolio says.

    What is held in another currency has no amounts, since they cannot be added to the others. The average
    cost of a future contains its multiplier, as the broker tells it.
    """
    held = {contract.conId: (contract, quantity, cost) for contract, quantity, cost in rows}
    positions = []
    for contract, quantity, cost in held.values():
        name = catalogue.name(contract)
        if quantity is None:
            raise BrokerError(f"account {account_id}: the quantity of {printable(name)} is no number")
        if not quantity:
            continue
        if contract.currency not in ("", catalogue.currency):
            positions.append(BrokerPosition(name, quantity))
            continue
        counted, value, gain = portfolio.get(contract.conId, (None, None, None))
        fresh = counted == quantity
        positions.append(
            BrokerPosition(name, quantity, cost or 0, (fresh and value) or 0, (fresh and gain) or 0)
        )
    return positions
