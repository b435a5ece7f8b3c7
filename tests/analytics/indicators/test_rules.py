"""Rules that hold for every indicator: NaN, no look-ahead, streams, tables, accuracy."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nanobook
from nanobook._link import threads
from nanobook.analytics import indicators
from nanobook.analytics.indicators.table import TABLE
from tests.oracle import indicators as naive
from tests.references.indicators import ROWS, bars

every_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
BARS = bars(1500)


def small(row):
    """Parameters that leave a short series with values."""
    return tuple(
        min(value, 9 if parameter.name.startswith("slow") else 4) if parameter.kind == "period" else value
        for parameter, value in zip(TABLE[row.name].parameters, row.values, strict=True)
    )


def cut(series, rows):
    return {name: values[rows] for name, values in series.items()}


def with_gaps(series, rows):
    """The first input of everything loses some rows."""
    holed = {name: values.copy() for name, values in series.items()}
    for name in ("close", "high"):
        holed[name][rows] = np.nan
    return holed


def same(ours, others):
    for a, b in zip(ours, others, strict=True):
        np.testing.assert_array_equal(a, b)


@every_row
def test_streams_give_the_same_bits(row):
    series = with_gaps(cut(BARS, slice(0, 700)), [100, 101, 350])
    stream = getattr(indicators, row.name).stream(*small(row))
    shown = []
    for t, numbers in enumerate(zip(*row.series(series), strict=True)):
        if t == 333:
            stream = pickle.loads(pickle.dumps(stream))
        shown.append(stream.update(*numbers))
    assert stream.count == 700
    same(np.reshape(shown, (700, -1)).T, row.ours(series, small(row)))


@every_row
def test_a_nan_does_not_poison_what_follows(row):
    gap = 200
    holed = row.ours(with_gaps(BARS, [gap]), small(row))
    for out, whole in zip(holed, row.ours(BARS, small(row)), strict=True):
        same([out[:gap]], [whole[:gap]])
        assert not np.isnan(out[gap + 65 :]).any()


@every_row
@pytest.mark.parametrize("add", [0, 1])
def test_the_shortest_periods(row, add):
    """Nothing is shown before the first row with a value, nor where an input has none."""
    values = tuple(
        parameter.low + add + (parameter.name in ("slow_period", "max_period"))
        if parameter.kind == "period"
        else value
        for parameter, value in zip(TABLE[row.name].parameters, row.values, strict=True)
    )
    first = TABLE[row.name].sizes(TABLE[row.name].read(values))[0]
    series = cut(BARS, slice(0, 300))
    holed = {name: series[name].copy() for name in series}
    for name in holed:
        holed[name][[150, 151]] = np.nan
    for whole, out in zip(row.ours(series, values), row.ours(holed, values), strict=True):
        assert np.isnan(whole[:first]).all()
        assert not np.isnan(whole[first:]).any()
        assert np.isnan(out[150:152]).all()
        assert not np.isnan(out[-20:]).any()


@every_row
def test_behind_a_gap_it_begins_anew(row):
    """As on a series of its own, save for what counts rows and for what looks at two rows alone."""
    gap = 200
    if row.name in ("mom", "roc", "rocp", "rocr", "rocr100", "maxindex", "minindex"):
        return
    both = {name: values.copy() for name, values in BARS.items()}
    for values in both.values():
        values[gap] = np.nan
    same(
        [out[gap + 1 :] for out in row.ours(both, small(row))],
        row.ours(cut(BARS, slice(gap + 1, None)), small(row)),
    )


@every_row
def test_the_future_changes_nothing(row):
    rng = np.random.default_rng(5)
    changed = {name: values.copy() for name, values in BARS.items()}
    for values in changed.values():
        values[900:] = rng.permutation(values[900:])
    same(
        [out[:900] for out in row.ours(changed, small(row))],
        [out[:900] for out in row.ours(BARS, small(row))],
    )


@pytest.mark.parametrize("name", ["sma", "rsi", "wilder_atr", "macd"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_columns_are_series_of_their_own(name, order):
    row, count = ROWS[name], 130
    series = [bars(900, seed) for seed in range(count)]
    tables = [np.array([row.series(one)[k] for one in series]).T.copy(order) for k in range(len(row.inputs))]
    shown = []
    for limit in (1, 2):
        with threads(limit):
            found = getattr(nanobook, name)(*tables, *row.values)
        shown.append(found if isinstance(found, tuple) else (found,))
    same(*shown)
    for j in (0, 63, 129):
        same([out[:, j] for out in shown[0]], row.ours(series[j]))


@pytest.mark.parametrize("name", naive.ROLLING)
@pytest.mark.parametrize("level", [0.0, 1e9])
@pytest.mark.parametrize("period", [2, 3, 5, 16, 47, 71])
def test_windows_are_accurate(name, level, period):
    """Also far from zero, and behind a spike: within rounding of exact fractions."""
    rng = np.random.default_rng(period)
    values = level + rng.normal(0.0, 1.0, 180)
    values[30] *= 1e6
    values[90] = math.nan
    ours = getattr(nanobook, name)(values, period)
    exact = np.array(naive.rolling(naive.ROLLING[name], values.tolist(), period))
    largest = np.array(naive.rolling(lambda window: max(map(abs, window)), values.tolist(), period))
    rounding = np.finfo(float).eps * 4 * period * (0.0 if name == "var" else largest)
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(exact))
    known = ~np.isnan(exact)
    assert (np.abs(ours - exact) <= np.abs(exact) * 1e-11 + rounding)[known].all()


def test_correlation_is_accurate_far_from_zero():
    rng = np.random.default_rng(8)
    x = 1e8 + rng.normal(0.0, 1.0, 200)
    y = -1e8 + 0.5 * (x - 1e8) + rng.normal(0.0, 1.0, 200)
    exact = naive.correlation(x.tolist(), y.tolist(), 30)
    np.testing.assert_allclose(nanobook.correl(x, y, 30), exact, rtol=1e-11)


prices = st.lists(
    st.one_of(st.floats(1.0, 1e6), st.just(math.nan), st.sampled_from([1.0, 2.0, 3.0])), max_size=60
)


@settings(max_examples=60, deadline=None)
@given(prices, st.integers(1, 12))
def test_averages_follow_their_rules(values, period):
    np.testing.assert_allclose(
        nanobook.ema(np.array(values), period),
        naive.exponential(values, period, 2.0 / (period + 1.0)),
        rtol=1e-12,
        atol=1e-15 * max([0.0, *(value for value in values if value == value)]),
    )
    np.testing.assert_allclose(
        nanobook.rsi(np.array(values), period), naive.strength(values, period), rtol=1e-9, atol=1e-9
    )
    for name in ("sma", "rolling_min", "rolling_max"):
        exact = naive.rolling(naive.ROLLING[name], values, period)
        np.testing.assert_allclose(getattr(nanobook, name)(np.array(values), period), exact, rtol=1e-14)


@pytest.mark.parametrize("kind", ["walk", "wave", "jumps"])
def test_cycles_follow_their_rules(kind):
    """Of every run between two NaN, as the naive twin has it."""
    rng, t = np.random.default_rng(3), np.arange(500.0)
    values = {
        "walk": BARS["close"][:500].copy(),
        "wave": 100.0 + np.sin(t * 2.0 * np.pi / (10.0 + t / 25.0)) + rng.normal(0.0, 0.1, 500),
        "jumps": 100.0 + np.cumsum(rng.standard_t(1.5, 500)),
    }[kind]
    values[[150, 160, 230]] = math.nan
    runs = (slice(0, 150), slice(151, 160), slice(161, 230), slice(231, 500))
    twins = {
        "ht_dcperiod": naive.dominant_periods,
        "ht_trendline": naive.trendlines,
        "ht_dcphase": naive.phases,
    }
    for name, twin in twins.items():
        ours = getattr(nanobook, name)(values)
        assert np.isnan(ours[[150, 160, 230]]).all()
        for run in runs:
            np.testing.assert_allclose(ours[run], twin(values[run].tolist()), rtol=1e-9, atol=1e-7)


def test_a_cycle_is_found():
    """Of a wave the period, the phase and the two sines are the wave's own."""
    t = np.arange(400)
    for width in (10, 20, 35):
        wave = 100.0 + np.sin(t * 2.0 * np.pi / width)
        assert nanobook.ht_dcperiod(wave)[-1] == pytest.approx(width, rel=0.05)
        now, ahead = nanobook.ht_sine(wave)
        degrees = np.radians(nanobook.ht_dcphase(wave)[63:])
        np.testing.assert_allclose(now[63:], np.sin(degrees), atol=1e-12)
        np.testing.assert_allclose(ahead[63:], np.sin(degrees + np.pi / 4.0), atol=1e-12)


