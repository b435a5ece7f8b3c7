"""Sample order flow: messages for a first session, a picture or a measurement."""

import numpy as np

from .portfolio.inputs import whole
from .types import MessageKind, Side, TimeInForce

START = 10_000  # ticks; with cents as ticks 100.00
TAKERS = 0.08  # part of the new orders that want to trade at once
MOVES = 0.01  # probability that the mid moves a tick between two new orders
NEARNESS = 0.1  # an order stands k ticks from the mid with probability NEARNESS * (1 - NEARNESS)**(k - 1)
REACH = 10  # ticks beyond the mid that a marketable limit order accepts
LIFETIME = 600  # mean life of a resting order, in new orders


def order_flow(messages=200_000, seed=7):
    """Make a flow of orders around a mid that drifts: a plausible day, not a model of any market.

    Of the new orders 92 % are limit orders 1, 2, 3, ... ticks from the mid (geometric, 10 on average),
    4 % market orders and 4 % limit orders through the touch that do not rest (ioc). Each limit order
    that rests is cancelled after an exponential time, unless the flow ends before; of seven cancels six find
    their order still on the book.

    Parameters
    ----------
    messages : int, default 200,000
        Number of messages.
    seed : int, default 7
        Decides the flow alone: equal seeds make equal flows, with the same version of NumPy.

    Returns
    -------
    DataFrame
        One row a message with the columns that ``Exchange.process`` takes: ``kind``, ``side``, ``tif``
        (codes of ``MessageKind``, ``Side``, ``TimeInForce``), ``price`` in ticks, ``quantity`` in lots, and
        ``order_id``: of a cancel, the id that a *new* book gave the order; else 0.

    Raises
    ------
    InvalidValue, WrongType
        ``messages`` is no whole number from 1.

    Examples
    --------
    >>> from nanobook import Exchange
    >>> from nanobook.sample import order_flow
    >>> flow = order_flow(10_000)
    >>> flow.head(3)
       kind  side  price  quantity  tif  order_id
    0     0     1  10001        12    0         0
    1     0     1  10001        15    0         0
    2     0     0   9997        91    0         0
    >>> result = Exchange().process(flow)
    >>> len(result), len(result.trades)
    (10000, 961)
    """
    import pandas as pd

    count = whole("messages", messages, 1, 10**9, "how many rows to make")
    rng = np.random.default_rng(seed)
    orders = new_orders(rng, count)
    named, is_cancel = sequence(rng, orders["tif"] == TimeInForce.GTC, count)
    columns = {name: np.where(is_cancel, 0, column[named]) for name, column in orders.items()}
    columns["kind"][is_cancel] = MessageKind.CANCEL
    columns["order_id"] = np.where(is_cancel, named + 1, 0)
    for name in ("kind", "side", "tif"):
        columns[name] = columns[name].astype(np.uint8)
    return pd.DataFrame(columns)


def new_orders(rng, count):
    """Columns of ``count`` new orders, in the order in which they come."""
    taker = rng.random(count) < TAKERS
    is_market = taker & (rng.random(count) < 0.5)
    side = rng.integers(0, 2, count)
    mid = START + np.cumsum(rng.choice([-1, 0, 1], count, p=[MOVES / 2, 1 - MOVES, MOVES / 2]))
    away = np.where(taker, -REACH, rng.geometric(NEARNESS, count))
    price = mid + np.where(side == Side.BUY, -away, away)
    return {
        "kind": np.where(is_market, MessageKind.MARKET, MessageKind.LIMIT),
        "side": side,
        "price": np.where(is_market, 0, price),
        "quantity": rng.integers(1, 101, count),
        "tif": np.where(taker, TimeInForce.IOC, TimeInForce.GTC),
    }


def sequence(rng, rests, count):
    """Put new orders and their cancels in the order of time, and take the first ``count``.

    Time counts new orders: order i comes at i and, if it rests, is cancelled an exponential time later.

    Returns
    -------
    named : int64 array, shape (count,)
        The new order that each message is or cancels, from 0; a new book calls it ``named + 1``.
    is_cancel : bool array, shape (count,)
    """
    arrival = np.arange(rests.size)
    resting = arrival[rests]
    departure = resting + rng.exponential(LIFETIME, resting.size)
    # Stable, so that a cancel never stands before its order, even after no time at all.
    turns = np.argsort(np.concatenate((arrival, departure)), kind="stable")[:count]
    return np.concatenate((arrival, resting))[turns], turns >= arrival.size
