"""What there is in an ITCH 5.0 stream, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import TruncatedInput
from ..kernels.itch_layout import MESSAGE_TYPES

TOP = 10  # symbols that the text lists


@dataclass(frozen=True)
class ItchStats:
    """Counts of an ITCH 5.0 stream.

    Attributes
    ----------
    messages : int
        All messages of known types.
    bytes : int
        Bytes of the stream up to the end of the last message.
    counts : dict
        Messages by the letter of their type, in the sequence of ``MESSAGE_TYPES``.
    unknown : dict
        Messages skipped, by their unknown type.
    first_time, last_time : int or None
        Timestamps of the first and of the last message, nanoseconds since midnight.
    directory : dict
        Symbol by locate.
    per_locate : dict
        Messages by locate.
    repaired : int
        Lengths that were replaced; 0 if they are strict.
    backwards : int
        Messages whose timestamp is below that of the message before.
    truncated : TruncatedInput or None
        Where and how the input ended early, if that was allowed.
    """

    messages: int
    bytes: int
    counts: dict
    unknown: dict
    first_time: int | None
    last_time: int | None
    directory: dict
    per_locate: dict
    repaired: int
    backwards: int
    truncated: TruncatedInput | None

    @classmethod
    def of(cls, reader, types, locates, first, last):
        """Gather what a reader noticed and what was counted by type byte and by locate."""
        return cls(
            messages=reader.messages,
            bytes=reader.offset,
            counts={letter: int(types[ord(letter)]) for letter in MESSAGE_TYPES if types[ord(letter)]},
            unknown=reader.unknown,
            first_time=first,
            last_time=last,
            directory=reader.directory,
            per_locate={code: int(locates[code]) for code in np.flatnonzero(locates).tolist()},
            repaired=reader.repaired,
            backwards=reader.backwards,
            truncated=reader.truncated,
        )

    @property
    def symbols(self):
        """Symbols of the directory, sorted."""
        return sorted(set(self.directory.values()))

    @property
    def per_symbol(self):
        """Messages by symbol, most first; under ``""`` those of no security or of none in the directory."""
        totals = {}
        for locate, count in self.per_locate.items():
            symbol = self.directory.get(locate, "")
            totals[symbol] = totals.get(symbol, 0) + count
        return dict(sorted(totals.items(), key=lambda item: (-item[1], item[0])))

    def to_frame(self):
        """Return a DataFrame of the types: title, count and share, indexed by letter."""
        import pandas as pd

        rows = [
            (letter, MESSAGE_TYPES[letter].title, count, count / self.messages)
            for letter, count in self.counts.items()
        ]
        return pd.DataFrame(rows, columns=["type", "title", "count", "share"]).set_index("type")

    def _repr_html_(self):
        return self.to_frame()._repr_html_()

    def __str__(self):
        lines = [
            f"messages   {self.messages:,}",
            f"bytes      {self.bytes:,}",
            f"time       {clock(self.first_time)} to {clock(self.last_time)}",
            f"symbols    {len(self.symbols):,}",
            "",
            *(f"{letter}  {MESSAGE_TYPES[letter].title:<32}{n:>14,}" for letter, n in self.counts.items()),
        ]
        lines += [f"{shown(letter)}  unknown, skipped{n:>30,}" for letter, n in self.unknown.items()]
        busiest = [(symbol, n) for symbol, n in self.per_symbol.items() if symbol][:TOP]
        if busiest:
            lines += ["", "busiest symbols", *(f"{shown(symbol):<10}{n:>37,}" for symbol, n in busiest)]
        if self.repaired:
            lines += ["", f"lengths replaced by the type's: {self.repaired:,}"]
        if self.backwards:
            lines += ["", f"the clock goes backwards: {self.backwards:,} times"]
        return "\n".join(lines)


def clock(nanoseconds):
    """Time of day as text."""
    if nanoseconds is None:
        return "none"
    seconds, fraction = divmod(nanoseconds, 10**9)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:09}"


def shown(name):
    """Text of a file as it may be shown: what could steer a terminal is escaped."""
    return name if name.isascii() and name.isprintable() else ascii(name)[1:-1]
