"""Running an indicator: arrays laid out for its kernel, one job a column."""

import hashlib
from functools import cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from ..._jit import JIT
from ..._link import Linked
from ...kernels.indicators import run as kernels
from .table import HIDING, VOUCHING

CHUNK = 1024
"""Rows at a time: the scratch rows of most indicators then fit into the first-level cache."""

SIMPLE = 4
"""Times as many where there is but one scratch row: memory is read at longer stretches."""

LINE, APART = 8, 128
"""Numbers in a cache line, and between two scratch rows: what lies a multiple of a page apart is taken for
the same place by a load behind a store, and waits."""

PACKAGE = Path(__file__).parents[2]
ENGINE = ("_jit.py", "_link.py", "kernels/indicators")


class Job:
    """Columns of one indicator with all that it needs, and the descriptors that the kernel finds them by.

    Parameters
    ----------
    indicator : Indicator
    numbers : tuple of float
        Checked parameters.
    inputs, outputs : lists of float64 arrays, shape (N, T), C-contiguous
        A row of them is a series.
    chunk : int
        Rows of a series at a time, at most.

    Attributes
    ----------
    state : array (N, K)
    work : array (blocks, W, chunk + lead at least)
        Scratch rows, shared by the columns of a block, which run one after the other.
    addresses : int64 array, shape (N,)
        Of the descriptors.
    """

    def __init__(self, indicator, numbers, inputs, outputs, chunk=CHUNK):
        _, lead, (zeros, unknown) = indicator.sizes(numbers)
        count, rows = outputs[0].shape
        chunk *= 1 if indicator.work > 1 else SIMPLE
        chunk = max(1, min(max(chunk, 2 * lead), rows))
        width = max(lead + chunk, indicator.room)
        self.span = np.array([0, rows, chunk, indicator.name in HIDING])
        self.params = np.array([*numbers, 0.0])
        self.state = np.zeros((count, max(zeros, 1) + unknown))
        self.state[:, max(zeros, 1) :] = np.nan
        self.work = scratch((-(-count // kernels.BLOCK), indicator.work, width))
        self.inputs, self.outputs = inputs, outputs
        self._descriptors = self._describe(np.arange(count))
        self.addresses = address_of(self._descriptors) + self._descriptors.strides[0] * np.arange(count)

    def _describe(self, columns):
        """Make the table (N, arrays, 2) of addresses and lengths."""
        rows, width = self.work.shape[1:]
        begin, (leap, row, _) = address_of(self.work), self.work.strides
        tables = (*self.inputs, *self.outputs)
        first = [address_of(self.span), address_of(self.params), address_of(self.state)]
        first += [*range(begin, begin + rows * row, row), *map(address_of, tables)]
        lengths = [self.span.size, self.params.size, self.state.shape[1], *[width] * rows]
        found = np.empty((len(columns), len(first), 2), np.int64)
        found[:, :, 0] = first
        found[:, :, 1] = [*lengths, *[table.shape[1] for table in tables]]
        if len(columns) > 1:
            steps = [0, 0, self.state.strides[0], *[0] * rows, *[table.strides[0] for table in tables]]
            found[:, :, 0] += columns[:, None] * steps
            found[:, 3 : 3 + rows, 0] += (columns // kernels.BLOCK * leap)[:, None]
        return found

    def column(self, j):
        """Arrays of one column: state, scratch rows, inputs, outputs."""
        work, series = self.work[j // kernels.BLOCK], (self.inputs, self.outputs)
        return self.state[j], tuple(work), *(tuple(table[j] for table in tables) for tables in series)


def address_of(array):
    """Where an array begins; the quickest way to ask."""
    return array.__array_interface__["data"][0]


def scratch(shape):
    """Make rows (blocks, rows, width), each of which begins with a cache line."""
    blocks, rows, width = shape
    stride = -(-width // LINE) * LINE + APART
    room = np.zeros(blocks * rows * stride + LINE)
    begin = -address_of(room) // room.itemsize % LINE
    return room[begin : begin + blocks * rows * stride].reshape(blocks, rows, stride)[:, :, :width]


def kernel_of(indicator):
    """Find the kernel of an indicator."""
    module, name = indicator.kernel.split(".")
    return getattr(import_module(f"nanobook.kernels.indicators.{module}"), name)


@cache
def digest():
    """Digest of the sources that are compiled into a runner."""
    found = hashlib.sha256()
    for name in ENGINE:
        path = PACKAGE / name
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            found.update(file.read_bytes())
    return found.hexdigest()[:16]


@cache
def runner(kernel, inputs, work, outputs, vouches):
    """Compile what runs a kernel on the job at an address, or load it from the cache."""
    function = kernel_of(SimpleNamespace(kernel=kernel))
    key = f"{digest()} {inputs} {work} {outputs} {vouches}"
    run = kernels.job_runner(function, inputs, work, outputs, vouches)
    return Linked(run, function.py_func, key)


def run(indicator, job):
    """Run an indicator on all columns; returns for each 0, or 1 + the row of a chunk with an infinity."""
    count = len(job.addresses)
    codes = np.zeros(count, np.int64)
    if not JIT:
        for j in range(count):
            codes[j] = run_plain(indicator, job, j)
        return codes
    counts = len(indicator.inputs), indicator.work, len(indicator.outputs)
    linked = runner(indicator.kernel, *counts, indicator.name in VOUCHING)
    if count <= kernels.BLOCK:
        kernels.run_block(linked.address, job.addresses, codes, 0, count)
    else:
        kernels.run_all(linked.address, job.addresses, codes)
    return codes


def run_plain(indicator, job, j):
    """Do with a column what a compiled runner does."""
    function, vouches = kernel_of(indicator), indicator.name in VOUCHING
    first, stop, chunk, hides = job.span.tolist()
    state, work, inputs, outputs = job.column(j)
    for begin in range(first, stop, chunk):
        end = min(begin + chunk, stop)
        with np.errstate(all="ignore"):
            suspect = function(begin, end, inputs, job.params, state, work, outputs)
        if not vouches:
            suspect = hides or any(kernels.unclear(out, begin, end) for out in outputs)
        if suspect and any(kernels.infinite(x, begin, end) for x in inputs):
            return begin + 1
    return 0


def run_columns(indicator, numbers, tables):
    """Run an indicator on every column.

    Parameters
    ----------
    indicator : Indicator
    numbers : tuple of float
        Checked parameters.
    tables : list of float64 arrays, shape (N, T), C-contiguous
        One an input; a row of them is a series.

    Returns
    -------
    list of arrays (N, T)
        One an output.
    int or None
        The first series with an infinite value.
    """
    found = [np.empty(tables[0].shape) for _ in indicator.outputs]
    if tables[0].size == 0:
        return found, None
    codes = run(indicator, Job(indicator, numbers, tables, found))
    return found, int(codes.nonzero()[0][0]) if codes.any() else None


def columns(values):
    """Make (N, T) of (T, N): as it is where the columns are contiguous, else a copy by tiles."""
    turned = values.T
    if turned.flags.c_contiguous and turned.dtype == np.float64 and turned.dtype.isnative:
        return turned
    if JIT and values.size > 100_000 and values.dtype == np.float64 and values.flags.c_contiguous:
        from ...portfolio.inputs import readonly

        target = np.empty(turned.shape)
        kernels.transpose_all(readonly(values), target)
        return target
    return np.ascontiguousarray(turned, np.float64)
