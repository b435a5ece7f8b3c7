"""DataFrames in: numbers out of columns, labels checked."""

from numbers import Number

import numpy as np

from ..errors import InvalidValue, ShapeError, WrongType
from ..hints import listing
from .inputs import repeated
from .labels import Labels, spell


def read_frame(name, frame):
    """Take the numbers of a DataFrame (or of another library's frame) as given, and its labels."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        frame = pd.DataFrame(frame.to_numpy(), columns=list(frame.columns))
    symbols = tuple(frame.columns.to_numpy().tolist())  # ten times as fast as to iterate over text
    twice = repeated(symbols)
    if twice:
        raise InvalidValue(f"{name}: columns named twice: {listing(twice)}; keep one of each")
    check_index(name, frame.index)
    dtypes = frame.dtypes
    if any(dtype.kind not in "iuf" for dtype in set(dtypes)):
        odd = [column for column, dtype in zip(symbols, dtypes, strict=True) if dtype.kind not in "iuf"]
        raise WrongType(f"{name}: {culprit(frame[odd])}")
    return numbers(frame), Labels(symbols, frame.index, frame.columns)


def numbers(frame):
    """Take the values: integers where every column holds integers and none is missing, else float64."""
    dtypes = set(frame.dtypes)
    if all(isinstance(dtype, np.dtype) for dtype in dtypes):
        return frame.to_numpy()
    if all(dtype.kind in "iu" for dtype in dtypes) and not frame.isna().to_numpy().any():
        return frame.to_numpy(np.int64)
    return frame.to_numpy(np.float64, na_value=np.nan)


def culprit(frame):
    """Name the first cell that is no number, or else the first column, of columns of other types."""
    for column, dtype in frame.dtypes.items():
        for label, value in frame[column].items():
            if not isinstance(value, Number) or isinstance(value, bool):
                return f"column {column!r} holds {dtype}, needs numbers: {value!r} at {spell(label)}"
    column, dtype = frame.columns[0], frame.dtypes.iloc[0]
    return f"column {column!r} holds {dtype}, needs numbers; convert with .astype(float)"


def check_index(name, index):
    """Refuse an index that is not strictly increasing: its order is the order of time."""
    if index.nlevels > 1:
        raise ShapeError(
            f"{name}: the index has {index.nlevels} levels, needs one of time; use .unstack(), or take the "
            "series one by one with .droplevel()"
        )
    if index.has_duplicates:
        twice = index[index.duplicated()].unique()
        raise InvalidValue(f"{name}: dates twice: {listing(map(spell, twice))}; keep one row of each")
    if index.hasnans:
        raise InvalidValue(f"{name}: the index has a missing label at row {int(np.argmax(index.isna()))}")
    if index.is_monotonic_increasing:
        return
    labels = list(index)
    for t in range(1, len(labels)):
        if not labels[t - 1] < labels[t]:
            raise InvalidValue(
                f"{name}: the index must increase, but {spell(labels[t])} (row {t}) follows "
                f"{spell(labels[t - 1])}; use .sort_index()"
            )


def find_rows(weights, prices):
    """Find each period's row of weights: -1 where the weights skip it, None where they have them all.

    Both are indexes; weights at a period that has no prices are refused.
    """
    if weights.equals(prices) and str(weights.dtype) == str(prices.dtype):
        return None
    zones = getattr(weights, "tz", None), getattr(prices, "tz", None)
    if zones[0] != zones[1]:
        raise ShapeError(
            f"weight_schedule and price_schedule: time zones {zones[0]} and {zones[1]}; bring both to "
            "one with .tz_localize() or .tz_convert()"
        )
    unpriced = weights.difference(prices)
    if len(unpriced):
        raise ShapeError(
            f"weight_schedule ({len(weights)} rows) vs price_schedule ({len(prices)} rows): only in "
            f"weight_schedule: {listing(map(spell, unpriced))}; select the common rows first"
        )
    return weights.get_indexer(prices).astype(np.int64)
