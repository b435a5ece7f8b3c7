"""Names of periods and symbols, and how messages spell them."""

import difflib
from dataclasses import dataclass
from typing import Any

MOST = 10  # how many of a kind a message names


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


def listing(names):
    """Write the first few names, and how many there are if that is more."""
    names = list(names)
    text = ", ".join(str(name) for name in names[:MOST])
    return text if len(names) <= MOST else f"{text}, ... ({len(names)} in all)"


def nearest(name, others):
    """Hint at the name that was probably meant; nothing if none is near."""
    if not isinstance(name, str):
        return ""
    spelled = {other.strip().casefold(): other for other in others if isinstance(other, str)}
    near = difflib.get_close_matches(name.strip().casefold(), spelled, n=1)
    return f" (did you mean {spelled[near[0]]!r}?)" if near else ""
