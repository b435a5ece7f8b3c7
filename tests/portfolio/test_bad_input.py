"""Bad input gets one typed error that names the parameter, the place, the value and the remedy.

A number in a test's name is the row of the project's list of bad inputs that it holds.
"""

import math

import numpy as np
import pandas as pd
import pytest

from nanobook.errors import (
    InvalidValue,
    MissingPriceError,
    NanobookError,
    NonFiniteError,
    NotionalOverflow,
    PriceJumpWarning,
    ShapeError,
    WrongType,
)
from nanobook.portfolio import backtest_weights

DAYS = pd.date_range("2020-03-05", periods=4, name="day")
NAMES = ["AAPL", "MSFT", "XOM"]


def weights():
    return pd.DataFrame(np.full((4, 3), 0.3), DAYS, NAMES)


def prices():
    return pd.DataFrame([[10000, 20000, 3000]] * 4, DAYS, NAMES)


def floats():
    return prices() / 100


def play(w=None, p=None, cash=1_000_000, bps=10, **more):
    return backtest_weights(weights() if w is None else w, prices() if p is None else p, cash, bps, **more)


def changed(frame, row, column, value):
    frame = frame.copy()
    frame.iloc[row, column] = value
    return frame


def refused(error, *parts, **arguments):
    """Play and expect ``error`` itself, a NanobookError, whose message has every part."""
    with pytest.raises(error) as caught:
        play(**arguments)
    assert type(caught.value) is error
    assert isinstance(caught.value, NanobookError)
    for part in parts:
        assert part in str(caught.value)


def test_c001_missing_price_under_a_position():
    """Sold too late: a weight of zero does not help where there is no price to sell at."""
    w = changed(weights(), 2, 0, 0.0)
    refused(
        MissingPriceError,
        "price_schedule",
        "a position is held",
        "AAPL 2020-03-07 (row 2) is nan",
        w=w,
        p=changed(floats(), 2, 0, np.nan),
    )
    refused(MissingPriceError, "AAPL 2020-03-07 (row 2) is 0", w=w, p=changed(prices(), 2, 0, 0))
    refused(MissingPriceError, "column 0 row 2 is 0", w=w.to_numpy(), p=changed(prices(), 2, 0, 0).to_numpy())


def test_c001_missing_price_under_a_weight():
    refused(
        MissingPriceError,
        "weight_schedule asks for a position",
        "MSFT 2020-03-06 (row 1) is nan",
        "give a price",
        p=changed(floats(), 1, 1, np.nan),
    )


def test_c001_a_price_that_rounds_to_nothing_says_so():
    refused(
        MissingPriceError,
        "MSFT 2020-03-06 (row 1) is 0.004",
        "rounds to 0 at price_scale=100",
        p=changed(floats(), 1, 1, 0.004),
    )
    assert play(p=changed(floats(), 1, 1, 0.004), price_scale=10_000).final_cash


def test_c002_no_price_before_listing_and_after_delisting():
    w, p = weights(), floats()
    w.iloc[:2, 1] = w.iloc[2:, 2] = 0.0
    p.iloc[:2, 1] = p.iloc[3:, 2] = np.nan
    result = play(w, p)
    assert result.positions["MSFT"].tolist()[:2] == [0, 0]
    assert result.symbol_returns["MSFT"].isna().tolist() == [True, True, True, False]


@pytest.mark.parametrize("value", [math.inf, 1e308])
def test_c003_infinite_and_immense_prices(value):
    error = NonFiniteError if math.isinf(value) else NotionalOverflow
    refused(error, "price_schedule", "XOM 2020-03-05 (row 0) is", p=changed(floats(), 0, 2, value))


