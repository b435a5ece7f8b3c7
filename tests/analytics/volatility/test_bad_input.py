"""Bad input gets one typed error that names the parameter, the place, the value and the remedy.

A number in a test's name is the row of the project's list of bad inputs that it holds.
"""

import numpy as np
import pandas as pd
import pytest

from nanobook import (
    apply_garch,
    ewma_volatility,
    fit_garch,
    fit_har,
    fit_many,
    garch_ewma_forecast,
    realized_volatility,
)
from nanobook.errors import InvalidValue, NanobookError, NonFiniteError, ScaleWarning, ShapeError, WrongType

from .making import days, simulated


def series(values):
    return pd.Series(values, index=days(len(values)))


def refused(error, call, *parts):
    with pytest.raises(error) as caught:
        call()
    assert type(caught.value) is error
    assert isinstance(caught.value, NanobookError)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("call", [fit_garch, garch_ewma_forecast, ewma_volatility, fit_har])
def test_c003_numbers_that_are_not_finite_are_named(call):
    for bad in (np.nan, np.inf, -np.inf):
        values = series(simulated(100) ** 2)
        values.iloc[[4, 9]] = bad
        refused(NonFiniteError, lambda values=values: call(values), f"{bad} at 2018-01-05 (row 4)", "row 9")
        refused(
            NonFiniteError, lambda values=values: call(values.to_numpy()), f"{bad} at row 4, {bad} at row 9"
        )


def test_c003_extreme_sizes_are_fitted_or_refused():
    values = simulated(200)
    with pytest.warns(ScaleWarning):
        assert fit_garch(values * 1e100).converged
    with pytest.warns(ScaleWarning):
        assert fit_garch(values * 1e-100).converged


@pytest.mark.parametrize("factor", [1e-320, 1e-300, 1e-150, 1e150, 1e300])
def test_c003_sizes_whose_squares_are_no_numbers(factor):
    values = simulated(200) * factor
    table = np.column_stack([values, simulated(200)])
    refused(NonFiniteError, lambda: fit_garch(values), "square of such a size", "rescale")
    refused(NonFiniteError, lambda: fit_many(table), "column 0", "square of such a size")
    if factor < 1.0:
        assert garch_ewma_forecast(values) == 1e-6
        return
    for call in (garch_ewma_forecast, ewma_volatility, lambda some: apply_garch(some, [0.0, 0.1, 0.1, 0.8])):
        refused(NonFiniteError, lambda call=call: call(values), "square of such a size", "rescale")


def test_c006_c007_time_runs_forward():
    values = series(simulated(100))
    refused(InvalidValue, lambda: fit_garch(values.iloc[::-1]), "the index must increase")
    refused(InvalidValue, lambda: fit_garch(pd.concat([values, values])), "dates twice")


def test_c010_columns_are_named():
    bars = pd.DataFrame({"Open": [1.0, 1.0], "Adj Close": [1.0, 1.0]})
    refused(InvalidValue, lambda: realized_volatility(bars), "no column close", "Open, Adj Close")


def test_c011_c026_text_and_objects():
    refused(WrongType, lambda: fit_garch(["0.1"] * 60), "needs numbers")
    refused(WrongType, lambda: fit_garch(pd.Series(["a"] * 60)), "needs numbers")
    refused(WrongType, lambda: fit_garch(np.ma.masked_array(simulated(60))), "masked array")


def test_c020_short_empty_and_constant_series():
    refused(ShapeError, lambda: fit_garch(simulated(49)), "49 returns, needs at least 50")
    refused(ShapeError, lambda: fit_garch([]), "empty")
    refused(ShapeError, lambda: garch_ewma_forecast([]), "empty")
    refused(InvalidValue, lambda: fit_garch(np.zeros(100)), "every value is 0.0", "constant")
    refused(InvalidValue, lambda: fit_garch(np.full(100, 0.01)), "every value is 0.01")
    refused(ShapeError, lambda: fit_garch(np.ones((60, 2))), "(60, 2)", "one series")
    refused(ShapeError, lambda: fit_har(np.ones(60)), "needs at least 72")
    refused(InvalidValue, lambda: fit_har(np.ones(100)), "constant")
    refused(ShapeError, lambda: realized_volatility([1.0]), "1 bars")


def test_c026_arrays_of_other_libraries_and_indexes_of_several_levels():
    values = simulated(100)
    arrow = pytest.importorskip("pyarrow")
    assert fit_garch(arrow.array(values)) == fit_garch(values)
    assert ewma_volatility(arrow.array(values)).size == 100
    levels = pd.MultiIndex.from_product([["A", "B"], days(50)])
    refused(ShapeError, lambda: fit_garch(pd.Series(values, levels)), "2 levels", "droplevel")
    refused(ShapeError, lambda: fit_many(pd.DataFrame({"A": values}, levels)), "2 levels", "unstack")


