"""A feed from its first message to its last: part after part through the books."""

from __future__ import annotations

import numpy as np

from .. import checks
from ..kernels.feed import state
from ..tape import BookLevels
from .books import FeedBooks


class Replay:
    """What a replay leaves.

    Attributes
    ----------
    books : FeedBooks
    executions : structured array
    places : int64 array
        Messages after which levels were recorded; empty if none were.
    levels : list of BookLevels
        A part for each part of the messages; empty if none were recorded.
    """

    def __init__(self, books):
        self.books = books
        self._executions, self._places, self.levels = [], [], []

    @property
    def executions(self):
        """All executions as one structured array."""
        return np.concatenate([np.zeros(0, state.EXECUTION), *self._executions])

    @property
    def places(self):
        """Messages after which levels were recorded, as one array."""
        return np.concatenate([np.zeros(0, np.int64), *self._places])

    def columns(self):
        """Levels as a dict of columns: ``message``, and bid_price ... ask_orders of shape (rows, levels)."""
        found = {"message": self.places}
        for side in ("bid", "ask"):
            for field in BookLevels.COLUMNS:
                name = f"{side}_{field}"
                if self.levels:
                    found[name] = np.concatenate([getattr(part, name) for part in self.levels])
        return found

    def __repr__(self):
        return f"Replay({self.books!r}, executions={len(self.executions)}, recorded={len(self.places)})"


def replay_feed(messages, *, levels=0, symbol=None, books=None, progress=None):
    """Apply a feed part by part.

    Parameters
    ----------
    messages : iterable
        Parts as ``FeedBooks.apply`` takes them: ``read_itch(path)``, for example.
    levels : int
        Record so many levels of both sides after each message of ``symbol``.
    symbol : str or int, optional
        Name or number; recorded are all symbols unless told.
    books : FeedBooks, optional
        To go on with.
    progress : callable, optional
        Called after every part with the messages applied so far.

    Returns
    -------
    Replay

    Examples
    --------
    >>> from nanobook import replay_feed
    >>> parts = [{"kind": ["A"], "side": ["B"], "reference": [7], "quantity": [10], "price": [500]}]
    >>> replay_feed(parts)
    Replay(FeedBooks(messages=1, symbols=1, orders=1), executions=0, recorded=0)
    """
    levels = checks.as_levels(levels)
    result = Replay(FeedBooks() if books is None else books)
    seen = {}
    for part in messages:
        seen.update(getattr(part, "directory", {}))
        known = not isinstance(symbol, str) or symbol in seen.values()
        if levels and known:
            executions, places, shown = result.books.record(part, levels, symbol)
            result._places.append(places)
            result.levels.append(shown)
        else:
            executions = result.books.apply(part)
        result._executions.append(executions)
        if progress is not None:
            progress(result.books.messages)
    if levels and isinstance(symbol, str):
        result.books.number(symbol)
    return result
