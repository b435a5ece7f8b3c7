"""How messages name things."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanobook.hints import listing, nearest, printable


def test_the_first_ten_and_the_total():
    assert listing(["a", 2]) == "a, 2"
    assert listing(range(10)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert listing(range(11)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ... (11 in all)"
    assert listing(x for x in ()) == ""


def test_the_word_that_was_meant():
    assert nearest("APPL", ["AAPL", "MSFT"]) == " (did you mean 'AAPL'?)"
    assert nearest(" aapl", ["AAPL", 5]) == " (did you mean 'AAPL'?)"
    assert nearest("XYZ", ["AAPL"]) == nearest(5, ["5"]) == nearest("A", []) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with blanks and ümläuts", "plain, with blanks and ümläuts"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("two\nlines\r\t", "two\\nlines\\r\\t"),
        ("bell\a\x00", "bell\\x07\\x00"),
        ("turned\u202e round", "turned\\u202e round"),
        ("\x9b2J", "\\x9b2J"),
        (5, "5"),
    ],
)
def test_a_strangers_text_cannot_act(text, shown):
    assert printable(text) == shown


@given(st.text())
def test_what_is_shown_is_printable(text):
    assert printable(text).isprintable()
    if text.isprintable():
        assert printable(text) == text
