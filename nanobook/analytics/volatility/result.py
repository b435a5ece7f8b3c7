"""What a fit of one series returns."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ...errors import InvalidValue
from ...kernels.garch.fit import CONVERGED
from ...kernels.garch.state import EGARCH, first_shape
from ...portfolio.inputs import positive
from .model import betas, distribution_of, parameter_names, starting_variance, title
from .model import coordinates as to_coordinates


@dataclass(frozen=True, eq=False)
class Data:
    """Returns of a fit.

    Attributes
    ----------
    values, scaled : float64 arrays, shape (T,)
        As given, and divided by ``scale``.
    scale : float
    start : float
        Variance before the first period, of the values as given.
    index : pandas.Index or None
    label : hashable or None
        Name of the series.
    """

    values: np.ndarray
    scaled: np.ndarray
    scale: float
    start: float
    index: Any = None
    label: Any = None

    def like(self, values, name):
        """Give one value a period as the caller's kind."""
        if self.index is None:
            return values
        import pandas as pd

        return pd.Series(values, index=self.index, name=name)


class Look(NamedTuple):
    """What the kernels see at the parameters, of the scaled returns.

    Attributes
    ----------
    loglikelihood : float
    residual, variance : float64 arrays, shape (T,)
    scores : float64 array, shape (T, K)
        By the coordinates.
    """

    loglikelihood: float
    residual: np.ndarray
    variance: np.ndarray
    scores: np.ndarray


