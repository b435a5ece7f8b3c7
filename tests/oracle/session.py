"""A naive session: the same strategy as plain Python, its orders sent one by one to an ``Exchange``.

The strategy's own function runs unchanged, with the names of ``nanobook.inside`` bound to methods of
``NaiveSession``. Positions and cash come from walking the lists of trades that the exchange returns.
"""

# ruff: noqa: D102 - what a method does stands where nanobook.inside has it

from types import FunctionType, SimpleNamespace

import numpy as np

from nanobook import Exchange, inside

WORD = 2**64
SIDES = ("buy", "sell")
TIFS = ("gtc", "ioc", "fok")
LIMIT, CANCEL, MODIFY, MARKET = range(4)


class SplitMix:
    """The generator as its paper states it, in Python's integers."""

    def __init__(self, seed, stream, book):
        word = self.mix((seed + 0x9E3779B97F4A7C15) % WORD)
        word = self.mix(word ^ self.mix((stream + 0xBF58476D1CE4E5B9) % WORD))
        self.state = self.mix(word ^ self.mix((book + 0x94D049BB133111EB) % WORD))

    @staticmethod
    def mix(z):
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % WORD
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % WORD
        return z ^ (z >> 31)

    def draw(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) % WORD
        return self.mix(self.state)

    def uniform(self):
        return (self.draw() >> 11) / 2**53

    def below(self, bound):
        return (self.draw() >> 32) * bound >> 32


class NaiveReplay:
    """A flow as rows; its cancels are tied to rows by running it alone."""

    def __init__(self, flow, exchange, client_ids=False):
        columns = [
            np.asarray(flow[name]).tolist()
            for name in ("kind", "side", "price", "quantity", "tif", "order_id")
        ]
        self.rows = list(zip(*columns, strict=True))
        done = exchange.process(flow, client_ids=client_ids)
        maker, self.made, self.target = {}, [None] * len(self.rows), []
        for m, (kind, _, _, _, _, name) in enumerate(self.rows):
            self.target.append(maker.get(name) if kind in (CANCEL, MODIFY) else None)
            if kind != CANCEL and done.outcome[m] < 4:
                maker[name if client_ids else int(done.order_id[m])] = m
        self.refused = done.outcome == 7

    def apply(self, session, m):
        kind, side, price, quantity, tif, _ = self.rows[m]
        order = self.made[self.target[m]] if self.target[m] is not None else 0
        if self.refused[m]:
            return
        if kind == CANCEL:
            session.exchange.cancel(order or 0)
        elif kind == MODIFY:
            done = session.exchange.modify(order or 0, price, quantity)
            self.made[m] = done.new_order_id
            session.see(done.trades)
        elif kind == LIMIT:
            self.made[m] = session.enter(
                session.exchange.submit_limit(SIDES[side], price, quantity, TIFS[tif])
            )
        else:
            self.made[m] = session.enter(session.exchange.submit_market(SIDES[side], quantity))


class NaiveRandom:
    """The random flow as its documentation states it."""

    def __init__(self, flow, away, seed, book):
        self.flow, self.away, self.mid = flow, away.tolist(), flow.start
        self.random = SplitMix(seed, 0, book)
        self.listed = []
        self.rows = [None] * flow.messages

    def apply(self, session, m):
        flow, rng, listed = self.flow, self.random, self.listed
        chance = rng.uniform() * (flow.lifetime + len(listed))
        if chance < len(listed):
            pick = rng.below(len(listed))
            order, listed[pick] = listed[pick], listed[-1]
            listed.pop()
            session.exchange.cancel(order)
            return
        word = rng.draw()
        side, away = word & 1, self.away[(word >> 1) % len(self.away)]
        lots = 1 + rng.below(flow.largest)
        move = rng.uniform()
        if move < flow.moves:
            self.mid += 1 if 2 * move < flow.moves else -1
        chance = (chance - len(listed)) / flow.lifetime
        towards = -1 if side else 1
        if chance >= flow.takers:
            done = session.exchange.submit_limit(SIDES[side], self.mid - towards * away, lots)
            if done.resting_quantity:
                listed.append(done.order_id)
        elif 2 * chance < flow.takers:
            done = session.exchange.submit_market(SIDES[side], lots)
        else:
            done = session.exchange.submit_limit(SIDES[side], self.mid + towards * flow.reach, lots, "ioc")
        session.enter(done)


