"""The account: cash, positions, and the values that the fake tells of them. Exact numbers, in dollars."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ...exact import exact, plus, times
from .contracts import Contract
from .orders import Number, tidy

CENT = Decimal("0.01")


@dataclass
class Position:
    """What is held of a contract; its average cost has the multiplier and commissions in it, as IB counts."""

    contract: Contract
    quantity: Number = 0
    average_cost: Number = 0


class Account:
    """Cash and positions, changed by executions alone.

    Parameters
    ----------
    name : str
    cash : Number
    positions : iterable of (Contract, quantity, average cost)
    leverage : int
        Buying power is so many times what is not bound by positions.
    """

    def __init__(self, name, cash, positions=(), leverage=4):
        self.name, self.leverage = name, leverage
        self._start = (exact("cash", cash), list(positions))
        self._clear()

    def _clear(self):
        self.cash, held = self._start
        self.realized: Number = 0
        self.positions = {c.con_id: Position(c, quantity, cost) for c, quantity, cost in held}

    def rebuild(self, executions):
        """Start again, and book all executions that count: after one was corrected."""
        self._clear()
        for done in executions:
            self.book(done.order, done.quantity, done.price, done.commission)

    def end_day(self):
        """Let what is held now be what ``rebuild`` begins with, and nothing be realised yet."""
        held = [(p.contract, p.quantity, p.average_cost) for p in self.positions.values() if p.quantity]
        self._start = (self.cash, held)
        self._clear()

    def book(self, order, quantity, price, fee):
        """Book a fill; gives the profit that it realised, None where it closed nothing."""
        price = times(price, order.contract.unit)
        change = quantity if order.is_buy else -quantity
        self.cash = plus(plus(self.cash, -times(change, price)), -fee)
        held = self.positions.setdefault(order.contract.con_id, Position(order.contract))
        closed = min(abs(change), abs(held.quantity)) if held.quantity * change < 0 else 0
        realized = self._close(held, closed if change < 0 else -closed, price, fee) if closed else None
        opened = change if not closed else plus(change, closed if change < 0 else -closed)
        if opened:
            self._open(held, opened, price, fee if not closed else 0)
        return realized

    def _close(self, held, closed, price, fee):
        """Close part of a position, above 0 of a long one; gives the profit."""
        profit = tidy(plus(times(closed, plus(price, -held.average_cost)), -fee))
        held.quantity = plus(held.quantity, -closed)
        if not held.quantity:
            held.average_cost = 0
        self.realized = plus(self.realized, profit)
        return profit

    @staticmethod
    def _open(held, opened, price, fee):
        """Add to a position, its commission to its cost."""
        cost = plus(plus(times(held.quantity, held.average_cost), times(opened, price)), fee)
        held.quantity = plus(held.quantity, opened)
        held.average_cost = tidy(Decimal(cost) / Decimal(held.quantity))

    def quantity(self, contract):
        """What is held of a contract."""
        held = self.positions.get(contract.con_id)
        return held.quantity if held else 0

    def values(self, price_of):
        """Give the account's values as texts, by tag in alphabetical order.

        Parameters
        ----------
        price_of : callable
            Price of a contract.
        """
        worth = [self.worth(held, price_of) for held in self.positions.values()]
        gross, net = sum((abs(value) for value in worth), 0), sum(worth, 0)
        equity = plus(self.cash, net)
        bound = tidy(Decimal(gross) / self.leverage, 4)
        free = plus(equity, -bound)
        amounts = {
            "AvailableFunds": free,
            "BuyingPower": times(max(free, 0), self.leverage),
            "EquityWithLoanValue": equity,
            "ExcessLiquidity": free,
            "FullInitMarginReq": bound,
            "FullMaintMarginReq": bound,
            "GrossPositionValue": gross,
            "InitMarginReq": bound,
            "MaintMarginReq": bound,
            "NetLiquidation": equity,
            "RealizedPnL": self.realized,
            "SettledCash": self.cash,
            "TotalCashValue": self.cash,
            "UnrealizedPnL": sum((self.unrealized(held, price_of) for held in self.positions.values()), 0),
        }
        return {tag: f"{Decimal(amount).quantize(CENT):f}" for tag, amount in amounts.items()}

    @staticmethod
    def worth(held, price_of):
        """What a position is worth; futures are paid in full here."""
        return times(held.quantity, times(price_of(held.contract), held.contract.unit))

    @classmethod
    def unrealized(cls, held, price_of):
        """What a position would gain if it were closed now."""
        return plus(cls.worth(held, price_of), -times(held.quantity, held.average_cost))
