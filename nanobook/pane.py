"""The pane through which Python looks at a book: what did not change is not made again."""

from __future__ import annotations

from array import array
from itertools import repeat

import numpy as np

from ._jit import describe, handle_of
from .errors import CapacityError
from .kernels.book import depth
from .snapshot import LevelSnapshot

MOST_KEPT = 64  # levels; a pane of more is dropped after use


class Pane:
    """The best levels of both sides as they were shown last, as numbers and as objects.

    Attributes
    ----------
    levels : int
        Of each side.
    handle : int
        What ``call.show_entry()`` takes.
    columns : int64 array, shape (2, 3, levels)
        View of the numbers: price, quantity, orders of bids and asks.
    bids, asks : list of LevelSnapshot
        As of the last ``take_note``; a level that did not change is the same object as before.
    """

    __slots__ = ("_descriptor", "_objects", "_rows", "asks", "bids", "columns", "handle", "levels")

    def __init__(self, levels):
        self.levels = levels
        try:
            # Python reads an array.array twice as fast as a view of a NumPy array.
            self._rows = array("q", bytes(48 * (1 + levels)))
            self._objects = [None] * levels, [None] * levels
            self.bids, self.asks = [], []
        except (MemoryError, OverflowError):
            raise CapacityError(f"levels: {levels} of both sides do not fit into memory; use fewer") from None
        rows = np.frombuffer(self._rows, np.int64)
        self.columns = rows.reshape(2, 1 + levels, 3)[:, 1:].transpose(0, 2, 1)
        self._descriptor = describe(depth.Pane(rows))
        self.handle = handle_of(self._descriptor)

    def take_note(self):
        """Make the levels that changed anew."""
        self.bids = self._side(0, self._objects[0])
        self.asks = self._side(3 * (1 + self.levels), self._objects[1])

    def _side(self, head, objects):
        rows = self._rows
        count, first, end = rows[head : head + 3]
        if first < end:
            numbers = iter(rows[head + 3 * (1 + first) : head + 3 * (1 + end)])
            triples = zip(numbers, numbers, numbers, strict=True)
            # The short way to many named tuples: LevelSnapshot(*triple) takes three times as long.
            objects[first:end] = map(tuple.__new__, repeat(LevelSnapshot), triples)
            rows[head + 1] = self.levels
            rows[head + 2] = 0
        return objects[:count]
