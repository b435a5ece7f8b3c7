"""An exchange and the naive book side by side: everything that can be seen of both."""

import numpy as np

from nanobook import Exchange
from nanobook.types import OUTCOME_NAMES, SIDE_NAMES, TIF_NAMES, OrderStatus
from tests.oracle.book import NaiveBook

COLUMNS = ("order_id", "outcome", "filled", "resting", "cancelled")
TRADE_COLUMNS = (
    "trade_id",
    "price",
    "quantity",
    "aggressor_order_id",
    "passive_order_id",
    "aggressor_side",
    "timestamp",
)


def table(rows, width):
    """Columns of a list of equally long tuples of ints."""
    return np.array(rows, np.int64).reshape(len(rows), width).T


def compare_columns(result, rows):
    """Compare what became of every message with the rows of the naive book."""
    for name, expected in zip(COLUMNS, table(rows, len(COLUMNS)), strict=True):
        np.testing.assert_array_equal(getattr(result, name), expected, err_msg=name)


def compare_trades(trades, expected):
    """Compare trades, whole columns, with those of the naive book."""
    for name, column in zip(TRADE_COLUMNS, table(expected, len(TRADE_COLUMNS)), strict=True):
        np.testing.assert_array_equal(getattr(trades, name), column, err_msg=name)


def compare_queues(book: Exchange, naive: NaiveBook):
    """Compare every resting order of both sides, in sequence, and the touch."""
    for code, side in enumerate(SIDE_NAMES):
        expected = [pair for _, queue in naive.queue(code) for pair in queue]
        order_ids, lots = book.queue(side)
        assert list(zip(order_ids.tolist(), lots.tolist(), strict=True)) == expected
    bid, ask = naive.best_bid(), naive.best_ask()
    assert book.best_bid_ask() == (book.best_bid(), book.best_ask()) == (bid, ask)
    assert book.spread() == (None if bid is None or ask is None else ask - bid)
    assert book.last_trade_price() == naive.last_trade_price


def compare_depth(levels, naive: NaiveBook, row, count):
    """Compare the recorded levels of one message."""
    for code, side in enumerate(("bid", "ask")):
        expected = naive.depth(code, count)
        expected += [(0, 0, 0)] * (count - len(expected))
        shown = (getattr(levels, f"{side}_{name}")[row].tolist() for name in levels.COLUMNS)
        assert list(zip(*shown, strict=True)) == expected


def compare_orders(book: Exchange, naive: NaiveBook):
    """Compare all orders as stored, by column, and that nothing else is stored."""
    arrays = book.book
    last = naive._next_id - 1
    stored = np.array(sorted(naive.orders), np.int64)
    ghosts = np.ones(last + 1, bool)
    ghosts[stored] = ghosts[0] = False
    np.testing.assert_array_equal(arrays.orders["marks"][: last + 1], ghosts)
    order = [naive.orders[i] for i in stored.tolist()]
    expected = {
        "price": [o.price for o in order],
        "quantity": [o.quantity for o in order],
        "timestamp": [o.timestamp for o in order],
        "side": [o.side for o in order],
        "tif": [o.tif for o in order],
        "status": [o.status for o in order],
        "left": [o.quantity - o.filled for o in order],
        "client": [-1 if o.client is None else o.client for o in order],
    }
    shown = {name: arrays.orders[name] for name in ("side", "tif", "status", "left", "client")}
    shown |= {"price": arrays.price, "quantity": arrays.quantity}
    shown["timestamp"] = np.arange(arrays.price.size) + arrays.trades_before
    for name, column in expected.items():
        np.testing.assert_array_equal(shown[name][stored], np.array(column, np.int64), err_msg=name)


def compare_get_order(book: Exchange, naive: NaiveBook):
    """Compare all orders as ``get_order`` tells them, ids that nobody has among them."""
    assert book.get_order(0) is None
    for order_id in range(1, naive._next_id + 2):
        assert told(book.get_order(order_id)) == expected_order(naive, order_id)


def told(order):
    """Fields of an order as ``get_order`` tells it."""
    return None if order is None else tuple(order)


def expected_order(naive: NaiveBook, order_id):
    """Fields of an order of the naive book, as ``get_order`` tells them."""
    order = naive.orders.get(order_id)
    if order is None:
        return None
    return (
        order_id,
        SIDE_NAMES[order.side],
        order.price,
        order.quantity,
        order.remaining,
        order.filled,
        OUTCOME_NAMES[OrderStatus(order.status)].lower(),
        TIF_NAMES[order.tif],
        order.timestamp,
        order.client,
        order.owner or None,
    )
