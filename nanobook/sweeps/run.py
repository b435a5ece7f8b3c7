"""``sweep``: one compiled strategy, thousands of sets of parameters; and one of them in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidValue, NanobookError, WrongType
from ..hints import nearest
from ..kernels.backtest import DONE, HOLD
from ..kernels.sweep import COLUMNS
from ..params import read_params
from ..portfolio.backtest import backtest_weights
from ..portfolio.inputs import CENTS, whole
from .collect import collect
from .grid import read_grid
from .jobs import StrategyJob, retold
from .market import read_market, read_terms
from .spread import Rows
from .store import ERROR
from .weigher import Weigher

CASH = 100_000_000
MOST_MEMORY = 10_000
OPTIONS = (
    "periods_per_year",
    "risk_free",
    "stop_cfg",
    "symbols",
    "price_scale",
    "max_leverage",
    "high",
    "low",
)


def sweep(
    strategy,
    grid=None,
    prices=None,
    initial_cash=CASH,
    cost_bps=0,
    *,
    periods_per_year=252.0,
    risk_free=0.0,
    stop_cfg=None,
    symbols=None,
    price_scale=CENTS,
    max_leverage=1.0,
    high=None,
    low=None,
    memory=0,
    errors="raise",
    threads=None,
    curves=False,
    executor=None,
    out=None,
    progress=True,
):
    """Backtest a compiled strategy with every set of parameters of a grid.

    The strategy is a function ``strategy(bar, params, weights)`` that is called at the close of every
    period, inside the engine and at compiled speed. It may be decorated with ``numba.njit`` and call what
    Numba compiles. ``bar`` tells what is known then (``bar.t``, ``bar.prices`` up to this period,
    ``bar.positions``, ``bar.cash``, ``bar.equity``, in currency units; ``bar.memory``), ``params.name`` is a
    parameter, and ``weights`` is a row to be written: a target fraction of equity a symbol. Left as it is,
    NaN throughout, it keeps what is held. The rules are those of `backtest_weights`: fills at the prices of
    the bar, so a strategy that must not use the close it trades at looks at ``bar.prices[bar.t - 1]``.

    Parameters
    ----------
    strategy : function
        ``strategy(bar, params, weights)``, or ``strategy(bar, weights)`` without parameters.
    grid : mapping, DataFrame, list of dicts, or structured array
        A mapping of names to values stands for all combinations, in order, the last name changing
        fastest. A table has a row a set. Numbers and bools.
    prices : DataFrame, array of shape (T, N), or list of T rows
        As ``price_schedule`` of `backtest_weights`. Shared by all paths.
    initial_cash : int, default 100_000_000
        Cents.
    cost_bps : int, default 0
        Of each fill.
    periods_per_year, risk_free, stop_cfg, symbols, price_scale, max_leverage, high, low
        As for `backtest_weights`; highs and lows are for stops by range. Stops are looked at on closes.
    memory : int, default 0
        Rows of ``bar.memory``, float64 of shape (memory, N): zeros in the first period of a path, and the
        strategy's own, as for a moving average that it carries on.
    errors : {"raise", "nan"}, default "raise"
        What happens to a path that fails: a NaN weight beside others, a weight without a price, too much
        leverage, an exception. Either the sweep raises what is wrong with the first one, or its figures
        are NaN and the column ``error`` says why.
    threads : int, optional
        At most so many; by default as many as Numba uses. Not for an executor, whose workers are many.
    curves : bool, default False
        Keep the equity of every path: ``SweepResult.curves``.
    executor : concurrent.futures.Executor or dask Client, optional
        Where to play the paths, about 64 pieces of them. The result is the same bit for bit.
    out : str or path-like, optional
        A Parquet file to write the rows to as they come, instead of keeping them in memory.
    progress : bool, default True
        Show a bar if it takes longer than some seconds.

    Returns
    -------
    SweepResult
        One row a set, in the order of the grid, the same at any number of threads and with any executor.
        After Ctrl-C what is done, marked as incomplete, with a warning.

    Raises
    ------
    StrategyError
        The strategy cannot be compiled, or it raised.
    MissingPriceError, NonFiniteError, InvalidValue, NotionalOverflow
        As `backtest_weights`; names the parameters, the period and the symbol.
    CapacityError
        The rows or curves would not fit into memory; nothing was run.
    IncompleteSweep
        The executor lost its workers; ``error.result`` is what was done.

    Notes
    -----
    ``sweep(params, periods_per_year, risk_free, function)`` is the original's (of its Rust library): the
    `Metrics` of the returns that ``function(param)`` gives, None where it gives none. It takes
    ``executor`` and ``progress``.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> def momentum(bar, params, weights):
    ...     weights[:] = 0.0
    ...     if bar.t >= params.lookback:
    ...         up = bar.prices[bar.t] > bar.prices[bar.t - params.lookback]
    ...         for i in range(weights.size):
    ...             weights[i] = up[i] / max(up.sum(), 1)
    >>> walk = np.random.default_rng(1).normal(0.0005, 0.01, (500, 3))
    >>> prices = 100 * np.exp(walk.cumsum(axis=0))
    >>> result = nanobook.sweep(momentum, {"lookback": [5, 20, 60]}, prices, cost_bps=5)
    >>> result.to_frame().shape
    (3, 18)
    >>> result["num_periods"]
    array([500, 500, 500])
    >>> best = result.best("sharpe")
    >>> bool(result.backtest(best).metrics.sharpe == best["sharpe"])
    True
    """
    if callable(initial_cash) and not callable(strategy):
        from .named import sweep_function

        return sweep_function(strategy, grid, prices, initial_cash, executor=executor, progress=progress)
    if prices is None:
        raise WrongType("prices: missing; use sweep(strategy, grid, prices)")
    options = {
        "periods_per_year": periods_per_year,
        "risk_free": risk_free,
        "stop_cfg": stop_cfg,
        "symbols": symbols,
        "price_scale": price_scale,
        "max_leverage": max_leverage,
        "high": high,
        "low": low,
    }
    job = strategy_job(strategy, prices, initial_cash, cost_bps, memory, options)
    job.lenient, job.curves = read_errors(errors), bool(curves)
    rows = read_grid(grid)
    names = names_of_grid(rows)
    job.weigher.link(rows.dtype)  # what cannot be compiled is said before anything is begun
    again = StrategyAgain(job, rows[:1], len(rows), prices, initial_cash, cost_bps, options)
    return collect(
        job, Rows(rows), names, again, threads=threads, executor=executor, out=out, progress=progress
    )


def simulate_compiled(
    strategy,
    prices,
    params=None,
    initial_cash=CASH,
    cost_bps=0,
    *,
    memory=0,
    lean=False,
    **options,
):
    """Backtest a compiled strategy once, with all outputs.

    Parameters
    ----------
    strategy : function
        As for `sweep`.
    prices : DataFrame, array of shape (T, N), or list of T rows
    params : mapping of names to numbers, optional
    initial_cash : int, default 100_000_000
        Cents.
    cost_bps : int, default 0
    memory : int, default 0
        Rows of ``bar.memory``.
    lean : bool, default False
        Leave out what has a value a period and symbol.
    **options
        ``periods_per_year``, ``risk_free``, ``stop_cfg``, ``symbols``, ``price_scale``, ``max_leverage``,
        ``high`` and ``low``, as for `backtest_weights`.

    Returns
    -------
    BacktestResult
        That of `backtest_weights` for the weights that the strategy writes.

    Raises
    ------
    NanobookError
        As `sweep`.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> def first(bar, weights):
    ...     if bar.t == 0:  # later rows are left as they are: hold
    ...         weights[:] = 0.0
    ...         weights[0] = 1.0
    >>> cents = np.array([[10000, 5000], [10200, 4900], [10100, 5100]])
    >>> nanobook.simulate_compiled(first, cents, initial_cash=1_000_000).equity_curve
    array([1000000, 1000000, 1020000, 1010000])
    """
    for name in options:
        if name not in OPTIONS:
            raise WrongType(f"{name}: not an option of simulate_compiled{nearest(name, OPTIONS)}")
    job = strategy_job(strategy, prices, initial_cash, cost_bps, memory, options)
    rows = read_params(params)
    if rows.size != 1:
        raise InvalidValue(f"params: {rows.size} sets; pass one, or use sweep")
    return in_full(job, rows, prices, initial_cash, cost_bps, {**options, "lean": lean})


def strategy_job(strategy, prices, initial_cash, cost_bps, memory, options):
    """Check the arguments of a strategy's paths."""
    weigher = Weigher(strategy)
    settings = read_terms(cost_bps, options)
    market = market_of(prices, options, initial_cash, settings)
    rows = whole("memory", memory, 0, MOST_MEMORY, "rows of bar.memory")
    return StrategyJob(market, False, False, weigher, rows)


