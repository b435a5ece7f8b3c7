"""What ``simulate`` returns: one row a session, as columns, as a table and as a picture."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ..errors import InvalidValue, NotComputed, WrongType
from ..kernels.session.state import PATH
from ..types import INT64_MIN

COUNTS = ("messages", "trades", "orders", "fills", "bought", "sold", "position", "largest", "cash")
OWN = ("session", "book", *COUNTS, "mid", "profit")


class SimulationResult:
    """Result of a simulation; made by `simulate`.

    ``result[name]`` is one column as an array with one value a session, ``columns`` are their names: the
    parameters, the strategy's metrics, and

    ==========  ====================================================================================
    session     number, from 0
    book        which of the books that share its parameters, from 0
    messages    of the background that reached the book
    trades      on the book, the background's among themselves included
    orders      that the strategy submitted, replacements included
    fills       trades of these; one between two of them counts twice
    bought      lots; ``sold`` as well
    position    lots at the end, negative if short
    largest     largest absolute position
    cash        ticks times lots taken in by selling less those paid
    mid         middle of the last touch that had both sides, in ticks; NaN if there never was one
    profit      ``cash + position * mid`` in ticks times lots
    ==========  ====================================================================================

    Where a name of the strategy's own is one of these, its column is called ``name_``.

    Results compare equal by value and can be pickled.

    Attributes
    ----------
    params : recarray
        The sets of parameters.
    columns : tuple of str
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, *, params, repeats, stats, metrics, names, path=None, exchanges=None):
        self.params = params
        self.repeats = repeats
        self._stats = stats
        self._metrics = metrics
        self._path = path
        self._exchanges = exchanges
        self._given = {own_name(name): name for name in params.dtype.names if name != "none"}
        self._told = {own_name(name): name for name in names}
        self.columns = (*self._given, *OWN, *(name for name in self._told if name not in self._given))

    def __len__(self):
        return self._stats.size

    def __getitem__(self, name):
        if name in self._given:
            return np.repeat(np.asarray(self.params[self._given[name]]), self.repeats)
        if name in self._told:
            return np.asarray(self._metrics[self._told[name]])
        if name in COUNTS:
            return np.asarray(self._stats[name])
        if name not in OWN:
            raise KeyError(f"{name!r}; there are {', '.join(self.columns)}")
        return getattr(self, f"_{name}")

    def __eq__(self, other):
        if not isinstance(other, SimulationResult):
            return NotImplemented
        return self.columns == other.columns and all(
            np.array_equal(self[name], other[name], equal_nan=self[name].dtype.kind == "f")
            for name in self.columns
        )

    @property
    def _session(self):
        return np.arange(len(self))

    @property
    def _book(self):
        return np.arange(len(self)) % self.repeats

    @cached_property
    def _mid(self):
        return mid_of(self._stats["bid"], self._stats["ask"])

    @property
    def _profit(self):
        return marked(self._stats["cash"], self._stats["position"], self._mid)

    def to_frame(self):
        """Return a DataFrame with one row a session and ``columns``."""
        import pandas as pd

        return pd.DataFrame({name: self[name] for name in self.columns if name != "session"}).rename_axis(
            "session"
        )

    def path(self, session=0):
        """Return what happened in a session that was recorded, message by message.

        Returns
        -------
        DataFrame
            One row a message, after the strategy's turn: ``bid`` and ``ask`` (the last touch that had both
            sides; missing before), ``position`` in lots, ``cash`` and ``profit`` in ticks times lots.
        """
        import pandas as pd

        session = self._recorded(session)
        bid, ask, position, cash = self._path[session, : self._stats["messages"][session]].T
        mid = mid_of(bid, ask)
        frame = {
            "bid": bid,
            "ask": ask,
            "position": position,
            "cash": cash,
            "profit": marked(cash, position, mid),
        }
        index = pd.RangeIndex(1, bid.size + 1, name="message")
        frame = pd.DataFrame(frame, index)
        for name in PATH[:2]:
            frame[name] = frame[name].astype("Int64").mask(frame[name] == INT64_MIN)
        return frame

    def exchange(self, session=0):
        """Return the book at the end of a recorded session as an ``Exchange``, with all its trades."""
        return self._exchanges[self._recorded(session)]

    def _recorded(self, session):
        if self._path is None:
            raise NotComputed("paths and books were not recorded; simulate fewer sessions with record=True")
        if isinstance(session, bool) or not isinstance(session, (int, np.integer)):
            raise WrongType(
                f"session: {session!r} is a {type(session).__name__}; use the number of a session"
            )
        if not 0 <= session < len(self):
            raise InvalidValue(f"session: {session} is none of the {len(self)} sessions; they count from 0")
        return int(session)

    def plot(self, x, y=None, value="profit"):
        """Draw how a column depends on one or two others.

        Parameters
        ----------
        x, y : str
            Columns, mostly parameters. With both a heat map, with ``x`` alone points and their mean.
        value : str
            The column that is drawn, as its mean over all sessions that share ``x`` and ``y``.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from .plot import draw_line, draw_map

        for name in (x, value) if y is None else (x, y, value):
            if name not in self.columns:
                raise InvalidValue(f"{name!r} is no column; use one of {', '.join(self.columns)}")
        if y is None:
            return draw_line(self[x], self[value], x, value)
        return draw_map(self[x], self[y], self[value], (x, y, value))

    def __repr__(self):
        sets = f"{self.params.size} sets of parameters, " if self._given and self.repeats > 1 else ""
        return (
            f"SimulationResult({len(self)} sessions, {sets}{int(self['messages'].sum())} messages, "
            f"{int(self['fills'].sum())} fills)"
        )

    def _repr_html_(self):
        return f"<p><code>{self!r}</code></p>{self.to_frame().head(10)._repr_html_()}"


def own_name(name):
    """Column of a parameter or metric."""
    return f"{name}_" if name in OWN else name


def mid_of(bid, ask):
    """Middle of the touch, NaN where there was none."""
    return np.where(bid == INT64_MIN, np.nan, 0.5 * bid + 0.5 * ask)


def marked(cash, position, mid):
    """Cash and position at the mid."""
    return cash + np.where(position == 0, 0.0, position * mid)
