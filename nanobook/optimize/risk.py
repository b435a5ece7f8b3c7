"""Risk of a series of returns: what tail optimisers minimise, by its definition."""

import numpy as np


def conditional_value(returns, alpha=0.95):
    """Mean loss in the worst ``1 - alpha`` of the periods (CVaR, expected shortfall).

    Parameters
    ----------
    returns : (T,)
    alpha : float
        From 0 (the mean loss) to 1 (the worst). Of a period partly in the tail, that part counts.

    Returns
    -------
    float
        A loss is positive.

    References
    ----------
    Rockafellar and Uryasev (2000), Optimization of conditional value-at-risk.
    """
    return _tail_mean(-np.asarray(returns, np.float64), alpha)


def conditional_drawdown(returns, alpha=0.95):
    """Mean drawdown in the worst ``1 - alpha`` of the periods (CDaR), of returns added up.

    Parameters
    ----------
    returns : (T,)
        Added, not compounded; the peak begins at 0.
    alpha : float
        From 0 (the mean drawdown) to 1 (the largest).

    Returns
    -------
    float

    References
    ----------
    Chekhlov, Uryasev and Zabarankin (2005), Drawdown measure in portfolio optimization.
    """
    value = np.cumsum(np.asarray(returns, np.float64))
    return _tail_mean(np.maximum(np.maximum.accumulate(value), 0.0) - value, alpha)


def tail_size(alpha, count):
    """How many periods are in the tail, at least one; whole but for rounding is whole."""
    size = (1.0 - alpha) * count
    return max(1.0, round(size) if abs(size - round(size)) < 1e-9 * count else size)


def _tail_mean(losses, alpha):
    ordered = np.sort(losses)[::-1]
    size = tail_size(alpha, len(ordered))
    whole = int(size)
    rest = (size - whole) * ordered[whole] if size > whole else 0.0
    return float((ordered[:whole].sum() + rest) / size)
