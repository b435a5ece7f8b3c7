"""Which symbol earned what, and from when to when it was held."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidValue, NotComputed, ShapeError
from .columns import read_columns
from .result import BacktestResult

SHARES, CHANGES = "weights", "symbol_returns"  # the parameters, for messages
TRADE = ("symbol", "entry_index", "exit_index", "entry_weight", "exit_weight", "contribution")


@dataclass(frozen=True)
class Parts:
    """A table of contributions and what they came from, each (T, N).

    Attributes
    ----------
    kind : {'arrays', 'frames', 'rows'}
    weights, contributions : float64 array, shape (T, N)
    symbols : sequence, length N
    index, columns : pandas.Index or None
    lag : int
        Periods from a weight to the contribution that it earned: 0 where the caller aligned them, 1 where
        a weight is of the end of a period.
    """

    kind: str
    weights: np.ndarray
    contributions: np.ndarray
    symbols: Any
    index: Any
    columns: Any
    lag: int


def decompose_backtest(weights, symbol_returns=None):
    """Split returns into what each symbol contributed, and what was held into trades.

    Parameters
    ----------
    weights : BacktestResult, DataFrame, array of shape (T, N), or list of T rows
        Parts of equity that earned the returns of the same row; a row of a list is a list of
        (symbol, weight) pairs or a dict. Of a result: its holdings, which earn the returns of the *next*
        row.
    symbol_returns : as ``weights``
        Returns of the symbols, same kind and shape; for rows the symbols not named returned nothing. Leave
        it out with a result.

    Returns
    -------
    dict
        ``contributions`` : weight times return by period and symbol; 0 where one is not finite, and in
        periods of a result that began without equity. In lists: sorted pairs of the symbols that are held,
        were held the period before, or contributed.
        ``cumulative_contributions`` : their running sums, for the same cells.
        ``trades`` : one row a time that a symbol was held, by entry, then by symbol: ``symbol``,
        ``entry_index``, ``exit_index`` (the first period without it; None while open), ``entry_weight``,
        ``exit_weight`` (the last one), ``contribution`` (their sum). A DataFrame with ``entry`` and ``exit``
        labels for DataFrames, else a list of dicts.

    Raises
    ------
    ShapeError
        Different shapes or labels.
    NotComputed
        A lean result, which has no holdings.
    WrongType
        Something other than numbers.

    Notes
    -----
    A weight that changes its sign does not end a trade. Of a result, contributions are between closes:
    their sum is the return before costs, interest, and what fills at other prices gained or lost.

    Examples
    --------
    >>> import nanobook
    >>> weights = [[("A", 0.5)], [("A", 0.5), ("B", 0.5)], []]
    >>> parts = nanobook.decompose_backtest(weights, [[("A", 0.1), ("B", 0.0)]] * 3)
    >>> parts["contributions"]
    [[('A', 0.05)], [('A', 0.05), ('B', 0.0)], [('A', 0.0), ('B', 0.0)]]
    >>> parts["trades"][0]["entry_index"], parts["trades"][0]["exit_index"]
    (0, 2)
    """
    parts = read_parts(weights, symbol_returns)
    sums = np.cumsum(parts.contributions, axis=0)
    return {
        "contributions": dress(parts, parts.contributions),
        "cumulative_contributions": dress(parts, sums),
        "trades": trades_of(parts),
    }


def read_parts(weights, symbol_returns=None):
    """Read what `decompose_backtest` takes."""
    if isinstance(weights, Mapping):
        if symbol_returns is not None:
            raise InvalidValue("symbol_returns: the result has its own; leave it out")
        for key in ("holdings", "symbol_returns"):
            if key not in weights:
                raise NotComputed(f"{key}: not in the result; run backtest_weights with lean=False")
        if isinstance(weights, BacktestResult):
            parts = join(*weights._tables(), lag=1)
            parts.contributions[np.isnan(weights.to_frame()["returns"])] = 0.0
            return parts
        return join(*read_pair(weights["holdings"], weights["symbol_returns"]), lag=1)
    if symbol_returns is None:
        raise InvalidValue("symbol_returns: missing; pass the returns of the symbols beside their weights")
    return join(*read_pair(weights, symbol_returns), lag=0)


def read_pair(weights, symbol_returns):
    """Read two tables of one kind: kind, both as (T, N), symbols, index, columns."""
    if isinstance(weights, (list, tuple)) and isinstance(symbol_returns, (list, tuple)):
        return read_lists(weights, symbol_returns)
    mine = read_columns(SHARES, weights, missing=True, infinite=True)
    other = read_columns(CHANGES, symbol_returns, missing=True, infinite=True)
    if mine.values.shape != other.values.shape:
        shapes = [table.values.T.shape for table in (mine, other)]
        raise ShapeError(f"{SHARES} {shapes[0]} vs {CHANGES} {shapes[1]}: shapes must be equal")
    for labels in ("index", "columns"):
        ours, theirs = getattr(mine, labels), getattr(other, labels)
        if ours is not None and theirs is not None and not ours.equals(theirs):
            raise ShapeError(f"{SHARES} vs {CHANGES}: different {labels}; use .reindex_like()")
    symbols = range(len(mine.values)) if mine.columns is None else mine.columns
    kind = "frames" if mine.kind == "frame" else "arrays"
    return kind, mine.values.T, other.values.T, symbols, mine.index, mine.columns


def read_lists(weights, symbol_returns):
    """Read two lists of rows; symbols are sorted by their bytes."""
    from .rows import no_collection, table, unzip_rows

    if len(weights) != len(symbol_returns):
        raise ShapeError(f"{SHARES} ({len(weights)} rows) vs {CHANGES} ({len(symbol_returns)} rows)")
    if not weights:
        raise ShapeError(f"{SHARES}: empty, needs at least one period")
    with no_collection():
        both = [unzip_rows(name, rows) for name, rows in ((SHARES, weights), (CHANGES, symbol_returns))]
    symbols = sorted(set().union(*both[0].layouts, *both[1].layouts))
    place = {name: i for i, name in enumerate(symbols)}
    values = [np.asarray(table(rows, place, 0.0)[0], np.float64) for rows in both]
    return "rows", *values, symbols, None, None


def join(kind, weights, returns, symbols, index, columns, lag):
    """Multiply weights by the returns that they earned."""
    contributions = np.zeros(weights.shape)
    rows = slice(None, len(weights) - lag)
    with np.errstate(invalid="ignore", over="ignore"):
        np.multiply(weights[rows], returns[lag:], out=contributions[lag:])
    contributions[~np.isfinite(contributions)] = 0.0
    return Parts(kind, weights, contributions, symbols, index, columns, lag)


def dress(parts, values):
    """Give a table back as what the caller gave."""
    if parts.kind == "arrays":
        return values
    if parts.kind == "frames":
        import pandas as pd

        return pd.DataFrame(values, parts.index, parts.columns)
    from .rows import to_rows

    held = parts.weights != 0.0
    listed = held | (parts.contributions != 0.0)
    listed[1:] |= held[:-1]
    return to_rows(parts.symbols, values, listed)


def spans(weights):
    """Find when each column is not 0: columns, first rows, and rows after the last, by row then column."""
    held = np.zeros((weights.shape[1], weights.shape[0] + 2), np.int8)
    held[:, 1:-1] = (weights != 0.0).T
    turns = np.diff(held, axis=1)
    columns, entries = np.nonzero(turns == 1)
    exits = np.nonzero(turns == -1)[1]
    order = np.argsort(entries, kind="stable")
    return columns[order], entries[order], exits[order]


def trade_columns(parts):
    """Find the times that a symbol was held: column, entry, exit, both weights and what they contributed.

    Each an array; an exit of T is one still to come.
    """
    columns, entries, exits = spans(parts.weights)
    periods = len(parts.weights)
    sums = np.zeros((periods + 1, parts.weights.shape[1]))
    np.cumsum(parts.contributions, axis=0, out=sums[1:])
    first, last = (np.minimum(rows + parts.lag, periods) for rows in (entries, exits))
    earned = sums[last, columns] - sums[first, columns]
    weights = parts.weights[entries, columns], parts.weights[exits - 1, columns]
    return columns, entries, exits, *weights, earned


def trades_of(parts):
    """List the times that a symbol was held."""
    columns, entries, exits, *rest = trade_columns(parts)
    periods = len(parts.weights)
    rows = [
        (parts.symbols[column], entry, None if out == periods else out, *numbers)
        for column, entry, out, *numbers in zip(
            columns.tolist(), entries.tolist(), exits.tolist(), *(part.tolist() for part in rest), strict=True
        )
    ]
    if parts.kind != "frames":
        return [dict(zip(TRADE, row, strict=True)) for row in rows]
    import pandas as pd

    frame = pd.DataFrame(rows, columns=TRADE).astype({"exit_index": "Int64"})
    frame.insert(1, "entry", parts.index.take(entries))
    closed = exits < periods
    frame.insert(2, "exit", pd.Series(parts.index.take(np.where(closed, exits, 0))).where(closed))
    return frame
