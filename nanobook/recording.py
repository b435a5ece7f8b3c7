"""Recorded levels: the rows that ``kernels.book.recording`` writes."""

from __future__ import annotations

import numpy as np

from .errors import CapacityError
from .kernels.book import recording


class LevelRows:
    """The best levels after every message, in rows of the narrowest integers that hold them.

    Parameters
    ----------
    rows : int
        Messages.
    levels : int
        Of each side.
    counted : bool
        Whether to keep the number of orders of each level, too.
    """

    def __init__(self, rows, levels, counted=True):
        self.levels = levels
        self.fields = 3 if counted else 2
        state = np.zeros(recording.STATES, np.int64)
        state[recording.LEVELS], state[recording.COUNTED] = levels, counted
        state[recording.TRADES :] = -1
        cells = 2 * levels * self.fields
        self.recorder = recording.Recorder(
            narrow=_room(rows, cells, levels, np.int32),
            wide=np.empty((0, cells), np.int64),
            picture=np.zeros(cells, np.int64),
            state=state,
        )

    def is_waiting(self):
        """Whether a kernel stopped because its picture did not fit the narrow rows."""
        return bool(self.recorder.state[recording.PENDING])

    def widen(self, done):
        """Go on in rows of int64, the first ``done`` of which are copied."""
        narrow = self.recorder.narrow
        wide = _room(*narrow.shape, self.levels, np.int64)
        wide[:done] = narrow[:done]
        self.recorder = self.recorder._replace(narrow=narrow[:0].copy(), wide=wide)

    def columns(self, rows=None):
        """Prices, quantities and, if they were asked for, numbers of orders of the first ``rows`` messages.

        Returns
        -------
        list of int32 or int64 array, shape (rows, 2, levels)
            Bids under 0 and asks under 1, best first; 0 where there is no such level.
        """
        cells = self.recorder.wide if len(self.recorder.wide) else self.recorder.narrow
        parted = cells[:rows].reshape(-1, self.fields, 2, self.levels)
        return [parted[:, field] for field in range(self.fields)]


def parts(rows):
    """Levels of a picture as two lists of (price, quantity, orders), bids and asks."""
    price, quantity, orders = rows.recorder.picture.reshape(3, 2, rows.levels).tolist()
    return [
        [level for level in zip(price[side], quantity[side], orders[side], strict=True) if level[2]]
        for side in (0, 1)
    ]


def _room(rows, cells, levels, dtype):
    try:
        return np.empty((rows, cells), dtype)
    except (MemoryError, ValueError):
        raise CapacityError(
            f"levels: {levels} of both sides, {rows} times, do not fit into memory; use fewer"
        ) from None
