"""A grid of parameters as one row a set."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np

from ..errors import InvalidValue, ShapeError, WrongType
from ..params import column_of, read_params

MOST = 10**9


def read_grid(grid):
    """Return a grid as a record array, one row a set of parameters.

    Parameters
    ----------
    grid : mapping, DataFrame, structured array, sequence of mappings, or None
        A mapping of names to values stands for all combinations, the last name changing fastest. The
        others are tables with a row a set. None is one set without parameters.
    """
    if isinstance(grid, Mapping):
        return read_params(product_of(grid), "grid")
    if isinstance(grid, (list, tuple)):
        grid = columns_of(grid)
    rows = read_params(grid, "grid")
    if rows.size == 0:
        raise ShapeError("grid: no set of parameters; give at least one")
    return rows


def product_of(grid):
    """All combinations of the values of a mapping, as columns."""
    columns = {name: np.atleast_1d(column_of(name, listed(values), "grid")) for name, values in grid.items()}
    empty = [name for name, values in columns.items() if values.size == 0]
    if empty:
        raise ShapeError(f"grid: {empty[0]} has no values; give at least one")
    count = prod(values.size for values in columns.values())
    if count > MOST:
        raise InvalidValue(f"grid: {count} combinations are more than {MOST}; sweep a part at a time")
    repeat, table = count, {}
    for name, values in columns.items():
        repeat //= values.size
        table[name] = np.tile(np.repeat(values, repeat), count // (repeat * values.size))
    return table


def listed(values):
    """Values of one name: a range or another iterable as a list."""
    return values if hasattr(values, "__array__") or np.isscalar(values) else list(values)


def columns_of(rows):
    """Columns of a list of mappings with the same names."""
    if not rows:
        raise ShapeError("grid: no set of parameters; give at least one")
    for i, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise WrongType(
                f"grid: entry {i} is a {type(row).__name__}; use a list of dicts, or one dict of values"
            )
        if row.keys() != rows[0].keys():
            raise InvalidValue(
                f"grid: entry {i} names {', '.join(row)}, not {', '.join(rows[0])}, as entry 0"
            )
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}
