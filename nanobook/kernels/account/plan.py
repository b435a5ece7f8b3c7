"""From target weights to orders: distances, limits, and what is traded first where not all may be."""

import numpy as np
from numpy import float64, int64

from ..._jit import helper, kernel
from ..money import LIMIT
from .amounts import portion, shares_for, worth
from .state import CASH, DONE, EQUITY, MOST_SHARES, PART, TOO_LARGE
from .value import equity

ALL_COSTS = 4.0  # of a notional: what a fill can take from cash, price impact and fee included, is less


@kernel
def plan(account, rules, weights, prices, volumes):
    """Plan the orders of one rebalance against the account as it is; changes scratch columns alone.

    Parameters
    ----------
    account : Account
        ``planned`` and ``gap`` are written where an order is planned, ``queue`` gets its place in
        ``order``; EQUITY is set.
    rules : Rules
    weights : float64 array, shape (N,)
        Target fractions of equity; NaN leaves the symbol alone.
    prices : int64 array, shape (N,)
        Units a share; a symbol without a price (0) is left alone.
    volumes : int64 array, shape (N,)
        Quantity traded by others in the period; not looked at unless ``rules.participation``.

    Returns
    -------
    code, count : int64
        How many orders are in the queue; 0 where equity is not above 0.
    """
    code, value = equity(account, rules, prices)
    account.money[EQUITY] = value
    count = int64(0)
    if code != DONE or value <= 0:
        return code, count
    asked = 0.0
    for place in range(account.order.shape[0]):
        i = account.order[place]
        if weights[i] != weights[i] or prices[i] <= 0:
            continue
        target = float64(value) * weights[i]
        if out_of_reach(rules, target, prices[i]):
            return int64(TOO_LARGE), int64(0)
        aim(account, rules, i, target, prices[i])
        limit(account, rules, i, prices[i], volumes)
        if account.planned[i] != 0:
            account.queue[count] = place
            asked += float64(account.gap[i]) * ALL_COSTS + float64(rules.min_fee)
            count += 1
    if not asked + abs(float64(account.money[CASH])) < LIMIT:
        return int64(TOO_LARGE), int64(0)
    if rules.max_trades >= 0 or rules.turnover < np.inf:
        count = ration(account, rules, prices, count)
    return int64(DONE), count


@helper
def out_of_reach(rules, target, price):
    """Whether a target is beyond what is counted exactly."""
    size = abs(target)
    return not (size < LIMIT and size * float64(rules.per_share) / float64(price) < MOST_SHARES)


@helper
def aim(account, rules, i, target, price):
    """Write the order that goes from a position to its target, in steps, and the distance.

    The quantity is rounded toward zero; a target of 0 closes all, whatever the step.
    """
    held = account.quantity[i]
    gap = int64(np.trunc(target)) - worth(rules, held, price)
    account.gap[i] = abs(gap)
    if target == 0.0:
        account.planned[i] = -held
        return
    size = shares_for(rules, abs(gap), price)
    if rules.step > 1:
        size -= size % rules.step
    account.planned[i] = size if gap > 0 else -size


@helper
def limit(account, rules, i, price, volumes):
    """Cut or drop an order: the no-trade band, the largest order, the part of volume, the smallest order."""
    value = float64(account.money[EQUITY])
    if rules.band > 0.0 and float64(account.gap[i]) * 10_000.0 <= rules.band * value:
        account.planned[i] = 0
    if rules.max_order > 0:
        cut(account, rules, i, shares_for(rules, rules.max_order, price))
    if rules.participation > 0:
        cut(account, rules, i, portion(volumes[i], rules.participation, int64(PART)))
    if abs(worth(rules, account.planned[i], price)) < rules.min_order:
        account.planned[i] = 0


@helper
def cut(account, rules, i, most):
    """Cut an order to at most this quantity, in steps."""
    planned = account.planned[i]
    if abs(planned) > most:
        size = most - most % rules.step
        account.planned[i] = size if planned > 0 else -size


@kernel
def ration(account, rules, prices, count):
    """Keep what may trade of a queue: the farthest from their targets first, ties in order.

    The order that would pass the budget of notional is cut to what is left of it and is the last.

    Returns
    -------
    count : int64
        Orders kept, now at the front of the queue, farthest first.
    """
    queue = account.queue
    budget = float64(account.money[EQUITY]) * rules.turnover
    left = int64(budget) if budget < LIMIT else int64(LIMIT)
    most = min(count, rules.max_trades) if rules.max_trades >= 0 else count
    for node in range(count // 2 - 1, -1, -1):
        sink(account, node, count)
    kept = int64(0)
    while kept < most and left > 0:
        i = account.order[queue[0]]
        if abs(worth(rules, account.planned[i], prices[i])) > left:
            cut(account, rules, i, shares_for(rules, left, prices[i]))
            most = kept + 1
        spent = abs(worth(rules, account.planned[i], prices[i]))
        if account.planned[i] == 0 or spent < rules.min_order:
            break
        left -= spent
        kept += 1
        take_first(account, count - kept)
    for n in range(count // 2):
        queue[n], queue[count - 1 - n] = queue[count - 1 - n], queue[n]
    return kept


@helper
def take_first(account, last):
    """Move the first of a heap behind its last, and order the rest."""
    queue = account.queue
    queue[0], queue[last] = queue[last], queue[0]
    sink(account, int64(0), last)


@helper
def sink(account, node, count):
    """Move one entry of a heap down to where it belongs: above each entry those that trade before it."""
    queue = account.queue
    while 2 * node + 1 < count:
        below = 2 * node + 1
        if below + 1 < count and sooner(account, queue[below + 1], queue[below]):
            below += 1
        if not sooner(account, queue[below], queue[node]):
            return
        queue[node], queue[below] = queue[below], queue[node]
        node = below


@helper
def sooner(account, one, other):
    """Whether the order at one place is farther from its target than another's; ties by place."""
    mine, theirs = account.gap[account.order[one]], account.gap[account.order[other]]
    return mine > theirs or (mine == theirs and one < other)