def test_no_period_leaves_its_bounds():
    """Not even where squares overflow: the period is where the phase looks back to."""
    rng = np.random.default_rng(2)
    values = np.concatenate([rng.normal(0.0, 1.0, 200), rng.normal(0.0, 1e200, 200), np.zeros(200)])
    for scale in (1e-300, 1.0, 1e107):
        shown = nanobook.ht_dcperiod(values * scale)[40:]
        assert ((shown > 1.0) & (shown <= 50.0)).all()
        for name in ("ht_dcphase", "ht_trendline", "ht_trendmode"):
            assert getattr(nanobook, name)(values * scale).shape == (600,)


def test_periods_that_are_missing():
    periods = np.array([2.0, 2.0, 3.9, math.nan, 1.0, 99.0])
    shown = nanobook.mavp(np.arange(6.0), periods, 2, 3)
    np.testing.assert_array_equal(shown, [math.nan, math.nan, 1.0, math.nan, 3.5, 4.0])


def test_averages_of_all_periods_wait_for_the_longest_behind_a_gap():
    close = np.array([1.0, 2.0, 3.0, 4.0, math.nan, 6.0, 7.0, 8.0, 9.0])
    for average in ("sma", "wma", "ema"):
        shown = nanobook.mavp(close, np.full(9, 2.0), 2, 4, average)
        np.testing.assert_array_equal(np.isnan(shown), [True] * 3 + [False] + [True] * 4 + [False])


