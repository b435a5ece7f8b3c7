"""Quotes and positions as a user gives them: in Python, or in a JSON or CSV file."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal

from ...errors import CorruptFile, InvalidValue
from ...exact import exact
from ...hints import nearest
from .contracts import Contract
from .market import Quote

SAMPLE = {
    "AAPL": (184.95, 185.05),
    "AMZN": (177.45, 177.50),
    "GOOG": (151.20, 151.24),
    "MSFT": (369.95, 370.05),
    "NVDA": (121.30, 121.34),
    "SPY": (517.40, 517.42),
}
"""Made-up prices of well-known symbols; limits 5 basis points beyond the middle reach them."""
QUOTE_KEYS = {field.name for field in fields(Quote)}
CONTRACT_KEYS = {field.name for field in fields(Contract)}
INTEGERS, NUMBERS = {"con_id"}, {"tick", "step"}


def read_quotes(quotes):
    """Give what is traded: a list of {"contract": ..., "quote": ...}."""
    if quotes is None:
        quotes = SAMPLE
    if isinstance(quotes, (str, os.PathLike)):
        quotes = read_rows(quotes)
    if hasattr(quotes, "columns"):
        named = quotes if "symbol" in quotes else quotes.rename_axis("symbol").reset_index()
        quotes = named.to_dict("records")
    if isinstance(quotes, Mapping):
        quotes = [{"symbol": symbol, **_named(symbol, row)} for symbol, row in quotes.items()]
    return [_parted(row) for row in quotes]


def _named(symbol, row):
    if isinstance(row, Mapping):
        return row
    if not 2 <= len(row) <= 4:
        raise InvalidValue(f"quotes: {symbol} has {len(row)} numbers; give (bid, ask[, last[, volume]])")
    return dict(zip(("bid", "ask", "last", "volume"), row, strict=False))


def _parted(row):
    """Tell the contract from its quote."""
    contract, quote = {}, {}
    for key, value in row.items():
        if value in ("", None) or value != value:  # a NaN is no value
            continue
        if key in CONTRACT_KEYS:
            contract[key] = exact(key, value) if key in INTEGERS | NUMBERS else str(value)
        elif key in QUOTE_KEYS:
            quote[key] = value
        else:
            known = CONTRACT_KEYS | QUOTE_KEYS
            raise InvalidValue(f"quotes: {key!r} of {row.get('symbol')}: no such column{nearest(key, known)}")
    exact("multiplier", contract.get("multiplier", 1))
    if not contract.get("symbol"):
        raise InvalidValue(f"quotes: a row without a symbol: {row}")
    return {"contract": contract, "quote": quote}


def read_positions(positions, listings):
    """Give what is held: a list of (symbol, quantity, average cost)."""
    if isinstance(positions, (str, os.PathLike)):
        positions = [
            (row.get("symbol"), row.get("quantity"), row.get("average_cost") or 0)
            for row in read_rows(positions)
        ]
    if isinstance(positions, Mapping):
        positions = [(symbol, *_pair(row)) for symbol, row in positions.items()]
    known = {contract.symbol for contract in listings}
    for symbol, *_ in positions:
        if symbol not in known:
            raise InvalidValue(f"positions: {symbol!r} has no quote{nearest(symbol, known)}")
    return [
        (symbol, exact(f"{symbol} quantity", quantity), exact(f"{symbol} average_cost", cost))
        for symbol, quantity, cost in positions
    ]


def _pair(row):
    return row if isinstance(row, (tuple, list)) else (row, 0)


def read_rows(path):
    """Read a CSV file with a header, or a JSON file with a list of objects, as dicts.

    Raises
    ------
    CorruptFile
        It is neither.
    OSError
        It cannot be read.
    """
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    try:
        if not text.lstrip().startswith(("[", "{")):
            return list(csv.DictReader(text.splitlines()))
        rows = json.loads(text, parse_float=Decimal)
    except (ValueError, csv.Error) as error:
        raise CorruptFile(f"{path}: {error}") from None
    if isinstance(rows, dict):
        return [{"symbol": symbol, **_named(symbol, row)} for symbol, row in rows.items()]
    if not all(isinstance(row, dict) for row in rows):
        raise CorruptFile(f"{path}: not a list of objects")
    return rows
