"""Walk-forward: what is chosen on one window earns on the next."""

from __future__ import annotations

import math

import numpy as np

from ...errors import InvalidValue, NonFiniteError, ShapeError, WrongType
from ...hints import nearest
from ...portfolio.frames import check_index
from ...portfolio.inputs import finite, positive, whole
from ...portfolio.metrics import Metrics, compute_metrics, series
from .grid import read_grid
from .labels import count_samples
from .splits import WalkForward
from .walks import WalkForwardResult, Window

MOST = 2**31
PATIENCE = 2.0  # seconds until a bar appears


def walkforward(returns, params=None, n_windows=5, train_pct=0.7, periods_per_year=252.0, risk_free=0.0):
    """Measure one series of returns window by window, before and after a cut in each.

    It chooses nothing: `walk_forward_optimize` does.

    Parameters
    ----------
    returns : array-like of float, shape (T,)
        Simple returns a period.
    params : any, optional
        Handed through to every window.
    n_windows : int, default 5
        Windows of ``T // n_windows`` periods; the last one takes the rest.
    train_pct : float, default 0.7
        Above 0 and below 1: the first ``floor(size * train_pct)`` periods of a window are its training.
    periods_per_year, risk_free : float
        As for `compute_metrics`.

    Returns
    -------
    list of dict
        ``train_start``, ``train_end``, ``test_start``, ``test_end`` (rows; ends are one beyond),
        ``train_metrics``, ``test_metrics`` (Metrics) and ``params``.

    Raises
    ------
    ShapeError
        Windows of fewer than 2 periods, or so short that none has both parts.
    NonFiniteError, InvalidValue, WrongType
        An argument that cannot be used.

    Examples
    --------
    >>> import nanobook
    >>> windows = nanobook.walkforward([0.01, -0.02, 0.03, 0.01, 0.02, -0.01], n_windows=2, train_pct=0.7)
    >>> [(w["train_start"], w["train_end"], w["test_start"], w["test_end"]) for w in windows]
    [(0, 2, 2, 3), (3, 5, 5, 6)]
    """
    values = series(returns)
    count = whole("n_windows", n_windows, 1, MOST, "windows")
    part = finite("train_pct", train_pct)
    if not 0.0 < part < 1.0:
        raise InvalidValue(f"train_pct={part}: must be above 0 and below 1 (0.7 is 70 %)")
    if values.size // count < 2:
        raise ShapeError(
            f"returns: {values.size} periods in {count} windows; needs at least 2 a window, use fewer windows"
        )
    windows = []
    for first, stop in window_edges(values.size, count):
        cut = first + math.floor((stop - first) * part)
        if first < cut < stop:
            windows.append(
                {
                    "train_start": first,
                    "train_end": cut,
                    "test_start": cut,
                    "test_end": stop,
                    "train_metrics": compute_metrics(values[first:cut], periods_per_year, risk_free),
                    "test_metrics": compute_metrics(values[cut:stop], periods_per_year, risk_free),
                    "params": params,
                }
            )
    if not windows:
        raise ShapeError(f"train_pct={part}: leaves no training in windows of {values.size // count} periods")
    return windows


def window_edges(periods, count):
    """First rows of windows of equal size and where they end; the last one takes the rest."""
    size = periods // count
    starts = range(0, count * size, size)
    return [(start, periods if start == starts[-1] else start + size) for start in starts]


