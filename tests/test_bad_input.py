"""Inputs that go wrong and the right answer: one typed error that tells, and a book as it was.

The numbers in the names of tests are those of the list of bad inputs for orders and the engine.
"""

import builtins
import re

import numpy as np
import pandas as pd
import pytest

from nanobook import Exchange, MessageKind, Outcome, Side, TimeInForce, errors
from nanobook.types import INT64_MAX, INT64_MIN, MAX_QUANTITY
from tests.tapes import flow


def a_book():
    """Two resting orders, a trade, a dead order."""
    book = Exchange()
    book.submit_limit("sell", 101, 10)
    book.submit_limit("buy", 99, 10)
    book.submit_limit("buy", 101, 4)
    book.submit_limit("buy", 98, 1)
    book.cancel(4)
    return book


def refused(book, call, error, *told):
    """Check that a call raises just this error, that its text tells, and that nothing changed."""
    before = book.digest()
    with pytest.raises(errors.NanobookError) as caught:
        call()
    assert type(caught.value) is error
    text = str(caught.value)
    for part in told:
        assert str(part) in text, f"{part!r} is not in {text!r}"
    assert re.search(r"\buse\b|Use|lower|split|give|cancel|needed|start|wait", text), f"no remedy in {text!r}"
    assert book.digest() == before
    return caught.value


ROWS = {
    "kind": ["limit", "limit", "cancel", "modify", "market"],
    "side": ["sell", "buy", "buy", "sell", "buy"],
    "price": [101, 102, 0, 103, 0],
    "quantity": [5, 2, 0, 4, 3],
    "tif": ["gtc", "gtc", "gtc", "gtc", "gtc"],
    "order_id": [0, 0, 2, 1, 0],
}
CODES = {
    "kind": np.array([0, 0, 1, 2, 3], np.uint8),
    "side": np.array([1, 0, 0, 1, 0], np.uint8),
    "price": np.array(ROWS["price"]),
    "quantity": np.array(ROWS["quantity"]),
    "tif": np.zeros(5, np.uint8),
    "order_id": np.array(ROWS["order_id"]),
}


def changed(name, row, value):
    """Plain columns with one value changed."""
    column = CODES[name].astype(np.int64)
    column[row] = value
    return CODES | {name: column}


# 28: quantities

AMOUNTS = [
    (0, errors.QuantityOutOfRange, "0"),
    (-1, errors.QuantityOutOfRange, "-1"),
    (-(2**63), errors.QuantityOutOfRange, -(2**63)),
    (-(2**70), errors.QuantityOutOfRange, -(2**70)),
    (2**62 + 1, errors.QuantityOutOfRange, 2**62 + 1),
    (2**63, errors.QuantityOutOfRange, 2**63),
    (2**64, errors.QuantityOutOfRange, 2**64),
    (np.uint64(2**63), errors.QuantityOutOfRange, 2**63),
    (1.5, errors.QuantityType, 1.5),
    (5.0, errors.QuantityType, 5.0),
    (float("nan"), errors.QuantityType, "nan"),
    (float("inf"), errors.QuantityType, "inf"),
    (np.float64(2), errors.QuantityType, "2.0"),
    ("5", errors.QuantityType, "'5'"),
    (None, errors.QuantityType, None),
    (True, errors.QuantityType, True),
    (np.array([1, 2]), errors.QuantityType, "1, 2"),
]


@pytest.mark.parametrize(("value", "error", "shown"), AMOUNTS, ids=repr)
def test_c028_quantity_of_a_call(value, error, shown):
    book = a_book()
    refused(book, lambda: book.submit_limit("buy", 0, value), error, "quantity", shown)
    refused(book, lambda: book.submit_limit("buy", 101, value, "fok"), error, "quantity", shown)
    refused(book, lambda: book.submit_market("buy", value), error, "quantity", shown)
    if shown != "0":
        refused(book, lambda: book.modify(2, 0, value), error, "new_quantity", shown)


def test_c028_errors_are_the_builtins_too():
    book = a_book()
    for value, kind in ((-1, OverflowError), (2**64, OverflowError), (1.5, TypeError), (0, ValueError)):
        with pytest.raises(kind):
            book.submit_limit("buy", 1, value)
        with pytest.raises(errors.InvalidQuantity):
            book.submit_market("buy", value)


