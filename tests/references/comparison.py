"""A row of the table of references: one figure by two libraries, from the same data."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes
    ----------
    name : str
    library : str
        The import name of the package that is trusted.
    make : callable
        Data of a size, given a size.
    ours, theirs : callable
        The figure from the data: a number or an array.
    sizes : tuple of two
        Of the data in the tests and in the benchmark.
    rtol, atol : float
        How near the figures are.
    cost : callable, optional
        What a figure is to be small in, from the data and the figure, where there are several that are
        equally right or theirs is not exact: ours may not cost more than theirs and a share ``rtol`` of it.
    """

    name: str
    library: str
    make: Callable[[Any], Any]
    ours: Callable[[Any], Any]
    theirs: Callable[[Any], Any]
    sizes: tuple
    rtol: float = 1e-9
    atol: float = 0.0
    cost: Callable[[Any, Any], float] | None = field(default=None)

    @property
    def label(self):
        """Name of the row."""
        return f"{self.name} / {self.library}"

    @property
    def is_installed(self):
        """Whether the library is there; some need an environment of their own."""
        return find_spec(self.library) is not None

    def check(self, data):
        """Compare the two; returns the largest difference, relative to the largest figure or to the cost."""
        ours, theirs = self.ours(data), self.theirs(data)
        if self.cost is not None:
            mine, other = self.cost(data, ours), self.cost(data, theirs)
            most = other + self.rtol * abs(other) + self.atol
            assert mine <= most, f"ours costs {mine!r}, theirs {other!r}"
            return (mine - other) / abs(other)
        ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
        np.testing.assert_allclose(ours, theirs, rtol=self.rtol, atol=self.atol)
        largest = np.nanmax(np.abs(theirs), initial=0.0)
        return float(np.nanmax(np.abs(ours - theirs), initial=0.0) / (largest or 1.0))


def market(size, seed=1):
    """Daily returns, periods x assets, of one strong factor and what each asset has of its own."""
    periods, count = size
    rng = np.random.default_rng(seed)
    factor = rng.normal(0.0004, 0.01, (periods, 1)) @ rng.uniform(0.5, 1.6, (1, count))
    return factor + rng.standard_t(4, (periods, count)) * rng.uniform(0.005, 0.02, count)


def volatile(periods, seed=11):
    """Returns in percent of a GARCH(1,1) that falls move more than rises, with t-distributed shocks."""
    rng = np.random.default_rng(seed)
    shocks = rng.standard_t(6, periods) * np.sqrt(4.0 / 6.0)
    values, variance = np.empty(periods), 1.0
    for t in range(periods):
        values[t] = np.sqrt(variance) * shocks[t]
        news = values[t] ** 2 * (1.3 if values[t] < 0.0 else 0.7)
        variance = 0.08 + 0.08 * news + 0.84 * variance
    return values + 0.04
