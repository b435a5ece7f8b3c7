"""Rolling figures: kinds in and out, the twin in fractions, what is refused."""

import math
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanobook.errors import InvalidValue, NonFiniteError, ShapeError, WrongType
from nanobook.portfolio import (
    backtest_weights,
    rolling_beta,
    rolling_max_drawdown,
    rolling_return,
    rolling_sharpe,
    rolling_volatility,
)
from tests.oracle import windows as oracle
from tests.oracle.metrics import deviation

RETURNS = [0.02, -0.01, 0.04, -0.02, 0.03, 0.01, 0.0]
DAYS = pd.date_range("2024-01-01", periods=len(RETURNS), freq="D")
CLOSE = {"rel": 1e-12, "abs": 1e-12, "nan_ok": True}
FIGURES = (rolling_sharpe, rolling_volatility, rolling_return, rolling_max_drawdown)


@pytest.mark.parametrize("figure", FIGURES)
def test_what_goes_in_comes_out(figure):
    expected = np.array(figure(RETURNS, 3))
    assert isinstance(figure(RETURNS, 3), list)
    assert np.isnan(expected[:2]).all()
    assert not np.isnan(expected[2:]).any()
    for given_ in (tuple(RETURNS), np.array(RETURNS), np.array(RETURNS, ">f8"), np.repeat(RETURNS, 2)[::2]):
        np.testing.assert_array_equal(figure(given_, 3), expected)
    series = figure(pd.Series(RETURNS, DAYS), 3)
    assert series.index is DAYS or series.index.equals(DAYS)
    assert series.name == figure.__name__
    np.testing.assert_array_equal(series, expected)
    frame = pd.DataFrame({"A": RETURNS, "B": RETURNS[::-1]}, DAYS)
    answer = figure(frame, 3)
    assert list(answer.columns) == ["A", "B"]
    np.testing.assert_array_equal(answer["A"], expected)
    np.testing.assert_array_equal(answer["B"], figure(RETURNS[::-1], 3))
    np.testing.assert_array_equal(figure(frame.to_numpy(), 3), answer)


def test_figures_of_a_result():
    prices = pd.DataFrame({"A": [100.0, 110.0, 99.0, 120.0]}, DAYS[:4])
    result = backtest_weights(prices * 0 + 1.0, prices, 1_000_000, 10)
    pd.testing.assert_series_equal(rolling_sharpe(result, 2), rolling_sharpe(result.returns, 2))
    pd.testing.assert_series_equal(
        rolling_max_drawdown(result, 2), rolling_max_drawdown(result.equity_curve, 2)
    )
    rows = backtest_weights([[("A", 1.0)]] * 3, [[("A", cents)] for cents in (100, 110, 99)], 10_000, 0)
    assert rolling_return(rows, 2) == pytest.approx([math.nan, 0.1, -0.01], **CLOSE)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=40),
    st.integers(2, 12),
    st.sampled_from([1.0, 252.0]),
    st.sampled_from([0.0, 0.001]),
)
def test_sharpe_and_volatility_equal_the_twin(returns, window, year, rate):
    def sharpe(part):
        spread = deviation(part)
        return (math.fsum(part) / len(part) - rate) / spread * math.sqrt(year) if spread else 0.0

    spreads = oracle.over_windows(deviation, window, returns)
    mine = rolling_volatility(returns, window, year)
    assert mine == pytest.approx([s * math.sqrt(year) for s in spreads], rel=1e-12, nan_ok=True)
    for mine, twin, spread in zip(
        rolling_sharpe(returns, window, year, rate),
        oracle.over_windows(sharpe, window, returns),
        spreads,
        strict=True,
    ):
        slack = 1e-12 * max(1.0, 0.5 / spread) if spread and not math.isnan(spread) else 0.0
        assert mine == pytest.approx(twin, rel=1e-12, abs=slack * math.sqrt(year), nan_ok=True)


def test_what_does_not_vary_has_a_ratio_of_zero():
    """Row 24 of the original's faults: about 1e9 there."""
    assert rolling_sharpe([0.01] * 5, 3)[2:] == [0.0, 0.0, 0.0]
    assert rolling_volatility([0.01] * 5, 3)[2:] == [0.0, 0.0, 0.0]


def test_high_returns_that_vary_little_lose_no_digits():
    """Running sums of squares lose all of them here."""
    returns = [1e6 + step for step in (0.0, 1.0, 2.0, 1.0, 0.0, 1.0, 2.0)]
    assert rolling_volatility(returns, 3, 1.0)[2:] == pytest.approx(
        oracle.over_windows(deviation, 3, returns)[2:], rel=1e-13
    )


def test_an_unknown_return_spoils_its_windows_alone():
    returns = [*RETURNS, math.nan, *RETURNS]
    for figure in (rolling_sharpe, rolling_volatility, rolling_return):
        unknown = np.isnan(figure(returns, 3)).nonzero()[0].tolist()
        assert unknown == [0, 1, 7, 8, 9]


def test_a_window_longer_than_the_series_is_never_full():
    for figure in FIGURES:
        assert all(map(math.isnan, figure(RETURNS, 8)))
        assert not math.isnan(figure(RETURNS, 7)[-1])
        assert len(figure(RETURNS, 2**31)) == len(RETURNS)


