"""The tape: a whole order flow in one call."""

from typing import NamedTuple

import numpy as np
from numpy import int64

from ..._jit import helper, kernel
from ...types import MessageKind, Outcome
from . import ladder, orders
from .state import LIVE, N_TRADES, FIRST_TRADE

LIMIT = int(MessageKind.LIMIT)
CANCEL = int(MessageKind.CANCEL)
MODIFY = int(MessageKind.MODIFY)
MARKET = int(MessageKind.MARKET)
PARTIALLY_FILLED = int(Outcome.PARTIALLY_FILLED)
CANCELLED = int(Outcome.CANCELLED)
IOC = 1
GTC = 0


class Flow(NamedTuple):
    kind: np.ndarray
    side: np.ndarray
    price: np.ndarray
    quantity: np.ndarray
    tif: np.ndarray
    order_id: np.ndarray


@kernel
def run(book, flow, results, start):
    for m in range(start, flow.kind.size):
        if not ladder.has_room(book) or book.trades.size - (book.top[N_TRADES] - book.top[FIRST_TRADE]) < book.top[LIVE] + book.top[LIVE + 1]:
            return m
        kind = int64(flow.kind[m])
        if kind == LIMIT:
            q = flow.quantity[m]
            tif = int64(flow.tif[m])
            o, st, left = orders.submit(book, int64(flow.side[m]), flow.price[m], q, tif, int64(0))
            r = results[m]
            r.order_id = o
            r.outcome = st
            r.filled = q - left
            rest = left if tif == 0 else 0
            r.resting = rest
            r.cancelled = left - rest
        elif kind == MARKET:
            q = flow.quantity[m]
            o, st, left = orders.submit_market(book, int64(flow.side[m]), q, int64(0))
            r = results[m]
            r.order_id = o
            r.outcome = st
            r.filled = q - left
            r.resting = 0
            r.cancelled = left
        elif kind == CANCEL:
            o = flow.order_id[m]
            r = results[m]
            ref = orders.refusal(book, o)
            r.order_id = o
            r.filled = 0
            r.resting = 0
            if ref:
                r.outcome = ref
                r.cancelled = 0
            else:
                r.cancelled = orders.cancel(book, o)
                r.outcome = CANCELLED
    return flow.kind.size
