"""What callers give and get: lists, arrays, Series, DataFrames, tables of columns; one kind in and out."""

import numpy as np

from ...errors import InvalidValue, NonFiniteError, ShapeError, WrongType
from ...portfolio.labels import labelled, spell
from .jobs import columns, run_columns
from .table import TABLE

ACCEPTED = "pass a list, a 1-D or (T, N) array, a Series or a DataFrame of numbers"


def compute(name, inputs, values):
    """Run an indicator on whatever kind of series the caller has.

    Parameters
    ----------
    name : str
        In the table.
    inputs : tuple
        Series of one kind and length.
    values : tuple
        Parameters as the caller gave them.

    Returns
    -------
    as the inputs, or a tuple of such
    """
    indicator = TABLE[name]
    numbers = indicator.read(values)
    tables = [read(label, given) for label, given in zip(indicator.inputs, inputs, strict=True)]
    check_alike(indicator.inputs, inputs, tables)
    turned = [columns(table if table.ndim == 2 else table[:, None]) for table in tables]
    found, bad = run_columns(indicator, numbers, turned)
    if bad is not None:
        raise infinite(indicator.inputs, inputs, tables, bad)
    results = tuple(dress(inputs[0], out, tables[0].ndim) for out in found)
    return results if len(results) > 1 else results[0]


def read(name, given):
    """Take the numbers of one input: (T,) or (T, N), float64 or as they are."""
    if type(given) is np.ndarray and given.dtype == np.float64 and given.ndim in (1, 2):
        return given  # at once: what a call runs through is seldom in the cache behind a long series
    if labelled(given):
        return read_labelled(name, given)
    if isinstance(given, np.ma.MaskedArray):
        raise WrongType(f"{name}: a masked array; pass .filled(numpy.nan)")
    if hasattr(given, "to_numpy") and not hasattr(given, "__array__"):
        given = given.to_numpy()
    try:
        values = np.asarray(given)
    except (ValueError, TypeError) as error:
        raise ShapeError(f"{name}: not one series of numbers ({error}); {ACCEPTED}") from None
    if values.dtype == object and values.size:
        raise WrongType(f"{name}: {culprit(values)}; {ACCEPTED}")
    if values.dtype.kind not in "iuf" and values.size:
        raise WrongType(f"{name}: holds {values.dtype}, needs numbers; {ACCEPTED}")
    if values.ndim not in (1, 2):
        raise ShapeError(f"{name}: shape {values.shape}; {ACCEPTED}")
    return values.astype(np.float64, copy=False)


def read_labelled(name, given):
    """Take the numbers of a Series or a DataFrame, in the order of time."""
    index = given.index
    if index.dtype.kind in "iufMm" and not index.is_monotonic_increasing:
        values = np.asarray(index)
        t = int(np.argmax(~(values[1:] >= values[:-1]))) + 1
        raise InvalidValue(
            f"{name}: the index must not decrease, but {spell(index[t])} (row {t}) follows "
            f"{spell(index[t - 1])}; use .sort_index()"
        )
    for label, dtype in zip(labels_of(given), dtypes_of(given), strict=True):
        if dtype.kind not in "iuf":
            column = given if given.ndim == 1 else given.iloc[:, list(given.columns).index(label)]
            raise WrongType(f"{name}: {label!r} holds {dtype}, needs numbers: {odd_cell(column)}")
    try:
        return given.to_numpy(np.float64)
    except (ValueError, TypeError):
        return given.to_numpy(np.float64, na_value=np.nan)


def labels_of(given):
    """Names of the columns."""
    return [given.name] if given.ndim == 1 else list(given.columns)


def dtypes_of(given):
    """Types of the columns."""
    return [given.dtype] if given.ndim == 1 else list(given.dtypes)


def odd_cell(column):
    """Name the first cell that is no number."""
    for label, value in column.items():
        if not isinstance(value, (int, float, np.number)) or isinstance(value, bool):
            return f"{value!r} at {spell(label)}"
    return "convert with .astype(float)"


def culprit(values):
    """Name the first element that is no number."""
    for place, value in np.ndenumerate(values):
        if not isinstance(value, (int, float, np.number)) or isinstance(value, bool):
            where = ", ".join(map(str, place))
            return f"[{where}] is {value!r}, needs a number (float('nan') where there is none)"
    return "holds Python objects; convert with .astype(float)"


def check_alike(names, inputs, tables):
    """Refuse series that do not belong together, by kind, shape or labels."""
    first = inputs[0]
    for name, given, table in zip(names[1:], inputs[1:], tables[1:], strict=True):
        if table.shape != tables[0].shape:
            raise ShapeError(f"{names[0]} {tables[0].shape} vs {name} {table.shape}: shapes must be equal")
        if not (labelled(first) and labelled(given)):
            continue
        if not first.index.equals(given.index):
            raise ShapeError(f"{names[0]} and {name}: the rows are not the same; select the common ones")
        if first.ndim == 2 and not first.columns.equals(given.columns):
            raise ShapeError(f"{names[0]} and {name}: the columns are not the same, in the same order")


def infinite(names, inputs, tables, column):
    """Build the error for an infinite value."""
    for name, given, table in zip(names, inputs, tables, strict=True):
        values = table if table.ndim == 1 else table[:, column]
        bad = np.flatnonzero(np.isinf(values))
        if bad.size:
            t = int(bad[0])
            row = f"{spell(given.index[t])} (row {t})" if labelled(given) else f"row {t}"
            where = f"{labels_of(given)[column]} " if hasattr(given, "columns") else ""
            where = where or (f"column {column} " if table.ndim == 2 else "")
            total = sum(int(np.isinf(other).sum()) for other in tables)
            return NonFiniteError(
                f"{name}: {where}{row} is {values[t]} ({total} in all); put a number or NaN in its place"
            )
    raise AssertionError("an infinite value that is none")


def dress(given, out, ndim):
    """Turn an output (N, T) into the kind that the caller gave."""
    values = out[0] if ndim == 1 else out.T
    if labelled(given):
        if ndim == 1:
            return given.__class__(values, index=given.index, name=given.name, copy=False)
        return given.__class__(values, index=given.index, columns=given.columns, copy=False)
    return values.tolist() if isinstance(given, (list, tuple)) else values
