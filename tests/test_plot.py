"""Pictures: what is drawn where. Their look is judged by eye."""

import subprocess
import sys

import numpy as np
import pytest

from nanobook import Exchange, errors, order_flow
from nanobook.plot import bin_ends, binned_mean
from tests.tapes import flow


def lines_of(axes):
    """Points of each labelled line."""
    return {line.get_label(): line.get_xydata().tolist() for line in axes.get_lines()}


def test_depth_chart_rises_outward_from_the_touch():
    book = Exchange()
    for price, lots in ((100, 5), (98, 7)):
        book.submit_limit("buy", price, lots)
    book.submit_limit("sell", 104, 2)
    figure = book.plot(5)
    (axes,) = figure.axes
    lines = lines_of(axes)
    assert lines["bids"] == [[1.0, 0.0], [1.0, 5.0], [0.98, 12.0]]
    assert lines["asks"] == [[1.04, 0.0], [1.04, 2.0]]
    assert axes.get_title("left") == "mid 1.020   spread 0.04   imbalance +0.71"


def test_depth_chart_draws_where_it_is_told():
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.subplots()
    assert Exchange().plot(ax=axes) is figure
    assert [text.get_text() for text in axes.texts] == ["empty book"]


def test_depth_chart_of_one_side():
    book = Exchange()
    book.submit_limit("sell", 104, 2)
    (axes,) = book.depth().plot().axes
    assert list(lines_of(axes)) == ["asks"]


def test_tape_chart_of_few_messages_shows_them_all():
    result = Exchange().process(flow(100, 4), levels=1)
    figure = result.plot()
    touch, spread, traded = figure.axes
    lines = lines_of(touch)
    mid = result.levels.mid_price() / 100
    np.testing.assert_array_equal(np.array(lines["mid"])[:, 1], mid)
    assert len(lines["bought"]) + len(lines["sold"]) == len(result.trades) > 0
    np.testing.assert_array_equal(spread.get_lines()[0].get_ydata(), result.levels.spread() / 100)
    drawn = sum(bar.get_height() for bar in traded.patches)
    sides = np.where(result.trades.aggressor_side == 0, 1, -1)
    assert drawn == (sides * result.trades.quantity).sum()
    assert touch.get_title("left") == f"100 messages   {len(result.trades)} trades"
    figure.canvas.draw()


def test_tape_chart_of_many_messages_is_small():
    result = Exchange().process(order_flow(5000), levels=1)
    touch, spread, traded = result.plot().axes
    assert [len(axes.get_lines()[0].get_xdata()) for axes in (touch, spread)] == [600, 600]
    assert len(traded.patches) == 300
    assert "bought" not in lines_of(touch)
    bought = result.trades.quantity[result.trades.aggressor_side == 0].sum()
    assert sum(max(bar.get_height(), 0) for bar in traded.patches) == bought


def test_tape_chart_of_nothing():
    result = Exchange().process(flow(5, 1), levels=1)
    empty = Exchange().process({name: column[:0] for name, column in flow(5, 1).items()}, levels=1)
    result.plot().canvas.draw()
    figure = empty.plot()
    figure.canvas.draw()
    assert [text.get_text() for text in figure.axes[0].texts] == ["no messages"]


def test_a_tape_without_levels_says_how_to_record_them():
    with pytest.raises(errors.NotComputed, match="levels=1"):
        Exchange().process(flow(5, 1)).plot()


def test_bins():
    assert bin_ends(10, 3).tolist() == [0, 3, 6, 10]
    assert bin_ends(2, 600).tolist() == [0, 1, 2]
    column = np.array([1.0, np.nan, 4.0, np.nan, np.nan, 7.0])
    np.testing.assert_array_equal(binned_mean(column, np.array([0, 3, 5, 6])), [2.5, np.nan, 7.0])


def test_matplotlib_is_loaded_by_plotting_only():
    code = "import sys, nanobook.plot, nanobook.multi; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
