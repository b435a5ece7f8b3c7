"""Drawdowns as dicts and as a table."""

import math
import random

import numpy as np
import pandas as pd
import pytest

from nanobook.errors import NonFiniteError, ShapeError
from nanobook.portfolio import backtest_weights, drawdown_series, drawdowns
from tests.oracle.windows import spells

CURVE = [100.0, 120.0, 90.0, 90.0, 108.0, 120.0, 119.0, 130.0, 65.0]
KEYS = [
    "drawdown_pct",
    "underwater_periods",
    "underwater_days",
    "peak_index",
    "peak_date",
    "trough_index",
    "trough_date",
    "recovery_index",
    "recovery_date",
]
DAYS = pd.DatetimeIndex([f"2024-01-{day:02}" for day in (1, 2, 3, 5, 8, 9, 10, 11, 12)])


def test_the_originals_keys_and_numbers():
    events = drawdown_series(CURVE)
    assert [list(event) for event in events] == [KEYS] * 3
    assert [list(event.values()) for event in events] == [
        [0.25, 3, 3, 1, 1, 2, 2, 5, 5],
        [1 / 120, 1, 1, 5, 5, 6, 6, 7, 7],
        [0.5, 1, 1, 7, 7, 8, 8, None, None],
    ]


def test_dates_where_there_is_an_index():
    events = drawdown_series(pd.Series(CURVE, DAYS))
    assert [event["peak_index"] for event in events] == [1, 5, 7]
    assert [event["underwater_periods"] for event in events] == [3, 1, 1]
    assert [event["underwater_days"] for event in events] == [6, 1, 0]  # 3 to 9 January
    assert [event["trough_date"] for event in events] == [DAYS[2], DAYS[6], DAYS[8]]
    assert [event["recovery_date"] for event in events] == [DAYS[5], DAYS[7], None]


@pytest.mark.parametrize("seed", range(20))
def test_events_equal_the_twin(seed):
    draw = random.Random(seed)
    curve = [float(draw.randint(1, 12)) for _ in range(40)]
    events = drawdown_series(curve)
    assert [(event["peak_index"], event["trough_index"], event["recovery_index"]) for event in events] == [
        (peak, trough, back) for peak, _, trough, back in spells(curve)
    ]
    for event, (peak, start, trough, back) in zip(events, spells(curve), strict=True):
        assert event["drawdown_pct"] == (curve[peak] - curve[trough]) / curve[peak]
        assert event["underwater_periods"] == (len(curve) if back is None else back) - start


def test_the_table_is_by_depth():
    table = drawdowns(pd.Series(CURVE, DAYS))
    assert table["depth"].tolist() == [0.5, 0.25, 1 / 120]
    assert table["peak"].tolist() == [DAYS[7], DAYS[1], DAYS[5]]
    assert table["start"].tolist() == [DAYS[8], DAYS[2], DAYS[6]]
    assert pd.isna(table["recovery"][0])
    assert table["recovery"].tolist()[1:] == [DAYS[5], DAYS[7]]
    assert table["to_trough"].tolist() == [1, 1, 1]
    assert table["to_recovery"].tolist() == [0, 3, 1]
    assert table["periods"].tolist() == [1, 4, 2]
    plain = drawdowns(CURVE, 2)
    assert plain["recovery"].tolist() == [pd.NA, 5]
    assert len(drawdowns(CURVE, 1)) == 1


def test_a_curve_that_only_rises_has_none():
    assert drawdown_series([1.0, 2.0, 2.0, 3.0]) == []
    table = drawdowns(pd.Series([1.0, 2.0], DAYS[:2]))
    assert table.empty
    assert list(table.columns)[:2] == ["peak", "start"]
    assert drawdown_series([0.0, -5.0, -2.0]) == []


@pytest.mark.parametrize("kind", ["arrays", "frames", "rows"])
def test_the_deepest_of_a_result_is_that_of_its_metrics(kind):
    """The cash at the start is a peak: costs of the first fills are a drawdown."""
    cents = np.array([[10000, 5000], [9000, 4000], [9500, 4100], [12000, 6000], [11000, 6100]])
    weights = np.full(cents.shape, 0.5)
    if kind == "frames":
        weights, cents = (pd.DataFrame(table, DAYS[:5], ["A", "B"]) for table in (weights, cents))
    if kind == "rows":
        weights, cents = ([list(zip("AB", row, strict=True)) for row in t.tolist()] for t in (weights, cents))
    result = backtest_weights(weights, cents, 1_000_000, 100)
    events = drawdown_series(result)
    assert max(event["drawdown_pct"] for event in events) == pytest.approx(result.metrics.max_drawdown)
    assert result.drawdowns(1)["depth"].item() == pytest.approx(result.metrics.max_drawdown)
    if kind == "frames":
        assert events[0]["peak_date"] == DAYS[0]
        assert (events[0]["peak_index"], events[0]["trough_index"]) == (0, 1)


def test_c001_c015_c020_what_is_no_curve_is_refused():
    with pytest.raises(NonFiniteError, match=r"equity: 2024-01-02 \(row 1\) is nan"):
        drawdowns(pd.Series([1.0, math.nan], DAYS[:2]))
    with pytest.raises(ShapeError, match="2 columns, needs one series"):
        drawdown_series(np.ones((3, 2)))
    with pytest.raises(ShapeError, match="empty"):
        drawdown_series([])
