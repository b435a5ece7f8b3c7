"""The backtest kernels against Python integers. Runs with and without the JIT."""

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nanobook._jit import JIT
from nanobook.kernels import backtest as engine
from nanobook.portfolio.stops import StopRules, new_stops
from tests.oracle.backtest import as_rows, as_table, backtest, toward_zero
from tests.schedules import make_case

SEEDS = range(60 if JIT else 30)


def readonly(values, dtype):
    array = np.array(values, dtype=dtype, order="C")
    array.flags.writeable = False
    return array


def no_stops(schedule):
    return new_stops(StopRules(), schedule.prices)


def run(weights, prices, cash, bps, max_leverage=1.0 + 1e-9, lean=False, ring=None, rows=None):
    """Run a schedule; returns code, period, curves, positions and panels."""
    rows = np.arange(len(prices)) if rows is None else rows
    schedule = engine.Schedule(
        readonly(weights, np.float64), readonly(prices, np.int64), readonly(rows, np.int64)
    )
    periods, count = schedule.prices.shape
    terms = engine.Terms(float(cash), float(bps), float(max_leverage))
    curves = engine.Curves(*np.full((5, periods), np.nan))
    positions = np.zeros((ring or periods + 1, count))
    if lean:
        code, period = engine.run_lean(schedule, terms, curves, positions, no_stops(schedule), 0)
        return code, period, curves, positions, None
    panels = engine.Panels(np.full((periods, count), 7.0), np.full((periods, count), 7.0))
    code, period = engine.run_full(schedule, terms, curves, positions, panels, no_stops(schedule), 0)
    return code, period, curves, positions, panels


def assert_equals_oracle(case):
    symbols = [f"S{i:03d}" for i in range(case.prices.shape[1])]
    expected = backtest(
        as_rows(case.weights, symbols, keep=bool),
        as_rows(case.prices, symbols, keep=bool),
        case.cash,
        case.bps,
    )
    code, period, curves, positions, panels = run(*case)
    assert (code, period) == (engine.DONE, len(case.prices))
    assert curves.equity.tolist() == expected["equity_curve"][1:]
    assert curves.cash.tolist() == expected["cash"]
    assert curves.cost.tolist() == expected["cost"]
    assert curves.traded.tolist() == expected["traded"]
    np.testing.assert_array_equal(curves.returns, expected["returns"])
    assert positions[1:].tolist() == as_table(expected["positions"], symbols, 0)
    np.testing.assert_array_equal(
        panels.symbol_returns, as_table(expected["symbol_returns"], symbols, math.nan)
    )
    for t, row in enumerate(expected["holdings"]):
        if expected["equity_curve"][t + 1] != 0:
            assert panels.holdings[t].tolist() == as_table([row], symbols, 0.0)[0]
        else:
            assert np.isnan(panels.holdings[t]).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_column_equals_the_oracle(seed):
    assert_equals_oracle(make_case(seed, volatility=(0.03, 0.4, 1.0)[seed % 3]))


def test_a_wide_schedule_equals_the_oracle():
    """Long rows run through the vectorised loops and their remainders, which reassociate sums."""
    for count in (1, 3, 63, 64, 65, 257) if JIT else (1, 65):
        assert_equals_oracle(make_case(count, periods=12, count=count))


moves = st.integers(20, 90)
sizes = st.sampled_from([1, 7, 1000, 123457])


@st.composite
def tiny_cases(draw):
    periods, count = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    cells = periods * count
    prices = np.array(draw(st.lists(moves, min_size=cells, max_size=cells))).reshape(periods, count)
    prices = prices * draw(st.lists(sizes, min_size=count, max_size=count))
    raw = draw(st.lists(st.integers(-4, 4), min_size=cells, max_size=cells))
    weights = np.array(raw).reshape(periods, count) / draw(st.sampled_from([4.0 * count, 5.3 * count]))
    return make_case(0)._replace(
        weights=weights, prices=prices, cash=draw(st.integers(1, 10**11)), bps=draw(st.integers(0, 10000))
    )


@settings(max_examples=200 if JIT else 40, deadline=None)
@given(tiny_cases())
def test_small_schedules_equal_the_oracle(case):
    assert_equals_oracle(case)


