"""What can be done to a fake from outside, in this process or from another: the same methods for both."""

from __future__ import annotations

import inspect
import json
import re
import shlex
from abc import ABC, abstractmethod
from dataclasses import asdict
from decimal import Decimal
from numbers import Number

from ...errors import InvalidValue, NanobookError
from ...exact import exact
from ...hints import listing, nearest
from . import messages
from .placing import Refused, numbers_of
from .script import Fault

MOST_SECONDS = 10**6
WORD = re.compile(r"[A-Za-z0-9_.:,/-]+")  # a text that needs no quotes
LINKS = {"lost": (False, 1100), "data_lost": (True, 1101), "restored": (True, 1102)}
NAMES = (
    "set_quote",
    "add_fault",
    "clear_faults",
    "cancel_order",
    "place_by_hand",
    "correct_execution",
    "set_link",
    "drop",
    "restart",
    "end_day",
    "orders",
    "executions",
    "positions",
    "values",
    "received",
    "requests",
)
"""All commands."""


class Controls(ABC):
    """The hand of whoever rehearses. Numbers may be ints, floats, Decimals or texts."""

    @abstractmethod
    def _call(self, name, *args, **kwargs): ...

    def set_quote(self, symbol, **changes):
        """Change a quote; orders that it meets fill before this returns.

        Parameters
        ----------
        symbol : str or int
            An id of a contract, where a symbol means several.
        **changes
            ``bid``, ``ask``, ``last``, ``bid_size``, ``ask_size``, ``volume``, and ``data``: 'live',
            'delayed' or 'none'. None takes a price away. Without ``last`` that moves into the quote. A size
            bounds what trades there before the next quote.
        """
        return self._call("set_quote", symbol, **changes)

    def add_fault(self, on, do, **more):
        """Set a fault, as ``Fault`` takes it."""
        fault = on if isinstance(on, Fault) else Fault(on, do, **more)
        words = {name: value for name, value in asdict(fault).items() if name != "seen"}
        return self._call("add_fault", **words)

    def clear_faults(self):
        """Take back all faults."""
        return self._call("clear_faults")

    def cancel_order(self, perm_id, reason=""):
        """Cancel an order at the broker's side."""
        return self._call("cancel_order", perm_id, reason)

    def place_by_hand(self, symbol, action, quantity, limit=None):
        """Enter an order as a person at the workstation would; gives its permanent id."""
        return self._call("place_by_hand", symbol, action, quantity, limit)

    def correct_execution(self, exec_id, price):
        """Correct the price of an execution: ``.02`` takes the place of ``.01``; gives the new id."""
        return self._call("correct_execution", exec_id, price)

    def set_link(self, state):
        """Lose the way to the broker ('lost': 1100) or restore it ('restored': 1102, 'data_lost': 1101)."""
        return self._call("set_link", state)

    def drop(self, client_id=None):
        """Cut the connection of a client, or of all."""
        return self._call("drop", client_id)

    def restart(self, seconds=0, next_id=None):
        """Restart: cut all and be away for so long, while this returns.

        With ``next_id`` order ids are said to begin there again, though orders have them.
        """
        return self._call("restart", seconds, next_id)

    def end_day(self):
        """End the trading day: DAY orders are cancelled; what has ended, and its executions, is forgotten."""
        return self._call("end_day")

    def orders(self):
        """All orders, a dict each."""
        return self._call("orders")

    def executions(self):
        """All executions, a dict each; corrected ones are there twice."""
        return self._call("executions")

    def positions(self):
        """What is held, by symbol."""
        return self._call("positions")

    def values(self):
        """Values of the account, by tag."""
        return self._call("values")

    def received(self):
        """How many messages of each name came."""
        return self._call("received")

    def requests(self, name=None):
        """The last 10,000 messages that came, or those of a name: lists of fields."""
        return self._call("requests", name)


