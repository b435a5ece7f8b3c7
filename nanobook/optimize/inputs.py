"""Returns in, weights out: one reading for every optimiser, one dress for every answer."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidValue, NonFiniteError, ShapeError, TooFewObservations, WrongType
from ..hints import listing, nearest
from ..portfolio.inputs import read_symbols, read_table, repeated
from ..portfolio.labels import Labels, labelled

MAX_RETURN = 1e100  # beyond, squares and their sums leave float64


@dataclass(frozen=True)
class Sample:
    """Returns of N assets over T periods, and what the caller calls them.

    Attributes
    ----------
    values : float64 array, shape (T, N), or None
        None where the caller gave moments alone.
    count : int
        N.
    labels : Labels
    kind : {'array', 'dict', 'series'}
        What weights are returned as.
    """

    values: Any
    count: int
    labels: Labels
    kind: str

    def name(self, i):
        """Name of an asset, or its column."""
        return self.labels.symbol(i)

    def dress(self, weights):
        """Return weights as the caller's input asks for: array, dict or Series."""
        if self.kind == "dict":
            return dict(zip(self.labels.symbols, weights.tolist(), strict=True))
        if self.kind == "series":
            import pandas as pd

            return pd.Series(weights, index=self.labels.columns, name="weight")
        return weights


def read_sample(returns, symbols=None, minimum=2, name="returns"):
    """Check a table of returns of any accepted kind.

    Parameters
    ----------
    returns : array-like, shape (T, N), or DataFrame
    symbols : sequence of N names, optional
        Not for a DataFrame, whose columns are the names.
    minimum : int
        Fewest periods.
    name : str
        What messages call the table.

    Raises
    ------
    ShapeError
        Not a table, ragged, or without assets.
    TooFewObservations
        Fewer than ``minimum`` periods.
    NonFiniteError
        NaN, infinity, or a number above 1e100; names the cells.
    WrongType
        Not numbers.
    """
    values, labels = read_numbers(name, returns)
    kind = "series" if labels else "array"
    if labels and symbols is not None:
        raise InvalidValue("symbols: the columns name the symbols already; leave it out")
    if not labels:
        labels = Labels(read_names(symbols, values.shape[1]))
        kind = "array" if symbols is None else "dict"
    if values.shape[1] == 0:
        raise ShapeError(f"{name} {values.shape}: needs at least one asset")
    if values.shape[0] < minimum:
        raise TooFewObservations(
            f"{name}: {values.shape[0]} rows, needs at least {minimum}, one row a period"
        )
    check_cells(name, values, labels)
    return Sample(values, values.shape[1], labels, kind)


def read_numbers(name, table):
    """Take a table as float64, row by row, and its labels (None for a bare array)."""
    if isinstance(table, np.ma.MaskedArray):
        raise WrongType(f"{name}: a masked array; fill or leave out what is missing first")
    if isinstance(table, (list, tuple)):
        table = from_rows(name, table)
    elif not (hasattr(table, "__array__") or hasattr(table, "to_numpy")):
        raise WrongType(
            f"{name}: {type(table).__name__} is not accepted; pass an array, a DataFrame or a list of rows"
        )
    values, labels = read_table(name, table)
    return np.ascontiguousarray(values, np.float64), labels


def from_rows(name, rows):
    """Make an array of a list of rows; names the first row of another length."""
    if not rows:
        raise TooFewObservations(f"{name}: no rows")
    lengths = [len(row) if hasattr(row, "__len__") else -1 for row in rows]
    for t, length in enumerate(lengths):
        if length < 0:
            raise ShapeError(f"{name}: row {t} is {rows[t]!r}, needs a sequence with one number an asset")
        if length != lengths[0]:
            raise ShapeError(f"{name}: row {t} has {length} numbers, row 0 has {lengths[0]}")
    return np.array(rows)


def read_names(symbols, count):
    """Check the names of the columns of an array; None stays None."""
    names = read_symbols(symbols, count)
    blank = [i for i, name in enumerate(names or ()) if isinstance(name, str) and not name.strip()]
    if blank:
        raise InvalidValue(f"symbols: blank at place {listing(blank)}; name each column")
    return names


def check_cells(name, values, labels):
    """Refuse NaN, infinities and numbers whose square is none; names the first ten cells."""
    if np.all(np.abs(values) <= MAX_RETURN):
        return
    cells = np.argwhere(~(np.abs(values) <= MAX_RETURN))
    told = [f"{values[t, i]:g} at {labels.cell(t, i)}" for t, i in cells[:10]]
    more = f"; {len(cells)} cells in all" if len(cells) > len(told) else ""
    raise NonFiniteError(f"{name}: {', '.join(told)}{more}; select rows and assets without gaps first")


