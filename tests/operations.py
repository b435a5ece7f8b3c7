"""Seeded sequences of operations of every kind, as arrays of ``types.EVENT``.

``operations`` runs a naive book beside itself, so that cancels, modifies and amends hit what is alive,
what is dead, what was refused, what is a stop and what never was. No operation of a sequence raises.
"""

from dataclasses import dataclass, field

import numpy as np

from nanobook.types import (
    EVENT,
    INT64_MAX,
    INT64_MIN,
    POST_ONLY,
    MessageKind,
    Side,
    StpPolicy,
    TimeInForce,
    TrailMethod,
)
from tests.oracle.book import DAY, NaiveBook
from tests.oracle.messages import Event, perform

KINDS = {
    "limit": 44,
    "market": 4,
    "cancel": 8,
    "modify": 7,
    "amend": 5,
    "stop_market": 5,
    "stop_limit": 5,
    "trailing_stop_market": 4,
    "trailing_stop_limit": 3,
    "clock": 0.5,
    "cancel_all": 0.1,
    "resume": 0.5,
}
SUBMISSIONS = ("limit", "market", "stop_market", "stop_limit", "trailing_stop_market", "trailing_stop_limit")
EDGES = (0, 1, 5, 2**31, 2**53 + 1, 2**61, 2**62, 2**62 + 3, 2**63 - 2, 2**63 - 1)
NOWHERE = (0, 2**32 + 1, 2**40, INT64_MAX)


@dataclass(frozen=True)
class Profile:
    """What the operations of a sequence are like.

    ``spread`` is how far limit prices lie from the middle, ``drift`` how often that moves, ``burst`` the
    chance that an operation is a whole ladder of stops that set each other off.
    """

    mid: int = 100
    spread: int = 4
    drift: float = 0.02
    owners: int = 3
    lots: int = 12
    tick: int = 1
    lot: int = 1
    burst: float = 0.0
    huge: bool = False
    tifs: tuple = (60, 12, 10, 9, 9)
    kinds: dict = field(default_factory=dict)


PROFILES = {
    "dense": Profile(),
    "cascade": Profile(spread=8, owners=1, lots=3, burst=0.002, kinds={"stop_market": 12, "resume": 2}),
    "trailing": Profile(
        mid=50_000,
        spread=60,
        drift=0.5,
        kinds={"trailing_stop_market": 14, "trailing_stop_limit": 10, "market": 12},
    ),
    "owners": Profile(spread=2, owners=2, lots=30, tifs=(50, 10, 30, 5, 5)),
    "zero": Profile(mid=0, spread=3, drift=0.1),
    "huge": Profile(huge=True, lots=2**44, owners=2),
    "expiry": Profile(spread=10, tifs=(10, 5, 5, 40, 40), kinds={"clock": 12, "stop_limit": 12}),
    "instrument": Profile(tick=25, lot=10, spread=5),
}


def operations(n, seed, profile="dense"):
    """Operations in which everything happens.

    Parameters
    ----------
    n, seed : int
        Number of operations, and the seed that alone decides them and which policy keeps owners from
        trading with themselves.
    profile : str
        One of ``PROFILES``.

    Returns
    -------
    ndarray of EVENT
        First the policy and the sizes of tick and lot, where they are not the usual ones.
    """
    writer = Writer(PROFILES[profile], np.random.default_rng([seed, sum(profile.encode())]), n)
    policy = StpPolicy(seed % len(StpPolicy))
    if policy:
        writer.add("stp_policy", tif=policy)
    if (writer.profile.tick, writer.profile.lot) != (1, 1):
        writer.add("instrument", price=writer.profile.tick, quantity=writer.profile.lot)
    for at in range(n):
        if len(writer.events) >= n:
            break
        writer.write(at)
    return np.array([tuple(event) for event in writer.events[:n]], EVENT)


