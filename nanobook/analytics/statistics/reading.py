"""Series and tables in: float64 copies whose cells are known to be numbers, and their labels."""

import numpy as np

from ...errors import InvalidValue, NonFiniteError, ShapeError, WrongType
from ...hints import MOST, listing, nearest
from ...portfolio.frames import check_index
from ...portfolio.inputs import read_table
from ...portfolio.labels import Labels, spell

POLICIES = ("raise", "omit", "propagate")
MAX_RETURN = 1e100  # beyond, squares and their sums leave float64


def read_policy(nan_policy):
    """Check what is to become of NaN."""
    return choice("nan_policy", nan_policy, POLICIES)


def choice(name, value, allowed):
    """Check one of some words."""
    if not isinstance(value, str):
        raise WrongType(f"{name}={value!r}: needs one of {', '.join(map(repr, allowed))}")
    if value not in allowed:
        raise InvalidValue(
            f"{name}={value!r}: must be one of {', '.join(map(repr, allowed))}{nearest(value, allowed)}"
        )
    return value


def refuse_masked(name, values):
    """Refuse an array whose mask would be lost."""
    if isinstance(values, np.ma.MaskedArray):
        raise WrongType(f"{name}: a masked array; pass .filled(nan), or what is not masked")


def is_table(values):
    """Whether something has two dimensions: a DataFrame, a 2-D array or a list of rows."""
    if hasattr(values, "columns") or getattr(values, "ndim", 1) == 2:
        return True
    return isinstance(values, (list, tuple)) and len(values) > 0 and isinstance(values[0], (list, tuple))


def vector(name, values, least=1, missing=False, most=np.inf):
    """Copy one series of numbers.

    Parameters
    ----------
    name : str
        Of the parameter.
    values : array-like, shape (T,)
    least : int
        Least number of values.
    missing : bool
        Whether NaN may stand in it.
    most : float
        Largest absolute value.

    Returns
    -------
    values : float64 array, shape (T,)
        A copy.
    index : pandas.Index or None
    """
    refuse_masked(name, values)
    if hasattr(values, "columns"):
        raise ShapeError(f"{name}: a table, needs one series; pass one column")
    index = getattr(values, "index", None) if hasattr(values, "to_numpy") else None
    numbers = plain(name, values)
    if numbers.ndim != 1:
        raise ShapeError(f"{name}: shape {numbers.shape}, needs (T,): pass one series")
    if numbers.size < least:
        raise ShapeError(f"{name}: {numbers.size} values, needs at least {least}")
    refuse_cells(name, numbers, lambda t: place(index, t), missing, most)
    return numbers, index


def plain(name, values):
    """Copy an array-like to float64; refuse what holds no numbers."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ShapeError(f"{name}: not one array of numbers ({error})") from None
    if array.dtype.kind == "O" and getattr(getattr(values, "dtype", None), "kind", "O") in "iuf":
        array = values.to_numpy(np.float64, na_value=np.nan)  # pandas numbers with missing ones
    if array.size and array.dtype.kind not in "iuf":
        raise WrongType(f"{name}: holds {array.dtype}, needs numbers; convert with .astype(float)")
    return np.array(array, np.float64, order="C")


def place(index, t):
    """Name a row of a series."""
    return f"[{t}]" if index is None else f" at {spell(index[t])} (row {t})"


def table(name, values, least=1, missing=False, most=np.inf):
    """Copy a table of numbers, one row a period.

    Returns
    -------
    values : float64 array, shape (T, N)
        A copy.
    labels : Labels
        Without names for an array.
    """
    refuse_masked(name, values)
    if not hasattr(values, "columns"):
        values = plain(name, values)
    numbers, labels = read_table(name, values)
    numbers = np.array(numbers, np.float64, order="C")
    if len(numbers) < least or numbers.shape[1] == 0:
        raise ShapeError(f"{name} {numbers.shape}: needs at least {least} rows and a column")
    labels = labels or Labels(None)
    refuse_cells(name, numbers, lambda t, i: f": {labels.cell(t, i)}", missing, most)
    return numbers, labels


def refuse_cells(name, numbers, spelled, missing, most):
    """Refuse infinities, what is too large, and NaN unless it may be missing; name the first cells."""
    size = np.abs(numbers)
    fine = (size <= most) & (size < np.inf)
    bad = np.argwhere(~fine & ~np.isnan(numbers) if missing else ~fine)
    if not len(bad):
        return
    cells = [f"{name}{spelled(*cell)} is {numbers[tuple(cell)]}" for cell in bad[:MOST].tolist()]
    more = f", ... ({len(bad)} in all)" if len(bad) > MOST else ""
    raise NonFiniteError(f"{', '.join(cells)}{more}: drop them or put a number in their place")


def align_vectors(names, first, second):
    """Put the second series in the order of the first by their labels.

    Parameters
    ----------
    names : pair of str
    first, second : pairs of values and index, as ``vector`` gives them

    Returns
    -------
    float64 array
        Values of the second.
    """
    (x, x_index), (y, y_index) = first, second
    if x.size != y.size:
        raise ShapeError(
            f"{names[0]} ({x.size} values) vs {names[1]} ({y.size} values): lengths must be equal"
        )
    if x_index is None or y_index is None or x_index.equals(y_index):
        return y
    for name, index in zip(names, (x_index, y_index), strict=True):
        if index.has_duplicates:
            twice = index[index.duplicated()].unique()
            raise InvalidValue(f"{name}: labels twice: {listing(map(spell, twice))}; keep one of each")
    refuse_others(names, x_index, y_index)
    return y[y_index.get_indexer(x_index)]


def align_tables(names, first, second):
    """Put the second table's columns in the order of the first's; rows must be the same.

    Parameters
    ----------
    names : pair of str
    first, second : pairs of values and labels, as ``table`` gives them

    Returns
    -------
    values : float64 array
        Of the second.
    labels : Labels
        Of the first, or of the second where only that has names.
    """
    (x, x_labels), (y, y_labels) = first, second
    both = x_labels.index is not None and y_labels.index is not None
    if not both:
        if x.shape != y.shape:
            raise ShapeError(f"{names[0]} {x.shape} vs {names[1]} {y.shape}: shapes must be equal")
        return y, x_labels if y_labels.index is None else y_labels
    refuse_others(names, x_labels.index, y_labels.index)
    refuse_others(names, x_labels.columns, y_labels.columns)
    return np.ascontiguousarray(y[:, y_labels.columns.get_indexer(x_labels.columns)]), x_labels


def refuse_others(names, mine, theirs):
    """Refuse two indexes that do not hold the same labels."""
    only = [
        f"only in {name}: {listing(map(spell, here.difference(there, sort=False)))}"
        for name, here, there in zip(names, (mine, theirs), (theirs, mine), strict=True)
        if len(here.difference(there, sort=False))
    ]
    if only:
        raise ShapeError(
            f"{names[0]} ({len(mine)} labels) vs {names[1]} ({len(theirs)} labels): {'; '.join(only)}; "
            "select the common ones first"
        )


def check_order(name, index):
    """Refuse a series whose labels do not increase."""
    if index is not None:
        check_index(name, index)
