"""The prices that all paths of a sweep share, and the terms of every one."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import InvalidValue, ShapeError
from ..portfolio.backtest import SLACK, read_cash, refuse_stops
from ..portfolio.inputs import (
    CENTS,
    MAX_AMOUNT,
    Inputs,
    finite,
    is_rows,
    positive,
    read_symbols,
    read_table,
    readonly,
    to_inside,
    whole,
)
from ..portfolio.labels import Labels
from ..portfolio.refusals import refusal


@dataclass(frozen=True)
class Settings:
    """The numbers that all paths of a sweep are run with.

    Attributes
    ----------
    initial_cash : int
        Cents.
    cost_bps : int
    periods_per_year, risk_free : float
    max_leverage : float
        Infinite where there is no limit.
    """

    initial_cash: int
    cost_bps: int
    periods_per_year: float
    risk_free: float
    max_leverage: float


def read_settings(initial_cash, cost_bps, periods_per_year, risk_free, stop_cfg, max_leverage):
    """Check the numbers of a sweep."""
    refuse_stops(stop_cfg)
    return Settings(
        initial_cash=read_cash(initial_cash),
        cost_bps=whole("cost_bps", cost_bps, 0, 10000, "basis points; 10 is 0.1 %"),
        periods_per_year=positive("periods_per_year", periods_per_year),
        risk_free=finite("risk_free", risk_free),
        max_leverage=math.inf if max_leverage is None else positive("max_leverage", max_leverage),
    )


@dataclass(frozen=True)
class Market:
    """Prices in the form that kernels take, with their labels and the settings; can be sent elsewhere.

    Attributes
    ----------
    kind : {'arrays', 'frames', 'rows'}
        What the caller gave.
    prices : int64 array, shape (T, N), read-only
        Units a share; 0 where there is none.
    labels : Labels
    units : int
        Units in a cent.
    settings : Settings
    floats : float64 array, shape (T, N), or None
        The prices as given, in currency units; None where whole cents were given.
    """

    kind: str
    prices: np.ndarray
    labels: Labels
    units: int
    settings: Settings
    floats: Any = field(repr=False, default=None)

    @cached_property
    def quotes(self):
        """Prices in currency units, NaN where there is none, row by row and read-only."""
        values = self.prices / (CENTS * self.units) if self.floats is None else self.floats
        return readonly(np.where(self.prices > 0, values, np.nan).reshape(-1))

    @cached_property
    def deal(self):
        """What all paths have in common, for the kernels."""
        from ..kernels.sweep import Deal

        settings = self.settings
        return Deal(
            prices=readonly(self.prices),
            cash=float(settings.initial_cash * self.units),
            bps=float(settings.cost_bps),
            max_leverage=settings.max_leverage + SLACK,
            periods_per_year=settings.periods_per_year,
            risk_free=settings.risk_free,
            cent=float(self.units),
            unit=float(CENTS * self.units),
        )

    def __getstate__(self):
        """Leave out what is made from the rest."""
        return {name: value for name, value in vars(self).items() if name not in ("quotes", "deal")}

    @property
    def shape(self):
        """Periods and symbols."""
        return self.prices.shape

    def inputs(self, weights, rows):
        """Inputs of the backtest of one path."""
        given = self.prices if self.floats is None else self.floats
        return Inputs(self.kind, weights, self.prices, rows, self.labels, self.units, given)

    def check(self):
        """Refuse prices that no backtest takes."""
        from ..kernels.backtest import BAD_ROW, HOLD

        if ((self.prices >= 0) & (self.prices < MAX_AMOUNT)).all():
            return
        inputs = self.inputs(np.zeros((1, self.shape[1])), np.full(self.shape[0], HOLD))
        raise refusal(inputs, BAD_ROW, 0, np.zeros(self.shape[1]), math.inf)


def read_market(prices, symbols, price_scale, settings):
    """Bring prices of any kind that ``backtest_weights`` takes into the form that sweeps share."""
    scale = whole("price_scale", price_scale, CENTS, 10**9, "100 counts in cents, 10000 in 1/100 cent")
    if scale % CENTS:
        raise InvalidValue(f"price_scale={scale}: must be a multiple of {CENTS}, so that a cent is whole")
    rows = is_rows("price_schedule", prices)
    values, labels = read_price_rows(prices, symbols) if rows else read_table("price_schedule", prices)
    if 0 in values.shape:
        raise ShapeError(f"price_schedule {values.shape}: needs at least one period and one symbol")
    if labels and symbols is not None:
        raise InvalidValue("symbols: the columns name the symbols already; leave it out")
    kind = "rows" if rows else "frames" if labels else "arrays"
    labels = labels or Labels(read_symbols(symbols, values.shape[1]))
    units, inside = to_inside("price_schedule", values, scale)
    floats = readonly(np.ascontiguousarray(values, np.float64)) if values.dtype.kind == "f" else None
    market = Market(kind, inside, labels, units, settings, floats)
    market.check()
    return market


def read_price_rows(prices, symbols):
    """Spread rows of (symbol, price) pairs to a table."""
    from ..portfolio.rows import table, unzip_rows

    if symbols is not None:
        raise InvalidValue("symbols: the rows name their symbols already; leave it out")
    rows = unzip_rows("price_schedule", prices)
    names = sorted(set().union(*rows.layouts))
    whole_cents = rows.numbers.dtype == np.int64
    values, _ = table(rows, {name: i for i, name in enumerate(names)}, 0 if whole_cents else np.nan)
    return values, Labels(tuple(names))