def test_c015_ragged_tables():
    for call in (fit_many, ewma_volatility, realized_volatility):
        refused(ShapeError, lambda call=call: call([[1.0, 2.0], [3.0]]), "inhomogeneous")


def test_c025_prices_are_refused():
    prices = series(100.0 * np.cumprod(1.0 + simulated(300) / 100.0))
    refused(InvalidValue, lambda: fit_garch(prices), "look like prices", "pct_change")
    refused(InvalidValue, lambda: fit_garch(np.log(prices)), "look like prices")
    shifted = simulated(300) + 30.0
    shifted[0] = -1.0
    refused(InvalidValue, lambda: fit_garch(shifted), "mean 29.89")


def test_c025_a_scale_that_no_returns_have_is_told():
    for factor in (1e-8, 1e4):
        values = simulated(300) * factor
        with pytest.warns(ScaleWarning, match=rf"variance {values.var():.3g}".replace("+", r"\+")):
            fit_garch(values)
    fit_garch(simulated(300) / 100.0)  # fractions and percent are both usual


def test_choices_and_numbers():
    values = simulated(60)
    refused(InvalidValue, lambda: fit_garch(values, model="egrach"), "did you mean 'egarch'")
    refused(InvalidValue, lambda: fit_garch(values, distribution="studnt"), "'normal', 't', 'skewt'")
    refused(WrongType, lambda: fit_garch(values, mean=0), "mean=0")
    refused(InvalidValue, lambda: fit_garch(values, 0), "p=0 and o=0")
    refused(InvalidValue, lambda: fit_garch(values, 1, 1), "use model='gjr'")
    refused(InvalidValue, lambda: fit_garch(values, 21), "p=21")
    refused(WrongType, lambda: fit_garch(values, True), "truth value")
    refused(InvalidValue, lambda: fit_garch(values, initial="first"), "'backcast', 'sample' or a variance")
    refused(InvalidValue, lambda: fit_garch(values, initial=-1.0), "above 0")
    refused(InvalidValue, lambda: fit_garch(values, missing="fill"), "'raise' or 'drop'")
    refused(InvalidValue, lambda: ewma_volatility(values, 1.0), "between 0 and 1")


def test_parameters_that_do_not_belong():
    values = simulated(60)
    refused(InvalidValue, lambda: apply_garch(values, [0.1, 0.1]), "2 numbers", "beta[1]")
    for params in (None, 0.1, "abcd", iter([0.1]), [[0.0, 0.1, 0.1, 0.8]], [[0.0], [0.1, 0.2]]):
        refused(WrongType, lambda params=params: apply_garch(values, params), "needs 4 numbers: mu, omega")
    named = {"mu": 0.0, "omega": 0.1, "alpha[1]": 0.1, "beta": 0.8}
    refused(InvalidValue, lambda: apply_garch(values, named), "missing ['beta[1]']", "unknown ['beta']")
    refused(InvalidValue, lambda: apply_garch(values, [0.0, -5.0, 0.1, 0.8]), "the variance is -")
    two = [0.0, 0.1, 0.1, 0.8, 2.0]
    refused(InvalidValue, lambda: apply_garch(values, two, distribution="t"), "nu=2.0", "above 2")
    skew = [0.0, 0.1, 0.1, 0.8, 5.0, 1.0]
    refused(InvalidValue, lambda: apply_garch(values, skew, distribution="skewt"), "lambda=1.0")
    refused(NonFiniteError, lambda: apply_garch(values, [0.0, np.nan, 0.1, 0.8]), "omega")


def test_prices_of_bars():
    bars = pd.DataFrame({"high": [2.0, 2.0, 2.0], "low": [1.0, 3.0, 1.0]}, index=days(3))
    refused(
        InvalidValue, lambda: realized_volatility(bars, "parkinson"), "2018-01-02 (row 1)", "below the low"
    )
    refused(InvalidValue, lambda: realized_volatility([1.0, 0.0, 2.0]), "0.0 at row 1", "above 0")
    refused(NonFiniteError, lambda: realized_volatility([1.0, np.nan, 2.0]), "nan at row 1")
    refused(InvalidValue, lambda: realized_volatility([1.0, 2.0], "parkinsn"), "did you mean 'parkinson'")
    refused(InvalidValue, lambda: realized_volatility([1.0, 2.0], window=1), "window=1")
    refused(ShapeError, lambda: realized_volatility(None, "parkinson", high=[1.0, 2.0], low=[1.0]), "lengths")
