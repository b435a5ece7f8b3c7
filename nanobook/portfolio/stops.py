"""Stops of a backtest: read what was asked for, make room for what the kernel knows and finds."""

from dataclasses import dataclass

import numpy as np

from ..errors import InvalidValue, WrongType
from ..hints import nearest
from .inputs import finite, readonly, whole

KEYS = ("fixed_stop_pct", "trailing_stop_pct", "atr_multiple", "atr_period", "trigger")
TRIGGERS = ("close", "intrabar")
REASONS = ("", "fixed", "trailing", "atr")  # by the kernel's number
CELLS_AN_EVENT = 16  # room at first: memory that is not written to costs nothing


@dataclass(frozen=True)
class StopRules:
    """Which stops a run has; 0 for none of a kind.

    Attributes
    ----------
    fixed_stop_pct, trailing_stop_pct : float
        Fractions, below 1.
    atr_multiple : float
    atr_period : int
    trigger : {'close', 'intrabar'}
    """

    fixed_stop_pct: float = 0.0
    trailing_stop_pct: float = 0.0
    atr_multiple: float = 0.0
    atr_period: int = 14
    trigger: str = "close"

    @property
    def on(self):
        """Whether there is any."""
        return self.fixed_stop_pct > 0.0 or self.trailing_stop_pct > 0.0 or self.atr_multiple > 0.0


def read_stops(stop_cfg):
    """Check a ``stop_cfg``; None and an empty dict are no stops."""
    if stop_cfg is None:
        return StopRules()
    if isinstance(stop_cfg, StopRules):
        return stop_cfg
    if not isinstance(stop_cfg, dict):
        raise WrongType(f"stop_cfg: {type(stop_cfg).__name__}, needs a dict or None")
    for key in stop_cfg:
        if key not in KEYS:
            raise InvalidValue(
                f"stop_cfg: unknown key {key!r}{nearest(key, KEYS)}; there are {', '.join(KEYS)}"
            )
    if "atr_period" in stop_cfg and "atr_multiple" not in stop_cfg:
        raise InvalidValue("stop_cfg: atr_period without atr_multiple sets no stop; add atr_multiple")
    checks = {
        "fixed_stop_pct": fraction,
        "trailing_stop_pct": fraction,
        "atr_multiple": multiple,
        "atr_period": lambda name, value: whole(name, value, 1, 2**31, "atr_period must be >= 1"),
        "trigger": trigger,
    }
    return StopRules(**{key: checks[key](f"stop_cfg[{key!r}]", value) for key, value in stop_cfg.items()})


def fraction(name, value):
    """Check a fraction; 0 is no stop."""
    number = finite(name, value)
    if not 0.0 <= number < 1.0:
        hint = f"; {number:g} % is {number / 100:g}" if 1.0 <= number < 100.0 else ""
        raise InvalidValue(f"{name}={number:g}: must be finite and in (0, 1), a fraction of the price{hint}")
    return number


def multiple(name, value):
    """Check how many ranges away a stop is."""
    number = finite(name, value)
    if number <= 0.0:
        raise InvalidValue(f"{name}={number:g}: must be finite and > 0")
    return number


def trigger(name, value):
    """Check when stops are looked at."""
    if not isinstance(value, str) or value not in TRIGGERS:
        raise InvalidValue(f"{name}={value!r}: must be one of {', '.join(TRIGGERS)}")
    return value


def new_stops(rules, prices, ranges=None, scale=None):
    """Make the kernel's stops, before the first period.

    Parameters
    ----------
    rules : StopRules
    prices : int64 array, shape (T, N)
    ranges : Ranges, optional
        True ranges; without them ranges are changes of ``prices`` since the entry.
    scale : int64 array, shape (N,), optional
        What the ranges are multiples of at first.

    Returns
    -------
    Stops
    """
    from ..kernels import stops as engine

    count = prices.shape[1]
    sums, start = np.zeros((0, count), np.int64), np.zeros(count, np.int64)
    if rules.atr_multiple:
        sums = sum_changes(prices) if ranges is None else ranges.sums
        start = start if ranges is None else ranges.start.copy()
    room = max(2 * count, prices.size // CELLS_AN_EVENT) if rules.on else 0
    return engine.Stops(
        rules.fixed_stop_pct,
        rules.trailing_stop_pct,
        rules.atr_multiple,
        min(rules.atr_period, len(prices)),
        int(ranges is None),
        readonly(sums),
        *np.zeros((3, count)),
        start,
        np.zeros(count, np.int64),
        np.ones(count, np.int64) if scale is None else scale.copy(),
        *np.zeros((2, count)),
        np.empty(room, engine.STOPPED),
        np.zeros(1, np.int64),
    )


def sum_changes(prices):
    """Sum the absolute changes of each price up to each period; row 0 is zero, and so is a first change."""
    sums = np.zeros((len(prices) + 1, prices.shape[1]), np.int64)
    np.abs(prices[1:] - prices[:-1], out=sums[2:])
    np.cumsum(sums, axis=0, out=sums)
    return sums


def more_room(stops):
    """Make stops with room for twice as many events, those so far kept."""
    events = np.empty(2 * len(stops.events), stops.events.dtype)
    events[: len(stops.events)] = stops.events
    return stops._replace(events=events)


def written_part(records, count):
    """The first so many records: without the room beside them where that is most of it."""
    return records[:count] if 2 * count > len(records) else records[:count].copy()


@dataclass(frozen=True)
class Ranges:
    """True ranges: sums of all periods before each, (T + 1, N), and the row of each symbol's first."""

    sums: np.ndarray
    start: np.ndarray


def true_ranges(high, low, close):
    """Sum the true ranges of bars: high to low, reaching to the close before.

    A bar without a price (0) has a range of 0.
    """
    before = carry(close)
    priced = close > 0
    sums = np.zeros((len(close) + 1, close.shape[1]), np.int64)
    sums[1:] = high - low
    known = priced[1:] & (before[:-1] > 0)
    reach = np.maximum(high[1:], before[:-1]) - np.minimum(low[1:], before[:-1])
    sums[2:] = np.where(known, reach, sums[2:])
    sums[1:][~priced] = 0
    np.cumsum(sums, axis=0, out=sums)
    start = np.where(priced.any(axis=0), priced.argmax(axis=0), len(close))
    return Ranges(readonly(sums), start)


def carry(prices):
    """Carry each price forward over the periods without one."""
    rows = np.arange(len(prices))[:, None]
    last = np.maximum.accumulate(np.where(prices > 0, rows, 0), axis=0)
    return np.take_along_axis(prices, last, axis=0)
