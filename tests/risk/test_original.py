"""Hundreds of random calls whose rows, statuses and texts the original answered, version 0.9.3."""

import json
from pathlib import Path

import pytest

from nanobook import RiskEngine

GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "risk_093.json").read_text(encoding="utf-8"))
OURS = {
    *("Unpriced", "Leverage", "Short exposure", "Resulting position"),
    *("Leverage on the way", "Short exposure on the way", "Short selling on the way"),
}
"""Rows beyond the original's; all of them failures."""


ROW = ("limits", "text", "orders", "equity", "held", "weights", "expected")


def as_rows(given):
    return [dict(zip(("name", "status", "detail"), row, strict=True)) for row in given]


def assert_extends(report, expected):
    """The original's rows come first and are equal; what follows is ours, and fails."""
    assert report[: len(expected)] == expected
    further = report[len(expected) :]
    assert {row["name"] for row in further} <= OURS
    assert {row["status"] for row in further} <= {"FAIL"}


def pairs(rows):
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(("limits", "text", "order", "held", "expected"), GOLDEN["orders"])
def test_check_order(limits, text, order, held, expected):
    engine = RiskEngine(**limits)
    assert repr(engine) == text
    prices = {symbol: 1 for symbol, _ in held if symbol != order[0]}
    assert_extends(engine.check_order(*order, pairs(held), prices=prices), as_rows(expected))


@pytest.mark.parametrize(ROW, GOLDEN["batches"])
def test_check_batch(limits, text, orders, equity, held, weights, expected):
    engine = RiskEngine(**limits)
    assert repr(engine) == text
    report = engine.check_batch(pairs(orders), equity, pairs(held), pairs(weights))
    assert_extends(report, as_rows(expected))


def test_most_reports_are_equal_whole():
    """Where nothing beyond the original's checks fails, not even the number of rows differs."""
    same = 0
    for limits, _, order, held, expected in GOLDEN["orders"]:
        prices = {symbol: 1 for symbol, _ in held if symbol != order[0]}
        same += RiskEngine(**limits).check_order(*order, pairs(held), prices=prices) == as_rows(expected)
    assert same > len(GOLDEN["orders"]) // 2
