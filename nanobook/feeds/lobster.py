"""LOBSTER: message and order-book files into columns."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np

from ..errors import ClockBackwards, CorruptFile
from ..kernels import lobster as kernels
from ..kernels.feed import state

MESSAGE_FIELDS = ("time", "type", "order id", "size", "price", "direction")
TIME_DIGITS = 9
KINDS = np.frombuffer(b"\0AXDEPQH", np.uint8)  # letter of ITCH by LOBSTER type; P, Q, H change no book
TYPE_NAMES = (
    "", "new", "partial cancel", "delete", "execution", "hidden execution", "cross", "halt",
)  # fmt: skip
EMPTY = 9_999_999_999  # price where there is no level, negative for bids
FAULTS = {
    kernels.NOT_A_NUMBER: "not a number",
    kernels.TOO_FEW_FIELDS: "the line ends early",
    kernels.TOO_MANY_FIELDS: "the line goes on",
    kernels.TOO_MANY_DIGITS: "too many digits",
}
MAGIC = {b"\x1f\x8b": "gzip; unpack it first", b"7z": "7z; unpack it first", b"PK": "zip; unpack it first"}


class LobsterMessages:
    """Messages of a LOBSTER file as columns.

    Attributes
    ----------
    time : int64 array
        Nanoseconds since midnight, exactly as the file says.
    type : uint8 array
        1 new, 2 partial cancel, 3 delete, 4 execution, 5 hidden execution, 6 cross, 7 halt.
    order_id : uint64 array
    size : uint32 array
    price : int64 array
        1/10,000 dollar; of a halt -1, 0 or 1, what it means.
    direction : int8 array
        1 buy, -1 sell: of the resting order.
    backwards : int
        Messages with a time below that of the message before; the sequence is the file's.
    """

    def __init__(self, table):
        self.time, _, _, _, self.price, _ = (np.ascontiguousarray(column) for column in table.T)
        self.type, self.size = table[:, 1].astype(np.uint8), table[:, 3].astype(np.uint32)
        self.order_id, self.direction = table[:, 2].astype(np.uint64), table[:, 5].astype(np.int8)
        self.backwards = int((np.diff(self.time) < 0).sum())

    def feed_columns(self):
        """Columns of ``kernels.feed.state.Messages``: what the messages do to a book."""
        size = len(self)
        none = np.zeros(size, np.uint64)
        side = np.where(self.direction > 0, state.BUY, state.SELL).astype(np.uint8)
        price = np.where(self.type == 7, 0, self.price).astype(np.uint32)
        return KINDS[self.type], side, np.zeros(size, np.uint16), self.order_id, none, self.size, price

    def __len__(self):
        return self.time.size

    def __getitem__(self, rows):
        """Messages of a slice or a mask."""
        part = object.__new__(LobsterMessages)
        for name in ("time", "type", "order_id", "size", "price", "direction"):
            setattr(part, name, getattr(self, name)[rows])
        part.backwards = int((np.diff(part.time) < 0).sum())
        return part

    def to_frame(self):
        """Return a DataFrame with one row a message; the time is a timedelta."""
        import pandas as pd

        columns = {"time": self.time.view("m8[ns]")}
        columns |= {name: getattr(self, name) for name in ("type", "order_id", "size", "price", "direction")}
        return pd.DataFrame(columns)

    def __repr__(self):
        counts = np.bincount(self.type, minlength=len(TYPE_NAMES)).tolist()
        told = ", ".join(f"{name} {n}" for name, n in zip(TYPE_NAMES, counts, strict=True) if n)
        return f"LobsterMessages({len(self)}{': ' if told else ''}{told})"


class LobsterBook(NamedTuple):
    """Order-book file: the levels after each message, best first; quantity 0 where there is none.

    Attributes
    ----------
    price, quantity : int64 array, shape (messages, 2, levels)
        Bids under 0 and asks under 1; prices in 1/10,000 dollar.
    """

    price: np.ndarray
    quantity: np.ndarray


def read_lobster(messages_path, orderbook_path=None):
    """Read a LOBSTER message file and the order-book file that belongs to it.

    Parameters
    ----------
    messages_path, orderbook_path : str or Path
        CSV without header. Quoted fields, CRLF, a byte-order mark and a last line without its end will do.

    Returns
    -------
    LobsterMessages, or (LobsterMessages, LobsterBook)

    Raises
    ------
    CorruptFile
        Names the file and the line, or says what the file is instead.
    OSError
        From the system.

    Warns
    -----
    ClockBackwards
        If times fall. The messages keep the sequence of the file.
    """
    messages = LobsterMessages(_message_table(messages_path))
    if messages.backwards:
        told = f"{messages_path}: the clock goes backwards {messages.backwards} times"
        warnings.warn(told, ClockBackwards, stacklevel=2)
    if orderbook_path is None:
        return messages
    book = _read_book(orderbook_path)
    if len(book.price) != len(messages):
        raise CorruptFile(
            f"{orderbook_path}: {len(book.price)} rows where {messages_path} has {len(messages)} messages; "
            "use two files of one download"
        )
    return messages, book


def _message_table(path):
    data, start, fields = _open(path)
    if fields not in (6, 7) and fields % 4 == 0:
        raise CorruptFile(f"{path}: {fields} fields in a line, as in an order-book file; messages have 6")
    if fields != len(MESSAGE_FIELDS):
        raise CorruptFile(f"{path}: {fields} fields in the first line; LOBSTER messages have 6")
    digits = np.array([TIME_DIGITS, 0, 0, 0, 0, 0], np.int64)
    table = _table(path, data, start, digits, MESSAGE_FIELDS)
    bounds = {1: (1, 7), 2: (0, 2**63 - 1), 3: (0, 2**32 - 1), 5: (-1, 1), 0: (0, 2**63 - 1)}
    for field, (lowest, highest) in bounds.items():
        _check(path, table, field, (table[:, field] < lowest) | (table[:, field] > highest), lowest, highest)
    priced = table[:, 1] != 7
    _check(path, table, 4, priced & ((table[:, 4] < 0) | (table[:, 4] >= 2**32)), 0, 2**32 - 1)
    _check(path, table, 5, priced & (table[:, 5] == 0), -1, 1)
    return table


def _check(path, table, field, wrong, lowest, highest):
    if wrong.any():
        row = int(wrong.argmax())
        raise CorruptFile(
            f"{path}: row {row + 1}: {MESSAGE_FIELDS[field]} {table[row, field]}; use {lowest} to {highest}"
        )


def _read_book(path):
    data, start, fields = _open(path)
    if fields == 6:
        raise CorruptFile(
            f"{path}: 6 fields in a line, as in a message file; an order-book file has 4 a level"
        )
    if fields % 4:
        raise CorruptFile(f"{path}: {fields} fields in the first line; an order-book file has 4 a level")
    names = [f"{name} {n}" for n in range(1, fields // 4 + 1) for name in BOOK_FIELDS]
    table = _table(path, data, start, np.zeros(fields, np.int64), names).reshape(-1, fields // 4, 2, 2)
    there = (np.abs(table[..., 0]) != EMPTY) & (table[..., 1] != 0)
    sides = np.where(there[..., None], table, 0).transpose(3, 0, 2, 1)[:, :, ::-1]
    return LobsterBook(*(np.ascontiguousarray(column) for column in sides))


BOOK_FIELDS = ("ask price", "ask size", "bid price", "bid size")


def _open(path):
    """Bytes of a file, where its first line begins and how many fields that has."""
    data = np.fromfile(path, np.uint8)
    head = data[: 2**16].tobytes()
    for magic, told in MAGIC.items():
        if head.startswith(magic):
            raise CorruptFile(f"{path}: this looks like {told}; LOBSTER files are CSV")
    if head[:1] == b"\0":
        raise CorruptFile(f"{path}: this looks like binary data, perhaps ITCH; LOBSTER files are CSV")
    start = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    line = head[start:].lstrip().replace(b"\r", b"\n").partition(b"\n")[0]
    if not line.strip():
        raise CorruptFile(f"{path}: no rows; fetch the file again")
    if line[:1].isalpha() or line[1:2].isalpha():
        raise CorruptFile(f"{path}: row 1 begins {line[:20]!r}; LOBSTER files have no header")
    data.flags.writeable = False
    return data, start, line.count(b",") + 1


def _table(path, data, start, digits, names):
    """Numbers of all lines; a line that cannot be read is named."""
    lines = sum(int(np.count_nonzero(data == end)) for end in (kernels.NEWLINE, kernels.RETURN))
    table = np.zeros((lines + 1, digits.size), np.int64)
    place = np.zeros(2, np.int64)
    at, fault = kernels.read_table(data, start, table, digits, place)
    row, field = place.tolist()
    if fault:
        near = bytes(data[max(at - 10, 0) : at + 10])
        name = names[min(field, len(names) - 1)]
        raise CorruptFile(f"{path}: row {row + 1}, {name}: {FAULTS[fault]}, near {near!r}; offset {at}")
    return table[:row]
