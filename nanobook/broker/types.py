"""What brokers and their callers tell each other: plain frozen records.

Money is in cents, an int or (below a cent, as prices of coins are) a ``Decimal``; quantities are ints or,
where a broker trades fractions, ``Decimal``. A record also reads as the dictionary that the original gives:
``position["quantity"]``, ``dict(position)``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ..errors import InvalidValue, NoQuote, OrderError, WrongType
from ..exact import exact, plus, times
from ..names import side_name, symbol_name

Number = int | Decimal

ORDER_TYPES = {
    "market": "market",
    "limit": "limit",
    "stop": "stop",
    "stop_limit": "stop_limit",
    "stoplimit": "stop_limit",
}
CLIENT_ID_LENGTH = 36
_SAFE = re.compile(r"[A-Za-z0-9_.-]+")


class Record(Mapping):
    """A frozen dataclass that is a read-only mapping of its fields, too: so pandas takes a list of them."""

    __slots__ = ()

    def __getitem__(self, name):
        if name not in self.__dataclass_fields__:
            raise KeyError(f"{name!r} is none of {', '.join(self)}")
        return getattr(self, name)

    def __iter__(self):
        return iter(self.__dataclass_fields__)

    def __len__(self):
        return len(self.__dataclass_fields__)


class OrderState(StrEnum):
    """State of an order, as the original spells it."""

    PENDING = "Pending"
    SUBMITTED = "Submitted"
    PARTIALLY_FILLED = "PartiallyFilled"
    FILLED = "Filled"
    CANCELLED = "Cancelled"
    REJECTED = "Rejected"

    @property
    def is_final(self):
        """Whether the state never changes again."""
        return self in (OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED)


@dataclass(frozen=True, slots=True)
class BrokerPosition(Record):
    """What is held of one symbol.

    Attributes
    ----------
    symbol : str
    quantity : int or Decimal
        Below 0 for a short position.
    avg_cost_cents, market_value_cents, unrealized_pnl_cents : int or Decimal
        Average cost of a share; value (below 0 if short); gain not yet realised. 0 where the broker does
        not say.
    """

    symbol: str
    quantity: Number
    avg_cost_cents: Number = 0
    market_value_cents: Number = 0
    unrealized_pnl_cents: Number = 0


@dataclass(frozen=True, slots=True)
class Account(Record):
    """An account, in cents of its currency."""

    equity_cents: Number
    buying_power_cents: Number
    cash_cents: Number
    gross_position_value_cents: Number
    account_id: str = ""
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Quote(Record):
    """A quote. A price of 0 is none; nothing else stands for one (no -1, no NaN).

    Attributes
    ----------
    symbol : str
    bid_cents, ask_cents, last_cents : int or Decimal
    volume : int or Decimal
    timestamp : datetime, aware, or None
        When the broker made it, or when we heard it.
    """

    symbol: str
    bid_cents: Number
    ask_cents: Number
    last_cents: Number
    volume: Number = 0
    timestamp: datetime | None = None

    @property
    def is_crossed(self):
        """Whether both sides are there and the bid is above the ask."""
        return self.bid_cents > self.ask_cents > 0

    @property
    def mid_cents(self):
        """Middle of the two sides; else the side that there is; else the last trade.

        Raises
        ------
        NoQuote
            There is no price, or the quote is crossed.
        """
        bid, ask = self.bid_cents, self.ask_cents
        if self.is_crossed:
            raise NoQuote(f"{self.symbol}: the quote is crossed, bid {bid} above ask {ask} cents")
        if bid > 0 and ask > 0:
            return exact("mid", times(plus(bid, ask), Decimal("0.5")))
        price = bid if bid > 0 else ask if ask > 0 else self.last_cents
        if price <= 0:
            raise NoQuote(
                f"{self.symbol}: no valid price received; is the market open, and the data subscribed?"
            )
        return price

    def is_stale(self, now, seconds):
        """Whether the quote is older than ``seconds``, of the future, or of no known time (or time zone)."""
        if self.timestamp is None or self.timestamp.tzinfo is None:
            return True
        age = (now - self.timestamp).total_seconds()
        return age > seconds or age < 0


@dataclass(frozen=True, slots=True)
class BrokerOrder(Record):
    """An order to be sent; checked when it is made.

    Parameters
    ----------
    symbol : str
    side : str
        'buy', 'b', 'sell' or 's', any case.
    quantity : int, float, str or Decimal
        Above 0.
    order_type : {'market', 'limit', 'stop', 'stop_limit'}
        Any case.
    limit_price_cents, stop_price_cents : int, float, str or Decimal, optional
        Above 0; needed by the types that bear the name, refused by the others.
    client_order_id : str, optional
        Names the order at the broker, for good: 1 to 36 of letters, digits, ``_``, ``.``, ``-``.
    time_in_force : {'day', 'gtc', 'ioc'}

    Raises
    ------
    InvalidValue
        Names what is wrong; ``OrderError`` for the client order id.
    """

    symbol: str
    side: str
    quantity: Number
    order_type: str = "market"
    limit_price_cents: Number | None = None
    client_order_id: str | None = None
    stop_price_cents: Number | None = None
    time_in_force: str = "day"

    def __post_init__(self):
        """Check all, and bring it into one form."""
        kind = order_type_name(self.order_type)
        put = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        put("symbol", symbol_name(self.symbol))
        put("side", side_name(self.side))
        put("order_type", kind)
        put("quantity", above_zero("quantity", self.quantity))
        for name, kinds in (("limit", ("limit", "stop_limit")), ("stop", ("stop", "stop_limit"))):
            put(f"{name}_price_cents", _price_of(self, f"{name}_price_cents", kind, kinds))
        if self.client_order_id is not None:
            put("client_order_id", ClientOrderId(self.client_order_id))
        if self.time_in_force not in ("day", "gtc", "ioc"):
            raise InvalidValue(f"time_in_force: {self.time_in_force!r}; use 'day', 'gtc' or 'ioc'")


@dataclass(frozen=True, slots=True)
class BrokerOrderStatus(Record):
    """What has become of an order.

    Attributes
    ----------
    id : int
        The broker's, as ``submit_order`` gave it.
    status : OrderState
        A str: ``status == "Filled"`` holds.
    filled_quantity, remaining_quantity : int or Decimal
    avg_fill_price_cents : int or Decimal
        0 while nothing is filled.
    symbol, side, client_order_id : str
    reason : str
        Why it was rejected or cancelled, in the broker's words.
    """

    id: int
    status: OrderState
    filled_quantity: Number
    remaining_quantity: Number
    avg_fill_price_cents: Number
    symbol: str = ""
    side: str = ""
    client_order_id: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Execution(Record):
    """One fill. ``execution_id`` names it: a fill told twice is one fill, a corrected one replaces the first.

    ``commission_cents`` is None until the broker has told it. ``fee_quantity`` is what the broker kept of the
    quantity itself as its commission, as exchanges of coins do: so much less was received.
    """

    execution_id: str
    order_id: int
    symbol: str
    side: str
    quantity: Number
    price_cents: Number
    commission_cents: Number | None = None
    client_order_id: str | None = None
    timestamp: datetime | None = None
    fee_quantity: Number = 0


@dataclass(frozen=True, slots=True)
class Instrument(Record):
    """What the broker says may be traded of a symbol.

    Attributes
    ----------
    symbol : str
    lot : int or Decimal
        Quantities are multiples of it: 1 for whole shares.
    tick_cents : int or Decimal
        Prices are multiples of it.
    min_quantity, max_quantity : int or Decimal or None
    min_notional_cents : int or Decimal
    currency : str
    multiplier : int, Decimal or None
        What one unit is worth is its price times this: 1 for shares and coins, 50 for a future on 50 times an
        index. None where the broker does not tell, so that nobody knows what one is worth.
    """

    symbol: str
    lot: Number = 1
    tick_cents: Number = 1
    min_quantity: Number = 0
    max_quantity: Number | None = None
    min_notional_cents: Number = 0
    currency: str = "USD"
    multiplier: Number | None = 1


class ClientOrderId(str):
    """The caller's name of an order: 1 to 36 of letters, digits, ``_``, ``.`` and ``-``.

    Examples
    --------
    >>> from nanobook.broker import ClientOrderId
    >>> ClientOrderId.derive("2026-02-08", "AAPL", "buy", 100)
    '8dc09454daac5e23c2d34b52ee001a5e'
    """

    __slots__ = ()

    def __new__(cls, text):
        """Check the text."""
        if not isinstance(text, str):
            raise WrongType(f"client_order_id: {text!r} is a {type(text).__name__}; give a text")
        if not 1 <= len(text) <= CLIENT_ID_LENGTH:
            raise OrderError("client_order_id must be 1..=36 ASCII-safe characters")
        if not _SAFE.fullmatch(text):
            raise OrderError("client_order_id contains unsafe query characters")
        return super().__new__(cls, text)

    @classmethod
    def derive(cls, scope, symbol, side, quantity):
        """Make the id that the same order of the same run always has.

        Parameters
        ----------
        scope : str
            The run.
        symbol, side : str
        quantity : int or Decimal
            A whole number below 2**64 counts as the original counts it, so that ids are equal; any other
            as text.

        Returns
        -------
        ClientOrderId
            32 hexadecimal digits: the first half of a SHA-256.
        """
        number = above_zero("quantity", quantity)
        whole = isinstance(number, int) and number < 2**64
        tail = number.to_bytes(8, "little") if whole else str(number).encode()
        letter = b"B" if side_name(side) == "buy" else b"S"
        text = b"\0".join([scope.encode(), symbol_name(symbol).encode(), letter, tail])
        return cls(hashlib.sha256(text).hexdigest()[:32])


def order_type_name(order_type):
    """Give the order type in lower case."""
    if not isinstance(order_type, str):
        raise WrongType(
            f"order_type: {order_type!r} is a {type(order_type).__name__}; use 'market' or 'limit'"
        )
    try:
        return ORDER_TYPES[order_type.lower()]
    except KeyError:
        raise InvalidValue(
            f"Invalid order_type '{order_type}'. Use 'market', 'limit', 'stop', or 'stop_limit'."
        ) from None


def above_zero(name, value):
    """Give an exact number above 0."""
    number = exact(name, value)
    if number <= 0:
        raise InvalidValue(f"{name}: {value!r} must be above 0")
    return number


def _price_of(order, name, kind, kinds):
    value = getattr(order, name)
    if kind not in kinds:
        if value is not None:
            raise InvalidValue(f"{name}: {value!r} given for a {kind} order, which has none; leave it out")
        return None
    if value is None:
        raise InvalidValue(f"{name} required for {kind} orders")
    return above_zero(name, value)
