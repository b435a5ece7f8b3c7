"""A tape of many symbols: parted by book, run book by book, and put together again."""

from __future__ import annotations

import numpy as np

from . import checks
from .errors import NanobookError, ShapeError, SymbolType, UnknownSymbol
from .kernels.book.tape import Flow
from .results import Trades
from .tape import TapeResult, columns_of, flow_of, is_plain
from .taping import rows_of_events
from .types import EVENT, RESULT, TRADE
from .values import Symbol


def process_by_symbol(multi, messages, client_ids, levels):
    """``MultiExchange.process``: all books admit their part before any is touched or kept."""
    levels = checks.as_levels(levels)
    columns = dict(columns_of(messages))
    values = columns.pop("symbol", None)
    if values is None:
        told = ", ".join(map(str, columns))
        raise ShapeError(f"messages: no column symbol among {told}; for one book use Exchange.process")
    flow = flow_of(columns) if is_plain(columns) else rows_of_events(columns, client_ids)
    names, codes = symbols_of(values, flow.kind.size)
    places = places_of(codes, len(names))
    parts = [part_of(flow, rows) for rows in places]
    books = [multi._visit(name) for name in names]
    admit(books, parts, flow, client_ids, multi)
    results = {}
    for name, book, part in zip(names, books, parts, strict=True):
        results[name] = multi._keep(name, book).process(part, client_ids=client_ids, levels=levels)
    return MultiTapeResult(results, codes, places, levels)


def admit(books, parts, flow, client_ids, multi):
    """Let every book refuse its part; the error names the row of the whole flow."""
    try:
        for book, part in zip(books, parts, strict=True):
            book.admit(book.taken(part, client_ids), client_ids)
    except NanobookError:
        type(books[0])(**multi._options).admit(flow, client_ids)
        raise


def part_of(flow, rows):
    """Some messages of a flow."""
    if isinstance(flow, Flow):
        return flow_of(Flow(*(column[rows] for column in flow)))
    return np.asarray(flow[rows]).view(EVENT)


def symbols_of(values, count):
    """Symbols of a flow in the order of their first message, and the place of each message's among them."""
    import pandas as pd

    values = values if isinstance(values, (pd.Series, pd.Index)) else np.asarray(values, dtype=object)
    if len(values) != count:
        raise ShapeError(f"symbol: {len(values)} values for {count} messages; give one row a message")
    codes, names = pd.factorize(values)
    if (codes < 0).any():
        raise SymbolType(f"symbol: row {int((codes < 0).argmax())} is missing; give every message one")
    return [Symbol(name).as_str() for name in names], codes.astype(np.int64)


def places_of(codes, count):
    """Rows of each code, rising; a list of int64 arrays."""
    small = codes.astype(np.min_scalar_type(max(count, 1)))  # NumPy sorts two bytes by radix
    order = np.argsort(small, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes, minlength=count))[:-1]) if count else []


class SymbolTrades(Trades):
    """Trades of many books as columns, in the order of the messages that caused them.

    Ids and times are those of each book.

    Attributes
    ----------
    symbol : pandas.Categorical
    message : int64 array
        Row of the message that caused each trade.
    """

    def __init__(self, results, places):
        parts = [result.trades for result in results.values()]
        pairs = zip(places, results.values(), strict=True)
        message = joined([rows[result.trade_message()] for rows, result in pairs], np.int64)
        order = np.argsort(message, kind="stable")
        rows = as_words(joined([part._rows for part in parts], TRADE))[order]
        super().__init__(rows.view(TRADE).reshape(len(order)), None)
        self.message = message[order]
        self.trade_id = joined([part.trade_id for part in parts], np.int64)[order]
        self.aggressor_side = joined([part.aggressor_side for part in parts], np.uint8)[order]
        self._codes = np.repeat(np.arange(len(parts)), [len(part) for part in parts])[order]
        self._names = list(results)

    @property
    def symbol(self):
        """Symbols."""
        return categories_of(self._codes, self._names)

    def to_frame(self):
        """Return a DataFrame with one row a trade: symbol, message and the columns of ``Trades``."""
        frame = super().to_frame().reset_index()
        frame.insert(0, "symbol", self.symbol)
        frame.insert(1, "message", self.message)
        return frame


class MultiTapeResult(TapeResult):
    """What became of every message of a flow of many symbols; ``result[symbol]`` is that of one book.

    Attributes
    ----------
    symbols : list of str
        In the order of their first message.
    symbol : pandas.Categorical
        Of each message.
    outcome, order_id, filled, resting, cancelled, levels
        As of ``TapeResult``, of the message's book.
    trades : SymbolTrades
        Trades of all books.
    """

    def __init__(self, results, codes, places, levels):
        rows = np.empty(len(codes), RESULT)
        shown = [np.zeros((len(codes), 2, levels), np.int64) for _ in range(3)] if levels else None
        for at, result in zip(places, results.values(), strict=True):
            as_words(rows)[at] = as_words(result._rows)
            for name, column in zip(("price", "quantity", "orders"), shown or (), strict=bool(levels)):
                column[at, 0] = getattr(result.levels, f"bid_{name}")
                column[at, 1] = getattr(result.levels, f"ask_{name}")
        super().__init__(rows, SymbolTrades(results, places), shown)
        self._results, self._codes, self._places = results, codes, places

    @property
    def symbols(self):
        """Symbols in the order of their first message."""
        return list(self._results)

    @property
    def symbol(self):
        """Symbol of each message."""
        return categories_of(self._codes, self.symbols)

    def __getitem__(self, symbol):
        if symbol not in self._results:
            raise UnknownSymbol(f"symbol: no message of {symbol!r}; use one of result.symbols")
        return self._results[symbol]

    def __iter__(self):
        return iter(self._results)

    def rows_of(self, symbol):
        """Rows of the messages of a symbol, rising, int64."""
        self[symbol]
        return self._places[self.symbols.index(symbol)]

    def trade_message(self):
        """Row of the message that caused each trade, int64."""
        return self.trades.message

    def plot(self, symbol):
        """Draw the tape of one symbol: ``TapeResult.plot``."""
        return self[symbol].plot()

    def to_frame(self):
        """Return a DataFrame with one row a message: symbol, order_id, status, filled, resting, cancelled."""
        frame = super().to_frame()
        frame.insert(0, "symbol", self.symbol)
        return frame

    def __repr__(self):
        return f"Multi{super().__repr__()[:-1]}, symbols={len(self._results)})"


def joined(arrays, dtype):
    """Concatenate arrays, also none."""
    return np.concatenate(arrays) if arrays else np.empty(0, dtype)


def as_words(rows):
    """View records as rows of int64, which NumPy moves ten times as fast as field by field."""
    return rows.view(np.ndarray).view(np.int64).reshape(len(rows), rows.dtype.itemsize // 8)


def categories_of(codes, names):
    """Codes as a pandas Categorical, of any number of names."""
    import pandas as pd

    return pd.Categorical.from_codes(codes, categories=names)
