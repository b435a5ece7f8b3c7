"""What a sweep returns: one row a path, as a table, as columns, as a picture."""

from __future__ import annotations

import numpy as np

from ..errors import InvalidValue, NotComputed
from ..hints import nearest
from ..kernels.sweep import COLUMNS
from .store import ERROR

LESS_IS_BETTER = ("volatility", "max_drawdown", "losing_periods", "total_cost", "mean_turnover")


class SweepResult:
    """Result of a sweep; made by `sweep` and `backtest_many`.

    ``result[name]`` is one column as an array with a value a path, ``columns`` are their names: the
    parameters (or ``schedule``, its name), the figures of `Metrics`, and

    =============  =============================================================================
    final_equity   cents, after the last period
    total_cost     cents
    mean_turnover  mean over all periods of the fills' absolute value over equity before them
    error          of a sweep with ``errors="nan"``: why a path stopped, None where it did not
    =============  =============================================================================

    Paths are in the order of the grid. Results compare equal by value and can be pickled.

    Attributes
    ----------
    columns : tuple of str
    initial_cash : int
        Cents.
    settings : Settings
        What all paths were run with.
    complete : bool
        Whether all paths are there: False after Ctrl-C, which leaves the first so many.
    total : int or None
        How many were asked for, where that was known.
    path : Path or None
        Of the Parquet file that holds the rows; columns are read from it when they are asked for.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, *, table, names, market, total, complete, again):
        self.settings = market.settings
        self.initial_cash = market.initial_cash
        self.total = total
        self.complete = complete
        self.columns = tuple(table.names())
        self.path = getattr(table, "path", None)
        self._table = table
        self._names = names
        self._labels = market.labels
        self._again = again

    def __len__(self):
        return len(self._table)

    def __getitem__(self, name):
        if name not in self.columns:
            raise KeyError(f"{name!r}; there are {', '.join(self.columns)}{nearest(name, self.columns)}")
        return self._table.column(name)

    def __eq__(self, other):
        if not isinstance(other, SweepResult):
            return NotImplemented
        mine, theirs = self._table.equity, other._table.equity
        return (
            (self.columns, self.initial_cash, self.settings, self.complete, len(self))
            == (other.columns, other.initial_cash, other.settings, other.complete, len(other))
            and all(same(self[name], other[name]) for name in self.columns)
            and (mine is theirs or (mine is not None and theirs is not None and same(mine, theirs)))
        )

    def to_frame(self):
        """Return a DataFrame with one row a path, indexed by the parameters."""
        import pandas as pd

        columns = {name: self[name] for name in self.columns if name not in self._names}
        return pd.DataFrame(columns, index=self._index())

    def _index(self):
        import pandas as pd

        if not self._names:
            return pd.RangeIndex(len(self), name="path")
        if len(self._names) == 1:
            return pd.Index(self[self._names[0]], name=self._names[0])
        return pd.MultiIndex.from_arrays([self[name] for name in self._names], names=self._names)

    def best(self, metric="sharpe"):
        """Return the best path by a figure.

        Parameters
        ----------
        metric : str
            A figure. The largest is the best; of ``volatility``, ``max_drawdown``, ``losing_periods``,
            ``total_cost`` and ``mean_turnover`` the smallest. Of several the first in the grid.

        Returns
        -------
        Series
            Its parameters and figures; ``result.backtest`` takes it.

        Raises
        ------
        InvalidValue
            No such figure, or no path that has it.
        """
        import pandas as pd

        values = self._figure(metric)
        if np.isnan(values).all():
            raise InvalidValue(f"metric: none of the {len(self)} paths has a {metric}")
        row = int(np.nanargmin(values) if metric in LESS_IS_BETTER else np.nanargmax(values))
        told = {name: self[name][row] for name in self.columns if name != ERROR}
        return pd.Series(told, dtype=object, name=f"best {metric}")

    def _figure(self, metric):
        if metric not in COLUMNS:
            raise InvalidValue(
                f"metric: {metric!r} is none of {', '.join(COLUMNS)}{nearest(metric, COLUMNS)}"
            )
        return self[metric].astype(np.float64)

    @property
    def curves(self):
        """Equity in cents: a DataFrame with a row a period and a column a path, named by its parameters."""
        import pandas as pd

        if self._table.equity is None:
            raise NotComputed("curves: were not kept; pass curves=True, or take one path by .backtest()")
        equity = self._table.equity
        index = self._labels.index
        index = pd.RangeIndex(equity.shape[1], name="period") if index is None else index
        return pd.DataFrame(equity.T, index=index, columns=self._index())

    def backtest(self, params=None):
        """Run one path again with all its outputs.

        Parameters
        ----------
        params : label, tuple, mapping or Series
            A label of the index of ``to_frame()``, or the parameters by name, as ``best`` gives them. Of
            parameters that are not in the grid, too. Nothing where there is but one path.

        Returns
        -------
        BacktestResult
            With the figures of the sweep, bit for bit.
        """
        return self._again(params)

    def plot(self, x, y=None, metric="sharpe"):
        """Draw how a figure depends on one or two parameters.

        Parameters
        ----------
        x, y : str
            Parameters. With both a heat map, with ``x`` alone points and their mean.
        metric : str
            The figure; its mean over all paths that share ``x`` and ``y``.

        Returns
        -------
        matplotlib.figure.Figure
            Not shown.
        """
        from ..sessions.plot import draw_line, draw_map

        values = self._figure(metric)
        for name in (x,) if y is None else (x, y):
            if name not in self._names:
                known = ", ".join(self._names) or "none"
                raise InvalidValue(f"{name!r} is no parameter; there are {known}{nearest(name, self._names)}")
        if y is None:
            known = ~np.isnan(values)
            return draw_line(self[x][known], values[known], x, metric)
        return draw_map(self[x], self[y], values, (x, y, metric))

    def __repr__(self):
        told = f"{len(self)} paths"
        if not self.complete:
            told = f"incomplete: {told}" + ("" if self.total is None else f" of {self.total}")
        if self._names:
            told += f" by {', '.join(self._names)}"
        if self.path is not None:
            told += f", in {self.path}"
        return f"SweepResult({told})"

    def _repr_html_(self):
        return f"<p><code>{self!r}</code></p>{self.to_frame().head(10)._repr_html_()}"


def same(mine, theirs):
    """Whether two columns are equal, NaN beside NaN."""
    return np.array_equal(mine, theirs, equal_nan=mine.dtype.kind == theirs.dtype.kind == "f")
