"""The turns of a session: a background message, then the strategy; and the account of its orders."""

from numpy import float64, int64

from ..._jit import JIT, helper, index, kernel
from ..._link import copy_bytes
from ...types import Side, TimeInForce
from .. import random
from ..book import api
from . import background
from .state import (
    ASK,
    BAD_CASH,
    BAD_OWNER,
    BAD_POSITION,
    BAD_SIDE,
    BAD_TIF,
    BID,
    BOOK,
    BOUGHT,
    CASH,
    FAULT,
    FILLS,
    FLOW_RANDOM,
    LARGEST,
    MESSAGE,
    MESSAGES,
    N_ACCOUNT,
    ORDERS,
    OWN_RANDOM,
    PATH,
    POSITION,
    PRICE,
    RAISED,
    ROW,
    SEEN,
    SOLD,
    VALUE,
    book_of,
    run_of,
)

BUY = int(Side.BUY)
FOK = int(TimeInForce.FOK)
FLOW, OWN = 0, 1  # streams of random numbers
BOUND = 2.0**62  # of cash and position, so that a sum of two is an int64
WIDTH = len(PATH)
NAN = float("nan")


@kernel
def next_message(address):
    """Record the turn that ends and apply the next background message; whether there was one."""
    book, run = book_of(address), run_of(address)
    account = run.account
    m = account[MESSAGE]
    if m:
        record(run, m - 1)
    if account[FAULT] or m == account[MESSAGES]:
        return False
    account[MESSAGE] = m + 1
    if not background.apply(book, run, m):
        account[FAULT] = api.fault(book)
        return False
    settle(book, account)
    look(book, account)
    return account[FAULT] == 0


@helper
def look(book, account):
    """Keep the touch if both sides are there."""
    bid, ask = api.best(book, int64(0)), api.best(book, int64(1))
    if bid != api.NO_PRICE and ask != api.NO_PRICE:
        account[BID] = bid
        account[ASK] = ask


@helper
def mid(account):
    """Middle of the last touch that had both sides, in ticks; NaN before there was one."""
    if account[BID] == api.NO_PRICE:
        return float64(NAN)
    return 0.5 * float64(account[BID]) + 0.5 * float64(account[ASK])


@helper
def profit(account):
    """Cash and position at the mid, ticks times lots."""
    cash = float64(account[CASH])
    return cash + float64(account[POSITION]) * mid(account) if account[POSITION] else cash


@helper
def record(run, m):
    """Write row ``m`` of the session's path if paths are recorded."""
    if run.path.size:
        account = run.account
        row = WIDTH * (account[ROW] * account[MESSAGES] + m)
        run.path[row] = account[BID]
        run.path[row + 1] = account[ASK]
        run.path[row + 2] = account[POSITION]
        run.path[row + 3] = account[CASH]


@helper
def settle(book, account):
    """Account for the trades since the last look in which the strategy's orders took part."""
    trades = api.n_trades(book)
    for row in range(account[SEEN], trades):
        trade = book.trades[index(row)]
        order = int64(trade.aggressor)
        side = api.side_of(book, order)
        if api.owner_of(book, index(order)):
            fill(account, side, trade.price, trade.quantity)
        if api.owner_of(book, index(trade.passive)):
            fill(account, 1 - side, trade.price, trade.quantity)
    account[SEEN] = trades


@helper
def fill(account, side, price, lots):
    """Account for one trade of an own order."""
    amount = price * lots
    step = lots if side == BUY else -lots
    if abs(float64(account[CASH])) + abs(float64(amount)) > BOUND:
        account[FAULT] = BAD_CASH
    elif abs(float64(account[POSITION])) + float64(lots) > BOUND:
        account[FAULT] = BAD_POSITION
    else:
        account[CASH] -= amount if side == BUY else -amount
        account[POSITION] += step
        account[LARGEST] = max(account[LARGEST], abs(account[POSITION]))
        account[FILLS] += 1
        account[BOUGHT + side] += lots


@kernel
def submit_limit(address, side, price, quantity, tif, owner):
    """Submit a limit order of the strategy; its id, 0 if the session stops here."""
    book, account = book_of(address), run_of(address).account
    if not may_enter(account, side, tif, owner):
        return int64(0)
    order = api.submit_limit(book, side, price, quantity, tif, owner)
    return entered(book, account, order, price, quantity)


