"""Seeded order flow for tests: the columns of a tape, as equal-length int64 arrays.

``flow`` reaches every kind of message and every way to refuse one; it runs a naive book beside itself so
that most cancels and modifies hit something alive. ``mixed_flow`` runs no book and makes millions of
messages a second.
"""

import numpy as np

from nanobook.types import INT64_MAX, MAX_QUANTITY, MessageKind, Side, TimeInForce
from tests.oracle.book import NaiveBook

COLUMNS = ("kind", "side", "price", "quantity", "tif", "order_id")
REGIMES = ("near", "wide", "sparse", "extreme", "negative")
EDGES = (0, 1, 2**31, 2**32, 2**40, 2**53 + 1, 2**62, 2**63 - 2, 2**63 - 1)


def messages(tape):
    """Iterate over a tape as tuples of plain ints, the arguments of ``NaiveBook.apply``."""
    return zip(*(tape[name].tolist() for name in COLUMNS), strict=True)


def flow(
    n,
    seed,
    *,
    client_ids=False,
    kinds=(0.56, 0.22, 0.15, 0.07),
    tifs=(0.8, 0.12, 0.08),
    prices="near",
    pool=None,
):
    """Order flow in which everything happens.

    Parameters
    ----------
    n, seed : int
        Number of messages, and the seed that alone decides them.
    client_ids : False, "pool" (or True) or "sparse"
        Whether messages name orders by our ids, by the caller's own small ids, or by the caller's own
        ids scattered over all non-negative int64.
    kinds, tifs : tuple of float
        Shares of the ``MessageKind`` and, among limit orders, of the ``TimeInForce`` members.
    prices : str
        One of ``REGIMES``.
    pool : int, optional
        How many caller's ids there are; 300 unless told, n/4 for "sparse".

    Returns
    -------
    dict of ndarray
        Named as ``COLUMNS``. Market orders have price 0; cancels price and quantity 0.
        ``abs(price) * quantity`` fits int64 in every row.
    """
    rng = np.random.default_rng(seed)
    kind = rng.choice(4, n, p=kinds).tolist()
    side = rng.integers(0, 2, n).tolist()
    tif = rng.choice(3, n, p=tifs).tolist()
    by_side = _prices(rng, n, prices)
    lots = _quantities(rng, n)
    names = _names(rng, n, client_ids, pool)
    whom, what, pick = rng.random((3, n)).tolist()
    book = NaiveBook(bool(client_ids))
    live = []
    rows = []
    for i in range(n):
        name = price = quantity = 0
        if kind[i] in (MessageKind.LIMIT, MessageKind.MARKET):
            name, quantity = names[i], lots[i]
            if kind[i] == MessageKind.LIMIT:
                price = by_side[side[i]][i]
            elif what[i] < 0.005:
                quantity = MAX_QUANTITY
        else:
            target = _live_order(book, live, pick[i]) if whom[i] < 0.75 else None
            name = _name_of(target, client_ids) if target else _lost_name(book, client_ids, names[i], whom[i])
            if kind[i] == MessageKind.MODIFY:
                same = target is not None and what[i] > 0.8
                price = target.price if same else by_side[target.side if target else side[i]][i]
                quantity = 0 if what[i] < 0.05 else lots[i]
        if price:
            quantity = min(quantity, INT64_MAX // abs(price))
        row = kind[i], side[i], price, quantity, tif[i], name
        rows.append(row)
        done = book.apply(*row)
        if done.resting:
            live.append(done.order_id)
    return dict(zip(COLUMNS, np.array(rows, np.int64).reshape(n, len(COLUMNS)).T.copy(), strict=True))


def mixed_flow(n, seed, *, depth=1000):
    """Fast order flow near a slowly moving mid: 45 % adds, 45 % cancels, 10 % marketable orders.

    Orders are named by our ids. Every add is cancelled about once, ``depth`` or more adds later, so that
    the book stays bounded; a cancel that finds its order filled is refused.
    """
    rng = np.random.default_rng(seed)
    draw = rng.random(n)
    is_add, is_cancel = draw < 0.45, (draw >= 0.45) & (draw < 0.9)
    is_market = draw >= 0.95
    takes = ~is_add & ~is_cancel
    side = rng.integers(0, 2, n)
    mid = 100_000 + np.cumsum(rng.choice([-1, 0, 1], n, p=[0.003, 0.994, 0.003]))
    away = np.where(is_add, rng.geometric(0.15, n), -5)
    tape = {
        "kind": np.where(is_cancel, MessageKind.CANCEL, np.where(is_market, MessageKind.MARKET, 0)),
        "side": side,
        "price": np.where(is_cancel | is_market, 0, mid + np.where(side == Side.BUY, -away, away)),
        "quantity": np.where(is_cancel, 0, rng.integers(1, 101, n)),
        "tif": np.where(takes, TimeInForce.IOC, TimeInForce.GTC),
        "order_id": np.zeros(n, np.int64),
    }
    tape["order_id"][is_cancel] = _recent_adds(rng, is_add, is_cancel, depth)
    return {name: np.ascontiguousarray(tape[name], np.int64) for name in COLUMNS}


def _recent_adds(rng, is_add, is_cancel, depth):
    """Return an id for each cancel: the adds in order, locally shuffled and delayed."""
    ids = np.cumsum(~is_cancel)[is_add]
    if not ids.size:
        return 0
    shuffled = ids[np.argsort(np.arange(ids.size) + rng.random(ids.size) * depth)]
    delay = depth + 2 * int(np.sqrt(is_add.size))
    turn = np.arange(np.count_nonzero(is_cancel)) - delay
    any_so_far = (rng.random(turn.size) * np.cumsum(is_add)[is_cancel]).astype(np.int64)
    return np.where(turn < 0, ids[any_so_far], shuffled[np.clip(turn, 0, ids.size - 1)])


def _prices(rng, n, regime):
    """Return limit prices for buys and for sells; about one in six crosses the mid."""
    if regime == "extreme":
        draws = np.sort(_extremes(rng, (3, n)), axis=0)
        return draws[0].tolist(), draws[2].tolist()
    walk = np.cumsum(rng.choice([-1, 0, 1], n, p=[0.05, 0.9, 0.05]))
    away = rng.integers(-2, 12, n)
    if regime == "near":
        mid, step = 10_000 + walk, 1
    elif regime == "wide":
        away = (rng.exponential(5000, n) - 700).astype(np.int64)
        mid, step = 1_000_000 + 50 * walk, 1
    elif regime == "sparse":
        mid, step = 500 + walk, 1_000_003
    elif regime == "negative":
        mid, step = rng.integers(-3, 4, n), 1
    else:
        raise ValueError(f"no price regime {regime!r}; there are {REGIMES}")
    return ((mid - away) * step).tolist(), ((mid + away) * step).tolist()


def _extremes(rng, shape):
    """Any int64 but the lowest, whose magnitude no int64 holds: edges, all magnitudes, uniform."""
    edges = rng.choice(np.array(EDGES), shape)
    nudge = rng.integers(-1, 3, shape) * (rng.random(shape) < 0.3)
    edges = edges + np.minimum(nudge, INT64_MAX - edges)
    shifted = rng.integers(0, 2**63 - 1, shape, endpoint=True) >> rng.integers(0, 63, shape)
    sign = np.where(rng.random(shape) < 0.5, -1, 1)
    return sign * np.where(rng.random(shape) < 0.5, edges, shifted)


def _quantities(rng, n):
    """Return mostly small and round lots, so that fills are often exact, and now and then a sweep."""
    small = rng.integers(1, 21, n)
    round_lots = 10 * rng.integers(1, 4, n)
    lots = np.where(rng.random(n) < 0.5, small, round_lots)
    return np.where(rng.random(n) < 0.01, lots * 40, lots).tolist()


def _names(rng, n, client_ids, pool):
    """Return the caller's own id of each message; 0 where orders go by our ids."""
    if not client_ids:
        return [0] * n
    if client_ids == "sparse":
        ids = rng.integers(0, 2**63 - 1, pool or max(n // 4, 8), endpoint=True)
        ids[: len(EDGES)] = EDGES[: len(ids)]
    else:
        ids = np.arange(pool or 300)
    return rng.choice(ids, n).tolist()


def _live_order(book, live, pick):
    """Return an order that is on the book, or None; forgets the dead ones that it comes across."""
    while live:
        at = int(pick * len(live))
        order = book.orders[live[at]]
        if order.is_live():
            return order
        live[at] = live[-1]
        live.pop()
    return None


def _name_of(order, client_ids):
    """Return the name that messages use for the order."""
    return order.client if client_ids else order.order_id


def _lost_name(book, client_ids, name, draw):
    """Return a name that may be dead, reused, never used, or of no order there will ever be."""
    if client_ids:
        return name if draw < 0.95 else name ^ 2**40
    taken = len(book.orders) + 10
    return int(draw * 1e9) % taken if draw < 0.95 else (0, taken, 2**40, INT64_MAX)[int(draw * 1e9) % 4]
