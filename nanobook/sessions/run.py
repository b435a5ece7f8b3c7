"""``simulate``: many sessions of one strategy, each with a book of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import _link
from .._jit import JIT
from ..errors import (
    CapacityError,
    InvalidQuantity,
    InvalidSide,
    InvalidTimeInForce,
    InvalidValue,
    NotAvailable,
    NotionalOverflow,
    ShapeError,
    StrategyError,
    WrongType,
)
from ..exchange import Exchange
from ..kernels.book import api
from ..kernels.book.state import LOGGING, N_EVENTS
from ..kernels.session import state
from ..kernels.session.lanes import run_lane, run_lanes
from ..kernels.session.play import begin_at
from .flow import background_of, check_whole
from .lane import Lane
from .params import read_params
from .result import SimulationResult
from .strategy import as_strategy

BATCH = 0.25  # seconds between two looks at the clock, the progress bar and Ctrl-C
PATIENCE = 2.0  # seconds that a run must still take for a bar to appear


def simulate(
    strategy,
    books=None,
    params=None,
    flow=None,
    *,
    seed=0,
    client_ids=False,
    threads=None,
    record=False,
    progress=True,
):
    """Play a strategy in many sessions, each with a book of its own, at compiled speed.

    In a session the messages of the background reach the book one by one, and the strategy acts between
    them. Sessions know nothing of each other. The result is the same with any number of threads.

    Parameters
    ----------
    strategy : Strategy or function
        See `strategy`; a function may also be decorated with ``numba.njit``.
    books : int or Exchange, optional
        How many sessions there are: as many as ``params`` has rows, or a multiple of it; then so many
        books one after the other share a row, each with random numbers of its own. Or a book: every session
        starts with a copy of it. By default new books, one a row.
    params : DataFrame, structured array or mapping, optional
        One row a set of parameters, whole numbers, floats and bools. In a mapping single numbers hold for
        all rows.
    flow : RandomFlow, int, DataFrame, structured array or mapping, optional
        The background: a random flow; a number of messages for one with its defaults; or messages as
        ``Exchange.process`` takes them, replayed in every session. A cancel there means the order that its
        message made, whatever id it got beside the strategy's. By default there is none.
    seed : int
        Decides all random numbers, from 0 to 2**63 - 1. The books of one row differ; the k-th books of two
        rows meet the same random flow.
    client_ids : bool
        Whether messages of ``flow`` name orders by the caller's own ids.
    threads : int, optional
        At most so many; by default as many as Numba uses.
    record : bool
        Keep of every session the path (``SimulationResult.path``) and the final book
        (``SimulationResult.exchange``): for a few sessions.
    progress : bool
        Show a bar if the run takes longer than some seconds.

    Returns
    -------
    SimulationResult
        One row a session.

    Raises
    ------
    StrategyError
        The strategy cannot be compiled, or it raised; names the session.
    InvalidQuantity, InvalidSide, InvalidTimeInForce, NotionalOverflow
        The strategy submitted what no book takes; names the session and the message.
    NanobookError
        An argument that cannot be used, a flow with a bad row.

    Examples
    --------
    >>> from nanobook import simulate, strategy
    >>> from nanobook.inside import SELL, message_number, next_message, submit_market
    >>> @strategy
    ... def seller(session, params):
    ...     while next_message(session):
    ...         if message_number(session) % params.every == 0:
    ...             submit_market(session, SELL, 10)
    >>> result = simulate(seller, params={"every": [50, 100]}, flow=1_000, seed=1)
    >>> result["orders"], result["position"]
    (array([20, 10]), array([-200, -100]))
    >>> result["profit"]  # its own orders pushed the price
    array([...])
    """
    strategy = as_strategy(strategy)
    rows = read_params(params)
    template, count = read_books(books, rows.size)
    check_whole("seed", seed, 0, 2**63 - 1)
    background = background_of(flow, lambda: exchange_of(template), bool(client_ids))
    plan = Plan(
        template=template,
        background=background,
        seed=int(seed),
        repeats=count // rows.size,
        params=np.repeat(rows, count // rows.size).view(np.recarray),
        metrics=np.zeros(count, strategy.row()).view(np.recarray),
        path=new_path(count * background.messages if record else 0),
        lanes=min(number_of_threads(threads), max(count, 1)),
    )
    stats = np.zeros(count, state.STAT).view(np.recarray)
    with _link.quiet():
        exchanges = Runner(strategy, plan, stats).run(bool(record), bool(progress))
    return SimulationResult(
        params=rows,
        repeats=plan.repeats,
        stats=stats,
        metrics=plan.metrics,
        names=strategy.metrics,
        path=plan.path.reshape(count, -1, len(state.PATH)) if record else None,
        exchanges=exchanges,
    )


@dataclass(frozen=True)
class Plan:
    """What the lanes of a run have in common.

    Attributes
    ----------
    template : tuple of arrays
        State of the book with which every session starts.
    background : RandomFlow or Replay
    seed : int
    repeats : int
        Sessions that share a set of parameters.
    params, metrics : recarray, one row a session
    path : int64 array
        ``Run.path``.
    lanes : int
    """

    template: tuple
    background: Any
    seed: int
    repeats: int
    params: np.ndarray
    metrics: np.ndarray
    path: np.ndarray
    lanes: int


def read_books(books, rows):
    """Return the state that every session starts with, and how many there are."""
    if isinstance(books, Exchange):
        return template_of(books), rows
    count = rows if books is None else books
    check_books(count, rows)
    return template_of(Exchange()), int(count)


def template_of(book):
    """Arrays of a copy of a book that keeps no log."""
    book._check_idle()
    if book._rich:
        raise NotAvailable(
            "books: sessions know neither stops nor owners nor times yet; use a book that had none of them"
        )
    *arrays, _ = book.__getstate__()
    top = arrays[0]
    top[[LOGGING, N_EVENTS]] = 0
    return tuple(arrays)


def check_books(books, rows):
    """Refuse a number of books that the rows of parameters do not divide."""
    if isinstance(books, bool) or not isinstance(books, (int, np.integer)):
        raise WrongType(f"books: {books!r} is a {type(books).__name__}; use a number of books or an Exchange")
    if rows == 0 or not 0 < books <= 10**9:
        raise InvalidValue(f"books: {books} books for {rows} rows of params; there is nothing to play")
    if books % rows:
        raise ShapeError(
            f"books: {books} is no multiple of the {rows} rows of params; use {rows * -(-books // rows)}"
        )


def exchange_of(template):
    """A book with a state."""
    exchange = Exchange()
    exchange.__setstate__((*map(np.array, template), []))
    return exchange


def new_path(rows):
    """Allocate what paths are recorded in."""
    try:
        return np.zeros(rows * len(state.PATH), np.int64)
    except (MemoryError, ValueError):
        raise CapacityError(f"record: {rows} rows of paths do not fit into memory; record fewer") from None


def number_of_threads(threads):
    """How many lanes run side by side."""
    if threads is None:
        return _link.thread_count()
    check_whole("threads", threads, 1, 1024)
    return int(threads)


class Runner:
    """Plays all sessions of a plan."""

    def __init__(self, strategy, plan, stats):
        self.strategy, self.plan, self.stats = strategy, plan, stats
        self.play = strategy.link(plan.params.dtype)
        self.lanes = [Lane(plan) for _ in range(plan.lanes)]

    def run(self, record, progress):
        """Play batch by batch; returns the final books if they are recorded."""
        count, done, size = self.stats.size, 0, self.plan.lanes
        exchanges = []
        bar = None
        try:
            while done < count:
                begun = time.perf_counter()
                stop = min(done + size, count)
                self.batch(done, stop)
                if record:
                    exchanges += [lane.exchange() for lane in self.lanes[: stop - done]]
                else:
                    spent = (time.perf_counter() - begun) / (stop - done)
                    size = max(self.plan.lanes, min(int(BATCH / max(spent, 1e-9)), 8 * size))
                    told = stop - done > self.plan.lanes  # the first batch is mostly start-up
                    if progress and bar is None and told and spent * (count - stop) > PATIENCE:
                        bar = new_bar(count)
                if bar is not None:
                    bar.update(stop - bar.n)
                done = stop
        finally:
            if bar is not None:
                bar.close()
        return exchanges if record else None

    def batch(self, first, stop):
        """Play the sessions from ``first`` to below ``stop``.

        A session for which there was no room starts again in a larger lane. If one is at fault, those
        before it are played to their end, so that the first one is named with any number of lanes.
        """
        cursor = np.arange(first, first + len(self.lanes))
        wrong = stop
        while True:
            self.enter(cursor, wrong)
            for lane, row in zip(self.lanes, cursor.tolist(), strict=True):
                if row < wrong and self.stats.fault[row] == state.NO_ROOM:
                    lane.grow()
                    self.plan.metrics[row] = 0
                elif row < wrong:
                    wrong = row
            if (cursor >= wrong).all():
                break
        if wrong < stop:
            self.fail(wrong)

    def enter(self, cursor, stop):
        """Let every lane play on."""
        play = self.play.address if JIT else self.play
        addresses = [lane.address for lane in self.lanes]
        if len(addresses) == 1:
            cursor[0] = run_lane(play, addresses[0], self.stats, cursor[0], stop, 1)
        else:
            addresses = np.array(addresses) if JIT else addresses
            with _link.PARALLEL, _link.threads(len(self.lanes)):
                run_lanes(play, addresses, self.stats, cursor, stop)

    def fail(self, row):
        """Raise what is wrong with a session."""
        stat = self.stats[row]
        where = f"session {row}{told(self.plan.params, row)}, message {stat.messages}"
        if stat.fault != state.RAISED:
            raise fault_of(stat, where)
        self.plan.metrics[row] = 0
        begin_at(self.lanes[0].address, row)
        session = state.Session(self.lanes[0].address)
        everything = (session, self.plan.params[row], self.plan.metrics[row])
        function = _link.inner(self.strategy.function) if JIT else self.strategy.function
        try:
            function(*everything[: self.strategy.arguments])
        except Exception as error:
            raise StrategyError(
                f"{where}: {self.strategy.__name__} raised {type(error).__name__}: {error}"
            ) from error


def told(params, row):
    """Parameters of a session in words."""
    if params.dtype.names == ("none",):
        return ""
    return " (" + ", ".join(f"{name}={params[name][row]}" for name in params.dtype.names) + ")"


def fault_of(stat, where):
    """Return the error for what a session stopped with."""
    value, price = int(stat.value), int(stat.price)
    said = {
        state.BAD_SIDE: (InvalidSide, f"side {value}; use BUY or SELL of nanobook.inside"),
        state.BAD_TIF: (InvalidTimeInForce, f"tif {value}; use GTC, IOC or FOK of nanobook.inside"),
        state.BAD_OWNER: (InvalidValue, f"owner {value}; use 1 to 2**32 - 1"),
        state.BAD_CASH: (NotionalOverflow, "the strategy's cash leaves 2**62; trade fewer lots"),
        state.BAD_POSITION: (NotionalOverflow, "the strategy's position leaves 2**62; trade fewer lots"),
        api.BAD_QUANTITY: (InvalidQuantity, f"an order of {value} lots; use 1 to 2**62"),
        api.BAD_NOTIONAL: (NotionalOverflow, f"price {price} x quantity {value} is outside int64; lower one"),
        api.BAD_TOTAL: (
            NotionalOverflow,
            f"with quantity {value} a side would hold more than int64; cancel some",
        ),
    }
    error, words = said[int(stat.fault)]
    return error(f"{where}: {words}")


def new_bar(count):
    """A bar of so many sessions."""
    from tqdm import tqdm

    return tqdm(total=count, unit="session", leave=False)
