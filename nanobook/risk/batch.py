"""The orders of a rebalance together: where they lead, and where they pass on the way."""

from . import inputs
from .amounts import LARGEST_INT, ratio
from .bounds import percent_of, times_of, whole_dollars, within
from .exposure import Exposure, unpriced
from .report import FAIL, PASS, WARN, new_row


class Batch:
    """What a batch does to the positions.

    Attributes
    ----------
    orders : list of (symbol, sign, quantity, price)
        Exact, in the order in which they are sent.
    notionals : list
        Their values.
    held, after : dict
        Quantities by symbol before and after all orders.
    traded, sold : dict
        Quantities by symbol, bought and sold together, and sold.
    given, marks : dict
        Prices at which symbols are valued: those told; and with them, for all others, the highest among a
        symbol's orders.
    shorted : bool
        Whether a sell leaves a short position, at any moment.
    """

    def __init__(self, rows, held, given):
        self.held = held
        self.given = given
        self.after = dict(held)
        self.marks = dict(given)
        self.orders = []
        self.traded = {}
        self.sold = {}
        self.shorted = False
        for row in rows:
            self._add(*row)
        self.notionals = [quantity * price for _, _, quantity, price in self.orders]
        self.total = sum(self.notionals)

    def _add(self, symbol, side, quantity, price):
        """Take one order in; whole numbers take the short way."""
        if (
            type(quantity) is int
            and 0 <= quantity <= LARGEST_INT
            and type(price) is int
            and -LARGEST_INT <= price <= LARGEST_INT
            and type(side) is str
            and side in inputs.SIGNS
            and type(symbol) is str
        ):
            sign = inputs.SIGNS[side]
            if symbol not in self.traded:
                inputs.symbol_name(symbol)
        else:
            price = self.given.get(symbol, 0) if price is None and type(symbol) is str else price
            symbol, sign, quantity, price = inputs.checked(symbol, side, quantity, price, zero=True)
        after = self.after[symbol] = self.after.get(symbol, 0) + sign * quantity
        self.traded[symbol] = self.traded.get(symbol, 0) + quantity
        if sign < 0 and quantity:
            self.sold[symbol] = self.sold.get(symbol, 0) + quantity
            self.shorted = self.shorted or after < 0
        if symbol not in self.given and price > self.marks.get(symbol, 0):
            self.marks[symbol] = price
        self.orders.append((symbol, sign, quantity, price))

    def steps(self):
        """Yield (symbol, quantity before, quantity after, exposure before, exposure after) of each order."""
        held = dict(self.held)
        now = Exposure.of(held, self.marks)
        for symbol, sign, quantity, _ in self.orders:
            old = held.get(symbol, 0)
            new = held[symbol] = old + sign * quantity
            then = now.moved(old, new, self.marks.get(symbol, 0))
            yield symbol, old, new, now, then
            now = then

    def stays_within(self, bounds, equity):
        """Whether no order of the batch can lead above a limit of a share of equity, in whatever sequence.

        A quick test that spares most batches the steps.
        """
        gross = short = 0
        for symbol, mark in self.marks.items():
            held = self.held.get(symbol, 0)
            most = (abs(held) + self.traded.get(symbol, 0)) * mark
            if symbol in self.traded and not within(most, bounds.position, equity):
                return False
            gross += most
            short += max(self.sold.get(symbol, 0) - held, 0) * mark
        return within(gross, bounds.leverage, equity) and within(short, bounds.short, equity)


def add_rows(report, bounds, facts, equity, weights):
    """Add the original's rows, in its order."""
    final = Exposure.of(facts.after, facts.marks)
    report.append(_position_row(bounds, weights))
    fits = within(final.gross, bounds.leverage, equity)
    sign = "<=" if fits else ">"
    detail = f"{times_of(final.gross, equity)} {sign} {bounds.leverage_text}"
    report.append(new_row("Leverage", PASS if fits else FAIL, detail))
    report.append(_short_row(bounds, facts, final.short, equity))
    _add_values(report, bounds, facts)
    report.append(new_row("Order count", PASS, f"{len(facts.orders)} orders"))
    report.append(_allocation_row(weights))


def _position_row(bounds, weights):
    """The largest target weight; the original's, and so by targets, not by orders."""
    symbol, largest = "?", 0.0
    for name, weight in weights.items():
        if abs(weight) > largest:
            symbol, largest = name, abs(weight)
    fits = within(ratio("weight", largest), bounds.position, 1)
    detail = f"{float(largest) * 100:.1f}% ({symbol}) {'<=' if fits else '>'} {bounds.position_text}"
    return new_row("Max position", PASS if fits else FAIL, detail)


def _short_row(bounds, facts, short, equity):
    if facts.sold and not bounds.allow_short and any(quantity < 0 for quantity in facts.after.values()):
        return new_row("Short selling", FAIL, "short selling not allowed")
    fits = within(short, bounds.short, equity)
    detail = f"{percent_of(short, equity)} {'<=' if fits else '>'} {bounds.short_text}"
    return new_row("Short exposure", PASS if fits else FAIL, detail)


def _add_values(report, bounds, facts):
    """Add the orders and the batch that are worth too much."""
    if bounds.order > 0:
        _add_each(report, "Max order value", FAIL, facts, bounds.order, bounds.order_text)
    if facts.total > bounds.batch > 0:
        detail = f"{whole_dollars(facts.total)} > {bounds.batch_text}"
        report.append(new_row("Max batch value", FAIL, detail))
    _add_each(report, "Max trade size", WARN, facts, bounds.trade, bounds.size_text)


def _add_each(report, name, status, facts, limit, text):
    """Add a row for each order worth more than a limit."""
    for number, notional in enumerate(facts.notionals):
        if notional > limit:
            symbol = facts.orders[number][0]
            report.append(new_row(name, status, f"{symbol}: {whole_dollars(notional)} > {text}"))


def _allocation_row(weights):
    """The sums of the targets; an empty one is -0.0, as the original writes it."""
    long = sum((float(weight) for weight in weights.values() if weight > 0), start=-0.0)
    short = sum((float(-weight) for weight in weights.values() if weight < 0), start=-0.0)
    detail = f"{long * 100:.1f}% long, {short * 100:.1f}% short, {(1 - long) * 100:.1f}% cash"
    return new_row("Weight allocation", PASS, detail)


def add_failures(report, bounds, facts, equity):
    """Add what the original does not look at, where it fails."""
    missing = {symbol: None for symbol, _, _, price in facts.orders if price <= 0}
    missing |= dict.fromkeys(unpriced(facts.held, facts.marks))
    if missing:
        report.append(new_row("Unpriced", FAIL, f"no price of {inputs.listing(missing)}"))
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
        detail = f"{percent_of(value, equity)} ({symbol}) > {bounds.position_text}"
        report.append(new_row("Resulting position", FAIL, detail))
    if "Leverage" not in failed and not within(raised.gross, bounds.leverage, equity):
        detail = f"{times_of(raised.gross, equity)} > {bounds.leverage_text}"
        report.append(new_row("Leverage on the way", FAIL, detail))
    if not failed & {"Short exposure", "Short selling"} and not within(raised.short, bounds.short, equity):
        detail = f"{percent_of(raised.short, equity)} > {bounds.short_text}"
        report.append(new_row("Short exposure on the way", FAIL, detail))
