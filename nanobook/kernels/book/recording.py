"""Recorded levels: a picture of the best levels that is mended where a message changed it, row by row."""

from typing import NamedTuple

import numpy as np
from numpy import int32, int64, uint64

from ..._jit import helper, highest_bit, index, part
from ...types import INT64_MIN, MessageKind
from . import ladder
from .state import BEST, LIVE, LOTS, N_TRADES, RICH

MODIFY = int(MessageKind.MODIFY)
MARKET = int(MessageKind.MARKET)  # the last of the kinds that change a book in one place a side

# Rows of ``Recorder.state``.
LEVELS = 0  # shown on each side
COUNTED = 1  # whether the number of orders is shown, too
TOO_WIDE = 2  # not 0 if the picture does not fit int32
PENDING = 3  # whether the message at which ``store`` gave up is done, its row not written
TRADES = 4  # of the book when the picture was last brought up to date; -1 if never
SEEN_LOTS = 5  # at rest then, of bids and asks
SEEN_LIVE = 7
KNOWN = 9  # levels in the picture, of bids and asks
FLOOR = 11  # lowest key that the picture shows of bids and of asks; below, nothing changes it
STATES = 13


class Recorder(NamedTuple):
    """The best levels as they are now, the picture, and after each message.

    Attributes
    ----------
    narrow : int32 array, shape (messages, cells); wide : int64 array of the same shape
        One of them has the rows, the other has none.
    picture : int64 array, shape (cells,)
        Prices of the bids, best first, and of the asks; lots of both; number of orders of both if asked
        for. All 0 where there is no such level.
    state : int64 array
        Rows named above.
    """

    narrow: np.ndarray
    wide: np.ndarray
    picture: np.ndarray
    state: np.ndarray


@helper
def update(book, recorder, kind, order):
    """Bring the picture up to date after a message.

    A limit or market order or a cancel changes at most one level of its own side, and what rests there by
    as much: that level is mended. Where it changed more the side is drawn anew: that of a modify, the
    other side of a trade or of an order that met one of its owner, both after any other message, and
    after a trade that may have set off stops.

    Parameters
    ----------
    kind : int64
        Of the message.
    order : int64
        The message's order, 0 if it was refused.
    """
    state = recorder.state
    new = state[TRADES] < 0
    traded = book.top[N_TRADES] != state[TRADES]
    state[TRADES] = book.top[N_TRADES]
    side = int64(book.orders[order].side) & 1
    first, last = side, side  # sides to be drawn: none
    if new or kind > MARKET or (traded and book.top[RICH] != 0):
        first, last = int64(0), int64(2)
    else:
        other = book.top[LOTS + 1 - side] != state[SEEN_LOTS + 1 - side]
        own = kind == MODIFY
        if not own and book.top[LOTS + side] != state[SEEN_LOTS + side]:
            mend(book, recorder, side, ladder.key_of(side, book.price[order]))
        if own or other:
            first = min(side if own else int64(1), 1 - side if other else int64(1))
            last = max(side if own else int64(0), 1 - side if other else int64(0)) + 1
    for which in range(first, last):
        draw(book, recorder, which, int64(1))


@part
def mend(book, recorder, side, key):
    """Change the one level of the picture that changed; its key is known, and by how much the side did."""
    state = recorder.state
    lots = book.top[LOTS + side] - state[SEEN_LOTS + side]
    live = book.top[LIVE + side] - state[SEEN_LIVE + side]
    state[SEEN_LOTS + side] += lots
    state[SEEN_LIVE + side] += live
    if key < state[FLOOR + side]:
        return
    levels = index(state[LEVELS])
    known = index(state[KNOWN + side])
    start = index(side * levels)
    row = start
    for n in range(start, start + known):
        row += ladder.key_of(side, recorder.picture[n]) > key
    row = index(row)
    price = ladder.key_of(side, key)
    if row == start + known or recorder.picture[row] != price:
        insert(recorder, side, row)
        state[TOO_WIDE] |= change(recorder, row, price, lots, live)
        state[KNOWN + side] = min(known + 1, levels)
        set_floor(recorder, side)
        return
    total = recorder.picture[row + 2 * levels] + lots
    if total == 0:
        drop(recorder, side, row)
        append(book, recorder, side, known)
        set_floor(recorder, side)
    else:
        if state[COUNTED]:
            live += recorder.picture[row + 4 * levels]
        state[TOO_WIDE] |= change(recorder, row, price, total, live)


