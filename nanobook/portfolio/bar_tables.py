"""Tables beside the closes: open, high, low and volume, brought into the form of the prices and checked."""

from dataclasses import dataclass

import numpy as np

from ..errors import InvalidValue, NonFiniteError, ShapeError, WrongType
from ..hints import listing, nearest
from .inputs import read_table, readonly, to_inside, unlisted

MOST_VOLUME = 2**59


@dataclass(frozen=True)
class BarTables:
    """Tables of a run; int64 (T, N), read-only, None where not given.

    Prices are in units, 0 where there is no bar; ``volume`` in whole shares.
    """

    open: np.ndarray | None = None
    high: np.ndarray | None = None
    low: np.ndarray | None = None
    volume: np.ndarray | None = None


def read_bars(inputs, scale, open, high, low, volume):
    """Read what was given beside the closes."""
    if (high is None) != (low is None):
        raise InvalidValue(f"{'low' if low is None else 'high'}: missing; high and low go together")
    given = {"open": open, "high": high, "low": low}
    tables = {
        name: read_prices(name, table, inputs, scale) for name, table in given.items() if table is not None
    }
    check_bars(inputs, tables)
    if volume is not None:
        tables["volume"] = read_volume(volume, inputs)
    return BarTables(**tables)


def read_prices(name, table, inputs, scale):
    """Read one table of prices, of the kind of numbers that the closes have."""
    values = spread(name, table, inputs)
    if (values.dtype.kind == "f") != (np.asarray(inputs.given).dtype.kind == "f"):
        raise WrongType(
            f"{name}: holds {values.dtype}, price_schedule {np.asarray(inputs.given).dtype}; integers are "
            "cents and floats currency units: pass one kind for all prices"
        )
    return to_inside(name, values, scale)[1]


def read_volume(table, inputs):
    """Read shares traded; parts of a share are dropped, NaN counts as none."""
    values = np.nan_to_num(np.asarray(spread("volume", table, inputs), np.float64), nan=0.0, posinf=np.inf)
    refuse(
        inputs, "volume", (values < 0.0) | (values >= MOST_VOLUME), values, "must be from 0 to 2**59 shares"
    )
    return readonly(np.ascontiguousarray(values, np.int64))


def spread(name, table, inputs):
    """Take a table's numbers, its columns and rows in the order of the inputs."""
    shape = inputs.prices.shape
    if inputs.kind == "rows":
        return spread_rows(name, table, inputs)
    values, labels = read_table(name, table)
    if labels is not None and inputs.labels.index is not None:
        wanted, found = inputs.labels.symbols, labels.symbols
        for text, names, others in (
            ("only in the prices", unlisted(wanted, found), found),
            (f"only in {name}", unlisted(found, wanted), wanted),
        ):
            if names:
                raise ShapeError(f"{name}: {text}: {listing(names)}{nearest(names[0], others)}")
        if not labels.index.equals(inputs.labels.index):
            raise ShapeError(f"{name}: its index is not that of the prices; use .reindex(prices.index)")
        if wanted != found:
            place = {symbol: i for i, symbol in enumerate(found)}
            values = values[:, [place[symbol] for symbol in wanted]]
    if values.shape != shape:
        raise ShapeError(f"{name} {values.shape} vs price_schedule {shape}: shapes must be equal")
    return values


def spread_rows(name, rows, inputs):
    """Take the numbers of a list of rows."""
    from .rows import table, unzip_rows

    if not isinstance(rows, (list, tuple)) or len(rows) != len(inputs.prices):
        raise ShapeError(f"{name}: needs a list of {len(inputs.prices)} rows, as price_schedule")
    unzipped = unzip_rows(name, rows)
    symbols = inputs.labels.symbols
    unknown = sorted(set().union(*unzipped.layouts).difference(symbols))
    if unknown:
        raise InvalidValue(f"{name}: no price ever for {listing(unknown)}{nearest(unknown[0], symbols)}")
    place = {symbol: i for i, symbol in enumerate(symbols)}
    return table(unzipped, place, 0 if unzipped.numbers.dtype == np.int64 else np.nan)[0]


def check_bars(inputs, tables):
    """Refuse bars that cannot be: partly missing, high below low, open or close outside."""
    close = inputs.prices
    for name, table in tables.items():
        refuse(inputs, name, table < 0, table, "must be above 0")
        refuse(inputs, name, table >= 2**53, table, "must be below 2**53 units", NonFiniteError)
        remedy = "a bar has all of its prices or none (price_schedule has the closes)"
        refuse(inputs, name, (table > 0) != (close > 0), table, remedy)
    if "high" not in tables:
        return
    high, low = tables["high"], tables["low"]
    refuse(inputs, "high", high < low, high, "below low")
    for name, table in {**tables, "price_schedule": close}.items():
        refuse(inputs, name, (table > high) | (table < low), table, "outside of low to high")


def refuse(inputs, name, odd, values, remedy, error=InvalidValue):
    """Raise for the cells marked, if there are any."""
    if odd.any():
        from .refusals import cells

        raise error(f"{name}: {cells(inputs, odd, values)}; {remedy}")
