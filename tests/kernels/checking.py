"""What must hold of a book's arrays after every message, in plain Python from the layout alone.

``check_book`` knows the fields of ``Book`` and what they mean, and calls none of the kernels.
"""

import numpy as np

from nanobook.kernels.book import state as s
from nanobook.types import INT64_MAX, INT64_MIN, LEVEL, NODE, ORDER, OrderStatus, TimeInForce

SCATTER = 40503  # how far apart the sides begin in ``near``
SIGN_HEIGHT = 10  # a fork so high has no prefix, and its digits turn so that negative keys come first


def rows(array, count, dtype):
    """First rows of a record array as dicts."""
    return [dict(zip(dtype.names, row, strict=True)) for row in np.asarray(array[:count]).tolist()]


def check_book(book):
    """Walk all links, counts and totals of a book; an AssertionError names what is wrong."""
    top = book.top.tolist()
    levels = rows(book.levels, top[s.N_LEVELS], LEVEL)
    nodes = rows(book.nodes, top[s.N_NODES], NODE)
    tree = Tree(book.children[: 64 * len(nodes)].reshape(-1, 64), levels, nodes)
    assert levels[0] == dict.fromkeys(LEVEL.names, 0) | {"key": INT64_MIN}
    assert nodes[0] == dict.fromkeys(NODE.names, 0) | {"tag": s.FREE}
    assert book.orders[0]["level"] == 0
    resting = []
    for side in range(s.SIDES):
        tree.enter(side, top[s.ROOT + side])
        resting += check_side(book, top, levels, side, tree.in_order[side])
    check_orders(book, top, resting)
    check_free(tree.used_levels, levels, top[s.FREE_LEVEL], "head", top[s.LEVELS_USED])
    free = check_free(tree.used_nodes, nodes, top[s.FREE_NODE], "place", top[s.NODES_USED])
    assert all(nodes[slot]["tag"] == s.FREE for slot in free)
    check_near(book.near.tolist(), nodes, tree.used_nodes)
    assert 0 <= top[s.N_TRADES] - top[s.FIRST_TRADE] <= book.trades.size
    assert top[s.N_ORDERS] < book.orders.size


class Tree:
    """The ladders of all sides, walked from their roots."""

    def __init__(self, children, levels, nodes):
        self.levels, self.nodes = levels, nodes
        self.children = {}
        for node, digit in zip(*(places.tolist() for places in np.nonzero(children)), strict=True):
            self.children.setdefault(node, []).append((digit, int(children[node, digit])))
        self.used_nodes, self.used_levels = [], []
        self.in_order = [[] for _ in range(s.SIDES)]

    def enter(self, side, root):
        """Walk one side."""
        if root:
            assert self.nodes[root]["place"] == 0
            self.visit(root, side)

    def visit(self, slot, side):
        """Walk one node, lowest key first; returns whether an order is below."""
        self.used_nodes.append(slot)
        node = self.nodes[slot]
        its_side, height = divmod(node["tag"], 16)
        assert its_side == side
        assert 0 <= height <= SIGN_HEIGHT
        children = self.children[slot]
        assert len(children) >= (2 if height else 1)
        look = self.below if height else self.level
        bits = sum(look(slot, side, digit, child) << digit for digit, child in children)
        assert node["bits"] == bits, (slot, hex(node["bits"]), hex(bits))
        return bits != 0

    def below(self, slot, side, digit, child):
        """Look at the node under a fork."""
        over, under = self.nodes[slot], self.nodes[child]
        height, lower = over["tag"] % 16, under["tag"] % 16
        assert lower < height
        assert under["place"] == 64 * slot + digit
        lowest = under["prefix"] << (6 * (lower + 1))
        place, prefix = self.place_of(lowest, height)
        assert (digit, over["prefix"]) == (place, prefix)
        return self.visit(child, side)

    @staticmethod
    def place_of(key, height):
        """Digit and prefix of a key at a height."""
        place = (key >> 6 * height) % 64
        return (place ^ 32, 0) if height == SIGN_HEIGHT else (place, key >> 6 * (height + 1))

    def level(self, slot, side, digit, child):
        """Look at the level in a leaf."""
        self.used_levels.append(child)
        level = self.levels[child]
        assert level["node"] == slot
        assert divmod(level["key"], 64) == (self.nodes[slot]["prefix"], digit)
        self.in_order[side].append(child)
        return level["count"] > 0