@pytest.mark.parametrize("quantity", [1, 2**31, 2**32, 2**53 + 1, 2**62])
def test_c028_large_quantities_that_are_allowed(quantity):
    book = Exchange()
    assert book.submit_limit("buy", 1, quantity).resting_quantity == quantity
    assert book.submit_limit("sell", 1, quantity).filled_quantity == quantity
    tape = {"kind": [0, 3], "side": [0, 1], "price": [-1, 0], "quantity": [quantity, quantity]}
    assert book.process(tape).filled.tolist() == [0, quantity]
    assert sum(trade.quantity for trade in book.trades()) == 2 * quantity


@pytest.mark.parametrize(
    ("row", "value", "error"),
    [
        (0, 0, errors.InvalidQuantity),
        (4, 0, errors.InvalidQuantity),
        (1, -1, errors.QuantityOutOfRange),
        (3, -1, errors.QuantityOutOfRange),
        (0, INT64_MIN, errors.QuantityOutOfRange),
        (4, 2**62 + 1, errors.QuantityOutOfRange),
        (1, INT64_MAX, errors.QuantityOutOfRange),
        (3, 2**62 + 1, errors.QuantityOutOfRange),
    ],
)
def test_c028_quantity_of_a_row(row, value, error):
    book = a_book()
    refused(
        book, lambda: book.process(changed("quantity", row, value)), error, f"row {row}", "quantity", value
    )
    refused(book, lambda: book.process(changed("quantity", row, value), levels=2), error, f"row {row}")


@pytest.mark.parametrize("value", [2**63, 2**64, -(2**63) - 1])
def test_c028_quantities_of_a_list_beyond_int64(value):
    book = a_book()
    tape = ROWS | {"quantity": [5, value, 0, 4, 3]}
    refused(book, lambda: book.process(tape), errors.QuantityOutOfRange, "quantity", "row 1", value)


def test_c028_the_first_bad_row_is_named():
    book = a_book()
    tape = changed("quantity", 1, -7)
    tape["quantity"][3] = -9
    refused(book, lambda: book.process(tape), errors.QuantityOutOfRange, "row 1", -7)


# 29: prices

PRICES = [
    (100.0, errors.PriceType, 100.0),
    (100.005, errors.PriceType, 100.005),
    (float("nan"), errors.PriceType, "nan"),
    (np.float32(5), errors.PriceType, 5.0),
    ("100", errors.PriceType, "'100'"),
    (None, errors.PriceType, None),
    (False, errors.PriceType, False),
    (2**63, errors.PriceOutOfRange, 2**63),
    (-(2**63) - 1, errors.PriceOutOfRange, -(2**63) - 1),
    (np.uint64(2**63), errors.PriceOutOfRange, 2**63),
    (10**30, errors.PriceOutOfRange, 10**30),
]


@pytest.mark.parametrize(("value", "error", "shown"), PRICES, ids=repr)
def test_c029_price_of_a_call(value, error, shown):
    book = a_book()
    refused(book, lambda: book.submit_limit("buy", value, 1), error, "price", shown)
    refused(book, lambda: book.submit_limit("sell", value, 1, "ioc"), error, "price", shown)
    refused(book, lambda: book.modify(2, value, 1), error, "new_price", shown)


def test_c029_errors_are_the_builtins_too():
    for value, kind in ((1.5, TypeError), (2**63, OverflowError)):
        with pytest.raises(kind):
            Exchange().submit_limit("buy", value, 1)
        with pytest.raises(errors.InvalidPrice):
            Exchange().submit_limit("buy", value, 1)


@pytest.mark.parametrize("column", [[100.0, 100.5, 0, 1, 0], np.full(5, 1.0), np.full(5, np.nan, np.float32)])
def test_c029_prices_as_floats(column):
    book = a_book()
    refused(book, lambda: book.process(CODES | {"price": column}), errors.PriceType, "price", "float")
    refused(
        book, lambda: book.process(CODES | {"quantity": column}), errors.QuantityType, "quantity", "float"
    )
    refused(book, lambda: book.process(CODES | {"order_id": column}), errors.OrderIdType, "order_id", "float")


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 2**80])
def test_c029_prices_of_a_list_beyond_int64(value):
    book = a_book()
    tape = ROWS | {"price": [101, 102, 0, value, 0]}
    refused(book, lambda: book.process(tape), errors.PriceOutOfRange, "price", "row 3", value)


