"""Parameters of any shape into one row a set."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .compiled import names_of, row_of
from .errors import InvalidValue, NonFiniteError, ShapeError, WrongType

REMEDY = "use a DataFrame, a structured array or a mapping of names to numbers or arrays"


def read_params(params, what="params"):
    """Return parameters as a record array, one row a set; one row without use where there are none."""
    columns = {} if params is None else dict(columns_of(params, what))
    names_of(what, columns)
    columns = {name: column_of(name, values, what) for name, values in columns.items()}
    sizes = {name: values.size for name, values in columns.items() if values.ndim}
    if len(set(sizes.values())) > 1:
        raise ShapeError(f"{what}: columns of different lengths {sizes}; give one row a set of parameters")
    count = next(iter(sizes.values()), 1)
    rows = np.zeros(count, row_of({name: values.dtype for name, values in columns.items()}))
    for name, values in columns.items():
        rows[name] = values
    return rows.view(np.recarray)


def columns_of(params, what):
    """Pairs of name and values."""
    if isinstance(params, Mapping):
        return params.items()
    names = getattr(getattr(params, "dtype", None), "names", None)
    if names:
        return [(name, np.asarray(params[name])) for name in names]
    if hasattr(params, "columns") and hasattr(params, "to_numpy"):
        if not params.columns.is_unique:
            raise InvalidValue(f"{what}: columns {list(params.columns)} are not all different; rename some")
        return [(name, params[name].to_numpy()) for name in params.columns]
    raise WrongType(f"{what}: a {type(params).__name__}; {REMEDY}")


def column_of(name, values, what="params"):
    """Return one parameter as int64, float64 or bool; of one number an array without dimension."""
    values = np.asarray(values)
    if values.ndim > 1:
        raise ShapeError(f"{what}: {name} has shape {values.shape}; use one number a row")
    if values.dtype.kind not in "biuf":
        raise WrongType(f"{what}: {name} holds {values.dtype}; use numbers, of words their place in a list")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        row = int((~np.isfinite(values)).argmax())
        raise NonFiniteError(f"{what}: {name} is {values.flat[row]} in row {row}; use a finite number")
    if values.dtype.kind == "u" and values.size and values.max() > np.iinfo(np.int64).max:
        raise InvalidValue(f"{what}: {name} holds {values.max()}, outside int64; use a smaller number")
    return values.astype({"b": "?", "f": "f8"}.get(values.dtype.kind, "i8"))


def told(params, row):
    """Parameters of a row in words; nothing where there are none."""
    if params.dtype.names == ("none",):
        return ""
    return " (" + ", ".join(f"{name}={params[name][row]}" for name in params.dtype.names) + ")"
