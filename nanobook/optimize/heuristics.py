"""Weights by the inverse of each asset's own tail risk: quick, and blind to how assets move together."""

import numpy as np

from ..errors import InvalidValue
from ..portfolio.inputs import finite
from .calls import original_keyword
from .inputs import read_sample

FLOOR = 1e-8  # least tail risk to divide by
GROWTH = 1e-9  # least growth of a period, so that a loss of all can be followed


@original_keyword
def inverse_cvar_weights(returns, symbols=None, alpha=0.95):
    """Weigh each asset by the inverse of its own mean loss in the tail.

    A heuristic, not an optimum: it ignores how assets move together. `optimize_cvar` is the optimum.

    Parameters
    ----------
    returns : array-like, shape (T, N), or DataFrame
        Returns per period as fractions.
    symbols : sequence of N names, optional
        Of the columns of an array.
    alpha : float
        Confidence, from 0.5 to below 1. The tail is the worst ``ceil((1 - alpha) T)`` periods; gains count
        as a loss of 0, and a tail below 1e-8 as 1e-8.

    Returns
    -------
    dict, ndarray or Series
        Long only, sum 1.

    Examples
    --------
    >>> from nanobook import inverse_cvar_weights
    >>> inverse_cvar_weights([[0.02, -0.01], [-0.03, 0.01]], ["AAPL", "MSFT"])
    {'AAPL': 0.25, 'MSFT': 0.75}
    """
    sample, size = _read(returns, symbols, alpha)
    return _inverse(sample, np.maximum(-sample.values, 0.0), size)


@original_keyword
def inverse_cdar_weights(returns, symbols=None, alpha=0.95):
    """Weigh each asset by the inverse of its own mean drawdown in the tail; compounded, from a peak of 1.

    A heuristic, as `inverse_cvar_weights`, whose parameters and returns it shares. `optimize_cdar` is the
    optimum.

    Examples
    --------
    >>> from nanobook import inverse_cdar_weights
    >>> inverse_cdar_weights([[-0.01, 0.0], [0.05, -0.03]], ["AAPL", "MSFT"])
    {'AAPL': 0.75, 'MSFT': 0.25}
    """
    sample, size = _read(returns, symbols, alpha)
    value = np.cumprod(np.maximum(1.0 + sample.values, GROWTH), axis=0)
    peak = np.maximum(np.maximum.accumulate(value, axis=0), 1.0)
    return _inverse(sample, 1.0 - value / peak, size)


def _read(returns, symbols, alpha):
    level = finite("alpha", alpha)
    if not 0.5 <= level < 1.0:
        raise InvalidValue(f"alpha={level}: must be from 0.5 to below 1, such as 0.95 for the worst 5 %")
    sample = read_sample(returns, symbols)
    count = len(sample.values)
    return sample, min(max(int(np.ceil((1.0 - level) * count)), 1), count)


def _inverse(sample, losses, size):
    risk = np.maximum(np.sort(losses, axis=0)[-size:].mean(axis=0), FLOOR)
    weights = 1.0 / risk
    return sample.dress(weights / weights.sum())
