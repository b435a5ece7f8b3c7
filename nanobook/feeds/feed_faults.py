"""What was wrong with a feed, for people."""

from __future__ import annotations

import numpy as np

from ..kernels.feed import state

FAULT_NAMES = (
    "unknown reference",
    "reference in use",
    "more than rests",
    "no quantity",
    "no side",
    "crossed",
)
FAULT_TEXTS = (
    "no order {reference} rests",
    "an order {reference} rests already",
    "order {reference} has fewer lots than that",
    "its quantity is 0",
    "its side is neither B nor S",
    "the book has been crossed for too long; order {reference} is the oldest at a wrong price",
)


class Faults:
    """What was wrong with a feed: how often, and the first faults.

    Attributes
    ----------
    counts : dict
        Number of faults by what they are.
    first : structured array of ``kernels.feed.state.FAULT``
        The first ones: message, reference, symbol, kind, fault.
    total : int
    """

    def __init__(self, books, directory):
        counts = books.counts[state.FAULTS : state.FAULTS + state.FAULT_KINDS].tolist()
        self.counts = dict(zip(FAULT_NAMES, counts, strict=True))
        self.total = sum(counts)
        self.first = np.array(books.faults[: books.counts[state.N_FAULTS]])
        self._directory = directory

    def lines(self):
        """Tell each of the first faults in a line."""
        told = []
        for message, reference, symbol, kind, fault in self.first.tolist():
            name = self._directory.get(symbol, symbol)
            text = FAULT_TEXTS[fault].format(reference=reference)
            told.append(f"message {message} ({chr(kind)}, symbol {name}): {text}")
        return told

    def __repr__(self):
        counts = ", ".join(f"{name} {count}" for name, count in self.counts.items() if count)
        return "\n".join([f"{self.total} faults{': ' if counts else ''}{counts}", *self.lines()])
