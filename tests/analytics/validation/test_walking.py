"""Walks forward: what the original measured, and a choice that cannot see what follows."""

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import TimeSeriesSplit

import nanobook
from nanobook.errors import ShapeError, WrongType

GRID = {"days": [2, 5, 10], "side": [1, -1]}


def momentum(prices, days, side):
    """Long or short by the change over some days, known the day before."""
    prices = np.asarray(prices, float)
    change = np.diff(prices, prepend=prices[0]) / prices
    past = np.zeros(prices.size)
    past[days:] = np.sign(prices[days:] - prices[:-days])
    return side * np.concatenate([[0.0], past[:-1]]) * change


def market(seed=0, periods=400):
    """Prices with some trend in their changes."""
    noise = np.random.default_rng(seed).normal(0.0002, 0.01, periods + 1)
    changes = noise[1:] + 0.3 * noise[:-1]
    return pd.Series(100 * np.cumprod(1 + changes), pd.date_range("2024-01-01", periods=periods))


def test_the_originals_windows():
    returns = np.random.default_rng(1).normal(0, 0.01, 53)
    windows = nanobook.py_walkforward(returns, ["a", 1], 5, 0.7)
    edges = [
        tuple(window[key] for key in ("train_start", "train_end", "test_start", "test_end"))
        for window in windows
    ]
    assert edges == [(0, 7, 7, 10), (10, 17, 17, 20), (20, 27, 27, 30), (30, 37, 37, 40), (40, 49, 49, 53)]
    assert all(window["params"] == ["a", 1] for window in windows)
    assert windows[4]["train_metrics"] == nanobook.compute_metrics(returns[40:49])
    assert windows[4]["test_metrics"] == nanobook.compute_metrics(returns[49:])
    assert nanobook.walkforward(list(returns), n_windows=1)[0]["test_end"] == 53


def test_windows_without_training_are_left_out():
    windows = nanobook.walkforward(np.full(7, 0.01), n_windows=3, train_pct=0.4)
    assert [(window["train_start"], window["train_end"]) for window in windows] == [(4, 5)]
    with pytest.raises(ShapeError, match="leaves no training in windows of 2 periods"):
        nanobook.walkforward(np.full(6, 0.01), n_windows=3, train_pct=0.4)


def naive(prices, train, test, warmup):
    """The same walk in plain loops: for every window the best set by its own Sharpe ratio."""
    sets = [{"days": days, "side": side} for days in GRID["days"] for side in GRID["side"]]
    chosen, returns = [], []
    start = train
    while start + test <= len(prices):
        scored = []
        for params in sets:
            begin = max(0, start - train - warmup)
            earned = momentum(prices.to_numpy()[begin:start], **params)[-train:]
            scored.append(earned.mean() / earned.std(ddof=1))
        best = sets[int(np.argmax(scored))]
        chosen.append(best)
        begin = max(0, start - warmup)
        returns.extend(momentum(prices.to_numpy()[begin : start + test], **best)[-test:])
        start += test
    return chosen, returns


@pytest.mark.parametrize("warmup", [0, 10])
def test_it_chooses_what_plain_loops_choose(warmup):
    prices = market()
    result = nanobook.walk_forward_optimize(
        momentum, GRID, prices, train_size=120, test_size=50, warmup=warmup
    )
    chosen, returns = naive(prices, 120, 50, warmup)
    assert [window.params for window in result] == chosen
    np.testing.assert_array_equal(result.returns, returns)
    assert result.returns.index.equals(prices.index[120:370])
    assert result.metrics == nanobook.compute_metrics(returns)
    assert result.scores.shape == (5, 6)
    for window in result:
        assert window.train_score == window.scores.max() == window.train_metrics.sharpe
        assert window.test_score == window.test_metrics.sharpe


def test_a_shuffled_future_changes_no_past_window():
    prices = market()
    changed = prices.copy()
    changed.iloc[270:] = prices.iloc[270:].sample(frac=1.0, random_state=1).to_numpy()
    ours, other = (
        nanobook.walk_forward_optimize(momentum, GRID, data, train_size=120, test_size=50, warmup=10)
        for data in (prices, changed)
    )
    assert ours.windows[:3] == other.windows[:3]
    assert ours.windows[3:] != other.windows[3:]