@pytest.mark.parametrize("gap", [90, 131, 172, 213, 254])
def test_trends_begin_anew_behind_a_gap(gap):
    """The days since the last crossing, too: with a slow wave they decide for long."""
    t = np.arange(600.0)
    close = 100.0 + 0.2 * np.sin(t * 2.0 * np.pi / 40.0)
    close[gap] = math.nan
    for name in ("ht_trendmode", "ht_trendline", "ht_dcphase"):
        function = getattr(nanobook, name)
        same([function(close)[gap + 1 :]], [function(close[gap + 1 :])])


def test_copies_of_a_stream_go_their_own_ways():
    stream = nanobook.ema.stream(3)
    for price in (1.0, 2.0, 3.0):
        stream.update(price)
    for twin in (copy.copy(stream), copy.deepcopy(stream)):
        assert twin.update(9.0) == 5.5
    assert stream.update(2.0) == 2.0
    assert repr(stream) == "<ema.stream(period=3), 4 rows seen>"


def test_a_long_stream_moves_its_history():
    values = bars(3000)["close"]
    stream = nanobook.sma.stream(100)
    same([[stream.update(v) for v in values]], [nanobook.sma(values, 100)])


def test_the_list_names_every_public_indicator():
    listed = nanobook.list_supported_indicators()
    assert len(listed) == len(TABLE) >= 65
    for row in listed:
        for name in [row["name"], *row["aliases"]]:
            function = getattr(nanobook, name)
            assert function.__doc__.count("\n") > 10
            assert row["name"] in repr(function.stream(*ROWS[row["name"]].values))
    originals = "sma ema rsi macd bbands atr trange natr stoch stochf stochrsi plus_di minus_di dx adx cci"
    originals += " willr ultosc mom roc rocp rocr obv ad adosc bollinger wilder_atr"
    assert set(originals.split()) <= set(dir(nanobook))
