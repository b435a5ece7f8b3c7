"""What cannot be is refused in words; the numbers are rows of the reliability plan."""

import math

import numpy as np
import pandas as pd
import pytest

import nanobook
from nanobook import macd, rsi, sma, sma_panel, wilder_atr
from nanobook.errors import InvalidValue, NonFiniteError, ShapeError, WrongType
from tests.references.indicators import ROWS, bars

CLOSE = np.arange(1.0, 40.0)


@pytest.mark.parametrize(
    ("period", "kind", "words"),
    [
        (0, InvalidValue, r"period=0: must be from 1 to 100000"),
        (-3, InvalidValue, "period=-3"),
        (10**9, InvalidValue, "period=1000000000"),
        (2.5, InvalidValue, r"period=2\.5: needs a whole number"),
        (math.nan, InvalidValue, "period=nan"),
        (True, WrongType, "period=True"),
        ("14", WrongType, "period='14'"),
        (None, WrongType, "period=None"),
    ],
)
def test_periods(period, kind, words):
    with pytest.raises(kind, match=words):
        rsi(CLOSE, period)
    with pytest.raises(kind, match=words):
        rsi.stream(period)


def test_a_whole_float_is_a_period():
    np.testing.assert_array_equal(rsi(CLOSE, 14.0), rsi(CLOSE))


def test_other_parameters():
    with pytest.raises(InvalidValue, match="fast_period=26: must be below slow_period=12"):
        macd(CLOSE, 26, 12)
    with pytest.raises(NonFiniteError, match="num_std_up=nan"):
        nanobook.bollinger(CLOSE, 5, math.nan)
    with pytest.raises(InvalidValue, match="volume_factor=2: must be from 0 to 1"):
        nanobook.t3(CLOSE, 5, 2.0)
    with pytest.raises(InvalidValue, match="average='hull': must be one of 'sma', 'ema'"):
        nanobook.apo(CLOSE, average="hull")
    with pytest.raises(InvalidValue, match="slow_average='hull': must be one of 'sma', 'ema', 'wma'"):
        nanobook.macdext(CLOSE, slow_average="hull")
    with pytest.raises(InvalidValue, match="min_period=9: must be below max_period=5"):
        nanobook.mavp(CLOSE, CLOSE, 9, 5)
    with pytest.raises(InvalidValue, match=r"slow_limit=1: must be from 0\.01 to 0\.99"):
        nanobook.mama(CLOSE, 0.5, 1.0)
    with pytest.raises(TypeError, match=r"rsi.stream\(\) takes \(period=14\)"):
        rsi.stream(window=3)
    with pytest.raises(TypeError, match=r"sma.stream\(\) takes \(period\)"):
        sma.stream()


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_c003_infinite_values(value):
    close = CLOSE.copy()
    close[7] = value
    with pytest.raises(NonFiniteError, match=rf"close: row 7 is {value} \(1 in all\)"):
        sma(close, 3)
    with pytest.raises(NonFiniteError, match="low: row 7"):
        wilder_atr(CLOSE, close, CLOSE)
    frame = pd.DataFrame({"A": CLOSE, "B": close}, pd.date_range("2026-01-05", periods=39))
    with pytest.raises(NonFiniteError, match=r"close: B 2026-01-12 \(row 7\) is"):
        sma(frame, 3)
    with pytest.raises(NonFiniteError, match="close: column 1 row 7"):
        sma(frame.to_numpy(), 3)
    stream = sma.stream(2)
    stream.update(1.0)
    with pytest.raises(NonFiniteError, match=r"close=-?inf"):
        stream.update(value)
    assert stream.update(2.0) == 1.5


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_c003_no_indicator_hides_an_infinite_value(row):
    for name in set(row.inputs):
        for value, t in ((math.inf, 0), (-math.inf, 60), (math.inf, 60), (math.inf, 119), (-math.inf, 119)):
            series = bars(120)
            column = {"x": "close", "y": "other"}.get(name, name)
            series[column][t] = value
            with pytest.raises(NonFiniteError, match=rf"{name}: row {t} is"):
                row.ours(series)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("t", [4095, 5000, 5499])
