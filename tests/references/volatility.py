"""Models of volatility: ours may not fit worse than arch's."""

import numpy as np

import nanobook

from .comparison import Row, volatile

MODELS = {
    "GARCH(1,1) normal": ("garch", 1, 0, 1, "normal"),
    "GARCH(1,1) t": ("garch", 1, 0, 1, "t"),
    "GJR(1,1,1) skewt": ("gjr", 1, 1, 1, "skewt"),
    "EGARCH(1,1,1) normal": ("egarch", 1, 1, 1, "normal"),
    "GARCH(2,2) normal": ("garch", 2, 0, 2, "normal"),
}
SLACK = 1e-6  # of the log-likelihood


def ours(name):
    """Fit with nanobook; returns the log-likelihood."""
    model, p, o, q, distribution = MODELS[name]

    def fit(values):
        return nanobook.fit_garch(values, p, o, q, model=model, distribution=distribution).loglikelihood

    return fit


def arch(name):
    """Fit with arch; returns the log-likelihood."""
    model, p, o, q, distribution = MODELS[name]

    def fit(values):
        from arch import arch_model

        family = "EGARCH" if model == "egarch" else "GARCH"
        asked = arch_model(values, vol=family, p=p, o=o, q=q, dist=distribution, rescale=False)
        return asked.fit(disp="off", show_warning=False).loglikelihood

    return fit


def unlikely(values, likelihood):
    """Cost of a fit."""
    return -likelihood


def arch_smoothing(values):
    """Exponentially weighted volatility."""
    from arch.univariate import EWMAVariance, ZeroMean

    fixed = ZeroMean(values, volatility=EWMAVariance(0.94), rescale=False).fix([])
    ahead = fixed.forecast(horizon=1, reindex=False).variance.iloc[-1, 0]
    return [*fixed.conditional_volatility, np.sqrt(ahead)]


def our_smoothing(values):
    """The same."""
    return [*nanobook.ewma_volatility(values), nanobook.ewma_forecast(values)]


def variances(periods):
    """Squared returns."""
    return volatile(periods) ** 2


def our_regression(variance):
    """Coefficients of HAR, their errors, plain and robust."""
    fit = nanobook.fit_har(variance)
    return [*fit.params, *fit.std_errors(), *fit.std_errors(5), fit.rsquared]


def their_regression(variance):
    """The same."""
    import pandas as pd
    import statsmodels.api as sm

    means = pd.DataFrame({lag: pd.Series(variance).rolling(lag).mean().shift(1) for lag in (1, 5, 22)})[22:]
    fit = sm.OLS(variance[22:], sm.add_constant(means.to_numpy())).fit()
    robust = fit.get_robustcov_results("HAC", maxlags=5, use_correction=False)
    return [*fit.params, *fit.bse, *robust.bse, fit.rsquared]


ROWS = [
    *(
        Row(name, "arch", volatile, ours(name), arch(name), (800, 2500), 0.0, SLACK, unlikely)
        for name in MODELS
    ),
    Row("exponential smoothing", "arch", volatile, our_smoothing, arch_smoothing, (300, 2500), 1e-12),
    Row("HAR", "statsmodels", variances, our_regression, their_regression, (500, 2500)),
]
