"""Weight schedules by rolling optimisation, and the optimisers in scikit-learn's dress."""

import numpy as np
import pandas as pd
import pytest

import nanobook as nb
from nanobook.errors import InvalidValue, NonFiniteError, ShapeError, SingularCovariance, TooFewObservations
from nanobook.errors import WrongType as Wrong

NAMES = ["AAPL", "MSFT", "XOM", "KO"]


def prices(periods=200):
    rng = np.random.default_rng(7)
    values = 100.0 * np.exp(np.cumsum(rng.normal(0.0005, 0.01, (periods, 4)), axis=0))
    return pd.DataFrame(values, pd.date_range("2024-01-01", periods=periods, freq="B"), NAMES)


def test_each_row_is_the_optimum_of_its_window():
    table = prices()
    schedule = nb.rolling_weights(table, nb.optimize_min_variance, lookback=60, every=20)
    assert schedule.index.tolist() == table.index[60::20].tolist()
    assert schedule.columns.equals(table.columns)
    returns = table.pct_change(fill_method=None)
    for date, row in schedule.iterrows():
        window = returns.loc[:date].iloc[-60:]
        np.testing.assert_allclose(row, nb.optimize_min_variance(window), atol=1e-10)


def test_arrays_get_a_row_a_period():
    table = prices()
    frame = nb.rolling_weights(table, nb.optimize_hrp, lookback=60, every=20)
    array = nb.rolling_weights(table.to_numpy(), nb.optimize_hrp, lookback=60, every=20)
    assert array.shape == (200, 4)
    assert np.isnan(array[:60]).all()
    np.testing.assert_array_equal(array[60::20], frame.to_numpy())
    named = nb.rolling_weights(table.to_numpy(), nb.optimize_hrp, lookback=60, every=20, symbols=NAMES)
    np.testing.assert_array_equal(named, array)


@pytest.mark.parametrize("every", [7, "M", "W"])
def test_the_future_changes_no_past_weights(every):
    table = prices()
    whole = nb.rolling_weights(table, nb.optimize_min_variance, lookback=40, every=every)
    shuffled = table.copy()
    shuffled.iloc[120:] = shuffled.iloc[120:][::-1].to_numpy()
    for other in (table.iloc[:120], shuffled):
        part = nb.rolling_weights(other, nb.optimize_min_variance, lookback=40, every=every)
        before = part.index < table.index[120]
        pd.testing.assert_frame_equal(part[before], whole[whole.index < table.index[120]])


def test_months_begin_with_their_first_row():
    schedule = nb.rolling_weights(prices(), nb.optimize_hrp, lookback=40, every="M")
    assert schedule.index[:3].strftime("%Y-%m-%d").tolist() == ["2024-03-01", "2024-04-01", "2024-05-01"]
    zoned = prices().tz_localize("America/New_York")
    assert len(nb.rolling_weights(zoned, nb.optimize_hrp, lookback=40, every="M")) == len(schedule)


def test_turnover_counts_from_drifted_weights():
    table = prices()
    limits = {"turnover": 0.1}
    schedule = nb.rolling_weights(
        table, nb.optimize_max_diversification, lookback=60, every=20, constraints=limits
    )
    free = nb.rolling_weights(table, nb.optimize_max_diversification, lookback=60, every=20)
    np.testing.assert_array_equal(schedule.iloc[0], free.iloc[0])
    for k in range(1, len(schedule)):
        grown = schedule.iloc[k - 1] * table.loc[schedule.index[k]] / table.loc[schedule.index[k - 1]]
        assert (schedule.iloc[k] - grown / grown.sum()).abs().sum() <= 0.1 + 1e-8


def test_assets_without_prices_are_left_out_on_request():
    table = prices()
    table.loc[table.index[:100], "KO"] = np.nan
    with pytest.raises(NonFiniteError, match=r"nan at KO 2024-01-01 \(row 0\).*missing='leave_out'"):
        nb.rolling_weights(table, nb.optimize_hrp, lookback=60)
    schedule = nb.rolling_weights(table, nb.optimize_hrp, lookback=60, every=20, missing="leave_out")
    assert (schedule["KO"] == 0.0).tolist() == [True] * 5 + [False] * 2
    np.testing.assert_allclose(schedule.sum(axis=1), 1.0)


def test_functions_of_ones_own():
    schedule = nb.rolling_weights(prices(), lambda returns: [0.25] * 4, lookback=60, every=20)
    assert (schedule == 0.25).all(axis=None)
    last = nb.rolling_weights(prices(), lambda returns: returns.iloc[-1].abs(), lookback=60, every=20)
    moved = prices().pct_change(fill_method=None).abs()
    np.testing.assert_allclose(last, moved.loc[last.index])


def test_what_cannot_be_rolled():
    table = prices()
    with pytest.raises(TooFewObservations, match="200 rows, needs more than lookback=200"):
        nb.rolling_weights(table, nb.optimize_hrp, lookback=200)
    with pytest.raises(InvalidValue, match="is no period"):
        nb.rolling_weights(table, nb.optimize_hrp, every="fortnight", lookback=20)
    with pytest.raises(Wrong, match="index are dates"):
        nb.rolling_weights(table.to_numpy(), nb.optimize_hrp, every="M", lookback=20)
    with pytest.raises(Wrong, match="needs a function"):
        nb.rolling_weights(table, "hrp", lookback=20)
    with pytest.raises(InvalidValue, match="missing='drop'"):
        nb.rolling_weights(table, nb.optimize_hrp, missing="drop")
    with pytest.raises(
        ShapeError, match=r"2024-01-30 \(row 21\): optimizer: returned weights of shape \(2,\)"
    ):
        nb.rolling_weights(table, lambda returns: [0.5, 0.5], lookback=21)
    with pytest.raises(NonFiniteError, match="not finite"):
        nb.rolling_weights(table, lambda returns: [np.nan] * 4, lookback=21)
    with pytest.raises(SingularCovariance, match=r"2024-01-04 \(row 3\): covariance from 3 rows"):
        nb.rolling_weights(table, nb.optimize_min_variance, lookback=3)
    table.iloc[5, 1] = -1.0
    with pytest.raises(NonFiniteError, match="-1 at MSFT"):
        nb.rolling_weights(table, nb.optimize_hrp, lookback=60)


def test_an_estimator_in_a_search():
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score

    returns = prices().pct_change(fill_method=None).dropna()
    model = nb.PortfolioEstimator(nb.optimize_cvar, alpha=0.9)
    assert clone(model).get_params() == model.get_params()
    assert model.fit(returns).weights_.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(model.predict(returns), returns.to_numpy() @ model.weights_)
    scores = cross_val_score(model, returns, cv=TimeSeriesSplit(3))
    assert np.isfinite(scores).all()
    search = GridSearchCV(model, {"alpha": [0.5, 0.8, 0.95]}, cv=TimeSeriesSplit(3)).fit(returns)
    assert search.best_params_["alpha"] in {0.5, 0.8, 0.95}
    assert repr(nb.PortfolioEstimator()) == "PortfolioEstimator(optimize_min_variance)"


def test_an_estimator_refuses():
    model = nb.PortfolioEstimator(nb.optimize_cvar, alpha=0.9)
    with pytest.raises(AttributeError, match="call fit first"):
        model.predict(np.zeros((3, 2)))
    with pytest.raises(InvalidValue, match=r"alhpa: is no parameter .*did you mean 'alpha'"):
        model.set_params(alhpa=0.5)
    with pytest.raises(ShapeError, match="X: 2 assets, fitted on 4"):
        model.fit(prices().pct_change(fill_method=None).dropna()).predict(np.zeros((3, 2)))
