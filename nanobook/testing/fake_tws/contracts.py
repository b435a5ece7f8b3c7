"""What can be traded at the fake: contracts, and which of them a request means."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from decimal import Decimal

from ...errors import InvalidValue
from ...exact import exact

ROUTED = ("STK", "OPT")
AMBIGUOUS = (
    "The contract description specified for {} is ambiguous; "
    "you must specify the multiplier or trading class."
)


@dataclass(frozen=True, slots=True)
class Contract:
    """One thing that is traded.

    ``exchange`` is where it is listed; orders for stocks and options go to SMART. ``tick`` and ``step`` bound
    prices and quantities.
    """

    con_id: int
    symbol: str
    sec_type: str = "STK"
    expiry: str = ""
    strike: str = "0.0"
    right: str = ""
    multiplier: str = ""
    exchange: str = "NASDAQ"
    currency: str = "USD"
    local_symbol: str = ""
    trading_class: str = "NMS"
    tick: Decimal | int = Decimal("0.01")
    step: Decimal | int = Decimal("0.0001")
    name: str = ""

    @property
    def unit(self):
        """What one is worth, in its prices."""
        return exact("multiplier", self.multiplier or 1)

    def values(self, exchange=None):
        """The contract as layouts name it; at the exchange that its orders go to unless told."""
        if exchange is None:
            exchange = "SMART" if self.sec_type in ROUTED else self.exchange
        return {
            "conId": self.con_id,
            "symbol": self.symbol,
            "secType": self.sec_type,
            "lastTradeDateOrContractMonth": self.expiry,
            "strike": self.strike,
            "right": self.right,
            "multiplier": self.multiplier,
            "exchange": exchange,
            "primaryExchange": self.exchange,
            "currency": self.currency,
            "localSymbol": self.local_symbol or self.symbol,
            "tradingClass": self.trading_class,
        }

    def is_meant_by(self, asked):
        """Whether all that a request says is so of this contract; what it leaves empty is not asked."""
        if asked["conId"] not in ("", "0"):
            return asked["conId"] == str(self.con_id)
        mine = self.values()
        names = ("symbol", "secType", "currency", "primaryExchange", "localSymbol", "tradingClass")
        if asked["exchange"] not in ("", "SMART", self.exchange):
            return False
        given = [name for name in names if asked[name] and name in mine]
        return bool(given) and all(asked[name] == mine[name] for name in given)


class Listings:
    """All contracts, by id.

    Examples
    --------
    >>> listings = Listings()
    >>> listings.add("AAPL").con_id == Listings().add("AAPL").con_id
    True
    """

    def __init__(self) -> None:
        self.by_id: dict[int, Contract] = {}

    def __iter__(self):
        return iter(self.by_id.values())

    def add(self, symbol, con_id=None, **more):
        """List a contract; without an id it gets one made from its name, the same in every process."""
        if con_id is None:
            place = "|".join((symbol, more.get("exchange", ""), more.get("currency", "")))
            con_id = 1_000_000 + zlib.crc32(place.encode()) % 800_000_000
            while con_id in self.by_id:
                con_id += 1
        contract = Contract(con_id, symbol, **more)
        if con_id in self.by_id:
            raise InvalidValue(f"con_id: {con_id} is {self.by_id[con_id].symbol}'s; give {symbol} another")
        self.by_id[con_id] = contract
        return contract

    def find(self, asked) -> list[Contract]:
        """Give the contracts that a request may mean."""
        return [contract for contract in self if contract.is_meant_by(asked)]

    def named(self, symbol) -> Contract:
        """Give the first contract of a symbol that there is."""
        return next(contract for contract in self if contract.symbol == symbol)