class NaiveSession:
    """One session; ``play`` runs it."""

    def __init__(self, background, seed=0, book=0, exchange=None):
        self.exchange = exchange or Exchange()
        self.before = len(self.exchange.trades())
        self.background = background
        self.random = SplitMix(seed, 1, book)
        self.mine = {}
        self.message = self.cash = self.position = self.largest = self.orders = 0
        self.fills, self.lots = 0, [0, 0]
        self.touch = None
        self.path = []

    def play(self, function, *rows):
        """Run a strategy; returns itself."""
        names = {name: getattr(self, f"do_{name}") for name in inside.__all__ if hasattr(self, f"do_{name}")}
        self.look()
        FunctionType(function.__code__, {**function.__globals__, **names})(None, *rows)
        self.look()
        self.record()
        return self

    def look(self):
        bid, ask = self.exchange.best_bid_ask()
        if bid is not None and ask is not None:
            self.touch = bid, ask

    def record(self):
        if self.message:
            self.path[self.message - 1 :] = [(*(self.touch or (None, None)), self.position, self.cash)]

    def see(self, trades):
        for trade in trades:
            for order, side in (
                (trade.aggressor_order_id, trade.aggressor_side),
                (trade.passive_order_id, trade.passive_side),
            ):
                if order in self.mine:
                    self.fill(side, trade.price, trade.quantity)

    def fill(self, side, price, lots):
        sign = 1 if side == "buy" else -1
        self.position += sign * lots
        self.cash -= sign * lots * price
        self.largest = max(self.largest, abs(self.position))
        self.fills += 1
        self.lots[side == "sell"] += lots

    def enter(self, done, owner=None):
        """Account for what a submission traded; its id."""
        if owner:
            self.mine[done.order_id] = owner
            self.orders += 1
        self.see(done.trades)
        return done.order_id

    # What nanobook.inside offers

    def do_next_message(self, session):
        self.record()
        if self.message == len(self.background.rows):
            return False
        self.message += 1
        self.background.apply(self, self.message - 1)
        self.look()
        return True

    def do_message_number(self, session):
        return self.message

    def do_submit_limit(self, session, side, price, quantity, tif=0, owner=1):
        return self.enter(self.exchange.submit_limit(SIDES[side], price, quantity, TIFS[tif]), owner)

    def do_submit_market(self, session, side, quantity, owner=1):
        return self.enter(self.exchange.submit_market(SIDES[side], quantity), owner)

    def do_cancel(self, session, order):
        return self.exchange.cancel(order).cancelled_quantity if order in self.mine else 0

    def do_modify(self, session, order, price, quantity):
        if order not in self.mine:
            return 0
        done = self.exchange.modify(order, price, quantity)
        if not done.success:
            return 0
        self.mine[done.new_order_id] = self.mine[order]
        self.orders += 1
        self.see(done.trades)
        return done.new_order_id

    def do_best_bid(self, session):
        return price_or_none(self.exchange.best_bid())

    def do_best_ask(self, session):
        return price_or_none(self.exchange.best_ask())

    def do_mid_price(self, session):
        return (self.touch[0] + self.touch[1]) / 2 if self.touch else float("nan")

    def levels(self, side, n):
        book = self.exchange.depth(n + 1)
        levels = book.asks if side else book.bids
        return levels[n] if n < len(levels) else SimpleNamespace(price=inside.NO_PRICE, quantity=0)

    def do_best_quantity(self, session, side):
        return self.levels(side, 0).quantity

    def do_level_price(self, session, side, n):
        return self.levels(side, n).price

    def do_level_quantity(self, session, side, n):
        return self.levels(side, n).quantity

    def do_last_price(self, session):
        return price_or_none(self.exchange.last_trade_price())

    def do_is_resting(self, session, order):
        ids = [*self.exchange.queue("buy")[0], *self.exchange.queue("sell")[0]]
        return order in ids

    def do_is_mine(self, session, order):
        return self.do_owner_of(session, order) > 0

    def do_owner_of(self, session, order):
        return self.mine.get(order, 0) if self.exchange.get_order(order) else 0

    def do_left(self, session, order):
        return self.exchange.get_order(order).remaining_quantity if self.do_is_resting(session, order) else 0

    def do_filled(self, session, order):
        found = self.exchange.get_order(order)
        return found.filled_quantity if found else 0

    def do_order_price(self, session, order):
        found = self.exchange.get_order(order)
        return found.price if found else inside.NO_PRICE

    def do_order_side(self, session, order):
        found = self.exchange.get_order(order)
        return SIDES.index(found.side) if found else 0

    def do_position(self, session):
        return self.position

    def do_cash(self, session):
        return self.cash

    def do_fills(self, session):
        return self.fills

    def do_profit(self, session):
        return self.cash + (self.position * self.do_mid_price(session) if self.position else 0.0)

    def do_n_trades(self, session):
        return len(self.exchange.trades())

    def trade(self, n):
        trades = self.exchange.trades()
        if 0 <= n < len(trades):
            return trades[n]
        return SimpleNamespace(price=inside.NO_PRICE, quantity=0, aggressor_order_id=0, passive_order_id=0)

    def do_trade_price(self, session, n):
        return self.trade(n).price

    def do_trade_quantity(self, session, n):
        return self.trade(n).quantity

    def do_trade_aggressor(self, session, n):
        return self.trade(n).aggressor_order_id

    def do_trade_passive(self, session, n):
        return self.trade(n).passive_order_id

    def do_random_number(self, session):
        return self.random.uniform()

    def do_random_below(self, session, bound):
        return self.random.below(min(max(bound, 1), 2**32))


def price_or_none(price):
    """``NO_PRICE`` for None."""
    return inside.NO_PRICE if price is None else price
