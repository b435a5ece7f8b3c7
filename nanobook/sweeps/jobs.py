"""What a worker needs to play a stretch of paths, and what it hands back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import _link
from .._jit import JIT
from ..errors import StrategyError
from ..kernels.backtest import DONE
from ..kernels.bar import make_bar
from ..kernels.sweep import RAISED
from ..params import told
from ..portfolio.refusals import refusal
from .lanes import Lanes


@dataclass(frozen=True)
class Piece:
    """What became of a stretch of paths.

    Attributes
    ----------
    figures : float64 array, shape (P, len(COLUMNS))
    equity : float64 array, shape (P, T) or (0, T)
    errors : dict
        The error of each path that stopped, by its place in the stretch; of a run that raises the first.
    """

    figures: np.ndarray
    equity: np.ndarray
    errors: dict = field(default_factory=dict)

    def __len__(self):
        return len(self.figures)


def play(job, stretch):
    """Play a stretch on one lane: what an executor's worker calls."""
    return job.play(stretch, 1)


@dataclass
class Job:
    """What all stretches have in common.

    Attributes
    ----------
    market : Market
    lenient : bool
        Whether paths that stop are told instead of raised.
    curves : bool
        Whether equity is kept.
    """

    market: Any
    lenient: bool
    curves: bool

    def piece(self, outcome, name):
        """Find the errors of an outcome."""
        stopped = np.flatnonzero(outcome.code != DONE)
        if not self.lenient:
            stopped = stopped[:1]
        errors = {int(row): name(int(row), outcome) for row in stopped}
        return Piece(outcome.figures, outcome.equity, errors)


@dataclass
class ScheduleJob(Job):
    """Paths of schedules; a stretch is (names, tables)."""

    def play(self, stretch, threads):
        """Play a stretch on so many lanes at most."""
        names, tables = stretch
        lanes = Lanes(self.market, min(threads, max(len(tables), 1)))
        outcome = lanes.play_tables(tables, self.curves)

        def name(row, outcome):
            lane = Lanes(self.market, 1)
            lane.play_tables(tables[row : row + 1])
            error = self.refusal(lane, outcome, row, tables[row])
            return retold(error, f"schedule {names[row]}: ")

        return self.piece(outcome, name)

    def refusal(self, lane, outcome, row, table):
        """Error of a path that stopped, which was played again on one lane."""
        inputs = self.market.inputs(table, lane.work.rows[0])
        return stopped(lane, inputs, outcome.code[row], outcome.period[row])


@dataclass
class StrategyJob(Job):
    """Paths of a compiled strategy; a stretch is a record array of parameters.

    Attributes
    ----------
    weigher : Weigher
    memory : int
        Rows of ``Bar.memory``.
    """

    weigher: Any
    memory: int

    def play(self, params, threads):
        """Play a stretch on so many lanes at most."""
        linked = self.weigher.link(params.dtype)
        lanes = Lanes(self.market, min(threads, max(params.size, 1)), self.memory)
        outcome = lanes.play_strategy(linked, params, self.curves)
        return self.piece(outcome, lambda row, outcome: self.error(linked, params[row : row + 1]))

    def trace(self, params, linked=None):
        """Play one path and keep its weights.

        Returns
        -------
        lanes : Lanes
            With one lane.
        outcome : Outcome
        """
        lanes = Lanes(self.market, 1, self.memory, kept=self.market.shape[0])
        linked = linked or self.weigher.link(params.dtype)
        return lanes, lanes.play_strategy(linked, params)

    def error(self, linked, params):
        """Error of the path with a set of parameters that stopped."""
        lanes, outcome = self.trace(params, linked)
        code, period = int(outcome.code[0]), int(outcome.period[0])
        where = f"{self.weigher.name}{told(params, 0)}"
        if code == RAISED:
            return self.raised(lanes, params, f"{where}, {self.market.labels.period(period)}")
        inputs = self.market.inputs(lanes.work.weights[0], lanes.work.rows[0])
        error = stopped(lanes, inputs, code, period)
        return retold(error, f"{where}: ", weight_schedule="weights", price_schedule="prices")

    def raised(self, lanes, params, where):
        """Call the strategy once more from Python, for its exception."""
        function = self.weigher.function
        everything = (make_bar(lanes.seat(0, params)), params[0], np.full(self.market.shape[1], np.nan))
        if self.weigher.arguments == 2:
            everything = everything[::2]
        try:
            (_link.inner(function) if JIT else function)(*everything)
        except Exception as error:
            return StrategyError(f"{where}: {self.weigher.name} raised {type(error).__name__}: {error}")
        return StrategyError(f"{where}: {self.weigher.name} raised, but not when it was called again")


def stopped(lanes, inputs, code, period):
    """Error of the backtest of a path that was played last."""
    limit = lanes.market.settings.max_leverage
    return refusal(inputs, int(code), int(period), lanes.held(int(period)), limit)


def retold(error, before="", after="", **names):
    """The same error with other names of the parameters, and more in front or behind."""
    text = str(error)
    for old, new in names.items():
        text = text.replace(old, new)
    again = type(error)(before + text + after)
    again.__cause__ = error.__cause__
    return again