class Writer:
    """Draws of all operations, and the book that they make."""

    def __init__(self, profile, rng, n):
        self.profile = profile
        self.book = NaiveBook()
        self.events = []
        self.alive = []
        weights = np.array([profile.kinds.get(kind, weight) for kind, weight in KINDS.items()])
        shares = np.array(profile.tifs) / sum(profile.tifs)
        self.kinds = rng.choice(list(KINDS), n, p=weights / weights.sum()).tolist()
        self.tifs = rng.choice(len(profile.tifs), n, p=shares).tolist()
        self.sides = rng.integers(0, 2, n).tolist()
        self.owners = rng.integers(0, profile.owners + 1, n).tolist()
        self.mids = profile.mid + np.cumsum(rng.choice([-1, 0, 1], n, p=_steps(profile.drift)))
        self.prices = self.draw_prices(rng, n)
        self.lots = self.draw_lots(rng, n)
        self.trails = rng.integers(1, len(TrailMethod), n).tolist()
        self.chances = rng.random((6, n)).tolist()

    def draw_prices(self, rng, n):
        """Prices in ticks for (buys, sells) and two uses: limits, a sixth of them crossing, and stops."""
        if self.profile.huge:
            edges = rng.choice(np.array(EDGES), (4, n)) * rng.choice([-1, 1], (4, n))
            edges[:, rng.random(n) < 0.02] = INT64_MIN
            return edges.reshape(2, 2, n).tolist()
        spread = self.profile.spread
        limit = rng.integers(-(spread // 4), spread, n, endpoint=True)
        stop = rng.integers(-(spread // 4), 4 * spread, n, endpoint=True)
        mids = self.mids
        return np.array([[mids - limit, mids + limit], [mids + stop, mids - stop]]).tolist()

    def draw_lots(self, rng, n):
        """Quantities in lots: mostly small, now and then a sweep."""
        small = rng.integers(1, min(self.profile.lots, 30), n, endpoint=True)
        large = rng.integers(1, 4 * self.profile.lots, n, endpoint=True)
        return np.where(rng.random(n) < 0.05, large, small).tolist()

    def add(self, kind, **fields):
        """Write one operation down and do it."""
        event = Event(MessageKind[kind.upper()], **fields)
        known = self.book.last_id
        perform(self.book, event)
        self.events.append(event)
        self.alive.extend(range(known + 1, self.book.last_id + 1))

    def write(self, at):
        """Write the operation of one set of draws."""
        if self.chances[0][at] < self.profile.burst:
            self.ladder(at)
            return
        kind = self.kinds[at]
        if kind in SUBMISSIONS:
            self.submission(kind, at)
        elif kind in ("cancel", "modify", "amend"):
            self.change(kind, at)
        elif kind == "clock":
            self.add(kind, expiry=self.book.clock + self.span(at, (0, 1, DAY // 50, DAY // 3, DAY)))
        elif kind == "cancel_all":
            self.add(kind, owner=self.owners[at], side=self.span(at, (0, 1, 2)))
        else:
            self.add(kind)

    def submission(self, kind, at):
        """Submit an order or a stop of any kind."""
        tick, lot, side = self.profile.tick, self.profile.lot, self.sides[at]
        fields = {"side": side, "owner": self.owners[at]}
        price = stop_price = 0
        if kind in ("limit", "stop_limit", "trailing_stop_limit"):
            price = fields["price"] = self.prices[0][side][at] * tick
            fields |= self.life(at)
            only = kind == "limit" and fields["tif"] not in (TimeInForce.IOC, TimeInForce.FOK)
            fields["marks"] = POST_ONLY if only and self.chances[1][at] < 0.12 else 0
        if "stop" in kind:
            stop_price = fields["stop_price"] = self.prices[1][side][at] * tick
        if "trailing" in kind:
            fields |= self.trail(at)
        fields["quantity"] = fitting(self.lots[at] * lot, lot, price, stop_price)
        self.add(kind, **fields)

    def life(self, at):
        """Time in force and expiry."""
        tif = self.tifs[at]
        ahead = self.span(at, (1, 2, DAY // 40, DAY // 2, 3 * DAY))
        return {"tif": tif, "expiry": self.book.clock + ahead if tif == TimeInForce.GTD else 0}

    def trail(self, at):
        """How a stop follows the price: sometimes not at all, sometimes absurdly."""
        way, chance, odd = self.trails[at], self.chances[2][at], self.chances[3][at]
        if odd < 0.08:
            value = (0.0, -1.5, 0.3, 1e300)[int(chance * 4)]
        elif way == TrailMethod.FIXED:
            value = 1 + chance * self.profile.spread
        elif way == TrailMethod.PERCENTAGE:
            value = round(chance / 5, 2 if odd < 0.5 else 4)
        else:
            value = 0.5 + 4 * chance
        if way == TrailMethod.FIXED:  # an event holds the whole ticks that a call truncates it to
            value = float(int(min(value, 2.0**53)))
        period = self.span(at, (0, 1, 2, 5, 14, 20_000)) if way == TrailMethod.SMA_ABS_CHANGE else 0
        return {"trail": way, "trail_value": value, "period": period}

    def change(self, kind, at):
        """Cancel, modify or amend something."""
        name = self.somebody(at)
        if kind == "cancel":
            self.add(kind, order_id=name)
            return
        order, chance, lot = self.book.orders.get(name), self.chances[4][at], self.profile.lot
        if kind == "amend":
            left = order.remaining // lot if order else self.lots[at]
            self.add(kind, order_id=name, quantity=min(int(chance * 1.2 * left), 2**61) * lot)
            return
        same = order is not None and order.is_live() and chance < 0.2
        price = order.price if same else self.prices[0][order.side if order else 0][at] * self.profile.tick
        lots = 0 if chance > 0.96 else fitting(self.lots[at] * lot, lot, price)
        self.add(kind, order_id=name, price=price, quantity=lots)

    def somebody(self, at):
        """Id of what is alive, mostly; or of any order or stop there was; or of none."""
        chance, pick = self.chances[1][at], self.chances[2][at]
        if chance < 0.08:
            return (*NOWHERE, self.book.last_id + 1, self.book.last_id + 7)[int(pick * 6)]
        if chance < 0.25:
            return int(pick * (self.book.last_id + 1))
        while self.alive:
            slot = int(pick * len(self.alive))
            name = self.alive[slot]
            order = self.book.orders.get(name)
            if name in self.book.pending or (order is not None and order.is_live()):
                return name
            self.alive[slot] = self.alive[-1]
            self.alive.pop()
        return 0

    def span(self, at, choices):
        """One of the choices."""
        return choices[int(self.chances[5][at] * len(choices))]

    def ladder(self, at):
        """Empty the book, then let one order set off a chain of stops, long enough to be paused or nearly."""
        side, tick, lot = self.sides[at], self.profile.tick, self.profile.lot
        up = 1 if side == Side.BUY else -1
        last = self.book.last_trade_price
        first = (self.mids[at] if last is None else last // tick) + up
        rungs = [int(first + up * rung) * tick for rung in range(90 + int(self.chances[1][at] * 60))]
        self.add("cancel_all", side=2)
        for price in rungs:
            self.add("limit", side=1 - side, price=price, quantity=lot)
        for price in rungs[:-1]:
            self.add("stop_market", side=side, stop_price=price, quantity=lot)
        self.add("market", side=side, quantity=lot)


def fitting(quantity, lot, *prices):
    """The quantity, or less of it, so that no price times quantity leaves int64."""
    largest = max(abs(price) for price in (1, *prices))
    return max(min(quantity, INT64_MAX // largest // lot * lot), lot)


def _steps(drift):
    """Chances of the middle to go down, stay, go up."""
    return drift / 2, 1 - drift, drift / 2
