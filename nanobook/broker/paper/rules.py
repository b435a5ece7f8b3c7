"""What a paper broker refuses, and why: each rule gives (code, reason) or None."""

from __future__ import annotations

from ...exact import LARGEST, dollars, exact, in_steps, plus, steps, times
from .market import OTHER
from .orders import ON_THE_WAY
from .worth import account_of

TOO_MUCH = LARGEST // 10  # cents of one order


def refusal_on_sight(order, market):
    """What is wrong with an order whatever else there is: its lots, ticks and size."""
    instrument = market.instrument
    return (
        _off_lot(order, instrument)
        or _out_of_bounds(order, instrument)
        or _off_tick(order, instrument)
        or _too_small_or_large(order, market)
    )


def refusal_on_demand(order, code):
    """What a rehearsal wants to be wrong with it."""
    return code and (code, f"{order.order.symbol}: refused on demand ({code})")


def refusal_on_arrival(order, market, floor):
    """What is wrong with it now: no price, a short sale, too little money.

    Sets what the order may open, for which money is kept from now on.
    """
    price = price_of(order.order, market)
    if not price:
        return "price", f"market order rejected: no NBBO quote available for {order.order.symbol}"
    opening = _opening(order, floor.state)
    if opening and order.sign < 0 and not floor.behaviour.allow_short:
        return _short(order, floor)
    need = plus(times(opening, price), floor.behaviour.commission(order.order.quantity))
    power = account_of(floor).buying_power_cents
    if opening and need > power:
        return "funds", (
            f"{order.order.symbol}: {order.order.side} of {order.order.quantity} needs {dollars(need)} and "
            f"the buying power is {dollars(power)}"
        )
    order.opening, order.at_price = opening, price
    return None


def price_of(order, market):
    """Price a unit that an order is judged by: its own, or the one at which it would trade; 0 if none."""
    if order.limit_price_cents is not None:
        return order.limit_price_cents
    return order.stop_price_cents or market.best(OTHER[order.side])


def _off_lot(order, instrument):
    lot = instrument.lot
    if steps(order.quantity, lot) is not None:
        return None
    below = in_steps(order.quantity, lot)
    near = f"{below} or {exact('quantity', plus(below, lot))}" if below else f"{lot}"
    return "lot", f"{order.symbol}: quantity {order.quantity} is not a multiple of the lot {lot}; use {near}"


def _out_of_bounds(order, instrument):
    least, most = instrument.min_quantity, instrument.max_quantity
    if order.quantity < least:
        return "lot", f"{order.symbol}: quantity {order.quantity} is below the least, {least}"
    if most is not None and order.quantity > most:
        return "lot", f"{order.symbol}: quantity {order.quantity} is above the most, {most}"
    return None


def _off_tick(order, instrument):
    tick = instrument.tick_cents
    for name in ("limit_price_cents", "stop_price_cents"):
        price = getattr(order, name)
        if price is not None and steps(price, tick) is None:
            below = in_steps(price, tick)
            near = f"{below} or {exact(name, plus(below, tick))}" if below else f"{tick}"
            return "tick", f"{order.symbol}: {name} {price} is not a multiple of the tick {tick}; use {near}"
    return None


def _too_small_or_large(order, market):
    price = price_of(order, market) or market.top.last
    notional = times(order.quantity, price)
    least = market.instrument.min_notional_cents
    if price and notional < least:
        return "notional", f"{order.symbol}: worth {dollars(notional)}, the least is {dollars(least)}"
    if notional > TOO_MUCH or not market.fits(order.quantity, price):
        return "lot", f"{order.symbol}: quantity {order.quantity} is more than the paper broker can hold"
    return None


def _opening(order, state):
    """Quantity of an order that may open or enlarge a position, when all before it on its side fill."""
    side, symbol = order.order.side, order.order.symbol
    held = state.ledger.quantity(symbol) * order.sign
    for other in state.live.values():
        if other.where != ON_THE_WAY and (other.order.symbol, other.order.side) == (symbol, side):
            held = plus(held, other.remaining)
    return exact("opening", max(0, min(order.order.quantity, plus(held, order.order.quantity))))


def _short(order, floor):
    held = floor.state.ledger.quantity(order.order.symbol)
    return "short", (
        f"{order.order.symbol}: sale of {order.order.quantity} with {held} held, less what others sell; "
        "the account may not be short"
    )
