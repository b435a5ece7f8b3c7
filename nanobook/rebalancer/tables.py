"""Plain text tables, and colours where a person looks at a terminal."""

from __future__ import annotations

import os
from decimal import Decimal

from ..exact import CENTS, dollars
from ..hints import printable

RED, GREEN, YELLOW = "31", "32", "33"


def table(heads, rows):
    """Write rows under their heads: numbers to the right, texts to the left.

    Parameters
    ----------
    heads : sequence of str
    rows : iterable of sequences
        As many cells each; a cell is written as it prints.

    Returns
    -------
    str

    Examples
    --------
    >>> from nanobook.rebalancer.tables import table
    >>> print(table(["Symbol", "Shares"], [["AAPL", 100], ["BRK.B", 5]]))
    Symbol  Shares
    AAPL       100
    BRK.B        5
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    right = [all(is_number(row[place]) for row in cells) for place in range(len(heads))]
    lines = [line(row, widths, right) for row in [list(heads), *cells]]
    return "\n".join(lines)


def line(cells, widths, right):
    """Write one row."""
    put = [
        cell.rjust(width) if to_right else cell.ljust(width)
        for cell, width, to_right in zip(cells, widths, right, strict=True)
    ]
    return "  ".join(put).rstrip()


def is_number(text):
    """Whether a cell is a number, with a sign, a unit or neither, or empty."""
    bare = text.lstrip("+-$").rstrip("%x").replace(",", "")
    return not bare or bare.replace(".", "", 1).isdigit()


def figure(number):
    """Write an exact number without an exponent and without zeros that say nothing."""
    if not isinstance(number, Decimal):
        return str(number)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(cents, places=2):
    """Write cents as money for people, rounded; what is below a currency unit keeps its digits."""
    if abs(cents) < CENTS:
        return dollars(cents)
    return dollars(round(Decimal(cents), places - 2))


def percent(share, places=1):
    """Write a share as per cent."""
    return f"{float(share) * 100:.{places}f}%"


def colour(text, code, stream, environ=None):
    """Colour a text if the stream is a terminal that shows colours.

    Parameters
    ----------
    text, code : str
        ``code`` is one of the constants here.
    stream : text file
        Where it goes.
    environ : mapping, optional
        ``NO_COLOR`` and ``TERM=dumb`` are obeyed.
    """
    environ = os.environ if environ is None else environ
    if not stream.isatty() or environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return text
    return f"\x1b[{code}m{text}\x1b[0m"
