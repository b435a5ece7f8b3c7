"""Lists of rows: (symbol, number) pairs a period, in and out."""

import gc
from array import array
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from ..errors import InvalidValue, ShapeError, WrongType
from ..hints import listing, nearest
from .bars import BarPrices
from .inputs import CENTS, Inputs, readonly, repeated, to_inside
from .labels import Labels

INTEGERS = "q"
FLOATS = "d"
MIXED = "mixes integers (cents) with floats (currency units); pass one kind throughout"


@dataclass(frozen=True)
class Rows:
    """A list of rows, unzipped.

    Attributes
    ----------
    names : list of tuple of str, length T
        The symbols of each row. Rows that name the same symbols in the same order share one tuple.
    layouts : list of tuple of str
        Each of these tuples once.
    numbers : array
        The numbers of all rows, one after the other: float64, or int64 for integer prices.
    """

    names: list
    layouts: list
    numbers: np.ndarray


def read_rows(weight_schedule, price_schedule, scale=CENTS):
    """Bring two lists of rows into internal form; symbols are sorted by their bytes."""
    if len(weight_schedule) != len(price_schedule):
        raise ShapeError(
            f"weight_schedule ({len(weight_schedule)} rows) vs price_schedule ({len(price_schedule)} rows): "
            "needs one row of each a period"
        )
    if not price_schedule:
        raise ShapeError("price_schedule: empty, needs at least one period")
    held = np.array([row is None for row in weight_schedule])
    if held.any():
        weight_schedule = [() if row is None else row for row in weight_schedule]
    with no_collection():
        weights = unzip_rows("weight_schedule", weight_schedule)
        prices = unzip_rows("price_schedule", price_schedule)
    symbols = sorted(set().union(*prices.layouts))
    unknown = sorted(set().union(*weights.layouts).difference(symbols))
    if unknown:
        raise InvalidValue(
            f"weight_schedule: no price ever for {listing(unknown)}{nearest(unknown[0], symbols)}; add the "
            "prices or drop the weights"
        )
    place = {name: i for i, name in enumerate(symbols)}
    targets, _ = table(weights, place, 0)
    given, listed = table(prices, place, 0 if prices.numbers.dtype == np.int64 else np.nan)
    units, inside = to_inside("price_schedule", given, scale)
    targets = readonly(np.ascontiguousarray(targets, np.float64))  # rows without a number would be integers
    rows = readonly(np.where(held, -1, np.arange(len(held))))
    return Inputs("rows", targets, inside, rows, Labels(tuple(symbols)), units, given, listed)


def unzip_rows(name, schedule):
    """Split every row of a schedule into names and numbers."""
    shared = {}
    names, parts = [], []
    last = None
    for t, row in enumerate(schedule):
        pairs = row if isinstance(row, dict) else pair_up(name, t, row)
        row_names = tuple(pairs)
        if row_names != last:
            last = shared.setdefault(row_names, row_names)
        names.append(last)
        parts.append(pack(name, t, pairs))
    for layout in shared:
        check_names(name, names, layout)
    codes = [part.typecode for part in parts if part]
    if len(set(codes)) > 1:
        t = next(t for t, part in enumerate(parts) if part and part.typecode != codes[0])
        raise WrongType(f"{name}: row {t} {MIXED}")
    numbers = np.frombuffer(b"".join(parts), codes[0] if codes else INTEGERS)
    if ((numbers == 0) | (numbers == 1)).any():  # what a truth value would have become
        refuse_truths(name, schedule)
    return Rows(names, list(shared), numbers)


def pair_up(name, t, row):
    """Turn one row of pairs into a dict."""
    if not isinstance(row, (list, tuple)):
        raise WrongType(
            f"{name}: row {t} is {type(row).__name__}, needs a list of (symbol, number) pairs or a dict"
        )
    try:
        pairs = dict(row)
    except (TypeError, ValueError):
        raise WrongType(f"{name}: row {t}, {odd_pair(row)}") from None
    if len(pairs) != len(row):
        twice = repeated(symbol for symbol, _ in row)
        raise InvalidValue(f"{name}: row {t} names twice: {listing(twice)}; keep one of each")
    return pairs


