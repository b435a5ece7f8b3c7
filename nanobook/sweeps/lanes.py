"""The memory of lanes, and one stretch of paths played on it."""

from __future__ import annotations

import numpy as np

from .. import _link
from .._jit import JIT
from ..errors import CapacityError
from ..kernels import sweep as kernels
from ..kernels.backtest import HOLD, Curves
from ..kernels.bar import BARS, Seat
from ..kernels.stops import STOPPED
from ..portfolio.inputs import readonly


class Lanes:
    """So many lanes for a market; plays any number of stretches, one after the other.

    Parameters
    ----------
    market : Market
    count : int
        Lanes.
    memory : int
        Rows of ``Bar.memory``.
    kept : int
        Rows of weights that a lane keeps: 1, or all periods to look at a path afterwards.
    """

    def __init__(self, market, count, memory=0, kept=1):
        periods, symbols = market.shape
        self.count = count
        count *= kernels.APART
        weights = np.full((count, kept, symbols), np.nan)
        rows = np.full((count, periods), HOLD)
        self.market = market
        self.work = kernels.Work(
            curves=np.zeros((count, len(Curves._fields), periods)),
            positions=np.zeros((count, BARS, symbols)),
            weights=weights,
            rows=rows,
            weights_seen=readonly(weights),
            rows_seen=readonly(rows),
            marks=np.zeros((count, 5, symbols)),
            counts=np.ones((count, 3, symbols), np.int64),
            start=market.stops.start,
            events=np.empty(0, STOPPED),
            found=np.zeros(1, np.int64),
            memory=np.zeros((count, memory * symbols)),
            clock=np.zeros((count, 16), np.int64),
            money=np.zeros((count, 16)),
        )

    def play_strategy(self, linked, params, curves=False):
        """Play one path a row of parameters.

        Returns
        -------
        Outcome
        """
        outcome = self._outcome(params.size, curves)
        seats = [self.seat(lane, params) for lane in range(self.count)]
        play = linked.address if JIT else linked
        deal = self.market.deal
        if len(seats) == 1:
            address, _held = describe(seats[0])
            kernels.run_strategy(play, address, deal, self.work, outcome, 0)
            return outcome
        described = [describe(seat) for seat in seats]
        addresses = [address for address, _ in described]
        addresses = np.array(addresses) if JIT else Places(addresses)
        with _link.PARALLEL, _link.threads(len(seats)):
            kernels.run_strategies(play, addresses, deal, self.work, outcome)
        return outcome

    def play_tables(self, tables, curves=False):
        """Play one path a table of weights, (P, T, N); otherwise as ``play_strategy``."""
        outcome = self._outcome(len(tables), curves)
        tables = readonly(tables)
        if self.count == 1:
            kernels.run_tables(tables, self.market.deal, self.work, outcome, 0)
            return outcome
        with _link.PARALLEL, _link.threads(self.count):
            kernels.run_schedules(tables, self.market.deal, self.work, outcome)
        return outcome

    def seat(self, lane, params):
        """The arrays that a strategy on a lane is given."""
        work, lane = self.work, kernels.APART * lane
        return Seat(
            quotes=self.market.quotes,
            positions=readonly(work.positions[lane].reshape(-1)),
            weights=work.weights[lane].reshape(-1),
            memory=work.memory[lane],
            clock=work.clock[lane],
            money=work.money[lane],
            params=params,
        )

    def held(self, period, lane=0):
        """Shares held before a period that was played last."""
        return self.work.positions[kernels.APART * lane, period % BARS]

    def _outcome(self, paths, curves):
        periods = self.market.shape[0]
        try:
            return kernels.Outcome(
                figures=np.empty((paths, len(kernels.COLUMNS))),
                code=np.zeros(paths, np.int64),
                period=np.zeros(paths, np.int64),
                equity=np.empty((paths if curves else 0, periods)),
            )
        except (MemoryError, ValueError):
            raise CapacityError(
                f"grid: {paths} paths do not fit into memory; pass out='sweep.parquet'"
            ) from None


class Places(list):
    """A list of seats as an array of addresses, where nothing is compiled."""

    @property
    def size(self):
        """How many."""
        return len(self)


def describe(seat):
    """Address of a seat, and what must live as long as it is used."""
    if not JIT:
        return seat, None
    words = np.array([word for array in seat for word in (array.ctypes.data, array.size)], np.int64)
    return words.ctypes.data, (words, seat)
