"""The orders of a rebalance together: where they lead, and where they pass on the way."""

from functools import cached_property
from operator import mul

from ..hints import listing
from . import inputs
from .amounts import ratio
from .bounds import percent_of, times_of, whole_dollars, within
from .exposure import Exposure, unpriced, values_of
from .report import FAIL, PASS, WARN, new_row


class Batch:
    """What a batch does to the positions.

    Attributes
    ----------
    symbols, signs, quantities, prices, notionals : sequence
        Of the orders, exact, as they are sent; a sign is 1 or -1, a notional quantity times price.
    held : dict
        Quantities by symbol before all orders.
    told : dict
        Prices of symbols, told apart from the orders.
    is_simple : bool
        Whether each symbol has one order, whose price is what it is valued at.
    final, sizes : list
        Values of all positions after all orders, and what they are without signs. What has no price is left
        out where the batch is simple, else 0.
    unpriced : list
        What is held and has no price.
    shorted, ends_short : bool
        Whether a sell leaves a short position, at any moment; whether any position is short at the end.
    """

    def __init__(self, rows, held, marks):
        columns = inputs.columns_of(rows, marks)
        self.symbols, self.signs, self.quantities, self.prices = columns
        self.held, self.told = held, marks
        self.notionals = list(map(mul, self.quantities, self.prices))
        names = set(self.symbols)
        self.is_simple = len(names) == len(self.symbols) and not marks and min(self.prices, default=1) > 0
        if self.is_simple:
            self.unpriced = [] if names.issuperset(held) else unpriced(held, names)
            self._send_each_once()
        else:
            self.unpriced = unpriced(held, self.marks)
            self._send()

    @cached_property
    def marks(self):
        """Prices at which symbols are valued: the one told, else the highest among a symbol's orders."""
        if self.is_simple:
            return dict(zip(self.symbols, self.prices, strict=True))
        highest = {}
        for symbol, price in zip(self.symbols, self.prices, strict=True):
            if price > highest.get(symbol, 0):
                highest[symbol] = price
        return highest | self.told

    def traded(self):
        """Give the value of all orders of each symbol, in no order."""
        if self.is_simple:
            return self.notionals
        sums = dict.fromkeys(self.symbols, 0)
        for symbol, quantity in zip(self.symbols, self.quantities, strict=True):
            sums[symbol] += quantity
        return values_of(sums, self.marks)

    def _send_each_once(self):
        """Bring the orders of a simple batch to the positions: no order meets another one's position."""
        get = self.held.get
        orders = zip(self.symbols, self.signs, self.prices, self.notionals, strict=True)
        self.final = self.sizes = [
            get(symbol, 0) * price + sign * notional for symbol, sign, price, notional in orders
        ]
        self.shorted = self.ends_short = False
        if min(self.final, default=0) < 0:
            self.sizes = list(map(abs, self.final))
            self.ends_short = True
            orders = zip(self.final, self.signs, self.notionals, strict=True)
            self.shorted = any(value < 0 and sign < 0 and notional for value, sign, notional in orders)
        self.ends_short |= any(self.held[symbol] < 0 for symbol in self.unpriced)

    def _send(self):
        """Bring the orders to the positions, one by one."""
        after = dict(self.held)
        self.shorted = False
        for symbol, sign, quantity in zip(self.symbols, self.signs, self.quantities, strict=True):
            after[symbol] = left = after.get(symbol, 0) + sign * quantity
            if left < 0 and sign < 0 and quantity:
                self.shorted = True
        self.ends_short = min(after.values(), default=0) < 0
        self.final = values_of(after, self.marks)
        self.sizes = list(map(abs, self.final))

    def steps(self):
        """Yield (symbol, quantity before, quantity after, exposure before, exposure after) of each order."""
        held = dict(self.held)
        now = Exposure.of(values_of(held, self.marks))
        for symbol, sign, quantity in zip(self.symbols, self.signs, self.quantities, strict=True):
            old = held.get(symbol, 0)
            new = held[symbol] = old + sign * quantity
            then = now.moved(old, new, self.marks.get(symbol, 0))
            yield symbol, old, new, now, then
            now = then

    def stays_within(self, bounds, equity):
        """Whether no order of the batch can lead above a share of equity, in whatever sequence.

        A quick test on the safe side, that spares most batches the steps.
        """
        traded = self.traded()
        gross = sum(self.sizes) + sum(traded)
        return (
            within(max(self.sizes, default=0) + max(traded, default=0), bounds.position, equity)
            and within(gross, bounds.leverage, equity)
            and (not self.shorted or within(gross, bounds.short, equity))
        )


