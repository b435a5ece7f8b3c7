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
from ...portfolio.inputs import readonly
from .table import HIDING, VOUCHING

CHUNK = 1024
"""Rows at a time: the scratch rows of most indicators then fit into the first-level cache."""

SIMPLE = 4
"""Times as many where there is but one scratch row: memory is read at longer stretches."""

APART = 128
"""Numbers between two scratch rows: what lies a multiple of a page apart is taken for the same place by a
load behind a store, and waits."""

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
        self.span = np.array((0, rows, chunk, indicator.name in HIDING), np.int64)
        self.params = np.array((*numbers, 0.0), np.float64)
        self.state = np.zeros((count, max(zeros, 1) + unknown))
        if unknown:
            self.state[:, max(zeros, 1) :] = np.nan
        self.work = scratch(-(-count // kernels.BLOCK), indicator.work, max(lead + chunk, indicator.room))
        self.inputs, self.outputs = inputs, outputs
        self.addresses = np.empty(count, np.int64)
        if JIT:
            self._describe()

    def _describe(self):
        """Make the table (N, arrays, 2) of addresses and lengths."""
        place = kernels.HEAD + self.work.shape[1]
        self._descriptors = np.empty(
            (len(self.addresses), place + len(self.inputs) + len(self.outputs), 2), np.int64
        )
        own = (self.span, self.params, self.state, self.work)
        kernels.describe(self._descriptors, self.addresses, *own)
        for k, table in enumerate((*self.inputs, *self.outputs)):
            kernels.describe_rows(self._descriptors, place + k, readonly(table))

    def column(self, j):
        """Arrays of one column: state, scratch rows, inputs, outputs."""
        work, series = self.work[j // kernels.BLOCK], (self.inputs, self.outputs)
        return self.state[j], tuple(work), *(tuple(table[j] for table in tables) for tables in series)


def scratch(blocks, rows, width):
    """Make rows that hold so many numbers, also when they are taken from a cache line on."""
    return np.zeros((blocks, rows, -(-width // kernels.LINE) * kernels.LINE + APART))


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


@np.errstate(all="ignore")
def run_plain(indicator, job, j):
    """Do with a column what a compiled runner does."""
    function, vouches = kernel_of(indicator), indicator.name in VOUCHING
    first, stop, chunk, hides = job.span.tolist()
    state, work, inputs, outputs = job.column(j)
    for begin in range(first, stop, chunk):
        end = min(begin + chunk, stop)
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
    return found, int(codes.nonzero()[0][0]) if np.count_nonzero(codes) else None


def columns(values):
    """Make (N, T) of (T, N): as it is where the columns are contiguous, else a copy by tiles."""
    turned = values.T
    if turned.flags.c_contiguous and turned.dtype == np.float64 and turned.dtype.isnative:
        return turned
    if JIT and values.size > 100_000 and values.dtype == np.float64 and values.flags.c_contiguous:
        target = np.empty(turned.shape)
        kernels.transpose_all(readonly(values), target)
        return target
    return np.ascontiguousarray(turned, np.float64)
