"""Series and tables of returns or equity: read whatever holds them, give back the same kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidValue, NonFiniteError, ShapeError, WrongType
from ..hints import MOST, listing
from .labels import spell


@dataclass(frozen=True)
class Columns:
    """One series or several, as float64.

    Attributes
    ----------
    name : str
        Of the parameter, for messages.
    kind : {'list', 'array', 'series', 'frame'}
        What the caller gave; an array has the shape ``values`` is dressed in.
    values : float64 array, shape (K, T)
        Series by series, each contiguous and writable.
    index, columns : pandas.Index or None
        Labels of periods and of series.
    flat : bool
        Whether the caller gave one series.
    label : object
        Name of a Series.
    """

    name: str
    kind: str
    values: np.ndarray
    index: Any = None
    columns: Any = None
    flat: bool = True
    label: Any = None

    def __len__(self):
        return self.values.shape[1]

    def dress(self, values, name=None):
        """Give (K, T) numbers back as what the caller gave."""
        if self.kind == "list":
            return values[0].tolist()
        if self.kind == "array":
            return values[0] if self.flat else values.T
        import pandas as pd

        if self.kind == "series":
            return pd.Series(values[0], self.index, name=self.label if name is None else name)
        return pd.DataFrame(values.T, self.index, self.columns)

    def period(self, t):
        """Name of a period."""
        t %= len(self)
        return f"row {t}" if self.index is None else f"{spell(self.index[t])} (row {t})"

    def cell(self, k, t):
        """Name of a cell."""
        return self.period(t) if self.flat else f"{self.symbol(k)} {self.period(t)}"

    def symbol(self, k):
        """Name of a series."""
        return f"column {k}" if self.columns is None else str(self.columns[k])


def read_columns(name, given, key="returns", missing=False, infinite=False):
    """Read a series or a table.

    Parameters
    ----------
    name : str
        Of the parameter, for messages.
    given : BacktestResult, mapping, Series, DataFrame, array or sequence
        Of a result or a mapping, ``given[key]`` is read.
    key : {'returns', 'equity_curve'}
    missing, infinite : bool
        Whether NaN, and infinities, may stay.

    Returns
    -------
    Columns
        A copy, or a view of memory that the caller's array may own: kernels do not write to it.
    """
    if isinstance(given, Mapping):
        if key not in given:
            raise InvalidValue(f"{name}: missing {key!r}; there are {', '.join(map(str, given))}")
        missing = missing or key == "returns"
        given = given[key]
    index = getattr(given, "index", None) if hasattr(given, "to_numpy") else None
    if index is not None and not callable(index):
        table = read_labelled(name, given, index)
    else:
        table = read_bare(name, given)
    if not infinite:
        check_finite(table, missing)
    return table


def read_labelled(name, given, index):
    """Read a Series or a DataFrame of pandas."""
    from .frames import check_index, read_frame

    if given.ndim == 2:
        values, labels = read_frame(name, given)
        return Columns(name, "frame", writable(check_shape(name, values).T), index, labels.columns, False)
    check_index(name, index)
    if given.dtype.kind not in "iuf":
        raise WrongType(f"{name}: holds {given.dtype}, needs numbers; convert with .astype(float)")
    values = given.to_numpy(np.float64, na_value=np.nan)
    return Columns(name, "series", writable(check_shape(name, values)), index, label=given.name)


def read_bare(name, given):
    """Read an array, a list, or what turns into an array."""
    if isinstance(given, np.ma.MaskedArray):
        raise WrongType(f"{name}: a masked array; pass .filled(numpy.nan) or drop what is masked")
    if isinstance(given, (str, bytes)) or not hasattr(given, "__len__"):
        raise WrongType(f"{name}: {type(given).__name__} is not accepted; pass a Series, an array or a list")
    try:
        values = np.asarray(given)
    except ValueError as error:
        raise ShapeError(f"{name}: not one series of numbers ({error})") from None
    if values.dtype.kind not in "iuf" and values.size:
        raise WrongType(f"{name}: holds {values.dtype}, needs numbers")
    kind = "list" if isinstance(given, (list, tuple)) and values.ndim == 1 else "array"
    return Columns(name, kind, writable(check_shape(name, values).T), flat=values.ndim == 1)


def check_shape(name, values):
    """Refuse what is no series and no table, and what is empty."""
    if values.ndim not in (1, 2):
        raise ShapeError(f"{name}: shape {values.shape}, needs (T,), or (T, N) for a table")
    if values.size == 0:
        raise ShapeError(f"{name}: empty, needs at least one period")
    return values


def writable(values):
    """Bring numbers to rows of float64 of the one type that kernels are compiled for."""
    rows = np.ascontiguousarray(np.atleast_2d(values), np.float64)
    return rows if rows.flags.writeable else rows.copy()


def check_finite(table, missing):
    """Refuse infinities, and NaN where it may not be; name the first cells."""
    odd = np.isinf(table.values) if missing else ~np.isfinite(table.values)
    if not odd.any():
        return
    places = np.argwhere(odd.T)
    cells = ", ".join(f"{table.cell(k, t)} is {table.values[k, t]}" for t, k in places[:MOST])
    more = f", ... ({len(places)} in all)" if len(places) > MOST else ""
    raise NonFiniteError(f"{table.name}: {cells}{more}: drop them or put a number in their place")


def one(table):
    """Insist on one series; its values."""
    if len(table.values) != 1:
        raise ShapeError(f"{table.name}: {len(table.values)} columns, needs one series; pass one at a time")
    return table.values[0]


def align(table, other):
    """Bring one series to the periods of a table.

    Parameters
    ----------
    table, other : Columns
        Matched by their indexes where both have one, else row by row.

    Returns
    -------
    float64 array, shape (T,)
        Values of ``other``; NaN in periods that it lacks.

    Raises
    ------
    ShapeError
        No period in common, other numbers of rows, other time zones, or a period of ``other`` between two
        of the table's: its return would be lost.
    """
    values = one(other)
    if table.index is None or other.index is None:
        if len(table) != len(other):
            raise ShapeError(
                f"{other.name} ({len(other)} rows) vs {table.name} ({len(table)} rows): select the same "
                "periods, or give both an index to be matched by"
            )
        return values
    if table.index.equals(other.index):
        return values
    zones = getattr(table.index, "tz", None), getattr(other.index, "tz", None)
    if str(zones[0]) != str(zones[1]):
        raise ShapeError(
            f"{other.name} and {table.name}: time zones {zones[1]} and {zones[0]}; bring both to one with "
            ".tz_localize() or .tz_convert()"
        )
    rows = other.index.get_indexer(table.index)
    if (rows < 0).all():
        raise ShapeError(
            f"{other.name} and {table.name}: no period in common; {other.name} is from {other.period(0)} to "
            f"{other.period(-1)}, {table.name} from {table.period(0)} to {table.period(-1)}"
        )
    inside = (other.index > table.index[0]) & (other.index < table.index[-1])
    lost = other.index[inside].difference(table.index)
    if len(lost):
        raise ShapeError(
            f"{other.name}: {listing(map(spell, lost))} lie between periods of {table.name}; compound "
            f"{other.name} to the same periods first"
        )
    return np.where(rows < 0, np.nan, values[rows])
