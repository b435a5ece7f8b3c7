"""The background of a session: a random flow, or a given one whose cancels find their orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..checks import check_whole
from ..errors import InvalidValue, NotAvailable, WrongType
from ..kernels.book.state import N_ORDERS
from ..kernels.session import background as b
from ..kernels.session.state import NOBODY, TYPES
from ..tape import flow_of
from ..types import MessageKind, Outcome

QUANTILES = 1024  # distances from the mid, equally likely; a power of two
COLUMNS = ("kind", "side", "price", "quantity", "tif")
MAKES = (int(MessageKind.LIMIT), int(MessageKind.MARKET), int(MessageKind.MODIFY))


@dataclass(frozen=True)
class RandomFlow:
    """Orders around a mid that drifts, drawn anew in every session: a plausible day, no model of any market.

    Most new orders are limit orders 1, 2, 3, ... ticks from the mid (geometric); the others want to trade at
    once, half as market orders, half as limit orders through the mid that do not rest. Every resting order
    is cancelled after an exponential time. Which messages come depends on the seed and the book's number
    alone, so that sessions with other parameters meet the same ones.

    Parameters
    ----------
    messages : int
        Messages of a session, new orders and cancels.
    start : int
        Mid at the start, in ticks.
    distance : float
        Mean distance of a limit order from the mid, in ticks; at least 1.
    takers : float
        Part of the new orders that want to trade at once, 0 to 1.
    moves : float
        Probability that the mid moves a tick, up or down, with a new order; 0 to 1.
    lifetime : float
        Mean life of a resting order, counted in new orders.
    largest : int
        Quantities are 1 to this, equally likely.
    reach : int
        Ticks beyond the mid that a limit order accepts which wants to trade at once.

    Examples
    --------
    >>> from nanobook import RandomFlow
    >>> busy = RandomFlow(messages=50_000, moves=0.02)
    >>> busy.messages, busy.takers
    (50000, 0.08)
    """

    messages: int = 10_000
    start: int = 10_000
    distance: float = 10.0
    takers: float = 0.08
    moves: float = 0.01
    lifetime: float = 600.0
    largest: int = 100
    reach: int = 10

    def __post_init__(self):
        far = 2**40
        check_whole("messages", self.messages, 0, 10**9)
        check_whole("start", self.start, -far, far)
        check_whole("largest", self.largest, 1, 2**31)
        check_whole("reach", self.reach, 0, far)
        check_real("distance", self.distance, 1.0, 1e6)
        check_real("takers", self.takers, 0.0, 1.0)
        check_real("moves", self.moves, 0.0, 1.0)
        check_real("lifetime", self.lifetime, 1.0, 1e12)

    def columns(self):
        """Return the arrays of ``Run`` that make this flow, and the mid at the start."""
        u = (np.arange(QUANTILES) + 0.5) / QUANTILES
        near = 1.0 / self.distance
        steps = np.log1p(-u) / np.log1p(-near) if near < 1.0 else np.zeros(QUANTILES)
        model = np.zeros(b.N_MODEL)
        model[b.TAKERS], model[b.MOVES], model[b.LIFETIME] = self.takers, self.moves, self.lifetime
        model[b.LARGEST], model[b.REACH] = self.largest, self.reach
        made = np.zeros(self.messages + 1, np.uint32)
        return {"model": model, "away": 1 + steps.astype(np.int64), "made": made}

    @property
    def orders(self):
        """Ids that the flow takes at most."""
        return self.messages


def check_real(name, value, low, high):
    """Refuse a value that is no number from ``low`` to ``high``."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise WrongType(f"{name}: {value!r} is a {type(value).__name__}; use a number")
    if not low <= value <= high:
        raise InvalidValue(f"{name}: {value} is not allowed; use {low:g} to {high:g}")


