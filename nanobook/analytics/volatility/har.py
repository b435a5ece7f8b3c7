"""The heterogeneous autoregression of realised variance (Corsi 2009), by least squares."""

import math
from functools import cached_property
from itertools import pairwise

import numpy as np

from ...errors import InvalidValue, ShapeError, WrongType
from ...portfolio.inputs import readonly, whole
from .inputs import FEWEST, read_series

LAGS = (1, 5, 22)


def fit_har(realized_variance, lags=LAGS, *, missing="raise"):
    """Regress realised variance on its own means over a day, a week and a month.

    Parameters
    ----------
    realized_variance : Series or array-like of float, shape (T,)
        Realised variance of each period, none below 0; as squared returns, or the squares of
        ``realized_volatility(..., window=...)``.
    lags : sequence of int, default (1, 5, 22)
        How many periods each mean is over.
    missing : {'raise', 'drop'}
        What to do about NaN.

    Returns
    -------
    HarResult

    Raises
    ------
    ShapeError
        Fewer than 50 periods behind the longest lag.
    NonFiniteError
        A NaN or infinite value.
    InvalidValue
        A negative value, a constant series, lags that do not increase.

    Notes
    -----
    ``v[t] = const + sum b_l mean(v[t-l], ..., v[t-1]) + error``, by ordinary least squares over all periods
    behind the longest lag.

    References
    ----------
    Corsi, F. (2009): A simple approximate long-memory model of realized volatility.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> variance = np.random.default_rng(1).normal(size=500) ** 2
    >>> nanobook.fit_har(variance).params.index.tolist()
    ['const', 'mean[1]', 'mean[5]', 'mean[22]']
    """
    chosen = read_lags(lags)
    values, index, label = read_series("realized_variance", realized_variance, missing)
    if (values < 0.0).any():
        t = int(np.argmax(values < 0.0))
        raise InvalidValue(f"realized_variance: {values[t]} in row {t}: a variance is not below 0")
    if values.size < chosen[-1] + FEWEST:
        raise ShapeError(
            f"realized_variance: {values.size} periods, needs at least {chosen[-1] + FEWEST}: {FEWEST} "
            "behind the longest lag"
        )
    unit = unit_of(values)
    table = design(values / unit, chosen)
    if np.linalg.matrix_rank(table) < table.shape[1]:
        raise InvalidValue(
            "realized_variance: its means over the lags are not independent (is it constant?); use fewer"
        )
    params = np.linalg.lstsq(table, values[chosen[-1] :] / unit, rcond=None)[0]
    params[0] *= unit
    return HarResult(chosen, params, values, index, label)


def read_lags(lags):
    """Check the lags; returns a tuple."""
    if isinstance(lags, (str, bytes)) or not hasattr(lags, "__iter__"):
        raise WrongType(f"lags={lags!r}: needs a sequence of whole numbers, as (1, 5, 22)")
    chosen = tuple(whole("lags", lag, 1, 100_000, "periods") for lag in lags)
    if not chosen or any(b <= a for a, b in pairwise(chosen)):
        raise InvalidValue(f"lags={lags!r}: must increase, as (1, 5, 22)")
    return chosen


def unit_of(values):
    """Power of two near the mean: the means of the regression are then as large as its one."""
    mean = values.mean()
    return 2.0 ** round(math.log2(mean)) if mean > 0.0 else 1.0


def design(values, lags):
    """Table of the regression: a one, and the means known before each period behind the longest lag."""
    from ...kernels.volatility import window_means

    rows = values.size - lags[-1]
    table = np.ones((rows, 1 + len(lags)))
    means = np.empty(values.size)
    for i, lag in enumerate(lags):
        window_means(readonly(values), lag, means)
        table[:, 1 + i] = means[lags[-1] - 1 : -1]
    return table