def test_the_strategy_is_shown_no_row_beyond_its_window():
    seen = []

    def spy(window, k):
        seen.append((window.index[0], window.index[-1]))
        return np.full(len(window), 0.001 * k) + np.arange(len(window)) % 2 * 0.01

    data = pd.DataFrame({"a": range(30), "b": range(30)})
    result = nanobook.walk_forward_optimize(
        spy, {"k": [1, 3, 2]}, data, train_size=10, test_size=10, warmup=3
    )
    assert seen == [(0, 9)] * 4 + [(7, 19)] + [(7, 19)] * 4 + [(17, 29)]
    assert [window.params["k"] for window in result] == [3, 3]


def test_a_scorer_scores_all_sets_at_once():
    prices = market()
    calls = []

    def scorer(window, sets):
        calls.append((len(window), len(sets)))
        return [nanobook.compute_metrics(momentum(window, **params)).sharpe for params in sets]

    ours = nanobook.walk_forward_optimize(momentum, GRID, prices, train_size=120, test_size=50)
    fast = nanobook.walk_forward_optimize(momentum, GRID, prices, train_size=120, test_size=50, scorer=scorer)
    assert fast == ours
    assert calls == [(120, 6)] * 5


@pytest.mark.parametrize(
    ("metric", "maximize"),
    [("volatility", False), ("calmar", True), (np.sum, True), (lambda r: -r.min(), False)],
)
def test_any_metric_may_be_best(metric, maximize):
    result = nanobook.walk_forward_optimize(
        momentum, GRID, market().to_numpy(), train_size=100, test_size=100, metric=metric, maximize=maximize
    )
    for window in result:
        best = window.scores.max() if maximize else window.scores.min()
        assert window.train_score == best
    assert isinstance(result.returns, np.ndarray)


def test_other_splitters_and_grids():
    prices = market(periods=120)
    sets = [{"days": days, "side": side} for days in GRID["days"] for side in GRID["side"]]
    grids = (
        GRID,
        sets,
        pd.DataFrame(sets),
        np.array([tuple(one.values()) for one in sets], [("days", int), ("side", int)]),
        {"days": np.array([2, 5, 10]), "side": (1, -1)},
    )
    results = [nanobook.walk_forward_optimize(momentum, grid, prices, TimeSeriesSplit(4)) for grid in grids]
    assert all(result == results[0] for result in results)
    assert [window.train for window in results[0]] == [(0, 24), (0, 48), (0, 72), (0, 96)]
    same = nanobook.WalkForward(24, 24, anchored=True)
    assert nanobook.walk_forward_optimize(momentum, GRID, prices, same) == results[0]
    single = nanobook.walk_forward_optimize(momentum, {"days": 5, "side": 1}, prices, TimeSeriesSplit(4))
    assert single.grid == ({"days": 5, "side": 1},)


def test_a_backtest_is_a_strategy():
    prices = pd.DataFrame({"A": market(1), "B": market(2)}).round(2)

    def tilt(window, share):
        weights = pd.DataFrame(share, window.index, ["A"]).assign(B=1.0 - share)
        return nanobook.backtest_weights(weights, window, 10**9, 5)

    result = nanobook.walk_forward_optimize(
        tilt, {"share": [0.0, 0.5, 1.0]}, prices, train_size=150, test_size=100, warmup=1
    )
    assert len(result.returns) == 200
    assert {window.params["share"] for window in result} <= {0.0, 0.5, 1.0}


def test_equal_scores_choose_the_first_and_nan_is_never_chosen():
    def flat(window, k):
        return np.zeros(len(window))

    data = np.zeros(20)
    result = nanobook.walk_forward_optimize(flat, {"k": [3, 1, 2]}, data, train_size=10, test_size=5)
    assert [window.params for window in result] == [{"k": 3}] * 2
    result = nanobook.walk_forward_optimize(
        flat, {"k": [3, 1, 2]}, data, train_size=10, test_size=5, scorer=lambda *_: [np.nan, 1.0, 1.0]
    )
    assert [window.params for window in result] == [{"k": 1}] * 2


