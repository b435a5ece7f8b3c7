"""Sets of parameters: a product, a list, a table."""

from collections.abc import Mapping
from itertools import product

import numpy as np

from ...errors import InvalidValue, ShapeError, WrongType


def read_grid(grid):
    """List sets of parameters as dicts.

    Parameters
    ----------
    grid : mapping, DataFrame, structured array or list of mappings
        Of a mapping from names to values the product, the last name changing first; a single value holds for
        all. Of a table one set a row.

    Returns
    -------
    tuple of dict
    """
    if isinstance(grid, Mapping):
        axes = [values_of(value) for value in grid.values()]
        sets = [dict(zip(grid, values, strict=True)) for values in product(*axes)]
    elif hasattr(grid, "columns") and hasattr(grid, "to_numpy"):
        columns = {str(name): grid[name].to_numpy().tolist() for name in grid.columns}
        sets = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    elif isinstance(grid, np.ndarray) and grid.dtype.names:
        sets = [dict(zip(grid.dtype.names, row, strict=True)) for row in grid.reshape(-1).tolist()]
    elif isinstance(grid, (list, tuple)) and all(isinstance(one, Mapping) for one in grid):
        sets = [dict(one) for one in grid]
    else:
        raise WrongType(
            f"grid: {type(grid).__name__}, needs a mapping of names to values, a list of mappings, or a table"
        )
    if not sets:
        raise ShapeError("grid: holds no set of parameters")
    for names in (set(one) - set(sets[0]) | set(sets[0]) - set(one) for one in sets):
        if names:
            raise InvalidValue(f"grid: {sorted(map(str, names))[0]!r} is not in every set of parameters")
    return tuple(sets)


def values_of(value):
    """Values of one parameter; a number, a text or None is one value."""
    if isinstance(value, np.ndarray):
        return value.reshape(-1).tolist()
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        return [value]
    return list(value)
