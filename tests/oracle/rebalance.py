"""What the rules of a rebalance say, in plain fractions, one rule after the other."""

from fractions import Fraction
from math import trunc


def naive_plan(targets, positions, prices, equity, offset_bps, min_trade):
    """Whole shares and cents; lists of (symbol, action, shares, limit, description, goal), sells first.

    Prices are whole cents, so that a limit is mid plus or minus the cut offset.
    """
    orders = []
    for symbol, held in positions.items():
        if symbol not in dict(targets) and held:
            orders.append(order(symbol, held, -held, prices[symbol], offset_bps))
    for symbol, weight in targets:
        price, held = prices[symbol], positions.get(symbol, 0)
        value = trunc(Fraction(equity) * Fraction(weight))
        if value == 0:
            change = -held
        else:
            change = trunc(Fraction(value - held * price, price))
            if abs(change) * price < min_trade:
                continue
        if change:
            orders.append(order(symbol, held, change, price, offset_bps))
    turn = ["SELL", "SELL SHORT", "BUY COVER", "BUY"]
    return [one for action in turn for one in orders if one[1] == action]


def order(symbol, held, change, price, offset_bps):
    """One order, priced beyond the mid on the side that it trades."""
    offset = trunc(Fraction(price) * Fraction(offset_bps) / 10_000)
    action, description = name(held, held + change, change)
    limit = max(price + offset if change > 0 else price - offset, 1)
    return symbol, action, abs(change), limit, description, held + change


def name(before, after, change):
    """The table of actions, row by row."""
    if before == 0:
        return ("BUY", "open") if change > 0 else ("SELL SHORT", "open short")
    if before > 0 and change > 0:
        return "BUY", "increase"
    if before < 0 and change < 0:
        return "SELL SHORT", "increase short"
    if before > 0:
        return "SELL", "close long" if after == 0 else "decrease" if after > 0 else "flip to short"
    return "BUY COVER", "close short" if after == 0 else "decrease short" if after < 0 else "flip to long"


def naive_costs(orders, per_share, least, slippage_bps):
    """Commission and slippage in cents, both cut; ``orders`` are (shares, value in cents)."""
    commission = sum(max(shares * Fraction(per_share), Fraction(least)) for shares, _ in orders)
    slippage = sum(value * Fraction(slippage_bps) / 10_000 for _, value in orders)
    return trunc(commission * 100), trunc(slippage)
