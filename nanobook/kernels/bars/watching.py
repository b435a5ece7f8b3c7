"""Stops of a path with options: at closes, or inside of bars with gaps."""

from numpy import float64, int64

from ..._jit import part
from ..account import state as money_of
from ..account.amounts import moved
from ..account.fill import fill
from ..stops import find_breached, follow, record, set_levels, why
from .state import DONE, TOO_LARGE


@part
def watch_closes(path, account, rules, stops, fills, t):
    """Follow what is held at the closes and let go what is beyond its level; returns a code.

    What has no close keeps its place.
    """
    memory = path.memory
    for i in range(memory.held.shape[0]):
        memory.held[i] = float64(account.quantity[i])
    follow(memory.held, memory.seen, stops, t + 1)
    set_levels(stops, t + 1)
    if find_breached(memory.seen, stops) > 0.0:
        for i in range(memory.held.shape[0]):
            price = path.bars.close[t, i]
            code = int64(DONE)
            if stops.wanted[i] > 0.0 and price > 0:
                code = let_go(account, rules, stops, fills, i, price, t + 1)
            if code != DONE:
                return code
    return int64(DONE)


@part
def let_go(account, rules, stops, fills, i, price, row):
    """Close a position at a price; returns a code. ``row`` is that of the ranges that set the level."""
    held = account.quantity[i]
    code = fill(account, rules, i, -held, price, why(stops, i, row), fills)
    if code != money_of.DONE:
        return int64(TOO_LARGE)
    record(stops, account.money[money_of.PERIOD], i, row, price, held)
    return int64(DONE)


@part
def note_entries(account, rules, stops, prices):
    """Note what was just entered, at what it paid; forget what was closed."""
    for i in range(prices.shape[0]):
        side = side_of(account.quantity[i])
        if side != stops.side[i]:
            stops.side[i] = side
            if side != 0.0:
                stops.entry[i] = float64(moved(rules, account.quantity[i], prices[i]))
                stops.best[i] = stops.entry[i]


@part
def side_of(quantity):
    """1 long, -1 short, 0 nothing."""
    return float64(quantity > 0) - float64(quantity < 0)


@part
def watch_inside(path, account, rules, stops, fills, t):
    """Let go what a bar takes beyond its level; returns a code.

    Levels are those known before the bar. A bar that opens beyond a level is left at its open, one that
    reaches it at the level. Then the bar moves the best price of what stays.
    """
    bars = path.bars
    set_levels(stops, t)
    for i in range(stops.side.shape[0]):
        side = side_of(account.quantity[i])
        if side == 0.0 or side != stops.side[i] or bars.open[t, i] <= 0:
            continue
        price = exit_price(side, stops.level[i], bars.open[t, i], worst(bars, side, t, i))
        if price > 0:
            if let_go(account, rules, stops, fills, i, price, t) != DONE:
                return int64(TOO_LARGE)
        elif side > 0.0:
            stops.best[i] = max(stops.best[i], float64(bars.high[t, i]))
        else:
            stops.best[i] = min(stops.best[i], float64(bars.low[t, i]))
    return int64(DONE)


@part
def worst(bars, side, t, i):
    """Price of a bar that is worst for a position."""
    return bars.low[t, i] if side > 0.0 else bars.high[t, i]


@part
def exit_price(side, level, first, worst_price):
    """Price at which a bar takes a position out: its open, or the level; 0 if it stays."""
    if side * float64(first) <= side * level:
        return first
    if side * float64(worst_price) <= side * level:
        return int64(level)
    return int64(0)
