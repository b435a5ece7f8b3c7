"""Symbols and contracts: what a symbol means at Interactive Brokers, and what a contract is called here."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ...errors import ConfigError, InvalidValue, UnknownInstrument
from ...exact import exact, times
from ...hints import listing, nearest, printable
from ..types import Instrument, symbol_name
from .amounts import number, price_cents

FRACTION = Decimal("0.0001")  # the lot of a stock that is traded in fractions
ROUTE = "SMART"
UNITS = ("STK", "CASH", "CRYPTO", "FUND", "CFD", "CMDTY")  # worth their price, unless a multiplier is told
SPELT = ("STK", "FUT", "OPT", "FOP", "CASH", "CRYPTO")  # whose own names are nobody else's


class Catalogue:
    """Contracts by symbol, as they are asked for, and symbols by contract, as they come back.

    A symbol is a stock in ``currency`` on SMART, unless ``contracts`` says otherwise. A class of shares is
    written with a dot (BRK.B, which Interactive Brokers writes BRK B). What is held and was never asked for
    is called by its local symbol, followed by its currency if that is another one, and by its kind where the
    name could be taken for a stock's.

    Parameters
    ----------
    contracts : mapping of str to ib_async.Contract or mapping, or None
    currency : str
    fractional : bool
        Whether stocks are traded in fractions.
    """

    def __init__(self, contracts=None, currency="USD", fractional=False):
        if contracts is not None and not isinstance(contracts, Mapping):
            raise ConfigError(f"contracts: {contracts!r}; give a mapping of symbols to contracts")
        self._given = {
            symbol_name(name): as_contract(name, given) for name, given in (contracts or {}).items()
        }
        self.currency, self._fractional = currency, fractional
        self._known: dict = {}  # symbol -> (contract with its number, instrument)
        self._names: dict[int, str] = {}  # conId -> symbol
        self._told: dict[str, int] = {}  # symbol -> conId, of what the broker told of and is no plain stock

    @property
    def given(self):
        """Symbols of the contracts that were given."""
        return tuple(self._given)

    def known(self, symbol):
        """Give (contract, instrument) of a symbol that was looked up, None otherwise."""
        return self._known.get(symbol)

    def to_ask(self, symbol):
        """Make the contract to be looked up."""
        from ib_async import Contract, Stock

        if symbol in self._given:
            return Contract(**fields_of(self._given[symbol]))
        if symbol in self._told:
            return Contract(conId=self._told[symbol])
        if " " in symbol:
            raise UnknownInstrument(
                f"{symbol}; write a class of shares with a dot: {symbol.replace(' ', '.')}"
            )
        return Stock(symbol.replace(".", " "), ROUTE, self.currency)

    def learn(self, symbol, asked, details):
        """Keep what was found for a symbol.

        Raises
        ------
        UnknownInstrument
            Nothing, or several contracts, which are listed.
        """
        found = {one.contract.conId: one for one in details if asked.secType in ("", one.contract.secType)}
        if not found:
            sought = f"conId {asked.conId}" if asked.conId else f"in {self._place(asked)}"
            raise UnknownInstrument(f"{symbol}: no such {asked.secType or 'contract'}{' ' + sought}")
        if len(found) > 1:
            raise UnknownInstrument(
                f"{symbol} is ambiguous; name one of them in contracts=: "
                f"{listing(described(one) for one in found.values())}"
            )
        [(number_, one)] = found.items()
        others = [key for key, name in self._names.items() if name == symbol and key != number_]
        if others:
            raise UnknownInstrument(
                f"{symbol} is ambiguous; name one of them in contracts=: {described(one)}; and "
                f"{listing(f'conId {key}' for key in others)}, which the account knows under that name"
            )
        contract = one.contract
        contract.exchange = asked.exchange or contract.exchange
        self._names[number_] = symbol
        self._known[symbol] = contract, self._instrument(symbol, one)
        return self._known[symbol]

    def _place(self, asked):
        return f"{asked.currency or self.currency} on {asked.exchange or 'any exchange'}"

    def _instrument(self, symbol, details):
        """Lot, tick and multiplier of what was found."""
        contract = details.contract
        magnifier = max(details.priceMagnifier, 1)  # prices are told in a so-manieth of the currency
        lot = number(details.sizeIncrement) or 1
        least = number(details.minSize) or lot
        if contract.secType == "STK":
            lot = least = FRACTION if self._fractional else 1
        return Instrument(
            symbol,
            lot=lot,
            tick_cents=exact("tick", times(price_cents(details.minTick) or 1, magnifier)),
            min_quantity=least,
            currency=contract.currency,
            multiplier=multiplier_of(contract, magnifier),
        )

    def name(self, contract):
        """Symbol of a contract that the broker tells of: always the same, and no two contracts share one."""
        number_ = contract.conId
        if number_ not in self._names:
            name = self._usual_name(contract)
            taken = {other for key, other in self._names.items() if key != number_}
            is_taken = name in taken or name in self._given
            self._names[number_] = f"{name}@{number_}" if is_taken else name
            if is_taken or contract.secType != "STK" or self._is_foreign(contract):
                self._told[self._names[number_]] = number_
        return self._names[number_]

    def _is_foreign(self, contract):
        return contract.currency not in ("", self.currency)

    def _usual_name(self, contract):
        stock = contract.secType == "STK"
        name = contract.symbol.replace(" ", ".") if stock else contract.localSymbol or contract.symbol
        if contract.secType not in SPELT or (not stock and not contract.localSymbol):
            name = f"{name}.{contract.secType}"
        return f"{name}.{contract.currency}" if self._is_foreign(contract) else name


def multiplier_of(contract, magnifier=1):
    """Give what one unit of a contract is worth, in its prices; None if nobody told.

    Examples
    --------
    >>> from ib_async import Contract
    >>> from nanobook.broker.ibkr.contracts import multiplier_of
    >>> multiplier_of(Contract(secType="FUT", multiplier="50")), multiplier_of(Contract(secType="STK"))
    (50, 1)
    """
    told = number(contract.multiplier)
    if told is None and not contract.multiplier and contract.secType in UNITS:
        told = 1
    if not told or told < 0:
        return None
    try:
        return exact("multiplier", Decimal(told) / Decimal(magnifier))
    except InvalidValue:  # not to be written with 12 decimals
        return None


def as_contract(name, given):
    """Take a contract as ib_async's object or as its fields."""
    from dataclasses import fields

    from ib_async import Contract

    if isinstance(given, Contract):
        return given
    if not isinstance(given, Mapping):
        raise ConfigError(
            f"contracts[{printable(name)!r}]: {given!r}; give an ib_async.Contract or its fields, "
            "as {'secType': 'FUT', 'localSymbol': 'ESZ6', 'exchange': 'CME'}"
        )
    known = [field.name for field in fields(Contract)]
    for key in given:
        if key not in known:
            raise ConfigError(f"contracts[{printable(name)!r}]: no field {key!r}{nearest(key, known)}")
    return Contract(**given)


def fields_of(contract):
    """Fields of a contract, for a copy of it that lost its subclass."""
    from dataclasses import fields

    from ib_async import Contract

    return {field.name: getattr(contract, field.name) for field in fields(Contract)}


def described(details):
    """Write a candidate so that it can be told from the others."""
    contract = details.contract
    text = f"conId {contract.conId} {contract.secType} {contract.primaryExchange or contract.exchange}"
    return printable(f"{text} {contract.currency} {contract.localSymbol} {details.longName}".strip())
