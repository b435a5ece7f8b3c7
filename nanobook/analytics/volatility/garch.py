"""GARCH, GJR and EGARCH models of one series: fitted by maximum likelihood, or with given parameters."""

import numpy as np

from ... import _link
from ...errors import InvalidValue, NotConverged
from ...kernels.garch.fit import STUCK, fit
from ...kernels.garch.lanes import fit_lanes
from ...kernels.garch.state import EGARCH, Fitted, Series, count, new_work
from ...portfolio.inputs import readonly, whole
from .inputs import check_returns, read_series
from .model import (
    parameters,
    read_model,
    read_params,
    scale_of,
    starting_variance,
    title,
)
from .result import Data, GarchResult

STEPS = 500


def fit_garch(
    returns,
    p=1,
    o=None,
    q=1,
    *,
    model="garch",
    mean="constant",
    distribution="normal",
    initial="backcast",
    missing="raise",
    max_steps=STEPS,
):
    """Fit a volatility model to a series of returns by maximum likelihood.

    Parameters
    ----------
    returns : Series or array-like of float, shape (T,)
        Returns a period, oldest first, at least 50. Fractions and percentages give the same fit: the
        parameters carry the unit that the returns have.
    p, o, q : int
        Lags of shocks, of their asymmetric terms, and of the variance, each at most 20. ``o`` is 0 for
        ``"garch"`` and by default 1 for the others.
    model : {'garch', 'gjr', 'egarch'}
        See Notes.
    mean : {'constant', 'zero'}
        Whether a mean is fitted too.
    distribution : {'normal', 't', 'skewt'}
        Of the standardised residuals: normal, Student's t, skewed t of Hansen.
    initial : {'backcast', 'sample'} or float
        Variance before the first period: the average of the first 75 squared residuals, weighted by
        ``0.94 ** t``; of all of them alike; or a number, in squared units of the returns. The residuals are
        those about the sample mean.
    missing : {'raise', 'drop'}
        What to do about NaN.
    max_steps : int
        Steps of the optimiser, from each point that it begins at, before it gives up.

    Returns
    -------
    GarchResult

    Raises
    ------
    ShapeError
        Fewer than 50 returns, or more than one dimension.
    NonFiniteError
        A NaN or infinite return; names it.
    InvalidValue
        Prices in place of returns (values all of one sign, or a mean beyond ten standard deviations), a
        constant series, an unknown choice.
    NotConverged
        The optimiser gave up; what it reached is the error's ``result``.

    Warns
    -----
    ScaleWarning
        A standard deviation that no returns have, in fractions or in percent.

    See Also
    --------
    fit_many : thousands of series at once.
    apply_garch : the same model with given parameters.

    Notes
    -----
    With residuals ``e = r - mu`` and ``z = e / sqrt(h)``:

    * GARCH: ``h[t] = omega + sum alpha_i e[t-i]^2 + sum beta_j h[t-j]``
    * GJR: the same ``+ sum gamma_i e[t-i]^2 [e[t-i] < 0]``
    * EGARCH: ``log h[t] = omega + sum alpha_i (|z[t-i]| - sqrt(2/pi)) + sum gamma_i z[t-i] + sum beta_j log
      h[t-j]``

    Constraints of GARCH and GJR: ``omega > 0``, ``alpha_i >= 0``, ``alpha_i + gamma_i >= 0``,
    ``beta_j >= 0``, ``sum alpha + sum gamma / 2 + sum beta <= 1``; of EGARCH: ``beta_j >= 0``,
    ``sum beta <= 1``. Further ``2.05 <= nu <= 500`` and ``|lambda| <= 0.999``.

    The likelihood of EGARCH with a mean has a kink wherever the mean crosses a return, and many shallow
    valleys between them; a fit ends in the best of those near by.

    References
    ----------
    Bollerslev (1986); Glosten, Jagannathan and Runkle (1993); Nelson (1991); Hansen (1994); gradients as in
    Fiorentini, Calzolari and Panattoni (1996).

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> rng = np.random.default_rng(1)
    >>> calm, wild = rng.normal(0.05, 0.8, 300), rng.normal(0.05, 2.0, 300)
    >>> fit = nanobook.fit_garch(np.concatenate([calm, wild, calm[::-1]]))
    >>> fit.params.index.tolist()
    ['mu', 'omega', 'alpha[1]', 'beta[1]']
    >>> bool(fit.persistence < 1)
    True
    >>> fit.forecast(3).columns.tolist()
    ['mean', 'variance', 'volatility']
    """
    chosen = read_model(model, p, o, q, mean, distribution)
    steps = whole("max_steps", max_steps, 1, 10**6, "steps of the optimiser")
    values, index, label = read_series("returns", returns, missing)
    check_returns("returns", [(None, values)])
    scale = scale_of(chosen, values)
    start = starting_variance(chosen, values, initial)
    scaled = readonly(values / scale)
    fitted = run(chosen, [scaled], [start / scale**2], steps, threads=1)
    data = Data(values, scaled, scale, start, index, label)
    result = GarchResult(
        model=chosen,
        data=data,
        params=parameters(chosen, fitted.points[0], scale),
        code=int(fitted.codes[0]),
        steps=int(fitted.steps[0]),
    )
    if not result.converged:
        raise NotConverged(f"returns: {title(chosen)} {reason(result)}", result)
    return result


