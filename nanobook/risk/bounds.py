"""Limits made ready to compare: exact numbers, and the texts that every row repeats."""

from ..exact import CENTS
from .amounts import amount, ratio


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
        adv = limits.max_adv_pct
        self.adv = None if adv is None else ratio("max_adv_pct", adv)
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
        self.position_text = f"{_percent(limits.max_position_pct)} limit"
        self.leverage_text = f"{float(limits.max_leverage):.2f}x limit"
        self.short_text = f"{_percent(limits.max_short_pct)} limit"
        self.order_text = f"{whole_dollars(self.order)} max_order_value_cents"
        self.batch_text = f"{whole_dollars(self.batch)} max_batch_value_cents"
        self.trade_text = f"${self.trade / CENTS:.2f} max"
        self.size_text = f"{whole_dollars(self.trade)} max_trade_usd"


def whole_dollars(cents):
    """Write cents as the original does: whole dollars, halves to the even one, no separators."""
    return f"${float(cents / CENTS):.0f}"


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


def _percent(share):
    return f"{float(share) * 100:.1f}%"


def _or_none(name, value):
    return None if value is None else amount(name, value)