def check_side(book, top, levels, side, slots):
    """Look at all levels of one side, worst first; returns its (order, slot) pairs."""
    keys = [levels[slot]["key"] for slot in slots]
    assert keys == sorted(set(keys))
    alive = [slot for slot in slots if levels[slot]["count"]]
    best = alive[-1] if alive else 0
    assert (top[s.BEST + side], top[s.KEY + side]) == (best, levels[best]["key"])
    resting = []
    for slot in slots:
        level = levels[slot]
        price = level["key"] if side % 2 == 0 else ~level["key"]
        queue = walk_queue(book, level)
        assert (len(queue), sum(left for _, left in queue)) == (level["count"], level["total"])
        for order, left in queue:
            assert left > 0
            assert book.orders[order]["level"] == slot
            assert book.orders[order]["side"] == side
            assert book.price[order] == price
        ids = [order for order, _ in queue]
        assert ids == sorted(ids), "older orders come first"
        resting += [(order, slot, left) for order, left in queue]
    assert (top[s.LIVE + side], top[s.LOTS + side]) == (len(resting), sum(left for *_, left in resting))
    assert top[s.LOTS + side] <= INT64_MAX
    return [(order, slot) for order, slot, _ in resting]


def walk_queue(book, level):
    """Follow the links of one level; returns (order, left) pairs, oldest first."""
    queue = []
    before, order = 0, level["head"]
    while order:
        row = dict(zip(ORDER.names, book.orders[order].item(), strict=True))
        assert row["prev"] == before
        queue.append((order, row["left"]))
        before, order = order, row["next"]
        assert len(queue) <= level["count"], "a queue longer than its count, or a loop"
    assert level["tail"] == before
    return queue


def check_orders(book, top, resting):
    """Look at all orders ever given an id, by column."""
    orders, quantity = (column[1 : top[s.N_ORDERS] + 1] for column in (book.orders, book.quantity))
    orders = np.asarray(orders)
    level = np.zeros(len(orders) + 1, np.int64)
    assert len({order for order, _ in resting}) == len(resting), "an order in two queues"
    for order, slot in resting:
        level[order] = slot
    np.testing.assert_array_equal(orders["level"], level[1:])
    left, status, live = orders["left"], orders["status"], orders["level"] > 0
    assert ((left >= 0) & (left <= quantity)).all()
    assert (orders["tif"][live] == TimeInForce.GTC).all()
    assert not orders["marks"][live].any()
    np.testing.assert_array_equal(status == OrderStatus.FILLED, left == 0)
    np.testing.assert_array_equal(status[live] == OrderStatus.NEW, left[live] == quantity[live])
    assert (status[live] <= OrderStatus.PARTIALLY_FILLED).all()
    at_rest = ~live & (orders["tif"] == TimeInForce.GTC)
    assert (status[at_rest] >= OrderStatus.FILLED).all()
    before = book.trades_before[1 : len(orders) + 1].astype(np.int64)
    assert (np.diff(before, append=top[s.N_TRADES]) >= 0).all()


def check_free(used, slots, first, link, count):
    """Look at the chain of free slots: with the used ones it is all there are, none twice."""
    free = []
    while first:
        free.append(first)
        assert len(free) <= len(slots), "a loop among the free"
        first = slots[first][link]
    assert len(used) == count
    assert sorted(used + free) == list(range(1, len(slots)))
    return free


def check_near(near, nodes, used):
    """Look at the cache: a row may only name a leaf that is in use, or one that no key can take."""
    used = set(used)
    for row, leaf in enumerate(near):
        node = nodes[leaf]
        side, height = divmod(node["tag"], 16)
        if height == 0 and (side * SCATTER + node["prefix"]) % len(near) == row:
            assert leaf in used


def check_trades(book):
    """Add up the trades that the book remembers, from its first on, by order."""
    top = book.top.tolist()
    assert top[s.FIRST_TRADE] == 0
    trades = np.asarray(book.trades[: top[s.N_TRADES]])
    filled = np.zeros(top[s.N_ORDERS] + 1, np.int64)
    for name in ("aggressor", "passive"):
        np.add.at(filled, trades[name], trades["quantity"])
    orders = np.asarray(book.orders[: len(filled)])
    np.testing.assert_array_equal(filled[1:], (book.quantity[: len(filled)] - orders["left"])[1:])
    assert (trades["quantity"] > 0).all()
    assert (np.diff(trades["aggressor"].astype(np.int64)) >= 0).all()
    assert (trades["passive"] < trades["aggressor"]).all()
    np.testing.assert_array_equal(trades["price"], book.price[trades["passive"]])
    side = orders["side"]
    assert (side[trades["aggressor"]] != side[trades["passive"]]).all()
    if len(trades):
        assert top[s.LAST_PRICE] == trades["price"][-1]


def check_names(book):
    """Every name leads to its latest order that was stored."""
    multiplier, shift = (int(book.top[row]) % 2**64 for row in (s.ID_MULTIPLIER, s.ID_SHIFT))
    ids, mask = book.ids.tolist(), book.ids.size - 1
    orders = np.asarray(book.orders[: int(book.top[s.N_ORDERS]) + 1])
    latest = {
        client: order
        for order, (client, ghost) in enumerate(zip(orders["client"], orders["marks"], strict=True))
        if order and client >= 0 and not ghost
    }
    for client, order in latest.items():
        row = (int(client) * multiplier % 2**64 >> shift) & mask
        while ids[row] and orders["client"][ids[row]] != client:
            row = (row + 1) & mask
        assert ids[row] == order
    assert sum(order > 0 for order in ids) == len(latest)
