"""Many paths over the same prices: one after the other on a lane, the lanes side by side.

A path is one backtest, of a schedule of weights or of a compiled strategy that gives them period by
period. It needs memory for its curves and two rows of positions alone, which the next path takes over,
so that any number of paths fits. Paths know nothing of each other: their results depend neither on the
number of lanes nor on how they are cut into calls.
"""

from typing import NamedTuple

import numpy as np
from numpy import float64, int64, nan

from .._jit import helper, kernel
from .._link import call_at, fanout, prange
from .backtest import DONE, HOLD, Curves, Schedule, Terms, run_lean, step, value_held
from .bar import BARS, CASH, EQUITY, PATH, PERIOD
from .metrics import FIGURES, figures
from .stops import Stops

APART = 2  # rows from lane to lane: two cores must not write to one cache line (1.5 times as fast, so 1.9)
GOLDEN = 40503  # 2**16 over the golden ratio: its multiples keep no step with any grid
RAISED = 100  # the strategy raised; beside the codes of ``backtest``

MONEY = ("final_equity", "total_cost", "mean_turnover")
COLUMNS = (*FIGURES, *MONEY)
"""What is told of every path: its figures; money in cents; turnover a period."""
N_FIGURES = len(FIGURES)


class Deal(NamedTuple):
    """What all paths have in common.

    Attributes
    ----------
    prices : int64 array, shape (T, N), read-only
        Units a share; 0 where there is no price.
    cash, bps, max_leverage : float
        As in ``backtest.Terms``; a parallel loop takes no tuple within a tuple.
    periods_per_year, risk_free : float
    cent : float
        Units in a cent; ``unit`` those in a unit of currency.
    fixed, trailing, multiple, window, since_entry, ranges
        As in ``stops.Stops``.
    """

    prices: np.ndarray
    cash: float
    bps: float
    max_leverage: float
    periods_per_year: float
    risk_free: float
    cent: float
    unit: float
    fixed: float
    trailing: float
    multiple: float
    window: int
    since_entry: int
    ranges: np.ndarray


class Work(NamedTuple):
    """What the lanes work in: of L rows every APART-th is a lane's.

    Attributes
    ----------
    curves : float64 array, shape (L, 5, T)
    positions : float64 array, shape (L, BARS, N)
    weights : float64 array, shape (L, K, N)
        Of a strategy: period ``t`` writes row ``t % K``. With K = T all are kept.
    rows : int64 array, shape (L, T)
        ``backtest.Schedule.rows``.
    weights_seen, rows_seen
        The same memory, read-only, as the kernels of the backtest take it.
    marks : float64 array, shape (L, 5, N)
        Of the stops: side, entry, best, level, wanted.
    counts : int64 array, shape (L, 3, N)
        Of the stops: start, base, scale.
    start : int64 array, shape (N,)
        What the stops' ``start`` is at first.
    events : structured array of ``stops.STOPPED``, of no length
        Events of stops are not kept.
    found : int64 array, shape (1,)
    memory : float64 array, shape (L, M)
    clock : int64 array, shape (L, 16); money : float64 array, shape (L, 16)
        As in ``bar.Seat``; the rest keeps lanes apart.
    """

    curves: np.ndarray
    positions: np.ndarray
    weights: np.ndarray
    rows: np.ndarray
    weights_seen: np.ndarray
    rows_seen: np.ndarray
    marks: np.ndarray
    counts: np.ndarray
    start: np.ndarray
    events: np.ndarray
    found: np.ndarray
    memory: np.ndarray
    clock: np.ndarray
    money: np.ndarray


class Outcome(NamedTuple):
    """What is told of the paths, a row each; written.

    Attributes
    ----------
    figures : float64 array, shape (P, len(COLUMNS))
        NaN where a path stopped.
    code, period : int64 array, shape (P,)
        DONE and T, or why and in which period a path stopped.
    equity : float64 array, shape (P, T) or (0, T)
        In cents; NaN where a path stopped.
    """

    figures: np.ndarray
    code: np.ndarray
    period: np.ndarray
    equity: np.ndarray


@fanout
def run_strategies(play, addresses, deal, work, outcome):
    """Play the paths of a strategy on all lanes."""
    for lane in prange(addresses.size):
        run_strategy(play, addresses[lane], deal, work, outcome, int64(lane))