def test_beta_matches_dates():
    mine, theirs = pd.Series(RETURNS, DAYS), pd.Series(np.array(RETURNS) * 0.5, DAYS)
    plain = rolling_beta(RETURNS, (np.array(RETURNS) * 0.5).tolist(), 3)
    assert plain == pytest.approx([math.nan] * 2 + [2.0] * 5, **CLOSE)
    longer = pd.concat([pd.Series([0.5], [DAYS[0] - pd.Timedelta("1D")]), theirs])
    np.testing.assert_array_equal(rolling_beta(mine, longer, 3), plain)
    late = rolling_beta(mine, theirs.iloc[2:], 3)
    assert np.isnan(late[:4]).all()
    assert late[4:].tolist() == pytest.approx([2.0] * 3)


def test_sharpe_and_volatility_equal_empyricals():
    folder = os.environ.get("NANOBOOK_DATA")
    if not folder:
        pytest.skip("NANOBOOK_DATA is not set: the folder of market data that is never part of the project")
    empyrical = pytest.importorskip("empyrical", reason="empyrical-reloaded is in the extra 'test'")
    path = Path(folder) / "expected" / "empyrical_returns.csv"
    returns = pd.read_csv(path, header=None, index_col=0, parse_dates=True)[1] / 100
    other = returns.shift(3, fill_value=0.001) * 0.5 + returns * 0.2
    for mine, theirs in (
        (rolling_sharpe(returns, 63), empyrical.roll_sharpe_ratio(returns, 63)),
        (rolling_volatility(returns, 63), empyrical.roll_annual_volatility(returns, 63)),
        (rolling_beta(returns, other, 63), empyrical.roll_beta(returns, other, 63)),
    ):
        np.testing.assert_allclose(mine.iloc[62:], theirs, rtol=1e-11, atol=1e-11)
    curve = (1.0 + returns).cumprod()
    for t in range(100, 504, 50):  # a window of 64 values is one of 63 returns
        theirs = -empyrical.max_drawdown(returns.iloc[t - 62 : t + 1])
        assert rolling_max_drawdown(curve, 64).iloc[t] == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize(
    ("series", "error", "message"),
    [
        ([0.01, math.inf], NonFiniteError, "row 1 is inf"),
        (pd.Series([0.01, -math.inf], DAYS[:2]), NonFiniteError, r"2024-01-02 \(row 1\) is -inf"),
        (pd.DataFrame({"A": [1.0], "B": [math.inf]}, DAYS[:1]), NonFiniteError, "B 2024-01-01"),
        ([], ShapeError, "empty"),
        (np.zeros((2, 2, 2)), ShapeError, r"shape \(2, 2, 2\)"),
        ([[0.01], [0.02, 0.03]], ShapeError, "not one series"),
        (["0.01"], WrongType, "holds <U4"),
        ([True, False], WrongType, "holds bool"),
        ("0.01", WrongType, "str is not accepted"),
        (0.01, WrongType, "float is not accepted"),
        (None, WrongType, "NoneType is not accepted"),
        (pd.Series(["a"]), WrongType, "needs numbers"),
        (pd.Series([0.1, 0.2], DAYS[1::-1]), InvalidValue, "must increase"),
        (pd.Series([0.1, 0.2], DAYS[[0, 0]]), InvalidValue, "dates twice: 2024-01-01"),
        (np.ma.array([0.1, 0.2], mask=[0, 1]), WrongType, "masked"),
    ],
)
def test_c003_c006_c007_c011_c026_what_is_no_series_is_refused(figure, series, error, message):
    with pytest.raises(error, match=message):
        figure(series, 2)


@pytest.mark.parametrize("window", [1, 0, -3, 2.5, "3", True, None])
def test_windows_that_are_none_are_refused(window):
    with pytest.raises((InvalidValue, WrongType), match="window="):
        rolling_sharpe(RETURNS, window)


def test_c012_c015_a_benchmark_that_does_not_fit_is_refused():
    mine = pd.Series(RETURNS, DAYS)
    with pytest.raises(ShapeError, match=r"benchmark \(6 rows\) vs returns \(7 rows\)"):
        rolling_beta(RETURNS, RETURNS[:6])
    with pytest.raises(ShapeError, match="time zones UTC and None"):
        rolling_beta(mine, mine.tz_localize("UTC"))
    with pytest.raises(ShapeError, match="no period in common"):
        rolling_beta(mine, mine.set_axis(DAYS + pd.Timedelta("1000D")))
    with pytest.raises(ShapeError, match="2024-01-02 lie between periods of returns"):
        rolling_beta(mine.drop(DAYS[1]), mine)
    with pytest.raises(ShapeError, match="2 columns, needs one series"):
        rolling_beta(mine, pd.DataFrame({"A": mine, "B": mine}))


def test_what_the_caller_owns_is_left_alone():
    returns = np.array(RETURNS)
    returns.flags.writeable = False
    series = pd.Series(RETURNS, DAYS)
    for figure in FIGURES:
        figure(returns, 3)
        figure(series, 3)
    assert returns.tolist() == series.tolist() == RETURNS
