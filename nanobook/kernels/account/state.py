"""What an account is: one tuple of arrays, made here and changed only by kernels; and its rules.

Money is an integer number of units (cents unless the facade scaled the prices), a quantity one of
``1 / per_share`` share. Amounts of money stay below ``LIMIT`` so that a float64 carries each exactly;
what would reach it is refused with a code before anything has changed.
"""

from typing import NamedTuple

import numpy as np

# Rows of ``Account.money``.
CASH = 0
COST = 1  # fees of all fills; this and the next counters only rise, the caller may set them to 0
TRADED = 2  # notional of all fills
N_FILLS = 3
INTEREST = 4  # earned on cash less paid on debt
BORROWED = 5  # fees paid for shares borrowed
ROWS = 6  # rows of the caller's fills that are written
PERIOD = 7  # what those rows are stamped with; set by the caller
EQUITY = 8  # before the last rebalance
N_MONEY = 9

# Codes.
DONE = 0
TOO_LARGE = 1  # an amount would reach LIMIT, or a quantity MOST_SHARES
FULL = 2  # no room for a row of fills for each symbol

MOST_SHARES = 2.0**60

# Reasons of a fill.
SIGNAL = 0
STOP_FIXED = 1
STOP_TRAILING = 2
STOP_ATR = 3
SPLIT = 4
DELIST = 5
REASONS = ("signal", "stop_fixed", "stop_trailing", "stop_atr", "split", "delist")

RATE = 10_000_000  # of rates, 1 in whole numbers: a basis point is 1000
PART = 1_000_000_000  # of a participation, all of the volume

FILL = np.dtype(
    [
        ("period", "i8"),
        ("symbol", "i8"),
        ("quantity", "i8"),
        ("price", "i8"),
        ("notional", "i8"),
        ("fee", "i8"),
        ("reason", "i8"),
    ]
)
"""One fill: 56 bytes. ``quantity`` is signed, ``price`` what was paid a share, ``notional`` absolute."""


class Account(NamedTuple):
    """State of one account of N symbols.

    Attributes
    ----------
    money : int64 array, shape (N_MONEY,)
        Scalars that change; rows named above.
    quantity : int64 array, shape (N,)
        What is held, negative if short.
    average : int64 array, shape (N,)
        Average price of entry, a share.
    basis : int64 array, shape (N,)
        What the position cost; negative if short.
    realized : int64 array, shape (N,)
        Profit of what was closed, before fees.
    order : int64 array, shape (M,), M <= N
        The symbols that are planned, each once, first to last; set by the caller.
    planned, gap, queue : int64 array, shape (N,)
        Scratch of a rebalance: quantity of each symbol's order, absolute distance to its target, and the
        places in ``order`` that trade, first to last.
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


class Rules(NamedTuple):
    """What trading costs and what limits it: numbers in units; 0 is off where not said otherwise.

    Attributes
    ----------
    per_share : int
        Quantity that is one share.
    step : int
        Orders are multiples of it, except those that close all.
    fee_rate : int
        Fee of a fill in RATE of its notional.
    min_fee : int
        Smallest fee of a fill.
    impact : int
        What a price moves against the trader, in halves of RATE: spread and twice the slippage.
    min_order, max_order : int
        Bounds of an order's notional.
    band : float
        Basis points of equity; targets that are no farther away are left alone.
    max_trades : int
        Orders of a rebalance; negative is off.
    turnover : float
        Notional of a rebalance as a fraction of equity; infinite is off.
    participation : int
        Largest part of the period's volume, in PART.
    sells_first, margin : int
        Whether sells are filled before buys; whether cash may become negative by a trade.
    borrow, credit, debit : int
        Rates in RATE a year: on the value of shorts, on cash, on debt.
    year, years : int
        Periods in so many years.
    """

    per_share: int
    step: int
    fee_rate: int
    min_fee: int
    impact: int
    min_order: int
    max_order: int
    band: float
    max_trades: int
    turnover: float
    participation: int
    sells_first: int
    margin: int
    borrow: int
    credit: int
    debit: int
    year: int
    years: int


def new_account(cash, symbols):
    """Allocate an account with so much cash and no positions."""
    money = np.zeros(N_MONEY, np.int64)
    money[CASH] = cash
    columns = np.zeros((len(Account._fields) - 1, symbols), np.int64)
    account = Account(money, *(column.copy() for column in columns))
    account.order[:] = np.arange(symbols)
    return account


def new_fills(rows):
    """Allocate room for so many fills; with none, none are kept."""
    return np.zeros(rows, FILL).view(np.recarray)