@fanout
def run_schedules(tables, deal, work, outcome):
    """Play the paths of schedules on all lanes."""
    for lane in prange(work.clock.shape[0] // APART):
        run_tables(tables, deal, work, outcome, int64(lane))


@kernel
def run_strategy(play, address, deal, work, outcome, lane):
    """Play every so many paths of a strategy on one lane.

    Parameters
    ----------
    play : int64
        Address of the compiled strategy.
    address : int64
        Of the descriptor of the lane's seat.
    deal : Deal
    work : Work
    outcome : Outcome
    lane : int64
    """
    paths, lanes, row = outcome.code.shape[0], work.clock.shape[0] // APART, APART * lane
    curves = curves_of(work, row)
    schedule = Schedule(work.weights_seen[row], deal.prices, work.rows_seen[row])
    for turn in range((paths + lanes - 1) // lanes):
        path = path_of(lane, lanes, turn)
        if path < paths:
            begin(work, row, path)
            code, period = play_path(play, address, schedule, deal, curves, (work, row))
            finish(code, period, deal, curves, outcome, path)


@helper
def path_of(lane, lanes, turn):
    """Path that a lane plays in a turn: each turn deals ``lanes`` of them, in another order.

    Dealt in one order, a lane could get all paths of one value of a parameter, and those be the slow ones
    (1,000 sets of a strategy with four thresholds on 2 threads: 1.45 times as fast as on 1, so 1.9).
    """
    return turn * lanes + (lane + (turn * GOLDEN >> 8)) % lanes


@kernel
def run_tables(tables, deal, work, outcome, lane):
    """Play every so many schedules on one lane.

    Parameters
    ----------
    tables : float64 array, shape (P, T, N), read-only
        Target weights; a row that is NaN throughout keeps what is held.
    deal, work, outcome, lane
        As for ``run_strategy``.
    """
    paths, lanes, row = outcome.code.shape[0], work.clock.shape[0] // APART, APART * lane
    curves = curves_of(work, row)
    for turn in range((paths + lanes - 1) // lanes):
        path = path_of(lane, lanes, turn)
        if path < paths:
            begin(work, row, path)
            code, period = play_table(tables[path], deal, curves, work, row)
            finish(code, period, deal, curves, outcome, path)


@kernel
def play_table(table, deal, curves, work, lane):
    """Play one schedule; returns a code and the period, as ``run_lean``."""
    for t in range(deal.prices.shape[0]):
        work.rows[lane, t] = HOLD if is_empty(table[t]) else t
    schedule = Schedule(table, deal.prices, work.rows_seen[lane])
    stops = stops_of(deal, work, lane)
    return run_lean(schedule, terms_of(deal), curves, work.positions[lane], stops, int64(0))


@kernel
def begin(work, lane, path):
    """Put a lane to the start of a path."""
    work.clock[lane, PATH] = path
    for i in range(work.positions.shape[2]):
        work.positions[lane, 0, i] = 0.0
        work.marks[lane, 0, i] = 0.0
        work.counts[lane, 0, i] = work.start[i]
        work.counts[lane, 1, i] = 0
    for i in range(work.memory.shape[1]):
        work.memory[lane, i] = 0.0


@kernel
def terms_of(deal):
    """Terms of every path."""
    return Terms(deal.cash, deal.bps, deal.max_leverage)


@kernel
def stops_of(deal, work, lane):
    """Stops of a lane."""
    marks, counts = work.marks[lane], work.counts[lane]
    return Stops(
        deal.fixed,
        deal.trailing,
        deal.multiple,
        deal.window,
        deal.since_entry,
        deal.ranges,
        marks[0],
        marks[1],
        marks[2],
        counts[0],
        counts[1],
        counts[2],
        marks[3],
        marks[4],
        work.events,
        work.found,
    )


@kernel
def curves_of(work, lane):
    """Curves of a lane."""
    rows = work.curves[lane]
    return Curves(rows[0], rows[1], rows[2], rows[3], rows[4])


@kernel
def play_path(play, address, schedule, deal, curves, place):
    """Ask and trade period by period; returns a code and the period, as ``run_lean``."""
    work, lane = place
    terms = terms_of(deal)
    stops = stops_of(deal, work, lane)
    periods = schedule.prices.shape[0]
    for t in range(periods):
        if ask(play, address, deal, curves, work, lane, t):
            return int64(RAISED), t
        code = step(schedule, terms, curves, work.positions[lane], stops, t)
        if code != DONE:
            return code, t
    return int64(DONE), periods


@kernel
def ask(play, address, deal, curves, work, lane, t):
    """Let the strategy write the weights of a period; whether it raised."""
    cash = curves.cash[t - 1] if t else deal.cash
    value, _, _ = value_held(deal.prices[t], work.positions[lane, t % BARS])
    work.clock[lane, PERIOD] = t
    work.money[lane, CASH] = cash / deal.unit
    work.money[lane, EQUITY] = (cash + value) / deal.unit
    row = t % work.weights.shape[1]
    weights = work.weights[lane, row]
    for i in range(weights.shape[0]):
        weights[i] = nan
    raised = call_at(play, address)
    work.rows[lane, t] = HOLD if is_empty(work.weights_seen[lane, row]) else row
    return raised


@kernel
def is_empty(weights):
    """Whether a row of weights is NaN throughout."""
    if weights[0] == weights[0]:  # most rows: nothing else is looked at
        return False
    known = int64(0)
    for i in range(weights.shape[0]):
        known += weights[i] == weights[i]
    return known == 0


@kernel
def finish(code, period, deal, curves, outcome, path):
    """Write what is told of a path that ended or stopped."""
    outcome.code[path] = code
    outcome.period[path] = period
    row = outcome.figures[path]
    if code != DONE:
        row[:] = nan
        if outcome.equity.shape[0]:
            outcome.equity[path, :] = nan
        return
    figures(curves.returns, deal.periods_per_year, deal.risk_free, row[:N_FIGURES])
    cost = 0.0
    turnover = 0.0
    for t in range(period):
        cost += curves.cost[t]
        if curves.traded[t] > 0.0:
            turnover += curves.traded[t] / (curves.equity[t] + curves.cost[t])
    row[N_FIGURES] = curves.equity[period - 1] / deal.cent
    row[N_FIGURES + 1] = cost / deal.cent
    row[N_FIGURES + 2] = turnover / float64(period)
    if outcome.equity.shape[0]:
        for t in range(period):
            outcome.equity[path, t] = curves.equity[t] / deal.cent
