"""The sequences of operations themselves: they reach everything, and would find a book that is wrong."""

from collections import Counter
from functools import cache

import numpy as np
import pytest

from nanobook.types import EVENT, INT64_MAX, KIND_NAMES, Outcome, StpPolicy, TimeInForce
from tests.adapters import Twin
from tests.operations import PROFILES, operations
from tests.oracle import book as book_module
from tests.oracle import stops as stops_module
from tests.oracle.book import NaiveBook
from tests.oracle.matching import MatchingBook
from tests.oracle.messages import Event
from tests.oracle.parts import HalfBook
from tests.oracle.stops import Stop
from tests.test_whole_book import in_step

SEEDS = range(len(StpPolicy))


def play(profile, seed, n=1500):
    """What a naive book answers to a sequence, and what it is like afterwards."""
    naive = Twin()
    return [naive.do(Event(*row)) for row in operations_of(profile, seed, n)], naive


@cache
def operations_of(profile, seed, n):
    """Events of a sequence, made once."""
    return operations(n, seed, profile).tolist()


@pytest.fixture(scope="module")
def right():
    """Answers and states of the book as it is."""
    results = {(p, seed): play(p, seed) for p in PROFILES for seed in SEEDS}
    return {key: (rows, naive.state()) for key, (rows, naive) in results.items()}


@pytest.mark.parametrize("profile", PROFILES)
def test_they_depend_on_the_seed_alone(profile):
    rows = operations(400, 7, profile)
    assert (rows.dtype, rows.size) == (EVENT, 400)
    np.testing.assert_array_equal(rows, operations(400, 7, profile))
    assert (rows != operations(400, 8, profile)).any()
    assert operations(0, 7, profile).size == 0
    products = [abs(int(row["price"])) * int(row["quantity"]) for row in rows]
    assert max(products) <= INT64_MAX + 1


def test_they_reach_everything(right):
    """Every kind with every outcome that it has, all policies, expiries, and cascades that pause."""
    seen, paused, expired = Counter(), 0, 0
    for (profile, seed), (rows, _) in right.items():
        for event, row in zip(operations_of(profile, seed, 1500), rows, strict=True):
            seen[KIND_NAMES[event[0]], Outcome(row.outcome).name.lower()] += 1
            expired += row.cancelled if KIND_NAMES[event[0]] == "clock" else 0
    for profile in ("cascade", "trailing"):
        for seed in SEEDS:
            naive = Twin()
            for row in operations_of(profile, seed, 1500):
                naive.do(Event(*row))
                paused += naive.stops_due > 0
    orders = {"new", "partially_filled", "filled", "cancelled"}
    refusals = {"order_not_found", "order_not_active"}
    expected = {
        "limit": orders,
        "market": orders - {"new"},
        "cancel": {"cancelled"} | refusals,
        "modify": {"done", "invalid_quantity"} | refusals,
        "amend": {"done", "invalid_quantity"} | refusals,
        "stop_market": {"pending", "triggered"},
        "stop_limit": {"pending", "triggered"},
        "trailing_stop_market": {"pending"},
        "trailing_stop_limit": {"pending"},
    } | {kind: {"done"} for kind in ("cancel_all", "clock", "stp_policy", "instrument", "resume")}
    reached = {kind: {outcome for of, outcome in seen if of == kind} for kind in KIND_NAMES}
    assert reached == expected
    assert paused > 20
    assert expired > 100


# What a book may get wrong, as changes of the naive one


def forgets_owner(self, name, price, quantity, right=MatchingBook._modify):
    order = self.orders.get(name)
    if order is not None:
        order.owner = 0
    return right(self, name, price, quantity)


def forgets_expiry(self, name, price, quantity, right=MatchingBook._modify):
    order = self.orders.get(name)
    if order is not None:
        order.expiry = None
    return right(self, name, price, quantity)


def counts_own(self, side, price, quantity, owner, right=MatchingBook._can_fill):
    return right(self, side, price, quantity, 0)


def skips_own(self, side, price, quantity, owner):
    for resting in self._in_the_way(side, price):
        quantity -= 0 if self._is_own(owner, resting) else resting.remaining
    return quantity <= 0


def loses_its_place(self, name, quantity, right=MatchingBook._amend):
    row = right(self, name, quantity)
    if row.outcome == Outcome.DONE:
        order = self.orders[row.order_id]
        self.halves[order.side].drop(order)
        self.halves[order.side].push(order)
    return row


def crosses_others_only(self, side, price, right=MatchingBook._would_cross):
    best = self.halves[1 - side].best()
    return right(self, side, price) and len(self.halves[1 - side].queues[best]) > 1


