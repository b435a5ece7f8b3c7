"""The prices that all paths of a sweep share, and the terms of every one."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import InvalidValue, NotAvailable, ShapeError
from ..kernels.backtest import BAD_ROW, HOLD
from ..portfolio.bar_tables import read_bars
from ..portfolio.inputs import (
    CENTS,
    MAX_AMOUNT,
    Inputs,
    is_rows,
    read_symbols,
    read_table,
    readonly,
    to_inside,
    whole,
)
from ..portfolio.labels import Labels
from ..portfolio.outcome import SLACK
from ..portfolio.refusals import refusal
from ..portfolio.settings import Settings, read_cash, read_settings
from ..portfolio.stops import new_stops, true_ranges


def read_terms(cost_bps, options, periods_per_year=252.0, risk_free=0.0):
    """Check the numbers that all paths are run with; refuse what the fast kernels do not do."""
    settings = read_settings(
        cost_bps,
        options.get("periods_per_year", periods_per_year),
        options.get("risk_free", risk_free),
        options.get("stop_cfg"),
        max_leverage=options.get("max_leverage", 1.0),
        lean=True,
        fill="close",
        missing="raise",
        max_age=None,
        delist_value=None,
        rules=None,
        financing=None,
    )
    if settings.stops.trigger != "close":
        raise NotAvailable(
            f"stop_cfg: trigger {settings.stops.trigger!r} is not available for sweeps; leave it out, or run "
            "single paths with backtest_weights"
        )
    if not settings.plain:
        raise NotAvailable(
            f"cost_bps={cost_bps!r}: sweeps know costs in whole basis points alone; use those, or run single "
            "paths with backtest_weights"
        )
    return settings


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
    initial_cash : int
        Cents.
    settings : Settings
    floats : float64 array, shape (T, N), or None
        The prices as given, in currency units; None where whole cents were given.
    ranges : Ranges or None
        True ranges, for stops, where highs and lows were given.
    """

    kind: str
    prices: np.ndarray
    labels: Labels
    units: int
    initial_cash: int
    settings: Settings
    floats: Any = field(repr=False, default=None)
    ranges: Any = field(repr=False, default=None)

    @cached_property
    def quotes(self):
        """Prices in currency units, NaN where there is none, row by row and read-only."""
        values = self.prices / (CENTS * self.units) if self.floats is None else self.floats
        return readonly(np.where(self.prices > 0, values, np.nan).reshape(-1))

    @cached_property
    def deal(self):
        """What all paths have in common, for the kernels."""
        from ..kernels.sweep import Deal

        settings, stops = self.settings, self.stops
        return Deal(
            prices=readonly(self.prices),
            cash=float(self.initial_cash * self.units),
            bps=float(settings.bps),
            max_leverage=settings.max_leverage + SLACK,
            periods_per_year=settings.periods_per_year,
            risk_free=settings.risk_free,
            cent=float(self.units),
            unit=float(CENTS * self.units),
            fixed=stops.fixed,
            trailing=stops.trailing,
            multiple=stops.multiple,
            window=stops.window,
            since_entry=stops.since_entry,
            ranges=stops.ranges,
        )

    @cached_property
    def stops(self):
        """Stops before the first period, which a run of one path would start with."""
        return new_stops(self.settings.stops, self.prices, self.ranges)

    def __getstate__(self):
        """Leave out what is made from the rest."""
        return {name: value for name, value in vars(self).items() if name not in ("quotes", "deal", "stops")}

    @property
    def shape(self):
        """Periods and symbols."""
        return self.prices.shape

    def inputs(self, weights, rows):
        """Inputs of the backtest of one path."""
        given = self.prices if self.floats is None else self.floats
        return Inputs(self.kind, weights, self.prices, rows, self.labels, self.units, given)

    def holding(self):
        """Inputs of a backtest that never trades."""
        return self.inputs(np.zeros((1, self.shape[1])), np.full(self.shape[0], HOLD))

    def check(self):
        """Refuse prices that no backtest takes."""
        if not ((self.prices >= 0) & (self.prices < MAX_AMOUNT)).all():
            raise refusal(self.holding(), BAD_ROW, 0, np.zeros(self.shape[1]), math.inf)


def read_market(prices, options, initial_cash, settings):
    """Bring prices of any kind that ``backtest_weights`` takes into the form that sweeps share."""
    symbols, price_scale = options.get("symbols"), options.get("price_scale", CENTS)
    cash = read_cash(initial_cash)
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
    market = Market(kind, inside, labels, units, cash, settings, floats)
    market.check()
    return with_ranges(market, scale, options.get("high"), options.get("low"))


def with_ranges(market, scale, high, low):
    """The market with true ranges, where highs and lows are given."""
    if high is None and low is None:
        return market
    bars = read_bars(market.holding(), scale, None, high, low, None)
    return replace(market, ranges=true_ranges(bars.high, bars.low, market.prices))


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
