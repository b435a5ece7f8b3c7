"""Volatility by fixed weights: nothing is fitted."""

import warnings
from functools import cache

import numpy as np

from ...errors import InvalidValue, WrongType
from ...portfolio.inputs import finite, positive, readonly, whole
from .inputs import dimensions, read_panel, read_series
from .model import first_variance

MOST = 8
"""Most lags of the recursion with fixed weights."""
CENTRED = {"constant", "mean"}


def garch_ewma_forecast(returns, p=1, q=1, mean="zero"):
    """Forecast the next period's volatility by a recursion of GARCH form whose weights are fixed.

    Nothing is fitted: shocks weigh 0.08 and past variances 0.90 in all. To fit a model, use `fit_garch`.

    Parameters
    ----------
    returns : Series or array-like of float, shape (T,)
        At least one; of a single one the forecast is 0.
    p, q : int, default 1
        Lags of shocks and of variances, taken into 1 to 8, and at most T.
    mean : str, default 'zero'
        ``"constant"`` or ``"mean"``, in any case of letters, takes the sample mean off; anything else does
        not.

    Returns
    -------
    float
        Standard deviation a period, in the unit of the returns; at least 1e-6.

    Raises
    ------
    NonFiniteError
        A NaN or infinite return. (nanobook 0.9.3 left out the recursion there.)
    ShapeError
        No returns.

    Notes
    -----
    Weights of shocks fall by 0.8 from lag to lag and sum to 0.08, those of variances by 0.85 and sum to 0.90;
    the rest goes to the sample variance ``v`` of the residuals ``e``, with which the recursion begins:
    ``h[t] = omega + sum a_i e[t-i]^2 + sum b_j h[t-j]``. The forecast is ``sqrt(omega + sum a_i e[T-i]^2 +
    sum b_j h[T+1-j])``: as in nanobook 0.9.3, whose numbers these are to the last bit, the last shock counts
    twice, since ``h[T]`` knows it already.

    Examples
    --------
    >>> import nanobook
    >>> round(nanobook.garch_ewma_forecast([0.01, -0.02, 0.015, -0.005]), 6)
    0.014665
    """
    from ...kernels import volatility as kernels

    values, _, _ = read_series("returns", returns)
    lags = [min(lags_of(name, count), values.size) for name, count in (("p", p), ("q", q))]
    if not isinstance(mean, str):
        raise WrongType(f"mean={mean!r}: needs 'zero' or 'constant'")
    if values.size < 2:
        return 0.0
    residual = values.copy()
    start = max(kernels.deviations(residual, mean.lower() in CENTRED), kernels.FLOOR)
    alphas, betas = falling(0.8, lags[0], 0.08), falling(0.85, lags[1], 0.90)
    return float(np.sqrt(kernels.fixed_forecast(residual, alphas, betas, start, np.empty(values.size + 1))))


def lags_of(name, count):
    """Take a number of lags into 1 to 8."""
    return min(max(whole(name, count, 0, 2**63 - 1, "lags; 1 to 8 are used"), 1), MOST)


def falling(fall, count, weight):
    """Weights that fall from lag to lag and sum to ``weight``."""
    raw = np.cumprod([1.0, *[fall] * (count - 1)])
    return raw / np.cumsum(raw)[-1] * weight


def garch_forecast(returns, p=1, q=1, mean="zero"):
    """Do as `garch_ewma_forecast`, under its old name.

    .. deprecated:: 0.9
    """
    warn_once()
    return garch_ewma_forecast(returns, p, q, mean)


@cache
def warn_once():
    """Tell of the new name, once a process."""
    warnings.warn(
        "nanobook.garch_forecast is deprecated; use garch_ewma_forecast", DeprecationWarning, stacklevel=3
    )


def ewma_volatility(returns, decay=0.94, *, initial="backcast", periods_per_year=1.0):
    """Smooth squared returns exponentially, as RiskMetrics: the volatility known before each period.

    Parameters
    ----------
    returns : Series, DataFrame or array-like of float, shape (T,) or (T, S)
        Their mean is taken as zero.
    decay : float, default 0.94
        Weight of the past, between 0 and 1: 0.94 for daily, 0.97 for monthly returns.
    initial : {'backcast', 'sample'} or float
        Variance of the first period: as for `fit_garch`.
    periods_per_year : float, default 1
        Scales the volatility by its root: 252 gives that of a year from daily returns.

    Returns
    -------
    Series, DataFrame or array, as the input
        ``sqrt(h[t])`` with ``h[t] = decay h[t-1] + (1 - decay) r[t-1]^2``.

    See Also
    --------
    ewma_forecast : the volatility of the period after the last.

    Raises
    ------
    NonFiniteError, ShapeError, InvalidValue
        A NaN or infinite return; no returns; a decay outside 0 to 1.

    References
    ----------
    RiskMetrics technical document (1996).

    Examples
    --------
    >>> import nanobook
    >>> nanobook.ewma_volatility([0.01, -0.02, 0.03], initial=0.0001).round(5)
    array([0.01   , 0.01   , 0.01086])
    """
    return smoothed(returns, decay, initial, periods_per_year)[0]


def ewma_forecast(returns, decay=0.94, *, initial="backcast", periods_per_year=1.0):
    """Forecast the volatility of the period after the last; parameters as for `ewma_volatility`.

    It is the forecast for every later period too: the smoothed variance has no mean to return to.

    Returns
    -------
    float, or Series for a DataFrame, or array for a table

    Examples
    --------
    >>> import nanobook
    >>> round(nanobook.ewma_forecast([0.01, -0.02, 0.03], initial=0.0001), 5)
    0.01284
    """
    return smoothed(returns, decay, initial, periods_per_year)[1]


def smoothed(returns, decay, initial, periods_per_year):
    """Volatilities known before each period, and that of the next, as the caller's kind."""
    rate = finite("decay", decay)
    if not 0.0 < rate < 1.0:
        raise InvalidValue(f"decay={rate}: must be between 0 and 1")
    year = np.sqrt(positive("periods_per_year", periods_per_year))
    if dimensions(returns) < 2:
        values, index, label = read_series("returns", returns)
        known, ahead = smooth_one(values, rate, initial)
        return named(known * year, index, label), ahead * float(year)
    values, labels, _ = read_panel("returns", returns)
    known = np.empty(values.shape)
    ahead = np.empty(values.shape[1])
    for i in range(values.shape[1]):
        known[:, i], ahead[i] = smooth_one(readonly(np.ascontiguousarray(values[:, i])), rate, initial)
    if labels.index is None:
        return known * year, ahead * year
    import pandas as pd

    frame = pd.DataFrame(known * year, index=labels.index, columns=labels.columns)
    return frame, pd.Series(ahead * year, index=labels.columns, name="volatility")


def smooth_one(values, decay, initial):
    """Smooth one series; returns its volatilities and that of the next period."""
    from ...kernels.volatility import smooth

    variance = np.empty(values.size)
    ahead = smooth(values, decay, first_variance(values, initial), variance)
    return np.sqrt(variance), float(np.sqrt(ahead))


def named(values, index, label):
    """Give a series back as the caller's kind."""
    if index is None:
        return values
    import pandas as pd

    return pd.Series(values, index=index, name=label)
