"""Weight schedules by rolling optimisation, and the optimisers in scikit-learn's dress."""

import numpy as np
import pandas as pd
import pytest

import nanobook as nb
from nanobook.errors import (
    InfeasibleError,
    InvalidValue,
    NonFiniteError,
    ShapeError,
    SingularCovariance,
    TooFewObservations,
)
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


@pytest.mark.parametrize("names", [NAMES, None])
@pytest.mark.parametrize(
    "limits",
    [
        {"upper": {3: 0.2, 0: 0.3}},
        {"upper": [0.3, 1.0, 1.0, 0.2]},
        {"groups": {"two": ([0, 3], None, 0.4), "one": ([3], 0.0, 0.5)}},
        {"lower": -0.5, "groups": {"neutral": ({0: 1.0, 1: -1.0, 3: 0.5}, 0.0, 0.0)}},
    ],
)
def test_constraints_name_assets_that_are_not_there_yet(names, limits):
    table = prices()
    table.loc[table.index[:100], "KO"] = np.nan
    spelled = limits if names is None else by_name(limits)
    given = table.to_numpy() if names is None else table
    options = {"lookback": 60, "every": 20, "missing": "leave_out"}
    rolled = np.asarray(nb.rolling_weights(given, nb.optimize_min_variance, constraints=spelled, **options))
    rolled = rolled[~np.isnan(rolled[:, 0])]
    returns = table.pct_change(fill_method=None).to_numpy()
    without = returns[1:61, :3]
    few = {"upper": [0.3, 1.0, 1.0], "groups": {"two": ([0], None, 0.4)}}
    few["groups"] |= {"neutral": ({0: 1.0, 1: -1.0}, 0.0, 0.0)} if "lower" in limits else {}
    kept = {name: few[name] for name in limits if name in few}
    kept |= {"lower": -0.5} if "lower" in limits else {}
    if "lower" in limits:
        kept["groups"].pop("two")
    assert rolled[0].tolist() == [*nb.optimize_min_variance(without, constraints=kept), 0.0]
    whole = nb.optimize_min_variance(returns[121:181], constraints=limits)
    np.testing.assert_allclose(rolled[-1], whole, atol=1e-12)


def by_name(limits):
    """The same limits by symbol instead of column."""

    def named(value):
        return {NAMES[i]: number for i, number in value.items()} if isinstance(value, dict) else value

    spelled = {name: named(value) for name, value in limits.items() if name != "groups"}
    if "groups" in limits:
        spelled["groups"] = {
            name: ([NAMES[i] for i in members] if isinstance(members, list) else named(members), low, high)
            for name, (members, low, high) in limits["groups"].items()
        }
    return spelled


def test_what_is_left_out_cannot_be_sold_or_bought():
    table = prices()
    table.loc[table.index[:100], "KO"] = np.nan
    options = {"lookback": 60, "every": 20, "missing": "leave_out"}
    for limits, error, told in (
        ({"turnover": 0.5, "current": {"KO": 0.5, "XOM": 0.5}}, InvalidValue, "current: KO is held"),
        ({"groups": {"staples": (["KO"], 0.1, None)}}, InfeasibleError, "'staples'.*no member has prices"),
        ({"upper": {"KOO": 0.1}}, InvalidValue, "no asset 'KOO'.*did you mean 'KO'"),
    ):
        with pytest.raises(error, match=told):
            nb.rolling_weights(table, nb.optimize_min_variance, constraints=limits, **options)


def test_numbers_a_symbol_beside_constraints():
    table = prices()
    table.loc[table.index[:100], "KO"] = np.nan
    options = {"lookback": 60, "every": 20, "missing": "leave_out"}
    parts = {"AAPL": 1.0, "MSFT": 2.0, "XOM": 1.0, "KO": 3.0}
    rolled = nb.rolling_weights(table, nb.optimize_risk_parity, budgets=parts, **options)
    returns = table.pct_change(fill_method=None)
    first = nb.optimize_risk_parity(returns.iloc[1:61, :3], budgets=[1.0, 2.0, 1.0])
    np.testing.assert_allclose(rolled.iloc[0, :3], first, atol=1e-12)
    last = nb.optimize_risk_parity(returns.iloc[121:181], budgets=parts)
    np.testing.assert_allclose(rolled.iloc[-1], last, atol=1e-12)


@pytest.mark.parametrize("form", [lambda w: w.sort_values(), lambda w: w.sort_values().to_dict()])
def test_labelled_weights_go_by_their_labels(form):
    def inverse(returns):
        weights = 1.0 / returns.std()
        return weights / weights.sum()

    straight = nb.rolling_weights(prices(), inverse, lookback=60, every=20)
    turned = nb.rolling_weights(prices(), lambda returns: form(inverse(returns)), lookback=60, every=20)
    pd.testing.assert_frame_equal(turned, straight)
    returns = prices().pct_change(fill_method=None).dropna()
    model = nb.PortfolioEstimator(lambda returns: form(inverse(returns))).fit(returns)
    np.testing.assert_array_equal(model.weights_, inverse(returns))
    named = nb.rolling_weights(
        prices().to_numpy(),
        lambda values, names: dict(reversed(list(zip(names, [0.1, 0.2, 0.3, 0.4], strict=True)))),
        lookback=60,
        symbols=NAMES,
    )
    assert named[60].tolist() == [0.1, 0.2, 0.3, 0.4]


def test_weights_without_labels_go_by_place():
    for weights in ([0.1, 0.2, 0.3, 0.4], pd.Series([0.1, 0.2, 0.3, 0.4])):
        rolled = nb.rolling_weights(prices(), lambda returns, given=weights: given, lookback=60, every=20)
        assert rolled.iloc[0].tolist() == [0.1, 0.2, 0.3, 0.4]


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
    with pytest.raises(ShapeError, match="labels of its weights differ from the assets: MSFT, KO"):
        nb.rolling_weights(table, lambda returns: {"AAPL": 0.5, "XOM": 0.5}, lookback=21)
    with pytest.raises(Wrong, match="returned str, needs weights"):
        nb.rolling_weights(table, lambda returns: "equal", lookback=21)
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
    returns = prices().pct_change(fill_method=None).dropna()
    model.fit(returns)
    np.testing.assert_array_equal(model.predict(returns[NAMES[::-1]]), model.predict(returns))
    with pytest.raises(ShapeError, match="X: fitted without GM"):
        model.predict(returns.rename(columns={"KO": "GM"}))
    with pytest.raises(TooFewObservations, match="X: 1 rows, needs at least 2"):
        model.score(returns[:1])
    assert model.score(returns * 0.0 + 0.01) == 0.0
