"""Kernels of the event log against their naive twins."""

import numpy as np
import pytest

from nanobook.events.fields import COLUMNS, limits
from nanobook.events.segments import TapeSegment
from nanobook.kernels import journal
from nanobook.kernels.book.tape import Flow
from nanobook.types import BY_CLIENT_ID, EVENT, INT64_MAX, INT64_MIN, MAX_QUANTITY
from tests.oracle.events import naive_flow_row, naive_row

NUMBERS = {
    True: {"price": (-(2**31), 2**31), "quantity": (0, 2**31), "order_id": (0, 2**32)},
    False: {"price": (INT64_MIN, INT64_MAX), "quantity": (0, MAX_QUANTITY), "order_id": (0, INT64_MAX)},
}


def a_flow(n, seed, narrow):
    """Messages with a number in every column, used or not."""
    rng = np.random.default_rng(seed)
    codes = {"kind": 4, "side": 2, "tif": 5}
    columns = {name: rng.integers(0, most, n).astype(np.uint8) for name, most in codes.items()}
    for name, (lowest, highest) in NUMBERS[narrow].items():
        columns[name] = rng.integers(lowest, highest, n)
        columns[name][rng.random(n) < 0.1] = lowest
        columns[name][rng.random(n) < 0.1] = highest - 1
    flow = Flow(**columns)
    for column in flow:
        column.flags.writeable = False
    return flow


@pytest.mark.parametrize("client_ids", [False, True])
@pytest.mark.parametrize("narrow", [False, True])
def test_a_packed_flow_is_the_flow_without_what_is_not_used(narrow, client_ids):
    flow = a_flow(500, 7, narrow)
    segment = TapeSegment.of(flow, client_ids, narrow)
    messages = zip(*(column.tolist() for column in flow), strict=True)
    rows = [tuple(naive_flow_row(*message, client_ids).values()) for message in messages]
    assert segment.rows().tolist() == rows
    assert segment.nbytes == 500 * (13 if narrow else 25)
    assert segment[3:77].rows().tolist() == rows[3:77]
    assert (len(segment), len(segment[3:77]), len(segment[5:5])) == (500, 74, 0)


def test_what_is_not_used_need_not_fit():
    flow = a_flow(200, 8, narrow=False)
    limit, cancel = flow._replace(kind=np.zeros(200, np.uint8)), flow._replace(kind=np.ones(200, np.uint8))
    for column in (limit.kind, cancel.kind):
        column.flags.writeable = False
    assert (TapeSegment.of(limit, False, True).order_id == 0).all()
    packed = TapeSegment.of(cancel, False, True)
    assert (packed.price == 0).all()
    assert (packed.quantity == 0).all()


# Rows from elsewhere


def a_row(rng):
    """A row most of whose values are of some kind, one of them perhaps not."""
    low = {"kind": 14, "side": 3, "tif": 5, "marks": 4, "owner": 3, "trail": 4, "period": 9}
    row = {name: int(rng.integers(0, most)) for name, most in low.items()}
    wide = [0, 1, 5, -1, MAX_QUANTITY, MAX_QUANTITY + 1, INT64_MAX, INT64_MIN]
    for name in ("price", "quantity", "order_id", "stop_price", "expiry"):
        row[name] = wide[rng.choice(8, p=[0.1, 0.55, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05])]
    distances = [0.0, 2.0, -3.0, 0.5, 2.0**53, 2.0**53 + 2, np.nan, np.inf, -np.inf]
    row["trail_value"] = float(distances[rng.integers(0, 9)])
    if rng.random() < 0.6:
        row["expiry"] = int(row["tif"] == 4)
    if rng.random() < 0.6:
        row["marks"] &= 2
    if rng.random() < 0.1:
        name = ("kind", "side", "tif", "marks")[rng.integers(0, 4)]
        row[name] = int(rng.integers(0, 256))
    return row


def test_rows_are_cleaned_and_refused_as_by_the_naive_twin():
    rng = np.random.default_rng(11)
    answers = []
    for _ in range(4000):
        row = a_row(rng)
        expected = naive_row(row)
        rows = np.zeros(3, EVENT)
        rows["kind"] = 13
        for name in COLUMNS:
            rows[name][1] = row[name]
        place, _ = journal.clean(rows.view(np.recarray), limits())
        assert (place == 1) == (expected is None), row
        assert place in (1, 3)
        if expected is not None:
            assert dict(zip(COLUMNS, rows[1].item(), strict=True)) == expected
        answers.append(expected is None)
    assert 0.2 < np.mean(answers) < 0.8


@pytest.mark.parametrize(
    ("column", "row"),
    [
        ("kind", {"kind": 14}),
        ("side", {"side": 2}),
        ("tif", {"tif": 5}),
        ("marks", {"marks": 4}),
        ("marks", {"marks": 1, "tif": 1}),
        ("quantity", {"quantity": 0}),
        ("order_id", {"marks": BY_CLIENT_ID, "order_id": -1}),
        ("expiry", {"tif": 4}),
        ("expiry", {"expiry": 1}),
        ("trail", {"kind": 6}),
        ("trail_value", {"kind": 6, "trail": 1, "trail_value": float("inf")}),
        ("price", {"kind": 12}),
    ],
)
def test_the_column_at_fault_is_named(column, row):
    rows = np.zeros(1, EVENT)
    rows["quantity"] = 1
    for name, value in row.items():
        rows[name] = value
    place, found = journal.clean(rows.view(np.recarray), limits())
    assert (place, COLUMNS[found]) == (0, column)
