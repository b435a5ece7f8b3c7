"""A backtest with every option that anyone would trust at sight: dicts, integers, fractions and loops.

Written from the rules in words, not from the kernels. Prices and cash are cents; a symbol without a price in
a period is not in that period's rows.
"""

import math
from dataclasses import dataclass, field
from fractions import Fraction

from tests.oracle.account import Book, Terms, rounded, whole
from tests.oracle.exits import Tracker, Watch


class Refused(Exception):
    """The run stops: what and in which period."""


@dataclass
class Market:
    """What happens; each a list with one dict a period. ``actions``: symbol to (ratio, dividend)."""

    close: list
    open: list | None = None
    high: list | None = None
    low: list | None = None
    volume: list | None = None
    actions: list | None = None


@dataclass
class Wish:
    """What is asked for; ``weights`` are dicts, None holds."""

    weights: list
    fill: str = "close"
    missing: str = "raise"
    max_age: int = 0
    delist_value: Fraction = Fraction(1)
    stop_cfg: dict = field(default_factory=dict)


class Run:
    """One backtest."""

    def __init__(self, market, wish, cash, terms=None):
        self.market, self.wish = market, wish
        self.book = Book(cash, terms or Terms())
        self.watch = Watch(wish.stop_cfg)
        self.inside = wish.stop_cfg.get("trigger") == "intrabar"
        self.last, self.age, self.ranges = {}, {}, {}
        self.exact = {}  # last prices that splits have not rounded
        self.events, self.trades = [], []
        self.curves = {
            key: [] for key in ("equity", "cash", "cost", "interest", "borrowing", "dividends", "held")
        }

    def play(self):
        """Play all periods."""
        for t in range(len(self.market.close)):
            self.period(t)
        return self

    def period(self, t):
        """Play one period."""
        fees = sum(fill[4] for fill in self.book.fills)
        interest, borrowing = self.book.night(self.last) if t else (0, 0)
        dividends = self.corporate(t)
        bars = self.bars(t)
        if self.wish.fill == "next_open" and t:
            self.signal(t - 1, t, {s: bar[0] for s, bar in bars.items()})
        if self.inside:
            self.watch_inside(t, bars)
        if self.wish.fill == "next_typical" and t:
            self.signal(t - 1, t, {s: (bar[1] + bar[2] + bar[3]) // 3 for s, bar in bars.items()})
        self.closes(t)
        if self.wish.fill == "close":
            self.signal(t, t, self.market.close[t])
        self.see_ranges(t)
        if not self.inside:
            self.watch_closes(t)
        self.curves["equity"].append(self.book.equity(self.last))
        self.curves["cash"].append(self.book.cash)
        self.curves["cost"].append(sum(fill[4] for fill in self.book.fills) - fees)
        self.curves["interest"].append(interest)
        self.curves["borrowing"].append(borrowing)
        self.curves["dividends"].append(dividends)
        self.curves["held"].append({s: h.quantity for s, h in self.book.held.items() if h.quantity})

    def bars(self, t):
        """Open, high, low and close of the symbols that have a bar; the close where there is no table."""
        tables = (self.market.open, self.market.high, self.market.low)
        return {
            s: (*(close if table is None else table[t][s] for table in tables), close)
            for s, close in self.market.close[t].items()
        }

    def quantity(self, symbol):
        """What is held."""
        return self.book.held[symbol].quantity if symbol in self.book.held else Fraction(0)

    def corporate(self, t):
        """Split and pay; returns dividends received."""
        received = 0
        for symbol in sorted((self.market.actions or {}).get(t, {})):
            ratio, dividend = self.market.actions[t][symbol]
            self.split(t, symbol, Fraction(ratio))
            amount = rounded(self.quantity(symbol) * dividend)
            self.book.cash += amount
            received += amount
        return received

    def split(self, t, symbol, ratio):
        """Turn each share into ``ratio``."""
        if ratio == 1:
            return
        held, grain = self.quantity(symbol), self.book.terms.grain
        after = math.trunc(held * ratio / grain) * grain
        last = self.last.get(symbol)
        if last is None:
            return
        if held:
            in_lieu = rounded((held * ratio - after) * last / ratio)
            self.book.cash += in_lieu
            position = self.book.held[symbol]
            position.quantity = after
            position.average = abs(whole(position.basis / after)) if after else 0
            position.basis = position.basis if after else 0
            self.trades.append((t, symbol, after - held, "split"))
            if not after:
                self.watch.trackers.pop(symbol, None)
        self.last[symbol] = rounded(Fraction(last) / ratio)
        self.exact[symbol] = self.exact.get(symbol, Fraction(0)) / ratio
        self.ranges[symbol] = [size / ratio for size in self.ranges.get(symbol, [])]
        if symbol in self.watch.trackers:
            tracker = self.watch.trackers[symbol]
            more, fewer = ratio.numerator, ratio.denominator
            tracker.entry = tracker.entry * fewer / more
            tracker.best = tracker.best * fewer / more
            tracker.last = Fraction(tracker.last) / ratio
            tracker.changes = [change / ratio for change in tracker.changes]

    def signal(self, asked, t, prices):
        """Fill the signal of one period in another."""
        weights = self.wish.weights[asked]
        if weights is None:
            return
        held = {s for s, h in self.book.held.items() if h.quantity}
        needed = {s for s, weight in weights.items() if weight} | held
        if self.wish.missing == "raise" and not needed <= set(prices):
            raise Refused("no price", t)
        if any(weight and not self.last.get(s) and s not in prices for s, weight in weights.items()):
            raise Refused("never a price", t)
        targets = [(s, weights.get(s, 0.0)) for s in sorted(prices)]
        volumes = self.market.volume[t] if self.market.volume else None
        before = len(self.book.fills)
        self.book.rebalance(targets, {**self.last, **prices}, volumes)
        self.trades += [(t, fill[0], fill[1], "signal") for fill in self.book.fills[before:]]
        if self.inside:
            paid = {fill[0]: fill[2] for fill in self.book.fills[before:]}
            self.note_entries(paid)

    def note_entries(self, paid):
        """Follow what was just entered, at what it paid."""
        for symbol, price in paid.items():
            held, tracker = self.quantity(symbol), self.watch.trackers.get(symbol)
            side = (held > 0) - (held < 0)
            if side == 0:
                self.watch.trackers.pop(symbol, None)
            elif tracker is None or tracker.side != side:
                self.watch.trackers[symbol] = Tracker(side, price, price, price)

    def average(self, symbol):
        """Mean true range of the last bars; None where there is none."""
        window = self.wish.stop_cfg.get("atr_period", 14)
        recent = self.ranges.get(symbol, [])[-window:]
        return float(Fraction(sum(recent)) / len(recent)) if recent else None

    def watch_inside(self, t, bars):
        """Let go what a bar takes beyond its level as known before it; then follow the bar."""
        for symbol in sorted(set(self.watch.trackers) & set(bars)):
            tracker, (first, high, low, _) = self.watch.trackers[symbol], bars[symbol]
            held = self.quantity(symbol)
            if not held or (held > 0) != (tracker.side > 0):
                continue
            found = self.watch.level(symbol, self.average(symbol), entry_range=False)
            price = None
            if found and tracker.side * first <= tracker.side * found[0]:
                price = first
            elif found and tracker.side * (low if tracker.side > 0 else high) <= tracker.side * found[0]:
                price = found[0]
            if price is None:
                tracker.best = max(tracker.best, high) if tracker.side > 0 else min(tracker.best, low)
            else:
                self.let_go(t, symbol, found, price)

    def let_go(self, t, symbol, level, price):
        """Close a position at its stop."""
        held = self.quantity(symbol)
        self.book.fill(symbol, -held, price)
        self.trades.append((t, symbol, -held, f"stop_{level[1]}"))
        self.events.append((t, symbol, level[0], price, level[1]))
        del self.watch.trackers[symbol]

    def closes(self, t):
        """See the closes: refuse, carry or pay out what has none."""
        closes = self.market.close[t]
        self.before = dict(self.exact)
        for symbol in sorted(set(self.last) | set(closes)):
            if symbol in closes:
                self.last[symbol], self.age[symbol] = closes[symbol], 0
                self.exact[symbol] = Fraction(closes[symbol])
                continue
            self.age[symbol] += 1
            if not self.quantity(symbol):
                continue
            if self.wish.missing == "raise":
                raise Refused("no price", t)
            if self.age[symbol] > self.wish.max_age:
                if self.wish.missing == "carry":
                    raise Refused("too old", t)
                worth = rounded(self.last[symbol] * self.wish.delist_value)
                held = self.quantity(symbol)
                self.book.fill(symbol, -held, worth, moved=False, free=True)
                self.trades.append((t, symbol, -held, "delist"))
                self.watch.trackers.pop(symbol, None)

    def see_ranges(self, t):
        """Add each bar's true range."""
        if self.market.high is None:
            return
        for symbol in set(self.ranges) | set(self.market.close[t]):
            size = 0
            if symbol in self.market.close[t]:
                high, low = self.market.high[t][symbol], self.market.low[t][symbol]
                before = self.before.get(symbol)
                size = high - low if not before else max(high, before) - min(low, before)
            self.ranges.setdefault(symbol, []).append(Fraction(size))

    def watch_closes(self, t):
        """Follow what is held at the closes and let go what is beyond its level."""
        shares = {s: h.quantity for s, h in self.book.held.items()}
        self.watch.see(shares, self.last, self.exact)
        ranges = self.market.high is not None
        for symbol in sorted(self.watch.trackers):
            found = self.watch.level(symbol, self.average(symbol) if ranges else None, entry_range=not ranges)
            side = self.watch.trackers[symbol].side
            price = self.market.close[t].get(symbol)
            if price is not None and found and side * price <= side * found[0]:
                self.let_go(t, symbol, found, price)
