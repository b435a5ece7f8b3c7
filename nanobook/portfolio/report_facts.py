"""What the sections of a report draw on, worked out once."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .attribution import Parts, read_parts
from .charts import period_labels
from .columns import align, read_columns
from .labels import spell
from .relative import RelativeMetrics, relative_metrics

CENTS = 100.0
JUMP = 1.5  # as `price_jumps` with its usual limit


@dataclass(frozen=True)
class Facts:
    """A result as the sections read it.

    Attributes
    ----------
    result : BacktestResult
    frame : DataFrame
        Its curves.
    index : pandas.Index or None
        Of the periods, None where the caller gave none.
    returns : float64 array, shape (T,)
        NaN where unknown.
    equity : float64 array, shape (T,)
        In currency units; ``start`` before the first.
    start : float
    benchmark : float64 array, shape (T,), or None
        Its returns; NaN where unknown.
    relative : RelativeMetrics or None
    parts : Parts or None
    changes : float64 array, shape (T, N), or None
        The symbols' returns; both None of a lean result.
    window : int
        Periods in a window of the rolling figures.
    """

    result: Any
    frame: Any
    index: Any
    returns: np.ndarray
    equity: np.ndarray
    start: float
    benchmark: np.ndarray | None
    relative: RelativeMetrics | None
    parts: Parts | None
    changes: np.ndarray | None
    window: int

    @property
    def periods(self):
        """Number of periods."""
        return self.returns.size

    @property
    def year(self):
        """Periods in a year."""
        return self.result.settings.periods_per_year

    def name(self, t):
        """Name of a period."""
        return f"period {t}" if self.index is None else spell(self.index[t])

    @property
    def dated(self):
        """Whether the periods have dates."""
        import pandas as pd

        return isinstance(self.index, (pd.DatetimeIndex, pd.PeriodIndex))

    def series(self, values):
        """Values as a Series where there are dates, so that their calendar is known."""
        import pandas as pd

        return pd.Series(values, self.index) if self.dated else values

    def places(self, before=0):
        """Labels of the horizontal axis of a chart over all periods."""
        return period_labels(self.index, self.periods, before)

    def jumps(self):
        """Prices that jumped, as (row, symbol, ratio), largest first; none of a lean result."""
        if self.changes is None:
            return []
        ratios = 1.0 + self.changes
        found = np.argwhere((ratios > JUMP) | (ratios < 1.0 / JUMP))
        jumps = [(t, str(self.parts.symbols[k]), float(ratios[t, k])) for t, k in found.tolist()]
        return sorted(jumps, key=lambda jump: -abs(math.log(jump[2])) if jump[2] > 0.0 else -math.inf)

    def benchmark_equity(self):
        """What the cash at the start would have become in the benchmark; NaN outside its returns."""
        growth = np.cumprod(1.0 + np.nan_to_num(self.benchmark))
        known = np.flatnonzero(~np.isnan(self.benchmark))
        rows = np.arange(self.periods)
        return np.where((rows < known[0]) | (rows > known[-1]), np.nan, self.start * growth)


def read_facts(result, benchmark, window):
    """Work out the facts of a result."""
    import pandas as pd

    frame = result.to_frame()
    index = None if isinstance(frame.index, pd.RangeIndex) and frame.index.name == "period" else frame.index
    returns = frame["returns"].to_numpy(np.float64, copy=True)
    settings = result.settings
    mine = returns if index is None else frame["returns"]
    theirs = relative = parts = changes = None
    if benchmark is not None:
        relative = relative_metrics(mine, benchmark, settings.periods_per_year, settings.risk_free)
        own = read_columns("returns", mine, missing=True)
        theirs = align(own, read_columns("benchmark", benchmark, missing=True))
    if not settings.lean:
        parts, changes = read_parts(result), result._tables()[2]
    return Facts(
        result=result,
        frame=frame,
        index=index,
        returns=returns,
        equity=frame["equity"].to_numpy(np.float64) / CENTS,
        start=result.initial_cash / CENTS,
        benchmark=theirs,
        relative=relative,
        parts=parts,
        changes=changes,
        window=window,
    )
