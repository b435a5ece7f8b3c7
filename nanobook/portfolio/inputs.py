"""The one boundary: every kind of schedule becomes one internal form, or an error that says where.

Inside, weights are float64 and prices int64 units, both (T, N), row by row and read-only, so that the
kernels meet one type. A price of 0 means "no price".
"""

import math
import operator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import InvalidValue, NonFiniteError, ShapeError, WrongType
from ..hints import listing, nearest
from .labels import Labels

MAX_AMOUNT = 2**53
CENTS = 100  # units in a unit of currency
FLAT = 1e-10  # differences below, relative to the largest, are the rounding of a constant's prices


@dataclass(frozen=True)
class Inputs:
    """A schedule in internal form.

    Attributes
    ----------
    kind : {'arrays', 'frames', 'rows'}
        What the caller gave, and what the result will be made of.
    weights : float64 array, shape (K, N)
        One row a rebalance.
    prices : int64 array, shape (T, N)
        In units; 0 where there is none.
    rows : int64 array, shape (T,)
        The row of ``weights`` of each period; -1 where what is held is kept.
    labels : Labels
        Names of periods and symbols.
    units : int
        Units in a cent.
    given : array, shape (T, N)
        The prices as the caller gave them, for messages.
    listed : bool array, shape (T, N), or None
        Of rows: where the caller's price row names the symbol; None if everywhere.
    """

    kind: str
    weights: np.ndarray
    prices: np.ndarray
    rows: np.ndarray
    labels: Labels
    units: int
    given: Any = field(repr=False)
    listed: Any = None

    def spread_weights(self):
        """The weights of every period, (T, N): 0 where a period holds."""
        return np.where((self.rows >= 0)[:, None], self.weights[np.maximum(self.rows, 0)], 0.0)


def read_inputs(weight_schedule, price_schedule, symbols=None, price_scale=CENTS):
    """Bring a weight schedule and a price schedule of any accepted kind into internal form."""
    scale = whole("price_scale", price_scale, CENTS, 10**9, "100 counts in cents, 10000 in 1/100 cent")
    if scale % CENTS:
        raise InvalidValue(f"price_scale={scale}: must be a multiple of {CENTS}, so that a cent is whole")
    rows = is_rows("weight_schedule", weight_schedule), is_rows("price_schedule", price_schedule)
    if all(rows):
        from .rows import read_rows

        if symbols is not None:
            raise InvalidValue("symbols: the rows name their symbols already; leave it out")
        return read_rows(weight_schedule, price_schedule, scale)
    if any(rows):
        raise WrongType(
            "weight_schedule and price_schedule: one is a list of rows, the other a table; pass two lists of "
            "rows, or two arrays or DataFrames"
        )
    return read_tables(weight_schedule, price_schedule, symbols, scale)


def is_rows(name, schedule):
    """Whether a schedule is a list of rows (as against a table)."""
    if isinstance(schedule, (list, tuple)):
        return True
    if isinstance(schedule, np.ma.MaskedArray):
        raise WrongType(f"{name}: a masked array; pass .filled(...), for prices with 0 or NaN where missing")
    if hasattr(schedule, "__array__") or hasattr(schedule, "to_numpy"):
        return False
    raise WrongType(
        f"{name}: {type(schedule).__name__} is not accepted; pass a (T, N) array, a DataFrame, or a list "
        "with one row of (symbol, number) pairs a period"
    )


def read_tables(weight_schedule, price_schedule, symbols, scale):
    """Bring two tables into internal form: arrays, DataFrames, or one of each."""
    weights, weight_labels = read_table("weight_schedule", weight_schedule)
    prices, price_labels = read_table("price_schedule", price_schedule)
    rows = None
    if weight_labels and price_labels:
        prices, rows = align(weights, weight_labels, prices, price_labels)
    elif weights.shape != prices.shape:
        raise ShapeError(
            f"weight_schedule {weights.shape} vs price_schedule {prices.shape}: shapes must be equal"
        )
    if 0 in weights.shape or 0 in prices.shape:
        raise ShapeError(f"weight_schedule {weights.shape}: needs at least one period and one symbol")
    labels = weight_labels or price_labels
    if rows is not None:
        labels = Labels(weight_labels.symbols, price_labels.index, weight_labels.columns)
    kind = "frames" if labels else "arrays"
    if labels and symbols is not None:
        raise InvalidValue("symbols: the columns name the symbols already; leave it out")
    if not labels:
        labels = Labels(read_symbols(symbols, weights.shape[1]))
    units, inside = to_inside("price_schedule", prices, scale)
    weights = readonly(np.ascontiguousarray(weights, np.float64))
    rows = hold_empty(weights, np.arange(len(prices)) if rows is None else rows)
    return Inputs(kind, weights, inside, rows, labels, units, prices)


def hold_empty(weights, rows):
    """Turn the periods whose row of weights is NaN throughout into such that hold; read-only."""
    empty = np.flatnonzero(np.isnan(weights[:, 0]))  # the others hold a number there: a look at one column
    empty = empty[np.isnan(weights[empty]).all(axis=1)]
    if len(empty) == len(weights):
        raise NonFiniteError(
            f"weight_schedule {weights.shape}: NaN throughout; such a row keeps what is held, so nothing "
            "would ever be traded"
        )
    if len(empty):
        rows = np.where(np.isin(rows, empty), -1, rows)
    return readonly(rows)


