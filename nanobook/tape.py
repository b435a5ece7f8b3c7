"""The tape's two ends: messages of any shape into columns, and columns into what users hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from . import checks
from .errors import (
    InvalidQuantity,
    InvalidSide,
    InvalidTimeInForce,
    InvalidValue,
    NotComputed,
    NotionalOverflow,
    OrderIdOutOfRange,
    OrderIdType,
    PriceOutOfRange,
    PriceType,
    QuantityOutOfRange,
    QuantityType,
    ShapeError,
    WrongType,
)
from .events import Event, Events
from .kernels.book.tape import Flow
from .results import categories
from .types import EVENT, INT64_MAX, KIND_NAMES, MAX_QUANTITY, OUTCOME_NAMES, TIF_NAMES, MessageKind, Outcome

KINDS = {name: code for code, name in enumerate(KIND_NAMES)}
REQUIRED = ("kind", "side", "price", "quantity")
OPTIONAL = ("tif", "order_id")
RICH = {name for name in EVENT.names or () if name not in (*REQUIRED, *OPTIONAL)}
RICH_KINDS, RICH_TIFS = range(4, len(KIND_NAMES)), range(3, len(TIF_NAMES))
RICH_KIND_WORDS, RICH_TIF_WORDS = set(KIND_NAMES[4:]), set(TIF_NAMES[3:])
WORDS = {  # spellings, what says that one is wrong
    "kind": (KINDS, InvalidValue),
    "side": (checks.SIDES, InvalidSide),
    "tif": (checks.TIFS, InvalidTimeInForce),
}
NUMBERS = {  # wrong type, wrong value, remedy
    "price": (PriceType, PriceOutOfRange, "use whole ticks as integers; 0 where a message has none"),
    "quantity": (QuantityType, QuantityOutOfRange, "use whole lots as integers; 0 where a message has none"),
    "order_id": (OrderIdType, OrderIdOutOfRange, "use integers from 0; 0 where a message has none"),
}


def flow_of(messages):
    """Columns of a flow given as a DataFrame, structured array or mapping; copies only to convert."""
    columns = dict(columns_of(messages))
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise ShapeError(
            f"messages: no column {', '.join(missing)} among {', '.join(map(str, columns))}; "
            f"needed are {', '.join(REQUIRED)}, and {', '.join(OPTIONAL)} where used"
        )
    found = {name: _column(name, columns[name]) for name in Flow._fields if name in columns}
    lengths = {name: column.size for name, column in found.items()}
    if len(set(lengths.values())) > 1:
        raise ShapeError(f"messages: columns of different lengths {lengths}; give one row a message")
    for name in OPTIONAL:
        if name not in found:
            found[name] = _column(name, np.zeros(lengths["kind"], np.int64))
    return Flow(**found)


def is_plain(messages):
    """Whether messages are of the four plain kinds and carry neither owners nor times."""
    if isinstance(messages, Flow):
        return True
    if isinstance(messages, Events) or _are_events(messages):
        return False
    columns = set(_names_of(messages))
    if RICH & columns or "kind" not in columns:
        return not RICH & columns
    rich_tif = "tif" in columns and _has(messages["tif"], RICH_TIFS, RICH_TIF_WORDS)
    return not rich_tif and not _has(messages["kind"], RICH_KINDS, RICH_KIND_WORDS)


def _has(column, codes, words):
    """Whether a column has one of these codes or words."""
    column = np.asarray(column)
    if column.ndim != 1:
        return False
    if column.dtype.kind in "iu":
        return bool(((column >= codes.start) & (column < codes.stop)).any())
    return any(isinstance(word, str) and word.lower() in words for word in set(column.tolist()))


def _are_events(messages):
    return (
        isinstance(messages, (list, tuple))
        and bool(messages)
        and all(isinstance(message, Event) for message in messages)
    )


def _names_of(messages):
    if isinstance(messages, Flow):
        return messages._fields
    if isinstance(messages, Mapping):
        return messages.keys()
    names = getattr(getattr(messages, "dtype", None), "names", None)
    return names or getattr(messages, "columns", ())


def columns_of(messages):
    """Columns of a flow in any form as a mapping."""
    if isinstance(messages, Mapping):
        return messages
    names = getattr(getattr(messages, "dtype", None), "names", None)
    if names:
        return {name: messages[name] for name in names}
    if hasattr(messages, "columns") and hasattr(messages, "to_numpy"):
        return {name: messages[name] for name in messages.columns}
    if isinstance(messages, Flow):
        return messages._asdict()
    raise WrongType(
        f"messages: a {type(messages).__name__}; use a DataFrame, a structured array or a mapping of columns"
    )


def _column(name, values):
    if isinstance(values, (list, tuple)):
        values = _array(name, values)
    elif hasattr(values, "to_numpy"):
        values = values.to_numpy()
    if isinstance(values, np.ma.MaskedArray):
        raise WrongType(f"{name}: a masked array; use .filled() with what the hidden values stand for")
    values = np.asarray(values)
    if values.ndim != 1:
        raise ShapeError(f"{name}: shape {values.shape}; use one value a message")
    # Read-only, as pandas hands its columns out: one type, so that the kernel compiles once.
    column = (_codes if name in WORDS else _integers)(name, values).view()
    column.flags.writeable = False
    return column


def _array(name, values):
    """Array of a list; integers too large for int64 are named rather than rounded."""
    array = np.asarray(values) if len(values) else np.empty(0, np.int64)
    if array.dtype.kind in "fuO" and all(type(value) is int for value in values):
        row = next(row for row, value in enumerate(values) if not -INT64_MAX - 1 <= value <= INT64_MAX)
        _, error, remedy = NUMBERS.get(name, (None, InvalidValue, "use a code or a name"))
        raise error(f"{name}: row {row} is {values[row]}, outside int64; {remedy}")
    return array


def _codes(name, values):
    """Codes as uint8, from integers or words."""
    words, error = WORDS[name]
    if values.dtype == np.uint8:
        return np.ascontiguousarray(values)
    if values.dtype.kind in "iu":
        wrong = (values < 0) | (values >= 255)
        if wrong.any():
            row = int(wrong.argmax())
            raise error(f"{name}: row {row} is {values[row]}; use {', '.join(words)} or their codes")
        return values.astype(np.uint8)
    if values.dtype.kind not in "OUT":
        raise WrongType(f"{name}: values of type {values.dtype}; use {', '.join(words)} or their codes")
    import pandas as pd

    places, found = pd.factorize(values.astype(object))
    # A missing value has place -1: the last code, which is none.
    codes = np.array([words.get(str(word).lower(), 255) for word in found] + [255], np.uint8)[places]
    if (codes == 255).any():
        row = int((codes == 255).argmax())
        raise error(f"{name}: row {row} is {values[row]!r}; use {', '.join(words)}")
    return codes


def _integers(name, values):
    """Integers as contiguous int64 in native byte order."""
    wrong_type, wrong_value, remedy = NUMBERS[name]
    if values.dtype == np.int64:
        return np.ascontiguousarray(values, np.int64)
    if values.dtype.kind not in "iu":
        shown = values[0] if len(values) else ""
        raise wrong_type(f"{name}: values of type {values.dtype}, the first {shown!r}; {remedy}")
    if values.dtype == np.uint64 and len(values) and values.max() > INT64_MAX:
        row = int(values.argmax())
        raise wrong_value(f"{name}: row {row} is {values[row]}, outside int64; {remedy}")
    return values.astype(np.int64)


def raise_fault(flow, row, client_ids):
    """Raise what is wrong with a row that ``kernels.book.tape.faulty`` found."""
    kind, side, price, quantity, tif, order_id = (int(column[row]) for column in flow)
    where = f"row {row}:"
    if kind >= len(KIND_NAMES):
        raise InvalidValue(f"{where} kind {kind}; use {', '.join(KIND_NAMES)} or 0 to 3")
    new = kind in (MessageKind.LIMIT, MessageKind.MARKET)
    if new and side > 1:
        raise InvalidSide(f"{where} side {side}; use buy (0) or sell (1)")
    if kind == MessageKind.LIMIT and tif > 2:
        raise InvalidTimeInForce(f"{where} tif {tif}; use gtc (0), ioc (1) or fok (2)")
    if kind != MessageKind.CANCEL and not new <= quantity <= MAX_QUANTITY:
        error = InvalidQuantity if quantity == 0 else QuantityOutOfRange
        raise error(f"{where} quantity {quantity}; use {int(new)} to {MAX_QUANTITY} (2**62) lots")
    if order_id < 0 and (client_ids or not new):
        raise OrderIdOutOfRange(f"{where} order_id {order_id}; use ids from 0")
    raise NotionalOverflow(f"{where} price {price} x quantity {quantity} is outside int64; lower one of them")


class BookLevels:
    """The best levels after every message, as columns of shape (messages, levels).

    Attributes
    ----------
    bid_price, bid_quantity, bid_orders, ask_price, ask_quantity, ask_orders : int32 or int64 array
        Best first, int32 if all of them fit; where there is no such level price, quantity and orders are 0.

    Notes
    -----
    The methods give a value a message: what the method of the same name gives of a ``BookSnapshot`` taken
    there, as float64, and NaN where that is None. Prices beyond 2**53 are rounded; ``bid_price[:, 0]`` is
    exact, with ``bid_orders[:, 0] > 0`` where there is one.

    Examples
    --------
    >>> from nanobook import Exchange
    >>> messages = {
    ...     "kind": ["limit", "limit"],
    ...     "side": ["buy", "sell"],
    ...     "price": [10000, 10200],
    ...     "quantity": [300, 100],
    ... }
    >>> levels = Exchange().process(messages, levels=1).levels
    >>> levels.mid_price(), levels.weighted_mid(), levels.imbalance()
    (array([   nan, 10100.]), array([   nan, 10150.]), array([1. , 0.5]))
    """

    COLUMNS = ("price", "quantity", "orders")

    def __init__(self, columns):
        for name, column in zip(self.COLUMNS, columns, strict=True):
            setattr(self, f"bid_{name}", column[:, 0])
            setattr(self, f"ask_{name}", column[:, 1])

    def __len__(self):
        return len(self.bid_price)

    def best_bid(self):
        """Highest bid in ticks, NaN without bids."""
        return np.where(self.bid_orders[:, 0] > 0, self.bid_price[:, 0], np.nan)

    def best_ask(self):
        """Lowest ask in ticks, NaN without asks."""
        return np.where(self.ask_orders[:, 0] > 0, self.ask_price[:, 0], np.nan)

    def spread(self):
        """Best ask minus best bid in ticks, NaN if a side is empty."""
        # Modulo 2**64, and so exact: an ask is above a bid.
        ask, bid = (wide(column[:, 0]).view(np.uint64) for column in (self.ask_price, self.bid_price))
        apart = ask - bid
        return np.where(self._two_sided(), apart, np.nan)

    def mid_price(self):
        """Middle of the touch in ticks, NaN if a side is empty."""
        both = float_sum(self.bid_price[:, 0], self.ask_price[:, 0])
        return np.where(self._two_sided(), both / 2.0, np.nan)

    def weighted_mid(self):
        """Touch weighted by the opposite quantities, in ticks; NaN if a side is empty."""
        bid, ask = self.bid_price[:, 0].astype(float), self.ask_price[:, 0].astype(float)
        bid_lots, ask_lots = self.bid_quantity[:, 0], self.ask_quantity[:, 0]
        return quotient(ask_lots * bid + bid_lots * ask, float_sum(bid_lots, ask_lots), self._two_sided())

    def imbalance(self, levels=None):
        """Bid lots minus ask lots over their sum, NaN if the book is empty.

        Parameters
        ----------
        levels : int, optional
            Of how many of the recorded levels; all unless told.
        """
        bids, asks = self.total_bid_quantity(levels), self.total_ask_quantity(levels)
        lots = float_sum(bids, asks)
        return quotient((bids - asks).astype(float), lots, lots > 0)

    def total_bid_quantity(self, levels=None):
        """Lots on so many bid levels, int64; on all recorded ones unless told."""
        return self.bid_quantity[:, : self._shown(levels)].sum(axis=1)

    def total_ask_quantity(self, levels=None):
        """Lots on so many ask levels, int64; on all recorded ones unless told."""
        return self.ask_quantity[:, : self._shown(levels)].sum(axis=1)

    def _two_sided(self):
        return (self.bid_orders[:, 0] > 0) & (self.ask_orders[:, 0] > 0)

    def _shown(self, levels):
        recorded = self.bid_price.shape[1]
        if levels is None:
            return recorded
        levels = checks.as_levels(levels)
        if levels > recorded:
            raise NotComputed(f"levels: {levels}, but {recorded} were recorded; process(levels={levels})")
        return levels

    def to_frame(self):
        """Return a DataFrame with one row a message and columns (bid_price, 1) ... (ask_orders, N).

        Levels that are not there are missing (``<NA>``).
        """
        import pandas as pd

        frames = {}
        for side in ("bid", "ask"):
            there = getattr(self, f"{side}_orders") > 0
            for name in self.COLUMNS:
                column = getattr(self, f"{side}_{name}")
                frame = pd.DataFrame(column, columns=range(1, column.shape[1] + 1), dtype="Int64")
                frames[f"{side}_{name}"] = frame.where(pd.DataFrame(there, columns=frame.columns))
        return pd.concat(frames, axis=1)


def wide(column):
    """Column as int64."""
    return column.astype(np.int64, copy=False)


def float_sum(one, other):
    """Sum of two columns of integers as float64, rounded once, also where int64 would wrap."""
    one, other = wide(one), wide(other)
    total = one + other
    rounded = total.astype(float)
    wrapped = ((one ^ total) & (other ^ total)) < 0
    if wrapped.any():
        pairs = zip(one[wrapped].tolist(), other[wrapped].tolist(), strict=True)
        rounded[wrapped] = [float(first + second) for first, second in pairs]
    return rounded


def quotient(dividend, divisor, where):
    """Quotient of two float64 columns, NaN where there is none."""
    return np.divide(dividend, divisor, out=np.full(len(dividend), np.nan), where=where)


class TapeResult:
    """What became of every message of a flow.

    Attributes
    ----------
    outcome : uint8 array
        ``Outcome`` of each message.
    order_id : int64 array
        The book's id: of the order submitted, of the one cancelled, of the one that a modify made;
        0 where there is none.
    filled, resting : int64 array
        Lots of the submitted order.
    cancelled : int64 array
        Lots of the submitted order that found no counterpart; of a cancel or modify the lots that
        the named order gave up.
    trades : Trades
        All trades of the flow.
    levels : BookLevels or None
        The best levels after every message, if asked for.
    """

    def __init__(self, rows, trades, levels=None):
        self._rows = rows
        self.trades = trades
        self.levels = BookLevels(levels) if levels is not None else None

    def __len__(self):
        return len(self._rows)

    @cached_property
    def outcome(self):
        """``Outcome`` codes."""
        return self._rows["outcome"].astype(np.uint8)

    @cached_property
    def order_id(self):
        """Ids of the book."""
        return self._rows["order_id"].astype(np.int64)

    @property
    def filled(self):
        """Lots traded."""
        return self._rows["filled"]

    @property
    def resting(self):
        """Lots left on the book."""
        return self._rows["resting"]

    @property
    def cancelled(self):
        """Lots cancelled."""
        return self._rows["cancelled"]

    @property
    def status(self):
        """Outcomes as a pandas Categorical of names."""
        return categories(self.outcome, OUTCOME_NAMES)

    def trade_message(self):
        """Row of the message that caused each trade, int64.

        What a stop became counts to the message that fired it: the last before it that took an id.
        """
        outcome = self.outcome
        made = ((self.filled > 0) | (self.resting > 0)) & (outcome <= Outcome.CANCELLED)
        made = np.flatnonzero(made | (outcome == Outcome.PENDING) | (outcome == Outcome.TRIGGERED))
        after = np.searchsorted(self.order_id[made], self.trades.aggressor_order_id, side="right")
        return made[after - 1]

    def plot(self):
        """Draw touch and mid, spread, and lots traded over the messages.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        NotComputed
            If no levels were recorded.
        ModuleNotFoundError
            Without matplotlib: ``pip install 'nanobook[plot]'``.
        """
        if self.levels is None:
            raise NotComputed("levels: none were recorded to draw; use process(messages, levels=1)")
        from .plot import tape_chart

        return tape_chart(self)

    def to_frame(self):
        """Return a DataFrame with one row a message: order_id, status, filled, resting, cancelled."""
        import pandas as pd

        return pd.DataFrame(
            {
                "order_id": self.order_id,
                "status": self.status,
                "filled": self.filled,
                "resting": self.resting,
                "cancelled": self.cancelled,
            }
        )

    def __repr__(self):
        counts = np.bincount(self.outcome, minlength=len(OUTCOME_NAMES)).tolist()
        told = ", ".join(f"{name}={n}" for name, n in zip(OUTCOME_NAMES, counts, strict=True) if n)
        return f"TapeResult(messages={len(self)}, trades={len(self.trades)}{', ' if told else ''}{told})"

    def _repr_html_(self):
        return f"<p><code>{self!r}</code></p>{self.to_frame().head(10)._repr_html_()}"
