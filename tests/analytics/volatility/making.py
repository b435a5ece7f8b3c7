"""Returns to fit, and the same models in the package arch."""

import warnings

import numpy as np
import pandas as pd

FAMILIES = {"garch": "GARCH", "gjr": "GARCH", "egarch": "EGARCH"}


def simulated(periods, seed=1, scale=1.0, series=None):
    """Returns of a GARCH(1,1) with t-distributed shocks; one column a series."""
    rng = np.random.default_rng(seed)
    columns = 1 if series is None else series
    shocks = rng.standard_t(6, (periods, columns)) * np.sqrt(4.0 / 6.0)
    variance, table = np.ones(columns), np.empty((periods, columns))
    for t in range(periods):
        table[t] = np.sqrt(variance) * shocks[t]
        news = table[t] ** 2 * np.where(table[t] < 0.0, 1.3, 0.7)
        variance = 0.08 + 0.08 * news + 0.84 * variance
    table = scale * (table + 0.04)
    return table[:, 0] if series is None else table


def days(count):
    """Business days."""
    return pd.date_range("2018-01-01", periods=count, freq="B", name="day")


def reference(values, p, o, q, model, mean, distribution):
    """The model in arch, not fitted yet."""
    from arch import arch_model

    kind = {"constant": "Constant", "zero": "Zero"}[mean]
    return arch_model(values, mean=kind, vol=FAMILIES[model], p=p, o=o, q=q, dist=distribution, rescale=False)


def reference_fit(*model):
    """Fit it with arch."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return reference(*model).fit(disp="off", show_warning=False)


def reference_value(params, *model):
    """Log-likelihood of arch at given parameters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return reference(*model).fix(params).loglikelihood