def test_c029_unsigned_too_large():
    book = a_book()
    column = np.array([1, 2, 3, 2**63, 2**63 - 1], np.uint64)
    refused(book, lambda: book.process(CODES | {"price": column}), errors.PriceOutOfRange, "row 3", 2**63)
    refused(
        book, lambda: book.process(CODES | {"quantity": column}), errors.QuantityOutOfRange, "row 3", 2**63
    )
    refused(
        book, lambda: book.process(CODES | {"order_id": column}), errors.OrderIdOutOfRange, "row 3", 2**63
    )


# 30: price times quantity

TOO_MUCH = [
    (INT64_MAX, 2),
    (-INT64_MAX, 2),
    (INT64_MIN, 2),
    (3_037_000_500, 3_037_000_500),
    (2**62, 2),
    (2, 2**62),
]


@pytest.mark.parametrize(("price", "quantity"), TOO_MUCH)
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_c030_notional_of_a_call(price, quantity, side):
    """Also at the price of a market order, which as a limit order would rest."""
    book = a_book()
    told = price, quantity, "outside int64"
    refused(book, lambda: book.submit_limit(side, price, quantity), errors.NotionalOverflow, *told)
    refused(book, lambda: book.modify(1 + (side == "buy"), price, quantity), errors.NotionalOverflow, *told)


@pytest.mark.parametrize(("price", "quantity"), TOO_MUCH)
@pytest.mark.parametrize("kind", [MessageKind.LIMIT, MessageKind.MODIFY])
@pytest.mark.parametrize("order_id", [1, -5])
def test_c030_notional_of_a_row(price, quantity, kind, order_id):
    """A new order's id column means nothing without client ids, so it is not what is wrong."""
    if kind == MessageKind.MODIFY and order_id < 0:
        order_id = 2
    book = a_book()
    tape = {"kind": [1, kind], "side": [0, 0], "price": [0, price], "quantity": [0, quantity]}
    tape["order_id"] = [99, order_id]
    told = "row 1", price, quantity, "outside int64"
    refused(book, lambda: book.process(tape), errors.NotionalOverflow, *told)


@pytest.mark.parametrize(
    ("price", "quantity"), [(INT64_MAX, 1), (1, MAX_QUANTITY), (INT64_MIN, 1), (-2, 2**62)]
)
def test_c030_products_that_just_fit(price, quantity):
    book = Exchange()
    tape = {"kind": [0], "side": [1], "price": [price], "quantity": [quantity]}
    assert book.process(tape).resting.tolist() == [quantity]
    assert book.submit_limit("buy", price, quantity).filled_quantity == quantity
    assert book.submit_limit("buy", price, quantity).is_resting()
    assert book.trades()[0].notional() == price * quantity


def test_c030_sums_of_lots():
    book = Exchange()
    book.submit_limit("buy", 1, 2**62)
    book.submit_limit("buy", 1, 2**62 - 1)
    refused(book, lambda: book.submit_limit("buy", 1, 1), errors.NotionalOverflow, "quantity 1", INT64_MAX)
    tape = {"kind": [0] * 3, "side": [0] * 3, "price": [1] * 3, "quantity": [2**61] * 3}
    refused(book, lambda: book.process(tape), errors.NotionalOverflow, "quantity", 2**63 - 1 + 3 * 2**61)
    other = tape | {"side": [1] * 3, "price": [2] * 3}
    assert book.process(other).resting.tolist() == [2**61] * 3, "each side has a bound of its own"
    assert book.submit_limit("sell", 1, 5).filled_quantity == 5
    assert book.submit_limit("buy", 1, 5).resting_quantity == 5


# 31 and 32: ids


def test_c031_live_and_dead_names():
    book = Exchange()
    tape = {
        "kind": ["limit", "limit", "market", "cancel", "limit", "limit"],
        "side": ["buy", "buy", "sell", "buy", "sell", "buy"],
        "price": [100, 101, 0, 0, 103, 104],
        "quantity": [1, 2, 3, 0, 5, 6],
        "order_id": [7, 7, 7, 7, 7, 7],
    }
    result = book.process(tape, client_ids=True)
    duplicate = Outcome.DUPLICATE_ORDER_ID
    assert result.outcome.tolist() == [0, duplicate, duplicate, Outcome.CANCELLED, 0, duplicate]
    assert result.order_id.tolist() == [1, 0, 0, 1, 2, 0]
    assert (book.order_of(7).id, book.get_order(3)) == (2, None)


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (-1, errors.OrderIdOutOfRange, -1),
        (-(2**63) - 1, errors.OrderIdOutOfRange, -(2**63) - 1),
        (2**63, errors.OrderIdOutOfRange, 2**63),
        (1.0, errors.OrderIdType, 1.0),
        ("1", errors.OrderIdType, "'1'"),
        (None, errors.OrderIdType, None),
        (True, errors.OrderIdType, True),
    ],
)
def test_c032_ids_that_are_none(value, error, shown):
    book = a_book()
    for call in (book.cancel, lambda i: book.modify(i, 1, 1), book.get_order):
        refused(book, lambda call=call: call(value), error, "order_id", shown)
    refused(book, lambda: book.order_of(value), error, "client_id", shown)


