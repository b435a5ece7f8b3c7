"""What happens before a period: financing of what was held, splits and dividends."""

from numpy import int64

from ..._jit import part
from ..account import state as money_of
from ..account.amounts import divide, nearest, portion
from ..account.fill import Deal, record
from ..account.value import accrue
from .state import DONE, MICRO, TOO_LARGE


@part
def pass_night(path, account, rules, stops, fills, t):
    """Accrue the night before period ``t``, then its actions; returns a code."""
    memory, actions = path.memory, path.orders.actions
    if t > 0 and accrue(account, rules, memory.last) != money_of.DONE:
        return int64(TOO_LARGE)
    memory.paid[0] = 0
    while memory.totals[0] < actions.shape[0] and actions[memory.totals[0]].period == t:
        action = actions[memory.totals[0]]
        if action.more != action.fewer:
            split(memory, account, rules, stops, action, fills)
        if action.dividend != 0:
            pay(memory, account, rules, action)
        memory.totals[0] += 1
    return int64(DONE)


@part
def split(memory, account, rules, stops, action, fills):
    """Turn ``fewer`` shares into ``more``: quantity, last price and references of stops.

    A part of the smallest quantity is paid in cash at the last price, rounded half away from zero.
    """
    i, more, fewer = action.symbol, action.more, action.fewer
    held = account.quantity[i]
    size, rest = divide(abs(held), more, fewer)
    cash = nearest(rest, memory.last[i], more * rules.per_share)
    if held != 0:
        rescale(account, rules, stops, i, size if held > 0 else -size)
        account.money[money_of.CASH] += cash if held > 0 else -cash
        if fills.shape[0] > 0:
            record(account.money, Deal(i, account.quantity[i] - held, 0, 0, money_of.SPLIT), cash, fills)
    memory.last[i] = nearest(memory.last[i], fewer, more)
    memory.earlier[i] = memory.earlier[i] * fewer / more
    stops.entry[i] = stops.entry[i] * fewer / more
    stops.best[i] = stops.best[i] * fewer / more
    stops.scale[i] = stops.scale[i] * more // fewer


@part
def rescale(account, rules, stops, i, quantity):
    """Count a position in new shares: what it cost stays, so that its average changes."""
    account.quantity[i] = quantity
    if quantity == 0:
        account.basis[i] = 0
        account.average[i] = 0
        stops.side[i] = 0.0
    else:
        account.average[i] = portion(abs(account.basis[i]), rules.per_share, abs(quantity))


@part
def pay(memory, account, rules, action):
    """Pay a dividend on what is held, rounded half away from zero; shorts pay it."""
    held = account.quantity[action.symbol]
    amount = nearest(abs(held), action.dividend, int64(MICRO) * rules.per_share)
    amount = amount if held > 0 else -amount
    account.money[money_of.CASH] += amount
    memory.paid[0] += amount
