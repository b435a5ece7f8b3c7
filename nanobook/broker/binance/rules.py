"""What may be traded of a pair: the filters of ``exchangeInfo``, checked before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal

from ...errors import OrderRejected
from ...exact import cents_of, exact, in_steps, plus, times
from ..types import Instrument, Number
from .payloads import given, items, number, text, whole

ORDER_TYPES = {"market": "MARKET", "limit": "LIMIT", "stop": "STOP_LOSS", "stop_limit": "STOP_LOSS_LIMIT"}
TIMES_IN_FORCE = {"day": "GTC", "gtc": "GTC", "ioc": "IOC"}
"""A market that never closes has no day: such an order stays until it is cancelled."""
CLOSED = {"BREAK": "closed", "HALT": "halted", "END_OF_DAY": "closed", "PRE_TRADING": "closed"}


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds and step of a price or quantity; 0 is none."""

    least: Number = 0
    most: Number = 0
    step: Number = 0


@dataclass(frozen=True, slots=True)
class Notional:
    """Bounds of price times quantity; 0 is none."""

    least: Number = 0
    most: Number = 0
    least_for_market: bool = False
    most_for_market: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one pair, numbers as the exchange gives them: prices in the quote asset, not in cents."""

    pair: str
    base: str
    quote: str
    status: str
    order_types: tuple[str, ...]
    price: Range
    lot: Range
    market_lot: Range
    notional: Notional
    percent: dict[str, tuple[Number, Number]]
    average_minutes: int

    @classmethod
    def of(cls, payload):
        """Read an entry of ``symbols`` of ``exchangeInfo``."""
        filters = {text(entry, "filterType"): entry for entry in items(given(payload, "filters"))}
        averages = [entry for entry in filters.values() if "avgPriceMins" in entry]
        return cls(
            text(payload, "symbol"),
            text(payload, "baseAsset"),
            text(payload, "quoteAsset"),
            text(payload, "status"),
            tuple(items(given(payload, "orderTypes"))),
            _range(filters.get("PRICE_FILTER"), "minPrice", "maxPrice", "tickSize"),
            _range(filters.get("LOT_SIZE"), "minQty", "maxQty", "stepSize"),
            _range(filters.get("MARKET_LOT_SIZE"), "minQty", "maxQty", "stepSize"),
            _notional(filters),
            _percent(filters),
            whole(averages[0], "avgPriceMins") if averages else -1,
        )

    def instrument(self):
        """Give the rules as the record of all brokers."""
        tick = self.price.step or Decimal("1e-8")
        return Instrument(
            self.base,
            self.lot.step or Decimal("1e-8"),
            cents_of("tick", tick),
            self.lot.least,
            self.lot.most or None,
            cents_of("notional", self.notional.least),
            self.quote,
        )

    def parameters(self, order, average):
        """Write an order as the parameters of the request that places it.

        Parameters
        ----------
        order : BrokerOrder
        average : int, Decimal or None
            The exchange's average price, in the quote asset.

        Returns
        -------
        dict of str to str

        Raises
        ------
        OrderRejected
            A filter would refuse it; it is not sent.
        """
        kind = ORDER_TYPES[order.order_type]
        prices = {
            name: _EXACT.divide(Decimal(cents), 100)
            for name, cents in (("price", order.limit_price_cents), ("stopPrice", order.stop_price_cents))
            if cents is not None
        }
        self._check(order, kind, prices, average)
        told = {
            "symbol": self.pair,
            "side": order.side.upper(),
            "type": kind,
            "quantity": plain(order.quantity),
        }
        if "price" in prices:
            told["timeInForce"] = TIMES_IN_FORCE[order.time_in_force]
        return told | {name: plain(price) for name, price in prices.items()}

    def _check(self, order, kind, prices, average):
        """Refuse what the filters would refuse."""
        if self.status != "TRADING":
            self._refuse(f"is {self.status}, not trading", CLOSED.get(self.status, "closed"), order)
        if kind not in self.order_types:
            self._refuse(f"takes no {kind} orders, only {', '.join(self.order_types)}", "permission", order)
        self._check_range("quantity", order.quantity, self.lot, ("lot", "lot"), order)
        if "price" not in prices:
            self._check_range("quantity", order.quantity, self.market_lot, ("lot", "lot"), order)
        for name, price in prices.items():
            self._check_range(name, price, self.price, ("price", "tick"), order)
        self._check_percent(order, prices.get("price"), average)
        self._check_notional(order, prices.get("price", average), "price" not in prices)

    def _check_range(self, name, value, bounds, codes, order):
        """Refuse a value out of bounds (first code) or between two steps (second)."""
        if value < bounds.least or (bounds.most and value > bounds.most):
            most = plain(bounds.most) if bounds.most else "any"
            self._refuse(f"{name} {plain(value)}: from {plain(bounds.least)} to {most}", codes[0], order)
        if bounds.step and in_steps(value, bounds.step) != value:
            below = in_steps(value, bounds.step)
            near = f"{plain(below)} or {plain(plus(below, bounds.step))}"
            why = f"{name} {plain(value)}: a multiple of {plain(bounds.step)}, as {near}"
            self._refuse(why, codes[1], order)

    def _check_percent(self, order, price, average):
        """Refuse a limit too far from the average price."""
        if price is None or average is None or order.side not in self.percent:
            return
        least, most = (times(average, factor) for factor in self.percent[order.side])
        if not least <= price <= most:
            self._refuse(
                f"price {plain(price)}: a {order.side} from {plain(least)} to {plain(most)}, "
                f"by the average of {plain(average)}",
                "price",
                order,
            )

    def _check_notional(self, order, price, market):
        """Refuse an order worth too little or too much."""
        rule = self.notional
        if price is None:
            return
        worth = times(order.quantity, exact("price", price))
        if rule.least and worth < rule.least and (rule.least_for_market or not market):
            why = f"worth {plain(worth)} {self.quote}: at least {plain(rule.least)}"
            self._refuse(why, "notional", order)
        if rule.most and worth > rule.most and (rule.most_for_market or not market):
            self._refuse(f"worth {plain(worth)} {self.quote}: at most {plain(rule.most)}", "notional", order)

    def _refuse(self, why, code, order):
        raise OrderRejected(f"not sent: {self.pair} {why}", code, order.client_order_id)


_EXACT = Context(prec=60)


def plain(value):
    """Write a number in full, without an exponent and without needless zeros.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from nanobook.broker.binance.rules import plain
    >>> plain(Decimal("9e-05")), plain(Decimal("1E+3")), plain(7)
    ('0.00009', '1000', '7')
    """
    written = format(Decimal(value), "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def _range(entry, least, most, step):
    if entry is None:
        return Range()
    return Range(number(entry, least), number(entry, most), number(entry, step))


def _notional(filters):
    """Read NOTIONAL, or MIN_NOTIONAL of older pairs."""
    if "NOTIONAL" in filters:
        entry = filters["NOTIONAL"]
        return Notional(
            number(entry, "minNotional"),
            number(entry, "maxNotional") if "maxNotional" in entry else 0,
            bool(entry.get("applyMinToMarket")),
            bool(entry.get("applyMaxToMarket")),
        )
    if "MIN_NOTIONAL" in filters:
        entry = filters["MIN_NOTIONAL"]
        return Notional(number(entry, "minNotional"), least_for_market=bool(entry.get("applyToMarket")))
    return Notional()


def _percent(filters):
    """Read how far a price may be from the average, for either side."""
    if "PERCENT_PRICE_BY_SIDE" in filters:
        entry = filters["PERCENT_PRICE_BY_SIDE"]
        names = {"buy": "bid", "sell": "ask"}
        return {
            side: (number(entry, f"{name}MultiplierDown"), number(entry, f"{name}MultiplierUp"))
            for side, name in names.items()
        }
    if "PERCENT_PRICE" in filters:
        entry = filters["PERCENT_PRICE"]
        both = number(entry, "multiplierDown"), number(entry, "multiplierUp")
        return {"buy": both, "sell": both}
    return {}
