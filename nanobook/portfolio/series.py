"""The prices that a strategy walks through: rows or a table, brought into cents."""

from array import array
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidValue, NonFiniteError, ShapeError, WrongType
from .inputs import CENTS, MAX_AMOUNT, is_rows, read_symbols, read_table, readonly, to_inside
from .labels import Labels
from .quotes import cents_of, check_names, pairs, read_volumes


@dataclass(frozen=True)
class Series:
    """Prices of T periods and N symbols.

    Attributes
    ----------
    kind : {'rows', 'frames', 'arrays'}
    labels : Labels
    prices : int64 array, shape (T, N)
        Cents, read-only; 0 where there is none.
    given : list of dict, or array of shape (T, N)
        As the caller gave them.
    listed : bool array, shape (T, N), or None
        Of rows: where a row names the symbol.
    full : bool array, shape (T,), or None
        Of tables: whether the period has all prices.
    """

    kind: str
    labels: Labels
    prices: np.ndarray
    given: Any
    listed: Any = None
    full: Any = None

    def shown(self, t):
        """Prices of one period by symbol, as they were given, without those that are missing."""
        if self.kind == "rows":
            return dict(self.given[t])
        row = zip(self.labels.symbols, self.given[t].tolist(), strict=True)
        return dict(row) if self.full[t] else {symbol: price for symbol, price in row if is_price(price)}


def is_price(number):
    """Whether there is a price: no NaN, no 0."""
    return (number == number) & (number != 0)


def read_series(price_series, symbols=None):
    """Read prices of any accepted kind."""
    if is_rows("price_series", price_series):
        if symbols is not None:
            raise InvalidValue("symbols: the rows name their symbols already; leave it out")
        return read_rows(price_series)
    values, labels = read_table("price_series", price_series)
    if 0 in values.shape:
        raise ShapeError(f"price_series {values.shape}: needs at least one period and one symbol")
    kind = "frames" if labels else "arrays"
    if labels is None:
        names = read_symbols(symbols, values.shape[1])
        if names is None:
            raise InvalidValue("symbols: needed for an array; the strategy names what it wants to hold")
        labels = Labels(names)
    elif symbols is not None:
        raise InvalidValue("symbols: the columns name the symbols already; leave it out")
    odd = [name for name in labels.symbols if not isinstance(name, str)]
    if odd:
        raise WrongType(f"price_series: the symbol {odd[0]!r} is no text; rename the columns to str")
    _, inside = to_inside("price_series", values, CENTS)
    refuse_cells(labels, inside, values)
    return Series(kind, labels, inside, values, full=is_price(values).all(axis=1))


def refuse_cells(labels, inside, values):
    """Refuse prices that cannot be counted, each by name."""
    for odd, error, remedy in (
        (inside < 0, InvalidValue, "above 0"),
        (inside >= MAX_AMOUNT, NonFiniteError, "finite, below 2**53 cents"),
    ):
        if odd.any():
            places = np.argwhere(odd)
            cells = [f"{labels.cell(t, i)} is {values[t, i]}" for t, i in places[:10]]
            more = f", ... ({len(places)} in all)" if len(places) > 10 else ""
            raise error(f"price_series: {', '.join(cells)}{more}; a price must be {remedy}")


def read_rows(rows):
    """Read one dict, Series or list of pairs a period; symbols are sorted."""
    if not rows:
        raise ShapeError("price_series: empty, needs at least one period")
    given = [
        dict(row) if type(row) is dict else pairs(f"price_series: row {t}", row) for t, row in enumerate(rows)
    ]
    for t, row in enumerate(given):
        if list(row) != list(given[t - 1]) or t == 0:
            check_names(f"price_series: row {t}", row)
    series = read_uniform(given)
    if series is not None:
        return series
    cents = [cents_of(row, f"price_series: row {t}") for t, row in enumerate(given)]
    names = sorted(set().union(*given))
    if not names:
        raise ShapeError("price_series: no row names a symbol")
    column = {name: i for i, name in enumerate(names)}
    prices = np.zeros((len(rows), len(names)), np.int64)
    listed = np.zeros(prices.shape, bool)
    for t, row in enumerate(cents):
        prices[t, [column[name] for name in row]] = list(row.values())
        listed[t, [column[name] for name in given[t]]] = True
    return Series("rows", Labels(tuple(names)), readonly(prices), given, listed)


def read_uniform(given):
    """Read rows of whole cents that all name the same symbols; None for others, and for bad prices."""
    names, numbers = list(given[0]), array("q")
    try:
        for row in given:
            if list(row) != names:
                return None
            numbers.fromlist(list(row.values()))
    except (TypeError, OverflowError):
        return None
    prices = np.frombuffer(numbers, np.int64).reshape(len(given), len(names))
    if not names or prices.min() <= 1 or prices.max() >= MAX_AMOUNT:  # 1 may be a truth value
        return None
    columns = sorted(range(len(names)), key=names.__getitem__)
    labels = Labels(tuple(names[i] for i in columns))
    return Series("rows", labels, readonly(prices[:, columns]), given, np.ones(prices.shape, bool))


def read_volume(volume, series):
    """Read shares traded, one dict by symbol a period; None where there are none."""
    if volume is None:
        return None
    if isinstance(volume, (list, tuple)):
        if len(volume) != len(series.prices):
            raise ShapeError(f"volume: {len(volume)} rows for {len(series.prices)} of price_series")
        return [read_volumes(row, f"volume: row {t}") for t, row in enumerate(volume)]
    values, labels = read_table("volume", volume)
    if values.shape != series.prices.shape or (labels and labels.symbols != series.labels.symbols):
        raise ShapeError(
            f"volume {values.shape}: needs the shape and the columns of price_series {series.prices.shape}"
        )
    index = series.labels.index
    if labels and index is not None and not labels.index.equals(index):
        raise ShapeError("volume: its index is not that of price_series; use .reindex(prices.index)")
    values = np.nan_to_num(np.asarray(values, np.float64), nan=0.0)
    return [
        read_volumes(dict(zip(series.labels.symbols, row, strict=True)), f"volume: {series.labels.period(t)}")
        for t, row in enumerate(values.tolist())
    ]
