"""Bad input of the statistics gets one typed error that names the parameter, the place and the remedy.

A number in a test's name is the row of the project's list of bad inputs that it holds.
"""

import math

import numpy as np
import pandas as pd
import pytest

import nanobook
from nanobook.errors import InvalidValue, NanobookError, NonFiniteError, ShapeError, WrongType

DAYS = pd.date_range("2024-01-01", periods=40)
TABLE = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 4)), DAYS, list("ABCD"))
SERIES = TABLE["A"]
ON_TABLES = {
    "pbo": lambda returns: nanobook.probability_of_backtest_overfitting(returns, 4),
    "spa": lambda returns: nanobook.superior_predictive_ability(returns, resamples=20),
    "white": lambda returns: nanobook.reality_check(returns, resamples=20),
}
ON_SERIES = {
    "x": lambda values: nanobook.spearman(values, np.arange(40)),
    "y": lambda values: nanobook.spearman(np.arange(40), values),
    "scores": lambda values: nanobook.quantile_spread(values, np.arange(40)),
    "sharpe (returns)": nanobook.probabilistic_sharpe,
    "benchmark": lambda values: nanobook.reality_check(TABLE * TABLE, values),
    "returns": nanobook.sharpe_interval,
}
on_tables = pytest.mark.parametrize("call", ON_TABLES.values(), ids=ON_TABLES)
on_series = pytest.mark.parametrize(("name", "call"), ON_SERIES.items(), ids=ON_SERIES)


def refused(error, *parts, call):
    """Call and expect ``error`` itself, whose message has every part."""
    with pytest.raises(error) as caught:
        call()
    assert type(caught.value) is error
    assert isinstance(caught.value, NanobookError)
    for part in parts:
        assert part in str(caught.value)


def spoiled(values, cell, value):
    values = values.copy()
    values.iloc[cell] = value
    return values


@on_tables
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_c003_cells_that_are_not_finite(call, value):
    told = f"returns: C 2024-01-06 (row 5) is {value}"
    refused(NonFiniteError, told, call=lambda: call(spoiled(TABLE, (5, 2), value)))
    refused(
        NonFiniteError,
        f"returns: column 2 row 5 is {value}",
        call=lambda: call(spoiled(TABLE, (5, 2), value).to_numpy()),
    )


@on_tables
def test_c003_the_first_ten_and_the_total(call):
    refused(
        NonFiniteError,
        "D 2024-01-02 (row 1) is nan, ",
        "... (160 in all)",
        call=lambda: call(TABLE * math.nan),
    )


@on_series
def test_c003_values_that_are_not_finite(name, call):
    labelled = spoiled(SERIES, 7, math.inf)
    refused(NonFiniteError, f"{name}[7] is inf", call=lambda: call(labelled.to_numpy()))
    refused(NonFiniteError, f"{name}[7] is nan", call=lambda: call(spoiled(SERIES, 7, math.nan).tolist()))
    refused(NonFiniteError, f"{name} at 2024-01-08 (row 7) is inf", call=lambda: call(labelled))


def test_c003_infinities_of_panels_that_may_have_gaps():
    for call in (nanobook.information_coefficient, nanobook.quantile_spread):
        bad = spoiled(spoiled(TABLE, (5, 2), math.inf), (6, 2), math.nan)
        refused(NonFiniteError, "C 2024-01-06 (row 5) is inf:", call=lambda: call(bad, TABLE))  # noqa: B023
        refused(NonFiniteError, "returns: C 2024", call=lambda: call(TABLE, bad))  # noqa: B023


def test_c006_c007_c008_labels_out_of_order_or_twice():
    for call in ON_TABLES.values():
        refused(InvalidValue, "must increase", call=lambda: call(TABLE[::-1]))  # noqa: B023
        twice = TABLE.set_axis([*DAYS[:39], DAYS[38]])
        refused(InvalidValue, "dates twice: 2024-02-08", call=lambda: call(twice))  # noqa: B023
        same = TABLE.set_axis(list("ABCA"), axis=1)
        refused(InvalidValue, "columns named twice: A", call=lambda: call(same))  # noqa: B023
    x, y = pd.Series([1.0, 2, 3], list("aba")), pd.Series([1.0, 2, 3], list("abc"))
    refused(InvalidValue, "x: labels twice: a", call=lambda: nanobook.spearman(x, y))


