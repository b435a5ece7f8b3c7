"""Value types: what they show, what they refuse, and that they are the plain things otherwise."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanobook import Exchange, OrderId, Price, Symbol, TradeId, errors
from nanobook.types import INT64_MAX, INT64_MIN


@pytest.mark.parametrize(
    ("cents", "shown"),
    [
        (10050, "$100.50"),
        (0, "$0.00"),
        (7, "$0.07"),
        (-5, "-$0.05"),
        (-250, "-$2.50"),
        (-100, "-$1.00"),
        (INT64_MAX, "$92233720368547758.07"),
        (INT64_MIN, "-$92233720368547758.08"),
    ],
)
def test_prices_are_shown_as_money(cents, shown):
    price = Price(cents)
    assert (str(price), f"{price}", repr(price)) == (shown, shown, f"Price({cents})")
    assert (price, f"{price:d}", type(price + 0)) == (cents, str(cents), int)


def test_constants_of_price():
    assert (Price.ZERO, Price.MIN, Price.MAX) == (0, INT64_MIN, INT64_MAX)
    assert {type(price) for price in (Price.ZERO, Price.MIN, Price.MAX)} == {Price}


def test_ids_are_shown_with_a_letter():
    assert (str(OrderId(42)), repr(OrderId(42)), OrderId(42)) == ("O42", "OrderId(42)", 42)
    assert (str(TradeId(7)), repr(TradeId(7)), TradeId(np.uint8(7))) == ("T7", "TradeId(7)", 7)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: Price(INT64_MAX + 1), errors.PriceOutOfRange),
        (lambda: Price(100.5), errors.PriceType),
        (lambda: Price(True), errors.PriceType),
        (lambda: Price("100"), errors.PriceType),
        (lambda: OrderId(-1), errors.OrderIdOutOfRange),
        (lambda: OrderId(None), errors.OrderIdType),
        (lambda: TradeId(2**63), errors.OrderIdOutOfRange),
    ],
)
def test_c028_values_that_are_none(make, error):
    with pytest.raises(error):
        make()


def test_a_book_takes_them_as_it_takes_numbers():
    book = Exchange()
    book.submit_limit("sell", Price(10050), 3)
    assert book.best_ask() == 10050
    assert book.cancel(OrderId(1)).success


@pytest.mark.parametrize("value", [Price(-5), OrderId(3), TradeId(3), Symbol("Ωx")], ids=repr)
def test_values_can_be_copied_and_pickled(value):
    for other in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert (other, type(other), hash(other)) == (value, type(value), hash(value))


# Symbols


def test_a_symbol_is_text():
    symbol = Symbol("AAPL")
    assert (str(symbol), repr(symbol), f"{symbol}") == ("AAPL", 'Symbol("AAPL")', "AAPL")
    assert symbol == "AAPL"
    assert {symbol: 1}["AAPL"] == 1
    assert type(symbol.as_str()) is str
    assert Symbol("") == ""


@pytest.mark.parametrize("text", ["x" * 32, "Ω" * 16, "🚀" * 8])
def test_symbols_have_up_to_32_bytes(text):
    assert Symbol(text) == Symbol.try_new(text) == text
    with pytest.raises(ValueError, match=f"^Symbol '{text}x' exceeds 32 bytes. Use a shorter symbol.$"):
        Symbol(text + "x")
    assert Symbol.try_new(text + "x") is None


def test_what_is_no_symbol():
    with pytest.raises(UnicodeEncodeError) as caught:
        Symbol("a\ud800")
    assert isinstance(caught.value, errors.InvalidSymbol)
    assert "surrogates" in str(caught.value)
    for value in (None, 5, b"AAPL"):
        with pytest.raises(errors.SymbolType, match="use text"):
            Symbol(value)
        assert Symbol.try_new(value) is None
        with pytest.raises(errors.SymbolType):
            Symbol.from_str_truncated(value)


@pytest.mark.parametrize(
    ("text", "size", "kept"),
    [
        ("1234567Ω", 8, "1234567"),
        ("12345678", 8, "12345678"),
        ("123456789", 8, "12345678"),
        ("ΩΩΩ", 3, "Ω"),
        ("🚀", 3, ""),
        ("abc", 0, ""),
    ],
)
def test_truncation_keeps_whole_characters(text, size, kept):
    assert Symbol.from_str_truncated(text, size) == kept
    assert size != 8 or Symbol.from_str_truncated(text) == kept


@given(st.text(max_size=8), st.text(max_size=8))
def test_symbols_are_ordered_bytewise(one, other):
    try:
        bytewise = one.encode() < other.encode()
    except UnicodeEncodeError:
        return
    assert (Symbol(one) < Symbol(other)) == bytewise


@given(st.text(max_size=40), st.integers(0, 32))
def test_truncated_is_the_longest_beginning_that_fits(text, size):
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    kept = Symbol.from_str_truncated(text, size)
    assert text.startswith(kept)
    assert len(kept.encode()) <= size
    assert kept == text or len(text[: len(kept) + 1].encode()) > size
