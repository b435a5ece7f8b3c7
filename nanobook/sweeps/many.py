"""``backtest_many``: thousands of weight schedules over the same prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidValue, NanobookError, NotComputed, ShapeError, WrongType
from ..portfolio.backtest import backtest_weights
from ..portfolio.inputs import CENTS, align, read_table, readonly
from .collect import collect
from .jobs import ScheduleJob, retold
from .market import read_market, read_terms
from .run import CASH, read_errors
from .spread import Slices, Tables


def backtest_many(
    weight_schedules,
    price_schedule,
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
    errors="raise",
    threads=None,
    curves=False,
    executor=None,
    out=None,
    progress=True,
):
    """Backtest many weight schedules over the same prices.

    Each is run as `backtest_weights` would run it, and leaves a row of figures.

    Parameters
    ----------
    weight_schedules : array of shape (S, T, N), iterable or mapping of tables of shape (T, N)
        Target fractions of equity; a row that is NaN throughout keeps what is held. DataFrames have the
        prices' index (or a part of it: between its dates is held) and columns. An iterable is read as it
        is needed, so that its tables need not be in memory at once; the names of a mapping are those of
        the rows of the result.
    price_schedule : DataFrame or array of shape (T, N)
    initial_cash : int, default 100_000_000
        Cents.
    cost_bps : int, default 0
    periods_per_year, risk_free, stop_cfg, symbols, price_scale, max_leverage, high, low
        As for `backtest_weights`; highs and lows are for stops by range. Stops are looked at on closes.
    errors, threads, curves, executor, out, progress
        As for `sweep`.

    Returns
    -------
    SweepResult
        One row a schedule, in order.

    Raises
    ------
    NanobookError
        As `backtest_weights`, naming the schedule, and `sweep`.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> cents = np.array([[10000, 5000], [10200, 4900], [10100, 5100]])
    >>> halves = np.full((3, 2), 0.5)
    >>> result = nanobook.backtest_many({"half": halves, "none": 0 * halves}, cents, initial_cash=1_000_000)
    >>> result["final_equity"]
    array([1015400., 1000000.])
    """
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
    market = read_market(price_schedule, options, initial_cash, read_terms(cost_bps, options))
    if market.kind == "rows":
        raise WrongType("price_schedule: a list of rows; pass a DataFrame or an array")
    job = ScheduleJob(market, read_errors(errors), bool(curves))
    again = ScheduleAgain(weight_schedules, price_schedule, initial_cash, cost_bps, options)
    return collect(
        job,
        source_of(weight_schedules, market),
        ("schedule",),
        again,
        threads=threads,
        executor=executor,
        out=out,
        progress=progress,
    )


def source_of(schedules, market):
    """Where the stretches come from."""
    if isinstance(schedules, np.ndarray):
        if schedules.ndim != 3 or schedules.shape[1:] != market.shape or not len(schedules):
            raise ShapeError(
                f"weight_schedules {schedules.shape} vs price_schedule {market.shape}: needs (S, T, N)"
            )
        if schedules.dtype.kind not in "iuf":
            raise WrongType(f"weight_schedules: holds {schedules.dtype}, needs numbers")
        return Slices(readonly(np.ascontiguousarray(schedules, np.float64)))
    if hasattr(schedules, "columns") or not isinstance(schedules, Iterable):
        raise WrongType(
            f"weight_schedules: a {type(schedules).__name__}; pass several tables; backtest_weights takes one"
        )
    total = len(schedules) if hasattr(schedules, "__len__") else None
    if total == 0:
        raise ShapeError("weight_schedules: empty; give at least one")
    pairs = schedules.items() if isinstance(schedules, Mapping) else enumerate(schedules)
    return Tables(((name, read_schedule(name, table, market)) for name, table in pairs), total, market.shape)


def read_schedule(name, table, market):
    """One schedule as float64 of shape (T, N); NaN where a DataFrame has no row."""
    try:
        values, labels = read_table("weight_schedule", table)
        if labels and market.kind == "frames":
            # What is aligned are the weights: their columns, and their rows to the prices' periods.
            places, rows = align(values, labels, np.arange(market.shape[1])[None], market.labels)
            return placed(np.asarray(values, np.float64), places[0], rows, market.shape)
    except NanobookError as error:
        raise retold(error, f"schedule {name}: ") from None
    if values.shape != market.shape:
        raise ShapeError(
            f"schedule {name}: weights {values.shape} vs prices {market.shape}: shapes must be equal"
        )
    return np.asarray(values, np.float64)


def placed(values, places, rows, shape):
    """Spread weights to the prices' columns and periods."""
    table = np.full(shape, np.nan)
    rows = np.arange(shape[0]) if rows is None else rows
    traded = np.flatnonzero(rows >= 0)
    table[np.ix_(traded, places)] = values[rows[traded]]
    return table


@dataclass
class ScheduleAgain:
    """Runs one schedule in full; can be pickled with the result where the schedules can."""

    schedules: Any
    prices: Any
    initial_cash: int
    cost_bps: Any
    options: dict

    def __call__(self, name):
        """Run the schedule with this name."""
        if hasattr(name, "keys"):
            name = name["schedule"]
        if not hasattr(self.schedules, "__getitem__"):
            raise NotComputed("schedules: were read once and not kept; pass the one to backtest_weights")
        if name is None:
            name = 0
        try:
            table = self.schedules[name]
        except (KeyError, IndexError, TypeError):
            raise InvalidValue(
                f"schedule: there is no {name!r}; use a name of the index of to_frame()"
            ) from None
        return backtest_weights(
            table, self.prices, self.initial_cash, self.cost_bps, max_jump=None, **self.options
        )

    def __getstate__(self):
        """Iterators cannot be pickled; nothing can be run again from them anyhow."""
        kept = self.schedules if hasattr(self.schedules, "__getitem__") else None
        return {**vars(self), "schedules": kept}
