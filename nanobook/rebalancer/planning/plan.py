"""A plan: the orders that lead to a target, what is left out and why, what it costs, what risk says of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...broker.types import Number
from ...errors import InvalidValue, NoQuote, RiskRejected, TargetError
from ...exact import dollars, exact, plus
from ...hints import listing
from ..tables import figure, table
from .budget import fit_buys, funds_of
from .costs import CostEstimate, estimate_costs
from .diff import DiffRules, PlannedOrder, Skipped, diff, plan_orders
from .multipliers import check_multipliers

__all__ = ["Plan", "PlannedOrder", "Skipped", "make_plan", "plan_orders"]

HEADS = ("Action", "Shares", "Symbol", "Limit", "Value", "From", "To", "Description")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rebalance would do.

    Attributes
    ----------
    orders : tuple of PlannedOrder
        Sells first.
    skipped : tuple of Skipped
        What is not done, and why.
    costs : CostEstimate
    equity_cents : int or Decimal
    risk : RiskReport or None
        What the limits say of it, None while nobody asked.
    """

    orders: tuple[PlannedOrder, ...]
    skipped: tuple[Skipped, ...]
    costs: CostEstimate
    equity_cents: Number
    risk: list | None = None

    def __len__(self):
        return len(self.orders)

    def __iter__(self):
        return iter(self.orders)

    @property
    def turnover_cents(self):
        """Value of all orders at mid prices."""
        total = 0
        for order in self.orders:
            total = plus(total, order.notional_cents)
        return exact("turnover", total)

    def with_risk(self, report):
        """Give the plan with what the limits say of it."""
        return replace(self, risk=report)

    def to_frame(self):
        """Give the orders as a DataFrame, one row each, columns as the fields of ``PlannedOrder``.

        Returns
        -------
        DataFrame
            Money in cents; fractions are ``Decimal``.
        """
        import pandas as pd

        return pd.DataFrame([dict(order) for order in self.orders], columns=list(PlannedOrder.__slots__))

    def skipped_frame(self):
        """Give what is not done as a DataFrame: symbol, quantity, reason."""
        import pandas as pd

        return pd.DataFrame([dict(row) for row in self.skipped], columns=list(Skipped.__slots__))

    def _repr_html_(self):
        parts = [f"<p><code>{self!r}</code></p>", self.to_frame()._repr_html_()]
        if self.skipped:
            parts += ["<p>Not done:</p>", self.skipped_frame()._repr_html_()]
        return "".join(parts)

    def __repr__(self):
        return f"Plan({len(self.orders)} orders, {dollars(self.turnover_cents)}, {len(self.skipped)} skipped)"

    def __str__(self):
        parts = [self.order_table()] if self.orders else ["No rebalancing needed."]
        if self.skipped:
            rows = [(row.symbol, figure(row.quantity), row.reason) for row in self.skipped]
            parts.append("Not done:\n" + table(("Symbol", "Shares", "Why"), rows))
        if self.orders:
            parts.append(f"Estimated cost: {self.costs}")
        if self.risk:
            rows = [(row["status"], row["name"], row["detail"]) for row in self.risk]
            parts.append(table(("Risk", "Check", "Detail"), rows))
        return "\n\n".join(parts)

    def order_table(self):
        """Write the orders as text."""
        rows = [
            (
                order.action,
                figure(order.quantity),
                order.symbol,
                dollars(order.limit_price_cents),
                dollars(order.notional_cents, 0),
                figure(order.start_quantity),
                figure(order.goal_quantity),
                order.description,
            )
            for order in self.orders
        ]
        return table(HEADS, rows)


def make_plan(target, positions, prices, account, config, instruments=None):
    """Plan what leads from what is held to a target.

    Parameters
    ----------
    target : Target
    positions : mapping of str to number
        Quantities held.
    prices : mapping of str to number
        Mid prices in cents of all that is held or targeted.
    account : Account
    config : Config
    instruments : mapping of str to Instrument, optional
        Whole shares and cents unless told.

    Returns
    -------
    Plan

    Raises
    ------
    TargetError
        Something is held and no target, and the target does not say what becomes of it; or a cash account
        would have to be short.
    NoQuote
        There is no price of something.
    InvalidValue
        Something is priced in another currency than the account.
    MultiplierError
        A unit of something held or targeted is worth other than its price, as of a future or an option.
    RiskRejected
        More orders than ``max_orders_per_run``.
    """
    instruments = instruments or {}
    check_shorts(target, config)
    check_multipliers(instruments, held_or_wanted(target, positions))
    held, left_alone = split_positions(target, positions)
    check_prices(target, positions, prices)
    check_currencies(instruments, account)
    least = target.min_trade_cents(config.risk)
    rules = DiffRules(config.execution.limit_offset_bps, least)
    wanted, skipped = diff(target.targets, held, prices, account.equity_cents, rules, instruments)
    funds = funds_of(account, config.account.type)
    orders, cut_away = fit_buys(wanted, funds, config.cost, instruments, least)
    check_count(orders, config.execution.max_orders_per_run)
    costs = estimate_costs(orders, config.cost)
    return Plan(tuple(orders), (*left_alone, *skipped, *cut_away), costs, account.equity_cents)


def held_or_wanted(target, positions):
    """Give the symbols that are held or have a weight."""
    return list(dict.fromkeys([*(symbol for symbol, held in positions.items() if held), *target.weights]))


def check_prices(target, positions, prices):
    """Refuse to plan without the price of something."""
    missing = [symbol for symbol in held_or_wanted(target, positions) if (prices.get(symbol) or 0) <= 0]
    if missing:
        raise NoQuote(f"no price of {listing(missing)}; nothing is planned on part of the prices")


def check_shorts(target, config):
    """Refuse to plan shorts in an account that cannot hold them."""
    short = [symbol for symbol, weight in target.targets if weight < 0]
    if short and config.account.type == "cash":
        raise TargetError(
            f'weights below 0: {listing(short)}; account.type is "cash", and a cash account cannot be short'
        )


def check_currencies(instruments, account):
    """Refuse to weigh prices of one currency against an equity of another."""
    others = [
        f"{one.symbol} ({one.currency})" for one in instruments.values() if one.currency != account.currency
    ]
    if others:
        raise InvalidValue(
            f"the account is in {account.currency}, and these are not: {listing(others)}; "
            "no rate between them is known"
        )


def split_positions(target, positions):
    """Give the positions that may be traded, and as ``Skipped`` those that are left alone."""
    missing = target.missing(positions)
    if target.close_missing:
        return positions, []
    held = {symbol: quantity for symbol, quantity in positions.items() if symbol not in missing}
    return held, [Skipped(symbol, 0, "no target; close_missing is false: left alone") for symbol in missing]


def check_count(orders, most):
    """Refuse a plan of too many orders."""
    if len(orders) > most:
        raise RiskRejected(
            f"{len(orders)} orders, more than execution.max_orders_per_run, {most}; raise it, or plan fewer"
        )