def test_c003_minus_infinity_and_subnormals():
    refused(InvalidValue, "XOM 2020-03-05 (row 0) is -inf", p=changed(floats(), 0, 2, -math.inf))
    refused(MissingPriceError, "XOM 2020-03-05 (row 0) is 5e-324", p=changed(floats(), 0, 2, 5e-324))
    refused(NonFiniteError, "XOM 2020-03-05 (row 0) is inf", w=changed(weights(), 0, 2, math.inf))
    assert play(changed(weights(), 0, 2, 5e-324)).positions["XOM"].iloc[0] == 0


def test_c003_integers_too_large():
    big = prices().to_numpy(np.uint64, copy=True)
    big[1, 1] = 2**64 - 1
    refused(NotionalOverflow, "column 1 row 1 is 18446744073709551615", w=weights().to_numpy(), p=big)
    refused(NotionalOverflow, "(row 1) is 9223372036854775807", p=changed(prices(), 1, 1, 2**63 - 1))
    refused(InvalidValue, "A in row 0 is 1", "too large", w=[[("A", 1.0)]], p=[[("A", 10**30)]])


@pytest.mark.parametrize("table", [prices, floats])
def test_c004_negative_prices_even_where_nothing_is_held(table):
    w = weights()
    w["XOM"] = 0.0
    refused(
        InvalidValue, "XOM 2020-03-07 (row 2) is -37", "must be above 0", w=w, p=changed(table(), 2, 2, -37)
    )


def test_c004_zero_is_no_price():
    refused(MissingPriceError, "XOM 2020-03-07 (row 2) is 0", p=changed(prices(), 2, 2, 0))


def test_c005_a_price_jump_is_warned_of_and_taken_as_given():
    jump = prices()
    jump.iloc[2:, 0] //= 100
    with pytest.warns(PriceJumpWarning, match=r"price_schedule: AAPL 2020-03-07 \(row 2\) changes by -99"):
        result = play(p=jump)
    assert result.returns.iloc[2] == pytest.approx(-0.297, abs=0.01)
    assert play(p=jump, max_jump=None) == result


def test_c006_unsorted_dates():
    order = [0, 2, 1, 3]
    refused(
        InvalidValue,
        "weight_schedule: the index must increase",
        "2020-03-06 (row 2) follows 2020-03-07",
        ".sort_index()",
        w=weights().iloc[order],
        p=prices().iloc[order],
    )


def test_c007_duplicate_dates():
    order = [0, 1, 1, 2]
    refused(
        InvalidValue,
        "dates twice: 2020-03-06",
        "keep one row of each",
        w=weights().iloc[order],
        p=prices().iloc[order],
    )


def test_c008_duplicate_symbols():
    twice = ["AAPL", "MSFT", "AAPL"]
    refused(
        InvalidValue,
        "weight_schedule: columns named twice: AAPL",
        w=weights().set_axis(twice, axis=1),
        p=prices().set_axis(twice, axis=1),
    )
    refused(
        InvalidValue,
        "symbols: named twice: A",
        w=weights().to_numpy(),
        p=prices().to_numpy(),
        symbols=list("ABA"),
    )
    row = [("A", 0.5), ("A", 0.2)]
    refused(InvalidValue, "weight_schedule: row 1 names twice: A", w=[[], row], p=[[("A", 1)], [("A", 1)]])
    refused(InvalidValue, "price_schedule: row 0 names twice: A", w=[[]], p=[[("A", 1), ("A", 2)]])


@pytest.mark.parametrize("wrong", ["aapl", "AAPL ", "\ufeffAAPL", "APPL"])
def test_c009_names_match_exactly_and_the_nearest_is_suggested(wrong):
    refused(
        ShapeError,
        f"only in weight_schedule: {wrong}",
        "did you mean 'AAPL'?",
        w=weights().rename(columns={"AAPL": wrong}),
    )
    refused(
        InvalidValue,
        f"weight_schedule: no price ever for {wrong} (did you mean 'AAPL'?)",
        w=[[(wrong, 0.5)]],
        p=[[("AAPL", 100), ("MSFT", 200)]],
    )


