"""An indicator over a whole series, and over many at once.

A job is one series with all that its indicator needs: a tuple of arrays, found by the address of their
descriptor, so that one loop serves all indicators.
"""

import numpy as np
from numpy import inf, int64

from ..._jit import call_kernel, kernel, part, tuple_at
from ..._link import call_at, fanout, prange
from .windows import unclear

FIRST, STOP, CHUNK, HIDES = range(4)
"""Places in the span of a job: the rows to compute, how many at a time, whether to look at the inputs."""

LINE = 8
"""Numbers in a cache line."""

BLOCK = 8
"""Jobs that run one after the other, on the same scratch rows."""

HEAD = 3
"""Arrays of a job before the scratch rows: span, params, state."""


@kernel
def infinite(x, first, stop):
    """Whether there is an infinite value in ``x[first:stop]``."""
    count = int64(0)
    rows = x[first:stop]
    for i in range(rows.size):
        count += abs(rows[i]) == inf
    return count > 0


@kernel
def transpose(table, columns, begin, stop):
    """Copy columns of a table, of one row after the other, to rows, by tiles that stay in the cache."""
    for top in range(0, table.shape[0], 64):
        bottom = min(top + 64, table.shape[0])
        for j in range(begin, stop):
            for t in range(top, bottom):
                columns[j, t] = table[t, j]


@fanout
def transpose_all(table, columns):
    """Copy the columns of a table to rows."""
    for k in prange((columns.shape[0] + 15) // 16):
        transpose(table, columns, 16 * k, min(16 * k + 16, columns.shape[0]))


def job_runner(kernel_function, inputs, work, outputs, vouches):
    """Make the function that runs an indicator on the job at an address.

    Parameters
    ----------
    kernel_function : function
        The indicator.
    inputs, work, outputs : int
        How many arrays of each it takes.
    vouches : bool
        Whether it returns if there is a NaN or an infinite value among the rows that it has seen; if not,
        all that it has written, or where that hides them all that it has read, is looked at for them.

    Returns
    -------
    function
        Takes the address; returns 0, or 1 plus the row from which some hundreds on hold an infinite value.
    """
    rows = np.zeros(1)
    head_at = finder((np.zeros(1, np.int64), rows, rows), 0)
    work_at = finder((rows,) * work, HEAD)
    inputs_at = finder((rows,) * inputs, HEAD + work)
    outputs_at = finder((rows,) * outputs, HEAD + work + inputs)

    if vouches:
        call = kernel_function
    else:

        @kernel(cache=False)
        def call(first, stop, given, params, state, scratch, found):
            """Run the indicator; returns whether to look at its inputs."""
            kernel_function(first, stop, given, params, state, scratch, found)
            suspect = False
            for out in found:
                suspect |= unclear(out, first, stop)
            return suspect

    def run(address):
        """Run the indicator, chunk by chunk."""
        span, params, state = head_at(address)
        given, scratch, found = inputs_at(address), work_at(address), outputs_at(address)
        first = span[FIRST]
        while first < span[STOP]:
            stop = min(first + span[CHUNK], span[STOP])
            if call(first, stop, given, params, state, scratch, found) or span[HIDES]:
                for x in given:
                    if unclear(x, first, stop) and infinite(x, first, stop):
                        return int64(first + 1)
            first = stop
        return int64(0)

    return run


def finder(sample, place):
    """Make the function that finds arrays like those of ``sample``, from a place in the descriptor on."""
    at = tuple_at(sample)
    offset = int64(16 * place)

    def arrays_at(address):
        """Arrays by the address of the descriptor."""
        return at(address + offset)

    return kernel(cache=False)(arrays_at)


@part
def put(descriptor, place, array):
    """Write where an array is, and how long, to its place in a descriptor."""
    descriptor[place, 0], descriptor[place, 1] = array.ctypes.data, array.size


@call_kernel
def describe(descriptors, addresses, span, params, state, work):
    """Begin the descriptors of all jobs with what belongs to them alone; note where those are.

    Scratch rows are taken from the next cache line on.
    """
    begin = -(work.ctypes.data // work.itemsize) % LINE
    for j in range(addresses.size):
        descriptor = descriptors[j]
        addresses[j] = descriptor.ctypes.data
        put(descriptor, 0, span)
        put(descriptor, 1, params)
        put(descriptor, 2, state[j])
        for k in range(work.shape[1]):
            put(descriptor, HEAD + k, work[j // BLOCK, k, begin:])


@call_kernel
def describe_rows(descriptors, place, table):
    """Write the row of a table for every job to its place in the descriptors."""
    for j in range(descriptors.shape[0]):
        put(descriptors[j], place, table[j])


@kernel
def run_block(runner, jobs, codes, begin, stop):
    """Run one indicator on one job after the other."""
    for j in range(begin, stop):
        codes[j] = call_at(runner, jobs[j])


@fanout
def run_all(runner, jobs, codes):
    """Run one indicator on all jobs, the blocks side by side."""
    for k in prange((jobs.size + BLOCK - 1) // BLOCK):
        run_block(runner, jobs, codes, BLOCK * k, min(BLOCK * k + BLOCK, jobs.size))
