"""Splits and dividends: read from a table, and what they make of ranges."""

from fractions import Fraction
from math import lcm

import numpy as np

from ..errors import InvalidValue, NonFiniteError, NotionalOverflow, ShapeError, WrongType
from ..hints import listing, nearest
from .inputs import CENTS
from .labels import spell

COLUMNS = ("date", "symbol", "split", "dividend")
FINEST = 10_000  # largest denominator of a split
MOST_SPLIT = 10_000


def read_actions(actions, inputs):
    """Read a table of actions.

    Returns
    -------
    array of ACTION, in order of periods and symbols
    """
    from ..kernels.bars.state import ACTION, MICRO

    table = as_table(actions)
    periods = find_periods(table["date"], inputs)
    symbols = find_symbols(table["symbol"], inputs)
    found = np.zeros(len(table), ACTION)
    found["period"], found["symbol"] = periods, symbols
    for n in range(len(table)):
        where = f"{inputs.labels.cell(int(periods[n]), int(symbols[n]))}"
        found[n]["more"], found[n]["fewer"] = ratio(table["split"].iloc[n], where)
        found[n]["dividend"] = amount(table["dividend"].iloc[n], where, inputs.units * MICRO)
    found = found[np.lexsort((found["symbol"], found["period"]))]
    twice = (np.diff(found["period"]) == 0) & (np.diff(found["symbol"]) == 0)
    if twice.any():
        names = [inputs.labels.cell(*found[n][["period", "symbol"]]) for n in np.flatnonzero(twice)]
        raise InvalidValue(f"actions: twice for {listing(names)}; one row has the split and the dividend")
    found.flags.writeable = False
    return found


def as_table(actions):
    """Bring what was given into a DataFrame with all columns."""
    import pandas as pd

    try:
        table = actions if isinstance(actions, pd.DataFrame) else pd.DataFrame(actions)
    except (TypeError, ValueError):
        raise WrongType(
            f"actions: {type(actions).__name__}, needs a DataFrame or a list of dicts with the columns "
            f"{', '.join(COLUMNS)}"
        ) from None
    for column in table.columns:
        if column not in COLUMNS:
            raise InvalidValue(
                f"actions: unknown column {column!r}{nearest(column, COLUMNS)}; there are "
                f"{', '.join(COLUMNS)}"
            )
    needed = [column for column in COLUMNS[:2] if column not in table.columns]
    if needed and len(table):
        raise ShapeError(f"actions: needs a column {needed[0]!r}; it has {listing(table.columns)}")
    split, dividend = table.get("split", 1), table.get("dividend", 0)
    return table.assign(split=split, dividend=dividend).reindex(columns=list(COLUMNS))


def find_periods(dates, inputs):
    """Find the period of each date; without dates, a date is the number of a period."""
    import pandas as pd

    index = inputs.labels.index
    index = pd.RangeIndex(len(inputs.prices)) if index is None else index
    places = index.get_indexer(pd.Index(dates))
    odd = [spell(date) for date, place in zip(dates, places, strict=True) if place < 0]
    if odd:
        raise InvalidValue(
            f"actions: no period of {listing(odd)}; the ex-date is a period of price_schedule, from "
            f"{spell(index[0])} to {spell(index[-1])}"
        )
    return places


def find_symbols(names, inputs):
    """Find the column of each symbol; without names, a symbol is the number of a column."""
    symbols = inputs.labels.symbols
    symbols = tuple(range(inputs.prices.shape[1])) if symbols is None else symbols
    place = {symbol: i for i, symbol in enumerate(symbols)}
    odd = [name for name in names if name not in place]
    if odd:
        raise InvalidValue(f"actions: no prices of {listing(odd)}{nearest(odd[0], symbols)}")
    return np.array([place[name] for name in names], np.int64)


def ratio(value, where):
    """Read how many shares become of how many: 2 is two for one; NaN is no split."""
    number = number_of("split", value, where)
    if number is None:
        return 1, 1
    exact = Fraction(number).limit_denominator(FINEST)
    if not 0 < number <= MOST_SPLIT or exact == 0 or abs(float(exact) - number) > 1e-6 * number:
        raise InvalidValue(
            f"actions: split of {where} is {value}; it is the new shares for an old one, above 0 (2.0 is two "
            "for one, 0.1 one for ten)"
        )
    return exact.numerator, exact.denominator


def amount(value, where, micros):
    """Read a dividend a share, in MICRO of a unit: integers are cents, floats currency units."""
    number = number_of("dividend", value, where)
    if number is None:
        return 0
    whole = isinstance(value, (int, np.integer))
    size = round(Fraction(repr(number)) * micros * (1 if whole else CENTS))
    if not 0 <= size < 2**60:
        raise InvalidValue(f"actions: dividend of {where} is {value}; must be at least 0, below 1e12 units")
    return size


def number_of(name, value, where):
    """Check a number; None for NaN."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.number)):
        if value is None or str(value) in ("<NA>", "NaT"):
            return None
        raise WrongType(f"actions: {name} of {where} is {value!r}; needs a number")
    if np.isinf(value):
        raise NonFiniteError(f"actions: {name} of {where} is {value}")
    return None if value != value else float(value)


def common_scale(actions, prices):
    """Factors that bring all prices of a symbol to one measure of a share, as whole numbers.

    Returns
    -------
    factor : int64 array, shape (T, N)
        Multiply a price by it: then splits move nothing.
    base : int64 array, shape (N,)
        The factor before any split.
    """
    periods, count = prices.shape
    factor, bases = np.ones((periods, count), np.int64), np.ones(count, np.int64)
    for i in np.unique(actions["symbol"]):
        splits = [(int(a["period"]), int(a["more"]), int(a["fewer"])) for a in actions if a["symbol"] == i]
        now, steps = Fraction(1), []
        for period, more, fewer in splits:
            now *= Fraction(more, fewer)
            steps.append((period, now))
        base = lcm(*(step.denominator for _, step in steps))
        if max(base, *(step * base for _, step in steps)) * int(prices[:, i].max()) >= 2**53:
            raise NotionalOverflow(f"actions: the splits of {i} multiply to too much for stops by range")
        factor[:, i] = bases[i] = base
        for period, step in steps:
            factor[period:, i] = int(step * base)
    return factor, bases
