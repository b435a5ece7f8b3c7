"""Months and years of the calendar."""

import calendar
import math

import numpy as np
import pandas as pd
import pytest

from nanobook.errors import NonFiniteError, WrongType
from nanobook.portfolio import monthly_returns, yearly_returns


def naive(series):
    """Compound by (year, month) in a dict."""
    growth = {}
    for day, value in series.items():
        growth[day.year, day.month] = growth.get((day.year, day.month), 1.0) * (1.0 + value)
    return {month: value - 1.0 for month, value in growth.items()}


@pytest.mark.parametrize("zone", [None, "America/New_York"])
@pytest.mark.parametrize("step", ["B", "3D", "40D", "6h"])
def test_months_are_those_of_the_calendar(zone, step):
    index = pd.date_range("2019-11-29", periods=700, freq=step, tz=zone)
    series = pd.Series(np.random.default_rng(1).normal(0, 0.01, 700), index)
    table, twin = monthly_returns(series), naive(series)
    assert list(table.columns) == [*calendar.month_abbr[1:], "Year"]
    assert table.index.tolist() == sorted({year for year, _ in twin})
    for year in table.index:
        for month in range(1, 13):
            expected = twin.get((year, month), math.nan)
            assert table.loc[year].iloc[month - 1] == pytest.approx(expected, abs=1e-14, nan_ok=True)
        whole = math.prod(1.0 + value for (y, _), value in twin.items() if y == year) - 1.0
        assert table.loc[year, "Year"] == pytest.approx(whole, abs=1e-14)
    pd.testing.assert_series_equal(yearly_returns(series), table["Year"].rename("yearly_returns"))


def test_months_in_their_own_zone():
    index = pd.DatetimeIndex(["2024-01-31 22:00", "2024-02-01 02:00"]).tz_localize("UTC")
    series = pd.Series([0.5, 0.5], index)
    assert monthly_returns(series).loc[2024, ["Jan", "Feb"]].tolist() == [0.5, 0.5]
    local = monthly_returns(series.tz_convert("America/New_York"))
    assert local.loc[2024, "Jan"] == 1.25
    assert math.isnan(local.loc[2024, "Feb"])


def test_periods_and_unknown_returns():
    series = pd.Series([0.5, math.nan, -0.5], pd.period_range("2023-12", periods=3, freq="M"))
    table = monthly_returns(series)
    assert table.loc[2023, "Dec"] == 0.5
    assert table.loc[2024, ["Jan", "Feb", "Year"]].tolist() == [0.0, -0.5, -0.5]


def test_years_without_a_period_have_no_row():
    series = pd.Series([0.5, 0.25], pd.to_datetime(["2020-05-01", "2023-05-01"]))
    assert monthly_returns(series).index.tolist() == [2020, 2023]


def test_without_dates_months_are_21_periods_as_the_original():
    returns = np.random.default_rng(2).normal(0, 0.01, 21 * 13 + 5).tolist()
    table = monthly_returns(returns)
    assert [len(row) for row in table] == [12, 2]
    flat = [value for row in table for value in row]
    for i, value in enumerate(flat):
        assert value == pytest.approx(math.prod(1.0 + r for r in returns[21 * i : 21 * i + 21]) - 1.0)
    assert yearly_returns(returns)[0] == pytest.approx(math.prod(1.0 + r for r in returns[:252]) - 1.0)
    assert monthly_returns(pd.Series(returns)) == table


def test_c003_c013_what_has_no_dates_or_no_numbers_is_refused():
    with pytest.raises(WrongType, match=r"the index holds .*, no dates; use pandas.to_datetime"):
        monthly_returns(pd.Series([0.1, 0.2], ["2024-01-01", "2024-01-02"]))
    with pytest.raises(NonFiniteError, match="returns: row 1 is inf"):
        monthly_returns([0.1, math.inf])