def test_c010_missing_column():
    refused(
        ShapeError,
        "weight_schedule (4, 3) vs price_schedule (4, 2)",
        "only in weight_schedule: XOM",
        p=prices()[NAMES[:2]],
    )
    refused(ShapeError, "only in price_schedule: AAPL", w=weights()[["MSFT", "XOM"]])


@pytest.mark.parametrize("text", ["1,234.5", "N/A", "-", ""])
def test_c011_text_among_the_numbers(text):
    p = prices().astype(object)
    p.iloc[2, 1] = text
    refused(WrongType, "price_schedule: column 'MSFT' holds object", repr(text), "2020-03-07", p=p)
    refused(WrongType, "price_schedule: A in row 0", repr(text), "str", w=[[("A", 0.5)]], p=[[("A", text)]])
    refused(WrongType, "weight_schedule: A in row 0", repr(text), "str", w=[[("A", text)]], p=[[("A", 100)]])


def test_c012_time_zones_mixed():
    refused(ShapeError, "time zones None and UTC", p=prices().tz_localize("UTC"))
    both = play(weights().tz_localize("UTC"), prices().tz_localize("UTC"))
    assert str(both.equity_curve.index.tz) == "UTC"


def test_c013_units_of_time_do_not_matter():
    fine = weights().set_axis(DAYS.as_unit("ns")), prices().set_axis(DAYS.as_unit("s"))
    assert play(*fine).final_cash == play().final_cash


def test_c015_shapes_differ():
    w, p = weights().to_numpy(), prices().to_numpy()
    refused(ShapeError, "weight_schedule (4, 3) vs price_schedule (4, 2)", w=w, p=p[:, :2])
    refused(ShapeError, "weight_schedule (3, 3) vs price_schedule (4, 3)", w=w[:3], p=p)
    refused(ShapeError, "weight_schedule (4, 3) vs price_schedule (3, 3)", w=w, p=prices().iloc[1:])
    refused(ShapeError, "only in weight_schedule: 2020-03-08", "select the common rows", p=prices().iloc[:3])
    refused(ShapeError, "needs at least one period", w=weights().iloc[:0])
    refused(ShapeError, "shape (4,)", "needs (T, N)", w=w[:, 0], p=p)
    refused(ShapeError, "shape (1, 4, 3)", w=w[None], p=p)
    refused(ShapeError, "weight_schedule (2 rows) vs price_schedule (1 rows)", w=[[], []], p=[[("A", 1)]])
    refused(ShapeError, "symbols: 2 names for 3 columns", w=w, p=p, symbols=["A", "B"])


def test_c016_weights_above_the_leverage_allowed():
    w = weights()
    w.iloc[2] = [0.5, -0.4, 0.2]
    refused(
        InvalidValue,
        "2020-03-07 (row 2) sum to 1.100000, more than max_leverage=1",
        "largest: AAPL 0.5, MSFT -0.4, XOM 0.2",
        w=w,
    )
    assert play(w, max_leverage=1.1).final_cash
    assert play(w * 50, max_leverage=None).final_cash < 0
    refused(InvalidValue, "sum to 1.000001", w=weights() / 0.9 * 1.000001)
    thirds = pd.DataFrame(np.full((4, 3), 1 / 3 + 1e-10), DAYS, NAMES)
    assert play(thirds).final_cash is not None


@pytest.mark.parametrize("row", [[-1e300, 0.0, 0.0], [1e308, 1e308, 0.0]])
def test_c016_immense_weights(row):
    w = weights()
    w.iloc[1] = row
    with np.errstate(over="ignore", invalid="ignore"):
        refused(NotionalOverflow, "2020-03-06 (row 1): what is held and traded", w=w, max_leverage=None)
    refused(InvalidValue, "more than max_leverage=1", "fractions, not percent", w=w.clip(-1e300, 1e300))


def test_c016_a_sum_of_zero_is_cash():
    assert play(weights() * 0).equity_curve.tolist() == [1_000_000] * 4


