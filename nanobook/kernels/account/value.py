"""What an account is worth, and what a night costs and earns."""

from numpy import float64, int64

from ..._jit import helper, kernel
from ..money import LIMIT
from .amounts import nearest, worth
from .state import BORROWED, CASH, DONE, INTEREST, MOST_SHARES, RATE, TOO_LARGE


@kernel
def equity(account, rules, prices):
    """Value cash and positions; what has no price counts 0.

    Parameters
    ----------
    account : Account
    rules : Rules
    prices : int64 array, shape (N,)
        Units a share; 0 where there is none.

    Returns
    -------
    code, value : int64
    """
    value = account.money[CASH]
    load = abs(float64(value))
    for i in range(prices.shape[0]):
        load += weight_of(account, rules, i, prices[i])
        if not load < LIMIT:
            return int64(TOO_LARGE), int64(0)
        value += worth(rules, account.quantity[i], prices[i])
    return int64(DONE), value


@helper
def weight_of(account, rules, i, price):
    """Sum of the absolute amounts of a position, approximately; infinite where it cannot be counted."""
    size = abs(float64(account.quantity[i]))
    value = size * float64(price) / float64(rules.per_share)
    if not (size < MOST_SHARES and 0 <= price < LIMIT):
        return LIMIT
    return value + abs(float64(account.basis[i])) + abs(float64(account.realized[i]))


@kernel
def accrue(account, rules, prices):
    """Pay for one night: fees of what is sold short, interest on cash or debt; returns a code.

    Parameters
    ----------
    account : Account
    rules : Rules
        ``borrow``, ``credit`` and ``debit`` are simple rates a year; a night is ``years / year`` of one.
        Each symbol's fee, and the interest, is rounded to a unit, halves away from zero.
    prices : int64 array, shape (N,)
        At which the shorts are valued; 0 where there is none.
    """
    money = account.money
    code, _ = equity(account, rules, prices)
    if code != DONE:
        return code
    cash = money[CASH]
    rate = rules.credit if cash > 0 else rules.debit
    earned = nightly(rules, abs(cash), rate)
    earned = earned if cash > 0 else -earned
    paid = int64(0)
    for i in range(prices.shape[0]):
        if account.quantity[i] < 0:
            paid += nightly(rules, -worth(rules, account.quantity[i], prices[i]), rules.borrow)
    money[INTEREST] += earned
    money[BORROWED] += paid
    money[CASH] += earned - paid
    return int64(DONE)


@helper
def nightly(rules, amount, rate):
    """Part of a yearly rate for one period, with the sign of the rate."""
    size = nearest(amount, abs(rate) * rules.years, int64(RATE) * rules.year)
    return size if rate > 0 else -size
