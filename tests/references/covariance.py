"""Estimators of covariance."""

import nanobook

from .comparison import Row, market

HALF_LIFE = 40.0


def sklearn(name):
    """An estimator of scikit-learn."""

    def estimate(values):
        from sklearn import covariance

        return getattr(covariance, name)(values)[0]

    return estimate


def skfolio(name, **options):
    """An estimator of skfolio."""

    def estimate(values):
        from skfolio import moments

        return getattr(moments, name)(**options).fit(values).covariance_

    return estimate


def weighted(values):
    """Exponential weights."""
    return nanobook.ewma_covariance(values, HALF_LIFE)


SIZES, SHORT, MANY = ((300, 8), (2520, 500)), ((5, 8), (60, 500)), ((400, 30), (2520, 500))
shrunk, oracle = sklearn("ledoit_wolf"), sklearn("oas")
exponential = skfolio("EWCovariance", half_life=HALF_LIFE, assume_centered=True)
denoised = skfolio("DenoiseCovariance")

ROWS = [
    Row("Ledoit-Wolf", "sklearn", market, nanobook.ledoit_wolf, shrunk, SIZES),
    Row("Ledoit-Wolf, short sample", "sklearn", market, nanobook.ledoit_wolf, shrunk, SHORT),
    Row("OAS", "sklearn", market, nanobook.oas, oracle, SIZES),
    Row("exponentially weighted", "skfolio", market, weighted, exponential, SIZES, atol=1e-15),
    Row("denoised", "skfolio", market, nanobook.denoised_covariance, denoised, MANY, atol=1e-15),
]
