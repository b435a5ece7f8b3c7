"""Fixed weights, bars and regressions: against twins, the original, arch and statsmodels."""

import json
import math
import pickle
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import nanobook
from nanobook import (
    ewma_forecast,
    ewma_volatility,
    fit_har,
    garch_ewma_forecast,
    garch_forecast,
    realized_vol,
    realized_volatility,
)
from nanobook.analytics.volatility import ewma
from tests.oracle import volatility as oracle

from .making import days, simulated

GOLDEN = Path(__file__).parents[2] / "golden" / "garch_ewma_093.json"
METHODS = ("close_to_close", "parkinson", "garman_klass", "rogers_satchell", "yang_zhang")


def test_fixed_weights_are_the_originals_to_the_last_bit():
    golden = json.loads(GOLDEN.read_text())
    for number, p, q, mean, wanted in golden["cases"]:
        assert garch_ewma_forecast(golden["series"][number], p, q, mean) == wanted


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-0.2, 0.2), min_size=1, max_size=40),
    st.integers(0, 12),
    st.integers(0, 12),
    st.sampled_from(["zero", "constant", "MEAN", "other"]),
)
@example(
    [-0.14396852679735533, 0.0, 0.0, 0.0625, -0.2, 0.0, 0.011385961758396457, 1e-06, -0.024], 0, 4, "mean"
)
def test_fixed_weights_are_the_twins(returns, p, q, mean):
    assert garch_ewma_forecast(returns, p, q, mean) == oracle.garch_ewma(returns, p, q, mean)


def test_fixed_weights_of_nothing_that_moves():
    assert garch_ewma_forecast([0.0] * 10) == pytest.approx(1e-6)
    assert garch_ewma_forecast([0.5]) == 0.0


def test_the_old_name_warns_once_a_process():
    ewma.warn_once.cache_clear()
    with pytest.warns(DeprecationWarning, match="garch_forecast") as caught:
        assert garch_forecast([0.01, -0.02, 0.01]) == garch_ewma_forecast([0.01, -0.02, 0.01])
    (told,) = caught
    assert str(told.message) == "nanobook.garch_forecast is deprecated; use garch_ewma_forecast"
    assert told.filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        garch_forecast([0.01, -0.02, 0.01])


def test_smoothing_keeps_labels():
    frame = pd.DataFrame(simulated(80, series=3), index=days(80), columns=list("abc"))
    found = ewma_volatility(frame, periods_per_year=252)
    assert found.index.equals(frame.index)
    assert list(found.columns) == ["a", "b", "c"]
    np.testing.assert_array_equal(found["b"], ewma_volatility(frame["b"], periods_per_year=252))
    assert ewma_forecast(frame)["c"] == ewma_forecast(frame["c"])


# Bars


def bars(count, seed=1):
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0, 0.02, count)))
    open_ = close * np.exp(rng.normal(0, 0.01, count))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.01, count)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.01, count)))
    return pd.DataFrame({"Open": open_, "High": high, "Low": low, "Close": close}, index=days(count))


@pytest.mark.parametrize("method", METHODS)
def test_bars_against_the_twin(method):
    table = bars(40)
    wanted = math.sqrt(oracle.realized_variance(method, table.to_numpy().tolist()))
    assert realized_volatility(table, method) == pytest.approx(wanted, rel=1e-12)
    if method != "rogers_satchell":
        assert realized_vol(*table.to_numpy().T, method) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_a_window_is_the_estimate_over_its_bars(method):
    table = bars(30)
    rolling = realized_volatility(table, method, window=7, periods_per_year=252)
    assert rolling.index.equals(table.index)
    assert rolling.iloc[:6].isna().all()
    for t in range(6, 30):
        one = realized_volatility(table.iloc[t - 6 : t + 1], method, periods_per_year=252)
        assert rolling.iloc[t] == pytest.approx(one, rel=1e-12)


def test_a_missing_bar_spoils_its_own_windows_alone():
    table = bars(30)
    whole = realized_volatility(table, "yang_zhang", window=5)
    holed = table.copy()
    holed.iloc[10] = np.nan
    found = realized_volatility(holed, "yang_zhang", window=5)
    assert found.isna().tolist() == [t < 4 or 10 <= t < 15 for t in range(30)]
    pd.testing.assert_series_equal(found[15:], whole[15:])


def test_panels_of_bars():
    one, two = bars(30), bars(30, 2)
    panel = {
        name.lower(): pd.DataFrame({"A": one[name], "B": two[name]})
        for name in ("Open", "High", "Low", "Close")
    }
    rolling = realized_volatility(method="garman_klass", **panel, window=5)
    np.testing.assert_array_equal(rolling["B"], realized_volatility(two, "garman_klass", window=5))
    whole = realized_volatility(panel["close"])
    assert whole.index.tolist() == ["A", "B"]
    assert whole["A"] == realized_volatility(one)
    assert realized_volatility(panel["close"].to_numpy(), window=5).shape == (30, 2)


def test_realized_vol_as_the_original():
    assert realized_vol([1, 1], [2, 2], [1, 1], [1, 2]) == 0.0  # one return has no spread
    assert math.isnan(realized_vol([1], [1], [1], [1]))
    assert math.isnan(realized_vol([1, 1], [1, 1], [1, 1], [1, 1], "yz"))
    assert math.isnan(realized_vol([1, 1], [1, 0], [1, 1], [1, 1]))
    assert math.isnan(realized_vol([1, 1], [1, 1, 1], [1, 1], [1, 1]))
    assert math.isnan(realized_vol([1, 1], [1, math.nan], [1, 1], [1, 1]))
    with pytest.raises(ValueError, match=r"^unknown realized_vol method: CC$"):
        realized_vol([1, 1], [1, 1], [1, 1], [1, 1], "CC")


def test_scaling_prices_changes_no_volatility():
    table = bars(30)
    for method in METHODS:
        assert realized_volatility(table * 7.0, method) == pytest.approx(realized_volatility(table, method))


# Regression


def test_regression_forecasts_step_by_step():
    variance = pd.Series(simulated(200) ** 2, index=days(200))
    fit = fit_har(variance, (1, 4))
    known = variance.tolist()
    for _ in range(3):
        const, day, week = fit.params
        known.append(max(const + day * known[-1] + week * sum(known[-4:]) / 4, 0.0))
    np.testing.assert_allclose(fit.forecast(3)["variance"], known[-3:])
    assert fit.fitted.index.equals(variance.index[4:])
    np.testing.assert_allclose(fit.fitted + fit.residuals, variance[4:])
    assert pickle.loads(pickle.dumps(fit)) == fit
    assert "R squared" in fit._repr_html_()
    assert len(fit.plot().axes) == 1
    assert nanobook.HarResult is type(fit)


@pytest.mark.parametrize("factor", [2.0**-60, 2.0**-40, 2.0**60])
def test_the_unit_of_a_variance_does_not_matter_to_its_regression(factor):
    """Of a minute's fractions it is far below the one that stands beside it."""
    variance = simulated(2_000) ** 2
    one, other = fit_har(variance), fit_har(variance * factor)
    unit = np.array([factor, 1.0, 1.0, 1.0])
    np.testing.assert_allclose(other.params, one.params * unit, rtol=1e-9)
    for lags in (None, 5):
        np.testing.assert_allclose(other.std_errors(lags), one.std_errors(lags) * unit, rtol=1e-9)
    assert other.rsquared == pytest.approx(one.rsquared)
