"""Columns into a file, whole or not at all; its suffix says the format."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from ..errors import InvalidValue, WrongType
from ..files import atomic_write

SUFFIXES = (".npz", ".csv", ".parquet")


def check_suffix(path):
    """Return the suffix of a path, in lower case, if it names a format."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise InvalidValue(f"--out {path}: use a name that ends in {', '.join(SUFFIXES)}")
    return suffix


def write_columns(path, columns):
    """Write columns to a file.

    Parameters
    ----------
    path : str or Path
        ``.npz`` keeps arrays as they are; in ``.csv`` and ``.parquet`` a column of shape (rows, levels)
        becomes one for each level.
    columns : dict of arrays

    Raises
    ------
    InvalidValue
        A suffix that names no format.
    OSError
        What was there is unchanged.
    """
    suffix = check_suffix(path)
    with atomic_write(path) as file:
        if suffix == ".npz":
            np.savez(file, **columns)
        elif suffix == ".csv":
            text = io.TextIOWrapper(file, "utf-8", newline="")
            _frame(columns).to_csv(text, index=False, lineterminator="\n")
            text.detach()
        else:
            try:
                _frame(columns).to_parquet(file, index=False)
            except ImportError:
                raise WrongType(
                    f"--out {path}: parquet needs pyarrow; run: pip install pyarrow, or use .npz"
                ) from None


def _frame(columns):
    import pandas as pd

    flat = {}
    for name, column in columns.items():
        parts = {name: column} if column.ndim == 1 else _levels(name, column)
        flat |= parts
    return pd.DataFrame(flat)


def _levels(name, column):
    return {f"{name}_{level + 1}": column[:, level] for level in range(column.shape[1])}