def test_c017_missing_weights():
    w = changed(changed(weights(), 1, 0, np.nan), 3, 2, np.nan)
    refused(
        NonFiniteError,
        "weight_schedule",
        "AAPL 2020-03-06 (row 1) is nan, XOM 2020-03-08 (row 3) is nan",
        "0 for none",
        w=w,
    )
    refused(NonFiniteError, "A row 0 is nan", w=[[("A", math.nan)]], p=[[("A", 100)]])
    nullable = weights().astype("Float64")
    nullable.iloc[1, 1] = pd.NA
    refused(NonFiniteError, "MSFT 2020-03-06 (row 1) is nan", w=nullable)
    integers = (weights() * 0).astype("Int64")
    integers.iloc[1, 1] = pd.NA
    refused(NonFiniteError, "MSFT 2020-03-06 (row 1) is nan", w=integers)


def test_c017_many_bad_cells_are_counted():
    w = weights() * np.nan
    w.loc[:, "XOM"] = 0.0
    refused(NonFiniteError, "AAPL 2020-03-05 (row 0) is nan", w=w)
    w = changed(pd.DataFrame(np.full((20, 3), np.nan), columns=NAMES), 0, 0, 0.5)
    w.loc[:, "MSFT"] = 0.0
    refused(NonFiniteError, "... (39 in all)", w=w, p=pd.DataFrame(np.full((20, 3), 100), columns=NAMES))


def test_c017_a_schedule_without_a_number_trades_nothing_and_is_refused():
    refused(
        NonFiniteError, "weight_schedule (4, 3): NaN throughout", "keeps what is held", w=weights() * np.nan
    )


def test_c018_weight_of_a_symbol_without_a_price():
    refused(
        MissingPriceError,
        "asks for a position: B row 0 is 0",
        w=[[("B", 0.5)], []],
        p=[[("A", 1)], [("A", 1), ("B", 2)]],
    )
    refused(InvalidValue, "no price ever for B", w=[[("B", 0.0)]], p=[[("A", 1)]])
    refused(
        MissingPriceError, "a position is held: A row 1", w=[[("A", 0.5)], []], p=[[("A", 1)], [("B", 2)]]
    )


def test_c019_percent_and_basis_points():
    refused(InvalidValue, "sum to 180.000000", "fractions, not percent", w=weights() * 200)
    refused(InvalidValue, "cost_bps=10001: must be from 0 to 10000", bps=10_001)
    refused(InvalidValue, "cost_bps=0.25: needs a whole number", bps=0.25)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (-1, InvalidValue),
        (-50.0, InvalidValue),
        (1e6, InvalidValue),
        (2.5, InvalidValue),
        (math.nan, InvalidValue),
        (math.inf, InvalidValue),
        (True, WrongType),
        (np.True_, WrongType),
        ("10", WrongType),
        (None, WrongType),
    ],
)
def test_c019_costs_that_are_none(value, error):
    refused(error, "cost_bps=", bps=value)


def test_costs_that_are_whole_are_taken():
    assert play(bps=10.0).final_cash == play(bps=np.int8(10)).final_cash == play().final_cash


def test_c020_nothing_to_play():
    refused(ShapeError, "weight_schedule (0, 3)", "at least one period", w=np.ones((0, 3)), p=np.ones((0, 3)))
    refused(ShapeError, "weight_schedule (3, 0)", "one symbol", w=np.ones((3, 0)), p=np.ones((3, 0)))
    refused(ShapeError, "at least one period", w=weights().iloc[:0], p=prices().iloc[:0])
    refused(ShapeError, "price_schedule: empty", w=[], p=[])
    assert play(weights().iloc[:1], prices().iloc[:1]).equity_curve.tolist() == [999100]


