"""How far a Sharpe ratio can be believed: probabilistic, deflated, and the track record that it needs."""

import math
import warnings
from dataclasses import dataclass

import numpy as np

from ...errors import AssumedObservations, InvalidValue, ShapeError, WrongType
from ...portfolio.inputs import finite, is_flat, positive, whole
from .reading import MAX_RETURN, vector

EULER = 0.5772156649015329  # the constant of Euler and Mascheroni
NORMAL = 3.0  # kurtosis
SLACK = 1e-9  # that rounding may take a kurtosis below its bound
MOST = 2**53


@dataclass(frozen=True)
class Estimate:
    """A Sharpe ratio a period and what decides its standard error."""

    sharpe: float
    observations: float
    skewness: float
    kurtosis: float

    @property
    def variance(self):
        """Variance of the estimator, times ``observations - 1``."""
        return 1.0 - self.skewness * self.sharpe + (self.kurtosis - 1.0) / 4.0 * self.sharpe**2

    @property
    def error(self):
        """Standard error of the estimator."""
        return math.sqrt(self.variance / (self.observations - 1.0))


def probabilistic_sharpe(
    sharpe,
    n_observations=None,
    skewness=None,
    kurtosis=None,
    *,
    benchmark=0.0,
    risk_free=0.0,
    periods_per_year=1.0,
):
    """Probability that the true Sharpe ratio is above a benchmark.

    Parameters
    ----------
    sharpe : float, or array-like of shape (T,)
        The ratio that was observed; or the returns themselves, which then also give the number of
        observations, the skewness and the kurtosis.
    n_observations : int, optional
        Returns that the ratio was estimated from, at least 2. Needed with a ratio.
    skewness, kurtosis : float, optional
        Of the returns; normal ones have 0 and 3, which are taken where they are not given.
    benchmark : float, default 0
        Sharpe ratio to beat.
    risk_free : float, default 0
        Risk-free return a *period*, with returns.
    periods_per_year : float, default 1
        With 252, ``sharpe`` (unless it is returns) and ``benchmark`` are annual, of daily returns. With 1
        they are a period's.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    InvalidValue
        A kurtosis below ``1 + skewness**2``, which no distribution has; a number out of its range.
    ShapeError
        A ratio without ``n_observations``; fewer than 2 returns; returns that are all equal.
    NonFiniteError, WrongType
        Something other than finite numbers.

    Notes
    -----
    ``Phi((S - B) * sqrt(T - 1) / sqrt(1 - g3 * S + (g4 - 1) / 4 * S**2))`` with S and B a period. Of returns
    the standard deviation divides by ``T - 1``; skewness and kurtosis are the plain moments.

    D. H. Bailey, M. Lopez de Prado, "The Sharpe ratio efficient frontier", Journal of Risk 15(2), 2012.

    Examples
    --------
    A track record of two years, monthly, first as if it were normal:

    >>> import nanobook
    >>> round(nanobook.probabilistic_sharpe(0.458, 24), 3)
    0.982
    >>> round(nanobook.probabilistic_sharpe(0.458, 24, skewness=-2.448, kurtosis=10.164), 3)
    0.913
    """
    year = positive("periods_per_year", periods_per_year)
    estimate = read_estimate(sharpe, n_observations, skewness, kurtosis, risk_free, year)
    return probability(estimate, finite("benchmark", benchmark) / math.sqrt(year))


def minimum_track_record_length(
    sharpe,
    benchmark=0.0,
    confidence=0.95,
    skewness=None,
    kurtosis=None,
    *,
    risk_free=0.0,
    periods_per_year=1.0,
):
    """Number of observations from which on a Sharpe ratio is above a benchmark with some confidence.

    Parameters
    ----------
    sharpe : float, or array-like of shape (T,)
        The ratio that was observed, or the returns, as in `probabilistic_sharpe`.
    benchmark : float, default 0
        Sharpe ratio to beat.
    confidence : float, default 0.95
        Above 0.5 and below 1.
    skewness, kurtosis, risk_free, periods_per_year
        As in `probabilistic_sharpe`.

    Returns
    -------
    float
        Observations, with their fraction; infinite where the ratio is not above the benchmark.

    Raises
    ------
    NanobookError
        As `probabilistic_sharpe`.

    Notes
    -----
    ``1 + (1 - g3 * S + (g4 - 1) / 4 * S**2) * (z / (S - B))**2``: where `probabilistic_sharpe` is
    ``confidence``. From the same paper.

    Examples
    --------
    Years of monthly returns that tell an annual ratio of 2 from one of 1:

    >>> import nanobook
    >>> round(nanobook.minimum_track_record_length(2, 1, periods_per_year=12) / 12, 2)
    3.24
    >>> length = nanobook.minimum_track_record_length(2, 1, 0.95, -0.72, 5.78, periods_per_year=12)
    >>> round(length / 12, 2)
    4.99
    """
    from scipy.special import ndtri

    year = positive("periods_per_year", periods_per_year)
    trust = between("confidence", confidence, 0.5, 1.0, "0.95 is 95 %")
    estimate = read_estimate(sharpe, None, skewness, kurtosis, risk_free, year, counted=False)
    above = estimate.sharpe - finite("benchmark", benchmark) / math.sqrt(year)
    if above <= 0.0:
        return math.inf
    return 1.0 + estimate.variance * (float(ndtri(trust)) / above) ** 2