@pytest.mark.parametrize("seed", range(6))
def test_the_lean_run_writes_the_same_curves(seed):
    case = make_case(seed)
    full, lean = run(*case), run(*case, lean=True, ring=2)
    for mine, theirs in zip(full[2], lean[2], strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(full[3][len(case.prices)], lean[3][len(case.prices) % 2])


def test_an_account_without_equity_does_not_trade():
    # Short 100 at 1.00 with 1.00 of cash a share; the price triples: equity is below zero.
    weights = [[-1.0], [-1.0], [1.0], [-0.5]]
    prices = [[100], [300], [310], [150]]
    code, _, curves, positions, panels = run(weights, prices, 10_000, 0)
    assert code == engine.DONE
    assert curves.equity.tolist() == [10_000, -10_000, -11_000, 5_000]
    assert positions[:, 0].tolist() == [0, -100, -100, -100, -17]
    assert curves.traded.tolist() == [10_000, 0, 0, 83 * 150]
    assert np.isnan(curves.returns).tolist() == [False, False, True, True]
    assert panels.holdings[2, 0] == -100 * 310 / -11_000


def test_weights_of_zero_equity_are_undefined():
    code, _, curves, _, panels = run([[-1.0], [0.0], [0.0]], [[100], [200], [190]], 10_000, 0)
    assert code == engine.DONE
    assert curves.equity.tolist() == [10_000, 0, 1000]
    assert np.isnan(panels.holdings[:, 0]).tolist() == [False, True, False]
    assert np.isnan(curves.returns).tolist() == [False, False, True]


NAN, INF = math.nan, math.inf
REFUSED = [
    ([[0.5, 0.5], [NAN, 0.5]], [[100, 100], [100, 100]], engine.BAD_ROW, 1),
    ([[0.5, INF], [0.5, 0.5]], [[100, 100], [100, 100]], engine.BAD_ROW, 0),
    ([[0.5, 0.5], [0.5, 0.5]], [[100, 100], [100, -1]], engine.BAD_ROW, 1),
    ([[0.5, 0.0], [0.5, 0.0]], [[100, 100], [100, -1]], engine.BAD_ROW, 1),
    ([[0.5, 0.0], [0.5, 0.0]], [[100, 2**53], [100, 1]], engine.BAD_ROW, 0),
    ([[0.5, 0.5], [0.5, 0.5]], [[100, 0], [100, 100]], engine.BAD_ROW, 0),
    ([[0.5, 0.5], [0.5, 0.0]], [[100, 100], [100, 0]], engine.BAD_ROW, 1),
    ([[0.5, 0.5], [0.7, 0.4]], [[100, 100], [100, 100]], engine.OVER_LEVERAGED, 1),
    ([[0.5, 0.5], [0.5, -0.6]], [[100, 100], [100, 100]], engine.OVER_LEVERAGED, 1),
]


@pytest.mark.parametrize(("weights", "prices", "code", "period"), REFUSED)
@pytest.mark.parametrize("lean", [False, True])
def test_a_refused_row_stops_the_run(weights, prices, code, period, lean):
    assert run(weights, prices, 10_000, 0, lean=lean)[:2] == (code, period)


def test_a_missing_price_is_no_matter_without_a_position():
    code, _, curves, positions, panels = run([[0.5, 0.0], [0.5, 0.0]], [[100, 0], [100, 0]], 10_000, 0)
    assert code == engine.DONE
    assert positions[1:, 1].tolist() == panels.holdings[:, 1].tolist() == [0.0, 0.0]
    assert np.isnan(panels.symbol_returns[:, 1]).all()
    assert curves.equity.tolist() == [10_000, 10_000]


def test_a_sum_of_weights_may_reach_the_limit():
    assert run([[0.5, 0.5]], [[100, 100]], 10_000, 0, max_leverage=1.0)[0] == engine.DONE


def test_leverage_is_free_where_there_is_no_limit():
    code, _, curves, positions, _ = run([[3.0], [3.0]], [[100], [110]], 10_000, 0, max_leverage=INF)
    assert code == engine.DONE
    assert positions[:, 0].tolist() == [0, 300, 354]
    assert curves.cash.tolist() == [-20_000, -20_000 - 54 * 110]


def test_amounts_at_the_limit_stop_the_run():
    most = 2**53 - 1
    assert run([[0.0]], [[1]], most, 0)[0] == engine.DONE
    assert run([[1.0]], [[1]], most, 0)[0] == engine.DONE
    assert run([[0.0]], [[1]], 2**53, 0)[:2] == (engine.TOO_LARGE, 0)
    assert run([[2.0]], [[1]], 2**52, 0, max_leverage=INF)[:2] == (engine.TOO_LARGE, 0)
    assert run([[1.0], [1.0]], [[1], [4]], 2**51, 0)[:2] == (engine.TOO_LARGE, 1)
    assert run([[-1.0], [-1.0]], [[1], [8]], 2**50, 0)[:2] == (engine.TOO_LARGE, 1)
    assert run([[-1.0]], [[1]], most, 0)[:2] == (engine.TOO_LARGE, 0)
    assert run([[-2.5 / 2**53], [0.0]], [[1], [1]], most - 2, 0)[:2] == (engine.TOO_LARGE, 1)
    assert run([[1.0]], [[1]], 2**52, 9999)[0] == engine.DONE
    assert run([[1.0]], [[1]], 2**52, 10000)[:2] == (engine.TOO_LARGE, 0)


def one_trade(equity, weight, price, held, bps):
    """Move one symbol; returns shares kept and what ``trade`` returns."""
    kept = np.zeros(1)
    sums = engine.trade(
        float(equity),
        readonly([weight], np.float64),
        readonly([price], np.int64),
        np.array([float(held)]),
        kept,
        float(bps),
    )
    return int(kept[0]), tuple(map(int, sums))


def whole_cost(size, bps):
    return size * bps // 10000


def test_costs_equal_integer_arithmetic_beside_every_multiple():
    """A share of price ``size`` is bought: the cost of its notional, near multiples and near the limit."""
    draw = random.Random(7)
    sizes = [1, 2, 9999, 10000, 10001, 2**53 - 1, 2**53 - 2, 9007199254740000, 9007199254730000]
    for _ in range(400 if JIT else 60):
        bps = draw.randint(1, 10000)
        near = draw.randint(1, 10 ** draw.randint(4, 15)) * 10000 // bps
        sizes += [max(near + step, 1) for step in (-1, 0, 1)]
    for i, size in enumerate(min(size, 2**53 - 1) for size in sizes):
        for bps in (draw.randint(0, 10000), 1, 10000 - i % 3):
            kept, (bought, traded, cost, _) = one_trade(size, 1.0, size, 0, bps)
            assert (kept, bought, traded, cost) == (1, size, size, whole_cost(size, bps)), (size, bps)


@settings(max_examples=300 if JIT else 60, deadline=None)
@given(st.integers(1, 2**53 - 1), st.integers(1, 2**53 - 1))
@example(2**53 - 1, 1)
@example(2**53 - 1, 2**53 - 1)
@example(2**53 - 2, 2**53 - 1)
@example(2**53 - 1, 2**52)
@example(9007199254740991, 94906267)
def test_shares_equal_the_integer_quotient(equity, price):
    """The float quotient never rounds up to a whole share that the money does not buy."""
    assert one_trade(equity, 1.0, price, 0, 0)[0] == equity // price
    assert one_trade(equity, -1.0, price, 0, 0)[0] == -(equity // price)


def test_quotients_just_below_a_whole_number():
    draw = random.Random(3)
    for _ in range(2000 if JIT else 200):
        price = draw.randint(1, 2 ** draw.randint(1, 52))
        below = draw.randint(1, (2**53 - 1) // price) * price - 1
        if below:
            assert one_trade(below, 1.0, price, 0, 0)[0] == below // price


def test_targets_are_cut_toward_zero():
    draw = random.Random(5)
    for _ in range(300 if JIT else 60):
        equity, price = draw.randint(1, 10**12), draw.randint(1, 10**6)
        held, weight = draw.randint(-(10**5), 10**5), draw.uniform(-1, 1)
        gap = int(float(equity) * weight) - held * price
        kept, (bought, traded, _, asked) = one_trade(equity, weight, price, held, 0)
        shares = toward_zero(gap, price)
        assert (kept, bought, traded, asked) == (held + shares, shares * price, abs(shares * price), abs(gap))


def test_a_holding_is_the_correctly_rounded_quotient():
    draw = random.Random(11)
    for _ in range(50):
        shares, price, equity = (
            draw.randint(-(10**6), 10**6),
            draw.randint(1, 10**9),
            draw.randint(1, 2**53 - 1),
        )
        out = np.zeros(1)
        engine.weigh(np.array([float(shares)]), readonly([price], np.int64), float(equity), out)
        assert out[0] == float(Fraction(shares * price, equity))