def expires_late(self, time):
    self.clock = time
    return self._withdraw_all([o for o in self._cancellable() if o.expiry is not None and o.expiry < time])


def newest_first(self, right=NaiveBook._due):
    return right(self)[::-1]


def remembers_for_trailing_only(self, last, right=NaiveBook._follow):
    if any(stop.trail for stop in self.pending.values()):
        right(self, last)


def remembers_changes_only(self, last, right=NaiveBook._follow):
    if last != self.price_seen:
        right(self, last)


def one_by_one(self):
    for stop in self._due():
        self.pending.pop(stop.stop_id)
        stop.status = stops_module.TRIGGERED
        self._submit_child(stop)
        if self._due():
            self._trigger()


def leaves_own_stops_alone(self, row):
    return row


def keeps_stop_without_owner(self, stop, right=NaiveBook._submit_child):
    stop.owner = 0
    return right(self, stop)


def equal_goes_on(self, lots, resting):
    smaller = self.policy == StpPolicy.DECREMENT_AND_CANCEL and lots <= resting.remaining
    return smaller or self.policy == StpPolicy.CANCEL_NEWEST


def keeps_original(self, lots):
    self.remaining -= lots


def resumes_always(self):
    if self.last_trade_price is not None:
        self._trigger()


def keeps_cancelled_stops(self, owner=None, side=None, right=NaiveBook.cancel_all):
    stops, self.pending = self.pending, {}
    gone = right(self, owner, side)
    self.pending = stops
    return gone


def newest_order_first(self, order, right=HalfBook.push):
    right(self, order)
    if order.tif == TimeInForce.GTD:
        self.queues[order.price].rotate()


def rounds_up(x, right=stops_module.truncated):
    return right(x + 0.5)


WRONG = {
    "the pause comes late": (book_module, "ROUNDS", 101),
    "the pause comes early": (book_module, "ROUNDS", 99),
    "a modify forgets the owner": (MatchingBook, "_modify", forgets_owner),
    "a modify forgets the expiry": (MatchingBook, "_modify", forgets_expiry),
    "a fok counts own orders": (MatchingBook, "_can_fill", counts_own),
    "a fok skips own orders": (MatchingBook, "_can_fill", skips_own),
    "an amend loses its place": (MatchingBook, "_amend", loses_its_place),
    "post-only takes": (MatchingBook, "_would_cross", crosses_others_only),
    "expiry is late": (NaiveBook, "advance_clock", expires_late),
    "a day is longer": (book_module, "DAY", book_module.DAY + 1),
    "stops fire newest first": (NaiveBook, "_due", newest_first),
    "history begins with a trailing stop": (NaiveBook, "_follow", remembers_for_trailing_only),
    "a change of nothing is none": (NaiveBook, "_follow", remembers_changes_only),
    "stops fire one by one": (NaiveBook, "_trigger", one_by_one),
    "trades set off nothing": (NaiveBook, "_and_its_stops", leaves_own_stops_alone),
    "a stop forgets its owner": (NaiveBook, "_submit_child", keeps_stop_without_owner),
    "an equal order is cut": (MatchingBook, "_yields", equal_goes_on),
    "a reduced order keeps its size": (book_module.Order, "reduce", keeps_original),
    "resuming always looks": (NaiveBook, "resume_stops", resumes_always),
    "a mass cancel spares stops": (NaiveBook, "cancel_all", keeps_cancelled_stops),
    "dated orders go first": (HalfBook, "push", newest_order_first),
    "percentages are truncated": (stops_module, "rounded", stops_module.truncated),
    "fixed trails are rounded": (stops_module, "truncated", rounds_up),
    "stop prices do not saturate": (stops_module, "saturated", lambda number: number),
    "a stop fires beyond its price only": (
        Stop,
        "holds",
        lambda self, last: (
            last is not None and (last > self.stop_price if self.side == 0 else last < self.stop_price)
        ),
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_they_find_a_book_that_is_wrong(wrong, right, monkeypatch):
    monkeypatch.setattr(*WRONG[wrong])
    for key, (rows, state) in right.items():
        try:
            answers, naive = play(*key)
        except (KeyError, RuntimeError, IndexError, ValueError):
            return
        if answers != rows or naive.state() != state:
            return
    pytest.fail(f"nobody noticed that {wrong}")


@pytest.mark.parametrize("profile", PROFILES)
def test_two_right_books_agree(profile):
    in_step(Twin(), Twin(), operations(600, 3, profile), every=50, clear=170)
