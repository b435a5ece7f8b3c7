"""ITCH messages as columns: what is decoded of every message, and all fields of one type when asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ..errors import InvalidValue
from ..kernels.itch import LINK, PRICE, REFERENCE, SHARES, Columns
from ..kernels.itch_layout import LONG_PRICE_TICKS, MESSAGE_TYPES, PLACES, PRICE_TICKS
from ..results import categories

FORMATS = {"char": "S1", "u2": ">u2", "u4": ">u4", "u8": ">u8", "price": ">u4", "price8": ">u8"}
TICKS = {"price": PRICE_TICKS, "price8": LONG_PRICE_TICKS}
TIME_MASK = np.uint64(0xFFFFFFFFFFFF)
REPLACE = ord("U")
SYMBOL = 8  # bytes of a stock's name


def _layout(message_type):
    """Record dtype of one type; a time is read as the eight bytes that end with it."""
    fields = message_type.fields
    return np.dtype(
        {
            "names": [field.name for field in fields],
            "formats": [
                ">u8" if field.kind == "time" else FORMATS.get(field.kind, f"S{field.width}")
                for field in fields
            ],
            "offsets": [field.offset - 2 * (field.kind == "time") for field in fields],
            "itemsize": message_type.length,
        }
    )


LAYOUTS = {letter: _layout(message_type) for letter, message_type in MESSAGE_TYPES.items()}
STOCK_PLACES = np.zeros(256, np.int64)
TYPE_CODES, SIDE_CODES = np.full((2, 256), -1, np.int8)
SIDE_CODES[[ord("B"), ord("S")]] = 0, 1
for _code, (_letter, _dtype) in enumerate(LAYOUTS.items()):
    TYPE_CODES[ord(_letter)] = _code
    if "stock" in _dtype.names:
        STOCK_PLACES[ord(_letter)] = _dtype.fields["stock"][1]


class ItchMessages:
    """Messages of an ITCH 5.0 stream in its sequence; those of unknown types are not among them.

    Attributes
    ----------
    timestamp : int64 array
        Nanoseconds since midnight; ``time`` is the same as timedelta64.
    type : uint8 array
        Letter of the type as its ASCII code.
    locate : uint16 array
        The security's number in this session; 0 where a message is of none.
    reference : uint64 array
        Order that the message adds, executes, cancels, deletes or replaces.
    link : uint64 array
        New reference of a replace (U); match number of an execution or trade (E C P Q B).
    shares : uint32 array
        Those of four bytes; a cross trade's (Q) have eight: see ``of_type``.
    price : uint32 array
        In ticks of 1e-4 dollar; ``dollars`` is the same in dollars.
    side : uint8 array
        ``B`` or ``S`` as its ASCII code.
    offset : int64 array
        Where the message, behind its length, begins in the stream.
    directory : dict
        Symbol by locate, as of the last message.

    Notes
    -----
    What a type has not is 0 in the columns, NaN in ``dollars``, missing in a frame.

    Examples
    --------
    >>> from nanobook import read_itch
    >>> data = bytes.fromhex("0013" + "44022300000d18c826bf110000000000002ac1")
    >>> messages = read_itch(data).read()
    >>> messages
    ItchMessages(1: D 1)
    >>> messages.reference
    array([10945], dtype=uint64)
    >>> messages[0]["timestamp"]
    14400088358673
    """

    def __init__(self, columns, data, start, directory):
        self._columns = columns
        self.timestamp, self.reference, self.link, self.shares, self.price = columns[:5]
        self._place, self.locate, self.type, self.side = columns[5:]
        self._data = data
        self._start = start
        self.directory = directory

    @cached_property
    def offset(self):
        """Where the messages begin in the stream."""
        return self._place.astype(np.int64) + self._start

    @property
    def time(self):
        """Time since midnight as timedelta64 in nanoseconds."""
        return self.timestamp.view("m8[ns]")

    @cached_property
    def dollars(self):
        """Prices in dollars, NaN where the type has none."""
        return np.where(self._has(PRICE), self.price / PRICE_TICKS, np.nan)

    @cached_property
    def symbol(self):
        """Symbols by locate, empty where the directory has none."""
        names, codes = self._symbols()
        return np.array(names)[codes]

    @cached_property
    def stock(self):
        """Symbols as the messages themselves carry them, empty where the type has none."""
        raw = np.zeros(len(self), f"S{SYMBOL}")
        places = STOCK_PLACES[self.type]
        rows = np.flatnonzero(places)
        at = self._place[rows] + places[rows]
        raw[rows] = self._bytes_at(at, SYMBOL).view(raw.dtype).ravel()
        return text(raw)

    def __len__(self):
        return self.type.size

    def __getitem__(self, item):
        """All fields of one message as a dict; messages for a slice, a mask or an array of rows."""
        if isinstance(item, (int, np.integer)):
            row = range(len(self))[item]
            fields = self[row : row + 1].fields(chr(self.type[row]))
            return {name: column.item() for name, column in fields.items()}
        columns = Columns(*(column[item] for column in self._columns))
        return ItchMessages(columns, self._data, self._start, self.directory)

    def fields(self, letter):
        """All fields of the messages of one type.

        Parameters
        ----------
        letter : str
            One of ``MESSAGE_TYPES``, which are case-sensitive.

        Returns
        -------
        dict of arrays
            By the name of the field: unsigned integers, prices in ticks, ``timestamp`` int64 nanoseconds,
            text without its padding.

        Raises
        ------
        InvalidValue
        """
        if letter not in MESSAGE_TYPES:
            known = " ".join(MESSAGE_TYPES)
            raise InvalidValue(f"letter: {letter!r} is no type of ITCH 5.0; use one of {known}")
        at = self._place[self.type == ord(letter)]
        rows = self._bytes_at(at, MESSAGE_TYPES[letter].length).view(LAYOUTS[letter]).ravel()
        return {field.name: _native(rows[field.name], field.kind) for field in MESSAGE_TYPES[letter].fields}

    def of_type(self, letter, dollars=False):
        """All fields of the messages of one type as a DataFrame.

        Parameters
        ----------
        letter : str
        dollars : bool
            Whether prices are in dollars instead of ticks.

        Returns
        -------
        DataFrame
            ``time``, ``symbol`` by the directory and the fields of the type; one row a message.

        Raises
        ------
        InvalidValue
        """
        import pandas as pd

        columns = self.fields(letter)
        del columns["type"]
        for field in MESSAGE_TYPES[letter].fields:
            if dollars and field.kind in TICKS:
                columns[field.name] = columns[field.name] / TICKS[field.kind]
        symbol = self[self.type == ord(letter)]._symbol_categories()
        return pd.DataFrame({"time": columns["timestamp"].view("m8[ns]"), "symbol": symbol} | columns)

    def to_frame(self, dollars=False):
        """Return a DataFrame with one row a message.

        Parameters
        ----------
        dollars : bool
            Whether prices are in dollars instead of ticks of 1e-4 dollar.

        Returns
        -------
        DataFrame
            ``link`` is told apart into ``new_reference`` and ``match``; what a type has not is missing.
        """
        import pandas as pd

        columns = {
            "time": self.time,
            "type": categories(TYPE_CODES[self.type], MESSAGE_TYPES),
            "symbol": self._symbol_categories(),
            "side": categories(SIDE_CODES[self.side], "BS"),
            "price": self.dollars if dollars else _nullable(self.price, self._has(PRICE)),
            "shares": _nullable(self.shares, self._has(SHARES)),
            "reference": _nullable(self.reference, self._has(REFERENCE)),
            "new_reference": _nullable(self.link, self.type == REPLACE),
            "match": _nullable(self.link, self._has(LINK) & (self.type != REPLACE)),
            "locate": self.locate,
            "timestamp": self.timestamp,
            "offset": self.offset,
        }
        return pd.DataFrame(columns)

    def _repr_html_(self):
        return self.to_frame()._repr_html_()

    def __repr__(self):
        counts = np.bincount(self.type, minlength=256)
        told = " ".join(f"{letter} {counts[ord(letter)]}" for letter in MESSAGE_TYPES if counts[ord(letter)])
        return f"ItchMessages({len(self)}: {told})" if told else "ItchMessages(0)"

    def _bytes_at(self, at, width):
        """Bytes of the stream from each place on: uint8 array, shape (n, width)."""
        return self._data[at.astype(np.int64)[:, None] + np.arange(width)]

    def _has(self, column):
        """Whether the types have a placed column."""
        return PLACES[self.type, column] > 0

    def _symbols(self):
        """Names, and the place among them of each message's."""
        names = sorted({"", *self.directory.values()})
        place = {name: n for n, name in enumerate(names)}
        codes = np.zeros(2**16, np.int32)
        codes[list(self.directory)] = [place[name] for name in self.directory.values()]
        return names, codes[self.locate]

    def _symbol_categories(self):
        import pandas as pd

        names, codes = self._symbols()
        return pd.Categorical.from_codes(codes, names)


