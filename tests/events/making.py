"""Events of every kind, for tests."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from nanobook import Event
from nanobook.types import INT64_MAX, INT64_MIN, MAX_QUANTITY

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For tests whose first example compiles."""

sides = st.sampled_from(["buy", "sell"])
prices = st.integers(INT64_MIN, INT64_MAX) | st.integers(-3, 20_000)
quantities = st.integers(1, MAX_QUANTITY) | st.integers(1, 500)
new_quantities = st.just(0) | quantities
ids = st.integers(0, INT64_MAX) | st.integers(0, 50)
times = st.integers(1, INT64_MAX)
owners = st.none() | st.integers(1, 2**32 - 1)
names = st.none() | ids
floats = st.floats(allow_nan=False, allow_infinity=False)
sizes = st.integers(1, MAX_QUANTITY)
policies = st.sampled_from(
    ["off", "cancel_newest", "cancel_oldest", "decrement_and_cancel", "decrement_both"]
)


@st.composite
def lives(draw):
    """Arguments of how long an order lives."""
    tif = draw(st.sampled_from(["gtc", "ioc", "fok", "day", "gtd"]))
    return {"tif": tif, "expires": draw(times) if tif == "gtd" else None}


@st.composite
def trails(draw):
    """Arguments of how a stop trails."""
    kind = draw(st.sampled_from(["fixed", "percentage", "sma_abs_change"]))
    if kind == "fixed":
        return {"trail_type": kind, "trail_value": draw(st.integers(-(2**53), 2**53))}
    period = draw(st.integers(0, 2**32 - 1)) if kind == "sma_abs_change" else None
    return {"trail_type": kind, "trail_value": draw(floats), "atr_period": period}


@st.composite
def limits(draw):
    life = draw(lives())
    only = draw(st.booleans()) and life["tif"] not in ("ioc", "fok")
    return Event.submit_limit(
        draw(sides),
        draw(prices),
        draw(quantities),
        owner=draw(owners),
        client_id=draw(names),
        post_only=only,
        **life,
    )


@st.composite
def named(draw, make, *rest):
    """Events that name an order by the book's id or by the caller's."""
    identity = draw(ids)
    rest = [draw(one) for one in rest]
    if draw(st.booleans()):
        return make(identity, *rest)
    return make(None, *rest, client_id=identity)


@st.composite
def stops(draw):
    """Stops of all four kinds."""
    whose = {"owner": draw(owners), "client_id": draw(names)}
    side, stop, limit, quantity = draw(sides), draw(prices), draw(prices), draw(quantities)
    match draw(st.integers(0, 3)):
        case 0:
            return Event.submit_stop_market(side, stop, quantity, **whose)
        case 1:
            return Event.submit_stop_limit(side, stop, limit, quantity, **draw(lives()), **whose)
        case 2:
            return Event.submit_trailing_stop_market(side, stop, quantity, **draw(trails()), **whose)
    return Event.submit_trailing_stop_limit(
        side, stop, limit, quantity, **draw(trails()), **draw(lives()), **whose
    )


events = st.one_of(
    limits(),
    st.builds(Event.submit_market, sides, quantities, owners, client_id=names),
    named(Event.cancel),
    named(Event.modify, prices, new_quantities),
    named(Event.amend, new_quantities),
    stops(),
    st.builds(Event.cancel_all, owners, st.none() | sides),
    st.builds(Event.clock, times),
    st.builds(Event.stp_policy, policies),
    st.builds(Event.instrument, sizes, sizes),
    st.just(Event.resume()),
)
logs = st.lists(events, max_size=12)

EXAMPLES = (
    Event.submit_limit("buy", 10000, 100),
    Event.submit_market("sell", 50),
    Event.cancel(1),
    Event.modify(4, 9100, 200),
    Event.submit_stop_market("buy", 11000, 100),
    Event.submit_stop_limit("sell", 8000, 7900, 100),
    Event.submit_trailing_stop_market("buy", 12000, 100, "fixed", 100),
    Event.submit_trailing_stop_limit("sell", 7000, 6900, 100, "percentage", 0.05, "ioc"),
    Event.submit_trailing_stop_market("buy", 12000, 100, "atr", 2.0, 14),
    Event.amend(1, 5),
    Event.cancel_all(),
    Event.cancel_all(3, "buy"),
    Event.clock(1_700_000_000_000_000_000),
    Event.stp_policy("cancel_newest"),
    Event.instrument(5, 100),
    Event.resume(),
    Event.submit_limit("sell", -1, 2, "gtd", 7, post_only=True, expires=99, client_id=4),
    Event.cancel(client_id=3),
)
"""One of every kind and more."""