def expected_maximum_sharpe(n_trials, sharpe_std=1.0):
    """Expected highest Sharpe ratio of independent trials whose true ratio is 0.

    Parameters
    ----------
    n_trials : float
        Trials, at least 1. May be a fraction, as an effective number of independent trials is.
    sharpe_std : float, default 1
        Standard deviation of the trials' ratios. The answer is in its units, annual or a period's.

    Returns
    -------
    float
        0 for one trial.

    Raises
    ------
    InvalidValue, NonFiniteError, WrongType
        An argument that cannot be used.

    Notes
    -----
    ``sharpe_std * ((1 - g) * z(1 - 1 / n) + g * z(1 - 1 / (n * e)))`` with Euler's constant g and the normal
    quantile z; from the paper of `deflated_sharpe`.

    Examples
    --------
    >>> import nanobook
    >>> round(nanobook.expected_maximum_sharpe(100), 4)
    2.5306
    """
    from scipy.special import ndtri

    trials = finite("n_trials", n_trials)
    if trials < 1.0:
        raise InvalidValue(f"n_trials={n_trials}: must be at least 1")
    spread = not_negative("sharpe_std", sharpe_std)
    if trials == 1.0:
        return 0.0
    # ndtri(1 - p) as -ndtri(p), which many trials do not take to infinity
    highest = -(1.0 - EULER) * ndtri(1.0 / trials) - EULER * ndtri(1.0 / (trials * math.e))
    return spread * max(float(highest), 0.0)  # below two trials the approximation falls below that of one


def deflated_sharpe(
    sharpe,
    n_trials,
    skewness=None,
    kurtosis=None,
    n_observations=None,
    *,
    sharpe_variance=None,
    risk_free=0.0,
    periods_per_year=1.0,
):
    """Probability that the best of many trials has a true Sharpe ratio above what chance alone would reach.

    Parameters
    ----------
    sharpe : float, or array-like of shape (T,)
        The ratio of the trial that was chosen; or its returns, which then also give the number of
        observations, the skewness and the kurtosis.
    n_trials : float
        Independent trials that it was chosen from, at least 1. Trials that resemble each other count less.
    skewness, kurtosis : float, optional
        Of the returns; normal ones have 0 and 3, which are taken where they are not given.
    n_observations : int, optional
        Returns that the ratio was estimated from, at least 2. Needed with a ratio.
    sharpe_variance : float, optional
        Variance of the ratios of all trials, annual if ``periods_per_year`` says that they are. By default
        the squared standard error of the chosen one: that of trials which differ by chance alone.
    risk_free, periods_per_year : float
        As in `probabilistic_sharpe`.

    Returns
    -------
    float
        From 0 to 1: `probabilistic_sharpe` above `expected_maximum_sharpe`.

    Raises
    ------
    NanobookError
        As `probabilistic_sharpe` and `expected_maximum_sharpe`.

    Notes
    -----
    D. H. Bailey, M. Lopez de Prado, "The deflated Sharpe ratio", Journal of Portfolio Management 40(5), 2014.

    Examples
    --------
    The paper's strategy, the best of 100 with an annual ratio of 2.5 over five years of 250 days:

    >>> import nanobook
    >>> told = {"n_observations": 1250, "sharpe_variance": 0.5, "periods_per_year": 250}
    >>> round(nanobook.deflated_sharpe(2.5, 100, -3, 10, **told), 4)
    0.9004
    >>> round(nanobook.deflated_sharpe(2.5, 46, -3, 10, **told), 4)
    0.9505
    """
    year = positive("periods_per_year", periods_per_year)
    estimate = read_estimate(sharpe, n_observations, skewness, kurtosis, risk_free, year)
    if sharpe_variance is None:
        spread = estimate.error
    else:
        spread = math.sqrt(not_negative("sharpe_variance", sharpe_variance) / year)
    return probability(estimate, expected_maximum_sharpe(n_trials, spread))