def market_of(prices, options, initial_cash, settings):
    """Read prices; what is wrong with them names our parameter."""
    try:
        return read_market(prices, options, initial_cash, settings)
    except NanobookError as error:
        raise retold(error, price_schedule="prices") from None


def names_of_grid(rows):
    """Names of the parameters; none of them may be that of a figure."""
    names = tuple(name for name in rows.dtype.names if name != "none")
    for name in names:
        if name in (*COLUMNS, ERROR):
            raise InvalidValue(f"grid: {name!r} is the name of a figure; give the parameter another one")
    return names


def read_errors(errors):
    """Whether paths that fail are told in the result."""
    if errors not in ("raise", "nan"):
        raise InvalidValue(f"errors={errors!r}: use 'raise' or 'nan'")
    return errors == "nan"


def in_full(job, row, prices, initial_cash, cost_bps, options):
    """Trace a path and run the backtest of the weights that the strategy wrote."""
    lanes, outcome = job.trace(row)
    if outcome.code[0] != DONE:
        raise job.error(job.weigher.link(row.dtype), row)
    weights, holds = lanes.work.weights[0], lanes.work.rows[0] == HOLD
    if holds.all():  # refused as a schedule, since mostly a mistake; selling nothing is the same
        weights[0], holds[0] = 0.0, False
    schedule = schedule_like(job.market, weights, holds)
    return backtest_weights(schedule, prices, initial_cash, cost_bps, max_jump=None, **options)


