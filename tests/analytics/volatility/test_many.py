"""Many series at once: the numbers of single fits, on any number of threads."""

import pickle

import numpy as np
import pandas as pd
import pytest

from nanobook import fit_garch, fit_many
from nanobook.errors import ConvergenceWarning, InvalidValue, NonFiniteError, ShapeError

from .making import days, simulated

NAMES = ["AAPL", "MSFT", "XOM", "JPM", "T"]


def table(periods=150):
    return pd.DataFrame(simulated(periods, series=5), index=days(periods), columns=NAMES)


def test_every_series_gets_the_numbers_of_its_own_fit():
    returns = table()
    fits = fit_many(returns, threads=2)
    assert list(fits) == NAMES
    for name in NAMES:
        alone = fit_garch(returns[name])
        assert fits[name] == alone
        assert fits.loglikelihood[name] == pytest.approx(alone.loglikelihood, abs=1e-9)
        assert fits.bic[name] == pytest.approx(alone.bic, abs=1e-9)


def test_threads_change_nothing():
    one, two = (fit_many(table(), distribution="t", threads=threads) for threads in (1, 2))
    assert one == two
    pd.testing.assert_frame_equal(one.params, two.params, check_exact=True)


def test_the_order_of_the_series_does_not_matter():
    returns = table()
    fits, turned = fit_many(returns, threads=1), fit_many(returns[NAMES[::-1]], threads=1)
    pd.testing.assert_frame_equal(fits.params, turned.params.loc[NAMES], check_exact=True)


def test_series_may_begin_and_end_when_they_like():
    returns = table()
    returns.iloc[:30, 1] = np.nan
    returns.iloc[-10:, 2] = np.nan
    fits = fit_many(returns, missing="drop", threads=1)
    assert fits["MSFT"] == fit_garch(returns["MSFT"].dropna())
    volatility = fits.conditional_volatility()
    assert volatility.index.equals(returns.index)
    assert volatility.isna().sum().tolist() == [0, 30, 10, 0, 0]


def test_tables_and_forecasts():
    fits = fit_many(table(), threads=1)
    assert list(fits.to_frame().columns[-5:]) == ["loglikelihood", "aic", "bic", "converged", "iterations"]
    ahead = fits.forecast(3)
    assert ahead.shape == (5, 3)
    np.testing.assert_array_equal(ahead.loc["XOM"], fits["XOM"].forecast(3)["variance"])
    assert pickle.loads(pickle.dumps(fits)) == fits
    assert "series=5" in repr(fits)
    assert "AAPL" in fits._repr_html_()
    assert len(fits.plot().axes) == 4
    with pytest.raises(KeyError, match="did you mean 'AAPL'"):
        fits["AAPPL"]


def test_arrays_are_named_by_their_columns():
    fits = fit_many(table().to_numpy(), threads=1)
    assert list(fits) == [0, 1, 2, 3, 4]
    assert fits.conditional_volatility().shape == (150, 5)


def test_fits_that_give_up_are_told_by_name():
    with pytest.warns(ConvergenceWarning, match=r"5 of 5 fits .*AAPL, MSFT"):
        fits = fit_many(table(), max_steps=1, threads=1)
    assert not fits.converged.any()


def test_c003_infinite_cells_are_named():
    returns = table()
    returns.iloc[3, 1] = np.inf
    with pytest.raises(NonFiniteError, match=r"inf at MSFT 2018-01-04 \(row 3\)"):
        fit_many(returns)
    returns.iloc[4:40, 2] = np.nan
    with pytest.raises(NonFiniteError, match=r"37 in all"):
        fit_many(returns)


def test_c020_constant_and_short_series_are_named():
    returns = table()
    returns["XOM"] = 0.0
    with pytest.raises(InvalidValue, match=r"XOM: every value is 0\.0"):
        fit_many(returns)
    returns = table()
    returns.iloc[:120, 3] = np.nan
    with pytest.raises(ShapeError, match="JPM: 30 returns, needs at least 50"):
        fit_many(returns, missing="drop")


def test_c025_prices_are_named():
    prices = 100.0 * (1.0 + table() / 100.0).cumprod()
    with pytest.raises(InvalidValue, match=r"AAPL: mean .* look like prices"):
        fit_many(prices)
