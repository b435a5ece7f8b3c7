"""Is the best of many strategies better than a benchmark, or the luckiest? White's and Hansen's tests."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from ...errors import InvalidValue
from ...hints import listing
from ...portfolio.inputs import is_flat
from .reading import MAX_RETURN, align_vectors, table, vector
from .resampling import Plan, read_plan, resampled_means

LEAST = 10  # periods: the threshold of the consistent p-value is log(log(T))
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False, repr=False)
class SuperiorityTest:
    """Result of `reality_check` and `superior_predictive_ability`.

    Results compare equal by value and can be pickled.

    Attributes
    ----------
    test : str
    statistic : float
        The largest of ``statistics``, at least 0 if studentized.
    p_value : float
        Probability that chance alone reaches the statistic where no strategy beats the benchmark.
    p_lower, p_upper : float
        Its bounds: no strategy is worse than the benchmark but those that fell behind; none is worse.
    best : label or int
        The strategy with the largest of ``statistics``.
    names : tuple
        Of the strategies; their columns where they have none.
    means : float64 array, shape (N,)
        Mean return over the benchmark, a period.
    statistics : float64 array, shape (N,)
        ``sqrt(T) * means``, over its standard deviation if studentized.
    plan : Plan
        How it was resampled.
    """

    test: str
    statistic: float
    p_value: float
    p_lower: float
    p_upper: float
    best: object
    names: tuple
    means: np.ndarray
    statistics: np.ndarray
    plan: Plan
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other):
        if not isinstance(other, SuperiorityTest):
            return NotImplemented
        return all(
            np.array_equal(getattr(self, field.name), getattr(other, field.name)) for field in fields(self)
        )

    def __repr__(self):
        return (
            f"SuperiorityTest({self.test}: best={self.best!r}, statistic={self.statistic:.4f}, "
            f"p_value={self.p_value:.4f} [{self.p_lower:.4f}, {self.p_upper:.4f}])"
        )

    def summary(self):
        """Return the figures as a Series."""
        import pandas as pd

        return pd.Series(
            {
                "best": self.best,
                "statistic": self.statistic,
                "p-value": self.p_value,
                "p-value, lower bound": self.p_lower,
                "p-value, upper bound": self.p_upper,
                "strategies": len(self.names),
                "resamples": self.plan.resamples,
                "mean block (periods)": self.plan.block_size,
            },
            name=self.test,
        )

    def to_frame(self):
        """Return a DataFrame with one row a strategy, the best first: ``mean`` and ``statistic``."""
        import pandas as pd

        frame = pd.DataFrame({"mean": self.means, "statistic": self.statistics}, index=list(self.names))
        return frame.sort_values("statistic", ascending=False, kind="stable")

    def _repr_html_(self):
        return self.summary().to_frame().to_html()


def superior_predictive_ability(
    returns,
    benchmark=None,
    *,
    block_size=None,
    resamples=1000,
    bootstrap="stationary",
    studentize=True,
    seed=0,
):
    """Test whether the best of some strategies beats a benchmark, all of them being looked at: Hansen's SPA.

    Parameters
    ----------
    returns : DataFrame or array of float, shape (T, N), T >= 10
        Returns of N strategies: all that were tried, the bad ones too. For a comparison of forecasts pass
        losses with their sign changed.
    benchmark : Series or array of float, shape (T,), optional
        Returns to beat; a Series by the same dates. By default 0 in every period.
    block_size : float, optional
        Mean length of a block in periods, from 1 to T; by default ``sqrt(T)``. Longer where returns depend on
        those of longer ago.
    resamples : int, default 1000
    bootstrap : {'stationary', 'circular'}
        Blocks of random length, or of one.
    studentize : bool, default True
        Divide each strategy's mean by its standard deviation, so that a wild one does not hide the others.
    seed : int, default 0
        The same seed gives the same answer, with any number of threads.

    Returns
    -------
    SuperiorityTest

    Raises
    ------
    ShapeError
        Too few periods, shapes or labels that differ.
    NonFiniteError
        A NaN or an infinity; names the cells.
    InvalidValue
        A strategy that differs from the benchmark by a constant, a number out of its range.
    WrongType
        Something other than numbers.

    Notes
    -----
    ``p_value`` is the consistent one: a strategy counts as bad, and is left out of the null, where its
    statistic is below ``-sqrt(2 * log(log(T)))``. It is 1 where no strategy has a mean above the benchmark's.
    Variances are those that the stationary bootstrap has in the limit of many resamples. With
    ``studentize=False`` only the statistic and its resamples are left undivided.

    P. R. Hansen, "A test for superior predictive ability", Journal of Business & Economic Statistics 23(4),
    2005; D. N. Politis, J. P. Romano, "The stationary bootstrap", JASA 89, 1994.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> returns = np.random.default_rng(1).normal(0.0, 0.01, (500, 20))
    >>> nanobook.superior_predictive_ability(returns).p_value > 0.05  # luck
    True
    >>> returns[:, 7] += 0.002
    >>> result = nanobook.superior_predictive_ability(returns)
    >>> result.best, result.p_value < 0.01
    (7, True)
    """
    apart, names = excess_over(returns, benchmark)
    plan = read_plan(resamples, block_size, bootstrap, seed, len(apart))
    means, scale = apart.mean(axis=0), np.sqrt(long_run_variance(apart, plan))
    root = math.sqrt(len(apart))
    refuse_flat(names, scale, apart)
    poor = root * means < -math.sqrt(2.0 * math.log(math.log(len(apart)))) * scale
    divisor = scale if studentize else np.ones_like(scale)
    statistics = root * means / divisor
    centres = np.stack([np.maximum(means, 0.0), np.where(poor, 0.0, means), means])
    top = max(float(statistics.max()), 0.0) if studentize else float(statistics.max())
    lower = consistent = upper = 1.0  # where none is better than the benchmark, chance always reaches that
    if top > 0.0:
        lower, consistent, upper = exceedances(apart, plan, means, centres, divisor / root, top)
    return SuperiorityTest(
        test="Hansen's SPA",
        statistic=top,
        p_value=consistent,
        p_lower=lower,
        p_upper=upper,
        best=names[int(np.argmax(statistics))],
        names=names,
        means=means,
        statistics=statistics,
        plan=plan,
    )


def reality_check(
    returns, benchmark=None, *, block_size=None, resamples=1000, bootstrap="stationary", seed=0
):
    """Test whether the best of some strategies beats a benchmark: White's reality check.

    Parameters
    ----------
    returns, benchmark, block_size, resamples, bootstrap, seed
        As in `superior_predictive_ability`, which has more power where bad strategies are among them.

    Returns
    -------
    SuperiorityTest
        With one p-value: its bounds are equal to it.

    Raises
    ------
    NanobookError
        As `superior_predictive_ability`.

    Notes
    -----
    The statistic is ``sqrt(T)`` times the largest mean; the null has every strategy as good as the benchmark.

    H. White, "A reality check for data snooping", Econometrica 68(5), 2000.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> returns = np.random.default_rng(1).normal(0.0, 0.01, (500, 20))
    >>> nanobook.reality_check(returns).p_value > 0.05
    True
    """
    apart, names = excess_over(returns, benchmark)
    plan = read_plan(resamples, block_size, bootstrap, seed, len(apart))
    means, root = apart.mean(axis=0), math.sqrt(len(apart))
    refuse_flat(names, apart.std(axis=0), apart)
    statistics = root * means
    top = float(statistics.max())
    scale = np.full(means.size, 1.0 / root)
    (p_value,) = exceedances(apart, plan, means, means[None], scale, top)
    return SuperiorityTest(
        test="White's reality check",
        statistic=top,
        p_value=p_value,
        p_lower=p_value,
        p_upper=p_value,
        best=names[int(np.argmax(statistics))],
        names=names,
        means=means,
        statistics=statistics,
        plan=plan,
    )


def excess_over(returns, benchmark):
    """Read the strategies' returns less the benchmark's; and their names."""
    apart, labels = table("returns", returns, least=LEAST, most=MAX_RETURN)
    if benchmark is not None:
        rows = apart[:, 0], labels.index
        second = vector("benchmark", benchmark, most=MAX_RETURN)
        apart = apart - align_vectors(("returns", "benchmark"), rows, second)[:, None]
    names = labels.symbols or tuple(range(apart.shape[1]))
    return apart, names


def refuse_flat(names, scale, apart):
    """Refuse a strategy whose difference to the benchmark does not vary, but for rounding."""
    flat = is_flat(apart)
    flat |= scale <= ROUNDING * apart.std(axis=0)
    if flat.any():
        which = listing(name for name, is_flat in zip(names, flat, strict=True) if is_flat)
        raise InvalidValue(f"returns: less the benchmark these do not vary: {which}; leave them out")


def exceedances(apart, plan, means, centres, scale, top):
    """Part of the resamples whose largest centred statistic is above ``top``, for each set of centres.

    Parameters
    ----------
    apart : float64 array, shape (T, N)
    means : float64 array, shape (N,)
    centres : float64 array, shape (C, N)
        What is taken off the resampled means.
    scale : float64 array, shape (N,)
        What they are divided by.
    """
    above = np.zeros(len(centres), np.int64)
    for piece in resampled_means(apart, plan):
        for c, centre in enumerate(centres):
            above[c] += np.count_nonzero(((piece + (means - centre)) / scale).max(axis=1) > top)
    return (above / plan.resamples).tolist()


def long_run_variance(apart, plan):
    """Variance of ``sqrt(T)`` times the mean under the bootstrap, column by column.

    A sum of autocovariances, which come from one Fourier transform instead of T passes over the table.
    """
    periods = len(apart)
    centred = apart - apart.mean(axis=0)
    power = np.fft.rfft(centred, 2 * periods, axis=0)
    covariance = np.fft.irfft(power.real**2 + power.imag**2, axis=0)[:periods] / periods
    lag = np.arange(1, periods)[:, None]
    keep = 1.0 - 1.0 / plan.block_size
    if plan.kind == "stationary":
        weight = (1.0 - lag / periods) * keep**lag + lag / periods * keep ** (periods - lag)
    else:
        inside = np.maximum(1.0 - lag / plan.block_size, 0.0)
        weight = inside + np.maximum(1.0 - (periods - lag) / plan.block_size, 0.0)
    return covariance[0] + 2.0 * (weight * covariance[1:]).sum(axis=0)
