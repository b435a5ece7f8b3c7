"""The order of one period, and all periods in turn.

Night: financing of what was held, splits and dividends. Fills of the signal before, at the open. Stops
inside of the bar. Fills of the signal before, at the typical price. Closes: what has none is refused,
carried or paid out. Fills of the period's own signal. Stops at closes. Value.
"""

import numpy as np
from numpy import float64, int64

from ..._jit import kernel, part
from ..account import state as money_of
from ..account.amounts import worth
from ..account.value import equity
from ..stops import full, watching
from .night import pass_night
from .state import AT_CLOSE, DONE, FULL, NEXT_OPEN, NEXT_TYPICAL, TOO_LARGE
from .trading import check_weights, see_closes, trade
from .watching import note_entries, watch_closes, watch_inside

FILLS_A_SYMBOL = 4  # in a period: a split, a signal, a stop, a payout


@kernel
def run(path, account, rules, stops, fills, first):
    """Run a path from a period on.

    Parameters
    ----------
    path : Path
    account : Account
    rules : Rules
    stops : Stops
    fills : recarray of FILL
        Without any rows nothing is recorded.
    first : int64
        0, or the period to continue with.

    Returns
    -------
    code, period : int64
        DONE and T, or why and in which period the run stopped.
    """
    periods, count = path.bars.close.shape
    for t in range(first, periods):
        room = fills.shape[0] - account.money[money_of.ROWS]
        crowded = fills.shape[0] > 0 and room < FILLS_A_SYMBOL * count + path.orders.actions.shape[0]
        if full(stops) or crowded:
            return int64(FULL), t
        account.money[money_of.PERIOD] = t
        code = play(path, account, rules, stops, fills, t)
        if code != DONE:
            return code, t
    return int64(DONE), periods


@part
def play(path, account, rules, stops, fills, t):
    """Play one period; returns a code."""
    inside = path.orders.intrabar and watching(stops)
    code = check_weights(path.orders, t)
    if code == DONE:
        code = pass_night(path, account, rules, stops, fills, t)
    for fill in (NEXT_OPEN, NEXT_TYPICAL, AT_CLOSE):  # one place to compile for all of them
        if code == DONE and fill == AT_CLOSE:
            code = see_closes(path, account, rules, stops, fills, t)
        signal = t - (fill != AT_CLOSE)
        if code == DONE and path.orders.fill == fill and signal >= 0:
            code = enter(path, account, rules, stops, fills, signal, t)
        if code == DONE and fill == NEXT_OPEN and inside:
            code = watch_inside(path, account, rules, stops, fills, t)
    if code == DONE and watching(stops) and not inside:
        code = watch_closes(path, account, rules, stops, fills, t)
    return value(path, account, rules, t) if code == DONE else code


@part
def enter(path, account, rules, stops, fills, signal, t):
    """Fill a signal and note for stops inside of bars what was entered; returns a code."""
    code = trade(path, account, rules, fills, signal, t)
    if path.orders.intrabar and code == DONE and path.orders.rows[signal] >= 0:
        note_entries(account, rules, stops, path.memory.prices)
    return code


@part
def value(path, account, rules, t):
    """Value the account at the closes and write the period's row; returns a code."""
    memory, written = path.memory, path.written
    code, now = equity(account, rules, memory.last)
    if code != money_of.DONE:
        return int64(TOO_LARGE)
    before = written.equity[t - 1] if t else path.orders.cash
    written.equity[t] = float64(now)
    written.returns[t] = (float64(now) - before) / before if before > 0.0 else np.nan
    written.cash[t] = float64(account.money[money_of.CASH])
    written.dividends[t] = float64(memory.paid[0])
    written.cost[t] = since(memory, account, 1, money_of.COST)
    written.traded[t] = since(memory, account, 2, money_of.TRADED)
    written.interest[t] = since(memory, account, 3, money_of.INTEREST)
    written.borrowing[t] = since(memory, account, 4, money_of.BORROWED)
    if written.quantities.shape[0]:
        fill_panels(path, account, rules, t)
    gross = int64(0)
    for i in range(memory.earlier.shape[0]):
        gross += abs(worth(rules, account.quantity[i], memory.last[i]))
        memory.earlier[i] = float64(path.bars.close[t, i])
    written.gross[t] = float64(gross)
    return int64(DONE)


@part
def since(memory, account, place, counter):
    """What a counter rose by in this period."""
    rise = account.money[counter] - memory.totals[place]
    memory.totals[place] = account.money[counter]
    return float64(rise)


@part
def fill_panels(path, account, rules, t):
    """Write what is held, its part of equity, and each price's change."""
    memory, written = path.memory, path.written
    total = written.equity[t]
    for i in range(memory.last.shape[0]):
        price, old = path.bars.close[t, i], memory.earlier[i]
        held = float64(worth(rules, account.quantity[i], memory.last[i]))
        written.quantities[t, i] = account.quantity[i]
        written.holdings[t, i] = held / total if total != 0.0 else np.nan
        known = old > 0.0 and price > 0
        written.symbol_returns[t, i] = (float64(price) - old) / old if known else np.nan