def add_rows(report, bounds, facts, equity, weights):
    """Add the original's rows, in its order."""
    final = Exposure.of(facts.final, facts.sizes)
    smallest = min(weights.values(), default=0)
    report.append(_position_row(bounds, weights, smallest))
    fits = within(final.gross, bounds.leverage, equity)
    detail = f"{times_of(final.gross, equity)} {bounds.leverage_texts[not fits]}"
    report.append(new_row("Leverage", PASS if fits else FAIL, detail))
    report.append(_short_row(bounds, facts, final.short, equity))
    _add_values(report, bounds, facts)
    report.append(new_row("Order count", PASS, f"{len(facts.symbols)} orders"))
    report.append(_allocation_row(weights, smallest))


def _position_row(bounds, weights, smallest):
    """The largest target weight; the original's, and so by targets, not by orders."""
    largest = max(max(weights.values(), default=0.0), -smallest)
    symbol = next((name for name in weights if abs(weights[name]) == largest), "?") if largest else "?"
    fits = within(ratio("weight", largest), bounds.position, 1)
    detail = f"{float(largest) * 100:.1f}% ({symbol}) {bounds.position_texts[not fits]}"
    return new_row("Max position", PASS if fits else FAIL, detail)


def _short_row(bounds, facts, short, equity):
    if facts.ends_short and not bounds.allow_short and -1 in facts.signs:
        return new_row("Short selling", FAIL, "short selling not allowed")
    fits = within(short, bounds.short, equity)
    detail = f"{percent_of(short, equity)} {bounds.short_texts[not fits]}"
    return new_row("Short exposure", PASS if fits else FAIL, detail)


def _add_values(report, bounds, facts):
    """Add the orders and the batch that are worth too much."""
    largest = max(facts.notionals, default=0)
    if largest > bounds.order > 0:
        _add_each(report, "Max order value", FAIL, facts, bounds.order, bounds.order_texts[True])
    total = sum(facts.notionals)
    if total > bounds.batch > 0:
        detail = f"{whole_dollars(total)} {bounds.batch_texts[True]}"
        report.append(new_row("Max batch value", FAIL, detail))
    if largest > bounds.trade:
        _add_each(report, "Max trade size", WARN, facts, bounds.trade, bounds.size_texts[True])


def _add_each(report, name, status, facts, limit, text):
    """Add a row for each order worth more than a limit."""
    for number, notional in enumerate(facts.notionals):
        if notional > limit:
            symbol = facts.symbols[number]
            report.append(new_row(name, status, f"{symbol}: {whole_dollars(notional)} {text}"))


def _allocation_row(weights, smallest):
    """The sums of the targets; an empty one is -0.0, as the original writes it."""
    if smallest > 0:
        long, short = sum(map(float, weights.values()), start=-0.0), -0.0
    else:
        sizes = list(map(float, weights.values()))
        long = sum((size for size in sizes if size > 0), start=-0.0)
        short = sum((-size for size in sizes if size < 0), start=-0.0)
    detail = f"{long * 100:.1f}% long, {short * 100:.1f}% short, {(1 - long) * 100:.1f}% cash"
    return new_row("Weight allocation", PASS, detail)


def add_failures(report, bounds, facts, equity):
    """Add what the original does not look at, where it fails."""
    missing = {}
    if not facts.is_simple:
        orders = zip(facts.symbols, facts.prices, strict=True)
        missing = {symbol: None for symbol, price in orders if price <= 0}
    missing |= dict.fromkeys(facts.unpriced)
    if missing:
        report.append(new_row("Unpriced", FAIL, f"no price of {listing(missing)}"))
    if facts.shorted and not bounds.allow_short and report[2]["name"] != "Short selling":
        report.append(new_row("Short selling on the way", FAIL, "short selling not allowed"))
    if equity > 0 and not facts.stays_within(bounds, equity):
        _add_steps(report, bounds, facts, equity)


def _add_steps(report, bounds, facts, equity):
    """Add what is above a limit after an order that raised it."""
    position, raised = (0, None), Exposure()
    for symbol, old, new, now, then in facts.steps():
        if abs(new) > abs(old) or new * old < 0:
            position = max(
                position, (abs(new) * facts.marks.get(symbol, 0), symbol), key=lambda pair: pair[0]
            )
        raised = Exposure(*map(max, raised, then.raised_from(now)))
    value, symbol = position
    failed = {row["name"] for row in report if row["status"] == FAIL}
    if not within(value, bounds.position, equity):
        detail = f"{percent_of(value, equity)} ({symbol}) {bounds.position_texts[True]}"
        report.append(new_row("Resulting position", FAIL, detail))
    if "Leverage" not in failed and not within(raised.gross, bounds.leverage, equity):
        detail = f"{times_of(raised.gross, equity)} {bounds.leverage_texts[True]}"
        report.append(new_row("Leverage on the way", FAIL, detail))
    if not failed & {"Short exposure", "Short selling"} and not within(raised.short, bounds.short, equity):
        detail = f"{percent_of(raised.short, equity)} {bounds.short_texts[True]}"
        report.append(new_row("Short exposure on the way", FAIL, detail))
