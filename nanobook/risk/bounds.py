"""Limits made ready to compare: exact numbers, and the texts that every row repeats."""

from ..exact import CENTS
from .amounts import amount, ratio

HALF = CENTS // 2
TWO_DIGITS = [f"{cents:02d}" for cents in range(CENTS)]


class Bounds:
    """What checks look at, taken once from a ``RiskLimits``; None where there is no such limit.

    Attributes
    ----------
    position, leverage, short : tuple of int
        Numerator and denominator of the share of equity: the figure passes when
        ``value * denominator <= numerator * equity``, which no size of the numbers can break.
    order, batch, trade : int
        Cents; ``order`` and ``batch`` are 0 for no limit.
    """

    def __init__(self, limits):
        self.position = ratio("max_position_pct", limits.max_position_pct).as_integer_ratio()
        self.leverage = ratio("max_leverage", limits.max_leverage).as_integer_ratio()
        self.short = ratio("max_short_pct", limits.max_short_pct).as_integer_ratio()
        self.allow_short = limits.allow_short
        self.order = int(limits.max_order_value_cents)
        self.batch = int(limits.max_batch_value_cents)
        self.trade = int(ratio("max_trade_usd", limits.max_trade_usd) * CENTS)
        self.gross = _or_none("max_gross_cents", limits.max_gross_cents)
        self.net = _or_none("max_net_cents", limits.max_net_cents)
        self.quantity = _or_none("max_order_quantity", limits.max_order_quantity)
        self.turnover = _or_none("max_turnover_cents", limits.max_turnover_cents)
        for name in ("adv", "drawdown", "daily_loss"):
            setattr(self, name, _ratio_or_none(f"max_{name}_pct", limits))
        self.collar = _ratio_or_none("price_collar_pct", limits)
        self.allowed = None if limits.allowed_symbols is None else frozenset(limits.allowed_symbols)
        self.denied = frozenset(limits.denied_symbols)
        self.shortable = None if limits.shortable_symbols is None else frozenset(limits.shortable_symbols)
        self.has_further = (
            any(limit is not None for limit in (self.gross, self.net, self.quantity, self.adv))
            or self.allowed is not None
            or bool(self.denied)
            or self.shortable is not None
        )
        self._write(limits)

    def _write(self, limits):
        """Format the ends of the details once."""
        self.position_texts = _both(f"{_percent(limits.max_position_pct)} limit")
        self.leverage_texts = _both(f"{float(limits.max_leverage):.2f}x limit")
        self.short_texts = _both(f"{_percent(limits.max_short_pct)} limit")
        self.order_texts = _both(f"{whole_dollars(self.order)} max_order_value_cents")
        self.batch_texts = _both(f"{whole_dollars(self.batch)} max_batch_value_cents")
        self.trade_texts = _both(f"${money_texts(self.trade)[1]} max")
        self.size_texts = _both(f"{whole_dollars(self.trade)} max_trade_usd")


def whole_dollars(cents):
    """Write cents as the original does: whole dollars, halves to the even one, no separators."""
    return f"${money_texts(cents)[0]}"


def money_texts(cents):
    """Write cents as dollars in both ways: without and with cents; halves go to the even dollar.

    Whole numbers are written as such, which takes half the time of formatting a float.
    """
    if type(cents) is not int or cents < 0:
        return f"{float(cents / CENTS):.0f}", f"{float(cents / CENTS):.2f}"
    dollars = cents // CENTS
    rest = cents - dollars * CENTS
    whole = dollars + 1 if rest > HALF or (rest == HALF and dollars & 1) else dollars
    return whole, f"{dollars}.{TWO_DIGITS[rest]}"


def percent_of(value, equity):
    """Write a value as a share of equity."""
    return f"{float(value / equity) * 100:.1f}%" if equity > 0 else "inf%"


def times_of(value, equity):
    """Write a value as a multiple of equity."""
    return f"{float(value / equity):.2f}x" if equity > 0 else "infx"


def within(value, limit, equity):
    """Whether a value is within its share of equity; nothing is within a share of none."""
    numerator, denominator = limit
    return equity > 0 and value * denominator <= numerator * equity


def _both(limit):
    """The end of a detail: at [False] of what passes, at [True] of what exceeds the limit."""
    return f"<= {limit}", f"> {limit}"


def _percent(share):
    return f"{float(share) * 100:.1f}%"


def _or_none(name, value):
    return None if value is None else amount(name, value)


def _ratio_or_none(name, limits):
    value = getattr(limits, name)
    return None if value is None else ratio(name, value)
