"""Seeded order flow whose cancels always hit: 45 % adds near the touch, 45 % cancels, 10 % marketable."""

import numpy as np
from numba import njit

from nanobook.kernels.book import orders, state, tape
from nanobook.types import INT64_MAX

MID = 100_000_000


def mixed_flow(messages, live=2_000, mean=15.0, levels=0, seed=12345):
    """Columns of a flow that keeps about ``live`` orders on the book.

    Adds lie ``mean`` ticks from a wandering mid on average, exponentially, or anywhere among so many
    ``levels``. The flow is made by running it, so that every cancel names a resting order.
    """
    rng = np.random.default_rng(seed)
    draws = rng.random((messages, 3))
    away = (
        rng.integers(0, levels // 2, messages) if levels else rng.exponential(mean, messages).astype(np.int64)
    )
    mid = MID + np.cumsum(rng.choice([-1, 0, 1], messages, p=[0.01, 0.98, 0.01]))
    flow = tape.Flow(
        kind=np.zeros(messages, np.uint8),
        side=(draws[:, 1] < 0.5).astype(np.uint8),
        price=np.zeros(messages, np.int64),
        quantity=rng.integers(1, 101, messages),
        tif=np.zeros(messages, np.uint8),
        order_id=np.zeros(messages, np.int64),
    )
    slots = max(4 * levels, 100_000)
    book = state.new_book(orders=messages + 1, trades=2 * messages, levels=slots, nodes=slots // 8)
    _fill(book, flow, draws, mid, away, live)
    return flow


@njit
def _fill(book, flow, draws, mid, away, live):
    names = np.empty(flow.kind.size, np.int64)
    count = 0
    for m in range(flow.kind.size):
        side = np.int64(flow.side[m])
        resting = book.top[state.LIVE] + book.top[state.LIVE + 1]
        if draws[m, 0] < 0.1 and resting > live // 2:
            flow.kind[m] = tape.MARKET
            flow.quantity[m] //= 2
            flow.quantity[m] += 1
            price = INT64_MAX if side == 0 else -INT64_MAX - 1
            orders.submit(book, side, np.int64(price), flow.quantity[m], np.int64(1), np.int64(-1))
        elif draws[m, 2] < 0.5 + 0.5 * (resting - live) / live and resting > 0:
            order = np.int64(0)
            while book.orders[order].level == 0:
                pick = int(draws[m, 1] * count)
                order = names[pick]
                count -= 1
                names[pick] = names[count]
            flow.kind[m] = tape.CANCEL
            flow.order_id[m] = order
            orders.cancel(book, order)
        else:
            step = 1 + away[m]
            flow.price[m] = mid[m] - step if side == 0 else mid[m] + step
            order, _, left = orders.submit(
                book, side, flow.price[m], flow.quantity[m], np.int64(0), np.int64(-1)
            )
            if left:
                names[count] = order
                count += 1