@helper
def change(recorder, row, price, lots, orders):
    """Write one level of the picture; not 0 if it does not fit int32."""
    picture = recorder.picture
    levels = index(recorder.state[LEVELS])
    picture[row] = price
    picture[row + 2 * levels] = lots
    if recorder.state[COUNTED]:
        picture[row + 4 * levels] = orders
    return int64((uint64(price + 2**31) | uint64(lots) << uint64(1)) >> uint64(32))


@part
def insert(recorder, side, row):
    """Make room for a level in this row of the picture; the last of the side falls out of a full one."""
    picture = recorder.picture
    levels = index(recorder.state[LEVELS])
    count = index((side + 1) * levels - 1 - row)  # to be moved
    for field in range(2 + recorder.state[COUNTED]):
        first = index(row + 2 * levels * field)
        for n in range(count):
            picture[first + count - n] = picture[first + count - n - 1]


@part
def drop(recorder, side, row):
    """Take the level of this row out of the picture."""
    picture = recorder.picture
    levels = index(recorder.state[LEVELS])
    count = index((side + 1) * levels - 1 - row)  # to be moved
    for field in range(2 + recorder.state[COUNTED]):
        first = index(row + 2 * levels * field)
        for n in range(count):
            picture[first + n] = picture[first + n + 1]
        picture[first + count] = 0


@part
def append(book, recorder, side, known):
    """Show the level behind those left after a drop, if the picture was full and there is one."""
    levels = index(recorder.state[LEVELS])
    last = index(side * levels + known - 1)
    recorder.state[KNOWN + side] = known - 1
    if known < levels:
        return
    if known == 1:
        slot = int64(book.top[BEST + side])
    else:
        shown = ladder.key_of(side, recorder.picture[last - 1])
        slot = ladder.next_level(book, ladder.slot_of(book, side, shown))
    if slot:
        level = book.levels[slot]
        price = ladder.key_of(side, level.key)
        recorder.state[TOO_WIDE] |= change(recorder, last, price, level.total, int64(level.count))
        recorder.state[KNOWN + side] = known


@helper
def set_floor(recorder, side):
    """Note the lowest key that the picture shows of a side, if it is full."""
    state = recorder.state
    levels = index(state[LEVELS])
    state[FLOOR + side] = INT64_MIN
    if levels and state[KNOWN + side] == levels:
        state[FLOOR + side] = ladder.key_of(side, recorder.picture[(side + 1) * levels - 1])


@helper
def draw(book, recorder, side, unit):
    """Draw the best levels of a side into the picture, prices times ``unit``."""
    state = recorder.state
    levels = index(state[LEVELS])
    row = start = index((side & 1) * levels)
    stop = start + levels
    odd = int64(0)
    slot = int64(book.top[BEST + side])
    while slot and row < stop:
        leaf = int64(book.levels[slot].node)
        bits = book.nodes[leaf].bits & ladder.bits_to(book.levels[slot].key & 63)
        while bits and row < stop:
            digit = highest_bit(bits)
            bits ^= uint64(1) << uint64(digit)
            slot = int64(book.children[leaf * 64 + digit])
            level = book.levels[slot]
            price = ladder.key_of(side, level.key) * unit
            odd |= change(recorder, row, price, level.total, int64(level.count))
            row += 1
        if row < stop:
            slot = ladder.next_level(book, slot)
    state[TOO_WIDE] |= odd
    state[KNOWN + (side & 1)] = row - start
    while row < stop:
        change(recorder, row, int64(0), int64(0), int64(0))
        row += 1
    state[SEEN_LOTS + (side & 1)] = book.top[LOTS + side]
    state[SEEN_LIVE + (side & 1)] = book.top[LIVE + side]
    set_floor(recorder, side & 1)


@helper
def store(recorder, m):
    """Write the picture into row ``m``; False, and it is pending, if the rows are too narrow for it."""
    picture = recorder.picture
    if recorder.wide.shape[0]:
        row = recorder.wide[m]
        for cell in range(picture.size):
            row[cell] = picture[cell]
    elif recorder.state[TOO_WIDE]:
        recorder.state[PENDING] = 1
        return False
    else:
        narrow = recorder.narrow[m]
        for cell in range(picture.size):
            narrow[cell] = int32(picture[cell])
    recorder.state[PENDING] = 0
    return True
