"""Rank correlation, information coefficients and tests of superiority."""

import numpy as np

import nanobook

from .comparison import Row


def pairs(size):
    """Two series that go together somewhat, with ties."""
    rng = np.random.default_rng(size)
    x = rng.integers(0, size // 2 + 2, size).astype(float)
    return x, x + rng.normal(0, size, size)


def our_spearman(data):
    """Coefficient and p-value."""
    return nanobook.spearman(*data)


def scipy_spearman(data):
    """The same."""
    from scipy.stats import spearmanr

    found = spearmanr(*data)
    return found.statistic, found.pvalue


def panel(size):
    """A factor that tells a little of the returns behind it."""
    rng = np.random.default_rng(7)
    factor = rng.normal(size=size)
    return factor, 0.05 * factor + rng.normal(size=size)


def scipy_coefficients(data):
    """Spearman's coefficient of every row."""
    from scipy.stats import spearmanr

    return [spearmanr(x, y).statistic for x, y in zip(*data, strict=True)]


def newey_west(data):
    """Mean, its standard error after Newey and West with 4 lags, and their ratio."""
    import statsmodels.api as sm

    series = np.asarray(nanobook.information_coefficient(*data).series)
    options = {"maxlags": 4, "use_correction": True}
    fit = sm.OLS(series, np.ones(series.size)).fit(cov_type="HAC", cov_kwds=options)
    return fit.params[0], fit.bse[0], fit.tvalues[0]


def our_newey_west(data):
    """The same."""
    found = nanobook.information_coefficient(*data, lags=4)
    return found.mean, found.standard_error, found.t_stat


RESAMPLES = 3000


def strategies(size):
    """Returns with some memory; some strategies are bad, one is fair."""
    periods, count = size
    noise = np.random.default_rng(0).normal(size=(periods + 1, count))
    table = noise[1:] + 0.3 * noise[:-1]
    table[:, count // 2 :] -= 0.3
    table[:, 3] += 0.12
    return table


def our_superiority(table):
    """Lower, consistent and upper p-value."""
    found = nanobook.superior_predictive_ability(table, block_size=7, resamples=RESAMPLES, studentize=False)
    return found.p_lower, found.p_value, found.p_upper


def arch_superiority(table):
    """The same."""
    from arch.bootstrap import SPA

    test = SPA(np.zeros(len(table)), -table, block_size=7, reps=RESAMPLES, seed=1, studentize=False)
    test.compute()
    return test.pvalues.to_numpy()


def our_long_run_variance(table):
    """Variance of the mean under the stationary bootstrap, of every strategy."""
    from nanobook.analytics.statistics.resampling import read_plan
    from nanobook.analytics.statistics.superior import long_run_variance

    return long_run_variance(table, read_plan(1, 7, "stationary", 0, len(table)))


def arch_long_run_variance(table):
    """The same."""
    from arch.bootstrap import SPA

    test = SPA(np.zeros(len(table)), -table, block_size=7, reps=2, seed=1, studentize=False)
    test.compute()
    return test._loss_diff_var


def t_statistic(data):
    """Mean of the coefficients against zero."""
    from scipy.stats import ttest_1samp

    found = ttest_1samp(scipy_coefficients(data), 0.0)
    return found.statistic, found.pvalue


def our_t_statistic(data):
    """The same."""
    found = nanobook.information_coefficient(*data)
    return found.t_stat, found.p_value


def our_coefficients(data):
    """The same."""
    return nanobook.information_coefficient(*data).series


SAMPLING = 4.0 * np.sqrt(0.5 / RESAMPLES)
"""Four standard errors of the difference of two p-values that are drawn."""

DAYS, YEARS = ((60, 15), (500, 100)), ((300, 20), (2520, 200))

ROWS = [
    Row("Spearman", "scipy", pairs, our_spearman, scipy_spearman, (1_000, 100_000)),
    Row("information coefficients", "scipy", panel, our_coefficients, scipy_coefficients, DAYS, atol=1e-12),
    Row("their t statistic", "scipy", panel, our_t_statistic, t_statistic, DAYS),
    Row("their Newey-West error", "statsmodels", panel, our_newey_west, newey_west, DAYS),
    Row("superior ability", "arch", strategies, our_superiority, arch_superiority, YEARS, 0.0, SAMPLING),
    Row("variance of a mean", "arch", strategies, our_long_run_variance, arch_long_run_variance, YEARS),
]
