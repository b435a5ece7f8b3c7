"""Exact numbers against the decimal module and against rules in words."""

import math
import random
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanobook.errors import InvalidValue, NonFiniteError, WrongType
from nanobook.exact import (
    LARGEST,
    cents_of,
    dollars,
    exact,
    in_steps,
    mean,
    plus,
    steps,
    times,
    whole_cents,
)

numbers = st.decimals(-(10**9), 10**9, allow_nan=False, places=6)
LONG, PLACE = Decimal("123456789012345678.123456789012"), Decimal("1e-12")  # 30 digits; a context has 28
above_zero = st.decimals("0.000001", 10**6, allow_nan=False, places=6)


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        *((1.15, 115), (0.29, 29), (4.35, 435), (18.125, Decimal("1812.5")), (19.99, 1999), (-1.15, -115)),
        *((np.float64(1.15), 115), ("1.15", 115), (Decimal("1.150"), 115), (2, 200), (np.int32(2), 200)),
        *((np.float32(1.15), 115), (np.float16(1.5), 150), (np.longdouble("0.29"), 29)),
        *((0.0, 0), (-0.0, 0), ("1e2", 10_000), ("0.00000001", Decimal("0.000001"))),
    ],
)
def test_an_amount_is_what_it_prints_as(amount, cents):
    """Floats times a hundred would be 114.99999999999999, 28.999999999999996, 434.99999999999994."""
    found = cents_of("amount", amount)
    assert (found, type(found)) == (cents, type(cents))


def test_a_hundred_thousand_decimals():
    """As text, as Decimal and as float: the same number, an int where it is whole."""
    rng = random.Random(1)
    for _ in range(100_000):
        whole, places = rng.randrange(-(10**8), 10**8), rng.randrange(6)
        text = f"{whole}e-{places}"
        number = Decimal(text)
        found = exact("x", text)
        assert found == number == exact("x", number)
        assert (type(found) is int) == (whole % 10**places == 0)
        assert Fraction(cents_of("x", text)) == Fraction(number) * 100


@given(st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 4)))
def test_floats_are_the_decimals_that_they_print_as(x):
    assert exact("x", x) == Decimal(repr(x))


@given(st.integers(-(10**12), 10**12))
def test_whole_cents_round_halves_to_even(thousandths):
    amount = Decimal(thousandths) / 1000
    expected = (amount * 100).quantize(Decimal(1), ROUND_HALF_EVEN)
    assert whole_cents("x", amount) == expected
    assert type(whole_cents("x", amount)) is int


@given(numbers, numbers)
def test_sums_and_products_are_exact(a, b):
    a, b = exact("a", a), exact("b", b)
    assert Fraction(plus(a, b)) == Fraction(a) + Fraction(b)
    assert Fraction(times(a, b)) == Fraction(a) * Fraction(b)


@given(st.integers(-(10**17), 10**17), st.integers(-(10**12), 10**12))
def test_the_callers_context_changes_nothing(a, b):
    with localcontext() as context:
        context.prec = 3
        tenth = Decimal("0.1")
        assert Fraction(times(times(a, tenth), b)) == Fraction(a) * b / 10
        assert Fraction(plus(times(a, tenth), b)) == Fraction(a) / 10 + b
        assert in_steps(10**17 + 1, tenth) == 10**17 + 1
        assert in_steps(LONG, PLACE) == LONG
        assert dollars(LONG) == "$1,234,567,890,123,456.78123456789012"
        assert exact("x", LONG) == LONG
        assert steps(10**17, tenth) == 10**18
        assert exact("x", "123456789.5") == Decimal("123456789.5")


@given(numbers, above_zero)
def test_steps_are_counted_towards_zero(value, step):
    rounded = in_steps(exact("v", value), step)
    count = Fraction(rounded) / Fraction(step)
    assert count.denominator == 1
    assert count == math.trunc(Fraction(value) / Fraction(step))
    assert steps(rounded, step) == count
    on_the_grid = Fraction(value) % Fraction(step) == 0
    assert (steps(exact("v", value), step) is None) == (not on_the_grid)


@given(st.integers(-(10**6), 10**6), st.integers(1, 1000))
def test_steps_of_whole_numbers(value, step):
    assert in_steps(value, step) == math.trunc(value / step) * step
    assert steps(value, step) == (value // step if value % step == 0 else None)


@given(numbers, above_zero)
def test_a_mean_is_within_half_of_its_last_place(total, count):
    found = mean(total, count)
    assert abs(Fraction(found) - Fraction(total) / Fraction(count)) <= Fraction(1, 2 * 10**8)


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (True, WrongType, "x: True is a bool"),
        (None, WrongType, "x: None is a NoneType"),
        (b"1", WrongType, "bytes"),
        (1 + 0j, WrongType, "complex"),
        ([1], WrongType, "list"),
        (math.nan, NonFiniteError, "x: nan is not finite"),
        (-math.inf, NonFiniteError, "x: -inf is not finite"),
        (Decimal("sNaN"), NonFiniteError, "not finite"),
        ("Infinity", NonFiniteError, "not finite"),
        ("1,5", InvalidValue, "x: '1,5' is not a number"),
        ("", InvalidValue, "x: '' is not a number"),
        (LARGEST + 1, InvalidValue, "out of range"),
        (-1e19, InvalidValue, "out of range"),
        ("1e999999999", InvalidValue, "out of range"),
        ("1e-13", InvalidValue, "more than 12 decimals"),
        ("0." + "1" * 70, InvalidValue, "more than 12 decimals"),
        ("1e-999999999", InvalidValue, "more than 12 decimals"),
    ],
    ids=str,
)
def test_what_is_no_number_is_named(value, error, words):
    with pytest.raises(error, match=words):
        exact("x", value)


def test_bounds_are_in():
    assert exact("x", LARGEST) == exact("x", str(LARGEST)) == -exact("x", -float(LARGEST)) == LARGEST
    assert exact("x", "0.000000000001") == Decimal("1e-12")
    assert exact("x", "1." + "0" * 70) == 1
    assert exact("x", "1.5" + "0" * 70) == Decimal("1.5")
    assert exact("x", "0e-999999999") == exact("x", "0e999999") == 0


def test_a_hair_above_the_bound_is_out():
    with pytest.raises(InvalidValue, match="out of range"):
        exact("x", f"{LARGEST}.000000000001")


def test_long_numbers_are_not_rounded():
    assert in_steps(LONG, PLACE) == LONG
    assert in_steps(LONG.copy_negate(), 1) == -123456789012345678
    assert dollars(LONG) == "$1,234,567,890,123,456.78123456789012"
    assert plus(LONG, PLACE) == Decimal("123456789012345678.123456789013")


@pytest.mark.parametrize(
    ("cents", "places", "text"),
    [
        (0, 2, "$0.00"),
        (5, 2, "$0.05"),
        (-5, 2, "-$0.05"),
        (123_456_789, 2, "$1,234,567.89"),
        (Decimal("12.345"), 2, "$0.12345"),
        (Decimal("1250"), 2, "$12.50"),
        (18_500, 0, "$185"),
        (10**20, 2, "$1,000,000,000,000,000,000.00"),
    ],
)
def test_money_in_words(cents, places, text):
    assert dollars(cents, places) == text