def test_c015_shapes_and_labels_that_differ():
    other = TABLE.rename(columns={"D": "E"})
    later = TABLE.set_axis(DAYS + pd.Timedelta(days=1))
    for call in (nanobook.information_coefficient, nanobook.quantile_spread):
        refused(ShapeError, "D", "E", "only in", call=lambda: call(TABLE, other))  # noqa: B023
        refused(ShapeError, "only in", "2024-01-01", call=lambda: call(TABLE, later))  # noqa: B023
        refused(ShapeError, "(40, 4) vs", "(39, 4)", call=lambda: call(TABLE, TABLE.to_numpy()[1:]))  # noqa: B023
    refused(ShapeError, "x (3 values) vs y (2 values)", call=lambda: nanobook.spearman([1, 2, 3], [1, 2]))
    refused(ShapeError, "only in x: D", call=lambda: nanobook.spearman(TABLE.iloc[0], other.iloc[0]))
    refused(
        ShapeError,
        "returns (40 labels) vs benchmark (40 labels)",
        call=lambda: nanobook.reality_check(TABLE, later["A"]),
    )
    refused(
        ShapeError,
        "returns (40 values) vs benchmark (39 values)",
        call=lambda: nanobook.reality_check(TABLE, SERIES[1:]),
    )


@on_tables
def test_c020_too_little(call):
    refused(ShapeError, "returns (0, 4)", call=lambda: call(TABLE[:0]))
    refused(ShapeError, "returns", "needs at least", call=lambda: call(TABLE[:1]))
    refused(ShapeError, "(40, 0)", call=lambda: call(TABLE[[]]))


def test_c020_one_strategy_or_too_few_periods_a_block():
    call = nanobook.probability_of_backtest_overfitting
    refused(ShapeError, "one strategy", call=lambda: call(TABLE[["A"]], 4))
    refused(ShapeError, "40 periods for 22 blocks; needs at least 44", call=lambda: call(TABLE, 22))


@on_series
def test_c020_empty_series(name, call):
    refused(ShapeError, name, "0 values, needs at least", call=lambda: call([]))


def test_c020_constant_series():
    for call in (nanobook.probabilistic_sharpe, nanobook.sharpe_interval):
        refused(ShapeError, "all are 0.01, so there is no Sharpe ratio", call=lambda: call([0.01] * 20))  # noqa: B023
    for call in (ON_TABLES["spa"], ON_TABLES["white"]):
        refused(InvalidValue, "do not vary: B", call=lambda: call(TABLE.assign(B=0.3)))  # noqa: B023
    same = TABLE.assign(B=SERIES + 0.125)
    refused(InvalidValue, "do not vary: A, B", call=lambda: nanobook.reality_check(same, SERIES))
    refused(ShapeError, "x, y: 2 pairs, needs at least 3", call=lambda: nanobook.spearman([1, 2], [1, 2]))
    refused(
        ShapeError,
        "4 pairs for 5 quantiles",
        call=lambda: nanobook.quintile_spread([1, 2, 3, 4], [1, 2, 3, 4]),
    )
    refused(
        ShapeError, "no period has 3 pairs", call=lambda: nanobook.information_coefficient(TABLE * 0.0, TABLE)
    )
    refused(
        ShapeError,
        "most pairs in a period: 0",
        call=lambda: nanobook.information_coefficient(TABLE * np.nan, TABLE),
    )


