"""One rebalance: plan, then fill what was planned."""

from numpy import int64

from ..._jit import helper, kernel
from .amounts import fee, moved, worth
from .fill import fill
from .plan import plan
from .state import CASH, DONE, FULL, ROWS, SIGNAL


@kernel
def rebalance(account, rules, weights, prices, volumes, fills):
    """Move every symbol to its target weight of the equity at these prices; returns a code.

    On refusal (TOO_LARGE, FULL) no position has changed.

    Parameters
    ----------
    account : Account
    rules : Rules
    weights : float64 array, shape (N,)
        NaN leaves the symbol alone, 0 closes it.
    prices, volumes : int64 array, shape (N,)
        As ``plan`` takes them.
    fills : recarray of FILL
        One row a fill from ROWS on: needs room for one of each symbol in ``order``; without any rows
        nothing is recorded.

    Notes
    -----
    The arrays are writable and contiguous, so that all callers share one compiled signature.
    """
    if 0 < fills.shape[0] < account.money[ROWS] + account.order.shape[0]:
        return int64(FULL)
    code, count = plan(account, rules, weights, prices, volumes)
    if code != DONE:
        return code
    for part in range(1 + rules.sells_first):
        for n in range(count):
            i = account.order[account.queue[n]]
            buys = account.planned[i] > 0
            if rules.sells_first and buys != (part == 1):
                continue
            quantity = account.planned[i]
            if not rules.margin:
                quantity = affordable(account, rules, quantity, prices[i])
            if quantity != 0:
                code = fill(account, rules, i, quantity, prices[i], int64(SIGNAL), fills)
                if code != DONE:
                    return code
    return int64(DONE)


@helper
def affordable(account, rules, quantity, price):
    """Part of an order that cash can pay: a buy is cut in steps; a sell is dropped if its fee is too much."""
    cash = max(account.money[CASH], int64(0))
    paid = moved(rules, quantity, price)
    if outlay(rules, quantity, paid) <= cash:
        return quantity
    if quantity < 0:
        return int64(0)
    low, high = int64(0), quantity // rules.step
    while low < high:  # the largest number of steps that can be paid
        middle = (low + high + 1) // 2
        if outlay(rules, middle * rules.step, paid) <= cash:
            low = middle
        else:
            high = middle - 1
    return low * rules.step


@helper
def outlay(rules, quantity, price):
    """What a fill takes from cash, its fee included."""
    value = worth(rules, quantity, price)
    return value + fee(rules, abs(value))
