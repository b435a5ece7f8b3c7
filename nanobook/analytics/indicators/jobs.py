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
from .table import HIDING

CHUNK = 1024
"""Rows at a time: the scratch rows of most indicators then fit into the first-level cache."""

PACKAGE = Path(__file__).parents[2]
ENGINE = ("_jit.py", "_link.py", "kernels/indicators")


class Job:
    """One series with all that its indicator needs, and the descriptor that the kernel finds it by.

    Parameters
    ----------
    indicator : Indicator
    numbers : tuple of float
        Checked parameters.
    inputs, outputs : lists of float64 arrays, contiguous, of one length
    shared : tuple of lists, optional
        Parameters and scratch rows of another job, which is never run at the same time.
    chunk : int
        Rows at a time, at most.
    """

    def __init__(self, indicator, numbers, inputs, outputs, chunk=CHUNK):
        _, lead, (zeros, unknown) = indicator.sizes(numbers)
        width = lead + max(1, min(max(chunk, 2 * lead), len(outputs[0])))
        self.span = np.array([0, len(outputs[0]), width - lead, indicator.name in HIDING])
        self.params = np.array([*numbers, 0.0])
        self.state = np.array([0.0] * max(zeros, 1) + [np.nan] * unknown)
        self.work = list(np.zeros((indicator.work, width)))
        self.inputs, self.outputs = inputs, outputs
        arrays = [self.span, self.params, self.state, *self.work, *inputs, *outputs]
        self.descriptor = np.array([(array.ctypes.data, array.size) for array in arrays], np.int64)

    @property
    def address(self):
        """Where the descriptor is."""
        return self.descriptor.ctypes.data


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
def runner(kernel, inputs, work, outputs):
    """Compile what runs a kernel on the job at an address, or load it from the cache."""
    function = kernel_of(SimpleNamespace(kernel=kernel))
    key = f"{digest()} {inputs} {work} {outputs}"
    run = kernels.job_runner(function, inputs, work, outputs)
    return Linked(run, function.py_func, key)


def run(indicator, jobs):
    """Run an indicator on all jobs; returns an array with 0, or 1 + the row of a chunk with an infinity."""
    codes = np.zeros(len(jobs), np.int64)
    if not JIT:
        function = kernel_of(indicator)
        for j, job in enumerate(jobs):
            codes[j] = run_plain(function, job)
        return codes
    linked = runner(indicator.kernel, len(indicator.inputs), indicator.work, len(indicator.outputs))
    addresses = np.array([job.address for job in jobs], np.int64)
    drive = kernels.run_each if len(jobs) == 1 else kernels.run_all
    drive(linked.address, addresses, codes)
    return codes


def run_plain(function, job):
    """Do what a compiled runner does."""
    first, stop, chunk, hides = job.span.tolist()
    inputs, outputs = tuple(job.inputs), tuple(job.outputs)
    for begin in range(first, stop, chunk):
        end = min(begin + chunk, stop)
        with np.errstate(all="ignore"):
            function(begin, end, inputs, job.params, job.state, tuple(job.work), outputs)
        if (hides or kernels.any_unclear(outputs, begin, end)) and kernels.any_infinite(inputs, begin, end):
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
    jobs = [
        Job(indicator, numbers, [table[j] for table in tables], [out[j] for out in found])
        for j in range(len(tables[0]))
    ]
    bad = np.flatnonzero(run(indicator, jobs))
    return found, int(bad[0]) if bad.size else None


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
