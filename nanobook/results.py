"""What an exchange hands back: trades, orders and the results of calls.

All are immutable, compare by value and can be pickled; their strings are the original's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from .errors import NotionalOverflow
from .types import (
    INT64_MAX,
    INT64_MIN,
    OUTCOME_NAMES,
    SIDE_NAMES,
    Outcome,
)

__all__ = [
    "CancelResult",
    "ModifyResult",
    "Order",
    "QueuePosition",
    "RichResult",
    "StopOrder",
    "StopSubmitResult",
    "SubmitResult",
    "Trade",
    "Trades",
]


def dollars(price):
    """Format a price in cents as the original does."""
    return f"${price / 100:.2f}"


class Trade(NamedTuple):
    """One trade, at the resting order's price.

    ``timestamp`` is logical: the clock ticks once per order id and once per trade.
    """

    trade_id: int
    price: int
    quantity: int
    aggressor_side: str
    aggressor_order_id: int
    passive_order_id: int
    timestamp: int

    @property
    def price_float(self):
        """Price in units of 100 ticks."""
        return self.price / 100

    @property
    def passive_side(self):
        """Side of the resting order."""
        return "sell" if self.aggressor_side == "buy" else "buy"

    def notional(self):
        """Price times quantity; an error outside int64."""
        value = self.price * self.quantity
        if not INT64_MIN <= value <= INT64_MAX:
            raise NotionalOverflow(f"notional {self.price} x {self.quantity} is outside int64")
        return value

    @staticmethod
    def vwap(trades):
        """Volume-weighted mean price, truncated toward zero; None without trades.

        Examples
        --------
        >>> from nanobook import Exchange, Trade
        >>> book = Exchange()
        >>> _ = book.submit_limit("sell", 100, 2), book.submit_limit("sell", 101, 1)
        >>> Trade.vwap(book.submit_limit("buy", 101, 3).trades)
        100
        """
        lots = sum(trade.quantity for trade in trades)
        if not lots:
            return None
        return toward_zero(sum(trade.price * trade.quantity for trade in trades), lots)

    def __repr__(self):
        return (
            f"Trade(id={self.trade_id}, price={dollars(self.price)}, "
            f"qty={self.quantity}, side='{self.aggressor_side}')"
        )


class Trades(Sequence):
    """Trades as columns, and as a sequence of ``Trade``.

    Attributes
    ----------
    trade_id, price, quantity, aggressor_order_id, passive_order_id, timestamp : int64 array
    aggressor_side : uint8 array
        0 for buy, 1 for sell.

    Examples
    --------
    >>> from nanobook import Exchange
    >>> book = Exchange()
    >>> _ = book.submit_limit("sell", 10050, 30), book.submit_limit("buy", 10050, 10)
    >>> book.trades()
    [Trade(id=1, price=$100.50, qty=10, side='buy')]
    >>> book.trades().quantity
    array([10])
    """

    COLUMNS = (
        "trade_id",
        "price",
        "quantity",
        "aggressor_side",
        "aggressor_order_id",
        "passive_order_id",
        "timestamp",
    )

    def __init__(self, rows, sides, first_id=1):
        self._rows = rows.view()
        self._rows.flags.writeable = False
        self._sides = sides
        self._first_id = first_id

    @property
    def price(self):
        """Prices in ticks."""
        return self._rows["price"]

    @property
    def quantity(self):
        """Lots."""
        return self._rows["quantity"]

    @cached_property
    def trade_id(self):
        """Ids, rising by one."""
        return np.arange(self._first_id, self._first_id + len(self))

    @cached_property
    def aggressor_order_id(self):
        """Ids of the incoming orders."""
        return self._rows["aggressor"].astype(np.int64)

    @cached_property
    def passive_order_id(self):
        """Ids of the resting orders."""
        return self._rows["passive"].astype(np.int64)

    @cached_property
    def aggressor_side(self):
        """``Side`` codes of the incoming orders."""
        return self._sides[self._rows["aggressor"]]

    @cached_property
    def timestamp(self):
        """Logical times."""
        return self.trade_id + self.aggressor_order_id

    def notional(self):
        """Price times quantity of each trade, int64; an error if one is outside it.

        Raises
        ------
        NotionalOverflow
            Names the first such trade.
        """
        outside = np.abs(self.price.astype(np.float64) * self.quantity) >= 2.0**62
        for row in np.flatnonzero(outside).tolist():
            self[row].notional()
        return self.price * self.quantity

    def vwap(self):
        """Volume-weighted mean price in ticks, truncated toward zero, exactly; None without trades.

        Examples
        --------
        >>> from nanobook import Exchange
        >>> book = Exchange()
        >>> _ = book.submit_limit("sell", 100, 2), book.submit_limit("sell", 101, 1)
        >>> _ = book.submit_limit("buy", 101, 3)
        >>> book.trades().vwap()
        100
        """
        lots = exact_sum(self.quantity)
        return toward_zero(exact_sum(self.notional()), lots) if lots else None

    def __len__(self):
        return len(self._rows)

    def __getitem__(self, item):
        if isinstance(item, slice):
            return [self._trade(row) for row in range(*item.indices(len(self)))]
        return self._trade(range(len(self))[item])

    def _trade(self, row):
        values = (getattr(self, name)[row].item() for name in self.COLUMNS)
        return Trade(*values)._replace(aggressor_side=SIDE_NAMES[self.aggressor_side[row]])

    def __eq__(self, other):
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self):
        return repr(list(self)) if len(self) <= 20 else f"Trades({len(self)})"

    def to_frame(self):
        """Return a DataFrame with one row a trade, indexed by trade id."""
        import pandas as pd

        columns = {name: getattr(self, name) for name in self.COLUMNS}
        columns["aggressor_side"] = categories(self.aggressor_side, SIDE_NAMES)
        return pd.DataFrame(columns).set_index("trade_id")

    def _repr_html_(self):
        return self.to_frame()._repr_html_()


def toward_zero(value, lots):
    """Quotient of two ints, truncated toward zero."""
    return abs(value) // lots * (1 if value >= 0 else -1)


def exact_sum(column):
    """Sum of an int64 column as an int, also where int64 would wrap."""
    return (int((column >> 32).sum()) << 32) + int((column & 0xFFFFFFFF).sum())


def categories(codes, names):
    """Codes as a pandas Categorical."""
    import pandas as pd

    return pd.Categorical.from_codes(np.asarray(codes, np.int8), categories=list(names))


class Order(NamedTuple):
    """An order as it stands now. Quantities in lots; the price of a market order is the int64 limit."""

    id: int
    side: str
    price: int
    original_quantity: int
    remaining_quantity: int
    filled_quantity: int
    status: str
    time_in_force: str
    timestamp: int
    client_id: int | None = None
    owner: int | None = None

    def is_active(self):
        """Whether the order rests on the book."""
        rests = self.time_in_force not in ("ioc", "fok") and self.remaining_quantity > 0
        return rests and self.status in ("new", "partiallyfilled")

    def __repr__(self):
        return (
            f"Order(id={self.id}, side={self.side}, price={self.price}, "
            f"qty={self.filled_quantity}/{self.original_quantity}, status={self.status})"
        )


class SubmitResult:
    """What became of a submission: ``filled + resting + cancelled`` is its quantity.

    Attributes
    ----------
    order_id : int
    status : str
        ``New``, ``PartiallyFilled``, ``Filled`` or ``Cancelled``.
    filled_quantity, resting_quantity, cancelled_quantity : int
    trades : list of Trade
        The order's own trades.
    """

    # As little as possible is made in the call, the rest when it is asked for.
    __slots__ = ("_filled", "_log", "_order_id", "_quantity", "_resting")

    stops_due = 0
    """Stops that the trades reached but that wait, for a cascade met its cap: see ``RichResult``."""

    @property
    def order_id(self):
        """Id of the order."""
        return self._order_id

    @property
    def filled_quantity(self):
        """Lots traded."""
        return self._filled

    @property
    def resting_quantity(self):
        """Lots left on the book."""
        return self._resting

    @property
    def cancelled_quantity(self):
        """Lots neither traded nor resting."""
        return self._quantity - self._filled - self._resting

    @property
    def status(self):
        """Status after the submission."""
        if self._filled:
            return OUTCOME_NAMES[Outcome.FILLED if self.is_fully_filled() else Outcome.PARTIALLY_FILLED]
        return OUTCOME_NAMES[Outcome.NEW if self._resting else Outcome.CANCELLED]

    @property
    def trades(self):
        """The order's own trades."""
        return self._log.of(self._order_id, self._filled) if self._filled else []

    def has_trades(self):
        """Whether anything traded."""
        return self._filled > 0

    def is_resting(self):
        """Whether something was left on the book."""
        return self.resting_quantity > 0

    def is_fully_filled(self):
        """Whether everything traded."""
        return self._filled == self._quantity

    def __getstate__(self):
        return self._order_id, self._quantity, self._filled, self._resting, KeptTrades(self.trades)

    def __setstate__(self, state):
        self._order_id, self._quantity, self._filled, self._resting, self._log = state

    def __eq__(self, other):
        if not isinstance(other, SubmitResult):
            return NotImplemented
        mine, others = ((*it.__getstate__()[:5], it.status, it.stops_due) for it in (self, other))
        return mine == others

    def __hash__(self):
        return hash(self.__getstate__()[:4])

    def __repr__(self):
        return (
            f"SubmitResult(order_id={self.order_id}, status='{self.status}', "
            f"filled={self.filled_quantity}, resting={self.resting_quantity}, "
            f"cancelled={self.cancelled_quantity}, trades={len(self.trades)})"
        )