def per_asset(name, given, sample, default=None):
    """Read one number an asset: a number for all, a sequence of N, or a mapping or Series by symbol.

    Assets that a mapping leaves out have ``default``; without one they are missed by name.
    """
    if hasattr(given, "keys"):
        return by_symbol(name, as_mapping(name, given), sample, default)
    try:
        values = np.asarray(given)
    except ValueError:
        raise ShapeError(f"{name}: ragged, needs one number for each of {sample.count} assets") from None
    if values.ndim == 0:
        return np.full(sample.count, number(name, given))
    if isinstance(given, np.ma.MaskedArray):
        raise WrongType(f"{name}: a masked array; fill what is missing first")
    if values.shape != (sample.count,):
        raise ShapeError(f"{name}: shape {values.shape}, needs one number for each of {sample.count} assets")
    return np.array([number(f"{name} of {sample.name(i)}", v) for i, v in enumerate(values)])


def as_mapping(name, given):
    """Make a dict of a mapping or a Series; refuses labels that a Series has twice."""
    twice = repeated(given.keys())
    if twice:
        raise InvalidValue(f"{name}: {listing(map(repr, twice))} named twice; keep one of each")
    return dict(given.items())


def by_symbol(name, given, sample, default):
    """Read a mapping from symbols (columns, where there are no names) to numbers."""
    place = places(sample)
    known(name, given, place)
    missing = [symbol for symbol in place if symbol not in given]
    if missing and default is None:
        raise InvalidValue(f"{name}: no number for {listing(missing)}")
    values = np.full(sample.count, np.nan if default is None else default, np.float64)
    for symbol, value in given.items():
        values[place[symbol]] = number(f"{name} of {symbol}", value)
    return values


def read_weights(given, names, count):
    """Take the weights that a function returned, in any of the optimisers' forms; by label if they have any.

    Parameters
    ----------
    given : result, mapping, Series or sequence
    names : sequence of N labels or None
        Of the assets that the function was given.
    count : int
        N.
    """
    given = getattr(given, "weights", given)
    if hasattr(given, "keys"):
        given = as_mapping("optimizer: weights", given)
        wanted = list(range(count) if names is None else names)
        if len(given) == count and set(given) == set(wanted):
            given = [given[name] for name in wanted]
        elif names is not None and list(given) != list(range(count)):  # numbers of no name go by place
            odd = [name for name in (*wanted, *given) if (name in given) != (name in wanted)]
            raise ShapeError(f"optimizer: the labels of its weights differ from the assets: {listing(odd)}")
        else:
            given = list(given.values())
    try:
        values = np.array(given, np.float64)
    except (TypeError, ValueError):
        raise WrongType(f"optimizer: returned {type(given).__name__}, needs weights, one an asset") from None
    if values.shape != (count,):
        raise ShapeError(f"optimizer: returned weights of shape {values.shape}, needs ({count},)")
    if not np.all(np.isfinite(values)):
        raise NonFiniteError("optimizer: returned weights that are not finite")
    return values


def places(sample):
    """Column of each symbol."""
    symbols = sample.labels.symbols or range(sample.count)
    return {symbol: i for i, symbol in enumerate(symbols)}


def known(name, symbols, place):
    """Refuse symbols that there are not; suggests the nearest."""
    for symbol in symbols:
        if symbol not in place:
            raise InvalidValue(f"{name}: there is no asset {symbol!r}{nearest(symbol, place)}")


def number(name, value):
    """Read a number, infinity allowed."""
    if isinstance(value, (bool, np.bool_, str, bytes)):
        raise WrongType(f"{name}={value!r}: needs a number, not {type(value).__name__}")
    try:
        result = float(value)
    except (TypeError, ValueError):
        raise WrongType(f"{name}={value!r}: needs a number, not {type(value).__name__}") from None
    if np.isnan(result):
        raise NonFiniteError(f"{name}: is NaN, needs a number")
    return result


def from_moments(expected, covariance, symbols):
    """Make a sample without returns: assets and names come from given moments."""
    shape = np.shape(covariance)
    if len(shape) != 2 or shape[0] != shape[1] or shape[0] == 0:
        raise ShapeError(f"covariance: shape {shape}, needs (N, N)")
    for given in (getattr(covariance, "columns", None), expected.index if labelled(expected) else None):
        if given is not None and symbols is None:
            names = read_names(list(given), shape[0])
            return Sample(None, shape[0], Labels(names, None, given), "series")
    kind = "array" if symbols is None else "dict"
    return Sample(None, shape[0], Labels(read_names(symbols, shape[0])), kind)
