"""A lane: one book with its account, on which sessions are played one after the other."""

from __future__ import annotations

import numpy as np

from ..buffers import Buffers
from ..exchange import Exchange
from ..kernels.session.state import (
    ASK,
    BID,
    BOOK,
    FLOW_RANDOM,
    MESSAGES,
    MID,
    N_ACCOUNT,
    TYPES,
    Place,
    Run,
    copies_of,
    describe,
)
from ..types import INT64_MIN


class Lane(Buffers):
    """Room for one session at a time.

    Attributes
    ----------
    address : int
        Of the descriptor of book and account, anew after every growth; without compilation what
        stands for it.
    """

    __slots__ = ("_held", "_plan", "_run", "address")

    def __init__(self, plan):
        self._plan = plan
        columns = plan.background.columns()
        start = np.zeros(N_ACCOUNT, np.int64)
        start[MESSAGES] = plan.background.messages
        start[FLOW_RANDOM] = plan.seed
        start[BOOK] = plan.repeats
        start[MID] = getattr(plan.background, "start", 0)
        start[[BID, ASK]] = INT64_MIN
        empty = {name: np.zeros(0, code) for name, code in TYPES._asdict().items()}
        own = {"account": start.copy(), "start": start, "path": plan.path}
        self._run = Run(**{**empty, **columns, **own})
        self.__setstate__((*map(np.array, plan.template), []))
        self._reserve_orders(plan.background.orders + plan.background.messages // 2)
        self._reserve_trades(plan.background.messages)
        self._link()

    def _link(self):
        """Describe the arrays as they are now."""
        book = self._book
        template = book._make(self._plan.template)
        place = Place(book, self._run, template, self._plan.params, self._plan.metrics)
        self._run = self._run._replace(copies=copies_of(book, template))
        self.address, self._held = describe(place._replace(run=self._run))

    def grow(self):
        """Make room where the session that just stopped had none."""
        self._make_room()
        self._link()

    def exchange(self):
        """Return a copy of the book as it is, as an ``Exchange``."""
        copy = Exchange()
        copy.__setstate__(self.__getstate__())
        return copy
