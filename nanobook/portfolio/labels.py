"""Names of periods and symbols, and how messages spell them."""

from dataclasses import dataclass
from typing import Any


def labelled(values):
    """Whether values are a Series or a DataFrame: elsewhere ``index`` is a method."""
    return hasattr(values, "to_numpy") and not callable(getattr(values, "index", len))


@dataclass(frozen=True)
class Labels:
    """Names of the symbols and the periods, None where the caller gave none.

    Attributes
    ----------
    symbols : tuple, length N, or None
    index : pandas.Index, length T, or None
        Of a DataFrame.
    columns : pandas.Index, length N, or None
        Of a DataFrame: the symbols under the caller's own heading.
    """

    symbols: tuple | None
    index: Any = None
    columns: Any = None

    def same(self, other):
        """Whether all names are equal."""
        mine, theirs = self.index, other.index
        indexes = mine is theirs if mine is None or theirs is None else mine.equals(theirs)
        return self.symbols == other.symbols and indexes

    def period(self, t):
        """Name of a period: its date where there is one, and its row."""
        if self.index is None:
            return f"row {t}"
        return f"{spell(self.index[t])} (row {t})"

    def symbol(self, i):
        """Name of a symbol, or its column."""
        return f"column {i}" if self.symbols is None else str(self.symbols[i])

    def cell(self, t, i):
        """Name of a cell."""
        return f"{self.symbol(i)} {self.period(t)}"


def spell(label):
    """Write an index label as a reader does: a date without its midnight."""
    text = str(label)
    return text.removesuffix(" 00:00:00")