def test_c032_nobody_there_is_a_report():
    book = a_book()
    before = book.digest()
    for order_id, said in (
        (0, "OrderNotFound"),
        (5, "OrderNotFound"),
        (2**40, "OrderNotFound"),
        (3, "OrderNotActive"),
        (4, "OrderNotActive"),
    ):
        assert book.cancel(order_id).error == book.modify(order_id, 100, 1).error == said
        for kind in (MessageKind.CANCEL, MessageKind.MODIFY):
            tape = {"kind": [kind], "side": [0], "price": [100], "quantity": [1], "order_id": [order_id]}
            result = book.process(tape)
            assert result.status.tolist() == [said]
            assert result.order_id.tolist() == [order_id if said == "OrderNotActive" else 0]
    assert book.digest() == before


@pytest.mark.parametrize(("row", "client_ids"), [(2, False), (3, False), (0, True), (4, True)])
def test_c032_negative_ids_of_a_row(row, client_ids):
    book = a_book()
    tape = changed("order_id", row, -3)
    call = lambda: book.process(tape, client_ids=client_ids)  # noqa: E731
    refused(book, call, errors.OrderIdOutOfRange, f"row {row}", "order_id", -3)


# 33 and 34: modifies and orders that cannot be filled


def test_c033_modify_to_nothing_or_across():
    book = a_book()
    before = book.digest()
    assert book.modify(1, 100, 0).error == "InvalidQuantity"
    tape = {"kind": ["modify"], "side": ["sell"], "price": [100], "quantity": [0], "order_id": [1]}
    assert book.process(tape).status.tolist() == ["InvalidQuantity"]
    assert book.digest() == before
    result = book.modify(2, 105, 8)
    assert [(trade.price, trade.quantity) for trade in result.trades] == [(101, 6)]
    assert book.best_bid_ask() == (105, None)


def test_c033_a_modify_has_no_side_of_its_own():
    book = a_book()
    tape = {"kind": [2], "side": [1], "price": [98], "quantity": [3], "order_id": [2]}
    assert book.process(tape).resting.tolist() == [3]
    assert book.get_order(5).side == "buy"


def test_c034_one_lot_short():
    book = a_book()
    queues = [column.tolist() for side in "bs" for column in book.queue(side)]
    result = book.submit_limit("buy", 101, 7, "fok")
    assert (result.status, result.filled_quantity, result.cancelled_quantity) == ("Cancelled", 0, 7)
    assert [column.tolist() for side in "bs" for column in book.queue(side)] == queues
    assert len(book.trades()) == 1
    assert book.submit_limit("buy", 101, 6, "fok").status == "Filled"
    assert book.submit_market("buy", 1).status == "Cancelled"


# 37: too much


def test_c037_more_than_fits():
    book = a_book()
    refused(book, lambda: book.process(ROWS, levels=2**40), errors.CapacityError, "levels", 2**40)


def test_c037_depth_takes_any_number_of_levels():
    assert len(a_book().depth(2**62).bids) == 1


def test_c037_a_gap_is_jumped():
    book = Exchange()
    for price in (1, 2**40, 2**62):
        book.submit_limit("sell", price, 1)
    assert [t.price for t in book.submit_market("buy", 3).trades] == [1, 2**40, 2**62]


@pytest.mark.parametrize(
    ("levels", "error"),
    [
        (-1, errors.InvalidValue),
        (1.5, errors.WrongType),
        ("5", errors.WrongType),
        (None, errors.WrongType),
        (True, errors.WrongType),
    ],
)
def test_c037_numbers_of_levels(levels, error):
    book = a_book()
    for call in (book.depth, lambda n: book.process(ROWS, levels=n)):
        with pytest.raises(error, match="levels"):
            call(levels)


