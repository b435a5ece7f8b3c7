"""What a paper broker is fed with: quotes from records, mappings, tables and files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from ...errors import InvalidValue, NanobookError, WrongType
from ...exact import cents_of, exact, without_noise
from ...files import read_plain
from ...hints import nearest, printable
from ..types import Number, Quote, symbol_name


@dataclass(frozen=True, slots=True)
class Top:
    """A quote as the paper broker keeps it.

    Attributes
    ----------
    bid, ask, last : number
        Cents; 0 is none.
    bid_size, ask_size : number or None
        None: as much as anybody wants.
    timestamp : datetime or None
        None: always of now.
    is_tape : bool
        Whether the book has the prices, from an order flow.
    """

    symbol: str
    bid: Number = 0
    ask: Number = 0
    last: Number = 0
    bid_size: Number | None = None
    ask_size: Number | None = None
    volume: Number = 0
    timestamp: datetime | None = None
    is_tape: bool = False


PRICES = ("bid", "ask", "last", "price")
SIZES = ("bid_size", "ask_size", "volume")
OF_INSTRUMENT = {
    "lot": "lot",
    "tick": "tick_cents",
    "tick_cents": "tick_cents",
    "min_quantity": "min_quantity",
    "max_quantity": "max_quantity",
    "min_notional": "min_notional_cents",
    "min_notional_cents": "min_notional_cents",
    "currency": "currency",
}
IN_DOLLARS = ("tick", "min_notional")
KNOWN = (
    *("symbol", "timestamp"),
    *PRICES,
    *(f"{name}_cents" for name in PRICES),
    *SIZES,
    *OF_INSTRUMENT,
)


def read_quotes(source):
    """Read quotes.

    Parameters
    ----------
    source : mapping, DataFrame, iterable or path
        ``{symbol: price}`` or ``{symbol: {"bid": ..., "ask": ...}}``; a table or list of rows with a
        ``symbol``; ``Quote`` records; a JSON file of the first two or a CSV file with such columns. Columns:
        ``bid``, ``ask``, ``last`` in dollars (``bid_cents``, ... in cents) or one ``price`` for all three;
        ``bid_size``, ``ask_size``, ``volume``; ``timestamp`` (ISO 8601 with a zone); ``lot``, ``tick``,
        ``min_quantity``, ``max_quantity``, ``min_notional``, ``currency``.

    Returns
    -------
    list of (Top, dict)
        In the order given, with what was said of the instrument. A price that is missing, NaN or below 0 is
        none.

    Raises
    ------
    InvalidValue
        Names the row and the column.

    Examples
    --------
    >>> from nanobook.broker.paper.quotes import read_quotes
    >>> [(top, _)] = read_quotes({"AAPL": {"bid": 184.9, "ask": "185.10", "lot": 1}})
    >>> top.bid, top.ask, top.last
    (18490, 18510, 0)
    """
    where, rows = _rows_of(source)
    quotes = []
    for number, row in enumerate(rows, 1):
        try:
            quotes.append(_quote_of(row))
        except NanobookError as error:
            raise InvalidValue(f"{where}, row {number}: {error}") from None
    if isinstance(source, str | Path):
        _check_doubles(where, [top for top, _ in quotes])
    return quotes


def _check_doubles(where, tops):
    """Refuse a file that says two things of a symbol at one time: nobody can tell which one is meant."""
    seen = {}
    for number, top in enumerate(tops, 1):
        first = seen.setdefault((top.symbol, top.timestamp), number)
        if first != number:
            raise InvalidValue(f"{where}, row {number}: {top.symbol} stands in row {first}, too; leave one")


def read_tape(source):
    """Read quotes through time: as ``read_quotes``, each with a timestamp, in the order of time."""
    quotes = read_quotes(source)
    for top, _ in quotes:
        if top.timestamp is None:
            raise InvalidValue(f"tape: a quote of {top.symbol} has no timestamp")
    return sorted(quotes, key=lambda quote: quote[0].timestamp)


def _rows_of(source):
    """Give (what to call it, rows as dicts)."""
    if isinstance(source, str | Path):
        return printable(source), _rows_of_file(Path(source))
    if hasattr(source, "columns") and hasattr(source, "to_dict"):
        frame = source if "symbol" in source.columns else source.rename_axis("symbol").reset_index()
        return "quotes", frame.to_dict("records")
    if hasattr(source, "items"):
        return "quotes", _rows_of_mapping(dict(source.items()))
    if isinstance(source, Iterable):
        return "quotes", list(source)
    raise WrongType(f"quotes: {source!r}; give a mapping, a DataFrame, rows or a file")


def _rows_of_mapping(table):
    """Rows of a mapping by symbol, or of one of columns."""
    if not isinstance(table.get("symbol", ""), str | Mapping):
        columns = {name: list(values) for name, values in table.items()}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    rows = []
    for symbol, told in table.items():
        if isinstance(told, Quote):
            rows.append(told)
        else:
            rows.append({"symbol": symbol, **(told if isinstance(told, Mapping) else {"price": told})})
    return rows


def _rows_of_file(path):
    kind = path.suffix.lower()
    if kind not in (".csv", ".json"):
        raise InvalidValue(f"quotes: {path}: neither .json nor .csv")
    try:
        text = read_plain(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidValue(f"{path}: byte {error.start} is no UTF-8; save the file as UTF-8") from None
    return _rows_of_csv(path, text) if kind == ".csv" else _rows_of_json(path, text)


def _rows_of_csv(path, text):
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise InvalidValue(f"{path}: no CSV: {error}") from None
    for number, row in enumerate(rows, 1):
        if None in row:
            raise InvalidValue(f"{path}, row {number}: has more cells than the first line has names")
    return rows


def _rows_of_json(path, text):
    try:
        table = json.loads(text, parse_float=Decimal, object_pairs_hook=_no_doubles)
    except (ValueError, RecursionError) as error:
        raise InvalidValue(f"{path}: no JSON: {error}") from None
    if isinstance(table, dict):
        return _rows_of_mapping(table)
    if isinstance(table, list):
        return table
    raise InvalidValue(f"{path}: neither an object by symbol nor a list of rows")


def _no_doubles(pairs):
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        raise InvalidValue(f"{printable(next(n for n in names if names.count(n) > 1))!r} is there twice")
    return table


def _quote_of(row):
    """Give (Top, what was said of the instrument) for one row."""
    if isinstance(row, Quote):
        prices = row.bid_cents, row.ask_cents, row.last_cents
        return Top(row.symbol, *prices, volume=row.volume, timestamp=row.timestamp), {}
    if not isinstance(row, Mapping):
        raise WrongType(f"{row!r} is a {type(row).__name__}; give a mapping or a Quote")
    for name in row:
        if name not in KNOWN:
            raise InvalidValue(
                f"{printable(name)!r} is no column{nearest(name, KNOWN)}; use {', '.join(KNOWN)}"
            )
    given = {name: value for name, value in row.items() if not _is_missing(value)}
    bid, ask, last, price = (_price_of(given, name) for name in PRICES)
    top = Top(
        symbol_name(given.get("symbol")),
        bid or price,
        ask or price,
        last or price,
        *(_size_of(given, name) for name in ("bid_size", "ask_size")),
        _size_of(given, "volume") or 0,
        _time_of(given.get("timestamp")),
    )
    return top, _instrument_of(given)


def _is_missing(value):
    """Whether it is None, empty text, or one of the values of pandas that stand for nothing."""
    return value is None or str(value) in ("", "nan", "NaN", "NaT", "<NA>")


def _price_of(row, name):
    """A price in cents; 0 where there is none."""
    cents = f"{name}_cents"
    if name in row and cents in row:
        raise InvalidValue(f"{name} and {cents} are both given; give one")
    if name in row:
        return max(0, cents_of(name, without_noise(row[name])))
    return max(0, exact(cents, without_noise(row[cents]))) if cents in row else 0


def _size_of(row, name):
    if name not in row:
        return None
    size = exact(name, row[name])
    if size < 0:
        raise InvalidValue(f"{name}: {row[name]!r} must not be below 0")
    return size


def _time_of(value):
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidValue(f"timestamp: {value!r}; use ISO 8601, 2026-01-05T15:00:00Z") from None
    if not isinstance(value, datetime):
        raise WrongType(f"timestamp: {value!r} is a {type(value).__name__}; give a datetime or ISO 8601 text")
    if value.tzinfo is None:
        raise InvalidValue(f"timestamp: {value} has no time zone; add Z or +00:00")
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime(warn=False)
    return value.astimezone(UTC)


def _instrument_of(row):
    told = {}
    for name, field in OF_INSTRUMENT.items():
        if name in row:
            told[field] = cents_of(name, row[name]) if name in IN_DOLLARS else row[name]
    return told
