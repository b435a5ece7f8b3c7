"""compute_metrics: the original's answers to the bit, and empyrical's where the definitions agree."""

import json
import math
import os
import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nanobook.errors import InvalidValue, NonFiniteError, ShapeError, WrongType
from nanobook.portfolio import Metrics, compute_metrics

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "backtest_093.json").read_text(encoding="utf-8"))
CHECK = [0.02, -0.01, 0.04, -0.02]


def spelled(value):
    return "inf" if value == math.inf else (value + 0.0).hex() if isinstance(value, float) else value


@pytest.mark.parametrize("case", GOLDEN["metrics"], ids=lambda case: case["name"])
def test_every_figure_equals_the_original_to_the_last_bit(case):
    metrics = compute_metrics(case["returns"], case["periods_per_year"], case["risk_free"])
    ours = {"volatility": 0.0, "sharpe": 0.0} if case["name"] == "constant" else {}  # theirs are rounding
    for name, expected in (case["expected"] | ours).items():
        assert spelled(getattr(metrics, name)) == spelled(expected), name


def test_the_check_of_the_specification():
    metrics = compute_metrics(CHECK, 252.0, 0.0)
    assert metrics.total_return == pytest.approx(0.02918816, abs=1e-15)
    assert metrics.cagr == 5.125918648063527
    assert metrics.volatility == 0.4371498598878879
    assert metrics.sharpe == 4.323460152737353
    assert metrics.sortino == 9.22225568936364
    assert metrics.max_drawdown == pytest.approx(0.02, abs=1e-15)
    assert (metrics.cvar_95, metrics.kelly) == (-0.02, 0.25)
    assert metrics.profit_factor == pytest.approx(2.0)
    assert metrics.payoff_ratio == pytest.approx(2.0)
    assert (metrics.num_periods, metrics.winning_periods, metrics.losing_periods) == (4, 2, 2)
    assert repr(metrics) == "Metrics(total_return=2.92%, sharpe=4.32, max_drawdown=2.00%, win_rate=50.0%)"


@pytest.mark.parametrize("seed", range(20))
def test_figures_equal_their_formulas(seed):
    """Each from its definition, in the plainest Python."""
    draw = random.Random(seed)
    returns = [draw.gauss(0.001, 0.03) for _ in range(draw.randint(2, 300))]
    n, rate = len(returns), draw.choice([0.0, 0.0005])
    metrics = compute_metrics(returns, 52, rate)
    curve, deepest = [1.0], 0.0
    for value in returns:
        curve.append(curve[-1] * (1.0 + value))
        deepest = max(deepest, (max(curve) - curve[-1]) / max(curve))
    mean = sum(returns) / n
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in returns) / (n - 1))
    downside = math.sqrt(math.fsum(min(value - rate, 0.0) ** 2 for value in returns) / (n - 1))
    cut = mean - 1.6448536269514722 * spread
    tail = [value for value in returns if value < cut] or [min(returns)]
    gains, losses = [v for v in returns if v > 0], [v for v in returns if v < 0]
    close = {
        "total_return": curve[-1] - 1.0,
        "cagr": curve[-1] ** (52 / n) - 1.0,
        "volatility": spread * math.sqrt(52),
        "sharpe": (mean - rate) / spread * math.sqrt(52),
        "sortino": (mean - rate) / downside * math.sqrt(52),
        "max_drawdown": deepest,
        "cvar_95": sum(tail) / len(tail),
        "win_rate": len(gains) / n,
        "profit_factor": sum(gains) / -sum(losses) if losses else math.inf,
    }
    for name, expected in close.items():
        assert getattr(metrics, name) == pytest.approx(expected, rel=1e-12, abs=1e-14), name
    assert metrics.calmar == metrics.cagr / metrics.max_drawdown


@pytest.mark.parametrize("level", [0.01, 0.1, 1e-4, -0.02])
def test_a_constant_has_no_volatility_and_no_sharpe(level):
    """Also one whose returns come from prices, and so differ by their rounding."""
    prices = [100.0 * (1.0 + level) ** i for i in range(253)]
    for returns in ([level] * 252, [after / before - 1.0 for before, after in pairwise(prices)]):
        metrics = compute_metrics(returns, 252.0, 0.0)
        assert (metrics.volatility, metrics.sharpe) == (0.0, 0.0)
    nearly = compute_metrics([level, level * (1.0 + 1e-8)] * 126, 252.0, 0.0)
    assert abs(nearly.sharpe) > 1e6


