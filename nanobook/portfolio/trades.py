"""Trades and stop events of a backtest: derived from what was held, and dressed as the caller's kind."""

import numpy as np

REASONS = ("signal", "stop_fixed", "stop_trailing", "stop_atr", "split", "delist")  # by number


def derive(positions, prices, stopped, bps):
    """Derive the fills from what was held: first those of the schedule, then those of stops, by symbol.

    Parameters
    ----------
    positions : float64 array, shape (T, N)
        At the end of each period.
    prices : int64 array, shape (T, N)
    stopped : array of STOPPED
    bps : int

    Returns
    -------
    array of FILL
    """
    from ..kernels.account.state import FILL

    moved = positions.copy()
    np.add.at(moved, (stopped["period"], stopped["symbol"]), stopped["shares"])  # what stops found
    moved[1:] -= positions[:-1]
    periods, symbols = np.nonzero(moved)
    signals = np.zeros(len(periods) + len(stopped), FILL)
    part = signals[: len(periods)]
    part["period"], part["symbol"] = periods, symbols
    part["quantity"], part["price"] = moved[periods, symbols], prices[periods, symbols]
    rest = signals[len(periods) :]
    rest["period"], rest["symbol"], rest["reason"] = stopped["period"], stopped["symbol"], stopped["reason"]
    rest["quantity"], rest["price"] = -stopped["shares"], stopped["price"]
    signals["notional"] = size = np.abs(signals["quantity"] * signals["price"])
    signals["fee"] = size // 10000 * bps + size % 10000 * bps // 10000  # size * bps may pass 2**63
    return signals[np.argsort(signals["period"], kind="stable")]


def dress(records, names, labels, kind, money, reasons=REASONS, shares=None):
    """Turn records into the caller's kind.

    Parameters
    ----------
    records : structured array
        With ``period``, ``symbol`` and ``reason`` among its fields.
    names : dict
        Heading of each field to keep.
    labels : Labels
    kind : {'arrays', 'frames', 'rows'}
    money : callable
        Turns units into cents; applied to all fields but ``period``, ``symbol``, ``reason`` and ``quantity``.
    reasons : tuple of str
        By number.
    shares : callable
        Turns quantities into shares.

    Returns
    -------
    structured array, DataFrame, or list of dict
    """
    turn = {"quantity": shares, "period": np.array, "symbol": np.array, "reason": np.array}
    columns = {heading: turn.get(name, money)(records[name]) for name, heading in names.items()}
    symbols = range(1 + records["symbol"].max(initial=-1)) if labels.symbols is None else labels.symbols
    if kind == "frames":
        import pandas as pd

        columns["symbol"] = pd.Categorical.from_codes(columns["symbol"], labels.columns)
        columns["reason"] = pd.Categorical.from_codes(columns["reason"], reasons)
        dates = labels.index[records["period"]]
        return pd.DataFrame({labels.index.name or "date": dates, **columns})
    columns["reason"] = np.array(reasons)[columns["reason"]]
    if kind == "arrays":
        if labels.symbols is not None:
            columns["symbol"] = np.array(symbols)[columns["symbol"]]
        table = np.empty(len(records), [(name, column.dtype) for name, column in columns.items()])
        for name, column in columns.items():
            table[name] = column
        return table
    columns["symbol"] = np.array(symbols, object)[columns["symbol"]]
    from .rows import no_collection

    with no_collection():
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
        return [dict(zip(columns, row, strict=True)) for row in rows]
