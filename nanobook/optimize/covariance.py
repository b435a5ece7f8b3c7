"""Covariance of returns: estimators, and the check that one can be inverted.

Every estimator takes returns (T, N), finite, and gives an (N, N) float64 array in squared units of the
returns, per period.
"""

import numpy as np

from ..errors import InvalidValue, NonFiniteError, ShapeError, SingularCovariance, TooFewObservations
from ..hints import listing, nearest
from ..portfolio.inputs import positive, repeated
from .inputs import read_numbers, read_sample

PIVOT = 1e-10  # least squared pivot of a correlation matrix that passes without its eigenvalues
SINGULAR = 1e-11  # least eigenvalue of a correlation matrix that counts as invertible
STILL = 1e-10  # a deviation below, relative to the largest return, is the rounding of a constant's prices


def sample_covariance(returns):
    """Covariance of a sample, ``ddof=1``.

    Parameters
    ----------
    returns : array-like, shape (T, N)
        At least 2 rows.

    Returns
    -------
    ndarray, shape (N, N)

    Examples
    --------
    >>> from nanobook import sample_covariance
    >>> sample_covariance([[0.01, 0.02], [0.03, 0.02], [0.02, 0.05]]).round(6).tolist()
    [[0.0001, 0.0], [0.0, 0.0003]]
    """
    values = read_sample(returns).values
    return _moment(values - values.mean(axis=0), len(values) - 1)


def ledoit_wolf(returns):
    """Shrink the covariance towards equal variances without correlation, as Ledoit and Wolf do.

    As ``sklearn.covariance.ledoit_wolf``, to 1e-12: the covariance with ``ddof=0`` and the target
    ``trace / N`` times the identity, mixed so that the expected squared error is least.

    Parameters
    ----------
    returns : array-like, shape (T, N)

    Returns
    -------
    ndarray, shape (N, N)

    References
    ----------
    Ledoit and Wolf (2004), A well-conditioned estimator for large-dimensional covariance matrices.
    """
    centred, covariance, mean, unit = _towards_identity(returns)
    squares = centred**2
    n = len(mean)
    spread = np.sum(_moment(squares, len(centred))) - np.sum(covariance**2)
    distance = np.sum((covariance - np.diag(mean)) ** 2)
    shrinkage = min(1.0, spread / len(centred) / distance) if n > 1 and distance > 0.0 else 0.0
    return _mix(covariance, mean, shrinkage) * unit**2


def oas(returns):
    """Shrink the covariance as `ledoit_wolf` does, by the factor that is best for normal returns.

    As ``sklearn.covariance.oas``, to 1e-12.

    Parameters
    ----------
    returns : array-like, shape (T, N)

    Returns
    -------
    ndarray, shape (N, N)

    References
    ----------
    Chen, Wiesel, Eldar and Hero (2010), Shrinkage algorithms for MMSE covariance estimation.
    """
    centred, covariance, mean, unit = _towards_identity(returns)
    count, n = centred.shape
    alpha = np.mean(covariance**2)
    distance = (count + 1.0) * (alpha - mean[0] ** 2 / n)
    shrinkage = min(1.0, (alpha + mean[0] ** 2) / distance) if n > 1 and distance > 0.0 else 0.0
    return _mix(covariance, mean, shrinkage) * unit**2


def ewma_covariance(returns, half_life=40.0):
    """Weigh old periods less: exponentially weighted mean of the products of returns.

    The mean return is taken as 0; weights fall by half in ``half_life`` periods and sum to 1.

    Parameters
    ----------
    returns : array-like, shape (T, N)
    half_life : float
        In periods, above 0.

    Returns
    -------
    ndarray, shape (N, N)
    """
    half_life = positive("half_life", half_life)
    values = read_sample(returns).values
    weights = 0.5 ** (np.arange(len(values))[::-1] / half_life)
    return _moment(values * np.sqrt(weights / weights.sum())[:, None], 1)