@on_tables
def test_c026_kinds_of_tables(call):
    expected = call(TABLE.to_numpy())
    frozen = TABLE.to_numpy().copy()
    frozen.flags.writeable = False
    for kind in (
        np.asfortranarray(TABLE),
        np.repeat(TABLE.to_numpy(), 2, axis=0)[::2],
        TABLE.to_numpy().astype(">f8"),
        frozen,
        TABLE.to_numpy().tolist(),
    ):
        assert call(kind) == expected
    assert call(TABLE.astype("Float64")) == call(TABLE)
    call(TABLE.astype("float32"))
    refused(WrongType, "returns: holds <U", call=lambda: call(TABLE.to_numpy().astype(str)))
    refused(WrongType, "column 'B' holds", "'x'", call=lambda: call(TABLE.astype(object).assign(B="x")))
    refused(WrongType, "returns: holds object", call=lambda: call(TABLE.to_numpy().astype(object)))
    refused(WrongType, "returns: holds bool", call=lambda: call(TABLE.to_numpy() > 0))
    refused(WrongType, "a masked array", call=lambda: call(np.ma.masked_less(TABLE.to_numpy(), 0)))
    refused(ShapeError, "returns: shape (40,)", call=lambda: call(SERIES.to_numpy()))
    refused(ShapeError, "returns: not one array", call=lambda: call([[1.0], [1.0, 2.0]]))


@on_series
def test_c026_kinds_of_series(name, call):
    expected = call(SERIES.to_numpy())
    for kind in (SERIES.to_numpy().astype(">f8"), np.repeat(SERIES, 2).to_numpy()[::2], tuple(SERIES)):
        assert call(kind) == expected
    assert call(SERIES.astype("Float64")) == call(SERIES)
    refused(WrongType, f"{name}: holds <U", call=lambda: call(["1"] * 40))
    refused(WrongType, f"{name}: holds bool", call=lambda: call([True] * 40))
    refused(WrongType, f"{name}: holds object", call=lambda: call(np.array([None] * 40)))
    refused(WrongType, f"{name}: holds object", call=lambda: call(pd.Series(["a"] * 40, dtype="category")))
    refused(WrongType, f"{name}: a masked array", call=lambda: call(np.ma.masked_less(SERIES.to_numpy(), 0)))
    if name != "scores":
        refused(ShapeError, f"{name}: ", call=lambda: call(TABLE))
        refused(ShapeError, f"{name}: shape (40, 4)", call=lambda: call(TABLE.to_numpy()))
        refused(ShapeError, f"{name}: not one array", call=lambda: call([[1.0], [1.0, 2.0]]))


class Columns:
    """A table of another library: columns, and numbers on request."""

    columns = ("A", "B", "C", "D")

    def to_numpy(self):
        """All numbers."""
        return TABLE.to_numpy()


