"""Strategies that several tests use."""

from nanobook import strategy
from nanobook.inside import (
    BUY,
    NO_PRICE,
    SELL,
    best_ask,
    best_bid,
    cancel,
    message_number,
    next_message,
    position,
    random_below,
    submit_limit,
)


@strategy(metrics=["requotes"])
def maker(session, params, metrics):
    """Quote both sides of the mid, moved against the position, anew when the mid moves."""
    bid = ask = last = 0
    while next_message(session):
        if best_bid(session) == NO_PRICE or best_ask(session) == NO_PRICE:
            continue
        mid = (best_bid(session) + best_ask(session)) // 2 - int(params.skew * position(session))
        if mid != last:
            cancel(session, bid)
            cancel(session, ask)
            bid = submit_limit(session, BUY, mid - params.away, 10)
            ask = submit_limit(session, SELL, mid + params.away, 10)
            last = mid
            metrics.requotes += 1.0


@strategy(metrics=["sent"])
def flooder(session, params, metrics):
    """Submit many orders at many prices a message, so that every buffer fills."""
    while next_message(session):
        for _ in range(params.orders):
            side = random_below(session, 2)
            away = random_below(session, params.reach) - params.reach // 8
            submit_limit(
                session, side, 10_000 - away if side == BUY else 10_000 + away, 1 + random_below(session, 9)
            )
            metrics.sent += 1.0


@strategy
def faulty(session, params):
    """Do what ``params.what`` says at message ``params.at``."""
    lots = 0
    while next_message(session):
        if message_number(session) == params.at:
            if params.what == 0:
                submit_limit(session, BUY, 10, lots)
            elif params.what == 1:
                submit_limit(session, 2 + lots, 10, 1)
            elif params.what == 2:
                submit_limit(session, BUY, 10, 1, 3 + lots)
            elif params.what == 3:
                submit_limit(session, BUY, 2**40, 2**40)
            elif params.what == 4:
                submit_limit(session, BUY, 10, 1, 0, lots)
            elif params.what == 5:
                submit_limit(session, BUY, 0, 2**62)
                submit_limit(session, BUY, -1, 2**62)
            elif params.what == 6:
                submit_limit(session, BUY, 10 // lots, 1)
            elif params.what == 7:
                raise ValueError("nothing to do")