# Spellings

SPELLINGS = {
    "side": (errors.InvalidSide, ["long", "", " buy", "buys", "None", "买"]),
    "tif": (errors.InvalidTimeInForce, ["week", "", "gtc ", "GTX"]),
}


def test_unknown_words_in_calls():
    book = a_book()
    for word in SPELLINGS["side"][1]:
        for call in (lambda w: book.submit_limit(w, 1, 1), lambda w: book.submit_market(w, 1), book.queue):
            refused(
                book, lambda call=call, word=word: call(word), errors.InvalidSide, repr(word), "buy", "sell"
            )
    for word in SPELLINGS["tif"][1]:
        call = lambda word=word: book.submit_limit("buy", 1, 1, word)  # noqa: E731
        refused(book, call, errors.InvalidTimeInForce, repr(word), "gtc")


@pytest.mark.parametrize("value", [0, 1, None, 1.0, b"buy", ["buy"], True, TimeInForce.GTC])
def test_sides_that_are_no_text(value):
    book = a_book()
    refused(book, lambda: book.submit_limit(value, 1, 1), errors.WrongType, "side", repr(value))
    refused(book, lambda: book.submit_market(value, 1), errors.WrongType, "side", repr(value))


@pytest.mark.parametrize("value", [0, None, 1.0, b"gtc", ["gtc"], False, Side.BUY])
def test_times_in_force_that_are_no_text(value):
    book = a_book()
    refused(book, lambda: book.submit_limit("buy", 1, 1, value), errors.WrongType, "tif", repr(value))


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("kind", "replace", errors.InvalidValue),
        ("kind", 14, errors.InvalidValue),
        ("kind", 4, errors.ShapeError),
        ("kind", -1, errors.InvalidValue),
        ("kind", 255, errors.InvalidValue),
        ("kind", 256, errors.InvalidValue),
        ("side", "long", errors.InvalidSide),
        ("side", 2, errors.InvalidSide),
        ("side", -1, errors.InvalidSide),
        ("side", 2**40, errors.InvalidSide),
        ("tif", "week", errors.InvalidTimeInForce),
        ("tif", 5, errors.InvalidTimeInForce),
        ("tif", 300, errors.InvalidTimeInForce),
    ],
)
def test_unknown_words_and_codes_in_rows(name, value, error):
    book = a_book()
    words = isinstance(value, str)
    tape = ROWS | {name: [*ROWS[name][:1], value, *ROWS[name][2:]]} if words else changed(name, 1, value)
    refused(book, lambda: book.process(tape), error, name, "row 1", value)
    if words:
        tape = tape | {name: np.array(tape[name], object)}
        refused(book, lambda: book.process(tape), error, name, "row 1", value)
        refused(book, lambda: book.process(pd.DataFrame(tape)), error, name, "row 1", value)


def test_codes_of_a_uint8_column():
    book = a_book()
    for name, error in (
        ("kind", errors.InvalidValue),
        ("side", errors.InvalidSide),
        ("tif", errors.InvalidTimeInForce),
    ):
        tape = {n: column.copy() for n, column in CODES.items()}
        tape[name][1] = 255
        refused(book, lambda tape=tape: book.process(tape), error, "row 1", name, 255)


# 1.15: shapes


def test_c015_columns_of_different_lengths():
    book = a_book()
    tape = ROWS | {"price": [1, 2, 3]}
    refused(book, lambda: book.process(tape), errors.ShapeError, "'price': 3", "'kind': 5")
    refused(book, lambda: book.process(ROWS | {"kind": []}), errors.ShapeError, "'kind': 0")


@pytest.mark.parametrize("name", ["kind", "side", "price", "quantity"])
def test_c015_missing_columns(name):
    book = a_book()
    tape = {key: column for key, column in ROWS.items() if key != name}
    refused(book, lambda: book.process(tape), errors.ShapeError, f"no column {name}", "needed are")
    refused(book, lambda: book.process(pd.DataFrame(tape)), errors.ShapeError, f"no column {name}")
    refused(book, lambda: book.process({}), errors.ShapeError, "kind, side, price, quantity")


def test_c015_missing_order_ids_name_nobody():
    book = Exchange()
    tape = {name: ROWS[name] for name in ("kind", "side", "price", "quantity")}
    assert book.process(tape).outcome.tolist()[2:4] == [Outcome.ORDER_NOT_FOUND] * 2


