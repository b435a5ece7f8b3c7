"""The messages that reach a book beside the strategy's: a flow replayed, or a random one drawn."""

from numpy import int64, uint64

from ..._jit import helper, index
from ...types import MessageKind, Side, TimeInForce
from .. import random
from ..book import api
from .state import FLOW_RANDOM, LISTED, MID, NOBODY

LIMIT = int(MessageKind.LIMIT)
CANCEL = int(MessageKind.CANCEL)
MODIFY = int(MessageKind.MODIFY)
BUY = int(Side.BUY)
GTC = int(TimeInForce.GTC)
IOC = int(TimeInForce.IOC)
MARKET_OWNER = 0

# Rows of ``Run.model``.
TAKERS = 0  # part of the new orders that want to trade at once
MOVES = 1  # probability that the mid moves a tick with a new order
LIFETIME = 2  # mean life of a resting order, in new orders
LARGEST = 3  # quantities are 1 to this
REACH = 4  # ticks beyond the mid that an order which wants to trade accepts
N_MODEL = 5


@helper
def apply(book, run, m):
    """Apply background message ``m``; False if it did nothing for a fault that the book holds."""
    if run.kind.size:
        return replay(book, run, m)
    return draw(book, run)


@helper
def replay(book, run, m):
    """Apply message ``m`` of the flow."""
    kind = int64(run.kind[m])
    if kind == CANCEL:
        api.cancel(book, named(run, m))
        return True
    if kind == MODIFY:
        order = named(run, m)
        resting = api.is_resting(book, order)
        new = api.modify(book, order, run.price[m], run.quantity[m])
        run.made[m] = new
        return not (resting and new == 0 and api.fault(book))
    side = int64(run.side[m])
    if kind == LIMIT:
        tif = int64(run.tif[m])
        order = api.submit_limit(book, side, run.price[m], run.quantity[m], tif, int64(MARKET_OWNER))
    else:
        order = api.submit_market(book, side, run.quantity[m], int64(MARKET_OWNER))
    run.made[m] = order
    return order != 0


@helper
def named(run, m):
    """Id in this session of the order that message ``m`` names, 0 if it names none."""
    target = run.target[m]
    if target >= 0:
        return int64(run.made[target])
    return int64(0) if target == NOBODY else -target


@helper
def draw(book, run):
    """Draw and apply one message of the random flow.

    A listed order is cancelled with a probability that gives it a mean life of ``LIFETIME`` new
    orders; else a new order comes, which may move the mid first.
    """
    account, model = run.account, run.model
    listed = account[LISTED]
    chance = random.uniform(account, int64(FLOW_RANDOM)) * (model[LIFETIME] + listed)
    if chance < listed:
        return cancel_any(book, run)
    word = random.draw(account, int64(FLOW_RANDOM))
    side = int64(word & uint64(1))
    away = run.away[index((word >> uint64(1)) & uint64(run.away.size - 1))]
    lots = 1 + random.below(account, int64(FLOW_RANDOM), int64(model[LARGEST]))
    move = random.uniform(account, int64(FLOW_RANDOM))
    if move < model[MOVES]:
        account[MID] += 1 if 2.0 * move < model[MOVES] else -1
    chance = (chance - listed) / model[LIFETIME]  # again uniform
    if chance < model[TAKERS]:
        return take(book, account[MID], side, lots, int64(model[REACH]), 2.0 * chance < model[TAKERS])
    price = account[MID] - away if side == BUY else account[MID] + away
    order = api.submit_limit(book, side, price, lots, int64(GTC), int64(MARKET_OWNER))
    if api.is_resting(book, order):
        run.made[listed] = order
        account[LISTED] = listed + 1
    return order != 0


@helper
def take(book, mid, side, lots, reach, at_any_price):
    """Submit an order that wants to trade at once."""
    if at_any_price:
        return api.submit_market(book, side, lots, int64(MARKET_OWNER)) != 0
    price = mid + reach if side == BUY else mid - reach
    return api.submit_limit(book, side, price, lots, int64(IOC), int64(MARKET_OWNER)) != 0


@helper
def cancel_any(book, run):
    """Cancel one of the listed orders, each equally likely; if it traded meanwhile nothing happens."""
    account = run.account
    pick = random.below(account, int64(FLOW_RANDOM), account[LISTED])
    order = int64(run.made[pick])
    account[LISTED] -= 1
    run.made[pick] = run.made[account[LISTED]]
    api.cancel(book, order)
    return True
