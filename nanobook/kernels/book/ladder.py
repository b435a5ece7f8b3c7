"""The ladder: all price levels of a side in order, at any int64 price.

A price becomes a *key*, ``price`` for a bid and ``~price`` for an ask, so that the best level of
either side has the highest key and one expression serves both. Keys live in a radix tree of six
bits a step with its chains of only children left out: a leaf holds 64 neighbouring prices, a fork
up to 64 nodes, each with a bitmap of the children that lead to an order. The next best price is
one count of leading zeros away, mostly in the same leaf; a far quote adds one fork, however far
it is. Leaves are found through ``Book.near`` without walking down the tree.

A level or leaf that empties only loses its bit: where prices come and go nothing is made or freed.
``collect`` frees what stayed empty, once the slots run out.
"""

from numpy import int64, uint64

from ..._jit import helper, highest_bit, index, kernel, part
from .state import (
    BEST,
    FREE,
    FREE_LEVEL,
    FREE_NODE,
    KEY,
    LEVELS_USED,
    N_LEVELS,
    N_NODES,
    NODES_USED,
    ROOT,
)

SCATTER = 40503  # odd, 2**16 over the golden ratio: keeps sides apart in ``near``
HIGHEST = 10  # height of a fork whose children differ in the sign of the key
NODES_PER_LEVEL = 2  # a new level needs at most a leaf and a fork above it


@helper
def key_of(side, price):
    """Key of a price: itself for a bid, its complement for an ask. Its own inverse."""
    return price ^ -(side & 1)


