"""The state of a run: what is in memory is what its records say, wherever the records end."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanobook.broker import ClientOrderId
from nanobook.errors import UnknownState
from nanobook.exact import exact
from nanobook.rebalancer.planning.diff import PlannedOrder
from nanobook.rebalancer.running.records import order_of, order_record
from nanobook.rebalancer.running.state import ENDED, INTENT, LIVE, MOVES, RunState, rebuild
from nanobook.testing.memory import MemoryStorage

from .rig import Rig, new_market


def planned(symbol="AAA", side="buy", quantity=100, start=0):
    """A planned order."""
    signed = quantity if side == "buy" else -quantity
    return PlannedOrder(
        symbol, side.upper(), side, quantity, 1001, "open", 1000, start, start + signed, quantity * 1000
    )


def begun(*orders):
    """Records of a run up to its first order."""
    return [
        {"event": "run_started", "scope": "s", "digest": "d"},
        {"event": "diff_computed", "orders": [order_record(order) for order in orders]},
        {"event": "execution_started"},
    ]


def intent(order, quantity=None, number=0):
    """The record of an intent."""
    scope = f"s#{number}" if number else "s"
    return {
        "event": "order_intent",
        "client_order_id": ClientOrderId.derive(scope, order.symbol, order.side, order.quantity),
        "symbol": order.symbol,
        "side": order.side,
        "shares": quantity or order.quantity,
        "limit_cents": order.limit_price_cents,
        "slice": number,
    }


def after(record, event, **more):
    """A later record of the same order."""
    return {"event": event, "client_order_id": record["client_order_id"], **more}


@settings(max_examples=40, deadline=None)
@given(
    st.text(alphabet="rpf", max_size=4), st.text(alphabet="rp", max_size=3), st.sampled_from(["", "cancel"])
)
def test_a_live_run_and_its_log_agree_after_every_record(first, second, end):
    words = {"r": "rest", "p": "part", "f": "fill"}
    spell = lambda text, last: " ".join([*(words[c] for c in text), last or "fill"])  # noqa: E731
    market = new_market(scripts={"AAA": [spell(first, "fill")], "BBB": [spell(second, end)]})
    rig = Rig(Path("/"), market)
    rig.memory = MemoryStorage()
    seen = []
    with rig.session() as session:
        from nanobook.rebalancer.running.desk import Desk
        from nanobook.rebalancer.running.execute import fresh_run

        desk = Desk(session, lambda record: seen.append((record, repr(desk.state))))
        fresh_run(desk, False, None)
        records = list(session.log.records())
    start = next(i for i, record in enumerate(records) if record["event"] == "run_started")
    state = RunState()
    for record, (written, live) in zip(records[start:], seen, strict=True):
        state.apply(json.loads(json.dumps(record)))
        assert record["event"] == written["event"]
        assert repr(state) == live


def test_orders_survive_their_record():
    order = planned(quantity=exact("q", "0.125"), start=exact("s", "1.5"))
    record = json.loads(json.dumps(order_record(order), default=str))
    assert order_of(record) == order


def test_nothing_is_due_of_what_lives_or_has_ended():
    order = planned()
    sent = intent(order)
    records = [*begun(order), sent]
    assert rebuild(begun(order)).due("AAA") == (0, 100)
    assert rebuild(records).due("AAA") is None
    records.append(after(sent, "order_submitted", ibkr_id=7))
    assert rebuild(records).due("AAA") is None
    ended = after(sent, "order_filled", filled=40, status="PartialFill", open_end=False)
    assert rebuild([*records, ended]).due("AAA") is None
    open_end = {**ended, "open_end": True}
    assert rebuild([*records, open_end]).due("AAA") == (1, 60)


def test_an_order_that_never_arrived_is_due_under_the_same_name():
    order = planned()
    sent = intent(order)
    for event in ("order_not_found", "order_not_sent"):
        state = rebuild([*begun(order), sent, after(sent, event)])
        assert state.due("AAA") == (0, 100)
        assert state.client_id("AAA", 0) == sent["client_order_id"]


def test_slices_have_names_of_their_own():
    state = rebuild(begun(planned()))
    names = {state.client_id("AAA", number) for number in range(5)}
    assert len(names) == 5
    assert state.client_id("AAA", 0) == ClientOrderId.derive("s", "AAA", "buy", 100)


def test_slices_end_some_time():
    order = planned()
    records = begun(order)
    for number in range(5):
        sent = intent(order, number=number)
        records += [
            sent,
            after(sent, "order_submitted", ibkr_id=number),
            after(sent, "order_filled", filled=1, status="PartialFill", open_end=True),
        ]
    assert rebuild(records[:-3]).due("AAA") == (4, 96)
    assert rebuild(records).due("AAA") is None


def test_what_is_expected_of_a_position():
    order = planned(side="sell", quantity=30, start=100)
    sent = intent(order)
    records = [*begun(order), sent, after(sent, "order_submitted", ibkr_id=1)]
    assert rebuild(records).expected("AAA") == 100
    records.append(after(sent, "order_progress", filled=10))
    assert rebuild(records).expected("AAA") == 90


@pytest.mark.parametrize("event", sorted(MOVES))
def test_an_order_without_an_intent_is_refused(event):
    with pytest.raises(UnknownState, match="of which it has no order_intent"):
        rebuild([*begun(planned()), {"event": event, "client_order_id": "nobody"}])


@pytest.mark.parametrize("event", sorted(MOVES))
def test_nothing_happens_to_an_order_that_has_ended(event):
    order = planned()
    sent = intent(order)
    records = [
        *begun(order),
        sent,
        after(sent, "order_submitted", ibkr_id=1),
        after(sent, "order_filled", filled=100, status="Filled"),
    ]
    with pytest.raises(UnknownState, match=f"the log says {event} of order .* which was ended"):
        rebuild([*records, after(sent, event)])


def test_a_second_intent_of_what_may_live_is_refused():
    sent = intent(planned())
    for more in ([], [after(sent, "order_unknown")], [after(sent, "order_submitted", ibkr_id=1)]):
        with pytest.raises(UnknownState, match="a second order_intent"):
            rebuild([*begun(planned()), sent, *more, sent])


def test_other_records_change_nothing():
    records = begun(planned())
    other = [{"event": name, "anything": 1} for name in ("kill_requested", "torn_tail_dropped", "note")]
    assert rebuild([*records, *other]) == rebuild(records)


def test_the_moves_lead_where_they_say():
    assert {after for _, after in MOVES.values()} >= {LIVE, ENDED}
    assert all(INTENT not in allowed or after is not INTENT for allowed, after in MOVES.values())
