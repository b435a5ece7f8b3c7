"""One kind in, the same kind out."""

import math

import numpy as np
import pandas as pd
import pytest

import nanobook
from nanobook import atr, bbands, macd, minmax, sma
from tests.references.indicators import bars

DAYS = pd.date_range("2026-01-05", periods=6, freq="B")


def test_lists():
    assert sma([1, 2, 3], 2)[1:] == [1.5, 2.5]
    low, high = minmax((3.0, 1.0), 2)
    assert (low[1], high[1]) == (1.0, 3.0)
    assert isinstance(low, list)
    assert sma([], 3) == []


def test_series_keep_index_and_name():
    close = pd.Series([1.0, 2, 3, 4, 5, 6], DAYS, name="AAPL")
    found = sma(close, 3)
    pd.testing.assert_series_equal(found, close.rolling(3).mean())
    line, signal, gap = macd(close, 2, 3, 2)
    assert line.index is not None
    assert line.name == "AAPL"
    pd.testing.assert_series_equal(line - signal, gap)


def test_frames_keep_index_and_columns():
    close = pd.DataFrame({"A": range(6), "B": np.arange(6) * 2.0}, DAYS)
    pd.testing.assert_frame_equal(sma(close, 2), close.rolling(2).mean())
    upper, middle, lower = bbands(close, 3)
    pd.testing.assert_frame_equal(middle, close.rolling(3).mean())
    pd.testing.assert_frame_equal(upper - middle, middle - lower)


def test_frames_with_missing_integers():
    close = pd.DataFrame({"A": pd.array([1, None, 3, 4], dtype="Int64")})
    assert sma(close, 2)["A"].tolist()[3] == 3.5
    assert sma(close["A"], 2).isna().tolist() == [True, True, True, False]


@pytest.mark.parametrize("shape", [(0,), (0, 3), (4, 0), (2, 3)])
def test_empty_and_short(shape):
    found = sma(np.ones(shape), 5)
    assert found.shape == shape
    assert np.isnan(found).all()


def test_c026_layouts_and_types():
    close = bars(200)["close"]
    expected = sma(close, 10)
    readonly = close.copy()
    readonly.flags.writeable = False
    for given in (readonly, np.repeat(close, 2)[::2], close.astype(">f8"), close[::-1].copy()[::-1]):
        np.testing.assert_array_equal(sma(given, 10), expected)
    np.testing.assert_allclose(sma(close.astype(np.float32), 10), expected, rtol=1e-6)
    np.testing.assert_array_equal(sma(np.arange(5, dtype=np.uint8), 2)[1:], [0.5, 1.5, 2.5, 3.5])
    table = np.stack([close, close], axis=1)
    for given in (table, np.asfortranarray(table), table[::-1].copy()[::-1], table.astype(">f8")):
        np.testing.assert_array_equal(sma(given, 10)[:, 1], expected)


def test_c027_what_is_array_like():
    class Column:
        def to_numpy(self):
            return np.array([1.0, 2.0])

    np.testing.assert_array_equal(sma(Column(), 2), [math.nan, 1.5])


def test_flat_panels():
    close = bars(60)["close"]
    table = np.stack([close, close * 2.0], axis=1)
    flat = table.reshape(-1).tolist()
    assert nanobook.sma_panel(flat, 2, 5) == pytest.approx(sma(table, 5).reshape(-1).tolist(), nan_ok=True)
    for name in ("ema_panel", "sma_panel_by_column", "ema_panel_by_column"):
        assert len(getattr(nanobook, name)(flat, 2, 5)) == 120
    assert nanobook.rsi_panel(np.array(flat), 2)[119] == nanobook.rsi(close)[59]
    line, _, gap = nanobook.macd_panel(flat, 2)
    assert [line[118], gap[118]] == [out[59] for out in macd(close.tolist())[::2]]
    assert nanobook.bbands_panel(flat, 2)[0][119] == bbands(close * 2.0)[0][59]
    reach = nanobook.atr_panel(np.array(flat) + 1.0, flat, flat, 2)
    assert reach[118] == atr(close + 1.0, close, close)[59]
