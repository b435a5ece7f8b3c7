"""The parts of a problem: returns, expected returns, covariance, region."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidValue, NonFiniteError, ShapeError, WrongType
from ..portfolio.labels import labelled
from .constraints import make_region, read_constraints
from .covariance import read_covariance
from .inputs import Sample, from_moments, per_asset, read_sample

UNUSED = object()  # the covariance of a problem that has no use for one


@dataclass(frozen=True)
class Problem:
    """A problem in numbers.

    Attributes
    ----------
    sample : Sample
    region : Region
    most : int or None
        Names allowed.
    matrix : (N, N) or None
        Covariance.
    expected : (N,) or None
        Expected returns.
    target : (T,) or None
        Of index tracking.
    """

    sample: Sample
    region: Any
    most: int | None
    matrix: Any = None
    expected: Any = None
    target: Any = None


def read_problem(
    returns, symbols, covariance, constraints, expected=None, wants_expected=False, definite=True
):
    """Read returns, moments and constraints; without returns, moments that are given."""
    if returns is None:
        given = hasattr(covariance, "__len__") and not isinstance(covariance, str)
        if not given or (wants_expected and expected is None):
            raise InvalidValue(
                "returns: None needs the covariance as a matrix, and expected_returns where used"
            )
        sample = from_moments(expected, covariance, symbols)
    else:
        sample = read_sample(returns, symbols)
    matrix = None if covariance is UNUSED else read_covariance(covariance, sample, definite)
    mean = read_expected("expected_returns", expected, sample) if wants_expected else None
    limits = read_constraints(constraints)
    return Problem(sample, make_region(limits, sample), limits.cardinality, matrix, mean)


def read_expected(name, given, sample, along="assets"):
    """Read finite numbers, one an asset (default the mean returns) or one a period."""
    if along == "periods":
        values = periodic(name, given)
        if values.shape != (len(sample.values),):
            raise ShapeError(
                f"{name}: shape {values.shape}, needs one return for each of {len(sample.values)} periods"
            )
        index, mine = given.index if labelled(given) else None, sample.labels.index
        if index is not None and mine is not None and not mine.equals(index):
            raise ShapeError(f"{name}: its index differs from that of the returns; use .reindex()")
    else:
        values = sample.values.mean(axis=0) if given is None else per_asset(name, given, sample)
    if not np.all(np.isfinite(values)):
        place = int(np.flatnonzero(~np.isfinite(values))[0])
        where = sample.name(place) if along == "assets" else sample.labels.period(place)
        raise NonFiniteError(f"{name}: {values[place]} at {where}, needs finite numbers")
    return values


def periodic(name, given):
    """Read a series of numbers."""
    if isinstance(given, np.ma.MaskedArray):
        raise WrongType(f"{name}: a masked array; fill or leave out what is missing first")
    try:
        return np.asarray(given, np.float64)
    except (TypeError, ValueError):
        raise WrongType(f"{name}: holds something other than numbers, or is ragged") from None