def test_c003_nor_one_far_from_the_beginning(row, t):
    """Where no output is NaN for want of rows before it, and at the end of a piece of the series."""
    for name in set(row.inputs):
        for value in (math.inf, -math.inf):
            series = bars(5500)
            series[{"x": "close", "y": "other"}.get(name, name)][t] = value
            with pytest.raises(NonFiniteError, match=rf"{name}: row {t} is"):
                row.ours(series)


def test_c003_huge_and_tiny_values():
    assert sma([1e308, 1e308], 1) == [1e308, 1e308]
    assert sma([5e-324, 5e-324], 2)[1] == 5e-324
    assert not np.isfinite(sma([1e308, 1e308], 2)[1])


def test_c006_decreasing_index():
    late = pd.Series([1.0, 2.0, 3.0], pd.to_datetime(["2026-01-05", "2026-01-07", "2026-01-06"]))
    with pytest.raises(InvalidValue, match=r"2026-01-06 \(row 2\) follows 2026-01-07; use .sort_index"):
        sma(late, 2)


def test_c020_empty_and_constant():
    assert np.isnan(rsi(np.array([]))).all()
    assert np.isnan(rsi(CLOSE[:3])).all()
    flat = np.full(50, 7.1)
    assert nanobook.stddev(flat)[-1] == 0.0
    assert nanobook.correl(flat, flat)[-1] == 0.0
    assert nanobook.ema(flat, 5)[-1] == 7.1
    assert abs(macd(flat)[2][-1]) < 1e-15


def test_c015_shapes_that_differ():
    with pytest.raises(ShapeError, match=r"high \(39,\) vs low \(38,\)"):
        wilder_atr(CLOSE, CLOSE[1:], CLOSE)
    with pytest.raises(ShapeError, match="the rows are not the same"):
        wilder_atr(pd.Series(CLOSE), pd.Series(CLOSE, np.arange(1, 40)), pd.Series(CLOSE))
    a, b = pd.DataFrame({"A": CLOSE, "B": CLOSE}), pd.DataFrame({"B": CLOSE, "A": CLOSE})
    with pytest.raises(ShapeError, match="the columns are not the same"):
        wilder_atr(a, b, a)
    with pytest.raises(ShapeError, match=r"shape \(2, 2, 2\)"):
        sma(np.ones((2, 2, 2)), 2)
    with pytest.raises(ShapeError, match="n_names=2"):
        sma_panel([1.0, 2.0, 3.0], 2, 1)
    with pytest.raises(InvalidValue, match="n_names=0"):
        sma_panel([1.0], 0, 1)
    with pytest.raises(ShapeError, match="takes high, low, close: 1 numbers given"):
        wilder_atr.stream().update(1.0)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["1", "x"], "holds <U1"),
        ([1.0, None], r"\[1\] is None"),
        (np.array([True, False]), "holds bool"),
        (np.array([1 + 2j]), "holds complex128"),
        (pd.Series([1.0, "N/A"], dtype=object, name="c"), "'N/A' at 1"),
        (pd.Series(["a"], dtype="category", name="c"), "'a' at 0"),
        (pd.Series(pd.to_datetime(["2026-01-05"])), "datetime64"),
        (5.0, r"shape \(\)"),
        ({"a": 1}, r"\[\] is \{'a': 1\}|shape"),
    ],
)
def test_c026_what_is_no_number(given, words):
    with pytest.raises((WrongType, ShapeError), match=words):
        sma(given, 2)


def test_c026_masked_and_ragged():
    with pytest.raises(WrongType, match="masked array"):
        sma(np.ma.masked_array([1.0, 2.0], [False, True]), 2)
    with pytest.raises(ShapeError, match="not one series"):
        sma([[1.0], [1.0, 2.0]], 2)


def test_c027_arrays_of_other_libraries():
    arrow = pytest.importorskip("pyarrow")
    np.testing.assert_array_equal(sma(arrow.array([1.0, 2.0, 4.0]), 2), [np.nan, 1.5, 3.0])
    np.testing.assert_array_equal(sma(arrow.array([1, None, 4, 6]), 2), [np.nan, np.nan, np.nan, 5.0])


@pytest.mark.parametrize("value", ["1", None, True, [1.0], np.array([1.0]), 10**400])
def test_streams_take_numbers(value):
    stream = sma.stream(1)
    with pytest.raises(WrongType, match="close="):
        stream.update(value)
    assert stream.count == 0
    assert stream.update(np.float32(2.0)) == 2.0