def test_result_tables_and_pictures():
    result = nanobook.walk_forward_optimize(momentum, GRID, market(), train_size=120, test_size=50)
    frame = result.to_frame()
    assert frame.columns.tolist() == [
        "train_start",
        "train_end",
        "test_start",
        "test_end",
        "days",
        "side",
        "train_sharpe",
        "test_sharpe",
    ]
    assert frame["test_start"].iloc[0] == pd.Timestamp("2024-04-30")
    assert result.mean_test_score == pytest.approx(frame["test_sharpe"].mean())
    assert result.efficiency == pytest.approx(frame["test_sharpe"].mean() / frame["train_sharpe"].mean())
    assert pickle.loads(pickle.dumps(result)) == result
    assert result != 1
    assert result[0] != 1
    assert "5 windows" in repr(result)
    assert "Window(0" in repr(result[0])
    assert result.summary()["windows"] == 5
    assert "efficiency" in result._repr_html_()
    figure = result.plot()
    assert figure.axes[0].get_ylabel().startswith("Growth")
    plain = nanobook.walk_forward_optimize(
        momentum, GRID, market().to_numpy(), train_size=120, test_size=50, progress=False
    )
    assert plain.plot().axes
    assert plain != result
    assert json.dumps(plain.to_frame().to_dict("list"))


def test_a_strategys_exception_names_window_and_parameters():
    def broken(window, k):
        raise KeyError("close")

    with pytest.raises(KeyError, match="close") as caught:
        nanobook.walk_forward_optimize(broken, {"k": [1]}, np.zeros(20), train_size=10, test_size=5)
    assert caught.value.__notes__ == ["nanobook: in window 0 (training rows 0 to 9) with {'k': 1}"]


def test_a_strategy_that_writes_into_its_window_harms_no_one():
    prices = 100.0 + np.cumsum(np.random.default_rng(4).normal(0.0, 1.0, 120))
    kept = prices.copy()

    def tidy(window, days):
        returns = np.append(0.0, np.diff(window)) * days
        window[:] = 1.0
        return returns

    def clean(window, days):
        return np.append(0.0, np.diff(window)) * days

    sizes = {"train_size": 40, "test_size": 20, "metric": "volatility"}
    found = nanobook.walk_forward_optimize(tidy, {"days": [0.001, 0.002]}, prices, **sizes)
    np.testing.assert_array_equal(prices, kept)
    assert found == nanobook.walk_forward_optimize(clean, {"days": [0.001, 0.002]}, prices, **sizes)


@pytest.mark.parametrize("kind", [list, tuple])
def test_plain_sequences_are_data_too(kind):
    prices = 100.0 + np.cumsum(np.random.default_rng(4).normal(0.0, 1.0, 80))

    def change(window, days):
        return np.append([0.0] * days, np.diff(np.asarray(window), days) / 100.0)[: len(window)]

    arguments = ({"days": [1, 2]}, 40, 20)
    found, wanted = (
        nanobook.walk_forward_optimize(change, arguments[0], data, train_size=40, test_size=20)
        for data in (kind(prices.tolist()), prices)
    )
    np.testing.assert_array_equal(found.returns, wanted.returns)
    assert found.to_frame().equals(wanted.to_frame())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"metric": lambda returns: None}, "metric: returned None, needs one for"),
        ({"metric": lambda returns: returns}, "metric: returned 40 numbers, needs one for"),
        ({"metric": lambda returns: "good"}, "metric: returned str, needs numbers"),
        (
            {"scorer": lambda window, sets: ["good"]},
            r"scorer: returned list, needs numbers; window 0 \(training",
        ),
    ],
)
def test_scores_that_are_no_numbers(options, told):
    with pytest.raises(WrongType, match=told):
        nanobook.walk_forward_optimize(
            lambda window, days: np.zeros(len(window)),
            {"days": [1]},
            np.arange(1.0, 81.0),
            train_size=40,
            test_size=20,
            **options,
        )