@pytest.mark.parametrize("name", ["kind", "price"])
def test_c015_columns_of_two_dimensions(name):
    book = a_book()
    tape = CODES | {name: CODES[name].reshape(5, 1)}
    refused(book, lambda: book.process(tape), errors.ShapeError, name, "(5, 1)")
    refused(book, lambda: book.process(CODES | {name: 5}), errors.ShapeError, name)


# 1.17 and 1.26: types of columns


def test_c017_missing_values():
    book = a_book()
    frame = pd.DataFrame(ROWS)
    for name, error in (
        ("price", errors.PriceType),
        ("quantity", errors.QuantityType),
        ("order_id", errors.OrderIdType),
    ):
        holed = frame.astype({name: "Int64"})
        holed.loc[2, name] = pd.NA
        refused(book, lambda holed=holed: book.process(holed), error, name)
        holed = frame.astype({name: float})
        holed.loc[2, name] = np.nan
        refused(book, lambda holed=holed: book.process(holed), error, name, "float64")
    for name in ("kind", "side", "tif"):
        holed = frame.copy()
        holed.loc[1, name] = None
        with pytest.raises(errors.InvalidValue, match=f"{name}: row 1"):
            book.process(holed)


@pytest.mark.parametrize("name", ["price", "quantity", "order_id"])
@pytest.mark.parametrize("kind", ["bool", "object", "float32", "complex", "datetime64[ns]", "str", "S5"])
def test_c026_numbers_of_other_types(name, kind):
    book = a_book()
    column = np.array([1, 1, 1, 1, 1]).astype(kind)
    error = {"price": errors.PriceType, "quantity": errors.QuantityType, "order_id": errors.OrderIdType}[name]
    refused(book, lambda: book.process(CODES | {name: column}), error, name, column.dtype)


@pytest.mark.parametrize("name", ["kind", "side", "tif"])
@pytest.mark.parametrize("kind", ["bool", "float64", "complex", "S5", "datetime64[ns]"])
def test_c026_codes_of_other_types(name, kind):
    book = a_book()
    column = np.zeros(5).astype(kind)
    refused(book, lambda: book.process(CODES | {name: column}), errors.WrongType, name, column.dtype)


@pytest.mark.parametrize("name", ["kind", "price"])
def test_c026_masked_columns(name):
    """What the mask hides is not there; taking it for a number would be a silent repair."""
    book = a_book()
    masked = np.ma.masked_array(CODES[name], [False, True, False, False, False])
    refused(book, lambda: book.process(CODES | {name: masked}), errors.WrongType, name)


def expected():
    """Digest and rows after the plain columns."""
    book = a_book()
    result = book.process(CODES)
    return book.digest(), result.to_frame()


def strided(column):
    """Every other value of a longer array."""
    longer = np.repeat(column, 2)
    longer[1::2] = 77
    return longer[::2]


def read_only(column):
    column = column.copy()
    column.flags.writeable = False
    return column


def structured(columns):
    """Rows of a structured array."""
    kinds = [(name, column.dtype) for name, column in columns.items()]
    rows = np.empty(len(columns["kind"]), kinds)
    for name, column in columns.items():
        rows[name] = column
    return rows


NUMBERS = ("price", "quantity", "order_id")
CONVERSIONS = {
    "words": lambda: ROWS,
    "words in capitals": lambda: ROWS | {n: [w.upper() for w in ROWS[n]] for n in ("kind", "side", "tif")},
    "tuples": lambda: {name: tuple(column) for name, column in ROWS.items()},
    "text arrays": lambda: {name: np.array(column) for name, column in ROWS.items()},
    "object arrays of words": lambda: ROWS | {n: np.array(ROWS[n], object) for n in ("kind", "side", "tif")},
    "enums": lambda: (
        ROWS | {"kind": [MessageKind[w.upper()] for w in ROWS["kind"]], "tif": [TimeInForce.GTC] * 5}
    ),
    "int64 codes": lambda: {name: column.astype(np.int64) for name, column in CODES.items()},
    "int8": lambda: {name: column.astype(np.int8) for name, column in CODES.items()},
    "uint64": lambda: CODES | {name: CODES[name].astype(np.uint64) for name in NUMBERS},
    "big endian": lambda: {name: column.astype(">i8") for name, column in CODES.items()},
    "read only": lambda: {name: read_only(column) for name, column in CODES.items()},
    "every other": lambda: {name: strided(column) for name, column in CODES.items()},
    "backwards": lambda: {name: column[::-1].copy()[::-1] for name, column in CODES.items()},
    "frame of words": lambda: pd.DataFrame(ROWS),
    "frame of codes": lambda: pd.DataFrame(CODES),
    "frame of categories": lambda: pd.DataFrame(ROWS).astype({"kind": "category", "side": "category"}),
    "frame of nullable integers": lambda: pd.DataFrame(ROWS).astype(dict.fromkeys(NUMBERS, "Int64")),
    "frame with an index": lambda: pd.DataFrame(ROWS, index=list("zyxwv")),
    "series": lambda: {name: pd.Series(column) for name, column in ROWS.items()},
    "structured": lambda: structured(CODES),
    "record array": lambda: structured(CODES).view(np.recarray),
    "structured text": lambda: structured({name: np.array(column) for name, column in ROWS.items()}),
    "more columns": lambda: ROWS | {"trader": ["me"] * 5},
}


