"""Binance's payloads as our records. Whatever is missing or is no number is an error, never a 0."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

from ...errors import InvalidValue, OrderUnknown
from ...exact import cents_of, exact, plus, times
from ...hints import printable
from ..types import BrokerOrderStatus, Execution, OrderState
from .answers import Unanswered

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DUST = Decimal("1e-8")  # of a cent: to this, quotients and products that no longer are exact are rounded
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)

STATES = {
    "NEW": OrderState.SUBMITTED,
    "PENDING_NEW": OrderState.SUBMITTED,
    "PENDING_CANCEL": OrderState.SUBMITTED,
    "PARTIALLY_FILLED": OrderState.PARTIALLY_FILLED,
    "FILLED": OrderState.FILLED,
    "CANCELED": OrderState.CANCELLED,
    "EXPIRED": OrderState.CANCELLED,
    "EXPIRED_IN_MATCH": OrderState.CANCELLED,
    "REJECTED": OrderState.REJECTED,
}
SIDES = {"BUY": "buy", "SELL": "sell"}


def given(payload, key):
    """Give a value of a JSON object."""
    if not isinstance(payload, dict) or key not in payload:
        raise Unanswered(f"an answer without {key!r}", True)
    return payload[key]


def items(payload):
    """Give the objects of a JSON list."""
    if not isinstance(payload, list):
        raise Unanswered("an answer that is no list", True)
    return payload


def text(payload, key):
    """Give a text of a JSON object."""
    value = given(payload, key)
    if not isinstance(value, str) or not value.isprintable():
        raise Unanswered(f"an answer whose {key!r} is {printable(repr(value)[:80])}, not a text", True)
    return value


def whole(payload, key):
    """Give an integer of a JSON object."""
    value = given(payload, key)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**63:
        raise Unanswered(f"an answer whose {key!r} is {printable(repr(value)[:80])}, not an integer", True)
    return value


def number(payload, key):
    """Give a number of a JSON object, which Binance writes as text, exactly."""
    value = given(payload, key)
    if isinstance(value, str):
        try:
            return exact(key, value)
        except InvalidValue:
            pass
    raise Unanswered(f"an answer whose {key!r} is {printable(repr(value)[:80])}, not a number", True)


def moment(payload, key):
    """Give a time of a JSON object."""
    value = whole(payload, key)
    if not 0 <= value < 4_102_444_800_000:  # 2100
        raise Unanswered(f"an answer whose {key!r} is {value}: no time in milliseconds", True)
    return EPOCH + timedelta(milliseconds=value)


def rounded(value):
    """Round a number that is no longer exact to a hundred-millionth."""
    return exact("amount", _WIDE.quantize(Decimal(value), DUST))


def average_cents(amount, quantity):
    """Give an average price in cents; 0 while nothing is filled."""
    return rounded(_WIDE.divide(Decimal(times(amount, 100)), Decimal(quantity))) if quantity else 0


def status_of(payload, symbol, client_order_id=None):
    """Read an order as the REST API tells it.

    Parameters
    ----------
    payload : dict
    symbol : str
        What the caller calls the pair.
    client_order_id : str, optional
        The name that the order was sent under, where we know it: a cancellation may have given another.
    """
    name = client_order_id or text(payload, "clientOrderId")
    filled = number(payload, "executedQty")
    word = text(payload, "status")
    return BrokerOrderStatus(
        whole(payload, "orderId"),
        _state(word, name),
        filled,
        exact("remaining", plus(number(payload, "origQty"), -filled)),
        average_cents(number(payload, "cummulativeQuoteQty"), filled),
        symbol,
        _side(payload, "side"),
        name,
        word.lower() if word.startswith(("EXPIRED", "REJECTED")) else "",
    )


def status_of_event(event, symbol):
    """Read an order as an ``executionReport`` of the stream tells it."""
    name = name_of_event(event)
    filled = number(event, "z")
    word, why = text(event, "X"), text(event, "r")
    return BrokerOrderStatus(
        whole(event, "i"),
        _state(word, name),
        filled,
        exact("remaining", plus(number(event, "q"), -filled)),
        average_cents(number(event, "Z"), filled),
        symbol,
        _side(event, "S"),
        name,
        printable(why) if why != "NONE" else word.lower() if word.startswith("EXPIRED") else "",
    )


def name_of_event(event):
    """Give the name that the order was sent under: a cancellation is told under a name of its own."""
    return text(event, "C") or text(event, "c")


def execution_of(payload, rules, client_order_id):
    """Read a fill as ``myTrades`` tells it."""
    bought = given(payload, "isBuyer")
    if not isinstance(bought, bool):
        raise Unanswered("an answer whose 'isBuyer' is no truth value", True)
    return _execution(
        (whole(payload, "id"), whole(payload, "orderId"), "buy" if bought else "sell", client_order_id),
        (number(payload, "qty"), number(payload, "price")),
        (number(payload, "commission"), text(payload, "commissionAsset")),
        (rules, moment(payload, "time")),
    )


def execution_of_event(event, rules):
    """Read the fill in an ``executionReport`` of type TRADE."""
    return _execution(
        (whole(event, "t"), whole(event, "i"), _side(event, "S"), name_of_event(event)),
        (number(event, "l"), number(event, "L")),
        (number(event, "n"), given(event, "N")),
        (rules, moment(event, "T")),
    )


def _execution(who, what, commission, where):
    (trade, order, side, client_order_id), (quantity, price), (rules, when) = who, what, where
    amount, asset = commission
    return Execution(
        f"{rules.pair}-{trade}",
        order,
        rules.base,
        side,
        quantity,
        cents_of("price", price),
        _commission_cents(amount, asset, price, rules),
        client_order_id,
        when,
        amount if asset == rules.base else 0,
    )


def _commission_cents(amount, asset, price, rules):
    """Give a commission in cents; None where it was taken in a coin that this trade does not price."""
    if amount == 0 or asset == rules.quote:
        return cents_of("commission", amount)
    return rounded(times(times(amount, price), 100)) if asset == rules.base else None


def _state(word, name):
    if word not in STATES:
        raise OrderUnknown(f"{name} is {printable(word)!r}, which is no state known here", name)
    return STATES[word]


def _side(payload, key):
    word = text(payload, key)
    if word not in SIDES:
        raise Unanswered(f"an answer whose {key!r} is {printable(word)!r}", True)
    return SIDES[word]