class RichResult(SubmitResult):
    """What became of a submission to a book with stops, owners or times.

    Attributes
    ----------
    status : str
        ``Filled`` also where self-trade prevention made the order smaller before the rest of it filled.
    stops_due : int
        Stops whose price was reached and which still wait, because the cascade met its cap. The next
        message that trades or fires a stop goes on with them, or ``Exchange.resume_stops``.
    """

    __slots__ = ("_outcome", "stops_due")

    @property
    def status(self):
        """Status after the submission."""
        return OUTCOME_NAMES[self._outcome]

    def __getstate__(self):
        return *super().__getstate__(), self._outcome, self.stops_due

    def __setstate__(self, state):
        *state, self._outcome, self.stops_due = state
        super().__setstate__(state)


class StopSubmitResult(NamedTuple):
    """What became of the submission of a stop.

    Attributes
    ----------
    order_id : int
    status : str
        ``Pending``, or ``Triggered`` if it fired at once.
    child_order_id : int or None
        Id of the order that a triggered stop became.
    stops_due : int
        As ``RichResult`` has it.
    """

    order_id: int
    status: str
    child_order_id: int | None = None
    stops_due: int = 0

    def __repr__(self):
        return f"StopSubmitResult(order_id={self.order_id}, status='{self.status}')"


