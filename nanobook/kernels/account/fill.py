"""One fill: price, fee, position, cash and a row of the record."""

from typing import NamedTuple

from numpy import float64, int64

from ..._jit import helper, kernel
from ..money import LIMIT
from .amounts import fee, moved, portion, worth
from .state import CASH, COST, DONE, FULL, MOST_SHARES, N_FILLS, PERIOD, ROWS, TOO_LARGE, TRADED


class Deal(NamedTuple):
    """What is traded: symbol, signed quantity, price a share as paid, fee, and a reason."""

    symbol: int
    quantity: int
    price: int
    fee: int
    reason: int


@kernel
def fill(account, rules, symbol, quantity, price, reason, fills):
    """Trade at a price moved by spread and slippage, for a fee; returns a code.

    Parameters
    ----------
    account : Account
    rules : Rules
    symbol, quantity, price, reason : int64
        ``quantity`` signed, not 0; ``price`` in units a share, above 0.
    fills : recarray of FILL
        Gets one row; without any rows nothing is recorded.
    """
    paid = moved(rules, quantity, price)
    return fill_at(account, rules, symbol, quantity, paid, reason, fills)


@kernel
def fill_at(account, rules, symbol, quantity, price, reason, fills):
    """Trade at exactly this price, for a fee; otherwise as ``fill``."""
    if too_large(rules, quantity, price):
        return int64(TOO_LARGE)
    charged = fee(rules, abs(worth(rules, quantity, price)))
    return settle(account, rules, Deal(symbol, quantity, price, charged, reason), fills)


@kernel
def settle(account, rules, deal, fills):
    """Book a trade whose price and fee are known; returns a code and on refusal changes nothing."""
    money = account.money
    if too_large(rules, deal.quantity, deal.price):
        return int64(TOO_LARGE)
    if 0 < fills.shape[0] <= money[ROWS]:
        return int64(FULL)
    value = worth(rules, deal.quantity, deal.price)
    if not abs(float64(money[CASH])) + abs(float64(value)) + float64(deal.fee) < LIMIT:
        return int64(TOO_LARGE)
    enter(account, rules, deal, value)
    money[CASH] -= value + deal.fee
    money[COST] += deal.fee
    money[TRADED] += abs(value)
    money[N_FILLS] += 1
    if fills.shape[0] > 0:
        record(money, deal, abs(value), fills)
    return int64(DONE)


@helper
def too_large(rules, quantity, price):
    """Whether a trade is beyond what is counted exactly."""
    size = abs(float64(quantity))
    return not (size < MOST_SHARES and size * float64(price) / float64(rules.per_share) < LIMIT)


@helper
def enter(account, rules, deal, value):
    """Change a position by a fill.

    What is closed leaves at the average price, long or short, so the rest keeps its own (up to the
    fraction of a unit that an average drops).
    """
    i, price, held = deal.symbol, deal.price, account.quantity[deal.symbol]
    kept = held + deal.quantity
    account.quantity[i] = kept
    if held == 0 or (held > 0) == (deal.quantity > 0):
        account.basis[i] += value
    else:
        side = 1 if held > 0 else -1
        closed = min(abs(deal.quantity), abs(held))
        gain = portion(closed, abs(price - account.average[i]), rules.per_share)
        account.realized[i] += side * gain if price > account.average[i] else -side * gain
        if kept != 0 and (kept > 0) == (held > 0):
            account.basis[i] -= side * portion(closed, account.average[i], rules.per_share)
        else:
            account.basis[i] = worth(rules, kept, price)
    account.average[i] = average_of(account, rules, i, price, held)


@helper
def average_of(account, rules, i, price, held):
    """Average price of what is held now: that of the fill where the position is new, 0 where none is."""
    kept = account.quantity[i]
    if kept == 0:
        return int64(0)
    if held == 0 or (held > 0) != (kept > 0):
        return int64(price)
    return int64(portion(abs(account.basis[i]), rules.per_share, abs(kept)))


@helper
def record(money, deal, notional, fills):
    """Write one row."""
    row = fills[money[ROWS]]
    row.period = money[PERIOD]
    row.symbol = deal.symbol
    row.quantity = deal.quantity
    row.price = deal.price
    row.notional = notional
    row.fee = deal.fee
    row.reason = deal.reason
    money[ROWS] += 1
