"""Files of events: JSON lines, which anyone can read, and columns, which are small and fast."""

from __future__ import annotations

import os

import numpy as np

from . import columnar
from .errors import CorruptLine, InvalidValue, NanobookError, WrongType
from .events import Events
from .events.documented import documented_values
from .events.fields import AT, values_of
from .events.parse import parse, shown, values_from
from .events.text import lines_of
from .files import atomic_write
from .results import Trade, Trades
from .types import EVENT, SIDE_NAMES, MessageKind, StpPolicy

__all__ = ["load_events", "save_events", "save_trades"]

PIECE = 65536  # events that are made into text, or text into events, at once
LONGEST_LINE = 1 << 20
FORMATS = ("jsonl", "npz")
TRADE_LINE = (
    '{"id":%d,"price":%d,"quantity":%d,"aggressor_order_id":%d,"passive_order_id":%d,'
    '"aggressor_side":"%s","timestamp":%d}\n'
)


def save_events(events, path, format=None):
    """Save events to a file, whole or not at all.

    Parameters
    ----------
    events : whatever ``Events.of`` takes
    path : str or path-like
        Its folder must exist; a file of this name is replaced.
    format : {"jsonl", "npz"}, optional
        JSON lines (one event a line, as ``Event.__getstate__``) or columns (a zip archive that
        ``numpy.load`` opens too); unless told by the name: columns if it ends in ``.npz``.

    Raises
    ------
    WrongType, InvalidValue
        What is given holds no events, or ``format`` is none; nothing is written.
    OSError
        The file cannot be written; what was there is unchanged.

    Examples
    --------
    >>> import os, tempfile
    >>> from nanobook import Event, load_events, save_events
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "day.jsonl")
    ...     save_events([Event.submit_limit("buy", 100, 5)], path)
    ...     load_events(path)
    [SubmitLimit { side: Buy, price: Price(100), quantity: 5, time_in_force: GTC }]
    """
    events = Events.of(events)
    save = columnar.save if _format_of(path, format) == "npz" else _save_lines
    with atomic_write(path) as file:
        save(events, file)


def load_events(path, format=None):
    """Load events from a file.

    Parameters
    ----------
    path : str or path-like
    format : {"jsonl", "npz"}, optional
        As in ``save_events``.

        Lines are read as the original of any version writes them, as we write them, and as its
        documented schema has them (``{"type": "SubmitLimit", ...}``); there a policy of an event that
        is not the one in force becomes an event of its own before it. Blank lines are skipped.

    Returns
    -------
    Events

    Raises
    ------
    CorruptLine
        A line that is no event or is cut off; names it.
    CorruptFile
        A file of columns that is damaged, cut off or something else; tells what is wrong.
    OSError
        The file cannot be read; FileNotFoundError if it is not there.
    """
    load = columnar.load if _format_of(path, format) == "npz" else _load_lines
    with open(path, "rb") as file:
        return load(file)


def save_trades(trades, path):
    """Save trades to a file of JSON lines, as the documented schema has them.

    Parameters
    ----------
    trades : Trades or sequence of Trade
    path : str or path-like

    Raises
    ------
    WrongType
        Something else is given; nothing is written.
    OSError
        The file cannot be written; what was there is unchanged.
    """
    with atomic_write(path) as file:
        for trade in _trades_of(trades):
            identity, price, quantity, side, aggressor, passive, time = trade
            line = TRADE_LINE % (identity, price, quantity, aggressor, passive, side.upper(), time)
            file.write(line.encode())


def _trades_of(trades):
    """Yield trades as tuples."""
    if isinstance(trades, Trades):
        columns = {name: getattr(trades, name).tolist() for name in Trades.COLUMNS}
        columns["aggressor_side"] = map(SIDE_NAMES.__getitem__, columns["aggressor_side"])
        trades = zip(*columns.values(), strict=True)
    elif not all(isinstance(trade, Trade) for trade in trades):
        raise WrongType("trades: not all are trades; use what an exchange gave")
    yield from trades


def _format_of(path, format):
    if format is None:
        return "npz" if os.fsdecode(path).endswith(".npz") else "jsonl"
    if format not in FORMATS:
        raise InvalidValue(f"format: {format!r}; use {' or '.join(map(repr, FORMATS))}")
    return format


def _save_lines(events, file):
    for rows in events.parts(PIECE):
        file.write("".join(f"{line}\n" for line in lines_of(rows)).encode())


def _load_lines(file):
    parts, values = [], []
    policy = int(StpPolicy.OFF)
    lines = iter(lambda: file.readline(LONGEST_LINE + 1), b"")
    for number, line in enumerate(lines, 1):
        try:
            if len(line) > LONGEST_LINE:
                raise InvalidValue(f"longer than {LONGEST_LINE} bytes; use one event a line")
            text = line.decode().strip()
            if text:
                policy = _read(text, policy, values)
        except (NanobookError, UnicodeDecodeError) as error:
            raise CorruptLine(_told(number, line, error), number) from None
        if len(values) >= PIECE:
            parts.append(np.array(values, EVENT))
            values.clear()
    return Events([*parts, np.array(values, EVENT)])


def _read(text, policy, values):
    """Add the events of a line to the values; the policy in force after it."""
    pairs = parse(text)
    if type(pairs) is tuple and len(pairs) == 1 and pairs[0][0] != "type":
        event = values_from(pairs)
        values.append(event)
        return event[AT["tif"]] if event[0] == MessageKind.STP_POLICY else policy
    if type(pairs) is not tuple or "type" not in dict(pairs):
        raise InvalidValue(
            f"{shown(pairs)} is no event; use one object of one key, its kind, or one with a type"
        )
    event, wanted = documented_values(pairs)
    if wanted is not None and wanted != policy:
        values.append(values_of(MessageKind.STP_POLICY, tif=wanted))
        policy = wanted
    values.append(event)
    return policy


def _told(number, line, error):
    """What is wrong with a line."""
    if number == 1 and line.startswith(b"PK\x03\x04"):
        return "line 1: this looks like an npz file; use format='npz'"
    if number == 1 and line.startswith(b"\x1f\x8b"):
        return "line 1: this looks like gzip; use gunzip first"
    torn = "" if line.endswith(b"\n") else "; the file ends within this line, as if it was cut off"
    return f"line {number}: {error}{torn}"