def denoised_covariance(returns):
    """Replace the eigenvalues of the sample correlation that noise alone explains by their mean.

    The variance of the noise is that whose Marchenko-Pastur density lies nearest to the eigenvalues'
    (a Gaussian kernel estimate of bandwidth 0.01), as ``skfolio.moments.DenoiseCovariance`` does.

    Parameters
    ----------
    returns : array-like, shape (T, N)
        More rows than columns.

    Returns
    -------
    ndarray, shape (N, N)

    References
    ----------
    López de Prado (2020), Machine Learning for Asset Managers, section 2.
    """
    sample = read_sample(returns)
    covariance, (count, n) = sample_covariance(sample.values), sample.values.shape
    if count <= n:
        raise TooFewObservations(f"returns: {count} rows for {n} assets; to denoise needs more rows")
    deviation = _deviations(covariance, sample)
    values, vectors = np.linalg.eigh(covariance / np.outer(deviation, deviation))
    edge = _noise_variance(values, n / count) * (1.0 + np.sqrt(n / count)) ** 2
    noise = values <= edge
    if noise.any():
        values[noise] = values[noise].mean()
    correlation = (vectors * values) @ vectors.T
    scale = deviation / np.sqrt(np.diag(correlation))
    return _symmetric(correlation * np.outer(scale, scale))


def nearest_psd(matrix):
    """Nearest positive definite matrix: low eigenvalues of the correlation raised to 1e-8, variances kept.

    Parameters
    ----------
    matrix : array-like, shape (N, N)
        Symmetric, with a diagonal above 0.

    Returns
    -------
    ndarray, shape (N, N)
    """
    given = _square(matrix)
    deviation = np.sqrt(np.diag(given))
    if not np.all(deviation > 0.0):
        raise InvalidValue("matrix: needs a diagonal above 0")
    values, vectors = np.linalg.eigh(given / np.outer(deviation, deviation))
    correlation = (vectors * np.maximum(values, 1e-8)) @ vectors.T
    scale = deviation / np.sqrt(np.diag(correlation))
    return _symmetric(correlation * np.outer(scale, scale))


ESTIMATORS = {
    "sample": sample_covariance,
    "ledoit_wolf": ledoit_wolf,
    "oas": oas,
    "ewma": ewma_covariance,
    "denoised": denoised_covariance,
}


def read_covariance(covariance, sample, definite=True):
    """Covariance of a sample by an estimator's name, a function of returns, or as a given matrix.

    Raises
    ------
    SingularCovariance
        Not positive definite where that is asked for; shows the smallest eigenvalue of the correlation
        matrix. Or an asset that does not move.
    """
    if isinstance(covariance, str):
        if covariance not in ESTIMATORS:
            hint = nearest(covariance, ESTIMATORS)
            raise InvalidValue(f"covariance={covariance!r}{hint}: needs {', '.join(ESTIMATORS)}, or a matrix")
        if sample.values is not None:  # shrinkage would give a constant a variance, and most of the weight
            level = np.abs(sample.values).max(axis=0)
            refuse_still(np.std(sample.values, axis=0) > STILL * level, sample)
        covariance = ESTIMATORS[covariance]
    if callable(covariance):
        if sample.values is None:
            raise InvalidValue("covariance: pass the matrix itself where there are no returns")
        covariance = covariance(sample.values)
    matrix = _square(in_order(covariance, sample))
    if len(matrix) != sample.count:
        raise ShapeError(f"covariance: shape {matrix.shape}, needs ({sample.count}, {sample.count})")
    check_definite(matrix, sample, definite)
    return matrix


def in_order(covariance, sample):
    """Put the rows and columns of a labelled matrix in the order of the sample's assets."""
    if not hasattr(covariance, "columns") or sample.labels.symbols is None:
        return covariance
    rows, columns = list(covariance.index), list(covariance.columns)
    if rows != columns:
        raise ShapeError("covariance: its index and its columns differ")
    missing = [name for name in sample.labels.symbols if name not in set(columns)]
    if missing or repeated(columns) or len(columns) != sample.count:
        raise ShapeError(
            f"covariance: its {len(columns)} symbols are not the {sample.count} of the returns"
            + (f"; missing: {listing(missing)}" if missing else "")
        )
    return covariance.loc[list(sample.labels.symbols), list(sample.labels.symbols)]


