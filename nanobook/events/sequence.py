"""``Events``: what was asked of an exchange, as columns and as a sequence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

import numpy as np

from ..errors import InvalidValue, WrongType
from ..types import EVENT
from .event import Event
from .fields import COLUMNS, EVENT_KINDS, limits

PIECE = 65536  # rows that are made into Python objects at once


class Events(Sequence):
    """Events as columns, and as a sequence of ``Event``.

    Attributes
    ----------
    kind, side, tif, marks : uint8 array
        ``MessageKind``, ``Side``, ``TimeInForce`` codes and so on: the columns of ``types.EVENT``.
    owner, period, trail : uint32 array
    price, quantity, order_id, stop_price, expiry : int64 array
    trail_value : float64 array

    Examples
    --------
    >>> from nanobook import Event, Events
    >>> log = Events.of([Event.submit_limit("buy", 100, 5), Event.cancel(1)])
    >>> log[1]
    Cancel { order_id: OrderId(1) }
    >>> log.quantity
    array([5, 0])
    """

    def __init__(self, segments=()):
        """Take over segments: EVENT arrays and what else has ``rows()``, a length and slices."""
        self._segments = [segment for segment in segments if len(segment)]
        self._ends = list(accumulate(map(len, self._segments)))

    @classmethod
    def from_rows(cls, rows):
        """Make events of an EVENT array whose rows are known to be right; it is not copied."""
        return cls([rows])

    @classmethod
    def of(cls, events):
        """Make events of anything that holds some.

        Parameters
        ----------
        events : Events, sequence of Event, EVENT array, or DataFrame as from ``to_frame``
            What a kind does not use is ignored.

        Raises
        ------
        WrongType
            Neither of those.
        InvalidValue
            An array or DataFrame with a row that is no event; names row and column.
        """
        if isinstance(events, Events):
            return events
        if isinstance(events, np.ndarray):
            return cls.from_rows(checked(events))
        if hasattr(events, "columns") and hasattr(events, "to_numpy"):
            from .frames import rows_of_frame

            return cls.from_rows(checked(rows_of_frame(events)))
        if isinstance(events, Sequence) and not isinstance(events, (str, bytes, bytearray, memoryview)):
            return cls.from_rows(_rows_of(events))
        raise WrongType(
            f"events: a {type(events).__name__}; use a list of Event, Events, an EVENT array or a DataFrame"
        )

    def rows(self):
        """Return all events as one read-only EVENT array."""
        return self._rows

    @cached_property
    def _rows(self):
        parts = list(self.parts())
        rows = parts[0].view() if len(parts) == 1 else np.concatenate([np.empty(0, EVENT), *parts])
        rows.flags.writeable = False
        self._segments, self._ends = [rows], [len(rows)]
        return rows

    def parts(self, most=None):
        """Yield EVENT arrays that make up the events, of at most so many rows if told."""
        for segment in self._segments:
            step = most or len(segment)
            for start in range(0, len(segment), max(step, 1)):
                piece = segment[start : start + step]
                yield piece if isinstance(piece, np.ndarray) else piece.rows()

    def __getattr__(self, name):
        if name not in COLUMNS:
            raise AttributeError(f"Events has no attribute {name!r}; its columns are {', '.join(COLUMNS)}")
        return self.rows()[name]

    def __dir__(self):
        return [*super().__dir__(), *COLUMNS]

    def __len__(self):
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, item):
        if isinstance(item, slice):
            return self._slice(range(*item.indices(len(self))))
        place = range(len(self))[item]
        return Event._of(self._slice(range(place, place + 1)).rows()[0].item())

    def _slice(self, places):
        """Take the events of a range."""
        if places.step != 1:
            return Events([self.rows()[np.arange(places.start, places.stop, places.step)]])
        found = []
        for nth in range(bisect_right(self._ends, places.start), len(self._ends)):
            segment = self._segments[nth]
            start = self._ends[nth] - len(segment)
            if start >= places.stop:
                break
            found.append(segment[max(places.start - start, 0) : places.stop - start])
        return Events(found)

    def __iter__(self):
        for part in self.parts(PIECE):
            yield from map(Event._of, part.tolist())

    def __add__(self, other):
        return Events([*self._segments, *Events.of(other)._segments])

    def __radd__(self, other):
        return Events.of(other) + self

    def __eq__(self, other):
        if isinstance(other, Events):
            return len(self) == len(other) and bool((self.rows() == other.rows()).all())
        if isinstance(other, Sequence) and not isinstance(other, (str, bytes)):
            return len(self) == len(other) and all(
                mine == yours for mine, yours in zip(self, other, strict=True)
            )
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self):
        return repr(list(self)) if len(self) <= 20 else f"Events({len(self)})"

    def __reduce__(self):
        return Events.from_rows, (self.rows(),)

    def to_frame(self):
        """Return a DataFrame with one row an event, words as categories; ``Events.of`` reads it."""
        from .frames import frame_of_rows

        return frame_of_rows(self.rows())

    def _repr_html_(self):
        shown = self[:10].to_frame()._repr_html_()
        return f"<p><code>Events({len(self)})</code></p>{shown}"


def _rows_of(events):
    """EVENT array of a sequence of ``Event``."""
    for place, event in enumerate(events):
        if type(event) is not Event:
            raise WrongType(f"events: [{place}] is a {type(event).__name__}; use Event objects alone")
    return np.array([event._values for event in events], EVENT)


def checked(rows):
    """Copy an EVENT array that comes from elsewhere, checked and cleaned."""
    if rows.dtype != EVENT or rows.ndim != 1:
        raise WrongType(
            f"events: an array of {rows.dtype}, shape {rows.shape}; use one dimension of types.EVENT"
        )
    rows = np.ascontiguousarray(rows)
    rows = rows.view(np.uint8).copy().view(EVENT)  # as bytes: NumPy copies records field by field
    clean(rows)
    return rows


def clean(rows):
    """Set to 0 what the kinds of an EVENT array do not use; InvalidValue if a row is no event."""
    from ..kernels import journal

    row, column = journal.clean(rows.view(np.recarray), limits())
    if row == len(rows):
        return
    name = COLUMNS[column]
    kind = int(rows["kind"][row])
    title = EVENT_KINDS[kind] if kind < len(EVENT_KINDS) else "event"
    raise InvalidValue(
        f"events: row {row}: {name} {rows[name][row].item()!r} is not allowed in a {title}; "
        f"use what the methods of Event take"
    )
