"""What an account may come to when any of its open orders fill, in any sequence."""

from ..hints import listing
from . import inputs
from .amounts import amount
from .bounds import percent_of, times_of, within
from .exposure import Exposure
from .further import add_values
from .plain import original_rows
from .report import FAIL, PASS, WARN, new_row


class WorstCase:
    """One more order beside those that are open.

    Attributes
    ----------
    quantity, price, notional : Number
        Of the order; its price is the higher one of that in the middle of the quote and its own.
    reach, reach_after : dict
        For each symbol the (highest, lowest) quantity that open orders may lead to, without and with it.
    goes_short : bool
        Whether it may sell what is not held.
    """

    def __init__(self, order, prices, held, open_quantities, marks):
        self.symbol, self.sign = order.symbol, inputs.sign_of(order.side)
        self.quantity = amount("quantity", order.quantity)
        self.is_priced = None not in prices
        self.price = max(price or 0 for price in prices)
        self.notional = self.quantity * self.price
        self.held, self.marks = held, marks
        self.reach = {symbol: (quantity, quantity) for symbol, quantity in held.items()}
        for symbol, (bought, sold) in open_quantities.items():
            quantity = held.get(symbol, 0)
            self.reach[symbol] = quantity + bought, quantity - sold
        high, low = self.reach.get(self.symbol, (0, 0))
        self.before = high if self.sign > 0 else low
        self.after = self.before + self.sign * self.quantity
        after = (self.after, low) if self.sign > 0 else (high, self.after)
        self.reach_after = {**self.reach, self.symbol: after}
        self.goes_short = self.sign < 0 and self.after < 0

    def add_rows(self, report, bounds, account):
        """Add the original's rows and those of leverage, shorts, gross and net value."""
        equity = amount("equity", account.equity_cents)
        order = self.symbol, self.sign, self.quantity, self.price
        report += original_rows(bounds, order, equity, {self.symbol: self.before}, self.marks)[0]
        if equity > 0 and abs(self.after) <= abs(self.before) and self.after * self.before >= 0:
            _soften(report[1])
        missing, others = self._unpriced(amount("gross", account.gross_position_value_cents))
        if missing:
            report.append(new_row("Unpriced", FAIL, f"no price of {listing(missing)}"))
        before, final = (self._exposure(reach, others) for reach in (self.reach, self.reach_after))
        raised = final.raised_from(before)
        for name, write, figures, limit, texts in (
            ("Leverage", times_of, (raised.gross, final.gross), bounds.leverage, bounds.leverage_texts),
            ("Short exposure", percent_of, (raised.short, final.short), bounds.short, bounds.short_texts),
        ):
            status, value = _judged_share(*figures, limit, equity)
            detail = f"{write(value, equity)} {texts[status != PASS]}"
            report.append(new_row(name, status, detail))
        add_values(report, bounds, raised, final)

    def _exposure(self, reach, others):
        """Give the highest gross, net (by its size) and short value; ``others`` is of unpriced holdings."""
        gross = high_net = low_net = short = 0
        for symbol, (high, low) in reach.items():
            mark = self.marks.get(symbol, 0)
            gross += max(abs(high), abs(low)) * mark
            high_net += high * mark
            low_net += low * mark
            short += max(-low, 0) * mark
        return Exposure(gross + others, max(abs(high_net), abs(low_net)) + others, short)

    def _unpriced(self, account_gross):
        """Tell what has no price, and what it is worth.

        The account's own gross value stands in for holdings that are long and have no open orders: what
        it leaves over those that have a price is theirs.
        """
        blank = [symbol for symbol, sides in self.reach.items() if any(sides) and symbol not in self.marks]
        unknown = [symbol for symbol in blank if self.reach[symbol] != (self.held.get(symbol, 0),) * 2]
        if account_gross <= 0 or any(self.held.get(symbol, 0) < 0 for symbol in blank):
            unknown = blank
        if not self.is_priced and self.symbol not in unknown:
            unknown = [self.symbol, *unknown]
        if unknown or not blank:
            return unknown, 0
        known = sum(abs(quantity) * self.marks.get(symbol, 0) for symbol, quantity in self.held.items())
        return [], max(account_gross - known, 0)


def _soften(row):
    """Let a failure be a warning: the order brings the figure down."""
    if row["status"] == FAIL:
        row["status"] = WARN


def _judged_share(raised, final, limit, equity):
    """Judge a share of equity: raised above its limit it fails, standing there it is warned of.

    Returns
    -------
    status : str
    value : Number
        What is to be told.
    """
    if equity <= 0 or not within(raised, limit, equity):
        return FAIL, raised
    return PASS if within(final, limit, equity) else WARN, final
