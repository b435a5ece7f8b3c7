"""What a backtest returns: a mapping with the original's keys, attributes, tables and a picture."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from ..errors import NotComputed
from .outcome import same
from .stops import REASONS
from .trades import derive, dress

KEYS = (
    "returns",
    "equity_curve",
    "final_cash",
    "metrics",
    "holdings",
    "symbol_returns",
    "stop_events",
    "skipped_rebalances",
)
PANELS = ("holdings", "symbol_returns", "positions")
EVENT = {
    "period": "period_index",
    "symbol": "symbol",
    "level": "trigger_price",
    "price": "exit_price",
    "reason": "reason",
}
TRADE = {name: name for name in ("period", "symbol", "quantity", "price", "notional")}
TRADE |= {"fee": "cost", "reason": "reason"}
EQUITY, RETURNS, CASH, COST, TRADED = range(5)  # rows of the recorded curves


class BacktestResult(Mapping):
    """Result of a backtest; made by `backtest_weights`.

    A mapping with the keys of nanobook 0.9.3, each also an attribute; a lean result lacks ``holdings``
    and ``symbol_returns``. What a value is made of follows the input: arrays for arrays, Series and
    DataFrames with the input's index and columns for DataFrames, lists for lists of rows. T is the number
    of periods, N of symbols.

    Attributes
    ----------
    returns : (T,)
        Change of equity over the period before; NaN (in lists: left out) where that was not above 0.
    equity_curve : (T + 1,) in cents
        Initial cash, then equity at the end of each period. As a Series: the T periods alone.
    final_cash : int
        Cents left at the end beside the positions.
    metrics : Metrics
    holdings : (T, N)
        Each position's part of equity at the end of the period; NaN where equity is 0. In lists: sorted
        pairs of the symbols held, none where equity is 0.
    symbol_returns : (T, N)
        Each price's change over the period before; NaN in the first period and beside a missing price.
        In lists: sorted pairs of the symbols that the price row names.
    stop_events : one row an event
        What left at a stop: ``period_index``, ``symbol``, ``trigger_price`` (the level) and ``exit_price`` in
        cents, ``reason`` (fixed, trailing or atr). A DataFrame, a structured array, or a list of dicts.
    skipped_rebalances : list of int
        Periods whose rebalance had no next period to fill in.
    initial_cash : int
        Cents.
    settings : Settings
    cash, cost : (T,) in cents
        Cash at the end of the period, and what its fills cost.
    turnover : (T,)
        Absolute value of the fills over equity before them; 0 where nothing was traded.
    positions : (T, N)
        Shares held at the end of the period, negative if short. In lists: sorted pairs.
    trades : one row a fill
        In order: ``period``, ``symbol``, ``quantity`` (negative: sold), ``price``, ``notional`` and ``cost``
        in cents, ``reason`` (signal, stop_fixed, ...). Kinds as of ``stop_events``.
    gross_exposure, net_exposure : (T,)
        Sums of the positions' absolute values, and of their values, over equity; NaN where equity is 0.
    financing, dividends : (T,) in cents
        Received less paid before the fills of the period; 0 without such options.
    portfolio : Portfolio or None
        The portfolio at the end, of `run_backtest`.

    Notes
    -----
    Results compare equal by value and can be pickled. Arrays are not copies: what is changed in them
    stays changed.
    """

    __hash__ = None  # type: ignore[assignment]

    portfolio = None

    def __init__(
        self,
        *,
        kind,
        labels,
        units,
        listed,
        initial_cash,
        settings,
        prices,
        outcome,
        metrics,
    ):
        self.initial_cash = initial_cash
        self.settings = settings
        self.metrics = metrics
        self.skipped_rebalances = outcome.skipped
        self._kind = kind
        self._labels = labels
        self._units = units
        self._listed = listed
        self._prices = prices
        self._outcome = outcome
        self._keys = tuple(key for key in KEYS if not (settings.lean and key in PANELS))

    def __getitem__(self, key):
        if key not in self._keys:
            raise KeyError(f"{key!r}; there are {', '.join(self._keys)}")
        return getattr(self, key)

    def __iter__(self):
        return iter(self._keys)

    def __len__(self):
        return len(self._keys)

    def __eq__(self, other):
        if not isinstance(other, BacktestResult):
            return NotImplemented
        return (
            (self._kind, self._units, self.initial_cash, self.settings, self.metrics)
            == (other._kind, other._units, other.initial_cash, other.settings, other.metrics)
            and self._labels.same(other._labels)
            and same(self._listed, other._listed)
            and same(self._prices, other._prices)
            and self._outcome.same(other._outcome)
        )

    @cached_property
    def returns(self):
        """Change of equity over the period before."""
        values = self._outcome.curves[RETURNS]
        return self._curve(values[~np.isnan(values)] if self._kind == "rows" else values, "returns")

    @cached_property
    def equity_curve(self):
        """Equity in cents."""
        if self._kind == "frames":
            return self._curve(self._money(self._outcome.curves[EQUITY]), "equity")
        start = float(self.initial_cash * self._units)
        return self._curve(self._money(np.concatenate(([start], self._outcome.curves[EQUITY]))), "equity")

    @cached_property
    def final_cash(self):
        """Cents left at the end beside the positions."""
        return self._money(self._outcome.curves[CASH, -1:]).item()

    @cached_property
    def cash(self):
        """Cash at the end of each period, in cents."""
        return self._curve(self._money(self._outcome.curves[CASH]), "cash")

    @cached_property
    def cost(self):
        """Cost of each period's fills, in cents."""
        return self._curve(self._money(self._outcome.curves[COST]), "cost")

    @cached_property
    def turnover(self):
        """Absolute value of each period's fills over equity before them."""
        traded = self._outcome.curves[TRADED]
        before = self._outcome.curves[EQUITY] + self._outcome.curves[COST]
        return self._curve(
            np.divide(traded, before, out=np.zeros_like(traded), where=traded > 0.0), "turnover"
        )

    @cached_property
    def positions(self):
        """Shares held at the end of each period."""
        held = self._need("positions", self._outcome.positions)
        return self._panel(self._shares(held), held != 0)

    @cached_property
    def stop_events(self):
        """What left at a stop."""
        return dress(self._outcome.stopped, EVENT, self._labels, self._kind, self._money, REASONS)

    @cached_property
    def trades(self):
        """Every fill, in order."""
        positions, fills = self._need("trades", self._outcome.positions), self._outcome.fills
        if fills is None:
            fills = derive(positions, self._prices, self._outcome.stopped, self.settings.bps)
        return dress(fills, TRADE, self._labels, self._kind, self._money, shares=self._shares)

    @cached_property
    def financing(self):
        """Interest earned less interest and borrowing fees paid, in cents."""
        extra = self._outcome.extra
        if not extra:
            return self._curve(self._money(np.zeros(self._periods)), "financing")
        return self._curve(self._money(extra["interest"] - extra["borrowing"]), "financing")

    @cached_property
    def dividends(self):
        """Dividends received less those paid on shorts, in cents."""
        paid = self._outcome.extra.get("dividends", np.zeros(self._periods))
        return self._curve(self._money(paid), "dividends")

    @cached_property
    def gross_exposure(self):
        """Sum of the positions' absolute values over equity."""
        return self._curve(self._exposed(self._gross()), "gross")

    @cached_property
    def net_exposure(self):
        """Sum of the positions' values over equity."""
        return self._curve(self._exposed(self._outcome.curves[EQUITY] - self._outcome.curves[CASH]), "net")

    @cached_property
    def holdings(self):
        """Each position's part of equity."""
        weights = self._need("holdings", self._outcome.panels)[0]
        return self._panel(weights, (weights != 0.0) & ~np.isnan(weights))

    @cached_property
    def symbol_returns(self):
        """Each price's change over the period before."""
        return self._panel(self._need("symbol_returns", self._outcome.panels)[1], self._listed)

    def to_frame(self):
        """Tabulate the curves.

        Returns
        -------
        DataFrame
            One row a period: ``equity``, ``cash`` and ``cost`` in cents; ``returns``; ``drawdown``, the
            positive fraction below the highest equity so far (initial cash included); ``turnover``;
            ``gross`` (not of a lean result) and ``net`` exposure. With options also ``financing`` and
            ``dividends`` in cents.
        """
        import pandas as pd

        curves = {
            "equity": self._money(self._outcome.curves[EQUITY]),
            "returns": self._outcome.curves[RETURNS],
            "cash": self._money(self._outcome.curves[CASH]),
            "drawdown": self._drawdown(),
            "cost": self._money(self._outcome.curves[COST]),
            "turnover": np.asarray(self.turnover),
        }
        if self._outcome.positions is not None or "gross" in self._outcome.extra:
            curves["gross"] = np.asarray(self.gross_exposure)
        curves["net"] = np.asarray(self.net_exposure)
        if self._outcome.extra:
            curves["financing"] = np.asarray(self.financing)
            curves["dividends"] = np.asarray(self.dividends)
        index = self._labels.index
        return pd.DataFrame(
            curves, index=pd.RangeIndex(self._periods, name="period") if index is None else index
        )

    def stats(self):
        """Summarise the run.

        Returns
        -------
        Series
            Figures by label; each label names its unit. Annual figures use ``settings.periods_per_year``.
        """
        import pandas as pd

        index = range(self._periods) if self._labels.index is None else self._labels.index
        figures = self.metrics
        return pd.Series(
            {
                "Start": index[0],
                "End": index[-1],
                "Periods": self._periods,
                "Periods a year": self.settings.periods_per_year,
                "Initial cash [cents]": self.initial_cash,
                "Final equity [cents]": self._money(self._outcome.curves[EQUITY, -1:]).item(),
                "Total return [%]": 100.0 * figures.total_return,
                "CAGR [% a year]": 100.0 * figures.cagr,
                "Volatility [% a year]": 100.0 * figures.volatility,
                "Sharpe ratio [a year]": figures.sharpe,
                "Sortino ratio [a year]": figures.sortino,
                "Calmar ratio [a year]": figures.calmar,
                "Max drawdown [%]": 100.0 * figures.max_drawdown,
                "CVaR 95 % [% a period]": 100.0 * figures.cvar_95,
                "Win rate [% of periods]": 100.0 * figures.win_rate,
                "Profit factor [ratio]": figures.profit_factor,
                "Total cost [cents]": self._money(self._outcome.curves[COST].sum(keepdims=True)).item(),
                "Mean turnover [% a period]": 100.0 * float(np.mean(self.turnover)),
            },
            dtype=object,
            name="backtest",
        )

    def plot(self):
        """Draw equity above drawdown.

        Returns
        -------
        matplotlib.figure.Figure
            Not shown: a notebook displays it as the value of a cell; a script saves it with ``savefig``.
        """
        from .plot import draw

        return draw(self.to_frame(), self.metrics, self.initial_cash)

    def __repr__(self):
        count = "" if self._outcome.panels is None else f"symbols={self._outcome.panels[0].shape[1]}, "
        return (
            f"BacktestResult(periods={self._periods}, {count}"
            f"final_equity={self._money(self._outcome.curves[EQUITY, -1:]).item()}, metrics={self.metrics!r})"
        )

    def _repr_html_(self):
        table = self.stats().map(lambda value: f"{value:,.4g}" if isinstance(value, float) else str(value))
        return table.to_frame().to_html()

    @property
    def _periods(self):
        return self._outcome.curves.shape[1]

    def _money(self, units):
        """Cents: whole where a unit is a cent."""
        return units.astype(np.int64) if self._units == 1 else units / self._units

    def _gross(self):
        """Absolute value of all positions: sums of whole units, so that their order does not matter."""
        if "gross" in self._outcome.extra:
            return self._outcome.extra["gross"]
        positions = self._need("gross_exposure", self._outcome.positions)
        return np.einsum("ti,ti->t", np.abs(positions), self._prices.astype(np.float64))

    def _exposed(self, worth):
        equity = self._outcome.curves[EQUITY]
        return np.divide(worth, equity, out=np.full_like(equity, np.nan), where=equity != 0.0)

    def _shares(self, quantities):
        """Shares: whole where only whole ones are counted."""
        per_share = self._outcome.per_share
        return quantities.astype(np.int64) if per_share == 1 else quantities / per_share

    def _drawdown(self):
        equity = self._outcome.curves[EQUITY]
        peak = np.maximum.accumulate(np.maximum(equity, float(self.initial_cash * self._units)))
        return (peak - equity) / peak

    def _curve(self, values, name):
        """One value a period, as the caller's kind."""
        if self._kind == "rows":
            return values.tolist()
        if self._kind == "arrays":
            return values
        import pandas as pd

        return pd.Series(values, index=self._labels.index, name=name)

    def _panel(self, values, keep):
        """One value a period and symbol, as the caller's kind; lists hold the cells to keep."""
        if self._kind == "rows":
            from .rows import to_rows

            return to_rows(self._labels.symbols, values, keep)
        if self._kind == "arrays":
            return values
        import pandas as pd

        return pd.DataFrame(values, index=self._labels.index, columns=self._labels.columns, copy=False)

    def _need(self, name, value):
        if value is None:
            raise NotComputed(f"{name}: left out by lean=True; run backtest_weights with lean=False")
        return value

    def drawdowns(self, count=None):
        """Tabulate the drawdowns, deepest first: `nanobook.drawdowns`."""
        from .drawdowns import drawdowns

        return drawdowns(self, count)

    def monthly_returns(self):
        """Compound the returns by calendar month and year: `nanobook.monthly_returns`."""
        from .calendar import monthly_returns

        return monthly_returns(self)

    def decompose(self):
        """Split the returns by symbol and list what was held when: `nanobook.decompose_backtest`."""
        from .attribution import decompose_backtest

        return decompose_backtest(self)

    def tear_sheet(self, benchmark=None, window=63):
        """Collect the figures of the run in one dict: `nanobook.tear_sheet`."""
        from .tearsheet import tear_sheet

        return tear_sheet(self, benchmark, window)

    def report(self, path=None, benchmark=None, *, title="Backtest", window=63):
        """Make the report as one HTML file: `nanobook.backtest_report`."""
        from .report import backtest_report

        return backtest_report(self, path, benchmark, title=title, window=window)

    def _tables(self):
        """Holdings and symbol returns as arrays, with kind, symbols, index and columns: for attribution."""
        labels, (holdings, changes) = self._labels, self._need("holdings", self._outcome.panels)[:2]
        symbols = range(holdings.shape[1]) if labels.symbols is None else labels.symbols
        return self._kind, holdings, changes, symbols, labels.index, labels.columns
