"""What limits trading and what holding costs, and how both reach the kernels."""

import math
from dataclasses import dataclass
from fractions import Fraction

from ..errors import InvalidValue, WrongType
from .cost import basis_points, fee_rate, impact, in_steps, put
from .inputs import MAX_AMOUNT, finite, whole

MICRO = 1_000_000  # parts of a share that are counted where shares are fractional
PERCENT = 10_000_000  # of yearly rates: the finest is a thousandth of a basis point
PARTS = 1_000_000_000  # of a participation
MOST_YEARLY = 10.0


@dataclass(frozen=True, kw_only=True)
class TradingRules:
    """What limits the orders of a rebalance; everything is off by default.

    Orders are planned against the account as it stands before the rebalance, one a symbol, and pass these in
    turn: the no-trade band, the largest order and the participation, the smallest order; then, over all of
    them, the number of trades and the turnover; last, when they are filled, the cash.

    Parameters
    ----------
    quantity_step : float, default 1
        Orders are multiples of so many shares: a lot (100), or a part of a share in millionths (0.001). An
        order that closes a position closes all of it.
    min_order_value : int, default 0
        Orders of less are dropped, in cents.
    max_order_value : int, optional
        Orders of more are cut to it, in cents.
    no_trade_band_bps : float, default 0
        A position whose value is no farther from its target than so many basis points of equity is left.
    max_trades : int, optional
        Orders of one rebalance, those farthest from their targets first, ties in the order of planning.
    max_turnover : float, optional
        Value traded by one rebalance as a fraction of equity; in the same order, the one that would pass
        it is cut to what is left and is the last.
    max_participation : float, optional
        Part of the period's volume that an order may have, above 0 to 1, in steps of 1e-9; needs volumes.
    sells_first : bool, default False
        Fill sells before buys; else orders are filled as planned.
    allow_margin : bool, default True
        Whether a buy may make cash negative. If not, it is cut to what cash can pay, its fee included.

    Raises
    ------
    InvalidValue, NonFiniteError, WrongType
        Name the field, show the value and say what it takes.

    Examples
    --------
    >>> from nanobook import CostModel, Portfolio, TradingRules
    >>> thirds = Portfolio(1_000_000, CostModel.zero(), rules=TradingRules(quantity_step=0.001))
    >>> thirds.rebalance_simple([("A", 1 / 3)], [("A", 7777)])
    >>> thirds.position("A").quantity, thirds.cash
    (42.861, 666671)
    """

    quantity_step: float = 1
    min_order_value: int = 0
    max_order_value: int | None = None
    no_trade_band_bps: float = 0
    max_trades: int | None = None
    max_turnover: float | None = None
    max_participation: float | None = None
    sells_first: bool = False
    allow_margin: bool = True

    def __post_init__(self):
        step = finite("quantity_step", self.quantity_step)
        if not 0.0 < step <= 1e9:
            raise InvalidValue(f"quantity_step={self.quantity_step}: must be above 0, up to 1e9 shares")
        in_steps("quantity_step", step, MICRO, "shares")
        low = whole("min_order_value", self.min_order_value, 0, MAX_AMOUNT - 1, "cents")
        high = optional(self.max_order_value, "max_order_value", 1, MAX_AMOUNT - 1, "cents; None is no limit")
        if high is not None and high < low:
            raise InvalidValue(f"max_order_value={high}: below min_order_value={low}, so no order passes")
        put(
            self,
            quantity_step=int(step) if step.is_integer() else step,
            min_order_value=low,
            max_order_value=high,
            no_trade_band_bps=basis_points("no_trade_band_bps", self.no_trade_band_bps),
            max_trades=optional(self.max_trades, "max_trades", 0, 2**62, "orders; None is no limit"),
            max_turnover=fraction("max_turnover", self.max_turnover, math.inf),
            max_participation=fraction("max_participation", self.max_participation, 1.0),
            sells_first=truth("sells_first", self.sells_first),
            allow_margin=truth("allow_margin", self.allow_margin),
        )
        if self.max_participation is not None:
            parts = in_steps("max_participation", self.max_participation, PARTS, "of the volume")
            if parts == 0:
                raise InvalidValue("max_participation=0: nothing could trade; None is no limit")

    @property
    def fractional(self):
        """Whether parts of shares are counted."""
        return not isinstance(self.quantity_step, int)