class HarResult:
    """A fitted heterogeneous autoregression; made by `fit_har`.

    Attributes
    ----------
    params : Series
        ``const`` and one weight a lag.
    rsquared : float
    fitted, residuals : Series or array, as the input
        Of the periods behind the longest lag.
    lags : tuple of int
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, lags, params, values, index, label):
        self.lags = lags
        self._params, self._values, self._index, self._label = params, values, index, label

    def __eq__(self, other):
        if not isinstance(other, HarResult):
            return NotImplemented
        indexes = self._index is other._index if self._index is None else self._index.equals(other._index)
        return (
            (self.lags, self._label) == (other.lags, other._label)
            and np.array_equal(self._params, other._params)
            and np.array_equal(self._values, other._values)
            and indexes
        )

    @property
    def params(self):
        """Weights by name."""
        return self._named(self._params, "params")

    @cached_property
    def _table(self):
        return design(self._values, self.lags)

    @property
    def _known(self):
        return self._values[self.lags[-1] :]

    @property
    def fitted(self):
        """What the regression says of each period, from those before it."""
        return self._like(self._table @ self._params, "fitted")

    @property
    def residuals(self):
        """What it leaves."""
        return self._like(self._known - self._table @ self._params, "residual")

    @property
    def rsquared(self):
        """Share of the variation that is explained."""
        rest = self._known - self._table @ self._params
        return float(1.0 - (rest @ rest) / np.sum((self._known - self._known.mean()) ** 2))

    def std_errors(self, hac_lags=None):
        """Estimate the standard errors of the weights.

        Parameters
        ----------
        hac_lags : int, optional
            Autocorrelations to allow for (Newey and West 1987, Bartlett weights, without a correction for
            the size of the sample); by default none, and errors of one variance.

        Returns
        -------
        Series
        """
        unit = unit_of(self._values)
        table = design(self._values / unit, self.lags)
        rest = (self._known - self._table @ self._params) / unit
        inverse = np.linalg.inv(table.T @ table)
        if hac_lags is None:
            found = inverse * (rest @ rest) / (len(rest) - table.shape[1])
        else:
            most = whole("hac_lags", hac_lags, 0, len(rest) - 1, "lags")
            found = inverse @ long_run(table * rest[:, None], most) @ inverse
        error = np.sqrt(np.diag(found))
        error[0] *= unit
        return self._named(error, "std_error")

    def forecast(self, horizon=1):
        """Forecast realised variance, each period from the forecasts before it; none below 0.

        Parameters
        ----------
        horizon : int

        Returns
        -------
        DataFrame
            One row a period ahead, from 1: ``variance`` and ``volatility``.
        """
        import pandas as pd

        horizon = whole("horizon", horizon, 1, 100_000, "periods ahead")
        known = self._values[-self.lags[-1] :].tolist()
        for _ in range(horizon):
            means = [sum(known[-lag:]) / lag for lag in self.lags]
            known.append(max(float(self._params @ [1.0, *means]), 0.0))
        variance = np.array(known[-horizon:])
        index = pd.RangeIndex(1, horizon + 1, name="horizon")
        return pd.DataFrame({"variance": variance, "volatility": np.sqrt(variance)}, index=index)

    def summary(self, hac_lags=None):
        """Tabulate the weights: estimate, standard error, t statistic, two-sided p-value (normal).

        Returns
        -------
        DataFrame
        """
        import pandas as pd

        error = self.std_errors(hac_lags)
        t = self._params / error
        p = [math.erfc(abs(value) / math.sqrt(2.0)) for value in t]
        return pd.DataFrame({"estimate": self._params, "std_error": error, "t": t, "p_value": p}, error.index)

    def plot(self):
        """Draw realised volatility and what the regression said the period before.

        Returns
        -------
        matplotlib.figure.Figure
            Not shown.
        """
        from .plot import draw_har

        return draw_har(self)

    def to_frame(self):
        """Tabulate the periods behind the longest lag: ``variance`` and ``fitted``.

        Returns
        -------
        DataFrame
        """
        import pandas as pd

        index = pd.RangeIndex(self._values.size, name="period") if self._index is None else self._index
        columns = {"variance": self._known, "fitted": self._table @ self._params}
        return pd.DataFrame(columns, index=index[self.lags[-1] :])

    def __repr__(self):
        said = ", ".join(f"{name}={value:.4g}" for name, value in self.params.items())
        return (
            f"HarResult(lags={self.lags}, periods={self._values.size}, rsquared={self.rsquared:.4f}, {said})"
        )

    def _repr_html_(self):
        head = f"HAR, lags {self.lags}, {len(self._known)} periods, R squared {self.rsquared:.4f}"
        return f"<p>{head}</p>{self.summary().to_html(float_format=lambda value: f'{value:.4g}')}"

    def _named(self, values, name):
        import pandas as pd

        return pd.Series(values, index=["const", *(f"mean[{lag}]" for lag in self.lags)], name=name)

    def _like(self, values, name):
        if self._index is None:
            return values
        import pandas as pd

        return pd.Series(values, index=self._index[self.lags[-1] :], name=name)


def long_run(moments, lags):
    """Sum of the autocovariances of moments, with Bartlett weights."""
    result = moments.T @ moments
    for lag in range(1, lags + 1):
        cross = moments[lag:].T @ moments[:-lag]
        result += (1.0 - lag / (lags + 1.0)) * (cross + cross.T)
    return result