@pytest.mark.parametrize("kind", [bool, complex, object, str, "datetime64[s]"])
def test_c026_types_that_are_no_numbers(kind):
    table = np.ones((4, 3)).astype(np.int64).astype(kind)
    refused(WrongType, "weight_schedule: holds", "needs numbers", w=table, p=prices().to_numpy())
    refused(WrongType, "price_schedule: holds", "needs numbers", w=weights().to_numpy(), p=table)
    refused(
        WrongType, "price_schedule: column 'AAPL' holds", "needs numbers", p=pd.DataFrame(table, DAYS, NAMES)
    )


def test_c026_masked_categorical_and_truth_values():
    masked = np.ma.masked_array(prices().to_numpy(), mask=False)
    refused(WrongType, "price_schedule: a masked array", ".filled(", w=weights().to_numpy(), p=masked)
    refused(WrongType, "column 'XOM' holds category", p=prices().astype({"XOM": "category"}))
    refused(
        WrongType, "weight_schedule: A in row 1 is True", w=[[("A", 1)], [("A", True)]], p=[[("A", 5)]] * 2
    )
    refused(WrongType, "price_schedule: A in row 0 is True", w=[[("A", 1)]], p=[[("A", True)]])


def test_c027_containers_that_are_no_schedule():
    pair = [[("A", 1.0)]]
    refused(WrongType, "weight_schedule: generator is not accepted", w=(row for row in pair), p=[[("A", 1)]])
    refused(WrongType, "a dict by date needs prices with dates", w={"A": 1.0}, p=[[("A", 1)]])
    refused(WrongType, "'A' has float, needs a dict of weights", w={"A": 1.0})
    refused(WrongType, "price_schedule: A has int, needs a list of (date, price) pairs", p={"A": 1})
    refused(InvalidValue, "price_schedule: A has a date twice", p={"A": [(1, 5), (1, 6)]})
    refused(ShapeError, "price_schedule: empty", p={})
    refused(WrongType, "weight_schedule: int is not accepted", w=1, p=[[("A", 1)]])
    refused(WrongType, "price_schedule: str is not accepted", w=pair, p="A")
    refused(
        WrongType,
        "weight_schedule: row 0, entry 0: 0.5 is no (symbol, number) pair",
        "pass an array",
        w=[[0.5, 0.5]],
        p=[[1, 2]],
    )
    refused(WrongType, "weight_schedule: row 0 is float", w=[0.5, 0.5], p=[[1, 2]] * 2)
    refused(WrongType, "row 0, entry 0: ('A', 1, 2) is no", w=[[("A", 1, 2)]], p=[[("A", 1)]])
    refused(WrongType, "row 0: 7 is no symbol", w=[[(7, 1.0)]], p=[[("A", 1)]])
    refused(WrongType, "row 0, entry 0: ['A'] is no symbol", w=[[(["A"], 1.0)]], p=[[("A", 1)]])
    refused(WrongType, "A in row 0 is [1.0]", w=[[("A", [1.0])]], p=[[("A", 1)]])
    refused(WrongType, "one is a list of rows, the other a table", w=pair, p=prices())


def test_c027_other_libraries_frames_are_taken_by_their_columns():
    class Frame:
        columns = NAMES[::-1]

        def to_numpy(self):
            return prices().to_numpy()[:, ::-1]

    other = play(weights().reset_index(drop=True), Frame())
    assert other.equity_curve.tolist() == play().equity_curve.tolist()


def test_integer_and_float_prices_are_not_mixed():
    refused(WrongType, "price_schedule: row 0 mixes", w=[[]], p=[[("A", 100), ("B", 1.5)]])
    refused(WrongType, "price_schedule: row 1 mixes", w=[[], []], p=[[("A", 100)], [("A", 1.5)]])


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (0, InvalidValue),
        (-5, InvalidValue),
        (2**53, InvalidValue),
        (1e6, WrongType),
        (math.nan, WrongType),
        (True, WrongType),
        ("1000", WrongType),
        (None, WrongType),
    ],
)
def test_cash_that_is_none(value, error):
    refused(error, "initial_cash=", "cents", cash=value)