class StopOrder(dict):
    """A stop as it stands now: the original's dict, and what it does not tell as attributes.

    Attributes
    ----------
    child_order_id : int or None
        Id of the order it became.
    owner : int or None
    time_in_force : str
        Of the order it becomes.
    trail : str or None
        ``fixed``, ``percentage`` or ``sma_abs_change``.
    trail_value : float or None
    watermark : int or None
        Best price since the submission, None before the first.
    """

    def __init__(self, values, **more):
        super().__init__(values)
        self.__dict__.update(more)


class QueuePosition(NamedTuple):
    """What trades before an order at its price.

    Attributes
    ----------
    orders : int
        Orders ahead.
    lots : int
        Lots ahead.
    """

    orders: int
    lots: int


class TradeLog:
    """Where an order's trades lie: buffers whose written rows never change.

    An exchange makes a new one whenever it moves or empties a buffer, so a result keeps its trades.
    """

    __slots__ = ("first", "orders", "trades", "trades_before")

    def __init__(self, trades, trades_before, orders, first):
        self.trades = trades
        self.trades_before = trades_before
        self.orders = orders
        self.first = first

    def of(self, order, filled):
        """List the trades in which ``order`` took ``filled`` lots."""
        row = int(self.trades_before[order]) - self.first
        side = SIDE_NAMES[self.orders["side"][order]]
        out = []
        while filled:
            price, quantity, _, passive = self.trades[row].item()
            trade = self.first + row + 1
            out.append(Trade(trade, price, quantity, side, order, passive, trade + order))
            filled -= quantity
            row += 1
        return out


class KeptTrades(list):
    """The trades themselves, where the exchange is not at hand: in a pickle."""

    def of(self, order, filled):
        """List all of them."""
        return list(self)


class CancelResult(NamedTuple):
    """What became of a cancel.

    Attributes
    ----------
    success : bool
    cancelled_quantity : int
        Lots taken off the book.
    error : str or None
        ``OrderNotFound`` or ``OrderNotActive``.
    """

    success: bool
    cancelled_quantity: int
    error: str | None = None

    def __repr__(self):
        if self.success:
            return f"CancelResult(success=True, cancelled_quantity={self.cancelled_quantity})"
        return f"CancelResult(success=False, error='{self.error}')"


class CancelResults(dict):
    """Results of cancels by the lots cancelled: a value that recurs is made once."""

    LIMIT = 4096

    def __missing__(self, lots):
        result = CancelResult(True, lots) if lots > 0 else CancelResult(False, 0, OUTCOME_NAMES[-lots])
        if len(self) < self.LIMIT:
            self[lots] = result
        return result


class ModifyResult(NamedTuple):
    """What became of a modify: a cancel and a new order, which may have traded."""

    success: bool
    old_order_id: int
    new_order_id: int | None
    cancelled_quantity: int
    trades: list
    error: str | None

    stops_due = 0  # type: ignore[misc]

    def __repr__(self):
        if self.success:
            return (
                f"ModifyResult(success=True, old={self.old_order_id}, "
                f"new={self.new_order_id}, trades={len(self.trades)})"
            )
        return f"ModifyResult(success=False, error='{self.error}')"


class InterruptedModifyResult(ModifyResult):
    """A modify whose cascade of stops met its cap: ``stops_due`` as in ``RichResult``."""

    def __new__(cls, *values, stops_due):
        result = super().__new__(cls, *values)
        result.stops_due = stops_due
        return result
