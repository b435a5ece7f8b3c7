"""Plain tables, figures, colours."""

import io
from decimal import Decimal

import pytest

from nanobook.rebalancer.tables import RED, colour, figure, money, percent, table


def test_numbers_stand_right_and_texts_left():
    rows = [["AAPL", "1,200", "-3.5%", "open"], ["B", "5", "", "flip to short"]]
    assert table(["Symbol", "Shares", "Diff", "What"], rows).splitlines() == [
        "Symbol  Shares   Diff  What",
        "AAPL     1,200  -3.5%  open",
        "B            5         flip to short",
    ]
    assert table(["A", "B"], []) == "A  B"


def test_c035_strangers_texts_cannot_act():
    text = table(["Symbol"], [["A\x1b[2J\n=cmd()"]])
    assert "\x1b" not in text
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize(
    ("number", "text"),
    [(5, "5"), (Decimal("0.00000001"), "0.00000001"), (Decimal("1E+2"), "100"), (Decimal("1.50"), "1.5")],
)
def test_figures(number, text):
    assert figure(number) == text


@pytest.mark.parametrize(
    ("cents", "places", "text"),
    [
        (Decimal("18502.925926"), 4, "$185.0293"),
        (Decimal("18502.925926"), 2, "$185.03"),
        (-123450, 2, "-$1,234.50"),
        (Decimal("0.012345"), 2, "$0.00012345"),
        (0, 2, "$0.00"),
    ],
)
def test_money_for_people(cents, places, text):
    assert money(cents, places) == text


def test_per_cent():
    assert percent(Decimal("0.12345"), 2) == "12.35%"


class Terminal(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self):
        """Say so."""
        return True


def test_colours_only_where_a_person_looks():
    assert colour("x", RED, io.StringIO(), {}) == "x"
    assert colour("x", RED, Terminal(), {}) == "\x1b[31mx\x1b[0m"
    assert colour("x", RED, Terminal(), {"NO_COLOR": "1"}) == "x"
    assert colour("x", RED, Terminal(), {"TERM": "dumb"}) == "x"