def reason(result):
    """Why a fit stopped before its optimum."""
    if result.code == STUCK:
        where = "the likelihood has a kink there or is flat"
        if result.model.family == EGARCH:
            where = "the likelihood may still rise where the model stops being invertible"
        return f"stopped after {result.iterations} steps, where no step gains: {where}; try lower orders"
    return (
        f"is not at its optimum after {result.iterations} steps in all: raise max_steps, or try lower orders"
    )


def run(model, columns, starts, steps, threads, progress=None):
    """Fit series that are scaled already.

    Parameters
    ----------
    columns : list of float64 arrays
        Lengths may differ.
    starts : list of float
    steps : int
        Most steps of each.
    threads : int
    progress : callable, optional
        Asked, with how many are done, for how many to do at once next.

    Returns
    -------
    Fitted
    """
    total, longest = len(columns), max(column.size for column in columns)
    table = np.zeros((total, longest))
    for row, column in zip(table, columns, strict=True):
        row[: column.size] = column
    lengths = np.array([column.size for column in columns], np.int64)
    series = Series(readonly(table), readonly(lengths), readonly(np.array(starts, np.float64)))
    fitted = Fitted(
        np.zeros((total, count(model))), np.zeros(total), np.zeros(total, np.int64), np.full(total, steps)
    )
    work = new_work(model, min(threads, total), longest)
    done = 0
    while done < total:
        stop = min(total, done + progress(done)) if progress else total
        if work.residual.shape[0] == 1:
            for row in range(done, stop):
                fit(model, series, fitted, row, work, 0)
        else:
            with _link.PARALLEL, _link.threads(work.residual.shape[0]):
                fit_lanes(model, series, fitted, done, stop, work)
        done = stop
    return fitted


def apply_garch(
    returns,
    params,
    p=1,
    o=None,
    q=1,
    *,
    model="garch",
    mean="constant",
    distribution="normal",
    initial="backcast",
    missing="raise",
):
    """Run a volatility model with given parameters over returns: likelihood, volatility and forecasts.

    Parameters
    ----------
    returns : Series or array-like of float, shape (T,)
        At least one.
    params : Series, mapping or array-like
        By name, or in the order of ``GarchResult.params``.
    p, o, q, model, mean, distribution, initial, missing
        As for `fit_garch`.

    Returns
    -------
    GarchResult
        With ``converged`` None.

    Raises
    ------
    InvalidValue
        Parameters that do not belong to the model, or with which some variance is not above 0.
    NonFiniteError, ShapeError
        As for `fit_garch`.

    Examples
    --------
    >>> import nanobook
    >>> day = nanobook.apply_garch([0.5, -2.0, 0.3], [0.1, 0.1, 0.8], mean="zero", initial=1.0)
    >>> day.conditional_volatility.round(4)
    array([1.    , 0.9618, 1.1136])
    >>> day.forecast(1)["variance"].round(4).tolist()
    [1.101]
    """
    chosen = read_model(model, p, o, q, mean, distribution)
    values, index, label = read_series("returns", returns, missing)
    given = read_params(chosen, params)
    start = starting_variance(chosen, values, initial)
    if not start > 0.0:
        raise InvalidValue(f"initial={initial!r}: the returns do not vary; pass the variance to begin with")
    return applied(chosen, given, Data(values, values, 1.0, start, index, label))


def applied(model, params, data):
    """Make a result of given parameters; raises where they give no variance."""
    result = GarchResult(model=model, data=data, params=params, code=None, steps=0)
    found = result.look.variance
    bad = np.flatnonzero(~(found > 0.0) | ~np.isfinite(found))
    if bad.size or not np.isfinite(result.loglikelihood):
        where = f" is {found[bad[0]]} in row {bad[0]}" if bad.size else " leaves the range of numbers"
        raise InvalidValue(f"params: the variance{where}; they do not belong to these returns")
    return result