class Replay:
    """A given flow, made ready to be replayed beside a strategy.

    The strategy's orders take ids too, so those that the flow names would be off. So the flow runs once
    alone, which also checks it, and every cancel and modify is tied to the *message* that made its order.

    Parameters
    ----------
    messages : DataFrame, structured array or mapping
        As ``Exchange.process`` takes them.
    alone : Exchange
        A book as it is at the start of every session; used up.
    client_ids : bool
        As in ``Exchange.process``.
    """

    def __init__(self, messages, alone, client_ids=False):
        flow = flow_of(messages)
        strange = np.flatnonzero(flow.kind > MessageKind.MARKET)
        if strange.size:
            row = strange[0]
            raise NotAvailable(
                f"flow: row {row} is of kind {flow.kind[row]}; "
                "sessions replay limit, cancel, modify and market"
            )
        before = order_count(alone)
        there = names_there(flow, alone) if client_ids and before else {}
        done = alone.process(flow, client_ids=client_ids)
        self.messages = flow.kind.size
        self.orders = int(np.isin(flow.kind, MAKES).sum())
        self._columns = {name: np.array(getattr(flow, name)) for name in COLUMNS}
        self._columns["target"] = targets_of(flow, done, before, there if client_ids else None)
        # A name still in use was refused, so it does nothing in a session either.
        self._columns["kind"][done.outcome == Outcome.DUPLICATE_ORDER_ID] = MessageKind.CANCEL

    def columns(self):
        """Return the arrays of ``Run`` that make this flow."""
        return {**self._columns, "made": np.zeros(self.messages, np.uint32)}


def order_count(exchange):
    """Ids that a book has given."""
    return int(exchange.book.top[N_ORDERS])


def names_there(flow, alone):
    """Ids of the orders that a book has under names of the flow."""
    found = {name: alone.order_of(name) for name in np.unique(flow.order_id[names_some(flow)]).tolist()}
    return {name: order.id for name, order in found.items() if order}


def names_some(flow):
    """Which messages name an order that should be there."""
    return (flow.kind == MessageKind.CANCEL) | (flow.kind == MessageKind.MODIFY)


def targets_of(flow, done, before, there):
    """``Run.target`` of a flow, from what became of it alone.

    Parameters
    ----------
    before : int
        Ids that the book had given before.
    there : dict or None
        Ids of orders there before by their client ids; None if messages name orders by the book's ids.
    """
    made = np.isin(flow.kind, MAKES) & (done.outcome < Outcome.ORDER_NOT_FOUND)
    names = names_some(flow)
    target = np.full(flow.kind.size, NOBODY, np.int64)
    if there is not None:
        target[names] = latest_maker(flow.order_id, made)[names]
        for row in np.flatnonzero(names & (target == NOBODY)) if there else ():
            target[row] = -there.get(int(flow.order_id[row]), -NOBODY)
        return target
    maker = np.full(before + int(made.sum()) + 1, NOBODY, np.int64)
    maker[1 : before + 1] = -np.arange(1, before + 1)
    maker[done.order_id[made]] = np.flatnonzero(made)
    known = names & (flow.order_id < maker.size)
    target[known] = maker[flow.order_id[known]]
    target[target >= np.arange(target.size)] = NOBODY  # an id that was given only afterwards
    return target


def latest_maker(names, made):
    """Row of the last message before each that made an order of its name; ``NOBODY`` if there is none."""
    if not names.size:
        return np.empty(0, np.int64)
    order = np.argsort(names, kind="stable")
    rows = np.where(made[order], order, -1)
    first = np.r_[True, names[order][1:] != names[order][:-1]]
    group = np.cumsum(first) - 1
    # Each group gets numbers above those of all before it, so that one running maximum serves all.
    lift = group * (names.size + 1)
    before = np.r_[-1, np.maximum.accumulate(rows + 1 + lift)[:-1]] - lift - 1
    before = np.where(first | (before < 0), NOBODY, before)
    latest = np.empty(names.size, np.int64)
    latest[order] = before
    return latest


def background_of(flow, alone, client_ids):
    """What the sessions' background is, from what a user gave."""
    if flow is None:
        return RandomFlow(messages=0)
    if isinstance(flow, RandomFlow):
        return flow
    if isinstance(flow, (int, np.integer)) and not isinstance(flow, bool):
        return RandomFlow(messages=int(flow))
    return Replay(flow, alone(), client_ids)


def empty_columns():
    """Arrays of ``Run`` where a flow has none."""
    return {name: np.zeros(0, code) for name, code in TYPES._asdict().items()}
