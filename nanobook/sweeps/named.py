"""The original's sweeps by their names: of returns, of Python strategies, and of equal weights."""

from __future__ import annotations

from dataclasses import dataclass

from .. import _link
from ..errors import IncompleteSweep, WrongType
from ..portfolio.backtest import backtest_weights
from ..portfolio.inputs import finite, positive, whole
from ..portfolio.metrics import compute_metrics
from ..portfolio.run import run_backtest
from .collect import fill
from .spread import Rows, elsewhere, is_lost


def sweep_function(params, periods_per_year, risk_free, function, *, executor=None, progress=True):
    """Return the metrics of the returns that a function gives for each parameter.

    Parameters
    ----------
    params : sequence
        Of anything.
    periods_per_year, risk_free : float
    function : callable
        Takes a parameter, returns a series of returns.
    executor, progress
        As for `sweep`.

    Returns
    -------
    list of Metrics
        None where there are no returns.
    """
    ppy = positive("periods_per_year", periods_per_year)
    rate = finite("risk_free", risk_free)
    return map_calls(ReturnsOf(function, ppy, rate), list(params), executor, progress)


def sweep_equal_weight(n_params, price_series, initial_cash, periods_per_year=12.0, risk_free=0.0):
    """Return the metrics of an equal-weight backtest without costs, so many times.

    The original runs it once a parameter, and uses none; it is run once here.

    Parameters
    ----------
    n_params : int
        Entries of the result.
    price_series : list of rows of (symbol, cents), or DataFrame
        Every symbol of a row (with a price) gets the same weight, each period anew.
    initial_cash : int
        Cents.
    periods_per_year : float, default 12
    risk_free : float, default 0
        A period.

    Returns
    -------
    list of Metrics
        All the same; None where there are no periods.

    Examples
    --------
    >>> import nanobook
    >>> rows = [[("A", 10000), ("B", 5000)], [("A", 10100), ("B", 5050)]]
    >>> nanobook.sweep_equal_weight(1, rows, 1_000_000)
    [Metrics(total_return=1.00%, sharpe=2.45, max_drawdown=0.00%, win_rate=50.0%)]
    """
    count = whole("n_params", n_params, 0, 10**9, "how often the same metrics are wanted")
    if not len(price_series):
        return [None] * count
    if isinstance(price_series, (list, tuple)):
        weights = [[(name, 1.0 / len(row)) for name in dict(row)] for row in price_series]
    else:
        priced = price_series.notna() & (price_series > 0)
        weights = priced.div(priced.sum(axis=1).clip(lower=1), axis=0)
    result = backtest_weights(weights, price_series, initial_cash, 0, periods_per_year, risk_free, lean=True)
    return [result.metrics] * count


def sweep_strategy(
    params,
    price_series,
    initial_cash,
    cost_model,
    periods_per_year=252.0,
    risk_free=0.0,
    factory=None,
    *,
    executor=None,
    progress=True,
):
    """Return the metrics of strategies that are written in Python, one a parameter.

    Parameters
    ----------
    params : sequence
        Of anything.
    price_series, initial_cash, cost_model, periods_per_year, risk_free
        As for `run_backtest`.
    factory : callable
        Takes a parameter, returns a strategy as `run_backtest` takes it: for every path a new one.
    executor, progress
        As for `sweep`, which is a thousand times faster for a strategy that can be compiled.

    Returns
    -------
    list of Metrics
        None where there are no periods.

    Raises
    ------
    NanobookError
        As `run_backtest`. What a strategy raises is not caught.

    Examples
    --------
    >>> import nanobook
    >>> rows = [{"A": 10000, "B": 5000}, {"A": 10100, "B": 5000}]
    >>> def only(symbol):
    ...     return lambda bar_index, prices, portfolio: {symbol: 1.0}
    >>> found = nanobook.sweep_strategy(["A", "B"], rows, 1_000_000, None, factory=only)
    >>> [round(metrics.total_return, 4) for metrics in found]
    [0.01, 0.0]
    """
    if not callable(factory):
        raise WrongType(f"factory: {factory!r} cannot be called; pass a function of a parameter")
    if not len(price_series):
        return [None] * len(params)
    terms = (price_series, initial_cash, cost_model, periods_per_year, risk_free)
    return map_calls(BacktestOf(factory, terms), list(params), executor, progress)


@dataclass
class Calls:
    """A job of calls of a Python function; a stretch is a list of parameters."""

    function: object

    def play(self, stretch, threads):
        """Call the function with each."""
        return Answers([self.call(param) for param in stretch])

    def __getstate__(self):
        return {**vars(self), "function": _link.to_bytes(self.function)}

    def __setstate__(self, state):
        vars(self).update(state, function=_link.from_bytes(state["function"]))


@dataclass
class ReturnsOf(Calls):
    """Metrics of the returns that a function gives."""

    periods_per_year: float
    risk_free: float

    def call(self, param):
        """Metrics for one parameter."""
        returns = self.function(param)
        if not len(returns):
            return None
        return compute_metrics(returns, self.periods_per_year, self.risk_free)


@dataclass
class BacktestOf(Calls):
    """Metrics of the backtest of the strategy that a factory makes."""

    terms: tuple

    def call(self, param):
        """Metrics for one parameter."""
        return run_backtest(self.function(param), *self.terms).metrics


class Answers(list):
    """A piece of answers."""

    errors: dict = {}  # noqa: RUF012  an exception of the function is raised as it is


class Listed:
    """Takes pieces into a list."""

    lenient = False

    def __init__(self):
        self.answers = []

    @property
    def done(self):
        """How many there are."""
        return len(self.answers)

    def add(self, piece):
        """Take the next piece."""
        self.answers += piece


def map_calls(job, params, executor, progress):
    """Call a job for each parameter, here one after the other, or by an executor; answers in order."""
    sink = Listed()
    if executor is None:
        fill(sink, (job.play([param], 1) for param in params), len(params), progress)
        return sink.answers
    try:
        fill(sink, elsewhere(job, Rows(params), executor), len(params), progress)
    except Exception as error:
        if not is_lost(error):
            raise
        left = len(params) - sink.done
        raise IncompleteSweep(
            f"executor: lost its workers ({type(error).__name__}: {error}); done: {sink.done} of "
            f"{len(params)}, which are in .result; the other {left} are not",
            sink.answers,
        ) from error
    return sink.answers