def odd_pair(row):
    """Say what is wrong with the first entry that is not a pair of a name and a number."""
    for i, pair in enumerate(row):
        if not is_pair(pair):
            return f"entry {i}: {pair!r} is no (symbol, number) pair; for a table of numbers pass an array"
        if not isinstance(pair[0], str):
            return f"entry {i}: {pair[0]!r} is no symbol; a symbol is a str"
    return "not a list of (symbol, number) pairs"


def is_pair(entry):
    """Whether an entry of a row has the shape of a pair."""
    return isinstance(entry, (list, tuple)) and len(entry) == 2


def check_names(name, names, layout):
    """Refuse a row that names something other than a str."""
    for symbol in layout:
        if not isinstance(symbol, str):
            raise WrongType(f"{name}: row {names.index(layout)}: {symbol!r} is no symbol; a symbol is a str")


def pack(name, t, pairs):
    """Pack one row's numbers into an array: weights and float prices as doubles, integer prices as int64."""
    values = list(pairs.values())
    prices = name != "weight_schedule"
    for code in (INTEGERS, FLOATS) if prices else (FLOATS,):
        try:
            part = array(code, values)
        except TypeError:
            continue
        except OverflowError:
            symbol, value = max(pairs.items(), key=lambda pair: abs(pair[1]))
            raise InvalidValue(f"{name}: {symbol} in row {t} is {value}, too large to count with") from None
        if prices and code == FLOATS and any(isinstance(value, (int, np.integer)) for value in values):
            raise WrongType(f"{name}: row {t} {MIXED}")
        return part
    symbol, value = next(pair for pair in pairs.items() if not isinstance(pair[1], (int, float, np.number)))
    raise WrongType(
        f"{name}: {symbol} in row {t} is {value!r} ({type(value).__name__}), needs a plain number"
    )


def refuse_truths(name, schedule):
    """Refuse True and False, which would count as 1 and 0."""
    for t, row in enumerate(schedule):
        for symbol, value in dict(row).items():
            if isinstance(value, (bool, np.bool_)):
                raise WrongType(f"{name}: {symbol} in row {t} is {value}, a truth value; needs a number")


def table(rows, place, absent):
    """Spread numbers to (T, N), columns by ``place``; and where a row names the symbol (None: everywhere)."""
    shape = len(rows.names), len(place)
    if rows.layouts == [tuple(place)]:
        return rows.numbers.reshape(shape), None
    values = np.full(shape, absent, rows.numbers.dtype)
    listed = np.zeros(shape, bool)
    columns = {id(names): np.array([place[name] for name in names], np.intp) for names in rows.layouts}
    start = 0
    for t, names in enumerate(rows.names):
        stop = start + len(names)
        values[t, columns[id(names)]] = rows.numbers[start:stop]
        listed[t, columns[id(names)]] = True
        start = stop
    return values, listed


def to_rows(symbols, panel, keep=None):
    """Turn a (T, N) panel into one list of (symbol, number) pairs a period, of the cells to keep."""
    everywhere = np.ones(len(panel), bool) if keep is None else keep.all(axis=1)
    with no_collection():
        return [
            list(zip(symbols, row, strict=True))
            if everywhere[t]
            else [(symbols[i], row[i]) for i in np.flatnonzero(keep[t]).tolist()]
            for t, row in enumerate(panel.tolist())
        ]


@contextmanager
def no_collection():
    """Pause the cycle collector: pairs of a name and a number form no cycles.

    Millions of new tuples would have it search all of them again and again, half the time of a call
    (2,520 x 500, two lists out: 0.51 s with it, 0.27 s without).
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def split_bars(schedule):
    """Split rows of (symbol, BarPrices) pairs into rows of open, high, low and close; None for other rows."""
    first = next((row for row in schedule if isinstance(row, (list, tuple, dict)) and row), ())
    values = (
        first.values() if isinstance(first, dict) else [entry[1] for entry in first[:1] if is_pair(entry)]
    )
    if not any(isinstance(value, BarPrices) for value in values):
        return None
    parts = tuple([] for _ in range(4))
    for t, row in enumerate(schedule):
        pairs = row if isinstance(row, dict) else pair_up("price_schedule", t, row)
        for symbol, bar in pairs.items():
            if not isinstance(bar, BarPrices):
                raise WrongType(f"price_schedule: {symbol} in row {t} is {bar!r}, needs BarPrices as before")
        for part, name in zip(parts, ("open", "high", "low", "close"), strict=True):
            part.append({symbol: getattr(bar, name) for symbol, bar in pairs.items()})
    return parts
