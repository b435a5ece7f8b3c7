"""Where the stretches of a sweep are played: on lanes here, or by the workers of an executor."""

from __future__ import annotations

import os
import time
from collections import deque
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from contextlib import suppress
from itertools import islice

import numpy as np

from ..errors import WrongType
from .jobs import play

BATCH = 0.25  # seconds between two looks at the progress bar and Ctrl-C
PIECES = 64  # into which a sweep is cut for an executor
MOST = 50_000  # paths of a piece: its figures are 7 MB
ROOM = 2**26  # bytes of schedules that are taken from an iterator at once
LOOK = 1.0  # seconds between two looks at a cluster that owes a piece
LOOKS = 3  # how often it must be found idle: a result may be on its way
RETRIES = 3  # how often prices are sent anew to a cluster that lost them


class Rows:
    """A source of stretches: rows of an array, cut as one likes."""

    def __init__(self, rows):
        self.rows = rows
        self.total = len(rows)
        self.taken = 0
        self.most = MOST

    def labels(self, start, stop):
        """Parameters of some rows, as columns."""
        names = (name for name in self.rows.dtype.names if name != "none")
        return {name: np.asarray(self.rows[name][start:stop]) for name in names}

    def take(self, size):
        """Return the next rows, at most so many; None if there are none left."""
        stretch = self.rows[self.taken : self.taken + size]
        self.taken += len(stretch)
        return stretch if len(stretch) else None


class Tables:
    """A source of stretches: (names, tables) from an iterable of (name, table), read as they are needed."""

    def __init__(self, pairs, total, shape):
        self.pairs = iter(pairs)
        self.total = total
        self.most = max(1, ROOM // (8 * shape[0] * shape[1]))
        self.names = []

    def labels(self, start, stop):
        """Names of some schedules, as a column."""
        names = self.names[start:stop]
        numbers = all(isinstance(name, int) for name in names)
        return {"schedule": np.array(names, np.int64 if numbers else object)}

    def take(self, size):
        """Return the next tables, at most so many, as one array; None if there are none left."""
        pairs = list(islice(self.pairs, min(size, self.most)))
        if not pairs:
            return None
        names = [name for name, _ in pairs]
        self.names += names
        return names, np.stack([table for _, table in pairs])


class Slices(Rows):
    """A source of stretches: tables that lie in one array."""

    def __init__(self, tables):
        super().__init__(tables)
        self.most = max(1, ROOM // (8 * tables[0].size))

    def labels(self, start, stop):
        """Numbers of some schedules, as a column."""
        return {"schedule": np.arange(start, stop)}

    def take(self, size):
        """Return the next tables without copying them."""
        start = self.taken
        tables = super().take(min(size, self.most))
        return None if tables is None else (range(start, self.taken), tables)


def here(job, source, threads):
    """Play a source on so many lanes of this process; yields the pieces in order."""
    size = threads  # the first stretch is mostly start-up
    while (stretch := source.take(size)) is not None:
        begun = time.perf_counter()
        piece = job.play(stretch, threads)
        spent = (time.perf_counter() - begun) / len(piece)
        yield piece
        size = max(threads, min(int(BATCH / max(spent, 1e-9)), 8 * size, MOST))


def elsewhere(job, source, executor):
    """Play a source on the workers of an executor; yields the pieces in order."""
    crew = crew_of(job, executor)
    size = 1 if source.total is None else -(-source.total // PIECES)
    size = max(1, min(size, source.most))
    waiting = deque()
    try:
        while True:
            while len(waiting) < crew.window and (stretch := source.take(size)) is not None:
                waiting.append((stretch, crew.submit(stretch)))
            if not waiting:
                return
            stretch, future = waiting[0]
            try:
                piece = crew.wait_for(future)
            except Exception as error:
                if not crew.recover(error):
                    raise
                waiting = deque((stretch, crew.submit(stretch)) for stretch, _ in waiting)
                continue
            waiting.popleft()
            yield piece
    finally:
        crew.cancel([future for _, future in waiting])


def crew_of(job, executor):
    """The workers of an executor, or of a dask client."""
    if is_dask(executor):
        return Cluster(job, executor)
    if not isinstance(executor, Executor) and not callable(getattr(executor, "submit", None)):
        raise WrongType(
            f"executor: a {type(executor).__name__} has no submit(); use a concurrent.futures.Executor or a "
            "dask Client"
        )
    return Crew(job, executor)


def is_dask(thing):
    """Whether this is a client, an executor or an error of dask, without importing dask."""
    return type(thing).__module__.split(".")[0] == "distributed"


def is_lost(error):
    """Whether this says that workers are gone, and not what a path or a function did."""
    return isinstance(error, (BrokenExecutor, CancelledError)) or is_dask(error)


class Crew:
    """Workers of an executor of the standard library, or one like it.

    Attributes
    ----------
    window : int
        Pieces handed out ahead of the one that is waited for.
    """

    def __init__(self, job, executor):
        self.job, self.executor = job, executor
        self.window = 4 * (getattr(executor, "_max_workers", None) or os.cpu_count() or 1)

    def submit(self, stretch):
        """Hand out a stretch."""
        return self.executor.submit(play, self.job, stretch)

    def wait_for(self, future):
        """Return the piece of a stretch that was handed out, or raise what became of it."""
        return future.result()

    def cancel(self, futures):
        """Take back what was handed out."""
        for future in futures:
            future.cancel()

    def recover(self, error):
        """Whether it makes sense to hand everything out again: a broken pool stays broken."""
        return False


class Cluster(Crew):
    """Workers of a dask cluster: prices are sent to each of them once, and lost pieces come again."""

    def __init__(self, job, executor):
        super().__init__(job, executor)
        # Not through dask's executor: a future of its, cancelled while its result comes, leaves an error
        # in dask's own loop.
        self.client = executor if hasattr(executor, "get_executor") else executor._client
        self.options = {**getattr(executor, "_kwargs", {}), "pure": False}
        self.window = 4 * max(1, sum(self.client.nthreads().values()))
        self.retries = RETRIES
        self.send()

    def send(self):
        """Send what all pieces need to every worker."""
        self.sent = self.client.scatter(self.job, broadcast=True, hash=False)

    def submit(self, stretch):
        """Hand out a stretch; dask itself gives it to another worker if that one dies."""
        return self.client.submit(play, self.sent, stretch, **self.options)

    def cancel(self, futures):
        """Nothing: a cluster stops work that nobody holds a future of."""

    def wait_for(self, future):
        """Return a piece; where the cluster has nothing left to do and it is not there, it is lost.

        A scheduler whose last worker dies may forget what it was just given, and never say so.
        """
        idle, patience = 0, LOOK
        while idle < LOOKS:
            with suppress(TimeoutError):
                return future.result(timeout=patience)
            if future.status == "error":  # perhaps a TimeoutError, of the function itself
                return future.result()
            if future.done():  # and it takes longer than that to fetch
                patience *= 2
            else:
                idle = idle + 1 if self.is_idle() else 0
        raise CancelledError("the cluster lost it")

    def is_idle(self):
        """Whether there are workers, and none has anything to do."""
        return bool(self.client.nthreads()) and not any(self.client.processing().values())

    def recover(self, error):
        """Send the prices again where all workers that had them are gone."""
        gone = isinstance(error, CancelledError) or type(error).__name__ == "FutureCancelledError"
        if not gone or self.client.status != "running" or not self.retries:
            return False
        self.retries -= 1
        self.send()
        return True
