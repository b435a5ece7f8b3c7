"""The ladder: all price levels of a side in order, at any int64 price.

A price becomes a *key*, ``price`` for a bid and ``~price`` for an ask, so that the best level of
either side has the highest key and one expression serves both. Keys live in a radix tree of six
bits a step with its chains of only children left out: a leaf holds 64 neighbouring prices and a
bitmap of those in use, a fork holds up to 64 nodes. The next best price is one count of leading
zeros away, mostly in the same leaf; a far quote adds one fork, however far it is. Leaves near each
other are found through ``Book.near`` without walking the tree.
"""

from numpy import int64, uint32, uint64

from ..._jit import helper, highest_bit, kernel
from .state import (
    BEST,
    FREE,
    FREE_LEVEL,
    FREE_NODE,
    KEY,
    LEVELS_LIVE,
    N_LEVELS,
    N_NODES,
    NEAR,
    NODES_LIVE,
    ROOT,
)

HIGHEST = 10  # height of a fork whose children differ in the sign of the key
NODES_PER_LEVEL = 2  # a new level needs at most a leaf and a fork above it


@helper
def key_of(side, price):
    """Key of a price: itself for a bid, its complement for an ask. Its own inverse."""
    return price ^ -side


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
def height_of(book, node):
    """Height of a node: 0 for a leaf."""
    return int64(book.nodes[node].tag) >> 1


@helper
def lowest_key(book, node):
    """Lowest key that a node could hold."""
    return book.nodes[node].prefix << (6 * (height_of(book, node) + 1))


@helper
def has_room(book):
    """Whether one more level surely fits."""
    top = book.top
    return (
        top[LEVELS_LIVE] + 1 < book.levels.size
        and top[NODES_LIVE] + NODES_PER_LEVEL < book.nodes.size
    )


@helper
def level_at(book, side, key):
    """Slot of the level with this key; made if there is none."""
    prefix = key >> 6
    leaf = int64(book.near[side, prefix & (NEAR - 1)])
    if book.nodes[leaf].prefix != prefix or book.nodes[leaf].tag != side:
        leaf = find_leaf(book, side, key)
        book.near[side, prefix & (NEAR - 1)] = leaf
    level = int64(book.children[leaf, key & 63])
    if level == 0:
        level = new_level(book, side, leaf, key)
    return level


@kernel
def new_level(book, side, leaf, key):
    """Put an empty level into its leaf; keeps the touch."""
    top = book.top
    slot = top[FREE_LEVEL]
    if slot:
        top[FREE_LEVEL] = book.levels[slot].head
    else:
        slot = top[N_LEVELS]
        top[N_LEVELS] = slot + 1
    top[LEVELS_LIVE] += 1
    level = book.levels[slot]
    level.key = key
    level.total = 0
    level.head = 0
    level.tail = 0
    level.count = 0
    level.node = leaf
    hang(book, leaf, key & 63, slot)
    if top[BEST + side] == 0 or key > top[KEY + side]:
        top[BEST + side] = slot
        top[KEY + side] = key
    return slot


@helper
def remove_level(book, side, slot):
    """Take an emptied level off the ladder; moves the touch if it was there."""
    top = book.top
    level = book.levels[slot]
    if top[BEST + side] == slot:
        best = next_level(book, slot)
        top[BEST + side] = best
        top[KEY + side] = book.levels[best].key
    leaf = int64(level.node)
    level.head = top[FREE_LEVEL]
    top[FREE_LEVEL] = slot
    top[LEVELS_LIVE] -= 1
    if drop(book, leaf, level.key & 63) == 0:
        prune(book, side, leaf)


@helper
def next_level(book, slot):
    """Slot of the level behind this one on its side, 0 if it is the last."""
    key = book.levels[slot].key
    leaf = int64(book.levels[slot].node)
    lower = book.nodes[leaf].bits & lower_bits(key & 63)
    if lower:
        return int64(book.children[leaf, highest_bit(lower)])
    return next_leaf_level(book, leaf, key)


@kernel
def next_leaf_level(book, node, key):
    """Best level below ``key`` outside its own leaf ``node``, 0 if there is none."""
    lower = uint64(0)
    while not lower:
        node = int64(book.nodes[node].parent)
        if node == 0:
            return int64(0)
        lower = book.nodes[node].bits & lower_bits(digit_at(key, height_of(book, node)))
    node = int64(book.children[node, highest_bit(lower)])
    while height_of(book, node) > 0:
        node = int64(book.children[node, highest_bit(book.nodes[node].bits)])
    return int64(book.children[node, highest_bit(book.nodes[node].bits)])


@helper
def lower_bits(digit):
    """Mask of the bits below a digit."""
    return (uint64(1) << uint64(digit)) - uint64(1)


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
        child = int64(book.children[node, digit_at(key, height)])
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
def prune(book, side, node):
    """Free an empty leaf, and the fork above it if only one child is left there."""
    parent = int64(book.nodes[node].parent)
    if parent == 0:
        book.top[ROOT + side] = 0
    else:
        left = drop(book, parent, digit_at(lowest_key(book, node), height_of(book, parent)))
        if left & (left - uint64(1)) == 0:
            child = int64(book.children[parent, highest_bit(left)])
            book.children[parent, highest_bit(left)] = 0
            replace(book, side, parent, child)
            free_node(book, parent)
    free_node(book, node)


@kernel
def new_node(book, side, key, height):
    """Take a node without children for the keys that share ``key``'s prefix at this height."""
    top = book.top
    slot = top[FREE_NODE]
    if slot:
        top[FREE_NODE] = book.nodes[slot].parent
    else:
        slot = top[N_NODES]
        top[N_NODES] = slot + 1
    top[NODES_LIVE] += 1
    node = book.nodes[slot]
    node.prefix = prefix_at(key, height)
    node.bits = 0
    node.parent = 0
    node.tag = 2 * height + side
    return slot


@kernel
def free_node(book, slot):
    """Give a node back; its children must be gone."""
    book.nodes[slot].tag = FREE
    book.nodes[slot].parent = book.top[FREE_NODE]
    book.top[FREE_NODE] = slot
    book.top[NODES_LIVE] -= 1


@helper
def hang(book, node, digit, child):
    """Set a child of a node: a level of a leaf, a node of a fork."""
    book.children[node, digit] = child
    book.nodes[node].bits |= uint64(1) << uint64(digit)


@helper
def drop(book, node, digit):
    """Clear a child of a node; returns the bitmap of those left."""
    book.children[node, digit] = 0
    bits = book.nodes[node].bits & ~(uint64(1) << uint64(digit))
    book.nodes[node].bits = bits
    return bits


@kernel
def adopt(book, node, child):
    """Hang a node under a fork."""
    hang(book, node, digit_at(lowest_key(book, child), height_of(book, node)), child)
    book.nodes[child].parent = node


@kernel
def replace(book, side, node, by):
    """Put ``by`` where ``node`` hangs."""
    parent = int64(book.nodes[node].parent)
    book.nodes[by].parent = uint32(parent)
    if parent == 0:
        book.top[ROOT + side] = by
    else:
        digit = digit_at(lowest_key(book, node), height_of(book, parent))
        book.children[parent, digit] = by
