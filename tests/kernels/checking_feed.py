"""What must hold of the arrays of a feed's books, in plain Python from the layout alone."""

import numpy as np

from nanobook.kernels.book import state as s
from nanobook.kernels.feed import state
from nanobook.types import INT64_MIN, LEVEL, NODE

from .checking import Tree, check_free, check_near, rows

SCATTER = 0x9E3779B97F4A7C15


def check_books(books):
    """Walk all links, counts and totals; an AssertionError names what is wrong."""
    top, counts = books.top.tolist(), books.counts.tolist()
    levels, nodes = rows(books.levels, top[s.N_LEVELS], LEVEL), rows(books.nodes, top[s.N_NODES], NODE)
    assert levels[0] == dict.fromkeys(LEVEL.names, 0) | {"key": INT64_MIN}
    tree = Tree(books.children[: 64 * len(nodes)].reshape(-1, 64), levels, nodes)
    orders = rows(books.orders, counts[state.N_SLOTS], state.ORDER)
    resting = []
    sides = [
        s.BLOCK * block + side for block in range((len(top) - s.KEY) // s.BLOCK) for side in range(s.SIDES)
    ]
    tree.in_order = {side: [] for side in sides}
    for side in sides:
        tree.enter(side, top[s.ROOT + side])
        resting += check_side(top, levels, orders, side, tree.in_order[side])
    assert len(set(resting)) == len(resting) == counts[state.ORDERS]
    check_free(tree.used_levels, levels, top[s.FREE_LEVEL], "head", top[s.LEVELS_USED])
    check_free(tree.used_nodes, nodes, top[s.FREE_NODE], "place", top[s.NODES_USED])
    check_near(books.near.tolist(), nodes, tree.used_nodes)
    check_slots(orders, resting, counts[state.FREE_SLOT])
    check_table(books, orders, resting)
    assert counts[state.OPEN_CROSSES] == np.count_nonzero(books.crossed)


def check_side(top, levels, orders, side, slots):
    """Look at all levels of one side; returns its order slots."""
    keys = [levels[slot]["key"] for slot in slots]
    assert keys == sorted(set(keys))
    alive = [slot for slot in slots if levels[slot]["count"]]
    best = alive[-1] if alive else 0
    assert (top[s.BEST + side], top[s.KEY + side]) == (best, levels[best]["key"])
    resting = []
    for slot in slots:
        level, before, order, queue = levels[slot], 0, levels[slot]["head"], []
        while order:
            row = orders[order]
            assert (row["prev"], row["level"], row["side"]) == (before, slot, side)
            assert row["left"] > 0
            queue.append(order)
            before, order = order, row["next"]
            assert len(queue) <= level["count"]
        assert level["tail"] == before
        assert (level["count"], level["total"]) == (len(queue), sum(orders[o]["left"] for o in queue))
        resting += queue
    lots = sum(orders[order]["left"] for order in resting)
    assert (top[s.LIVE + side], top[s.LOTS + side]) == (len(resting), lots)
    return resting


def check_slots(orders, resting, free):
    """Every order slot ever used rests or is free, once."""
    unused = []
    while free:
        unused.append(free)
        free = orders[free]["next"]
        assert len(unused) < len(orders)
    assert sorted(unused + resting) == list(range(1, len(orders)))
    assert all(orders[slot]["level"] == 0 for slot in unused)


def check_table(books, orders, resting):
    """Every resting order is found from its home on, and nothing else is in the table."""
    table = books.table.tolist()
    size = len(table)
    assert sum(entry != 0 for entry in table) == len(resting)
    shift = 65 - size.bit_length()
    for slot in resting:
        reference = orders[slot]["reference"]
        word = (((reference >> 3) * SCATTER) % 2**64) ^ ((reference & 7) << 32)
        row = (word >> shift) // 8 * 8 + (word >> 32) % 8
        while table[row] % 2**32 != slot:
            assert table[row], "a gap between an entry and its home"
            row = (row + 1) % size
        assert table[row] >> 32 == word >> 32