def schedule_like(market, weights, holds):
    """A table of weights in the caller's kind."""
    if market.kind == "arrays":
        return weights
    labels = market.labels
    if market.kind == "rows":
        return [
            None if hold else list(zip(labels.symbols, row, strict=True))
            for hold, row in zip(holds.tolist(), weights.tolist(), strict=True)
        ]
    import pandas as pd

    return pd.DataFrame(weights, index=labels.index, columns=labels.columns, copy=False)


@dataclass
class StrategyAgain:
    """Runs one path of a sweep in full; can be pickled with the result.

    Attributes
    ----------
    row : record array
        One set of parameters, for names and kinds.
    count : int
        Sets of the sweep.
    """

    job: StrategyJob
    row: np.recarray
    count: int
    prices: Any
    initial_cash: int
    cost_bps: Any
    options: dict

    def __call__(self, params):
        """Run the path with these parameters."""
        return in_full(
            self.job, self.read(params), self.prices, self.initial_cash, self.cost_bps, self.options
        )

    def read(self, params):
        """A row of parameters of what a user gives for one."""
        names = [name for name in self.row.dtype.names if name != "none"]
        row = self.row.copy()
        if params is None and self.count == 1:
            return row
        if not isinstance(params, Mapping) and not hasattr(params, "keys"):
            values = params if isinstance(params, tuple) else (params,)
            if len(values) != len(names) or params is None:
                raise InvalidValue(
                    f"params: {params!r} does not name {', '.join(names) or 'nothing'}; use a dict"
                )
            params = dict(zip(names, values, strict=True))
        for name in names:
            if name not in params:
                raise InvalidValue(f"params: there is no {name}; name {', '.join(names)}")
            row[name] = read_params({name: params[name]})[name][0]
        return row
