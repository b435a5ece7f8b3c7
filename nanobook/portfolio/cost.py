"""What a trade costs."""

from dataclasses import dataclass, field
from decimal import Decimal

from ..errors import InvalidValue
from .inputs import MAX_AMOUNT, finite, whole

WAYS = ("fee", "price")
THOUSANDTHS = 1000  # of a basis point: the finest rate that is counted
ALL = 10_000  # basis points in one


@dataclass(frozen=True, repr=False)
class CostModel:
    """What a fill costs, in basis points of its value.

    ``fee = max(floor(notional * bps / 10000), min_trade_fee)`` for each fill. ``notional`` is what is paid
    for the shares, ``bps`` the commission, and the slippage where that is a fee.

    Parameters
    ----------
    commission_bps, slippage_bps : float, default 0
        Basis points in steps of 0.001.
    min_trade_fee : int, default 0
        Smallest fee of a fill, in cents.
    spread_bps : float, default 0
        Distance from bid to ask: a buy pays half of it above the price, a sell gets half of it less.
    slippage : {'fee', 'price'}
        Whether slippage is charged as a fee, as in nanobook 0.9.3, or moves the price against the trader,
        and with it the cost of the position. A moved price is rounded to the cent, halves away from zero.

    Raises
    ------
    InvalidValue
        A number out of its range: negative costs, too fine a rate, rates that sum to more than 10000.
    NonFiniteError
        A NaN or an infinity.
    WrongType
        Something other than a number.

    Examples
    --------
    >>> from nanobook import CostModel
    >>> CostModel(commission_bps=10, slippage_bps=5).compute_cost(1_000_000)
    1500
    >>> CostModel(10, 7.5, slippage="price").compute_cost(1_000_000)
    1000
    >>> CostModel(5, 3)
    CostModel(commission_bps=5, slippage_bps=3, min_trade_fee=0)
    """

    commission_bps: float = 0
    slippage_bps: float = 0
    min_trade_fee: int = 0
    spread_bps: float = field(default=0, kw_only=True)
    slippage: str = field(default="fee", kw_only=True)

    def __post_init__(self):
        rates = {name: basis_points(name, getattr(self, name)) for name in RATES}
        total = sum(rates.values())
        if total > ALL:
            raise InvalidValue(
                f"{', '.join(RATES)}: sum to {total:g}, more than {ALL}, which is all that is traded; "
                "10 basis points are 0.1 %"
            )
        if self.slippage not in WAYS:
            raise InvalidValue(f"slippage={self.slippage!r}: use 'fee' or 'price'")
        fee = whole("min_trade_fee", self.min_trade_fee, 0, MAX_AMOUNT - 1, "cents")
        put(self, **rates, min_trade_fee=fee)

    @classmethod
    def zero(cls):
        """Make the model of trades that cost nothing."""
        return cls()

    def compute_cost(self, notional):
        """Compute the fee of one fill.

        Parameters
        ----------
        notional : int
            Cents, of either sign.

        Returns
        -------
        int
            Cents. What moves the price (a spread, slippage as 'price') is not in it.
        """
        size = abs(whole("notional", notional, -MAX_AMOUNT, MAX_AMOUNT, "cents"))
        return max(size * fee_rate(self) // (ALL * THOUSANDTHS), self.min_trade_fee)

    def __repr__(self):
        text = ", ".join(f"{name}={getattr(self, name)!r}" for name in SHOWN)
        more = {name: getattr(self, name) for name in ("spread_bps", "slippage")}
        text += "".join(f", {name}={value!r}" for name, value in more.items() if value not in (0, "fee"))
        return f"CostModel({text})"


RATES = ("commission_bps", "slippage_bps", "spread_bps")
SHOWN = ("commission_bps", "slippage_bps", "min_trade_fee")


def basis_points(name, value):
    """Check basis points; an int where they are whole, else a float."""
    number = finite(name, value)
    if not 0.0 <= number <= ALL:
        raise InvalidValue(f"{name}={value}: must be from 0 to {ALL} basis points; 10 are 0.1 %")
    in_steps(name, number, THOUSANDTHS, "basis points")
    return int(number) if number.is_integer() else number


def in_steps(name, number, parts, unit):
    """Count a number, as the decimal that it prints, in ``parts`` of one; refuse a finer one."""
    count = Decimal(repr(number)) * parts
    if count != count.to_integral_value():
        raise InvalidValue(f"{name}={number}: finer than {1 / parts:g} {unit}; round it")
    return int(count)


def put(frozen, **values):
    """Replace fields of a frozen dataclass while it is made."""
    for name, value in values.items():
        object.__setattr__(frozen, name, value)


def fee_rate(model):
    """Thousandths of a basis point that a fill is charged."""
    slippage = model.slippage_bps if model.slippage == "fee" else 0
    return sum(in_steps("", float(bps), THOUSANDTHS, "") for bps in (model.commission_bps, slippage))


def impact(model):
    """What the price moves against the trader, in halves of a thousandth of a basis point."""
    slippage = model.slippage_bps if model.slippage == "price" else 0
    spread, once = (in_steps("", float(bps), THOUSANDTHS, "") for bps in (model.spread_bps, slippage))
    return spread + 2 * once
