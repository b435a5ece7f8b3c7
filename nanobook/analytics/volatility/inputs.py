"""Series and panels of numbers in, each with its labels, or an error that names the cell."""

import warnings

import numpy as np

from ...errors import InvalidValue, NonFiniteError, ScaleWarning, ShapeError, WrongType
from ...hints import listing
from ...portfolio.inputs import read_table, readonly
from ...portfolio.labels import Labels, labelled, spell

MISSING = ("raise", "drop")
FEWEST = 50
"""Fewest returns that a model is fitted to."""
SHIFTED = 10.0
"""Standard deviations that a mean may be away from zero."""
RANGE = (1e-140, 1e140)
"""Sizes whose squares, summed, are still numbers."""
USUAL = (1e-6, 100.0)
"""Standard deviations of returns in any unit: a basis point in 100 as a fraction, 100 % in percent."""


def read_series(name, values, missing="raise"):
    """Take one series: read-only float64 of shape (T,), its index (None for an array) and its name.

    NaN raises, or is left out with its label where ``missing`` is ``"drop"``; an infinity always raises, as
    does a size whose square is no number.
    """
    check_missing(missing)
    index, label = read_index(name, values), getattr(values, "name", None)
    series = one_series(name, values)
    kept = ~np.isnan(series) if missing == "drop" else np.ones(series.size, bool)
    bad = np.flatnonzero(kept & ~(np.abs(series) <= RANGE[1]))
    if bad.size:
        places = [f"{series[t]} at {place(index, t)}" for t in bad[:10]]
        more = "" if bad.size <= len(places) else f", ... ({bad.size} in all)"
        raise NonFiniteError(f"{name}: {', '.join(places)}{more}; {remedy(series[bad])}")
    if not kept.all():
        series, index = series[kept], None if index is None else index[kept]
    if not series.size:
        raise ShapeError(f"{name}: empty, needs at least one value")
    return readonly(np.ascontiguousarray(series, np.float64)), index, label


def read_index(name, values):
    """Index of a Series, which must increase; None of anything else."""
    if not labelled(values):
        return None
    from ...portfolio.frames import check_index

    check_index(name, values.index)
    return values.index


def one_series(name, values):
    """Take numbers of one dimension: float64, NaN where a Series has a missing value."""
    if labelled(values) and values.ndim == 1:
        if getattr(values.dtype, "kind", "O") not in "iuf":
            raise WrongType(f"{name}: holds {values.dtype}, needs numbers; convert with .astype(float)")
        values = values.to_numpy(np.float64, na_value=np.nan)
    if isinstance(values, np.ma.MaskedArray):
        raise WrongType(f"{name}: a masked array; pass .filled(np.nan)")
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ShapeError(f"{name}: not one series of numbers ({error})") from None
    if array.ndim != 1:
        raise ShapeError(f"{name}: shape {array.shape}, needs (T,): pass one series at a time")
    if array.dtype.kind not in "iuf" and array.size:
        raise WrongType(f"{name}: holds {array.dtype}, needs numbers; convert with .astype(float)")
    return array.astype(np.float64)


def dimensions(values):
    """How many dimensions there are; two of rows that differ in length."""
    try:
        return np.ndim(values)
    except ValueError:
        return 2


def place(index, t):
    """Name a row."""
    return f"row {t}" if index is None else f"{spell(index[t])} (row {t})"


def remedy(values):
    """What to do about values that are no numbers."""
    if np.isnan(values).all():
        return "pass missing='drop' to leave them out, or fill them"
    if np.isfinite(values).any():
        return "the square of such a size is no number; mend or rescale the values"
    return "an infinite value usually comes from a price of 0; mend the prices"


def check_missing(missing):
    """Refuse an unknown way to treat NaN."""
    if missing not in MISSING:
        raise InvalidValue(f"missing={missing!r}: use 'raise' or 'drop'")


def read_panel(name, table, missing="raise"):
    """Take many series: float64 of shape (T, S), labels, and where the numbers are (None: everywhere)."""
    check_missing(missing)
    if isinstance(table, np.ma.MaskedArray):
        raise WrongType(f"{name}: a masked array; pass .filled(np.nan)")
    values, labels = read_table(name, table)
    values = np.asarray(values, np.float64)
    labels = labels or Labels(None)
    if 0 in values.shape:
        raise ShapeError(f"{name}: shape {values.shape}, needs at least one period and one series")
    known = np.abs(values) <= RANGE[1]
    bad = np.argwhere(~known if missing == "raise" else ~known & ~np.isnan(values))
    if len(bad):
        places = [f"{values[t, i]} at {labels.cell(t, i)}" for t, i in bad[:10]]
        more = "" if len(bad) <= len(places) else f", ... ({len(bad)} in all)"
        raise NonFiniteError(f"{name}: {', '.join(places)}{more}; {remedy(values[tuple(bad.T)])}")
    return values, labels, None if known.all() else known


def check_returns(name, columns):
    """Refuse what are no returns to fit a model to; warn of a size that returns do not have.

    Parameters
    ----------
    columns : list of (label, values)
        Finite series. A label is None where there is one series without a name.
    """
    report(name, columns, ShapeError, short)
    report(name, columns, NonFiniteError, vanishing)
    report(name, columns, InvalidValue, constant)
    report(name, columns, InvalidValue, priced)
    odd = [f"{title(label)}variance {values.var():.3g}" for label, values in columns if unusual(values)]
    if odd:
        warnings.warn(
            f"{name}: {listing(odd)}: fractions (0.01 is 1 %) or percentages are expected; the fit does not "
            "depend on the scale, but these may not be returns",
            ScaleWarning,
            stacklevel=4,
        )


def report(name, columns, error, fault):
    """Raise for all series that have a fault."""
    found = [f"{title(label)}{said}" for label, values in columns if (said := fault(values))]
    if found:
        raise error(f"{name}: {listing(found)}")


def title(label):
    """Begin a message about one of many."""
    return "" if label is None else f"{label}: "


def vanishing(values):
    """Say whether nothing is left of the squares."""
    largest = np.abs(values).max(initial=0.0)
    if not 0.0 < largest < RANGE[0]:
        return ""
    return f"no value beyond {largest:.3g}: the square of such a size is no number; rescale the values"


def short(values):
    """Say whether there are too few."""
    return f"{values.size} returns, needs at least {FEWEST}" if values.size < FEWEST else ""


def constant(values):
    """Say whether nothing varies."""
    spread = np.ptp(values)
    if spread > 1e-14 * np.abs(values).max():
        return ""
    return f"every value is {values[0]}: a constant series has no volatility to fit"


def priced(values):
    """Say whether these look like prices."""
    mean, spread = values.mean(), values.std()
    if values.min() > 0.0 or values.max() < 0.0 or abs(mean) > SHIFTED * spread:
        return (
            f"mean {mean:.4g}, standard deviation {spread:.4g}, from {values.min():.4g} to "
            f"{values.max():.4g}: these look like prices; pass returns, as prices.pct_change().dropna()"
        )
    return ""


def unusual(values):
    """Whether the standard deviation is none that returns have."""
    return not USUAL[0] <= values.std() <= USUAL[1]
