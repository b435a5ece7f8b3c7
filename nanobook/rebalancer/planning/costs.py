"""What orders cost: the estimate of a plan, and the money that a buy must find."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from ...exact import CENTS, dollars, plus, times

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """Expected cost of some orders, in whole cents, cut.

    Attributes
    ----------
    commission_cents, slippage_cents : int
    """

    commission_cents: int
    slippage_cents: int

    @property
    def total_cents(self):
        """Both together."""
        return self.commission_cents + self.slippage_cents

    def __str__(self):
        parts = (self.commission_cents, self.slippage_cents, self.total_cents)
        commission, slippage, total = (dollars(cents) for cents in parts)
        return f"{commission} commission + {slippage} slippage = {total}"


def commission_cents(quantity, cost):
    """Give the commission of one order, in cents, exactly: so much a share, and a least amount.

    Parameters
    ----------
    quantity : int or Decimal
    cost : Cost
        The section of the configuration.

    Examples
    --------
    >>> from nanobook.rebalancer.settings.sections import Cost
    >>> from nanobook.rebalancer.planning.costs import commission_cents
    >>> int(commission_cents(20, Cost())), int(commission_cents(1000, Cost()))
    (35, 350)
    """
    return times(max(times(quantity, cost.commission_per_share), cost.commission_min), CENTS)


def estimate_costs(orders, cost):
    """Estimate commission and slippage of orders.

    Parameters
    ----------
    orders : iterable of PlannedOrder
    cost : Cost

    Returns
    -------
    CostEstimate
    """
    commission = slippage = 0
    for order in orders:
        commission = plus(commission, commission_cents(order.quantity, cost))
        slippage = plus(slippage, times(order.notional_cents, cost.slippage_bps))
    return CostEstimate(int(commission), int(slippage / BASIS_POINTS if slippage else 0))


def money_needed(quantity, price_cents, cost):
    """Give the whole cents that a buy takes at its limit, commission included, rounded up."""
    needed = plus(times(quantity, price_cents), commission_cents(quantity, cost))
    return int(Decimal(needed).to_integral_value(ROUND_CEILING))
