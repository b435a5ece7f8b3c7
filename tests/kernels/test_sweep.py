"""Paths of a sweep against the twin of the backtest, to the cent."""

import numpy as np
import pytest

from nanobook.kernels.sweep import COLUMNS
from nanobook.sweeps.jobs import ScheduleJob, StrategyJob
from nanobook.sweeps.lanes import Lanes
from nanobook.sweeps.market import read_market, read_terms
from nanobook.sweeps.weigher import Weigher
from tests.oracle import sweep as twin
from tests.schedules import make_case
from tests.sweeps.strategies import momentum, monthly, nothing, smooth


def market_of(case):
    return read_market(case.prices, {}, case.cash, read_terms(case.bps, {"max_leverage": None}))


def rows(**columns):
    table = np.zeros(
        len(next(iter(columns.values()))), [(name, np.asarray(v).dtype) for name, v in columns.items()]
    )
    for name, values in columns.items():
        table[name] = values
    return table.view(np.recarray)


PATHS = [
    (momentum, rows(lookback=[1, 3, 9], floor=[0.0, 0.02, -0.01]), 0),
    (monthly, rows(every=[1, 5, 7], lookback=[2, 1, 9], top=[1, 2, 4]), 0),
    (smooth, rows(speed=[0.1, 0.3, 0.7]), 2),
]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("strategy", "params", "memory"), PATHS, ids=["momentum", "monthly", "smooth"])
def test_a_strategy_equals_its_twin_to_the_cent(strategy, params, memory, seed):
    case = make_case(seed)
    if strategy is monthly:  # it sells what it does not see
        case = case._replace(prices=np.maximum(case.prices, 50))
    market = market_of(case)
    linked = Weigher(strategy).link(params.dtype)
    lanes = Lanes(market, 1, memory)
    for row in range(params.size):
        outcome = lanes.play_strategy(linked, params[row : row + 1], True)
        given = {name: params[name][row] for name in params.dtype.names}
        expected = twin.play(strategy, given, case.prices, case.cash, case.bps, memory)
        assert outcome.code.tolist() == [0]
        np.testing.assert_array_equal(outcome.equity[0], expected.equity)
        curves = dict(zip(("equity", "returns", "cash", "cost", "traded"), lanes.work.curves[0], strict=True))
        for name, values in curves.items():
            np.testing.assert_array_equal(values, getattr(expected, name), err_msg=name)
        told = dict(zip(COLUMNS, outcome.figures[0], strict=True))
        assert told["final_equity"] == expected.equity[-1]
        assert told["total_cost"] == sum(expected.cost)
        turnover = [
            a / (b + c) for a, b, c in zip(expected.traded, expected.equity, expected.cost, strict=True)
        ]
        assert told["mean_turnover"] == pytest.approx(np.mean(turnover), rel=1e-12)


@pytest.mark.parametrize("lanes", [1, 2, 3])
def test_any_number_of_lanes_gives_the_same_bits(lanes):
    case = make_case(7)
    market = market_of(case)
    for strategy, params, memory in (PATHS[0], PATHS[2]):
        params = np.tile(params, 5)[:13].view(np.recarray)
        job = StrategyJob(market, False, True, Weigher(strategy), memory)
        alone = [job.play(params[row : row + 1], 1) for row in range(params.size)]
        together = job.play(params, lanes)
        np.testing.assert_array_equal(together.figures, np.concatenate([piece.figures for piece in alone]))
        np.testing.assert_array_equal(together.equity, np.concatenate([piece.equity for piece in alone]))


@pytest.mark.parametrize("lanes", [1, 3])
def test_schedules_equal_their_strategies(lanes):
    """A schedule of the weights that a strategy wrote, holds included, gives the same bits."""
    case = make_case(3)
    market = market_of(case._replace(prices=np.maximum(case.prices, 50)))
    params = PATHS[1][1]
    job = StrategyJob(market, False, True, Weigher(monthly), 0)
    tables = np.stack([job.trace(params[row : row + 1])[0].work.weights[0] for row in range(params.size)])
    assert np.isnan(tables).all(axis=2).any()
    expected = job.play(params, 1)
    found = ScheduleJob(market, False, True).play((range(3), tables), lanes)
    np.testing.assert_array_equal(found.figures, expected.figures)
    np.testing.assert_array_equal(found.equity, expected.equity)


def test_a_strategy_that_writes_nothing_holds_its_cash():
    case = make_case(1)
    job = StrategyJob(market_of(case), False, True, Weigher(nothing), 0)
    piece = job.play(np.zeros(1, [("none", "f8")]).view(np.recarray), 1)
    assert (piece.equity == case.cash).all()


def test_a_bar_knows_nothing_of_later_prices():
    """The same prices up to a period, other ones afterwards: the same curves up to it."""
    case = make_case(11, periods=30)
    later = case.prices.copy()
    later[20:] = later[20:] * 2 + 1
    params = rows(lookback=[3], floor=[0.0])
    curves = []
    for prices in (case.prices, later):
        job = StrategyJob(market_of(case._replace(prices=prices)), False, True, Weigher(momentum), 0)
        curves.append(job.play(params, 1).equity[0])
    np.testing.assert_array_equal(curves[0][:20], curves[1][:20])
    assert (curves[0][20:] != curves[1][20:]).any()