@on_tables
def test_c027_tables_of_other_libraries(call):
    result = call(Columns())
    assert result == call(TABLE.reset_index(drop=True))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"nan_policy": "drop"},
            InvalidValue,
            "nan_policy='drop': must be one of 'raise', 'omit', 'propagate'",
        ),
        ({"nan_policy": "omitt"}, InvalidValue, "did you mean 'omit'?"),
        ({"nan_policy": 3}, WrongType, "nan_policy=3"),
    ],
)
def test_policies_that_there_are_not(arguments, error, message):
    refused(error, message, call=lambda: nanobook.spearman([1, 2, 3], [1, 2, 3], **arguments))
    refused(error, message, call=lambda: nanobook.quantile_spread([1, 2, 3], [1, 2, 3], 2, **arguments))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((1.5,), ShapeError, "n_observations: missing; pass how many returns"),
        ((1.5, 1), InvalidValue, "n_observations=1: must be from 2"),
        ((1.5, 20.5), InvalidValue, "n_observations=20.5: needs a whole number"),
        ((1.5, True), WrongType, "n_observations=True"),
        ((math.nan, 100), NonFiniteError, "sharpe=nan"),
        (("1.5", 100), WrongType, "sharpe='1.5'"),
        ((None, 100), WrongType, "sharpe=None"),
        ((0.1, 100, math.inf), NonFiniteError, "skewness=inf"),
        ((0.1, 100, 0, -3), InvalidValue, "kurtosis=-3.0: must be at least 1 + skewness**2 = 1"),
        ((0.1, 100, 2, 3), InvalidValue, "1 + skewness**2 = 5"),
        ((0.1, 100, 0, None, 5), TypeError, "positional"),
    ],
)
def test_ratios_that_cannot_be(arguments, error, message):
    with pytest.raises(error) as caught:
        nanobook.probabilistic_sharpe(*arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nanobook.probabilistic_sharpe(0.1, 9, benchmark=math.nan), NonFiniteError, "benchmark=nan"),
        (
            lambda: nanobook.probabilistic_sharpe(0.1, 9, periods_per_year=0),
            InvalidValue,
            "periods_per_year=0.0",
        ),
        (
            lambda: nanobook.probabilistic_sharpe(0.1, 9, risk_free=0.1),
            InvalidValue,
            "risk_free=0.1: goes with",
        ),
        (
            lambda: nanobook.probabilistic_sharpe(SERIES, 40),
            WrongType,
            "n_observations: given beside returns",
        ),
        (
            lambda: nanobook.probabilistic_sharpe(SERIES, kurtosis=3),
            WrongType,
            "kurtosis: given beside returns",
        ),
        (lambda: nanobook.probabilistic_sharpe([0.1]), ShapeError, "1 values, needs at least 2"),
        (lambda: nanobook.probabilistic_sharpe(1.0, 9, 2.0, 5.0), InvalidValue, "variance of the ratio"),
        (lambda: nanobook.minimum_track_record_length(0.1, confidence=0.5), InvalidValue, "confidence=0.5"),
        (lambda: nanobook.minimum_track_record_length(0.1, confidence=95), InvalidValue, "(0.95 is 95 %)"),
        (lambda: nanobook.expected_maximum_sharpe(0), InvalidValue, "n_trials=0: must be at least 1"),
        (
            lambda: nanobook.expected_maximum_sharpe(9, -1),
            InvalidValue,
            "sharpe_std=-1.0: must not be below 0",
        ),
        (lambda: nanobook.deflated_sharpe(0.1, 0, 0, 3, 100), InvalidValue, "n_trials=0"),
        (lambda: nanobook.deflated_sharpe(0.1, 5), ShapeError, "n_observations: missing"),
        (
            lambda: nanobook.deflated_sharpe(0.1, 5, 0, 3, 9, sharpe_variance=-1),
            InvalidValue,
            "sharpe_variance=-1",
        ),
        (lambda: nanobook.py_deflated_sharpe(1.5, 1, 0, 3), InvalidValue, "or give n_observations"),
        (lambda: nanobook.py_deflated_sharpe(1.5, 0, 0, 3), InvalidValue, "n_trials=0"),
        (lambda: nanobook.quantile_spread([1, 2], [1, 2], 0), InvalidValue, "n_quantiles=0"),
        (lambda: nanobook.quantile_spread([1, 2], [1, 2], -5), InvalidValue, "n_quantiles=-5"),
        (lambda: nanobook.information_coefficient(TABLE, TABLE, "kendall"), InvalidValue, "method='kendall'"),
        (lambda: nanobook.information_coefficient(TABLE, TABLE, lags=-1), InvalidValue, "lags=-1"),
        (
            lambda: nanobook.information_coefficient(TABLE, TABLE, min_symbols=2),
            InvalidValue,
            "min_symbols=2",
        ),
        (lambda: nanobook.information_coefficient(TABLE, TABLE).plot(0), InvalidValue, "window=0"),
        (
            lambda: nanobook.probability_of_backtest_overfitting(TABLE, 5),
            InvalidValue,
            "n_blocks=5: must be even",
        ),
        (lambda: nanobook.probability_of_backtest_overfitting(TABLE, 0), InvalidValue, "n_blocks=0"),
        (lambda: nanobook.probability_of_backtest_overfitting(TABLE, 24), InvalidValue, "n_blocks=24"),
        (
            lambda: nanobook.probability_of_backtest_overfitting(TABLE, 4, "sharp"),
            InvalidValue,
            "did you mean 'sharpe'?",
        ),
        (lambda: nanobook.reality_check(TABLE, resamples=0), InvalidValue, "resamples=0"),
        (
            lambda: nanobook.reality_check(TABLE, block_size=0.5),
            InvalidValue,
            "block_size=0.5: must be from 1",
        ),
        (lambda: nanobook.reality_check(TABLE, block_size=41), InvalidValue, "to the 40 periods"),
        (lambda: nanobook.reality_check(TABLE, seed=-1), InvalidValue, "seed=-1"),
        (lambda: nanobook.reality_check(TABLE, bootstrap="iid"), InvalidValue, "bootstrap='iid'"),
        (
            lambda: nanobook.reality_check(TABLE, bootstrap="circular", block_size=2.5),
            InvalidValue,
            "blocks of one length",
        ),
        (lambda: nanobook.sharpe_interval(SERIES, 95), InvalidValue, "confidence=95.0"),
        (lambda: nanobook.sharpe_interval(SERIES[:9]), ShapeError, "9 values, needs at least 10"),
    ],
)
def test_numbers_out_of_their_range(call, error, message):
    refused(error, message, call=call)