def walk_forward_optimize(
    strategy,
    grid,
    data,
    splitter=None,
    *,
    train_size=None,
    test_size=None,
    anchored=False,
    gap=0,
    warmup=0,
    metric="sharpe",
    maximize=True,
    scorer=None,
    periods_per_year=252.0,
    risk_free=0.0,
    progress=True,
):
    """Choose parameters on each training window and earn with them on the test that follows.

    Parameters
    ----------
    strategy : callable
        ``strategy(window, **params)`` gives the simple returns of the periods of ``window``, one each: an
        array-like, or something with ``returns`` such as a `BacktestResult`. It never sees a row beyond the
        window that it is to earn on.
    grid : mapping, list of mappings, DataFrame or structured array
        Sets of parameters; of a mapping from names to values the product.
    data : DataFrame, Series or array, shape (T, ...)
        Prices, or whatever the strategy works on, one row a period. An index must increase.
    splitter : optional
        Something with ``split(data)``, such as `WalkForward` or scikit-learn's ``TimeSeriesSplit``: windows
        without holes, each training before its test, the tests without overlap. By default a `WalkForward`
        of ``train_size``, ``test_size``, ``anchored`` and ``gap``.
    train_size, test_size : int, optional
        Periods; both are needed without a splitter.
    anchored : bool, default False
        Whether trainings grow from the first row, instead of moving along.
    gap : int, default 0
        Periods left out between training and test.
    warmup : int, default 0
        Rows before a window that the strategy is shown too, as far as there are any, for its indicators.
        What it returns for them does not count.
    metric : str or callable, default 'sharpe'
        A figure of `Metrics`, or ``metric(returns)`` of an array giving a number.
    maximize : bool, default True
        Whether the largest is best.
    scorer : callable, optional
        ``scorer(window, sets)`` scores all sets of parameters (a list of dicts) on a training window at once,
        one number each; in the place of a call of ``strategy`` and ``metric`` for each. The window has no
        warm-up rows.
    periods_per_year, risk_free : float
        As for `compute_metrics`.
    progress : bool, default True
        Show a bar if the run takes longer than some seconds.

    Returns
    -------
    WalkForwardResult
        Its ``returns`` are the tests' alone, end to end.

    Raises
    ------
    ShapeError
        Too few rows, a window with holes, tests that overlap, returns or scores of another length.
    NonFiniteError
        A return that is NaN or infinite; scores of a window that are all NaN.
    InvalidValue, WrongType
        Another argument that cannot be used.

    Notes
    -----
    Of equal scores the first set in the order of the grid is chosen; a set whose score is NaN is not. An
    exception of the strategy is passed on with a note that names the window and the parameters.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> def momentum(prices, days):
    ...     change = np.diff(prices, prepend=prices[0]) / prices
    ...     past = np.concatenate([np.zeros(days), prices[days:] - prices[:-days]])
    ...     return np.concatenate([[0.0], np.sign(past[:-1]) * change[1:]])
    >>> prices = 100 + np.cumsum(np.random.default_rng(5).normal(0.02, 1, 600))
    >>> result = nanobook.walk_forward_optimize(
    ...     momentum, {"days": [5, 20, 60]}, prices, train_size=200, test_size=100, warmup=60
    ... )
    >>> len(result.returns), [window.params["days"] for window in result]
    (400, [...])
    """
    if not callable(strategy):
        raise WrongType(f"strategy: {type(strategy).__name__}, needs a callable strategy(window, **params)")
    year, rate = positive("periods_per_year", periods_per_year), finite("risk_free", risk_free)
    measure = read_metric(metric, year, rate)
    sets = read_grid(grid)
    count = count_samples(data)
    if hasattr(data, "iloc"):
        check_index("data", data.index)
    splitter = read_splitter(splitter, train_size, test_size, anchored, gap)
    runner = Runner(strategy, data, whole("warmup", warmup, 0, MOST, "periods"), sets, measure, scorer)
    windows = read_windows(splitter, data, count)
    walked = [
        runner.walk(number, window, bool(maximize), year, rate)
        for number, window in shown(windows, bool(progress))
    ]
    return WalkForwardResult.of(
        walked, sets, metric, (year, rate), data.index if hasattr(data, "iloc") else None
    )


class Runner:
    """Runs a strategy over the windows of its data."""

    def __init__(self, strategy, data, warmup, sets, measure, scorer):
        self.strategy, self.data, self.warmup = strategy, data, warmup
        self.sets, self.measure, self.scorer = sets, measure, scorer
        if scorer is not None and not callable(scorer):
            raise WrongType(f"scorer: {type(scorer).__name__}, needs a callable scorer(window, sets)")

    def walk(self, number, window, maximize, year, rate):
        """Choose on the training, earn on the test."""
        (first, stop), (start, end) = window
        told = f"window {number} (training rows {first} to {stop - 1})"
        scores = self.scores(told, first, stop)
        best = choose(told, scores, maximize)
        params = self.sets[best]
        train = self.returns(told, first, stop, params)
        test = self.returns(f"window {number} (test rows {start} to {end - 1})", start, end, params)
        return Window(
            number=number,
            train=(first, stop),
            test=(start, end),
            params=params,
            train_score=float(scores[best]),
            test_score=self.measure(test),
            train_metrics=compute_metrics(train, year, rate),
            test_metrics=compute_metrics(test, year, rate),
            scores=scores,
            returns=test,
        )

    def scores(self, told, first, stop):
        """Score all sets on a training window."""
        if self.scorer is None:
            return np.array([self.measure(self.returns(told, first, stop, params)) for params in self.sets])
        given = self.scorer(part(self.data, first, stop), [dict(params) for params in self.sets])
        scores = as_numbers("scorer", given, told).reshape(-1)
        if scores.size != len(self.sets):
            raise ShapeError(f"scorer: {scores.size} scores for {len(self.sets)} sets of parameters, {told}")
        return scores

    def returns(self, told, first, stop, params):
        """Returns of the strategy over some rows."""
        begin = max(0, first - self.warmup)
        where = f"{told} with {params}"
        try:
            given = self.strategy(part(self.data, begin, stop), **params)
        except Exception as error:
            error.add_note(f"nanobook: in {where}")
            raise
        values = np.asarray(getattr(given, "returns", given))
        if values.shape != (stop - begin,):
            raise ShapeError(
                f"strategy: returned shape {values.shape} for {stop - begin} periods, needs one return each; "
                f"{where}"
            )
        if values.dtype.kind not in "iuf":
            raise WrongType(f"strategy: returned {values.dtype}, needs numbers; {where}")
        values = np.array(values[first - begin :], np.float64)
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise NonFiniteError(
                f"strategy: the return of row {first + bad[0]} is {values[bad[0]]} ({bad.size} in all), "
                f"{where}; give 0 where there is none yet, or rows to warm up on with warmup="
            )
        return values


