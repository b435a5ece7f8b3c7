"""Every indicator against TA-Lib: values, and the places of NaN."""

import numpy as np
import pytest

from nanobook import ultosc
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


@pytest.mark.parametrize("periods", [(28, 14, 7), (14, 7, 28), (21, 1, 47), (9, 9, 2)])
def test_the_periods_of_the_ultimate_oscillator_go_from_short_to_long(periods):
    assert_same(ROWS["ultosc"], BARS, periods)
    stream = ultosc.stream(*periods)
    shown = [stream.update(*row) for row in zip(*ROWS["ultosc"].series(BARS), strict=True)]
    np.testing.assert_array_equal(shown, ROWS["ultosc"].ours(BARS, sorted(periods))[0])


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


KINDS = ("sma", "ema", "wma", "dema", "tema", "trima", "kama", "mama", "t3")


@pytest.mark.parametrize("period", [1, 2, 7, 40])
@pytest.mark.parametrize("average", KINDS)
def test_averages_of_any_kind(average, period):
    assert_same(ROWS["ma"], BARS, (period, average))
    late = {name: np.concatenate([np.full(7, np.nan), series[:300]]) for name, series in BARS.items()}
    assert_same(ROWS["ma"], late, (period, average))


@pytest.mark.parametrize("average", KINDS)
def test_periods_of_their_own(average):
    short = {name: series[:400] for name, series in BARS.items()}
    assert_same(ROWS["mavp"], short, (2, 9, average))
    assert_same(ROWS["mavp"], short, (5, 14, average))


@pytest.mark.parametrize(
    "kinds",
    [
        *zip(KINDS, KINDS, KINDS, strict=True),
        *(("tema", "sma", "ema"), ("sma", "tema", "t3"), ("kama", "ema", "kama"), ("t3", "mama", "dema")),
        *(
            ("mama", "wma", "mama"),
            ("ema", "t3", "trima"),
            ("dema", "kama", "wma"),
            ("trima", "dema", "tema"),
        ),
    ],
)
@pytest.mark.parametrize("periods", [(12, 26, 9), (2, 3, 1)])
def test_macd_of_any_kind(kinds, periods):
    values = [value for pair in zip(periods, kinds, strict=True) for value in pair]
    short = {name: series[:500] for name, series in BARS.items()}
    assert_same(ROWS["macdext"], short, values)


@pytest.mark.parametrize("start", [0.0, 90.0, -110.0])
@pytest.mark.parametrize("offset", [0.0, 0.01])
def test_stops_with_paces_of_their_own(start, offset):
    paces = (0.03, 0.01, 0.1, 0.01, 0.04, 0.3)
    assert_same(ROWS["sarext"], BARS, (start, offset, *paces))
    assert_same(ROWS["sarext"], BARS, (start, offset, 0.3, 0.4, 0.1, 0.5, 0.2, 0.3))


def test_stops_that_begin_above_their_highest_pace():
    assert_same(ROWS["sar"], BARS, (0.3, 0.2))


@pytest.mark.parametrize("limits", [(0.9, 0.01), (0.1, 0.1), (0.05, 0.5)])
def test_limits_of_the_adaptive_average(limits):
    assert_same(ROWS["mama"], BARS, limits)


@pytest.mark.parametrize(
    "name", ["ht_dcperiod", "ht_dcphase", "ht_phasor", "ht_sine", "ht_trendline", "ht_trendmode"]
)
@pytest.mark.parametrize("kind", ["wave", "steps", "slope", "spike"])
def test_cycles_of_other_prices(name, kind):
    t = np.arange(600.0)
    close = {
        "wave": 100.0 + 5.0 * np.sin(t * 2.0 * np.pi / (10.0 + t / 30.0)) + BARS["other"][:600] / 100.0,
        "steps": np.round(BARS["close"][:600]),
        "slope": 100.0 + 0.3 * t + 0.001 * BARS["other"][:600],
        "spike": np.where(t == 200.0, 1e4, BARS["close"][:600]),
    }[kind]
    assert_same(ROWS[name], {"close": close})