def test_what_the_caller_owns_stays_as_it_was():
    table, series = TABLE.to_numpy().copy(), SERIES.to_numpy().copy()
    nanobook.information_coefficient(table, table[:, ::-1])
    nanobook.quantile_spread(table, table)
    nanobook.superior_predictive_ability(table, series + 0.5 * table[:, 1], resamples=10)
    nanobook.spearman(series, table[:, 1])
    np.testing.assert_array_equal(table, TABLE)
    np.testing.assert_array_equal(series, SERIES)


CONSTANT = 1.01 ** np.arange(1, 41) / 1.01 ** np.arange(40) - 1.0  # 0.01 but for rounding


def test_c020_a_constant_with_rounding_has_no_ratio():
    assert np.ptp(CONSTANT) > 0.0
    refused(ShapeError, "no Sharpe ratio", call=lambda: nanobook.probabilistic_sharpe(CONSTANT))
    refused(ShapeError, "no Sharpe ratio", call=lambda: nanobook.sharpe_interval(CONSTANT))
    table = np.column_stack([CONSTANT, SERIES + 1.0])
    assert (nanobook.probability_of_backtest_overfitting(table, 4).chosen == 1).all()


@pytest.mark.parametrize("value", [1e150, -1e150])
def test_c003_returns_whose_squares_overflow(value):
    for call in ON_TABLES.values():
        refused(
            NonFiniteError,
            f"returns: B 2024-01-02 (row 1) is {value}",
            call=lambda call=call: call(huge(value)),
        )
    for name in ("sharpe (returns)", "benchmark", "returns"):
        refused(NonFiniteError, f"{name} at 2024-01-02", call=lambda n=name: ON_SERIES[n](huge(value)["B"]))


def huge(value):
    return spoiled(TABLE, (1, 1), value)


def test_c003_tiny_returns_have_the_ratio_of_larger_ones():
    assert nanobook.probabilistic_sharpe(SERIES * 1e-200) == pytest.approx(
        nanobook.probabilistic_sharpe(SERIES), rel=1e-12
    )


def test_lags_beyond_the_periods():
    refused(
        InvalidValue,
        "lags=40: must be below the 40 periods",
        call=lambda: nanobook.information_coefficient(TABLE, TABLE + TABLE.to_numpy()[::-1], lags=40),
    )


@pytest.mark.parametrize("trials", [1e17, 1e300])
def test_any_number_of_trials_has_an_expected_maximum(trials):
    near = math.sqrt(2.0 * math.log(trials))
    assert 0.9 * near < nanobook.expected_maximum_sharpe(trials) < near