class GarchResult:
    """A volatility model with its parameters, over one series of returns; made by `fit_garch`.

    Numbers are in the unit of the returns, and a period is one return. What has one value a period is a
    Series where the returns were, else an array. Results compare equal by value and can be pickled.

    Attributes
    ----------
    params : Series
        Parameters by name.
    loglikelihood : float
    aic, bic : float
        Information criteria, ``2 K - 2 l`` and ``K log T - 2 l``; lower is better.
    converged : bool or None
        None where the parameters were given.
    iterations : int
    conditional_volatility : (T,)
        Standard deviation of each period, from what was known before it.
    residuals, std_residuals : (T,)
        Returns less the mean, and those over the conditional volatility.
    persistence : float
        What remains of a shock a period later: of the variance, for EGARCH of its logarithm.
    model : Model
        The orders.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, *, model, data, params, code, steps):
        self.model = model
        self.data = data
        self.code = code
        self.iterations = steps
        self._params = np.array(params, np.float64)

    def __eq__(self, other):
        if not isinstance(other, GarchResult):
            return NotImplemented
        mine, theirs = self.data, other.data
        indexes = mine.index is theirs.index if mine.index is None else mine.index.equals(theirs.index)
        return (
            (self.model, self.code, self.iterations, mine.start, mine.label)
            == (other.model, other.code, other.iterations, theirs.start, theirs.label)
            and np.array_equal(self._params, other._params)
            and np.array_equal(mine.values, theirs.values)
            and indexes
        )

    @property
    def converged(self):
        """Whether the optimiser ended at an optimum; None where it did not run."""
        return None if self.code is None else self.code == CONVERGED

    @property
    def params(self):
        """Parameters by name."""
        return self._named(self._params, "params")

    @cached_property
    def loglikelihood(self):
        """Logarithm of the likelihood of the returns."""
        return self.look.loglikelihood - self.data.values.size * math.log(self.data.scale)

    @property
    def aic(self):
        """Criterion of Akaike."""
        return 2.0 * self._params.size - 2.0 * self.loglikelihood

    @property
    def bic(self):
        """Criterion of Schwarz."""
        return self._params.size * math.log(self.data.values.size) - 2.0 * self.loglikelihood

    @property
    def conditional_volatility(self):
        """Standard deviation of each period."""
        return self.data.like(np.sqrt(self.look.variance) * self.data.scale, "volatility")

    @property
    def residuals(self):
        """Returns less the mean."""
        return self.data.like(self.look.residual * self.data.scale, "residual")

    @property
    def std_residuals(self):
        """Residuals over the conditional volatility."""
        return self.data.like(self.look.residual / np.sqrt(self.look.variance), "std_residual")

    @property
    def persistence(self):
        """What remains of a shock a period later."""
        from .forecast import below_zero

        own = betas(self.model, self._params).sum()
        if self.model.family == EGARCH:
            return float(own)
        at = self.model.mean + 1
        alphas, gammas = (
            self._params[at : at + self.model.p],
            self._params[at + self.model.p :][: self.model.o],
        )
        return float(own + alphas.sum() + below_zero(self) * gammas.sum())

    @property
    def unconditional_volatility(self):
        """Volatility that forecasts tend to; NaN where there is none, and for EGARCH."""
        left = 1.0 - self.persistence
        if self.model.family == EGARCH or left <= 0.0:
            return math.nan
        return math.sqrt(self._params[self.model.mean] / left)

    @cached_property
    def look(self):
        """What the kernels see: private arrays in scaled units."""
        from .inference import look

        return look(self.model, self.data, self.coordinates)

    @property
    def coordinates(self):
        """Parameters as the kernels take them."""
        return to_coordinates(self.model, self._params, self.data.scale)

    @property
    def shapes(self):
        """Parameters of the distribution."""
        return self._params[first_shape(self.model) :]

    def covariance(self, robust=True):
        """Estimate the covariance of the parameters.

        Parameters
        ----------
        robust : bool
            With the scores' outer products between two inverse Hessians (Bollerslev and Wooldridge 1992),
            which holds whatever the distribution is; else the inverse Hessian.

        Returns
        -------
        DataFrame
            NaN where the likelihood is not curved in all directions, as with a parameter on its bound.
        """
        import pandas as pd

        from .inference import covariance

        names = parameter_names(self.model)
        return pd.DataFrame(covariance(self, bool(robust)), index=list(names), columns=list(names))

    def std_errors(self, robust=True):
        """Estimate the standard errors of the parameters; see `covariance`.

        Returns
        -------
        Series
        """
        variances = np.diag(self.covariance(robust).to_numpy())
        return self._named(np.sqrt(np.where(variances > 0.0, variances, np.nan)), "std_error")

    def summary(self, robust=True):
        """Tabulate the parameters.

        Returns
        -------
        DataFrame
            One row a parameter: estimate, standard error, t statistic, two-sided p-value from the normal
            distribution, and the 95 % interval.
        """
        import pandas as pd

        error = self.std_errors(robust).to_numpy()
        t = self._params / error
        columns = {
            "estimate": self._params,
            "std_error": error,
            "t": t,
            "p_value": [math.erfc(abs(value) / math.sqrt(2.0)) for value in t],
            "lower_95": self._params - 1.959963984540054 * error,
            "upper_95": self._params + 1.959963984540054 * error,
        }
        return pd.DataFrame(columns, index=list(parameter_names(self.model)))

    def forecast(self, horizon=1, *, method="auto", paths=10_000, seed=0):
        """Forecast mean and variance of the next periods.

        Parameters
        ----------
        horizon : int
            How many periods.
        method : {'auto', 'analytic', 'simulation'}
            GARCH and GJR forecasts are exact expectations. EGARCH has one for the first period alone: what
            lies beyond is simulated by ``"auto"``, and refused by ``"analytic"``.
        paths : int
            Simulated paths; the error of a simulated variance falls with the root of their number.
        seed : int
            Of the simulation: the same seed gives the same forecast.

        Returns
        -------
        DataFrame
            One row a period ahead, from 1: ``mean``, ``variance``, ``volatility``, a period. ``plot`` with
            a ``horizon`` draws it behind the past.
        """
        from .forecast import forecast

        return forecast(self, horizon, method, paths, seed)

    def apply(self, returns, *, initial="backcast", missing="raise"):
        """Run the model with these parameters over other returns, as new ones that came since.

        Returns
        -------
        GarchResult
            With ``converged`` None.
        """
        from .garch import applied
        from .inputs import read_series

        values, index, label = read_series("returns", returns, missing)
        start = starting_variance(self.model, values, initial)
        if not start > 0.0:
            raise InvalidValue(
                f"initial={initial!r}: the returns do not vary; pass the variance to begin with"
            )
        return applied(self.model, self._params, Data(values, values, 1.0, start, index, label))

    def to_frame(self):
        """Tabulate the periods.

        Returns
        -------
        DataFrame
            One row a period: ``returns``, ``volatility`` (conditional), ``std_residual``.
        """
        import pandas as pd

        columns = {
            "returns": self.data.values,
            "volatility": np.asarray(self.conditional_volatility),
            "std_residual": np.asarray(self.std_residuals),
        }
        index = (
            pd.RangeIndex(self.data.values.size, name="period")
            if self.data.index is None
            else self.data.index
        )
        return pd.DataFrame(columns, index=index)

    def plot(self, periods_per_year=None, *, horizon=None):
        """Draw returns in a band of two conditional standard deviations, and the volatility.

        Parameters
        ----------
        periods_per_year : float, optional
            Draw the volatility a year; by default a period.
        horizon : int, optional
            Draw the last periods alone, and behind them the forecast of so many.

        Returns
        -------
        matplotlib.figure.Figure
            Not shown.
        """
        from .plot import draw

        year = 1.0 if periods_per_year is None else positive("periods_per_year", periods_per_year)
        return draw(self, year, None if horizon is None else self.forecast(horizon))

    def __repr__(self):
        said = ", ".join(f"{name}={value:.4g}" for name, value in self.params.items())
        return (
            f"GarchResult({title(self.model)}, {distribution_of(self.model)}, "
            f"periods={self.data.values.size}, loglikelihood={self.loglikelihood:.4f}, {said})"
        )

    def _repr_html_(self):
        head = (
            f"{title(self.model)}, {distribution_of(self.model)} distribution, "
            f"{self.data.values.size} periods; log-likelihood {self.loglikelihood:,.3f}, "
            f"AIC {self.aic:,.2f}, BIC {self.bic:,.2f}, persistence {self.persistence:.4f}; "
            "robust standard errors"
        )
        return f"<p>{head}</p>{self.summary().to_html(float_format=lambda value: f'{value:.4g}')}"

    def _named(self, values, name):
        import pandas as pd

        return pd.Series(values, index=list(parameter_names(self.model)), name=name)