def test_any_series_of_numbers_is_accepted():
    expected = compute_metrics(CHECK)
    for returns in (
        tuple(CHECK),
        np.array(CHECK),
        np.array(CHECK, ">f8"),
        pd.Series(CHECK),
        np.repeat(CHECK, 2)[::2],
    ):
        assert compute_metrics(returns) == expected
    assert compute_metrics(np.array([1, 0, 2])) == compute_metrics([1.0, 0.0, 2.0])
    assert isinstance(expected, Metrics)


@pytest.mark.parametrize(
    ("returns", "error", "message"),
    [
        ([0.01, math.nan, math.inf], NonFiniteError, r"returns\[1\] is nan \(2 of 3 are not finite\)"),
        ([], ShapeError, "returns: empty"),
        ([[0.01], [0.02]], ShapeError, r"returns: shape \(2, 1\)"),
        ([[0.01], [0.02, 0.03]], ShapeError, "returns: not one series"),
        (0.01, ShapeError, r"returns: shape \(\)"),
        (["0.01"], WrongType, "returns: holds <U4"),
        ([True, False], WrongType, "returns: holds bool"),
        ([1j], WrongType, "returns: holds complex128"),
        (None, ShapeError, "returns: shape"),
    ],
)
def test_what_is_no_series_of_finite_numbers_is_refused(returns, error, message):
    with pytest.raises(error, match=message):
        compute_metrics(returns)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"periods_per_year": 0}, InvalidValue, "periods_per_year=0.0: must be above 0"),
        ({"periods_per_year": -252}, InvalidValue, "periods_per_year=-252.0"),
        ({"periods_per_year": math.nan}, NonFiniteError, "periods_per_year=nan"),
        ({"periods_per_year": math.inf}, NonFiniteError, "periods_per_year=inf"),
        ({"periods_per_year": "252"}, WrongType, "periods_per_year='252'"),
        ({"risk_free": math.nan}, NonFiniteError, "risk_free=nan"),
        ({"risk_free": None}, WrongType, "risk_free=None"),
        ({"risk_free": True}, WrongType, "risk_free=True"),
    ],
)
def test_numbers_out_of_range_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        compute_metrics(CHECK, **arguments)


def test_growth_beyond_floats_is_infinite():
    metrics = compute_metrics(np.full(5, 1e60), 252)
    assert metrics.total_return > 1e299
    assert metrics.cagr == math.inf


def test_empyrical_agrees_where_the_definitions_do():
    folder = os.environ.get("NANOBOOK_DATA")
    if not folder:
        pytest.skip("NANOBOOK_DATA is not set: the folder of market data that is never part of the project")
    empyrical = pytest.importorskip("empyrical", reason="empyrical-reloaded is in the extra 'test'")
    path = Path(folder) / "expected" / "empyrical_returns.csv"
    returns = pd.read_csv(path, header=None, index_col=0, parse_dates=True)[1] / 100
    assert len(returns) == 504
    n, ours = len(returns), compute_metrics(returns, 252.0, 0.0)
    close = {"rel": 1e-12, "abs": 1e-12}
    assert ours.total_return == pytest.approx(empyrical.cum_returns_final(returns), **close)
    assert ours.cagr == pytest.approx(empyrical.annual_return(returns), **close)
    assert ours.volatility == pytest.approx(empyrical.annual_volatility(returns), **close)
    assert ours.sharpe == pytest.approx(empyrical.sharpe_ratio(returns), **close)
    assert ours.max_drawdown == pytest.approx(-empyrical.max_drawdown(returns), **close)
    assert ours.calmar == pytest.approx(empyrical.calmar_ratio(returns), **close)
    # Ours divides the squared shortfalls by n - 1, empyrical by n.
    assert ours.sortino == pytest.approx(empyrical.sortino_ratio(returns) * math.sqrt((n - 1) / n), **close)
    # Ours is the mean below a normal cut, empyrical's of the lowest 5 %: near, not equal.
    assert ours.cvar_95 == pytest.approx(empyrical.conditional_value_at_risk(returns, 0.05), rel=0.5)
