"""Every indicator against TA-Lib: values, and the places of NaN."""

import numpy as np
import pytest

from nanobook.analytics.indicators.table import TABLE
from tests.references.indicators import ROWS, bars

pytest.importorskip("talib")

every_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
BARS = bars(2600)


def assert_same(row, series, values=None, rtol=1e-9, scale=1.0):
    """Compare all outputs; what is next to zero beside the prices counts as zero."""
    for ours, theirs in zip(row.ours(series, values), row.reference(series, values), strict=True):
        np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=scale * 1e-9)


@every_row
def test_defaults(row):
    assert_same(row, BARS)


@every_row
@pytest.mark.parametrize("add", [-1, 1, 4])
def test_other_periods(row, add):
    values = tuple(
        max(value + add, parameter.low) if parameter.kind == "period" else value
        for parameter, value in zip(TABLE[row.name].parameters, row.values, strict=True)
    )
    assert_same(row, {name: series[:300] for name, series in BARS.items()}, values)


@every_row
def test_length_by_length(row):
    """Series that are too short, just long enough, and a little longer."""
    first = TABLE[row.name].sizes(TABLE[row.name].read(row.values))[0]
    for rows in {1, 2, first, first + 1, first + 2}:
        if rows:
            short = {name: series[:rows] for name, series in BARS.items()}
            shown = row.ours(short)
            assert all(np.isnan(out[:first]).all() for out in shown)
            if rows > first:
                assert_same(row, short)
                assert not np.isnan([out[first] for out in shown]).any()


@every_row
def test_flat_series(row):
    flat = {name: np.full(200, 50.0) for name in BARS}
    if row.name in ("ppo", "maxindex", "minindex", "ht_dcphase", "ht_sine", "ht_trendmode"):
        return  # TA-Lib divides rounding errors; of equals it takes now the first, now the last
    assert_same(row, flat, scale=100.0)


@every_row
def test_missing_at_the_beginning(row):
    """Both begin behind it; what counts rows counts them all."""
    late = {name: np.concatenate([np.full(7, np.nan), series[:300]]) for name, series in BARS.items()}
    assert_same(row, late)


@pytest.mark.parametrize("average", ["sma", "ema"])
@pytest.mark.parametrize("name", ["apo", "ppo"])
def test_kinds_of_average(name, average):
    assert_same(ROWS[name], BARS, (5, 9, average))