def check_definite(matrix, sample, definite=True):
    """Refuse a covariance that is not positive definite, naming what makes it so where that is plain.

    Unless ``definite``, a singular one may pass.
    """
    deviation = _deviations(matrix, sample)
    correlation = matrix / np.outer(deviation, deviation)
    try:
        pivots = np.diag(np.linalg.cholesky(correlation))
    except np.linalg.LinAlgError:
        pivots = np.zeros(1)
    if pivots.min() ** 2 > PIVOT:
        return
    least = np.linalg.eigvalsh(correlation)[0]
    if least > (SINGULAR if definite else -SINGULAR * len(matrix)):
        return
    rows = "" if sample.values is None else f" from {len(sample.values)} rows of {sample.count} assets"
    raise SingularCovariance(
        f"covariance{rows} is {'singular' if least > -SINGULAR else 'not positive definite'}: smallest "
        f"eigenvalue of the correlation {least:.3g}{_same(correlation, sample)}; pass more rows, "
        "covariance='ledoit_wolf', or a matrix through nearest_psd()"
    )


def _same(correlation, sample):
    """Name the first pair of assets that move as one."""
    pairs = np.argwhere(np.triu(np.abs(correlation) > 1.0 - 1e-10, 1))
    return (
        "" if len(pairs) == 0 else f" ({sample.name(pairs[0][0])} and {sample.name(pairs[0][1])} move as one)"
    )


def _deviations(matrix, sample):
    """Standard deviations; refuses assets that do not move, by name."""
    variances = np.diag(matrix)
    level = 0.0 if sample.values is None else np.abs(sample.values).max(axis=0)
    refuse_still(variances > (STILL * level) ** 2, sample)
    return np.sqrt(variances)


def refuse_still(moving, sample):
    """Name the assets that do not move."""
    still = np.flatnonzero(~moving)
    if len(still):
        names = listing(sample.name(i) for i in still)
        raise SingularCovariance(f"returns of {names} are constant: no variance to divide by; leave them out")


def _square(matrix):
    """Read a symmetric matrix."""
    values, _ = read_numbers("covariance", matrix.to_numpy() if hasattr(matrix, "columns") else matrix)
    if values.shape[0] != values.shape[1] or len(values) == 0:
        raise ShapeError(f"covariance: shape {values.shape}, needs (N, N)")
    if not np.all(np.isfinite(values)):
        i, j = np.argwhere(~np.isfinite(values))[0]
        raise NonFiniteError(f"covariance: {values[i, j]} at row {i}, column {j}")
    if np.abs(values - values.T).max() > 1e-8 * np.abs(values).max():
        raise InvalidValue("covariance: not symmetric; pass (matrix + matrix.T) / 2")
    return _symmetric(values)


def _symmetric(matrix):
    return (matrix + matrix.T) / 2.0


def _moment(values, count):
    """Mean product of columns; symmetric to the last bit."""
    return values.T @ values / count


def _towards_identity(returns):
    """Centred returns, their covariance with ddof=0, the diagonal it is shrunk towards; and their unit.

    In a unit of their own size fourth powers stay within float64.
    """
    values = read_sample(returns).values
    centred = values - values.mean(axis=0)
    unit = float(np.abs(centred).max()) or 1.0
    centred = centred / unit
    covariance = _moment(centred, len(values))
    return centred, covariance, np.full(len(covariance), np.trace(covariance) / len(covariance)), unit


def _mix(covariance, mean, shrinkage):
    return (1.0 - shrinkage) * covariance + shrinkage * np.diag(mean)


def _noise_variance(eigenvalues, ratio):
    """Variance of the noise whose density of eigenvalues is nearest to what is seen."""
    from scipy.optimize import minimize

    def gap(variance):
        low, high = (variance[0] * (1.0 + sign * np.sqrt(ratio)) ** 2 for sign in (-1.0, 1.0))
        grid = np.linspace(low, high, 1000)
        expected = np.sqrt((high - grid) * (grid - low)) / (2.0 * np.pi * variance[0] * ratio * grid)
        near = np.exp(-0.5 * ((grid[:, None] - eigenvalues) / 0.01) ** 2).sum(axis=1)
        seen = near / (len(eigenvalues) * 0.01 * np.sqrt(2.0 * np.pi))
        return np.sum((seen - expected) ** 2)

    return float(minimize(gap, x0=0.5, bounds=((1e-5, 1.0 - 1e-5),)).x[0])