class Desk:
    """Does what the controls ask, in the server's thread."""

    def __init__(self, gateway, server):
        self.gateway, self.server = gateway, server

    async def do(self, name, args, kwargs):
        """Run one command; gives plain values."""
        if name not in NAMES:
            raise InvalidValue(f"{name}: there is no such command{nearest(name, NAMES)}")
        method = getattr(self, name)
        try:
            inspect.signature(method).bind(*args, **kwargs)
            done = method(*args, **kwargs)
            return await done if inspect.isawaitable(done) else done
        except NanobookError:
            raise
        except (AttributeError, TypeError, ValueError) as error:  # a word of a wrong kind
            raise InvalidValue(f"{name}: {error}") from None

    def _contract(self, symbol):
        listings = self.gateway.listings
        found = [contract for contract in listings if symbol in (contract.symbol, contract.con_id)]
        if not found:
            known = [contract.symbol for contract in listings]
            hint = nearest(symbol, known) or f"; there are {listing(known)}"
            raise InvalidValue(f"symbol: there is no {symbol!r}{hint}")
        return found[0]

    def set_quote(self, symbol, **changes):
        """Change a quote."""
        self.gateway.move(self._contract(symbol), changes)

    def add_fault(self, **words):
        """Set a fault."""
        self.gateway.script.faults.append(Fault(**words))

    def clear_faults(self):
        """Take back all faults."""
        self.gateway.script.faults.clear()

    def cancel_order(self, perm_id, reason=""):
        """Cancel an order at the broker's side."""
        order = self.gateway.orders.get(perm_id)
        if order is None or not order.is_live:
            raise InvalidValue(f"perm_id: {perm_id} is no order that lives")
        self.gateway.cancel(order, reason)

    async def place_by_hand(self, symbol, action, quantity, limit=None):
        """Enter an order of nobody's program."""
        contract = self._contract(symbol)
        await self.server.warm()
        asked = {
            "action": action.upper(),
            "orderType": "MKT" if limit is None else "LMT",
            "totalQuantity": str(quantity),
            "lmtPrice": "" if limit is None else str(limit),
            "account": "",
            "tif": "DAY",
        }
        try:
            numbers = numbers_of(self.gateway, contract, asked)
        except Refused as refused:
            raise InvalidValue(f"{symbol}: {refused}") from None
        return self.gateway.place_by_hand(contract, asked, numbers)

    def correct_execution(self, exec_id, price):
        """Correct the price of an execution."""
        return self.gateway.correct(exec_id, exact("price", price))

    def set_link(self, state):
        """Lose or restore the way to the broker."""
        if state not in LINKS:
            raise InvalidValue(f"state: {state!r}; use 'lost', 'restored' or 'data_lost'")
        self.gateway.set_link(*LINKS[state])

    def drop(self, client_id=None):
        """Cut connections."""
        for session in list(self.gateway.sessions):
            if client_id in (None, session.client_id):
                session.cut()

    async def restart(self, seconds=0, next_id=None):
        """Restart the gateway; what cannot be is refused before anybody is cut."""
        if isinstance(seconds, bool) or not isinstance(seconds, Number) or not 0 <= seconds < MOST_SECONDS:
            raise InvalidValue(f"seconds: {seconds!r}; use 0 to {MOST_SECONDS}")
        if next_id is not None and (type(next_id) is not int or next_id < 1):
            raise InvalidValue(f"next_id: {next_id!r}; use a whole number from 1, or None")
        await self.server.restart(seconds, next_id)

    def end_day(self):
        """End the trading day."""
        self.gateway.end_day()

    def orders(self):
        """All orders."""
        return [order.summary() for order in self.gateway.orders.values()]

    def executions(self):
        """All executions."""
        return [done.summary() for done in self.gateway.executions]

    def positions(self):
        """What is held."""
        held = self.gateway.account.positions.values()
        return {position.contract.symbol: position.quantity for position in held if position.quantity}

    def values(self):
        """Values of the account."""
        return self.gateway.values()

    def received(self):
        """How many messages of each name came."""
        return dict(self.gateway.received)

    def requests(self, name=None):
        """The last messages that came."""
        numbers = {number for number, known in messages.REQUESTS.items() if name in (None, known)}
        return [fields for fields in self.gateway.requests if int(fields[0]) in numbers]


def line_of(name, args, kwargs):
    """Write a command as a line: ``set_quote AAPL bid=184.9 ask=185.1``."""
    words = [name, *map(_word, args), *(f"{key}={_word(value)}" for key, value in kwargs.items())]
    return shlex.join(words)


def _word(value):
    if isinstance(value, str) and WORD.fullmatch(value) and _value(value) == value:
        return value
    return json.dumps(value, default=float)


def command_of(line):
    """Read a command: its name, arguments and keywords.

    Examples
    --------
    >>> command_of("set_quote AAPL bid=184.9 ask=null")
    ('set_quote', ['AAPL'], {'bid': Decimal('184.9'), 'ask': None})
    """
    try:
        name, *words = shlex.split(line)
    except ValueError as error:
        raise InvalidValue(f"command: {error}") from None
    args, kwargs = [], {}
    for word in words:
        key, equals, value = word.partition("=")
        if equals and key.isidentifier():
            kwargs[key] = _value(value)
        else:
            args.append(_value(word))
    return name, args, kwargs


def _value(text):
    """A number, true, false, null or a quoted text as JSON has them; else the text itself."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=str)
    except ValueError:
        return text