def join(chunks, directory):
    """Make one of chunks in the sequence of their stream; what was skipped between them is left blank."""
    first, last = chunks[0], chunks[-1]
    data = np.zeros(last._start + last._data.size - first._start, np.uint8)
    places = []
    for chunk in chunks:
        start = chunk._start - first._start
        data[start : start + chunk._data.size] = chunk._data
        places.append(chunk._place.astype(np.int64) + start)
    columns = (np.concatenate(column) for column in zip(*(c._columns for c in chunks), strict=True))
    joined = Columns(*columns)._replace(offset=np.concatenate(places))
    return ItchMessages(joined, data, first._start, directory)


def text(raw):
    """Bytes of fixed width as str without padding. Few are distinct, so that only those are decoded."""
    distinct, codes = np.unique(raw, return_inverse=True)
    names = [name.decode("latin-1").rstrip(" ") for name in distinct.tolist()]
    return np.array(names, f"U{raw.dtype.itemsize}")[codes]


def _nullable(column, there):
    """Make a nullable pandas array of a column, missing where it is not there."""
    import pandas as pd

    return pd.arrays.IntegerArray(column, ~there)


def _native(column, kind):
    """Column of one field as this machine stores numbers."""
    if kind == "time":
        return (column & TIME_MASK).astype(np.int64)
    if kind in ("char", "text"):
        return text(column)
    return column.astype(column.dtype.newbyteorder("="))