@helper
def room(book):
    """How many more levels surely fit."""
    levels = book.levels.size - 1 - book.top[LEVELS_USED]
    nodes = book.nodes.size - 1 - book.top[NODES_USED]
    return min(levels, nodes // NODES_PER_LEVEL)


@helper
def level_at(book, side, key):
    """Slot of the level with this key, ready to take an order; moves the touch if it is better."""
    leaf = leaf_at(book, side, key)
    level = int64(book.children[leaf * 64 + (key & 63)])
    if level == 0:
        level = new_level(book, leaf, key)
    if book.levels[level].count == 0:
        mark(book, leaf, uint64(1) << uint64(key & 63))
        if key > book.top[KEY + side] or book.top[BEST + side] == 0:
            book.top[BEST + side] = level
            book.top[KEY + side] = key
    return level


@helper
def leaf_at(book, side, key):
    """The leaf of a key, made if there is none."""
    prefix = key >> 6
    row = near_row(book, side, key)
    leaf = int64(book.near[row])
    if book.nodes[leaf].prefix != prefix or book.nodes[leaf].tag != side << 4:
        leaf = index(find_leaf(book, side, key))
        book.near[row] = leaf
    return leaf


@helper
def near_row(book, side, key):
    """Row of ``near`` where the leaf of a key is remembered."""
    return (side * SCATTER + (key >> 6)) & (book.near.size - 1)


@helper
def slot_of(book, side, key):
    """Slot of the level with this key, which there is."""
    return int64(book.children[leaf_at(book, side, key) * 64 + (key & 63)])


@part
def level_near(book, side, key):
    """Guess the slot of the level with this key, without looking whether it is right."""
    leaf = int64(book.near[near_row(book, side, key)])
    return int64(book.children[leaf * 64 + (key & 63)])


@helper
def retire(book, side, slot):
    """Take the bit of an emptied level away; moves the touch if it was there."""
    top = book.top
    level = book.levels[slot]
    if top[BEST + side] == slot:
        best = index(next_level(book, slot))
        top[BEST + side] = best
        top[KEY + side] = book.levels[best].key
    unmark(book, int64(level.node), uint64(1) << uint64(level.key & 63))


@part
def mark(book, node, bit):
    """Set a bit of a node, and of those above to which it was empty."""
    bits = book.nodes[node].bits
    book.nodes[node].bits = bits | bit
    while not bits:
        place = int64(book.nodes[node].place)
        bit = uint64(1) << uint64(place & 63)
        node = place >> 6
        if node == 0:
            break
        bits = book.nodes[node].bits
        book.nodes[node].bits = bits | bit


@part
def unmark(book, node, bit):
    """Clear a bit of a node, and of those above to which it now is empty."""
    bits = book.nodes[node].bits & ~bit
    book.nodes[node].bits = bits
    while not bits:
        place = int64(book.nodes[node].place)
        bit = uint64(1) << uint64(place & 63)
        node = place >> 6
        if node == 0:
            break
        bits = book.nodes[node].bits & ~bit
        book.nodes[node].bits = bits


@helper
def next_level(book, slot):
    """Slot of the level behind this one on its side, 0 if it is the last."""
    node = int64(book.levels[slot].node)
    lower = book.nodes[node].bits & bits_below(book.levels[slot].key & 63)
    while not lower:
        place = int64(book.nodes[node].place)
        node = place >> 6
        if node == 0:
            return int64(0)
        lower = book.nodes[node].bits & bits_below(place & 63)
    height = height_of(book, node)
    child = int64(book.children[node * 64 + highest_bit(lower)])
    while height > 0:
        height = height_of(book, child)
        child = int64(book.children[child * 64 + highest_bit(book.nodes[child].bits)])
    return child


@helper
def bits_below(digit):
    """Mask of the bits below a digit."""
    return (uint64(1) << uint64(digit)) - uint64(1)


@part
def bits_to(digit):
    """Mask of the bits up to a digit."""
    return (uint64(2) << uint64(digit)) - uint64(1)


@helper
def height_of(book, node):
    """Height of a node: 0 for a leaf."""
    return int64(book.nodes[node].tag) & 15


@helper
def prefix_at(key, height):
    """The part of a key that all keys under its node of this height share."""
    return int64(0) if height == HIGHEST else key >> (6 * (height + 1))


@helper
def digit_at(key, height):
    """Which child of a node of this height leads to a key, 0-63, rising with the key."""
    digit = (key >> (6 * height)) & 63
    return digit ^ 32 if height == HIGHEST else digit


@helper
def lowest_key(book, node):
    """Lowest key that a node below ``HIGHEST`` could hold."""
    return book.nodes[node].prefix << (6 * (height_of(book, node) + 1))


@kernel
def find_leaf(book, side, key):
    """The leaf of a key, made and hung into the tree if there is none."""
    node = book.top[ROOT + side]
    if node == 0:
        leaf = new_node(book, side, key, int64(0))
        book.top[ROOT + side] = leaf
        return leaf
    while True:
        height = height_of(book, node)
        if book.nodes[node].prefix != prefix_at(key, height):
            return fork(book, side, node, key)
        if height == 0:
            return node
        child = int64(book.children[node * 64 + digit_at(key, height)])
        if child == 0:
            leaf = new_node(book, side, key, int64(0))
            adopt(book, node, leaf)
            return leaf
        node = child


@kernel
def fork(book, side, node, key):
    """Make a fork above ``node`` where ``key`` parts from it; returns the new leaf of ``key``."""
    apart = highest_bit(uint64(lowest_key(book, node) ^ key))
    above = new_node(book, side, key, int64(apart) // 6)
    replace(book, side, node, above)
    adopt(book, above, node)
    leaf = new_node(book, side, key, int64(0))
    adopt(book, above, leaf)
    return leaf


@kernel
def adopt(book, node, child):
    """Hang a node under a fork."""
    digit = digit_at(lowest_key(book, child), height_of(book, node))
    place = node * 64 + digit
    book.children[place] = child
    book.nodes[child].place = place
    if book.nodes[child].bits:
        book.nodes[node].bits |= uint64(1) << uint64(digit)


@kernel
def replace(book, side, node, by):
    """Put ``by`` where ``node`` hangs; the bits above stay, for what is below stays."""
    place = book.nodes[node].place
    book.nodes[by].place = place
    if place == 0:
        book.top[ROOT + side] = by
    else:
        book.children[index(place)] = by


@kernel
def new_node(book, side, key, height):
    """Take a node without children for the keys that share ``key``'s prefix at this height."""
    top = book.top
    slot = top[FREE_NODE]
    if slot:
        top[FREE_NODE] = book.nodes[slot].place
    else:
        slot = top[N_NODES]
        top[N_NODES] = slot + 1
    top[NODES_USED] += 1
    node = book.nodes[slot]
    node.prefix = prefix_at(key, height)
    node.bits = 0
    node.place = 0
    node.tag = 16 * side + height
    for child in range(slot * 64, slot * 64 + 64):
        book.children[child] = 0
    return slot


@kernel
def new_level(book, leaf, key):
    """Put an empty level into its leaf."""
    top = book.top
    slot = top[FREE_LEVEL]
    if slot:
        top[FREE_LEVEL] = book.levels[slot].head
    else:
        slot = top[N_LEVELS]
        top[N_LEVELS] = slot + 1
    top[LEVELS_USED] += 1
    level = book.levels[slot]
    level.key = key
    level.total = 0
    level.head = 0
    level.tail = 0
    level.count = 0
    level.node = leaf
    book.children[leaf * 64 + (key & 63)] = slot
    return slot


@kernel
def collect(book):
    """Free the levels, leaves and forks that hold no order."""
    top = book.top
    for node in range(1, top[N_NODES]):
        if height_of(book, node) == 0:
            free_levels(book, node)
            if not book.nodes[node].bits:
                prune(book, int64(book.nodes[node].tag) >> 4, node)


@kernel
def free_levels(book, leaf):
    """Free the empty levels of a leaf."""
    top = book.top
    for child in range(leaf * 64, leaf * 64 + 64):
        slot = int64(book.children[child])
        if slot and book.levels[slot].count == 0:
            book.children[child] = 0
            book.levels[slot].head = top[FREE_LEVEL]
            top[FREE_LEVEL] = slot
            top[LEVELS_USED] -= 1


@kernel
def prune(book, side, leaf):
    """Free an empty leaf, and the fork above it if only one child is left there."""
    place = int64(book.nodes[leaf].place)
    parent = place >> 6
    free_node(book, leaf)
    if parent == 0:
        book.top[ROOT + side] = 0
        return
    book.children[place] = 0
    others = 0
    only = int64(0)
    for child in range(parent * 64, parent * 64 + 64):
        if book.children[child]:
            others += 1
            only = int64(book.children[child])
    if others == 1:
        replace(book, side, parent, only)
        free_node(book, parent)


@kernel
def free_node(book, slot):
    """Give a node back."""
    book.nodes[slot].tag = FREE
    book.nodes[slot].place = book.top[FREE_NODE]
    book.top[FREE_NODE] = slot
    book.top[NODES_USED] -= 1
