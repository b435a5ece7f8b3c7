"""The calls of a portfolio: one step each, reached from Python through one integer.

Handing an account's arrays and rules to a compiled function costs 5 us of unpacking, more than a rebalance
of ten symbols. So their addresses stand in a descriptor, as those of a book do.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy import int64

from ..._jit import JIT, call_kernel, entry_point, helper, tuple_at
from . import rebalance as trading
from . import value
from .state import DONE, Account, Rules, new_account, new_fills

UNKNOWN = -(2**63)  # instead of an equity that is too large to be counted


class Sheet(NamedTuple):
    """An account and what its calls work on, all writable.

    Attributes
    ----------
    money, quantity, average, basis, realized, order, planned, gap, queue : int64 arrays
        Those of ``Account``; ``order`` has room for all symbols.
    weights : float64 array, shape (N,)
    prices, volumes : int64 arrays, shape (N,)
        Rows of a rebalance.
    columns, targets : int64, float64 array, shape (N,)
        The first so many are the symbols with targets, as listed, and those.
    fills : recarray of FILL
    counts, limits : int64 array, shape (16,); float64 array, shape (2,)
        The whole numbers of ``Rules`` in their order; ``band`` and ``turnover``.
    """

    money: np.ndarray
    quantity: np.ndarray
    average: np.ndarray
    basis: np.ndarray
    realized: np.ndarray
    order: np.ndarray
    planned: np.ndarray
    gap: np.ndarray
    queue: np.ndarray
    weights: np.ndarray
    prices: np.ndarray
    volumes: np.ndarray
    columns: np.ndarray
    targets: np.ndarray
    fills: np.ndarray
    counts: np.ndarray
    limits: np.ndarray


def new_sheet(account, rows, targets, fills, rules):
    """Put a sheet together: ``rows`` are weights, prices and volumes, ``targets`` columns and weights."""
    limits = np.array([rules.band, rules.turnover])
    counts = rules._asdict()
    del counts["band"], counts["turnover"]
    return Sheet(*account, *rows, *targets, fills, np.array([*counts.values()], np.int64), limits)


@helper
def account_of(sheet, planned):
    """The account, with so many symbols in its order."""
    return Account(
        sheet.money,
        sheet.quantity,
        sheet.average,
        sheet.basis,
        sheet.realized,
        sheet.order[:planned],
        sheet.planned,
        sheet.gap,
        sheet.queue,
    )


@helper
def rules_of(sheet):
    """The rules as they were put in."""
    n, limits = sheet.counts, sheet.limits
    first = int(n[0]), int(n[1]), int(n[2]), int(n[3]), int(n[4]), int(n[5]), int(n[6])
    last = int(n[8]), int(n[9]), int(n[10]), int(n[11]), int(n[12]), int(n[13]), int(n[14]), int(n[15])
    return Rules(*first, limits[0], int(n[7]), limits[1], *last)


@helper
def lay_out(sheet, count):
    """Lay out weights and order of a rebalance; returns how many symbols are in the order.

    What is held and is not among the first ``count`` columns goes to 0, and first; they follow as listed.
    """
    weights, order = sheet.weights, sheet.order
    for i in range(weights.shape[0]):
        weights[i] = 0.0 if sheet.quantity[i] != 0 else np.nan
    for n in range(count):
        weights[sheet.columns[n]] = np.nan
    planned = int64(0)
    for i in range(weights.shape[0]):
        if weights[i] == 0.0:
            order[planned] = i
            planned += 1
    for n in range(count):
        i = sheet.columns[n]
        weights[i] = sheet.targets[n]
        order[planned] = i
        planned += 1
    return planned


@helper
def count_unpriced(sheet, wanted):
    """Count symbols without a price that are held or, if ``wanted``, have a weight other than 0."""
    count = int64(0)
    for i in range(sheet.prices.shape[0]):
        if sheet.prices[i] == 0:
            weight = sheet.weights[i] if wanted else np.nan
            count += sheet.quantity[i] != 0 or (weight == weight and weight != 0.0)
    return count


@helper
def rebalance(sheet, planned):
    """Trade what was laid out; returns a code."""
    rows = sheet.weights, sheet.prices, sheet.volumes
    account = account_of(sheet, planned)
    return trading.rebalance(account, rules_of(sheet), *rows, sheet.fills)


@helper
def equity(sheet):
    """Value the account at the row of prices; UNKNOWN where it cannot be counted."""
    code, worth = value.equity(account_of(sheet, sheet.order.shape[0]), rules_of(sheet), sheet.prices)
    return worth if code == DONE else int64(UNKNOWN)


def sample():
    """A sheet with the types of all."""
    counts, numbers = np.zeros(1, np.int64), np.zeros(1)
    rows, targets = (numbers, counts, counts), (counts, numbers)
    return Sheet(*new_account(0, 1), *rows, *targets, new_fills(1), counts, numbers)


sheet_at = tuple_at(sample())


@call_kernel
def lay_out_at(address, count):
    """``lay_out`` on the sheet of a descriptor."""
    return lay_out(sheet_at(address), count)


@call_kernel
def count_unpriced_at(address, wanted):
    """``count_unpriced`` on the sheet of a descriptor."""
    return count_unpriced(sheet_at(address), wanted)


@call_kernel
def rebalance_at(address, planned):
    """``rebalance`` on the sheet of a descriptor."""
    return rebalance(sheet_at(address), planned)


@call_kernel
def equity_at(address):
    """``equity`` on the sheet of a descriptor."""
    return equity(sheet_at(address))


class Calls(NamedTuple):
    """The entry points; each takes a handle first."""

    lay_out: Any
    count_unpriced: Any
    rebalance: Any
    equity: Any


@cache
def entries():
    """Compile what Python calls."""
    if not JIT:
        return Calls(lay_out, count_unpriced, rebalance, equity)
    return Calls(
        entry_point(lay_out_at, 2),
        entry_point(count_unpriced_at, 2),
        entry_point(rebalance_at, 2),
        entry_point(equity_at, 1),
    )