@pytest.mark.parametrize("name", CONVERSIONS)
def test_c026_accepted_forms_give_the_same(name):
    book = a_book()
    messages = CONVERSIONS[name]()
    result = book.process(messages)
    digest, frame = expected()
    assert book.digest() == digest
    pd.testing.assert_frame_equal(result.to_frame(), frame)


def test_c026_inputs_are_not_changed():
    tape = {name: read_only(column) for name, column in CODES.items()}
    before = {name: column.copy() for name, column in tape.items()}
    a_book().process(tape)
    for name in tape:
        np.testing.assert_array_equal(tape[name], before[name])


@pytest.mark.parametrize(
    "messages",
    [None, 5, "limit", [("limit", "buy", 1, 1)], np.zeros((5, 4)), [ROWS], pd.Series([1])],
    ids=repr,
)
def test_c027_no_flow_at_all(messages):
    book = a_book()
    refused(book, lambda: book.process(messages), errors.WrongType, "messages", type(messages).__name__)


EMPTY = {
    "lists": lambda: {name: [] for name in ROWS},
    "arrays": lambda: {name: column[:0] for name, column in CODES.items()},
    "words": lambda: {name: np.array(column)[:0] for name, column in ROWS.items()},
    "frame": lambda: pd.DataFrame(ROWS).iloc[:0],
    "structured": lambda: structured(CODES)[:0],
}


@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.parametrize("levels", [0, 3])
def test_c020_an_empty_flow_is_no_flow(name, levels):
    book = a_book()
    before = book.digest()
    result = book.process(EMPTY[name](), levels=levels)
    assert (len(result), result.trades, book.digest()) == (0, [], before)
    assert len(result.to_frame()) == 0
    assert repr(result) == "TapeResult(messages=0, trades=0)"
    assert result.trade_message().tolist() == []
    assert (result.levels is None) == (levels == 0)
    assert levels == 0 or result.levels.bid_price.shape == (0, 3)


def test_a_refused_flow_leaves_no_trace_however_long():
    book, twin = Exchange(), Exchange()
    tape = flow(4000, 12)
    spoilt = {name: column.copy() for name, column in tape.items()}
    spoilt["quantity"][-1], spoilt["kind"][-1] = 0, MessageKind.LIMIT
    refused(book, lambda: book.process(spoilt), errors.InvalidQuantity, "row 3999")
    book.process(tape)
    twin.process(tape)
    assert book.digest() == twin.digest()


def test_what_a_message_has_no_use_for_is_not_looked_at():
    tape = {
        "kind": [0, 3, 1, 2, 1],
        "side": [1, 0, 9, 9, 0],
        "price": [100, INT64_MIN, INT64_MAX, 101, INT64_MIN],
        "quantity": [5, 2, -7, 4, INT64_MIN],
        "tif": [0, 9, 9, 9, 9],
        "order_id": [-1, -9, 99, 1, 3],
    }
    result = Exchange().process(tape)
    assert result.status.tolist() == ["New", "Filled", "OrderNotFound", "New", "Cancelled"]


def test_every_error_is_ours_and_a_builtin():
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, Warning):
            assert error.__doc__
        elif isinstance(error, type) and error is not errors.NanobookError:
            assert issubclass(error, errors.NanobookError)
            bases = {base for base in error.__mro__ if getattr(builtins, base.__name__, None) is base}
            assert bases - {Exception, BaseException, object}, error
            assert error.__doc__