@pytest.mark.parametrize(
    ("arguments", "error", "part"),
    [
        ({"periods_per_year": 0}, InvalidValue, "periods_per_year=0.0: must be above 0"),
        ({"periods_per_year": math.nan}, NonFiniteError, "periods_per_year=nan"),
        ({"risk_free": math.inf}, NonFiniteError, "risk_free=inf"),
        ({"max_leverage": 0}, InvalidValue, "max_leverage=0.0"),
        ({"max_leverage": math.nan}, NonFiniteError, "max_leverage=nan"),
        ({"price_scale": 150}, InvalidValue, "price_scale=150: must be a multiple of 100"),
        ({"price_scale": 1}, InvalidValue, "price_scale=1: must be from 100"),
        (
            {"price_scale": 1000},
            InvalidValue,
            "price_scale=1000: price_schedule holds integers, which are cents",
        ),
        (
            {"stop_cfg": {"fixed_stop_pct": -0.1}},
            InvalidValue,
            "['fixed_stop_pct']=-0.1: must be finite and in",
        ),
        ({"stop_cfg": {"fixed_stop_pct": 5}}, InvalidValue, "5 % is 0.05"),
        ({"stop_cfg": {"trailing_stop_pct": math.nan}}, NonFiniteError, "['trailing_stop_pct']=nan"),
        ({"stop_cfg": {"trailing_stop_pct": None}}, WrongType, "['trailing_stop_pct']=None"),
        ({"stop_cfg": {"trailing_stop_pctt": 0.1}}, InvalidValue, "(did you mean 'trailing_stop_pct'?)"),
        ({"stop_cfg": {7: 0.1}}, InvalidValue, "unknown key 7; there are fixed_stop_pct, "),
        ({"stop_cfg": {"atr_multiple": 0}}, InvalidValue, "['atr_multiple']=0: must be finite and > 0"),
        ({"stop_cfg": {"atr_multiple": 1, "atr_period": 0}}, InvalidValue, "atr_period must be >= 1"),
        ({"stop_cfg": {"atr_period": 5}}, InvalidValue, "atr_period without atr_multiple"),
        ({"stop_cfg": {"trigger": "open"}}, InvalidValue, "must be one of close, intrabar"),
        ({"stop_cfg": 0.1}, WrongType, "stop_cfg: float, needs a dict or None"),
        ({"symbols": NAMES}, InvalidValue, "symbols: the columns name the symbols already"),
    ],
)
def test_settings_out_of_range(arguments, error, part):
    refused(error, part, **arguments)


def test_symbols_of_arrays_and_rows():
    w, p = weights().to_numpy(), prices().to_numpy()
    refused(WrongType, "symbols='ABC': needs a list of names", w=w, p=p, symbols="ABC")
    refused(InvalidValue, "symbols: the rows name their symbols", w=[[]], p=[[("A", 1)]], symbols=["A"])
    refused(
        NonFiniteError, "XOM row 0 is nan", w=changed(weights(), 0, 2, np.nan).to_numpy(), p=p, symbols=NAMES
    )


def test_amounts_too_large_name_the_period():
    p = np.array([[1], [2**40]])
    refused(NotionalOverflow, "row 1: what is held and traded reaches 2**53", w=np.ones((2, 1)), p=p)


def test_a_broken_index():
    gap = weights().set_axis(pd.DatetimeIndex(["2020-03-05", None, "2020-03-07", "2020-03-08"]))
    refused(InvalidValue, "the index has a missing label at row 1", w=gap, p=prices())


def test_every_refusal_is_also_the_builtin_that_python_would_raise():
    for arguments, builtin in (
        ({"cash": "1"}, TypeError),
        ({"cash": 0}, ValueError),
        ({"w": weights() * np.nan}, ValueError),
        ({"p": prices() * 2**40}, OverflowError),
        ({"stop_cfg": {"fixed_stop_pct": None}}, TypeError),
    ):
        with pytest.raises(builtin):
            play(**arguments)
