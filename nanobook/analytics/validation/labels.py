"""Labels as intervals: which samples know something that others are tested on."""

import numpy as np

from ...errors import InvalidValue, NonFiniteError, ShapeError, WrongType
from ...portfolio.inputs import whole
from ...portfolio.labels import labelled, spell

MOST = 2**31


def count_samples(x):
    """Number of samples of what ``split`` is given."""
    if x is None or isinstance(x, (str, bytes)) or not (hasattr(x, "shape") or hasattr(x, "__len__")):
        raise WrongType(f"X: {type(x).__name__}, needs the samples: an array, a DataFrame or a list")
    count = len(x) if not hasattr(x, "shape") else (x.shape[0] if x.shape else 0)
    if not count:
        raise ShapeError("X: no samples")
    return count


def read_labels(labels):
    """Check what says how long a sample's label lasts: a number of periods, or a Series of ends by starts."""
    if labels is None:
        return 0
    if labelled(labels) and not hasattr(labels, "columns"):
        read_times(labels)
        return labels
    if isinstance(labels, (list, tuple, dict, np.ndarray)) or hasattr(labels, "columns"):
        raise WrongType(
            f"labels: {type(labels).__name__}, needs a Series whose index holds the starts and whose values "
            "hold the ends, or a number of periods"
        )
    return whole("labels", labels, 0, MOST, "periods from a sample to the end of its label")


def read_times(labels):
    """Take starts and ends of a Series as numbers on one scale."""
    index, ends = labels.index, labels
    kinds = index.dtype.kind, ends.dtype.kind
    if "M" in kinds and kinds[0] != kinds[1]:
        raise WrongType(
            f"labels: starts hold {index.dtype}, ends {ends.dtype}; both must be times or numbers"
        )
    zones = getattr(index.dtype, "tz", None), getattr(ends.dtype, "tz", None)
    if str(zones[0]) != str(zones[1]):
        raise ShapeError(f"labels: starts are in time zone {zones[0]}, ends in {zones[1]}; bring both to one")
    for part, missing in (("start", index.isna()), ("end", ends.isna().to_numpy())):
        if missing.any():
            row = int(np.argmax(missing))
            raise NonFiniteError(f"labels: the {part} in row {row} is missing; leave the sample out")
    starts, ends = as_numbers(index), as_numbers(ends.array)
    falls = np.flatnonzero(np.diff(starts) < 0)
    if falls.size:
        row = int(falls[0]) + 1
        raise InvalidValue(
            f"labels: starts must not fall, but {spell(index[row])} (row {row}) follows "
            f"{spell(index[row - 1])}; use .sort_index()"
        )
    early = np.flatnonzero(ends < starts)
    if early.size:
        row = int(early[0])
        raise InvalidValue(
            f"labels: the one of {spell(index[row])} (row {row}) ends before it starts, at "
            f"{spell(labels.iloc[row])} ({early.size} in all)"
        )
    return starts, ends


def as_numbers(values):
    """Numbers of a pandas index or array: nanoseconds of times, else as they are."""
    if values.dtype.kind == "M":
        import pandas as pd

        return pd.DatetimeIndex(values).as_unit("ns").asi8
    if values.dtype.kind not in "iuf":
        raise WrongType(f"labels: holds {values.dtype}, needs times or numbers")
    numbers = np.asarray(values)
    if not np.isfinite(numbers).all():
        raise NonFiniteError("labels: an infinite start or end")
    return numbers


def reach_of(labels, x, count):
    """Row of the first sample that starts after the label of each sample has ended.

    Parameters
    ----------
    labels : int or Series
    x : the samples
    count : int

    Returns
    -------
    int64 array, shape (count,)
        Above the sample's own row.
    """
    if isinstance(labels, int):
        return np.arange(count) + labels + 1
    if len(labels) != count:
        raise ShapeError(f"labels: {len(labels)} for {count} samples; needs one a sample")
    index = getattr(x, "index", None) if hasattr(x, "iloc") else None
    if index is not None and not index.equals(labels.index):
        raise ShapeError("labels: its index is not that of X; use labels.loc[X.index]")
    starts, ends = read_times(labels)
    return np.searchsorted(starts, ends, side="right")


def read_embargo(embargo):
    """Check an embargo: samples, or a part of all."""
    if isinstance(embargo, (float, np.floating)):
        if not 0.0 <= embargo < 1.0:
            raise InvalidValue(
                f"embargo={embargo}: a part of the samples is from 0 to below 1; a number of them is an int"
            )
        return float(embargo)
    return whole("embargo", embargo, 0, MOST, "samples, or a part of them as a float below 1")


def embargo_of(embargo, count):
    """Number of samples of an embargo."""
    return int(embargo * count) if isinstance(embargo, float) else embargo


def allowed(reach, first, stop, embargo):
    """Which samples may train for a test on those from ``first`` to below ``stop``.

    A sample before is out if its label has not ended when the test starts; one after, if it starts before
    the last label of the test has ended, or within ``embargo`` samples from there.

    Returns
    -------
    bool array, shape (T,)
    """
    may = reach <= first
    may[first:] = False
    may[min(int(reach[first:stop].max()) + embargo, may.size) :] = True
    return may