def read_table(name, table):
    """Take the numbers of one table as given, and its labels (None for a bare array)."""
    if hasattr(table, "columns") and hasattr(table, "to_numpy"):
        from .frames import read_frame

        return read_frame(name, table)
    try:
        values = np.asarray(table)
    except ValueError as error:
        raise ShapeError(f"{name}: not one table of numbers ({error})") from None
    if values.ndim != 2:
        raise ShapeError(f"{name}: shape {values.shape}, needs (T, N): one row a period, one column a symbol")
    if values.dtype.kind not in "iuf":
        raise WrongType(f"{name}: holds {values.dtype}, needs numbers; convert with .astype(float)")
    return values, None


def read_symbols(symbols, count):
    """Check the names of the columns of an array; None stays None."""
    if symbols is None:
        return None
    if isinstance(symbols, (str, bytes)):
        raise WrongType(f"symbols={symbols!r}: needs a list of names, one a column")
    names = tuple(symbols)
    if len(names) != count:
        raise ShapeError(f"symbols: {len(names)} names for {count} columns")
    twice = repeated(names)
    if twice:
        raise InvalidValue(f"symbols: named twice: {listing(twice)}")
    return names


def align(weights, weight_labels, prices, price_labels):
    """Put the prices' columns in the order of the weights', once all labels are known to agree.

    Returns
    -------
    prices : array, shape (T, N)
    rows : int64 array, shape (T,), or None
        The row of weights of each period, -1 where there is none; None where there is one each.
    """
    wanted, found = weight_labels.symbols, price_labels.symbols
    missing = unlisted(wanted, found)
    extra = unlisted(found, wanted)
    if missing or extra:
        raise ShapeError(
            f"weight_schedule {weights.shape} vs price_schedule {prices.shape}: "
            + "; ".join(
                f"only in {name}: {listing(names)}{nearest(names[0], others)}"
                for name, names, others in (
                    ("weight_schedule", missing, found),
                    ("price_schedule", extra, wanted),
                )
                if names
            )
        )
    from .frames import find_rows

    rows = find_rows(weight_labels.index, price_labels.index)
    if wanted == found:
        return prices, rows
    place = {name: i for i, name in enumerate(found)}
    return prices[:, [place[name] for name in wanted]], rows


def unlisted(names, others):
    """List the names that are not among others, in order."""
    known = set(others)
    return [name for name in names if name not in known]


def to_inside(name, prices, scale):
    """Units in a cent, and the prices as read-only int64 units.

    Integers are cents already; floats are currency units, rounded to the unit. What cannot be used keeps
    a value that the kernel refuses: negative, or 2**53.
    """
    if prices.dtype.kind != "f":
        if scale != CENTS:
            raise InvalidValue(
                f"price_scale={scale}: {name} holds integers, which are cents; pass floats in currency units"
            )
        if prices.dtype == np.uint64:
            prices = np.minimum(prices, np.uint64(MAX_AMOUNT))
        return 1, readonly(np.ascontiguousarray(prices, np.int64))
    from ..kernels.money import to_units

    values = readonly(np.ascontiguousarray(prices, np.float64).reshape(-1))
    inside = np.empty(prices.shape, np.int64)
    to_units(values, float(scale), inside.reshape(-1))
    return scale // CENTS, readonly(inside)


def readonly(array):
    """Make a view that cannot be written: what a caller owns stays unchanged, and kernels see one type."""
    view = array.view()
    view.flags.writeable = False
    return view


def is_flat(values):
    """Whether returns are all equal but for rounding; column by column of a table."""
    return np.ptp(values, axis=0) <= FLAT * np.abs(values).max(axis=0)


def repeated(names):
    """List the names that occur more than once, in order."""
    seen, twice = set(), {}
    for name in names:
        if name in seen:
            twice[name] = None
        seen.add(name)
    return list(twice)


def whole(name, value, low, high, remedy):
    """Check a whole number within bounds; a float without a fraction passes. Returns int."""
    if isinstance(value, (bool, np.bool_)):
        raise WrongType(f"{name}={value}: a truth value, needs a whole number ({remedy})")
    if isinstance(value, (float, np.floating)):
        if not float(value).is_integer():
            raise InvalidValue(f"{name}={value}: needs a whole number from {low} to {high} ({remedy})")
        value = int(value)
    try:
        number = operator.index(value)
    except TypeError:
        raise WrongType(
            f"{name}={value!r}: needs a whole number, not {type(value).__name__} ({remedy})"
        ) from None
    if not low <= number <= high:
        raise InvalidValue(f"{name}={number}: must be from {low} to {high} ({remedy})")
    return number


def finite(name, value):
    """Check a finite number; returns float."""
    if isinstance(value, (bool, np.bool_, str, bytes)):
        raise WrongType(f"{name}={value!r}: needs a number, not {type(value).__name__}")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise WrongType(f"{name}={value!r}: needs a number, not {type(value).__name__}") from None
    if not math.isfinite(number):
        raise NonFiniteError(f"{name}={number}: needs a finite number")
    return number


def positive(name, value):
    """Check a finite number above zero; returns float."""
    number = finite(name, value)
    if number <= 0.0:
        raise InvalidValue(f"{name}={number}: must be above 0")
    return number
