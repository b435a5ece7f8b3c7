"""Orders as clients place, change and cancel them: what is refused with which error, and what is taken."""

from __future__ import annotations

from decimal import Decimal

from ...errors import NanobookError
from ...exact import exact, plus, times
from . import layouts, messages
from .contracts import AMBIGUOUS
from .market import MOST_NOTIONAL, lots_of, ticks_of
from .messages import TEXTS
from .orders import KINDS, TIMES_IN_FORCE, tidy

MARGIN = "Order rejected - reason:We are unable to accept your order. Your available funds are insufficient."


class Refused(Exception):
    """An order that is not taken: error code, and what its text is filled in with."""

    def __init__(self, code, *details, text=None):
        super().__init__(f"error {code}: {TEXTS[code].format(*details) if text is None else text}")
        self.code, self.details, self.text = code, details, text


def place_order(session, fields):
    """Take a new order or a change of one, or say why not."""
    order_id = fields[0]
    try:
        asked = layouts.read_order(fields, session.version)
        _place(session, asked)
    except layouts.NotServed as reason:
        session.error(order_id, 201, f"{reason}: not served by this fake")
    except Refused as refused:
        session.error(order_id, refused.code, *refused.details, text=refused.text)


def _place(session, asked):
    gateway, order_id = session.gateway, int(asked["orderId"])
    contract = contract_of(gateway, asked)
    numbers = numbers_of(gateway, contract, asked)
    if asked["whatIf"] == "1":
        _what_if(session, asked, contract, numbers)
        return
    known = gateway.order_of(session.client_id, order_id)
    if known is not None and known.is_live:
        _change(gateway, known, contract, asked, numbers)
        return
    if known is not None or order_id < gateway.next_id(session.client_id):
        raise Refused(103)
    short = not _is_affordable(gateway, contract, asked, numbers)
    order = gateway.new_order(session.client_id, asked, contract, numbers)
    if short:
        gateway.end(order, "Inactive", "Rejected")
        session.error(order_id, 201, text=MARGIN)
        gateway.tell_order(order)
        return
    gateway.work(order)
    if not asked["tif"] and gateway.rules.tif_preset:
        session.error(order_id, 10349, order.tif)


def contract_of(gateway, asked):
    """Give the one contract that a request means, or refuse."""
    found = gateway.listings.find(asked)
    if len(found) > 1:
        raise Refused(200, text=AMBIGUOUS.format(asked["symbol"]))
    if not found:
        raise Refused(200)
    return found[0]


def numbers_of(gateway, contract, asked):
    """Check the numbers and words of an order; gives them as ``Order`` takes them."""
    if asked["action"] not in ("BUY", "SELL"):
        raise Refused(321, f"Invalid side '{asked['action']}'.")
    if asked["orderType"] not in KINDS:
        raise Refused(387)
    if asked["account"] not in ("", gateway.account.name):
        raise Refused(321, f"Invalid account code '{asked['account']}'.")
    tif = asked["tif"] or gateway.rules.tif_preset or "DAY"
    if tif not in TIMES_IN_FORCE or (tif == "FOK" and asked["orderType"] != "LMT"):
        raise Refused(321, f"Invalid time in force '{tif}'.")
    quantity = _number("total quantity", asked["totalQuantity"])
    if quantity <= 0:
        raise Refused(434)
    if lots_of(contract, quantity) is None:
        raise Refused(10243)
    needed = KINDS[asked["orderType"]]
    limit = _price(contract, "lmtPrice", asked) if "limit" in needed else None
    stop = _price(contract, "auxPrice", asked) if "stop" in needed else None
    _check_size(contract, quantity, limit or stop or gateway.price_of(contract) or 1)
    return {"quantity": quantity, "limit": limit, "stop": stop, "tif": tif}


def _number(name, text):
    try:
        return exact(name, text or "0")
    except NanobookError as error:
        raise Refused(321, str(error)) from None


def _price(contract, name, asked):
    price = _number(name, asked[name])
    if price <= 0:
        raise Refused(321, f"Missing or invalid {name}.")
    if ticks_of(contract, price) is None:
        raise Refused(110)
    return price


def _check_size(contract, quantity, price):
    """Refuse what our engine cannot hold, as IB refuses what is absurdly large."""
    if lots_of(contract, quantity) * max(ticks_of(contract, price), 1) > MOST_NOTIONAL:
        raise Refused(201, "the size exceeds the limit")


def _change(gateway, order, contract, asked, numbers):
    """Change quantity or prices of an order that lives; it loses its place in the queue."""
    same = order.contract is contract and (order.action, order.kind) == (asked["action"], asked["orderType"])
    if not same:
        raise Refused(105)
    if numbers["quantity"] <= order.filled:
        raise Refused(321, "The quantity is filled already.")
    if not _is_affordable(gateway, contract, asked, numbers):
        raise Refused(201, text=MARGIN)
    gateway.market.withdraw(order)
    order.asked = asked
    order.quantity, order.limit, order.stop = numbers["quantity"], numbers["limit"], numbers["stop"]
    gateway.work(order)


def _cost_of_one(gateway, contract, asked, numbers):
    """What one unit costs, as an order is judged by it."""
    quote = gateway.market.quote(contract)
    touch = quote.ask if asked["action"] == "BUY" else quote.bid
    price = numbers["limit"] or numbers["stop"] or touch or quote.last or 0
    return times(price, contract.unit)


def _is_affordable(gateway, contract, asked, numbers):
    """Whether buying power covers what an order would add to a position."""
    held = gateway.account.quantity(contract)
    change = numbers["quantity"] if asked["action"] == "BUY" else -numbers["quantity"]
    more = plus(abs(plus(held, change)), -abs(held))
    cost = times(more, _cost_of_one(gateway, contract, asked, numbers))
    return cost <= exact("power", gateway.values()["BuyingPower"])


def _what_if(session, asked, contract, numbers):
    """Tell what an order would do to the margin; it is not placed."""
    gateway = session.gateway
    values = gateway.values()
    cost = times(numbers["quantity"], _cost_of_one(gateway, contract, asked, numbers))
    margin = exact("margin", values["InitMarginReq"])
    change = tidy(Decimal(cost) / gateway.rules.leverage, 2)
    equity = exact("equity", values["EquityWithLoanValue"])
    state = {"equityWithLoanBefore": equity, "equityWithLoanChange": 0, "equityWithLoanAfter": equity}
    for kind in ("init", "maint"):
        state |= {
            f"{kind}MarginBefore": margin,
            f"{kind}MarginChange": change,
            f"{kind}MarginAfter": plus(margin, change),
        }
    order = gateway.imagined(session.client_id, asked, contract, numbers)
    fee = gateway.commission(numbers["quantity"])
    session.send(messages.open_order(session.version, order, status="PreSubmitted", commission=fee, **state))


def cancel_order(session, fields):
    """Cancel an order of the client."""
    order_id = fields[1]
    order = session.gateway.order_of(session.client_id, int(order_id))
    if order is None:
        session.error(order_id, 10147, order_id)
    elif not order.is_live:
        session.error(order_id, 10148, order_id, order.status)
    else:
        session.gateway.cancel(order)


def global_cancel(session, fields):
    """Cancel everybody's orders."""
    for order in list(session.gateway.orders.values()):
        if order.is_live:
            session.gateway.cancel(order)
