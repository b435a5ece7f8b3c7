"""How a paper broker behaves: what it charges, what it allows, and which troubles it makes on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from random import Random

from ...errors import InvalidValue, WrongType
from ...exact import exact, in_steps, times
from ...hints import listing, nearest
from ..types import BrokerOrder, Number

REJECT_CODES = (
    *("funds", "short", "margin", "halted", "closed", "lot", "tick", "notional", "price", "symbol"),
    *("permission", "other"),
)
POINTS = ("before_send", "in_flight", "before_ack", "after_ack", "cancel_in_flight", "cancel_before_ack")
RANDOM = "random"


@dataclass(frozen=True)
class Behaviour:
    """What ``PaperBroker`` takes by keyword.

    Parameters
    ----------
    latency_seconds : float, default 0
        So long an order or a cancel travels. With 0 a refusal is raised at once, else it is told by
        ``order_status``, as brokers do.
    partial_fills : number or 'random', optional
        The market has only this fraction of an order's quantity when the order arrives, at least one lot;
        the rest is there with the next quote. 'random' draws a fraction for each order from ``seed``.
    reject : str, mapping or callable, optional
        Refuse orders: all with this code, those of a symbol (``{"TSLA": "halted"}``), or as
        ``reject(order)`` says (a code or None). The codes are those of ``OrderRejected``.
    disconnect : str or mapping, optional
        Lose the connection at a point: 'before_send' (not sent), 'in_flight' (sent, never arrives),
        'before_ack' (arrives, no answer), 'after_ack', 'cancel_in_flight', 'cancel_before_ack'. At the
        first order or cancel, or at the n-th: ``{"before_ack": 3}``.
    commission_per_share_cents, minimum_commission_cents : number, default 0
        The minimum is one of an order, charged with its first fill.
    leverage : number, default 1
        Buying power is this times equity, less the gross value of positions and what open orders may open.
    allow_short : bool, default False
    seed : int, default 0
    """

    latency_seconds: float = 0
    partial_fills: Number | float | str | None = None
    reject: str | Mapping[str, str] | Callable[[BrokerOrder], str | None] | None = None
    disconnect: str | Mapping[str, int] = field(default_factory=dict)
    commission_per_share_cents: Number = 0
    minimum_commission_cents: Number = 0
    leverage: Number = 1
    allow_short: bool = False
    seed: int = 0

    def __post_init__(self):
        """Check all, and bring it into one form."""
        put = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        for name in ("latency_seconds", "commission_per_share_cents", "minimum_commission_cents"):
            put(name, _from_zero(name, getattr(self, name)))
        put("leverage", _from_zero("leverage", self.leverage))
        if self.partial_fills not in (None, RANDOM):
            put("partial_fills", _fraction(self.partial_fills))
        if not isinstance(self.allow_short, bool):
            raise WrongType(f"allow_short: {self.allow_short!r}; use True or False")
        put("disconnect", _points(self.disconnect))
        for code in _codes(self.reject):
            check_code(code)

    @classmethod
    def of(cls, options):
        """Make it of keywords; a misspelt one is told with what was probably meant."""
        known = [spec.name for spec in fields(cls)]
        unknown = [name for name in options if name not in known]
        if unknown:
            raise InvalidValue(
                f"unknown options: {listing(f'{name!r}{nearest(name, known)}' for name in unknown)}; "
                f"there are {', '.join(known)}"
            )
        return cls(**options)

    def refusal(self, order):
        """Code with which an order is refused on demand, or None."""
        code = self.reject
        if isinstance(code, Mapping):
            return code.get(order.symbol)
        if callable(code):
            code = code(order)
            if code is not None:
                check_code(code)
        return code

    def within_reach(self, order_id, quantity, lot):
        """Quantity that the market has when an order arrives; None without a bound."""
        if self.partial_fills is None:
            return None
        fraction = self.partial_fills
        if fraction == RANDOM:  # of the order alone, so that another process draws the same
            fraction = exact("fraction", round(Random(f"{self.seed}/{order_id}").uniform(0.05, 0.95), 3))
        return max(in_steps(times(quantity, fraction), lot), lot)

    def commission(self, quantity):
        """Commission in cents of an order of which so much is filled."""
        charge = times(self.commission_per_share_cents, quantity)
        return max(charge, self.minimum_commission_cents)


def _from_zero(name, value):
    number = exact(name, value)
    if number < 0:
        raise InvalidValue(f"{name}: {value!r} must not be below 0")
    return number


def _fraction(value):
    number = exact("partial_fills", value)
    if not 0 < number <= 1:
        raise InvalidValue(f"partial_fills: {value!r}; use a fraction above 0, at most 1, or 'random'")
    return Decimal(number)


def _points(value):
    """Points of disconnection with the number of the order or cancel at which each strikes."""
    if not isinstance(value, str | Mapping):
        raise WrongType(f"disconnect: {value!r}; give a point, or a table of points and numbers")
    table = {value: 1} if isinstance(value, str) else dict(value)
    for point, nth in table.items():
        check_point(point)
        if not isinstance(nth, int) or isinstance(nth, bool) or nth < 1:
            raise InvalidValue(f"disconnect.{point}: {nth!r}; give the number of the order, from 1")
    return table


def check_point(point):
    """Refuse a point of disconnection that there is not."""
    if point not in POINTS:
        raise InvalidValue(f"disconnect: {point!r}{nearest(point, POINTS)}; use {', '.join(POINTS)}")


def _codes(reject):
    if isinstance(reject, Mapping):
        return reject.values()
    return () if reject is None or callable(reject) else (reject,)


def check_code(code):
    """Refuse a code of refusal that there is not."""
    if code not in REJECT_CODES:
        raise InvalidValue(f"reject: {code!r}{nearest(code, REJECT_CODES)}; use {', '.join(REJECT_CODES)}")