@kernel
def submit_market(address, side, quantity, owner):
    """Submit a market order of the strategy; returns as ``submit_limit``."""
    book, account = book_of(address), run_of(address).account
    if not may_enter(account, side, int64(0), owner):
        return int64(0)
    order = api.submit_market(book, side, quantity, owner)
    return entered(book, account, order, int64(0), quantity)


@helper
def may_enter(account, side, tif, owner):
    """Whether the session runs and takes an order of such words; stops it if not."""
    if account[FAULT]:
        return False
    if side != (side & 1):
        return stop(account, int64(BAD_SIDE), side)
    if tif < 0 or tif > FOK:
        return stop(account, int64(BAD_TIF), tif)
    if owner < 1 or owner >= 2**32:
        return stop(account, int64(BAD_OWNER), owner)
    return True


@helper
def stop(account, code, value):
    """Let the session end at its next message, for a value that is at fault; False."""
    account[FAULT] = code
    account[VALUE] = value
    return False


@helper
def entered(book, account, order, price, quantity):
    """Account for an own order that was submitted, or stop the session with what hindered it."""
    if order == 0:
        account[PRICE] = price
        stop(account, api.fault(book), quantity)
        return order
    account[ORDERS] += 1
    if api.n_trades(book) != account[SEEN]:
        settle(book, account)
    return order


@kernel
def cancel(address, order):
    """Cancel an own order; the lots cancelled, 0 if it rests no more."""
    book = book_of(address)
    if run_of(address).account[FAULT] or not api.is_owned(book, order):
        return int64(0)
    return api.cancel(book, order)


@kernel
def modify(address, order, price, quantity):
    """Replace a resting own order; the new id, 0 if it rests no more or the session stops here."""
    book, account = book_of(address), run_of(address).account
    if account[FAULT] or not api.is_owned(book, order) or not api.is_resting(book, order):
        return int64(0)
    if quantity == 0:
        stop(account, int64(api.BAD_QUANTITY), quantity)
        return int64(0)
    return entered(book, account, api.modify(book, order, price, quantity), price, quantity)


@helper
def begin(address, row):
    """Put book and account back to the start, for session ``row``."""
    restore(address)
    run = run_of(address)
    account = run.account
    for n in range(N_ACCOUNT):
        account[n] = run.start[n]
    account[SEEN] = run.start[SEEN] = api.n_trades(book_of(address))
    account[ROW] = row
    number, book = run.start[FLOW_RANDOM], row % run.start[BOOK]
    random.seed(account, int64(FLOW_RANDOM), number, int64(FLOW), book)
    random.seed(account, int64(OWN_RANDOM), number, int64(OWN), book)
    look(book_of(address), account)


@helper
def finish(address, stat, raised):
    """Tell what became of a session; returns its fault."""
    book, run = book_of(address), run_of(address)
    account = run.account
    look(book, account)
    if account[MESSAGE]:
        record(run, account[MESSAGE] - 1)
    if raised and not account[FAULT]:
        account[FAULT] = RAISED
    stat.messages = account[MESSAGE]
    stat.trades = account[SEEN] - run.start[SEEN]
    stat.orders = account[ORDERS]
    stat.fills = account[FILLS]
    stat.bought = account[BOUGHT]
    stat.sold = account[SOLD]
    stat.position = account[POSITION]
    stat.largest = account[LARGEST]
    stat.cash = account[CASH]
    stat.bid = account[BID]
    stat.ask = account[ASK]
    stat.fault = account[FAULT]
    stat.value = account[VALUE]
    stat.price = account[PRICE]
    return account[FAULT]


@helper
def _restore(address):
    """Put the book back to its template."""
    copies = run_of(address).copies
    for n in range(0, copies.size, 3):
        copy_bytes(copies[n], copies[n + 1], copies[n + 2])


def _plain_restore(place):
    """Put the book back to its template."""
    for mine, template in zip(place.book, place.template, strict=True):
        mine[: template.size] = template


restore = _restore if JIT else _plain_restore
