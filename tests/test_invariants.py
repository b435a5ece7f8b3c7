"""What holds of a book of every kind of order, whatever is done: the invariants 1 to 18 of an order book.

A story is a book and what was done to it; a check looks at its latest step. Each runs on the engine and
on the naive book.
"""

import math
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nanobook import Exchange
from nanobook.types import (
    INT64_MAX,
    POST_ONLY,
    SIDE_NAMES,
    TIF_NAMES,
    MessageKind,
    Outcome,
    StpPolicy,
    TimeInForce,
    TrailMethod,
)
from tests.adapters import Engine
from tests.operations import operations
from tests.oracle.book import DAY
from tests.oracle.messages import Event

ORDINARY = settings(
    deadline=None,
    derandomize=True,
    max_examples=30,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
LONG = settings(ORDINARY, max_examples=2000)
SUBMITTED = MessageKind.LIMIT, MessageKind.MARKET
REFUSED = Outcome.ORDER_NOT_FOUND, Outcome.ORDER_NOT_ACTIVE, Outcome.INVALID_QUANTITY
RESTING = ("gtc", "day", "gtd")

# What may be done; an id is one of those given, an expiry is that far ahead of the clock

sides = st.sampled_from((0, 1))
prices = st.one_of(st.integers(-3, 4), st.integers(-3, 4), st.sampled_from((-(2**40), 2**40)))
lots = st.one_of(st.integers(1, 6), st.integers(1, 6), st.just(40))
tifs = st.sampled_from((0, 0, 0, *TimeInForce))
owners = st.integers(0, 2)
ids = st.integers(0, 60)
ahead = st.sampled_from((1, 5, DAY // 2, DAY, 2 * DAY))


def events(kind, **fields):
    """Draw events of a kind."""
    return st.builds(Event, st.just(MessageKind[kind.upper()]), **fields)


trails = st.sampled_from(
    [(TrailMethod.FIXED, 0.0, 0), (TrailMethod.FIXED, 2.0, 0), (TrailMethod.PERCENTAGE, 0.3, 0)]
    + [(TrailMethod.SMA_ABS_CHANGE, 1.5, period) for period in (0, 1, 3)]
)


def trailing(kind, **fields):
    """Draw trailing stops."""

    def with_trail(event, trail):
        return event._replace(trail=trail[0], trail_value=trail[1], period=trail[2])

    return st.builds(with_trail, events(kind, **fields), trails)


order = {"side": sides, "quantity": lots, "owner": owners}
life = {"price": prices, "tif": tifs, "expiry": ahead}
limits = events("limit", marks=st.sampled_from((0, 0, 0, POST_ONLY)), **order, **life)
kinds = {
    "limit": limits,
    "market": events("market", **order),
    "stop_market": events("stop_market", stop_price=prices, **order),
    "stop_limit": events("stop_limit", stop_price=prices, **order, **life),
    "trailing_stop_market": trailing("trailing_stop_market", stop_price=prices, **order),
    "trailing_stop_limit": trailing("trailing_stop_limit", stop_price=prices, **order, **life),
    "cancel": events("cancel", order_id=ids),
    "modify": events("modify", order_id=ids, price=prices, quantity=st.integers(0, 6)),
    "amend": events("amend", order_id=ids, quantity=st.integers(0, 6)),
    "cancel_all": events("cancel_all", owner=owners, side=st.integers(0, 2)),
    "clock": events("clock", expiry=st.sampled_from((0, 1, DAY // 2, DAY))),
    "resume": events("resume"),
}
anything = st.sampled_from(["limit"] * 8 + [*kinds]).flatmap(kinds.get)
beginnings = st.tuples(st.integers(0, 9999), st.integers(0, 60))
"""Seed of a sequence of operations, and how many of them a story begins with."""


class Step(NamedTuple):
    """One thing done: the event, what it said, and the states before and after."""

    event: Event
    row: tuple
    own_trades: list
    before: dict
    now: dict


class Story:
    """A book and all that was done to it."""

    def __init__(self, new, policy):
        self.new, self.policy = new, policy
        self.book = new()
        self.last_id, self.clock = 0, 0
        self.now = self.book.state(0)
        self.steps: list = []
        self.snapshot = None

    def fit(self, event):
        """The event with an id, an expiry and a price that make sense here."""
        if event.order_id:
            event = event._replace(order_id=event.order_id % (self.last_id + 2))
        if event.tif == TimeInForce.GTD or event.kind == MessageKind.CLOCK:
            event = event._replace(expiry=self.clock + event.expiry)
        else:
            event = event._replace(expiry=0)
        if event.tif in (TimeInForce.IOC, TimeInForce.FOK):
            event = event._replace(marks=0)
        return event

    def do(self, event):
        """Do it and remember it."""
        row = self.book.do(event)
        self.clock = self.book.clock
        before, self.now = self.now, self.see()
        self.steps.append(Step(event, row, list(self.book.own_trades), before, self.now))

    def see(self):
        """State of the book, with as many ids as have been given."""
        state = self.book.state(self.last_id + 1 + self.now["pending_stop_count"])
        self.last_id = max((*state["orders"], *state["stops"], self.last_id, *self.ghosts(state)))
        return state

    @staticmethod
    def ghosts(state):
        """Ids of the orders that stops became."""
        return [stop["child"] for stop in state["stops"].values() if stop["child"]]


def resting(state):
    """Ids and lots of all queues, side by side, level by level."""
    return [pair for side in state["queues"] for _, queue in side for pair in queue]


def new_trades(step):
    """Trades of a step, those of stops that it set off among them."""
    return step.now["trades"][len(step.before["trades"]) :]


def i01_bid_below_ask(story, step):
    bids, asks = step.now["queues"]
    assert not bids or not asks or bids[0][0] < asks[0][0]


def i02_levels_are_their_orders(story, step):
    for side, levels in enumerate(step.now["queues"]):
        prices = [price for price, _ in levels]
        assert prices == sorted(set(prices), reverse=side == 0)
        for price, queue in levels:
            assert queue
            for order_id, left in queue:
                shown = step.now["orders"][order_id]
                assert (shown["price"], shown["remaining_quantity"]) == (price, left)
                assert shown["side"] == SIDE_NAMES[side]


def i03_no_lots_below_one(story, step):
    assert all(left > 0 for _, left in resting(step.now))
    assert all(trade[2] > 0 for trade in step.now["trades"])
    assert all(shown["remaining_quantity"] >= 0 for shown in step.now["orders"].values())


def i04_live_orders_are_in_one_level(story, step):
    live = [
        i
        for i, shown in step.now["orders"].items()
        if shown["time_in_force"] in RESTING
        and shown["status"] in ("new", "partiallyfilled")
        and shown["remaining_quantity"]
    ]
    assert sorted(order_id for order_id, _ in resting(step.now)) == sorted(live)
    assert all(i in live for i, shown in step.now["orders"].items() if shown["status"] == "new")


def i05_oldest_first(story, step):
    for _, queue in (*step.now["queues"][0], *step.now["queues"][1]):
        assert queue == sorted(queue), "older orders have lower ids"
    before, now = ([i for i, _ in resting(state)] for state in (step.before, step.now))
    place = {order_id: at for at, order_id in enumerate(before)}
    passive = [place[trade[4]] for trade in step.own_trades]
    assert passive == sorted(passive)
    stayed = [place[order_id] for order_id in now if order_id in place]
    assert stayed == sorted(stayed), "what stays keeps its place"


def i06_best_price_first(story, step):
    paid = [trade[1] if trade[5] == "buy" else -trade[1] for trade in step.own_trades]
    assert paid == sorted(paid)


def i07_at_the_resting_price(story, step):
    for _, price, _, aggressor, passive, side, _ in new_trades(step):
        assert step.now["orders"][passive]["price"] == price
        limit = step.now["orders"][aggressor]["price"]
        assert price >= limit if side else price <= limit


def i08_lots_are_neither_made_nor_lost(story, step):
    if step.event.kind in SUBMITTED:
        assert sum(step.row[2:]) == step.event.quantity
        assert sum(trade[2] for trade in step.own_trades) == step.row.filled
    filled = dict.fromkeys(step.now["orders"], 0)
    for _, _, traded, *both in step.now["trades"]:
        for order_id in both[:2]:
            filled[order_id] += traded
    for order_id, shown in step.now["orders"].items():
        assert shown["filled_quantity"] == filled[order_id]
        kept = shown["original_quantity"] - shown["filled_quantity"] - shown["remaining_quantity"]
        assert kept == 0 or (kept > 0 and shown["remaining_quantity"] == 0 and shown["status"] != "filled")


def i09_the_dead_stay_dead(story, step):
    alive = {order_id for order_id, _ in resting(step.now)}
    dead = [order_id for order_id in step.now["orders"] if order_id not in alive][-3:]
    for order_id in dead:
        for done in (
            story.book.cancel(order_id),
            story.book.modify(order_id, 1, 1),
            story.book.amend(order_id, 1),
        ):
            assert done.outcome == Outcome.ORDER_NOT_ACTIVE
    assert story.see() == step.now


def i10_immediate_orders_never_rest(story, step):
    queued = {order_id for order_id, _ in resting(step.now)}
    assert all(step.now["orders"][i]["time_in_force"] in RESTING for i in queued)
    event, row = step.event, step.row
    if event.kind == MessageKind.LIMIT and event.tif == TimeInForce.FOK:
        assert row[2:] in ((event.quantity, 0, 0), (0, 0, event.quantity))
        if not row.filled:
            assert step.now == step.before


def i11_post_only_never_takes(story, step):
    if step.event.kind == MessageKind.LIMIT and step.event.marks & POST_ONLY:
        assert new_trades(step) == []
        if step.row.outcome == Outcome.CANCELLED:
            assert step.now == step.before
        else:
            assert step.row[1:] == (Outcome.NEW, 0, step.event.quantity, 0)


def i12_nobody_trades_with_himself(story, step):
    if story.policy:
        for trade in new_trades(step):
            owners = [step.now["orders"][order_id]["owner"] for order_id in trade[3:5]]
            assert owners[0] != owners[1] or owners[0] == 0


def i13_stops_fire_once_and_cascades_end(story, step):
    children = [stop["child"] for stop in step.now["stops"].values() if stop["child"]]
    assert len(children) == len(set(children))
    for stop_id, stop in step.now["stops"].items():
        assert (stop["status"] == "triggered") == (stop["child"] is not None)
        assert stop["child"] is None or stop["child"] > stop_id
        earlier = step.before["stops"].get(stop_id)
        if earlier and earlier["status"] != "pending":
            assert stop == earlier
    if new_trades(step) or step.row.outcome == Outcome.TRIGGERED:
        assert step.now["stops_due"] == 0
    pending = [stop for stop in step.now["stops"].values() if stop["status"] == "pending"]
    assert step.now["pending_stop_count"] == len(pending)


def i14_numbers_rise(story, step):
    ids = [s.row.order_id for s in story.steps if is_submission(s)]
    assert ids == sorted(set(ids))
    assert [trade[0] for trade in step.now["trades"]] == list(range(1, len(step.now["trades"]) + 1))
    stored = step.now["orders"] | step.now["stops"]
    times = [(stored[i]["timestamp"], "order") for i in sorted(stored)]
    assert times == sorted(set(times))
    trades = [trade[6] for trade in step.now["trades"]]
    assert trades == sorted(set(trades) - {time for time, _ in times})


def i15_replay_gives_the_same(story, step):
    if len(story.steps) % 10:
        return
    if isinstance(story.book, Engine):
        again = Engine(Exchange.replay(story.book.exchange.events()))
    else:
        again = story.new()
        for past in story.steps:
            again.do(past.event)
    assert again.digest() == story.book.digest()


def i16_snapshot_and_tail_give_the_same(story, step):
    if story.snapshot is not None:
        assert story.snapshot.do(step.event) == step.row
        assert story.snapshot.digest() == story.book.digest()
    if len(story.steps) % 16 == 5:
        story.snapshot = story.book.copy()


def i17_to_look_is_not_to_touch(story, step):
    book = story.book
    before = book.digest()
    for side in (0, 1):
        book.queue(side)
    for order_id in (*range(story.last_id + 2), 2**40, INT64_MAX):
        book.get_order(order_id)
        book.get_stop_order(order_id)
        book.queue_position(order_id)
    if isinstance(book, Engine):
        exchange = book.exchange
        exchange.depth(3)
        exchange.full_book()
        repr((exchange, exchange.events(), exchange.trades()))
    book.pending_stop_count()
    assert book.digest() == before


def i18_what_is_refused_changes_nothing(story, step):
    if step.row.outcome in REFUSED:
        assert step.now == step.before
    book = story.book
    before = book.digest()
    for call in NONSENSE:
        with pytest.raises((ValueError, TypeError, OverflowError, KeyError)):
            call(book)
    for order_id in (0, story.last_id + 1):
        assert book.cancel(order_id).outcome == Outcome.ORDER_NOT_FOUND
        assert book.amend(order_id, 1).outcome == Outcome.ORDER_NOT_FOUND
        assert book.modify(order_id, 1, 0).outcome == Outcome.INVALID_QUANTITY
    assert book.digest() == before
    assert story.see() == step.now


NONSENSE = (
    lambda book: book.submit_limit("buy", 1, 0),
    lambda book: book.submit_limit("buy", 1, -1),
    lambda book: book.submit_limit("hold", 1, 1),
    lambda book: book.submit_limit("buy", 1.5, 1),
    lambda book: book.submit_limit("buy", 1, 1, "ioc", post_only=True),
    lambda book: book.submit_limit("buy", 1, 1, "gtd"),
    lambda book: book.submit_limit("buy", 1, 1, "gtd", expires=book.clock),
    lambda book: book.submit_limit("buy", 1, 1, "gtc", expires=book.clock + 1),
    lambda book: book.submit_market("sell", 2**62 + 1),
    lambda book: book.submit_stop_market("sell", 1, 0),
    lambda book: book.submit_stop_limit("sell", 2**63, 1, 1),
    lambda book: book.submit_stop_limit("sell", 1, 2**63, 1),
    lambda book: book.submit_trailing_stop_market("sell", 1, 1, "fixed", math.nan),
    lambda book: book.submit_trailing_stop_market("sell", 1, 1, "percentage", math.inf),
    lambda book: book.submit_trailing_stop_market("sell", 1, 1, "sma_abs_change", 1.0),
    lambda book: book.submit_trailing_stop_limit("sell", 1, 1, 1, "wide", 1.0),
    lambda book: book.amend(1, -1),
    lambda book: book.modify(1, 1, 2**62 + 1),
    lambda book: book.advance_clock(book.clock - 1),
)


def is_submission(step):
    """Whether a step took an id of its own."""
    return step.row.order_id > 0 and step.event.kind not in (MessageKind.CANCEL, MessageKind.AMEND)


CHECKS = [check for name, check in sorted(globals().items()) if name[0] == "i" and name[1:3].isdigit()]


def test_there_are_eighteen():
    assert [check.__name__[1:3] for check in CHECKS] == [f"{n:02}" for n in range(1, 19)]
    assert len(TIF_NAMES) == len(TimeInForce)


def tell(new, beginning, todo, checks):
    """Do it all, looking after every step."""
    seed, length = beginning
    story = Story(new, StpPolicy(seed % len(StpPolicy)))
    for row in operations(60, seed, "zero")[: length + 1].tolist():
        do_and_look(story, Event(*row), checks)
    for event in todo:
        do_and_look(story, story.fit(event), checks)


def do_and_look(story, event, checks):
    """Do one thing and look."""
    story.do(event)
    for check in checks:
        check(story, story.steps[-1])


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_invariant(check, new):
    @ORDINARY
    @given(beginnings, st.lists(anything, max_size=20))
    def holds(beginning, todo):
        tell(new, beginning, todo, [check])

    holds()


@pytest.mark.slow
def test_all_invariants_in_long_stories(new):
    @LONG
    @given(beginnings, st.lists(anything, min_size=20, max_size=150))
    def hold(beginning, todo):
        tell(new, beginning, todo, CHECKS)

    hold()