@dataclass(frozen=True, kw_only=True)
class Financing:
    """What a period costs and earns beside trades; simple rates a year, everything 0 by default.

    Between two periods, on what was held at the earlier one's prices: each short pays ``borrow_rate`` on its
    value; cash earns ``cash_rate``, or where it is negative pays ``debit_rate``. Cash includes what short
    sales brought. A period is one ``periods_per_year``-th of a year. Each amount is rounded to the cent,
    halves away from zero.

    Parameters
    ----------
    borrow_rate, debit_rate : float, default 0
        At least 0; 0.03 is 3 % a year. In steps of 1e-7.
    cash_rate : float, default 0
        May be negative.

    Raises
    ------
    InvalidValue, NonFiniteError, WrongType
        Name the field, show the value and say what it takes.
    """

    borrow_rate: float = 0.0
    cash_rate: float = 0.0
    debit_rate: float = 0.0

    def __post_init__(self):
        for name in ("borrow_rate", "cash_rate", "debit_rate"):
            rate = finite(name, getattr(self, name))
            low = -1.0 if name == "cash_rate" else 0.0
            if not low <= rate <= MOST_YEARLY:
                raise InvalidValue(
                    f"{name}={rate}: must be from {low:g} to {MOST_YEARLY:g} a year; 0.03 is 3 %"
                )
            in_steps(name, rate, PERCENT, "a year")
            put(self, **{name: rate})

    @property
    def free(self):
        """Whether nothing is paid or earned."""
        return not (self.borrow_rate or self.cash_rate or self.debit_rate)


def optional(value, name, low, high, remedy):
    """Check a whole number, or None."""
    return None if value is None else whole(name, value, low, high, remedy)


def fraction(name, value, most):
    """Check a fraction from 0 to ``most``, or None."""
    if value is None:
        return None
    number = finite(name, value)
    if not 0.0 <= number <= most:
        raise InvalidValue(f"{name}={number}: must be from 0 to {most:g}; 0.25 is 25 %; None is no limit")
    return number


def truth(name, value):
    """Check True or False."""
    if not isinstance(value, bool):
        raise WrongType(f"{name}={value!r}: needs True or False")
    return value


def kernel_rules(cost, rules=None, financing=None, periods_per_year=252.0, units=1):
    """Bring all rules into the form of the kernels.

    Parameters
    ----------
    cost : CostModel
    rules : TradingRules, optional
    financing : Financing, optional
    periods_per_year : float
        Of the financing; counted as a fraction with a denominator of at most 1000.
    units : int
        Units in a cent.

    Returns
    -------
    nanobook.kernels.account.state.Rules
    """
    from ..kernels.account.state import Rules

    rules, financing = rules or TradingRules(), financing or Financing()
    per_share = MICRO if rules.fractional else 1
    year = Fraction(repr(float(periods_per_year))).limit_denominator(1000)
    return Rules(
        per_share=per_share,
        step=in_steps("", float(rules.quantity_step), per_share, ""),
        fee_rate=fee_rate(cost),
        min_fee=cost.min_trade_fee * units,
        impact=impact(cost),
        min_order=rules.min_order_value * units,
        max_order=(rules.max_order_value or 0) * units,
        band=float(rules.no_trade_band_bps),
        max_trades=-1 if rules.max_trades is None else rules.max_trades,
        turnover=math.inf if rules.max_turnover is None else rules.max_turnover,
        participation=in_steps("", rules.max_participation or 0.0, PARTS, ""),
        sells_first=int(rules.sells_first),
        margin=int(rules.allow_margin),
        borrow=in_steps("", financing.borrow_rate, PERCENT, ""),
        credit=in_steps("", financing.cash_rate, PERCENT, ""),
        debit=in_steps("", financing.debit_rate, PERCENT, ""),
        year=year.numerator,
        years=year.denominator,
    )
