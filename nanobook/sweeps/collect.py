"""A sweep from its source to its result: pieces in order, progress, and what an end before the end leaves."""

from __future__ import annotations

import time
import warnings

from ..errors import CapacityError, IncompleteSweep, Interrupted, InvalidValue, NanobookError
from ..kernels.sweep import COLUMNS
from ..parallel import PATIENCE, new_bar, number_of_threads
from .jobs import retold
from .result import SweepResult
from .spread import elsewhere, here, is_lost
from .store import InFile, InMemory


def collect(job, source, names, again, *, threads, executor, out, progress):
    """Play a source and return its result.

    Parameters
    ----------
    job : Job
    source : Rows, Tables or Slices
    names : tuple of str
        Of the columns that name a path.
    again : callable
        What ``SweepResult.backtest`` calls.
    threads, executor, out, progress
        As of ``sweep``.
    """
    check_room(job, source, out)
    lanes = number_of_threads(threads)
    sink = (
        InMemory(source, job.lenient)
        if out is None
        else InFile(out, source, job.lenient, job.market.settings)
    )

    def result(complete):
        return SweepResult(
            table=sink.table(),
            names=names,
            market=job.market,
            total=source.total,
            complete=complete,
            again=again,
        )

    try:
        with sink:
            fill(sink, pieces(job, source, executor, lanes), source.total, progress)
    except KeyboardInterrupt:
        warnings.warn(Interrupted(f"stopped after {how_many(sink, source)}"), stacklevel=3)
        return result(False)
    except NanobookError as error:
        kept = (
            ""
            if out is None or not sink.done
            else f" ({how_many(sink, source)} before it are in {sink.partial})"
        )
        raise (retold(error, after=kept) if kept else error) from error.__cause__
    except Exception as error:
        if not is_lost(error):
            raise
        raise lost(error, sink, source, result) from error
    return result(True)


def pieces(job, source, executor, lanes):
    """Pieces of a source in order, wherever they are played."""
    return here(job, source, lanes) if executor is None else elsewhere(job, source, executor)


def fill(sink, pieces, total, progress):
    """Take all pieces, with a bar if it takes a while; raise what stopped a path."""
    begun = time.perf_counter()
    bar = None
    try:
        for piece in pieces:
            if piece.errors and not sink.lenient:
                raise next(iter(piece.errors.values()))
            sink.add(piece)
            spent = time.perf_counter() - begun
            if progress and bar is None and sink.done > len(piece) and spent > PATIENCE / 2:
                left = PATIENCE if total is None else spent / sink.done * (total - sink.done)
                bar = new_bar(total, "path") if left >= PATIENCE else None
            if bar is not None:
                bar.update(sink.done - bar.n)
    finally:
        if bar is not None:
            bar.close()


def lost(error, sink, source, result):
    """Error of a sweep whose workers are gone."""
    told = f"executor: lost its workers ({type(error).__name__}: {error}); done: {how_many(sink, source)}"
    if not sink.done:
        return IncompleteSweep(told)
    place = sink.partial if isinstance(sink, InFile) else ".result"
    left = "the rest is" if source.total is None else f"the other {source.total - sink.done} are"
    return IncompleteSweep(f"{told}, which are in {place}; {left} not", result(False))


def how_many(sink, source):
    """How far a sweep came."""
    return f"{sink.done} paths" if source.total is None else f"{sink.done} of {source.total} paths"


def check_room(job, source, out):
    """Refuse what will not fit into memory before it is begun."""
    if job.curves and out is not None:
        raise InvalidValue("curves: are not written to files; leave out either curves or out")
    if source.total is None or out is not None:
        return
    curves = job.market.shape[0] if job.curves else 0
    need = 2 * 8 * source.total * (len(COLUMNS) + curves)  # as pieces, and joined
    free = memory_available()
    if free is not None and need > free:
        less = "leave out curves" if curves else "pass out='sweep.parquet'"
        raise CapacityError(
            f"{'curves' if curves else 'grid'}: {source.total} paths need {need / 2**30:.1f} GiB and "
            f"{free / 2**30:.1f} are free; {less}, or sweep a part at a time"
        )


def memory_available():
    """Bytes that the system says can be had; None where it does not say."""
    try:
        with open("/proc/meminfo") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        return None