def part(data, first, stop):
    """Some rows of the data; what a strategy writes into them changes neither the data nor a later window."""
    rows = data.iloc[first:stop] if hasattr(data, "iloc") else data[first:stop]
    return rows.copy() if isinstance(rows, np.ndarray) else rows


def as_numbers(name, given, where):
    """Make an array of numbers of what a function of the user's returned."""
    try:
        return np.array(given, np.float64)
    except (TypeError, ValueError):
        raise WrongType(f"{name}: returned {type(given).__name__}, needs numbers; {where}") from None


def choose(told, scores, maximize):
    """Number of the best score."""
    if np.isnan(scores).all():
        raise NonFiniteError(f"{told}: the scores of all {scores.size} sets of parameters are NaN")
    return int(np.nanargmax(scores) if maximize else np.nanargmin(scores))


def read_metric(metric, year, rate):
    """Make the function that scores an array of returns."""
    if callable(metric):
        return lambda returns: one_number(metric(returns))
    names = [name for name in Metrics.__dataclass_fields__ if name not in ("periods_per_year", "risk_free")]
    if not isinstance(metric, str):
        raise WrongType(f"metric={metric!r}: needs the name of a figure, or a callable")
    if metric not in names:
        raise InvalidValue(f"metric={metric!r}: there are {', '.join(names)}{nearest(metric, names)}")
    return lambda returns: float(getattr(compute_metrics(returns, year, rate), metric))


def one_number(given):
    """Take the score that a metric gave; None is no number here, as NaN would hide a missing return."""
    score = None if given is None else as_numbers("metric", given, "one for the returns of a window")
    if score is None or score.size != 1:
        told = "None" if score is None else f"{score.size} numbers"
        raise WrongType(f"metric: returned {told}, needs one for the returns of a window")
    return float(score.reshape(-1)[0])


def read_splitter(splitter, train_size, test_size, anchored, gap):
    """Take a splitter, or make one."""
    if splitter is None:
        for name, size in (("train_size", train_size), ("test_size", test_size)):
            if size is None:
                raise InvalidValue(f"{name}: missing; pass both sizes in periods, or a splitter")
        return WalkForward(train_size, test_size, anchored=bool(anchored), gap=gap)
    if not hasattr(splitter, "split"):
        raise WrongType(f"splitter: {type(splitter).__name__}, needs something with split(data)")
    if (train_size, test_size, anchored, gap) != (None, None, False, 0):
        raise InvalidValue("train_size, test_size, anchored, gap: go without a splitter; leave them out")
    return splitter


def read_windows(splitter, data, count):
    """List ((first, stop), (start, end)) of all windows, known to be in order and without holes."""
    windows, last = [], 0
    for number, rows in enumerate(splitter.split(data)):
        (first, stop), (start, end) = (
            run(number, name, part) for name, part in zip(("train", "test"), rows, strict=True)
        )
        if stop > start:
            raise ShapeError(
                f"split {number}: trains on row {stop - 1}, which is not before the test at {start}"
            )
        if start < last or end > count:
            raise ShapeError(f"split {number}: tests row {start} again; use tests that do not overlap")
        windows.append(((first, stop), (start, end)))
        last = end
    if not windows:
        raise ShapeError("splitter: gives no split")
    return windows


def run(number, name, rows):
    """First row of a run of neighbours, and the one beyond it."""
    rows = np.asarray(rows)
    if not rows.size or (np.diff(rows) != 1).any():
        raise ShapeError(f"split {number}: its {name} rows are not one run of neighbours")
    return int(rows[0]), int(rows[-1]) + 1


def shown(windows, progress):
    """Number the windows, under a bar if that takes long."""
    from tqdm.auto import tqdm

    # Without a word here tqdm listens to TQDM_DISABLE.
    told = {} if progress else {"disable": True}
    return enumerate(tqdm(windows, unit="window", leave=False, delay=PATIENCE, **told))
