"""Every indicator beside the library that the field trusts: one row each, for tests and benchmarks."""

from dataclasses import dataclass

import numpy as np

from nanobook.analytics import indicators
from nanobook.analytics.indicators.table import TABLE

PERIODS = {"sma": 20, "ema": 20, "wma": 20, "dema": 20, "tema": 20, "trima": 20, "rma": 20}
"""Where there is no default."""

MATYPES = ("sma", "ema", "wma", "dema", "tema", "trima", "kama", "mama", "t3")


@dataclass(frozen=True)
class Row:
    """One indicator: ours and the reference's, called with the same series and parameters.

    Attributes
    ----------
    name : str
    inputs : tuple of str
        Names of the columns of ``bars``.
    values : tuple
        Parameters: the defaults.
    """

    name: str
    inputs: tuple
    values: tuple

    def series(self, bars):
        """Columns that go in."""
        return [bars[{"x": "close", "y": "other"}.get(name, name)] for name in self.inputs]

    def ours(self, bars, values=None):
        """Outputs of ours as a tuple."""
        found = getattr(indicators, self.name)(*self.series(bars), *(values or self.values))
        return found if isinstance(found, tuple) else (found,)

    def reference(self, bars, values=None):
        """Outputs of TA-Lib as a tuple; what it marks with 0 for "none yet" as NaN."""
        import talib

        values = list(values or self.values)
        if self.name == "stoch":
            values[2:2] = [0]
        values = [MATYPES.index(value) if value in MATYPES else value for value in values]
        found = getattr(talib, TABLE[self.name].talib)(*self.series(bars), *values)
        if self.name in ("maxindex", "minindex"):
            extreme = talib.MAX if self.name == "maxindex" else talib.MIN
            found = np.where(np.isnan(extreme(*self.series(bars), *values)), np.nan, found)
        if self.name == "ht_trendmode":
            found = np.where(np.isnan(talib.HT_DCPHASE(*self.series(bars))), np.nan, found)
        return found if isinstance(found, tuple) else (found,)


ROWS = {
    name: Row(
        name,
        indicator.inputs,
        tuple(
            PERIODS[name] if parameter.default is None else parameter.default
            for parameter in indicator.parameters
        ),
    )
    for name, indicator in TABLE.items()
}


def bars(rows, seed=1):
    """Draw bars of a random walk: open, high, low, close, volume, the close of another, and periods."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, rows)))
    opened = np.concatenate([close[:1], close[:-1]]) * np.exp(rng.normal(0.0, 0.002, rows))
    above, below = np.abs(rng.normal(0.0, 0.005, (2, rows)))
    return {
        "open": opened,
        "high": np.maximum(opened, close) * (1.0 + above),
        "low": np.minimum(opened, close) * (1.0 - below),
        "close": close,
        "volume": rng.integers(100, 10_000, rows).astype(float),
        "other": 50.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, rows))),
        "periods": rng.uniform(1.0, 33.0, rows),
    }
