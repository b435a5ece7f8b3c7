"""Where the rows of a sweep go: arrays in memory, or a Parquet file that never is in memory."""

from __future__ import annotations

import json
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ..errors import InvalidValue, NotAvailable
from ..files import atomic_write
from ..kernels.sweep import COLUMNS

COUNTS = ("num_periods", "winning_periods", "losing_periods")
ERROR = "error"


class Memory:
    """Columns in memory.

    Attributes
    ----------
    columns : dict
        Parameters, figures, and of a lenient sweep ``error``.
    equity : float64 array, shape (P, T), or None
    """

    def __init__(self, columns, equity):
        self.columns = columns
        self.equity = equity

    def __len__(self):
        return self.columns[COLUMNS[0]].size

    def names(self):
        """Names of the columns."""
        return list(self.columns)

    def column(self, name):
        """One column as an array."""
        return self.columns[name]


class File:
    """Columns of a Parquet file, read when they are asked for."""

    equity = None

    def __init__(self, path):
        self.path = Path(path)

    def _file(self):
        from pyarrow import parquet

        return parquet.ParquetFile(self.path)

    def __len__(self):
        with self._file() as file:
            return file.metadata.num_rows

    def names(self):
        """Names of the columns."""
        with self._file() as file:
            return file.schema_arrow.names

    def column(self, name):
        """One column as an array; figures that are missing as NaN, errors as None."""
        with self._file() as file:
            return file.read(columns=[name]).column(0).to_numpy()


class InMemory:
    """Takes pieces into memory."""

    def __init__(self, source, lenient):
        self.source, self.lenient = source, lenient
        self.figures, self.equity, self.errors = [], [], {}
        self.done = 0

    def __enter__(self):
        return self

    def __exit__(self, *told):
        return False

    def add(self, piece):
        """Take the next piece."""
        self.figures.append(piece.figures)
        self.equity.append(piece.equity)
        self.errors.update({self.done + row: error for row, error in piece.errors.items()})
        self.done += len(piece)

    def table(self):
        """All rows taken."""
        figures = np.concatenate(self.figures) if self.figures else np.empty((0, len(COLUMNS)))
        equity = np.concatenate(self.equity) if self.equity else np.empty((0, 0))
        columns = columns_of(self.source.labels(0, self.done), figures, self.errors, self.lenient)
        return Memory(columns, equity if len(equity) else None)


class InFile:
    """Writes pieces into a Parquet file, a row group each.

    The file is there when the sweep is complete; of one that is not, what was done is in ``partial``.

    Attributes
    ----------
    path, partial : Path
    """

    def __init__(self, path, source, lenient, settings):
        self.path = Path(path)
        if self.path.suffix != ".parquet":
            raise InvalidValue(f"out: {path!s} is no name of a Parquet file; use one that ends in .parquet")
        if not self.path.parent.is_dir():
            raise InvalidValue(f"out: there is no folder {self.path.parent}; make it, or use another one")
        self.partial = self.path.with_suffix(".partial.parquet")
        self.source, self.lenient, self.settings = source, lenient, settings
        self.done = 0
        self.complete = False
        self.writer = None
        self.parquet = parquet_library()

    def __enter__(self):
        self.stack = ExitStack()
        self.file = self.stack.enter_context(atomic_write(self.path, self.partial))
        return self

    def __exit__(self, *told):
        with nullcontext() if told[0] is None else suppress(OSError):  # a full disk was said already
            self._close()
        self.complete = told[0] is None
        return self.stack.__exit__(*told)

    def _close(self):
        if self.writer is None:
            self._write(columns_of(self.source.labels(0, 0), np.empty((0, len(COLUMNS))), {}, self.lenient))
        self.writer.close()

    def add(self, piece):
        """Write the next piece."""
        labels = self.source.labels(self.done, self.done + len(piece))
        self._write(columns_of(labels, piece.figures, piece.errors, self.lenient))
        self.done += len(piece)

    def _write(self, columns):
        import pyarrow

        arrays = {name: to_arrow(name, values) for name, values in columns.items()}
        table = pyarrow.table(arrays)
        if self.writer is None:
            told = json.dumps(asdict(self.settings), default=str).encode()
            self.writer = self.parquet.ParquetWriter(
                self.file, table.schema.with_metadata({"nanobook sweep": told})
            )
        self.writer.write_table(table.replace_schema_metadata(self.writer.schema.metadata))

    def table(self):
        """All rows written."""
        return File(self.path if self.complete else self.partial)


def parquet_library():
    """The library that writes Parquet, which is an extra."""
    try:
        from pyarrow import parquet
    except ImportError:
        raise NotAvailable("out: needs pyarrow; pip install 'nanobook[data]'") from None
    return parquet


def columns_of(labels, figures, errors, lenient):
    """Columns of a stretch: what it is called, its figures, and of a lenient sweep its errors."""
    columns = dict(labels)
    for name, values in zip(COLUMNS, figures.T, strict=True):
        counted = name in COUNTS and not np.isnan(values).any()
        columns[name] = values.astype(np.int64) if counted else np.ascontiguousarray(values)
    if lenient:
        texts = np.full(len(figures), None, object)
        for row, error in errors.items():
            texts[row] = f"{type(error).__name__}: {error}"
        columns[ERROR] = texts
    return columns


def to_arrow(name, values):
    """A column for a file; what is missing is null."""
    import pyarrow

    if name == ERROR:
        return pyarrow.array(values, pyarrow.string())
    if name in COUNTS:
        missing = np.isnan(values) if values.dtype.kind == "f" else None
        if missing is not None:
            values = np.where(missing, 0, values).astype(np.int64)
        return pyarrow.array(values, pyarrow.int64(), mask=missing)
    return pyarrow.array(values)