def py_deflated_sharpe(sharpe, n_trials, skewness, kurtosis, n_observations=None):
    """Deflated Sharpe ratio by the original's call; `deflated_sharpe` is the one to use.

    Parameters
    ----------
    sharpe, n_trials, skewness, kurtosis
        As in `deflated_sharpe`.
    n_observations : int, optional
        Returns that the ratio was estimated from. Without it, as in the original, ``n_trials`` stands for it,
        which is wrong unless they happen to be equal: a warning says so.

    Returns
    -------
    float

    Warns
    -----
    AssumedObservations
        ``n_observations`` is not given.

    Examples
    --------
    >>> import nanobook
    >>> round(nanobook.py_deflated_sharpe(0.12, 20, 0.0, 3.0, 1000), 6)
    0.969847
    """
    if n_observations is None:
        n_observations = whole("n_trials", n_trials, 2, MOST, "or give n_observations")
        warnings.warn(
            f"py_deflated_sharpe: n_trials={n_trials} stands for the number of observations, which is wrong; "
            "pass n_observations",
            AssumedObservations,
            stacklevel=2,
        )
    return deflated_sharpe(sharpe, n_trials, skewness, kurtosis, n_observations)


def read_estimate(sharpe, n_observations, skewness, kurtosis, risk_free, year, counted=True):
    """Take a ratio and its moments, or estimate them from returns; ``counted``: observations are needed."""
    rate = finite("risk_free", risk_free)
    if hasattr(sharpe, "__len__") and getattr(sharpe, "ndim", 1) and not isinstance(sharpe, (str, bytes)):
        given = {"n_observations": n_observations, "skewness": skewness, "kurtosis": kurtosis}
        return estimated(sharpe, rate, [name for name, value in given.items() if value is not None])
    if rate:
        raise InvalidValue(f"risk_free={rate}: goes with returns; a ratio has it taken off already")
    count = math.inf
    if counted and n_observations is None:
        raise ShapeError("n_observations: missing; pass how many returns the ratio was estimated from")
    if counted:
        count = whole("n_observations", n_observations, 2, MOST, "returns that the ratio was estimated from")
    skew = 0.0 if skewness is None else finite("skewness", skewness)
    tails = NORMAL if kurtosis is None else finite("kurtosis", kurtosis)
    if tails < 1.0 + skew * skew - SLACK:
        raise InvalidValue(
            f"kurtosis={tails}: must be at least 1 + skewness**2 = {1.0 + skew * skew:.6g}, as that of every "
            "distribution is; normal returns have 3, an excess kurtosis is 3 less"
        )
    return checked(Estimate(finite("sharpe", sharpe) / math.sqrt(year), count, skew, tails))


def estimated(returns, rate, given):
    """Estimate from returns."""
    if given:
        raise WrongType(f"{given[0]}: given beside returns, which have one already; leave it out")
    values, _ = vector("sharpe (returns)", returns, least=2, most=MAX_RETURN)
    if is_flat(values):
        raise ShapeError(f"sharpe (returns): all are {values[0]}, so there is no Sharpe ratio")
    unit = float(np.abs(values).max())  # the fourth power of a small number would be 0
    values, rate = values / unit, rate / unit
    apart = values - values.mean()
    square = float(np.mean(apart**2))
    return checked(
        Estimate(
            sharpe=(float(values.mean()) - rate) / float(values.std(ddof=1)),
            observations=values.size,
            skewness=float(np.mean(apart**3)) / square**1.5,
            kurtosis=float(np.mean(apart**4)) / square**2,
        )
    )


def checked(estimate):
    """Refuse an estimate without a standard error."""
    if not 0.0 < estimate.variance < math.inf:
        raise InvalidValue(
            f"sharpe={estimate.sharpe}, skewness={estimate.skewness}, kurtosis={estimate.kurtosis}: the "
            f"variance of the ratio comes out as {estimate.variance}"
        )
    return estimate


def probability(estimate, benchmark):
    """Probability that the true ratio is above one, both a period's."""
    from scipy.special import ndtr

    return float(ndtr((estimate.sharpe - benchmark) / estimate.error))


def between(name, value, low, high, remedy):
    """Check a number strictly between two."""
    number = finite(name, value)
    if not low < number < high:
        raise InvalidValue(f"{name}={number}: must be above {low} and below {high} ({remedy})")
    return number


def not_negative(name, value):
    """Check a finite number of at least zero."""
    number = finite(name, value)
    if number < 0.0:
        raise InvalidValue(f"{name}={number}: must not be below 0")
    return number
