"""The table of references: each figure is the other library's, or no worse."""

import warnings

import pytest

from . import ROWS


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_row(row):
    if not row.is_installed:
        pytest.skip(f"{row.library} is not installed here; it may need an environment of its own")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the other library; ours has tests of its own
        row.check(row.make(row.sizes[0]))


def test_the_table_covers_the_libraries():
    libraries = {"scipy", "sklearn", "statsmodels", "arch", "skfolio", "riskfolio", "pypfopt", "empyrical"}
    assert {row.library for row in ROWS.values()} == libraries


def test_a_wrong_figure_is_found():
    row = ROWS["Spearman / scipy"]
    data = row.make(100)
    wrong = type(row)(**{**vars(row), "ours": lambda data: [x * (1 + 1e-6) for x in row.ours(data)]})
    with pytest.raises(AssertionError):
        wrong.check(data)
    costly = ROWS["minimum variance / skfolio"]
    worse = type(row)(**{**vars(costly), "ours": lambda data: [1.0 / data.shape[1]] * data.shape[1]})
    with pytest.raises(AssertionError, match="ours costs"):
        worse.check(costly.make((60, 4)))
